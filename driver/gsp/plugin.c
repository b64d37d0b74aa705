// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>

#include "gsp.h"
#include "trace.h"

/*
 * NV_VIRTUAL_FUNCTION_PRIV_DOORBELL (2200) in the PF's physical view (b80000, the
 * whole of NV_VIRTUAL_FUNCTION_FULL_PHYS_OFFSET). Every gfid has 32 bits there, the
 * plugin's is NV_DOORBELL_NOTIFY_LEAF_VF_CPU_PLUGIN.
 */
#define NV_PF_DOORBELL		0xb82200
#define DOORBELL_PLUGIN(gfid)	((gfid) * 32 + 17)

/* Control page, version 1 (NVIDIA's RFC); what is not named stays 0 */
#define CTRL_VERSION		0
#define CTRL_MSG_TYPE		4
#define CTRL_MSG_SEQ		8
#define CTRL_RESPONSE		16	/* u64, as the next three */
#define CTRL_MESSAGE		24
#define CTRL_MIGRATION		32
#define CTRL_ERROR		40

/* The plugin writes it into CTRL_MSG_SEQ when it has read the control page. */
#define START_MARKER		0x4e654a6f	/* GSP_PLUGIN_BOOTLOADED */

/* Messages; numbers up to 13 are the same in all branches */
#define MSG_VERSION_NEGOTIATION	1
#define MSG_SETUP_CONFIG	2
#define MSG_RESET		3
#define MSG_UPDATE_BME_STATE	13

#define NEGOTIATION_SIZE	8	/* zeros, as the RFC: the plugin chooses */
#define CONFIG_MAX		128
#define BME_SIZE		2

/* Looks at short intervals before the wait gets lazy */
#define QUICK_LOOKS		20

/* A wait for the plugin: until when, and how often it looked already. */
struct gsp_wait {
	ktime_t end;
	u32 looks;
	bool late;
};

static int plugin_gone(struct ovg_instance *inst, char *why)
{
	const char *gone;

	if (gsp_queue_dead(&inst->p->q, why))
		return -ENODEV;
	mutex_lock(&inst->p->inst_lock);
	gone = inst->gone;
	mutex_unlock(&inst->p->inst_lock);
	if (!gone)
		return 0;
	gsp_why(why, "%s", gone);
	return -EIO;
}

static void start_wait(struct gsp_wait *w, u32 ms)
{
	*w = (struct gsp_wait) { .end = ktime_add_ms(ktime_get(), ms) };
}

/*
 * Sleeps a little; 0: look again. Wakes at once if the plugin or the firmware
 * dies. The last look comes after the time is up and after the queue was read
 * once more, in case its interrupt was lost.
 */
static int wait_more(struct ovg_instance *inst, struct gsp_wait *w, char *why)
{
	int err = plugin_gone(inst, why);

	if (err)
		return err;
	if (w->late)
		return -ETIMEDOUT;
	if (w->looks++ < QUICK_LOOKS)
		usleep_range(50, 100);
	else
		wait_for_completion_timeout(&inst->event, msecs_to_jiffies(2));
	if (ktime_after(ktime_get(), w->end)) {
		w->late = true;
		gsp_queue_drain(&inst->p->q);
	}
	return 0;
}

/* ---- start -------------------------------------------------------------- */

static void put64(void __iomem *io, u32 off, u64 v)
{
	writel(lower_32_bits(v), io + off);
	writel(upper_32_bits(v), io + off + 4);
}

/**
 * gsp_plugin_prepare() - lay out the pages that the plugin looks at when it starts
 * @inst: vGPU, its plugin is not running
 * @why: cause of an error
 */
int gsp_plugin_prepare(struct ovg_instance *inst, char *why)
{
	const struct gsp_plugin_layout *l = &inst->p->abi->plugin;
	struct gsp_plugin *pl = &inst->plugin;

	/* Control, response and message page. */
	memset_io(pl->io, 0, GSP_HEAP_MIGRATION);
	writel(l->control_version, pl->io + CTRL_VERSION);
	put64(pl->io, CTRL_RESPONSE, GSP_HEAP_RESPONSE);
	put64(pl->io, CTRL_MESSAGE, GSP_HEAP_MESSAGE);
	put64(pl->io, CTRL_MIGRATION, GSP_HEAP_MIGRATION);
	put64(pl->io, CTRL_ERROR, GSP_HEAP_ERROR);
	/* Also makes sure that all of it is there. */
	if (readl(pl->io + CTRL_VERSION) != l->control_version) {
		gsp_why(why, "plugin heap at 0x%llx cannot be written through BAR1",
			(unsigned long long)inst->boot.heap_addr);
		return -EIO;
	}
	mutex_lock(&pl->lock);
	pl->seq = 0;
	pl->in_doubt = false;
	pl->bus_master = false;
	mutex_unlock(&pl->lock);
	return 0;
}

/**
 * gsp_plugin_wait() - wait for the plugin after BOOTLOAD
 * @inst: vGPU
 * @why: cause of an error
 *
 * Both signs are needed: the event says that the firmware has started the task,
 * the marker that the task has found its pages.
 */
int gsp_plugin_wait(struct ovg_instance *inst, char *why)
{
	struct ovg_provider *p = inst->p;
	u32 ms = gsp_ms(&p->to->instance);
	struct gsp_wait w;
	bool booted;
	int err;

	start_wait(&w, ms);
	wait_for_completion_timeout(&inst->event, msecs_to_jiffies(ms));
	for (;;) {
		mutex_lock(&p->inst_lock);
		booted = inst->booted;
		mutex_unlock(&p->inst_lock);
		if (booted && readl(inst->plugin.io + CTRL_MSG_SEQ) == START_MARKER)
			return plugin_gone(inst, why);
		err = wait_more(inst, &w, why);
		if (err)
			break;
	}
	if (err == -ETIMEDOUT)
		gsp_why(why, booted ? "the vGPU's firmware plugin left no start marker in %u ms" :
			"the vGPU's firmware plugin did not start in %u ms", ms);
	return err;
}

/* ---- messages ----------------------------------------------------------- */

static int wait_answer(struct ovg_instance *inst, u32 before, const char *what, char *why)
{
	u32 ms = gsp_ms(&inst->p->to->message);
	u32 at = GSP_HEAP_RESPONSE + inst->p->abi->plugin.resp_seq;
	struct gsp_plugin *pl = &inst->plugin;
	struct gsp_wait w;
	u32 seq;
	int err;

	start_wait(&w, ms);
	do {
		seq = readl(pl->io + at);
		if (seq == pl->seq)
			return 0;
		if (seq != before) {
			gsp_why(why, "the vGPU's plugin answered %s with number 0x%x, not %u",
				what, seq, pl->seq);
			return -EPROTO;
		}
		err = wait_more(inst, &w, why);
	} while (!err);
	if (err == -ETIMEDOUT)
		gsp_why(why, "the vGPU's plugin did not answer %s in %u ms", what, ms);
	return err;
}

static int send_and_wait(struct ovg_instance *inst, u32 type, const char *what, void *payload,
			 u32 len, char *why)
{
	const struct gsp_plugin_layout *l = &inst->p->abi->plugin;
	struct gsp_plugin *pl = &inst->plugin;
	u32 before = pl->seq, result;
	int err;

	err = plugin_gone(inst, why);
	if (err)
		return err;
	if (pl->in_doubt) {
		gsp_why(why, "%s not sent: the vGPU's plugin owes an answer", what);
		return -EIO;
	}
	trace_gsp_vgpu(pci_name(inst->p->pf), inst->boot.gfid, what, type);
	/* 0 is "none processed yet". */
	pl->seq = before + 1 ? before + 1 : 1;
	memcpy_toio(pl->io + GSP_HEAP_MESSAGE, payload, len);
	writel(type, pl->io + CTRL_MSG_TYPE);
	writel(pl->seq, pl->io + CTRL_MSG_SEQ);
	writel(DOORBELL_PLUGIN(inst->boot.gfid), inst->p->bar0 + NV_PF_DOORBELL);

	err = wait_answer(inst, before, what, why);
	if (err) {
		trace_gsp_vgpu(pci_name(inst->p->pf), inst->boot.gfid, "no answer", type);
		pl->in_doubt = true;
		return err;
	}
	result = readl(pl->io + GSP_HEAP_RESPONSE + l->resp_result);
	trace_gsp_vgpu(pci_name(inst->p->pf), inst->boot.gfid, "answer", result);
	if (result) {
		gsp_why(why, "the vGPU's plugin refused %s: %s (0x%x)", what,
			gsp_status_name(result), result);
		return gsp_status_errno(result);
	}
	memcpy_fromio(payload, pl->io + GSP_HEAP_MESSAGE, len);
	return 0;
}

/*
 * One message and its answer, which overwrites @payload. -EIO with the reason if
 * the plugin is gone, -ETIMEDOUT if it does not answer, or what it answers.
 */
static int call(struct ovg_instance *inst, u32 type, const char *what, void *payload, u32 len,
		char *why)
{
	int err;

	mutex_lock(&inst->plugin.lock);
	err = send_and_wait(inst, type, what, payload, len, why);
	mutex_unlock(&inst->plugin.lock);
	return err;
}

static int set_bus_master(struct ovg_instance *inst, bool on, char *why)
{
	u8 msg[BME_SIZE] = { on, on };	/* enable, allowed */
	int err;

	err = call(inst, MSG_UPDATE_BME_STATE, "UPDATE_BME_STATE", msg, sizeof(msg), why);
	if (!err)
		inst->plugin.bus_master = on;
	return err;
}

/**
 * gsp_plugin_configure() - make a started plugin ready for its guest
 * @inst: vGPU
 * @why: cause of an error
 */
int gsp_plugin_configure(struct ovg_instance *inst, char *why)
{
	const struct gsp_abi *abi = inst->p->abi;
	u8 msg[CONFIG_MAX] = { 0 };
	int err;

	if (WARN_ON(abi->plugin.config_size > sizeof(msg)))
		return -EINVAL;
	err = call(inst, MSG_VERSION_NEGOTIATION, "VERSION_NEGOTIATION", msg, NEGOTIATION_SIZE,
		   why);
	if (err)
		return err;
	memset(msg, 0, sizeof(msg));
	gsp_config_fill(abi, &inst->boot, &inst->config, msg);
	err = call(inst, MSG_SETUP_CONFIG, "SETUP_CONFIG_PARAMS_AND_INIT", msg,
		   abi->plugin.config_size, why);
	if (err)
		return err;
	return set_bus_master(inst, true, why);
}

/* Puts the plugin back to what it was after gsp_plugin_configure(). */
int gsp_plugin_reset(struct ovg_instance *inst, char *why)
{
	u8 none[1];

	return call(inst, MSG_RESET, "RESET", none, 0, why);
}

/* Takes DMA from the VF before its plugin stops; SHUTDOWN does so in any case. */
void gsp_plugin_quiesce(struct ovg_instance *inst)
{
	char why[OVG_WHY_MAX];

	if (inst->plugin.bus_master && set_bus_master(inst, false, why))
		dev_dbg(&inst->p->pf->dev, "gfid %u: %s\n", inst->boot.gfid, why);
}

/* ---- what the plugin leaves to be read ---------------------------------- */

/* Licence state of the guest; the caller makes sure that the mapping stays. */
u32 gsp_plugin_licence(struct ovg_instance *inst)
{
	u16 at = inst->p->abi->plugin.resp_licence;

	return at ? readl(inst->plugin.io + GSP_HEAP_RESPONSE + at) : OVG_VALUE_UNKNOWN;
}

static u32 log_region(struct ovg_provider *p, enum ovg_log which, u32 *size)
{
	*size = 0;
	switch (which) {
	case OVG_LOG_INIT:
		*size = GSP_HEAP_INIT_LOG_LEN;
		return GSP_HEAP_INIT_LOG;
	case OVG_LOG_INSTANCE:
		*size = GSP_HEAP_TASK_LOG_LEN;
		return GSP_HEAP_TASK_LOG;
	case OVG_LOG_KERNEL:
		if (p->abi->plugin.kernel_log)
			*size = GSP_HEAP_KERNEL_LOG_LEN;
		return GSP_HEAP_KERNEL_LOG;
	default:
		return 0;
	}
}

size_t gsp_log_size(struct ovg_provider *p, enum ovg_log which)
{
	u32 size;

	log_region(p, which, &size);
	return size;
}

/*
 * Raw: libos logs are made readable by tools that have the firmware's strings.
 * Only reads, and nothing that messages use, so it may run beside them.
 */
ssize_t gsp_vgpu_log(struct ovg_provider *p, struct ovg_instance *inst, enum ovg_log which,
		     void *buf, size_t size)
{
	u32 at, len;

	at = log_region(p, which, &len);
	if (!len)
		return -ENOENT;
	if (size > len)
		size = len;
	memcpy_fromio(buf, inst->plugin.io + at, size);
	return size;
}
