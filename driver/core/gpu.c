// SPDX-License-Identifier: GPL-2.0-only
/* One GPU: its life, its firmware, its types and what still fits. */
#include <linux/module.h>
#include <linux/slab.h>
#include "core.h"

static void change_work(struct work_struct *work)
{
	struct ovg_gpu *gpu = container_of(to_delayed_work(work),
					   struct ovg_gpu, change_work);

	/*
	 * For clients that cache what the mdev parent offers. Costs libvirt
	 * two runs of mdevctl each, so not without a parent.
	 */
	if (!READ_ONCE(gpu->face_parent))
		return;
	ovg_count(gpu, OVG_CNT_CHANGE_EVENTS);
	kobject_uevent(&gpu->pf->dev.kobj, KOBJ_CHANGE);
}

/**
 * ovg_gpu_create() - the core's side of a PF
 * @pf: PF
 * @ops: who will talk to its firmware
 *
 * Return: a GPU without firmware, or an ERR_PTR().
 */
struct ovg_gpu *ovg_gpu_create(struct pci_dev *pf,
			       const struct ovg_provider_ops *ops)
{
	struct ovg_gpu *gpu;
	int total = pci_sriov_get_totalvfs(pf);
	u32 i;

	gpu = kvzalloc(sizeof(*gpu), GFP_KERNEL);
	if (!gpu)
		return ERR_PTR(-ENOMEM);
	gpu->nr_slots = clamp(total, 0, OVG_MAX_VGPUS);
	gpu->slots = kcalloc(max(gpu->nr_slots, 1U), sizeof(*gpu->slots),
			     GFP_KERNEL);
	if (!gpu->slots) {
		kvfree(gpu);
		return ERR_PTR(-ENOMEM);
	}
	for (i = 0; i < gpu->nr_slots; i++) {
		gpu->slots[i].gpu = gpu;
		gpu->slots[i].gfid = i + 1;
	}
	gpu->pf = pf;
	gpu->prov_ops = ops;
	mutex_init(&gpu->lock);
	init_waitqueue_head(&gpu->wq);
	INIT_LIST_HEAD(&gpu->vgpus);
	ratelimit_state_init(&gpu->refusals, OVG_REFUSAL_INTERVAL,
			     OVG_REFUSAL_BURST);
	INIT_LIST_HEAD(&gpu->face_node);
	INIT_DELAYED_WORK(&gpu->change_work, change_work);
	INIT_WORK(&gpu->recover_work, ovg_gpu_recover);
	INIT_WORK(&gpu->error_work, ovg_slot_error_work);
	return gpu;
}

static void events_instance_died(void *ctx, u32 gfid, const char *why)
{
	ovg_instance_died(ctx, gfid, why);
}

static void events_firmware_died(void *ctx, const char *why)
{
	ovg_gpu_firmware_died(ctx, why);
}

const struct ovg_provider_events ovg_gpu_events = {
	.instance_died = events_instance_died,
	.firmware_died = events_firmware_died,
};

/**
 * ovg_gpu_take_types() - copy facts and types from a provider just attached
 * @gpu: GPU without vGPUs
 *
 * Return: 0 or -ENOMEM; a provider with nonsense numbers is a GPU without
 * types, with the reason.
 */
int ovg_gpu_take_types(struct ovg_gpu *gpu)
{
	struct ovg_pool_config cfg;
	const struct ovg_type *types;
	struct ovg_type *copy;
	u32 count = 0;

	gpu->info = *gpu->prov_ops->info(gpu->prov);
	types = gpu->prov_ops->types(gpu->prov, &count);
	count = min_t(u32, count, OVG_MAX_TYPES);
	copy = kvcalloc(max(count, 1U), sizeof(*copy), GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, types, count * sizeof(*copy));

	cfg = (struct ovg_pool_config) {
		.generation = gpu->info.generation,
		.limit = gpu->info.total_vfs_limit,
		.fb_base = gpu->info.fb_base,
		.fb_total = gpu->info.fb_total,
		.segment = gpu->info.segment,
		.channels = gpu->info.channels,
		.region = ovg_pool_region(copy, count),
	};

	mutex_lock(&gpu->lock);
	kvfree(gpu->types);
	gpu->types = copy;
	gpu->nr_types = count;
	gpu->types_why[0] = '\0';
	if (!count) {
		strscpy(gpu->types_why, gpu->prov_ops->types_why(gpu->prov),
			sizeof(gpu->types_why));
		if (!gpu->types_why[0])
			strscpy(gpu->types_why, "no vGPU types for this board",
				sizeof(gpu->types_why));
	}
	if (ovg_pool_init(&gpu->pool, &cfg)) {
		gpu->nr_types = 0;
		snprintf(gpu->types_why, sizeof(gpu->types_why),
			 "impossible framebuffer: %llu bytes from %llu in segments of %llu",
			 cfg.fb_total, cfg.fb_base, cfg.segment);
	}
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
	return 0;
}

/**
 * ovg_gpu_attach() - find and start the firmware
 * @gpu: GPU
 *
 * A GPU without usable firmware stays: it reads, reports why, and refuses.
 *
 * Return: 0 also then; -ENOMEM and -EPROBE_DEFER are real failures.
 */
int ovg_gpu_attach(struct ovg_gpu *gpu)
{
	char why[OVG_WHY_MAX] = "";
	int ret;

	ret = gpu->prov_ops->attach(gpu->pf, &ovg_gpu_events, gpu, &gpu->prov,
				    why);
	if (!ret) {
		ret = ovg_gpu_take_types(gpu);
		if (ret) {
			gpu->prov_ops->detach(gpu->prov);
			gpu->prov = NULL;
		}
		return ret;
	}
	gpu->prov = NULL;
	if (ret == -ENOMEM || ret == -EPROBE_DEFER)
		return ret;
	if (!why[0])
		snprintf(why, sizeof(why), "firmware does not start (error %d)",
			 ret);
	ovg_gpu_no_firmware(gpu, -ENODEV, why);
	/* A board without the hand-over is normal; a board that fails is not. */
	if (ret != -ENODEV)
		pci_err(gpu->pf, "no vGPUs: %s\n", why);
	return 0;
}

/**
 * ovg_gpu_no_firmware() - this GPU has no firmware to talk to
 * @gpu: GPU
 * @error: answer to whoever wants VFs of it
 * @why: for its status
 */
void ovg_gpu_no_firmware(struct ovg_gpu *gpu, int error, const char *why)
{
	mutex_lock(&gpu->lock);
	gpu->attach_error = error;
	strscpy(gpu->attach_why, why, sizeof(gpu->attach_why));
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_gpu_going() - PF remove has begun: refuse everything new
 * @gpu: GPU
 */
void ovg_gpu_going(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	gpu->going = true;
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
	/* A restart of the firmware that is under way ends by itself. */
	cancel_work_sync(&gpu->recover_work);
}

/**
 * ovg_gpu_destroy() - the end of ovg_gpu_create() and ovg_gpu_attach()
 * @gpu: GPU that nobody can find any more, without VFs and parent
 */
void ovg_gpu_destroy(struct ovg_gpu *gpu)
{
	if (gpu->prov)
		gpu->prov_ops->detach(gpu->prov);
	cancel_work_sync(&gpu->recover_work);
	cancel_work_sync(&gpu->error_work);
	cancel_delayed_work_sync(&gpu->change_work);
	mutex_destroy(&gpu->lock);
	kvfree(gpu->types);
	kfree(gpu->slots);
	kvfree(gpu);
}

/**
 * ovg_gpu_status() - why this GPU cannot have vGPUs
 * @gpu: GPU, locked
 *
 * Return: reason, "ready" if it can.
 */
const char *ovg_gpu_status(struct ovg_gpu *gpu)
{
	lockdep_assert_held(&gpu->lock);
	if (gpu->attach_why[0])
		return gpu->attach_why;
	if (gpu->recovering)
		return "firmware is being restarted";
	if (gpu->fw_why[0])
		return gpu->fw_why;
	if (gpu->types_why[0])
		return gpu->types_why;
	if (gpu->vf_why[0])
		return gpu->vf_why;
	return "ready";
}

/**
 * ovg_gpu_usable() - there is a firmware and it can be asked for vGPUs
 * @gpu: GPU, locked
 *
 * Return: true if so.
 */
bool ovg_gpu_usable(struct ovg_gpu *gpu)
{
	lockdep_assert_held(&gpu->lock);
	return !gpu->attach_why[0] && !gpu->fw_why[0] && !gpu->going &&
	       !gpu->recovering;
}

/**
 * ovg_gpu_update() - recompute what still fits, and tell
 * @gpu: GPU, locked, something about it has just changed
 */
void ovg_gpu_update(struct ovg_gpu *gpu)
{
	bool changed = false;
	u32 i, n, vfs = 0;

	lockdep_assert_held(&gpu->lock);
	if (ovg_gpu_usable(gpu) && !gpu->vfs_going)
		for (i = 0; i < gpu->nr_slots; i++)
			vfs += ovg_slot_usable(&gpu->slots[i]);
	for (i = 0; i < gpu->nr_types; i++) {
		n = 0;
		if (vfs)
			n = min(vfs, ovg_pool_available(&gpu->pool,
							&gpu->types[i]));
		changed |= n != gpu->avail[i];
		WRITE_ONCE(gpu->avail[i], n);
	}
	/* Does nothing if it is pending already. */
	if (changed && !gpu->going)
		schedule_delayed_work(&gpu->change_work, HZ);
}

/**
 * ovg_gpu_firmware_died() - nothing answers any more
 * @gpu: GPU
 * @why: for its status; whoever found out has logged it
 */
void ovg_gpu_firmware_died(struct ovg_gpu *gpu, const char *why)
{
	struct ovg_vgpu *vgpu;

	mutex_lock(&gpu->lock);
	if (!gpu->fw_why[0]) {
		strscpy(gpu->fw_why, why && why[0] ? why : "firmware died",
			sizeof(gpu->fw_why));
		ovg_count(gpu, OVG_CNT_FIRMWARE_DEATHS);
	}
	list_for_each_entry(vgpu, &gpu->vgpus, node) {
		if (!vgpu->open || vgpu->died)
			continue;
		vgpu->died = true;
		ovg_slot_error(vgpu->slot);
	}
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_refuse() - remember why something was refused
 * @gpu: GPU, locked
 * @slot: VF that was asked, NULL if it was the GPU
 * @fmt: reason, without newline
 */
void ovg_refuse(struct ovg_gpu *gpu, struct ovg_slot *slot, const char *fmt, ...)
{
	va_list args;

	lockdep_assert_held(&gpu->lock);
	va_start(args, fmt);
	vsnprintf(gpu->last_error, sizeof(gpu->last_error), fmt, args);
	va_end(args);
	if (slot)
		strscpy(slot->last_error, gpu->last_error,
			sizeof(slot->last_error));
}

/**
 * ovg_type_by_id() - find a type of this board
 * @gpu: GPU
 * @id: NVIDIA's number
 *
 * Return: the type or NULL.
 */
struct ovg_type *ovg_type_by_id(struct ovg_gpu *gpu, u32 id)
{
	u32 i;

	for (i = 0; i < gpu->nr_types; i++)
		if (gpu->types[i].id == id)
			return &gpu->types[i];
	return NULL;
}
