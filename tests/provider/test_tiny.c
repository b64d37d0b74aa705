// SPDX-License-Identifier: GPL-2.0-only
/* The suite on a provider that is nothing like the first: tiny.c. */
#include <criterion/criterion.h>

#include "clauses.h"
#include "tiny_gpu.h"

#define X(n, fn) \
	Test(provider_tiny, fn) \
	{ \
		static struct verdict v; \
		suite_run_one(&tiny_subject, n, &v); \
		suite_report(&v, "tiny"); \
	}
CHECKS(X)
#undef X
