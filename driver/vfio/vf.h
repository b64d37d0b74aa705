/* SPDX-License-Identifier: GPL-2.0-only */
/* The VFIO variant driver of the VFs, as main.c's pci_driver calls it. */
#ifndef OVG_VFIO_VF_H
#define OVG_VFIO_VF_H

#include <linux/pci.h>

struct ovg_gpu;

int ovg_vf_probe(struct pci_dev *vf, struct ovg_gpu *gpu);
void ovg_vf_remove(struct pci_dev *vf);
void ovg_vf_reset_prepare(struct pci_dev *vf);
void ovg_vf_reset_done(struct pci_dev *vf);
pci_ers_result_t ovg_vf_error_detected(struct pci_dev *vf,
				       pci_channel_state_t state);

#endif
