// SPDX-License-Identifier: GPL-2.0-only
/*
 * GPU instances of MIG. The firmware makes them at a place that the host names, and is
 * then told which framebuffer they have: that is the host's to decide, by rules that it
 * shares with the firmware (gi.c).
 *
 * An instance of which nobody knows whether it exists, because an answer was lost, is
 * destroyed before the next one is made. Its id is that of its place.
 */
#include <linux/slab.h>

#include "gsp.h"
#include "mig.h"

/* INTERNAL_MIGMGR_SET_GPU_INSTANCES; entries are in &gsp_gi_layout */
#define GI_COUNT	0
#define GI_SPAN_HI	8	/* behind lo */

/* INTERNAL_KMIGMGR_PROMOTE_GPU_INSTANCE_MEM_RANGE */
#define PROMOTE_SIZE	24
#define PROMOTE_ID	0
#define PROMOTE_LO	8
#define PROMOTE_HI	16	/* inclusive */

/* INTERNAL_STATIC_KMIGMGR_GET_SWIZZ_ID_FB_MEM_PAGE_RANGES: an array, by id */
#define RANGES_SIZE	240
#define RANGES_ENTRY	16
#define RANGES_HI	8	/* inclusive, in VMMU segments as lo; below lo: nothing */

static u32 bit(u32 id)
{
	return id < GSP_MAX_GI_ID ? BIT(id) : 0;
}

/*
 * One entry. @wish: NULL to destroy @id, else what to make; then @id is what it was
 * given by the firmware. @status: as that of gsp_rm_control()
 */
static int set_instance(struct ovg_provider *p, const struct gsp_gi_wish *wish, u32 *id,
			u32 *status, char *why)
{
	const struct gsp_gi_layout *l = &p->abi->gi;
	u8 *v = kzalloc(l->size, GFP_KERNEL), *e;
	int err;

	*status = NV_OK;
	if (!v) {
		gsp_why(why, "no memory for SET_GPU_INSTANCES");
		return -ENOMEM;
	}
	e = v + l->entry;
	le_put32(v, GI_COUNT, 1);
	if (wish) {
		le_put32(e, l->flags, wish->flags);
		e[l->valid] = 1;
		le_put64(e, l->span, wish->lo);
		le_put64(e, l->span + GI_SPAN_HI, wish->hi);
	} else {
		le_put32(e, l->swizz, *id);
	}
	err = gsp_rm_control(&p->rm, NV2080_INTERNAL_SET_GPU_INSTANCES, "SET_GPU_INSTANCES", v,
			     l->size, status, why);
	if (!err && wish)
		*id = le_get32(e, l->swizz);
	kfree(v);
	return err;
}

/*
 * Asks once more if the answer is lost. Commands are processed in order: that there is
 * no such instance then means that it is gone by now.
 */
static int destroy(struct ovg_provider *p, u32 id, char *why)
{
	u32 status, i;
	int err = 0;

	for (i = 0; i < 2; i++) {
		err = set_instance(p, NULL, &id, &status, why);
		if (p->gi_doubt & bit(id) && (status == NV_ERR_INVALID_ARGUMENT ||
					      status == NV_ERR_OBJECT_NOT_FOUND))
			err = 0;
		if (!gsp_in_doubt(err, status)) {
			p->gi_doubt &= ~bit(id);
			break;
		}
		p->gi_doubt |= bit(id);
	}
	return err;
}

/* The way back of a create: what cannot be destroyed now is tried again later. */
static void undo(struct ovg_provider *p, u32 id)
{
	char why[OVG_WHY_MAX];

	if (destroy(p, id, why))
		p->gi_doubt |= bit(id);
}

/* Destroys what is in doubt. */
int gsp_gi_settle(struct ovg_provider *p, char *why)
{
	u32 id;
	int err;

	for (id = 0; id < GSP_MAX_GI_ID; id++) {
		if (!(p->gi_doubt & bit(id)))
			continue;
		err = destroy(p, id, why);
		if (err) {
			p->gi_doubt |= bit(id);
			return err;
		}
	}
	return 0;
}

/**
 * gsp_gi_read_ranges() - find out where the framebuffer of GPU instances is
 * @p: provider, MIG has just been turned on
 * @why: cause of an error
 *
 * On Ampere the host knows by itself.
 */
int gsp_gi_read_ranges(struct ovg_provider *p, char *why)
{
	u8 *v, *e;
	u64 lo, hi;
	u32 id;
	int err;

	if (p->info.generation == OVG_GEN_AMPERE)
		return 0;
	v = kzalloc(RANGES_SIZE, GFP_KERNEL);
	if (!v) {
		gsp_why(why, "no memory for GET_SWIZZ_ID_FB_MEM_PAGE_RANGES");
		return -ENOMEM;
	}
	err = gsp_rm_control(&p->rm, NV2080_INTERNAL_GET_GI_PAGE_RANGES,
			     "GET_SWIZZ_ID_FB_MEM_PAGE_RANGES", v, RANGES_SIZE, NULL, why);
	for (id = 0; id < GSP_MAX_GI_ID && !err; id++) {
		e = v + RANGES_ENTRY * id;
		lo = le_get64(e, 0);
		hi = le_get64(e, RANGES_HI);
		p->gi_range[id].first = lo;
		p->gi_range[id].count = lo <= hi ? hi - lo + 1 : 0;
	}
	kfree(v);
	return err;
}

/* Never beyond what vGPUs can share, whatever the firmware says. */
static int memory(struct ovg_provider *p, u32 id, u64 *base, u64 *size, char *why)
{
	u64 segment = p->info.segment, end = p->info.fb_base + p->info.fb_total, first, count;
	bool ok;

	if (p->info.generation == OVG_GEN_AMPERE) {
		ok = gsp_gi_ampere_memory(id, p->info.fb_base, p->info.fb_total, segment, base,
					  size);
	} else {
		first = p->gi_range[id].first;
		count = p->gi_range[id].count;
		*base = first * segment;
		*size = count * segment;
		ok = count && first < div64_u64(end, segment) && count <= div64_u64(end, segment) &&
		     *base >= p->info.fb_base && *base + *size <= end;
	}
	if (ok)
		return 0;
	gsp_why(why, "there is no framebuffer for GPU instance %u", id);
	return -EINVAL;
}

static int promote(struct ovg_provider *p, u32 id, u64 base, u64 size, char *why)
{
	u8 params[PROMOTE_SIZE] = { 0 };

	le_put32(params, PROMOTE_ID, id);
	le_put64(params, PROMOTE_LO, base);
	le_put64(params, PROMOTE_HI, base + size - 1);
	return gsp_rm_control(&p->rm, NV2080_INTERNAL_PROMOTE_GI_MEM_RANGE,
			      "PROMOTE_GPU_INSTANCE_MEM_RANGE", params, sizeof(params), NULL, why);
}

int gsp_gi_create(struct ovg_provider *p, const struct ovg_gi_profile *profile, u32 start,
		  struct ovg_provider_gi *out, char *why)
{
	struct gsp_gi_wish wish;
	u32 id, status;
	int err;

	if (!p->mig) {
		gsp_why(why, "MIG is off");
		return -EINVAL;
	}
	if (!gsp_gi_wish(profile, p->info.gi_slices, start, &wish)) {
		gsp_why(why, "the board has no GPU instance of %u slices and %u eighths at %u",
			profile->slices, profile->memory, start);
		return -EINVAL;
	}
	err = memory(p, wish.id, &out->fb_base, &out->fb_size, why);
	if (!err)
		err = gsp_gi_settle(p, why);
	if (err)
		return err;

	err = set_instance(p, &wish, &id, &status, why);
	if (err) {
		if (gsp_in_doubt(err, status)) {
			p->gi_doubt |= bit(wish.id);
			undo(p, wish.id);
		}
		return err;
	}
	if (id != wish.id) {
		gsp_why(why, "firmware made GPU instance %u instead of %u", id, wish.id);
		err = -EPROTO;
	} else {
		err = promote(p, id, out->fb_base, out->fb_size, why);
	}
	if (err && err != -ENODEV)
		undo(p, id);
	out->id = id;
	return err;
}

int gsp_gi_destroy(struct ovg_provider *p, u32 id, char *why)
{
	return destroy(p, id, why);
}
