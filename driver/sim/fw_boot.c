// SPDX-License-Identifier: GPL-2.0-only
/* The firmware's life: boot arguments, start, polling, stop, death, reset. */
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/slab.h>
#include "fw.h"

enum {
	BOOT_OK, BOOT_BAD_ARGS, BOOT_NO_RMARGS, BOOT_BAD_QUEUE_ARGS, BOOT_BAD_TABLE,
	BOOT_BAD_HEADER, BOOT_QUEUE_GONE, BOOT_BAD_META, BOOT_BAD_HEAP, BOOT_BAD_PARTITIONS,
};
#define MAILBOX_STOPPED	0x80000000

/* Messages taken before the VFs get their turn. */
#define BATCH		8

int sim_fw_create(struct sim_board *b)
{
	struct sim_fw *fw = kvzalloc(sizeof(*fw), GFP_KERNEL);

	if (!fw)
		return -ENOMEM;
	INIT_LIST_HEAD(&fw->objects);
	fw->in = kvmalloc(EL_MAX * Q_ELEM, GFP_KERNEL);
	fw->out = kvmalloc(EL_MAX * Q_ELEM, GFP_KERNEL);
	b->fw = fw;
	sim_mode_forget(b);
	return fw->in && fw->out ? 0 : -ENOMEM;
}

void sim_fw_destroy(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;

	if (!fw)
		return;
	sim_vgpu_drop(b, true);
	sim_rm_forget(b);
	sim_rpc_forget(b);
	kvfree(fw->in);
	kvfree(fw->out);
	kvfree(fw);
	b->fw = NULL;
}

/* --------------------------------------------------------------- registers */

static u32 reg_read(struct sim_board *b, u32 off)
{
	void __iomem *r = sim_bar(&b->pf, SIM_BAR0);

	return r ? readl(r + off) : SIM_SENTINEL;
}

/* Nothing is written over what a reset has set up meanwhile. */
static void reg_write(struct sim_board *b, u32 epoch, u32 off, u32 val)
{
	unsigned long flags;
	void __iomem *r;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	r = sim_bar(&b->pf, SIM_BAR0);
	if (r && b->pf.epoch == epoch)
		writel(val, r + off);
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
}

/* Takes a ring out of a doorbell; SIM_SENTINEL if there is none. */
static u32 take_ring(struct sim_board *b, u32 off)
{
	u32 val = reg_read(b, off);

	if (val != SIM_SENTINEL)
		reg_write(b, b->pf.epoch, off, SIM_SENTINEL);
	return val;
}

/* ------------------------------------------------------------------- start */

static int read_sys(struct sim_board *b, u64 addr, void *buf, u32 len)
{
	return sim_dma(&b->pf, b->fw->epoch, addr, buf, len, false);
}

/* How the booter was told to lay out the firmware's memory. */
static int check_meta(struct sim_board *b)
{
	const struct sim_layout *lay = b->lay;
	u64 addr = reg_read(b, PF_SEC2_MAILBOX0) | (u64)reg_read(b, PF_SEC2_MAILBOX1) << 32;
	u8 m[WPR_SIZE];
	u64 heap;
	bool is_48;

	if (read_sys(b, addr, m, sizeof(m)) || rd64(m + WPR_MAGIC) != WPR_MAGIC_VALUE ||
	    rd64(m + WPR_REVISION) != 1 ||
	    (rd64(m + WPR_FB) && rd64(m + WPR_FB) != b->type->fb))
		return BOOT_BAD_META;
	heap = rd64(m + WPR_HEAP);
	b->fw->partitions = m[WPR_PARTITIONS];
	/* For 48 vGPUs it is that heap; nothing else is published. */
	is_48 = b->type->can_48 && lay->mig_vgpus >= WPR_PARTITIONS_48 &&
		b->fw->partitions == WPR_PARTITIONS_48;
	if (is_48)
		return heap == (u64)WPR_HEAP_48 * SZ_1M ? BOOT_OK : BOOT_BAD_HEAP;
	if (heap < (u64)lay->wpr_heap_min * SZ_1M || heap > (u64)lay->wpr_heap_max * SZ_1M)
		return BOOT_BAD_HEAP;
	return b->fw->partitions == b->type->max_vgpus ? BOOT_OK : BOOT_BAD_PARTITIONS;
}

static int find_rmargs(struct sim_board *b, u64 libos, u64 *pa)
{
	u8 e[LIBOS_ENTRY];
	u32 i;

	for (i = 0; i < LIBOS_MAX; i++) {
		if (read_sys(b, libos + i * LIBOS_ENTRY, e, sizeof(e)))
			return BOOT_BAD_ARGS;
		if (!rd64(e + LIBOS_ID8))
			break;
		if (rd64(e + LIBOS_ID8) != ID8_RMARGS)
			continue;
		if (e[LIBOS_KIND] != 1 || e[LIBOS_LOC] != 1)
			break;
		if (rd64(e + LIBOS_SIZE) < b->lay->args_size)
			return BOOT_BAD_QUEUE_ARGS;
		*pa = rd64(e + LIBOS_PA);
		return BOOT_OK;
	}
	return BOOT_NO_RMARGS;
}

static int read_queue_args(struct sim_board *b, u64 rmargs, u64 *shared)
{
	const struct sim_layout *lay = b->lay;
	u8 a[136];

	if (read_sys(b, rmargs, a, lay->args_size))
		return BOOT_BAD_ARGS;
	*shared = rd64(a + MQ_SHARED_PA);
	if (!*shared || !IS_ALIGNED(*shared, SZ_4K) || rd32(a + MQ_PTE_COUNT) != Q_PAGES ||
	    rd64(a + MQ_CMD_OFFSET) != (u64)Q_CMD * SZ_4K ||
	    rd64(a + MQ_STAT_OFFSET) != (u64)Q_STAT * SZ_4K)
		return BOOT_BAD_QUEUE_ARGS;
	if (lay->mq_says_elements &&
	    (rd64(a + MQ_HDR_SIZE) != EL_HEADER || rd64(a + MQ_ELEM_MIN) != Q_ELEM ||
	     rd64(a + MQ_ELEM_MAX) != EL_MAX * Q_ELEM || rd32(a + MQ_HDR_ALIGN) != 4 ||
	     rd32(a + MQ_ELEM_ALIGN) != 12))
		return BOOT_BAD_QUEUE_ARGS;
	return BOOT_OK;
}

static int read_table(struct sim_board *b, u64 shared)
{
	u8 *t = b->bounce;
	u32 i;

	if (read_sys(b, shared, t, Q_PAGES * 8))
		return BOOT_BAD_TABLE;
	for (i = 0; i < Q_PAGES; i++) {
		b->fw->pages[i] = rd64(t + 8 * i);
		if (!b->fw->pages[i] || !IS_ALIGNED(b->fw->pages[i], SZ_4K))
			return BOOT_BAD_TABLE;
	}
	return b->fw->pages[Q_TABLE] == shared ? BOOT_OK : BOOT_BAD_TABLE;
}

static int boot(struct sim_board *b)
{
	u64 libos = reg_read(b, PF_MAILBOX0) | (u64)reg_read(b, PF_MAILBOX1) << 32;
	u64 rmargs, shared;
	int code;

	code = check_meta(b);
	if (!code)
		code = find_rmargs(b, libos, &rmargs);
	if (!code)
		code = read_queue_args(b, rmargs, &shared);
	if (!code)
		code = read_table(b, shared);
	if (!code && sim_q_start(b))
		code = BOOT_BAD_HEADER;
	return code;
}

static void forget(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;

	sim_vgpu_drop(b, true);
	sim_rm_forget(b);
	sim_rpc_forget(b);
	sim_types_forget(b);
	sim_mig_forget(b);
	sim_mode_forget(b);
	fw->state = FW_WAITING;
	fw->init_done = false;
	fw->vgpu_mode = false;
	fw->sriov_mode = fw->info_came = fw->info_ok = false;
	fw->unload = false;
	fw->more = false;
}

static void stop(struct sim_board *b, u32 code)
{
	u32 epoch = b->fw->epoch;

	forget(b);
	reg_write(b, epoch, PF_MAILBOX0, code);
	reg_write(b, epoch, PF_CPUCTL, CPUCTL_HALTED);
}

static void start(struct sim_board *b)
{
	static const enum sim_counter why[] = {
		[BOOT_BAD_ARGS] = SIM_C_refused_boot_args,
		[BOOT_NO_RMARGS] = SIM_C_refused_boot_no_rmargs,
		[BOOT_BAD_QUEUE_ARGS] = SIM_C_refused_boot_queue_args,
		[BOOT_BAD_TABLE] = SIM_C_refused_boot_page_table,
		[BOOT_BAD_HEADER] = SIM_C_refused_boot_queue_header,
		[BOOT_BAD_META] = SIM_C_refused_wpr_meta,
		[BOOT_BAD_HEAP] = SIM_C_refused_wpr_heap,
		[BOOT_BAD_PARTITIONS] = SIM_C_refused_wpr_partitions,
	};
	struct sim_fw *fw = b->fw;
	unsigned long flags;
	int code;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	fw->epoch = b->pf.epoch;
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
	reg_write(b, fw->epoch, PF_CPUCTL, 0);
	code = boot(b);
	if (code) {
		sim_count_n(b, why[code], 1);
		stop(b, code);
		return;
	}
	sim_count(b, fw_starts);
	fw->state = FW_RUNNING;
	fw->more = true;	/* what was queued before the start */
	fw->acct_next = jiffies + HZ;
}

/* The queue memory cannot be reached: the driver went without a word. */
static void die(struct sim_board *b)
{
	sim_count(b, fw_deaths);
	stop(b, BOOT_QUEUE_GONE);
}

/* ----------------------------------------------------------------- running */

void sim_fw_event(struct sim_board *b, u32 gfid, u32 index)
{
	struct sim_fw *fw = b->fw;

	if (fw->nevents == SIM_MAX_EVENTS) {
		sim_count(b, fw_events_dropped);
		return;
	}
	fw->events[fw->nevents].gfid = gfid;
	fw->events[fw->nevents++].index = index;
}

/* Events that became due while a request was answered: they come after it. */
static int send_events(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	int err = 0;
	u32 i;

	for (i = 0; i < fw->nevents && !err; i++) {
		u8 p[8];

		wr32(p, fw->events[i].gfid);
		wr32(p + 4, fw->events[i].index);
		err = sim_rpc_event(b, EV_PLUGIN, p, sizeof(p));
	}
	fw->nevents = 0;
	return err;
}

/* What came before the start has been taken: from now on it is there. */
int sim_fw_up(struct sim_board *b)
{
	sim_decide_vgpu_mode(b);
	b->fw->init_done = true;
	return sim_rpc_event(b, EV_INIT_DONE, NULL, 4);
}

static int send_samples(struct sim_board *b)
{
	u8 *p = kzalloc(GPUACCT_SIZE, GFP_KERNEL);
	int err;

	if (!p)
		return 0;
	sim_acct_fill(b, p);
	err = sim_rpc_event(b, EV_GPUACCT, p, GPUACCT_SIZE);
	kfree(p);
	return err;
}

static int run(struct sim_board *b, bool *worked)
{
	struct sim_fw *fw = b->fw;
	int ret, i;

	ret = sim_rpc_late(b);
	if (ret)
		return ret < 0 ? ret : 0;
	for (i = 0; i < BATCH && fw->more && fw->state == FW_RUNNING; i++) {
		ret = sim_rpc_take(b);
		if (ret < 0)
			return ret;
		fw->more = ret;
		*worked |= ret;
		if (fw->late || fw->unload)
			break;
	}
	if (!fw->init_done && !fw->more && fw->state == FW_RUNNING) {
		*worked = true;
		ret = sim_fw_up(b);
		if (ret)
			return ret;
	}
	if (!fw->late) {
		ret = send_events(b);
		if (ret)
			return ret;
	}
	if (fw->vgpu_mode && fw->init_done && fw->state == FW_RUNNING &&
	    time_after_eq(jiffies, fw->acct_next)) {
		fw->acct_next = jiffies + HZ;
		return send_samples(b);
	}
	return 0;
}

/* Return: true if there was something to do. */
bool sim_fw_poll(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	bool worked = false;
	u32 val;
	int err;

	if (!b->handover || !sim_pf_memory(b))
		return false;
	val = take_ring(b, PF_DOORBELL);
	if (val != SIM_SENTINEL)
		sim_plugin_ring(b, val);
	if (fw->state == FW_WAITING) {
		val = reg_read(b, PF_CPUCTL);
		if (val == SIM_SENTINEL || !(val & CPUCTL_START))
			return false;
		start(b);
		return true;
	}
	if (take_ring(b, PF_QUEUE_HEAD) != SIM_SENTINEL) {
		sim_count(b, queue_rings);
		fw->more = true;
	}
	if (fw->state == FW_HUNG)
		return false;
	worked = sim_plugin_poll(b);
	if (fw->state == FW_HUNG)	/* on a message to a plugin */
		return true;
	worked |= sim_guest_poll(b);
	err = run(b, &worked);
	if (err == -ECANCELED)
		return false;	/* a reset; its event is on the way */
	if (err) {
		die(b);
		return true;
	}
	/* Stopped after the answer, which may be a late one. */
	if (fw->unload && !fw->late) {
		sim_count(b, fw_stops);
		stop(b, MAILBOX_STOPPED);
	}
	return worked;
}

/*
 * The registers were reset by the config cycle. Firmware that was started since
 * then is not meant.
 */
void sim_fw_pf_reset(struct sim_board *b)
{
	if (b->fw->state == FW_WAITING || b->fw->epoch != READ_ONCE(b->pf.epoch))
		forget(b);
}

void sim_fw_vfs_gone(struct sim_board *b)
{
	sim_vgpu_drop(b, false);
}

void sim_fw_levels(struct sim_board *b, struct sim_levels *l)
{
	l->vgpus = READ_ONCE(b->fw->nvgpus);
	l->objects = READ_ONCE(b->fw->nobjects);
	l->gpu_instances = READ_ONCE(b->fw->ngis);
	l->running = READ_ONCE(b->fw->state) != FW_WAITING;
	l->mixed = READ_ONCE(b->fw->mixed);
	l->mig = READ_ONCE(b->fw->mig);
}
