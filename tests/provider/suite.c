// SPDX-License-Identifier: GPL-2.0-only
/* What all checks use: suite.h. */
#include <criterion/criterion.h>
#include <setjmp.h>

#include "driver/core/placement.h"
#include "suite.h"

u64 shim_ms;
int shim_warnings;
int shim_traces;
struct suite st;

static struct {
	struct verdict *v;
	int clause;
	jmp_buf end;
} now;

static struct workqueue_struct *queues[2 * BOARDS];

/* --------------------------------------------------------------- verdicts */

void must_(bool ok, const char *fmt, ...)
{
	va_list ap;

	if (ok)
		return;
	va_start(ap, fmt);
	vsnprintf(now.v->text[now.clause], sizeof(now.v->text[0]), fmt, ap);
	va_end(ap);
	now.v->failed |= 1ull << now.clause;
	longjmp(now.end, 1);
}

void need_(bool ok, const char *what, int line)
{
	if (ok)
		return;
	snprintf(now.v->text[now.clause], sizeof(now.v->text[0]), "not reached, line %d: %s (%s)",
		 line, what, st.why);
	now.v->skipped |= 1ull << now.clause;
	longjmp(now.end, 1);
}

/* A check that has ended early may leave instances open; they are closed first. */
static void leave_nothing(void)
{
	int i;
	u32 gfid;

	st.hook = NULL;
	st.slow_work = false;
	for (i = 0; i < BOARDS; i++) {
		if (!st.board[i].p)
			continue;
		for (gfid = 1; gfid <= 64; gfid++)
			if (st.board[i].inst[gfid])
				close_(i, gfid);
		detach(i);
	}
}

void suite_run_one(const struct subject *s, int clause, struct verdict *v)
{
	memset(&st, 0, sizeof(st));
	memset(queues, 0, sizeof(queues));
	st.s = s;
	now.v = v;
	now.clause = clause;
	s->power_on();
	/* A jump out of an op that was under way leaves that op where it was. */
	if (!setjmp(now.end))
		checks[clause]();
	if (!setjmp(now.end))
		leave_nothing();
	s->power_off();
}

void suite_run(const struct subject *s, struct verdict *v)
{
	int c;

	memset(v, 0, sizeof(*v));
	for (c = 1; c <= CLAUSES; c++)
		suite_run_one(s, c, v);
}

void suite_report(const struct verdict *v, const char *name)
{
	int c;

	for (c = 1; c <= CLAUSES; c++) {
		cr_expect(!(v->failed >> c & 1), "%s, C%d: %s", name, c, v->text[c]);
		cr_expect(!(v->skipped >> c & 1), "%s, C%d: %s", name, c, v->text[c]);
	}
}

/* ------------------------------------------------------------------- time */

struct workqueue_struct *shim_alloc_workqueue(void)
{
	size_t i = 0;

	while (queues[i])
		assert(++i < ARRAY_SIZE(queues));
	queues[i] = calloc(1, sizeof(*queues[i]));
	return queues[i];
}

/* Its thread may be at work yet; it is waited for. */
void destroy_workqueue(struct workqueue_struct *wq)
{
	size_t i = 0;

	st.in_tick++;
	shim_run_work(wq);
	st.in_tick--;
	while (queues[i] != wq)
		assert(++i < ARRAY_SIZE(queues));
	queues[i] = NULL;
	free(wq);
}

static void run_work(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(queues) && !st.slow_work; i++)
		if (queues[i])
			shim_run_work(queues[i]);
}

void shim_tick(void)
{
	void (*fn)(void) = st.hook;

	st.in_tick++;
	st.s->tick();
	run_work();
	st.in_tick--;
	if (fn && shim_ms >= st.hook_at) {
		st.hook = NULL;
		fn();
	}
}

void pass(u32 ms)
{
	while (ms--)
		shim_pass_ms();
}

void hook(u32 ms, void (*fn)(void))
{
	st.hook_at = shim_ms + ms;
	st.hook = fn;
}

/* ----------------------------------------------------------------- the PF */

struct shim_pf *shim_pf_of(struct pci_dev *pdev)
{
	int i;

	for (i = 0; i < BOARDS; i++)
		if (st.s->pf(i)->pdev == pdev)
			return st.s->pf(i);
	assert(!"a PF");
	return NULL;
}

int pci_irq_vector(struct pci_dev *pdev, int n)
{
	return SHIM_IRQ + (shim_pf_of(pdev) != st.s->pf(0)) + 0 * n;
}

int request_threaded_irq(int irq, irq_handler_t handler, irq_handler_t thread, unsigned long flags,
			 const char *name, void *data)
{
	struct shim_pf *pf = st.s->pf(irq - SHIM_IRQ);

	(void)flags;
	(void)name;
	pf->handler = handler;
	pf->thread = thread;
	pf->irq_data = data;
	pf->state.handlers++;
	pf->touched++;
	return 0;
}

void free_irq(int irq, void *data)
{
	struct shim_pf *pf = st.s->pf(irq - SHIM_IRQ);

	assert(pf->irq_data == data);
	pf->thread = NULL;
	pf->state.handlers--;
}

/* ----------------------------------------------------------------- events */

static struct board *rule(void *ctx, const char *what)
{
	struct board *b = ctx;

	if (b < st.board || b >= st.board + BOARDS) {
		st.board[0].seen.odd = "a ctx that attach() was not given";
		b = &st.board[0];
	}
	if (!st.in_tick)
		b->seen.direct = what;
	if (!b->attached)
		*(b->p ? &b->seen.late : &b->seen.early) = what;
	return b;
}

static void heard_why(struct board *b, const char *why)
{
	if (!why_is_good(why))
		b->seen.odd = "a why that is not one line";
	else
		snprintf(b->seen.why, sizeof(b->seen.why), "%s", why);
}

static void on_instance_died(void *ctx, u32 gfid, const char *why)
{
	struct board *b = rule(ctx, "instance_died");

	heard_why(b, why);
	b->seen.instance_died++;
	b->seen.instance_died_of[gfid % 65]++;
}

static void on_firmware_died(void *ctx, const char *why)
{
	struct board *b = rule(ctx, "firmware_died");

	heard_why(b, why);
	b->seen.died++;
	b->seen.died_at = shim_ms;
}

static void on_event(void *ctx, u32 gfid, enum ovg_instance_event what, u32 value)
{
	struct board *b = rule(ctx, "instance_event");

	(void)value;
	b->seen.event[b->seen.events++ % 64] = what;
	b->seen.event_of[gfid % 65]++;
}

static void on_usage(void *ctx, u32 gfid, const struct ovg_usage *u)
{
	struct board *b = rule(ctx, "usage");

	b->seen.usages++;
	b->seen.usage_of[gfid % 65]++;
	if (u->graphics > 10000 || u->memory > 10000 || u->encoder > 10000 || u->decoder > 10000)
		b->seen.odd = "more than 100 %";
	if (u->time_us <= b->seen.usage_us[gfid % 65])
		b->seen.odd = "a time_us that was given before";
	b->seen.usage_us[gfid % 65] = u->time_us;
}

static const struct ovg_provider_events events = {
	.instance_died = on_instance_died,
	.firmware_died = on_firmware_died,
	.instance_event = on_event,
	.usage = on_usage,
};

/* --------------------------------------------------------------------- ops */

static void clear_why(void)
{
	memset(st.why, 'X', sizeof(st.why));
	st.why[sizeof(st.why) - 1] = 0;
}

bool why_is_good(const char *why)
{
	return why && *why && memchr(why, 0, OVG_WHY_MAX) && !strchr(why, '\n');
}

int attach(int i)
{
	struct board *b = &st.board[i];
	int err;

	b->to = (struct ovg_timeouts){
		.command = COMMAND, .boot = 2000, .instance = INSTANCE, .message = COMMAND,
		.stop = COMMAND, .silence = SILENCE,
	};
	memset(b->par, 0, sizeof(b->par));	/* types live until detach() */
	clear_why();
	err = st.s->ops->attach(st.s->pf(i)->pdev, &events, b, &b->to,
				&(const struct ovg_scheduler){ b->sched.policy,
							       b->sched.timeslice_us },
				&b->p, st.why);
	b->attached = !err;
	if (err)
		b->p = NULL;
	return err;
}

void detach(int i)
{
	st.s->ops->detach(st.board[i].p);
	st.board[i].attached = false;
	/* p stays set while events are watched: "late", not "early" */
	pass(5);
	st.board[i].p = NULL;
}

void attach_fresh(void)
{
	need(!attach(0));
	need(st.board[0].p);
}

/* Ids are a choice of the core's, but one that fits: no two of a size overlap. */
void place_type(int i, u32 gfid, u32 where, const struct ovg_type *type)
{
	const struct ovg_gpu_info *info = st.s->ops->info(st.board[i].p);
	struct ovg_instance_params *par = &st.board[i].par[gfid];

	*par = (struct ovg_instance_params){
		.gfid = gfid,
		.vf = st.s->vf(i, gfid),
		.type = type,
		.uuid = { { 1, 2, 3, (u8)gfid } },
		.pid = 1000 + (pid_t)gfid,
		.fb_offset = info->fb_base + 2 * where * info->segment,
		.fb_size = 2 * info->segment,
		.heap_offset = info->fb_base + 32 * info->segment + where * 0x2000000ull,
		.heap_size = 0x2000000,
		.chid_offset = where * 16,
		.chid_count = 16,
		.placement_id = info->generation == OVG_GEN_AMPERE ? OVG_PLACEMENT_NONE :
				(u16)(where * (type->profile_bytes >> 30)),
		.gi = OVG_GI_NONE,
		.params = "",
	};
}

void place(int i, u32 gfid, u32 where)
{
	const struct ovg_type *types;
	const struct ovg_type *found = NULL;
	u32 count, n;

	types = st.s->ops->types(st.board[i].p, &count);
	/* the smallest one, so that there is room for many */
	for (n = 0; n < count; n++)
		if (!types[n].gi.slices &&
		    (!found || types[n].profile_bytes < found->profile_bytes))
			found = &types[n];
	if (!count)
		snprintf(st.why, sizeof(st.why), "%s", st.s->ops->types_why(st.board[i].p));
	need(found);
	place_type(i, gfid, where, found);
}

int open_(int i, u32 gfid)
{
	struct board *b = &st.board[i];
	struct ovg_instance *inst = NULL;
	int err;

	if (!b->par[gfid].gfid)
		place(i, gfid, gfid);
	clear_why();
	err = st.s->ops->open(b->p, &b->par[gfid], &inst, st.why);
	if (!err)
		b->inst[gfid] = inst;
	return err;
}

int close_(int i, u32 gfid)
{
	struct ovg_instance *inst = st.board[i].inst[gfid];

	st.board[i].inst[gfid] = NULL;
	clear_why();
	return st.s->ops->close(st.board[i].p, inst, st.why);
}

int reset_(int i, u32 gfid)
{
	clear_why();
	return st.s->ops->reset(st.board[i].p, st.board[i].inst[gfid], st.why);
}

void trouble(enum trouble what, u32 arg)
{
	st.s->trouble(0, what, arg);
}

u8 guest_read(u32 gfid, u64 offset)
{
	u8 byte = 0;

	st.s->guest(0, gfid, offset, &byte, false);
	return byte;
}

void guest_write(u32 gfid, u64 offset, u8 byte)
{
	st.s->guest(0, gfid, offset, &byte, true);
}

void until_dead(void)
{
	u64 end = shim_ms + 60000;
	u32 gfid = 6;

	/* ops find it out; each of them fails */
	while (!st.board[0].seen.died && shim_ms < end) {
		if (!open_(0, gfid))
			close_(0, gfid);
		pass(1);
	}
	need(st.board[0].seen.died);
}
