// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFIO variant driver of a VF. It registers the one real vfio_device, in the
 * VF's own IOMMU group, whichever face made the vGPU. Opening it boots the
 * vGPU, closing it shuts it down; everything else is vfio-pci-core's.
 */
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <linux/uuid.h>
#include <linux/vfio_pci_core.h>
#include "../abi/abi.h"
#include "../compat/compat.h"
#include "../core/core.h"
#include "vf.h"

/**
 * struct ovg_vf - a VF that our driver is bound to
 * @core: VFIO's; the VF's drvdata points at it
 * @slot: its slot; the GPU outlives the binding of its VFs
 * @device: PCI device id that the guest sees; valid while open
 * @subsystem: PCI subsystem id that the guest sees; valid while open
 *
 * Lifetime: VFIO counts references and frees it in vfio_put_device(). Probe
 * holds one until remove. Remove first unregisters it from VFIO, which waits
 * for the user to close it, so that no op runs once @slot may go.
 */
struct ovg_vf {
	struct vfio_pci_core_device core;
	struct ovg_slot *slot;
	u16 device;
	u16 subsystem;
};

static struct ovg_vf *to_vf(struct vfio_device *vdev)
{
	return container_of(vdev, struct ovg_vf, core.vdev);
}

static int vf_open(struct vfio_device *vdev)
{
	struct ovg_vf *vf = to_vf(vdev);
	int ret;

	ret = ovg_instance_begin(vf->slot);
	if (ret)
		return ret;
	/* Enables the VF and resets it. */
	ret = vfio_pci_core_enable(&vf->core);
	if (ret)
		goto abort;
	ret = ovg_instance_boot(vf->slot, &vf->device, &vf->subsystem);
	if (ret)
		goto disable;
	vfio_pci_core_finish_enable(&vf->core);
	return 0;

disable:
	vfio_pci_core_disable(&vf->core);
abort:
	ovg_instance_abort(vf->slot);
	return ret;
}

static void vf_close(struct vfio_device *vdev)
{
	struct ovg_vf *vf = to_vf(vdev);

	ovg_instance_closing(vf->slot);
	/* Bus mastering off and reset: no DMA while the firmware lets go. */
	vfio_pci_core_close_device(vdev);
	ovg_instance_closed(vf->slot);
}

/*
 * A handle opens the VF by the handle's UUID, and then nobody opens it by its
 * own address. The character device of newer kernels has no name to match, so
 * there the two cannot be told apart.
 *
 * Between match and open the handle may be removed and another one be made on
 * the same VF; the opener then gets that one. It takes root twice.
 */
static int vf_match(struct vfio_device *vdev, char *buf)
{
	struct ovg_vf *vf = to_vf(vdev);
	guid_t uuid;
	int ret;

	if (strlen(buf) == UUID_STRING_LEN && !guid_parse(buf, &uuid))
		return ovg_slot_is_handle(vf->slot, &uuid);
	ret = vfio_pci_core_match(vdev, buf);
	if (ret > 0 && ovg_slot_has_handle(vf->slot))
		return -EBUSY;
	return ret;
}

/* Replaces what lies at config offset @at in a read of @count bytes from @pos. */
static int patch(char __user *buf, loff_t pos, size_t count, unsigned int at,
		 u16 value)
{
	__le16 word = cpu_to_le16(value);
	const u8 *byte = (const u8 *)&word;
	unsigned int i;

	for (i = 0; i < sizeof(word); i++) {
		if (at + i < pos || at + i >= pos + count)
			continue;
		if (put_user(byte[i], (u8 __user *)buf + (at + i - pos)))
			return -EFAULT;
	}
	return 0;
}

/* The guest sees the ids of its type, not those of the VF. */
static ssize_t vf_read(struct vfio_device *vdev, char __user *buf, size_t count,
		       loff_t *ppos)
{
	struct ovg_vf *vf = to_vf(vdev);
	unsigned int index = VFIO_PCI_OFFSET_TO_INDEX(*ppos);
	loff_t pos = *ppos & VFIO_PCI_OFFSET_MASK;
	ssize_t ret;

	ret = vfio_pci_core_read(vdev, buf, count, ppos);
	if (ret <= 0 || index != VFIO_PCI_CONFIG_REGION_INDEX)
		return ret;
	if (patch(buf, pos, ret, PCI_DEVICE_ID, vf->device) ||
	    patch(buf, pos, ret, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA) ||
	    patch(buf, pos, ret, PCI_SUBSYSTEM_ID, vf->subsystem))
		return -EFAULT;
	return ret;
}

/*
 * The reset itself is the PCI core's, and what the firmware then makes of it comes
 * back to us in reset_done, which has no result to give to VFIO.
 */
static long vf_ioctl(struct vfio_device *vdev, unsigned int cmd,
		     unsigned long arg)
{
	struct ovg_vf *vf = to_vf(vdev);
	long ret;

	ret = vfio_pci_core_ioctl(vdev, cmd, arg);
	if (cmd == VFIO_DEVICE_RESET && !ret)
		ret = ovg_instance_reset_result(vf->slot);
	return ret;
}

static const struct vfio_device_ops vf_ops = {
	.name = "openvgpu",
	.init = vfio_pci_core_init_dev,
	.release = vfio_pci_core_release_dev,
	.open_device = vf_open,
	.close_device = vf_close,
	.match = vf_match,
	.read = vf_read,
	.write = vfio_pci_core_write,
	.ioctl = vf_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.mmap = vfio_pci_core_mmap,
	.request = vfio_pci_core_request,
	OVG_VFIO_BIND_IOMMUFD
	OVG_VFIO_DETACH_IOAS
	OVG_VFIO_MATCH_TOKEN_UUID
	OVG_VFIO_GET_REGION_INFO_CAPS
};

static void vf_request(void *ctx, unsigned int count)
{
	struct ovg_vf *vf = ctx;

	vfio_pci_core_request(&vf->core.vdev, count);
}

static void vf_error(void *ctx)
{
	struct ovg_vf *vf = ctx;

	/* Raises the error event; the VM monitor stops the VM. */
	vfio_pci_core_aer_err_detected(vf->core.pdev, pci_channel_io_normal);
}

static const struct ovg_vf_ops slot_ops = {
	.request = vf_request,
	.error = vf_error,
};

/**
 * ovg_vf_probe() - bind a VF
 * @pdev: VF
 * @gpu: GPU of its PF
 *
 * The attributes are there before VFIO announces the device, since whoever
 * waits for the device looks at them next.
 *
 * Return: 0 or an error.
 */
int ovg_vf_probe(struct pci_dev *pdev, struct ovg_gpu *gpu)
{
	struct ovg_slot *slot = ovg_slot_of_vf(gpu, pdev);
	char why[OVG_WHY_MAX];
	struct ovg_vf *vf;
	int ret;

	if (!slot)
		return -ENODEV;
	if (!ovg_group_alone(&pdev->dev, why)) {
		pci_err(pdev, "not usable for vGPUs: %s\n", why);
		return -ENODEV;
	}
	vf = vfio_alloc_device(ovg_vf, core.vdev, &pdev->dev, &vf_ops);
	if (IS_ERR(vf))
		return PTR_ERR(vf);
	vf->slot = slot;
	dev_set_drvdata(&pdev->dev, &vf->core);

	ret = ovg_abi_vf_add(slot, &pdev->dev);
	if (ret)
		goto put;
	ret = vfio_pci_core_register_device(&vf->core);
	if (ret)
		goto abi;
	ovg_slot_bind(slot, pdev, &slot_ops, vf);
	return 0;

abi:
	ovg_abi_vf_del(&pdev->dev);
put:
	vfio_put_device(&vf->core.vdev);
	return ret;
}

/**
 * ovg_vf_remove() - unbind a VF, waiting for its user
 * @pdev: VF
 */
void ovg_vf_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);
	struct ovg_vf *vf = container_of(core, struct ovg_vf, core);

	ovg_abi_vf_del(&pdev->dev);
	ovg_slot_unbind_begin(vf->slot);
	vfio_pci_core_unregister_device(&vf->core);
	ovg_slot_unbind_end(vf->slot);
	vfio_put_device(&vf->core.vdev);
}

static struct ovg_slot *slot_of(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);

	return container_of(core, struct ovg_vf, core)->slot;
}

/**
 * ovg_vf_reset_prepare() - the VF is about to be reset
 * @pdev: VF
 */
void ovg_vf_reset_prepare(struct pci_dev *pdev)
{
	ovg_instance_reset_prepare(slot_of(pdev));
}

/**
 * ovg_vf_reset_done() - the VF was reset
 * @pdev: VF
 */
void ovg_vf_reset_done(struct pci_dev *pdev)
{
	ovg_instance_reset_done(slot_of(pdev));
}

/**
 * ovg_vf_error_detected() - PCI error on a VF
 * @pdev: VF
 * @state: of its link
 *
 * Return: what vfio-pci-core says.
 */
pci_ers_result_t ovg_vf_error_detected(struct pci_dev *pdev,
				       pci_channel_state_t state)
{
	return vfio_pci_core_aer_err_detected(pdev, state);
}
