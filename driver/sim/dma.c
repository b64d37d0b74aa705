// SPDX-License-Identifier: GPL-2.0-only
/* DMA as a function: by its IOVA, through its IOMMU domain, stopped by resets. */
#include <linux/highmem.h>
#include <linux/io.h>
#include "sim.h"

/* One piece, inside a page. BAR0s and VF BAR1s of the own board are reached too. */
static int phys_rw(struct sim_board *b, phys_addr_t pa, void *buf, size_t len, bool write)
{
	void __iomem *p = sim_cpu_to_mem(b, pa, len);
	u8 *k;

	if (p) {
		if (write)
			memcpy_toio(p, buf, len);
		else
			memcpy_fromio(buf, p, len);
		return 0;
	}
	if ((pa >= b->mem_start && pa - b->mem_start < b->mem_size) || !pfn_valid(PHYS_PFN(pa)))
		return -EFAULT;
	k = kmap_local_page(pfn_to_page(PHYS_PFN(pa)));
	if (write)
		memcpy(k + offset_in_page(pa), buf, len);
	else
		memcpy(buf, k + offset_in_page(pa), len);
	kunmap_local(k);
	return 0;
}

/**
 * sim_dma - copy between the board and system memory. Engine thread.
 * @f: who does it
 * @epoch: the function's epoch when the work began
 * @iova: system address
 *
 * Each piece is translated, checked and copied under dma_lock, so that whoever
 * takes that lock after unmapping, clearing bus mastering or resetting knows
 * that nothing is copied any more.
 *
 * Return: 0, -EFAULT unmapped, -EACCES bus mastering off, -ECANCELED reset.
 */
int sim_dma(struct sim_fn *f, u32 epoch, u64 iova, void *buf, size_t len, bool write)
{
	struct sim_board *b = f->board;
	unsigned long flags;
	phys_addr_t pa;
	int err = 0;
	size_t n;

	if (write)
		sim_count(b, dma_writes);
	else
		sim_count(b, dma_reads);
	while (len && !err) {
		n = min_t(size_t, len, PAGE_SIZE - offset_in_page(iova));
		raw_spin_lock_irqsave(&b->dma_lock, flags);
		if (f->epoch != epoch)
			err = -ECANCELED;
		else if (!sim_fn_master(f))
			err = -EACCES;
		else
			err = sim_iommu_translate(f, iova, write, &pa) ?:
			      phys_rw(b, pa, buf, n, write);
		if (err == -EFAULT)
			f->faults++;
		raw_spin_unlock_irqrestore(&b->dma_lock, flags);
		iova += n;
		buf += n;
		len -= n;
	}
	if (err == -EFAULT)
		sim_count(b, dma_faults);
	else if (err == -EACCES)
		sim_count(b, dma_no_master);
	else if (err == -ECANCELED)
		sim_count(b, dma_aborted);
	return err;
}
