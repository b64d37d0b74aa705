// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which firmware builds are known, and whether the layout tables fit together. */
#include <criterion/criterion.h>

#include "driver/gsp/abi.h"

Test(gsp_abi, known_branches)
{
	cr_assert_eq(gsp_abi_find("570.144"), &gsp_abi_r570);
	cr_assert_eq(gsp_abi_find("570.124.06"), &gsp_abi_r570);
	cr_assert_eq(gsp_abi_find("595.45.04"), &gsp_abi_r595);
}

/* The build becomes part of a file name. */
Test(gsp_abi, refuses)
{
	static const char * const bad[] = {
		"", "570", "570.", ".144", "570..144", "570.144.", "571.1", "570.144.1.2",
		"570.144/../../x", "570.1a", " 570.144", "57014455.1", "570.144 ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_null(gsp_abi_find(bad[i]), "%s", bad[i]);
}

static void fits(const struct gsp_abi *a)
{
	const struct gsp_record_layout *r = &a->rec;
	const struct gsp_bootload_layout *b = &a->boot;

	cr_expect_eq(r->payload, 8 + r->max * r->size);
	cr_expect_geq(r->max_instance, r->name + 2 * r->name_len);
	cr_expect_leq(r->bar1_mib + 8u, r->size);
	/* arrays end before the next field starts */
	cr_expect_leq(b->chid_offset + 4u * b->engines, b->num_segments);
	cr_expect_leq(b->engines, (u32)GSP_MAX_ENGINES);
	cr_expect_eq(b->segment_addr + 8u * GSP_MAX_FB_SEGMENTS, b->segment_len);
	cr_expect_eq(b->segment_len + 8u * GSP_MAX_FB_SEGMENTS, b->heap_addr);
	cr_expect_eq(b->kernel_log, b->task_log + 16);
	cr_expect_lt(b->profiling, b->size);
	cr_expect_leq(a->max_vgpus, 48u);
}

Test(gsp_abi, tables)
{
	fits(&gsp_abi_r570);
	fits(&gsp_abi_r595);
}
