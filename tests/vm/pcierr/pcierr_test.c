// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the PCI core does when a port reports an error or the host goes down, for one
 * function: the simulated bridges report nothing. Loading does it and then fails with
 * ECANCELED, so that nothing stays; the driver's answer is in the kernel's log.
 */
#include <linux/device.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/string.h>

static char *function = "";
module_param(function, charp, 0);
MODULE_PARM_DESC(function, "domain:bus:device.function");

static char *step = "";
module_param(step, charp, 0);
MODULE_PARM_DESC(step, "normal, frozen, permanent, slot_reset, resume or shutdown");

static int call(struct pci_dev *pdev)
{
	const struct pci_error_handlers *h = pdev->driver->err_handler;

	if (!strcmp(step, "normal"))
		return h->error_detected(pdev, pci_channel_io_normal);
	if (!strcmp(step, "frozen"))
		return h->error_detected(pdev, pci_channel_io_frozen);
	if (!strcmp(step, "permanent"))
		return h->error_detected(pdev, pci_channel_io_perm_failure);
	if (!strcmp(step, "slot_reset"))
		return h->slot_reset(pdev);
	if (!strcmp(step, "resume"))
		h->resume(pdev);
	else if (!strcmp(step, "shutdown"))
		pdev->driver->shutdown(pdev);
	else
		return -EINVAL;
	return 0;
}

static int __init pcierr_init(void)
{
	unsigned int domain, bus, slot, func;
	struct pci_dev *pdev;
	int ret = -ENODEV;

	if (sscanf(function, "%x:%x:%x.%x", &domain, &bus, &slot, &func) != 4)
		return -EINVAL;
	pdev = pci_get_domain_bus_and_slot(domain, bus, PCI_DEVFN(slot, func));
	if (!pdev)
		return -ENODEV;
	/* As in pcie_do_recovery() and device_shutdown(). */
	device_lock(&pdev->dev);
	if (pdev->driver && pdev->driver->err_handler)
		ret = call(pdev);
	device_unlock(&pdev->dev);
	pci_dev_put(pdev);
	pr_info("pcierr_test: %s: %d\n", step, ret);
	return -ECANCELED;
}
module_init(pcierr_init);

MODULE_DESCRIPTION("PCI errors for a test");
MODULE_LICENSE("GPL");
