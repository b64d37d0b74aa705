/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
#ifndef OVG_GSP_BOOTLOAD_H
#define OVG_GSP_BOOTLOAD_H

#include "abi.h"

/* Regions of the plugin heap (RFC v2; the last one exists since 570). */
#define GSP_HEAP_CTRL		0x000000u
#define GSP_HEAP_RESPONSE	0x001000u
#define GSP_HEAP_MESSAGE	0x002000u
#define GSP_HEAP_MIGRATION	0x003000u
#define GSP_HEAP_ERROR		0x203000u
#define GSP_HEAP_INIT_LOG	0x204000u
#define GSP_HEAP_INIT_LOG_LEN	0x020000u
#define GSP_HEAP_TASK_LOG	0x224000u
#define GSP_HEAP_TASK_LOG_LEN	0x040000u
#define GSP_HEAP_KERNEL_LOG	0x264000u
#define GSP_HEAP_KERNEL_LOG_LEN	0x010000u

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
 * @swizz: id of its GPU instance, %GSP_SWIZZ_NONE without MIG
 * @profiling: its guest may profile
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
	u32 swizz;
	bool profiling;
};

/**
 * struct gsp_config - what the plugin is told besides that
 * @uuid: identity of the vGPU, in the order in which people write it
 * @client: handle of the vGPU's RM client
 * @placement: placement id, 0xffff if there is none
 * @cpu_arch: of the host: 1 is aarch64, 2 is x86-64
 * @page_size: of the host
 * @uvm: the guest may use unified memory
 */
struct gsp_config {
	u8 uuid[16];
	u32 client;
	u16 placement;
	u32 cpu_arch;
	u64 page_size;
	bool uvm;
};

bool gsp_param_on(const char *params, const char *key);
const char *gsp_bootload_fill(const struct gsp_abi *abi, const struct gsp_bootload *b,
			      u64 segment, const u32 *engines, u32 num_engines,
			      void *params);
void gsp_config_fill(const struct gsp_abi *abi, const struct gsp_bootload *b,
		     const struct gsp_config *c, void *msg);

#endif
