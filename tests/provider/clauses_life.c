// SPDX-License-Identifier: GPL-2.0-only
/* C1 to C15: attaching, facts, errors, opening. */
#include <errno.h>

#include "clauses.h"

static bool pf_clean(int board)
{
	struct shim_pf *pf = st.s->pf(board);
	struct shim_pf_state s = pf->state;

	return !s.enabled && !s.regions && !s.mapped && !s.vectors && !s.handlers &&
	       !pf->pdev->master;
}

static const struct ovg_gpu_info *info(void)
{
	return st.s->ops->info(st.board[0].p);
}

static const struct ovg_type *types(u32 *count)
{
	return st.s->ops->types(st.board[0].p, count);
}

static bool same_info(const struct ovg_gpu_info *a, const struct ovg_gpu_info *b)
{
	return !strcmp(a->firmware, b->firmware) && a->generation == b->generation &&
	       a->rules == b->rules && a->total_vfs_limit == b->total_vfs_limit &&
	       a->mig_limit == b->mig_limit && a->gi_slices == b->gi_slices &&
	       a->mixed == b->mixed && a->scheduler_live == b->scheduler_live &&
	       a->fb_total == b->fb_total &&
	       a->fb_base == b->fb_base && a->segment == b->segment &&
	       a->channels == b->channels && a->ecc == b->ecc;
}

void c1_no_firmware(void)
{
	struct shim_pf *pf = st.s->pf(0);
	u32 cfg[ARRAY_SIZE(pf->pdev->cfg)];
	int err;

	trouble(NO_FIRMWARE, 0);
	memcpy(cfg, pf->pdev->cfg, sizeof(cfg));
	err = attach(0);
	must(err == -ENODEV, "attach() without firmware: %d", err);
	must(!pf->touched && pf_clean(0), "it touched the PF");
	must(!memcmp(cfg, pf->pdev->cfg, sizeof(cfg)), "it wrote into config space");
}

void c2_failed_attach(void)
{
	int err;

	trouble(START_REFUSED, 0);
	must(attach(0), "attach() says 0 although the firmware refused");
	must(pf_clean(0), "the PF is not as before");
	err = attach(0);
	must(!err, "the next attach(): %d, %s", err, st.why);
}

void c3_again(void)
{
	struct ovg_gpu_info first;
	struct ovg_type *list;
	const struct ovg_type *t;
	u32 n, m, i;
	int round;
	bool same = true;

	attach_fresh();
	first = *info();
	t = types(&n);
	list = calloc(n, sizeof(*list));
	for (i = 0; i < n; i++)
		list[i] = t[i];
	for (round = 0; round < 3 && same; round++) {
		detach(0);
		same = !attach(0) && same_info(&first, info());
		if (!same)
			break;
		t = types(&m);
		same = n == m;
		for (i = 0; i < n && same; i++)
			same = t[i].id == list[i].id && !strcmp(t[i].name, list[i].name) &&
			       t[i].fb_bytes == list[i].fb_bytes &&
			       t[i].max_instance == list[i].max_instance;
	}
	free(list);
	must(same, "another attach() gives other facts, or none: %s", st.why);
}

static u64 timed_detach(void)
{
	u64 then = shim_ms;

	st.s->ops->detach(st.board[0].p);
	then = shim_ms - then;
	st.board[0].attached = false;
	pass(5);
	st.board[0].p = NULL;
	return then;
}

void c4_detach(void)
{
	static const enum trouble how[] = { 0, HANG, GONE };
	u64 most = 2 * (COMMAND + COMMAND) + st.s->slack, took;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(how); i++) {
		attach_fresh();
		if (i)
			trouble(how[i], 0);
		took = timed_detach();
		must(pf_clean(0), "case %zu: something of attach() is left on the PF", i);
		must(!st.s->reaches_host(0), "case %zu: the firmware reaches memory", i);
		must(took <= most, "case %zu: it took %llu ms", i, (unsigned long long)took);
		st.s->power_off();
		st.s->power_on();
	}
}

void c5_attach_in_time(void)
{
	u64 then = shim_ms, most;
	u32 sent;
	int err;

	trouble(LOSE_ANSWERS, 1000);
	err = attach(0);
	sent = st.s->sent(0);
	most = 2000 + COMMAND * (u64)(sent + 1) + st.s->slack;
	must(err, "attach() says 0 although nothing was answered");
	must(shim_ms - then <= most, "it took %llu ms", (unsigned long long)(shim_ms - then));
	trouble(LOSE_ANSWERS, 0);
}

void c6_info(void)
{
	const struct ovg_gpu_info *at;
	struct ovg_gpu_info was;

	attach_fresh();
	at = info();
	was = *at;
	must(was.firmware[0] && memchr(was.firmware, 0, sizeof(was.firmware)), "firmware");
	must(was.total_vfs_limit && was.channels, "limits of 0");
	must(was.segment && !(was.segment & (was.segment - 1)), "segment");
	must(was.fb_total >= was.segment, "framebuffer");
	must(!was.gi_slices || was.gi_slices == 4 || was.gi_slices == 7, "slices");
	must(!was.gi_slices == !was.mig_limit, "MIG without a limit, or the opposite");
	need(!open_(0, 1));
	must(info() == at && same_info(&was, at), "info() changes with an open vGPU");
	need(!close_(0, 1));
	must(info() == at && same_info(&was, at), "info() changes");
}

void c7_types(void)
{
	const struct ovg_type *at, *t;
	u32 n, m, i, j, id[OVG_MAX_TYPES];
	const char *why;

	attach_fresh();
	at = t = types(&n);
	why = st.s->ops->types_why(st.board[0].p);
	must(why && !*why == !!n, "%u types, and why is \"%s\"", n, why);
	must(n <= OVG_MAX_TYPES, "too many");
	for (i = 0; i < n; i++) {
		id[i] = t[i].id;
		must(t[i].id && t[i].name[0] && memchr(t[i].name, 0, sizeof(t[i].name)),
		     "type %u of the list", i);
		must(!t[i].gi.slices == !t[i].max_per_gi &&
		     t[i].gi.slices <= info()->gi_slices, "GPU instance of type %u", t[i].id);
		for (j = 0; j < i; j++)
			must(t[i].id != t[j].id, "type %u twice", t[i].id);
	}
	need(!open_(0, 1));
	must(types(&m) == at && m == n, "another list");
	for (i = 0; i < n; i++)
		must(at[i].id == id[i], "the list changed");
}

/* A failure that the check did not get is not its business. */
static void why_after(int err, const char *what)
{
	if (err)
		must(why_is_good(st.why), "%s: no line of text", what);
}

void c8_why(void)
{
	trouble(START_REFUSED, 0);
	why_after(attach(0), "attach()");
	if (!st.board[0].p)
		attach_fresh();
	trouble(OPEN_REFUSED, 0);
	why_after(open_(0, 1), "a refused open()");
	need(!open_(0, 2));
	trouble(RESET_REFUSED, 0);
	why_after(reset_(0, 2), "reset()");
	trouble(RELEASE_REFUSED, 10);
	why_after(close_(0, 2), "close()");
	trouble(RELEASE_REFUSED, 0);
	trouble(CRASH_AT_START, 0);
	why_after(open_(0, 3), "a crash in open()");
	need(!open_(0, 4));
	trouble(GONE, 0);
	why_after(open_(0, 5), "open() of a device that is gone");
	why_after(reset_(0, 4), "reset() of a device that is gone");
	why_after(close_(0, 4), "close() of a device that is gone");
}

static void errno_of(int err, const char *what)
{
	must(!err || (err < 0 && err > -4096), "%s: %d is no errno", what, err);
	must(err != -ENODEV, "%s: ENODEV although the firmware lives", what);
}

void c9_errnos(void)
{
	attach_fresh();
	trouble(OPEN_REFUSED, 0);
	errno_of(open_(0, 1), "a refused open()");
	trouble(CRASH_AT_START, 0);
	errno_of(open_(0, 2), "a crash in open()");
	need(!open_(0, 3));
	trouble(RESET_REFUSED, 0);
	errno_of(reset_(0, 3), "a refused reset()");
	trouble(RELEASE_REFUSED, 10);
	errno_of(close_(0, 3), "a refused close()");
	trouble(RELEASE_REFUSED, 0);
}

static struct { bool ended; int err; } under_way;

static void take_away(void)
{
	trouble(GONE, 0);
}

void c10_dead(void)
{
	u64 then;
	int err;

	attach_fresh();
	need(!open_(0, 1));
	need(!open_(0, 2));
	need(!open_(0, 3));
	/* one that is under way */
	st.board[0].to.instance = 50000;
	trouble(SLOW_VGPUS, 100000);
	hook(20, take_away);
	err = open_(0, 4);
	under_way.ended = true;
	then = shim_ms;
	must(err, "an open() under way succeeds on dead firmware");
	pass(20);
	if (st.board[0].seen.died)
		must(then <= st.board[0].seen.died_at + 1000, "open() did not end in a second");
	/* from now on */
	then = shim_ms;
	err = open_(0, 5);
	must(err == -ENODEV, "open(): %d", err);
	err = reset_(0, 1);
	must(err == -ENODEV, "reset(): %d", err);
	err = close_(0, 1);
	must(err == -ENODEV, "close(): %d", err);
	must(shim_ms - then <= 5, "they waited %llu ms", (unsigned long long)(shim_ms - then));
	must(info()->channels && types(&(u32){ 0 }), "facts are gone");
}

void c11_open(void)
{
	u32 gfid;

	attach_fresh();
	for (gfid = 1; gfid <= 4; gfid++) {
		int err = open_(0, gfid);

		must(!err, "open(): %d, %s", err, st.why);
		must(st.board[0].inst[gfid], "no instance");
		must(gfid == 1 || st.board[0].inst[gfid] != st.board[0].inst[gfid - 1], "the same");
		must(st.s->works(0, &st.board[0].par[gfid]),
		     "gfid %u does not work with what it was given", gfid);
	}
}

void c12_failed_open(void)
{
	static const enum trouble how[] = { OPEN_REFUSED, CRASH_AT_START };
	size_t i;
	u32 gfid;
	int err;

	attach_fresh();
	for (i = 0; i < ARRAY_SIZE(how); i++) {
		gfid = 1 + 3 * i;
		trouble(how[i], 0);
		err = open_(0, gfid);
		need(err);
		must(err != -ENOTRECOVERABLE && !st.s->held(0, gfid),
		     "case %zu: the firmware holds it", i);
		err = open_(0, gfid);
		must(!err, "case %zu: the same again: %d, %s", i, err, st.why);
		/* the ranges for another gfid, and the gfid with other ranges */
		trouble(how[i], 0);
		need(open_(0, gfid + 1));
		place(0, gfid + 2, gfid + 1);
		must(!open_(0, gfid + 2), "case %zu: the ranges: %s", i, st.why);
		place(0, gfid + 1, 10 + i);
		must(!open_(0, gfid + 1), "case %zu: the gfid: %s", i, st.why);
	}
}

void c13_not_recoverable(void)
{
	int err;

	attach_fresh();
	need(!open_(0, 2));
	need(st.s->works(0, &st.board[0].par[2]));
	trouble(CRASH_AT_START, 0);
	trouble(RELEASE_REFUSED, 10);
	err = open_(0, 1);
	trouble(RELEASE_REFUSED, 0);
	need(st.s->held(0, 1));
	must(err == -ENOTRECOVERABLE, "open(): %d, and the firmware holds it", err);
	must(st.s->works(0, &st.board[0].par[2]), "another one is affected");
	err = open_(0, 3);
	must(!err, "another one: %s", st.why);
}

void c14_scrubbed(void)
{
	u64 size, at[4];
	size_t i;

	attach_fresh();
	need(!open_(0, 1));
	size = st.board[0].par[1].fb_size;
	at[0] = 0;
	at[1] = 0x1234;
	at[2] = size / 2 + 1;
	at[3] = size - 1;
	for (i = 0; i < 4; i++) {
		guest_write(1, at[i], 0x5a);
		need(guest_read(1, at[i]) == 0x5a);
	}
	need(!close_(0, 1));
	place(0, 2, 1);
	need(!open_(0, 2));
	for (i = 0; i < 4; i++)
		must(guest_read(2, at[i]) != 0x5a, "the next owner reads the last one's data at 0x%llx",
		     (unsigned long long)at[i]);
}

void c15_does_not_come_up(void)
{
	u64 then;
	int err;

	attach_fresh();
	trouble(SLOW_VGPUS, 3 * INSTANCE);
	then = shim_ms;
	err = open_(0, 1);
	must(err == -ETIMEDOUT, "too slow: %d", err);
	must(shim_ms - then <= INSTANCE + st.s->slack, "too slow: noticed after %llu ms",
	     (unsigned long long)(shim_ms - then));
	trouble(SLOW_VGPUS, 0);
	pass(3 * INSTANCE);
	trouble(CRASH_AT_START, 0);
	then = shim_ms;
	err = open_(0, 2);
	must(err, "0 although it crashed");
	must(shim_ms - then <= INSTANCE / 2, "a crash was noticed after %llu ms",
	     (unsigned long long)(shim_ms - then));
	pass(20);
	must(!st.board[0].seen.instance_died, "instance_died for an open() that failed");
}
