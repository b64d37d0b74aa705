// SPDX-License-Identifier: GPL-2.0-only
/* Why one more vGPU cannot be made, in words that say what would help. */
#include "core.h"

/* More of them make a line that nobody reads. */
#define IDS_SHOWN	8

static u32 gib(u64 bytes)
{
	return (u32)(bytes >> 30);
}

/* " (0, 12, 24)", or @none */
static void put_ids(struct ovg_gpu *gpu, const struct ovg_type *type, u32 gi,
		    bool creatable, const char *none, char *why)
{
	u32 i, count, len = strnlen(why, OVG_WHY_MAX);
	u16 ids[OVG_MAX_PLACEMENTS];

	count = ovg_pool_ids(&gpu->pool, type, gi, creatable, ids);
	if (!count)
		strlcat(why, none, OVG_WHY_MAX);
	for (i = 0; i < count && i < IDS_SHOWN; i++)
		len += scnprintf(why + len, OVG_WHY_MAX - len, "%s%u",
				 i ? ", " : " (", ids[i]);
	if (count)
		strlcat(why, i < count ? ", ...)" : ")", OVG_WHY_MAX);
}

/* A size that has the GPU, while sizes are equal. */
static u64 size_here(struct ovg_gpu *gpu)
{
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (gpu->pool.place[i].used)
			return gpu->pool.place[i].profile_bytes;
	return 0;
}

static u32 count_size(struct ovg_gpu *gpu, u64 bytes)
{
	u32 i, count = 0;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		count += gpu->pool.place[i].used &&
			 gpu->pool.place[i].profile_bytes == bytes;
	return count;
}

static void space_why(struct ovg_gpu *gpu, const struct ovg_type *type,
		      char *why)
{
	u32 need = gib(type->profile_bytes), largest;
	char profile[OVG_PROFILE_NAME_MAX];

	if (gpu->pool.mig) {
		ovg_gi_profile_name(gpu, &type->gi, profile);
		snprintf(why, OVG_WHY_MAX, "%s needs %u GiB in one piece, which no GPU instance %s has free: remove a vGPU",
			 type->name, need, profile);
		return;
	}
	largest = gib(ovg_pool_largest_free(&gpu->pool, gpu->types,
					    gpu->nr_types));
	if (largest >= need)
		snprintf(why, OVG_WHY_MAX, "all places for %u GiB are taken; %u GiB would fit (%s): take a smaller type, or remove a vGPU",
			 need, largest, type->name);
	else if (largest)
		snprintf(why, OVG_WHY_MAX, "%s needs %u GiB in one piece; the largest that is free is %u GiB: take a smaller type, or remove a vGPU",
			 type->name, need, largest);
	else
		snprintf(why, OVG_WHY_MAX, "%s needs %u GiB; nothing is free: remove a vGPU",
			 type->name, need);
}

static void gi_why(struct ovg_gpu *gpu, const struct ovg_type *type, u32 id,
		   char *why)
{
	char has[OVG_PROFILE_NAME_MAX], needs[OVG_PROFILE_NAME_MAX];
	const struct ovg_gi *gi = ovg_pool_gi(&gpu->pool, id);

	if (!gi) {
		snprintf(why, OVG_WHY_MAX, "there is no GPU instance %u: see gpu_instances", id);
		return;
	}
	ovg_gi_profile_name(gpu, &gi->profile, has);
	ovg_gi_profile_name(gpu, &type->gi, needs);
	snprintf(why, OVG_WHY_MAX, "%s needs a GPU instance %s; %u is %s: name another",
		 type->name, needs, id, has);
}

static void no_gi_why(struct ovg_gpu *gpu, const struct ovg_type *type,
		      char *why)
{
	u32 more = ovg_pool_gi_available(&gpu->pool, &type->gi);
	char needs[OVG_PROFILE_NAME_MAX];

	ovg_gi_profile_name(gpu, &type->gi, needs);
	if (more)
		snprintf(why, OVG_WHY_MAX, "%s needs a GPU instance %s: there is none, %u can be made (gpu_instance_create)",
			 type->name, needs, more);
	else
		snprintf(why, OVG_WHY_MAX, "%s needs a GPU instance %s: there is none, and no room for one: destroy another",
			 type->name, needs);
}

/**
 * ovg_fit_why() - what the placement says, in words
 * @gpu: GPU, locked
 * @type: type that does not fit
 * @wish: where it should have been, NULL for anywhere
 * @fit: what the placement says
 * @why: where the words go, one line
 */
void ovg_fit_why(struct ovg_gpu *gpu, const struct ovg_type *type,
		 const struct ovg_wish *wish, enum ovg_fit fit,
		 char why[OVG_WHY_MAX])
{
	const struct ovg_wish any = OVG_WISH_ANY;
	char profile[OVG_PROFILE_NAME_MAX];

	lockdep_assert_held(&gpu->lock);
	if (!wish)
		wish = &any;
	ovg_gi_profile_name(gpu, &type->gi, profile);
	why[0] = '\0';
	switch (fit) {
	case OVG_FIT_OK:
		break;
	case OVG_FIT_MIG:
		snprintf(why, OVG_WHY_MAX, "%s needs a GPU instance %s, and MIG is off: turn it on",
			 type->name, profile);
		break;
	case OVG_FIT_NO_MIG:
		snprintf(why, OVG_WHY_MAX, "%s is not MIG-backed, and MIG is on: turn it off",
			 type->name);
		break;
	case OVG_FIT_NO_GI:
		no_gi_why(gpu, type, why);
		break;
	case OVG_FIT_GI:
		gi_why(gpu, type, wish->gi, why);
		break;
	case OVG_FIT_SIZE:
		if (gpu->pool.mig)
			snprintf(why, OVG_WHY_MAX, "%s is %u GiB, but every GPU instance %s has vGPUs of another size: make another instance",
				 type->name, gib(type->profile_bytes), profile);
		else
			snprintf(why, OVG_WHY_MAX, "%s is %u GiB, but vGPUs of %u GiB exist on this GPU: take that size, or %s",
				 type->name, gib(type->profile_bytes),
				 gib(size_here(gpu)), gpu->info.mixed ?
				 "mix sizes (placement_mode)" :
				 "remove them");
		break;
	case OVG_FIT_INSTANCES:
		if (gpu->pool.mig)
			snprintf(why, OVG_WHY_MAX, "%s: every GPU instance %s has as many as it can have (%u): make another instance",
				 type->name, profile, type->max_per_gi);
		else
			snprintf(why, OVG_WHY_MAX, "%u of %u vGPUs of the size of %s exist: remove one",
				 count_size(gpu, type->profile_bytes),
				 ovg_pool_max(&gpu->pool, type), type->name);
		break;
	case OVG_FIT_LIMIT:
		snprintf(why, OVG_WHY_MAX, "firmware runs at most %u vGPUs on one GPU: remove one",
			 gpu->pool.mig ? gpu->info.mig_limit :
			 gpu->info.total_vfs_limit);
		break;
	case OVG_FIT_SPACE:
		space_why(gpu, type, why);
		break;
	case OVG_FIT_NO_ID:
		snprintf(why, OVG_WHY_MAX, "%u is no placement id of %s: take another",
			 wish->id, type->name);
		put_ids(gpu, type, wish->gi, false, "", why);
		break;
	case OVG_FIT_ID_TAKEN:
		snprintf(why, OVG_WHY_MAX, "placement id %u is taken; free for %s:",
			 wish->id, type->name);
		put_ids(gpu, type, wish->gi, true, " none: remove a vGPU", why);
		break;
	case OVG_FIT_NO_IDS:
		snprintf(why, OVG_WHY_MAX, "%s has no placement ids in this mode of the GPU: leave placement_id out",
			 type->name);
		break;
	case OVG_FIT_BROKEN:
		snprintf(why, OVG_WHY_MAX, "the numbers of %s do not fit this GPU: build the type catalogue anew",
			 type->name);
		break;
	}
}

/**
 * ovg_gpu_refused() - may anything be asked of a GPU now?
 * @gpu: GPU, locked
 * @why: reason if not
 *
 * Return: 0 or an error.
 */
int ovg_gpu_refused(struct ovg_gpu *gpu, char why[OVG_WHY_MAX])
{
	why[0] = '\0';
	if (ovg_gpu_usable(gpu))
		return 0;
	strscpy(why, gpu->going ? "GPU is being unbound: bind it again" :
		ovg_gpu_status(gpu), OVG_WHY_MAX);
	return gpu->state == OVG_GPU_NONE ? gpu->attach_error : -ENODEV;
}

static int slot_refused(struct ovg_gpu *gpu, struct ovg_slot *slot, char *why)
{
	bool bound = false;
	u32 i;

	if (slot) {
		if (ovg_slot_usable(slot))
			return 0;
		strscpy(why, slot->vf ? "VF is in use: take another" :
			"VF is not bound: bind it to nvidia",
			OVG_WHY_MAX);
		return slot->vf ? -EBUSY : -ENODEV;
	}
	for (i = 0; i < gpu->nr_slots; i++) {
		if (ovg_slot_usable(&gpu->slots[i]))
			return 0;
		bound |= !!gpu->slots[i].vf;
	}
	strscpy(why, bound ? "no VF is free: remove a vGPU, or enable more VFs" :
		"no VFs: write sriov_numvfs first", OVG_WHY_MAX);
	return -ENOSPC;
}

/**
 * ovg_type_refused() - may one more vGPU of a type be made now?
 * @gpu: GPU, locked
 * @slot: on this VF; NULL for any
 * @type: type of this GPU
 * @wish: where, NULL for anywhere
 * @why: reason if not, else ""
 *
 * Rules come before VFs: "no VF" is no reason if the type does not fit at all.
 *
 * Return: 0 or an error.
 */
int ovg_type_refused(struct ovg_gpu *gpu, struct ovg_slot *slot,
		     const struct ovg_type *type, const struct ovg_wish *wish,
		     char why[OVG_WHY_MAX])
{
	enum ovg_fit fit;
	int ret;

	ret = ovg_gpu_refused(gpu, why);
	if (ret)
		return ret;
	if (gpu->vf_why[0]) {
		strscpy(why, gpu->vf_why, OVG_WHY_MAX);
		return -ENODEV;
	}
	if (gpu->vfs_going) {
		strscpy(why, "VFs are being enabled or disabled: try again", OVG_WHY_MAX);
		return -ENODEV;
	}
	/*
	 * Not EAGAIN: programs whose I/O is built on poll (Go's) wait after that for the
	 * file to become writable, which a file of sysfs never tells.
	 */
	if (gpu->setting) {
		strscpy(why, "a setting of the GPU is being changed: try again",
			OVG_WHY_MAX);
		return -EBUSY;
	}
	if (slot && slot->quarantined) {
		strscpy(why, "firmware has not let go of this VF: reset the GPU",
			OVG_WHY_MAX);
		return -EIO;
	}
	fit = ovg_pool_fit(&gpu->pool, type, wish, NULL);
	if (fit) {
		ovg_fit_why(gpu, type, wish, fit, why);
		return -ENOSPC;
	}
	return slot_refused(gpu, slot, why);
}

/**
 * ovg_type_why() - the same without the error
 * @gpu: GPU, locked
 * @slot: on this VF; NULL for any
 * @type: type of this GPU
 * @why: reason, "" if there is none
 */
void ovg_type_why(struct ovg_gpu *gpu, struct ovg_slot *slot,
		  const struct ovg_type *type, char why[OVG_WHY_MAX])
{
	ovg_type_refused(gpu, slot, type, NULL, why);
}
