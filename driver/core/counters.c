// SPDX-License-Identifier: GPL-2.0-only
/* What a leak would show, and how often what happened. */
#include "core.h"

static const char * const names[OVG_NR_COUNTERS] = {
	[OVG_CNT_CREATES] = "creates",
	[OVG_CNT_CREATE_REFUSALS] = "create_refusals",
	[OVG_CNT_REMOVES] = "removes",
	[OVG_CNT_OPENS] = "opens",
	[OVG_CNT_OPEN_REFUSALS] = "open_refusals",
	[OVG_CNT_OPEN_FAILURES] = "open_failures",
	[OVG_CNT_CLOSES] = "closes",
	[OVG_CNT_CLOSE_FAILURES] = "close_failures",
	[OVG_CNT_RESETS] = "resets",
	[OVG_CNT_RESET_FAILURES] = "reset_failures",
	[OVG_CNT_INSTANCE_DEATHS] = "instance_deaths",
	[OVG_CNT_FIRMWARE_DEATHS] = "firmware_deaths",
	[OVG_CNT_RECOVERIES] = "recoveries",
	[OVG_CNT_RECOVERY_FAILURES] = "recovery_failures",
	[OVG_CNT_DUMPS] = "dumps",
	[OVG_CNT_PCI_ERRORS] = "pci_errors",
	[OVG_CNT_QUARANTINES] = "quarantines",
	[OVG_CNT_DEAD_HANDLES] = "dead_handles",
	[OVG_CNT_RELEASE_REQUESTS] = "release_requests",
	[OVG_CNT_CHANGE_EVENTS] = "change_events",
	[OVG_CNT_INSTANCE_EVENTS] = "instance_events",
	[OVG_CNT_VGPU_CHANGE_EVENTS] = "vgpu_change_events",
	[OVG_CNT_SETTINGS] = "settings",
	[OVG_CNT_SETTING_FAILURES] = "setting_failures",
};

/**
 * ovg_count() - one more
 * @gpu: GPU
 * @counter: of what
 */
void ovg_count(struct ovg_gpu *gpu, enum ovg_counter counter)
{
	atomic64_inc(&gpu->counters[counter]);
}

/**
 * ovg_counter_name() - for users
 * @counter: counter
 *
 * Return: its name.
 */
const char *ovg_counter_name(enum ovg_counter counter)
{
	return names[counter];
}

/**
 * ovg_levels() - what exists now
 * @gpu: GPU
 * @lnames: where the names go, %OVG_MAX_LEVELS
 * @values: where the values go
 *
 * Return: number of levels.
 */
u32 ovg_levels(struct ovg_gpu *gpu, const char **lnames, u64 *values)
{
	enum { VGPUS, HANDLES, OPEN, VFS, QUARANTINED, PLACES, INSTANCES,
	       PARENTS, NR };
	static const char * const level_names[NR] = {
		[VGPUS] = "vgpus_now",
		[HANDLES] = "handles_now",
		[OPEN] = "open_now",
		[VFS] = "vfs_bound_now",
		[QUARANTINED] = "quarantined_now",
		[PLACES] = "places_now",
		[INSTANCES] = "gpu_instances_now",
		[PARENTS] = "mdev_parents_now",
	};
	u64 level[NR] = { 0 };
	struct ovg_vgpu *vgpu;
	u32 i;

	BUILD_BUG_ON(NR > OVG_MAX_LEVELS);
	mutex_lock(&gpu->lock);
	for (i = 0; i < gpu->nr_slots; i++) {
		const struct ovg_slot *slot = &gpu->slots[i];

		level[VFS] += !!slot->vf;
		level[QUARANTINED] += slot->quarantined;
	}
	for (i = 0; i < OVG_MAX_VGPUS; i++)
		level[PLACES] += gpu->pool.place[i].used;
	for (i = 0; i < OVG_MAX_GIS; i++)
		level[INSTANCES] += gpu->pool.gi[i].used;
	list_for_each_entry(vgpu, &gpu->vgpus, node) {
		level[VGPUS]++;
		level[HANDLES] += vgpu->face->handles;
		level[OPEN] += vgpu->open;
	}
	mutex_unlock(&gpu->lock);
	level[PARENTS] = !!READ_ONCE(gpu->face_parent);
	for (i = 0; i < NR; i++) {
		lnames[i] = level_names[i];
		values[i] = level[i];
	}
	return NR;
}
