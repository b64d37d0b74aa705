// SPDX-License-Identifier: GPL-2.0-only
/* The suite on the GSP-RM provider, against the firmware model, branch by branch. */
#include <criterion/criterion.h>

#include "clauses.h"
#include "gsp_board.h"

/* Checks without trouble: the firmware has nothing to refuse there. */
static const u64 well_behaved = 1ull << 3 | 1ull << 6 | 1ull << 7 | 1ull << 11 | 1ull << 14 |
	1ull << 16 | 1ull << 17 | 1ull << 20 | 1ull << 25 | 1ull << 26 | 1ull << 28 | 1ull << 29 |
	1ull << 36 | 1ull << 37 | 1ull << 38 | 1ull << 39 | 1ull << 40;
/* And those that are about MIG, or other things that not every board has. */
static const u64 settings = 0x1ffull << 36 | 1ull << 6 | 1ull << 7;

static void run(const char *board, unsigned int branch, int clause)
{
	static struct verdict v;
	char name[32];

	snprintf(name, sizeof(name), "%s on %u", board, branch);
	suite_run_one(gsp_subject(board, branch), clause, &v);
	suite_report(&v, name);
	if (well_behaved & 1ull << clause)
		cr_expect_str_eq(gsp_refused(), "", "%s, C%d: the firmware has %s", name, clause,
				 gsp_refused());
}

#define X(n, fn) \
	Test(provider_gsp, r535_##fn) \
	{ \
		run("A40", 535, n); \
		if (settings & 1ull << n) \
			run("A100-PCIe-40", 535, n); \
	} \
	Test(provider_gsp, r570_##fn) \
	{ \
		run("A40", 570, n); \
		run("L40S", 570, n); \
		if (settings & 1ull << n) { \
			run("A30", 570, n); \
			run("H100-PCIe-80", 570, n); \
		} \
	} \
	Test(provider_gsp, r595_##fn) \
	{ \
		run("L40S", 595, n); \
		run("RTXPRO6000", 595, n); \
		if (settings & 1ull << n) { \
			run("A100-SXM4-80", 595, n); \
			run("H200-NVL", 595, n); \
		} \
	}
CHECKS(X)
#undef X
