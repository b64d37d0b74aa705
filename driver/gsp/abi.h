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

#include "../core/type.h"

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
 * @max_per_gi: 0 where the branch has one vGPU to a GPU instance
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
	u16 max_per_gi;
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
 * struct gsp_gi_layout - INTERNAL_MIGMGR_SET_GPU_INSTANCES_PARAMS of a branch
 * @size: of the parameters
 * @entry: offset of the first entry; a u32 count comes before
 * @swizz: offset in an entry, as the rest
 * @span: u64 lo, u64 hi, both inclusive
 */
struct gsp_gi_layout {
	u16 size;
	u16 entry;
	u16 swizz;
	u16 flags;
	u16 valid;
	u16 span;
};

/**
 * struct gsp_plugin_layout - what a vGPU's plugin and the host read in the heap
 * @comm_size: length of all regions at the start of the heap; the rest of it is
 *	the plugin's own
 * @kernel_log: there is a kernel log, as the last of them
 * @control_version: version word of the control page
 * @resp_seq: response page: number of the message that was processed last
 * @resp_result: likewise: its result, an RM status
 * @resp_guest_version: likewise: RPC version of the guest's driver
 * @resp_licence: likewise: licence state of the guest; 0 where its place is not
 *	known
 * @config_size: of message SETUP_CONFIG_PARAMS_AND_INIT
 *
 * The rest are offsets in that message; @cfg_placement is 0 where there is none.
 *
 * Source: NVIDIA's RFC v1 (535) and v2 (570). Nothing is published for 595: it is
 * an assumption that 570's layout holds there.
 */
struct gsp_plugin_layout {
	u32 comm_size;
	bool kernel_log;
	u32 control_version;
	u16 resp_seq;
	u16 resp_result;
	u16 resp_guest_version;
	u16 resp_licence;
	u16 config_size;
	u16 cfg_uuid;
	u16 cfg_dbdf;
	u16 cfg_client;		/* vgpu_device_instance_id */
	u16 cfg_type;
	u16 cfg_pid;
	u16 cfg_swizz;
	u16 cfg_channels;
	u16 cfg_plugin_channels;
	u16 cfg_vmm_cap;
	u16 cfg_migration_feature;
	u16 cfg_hypervisor;
	u16 cfg_cpu_arch;
	u16 cfg_page_size;
	u16 cfg_uvm;
	u16 cfg_interrupt_opt;
	u16 cfg_migration;
	u16 cfg_console_vnc;
	u16 cfg_non_stall_events;
	u16 cfg_placement;
};

/**
 * struct gsp_sysinfo_layout - GspSystemInfo of a branch
 * @size: of the struct
 * @pci_ids: PCIDeviceID, followed by PCISubDeviceID and PCIRevisionID; 0 where
 *	they are not there
 * @page_size: hostPageSize; 0 likewise
 *
 * The rest are offsets. BAR addresses are the first 24 bytes everywhere; the
 * mirror is a u32 base followed by a u32 size.
 */
struct gsp_sysinfo_layout {
	u16 size;
	u16 bdf;
	u16 max_user_va;
	u16 mirror;
	u16 pci_ids;
	u16 vf_info;
	u16 page_size;
};

/**
 * struct gsp_boot_inputs - what GSP must be booted with to run vGPUs
 * @heap_mib: GspFwWprMeta.gspFwHeapSize, in MiB: framebuffer that GSP-RM keeps for
 *	itself. Honoured by the booter (on real hardware the ucode on SEC2), before
 *	GSP runs. Ada scrubs only 256 MiB of framebuffer by itself: above that the
 *	scrubber ucode has to run before anything else, or GSP hangs
 * @heap_max_mib: most that the branch takes for a vGPU host; @heap_mib is the least
 * @vf_partitions: GspFwWprMeta.gspFwHeapVfPartitionCount: plugins that the heap is
 *	laid out for. Honoured by the booter
 * @heap_48_mib: heap of boards that can run 48 vGPUs with MIG (gsp_runs_48()), always
 *	booted so; 0 where the branch has no such boards. As the next one
 * @vf_partitions_48: and the partitions
 * @sriov_mode: registry key RMSetSriovMode, from SET_REGISTRY: turns SR-IOV on in
 *	GSP-RM, and with it plugins. Honoured by GSP-RM while it starts
 *
 * None of it can be changed while GSP runs. Two inputs more are not constants:
 * GSP_VF_INFO, taken from what the PCI core knows of the PF (struct
 * gsp_system_info), and the queue memory (GSP_ARGUMENTS_CACHED, struct gsp_boot).
 *
 * gsp_boot_start() gives all of them in NVIDIA's structures. Who boots real GSP
 * instead of the booter must have used heap and partitions and hand over a GSP that
 * waits for the rest; the driver cannot read them back.
 *
 * Source: gsp_fw_heap.h and gsp_fw_wpr_meta.h of NVIDIA's open kernel modules at
 * the tag of the branch.
 */
struct gsp_boot_inputs {
	u32 heap_mib;
	u32 heap_max_mib;
	u32 vf_partitions;
	u32 heap_48_mib;
	u32 vf_partitions_48;
	u32 sriov_mode;
};

/**
 * struct gsp_abi - one firmware branch
 * @branch: first number of the builds it is good for
 * @inputs: what it must be booted with
 * @rules: placement rules of the branch, &enum ovg_rules
 * @max_vgpus: most vGPUs on one GPU without MIG
 * @max_mig_vgpus: most with it
 * @mixed: it can mix sizes
 * @live_scheduler: the scheduler can be changed while GSP runs
 * @mig_timeslice: vGPUs can share a GPU instance, if the chip can do that
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
 * @gi: MIG GPU instances
 * @sysinfo: GSP_SET_SYSTEM_INFO
 * @plugin: communication with a vGPU's plugin
 */
struct gsp_abi {
	u32 branch;
	struct gsp_boot_inputs inputs;
	u32 rules;
	u32 max_vgpus;
	u32 max_mig_vgpus;
	bool mixed;
	bool live_scheduler;
	bool mig_timeslice;
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
	struct gsp_gi_layout gi;
	struct gsp_sysinfo_layout sysinfo;
	struct gsp_plugin_layout plugin;
};

extern const struct gsp_abi gsp_abi_r535;
extern const struct gsp_abi gsp_abi_r570;
extern const struct gsp_abi gsp_abi_r595;

const struct gsp_abi *gsp_abi_find(const char *build);
bool gsp_runs_48(const struct gsp_abi *abi, u16 device, u16 subsystem);

#endif
