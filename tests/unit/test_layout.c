// SPDX-License-Identifier: LGPL-2.1-or-later
/* The facts of tests/data by themselves. Their users: layout_driver.c, layout_sim.c. */
#include <criterion/criterion.h>

#include "layout.h"

/* What a struct, a field or a number is worth, by the facts. */
static uint64_t fact(unsigned int branch, enum kind kind, const char *a, const char *b)
{
	const struct use u = { .kind = kind, .fact = { a, b } };
	uint64_t value = 0;

	cr_expect(layout_fact(branch, &u, &value), "%s %s in %s", a, b ? b : "",
		  branch_names[branch]);
	return value;
}

/* The files are read as they are meant: a value of each kind that is known by heart. */
Test(layout, the_facts_are_read)
{
	const struct use none = { .kind = OFFSET, .fact = { "NVA081_CTRL_VGPU_INFO", "noField" } };
	uint64_t value;

	cr_expect_eq(fact(0, SIZE, "NVA081_CTRL_VGPU_INFO", NULL), 4952u);
	cr_expect_eq(fact(1, SIZE, "NVA081_CTRL_VGPU_INFO", NULL), 5224u);
	cr_expect_eq(fact(2, SIZE, "NVA081_CTRL_VGPU_INFO", NULL), 5424u);
	cr_expect_eq(fact(2, FIELD_SIZE, "NVA081_CTRL_VGPU_INFO", "vgpuName"), 64u);
	cr_expect_eq(fact(2, COUNT, "NVA081_CTRL_VGPU_INFO", "vgpuName"), 64u);
	cr_expect_eq(fact(1, OFFSET, "NVA081_CTRL_VGPU_INFO", "bar1Length"), 432u);
	cr_expect_eq(fact(0, NUMBER, "RPC GSP_RM_CONTROL", NULL), 76u);
	cr_expect_eq(fact(1, NUMBER, "EVENT GSP_INIT_DONE", NULL), 0x1001u);
	cr_expect_eq(fact(1, SUM, "NV_PGSP", "NV_PFALCON_FALCON_CPUCTL"), 0x110100u);
	cr_expect_not(layout_fact(0, &none, &value));
}

/* Two files may know the same number; layout_fact() asserts that they agree. */
Test(layout, the_facts_agree)
{
	const char *name;
	unsigned int b;
	uint64_t value;
	size_t i;

	for (b = 0; b < BRANCHES; b++)
		for (i = 0; layout_number(b, i, &name, &value); i++)
			if (*name)
				cr_expect_eq(fact(b, NUMBER, name, NULL), value);
}
