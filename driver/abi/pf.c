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

static ssize_t placement_mode_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "equal\n");
}
static DEVICE_ATTR_RO(placement_mode);

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
