/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting and stopping GSP-RM in vGPU mode.
 *
 * No public code boots GSP with vGPU enabled. Somebody has to load it and leave
 * it waiting for its arguments: that is the hand-over (docs/hardware.md,
 * section 2). What it must have been booted with is in struct gsp_boot_inputs
 * (abi.h).
 */
#ifndef OVG_GSP_BOOT_H
#define OVG_GSP_BOOT_H

#include <linux/completion.h>

#include "abi.h"
#include "queue.h"

#define GSP_BUILD_LEN	32

/**
 * struct gsp_boot - boot arguments of a started GSP
 * @libos: array of libos regions, one page
 * @rmargs: GSP_ARGUMENTS_CACHED, one page
 * @init_done: GSP_INIT_DONE came
 * @init_result: its rpc_result
 * @started: GSP knows the two pages and the queues
 *
 * Lifetime: as the queue's pages, see struct gsp_queue.
 */
struct gsp_boot {
	void *libos;
	dma_addr_t libos_dma;
	void *rmargs;
	dma_addr_t rmargs_dma;
	struct completion init_done;
	u32 init_result;
	bool started;
};

int gsp_handover(struct pci_dev *pf, char *build, char *why);
int gsp_boot_start(struct gsp_boot *b, struct gsp_queue *q, const struct gsp_abi *abi,
		   char *why);
int gsp_boot_stop(struct gsp_boot *b, struct gsp_queue *q, char *why);
void gsp_boot_free(struct gsp_boot *b, struct gsp_queue *q);

#endif
