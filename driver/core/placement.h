/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Where vGPUs sit on a GPU: framebuffer, plugin heaps, channel ids, placement
 * ids. Pure arithmetic over a table; the caller brings the memory and the lock.
 * Compiles in kernel and user space.
 *
 * Only equal-size mode: the first vGPU fixes the profile size of the GPU until
 * the last one is gone; the series (A, B, C, Q) may mix.
 */
#ifndef OVG_CORE_PLACEMENT_H
#define OVG_CORE_PLACEMENT_H

#include "../compat/portable.h"
#include "type.h"

/* MAX_VF_COUNT_PER_GPU of NVIDIA's resource manager. */
#define OVG_MAX_VGPUS	64

/**
 * struct ovg_pool_config - what a GPU has to give away
 * @generation: which rules apply
 * @limit: most vGPUs the firmware branch runs on one GPU
 * @fb_base: first byte of framebuffer that vGPUs may use
 * @fb_total: number of such bytes
 * @segment: VMMU segment, the unit of guest framebuffer; a power of two
 * @channels: channel ids 0..channels-1 that vGPUs may use
 * @region: size of the placement id space in GiB, that is the profile of the
 *	largest type that is not MIG-backed (ovg_pool_region())
 */
struct ovg_pool_config {
	enum ovg_generation generation;
	u32 limit;
	u64 fb_base;
	u64 fb_total;
	u64 segment;
	u32 channels;
	u32 region;
};

/**
 * struct ovg_place - everything one vGPU has for itself
 * @used: the entry is taken
 * @quarantined: the firmware has not let go of it
 * @profile_bytes: nominal size, decides the equal-size rule
 * @fb_offset: first byte of guest framebuffer, a multiple of the segment
 * @fb_size: bytes of it, a multiple of the segment
 * @heap_offset: first byte of the plugin heap, 4 KiB aligned
 * @heap_size: bytes of it, as the type says
 * @chid_offset: first channel id
 * @chid_count: channel ids
 * @id: placement id or %OVG_PLACEMENT_NONE
 * @id_size: placement ids [id, id + id_size) belong to this vGPU
 */
struct ovg_place {
	bool used;
	bool quarantined;
	u64 profile_bytes;
	u64 fb_offset;
	u64 fb_size;
	u64 heap_offset;
	u64 heap_size;
	u32 chid_offset;
	u32 chid_count;
	u16 id;
	u16 id_size;
};

/**
 * struct ovg_pool - the table of a GPU
 * @cfg: as given to ovg_pool_init()
 * @place: one entry a vGPU, in no order
 */
struct ovg_pool {
	struct ovg_pool_config cfg;
	struct ovg_place place[OVG_MAX_VGPUS];
};

/* Why a type does not fit; 0 is "it does". */
enum ovg_fit {
	OVG_FIT_OK,
	OVG_FIT_MIG,		/* needs a MIG GPU instance */
	OVG_FIT_SIZE,		/* another profile size runs here */
	OVG_FIT_INSTANCES,	/* as many as the type allows */
	OVG_FIT_LIMIT,		/* as many as the firmware runs */
	OVG_FIT_SPACE,		/* framebuffer, channels or ids are taken */
	OVG_FIT_BROKEN,		/* the type's own numbers cannot work here */
};

u32 ovg_pool_region(const struct ovg_type *types, u32 count);
int ovg_pool_init(struct ovg_pool *pool, const struct ovg_pool_config *cfg);
u64 ovg_pool_guest_size(const struct ovg_pool *pool,
			const struct ovg_type *type);
enum ovg_fit ovg_pool_fit(const struct ovg_pool *pool,
			  const struct ovg_type *type, struct ovg_place *out);
u32 ovg_pool_available(const struct ovg_pool *pool,
		       const struct ovg_type *type);
enum ovg_fit ovg_pool_take(struct ovg_pool *pool, const struct ovg_type *type,
			   u32 *index);
void ovg_pool_put(struct ovg_pool *pool, u32 index);
void ovg_pool_quarantine(struct ovg_pool *pool, u32 index);
u64 ovg_pool_fb_used(const struct ovg_pool *pool);

#endif
