// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * GPU instances of MIG in the table of a GPU: which may be where. The rules are those of
 * NVIDIA's published modules, docs/placement.md.
 */
#include "layout.h"

/**
 * ovg_gi_profile_equal() - are both the same profile?
 * @a: a profile
 * @b: another
 */
bool ovg_gi_profile_equal(const struct ovg_gi_profile *a, const struct ovg_gi_profile *b)
{
	return a->slices == b->slices && a->memory == b->memory && a->attr == b->attr;
}

/**
 * ovg_pool_gi_starts() - where instances of a profile may begin
 * @pool: table
 * @profile: the profile
 * @starts: eighths of the framebuffer, in the order of NVIDIA's instance ids
 *
 * Return: how many; 0 for a profile that the board cannot have.
 */
u32 ovg_pool_gi_starts(const struct ovg_pool *pool, const struct ovg_gi_profile *profile,
		       u8 starts[OVG_MAX_GIS])
{
	/* starts are 0, memory, 2 * memory and so on */
	static const struct {
		u8 board;
		u8 slices;
		u8 memory;
		u8 starts;
	} known[] = {
		{ 7, 7, 8, 1 },
		{ 7, 4, 4, 1 },
		{ 7, 3, 4, 2 },
		{ 7, 2, 2, 3 },
		{ 7, 1, 2, 4 },
		{ 7, 1, 1, 7 },
		{ 4, 4, 8, 1 },
		{ 4, 2, 4, 2 },
		{ 4, 1, 2, 4 },
	};
	u32 i, j;

	if (profile->attr & ~(OVG_GI_MEDIA | OVG_GI_GFX))
		return 0;
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (known[i].board != pool->cfg.gi_slices ||
		    known[i].slices != profile->slices || known[i].memory != profile->memory)
			continue;
		for (j = 0; j < known[i].starts; j++)
			starts[j] = (u8)(j * profile->memory);
		return known[i].starts;
	}
	return 0;
}

/* How many more of @profile the slices and the one media engine group allow. */
static u32 gi_room(const struct ovg_pool *pool, const struct ovg_gi_profile *profile)
{
	u32 i, room, slices = 0, entries = 0;
	bool media = false;

	for (i = 0; i < OVG_MAX_GIS; i++) {
		if (!pool->gi[i].used)
			continue;
		entries++;
		slices += pool->gi[i].profile.slices;
		media |= pool->gi[i].profile.attr & OVG_GI_MEDIA;
	}
	if (!profile->slices || slices >= pool->cfg.gi_slices)
		return 0;
	room = min((pool->cfg.gi_slices - slices) / profile->slices, OVG_MAX_GIS - entries);
	if (profile->attr & OVG_GI_MEDIA)
		room = min(room, media ? 0u : 1u);
	return room;
}

static bool gi_start_free(const struct ovg_pool *pool, const struct ovg_gi_profile *profile,
			  u32 start)
{
	u32 i;

	for (i = 0; i < OVG_MAX_GIS; i++)
		if (pool->gi[i].used && ovg_overlap(start, profile->memory, pool->gi[i].start,
						pool->gi[i].profile.memory))
			return false;
	return true;
}

/**
 * ovg_pool_gi_available() - how many more instances of this profile alone fit
 * @pool: table
 * @profile: their profile
 */
u32 ovg_pool_gi_available(const struct ovg_pool *pool, const struct ovg_gi_profile *profile)
{
	u8 starts[OVG_MAX_GIS];
	u32 i, n, count = 0;

	if (!pool->mig)
		return 0;
	n = ovg_pool_gi_starts(pool, profile, starts);
	for (i = 0; i < n; i++)
		if (gi_start_free(pool, profile, starts[i]))
			count++;
	return min(count, gi_room(pool, profile));
}

/**
 * ovg_pool_gi_fit() - where the next instance of this profile goes
 * @pool: table
 * @profile: its profile
 * @start: first eighth of the framebuffer
 *
 * Return: 0; -EINVAL with MIG off or for a profile that the board cannot have; -ENOSPC.
 */
int ovg_pool_gi_fit(const struct ovg_pool *pool, const struct ovg_gi_profile *profile,
		    u32 *start)
{
	u8 starts[OVG_MAX_GIS];
	u32 i, n;

	n = ovg_pool_gi_starts(pool, profile, starts);
	if (!pool->mig || !n)
		return -EINVAL;
	if (!gi_room(pool, profile))
		return -ENOSPC;
	for (i = 0; i < n; i++) {
		if (!gi_start_free(pool, profile, starts[i]))
			continue;
		*start = starts[i];
		return 0;
	}
	return -ENOSPC;
}

/**
 * ovg_pool_gi_add() - enter an instance that the firmware has made
 * @pool: table
 * @gi: the instance with its id and framebuffer; copied
 *
 * Return: 0; -EEXIST if the id is there; -ENOSPC if its slices, eighths or framebuffer are
 * taken; -EINVAL for what cannot be, and with MIG off.
 */
int ovg_pool_gi_add(struct ovg_pool *pool, const struct ovg_gi *gi)
{
	u8 starts[OVG_MAX_GIS];
	u32 i, n, entry = OVG_MAX_GIS;

	n = ovg_pool_gi_starts(pool, &gi->profile, starts);
	for (i = 0; i < n; i++)
		if (starts[i] == gi->start)
			break;
	if (!pool->mig || i == n || gi->id >= OVG_MAX_GI_ID || !gi->fb_size ||
	    gi->fb_base + gi->fb_size < gi->fb_base)
		return -EINVAL;
	for (i = 0; i < OVG_MAX_GIS; i++) {
		if (!pool->gi[i].used) {
			entry = min(entry, i);
			continue;
		}
		if (pool->gi[i].id == gi->id)
			return -EEXIST;
		if (ovg_overlap(gi->fb_base, gi->fb_size, pool->gi[i].fb_base, pool->gi[i].fb_size))
			return -ENOSPC;
	}
	if (entry == OVG_MAX_GIS || !gi_room(pool, &gi->profile) ||
	    !gi_start_free(pool, &gi->profile, gi->start))
		return -ENOSPC;
	pool->gi[entry] = *gi;
	pool->gi[entry].used = true;
	return 0;
}

/**
 * ovg_pool_gi_del() - forget an instance
 * @pool: table
 * @id: its id
 *
 * Return: 0, -ENOENT, or -EBUSY while a vGPU is in it, be it in quarantine.
 */
int ovg_pool_gi_del(struct ovg_pool *pool, u32 id)
{
	u32 i;

	for (i = 0; i < OVG_MAX_GIS; i++) {
		if (!pool->gi[i].used || pool->gi[i].id != id)
			continue;
		if (ovg_pool_gi_vgpus(pool, id))
			return -EBUSY;
		memset(&pool->gi[i], 0, sizeof(pool->gi[i]));
		return 0;
	}
	return -ENOENT;
}

/**
 * ovg_pool_gi() - find an instance
 * @pool: table
 * @id: its id
 *
 * Return: its entry, valid until the table changes, or NULL.
 */
const struct ovg_gi *ovg_pool_gi(const struct ovg_pool *pool, u32 id)
{
	u32 i;

	for (i = 0; i < OVG_MAX_GIS; i++)
		if (pool->gi[i].used && pool->gi[i].id == id)
			return &pool->gi[i];
	return NULL;
}

/**
 * ovg_pool_gi_vgpus() - how many vGPUs are in an instance
 * @pool: table
 * @id: its id
 */
u32 ovg_pool_gi_vgpus(const struct ovg_pool *pool, u32 id)
{
	u32 i, count = 0;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool->place[i].used && pool->place[i].gi == id)
			count++;
	return count;
}
