/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between the kernels that the simulator builds for, and nothing
 * else. Chosen by what probe.sh could compile. Included by msi.c and iommu.c,
 * each of which asks for its own half.
 */
#ifndef SIM_COMPAT_H
#define SIM_COMPAT_H

#include "sim_probe.h"

#ifdef SIM_COMPAT_MSI
#include <linux/irq.h>
#include <linux/irqdomain.h>
#include <linux/msi.h>

/* msi.c: a vector comes, a vector goes. */
static int sim_irq_new(struct sim_board *b, unsigned int virq, struct sim_irq **out);
static void sim_irq_free(struct sim_board *b, struct sim_irq *si);
static void sim_irq_compose(struct irq_data *d, struct msi_msg *msg);

static void sim_irq_ack(struct irq_data *d)
{
}

#ifdef SIM_HAVE_MSI_PARENT

static struct irq_chip sim_irq_chip = {
	.name = "OVGSIM",
	.irq_ack = sim_irq_ack,
	.irq_compose_msi_msg = sim_irq_compose,
};

static void sim_domain_free(struct irq_domain *domain, unsigned int virq, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct irq_data *d = irq_domain_get_irq_data(domain, virq + i);

		sim_irq_free(domain->host_data, d->chip_data);
		irq_domain_reset_irq_data(d);
	}
}

static int sim_domain_alloc(struct irq_domain *domain, unsigned int virq, unsigned int n,
			    void *arg)
{
	struct sim_irq *si;
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		err = sim_irq_new(domain->host_data, virq + i, &si);
		if (err) {
			sim_domain_free(domain, virq, i);
			return err;
		}
		irq_domain_set_info(domain, virq + i, sim_irq_cookie(si), &sim_irq_chip, si,
				    handle_edge_irq, NULL, "edge");
	}
	return 0;
}

static const struct irq_domain_ops sim_domain_ops = {
	.alloc = sim_domain_alloc,
	.free = sim_domain_free,
};

#define SIM_MSI_FLAGS (MSI_GENERIC_FLAGS_MASK | MSI_FLAG_PCI_MSIX | MSI_FLAG_PCI_MSIX_ALLOC_DYN)

/* MSI-X only: the boards have no MSI capability. */
static bool sim_init_dev_msi_info(struct device *dev, struct irq_domain *domain,
				  struct irq_domain *real_parent, struct msi_domain_info *info)
{
	if (info->bus_token != DOMAIN_BUS_PCI_DEVICE_MSIX)
		return false;
	info->flags &= SIM_MSI_FLAGS;
	info->flags |= MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_NO_AFFINITY;
	info->chip->irq_ack = irq_chip_ack_parent;
	info->handler = handle_edge_irq;
	info->handler_name = "edge";
	return true;
}

static const struct msi_parent_ops sim_msi_parent_ops = {
	.supported_flags = SIM_MSI_FLAGS,
	.required_flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_NO_AFFINITY,
	.prefix = "OVGSIM-",
	.init_dev_msi_info = sim_init_dev_msi_info,
};

/* ISOLATED_MSI: no function can raise another's vector, VFIO asks for that. */
static struct irq_domain *sim_domain_create(struct sim_board *b, struct fwnode_handle *fwnode)
{
	struct irq_domain *d;

	d = irq_domain_create_hierarchy(NULL,
					IRQ_DOMAIN_FLAG_MSI_PARENT | IRQ_DOMAIN_FLAG_ISOLATED_MSI,
					0, fwnode, &sim_domain_ops, b);
	if (d)
		d->msi_parent_ops = &sim_msi_parent_ops;
	return d;
}

static void sim_domain_remove(struct irq_domain *d)
{
	irq_domain_remove(d);
}

#else /* !SIM_HAVE_MSI_PARENT: one PCI/MSI domain for all devices of the board */

/* The default would ask the parent, which does not exist. */
static int sim_irq_set_affinity(struct irq_data *d, const struct cpumask *m, bool force)
{
	return -EINVAL;
}

static struct irq_chip sim_irq_chip = {
	.name = "OVGSIM-MSI",
	.irq_ack = sim_irq_ack,
	.irq_compose_msi_msg = sim_irq_compose,
	.irq_set_affinity = sim_irq_set_affinity,
};

static int sim_msi_init(struct irq_domain *domain, struct msi_domain_info *info,
			unsigned int virq, irq_hw_number_t hwirq, msi_alloc_info_t *arg)
{
	struct sim_irq *si;
	int err = sim_irq_new(info->data, virq, &si);

	if (err)
		return err;
	irq_domain_set_info(domain, virq, hwirq, info->chip, si, handle_edge_irq, NULL, "edge");
	return 0;
}

static void sim_msi_free(struct irq_domain *domain, struct msi_domain_info *info,
			 unsigned int virq)
{
	sim_irq_free(info->data, irq_get_chip_data(virq));
}

static int sim_msi_prepare(struct irq_domain *domain, struct device *dev, int nvec,
			   msi_alloc_info_t *arg)
{
	memset(arg, 0, sizeof(*arg));
	return 0;
}

static struct msi_domain_ops sim_msi_ops = {
	.msi_init = sim_msi_init,
	.msi_free = sim_msi_free,
	.msi_prepare = sim_msi_prepare,
};

static struct irq_domain *sim_domain_create(struct sim_board *b, struct fwnode_handle *fwnode)
{
	struct msi_domain_info *info = kzalloc(sizeof(*info), GFP_KERNEL);
	struct irq_domain *d;

	if (!info)
		return NULL;
	info->flags = MSI_FLAG_USE_DEF_DOM_OPS | MSI_FLAG_USE_DEF_CHIP_OPS | MSI_FLAG_PCI_MSIX;
	info->ops = &sim_msi_ops;
	info->chip = &sim_irq_chip;
	info->data = b;
	d = pci_msi_create_irq_domain(fwnode, info, NULL);
	if (!d)
		kfree(info);
	return d;
}

static void sim_domain_remove(struct irq_domain *d)
{
	struct msi_domain_info *info = d->host_data;

	irq_domain_remove(d);
	kfree(info);
}

#endif /* SIM_HAVE_MSI_PARENT */
#endif /* SIM_COMPAT_MSI */

#ifdef SIM_COMPAT_IOMMU
#include <linux/iommu.h>
#include <linux/platform_device.h>

static int sim_attach(struct iommu_domain *dom, struct device *dev);
static struct iommu_domain *sim_alloc_paging(struct device *dev);

#ifdef SIM_HAVE_ATTACH_OLD
static int sim_attach_dev(struct iommu_domain *dom, struct device *dev, struct iommu_domain *old)
{
	return sim_attach(dom, dev);
}
#else
static int sim_attach_dev(struct iommu_domain *dom, struct device *dev)
{
	return sim_attach(dom, dev);
}
#endif

/* Older kernels free the static domains too. */
static void sim_free_static(struct iommu_domain *dom)
{
}

static const struct iommu_domain_ops sim_static_ops = {
	.attach_dev = sim_attach_dev,
	.free = sim_free_static,
};

static struct iommu_domain sim_identity = {
	.type = IOMMU_DOMAIN_IDENTITY,
	.ops = &sim_static_ops,
};

static struct iommu_domain sim_blocked = {
	.type = IOMMU_DOMAIN_BLOCKED,
	.ops = &sim_static_ops,
};

#ifndef SIM_HAVE_ALLOC_PAGING
static struct iommu_domain *sim_domain_alloc_type(unsigned int type)
{
	switch (type) {
	case IOMMU_DOMAIN_IDENTITY:
		return &sim_identity;
	case IOMMU_DOMAIN_BLOCKED:
		return &sim_blocked;
	default:
		return sim_alloc_paging(NULL);
	}
}
#endif

#ifdef SIM_HAVE_SETUP_DMA_OPS
static void sim_probe_finalize(struct device *dev)
{
	dev->dma_ops = NULL;
	iommu_setup_dma_ops(dev, 0, U64_MAX);
}
#endif

static bool sim_capable(struct device *dev, enum iommu_cap cap)
{
	if (cap == IOMMU_CAP_CACHE_COHERENCY)
		return true;
#ifdef SIM_HAVE_CAP_INTR_REMAP
	if (cap == IOMMU_CAP_INTR_REMAP)
		return true;
#endif
	return false;
}

static void sim_compat_iommu_ops(struct iommu_ops *o, unsigned long pgsizes)
{
	o->capable = sim_capable;
#ifdef SIM_HAVE_ALLOC_PAGING
	o->domain_alloc_paging = sim_alloc_paging;
	o->identity_domain = &sim_identity;
	o->blocked_domain = &sim_blocked;
	o->release_domain = &sim_blocked;
#else
	o->domain_alloc = sim_domain_alloc_type;
#endif
#ifdef SIM_HAVE_SETUP_DMA_OPS
	o->probe_finalize = sim_probe_finalize;
#endif
#ifdef SIM_HAVE_OPS_PGSIZE
	o->pgsize_bitmap = pgsizes;
#endif
}

/*
 * Kernels that keep the ops in the bus never clear them: the next load would
 * get EBUSY, and any device that appears meanwhile would call freed memory.
 */
static void sim_compat_iommu_gone(const struct iommu_ops *o)
{
#ifdef SIM_HAVE_BUS_IOMMU_OPS
	if (pci_bus_type.iommu_ops == o)
		pci_bus_type.iommu_ops = NULL;
	if (platform_bus_type.iommu_ops == o)
		platform_bus_type.iommu_ops = NULL;
#endif
}
#endif /* SIM_COMPAT_IOMMU */

#endif
