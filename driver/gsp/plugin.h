/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Talking to the plugin of a vGPU: a task of the firmware that the host reaches
 * through pages at the start of the vGPU's plugin heap, past GSP's queues.
 */
#ifndef OVG_GSP_PLUGIN_H
#define OVG_GSP_PLUGIN_H

#include <linux/io.h>
#include <linux/mutex.h>

#include "abi.h"

struct ovg_instance;

/**
 * struct gsp_plugin - the communication area of a vGPU's plugin
 * @io: CPU mapping of it, all of &gsp_plugin_layout.comm_size; from open() to
 *	close()
 * @lock: there is one page for messages, so one is under way at a time. Held
 *	while the plugin works on it; nothing else is waited for under it, and no
 *	other vGPU has to do with it
 * @seq: number of the last message, 0 before the first; under @lock, as the next
 * @in_doubt: a message got no answer or a wrong one. What the plugin does with it
 *	is not known, so it gets no other until it was started anew
 * @bus_master: the VF was allowed to do DMA; only touched by the one op that the
 *	core runs on an instance at a time
 */
struct gsp_plugin {
	void __iomem *io;
	struct mutex lock;
	u32 seq;
	bool in_doubt;
	bool bus_master;
};

int gsp_plugin_prepare(struct ovg_instance *inst, char *why);
int gsp_plugin_wait(struct ovg_instance *inst, char *why);
int gsp_plugin_configure(struct ovg_instance *inst, char *why);
int gsp_plugin_reset(struct ovg_instance *inst, char *why);
void gsp_plugin_quiesce(struct ovg_instance *inst);
u32 gsp_plugin_licence(struct ovg_instance *inst);

#endif
