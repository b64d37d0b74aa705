/* SPDX-License-Identifier: GPL-2.0-only */
/* RM objects and controls: GSP_RM_ALLOC, GSP_RM_CONTROL, FREE. */
#ifndef OVG_GSP_RM_H
#define OVG_GSP_RM_H

#include "abi.h"
#include "queue.h"
#include "status.h"

/* NV2080 controls */
#define NV2080_GPU_QUERY_ECC_STATUS		0x2080012f
#define NV2080_GPU_GET_ENGINES_V2		0x20800170
#define NV2080_GPU_GET_VMMU_SEGMENT_SIZE	0x2080017e
#define NV2080_INTERNAL_PROMOTE_GI_MEM_RANGE	0x20800a44
#define NV2080_INTERNAL_FIFO_GET_NUM_CHANNELS	0x20800a61
#define NV2080_INTERNAL_GET_GI_PAGE_RANGES	0x20800a66
#define NV2080_INTERNAL_SET_PARTITIONING_MODE	0x20800aa3
#define NV2080_INTERNAL_SET_GPU_INSTANCES	0x20800aa5
#define NV2080_INTERNAL_MEMORY_TRANSFER		0x20800afa
#define NV2080_FIFO_OBJSCHED_GET_STATE		0x20801120
#define NV2080_FIFO_OBJSCHED_SET_STATE		0x20801121
#define NV2080_FB_GET_INFO_V2			0x20801303
#define NV2080_GSP_GET_FEATURES			0x20803601
#define NV2080_VGPU_BOOTLOAD			0x20804001
#define NV2080_VGPU_SHUTDOWN			0x20804002
#define NV2080_VGPU_ADD_TYPE			0x20804003
#define NV2080_VGPU_CLEANUP			0x20804008
#define NV2080_VGPU_SET_HETEROGENEOUS_MODE	0x2080400e
#define NV2080_VGPU_SET_MIG_TIMESLICE_MODE	0x2080400f

/**
 * struct gsp_rm - an RM client with one device and one subdevice
 * @q: how to reach the firmware
 * @abi: its branch
 * @client: handle, 0 if there is none; as the next two
 * @device: handle
 * @subdevice: handle; controls go to it
 */
struct gsp_rm {
	struct gsp_queue *q;
	const struct gsp_abi *abi;
	u32 client;
	u32 device;
	u32 subdevice;
};

int gsp_rm_open(struct gsp_rm *rm, struct gsp_queue *q, const struct gsp_abi *abi, u16 id,
		char *why);
void gsp_rm_close(struct gsp_rm *rm);
int gsp_rm_control(struct gsp_rm *rm, u32 cmd, const char *what, void *params, u32 size,
		   u32 *status, char *why);

/* May a control that failed have had an effect? Both as gsp_rm_control() gives them. */
static inline bool gsp_in_doubt(int err, u32 status)
{
	return err && status == NV_OK && err != -ENODEV && err != -ENOMEM;
}

#endif
