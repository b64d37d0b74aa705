// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the firmware says about a vGPU unasked. It comes from the reader of the
 * queue, which must not wait for the core: that is told from a work queue.
 */
#include <linux/mm.h>

#include "gsp.h"
#include "trace.h"

/* VGPU_GSP_PLUGIN_TRIGGERED.notifyIndex */
#define PLUGIN_BOOTLOADED	0
#define PLUGIN_UNLOADED		1
#define PLUGIN_CRASHED		2
#define PLUGIN_GUEST_LOADED	3
#define PLUGIN_GUEST_UNLOADED	4
#define PLUGIN_PRINT_ERROR	5	/* its text is in the plugin's log, too */
#define PLUGIN_LICENCE		6
#define PLUGIN_OS		7

/*
 * GPUACCT_PERFMON_UTIL_SAMPLES, the same in all branches: a count, and samples of
 * a time and four times {utilisation, process, process in the guest}.
 */
#define SAMPLES_COUNT		8
#define SAMPLES_HDR		16u
#define SAMPLES_MAX		72
#define SAMPLE_SIZE		56u
#define SAMPLE_TIME		0
#define SAMPLE_FB		8
#define SAMPLE_GR		20
#define SAMPLE_NVENC		32
#define SAMPLE_NVDEC		44
#define ENGINE_UTIL		0
#define ENGINE_PROCESS		4
#define UTIL_MAX		10000	/* hundredths of a percent */

/* ---- the plugin's life -------------------------------------------------- */

void gsp_instance_tell_died(struct work_struct *work)
{
	struct ovg_instance *inst = container_of(work, struct ovg_instance, died);

	inst->p->ev->instance_died(inst->p->ctx, inst->boot.gfid, inst->died_why);
}

/* The plugin will not answer any more. The core hears it once for each open(). */
static void lost(struct ovg_instance *inst, const char *why)
{
	if (inst->gone)
		return;
	inst->gone = why;
	complete(&inst->event);
	if (inst->state != GSP_RUNNING)
		return;
	gsp_instance_set(inst, GSP_STOPPING);
	if (inst->told)
		return;
	inst->told = true;
	strscpy(inst->died_why, why, sizeof(inst->died_why));
	queue_work(inst->p->wq, &inst->died);
}

/* ---- what happens inside ------------------------------------------------ */

static bool same_kind(enum ovg_instance_event a, enum ovg_instance_event b)
{
	if (a == OVG_EV_GUEST_UNLOADED)
		a = OVG_EV_GUEST_LOADED;
	if (b == OVG_EV_GUEST_UNLOADED)
		b = OVG_EV_GUEST_LOADED;
	return a == b;
}

/*
 * The guest decides how many there are. When the core does not keep up, one that
 * a later one of its kind has overtaken is dropped; there is one, because there
 * is more room than there are kinds. So the core always ends up with what is true.
 */
static void push_news(struct ovg_instance *inst, enum ovg_instance_event what, u32 value)
{
	struct gsp_news *n = inst->news;
	u32 i, j;

	if (inst->state != GSP_RUNNING && inst->state != GSP_RESETTING)
		return;
	if (inst->num_news == GSP_NEWS) {
		for (i = 0; i < GSP_NEWS - 1; i++) {
			for (j = i + 1; j < GSP_NEWS && !same_kind(n[i].what, n[j].what); j++)
				;
			if (j < GSP_NEWS)
				break;
		}
		inst->num_news--;
		memmove(&n[i], &n[i + 1], (inst->num_news - i) * sizeof(*n));
	}
	n[inst->num_news++] = (struct gsp_news) { what, value };
	queue_work(inst->p->wq, &inst->deliver);
}

/* What comes meanwhile queues it again, so that it never runs for long. */
void gsp_instance_deliver(struct work_struct *work)
{
	struct ovg_instance *inst = container_of(work, struct ovg_instance, deliver);
	struct ovg_provider *p = inst->p;
	struct gsp_news news[GSP_NEWS];
	struct ovg_usage usage;
	bool usage_new;
	u32 i, n;

	mutex_lock(&p->inst_lock);
	n = inst->num_news;
	memcpy(news, inst->news, n * sizeof(*news));
	inst->num_news = 0;
	usage = inst->usage;
	usage_new = inst->usage_new;
	inst->usage_new = false;
	mutex_unlock(&p->inst_lock);

	for (i = 0; i < n; i++)
		p->ev->instance_event(p->ctx, inst->boot.gfid, news[i].what, news[i].value);
	if (usage_new)
		p->ev->usage(p->ctx, inst->boot.gfid, &usage);
}

/**
 * gsp_vgpu_event() - the reader saw an event about a vGPU
 * @p: provider
 * @gfid: which
 * @what: notifyIndex
 */
void gsp_vgpu_event(struct ovg_provider *p, u32 gfid, u32 what)
{
	struct ovg_instance *inst;

	trace_gsp_vgpu(pci_name(p->pf), gfid, "event", what);
	mutex_lock(&p->inst_lock);
	inst = gfid <= GSP_MAX_GFID ? p->inst[gfid] : NULL;
	if (!inst || inst->state == GSP_OFF)
		goto out;
	switch (what) {
	case PLUGIN_BOOTLOADED:
		if (inst->state == GSP_BOOTING && !inst->gone) {
			inst->booted = true;
			complete(&inst->event);
		}
		break;
	case PLUGIN_UNLOADED:
		/* Before BOOTLOADED it is the late word of the plugin's last life. */
		if (inst->booted && inst->state != GSP_STOPPING)
			lost(inst, "the vGPU's firmware plugin ended by itself");
		break;
	case PLUGIN_CRASHED:
		lost(inst, inst->booted ? "the vGPU's firmware plugin crashed" :
		     "the vGPU's firmware plugin crashed while it started");
		break;
	case PLUGIN_GUEST_LOADED:
		push_news(inst, OVG_EV_GUEST_LOADED, 0);
		break;
	case PLUGIN_GUEST_UNLOADED:
		push_news(inst, OVG_EV_GUEST_UNLOADED, 0);
		break;
	case PLUGIN_LICENCE:
		push_news(inst, OVG_EV_LICENCE, gsp_plugin_licence(inst));
		break;
	case PLUGIN_OS:
		push_news(inst, OVG_EV_OS, OVG_VALUE_UNKNOWN);
		break;
	case PLUGIN_PRINT_ERROR:
		break;
	default:
		if (!inst->odd)
			dev_dbg(&p->pf->dev, "gfid %u: notification %u is not known\n", gfid, what);
		inst->odd = true;
	}
out:
	mutex_unlock(&p->inst_lock);
}

/* Nobody needs to wait for an event any more. */
void gsp_vgpu_firmware_died(struct ovg_provider *p)
{
	u32 i;

	mutex_lock(&p->inst_lock);
	for (i = 0; i <= GSP_MAX_GFID; i++)
		if (p->inst[i])
			complete(&p->inst[i]->event);
	mutex_unlock(&p->inst_lock);
}

/* ---- utilisation -------------------------------------------------------- */

/* Adds what @pid did on one engine; true if it was @pid that was seen there. */
static bool add_engine(const u8 *engine, u32 pid, u32 *sum)
{
	u32 util = le_get32(engine, ENGINE_UTIL);

	if (le_get32(engine, ENGINE_PROCESS) != pid)
		return false;
	*sum = min(*sum + min(util, (u32)UTIL_MAX), (u32)UTIL_MAX);
	return true;
}

/*
 * The newest samples of a vGPU; several of the same time add up. A sample says
 * which process was on the engine, not which vGPU: if one VM has two of them,
 * the figure is the VM's for both.
 */
static bool take_samples(struct ovg_instance *inst, const u8 *s, u32 count)
{
	struct ovg_usage u, newest = inst->usage;
	u32 pid = inst->boot.pid;
	bool hit;
	u64 t;

	for (; count; count--, s += SAMPLE_SIZE) {
		t = le_get64(s, SAMPLE_TIME);
		if (t <= inst->usage.time_us || t < newest.time_us)
			continue;
		u = t == newest.time_us ? newest : (struct ovg_usage) { .time_us = t };
		hit = add_engine(s + SAMPLE_FB, pid, &u.memory);
		hit |= add_engine(s + SAMPLE_GR, pid, &u.graphics);
		hit |= add_engine(s + SAMPLE_NVENC, pid, &u.encoder);
		hit |= add_engine(s + SAMPLE_NVDEC, pid, &u.decoder);
		if (hit)
			newest = u;
	}
	if (newest.time_us == inst->usage.time_us)
		return false;
	inst->usage = newest;
	return true;
}

/**
 * gsp_usage_event() - the reader saw utilisation samples
 * @p: provider
 * @payload: GPUACCT_PERFMON_UTIL_SAMPLES
 * @len: bytes of it
 */
void gsp_usage_event(struct ovg_provider *p, const u8 *payload, u32 len)
{
	struct ovg_instance *inst;
	u32 count, i;

	count = len >= SAMPLES_HDR ? le_get32(payload, SAMPLES_COUNT) : 0;
	if (len < SAMPLES_HDR || count > SAMPLES_MAX || len - SAMPLES_HDR < count * SAMPLE_SIZE) {
		dev_warn_ratelimited(&p->pf->dev, "%u utilisation samples in %u bytes skipped\n",
				     count, len);
		return;
	}
	mutex_lock(&p->inst_lock);
	for (i = 1; i <= GSP_MAX_GFID; i++) {
		inst = p->inst[i];
		if (inst && inst->state == GSP_RUNNING &&
		    take_samples(inst, payload + SAMPLES_HDR, count)) {
			inst->usage_new = true;
			queue_work(p->wq, &inst->deliver);
		}
	}
	mutex_unlock(&p->inst_lock);
}
