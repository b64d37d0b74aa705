/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is in the firmware's messages: offsets and numbers as NVIDIA's published
 * headers compile to at 570.144 and 595.45.04. Everything is little endian.
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

/* rpc_result */
#define RPC_OK			0
#define RPC_UNKNOWN_FUNCTION	0xff100001
#define RPC_INVALID_FORMAT	0xff100002

/* RM status */
#define NV_INSERT_DUPLICATE	0x19
#define NV_INSUFFICIENT		0x1a
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
#define ROOT_PARAMS		120
#define DEVICE_PARAMS		56
#define SUBDEVICE_PARAMS	4

#define CMD_GPU_QUERY_ECC	0x2080012f
#define CMD_GPU_GET_ENGINES_V2	0x20800170
#define CMD_GPU_GET_VMMU_SEGMENT	0x2080017e
#define CMD_FIFO_GET_NUM_CHANNELS	0x20800a61
#define CMD_FB_GET_INFO_V2	0x20801303
#define CMD_GSP_GET_FEATURES	0x20803601
#define CMD_VGPU_MGR		0x20804000	/* this and ff more */
#define CMD_BOOTLOAD		0x20804001
#define CMD_SHUTDOWN		0x20804002
#define CMD_CLEANUP		0x20804008

#define FEATURES_SIZE		72
#define FEATURES_VALID		4
#define FEATURES_DEFAULT	5
#define FEATURES_VERSION	6

#define ENGINES_SIZE		340
#define ENGINES_LIST		4
#define ENGINE_TYPES		84

#define ECC_UNIT		40

#define FB_INFO_BAR1_SIZE	0x05
#define FB_INFO_RAM_SIZE	0x07
#define FB_INFO_TOTAL_RAM_SIZE	0x08
#define FB_INFO_HEAP_SIZE	0x09
#define FB_INFO_HEAP_FREE	0x16
#define FB_INFO_USABLE		0x20

#define BOOT_SIZE		6616
#define BOOT_DBDF		0
#define BOOT_GFID		4
#define BOOT_TYPE		8
#define BOOT_SWIZZ		16
#define BOOT_CHANNELS		20
#define BOOT_CHID_OFFSET	28
#define BOOT_NSEGMENTS		368
#define BOOT_SEG_ADDR		376
#define BOOT_SEG_LEN		3448
#define BOOT_HEAP_ADDR		6520
#define BOOT_HEAP_LEN		6528
#define BOOT_CTRL_BUFFER	6536
#define BOOT_LOGS		6544	/* three of offset, size */
#define BOOT_MAX_SEGMENTS	384
#define SWIZZ_NONE		0xffffffff

/* What the branches do differently. */
struct sim_layout {
	u32 args_size;		/* GSP_ARGUMENTS_CACHED */
	bool mq_says_elements;	/* MESSAGE_QUEUE_INIT_ARGUMENTS says element sizes */
	u32 ctrl_header;
	u32 ecc_size;
	u32 fb_info_entries;
	u32 fb_info_max_index;
};

#endif
