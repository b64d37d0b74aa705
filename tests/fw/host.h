/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A host for the firmware model: boot arguments, queues, RPCs and vGPUs, every
 * byte built here from docs/hardware.md, so that a test can spoil any of them.
 * It shares nothing with driver/gsp, nor with the headers of driver/sim.
 */
#ifndef HOST_H
#define HOST_H

#include <criterion/criterion.h>

#include "model.h"

#define HOST_BUS	0x123400000000ull	/* where the model finds our memory */
#define HOST_PAGES	160			/* of 4 KiB */
#define HOST_QUEUE_PAGES	129
#define HOST_ELEM	4096
#define HOST_ELEM_MAX	16
#define HOST_RECORD_MAX	(HOST_ELEM_MAX * HOST_ELEM - 48 - 32)	/* payload */

/* RPC functions and events */
#define FN_FREE			10
#define FN_UNLOAD		47
#define FN_CONTINUATION		71
#define FN_SYSTEM_INFO		72
#define FN_REGISTRY		73
#define FN_CONTROL		76
#define FN_ALLOC		103
#define EV_INIT_DONE		0x1001
#define EV_GPUACCT		0x1008
#define EV_PLUGIN		0x100d

/* what a plugin event says */
#define PLUGIN_BOOTED		0
#define PLUGIN_UNLOADED		1
#define PLUGIN_CRASHED		2
#define PLUGIN_GUEST_UP		3
#define PLUGIN_GUEST_DOWN	4
#define PLUGIN_LICENCE		6
#define PLUGIN_OS		7

/* messages to a plugin */
#define MSG_NEGOTIATE		1
#define MSG_CONFIG		2
#define MSG_RESET		3
#define MSG_BME			13
#define START_MARKER		0x4e654a6f

#define CMD_ECC			0x2080012f
#define CMD_ENGINES		0x20800170
#define CMD_SEGMENT		0x2080017e
#define CMD_CHANNELS		0x20800a61
#define CMD_MEMSET		0x20800afa
#define CMD_FB_INFO		0x20801303
#define CMD_FEATURES		0x20803601
#define CMD_PROMOTE		0x20800a44
#define CMD_GI_RANGES		0x20800a66
#define CMD_MIG_MODE		0x20800aa3
#define CMD_SET_GIS		0x20800aa5
#define CMD_SCHED_GET		0x20801120
#define CMD_SCHED_SET		0x20801121
#define CMD_MIXED		0x2080400e
#define CMD_MIG_TIMESLICE	0x2080400f
#define CMD_BOOTLOAD		0x20804001
#define CMD_SHUTDOWN		0x20804002
#define CMD_ADD_TYPE		0x20804003
#define CMD_CLEANUP		0x20804008

/* rpc_result */
#define RPC_FUNCTION		0xff100001
#define RPC_PAYLOAD		0xff100002
#define HOST_NO_ANSWER		0xeeeeeeee	/* not the firmware's */

/* RM status */
#define RM_IN_USE_17		0x17
#define RM_DUPLICATE		0x19
#define RM_RESOURCES		0x1a
#define RM_PERMISSIONS		0x1b
#define RM_ARGUMENT		0x1f
#define RM_CLASS		0x22
#define RM_CLIENT		0x23
#define RM_HANDLE		0x33
#define RM_PARENT		0x36
#define RM_PARAMS		0x3a
#define RM_STATE		0x40
#define RM_NOT_SUPPORTED	0x56
#define RM_NOT_FOUND		0x57
#define RM_IN_USE		0x63

/* Where the test's own objects are. */
#define CLIENT			0xc1d00000
#define DEVICE			0xde1d0000
#define SUBDEVICE		0x5d1d0000
#define CLIENT_OF(gfid)		(CLIENT + (gfid))

/* What the branches do differently, from the tables of published structs. */
struct host_layout {
	unsigned int branch;
	uint32_t rmargs, control, root, ecc, engines, fb_info, fb_info_last;
	uint32_t heap_min, heap_max;	/* of the firmware, MiB */
	struct { uint32_t size, dbdf, user_va, mirror, pci_ids, vf, page; } sys;
	struct {
		uint32_t size, record, records, name, sig, max, pdev, gi_size, profile, per_gi;
	} types;
	struct { uint32_t size, flags, valid, lo; } gi;	/* an entry of SET_GPU_INSTANCES */
	uint32_t mig_vgpus;
	bool modes;			/* mixed sizes and scheduler commands */
	struct {
		uint32_t size, chid, nchid, nsegs, addr, len, heap, ctrl, logs, nlogs;
	} boot;
	uint32_t config;		/* bytes of the plugin's message 2 */
	uint32_t processed, result;	/* in the plugin's response page */
	uint32_t comm;			/* bytes of the plugin's area */
};

struct host_event {
	uint32_t function, len;
	uint8_t data[128];
};

struct host {
	struct model *m;
	struct model_facts f;
	const struct host_layout *lay;
	uint8_t *mem;			/* HOST_PAGES */
	bool gone;			/* our memory cannot be reached */
	uint64_t hole;			/* nor this page of it */
	uint8_t el[HOST_ELEM_MAX * HOST_ELEM];	/* message in the making */

	/* command queue */
	uint32_t write, seq, rpc_seq;
	/* status queue */
	uint32_t read, expect;
	uint32_t irqs, garbage;

	/* the answer that came last, and events so far */
	struct {
		uint32_t function, result, seq, len;
		uint8_t *data;
		uint32_t room;
	} ans;
	bool answered;
	struct host_event ev[256];
	uint32_t nev;

	uint32_t msg_seq[65];		/* of the last message to a plugin, by gfid */
	/* by gfid, where it is not the usual: what the vGPU is and where */
	struct host_at {
		bool set;
		uint32_t type, swizz, place;
		uint64_t base;		/* of its GPU instance */
		uint32_t slot;		/* in there */
	} at[65];
};

struct host *host_new(const char *board, unsigned int branch);
void host_free(struct host *h);

/* bytes */
uint32_t get32(const void *p);
uint64_t get64(const void *p);
void put32(void *p, uint32_t v);
void put64(void *p, uint64_t v);

/* Pages of our memory: of the queues by their number there, and others. */
enum { PAGE_LIBOS = 130, PAGE_RMARGS, PAGE_WPR, PAGE_SPARE };
uint8_t *host_page(struct host *h, unsigned int page);
uint64_t host_bus(unsigned int page);
uint8_t *host_queue_page(struct host *h, unsigned int i);

/* Before the start: everything as it must be, for the test to spoil. */
void host_prepare(struct host *h);
uint32_t host_sysinfo(struct host *h, uint8_t *p);
uint32_t host_registry(uint8_t *p, const char *name, uint32_t value);
void host_early(struct host *h);
/* Mailbox code, 0 if the firmware runs. */
uint32_t host_start(struct host *h);
/* All of it, with objects, VFs and types. */
void host_up(struct host *h);
void host_down(struct host *h);

/* One record into h->el; its elements into the ring; ring; read what came. */
uint32_t host_record(struct host *h, uint32_t function, uint32_t rpc_seq, const void *payload,
		     uint32_t len);
void host_seal(struct host *h);
void host_push(struct host *h, uint32_t elements);
void host_ring(struct host *h);
void host_poll(struct host *h);
void host_pass(struct host *h, uint32_t ms);

/* A whole request; payload is replaced by the answer's. rpc_result. */
void host_send(struct host *h, uint32_t function, const void *payload, uint32_t len);
uint32_t host_wait(struct host *h, uint32_t ms);
uint32_t host_rpc(struct host *h, uint32_t function, void *payload, uint32_t len);

/* Status of RM; the RPC itself must have gone well. */
uint32_t host_alloc(struct host *h, uint32_t client, uint32_t parent, uint32_t object,
		    uint32_t class, const void *params, uint32_t size);
uint32_t host_alloc_client(struct host *h, uint32_t client);
uint32_t host_alloc_device(struct host *h, uint32_t client);
uint32_t host_alloc_subdevice(struct host *h, uint32_t client);
uint32_t host_alloc_all(struct host *h, uint32_t client);
uint32_t host_drop(struct host *h, uint32_t client, uint32_t object);
uint32_t host_ctrl_as(struct host *h, uint32_t client, uint32_t object, uint32_t cmd, void *params,
		      uint32_t size);
uint32_t host_ctrl(struct host *h, uint32_t cmd, void *params, uint32_t size);
/* Payload of a control, and its length. */
uint32_t host_ctrl_bytes(struct host *h, uint8_t *p, uint32_t client, uint32_t object, uint32_t cmd,
			 const void *params, uint32_t size);

/* Types: HOST_TYPE and the next one, as the payload of ADD_VGPU_TYPE. */
uint32_t host_types(struct host *h, uint8_t *p);
uint8_t *host_type_record(struct host *h, uint8_t *p, uint32_t i, uint32_t type);
uint32_t host_add_types(struct host *h, uint8_t *p);
/* As it came: what firmware and a host have when nobody spoke of types yet. */
void host_up_without_types(struct host *h);

/* One more type, which runs in GPU instances of so many slices (0: of none). */
uint32_t host_add_type(struct host *h, uint32_t type, uint32_t gib, uint32_t slices,
		       uint32_t per_gi);

/* Modes and GPU instances: RM status. */
uint32_t host_mixed(struct host *h, uint8_t on);
uint32_t host_mig(struct host *h, uint32_t mode);
uint32_t host_timeslice(struct host *h, uint8_t on);
uint32_t host_sched(struct host *h, uint32_t engine, uint32_t policy, uint32_t arr, uint32_t ns);
#define MIG_OFF		0
#define MIG_ON		2
/* flags; gfx is for boards that have it */
#define GI_7		0x00
#define GI_4		(1 | 1 << 2)
#define GI_3		(1 | 2 << 2)
#define GI_2		(2 | 3 << 2)
#define GI_1_DOUBLE	(2 | 4 << 2)
#define GI_1		(3 | 5 << 2)
/* of boards with four slices */
#define GI4_4		0x00
#define GI4_2		(1 | 1 << 2)
#define GI4_1		(2 | 3 << 2)
#define GI_ME		0x40000000u
#define GI_SPAN		0x80000000u
#define GI_ANYWHERE	0xffffffffu
/* The smallest instance of the board, and how many eighths it has. */
uint32_t host_gi_smallest(struct host *h, uint32_t *eighths);
/* At an eighth, or GI_ANYWHERE; *id is the swizz id. */
uint32_t host_gi_create(struct host *h, uint32_t flags, uint32_t start, uint32_t eighths,
			uint32_t *id);
uint32_t host_gi_destroy(struct host *h, uint32_t id);
/* Its memory as it must be, and telling the firmware so. */
void host_gi_memory(struct host *h, uint32_t id, uint64_t *base, uint64_t *size);
uint32_t host_promote(struct host *h, uint32_t id, uint64_t lo, uint64_t hi);
/* Complete: created, its memory promoted. Returns its id; asserts. */
uint32_t host_gi(struct host *h, uint32_t flags, uint32_t start, uint32_t eighths);
/* The vGPU of gfid goes there, into part @slot. */
void host_put_in(struct host *h, uint32_t gfid, uint32_t type, uint32_t id, uint32_t slot);

/* Fills framebuffer. */
uint32_t host_memset(struct host *h, uint64_t addr, uint64_t len, uint8_t value);
void host_memset_params(uint8_t *p, uint64_t addr, uint64_t len, uint8_t value);

/* vGPUs: gfid n has its own part of everything. */
#define HOST_TYPE	560
#define HOST_PID	4321
uint64_t host_fb(struct host *h, uint32_t gfid);
uint64_t host_fb_size(struct host *h);
uint64_t host_heap(struct host *h, uint32_t gfid);
#define HOST_HEAP_SIZE	0x2000000u
uint32_t host_dbdf(struct host *h, uint32_t gfid);
void host_bootload_params(struct host *h, uint32_t gfid, uint8_t *p);
void host_comm_init(struct host *h, uint32_t gfid);
uint32_t host_bootload(struct host *h, uint32_t gfid);
uint32_t host_shutdown(struct host *h, uint32_t gfid);
uint32_t host_cleanup(struct host *h, uint32_t gfid);
/* BOOTLOAD to the event, and the reverse; both assert. */
void host_vgpu(struct host *h, uint32_t gfid);
void host_vgpu_gone(struct host *h, uint32_t gfid);

/* The plugin's area of a vGPU, and messages to it: result, or HOST_NO_ANSWER. */
uint8_t *host_comm(struct host *h, uint32_t gfid);
void host_write_msg(struct host *h, uint32_t gfid, uint32_t type, uint32_t seq,
		    const void *payload, uint32_t len);
void host_ring_plugin(struct host *h, uint32_t gfid);
uint32_t host_msg(struct host *h, uint32_t gfid, uint32_t type, const void *payload, uint32_t len);
uint32_t host_config(struct host *h, uint32_t gfid, uint8_t *p);
/* Messages 1, 2 and 13, all of them right. */
void host_configure(struct host *h, uint32_t gfid);
bool host_log_has(struct host *h, uint32_t gfid, uint32_t log, const char *text);

/* Whether a plugin event of that vGPU is among those that came since @from. */
bool host_saw(struct host *h, uint32_t from, uint32_t gfid, uint32_t what);

#define EXPECT_ZERO(call)	cr_expect_eq(call, 0u, "%s", #call)

#endif
