// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/slab.h>

#include "gsp.h"

/* VGPU_GSP_PLUGIN_TRIGGERED.notifyIndex */
#define PLUGIN_BOOTLOADED	0
#define PLUGIN_UNLOADED		1
#define PLUGIN_CRASHED		2

static void set_state(struct ovg_instance *inst, enum gsp_instance_state state)
{
	mutex_lock(&inst->p->inst_lock);
	inst->state = state;
	mutex_unlock(&inst->p->inst_lock);
}

static void tell_died(struct work_struct *work)
{
	struct ovg_instance *inst = container_of(work, struct ovg_instance, died);

	inst->p->ev->instance_died(inst->p->ctx, inst->boot.gfid, inst->died_why);
}

/* The reader saw an event about a vGPU. */
void gsp_vgpu_event(struct ovg_provider *p, u32 gfid, u32 what)
{
	struct ovg_instance *inst;
	const char *died = NULL;

	mutex_lock(&p->inst_lock);
	inst = gfid <= GSP_MAX_GFID ? p->inst[gfid] : NULL;
	if (!inst)
		goto out;
	switch (inst->state) {
	case GSP_BOOTING:
		if (what == PLUGIN_BOOTLOADED) {
			inst->state = GSP_RUNNING;
			complete(&inst->event);
		} else if (what == PLUGIN_CRASHED) {
			inst->crashed = true;
			complete(&inst->event);
		}
		break;
	case GSP_RUNNING:
		if (what == PLUGIN_CRASHED)
			died = "the vGPU's firmware plugin crashed";
		else if (what == PLUGIN_UNLOADED)
			died = "the vGPU's firmware plugin ended by itself";
		break;
	case GSP_OFF:
	case GSP_STOPPING:
		break;
	}
	if (died) {
		inst->state = GSP_STOPPING;
		strscpy(inst->died_why, died, sizeof(inst->died_why));
		queue_work(p->wq, &inst->died);
	}
out:
	mutex_unlock(&p->inst_lock);
}

/* Nobody needs to wait for an event any more. */
void gsp_vgpu_firmware_died(struct ovg_provider *p)
{
	u32 i;

	mutex_lock(&p->inst_lock);
	for (i = 0; i <= GSP_MAX_GFID; i++)
		if (p->inst[i])
			complete(&p->inst[i]->event);
	mutex_unlock(&p->inst_lock);
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
 * @in_doubt: nobody knows whether BOOTLOAD had an effect. Commands are processed
 * in order, so if both are answered with "not booted", it had none and never
 * will. In any other case that answer is a contradiction and not trusted.
 */
static int stop(struct ovg_instance *inst, bool in_doubt, char *why)
{
	u32 down, clean;
	int err;

	if (!inst->held)
		return 0;
	set_state(inst, GSP_STOPPING);
	gfid_control(inst, NV2080_VGPU_SHUTDOWN, "SHUTDOWN", &down, why);
	err = gfid_control(inst, NV2080_VGPU_CLEANUP, "CLEANUP", &clean, why);
	if (err && !(in_doubt && down == NV_ERR_INVALID_STATE && clean == NV_ERR_INVALID_STATE))
		return err;
	inst->held = false;
	set_state(inst, GSP_OFF);
	return 0;
}

static int wait_booted(struct ovg_instance *inst, char *why)
{
	struct ovg_provider *p = inst->p;
	int err = 0;

	if (!wait_for_completion_timeout(&inst->event, msecs_to_jiffies(p->to.plugin)))
		gsp_queue_drain(&p->q);

	mutex_lock(&p->inst_lock);
	if (inst->state == GSP_RUNNING) {
		/* what we waited for */
	} else if (inst->crashed) {
		gsp_why(why, "the vGPU's firmware plugin crashed while it started");
		err = -EIO;
	} else {
		gsp_why(why, "the vGPU's firmware plugin did not start in %u ms", p->to.plugin);
		err = -ETIMEDOUT;
	}
	mutex_unlock(&p->inst_lock);
	if (err && gsp_queue_dead(&p->q, why))
		err = -ENODEV;
	return err;
}

/* BOOTLOAD and wait for the plugin. After an error @held tells whether to stop(). */
static int start(struct ovg_instance *inst, char *why)
{
	struct ovg_provider *p = inst->p;
	const char *bad;
	void *params;
	u32 status;
	int err;

	if (gsp_queue_dead(&p->q, why))
		return -ENODEV;
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
	inst->crashed = false;
	set_state(inst, GSP_BOOTING);
	err = gsp_rm_control(&p->rm, NV2080_VGPU_BOOTLOAD, "BOOTLOAD", params,
			     p->abi->boot.size, &status, why);
	kvfree(params);
	/* A refusal by RM leaves nothing; an RPC that failed leaves a doubt. */
	inst->held = status == NV_OK && err != -ENOMEM;
	if (!err)
		err = wait_booted(inst, why);
	if (err && !inst->held)
		set_state(inst, GSP_OFF);
	return err;
}

/* start(), and if it fails, no trace of it: or -ENOTRECOVERABLE. */
static int start_or_undo(struct ovg_instance *inst, char *why)
{
	char why2[OVG_WHY_MAX];
	size_t len;
	int err = start(inst, why);

	if (!err || !stop(inst, true, why2))
		return err;
	len = strlen(why);
	if (strcmp(why, why2))
		scnprintf(why + len, OVG_WHY_MAX - len, "; clean-up failed: %s", why2);
	return -ENOTRECOVERABLE;
}

static void forget(struct ovg_instance *inst)
{
	struct ovg_provider *p = inst->p;

	mutex_lock(&p->inst_lock);
	if (p->inst[inst->boot.gfid] == inst)
		p->inst[inst->boot.gfid] = NULL;
	inst->state = GSP_STOPPING;
	mutex_unlock(&p->inst_lock);
	cancel_work_sync(&inst->died);
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
	inst = kzalloc(sizeof(*inst), GFP_KERNEL);
	if (!inst) {
		gsp_why(why, "no memory for a vGPU");
		return -ENOMEM;
	}
	inst->p = p;
	init_completion(&inst->event);
	INIT_WORK(&inst->died, tell_died);
	inst->boot = (struct gsp_bootload) {
		.dbdf = (u32)domain << 16 | pci_dev_id(par->vf),
		.gfid = par->gfid,
		.type = par->type->id,
		.pid = par->pid,
		.fb_addr = par->fb_offset,
		.fb_len = par->fb_size,
		.heap_addr = par->heap_offset,
		.heap_len = par->heap_size,
		.chid = par->chid_offset,
		.channels = par->chid_count,
	};

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

	err = start_or_undo(inst, why);
	if (err) {
		forget(inst);
		kfree(inst);
		return err;
	}
	*out = inst;
	return 0;
}

int gsp_vgpu_close(struct ovg_provider *p, struct ovg_instance *inst, char *why)
{
	int err = stop(inst, false, why);

	forget(inst);
	kfree(inst);
	return err;
}

/*
 * Stop and start again. The plugin's own RESET message is quicker and needs the
 * plugin channel, which does not exist yet.
 */
int gsp_vgpu_reset(struct ovg_provider *p, struct ovg_instance *inst, char *why)
{
	int err = stop(inst, false, why);

	return err ?: start_or_undo(inst, why);
}

/* detach(): the firmware is stopped; instances that were not closed are lost. */
void gsp_vgpu_drop_all(struct ovg_provider *p)
{
	struct ovg_instance *inst;
	u32 i;

	for (i = 0; i <= GSP_MAX_GFID; i++) {
		inst = p->inst[i];
		if (!inst)
			continue;
		forget(inst);
		kfree(inst);
	}
}
