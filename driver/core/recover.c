// SPDX-License-Identifier: GPL-2.0-only
/*
 * Firmware that is lost, by itself or by a reset of the GPU: everything it had is
 * gone, what was quarantined is free again. It is started anew as soon as no VM
 * holds a VF, by a work item, without an administrator.
 *
 * The work item resets the PF and attaches, as remove and probe would: under the
 * PF's device lock, which the PCI core and everybody else who resets the PF take.
 * But PF remove holds that lock and cancels the work item, and would wait forever
 * for one that waits for the lock. So the work item only tries it and comes again
 * in a while; cancelling ends that, since a cancelled item cannot queue itself. If
 * it does get the lock, no remove is under way, and one that comes waits for us as
 * it would for probe. For the same reason it cannot use pci_reset_function(), nor
 * pci_try_reset_function(), which would let the lock go between reset and attach.
 *
 * VFs stay enabled: the PCI core saves the PF's config space before the reset and
 * restores it with SR-IOV afterwards. VFs that nobody has open lose only state that
 * VFIO sets up at the next open.
 */
#include <linux/slab.h>
#include "trace.h"

/* The device lock is somebody else's: look again so much later. */
#define LOCK_POLL	(HZ / 10)

/**
 * ovg_gpu_any_open() - does a user have a vGPU of this GPU?
 * @gpu: GPU, locked
 *
 * Return: true if so.
 */
bool ovg_gpu_any_open(struct ovg_gpu *gpu)
{
	struct ovg_vgpu *vgpu;

	lockdep_assert_held(&gpu->lock);
	list_for_each_entry(vgpu, &gpu->vgpus, node)
		if (vgpu->open)
			return true;
	return false;
}

/**
 * ovg_gpu_queue_restart() - have the firmware started anew
 * @gpu: GPU, locked
 * @delay: when, in jiffies; sooner if it was queued for later
 */
void ovg_gpu_queue_restart(struct ovg_gpu *gpu, unsigned long delay)
{
	lockdep_assert_held(&gpu->lock);
	if (!gpu->going)
		mod_delayed_work(system_long_wq, &gpu->restart_work, delay);
}

static bool may_restart(struct ovg_gpu *gpu)
{
	return !gpu->going && !ovg_gpu_any_open(gpu) &&
	       (gpu->state == OVG_GPU_DEAD || gpu->state == OVG_GPU_RETRYING);
}

/**
 * ovg_gpu_reset_prepare() - the PF is about to be reset
 * @gpu: GPU
 */
void ovg_gpu_reset_prepare(struct ovg_gpu *gpu)
{
	if (gpu->own_reset)
		return;
	mutex_lock(&gpu->lock);
	/* With nobody on it whoever asked for the reset knows enough. */
	if (gpu->state == OVG_GPU_READY && ovg_gpu_any_open(gpu))
		pci_warn(gpu->pf, "reset while vGPUs are open: they are lost\n");
	if (gpu->state == OVG_GPU_READY) {
		ovg_gpu_died(gpu, "GPU is being reset");
		/* Somebody asked for this: nothing to look into. */
		gpu->dump_wanted = false;
	}
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_gpu_reset_done() - the PF was reset
 * @gpu: GPU
 *
 * Also the way out of every state in which firmware was given up.
 */
void ovg_gpu_reset_done(struct ovg_gpu *gpu)
{
	if (gpu->own_reset)
		return;
	mutex_lock(&gpu->lock);
	switch (gpu->state) {
	case OVG_GPU_NONE:
	case OVG_GPU_SHUTDOWN:
		break;
	default:
		gpu->restarts = 0;
		gpu->needs_reset = false;
		ovg_gpu_set_state(gpu, OVG_GPU_DEAD, "GPU was reset");
		ovg_gpu_queue_restart(gpu, 0);
	}
	mutex_unlock(&gpu->lock);
}

/* The same board with the same catalogue? Types are referred to by index. */
static bool same_types(struct ovg_gpu *gpu)
{
	const struct ovg_gpu_info *info = gpu->prov_ops->info(gpu->prov);
	const struct ovg_type *types;
	u32 i, count = 0;

	if (info->generation != gpu->info.generation ||
	    info->rules != gpu->info.rules ||
	    info->mig_limit != gpu->info.mig_limit ||
	    info->gi_slices != gpu->info.gi_slices ||
	    info->mixed != gpu->info.mixed ||
	    info->total_vfs_limit != gpu->info.total_vfs_limit ||
	    info->fb_total != gpu->info.fb_total ||
	    info->fb_base != gpu->info.fb_base ||
	    info->segment != gpu->info.segment ||
	    info->channels != gpu->info.channels)
		return false;
	types = gpu->prov_ops->types(gpu->prov, &count);
	if (min_t(u32, count, OVG_MAX_TYPES) != gpu->nr_types)
		return false;
	for (i = 0; i < gpu->nr_types; i++)
		if (types[i].id != gpu->types[i].id ||
		    types[i].profile_bytes != gpu->types[i].profile_bytes ||
		    types[i].max_per_gi != gpu->types[i].max_per_gi ||
		    !ovg_gi_profile_equal(&types[i].gi, &gpu->types[i].gi))
			return false;
	gpu->info = *info;
	for (i = 0; i < gpu->nr_types; i++)
		gpu->types[i].record = types[i].record;
	return true;
}

/* The same, for whoever starts it anew. */
static bool same_gpu(struct ovg_gpu *gpu)
{
	bool same;

	mutex_lock(&gpu->lock);
	same = same_types(gpu);
	/* attach() has been given it. */
	gpu->scheduler_now = gpu->scheduler;
	mutex_unlock(&gpu->lock);
	return same;
}

static void leave_quarantine(struct ovg_gpu *gpu)
{
	u32 i;

	for (i = 0; i < gpu->nr_slots; i++) {
		struct ovg_slot *slot = &gpu->slots[i];

		if (!slot->quarantined)
			continue;
		slot->quarantined = false;
		slot->last_error[0] = '\0';
		/* A vGPU that is still there goes on with what it had. */
		if (slot->vgpu && slot->vgpu->state == OVG_ERROR) {
			gpu->pool.place[slot->place].quarantined = false;
			ovg_vgpu_set_state(slot->vgpu, OVG_RESERVED);
			trace_openvgpu_vgpu(slot->vgpu, OVG_TRACE_RELEASED, "");
		} else {
			ovg_pool_put(&gpu->pool, slot->place);
		}
	}
}

static int reset(struct ovg_gpu *gpu)
{
	struct pci_dev *pf = gpu->pf;
	int ret;

	gpu->own_reset = true;
	/* Nobody shall read config space meanwhile; in the PCI core's order. */
	pci_cfg_access_lock(pf);
	ret = pci_reset_function_locked(pf);
	pci_cfg_access_unlock(pf);
	gpu->own_reset = false;
	return ret;
}

/* Returns 0, -ESTALE for another GPU than before, or an error; with @why. */
static int restart(struct ovg_gpu *gpu, char *why)
{
	int ret;

	if (gpu->prov)
		gpu->prov_ops->detach(gpu->prov);
	gpu->prov = NULL;
	/* Nobody is left who could tell of a death, until attach() is through. */
	mutex_lock(&gpu->lock);
	gpu->lost = false;
	mutex_unlock(&gpu->lock);

	if (gpu->needs_reset) {
		ret = reset(gpu);
		if (ret) {
			snprintf(why, OVG_WHY_MAX,
				 "GPU cannot be reset (error %d): power the host off and on", ret);
			return ret;
		}
	}
	/* Whatever it comes to: the next try begins with a reset. */
	gpu->needs_reset = true;

	ret = gpu->prov_ops->attach(gpu->pf, &ovg_gpu_events, gpu,
				    &gpu->timeouts, &gpu->scheduler, &gpu->prov,
				    why);
	if (ret) {
		gpu->prov = NULL;
		if (!why[0])
			snprintf(why, OVG_WHY_MAX,
				 "firmware does not start (error %d)", ret);
		return ret;
	}
	if (!same_gpu(gpu)) {
		strscpy(why, "GPU or types have changed: bind the driver anew",
			OVG_WHY_MAX);
		return -ESTALE;
	}
	return ovg_gpu_settings_restore(gpu, why);
}

static void restarted(struct ovg_gpu *gpu, int ret, const char *why)
{
	mutex_lock(&gpu->lock);
	if (gpu->lost) {
		/* It died before we could call it ready. */
		ovg_count(gpu, OVG_CNT_FIRMWARE_DEATHS);
		gpu->dump_wanted = true;
		if (!ret)
			why = gpu->lost_why;
		ret = -ENODEV;
	}
	if (ret == -ESTALE) {
		ovg_gpu_set_state(gpu, OVG_GPU_FAILED, why);
		pci_err(gpu->pf, "no vGPUs: %s\n", why);
	} else if (ret) {
		ovg_count(gpu, OVG_CNT_RECOVERY_FAILURES);
		gpu->restarts++;
		if (gpu->restarts < OVG_RESTART_TRIES) {
			ovg_gpu_set_state(gpu, OVG_GPU_RETRYING, why);
			ovg_gpu_queue_restart(gpu, OVG_RESTART_DELAY <<
					      (gpu->restarts - 1));
		} else {
			ovg_gpu_set_state(gpu, OVG_GPU_FAILED, why);
			/* For the dump, if there is to be one. */
			ovg_gpu_queue_restart(gpu, 0);
			pci_err(gpu->pf, "no vGPUs: firmware does not start, %u tries: %s\n",
				gpu->restarts, why);
		}
	} else {
		gpu->restarts = 0;
		leave_quarantine(gpu);
		ovg_gpu_set_state(gpu, OVG_GPU_READY, "");
		ovg_count(gpu, OVG_CNT_RECOVERIES);
	}
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_gpu_restart() - work: after a death, and when the last vGPU was closed
 * @work: of the GPU
 *
 * The state keeps vGPUs from being opened meanwhile, and @settings keeps settings
 * from being changed: so the provider is ours alone although the GPU's lock is not
 * held. Whoever has @settings now waits for dead firmware, which is bounded, and
 * never for the device lock.
 */
void ovg_gpu_restart(struct work_struct *work)
{
	struct ovg_gpu *gpu = container_of(to_delayed_work(work),
					   struct ovg_gpu, restart_work);
	char why[OVG_WHY_MAX] = "";
	bool dump, may;
	int ret;

	mutex_lock(&gpu->lock);
	dump = gpu->dump_wanted;
	gpu->dump_wanted = false;
	mutex_unlock(&gpu->lock);
	if (dump)
		ovg_gpu_dump(gpu);

	if (!device_trylock(&gpu->pf->dev)) {
		mutex_lock(&gpu->lock);
		if (may_restart(gpu))
			ovg_gpu_queue_restart(gpu, LOCK_POLL);
		mutex_unlock(&gpu->lock);
		return;
	}
	mutex_lock(&gpu->settings);
	mutex_lock(&gpu->lock);
	may = may_restart(gpu);
	if (may)
		ovg_gpu_set_state(gpu, OVG_GPU_RESTARTING, gpu->why);
	mutex_unlock(&gpu->lock);
	if (may && !pci_device_is_present(gpu->pf)) {
		ovg_gpu_gone(gpu);
	} else if (may) {
		ret = restart(gpu, why);
		restarted(gpu, ret, why);
	}
	mutex_unlock(&gpu->settings);
	device_unlock(&gpu->pf->dev);
}
