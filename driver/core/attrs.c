// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an administrator sets for one vGPU, between its creation and its opening: mdevctl
 * and libvirt write attributes when the mdev is there already. Latched, and applied when
 * VFIO opens it; so nothing of it can change while it is open.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include "../compat/compat.h"
#include "core.h"
#include "params.h"

/* The names, 1024 bytes of vgpu_params and two numbers. */
#define CHOSEN_MAX	(OVG_PARAMS_MAX + 128)

/**
 * struct ovg_chosen - what a user has set for a vGPU, as text
 * @rcu: for its end
 * @text: lines "file=value"
 *
 * Lifetime: made for each change, never changed, freed after a grace period. The last
 * one is freed with the vGPU, when the file that shows it is gone and so are its readers.
 */
struct ovg_chosen {
	struct rcu_head rcu;
	char text[CHOSEN_MAX];
};

/* Before anything is changed, so that a change cannot fail at its end. */
static struct ovg_chosen *chosen_new(void)
{
	return kmalloc(sizeof(struct ovg_chosen), GFP_KERNEL);
}

/*
 * The GPU instance before the place: that is the order in which mdevctl writes them back,
 * and a place is one in the instance.
 */
static void chosen_publish(struct ovg_vgpu *vgpu, struct ovg_chosen *new)
{
	const struct ovg_place *place = NULL;
	struct ovg_chosen *old;
	int len = 0;

	if (vgpu->place != OVG_NO_PLACE)
		place = &vgpu->gpu->pool.place[vgpu->place];
	new->text[0] = '\0';
	if (vgpu->params[0])
		len += scnprintf(new->text + len, CHOSEN_MAX - len, "nvidia/vgpu_params=%s\n",
				 vgpu->params);
	if (vgpu->gi_chosen && place)
		len += scnprintf(new->text + len, CHOSEN_MAX - len, "nvidia/gpu_instance_id=%u\n",
				 place->gi);
	if (vgpu->pinned && place)
		len += scnprintf(new->text + len, CHOSEN_MAX - len, "nvidia/placement_id=%u\n",
				 place->id);
	old = rcu_replace_pointer(vgpu->chosen, new, lockdep_is_held(&vgpu->gpu->lock));
	if (old)
		kfree_rcu(old, rcu);
}

/**
 * ovg_vgpu_chosen() - what the user has set, and nothing that the driver chose
 * @vgpu: vGPU that cannot go meanwhile
 * @buf: a page
 *
 * Read for every vGPU at every listing of libvirt: no lock.
 *
 * Return: bytes, 0 if nothing is set.
 */
ssize_t ovg_vgpu_chosen(const struct ovg_vgpu *vgpu, char *buf)
{
	const struct ovg_chosen *chosen;
	ssize_t len = 0;

	rcu_read_lock();
	chosen = rcu_dereference(vgpu->chosen);
	if (chosen)
		len = scnprintf(buf, PAGE_SIZE, "%s", chosen->text);
	rcu_read_unlock();
	return len;
}
OVG_EXPORT(ovg_vgpu_chosen);

/**
 * ovg_vgpu_free() - the memory of a vGPU
 * @vgpu: vGPU that nobody can find any more, or NULL
 */
void ovg_vgpu_free(struct ovg_vgpu *vgpu)
{
	if (!vgpu)
		return;
	kfree(rcu_dereference_protected(vgpu->chosen, true));
	kfree(vgpu);
}

static int refuse_open(struct ovg_vgpu *vgpu)
{
	if (!vgpu->open)
		return 0;
	ovg_refuse(vgpu->gpu, vgpu->slot, "vGPU is in use by process %d: stop its VM first", vgpu->pid);
	return -EBUSY;
}

static int refuse_dead(struct ovg_vgpu *vgpu)
{
	if (!vgpu->dead && !vgpu->removing && vgpu->slot)
		return 0;
	ovg_refuse(vgpu->gpu, vgpu->slot, "vGPU %pUl has no VF any more: remove it, and make another", &vgpu->uuid);
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
	struct ovg_chosen *chosen = chosen_new();
	char why[OVG_WHY_MAX] = "";
	char *params;
	int ret;

	lockdep_assert_held(&vgpu->gpu->lock);
	params = kmalloc(sizeof(vgpu->params), GFP_KERNEL);
	ret = chosen && params ? refuse_dead(vgpu) : -ENOMEM;
	if (ret)
		goto out;
	/* Too long is so whatever the vGPU does. */
	ret = ovg_params_check(buf, count, params, sizeof(vgpu->params), why, sizeof(why));
	if (ret != -E2BIG && vgpu->open)
		ret = refuse_open(vgpu);
	else if (ret)
		ovg_refuse(vgpu->gpu, vgpu->slot, "%s", why);
	if (!ret && strcmp(vgpu->params, params)) {
		strscpy(vgpu->params, params, sizeof(vgpu->params));
		chosen_publish(vgpu, chosen);
		chosen = NULL;
		ovg_slot_changed(vgpu->slot);
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
	}
out:
	kfree(params);
	kfree(chosen);
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
		ovg_refuse(gpu, vgpu->slot, "a setting of the GPU is being changed: try again");
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
	struct ovg_chosen *chosen;
	enum ovg_fit fit;
	int ret;

	lockdep_assert_held(&gpu->lock);
	ret = may_move(vgpu);
	if (ret)
		return ret;
	if (gpu->pool.place[vgpu->place].id == OVG_PLACEMENT_NONE) {
		ovg_refuse(gpu, vgpu->slot, "%s has no placement ids in this mode of the GPU: leave placement_id out",
			   type->name);
		return -EOPNOTSUPP;
	}
	/* Which as a wish is "any". */
	if (id == OVG_PLACEMENT_NONE) {
		ovg_refuse(gpu, vgpu->slot, "%u is no placement id of %s: see vgpu/placements", id, type->name);
		return -EINVAL;
	}
	chosen = chosen_new();
	if (!chosen)
		return -ENOMEM;
	wish.gi = gpu->pool.place[vgpu->place].gi;
	fit = move(vgpu, &wish);
	if (!fit) {
		vgpu->pinned = true;
		chosen_publish(vgpu, chosen);
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
		return 0;
	}
	kfree(chosen);
	switch (fit) {
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
	struct ovg_chosen *chosen;
	enum ovg_fit fit;
	int ret;

	lockdep_assert_held(&gpu->lock);
	ret = may_move(vgpu);
	if (ret)
		return ret;
	if (!gpu->pool.mig) {
		ovg_refuse(gpu, vgpu->slot, "MIG is off, there are no GPU instances: leave gpu_instance_id out");
		return -EINVAL;
	}
	/* Which as a wish is "any". */
	if (gi == OVG_GI_NONE) {
		ovg_refuse(gpu, vgpu->slot, "there is no GPU instance %u: see gpu_instances", gi);
		return -EINVAL;
	}
	chosen = chosen_new();
	if (!chosen)
		return -ENOMEM;
	/* A place that the user chose in it stays. */
	if (gi == gpu->pool.place[vgpu->place].gi) {
		vgpu->gi_chosen = true;
		chosen_publish(vgpu, chosen);
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
		return 0;
	}
	fit = move(vgpu, &wish);
	if (!fit) {
		vgpu->gi_chosen = true;
		vgpu->pinned = false;
		chosen_publish(vgpu, chosen);
		ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
		return 0;
	}
	kfree(chosen);
	switch (fit) {
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
		ovg_refuse(vgpu->gpu, vgpu->slot, "name of the VM is longer than %d bytes: shorten it",
			   OVG_VM_NAME_MAX);
		return -EINVAL;
	}
	for (i = 0; i < count; i++)
		if (buf[i] < 0x20 || buf[i] > 0x7e) {
			ovg_refuse(vgpu->gpu, vgpu->slot, "name of the VM is not printable: write it in ASCII");
			return -EINVAL;
		}
	memcpy(vgpu->vm_name, buf, count);
	vgpu->vm_name[count] = '\0';
	ovg_notify_vgpu(vgpu, OVG_NOTICE_CHANGED);
	return 0;
}
OVG_EXPORT(ovg_vgpu_set_vm_name);
