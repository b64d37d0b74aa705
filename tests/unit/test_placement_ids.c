// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The places of all types of all boards: the ids in schemas/catalogue/placements.csv, the
 * numbers in NVIDIA's data sheets, and that places whose ids do not meet do not meet in
 * anything else.
 */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boards.h"

static struct ovg_pool pool;

TestSuite(placement_ids, .init = boards_load, .timeout = 120);

/* Column @n, from 0, of a line without quotes; valid until the next call. */
static char *column(char *line, int n)
{
	static char copy[2048];
	char *p = copy, *cell = NULL;

	snprintf(copy, sizeof(copy), "%s", line);
	for (; n >= 0; n--)
		cell = strsep(&p, ",\n");
	return cell;
}

static u32 number(char *line, int n)
{
	return (u32)atoi(column(line, n));
}

static void same_ids(const struct ovg_type *t, u32 gi, const char *text, const char *mode)
{
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 i, n = ovg_pool_ids(&pool, t, gi, false, ids);
	char mine[1024] = "";

	for (i = 0; i < n; i++)
		snprintf(mine + strlen(mine), sizeof(mine) - strlen(mine), "%s%u", i ? " " : "",
			 ids[i]);
	if (!strncmp(text, "n/a", 3))
		text = "";
	cr_expect_str_eq(mine, text, "%s, %s", t->name, mode);
}

/* The letters of all types of this size and GPU instance, sorted, each once. */
static void series_of(const struct board *b, u32 gib, u32 slices, char out[32])
{
	bool seen[128] = { false };
	u32 i;

	for (i = 0; i < b->n_types; i++) {
		const char *p = strrchr(b->types[i].name, '-');

		if (b->types[i].profile_bytes != (u64)gib * OPENVGPU_GIB ||
		    b->types[i].gi.slices != slices)
			continue;
		for (p++; isdigit((unsigned char)*p); p++)
			;
		seen[(unsigned char)*p % 128] = true;
	}
	for (i = 0; i < 128; i++)
		if (seen[i])
			*out++ = (char)i;
	*out = '\0';
}

static void check_row(char *line)
{
	u32 gib = number(line, 3), max = number(line, 5), slices = 0, gi = OVG_GI_NONE, index, i;
	char name[32], mixed[1024], equal[1024], series[32], *mig, *next;
	enum ovg_rules rules;
	struct ovg_type *t;
	struct board *b;

	snprintf(name, sizeof(name), "%s", column(line, 0));
	snprintf(mixed, sizeof(mixed), "%s", column(line, 7));
	snprintf(equal, sizeof(equal), "%s", column(line, 8));
	mig = strstr(name, "/MIG ");
	if (mig) {
		slices = (u32)atoi(mig + 5);
		*mig = '\0';
	}
	b = board_named(name);
	t = board_size(b, gib, slices);
	cr_assert(t, "%s", line);
	cr_expect_eq(slices ? t->max_per_gi : t->max_instance, max, "%s", line);
	series_of(b, gib, slices, series);
	cr_expect_str_eq(slices ? "mig" : series, column(line, 6), "%s", line);
	cr_expect_eq(!strcmp(column(line, 1), "Blackwell"), b->gen == OVG_GEN_BLACKWELL);
	cr_expect_eq(!strcmp(column(line, 1), "Ampere"), b->gen == OVG_GEN_AMPERE);

	for (rules = OVG_RULES_570; rules <= OVG_RULES_595; rules++) {
		if (rules == OVG_RULES_570 && b->gen == OVG_GEN_BLACKWELL)
			continue;
		board_pool(&pool, b, rules);
		if (slices) {
			cr_assert_eq(ovg_pool_set_mig(&pool, true), 0);
			cr_assert_eq(board_make_gi(&pool, &t->gi, &gi), 0);
			cr_expect_eq(pool.cfg.region * t->gi.memory / 8, number(line, 2), "%s", line);
		} else {
			cr_expect_eq(pool.cfg.region, number(line, 2), "%s", line);
		}
		same_ids(t, gi, equal, "equal size");
		cr_assert_eq(ovg_pool_take(&pool, t, NULL, &index), OVG_FIT_OK);
		if (strncmp(equal, "n/a", 3))
			cr_expect_eq(pool.place[index].id_size, number(line, 4), "%s", line);
		ovg_pool_put(&pool, index);
		/* sizes do not mix in GPU instances here: docs/placement.md */
		if (slices) {
			cr_expect_str_eq(mixed, equal);
			continue;
		}
		cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
		same_ids(t, gi, mixed, "mixed sizes");
		cr_expect_eq(ovg_pool_max(&pool, t), min(number(line, 9), 32u), "%s", line);
		/* the automatic choice goes along the list, and each has the ids it should */
		next = mixed;
		for (i = 0; i < number(line, 9); i++) {
			cr_assert_eq(ovg_pool_take(&pool, t, NULL, &index), OVG_FIT_OK, "%s", line);
			cr_expect_eq(pool.place[index].id_size, number(line, 4), "%s", line);
			cr_expect_eq(pool.place[index].id, strtoul(next, &next, 10), "%s", line);
		}
		cr_expect_neq(ovg_pool_take(&pool, t, NULL, &index), OVG_FIT_OK, "%s", line);
	}
	/* 535 knows no ids at all */
	board_pool(&pool, b, OVG_RULES_535);
	if (slices && ovg_pool_set_mig(&pool, true) == 0)
		cr_assert_eq(board_make_gi(&pool, &t->gi, &gi), 0);
	same_ids(t, slices ? gi : OVG_GI_NONE, "", "branch 535");
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), -EOPNOTSUPP);
}

Test(placement_ids, are_the_published_ones)
{
	FILE *f = fopen(SOURCE_ROOT "/schemas/catalogue/placements.csv", "r");
	char line[2048];
	int rows = 0;

	cr_assert(f);
	cr_assert(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		check_row(line);
		rows++;
	}
	fclose(f);
	cr_expect_eq(rows, 173);
}

/* NVIDIA's user guide; H200 mixed as its open code has it: docs/placement.md. */
static const struct {
	const char *boards;
	struct {
		u32 gib, equal, mixed;
	} size[12];
} published[] = {
	{ "A40", { { 1, 32, 30 }, { 2, 24, 16 }, { 3, 16, 16 }, { 4, 12, 8 }, { 6, 8, 8 },
		{ 8, 6, 4 }, { 12, 4, 4 }, { 16, 3, 2 }, { 24, 2, 2 }, { 48, 1, 1 } } },
	{ "L40 L40S RTX6000-Ada", { { 1, 32, 16 }, { 2, 24, 16 }, { 3, 16, 16 }, { 4, 12, 8 },
		{ 6, 8, 8 }, { 8, 6, 4 }, { 12, 4, 4 }, { 16, 3, 2 }, { 24, 2, 2 }, { 48, 1, 1 } } },
	{ "A10 L4", { { 1, 24, 16 }, { 2, 12, 8 }, { 3, 8, 8 }, { 4, 6, 4 }, { 6, 4, 4 },
		{ 8, 3, 2 }, { 12, 2, 2 }, { 24, 1, 1 } } },
	{ "A30", { { 4, 6, 4 }, { 6, 4, 4 }, { 8, 3, 2 }, { 12, 2, 2 }, { 24, 1, 1 } } },
	{ "A16 A2", { { 1, 16, 16 }, { 2, 8, 8 }, { 3, 5, 4 }, { 4, 4, 4 }, { 8, 2, 2 },
		{ 16, 1, 1 } } },
	{ "T4", { { 1, 16, 16 }, { 2, 8, 8 }, { 4, 4, 4 }, { 8, 2, 2 }, { 16, 1, 1 } } },
	{ "A100-PCIe-40 A100-SXM4-40", { { 4, 10, 8 }, { 5, 8, 8 }, { 8, 5, 4 }, { 10, 4, 4 },
		{ 20, 2, 2 }, { 40, 1, 1 } } },
	{ "A100-PCIe-80 A100-SXM4-80", { { 4, 20, 16 }, { 8, 10, 8 }, { 10, 8, 8 }, { 16, 5, 4 },
		{ 20, 4, 4 }, { 40, 2, 2 }, { 80, 1, 1 } } },
	{ "H100-PCIe-80 H100-SXM5-80", { { 4, 20, 16 }, { 5, 16, 16 }, { 8, 10, 8 },
		{ 10, 8, 8 }, { 16, 5, 4 }, { 20, 4, 4 }, { 40, 2, 2 }, { 80, 1, 1 } } },
	{ "H100-NVL-94 H100-SXM5-94", { { 4, 23, 16 }, { 6, 15, 8 }, { 11, 8, 8 }, { 15, 6, 4 },
		{ 23, 4, 4 }, { 47, 2, 2 }, { 94, 1, 1 } } },
	{ "H200-SXM5 H200-NVL", { { 4, 32, 32 }, { 7, 20, 16 }, { 8, 16, 16 }, { 14, 10, 8 },
		{ 17, 8, 8 }, { 28, 5, 4 }, { 35, 4, 4 }, { 70, 2, 2 }, { 141, 1, 1 } } },
	{ "RTXPRO6000-BSE", { { 2, 32, 32 }, { 3, 32, 32 }, { 4, 24, 24 }, { 6, 16, 16 },
		{ 8, 12, 12 }, { 12, 8, 8 }, { 16, 6, 6 }, { 24, 4, 4 }, { 32, 3, 3 },
		{ 48, 2, 2 }, { 96, 1, 1 } } },
};

/* Framebuffers a board can report: all of it, with ECC, as seen. */
static u32 framebuffers(const struct board *b, u64 fb[3])
{
	fb[0] = b->nominal;
	fb[1] = b->reported;
	fb[2] = b->nominal / 16 * 15;
	return b->ecc_eats ? 3 : 2;
}

/* Coarser segments than small boards could have: docs/placement.md. */
static bool fine_enough(const struct board *b, u64 segment)
{
	return !b->ecc_eats || segment <= 128 * MIB;
}

static void check_numbers(struct board *b, u32 row, u64 fb, u64 segment)
{
	struct ovg_pool_config cfg = board_config(b, OVG_RULES_595, fb, segment);
	u32 i, k, seen = 0;

	for (k = 0; k < ARRAY_SIZE(published[0].size) && published[row].size[k].gib; k++) {
		u32 gib = published[row].size[k].gib;

		for (i = 0; i < b->n_types; i++) {
			const struct ovg_type *t = &b->types[i];

			if (t->gi.slices || t->profile_bytes != (u64)gib * OPENVGPU_GIB)
				continue;
			seen++;
			cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
			cr_expect_eq(ovg_pool_max(&pool, t), published[row].size[k].equal,
				     "%s: %u with %llu MiB in segments of %llu", t->name,
				     ovg_pool_max(&pool, t), fb / MIB, segment / MIB);
			cr_expect_eq(ovg_pool_available(&pool, t), published[row].size[k].equal);
			cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
			cr_expect_eq(ovg_pool_max(&pool, t), published[row].size[k].mixed,
				     "%s mixed: %u with %llu MiB in segments of %llu", t->name,
				     ovg_pool_max(&pool, t), fb / MIB, segment / MIB);
			cr_expect_eq(ovg_pool_available(&pool, t), published[row].size[k].mixed);
		}
	}
	for (i = 0; i < b->n_types; i++)
		seen += !!b->types[i].gi.slices;
	cr_expect_eq(seen, b->n_types, "%s: a type without a published number", b->name);
}

Test(placement_ids, reach_the_published_numbers)
{
	u32 i, n, row, found = 0;
	u64 fb[3], segment;

	for (row = 0; row < ARRAY_SIZE(published); row++) {
		char list[64], *next = list, *name;

		snprintf(list, sizeof(list), "%s", published[row].boards);
		while ((name = strsep(&next, " "))) {
			struct board *b = board_named(name);

			found++;
			n = framebuffers(b, fb);
			for (i = 0; i < n; i++)
				for (segment = 32 * MIB; segment <= 512 * MIB; segment *= 2)
					if (fine_enough(b, segment))
						check_numbers(b, row, fb[i], segment);
		}
	}
	cr_expect_eq(found, n_boards);
}

/* With MIG: what the catalogue says of instances times vGPUs in one. */
Test(placement_ids, reach_the_published_numbers_with_mig)
{
	u32 i, j, id, made, want, mig = 0;

	for (i = 0; i < n_boards; i++) {
		struct board *b = &boards[i];

		for (j = 0; b->mig && j < b->n_types; j++) {
			const struct ovg_type *t = &b->types[j];
			u32 index;

			if (!t->gi.slices)
				continue;
			mig++;
			board_pool(&pool, b, OVG_RULES_595);
			cr_assert_eq(ovg_pool_set_mig(&pool, true), 0);
			want = t->max_instance;
			cr_expect_eq(ovg_pool_max(&pool, t), want, "%s: %u", t->name,
				     ovg_pool_max(&pool, t));
			while (board_make_gi(&pool, &t->gi, &id) == 0)
				;
			cr_expect_eq(ovg_pool_available(&pool, t), want, "%s", t->name);
			for (made = 0; ovg_pool_take(&pool, t, NULL, &index) == OVG_FIT_OK; made++)
				;
			cr_expect_eq(made, want, "%s: %u", t->name, made);
		}
	}
	cr_expect_gt(mig, 100);
}

/* Every place of every type of a board, by asking for each id on an empty GPU. */
static struct ovg_place places[4096];
static u32 n_places;

static void collect(const struct board *b)
{
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 i, j, n;

	n_places = 0;
	for (i = 0; i < b->n_types; i++) {
		n = ovg_pool_ids(&pool, &b->types[i], OVG_GI_NONE, false, ids);
		for (j = 0; j < n; j++) {
			struct ovg_wish wish = { ids[j], OVG_GI_NONE };

			cr_assert_lt(n_places, ARRAY_SIZE(places));
			cr_assert_eq(ovg_pool_fit(&pool, &b->types[i], &wish, &places[n_places]),
				     OVG_FIT_OK, "%s id %u", b->types[i].name, ids[j]);
			cr_expect_eq(places[n_places].id, ids[j]);
			n_places++;
		}
	}
}

static bool meet(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static void check_pairs(const struct board *b, u64 fb, u64 segment)
{
	struct ovg_pool_config cfg = board_config(b, OVG_RULES_595, fb, segment);
	u64 heaps;
	u32 i, j;

	cfg.fb_base = segment;
	cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
	cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
	collect(b);
	cr_assert_gt(n_places, 0);
	heaps = places[0].heap_offset - cfg.heap_unit * places[0].id;
	for (i = 0; i < n_places; i++) {
		const struct ovg_place *p = &places[i], *q;

		cr_assert_leq((u32)p->id + p->id_size, cfg.region);
		cr_assert_geq(p->fb_offset, cfg.fb_base);
		cr_assert_eq((p->fb_offset - cfg.fb_base) % segment, 0u);
		cr_assert_eq(p->fb_size % segment, 0u);
		/* the heap is within the span that its ids have in the heaps */
		cr_assert_eq(p->heap_offset, heaps + cfg.heap_unit * p->id);
		cr_assert_leq(p->heap_size, cfg.heap_unit * p->id_size);
		cr_assert_leq(p->fb_offset + p->fb_size, heaps);
		cr_assert_leq(p->heap_offset + p->heap_size, cfg.fb_base + fb);
		cr_assert_leq(p->chid_offset + p->chid_count, CHANNELS);
		for (j = 0; j < i; j++) {
			q = &places[j];
			if (meet(p->id, p->id_size, q->id, q->id_size))
				continue;
			cr_assert_not(meet(p->fb_offset, p->fb_size, q->fb_offset, q->fb_size),
				      "%s with %llu MiB in segments of %llu: guests of type %u id %u "
				      "and type %u id %u", b->name, fb / MIB, segment / MIB, p->type,
				      p->id, q->type, q->id);
			cr_assert_not(meet(p->chid_offset, p->chid_count, q->chid_offset,
					   q->chid_count),
				      "%s: channels of type %u id %u and type %u id %u", b->name,
				      p->type, p->id, q->type, q->id);
		}
	}
}

/*
 * What makes mixed sizes safe and their lists of creatable ids true: ids alone decide. Two
 * places without a common id have no byte and no channel in common, on any board, with any
 * framebuffer it can report and any segment.
 */
Test(placement_ids, apart_are_apart_in_everything)
{
	u64 fb[3], segment;
	u32 i, j, n;

	for (i = 0; i < n_boards; i++) {
		n = framebuffers(&boards[i], fb);
		for (j = 0; j < n; j++)
			for (segment = 32 * MIB; segment <= 512 * MIB; segment *= 2)
				if (fine_enough(&boards[i], segment))
					check_pairs(&boards[i], fb[j], segment);
	}
}

/* As a user would see it: 595 and 570 give the same ids where both know the board. */
Test(placement_ids, are_the_same_on_570_and_595)
{
	u16 a[OVG_MAX_PLACEMENTS], c[OVG_MAX_PLACEMENTS];
	u32 i, j, n;
	int mixed;

	for (i = 0; i < n_boards; i++) {
		if (boards[i].gen == OVG_GEN_BLACKWELL)
			continue;
		for (mixed = 0; mixed < 2; mixed++) {
			for (j = 0; j < boards[i].n_types; j++) {
				board_pool(&pool, &boards[i], OVG_RULES_570);
				cr_assert_eq(ovg_pool_set_mode(&pool, mixed ? OVG_MODE_MIXED :
							       OVG_MODE_EQUAL), 0);
				n = ovg_pool_ids(&pool, &boards[i].types[j], OVG_GI_NONE, false, a);
				pool.cfg.rules = OVG_RULES_595;
				cr_expect_eq(ovg_pool_ids(&pool, &boards[i].types[j], OVG_GI_NONE,
							  false, c), n);
				cr_expect_eq(memcmp(a, c, n * sizeof(*a)), 0);
			}
		}
	}
}
