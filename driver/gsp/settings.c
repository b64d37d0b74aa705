// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is set for a whole GPU: whether sizes mix, how the engines are shared, whether
 * MIG divides it. The core runs one setter at a time.
 *
 * A setter that fails leaves the GPU as it was (C43). A refusal by RM has changed
 * nothing; after an answer that was lost the old value is set again.
 */
#include <linux/types.h>

#include "gsp.h"
#include "mig.h"

/* NV2080_CTRL_GPU_SET_PARTITIONING_MODE_REPARTITIONING_* */
#define PARTITIONING_LEGACY		0
#define PARTITIONING_FAST_RECONFIG	2

#define MIXED_SIZE		1
#define PARTITIONING_SIZE	4
#define TIMESLICE_SIZE		1

/* FIFO_OBJSCHED_SET_STATE; round robin (ARR) is left at its default, 0 */
#define SET_STATE_SIZE		24
#define SET_STATE_ENGINE	0
#define SET_STATE_POLICY	4
#define SET_STATE_TIMESLICE	12
/* FIFO_OBJSCHED_GET_STATE */
#define GET_STATE_SIZE		20
#define GET_STATE_ENGINE	0
#define GET_STATE_POLICY	4
#define GET_STATE_TIMESLICE	12

#define ENGINE_GR0		1	/* NV2080_ENGINE_TYPE_GRAPHICS */
#define POLICY_BEST_EFFORT	2	/* NV2080_CTRL_CMD_VGPU_SCHEDULER_POLICY_* */
#define POLICY_EQUAL_SHARE	3
#define POLICY_FIXED_SHARE	4

/*
 * The answer was lost and it could not be set back. No vGPU is open when such a thing
 * is set, so nobody is hurt if the firmware starts anew, and then it is known.
 */
static int give_up(struct ovg_provider *p, const char *what, char *why)
{
	gsp_why(why, "nobody knows what the firmware made of %s", what);
	gsp_queue_fail(&p->q, why);
	return -ENODEV;
}

/* A control of one number. */
static int set_number(struct ovg_provider *p, u32 cmd, const char *what, u32 size, u32 value,
		      u32 old, char *why)
{
	char why2[OVG_WHY_MAX];
	u8 params[PARTITIONING_SIZE] = { (u8)value };
	u32 status;
	int err;

	err = gsp_rm_control(&p->rm, cmd, what, params, size, &status, why);
	if (!gsp_in_doubt(err, status))
		return err;
	params[0] = (u8)old;
	return gsp_rm_control(&p->rm, cmd, what, params, size, NULL, why2) ?
	       give_up(p, what, why) : err;
}

int gsp_set_mixed(struct ovg_provider *p, bool on, char *why)
{
	int err;

	if (!p->abi->mixed) {
		gsp_why(why, "firmware branch %u does not mix sizes", p->abi->branch);
		return -EOPNOTSUPP;
	}
	err = set_number(p, NV2080_VGPU_SET_HETEROGENEOUS_MODE, "SET_VGPU_HETEROGENEOUS_MODE",
			 MIXED_SIZE, on, p->mixed, why);
	if (!err)
		p->mixed = on;
	return err;
}

/* ---- scheduler ---------------------------------------------------------- */

static u32 policy_number(enum ovg_policy policy)
{
	switch (policy) {
	case OVG_POLICY_EQUAL_SHARE:
		return POLICY_EQUAL_SHARE;
	case OVG_POLICY_FIXED_SHARE:
		return POLICY_FIXED_SHARE;
	default:
		return POLICY_BEST_EFFORT;
	}
}

static int put_scheduler(struct ovg_provider *p, const struct ovg_scheduler *s, u32 *status,
			 char *why)
{
	u8 params[SET_STATE_SIZE] = { 0 };

	le_put32(params, SET_STATE_ENGINE, ENGINE_GR0);
	le_put32(params, SET_STATE_POLICY, policy_number(s->policy));
	le_put32(params, SET_STATE_TIMESLICE, s->timeslice_us * 1000);
	return gsp_rm_control(&p->rm, NV2080_FIFO_OBJSCHED_SET_STATE, "FIFO_OBJSCHED_SET_STATE",
			      params, sizeof(params), status, why);
}

/* Does the firmware run with these settings? Without a time slice it has its own. */
static int check_scheduler(struct ovg_provider *p, const struct ovg_scheduler *s, char *why)
{
	u8 params[GET_STATE_SIZE] = { 0 };
	u32 policy, slice;
	int err;

	le_put32(params, GET_STATE_ENGINE, ENGINE_GR0);
	err = gsp_rm_control(&p->rm, NV2080_FIFO_OBJSCHED_GET_STATE, "FIFO_OBJSCHED_GET_STATE",
			     params, sizeof(params), NULL, why);
	if (err)
		return err;
	policy = le_get32(params, GET_STATE_POLICY);
	slice = le_get32(params, GET_STATE_TIMESLICE);
	if (policy == policy_number(s->policy) &&
	    (!s->timeslice_us || slice == s->timeslice_us * 1000))
		return 0;
	gsp_why(why, "firmware runs scheduler policy %u with time slices of %u ns", policy, slice);
	return -EIO;
}

/* An unknown outcome is found out by looking; vGPUs may be running. */
int gsp_set_scheduler(struct ovg_provider *p, const struct ovg_scheduler *sched, char *why)
{
	char why2[OVG_WHY_MAX];
	u32 status;
	int err;

	if (!p->abi->live_scheduler) {
		gsp_why(why, "firmware branch %u takes a scheduler only when it starts",
			p->abi->branch);
		return -EOPNOTSUPP;
	}
	err = put_scheduler(p, sched, &status, why);
	if (err && !gsp_in_doubt(err, status))
		return err;
	if (!err)
		err = check_scheduler(p, sched, why);
	else if (!check_scheduler(p, sched, why2))
		err = 0;
	if (err) {
		put_scheduler(p, &p->sched, &status, why2);
		return err;
	}
	p->sched = *sched;
	return 0;
}

/* ---- MIG ---------------------------------------------------------------- */

static int set_partitioning(struct ovg_provider *p, bool on, char *why)
{
	return set_number(p, NV2080_INTERNAL_SET_PARTITIONING_MODE, "SET_PARTITIONING_MODE",
			  PARTITIONING_SIZE, on ? PARTITIONING_FAST_RECONFIG : PARTITIONING_LEGACY,
			  p->mig ? PARTITIONING_FAST_RECONFIG : PARTITIONING_LEGACY, why);
}

/* GB20x lets vGPUs share a GPU instance; GPUs before it do not know the command. */
static int set_timeslice(struct ovg_provider *p, char *why)
{
	u8 params[TIMESLICE_SIZE] = { true };

	if (!p->abi->mig_timeslice || p->info.generation != OVG_GEN_BLACKWELL)
		return 0;
	return gsp_rm_control(&p->rm, NV2080_VGPU_SET_MIG_TIMESLICE_MODE,
			      "SET_VGPU_MIG_TIMESLICE_MODE", params, sizeof(params), NULL, why);
}

int gsp_set_mig(struct ovg_provider *p, bool on, char *why)
{
	char why2[OVG_WHY_MAX];
	int err;

	if (!p->info.mig_limit) {
		gsp_why(why, "this board has no MIG-backed types");
		return -EOPNOTSUPP;
	}
	err = on ? 0 : gsp_gi_settle(p, why);
	if (!err)
		err = set_partitioning(p, on, why);
	if (!err && on) {
		err = set_timeslice(p, why);
		if (!err)
			err = gsp_gi_read_ranges(p, why);
		if (err && err != -ENODEV && set_partitioning(p, false, why2))
			err = give_up(p, "MIG", why);
	}
	if (!err)
		p->mig = on;
	return err;
}
