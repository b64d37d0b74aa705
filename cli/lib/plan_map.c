// SPDX-License-Identifier: LGPL-2.1-or-later
/* What each MiB of a GPU is used for, and what is free but of no use to any type now. */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

/* Cells of a MiB: nobody's and out of reach, within reach of some type, or a vGPU's. */
#define STRANDED	0
#define FREE		1
#define FIRST_VGPU	2

/**
 * struct map - the GPU, MiB by MiB
 * @cells: STRANDED, FREE, or FIRST_VGPU + 2 * index, plus 1 for its heap
 * @n: how many
 * @base: first byte
 */
struct map {
	u8 *cells;
	size_t n;
	u64 base;
};

static void mark(struct map *map, u64 offset, u64 size, u8 what)
{
	size_t i = (size_t)((offset - map->base) / OPENVGPU_MIB);
	size_t end = (size_t)((offset - map->base + size + OPENVGPU_MIB - 1) / OPENVGPU_MIB);

	for (; i < end && i < map->n; i++)
		if (what != FREE || map->cells[i] == STRANDED)
			map->cells[i] = what;
}

static void mark_place(struct map *map, const struct ovg_place *place)
{
	mark(map, place->fb_offset, place->fb_size, FREE);
	mark(map, place->heap_offset, place->heap_size, FREE);
}

/* All that vGPUs of this type alone could still have. */
static void reach(struct map *map, const struct ovg_pool *pool, struct ovg_pool *copy,
		  const struct ovg_type *type)
{
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 i, n, index;

	if (pool->mode == OVG_MODE_MIXED) {
		n = ovg_pool_ids(pool, type, OVG_GI_NONE, true, ids);
		for (i = 0; i < n; i++) {
			struct ovg_wish wish = { ids[i], OVG_GI_NONE };
			struct ovg_place place;

			if (!ovg_pool_fit(pool, type, &wish, &place))
				mark_place(map, &place);
		}
		return;
	}
	*copy = *pool;
	while (!ovg_pool_take(copy, type, NULL, &index))
		mark_place(map, &copy->place[index]);
}

/* An instance that could still be made, of any profile. */
static void reach_instances(struct map *map, const struct ovg_planner *p, struct ovg_pool *copy)
{
	struct ovg_gi_profile profiles[16];
	size_t n = ovg_gi_profiles(&p->m, profiles, ARRAY_SIZE(profiles)), i;
	struct ovg_gi gi;
	u32 start;

	for (i = 0; i < n; i++) {
		*copy = p->pool;
		while (!ovg_pool_gi_fit(copy, &profiles[i], &start)) {
			gi = ovg_gi_made(&p->m, &profiles[i], start);
			if (ovg_pool_gi_add(copy, &gi))
				break;
			mark(map, gi.fb_base, gi.fb_size, FREE);
		}
	}
}

static struct openvgpu_span span_of(const struct map *map, size_t from, size_t to)
{
	u8 cell = map->cells[from];
	struct openvgpu_span span = {
		.offset = map->base + from * OPENVGPU_MIB,
		.size = (to - from) * OPENVGPU_MIB,
		.use = cell == STRANDED ? OPENVGPU_USE_STRANDED : OPENVGPU_USE_FREE,
	};

	if (cell >= FIRST_VGPU) {
		span.use = (cell - FIRST_VGPU) & 1 ? OPENVGPU_USE_HEAP : OPENVGPU_USE_GUEST;
		span.vgpu = (cell - FIRST_VGPU) / 2;
	}
	return span;
}

static int make_spans(struct openvgpu_plan *plan, const struct map *map)
{
	size_t i, from = 0;

	for (i = 1; i <= map->n; i++) {
		struct openvgpu_span *span;

		if (i < map->n && map->cells[i] == map->cells[from])
			continue;
		span = ovg_append(&plan->spans, plan->n_spans, sizeof(*span));
		if (!span)
			return -ENOMEM;
		*span = span_of(map, from, i);
		if (span->use == OPENVGPU_USE_STRANDED)
			plan->stranded += span->size;
		plan->n_spans++;
		from = i;
	}
	return 0;
}

int ovg_plan_map(struct ovg_planner *p)
{
	const struct ovg_pool_config *cfg = &p->pool.cfg;
	struct ovg_pool *copy = malloc(sizeof(*copy));
	struct openvgpu_plan *plan = p->plan;
	struct map map = { .n = (size_t)(cfg->fb_total / OPENVGPU_MIB), .base = cfg->fb_base };
	size_t i;
	int ret = -ENOMEM;

	plan->fb_base = cfg->fb_base;
	plan->fb_total = cfg->fb_total;
	map.cells = calloc(map.n + 1, 1);
	if (!copy || !map.cells)
		goto out;
	for (i = 0; i < p->m.n; i++)
		reach(&map, &p->pool, copy, &p->m.types[i]);
	if (p->pool.mig)
		reach_instances(&map, p, copy);
	for (i = 0; i < plan->n_vgpus; i++) {
		const struct openvgpu_placed *v = &plan->vgpus[i];

		mark(&map, v->heap_offset, v->heap_size, (u8)(FIRST_VGPU + 2 * i + 1));
		mark(&map, v->fb_offset, v->fb_size, (u8)(FIRST_VGPU + 2 * i));
	}
	ret = make_spans(plan, &map);
out:
	free(map.cells);
	free(copy);
	return ret;
}
