// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening, closing and resetting a vGPU. Each step waits on its own: vGPUs of one
 * GPU share the queues and nothing that is held while one of them waits.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "bar1.h"
#include "gsp.h"
#include "trace.h"

/* host_cpu_arch of the plugin's configuration */
#ifdef CONFIG_ARM64
#define CPU_ARCH	1
#else
#define CPU_ARCH	2
#endif

void gsp_instance_set(struct ovg_instance *inst, enum gsp_instance_state state)
{
	inst->state = state;
	trace_gsp_vgpu(pci_name(inst->p->pf), inst->boot.gfid, "state", state);
}

static void set_state(struct ovg_instance *inst, enum gsp_instance_state state)
{
	mutex_lock(&inst->p->inst_lock);
	gsp_instance_set(inst, state);
	mutex_unlock(&inst->p->inst_lock);
}

static int gfid_control(struct ovg_instance *inst, u32 cmd, const char *what, u32 *status,
			char *why)
{
	u8 params[4];

	le_put32(params, 0, inst->boot.gfid);
	return gsp_rm_control(&inst->p->rm, cmd, what, params, sizeof(params), status, why);
}

/*
 * SHUTDOWN, then CLEANUP, which is sent even if SHUTDOWN failed: it is CLEANUP
 * that makes firmware let go of the ranges.
 *
 * Commands are processed in order. So where nobody knows whether BOOTLOAD had an
 * effect, and both are answered with "not booted", it had none and never will. If
 * the answer to CLEANUP is lost both are asked once more: "not booted" then means
 * that it was done the first time. In any other case that answer is a contradiction
 * and not trusted.
 */
static int stop(struct ovg_instance *inst, char *why)
{
	bool asked, lost = false;	/* the answer to CLEANUP */
	u32 down, clean;
	int err;

	if (!inst->held)
		return 0;
	set_state(inst, GSP_STOPPING);
	gsp_plugin_quiesce(inst);
	do {
		asked = lost;
		gfid_control(inst, NV2080_VGPU_SHUTDOWN, "SHUTDOWN", &down, why);
		err = gfid_control(inst, NV2080_VGPU_CLEANUP, "CLEANUP", &clean, why);
		if (err && (inst->unsure || asked) && down == NV_ERR_INVALID_STATE &&
		    clean == NV_ERR_INVALID_STATE)
			err = 0;
		lost = gsp_in_doubt(err, clean);
	} while (lost && !asked);
	if (err)
		return err;
	inst->held = false;
	set_state(inst, GSP_OFF);
	return 0;
}

/* After an error @held tells whether to stop(). */
static int bootload(struct ovg_instance *inst, char *why)
{
	struct ovg_provider *p = inst->p;
	const char *bad;
	void *params;
	u32 status;
	int err;

	params = kvzalloc(p->abi->boot.size, GFP_KERNEL);
	if (!params) {
		gsp_why(why, "no memory for BOOTLOAD");
		return -ENOMEM;
	}
	bad = gsp_bootload_fill(p->abi, &inst->boot, p->info.segment, p->engines, p->num_engines,
				params);
	if (bad) {
		gsp_why(why, "%s", bad);
		kvfree(params);
		return -EINVAL;
	}

	reinit_completion(&inst->event);
	mutex_lock(&p->inst_lock);
	inst->booted = false;
	inst->gone = NULL;
	gsp_instance_set(inst, GSP_BOOTING);
	mutex_unlock(&p->inst_lock);
	err = gsp_rm_control(&p->rm, NV2080_VGPU_BOOTLOAD, "BOOTLOAD", params,
			     p->abi->boot.size, &status, why);
	kvfree(params);
	/* A refusal by RM leaves nothing; an RPC that failed leaves a doubt. */
	inst->held = status == NV_OK && err != -ENOMEM;
	inst->unsure = err;
	if (err && !inst->held)
		set_state(inst, GSP_OFF);
	return err;
}

/* From now on a crash is the core's business. */
static int run(struct ovg_instance *inst, char *why)
{
	int err = 0;

	mutex_lock(&inst->p->inst_lock);
	if (inst->gone) {
		gsp_why(why, "%s", inst->gone);
		err = -EIO;
	} else {
		gsp_instance_set(inst, GSP_RUNNING);
	}
	mutex_unlock(&inst->p->inst_lock);
	return err;
}

static int start(struct ovg_instance *inst, char *why)
{
	int err;

	if (gsp_queue_dead(&inst->p->q, why))
		return -ENODEV;
	err = gsp_plugin_prepare(inst, why);
	if (!err)
		err = bootload(inst, why);
	if (!err)
		err = gsp_plugin_wait(inst, why);
	if (!err)
		err = gsp_plugin_configure(inst, why);
	if (!err)
		err = run(inst, why);
	return err;
}

/* start(), and if it fails, no trace of it: or -ENOTRECOVERABLE, or dead firmware. */
static int start_or_undo(struct ovg_instance *inst, char *why)
{
	char why2[OVG_WHY_MAX];
	size_t len;
	int err = start(inst, why);

	if (!err || !stop(inst, why2))
		return err;
	len = strlen(why);
	if (strcmp(why, why2))
		scnprintf(why + len, OVG_WHY_MAX - len, "; clean-up failed: %s", why2);
	/* What is dead keeps nothing, and the core hears of it in a moment. */
	return gsp_queue_dead(&inst->p->q, why2) ? -ENODEV : -ENOTRECOVERABLE;
}

/* No event finds it any more, and none is on its way to the core. */
static void forget(struct ovg_instance *inst)
{
	struct ovg_provider *p = inst->p;

	mutex_lock(&p->inst_lock);
	if (p->inst[inst->boot.gfid] == inst)
		p->inst[inst->boot.gfid] = NULL;
	inst->state = GSP_STOPPING;
	mutex_unlock(&p->inst_lock);
	cancel_work_sync(&inst->died);
	cancel_work_sync(&inst->deliver);
}

static void free_instance(struct ovg_instance *inst)
{
	forget(inst);
	if (inst->plugin.io)
		iounmap(inst->plugin.io);
	gsp_rm_close(&inst->rm);
	kfree(inst);
}

static struct ovg_instance *make_instance(struct ovg_provider *p, u32 domain,
					  const struct ovg_instance_params *par)
{
	/* The kernel keeps the first three fields in little endian, people do not. */
	static const u8 order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };
	struct ovg_instance *inst = kzalloc(sizeof(*inst), GFP_KERNEL);
	u32 i;

	if (!inst)
		return NULL;
	inst->p = p;
	init_completion(&inst->event);
	mutex_init(&inst->plugin.lock);
	INIT_WORK(&inst->died, gsp_instance_tell_died);
	INIT_WORK(&inst->deliver, gsp_instance_deliver);
	inst->boot = (struct gsp_bootload) {
		.dbdf = domain << 16 | pci_dev_id(par->vf),
		.gfid = par->gfid,
		.type = par->type->id,
		.pid = par->pid,
		.fb_addr = par->fb_offset,
		.fb_len = par->fb_size,
		.heap_addr = par->heap_offset,
		.heap_len = par->heap_size,
		.chid = par->chid_offset,
		.channels = par->chid_count,
		.swizz = par->gi,
		.profiling = gsp_param_on(par->params, "enable_profiling"),
	};
	inst->config = (struct gsp_config) {
		.placement = par->placement_id,
		.cpu_arch = CPU_ARCH,
		.page_size = PAGE_SIZE,
		.uvm = gsp_param_on(par->params, "enable_uvm"),
	};
	for (i = 0; i < sizeof(order); i++)
		inst->config.uuid[i] = par->uuid.b[order[i]];
	return inst;
}

/* RM client, mapping, scrub, plugin; free_instance() is the way back, also halfway. */
static int bring_up(struct ovg_instance *inst, char *why)
{
	struct ovg_provider *p = inst->p;
	int err;

	err = gsp_rm_open(&inst->rm, &p->q, p->abi, inst->boot.gfid, why);
	if (err)
		return err;
	inst->config.client = inst->rm.client;
	err = gsp_bar1_map(p, inst->boot.heap_addr, p->abi->plugin.comm_size, &inst->plugin.io,
			   why);
	if (!err)
		err = gsp_scrub(p, inst->boot.fb_addr, inst->boot.fb_len, why);
	if (!err)
		err = start_or_undo(inst, why);
	return err;
}

int gsp_vgpu_open(struct ovg_provider *p, const struct ovg_instance_params *par,
		  struct ovg_instance **out, char *why)
{
	struct ovg_instance *inst;
	int domain = pci_domain_nr(par->vf->bus);
	int err;

	if (!par->gfid || par->gfid > GSP_MAX_GFID) {
		gsp_why(why, "gfid %u is out of range", par->gfid);
		return -EINVAL;
	}
	if (domain < 0 || domain > 0xffff) {
		gsp_why(why, "firmware has 16 bits for the PCI domain, 0x%x does not fit", domain);
		return -EOPNOTSUPP;
	}
	inst = make_instance(p, domain, par);
	if (!inst) {
		gsp_why(why, "no memory for a vGPU");
		return -ENOMEM;
	}

	mutex_lock(&p->inst_lock);
	err = p->inst[par->gfid] ? -EBUSY : 0;
	if (!err)
		p->inst[par->gfid] = inst;
	mutex_unlock(&p->inst_lock);
	if (err) {
		gsp_why(why, "gfid %u is in use", par->gfid);
		kfree(inst);
		return err;
	}

	err = bring_up(inst, why);
	if (err) {
		free_instance(inst);
		return err;
	}
	*out = inst;
	return 0;
}

int gsp_vgpu_close(struct ovg_provider *p, struct ovg_instance *inst, char *why)
{
	int err = stop(inst, why);

	free_instance(inst);
	return err;
}

/* By message; a plugin that does not do it is stopped and started anew. */
int gsp_vgpu_reset(struct ovg_provider *p, struct ovg_instance *inst, char *why)
{
	bool runs;
	int err;

	mutex_lock(&p->inst_lock);
	runs = inst->state == GSP_RUNNING;
	if (runs)
		gsp_instance_set(inst, GSP_RESETTING);
	mutex_unlock(&p->inst_lock);
	if (runs) {
		err = gsp_plugin_reset(inst, why);
		if (!err)
			err = run(inst, why);
		if (!err)
			return 0;
		dev_dbg(&p->pf->dev, "gfid %u is started anew: %s\n", inst->boot.gfid, why);
	}
	err = stop(inst, why);
	return err ?: start_or_undo(inst, why);
}

/* detach(): the firmware is stopped; instances that were not closed are lost. */
void gsp_vgpu_drop_all(struct ovg_provider *p)
{
	u32 i;

	for (i = 0; i <= GSP_MAX_GFID; i++) {
		if (!p->inst[i])
			continue;
		/* Its RM objects went with the firmware. */
		memset(&p->inst[i]->rm, 0, sizeof(p->inst[i]->rm));
		free_instance(p->inst[i]);
	}
}
