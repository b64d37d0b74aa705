// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mdev face: a GPU with VFs is a parent, a vGPU on it an mdev. The mdev is
 * a handle and nothing more: it has no vfio_device and is in no IOMMU group.
 * Links in its folder lead QEMU to the group and the device of its VF, whose
 * VFIO driver accepts the mdev's UUID as a name.
 *
 * A module of its own, since there are kernels without mdev.
 */
#include <linux/device.h>
#include <linux/kernfs.h>
#include <linux/list.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "../compat/compat.h"
#include "../core/core.h"
#include "abi.h"

struct parent;

/**
 * struct parent_type - a vGPU type as mdev core wants it
 * @type: mdev core's, with a kobject
 * @parent: registration that it is for
 * @index: of the type in the GPU's list
 * @sysfs_name: NVIDIA's number; mdev core puts "nvidia-" before it
 * @name: NVIDIA's name
 */
struct parent_type {
	struct mdev_type type;
	struct parent *parent;
	u32 index;
	char sysfs_name[12];
	char name[OVG_TYPE_NAME_MAX];
};

/**
 * struct parent - one registration of a GPU as mdev parent
 * @mdev: mdev core's
 * @gpu: GPU, valid until the parent is unregistered
 * @node: in the list of unregistered ones that cannot be freed yet
 * @nr: number of types
 * @list: the types, as mdev core wants them
 * @types: the types
 *
 * Lifetime: made per registration and never used for a second one, because a
 * kobject cannot be initialised twice. mdev core offers no callback when a type
 * or an mdev is released, and an mdev whose removal is over may still be held
 * by somebody (a bus iterator); its release looks at @mdev and at its type, and
 * then drops its reference on the type. So every type is held by one reference
 * of our own, and the registration is freed when these are the only ones.
 */
struct parent {
	struct mdev_parent mdev;
	struct ovg_gpu *gpu;
	struct list_head node;
	u32 nr;
	struct mdev_type **list;
	struct parent_type types[];
};

/**
 * struct handle - our side of an mdev
 * @mdev: the mdev
 * @vgpu: the vGPU
 * @started: jiffies at the begin of probe
 * @changed: tells libvirt of an mdev that took long
 * @vfio_link: there is a link "vfio-dev"
 *
 * Lifetime: probe to remove of the mdev driver, which has no other way to be
 * unbound. The vGPU calls link, unlink and dead only until ovg_vgpu_remove()
 * returns, and @changed is cancelled in remove.
 */
struct handle {
	struct mdev_device *mdev;
	struct ovg_vgpu *vgpu;
	struct delayed_work changed;
	bool vfio_link;
};

/* libvirt waits one second for a new mdev to be complete. */
#define SLOW_PROBE	(HZ / 2)

static DEFINE_MUTEX(graves_lock);
static LIST_HEAD(graves);
static void bury_work_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(bury_work, bury_work_fn);

static struct parent_type *to_type(struct mdev_type *type)
{
	return container_of(type, struct parent_type, type);
}

/*
 * Makes a link to what @from's entry @name is or leads to: QEMU reads one level
 * of the link and wants the number of the group as its last component.
 */
static int link_like(struct kobject *from, const char *name, struct kobject *to)
{
	struct kernfs_node *node = kernfs_find_and_get(from->sd, name);
	struct kernfs_node *target = node;
	int ret = -EINVAL;

	if (!node)
		return -ENOENT;
	if (kernfs_type(node) == KERNFS_LINK)
		target = node->symlink.target_kn;
	/* A directory's private data is its kobject (fs/sysfs/dir.c). */
	if (kernfs_type(target) == KERNFS_DIR)
		ret = sysfs_create_link(to, target->priv, name);
	kernfs_put(node);
	return ret;
}

static int handle_link(struct ovg_vgpu *vgpu, struct device *vf)
{
	struct handle *handle = vgpu->priv;
	struct kobject *kobj = &handle->mdev->dev.kobj;
	int ret;

	ret = link_like(&vf->kobj, "iommu_group", kobj);
	if (ret)
		return ret;
	/* For users of the character device; not every kernel has it. */
	handle->vfio_link = !link_like(&vf->kobj, "vfio-dev", kobj);
	return 0;
}

static void handle_unlink(struct ovg_vgpu *vgpu)
{
	struct handle *handle = vgpu->priv;
	struct kobject *kobj = &handle->mdev->dev.kobj;

	if (handle->vfio_link)
		sysfs_remove_link(kobj, "vfio-dev");
	handle->vfio_link = false;
	sysfs_remove_link(kobj, "iommu_group");
}

/* Also for one that is dead. */
static void handle_changed(struct ovg_vgpu *vgpu)
{
	struct handle *handle = vgpu->priv;

	kobject_uevent(&handle->mdev->dev.kobj, KOBJ_CHANGE);
}

static void *parent_add(struct ovg_gpu *gpu);
static void parent_del(void *data);

static const struct ovg_face mdev_face = {
	.owner = THIS_MODULE,
	.handles = true,
	.link = handle_link,
	.unlink = handle_unlink,
	.dead = handle_changed,
	.changed = handle_changed,
	.parent_add = parent_add,
	.parent_del = parent_del,
};

static void slow_probe(struct work_struct *work)
{
	struct handle *handle = container_of(to_delayed_work(work),
					     struct handle, changed);

	kobject_uevent(&handle->mdev->dev.kobj, KOBJ_CHANGE);
}

/* Reserves and links. Firmware boots when VFIO opens the VF. */
static int mdev_probe(struct mdev_device *mdev)
{
	struct parent_type *type = to_type(mdev->type);
	unsigned long started = jiffies;
	struct handle *handle;
	int ret;

	handle = kzalloc(sizeof(*handle), GFP_KERNEL);
	if (!handle)
		return -ENOMEM;
	handle->mdev = mdev;
	INIT_DELAYED_WORK(&handle->changed, slow_probe);
	dev_set_drvdata(&mdev->dev, handle);
	ret = ovg_vgpu_create(type->parent->gpu, NULL, type->index, &mdev->uuid,
			      &mdev_face, handle, &handle->vgpu);
	if (ret) {
		dev_set_drvdata(&mdev->dev, NULL);
		kfree(handle);
		return ret;
	}
	/* libvirt may have given up on it by now: make it look again. */
	if (time_after(jiffies, started + SLOW_PROBE))
		schedule_delayed_work(&handle->changed, HZ / 4);
	return 0;
}

static void mdev_remove(struct mdev_device *mdev)
{
	struct handle *handle = dev_get_drvdata(&mdev->dev);

	cancel_delayed_work_sync(&handle->changed);
	ovg_vgpu_remove(handle->vgpu);
	dev_set_drvdata(&mdev->dev, NULL);
	kfree(handle);
}

/* Read by libvirt for every type at every listing: no lock, no waiting. */
static unsigned int mdev_available(struct mdev_type *mtype)
{
	struct parent_type *type = to_type(mtype);

	return READ_ONCE(type->parent->gpu->avail[type->index]);
}

/* Word for word what NVIDIA's driver writes; several tools parse it. */
static ssize_t mdev_description(struct mdev_type *mtype, char *buf)
{
	struct parent_type *type = to_type(mtype);
	const struct ovg_type *t = &type->parent->gpu->types[type->index];

	return sysfs_emit(buf,
			  "num_heads=%d, frl_config=%d, framebuffer=%lluM, max_resolution=%dx%d, max_instance=%d\n",
			  t->heads, t->frl, t->profile_bytes >> 20, t->max_x,
			  t->max_y, t->max_instance);
}

/* The driver core removes these files before it calls mdev_remove(). */
static ssize_t vf_show(struct device *dev, struct device_attribute *attr,
		       char *buf)
{
	struct handle *handle = dev_get_drvdata(dev);
	struct ovg_vgpu *vgpu = handle->vgpu;
	ssize_t len;

	mutex_lock(&vgpu->gpu->lock);
	len = sysfs_emit(buf, "%s\n", vgpu->dead ? "" :
			 pci_name(vgpu->slot->vf));
	mutex_unlock(&vgpu->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(vf);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct handle *handle = dev_get_drvdata(dev);
	struct ovg_vgpu *vgpu = handle->vgpu;
	ssize_t len;

	mutex_lock(&vgpu->gpu->lock);
	len = sysfs_emit(buf, "%s\n", ovg_vgpu_state(vgpu));
	mutex_unlock(&vgpu->gpu->lock);
	return len;
}
static DEVICE_ATTR_RO(state);

/* Read by the callout for every vGPU at every listing: no lock. */
static ssize_t attributes_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct handle *handle = dev_get_drvdata(dev);

	return ovg_vgpu_chosen(handle->vgpu, buf);
}
static DEVICE_ATTR_RO(attributes);

#define VGPU_ATTR(name)							\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct handle *handle = dev_get_drvdata(dev);			\
	struct ovg_vgpu *vgpu = handle->vgpu;				\
	ssize_t len;							\
									\
	mutex_lock(&vgpu->gpu->lock);					\
	len = ovg_abi_##name(vgpu, buf);				\
	mutex_unlock(&vgpu->gpu->lock);					\
	return len;							\
}									\
static DEVICE_ATTR_RO(name)

VGPU_ATTR(guest);
VGPU_ATTR(licence);
VGPU_ATTR(os);
VGPU_ATTR(usage);
VGPU_ATTR(placements);

#define VGPU_ATTR_SET(name)						\
static ssize_t name##_show(struct device *dev,				\
			   struct device_attribute *attr, char *buf)	\
{									\
	struct handle *handle = dev_get_drvdata(dev);			\
	struct ovg_vgpu *vgpu = handle->vgpu;				\
	ssize_t len;							\
									\
	mutex_lock(&vgpu->gpu->lock);					\
	len = ovg_abi_##name(vgpu, buf);				\
	mutex_unlock(&vgpu->gpu->lock);					\
	return len;							\
}									\
									\
static ssize_t name##_store(struct device *dev,				\
			    struct device_attribute *attr,		\
			    const char *buf, size_t count)		\
{									\
	struct handle *handle = dev_get_drvdata(dev);			\
	struct ovg_vgpu *vgpu = handle->vgpu;				\
	ssize_t ret;							\
									\
	mutex_lock(&vgpu->gpu->lock);					\
	ret = ovg_abi_##name##_set(vgpu, buf, count);			\
	mutex_unlock(&vgpu->gpu->lock);					\
	return ret;							\
}

VGPU_ATTR_SET(vm_name)
/* Names of VMs are nobody's business but root's. */
static DEVICE_ATTR_ADMIN_RW(vm_name);

static struct attribute *mdev_attrs[] = {
	&dev_attr_vf.attr,
	&dev_attr_state.attr,
	&dev_attr_guest.attr,
	&dev_attr_licence.attr,
	&dev_attr_os.attr,
	&dev_attr_usage.attr,
	&dev_attr_placements.attr,
	&dev_attr_attributes.attr,
	&dev_attr_vm_name.attr,
	NULL,
};

static const struct attribute_group mdev_group = {
	.name = "vgpu",
	.attrs = mdev_attrs,
};

VGPU_ATTR_SET(gpu_instance_id)
static DEVICE_ATTR_RW(gpu_instance_id);
VGPU_ATTR_SET(placement_id)
static DEVICE_ATTR_RW(placement_id);
VGPU_ATTR_SET(vgpu_params)
static DEVICE_ATTR_RW(vgpu_params);

/* NVIDIA's says it only while a VM has the vGPU. */
static ssize_t nvidia_vm_name_show(struct device *dev,
				   struct device_attribute *attr, char *buf)
{
	struct handle *handle = dev_get_drvdata(dev);
	struct ovg_vgpu *vgpu = handle->vgpu;
	ssize_t len;

	mutex_lock(&vgpu->gpu->lock);
	len = ovg_abi_vm_name(vgpu->open ? vgpu : NULL, buf);
	mutex_unlock(&vgpu->gpu->lock);
	return len;
}

static struct device_attribute dev_attr_nvidia_vm_name =
	__ATTR(vm_name, 0400, nvidia_vm_name_show, NULL);

static struct attribute *nvidia_attrs[] = {
	&dev_attr_gpu_instance_id.attr,
	&dev_attr_placement_id.attr,
	&dev_attr_vgpu_params.attr,
	&dev_attr_nvidia_vm_name.attr,
	NULL,
};

/*
 * As the other group made by the driver core together with the mdev: mdevctl and others
 * write into it as soon as "create" has returned.
 */
static const struct attribute_group nvidia_group = {
	.name = "nvidia",
	.attrs = nvidia_attrs,
};

static const struct attribute_group *mdev_groups[] = {
	&mdev_group,
	&nvidia_group,
	NULL,
};

static struct mdev_driver mdev_driver = {
	.device_api = "vfio-pci",
	.probe = mdev_probe,
	.remove = mdev_remove,
	.get_available = mdev_available,
	.show_description = mdev_description,
	.driver = {
		.name = "openvgpu_mdev",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = mdev_groups,
		/* A handle without its driver would be a vGPU nobody owns. */
		.suppress_bind_attrs = true,
	},
};

static void parent_free(struct parent *parent)
{
	kfree(parent->list);
	kvfree(parent);
}

/* Does nobody but us hold a type, and so nobody an mdev of it? */
static bool parent_is_ours(struct parent *parent)
{
	u32 i;

	for (i = 0; i < parent->nr; i++)
		if (kref_read(&parent->types[i].type.kobj.kref) > 1)
			return false;
	/* Pairs with the release ordering of the others' last put. */
	smp_rmb();
	return true;
}

static void parent_bury(struct parent *parent)
{
	u32 i;

	for (i = 0; i < parent->nr; i++)
		kobject_put(&parent->types[i].type.kobj);
	parent_free(parent);
}

static void bury_work_fn(struct work_struct *work)
{
	struct parent *parent, *next;

	mutex_lock(&graves_lock);
	list_for_each_entry_safe(parent, next, &graves, node) {
		if (!parent_is_ours(parent))
			continue;
		list_del(&parent->node);
		parent_bury(parent);
	}
	if (!list_empty(&graves))
		schedule_delayed_work(&bury_work, HZ / 10);
	mutex_unlock(&graves_lock);
}

static void *parent_add(struct ovg_gpu *gpu)
{
	struct parent *parent;
	u32 i;
	int ret;

	parent = kvzalloc(struct_size(parent, types, gpu->nr_types),
			  GFP_KERNEL);
	if (!parent)
		return ERR_PTR(-ENOMEM);
	parent->list = kcalloc(gpu->nr_types, sizeof(*parent->list),
			       GFP_KERNEL);
	if (!parent->list) {
		kvfree(parent);
		return ERR_PTR(-ENOMEM);
	}
	parent->gpu = gpu;
	parent->nr = gpu->nr_types;
	for (i = 0; i < parent->nr; i++) {
		struct parent_type *type = &parent->types[i];

		type->parent = parent;
		type->index = i;
		snprintf(type->sysfs_name, sizeof(type->sysfs_name), "%u",
			 gpu->types[i].id);
		strscpy(type->name, gpu->types[i].name, sizeof(type->name));
		type->type.sysfs_name = type->sysfs_name;
		type->type.pretty_name = type->name;
		parent->list[i] = &type->type;
	}
	ret = mdev_register_parent(&parent->mdev, &gpu->pf->dev, &mdev_driver,
				   parent->list, parent->nr);
	if (ret) {
		/* mdev core has put every type that it had initialised. */
		parent_free(parent);
		return ERR_PTR(ret);
	}
	for (i = 0; i < parent->nr; i++)
		kobject_get(&parent->types[i].type.kobj);
	return parent;
}

static void parent_del(void *data)
{
	struct parent *parent = data;

	mdev_unregister_parent(&parent->mdev);
	if (parent_is_ours(parent)) {
		parent_bury(parent);
		return;
	}
	mutex_lock(&graves_lock);
	list_add(&parent->node, &graves);
	schedule_delayed_work(&bury_work, HZ / 10);
	mutex_unlock(&graves_lock);
}

static int __init ovg_mdev_init(void)
{
	int ret;

	ret = mdev_register_driver(&mdev_driver);
	if (ret)
		return ret;
	ret = ovg_face_add(&mdev_face);
	if (ret)
		mdev_unregister_driver(&mdev_driver);
	return ret;
}

static void __exit ovg_mdev_exit(void)
{
	ovg_face_del(&mdev_face);
	/* Its mdevs' releases look at our driver struct. */
	while (flush_delayed_work(&bury_work))
		;
	mdev_unregister_driver(&mdev_driver);
}

module_init(ovg_mdev_init);
module_exit(ovg_mdev_exit);

MODULE_DESCRIPTION("Mediated device face of openvgpu");
MODULE_LICENSE("GPL");
OVG_IMPORT;
