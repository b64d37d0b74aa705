/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * GPU instances of MIG as the firmware numbers them: partition flags, spans, ids,
 * memory. Pure arithmetic.
 */
#ifndef OVG_GSP_GI_H
#define OVG_GSP_GI_H

#include "../core/type.h"

/* NV2080_CTRL_INTERNAL_MAX_SWIZZ_ID: ids are below it. */
#define GSP_MAX_GI_ID		15

/* NV2080_CTRL_GPU_PARTITION_FLAG_*: fields by their lowest bit, and their values */
#define GI_MEMORY		0
#define GI_COMPUTE		2
#define GI_GFX			5
#define GI_MEDIA		30
#define GI_AT_SPAN		31
#define GI_MEMORY_FULL		0u
#define GI_MEMORY_HALF		1u
#define GI_MEMORY_QUARTER	2u
#define GI_MEMORY_EIGHTH	3u
#define GI_COMPUTE_FULL		0u
#define GI_COMPUTE_HALF		1u
#define GI_COMPUTE_MINI_HALF	2u
#define GI_COMPUTE_QUARTER	3u
#define GI_COMPUTE_MINI_QUARTER	4u
#define GI_COMPUTE_EIGHTH	5u
#define GI_GFX_FULL		1u
#define GI_GFX_HALF		2u
#define GI_GFX_MINI_HALF	3u
#define GI_GFX_QUARTER		4u
#define GI_GFX_EIGHTH		5u

/**
 * struct gsp_gi_wish - a GPU instance as SET_GPU_INSTANCES wants it
 * @id: that the firmware will give it
 * @flags: partition flags, with the one that asks for a place
 * @lo: first unit of its span
 * @hi: last one
 */
struct gsp_gi_wish {
	u32 id;
	u32 flags;
	u64 lo;
	u64 hi;
};

bool gsp_gi_wish(const struct ovg_gi_profile *profile, u32 board_slices, u32 start,
		 struct gsp_gi_wish *wish);
bool gsp_gi_ampere_memory(u32 id, u64 fb_base, u64 fb_total, u64 segment, u64 *base, u64 *size);

#endif
