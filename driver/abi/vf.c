// SPDX-License-Identifier: GPL-2.0-only
/*
 * <VF>/nvidia/, as NVIDIA's own driver has it since 525, and <VF>/vgpu/ with
 * what that does not tell. There must never be a folder "nvidia" on a PF:
 * tools take it for the sign of a VF.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>
#include "../compat/compat.h"
#include "../core/core.h"
#include "abi.h"

/*
 * The attributes exist only while the VF is bound; its drvdata belongs to
 * VFIO, so the slot is found through the PF.
 */
static struct ovg_slot *to_slot(struct device *dev)
{
	struct pci_dev *vf = to_pci_dev(dev);

	return ovg_slot_of_vf(pci_get_drvdata(pci_physfn(vf)), vf);
}

/* Longest line: id in 5 columns, " : ", name, newline. */
#define LINE_MAX_LEN	(10 + 3 + OVG_TYPE_NAME_MAX + 1)
#define HEADER		"ID    : vGPU Name\n"
#define LIST_MAX	(sizeof(HEADER) + OVG_MAX_TYPES * LINE_MAX_LEN)

static size_t list_types(struct ovg_slot *slot, char *text)
{
	struct ovg_gpu *gpu = slot->gpu;
	size_t len = scnprintf(text, LIST_MAX, HEADER);
	u32 i;

	mutex_lock(&gpu->lock);
	if (ovg_slot_usable(slot))
		for (i = 0; i < gpu->nr_types; i++)
			if (gpu->avail[i])
				len += scnprintf(text + len, LIST_MAX - len,
						 "%-5d : %s\n",
						 gpu->types[i].id,
						 gpu->types[i].name);
	mutex_unlock(&gpu->lock);
	return len;
}

/*
 * A text attribute is cut at one page, and the list may be longer. Made anew
 * for each read: whoever reads it in pieces while it changes may see a piece
 * of the old and a piece of the new list.
 */
static ssize_t creatable_vgpu_types_read(struct file *file, struct kobject *kobj,
					 ovg_bin_attr_arg *attr, char *buf,
					 loff_t off, size_t count)
{
	char *text = kvmalloc(LIST_MAX, GFP_KERNEL);
	ssize_t ret;
	size_t len;

	if (!text)
		return -ENOMEM;
	len = list_types(to_slot(kobj_to_dev(kobj)), text);
	ret = memory_read_from_buffer(buf, count, &off, text, len);
	kvfree(text);
	return ret;
}

static struct bin_attribute bin_attr_creatable_vgpu_types = {
	.attr = { .name = "creatable_vgpu_types", .mode = 0444 },
	.read = creatable_vgpu_types_read,
};

static ovg_bin_attr_list nvidia_bin_attrs[] = {
	&bin_attr_creatable_vgpu_types,
	NULL,
};

/* The vGPU that a type was written for; a handle has files of its own. */
static struct ovg_vgpu *vf_vgpu(struct ovg_slot *slot)
{
	if (!slot->vgpu || slot->vgpu->face->handles)
		return NULL;
	return slot->vgpu;
}

static ssize_t current_vgpu_type_show(struct device *dev,
				      struct device_attribute *attr, char *buf)
{
	struct ovg_slot *slot = to_slot(dev);
	struct ovg_gpu *gpu = slot->gpu;
	u32 id = 0;

	mutex_lock(&gpu->lock);
	if (vf_vgpu(slot))
		id = gpu->types[slot->vgpu->type].id;
	mutex_unlock(&gpu->lock);
	return sysfs_emit(buf, "%d\n", id);
}

static ssize_t current_vgpu_type_store(struct device *dev,
				       struct device_attribute *attr,
				       const char *buf, size_t count)
{
	struct ovg_slot *slot = to_slot(dev);
	u32 id;
	int ret;

	/* Also a number too large for a type id is no number of a type. */
	if (kstrtou32(buf, 10, &id)) {
		mutex_lock(&slot->gpu->lock);
		ovg_refuse(slot->gpu, slot, "not a type id: write one of creatable_vgpu_types, or 0");
		mutex_unlock(&slot->gpu->lock);
		return -EINVAL;
	}
	ret = ovg_slot_set_type(slot, id);
	return ret ? ret : count;
}
static DEVICE_ATTR_RW(current_vgpu_type);

/* Whoever wants to set something of a vGPU that this face does not have. */
static void refuse_no_vgpu(struct ovg_slot *slot)
{
	if (slot->vgpu)
		ovg_refuse(slot->gpu, slot, "VF belongs to mdev %pUl: write to that",
			   &slot->vgpu->uuid);
	else
		ovg_refuse(slot->gpu, slot, "VF has no vGPU type: write one of creatable_vgpu_types to current_vgpu_type");
}

/* Of a VF without a type there is nothing to read or set: ENXIO. */
#define NVIDIA_ATTR(name)						\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct ovg_slot *slot = to_slot(dev);				\
	ssize_t ret = -ENXIO;						\
									\
	mutex_lock(&slot->gpu->lock);					\
	if (vf_vgpu(slot))						\
		ret = ovg_abi_##name(slot->vgpu, buf);			\
	mutex_unlock(&slot->gpu->lock);					\
	return ret;							\
}									\
									\
static ssize_t name##_store(struct device *dev,				\
			    struct device_attribute *attr,		\
			    const char *buf, size_t count)		\
{									\
	struct ovg_slot *slot = to_slot(dev);				\
	ssize_t ret = -ENXIO;						\
									\
	mutex_lock(&slot->gpu->lock);					\
	if (vf_vgpu(slot))						\
		ret = ovg_abi_##name##_set(slot->vgpu, buf, count);	\
	else								\
		refuse_no_vgpu(slot);					\
	mutex_unlock(&slot->gpu->lock);					\
	return ret;							\
}									\
static DEVICE_ATTR_RW(name)

NVIDIA_ATTR(gpu_instance_id);
NVIDIA_ATTR(placement_id);
NVIDIA_ATTR(vgpu_params);

static struct attribute *nvidia_attrs[] = {
	&dev_attr_current_vgpu_type.attr,
	&dev_attr_gpu_instance_id.attr,
	&dev_attr_placement_id.attr,
	&dev_attr_vgpu_params.attr,
	NULL,
};

static const struct attribute_group nvidia_group = {
	.name = "nvidia",
	.attrs = nvidia_attrs,
	.bin_attrs = nvidia_bin_attrs,
};

static ssize_t owner_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct ovg_slot *slot = to_slot(dev);
	ssize_t len;

	mutex_lock(&slot->gpu->lock);
	if (!slot->vgpu)
		len = sysfs_emit(buf, "none\n");
	else if (!slot->vgpu->face->handles)
		len = sysfs_emit(buf, "vf\n");
	else
		len = sysfs_emit(buf, "mdev %pUl\n", &slot->vgpu->uuid);
	mutex_unlock(&slot->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(owner);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct ovg_slot *slot = to_slot(dev);
	ssize_t len;

	mutex_lock(&slot->gpu->lock);
	len = sysfs_emit(buf, "%s\n", ovg_slot_state(slot));
	mutex_unlock(&slot->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(state);

static ssize_t last_error_show(struct device *dev,
			       struct device_attribute *attr, char *buf)
{
	struct ovg_slot *slot = to_slot(dev);
	ssize_t len;

	mutex_lock(&slot->gpu->lock);
	len = sysfs_emit(buf, "%s\n", slot->last_error);
	mutex_unlock(&slot->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(last_error);

#define VGPU_ATTR(name)							\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct ovg_slot *slot = to_slot(dev);				\
	ssize_t len;							\
									\
	mutex_lock(&slot->gpu->lock);					\
	len = ovg_abi_##name(slot->vgpu, buf);				\
	mutex_unlock(&slot->gpu->lock);					\
	return len;							\
}									\
static DEVICE_ATTR_RO(name)

VGPU_ATTR(guest);
VGPU_ATTR(licence);
VGPU_ATTR(os);
VGPU_ATTR(usage);

static ssize_t placements_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	struct ovg_slot *slot = to_slot(dev);
	ssize_t len;

	mutex_lock(&slot->gpu->lock);
	len = ovg_abi_placements(vf_vgpu(slot), buf);
	mutex_unlock(&slot->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(placements);

static ssize_t vm_name_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct ovg_slot *slot = to_slot(dev);
	ssize_t len;

	mutex_lock(&slot->gpu->lock);
	len = ovg_abi_vm_name(slot->vgpu, buf);
	mutex_unlock(&slot->gpu->lock);
	return len;
}

static ssize_t vm_name_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	struct ovg_slot *slot = to_slot(dev);
	ssize_t ret;

	mutex_lock(&slot->gpu->lock);
	if (vf_vgpu(slot)) {
		ret = ovg_abi_vm_name_set(slot->vgpu, buf, count);
	} else {
		refuse_no_vgpu(slot);
		ret = slot->vgpu ? -EBUSY : -ENXIO;
	}
	mutex_unlock(&slot->gpu->lock);
	return ret;
}
/* Names of VMs are nobody's business but root's. */
static DEVICE_ATTR_ADMIN_RW(vm_name);

static struct attribute *vgpu_attrs[] = {
	&dev_attr_owner.attr,
	&dev_attr_state.attr,
	&dev_attr_last_error.attr,
	&dev_attr_guest.attr,
	&dev_attr_licence.attr,
	&dev_attr_os.attr,
	&dev_attr_usage.attr,
	&dev_attr_placements.attr,
	&dev_attr_vm_name.attr,
	NULL,
};

static const struct attribute_group vgpu_group = {
	.name = "vgpu",
	.attrs = vgpu_attrs,
};

static const struct attribute_group *vf_groups[] = {
	&nvidia_group,
	&vgpu_group,
	NULL,
};

/**
 * ovg_abi_vf_add() - show a VF to users
 * @slot: its slot
 * @vf: VF
 *
 * Return: 0 or an error.
 */
int ovg_abi_vf_add(struct ovg_slot *slot, struct device *vf)
{
	return sysfs_create_groups(&vf->kobj, vf_groups);
}

/**
 * ovg_abi_vf_del() - the end of ovg_abi_vf_add(); waits for readers and writers
 * @vf: VF
 */
void ovg_abi_vf_del(struct device *vf)
{
	sysfs_remove_groups(&vf->kobj, vf_groups);
}
