// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vGPU between open and close. The lock is never held over a call of the
 * provider; instead the state says who is at work:
 *
 *   RESERVED -> BOOTING	ovg_instance_begin(), sets @open
 *   BOOTING -> RUNNING		ovg_instance_boot()
 *   BOOTING -> RESERVED	... failed and undone; ovg_instance_abort()
 *   RUNNING -> CLOSING		ovg_instance_closing(), after a reset has ended
 *   CLOSING -> RESERVED	ovg_instance_closed(), clears @open
 *   BOOTING, CLOSING -> ERROR	the firmware has not let go: quarantine
 *
 * VFIO serialises open and close of one VF. Removal, type changes and unbinding
 * leave a vGPU alone while @open is set.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include "core.h"

static int may_open(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	if (!vgpu) {
		ovg_refuse(gpu, slot, "VF has no vGPU type");
		return -ENODEV;
	}
	if (slot->going || vgpu->removing || vgpu->dead) {
		ovg_refuse(gpu, slot, "vGPU is being removed");
		return -ENODEV;
	}
	if (!ovg_gpu_usable(gpu)) {
		ovg_refuse(gpu, slot, "%s", ovg_gpu_status(gpu));
		return -ENODEV;
	}
	if (vgpu->state == OVG_ERROR || slot->quarantined) {
		ovg_refuse(gpu, slot,
			   "firmware has not let go of this VF: reset the GPU");
		return -EIO;
	}
	if (vgpu->open || vgpu->state != OVG_RESERVED) {
		ovg_refuse(gpu, slot, "vGPU is in use");
		return -EBUSY;
	}
	/* Its exit removes all vGPUs of the face and must not wait for a VM. */
	if (!try_module_get(vgpu->face->owner)) {
		ovg_refuse(gpu, slot, "module of the vGPU is being unloaded");
		return -ENODEV;
	}
	return 0;
}

/**
 * ovg_instance_begin() - a VFIO user opens the VF
 * @slot: slot
 *
 * Return: 0, then the vGPU stays until ovg_instance_abort() or _closed().
 */
int ovg_instance_begin(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;
	int ret;

	mutex_lock(&gpu->lock);
	ret = may_open(slot);
	if (!ret) {
		slot->vgpu->open = true;
		slot->vgpu->died = false;
		slot->vgpu->state = OVG_BOOTING;
		slot->vgpu->pid = task_tgid_nr(current);
	}
	ovg_count(gpu, ret ? OVG_CNT_OPEN_REFUSALS : OVG_CNT_OPENS);
	mutex_unlock(&gpu->lock);
	return ret;
}

static void quarantine(struct ovg_slot *slot, const char *why)
{
	struct ovg_gpu *gpu = slot->gpu;

	slot->quarantined = true;
	slot->place = slot->vgpu->place;
	slot->vgpu->state = OVG_ERROR;
	ovg_pool_quarantine(&gpu->pool, slot->place);
	ovg_refuse(gpu, slot, "firmware has not let go: %.100s", why);
	ovg_count(gpu, OVG_CNT_QUARANTINES);
	pci_err(gpu->pf, "vGPU %pUl: firmware has not let go of its memory, which stays out of use until the GPU is reset: %s\n",
		&slot->vgpu->uuid, why);
}

/* The end of every use of a vGPU. */
static void unuse(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	vgpu->inst = NULL;
	vgpu->pid = 0;
	vgpu->died = false;
	/* Removal may free the vGPU once the lock is dropped. */
	WRITE_ONCE(vgpu->open, false);
	module_put(vgpu->face->owner);
	if (gpu->recover_wanted && !gpu->going)
		schedule_work(&gpu->recover_work);
	ovg_gpu_update(gpu);
	wake_up_all(&gpu->wq);
}

/**
 * ovg_instance_boot() - start the firmware's side
 * @slot: slot after ovg_instance_begin(), VF enabled and reset
 * @device: PCI device id that the guest shall see
 * @subsystem: PCI subsystem id that the guest shall see
 *
 * Return: 0 or an error; then ovg_instance_abort() must follow.
 */
int ovg_instance_boot(struct ovg_slot *slot, u16 *device, u16 *subsystem)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_instance_params par;
	struct ovg_instance *inst = NULL;
	const struct ovg_place *place = &gpu->pool.place[vgpu->place];
	char why[OVG_WHY_MAX] = "";
	bool died;
	int ret, bad;

	/* Nobody changes these while the vGPU is open. */
	par = (struct ovg_instance_params) {
		.gfid = slot->gfid,
		.vf = slot->vf,
		.type = &gpu->types[vgpu->type],
		.uuid = vgpu->uuid,
		.pid = vgpu->pid,
		.fb_offset = place->fb_offset,
		.fb_size = place->fb_size,
		.heap_offset = place->heap_offset,
		.heap_size = place->heap_size,
		.chid_offset = place->chid_offset,
		.chid_count = place->chid_count,
		.placement_id = place->id,
		.params = vgpu->params,
	};
	*device = par.type->guest_device;
	*subsystem = par.type->guest_subsystem;

	ret = gpu->prov_ops->open(gpu->prov, &par, &inst, why);
	bad = 0;

	mutex_lock(&gpu->lock);
	died = vgpu->died;
	if (!ret && !died) {
		vgpu->inst = inst;
		vgpu->state = OVG_RUNNING;
		ovg_gpu_update(gpu);
	}
	mutex_unlock(&gpu->lock);

	if (!ret && died) {
		/* It died before we could call it running. */
		bad = gpu->prov_ops->close(gpu->prov, inst, why);
		ret = -EIO;
	} else if (ret == -ENOTRECOVERABLE) {
		bad = ret;
	}
	if (ret) {
		mutex_lock(&gpu->lock);
		ovg_count(gpu, OVG_CNT_OPEN_FAILURES);
		if (bad)
			quarantine(slot, why);
		else
			ovg_refuse(gpu, slot, "vGPU does not start: %.100s",
				   why[0] ? why : "no reason given");
		mutex_unlock(&gpu->lock);
		pci_err(slot->vf, "vGPU does not start (error %d): %s\n", ret,
			why);
	}
	return ret;
}

/**
 * ovg_instance_abort() - the open has failed after ovg_instance_begin()
 * @slot: slot
 */
void ovg_instance_abort(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;

	mutex_lock(&gpu->lock);
	if (slot->vgpu->state == OVG_BOOTING)
		slot->vgpu->state = OVG_RESERVED;
	unuse(slot);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_instance_closing() - the VFIO user has gone
 * @slot: slot of a running vGPU
 *
 * From here on no reset reaches the provider.
 */
void ovg_instance_closing(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	mutex_lock(&gpu->lock);
	vgpu->state = OVG_CLOSING;
	mutex_unlock(&gpu->lock);
	wait_event(gpu->wq, !READ_ONCE(vgpu->in_reset));
}

/**
 * ovg_instance_closed() - stop the firmware's side
 * @slot: slot after ovg_instance_closing(), VF disabled
 */
void ovg_instance_closed(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;
	char why[OVG_WHY_MAX] = "";
	int ret;

	ret = gpu->prov_ops->close(gpu->prov, vgpu->inst, why);

	mutex_lock(&gpu->lock);
	ovg_count(gpu, OVG_CNT_CLOSES);
	/* After a reset of the GPU there is no firmware to hold anything. */
	if (ret && !gpu->recover_wanted) {
		ovg_count(gpu, OVG_CNT_CLOSE_FAILURES);
		quarantine(slot, why);
	} else {
		vgpu->state = OVG_RESERVED;
	}
	unuse(slot);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_instance_reset() - the VF was reset by its FLR
 * @slot: slot
 *
 * Called under the VF's device lock. While the vGPU boots or closes there is
 * nothing to do: the firmware's side is made anew or goes.
 */
void ovg_instance_reset(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu;
	struct ovg_gpu *gpu = slot->gpu;
	char why[OVG_WHY_MAX] = "";
	int ret;

	mutex_lock(&gpu->lock);
	vgpu = slot->vgpu;
	if (!vgpu || vgpu->state != OVG_RUNNING || vgpu->died ||
	    vgpu->in_reset || !ovg_gpu_usable(gpu)) {
		mutex_unlock(&gpu->lock);
		return;
	}
	vgpu->in_reset = true;
	mutex_unlock(&gpu->lock);

	ret = gpu->prov_ops->reset(gpu->prov, vgpu->inst, why);

	mutex_lock(&gpu->lock);
	ovg_count(gpu, ret ? OVG_CNT_RESET_FAILURES : OVG_CNT_RESETS);
	if (ret) {
		vgpu->died = true;
		ovg_refuse(gpu, slot, "vGPU does not reset: %.100s", why);
		ovg_slot_error(slot);
	}
	/* Under the lock: close waits for it and removal for close. */
	WRITE_ONCE(vgpu->in_reset, false);
	wake_up_all(&gpu->wq);
	mutex_unlock(&gpu->lock);
	if (ret)
		pci_err(gpu->pf, "VF %u: vGPU does not reset: %s\n",
			slot->gfid - 1, why);
}

/**
 * ovg_instance_died() - the firmware's side of a vGPU is gone
 * @gpu: GPU
 * @gfid: which
 * @why: for the log
 *
 * The user is told and keeps what it has; close tidies up.
 */
void ovg_instance_died(struct ovg_gpu *gpu, u32 gfid, const char *why)
{
	struct ovg_slot *slot;
	bool hit = false;

	if (!gfid || gfid > gpu->nr_slots)
		return;
	slot = &gpu->slots[gfid - 1];
	mutex_lock(&gpu->lock);
	if (slot->vgpu && slot->vgpu->open && !slot->vgpu->died &&
	    slot->vgpu->state != OVG_CLOSING) {
		hit = true;
		slot->vgpu->died = true;
		ovg_refuse(gpu, slot, "vGPU died: %.100s", why);
		ovg_count(gpu, OVG_CNT_INSTANCE_DEATHS);
		ovg_slot_error(slot);
	}
	mutex_unlock(&gpu->lock);
	if (hit)
		pci_err(gpu->pf, "VF %u: vGPU died: %s\n", gfid - 1, why);
}
