// SPDX-License-Identifier: GPL-2.0-only
/* Settings of the whole GPU that are refused: mixed sizes, scheduler, MIG mode. */
#include "refused.h"

#define SMALL	(HOST_TYPE)
#define LARGE	(HOST_TYPE + 1)

REFUSED(refused_mixed_argument)
{
	if (!h->lay->modes)
		return 0;
	EXPECT_STATUS(host_mixed(h, 2), RM_ARGUMENT);
	EXPECT_STATUS(host_mixed(h, 0xff), RM_ARGUMENT);
	cr_expect(!model_mixed(h->m));
	return 2;
}

REFUSED(refused_mixed_in_use)
{
	if (!h->lay->modes)
		return 0;
	host_vgpu(h, 1);
	EXPECT_STATUS(host_mixed(h, 1), RM_IN_USE_17);
	cr_expect(!model_mixed(h->m));
	EXPECT_STATUS(host_shutdown(h, 1), 0);
	EXPECT_STATUS(host_mixed(h, 1), RM_IN_USE_17);
	EXPECT_STATUS(host_cleanup(h, 1), 0);
	EXPECT_STATUS(host_mixed(h, 1), 0);
	host_vgpu(h, 1);
	EXPECT_STATUS(host_mixed(h, 0), RM_IN_USE_17);
	cr_expect(model_mixed(h->m));
	host_vgpu_gone(h, 1);
	EXPECT_STATUS(host_mixed(h, 0), 0);
	return 3;
}

REFUSED(refused_mixed_mig)
{
	if (!h->lay->modes || !h->f.gi_slices)
		return 0;
	EXPECT_STATUS(host_mig(h, MIG_ON), 0);
	EXPECT_STATUS(host_mixed(h, 1), RM_STATE);
	EXPECT_STATUS(host_mig(h, MIG_OFF), 0);
	return 1;
}

REFUSED(refused_sched_argument)
{
	static const struct { uint32_t engine, policy, arr, ns; } bad[] = {
		{ 0, 2, 0, 0 }, { 2, 3, 0, 0 }, { 9, 3, 0, 0 },		/* engine */
		{ 1, 0, 0, 0 }, { 1, 1, 0, 0 }, { 1, 5, 0, 0 },		/* policy */
		{ 1, 3, 3, 0 },						/* adaptive? */
		{ 1, 3, 0, 999999 }, { 1, 4, 0, 30000001 }, { 1, 4, 0, 0xffffffff },
	};
	uint8_t p[20] = { 0 };
	uint32_t times = 0, us;

	if (!h->lay->modes)
		return 0;
	EXPECT_STATUS(host_sched(h, 1, 3, 0, 2000000), 0);
	for (; times < sizeof(bad) / sizeof(bad[0]); times++)
		EXPECT_STATUS(host_sched(h, bad[times].engine, bad[times].policy, bad[times].arr,
					 bad[times].ns), RM_ARGUMENT);
	EXPECT_STATUS(host_ctrl(h, CMD_SCHED_GET, p, 20), RM_ARGUMENT);	/* engine 0 */
	cr_expect_str_eq(model_scheduler(h->m, &us), "equal_share");
	cr_expect_eq(us, 2000u);
	return times + 1;
}

REFUSED(refused_sched_mig)
{
	if (!h->lay->modes || !h->f.gi_slices)
		return 0;
	EXPECT_STATUS(host_mig(h, MIG_ON), 0);
	EXPECT_STATUS(host_sched(h, 1, 4, 0, 0), RM_STATE);
	EXPECT_STATUS(host_mig(h, MIG_OFF), 0);
	return 1;
}

REFUSED(refused_mig_board)
{
	if (h->f.gi_slices)
		return 0;
	EXPECT_STATUS(host_mig(h, MIG_ON), RM_NOT_SUPPORTED);
	EXPECT_STATUS(host_mig(h, MIG_OFF), RM_NOT_SUPPORTED);
	return 2;
}

REFUSED(refused_mig_argument)
{
	if (!h->f.gi_slices)
		return 0;
	EXPECT_STATUS(host_mig(h, 1), RM_ARGUMENT);
	EXPECT_STATUS(host_mig(h, 3), RM_ARGUMENT);
	EXPECT_STATUS(host_mig(h, 0xffffffff), RM_ARGUMENT);
	cr_expect(!model_mig(h->m));
	return 3;
}

REFUSED(refused_mig_in_use)
{
	uint32_t flags, eighths, id;

	if (!h->f.gi_slices)
		return 0;
	host_vgpu(h, 1);
	EXPECT_STATUS(host_mig(h, MIG_ON), RM_IN_USE);
	host_vgpu_gone(h, 1);
	EXPECT_STATUS(host_mig(h, MIG_ON), 0);
	flags = host_gi_smallest(h, &eighths);
	id = host_gi(h, flags, 0, eighths);
	EXPECT_STATUS(host_mig(h, MIG_OFF), RM_IN_USE);
	EXPECT_STATUS(host_mig(h, MIG_ON), RM_IN_USE);
	cr_expect(model_mig(h->m));
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	EXPECT_STATUS(host_mig(h, MIG_OFF), 0);
	return 3;
}

REFUSED(refused_mig_mixed)
{
	if (!h->f.gi_slices || !h->lay->modes)
		return 0;
	EXPECT_STATUS(host_mixed(h, 1), 0);
	EXPECT_STATUS(host_mig(h, MIG_ON), RM_STATE);
	cr_expect(!model_mig(h->m));
	EXPECT_STATUS(host_mixed(h, 0), 0);
	return 1;
}

REFUSED(refused_mig_timeslice)
{
	if (h->lay->branch != 595)
		return 0;
	EXPECT_STATUS(host_timeslice(h, 0), 0);
	if (h->f.can_48) {
		EXPECT_STATUS(host_timeslice(h, 1), 0);
		return 0;
	}
	EXPECT_STATUS(host_timeslice(h, 1), RM_NOT_SUPPORTED);
	return 1;
}

/* A size other than those that run, unless sizes are mixed. */
REFUSED(refused_boot_size)
{
	host_put_in(h, 3, LARGE, 0xffffffff, 0);
	host_vgpu(h, 1);
	EXPECT_STATUS(host_bootload(h, 3), RM_STATE);
	EXPECT_STATUS(host_shutdown(h, 1), 0);
	EXPECT_STATUS(host_bootload(h, 3), RM_STATE);	/* until CLEANUP */
	EXPECT_STATUS(host_cleanup(h, 1), 0);
	host_vgpu(h, 3);
	EXPECT_STATUS(host_bootload(h, 1), RM_STATE);
	host_vgpu_gone(h, 3);
	if (h->lay->modes) {
		EXPECT_STATUS(host_mixed(h, 1), 0);
		host_vgpu(h, 1);
		host_vgpu(h, 3);
		host_vgpu_gone(h, 1);
		host_vgpu_gone(h, 3);
		EXPECT_STATUS(host_mixed(h, 0), 0);
	}
	return 3;
}

static uint32_t config(struct host *h, uint32_t gfid, uint32_t place)
{
	uint8_t p[112];
	uint32_t len = host_config(h, gfid, p);

	p[84] = (uint8_t)place;
	p[85] = (uint8_t)(place >> 8);
	return host_msg(h, gfid, MSG_CONFIG, p, len);
}

static void negotiated(struct host *h, uint32_t gfid)
{
	uint8_t p[8] = { 0 };

	host_vgpu(h, gfid);
	EXPECT_STATUS(host_msg(h, gfid, MSG_NEGOTIATE, p, 8), 0);
}

/* Ids are in GiB: the board's as many, and each can be had once. */
REFUSED(refused_msg_placement)
{
	uint32_t gib = (uint32_t)(h->f.fb >> 30), times = 0;

	if (h->lay->config == 88)
		return 0;
	for (int mixed = 0; mixed < 2; mixed++) {
		EXPECT_STATUS(host_mixed(h, (uint8_t)mixed), 0);
		negotiated(h, 1);
		if (!mixed && !h->f.placement_ids) {
			EXPECT_STATUS(config(h, 1, 0), RM_ARGUMENT);
			EXPECT_STATUS(config(h, 1, 0xffff), 0);
			host_vgpu_gone(h, 1);
			times++;
			continue;
		}
		negotiated(h, 2);
		EXPECT_STATUS(config(h, 1, 0xffff), RM_ARGUMENT);
		EXPECT_STATUS(config(h, 1, gib), RM_ARGUMENT);
		EXPECT_STATUS(config(h, 1, gib - 1), 0);
		EXPECT_STATUS(config(h, 2, gib - 1), RM_ARGUMENT);
		EXPECT_STATUS(config(h, 2, gib - 2), 0);
		host_vgpu_gone(h, 1);
		host_vgpu_gone(h, 2);
		times += 3;
		if (!mixed)
			continue;
		/* one that needs more than there is behind its place */
		host_put_in(h, 3, LARGE, 0xffffffff, 0);
		negotiated(h, 3);
		EXPECT_STATUS(config(h, 3, 1), RM_ARGUMENT);
		EXPECT_STATUS(config(h, 3, 0), 0);
		negotiated(h, 1);
		EXPECT_STATUS(config(h, 1, 5), RM_ARGUMENT);	/* in the middle of it */
		host_vgpu_gone(h, 1);
		host_vgpu_gone(h, 3);
		times += 2;
	}
	EXPECT_STATUS(host_mixed(h, 0), 0);
	return times;
}
