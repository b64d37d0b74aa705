// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/iopoll.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

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

/* GspFwWprMeta: what the host decides. The booter fills in the rest. */
#define WPR_MAGIC		0
#define  WPR_MAGIC_VALUE	0xdc3aae21371a60b3ull
#define WPR_REVISION		8
#define  WPR_REVISION_VALUE	1
#define WPR_HEAP_SIZE		128
#define WPR_VF_PARTITIONS	240	/* u8 */

/* GspSystemInfo: BAR addresses, the same on all branches */
#define SI_BAR0			0
#define SI_BAR1			8
#define SI_BAR3			16
/* GSP_VF_INFO in it */
#define VFI_TOTAL		0
#define VFI_OFFSET		4
#define VFI_BAR			8
#define VFI_64BIT		32	/* a byte each */

/*
 * Configuration space as BAR0 shows it (NV_PCFG, NV_EP_PCFGM). On Blackwell NVIDIA's
 * driver says 0 and nouveau the same as on Hopper.
 */
#define MIRROR_TURING		0x88000
#define MIRROR_HOPPER		0x92000
#define MIRROR_SIZE		0x1000

/* PACKED_REGISTRY_TABLE */
#define REG_SIZE		0
#define REG_COUNT		4
#define REG_ENTRY		8
#define REG_NAME_OFF		0
#define REG_TYPE		4
#define  REG_TYPE_DWORD		1
#define REG_DATA		8
#define REG_LENGTH		12
#define REG_ENTRY_LEN		16
#define REG_MAX			2	/* entries; names as long as the next at most */
#define REG_NAME_MAX		16

/* RmPVMRL: a run list for each vGPU, by which scheduler, and ms of a time slice */
#define PVMRL_ENABLE		0
#define PVMRL_POLICY		4
#define  PVMRL_EQUAL_SHARE	0
#define  PVMRL_FIXED_SHARE	1
#define PVMRL_TIMESLICE		16

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
		gsp_why(why, "no firmware hand-over: nothing has booted GSP in vGPU mode; boot it so, then bind anew");
		return -ENODEV;
	}
	if (pci_read_config_dword(pf, pos + PCI_VNDR_HEADER, &hdr) ||
	    pci_read_config_dword(pf, pos + HO_SIGNATURE, &v) ||
	    pci_read_config_dword(pf, pos + HO_FLAGS, &flags) ||
	    PCI_VNDR_HEADER_REV(hdr) != HO_VSEC_REV ||
	    PCI_VNDR_HEADER_LEN(hdr) < HO_VSEC_LEN || v != HO_SIGNATURE_VALUE) {
		gsp_why(why, "firmware hand-over at config 0x%x is not of a known form: see docs/hardware.md",
			pos);
		return -ENODEV;
	}
	if (!(flags & HO_FLAG_WAITING)) {
		gsp_why(why, "GSP does not wait for boot arguments: reset the GPU");
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

/*
 * Index of the BAR that follows @bar, among the PF's or, with @base
 * %PCI_IOV_RESOURCES, the VFs': a 64-bit BAR takes two.
 */
static int next_bar(struct pci_dev *pf, int base, int bar)
{
	return bar + (pci_resource_flags(pf, base + bar) & IORESOURCE_MEM_64 ? 2 : 1);
}

static int vf_info(struct pci_dev *pf, struct gsp_system_info *si, char *why)
{
	int i, bar = 0;

	si->vfs = pci_sriov_get_totalvfs(pf);
	if (!si->vfs)
		return 0;
	si->vf_offset = (pci_iov_virtfn_devfn(pf, 0) - pf->devfn) & 0xff;
	if (!si->vf_offset) {
		gsp_why(why, "the PCI core does not know where the VFs are");
		return -ENODEV;
	}
	for (i = 0; i < GSP_VF_BARS; i++) {
		u32 flags = pci_resource_flags(pf, PCI_IOV_RESOURCES + bar);

		if (!(flags & IORESOURCE_MEM) || flags & IORESOURCE_UNSET ||
		    !pci_resource_start(pf, PCI_IOV_RESOURCES + bar)) {
			gsp_why(why, "BAR %d of the VFs has no address", bar);
			return -ENODEV;
		}
		si->vf_bar[i] = pci_bus_address(pf, PCI_IOV_RESOURCES + bar);
		si->vf_bar_64[i] = flags & IORESOURCE_MEM_64;
		bar = next_bar(pf, PCI_IOV_RESOURCES, bar);
	}
	return 0;
}

/**
 * gsp_system_info() - collect what GSP_SET_SYSTEM_INFO says
 * @pf: PF
 * @arch: its GSP_ARCH()
 * @si: filled in
 * @why: what is missing
 *
 * Return: 0 or -ENODEV.
 */
int gsp_system_info(struct pci_dev *pf, u32 arch, struct gsp_system_info *si, char *why)
{
	int domain = pci_domain_nr(pf->bus);
	int i, bar = 0;

	memset(si, 0, sizeof(*si));
	for (i = 0; i < 3; i++) {
		si->bar[i] = pci_resource_start(pf, bar);
		bar = next_bar(pf, 0, bar);
	}
	si->bdf = (u64)domain << 32 | (pci_dev_id(pf) & 0xff00) | PCI_SLOT(pci_dev_id(pf) & 0xff);
	/* Numbers of architectures are in no order of time: Ada comes before Hopper. */
	si->mirror = arch == GSP_ARCH_TURING || arch == GSP_ARCH_AMPERE || arch == GSP_ARCH_ADA ?
		     MIRROR_TURING : MIRROR_HOPPER;
	si->device = (u32)pf->device << 16 | pf->vendor;
	si->subsystem = (u32)pf->subsystem_device << 16 | pf->subsystem_vendor;
	si->revision = pf->revision;
	return vf_info(pf, si, why);
}

/* Before SET_REGISTRY, as NVIDIA's driver; GSP-RM answers neither. */
static int post_system_info(struct gsp_queue *q, const struct gsp_abi *abi, char *why)
{
	const struct gsp_sysinfo_layout *l = &abi->sysinfo;
	struct gsp_system_info si;
	u8 *m, *vf;
	int i, err;

	err = gsp_system_info(q->pdev, GSP_ARCH(readl(q->bar0 + NV_PMC_BOOT_0)), &si, why);
	if (err)
		return err;
	m = kzalloc(l->size, GFP_KERNEL);
	if (!m) {
		gsp_why(why, "no memory for GSP_SET_SYSTEM_INFO");
		return -ENOMEM;
	}
	le_put64(m, SI_BAR0, si.bar[0]);
	le_put64(m, SI_BAR1, si.bar[1]);
	le_put64(m, SI_BAR3, si.bar[2]);
	le_put64(m, l->bdf, si.bdf);
	le_put64(m, l->max_user_va, TASK_SIZE);
	le_put32(m, l->mirror, si.mirror);
	le_put32(m, l->mirror + 4, MIRROR_SIZE);
	if (l->pci_ids) {
		le_put32(m, l->pci_ids, si.device);
		le_put32(m, l->pci_ids + 4, si.subsystem);
		le_put32(m, l->pci_ids + 8, si.revision);
	}
	vf = m + l->vf_info;
	le_put32(vf, VFI_TOTAL, si.vfs);
	le_put32(vf, VFI_OFFSET, si.vf_offset);
	for (i = 0; i < GSP_VF_BARS; i++) {
		le_put64(vf, VFI_BAR + 8 * i, si.vf_bar[i]);
		vf[VFI_64BIT + i] = si.vf_bar_64[i];
	}
	if (l->page_size)
		le_put64(m, l->page_size, PAGE_SIZE);
	err = gsp_queue_post(q, GSP_FN_SET_SYSTEM_INFO, "GSP_SET_SYSTEM_INFO", m, l->size, false,
			     why);
	kfree(m);
	return err;
}

/**
 * gsp_scheduler_key() - value of the registry key RmPVMRL
 * @s: scheduler settings, not best effort: that is what a missing key means
 *
 * The key has whole milliseconds; the nearest is taken.
 */
u32 gsp_scheduler_key(const struct ovg_scheduler *s)
{
	u32 policy = s->policy == OVG_POLICY_FIXED_SHARE ? PVMRL_FIXED_SHARE : PVMRL_EQUAL_SHARE;

	return 1u << PVMRL_ENABLE | policy << PVMRL_POLICY |
	       (s->timeslice_us + 500) / 1000 << PVMRL_TIMESLICE;
}

/* RMSetSriovMode turns vGPU mode on. */
static int post_registry(struct gsp_queue *q, const struct gsp_abi *abi,
			 const struct ovg_scheduler *sched, char *why)
{
	const struct {
		const char *name;
		u32 value;
	} keys[REG_MAX] = {
		{ "RMSetSriovMode", abi->inputs.sriov_mode },
		{ "RmPVMRL", gsp_scheduler_key(sched) },
	};
	u32 n = sched->policy == OVG_POLICY_BEST_EFFORT ? 1 : 2;
	u8 t[REG_ENTRY + REG_MAX * (REG_ENTRY_LEN + REG_NAME_MAX)] = { 0 };
	u32 end = REG_ENTRY + n * REG_ENTRY_LEN, i, len;
	u8 *e = t + REG_ENTRY;

	for (i = 0; i < n; i++, e += REG_ENTRY_LEN) {
		len = strlen(keys[i].name) + 1;
		le_put32(e, REG_NAME_OFF, end);
		e[REG_TYPE] = REG_TYPE_DWORD;
		le_put32(e, REG_DATA, keys[i].value);
		le_put32(e, REG_LENGTH, 4);
		memcpy(t + end, keys[i].name, len);
		end += len;
	}
	le_put32(t, REG_SIZE, end);
	le_put32(t, REG_COUNT, n);
	return gsp_queue_post(q, GSP_FN_SET_REGISTRY, "SET_REGISTRY", t, end, false, why);
}

static void fill_args(struct gsp_boot *b, struct gsp_queue *q, const struct gsp_abi *abi)
{
	bool many = gsp_runs_48(abi, q->pdev->device, q->pdev->subsystem_device);
	u32 heap_mib = many ? abi->inputs.heap_48_mib : abi->inputs.heap_mib;

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
	le_put64(b->wpr, WPR_MAGIC, WPR_MAGIC_VALUE);
	le_put64(b->wpr, WPR_REVISION, WPR_REVISION_VALUE);
	b->partitions = many ? abi->inputs.vf_partitions_48 : abi->inputs.vf_partitions;
	le_put64(b->wpr, WPR_HEAP_SIZE, (u64)heap_mib << 20);
	((u8 *)b->wpr)[WPR_VF_PARTITIONS] = (u8)b->partitions;
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
		"queue memory is gone",
		"GspFwWprMeta is not readable or not of a known form",
		"WPR heap is too small or too large for vGPUs",
		"wrong number of VF partitions",
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

			gsp_why(why, "GSP refused to start: %s (code 0x%x); reset the GPU", refusal(code), code);
			return -ENODEV;
		}
	} while (!last);
	gsp_why(why, "GSP did not come up in %u ms%s", limit, READ_ONCE(b->asked_sequence) ?
		": it asks for a register sequence, which is the booter's to run" : "");
	return -ENODEV;
done:
	if (gsp_queue_dead(q, why))
		return -ENODEV;
	if (b->init_result) {
		gsp_why(why, "GSP came up with error 0x%x; reset the GPU", b->init_result);
		return -ENODEV;
	}
	return 0;
}

/**
 * gsp_boot_start() - hand GSP its arguments and wait until it runs
 * @b: zeroed, its completion initialised
 * @q: queue, its reader running
 * @abi: firmware branch
 * @sched: how it shall share the engines
 * @why: cause of an error
 *
 * After an error the caller calls gsp_boot_stop() and gsp_boot_free(), as after
 * a success.
 */
int gsp_boot_start(struct gsp_boot *b, struct gsp_queue *q, const struct gsp_abi *abi,
		   const struct ovg_scheduler *sched, char *why)
{
	struct device *dev = &q->pdev->dev;
	int err;

	if (!(readl(q->bar0 + NV_PGSP_FALCON_CPUCTL) & NV_PGSP_CPUCTL_HALTED)) {
		gsp_why(why, "GSP runs already: somebody else has started it; unbind that, reset the GPU");
		return -ENODEV;
	}
	b->libos = dma_alloc_coherent(dev, GSP_PAGE, &b->libos_dma, GFP_KERNEL);
	b->rmargs = dma_alloc_coherent(dev, GSP_PAGE, &b->rmargs_dma, GFP_KERNEL);
	b->wpr = dma_alloc_coherent(dev, GSP_PAGE, &b->wpr_dma, GFP_KERNEL);
	if (!b->libos || !b->rmargs || !b->wpr) {
		gsp_why(why, "no memory for boot arguments");
		return -ENOMEM;
	}
	memset(b->libos, 0, GSP_PAGE);
	memset(b->rmargs, 0, GSP_PAGE);
	memset(b->wpr, 0, GSP_PAGE);
	fill_args(b, q, abi);
	err = post_system_info(q, abi, why);
	if (!err)
		err = post_registry(q, abi, sched, why);
	if (err)
		return err;

	b->started = true;
	writel(lower_32_bits(b->wpr_dma), q->bar0 + NV_PSEC2_FALCON_MAILBOX0);
	writel(upper_32_bits(b->wpr_dma), q->bar0 + NV_PSEC2_FALCON_MAILBOX1);
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
	u64 limit_us;
	int err;

	err = gsp_queue_call(q, GSP_FN_UNLOADING_GUEST_DRIVER, "UNLOADING_GUEST_DRIVER", params,
			     sizeof(params), &got, &result, gsp_ms(&q->to->stop), why);
	if (err)
		return err;
	if (result) {
		gsp_why(why, "GSP does not want to stop: 0x%x", result);
		return -EBUSY;
	}
	limit_us = gsp_ms(&q->to->stop) * 1000ull;
	err = read_poll_timeout(readl, v, v == MAILBOX_STOPPED, 500, limit_us, false,
				q->bar0 + NV_PGSP_FALCON_MAILBOX0);
	if (!err)
		err = read_poll_timeout(readl, v, v & NV_PGSP_CPUCTL_HALTED, 500, limit_us, false,
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

	if (b->wpr)
		dma_free_coherent(dev, GSP_PAGE, b->wpr, b->wpr_dma);
	if (b->rmargs)
		dma_free_coherent(dev, GSP_PAGE, b->rmargs, b->rmargs_dma);
	if (b->libos)
		dma_free_coherent(dev, GSP_PAGE, b->libos, b->libos_dma);
	b->wpr = NULL;
	b->rmargs = NULL;
	b->libos = NULL;
}
