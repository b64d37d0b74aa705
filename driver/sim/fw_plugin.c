// SPDX-License-Identifier: GPL-2.0-only
/*
 * The plugin of a vGPU: its communication area in the heap, seen through PF BAR1,
 * the messages of the driver and the logs (docs/hardware.md section 5). Each plugin
 * works by itself; none waits for another or for the firmware's own messages.
 */
#include <linux/io.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include "fw.h"

enum { LOG_INIT, LOG_TASK, LOG_KERNEL };

static void __iomem *at(struct sim_vgpu *v, u64 addr)
{
	return v->plugin.map + (addr - v->plugin.map_at);
}

static void __iomem *control(struct sim_vgpu *v)
{
	return at(v, v->plugin.comm);
}

static void resp_write(struct sim_vgpu *v, u32 field, u32 val)
{
	if (field != NONE)
		writel(val, control(v) + COMM_RESPONSE + field);
}

/* -------------------------------------------------------------------- logs */

static void log_open(struct sim_vgpu *v, u32 which)
{
	struct sim_range *l = &v->plugin.log[which];

	if (l->len < 2 * LOG_TEXT)
		l->len = 0;
	if (l->len)
		memset_io(at(v, l->addr), 0, l->len);
}

void sim_plugin_log(struct sim_vgpu *v, u32 which, const char *fmt, ...)
{
	struct sim_range *l = &v->plugin.log[which];
	u64 room, put = v->plugin.log_put[which];
	char text[128];
	va_list args;
	int n, i;

	if (!l->len || !v->plugin.map)
		return;
	va_start(args, fmt);
	n = vscnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	room = l->len - LOG_TEXT;
	for (i = 0; i < n; i++)
		writeb(text[i], at(v, l->addr + LOG_TEXT + (put + i) % room));
	wmb();	/* the text is there when the number says so */
	v->plugin.log_put[which] = put + n;
	writeq(put + n, at(v, l->addr + LOG_PUT));
}

/* ------------------------------------------------------------- coming up */

static u64 log_end(const struct sim_range *l)
{
	return l->len ? l->addr + l->len : 0;
}

/* At BOOTLOAD, with everything in it checked. Return: an RM status. */
u32 sim_plugin_start(struct sim_vgpu *v, const u8 *boot)
{
	struct sim_board *b = v->fn->board;
	const struct sim_layout *lay = b->lay;
	struct sim_plugin *p = &v->plugin;
	u64 end;
	u32 i;

	p->comm = v->heap.addr + rd64(boot + lay->boot.ctrl_buffer);
	p->map_at = p->comm;
	end = p->comm + lay->comm_size;
	for (i = 0; i < lay->boot.nlogs; i++) {
		p->log[i].addr = rd64(boot + lay->boot.logs + 16 * i);
		p->log[i].len = rd64(boot + lay->boot.logs + 16 * i + 8);
		if (!p->log[i].len)
			continue;
		p->map_at = min(p->map_at, p->log[i].addr);
		end = max(end, log_end(&p->log[i]));
	}
	p->map_at = round_down(p->map_at, SZ_4K);
	p->map = sim_pf_bar1_map(b, p->map_at, end - p->map_at);
	if (!p->map)
		return NV_NO_MEMORY;
	for (i = 0; i < lay->boot.nlogs; i++)
		log_open(v, i);
	sim_plugin_log(v, LOG_INIT, "init: vGPU %u of type %u, firmware %s\n", v->gfid, v->type,
		       lay->build);
	p->boot_at = jiffies;
	return 0;
}

void sim_plugin_end(struct sim_vgpu *v)
{
	if (v->plugin.map)
		sim_pf_bar1_unmap(v->plugin.map);
	memset(&v->plugin, 0, sizeof(v->plugin));
}

void sim_plugin_crash(struct sim_vgpu *v)
{
	struct sim_board *b = v->fn->board;

	sim_count(b, vgpus_crashed);
	sim_plugin_log(v, LOG_TASK, "task: crashed\n");
	v->state = VGPU_CRASHED;
	sim_vgpu_show(v);
	sim_fw_event(b, v->gfid, PLUGIN_CRASHED);
}

static bool control_ok(struct sim_vgpu *v)
{
	static const u32 offsets[] = { COMM_RESPONSE, COMM_MESSAGE, COMM_MIGRATION, COMM_ERROR };
	void __iomem *c = control(v);
	u32 i;

	if (readl(c + CP_VERSION) != 1)
		return false;
	for (i = 0; i < ARRAY_SIZE(offsets); i++)
		if (readq(c + CP_OFFSETS + 8 * i) != offsets[i])
			return false;
	return true;
}

static void come_up(struct sim_vgpu *v)
{
	struct sim_board *b = v->fn->board;

	if (sim_fault_hit(b, SIM_F_boot_crash, CMD_BOOTLOAD)) {
		sim_count(b, fault_boot_crash);
		sim_plugin_crash(v);
		return;
	}
	if (!control_ok(v)) {
		sim_count(b, refused_plugin_control);
		sim_plugin_log(v, LOG_INIT, "init: bad control page\n");
		sim_plugin_crash(v);
		return;
	}
	v->state = VGPU_BOOTED;
	v->plugin.seen = PLUGIN_MARKER;
	writel(PLUGIN_MARKER, control(v) + CP_MSG_SEQ);
	sim_plugin_log(v, LOG_INIT, "init: done\n");
	sim_plugin_log(v, LOG_TASK, "task: started\n");
	sim_plugin_log(v, LOG_KERNEL, "kernel: task of vGPU %u runs\n", v->gfid);
	sim_vgpu_show(v);
	sim_fw_event(b, v->gfid, PLUGIN_BOOTLOADED);
}

/* ---------------------------------------------------------------- messages */

static bool config_ok(struct sim_vgpu *v, const u8 *m)
{
	struct sim_board *b = v->fn->board;

	return (rd64(m + CFG_UUID) || rd64(m + CFG_UUID + 8)) &&
	       rd32(m + CFG_DBDF) == v->dbdf && rd32(m + CFG_TYPE) == v->type &&
	       rd32(m + CFG_PID) == v->pid && rd32(m + CFG_CHANNELS) == v->channels &&
	       rd32(m + CFG_SWIZZ) == v->swizz && sim_rm_is_client(b, rd32(m + CFG_CLIENT)) &&
	       rd32(m + CFG_HYPERVISOR) >= 1 && rd32(m + CFG_HYPERVISOR) <= 4 &&
	       rd32(m + CFG_ARCH) == CFG_ARCH_X86_64 && rd64(m + CFG_PAGE_SIZE) == SZ_4K;
}

/* Message 2 of 535 has no placement id, so nothing is said about it. */
static bool place_ok(struct sim_vgpu *v, const u8 *m)
{
	u32 at = v->fn->board->lay->cfg.placement;

	v->plugin.place = at == NONE ? PLACE_NONE : m[at] | m[at + 1] << 8;
	return at == NONE || sim_mig_place_ok(v, v->plugin.place);
}

/* Return: an RM status. */
static u32 message(struct sim_vgpu *v, u32 type)
{
	struct sim_plugin *p = &v->plugin;
	struct sim_board *b = v->fn->board;
	void __iomem *page = control(v) + COMM_MESSAGE;
	u8 m[MSG_MAX_CONFIG];

	if (type != MSG_NEGOTIATE && type != MSG_CONFIG && type != MSG_RESET && type != MSG_BME) {
		sim_count(b, refused_msg_type);
		return NV_NOT_SUPPORTED;
	}
	if (type == MSG_NEGOTIATE ? p->negotiated :
	    type == MSG_CONFIG ? !p->negotiated || p->configured : !p->configured) {
		sim_count(b, refused_msg_order);
		return NV_INVALID_STATE;
	}
	switch (type) {
	case MSG_NEGOTIATE:
		writel(1, page + 4);
		resp_write(v, b->lay->resp.rpc_version, 1);
		p->negotiated = true;
		break;
	case MSG_CONFIG:
		memcpy_fromio(m, page, b->lay->cfg.size);
		if (!config_ok(v, m)) {
			sim_count(b, refused_msg_config);
			return NV_INVALID_ARGUMENT;
		}
		if (!place_ok(v, m)) {
			sim_count(b, refused_msg_placement);
			return NV_INVALID_ARGUMENT;
		}
		p->conf_type = rd32(m + CFG_TYPE);
		p->configured = true;
		sim_vgpu_show(v);
		break;
	case MSG_RESET:
		sim_ce_stop(v->fn);
		break;
	case MSG_BME:
		p->bme = readb(page) && readb(page + 1);
		break;
	}
	return 0;
}

static void respond(struct sim_vgpu *v, u32 result, u32 seq)
{
	const struct sim_layout *lay = v->fn->board->lay;

	resp_write(v, lay->resp.result, result);
	wmb();	/* everything is there when the number is */
	resp_write(v, lay->resp.processed, seq);
}

static void take(struct sim_vgpu *v, u32 seq)
{
	struct sim_board *b = v->fn->board;
	struct sim_plugin *p = &v->plugin;
	u32 type = readl(control(v) + CP_MSG_TYPE), key = SIM_KEY_MSG(type & 0xff), result;

	sim_count(b, plugin_messages);
	if (sim_fault_hit(b, SIM_F_fw_hang, key)) {
		sim_count(b, fault_fw_hang);
		b->fw->state = FW_HUNG;
		return;
	}
	if (sim_fault_hit(b, SIM_F_plugin_crash, key)) {
		sim_count(b, fault_plugin_crash);
		sim_plugin_crash(v);
		return;
	}
	p->last = seq;
	resp_write(v, b->lay->resp.received, seq);
	result = message(v, type);
	sim_plugin_log(v, LOG_TASK, "task: message %u of type %u: %#x\n", seq, type, result);
	if (sim_fault_hit(b, SIM_F_rpc_lost, key)) {
		sim_count(b, fault_rpc_lost);
		return;
	}
	if (sim_fault_hit(b, SIM_F_rpc_error, key)) {
		sim_count(b, fault_rpc_error);
		result = NV_GENERIC;
	}
	if (sim_fault_hit(b, SIM_F_rpc_garbage, key)) {
		sim_count(b, fault_rpc_garbage);
		respond(v, result, 0xa5a5a5a5);
		return;
	}
	if (sim_fault_hit(b, SIM_F_rpc_late, key)) {
		sim_count(b, fault_rpc_late);
		p->late = true;
		p->late_result = result;
		p->late_at = jiffies + msecs_to_jiffies(READ_ONCE(b->late_ms));
		return;
	}
	respond(v, result, seq);
}

/* @rung: the doorbell said so. Return: true if there was a message. */
static bool look(struct sim_vgpu *v, bool rung)
{
	struct sim_plugin *p = &v->plugin;
	u32 seq = readl(control(v) + CP_MSG_SEQ);

	if (seq == p->seen) {
		/* Rung without a new number, unless it was taken at another's ring. */
		if (rung && !p->unrung)
			sim_count(v->fn->board, refused_msg_seq);
		if (rung)
			p->unrung = false;
		return false;
	}
	p->seen = seq;
	p->unrung = !rung;
	if (!seq || seq != (p->last == U32_MAX ? 1 : p->last + 1)) {
		sim_count(v->fn->board, refused_msg_seq);
		return false;
	}
	rmb();	/* the message is not older than its number */
	take(v, seq);
	return true;
}

/*
 * A ring of one can have replaced that of another in the register, so all of them
 * are looked at. The number is written before the ring, hence none is missed.
 */
static bool look_at_all(struct sim_board *b, u32 rung)
{
	bool worked = false;
	u32 g;

	for (g = 1; g <= b->type->total_vfs && b->fw->state == FW_RUNNING; g++) {
		struct sim_vgpu *v = &b->fw->vgpus[g];

		if (v->state == VGPU_BOOTED && !v->plugin.late)
			worked |= look(v, g == rung);
	}
	return worked;
}

void sim_plugin_ring(struct sim_board *b, u32 val)
{
	u32 gfid = val / 32;

	sim_count(b, plugin_rings);
	if (val % 32 != 17 || !gfid || gfid > SIM_MAX_VFS ||
	    b->fw->vgpus[gfid].state != VGPU_BOOTED)
		sim_count(b, refused_plugin_ring);
	else
		look_at_all(b, gfid);
}

/* What falls due by itself. Return: true if there was something. */
bool sim_plugin_poll(struct sim_board *b)
{
	bool worked = false;
	u32 g;

	for (g = 1; g <= b->type->total_vfs && b->fw->state == FW_RUNNING; g++) {
		struct sim_vgpu *v = &b->fw->vgpus[g];

		/* Read anew each time: a test may hold several back and let all go at once. */
		if (v->state == VGPU_BOOTING &&
		    time_after_eq(jiffies, v->plugin.boot_at +
				  msecs_to_jiffies(READ_ONCE(b->plugin_boot_ms)))) {
			come_up(v);
			worked = true;
		}
		if (v->state == VGPU_BOOTED && v->plugin.late &&
		    time_after_eq(jiffies, v->plugin.late_at)) {
			v->plugin.late = false;
			respond(v, v->plugin.late_result, v->plugin.last);
			look(v, false);	/* what came meanwhile */
			worked = true;
		}
	}
	return worked;
}

void sim_plugin_license(struct sim_vgpu *v, u32 state)
{
	resp_write(v, v->fn->board->lay->resp.license, state);
}
