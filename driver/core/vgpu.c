// SPDX-License-Identifier: GPL-2.0-only
/* vGPUs: made, removed. What happens between open and close: instance.c. */
#include <linux/module.h>
#include <linux/slab.h>
#include "../compat/compat.h"
#include "trace.h"

/**
 * ovg_vgpu_alloc() - a vGPU with nothing reserved yet
 * @face: face that it is for
 * @priv: the face's own
 *
 * Return: vGPU for ovg_vgpu_create_locked(), or an ERR_PTR().
 */
struct ovg_vgpu *ovg_vgpu_alloc(const struct ovg_face *face, void *priv)
{
	struct ovg_vgpu *vgpu = kzalloc(sizeof(*vgpu), GFP_KERNEL);

	if (!vgpu)
		return ERR_PTR(-ENOMEM);
	vgpu->face = face;
	vgpu->priv = priv;
	vgpu->licence = OVG_VALUE_UNKNOWN;
	vgpu->os = OVG_VALUE_UNKNOWN;
	return vgpu;
}

static struct ovg_slot *free_slot(struct ovg_gpu *gpu)
{
	u32 i;

	for (i = 0; i < gpu->nr_slots; i++)
		if (ovg_slot_usable(&gpu->slots[i]))
			return &gpu->slots[i];
	return NULL;
}

static int create(struct ovg_gpu *gpu, struct ovg_slot *slot,
		  const guid_t *uuid, struct ovg_vgpu *vgpu)
{
	const struct ovg_type *type = &gpu->types[vgpu->type];
	struct ovg_slot *asked = slot;
	char why[OVG_WHY_MAX];
	enum ovg_fit fit;
	int ret;

	if (vgpu->face->handles && gpu->no_handles) {
		ovg_refuse(gpu, asked, "mdev parent is being unregistered: write 1 to vgpu/mdev when it is");
		return -ENODEV;
	}
	ret = ovg_type_refused(gpu, asked, type, NULL, why);
	if (ret) {
		ovg_refuse(gpu, asked, "%s", why);
		return ret;
	}
	if (!slot)
		slot = free_slot(gpu);
	fit = ovg_pool_take(&gpu->pool, type, NULL, &vgpu->place);
	if (fit) {
		ovg_fit_why(gpu, type, NULL, fit, why);
		ovg_refuse(gpu, asked, "%s", why);
		return -ENOSPC;
	}

	vgpu->gpu = gpu;
	vgpu->slot = slot;
	vgpu->uuid = *uuid;
	vgpu->state = OVG_RESERVED;
	slot->vgpu = vgpu;
	list_add_tail(&vgpu->node, &gpu->vgpus);
	ret = 0;
	if (vgpu->face->link)
		ret = vgpu->face->link(vgpu, &slot->vf->dev);
	if (ret) {
		slot->vgpu = NULL;
		list_del(&vgpu->node);
		ovg_pool_put(&gpu->pool, vgpu->place);
		ovg_refuse(gpu, asked, "cannot link to VF %s (error %d): bind the VF anew",
			   pci_name(slot->vf), ret);
		return ret;
	}
	trace_openvgpu_vgpu(vgpu, OVG_TRACE_CREATED, type->name);
	gpu->last_error[0] = '\0';
	slot->last_error[0] = '\0';
	ovg_gpu_update(gpu);
	ovg_notify_vgpu(vgpu, OVG_NOTICE_ADDED);
	return 0;
}

/**
 * ovg_vgpu_create_locked() - reserve resources and a VF for a vGPU
 * @gpu: GPU, locked
 * @slot: the VF to use, NULL for any
 * @uuid: its identity
 * @vgpu: from ovg_vgpu_alloc(), with its type set
 *
 * Return: 0, then the slot has it; or an error, then the caller frees it.
 */
int ovg_vgpu_create_locked(struct ovg_gpu *gpu, struct ovg_slot *slot,
			   const guid_t *uuid, struct ovg_vgpu *vgpu)
{
	int ret;

	lockdep_assert_held(&gpu->lock);
	ret = create(gpu, slot, uuid, vgpu);
	ovg_count(gpu, ret ? OVG_CNT_CREATE_REFUSALS : OVG_CNT_CREATES);
	return ret;
}

/**
 * ovg_vgpu_create() - make a handle on any free VF
 * @gpu: GPU
 * @slot: the VF to use, NULL for any
 * @type: index of its type
 * @uuid: its identity
 * @face: face that makes it
 * @priv: the face's own
 * @out: the vGPU; valid until the face calls ovg_vgpu_remove()
 *
 * Never waits for firmware or users.
 *
 * Return: 0 or an error; then the GPU's last error has the reason, which is
 * also logged, since a raw write into sysfs has no other way to learn it.
 */
int ovg_vgpu_create(struct ovg_gpu *gpu, struct ovg_slot *slot, u32 type,
		    const guid_t *uuid, const struct ovg_face *face, void *priv,
		    struct ovg_vgpu **out)
{
	struct ovg_vgpu *vgpu = ovg_vgpu_alloc(face, priv);
	char why[OVG_WHY_MAX];
	int ret;

	if (IS_ERR(vgpu))
		return PTR_ERR(vgpu);
	vgpu->type = type;
	/* The face may look at it from link() on. */
	*out = vgpu;
	mutex_lock(&gpu->lock);
	ret = ovg_vgpu_create_locked(gpu, slot, uuid, vgpu);
	strscpy(why, gpu->last_error, sizeof(why));
	mutex_unlock(&gpu->lock);
	if (ret) {
		*out = NULL;
		ovg_vgpu_free(vgpu);
		if (__ratelimit(&gpu->refusals))
			pci_notice(gpu->pf, "vGPU %pUl refused: %s\n", uuid,
				   why);
	}
	return ret;
}
OVG_EXPORT(ovg_vgpu_create);

/**
 * ovg_vgpu_release() - give back what a closed vGPU has
 * @vgpu: vGPU of a locked GPU
 *
 * What the firmware has not let go of stays out of use. The caller frees it.
 */
void ovg_vgpu_release(struct ovg_vgpu *vgpu)
{
	struct ovg_gpu *gpu = vgpu->gpu;

	lockdep_assert_held(&gpu->lock);
	trace_openvgpu_vgpu(vgpu, OVG_TRACE_REMOVED, "");
	ovg_notify_vgpu(vgpu, OVG_NOTICE_REMOVED);
	if (vgpu->slot)
		ovg_slot_leave(vgpu);
	if (vgpu->place != OVG_NO_PLACE)
		ovg_pool_put(&gpu->pool, vgpu->place);
	list_del(&vgpu->node);
	ovg_count(gpu, OVG_CNT_REMOVES);
	ovg_gpu_update(gpu);
}

/*
 * mdev core gives remove no way to refuse, so it waits as VFIO itself does when
 * a device in use is taken away: asks the user again and again, tells once if
 * the waiting process is signalled, and cannot be interrupted.
 */
static void wait_closed(struct ovg_vgpu *vgpu)
{
	struct ovg_gpu *gpu = vgpu->gpu;
	struct ovg_slot *slot;
	bool told = false;
	unsigned int n = 0;
	long left;

	while (vgpu->open) {
		/* An open vGPU has its slot, which has its VF. */
		slot = vgpu->slot;
		if (slot->vf) {
			ovg_count(gpu, OVG_CNT_RELEASE_REQUESTS);
			ovg_slot_request(slot, n++);
			/* The lock was dropped. */
			if (!vgpu->open)
				break;
		}
		mutex_unlock(&gpu->lock);
		if (told) {
			wait_event_timeout(gpu->wq, !READ_ONCE(vgpu->open),
					   10 * HZ);
		} else {
			left = wait_event_interruptible_timeout(gpu->wq,
					!READ_ONCE(vgpu->open), 10 * HZ);
			told = left < 0;
			if (told)
				pci_warn(gpu->pf, "vGPU %pUl is in use: \"%s\" (%d) waits until it is released\n",
					 &vgpu->uuid, current->comm,
					 task_pid_nr(current));
		}
		mutex_lock(&gpu->lock);
	}
}

/**
 * ovg_vgpu_remove() - remove a handle, waiting for its user
 * @vgpu: from ovg_vgpu_create(); freed
 */
void ovg_vgpu_remove(struct ovg_vgpu *vgpu)
{
	struct ovg_gpu *gpu = vgpu->gpu;

	mutex_lock(&gpu->lock);
	vgpu->removing = true;
	if (vgpu->face->unlink && !vgpu->dead)
		vgpu->face->unlink(vgpu);
	wait_closed(vgpu);
	ovg_vgpu_release(vgpu);
	mutex_unlock(&gpu->lock);
	ovg_vgpu_free(vgpu);
}
OVG_EXPORT(ovg_vgpu_remove);

/**
 * ovg_vgpu_set_state() - the one place where @state changes once it has one
 * @vgpu: vGPU of a locked GPU
 * @state: new state
 */
void ovg_vgpu_set_state(struct ovg_vgpu *vgpu, enum ovg_state state)
{
	lockdep_assert_held(&vgpu->gpu->lock);
	trace_openvgpu_vgpu_state(vgpu, state);
	vgpu->state = state;
	ovg_notify_vgpu(vgpu, OVG_NOTICE_STATE);
}

/**
 * ovg_vgpu_died() - the firmware's side is gone under an open vGPU
 * @vgpu: open vGPU of a locked GPU, not yet died
 * @fmt: why, without newline
 *
 * Its user is told and keeps what it has.
 */
void ovg_vgpu_died(struct ovg_vgpu *vgpu, const char *fmt, ...)
{
	struct ovg_slot *slot = vgpu->slot;
	char why[OVG_WHY_MAX];
	va_list args;

	lockdep_assert_held(&vgpu->gpu->lock);
	va_start(args, fmt);
	vsnprintf(why, sizeof(why), fmt, args);
	va_end(args);
	vgpu->died = true;
	ovg_refuse(vgpu->gpu, slot, "%s", why);
	trace_openvgpu_vgpu(vgpu, OVG_TRACE_DIED, why);
	ovg_notify_vgpu(vgpu, OVG_NOTICE_STATE);
	ovg_slot_changed(slot);
	ovg_slot_error(slot);
}

/**
 * ovg_vgpu_state() - for users
 * @vgpu: vGPU of a locked GPU
 *
 * Return: a word.
 */
const char *ovg_vgpu_state(const struct ovg_vgpu *vgpu)
{
	return vgpu->dead ? "dead" : ovg_slot_state(vgpu->slot);
}
OVG_EXPORT(ovg_vgpu_state);
