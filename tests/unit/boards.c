// SPDX-License-Identifier: LGPL-2.1-or-later
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "boards.h"

struct board boards[MAX_BOARDS];
u32 n_boards;

static enum ovg_generation generation(const char *arch)
{
	if (!strcmp(arch, "Blackwell"))
		return OVG_GEN_BLACKWELL;
	return strcmp(arch, "Ampere") && strcmp(arch, "Turing") ? OVG_GEN_ADA : OVG_GEN_AMPERE;
}

/* docs/hardware.md: the simulator's choice, no board says it in public. */
static u64 segment(const char *arch)
{
	static const struct {
		const char *arch;
		u64 mib;
	} known[] = {
		{ "Turing", 32 }, { "Ampere", 64 }, { "Ada", 128 }, { "Hopper", 128 },
		{ "Blackwell", 256 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		if (!strcmp(arch, known[i].arch))
			return known[i].mib * MIB;
	cr_assert(false, "%s", arch);
	return 0;
}

/* Eighths of the framebuffer: the share that its slices have, and 1g with twice the memory. */
static u8 memory_of(const struct board *b, u32 slices, u64 profile, u64 largest)
{
	if (b->slices == 4)
		return (u8)(slices * 2);
	if (slices == 1)
		return profile * 16 > largest * 3 ? 2 : 1;
	return slices == 2 ? 2 : slices == 7 ? 8 : 4;
}

static void add_type(struct board *b, const struct openvgpu_types *source,
		     const struct openvgpu_type *u, u64 largest)
{
	struct ovg_type *t = &b->types[b->n_types++];
	struct openvgpu_memory m;

	cr_assert_leq(b->n_types, OVG_MAX_TYPES);
	openvgpu_type_memory(source, u, &m);
	*t = (struct ovg_type){
		.id = u->id,
		.max_instance = u->max_equal,
		.profile_bytes = u->profile,
		.fb_bytes = m.fb,
		.fb_reservation = m.reservation,
		.heap_bytes = m.heap,
	};
	strcpy(t->name, u->name);
	if (!u->mig)
		return;
	t->gi.slices = (u8)u->gi_slices;
	t->gi.memory = memory_of(b, u->gi_slices, u->profile, largest);
	if (!strcmp(u->gi_attr, "ME"))
		t->gi.attr |= OVG_GI_MEDIA;
	t->max_per_gi = 1;
	if (b->gen == OVG_GEN_BLACKWELL) {
		t->gi.attr |= OVG_GI_GFX;
		t->max_per_gi = u->max_equal / (4 / u->gi_slices);
	}
}

void boards_load(void)
{
	struct openvgpu_types source;
	struct openvgpu_error err;
	size_t i, j;

	cr_assert_eq(openvgpu_types_load(&source, SOURCE_ROOT "/schemas/catalogue/types.csv", &err),
		     0, "%s", err.text);
	cr_assert_leq(source.n_boards, MAX_BOARDS);
	n_boards = 0;
	for (i = 0; i < source.n_boards; i++) {
		const struct openvgpu_board *u = &source.boards[i];
		struct board *b = &boards[n_boards++];
		u64 largest = 0;

		memset(b, 0, sizeof(*b));
		strcpy(b->name, u->name);
		b->gen = generation(u->arch);
		b->segment = segment(u->arch);
		b->nominal = u->fb_nominal;
		/* GDDR6 keeps its ECC in the framebuffer; HBM and GDDR7 do not */
		b->ecc_eats = b->gen != OVG_GEN_BLACKWELL && u->fb_nominal <= 48 * OPENVGPU_GIB &&
			      !strstr(u->name, "A100") && strcmp(u->name, "A30");
		b->reported = strtoull(u->fb_reported, NULL, 10) * MIB;
		if (!b->reported)
			b->reported = b->ecc_eats ? u->fb_nominal / 16 * 15 : u->fb_nominal;
		for (j = 0; j < source.n_types; j++) {
			const struct openvgpu_type *t = &source.types[j];

			if (t->board != i)
				continue;
			largest = max(largest, t->profile);
			if (t->mig) {
				b->mig = true;
				b->slices = max(b->slices, t->gi_slices);
			}
		}
		for (j = 0; j < source.n_types; j++)
			if (source.types[j].board == i)
				add_type(b, &source, &source.types[j], largest);
	}
	openvgpu_types_free(&source);
}

struct board *board_named(const char *name)
{
	u32 i;

	for (i = 0; i < n_boards; i++)
		if (!strcmp(boards[i].name, name))
			return &boards[i];
	cr_assert(false, "no board %s", name);
	return NULL;
}

struct ovg_type *board_type(struct board *b, const char *last_word)
{
	u32 i;

	for (i = 0; i < b->n_types; i++) {
		const char *blank = strrchr(b->types[i].name, ' ');

		if (!strcmp(blank + 1, last_word))
			return &b->types[i];
	}
	cr_assert(false, "no type %s", last_word);
	return NULL;
}

struct ovg_type *board_size(struct board *b, u32 gib, u32 slices)
{
	u32 i;

	for (i = 0; i < b->n_types; i++)
		if (b->types[i].gi.slices == slices &&
		    b->types[i].profile_bytes == (u64)gib * OPENVGPU_GIB)
			return &b->types[i];
	return NULL;
}

struct ovg_pool_config board_config(const struct board *b, enum ovg_rules rules, u64 fb,
				    u64 segment)
{
	return (struct ovg_pool_config){
		.generation = b->gen,
		.rules = rules,
		.limit = 32,
		.mig_limit = !b->mig ? 0 : rules == OVG_RULES_595 ? 48 : 7,
		.gi_slices = b->slices,
		.fb_total = fb,
		.segment = segment,
		.channels = CHANNELS,
		.region = ovg_pool_region(b->types, b->n_types),
		.heap_unit = ovg_pool_heap_unit(b->types, b->n_types),
	};
}

void board_pool(struct ovg_pool *pool, const struct board *b, enum ovg_rules rules)
{
	struct ovg_pool_config cfg = board_config(b, rules, b->reported, b->segment);

	cr_assert_eq(ovg_pool_init(pool, &cfg), 0);
}

/* NVIDIA's ids: 0 the whole, 1 and 2 halves, 3 to 6 quarters, 7 to 13 eighths. */
static u32 gi_id(u32 start, u32 memory)
{
	if (memory == 8)
		return 0;
	if (memory == 4)
		return 1 + start / 4;
	return memory == 2 ? 3 + start / 2 : 7 + start;
}

int board_make_gi(struct ovg_pool *pool, const struct ovg_gi_profile *profile, u32 *id)
{
	u64 eighth = pool->cfg.fb_total / pool->cfg.segment / 8 * pool->cfg.segment;
	struct ovg_gi gi = { .profile = *profile };
	int err = ovg_pool_gi_fit(pool, profile, &gi.start);

	if (err)
		return err;
	gi.id = gi_id(gi.start, profile->memory);
	gi.fb_base = pool->cfg.fb_base + gi.start * eighth;
	gi.fb_size = profile->memory == 8 ? pool->cfg.fb_total : profile->memory * eighth;
	*id = gi.id;
	return ovg_pool_gi_add(pool, &gi);
}
