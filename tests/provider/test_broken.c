// SPDX-License-Identifier: GPL-2.0-only
/* For each clause a provider that breaks it: it fails that clause and no other. */
#include <criterion/criterion.h>

#include "broken.h"
#include "clauses.h"
#include "tiny_gpu.h"

static void fails_exactly(int clause)
{
	static struct verdict v;
	struct ovg_provider_ops ops;
	struct subject s = tiny_subject;
	int c;

	broken_ops(clause, &ops);
	s.ops = &ops;
	suite_run(&s, &v);
	cr_expect(v.failed >> clause & 1, "C%d is broken and nobody sees it%s%s", clause,
		  v.text[clause][0] ? ": " : "", v.text[clause]);
	for (c = 1; c <= CLAUSES; c++)
		if (c != clause)
			cr_expect(!(v.failed >> c & 1), "C%d is broken, and C%d fails: %s", clause, c,
				  v.text[c]);
}

#define X(n, fn) \
	Test(provider_broken, fn) \
	{ \
		fails_exactly(n); \
	}
CHECKS(X)
#undef X

/* The unbroken one, through the same door. */
Test(provider_broken, none)
{
	static struct verdict v;

	suite_run(&tiny_subject, &v);
	cr_expect_eq(v.failed, 0u);
	cr_expect_eq(v.skipped, 0u);
}
