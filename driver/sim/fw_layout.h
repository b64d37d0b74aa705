/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is in the firmware's messages: offsets and numbers as NVIDIA's published
 * headers compile to at 535.113.01, 570.144 and 595.45.04. Everything is little endian.
 */
#ifndef SIM_FW_LAYOUT_H
#define SIM_FW_LAYOUT_H

/* Boot arguments */
#define LIBOS_ENTRY		32
#define LIBOS_ID8		0
#define LIBOS_PA		8
#define LIBOS_SIZE		16
#define LIBOS_KIND		24	/* 1 contiguous */
#define LIBOS_LOC		25	/* 1 system memory */
#define LIBOS_MAX		(4096 / LIBOS_ENTRY)
#define ID8_RMARGS		0x524d41524753ull

#define MQ_SHARED_PA		0
#define MQ_PTE_COUNT		8
#define MQ_CMD_OFFSET		16
#define MQ_STAT_OFFSET		24
#define MQ_HDR_SIZE		32	/* from here on 595 only */
#define MQ_ELEM_MIN		40
#define MQ_ELEM_MAX		48
#define MQ_HDR_ALIGN		56
#define MQ_ELEM_ALIGN		60

/* Queues */
#define Q_PAGES			129
#define Q_TABLE			0
#define Q_CMD			1	/* header page; elements follow */
#define Q_STAT			65
#define Q_SIZE			0x40000
#define Q_MSGS			63
#define Q_ELEM			0x1000
#define Q_ENTRY_OFF		0x1000
#define Q_RX_OFF		0x20
#define Q_FLAG_SWAP_RX		1

#define TX_VERSION		0
#define TX_SIZE			4
#define TX_MSG_SIZE		8
#define TX_MSG_COUNT		12
#define TX_WRITE_PTR		16
#define TX_FLAGS		20
#define TX_RX_OFF		24
#define TX_ENTRY_OFF		28
#define TX_HEADER		32

/* Element header */
#define EL_CHECKSUM		32
#define EL_SEQNUM		36
#define EL_COUNT		40
#define EL_HEADER		48
#define EL_MAX			16

/* RPC header */
#define RPC_VERSION		0
#define RPC_SIGNATURE		4
#define RPC_LENGTH		8
#define RPC_FUNCTION		12
#define RPC_RESULT		16
#define RPC_RESULT_PRIVATE	20
#define RPC_SEQUENCE		24
#define RPC_HEADER		32
#define RPC_MAX			(EL_MAX * Q_ELEM - EL_HEADER)

#define RPC_VERSION_3		0x03000000
#define RPC_SIGNATURE_VRPC	0x43505256

#define FN_FREE			10
#define FN_UNLOADING		47
#define FN_CONTINUATION		71
#define FN_SET_SYSTEM_INFO	72
#define FN_SET_REGISTRY		73
#define FN_RM_CONTROL		76
#define FN_RM_ALLOC		103

#define EV_INIT_DONE		0x1001
#define EV_GPUACCT		0x1008
#define EV_PLUGIN		0x100d

#define GPUACCT_SIZE		4048

#define PLUGIN_BOOTLOADED	0
#define PLUGIN_UNLOADED		1
#define PLUGIN_CRASHED		2
#define PLUGIN_GUEST_LOADED	3
#define PLUGIN_GUEST_UNLOADED	4
#define PLUGIN_LICENCE		6
#define PLUGIN_OS		7

/* rpc_result */
#define RPC_OK			0
#define RPC_UNKNOWN_FUNCTION	0xff100001
#define RPC_INVALID_FORMAT	0xff100002

/* RM status */
#define NV_IN_USE		0x17
#define NV_INSERT_DUPLICATE	0x19
#define NV_INSUFFICIENT		0x1a
#define NV_NO_PERMISSION	0x1b
#define NV_INVALID_ARGUMENT	0x1f
#define NV_INVALID_CLASS	0x22
#define NV_INVALID_CLIENT	0x23
#define NV_INVALID_HANDLE	0x33
#define NV_INVALID_PARENT	0x36
#define NV_INVALID_PARAMS	0x3a
#define NV_INVALID_STATE	0x40
#define NV_NO_MEMORY		0x51
#define NV_NOT_SUPPORTED	0x56
#define NV_OBJECT_NOT_FOUND	0x57
#define NV_STATE_IN_USE		0x63
#define NV_GENERIC		0xffff

/* Payloads */
#define UNLOAD_SIZE		8

#define REG_SIZE		0
#define REG_COUNT		4
#define REG_HEADER		8
#define REG_ENTRY		16
#define REG_E_NAME		0
#define REG_E_TYPE		4
#define REG_E_DATA		8
#define REG_E_LENGTH		12
#define REG_TYPE_DWORD		1

#define ALLOC_CLIENT		0
#define ALLOC_PARENT		4
#define ALLOC_OBJECT		8
#define ALLOC_CLASS		12
#define ALLOC_STATUS		16
#define ALLOC_PARAMS_SIZE	20
#define ALLOC_HEADER		32

#define FREE_CLIENT		0
#define FREE_OBJECT		8
#define FREE_STATUS		12
#define FREE_SIZE		16

#define CTRL_CLIENT		0
#define CTRL_OBJECT		4
#define CTRL_CMD		8
#define CTRL_STATUS		12
#define CTRL_PARAMS_SIZE	16

#define CLASS_ROOT		0x0
#define CLASS_DEVICE		0x80
#define CLASS_SUBDEVICE		0x2080
#define DEVICE_PARAMS		56
#define SUBDEVICE_PARAMS	4

#define CMD_GPU_QUERY_ECC	0x2080012f
#define CMD_GPU_GET_ENGINES_V2	0x20800170
#define CMD_GPU_GET_VMMU_SEGMENT	0x2080017e
#define CMD_MIG_PROMOTE		0x20800a44
#define CMD_FIFO_GET_NUM_CHANNELS	0x20800a61
#define CMD_MIG_GET_RANGES	0x20800a66
#define CMD_MIG_SET_MODE	0x20800aa3
#define CMD_MIG_SET_INSTANCES	0x20800aa5
#define CMD_MEMORY_TRANSFER	0x20800afa
#define CMD_SCHED_GET		0x20801120	/* not on 535, as SCHED_SET */
#define CMD_SCHED_SET		0x20801121
#define CMD_FB_GET_INFO_V2	0x20801303
#define CMD_GSP_GET_FEATURES	0x20803601
#define CMD_VGPU_MGR		0x20804000	/* this and ff more */
#define CMD_BOOTLOAD		0x20804001
#define CMD_SHUTDOWN		0x20804002
#define CMD_ADD_TYPE		0x20804003
#define CMD_CLEANUP		0x20804008
#define CMD_SET_MIXED		0x2080400e	/* from 570 on */
#define CMD_MIG_TIMESLICE	0x2080400f	/* 595 */

#define FEATURES_SIZE		72
#define FEATURES_VALID		4
#define FEATURES_DEFAULT	5
#define FEATURES_VERSION	6

#define ENGINES_LIST		4

#define ECC_UNIT		40

#define FB_INFO_BAR1_SIZE	0x05
#define FB_INFO_RAM_SIZE	0x07
#define FB_INFO_TOTAL_RAM_SIZE	0x08
#define FB_INFO_HEAP_SIZE	0x09
#define FB_INFO_HEAP_FREE	0x16
#define FB_INFO_USABLE		0x20

#define BOOT_DBDF		0	/* what is not here is in struct sim_layout */
#define BOOT_GFID		4
#define BOOT_TYPE		8
#define BOOT_PID		12
#define BOOT_SWIZZ		16
#define BOOT_CHANNELS		20
#define BOOT_CHID_OFFSET	28
#define BOOT_MAX_SEGMENTS	384
#define BOOT_MAX_LOGS		3
#define SWIZZ_NONE		0xffffffff

#define TYPES_DISCARD		0
#define TYPES_COUNT		4
#define TYPES_RECORDS		8
#define TYPE_NUMBER		0
#define TYPE_NAME		4
#define TYPE_SIGNATURE_LEN	128

/* Scheduler of an engine; GET ends with the factor at 16, SET has the frequency there */
#define SCHED_ENGINE		0
#define SCHED_POLICY		4
#define SCHED_ARR		8
#define SCHED_SLICE		12	/* ns */
#define SCHED_GET_FACTOR	16
#define SCHED_GET_SIZE		20
#define SCHED_SET_SIZE		24
#define ENGINE_GR0		0x01
#define SCHED_BEST_EFFORT	2
#define SCHED_EQUAL_SHARE	3
#define SCHED_FIXED_SHARE	4
#define SCHED_ARR_ENABLE	2
#define SCHED_SLICE_MIN		1000000
#define SCHED_SLICE_MAX		30000000

/* RmPVMRL of the registry */
#define PVMRL_ENABLE		0x1
#define PVMRL_POLICY_SHIFT	4
#define PVMRL_POLICY_MASK	0xf
#define  PVMRL_FIXED		1	/* 0 is equal */
#define PVMRL_SLICE_SHIFT	16	/* ms */
#define PVMRL_SLICE_MASK	0xff

/* MIG: mode, GPU instances (entries: struct sim_layout), their memory */
#define MIG_MODE_SIZE		4
#define  MIG_MODE_OFF		0
#define  MIG_MODE_ON		2
#define GI_COUNT		0
#define GI_ENTRIES		8
#define GI_ENTRIES_MAX		8
#define GI_SWIZZ		0
#define GI_MEMORY_MASK		0x3
#define  GI_FULL		0
#define  GI_HALF		1
#define  GI_QUARTER		2
#define  GI_EIGHTH		3
#define GI_COMPUTE_SHIFT	2
#define GI_COMPUTE_MASK		0x7
#define  GI_COMPUTE_FULL	0
#define  GI_COMPUTE_HALF	1
#define  GI_COMPUTE_MINI_HALF	2
#define  GI_COMPUTE_QUARTER	3
#define  GI_COMPUTE_MINI_QUARTER 4
#define  GI_COMPUTE_EIGHTH	5
#define GI_GFX_SHIFT		5	/* not on 535 */
#define GI_GFX_MASK		0x7
#define  GI_GFX_NONE		0
#define  GI_GFX_FULL		1
#define  GI_GFX_HALF		2
#define  GI_GFX_QUARTER		4
#define GI_SIZES		0xff
#define GI_MEDIA		0x40000000
#define GI_AT_SPAN		0x80000000
#define PROMOTE_SWIZZ		0
#define PROMOTE_LO		8
#define PROMOTE_HI		16
#define PROMOTE_SIZE		24
#define RANGE_SIZE		16
#define RANGES_MAX		15

#define MEM_SIZE		96
#define MEM_DST			48
#define MEM_LENGTH		80
#define MEM_VALUE		88
#define MEM_OP			92
#define  MEM_OP_SET		1
#define SURFACE_BASE		0
#define SURFACE_SIZE		8
#define SURFACE_OFFSET		16
#define SURFACE_APERTURE	24
#define  APERTURE_FB		2

/* GSP_SET_SYSTEM_INFO: what all branches agree on, and GSP_VF_INFO */
#define SI_FB_ADDR		8
#define VFI_TOTAL		0
#define VFI_OFFSET		4
#define VFI_BAR			8	/* three u64 */
#define VFI_64BIT		32	/* three u8 */

/* GspFwWprMeta */
#define WPR_SIZE		256
#define WPR_MAGIC		0
#define WPR_MAGIC_VALUE		0xdc3aae21371a60b3ull
#define WPR_REVISION		8
#define WPR_HEAP		128
#define WPR_FB			176
#define WPR_PARTITIONS		240
#define WPR_HEAP_48		1370	/* MiB, for 48 vGPUs */
#define WPR_PARTITIONS_48	48

/* GPUACCT_PERFMON_UTIL_SAMPLES */
#define ACCT_BUF_SIZE		4
#define ACCT_COUNT		8
#define ACCT_SAMPLES		16
#define ACCT_SAMPLE		56
#define ACCT_MAX		72
#define ACCT_TIME		0
#define ACCT_FB			8	/* each {util, process, sub process} */
#define ACCT_GR			20
#define ACCT_ENC		32
#define ACCT_DEC		44

/* Plugin: control page */
#define COMM_RESPONSE		0x1000
#define COMM_MESSAGE		0x2000
#define COMM_MIGRATION		0x3000
#define COMM_ERROR		0x203000
#define CP_VERSION		0
#define CP_MSG_TYPE		4
#define CP_MSG_SEQ		8
#define CP_OFFSETS		16	/* response, message, migration, error */
#define PLUGIN_MARKER		0x4e654a6f

#define MSG_NEGOTIATE		1
#define MSG_CONFIG		2
#define MSG_RESET		3
#define MSG_BME			13
#define MSG_MAX_CONFIG		112

#define CFG_UUID		0
#define CFG_DBDF		16
#define CFG_CLIENT		24
#define CFG_TYPE		28
#define CFG_PID			32
#define CFG_SWIZZ		36
#define CFG_CHANNELS		40
#define CFG_HYPERVISOR		56
#define CFG_ARCH		60
#define CFG_PAGE_SIZE		64
#define  CFG_ARCH_X86_64	2
#define PLACE_NONE		0xffff

#define LOG_PUT			0	/* u64: bytes written so far */
#define LOG_TEXT		8

/*
 * What the branches do differently: fw_branch.c. A field that a branch does not
 * have is at NONE.
 */
#define NONE			0xffffffffu

struct sim_layout {
	const char *build;

	/* boot */
	u32 wpr_heap_min, wpr_heap_max;	/* MiB */
	u32 args_size;			/* GSP_ARGUMENTS_CACHED */
	bool mq_says_elements;		/* MESSAGE_QUEUE_INIT_ARGUMENTS says element sizes */
	struct {
		u32 size, bdf, mirror, device, vf_info, page_size;
	} si;				/* GspSystemInfo */

	/* objects and queries */
	u32 ctrl_header;
	u32 root_params;
	u32 engine_types;
	u32 ecc_size;
	u32 fb_info_entries;
	u32 fb_info_max_index;

	/* BOOTLOAD; logs are pairs of offset and size */
	struct {
		u32 size, nsegs, seg_addr, seg_len, heap_addr, heap_len, ctrl_buffer, logs, nlogs;
	} boot;

	/* ADD_VGPU_TYPE and its records */
	struct {
		u32 max, record, name_len, signature, max_instance, gi_size, pdev, profile,
		    max_per_gi;
	} type;

	/* modes: which there are, most vGPUs with MIG, an entry of SET_GPU_INSTANCES */
	bool has_mixed, has_mig_timeslice, has_sched;
	u32 mig_vgpus;
	struct {
		u32 size, flags, valid, lo;
	} gi;

	/* plugin */
	u32 comm_size;
	struct {
		u32 received, processed, result, rpc_version, license;
	} resp;
	struct {
		u32 size, placement;
	} cfg;				/* message 2 */
};

#endif
