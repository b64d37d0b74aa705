// SPDX-License-Identifier: GPL-2.0-only
/*
 * The copy engine of a VF: docs/hardware.md section 5. A command is taken from
 * the doorbell and advanced by slices, so that VFs and the firmware share the
 * engine thread fairly and a reset stops it at the next piece.
 */
#include <linux/io.h>
#include "sim.h"

#define CE_MAX		SZ_16M
#define CE_SLICE	SZ_256K

enum { OP_SYS_SYS = 1, OP_SYS_FB, OP_FB_SYS, OP_FB_FB, OP_FILL, OP_IRQ };

enum {
	ST_DONE, ST_FAULT, ST_RANGE, ST_NOT_BOOTED, ST_BAD, ST_NO_MASTER,
	ST_RESET,	/* of the function: written by the reset itself */
};

static int status_of(struct sim_board *b, int err)
{
	switch (err) {
	case -EFAULT:
		sim_count(b, ce_faults);
		return ST_FAULT;
	case -EACCES:
		sim_count(b, ce_refused_no_master);
		return ST_NO_MASTER;
	default:	/* -ERANGE, and a store that is full */
		sim_count(b, ce_refused_range);
		return ST_RANGE;
	}
}

/* Registers and vector of a finished command; nothing if a reset came first. */
static void finish(struct sim_fn *f, u32 status)
{
	struct sim_board *b = f->board;
	struct sim_ce *ce = &f->ce;
	void __iomem *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	r = sim_bar(f, SIM_BAR0);
	if (ce->busy && f->epoch == ce->epoch && r) {
		writel(f->faults, r + VF_PAGE + VF_FAULTS);
		writel(status, r + VF_PAGE + VF_STATUS);
		wmb();	/* the status is there when the number is */
		writel(ce->seq, r + VF_PAGE + VF_DONE);
		if (ce->vector != SIM_SENTINEL && status != ST_NO_MASTER)
			sim_msix_raise(f, ce->vector);
	}
	ce->busy = false;
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
}

/* Takes a command, or returns false if none was rung. */
static bool take(struct sim_fn *f)
{
	struct sim_board *b = f->board;
	struct sim_ce *ce = &f->ce;
	void __iomem *r;
	unsigned long flags;
	bool rung = false;
	u32 seq;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	r = sim_bar(f, SIM_BAR0);
	if (r) {
		r += VF_PAGE;
		seq = readl(r + VF_RING);
		rung = seq != SIM_SENTINEL;
	}
	if (rung) {
		writel(SIM_SENTINEL, r + VF_RING);
		*ce = (struct sim_ce) {
			.busy = true,
			.seq = seq,
			.epoch = f->epoch,
			.op = readl(r + VF_OP),
			.vector = readl(r + VF_VECTOR),
			.src = readl(r + VF_SRC_LO) | (u64)readl(r + VF_SRC_HI) << 32,
			.dst = readl(r + VF_DST_LO) | (u64)readl(r + VF_DST_HI) << 32,
			.len = readl(r + VF_LEN),
		};
	}
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
	return rung;
}

/* Framebuffer of the vGPU, by its own addresses: the BAR1 window, then the store. */
static int fb_rw(struct sim_fn *f, u64 off, void *buf, size_t len, bool write)
{
	struct sim_board *b = f->board;
	struct sim_vgpu *v = sim_fw_vgpu_of(f);
	u64 run, addr, size = sim_vgpu_fb_size(v);
	void __iomem *win;
	unsigned long flags;
	u32 winsize;
	int err = 0;
	size_t n;

	if (off >= size || len > size - off)
		return -ERANGE;
	winsize = sim_vgpu_window(v, &win);
	while (len && !err) {
		n = len;
		if (off < winsize) {
			n = min_t(u64, n, winsize - off);
			raw_spin_lock_irqsave(&b->dma_lock, flags);
			if (f->epoch != f->ce.epoch)
				err = -ECANCELED;
			else if (write)
				memcpy_toio(win + off, buf, n);
			else
				memcpy_fromio(buf, win + off, n);
			raw_spin_unlock_irqrestore(&b->dma_lock, flags);
		} else {
			addr = sim_vgpu_fb_address(v, off, &run);
			n = min_t(u64, n, run);
			err = sim_fb_rw(b, addr, buf, n, write);
		}
		off += n;
		buf += n;
		len -= n;
	}
	return err;
}

static int read_piece(struct sim_fn *f, u8 *buf, size_t n)
{
	struct sim_ce *ce = &f->ce;
	u64 src = ce->src + ce->done;

	switch (ce->op) {
	case OP_SYS_SYS:
	case OP_SYS_FB:
		return sim_dma(f, ce->epoch, src, buf, n, false);
	case OP_FB_SYS:
	case OP_FB_FB:
		return fb_rw(f, src, buf, n, false);
	default:
		memset(buf, (u8)ce->src, n);
		return 0;
	}
}

static int write_piece(struct sim_fn *f, u8 *buf, size_t n)
{
	struct sim_ce *ce = &f->ce;
	u64 dst = ce->dst + ce->done;

	if (ce->op == OP_SYS_FB || ce->op == OP_FB_FB)
		return fb_rw(f, dst, buf, n, true);
	return sim_dma(f, ce->epoch, dst, buf, n, true);
}

static void advance(struct sim_fn *f)
{
	struct sim_board *b = f->board;
	struct sim_ce *ce = &f->ce;
	u32 end = min(ce->len, ce->done + CE_SLICE);
	int err = 0;

	if (!sim_fw_vgpu_of(f)) {
		sim_count(b, ce_refused_not_booted);
		finish(f, ST_NOT_BOOTED);
		return;
	}
	/* Only what stays inside the board needs no bus. */
	if (ce->op != OP_FB_FB && !sim_vgpu_may_dma(sim_fw_vgpu_of(f))) {
		finish(f, status_of(b, -EACCES));
		return;
	}
	if (ce->op == OP_IRQ) {
		finish(f, ST_DONE);
		return;
	}
	while (ce->done < end && !err) {
		u32 n = min_t(u32, end - ce->done, PAGE_SIZE);

		err = read_piece(f, b->bounce, n) ?: write_piece(f, b->bounce, n);
		if (!err) {
			ce->done += n;
			f->ce_bytes += n;
		}
	}
	if (err == -ECANCELED)
		ce->busy = false;	/* the reset has said so already */
	else if (err)
		finish(f, status_of(b, err));
	else if (ce->done == ce->len)
		finish(f, ST_DONE);
}

/* Ends the command in work, as a reset does. Engine thread. */
void sim_ce_stop(struct sim_fn *f)
{
	if (!READ_ONCE(f->ce.busy))
		return;
	sim_count(f->board, ce_aborted);
	finish(f, ST_RESET);
}

/* Return: true if there was something to do. */
bool sim_ce_poll(struct sim_fn *f)
{
	struct sim_ce *ce = &f->ce;

	if (!READ_ONCE(ce->busy)) {
		if (!take(f))
			return false;
		sim_count(f->board, ce_commands);
		if (ce->op < OP_SYS_SYS || ce->op > OP_IRQ || ce->len > CE_MAX ||
		    (!ce->len && ce->op != OP_IRQ)) {
			sim_count(f->board, ce_refused_bad);
			finish(f, ST_BAD);
			return true;
		}
	}
	advance(f);
	return true;
}
