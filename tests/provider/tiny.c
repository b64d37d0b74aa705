// SPDX-License-Identifier: GPL-2.0-only
/*
 * A small provider, for a GPU that does not exist (tiny.h). It shows
 * what the core asks of a provider when nothing is GSP-RM, and is the good one that
 * broken.c breaks.
 */
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/slab.h>

#include "tiny.h"

#define say(why, ...)	scnprintf(why, OVG_WHY_MAX, __VA_ARGS__)

static u32 limit(const u32 *ms)
{
	return READ_ONCE(*ms) ? READ_ONCE(*ms) : 1;
}

/* Found out by an op, told by thread(). */
static int dead(struct ovg_provider *p, char *why)
{
	if (p->g->gone && !p->dead) {
		p->dead = true;
		say(p->died_why, "the device is gone");
	}
	if (p->dead)
		say(why, "%s", p->died_why);
	return p->dead ? -ENODEV : 0;
}

static int command(struct ovg_provider *p, const char *what, enum tiny_cmd cmd, u32 gfid, u64 fb,
		   u64 size, enum tiny_result *result, char *why)
{
	u32 seq = ++p->seq, ms = limit(&p->to->command);
	u64 end = shim_ms + ms;

	*result = TINY_OK;
	if (dead(p, why))
		return -ENODEV;
	if (!p->unheard)
		p->unheard = shim_ms;
	tiny_send(p->g, seq, cmd, gfid, fb, size);
	while (!tiny_answered(p->g, seq, result)) {
		if (dead(p, why))
			return -ENODEV;
		if (shim_ms >= end)
			goto late;
		usleep_range(1000, 2000);
	}
	p->unheard = 0;
	if (*result)
		say(why, "%s refused: %d", what, *result);
	return *result ? -EIO : 0;
late:
	if (p->unheard && shim_ms - p->unheard >= limit(&p->to->silence)) {
		p->dead = true;
		say(p->died_why, "nothing came for %u ms, %s was last", limit(&p->to->silence), what);
		return dead(p, why);
	}
	say(why, "%s: no answer in %u ms", what, ms);
	return -ETIMEDOUT;
}

/* The interrupt's thread. */
static irqreturn_t thread(int irq, void *data)
{
	struct ovg_provider *p = data;
	struct ovg_instance *inst;
	struct tiny_news n;

	while (!dead(p, (char [OVG_WHY_MAX]){ 0 }) && tiny_next(p->g, &n)) {
		p->unheard = 0;
		inst = p->inst[n.gfid];
		if (!inst)
			continue;
		if (n.what == TINY_UP)
			inst->up = true;
		if (n.what == TINY_CRASHED)
			inst->crashed = true;
		if (n.what == TINY_CRASHED && inst->running && !inst->told) {
			inst->told = true;
			p->ev->instance_died(p->ctx, n.gfid, "it crashed");
		}
		if (n.what == TINY_GUEST && inst->running)
			p->ev->instance_event(p->ctx, n.gfid, n.guest, n.value);
		if (n.what == TINY_USAGE && inst->running && shim_ms * 1000 > inst->usage_us) {
			inst->usage_us = shim_ms * 1000;
			p->ev->usage(p->ctx, n.gfid,
				     &(struct ovg_usage){ .graphics = n.value,
							  .time_us = inst->usage_us });
		}
	}
	if (p->dead && p->live && !p->told) {
		p->told = true;
		p->ev->firmware_died(p->ctx, p->died_why);
	}
	return IRQ_HANDLED;
}

static void undo(struct ovg_provider *p)
{
	p->live = false;
	free_irq(pci_irq_vector(&p->g->pf, 0), p);
	pci_free_irq_vectors(&p->g->pf);
	pci_clear_master(&p->g->pf);
	pci_disable_device(&p->g->pf);
	kfree(p);
}

static int tiny_attach(struct pci_dev *pf, const struct ovg_provider_events *ev, void *ctx,
		       const struct ovg_timeouts *to, const struct ovg_scheduler *sched,
		       struct ovg_provider **out, char *why)
{
	struct tiny_gpu *g = container_of(pf, struct tiny_gpu, pf);
	struct ovg_provider *p;
	enum tiny_result result;
	int err;

	if (!g->present) {
		say(why, "no firmware in vGPU mode");
		return -ENODEV;
	}
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	*p = (struct ovg_provider){
		.g = g, .ev = ev, .ctx = ctx, .to = to,
		.info = { .firmware = "tiny 1", .generation = OVG_GEN_ADA,
			  .total_vfs_limit = TINY_VGPUS, .fb_total = TINY_SEGMENTS * TINY_SEGMENT,
			  .segment = TINY_SEGMENT, .channels = TINY_CHANNELS, .mixed = true,
			  .scheduler_live = true, .mig_limit = TINY_VGPUS, .gi_slices = 4 },
		.types = { { .id = 7, .name = "Tiny 1", .max_instance = 8, .fb_bytes = SZ_1G / 8,
			     .profile_bytes = SZ_1G },
			   { .id = 8, .name = "Tiny 2", .max_instance = 4, .fb_bytes = SZ_1G / 4,
			     .profile_bytes = 2ull * SZ_1G },
			   { .id = 9, .name = "Tiny half", .max_instance = 8, .fb_bytes = SZ_1G / 8,
			     .profile_bytes = SZ_1G, .gi = { 2, 4, 0 }, .max_per_gi = 4 } },
		.sched = *sched,
	};
	pci_enable_device(pf);
	pci_set_master(pf);
	pci_alloc_irq_vectors(pf, 1, 1, PCI_IRQ_MSIX);
	request_threaded_irq(pci_irq_vector(pf, 0), NULL, thread, 0, "tiny", p);
	err = command(p, "HELLO", TINY_HELLO, sched->policy, sched->timeslice_us, 0, &result, why);
	if (err) {
		undo(p);
		return err;
	}
	p->live = true;
	*out = p;
	return 0;
}

static void tiny_detach(struct ovg_provider *p)
{
	char why[OVG_WHY_MAX];
	enum tiny_result result;

	if (command(p, "BYE", TINY_BYE, 0, 0, 0, &result, why) && !p->g->gone)
		pcie_flr(&p->g->pf);
	undo(p);
}

static const struct ovg_gpu_info *tiny_info(struct ovg_provider *p)
{
	return &p->info;
}

static const struct ovg_type *tiny_types(struct ovg_provider *p, u32 *count)
{
	*count = 3;
	return p->types;
}

static const char *tiny_types_why(struct ovg_provider *p)
{
	(void)p;
	return "";
}

static void forget(struct ovg_instance *inst)
{
	inst->p->inst[inst->gfid] = NULL;
	kfree(inst);
}

static int release(struct ovg_instance *inst, char *why)
{
	enum tiny_result result;
	int err;

	inst->running = false;
	err = command(inst->p, "RELEASE", TINY_RELEASE, inst->gfid, 0, 0, &result, why);
	return result == TINY_NOT_THERE ? 0 : err;
}

static int start(struct ovg_instance *inst, const struct ovg_instance_params *par, char *why)
{
	struct ovg_provider *p = inst->p;
	u32 ms = limit(&p->to->instance);
	enum tiny_result result;
	u64 end;
	int err;

	err = command(p, "CLEAR", TINY_CLEAR, 0, par->fb_offset, par->fb_size, &result, why);
	if (!err)
		err = command(p, "START", TINY_START, inst->gfid, par->fb_offset, par->fb_size,
			      &result, why);
	for (end = shim_ms + ms; !err && !inst->up; ) {
		if (inst->crashed)
			say(why, "it crashed while it started");
		else if (shim_ms >= end)
			say(why, "it did not start in %u ms", ms);
		err = dead(p, why) ?: inst->crashed ? -EIO : shim_ms >= end ? -ETIMEDOUT : 0;
		if (!err)
			usleep_range(1000, 2000);
	}
	inst->running = !err;
	return err;
}

static int tiny_open(struct ovg_provider *p, const struct ovg_instance_params *par,
		     struct ovg_instance **out, char *why)
{
	char why2[OVG_WHY_MAX];
	struct ovg_instance *inst;
	int err = -EINVAL;

	if (dead(p, why))
		return -ENODEV;
	if (!par->gfid || par->gfid > TINY_VGPUS || p->inst[par->gfid]) {
		say(why, "gfid %u is out of range or in use", par->gfid);
		return err;
	}
	inst = kzalloc(sizeof(*inst), GFP_KERNEL);
	inst->p = p;
	inst->gfid = par->gfid;
	p->inst[par->gfid] = inst;
	err = start(inst, par, why);
	if (!err) {
		*out = inst;
		return 0;
	}
	if (!p->dead && release(inst, why2))
		err = -ENOTRECOVERABLE;
	forget(inst);
	return err;
}

static int tiny_close(struct ovg_provider *p, struct ovg_instance *inst, char *why)
{
	int err = release(inst, why);

	(void)p;
	forget(inst);
	return err;
}

static int tiny_reset(struct ovg_provider *p, struct ovg_instance *inst, char *why)
{
	enum tiny_result result;
	int err = command(p, "RESET", TINY_RESET, inst->gfid, 0, 0, &result, why);

	inst->running = inst->running && !err;
	return err;
}

/* One number; if nobody knows whether it was taken, the old one is given again. */
static int set(struct ovg_provider *p, const char *what, enum tiny_cmd cmd, u32 value, u32 slice,
	       u32 old, u32 old_slice, char *why)
{
	char why2[OVG_WHY_MAX];
	enum tiny_result result;
	int err = command(p, what, cmd, value, slice, 0, &result, why);

	if (err && !result && err != -ENODEV &&
	    command(p, what, cmd, old, old_slice, 0, &result, why2)) {
		p->dead = true;
		say(p->died_why, "nobody knows about %s", what);
		return dead(p, why);
	}
	return err;
}

static int tiny_set_mixed(struct ovg_provider *p, bool on, char *why)
{
	int err = set(p, "MIXED", TINY_MIXED, on, 0, p->mixed, 0, why);

	p->mixed = err ? p->mixed : on;
	return err;
}

static int tiny_set_scheduler(struct ovg_provider *p, const struct ovg_scheduler *s, char *why)
{
	int err = set(p, "SCHEDULER", TINY_SCHEDULER, s->policy, s->timeslice_us, p->sched.policy,
		      p->sched.timeslice_us, why);

	p->sched = err ? p->sched : *s;
	return err;
}

static int tiny_set_mig(struct ovg_provider *p, bool on, char *why)
{
	int err = set(p, "MIG", TINY_MIG, on, 0, p->mig, 0, why);

	p->mig = err ? p->mig : on;
	return err;
}

/* Asked twice: that it is not there the second time means that it is gone. */
static int tiny_gi_destroy(struct ovg_provider *p, u32 id, char *why)
{
	enum tiny_result result;
	int err = command(p, "UNITE", TINY_UNITE, id, 0, 0, &result, why);

	if (!err || result || err == -ENODEV)
		return err;
	err = command(p, "UNITE", TINY_UNITE, id, 0, 0, &result, why);
	return result == TINY_NOT_THERE ? 0 : err;
}

static int tiny_gi_create(struct ovg_provider *p, const struct ovg_gi_profile *profile, u32 start,
			  struct ovg_provider_gi *out, char *why)
{
	char why2[OVG_WHY_MAX];
	enum tiny_result result;
	u32 id = start / 4;
	int err;

	if (profile->slices != 2 || profile->memory != 4 || profile->attr || start % 4 || id > 1) {
		say(why, "only halves");
		return -EINVAL;
	}
	err = command(p, "DIVIDE", TINY_DIVIDE, id, 0, 0, &result, why);
	if (err && !result && err != -ENODEV)
		tiny_gi_destroy(p, id, why2);
	out->id = id;
	out->fb_size = TINY_SEGMENTS / 2 * TINY_SEGMENT;
	out->fb_base = id * out->fb_size;
	return err;
}

static size_t tiny_log_size(struct ovg_provider *p, enum ovg_log which)
{
	(void)p;
	return which == OVG_LOG_INSTANCE ? 16 : 0;
}

static ssize_t tiny_log(struct ovg_provider *p, struct ovg_instance *inst, enum ovg_log which,
			void *buf, size_t size)
{
	char text[17];

	scnprintf(text, sizeof(text), "gfid %-10u\n", inst->gfid);
	memcpy(buf, text, size = min(size, tiny_log_size(p, which)));
	return size;
}

static size_t tiny_dump(struct ovg_provider *p, char *buf, size_t size)
{
	return size ? scnprintf(buf, size, "%s, %u commands\n", p->dead ? p->died_why : "alive",
				p->seq) : 0;
}

const struct ovg_provider_ops tiny_provider = {
	.name = "tiny", .attach = tiny_attach, .detach = tiny_detach, .info = tiny_info,
	.types = tiny_types, .types_why = tiny_types_why, .open = tiny_open, .close = tiny_close,
	.reset = tiny_reset, .set_mixed = tiny_set_mixed, .set_scheduler = tiny_set_scheduler,
	.set_mig = tiny_set_mig, .gi_create = tiny_gi_create, .gi_destroy = tiny_gi_destroy,
	.log_size = tiny_log_size, .log = tiny_log, .dump = tiny_dump,
};
