// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Where the places of a type lie on an empty GPU or in an empty GPU instance.
 */
#include "layout.h"

/* The plugin rounds the framebuffer up to this many segments first. */
#define TOTAL_SEGMENTS	8u
/* Mixed sizes before Blackwell: the GPU is halved into this many parts at most. */
#define MAX_PARTS	16u
#define EIGHTHS		8u

static u32 prev_pow2(u32 value)
{
	u32 bit = 1;

	while (bit <= value / 2)
		bit *= 2;
	return value ? bit : 0;
}

/* Placement ids of a vGPU: its profile in GiB, but 2 GiB on 96 GiB take 3. */
static u32 id_size(u32 gib, u32 region)
{
	return gib == 2 && region == 96 ? 3 : gib;
}

/**
 * ovg_mixed_supported() - can the firmware branch mix sizes on this generation?
 * @pool: table
 *
 * Placement ids came with it: 570 has both, but not for Blackwell; 535 has neither.
 */
bool ovg_mixed_supported(const struct ovg_pool *pool)
{
	if (pool->cfg.generation == OVG_GEN_BLACKWELL)
		return pool->cfg.rules >= OVG_RULES_595;
	return pool->cfg.rules >= OVG_RULES_570;
}

/**
 * ovg_gi_shared() - can a GPU instance have several vGPUs, each with a placement id?
 * @pool: table
 */
bool ovg_gi_shared(const struct ovg_pool *pool)
{
	return pool->cfg.generation == OVG_GEN_BLACKWELL && pool->cfg.rules >= OVG_RULES_595;
}

/**
 * ovg_has_ids() - do vGPUs have placement ids in the mode of today?
 * @pool: table
 */
bool ovg_has_ids(const struct ovg_pool *pool)
{
	if (pool->mig)
		return ovg_gi_shared(pool);
	if (pool->mode == OVG_MODE_MIXED)
		return true;
	return pool->cfg.generation >= OVG_GEN_ADA && ovg_mixed_supported(pool);
}

/**
 * ovg_pool_region() - size of the placement id space in GiB
 * @types: all types of the board
 * @count: how many
 *
 * Return: profile of the largest type that needs no MIG, 0 if there is none.
 */
u32 ovg_pool_region(const struct ovg_type *types, u32 count)
{
	u32 i, region = 0;

	for (i = 0; i < count; i++)
		if (!types[i].gi.slices)
			region = max(region, ovg_profile_gib(&types[i]));
	return region;
}

/**
 * ovg_pool_heap_unit() - plugin heap to set aside for each placement id
 * @types: all types of the board
 * @count: how many
 *
 * Where sizes mix, the heaps lie behind all guest areas, each where its placement
 * id puts it. What the neediest type takes for one of its ids is enough for all.
 *
 * Return: bytes, a multiple of 4 KiB.
 */
u64 ovg_pool_heap_unit(const struct ovg_type *types, u32 count)
{
	u32 i, gib, region = ovg_pool_region(types, count);
	u64 unit = 0, own;

	for (i = 0; i < count; i++) {
		gib = ovg_profile_gib(&types[i]);
		if (!gib)
			continue;
		/* in a smaller GPU instance 2 GiB are 2 GiB */
		if (!types[i].gi.slices)
			gib = id_size(gib, region);
		own = div_u64(types[i].heap_bytes + gib - 1, gib);
		unit = max(unit, ovg_round_up(own, OVG_HEAP_ALIGN));
	}
	return unit;
}

/**
 * ovg_area_of() - what vGPUs of a type share
 * @pool: table
 * @type: the type
 * @gi: in this GPU instance, NULL without MIG
 * @a: the answer
 *
 * Return: false if the numbers of the type or the instance leave nothing.
 */
bool ovg_area_of(const struct ovg_pool *pool, const struct ovg_type *type,
		 const struct ovg_gi *gi, struct ovg_area *a)
{
	const struct ovg_pool_config *cfg = &pool->cfg;
	u64 end = cfg->fb_base + cfg->fb_total;

	memset(a, 0, sizeof(*a));
	a->region = cfg->region;
	if (gi) {
		/* What the firmware gave may reach into what it keeps from vGPUs. */
		a->gi = gi->id;
		a->base = ovg_round_up(max(gi->fb_base, cfg->fb_base), cfg->segment);
		end = min(end, gi->fb_base + gi->fb_size);
		a->max = ovg_gi_shared(pool) ? type->max_per_gi : 1;
		a->layout = ovg_gi_shared(pool) ? OVG_LAYOUT_LINEAR : OVG_LAYOUT_ROW;
		a->region = cfg->region * gi->profile.memory / EIGHTHS;
	} else {
		a->gi = OVG_GI_NONE;
		a->base = cfg->fb_base;
		a->max = type->max_instance;
		if (cfg->generation == OVG_GEN_BLACKWELL)
			a->layout = OVG_LAYOUT_LINEAR;
		else
			a->layout = pool->mode == OVG_MODE_MIXED ? OVG_LAYOUT_HALVES : OVG_LAYOUT_ROW;
	}
	if (!a->max || a->max > OVG_MAX_VGPUS || a->base >= end)
		return false;
	a->size = end - a->base;
	a->share = gi ? a->size : ovg_round_up(a->size, TOTAL_SEGMENTS * cfg->segment);
	a->share = div_u64(a->share, a->max);
	return true;
}

/*
 * Blackwell gives what the type says. Before it the plugin divides what the
 * board really has (ECC may have taken a part) by the number of instances.
 */
static u64 guest_size(const struct ovg_pool *pool, const struct ovg_type *type,
		      const struct ovg_area *a)
{
	u64 held = type->fb_reservation + type->heap_bytes;
	u64 size = type->fb_bytes;

	if (pool->cfg.generation != OVG_GEN_BLACKWELL) {
		if (held >= a->share)
			return 0;
		size = min(size, a->share - held);
	}
	return ovg_round_down(size, pool->cfg.segment);
}

/**
 * ovg_pool_guest_size() - framebuffer that a guest of this type gets
 * @pool: table of the GPU
 * @type: a type of it; for a MIG-backed one the first instance of its profile
 *	counts, or what an instance would have about
 *
 * Return: bytes, a multiple of the segment; 0 if nothing is left.
 */
u64 ovg_pool_guest_size(const struct ovg_pool *pool, const struct ovg_type *type)
{
	struct ovg_gi nominal = {
		.id = OVG_GI_NONE,
		.profile = type->gi,
		.fb_base = pool->cfg.fb_base,
		.fb_size = ovg_round_down(div_u64(pool->cfg.fb_total, EIGHTHS) * type->gi.memory,
					 pool->cfg.segment),
	};
	const struct ovg_gi *gi = NULL;
	struct ovg_area a;
	u32 i;

	if (type->gi.slices) {
		gi = &nominal;
		for (i = 0; i < OVG_MAX_GIS; i++)
			if (pool->gi[i].used && pool->gi[i].id < gi->id &&
			    ovg_gi_profile_equal(&pool->gi[i].profile, &type->gi))
				gi = &pool->gi[i];
	}
	return ovg_area_of(pool, type, gi, &a) ? guest_size(pool, type, &a) : 0;
}

/*
 * Guests of 1 GiB on boards that hold fewer of them than they have GiB keep the
 * whole GiB. They reach beyond their one placement id, and NVIDIA denies them the
 * ids where they would reach into somebody else's.
 */
static bool id_denied(const struct ovg_pool *pool, const struct ovg_type *type, u32 id)
{
	if (ovg_profile_gib(type) != 1 || type->max_instance >= pool->cfg.region)
		return false;
	if (pool->cfg.generation == OVG_GEN_AMPERE)
		return id == 8 || id == 32;
	return id < 48 && (id % 6 == 2 || id % 6 == 3);
}

/**
 * ovg_area_places() - how many places ovg_place_at() knows at most
 * @a: an area
 */
u32 ovg_area_places(const struct ovg_area *a)
{
	u32 pow2 = prev_pow2(a->max);

	if (a->layout != OVG_LAYOUT_HALVES)
		return a->max;
	/* two vGPUs in the smallest part, if their number is a power of two */
	if (pow2 > (pow2 == a->max ? 2 * MAX_PARTS : MAX_PARTS))
		return 0;
	return pow2;
}

/* The @j-th of @n equal parts by halving and halving: NVIDIA's way, which rounds at each step. */
static void halve(u32 n, u32 j, u64 *low, u64 *high)
{
	for (n /= 2; n; n /= 2) {
		u64 middle = (*low + *high) / 2;

		if (j & n)
			*low = middle;
		else
			*high = middle;
	}
}

static bool place_row(const struct ovg_pool *pool, const struct ovg_area *a, u32 j, u32 size,
		      struct ovg_place *p)
{
	const struct ovg_pool_config *cfg = &pool->cfg;
	u64 heap = ovg_round_up(p->heap_size, OVG_HEAP_ALIGN);

	p->fb_offset = a->base + p->fb_size * j;
	p->heap_offset = a->base + p->fb_size * a->max + heap * j;
	p->chid_count = prev_pow2(cfg->channels / a->max);
	if (p->chid_count * (j + 1) > cfg->channels)
		return false;
	p->chid_offset = cfg->channels - p->chid_count * (j + 1);
	if (ovg_has_ids(pool)) {
		p->id = (u16)(size * j);
		p->id_size = (u16)size;
	}
	return true;
}

/* Guest areas of an area where sizes mix, in segments; the heaps have the rest. */
static bool split_heaps(const struct ovg_pool *pool, const struct ovg_area *a, u32 size,
			struct ovg_place *p, u64 *segments)
{
	u64 unit = pool->cfg.heap_unit;

	if (!unit)
		unit = ovg_round_up(div_u64(p->heap_size + size - 1, size), OVG_HEAP_ALIGN);
	if (!a->region || unit * a->region >= a->size || p->heap_size > unit * size)
		return false;
	*segments = div64_u64(a->size - unit * a->region, pool->cfg.segment);
	p->heap_offset = a->base + *segments * pool->cfg.segment + unit * p->id;
	return true;
}

/*
 * One vGPU in each of 2, 4, 8... parts, at the end that is away from its neighbour, so
 * that what is left between two of them is in one piece.
 */
static bool place_halves(const struct ovg_pool *pool, const struct ovg_type *type,
			 const struct ovg_area *a, u32 j, u32 size, struct ovg_place *p)
{
	const u64 segment = pool->cfg.segment;
	u64 id = 0, id_end = a->region, fb = 0, fb_end, ch = 0, ch_end = pool->cfg.channels;
	u64 guest = div64_u64(p->fb_size, segment);
	bool right = j & 1;
	u32 parts = prev_pow2(a->max);

	/* each half of a pair is a part by itself, rounding as for the pair */
	p->chid_count = prev_pow2(pool->cfg.channels / a->max);
	halve(parts, j, &id, &id_end);
	halve(parts, j, &ch, &ch_end);
	if (id_end - id < size || ch_end - ch < p->chid_count)
		return false;
	p->id = (u16)(right ? id_end - size : id);
	p->id_size = (u16)size;
	p->chid_offset = (u32)(right ? ch_end - p->chid_count : ch);
	if (id_denied(pool, type, p->id) || !split_heaps(pool, a, size, p, &fb_end))
		return false;
	halve(parts, j, &fb, &fb_end);
	if (fb_end - fb < guest)
		return false;
	p->fb_offset = a->base + (right ? fb_end - guest : fb) * segment;
	return true;
}

static bool place_linear(const struct ovg_pool *pool, const struct ovg_area *a, u32 j, u32 size,
			 struct ovg_place *p)
{
	const struct ovg_pool_config *cfg = &pool->cfg;
	u64 segments, first, end;

	if (size > a->region / a->max)
		return false;
	p->id = (u16)(a->region * j / a->max);
	p->id_size = (u16)size;
	if (!split_heaps(pool, a, size, p, &segments))
		return false;
	first = div_u64(segments * p->id, a->region);
	end = div_u64(segments * (p->id + size), a->region);
	if ((end - first) * cfg->segment < p->fb_size)
		return false;
	p->fb_offset = a->base + first * cfg->segment;
	p->chid_offset = (u32)div_u64((u64)cfg->channels * p->id, a->region);
	p->chid_count = (u32)div_u64((u64)cfg->channels * size, a->region);
	return true;
}

/**
 * ovg_place_at() - a place of a type in an empty area
 * @pool: table
 * @type: the type
 * @a: its area
 * @j: which place, in NVIDIA's order
 * @p: the place
 *
 * Two places of one type never overlap, so they need not be compared.
 *
 * Return: false if there is no such place.
 */
bool ovg_place_at(const struct ovg_pool *pool, const struct ovg_type *type,
		  const struct ovg_area *a, u32 j, struct ovg_place *p)
{
	u64 heap = ovg_round_up(type->heap_bytes, OVG_HEAP_ALIGN);
	u32 size = id_size(ovg_profile_gib(type), a->region);
	bool ok;

	memset(p, 0, sizeof(*p));
	p->used = true;
	p->type = type->id;
	p->gi = a->gi;
	p->profile_bytes = type->profile_bytes;
	p->fb_size = guest_size(pool, type, a);
	p->heap_size = type->heap_bytes;
	p->id = OVG_PLACEMENT_NONE;
	if (!p->fb_size)
		return false;

	if (a->layout == OVG_LAYOUT_ROW)
		ok = place_row(pool, a, j, size, p);
	else if (a->layout == OVG_LAYOUT_HALVES)
		ok = place_halves(pool, type, a, j, size, p);
	else
		ok = place_linear(pool, a, j, size, p);
	if (!ok || (p->id_size && (u32)p->id + p->id_size > a->region) ||
	    p->heap_offset + heap > a->base + a->size ||
	    p->fb_offset + p->fb_size > a->base + a->size ||
	    !p->chid_count || p->chid_offset + p->chid_count > pool->cfg.channels)
		return false;
	if (!ovg_has_ids(pool)) {
		p->id = OVG_PLACEMENT_NONE;
		p->id_size = 0;
	}
	return true;
}

/**
 * ovg_place_clash() - do two places have anything in common?
 * @a: a place
 * @b: another
 */
bool ovg_place_clash(const struct ovg_place *a, const struct ovg_place *b)
{
	u64 a_heap = ovg_round_up(a->heap_size, OVG_HEAP_ALIGN);
	u64 b_heap = ovg_round_up(b->heap_size, OVG_HEAP_ALIGN);

	if (ovg_overlap(a->fb_offset, a->fb_size, b->fb_offset, b->fb_size) ||
	    ovg_overlap(a->fb_offset, a->fb_size, b->heap_offset, b_heap) ||
	    ovg_overlap(a->heap_offset, a_heap, b->fb_offset, b->fb_size) ||
	    ovg_overlap(a->heap_offset, a_heap, b->heap_offset, b_heap))
		return true;
	/* each instance has channels and placement ids of its own */
	if (a->gi != b->gi)
		return false;
	return ovg_overlap(a->chid_offset, a->chid_count, b->chid_offset, b->chid_count) ||
	       ovg_overlap(a->id, a->id_size, b->id, b->id_size);
}
