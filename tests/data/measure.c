// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What firmware-layouts-extra.csv and firmware-numbers-extra.csv say, asked of the
 * compiler that has read NVIDIA's headers. Run by tests/data/measure, once a tag.
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"
#include "core/thread_state.h"
#include "os/os.h"
#include "vgpu/rpc_headers.h"
#include "gpu/mem_mgr/virt_mem_allocator_common.h"
#define RPC_STRUCTURES
#define RPC_GENERIC_UNION
#include "g_rpc-structures.h"
#undef RPC_STRUCTURES
#undef RPC_GENERIC_UNION
#define RPC_MESSAGE_STRUCTURES
#define RPC_MESSAGE_GENERIC_UNION
#include "g_rpc-message-header.h"
#include "gpu/gsp/message_queue.h"
#include "gpu/gsp/message_queue_priv.h"
#include "gpu/gsp/gsp_static_config.h"
#include "gpu/gsp/gsp_fw_heap.h"
#include "gsp/gsp_fw_wpr_meta.h"
#include "libos_init_args.h"
#include "nv_sriov_defines.h"
#include "class/cl0000.h"
#include "class/cl0080.h"
#include "class/cl2080.h"
#include "class/cla084_notification.h"
#include "ctrl/ctrl2080.h"
#include "ctrl/ctrla081.h"
#include "os/nv_memory_type.h"
#include "published/nv_ref.h"
#include "published/turing/tu102/dev_nv_xve.h"
#include "published/hopper/gh100/dev_xtl_ep_pri.h"
#include "published/turing/tu102/dev_gsp.h"
#include "published/turing/tu102/dev_vm.h"
#include "published/ampere/ga102/dev_falcon_v4.h"
#include "published/ampere/ga102/dev_sec_pri.h"
#if BRANCH >= 570
#include "published/hopper/gh100/dev_vm.h"
#endif

#define S(s)	printf("L %s,%s,,,%zu,\n", TAG, #s, sizeof(s))
#define F(s, f)	printf("L %s,%s,%s,%zu,%zu,\n", TAG, #s, #f, offsetof(s, f), sizeof(((s *)0)->f))
#define N(n)	printf("N %s,%#llx\n", #n, (unsigned long long)(n))
#define RPC(n)	printf("N RPC %s,%llu\n", #n, (unsigned long long)NV_VGPU_MSG_FUNCTION_##n)
#define EVENT(n) printf("N EVENT %s,%#llx\n", #n, (unsigned long long)NV_VGPU_MSG_EVENT_##n)
/* "high:low" of a register's field, as NVIDIA writes them */
#define LOW(n)	printf("N %s,%#x\n", #n, 0 ? n)

#ifndef GSP_MSG_QUEUE_ELEMENT_SIZE_MAX
/* 595: numbers in message_queue_cpu.c, which puts them into the queue's arguments */
#define GSP_MSG_QUEUE_ELEMENT_SIZE_MIN	RM_PAGE_SIZE
#define GSP_MSG_QUEUE_ELEMENT_SIZE_MAX	(RM_PAGE_SIZE * 16)
#endif

#if BRANCH == 535
#define SAMPLE(s) s##_v17_00
#else
#define SAMPLE(s) s##_v1F_0E
#endif

static void layouts(void)
{
	S(GspSystemInfo);
	F(GspSystemInfo, gpuPhysAddr);
	F(GspSystemInfo, gpuPhysFbAddr);
	F(GspSystemInfo, gpuPhysInstAddr);
	F(GspSystemInfo, nvDomainBusDeviceFunc);
	F(GspSystemInfo, maxUserVa);
	F(GspSystemInfo, pciConfigMirrorBase);
	F(GspSystemInfo, pciConfigMirrorSize);
#if BRANCH >= 570
	F(GspSystemInfo, PCIDeviceID);
	F(GspSystemInfo, PCISubDeviceID);
	F(GspSystemInfo, PCIRevisionID);
	F(GspSystemInfo, isGridBuild);
	F(GspSystemInfo, hostPageSize);
#endif
	F(GspSystemInfo, hypervisorType);
	F(GspSystemInfo, gspVFInfo);

	S(GSP_VF_INFO);
	F(GSP_VF_INFO, totalVFs);
	F(GSP_VF_INFO, firstVFOffset);
	F(GSP_VF_INFO, FirstVFBar0Address);
	F(GSP_VF_INFO, FirstVFBar1Address);
	F(GSP_VF_INFO, FirstVFBar2Address);
	F(GSP_VF_INFO, b64bitBar0);
	F(GSP_VF_INFO, b64bitBar1);
	F(GSP_VF_INFO, b64bitBar2);

	S(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS);
	F(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS, src);
	F(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS, authTag);
	F(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS, dst);
	F(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS, transferSize);
	F(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS, value);
	F(NV2080_CTRL_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP_PARAMS, memop);
	S(NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO);
	F(NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO, baseAddr);
	F(NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO, size);
	F(NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO, offset);
	F(NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO, aperture);
	F(NV2080_CTRL_INTERNAL_TRANSFER_SURFACE_INFO, cpuCacheAttrib);

	S(LibosMemoryRegionInitArgument);
	F(LibosMemoryRegionInitArgument, id8);
	F(LibosMemoryRegionInitArgument, pa);
	F(LibosMemoryRegionInitArgument, size);
	F(LibosMemoryRegionInitArgument, kind);
	F(LibosMemoryRegionInitArgument, loc);

	S(GSP_MSG_QUEUE_ELEMENT);
	F(GSP_MSG_QUEUE_ELEMENT, authTagBuffer);
	F(GSP_MSG_QUEUE_ELEMENT, aadBuffer);
	F(GSP_MSG_QUEUE_ELEMENT, checkSum);
	F(GSP_MSG_QUEUE_ELEMENT, seqNum);
	F(GSP_MSG_QUEUE_ELEMENT, elemCount);
	F(GSP_MSG_QUEUE_ELEMENT, rpc);

	S(rpc_message_header_v03_00);
	F(rpc_message_header_v03_00, header_version);
	F(rpc_message_header_v03_00, signature);
	F(rpc_message_header_v03_00, length);
	F(rpc_message_header_v03_00, function);
	F(rpc_message_header_v03_00, rpc_result);
	F(rpc_message_header_v03_00, rpc_result_private);
	F(rpc_message_header_v03_00, sequence);
	F(rpc_message_header_v03_00, u);

	S(NVOS00_PARAMETERS_v03_00);
	F(NVOS00_PARAMETERS_v03_00, hRoot);
	F(NVOS00_PARAMETERS_v03_00, hObjectParent);
	F(NVOS00_PARAMETERS_v03_00, hObjectOld);
	F(NVOS00_PARAMETERS_v03_00, status);

	S(rpc_unloading_guest_driver_v1F_07);
	F(rpc_unloading_guest_driver_v1F_07, bInPMTransition);
	F(rpc_unloading_guest_driver_v1F_07, bGc6Entering);
	F(rpc_unloading_guest_driver_v1F_07, newLevel);

	S(PACKED_REGISTRY_TABLE);
	F(PACKED_REGISTRY_TABLE, size);
	F(PACKED_REGISTRY_TABLE, numEntries);
	S(PACKED_REGISTRY_ENTRY);
	F(PACKED_REGISTRY_ENTRY, nameOffset);
	F(PACKED_REGISTRY_ENTRY, type);
	F(PACKED_REGISTRY_ENTRY, data);
	F(PACKED_REGISTRY_ENTRY, length);

	S(NV2080_CTRL_INTERNAL_FIFO_GET_NUM_CHANNELS_PARAMS);
	F(NV2080_CTRL_INTERNAL_FIFO_GET_NUM_CHANNELS_PARAMS, runlistId);
	F(NV2080_CTRL_INTERNAL_FIFO_GET_NUM_CHANNELS_PARAMS, numChannels);

	S(NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS);
	F(NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS, enabled);
	F(NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS, scrubComplete);
	F(NV2080_CTRL_GPU_QUERY_ECC_UNIT_STATUS, supported);

	S(NV2080_CTRL_FB_INFO);
	F(NV2080_CTRL_FB_INFO, index);
	F(NV2080_CTRL_FB_INFO, data);

	/* the utilisation event; its RPC version differs, its layout does not */
	printf("L %s,gpuacct params,,,%zu,\n", TAG,
	       sizeof(SAMPLE(NV2080_CTRL_PERF_GET_GPUMON_PERFMON_UTIL_SAMPLES_V2_PARAMS)));
#define P(f) printf("L %s,gpuacct params," #f ",%zu,%zu,\n", TAG, \
		    offsetof(SAMPLE(NV2080_CTRL_PERF_GET_GPUMON_PERFMON_UTIL_SAMPLES_V2_PARAMS), f), \
		    sizeof(((SAMPLE(NV2080_CTRL_PERF_GET_GPUMON_PERFMON_UTIL_SAMPLES_V2_PARAMS) *)0)->f))
	P(type);
	P(bufSize);
	P(count);
	P(tracker);
	P(samples);
	printf("L %s,gpuacct sample,,,%zu,\n", TAG,
	       sizeof(SAMPLE(NV2080_CTRL_PERF_GPUMON_PERFMON_UTIL_SAMPLE)));
#define U(f) printf("L %s,gpuacct sample," #f ",%zu,%zu,\n", TAG, \
		    offsetof(SAMPLE(NV2080_CTRL_PERF_GPUMON_PERFMON_UTIL_SAMPLE), f), \
		    sizeof(((SAMPLE(NV2080_CTRL_PERF_GPUMON_PERFMON_UTIL_SAMPLE) *)0)->f))
	U(timeStamp);
	U(fb);
	U(gr);
	U(nvenc);
	U(nvdec);
#define E(f) printf("L %s,gpuacct engine," #f ",%zu,%zu,\n", TAG, \
		    offsetof(NV2080_CTRL_PERF_GPUMON_ENGINE_UTIL_SAMPLE_v17_00, f), \
		    sizeof(((NV2080_CTRL_PERF_GPUMON_ENGINE_UTIL_SAMPLE_v17_00 *)0)->f))
	E(util);
	E(procId);
	E(subProcessID);
}

static void numbers(void)
{
	RPC(ALLOC_ROOT);
	RPC(FREE);
	RPC(UNLOADING_GUEST_DRIVER);
	RPC(GET_GSP_STATIC_INFO);
	RPC(CONTINUATION_RECORD);
	RPC(GSP_SET_SYSTEM_INFO);
	RPC(SET_REGISTRY);
	RPC(GSP_RM_CONTROL);
	RPC(GSP_RM_ALLOC);
	EVENT(FIRST_EVENT);
	EVENT(GSP_INIT_DONE);
	EVENT(GSP_RUN_CPU_SEQUENCER);
	EVENT(POST_EVENT);
	EVENT(RC_TRIGGERED);
	EVENT(OS_ERROR_LOG);
	EVENT(GPUACCT_PERFMON_UTIL_SAMPLES);
	EVENT(UCODE_LIBOS_PRINT);
	EVENT(VGPU_GSP_PLUGIN_TRIGGERED);
	EVENT(VGPU_CONFIG);
	EVENT(GSP_LOCKDOWN_NOTICE);
#if BRANCH >= 570
	EVENT(GSP_POST_NOCAT_RECORD);
#endif
	N(NV_VGPU_MSG_SIGNATURE_VALID);
	N(NV_VGPU_MSG_HEADER_VERSION_MAJOR_TOT);
	N(NV_VGPU_MSG_RESULT_SUCCESS);
	N(NV_VGPU_MSG_RESULT_RPC_UNKNOWN_FUNCTION);
	N(NV_VGPU_MSG_RESULT_RPC_INVALID_MESSAGE_FORMAT);
	N(NV_VGPU_MSG_RESULT_RPC_HANDLE_NOT_FOUND);
	N(NV_VGPU_MSG_RESULT_RPC_HANDLE_EXISTS);
	N(NV_VGPU_MSG_RESULT_RPC_UNKNOWN_RM_ERROR);
	N(NV_VGPU_MSG_RESULT_RPC_UNKNOWN_VMIOP_ERROR);
	N(NV_VGPU_MSG_RESULT_RPC_RESERVED_HANDLE);

	/* every status code, by the header's own list */
#undef SDK_NVSTATUSCODES_H
#define NV_STATUS_CODE(name, code, text) printf("N %s,%#x\n", #name, code);
#include "nvstatuscodes.h"

	N(NV01_ROOT);
	N(NV01_DEVICE_0);
	N(NV20_SUBDEVICE_0);

	N(NV2080_CTRL_CMD_INTERNAL_MEMMGR_MEMORY_TRANSFER_WITH_GSP);
	N(NV2080_CTRL_MEMMGR_MEMORY_OP_MEMCPY);
	N(NV2080_CTRL_MEMMGR_MEMORY_OP_MEMSET);
	N(ADDR_SYSMEM);
	N(ADDR_FBMEM);
	N(NV_MEMORY_UNCACHED);
	N(NV2080_CTRL_MAX_VMMU_SEGMENTS);
	N(NV2080_ENGINE_TYPE_LAST);
	N(NV2080_ENGINE_TYPE_GRAPHICS);
	N(NV2080_ENGINE_TYPE_COPY0);
	N(NV2080_CTRL_FB_INFO_INDEX_BAR1_SIZE);
	N(NV2080_CTRL_FB_INFO_INDEX_RAM_SIZE);
	N(NV2080_CTRL_FB_INFO_INDEX_TOTAL_RAM_SIZE);
	N(NV2080_CTRL_FB_INFO_INDEX_HEAP_SIZE);
	N(NV2080_CTRL_FB_INFO_INDEX_HEAP_BASE_KB);
	N(NV2080_CTRL_FB_INFO_INDEX_HEAP_FREE);
	N(NV2080_CTRL_FB_INFO_INDEX_HEAP_START);
	N(NV2080_CTRL_FB_INFO_INDEX_USABLE_RAM_SIZE);
	N(NV2080_CTRL_FB_INFO_INDEX_MAX);
	N(NV2080_CTRL_FB_INFO_MAX_LIST_SIZE);
	N(NVA081_MAX_VGPU_TYPES_PER_PGPU);
	N(NVA081_MAX_VGPU_PER_PGPU);
	N(MAX_PARTITIONS_WITH_GFID);
#if BRANCH >= 595
	printf("N vGPUs without MIG,%d\n", NVA081_MAX_VGPU_PER_PGPU_NON_MIG);
	printf("N partitions without MIG,%d\n", MAX_PARTITIONS_WITH_GFID_32VM);
#else
	printf("N vGPUs without MIG,%d\n", NVA081_MAX_VGPU_PER_PGPU);
	printf("N partitions without MIG,%d\n", MAX_PARTITIONS_WITH_GFID);
#endif
	N(NVA084_NOTIFIERS_EVENT_VGPU_PLUGIN_TASK_BOOTLOADED);
	N(NVA084_NOTIFIERS_EVENT_VGPU_PLUGIN_TASK_UNLOADED);
	N(NVA084_NOTIFIERS_EVENT_VGPU_PLUGIN_TASK_CRASHED);
	N(NVA084_NOTIFIERS_EVENT_GUEST_DRIVER_LOADED);
	N(NVA084_NOTIFIERS_EVENT_GUEST_DRIVER_UNLOADED);
	N(NVA084_NOTIFIERS_EVENT_PRINT_ERROR_MESSAGE);
	N(NVA084_NOTIFIERS_EVENT_GUEST_LICENSE_STATE_CHANGED);
#if BRANCH >= 570
	N(NVA084_NOTIFIERS_EVENT_UPDATE_GUEST_OS_TYPE);
#endif
#if BRANCH >= 595
	N(NVA084_NOTIFIERS_EVENT_PRINT_GUEST_RPC_TRACE_LOG_MESSAGE);
	N(NVA084_NOTIFIERS_EVENT_INIT_GR_ENGINE);
#endif

	N(GSP_FW_WPR_META_MAGIC);
	N(GSP_FW_WPR_META_REVISION);
	N(GSP_FW_HEAP_SIZE_OVERRIDE_LIBOS3_VGPU_MIN_MB);
	N(GSP_FW_HEAP_SIZE_OVERRIDE_LIBOS3_VGPU_MAX_MB);
	N(LIBOS_MEMORY_REGION_CONTIGUOUS);
	N(LIBOS_MEMORY_REGION_LOC_SYSMEM);
	N(REGISTRY_TABLE_ENTRY_TYPE_DWORD);
	/* what the headers have as expressions */
	printf("N gpuacct samples,%d\n", (int)(sizeof(((SAMPLE(
	       NV2080_CTRL_PERF_GET_GPUMON_PERFMON_UTIL_SAMPLES_V2_PARAMS) *)0)->samples) /
	       sizeof(SAMPLE(NV2080_CTRL_PERF_GPUMON_PERFMON_UTIL_SAMPLE))));
	printf("N pages of a message,%d\n",
	       (int)(GSP_MSG_QUEUE_ELEMENT_SIZE_MAX / GSP_MSG_QUEUE_ELEMENT_SIZE_MIN));
	printf("N bytes of a message,%#x\n", (int)GSP_MSG_QUEUE_ELEMENT_SIZE_MAX);
	printf("N payload of a message,%d\n",
	       (int)(GSP_MSG_QUEUE_ELEMENT_SIZE_MAX - sizeof(GSP_MSG_QUEUE_ELEMENT)));
	printf("N RPC header version,%#x\n",
	       DRF_DEF(_VGPU, _MSG_HEADER_VERSION, _MAJOR, _TOT) |
	       DRF_DEF(_VGPU, _MSG_HEADER_VERSION, _MINOR, _TOT));
	printf("N CPUCTL HALTED,%#x\n", DRF_SHIFTMASK(NV_PFALCON_FALCON_CPUCTL_HALTED));
	printf("N CPUCTL STARTCPU,%#x\n", DRF_SHIFTMASK(NV_PFALCON_FALCON_CPUCTL_STARTCPU));

	N(NV_PGSP_FALCON_MAILBOX0);
	N(NV_PGSP_FALCON_MAILBOX1);
	N(NV_PGSP_QUEUE_HEAD(0));
	LOW(NV_VIRTUAL_FUNCTION_FULL_PHYS_OFFSET);
	N(NV_VIRTUAL_FUNCTION_PRIV_DOORBELL);
#if BRANCH >= 570
	N(NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK);
	LOW(NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK_MODE);
	N(NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK_MODE_PHYSICAL);
	N(NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR);
	LOW(NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR_MODE);
	N(NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR_MODE_PHYSICAL);
#endif
	LOW(NV_PCFG);
	LOW(NV_EP_PCFGM);
	printf("N size of NV_PCFG,%#x\n", DRF_EXTENT(NV_PCFG) - DRF_BASE(NV_PCFG) + 1);
	printf("N size of NV_EP_PCFGM,%#x\n", DRF_EXTENT(NV_EP_PCFGM) - DRF_BASE(NV_EP_PCFGM) + 1);
	N(NV_PMC_BOOT_0);
	N(NV_PMC_BOOT_0_ARCHITECTURE_TU100);
	N(NV_PMC_BOOT_0_ARCHITECTURE_GA100);
	N(NV_PMC_BOOT_0_ARCHITECTURE_GH100);
	N(NV_PMC_BOOT_0_ARCHITECTURE_AD100);
#if BRANCH >= 570
	N(NV_PMC_BOOT_0_ARCHITECTURE_GB100);
	N(NV_PMC_BOOT_0_ARCHITECTURE_GB200);
#endif
	LOW(NV_PGSP);
	LOW(NV_PSEC);
	N(NV_PFALCON_FALCON_MAILBOX0);
	N(NV_PFALCON_FALCON_MAILBOX1);
	N(NV_PFALCON_FALCON_CPUCTL);
	LOW(NV_DOORBELL_NOTIFY_LEAF_VF_CPU_PLUGIN_REQUEST);
}

int main(void)
{
	layouts();
	numbers();
	return 0;
}
