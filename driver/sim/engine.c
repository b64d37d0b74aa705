// SPDX-License-Identifier: GPL-2.0-only
/*
 * The board's thread: polls the registers that a driver writes, because memory
 * cannot trap. 50 us after the last work, slower the longer nothing happens, not
 * at all while no function may master the bus; a config cycle that changes that
 * wakes it.
 */
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include "sim.h"

static const struct {
	u64 idle_ns;	/* up to this long after the last work ... */
	u64 sleep_ns;	/* ... sleep that long between two looks */
} pace[] = {
	{ 5 * NSEC_PER_MSEC, 50 * NSEC_PER_USEC },
	{ 50 * NSEC_PER_MSEC, 200 * NSEC_PER_USEC },
	{ 500 * NSEC_PER_MSEC, NSEC_PER_MSEC },
	{ U64_MAX, 4 * NSEC_PER_MSEC },
};

static bool needs_polling(struct sim_board *b)
{
	int i, n = sim_vfs_on(b);

	if (sim_pf_memory(b) && sim_fn_master(&b->pf))
		return true;
	for (i = 0; i < n; i++)
		if (sim_fn_master(&b->vfs[i]))
			return true;
	return false;
}

static bool pass(struct sim_board *b)
{
	bool worked = false;
	int i, n;

	if (test_and_clear_bit(SIM_EV_PF_RESET, &b->events))
		sim_fw_pf_reset(b);
	if (test_and_clear_bit(SIM_EV_VFS_GONE, &b->events))
		sim_fw_vfs_gone(b);

	sim_count(b, polls);
	worked |= sim_fw_poll(b);
	if (READ_ONCE(b->pf.pending))
		sim_msix_retry(&b->pf);
	n = sim_vfs_on(b);
	for (i = 0; i < n; i++) {
		struct sim_fn *f = &b->vfs[i];

		/* A vGPU whose bus mastering is off still says so. */
		if (!sim_fn_master(f) && !sim_fw_vgpu_of(f))
			continue;
		if (READ_ONCE(f->pending))
			sim_msix_retry(f);
		worked |= sim_ce_poll(f);
	}
	return worked;
}

static int engine(void *arg)
{
	struct sim_board *b = arg;
	u64 last = ktime_get_ns();
	int i;

	while (!kthread_should_stop()) {
		u64 now = ktime_get_ns();
		ktime_t t;

		if (pass(b)) {
			last = now;
			cond_resched();
			continue;
		}
		for (i = 0; now - last > pace[i].idle_ns; )
			i++;
		t = ns_to_ktime(pace[i].sleep_ns);
		/* The state first: a wake-up after the check must not be lost. */
		set_current_state(TASK_IDLE);
		if (kthread_should_stop() || READ_ONCE(b->events))
			__set_current_state(TASK_RUNNING);
		else if (needs_polling(b))
			schedule_hrtimeout_range(&t, pace[i].sleep_ns / 4, HRTIMER_MODE_REL);
		else
			schedule();
	}
	return 0;
}

int sim_engine_start(struct sim_board *b)
{
	struct task_struct *t = kthread_create(engine, b, "openvgpu_sim/%d", b->domain);

	if (IS_ERR(t))
		return PTR_ERR(t);
	b->engine = t;
	wake_up_process(t);
	return 0;
}

void sim_engine_stop(struct sim_board *b)
{
	if (b->engine)
		kthread_stop(b->engine);
	b->engine = NULL;
}

/* Any context; the thread exists whenever the board's bus does. */
void sim_engine_wake(struct sim_board *b)
{
	sim_count(b, wakeups);
	wake_up_process(b->engine);
}
