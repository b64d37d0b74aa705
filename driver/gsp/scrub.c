// SPDX-License-Identifier: GPL-2.0-only
/*
 * Framebuffer of one owner must be gone before the next one sees it. GSP-RM has
 * a memory operation for the host: INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP, of
 * the same layout in all branches (ctrl2080internal.h). NVIDIA's RFC uses a copy
 * engine instead, for which the host needs a channel, an address space and a
 * pushbuffer of its own.
 */
#include <linux/types.h>

#include "gsp.h"

#define TRANSFER_SIZE		96
/* Where it goes to: NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO */
#define TRANSFER_DST_ADDR	48
#define TRANSFER_DST_SIZE	56
#define TRANSFER_DST_OFFSET	64	/* stays 0, as the value */
#define TRANSFER_DST_APERTURE	72
#define TRANSFER_DST_CACHE	76
#define TRANSFER_LEN		80
#define TRANSFER_OP		92

#define APERTURE_FB		2	/* ADDR_FBMEM */
#define CACHE_NONE		1	/* NV_MEMORY_UNCACHED */
#define OP_SET			1	/* NV2080_CTRL_MEMMGR_MEMORY_OP_MEMSET */

/**
 * gsp_scrub() - fill framebuffer with zeros
 * @p: provider
 * @addr: first byte
 * @len: bytes
 * @why: cause of an error
 *
 * On the GPU's own client, as NVIDIA's host does. A timeout leaves no doubt that
 * matters: GSP carries out commands in order, so what is under way is done before
 * a BOOTLOAD gives the range to anybody.
 */
int gsp_scrub(struct ovg_provider *p, u64 addr, u64 len, char *why)
{
	u8 params[TRANSFER_SIZE] = { 0 };

	le_put64(params, TRANSFER_DST_ADDR, addr);
	le_put64(params, TRANSFER_DST_SIZE, len);
	le_put32(params, TRANSFER_DST_APERTURE, APERTURE_FB);
	le_put32(params, TRANSFER_DST_CACHE, CACHE_NONE);
	le_put64(params, TRANSFER_LEN, len);
	le_put32(params, TRANSFER_OP, OP_SET);
	return gsp_rm_control(&p->rm, NV2080_INTERNAL_MEMORY_TRANSFER, "MEMORY_TRANSFER", params,
			      sizeof(params), NULL, why);
}
