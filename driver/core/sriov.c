// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs on and off. PF and VFs are bound with driver_managed_dma, so the kernel
 * does not keep user space from taking a group that the PF is in: each function
 * must be alone in its IOMMU group, which is checked here.
 */
#include <linux/iommu.h>
#include "core.h"

struct group_scan {
	struct device *self;
	struct device *other;
};

static int group_scan(struct device *dev, void *data)
{
	struct group_scan *scan = data;

	if (dev != scan->self)
		scan->other = dev;
	return 0;
}

/**
 * ovg_group_alone() - is a function alone in its IOMMU group?
 * @dev: function
 * @why: reason if not, %OVG_WHY_MAX bytes
 *
 * Return: true if so; false without an IOMMU too.
 */
bool ovg_group_alone(struct device *dev, char *why)
{
	struct group_scan scan = { .self = dev };
	struct iommu_group *group = iommu_group_get(dev);

	if (!group) {
		snprintf(why, OVG_WHY_MAX, "no IOMMU for %s: turn it on in the host's firmware and kernel", dev_name(dev));
		return false;
	}
	iommu_group_for_each_dev(group, &scan, group_scan);
	if (scan.other)
		snprintf(why, OVG_WHY_MAX,
			 "%s shares IOMMU group %d with %s: take another slot, or ACS", dev_name(dev),
			 iommu_group_id(group), dev_name(scan.other));
	iommu_group_put(group);
	return !scan.other;
}

static bool vfs_alone(struct ovg_gpu *gpu, char *why)
{
	struct pci_dev *vf = NULL;

	while ((vf = pci_get_device(gpu->pf->vendor, PCI_ANY_ID, vf))) {
		if (!vf->is_virtfn || pci_physfn(vf) != gpu->pf)
			continue;
		if (!ovg_group_alone(&vf->dev, why)) {
			pci_dev_put(vf);
			return false;
		}
	}
	return true;
}

static void set_vf_why(struct ovg_gpu *gpu, const char *why)
{
	mutex_lock(&gpu->lock);
	strscpy(gpu->vf_why, why, sizeof(gpu->vf_why));
	ovg_refuse(gpu, NULL, "%s", why);
	mutex_unlock(&gpu->lock);
	pci_err(gpu->pf, "no VFs: %s\n", why);
}

static void set_vfs_going(struct ovg_gpu *gpu, bool going)
{
	mutex_lock(&gpu->lock);
	gpu->vfs_going = going;
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);
}

static int enable(struct ovg_gpu *gpu, int num_vfs)
{
	char why[OVG_WHY_MAX];
	int ret;

	mutex_lock(&gpu->lock);
	gpu->vf_why[0] = '\0';
	ret = 0;
	if (!ovg_gpu_usable(gpu)) {
		ovg_refuse(gpu, NULL, "%s", ovg_gpu_status(gpu));
		ret = gpu->state == OVG_GPU_NONE ? gpu->attach_error : -ENODEV;
	}
	mutex_unlock(&gpu->lock);
	if (ret)
		return ret;
	if (!ovg_group_alone(&gpu->pf->dev, why)) {
		set_vf_why(gpu, why);
		return -ENODEV;
	}
	/* VFs are bound before all of them can be looked at: hold them back. */
	set_vfs_going(gpu, true);
	ret = pci_enable_sriov(gpu->pf, num_vfs);
	if (!ret && !vfs_alone(gpu, why)) {
		set_vf_why(gpu, why);
		pci_disable_sriov(gpu->pf);
		ret = -ENODEV;
	}
	set_vfs_going(gpu, false);
	return ret ? ret : num_vfs;
}

/*
 * Decided here, before anything is touched, and not later: with no vGPU left
 * and no new one let in, nothing below waits for a VM. The caller holds the
 * PF's device lock.
 */
static int disable(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	if (!list_empty(&gpu->vgpus)) {
		ovg_refuse(gpu, NULL, "vGPUs exist, VFs stay enabled: remove them first");
		mutex_unlock(&gpu->lock);
		return -EBUSY;
	}
	gpu->vfs_going = true;
	ovg_gpu_update(gpu);
	mutex_unlock(&gpu->lock);

	ovg_face_unregister_gpu(gpu);
	pci_disable_sriov(gpu->pf);
	set_vfs_going(gpu, false);
	return 0;
}

/**
 * ovg_sriov_configure() - the PF's sriov_configure
 * @gpu: GPU
 * @num_vfs: how many, 0 for none
 *
 * Return: number of VFs or an error.
 */
int ovg_sriov_configure(struct ovg_gpu *gpu, int num_vfs)
{
	return num_vfs ? enable(gpu, num_vfs) : disable(gpu);
}
