/* SPDX-License-Identifier: GPL-2.0-only */
/* The GSP-RM provider's own structures. */
#ifndef OVG_GSP_GSP_H
#define OVG_GSP_GSP_H

#include <linux/workqueue.h>

#include "boot.h"
#include "gi.h"
#include "instance.h"
#include "rm.h"

/* MAX_VF_COUNT_PER_GPU of all branches */
#define GSP_MAX_GFID	64

/**
 * struct ovg_provider - GSP-RM of one GPU
 * @pf: its PF; the core keeps it bound from attach() to detach()
 * @ev: what to tell the core
 * @ctx: for @ev
 * @abi: layouts of the firmware branch
 * @bar0: PF registers
 * @bar1: CPU address of PF BAR1, which shows framebuffer from address 0 on
 * @bar1_size: its length, at least the usable framebuffer
 * @irq: of MSI-X vector 0, 0 if not requested
 * @to: timeouts, the core's; read through gsp_ms() for each wait
 * @q: message queues
 * @boot: boot arguments
 * @rm: client for everything on the GPU's own behalf
 * @info: facts for the core
 * @engines: NV2080_ENGINE_TYPE of every engine
 * @num_engines: how many
 * @types: types of the board, NULL if there is no catalogue
 * @num_types: how many
 * @types_why: why there are none
 * @mixed: what set_mixed() has set; false is what firmware starts with. As the next four,
 *	only touched by setters, of which the core runs one at a time
 * @mig: likewise set_mig()
 * @sched: scheduler that the firmware runs with
 * @gi_doubt: by id: GPU instances of which nobody knows whether they exist
 * @gi_range: by id: framebuffer of a GPU instance in VMMU segments, as the firmware says;
 *	size 0 if there is no such instance. Only if it says so
 * @live: attach() succeeded and detach() has not begun: the core may be called
 * @wq: ordered; calls the core, so that a slow callback cannot hold up the reader
 * @fw_died: on @wq
 * @inst_lock: guards @inst and the instances' state; leaf
 * @inst: by gfid
 *
 * Lifetime: attach() to detach(). Interrupt and work items are gone before
 * anything they use is freed. No state is shared with other GPUs.
 */
struct ovg_provider {
	struct pci_dev *pf;
	const struct ovg_provider_events *ev;
	void *ctx;
	const struct gsp_abi *abi;
	void __iomem *bar0;
	resource_size_t bar1;
	u64 bar1_size;
	int irq;
	const struct ovg_timeouts *to;
	struct gsp_queue q;
	struct gsp_boot boot;
	struct gsp_rm rm;

	struct ovg_gpu_info info;
	u32 engines[GSP_MAX_ENGINES];
	u32 num_engines;
	struct ovg_type *types;
	u32 num_types;
	char types_why[OVG_WHY_MAX];

	bool mixed;
	bool mig;
	struct ovg_scheduler sched;
	u32 gi_doubt;
	struct {
		u64 first;
		u64 count;
	} gi_range[GSP_MAX_GI_ID];

	bool live;
	struct workqueue_struct *wq;
	struct work_struct fw_died;
	struct mutex inst_lock;
	struct ovg_instance *inst[GSP_MAX_GFID + 1];
};

int gsp_query(struct ovg_provider *p, const char *build, char *why);
int gsp_load_types(struct ovg_provider *p, char *why);

size_t gsp_dump(struct ovg_provider *p, char *buf, size_t size);

int gsp_set_mixed(struct ovg_provider *p, bool on, char *why);
int gsp_set_scheduler(struct ovg_provider *p, const struct ovg_scheduler *sched, char *why);
int gsp_set_mig(struct ovg_provider *p, bool on, char *why);
int gsp_gi_create(struct ovg_provider *p, const struct ovg_gi_profile *profile, u32 start,
		  struct ovg_provider_gi *out, char *why);
int gsp_gi_destroy(struct ovg_provider *p, u32 id, char *why);

int gsp_vgpu_open(struct ovg_provider *p, const struct ovg_instance_params *par,
		  struct ovg_instance **out, char *why);
int gsp_vgpu_close(struct ovg_provider *p, struct ovg_instance *inst, char *why);
int gsp_vgpu_reset(struct ovg_provider *p, struct ovg_instance *inst, char *why);
size_t gsp_log_size(struct ovg_provider *p, enum ovg_log which);
ssize_t gsp_vgpu_log(struct ovg_provider *p, struct ovg_instance *inst, enum ovg_log which,
		     void *buf, size_t size);
void gsp_vgpu_event(struct ovg_provider *p, u32 gfid, u32 what);
void gsp_usage_event(struct ovg_provider *p, const u8 *payload, u32 len);
void gsp_vgpu_firmware_died(struct ovg_provider *p);
void gsp_vgpu_drop_all(struct ovg_provider *p);

#endif
