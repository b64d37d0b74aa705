// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reset of the whole GPU: the firmware is gone with everything it had, so what
 * was quarantined is free again. It is started anew once no VM holds a VF.
 */
#include <linux/slab.h>
#include "core.h"

static bool any_open(struct ovg_gpu *gpu)
{
	struct ovg_vgpu *vgpu;

	list_for_each_entry(vgpu, &gpu->vgpus, node)
		if (vgpu->open)
			return true;
	return false;
}

/**
 * ovg_gpu_reset_prepare() - the PF is about to be reset
 * @gpu: GPU
 */
void ovg_gpu_reset_prepare(struct ovg_gpu *gpu)
{
	bool used;

	mutex_lock(&gpu->lock);
	used = any_open(gpu);
	mutex_unlock(&gpu->lock);
	/* With nobody on it whoever asked for the reset knows enough. */
	if (used)
		pci_warn(gpu->pf, "reset while vGPUs are open: they are lost\n");
	ovg_gpu_firmware_died(gpu, "GPU is being reset");
}

/**
 * ovg_gpu_reset_done() - the PF was reset
 * @gpu: GPU
 */
void ovg_gpu_reset_done(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->prov && !gpu->going) {
		gpu->recover_wanted = true;
		strscpy(gpu->fw_why, "GPU was reset; waiting for open vGPUs to be closed",
			sizeof(gpu->fw_why));
		schedule_work(&gpu->recover_work);
	}
	mutex_unlock(&gpu->lock);
}

/* Same board, same catalogue? Types are referred to by index. */
static bool same_types(struct ovg_gpu *gpu)
{
	const struct ovg_type *types;
	u32 i, count = 0;

	types = gpu->prov_ops->types(gpu->prov, &count);
	if (count != gpu->nr_types)
		return false;
	for (i = 0; i < count; i++)
		if (types[i].id != gpu->types[i].id ||
		    types[i].profile_bytes != gpu->types[i].profile_bytes)
			return false;
	for (i = 0; i < count; i++)
		gpu->types[i].record = types[i].record;
	return true;
}

static void leave_quarantine(struct ovg_gpu *gpu)
{
	u32 i;

	for (i = 0; i < gpu->nr_slots; i++) {
		struct ovg_slot *slot = &gpu->slots[i];

		if (!slot->quarantined)
			continue;
		slot->quarantined = false;
		slot->last_error[0] = '\0';
		/* A vGPU that is still there goes on with what it had. */
		if (slot->vgpu && slot->vgpu->state == OVG_ERROR) {
			gpu->pool.place[slot->place].quarantined = false;
			slot->vgpu->state = OVG_RESERVED;
		} else {
			ovg_pool_put(&gpu->pool, slot->place);
		}
	}
}

/**
 * ovg_gpu_recover() - work: start the firmware anew after a GPU reset
 * @work: of the GPU
 *
 * @recovering keeps vGPUs from being opened meanwhile, so the provider is ours
 * alone although the lock is not held. Queued again by the last close.
 */
void ovg_gpu_recover(struct work_struct *work)
{
	struct ovg_gpu *gpu = container_of(work, struct ovg_gpu, recover_work);
	char why[OVG_WHY_MAX] = "";
	int ret;

	mutex_lock(&gpu->lock);
	if (!gpu->recover_wanted || gpu->going || any_open(gpu)) {
		mutex_unlock(&gpu->lock);
		return;
	}
	gpu->recover_wanted = false;
	gpu->recovering = true;
	mutex_unlock(&gpu->lock);

	gpu->prov_ops->detach(gpu->prov);
	gpu->prov = NULL;
	ret = gpu->prov_ops->attach(gpu->pf, &ovg_gpu_events, gpu, &gpu->prov,
				    why);
	if (ret)
		gpu->prov = NULL;

	mutex_lock(&gpu->lock);
	gpu->recovering = false;
	if (ret) {
		gpu->attach_error = -ENODEV;
		snprintf(gpu->attach_why, sizeof(gpu->attach_why),
			 "firmware does not start after GPU reset: %.100s",
			 why[0] ? why : "no reason given");
	} else if (!same_types(gpu)) {
		strscpy(gpu->fw_why, "types have changed over GPU reset: bind the driver anew",
			sizeof(gpu->fw_why));
	} else {
		leave_quarantine(gpu);
		gpu->fw_why[0] = '\0';
		ovg_count(gpu, OVG_CNT_RECOVERIES);
	}
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
}
