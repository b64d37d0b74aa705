// SPDX-License-Identifier: GPL-2.0-only
/*
 * MIG: the GPU divided into GPU instances, and what a vGPU in one may have
 * (docs/hardware.md section 4). Eighths are of the framebuffer; swizz ids are
 * NVIDIA's numbers of the places at which instances can be.
 */
#include "fw.h"

#define EIGHTHS		8
#define NGIS		SIM_MAX_GIS

/* Instances by their flags: @slices of a board that has @of of them. */
static const struct sim_gi_shape {
	u8 of, memory, compute, gfx, slices, eighths;
	u8 last;		/* eighth at which the last one can begin */
	bool media;		/* can have +me */
} shapes[] = {
	{ 7, GI_FULL, GI_COMPUTE_FULL, GI_GFX_NONE, 7, 8, 0 },
	{ 7, GI_HALF, GI_COMPUTE_HALF, GI_GFX_NONE, 4, 4, 0 },
	{ 7, GI_HALF, GI_COMPUTE_MINI_HALF, GI_GFX_NONE, 3, 4, 4 },
	{ 7, GI_QUARTER, GI_COMPUTE_QUARTER, GI_GFX_NONE, 2, 2, 4 },
	{ 7, GI_QUARTER, GI_COMPUTE_MINI_QUARTER, GI_GFX_NONE, 1, 2, 6 },
	{ 7, GI_EIGHTH, GI_COMPUTE_EIGHTH, GI_GFX_NONE, 1, 1, 6, true },
	{ 4, GI_FULL, GI_COMPUTE_FULL, GI_GFX_FULL, 4, 8, 0 },
	{ 4, GI_HALF, GI_COMPUTE_HALF, GI_GFX_HALF, 2, 4, 4, true },
	{ 4, GI_QUARTER, GI_COMPUTE_QUARTER, GI_GFX_QUARTER, 1, 2, 6, true },
};

static const struct sim_gi_shape *shape_of(struct sim_board *b, u32 flags)
{
	u32 gfx = flags >> GI_GFX_SHIFT & GI_GFX_MASK;
	size_t i;

	if (flags & ~(GI_SIZES | GI_MEDIA | GI_AT_SPAN))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct sim_gi_shape *s = &shapes[i];

		if (s->of != b->type->gi_slices || s->memory != (flags & GI_MEMORY_MASK) ||
		    s->compute != (flags >> GI_COMPUTE_SHIFT & GI_COMPUTE_MASK))
			continue;
		if (gfx && (b->type->arch != SIM_BLACKWELL || gfx != s->gfx))
			continue;
		return (flags & GI_MEDIA) && !s->media ? NULL : s;
	}
	return NULL;
}

/* Full is 0, halves are 1 and 2, quarters 3 to 6, eighths from 7 on. */
static u32 swizz_of(u32 start, u32 eighths)
{
	return EIGHTHS / eighths - 1 + start / eighths;
}

/*
 * Memory of a place in VMMU segments. Before Hopper a segment is left between two
 * instances; from then on firmware says where they are.
 */
static void memory_of(struct sim_board *b, u32 start, u32 eighths, u64 *first, u64 *count)
{
	u64 seg = b->type->segment, usable = b->type->usable, total = usable / seg, at;
	u32 parts = EIGHTHS / eighths;

	if (b->type->arch >= SIM_HOPPER) {
		*first = total * start / EIGHTHS;
		*count = total * eighths / EIGHTHS;
		return;
	}
	if (IS_ALIGNED(usable, seg))
		total--;
	at = usable / EIGHTHS * start;
	if (at)
		at = IS_ALIGNED(at, seg) ? at + seg : ALIGN(at, seg);
	*first = at / seg;
	*count = (total - (parts - 1)) / parts;
}

static struct sim_gi *find(struct sim_fw *fw, u32 id)
{
	u32 i;

	for (i = 0; i < NGIS; i++)
		if (fw->gis[i].shape && fw->gis[i].id == id)
			return &fw->gis[i];
	return NULL;
}

static u32 vgpus_in(struct sim_fw *fw, u32 swizz)
{
	u32 n = 0, g;

	for (g = 1; g <= SIM_MAX_VFS; g++)
		n += fw->vgpus[g].state != VGPU_FREE && fw->vgpus[g].swizz == swizz;
	return n;
}

/* ------------------------------------------------------------------- modes */

u32 sim_mig_mode(struct sim_board *b, u8 *p)
{
	struct sim_fw *fw = b->fw;
	u32 mode = rd32(p);

	if (!b->type->gi_slices) {
		sim_count(b, refused_mig_board);
		return NV_NOT_SUPPORTED;
	}
	if (mode != MIG_MODE_OFF && mode != MIG_MODE_ON) {
		sim_count(b, refused_mig_argument);
		return NV_INVALID_ARGUMENT;
	}
	if (fw->nvgpus || fw->ngis) {
		sim_count(b, refused_mig_in_use);
		return NV_STATE_IN_USE;
	}
	if (mode == MIG_MODE_ON && fw->mixed) {
		sim_count(b, refused_mig_mixed);
		return NV_INVALID_STATE;
	}
	fw->mig = mode == MIG_MODE_ON;
	return 0;
}

/* Whether several vGPUs may share a GPU instance. */
u32 sim_mig_timeslice(struct sim_board *b, u8 *p)
{
	if (p[0] && b->type->arch != SIM_BLACKWELL) {
		sim_count(b, refused_mig_timeslice);
		return NV_NOT_SUPPORTED;
	}
	b->fw->mig_timeslice = p[0];
	return 0;
}

static bool mig_on(struct sim_board *b)
{
	if (!b->fw->mig)
		sim_count(b, refused_gi_mode);
	return b->fw->mig;
}

/* --------------------------------------------------------------- instances */

/* The place that was asked for, or the first that is free. Return: an RM status. */
static u32 place(struct sim_board *b, const struct sim_gi_shape *s, const u8 *e, u32 flags,
		 u32 *start)
{
	struct sim_fw *fw = b->fw;
	u32 units = b->type->gi_slices == 7 ? 8 : 4;
	u64 lo = rd64(e + b->lay->gi.lo), hi = rd64(e + b->lay->gi.lo + 8);
	u32 at, i;

	if (flags & GI_AT_SPAN) {
		if (lo >= units || hi != lo + s->eighths * units / EIGHTHS - 1 ||
		    lo * EIGHTHS / units % s->eighths || lo * EIGHTHS / units > s->last) {
			sim_count(b, refused_gi_span);
			return NV_INVALID_ARGUMENT;
		}
		*start = lo * EIGHTHS / units;
	}
	for (at = flags & GI_AT_SPAN ? *start : 0; at <= s->last; at += s->eighths) {
		for (i = 0; i < NGIS; i++)
			if (fw->gis[i].shape && at < fw->gis[i].start + fw->gis[i].eighths &&
			    fw->gis[i].start < at + s->eighths)
				break;
		if (i == NGIS) {
			*start = at;
			return 0;
		}
		if (flags & GI_AT_SPAN)
			break;
	}
	sim_count(b, refused_gi_taken);
	return NV_INSUFFICIENT;
}

static u32 create(struct sim_board *b, u8 *e)
{
	struct sim_fw *fw = b->fw;
	u32 flags = rd32(e + b->lay->gi.flags), start = 0, err, i;
	const struct sim_gi_shape *s = shape_of(b, flags);
	struct sim_gi *gi = NULL;
	bool media = false;

	if (!s) {
		sim_count(b, refused_gi_flags);
		return NV_INVALID_ARGUMENT;
	}
	err = place(b, s, e, flags, &start);
	if (err)
		return err;
	for (i = 0; i < NGIS; i++) {
		if (!fw->gis[i].shape) {
			gi = &fw->gis[i];
			continue;
		}
		media |= fw->gis[i].flags & GI_MEDIA;
	}
	if (media && (flags & GI_MEDIA)) {
		sim_count(b, refused_gi_media);
		return NV_INSUFFICIENT;
	}
	/* There is room: seven places are the most. Slices suffice wherever there is a place. */
	*gi = (struct sim_gi){
		.shape = s,
		.id = swizz_of(start, s->eighths),
		.flags = flags,
		.start = start,
		.eighths = s->eighths,
	};
	fw->ngis++;
	sim_count(b, gpu_instances);
	wr32(e + GI_SWIZZ, gi->id);
	return 0;
}

static u32 destroy(struct sim_board *b, u32 id)
{
	struct sim_gi *gi = find(b->fw, id);

	if (!gi) {
		sim_count(b, refused_gi_id);
		return NV_INVALID_ARGUMENT;
	}
	if (vgpus_in(b->fw, id)) {
		sim_count(b, refused_gi_in_use);
		return NV_STATE_IN_USE;
	}
	memset(gi, 0, sizeof(*gi));
	b->fw->ngis--;
	return 0;
}

u32 sim_mig_set_instances(struct sim_board *b, u8 *p)
{
	u8 *e = p + GI_ENTRIES;

	if (!mig_on(b))
		return NV_INVALID_STATE;
	if (rd32(p + GI_COUNT) != 1) {
		sim_count(b, refused_gi_count);
		return NV_INVALID_ARGUMENT;
	}
	return e[b->lay->gi.valid] ? create(b, e) : destroy(b, rd32(e + GI_SWIZZ));
}

/* The host says which memory an instance has: what follows from its place. */
u32 sim_mig_promote(struct sim_board *b, u8 *p)
{
	u64 first, count, seg = b->type->segment;
	struct sim_gi *gi;

	if (!mig_on(b))
		return NV_INVALID_STATE;
	gi = find(b->fw, rd32(p + PROMOTE_SWIZZ));
	if (!gi) {
		sim_count(b, refused_gi_id);
		return NV_INVALID_ARGUMENT;
	}
	memory_of(b, gi->start, gi->eighths, &first, &count);
	if (rd64(p + PROMOTE_LO) != first * seg ||
	    rd64(p + PROMOTE_HI) != (first + count) * seg - 1) {
		sim_count(b, refused_gi_range);
		return NV_INVALID_ARGUMENT;
	}
	gi->memory = (struct sim_range){ first * seg, count * seg };
	return 0;
}

/* By swizz id, in segments, both ends included; where there is none, lo is above hi. */
u32 sim_mig_ranges(struct sim_board *b, u8 *p)
{
	u64 first, count;
	u32 id, start;
	size_t i;

	for (id = 0; id < RANGES_MAX; id++) {
		wr64(p + RANGE_SIZE * id, 1);
		wr64(p + RANGE_SIZE * id + 8, 0);
	}
	if (b->type->arch < SIM_HOPPER)
		return 0;
	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct sim_gi_shape *s = &shapes[i];

		if (s->of != b->type->gi_slices)
			continue;
		for (start = 0; start <= s->last; start += s->eighths) {
			id = swizz_of(start, s->eighths);
			memory_of(b, start, s->eighths, &first, &count);
			wr64(p + RANGE_SIZE * id, first);
			wr64(p + RANGE_SIZE * id + 8, first + count - 1);
		}
	}
	return 0;
}

/* ------------------------------------------------------------------- vGPUs */

/* How many vGPUs there can be at a time. */
u32 sim_mig_limit(struct sim_board *b)
{
	return b->fw->mig ? min(b->lay->mig_vgpus, b->fw->partitions) : b->type->max_vgpus;
}

/* Whether a vGPU may have a range, in a GPU instance or without MIG. */
static bool has(const struct sim_gi *gi, struct sim_range r)
{
	return r.addr >= gi->memory.addr && r.addr - gi->memory.addr <= gi->memory.len &&
	       r.len <= gi->memory.len - (r.addr - gi->memory.addr);
}

/* BOOTLOAD: the GPU instance, and who else is in it. */
u32 sim_mig_check_boot(struct sim_board *b, const struct sim_vgpu *v)
{
	const struct sim_type *t = v->info;
	struct sim_fw *fw = b->fw;
	struct sim_gi *gi = find(fw, v->swizz);
	u32 g, i;

	if (fw->mig ? !gi || gi->shape->slices != t->slices : v->swizz != SWIZZ_NONE || t->slices) {
		sim_count(b, refused_boot_swizz);
		return NV_INVALID_ARGUMENT;
	}
	if (gi && !gi->memory.len) {
		sim_count(b, refused_boot_gi_memory);
		return NV_INVALID_STATE;
	}
	/* Equal size, here or on the whole GPU; on that sizes can be mixed. */
	for (g = 1; g <= SIM_MAX_VFS && (gi || !fw->mixed); g++) {
		if (fw->vgpus[g].state == VGPU_FREE || fw->vgpus[g].swizz != v->swizz ||
		    fw->vgpus[g].info->profile == t->profile)
			continue;
		sim_count(b, refused_boot_size);
		return NV_INVALID_STATE;
	}
	if (!gi)
		return 0;
	if (vgpus_in(fw, v->swizz) >= (fw->mig_timeslice ? t->max_per_gi : 1)) {
		sim_count(b, refused_boot_gi_full);
		return NV_INSUFFICIENT;
	}
	for (i = 0; i < v->nsegs && has(gi, v->segs[i]); )
		i++;
	if (i < v->nsegs || !has(gi, v->heap)) {
		sim_count(b, refused_boot_gi_range);
		return NV_INVALID_ARGUMENT;
	}
	return 0;
}

/*
 * Whether a placement id is one that a vGPU can have: in GiB of profile, from the
 * start of the GPU or of its instance, and nobody else there.
 */
bool sim_mig_place_ok(const struct sim_vgpu *v, u32 place)
{
	struct sim_board *b = v->fn->board;
	struct sim_fw *fw = b->fw;
	u32 region = 0, size = v->info->profile / SZ_1G, i, g;
	bool wanted;

	if (v->swizz == SWIZZ_NONE)
		wanted = fw->mixed || b->type->arch >= SIM_ADA;
	else
		wanted = fw->mig_timeslice;
	if (!wanted || place == PLACE_NONE)
		return !wanted && place == PLACE_NONE;
	for (i = 0; i < fw->ntypes; i++)
		if (fw->types[i].slices == v->info->slices)
			region = max_t(u32, region, fw->types[i].profile / SZ_1G);
	if (place >= region || size > region - place)
		return false;
	for (g = 1; g <= SIM_MAX_VFS; g++) {
		const struct sim_vgpu *o = &fw->vgpus[g];

		if (o->state != VGPU_FREE && o != v && o->swizz == v->swizz &&
		    o->plugin.configured && o->plugin.place != PLACE_NONE &&
		    place < o->plugin.place + o->info->profile / SZ_1G &&
		    o->plugin.place < place + size)
			return false;
	}
	return true;
}

void sim_mig_forget(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;

	memset(fw->gis, 0, sizeof(fw->gis));
	fw->ngis = 0;
	fw->mig = fw->mig_timeslice = false;
}
