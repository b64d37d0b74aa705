// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The binary catalogue as the driver reads it. An input is a recipe: which firmware
 * branch, what to change in a good file, whether the checksum is put right afterwards
 * (without that nothing behind it would ever be looked at). The branches' tables are
 * used with room for four types, which keeps files small; fuzz_catfile.c takes them as
 * they are, as vgpuctl must.
 */
#include "cli/lib/openvgpu.h"
#include "driver/gsp/abi.h"
#include "driver/gsp/catalog.h"
#include "driver/gsp/le.h"
#include "fuzz.h"

#include <string.h>

#ifndef FULL_SIZE
#define FULL_SIZE	0
#endif
#define MAX_TYPES	4u
#define DEVICE		0x2235u
#define HEADER		232u
#define BLOB		72u
#define STRUCT		96u
#define KS_NONE		1000u

static const struct {
	u32 id, gib, max, slices;
	const char *name;
} defs[] = {
	{ 557, 1, 32, 0, "NVIDIA A40-1Q" },
	{ 560, 4, 12, 0, "NVIDIA A40-4Q" },
	/* longer than the kernel struct has room for, and than two of the branches have */
	{ 999, 40, 1, 7, "NVIDIA A40 of a very long name-7-40C" },
};

static void put_type(uint8_t *ks, uint8_t *rec, const struct gsp_record_layout *l, size_t i)
{
	u64 fb = (u64)defs[i].gib << 30, gib = fb;

	le_put32(ks, 0, defs[i].id);
	snprintf((char *)ks + 4, 32, "%s", defs[i].name);
	le_put64(ks, 40, 0x223514d5);
	le_put64(ks, 48, DEVICE);
	le_put64(ks, 56, fb);
	le_put64(ks, 64, 0x14000000);
	le_put64(ks, 72, 256);
	le_put32(ks, 80, defs[i].max);
	le_put32(ks, 84, 1);
	le_put64(ks, 88, 0x10000000);

	le_put32(rec, l->type, defs[i].id);
	snprintf((char *)rec + l->name, l->name_len, "%s", defs[i].name);
	le_put32(rec, l->max_instance, defs[i].max);
	le_put32(rec, l->num_heads, 4);
	le_put32(rec, l->max_x, 7680);
	le_put32(rec, l->max_y, 4320);
	le_put32(rec, l->frl, 60);
	le_put32(rec, l->ecc, 1);
	le_put32(rec, l->gpu_instance_size, defs[i].slices);
	le_put64(rec, l->vdev_id, 0x223514d5);
	le_put64(rec, l->pdev_id, DEVICE);
	le_put64(rec, l->profile_size, gib);
	le_put64(rec, l->fb_length, fb);
	le_put64(rec, l->heap_size, 0x14000000);
	le_put64(rec, l->fb_reservation, 0x10000000);
	le_put64(rec, l->bar1_mib, 256);
}

static uint8_t *good_file(const struct gsp_abi *abi, const char *build, size_t *size)
{
	const struct gsp_record_layout *l = &abi->rec;
	size_t n = ARRAY_SIZE(defs), blob = BLOB + n * STRUCT + l->payload;
	uint8_t *f, *b;

	*size = HEADER + blob;
	f = calloc(1, *size);
	HOLDS(f);
	memcpy(f, "NVVGPUMT", 8);
	le_put64(f, 16, 18);
	le_put64(f, 24, 1);
	memcpy(f + 160, build, strlen(build));
	le_put64(f, 224, 1);
	b = f + HEADER;
	le_put64(b, 8, blob);
	le_put64(b, 16, DEVICE);
	le_put64(b, 24, 8);
	le_put64(b, 32, l->size);
	le_put64(b, 40, STRUCT);
	le_put64(b, 48, n);
	le_put64(b, 56, 0x20804003);
	le_put64(b, 64, l->payload);
	le_put32(b + BLOB + n * STRUCT, 4, (u32)n);
	for (size_t i = 0; i < n; i++)
		put_type(b + BLOB + i * STRUCT, b + BLOB + n * STRUCT + 8 + i * l->size, l, i);
	return f;
}

/* Where it is worth changing something: all that the driver compares, and all else. */
static size_t place(struct bytes *in, const struct gsp_record_layout *l, size_t size)
{
	size_t n = ARRAY_SIZE(defs), records = HEADER + BLOB + n * STRUCT;
	unsigned int what = take8(in);

	switch (what % 5) {
	case 0:
		return take8(in) % HEADER;
	case 1:
		return HEADER + take8(in) % BLOB;
	case 2:
		return HEADER + BLOB + what / 5 % n * STRUCT + take8(in) % STRUCT;
	case 3:
		return records + (what / 5 % (n + 1) ? 8 + what / 5 % n * l->size + take16(in) :
				  take8(in) % 8);
	default:
		return (size_t)take16(in) * 7 % (size ? size : 1);
	}
}

/* The same in the kernel struct and in the firmware's record, which must agree. */
static void change_both(struct bytes *in, uint8_t *f, size_t size, const struct gsp_record_layout *l)
{
	const struct {
		size_t ks, rec;
	} field[] = {
		{ 0, l->type }, { 40, l->vdev_id }, { 48, l->pdev_id }, { 56, l->fb_length },
		{ 64, l->heap_size }, { 72, l->bar1_mib }, { 80, l->max_instance }, { 84, l->ecc },
		{ 88, l->fb_reservation }, { 4, l->name }, { 35, l->name + 31u },
		{ KS_NONE, l->profile_size }, { KS_NONE, l->gpu_instance_size },
		{ KS_NONE, l->name + 31u },
	};
	size_t n = ARRAY_SIZE(defs), i = take8(in) % n, k = take8(in) % ARRAY_SIZE(field);
	size_t at = take8(in) % 8, ks = HEADER + BLOB + i * STRUCT + field[k].ks + at;
	size_t rec = HEADER + BLOB + n * STRUCT + 8 + i * l->size + field[k].rec + at;
	uint8_t value = (uint8_t)take8(in);

	if (rec >= size)
		return;
	if (field[k].ks != KS_NONE)
		f[ks] = value;
	f[rec] = value;
}

static uint8_t *change(struct bytes *in, uint8_t *f, size_t *size, const struct gsp_record_layout *l)
{
	unsigned int op = take8(in), len = op >> 4;
	size_t at;

	if (op % 16 >= 8) {
		change_both(in, f, *size, l);
		return f;
	}
	at = place(in, l, *size);
	if (at > *size)
		at = *size;
	switch (op % 4) {
	case 0:			/* shorter */
		*size = at;
		break;
	case 1:			/* longer, by what is there already */
		f = realloc(f, *size + len + 1);
		HOLDS(f);
		memset(f + *size, 0, len + 1);
		*size += len + 1;
		break;
	case 2:
		for (unsigned int i = 0; i <= len && at + i < *size; i++)
			f[at + i] = (uint8_t)take8(in);
		break;
	default:		/* a little more or less */
		if (at < *size)
			f[at] = (uint8_t)(f[at] + len - 7);
	}
	return f;
}

static void check(const struct ovg_catalog *cat, const uint8_t *f, size_t size,
		  const struct gsp_record_layout *l)
{
	HOLDS(cat->count >= 1 && cat->count <= l->max);
	HOLDS(cat->payload_size == l->payload);
	HOLDS(cat->payload >= f && cat->payload + cat->payload_size <= f + size);
	for (u32 i = 0; i < cat->count; i++) {
		const struct ovg_type *t = &cat->types[i];

		HOLDS(t->id && t->max_instance && t->record < cat->count);
		HOLDS(t->name[0] && memchr(t->name, '\0', sizeof(t->name)));
		for (const char *s = t->name; *s; s++)
			HOLDS(*s >= ' ' && *s <= '~');
		HOLDS(t->profile_bytes && t->fb_bytes && !(t->profile_bytes >> 40) &&
		      !(t->fb_bytes >> 40) && !(t->heap_bytes >> 40));
		HOLDS(t->gi.slices <= 7 && t->gi.memory <= 8);
		for (u32 k = 0; k < i; k++)
			HOLDS(cat->types[k].id != t->id);
	}
}

/* vgpuctl takes what the driver takes, and refuses the rest. */
static void by_vgpuctl(const uint8_t *f, size_t n, int driver)
{
	struct openvgpu_catalog_file file = { 0 };
	struct openvgpu_error err = { "" };
	uint8_t *copy = malloc(n ? n : 1);
	int ret;

	HOLDS(copy);
	memcpy(copy, f, n);
	ret = openvgpu_catalog_take(&file, copy, n, "fuzz", &err);
	HOLDS(!ret || err.text[0]);
	/* there may be nothing for this board, or another build in it */
	HOLDS(ret || !driver || driver == -ENOENT || driver == -EINVAL);
	HOLDS(driver || !ret);
	openvgpu_catalog_close(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		const struct gsp_abi *abi;
		const char *build;
	} branch[] = {
		{ &gsp_abi_r535, "535.113.01" },
		{ &gsp_abi_r570, "570.144" },
		{ &gsp_abi_r595, "595.45.04" },
	};
	static struct ovg_catalog cat;
	struct bytes in = { data, data + size };
	unsigned int first = take8(&in);
	struct gsp_abi abi = *branch[first % 3].abi;
	const char *build = branch[first % 3].build;
	char why[160] = "";
	uint8_t *f;
	size_t n;
	int ret;

	if (!FULL_SIZE) {
		abi.rec.max = MAX_TYPES;
		abi.rec.payload = 8 + MAX_TYPES * abi.rec.size;
	}
	f = good_file(&abi, build, &n);
	while (in.at < in.end)
		f = change(&in, f, &n, &abi.rec);
	f = realloc(f, n ? n : 1);
	HOLDS(f);
	if (!(first & 0x80) && n >= HEADER)
		le_put32(f, 8, ovg_catalog_crc(f, n));
	ret = ovg_catalog_parse(f, n, &abi, build, DEVICE, &cat, why, sizeof(why));
	HOLDS(ret == 0 || ret == -EINVAL || ret == -EBADMSG || ret == -ENOENT);
	if (ret) {
		HOLDS(!cat.count && why[0]);
		for (const char *s = why; *s; s++)
			HOLDS(*s >= ' ' && *s <= '~');
	} else {
		check(&cat, f, n, &abi.rec);
	}
	if (FULL_SIZE)
		by_vgpuctl(f, n, ret);
	free(f);
	return 0;
}
