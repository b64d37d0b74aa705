/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * What differs between firmware branches: sizes and offsets of the structs that
 * the provider reads and writes. One constant table a branch, no code.
 *
 * Source: NVIDIA's open kernel modules at the tag named in each table, compiled
 * on x86-64.
 */
#ifndef OVG_GSP_ABI_H
#define OVG_GSP_ABI_H

#include "../compat/portable.h"

/* NV2080_CTRL_MAX_VMMU_SEGMENTS, all branches. */
#define GSP_MAX_FB_SEGMENTS	384
/* Most entries of any chidOffset[] (NV2080_ENGINE_TYPE_LAST of 570 and 595). */
#define GSP_MAX_ENGINES		84

/**
 * struct gsp_record_layout - NVA081_CTRL_VGPU_INFO of a branch
 * @size: of one record
 * @max: records in PGPU_ADD_VGPU_TYPE_PARAMS
 * @payload: size of PGPU_ADD_VGPU_TYPE_PARAMS
 * @name_len: size of the name field, NUL included
 *
 * The rest are offsets of the fields in a record.
 */
struct gsp_record_layout {
	u32 size;
	u32 max;
	u32 payload;
	u16 type;
	u16 name;
	u16 name_len;
	u16 max_instance;
	u16 num_heads;
	u16 max_x;
	u16 max_y;
	u16 frl;
	u16 ecc;
	u16 gpu_instance_size;
	u16 vdev_id;
	u16 pdev_id;
	u16 profile_size;
	u16 fb_length;
	u16 heap_size;
	u16 fb_reservation;
	u16 bar1_mib;
};

/**
 * struct gsp_bootload_layout - BOOTLOAD_GSP_VGPU_PLUGIN_TASK_PARAMS of a branch
 * @size: of the parameters
 * @engines: entries of chidOffset[]
 * @kernel_log: 0 where the branch has no kernel log
 *
 * The rest are offsets. A log is a u64 offset followed by a u64 size.
 */
struct gsp_bootload_layout {
	u32 size;
	u32 engines;
	u16 chid_offset;
	u16 num_segments;
	u16 segment_addr;
	u16 segment_len;
	u16 heap_addr;
	u16 heap_len;
	u16 ctrl_offset;
	u16 init_log;
	u16 task_log;
	u16 kernel_log;
	u16 profiling;
};

/**
 * struct gsp_boot_inputs - what GSP must have been booted with
 * @wpr_heap_mib: GspFwWprMeta.gspFwHeapSize in MiB, at least. Ada scrubs only
 *	256 MiB of framebuffer by itself: above that the scrubber ucode has to run
 *	before anything else
 * @vf_partitions: GspFwWprMeta.gspFwHeapVfPartitionCount
 * @sriov_mode: registry RMSetSriovMode; turns plugin offload on
 *
 * None of it can be changed while GSP runs. The first two are the booter's; the
 * driver relies on them and cannot read them back. The third it sends itself
 * before the start. GSP_VF_INFO (GSP_SET_SYSTEM_INFO), the fourth such input, is
 * not sent yet.
 */
struct gsp_boot_inputs {
	u32 wpr_heap_mib;
	u32 vf_partitions;
	u32 sriov_mode;
};

/**
 * struct gsp_abi - one firmware branch
 * @branch: first number of the builds it is good for
 * @inputs: what it must have been booted with
 * @max_vgpus: most vGPUs on one GPU without MIG
 * @plugin_channels: channels that the plugin takes for itself
 * @rmargs_size: size of GSP_ARGUMENTS_CACHED
 * @mq_geometry: MESSAGE_QUEUE_INIT_ARGUMENTS also carries element sizes
 * @control_hdr: size of the GSP_RM_CONTROL header
 * @root_params: size of NV0000_ALLOC_PARAMETERS
 * @ecc_size: size of GPU_QUERY_ECC_STATUS_PARAMS
 * @fb_info_size: size of FB_GET_INFO_V2_PARAMS
 * @engines_size: size of GPU_GET_ENGINES_V2_PARAMS
 * @echoes_sequence: known from NVIDIA's own driver to answer with the RPC
 *	sequence number of the request; elsewhere it is found out at run time
 * @rec: vGPU type record
 * @boot: BOOTLOAD parameters
 */
struct gsp_abi {
	u32 branch;
	struct gsp_boot_inputs inputs;
	u32 max_vgpus;
	u32 plugin_channels;
	u32 rmargs_size;
	bool mq_geometry;
	u32 control_hdr;
	u32 root_params;
	u32 ecc_size;
	u32 fb_info_size;
	u32 engines_size;
	bool echoes_sequence;
	struct gsp_record_layout rec;
	struct gsp_bootload_layout boot;
};

extern const struct gsp_abi gsp_abi_r570;
extern const struct gsp_abi gsp_abi_r595;

const struct gsp_abi *gsp_abi_find(const char *build);

#endif
