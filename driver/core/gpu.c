// SPDX-License-Identifier: GPL-2.0-only
/* One GPU: its life, its firmware, its types and what still fits. */
#include <linux/module.h>
#include <linux/slab.h>
#include "trace.h"

static const struct ovg_timeouts default_timeouts = {
	.command = 5000,	/* as nova-core */
	.boot = 20000,
	.instance = 10000,	/* as the RFC waits for the start marker */
	.message = 10000,
	.stop = 5000,
	.silence = 9000,	/* seen by the second command that times out */
};

static void change_work(struct work_struct *work)
{
	struct ovg_gpu *gpu = container_of(to_delayed_work(work),
					   struct ovg_gpu, change_work);

	mutex_lock(&gpu->lock);
	ovg_notify_gpu(gpu, OVG_NOTICE_CHANGED);
	mutex_unlock(&gpu->lock);
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
	gpu->timeouts = default_timeouts;
	gpu->needs_reset = true;
	mutex_init(&gpu->settings);
	mutex_init(&gpu->lock);
	init_waitqueue_head(&gpu->wq);
	INIT_LIST_HEAD(&gpu->vgpus);
	ratelimit_state_init(&gpu->refusals, OVG_REFUSAL_INTERVAL,
			     OVG_REFUSAL_BURST);
	INIT_LIST_HEAD(&gpu->face_node);
	INIT_LIST_HEAD(&gpu->nl_node);
	INIT_DELAYED_WORK(&gpu->change_work, change_work);
	INIT_DELAYED_WORK(&gpu->restart_work, ovg_gpu_restart);
	INIT_DELAYED_WORK(&gpu->event_work, ovg_slot_change_work);
	INIT_WORK(&gpu->error_work, ovg_slot_error_work);
	return gpu;
}

static void events_instance_died(void *ctx, u32 gfid, const char *why)
{
	ovg_instance_died(ctx, gfid, why);
}

/* Whoever found out has logged it. */
static void events_firmware_died(void *ctx, const char *why)
{
	struct ovg_gpu *gpu = ctx;
	char text[OVG_WHY_MAX];

	snprintf(text, sizeof(text), "firmware died: %s",
		 why && why[0] ? why : "no reason given");
	mutex_lock(&gpu->lock);
	gpu->lost = true;
	strscpy(gpu->lost_why, text, sizeof(gpu->lost_why));
	if (gpu->state == OVG_GPU_READY)
		ovg_gpu_died(gpu, text);
	mutex_unlock(&gpu->lock);
}

static void events_instance_event(void *ctx, u32 gfid,
				  enum ovg_instance_event what, u32 value)
{
	ovg_instance_event(ctx, gfid, what, value);
}

static void events_usage(void *ctx, u32 gfid, const struct ovg_usage *usage)
{
	ovg_instance_usage(ctx, gfid, usage);
}

const struct ovg_provider_events ovg_gpu_events = {
	.instance_died = events_instance_died,
	.firmware_died = events_firmware_died,
	.instance_event = events_instance_event,
	.usage = events_usage,
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
		.rules = gpu->info.rules,
		.limit = gpu->info.total_vfs_limit,
		.mig_limit = gpu->info.mig_limit,
		.gi_slices = gpu->info.gi_slices,
		.fb_base = gpu->info.fb_base,
		.fb_total = gpu->info.fb_total,
		.segment = gpu->info.segment,
		.channels = gpu->info.channels,
		.region = ovg_pool_region(copy, count),
		.heap_unit = ovg_pool_heap_unit(copy, count),
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
			strscpy(gpu->types_why, "no vGPU types for this board: build the type catalogue anew",
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
 * A GPU without usable firmware stays: it reads, reports why, and refuses. All
 * settings are what firmware begins with: there is nothing to restore yet.
 *
 * Return: 0 also then; -ENOMEM and -EPROBE_DEFER are real failures.
 */
int ovg_gpu_attach(struct ovg_gpu *gpu)
{
	char why[OVG_WHY_MAX] = "";
	int ret;

	ret = gpu->prov_ops->attach(gpu->pf, &ovg_gpu_events, gpu,
				    &gpu->timeouts, &gpu->scheduler, &gpu->prov,
				    why);
	if (!ret) {
		ret = ovg_gpu_take_types(gpu);
		if (ret) {
			gpu->prov_ops->detach(gpu->prov);
			gpu->prov = NULL;
			return ret;
		}
		mutex_lock(&gpu->lock);
		ovg_gpu_set_state(gpu, OVG_GPU_READY, "");
		/* It may have died since attach() returned. */
		if (gpu->lost)
			ovg_gpu_died(gpu, gpu->lost_why);
		mutex_unlock(&gpu->lock);
		return 0;
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
	/*
	 * We are in PF remove and hold its device lock: see recover.c. In probe
	 * it was never queued, or finds that state and @going forbid all.
	 */
	cancel_delayed_work_sync(&gpu->restart_work);
}

/**
 * ovg_gpu_destroy() - the end of ovg_gpu_create() and ovg_gpu_attach()
 * @gpu: GPU that nobody can find any more, without VFs and parent
 */
void ovg_gpu_destroy(struct ovg_gpu *gpu)
{
	u32 i;

	if (gpu->prov)
		gpu->prov_ops->detach(gpu->prov);
	cancel_delayed_work_sync(&gpu->restart_work);
	cancel_delayed_work_sync(&gpu->event_work);
	cancel_work_sync(&gpu->error_work);
	cancel_delayed_work_sync(&gpu->change_work);
	for (i = 0; i < gpu->nr_slots; i++)
		ovg_logs_drop(&gpu->slots[i]);
	kfree(gpu->pci_state);
	mutex_destroy(&gpu->lock);
	mutex_destroy(&gpu->settings);
	kvfree(gpu->types);
	kfree(gpu->slots);
	kvfree(gpu);
}

/**
 * ovg_gpu_set_state() - the one place where @state changes
 * @gpu: GPU, locked
 * @state: new state
 * @why: reason; may be the GPU's own
 */
void ovg_gpu_set_state(struct ovg_gpu *gpu, enum ovg_gpu_state state,
		       const char *why)
{
	lockdep_assert_held(&gpu->lock);
	trace_openvgpu_gpu_state(gpu, state, why);
	if (why != gpu->why)
		strscpy(gpu->why, why, sizeof(gpu->why));
	gpu->state = state;
	ovg_gpu_update(gpu);
	ovg_notify_gpu(gpu, OVG_NOTICE_STATE);
}

/**
 * ovg_gpu_status() - why this GPU cannot have vGPUs
 * @gpu: GPU, locked
 *
 * Return: reason, "ready" if it can. Valid while locked.
 */
const char *ovg_gpu_status(struct ovg_gpu *gpu)
{
	struct ovg_vgpu *vgpu;
	u32 open = 0;

	lockdep_assert_held(&gpu->lock);
	switch (gpu->state) {
	case OVG_GPU_NONE:
		return gpu->attach_why;
	case OVG_GPU_READY:
		if (gpu->types_why[0])
			return gpu->types_why;
		return gpu->vf_why[0] ? gpu->vf_why : "ready";
	case OVG_GPU_DEAD:
		list_for_each_entry(vgpu, &gpu->vgpus, node)
			open += vgpu->open;
		if (open)
			snprintf(gpu->status, sizeof(gpu->status),
				 "%s; waiting for %u open vGPU%s to be closed",
				 gpu->why, open, open == 1 ? "" : "s");
		else
			snprintf(gpu->status, sizeof(gpu->status),
				 "%s; about to be restarted", gpu->why);
		return gpu->status;
	case OVG_GPU_RESTARTING:
		return "firmware is being restarted";
	case OVG_GPU_RETRYING:
		snprintf(gpu->status, sizeof(gpu->status),
			 "restart failed, try %u of %u follows: %s",
			 gpu->restarts + 1, OVG_RESTART_TRIES, gpu->why);
		return gpu->status;
	case OVG_GPU_FAILED:
		snprintf(gpu->status, sizeof(gpu->status),
			 "restart failed, reset the GPU: %s", gpu->why);
		return gpu->status;
	case OVG_GPU_PCI_ERROR:
		return "PCI error; waiting for the end of its recovery";
	case OVG_GPU_GONE:
		return "GPU is gone from the bus: reset it, or power the host off and on";
	case OVG_GPU_SHUTDOWN:
		return "host is shutting down";
	}
	return "?";
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
	return gpu->state == OVG_GPU_READY && !gpu->going;
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
	ovg_notify_change();
	/* Does nothing if it is pending already. */
	if (changed && !gpu->going)
		schedule_delayed_work(&gpu->change_work, HZ);
}

/**
 * ovg_gpu_died() - the firmware is lost with every vGPU that is open
 * @gpu: GPU, locked, ready
 * @why: for its status; whoever found out has logged it
 */
void ovg_gpu_died(struct ovg_gpu *gpu, const char *why)
{
	struct ovg_vgpu *vgpu;

	lockdep_assert_held(&gpu->lock);
	ovg_count(gpu, OVG_CNT_FIRMWARE_DEATHS);
	gpu->dump_wanted = true;
	gpu->needs_reset = true;
	gpu->restarts = 0;
	ovg_gpu_set_state(gpu, OVG_GPU_DEAD, why);
	list_for_each_entry(vgpu, &gpu->vgpus, node)
		if (vgpu->open && !vgpu->died)
			ovg_vgpu_died(vgpu, "%s", gpu->why);
	ovg_gpu_queue_restart(gpu, 0);
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
	ovg_ascii(gpu->last_error);
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
