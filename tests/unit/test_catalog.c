// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The kernel's reading of the type catalogue: good files, and every way in which
 * a file may be wrong. Offsets are written out from docs/catalogue.md, not taken
 * from the code under test.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "driver/gsp/abi.h"
#include "driver/gsp/catalog.h"
#include "driver/gsp/le.h"

struct file {
	u8 *data;
	size_t size;
	size_t blob;	/* offset of the blob for 2235 */
};

static struct ovg_catalog cat;
static char why[160];

static const struct def {
	u32 id;
	const char *name;
	u32 gib;
	u32 max;
	u32 gi;
} defs[] = {
	{ 557, "NVIDIA A40-1Q", 1, 32, 0 },
	{ 560, "NVIDIA A40-4Q", 4, 12, 0 },
	{ 999, "NVIDIA A40-7-40C", 40, 1, 7 },
};

static void fix_crc(struct file *f)
{
	u32 crc = 0xffffffff;

	/* bit by bit, independent of the code under test */
	for (size_t i = 16; i < f->size; i++)
		for (int b = 0; b < 8; b++) {
			u32 in = (f->data[i] >> b & 1) ^ (crc & 1);

			crc = crc >> 1 ^ (in ? 0xedb88320 : 0);
		}
	le_put32(f->data, 8, crc);
}

/* One blob of another board, one of an unknown kind, one for 10de:2235. */
static struct file make(const struct gsp_abi *abi, const char *build)
{
	const struct gsp_record_layout *l = &abi->rec;
	size_t n = ARRAY_SIZE(defs), other = 72 + 96 + l->payload, odd = 40;
	size_t ours = 72 + n * 96 + l->payload;
	struct file f = { .size = 232 + other + odd + ours, .blob = 232 + other + odd };
	u8 *b, *ks, *rec;

	f.data = calloc(1, f.size);
	cr_assert(f.data);
	memcpy(f.data, "NVVGPUMT", 8);
	le_put64(f.data, 16, 18);
	le_put64(f.data, 24, 1);
	strcpy((char *)f.data + 160, build);
	le_put64(f.data, 224, 3);

	le_put64(f.data, 232 + 8, other);
	le_put64(f.data, 232 + 16, 0x26b9);
	le_put64(f.data, 232 + other, 7);
	le_put64(f.data, 232 + other + 8, odd);

	b = f.data + f.blob;
	le_put64(b, 8, ours);
	le_put64(b, 16, 0x2235);
	le_put64(b, 24, 8);
	le_put64(b, 32, l->size);
	le_put64(b, 40, 96);
	le_put64(b, 48, n);
	le_put64(b, 56, 0x20804003);
	le_put64(b, 64, l->payload);
	b[72 + n * 96] = 1;
	le_put32(b, 72 + n * 96 + 4, (u32)n);

	for (size_t i = 0; i < n; i++) {
		ks = b + 72 + i * 96;
		rec = b + 72 + n * 96 + 8 + i * l->size;
		le_put32(ks, 0, defs[i].id);
		snprintf((char *)ks + 4, 32, "%s", defs[i].name);
		le_put64(ks, 40, 0x223514d0 + i);
		le_put64(ks, 48, 0x2235);
		le_put64(ks, 56, (u64)defs[i].gib * 0x3b000000);
		le_put64(ks, 64, 0x2000000);
		le_put64(ks, 72, 256);
		le_put32(ks, 80, defs[i].max);
		le_put32(ks, 84, 1);
		le_put64(ks, 88, (u64)defs[i].gib * 0x5000000);
		le_put32(rec, l->type, defs[i].id);
		snprintf((char *)rec + l->name, l->name_len, "%s", defs[i].name);
		le_put32(rec, l->max_instance, defs[i].max);
		le_put32(rec, l->num_heads, 4);
		le_put32(rec, l->max_x, 7680);
		le_put32(rec, l->max_y, 4320);
		le_put32(rec, l->frl, 60);
		le_put32(rec, l->ecc, 1);
		le_put32(rec, l->gpu_instance_size, defs[i].gi);
		if (abi->branch == 595)
			le_put32(rec, 5004, defs[i].gi ? 1 : 0);
		le_put64(rec, l->vdev_id, 0x223514d0 + i);
		le_put64(rec, l->pdev_id, 0x2235);
		le_put64(rec, l->profile_size, (u64)defs[i].gib << 30);
		le_put64(rec, l->fb_length, (u64)defs[i].gib * 0x3b000000);
		le_put64(rec, l->heap_size, 0x2000000);
		le_put64(rec, l->fb_reservation, (u64)defs[i].gib * 0x5000000);
		le_put64(rec, l->bar1_mib, 256);
	}
	fix_crc(&f);
	return f;
}

static int parse(const struct file *f, const struct gsp_abi *abi, const char *build)
{
	strcpy(why, "untouched");
	return ovg_catalog_parse(f->data, f->size, abi, build, 0x2235, &cat, why, sizeof(why));
}

static int parse570(const struct file *f)
{
	return parse(f, &gsp_abi_r570, "570.144");
}

static void check_good(const struct gsp_abi *abi, const char *build)
{
	struct file f = make(abi, build);
	const struct ovg_type *t = &cat.types[1];

	cr_assert_eq(parse(&f, abi, build), 0, "%s", why);
	cr_expect_eq(cat.count, 3u);
	cr_expect_eq(cat.major, 18u);
	cr_expect_eq(cat.minor, 1u);
	cr_expect_eq(cat.payload, f.data + f.blob + 72 + 3 * 96);
	cr_expect_eq(cat.payload_size, abi->rec.payload);
	cr_expect_eq(t->id, 560u);
	cr_expect_str_eq(t->name, "NVIDIA A40-4Q");
	cr_expect_eq(t->heads, 4u);
	cr_expect_eq(t->max_x, 7680u);
	cr_expect_eq(t->max_y, 4320u);
	cr_expect_eq(t->frl, 60u);
	cr_expect_eq(t->max_instance, 12u);
	cr_expect_not(t->gi.slices);
	cr_expect(t->ecc);
	cr_expect_eq(t->profile_bytes, 4ull << 30);
	cr_expect_eq(t->fb_bytes, 0xec000000u);
	cr_expect_eq(t->fb_reservation, 0x14000000u);
	cr_expect_eq(t->heap_bytes, 0x2000000u);
	cr_expect_eq(t->bar1_mib, 256u);
	cr_expect_eq(t->guest_device, 0x2235);
	cr_expect_eq(t->guest_subsystem, 0x14d1);
	cr_expect_eq(t->record, 1u);
	cr_expect_eq(t->max_per_gi, 0u);
	cr_expect_eq(cat.gi_slices, 7u);
	t = &cat.types[2];
	cr_expect_eq(t->gi.slices, 7);
	cr_expect_eq(t->gi.memory, 8);
	cr_expect_eq(t->gi.attr, 0);
	cr_expect_eq(t->max_per_gi, 1u);
	free(f.data);
}

Test(catalog, good_570) { check_good(&gsp_abi_r570, "570.144"); }
Test(catalog, good_535) { check_good(&gsp_abi_r535, "535.113.01"); }
Test(catalog, good_595) { check_good(&gsp_abi_r595, "595.45.04"); }

/* The kernel struct has 31 characters, the record of 595 has 63. */
Test(catalog, long_name)
{
	static const char name[] = "NVIDIA RTX Pro 6000 Blackwell DC-3Q";
	struct file f = make(&gsp_abi_r595, "595.45.04");
	u8 *ks = f.data + f.blob + 72, *rec = ks + 3 * 96 + 8;

	snprintf((char *)ks + 4, 32, "%.31s", name);
	strcpy((char *)rec + 4, name);
	fix_crc(&f);
	cr_assert_eq(parse(&f, &gsp_abi_r595, "595.45.04"), 0, "%s", why);
	cr_expect_str_eq(cat.types[0].name, name);

	/* a short name in the kernel struct is not a cut one */
	snprintf((char *)ks + 4, 32, "NVIDIA RTX");
	memset(ks + 4 + 10, 0, 22);
	fix_crc(&f);
	cr_expect_eq(parse(&f, &gsp_abi_r595, "595.45.04"), -EINVAL);
	cr_expect_str_eq(why, "type 557: two different names");
	free(f.data);
}

Test(catalog, crc_is_the_kernels)
{
	u8 b[16 + 9] = { 0 };

	memcpy(b + 16, "123456789", 9);
	/* crc32_le(~0, "123456789", 9): the check value cbf43926, not inverted */
	cr_assert_eq(ovg_catalog_crc(b, sizeof(b)), ~0xcbf43926u);
}

Test(catalog, wrong_crc_says_both)
{
	struct file f = make(&gsp_abi_r570, "570.144");
	char want[64];
	u32 good = le_get32(f.data, 8);

	le_put32(f.data, 8, good ^ 0x1000);
	cr_assert_eq(parse570(&f), -EBADMSG);
	snprintf(want, sizeof(want), "crc is %08x, file says %08x", good, good ^ 0x1000);
	cr_expect_str_eq(why, want);
	cr_expect_eq(cat.count, 0u);
	free(f.data);
}

/* Every byte of the headers, and a sample of the rest. */
Test(catalog, flipped_bits)
{
	struct file f = make(&gsp_abi_r570, "570.144");

	for (size_t i = 0; i < f.size; i += i < 600 ? 1 : 9973) {
		f.data[i] ^= 1 << i % 8;
		cr_expect_lt(parse570(&f), 0, "byte %zu", i);
		f.data[i] ^= 1 << i % 8;
	}
	cr_assert_eq(parse570(&f), 0);
	free(f.data);
}

/* Truncated, with a CRC that is right for what is left; under the sanitizers. */
Test(catalog, truncated)
{
	struct file f = make(&gsp_abi_r570, "570.144");
	size_t cuts[] = { 0, 1, 8, 16, 231, 232, 233, 247, 248, 300, 303, 304, 305, 232 + 72 + 96,
			  f.blob - 41, f.blob - 40, f.blob - 30, f.blob - 1, f.blob, f.blob + 1,
			  f.blob + 15, f.blob + 16, f.blob + 71, f.blob + 72, f.blob + 72 + 95,
			  f.blob + 72 + 3 * 96, f.blob + 72 + 3 * 96 + 7, f.size - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(cuts); i++) {
		struct file cut = { .size = cuts[i] };

		cut.data = malloc(cuts[i] ? cuts[i] : 1);
		memcpy(cut.data, f.data, cuts[i]);
		if (cuts[i] > 16)
			fix_crc(&cut);
		cr_expect_eq(parse570(&cut), -EINVAL, "cut at %zu: %s", cuts[i], why);
		cr_expect_str_neq(why, "untouched");
		cr_expect_eq(cat.count, 0u);
		free(cut.data);
	}
	free(f.data);
}

Test(catalog, one_byte_too_many)
{
	struct file f = make(&gsp_abi_r570, "570.144");

	f.data = realloc(f.data, f.size + 1);
	f.data[f.size++] = 0;
	fix_crc(&f);
	cr_assert_eq(parse570(&f), -EINVAL);
	cr_expect_str_eq(why, "1 bytes behind the last blob");
	free(f.data);
}

/* Each wrong number has its own reason; the CRC is right in all of them. */
Test(catalog, reasons)
{
	enum { HDR, BLOB, KS, REC, PAY };
	static const struct {
		int where, off, size;
		u64 value;
		int err;
		const char *why;
	} tab[] = {
		{ HDR, 0, 1, 'X', -EINVAL, "not a type catalogue" },
		{ HDR, 160, 1, '6', -EINVAL, "made for firmware 670.144, this GPU runs 570.144" },
		{ HDR, 160, 1, 0, -EINVAL, "firmware build is not readable" },
		{ HDR, 224, 8, 0, -EINVAL, NULL },
		{ HDR, 224, 8, 4, -EINVAL, "blob 3 of 4 is missing" },
		{ HDR, 224, 8, ~0ull, -EINVAL, NULL },
		{ BLOB, 8, 8, ~0ull, -EINVAL, NULL },
		{ BLOB, 8, 8, 15, -EINVAL, NULL },
		{ BLOB, 0, 8, 1, -ENOENT, "no types for device 2235" },
		{ BLOB, 16, 8, 0x2236, -ENOENT, "no types for device 2235" },
		{ BLOB, 16, 8, 0x100002235, -ENOENT, "no types for device 2235" },
		{ BLOB, 24, 8, 12, -EINVAL, "record offset is 0xc, firmware branch 570 has 0x8" },
		{ BLOB, 32, 8, 5424, -EINVAL, "record size is 0x1530, firmware branch 570 has 0x1468" },
		{ BLOB, 40, 8, 95, -EINVAL, "kernel struct size is 0x5f, firmware branch 570 has 0x60" },
		{ BLOB, 48, 8, 0, -EINVAL, "0 types, firmware branch 570 takes 1 to 64" },
		{ BLOB, 48, 8, 65, -EINVAL, "65 types, firmware branch 570 takes 1 to 64" },
		{ BLOB, 48, 8, 0x2aaaaaaaaaaaaab, -EINVAL, NULL },
		{ BLOB, 48, 8, 2, -EINVAL, "blob is 334704 bytes, its contents are 334608" },
		{ BLOB, 56, 8, 0x20804001, -EINVAL, "RM control is 0x20804001, firmware branch 570 has 0x20804003" },
		{ BLOB, 64, 8, 334343, -EINVAL, "RM payload size is 0x51a07, firmware branch 570 has 0x51a08" },
		{ PAY, 4, 4, 2, -EINVAL, "3 types, but 2 in the RM payload" },
		{ KS, 0, 4, 558, -EINVAL, "type 558: its firmware record is for type 557" },
		{ KS, 4, 1, 'M', -EINVAL, "type 557: two different names" },
		{ KS, 4, 1, 10, -EINVAL, "type 557: bad name" },
		{ KS, 40, 8, 1, -EINVAL, "type 557: guest id is 0x1, its firmware record says 0x223514d0" },
		{ KS, 48, 8, 0x2236, -EINVAL, "type 557: device id is 0x2236, its firmware record says 0x2235" },
		{ KS, 80, 4, 31, -EINVAL, "type 557: instances is 0x1f, its firmware record says 0x20" },
		{ REC, 4, 1, 0, -EINVAL, "type 557: bad name" },
		{ REC, 356, 4, 8, -EINVAL, "type 557: 8 slices" },
		{ REC, 356, 4, 0x20, -EINVAL, "type 557: 32 slices" },
		{ REC, 356, 4, 5, -EINVAL, "type 557: 5 slices of 7" },
		{ REC, 356, 4, 6, -EINVAL, "type 557: 6 slices of 7" },
		{ REC, 384, 8, 0x20000000, -EINVAL, "type 557: profile size 0x20000000 is not in GiB" },
		{ REC, 384, 8, 0x40000001, -EINVAL, "type 557: profile size 0x40000001 is not in GiB" },
		{ REC, 384, 8, 0, -EINVAL, "type 557: profile size 0x0 is not in GiB" },
		{ REC, 384, 8, 1ull << 40, -EINVAL, "type 557: impossible framebuffer size" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tab); i++) {
		struct file f = make(&gsp_abi_r570, "570.144");
		u8 *base[] = { f.data, f.data + f.blob, f.data + f.blob + 72,
			       f.data + f.blob + 72 + 3 * 96 + 8, f.data + f.blob + 72 + 3 * 96 };
		u8 *at = base[tab[i].where];

		if (tab[i].size == 1)
			at[tab[i].off] = (u8)tab[i].value;
		else if (tab[i].size == 4)
			le_put32(at, (size_t)tab[i].off, (u32)tab[i].value);
		else
			le_put64(at, (size_t)tab[i].off, tab[i].value);
		fix_crc(&f);
		cr_expect_eq(parse570(&f), tab[i].err, "case %zu: %s", i, why);
		if (tab[i].why)
			cr_expect_str_eq(why, tab[i].why, "case %zu: %s", i, why);
		cr_expect_eq(cat.count, 0u);
		free(f.data);
	}
}

Test(catalog, unterminated_names)
{
	struct file f = make(&gsp_abi_r570, "570.144");

	memset(f.data + f.blob + 72 + 3 * 96 + 8 + 4, 'x', 32);
	fix_crc(&f);
	cr_expect_eq(parse570(&f), -EINVAL);
	cr_expect_str_eq(why, "type 557: bad name");
	memset(f.data + 160, '5', 64);
	fix_crc(&f);
	cr_expect_eq(parse570(&f), -EINVAL);
	cr_expect_str_eq(why, "firmware build is not readable");
	free(f.data);
}

Test(catalog, same_type_or_board_twice)
{
	struct file f = make(&gsp_abi_r570, "570.144");
	u8 *b = f.data + f.blob;

	le_put64(f.data, 232 + 16, 0x2235);
	fix_crc(&f);
	cr_expect_eq(parse570(&f), -EINVAL);
	cr_expect_str_eq(why, "device 2235 is there twice");

	le_put64(f.data, 232 + 16, 0x26b9);
	le_put32(b, 72 + 96, 557);
	le_put32(b, 72 + 3 * 96 + 8 + 5224, 557);
	fix_crc(&f);
	cr_expect_eq(parse570(&f), -EINVAL);
	cr_expect_str_eq(why, "type 557 is there twice");
	free(f.data);
}

/* ---- MIG ---------------------------------------------------------------- */

struct gi_def {
	const char *name;
	u32 gib, max, slices, per_gi;
	struct ovg_gi_profile want;
};

/* A file of 595 with these types and no others of the board. */
static struct file make_gi(const struct gi_def *d, size_t n)
{
	const struct gsp_record_layout *l = &gsp_abi_r595.rec;
	struct file f = { .size = 232 + 72 + n * 96 + l->payload, .blob = 232 };
	u8 *b, *ks, *rec;

	f.data = calloc(1, f.size);
	memcpy(f.data, "NVVGPUMT", 8);
	strcpy((char *)f.data + 160, "595.45.04");
	le_put64(f.data, 224, 1);
	b = f.data + f.blob;
	le_put64(b, 8, f.size - 232);
	le_put64(b, 16, 0x2235);
	le_put64(b, 24, 8);
	le_put64(b, 32, l->size);
	le_put64(b, 40, 96);
	le_put64(b, 48, n);
	le_put64(b, 56, 0x20804003);
	le_put64(b, 64, l->payload);
	le_put32(b, 72 + n * 96 + 4, (u32)n);
	for (size_t i = 0; i < n; i++) {
		ks = b + 72 + i * 96;
		rec = b + 72 + n * 96 + 8 + i * l->size;
		le_put32(ks, 0, (u32)(1000 + i));
		snprintf((char *)ks + 4, 32, "%s", d[i].name);
		le_put64(ks, 48, 0x2235);
		le_put64(ks, 56, (u64)d[i].gib << 29);
		le_put64(ks, 72, 256);
		le_put32(ks, 80, d[i].max);
		le_put32(rec, 0, (u32)(1000 + i));
		snprintf((char *)rec + 4, 64, "%s", d[i].name);
		le_put32(rec, 388, d[i].max);
		le_put32(rec, 420, d[i].slices);
		le_put64(rec, 440, 0x2235);
		le_put64(rec, 448, (u64)d[i].gib << 30);
		le_put64(rec, 456, (u64)d[i].gib << 29);
		le_put64(rec, 496, 256);
		le_put32(rec, 5004, d[i].per_gi);
	}
	fix_crc(&f);
	return f;
}

static void check_gi(const struct gi_def *d, size_t n, u32 board)
{
	struct file f = make_gi(d, n);

	cr_assert_eq(parse(&f, &gsp_abi_r595, "595.45.04"), 0, "%s", why);
	cr_expect_eq(cat.gi_slices, board);
	for (size_t i = 0; i < n; i++) {
		const struct ovg_type *t = &cat.types[i];

		cr_expect_eq(t->gi.slices, d[i].want.slices, "%s", t->name);
		cr_expect_eq(t->gi.memory, d[i].want.memory, "%s: %u eighths", t->name,
			     t->gi.memory);
		cr_expect_eq(t->gi.attr, d[i].want.attr, "%s", t->name);
		cr_expect_eq(t->max_per_gi, d[i].want.slices ? d[i].per_gi : 0, "%s", t->name);
	}
	free(f.data);
}

Test(catalog, gi_of_seven_slices)
{
	static const struct gi_def a100[] = {
		{ "GRID A100-40C", 40, 1, 0, 0, { 0, 0, 0 } },
		{ "GRID A100-7-40C", 40, 1, 7, 1, { 7, 8, 0 } },
		{ "GRID A100-4-20C", 20, 1, 4, 1, { 4, 4, 0 } },
		{ "GRID A100-3-20C", 20, 2, 3, 1, { 3, 4, 0 } },
		{ "GRID A100-2-10C", 10, 3, 2, 1, { 2, 2, 0 } },
		{ "GRID A100-1-10C", 10, 4, 1, 1, { 1, 2, 0 } },
		{ "GRID A100-1-5C", 5, 7, 1, 1, { 1, 1, 0 } },
		{ "GRID A100-1-5CME", 5, 1, 1, 1, { 1, 1, OVG_GI_MEDIA } },
		{ "GRID A100-1-5CNOME", 5, 1, 1, 1, { 1, 1, 0 } },
		{ "GRID A100-ME", 4, 1, 0, 0, { 0, 0, 0 } },
	};
	/* the sizes that are nearest to the line between one eighth and two */
	static const struct gi_def h200[] = {
		{ "NVIDIA H200-7-141C", 141, 1, 7, 1, { 7, 8, 0 } },
		{ "NVIDIA H200-3-71C", 71, 2, 3, 1, { 3, 4, 0 } },
		{ "NVIDIA H200-1-35C", 35, 4, 1, 1, { 1, 2, 0 } },
		{ "NVIDIA H200-1-18C", 18, 7, 1, 1, { 1, 1, 0 } },
	};
	static const struct gi_def h100[] = {
		{ "NVIDIA H100L-94C", 94, 1, 0, 0, { 0, 0, 0 } },
		{ "NVIDIA H100L-7-94C", 94, 1, 7, 1, { 7, 8, 0 } },
		{ "NVIDIA H100L-1-24C", 24, 4, 1, 1, { 1, 2, 0 } },
		{ "NVIDIA H100L-1-12C", 12, 7, 1, 1, { 1, 1, 0 } },
	};

	check_gi(a100, ARRAY_SIZE(a100), 7);
	check_gi(h200, ARRAY_SIZE(h200), 7);
	check_gi(h100, ARRAY_SIZE(h100), 7);
}

Test(catalog, gi_of_four_slices)
{
	static const struct gi_def rtx[] = {
		{ "NVIDIA RTX Pro 6000 Blackwell DC-96Q", 96, 1, 0, 0, { 0, 0, 0 } },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-1-2Q", 2, 48, 1, 12, { 1, 2, 0 } },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-1-24Q", 24, 4, 1, 1, { 1, 2, 0 } },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-2-12A", 12, 8, 2, 4, { 2, 4, 0 } },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-4-96C", 96, 1, 4, 1, { 4, 8, 0 } },
	};
	static const struct gi_def a30[] = {
		{ "NVIDIA A30-4-24C", 24, 1, 4, 1, { 4, 8, 0 } },
		{ "NVIDIA A30-2-12CME", 12, 1, 2, 1, { 2, 4, OVG_GI_MEDIA } },
		{ "NVIDIA A30-1-6C", 6, 4, 1, 1, { 1, 2, 0 } },
	};

	check_gi(rtx, ARRAY_SIZE(rtx), 4);
	check_gi(a30, ARRAY_SIZE(a30), 4);
}

Test(catalog, gi_nonsense)
{
	static const struct {
		struct gi_def d[2];
		const char *why;
	} bad[] = {
		{ { { "X-1-5C", 5, 7, 1, 1, { 0, 0, 0 } }, { "X-3-20C", 20, 1, 3, 1, { 0, 0, 0 } } },
		  "largest GPU instance has 3 slices, boards have 7 or 4" },
		{ { { "X-3-18C", 18, 1, 3, 1, { 0, 0, 0 } }, { "X-4-24C", 24, 1, 4, 1, { 0, 0, 0 } } },
		  "type 1000: 3 slices of 4" },
		{ { { "X-1-40C", 40, 1, 1, 1, { 0, 0, 0 } }, { "X-7-40C", 40, 1, 7, 1, { 0, 0, 0 } } },
		  "type 1000: does not fit into its GPU instance" },
		{ { { "X-1-5C", 5, 7, 1, 0, { 0, 0, 0 } }, { "X-7-40C", 40, 1, 7, 1, { 0, 0, 0 } } },
		  "type 1000: 0 to a GPU instance, 7 in all" },
		{ { { "X-1-5C", 5, 7, 1, 8, { 0, 0, 0 } }, { "X-7-40C", 40, 1, 7, 1, { 0, 0, 0 } } },
		  "type 1000: 8 to a GPU instance, 7 in all" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct file f = make_gi(bad[i].d, 2);

		cr_expect_eq(parse(&f, &gsp_abi_r595, "595.45.04"), -EINVAL, "case %zu", i);
		cr_expect_str_eq(why, bad[i].why, "case %zu: %s", i, why);
		cr_expect_eq(cat.count, 0u);
		cr_expect_eq(cat.gi_slices, 0u);
		free(f.data);
	}
}

/* RTX PRO 6000 has more types than older branches take. */
Test(catalog, more_than_64_types)
{
	static struct gi_def d[72];
	static char name[72][16];
	struct file f;

	for (size_t i = 0; i < ARRAY_SIZE(d); i++) {
		snprintf(name[i], sizeof(name[i]), "DC-%zuQ", i);
		d[i] = (struct gi_def){ name[i], 2, 1, 0, 0, { 0, 0, 0 } };
	}
	f = make_gi(d, ARRAY_SIZE(d));
	cr_assert_eq(parse(&f, &gsp_abi_r595, "595.45.04"), 0, "%s", why);
	cr_expect_eq(cat.count, 72u);
	le_put64(f.data + f.blob, 48, 129);
	fix_crc(&f);
	cr_expect_eq(parse(&f, &gsp_abi_r595, "595.45.04"), -EINVAL);
	cr_expect_str_eq(why, "129 types, firmware branch 595 takes 1 to 128");
	free(f.data);
}
