// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vGPU between open and close. The lock is never held over a call of the
 * provider; instead the state says who is at work:
 *
 *   RESERVED -> BOOTING	ovg_instance_begin(), sets @open
 *   BOOTING -> RUNNING		ovg_instance_boot()
 *   BOOTING -> RESERVED	... failed and undone; ovg_instance_abort()
 *   RUNNING -> CLOSING		ovg_instance_closing()
 *   CLOSING -> RESERVED	ovg_instance_closed(), clears @open
 *   BOOTING, CLOSING -> ERROR	the firmware has not let go: quarantine
 *
 * VFIO serialises open and close of one VF. Removal, type changes and unbinding
 * leave a vGPU alone while @open is set. A reset of the VF that is not part of open
 * or close itself and these two wait for each other: the slot's @worker and
 * @resetting.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "trace.h"

static int may_open(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	if (!vgpu) {
		ovg_refuse(gpu, slot, "VF has no vGPU type: write one of creatable_vgpu_types to current_vgpu_type");
		return -ENODEV;
	}
	if (slot->going || vgpu->removing || vgpu->dead) {
		ovg_refuse(gpu, slot, "vGPU is being removed: make another");
		return -ENODEV;
	}
	if (!ovg_gpu_usable(gpu)) {
		ovg_refuse(gpu, slot, "%s", ovg_gpu_status(gpu));
		return -ENODEV;
	}
	if (gpu->setting) {
		ovg_refuse(gpu, slot, "a setting of the GPU is being changed: try again");
		return -EBUSY;
	}
	if (vgpu->state == OVG_ERROR || slot->quarantined) {
		ovg_refuse(gpu, slot,
			   "firmware has not let go of this VF: reset the GPU");
		return -EIO;
	}
	if (vgpu->open || vgpu->state != OVG_RESERVED) {
		if (vgpu->open)
			ovg_refuse(gpu, slot, "vGPU is in use by process %d: stop its VM first",
				   vgpu->pid);
		else
			ovg_refuse(gpu, slot, "vGPU is still being closed: try again");
		return -EBUSY;
	}
	/* Its exit removes all vGPUs of the face and must not wait for a VM. */
	if (!try_module_get(vgpu->face->owner)) {
		ovg_refuse(gpu, slot, "module of the vGPU is being unloaded: load it again");
		return -ENODEV;
	}
	return 0;
}

/*
 * Between begin and abort, closing and closed. Whoever resets the VF holds its
 * device lock while it waits for us; VFIO only tries that lock in open and close.
 */
static void work_begin(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;

	lockdep_assert_held(&gpu->lock);
	while (slot->resetting) {
		mutex_unlock(&gpu->lock);
		wait_event(gpu->wq, !READ_ONCE(slot->resetting));
		mutex_lock(&gpu->lock);
	}
	WRITE_ONCE(slot->worker, current);
}

static void work_end(struct ovg_slot *slot)
{
	WRITE_ONCE(slot->worker, NULL);
	wake_up_all(&slot->gpu->wq);
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
	work_begin(slot);
	ret = may_open(slot);
	if (!ret) {
		slot->vgpu->open = true;
		slot->vgpu->died = false;
		slot->vgpu->pid = task_tgid_nr(current);
		ovg_events_clear(slot->vgpu);
		ovg_logs_drop(slot);
		ovg_vgpu_set_state(slot->vgpu, OVG_BOOTING);
	} else {
		work_end(slot);
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
	ovg_vgpu_set_state(slot->vgpu, OVG_ERROR);
	trace_openvgpu_vgpu(slot->vgpu, OVG_TRACE_QUARANTINED, why);
	ovg_pool_quarantine(&gpu->pool, slot->place);
	ovg_refuse(gpu, slot, "firmware has not let go: %.100s; reset the GPU", why);
	ovg_count(gpu, OVG_CNT_QUARANTINES);
	pci_err(gpu->pf, "vGPU %pUl: firmware has not let go of its memory, which stays out of use until the GPU is reset: %s\n",
		&slot->vgpu->uuid, why);
}

/*
 * Did firmware keep something? If it is lost, whatever it said: nothing is used
 * anew before the GPU was reset.
 */
static bool kept(struct ovg_gpu *gpu, int bad)
{
	return bad && gpu->state == OVG_GPU_READY;
}

/* The end of every use of a vGPU. */
static void unuse(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	vgpu->inst = NULL;
	vgpu->pid = 0;
	/* Users see that it is in error no more. */
	if (vgpu->died)
		ovg_slot_changed(slot);
	vgpu->died = false;
	ovg_events_clear(vgpu);
	work_end(slot);
	/* Removal may free the vGPU once the lock is dropped. */
	WRITE_ONCE(vgpu->open, false);
	module_put(vgpu->face->owner);
	if (gpu->state == OVG_GPU_DEAD && !ovg_gpu_any_open(gpu))
		ovg_gpu_queue_restart(gpu, 0);
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
	char *params;
	bool died;
	int ret, bad;

	params = kzalloc(OVG_FW_PARAMS_MAX, GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	/* Nobody changes these while the vGPU is open. */
	ret = ovg_vgpu_params_for_firmware(vgpu, params, OVG_FW_PARAMS_MAX);
	if (ret) {
		kfree(params);
		return ret;
	}
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
		.gi = place->gi,
		.params = params,
	};
	*device = par.type->guest_device;
	*subsystem = par.type->guest_subsystem;

	ret = gpu->prov_ops->open(gpu->prov, &par, &inst, why);
	kfree(params);
	bad = 0;

	mutex_lock(&gpu->lock);
	died = vgpu->died;
	if (!ret && !died) {
		vgpu->inst = inst;
		ovg_vgpu_set_state(vgpu, OVG_RUNNING);
		work_end(slot);
	}
	mutex_unlock(&gpu->lock);

	if (!ret && died) {
		/* It died before we could call it running. */
		ovg_logs_keep(slot, inst);
		bad = gpu->prov_ops->close(gpu->prov, inst, why);
		ret = -EIO;
	} else if (ret == -ENOTRECOVERABLE) {
		bad = ret;
	}
	if (ret) {
		mutex_lock(&gpu->lock);
		ovg_count(gpu, OVG_CNT_OPEN_FAILURES);
		if (died && !bad && !why[0])
			strscpy(why, slot->last_error, sizeof(why));
		if (kept(gpu, bad)) {
			quarantine(slot, why);
		} else {
			/* Firmware that died over undoing it keeps nothing. */
			if (ret == -ENOTRECOVERABLE)
				ret = -ENODEV;
			ovg_refuse(gpu, slot, "vGPU does not start: %.100s; try again, or reset the GPU",
				   why[0] ? why : "no reason given");
		}
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
		ovg_vgpu_set_state(slot->vgpu, OVG_RESERVED);
	unuse(slot);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_instance_closing() - the VFIO user has gone
 * @slot: slot of a running vGPU
 *
 * From here on neither a reset nor a reader of a log reaches the provider.
 */
void ovg_instance_closing(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	mutex_lock(&gpu->lock);
	ovg_vgpu_set_state(vgpu, OVG_CLOSING);
	work_begin(slot);
	mutex_unlock(&gpu->lock);
	wait_event(gpu->wq, !READ_ONCE(vgpu->readers));
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

	ovg_logs_keep(slot, vgpu->inst);
	ret = gpu->prov_ops->close(gpu->prov, vgpu->inst, why);

	mutex_lock(&gpu->lock);
	ovg_count(gpu, OVG_CNT_CLOSES);
	if (kept(gpu, ret)) {
		ovg_count(gpu, OVG_CNT_CLOSE_FAILURES);
		quarantine(slot, why);
	} else {
		ovg_vgpu_set_state(vgpu, OVG_RESERVED);
	}
	unuse(slot);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_instance_reset_prepare() - the VF is about to be reset
 * @slot: slot
 *
 * Called under the VF's device lock. Until ovg_instance_reset_done() nobody opens
 * or closes the vGPU; who does so now is waited for, which ends with the
 * provider's timeouts. The resets that are part of an open or a close pass.
 */
void ovg_instance_reset_prepare(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;

	mutex_lock(&gpu->lock);
	if (slot->worker != current) {
		/* First, so that nobody begins after the one we wait for. */
		WRITE_ONCE(slot->resetting, true);
		while (slot->worker) {
			mutex_unlock(&gpu->lock);
			wait_event(gpu->wq, !READ_ONCE(slot->worker));
			mutex_lock(&gpu->lock);
		}
	}
	mutex_unlock(&gpu->lock);
}

/* The VF of a vGPU that runs was reset; its user keeps it. */
static void reset_instance(struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;
	char why[OVG_WHY_MAX] = "";
	int ret;

	mutex_unlock(&gpu->lock);
	ret = gpu->prov_ops->reset(gpu->prov, vgpu->inst, why);
	mutex_lock(&gpu->lock);

	ovg_count(gpu, ret ? OVG_CNT_RESET_FAILURES : OVG_CNT_RESETS);
	trace_openvgpu_vgpu(vgpu, ret ? OVG_TRACE_RESET_FAILED :
			    OVG_TRACE_RESET, why);
	if (!ret)
		return;
	if (!vgpu->died)
		ovg_vgpu_died(vgpu, "vGPU does not reset: %.100s; stop its VM and start it again", why);
	pci_err(gpu->pf, "VF %u: vGPU does not reset: %s\n", slot->gfid - 1,
		why);
}

/**
 * ovg_instance_reset_done() - the VF was reset
 * @slot: slot
 *
 * Called under the VF's device lock. The firmware's side of a vGPU that runs is
 * reset too; that of another one is made anew, or goes.
 */
void ovg_instance_reset_done(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_vgpu *vgpu;

	mutex_lock(&gpu->lock);
	if (slot->resetting) {
		vgpu = slot->vgpu;
		if (vgpu && vgpu->state == OVG_RUNNING && !vgpu->died &&
		    ovg_gpu_usable(gpu))
			reset_instance(slot);
		/* Under the lock: close waits for it and removal for close. */
		WRITE_ONCE(slot->resetting, false);
		wake_up_all(&gpu->wq);
	}
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_instance_reset_result() - did the last reset leave a vGPU that works?
 * @slot: slot of an open vGPU
 *
 * Return: 0 or -EIO.
 */
int ovg_instance_reset_result(struct ovg_slot *slot)
{
	bool bad;

	mutex_lock(&slot->gpu->lock);
	bad = slot->vgpu->died;
	mutex_unlock(&slot->gpu->lock);
	return bad ? -EIO : 0;
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
		ovg_count(gpu, OVG_CNT_INSTANCE_DEATHS);
		ovg_vgpu_died(slot->vgpu, "vGPU died: %.100s; stop its VM and start it again", why);
	}
	mutex_unlock(&gpu->lock);
	if (hit)
		pci_err(gpu->pf, "VF %u: vGPU died: %s\n", gfid - 1, why);
}
