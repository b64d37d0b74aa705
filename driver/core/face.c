// SPDX-License-Identifier: GPL-2.0-only
/*
 * The face that wants to know GPUs as parents (openvgpu_mdev): it may be loaded
 * or not, and unloaded again.
 *
 * A vGPU that is open holds a reference on the module of its face. So the
 * module's exit runs only when no handle is open, and none can be opened, since
 * try_module_get() fails by then: it removes the idle ones, and nothing under
 * faces_lock waits for a VM. The lock is not taken for anything that happens to
 * a vGPU.
 */
#include <linux/module.h>
#include "../compat/compat.h"
#include "core.h"

/* Outermost lock; protects the two below, face_parent and face_node. */
static DEFINE_MUTEX(faces_lock);
static const struct ovg_face *parent_face;
static LIST_HEAD(gpus);

/**
 * ovg_face_add_gpu() - a face may look at this GPU from now on
 * @gpu: GPU
 */
void ovg_face_add_gpu(struct ovg_gpu *gpu)
{
	mutex_lock(&faces_lock);
	list_add_tail(&gpu->face_node, &gpus);
	mutex_unlock(&faces_lock);
}

/**
 * ovg_face_del_gpu() - unregister a GPU with its handles, for good
 * @gpu: GPU that lets no new vGPU in
 *
 * Waits for the users of the handles, therefore without the lock. The face's
 * module is held meanwhile. If that fails its exit has begun: then no handle
 * is open, and exit waits for us.
 */
void ovg_face_del_gpu(struct ovg_gpu *gpu)
{
	const struct ovg_face *face;
	void *parent;

	mutex_lock(&faces_lock);
	list_del_init(&gpu->face_node);
	face = parent_face;
	parent = gpu->face_parent;
	WRITE_ONCE(gpu->face_parent, NULL);
	if (parent && !try_module_get(face->owner)) {
		face->parent_del(parent);
		parent = NULL;
	}
	mutex_unlock(&faces_lock);
	if (parent) {
		face->parent_del(parent);
		module_put(face->owner);
	}
}

static int may_register(struct ovg_gpu *gpu)
{
	bool bound = false;
	int ret = 0;
	u32 i;

	mutex_lock(&gpu->lock);
	for (i = 0; i < gpu->nr_slots; i++)
		bound |= gpu->slots[i].vf && !gpu->slots[i].going;
	if (!ovg_gpu_usable(gpu) || !gpu->nr_types) {
		ovg_refuse(gpu, NULL, "%s", ovg_gpu_status(gpu));
		ret = gpu->state == OVG_GPU_NONE ? gpu->attach_error : -ENODEV;
	} else if (!bound || gpu->vfs_going) {
		ovg_refuse(gpu, NULL, "no VFs: write sriov_numvfs first");
		ret = -EINVAL;
	}
	if (!ret)
		gpu->no_handles = false;
	mutex_unlock(&gpu->lock);
	return ret;
}

/**
 * ovg_face_register_gpu() - make a GPU an mdev parent
 * @gpu: GPU
 *
 * Return: 0, also if it is one already; -EOPNOTSUPP without the face.
 */
int ovg_face_register_gpu(struct ovg_gpu *gpu)
{
	void *parent;
	int ret;

	if (!READ_ONCE(parent_face))
		request_module("openvgpu_mdev");
	mutex_lock(&faces_lock);
	ret = 0;
	if (gpu->face_parent)
		goto out;
	ret = -EOPNOTSUPP;
	if (!parent_face || !try_module_get(parent_face->owner)) {
		mutex_lock(&gpu->lock);
		ovg_refuse(gpu, NULL, "openvgpu_mdev is not loaded: modprobe openvgpu_mdev");
		mutex_unlock(&gpu->lock);
		goto out;
	}
	ret = may_register(gpu);
	if (!ret) {
		parent = parent_face->parent_add(gpu);
		ret = PTR_ERR_OR_ZERO(parent);
		if (!ret)
			WRITE_ONCE(gpu->face_parent, parent);
	}
	module_put(parent_face->owner);
out:
	mutex_unlock(&faces_lock);
	return ret;
}

/**
 * ovg_face_unregister_gpu() - a GPU stops being an mdev parent
 * @gpu: GPU
 *
 * Decided before mdev is touched: nothing below waits for a VM.
 *
 * Return: 0, or -EBUSY while it has a handle.
 */
int ovg_face_unregister_gpu(struct ovg_gpu *gpu)
{
	struct ovg_vgpu *vgpu;
	int ret = 0;

	mutex_lock(&faces_lock);
	if (!gpu->face_parent)
		goto out;
	mutex_lock(&gpu->lock);
	list_for_each_entry(vgpu, &gpu->vgpus, node) {
		if (!vgpu->face->handles)
			continue;
		ovg_refuse(gpu, NULL, "mdev %pUl exists: remove it first", &vgpu->uuid);
		ret = -EBUSY;
		break;
	}
	if (!ret)
		gpu->no_handles = true;
	mutex_unlock(&gpu->lock);
	if (ret)
		goto out;
	parent_face->parent_del(gpu->face_parent);
	WRITE_ONCE(gpu->face_parent, NULL);
out:
	mutex_unlock(&faces_lock);
	return ret;
}

/**
 * ovg_face_add() - a face for parents is there
 * @face: face, valid until ovg_face_del()
 *
 * Return: 0 or -EBUSY.
 */
int ovg_face_add(const struct ovg_face *face)
{
	int ret = -EBUSY;

	mutex_lock(&faces_lock);
	if (!parent_face) {
		WRITE_ONCE(parent_face, face);
		ret = 0;
	}
	mutex_unlock(&faces_lock);
	return ret;
}
OVG_EXPORT(ovg_face_add);

/**
 * ovg_face_del() - module exit of a face: unregister all its parents
 * @face: face
 */
void ovg_face_del(const struct ovg_face *face)
{
	struct ovg_gpu *gpu;

	mutex_lock(&faces_lock);
	list_for_each_entry(gpu, &gpus, face_node) {
		if (!gpu->face_parent)
			continue;
		face->parent_del(gpu->face_parent);
		WRITE_ONCE(gpu->face_parent, NULL);
	}
	WRITE_ONCE(parent_face, NULL);
	mutex_unlock(&faces_lock);
}
OVG_EXPORT(ovg_face_del);
