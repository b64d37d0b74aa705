/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The firmware model: what GSP-RM in vGPU mode does with the messages that
 * docs/hardware.md names. All of it runs in the engine thread of the board, so
 * it has no locks; the few numbers that debugfs reads are single words.
 */
#ifndef SIM_FW_H
#define SIM_FW_H

#include <linux/list.h>
#include <linux/string.h>
#include "sim.h"
#include "fw_layout.h"

#define SIM_MAX_OBJECTS	4096
#define SIM_MAX_EVENTS	(2 * (SIM_MAX_VFS + 1))
#define SIM_MAX_LARGE	SZ_1M
#define SIM_MAX_TYPES	256
#define SIM_MAX_GIS	8

/* VGPU_BOOTING: its plugin has been started and has not said anything yet. */
enum sim_vgpu_state { VGPU_FREE, VGPU_BOOTING, VGPU_BOOTED, VGPU_CRASHED, VGPU_SHUT };

struct sim_range {
	u64 addr, len;
};

/*
 * The plugin of a vGPU. @map is the part of PF BAR1 that holds its communication
 * area and its logs, from framebuffer address @map_at on, mapped from BOOTLOAD to
 * CLEANUP.
 */
struct sim_plugin {
	void __iomem *map;
	u64 map_at;
	u64 comm;		/* address of the control page */
	struct sim_range log[BOOT_MAX_LOGS];
	u64 log_put[BOOT_MAX_LOGS];
	unsigned long boot_at;	/* BOOTLOAD */
	u32 seen;		/* message_seq_num when last looked at */
	u32 last;		/* last number that was right */
	bool unrung;		/* it was found before its own ring */
	bool negotiated, configured, bme;
	u32 conf_type;
	u16 place;		/* placement id, as message 2 says it */
	bool late;		/* an answer is held back: */
	u32 late_result;
	unsigned long late_at;
};

/* What the model keeps of an uploaded type. */
struct sim_type {
	u32 id;
	u64 profile;
	u32 slices;		/* of its GPU instance, 0: not MIG-backed */
	u32 max_per_gi;
};

/* A GPU instance; there is none while @shape is NULL. */
struct sim_gi {
	const struct sim_gi_shape *shape;
	u32 id;			/* NVIDIA's swizz id */
	u32 flags;
	u32 start, eighths;	/* of the framebuffer */
	struct sim_range memory;	/* as promoted by the host; empty before */
};

/*
 * A vGPU, from BOOTLOAD to CLEANUP (or the loss of its VF). @win is where the VF's
 * BAR1 lies in the board's memory, which stays when the VF goes, so the window
 * can be written back then too.
 */
struct sim_vgpu {
	enum sim_vgpu_state state;
	struct sim_fn *fn;
	u32 generation;		/* of the VFs when it was booted */
	u32 gfid, dbdf, type, pid, swizz;
	const struct sim_type *info;	/* types stay while a vGPU is there */
	u32 nsegs;
	struct sim_range *segs;
	u64 fb_size;
	struct sim_range heap;
	u32 channels;
	u32 chid[SIM_MAX_ENGINES];	/* as the board's engine list */
	void __iomem *win;
	u32 win_size;
	struct sim_plugin plugin;
	bool guest_loaded;	/* its driver says that it has come up */
	u32 guest_epoch;	/* of the VF, then */
	u64 acct_bytes;		/* moved by the copy engine at the last sample */
};

enum sim_fw_state {
	FW_WAITING,	/* for boot arguments */
	FW_RUNNING,
	FW_HUNG,	/* on request; only a reset helps */
};

/* RM objects form a tree: client, device, subdevice. */
struct sim_object {
	struct list_head link;
	u32 client, handle, parent, class;
};

/* Lives as long as the board. */
struct sim_fw {
	enum sim_fw_state state;
	u32 epoch;		/* of the PF when it was started */

	/* queues */
	u64 pages[Q_PAGES];
	u32 cmd_read, cmd_seq;	/* next element, next sequence number */
	u32 stat_write, stat_seq;
	bool more;		/* there may be messages left to take */
	u8 *in;			/* one message as it came, EL_MAX elements */
	u8 *out;		/* one message as it goes */

	/* the request in work: RPC header and payload */
	u8 *rpc;
	u32 rpc_len;
	u8 *large;		/* reassembled from continuation records */
	u32 large_len, large_have;

	bool init_done, vgpu_mode, unload;
	bool sriov_mode, info_came, info_ok;	/* what vgpu_mode is made of */
	unsigned long acct_next;
	u32 tracker;		/* of the samples */
	u8 *late;		/* an answer that is held back */
	u32 late_len;
	unsigned long late_at;

	struct {
		u32 gfid, index;
	} events[SIM_MAX_EVENTS];
	u32 nevents;

	struct list_head objects;
	u32 nobjects, nvgpus;
	u32 manager;		/* client that may do things to vGPUs, 0 = none yet */
	struct sim_type types[SIM_MAX_TYPES];
	u32 ntypes;
	u32 partitions;		/* vGPUs that the booter was told to make room for */
	bool mixed;
	bool mig, mig_timeslice;
	struct sim_gi gis[SIM_MAX_GIS];
	u32 ngis;
	u32 sched_policy, sched_slice;	/* of the engines; ns, 0: the firmware's own */
	struct sim_vgpu vgpus[SIM_MAX_VFS + 1];	/* by gfid */
};

/* Fields of messages: little endian, aligned to nothing. */
static inline u32 rd32(const u8 *p)
{
	__le32 v;

	memcpy(&v, p, sizeof(v));
	return le32_to_cpu(v);
}

static inline u64 rd64(const u8 *p)
{
	__le64 v;

	memcpy(&v, p, sizeof(v));
	return le64_to_cpu(v);
}

static inline void wr32(u8 *p, u32 val)
{
	__le32 v = cpu_to_le32(val);

	memcpy(p, &v, sizeof(v));
}

static inline void wr64(u8 *p, u64 val)
{
	__le64 v = cpu_to_le64(val);

	memcpy(p, &v, sizeof(v));
}

/* fw_queue.c */
int sim_q_start(struct sim_board *b);
int sim_q_receive(struct sim_board *b);
int sim_q_send(struct sim_board *b, const u8 *rpc, u32 len, bool wait);
int sim_q_send_garbage(struct sim_board *b);

/* fw_rpc.c */
int sim_rpc_take(struct sim_board *b);
int sim_rpc_late(struct sim_board *b);
int sim_rpc_event(struct sim_board *b, u32 function, const u8 *payload, u32 len);
void sim_rpc_forget(struct sim_board *b);

/* fw_rm.c */
u32 sim_rm_alloc(struct sim_board *b, u8 *p, u32 len);
u32 sim_rm_free(struct sim_board *b, u8 *p, u32 len);
u32 sim_rm_check_subdevice(struct sim_board *b, u32 client, u32 handle);
bool sim_rm_is_client(struct sim_board *b, u32 handle);
void sim_rm_forget(struct sim_board *b);

/* fw_ctrl.c */
u32 sim_ctrl(struct sim_board *b, u8 *p, u32 len);

/* fw_sysinfo.c */
void sim_set_system_info(struct sim_board *b, const u8 *p, u32 len);
void sim_set_registry(struct sim_board *b, const u8 *t, u32 len);
void sim_decide_vgpu_mode(struct sim_board *b);

/* fw_types.c */
const struct sim_type *sim_type_of(struct sim_board *b, u32 type);
u32 sim_types_add(struct sim_board *b, u32 client, const u8 *p);
void sim_types_forget(struct sim_board *b);

/* fw_mode.c */
u32 sim_mode_mixed(struct sim_board *b, u8 *p);
u32 sim_sched_set(struct sim_board *b, u8 *p);
u32 sim_sched_get(struct sim_board *b, u8 *p);
u32 sim_sched_policy(struct sim_board *b);
bool sim_sched_boot(struct sim_board *b, u32 val);
void sim_mode_forget(struct sim_board *b);

/* fw_mig.c */
u32 sim_mig_mode(struct sim_board *b, u8 *p);
u32 sim_mig_timeslice(struct sim_board *b, u8 *p);
u32 sim_mig_set_instances(struct sim_board *b, u8 *p);
u32 sim_mig_promote(struct sim_board *b, u8 *p);
u32 sim_mig_ranges(struct sim_board *b, u8 *p);
u32 sim_mig_limit(struct sim_board *b);
u32 sim_mig_check_boot(struct sim_board *b, const struct sim_vgpu *v);
bool sim_mig_place_ok(const struct sim_vgpu *v, u32 place);
void sim_mig_forget(struct sim_board *b);

/* fw_mem.c */
u32 sim_mem_transfer(struct sim_board *b, const u8 *p);

/* fw_plugin.c */
u32 sim_plugin_start(struct sim_vgpu *v, const u8 *boot);
void sim_plugin_end(struct sim_vgpu *v);
void sim_plugin_crash(struct sim_vgpu *v);
void sim_plugin_log(struct sim_vgpu *v, u32 which, const char *fmt, ...) __printf(3, 4);
void sim_plugin_ring(struct sim_board *b, u32 val);
bool sim_plugin_poll(struct sim_board *b);
void sim_plugin_license(struct sim_vgpu *v, u32 state);

/* fw_guest.c */
bool sim_guest_poll(struct sim_board *b);
u32 sim_acct_fill(struct sim_board *b, u8 *p);

/* fw_vgpu.c */
void sim_vgpu_show(struct sim_vgpu *v);
bool sim_vgpu_owns(struct sim_board *b, u64 addr, u64 len);
u32 sim_vgpu_bootload(struct sim_board *b, const u8 *p);
u32 sim_vgpu_shutdown(struct sim_board *b, const u8 *p);
u32 sim_vgpu_cleanup(struct sim_board *b, const u8 *p);
void sim_vgpu_drop(struct sim_board *b, bool all);
u64 sim_vgpu_fb_used(struct sim_board *b);

/* fw_boot.c */
int sim_fw_up(struct sim_board *b);
void sim_fw_event(struct sim_board *b, u32 gfid, u32 index);

#endif
