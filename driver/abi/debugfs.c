// SPDX-License-Identifier: GPL-2.0-only
/* /sys/kernel/debug/openvgpu/<PF address>/ */
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
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
			seq_printf(seq, "place %u fb %llx+%llx heap %llx+%llx chid %u+%u id %d gi %d%s\n",
				   i, p->fb_offset, p->fb_size,
				   p->heap_offset, p->heap_size,
				   p->chid_offset, p->chid_count,
				   p->id == OVG_PLACEMENT_NONE ? -1 : p->id,
				   (int)p->gi,
				   p->quarantined ? " quarantined" : "");
	}
	mutex_unlock(&gpu->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(places);

/* What could be made now, and why the rest not: for a human or a tool. */
static int types_show(struct seq_file *seq, void *unused)
{
	struct ovg_gpu *gpu = seq->private;
	char why[OVG_WHY_MAX];
	u32 i;

	mutex_lock(&gpu->lock);
	for (i = 0; i < gpu->nr_types; i++) {
		ovg_type_why(gpu, NULL, &gpu->types[i], why);
		seq_printf(seq, "%u\t%s\t%s\n", gpu->types[i].id,
			   gpu->types[i].name, why[0] ? why : "creatable");
	}
	mutex_unlock(&gpu->lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(types);

/*
 * A log as it was when the file was opened, in bytes as the firmware wrote them. The
 * slot stays until debugfs_remove() has waited for us.
 */
struct log_file {
	void *data;
	size_t size;
};

static int log_open(struct inode *inode, struct file *file, enum ovg_log which)
{
	struct log_file *log = kzalloc(sizeof(*log), GFP_KERNEL);
	ssize_t len;

	if (!log)
		return -ENOMEM;
	len = ovg_log_copy(inode->i_private, which, &log->data);
	if (len < 0) {
		kfree(log);
		return len;
	}
	log->size = len;
	file->private_data = log;
	return 0;
}

static ssize_t log_read(struct file *file, char __user *buf, size_t count,
			loff_t *pos)
{
	struct log_file *log = file->private_data;

	return simple_read_from_buffer(buf, count, pos, log->data, log->size);
}

static int log_release(struct inode *inode, struct file *file)
{
	struct log_file *log = file->private_data;

	kvfree(log->data);
	kfree(log);
	return 0;
}

#define LOG_FOPS(name, which)						\
static int name##_open(struct inode *inode, struct file *file)		\
{									\
	return log_open(inode, file, which);				\
}									\
static const struct file_operations name##_fops = {			\
	.owner = THIS_MODULE,						\
	.open = name##_open,						\
	.read = log_read,						\
	.release = log_release,						\
	.llseek = default_llseek,					\
}

LOG_FOPS(init_log, OVG_LOG_INIT);
LOG_FOPS(vgpu_log, OVG_LOG_INSTANCE);
LOG_FOPS(kernel_log, OVG_LOG_KERNEL);

static void add_logs(struct ovg_gpu *gpu)
{
	char name[12];
	u32 i;

	for (i = 0; i < gpu->nr_slots; i++) {
		struct ovg_slot *slot = &gpu->slots[i];
		struct dentry *dir;

		snprintf(name, sizeof(name), "vf%u", slot->gfid - 1);
		dir = debugfs_create_dir(name, gpu->debugfs);
		debugfs_create_file("init_log", 0400, dir, slot, &init_log_fops);
		debugfs_create_file("vgpu_log", 0400, dir, slot, &vgpu_log_fops);
		debugfs_create_file("kernel_log", 0400, dir, slot,
				    &kernel_log_fops);
	}
}

static void add_timeouts(struct ovg_gpu *gpu)
{
	struct dentry *dir = debugfs_create_dir("timeouts", gpu->debugfs);
	struct ovg_timeouts *to = &gpu->timeouts;

	debugfs_create_u32("command_ms", 0600, dir, &to->command);
	debugfs_create_u32("boot_ms", 0600, dir, &to->boot);
	debugfs_create_u32("instance_ms", 0600, dir, &to->instance);
	debugfs_create_u32("message_ms", 0600, dir, &to->message);
	debugfs_create_u32("stop_ms", 0600, dir, &to->stop);
	debugfs_create_u32("silence_ms", 0600, dir, &to->silence);
}

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
	debugfs_create_file("types", 0400, gpu->debugfs, gpu, &types_fops);
	add_timeouts(gpu);
	add_logs(gpu);
}

/**
 * ovg_debugfs_del() - waits for readers
 * @gpu: GPU
 */
void ovg_debugfs_del(struct ovg_gpu *gpu)
{
	debugfs_remove(gpu->debugfs);
}
