// SPDX-License-Identifier: GPL-2.0-only
/* C16 to C35: running vGPUs, events, logs, time and isolation. */
#include <errno.h>

#include "clauses.h"

void (*const checks[CLAUSES + 1])(void) = {
#define X(n, fn) [n] = fn,
	CHECKS(X)
#undef X
};

static struct seen *seen(void)
{
	return &st.board[0].seen;
}

static const struct ovg_provider_ops *ops(void)
{
	return st.s->ops;
}

/* What an op in a hook had to say: it must not jump out of the op around it. */
static struct { int err; u64 took; u32 count; ssize_t size; bool ran; } in_hook;

static void hook_open2(void)
{
	u64 then = shim_ms;

	in_hook.ran = true;
	in_hook.err = open_(0, 2);
	in_hook.took = shim_ms - then;
}

static void hook_open2_and_3(void)
{
	static void (*const third)(void) = hook_open2;

	hook(5, third);
	in_hook.err = open_(0, 3);
}

void c16_opens_at_a_time(void)
{
	u64 then;

	attach_fresh();
	need(!open_(0, 4));	/* whatever is done once is done */
	trouble(SLOW_VGPUS, INSTANCE / 2);
	memset(&in_hook, 0, sizeof(in_hook));
	hook(5, hook_open2_and_3);
	then = shim_ms;
	need(!open_(0, 1));
	need(in_hook.ran && !in_hook.err);
	must(shim_ms - then <= INSTANCE / 2 + 4 * st.s->slack,
	     "three at a time took %llu ms, one takes %u", (unsigned long long)(shim_ms - then),
	     INSTANCE / 2);
}

void c17_close(void)
{
	int err;

	attach_fresh();
	need(!open_(0, 1));
	err = close_(0, 1);
	must(!err, "close(): %d, %s", err, st.why);
	must(!st.s->held(0, 1), "0, and the firmware holds it");
	place(0, 2, 1);
	must(!open_(0, 2), "the ranges for another gfid: %s", st.why);
	place(0, 1, 3);
	must(!open_(0, 1), "the gfid with other ranges: %s", st.why);
}

void c18_not_let_go(void)
{
	int err;

	attach_fresh();
	need(!open_(0, 1));
	trouble(RELEASE_REFUSED, 10);
	err = close_(0, 1);
	trouble(RELEASE_REFUSED, 0);
	need(st.s->held(0, 1));
	must(err, "close() says 0, and the firmware holds it");
}

void c19_close_after_death(void)
{
	int err;

	attach_fresh();
	need(!open_(0, 1));
	trouble(CRASH, 1);
	pass(20);
	err = close_(0, 1);
	must(!err && !st.s->held(0, 1), "after a crash: %d, %s", err, st.why);
	need(!open_(0, 2));
	trouble(RESET_REFUSED, 0);
	need(reset_(0, 2));
	err = close_(0, 2);
	must(!err && !st.s->held(0, 2), "after a failed reset(): %d, %s", err, st.why);
}

void c20_reset(void)
{
	struct ovg_instance *inst;
	u64 last;
	int err;

	attach_fresh();
	need(!open_(0, 1));
	need(st.s->works(0, &st.board[0].par[1]));
	inst = st.board[0].inst[1];
	last = st.board[0].par[1].fb_size - 1;
	guest_write(1, 0x1234, 0x5a);
	guest_write(1, last, 0xa5);
	err = reset_(0, 1);
	must(!err, "reset(): %d, %s", err, st.why);
	must(st.board[0].inst[1] == inst && st.s->works(0, &st.board[0].par[1]), "it does not work");
	must(guest_read(1, 0x1234) == 0x5a && guest_read(1, last) == 0xa5,
	     "framebuffer of the same owner is lost");
	pass(20);
	must(!seen()->instance_died, "instance_died for a reset()");
}

void c21_failed_reset(void)
{
	char buf[64];
	ssize_t n;

	attach_fresh();
	need(!open_(0, 1));
	trouble(RESET_REFUSED, 0);
	need(reset_(0, 1));
	pass(2000);
	if (ops()->log_size(st.board[0].p, OVG_LOG_INSTANCE)) {
		n = ops()->log(st.board[0].p, st.board[0].inst[1], OVG_LOG_INSTANCE, buf,
			       sizeof(buf));
		must(n >= 0, "log() after it: %zd", n);
	}
	must(!seen()->instance_died, "instance_died after it");
	need(!close_(0, 1));
}

static void hook_events(void)
{
	trouble(CRASH, 1);
	trouble(GUEST_UP, 3);
}

void c22_own_thread(void)
{
	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 3));
	trouble(SLOW_VGPUS, 100);
	hook(10, hook_events);
	open_(0, 2);
	reset_(0, 3);
	pass(2000);
	if (st.board[0].inst[2])
		close_(0, 2);
	close_(0, 1);
	close_(0, 3);
	trouble(GONE, 0);
	open_(0, 2);
	pass(20);
	detach(0);
	must(!seen()->direct, "%s came from within an op", seen()->direct);
	must(!seen()->early, "%s came before attach() returned", seen()->early);
	must(!seen()->late, "%s came after detach() returned", seen()->late);
}

void c23_firmware_died(void)
{
	u32 i;

	/* one lost answer is no death */
	attach_fresh();
	trouble(LOSE_ANSWERS, 1);
	open_(0, 1);
	pass(100);
	must(!seen()->died, "one lost answer: %s", seen()->why);
	if (st.board[0].inst[1])
		close_(0, 1);
	/* no answer at all is; however many find it out, it is told once */
	trouble(HANG, 0);
	for (i = 0; i < 4; i++) {
		if (!open_(0, 2))
			close_(0, 2);
		pass(5);
	}
	pass(100);
	must(seen()->died == 1, "firmware_died came %u times after a hang", seen()->died);
	detach(0);
	st.s->power_off();
	st.s->power_on();
	memset(seen(), 0, sizeof(*seen()));
	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 2));
	trouble(GONE, 0);
	reset_(0, 1);
	close_(0, 1);
	close_(0, 2);
	pass(100);
	must(seen()->died == 1, "firmware_died came %u times for a device that is gone",
	     seen()->died);
}

void c24_instance_died(void)
{
	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 2));
	need(!reset_(0, 2));
	need(!close_(0, 2));
	pass(50);
	must(!seen()->instance_died, "it came for what was asked for");
	trouble(CRASH, 1);
	pass(50);
	must(seen()->instance_died_of[1] == 1, "it came %u times", seen()->instance_died_of[1]);
	/* for good: whatever becomes of it, it is told once for an open() */
	if (!reset_(0, 1))
		pass(20);
	trouble(CRASH, 1);
	pass(50);
	need(!close_(0, 1));
	pass(50);
	must(seen()->instance_died == 1, "it came %u times", seen()->instance_died);
}

void c25_events(void)
{
	static const enum ovg_instance_event want[] = {
		OVG_EV_GUEST_LOADED, OVG_EV_LICENCE, OVG_EV_GUEST_UNLOADED,
	};
	u32 i;

	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 2));
	trouble(GUEST_UP, 1);
	pass(5);
	trouble(GUEST_LICENCE, 1);
	pass(5);
	trouble(GUEST_DOWN, 1);
	pass(20);
	must(seen()->event_of[1] == 3, "%u events, not 3", seen()->event_of[1]);
	must(seen()->events == seen()->event_of[1], "an event of another gfid");
	for (i = 0; i < 3; i++)
		must(seen()->event[i] == want[i], "event %u is %d", i, seen()->event[i]);
	for (i = 0; i < 3; i++) {
		trouble(GUEST_WORKS, 1);
		pass(1010);
	}
	must(seen()->usage_of[1] >= 2, "%u usage reports in three seconds", seen()->usage_of[1]);
	must(seen()->usages == seen()->usage_of[1] + seen()->usage_of[2], "usage of nobody");
	must(!seen()->odd, "%s", seen()->odd);
}

void c26_nothing_after_close(void)
{
	u32 n;

	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 2));
	/* on its way, and perhaps behind the thread that is to tell it */
	st.slow_work = true;
	trouble(GUEST_UP, 1);
	pass(3);
	need(!close_(0, 1));
	st.slow_work = false;
	n = seen()->event_of[1] + seen()->usage_of[1] + seen()->instance_died_of[1];
	pass(2500);
	must(seen()->event_of[1] + seen()->usage_of[1] + seen()->instance_died_of[1] == n,
	     "an event after close()");
}

void c27_why_of_events(void)
{
	attach_fresh();
	need(!open_(0, 1));
	trouble(CRASH, 1);
	pass(50);
	must(!seen()->odd || !strstr(seen()->odd, "why"), "instance_died: %s", seen()->odd);
	trouble(GONE, 0);
	close_(0, 1);
	pass(50);
	must(!seen()->odd || !strstr(seen()->odd, "why"), "firmware_died: %s", seen()->odd);
}

static void hook_guest_up(void)
{
	trouble(GUEST_UP, 1);
	in_hook.ran = true;
}

static void hook_count(void)
{
	in_hook.count = seen()->event_of[1];
}

static void hook_guest_up_then_count(void)
{
	hook_guest_up();
	hook(50, hook_count);
}

void c28_not_held_up(void)
{
	attach_fresh();
	need(!open_(0, 1));
	trouble(SLOW_VGPUS, INSTANCE / 2);
	memset(&in_hook, 0, sizeof(in_hook));
	hook(20, hook_guest_up_then_count);
	need(!open_(0, 2));
	need(in_hook.ran);
	must(in_hook.count == 1, "an event waited for another vGPU's open()");
}

void c29_log_size(void)
{
	size_t was[OVG_NR_LOGS];
	int i;

	attach_fresh();
	for (i = 0; i < OVG_NR_LOGS; i++)
		was[i] = ops()->log_size(st.board[0].p, i);
	need(!open_(0, 1));
	for (i = 0; i < OVG_NR_LOGS; i++)
		must(ops()->log_size(st.board[0].p, i) == was[i], "log %d changes while open", i);
	need(!close_(0, 1));
	for (i = 0; i < OVG_NR_LOGS; i++)
		must(ops()->log_size(st.board[0].p, i) == was[i], "log %d changes", i);
}

static void read_logs(u32 gfid, const char *when)
{
	static const size_t sizes[] = { 0, 1, 7, 4096 };
	u64 then = shim_ms;
	u32 sent = st.s->sent(0);
	u8 buf[4097];
	ssize_t n;
	size_t i;
	int log;

	for (log = 0; log < OVG_NR_LOGS; log++) {
		size_t most = ops()->log_size(st.board[0].p, log);

		if (!most)
			continue;
		for (i = 0; i < ARRAY_SIZE(sizes); i++) {
			memset(buf, 0xc5, sizeof(buf));
			n = ops()->log(st.board[0].p, st.board[0].inst[gfid], log, buf, sizes[i]);
			must(n >= 0 && (size_t)n <= min(sizes[i], most), "%s: %zd of %zu bytes",
			     when, n, sizes[i]);
			must(buf[sizes[i]] == 0xc5, "%s: written beyond %zu bytes", when, sizes[i]);
		}
	}
	must(st.s->sent(0) == sent && shim_ms == then, "%s: it asks the firmware", when);
}

void c30_log(void)
{
	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 2));
	read_logs(1, "running");
	trouble(CRASH, 1);
	pass(20);
	read_logs(1, "after a crash");
	trouble(GONE, 0);
	if (!open_(0, 3))
		close_(0, 3);
	pass(20);
	read_logs(1, "dead");
	read_logs(2, "dead");
}

static void dump_once(const char *when)
{
	static const size_t sizes[] = { 0, 1, 2, 40, 4096 };
	u64 then = shim_ms;
	u32 sent = st.s->sent(0);
	char buf[4097];
	size_t i, j, n;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(buf, 0x11, sizeof(buf));
		n = ops()->dump(st.board[0].p, buf, sizes[i]);
		must(n <= sizes[i], "%s: %zu of %zu bytes", when, n, sizes[i]);
		must(buf[sizes[i]] == 0x11, "%s: written beyond %zu bytes", when, sizes[i]);
		for (j = 0; j < n; j++)
			must(buf[j] == '\n' || buf[j] == '\t' || (buf[j] >= ' ' && buf[j] < 127),
			     "%s: byte %02x", when, (u8)buf[j]);
		if (sizes[i] == 4096)
			must(n && (buf[n - 1] == '\n' || n + 1 >= 4096), "%s: no last line", when);
	}
	must(st.s->sent(0) == sent && shim_ms == then, "%s: it asks the firmware", when);
}

static void hook_dump(void)
{
	static char buf[8192];

	in_hook.size = (ssize_t)ops()->dump(st.board[0].p, buf, sizeof(buf));
}

void c31_dump(void)
{
	attach_fresh();
	dump_once("idle");
	need(!open_(0, 1));
	dump_once("one open");
	trouble(SLOW_VGPUS, 100);
	memset(&in_hook, 0, sizeof(in_hook));
	hook(10, hook_dump);
	need(!open_(0, 2));
	must(in_hook.size > 0, "during open()");
	trouble(HANG, 0);
	until_dead();
	dump_once("dead");
}

/* How long a wait for a vGPU that does not come up takes. */
static u64 timed_open(u32 gfid)
{
	u64 then = shim_ms;

	need(open_(0, gfid));
	return shim_ms - then;
}

void c32_timeouts(void)
{
	static const u32 ms[] = { 100, 300, 0 };
	size_t i;
	u64 took;

	attach_fresh();
	for (i = 0; i < ARRAY_SIZE(ms); i++) {
		st.board[0].to.command = ms[i] ? ms[i] : 100;
		trouble(LOSE_ANSWERS, 1);
		took = timed_open(1);
		must(took >= st.board[0].to.command && took <= st.board[0].to.command + st.s->slack,
		     "command %u: a lost answer costs %llu ms", st.board[0].to.command,
		     (unsigned long long)took);
		st.board[0].to.command = COMMAND;
		st.board[0].to.instance = ms[i];
		trouble(SLOW_VGPUS, 2000);
		took = timed_open(2);
		must(took >= ms[i] && took <= ms[i] + st.s->slack,
		     "instance %u: a slow vGPU costs %llu ms", ms[i], (unsigned long long)took);
		trouble(SLOW_VGPUS, 0);
		st.board[0].to.instance = INSTANCE;
	}
}

static void hook_others_work(void)
{
	u64 then = shim_ms;

	in_hook.ran = true;
	in_hook.err = reset_(0, 2);
	if (!in_hook.err)
		in_hook.err = close_(0, 2);
	if (!in_hook.err)
		in_hook.err = open_(0, 3);
	in_hook.took = shim_ms - then;
}

void c33_isolated(void)
{
	attach_fresh();
	need(!open_(0, 2));
	/* the firmware owes gfid 1 an answer all the while */
	trouble(LOSE_ANSWERS, 1);
	memset(&in_hook, 0, sizeof(in_hook));
	hook(20, hook_others_work);
	need(open_(0, 1));
	need(in_hook.ran);
	must(!in_hook.err, "others fail: %d", in_hook.err);
	must(in_hook.took <= 4 * st.s->slack, "others take %llu ms", (unsigned long long)in_hook.took);
	need(st.s->works(0, &st.board[0].par[3]));
	trouble(CRASH_AT_START, 0);
	need(open_(0, 1));
	must(st.s->works(0, &st.board[0].par[3]), "a crash of one took another along");
	must(!reset_(0, 3), "others after a crash: %s", st.why);
}

void c34_late_answer(void)
{
	int err, i;

	attach_fresh();
	for (i = 0; i < 3; i++) {
		trouble(LATE_ANSWER, COMMAND + 200);
		err = open_(0, 1);
		need(err);
		/* the late answer comes now, and is a good one; this one is refused */
		trouble(OPEN_REFUSED, 0);
		err = open_(0, 1);
		must(!err == st.s->held(0, 1), "open(): %d, and the firmware %s it", err,
		     st.s->held(0, 1) ? "holds" : "does not hold");
		pass(1000);
		if (!err)
			close_(0, 1);
		need(!open_(0, 1));
		need(!close_(0, 1));
	}
}

static void hook_other_board(void)
{
	u64 then = shim_ms;

	in_hook.ran = true;
	in_hook.err = attach(1);
	if (in_hook.err)
		return;
	in_hook.err = open_(1, 1);
	if (!in_hook.err)
		in_hook.err = close_(1, 1);
	in_hook.took = shim_ms - then;
}

void c35_two_boards(void)
{
	attach_fresh();
	need(!open_(0, 1));
	trouble(LOSE_ANSWERS, 1);
	memset(&in_hook, 0, sizeof(in_hook));
	hook(20, hook_other_board);
	need(open_(0, 2));
	need(in_hook.ran);
	must(!in_hook.err, "another PF fails while one waits: %d", in_hook.err);
	must(in_hook.took <= 10 * st.s->slack, "another PF waits %llu ms",
	     (unsigned long long)in_hook.took);
	must(ops()->info(st.board[0].p) != ops()->info(st.board[1].p), "info() is shared");
	trouble(CRASH, 1);
	pass(20);
	must(seen()->instance_died && !st.board[1].seen.instance_died,
	     "an event came to the wrong one");
	trouble(GONE, 0);
	close_(0, 1);
	must(!open_(1, 2), "a PF dies with another: %s", st.why);
}
