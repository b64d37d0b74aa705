// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Offsets of the catalogue's writer against the published layout of the type
 * record, field by field, and the values of some well-known types.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/record.h"

/* 535, 570, 595 */
#define BRANCHES	3u
#define MAX_FIELDS	64

Test(record, offsets_are_the_published_ones)
{
	FILE *f = fopen(SOURCE_ROOT "/schemas/catalogue/vgpu-info-layout.csv", "r");
	bool seen[BRANCHES][MAX_FIELDS] = { 0 };
	char line[256], build[32], name[64];
	const struct ovg_record_field *field;
	unsigned int offset, size, i, b;

	cr_assert(f);
	while (fgets(line, sizeof(line), f)) {
		const struct ovg_branch *branch;

		/* branch,struct,field[count],offset,size,type; the struct itself has no field */
		if (sscanf(line, "%31[^,],NVA081_CTRL_VGPU_INFO,,,%u", build, &size) == 2) {
			branch = ovg_branch_by_build(build);
			cr_assert(branch);
			cr_expect_eq(branch->record_size, size);
			continue;
		}
		if (sscanf(line, "%31[^,],NVA081_CTRL_VGPU_INFO,%63[^,[]", build, name) != 2)
			continue;
		cr_assert_eq(sscanf(strchr(strchr(strchr(line, ',') + 1, ',') + 1, ','), ",%u,%u",
				    &offset, &size), 2);
		branch = ovg_branch_by_build(build);
		cr_assert(branch);
		for (i = 0; (field = ovg_record_field_at(i)); i++) {
			cr_assert_lt(i, MAX_FIELDS);
			if (strcmp(field->name, name))
				continue;
			cr_expect_eq(ovg_record_range(branch, field->where)->offset, offset, "%s %s",
				     build, name);
			cr_expect_eq(ovg_record_range(branch, field->where)->size, size, "%s %s",
				     build, name);
			seen[branch - ovg_branch_at(0)][i] = true;
			break;
		}
		cr_expect(field, "%s %s", build, name);
	}
	fclose(f);
	/* and none that the branch does not have */
	for (b = 0; b < BRANCHES; b++)
		for (i = 0; (field = ovg_record_field_at(i)); i++)
			cr_expect_eq(ovg_record_range(ovg_branch_at(b), field->where)->size != 0,
				     seen[b][i], "%s %s", ovg_branch_at(b)->build, field->name);
}

Test(record, payload_has_room_for_its_records)
{
	unsigned int i;

	for (i = 0; ovg_branch_at(i); i++) {
		const struct ovg_branch *b = ovg_branch_at(i);

		cr_expect_eq(b->payload_size, 8 + b->record_size * b->max_records);
	}
	cr_expect_eq(i, BRANCHES);
}

static uint64_t get(const uint8_t *record, struct ovg_range r)
{
	cr_assert_leq(r.size, 8);
	return ovg_get(record, r);
}

static struct openvgpu_types types;

static void load(void)
{
	struct openvgpu_error err;

	cr_assert_eq(openvgpu_types_load(&types, SOURCE_ROOT "/schemas/catalogue/types.csv", &err),
		     0, "%s", err.text);
}

static void unload(void)
{
	openvgpu_types_free(&types);
}

static uint8_t *fill(const struct ovg_branch *b, uint32_t id)
{
	const struct openvgpu_type *type = openvgpu_type_by_id(&types, id);
	uint8_t *record = calloc(1, b->record_size);

	cr_assert(type && record);
	ovg_record_fill(b, &types, type, record);
	return record;
}

/* Numbers as published for nvidia-560; the heap follows the rule. */
static void a40_4q(const char *build)
{
	const struct ovg_branch *b = ovg_branch_by_build(build);
	uint8_t *r = fill(b, 560);

	cr_expect_eq(get(r, b->type), 560u);
	cr_expect_str_eq((char *)r + b->name.offset, "NVIDIA A40-4Q");
	cr_expect_str_eq((char *)r + b->vgpu_class.offset, "Quadro");
	cr_expect_eq(get(r, b->max_instance), 12u);
	cr_expect_eq(get(r, b->heads), 4u);
	cr_expect_eq(get(r, b->max_x), 7680u);
	cr_expect_eq(get(r, b->max_y), 4320u);
	cr_expect_eq(get(r, b->max_pixels), 58982400u);
	cr_expect_eq(get(r, b->frl_config), 60u);
	cr_expect_eq(get(r, b->frl_enable), 1u);
	cr_expect_eq(get(r, b->cuda), 1u);
	cr_expect_eq(get(r, b->ecc), 1u);
	cr_expect_eq(get(r, b->gi_size), 0u);
	cr_expect_eq(get(r, b->vdev_id), 0x223514dau);
	cr_expect_eq(get(r, b->pdev_id), 0x2235u);
	cr_expect_eq(get(r, b->profile), UINT64_C(4) << 30);
	cr_expect_eq(get(r, b->fb), 0xec000000u);
	cr_expect_eq(get(r, b->fb_reservation), 0x14000000u);
	cr_expect_eq(get(r, b->gsp_heap), 0x2000000u);
	cr_expect_eq(get(r, b->bar1), 256u);
	free(r);
}

Test(record, a40_4q_on_all_branches, .init = load, .fini = unload)
{
	a40_4q("535.113.01");
	a40_4q("570.144");
	a40_4q("595.45.04");
}

/* A long name, 595's wider fields, instances that are shared in time. */
Test(record, rtx_pro_6000_mig, .init = load, .fini = unload)
{
	const struct ovg_branch *b = ovg_branch_by_build("595.45.04");
	uint8_t *r = fill(b, 1546);

	cr_expect_str_eq((char *)r + b->name.offset, "NVIDIA RTX Pro 6000 Blackwell DC-1-2Q");
	cr_expect_eq(get(r, b->gi_size), 1u);
	cr_expect_eq(get(r, b->max_instance), 48u);
	cr_expect_eq(get(r, b->max_instance_per_gi), 12u);
	cr_expect_eq(get(r, b->vdev_id), 0x2bb52160u);
	cr_expect_eq(get(r, b->subvendor), 0x10deu);
	free(r);
}

Test(record, signature_and_license_stay_empty, .init = load, .fini = unload)
{
	const struct ovg_branch *b = ovg_branch_by_build("570.144");
	uint8_t *r = fill(b, 560);
	unsigned int i;

	for (i = 68; i < 324; i++)
		cr_expect_eq(r[i], 0);
	free(r);
}

/* "0 4 8", "n/a (pre-Ada)" */
static uint32_t read_ids(const char *cell, uint32_t ids[64])
{
	uint32_t n = 0;
	char *end;

	while (*cell >= '0' && *cell <= '9') {
		cr_assert_lt(n, 64u);
		ids[n++] = (uint32_t)strtoul(cell, &end, 10);
		cell = end + (*end == ' ');
	}
	return n;
}

static void same_ids(const uint8_t *record, struct ovg_range count, struct ovg_range list,
		     const char *cell, const char *name)
{
	uint32_t ids[64], n = read_ids(cell, ids), i;

	cr_expect_eq(get(record, count), n, "%s: %lu", name, (unsigned long)get(record, count));
	for (i = 0; i < n && i * 4 < list.size; i++)
		cr_expect_eq(get(record, (struct ovg_range){ (uint16_t)(list.offset + 4 * i), 4 }),
			     ids[i], "%s", name);
}

/* "A40", and the types of RTX PRO 6000 in instances as "RTXPRO6000-BSE/MIG 1g". */
static bool is_row_of(const char *row, const struct openvgpu_type *t)
{
	char name[64];

	snprintf(name, sizeof(name), "%s", types.boards[t->board].name);
	if (t->mig)
		snprintf(name, sizeof(name), "%s/MIG %ug", types.boards[t->board].name,
			 t->gi_slices);
	return !strcmp(name, row);
}

static size_t compare_row(const struct ovg_branch *b, char *line)
{
	char *cell[10];
	size_t n = 0, i;

	for (i = 0; i < ARRAY_SIZE(cell); i++)
		cr_assert((cell[i] = strsep(&line, ",\n")));
	for (i = 0; i < types.n_types; i++) {
		const struct openvgpu_type *t = &types.types[i];
		uint8_t *r;

		if (!is_row_of(cell[0], t) || t->profile / OPENVGPU_GIB != (uint64_t)atoi(cell[3]) ||
		    ovg_branch_lacks(b, types.boards[t->board].device))
			continue;
		r = fill(b, t->id);
		cr_expect_eq(get(r, b->placement_size), (uint64_t)atoi(cell[4]), "%s", t->name);
		same_ids(r, b->mixed_count, b->mixed_ids, cell[7], t->name);
		same_ids(r, b->equal_count, b->equal_ids, cell[8], t->name);
		free(r);
		n++;
	}
	return n;
}

static size_t compare_placements(const char *build)
{
	FILE *f = fopen(SOURCE_ROOT "/schemas/catalogue/placements.csv", "r");
	char line[2048];
	size_t n = 0;

	cr_assert(f && fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f))
		n += compare_row(ovg_branch_by_build(build), line);
	fclose(f);
	return n;
}

/* 535 has no such fields. The others: all types but T4's and MIG-backed ones before Blackwell. */
Test(record, placement_ids_are_those_of_the_table, .init = load, .fini = unload)
{
	cr_expect_eq(compare_placements("570.144"), 279u);
	cr_expect_eq(compare_placements("595.45.04"), 351u);
}

Test(record, types_without_placement_ids_say_so, .init = load, .fini = unload)
{
	static const uint32_t none[] = { 230, 474, 1413 };
	const struct ovg_branch *b = ovg_branch_by_build("595.45.04");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		uint8_t *r = fill(b, none[i]);

		cr_expect_eq(get(r, b->placement_size), 0u);
		cr_expect_eq(get(r, b->equal_count), 0u);
		cr_expect_eq(get(r, b->mixed_count), 0u);
		free(r);
	}
}
