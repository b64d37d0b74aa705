// SPDX-License-Identifier: GPL-2.0-only
/* Settings of the whole GPU: vGPUs of mixed size, and the scheduler. */
#include "fw.h"

u32 sim_mode_mixed(struct sim_board *b, u8 *p)
{
	struct sim_fw *fw = b->fw;

	if (p[0] > 1) {
		sim_count(b, refused_mixed_argument);
		return NV_INVALID_ARGUMENT;
	}
	if (fw->nvgpus) {
		sim_count(b, refused_mixed_in_use);
		return NV_IN_USE;
	}
	if (fw->mig) {
		sim_count(b, refused_mixed_mig);
		return NV_INVALID_STATE;
	}
	fw->mixed = p[0];
	return 0;
}

/* --------------------------------------------------------------- scheduler */

static bool slice_ok(u64 ns)
{
	return !ns || (ns >= SCHED_SLICE_MIN && ns <= SCHED_SLICE_MAX);
}

u32 sim_sched_set(struct sim_board *b, u8 *p)
{
	struct sim_fw *fw = b->fw;
	u32 policy = rd32(p + SCHED_POLICY);

	if (rd32(p + SCHED_ENGINE) != ENGINE_GR0 || policy < SCHED_BEST_EFFORT ||
	    policy > SCHED_FIXED_SHARE || rd32(p + SCHED_ARR) > SCHED_ARR_ENABLE ||
	    !slice_ok(rd32(p + SCHED_SLICE))) {
		sim_count(b, refused_sched_argument);
		return NV_INVALID_ARGUMENT;
	}
	if (fw->mig) {
		sim_count(b, refused_sched_mig);
		return NV_INVALID_STATE;
	}
	fw->sched_policy = policy;
	fw->sched_slice = rd32(p + SCHED_SLICE);
	sim_count(b, sched_sets);
	return 0;
}

u32 sim_sched_get(struct sim_board *b, u8 *p)
{
	if (rd32(p + SCHED_ENGINE) != ENGINE_GR0) {
		sim_count(b, refused_sched_argument);
		return NV_INVALID_ARGUMENT;
	}
	wr32(p + SCHED_POLICY, sim_sched_policy(b));
	wr32(p + SCHED_ARR, 0);
	wr32(p + SCHED_SLICE, b->fw->sched_slice);
	wr32(p + SCHED_GET_FACTOR, 0);
	return 0;
}

/* RmPVMRL of the registry. Return: whether it makes sense. */
bool sim_sched_boot(struct sim_board *b, u32 val)
{
	u32 policy = val >> PVMRL_POLICY_SHIFT & PVMRL_POLICY_MASK;
	u64 slice = (u64)(val >> PVMRL_SLICE_SHIFT & PVMRL_SLICE_MASK) * 1000000;

	if (!(val & PVMRL_ENABLE)) {
		b->fw->sched_policy = SCHED_BEST_EFFORT;
		b->fw->sched_slice = 0;
		return true;
	}
	if (policy > PVMRL_FIXED || !slice_ok(slice))
		return false;
	b->fw->sched_policy = policy == PVMRL_FIXED ? SCHED_FIXED_SHARE : SCHED_EQUAL_SHARE;
	b->fw->sched_slice = slice;
	return true;
}

/* What is in effect: with MIG it is fixed share, before Blackwell. */
u32 sim_sched_policy(struct sim_board *b)
{
	if (b->fw->mig && b->type->arch < SIM_BLACKWELL)
		return SCHED_FIXED_SHARE;
	return READ_ONCE(b->fw->sched_policy);
}

void sim_fw_scheduler(struct sim_board *b, const char **policy, u32 *slice_us)
{
	static const char * const names[] = {
		[SCHED_BEST_EFFORT] = "best_effort",
		[SCHED_EQUAL_SHARE] = "equal_share",
		[SCHED_FIXED_SHARE] = "fixed_share",
	};

	*policy = names[sim_sched_policy(b)];
	*slice_us = READ_ONCE(b->fw->sched_slice) / 1000;
}

void sim_mode_forget(struct sim_board *b)
{
	b->fw->mixed = false;
	b->fw->sched_policy = SCHED_BEST_EFFORT;
	b->fw->sched_slice = 0;
}
