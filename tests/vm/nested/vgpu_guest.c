// SPDX-License-Identifier: GPL-2.0-only
/*
 * Driver for a vGPU inside a Linux guest, as docs/hardware.md section 5 describes
 * one: identity, DMA to its framebuffer and back, MSI-X. Reports like the ROM guest.
 */
#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/irq.h>
#include <linux/module.h>
#include <linux/msi.h>
#include <linux/pci.h>

#define PAGE_AT		0x20000	/* in BAR0 */
#define REG_MAGIC	0x00
#define   MAGIC		0x5347564f
#define REG_BOARD	0x08
#define REG_GFID	0x0c
#define REG_TYPE	0x10
#define REG_FB		0x18
#define REG_SRC		0x40
#define REG_DST		0x48
#define REG_LEN		0x50
#define REG_OP		0x54
#define   OP_SYS_TO_FB	2
#define   OP_FB_TO_SYS	3
#define   OP_INTERRUPT	6
#define REG_VECTOR	0x58
#define REG_DOORBELL	0x5c
#define REG_STATUS	0x64

#define VECTORS		4
#define BYTES		(64 << 10)
#define ROUNDS		20

struct vgpu {
	void __iomem *regs;
	u32 sequence;
	atomic_t count[VECTORS];
	struct completion done;
};

static struct vgpu vgpu[8];
static int used;

static irqreturn_t interrupt(int irq, void *data)
{
	struct vgpu *v = data;
	struct irq_data *d = irq_get_irq_data(irq);
	int i;

	for (i = 0; d && i < VECTORS; i++)
		if (d->common->msi_desc && d->common->msi_desc->msi_index == i)
			atomic_inc(&v->count[i]);
	complete(&v->done);
	return IRQ_HANDLED;
}

static int run(struct vgpu *v, u32 op, u64 src, u64 dst, u32 len, u32 vector)
{
	reinit_completion(&v->done);
	lo_hi_writeq(src, v->regs + REG_SRC);
	lo_hi_writeq(dst, v->regs + REG_DST);
	writel(len, v->regs + REG_LEN);
	writel(op, v->regs + REG_OP);
	writel(vector, v->regs + REG_VECTOR);
	writel(++v->sequence, v->regs + REG_DOORBELL);
	/* Emulated in an emulation: slow, and that is no fault. */
	if (!wait_for_completion_timeout(&v->done, 60 * HZ))
		return -ETIMEDOUT;
	return readl(v->regs + REG_STATUS);
}

static int test(struct pci_dev *pdev, struct vgpu *v, u32 *buf, dma_addr_t dma)
{
	const char *name = pci_name(pdev);
	u32 i, n = BYTES / sizeof(*buf) / 2;
	int ret;

	pr_info("OVG identity board %04x gfid %u type %u fb %llu MiB at %s\n",
		readl(v->regs + REG_BOARD), readl(v->regs + REG_GFID), readl(v->regs + REG_TYPE),
		lo_hi_readq(v->regs + REG_FB) >> 20, name);
	for (i = 0; i < n; i++)
		buf[i] = i * 0x9e3779b9u;
	ret = run(v, OP_SYS_TO_FB, dma, 0x100000, BYTES / 2, 1);
	if (!ret)
		ret = run(v, OP_FB_TO_SYS, 0x100000, dma + BYTES / 2, BYTES / 2, 2);
	if (ret || memcmp(buf, buf + n, BYTES / 2)) {
		pr_info("OVG fail dma %d at %s\n", ret, name);
		return -EIO;
	}
	pr_info("OVG dma ok %d at %s\n", BYTES / 2, name);
	for (i = 0; i < ROUNDS && !ret; i++)
		ret = run(v, OP_INTERRUPT, 0, 0, 0, i % VECTORS);
	if (ret || atomic_read(&v->count[1]) != ROUNDS / VECTORS + 1 ||
	    atomic_read(&v->count[3]) != ROUNDS / VECTORS) {
		pr_info("OVG fail irq %d (%d %d %d %d) at %s\n", ret, atomic_read(&v->count[0]),
			atomic_read(&v->count[1]), atomic_read(&v->count[2]),
			atomic_read(&v->count[3]), name);
		return -EIO;
	}
	pr_info("OVG irq ok %d at %s\n", ROUNDS + 2, name);
	pr_info("OVG pass %s\n", name);
	return 0;
}

static int probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vgpu *v = &vgpu[used];
	dma_addr_t dma;
	u32 *buf;
	int i, ret;

	if (used == ARRAY_SIZE(vgpu))
		return -ENOSPC;
	ret = pcim_enable_device(pdev);
	if (ret)
		return ret;
	v->regs = pcim_iomap(pdev, 0, 0);
	if (!v->regs)
		return -ENOMEM;
	v->regs += PAGE_AT;
	if (readl(v->regs + REG_MAGIC) != MAGIC)
		return -ENODEV;
	used++;
	pr_info("OVG found %s %04x:%04x sub %04x:%04x class %06x\n", pci_name(pdev), pdev->vendor,
		pdev->device, pdev->subsystem_vendor, pdev->subsystem_device, pdev->class);
	init_completion(&v->done);
	ret = dma_set_mask_and_coherent(&pdev->dev, DMA_BIT_MASK(47));
	if (ret)
		return ret;
	buf = dmam_alloc_coherent(&pdev->dev, BYTES, &dma, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	pci_set_master(pdev);
	ret = pci_alloc_irq_vectors(pdev, VECTORS, VECTORS, PCI_IRQ_MSIX);
	if (ret < 0)
		return ret;
	for (i = 0; i < VECTORS && ret >= 0; i++)
		ret = devm_request_irq(&pdev->dev, pci_irq_vector(pdev, i), interrupt, 0, "vgpu", v);
	return ret < 0 ? ret : test(pdev, v, buf, dma);
}

static const struct pci_device_id ids[] = {
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, PCI_ANY_ID) },
	{ }
};

/* Never unloaded: the guest switches off. */
static struct pci_driver driver = {
	.name = "vgpu_guest",
	.id_table = ids,
	.probe = probe,
};

static int __init vgpu_guest_init(void)
{
	return pci_register_driver(&driver);
}
module_init(vgpu_guest_init);

MODULE_DESCRIPTION("vGPU test driver for Linux guests");
MODULE_LICENSE("GPL");
