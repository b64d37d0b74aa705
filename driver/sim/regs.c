// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where BARs lie in the board's memory, and what registers hold after a reset.
 * Registers are memory and cannot trap; the engine polls those that matter.
 */
#include <linux/io.h>
#include "sim.h"

u64 sim_bar_size(struct sim_fn *f, enum sim_bar bar)
{
	static const u64 vf[] = { SIM_VF_BAR0, SIM_VF_BAR1, SIM_VF_BAR3 };

	if (f->kind != SIM_PF)
		return vf[bar];
	switch (bar) {
	case SIM_BAR0:
		return SIM_PF_BAR0;
	case SIM_BAR1:
		return f->board->type->pf_bar1;
	default:
		return SIM_PF_BAR3;
	}
}

static bool in_window(u64 addr, u64 len, u64 start, u64 size)
{
	return len <= size && addr >= start && addr - start <= size - len;
}

/*
 * Memory behind a CPU address, of the part that is mapped: the 32-bit window and
 * the BAR1s of the VFs. The window as a whole is far too large for that.
 */
void __iomem *sim_cpu_to_mem(struct sim_board *b, phys_addr_t addr, u64 len)
{
	if (in_window(addr, len, b->win32.start, resource_size(&b->win32)))
		return b->mem + (addr - b->win32.start);
	if (b->vf_bar1 && in_window(addr, len, b->vf_bar1_at, b->vf_bar1_len))
		return b->vf_bar1 + (addr - b->vf_bar1_at);
	return NULL;
}

/* Bus addresses of the first window are not CPU addresses. */
void __iomem *sim_bus_to_mem(struct sim_board *b, u64 addr, u64 len)
{
	if (in_window(addr, len, b->win32_bus, resource_size(&b->win32)))
		addr += b->win32.start - b->win32_bus;
	return sim_cpu_to_mem(b, addr, len);
}

/*
 * Once, when the BARs have been placed. Should they be moved later, the VFs' BAR1
 * show nothing from then on.
 */
int sim_vf_bar1_map(struct sim_board *b)
{
	u64 at = sim_bar_address(&b->vfs[0], SIM_BAR1);
	u64 len = (u64)SIM_VF_BAR1 * b->type->total_vfs;

	if (!in_window(at, len, b->win64.start, resource_size(&b->win64)))
		return -ENOSPC;
	b->vf_bar1 = ioremap(at, len);
	if (!b->vf_bar1)
		return -ENOMEM;
	b->vf_bar1_at = at;
	b->vf_bar1_len = len;
	return 0;
}

/* A part of PF BAR1, by framebuffer address. Sleeps. */
void __iomem *sim_pf_bar1_map(struct sim_board *b, u64 off, u64 len)
{
	u64 at = sim_bar_address(&b->pf, SIM_BAR1);

	if (!sim_pf_memory(b) || !in_window(off, len, 0, b->type->pf_bar1) ||
	    !in_window(at + off, len, b->win64.start, resource_size(&b->win64)))
		return NULL;
	return ioremap(at + off, len);
}

void sim_pf_bar1_unmap(void __iomem *p)
{
	iounmap(p);
}

/* A BAR that answers now, NULL if it does not. */
void __iomem *sim_bar(struct sim_fn *f, enum sim_bar bar)
{
	if (!sim_fn_decodes(f))
		return NULL;
	return sim_bus_to_mem(f->board, sim_bar_address(f, bar), sim_bar_size(f, bar));
}

/* Word by word: UC memory takes no longer stores, and the pattern is a word. */
void sim_poison(void __iomem *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i += 8)
		__raw_writeq((u64)SIM_POISON << 32 | SIM_POISON, p + i);
}

/*
 * Framebuffer is poisoned at power-on. The windows onto it are poisoned where the
 * VF BARs were put: before the bus is populated, and again if they were moved
 * since (cfg_lock held then).
 */
void sim_vf_bar1_poison(struct sim_board *b)
{
	u64 at = sim_bar_address(&b->vfs[0], SIM_BAR1);
	u64 len = (u64)SIM_VF_BAR1 * b->type->total_vfs;
	void __iomem *p;

	if (at == b->vf_bar1_poisoned)
		return;
	p = sim_bus_to_mem(b, at, len);
	if (p)
		sim_poison(p, len);
	b->vf_bar1_poisoned = at;
}

static void reset_msix(void __iomem *table, void __iomem *pba, int vectors)
{
	int i;

	memset_io(table, 0, SZ_4K);
	memset_io(pba, 0, SZ_4K);
	for (i = 0; i < vectors; i++)
		writel(PCI_MSIX_ENTRY_CTRL_MASKBIT,
		       table + i * PCI_MSIX_ENTRY_SIZE + PCI_MSIX_ENTRY_VECTOR_CTRL);
}

static void reset_pf_regs(struct sim_board *b, void __iomem *r)
{
	reset_msix(r + PF_MSIX_TABLE, r + PF_MSIX_PBA, PF_VECTORS);
	writel(b->type->boot_0, r + PF_BOOT_0);
	writel(0, r + PF_MAILBOX0);
	writel(0, r + PF_MAILBOX1);
	writel(b->handover ? CPUCTL_HALTED : 0, r + PF_CPUCTL);
	writel(SIM_SENTINEL, r + PF_QUEUE_HEAD);
	writel(SIM_SENTINEL, r + PF_DOORBELL);
	writel(0, r + PF_SEC2_MAILBOX0);
	writel(0, r + PF_SEC2_MAILBOX1);
	writel(0, r + PF_BAR1_BLOCK);
	writel(0, r + PF_FUNC_BAR1_BLOCK);
}

static void reset_vf_regs(struct sim_fn *f, void __iomem *r)
{
	void __iomem *p = r + VF_PAGE;

	reset_msix(r + VF_MSIX_TABLE, r + VF_MSIX_PBA, VF_VECTORS);
	/* What the vGPU is stays; what its driver wrote goes. */
	memset_io(p + VF_SRC_LO, 0, SZ_4K - VF_SRC_LO);
	writel(0x5347564f, p + VF_MAGIC);
	writel(1, p + VF_VERSION);
	writel(f->board->type->device, p + VF_BOARD);
	writel(f->vf + 1, p + VF_GFID);
	writel(f->resets, p + VF_RESETS);
	writel(f->faults, p + VF_FAULTS);
	writel(SIM_SENTINEL, p + VF_GUEST);
	writel(SIM_SENTINEL, p + VF_LICENCE);
	writel(SIM_SENTINEL, p + VF_OS);
	writel(SIM_SENTINEL, p + VF_VECTOR);
	writel(SIM_SENTINEL, p + VF_RING);
	if (f->ce.busy) {
		writel(f->ce.seq, p + VF_DONE);
		writel(6, p + VF_STATUS);
		sim_count(f->board, ce_aborted);
	}
}

/*
 * Reset of a function. With @power_on nothing of it existed before. Called with
 * cfg_lock held, so it does not sleep, and is complete when it returns: a driver
 * that programs a vector right after a reset must not lose it.
 */
void sim_regs_reset(struct sim_fn *f, bool power_on)
{
	struct sim_board *b = f->board;
	u64 at = power_on ? sim_bar_address(f, SIM_BAR0) : f->regs_at;
	void __iomem *r = NULL;
	unsigned long flags;

	if (at)
		r = sim_bus_to_mem(b, at, sim_bar_size(f, SIM_BAR0));
	raw_spin_lock_irqsave(&b->dma_lock, flags);
	f->epoch++;
	f->pending = 0;
	if (power_on) {
		f->resets = 0;
		f->faults = 0;
		f->ce.busy = false;
		f->regs_at = r ? at : 0;
		if (r && f->kind == SIM_VF)
			memset_io(r + VF_PAGE, 0, VF_SRC_LO);
	} else {
		f->resets++;
	}
	if (r && f->kind == SIM_PF)
		reset_pf_regs(b, r);
	else if (r)
		reset_vf_regs(f, r);
	f->ce.busy = false;
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
}

/* Tells the guest what it owns. Engine thread. */
void sim_regs_vgpu(struct sim_fn *f, u32 type, u32 conf_type, bool booted, u64 fb, u32 bar1)
{
	struct sim_board *b = f->board;
	void __iomem *r;
	unsigned long flags;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	r = sim_bar(f, SIM_BAR0);
	if (r) {
		r += VF_PAGE;
		writel(booted ? type : 0, r + VF_TYPE);
		writel(booted ? lower_32_bits(fb) : 0, r + VF_FB_LO);
		writel(booted ? upper_32_bits(fb) : 0, r + VF_FB_HI);
		writel(booted ? bar1 : 0, r + VF_BAR1_FB);
		writel(booted ? conf_type : 0, r + VF_CONF_TYPE);
		writel(booted, r + VF_STATE);
	}
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
}
