// SPDX-License-Identifier: GPL-2.0-only
/*
 * tiny.c, broken in one way for each clause. What is broken is as small as can be
 * while a user of the provider would still be hurt by it.
 */
#include <linux/delay.h>
#include <linux/slab.h>

#include "broken.h"
#include "tiny_gpu.h"

#define TINY	(&tiny_provider)

/* The events as tiny calls them, on their way to the suite. */
static const struct ovg_provider_events *real;
static void *last_ctx;
static struct ovg_provider_events mine;
static struct ovg_timeouts frozen;
static u32 attached, opening, lost;
static bool closed[TINY_VGPUS + 1];

static int attach_with(const struct ovg_provider_events *ev, struct pci_dev *pf, void *ctx,
		       const struct ovg_timeouts *to, const struct ovg_scheduler *sched,
		       struct ovg_provider **out, char *why)
{
	last_ctx = ctx;
	lost = opening = 0;
	memset(closed, 0, sizeof(closed));
	return TINY->attach(pf, ev, ctx, to, sched, out, why);
}

#define ATTACH(fn) \
	static int fn(struct pci_dev *pf, const struct ovg_provider_events *ev, void *ctx, \
		      const struct ovg_timeouts *to, const struct ovg_scheduler *sched, \
		      struct ovg_provider **out, char *why)
#define OPEN(fn) \
	static int fn(struct ovg_provider *p, const struct ovg_instance_params *par, \
		      struct ovg_instance **out, char *why)
#define CLOSE(fn) static int fn(struct ovg_provider *p, struct ovg_instance *inst, char *why)

static struct tiny_gpu *gpu(struct pci_dev *pf)
{
	return container_of(pf, struct tiny_gpu, pf);
}

/* -------------------------------------------------------- attach and facts */

ATTACH(c1_touches)
{
	if (!gpu(pf)->present) {
		pci_enable_device(pf);
		pci_disable_device(pf);
	}
	return TINY->attach(pf, ev, ctx, to, sched, out, why);
}

ATTACH(c2_leaves)
{
	int err = TINY->attach(pf, ev, ctx, to, sched, out, why);

	if (err && gpu(pf)->present)
		pci_set_master(pf);
	return err;
}

ATTACH(c3_differs)
{
	int err = TINY->attach(pf, ev, ctx, to, sched, out, why);

	if (!err)
		(*out)->info.channels -= attached++ % 3;
	return err;
}

static void c4_master(struct ovg_provider *p)
{
	struct pci_dev *pf = &p->g->pf;

	TINY->detach(p);
	pci_set_master(pf);
}

ATTACH(c5_waits)
{
	int err = TINY->attach(pf, ev, ctx, to, sched, out, why), i;

	for (i = 0; err && i < 5000; i++)
		usleep_range(1000, 2000);
	return err;
}

static const struct ovg_gpu_info *c6_elsewhere(struct ovg_provider *p)
{
	static struct ovg_gpu_info copy[2];
	static u32 n;

	copy[++n % 2] = p->info;
	return &copy[n % 2];
}

ATTACH(c7_twice)
{
	int err = TINY->attach(pf, ev, ctx, to, sched, out, why);

	if (!err)
		(*out)->types[1].id = (*out)->types[0].id;
	return err;
}

OPEN(c8_newline)
{
	int err = TINY->open(p, par, out, why);

	if (err)
		strcat(why, "\n");
	return err;
}

OPEN(c9_positive)
{
	int err = TINY->open(p, par, out, why);

	return err == -EIO ? EIO : err;
}

OPEN(c10_other_errno)
{
	int err = TINY->open(p, par, out, why);

	return err == -ENODEV ? -EIO : err;
}

/* -------------------------------------------------------- open, close, reset */

OPEN(c11_smaller)
{
	int err = TINY->open(p, par, out, why);

	if (!err)
		p->g->vgpu[par->gfid].size -= TINY_SEGMENT;
	return err;
}

OPEN(c12_forgotten)
{
	int err = TINY->open(p, par, out, why);

	if (err == -EIO && strstr(why, "crashed")) {
		p->g->vgpu[par->gfid].held = true;
		p->g->vgpu[par->gfid].fb = par->fb_offset;
		p->g->vgpu[par->gfid].size = par->fb_size;
	}
	return err;
}

OPEN(c13_hushed_up)
{
	int err = TINY->open(p, par, out, why);

	return err == -ENOTRECOVERABLE ? -EIO : err;
}

OPEN(c14_not_scrubbed)
{
	u8 was[TINY_SEGMENTS];
	int err;

	memcpy(was, p->g->fb, sizeof(was));
	err = TINY->open(p, par, out, why);
	memcpy(p->g->fb, was, sizeof(was));
	return err;
}

OPEN(c15_other_errno)
{
	int err = TINY->open(p, par, out, why);

	return err == -ETIMEDOUT && strstr(why, "did not start") ? -EIO : err;
}

OPEN(c16_one_by_one)
{
	bool wait = opening++ && p->g->boot_ms;
	int err = TINY->open(p, par, out, why);
	u32 i;

	for (i = 0; wait && i < p->g->boot_ms; i++)
		usleep_range(1000, 2000);
	opening--;
	return err;
}

CLOSE(c17_not_gone)
{
	bool well = inst->running && !inst->crashed;
	u32 gfid = inst->gfid;
	u64 fb = p->g->vgpu[gfid].fb, size = p->g->vgpu[gfid].size;
	int err = TINY->close(p, inst, why);

	if (!err && well) {
		p->g->vgpu[gfid].held = true;
		p->g->vgpu[gfid].fb = fb;
		p->g->vgpu[gfid].size = size;
	}
	return err;
}

CLOSE(c18_hushed_up)
{
	int err = TINY->close(p, inst, why);

	return err == -EIO ? 0 : err;
}

CLOSE(c19_gives_up)
{
	bool crashed = inst->crashed;
	int err = TINY->close(p, inst, why);

	return crashed && !err ? -EIO : err;
}

CLOSE(c20_clears)
{
	int err = TINY->reset(p, inst, why);
	u64 fb = p->g->vgpu[inst->gfid].fb, size = p->g->vgpu[inst->gfid].size;

	if (!err)
		memset(p->g->fb + fb / TINY_SEGMENT, 0, size / TINY_SEGMENT);
	return err;
}

CLOSE(c21_tells)
{
	int err = TINY->reset(p, inst, why);

	if (err && err != -ENODEV) {
		inst->running = true;
		p->g->news[p->g->nnews++] = (struct tiny_news){ inst->gfid, TINY_CRASHED, 0, 0 };
	}
	return err;
}

/* -------------------------------------------------------------------- events */

CLOSE(c22_directly)
{
	int err = TINY->reset(p, inst, why);

	p->ev->instance_event(p->ctx, inst->gfid, OVG_EV_GUEST_UNLOADED, 0);
	return err;
}

OPEN(c23_again)
{
	int err = TINY->open(p, par, out, why);

	if (err == -ENODEV)
		p->told = false;
	return err;
}

static void twice(void *ctx, u32 gfid, const char *why)
{
	real->instance_died(ctx, gfid, why);
	real->instance_died(ctx, gfid, why);
}

static void old_time(void *ctx, u32 gfid, const struct ovg_usage *u)
{
	struct ovg_usage o = *u;

	o.time_us = 1;
	real->usage(ctx, gfid, &o);
}

static void closed_too(void *ctx, u32 gfid, const struct ovg_usage *u)
{
	u32 i;

	real->usage(ctx, gfid, u);
	for (i = 1; i <= TINY_VGPUS; i++)
		if (closed[i])
			real->usage(ctx, i, u);
}

static void no_why(void *ctx, u32 gfid, const char *why)
{
	(void)why;
	real->instance_died(ctx, gfid, "");
}

static void not_now(void *ctx, u32 gfid, enum ovg_instance_event what, u32 value)
{
	if (!opening)
		real->instance_event(ctx, gfid, what, value);
}

static void last_one(void *ctx, u32 gfid, const char *why)
{
	(void)ctx;
	real->instance_died(last_ctx, gfid, why);
}

#define EVENT(fn, member, to_fn) \
	ATTACH(fn) \
	{ \
		real = ev; \
		mine = *ev; \
		mine.member = to_fn; \
		return attach_with(&mine, pf, ctx, to, sched, out, why); \
	}

EVENT(c24_attach, instance_died, twice)
EVENT(c25_attach, usage, old_time)
EVENT(c26_attach, usage, closed_too)
EVENT(c27_attach, instance_died, no_why)
EVENT(c28_attach, instance_event, not_now)
EVENT(c35_attach, instance_died, last_one)

CLOSE(c26_close)
{
	closed[inst->gfid] = true;
	return TINY->close(p, inst, why);
}

OPEN(c28_open)
{
	int err;

	opening++;
	err = TINY->open(p, par, out, why);
	opening--;
	return err;
}

/* ------------------------------------------------------- logs, time, others */

static size_t c29_changes(struct ovg_provider *p, enum ovg_log which)
{
	size_t n = TINY->log_size(p, which);

	return n && !p->inst[1] ? n + 1 : n;
}

static ssize_t c30_beyond(struct ovg_provider *p, struct ovg_instance *inst, enum ovg_log which,
			  void *buf, size_t size)
{
	ssize_t n = TINY->log(p, inst, which, buf, size);

	((char *)buf)[n] = 0;
	return n;
}

static size_t c31_no_line(struct ovg_provider *p, char *buf, size_t size)
{
	size_t n = TINY->dump(p, buf, size);

	return n ? n - 1 : 0;
}

ATTACH(c32_once)
{
	frozen = *to;
	return TINY->attach(pf, ev, ctx, &frozen, sched, out, why);
}

CLOSE(c33_busy)
{
	if (opening) {
		scnprintf(why, OVG_WHY_MAX, "another one is busy");
		return -EBUSY;
	}
	return TINY->reset(p, inst, why);
}

/* A good answer that came late, taken for that of the command that was refused. */
OPEN(c34_mistaken)
{
	int err = TINY->open(p, par, out, why);

	if (err == -EIO && lost && strstr(why, "START refused")) {
		*out = kzalloc(sizeof(**out), GFP_KERNEL);
		(*out)->p = p;
		(*out)->gfid = par->gfid;
		p->inst[par->gfid] = *out;
		err = 0;
	}
	lost = err == -ETIMEDOUT;
	return err;
}

/* ------------------------------------------------------------------ settings */

ATTACH(c36_forgotten)
{
	const struct ovg_scheduler none = { 0 };

	return TINY->attach(pf, ev, ctx, to, &none, out, why);
}

static int c37_nothing(struct ovg_provider *p, bool on, char *why)
{
	return TINY->set_mixed(p, on && p->g->gone, why);
}

static int c38_policy_only(struct ovg_provider *p, const struct ovg_scheduler *s, char *why)
{
	const struct ovg_scheduler mine = { s->policy, s->timeslice_us / 2 };

	/* all the same to who looks at failures */
	return TINY->set_scheduler(p, p->inst[1] ? &mine : s, why);
}

/* Something of MIG stays when it is off: what is opened then is too small. */
static struct ovg_provider *was_mig;

static int c39_stays(struct ovg_provider *p, bool on, char *why)
{
	int err = TINY->set_mig(p, on, why);

	was_mig = err || on ? NULL : p;
	return err;
}

OPEN(c39_smaller)
{
	return was_mig == p ? c11_smaller(p, par, out, why) : TINY->open(p, par, out, why);
}

static int c40_a_byte(struct ovg_provider *p, const struct ovg_gi_profile *profile, u32 start,
		      struct ovg_provider_gi *out, char *why)
{
	int err = TINY->gi_create(p, profile, start, out, why);

	out->fb_size++;
	return err;
}

static int c41_others(struct ovg_provider *p, u32 id, char *why)
{
	int err = TINY->gi_destroy(p, id, why);
	u32 i;

	for (i = 1; i <= TINY_VGPUS; i++)
		p->g->vgpu[i].up = false;
	return err;
}

static int c42_not_there(struct ovg_provider *p, u32 id, char *why)
{
	bool there = id < 2 && p->g->half[id];
	int err = TINY->gi_destroy(p, id, why);

	return there ? err : 0;
}

static int c43_all_the_same(struct ovg_provider *p, const struct ovg_scheduler *s, char *why)
{
	int err = TINY->set_scheduler(p, s, why);

	if (err && err != -ENODEV)
		p->g->policy = s->policy;
	return err;
}

ATTACH(c44_remembers)
{
	bool mixed = gpu(pf)->mixed;
	int err = TINY->attach(pf, ev, ctx, to, sched, out, why);

	if (!err)
		gpu(pf)->mixed = mixed;
	return err;
}

/* ------------------------------------------------------------------ the list */

void broken_ops(int clause, struct ovg_provider_ops *ops)
{
	*ops = tiny_provider;
	switch (clause) {
	case 1: ops->attach = c1_touches; break;
	case 2: ops->attach = c2_leaves; break;
	case 3: ops->attach = c3_differs; break;
	case 4: ops->detach = c4_master; break;
	case 5: ops->attach = c5_waits; break;
	case 6: ops->info = c6_elsewhere; break;
	case 7: ops->attach = c7_twice; break;
	case 8: ops->open = c8_newline; break;
	case 9: ops->open = c9_positive; break;
	case 10: ops->open = c10_other_errno; break;
	case 11: ops->open = c11_smaller; break;
	case 12: ops->open = c12_forgotten; break;
	case 13: ops->open = c13_hushed_up; break;
	case 14: ops->open = c14_not_scrubbed; break;
	case 15: ops->open = c15_other_errno; break;
	case 16: ops->open = c16_one_by_one; break;
	case 17: ops->close = c17_not_gone; break;
	case 18: ops->close = c18_hushed_up; break;
	case 19: ops->close = c19_gives_up; break;
	case 20: ops->reset = c20_clears; break;
	case 21: ops->reset = c21_tells; break;
	case 22: ops->reset = c22_directly; break;
	case 23: ops->open = c23_again; break;
	case 24: ops->attach = c24_attach; break;
	case 25: ops->attach = c25_attach; break;
	case 26: ops->attach = c26_attach; ops->close = c26_close; break;
	case 27: ops->attach = c27_attach; break;
	case 28: ops->attach = c28_attach; ops->open = c28_open; break;
	case 29: ops->log_size = c29_changes; break;
	case 30: ops->log = c30_beyond; break;
	case 31: ops->dump = c31_no_line; break;
	case 32: ops->attach = c32_once; break;
	case 33: ops->open = c28_open; ops->reset = c33_busy; break;
	case 34: ops->open = c34_mistaken; break;
	case 35: ops->attach = c35_attach; break;
	case 36: ops->attach = c36_forgotten; break;
	case 37: ops->set_mixed = c37_nothing; break;
	case 38: ops->set_scheduler = c38_policy_only; break;
	case 39: ops->set_mig = c39_stays; ops->open = c39_smaller; break;
	case 40: ops->gi_create = c40_a_byte; break;
	case 41: ops->gi_destroy = c41_others; break;
	case 42: ops->gi_destroy = c42_not_there; break;
	case 43: ops->set_scheduler = c43_all_the_same; break;
	case 44: ops->attach = c44_remembers; break;
	}
}
