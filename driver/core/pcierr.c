// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PF that has a PCI error, is taken away or goes down with the host. The PCI
 * core calls all of these with the PF's device lock held, so none of them waits
 * for a VM or for firmware.
 */
#include <linux/slab.h>
#include "core.h"

/**
 * ovg_gpu_gone() - the device does not answer and is not expected to
 * @gpu: GPU
 *
 * The provider stays until the PF is unbound, and is asked for nothing but to
 * free what users close.
 */
void ovg_gpu_gone(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->state != OVG_GPU_GONE && gpu->state != OVG_GPU_SHUTDOWN) {
		pci_err(gpu->pf, "GPU is gone from the bus\n");
		if (gpu->state == OVG_GPU_READY)
			ovg_gpu_died(gpu, "GPU is gone from the bus");
		ovg_gpu_set_state(gpu, OVG_GPU_GONE, "GPU is gone from the bus");
	}
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_gpu_shutdown() - the host goes down or starts another kernel
 * @gpu: GPU
 *
 * Firmware is left alone, since a VM may still run: it is told, and DMA ends.
 */
void ovg_gpu_shutdown(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->state == OVG_GPU_READY)
		ovg_gpu_died(gpu, "host is shutting down");
	gpu->dump_wanted = false;
	ovg_gpu_set_state(gpu, OVG_GPU_SHUTDOWN, "host is shutting down");
	mutex_unlock(&gpu->lock);
	/* Neither takes the device lock; a restart only tries it. */
	cancel_delayed_work_sync(&gpu->restart_work);
	flush_work(&gpu->error_work);
	if (!pci_dev_is_disconnected(gpu->pf))
		pci_clear_master(gpu->pf);
}

/**
 * ovg_gpu_error_detected() - the PF's error_detected
 * @gpu: GPU
 * @channel: can the device still be reached?
 *
 * What firmware makes of an error is not known, whichever kind it is: it is lost.
 *
 * Return: a reset is needed, or the device is lost.
 */
pci_ers_result_t ovg_gpu_error_detected(struct ovg_gpu *gpu,
					pci_channel_state_t channel)
{
	ovg_count(gpu, OVG_CNT_PCI_ERRORS);
	if (channel == pci_channel_io_perm_failure) {
		ovg_gpu_gone(gpu);
		return PCI_ERS_RESULT_DISCONNECT;
	}
	mutex_lock(&gpu->lock);
	switch (gpu->state) {
	case OVG_GPU_NONE:
	case OVG_GPU_GONE:
	case OVG_GPU_SHUTDOWN:
		break;
	case OVG_GPU_READY:
		pci_err(gpu->pf, "PCI error: firmware lost\n");
		ovg_gpu_died(gpu, "PCI error");
		fallthrough;
	default:
		ovg_gpu_set_state(gpu, OVG_GPU_PCI_ERROR, "PCI error");
	}
	mutex_unlock(&gpu->lock);
	return PCI_ERS_RESULT_NEED_RESET;
}

/**
 * ovg_gpu_slot_reset() - the slot was reset, config space is empty
 * @gpu: GPU
 *
 * Restores it as it was before the driver attached, bus mastering off, with
 * SR-IOV. Firmware is for ovg_gpu_restart().
 *
 * Return: does the device answer?
 */
pci_ers_result_t ovg_gpu_slot_reset(struct ovg_gpu *gpu)
{
	if (!pci_device_is_present(gpu->pf)) {
		ovg_gpu_gone(gpu);
		return PCI_ERS_RESULT_DISCONNECT;
	}
	if (gpu->pci_state && !pci_load_saved_state(gpu->pf, gpu->pci_state))
		pci_restore_state(gpu->pf);
	return PCI_ERS_RESULT_RECOVERED;
}

/**
 * ovg_gpu_resume() - PCI error recovery is over
 * @gpu: GPU
 */
void ovg_gpu_resume(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	if (gpu->state == OVG_GPU_PCI_ERROR) {
		gpu->restarts = 0;
		gpu->needs_reset = true;
		ovg_gpu_set_state(gpu, OVG_GPU_DEAD, "PCI error");
		ovg_gpu_queue_restart(gpu, 0);
	}
	mutex_unlock(&gpu->lock);
}
