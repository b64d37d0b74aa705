// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Equal-size placement. The rules are those of NVIDIA's resource manager and
 * of its GSP plugin: both sides compute them, so both must come to the same
 * numbers.
 */
#include "placement.h"

#define HEAP_ALIGN	4096u
/* The plugin rounds the framebuffer up to this many segments first. */
#define TOTAL_SEGMENTS	8u

static u64 round_down_to(u64 value, u64 unit)
{
	return value & ~(unit - 1);
}

static u64 round_up_to(u64 value, u64 unit)
{
	return round_down_to(value + unit - 1, unit);
}

static bool is_pow2(u64 value)
{
	return value && !(value & (value - 1));
}

static u32 prev_pow2(u32 value)
{
	u32 bit = 1;

	while (bit <= value / 2)
		bit *= 2;
	return value ? bit : 0;
}

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

static u32 profile_gib(const struct ovg_type *type)
{
	return (u32)div_u64(type->profile_bytes, SZ_1G);
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
			region = max(region, profile_gib(&types[i]));
	return region;
}

/**
 * ovg_pool_init() - make an empty table
 * @pool: table
 * @cfg: what the GPU has; copied
 *
 * Return: 0, or -EINVAL if the numbers cannot be those of a GPU.
 */
int ovg_pool_init(struct ovg_pool *pool, const struct ovg_pool_config *cfg)
{
	memset(pool, 0, sizeof(*pool));
	if (!is_pow2(cfg->segment) || cfg->segment < HEAP_ALIGN ||
	    cfg->fb_base + cfg->fb_total < cfg->fb_base ||
	    cfg->fb_total > (u64)-1 / 2)
		return -EINVAL;
	pool->cfg = *cfg;
	/* A base between two segments cannot be used from its first byte. */
	pool->cfg.fb_base = round_up_to(cfg->fb_base, cfg->segment);
	if (pool->cfg.fb_base - cfg->fb_base > cfg->fb_total)
		return -EINVAL;
	pool->cfg.fb_total -= pool->cfg.fb_base - cfg->fb_base;
	return 0;
}

/**
 * ovg_pool_guest_size() - framebuffer that a guest of this type gets
 * @pool: table of the GPU
 * @type: a type of it
 *
 * Blackwell gives what the type says. Before it the plugin divides what the
 * board really has (ECC may have taken a part) by the number of instances.
 *
 * Return: bytes, a multiple of the segment; 0 if nothing is left.
 */
u64 ovg_pool_guest_size(const struct ovg_pool *pool, const struct ovg_type *type)
{
	u64 size = type->fb_bytes, share, held;

	if (pool->cfg.generation != OVG_GEN_BLACKWELL) {
		if (!type->max_instance)
			return 0;
		share = round_up_to(pool->cfg.fb_total,
				    TOTAL_SEGMENTS * pool->cfg.segment);
		share = div_u64(share, type->max_instance);
		held = type->fb_reservation + type->heap_bytes;
		if (held >= share)
			return 0;
		size = min(size, share - held);
	}
	return round_down_to(size, pool->cfg.segment);
}

/* Placement ids of a vGPU: its profile in GiB, but 2 GiB on 96 GiB take 3. */
static u32 id_size(const struct ovg_pool *pool, const struct ovg_type *type)
{
	u32 gib = profile_gib(type);

	return gib == 2 && pool->cfg.region == 96 ? 3 : gib;
}

/*
 * The @j-th place of @type on an empty GPU. Guest areas come first, side by
 * side, and the plugin heaps behind the last of them.
 */
static bool place_at(const struct ovg_pool *pool, const struct ovg_type *type,
		     u32 j, struct ovg_place *p)
{
	const struct ovg_pool_config *cfg = &pool->cfg;
	u64 guest = ovg_pool_guest_size(pool, type);
	u64 heap = round_up_to(type->heap_bytes, HEAP_ALIGN);
	u32 size = id_size(pool, type);

	memset(p, 0, sizeof(*p));
	if (!guest)
		return false;
	p->used = true;
	p->type = type->id;
	p->gi = OVG_GI_NONE;
	p->profile_bytes = type->profile_bytes;
	p->fb_offset = cfg->fb_base + guest * j;
	p->fb_size = guest;
	p->heap_offset = cfg->fb_base + guest * type->max_instance + heap * j;
	p->heap_size = type->heap_bytes;
	if (p->heap_offset + heap > cfg->fb_base + cfg->fb_total)
		return false;

	p->id = OVG_PLACEMENT_NONE;
	if (cfg->generation == OVG_GEN_BLACKWELL) {
		if (!cfg->region)
			return false;
		p->id = (u16)(cfg->region * j / type->max_instance);
		p->id_size = (u16)size;
		p->chid_offset = cfg->channels * p->id / cfg->region;
		p->chid_count = cfg->channels * size / cfg->region;
	} else {
		if (cfg->generation == OVG_GEN_ADA) {
			p->id = (u16)(size * j);
			p->id_size = (u16)size;
		}
		p->chid_count = prev_pow2(cfg->channels / type->max_instance);
		if (p->chid_count * (j + 1) > cfg->channels)
			return false;
		p->chid_offset = cfg->channels - p->chid_count * (j + 1);
	}
	if (p->id != OVG_PLACEMENT_NONE && p->id + p->id_size > cfg->region)
		return false;
	return p->chid_count && p->chid_offset + p->chid_count <= cfg->channels;
}

static bool places_clash(const struct ovg_place *a, const struct ovg_place *b)
{
	u64 a_heap = round_up_to(a->heap_size, HEAP_ALIGN);
	u64 b_heap = round_up_to(b->heap_size, HEAP_ALIGN);

	if (overlap(a->fb_offset, a->fb_size, b->fb_offset, b->fb_size) ||
	    overlap(a->fb_offset, a->fb_size, b->heap_offset, b_heap) ||
	    overlap(a->heap_offset, a_heap, b->fb_offset, b->fb_size) ||
	    overlap(a->heap_offset, a_heap, b->heap_offset, b_heap) ||
	    overlap(a->chid_offset, a->chid_count,
		    b->chid_offset, b->chid_count))
		return true;
	return a->id != OVG_PLACEMENT_NONE && b->id != OVG_PLACEMENT_NONE &&
	       overlap(a->id, a->id_size, b->id, b->id_size);
}

static bool place_is_free(const struct ovg_pool *pool,
			  const struct ovg_place *p)
{
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used && places_clash(p, &pool->place[i]))
			return false;
	return true;
}

/*
 * What forbids @type whatever the free places are. @room is how many more of
 * it the counting rules allow.
 */
static enum ovg_fit rules(const struct ovg_pool *pool,
			  const struct ovg_type *type, u32 *room)
{
	u32 i, count = 0;

	*room = 0;
	if (type->gi.slices)
		return OVG_FIT_MIG;
	if (!type->max_instance || type->max_instance > OVG_MAX_VGPUS ||
	    !profile_gib(type) || profile_gib(type) > 1024)
		return OVG_FIT_BROKEN;
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		if (!pool->place[i].used)
			continue;
		if (pool->place[i].profile_bytes != type->profile_bytes)
			return OVG_FIT_SIZE;
		count++;
	}
	if (count >= type->max_instance)
		return OVG_FIT_INSTANCES;
	if (count >= pool->cfg.limit)
		return OVG_FIT_LIMIT;
	*room = min(type->max_instance, pool->cfg.limit) - count;
	return OVG_FIT_OK;
}

/**
 * ovg_pool_fit() - find a place for one more vGPU
 * @pool: table
 * @type: its type
 * @wish: where, NULL for anywhere
 * @out: the place, if there is one; may be NULL
 *
 * Return: %OVG_FIT_OK, or the first rule that forbids it.
 */
enum ovg_fit ovg_pool_fit(const struct ovg_pool *pool,
			  const struct ovg_type *type,
			  const struct ovg_wish *wish, struct ovg_place *out)
{
	struct ovg_place p;
	enum ovg_fit fit;
	bool any = false;
	u32 j, room;

	/* not yet */
	if (wish && (wish->id != OVG_PLACEMENT_NONE || wish->gi != OVG_GI_NONE))
		return OVG_FIT_NO_IDS;
	fit = rules(pool, type, &room);
	if (fit)
		return fit;
	for (j = 0; j < type->max_instance; j++) {
		if (!place_at(pool, type, j, &p))
			continue;
		any = true;
		if (!place_is_free(pool, &p))
			continue;
		if (out)
			*out = p;
		return OVG_FIT_OK;
	}
	return any ? OVG_FIT_SPACE : OVG_FIT_BROKEN;
}

/**
 * ovg_pool_available() - how many more vGPUs of this type alone fit
 * @pool: table
 * @type: their type
 *
 * Places of one type never clash with each other, so the free ones among them
 * can all be taken.
 *
 * Return: exact number, not counting that each also needs a free VF.
 */
u32 ovg_pool_available(const struct ovg_pool *pool, const struct ovg_type *type)
{
	struct ovg_place p;
	u32 j, room, count = 0;

	if (rules(pool, type, &room))
		return 0;
	for (j = 0; j < type->max_instance && count < room; j++)
		if (place_at(pool, type, j, &p) && place_is_free(pool, &p))
			count++;
	return count;
}

/**
 * ovg_pool_take() - give a vGPU a place
 * @pool: table
 * @type: its type
 * @wish: where, NULL for anywhere
 * @index: where its entry is
 *
 * Return: %OVG_FIT_OK, or why not; then nothing has changed.
 */
enum ovg_fit ovg_pool_take(struct ovg_pool *pool, const struct ovg_type *type,
			   const struct ovg_wish *wish, u32 *index)
{
	struct ovg_place p;
	enum ovg_fit fit;
	u32 i;

	fit = ovg_pool_fit(pool, type, wish, &p);
	if (fit)
		return fit;
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		if (pool->place[i].used)
			continue;
		pool->place[i] = p;
		*index = i;
		return OVG_FIT_OK;
	}
	return OVG_FIT_LIMIT;
}

/**
 * ovg_pool_put() - take a place back, quarantined or not
 * @pool: table
 * @index: from ovg_pool_take()
 */
void ovg_pool_put(struct ovg_pool *pool, u32 index)
{
	if (index < OVG_MAX_VGPUS)
		memset(&pool->place[index], 0, sizeof(pool->place[index]));
}

/**
 * ovg_pool_quarantine() - keep a place out of use until ovg_pool_put()
 * @pool: table
 * @index: from ovg_pool_take()
 */
void ovg_pool_quarantine(struct ovg_pool *pool, u32 index)
{
	if (index < OVG_MAX_VGPUS && pool->place[index].used)
		pool->place[index].quarantined = true;
}

/**
 * ovg_pool_fb_used() - bytes of framebuffer that are given away
 * @pool: table
 *
 * Return: guest areas and plugin heaps, quarantined ones too.
 */
u64 ovg_pool_fb_used(const struct ovg_pool *pool)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used)
			sum += pool->place[i].fb_size + pool->place[i].heap_size;
	return sum;
}
