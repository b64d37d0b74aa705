// SPDX-License-Identifier: GPL-2.0-only
/* Filling framebuffer on request: MEMORY_TRANSFER_WITH_GSP. */
#include "fw.h"

u32 sim_mem_transfer(struct sim_board *b, const u8 *p)
{
	const u8 *dst = p + MEM_DST;
	u64 base = rd64(dst + SURFACE_BASE), size = rd64(dst + SURFACE_SIZE);
	u64 off = rd64(dst + SURFACE_OFFSET), len = rd64(p + MEM_LENGTH);
	u64 usable = b->type->usable;

	if (rd32(p + MEM_OP) != MEM_OP_SET || rd32(dst + SURFACE_APERTURE) != APERTURE_FB || !len ||
	    off > size || len > size - off || base >= usable || off >= usable - base ||
	    len > usable - base - off) {
		sim_count(b, refused_scrub);
		return NV_INVALID_ARGUMENT;
	}
	if (sim_vgpu_owns(b, base + off, len)) {
		sim_count(b, refused_scrub_in_use);
		return NV_STATE_IN_USE;
	}
	if (sim_fb_set(b, base + off, len, (u8)rd32(p + MEM_VALUE)))
		return NV_NO_MEMORY;
	sim_count(b, scrubs);
	return 0;
}
