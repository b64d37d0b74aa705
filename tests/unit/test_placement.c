// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Equal-size placement: against the ids in schemas/catalogue/placements.csv, and
 * against a model that knows nothing but sets of taken things. Types come from
 * the catalogue's source, so that all boards are in it.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/openvgpu.h"
#include "driver/core/placement.h"

#define MIB		(UINT64_C(1) << 20)
#define CHANNELS	2048u

static struct openvgpu_types source;
static struct openvgpu_error err;
static struct ovg_pool pool;

/* Types of the board under test. */
static struct ovg_type types[OVG_MAX_TYPES];
static u32 n_types;

static void load(void)
{
	cr_assert_eq(openvgpu_types_load(&source, SOURCE_ROOT "/schemas/catalogue/types.csv", &err),
		     0, "%s", err.text);
}

static void unload(void)
{
	openvgpu_types_free(&source);
}

TestSuite(placement, .init = load, .fini = unload, .timeout = 120);

static const struct openvgpu_board *take_board(const char *name)
{
	const struct openvgpu_board *b = openvgpu_board_by_name(&source, name);
	size_t i;

	cr_assert(b, "%s", name);
	n_types = 0;
	for (i = 0; i < source.n_types; i++) {
		const struct openvgpu_type *u = &source.types[i];
		struct ovg_type *t = &types[n_types];
		struct openvgpu_memory m;

		if (&source.boards[u->board] != b)
			continue;
		openvgpu_type_memory(&source, u, &m);
		*t = (struct ovg_type){
			.id = u->id,
			.max_instance = u->max_equal,
			.gi.slices = (u8)u->gi_slices,
			.profile_bytes = u->profile,
			.fb_bytes = m.fb,
			.fb_reservation = m.reservation,
			.heap_bytes = m.heap,
		};
		strcpy(t->name, u->name);
		n_types++;
	}
	return b;
}

static enum ovg_generation generation(const char *arch)
{
	if (!strcmp(arch, "Blackwell"))
		return OVG_GEN_BLACKWELL;
	return strcmp(arch, "Ampere") && strcmp(arch, "Turing") ? OVG_GEN_ADA : OVG_GEN_AMPERE;
}

static void make_pool(const struct openvgpu_board *b, u64 fb_total, u64 segment)
{
	const struct ovg_pool_config cfg = {
		.generation = generation(b->arch),
		.rules = OVG_RULES_595,
		.limit = 32,
		.fb_total = fb_total,
		.segment = segment,
		.channels = CHANNELS,
		.region = ovg_pool_region(types, n_types),
		.heap_unit = ovg_pool_heap_unit(types, n_types),
	};

	cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
}

/* The boards that are simulated, as docs/hardware.md has them. */
static const struct {
	const char *name;
	u64 fb_mib;
	u64 segment_mib;
} simulated[] = {
	{ "A40", 46068, 64 },
	{ "L40S", 46068, 128 },
	{ "RTXPRO6000-BSE", 97887, 256 },
};

static void take_simulated(size_t i)
{
	make_pool(take_board(simulated[i].name), simulated[i].fb_mib * MIB,
		  simulated[i].segment_mib * MIB);
}

static struct ovg_type *type_of_size(u32 gib)
{
	u32 i;

	for (i = 0; i < n_types; i++)
		if (!types[i].gi.slices && types[i].profile_bytes == (u64)gib * SZ_1G)
			return &types[i];
	return NULL;
}

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

static void check_row(char *line)
{
	char board[32], list[1024], *ids = list, *next;
	const struct openvgpu_board *b;
	struct ovg_type *t;
	u32 i, max, count;

	snprintf(board, sizeof(board), "%s", column(line, 0));
	if (strchr(board, '/'))	/* inside a MIG instance: not placed here */
		return;
	b = take_board(board);
	make_pool(b, b->fb_nominal, 64 * MIB);
	t = type_of_size((u32)atoi(column(line, 3)));
	cr_assert(t, "%s", line);
	max = (u32)atoi(column(line, 5));
	cr_expect_eq(pool.cfg.region, (u32)atoi(column(line, 2)), "%s", board);
	cr_expect_eq(t->max_instance, max, "%s", t->name);

	count = ovg_pool_available(&pool, t);
	cr_expect_eq(count, min(max, 32u), "%s: %u fit, not %u", t->name, count, max);
	snprintf(list, sizeof(list), "%s", column(line, 8));
	for (i = 0; i < count; i++) {
		const struct ovg_place *p;
		u32 index;

		cr_assert_eq(ovg_pool_take(&pool, t, NULL, &index), OVG_FIT_OK, "%s, number %u", t->name,
			     i);
		p = &pool.place[index];
		if (pool.cfg.generation == OVG_GEN_AMPERE) {
			cr_expect_eq(p->id, OVG_PLACEMENT_NONE);
			continue;
		}
		cr_expect_eq(p->id, strtoul(ids, &next, 10), "%s, number %u", t->name, i);
		cr_expect_neq(ids, next, "%s: too few ids published", t->name);
		cr_expect_eq(p->id_size, (u32)atoi(column(line, 4)), "%s", t->name);
		ids = next;
	}
	if (pool.cfg.generation != OVG_GEN_AMPERE && max <= 32)
		cr_expect_eq(ids[strspn(ids, " ")], '\0', "%s: '%s' left", t->name, ids);
}

Test(placement, ids_are_the_published_ones)
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

/* What a user reads in the data sheet: 12 A40-4Q, and so on for every type. */
Test(placement, every_type_reaches_its_number)
{
	size_t b;
	u32 i, n;

	for (b = 0; b < ARRAY_SIZE(simulated); b++) {
		take_simulated(b);
		for (i = 0; i < n_types; i++) {
			struct ovg_type *t = &types[i];

			if (t->gi.slices) {
				cr_expect_eq(ovg_pool_available(&pool, t), 0u, "%s", t->name);
				continue;
			}
			n = ovg_pool_available(&pool, t);
			cr_expect_eq(n, min(t->max_instance, 32u), "%s: %u of %u", t->name, n,
				     t->max_instance);
		}
	}
}

/*
 * The model: what is taken, in units of 1 MiB, channels and ids. It computes no
 * places, it only knows when two of them are in each other's way.
 */
static bool fb_map[100000];
static bool chid_map[CHANNELS];
static bool id_map[256];

static void mark(bool *map, size_t room, u64 from, u64 count, const char *what)
{
	u64 i;

	cr_assert_leq(from + count, room, "%s beyond the end", what);
	for (i = from; i < from + count; i++) {
		cr_assert_not(map[i], "%s %llu belongs to two", what, (unsigned long long)i);
		map[i] = true;
	}
}

static void mark_bytes(u64 from, u64 size, u64 align, u64 total, const char *what)
{
	cr_assert_eq(from % align, 0u, "%s is not aligned", what);
	cr_assert_leq(from + size, total, "%s beyond the framebuffer", what);
	mark(fb_map, ARRAY_SIZE(fb_map), from / MIB, (size + MIB - 1) / MIB, what);
}

static void check_all_places(void)
{
	u64 used = 0;
	u32 i;

	memset(fb_map, 0, sizeof(fb_map));
	memset(chid_map, 0, sizeof(chid_map));
	memset(id_map, 0, sizeof(id_map));
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		const struct ovg_place *p = &pool.place[i];

		if (!p->used)
			continue;
		cr_assert(p->fb_size && p->heap_size && p->chid_count);
		mark_bytes(p->fb_offset, p->fb_size, pool.cfg.segment, pool.cfg.fb_total, "guest");
		cr_assert_eq(p->fb_size % pool.cfg.segment, 0u);
		mark_bytes(p->heap_offset, p->heap_size, 4096, pool.cfg.fb_total, "heap");
		mark(chid_map, CHANNELS, p->chid_offset, p->chid_count, "channel");
		if (pool.cfg.generation != OVG_GEN_BLACKWELL)
			cr_assert_eq(p->chid_count & (p->chid_count - 1), 0u);
		if (p->id != OVG_PLACEMENT_NONE)
			mark(id_map, pool.cfg.region, p->id, p->id_size, "id");
		used += p->fb_size + p->heap_size;
	}
	cr_assert_eq(ovg_pool_fb_used(&pool), used);
}

/* Which profile size is there and how many vGPUs, as a user would count. */
static u64 size_in_use(u32 *count)
{
	u64 size = 0;
	u32 i;

	*count = 0;
	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool.place[i].used) {
			size = pool.place[i].profile_bytes;
			(*count)++;
		}
	return size;
}

/* The promise of available_instances: exactly that many can be made, not one more. */
static void check_available(const struct ovg_type *t)
{
	u32 promised = ovg_pool_available(&pool, t), made = 0, index, count;
	struct ovg_pool copy = pool;
	u64 size = size_in_use(&count);

	while (ovg_pool_take(&copy, t, NULL, &index) == OVG_FIT_OK)
		made++;
	cr_assert_eq(made, promised, "%s: %u promised, %u made", t->name, promised, made);

	if (t->gi.slices || (count && size != t->profile_bytes))
		cr_assert_eq(promised, 0u, "%s", t->name);
	else
		/* all series of a size use the same places, whichever of them are free */
		cr_assert_eq(promised, min(t->max_instance, 32u) - count, "%s beside %u", t->name,
			     count);
}

static unsigned int seed = 1;

static u32 random_below(u32 n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static void one_step(void)
{
	const struct ovg_type *t = &types[random_below(n_types)];
	u32 i = random_below(OVG_MAX_VGPUS), count, index = OVG_MAX_VGPUS;
	u64 size = size_in_use(&count);
	struct ovg_pool before = pool;
	enum ovg_fit fit;

	switch (random_below(8)) {
	case 0:
		ovg_pool_put(&pool, i);
		cr_assert_not(pool.place[i].used);
		break;
	case 1:
		ovg_pool_quarantine(&pool, i);
		cr_assert_eq(pool.place[i].used, before.place[i].used);
		break;
	case 2:
		/* all of it, so that sizes change now and then */
		if (random_below(6))
			break;
		for (i = 0; i < OVG_MAX_VGPUS; i++)
			ovg_pool_put(&pool, i);
		break;
	default:
		/* mostly the size that is there: others are refused anyway */
		if (count && random_below(4)) {
			while (t->gi.slices || t->profile_bytes != size)
				t = &types[random_below(n_types)];
		}
		fit = ovg_pool_take(&pool, t, NULL, &index);
		if (fit) {
			cr_assert_eq(memcmp(&pool, &before, sizeof(pool)), 0,
				     "a refusal changes nothing");
			break;
		}
		cr_assert_lt(index, OVG_MAX_VGPUS);
		cr_assert(!before.place[index].used);
		cr_assert(!count || t->profile_bytes == size);
		cr_assert_eq(pool.place[index].fb_size, ovg_pool_guest_size(&pool, t));
		cr_assert_eq(pool.place[index].heap_size, t->heap_bytes);
	}
}

Test(placement, random_against_the_model)
{
	size_t b;
	int step;
	u32 i;

	for (b = 0; b < ARRAY_SIZE(simulated); b++) {
		take_simulated(b);
		for (step = 0; step < 1500; step++) {
			one_step();
			check_all_places();
			for (i = 0; i < 4; i++)
				check_available(&types[random_below(n_types)]);
		}
	}
}

static enum ovg_fit fit_of(const char *name)
{
	u32 i;

	for (i = 0; i < n_types; i++)
		if (!strcmp(types[i].name, name))
			return ovg_pool_fit(&pool, &types[i], NULL, NULL);
	cr_assert(false, "%s", name);
	return 0;
}

/* How many of @n were made. */
static u32 take(const char *name, u32 n)
{
	u32 i, j, index, taken = 0;

	for (i = 0; i < n_types; i++)
		if (!strcmp(types[i].name, name))
			break;
	cr_assert_lt(i, n_types);
	for (j = 0; j < n; j++)
		taken += ovg_pool_take(&pool, &types[i], NULL, &index) == OVG_FIT_OK;
	return taken;
}

Test(placement, each_refusal_has_its_reason)
{
	take_simulated(0);
	cr_expect_eq(take("NVIDIA A40-4Q", 12), 12u);
	cr_expect_eq(fit_of("NVIDIA A40-4Q"), OVG_FIT_INSTANCES);
	cr_expect_eq(fit_of("NVIDIA A40-8Q"), OVG_FIT_SIZE);
	ovg_pool_quarantine(&pool, 3);
	ovg_pool_put(&pool, 4);
	cr_expect_eq(fit_of("NVIDIA A40-4Q"), OVG_FIT_OK);
	cr_expect_eq(take("NVIDIA A40-4Q", 12), 1u, "what is quarantined stays out of use");
	ovg_pool_put(&pool, 3);
	cr_expect_eq(take("NVIDIA A40-4Q", 12), 1u);

	take_simulated(2);
	cr_expect_eq(fit_of("NVIDIA RTX Pro 6000 Blackwell DC-1-2Q"), OVG_FIT_MIG);
	cr_expect_eq(take("NVIDIA RTX Pro 6000 Blackwell DC-3Q", 48), 32u);

	/* fewer than the type would allow, because the firmware runs no more */
	take_simulated(1);
	pool.cfg.limit = 4;
	cr_expect_eq(take("NVIDIA L40S-4Q", 12), 4u);
	cr_expect_eq(fit_of("NVIDIA L40S-4Q"), OVG_FIT_LIMIT);

	/* a board whose framebuffer is far smaller than the types say */
	take_board("A40");
	make_pool(openvgpu_board_by_name(&source, "A40"), 512 * MIB, 64 * MIB);
	cr_expect_eq(fit_of("NVIDIA A40-48Q"), OVG_FIT_BROKEN);
}

Test(placement, series_of_one_size_mix)
{
	u32 i;

	take_simulated(1);
	cr_expect_eq(take("NVIDIA L40S-4Q", 6), 6u);
	for (i = 0; i < n_types; i++)
		if (types[i].profile_bytes == 4 * (u64)SZ_1G)
			cr_expect_eq(ovg_pool_available(&pool, &types[i]), 6u, "%s",
				     types[i].name);
}

Test(placement, a_gap_is_used_again)
{
	u16 id;
	u64 fb;
	u32 i;

	take_simulated(1);
	cr_expect_eq(take("NVIDIA L40S-6Q", 8), 8u);
	id = pool.place[5].id;
	fb = pool.place[5].fb_offset;
	ovg_pool_put(&pool, 5);
	cr_expect_eq(take("NVIDIA L40S-6Q", 2), 1u);
	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool.place[i].used && pool.place[i].id == id &&
		    pool.place[i].fb_offset == fb)
			return;
	cr_expect(false, "the gap is still there");
}

Test(placement, impossible_gpus_are_refused)
{
	struct ovg_pool_config cfg = { .segment = 64 * MIB, .fb_total = 1024 * MIB };

	cr_expect_eq(ovg_pool_init(&pool, &cfg), 0);
	cfg.segment = 63 * MIB;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0);
	cfg.segment = 0;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0);
	cfg.segment = 64 * MIB;
	cfg.fb_base = UINT64_MAX - MIB;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0);
	cfg.fb_base = 1;
	cfg.fb_total = MIB;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0, "smaller than one segment");
}

/* A base between two segments: the first whole one counts. */
Test(placement, base_is_rounded_up)
{
	struct ovg_pool_config cfg;

	take_simulated(0);
	cfg = pool.cfg;
	cfg.fb_base = 100 * MIB;
	cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
	cr_expect_eq(take("NVIDIA A40-4Q", 12), 12u);
	cr_expect_eq(pool.place[0].fb_offset, 128 * MIB);
}
