// SPDX-License-Identifier: GPL-2.0-only
/*
 * MSI-X. Each board has an interrupt domain of its own, so that its vectors are
 * known to nobody else. What a driver finds in a vector's table entry is the
 * usual address and, as data, a number that only this board can look up; raising
 * a vector means reading the entry back and queueing the work behind the number.
 */
#include <linux/irq.h>
#include <linux/io.h>
#include <linux/irqdomain.h>
#include <linux/slab.h>
#include "sim.h"

#define MSI_ADDRESS	0xfee00000

/*
 * A vector that a driver has allocated. Freed by the irq core; the engine looks
 * it up and queues @work only under dma_lock, so that after erasing it and
 * taking that lock once, only a queued @work can still use it.
 */
struct sim_irq {
	unsigned int virq;
	u32 data;
	struct irq_work work;
};

static inline irq_hw_number_t sim_irq_cookie(struct sim_irq *si)
{
	return si->data;
}

#define SIM_COMPAT_MSI
#include "compat.h"

static void sim_irq_work(struct irq_work *w)
{
	generic_handle_irq(container_of(w, struct sim_irq, work)->virq);
}

static void sim_irq_compose(struct irq_data *d, struct msi_msg *msg)
{
	struct sim_irq *si = d->chip_data;

	memset(msg, 0, sizeof(*msg));
	msg->address_lo = MSI_ADDRESS;
	msg->data = si->data;
}

static int sim_irq_new(struct sim_board *b, unsigned int virq, struct sim_irq **out)
{
	struct sim_irq *si = kzalloc(sizeof(*si), GFP_KERNEL);
	int err;

	if (!si)
		return -ENOMEM;
	si->virq = virq;
	si->work = IRQ_WORK_INIT_HARD(sim_irq_work);
	err = xa_alloc_irq(&b->irqs, &si->data, si, XA_LIMIT(1, 0xffff), GFP_KERNEL);
	if (err) {
		kfree(si);
		return err;
	}
	atomic_inc(&b->irqs_now);
	*out = si;
	return 0;
}

static void sim_irq_free(struct sim_board *b, struct sim_irq *si)
{
	unsigned long flags;

	xa_erase_irq(&b->irqs, si->data);
	raw_spin_lock_irqsave(&b->dma_lock, flags);
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
	irq_work_sync(&si->work);
	kfree(si);
	atomic_dec(&b->irqs_now);
}

int sim_msi_create(struct sim_board *b)
{
	xa_init_flags(&b->irqs, XA_FLAGS_ALLOC1 | XA_FLAGS_LOCK_IRQ);
	b->msi_fwnode = irq_domain_alloc_named_id_fwnode("openvgpu-sim", b->domain);
	if (!b->msi_fwnode)
		return -ENOMEM;
	b->msi = sim_domain_create(b, b->msi_fwnode);
	if (!b->msi) {
		irq_domain_free_fwnode(b->msi_fwnode);
		b->msi_fwnode = NULL;
		return -ENOMEM;
	}
	return 0;
}

void sim_msi_destroy(struct sim_board *b)
{
	if (!b->msi)
		return;
	sim_domain_remove(b->msi);
	irq_domain_free_fwnode(b->msi_fwnode);
	xa_destroy(&b->irqs);
}

/*
 * Raises a vector as the function, with dma_lock held. A masked vector is kept
 * pending and tried again from the engine loop: unmasking is a memory write that
 * nobody sees.
 */
void sim_msix_raise(struct sim_fn *f, u32 vector)
{
	struct sim_board *b = f->board;
	bool vf = f->kind == SIM_VF;
	void __iomem *r = sim_bar(f, SIM_BAR0);
	void __iomem *entry;
	u16 flags = sim_msix_flags(f);
	struct sim_irq *si;

	if (!r || vector > (flags & PCI_MSIX_FLAGS_QSIZE) || !(flags & PCI_MSIX_FLAGS_ENABLE) ||
	    !sim_fn_master(f)) {
		sim_count(b, irqs_dropped);
		return;
	}
	entry = r + (vf ? VF_MSIX_TABLE : PF_MSIX_TABLE) + vector * PCI_MSIX_ENTRY_SIZE;
	if ((flags & PCI_MSIX_FLAGS_MASKALL) ||
	    (readl(entry + PCI_MSIX_ENTRY_VECTOR_CTRL) & PCI_MSIX_ENTRY_CTRL_MASKBIT)) {
		if (!(f->pending & BIT_ULL(vector)))
			sim_count(b, irqs_masked);
		f->pending |= BIT_ULL(vector);
		writeq(f->pending, r + (vf ? VF_MSIX_PBA : PF_MSIX_PBA));
		return;
	}
	if (f->pending & BIT_ULL(vector)) {
		f->pending &= ~BIT_ULL(vector);
		writeq(f->pending, r + (vf ? VF_MSIX_PBA : PF_MSIX_PBA));
	}
	if (readl(entry + PCI_MSIX_ENTRY_LOWER_ADDR) != MSI_ADDRESS ||
	    readl(entry + PCI_MSIX_ENTRY_UPPER_ADDR)) {
		sim_count(b, irqs_dropped);
		return;
	}
	si = xa_load(&b->irqs, readl(entry + PCI_MSIX_ENTRY_DATA));
	if (!si) {
		sim_count(b, irqs_dropped);
		return;
	}
	sim_count(b, irqs_raised);
	irq_work_queue(&si->work);
}

/* Pending vectors once more. Engine thread. */
void sim_msix_retry(struct sim_fn *f)
{
	unsigned long flags;
	u32 v;

	raw_spin_lock_irqsave(&f->board->dma_lock, flags);
	if (f->pending && sim_fn_decodes(f))
		for (v = 0; v < PF_VECTORS; v++)
			if (f->pending & BIT_ULL(v))
				sim_msix_raise(f, v);
	raw_spin_unlock_irqrestore(&f->board->dma_lock, flags);
}
