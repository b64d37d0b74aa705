// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Placement of vGPUs and GPU instances: docs/placement.md. The rules are those of
 * NVIDIA's resource manager and of its GSP plugin: both sides compute them, so
 * both must come to the same numbers.
 *
 * A type has a fixed list of places on an empty GPU (or in an empty GPU instance).
 * Placing a vGPU is finding the first of them that overlaps nothing, so what was
 * freed in which order does not matter.
 */
#include "layout.h"

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
	if (!ovg_is_pow2(cfg->segment) || cfg->segment < OVG_HEAP_ALIGN ||
	    cfg->fb_base + cfg->fb_total < cfg->fb_base ||
	    cfg->fb_total > (u64)-1 / 2)
		return -EINVAL;
	pool->cfg = *cfg;
	/* A base between two segments cannot be used from its first byte. */
	pool->cfg.fb_base = ovg_round_up(cfg->fb_base, cfg->segment);
	if (pool->cfg.fb_base - cfg->fb_base > cfg->fb_total)
		return -EINVAL;
	pool->cfg.fb_total -= pool->cfg.fb_base - cfg->fb_base;
	pool->cfg.heap_unit = ovg_round_up(cfg->heap_unit, OVG_HEAP_ALIGN);
	return 0;
}

/**
 * ovg_pool_empty() - is there no vGPU, not even one in quarantine?
 * @pool: table
 */
bool ovg_pool_empty(const struct ovg_pool *pool)
{
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used)
			return false;
	return true;
}

/**
 * ovg_pool_set_mode() - let sizes mix, or not
 * @pool: table
 * @mode: %OVG_MODE_EQUAL or %OVG_MODE_MIXED
 *
 * Return: 0, also if @mode is what it is already; -EINVAL for another mode or with MIG on;
 * -EOPNOTSUPP where the firmware branch cannot mix sizes on this generation; -EBUSY
 * while there is a vGPU.
 */
int ovg_pool_set_mode(struct ovg_pool *pool, enum ovg_mode mode)
{
	if (mode == pool->mode)
		return 0;
	if (mode != OVG_MODE_EQUAL && mode != OVG_MODE_MIXED)
		return -EINVAL;
	if (mode == OVG_MODE_MIXED && !ovg_mixed_supported(pool))
		return -EOPNOTSUPP;
	if (pool->mig)
		return -EINVAL;
	if (!ovg_pool_empty(pool))
		return -EBUSY;
	pool->mode = mode;
	return 0;
}

/**
 * ovg_pool_set_mig() - divide the GPU into GPU instances, or not
 * @pool: table
 * @on: divide it
 *
 * Return: 0, also if it is so already; -EOPNOTSUPP for a board or branch without MIG;
 * -EINVAL in mixed-size mode; -EBUSY while there is a vGPU or a GPU instance.
 */
int ovg_pool_set_mig(struct ovg_pool *pool, bool on)
{
	u32 i;

	if (on == pool->mig)
		return 0;
	if (on && (!pool->cfg.mig_limit || !pool->cfg.gi_slices))
		return -EOPNOTSUPP;
	if (on && pool->mode == OVG_MODE_MIXED)
		return -EINVAL;
	if (!ovg_pool_empty(pool))
		return -EBUSY;
	for (i = 0; i < OVG_MAX_GIS; i++)
		if (pool->gi[i].used)
			return -EBUSY;
	pool->mig = on;
	return 0;
}

static bool place_is_free(const struct ovg_pool *pool,
			  const struct ovg_place *p)
{
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used && ovg_place_clash(p, &pool->place[i]))
			return false;
	return true;
}

/* How many more vGPUs the firmware runs. */
static u32 limit_room(const struct ovg_pool *pool)
{
	u32 i, count = 0, limit = pool->mig ? pool->cfg.mig_limit : pool->cfg.limit;

	limit = min(limit, (u32)OVG_MAX_VGPUS);
	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used)
			count++;
	return count < limit ? limit - count : 0;
}

/* What forbids @type on this GPU in this mode, whatever is on it. */
static enum ovg_fit type_rules(const struct ovg_pool *pool, const struct ovg_type *type)
{
	if (type->gi.slices && !pool->mig)
		return OVG_FIT_MIG;
	if (!type->gi.slices && pool->mig)
		return OVG_FIT_NO_MIG;
	if (!ovg_profile_gib(type))
		return OVG_FIT_BROKEN;
	return OVG_FIT_OK;
}

/*
 * The equal-size rule in an area. @room is how many more of @type it allows.
 * Where sizes mix there is none: places are all that counts.
 */
static enum ovg_fit size_rules(const struct ovg_pool *pool, const struct ovg_type *type,
			       const struct ovg_area *a, u32 *room)
{
	u32 i, count = 0;

	*room = OVG_MAX_VGPUS;
	if (!pool->mig && pool->mode == OVG_MODE_MIXED)
		return OVG_FIT_OK;
	*room = 0;
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		if (!pool->place[i].used || pool->place[i].gi != a->gi)
			continue;
		if (pool->place[i].profile_bytes != type->profile_bytes)
			return OVG_FIT_SIZE;
		count++;
	}
	if (count >= a->max)
		return OVG_FIT_INSTANCES;
	*room = a->max - count;
	return OVG_FIT_OK;
}

/* All places of the type are taken: by its own size, or by others too? */
static enum ovg_fit why_taken(const struct ovg_pool *pool, const struct ovg_type *type, u32 n)
{
	u32 i, count = 0;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used && pool->place[i].profile_bytes == type->profile_bytes)
			count++;
	return count >= n ? OVG_FIT_INSTANCES : OVG_FIT_SPACE;
}

static enum ovg_fit fit_in(const struct ovg_pool *pool, const struct ovg_type *type,
			   const struct ovg_gi *gi, u16 id, struct ovg_place *out)
{
	struct ovg_place p;
	enum ovg_fit fit;
	struct ovg_area a;
	u32 j, room, n = 0;
	bool known = false, found = false;

	if (!ovg_area_of(pool, type, gi, &a))
		return OVG_FIT_BROKEN;
	for (j = 0; j < ovg_area_places(&a); j++) {
		if (!ovg_place_at(pool, type, &a, j, &p))
			continue;
		n++;
		if (id != OVG_PLACEMENT_NONE && p.id != id)
			continue;
		known = true;
		if (found || !place_is_free(pool, &p))
			continue;
		found = true;
		*out = p;
	}
	if (!n)
		return OVG_FIT_BROKEN;
	if (id != OVG_PLACEMENT_NONE && !ovg_has_ids(pool))
		return OVG_FIT_NO_IDS;
	if (!known)
		return OVG_FIT_NO_ID;
	fit = size_rules(pool, type, &a, &room);
	if (fit || found)
		return fit;
	return id == OVG_PLACEMENT_NONE ? why_taken(pool, type, n) : OVG_FIT_ID_TAKEN;
}

/* Next instance of the type's profile behind @last, by id; NULL if there is none. */
static const struct ovg_gi *next_gi(const struct ovg_pool *pool, const struct ovg_type *type,
				    const struct ovg_gi *last)
{
	const struct ovg_gi *next = NULL;
	u32 i;

	for (i = 0; i < OVG_MAX_GIS; i++) {
		const struct ovg_gi *gi = &pool->gi[i];

		if (gi->used && ovg_gi_profile_equal(&gi->profile, &type->gi) &&
		    (!last || gi->id > last->id) && (!next || gi->id < next->id))
			next = gi;
	}
	return next;
}

/*
 * First instance in which it fits, by id. Otherwise the reason of the one that is
 * nearest to it: the reasons in enum ovg_fit are in that order.
 */
static enum ovg_fit fit_in_gis(const struct ovg_pool *pool, const struct ovg_type *type,
			       const struct ovg_wish *wish, struct ovg_place *out)
{
	enum ovg_fit fit, why = OVG_FIT_NO_GI;
	const struct ovg_gi *gi = NULL;

	while ((gi = next_gi(pool, type, gi))) {
		if (wish->gi != OVG_GI_NONE && wish->gi != gi->id)
			continue;
		fit = fit_in(pool, type, gi, wish->id, out);
		if (!fit)
			return OVG_FIT_OK;
		if (why == OVG_FIT_NO_GI || why == OVG_FIT_BROKEN ||
		    (fit != OVG_FIT_BROKEN && fit > why))
			why = fit;
	}
	return why == OVG_FIT_NO_GI && wish->gi != OVG_GI_NONE ? OVG_FIT_GI : why;
}

/**
 * ovg_pool_fit() - find a place for one more vGPU
 * @pool: table
 * @type: its type
 * @wish: where, NULL for anywhere
 * @out: the place, if there is one; may be NULL
 *
 * Without a wish it is the first free place in NVIDIA's order: lowest GPU instance, then
 * first creatable placement id of the list.
 *
 * Return: %OVG_FIT_OK, or why not.
 */
enum ovg_fit ovg_pool_fit(const struct ovg_pool *pool,
			  const struct ovg_type *type,
			  const struct ovg_wish *wish, struct ovg_place *out)
{
	struct ovg_wish any = OVG_WISH_ANY;
	struct ovg_place p;
	enum ovg_fit fit;

	if (!wish)
		wish = &any;
	fit = type_rules(pool, type);
	if (fit)
		return fit;
	if (!pool->mig && wish->gi != OVG_GI_NONE)
		return OVG_FIT_GI;
	if (pool->mig)
		fit = fit_in_gis(pool, type, wish, &p);
	else
		fit = fit_in(pool, type, NULL, wish->id, &p);
	if (!fit && !limit_room(pool))
		fit = OVG_FIT_LIMIT;
	if (!fit && out)
		*out = p;
	return fit;
}

/* Places of @type in an area that are there (@free: and can be had now). */
static u32 count_in(const struct ovg_pool *pool, const struct ovg_type *type,
		    const struct ovg_gi *gi, bool only_free)
{
	u32 j, room, count = 0;
	struct ovg_place p;
	struct ovg_area a;

	if (!ovg_area_of(pool, type, gi, &a))
		return 0;
	room = a.max;
	if (only_free && size_rules(pool, type, &a, &room))
		return 0;
	for (j = 0; j < ovg_area_places(&a) && count < room; j++)
		if (ovg_place_at(pool, type, &a, j, &p) && (!only_free || place_is_free(pool, &p)))
			count++;
	return count;
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
	const struct ovg_gi *gi = NULL;
	u32 count = 0;

	if (type_rules(pool, type))
		return 0;
	if (!pool->mig)
		count = count_in(pool, type, NULL, true);
	else
		while ((gi = next_gi(pool, type, gi)))
			count += count_in(pool, type, gi, true);
	return min(count, limit_room(pool));
}

/**
 * ovg_pool_max() - most vGPUs of the type on this GPU in its mode, with nothing else on it
 * @pool: table
 * @type: their type
 *
 * For a MIG-backed type also the GPU instances would be made for it: those of today
 * do not matter.
 *
 * Return: the number; 0 for a type that the mode excludes.
 */
u32 ovg_pool_max(const struct ovg_pool *pool, const struct ovg_type *type)
{
	u32 count, limit = pool->mig ? pool->cfg.mig_limit : pool->cfg.limit;
	u8 starts[OVG_MAX_GIS];

	if (type_rules(pool, type))
		return 0;
	if (pool->mig) {
		count = min(ovg_pool_gi_starts(pool, &type->gi, starts),
			    pool->cfg.gi_slices / type->gi.slices);
		if (count && (type->gi.attr & OVG_GI_MEDIA))
			count = 1;
		count *= ovg_gi_shared(pool) ? type->max_per_gi : 1;
	} else {
		count = count_in(pool, type, NULL, false);
	}
	return min(count, min(limit, (u32)OVG_MAX_VGPUS));
}

/* Is the place one that can be had now? With MIG: in any instance of the profile. */
static bool id_creatable(const struct ovg_pool *pool, const struct ovg_type *type, u16 id, u32 gi)
{
	struct ovg_wish wish = { .id = id, .gi = gi };

	return ovg_pool_fit(pool, type, &wish, NULL) == OVG_FIT_OK;
}

/**
 * ovg_pool_ids() - placement ids of a type, in the order of the automatic choice
 * @pool: table
 * @type: the type
 * @gi: in this GPU instance; %OVG_GI_NONE without MIG, or for any instance of its profile
 * @creatable: only those that a vGPU of the type can have now
 * @ids: the ids
 *
 * Return: how many; 0 where the mode has none.
 */
u32 ovg_pool_ids(const struct ovg_pool *pool, const struct ovg_type *type, u32 gi,
		 bool creatable, u16 ids[OVG_MAX_PLACEMENTS])
{
	const struct ovg_gi *instance = NULL;
	struct ovg_place p;
	struct ovg_area a;
	u32 j, n = 0;

	if (type_rules(pool, type) || !ovg_has_ids(pool))
		return 0;
	if (pool->mig) {
		do {
			instance = next_gi(pool, type, instance);
		} while (instance && gi != OVG_GI_NONE && gi != instance->id);
		if (!instance)
			return 0;
	} else if (gi != OVG_GI_NONE) {
		return 0;
	}
	if (!ovg_area_of(pool, type, instance, &a))
		return 0;
	for (j = 0; j < ovg_area_places(&a) && n < OVG_MAX_PLACEMENTS; j++)
		if (ovg_place_at(pool, type, &a, j, &p) &&
		    (!creatable || id_creatable(pool, type, p.id, gi)))
			ids[n++] = p.id;
	return n;
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
 * ovg_pool_move() - give a vGPU that nobody has open another place
 * @pool: table
 * @index: from ovg_pool_take()
 * @type: its type
 * @wish: where, NULL for the first that is free
 *
 * Its own place counts as free.
 *
 * Return: %OVG_FIT_OK, or why not; then it keeps the place it has. What is in quarantine
 * cannot move: %OVG_FIT_BROKEN.
 */
enum ovg_fit ovg_pool_move(struct ovg_pool *pool, u32 index, const struct ovg_type *type,
			   const struct ovg_wish *wish)
{
	struct ovg_place p;
	enum ovg_fit fit;

	if (index >= OVG_MAX_VGPUS || !pool->place[index].used || pool->place[index].quarantined)
		return OVG_FIT_BROKEN;
	pool->place[index].used = false;
	fit = ovg_pool_fit(pool, type, wish, &p);
	pool->place[index].used = true;
	if (!fit)
		pool->place[index] = p;
	return fit;
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

/**
 * ovg_pool_largest_free() - the largest profile that could still be placed, for messages
 * @pool: table
 * @types: all types of the board
 * @count: how many
 *
 * Return: bytes of it, 0 if nothing fits.
 */
u64 ovg_pool_largest_free(const struct ovg_pool *pool, const struct ovg_type *types, u32 count)
{
	u64 largest = 0;
	u32 i;

	for (i = 0; i < count; i++)
		if (types[i].profile_bytes > largest &&
		    ovg_pool_fit(pool, &types[i], NULL, NULL) == OVG_FIT_OK)
			largest = types[i].profile_bytes;
	return largest;
}
