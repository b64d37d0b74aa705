// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an administrator sets for one vGPU, between its creation and its opening: mdevctl
 * and libvirt write attributes when the mdev is there already. Latched, and applied when
 * VFIO opens it; so nothing of it can change while it is open.
 */
#include <linux/slab.h>
#include "../compat/compat.h"
#include "core.h"
#include "params.h"

static int refuse_open(struct ovg_vgpu *vgpu)
{
	if (!vgpu->open)
		return 0;
	ovg_refuse(vgpu->gpu, vgpu->slot, "vGPU is in use by process %d", vgpu->pid);
	return -EBUSY;
}

static int refuse_dead(struct ovg_vgpu *vgpu)
{
	if (!vgpu->dead && !vgpu->removing && vgpu->slot)
		return 0;
	ovg_refuse(vgpu->gpu, NULL, "vGPU %pUl has no VF any more", &vgpu->uuid);
	return -ENODEV;
}

/**
 * ovg_vgpu_set_params() - replace the vgpu_params
 * @vgpu: vGPU of a locked GPU
 * @buf: text, with or without newline
 * @count: bytes of it
 *
 * Return: 0, or an error with the reason.
 */
int ovg_vgpu_set_params(struct ovg_vgpu *vgpu, const char *buf, size_t count)
{
	char why[OVG_WHY_MAX] = "";
	char *params;
	int ret;

	lockdep_assert_held(&vgpu->gpu->lock);
	ret = refuse_dead(vgpu);
	if (ret)
		return ret;
	params = kmalloc(sizeof(vgpu->params), GFP_KERNEL);
	if (!params)
		return -ENOMEM;
	/* Too long is so whatever the vGPU does. */
	ret = ovg_params_check(buf, count, params, sizeof(vgpu->params), why, sizeof(why));
	if (ret != -E2BIG && vgpu->open)
		ret = refuse_open(vgpu);
	else if (ret)
		ovg_refuse(vgpu->gpu, vgpu->slot, "%s", why);
	if (!ret && strcmp(vgpu->params, params)) {
		strscpy(vgpu->params, params, sizeof(vgpu->params));
		ovg_slot_changed(vgpu->slot);
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
	}
	kfree(params);
	return ret;
}
OVG_EXPORT(ovg_vgpu_set_params);

/**
 * ovg_vgpu_params_for_firmware() - what the firmware's side of a vGPU gets
 * @vgpu: vGPU that nobody changes: open, or its GPU locked
 * @buf: "vgpu_type_id=N,key=value,..."
 * @size: bytes there
 *
 * Return: 0 or -E2BIG.
 */
int ovg_vgpu_params_for_firmware(const struct ovg_vgpu *vgpu, char *buf, size_t size)
{
	return ovg_params_join(vgpu->gpu->types[vgpu->type].id, vgpu->params, buf, size);
}

/* May the vGPU be given another place now? */
static int may_move(struct ovg_vgpu *vgpu)
{
	struct ovg_gpu *gpu = vgpu->gpu;
	int ret;

	ret = refuse_dead(vgpu);
	if (!ret)
		ret = refuse_open(vgpu);
	if (ret)
		return ret;
	if (!ovg_gpu_usable(gpu)) {
		ovg_refuse(gpu, vgpu->slot, "%s", ovg_gpu_status(gpu));
		return -ENODEV;
	}
	/* It might be the GPU instance that is being destroyed. */
	if (gpu->setting) {
		ovg_refuse(gpu, vgpu->slot, "a setting of the GPU is being changed");
		return -EBUSY;
	}
	if (vgpu->state == OVG_ERROR || vgpu->slot->quarantined) {
		ovg_refuse(gpu, vgpu->slot, "firmware has not let go of this VF: reset the GPU");
		return -EIO;
	}
	return 0;
}

static enum ovg_fit move(struct ovg_vgpu *vgpu, const struct ovg_wish *wish)
{
	struct ovg_gpu *gpu = vgpu->gpu;
	const struct ovg_type *type = &gpu->types[vgpu->type];
	struct ovg_place *place = &gpu->pool.place[vgpu->place];
	struct ovg_place before = *place;
	char why[OVG_WHY_MAX];
	enum ovg_fit fit;

	fit = ovg_pool_move(&gpu->pool, vgpu->place, type, wish);
	if (fit) {
		ovg_fit_why(gpu, type, wish, fit, why);
		ovg_refuse(gpu, vgpu->slot, "%s", why);
	} else if (place->id != before.id || place->gi != before.gi) {
		ovg_slot_changed(vgpu->slot);
		ovg_gpu_update(gpu);
	}
	return fit;
}

/**
 * ovg_vgpu_set_placement() - choose where on the GPU a vGPU sits
 * @vgpu: vGPU of a locked GPU
 * @id: one of the placement ids of its type
 *
 * Return: 0, or an error with the reason; then it sits where it sat.
 */
int ovg_vgpu_set_placement(struct ovg_vgpu *vgpu, u16 id)
{
	struct ovg_gpu *gpu = vgpu->gpu;
	const struct ovg_type *type = &gpu->types[vgpu->type];
	struct ovg_wish wish = { .id = id };
	int ret;

	lockdep_assert_held(&gpu->lock);
	ret = may_move(vgpu);
	if (ret)
		return ret;
	if (gpu->pool.place[vgpu->place].id == OVG_PLACEMENT_NONE) {
		ovg_refuse(gpu, vgpu->slot, "%s has no placement ids in this mode of the GPU",
			   type->name);
		return -EOPNOTSUPP;
	}
	/* Which as a wish is "any". */
	if (id == OVG_PLACEMENT_NONE) {
		ovg_refuse(gpu, vgpu->slot, "%u is no placement id of %s", id, type->name);
		return -EINVAL;
	}
	wish.gi = gpu->pool.place[vgpu->place].gi;
	switch (move(vgpu, &wish)) {
	case OVG_FIT_OK:
		vgpu->pinned = true;
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
		return 0;
	case OVG_FIT_NO_IDS:
		return -EOPNOTSUPP;
	case OVG_FIT_NO_ID:
		return -EINVAL;
	default:
		return -ENOSPC;
	}
}
OVG_EXPORT(ovg_vgpu_set_placement);

/**
 * ovg_vgpu_set_gi() - choose the GPU instance that a vGPU lives in
 * @vgpu: vGPU of a locked GPU
 * @gi: id of the instance
 *
 * Return: 0, or an error with the reason; then it stays where it is.
 */
int ovg_vgpu_set_gi(struct ovg_vgpu *vgpu, u32 gi)
{
	struct ovg_wish wish = { .id = OVG_PLACEMENT_NONE, .gi = gi };
	struct ovg_gpu *gpu = vgpu->gpu;
	int ret;

	lockdep_assert_held(&gpu->lock);
	ret = may_move(vgpu);
	if (ret)
		return ret;
	if (!gpu->pool.mig) {
		ovg_refuse(gpu, vgpu->slot, "MIG is off: there are no GPU instances");
		return -EINVAL;
	}
	/* A place that the user chose in it stays. */
	if (gi == gpu->pool.place[vgpu->place].gi)
		return 0;
	/* Which as a wish is "any". */
	if (gi == OVG_GI_NONE) {
		ovg_refuse(gpu, vgpu->slot, "there is no GPU instance %u", gi);
		return -EINVAL;
	}
	switch (move(vgpu, &wish)) {
	case OVG_FIT_OK:
		vgpu->pinned = false;
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
		return 0;
	case OVG_FIT_GI:
	case OVG_FIT_NO_GI:
	case OVG_FIT_MIG:
	case OVG_FIT_NO_MIG:
		return -EINVAL;
	default:
		return -ENOSPC;
	}
}
OVG_EXPORT(ovg_vgpu_set_gi);

/**
 * ovg_vgpu_set_vm_name() - say whose vGPU this is
 * @vgpu: vGPU of a locked GPU
 * @buf: printable ASCII, with or without newline; empty clears
 * @count: bytes of it
 *
 * For people, the firmware is not told. Unlike the others also while it is open: who
 * makes the VM may learn its name late.
 *
 * Return: 0, or an error with the reason.
 */
int ovg_vgpu_set_vm_name(struct ovg_vgpu *vgpu, const char *buf, size_t count)
{
	size_t i;

	lockdep_assert_held(&vgpu->gpu->lock);
	if (count && buf[count - 1] == '\n')
		count--;
	if (count > OVG_VM_NAME_MAX) {
		ovg_refuse(vgpu->gpu, vgpu->slot, "name of the VM is longer than %d bytes",
			   OVG_VM_NAME_MAX);
		return -EINVAL;
	}
	for (i = 0; i < count; i++)
		if (buf[i] < 0x20 || buf[i] > 0x7e) {
			ovg_refuse(vgpu->gpu, vgpu->slot, "name of the VM is not printable");
			return -EINVAL;
		}
	memcpy(vgpu->vm_name, buf, count);
	vgpu->vm_name[count] = '\0';
	ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
	return 0;
}
OVG_EXPORT(ovg_vgpu_set_vm_name);
