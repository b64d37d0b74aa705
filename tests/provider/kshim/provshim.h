/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What attach() and detach() of a provider do to a PF, over the shim of tests/unit,
 * kept so that the conformance suite can see whether all of it was undone.
 */
#ifndef PROVSHIM_H
#define PROVSHIM_H

/* The shim of tests/unit has one device with an interrupt, and resets no one in particular. */
#define pci_enable_device	shim1_enable_device
#define pci_disable_device	shim1_disable_device
#define pci_request_region	shim1_request_region
#define pci_release_region	shim1_release_region
#define pci_iomap		shim1_iomap
#define pci_iounmap		shim1_iounmap
#define pci_alloc_irq_vectors	shim1_alloc_irq_vectors
#define pci_free_irq_vectors	shim1_free_irq_vectors
#define request_threaded_irq	shim1_request_threaded_irq
#define free_irq		shim1_free_irq
#define alloc_ordered_workqueue	shim1_alloc_workqueue
#include "tests/unit/kshim/kshim.h"
#undef pci_enable_device
#undef pci_disable_device
#undef pci_request_region
#undef pci_release_region
#undef pci_iomap
#undef pci_iounmap
#undef pci_alloc_irq_vectors
#undef pci_free_irq_vectors
#undef request_threaded_irq
#undef free_irq
#undef alloc_ordered_workqueue
#undef destroy_workqueue
#undef pci_irq_vector
#undef pci_set_master
#undef dma_set_mask_and_coherent
#undef DMA_BIT_MASK
#undef pcie_flr

typedef int irqreturn_t;
typedef irqreturn_t (*irq_handler_t)(int irq, void *data);

#define IRQ_HANDLED		1
#define IRQ_WAKE_THREAD		2
#define PCI_IRQ_MSIX		4
#define SHIM_IRQ		100	/* + number of the board */

/* What a driver has changed about a PF. All zero when nobody has it. */
struct shim_pf_state {
	int enabled, regions, mapped, vectors, handlers;
	bool master;
};

struct shim_pf {
	struct pci_dev *pdev;
	struct shim_pf_state state;
	u8 *bar0;
	irq_handler_t handler, thread;
	void *irq_data;
	u32 touched;		/* calls that change something, undone or not */
};

struct shim_pf *shim_pf_of(struct pci_dev *pdev);	/* suite.c */

static inline int pci_enable_device(struct pci_dev *pdev)
{
	shim_pf_of(pdev)->state.enabled++;
	shim_pf_of(pdev)->touched++;
	return 0;
}

static inline void pci_disable_device(struct pci_dev *pdev)
{
	shim_pf_of(pdev)->state.enabled--;
}

static inline int pci_request_region(struct pci_dev *pdev, int bar, const char *who)
{
	(void)who;
	shim_pf_of(pdev)->touched++;
	if (shim_pf_of(pdev)->state.regions & 1 << bar)
		return -EBUSY;
	shim_pf_of(pdev)->state.regions |= 1 << bar;
	return 0;
}

static inline void pci_release_region(struct pci_dev *pdev, int bar)
{
	shim_pf_of(pdev)->state.regions &= ~(1 << bar);
}

static inline void *pci_iomap(struct pci_dev *pdev, int bar, unsigned long max)
{
	(void)max;
	assert(!bar);
	shim_pf_of(pdev)->state.mapped++;
	return shim_pf_of(pdev)->bar0;
}

static inline void pci_iounmap(struct pci_dev *pdev, void *p)
{
	assert(p == shim_pf_of(pdev)->bar0);
	shim_pf_of(pdev)->state.mapped--;
}

static inline void pci_set_master(struct pci_dev *pdev)
{
	shim_pf_of(pdev)->touched++;
	pdev->master = true;
}

#define dma_set_mask_and_coherent(dev, mask)	((void)(dev), 0)
#define DMA_BIT_MASK(n)				((1ull << (n)) - 1)

static inline int pci_alloc_irq_vectors(struct pci_dev *pdev, int min_n, int max_n, int flags)
{
	(void)flags;
	(void)max_n;
	shim_pf_of(pdev)->touched++;
	shim_pf_of(pdev)->state.vectors += min_n;
	return min_n;
}

static inline void pci_free_irq_vectors(struct pci_dev *pdev)
{
	shim_pf_of(pdev)->state.vectors = 0;
}

int pci_irq_vector(struct pci_dev *pdev, int n);
int request_threaded_irq(int irq, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
			 const char *name, void *data);
void free_irq(int irq, void *data);

int shim_pf_reset(struct pci_dev *pdev);	/* the board's */
#define pcie_flr(pdev)		shim_pf_reset(pdev)

/* work queues: shim_tick() runs what is queued, as a thread of its own would */
struct workqueue_struct *shim_alloc_workqueue(void);
void destroy_workqueue(struct workqueue_struct *wq);
#define alloc_ordered_workqueue(...)	shim_alloc_workqueue()

#endif
