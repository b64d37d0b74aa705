/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Where vGPUs sit on a GPU: GPU instances, framebuffer, plugin heaps, channel
 * ids, placement ids. Pure arithmetic over a table; the caller brings the memory
 * and the lock. Compiles in kernel and user space.
 *
 * Three ways to divide a GPU:
 *   equal size  the first vGPU fixes the profile size of the GPU until the last one
 *               is gone; the series (A, B, C, Q) may mix
 *   mixed size  sizes mix; each has fixed placement ids, chosen so that they nest
 *   MIG         GPU instances divide it; a vGPU lives in one. The equal-size rule
 *               holds in each instance by itself
 */
#ifndef OVG_CORE_PLACEMENT_H
#define OVG_CORE_PLACEMENT_H

#include "../compat/portable.h"
#include "type.h"

/* MAX_VF_COUNT_PER_GPU of NVIDIA's resource manager. */
#define OVG_MAX_VGPUS	64
/* NV2080_CTRL_GPU_MAX_PARTITIONS */
#define OVG_MAX_GIS	8
/* Ids go up to NV2080_CTRL_INTERNAL_MAX_SWIZZ_ID, 15, exclusive. */
#define OVG_MAX_GI_ID	15
#define OVG_GI_NONE	0xffffffffu
/* NVA081: most placement ids of one type; 32 on branches up to 570. */
#define OVG_MAX_PLACEMENTS	48

enum ovg_mode {
	OVG_MODE_EQUAL,
	OVG_MODE_MIXED,
};

/**
 * struct ovg_pool_config - what a GPU has to give away
 * @generation: which rules apply
 * @rules: and of which firmware branch
 * @limit: most vGPUs without MIG that the firmware branch runs on one GPU
 * @mig_limit: most MIG-backed ones; 0 if the board or branch has no MIG
 * @gi_slices: compute slices of the whole board under MIG: 7 or 4; 0 without MIG
 * @fb_base: first byte of framebuffer that vGPUs may use
 * @fb_total: number of such bytes
 * @segment: VMMU segment, the unit of guest framebuffer; a power of two
 * @channels: channel ids 0..channels-1 that vGPUs may use; each GPU instance has
 *	runlists, and therefore all these ids, of its own
 * @region: size of the placement id space in GiB, that is the profile of the
 *	largest type that is not MIG-backed (ovg_pool_region())
 * @heap_unit: plugin heap in bytes for each placement id (ovg_pool_heap_unit())
 */
struct ovg_pool_config {
	enum ovg_generation generation;
	enum ovg_rules rules;
	u32 limit;
	u32 mig_limit;
	u32 gi_slices;
	u64 fb_base;
	u64 fb_total;
	u64 segment;
	u32 channels;
	u32 region;
	u64 heap_unit;
};

/**
 * struct ovg_gi - a GPU instance
 * @used: the entry is taken
 * @id: its number (NVIDIA: GI id or swizz id), known once the firmware has made it
 * @profile: what it was made of
 * @start: first eighth of the framebuffer
 * @fb_base: first byte of its framebuffer
 * @fb_size: bytes of it
 */
struct ovg_gi {
	bool used;
	u32 id;
	struct ovg_gi_profile profile;
	u32 start;
	u64 fb_base;
	u64 fb_size;
};

/**
 * struct ovg_place - everything one vGPU has for itself
 * @used: the entry is taken
 * @quarantined: the firmware has not let go of it
 * @type: number of its type
 * @profile_bytes: nominal size, decides the equal-size rule
 * @fb_offset: first byte of guest framebuffer, a multiple of the segment
 * @fb_size: bytes of it, a multiple of the segment
 * @heap_offset: first byte of the plugin heap, 4 KiB aligned
 * @heap_size: bytes of it, as the type says
 * @chid_offset: first channel id
 * @chid_count: channel ids
 * @id: placement id or %OVG_PLACEMENT_NONE; in a GPU instance counted from its start
 * @id_size: placement ids [id, id + id_size) belong to this vGPU
 * @gi: id of its GPU instance, %OVG_GI_NONE without MIG
 */
struct ovg_place {
	bool used;
	bool quarantined;
	u32 type;
	u64 profile_bytes;
	u64 fb_offset;
	u64 fb_size;
	u64 heap_offset;
	u64 heap_size;
	u32 chid_offset;
	u32 chid_count;
	u16 id;
	u16 id_size;
	u32 gi;
};

/**
 * struct ovg_pool - the table of a GPU
 * @cfg: as given to ovg_pool_init()
 * @mode: how sizes may mix
 * @mig: the GPU is divided into GPU instances
 * @place: one entry a vGPU, in no order
 * @gi: one entry a GPU instance, in no order
 */
struct ovg_pool {
	struct ovg_pool_config cfg;
	enum ovg_mode mode;
	bool mig;
	struct ovg_place place[OVG_MAX_VGPUS];
	struct ovg_gi gi[OVG_MAX_GIS];
};

/**
 * struct ovg_wish - where a vGPU shall sit
 * @id: placement id, %OVG_PLACEMENT_NONE for any
 * @gi: id of the GPU instance, %OVG_GI_NONE for any
 */
struct ovg_wish {
	u16 id;
	u32 gi;
};

#define OVG_WISH_ANY	((struct ovg_wish){ OVG_PLACEMENT_NONE, OVG_GI_NONE })

/* Why a type does not fit; 0 is "it does". */
enum ovg_fit {
	OVG_FIT_OK,
	OVG_FIT_MIG,		/* needs a MIG GPU instance, and MIG is off */
	OVG_FIT_NO_MIG,		/* is not MIG-backed, and MIG is on */
	OVG_FIT_NO_GI,		/* there is no GPU instance of its profile */
	OVG_FIT_GI,		/* the GPU instance asked for is not there or of another profile */
	OVG_FIT_SIZE,		/* another profile size runs here (in every such instance) */
	OVG_FIT_INSTANCES,	/* as many as the type allows (in every such instance) */
	OVG_FIT_LIMIT,		/* as many as the firmware runs */
	OVG_FIT_SPACE,		/* framebuffer, channels or ids are taken */
	OVG_FIT_NO_ID,		/* the id asked for is not one of the type's */
	OVG_FIT_ID_TAKEN,	/* the id asked for is taken */
	OVG_FIT_NO_IDS,		/* an id was asked for, and this mode has none */
	OVG_FIT_BROKEN,		/* the type's own numbers cannot work here */
};

u32 ovg_pool_region(const struct ovg_type *types, u32 count);
u64 ovg_pool_heap_unit(const struct ovg_type *types, u32 count);
int ovg_pool_init(struct ovg_pool *pool, const struct ovg_pool_config *cfg);
bool ovg_pool_empty(const struct ovg_pool *pool);
/* -EBUSY with a vGPU, -EINVAL with MIG on, -EOPNOTSUPP where the branch cannot mix sizes */
int ovg_pool_set_mode(struct ovg_pool *pool, enum ovg_mode mode);
/* -EBUSY with a vGPU or a GPU instance, -EOPNOTSUPP without MIG, -EINVAL in mixed mode */
int ovg_pool_set_mig(struct ovg_pool *pool, bool on);

/* Eighths at which an instance of this profile may begin, NVIDIA's order; returns how many. */
u32 ovg_pool_gi_starts(const struct ovg_pool *pool, const struct ovg_gi_profile *profile,
		       u8 starts[OVG_MAX_GIS]);
/* How many more of this profile alone fit now. */
u32 ovg_pool_gi_available(const struct ovg_pool *pool, const struct ovg_gi_profile *profile);
/*
 * Where the next instance of this profile goes: *@start. Return: 0, -EINVAL for a profile
 * that the board cannot have, -ENOSPC.
 */
int ovg_pool_gi_fit(const struct ovg_pool *pool, const struct ovg_gi_profile *profile,
		    u32 *start);
/* The firmware has made it: @gi complete with id and framebuffer. -EEXIST, -EINVAL, -ENOSPC. */
int ovg_pool_gi_add(struct ovg_pool *pool, const struct ovg_gi *gi);
/* -ENOENT, or -EBUSY while a vGPU is in it. */
int ovg_pool_gi_del(struct ovg_pool *pool, u32 id);
const struct ovg_gi *ovg_pool_gi(const struct ovg_pool *pool, u32 id);
/* vGPUs in it. */
u32 ovg_pool_gi_vgpus(const struct ovg_pool *pool, u32 id);
bool ovg_gi_profile_equal(const struct ovg_gi_profile *a, const struct ovg_gi_profile *b);

u64 ovg_pool_guest_size(const struct ovg_pool *pool, const struct ovg_type *type);
/* Most vGPUs of the type on this GPU in its mode when nothing else is on it. */
u32 ovg_pool_max(const struct ovg_pool *pool, const struct ovg_type *type);
enum ovg_fit ovg_pool_fit(const struct ovg_pool *pool, const struct ovg_type *type,
			  const struct ovg_wish *wish, struct ovg_place *out);
u32 ovg_pool_available(const struct ovg_pool *pool, const struct ovg_type *type);
/*
 * Placement ids of the type, in the order of the automatic choice: all, or those that
 * are free now. 0 where the mode has none. @gi: in this GPU instance.
 */
u32 ovg_pool_ids(const struct ovg_pool *pool, const struct ovg_type *type, u32 gi,
		 bool creatable, u16 ids[OVG_MAX_PLACEMENTS]);
enum ovg_fit ovg_pool_take(struct ovg_pool *pool, const struct ovg_type *type,
			   const struct ovg_wish *wish, u32 *index);
/* Another place for a vGPU that nobody has open; on failure it keeps the one it has. */
enum ovg_fit ovg_pool_move(struct ovg_pool *pool, u32 index, const struct ovg_type *type,
			   const struct ovg_wish *wish);
void ovg_pool_put(struct ovg_pool *pool, u32 index);
void ovg_pool_quarantine(struct ovg_pool *pool, u32 index);
u64 ovg_pool_fb_used(const struct ovg_pool *pool);
/* Bytes of the largest profile that could still be placed, for messages; 0 if none. */
u64 ovg_pool_largest_free(const struct ovg_pool *pool, const struct ovg_type *types, u32 count);

#endif
