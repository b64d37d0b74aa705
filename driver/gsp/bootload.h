/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
#ifndef OVG_GSP_BOOTLOAD_H
#define OVG_GSP_BOOTLOAD_H

#include "abi.h"

/* Regions of the plugin heap (RFC v2; the last one exists since 570). */
#define GSP_HEAP_CTRL		0x000000u
#define GSP_HEAP_INIT_LOG	0x204000u
#define GSP_HEAP_INIT_LOG_LEN	0x020000u
#define GSP_HEAP_TASK_LOG	0x224000u
#define GSP_HEAP_TASK_LOG_LEN	0x040000u
#define GSP_HEAP_KERNEL_LOG	0x264000u
#define GSP_HEAP_KERNEL_LOG_LEN	0x010000u
#define GSP_HEAP_COMM		0x274000u	/* end of them; the rest is the plugin's */

#define GSP_SWIZZ_NONE		0xffffffffu	/* MIG is off */

/**
 * struct gsp_bootload - a vGPU as BOOTLOAD wants it
 * @dbdf: domain << 16 | bus << 8 | devfn of the VF
 * @gfid: 1-based VF number
 * @type: vGPU type number
 * @pid: tgid of the process that opened it
 * @fb_addr: first byte of guest framebuffer
 * @fb_len: bytes of guest framebuffer
 * @heap_addr: first byte of the plugin heap
 * @heap_len: bytes of the plugin heap
 * @chid: first channel id, the same for every engine
 * @channels: number of channel ids
 */
struct gsp_bootload {
	u32 dbdf;
	u32 gfid;
	u32 type;
	u32 pid;
	u64 fb_addr;
	u64 fb_len;
	u64 heap_addr;
	u64 heap_len;
	u32 chid;
	u32 channels;
};

const char *gsp_bootload_fill(const struct gsp_abi *abi, const struct gsp_bootload *b,
			      u64 segment, const u32 *engines, u32 num_engines,
			      void *params);

#endif
