// SPDX-License-Identifier: GPL-2.0-only
/*
 * vGPUs: BOOTLOAD, SHUTDOWN, CLEANUP and what each refuses (docs/hardware.md
 * section 4). What a vGPU owns - framebuffer, heap, channel ids, its VF - is its
 * own from BOOTLOAD to CLEANUP, whatever happens between.
 */
#include <linux/io.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include "fw.h"

static bool inside(struct sim_board *b, struct sim_range r)
{
	return r.len && r.addr < b->type->usable && r.len <= b->type->usable - r.addr;
}

static bool overlap(struct sim_range a, struct sim_range b)
{
	return a.addr < b.addr + b.len && b.addr < a.addr + a.len;
}

static bool overlaps_vgpu(const struct sim_vgpu *v, struct sim_range r)
{
	u32 i;

	if (overlap(v->heap, r))
		return true;
	for (i = 0; i < v->nsegs; i++)
		if (overlap(v->segs[i], r))
			return true;
	return false;
}

/* Does a range hit one of the other vGPUs? */
static bool taken(struct sim_board *b, struct sim_range r)
{
	int g;

	for (g = 1; g <= SIM_MAX_VFS; g++)
		if (b->fw->vgpus[g].state != VGPU_FREE && overlaps_vgpu(&b->fw->vgpus[g], r))
			return true;
	return false;
}

/* Does anything in a range belong to a vGPU? */
bool sim_vgpu_owns(struct sim_board *b, u64 addr, u64 len)
{
	return taken(b, (struct sim_range){ addr, len });
}

static u32 check_segments(struct sim_board *b, struct sim_vgpu *v)
{
	u64 mask = b->type->segment - 1;
	u32 i, j;

	for (i = 0; i < v->nsegs; i++) {
		struct sim_range r = v->segs[i];

		if ((r.addr | r.len) & mask) {
			sim_count(b, refused_boot_segment_align);
			return NV_INVALID_ARGUMENT;
		}
		if (!inside(b, r)) {
			sim_count(b, refused_boot_segment_range);
			return NV_INVALID_ARGUMENT;
		}
		for (j = 0; j < i; j++)
			if (overlap(v->segs[j], r))
				break;
		if (j < i || taken(b, r)) {
			sim_count(b, refused_boot_segment_overlap);
			return NV_INVALID_ARGUMENT;
		}
	}
	return 0;
}

static u32 check_heap(struct sim_board *b, struct sim_vgpu *v, const u8 *p)
{
	const struct sim_layout *lay = b->lay;
	u64 end, ctrl = rd64(p + lay->boot.ctrl_buffer);
	u32 i;

	if (!inside(b, v->heap) || !IS_ALIGNED(v->heap.addr | v->heap.len, SZ_4K)) {
		sim_count(b, refused_boot_heap);
		return NV_INVALID_ARGUMENT;
	}
	for (i = 0; i < v->nsegs; i++)
		if (overlap(v->segs[i], v->heap))
			break;
	if (i < v->nsegs || taken(b, v->heap)) {
		sim_count(b, refused_boot_heap_overlap);
		return NV_INVALID_ARGUMENT;
	}
	if (ctrl > v->heap.len || lay->comm_size > v->heap.len - ctrl || !IS_ALIGNED(ctrl, SZ_4K)) {
		sim_count(b, refused_boot_ctrl_buffer);
		return NV_INVALID_ARGUMENT;
	}
	end = v->heap.addr + v->heap.len;
	for (i = 0; i < lay->boot.nlogs; i++) {
		u64 at = rd64(p + lay->boot.logs + 16 * i);
		u64 size = rd64(p + lay->boot.logs + 16 * i + 8);

		if (!size)
			continue;
		if (!IS_ALIGNED(at, 8) || at < v->heap.addr || at >= end || size >= end - at) {
			sim_count(b, refused_boot_log);
			return NV_INVALID_ARGUMENT;
		}
	}
	return 0;
}

static u32 check_channels(struct sim_board *b, struct sim_vgpu *v)
{
	const struct sim_board_type *t = b->type;
	u32 i;
	int g;

	if (!v->channels || (!t->any_channel_count && !is_power_of_2(v->channels))) {
		sim_count(b, refused_boot_channel_count);
		return NV_INVALID_ARGUMENT;
	}
	for (i = 0; i < t->nengines; i++) {
		if (v->channels > t->channels || v->chid[i] > t->channels - v->channels) {
			sim_count(b, refused_boot_channel_range);
			return NV_INVALID_ARGUMENT;
		}
		for (g = 1; g <= SIM_MAX_VFS; g++) {
			struct sim_vgpu *o = &b->fw->vgpus[g];

			/* Each GPU instance has runlists of its own. */
			if (o->state == VGPU_FREE || o->swizz != v->swizz ||
			    v->chid[i] >= o->chid[i] + o->channels ||
			    o->chid[i] >= v->chid[i] + v->channels)
				continue;
			sim_count(b, refused_boot_channel_overlap);
			return NV_INSUFFICIENT;
		}
	}
	return 0;
}

/* The first bytes of framebuffer are the VF's BAR1 while the vGPU lives. */
static void window_copy(struct sim_vgpu *v, bool to_window)
{
	struct sim_board *b = v->fn->board;
	u64 run;
	u32 off;

	if (!v->win)
		return;
	for (off = 0; off < v->win_size; off += PAGE_SIZE) {
		u64 addr = sim_vgpu_fb_address(v, off, &run);

		if (to_window) {
			sim_fb_rw(b, addr, b->bounce, PAGE_SIZE, false);
			memcpy_toio(v->win + off, b->bounce, PAGE_SIZE);
		} else {
			memcpy_fromio(b->bounce, v->win + off, PAGE_SIZE);
			sim_fb_rw(b, addr, b->bounce, PAGE_SIZE, true);
		}
		cond_resched();
	}
	if (!to_window)
		sim_poison(v->win, v->win_size);
}

void sim_vgpu_show(struct sim_vgpu *v)
{
	sim_regs_vgpu(v->fn, v->type, v->plugin.conf_type, v->state == VGPU_BOOTED, v->fb_size,
		      v->win_size);
}

static void release(struct sim_board *b, struct sim_vgpu *v)
{
	window_copy(v, false);
	sim_plugin_end(v);
	kvfree(v->segs);
	memset(v, 0, sizeof(*v));
	b->fw->nvgpus--;
}

/* Everything that is checked before anything is changed. */
static u32 check_boot(struct sim_board *b, struct sim_vgpu *v, const u8 *p)
{
	u32 dbdf = (u32)b->domain << 16 | sim_pf_bus(b) << 8 | (b->type->vf_offset + v->gfid - 1);

	if (v->dbdf != dbdf) {
		sim_count(b, refused_boot_dbdf);
		return NV_INVALID_ARGUMENT;
	}
	return sim_mig_check_boot(b, v) ?: check_segments(b, v) ?: check_heap(b, v, p) ?:
	       check_channels(b, v);
}

u32 sim_vgpu_bootload(struct sim_board *b, const u8 *p)
{
	struct sim_fw *fw = b->fw;
	const struct sim_layout *lay = b->lay;
	u32 gfid = rd32(p + BOOT_GFID), n = rd32(p + lay->boot.nsegs), i, err;
	struct sim_vgpu v = {
		.state = VGPU_BOOTING,
		.generation = READ_ONCE(b->vf_generation),
	};

	sim_vgpu_drop(b, false);
	if (!gfid || gfid > sim_vfs_on(b)) {
		sim_count(b, refused_boot_gfid);
		return NV_INVALID_ARGUMENT;
	}
	if (fw->vgpus[gfid].state != VGPU_FREE) {
		sim_count(b, refused_boot_gfid_in_use);
		return NV_INSUFFICIENT;
	}
	if (fw->nvgpus >= sim_mig_limit(b)) {
		sim_count(b, refused_boot_vgpu_limit);
		return NV_INSUFFICIENT;
	}
	v.info = sim_type_of(b, rd32(p + BOOT_TYPE));
	if (!v.info) {
		sim_count(b, refused_boot_type);
		return NV_INVALID_ARGUMENT;
	}
	if (!n || n > BOOT_MAX_SEGMENTS) {
		sim_count(b, refused_boot_segment_count);
		return NV_INVALID_ARGUMENT;
	}
	v.fn = &b->vfs[gfid - 1];
	v.gfid = gfid;
	v.dbdf = rd32(p + BOOT_DBDF);
	v.type = rd32(p + BOOT_TYPE);
	v.pid = rd32(p + BOOT_PID);
	v.swizz = rd32(p + BOOT_SWIZZ);
	v.heap.addr = rd64(p + lay->boot.heap_addr);
	v.heap.len = rd64(p + lay->boot.heap_len);
	v.acct_bytes = v.fn->ce_bytes;
	v.channels = rd32(p + BOOT_CHANNELS);
	for (i = 0; i < b->type->nengines; i++)
		v.chid[i] = rd32(p + BOOT_CHID_OFFSET + 4 * b->type->engines[i]);
	v.segs = kvcalloc(n, sizeof(*v.segs), GFP_KERNEL);
	if (!v.segs)
		return NV_NO_MEMORY;
	for (i = 0; i < n; i++) {
		v.segs[i].addr = rd64(p + lay->boot.seg_addr + 8 * i);
		v.segs[i].len = rd64(p + lay->boot.seg_len + 8 * i);
		v.fb_size += v.segs[i].len;
	}
	v.nsegs = n;
	err = check_boot(b, &v, p) ?: sim_plugin_start(&v, p);
	if (err) {
		kvfree(v.segs);
		return err;
	}
	v.win = sim_bar(v.fn, SIM_BAR1);
	v.win_size = v.win ? min_t(u64, SIM_VF_BAR1, v.fb_size) : 0;
	window_copy(&v, true);
	fw->vgpus[gfid] = v;
	fw->nvgpus++;
	sim_count(b, vgpus_booted);
	if (sim_fault_hit(b, SIM_F_plugin_crash, CMD_BOOTLOAD)) {
		sim_count(b, fault_plugin_crash);
		sim_plugin_crash(&fw->vgpus[gfid]);
	}
	return 0;
}

static struct sim_vgpu *vgpu_of(struct sim_board *b, u32 gfid)
{
	struct sim_vgpu *v = gfid <= SIM_MAX_VFS ? &b->fw->vgpus[gfid] : NULL;

	return v && v->state != VGPU_FREE ? v : NULL;
}

u32 sim_vgpu_shutdown(struct sim_board *b, const u8 *p)
{
	struct sim_vgpu *v = vgpu_of(b, rd32(p));

	if (!v || v->state == VGPU_SHUT) {
		sim_count(b, refused_shutdown_state);
		return NV_INVALID_STATE;
	}
	if (v->state != VGPU_CRASHED && sim_fault_hit(b, SIM_F_plugin_crash, CMD_SHUTDOWN)) {
		sim_count(b, fault_plugin_crash);
		sim_plugin_crash(v);
		return 0;
	}
	v->state = VGPU_SHUT;
	sim_vgpu_show(v);
	sim_fw_event(b, v->gfid, PLUGIN_UNLOADED);
	return 0;
}

u32 sim_vgpu_cleanup(struct sim_board *b, const u8 *p)
{
	struct sim_vgpu *v = vgpu_of(b, rd32(p));

	if (!v) {
		sim_count(b, refused_cleanup_state);
		return NV_INVALID_STATE;
	}
	if (v->state == VGPU_BOOTED || v->state == VGPU_BOOTING) {
		sim_count(b, refused_cleanup_in_use);
		return NV_STATE_IN_USE;
	}
	if (sim_fault_hit(b, SIM_F_cleanup_refused, CMD_CLEANUP)) {
		sim_count(b, fault_cleanup_refused);
		return NV_STATE_IN_USE;
	}
	/* What is left of the plugin crashes while it is cleaned away. */
	if (sim_fault_hit(b, SIM_F_plugin_crash, CMD_CLEANUP)) {
		sim_count(b, fault_plugin_crash);
		sim_fw_event(b, v->gfid, PLUGIN_CRASHED);
	}
	release(b, v);
	return 0;
}

/*
 * Firmware stopped, dead or reset: all vGPUs go. Else those whose VFs went, even if
 * VFs of the same numbers are back already.
 */
void sim_vgpu_drop(struct sim_board *b, bool all)
{
	u32 generation = READ_ONCE(b->vf_generation);
	int g;

	for (g = 1; g <= SIM_MAX_VFS; g++) {
		struct sim_vgpu *v = &b->fw->vgpus[g];

		if (v->state == VGPU_FREE || (!all && v->generation == generation))
			continue;
		sim_count(b, vgpus_dropped);
		v->state = VGPU_SHUT;
		sim_vgpu_show(v);
		release(b, v);
	}
}

u64 sim_vgpu_fb_used(struct sim_board *b)
{
	u64 used = 0;
	int g;

	for (g = 1; g <= SIM_MAX_VFS; g++)
		if (b->fw->vgpus[g].state != VGPU_FREE)
			used += b->fw->vgpus[g].fb_size + b->fw->vgpus[g].heap.len;
	return used;
}

/* ---------------------------------------------- for the copy engine */

struct sim_vgpu *sim_fw_vgpu_of(struct sim_fn *f)
{
	struct sim_vgpu *v = &f->board->fw->vgpus[f->vf + 1];

	return v->state == VGPU_BOOTED ? v : NULL;
}

/* Whether its plugin lets the VF onto the bus. */
bool sim_vgpu_may_dma(const struct sim_vgpu *v)
{
	return v->plugin.bme;
}

u64 sim_vgpu_fb_size(const struct sim_vgpu *v)
{
	return v->fb_size;
}

/* Physical address of a guest framebuffer offset, and how far it is contiguous. */
u64 sim_vgpu_fb_address(const struct sim_vgpu *v, u64 offset, u64 *run)
{
	u32 i;

	for (i = 0; i < v->nsegs; i++) {
		if (offset < v->segs[i].len) {
			*run = v->segs[i].len - offset;
			return v->segs[i].addr + offset;
		}
		offset -= v->segs[i].len;
	}
	*run = 0;
	return U64_MAX;
}

u32 sim_vgpu_window(const struct sim_vgpu *v, void __iomem **mem)
{
	*mem = v->win;
	return v->win_size;
}
