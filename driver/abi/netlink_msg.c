// SPDX-License-Identifier: GPL-2.0-only
/* Messages of the netlink face. Everything here runs with the GPU locked. */
#include "netlink.h"

static int put_u64(struct sk_buff *skb, int attr, u64 value)
{
	return nla_put_u64_64bit(skb, attr, value, OPENVGPU_A_PAD);
}

/**
 * ovg_nl_fill_gpu() - attributes of a GPU
 * @skb: message
 * @gpu: GPU, locked
 *
 * Return: 0 or -EMSGSIZE.
 */
int ovg_nl_fill_gpu(struct sk_buff *skb, struct ovg_gpu *gpu)
{
	bool ready = gpu->state == OVG_GPU_READY;

	lockdep_assert_held(&gpu->lock);
	if (nla_put_string(skb, OPENVGPU_A_GPU, pci_name(gpu->pf)) ||
	    nla_put_string(skb, OPENVGPU_A_STATUS, ovg_gpu_status(gpu)) ||
	    nla_put_string(skb, OPENVGPU_A_FIRMWARE, ready ? gpu->info.firmware : "") ||
	    nla_put_u8(skb, OPENVGPU_A_MDEV, !!READ_ONCE(gpu->face_parent)) ||
	    put_u64(skb, OPENVGPU_A_FB_TOTAL, gpu->pool.cfg.fb_total) ||
	    put_u64(skb, OPENVGPU_A_FB_USED, ovg_pool_fb_used(&gpu->pool)) ||
	    nla_put_u8(skb, OPENVGPU_A_MODE, gpu->pool.mode == OVG_MODE_MIXED ?
		       OPENVGPU_MODE_MIXED : OPENVGPU_MODE_EQUAL) ||
	    nla_put_u8(skb, OPENVGPU_A_MIG, gpu->pool.mig) ||
	    nla_put_u8(skb, OPENVGPU_A_POLICY, gpu->scheduler.policy) ||
	    nla_put_u32(skb, OPENVGPU_A_TIMESLICE, gpu->scheduler.timeslice_us) ||
	    nla_put_u8(skb, OPENVGPU_A_PENDING, ovg_gpu_scheduler_pending(gpu)) ||
	    nla_put_string(skb, OPENVGPU_A_LAST_ERROR, gpu->last_error))
		return -EMSGSIZE;
	return 0;
}

static int fill_type(struct sk_buff *skb, struct ovg_gpu *gpu, u32 index)
{
	const struct ovg_type *type = &gpu->types[index];
	char profile[OVG_PROFILE_NAME_MAX], why[OVG_WHY_MAX];

	if (nla_put_string(skb, OPENVGPU_A_GPU, pci_name(gpu->pf)) ||
	    nla_put_u32(skb, OPENVGPU_A_TYPE, type->id) ||
	    nla_put_string(skb, OPENVGPU_A_NAME, type->name) ||
	    put_u64(skb, OPENVGPU_A_PROFILE_SIZE, type->profile_bytes) ||
	    nla_put_u32(skb, OPENVGPU_A_MAX_INSTANCES, type->max_instance) ||
	    nla_put_u32(skb, OPENVGPU_A_AVAILABLE, gpu->avail[index]))
		return -EMSGSIZE;
	if (type->gi.slices) {
		ovg_gi_profile_name(gpu, &type->gi, profile);
		if (nla_put_string(skb, OPENVGPU_A_PROFILE, profile))
			return -EMSGSIZE;
	}
	if (gpu->avail[index])
		return 0;
	ovg_type_why(gpu, NULL, type, why);
	return nla_put_string(skb, OPENVGPU_A_REASON, why);
}

/**
 * ovg_nl_fill_gi() - attributes of a GPU instance
 * @skb: message
 * @gpu: GPU, locked
 * @gi: instance of it
 *
 * Return: 0 or -EMSGSIZE.
 */
int ovg_nl_fill_gi(struct sk_buff *skb, struct ovg_gpu *gpu, const struct ovg_gi *gi)
{
	char profile[OVG_PROFILE_NAME_MAX];

	lockdep_assert_held(&gpu->lock);
	ovg_gi_profile_name(gpu, &gi->profile, profile);
	if (nla_put_string(skb, OPENVGPU_A_GPU, pci_name(gpu->pf)) ||
	    nla_put_u32(skb, OPENVGPU_A_GI, gi->id) ||
	    nla_put_string(skb, OPENVGPU_A_PROFILE, profile) ||
	    nla_put_u32(skb, OPENVGPU_A_GI_START, gi->start) ||
	    nla_put_u32(skb, OPENVGPU_A_GI_VGPUS, ovg_pool_gi_vgpus(&gpu->pool, gi->id)) ||
	    put_u64(skb, OPENVGPU_A_FB_OFFSET, gi->fb_base) ||
	    put_u64(skb, OPENVGPU_A_FB_TOTAL, gi->fb_size))
		return -EMSGSIZE;
	return 0;
}

/* Bytes of a guid_t are those of the text with the first three fields turned. */
static int put_uuid(struct sk_buff *skb, const guid_t *guid)
{
	static const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	u8 text[16];
	u32 i;

	for (i = 0; i < 16; i++)
		text[i] = guid->b[order[i]];
	return nla_put(skb, OPENVGPU_A_UUID, sizeof(text), text);
}

static int fill_vf(struct sk_buff *skb, struct ovg_gpu *gpu, const struct ovg_slot *slot)
{
	const struct ovg_vgpu *vgpu = slot->vgpu;

	if (nla_put_string(skb, OPENVGPU_A_GPU, pci_name(gpu->pf)) ||
	    nla_put_string(skb, OPENVGPU_A_VF, pci_name(slot->vf)) ||
	    nla_put_u32(skb, OPENVGPU_A_INDEX, slot->gfid - 1) ||
	    nla_put_string(skb, OPENVGPU_A_STATE, ovg_slot_state(slot)) ||
	    nla_put_string(skb, OPENVGPU_A_LAST_ERROR, slot->last_error))
		return -EMSGSIZE;
	if (!vgpu)
		return 0;
	if (nla_put_u32(skb, OPENVGPU_A_TYPE, gpu->types[vgpu->type].id) ||
	    nla_put_u8(skb, OPENVGPU_A_HANDLE, vgpu->face->handles))
		return -EMSGSIZE;
	return vgpu->face->handles ? put_uuid(skb, &vgpu->uuid) : 0;
}

static int fill_usage(struct sk_buff *skb, const struct ovg_usage *usage)
{
	if (!usage->time_us)
		return 0;
	if (nla_put_u32(skb, OPENVGPU_A_USAGE_GRAPHICS, usage->graphics) ||
	    nla_put_u32(skb, OPENVGPU_A_USAGE_MEMORY, usage->memory) ||
	    nla_put_u32(skb, OPENVGPU_A_USAGE_ENCODER, usage->encoder) ||
	    nla_put_u32(skb, OPENVGPU_A_USAGE_DECODER, usage->decoder))
		return -EMSGSIZE;
	return 0;
}

/**
 * ovg_nl_fill_vgpu() - attributes of a vGPU
 * @skb: message
 * @vgpu: vGPU of a locked GPU
 * @names: the reader may know whose it is
 *
 * Return: 0 or -EMSGSIZE.
 */
int ovg_nl_fill_vgpu(struct sk_buff *skb, struct ovg_vgpu *vgpu, bool names)
{
	struct ovg_gpu *gpu = vgpu->gpu;
	const struct ovg_type *type = &gpu->types[vgpu->type];
	const struct ovg_place *place;

	lockdep_assert_held(&gpu->lock);
	if (nla_put_string(skb, OPENVGPU_A_GPU, pci_name(gpu->pf)) ||
	    put_uuid(skb, &vgpu->uuid) ||
	    nla_put_u8(skb, OPENVGPU_A_HANDLE, vgpu->face->handles) ||
	    nla_put_u32(skb, OPENVGPU_A_TYPE, type->id) ||
	    nla_put_string(skb, OPENVGPU_A_NAME, type->name) ||
	    nla_put_string(skb, OPENVGPU_A_STATE, ovg_vgpu_state(vgpu)) ||
	    nla_put_string(skb, OPENVGPU_A_PARAMS, vgpu->params) ||
	    nla_put_u8(skb, OPENVGPU_A_PINNED, vgpu->pinned) ||
	    nla_put_u8(skb, OPENVGPU_A_GUEST, vgpu->guest))
		return -EMSGSIZE;
	if (vgpu->slot && vgpu->slot->vf &&
	    nla_put_string(skb, OPENVGPU_A_VF, pci_name(vgpu->slot->vf)))
		return -EMSGSIZE;
	if (vgpu->place != OVG_NO_PLACE) {
		place = &gpu->pool.place[vgpu->place];
		if (put_u64(skb, OPENVGPU_A_FB_OFFSET, place->fb_offset) ||
		    put_u64(skb, OPENVGPU_A_FB_SIZE, place->fb_size))
			return -EMSGSIZE;
		if (place->id != OVG_PLACEMENT_NONE &&
		    nla_put_u32(skb, OPENVGPU_A_PLACEMENT, place->id))
			return -EMSGSIZE;
		if (place->gi != OVG_GI_NONE &&
		    nla_put_u32(skb, OPENVGPU_A_GI, place->gi))
			return -EMSGSIZE;
	}
	if (vgpu->open && nla_put_u32(skb, OPENVGPU_A_PID, vgpu->pid))
		return -EMSGSIZE;
	if (names && nla_put_string(skb, OPENVGPU_A_VM_NAME, vgpu->vm_name))
		return -EMSGSIZE;
	return fill_usage(skb, &vgpu->usage);
}

static struct ovg_vgpu *nth_vgpu(struct ovg_gpu *gpu, u32 n)
{
	struct ovg_vgpu *vgpu;

	list_for_each_entry(vgpu, &gpu->vgpus, node)
		if (!n--)
			return vgpu;
	return NULL;
}

enum next { FILLED, SKIPPED, END };

/* Object @at->index of kind @at->kind into a message that was begun. */
static int fill(struct sk_buff *skb, struct ovg_gpu *gpu, bool names,
		const struct ovg_nl_cursor *at, enum next *next)
{
	struct ovg_vgpu *vgpu;
	u32 i = at->index;

	*next = FILLED;
	switch (OPENVGPU_CMD_GPU + at->kind) {
	case OPENVGPU_CMD_GPU:
		if (i)
			break;
		return ovg_nl_fill_gpu(skb, gpu);
	case OPENVGPU_CMD_TYPE:
		if (i >= gpu->nr_types)
			break;
		return fill_type(skb, gpu, i);
	case OPENVGPU_CMD_GI:
		if (i >= OVG_MAX_GIS)
			break;
		if (gpu->pool.gi[i].used)
			return ovg_nl_fill_gi(skb, gpu, &gpu->pool.gi[i]);
		*next = SKIPPED;
		return 0;
	case OPENVGPU_CMD_VF:
		if (i >= gpu->nr_slots)
			break;
		if (gpu->slots[i].vf)
			return fill_vf(skb, gpu, &gpu->slots[i]);
		*next = SKIPPED;
		return 0;
	case OPENVGPU_CMD_VGPU:
		vgpu = nth_vgpu(gpu, i);
		if (!vgpu)
			break;
		return ovg_nl_fill_vgpu(skb, vgpu, names);
	}
	*next = END;
	return 0;
}

/**
 * ovg_nl_dump_gpu() - as much of a GPU as fits into a piece of a dump
 * @skb: the piece
 * @cb: the dump
 * @gpu: GPU, locked
 * @what: OPENVGPU_WHAT_* bits
 * @names: the reader may know names of VMs
 * @at: where to go on; moved
 *
 * Return: 0 if the GPU is done, -EMSGSIZE if the piece is full.
 */
int ovg_nl_dump_gpu(struct sk_buff *skb, struct netlink_callback *cb, struct ovg_gpu *gpu,
		    u32 what, bool names, struct ovg_nl_cursor *at)
{
	enum next next;
	void *hdr;
	int ret;

	lockdep_assert_held(&gpu->lock);
	for (; OPENVGPU_CMD_GPU + at->kind <= OPENVGPU_CMD_VGPU; at->kind++, at->index = 0) {
		if (!(what & BIT(at->kind)))
			continue;
		for (;; at->index++) {
			hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
					  &ovg_nl_family, NLM_F_MULTI, OPENVGPU_CMD_GPU + at->kind);
			if (!hdr)
				return -EMSGSIZE;
			genl_dump_check_consistent(cb, hdr);
			ret = fill(skb, gpu, names, at, &next);
			if (ret || next != FILLED)
				genlmsg_cancel(skb, hdr);
			else
				genlmsg_end(skb, hdr);
			if (ret)
				return ret;
			if (next == END)
				break;
		}
	}
	return 0;
}
