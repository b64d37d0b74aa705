// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
#include "gi.h"

/*
 * What a profile is called. NVIDIA tells the flags of its types by their numbers
 * (g_vgpu_resman_specific.h); these are all combinations there.
 */
static const struct {
	u8 board;	/* slices of the whole board */
	u8 slices;
	u8 memory;
	u32 memory_flag;
	u32 compute;
	u32 gfx;
} names[] = {
	{ 7, 7, 8, GI_MEMORY_FULL, GI_COMPUTE_FULL, GI_GFX_FULL },
	{ 7, 4, 4, GI_MEMORY_HALF, GI_COMPUTE_HALF, GI_GFX_HALF },
	{ 7, 3, 4, GI_MEMORY_HALF, GI_COMPUTE_MINI_HALF, GI_GFX_MINI_HALF },
	{ 7, 2, 2, GI_MEMORY_QUARTER, GI_COMPUTE_QUARTER, GI_GFX_QUARTER },
	/* graphics has no word for a mini-quarter */
	{ 7, 1, 2, GI_MEMORY_QUARTER, GI_COMPUTE_MINI_QUARTER, 0 },
	{ 7, 1, 1, GI_MEMORY_EIGHTH, GI_COMPUTE_EIGHTH, GI_GFX_EIGHTH },
	{ 4, 4, 8, GI_MEMORY_FULL, GI_COMPUTE_FULL, GI_GFX_FULL },
	{ 4, 2, 4, GI_MEMORY_HALF, GI_COMPUTE_HALF, GI_GFX_HALF },
	{ 4, 1, 2, GI_MEMORY_QUARTER, GI_COMPUTE_QUARTER, GI_GFX_QUARTER },
};

/**
 * gsp_gi_wish() - what to ask the firmware for
 * @profile: of the instance
 * @board_slices: of the whole board, 7 or 4
 * @start: eighth of the framebuffer at which it shall begin
 * @wish: filled in
 *
 * A span is counted in the GPCs that the board can partition, 8 or 4
 * (kmigmgrSwizzIdToSpan_GA100()). Ids count the places of one memory size after those
 * of the larger ones: 0 is the whole board, 1 and 2 its halves, and so on.
 *
 * Return: true, or false if the board has no such instance there.
 */
bool gsp_gi_wish(const struct ovg_gi_profile *profile, u32 board_slices, u32 start,
		 struct gsp_gi_wish *wish)
{
	u32 units = board_slices == 7 ? 8 : 4, memory = profile->memory;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].board == board_slices && names[i].slices == profile->slices &&
		    names[i].memory == memory)
			break;
	if (i == ARRAY_SIZE(names) || start % memory || start > 8 - memory ||
	    profile->attr & ~(OVG_GI_MEDIA | OVG_GI_GFX) ||
	    (profile->attr & OVG_GI_GFX && !names[i].gfx))
		return false;

	wish->flags = names[i].memory_flag << GI_MEMORY | names[i].compute << GI_COMPUTE |
		      1u << GI_AT_SPAN;
	if (profile->attr & OVG_GI_GFX)
		wish->flags |= names[i].gfx << GI_GFX;
	if (profile->attr & OVG_GI_MEDIA)
		wish->flags |= 1u << GI_MEDIA;
	wish->lo = start * units / 8;
	wish->hi = wish->lo + memory * units / 8 - 1;
	wish->id = 8 / memory - 1 + start / memory;
	return true;
}

/* Up to the next segment; between two instances at least one stays free. */
static u64 align(u64 addr, u64 segment)
{
	u64 rest = addr & (segment - 1);

	return addr ? addr - rest + segment : 0;
}

/**
 * gsp_gi_ampere_memory() - where an instance's framebuffer is on Ampere
 * @id: of the instance
 * @fb_base: first byte that can be divided
 * @fb_total: bytes
 * @segment: VMMU segment, a power of two
 * @base: first byte of it
 * @size: bytes of it
 *
 * From Hopper on the firmware says. The rule is that of
 * kmemsysPopulateMIGGPUInstanceMemConfig_KERNEL() and
 * kmemsysSwizzIdToVmmuSegmentsRange_GA100() of NVIDIA's open kernel modules.
 *
 * Return: false if there is no such id or nothing is left for it.
 */
bool gsp_gi_ampere_memory(u32 id, u64 fb_base, u64 fb_total, u64 segment, u64 *base, u64 *size)
{
	u32 parts = id == 0 ? 1 : id < 3 ? 2 : id < 7 ? 4 : 8;
	u64 lo = align(fb_base, segment), hi = fb_base + fb_total, total;

	if (id >= GSP_MAX_GI_ID || hi < segment)
		return false;
	if (!(hi & (segment - 1)))
		hi -= segment;
	if (hi <= lo)
		return false;
	total = div64_u64(hi - lo, segment);
	if (total < 2 * parts)
		return false;
	*base = align(fb_base + fb_total / 8 * (8 / parts) * (id + 1 - parts), segment);
	*size = div_u64(total - (parts - 1), parts) * segment;
	return true;
}
