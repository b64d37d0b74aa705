// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is told of a vGPU that runs: its guest's driver, licence and OS, and how
 * busy it is. Users read it as long as the vGPU is open.
 */
#include <linux/kobject.h>
#include "trace.h"

/* The open vGPU of a gfid; the provider tells of no other, but who knows. */
static struct ovg_vgpu *open_vgpu(struct ovg_gpu *gpu, u32 gfid)
{
	struct ovg_vgpu *vgpu;

	lockdep_assert_held(&gpu->lock);
	if (!gfid || gfid > gpu->nr_slots)
		return NULL;
	vgpu = gpu->slots[gfid - 1].vgpu;
	return vgpu && vgpu->open ? vgpu : NULL;
}

/**
 * ovg_instance_event() - something happened inside a vGPU
 * @gpu: GPU
 * @gfid: which
 * @what: what
 * @value: see &enum ovg_instance_event
 */
void ovg_instance_event(struct ovg_gpu *gpu, u32 gfid,
			enum ovg_instance_event what, u32 value)
{
	struct ovg_vgpu *vgpu;
	bool changed = false;

	mutex_lock(&gpu->lock);
	vgpu = open_vgpu(gpu, gfid);
	if (!vgpu)
		goto out;
	ovg_count(gpu, OVG_CNT_INSTANCE_EVENTS);
	trace_openvgpu_instance_event(vgpu, what, value);
	switch (what) {
	case OVG_EV_GUEST_LOADED:
	case OVG_EV_GUEST_UNLOADED:
		changed = vgpu->guest != (what == OVG_EV_GUEST_LOADED);
		vgpu->guest = what == OVG_EV_GUEST_LOADED;
		break;
	case OVG_EV_LICENCE:
		/* Of an unknown state, that it has changed is the news. */
		changed = vgpu->licence != value || value == OVG_VALUE_UNKNOWN;
		vgpu->licence = value;
		break;
	case OVG_EV_OS:
		changed = vgpu->os != value || value == OVG_VALUE_UNKNOWN;
		vgpu->os = value;
		break;
	}
	if (changed)
		ovg_slot_changed(vgpu->slot);
out:
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_instance_usage() - how busy a vGPU was
 * @gpu: GPU
 * @gfid: which
 * @usage: new figure
 */
void ovg_instance_usage(struct ovg_gpu *gpu, u32 gfid,
			const struct ovg_usage *usage)
{
	struct ovg_vgpu *vgpu;

	mutex_lock(&gpu->lock);
	vgpu = open_vgpu(gpu, gfid);
	if (vgpu)
		vgpu->usage = *usage;
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_events_clear() - nothing is known of a vGPU that is not open
 * @vgpu: vGPU of a locked GPU, with its slot
 */
void ovg_events_clear(struct ovg_vgpu *vgpu)
{
	lockdep_assert_held(&vgpu->gpu->lock);
	if (vgpu->guest || vgpu->licence != OVG_VALUE_UNKNOWN ||
	    vgpu->os != OVG_VALUE_UNKNOWN)
		ovg_slot_changed(vgpu->slot);
	vgpu->guest = false;
	vgpu->licence = OVG_VALUE_UNKNOWN;
	vgpu->os = OVG_VALUE_UNKNOWN;
	memset(&vgpu->usage, 0, sizeof(vgpu->usage));
}

/**
 * ovg_slot_changed() - what users read of the vGPU of this VF has changed
 * @slot: slot of a locked GPU
 *
 * They are told in a second, once for all that happens until then: each time
 * costs libvirt two runs of mdevctl.
 */
void ovg_slot_changed(struct ovg_slot *slot)
{
	lockdep_assert_held(&slot->gpu->lock);
	slot->changed = true;
	/* Does nothing if it is pending already. */
	if (!slot->gpu->going)
		schedule_delayed_work(&slot->gpu->event_work, HZ);
}

/**
 * ovg_slot_change_work() - work: the change events of the vGPUs
 * @work: of the GPU
 */
void ovg_slot_change_work(struct work_struct *work)
{
	struct ovg_gpu *gpu = container_of(to_delayed_work(work),
					   struct ovg_gpu, event_work);
	u32 i;

	mutex_lock(&gpu->lock);
	for (i = 0; i < gpu->nr_slots; i++) {
		struct ovg_slot *slot = &gpu->slots[i];
		struct ovg_vgpu *vgpu = slot->vgpu;

		if (!slot->changed)
			continue;
		slot->changed = false;
		/* Its removal or its death as a handle is an event by itself. */
		if (!slot->vf || !vgpu || vgpu->removing || vgpu->dead)
			continue;
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
		ovg_count(gpu, OVG_CNT_VGPU_CHANGE_EVENTS);
		if (vgpu->face->changed)
			vgpu->face->changed(vgpu);
		else
			kobject_uevent(&slot->vf->dev.kobj, KOBJ_CHANGE);
	}
	mutex_unlock(&gpu->lock);
}
