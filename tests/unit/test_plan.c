// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Plans against what they claim: never fewer than any order in which vGPUs could be created one
 * after the other, and no more than what the published placement ids allow. The second is a
 * brute force over schemas/catalogue/placements.csv that shares nothing with the planner.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/openvgpu-plan.h"
#include "cli/lib/pool.h"

static struct openvgpu_types types;
static struct openvgpu_error err;
static struct openvgpu_plan plan;
static struct openvgpu_plan_request req;

static void load(void)
{
	cr_assert_eq(openvgpu_types_load(&types, SOURCE_ROOT "/schemas/catalogue/types.csv", &err),
		     0, "%s", err.text);
}

static void unload(void)
{
	openvgpu_types_free(&types);
}

TestSuite(plan, .init = load, .fini = unload, .timeout = 100);

static uint64_t seed = 88172645463325252u;

static uint32_t any(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

static void ask(const char *board, const char *build, enum openvgpu_mode mode)
{
	memset(&req, 0, sizeof(req));
	req.types = &types;
	req.board = openvgpu_board_by_name(&types, board);
	req.build = build;
	req.mode = mode;
	cr_assert(req.board, "%s", board);
}

static const struct openvgpu_type *type_named(const char *name)
{
	const struct openvgpu_type *t;

	cr_assert_eq(openvgpu_type_find(&types, name, 0, &t, &err), 0, "%s", err.text);
	return t;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* No two vGPUs have anything in common, and the map is made of what they have. */
static void check_plan(void)
{
	uint64_t at, bytes[3] = { 0 };
	uint32_t fresh = 0;
	size_t i, k;

	for (i = 0; i < plan.n_vgpus; i++) {
		const struct openvgpu_placed *a = &plan.vgpus[i];

		fresh += !a->there;
		cr_expect_leq(a->heap_offset + a->heap_size, plan.fb_base + plan.fb_total);
		cr_expect_leq(a->fb_offset + a->fb_size, plan.fb_base + plan.fb_total);
		for (k = 0; k < i; k++) {
			const struct openvgpu_placed *b = &plan.vgpus[k];

			cr_expect_not(overlap(a->fb_offset, a->fb_size, b->fb_offset, b->fb_size));
			cr_expect_not(overlap(a->fb_offset, a->fb_size, b->heap_offset,
					      b->heap_size));
			cr_expect_not(overlap(a->heap_offset, a->heap_size, b->heap_offset,
					      b->heap_size));
			if (a->id != OPENVGPU_NO_ID && a->instance == b->instance)
				cr_expect_not(overlap(a->id, a->id_size, b->id, b->id_size));
		}
	}
	cr_expect_eq(fresh, plan.admitted);
	cr_expect_leq(plan.admitted, plan.wished);

	at = plan.fb_base;
	for (i = 0; i < plan.n_spans; i++) {
		cr_expect_eq(plan.spans[i].offset, at);
		at += plan.spans[i].size;
		bytes[plan.spans[i].use == OPENVGPU_USE_STRANDED ? 0 :
		      plan.spans[i].use == OPENVGPU_USE_FREE ? 1 : 2] += plan.spans[i].size;
	}
	cr_expect_eq(at, plan.fb_base + plan.fb_total);
	cr_expect_eq(bytes[0], plan.stranded);
	for (i = 0, at = 0; i < plan.n_vgpus; i++)
		at += plan.vgpus[i].fb_size + plan.vgpus[i].heap_size;
	/* heaps are counted in whole MiB */
	cr_expect_geq(bytes[2], at);
	cr_expect_lt(bytes[2], at + (plan.n_vgpus + 1) * OPENVGPU_MIB);
}

static void make_plan(const struct openvgpu_wish *wishes, size_t n)
{
	req.wishes = wishes;
	req.n_wishes = n;
	cr_assert_eq(openvgpu_plan(&req, &plan, &err), 0, "%s", err.text);
	check_plan();
	cr_expect(plan.exact);
}

/* One vGPU after the other, each where the driver puts it. */
static uint32_t online(const struct ovg_model *m, enum openvgpu_mode mode, const uint32_t *order,
		       size_t n)
{
	struct ovg_pool *pool = calloc(1, sizeof(*pool));
	uint32_t admitted = 0, index, start;
	size_t i;

	cr_assert(pool);
	cr_assert_eq(ovg_pool_init(pool, &m->cfg), 0);
	if (mode == OPENVGPU_MODE_MIXED)
		cr_assert_eq(ovg_pool_set_mode(pool, OVG_MODE_MIXED), 0);
	if (mode == OPENVGPU_MODE_MIG)
		cr_assert_eq(ovg_pool_set_mig(pool, true), 0);
	for (i = 0; i < n; i++) {
		const struct ovg_type *type = ovg_model_type(m, order[i]);

		if (!ovg_pool_take(pool, type, NULL, &index)) {
			admitted++;
			continue;
		}
		if (mode != OPENVGPU_MODE_MIG || ovg_pool_gi_fit(pool, &type->gi, &start))
			continue;
		{
			struct ovg_gi gi = ovg_gi_made(m, &type->gi, start);

			cr_assert_eq(ovg_pool_gi_add(pool, &gi), 0);
		}
		admitted += !ovg_pool_take(pool, type, NULL, &index);
	}
	free(pool);
	return admitted;
}

static void shuffle(uint32_t *order, size_t n)
{
	size_t i;

	for (i = n; i > 1; i--) {
		size_t k = any((uint32_t)i);
		uint32_t t = order[i - 1];

		order[i - 1] = order[k];
		order[k] = t;
	}
}

/* All orders of up to six, a hundred of more. */
static void permute(const struct ovg_model *m, enum openvgpu_mode mode, uint32_t *order, size_t n,
		    size_t at)
{
	size_t i, k;

	if (n > 6) {
		for (i = 0; i < 100; i++) {
			shuffle(order, n);
			cr_assert_leq(online(m, mode, order, n), plan.admitted);
		}
		return;
	}
	if (at == n)
		cr_assert_leq(online(m, mode, order, n), plan.admitted);
	for (i = at; i < n; i++) {
		uint32_t t = order[at];

		for (k = at; k < i; k++)
			if (order[k] == order[i])
				break;
		if (k < i)
			continue;
		order[at] = order[i];
		order[i] = t;
		permute(m, mode, order, n, at + 1);
		order[i] = order[at];
		order[at] = t;
	}
}

static bool has_mode(const struct openvgpu_type *t, enum openvgpu_mode mode)
{
	return t->mig == (mode == OPENVGPU_MODE_MIG);
}

/* A wish list of @n vGPUs of @kinds types of the board, and plans and orders of it. */
static void random_list(const char *board, const char *build, enum openvgpu_mode mode,
			uint32_t kinds, uint32_t n)
{
	struct openvgpu_wish wishes[8] = { 0 };
	uint32_t order[64], count = 0, i, k;
	struct ovg_model m;

	ask(board, build, mode);
	for (i = 0; i < kinds; i++) {
		const struct openvgpu_type *t;

		do
			t = &types.types[any((uint32_t)types.n_types)];
		while (&types.boards[t->board] != req.board || !has_mode(t, mode));
		wishes[i].type = t;
		wishes[i].count = 1;
	}
	for (i = kinds; i < n; i++)
		wishes[any(kinds)].count++;
	make_plan(wishes, kinds);

	cr_assert_eq(ovg_model_init(&m, &types, req.board, ovg_branch_of(build), 0, &err), 0);
	for (i = 0; i < kinds; i++)
		for (k = 0; k < wishes[i].count; k++)
			order[count++] = wishes[i].type->id;
	permute(&m, mode, order, count, 0);
	ovg_model_free(&m);
	openvgpu_plan_free(&plan);
}

static const struct {
	const char *board;
	const char *build;
	enum openvgpu_mode mode;
} subjects[] = {
	{ "A40", "535.113.01", OPENVGPU_MODE_EQUAL },
	{ "A40", "570.144", OPENVGPU_MODE_MIXED },
	{ "A16", "570.144", OPENVGPU_MODE_MIXED },
	{ "L40S", "595.45.04", OPENVGPU_MODE_MIXED },
	{ "L40S", "595.45.04", OPENVGPU_MODE_EQUAL },
	{ "H100-NVL-94", "570.144", OPENVGPU_MODE_MIXED },
	{ "H200-NVL", "595.45.04", OPENVGPU_MODE_MIXED },
	{ "RTXPRO6000-BSE", "595.45.04", OPENVGPU_MODE_MIXED },
	{ "RTXPRO6000-BSE", "595.45.04", OPENVGPU_MODE_EQUAL },
	{ "RTXPRO6000-BSE", "595.45.04", OPENVGPU_MODE_MIG },
	{ "A100-PCIe-40", "570.144", OPENVGPU_MODE_MIG },
	{ "H200-SXM5", "595.45.04", OPENVGPU_MODE_MIG },
	{ "A30", "535.113.01", OPENVGPU_MODE_MIG },
};

Test(plan, admits_as_many_as_every_order)
{
	size_t i;
	int k;

	for (i = 0; i < ARRAY_SIZE(subjects); i++) {
		for (k = 0; k < 12; k++)
			random_list(subjects[i].board, subjects[i].build, subjects[i].mode,
				    1 + any(4), 4 + any(3));
		for (k = 0; k < 6; k++)
			random_list(subjects[i].board, subjects[i].build, subjects[i].mode,
				    2 + any(5), 8 + any(25));
	}
}

/*
 * The brute force: rows of placements.csv of a board, and the most intervals of which no two
 * overlap.
 */
struct row {
	uint32_t gib;
	uint32_t size;
	uint32_t ids[64];
	uint32_t n;
	uint32_t want;
};

static struct row rows[16];
static size_t n_rows;

static void read_rows(const char *board)
{
	FILE *f = fopen(SOURCE_ROOT "/schemas/catalogue/placements.csv", "r");
	char line[2048], *p, *cell, *id;

	cr_assert(f);
	n_rows = 0;
	while (fgets(line, sizeof(line), f)) {
		struct row *r = &rows[n_rows];

		p = line;
		if (strcmp(strsep(&p, ","), board))
			continue;
		memset(r, 0, sizeof(*r));
		strsep(&p, ",");
		strsep(&p, ",");
		r->gib = (uint32_t)atoi(strsep(&p, ","));
		r->size = (uint32_t)atoi(strsep(&p, ","));
		strsep(&p, ",");
		strsep(&p, ",");
		cell = strsep(&p, ",");
		while ((id = strsep(&cell, " ")))
			r->ids[r->n++] = (uint32_t)atoi(id);
		n_rows++;
	}
	fclose(f);
	cr_assert(n_rows);
}

/* From left to right: at each id, nothing or one of the sizes that are still wanted. */
static uint32_t most_from(uint32_t at, uint32_t end)
{
	uint32_t best, with, i, k;

	if (at >= end)
		return 0;
	best = most_from(at + 1, end);
	for (i = 0; i < n_rows; i++) {
		for (k = 0; k < rows[i].n && rows[i].want; k++) {
			if (rows[i].ids[k] != at)
				continue;
			rows[i].want--;
			with = 1 + most_from(at + rows[i].size, end);
			rows[i].want++;
			best = with > best ? with : best;
		}
	}
	return best;
}

static const struct openvgpu_type *type_of_size(const struct openvgpu_board *b, uint32_t gib)
{
	size_t i;

	for (i = 0; i < types.n_types; i++)
		if (&types.boards[types.types[i].board] == b && !types.types[i].mig &&
		    types.types[i].profile == gib * OPENVGPU_GIB)
			return &types.types[i];
	return NULL;
}

static void against_brute_force(const char *board, const char *build, int rounds)
{
	struct openvgpu_wish wishes[16];
	size_t i, n;
	uint32_t left;

	ask(board, build, OPENVGPU_MODE_MIXED);
	read_rows(board);
	while (rounds--) {
		for (i = 0; i < n_rows; i++)
			rows[i].want = 0;
		for (left = 3 + any(6); left; left--)
			rows[any((uint32_t)n_rows)].want++;
		for (i = 0, n = 0; i < n_rows; i++)
			if (rows[i].want)
				wishes[n++] = (struct openvgpu_wish){
					type_of_size(req.board, rows[i].gib), rows[i].want };
		make_plan(wishes, n);
		cr_expect_eq(plan.admitted, most_from(0, (uint32_t)(req.board->fb_nominal >> 30)),
			     "%s", board);
		openvgpu_plan_free(&plan);
	}
}

Test(plan, mixed_sizes_are_exact)
{
	against_brute_force("A16", "570.144", 40);
	against_brute_force("A40", "570.144", 20);
	against_brute_force("L4", "595.45.04", 40);
	against_brute_force("L40S", "570.144", 20);
	against_brute_force("A100-PCIe-80", "570.144", 20);
}

/* More than fits of every size at once, and the hardest lists known: still exact, still quick. */
Test(plan, large_lists)
{
	static const char *const boards[] = { "A40", "L40S", "H200-NVL", "RTXPRO6000-BSE" };
	struct openvgpu_wish wishes[16];
	size_t i, k, n;
	uint32_t count;

	for (i = 0; i < ARRAY_SIZE(boards); i++)
		for (count = 1; count < 12; count += 2) {
			ask(boards[i], "595.45.04", OPENVGPU_MODE_MIXED);
			read_rows(boards[i]);
			for (k = 0, n = 0; k < n_rows; k++)
				wishes[n++] = (struct openvgpu_wish){
					type_of_size(req.board, rows[k].gib),
					1 + (count * (uint32_t)(k + 1)) % 5 + count / 4 };
			make_plan(wishes, n);
			openvgpu_plan_free(&plan);
		}
}

/* The documented maximum of each type, and not one more: within the branch's limit. */
Test(plan, the_maximum_of_each_type)
{
	struct openvgpu_wish wish = { .count = 100 };
	size_t i;

	for (i = 0; i < types.n_types; i++) {
		const struct openvgpu_type *t = &types.types[i];
		uint32_t limit = t->mig ? 48 : 32;

		ask(types.boards[t->board].name, "595.45.04",
		    t->mig ? OPENVGPU_MODE_MIG : OPENVGPU_MODE_EQUAL);
		if (strcmp(req.board->host_mode, "sriov"))
			continue;
		wish.type = t;
		make_plan(&wish, 1);
		cr_expect_eq(plan.admitted, t->max_equal < limit ? t->max_equal : limit, "%s: %u",
			     t->name, plan.admitted);
		openvgpu_plan_free(&plan);
	}
}

static struct openvgpu_placed there(const char *type, const char *name, uint32_t id)
{
	struct openvgpu_placed v = { .type = type_named(type), .id = id,
				     .instance = OPENVGPU_NO_ID };

	strcpy(v.name, name);
	return v;
}

Test(plan, says_what_to_move)
{
	const struct openvgpu_placed here[] = {
		there("A40-4Q", "one", 8),
		there("A40-4Q", "two", 24),
	};
	const struct openvgpu_wish wishes[] = { { type_named("A40-24Q"), 1 } };
	struct openvgpu_placed moved[2];
	size_t i;

	ask("A40", "570.144", OPENVGPU_MODE_MIXED);
	req.there = here;
	req.n_there = 2;
	make_plan(wishes, 1);
	cr_expect_eq(plan.admitted, 0u);
	cr_expect_eq(plan.after_moves, 1u);
	/* one of them joins the other */
	cr_assert_eq(plan.n_moves, 1u);
	memcpy(moved, here, sizeof(moved));
	for (i = 0; i < 2; i++)
		if (!strcmp(moved[i].name, plan.vgpus[plan.moves[0].vgpu].name))
			moved[i].id = plan.moves[0].id;
	openvgpu_plan_free(&plan);
	req.there = moved;
	make_plan(wishes, 1);
	cr_expect_eq(plan.admitted, 1u);
	openvgpu_plan_free(&plan);
}

Test(plan, one_size_that_is_there_is_named)
{
	const struct openvgpu_placed here[] = { there("A40-4Q", "one", OPENVGPU_NO_ID) };
	const struct openvgpu_wish wishes[] = { { type_named("A40-8Q"), 2 } };

	ask("A40", "570.144", OPENVGPU_MODE_EQUAL);
	req.there = here;
	req.n_there = 1;
	make_plan(wishes, 1);
	cr_expect_eq(plan.admitted, 0u);
	cr_expect(strstr(plan.hint, "4 GiB") && strstr(plan.hint, "2 would fit"), "%s", plan.hint);
	openvgpu_plan_free(&plan);
}

Test(plan, given_instances_are_all_there_is)
{
	const struct openvgpu_instance given[] = { { .profile = "2g.10gb" },
						   { .profile = "1g.5gb" } };
	const struct openvgpu_wish wishes[] = { { type_named("A100-1-5C"), 2 },
						{ type_named("A100-2-10C"), 1 } };

	ask("A100-PCIe-40", "570.144", OPENVGPU_MODE_MIG);
	req.instances = given;
	req.n_instances = 2;
	req.fixed_instances = true;
	make_plan(wishes, 2);
	cr_expect_eq(plan.admitted, 2u);
	cr_expect_eq(plan.n_instances, 2u);
	cr_expect(strstr(plan.hint, "2g.10gb") && strstr(plan.hint, "1g.5gb, 1g.5gb"), "%s",
		  plan.hint);
	openvgpu_plan_free(&plan);
	req.fixed_instances = false;
	make_plan(wishes, 2);
	cr_expect_eq(plan.admitted, 3u);
	openvgpu_plan_free(&plan);
}

static void refused(int want, const char *text)
{
	cr_expect_eq(openvgpu_plan(&req, &plan, &err), want, "%s", err.text);
	cr_expect(strstr(err.text, text), "%s", err.text);
	cr_expect_null(plan.vgpus);
}

Test(plan, refusals)
{
	const struct openvgpu_wish mig = { type_named("A100-1-5C"), 1 };
	const struct openvgpu_wish plain = { type_named("A100-5C"), 1 };
	const struct openvgpu_wish other = { type_named("A40-4Q"), 1 };
	const struct openvgpu_instance unknown = { .profile = "5g.25gb" };
	const struct openvgpu_instance whole[2] = { { .profile = "7g.40gb" },
						    { .profile = "7g.40gb" } };
	const struct openvgpu_placed twice[2] = { there("A100-5C", "a", 0),
						  there("A100-5C", "b", 0) };

	ask("T4", "570.144", OPENVGPU_MODE_EQUAL);
	refused(-EOPNOTSUPP, "not SR-IOV");
	ask("A40", "570.144", OPENVGPU_MODE_MIG);
	refused(-EOPNOTSUPP, "no MIG-backed");
	ask("A40", "535.113.01", OPENVGPU_MODE_MIXED);
	refused(-EOPNOTSUPP, "cannot mix sizes");
	ask("RTXPRO6000-BSE", "570.144", OPENVGPU_MODE_EQUAL);
	refused(-ENOENT, "does not know");
	ask("A40", "550.54.14", OPENVGPU_MODE_EQUAL);
	refused(-ENOENT, "not known");
	ask("A100-PCIe-40", "570.144", OPENVGPU_MODE_EQUAL);
	req.n_wishes = 1;
	req.wishes = &mig;
	refused(-EINVAL, "takes MIG");
	req.wishes = &other;
	refused(-EINVAL, "not a type of");
	req.mode = OPENVGPU_MODE_MIG;
	req.wishes = &plain;
	refused(-EINVAL, "not MIG-backed");
	req.wishes = &mig;
	req.instances = &unknown;
	req.n_instances = 1;
	refused(-EINVAL, "no GPU instance profile '5g.25gb'");
	req.instances = whole;
	req.n_instances = 2;
	refused(-ENOSPC, "7g.40gb");
	ask("A100-PCIe-40", "570.144", OPENVGPU_MODE_MIXED);
	req.there = twice;
	req.n_there = 2;
	refused(-EINVAL, "no place");
}
