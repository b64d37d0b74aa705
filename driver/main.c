// SPDX-License-Identifier: GPL-2.0-only
/*
 * One PCI driver for the PF and its VFs. It must be called "nvidia": mdev type
 * ids carry the name of the PF's driver ("nvidia-560"), several tools look for
 * it on the VF, and two drivers of one name cannot be registered.
 */
#include <linux/device.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/pci.h>
#include "abi/abi.h"
#include "core/core.h"
#include "vfio/vf.h"

#define DRIVER_NAME	"nvidia"

/* vGPU of these boards does not use SR-IOV. */
#define OVG_NO_SRIOV	1

/*
 * The boards of schemas/catalogue/types.csv. A VF has the device id of its PF.
 */
#define BOARDS(X)							\
	X(0x20b0)	/* A100 SXM4 40 GB */				\
	X(0x20b2)	/* A100 SXM4 80 GB */				\
	X(0x20b5)	/* A100 PCIe 80 GB */				\
	X(0x20b7)	/* A30 */					\
	X(0x20f1)	/* A100 PCIe 40 GB */				\
	X(0x2235)	/* A40 */					\
	X(0x2236)	/* A10 */					\
	X(0x2321)	/* H100 NVL */					\
	X(0x2330)	/* H100 SXM5 80 GB */				\
	X(0x2331)	/* H100 PCIe */					\
	X(0x2335)	/* H200 SXM5 */					\
	X(0x2339)	/* H100 SXM5 94 GB */				\
	X(0x233b)	/* H200 NVL */					\
	X(0x25b6)	/* A2, A16 */					\
	X(0x26b1)	/* RTX 6000 Ada */				\
	X(0x26b5)	/* L40 */					\
	X(0x26b9)	/* L40S */					\
	X(0x27b8)	/* L4 */					\
	X(0x2bb5)	/* RTX PRO 6000 Blackwell Server */

#define BIND_ID(id)	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, id) },
#define VFIO_ID(id)	\
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_NVIDIA, id) },

static const struct pci_device_id bind_ids[] = {
	BOARDS(BIND_ID)
	{ PCI_DEVICE(PCI_VENDOR_ID_NVIDIA, 0x1eb8),	/* T4 */
	  .driver_data = OVG_NO_SRIOV },
	{ }
};

/*
 * Only these become aliases: libvirt finds the driver of a VF by them. The
 * ordinary ids do not, so that no host with such a board loads this module
 * unless its administrator says so.
 */
static const struct pci_device_id vfio_ids[] __maybe_unused = {
	BOARDS(VFIO_ID)
	{ }
};
MODULE_DEVICE_TABLE(pci, vfio_ids);

static struct pci_driver ovg_driver;

static int pf_attach(struct ovg_gpu *gpu, const struct pci_device_id *id)
{
	struct iommu_group *group;
	char why[OVG_WHY_MAX];

	if (id->driver_data & OVG_NO_SRIOV) {
		ovg_gpu_no_firmware(gpu, -EOPNOTSUPP,
				    "vGPU of this board does not use SR-IOV: take another board");
		return 0;
	}
	/*
	 * In a shared group somebody else may own the DMA of this function,
	 * and driver_managed_dma took the kernel's check away: touch nothing.
	 * No group is no IOMMU: then DMA is ours, but there will be no VFs.
	 */
	group = iommu_group_get(&gpu->pf->dev);
	iommu_group_put(group);
	if (group && !ovg_group_alone(&gpu->pf->dev, why)) {
		ovg_gpu_no_firmware(gpu, -ENODEV, why);
		pci_err(gpu->pf, "no vGPUs: %s\n", why);
		return 0;
	}
	return ovg_gpu_attach(gpu);
}

/*
 * VFIO points the power management of this driver at functions that take
 * drvdata for its own struct. They run for devices that are allowed to suspend
 * only; the PF never drops the reference that the PCI core holds for it.
 */
static int pf_probe(struct pci_dev *pf, const struct pci_device_id *id)
{
	struct ovg_gpu *gpu;
	int ret;

	gpu = ovg_gpu_create(pf, &ovg_gsp_provider);
	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	pci_set_drvdata(pf, gpu);
	ret = pci_enable_device(pf);
	if (ret)
		goto destroy;
	/* For after a reset of the slot, when it is too late to save it. */
	if (!pci_save_state(pf))
		gpu->pci_state = pci_store_saved_state(pf);
	ret = pf_attach(gpu, id);
	if (ret)
		goto disable;
	ret = ovg_abi_pf_add(gpu);
	if (ret)
		goto disable;
	ovg_debugfs_add(gpu);
	ovg_face_add_gpu(gpu);
	ovg_nl_add_gpu(gpu);
	return 0;

disable:
	ovg_gpu_going(gpu);
	ovg_gpu_destroy(gpu);
	pci_clear_master(pf);
	pci_disable_device(pf);
	pci_set_drvdata(pf, NULL);
	return ret;
destroy:
	ovg_gpu_destroy(gpu);
	pci_set_drvdata(pf, NULL);
	return ret;
}

static void pf_remove(struct pci_dev *pf)
{
	struct ovg_gpu *gpu = pci_get_drvdata(pf);

	/* Taken away without asking: its users are told before they are waited for. */
	if (pci_dev_is_disconnected(pf))
		ovg_gpu_gone(gpu);
	ovg_gpu_going(gpu);
	ovg_abi_pf_del(gpu);
	ovg_nl_del_gpu(gpu);
	/* Both wait for the users of what they remove. */
	ovg_face_del_gpu(gpu);
	pci_disable_sriov(pf);
	ovg_debugfs_del(gpu);
	ovg_gpu_destroy(gpu);
	pci_clear_master(pf);
	pci_disable_device(pf);
	pci_set_drvdata(pf, NULL);
}

static int ovg_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct ovg_gpu *gpu;

	if (!pdev->is_virtfn)
		return pf_probe(pdev, id);
	gpu = pci_iov_get_pf_drvdata(pdev, &ovg_driver);
	/* The PF is somebody else's, or not bound. */
	if (IS_ERR_OR_NULL(gpu))
		return -ENODEV;
	return ovg_vf_probe(pdev, gpu);
}

static void ovg_remove(struct pci_dev *pdev)
{
	if (pdev->is_virtfn)
		ovg_vf_remove(pdev);
	else
		pf_remove(pdev);
}

static void ovg_shutdown(struct pci_dev *pdev)
{
	if (!pdev->is_virtfn)
		ovg_gpu_shutdown(pci_get_drvdata(pdev));
	else if (!pci_dev_is_disconnected(pdev))
		pci_clear_master(pdev);
}

static int ovg_pci_sriov_configure(struct pci_dev *pf, int num_vfs)
{
	return ovg_sriov_configure(pci_get_drvdata(pf), num_vfs);
}

static pci_ers_result_t ovg_error_detected(struct pci_dev *pdev,
					   pci_channel_state_t state)
{
	if (pdev->is_virtfn)
		return ovg_vf_error_detected(pdev, state);
	return ovg_gpu_error_detected(pci_get_drvdata(pdev), state);
}

static pci_ers_result_t ovg_slot_reset(struct pci_dev *pdev)
{
	/* What a VF needs is set up when it is opened again. */
	if (pdev->is_virtfn)
		return PCI_ERS_RESULT_RECOVERED;
	return ovg_gpu_slot_reset(pci_get_drvdata(pdev));
}

static void ovg_resume(struct pci_dev *pdev)
{
	if (!pdev->is_virtfn)
		ovg_gpu_resume(pci_get_drvdata(pdev));
}

static void ovg_reset_prepare(struct pci_dev *pdev)
{
	if (pdev->is_virtfn)
		ovg_vf_reset_prepare(pdev);
	else
		ovg_gpu_reset_prepare(pci_get_drvdata(pdev));
}

static void ovg_reset_done(struct pci_dev *pdev)
{
	if (pdev->is_virtfn)
		ovg_vf_reset_done(pdev);
	else
		ovg_gpu_reset_done(pci_get_drvdata(pdev));
}

static const struct pci_error_handlers ovg_err_handler = {
	.error_detected = ovg_error_detected,
	.slot_reset = ovg_slot_reset,
	.resume = ovg_resume,
	.reset_prepare = ovg_reset_prepare,
	.reset_done = ovg_reset_done,
};

static struct pci_driver ovg_driver = {
	.name = DRIVER_NAME,
	.id_table = bind_ids,
	.probe = ovg_probe,
	.remove = ovg_remove,
	.shutdown = ovg_shutdown,
	.sriov_configure = ovg_pci_sriov_configure,
	.err_handler = &ovg_err_handler,
	/* VFIO owns the DMA of the VFs; what this means for the PF: sriov.c */
	.driver_managed_dma = true,
};

static int __init ovg_init(void)
{
	int ret;

	if (driver_find(DRIVER_NAME, &pci_bus_type)) {
		pr_err("openvgpu: a PCI driver named \"" DRIVER_NAME "\" is loaded already; unload it first\n");
		return -EBUSY;
	}
	ret = ovg_nl_init();
	if (ret)
		return ret;
	ovg_debugfs_init();
	ret = pci_register_driver(&ovg_driver);
	if (ret) {
		ovg_debugfs_exit();
		ovg_nl_exit();
	}
	return ret;
}

static void __exit ovg_exit(void)
{
	pci_unregister_driver(&ovg_driver);
	ovg_debugfs_exit();
	ovg_nl_exit();
}

module_init(ovg_init);
module_exit(ovg_exit);

MODULE_DESCRIPTION("vGPU driver: GPU, VFs and their VFIO devices");
MODULE_LICENSE("GPL");
