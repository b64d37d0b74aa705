// SPDX-License-Identifier: GPL-2.0-only
/* VF slots, and vGPUs made on one given VF. */
#include <linux/dmi.h>
#include <linux/module.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include "trace.h"

/* vGPUs made by writing a type into a VF; they have no object of their own. */
static const struct ovg_face vf_face = {
	.owner = THIS_MODULE,
};

/**
 * ovg_slot_of_vf() - the slot of a VF
 * @gpu: GPU of its PF
 * @vf: VF
 *
 * Return: slot, NULL if there is none.
 */
struct ovg_slot *ovg_slot_of_vf(struct ovg_gpu *gpu, struct pci_dev *vf)
{
	int id = pci_iov_vf_id(vf);

	if (id < 0 || id >= gpu->nr_slots)
		return NULL;
	return &gpu->slots[id];
}

/**
 * ovg_slot_bind() - our driver holds the VF and it can be opened
 * @slot: slot
 * @vf: VF
 * @ops: its driver
 * @ctx: argument for @ops
 */
void ovg_slot_bind(struct ovg_slot *slot, struct pci_dev *vf,
		   const struct ovg_vf_ops *ops, void *ctx)
{
	struct ovg_gpu *gpu = slot->gpu;

	mutex_lock(&gpu->lock);
	slot->ops = ops;
	slot->ctx = ctx;
	slot->vf = vf;
	slot->going = false;
	slot->last_error[0] = '\0';
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_slot_unbind_begin() - the VF is being unbound: no new opens
 * @slot: slot
 *
 * A handle on it loses its links now, since what they point to is about to go,
 * and is dead from now on. Its user, if any, keeps the VF until it closes it.
 */
void ovg_slot_unbind_begin(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_vgpu *vgpu;

	mutex_lock(&gpu->lock);
	slot->going = true;
	vgpu = slot->vgpu;
	if (vgpu && vgpu->face->handles && !vgpu->dead) {
		vgpu->dead = true;
		ovg_notify_vgpu(vgpu, OVG_NOTICE_STATE);
		/* A removal under way has unlinked it already. */
		if (!vgpu->removing) {
			vgpu->face->unlink(vgpu);
			vgpu->face->dead(vgpu);
			trace_openvgpu_vgpu(vgpu, OVG_TRACE_UNBOUND, "");
			ovg_count(gpu, OVG_CNT_DEAD_HANDLES);
		}
	}
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_slot_unbind_end() - the VF is closed and cannot be opened any more
 * @slot: slot
 */
void ovg_slot_unbind_end(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_vgpu *vgpu, *gone = NULL;

	mutex_lock(&gpu->lock);
	/* Cleared first, so that nobody pins it anew. */
	slot->vf = NULL;
	while (slot->pins) {
		mutex_unlock(&gpu->lock);
		wait_event(gpu->wq, !READ_ONCE(slot->pins));
		mutex_lock(&gpu->lock);
	}
	vgpu = slot->vgpu;
	if (vgpu && vgpu->face->handles) {
		/*
		 * The shell keeps what it has reserved, and the VF may be bound
		 * again. What the firmware has not let go of stays here.
		 */
		ovg_slot_leave(vgpu);
	} else if (vgpu) {
		/* The type goes with the file that it was written to. */
		ovg_vgpu_release(vgpu);
		gone = vgpu;
	}
	slot->ops = NULL;
	slot->ctx = NULL;
	slot->going = false;
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
	ovg_vgpu_free(gone);
}

/**
 * ovg_slot_leave() - a vGPU and its VF part
 * @vgpu: vGPU of a locked GPU, closed, with a slot
 *
 * If the firmware has not let go, the VF is left with the vGPU's resources, in
 * quarantine, and the vGPU has none.
 */
void ovg_slot_leave(struct ovg_vgpu *vgpu)
{
	struct ovg_slot *slot = vgpu->slot;

	lockdep_assert_held(&vgpu->gpu->lock);
	WARN_ON(vgpu->open || slot->vgpu != vgpu);
	if (vgpu->state == OVG_ERROR)
		vgpu->place = OVG_NO_PLACE;
	slot->vgpu = NULL;
	vgpu->slot = NULL;
}

static void pin(struct ovg_slot *slot)
{
	slot->pins++;
	mutex_unlock(&slot->gpu->lock);
}

static void unpin(struct ovg_slot *slot)
{
	mutex_lock(&slot->gpu->lock);
	slot->pins--;
	wake_up_all(&slot->gpu->wq);
}

/**
 * ovg_slot_request() - ask the user of a VF to let go of it
 * @slot: bound slot of a locked GPU; the lock is dropped meanwhile
 * @count: how often it was asked already
 */
void ovg_slot_request(struct ovg_slot *slot, unsigned int count)
{
	pin(slot);
	slot->ops->request(slot->ctx, count);
	unpin(slot);
}

/**
 * ovg_slot_error() - tell the user of a VF that it has failed
 * @slot: slot of a locked GPU
 */
void ovg_slot_error(struct ovg_slot *slot)
{
	slot->failed = true;
	schedule_work(&slot->gpu->error_work);
}

/**
 * ovg_slot_error_work() - work: tell all users whose vGPU has failed
 * @work: of the GPU
 */
void ovg_slot_error_work(struct work_struct *work)
{
	struct ovg_gpu *gpu = container_of(work, struct ovg_gpu, error_work);
	u32 i;

	mutex_lock(&gpu->lock);
	for (i = 0; i < gpu->nr_slots; i++) {
		struct ovg_slot *slot = &gpu->slots[i];

		if (!slot->failed)
			continue;
		slot->failed = false;
		/* Closed meanwhile: nobody is left to be told. */
		if (!slot->vf || !slot->vgpu || !slot->vgpu->open)
			continue;
		pin(slot);
		slot->ops->error(slot->ctx);
		unpin(slot);
	}
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_slot_usable() - can this VF be given a vGPU?
 * @slot: slot of a locked GPU
 *
 * Return: true if so.
 */
bool ovg_slot_usable(const struct ovg_slot *slot)
{
	return slot->vf && !slot->going && !slot->vgpu && !slot->quarantined;
}

/**
 * ovg_slot_state() - for users
 * @slot: slot of a locked GPU
 *
 * Return: a word.
 */
const char *ovg_slot_state(const struct ovg_slot *slot)
{
	static const char * const names[] = {
		[OVG_RESERVED] = "reserved",
		[OVG_BOOTING] = "booting",
		[OVG_RUNNING] = "running",
		[OVG_CLOSING] = "closing",
		[OVG_ERROR] = "error",
	};

	if (!slot->vgpu)
		return slot->quarantined ? "error" : "free";
	if (slot->vgpu->state == OVG_RUNNING && slot->vgpu->died)
		return "error";
	return names[slot->vgpu->state];
}

/**
 * ovg_slot_is_handle() - does this UUID name a handle on this VF?
 * @slot: slot
 * @uuid: UUID
 *
 * Return: true if so and it may be opened.
 */
bool ovg_slot_is_handle(struct ovg_slot *slot, const guid_t *uuid)
{
	struct ovg_vgpu *vgpu;
	bool hit;

	mutex_lock(&slot->gpu->lock);
	vgpu = slot->vgpu;
	hit = vgpu && vgpu->face->handles && !vgpu->removing && !vgpu->dead &&
	      guid_equal(&vgpu->uuid, uuid);
	mutex_unlock(&slot->gpu->lock);
	return hit;
}

/**
 * ovg_slot_has_handle() - does a handle own this VF?
 * @slot: slot
 *
 * Return: true if so.
 */
bool ovg_slot_has_handle(struct ovg_slot *slot)
{
	bool has;

	mutex_lock(&slot->gpu->lock);
	has = slot->vgpu && slot->vgpu->face->handles;
	if (has)
		ovg_refuse(slot->gpu, slot, "VF belongs to mdev %pUl: remove that first",
			   &slot->vgpu->uuid);
	mutex_unlock(&slot->gpu->lock);
	return has;
}

/*
 * A vGPU without a handle still needs an identity that stays: derived from this
 * machine and the VF's address, in the layout that RFC 9562 leaves to the
 * implementation (version 8). The keys only tell the two halves apart.
 */
static void vf_uuid(struct pci_dev *vf, guid_t *uuid)
{
	static const siphash_key_t keys[2] = {
		{ { 0x6f70656e76677075ULL, 1 } },
		{ { 0x6f70656e76677075ULL, 2 } },
	};
	const char *machine = dmi_get_system_info(DMI_PRODUCT_UUID);
	char name[96];
	u64 half[2];
	int len;

	len = scnprintf(name, sizeof(name), "%s/%s", machine ? machine : "",
			pci_name(vf));
	half[0] = siphash(name, len, &keys[0]);
	half[1] = siphash(name, len, &keys[1]);
	memcpy(uuid, half, sizeof(*uuid));
	/* guid_t: version in the high nibble of byte 7, variant in byte 8. */
	uuid->b[7] = (uuid->b[7] & 0x0f) | 0x80;
	uuid->b[8] = (uuid->b[8] & 0x3f) | 0x80;
}

static int set_type(struct ovg_slot *slot, u32 id, struct ovg_vgpu *new,
		    struct ovg_vgpu **gone)
{
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_type *type;
	char why[OVG_WHY_MAX];
	guid_t uuid;
	int ret;

	if (vgpu && vgpu->face->handles) {
		ovg_refuse(gpu, slot, "VF belongs to mdev %pUl: remove that first",
			   &vgpu->uuid);
		return -EBUSY;
	}
	if (vgpu && vgpu->open) {
		ovg_refuse(gpu, slot, "vGPU is in use by process %d: stop its VM first", vgpu->pid);
		return -EBUSY;
	}
	if (!id) {
		if (vgpu) {
			ovg_vgpu_release(vgpu);
			*gone = vgpu;
		}
		slot->last_error[0] = '\0';
		return 0;
	}
	if (!slot->vf || slot->going) {
		ovg_refuse(gpu, slot, "VF is not bound: bind it to nvidia");
		return -ENODEV;
	}
	ret = ovg_gpu_refused(gpu, why);
	if (ret) {
		ovg_refuse(gpu, slot, "%s", why);
		return ret;
	}
	type = ovg_type_by_id(gpu, id);
	if (!type) {
		ovg_refuse(gpu, slot, "%u is no vGPU type of this board: see creatable_vgpu_types", id);
		return -EINVAL;
	}
	if (vgpu && gpu->types[vgpu->type].id == id)
		return 0;
	if (vgpu) {
		ovg_refuse(gpu, slot, "VF has type %u: write 0 first",
			   gpu->types[vgpu->type].id);
		return -EBUSY;
	}
	new->type = type - gpu->types;
	vf_uuid(slot->vf, &uuid);
	return ovg_vgpu_create_locked(gpu, slot, &uuid, new);
}

/**
 * ovg_slot_set_type() - make or remove the VF face's vGPU of a VF
 * @slot: slot
 * @id: NVIDIA's type number, 0 for none
 *
 * Return: 0 or an error; the answers are a table in docs/driver.md.
 */
int ovg_slot_set_type(struct ovg_slot *slot, u32 id)
{
	struct ovg_vgpu *new, *gone = NULL;
	struct ovg_gpu *gpu = slot->gpu;
	int ret;

	new = ovg_vgpu_alloc(&vf_face, NULL);
	if (IS_ERR(new))
		return PTR_ERR(new);

	mutex_lock(&gpu->lock);
	ret = set_type(slot, id, new, &gone);
	if (slot->vgpu == new)
		new = NULL;
	mutex_unlock(&gpu->lock);

	ovg_vgpu_free(new);
	ovg_vgpu_free(gone);
	return ret;
}
