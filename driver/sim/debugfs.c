// SPDX-License-Identifier: GPL-2.0-only
/*
 * debugfs: /sys/kernel/debug/openvgpu_sim/<PF address>/
 *   counters  lines of "name value"; names ending in _now are levels
 *   fault     misbehaviour on request: write "KIND [COUNT [COMMAND]]", read what is armed
 *   late_ms   how late a late answer is
 *   plugin_boot_ms  how long a plugin takes to come up
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include "sim.h"

static struct dentry *root;

static const char * const counter_names[] = {
#define X(n) #n,
	SIM_COUNTERS(X)
#undef X
};

static const char * const fault_names[] = {
#define X(n) #n,
	SIM_FAULTS(X)
#undef X
};

static int counters_show(struct seq_file *m, void *v)
{
	struct sim_board *b = m->private;
	struct sim_levels l;
	int i;

	sim_fw_levels(b, &l);
	seq_printf(m, "vfs_now %u\n", sim_vfs_on(b));
	seq_printf(m, "irqs_now %d\n", atomic_read(&b->irqs_now));
	seq_printf(m, "iommu_pages_now %ld\n", atomic_long_read(&b->iommu_pages_now));
	seq_printf(m, "iommu_domains_now %d\n", atomic_read(&b->iommu_domains_now));
	seq_printf(m, "fw_running_now %d\n", l.running);
	seq_printf(m, "vgpus_booted_now %u\n", l.vgpus);
	seq_printf(m, "rm_objects_now %u\n", l.objects);
	seq_printf(m, "gpu_instances_now %u\n", l.gpu_instances);
	seq_printf(m, "mixed_now %d\n", l.mixed);
	seq_printf(m, "mig_now %d\n", l.mig);
	for (i = 0; i < SIM_NCOUNTERS; i++)
		seq_printf(m, "%s %llu\n", counter_names[i],
			   (unsigned long long)atomic64_read(&b->counters[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

static int scheduler_show(struct seq_file *m, void *v)
{
	const char *policy;
	u32 slice_us;

	sim_fw_scheduler(m->private, &policy, &slice_us);
	seq_printf(m, "%s %u\n", policy, slice_us);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(scheduler);

/* Occasions by name; controls are written by their number. */
static const struct {
	const char *name;
	u32 key;
} commands[] = {
	{ "alloc", SIM_KEY_RPC(103) },
	{ "free", SIM_KEY_RPC(10) },
	{ "unload", SIM_KEY_RPC(47) },
	{ "msg1", SIM_KEY_MSG(1) },
	{ "msg2", SIM_KEY_MSG(2) },
	{ "msg3", SIM_KEY_MSG(3) },
	{ "msg13", SIM_KEY_MSG(13) },
};

static int key_of(const char *name, u32 *key)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, name))
			continue;
		*key = commands[i].key;
		return 0;
	}
	return strncmp(name, "0x", 2) ? -EINVAL : kstrtou32(name, 16, key);
}

static void show_key(struct seq_file *m, u32 key)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(commands); i++)
		if (commands[i].key == key)
			break;
	if (i < ARRAY_SIZE(commands))
		seq_printf(m, " %s", commands[i].name);
	else if (key)
		seq_printf(m, " %#x", key);
}

static int fault_show(struct seq_file *m, void *v)
{
	struct sim_board *b = m->private;
	int i, n;

	for (i = 0; i < SIM_NFAULTS; i++) {
		n = atomic_read(&b->faults[i].count);
		if (!n)
			continue;
		seq_printf(m, "%s %d", fault_names[i], n);
		show_key(m, READ_ONCE(b->faults[i].key));
		seq_putc(m, '\n');
	}
	return 0;
}

static int fault_open(struct inode *inode, struct file *file)
{
	return single_open(file, fault_show, inode->i_private);
}

static ssize_t fault_write(struct file *file, const char __user *ubuf, size_t len, loff_t *pos)
{
	struct sim_board *b = ((struct seq_file *)file->private_data)->private;
	char buf[64], kind[32], command[16] = "";
	int n = 1, i, err;
	u32 key = 0;

	if (len >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, len))
		return -EFAULT;
	buf[len] = 0;
	if (sscanf(buf, "%31s %d %15s", kind, &n, command) < 1 || n < 0)
		return -EINVAL;
	if (command[0]) {
		err = key_of(command, &key);
		if (err)
			return err;
	}
	i = match_string(fault_names, SIM_NFAULTS, kind);
	if (i < 0)
		return -EINVAL;
	/* Disarmed while it is changed. */
	atomic_set(&b->faults[i].count, 0);
	WRITE_ONCE(b->faults[i].key, key);
	atomic_set_release(&b->faults[i].count, n);
	return len;
}

static const struct file_operations fault_fops = {
	.owner = THIS_MODULE,
	.open = fault_open,
	.read = seq_read,
	.write = fault_write,
	.llseek = seq_lseek,
	.release = single_release,
};

void sim_debugfs_add(struct sim_board *b)
{
	char name[32];

	b->debugfs = debugfs_create_dir(sim_pf_name(b, name, sizeof(name)), root);
	debugfs_create_file("counters", 0400, b->debugfs, b, &counters_fops);
	debugfs_create_file("scheduler", 0400, b->debugfs, b, &scheduler_fops);
	debugfs_create_file("fault", 0600, b->debugfs, b, &fault_fops);
	debugfs_create_u32("late_ms", 0600, b->debugfs, &b->late_ms);
	debugfs_create_u32("plugin_boot_ms", 0600, b->debugfs, &b->plugin_boot_ms);
}

void sim_debugfs_remove(struct sim_board *b)
{
	debugfs_remove_recursive(b->debugfs);
}

void sim_debugfs_init(void)
{
	root = debugfs_create_dir("openvgpu_sim", NULL);
}

void sim_debugfs_exit(void)
{
	debugfs_remove_recursive(root);
}
