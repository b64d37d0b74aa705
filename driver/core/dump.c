// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is known of a GPU whose firmware has died, as text, for whoever looks into
 * it: /sys/class/devcoredump. The kernel keeps one a device, for five minutes or
 * until somebody writes to it; later ones are dropped meanwhile.
 */
#include <linux/vmalloc.h>
#include "../compat/compat.h"
#include "core.h"

#define CORE_MAX	(32 * 1024)
#define PROVIDER_MAX	(64 * 1024)

struct text {
	char *buf;
	size_t size;
	size_t len;
};

static __printf(2, 3) void put(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	t->len += vscnprintf(t->buf + t->len, t->size - t->len, fmt, args);
	va_end(args);
}

static void put_slot(struct text *t, struct ovg_slot *slot)
{
	struct ovg_vgpu *vgpu = slot->vgpu;
	struct ovg_gpu *gpu = slot->gpu;

	if (!slot->vf && !vgpu && !slot->quarantined)
		return;
	put(t, "vf %u: %s%s", slot->gfid - 1, ovg_slot_state(slot),
	    slot->vf ? "" : ", not bound");
	if (slot->quarantined)
		put(t, ", quarantined place %u", slot->place);
	if (vgpu)
		put(t, ", %pUl type %u place %d pid %d%s%s", &vgpu->uuid,
		    gpu->types[vgpu->type].id, (int)vgpu->place, vgpu->pid,
		    vgpu->died ? ", died" : "",
		    vgpu->guest ? ", guest driver loaded" : "");
	put(t, "\n");
	if (slot->last_error[0])
		put(t, "  %s\n", slot->last_error);
}

static void put_core(struct text *t, struct ovg_gpu *gpu)
{
	const struct ovg_timeouts *to = &gpu->timeouts;
	const char *names[OVG_MAX_LEVELS];
	u64 values[OVG_MAX_LEVELS];
	u32 i, count = ovg_levels(gpu, names, values);
	struct ovg_vgpu *vgpu;

	mutex_lock(&gpu->lock);
	put(t, "openvgpu: %s, firmware %s, provider %s\n", pci_name(gpu->pf),
	    gpu->info.firmware, gpu->prov_ops->name);
	put(t, "status: %s\n", ovg_gpu_status(gpu));
	put(t, "reason: %s\n", gpu->why);
	put(t, "timeouts: command %u boot %u instance %u message %u stop %u silence %u ms\n",
	    to->command, to->boot, to->instance, to->message, to->stop,
	    to->silence);
	put(t, "settings: %s, mig %d, scheduler %d %u us%s\n",
	    gpu->pool.mode == OVG_MODE_MIXED ? "mixed" : "equal", gpu->pool.mig,
	    gpu->scheduler.policy, gpu->scheduler.timeslice_us,
	    ovg_gpu_scheduler_pending(gpu) ? " (pending)" : "");
	for (i = 0; i < OVG_MAX_GIS; i++) {
		const struct ovg_gi *gi = &gpu->pool.gi[i];

		if (gi->used)
			put(t, "GPU instance %u: %u slices, start %u, fb %llx+%llx\n",
			    gi->id, gi->profile.slices, gi->start, gi->fb_base,
			    gi->fb_size);
	}
	for (i = 0; i < gpu->nr_slots; i++)
		put_slot(t, &gpu->slots[i]);
	list_for_each_entry(vgpu, &gpu->vgpus, node)
		if (vgpu->dead)
			put(t, "dead handle: %pUl type %u\n", &vgpu->uuid,
			    gpu->types[vgpu->type].id);
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		const struct ovg_place *p = &gpu->pool.place[i];

		if (p->used)
			put(t, "place %u: fb %llx+%llx heap %llx+%llx chid %u+%u id %d gi %d%s\n",
			    i, p->fb_offset, p->fb_size, p->heap_offset,
			    p->heap_size, p->chid_offset, p->chid_count,
			    p->id == OVG_PLACEMENT_NONE ? -1 : p->id, (int)p->gi,
			    p->quarantined ? " quarantined" : "");
	}
	mutex_unlock(&gpu->lock);
	for (i = 0; i < count; i++)
		put(t, "%s %llu\n", names[i], values[i]);
	for (i = 0; i < OVG_NR_COUNTERS; i++)
		put(t, "%s %lld\n", ovg_counter_name(i),
		    atomic64_read(&gpu->counters[i]));
}

/**
 * ovg_gpu_dump() - make a dump of a GPU whose firmware has died
 * @gpu: GPU, not locked
 *
 * From the restart work item, which alone replaces the provider, and which PF
 * remove cancels before it takes it away.
 */
void ovg_gpu_dump(struct ovg_gpu *gpu)
{
	struct text t = { .size = CORE_MAX };

	if (!OVG_HAVE_DUMPS)
		return;
	t.buf = vzalloc(CORE_MAX + PROVIDER_MAX);
	if (!t.buf)
		return;
	put_core(&t, gpu);
	if (gpu->prov) {
		put(&t, "\n");
		t.len += min_t(size_t, PROVIDER_MAX,
			       gpu->prov_ops->dump(gpu->prov, t.buf + t.len,
						   PROVIDER_MAX));
	}
	ovg_count(gpu, OVG_CNT_DUMPS);
	ovg_coredump(&gpu->pf->dev, t.buf, t.len);
}
