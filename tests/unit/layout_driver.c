// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What each constant of driver/gsp stands for. A constant that is not in here fails the
 * test: say which fact it is, or why there is none.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "driver/gsp/abi.h"
#include "driver/gsp/status.h"
#include "layout.h"

#define BOOTLOAD	"NV2080_CTRL_VGPU_MGR_INTERNAL_BOOTLOAD_GSP_VGPU_PLUGIN_TASK_PARAMS"
#define ADD_TYPE	"NV2080_CTRL_VGPU_MGR_INTERNAL_PGPU_ADD_VGPU_TYPE_PARAMS"
#define RECORD		"NVA081_CTRL_VGPU_INFO"
#define SYSINFO		"GspSystemInfo"
#define COMM		"plugin comm"
#define RESPONSE	"plugin response"
#define CONFIG		"plugin config"
#define CONTROL		"rpc_gsp_rm_control_v03_00"
#define ALLOC		"rpc_gsp_rm_alloc_v03_00"
#define FREE		"NVOS00_PARAMETERS_v03_00"
#define QUEUE		"MESSAGE_QUEUE_INIT_ARGUMENTS"
#define ELEMENT		"GSP_MSG_QUEUE_ELEMENT"
#define RPC		"rpc_message_header_v03_00"
#define LIBOS		"LibosMemoryRegionInitArgument"
#define WPR		"GspFwWprMeta"
#define VF_INFO		"GSP_VF_INFO"
#define ROOT		"NV0000_ALLOC_PARAMETERS"
#define ENGINES		"NV2080_CTRL_GPU_GET_ENGINES_V2_PARAMS"
#define FB_INFO		"NV2080_CTRL_FB_GET_INFO_V2_PARAMS"
#define CHANNELS	"NV2080_CTRL_INTERNAL_FIFO_GET_NUM_CHANNELS_PARAMS"
#define SHUTDOWN	"NV2080_CTRL_VGPU_MGR_INTERNAL_SHUTDOWN_GSP_VGPU_PLUGIN_TASK_PARAMS"
#define CLEANUP		"NV2080_CTRL_VGPU_MGR_INTERNAL_VGPU_PLUGIN_CLEANUP_PARAMS"
#define CTRL		"plugin control"
#define PHYS		"NV_VIRTUAL_FUNCTION_FULL_PHYS_OFFSET"
#define TRANSFER	"NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS"
#define SURFACE		"NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO"
#define NOTIFY		"NVA084_NOTIFIERS_EVENT_"
#define INSTANCES	"NV2080_CTRL_GPU_SET_PARTITIONS_PARAMS"
#define INSTANCE	"NV2080_CTRL_GPU_SET_PARTITION_INFO"
#define SPAN		"NV2080_CTRL_GPU_PARTITION_SPAN"
#define RANGE		"NV2080_CTRL_INTERNAL_NV_RANGE"
#define PROMOTE		"NV2080_CTRL_INTERNAL_KMIGMGR_PROMOTE_GPU_INSTANCE_MEM_RANGE_PARAMS"
#define RANGES		"NV2080_CTRL_INTERNAL_STATIC_KMIGMGR_GET_SWIZZ_ID_FB_MEM_PAGE_RANGES_PARAMS"
#define MIXED		"NV2080_CTRL_VGPU_MGR_INTERNAL_SET_VGPU_HETEROGENEOUS_MODE_PARAMS"
#define TIMESLICE	"NV2080_CTRL_VGPU_MGR_INTERNAL_SET_VGPU_MIG_TIMESLICE_MODE_PARAMS"
#define SET_STATE	"NV2080_CTRL_FIFO_OBJSCHED_SET_STATE_PARAMS"
#define GET_STATE	"NV2080_CTRL_FIFO_OBJSCHED_GET_STATE_PARAMS"
#define FLAG		"NV2080_CTRL_GPU_PARTITION_FLAG_"
#define PVMRL		"NV_REG_STR_RM_PVMRL_"
#define PARTITIONING	"NV2080_CTRL_GPU_SET_PARTITIONING_MODE_REPARTITIONING_"
#define POLICY		"NV2080_CTRL_CMD_VGPU_SCHEDULER_POLICY_"
#define VGPU_MGR	"NV2080_CTRL_CMD_VGPU_MGR_INTERNAL_"

/* Branch tables: abi.h, abi_r*.c */
static const struct use members[] = {
	MEMBER(gsp_abi, branch, OWN, "first number of the build"),
	MEMBER(gsp_abi, inputs.heap_mib, NUMBER, "GSP_FW_HEAP_SIZE_OVERRIDE_LIBOS3_VGPU_MIN_MB"),
	MEMBER(gsp_abi, inputs.heap_max_mib, NUMBER, "GSP_FW_HEAP_SIZE_OVERRIDE_LIBOS3_VGPU_MAX_MB"),
	MEMBER(gsp_abi, inputs.vf_partitions, NUMBER, "partitions without MIG"),
	MEMBER(gsp_abi, inputs.heap_48_mib, NUMBER, "MiB of heap for 48 vGPUs"),
	MEMBER(gsp_abi, inputs.vf_partitions_48, NUMBER, "partitions for 48 vGPUs"),
	MEMBER(gsp_abi, inputs.sriov_mode, OWN, "value of a registry key"),
	MEMBER(gsp_abi, rules, OWN, "enum ovg_rules"),
	MEMBER(gsp_abi, max_vgpus, NUMBER, "vGPUs without MIG"),
	MEMBER(gsp_abi, max_mig_vgpus, OWN, "7 slices, or NVA081_MAX_VGPU_PER_PGPU on 595"),
	MEMBER(gsp_abi, mixed, HAVE, MIXED, "bHeterogeneousMode"),
	MEMBER(gsp_abi, live_scheduler, HAVE, SET_STATE, "schedPolicy"),
	MEMBER(gsp_abi, mig_timeslice, HAVE, TIMESLICE, "bMigTimeslicingModeEnabled"),
	MEMBER(gsp_abi, plugin_channels, OWN, "as the RFC v2"),
	MEMBER(gsp_abi, rmargs_size, SIZE, "GSP_ARGUMENTS_CACHED"),
	MEMBER(gsp_abi, mq_geometry, HAVE, QUEUE, "queueElementHdrSize"),
	MEMBER(gsp_abi, control_hdr, SIZE, "rpc_gsp_rm_control_v03_00"),
	MEMBER(gsp_abi, root_params, SIZE, "NV0000_ALLOC_PARAMETERS"),
	MEMBER(gsp_abi, ecc_size, SIZE, "NV2080_CTRL_GPU_QUERY_ECC_STATUS_PARAMS"),
	MEMBER(gsp_abi, fb_info_size, SIZE, "NV2080_CTRL_FB_GET_INFO_V2_PARAMS"),
	MEMBER(gsp_abi, engines_size, SIZE, "NV2080_CTRL_GPU_GET_ENGINES_V2_PARAMS"),
	MEMBER(gsp_abi, echoes_sequence, OWN, "behaviour"),

	MEMBER(gsp_abi, rec.size, SIZE, RECORD),
	MEMBER(gsp_abi, rec.max, COUNT, ADD_TYPE, "vgpuInfo"),
	MEMBER(gsp_abi, rec.payload, SIZE, ADD_TYPE),
	MEMBER(gsp_abi, rec.type, OFFSET, RECORD, "vgpuType"),
	MEMBER(gsp_abi, rec.name, OFFSET, RECORD, "vgpuName"),
	MEMBER(gsp_abi, rec.name_len, FIELD_SIZE, RECORD, "vgpuName"),
	MEMBER(gsp_abi, rec.max_instance, OFFSET, RECORD, "maxInstance"),
	MEMBER(gsp_abi, rec.num_heads, OFFSET, RECORD, "numHeads"),
	MEMBER(gsp_abi, rec.max_x, OFFSET, RECORD, "maxResolutionX"),
	MEMBER(gsp_abi, rec.max_y, OFFSET, RECORD, "maxResolutionY"),
	MEMBER(gsp_abi, rec.frl, OFFSET, RECORD, "frlConfig"),
	MEMBER(gsp_abi, rec.ecc, OFFSET, RECORD, "eccSupported"),
	MEMBER(gsp_abi, rec.gpu_instance_size, OFFSET, RECORD, "gpuInstanceSize"),
	MEMBER(gsp_abi, rec.max_per_gi, OFFSET, RECORD, "maxInstancePerGI"),
	MEMBER(gsp_abi, rec.vdev_id, OFFSET, RECORD, "vdevId"),
	MEMBER(gsp_abi, rec.pdev_id, OFFSET, RECORD, "pdevId"),
	MEMBER(gsp_abi, rec.profile_size, OFFSET, RECORD, "profileSize"),
	MEMBER(gsp_abi, rec.fb_length, OFFSET, RECORD, "fbLength"),
	MEMBER(gsp_abi, rec.heap_size, OFFSET, RECORD, "gspHeapSize"),
	MEMBER(gsp_abi, rec.fb_reservation, OFFSET, RECORD, "fbReservation"),
	MEMBER(gsp_abi, rec.bar1_mib, OFFSET, RECORD, "bar1Length"),

	MEMBER(gsp_abi, boot.size, SIZE, BOOTLOAD),
	MEMBER(gsp_abi, boot.engines, COUNT, BOOTLOAD, "chidOffset"),
	MEMBER(gsp_abi, boot.chid_offset, OFFSET, BOOTLOAD, "chidOffset"),
	MEMBER(gsp_abi, boot.num_segments, OFFSET, BOOTLOAD, "numGuestFbSegments"),
	MEMBER(gsp_abi, boot.segment_addr, OFFSET, BOOTLOAD, "guestFbPhysAddrList"),
	MEMBER(gsp_abi, boot.segment_len, OFFSET, BOOTLOAD, "guestFbLengthList"),
	MEMBER(gsp_abi, boot.heap_addr, OFFSET, BOOTLOAD, "pluginHeapMemoryPhysAddr"),
	MEMBER(gsp_abi, boot.heap_len, OFFSET, BOOTLOAD, "pluginHeapMemoryLength"),
	MEMBER(gsp_abi, boot.ctrl_offset, OFFSET, BOOTLOAD, "ctrlBuffOffset"),
	MEMBER(gsp_abi, boot.init_log, OFFSET, BOOTLOAD, "initTaskLogBuffOffset"),
	MEMBER(gsp_abi, boot.task_log, OFFSET, BOOTLOAD, "vgpuTaskLogBuffOffset"),
	MEMBER(gsp_abi, boot.kernel_log, OFFSET, BOOTLOAD, "kernelLogBuffOffset"),
	MEMBER(gsp_abi, boot.profiling, OFFSET, BOOTLOAD, "bDeviceProfilingEnabled"),

	MEMBER(gsp_abi, gi.size, SIZE, INSTANCES),
	MEMBER(gsp_abi, gi.entry, OFFSET, INSTANCES, "partitionInfo"),
	MEMBER(gsp_abi, gi.swizz, OFFSET, INSTANCE, "swizzId"),
	MEMBER(gsp_abi, gi.flags, OFFSET, INSTANCE, "partitionFlag"),
	MEMBER(gsp_abi, gi.valid, OFFSET, INSTANCE, "bValid"),
	MEMBER(gsp_abi, gi.span, OFFSET, INSTANCE, "placement"),

	MEMBER(gsp_abi, sysinfo.size, SIZE, SYSINFO),
	MEMBER(gsp_abi, sysinfo.bdf, OFFSET, SYSINFO, "nvDomainBusDeviceFunc"),
	MEMBER(gsp_abi, sysinfo.max_user_va, OFFSET, SYSINFO, "maxUserVa"),
	MEMBER(gsp_abi, sysinfo.mirror, OFFSET, SYSINFO, "pciConfigMirrorBase"),
	MEMBER(gsp_abi, sysinfo.pci_ids, OFFSET, SYSINFO, "PCIDeviceID"),
	MEMBER(gsp_abi, sysinfo.vf_info, OFFSET, SYSINFO, "gspVFInfo"),
	MEMBER(gsp_abi, sysinfo.page_size, OFFSET, SYSINFO, "hostPageSize"),

	MEMBER(gsp_abi, plugin.comm_size, SIZE, COMM),
	MEMBER(gsp_abi, plugin.kernel_log, HAVE, COMM, "kernel_log"),
	MEMBER(gsp_abi, plugin.control_version, NUMBER, "plugin control version"),
	MEMBER(gsp_abi, plugin.resp_seq, OFFSET, RESPONSE, "seq_processed"),
	MEMBER(gsp_abi, plugin.resp_result, OFFSET, RESPONSE, "result"),
	MEMBER(gsp_abi, plugin.resp_guest_version, OFFSET, RESPONSE, "guest_rpc_version"),
	MEMBER(gsp_abi, plugin.resp_licence, OFFSET, RESPONSE, "license_state"),
	MEMBER(gsp_abi, plugin.config_size, SIZE, CONFIG),
	MEMBER(gsp_abi, plugin.cfg_uuid, OFFSET, CONFIG, "uuid"),
	MEMBER(gsp_abi, plugin.cfg_dbdf, OFFSET, CONFIG, "dbdf"),
	MEMBER(gsp_abi, plugin.cfg_client, OFFSET, CONFIG, "vgpu_device_instance_id"),
	MEMBER(gsp_abi, plugin.cfg_type, OFFSET, CONFIG, "vgpu_type"),
	MEMBER(gsp_abi, plugin.cfg_pid, OFFSET, CONFIG, "vm_pid"),
	MEMBER(gsp_abi, plugin.cfg_swizz, OFFSET, CONFIG, "swizz_id"),
	MEMBER(gsp_abi, plugin.cfg_channels, OFFSET, CONFIG, "num_channels"),
	MEMBER(gsp_abi, plugin.cfg_plugin_channels, OFFSET, CONFIG, "num_plugin_channels"),
	MEMBER(gsp_abi, plugin.cfg_vmm_cap, OFFSET, CONFIG, "vmm_cap"),
	MEMBER(gsp_abi, plugin.cfg_migration_feature, OFFSET, CONFIG, "migration_feature"),
	MEMBER(gsp_abi, plugin.cfg_hypervisor, OFFSET, CONFIG, "hypervisor_type"),
	MEMBER(gsp_abi, plugin.cfg_cpu_arch, OFFSET, CONFIG, "host_cpu_arch"),
	MEMBER(gsp_abi, plugin.cfg_page_size, OFFSET, CONFIG, "host_page_size"),
	MEMBER(gsp_abi, plugin.cfg_uvm, OFFSET, CONFIG, "enable_uvm"),
	MEMBER(gsp_abi, plugin.cfg_interrupt_opt, OFFSET, CONFIG, "linux_interrupt_optimization"),
	MEMBER(gsp_abi, plugin.cfg_migration, OFFSET, CONFIG, "vmm_migration_supported"),
	MEMBER(gsp_abi, plugin.cfg_console_vnc, OFFSET, CONFIG, "enable_console_vnc"),
	MEMBER(gsp_abi, plugin.cfg_non_stall_events, OFFSET, CONFIG, "use_non_stall_linux_events"),
	MEMBER(gsp_abi, plugin.cfg_placement, OFFSET, CONFIG, "placement_id"),
};

static const struct table tables[] = {
	{ "driver/gsp/abi.h", "gsp_abi", "" },
	{ "driver/gsp/abi.h", "gsp_boot_inputs", "inputs." },
	{ "driver/gsp/abi.h", "gsp_record_layout", "rec." },
	{ "driver/gsp/abi.h", "gsp_bootload_layout", "boot." },
	{ "driver/gsp/abi.h", "gsp_gi_layout", "gi." },
	{ "driver/gsp/abi.h", "gsp_sysinfo_layout", "sysinfo." },
	{ "driver/gsp/abi.h", "gsp_plugin_layout", "plugin." },
};

static const struct gsp_abi *const abis[BRANCHES] = {
	&gsp_abi_r535, &gsp_abi_r570, &gsp_abi_r595,
};

Test(layout_driver, every_member_of_the_tables_is_a_fact)
{
	layout_check_members(tables, ARRAY_SIZE(tables), members, ARRAY_SIZE(members));
}

Test(layout_driver, branch_tables)
{
	unsigned int b;

	for (b = 0; b < BRANCHES; b++) {
		cr_expect_eq(gsp_abi_find(branch_names[b]), abis[b]);
		layout_check_table(b, abis[b], members, ARRAY_SIZE(members));
	}
}

/* Macros of all files of driver/gsp */
static const struct use macros[] = {
	/* abi.h, bootload.c, bootload.h */
	MACRO(GSP_MAX_FB_SEGMENTS, NUMBER, "NV2080_CTRL_MAX_VMMU_SEGMENTS"),
	MACRO_OF(570, 0, GSP_MAX_ENGINES, NUMBER, "NV2080_ENGINE_TYPE_LAST"),
	MACRO(BL_DBDF, OFFSET, BOOTLOAD, "dbdf"),
	MACRO(BL_GFID, OFFSET, BOOTLOAD, "gfid"),
	MACRO(BL_TYPE, OFFSET, BOOTLOAD, "vgpuType"),
	MACRO(BL_PID, OFFSET, BOOTLOAD, "vmPid"),
	MACRO(BL_SWIZZ, OFFSET, BOOTLOAD, "swizzId"),
	MACRO(BL_CHANNELS, OFFSET, BOOTLOAD, "numChannels"),
	MACRO(BL_PLUGIN_CHANNELS, OFFSET, BOOTLOAD, "numPluginChannels"),
	MACRO(GSP_HEAP_CTRL, OFFSET, COMM, "control"),
	MACRO(GSP_HEAP_INIT_LOG, OFFSET, COMM, "init_log"),
	MACRO(GSP_HEAP_INIT_LOG_LEN, FIELD_SIZE, COMM, "init_log"),
	MACRO(GSP_HEAP_TASK_LOG, OFFSET, COMM, "task_log"),
	MACRO(GSP_HEAP_TASK_LOG_LEN, FIELD_SIZE, COMM, "task_log"),
	MACRO_OF(570, 0, GSP_HEAP_KERNEL_LOG, OFFSET, COMM, "kernel_log"),
	MACRO_OF(570, 0, GSP_HEAP_KERNEL_LOG_LEN, FIELD_SIZE, COMM, "kernel_log"),
	MACRO(GSP_HEAP_RESPONSE, OFFSET, COMM, "response"),
	MACRO(GSP_HEAP_MESSAGE, OFFSET, COMM, "message"),
	MACRO(GSP_HEAP_MIGRATION, OFFSET, COMM, "migration"),
	MACRO(GSP_HEAP_ERROR, OFFSET, COMM, "error"),
	MACRO(CONFIG_HYPERVISOR, OWN, "as captured by the RFC v1"),
	MACRO(GSP_SWIZZ_NONE, NUMBER, "plugin swizz none"),

	/* boot.h */
	MACRO(GSP_BUILD_LEN, OWN, "stand-in"),
	MACRO(GSP_ARCH_TURING, NUMBER, "NV_PMC_BOOT_0_ARCHITECTURE_TU100"),
	MACRO(GSP_ARCH_AMPERE, NUMBER, "NV_PMC_BOOT_0_ARCHITECTURE_GA100"),
	MACRO(GSP_ARCH_HOPPER, NUMBER, "NV_PMC_BOOT_0_ARCHITECTURE_GH100"),
	MACRO(GSP_ARCH_ADA, NUMBER, "NV_PMC_BOOT_0_ARCHITECTURE_AD100"),
	MACRO_OF(570, 0, GSP_ARCH_BLACKWELL_1, NUMBER, "NV_PMC_BOOT_0_ARCHITECTURE_GB100"),
	MACRO_OF(570, 0, GSP_ARCH_BLACKWELL_2, NUMBER, "NV_PMC_BOOT_0_ARCHITECTURE_GB200"),
	MACRO(GSP_VF_BARS, OWN, "BARs in GSP_VF_INFO"),

	/* boot.c: the simulated hand-over */
	MACRO(HO_VSEC_ID, OWN, "stand-in"),
	MACRO(HO_VSEC_REV, OWN, "stand-in"),
	MACRO(HO_VSEC_LEN, OWN, "stand-in"),
	MACRO(HO_SIGNATURE, OWN, "stand-in"),
	MACRO(HO_SIGNATURE_VALUE, OWN, "stand-in"),
	MACRO(HO_FLAGS, OWN, "stand-in"),
	MACRO(HO_FLAG_WAITING, OWN, "stand-in"),
	MACRO(HO_FLAG_VGPU, OWN, "stand-in"),
	MACRO(HO_BUILD, OWN, "stand-in"),

	/* boot.c: boot arguments */
	MACRO(LIBOS_ID, OFFSET, LIBOS, "id8"),
	MACRO(LIBOS_PA, OFFSET, LIBOS, "pa"),
	MACRO(LIBOS_SIZE, OFFSET, LIBOS, "size"),
	MACRO(LIBOS_KIND, OFFSET, LIBOS, "kind"),
	MACRO(LIBOS_LOC, OFFSET, LIBOS, "loc"),
	MACRO(LIBOS_KIND_CONTIGUOUS, NUMBER, "LIBOS_MEMORY_REGION_CONTIGUOUS"),
	MACRO(LIBOS_LOC_SYSMEM, NUMBER, "LIBOS_MEMORY_REGION_LOC_SYSMEM"),
	MACRO(LIBOS_ID_RMARGS, OWN, "ASCII, as published by nouveau"),
	MACRO(MQ_SHM, OFFSET, QUEUE, "sharedMemPhysAddr"),
	MACRO(MQ_PTES, OFFSET, QUEUE, "pageTableEntryCount"),
	MACRO(MQ_CMD, OFFSET, QUEUE, "cmdQueueOffset"),
	MACRO(MQ_STAT, OFFSET, QUEUE, "statQueueOffset"),
	MACRO_OF(595, 0, MQ_ELEM_HDR, OFFSET, QUEUE, "queueElementHdrSize"),
	MACRO_OF(595, 0, MQ_ELEM_MIN, OFFSET, QUEUE, "queueElementSizeMin"),
	MACRO_OF(595, 0, MQ_ELEM_MAX, OFFSET, QUEUE, "queueElementSizeMax"),
	MACRO_OF(595, 0, MQ_HDR_ALIGN, OFFSET, QUEUE, "queueHeaderAlign"),
	MACRO_OF(595, 0, MQ_ELEM_ALIGN, OFFSET, QUEUE, "queueElementAlign"),
	MACRO(WPR_MAGIC, OFFSET, WPR, "magic"),
	MACRO(WPR_MAGIC_VALUE, NUMBER, "GSP_FW_WPR_META_MAGIC"),
	MACRO(WPR_REVISION, OFFSET, WPR, "revision"),
	MACRO(WPR_REVISION_VALUE, NUMBER, "GSP_FW_WPR_META_REVISION"),
	MACRO(WPR_HEAP_SIZE, OFFSET, WPR, "gspFwHeapSize"),
	MACRO(WPR_VF_PARTITIONS, OFFSET, WPR, "gspFwHeapVfPartitionCount"),
	MACRO(SI_BAR0, OFFSET, SYSINFO, "gpuPhysAddr"),
	MACRO(SI_BAR1, OFFSET, SYSINFO, "gpuPhysFbAddr"),
	MACRO(SI_BAR3, OFFSET, SYSINFO, "gpuPhysInstAddr"),
	MACRO(VFI_TOTAL, OFFSET, VF_INFO, "totalVFs"),
	MACRO(VFI_OFFSET, OFFSET, VF_INFO, "firstVFOffset"),
	MACRO(VFI_BAR, OFFSET, VF_INFO, "FirstVFBar0Address"),
	MACRO(VFI_64BIT, OFFSET, VF_INFO, "b64bitBar0"),
	MACRO(MIRROR_TURING, NUMBER, "NV_PCFG"),
	MACRO(MIRROR_HOPPER, NUMBER, "NV_EP_PCFGM"),
	MACRO(MIRROR_SIZE, NUMBER, "size of NV_PCFG"),
	MACRO(REG_SIZE, OFFSET, "PACKED_REGISTRY_TABLE", "size"),
	MACRO(REG_COUNT, OFFSET, "PACKED_REGISTRY_TABLE", "numEntries"),
	MACRO(REG_ENTRY, SIZE, "PACKED_REGISTRY_TABLE"),
	MACRO(REG_NAME_OFF, OFFSET, "PACKED_REGISTRY_ENTRY", "nameOffset"),
	MACRO(REG_TYPE, OFFSET, "PACKED_REGISTRY_ENTRY", "type"),
	MACRO(REG_TYPE_DWORD, NUMBER, "REGISTRY_TABLE_ENTRY_TYPE_DWORD"),
	MACRO(REG_DATA, OFFSET, "PACKED_REGISTRY_ENTRY", "data"),
	MACRO(REG_LENGTH, OFFSET, "PACKED_REGISTRY_ENTRY", "length"),
	MACRO(REG_ENTRY_LEN, SIZE, "PACKED_REGISTRY_ENTRY"),
	MACRO(REG_MAX, OWN, "room"),
	MACRO(REG_NAME_MAX, OWN, "room"),
	MACRO_OF(595, 0, PVMRL_ENABLE, NUMBER, PVMRL "ENABLE"),
	MACRO_OF(595, 0, PVMRL_POLICY, NUMBER, PVMRL "SCHED_POLICY"),
	MACRO_OF(595, 0, PVMRL_EQUAL_SHARE, NUMBER, PVMRL "SCHED_POLICY_VGPU_EQUAL_SHARE"),
	MACRO_OF(595, 0, PVMRL_FIXED_SHARE, NUMBER, PVMRL "SCHED_POLICY_VGPU_FIXED_SHARE"),
	MACRO_OF(595, 0, PVMRL_TIMESLICE, NUMBER, PVMRL "TIMESLICE"),
	MACRO(MAILBOX_STOPPED, OWN, "bit 31, as nova-core waits for it"),

	/* catalog.c: docs/catalogue.md */
	MACRO(CAT_IDENT, OWN, "container"),
	MACRO(CAT_CRC, OWN, "container"),
	MACRO(CAT_PAD, OWN, "container"),
	MACRO(CAT_CRC_START, OWN, "container"),
	MACRO(CAT_MAJOR, OWN, "container"),
	MACRO(CAT_MINOR, OWN, "container"),
	MACRO(CAT_BUILD, OWN, "container"),
	MACRO(CAT_BUILD_LEN, OWN, "container"),
	MACRO(CAT_NUM_BLOBS, OWN, "container"),
	MACRO(CAT_HDR, OWN, "container"),
	MACRO(BLOB_TYPE, OWN, "container"),
	MACRO(BLOB_SIZE, OWN, "container"),
	MACRO(BLOB_BARE, OWN, "container"),
	MACRO(BLOB_DEVICE, OWN, "container"),
	MACRO(BLOB_INFO_OFFSET, OWN, "container"),
	MACRO(BLOB_INFO_SIZE, OWN, "container"),
	MACRO(BLOB_STRUCT_SIZE, OWN, "container"),
	MACRO(BLOB_STRUCTS, OWN, "container"),
	MACRO(BLOB_CMD, OWN, "container"),
	MACRO(BLOB_PAYLOAD, OWN, "container"),
	MACRO(BLOB_HDR, OWN, "container"),
	MACRO(BLOB_TYPE_VGPU, OWN, "container"),
	MACRO(KS_TYPE, OWN, "container"),
	MACRO(KS_NAME, OWN, "container"),
	MACRO(KS_NAME_LEN, OWN, "container"),
	MACRO(KS_VDEV, OWN, "container"),
	MACRO(KS_PDEV, OWN, "container"),
	MACRO(KS_FB, OWN, "container"),
	MACRO(KS_HEAP, OWN, "container"),
	MACRO(KS_BAR1, OWN, "container"),
	MACRO(KS_MAX_INSTANCE, OWN, "container"),
	MACRO(KS_ECC, OWN, "container"),
	MACRO(KS_FB_RESERVATION, OWN, "container"),
	MACRO(KS_SIZE, OWN, "container"),
	MACRO(ADD_TYPE_CMD, NUMBER, VGPU_MGR "PGPU_ADD_VGPU_TYPE"),
	MACRO(ADD_TYPE_COUNT, OFFSET, ADD_TYPE, "vgpuInfoCount"),
	MACRO(ADD_TYPE_RECORDS, OFFSET, ADD_TYPE, "vgpuInfo"),

	/* gi.h, mig.c */
	MACRO(GSP_MAX_GI_ID, NUMBER, "NV2080_CTRL_INTERNAL_MAX_SWIZZ_ID"),
	MACRO(GI_MEMORY, NUMBER, FLAG "MEMORY_SIZE"),
	MACRO(GI_COMPUTE, NUMBER, FLAG "COMPUTE_SIZE"),
	MACRO_OF(570, 0, GI_GFX, NUMBER, FLAG "GFX_SIZE"),
	MACRO(GI_MEDIA, NUMBER, FLAG "REQ_DEC_JPG_OFA"),
	MACRO(GI_AT_SPAN, NUMBER, FLAG "PLACE_AT_SPAN"),
	MACRO(GI_MEMORY_FULL, NUMBER, FLAG "MEMORY_SIZE_FULL"),
	MACRO(GI_MEMORY_HALF, NUMBER, FLAG "MEMORY_SIZE_HALF"),
	MACRO(GI_MEMORY_QUARTER, NUMBER, FLAG "MEMORY_SIZE_QUARTER"),
	MACRO(GI_MEMORY_EIGHTH, NUMBER, FLAG "MEMORY_SIZE_EIGHTH"),
	MACRO(GI_COMPUTE_FULL, NUMBER, FLAG "COMPUTE_SIZE_FULL"),
	MACRO(GI_COMPUTE_HALF, NUMBER, FLAG "COMPUTE_SIZE_HALF"),
	MACRO(GI_COMPUTE_MINI_HALF, NUMBER, FLAG "COMPUTE_SIZE_MINI_HALF"),
	MACRO(GI_COMPUTE_QUARTER, NUMBER, FLAG "COMPUTE_SIZE_QUARTER"),
	MACRO(GI_COMPUTE_MINI_QUARTER, NUMBER, FLAG "COMPUTE_SIZE_MINI_QUARTER"),
	MACRO(GI_COMPUTE_EIGHTH, NUMBER, FLAG "COMPUTE_SIZE_EIGHTH"),
	MACRO_OF(570, 0, GI_GFX_FULL, NUMBER, FLAG "GFX_SIZE_FULL"),
	MACRO_OF(570, 0, GI_GFX_HALF, NUMBER, FLAG "GFX_SIZE_HALF"),
	MACRO_OF(570, 0, GI_GFX_MINI_HALF, NUMBER, FLAG "GFX_SIZE_MINI_HALF"),
	MACRO_OF(570, 0, GI_GFX_QUARTER, NUMBER, FLAG "GFX_SIZE_QUARTER"),
	MACRO_OF(570, 0, GI_GFX_EIGHTH, NUMBER, FLAG "GFX_SIZE_EIGHTH"),
	MACRO(GI_COUNT, OFFSET, INSTANCES, "partitionCount"),
	MACRO(GI_SPAN_HI, OFFSET, SPAN, "hi"),
	MACRO(PROMOTE_SIZE, SIZE, PROMOTE),
	MACRO(PROMOTE_ID, OFFSET, PROMOTE, "swizzId"),
	MACRO(PROMOTE_LO, INNER, PROMOTE, "memAddrRange", RANGE, "lo"),
	MACRO(PROMOTE_HI, INNER, PROMOTE, "memAddrRange", RANGE, "hi"),
	MACRO(RANGES_SIZE, SIZE, RANGES),
	MACRO(RANGES_ENTRY, SIZE, RANGE),
	MACRO(RANGES_HI, OFFSET, RANGE, "hi"),

	/* settings.c */
	MACRO(PARTITIONING_LEGACY, NUMBER, PARTITIONING "LEGACY"),
	MACRO(PARTITIONING_FAST_RECONFIG, NUMBER, PARTITIONING "FAST_RECONFIG"),
	MACRO(PARTITIONING_SIZE, SIZE, "NV2080_CTRL_GPU_SET_PARTITIONING_MODE_PARAMS"),
	MACRO_OF(570, 0, MIXED_SIZE, SIZE, MIXED),
	MACRO_OF(595, 0, TIMESLICE_SIZE, SIZE, TIMESLICE),
	MACRO_OF(570, 0, SET_STATE_SIZE, SIZE, SET_STATE),
	MACRO_OF(570, 0, SET_STATE_ENGINE, OFFSET, SET_STATE, "engineId"),
	MACRO_OF(570, 0, SET_STATE_POLICY, OFFSET, SET_STATE, "schedPolicy"),
	MACRO_OF(570, 0, SET_STATE_TIMESLICE, OFFSET, SET_STATE, "timesliceTargetNs"),
	MACRO_OF(570, 0, GET_STATE_SIZE, SIZE, GET_STATE),
	MACRO_OF(570, 0, GET_STATE_ENGINE, OFFSET, GET_STATE, "engineId"),
	MACRO_OF(570, 0, GET_STATE_POLICY, OFFSET, GET_STATE, "schedPolicy"),
	MACRO_OF(570, 0, GET_STATE_TIMESLICE, OFFSET, GET_STATE, "targetTimesliceNs"),
	MACRO(ENGINE_GR0, NUMBER, "NV2080_ENGINE_TYPE_GRAPHICS"),
	MACRO_OF(570, 0, POLICY_BEST_EFFORT, NUMBER, POLICY "BEST_EFFORT"),
	MACRO_OF(570, 0, POLICY_EQUAL_SHARE, NUMBER, POLICY "EQUAL_SHARE"),
	MACRO_OF(570, 0, POLICY_FIXED_SHARE, NUMBER, POLICY "FIXED_SHARE"),

	/* events.c */
	MACRO(PLUGIN_BOOTLOADED, NUMBER, NOTIFY "VGPU_PLUGIN_TASK_BOOTLOADED"),
	MACRO(PLUGIN_UNLOADED, NUMBER, NOTIFY "VGPU_PLUGIN_TASK_UNLOADED"),
	MACRO(PLUGIN_CRASHED, NUMBER, NOTIFY "VGPU_PLUGIN_TASK_CRASHED"),
	MACRO(PLUGIN_GUEST_LOADED, NUMBER, NOTIFY "GUEST_DRIVER_LOADED"),
	MACRO(PLUGIN_GUEST_UNLOADED, NUMBER, NOTIFY "GUEST_DRIVER_UNLOADED"),
	MACRO(PLUGIN_PRINT_ERROR, NUMBER, NOTIFY "PRINT_ERROR_MESSAGE"),
	MACRO(PLUGIN_LICENCE, NUMBER, NOTIFY "GUEST_LICENSE_STATE_CHANGED"),
	MACRO_OF(570, 0, PLUGIN_OS, NUMBER, NOTIFY "UPDATE_GUEST_OS_TYPE"),
	MACRO(SAMPLES_COUNT, OFFSET, "gpuacct params", "count"),
	MACRO(SAMPLES_HDR, OFFSET, "gpuacct params", "samples"),
	MACRO(SAMPLES_MAX, NUMBER, "gpuacct samples"),
	MACRO(SAMPLE_SIZE, SIZE, "gpuacct sample"),
	MACRO(SAMPLE_TIME, OFFSET, "gpuacct sample", "timeStamp"),
	MACRO(SAMPLE_FB, OFFSET, "gpuacct sample", "fb"),
	MACRO(SAMPLE_GR, OFFSET, "gpuacct sample", "gr"),
	MACRO(SAMPLE_NVENC, OFFSET, "gpuacct sample", "nvenc"),
	MACRO(SAMPLE_NVDEC, OFFSET, "gpuacct sample", "nvdec"),
	MACRO(ENGINE_UTIL, OFFSET, "gpuacct engine", "util"),
	MACRO(ENGINE_PROCESS, OFFSET, "gpuacct engine", "procId"),
	MACRO(UTIL_MAX, OWN, "hundredths of a percent"),

	/* plugin.c, instance.h */
	MACRO(NV_PF_DOORBELL, SUM, PHYS, "NV_VIRTUAL_FUNCTION_PRIV_DOORBELL"),
	MACRO(CTRL_VERSION, OFFSET, CTRL, "version"),
	MACRO(CTRL_MSG_TYPE, OFFSET, CTRL, "message_type"),
	MACRO(CTRL_MSG_SEQ, OFFSET, CTRL, "message_seq_num"),
	MACRO(CTRL_RESPONSE, OFFSET, CTRL, "response_off"),
	MACRO(CTRL_MESSAGE, OFFSET, CTRL, "message_off"),
	MACRO(CTRL_MIGRATION, OFFSET, CTRL, "migration_off"),
	MACRO(CTRL_ERROR, OFFSET, CTRL, "error_off"),
	MACRO(START_MARKER, NUMBER, "plugin start marker"),
	MACRO(MSG_VERSION_NEGOTIATION, NUMBER, "plugin MSG VERSION_NEGOTIATION"),
	MACRO(MSG_SETUP_CONFIG, NUMBER, "plugin MSG SETUP_CONFIG_PARAMS_AND_INIT"),
	MACRO(MSG_RESET, NUMBER, "plugin MSG RESET"),
	MACRO(MSG_UPDATE_BME_STATE, NUMBER, "plugin MSG UPDATE_BME_STATE"),
	MACRO(NEGOTIATION_SIZE, SIZE, "plugin version"),
	MACRO(CONFIG_MAX, OWN, "room"),
	MACRO(BME_SIZE, SIZE, "plugin bme"),
	MACRO(QUICK_LOOKS, OWN, "policy"),
	MACRO(GSP_NEWS, OWN, "room"),

	/* scrub.c */
	MACRO(TRANSFER_SIZE, SIZE, TRANSFER),
	MACRO(TRANSFER_DST_ADDR, INNER, TRANSFER, "dst", SURFACE, "baseAddr"),
	MACRO(TRANSFER_DST_SIZE, INNER, TRANSFER, "dst", SURFACE, "size"),
	MACRO(TRANSFER_DST_OFFSET, INNER, TRANSFER, "dst", SURFACE, "offset"),
	MACRO(TRANSFER_DST_APERTURE, INNER, TRANSFER, "dst", SURFACE, "aperture"),
	MACRO(TRANSFER_DST_CACHE, INNER, TRANSFER, "dst", SURFACE, "cpuCacheAttrib"),
	MACRO(TRANSFER_LEN, OFFSET, TRANSFER, "transferSize"),
	MACRO(TRANSFER_OP, OFFSET, TRANSFER, "memop"),
	MACRO(APERTURE_FB, NUMBER, "ADDR_FBMEM"),
	MACRO(CACHE_NONE, NUMBER, "NV_MEMORY_UNCACHED"),
	MACRO(OP_SET, NUMBER, "NV2080_CTRL_MEMMGR_MEMORY_OP_MEMSET"),

	/* trace.h, types.c, vgpu.c */
	MACRO(TRACE_SYSTEM, OWN, "tracepoints"),
	MACRO(TRACE_INCLUDE_PATH, OWN, "tracepoints"),
	MACRO(TRACE_INCLUDE_FILE, OWN, "tracepoints"),
	MACRO(ADD_DISCARD, OFFSET, ADD_TYPE, "discardVgpuTypes"),
	MACRO(ADD_HEADER, OFFSET, ADD_TYPE, "vgpuInfoCount"),
	MACRO(CPU_ARCH, OWN, "1 aarch64, 2 x86-64"),

	/* msgq.h */
	MACRO(GSP_PAGE, OWN, "size of a page"),
	MACRO(GSP_Q_PAGES, OWN, "as NVIDIA's driver has it"),
	MACRO(GSP_Q_SIZE, OWN, "as NVIDIA's driver has it"),
	MACRO(GSP_Q_ELEMS, OWN, "as NVIDIA's driver has it"),
	MACRO(GSP_Q_CMD, OWN, "as NVIDIA's driver has it"),
	MACRO(GSP_Q_STAT, OWN, "as NVIDIA's driver has it"),
	MACRO(GSP_SHM_PAGES, OWN, "as NVIDIA's driver has it"),
	MACRO(GSP_TX_VERSION, OFFSET, "msgqTxHeader", "version"),
	MACRO(GSP_TX_SIZE, OFFSET, "msgqTxHeader", "size"),
	MACRO(GSP_TX_MSGSIZE, OFFSET, "msgqTxHeader", "msgSize"),
	MACRO(GSP_TX_MSGCOUNT, OFFSET, "msgqTxHeader", "msgCount"),
	MACRO(GSP_TX_WRITEPTR, OFFSET, "msgqTxHeader", "writePtr"),
	MACRO(GSP_TX_FLAGS, OFFSET, "msgqTxHeader", "flags"),
	MACRO(GSP_TX_RXHDROFF, OFFSET, "msgqTxHeader", "rxHdrOff"),
	MACRO(GSP_TX_ENTRYOFF, OFFSET, "msgqTxHeader", "entryOff"),
	MACRO(GSP_TX_HDR_SIZE, SIZE, "msgqTxHeader"),
	MACRO(GSP_TX_FLAG_SWAP_RX, OWN, "flag of a queue"),
	MACRO(GSP_ELEM_CSUM, OFFSET, ELEMENT, "checkSum"),
	MACRO(GSP_ELEM_SEQ, OFFSET, ELEMENT, "seqNum"),
	MACRO(GSP_ELEM_COUNT, OFFSET, ELEMENT, "elemCount"),
	MACRO(GSP_ELEM_HDR, OFFSET, ELEMENT, "rpc"),
	MACRO(GSP_ELEM_MAX_PAGES, NUMBER, "pages of a message"),
	MACRO(GSP_ELEM_MAX, NUMBER, "bytes of a message"),
	MACRO(GSP_RPC_VERSION, OFFSET, RPC, "header_version"),
	MACRO(GSP_RPC_SIGNATURE, OFFSET, RPC, "signature"),
	MACRO(GSP_RPC_LENGTH, OFFSET, RPC, "length"),
	MACRO(GSP_RPC_FUNCTION, OFFSET, RPC, "function"),
	MACRO(GSP_RPC_RESULT, OFFSET, RPC, "rpc_result"),
	MACRO(GSP_RPC_PRIVATE, OFFSET, RPC, "rpc_result_private"),
	MACRO(GSP_RPC_SEQUENCE, OFFSET, RPC, "sequence"),
	MACRO(GSP_RPC_HDR, SIZE, RPC),
	MACRO(GSP_RPC_VERSION_3, NUMBER, "RPC header version"),
	MACRO(GSP_RPC_SIG_VRPC, NUMBER, "NV_VGPU_MSG_SIGNATURE_VALID"),
	MACRO(GSP_PAYLOAD, SIZE, ELEMENT),
	MACRO(GSP_RECORD_MAX, NUMBER, "payload of a message"),

	/* provider.c, gsp.h */
	MACRO_OF(570, 0, NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK, SUM, PHYS,
		 "NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK"),
	MACRO_OF(570, 0, NV_VF_PRIV_BAR1_BLOCK_MODE_VIRTUAL, BIT_OF,
		 "NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK_MODE"),
	MACRO_OF(570, 0, NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR, SUM, PHYS,
		 "NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR"),
	MACRO_OF(570, 0, NV_VF_PRIV_FUNC_BAR1_BLOCK_MODE_VIRTUAL, BIT_OF,
		 "NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR_MODE"),
	MACRO(FB_INFO_HEAP_START, NUMBER, "NV2080_CTRL_FB_INFO_INDEX_HEAP_START"),
	MACRO(FB_INFO_USABLE_RAM, NUMBER, "NV2080_CTRL_FB_INFO_INDEX_USABLE_RAM_SIZE"),
	MACRO(GET_FEATURES_SIZE, SIZE, "NV2080_CTRL_GSP_GET_FEATURES_PARAMS"),
	MACRO(GET_FEATURES_BUILD, OFFSET, "NV2080_CTRL_GSP_GET_FEATURES_PARAMS",
	      "firmwareVersion"),
	MACRO(GET_FEATURES_BUILD_LEN, FIELD_SIZE, "NV2080_CTRL_GSP_GET_FEATURES_PARAMS",
	      "firmwareVersion"),
	MACRO(GSP_MAX_GFID, OWN, "VFs that the driver has room for"),

	/* queue.c, queue.h */
	MACRO(NV_PMC_BOOT_0, NUMBER, "NV_PMC_BOOT_0"),
	MACRO(NV_PGSP_FALCON_MAILBOX0, NUMBER, "NV_PGSP_FALCON_MAILBOX0"),
	MACRO(NV_PGSP_FALCON_MAILBOX1, NUMBER, "NV_PGSP_FALCON_MAILBOX1"),
	MACRO(NV_PGSP_FALCON_CPUCTL, SUM, "NV_PGSP", "NV_PFALCON_FALCON_CPUCTL"),
	MACRO(NV_PGSP_CPUCTL_HALTED, NUMBER, "CPUCTL HALTED"),
	MACRO(NV_PGSP_CPUCTL_STARTCPU, NUMBER, "CPUCTL STARTCPU"),
	MACRO(NV_PGSP_QUEUE_HEAD, NUMBER, "NV_PGSP_QUEUE_HEAD(0)"),
	MACRO(NV_PSEC2_FALCON_MAILBOX0, SUM, "NV_PSEC", "NV_PFALCON_FALCON_MAILBOX0"),
	MACRO(NV_PSEC2_FALCON_MAILBOX1, SUM, "NV_PSEC", "NV_PFALCON_FALCON_MAILBOX1"),
	MACRO(GSP_HISTORY, OWN, "room"),
	MACRO(GSP_FN_FREE, NUMBER, "RPC FREE"),
	MACRO(GSP_FN_UNLOADING_GUEST_DRIVER, NUMBER, "RPC UNLOADING_GUEST_DRIVER"),
	MACRO(GSP_FN_CONTINUATION_RECORD, NUMBER, "RPC CONTINUATION_RECORD"),
	MACRO(GSP_FN_SET_SYSTEM_INFO, NUMBER, "RPC GSP_SET_SYSTEM_INFO"),
	MACRO(GSP_FN_SET_REGISTRY, NUMBER, "RPC SET_REGISTRY"),
	MACRO(GSP_FN_RM_CONTROL, NUMBER, "RPC GSP_RM_CONTROL"),
	MACRO(GSP_FN_RM_ALLOC, NUMBER, "RPC GSP_RM_ALLOC"),
	MACRO(GSP_EV_FIRST, NUMBER, "EVENT FIRST_EVENT"),
	MACRO(GSP_EV_INIT_DONE, NUMBER, "EVENT GSP_INIT_DONE"),
	MACRO(GSP_EV_RUN_CPU_SEQUENCER, NUMBER, "EVENT GSP_RUN_CPU_SEQUENCER"),
	MACRO(GSP_EV_POST_EVENT, NUMBER, "EVENT POST_EVENT"),
	MACRO(GSP_EV_GPUACCT_SAMPLES, NUMBER, "EVENT GPUACCT_PERFMON_UTIL_SAMPLES"),
	MACRO(GSP_EV_LIBOS_PRINT, NUMBER, "EVENT UCODE_LIBOS_PRINT"),
	MACRO(GSP_EV_PLUGIN_TRIGGERED, NUMBER, "EVENT VGPU_GSP_PLUGIN_TRIGGERED"),
	MACRO(GSP_EV_VGPU_CONFIG, NUMBER, "EVENT VGPU_CONFIG"),
	/* 0x101d on 535, where it is as little of interest */
	MACRO_OF(570, 0, GSP_EV_LOCKDOWN, NUMBER, "EVENT GSP_LOCKDOWN_NOTICE"),
	MACRO_OF(570, 0, GSP_EV_NOCAT, NUMBER, "EVENT GSP_POST_NOCAT_RECORD"),
	MACRO(GSP_SPACE_MS, OWN, "time"),
	MACRO(MAX_ABANDONED, OWN, "policy"),
	MACRO(MAX_TIMEOUTS, OWN, "policy"),
	MACRO(CMD_PAGE, OWN, "as NVIDIA's driver has it"),
	MACRO(STAT_PAGE, OWN, "as NVIDIA's driver has it"),

	/* rm.c, rm.h, status.h */
	MACRO(NV01_ROOT, NUMBER, "NV01_ROOT"),
	MACRO(NV01_DEVICE_0, NUMBER, "NV01_DEVICE_0"),
	MACRO(NV20_SUBDEVICE_0, NUMBER, "NV20_SUBDEVICE_0"),
	MACRO(HANDLE_CLIENT, OWN, "handles are ours to choose; as nouveau"),
	MACRO(HANDLE_DEVICE, OWN, "handles are ours to choose; as nouveau"),
	MACRO(HANDLE_SUBDEVICE, OWN, "handles are ours to choose; as nouveau"),
	MACRO(ALLOC_CLIENT, OFFSET, ALLOC, "hClient"),
	MACRO(ALLOC_PARENT, OFFSET, ALLOC, "hParent"),
	MACRO(ALLOC_OBJECT, OFFSET, ALLOC, "hObject"),
	MACRO(ALLOC_CLASS, OFFSET, ALLOC, "hClass"),
	MACRO(ALLOC_STATUS, OFFSET, ALLOC, "status"),
	MACRO(ALLOC_PARAMS_SIZE, OFFSET, ALLOC, "paramsSize"),
	MACRO(ALLOC_HDR, SIZE, ALLOC),
	MACRO(CTRL_CLIENT, OFFSET, CONTROL, "hClient"),
	MACRO(CTRL_OBJECT, OFFSET, CONTROL, "hObject"),
	MACRO(CTRL_CMD, OFFSET, CONTROL, "cmd"),
	MACRO(CTRL_STATUS, OFFSET, CONTROL, "status"),
	MACRO(CTRL_PARAMS_SIZE, OFFSET, CONTROL, "paramsSize"),
	MACRO(FREE_ROOT, OFFSET, FREE, "hRoot"),
	MACRO(FREE_PARENT, OFFSET, FREE, "hObjectParent"),
	MACRO(FREE_OBJECT, OFFSET, FREE, "hObjectOld"),
	MACRO(FREE_STATUS, OFFSET, FREE, "status"),
	MACRO(FREE_LEN, SIZE, FREE),
	MACRO(ROOT_CLIENT, OFFSET, ROOT, "hClient"),
	MACRO(ROOT_PROCESS_ID, OFFSET, ROOT, "processID"),
	MACRO(ROOT_PROCESS_NAME, OFFSET, ROOT, "processName"),
	MACRO(DEVICE_CLIENT_SHARE, OFFSET, "NV0080_ALLOC_PARAMETERS", "hClientShare"),
	MACRO(DEVICE_PARAMS, SIZE, "NV0080_ALLOC_PARAMETERS"),
	MACRO(SUBDEVICE_PARAMS, SIZE, "NV2080_ALLOC_PARAMETERS"),
	MACRO(NV2080_GPU_QUERY_ECC_STATUS, NUMBER, "NV2080_CTRL_CMD_GPU_QUERY_ECC_STATUS"),
	MACRO(NV2080_GPU_GET_ENGINES_V2, NUMBER, "NV2080_CTRL_CMD_GPU_GET_ENGINES_V2"),
	MACRO(NV2080_GPU_GET_VMMU_SEGMENT_SIZE, NUMBER,
	      "NV2080_CTRL_CMD_GPU_GET_VMMU_SEGMENT_SIZE"),
	MACRO(NV2080_INTERNAL_FIFO_GET_NUM_CHANNELS, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_FIFO_GET_NUM_CHANNELS"),
	MACRO(NV2080_INTERNAL_PROMOTE_GI_MEM_RANGE, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_KMIGMGR_PROMOTE_GPU_INSTANCE_MEM_RANGE"),
	MACRO(NV2080_INTERNAL_GET_GI_PAGE_RANGES, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_STATIC_KMIGMGR_GET_SWIZZ_ID_FB_MEM_PAGE_RANGES"),
	MACRO(NV2080_INTERNAL_SET_PARTITIONING_MODE, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_MIGMGR_SET_PARTITIONING_MODE"),
	MACRO(NV2080_INTERNAL_SET_GPU_INSTANCES, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_MIGMGR_SET_GPU_INSTANCES"),
	MACRO_OF(570, 0, NV2080_FIFO_OBJSCHED_GET_STATE, NUMBER,
		 "NV2080_CTRL_CMD_FIFO_OBJSCHED_GET_STATE"),
	MACRO_OF(570, 0, NV2080_FIFO_OBJSCHED_SET_STATE, NUMBER,
		 "NV2080_CTRL_CMD_FIFO_OBJSCHED_SET_STATE"),
	MACRO(NV2080_FB_GET_INFO_V2, NUMBER, "NV2080_CTRL_CMD_FB_GET_INFO_V2"),
	MACRO(NV2080_GSP_GET_FEATURES, NUMBER, "NV2080_CTRL_CMD_GSP_GET_FEATURES"),
	MACRO(NV2080_INTERNAL_MEMORY_TRANSFER, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP"),
	MACRO(NV2080_VGPU_ADD_TYPE, NUMBER, VGPU_MGR "PGPU_ADD_VGPU_TYPE"),
	MACRO(NV2080_VGPU_BOOTLOAD, NUMBER, VGPU_MGR "BOOTLOAD_GSP_VGPU_PLUGIN_TASK"),
	MACRO(NV2080_VGPU_SHUTDOWN, NUMBER, VGPU_MGR "SHUTDOWN_GSP_VGPU_PLUGIN_TASK"),
	MACRO(NV2080_VGPU_CLEANUP, NUMBER, VGPU_MGR "VGPU_PLUGIN_CLEANUP"),
	MACRO_OF(570, 0, NV2080_VGPU_SET_HETEROGENEOUS_MODE, NUMBER,
		 VGPU_MGR "SET_VGPU_HETEROGENEOUS_MODE"),
	MACRO_OF(595, 0, NV2080_VGPU_SET_MIG_TIMESLICE_MODE, NUMBER,
		 VGPU_MGR "SET_VGPU_MIG_TIMESLICE_MODE"),
	MACRO(NV_OK, NUMBER, "NV_OK"),
	MACRO(NV_ERR_INSERT_DUPLICATE_NAME, NUMBER, "NV_ERR_INSERT_DUPLICATE_NAME"),
	MACRO(NV_ERR_INSUFFICIENT_PERMISSIONS, NUMBER, "NV_ERR_INSUFFICIENT_PERMISSIONS"),
	MACRO(NV_ERR_INVALID_ARGUMENT, NUMBER, "NV_ERR_INVALID_ARGUMENT"),
	MACRO(NV_ERR_INVALID_CLIENT, NUMBER, "NV_ERR_INVALID_CLIENT"),
	MACRO(NV_ERR_INVALID_STATE, NUMBER, "NV_ERR_INVALID_STATE"),
	MACRO(NV_ERR_OBJECT_NOT_FOUND, NUMBER, "NV_ERR_OBJECT_NOT_FOUND"),
};

Test(layout_driver, every_macro_is_a_fact)
{
	layout_check_macros("driver/gsp", "", macros, ARRAY_SIZE(macros));
}

/* Numbers in calls of le_get32() and the like. */
static const struct use literals[] = {
	LITERAL("gsp_vgpu_event(p, le_get32(payload, 0), le_get32(payload, 4))", 0, OFFSET,
		"rpc_vgpu_gsp_plugin_triggered_v17_00", "gfid"),
	LITERAL("gsp_vgpu_event(p, le_get32(payload, 0), le_get32(payload, 4))", 4, OFFSET,
		"rpc_vgpu_gsp_plugin_triggered_v17_00", "notifyIndex"),
	LITERAL("n = le_get32(v, 0)", 0, OFFSET, ENGINES, "engineCount"),
	LITERAL("p->engines[i] = le_get32(v, 4 + 4 * i)", 4, OFFSET, ENGINES, "engineList"),
	LITERAL("p->info.ecc = !err && v[0]", 0, INNER, "NV2080_CTRL_GPU_QUERY_ECC_STATUS_PARAMS",
		"units", "NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS", "enabled"),
	LITERAL("p->info.segment = le_get64(seg, 0)", 0, OFFSET,
		"NV2080_CTRL_GPU_GET_VMMU_SEGMENT_SIZE_PARAMS", "vmmuSegmentSize"),
	LITERAL("u8 seg[8]", 8, SIZE, "NV2080_CTRL_GPU_GET_VMMU_SEGMENT_SIZE_PARAMS"),
	LITERAL("le_put32(v, 0, 2)", 0, OFFSET, FB_INFO, "fbInfoListSize"),
	/* two entries of 8 bytes, index and data */
	LITERAL("le_put32(v, 4, FB_INFO_USABLE_RAM)", 4, INNER, FB_INFO, "fbInfoList",
		"NV2080_CTRL_FB_INFO", "index"),
	LITERAL("le_put32(v, 12, FB_INFO_HEAP_START)", 8, SIZE, "NV2080_CTRL_FB_INFO"),
	LITERAL("le_get32(v, 8) << 10", 8, INNER, FB_INFO, "fbInfoList", "NV2080_CTRL_FB_INFO",
		"data"),
	LITERAL("le_get32(v, 16) << 10", 8, SIZE, "NV2080_CTRL_FB_INFO"),
	LITERAL("p->info.channels = le_get32(v, 4)", 4, OFFSET, CHANNELS, "numChannels"),
	LITERAL("u8 v[8] = { 0 };	/* runlist 0", 8, SIZE, CHANNELS),
	LITERAL("u8 v[8] = { 0 };	/* runlist 0", 0, OFFSET, CHANNELS, "runlistId"),
	LITERAL("return len >= 12 ? le_get32(payload, 8) : 0", 8, OFFSET, CONTROL, "cmd"),
	LITERAL("return len >= 12 ? le_get32(payload, 8) : 0", 8, OFFSET, ALLOC, "hObject"),
	LITERAL("le_put32(params, 0, inst->boot.gfid)", 0, OFFSET, SHUTDOWN, "gfid"),
	LITERAL("le_put32(params, 0, inst->boot.gfid)", 0, OFFSET, CLEANUP, "gfid"),
	LITERAL("u8 params[4]", 4, SIZE, SHUTDOWN),
	LITERAL("u8 params[4]", 4, SIZE, CLEANUP),
	LITERAL("lo = le_get64(e, 0)", 0, OFFSET, RANGE, "lo"),
	LITERAL("le_put64(q->page[0], 8 * i, q->dma[i])", 0, OWN, "table of addresses"),
};

static bool literal(const char *line)
{
	static const char *const calls[] = { "le_get", "le_put" };
	const char *p, *q;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		for (p = strstr(line, calls[i]); p; p = strstr(p + 1, calls[i])) {
			q = strchr(p, ',');
			if (q && q[1] == ' ' && strchr("0123456789", q[2]))
				return true;
		}
	/* what is read as bytes, and buffers of messages */
	return strstr(line, "v[0]") || strstr(line, "u8 params[4]") || strstr(line, "u8 seg[") ||
	       strstr(line, "u8 v[");
}

Test(layout_driver, every_number_in_a_message_is_a_fact)
{
	layout_check_literals("driver/gsp", "", literal, literals, ARRAY_SIZE(literals));
}

/* Names of status codes, and codes that have names: the same as NVIDIA's. */
Test(layout_driver, status_codes)
{
	const char *const unlisted = gsp_status_name(0x7fffffff);
	const char *name;
	uint64_t value;
	uint32_t status;
	unsigned int b;
	size_t i;

	for (status = 1; status < 0x20000; status++) {
		bool found = false;

		if (!strcmp(gsp_status_name(status), unlisted))
			continue;
		for (b = 0; b < BRANCHES; b++)
			for (i = 0; layout_number(b, i, &name, &value); i++)
				if (value == status && !strncmp(name, "NV_ERR_", 7) &&
				    !strcmp(name + 7, gsp_status_name(status)))
					found = true;
		cr_expect(found, "%#x is not %s", status, gsp_status_name(status));
	}
	for (b = 0; b < BRANCHES; b++)
		for (i = 0; layout_number(b, i, &name, &value); i++) {
			const char *ours = gsp_status_name((uint32_t)value);

			if (!strncmp(name, "NV_ERR_", 7) && strcmp(ours, unlisted))
				cr_expect_str_eq(ours, name + 7);
			if (!strncmp(name, "NV_VGPU_MSG_RESULT_RPC_", 23))
				cr_expect_str_eq(ours, name + 19);
		}
}
