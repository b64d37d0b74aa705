// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iopoll.h>

#include "boot.h"

/* Hand-over capability, docs/hardware.md section 2 */
#define HO_VSEC_ID		0x4756
#define HO_VSEC_REV		1
#define HO_VSEC_LEN		0x30
#define HO_SIGNATURE		0x08
#define HO_SIGNATURE_VALUE	0x4f564748
#define HO_FLAGS		0x0c
#define  HO_FLAG_WAITING	BIT(0)
#define  HO_FLAG_VGPU		BIT(1)
#define HO_BUILD		0x10

/* libos region */
#define LIBOS_ID		0
#define LIBOS_PA		8
#define LIBOS_SIZE		16
#define LIBOS_KIND		24
#define LIBOS_LOC		25
#define LIBOS_KIND_CONTIGUOUS	1
#define LIBOS_LOC_SYSMEM	1
#define LIBOS_ID_RMARGS		0x524d41524753ull	/* "RMARGS" */

/* MESSAGE_QUEUE_INIT_ARGUMENTS, at the start of GSP_ARGUMENTS_CACHED */
#define MQ_SHM			0
#define MQ_PTES			8
#define MQ_CMD			16
#define MQ_STAT			24
#define MQ_ELEM_HDR		32	/* from here on only where mq_geometry */
#define MQ_ELEM_MIN		40
#define MQ_ELEM_MAX		48
#define MQ_HDR_ALIGN		56	/* both as powers of two */
#define MQ_ELEM_ALIGN		60

/* PACKED_REGISTRY_TABLE with one entry */
#define REG_SIZE		0
#define REG_COUNT		4
#define REG_ENTRY		8
#define REG_NAME_OFF		0
#define REG_TYPE		4
#define  REG_TYPE_DWORD		1
#define REG_DATA		8
#define REG_LENGTH		12
#define REG_ENTRY_LEN		16

#define MAILBOX_STOPPED		0x80000000

/**
 * gsp_handover() - has somebody booted GSP in vGPU mode and left it to us?
 * @pf: PF; only its configuration space is read
 * @build: %GSP_BUILD_LEN bytes for the firmware build
 * @why: reason of a no
 *
 * Return: 0 or -ENODEV.
 */
int gsp_handover(struct pci_dev *pf, char *build, char *why)
{
	u16 pos = pci_find_vsec_capability(pf, PCI_VENDOR_ID_NVIDIA, HO_VSEC_ID);
	u32 hdr, v, flags;
	int i;

	if (!pos) {
		gsp_why(why, "no firmware hand-over: nothing has booted GSP in vGPU mode");
		return -ENODEV;
	}
	if (pci_read_config_dword(pf, pos + PCI_VNDR_HEADER, &hdr) ||
	    pci_read_config_dword(pf, pos + HO_SIGNATURE, &v) ||
	    pci_read_config_dword(pf, pos + HO_FLAGS, &flags) ||
	    PCI_VNDR_HEADER_REV(hdr) != HO_VSEC_REV ||
	    PCI_VNDR_HEADER_LEN(hdr) < HO_VSEC_LEN || v != HO_SIGNATURE_VALUE) {
		gsp_why(why, "firmware hand-over at config 0x%x is not of a known form", pos);
		return -ENODEV;
	}
	if (!(flags & HO_FLAG_WAITING)) {
		gsp_why(why, "GSP does not wait for boot arguments");
		return -ENODEV;
	}
	if (!(flags & HO_FLAG_VGPU)) {
		gsp_why(why, "firmware hand-over says that vGPU mode cannot be enabled");
		return -ENODEV;
	}
	for (i = 0; i < GSP_BUILD_LEN; i += 4) {
		if (pci_read_config_dword(pf, pos + HO_BUILD + i, &v))
			v = 0;
		le_put32(build, i, v);
	}
	build[GSP_BUILD_LEN - 1] = '\0';
	return 0;
}

/* The registry table with RMSetSriovMode, which turns vGPU mode on. */
static int post_registry(struct gsp_queue *q, const struct gsp_abi *abi, char *why)
{
	static const char name[] = "RMSetSriovMode";
	u8 t[REG_ENTRY + REG_ENTRY_LEN + sizeof(name)] = { 0 };
	u8 *e = t + REG_ENTRY;

	le_put32(t, REG_SIZE, sizeof(t));
	le_put32(t, REG_COUNT, 1);
	le_put32(e, REG_NAME_OFF, REG_ENTRY + REG_ENTRY_LEN);
	e[REG_TYPE] = REG_TYPE_DWORD;
	le_put32(e, REG_DATA, abi->inputs.sriov_mode);
	le_put32(e, REG_LENGTH, 4);
	memcpy(e + REG_ENTRY_LEN, name, sizeof(name));
	return gsp_queue_post(q, GSP_FN_SET_REGISTRY, t, sizeof(t), false, why);
}

static void fill_args(struct gsp_boot *b, struct gsp_queue *q, const struct gsp_abi *abi)
{
	le_put64(b->rmargs, MQ_SHM, q->dma[0]);
	le_put32(b->rmargs, MQ_PTES, GSP_SHM_PAGES);
	le_put64(b->rmargs, MQ_CMD, GSP_Q_CMD);
	le_put64(b->rmargs, MQ_STAT, GSP_Q_STAT);
	if (abi->mq_geometry) {
		le_put64(b->rmargs, MQ_ELEM_HDR, GSP_ELEM_HDR);
		le_put64(b->rmargs, MQ_ELEM_MIN, GSP_PAGE);
		le_put64(b->rmargs, MQ_ELEM_MAX, GSP_ELEM_MAX);
		le_put32(b->rmargs, MQ_HDR_ALIGN, 4);
		le_put32(b->rmargs, MQ_ELEM_ALIGN, 12);
	}
	/* The second region has id 0 and ends the array. */
	le_put64(b->libos, LIBOS_ID, LIBOS_ID_RMARGS);
	le_put64(b->libos, LIBOS_PA, b->rmargs_dma);
	le_put64(b->libos, LIBOS_SIZE, abi->rmargs_size);
	((u8 *)b->libos)[LIBOS_KIND] = LIBOS_KIND_CONTIGUOUS;
	((u8 *)b->libos)[LIBOS_LOC] = LIBOS_LOC_SYSMEM;
}

/* Mailbox 0 after a refused start. */
static const char *refusal(u32 code)
{
	static const char * const text[] = {
		"boot arguments not readable by DMA",
		"no RMARGS region",
		"bad queue arguments",
		"bad queue page table",
		"bad queue header",
	};

	if (code && code <= ARRAY_SIZE(text))
		return text[code - 1];
	return "unknown cause";
}

/*
 * Waits for GSP_INIT_DONE. A refusal raises no interrupt, so the registers are
 * looked at as well.
 */
static int wait_init(struct gsp_boot *b, struct gsp_queue *q, char *why)
{
	u32 limit = gsp_ms(&q->to->boot);
	unsigned long end = jiffies + msecs_to_jiffies(limit);
	bool last;
	u32 ctl;

	do {
		last = time_after(jiffies, end);
		if (last)
			gsp_queue_drain(q);
		if (wait_for_completion_timeout(&b->init_done, last ? 0 : HZ / 20))
			goto done;
		if (gsp_queue_dead(q, why))
			return -ENODEV;
		ctl = readl(q->bar0 + NV_PGSP_FALCON_CPUCTL);
		if (ctl == 0xffffffff) {
			gsp_why(why, "the GPU is gone from the bus");
			return -ENODEV;
		}
		if (ctl & NV_PGSP_CPUCTL_HALTED) {
			u32 code = readl(q->bar0 + NV_PGSP_FALCON_MAILBOX0);

			gsp_why(why, "GSP refused to start: %s (code 0x%x)", refusal(code), code);
			return -ENODEV;
		}
	} while (!last);
	gsp_why(why, "GSP did not come up in %u ms", limit);
	return -ENODEV;
done:
	if (gsp_queue_dead(q, why))
		return -ENODEV;
	if (b->init_result) {
		gsp_why(why, "GSP came up with error 0x%x", b->init_result);
		return -ENODEV;
	}
	return 0;
}

/**
 * gsp_boot_start() - hand GSP its arguments and wait until it runs
 * @b: zeroed, its completion initialised
 * @q: queue, its reader running
 * @abi: firmware branch
 * @why: cause of an error
 *
 * After an error the caller calls gsp_boot_stop() and gsp_boot_free(), as after
 * a success.
 */
int gsp_boot_start(struct gsp_boot *b, struct gsp_queue *q, const struct gsp_abi *abi,
		   char *why)
{
	struct device *dev = &q->pdev->dev;
	int err;

	if (!(readl(q->bar0 + NV_PGSP_FALCON_CPUCTL) & NV_PGSP_CPUCTL_HALTED)) {
		gsp_why(why, "GSP runs already: somebody else has started it");
		return -ENODEV;
	}
	b->libos = dma_alloc_coherent(dev, GSP_PAGE, &b->libos_dma, GFP_KERNEL);
	b->rmargs = dma_alloc_coherent(dev, GSP_PAGE, &b->rmargs_dma, GFP_KERNEL);
	if (!b->libos || !b->rmargs) {
		gsp_why(why, "no memory for boot arguments");
		return -ENOMEM;
	}
	memset(b->libos, 0, GSP_PAGE);
	memset(b->rmargs, 0, GSP_PAGE);
	fill_args(b, q, abi);
	err = post_registry(q, abi, why);
	if (err)
		return err;

	b->started = true;
	writel(lower_32_bits(b->libos_dma), q->bar0 + NV_PGSP_FALCON_MAILBOX0);
	writel(upper_32_bits(b->libos_dma), q->bar0 + NV_PGSP_FALCON_MAILBOX1);
	writel(NV_PGSP_CPUCTL_STARTCPU, q->bar0 + NV_PGSP_FALCON_CPUCTL);
	return wait_init(b, q, why);
}

/* Asks GSP to stop and waits until it waits for boot arguments again. */
static int unload(struct gsp_queue *q, char *why)
{
	u8 params[8] = { 0 };	/* no power transition */
	u32 got, result, v;
	int err;

	err = gsp_queue_call(q, GSP_FN_UNLOADING_GUEST_DRIVER, "UNLOADING_GUEST_DRIVER", params,
			     sizeof(params), &got, &result, gsp_ms(&q->to->stop), why);
	if (err)
		return err;
	if (result) {
		gsp_why(why, "GSP does not want to stop: 0x%x", result);
		return -EBUSY;
	}
	err = read_poll_timeout(readl, v, v == MAILBOX_STOPPED, 500, gsp_ms(&q->to->stop) * 1000ull, false,
				q->bar0 + NV_PGSP_FALCON_MAILBOX0);
	if (!err)
		err = read_poll_timeout(readl, v, v & NV_PGSP_CPUCTL_HALTED, 500,
					gsp_ms(&q->to->stop) * 1000ull, false,
					q->bar0 + NV_PGSP_FALCON_CPUCTL);
	if (err)
		gsp_why(why, "GSP said that it stops and did not");
	return err;
}

/**
 * gsp_boot_stop() - make GSP forget the shared memory
 * @b: as gsp_boot_start() left it
 * @q: its queue, reader still running
 * @why: what went wrong with the orderly way
 *
 * If GSP does not stop by itself the PF is reset, which halts it: a driver that
 * binds later finds it as after power-on. Vgpus that still run are lost.
 *
 * Return: 0 if GSP stopped by itself, else why it did not.
 */
int gsp_boot_stop(struct gsp_boot *b, struct gsp_queue *q, char *why)
{
	struct pci_dev *pf = q->pdev;
	int err;

	if (!b->started)
		return 0;
	b->started = false;
	if (readl(q->bar0 + NV_PGSP_FALCON_CPUCTL) & NV_PGSP_CPUCTL_HALTED)
		return 0;
	err = gsp_queue_dead(q, why) ? -ENODEV : unload(q, why);
	if (!err)
		return 0;

	gsp_queue_fail(q, why);
	/* A reset would take the VFs away under their drivers. */
	if (pci_num_vf(pf)) {
		pci_clear_master(pf);
		return err;
	}
	pci_save_state(pf);
	if (pcie_flr(pf))
		pci_warn(pf, "reset failed\n");
	pci_restore_state(pf);
	return err;
}

/* GSP has stopped, or bus mastering is off. */
void gsp_boot_free(struct gsp_boot *b, struct gsp_queue *q)
{
	struct device *dev = &q->pdev->dev;

	if (b->rmargs)
		dma_free_coherent(dev, GSP_PAGE, b->rmargs, b->rmargs_dma);
	if (b->libos)
		dma_free_coherent(dev, GSP_PAGE, b->libos, b->libos_dma);
	b->rmargs = NULL;
	b->libos = NULL;
}
