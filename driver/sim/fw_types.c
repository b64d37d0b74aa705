// SPDX-License-Identifier: GPL-2.0-only
/* vGPU types: ADD_VGPU_TYPE. The model keeps what decides where vGPUs may sit. */
#include "fw.h"

static bool all_zero(const u8 *p, u32 len)
{
	while (len--)
		if (*p++)
			return false;
	return true;
}

const struct sim_type *sim_type_of(struct sim_board *b, u32 type)
{
	u32 i;

	for (i = 0; i < b->fw->ntypes; i++)
		if (b->fw->types[i].id == type)
			return &b->fw->types[i];
	return NULL;
}

/* Sizes are whole GiB. */
static bool gib(u64 size)
{
	return size && !(size & (SZ_1G - 1));
}

static void keep(struct sim_board *b, const u8 *rec)
{
	const struct sim_layout *lay = b->lay;
	struct sim_type *t = &b->fw->types[b->fw->ntypes++];

	t->id = rd32(rec + TYPE_NUMBER);
	t->profile = rd64(rec + lay->type.profile);
	t->slices = rd32(rec + lay->type.gi_size);
	t->max_per_gi = lay->type.max_per_gi == NONE ? 1 : rd32(rec + lay->type.max_per_gi);
}

/* Record @i of @p; @discard: those that are there do not count. */
static u32 check_record(struct sim_board *b, const u8 *p, u32 i, bool discard)
{
	const struct sim_layout *lay = b->lay;
	const u8 *rec = p + TYPES_RECORDS + i * lay->type.record;
	u32 type = rd32(rec + TYPE_NUMBER), j;
	bool bad;

	bad = !type || (!discard && sim_type_of(b, type)) ||
	      (rd64(rec + lay->type.pdev) & 0xffff) != b->type->device ||
	      !rd32(rec + lay->type.max_instance) || !gib(rd64(rec + lay->type.profile)) ||
	      rd32(rec + lay->type.gi_size) > b->type->gi_slices ||
	      !memchr(rec + TYPE_NAME, 0, lay->type.name_len);
	for (j = 0; j < i && !bad; j++)
		bad = rd32(p + TYPES_RECORDS + j * lay->type.record + TYPE_NUMBER) == type;
	if (bad) {
		sim_count(b, refused_type_record);
		return NV_INVALID_ARGUMENT;
	}
	if (b->require_signatures && all_zero(rec + lay->type.signature, TYPE_SIGNATURE_LEN)) {
		sim_count(b, refused_type_signature);
		return NV_NO_PERMISSION;
	}
	return 0;
}

u32 sim_types_add(struct sim_board *b, u32 client, const u8 *p)
{
	struct sim_fw *fw = b->fw;
	u32 n = rd32(p + TYPES_COUNT), i, err;
	bool discard = p[TYPES_DISCARD];

	if (!discard && !fw->manager) {
		sim_count(b, refused_type_state);
		return NV_INVALID_STATE;
	}
	if (discard && fw->nvgpus) {
		sim_count(b, refused_type_in_use);
		return NV_STATE_IN_USE;
	}
	if (!n || n > b->lay->type.max || (!discard && fw->ntypes + n > SIM_MAX_TYPES)) {
		sim_count(b, refused_type_count);
		return NV_INVALID_ARGUMENT;
	}
	for (i = 0; i < n; i++) {
		err = check_record(b, p, i, discard);
		if (err)
			return err;
	}
	if (discard)
		fw->ntypes = 0;
	for (i = 0; i < n; i++)
		keep(b, p + TYPES_RECORDS + i * b->lay->type.record);
	sim_count_n(b, SIM_C_types_added, n);
	fw->manager = client;
	return 0;
}

void sim_types_forget(struct sim_board *b)
{
	b->fw->ntypes = 0;
	b->fw->manager = 0;
}
