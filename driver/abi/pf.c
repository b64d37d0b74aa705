// SPDX-License-Identifier: GPL-2.0-only
/* <PF>/vgpu/ */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include "../core/core.h"
#include "abi.h"

/* The attributes exist only while the PF is bound. */
static struct ovg_gpu *to_gpu(struct device *dev)
{
	return dev_get_drvdata(dev);
}

static ssize_t status_show(struct device *dev, struct device_attribute *attr,
			   char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%s\n", ovg_gpu_status(gpu));
	mutex_unlock(&gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(status);

static ssize_t last_error_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%s\n", gpu->last_error);
	mutex_unlock(&gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(last_error);

static ssize_t firmware_show(struct device *dev, struct device_attribute *attr,
			     char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%.*s\n", (int)sizeof(gpu->info.firmware),
			 gpu->state == OVG_GPU_READY ? gpu->info.firmware : "");
	mutex_unlock(&gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(firmware);

static ssize_t framebuffer_show(struct device *dev,
				struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	u64 bytes;

	mutex_lock(&gpu->lock);
	bytes = gpu->pool.cfg.fb_total;
	mutex_unlock(&gpu->lock);
	return sysfs_emit(buf, "%llu\n", bytes);
}
static DEVICE_ATTR_RO(framebuffer);

static ssize_t framebuffer_used_show(struct device *dev,
				     struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	u64 bytes;

	mutex_lock(&gpu->lock);
	bytes = ovg_pool_fb_used(&gpu->pool);
	mutex_unlock(&gpu->lock);
	return sysfs_emit(buf, "%llu\n", bytes);
}
static DEVICE_ATTR_RO(framebuffer_used);

/* A value that is none: with a reason, as every other refusal. */
static int junk(struct ovg_gpu *gpu, const char *want)
{
	mutex_lock(&gpu->lock);
	ovg_refuse(gpu, NULL, "not a value of this file: %s", want);
	mutex_unlock(&gpu->lock);
	return -EINVAL;
}

static const char * const modes[] = {
	[OVG_MODE_EQUAL] = "equal",
	[OVG_MODE_MIXED] = "mixed",
	NULL,
};

static ssize_t placement_mode_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%s\n", modes[gpu->pool.mode]);
	mutex_unlock(&gpu->lock);
	return len;
}

static ssize_t placement_mode_store(struct device *dev,
				    struct device_attribute *attr,
				    const char *buf, size_t count)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	int ret = sysfs_match_string(modes, buf);

	if (ret < 0)
		return junk(gpu, "equal or mixed");
	ret = ovg_gpu_set_mode(gpu, ret);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(placement_mode);

static ssize_t mig_show(struct device *dev, struct device_attribute *attr,
			char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%d\n", gpu->pool.mig);
	mutex_unlock(&gpu->lock);
	return len;
}

static ssize_t mig_store(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t count)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	u32 on;
	int ret;

	if (kstrtou32(buf, 10, &on) || on > 1)
		return junk(gpu, "0 or 1");
	ret = ovg_gpu_set_mig(gpu, on);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(mig);

static const char * const policies[] = {
	[OVG_POLICY_BEST_EFFORT] = "best_effort",
	[OVG_POLICY_EQUAL_SHARE] = "equal_share",
	[OVG_POLICY_FIXED_SHARE] = "fixed_share",
	NULL,
};

static ssize_t scheduler_show(struct device *dev,
			      struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%s\n", policies[gpu->scheduler.policy]);
	mutex_unlock(&gpu->lock);
	return len;
}

static ssize_t scheduler_store(struct device *dev,
			       struct device_attribute *attr, const char *buf,
			       size_t count)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	int ret = sysfs_match_string(policies, buf);

	if (ret < 0)
		return junk(gpu, "best_effort, equal_share or fixed_share");
	ret = ovg_gpu_set_policy(gpu, ret);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(scheduler);

static ssize_t scheduler_timeslice_us_show(struct device *dev,
					   struct device_attribute *attr,
					   char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%u\n", gpu->scheduler.timeslice_us);
	mutex_unlock(&gpu->lock);
	return len;
}

static ssize_t scheduler_timeslice_us_store(struct device *dev,
					    struct device_attribute *attr,
					    const char *buf, size_t count)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	u32 us;
	int ret;

	if (kstrtou32(buf, 10, &us))
		return junk(gpu, "a number of microseconds");
	ret = ovg_gpu_set_timeslice(gpu, us);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(scheduler_timeslice_us);

static ssize_t scheduler_pending_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	ssize_t len;

	mutex_lock(&gpu->lock);
	len = sysfs_emit(buf, "%d\n", ovg_gpu_scheduler_pending(gpu));
	mutex_unlock(&gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(scheduler_pending);

static ssize_t gpu_instance_profiles_show(struct device *dev,
					  struct device_attribute *attr,
					  char *buf)
{
	struct ovg_gi_profile profiles[OVG_MAX_PROFILES];
	struct ovg_gpu *gpu = to_gpu(dev);
	u32 totals[OVG_MAX_PROFILES], i, count;
	char name[OVG_PROFILE_NAME_MAX];
	ssize_t len = 0;
	int ret;

	mutex_lock(&gpu->lock);
	count = ovg_gpu_gi_profiles(gpu, profiles);
	ret = ovg_gpu_gi_totals(gpu, profiles, count, totals);
	for (i = 0; !ret && i < count; i++) {
		ovg_gi_profile_name(gpu, &profiles[i], name);
		len += sysfs_emit_at(buf, len, "%s total=%u available=%u\n",
				     name, totals[i],
				     ovg_pool_gi_available(&gpu->pool,
							   &profiles[i]));
	}
	mutex_unlock(&gpu->lock);
	return ret ? ret : len;
}
static DEVICE_ATTR_RO(gpu_instance_profiles);

static ssize_t gpu_instances_show(struct device *dev,
				  struct device_attribute *attr, char *buf)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	char name[OVG_PROFILE_NAME_MAX];
	const struct ovg_gi *gi;
	ssize_t len = 0;
	u32 id;

	mutex_lock(&gpu->lock);
	for (id = 0; id < OVG_MAX_GI_ID; id++) {
		gi = ovg_pool_gi(&gpu->pool, id);
		if (!gi)
			continue;
		ovg_gi_profile_name(gpu, &gi->profile, name);
		len += sysfs_emit_at(buf, len, "%u %s start=%u framebuffer=%llu vgpus=%u\n",
				     id, name, gi->start, gi->fb_size,
				     ovg_pool_gi_vgpus(&gpu->pool, id));
	}
	mutex_unlock(&gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(gpu_instances);

static ssize_t gpu_instance_create_store(struct device *dev,
					 struct device_attribute *attr,
					 const char *buf, size_t count)
{
	char name[OVG_PROFILE_NAME_MAX];
	struct ovg_gpu *gpu = to_gpu(dev);
	size_t len = count;
	u32 id;
	int ret;

	if (len && buf[len - 1] == '\n')
		len--;
	if (!len || len >= sizeof(name))
		return junk(gpu, "the name of a profile");
	memcpy(name, buf, len);
	name[len] = '\0';
	ret = ovg_gpu_gi_create(gpu, name, &id);
	return ret ? ret : count;
}
static DEVICE_ATTR_WO(gpu_instance_create);

static ssize_t gpu_instance_destroy_store(struct device *dev,
					  struct device_attribute *attr,
					  const char *buf, size_t count)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	u32 id;
	int ret;

	if (kstrtou32(buf, 10, &id))
		return junk(gpu, "the number of a GPU instance");
	ret = ovg_gpu_gi_destroy(gpu, id);
	return ret ? ret : count;
}
static DEVICE_ATTR_WO(gpu_instance_destroy);

static ssize_t mdev_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%d\n", !!READ_ONCE(to_gpu(dev)->face_parent));
}

/*
 * Runs here and not in a work item, so that the writer learns the result.
 * Neither direction waits for a VM or takes the PF's device lock, which PF
 * remove holds while it waits for this to end.
 */
static ssize_t mdev_store(struct device *dev, struct device_attribute *attr,
			  const char *buf, size_t count)
{
	struct ovg_gpu *gpu = to_gpu(dev);
	bool on;
	int ret;

	ret = kstrtobool(buf, &on);
	if (ret)
		return ret;
	ret = on ? ovg_face_register_gpu(gpu) : ovg_face_unregister_gpu(gpu);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(mdev);

static struct attribute *pf_attrs[] = {
	&dev_attr_status.attr,
	&dev_attr_firmware.attr,
	&dev_attr_mdev.attr,
	&dev_attr_framebuffer.attr,
	&dev_attr_framebuffer_used.attr,
	&dev_attr_placement_mode.attr,
	&dev_attr_mig.attr,
	&dev_attr_scheduler.attr,
	&dev_attr_scheduler_timeslice_us.attr,
	&dev_attr_scheduler_pending.attr,
	&dev_attr_gpu_instance_profiles.attr,
	&dev_attr_gpu_instances.attr,
	&dev_attr_gpu_instance_create.attr,
	&dev_attr_gpu_instance_destroy.attr,
	&dev_attr_last_error.attr,
	NULL,
};

static const struct attribute_group pf_group = {
	.name = "vgpu",
	.attrs = pf_attrs,
};

/**
 * ovg_abi_pf_add() - show a GPU to users
 * @gpu: GPU
 *
 * Return: 0 or an error.
 */
int ovg_abi_pf_add(struct ovg_gpu *gpu)
{
	return sysfs_create_group(&gpu->pf->dev.kobj, &pf_group);
}

/**
 * ovg_abi_pf_del() - the end of ovg_abi_pf_add(); waits for readers and writers
 * @gpu: GPU
 */
void ovg_abi_pf_del(struct ovg_gpu *gpu)
{
	sysfs_remove_group(&gpu->pf->dev.kobj, &pf_group);
}
