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

enum sim_vgpu_state { VGPU_FREE, VGPU_BOOTED, VGPU_CRASHED, VGPU_SHUT };

struct sim_range {
	u64 addr, len;
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
	u32 type;
	u32 nsegs;
	struct sim_range *segs;
	u64 fb_size;
	struct sim_range heap;
	u32 channels;
	u32 chid[SIM_MAX_ENGINES];	/* as the board's engine list */
	void __iomem *win;
	u32 win_size;
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
	const struct sim_layout *lay;
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
	unsigned long acct_next;
	u8 *late;		/* an answer that is held back */
	u32 late_len;
	unsigned long late_at;

	struct {
		u32 gfid, index;
	} events[SIM_MAX_EVENTS];
	u32 nevents;

	struct list_head objects;
	u32 nobjects, nvgpus;
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
void sim_rm_forget(struct sim_board *b);

/* fw_ctrl.c */
u32 sim_ctrl(struct sim_board *b, u8 *p, u32 len);

/* fw_vgpu.c */
u32 sim_vgpu_bootload(struct sim_board *b, const u8 *p);
u32 sim_vgpu_shutdown(struct sim_board *b, const u8 *p);
u32 sim_vgpu_cleanup(struct sim_board *b, const u8 *p);
void sim_vgpu_drop(struct sim_board *b, bool all);
u64 sim_vgpu_fb_used(struct sim_board *b);

/* fw_boot.c */
void sim_fw_event(struct sim_board *b, u32 gfid, u32 index);

#endif
