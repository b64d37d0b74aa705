// SPDX-License-Identifier: GPL-2.0-only
/*
 * Logs that the firmware writes for a vGPU. While it runs they are read from where
 * the firmware writes them; what they were when it was closed, or had died and was
 * closed, is kept until its VF is opened again.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "core.h"

/* Without lock; @inst stays. Returns bytes, or an error; *@out is to be freed. */
static ssize_t fetch(struct ovg_gpu *gpu, struct ovg_instance *inst,
		     enum ovg_log which, void **out)
{
	size_t size = gpu->prov_ops->log_size(gpu->prov, which);
	ssize_t len;
	void *data;

	*out = NULL;
	size = min_t(size_t, size, OVG_LOG_MAX);
	if (!size)
		return 0;
	data = kvzalloc(size, GFP_KERNEL);
	if (!data)
		return -ENOMEM;
	len = gpu->prov_ops->log(gpu->prov, inst, which, data, size);
	if (len <= 0) {
		kvfree(data);
		return len;
	}
	*out = data;
	return min_t(size_t, len, size);
}

/**
 * ovg_logs_keep() - keep the logs of a vGPU that is about to be closed
 * @slot: its slot, not locked; the caller alone has the instance
 * @inst: provider's side of it
 */
void ovg_logs_keep(struct ovg_slot *slot, struct ovg_instance *inst)
{
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_kept_log kept[OVG_NR_LOGS] = { };
	ssize_t len;
	u32 i;

	for (i = 0; i < OVG_NR_LOGS; i++) {
		len = fetch(gpu, inst, i, &kept[i].data);
		kept[i].size = max_t(ssize_t, len, 0);
	}
	mutex_lock(&gpu->lock);
	ovg_logs_drop(slot);
	memcpy(slot->logs, kept, sizeof(kept));
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_logs_drop() - forget what was kept
 * @slot: slot of a locked GPU, or one that nobody uses
 */
void ovg_logs_drop(struct ovg_slot *slot)
{
	u32 i;

	for (i = 0; i < OVG_NR_LOGS; i++)
		kvfree(slot->logs[i].data);
	memset(slot->logs, 0, sizeof(slot->logs));
}

/**
 * ovg_log_copy() - a log of a vGPU as it is now, or of the last one on this VF
 * @slot: slot
 * @which: log
 * @out: copy, to be freed by kvfree(); NULL if there is none
 *
 * Return: bytes, 0 if there is none, or an error.
 */
ssize_t ovg_log_copy(struct ovg_slot *slot, enum ovg_log which, void **out)
{
	struct ovg_gpu *gpu = slot->gpu;
	struct ovg_kept_log *kept = &slot->logs[which];
	struct ovg_vgpu *vgpu;
	ssize_t len = 0;

	*out = NULL;
	mutex_lock(&gpu->lock);
	vgpu = slot->vgpu;
	if (vgpu && vgpu->state == OVG_RUNNING) {
		/* Close waits for it, and nothing else ends an instance. */
		vgpu->readers++;
		mutex_unlock(&gpu->lock);
		len = fetch(gpu, vgpu->inst, which, out);
		mutex_lock(&gpu->lock);
		/* The vGPU may be freed once the lock is dropped. */
		WRITE_ONCE(vgpu->readers, vgpu->readers - 1);
		wake_up_all(&gpu->wq);
	} else if (kept->size) {
		*out = kvmalloc(kept->size, GFP_KERNEL);
		if (*out)
			memcpy(*out, kept->data, kept->size);
		len = *out ? kept->size : -ENOMEM;
	}
	mutex_unlock(&gpu->lock);
	return len;
}
