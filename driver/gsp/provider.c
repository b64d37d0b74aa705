// SPDX-License-Identifier: GPL-2.0-only
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "gsp.h"

/*
 * How PF BAR1 shows framebuffer: at its physical address, or through page tables
 * of the host. In the PF's view of its own function registers; dev_vm.h of tu102
 * and gh100.
 */
#define NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK			0xb80f40
#define  NV_VF_PRIV_BAR1_BLOCK_MODE_VIRTUAL			BIT(31)
#define NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR	0xb80f60
#define  NV_VF_PRIV_FUNC_BAR1_BLOCK_MODE_VIRTUAL		BIT(9)

/* NV2080_CTRL_FB_INFO_INDEX_* */
#define FB_INFO_HEAP_START	0x1e
#define FB_INFO_USABLE_RAM	0x20

#define GET_FEATURES_SIZE	72
#define GET_FEATURES_BUILD	6
#define GET_FEATURES_BUILD_LEN	64

/* ---- what the queue tells ---------------------------------------------- */

static void on_event(void *ctx, u32 event, u32 result, const u8 *payload, u32 len)
{
	struct ovg_provider *p = ctx;

	switch (event) {
	case GSP_EV_INIT_DONE:
		p->boot.init_result = result;
		complete(&p->boot.init_done);
		break;
	case GSP_EV_RUN_CPU_SEQUENCER:
		WRITE_ONCE(p->boot.asked_sequence, true);
		break;
	case GSP_EV_PLUGIN_TRIGGERED:
		if (len >= 8)
			gsp_vgpu_event(p, le_get32(payload, 0), le_get32(payload, 4));
		break;
	case GSP_EV_GPUACCT_SAMPLES:
		gsp_usage_event(p, payload, len);
		break;
	}
}

static void tell_fw_died(struct work_struct *work)
{
	struct ovg_provider *p = container_of(work, struct ovg_provider, fw_died);
	char why[OVG_WHY_MAX] = "";

	gsp_queue_dead(&p->q, why);
	p->ev->firmware_died(p->ctx, why);
}

static void on_dead(void *ctx, const char *why)
{
	struct ovg_provider *p = ctx;

	complete(&p->boot.init_done);
	gsp_vgpu_firmware_died(p);
	if (READ_ONCE(p->live))
		queue_work(p->wq, &p->fw_died);
}

static const struct gsp_queue_client queue_client = {
	.event = on_event,
	.dead = on_dead,
};

/* Edge triggered: a message that comes while the thread runs runs it again. */
static irqreturn_t hard_irq(int irq, void *data)
{
	return IRQ_WAKE_THREAD;
}

static irqreturn_t irq_thread(int irq, void *data)
{
	struct ovg_provider *p = data;

	gsp_queue_drain(&p->q);
	return IRQ_HANDLED;
}

/* ---- facts ------------------------------------------------------------- */

static int generation(struct ovg_provider *p, char *why)
{
	u32 boot0 = readl(p->bar0 + NV_PMC_BOOT_0);

	switch (GSP_ARCH(boot0)) {
	case GSP_ARCH_AMPERE:
		p->info.generation = OVG_GEN_AMPERE;
		return 0;
	case GSP_ARCH_HOPPER:
	case GSP_ARCH_ADA:
		p->info.generation = OVG_GEN_ADA;
		return 0;
	case GSP_ARCH_BLACKWELL_1:
	case GSP_ARCH_BLACKWELL_2:
		p->info.generation = OVG_GEN_BLACKWELL;
		return 0;
	}
	gsp_why(why, "chip %08x is of no supported generation: take another board", boot0);
	return -ENODEV;
}

static int query_build(struct ovg_provider *p, const char *build, char *why)
{
	char v[GET_FEATURES_SIZE] = { 0 };
	int err;

	err = gsp_rm_control(&p->rm, NV2080_GSP_GET_FEATURES, "GSP_GET_FEATURES", v, sizeof(v),
			     NULL, why);
	if (err)
		return err;
	v[GET_FEATURES_BUILD + GET_FEATURES_BUILD_LEN - 1] = '\0';
	if (strcmp(v + GET_FEATURES_BUILD, build)) {
		gsp_why(why, "firmware says it is %.32s, hand-over says %s: boot it anew",
			v + GET_FEATURES_BUILD, build);
		return -ENODEV;
	}
	strscpy(p->info.firmware, build, sizeof(p->info.firmware));
	return 0;
}

static int query_engines(struct ovg_provider *p, char *why)
{
	u8 *v = kzalloc(p->abi->engines_size, GFP_KERNEL);
	u32 i, n;
	int err;

	if (!v) {
		gsp_why(why, "no memory for GPU_GET_ENGINES_V2");
		return -ENOMEM;
	}
	err = gsp_rm_control(&p->rm, NV2080_GPU_GET_ENGINES_V2, "GPU_GET_ENGINES_V2", v,
			     p->abi->engines_size, NULL, why);
	if (err)
		goto out;
	n = le_get32(v, 0);
	if (!n || n > p->abi->boot.engines || 4 + 4 * n > p->abi->engines_size) {
		gsp_why(why, "firmware reports %u engines", n);
		err = -EPROTO;
		goto out;
	}
	for (i = 0; i < n; i++)
		p->engines[i] = le_get32(v, 4 + 4 * i);
	p->num_engines = n;
out:
	kfree(v);
	return err;
}

static int query_ecc(struct ovg_provider *p, char *why)
{
	u8 *v = kzalloc(p->abi->ecc_size, GFP_KERNEL);
	int err;

	if (!v) {
		gsp_why(why, "no memory for GPU_QUERY_ECC_STATUS");
		return -ENOMEM;
	}
	err = gsp_rm_control(&p->rm, NV2080_GPU_QUERY_ECC_STATUS, "GPU_QUERY_ECC_STATUS", v,
			     p->abi->ecc_size, NULL, why);
	p->info.ecc = !err && v[0];	/* units[0].enabled, as the RFC */
	kfree(v);
	return err;
}

static int query_fb(struct ovg_provider *p, char *why)
{
	u8 seg[8] = { 0 }, *v;
	int err;

	err = gsp_rm_control(&p->rm, NV2080_GPU_GET_VMMU_SEGMENT_SIZE, "GPU_GET_VMMU_SEGMENT_SIZE",
			     seg, sizeof(seg), NULL, why);
	if (err)
		return err;
	p->info.segment = le_get64(seg, 0);
	if (!is_power_of_2(p->info.segment) || p->info.segment < 32 * SZ_1M ||
	    p->info.segment > 512 * SZ_1M) {
		gsp_why(why, "VMMU segment of 0x%llx bytes", p->info.segment);
		return -EPROTO;
	}

	v = kzalloc(p->abi->fb_info_size, GFP_KERNEL);
	if (!v) {
		gsp_why(why, "no memory for FB_GET_INFO_V2");
		return -ENOMEM;
	}
	le_put32(v, 0, 2);
	le_put32(v, 4, FB_INFO_USABLE_RAM);
	le_put32(v, 12, FB_INFO_HEAP_START);
	err = gsp_rm_control(&p->rm, NV2080_FB_GET_INFO_V2, "FB_GET_INFO_V2", v,
			     p->abi->fb_info_size, NULL, why);
	if (!err) {
		p->info.fb_total = (u64)le_get32(v, 8) << 10;
		p->info.fb_base = (u64)le_get32(v, 16) << 10;
	}
	kfree(v);
	return err;
}

static int query_channels(struct ovg_provider *p, char *why)
{
	u8 v[8] = { 0 };	/* runlist 0: all have the same id space */
	int err;

	err = gsp_rm_control(&p->rm, NV2080_INTERNAL_FIFO_GET_NUM_CHANNELS,
			     "FIFO_GET_NUM_CHANNELS", v, sizeof(v), NULL, why);
	p->info.channels = le_get32(v, 4);
	return err;
}

/**
 * gsp_query() - ask the running firmware for what the core wants to know
 * @p: provider, its RM client is open
 * @build: firmware build of the hand-over; the firmware must say the same
 * @why: cause of an error
 */
int gsp_query(struct ovg_provider *p, const char *build, char *why)
{
	int err;

	p->info.rules = p->abi->rules;
	p->info.total_vfs_limit = p->abi->max_vgpus;
	p->info.mixed = p->abi->mixed;
	p->info.scheduler_live = p->abi->live_scheduler;
	err = query_build(p, build, why);
	if (!err)
		err = query_engines(p, why);
	if (!err)
		err = query_ecc(p, why);
	if (!err)
		err = query_fb(p, why);
	if (!err)
		err = query_channels(p, why);
	return err;
}

/*
 * The hand-over leaves BAR1 in physical mode and large enough: the plugin's pages
 * are reached through it. GSP-RM could change the mode while it starts, so this
 * comes after that.
 */
static int check_bar1(struct ovg_provider *p, char *why)
{
	u32 arch = GSP_ARCH(readl(p->bar0 + NV_PMC_BOOT_0));
	u64 need = p->info.fb_base + p->info.fb_total;
	bool virtual;

	if (arch == GSP_ARCH_TURING || arch == GSP_ARCH_AMPERE || arch == GSP_ARCH_ADA)
		virtual = readl(p->bar0 + NV_VIRTUAL_FUNCTION_PRIV_BAR1_BLOCK) &
			  NV_VF_PRIV_BAR1_BLOCK_MODE_VIRTUAL;
	else
		virtual = readl(p->bar0 + NV_VIRTUAL_FUNCTION_PRIV_FUNC_BAR1_BLOCK_LOW_ADDR) &
			  NV_VF_PRIV_FUNC_BAR1_BLOCK_MODE_VIRTUAL;
	if (virtual) {
		gsp_why(why, "BAR1 is not in physical mode, in which the hand-over must leave it: boot it so");
		return -ENODEV;
	}
	if (p->bar1_size < need) {
		gsp_why(why, "BAR1 is %llu MiB and does not show all of the framebuffer, %llu MiB",
			p->bar1_size >> 20, need >> 20);
		return -ENODEV;
	}
	return 0;
}

/* ---- attach and detach ------------------------------------------------- */

/* A 64-bit BAR0 takes two indices. */
static int bar1_index(struct pci_dev *pf)
{
	return pci_resource_flags(pf, 0) & IORESOURCE_MEM_64 ? 2 : 1;
}

static int claim_pci(struct ovg_provider *p, char *why)
{
	struct pci_dev *pf = p->pf;
	int bar1 = bar1_index(pf);
	int err;

	err = pci_enable_device(pf);
	if (err) {
		gsp_why(why, "cannot enable the PF: error %d", err);
		return err;
	}
	err = pci_request_region(pf, 0, "openvgpu");
	if (err) {
		gsp_why(why, "BAR0 is claimed by somebody else: unbind the other driver");
		goto disable;
	}
	err = pci_request_region(pf, bar1, "openvgpu");
	if (err) {
		gsp_why(why, "BAR1 is claimed by somebody else: unbind the other driver");
		goto release0;
	}
	p->bar1 = pci_resource_start(pf, bar1);
	p->bar1_size = pci_resource_len(pf, bar1);
	p->bar0 = pci_iomap(pf, 0, 0);
	if (!p->bar0 || pci_resource_len(pf, 0) < SZ_16M) {
		gsp_why(why, "BAR0 cannot be mapped or is too small");
		err = -ENOMEM;
		goto release;
	}
	/* What all supported chips can address. */
	err = dma_set_mask_and_coherent(&pf->dev, DMA_BIT_MASK(47));
	if (err) {
		gsp_why(why, "no usable DMA addressing");
		goto release;
	}
	pci_set_master(pf);
	return 0;
release:
	if (p->bar0)
		pci_iounmap(pf, p->bar0);
	pci_release_region(pf, bar1);
release0:
	pci_release_region(pf, 0);
disable:
	pci_disable_device(pf);
	return err;
}

static void unclaim_pci(struct ovg_provider *p)
{
	pci_clear_master(p->pf);
	pci_iounmap(p->pf, p->bar0);
	pci_release_region(p->pf, bar1_index(p->pf));
	pci_release_region(p->pf, 0);
	pci_disable_device(p->pf);
}

static int claim_irq(struct ovg_provider *p, char *why)
{
	int err;

	err = pci_alloc_irq_vectors(p->pf, 1, 1, PCI_IRQ_MSIX);
	if (err < 0) {
		gsp_why(why, "no MSI-X vector: error %d", err);
		return err;
	}
	p->irq = pci_irq_vector(p->pf, 0);
	err = request_threaded_irq(p->irq, hard_irq, irq_thread, 0, "openvgpu-gsp", p);
	if (err) {
		gsp_why(why, "interrupt not available: error %d", err);
		p->irq = 0;
		pci_free_irq_vectors(p->pf);
	}
	return err;
}

static void unclaim_irq(struct ovg_provider *p)
{
	free_irq(p->irq, p);
	pci_free_irq_vectors(p->pf);
}

/* Firmware down, then everything it could have reached. Quiet if it died before. */
static void stop_firmware(struct ovg_provider *p)
{
	char why[OVG_WHY_MAX];
	bool dead;

	/* After a reset of the GPU there is nobody left to say goodbye to. */
	if (readl(p->bar0 + NV_PGSP_FALCON_CPUCTL) & NV_PGSP_CPUCTL_HALTED)
		gsp_queue_fail(&p->q, "GSP has halted");
	dead = gsp_queue_dead(&p->q, NULL);
	gsp_rm_close(&p->rm);
	if (gsp_boot_stop(&p->boot, &p->q, why) && !dead)
		pci_warn(p->pf, "GPU was reset: %s\n", why);
	unclaim_irq(p);
	pci_clear_master(p->pf);
	gsp_boot_free(&p->boot, &p->q);
	gsp_queue_destroy(&p->q);
}

static void gsp_detach(struct ovg_provider *p)
{
	WRITE_ONCE(p->live, false);
	stop_firmware(p);
	gsp_vgpu_drop_all(p);
	cancel_work_sync(&p->fw_died);
	destroy_workqueue(p->wq);
	unclaim_pci(p);
	kvfree(p->types);
	kfree(p);
}

static int gsp_attach(struct pci_dev *pf, const struct ovg_provider_events *ev, void *ctx,
		      const struct ovg_timeouts *to, const struct ovg_scheduler *sched,
		      struct ovg_provider **out, char *why)
{
	char build[GSP_BUILD_LEN];
	const struct gsp_abi *abi;
	struct ovg_provider *p;
	int err;

	err = gsp_handover(pf, build, why);
	if (err)
		return err;
	abi = gsp_abi_find(build);
	if (!abi) {
		gsp_why(why, "firmware build \"%*pE\" is of no supported branch: boot 535, 570 or 595",
			(int)strnlen(build, sizeof(build)), build);
		ovg_ascii(why);
		return -ENODEV;
	}
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p) {
		gsp_why(why, "no memory for the provider");
		return -ENOMEM;
	}
	p->pf = pf;
	p->ev = ev;
	p->ctx = ctx;
	p->abi = abi;
	p->to = to;
	p->sched = *sched;
	mutex_init(&p->inst_lock);
	init_completion(&p->boot.init_done);
	INIT_WORK(&p->fw_died, tell_fw_died);
	p->wq = alloc_ordered_workqueue("openvgpu-%s", 0, pci_name(pf));
	if (!p->wq) {
		gsp_why(why, "no memory for a workqueue");
		err = -ENOMEM;
		goto free;
	}
	err = claim_pci(p, why);
	if (err)
		goto wq;
	err = generation(p, why);
	if (err)
		goto pci;
	err = gsp_queue_create(&p->q, pf, p->bar0, to, abi->echoes_sequence, &queue_client, p);
	if (err) {
		gsp_why(why, "no memory for the message queues");
		goto pci;
	}
	err = claim_irq(p, why);
	if (err)
		goto queue;

	err = gsp_boot_start(&p->boot, &p->q, abi, sched, why);
	if (!err)
		err = gsp_rm_open(&p->rm, &p->q, abi, 0, why);
	if (!err)
		err = gsp_query(p, build, why);
	if (!err)
		err = check_bar1(p, why);
	if (!err)
		err = gsp_load_types(p, why);
	if (err)
		goto firmware;

	WRITE_ONCE(p->live, true);
	if (gsp_queue_dead(&p->q, why)) {
		WRITE_ONCE(p->live, false);
		err = -ENODEV;
		goto firmware;
	}
	*out = p;
	return 0;

firmware:
	stop_firmware(p);
	cancel_work_sync(&p->fw_died);
	kvfree(p->types);
	goto pci;
queue:
	gsp_queue_destroy(&p->q);
pci:
	unclaim_pci(p);
wq:
	destroy_workqueue(p->wq);
free:
	kfree(p);
	return err;
}

static const struct ovg_gpu_info *gsp_info(struct ovg_provider *p)
{
	return &p->info;
}

static const struct ovg_type *gsp_types(struct ovg_provider *p, u32 *count)
{
	*count = p->num_types;
	return p->types;
}

static const char *gsp_types_why(struct ovg_provider *p)
{
	return p->types_why;
}

const struct ovg_provider_ops ovg_gsp_provider = {
	.name = "gsp-rm",
	.attach = gsp_attach,
	.detach = gsp_detach,
	.info = gsp_info,
	.types = gsp_types,
	.types_why = gsp_types_why,
	.open = gsp_vgpu_open,
	.close = gsp_vgpu_close,
	.reset = gsp_vgpu_reset,
	.set_mixed = gsp_set_mixed,
	.set_scheduler = gsp_set_scheduler,
	.set_mig = gsp_set_mig,
	.gi_create = gsp_gi_create,
	.gi_destroy = gsp_gi_destroy,
	.log_size = gsp_log_size,
	.log = gsp_vgpu_log,
	.dump = gsp_dump,
};
