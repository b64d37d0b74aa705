// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guests do, as the firmware hears of it: their driver comes and goes,
 * licence, OS (docs/hardware.md section 7), and how busy they keep the board
 * (section 6).
 */
#include <linux/io.h>
#include <linux/ktime.h>
#include "fw.h"

/* Takes what a guest wrote; SIM_SENTINEL if nothing. */
static u32 take(struct sim_fn *f, u32 off)
{
	struct sim_board *b = f->board;
	void __iomem *r;
	unsigned long flags;
	u32 val = SIM_SENTINEL;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	r = sim_bar(f, SIM_BAR0);
	if (r) {
		val = readl(r + VF_PAGE + off);
		if (val != SIM_SENTINEL)
			writel(SIM_SENTINEL, r + VF_PAGE + off);
	}
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
	return val;
}

static void event(struct sim_vgpu *v, u32 index)
{
	sim_count(v->fn->board, guest_events);
	sim_fw_event(v->fn->board, v->gfid, index);
}

static void driver(struct sim_vgpu *v, bool loaded)
{
	if (v->guest_loaded == loaded)
		return;
	v->guest_loaded = loaded;
	v->guest_epoch = READ_ONCE(v->fn->epoch);
	event(v, loaded ? PLUGIN_GUEST_LOADED : PLUGIN_GUEST_UNLOADED);
}

static bool poll_one(struct sim_vgpu *v)
{
	bool was = v->guest_loaded, worked = false;
	u32 val;

	/* A reset takes the driver away without a word. */
	if (was && v->guest_epoch != READ_ONCE(v->fn->epoch))
		driver(v, false);
	val = take(v->fn, VF_GUEST);
	if (val != SIM_SENTINEL) {
		driver(v, val == 1);
		worked = true;
	}
	val = take(v->fn, VF_LICENCE);
	if (val != SIM_SENTINEL) {
		sim_plugin_license(v, val);
		event(v, PLUGIN_LICENCE);
		worked = true;
	}
	val = take(v->fn, VF_OS);
	if (val != SIM_SENTINEL) {
		event(v, PLUGIN_OS);
		worked = true;
	}
	return worked || was != v->guest_loaded;
}

bool sim_guest_poll(struct sim_board *b)
{
	bool worked = false;
	u32 g;

	for (g = 1; g <= b->type->total_vfs; g++)
		if (b->fw->vgpus[g].state == VGPU_BOOTED)
			worked |= poll_one(&b->fw->vgpus[g]);
	return worked;
}

/* ------------------------------------------------------------- utilisation */

static void put_util(u8 *p, u32 util, u32 process)
{
	wr32(p, util);
	wr32(p + 4, process);
	wr32(p + 8, process == SIM_SENTINEL ? SIM_SENTINEL : 0);
}

/* 1 % for each MiB that was moved, something for anything at all. */
static u32 util_of(u64 bytes)
{
	return min_t(u64, 10000, DIV_ROUND_UP_ULL(bytes * 100, SZ_1M));
}

/**
 * sim_acct_fill - samples of the last second
 * @b: board
 * @p: GPUACCT_SIZE bytes of zeros
 *
 * Return: number of samples.
 */
u32 sim_acct_fill(struct sim_board *b, u8 *p)
{
	u64 now = div_u64(ktime_get_real_ns(), NSEC_PER_USEC);
	u32 n = 0, g, util;

	for (g = 1; g <= b->type->total_vfs && n < ACCT_MAX; g++) {
		struct sim_vgpu *v = &b->fw->vgpus[g];
		u8 *s = p + ACCT_SAMPLES + n * ACCT_SAMPLE;

		if (v->state != VGPU_BOOTED)
			continue;
		util = util_of(v->fn->ce_bytes - v->acct_bytes);
		v->acct_bytes = v->fn->ce_bytes;
		wr64(s + ACCT_TIME, now);
		put_util(s + ACCT_FB, util, v->pid);
		put_util(s + ACCT_GR, util, v->pid);
		put_util(s + ACCT_ENC, 0, SIM_SENTINEL);
		put_util(s + ACCT_DEC, 0, SIM_SENTINEL);
		n++;
	}
	wr32(p + ACCT_BUF_SIZE, ACCT_MAX * ACCT_SAMPLE);
	wr32(p + ACCT_COUNT, n);
	wr32(p + ACCT_COUNT + 4, b->fw->tracker += n);
	return n;
}
