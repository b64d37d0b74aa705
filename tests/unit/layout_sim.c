// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What each constant of the firmware model (driver/sim/fw*) stands for. A constant that
 * is not in here fails the test: say which fact it is, or why there is none. The model
 * cannot be built in user space; it is read as text.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "layout.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define BOOTLOAD	"NV2080_CTRL_VGPU_MGR_INTERNAL_BOOTLOAD_GSP_VGPU_PLUGIN_TASK_PARAMS"
#define ADD_TYPE	"NV2080_CTRL_VGPU_MGR_INTERNAL_PGPU_ADD_VGPU_TYPE_PARAMS"
#define RECORD		"NVA081_CTRL_VGPU_INFO"
#define SYSINFO		"GspSystemInfo"
#define VF_INFO		"GSP_VF_INFO"
#define CONTROL		"rpc_gsp_rm_control_v03_00"
#define ALLOC		"rpc_gsp_rm_alloc_v03_00"
#define FREE		"NVOS00_PARAMETERS_v03_00"
#define QUEUE		"MESSAGE_QUEUE_INIT_ARGUMENTS"
#define ELEMENT		"GSP_MSG_QUEUE_ELEMENT"
#define RPC		"rpc_message_header_v03_00"
#define LIBOS		"LibosMemoryRegionInitArgument"
#define WPR		"GspFwWprMeta"
#define ENGINES		"NV2080_CTRL_GPU_GET_ENGINES_V2_PARAMS"
#define FB_LIST		"NV2080_CTRL_FB_GET_INFO_V2_PARAMS"
#define CHANNELS	"NV2080_CTRL_INTERNAL_FIFO_GET_NUM_CHANNELS_PARAMS"
#define ECC		"NV2080_CTRL_GPU_QUERY_ECC_STATUS_PARAMS"
#define ECC_STATUS	"NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS"
#define TRIGGERED	"rpc_vgpu_gsp_plugin_triggered_v17_00"
#define FEATURES	"NV2080_CTRL_GSP_GET_FEATURES_PARAMS"
#define TRANSFER	"NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS"
#define SURFACE		"NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO"
#define VGPU_MGR	"NV2080_CTRL_CMD_VGPU_MGR_INTERNAL_"
#define NOTIFY		"NVA084_NOTIFIERS_EVENT_"
#define FB_INFO		"NV2080_CTRL_FB_INFO_INDEX_"

/* Branch tables: struct sim_layout in fw_layout.h, fw_branch.c */
static const struct use members[] = {
	MACRO(build, OWN, "checked below"),
	MACRO(wpr_heap_min, NUMBER, "GSP_FW_HEAP_SIZE_OVERRIDE_LIBOS3_VGPU_MIN_MB"),
	MACRO(wpr_heap_max, NUMBER, "GSP_FW_HEAP_SIZE_OVERRIDE_LIBOS3_VGPU_MAX_MB"),
	MACRO(args_size, SIZE, "GSP_ARGUMENTS_CACHED"),
	MACRO(mq_says_elements, HAVE, QUEUE, "queueElementHdrSize"),
	MACRO(si.size, SIZE, SYSINFO),
	MACRO(si.bdf, OFFSET, SYSINFO, "nvDomainBusDeviceFunc"),
	MACRO(si.mirror, OFFSET, SYSINFO, "pciConfigMirrorBase"),
	MACRO(si.device, OFFSET, SYSINFO, "PCIDeviceID"),
	MACRO(si.vf_info, OFFSET, SYSINFO, "gspVFInfo"),
	MACRO(si.page_size, OFFSET, SYSINFO, "hostPageSize"),
	MACRO(ctrl_header, SIZE, CONTROL),
	MACRO(root_params, SIZE, "NV0000_ALLOC_PARAMETERS"),
	MACRO(engine_types, COUNT, "NV2080_CTRL_GPU_GET_ENGINES_V2_PARAMS", "engineList"),
	MACRO(ecc_size, SIZE, "NV2080_CTRL_GPU_QUERY_ECC_STATUS_PARAMS"),
	MACRO(fb_info_entries, COUNT, "NV2080_CTRL_FB_GET_INFO_V2_PARAMS", "fbInfoList"),
	MACRO(fb_info_max_index, NUMBER, FB_INFO "MAX"),
	MACRO(boot.size, SIZE, BOOTLOAD),
	MACRO(boot.nsegs, OFFSET, BOOTLOAD, "numGuestFbSegments"),
	MACRO(boot.seg_addr, OFFSET, BOOTLOAD, "guestFbPhysAddrList"),
	MACRO(boot.seg_len, OFFSET, BOOTLOAD, "guestFbLengthList"),
	MACRO(boot.heap_addr, OFFSET, BOOTLOAD, "pluginHeapMemoryPhysAddr"),
	MACRO(boot.heap_len, OFFSET, BOOTLOAD, "pluginHeapMemoryLength"),
	MACRO(boot.ctrl_buffer, OFFSET, BOOTLOAD, "ctrlBuffOffset"),
	MACRO(boot.logs, OFFSET, BOOTLOAD, "initTaskLogBuffOffset"),
	MACRO(boot.nlogs, OWN, "3 where there is a kernel log"),
	MACRO(type.max, COUNT, ADD_TYPE, "vgpuInfo"),
	MACRO(type.record, SIZE, RECORD),
	MACRO(type.name_len, FIELD_SIZE, RECORD, "vgpuName"),
	MACRO(type.signature, OFFSET, RECORD, "vgpuSignature"),
	MACRO(type.max_instance, OFFSET, RECORD, "maxInstance"),
	MACRO(type.pdev, OFFSET, RECORD, "pdevId"),
	MACRO(comm_size, SIZE, "plugin comm"),
	MACRO(resp.received, OFFSET, "plugin response", "seq_received"),
	MACRO(resp.processed, OFFSET, "plugin response", "seq_processed"),
	MACRO(resp.result, OFFSET, "plugin response", "result"),
	MACRO(resp.rpc_version, OFFSET, "plugin response", "guest_rpc_version"),
	MACRO(resp.license, OFFSET, "plugin response", "license_state"),
	MACRO(cfg.size, SIZE, "plugin config"),
	MACRO(cfg.placement, OFFSET, "plugin config", "placement_id"),
};

static const struct table tables[] = {
	{ "driver/sim/fw_layout.h", "sim_layout", "" },
};

Test(layout_sim, every_member_of_the_tables_is_a_fact)
{
	layout_check_members(tables, ARRAY_SIZE(tables), members, ARRAY_SIZE(members));
}

Test(layout_sim, branch_tables)
{
	unsigned int b;

	for (b = 0; b < BRANCHES; b++)
		layout_check_initialiser(b, "driver/sim/fw_branch.c", "branches", "driver/sim", "fw",
					 0xffffffffu, members, ARRAY_SIZE(members));
}

/* Macros of driver/sim/fw* */
static const struct use macros[] = {
	MACRO(LIBOS_ENTRY, SIZE, LIBOS),
	MACRO(LIBOS_ID8, OFFSET, LIBOS, "id8"),
	MACRO(LIBOS_PA, OFFSET, LIBOS, "pa"),
	MACRO(LIBOS_SIZE, OFFSET, LIBOS, "size"),
	MACRO(LIBOS_KIND, OFFSET, LIBOS, "kind"),
	MACRO(LIBOS_LOC, OFFSET, LIBOS, "loc"),
	MACRO(LIBOS_MAX, OWN, "size of a page"),
	MACRO(ID8_RMARGS, OWN, "ASCII, as published by nouveau"),
	MACRO(MQ_SHARED_PA, OFFSET, QUEUE, "sharedMemPhysAddr"),
	MACRO(MQ_PTE_COUNT, OFFSET, QUEUE, "pageTableEntryCount"),
	MACRO(MQ_CMD_OFFSET, OFFSET, QUEUE, "cmdQueueOffset"),
	MACRO(MQ_STAT_OFFSET, OFFSET, QUEUE, "statQueueOffset"),
	MACRO_OF(595, 0, MQ_HDR_SIZE, OFFSET, QUEUE, "queueElementHdrSize"),
	MACRO_OF(595, 0, MQ_ELEM_MIN, OFFSET, QUEUE, "queueElementSizeMin"),
	MACRO_OF(595, 0, MQ_ELEM_MAX, OFFSET, QUEUE, "queueElementSizeMax"),
	MACRO_OF(595, 0, MQ_HDR_ALIGN, OFFSET, QUEUE, "queueHeaderAlign"),
	MACRO_OF(595, 0, MQ_ELEM_ALIGN, OFFSET, QUEUE, "queueElementAlign"),
	MACRO(Q_PAGES, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_TABLE, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_CMD, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_STAT, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_SIZE, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_MSGS, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_ELEM, OWN, "size of a page"),
	MACRO(Q_ENTRY_OFF, OWN, "as NVIDIA's driver has it"),
	MACRO(Q_RX_OFF, SIZE, "msgqTxHeader"),
	MACRO(Q_FLAG_SWAP_RX, OWN, "flag of a queue"),
	MACRO(TX_VERSION, OFFSET, "msgqTxHeader", "version"),
	MACRO(TX_SIZE, OFFSET, "msgqTxHeader", "size"),
	MACRO(TX_MSG_SIZE, OFFSET, "msgqTxHeader", "msgSize"),
	MACRO(TX_MSG_COUNT, OFFSET, "msgqTxHeader", "msgCount"),
	MACRO(TX_WRITE_PTR, OFFSET, "msgqTxHeader", "writePtr"),
	MACRO(TX_FLAGS, OFFSET, "msgqTxHeader", "flags"),
	MACRO(TX_RX_OFF, OFFSET, "msgqTxHeader", "rxHdrOff"),
	MACRO(TX_ENTRY_OFF, OFFSET, "msgqTxHeader", "entryOff"),
	MACRO(TX_HEADER, SIZE, "msgqTxHeader"),
	MACRO(EL_CHECKSUM, OFFSET, ELEMENT, "checkSum"),
	MACRO(EL_SEQNUM, OFFSET, ELEMENT, "seqNum"),
	MACRO(EL_COUNT, OFFSET, ELEMENT, "elemCount"),
	MACRO(EL_HEADER, OFFSET, ELEMENT, "rpc"),
	MACRO(EL_MAX, NUMBER, "pages of a message"),
	MACRO(RPC_VERSION, OFFSET, RPC, "header_version"),
	MACRO(RPC_SIGNATURE, OFFSET, RPC, "signature"),
	MACRO(RPC_LENGTH, OFFSET, RPC, "length"),
	MACRO(RPC_FUNCTION, OFFSET, RPC, "function"),
	MACRO(RPC_RESULT, OFFSET, RPC, "rpc_result"),
	MACRO(RPC_RESULT_PRIVATE, OFFSET, RPC, "rpc_result_private"),
	MACRO(RPC_SEQUENCE, OFFSET, RPC, "sequence"),
	MACRO(RPC_HEADER, SIZE, RPC),
	MACRO(RPC_MAX, OWN, "a message without its element's header"),
	MACRO(RPC_VERSION_3, NUMBER, "RPC header version"),
	MACRO(RPC_SIGNATURE_VRPC, NUMBER, "NV_VGPU_MSG_SIGNATURE_VALID"),
	MACRO(FN_FREE, NUMBER, "RPC FREE"),
	MACRO(FN_UNLOADING, NUMBER, "RPC UNLOADING_GUEST_DRIVER"),
	MACRO(FN_CONTINUATION, NUMBER, "RPC CONTINUATION_RECORD"),
	MACRO(FN_SET_SYSTEM_INFO, NUMBER, "RPC GSP_SET_SYSTEM_INFO"),
	MACRO(FN_SET_REGISTRY, NUMBER, "RPC SET_REGISTRY"),
	MACRO(FN_RM_CONTROL, NUMBER, "RPC GSP_RM_CONTROL"),
	MACRO(FN_RM_ALLOC, NUMBER, "RPC GSP_RM_ALLOC"),
	MACRO(EV_INIT_DONE, NUMBER, "EVENT GSP_INIT_DONE"),
	MACRO(EV_GPUACCT, NUMBER, "EVENT GPUACCT_PERFMON_UTIL_SAMPLES"),
	MACRO(EV_PLUGIN, NUMBER, "EVENT VGPU_GSP_PLUGIN_TRIGGERED"),
	MACRO(GPUACCT_SIZE, SIZE, "gpuacct params"),
	MACRO(PLUGIN_BOOTLOADED, NUMBER, NOTIFY "VGPU_PLUGIN_TASK_BOOTLOADED"),
	MACRO(PLUGIN_UNLOADED, NUMBER, NOTIFY "VGPU_PLUGIN_TASK_UNLOADED"),
	MACRO(PLUGIN_CRASHED, NUMBER, NOTIFY "VGPU_PLUGIN_TASK_CRASHED"),
	MACRO(PLUGIN_GUEST_LOADED, NUMBER, NOTIFY "GUEST_DRIVER_LOADED"),
	MACRO(PLUGIN_GUEST_UNLOADED, NUMBER, NOTIFY "GUEST_DRIVER_UNLOADED"),
	MACRO(PLUGIN_LICENCE, NUMBER, NOTIFY "GUEST_LICENSE_STATE_CHANGED"),
	MACRO_OF(570, 0, PLUGIN_OS, NUMBER, NOTIFY "UPDATE_GUEST_OS_TYPE"),
	MACRO(RPC_OK, NUMBER, "NV_VGPU_MSG_RESULT_SUCCESS"),
	MACRO(RPC_UNKNOWN_FUNCTION, NUMBER, "NV_VGPU_MSG_RESULT_RPC_UNKNOWN_FUNCTION"),
	MACRO(RPC_INVALID_FORMAT, NUMBER, "NV_VGPU_MSG_RESULT_RPC_INVALID_MESSAGE_FORMAT"),
	MACRO(NV_INSERT_DUPLICATE, NUMBER, "NV_ERR_INSERT_DUPLICATE_NAME"),
	MACRO(NV_INSUFFICIENT, NUMBER, "NV_ERR_INSUFFICIENT_RESOURCES"),
	MACRO(NV_NO_PERMISSION, NUMBER, "NV_ERR_INSUFFICIENT_PERMISSIONS"),
	MACRO(NV_INVALID_ARGUMENT, NUMBER, "NV_ERR_INVALID_ARGUMENT"),
	MACRO(NV_INVALID_CLASS, NUMBER, "NV_ERR_INVALID_CLASS"),
	MACRO(NV_INVALID_CLIENT, NUMBER, "NV_ERR_INVALID_CLIENT"),
	MACRO(NV_INVALID_HANDLE, NUMBER, "NV_ERR_INVALID_OBJECT_HANDLE"),
	MACRO(NV_INVALID_PARENT, NUMBER, "NV_ERR_INVALID_OBJECT_PARENT"),
	MACRO(NV_INVALID_PARAMS, NUMBER, "NV_ERR_INVALID_PARAM_STRUCT"),
	MACRO(NV_INVALID_STATE, NUMBER, "NV_ERR_INVALID_STATE"),
	MACRO(NV_NO_MEMORY, NUMBER, "NV_ERR_NO_MEMORY"),
	MACRO(NV_NOT_SUPPORTED, NUMBER, "NV_ERR_NOT_SUPPORTED"),
	MACRO(NV_OBJECT_NOT_FOUND, NUMBER, "NV_ERR_OBJECT_NOT_FOUND"),
	MACRO(NV_STATE_IN_USE, NUMBER, "NV_ERR_STATE_IN_USE"),
	MACRO(NV_GENERIC, NUMBER, "NV_ERR_GENERIC"),
	MACRO(UNLOAD_SIZE, SIZE, "rpc_unloading_guest_driver_v1F_07"),
	MACRO(REG_SIZE, OFFSET, "PACKED_REGISTRY_TABLE", "size"),
	MACRO(REG_COUNT, OFFSET, "PACKED_REGISTRY_TABLE", "numEntries"),
	MACRO(REG_HEADER, SIZE, "PACKED_REGISTRY_TABLE"),
	MACRO(REG_ENTRY, SIZE, "PACKED_REGISTRY_ENTRY"),
	MACRO(REG_E_NAME, OFFSET, "PACKED_REGISTRY_ENTRY", "nameOffset"),
	MACRO(REG_E_TYPE, OFFSET, "PACKED_REGISTRY_ENTRY", "type"),
	MACRO(REG_E_DATA, OFFSET, "PACKED_REGISTRY_ENTRY", "data"),
	MACRO(REG_E_LENGTH, OFFSET, "PACKED_REGISTRY_ENTRY", "length"),
	MACRO(REG_TYPE_DWORD, NUMBER, "REGISTRY_TABLE_ENTRY_TYPE_DWORD"),
	MACRO(ALLOC_CLIENT, OFFSET, ALLOC, "hClient"),
	MACRO(ALLOC_PARENT, OFFSET, ALLOC, "hParent"),
	MACRO(ALLOC_OBJECT, OFFSET, ALLOC, "hObject"),
	MACRO(ALLOC_CLASS, OFFSET, ALLOC, "hClass"),
	MACRO(ALLOC_STATUS, OFFSET, ALLOC, "status"),
	MACRO(ALLOC_PARAMS_SIZE, OFFSET, ALLOC, "paramsSize"),
	MACRO(ALLOC_HEADER, SIZE, ALLOC),
	MACRO(FREE_CLIENT, OFFSET, FREE, "hRoot"),
	MACRO(FREE_OBJECT, OFFSET, FREE, "hObjectOld"),
	MACRO(FREE_STATUS, OFFSET, FREE, "status"),
	MACRO(FREE_SIZE, SIZE, FREE),
	MACRO(CTRL_CLIENT, OFFSET, CONTROL, "hClient"),
	MACRO(CTRL_OBJECT, OFFSET, CONTROL, "hObject"),
	MACRO(CTRL_CMD, OFFSET, CONTROL, "cmd"),
	MACRO(CTRL_STATUS, OFFSET, CONTROL, "status"),
	MACRO(CTRL_PARAMS_SIZE, OFFSET, CONTROL, "paramsSize"),
	MACRO(CLASS_ROOT, NUMBER, "NV01_ROOT"),
	MACRO(CLASS_DEVICE, NUMBER, "NV01_DEVICE_0"),
	MACRO(CLASS_SUBDEVICE, NUMBER, "NV20_SUBDEVICE_0"),
	MACRO(DEVICE_PARAMS, SIZE, "NV0080_ALLOC_PARAMETERS"),
	MACRO(SUBDEVICE_PARAMS, SIZE, "NV2080_ALLOC_PARAMETERS"),
	MACRO(CMD_GPU_QUERY_ECC, NUMBER, "NV2080_CTRL_CMD_GPU_QUERY_ECC_STATUS"),
	MACRO(CMD_GPU_GET_ENGINES_V2, NUMBER, "NV2080_CTRL_CMD_GPU_GET_ENGINES_V2"),
	MACRO(CMD_GPU_GET_VMMU_SEGMENT, NUMBER, "NV2080_CTRL_CMD_GPU_GET_VMMU_SEGMENT_SIZE"),
	MACRO(CMD_FIFO_GET_NUM_CHANNELS, NUMBER, "NV2080_CTRL_CMD_INTERNAL_FIFO_GET_NUM_CHANNELS"),
	MACRO(CMD_MEMORY_TRANSFER, NUMBER,
	      "NV2080_CTRL_CMD_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP"),
	MACRO(CMD_FB_GET_INFO_V2, NUMBER, "NV2080_CTRL_CMD_FB_GET_INFO_V2"),
	MACRO(CMD_GSP_GET_FEATURES, NUMBER, "NV2080_CTRL_CMD_GSP_GET_FEATURES"),
	MACRO(CMD_VGPU_MGR, OWN, "a range"),
	MACRO(CMD_BOOTLOAD, NUMBER, VGPU_MGR "BOOTLOAD_GSP_VGPU_PLUGIN_TASK"),
	MACRO(CMD_SHUTDOWN, NUMBER, VGPU_MGR "SHUTDOWN_GSP_VGPU_PLUGIN_TASK"),
	MACRO(CMD_ADD_TYPE, NUMBER, VGPU_MGR "PGPU_ADD_VGPU_TYPE"),
	MACRO(CMD_CLEANUP, NUMBER, VGPU_MGR "VGPU_PLUGIN_CLEANUP"),
	MACRO(FEATURES_SIZE, SIZE, FEATURES),
	MACRO(FEATURES_VALID, OFFSET, FEATURES, "bValid"),
	MACRO(FEATURES_DEFAULT, OFFSET, FEATURES, "bDefaultGspRmGpu"),
	MACRO(FEATURES_VERSION, OFFSET, FEATURES, "firmwareVersion"),
	MACRO(ENGINES_LIST, OFFSET, "NV2080_CTRL_GPU_GET_ENGINES_V2_PARAMS", "engineList"),
	MACRO(ECC_UNIT, SIZE, "NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS"),
	MACRO(FB_INFO_BAR1_SIZE, NUMBER, FB_INFO "BAR1_SIZE"),
	MACRO(FB_INFO_RAM_SIZE, NUMBER, FB_INFO "RAM_SIZE"),
	MACRO(FB_INFO_TOTAL_RAM_SIZE, NUMBER, FB_INFO "TOTAL_RAM_SIZE"),
	MACRO(FB_INFO_HEAP_SIZE, NUMBER, FB_INFO "HEAP_SIZE"),
	MACRO(FB_INFO_HEAP_FREE, NUMBER, FB_INFO "HEAP_FREE"),
	MACRO(FB_INFO_USABLE, NUMBER, FB_INFO "USABLE_RAM_SIZE"),
	MACRO(BOOT_DBDF, OFFSET, BOOTLOAD, "dbdf"),
	MACRO(BOOT_GFID, OFFSET, BOOTLOAD, "gfid"),
	MACRO(BOOT_TYPE, OFFSET, BOOTLOAD, "vgpuType"),
	MACRO(BOOT_PID, OFFSET, BOOTLOAD, "vmPid"),
	MACRO(BOOT_SWIZZ, OFFSET, BOOTLOAD, "swizzId"),
	MACRO(BOOT_CHANNELS, OFFSET, BOOTLOAD, "numChannels"),
	MACRO(BOOT_CHID_OFFSET, OFFSET, BOOTLOAD, "chidOffset"),
	MACRO(BOOT_MAX_SEGMENTS, NUMBER, "NV2080_CTRL_MAX_VMMU_SEGMENTS"),
	MACRO(BOOT_MAX_LOGS, OWN, "logs of 570"),
	MACRO(SWIZZ_NONE, NUMBER, "plugin swizz none"),
	MACRO(TYPES_DISCARD, OFFSET, ADD_TYPE, "discardVgpuTypes"),
	MACRO(TYPES_COUNT, OFFSET, ADD_TYPE, "vgpuInfoCount"),
	MACRO(TYPES_RECORDS, OFFSET, ADD_TYPE, "vgpuInfo"),
	MACRO(TYPE_NUMBER, OFFSET, RECORD, "vgpuType"),
	MACRO(TYPE_NAME, OFFSET, RECORD, "vgpuName"),
	MACRO(TYPE_SIGNATURE_LEN, FIELD_SIZE, RECORD, "vgpuSignature"),
	MACRO(MEM_SIZE, SIZE, TRANSFER),
	MACRO(MEM_DST, OFFSET, TRANSFER, "dst"),
	MACRO(MEM_LENGTH, OFFSET, TRANSFER, "transferSize"),
	MACRO(MEM_VALUE, OFFSET, TRANSFER, "value"),
	MACRO(MEM_OP, OFFSET, TRANSFER, "memop"),
	MACRO(MEM_OP_SET, NUMBER, "NV2080_CTRL_MEMMGR_MEMORY_OP_MEMSET"),
	MACRO(SURFACE_BASE, OFFSET, SURFACE, "baseAddr"),
	MACRO(SURFACE_SIZE, OFFSET, SURFACE, "size"),
	MACRO(SURFACE_OFFSET, OFFSET, SURFACE, "offset"),
	MACRO(SURFACE_APERTURE, OFFSET, SURFACE, "aperture"),
	MACRO(APERTURE_FB, NUMBER, "ADDR_FBMEM"),
	MACRO(SI_FB_ADDR, OFFSET, SYSINFO, "gpuPhysFbAddr"),
	MACRO(VFI_TOTAL, OFFSET, VF_INFO, "totalVFs"),
	MACRO(VFI_OFFSET, OFFSET, VF_INFO, "firstVFOffset"),
	MACRO(VFI_BAR, OFFSET, VF_INFO, "FirstVFBar0Address"),
	MACRO(VFI_64BIT, OFFSET, VF_INFO, "b64bitBar0"),
	MACRO(WPR_SIZE, SIZE, WPR),
	MACRO(WPR_MAGIC, OFFSET, WPR, "magic"),
	MACRO(WPR_MAGIC_VALUE, NUMBER, "GSP_FW_WPR_META_MAGIC"),
	MACRO(WPR_REVISION, OFFSET, WPR, "revision"),
	MACRO(WPR_HEAP, OFFSET, WPR, "gspFwHeapSize"),
	MACRO(WPR_FB, OFFSET, WPR, "fbSize"),
	MACRO(WPR_PARTITIONS, OFFSET, WPR, "gspFwHeapVfPartitionCount"),
	MACRO(ACCT_BUF_SIZE, OFFSET, "gpuacct params", "bufSize"),
	MACRO(ACCT_COUNT, OFFSET, "gpuacct params", "count"),
	MACRO(ACCT_SAMPLES, OFFSET, "gpuacct params", "samples"),
	MACRO(ACCT_SAMPLE, SIZE, "gpuacct sample"),
	MACRO(ACCT_MAX, NUMBER, "gpuacct samples"),
	MACRO(ACCT_TIME, OFFSET, "gpuacct sample", "timeStamp"),
	MACRO(ACCT_FB, OFFSET, "gpuacct sample", "fb"),
	MACRO(ACCT_GR, OFFSET, "gpuacct sample", "gr"),
	MACRO(ACCT_ENC, OFFSET, "gpuacct sample", "nvenc"),
	MACRO(ACCT_DEC, OFFSET, "gpuacct sample", "nvdec"),
	MACRO(COMM_RESPONSE, OFFSET, "plugin comm", "response"),
	MACRO(COMM_MESSAGE, OFFSET, "plugin comm", "message"),
	MACRO(COMM_MIGRATION, OFFSET, "plugin comm", "migration"),
	MACRO(COMM_ERROR, OFFSET, "plugin comm", "error"),
	MACRO(CP_VERSION, OFFSET, "plugin control", "version"),
	MACRO(CP_MSG_TYPE, OFFSET, "plugin control", "message_type"),
	MACRO(CP_MSG_SEQ, OFFSET, "plugin control", "message_seq_num"),
	MACRO(CP_OFFSETS, OFFSET, "plugin control", "response_off"),
	MACRO(PLUGIN_MARKER, NUMBER, "plugin start marker"),
	MACRO(MSG_NEGOTIATE, NUMBER, "plugin MSG VERSION_NEGOTIATION"),
	MACRO(MSG_CONFIG, NUMBER, "plugin MSG SETUP_CONFIG_PARAMS_AND_INIT"),
	MACRO(MSG_RESET, NUMBER, "plugin MSG RESET"),
	MACRO(MSG_BME, NUMBER, "plugin MSG UPDATE_BME_STATE"),
	MACRO_OF(570, 0, MSG_MAX_CONFIG, SIZE, "plugin config"),
	MACRO(CFG_UUID, OFFSET, "plugin config", "uuid"),
	MACRO(CFG_DBDF, OFFSET, "plugin config", "dbdf"),
	MACRO(CFG_CLIENT, OFFSET, "plugin config", "vgpu_device_instance_id"),
	MACRO(CFG_TYPE, OFFSET, "plugin config", "vgpu_type"),
	MACRO(CFG_PID, OFFSET, "plugin config", "vm_pid"),
	MACRO(CFG_SWIZZ, OFFSET, "plugin config", "swizz_id"),
	MACRO(CFG_CHANNELS, OFFSET, "plugin config", "num_channels"),
	MACRO(CFG_HYPERVISOR, OFFSET, "plugin config", "hypervisor_type"),
	MACRO(CFG_ARCH, OFFSET, "plugin config", "host_cpu_arch"),
	MACRO(CFG_PAGE_SIZE, OFFSET, "plugin config", "host_page_size"),
	MACRO(CFG_ARCH_X86_64, NUMBER, "plugin cpu arch x86_64"),
	MACRO(LOG_PUT, OWN, "where libos has it"),
	MACRO(LOG_TEXT, OWN, "where libos has it"),
	MACRO(NONE, OWN, "no offset"),
	MACRO(MAILBOX_STOPPED, OWN, "bit 31, as nova-core waits for it"),
	MACRO(BATCH, OWN, "policy"),
	MACRO(SIM_MAX_OBJECTS, OWN, "room"),
	MACRO(SIM_MAX_EVENTS, OWN, "room"),
	MACRO(SIM_MAX_LARGE, OWN, "room"),
	MACRO(SIM_MAX_TYPES, OWN, "room"),
};

Test(layout_sim, every_macro_is_a_fact)
{
	layout_check_macros("driver/sim", "fw", macros, ARRAY_SIZE(macros));
}

/* Numbers in calls of rd32() and the like, and 0 where there is none. */
static const struct use literals[] = {
	LITERAL("b->fw->pages[i] = rd64(t + 8 * i)", 0, OWN, "table of addresses"),
	LITERAL("wr32(p, fw->events[i].gfid)", 0, OFFSET, TRIGGERED, "gfid"),
	LITERAL("wr32(p + 4, fw->events[i].index)", 4, OFFSET, TRIGGERED, "notifyIndex"),
	LITERAL("wr32(p, b->type->nengines)", 0, OFFSET, ENGINES, "engineCount"),
	LITERAL("p[0] = b->type->ecc", 0, INNER, ECC, "units", ECC_STATUS, "enabled"),
	LITERAL("p[1] = b->type->ecc", 1, INNER, ECC, "units", ECC_STATUS, "scrubComplete"),
	LITERAL("p[2] = 1", 2, INNER, ECC, "units", ECC_STATUS, "supported"),
	LITERAL("wr64(p, b->type->segment)", 0, OFFSET,
		"NV2080_CTRL_GPU_GET_VMMU_SEGMENT_SIZE_PARAMS", "vmmuSegmentSize"),
	LITERAL("if (rd32(p) >= b->type->nengines)", 0, OFFSET, CHANNELS, "runlistId"),
	LITERAL("wr32(p + 4, b->type->channels)", 4, OFFSET, CHANNELS, "numChannels"),
	LITERAL("u32 n = rd32(p), i;", 0, OFFSET, FB_LIST, "fbInfoListSize"),
	LITERAL("rd32(p + 4 + 8 * i)", 4, INNER, FB_LIST, "fbInfoList", "NV2080_CTRL_FB_INFO", "index"),
	LITERAL("wr32(p + 8 + 8 * i", 8, INNER, FB_LIST, "fbInfoList", "NV2080_CTRL_FB_INFO", "data"),
	LITERAL("wr32(p + 8 + 8 * i", 8, SIZE, "NV2080_CTRL_FB_INFO"),
	LITERAL("wr32(p, util)", 0, OFFSET, "gpuacct engine", "util"),
	LITERAL("wr32(p + 4, process)", 4, OFFSET, "gpuacct engine", "procId"),
	LITERAL("wr32(p + 8, process ==", 8, OFFSET, "gpuacct engine", "subProcessID"),
	LITERAL("sum ^= rd64(p + i)", 0, OWN, "checksum"),
	LITERAL("if (rd32(par) != client)", 0, OFFSET, "NV0000_ALLOC_PARAMETERS", "hClient"),
	LITERAL("if (rd32(par)) {", 0, OFFSET, "NV2080_ALLOC_PARAMETERS", "subDeviceId"),
	LITERAL("rd32(p + params)", 0, OWN, "ALLOC_PARAMS_SIZE or CTRL_PARAMS_SIZE"),
	LITERAL("vgpu_of(b, rd32(p))", 0, OFFSET,
		"NV2080_CTRL_VGPU_MGR_INTERNAL_SHUTDOWN_GSP_VGPU_PLUGIN_TASK_PARAMS", "gfid"),
	LITERAL("vgpu_of(b, rd32(p))", 0, OFFSET,
		"NV2080_CTRL_VGPU_MGR_INTERNAL_VGPU_PLUGIN_CLEANUP_PARAMS", "gfid"),
};

/* The address in a call: neither a macro nor a member of a table. */
static bool literal(const char *line)
{
	static const char *const calls[] = { "rd16(", "wr16(", "rd32(", "wr32(", "rd64(", "wr64(" };
	const char *p, *q;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(calls); i++)
		for (p = strstr(line, calls[i]); p; p = strstr(p + 1, calls[i])) {
			bool named = false;
			int depth = 0;

			for (q = p + strlen(calls[i]); *q && depth >= 0 && (*q != ',' || depth); q++) {
				depth += (*q == '(') - (*q == ')');
				named |= (*q >= 'A' && *q <= 'Z') || *q == '.';
			}
			if (!named && p > line && p[-1] != '_' && !strstr(line, "static "))
				return true;
		}
	p = strstr(line, "\tp[");
	return p && strchr("0123456789", p[3]);
}

Test(layout_sim, every_number_in_a_message_is_a_fact)
{
	layout_check_literals("driver/sim", "fw", literal, literals, ARRAY_SIZE(literals));
}
