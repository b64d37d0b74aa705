// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/debug/openvgpu/<PF address>/ */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "../core/core.h"
#include "abi.h"

static struct dentry *root;

static int counters_show(struct seq_file *seq, void *unused)
{
	const char *names[OVG_MAX_LEVELS];
	u64 values[OVG_MAX_LEVELS];
	struct ovg_gpu *gpu = seq->private;
	u32 i, count = ovg_levels(gpu, names, values);

	for (i = 0; i < count; i++)
		seq_printf(seq, "%s %llu\n", names[i], values[i]);
	for (i = 0; i < OVG_NR_COUNTERS; i++)
		seq_printf(seq, "%s %lld\n", ovg_counter_name(i),
			   atomic64_read(&gpu->counters[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

/* Who has which part of the board: for whoever looks for a leak. */
static int places_show(struct seq_file *seq, void *unused)
{
	struct ovg_gpu *gpu = seq->private;
	u32 i;

	mutex_lock(&gpu->lock);
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		const struct ovg_place *p = &gpu->pool.place[i];

		if (p->used)
			seq_printf(seq, "place %u fb %llx+%llx heap %llx+%llx chid %u+%u id %d%s\n",
				   i, p->fb_offset, p->fb_size,
				   p->heap_offset, p->heap_size,
				   p->chid_offset, p->chid_count,
				   p->id == OVG_PLACEMENT_NONE ? -1 : p->id,
				   p->quarantined ? " quarantined" : "");
	}
	mutex_unlock(&gpu->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(places);

/** ovg_debugfs_init() - module load */
void ovg_debugfs_init(void)
{
	root = debugfs_create_dir("openvgpu", NULL);
}

/** ovg_debugfs_exit() - module unload */
void ovg_debugfs_exit(void)
{
	debugfs_remove(root);
}

/**
 * ovg_debugfs_add() - files of a GPU
 * @gpu: GPU
 */
void ovg_debugfs_add(struct ovg_gpu *gpu)
{
	gpu->debugfs = debugfs_create_dir(pci_name(gpu->pf), root);
	debugfs_create_file("counters", 0400, gpu->debugfs, gpu,
			    &counters_fops);
	debugfs_create_file("places", 0400, gpu->debugfs, gpu, &places_fops);
}

/**
 * ovg_debugfs_del() - waits for readers
 * @gpu: GPU
 */
void ovg_debugfs_del(struct ovg_gpu *gpu)
{
	debugfs_remove(gpu->debugfs);
}
