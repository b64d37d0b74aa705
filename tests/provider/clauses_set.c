// SPDX-License-Identifier: GPL-2.0-only
/*
 * C36 to C44: settings of a GPU, and GPU instances. What a board or a firmware cannot
 * do, it refuses; that is then all there is to see.
 */
#include <errno.h>

#include "driver/core/placement.h"
#include "clauses.h"

static const struct ovg_provider_ops *ops(void)
{
	return st.s->ops;
}

static const struct ovg_gpu_info *info(void)
{
	return ops()->info(st.board[0].p);
}

static struct firmware_state state(void)
{
	struct firmware_state s = { 0 };

	st.s->state(0, &s);
	return s;
}

static void clear(void)
{
	memset(st.why, 'X', sizeof(st.why));
	st.why[sizeof(st.why) - 1] = 0;
}

static int set_mixed(bool on)
{
	clear();
	return ops()->set_mixed(st.board[0].p, on, st.why);
}

static int set_scheduler(const struct ovg_scheduler *s)
{
	struct ovg_scheduler copy = *s;
	int err;

	clear();
	err = ops()->set_scheduler(st.board[0].p, &copy, st.why);
	memset(&copy, 0xff, sizeof(copy));	/* only valid during the call */
	return err;
}

static int set_mig(bool on)
{
	clear();
	return ops()->set_mig(st.board[0].p, on, st.why);
}

static int create(const struct ovg_gi_profile *profile, u32 start, struct ovg_provider_gi *gi)
{
	struct ovg_gi_profile copy = *profile;

	clear();
	memset(gi, 0xff, sizeof(*gi));
	return ops()->gi_create(st.board[0].p, &copy, start, gi, st.why);
}

static int destroy(u32 id)
{
	clear();
	return ops()->gi_destroy(st.board[0].p, id, st.why);
}

static const struct ovg_scheduler best = { OVG_POLICY_BEST_EFFORT, 0 },
				  equal = { OVG_POLICY_EQUAL_SHARE, 4000 },
				  fixed = { OVG_POLICY_FIXED_SHARE, 0 };

/* Without a time slice the firmware has its own, of which nothing is said. */
static bool runs_with(const struct ovg_scheduler *s)
{
	struct firmware_state now = state();

	return now.sched.policy == s->policy &&
	       (!s->timeslice_us || now.sched.timeslice_us == s->timeslice_us);
}

/* A type of the smallest profile of GPU instances there is; NULL if there is no MIG. */
static const struct ovg_type *smallest(void)
{
	const struct ovg_type *t, *found = NULL;
	u32 n, i;

	t = ops()->types(st.board[0].p, &n);
	for (i = 0; i < n; i++)
		if (t[i].gi.slices && !(t[i].gi.attr & OVG_GI_MEDIA) &&
		    (!found || t[i].gi.memory < found->gi.memory ||
		     (t[i].gi.memory == found->gi.memory && t[i].gi.slices < found->gi.slices)))
			found = &t[i];
	return found;
}

/* Else there is no point in looking at others. */
static void ordinary_works(void)
{
	need(!open_(0, 6) && st.s->works(0, &st.board[0].par[6]));
	need(!close_(0, 6) && !st.s->held(0, 6));
}

/* False: the board has no MIG, and says so. */
static bool mig_on(void)
{
	attach_fresh();
	if (!info()->mig_limit) {
		must(set_mig(true) == -EOPNOTSUPP, "another answer than EOPNOTSUPP");
		return false;
	}
	ordinary_works();
	need(smallest());
	need(!set_mig(true));
	return true;
}

/* A vGPU at the start of an instance. */
static int open_in(u32 gfid, const struct ovg_provider_gi *gi, const struct ovg_type *type)
{
	struct ovg_instance_params *par = &st.board[0].par[gfid];

	place_type(0, gfid, 0, type);
	par->gi = gi->id;
	par->fb_offset = gi->fb_base;
	par->fb_size = info()->segment;
	par->heap_offset = gi->fb_base + 2 * info()->segment;
	par->placement_id = info()->generation == OVG_GEN_BLACKWELL ? 0 : OVG_PLACEMENT_NONE;
	return open_(0, gfid);
}

void c36_scheduler_at_boot(void)
{
	static const struct ovg_scheduler *const sched[] = { &equal, &fixed, &best };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sched); i++) {
		st.board[0].sched = *sched[i];
		attach_fresh();
		must(runs_with(sched[i]), "policy %d, %u us: firmware runs with %d, %u us",
		     sched[i]->policy, sched[i]->timeslice_us, state().sched.policy,
		     state().sched.timeslice_us);
		must(!state().mixed && !state().mig && !state().instances, "other settings");
		detach(0);
	}
}

void c37_mixed(void)
{
	const struct ovg_type *t, *other = NULL;
	u32 n, i, sent;

	attach_fresh();
	sent = st.s->sent(0);
	if (!info()->mixed) {
		must(set_mixed(true) == -EOPNOTSUPP, "another answer than EOPNOTSUPP");
		must(st.s->sent(0) == sent, "the firmware is asked all the same");
		return;
	}
	must(!set_mixed(true), "%s", st.why);
	must(state().mixed, "0, and sizes do not mix");
	place(0, 1, 0);
	t = ops()->types(st.board[0].p, &n);
	for (i = 0; i < n && !other; i++)
		if (!t[i].gi.slices && t[i].profile_bytes != st.board[0].par[1].type->profile_bytes)
			other = &t[i];
	need(other);
	place_type(0, 2, 1, other);
	/* mixed sizes have ids everywhere */
	st.board[0].par[1].placement_id = 0;
	st.board[0].par[2].placement_id = (u16)(other->profile_bytes >> 30);
	must(!open_(0, 1), "%s", st.why);
	need(st.s->works(0, &st.board[0].par[1]));
	must(!open_(0, 2), "another size: %s", st.why);
	must(st.s->works(0, &st.board[0].par[2]), "another size does not work");
	need(!close_(0, 1) && !close_(0, 2) && !st.s->held(0, 1) && !st.s->held(0, 2));
	must(!set_mixed(false), "%s", st.why);
	must(!state().mixed, "0, and sizes mix");
}

void c38_scheduler(void)
{
	static const struct ovg_scheduler *const sched[] = { &fixed, &equal, &best };
	size_t i;
	u32 sent;

	attach_fresh();
	sent = st.s->sent(0);
	if (!info()->scheduler_live) {
		must(set_scheduler(&equal) == -EOPNOTSUPP, "another answer than EOPNOTSUPP");
		must(st.s->sent(0) == sent, "the firmware is asked all the same");
		return;
	}
	need(!open_(0, 1) && st.s->works(0, &st.board[0].par[1]));
	for (i = 0; i < ARRAY_SIZE(sched); i++) {
		must(!set_scheduler(sched[i]), "policy %d: %s", sched[i]->policy, st.why);
		must(runs_with(sched[i]), "0, and firmware runs with %d, %u us",
		     state().sched.policy, state().sched.timeslice_us);
		must(st.s->works(0, &st.board[0].par[1]), "a vGPU that is open does not work");
	}
	need(!close_(0, 1));
	need(!open_(0, 2));
	must(runs_with(&best), "it changes with another vGPU");
}

void c39_mig(void)
{
	u32 sent;

	attach_fresh();
	sent = st.s->sent(0);
	if (!info()->mig_limit) {
		must(set_mig(true) == -EOPNOTSUPP, "another answer than EOPNOTSUPP");
		must(st.s->sent(0) == sent, "the firmware is asked all the same");
		return;
	}
	ordinary_works();
	must(!set_mig(true), "%s", st.why);
	must(state().mig && !state().instances, "0, and MIG is off, or has instances");
	must(!set_mig(false), "%s", st.why);
	must(!state().mig, "0, and MIG is on");
	need(!open_(0, 1));
	must(st.s->works(0, &st.board[0].par[1]), "an ordinary vGPU does not work after it");
}

static bool apart(const struct ovg_provider_gi *a, const struct ovg_provider_gi *b)
{
	return a->fb_base + a->fb_size <= b->fb_base || b->fb_base + b->fb_size <= a->fb_base;
}

/* What is in each instance, whatever it is. */
static void look_at(const struct ovg_provider_gi *gi)
{
	const struct ovg_gpu_info *i = info();

	must(gi->id < OVG_MAX_GI_ID, "id %u", gi->id);
	must(gi->fb_size && gi->fb_size % i->segment == 0 && gi->fb_base % i->segment == 0,
	     "framebuffer that is not made of segments");
	must(gi->fb_base >= i->fb_base && gi->fb_base + gi->fb_size <= i->fb_base + i->fb_total,
	     "framebuffer that vGPUs cannot have");
}

void c40_gi_create(void)
{
	struct ovg_provider_gi a, b;
	const struct ovg_type *t, *s;
	u32 n, i;

	if (!mig_on())
		return;
	t = ops()->types(st.board[0].p, &n);
	for (i = 0; i < n; i++) {
		if (!t[i].gi.slices)
			continue;
		must(!create(&t[i].gi, 0, &a), "type %u: %s", t[i].id, st.why);
		look_at(&a);
		must(state().instances == 1, "0, and there are %u", state().instances);
		need(!destroy(a.id));
		need(!create(&t[i].gi, 0, &b));
		must(a.fb_base == b.fb_base && a.fb_size == b.fb_size,
		     "type %u: other framebuffer the second time", t[i].id);
		must(!open_in(1, &b, &t[i]), "type %u in it: %s", t[i].id, st.why);
		must(st.s->works(0, &st.board[0].par[1]), "type %u does not work", t[i].id);
		need(!close_(0, 1));
		need(!destroy(b.id));
	}
	s = smallest();
	must(!create(&s->gi, 0, &a) && !create(&s->gi, s->gi.memory, &b), "two: %s", st.why);
	look_at(&a);
	look_at(&b);
	must(a.id != b.id && apart(&a, &b), "two instances have the same");
	must(state().instances == 2, "there are %u", state().instances);
}

void c41_other_instances(void)
{
	static const struct ovg_gi_profile none = { 6, 3, 0 };
	struct ovg_provider_gi a, b, other;
	const struct ovg_type *s;

	if (!mig_on())
		return;
	s = smallest();
	need(!create(&s->gi, 0, &a));
	need(!open_in(1, &a, s));
	guest_write(1, 0x1234, 0x5a);
	must(!create(&s->gi, s->gi.memory, &other), "beside a vGPU: %s", st.why);
	must(create(&s->gi, 0, &b), "the same place twice");
	must(create(&none, 0, &b), "a profile that no board has");
	must(!destroy(other.id), "beside a vGPU: %s", st.why);
	must(st.s->works(0, &st.board[0].par[1]) && guest_read(1, 0x1234) == 0x5a,
	     "a vGPU in another instance is affected");
	need(!close_(0, 1));
}

void c42_gi_destroy(void)
{
	struct ovg_provider_gi a, b;
	const struct ovg_type *s;
	int err;

	if (!mig_on())
		return;
	s = smallest();
	need(!create(&s->gi, 0, &a));
	need(!create(&s->gi, s->gi.memory, &b));
	err = destroy(a.id);
	must(!err, "%d, %s", err, st.why);
	must(state().instances == 1, "0, and there are %u", state().instances);
	must(!create(&s->gi, 0, &a), "the place again: %s", st.why);
	need(!destroy(a.id));
	must(destroy(a.id), "0 for one that is not there");
	need(!destroy(b.id));
	need(!set_mig(false));
}

/* One setter that has to do with @what, and whether the state is as it asks for. */
static struct ovg_provider_gi made;

static int ask_for(enum setting what)
{
	switch (what) {
	case SET_MIXED: return set_mixed(true);
	case SET_SCHEDULER: return set_scheduler(&equal);
	case SET_MIG: return set_mig(true);
	default: return create(&smallest()->gi, 0, &made);
	}
}

static bool is_set(enum setting what)
{
	switch (what) {
	case SET_MIXED: return state().mixed;
	case SET_SCHEDULER: return runs_with(&equal);
	case SET_MIG: return state().mig;
	default: return state().instances != 0;
	}
}

static int take_back(enum setting what)
{
	switch (what) {
	case SET_MIXED: return set_mixed(false);
	case SET_SCHEDULER: return set_scheduler(&best);
	case SET_MIG: return set_mig(false);
	default: return destroy(made.id);
	}
}

static bool can(enum setting what)
{
	switch (what) {
	case SET_MIXED: return info()->mixed;
	case SET_SCHEDULER: return info()->scheduler_live;
	default: return info()->mig_limit;
	}
}

static void as_before(enum setting what, int err, const char *how)
{
	if (err)
		must(why_is_good(st.why), "setter %d, %s: no line of text", what, how);
	must(is_set(what) == !err, "setter %d, %s: %d, and it is%s set", what, how, err,
	     is_set(what) ? "" : " not");
	if (!err)
		need(!take_back(what));
}

void c43_failed_setter(void)
{
	enum setting what;
	int err;

	for (what = 0; what < NR_SETTINGS; what++) {
		attach_fresh();
		if (!can(what)) {
			detach(0);
			continue;
		}
		if (what > SET_MIG)
			need(!set_mig(true));
		trouble(SETTER_FAILS, what);
		as_before(what, ask_for(what), "refused");
		trouble(LOSE_ANSWERS, 1);
		as_before(what, ask_for(what), "without an answer");
		trouble(LOSE_ANSWERS, 0);
		need(!ask_for(what) && is_set(what));
		trouble(LOSE_ANSWERS, 1);
		err = take_back(what);
		trouble(LOSE_ANSWERS, 0);
		must(is_set(what) == !!err, "setter %d back without an answer: %d, and it is%s set",
		     what, err, is_set(what) ? "" : " not");
		if (err)
			need(!take_back(what));
		trouble(GONE, 0);
		err = ask_for(what);
		must(err == -ENODEV && why_is_good(st.why), "setter %d of a device that is gone: %d",
		     what, err);
		detach(0);
		st.s->power_off();
		st.s->power_on();
		memset(&st.board[0].seen, 0, sizeof(st.board[0].seen));
	}
}

static void begins_anew(const char *when)
{
	must(!state().mixed, "%s: sizes mix", when);
	must(!state().mig && !state().instances, "%s: MIG is on", when);
	must(runs_with(&best), "%s: scheduler %d", when, state().sched.policy);
}

void c44_settings_end(void)
{
	attach_fresh();
	if (info()->scheduler_live)
		need(!set_scheduler(&fixed));
	if (info()->mixed)
		need(!set_mixed(true));
	detach(0);
	attach_fresh();
	begins_anew("mixed before detach()");
	if (!info()->mig_limit)
		return;
	need(!set_mig(true));
	need(!create(&smallest()->gi, 0, &made));
	detach(0);
	attach_fresh();
	begins_anew("MIG before detach()");
	must(create(&smallest()->gi, 0, &made), "an instance without MIG");
	must(!set_mig(true) && !create(&smallest()->gi, 0, &made), "again: %s", st.why);
	/* after a death too */
	trouble(HANG, 0);
	until_dead();
	detach(0);
	st.board[0].seen.died = 0;
	attach_fresh();
	begins_anew("MIG before a death");
}
