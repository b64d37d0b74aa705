/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Inside of the placement: placement.c, layout.c and gi.c share it, nobody else.
 */
#ifndef OVG_CORE_LAYOUT_H
#define OVG_CORE_LAYOUT_H

#include "placement.h"

#define OVG_HEAP_ALIGN	4096u
/* No board is larger; what says so is broken. */
#define OVG_MAX_GIB	1024u

/*
 * The three ways in which the places of a type lie: side by side from the bottom,
 * heaps behind; at the ends of halves of halves; in proportion to the placement id.
 */
enum ovg_layout {
	OVG_LAYOUT_ROW,
	OVG_LAYOUT_HALVES,
	OVG_LAYOUT_LINEAR,
};

/**
 * struct ovg_area - what the vGPUs of one type share: a GPU or a GPU instance
 * @layout: how they lie in it
 * @base: first byte, at a segment
 * @size: bytes
 * @share: bytes of it for each of @max vGPUs, as the plugin divides
 * @region: size of its placement id space, 0 if it has none
 * @max: most vGPUs of the type in it
 * @gi: id of the GPU instance, %OVG_GI_NONE for the GPU
 */
struct ovg_area {
	enum ovg_layout layout;
	u64 base;
	u64 size;
	u64 share;
	u32 region;
	u32 max;
	u32 gi;
};

static inline u64 ovg_round_down(u64 value, u64 unit)
{
	return value & ~(unit - 1);
}

static inline u64 ovg_round_up(u64 value, u64 unit)
{
	return ovg_round_down(value + unit - 1, unit);
}

static inline bool ovg_is_pow2(u64 value)
{
	return value && !(value & (value - 1));
}

static inline bool ovg_overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

/* 0 if it is no sensible number. */
static inline u32 ovg_profile_gib(const struct ovg_type *type)
{
	u64 gib = div_u64(type->profile_bytes, SZ_1G);

	return gib <= OVG_MAX_GIB ? (u32)gib : 0;
}

bool ovg_mixed_supported(const struct ovg_pool *pool);
bool ovg_gi_shared(const struct ovg_pool *pool);
bool ovg_has_ids(const struct ovg_pool *pool);
bool ovg_area_of(const struct ovg_pool *pool, const struct ovg_type *type,
		 const struct ovg_gi *gi, struct ovg_area *a);
u32 ovg_area_places(const struct ovg_area *a);
bool ovg_place_at(const struct ovg_pool *pool, const struct ovg_type *type,
		  const struct ovg_area *a, u32 j, struct ovg_place *p);
bool ovg_place_clash(const struct ovg_place *a, const struct ovg_place *b);

#endif
