// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Reads the type catalogue (docs/catalogue.md). The file comes from user space:
 * every number in it is checked before it is used, and a refusal says which.
 */
#ifdef __KERNEL__
#include <linux/crc32.h>
#else
#include <stdio.h>
#endif

#include "abi.h"
#include "catalog.h"
#include "le.h"

/* File header */
#define CAT_IDENT		0	/* "NVVGPUMT" */
#define CAT_CRC			8
#define CAT_PAD			12
#define CAT_CRC_START		16
#define CAT_MAJOR		16
#define CAT_MINOR		24
#define CAT_BUILD		160
#define CAT_BUILD_LEN		64
#define CAT_NUM_BLOBS		224
#define CAT_HDR			232u

/* Blob header */
#define BLOB_TYPE		0
#define BLOB_SIZE		8
#define BLOB_BARE		16u	/* what blobs of every type have */
#define BLOB_DEVICE		16
#define BLOB_INFO_OFFSET	24
#define BLOB_INFO_SIZE		32
#define BLOB_STRUCT_SIZE	40
#define BLOB_STRUCTS		48
#define BLOB_CMD		56
#define BLOB_PAYLOAD		64
#define BLOB_HDR		72u
#define BLOB_TYPE_VGPU		0

/* Kernel struct */
#define KS_TYPE			0
#define KS_NAME			4
#define KS_NAME_LEN		32
#define KS_VDEV			40
#define KS_PDEV			48
#define KS_FB			56
#define KS_HEAP			64
#define KS_BAR1			72
#define KS_MAX_INSTANCE		80
#define KS_ECC			84
#define KS_FB_RESERVATION	88
#define KS_SIZE			96u

/* NV2080_CTRL_VGPU_MGR_INTERNAL_PGPU_ADD_VGPU_TYPE(_PARAMS) */
#define ADD_TYPE_CMD		0x20804003u
#define ADD_TYPE_COUNT		4
#define ADD_TYPE_RECORDS	8u

#define ull(x)			((unsigned long long)(x))

#define refuse(err, ...) \
	(snprintf(why, why_size, __VA_ARGS__), -(err))

/* crc32_le() as the kernel defines it: no inversion at either end. */
u32 ovg_catalog_crc(const u8 *file, size_t size)
{
#ifdef __KERNEL__
	return crc32_le(~0u, file + CAT_CRC_START, size - CAT_CRC_START);
#else
	u32 crc = 0xffffffff;
	size_t i;
	int bit;

	for (i = CAT_CRC_START; i < size; i++) {
		crc ^= file[i];
		for (bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return crc;
#endif
}

/* Names end up in sysfs: one line of printable ASCII. */
static bool name_ok(const u8 *s, size_t len)
{
	size_t i;

	for (i = 0; i < len && s[i]; i++)
		if (s[i] < ' ' || s[i] > '~')
			return false;
	return i && i < len;
}

/* "A100-1-5CME": a series, then ME; NOME is the opposite. */
static bool has_media(const char *name)
{
	size_t len = strlen(name);

	return len > 2 && !strcmp(name + len - 2, "ME") && strchr("ABCQ", name[len - 3]);
}

/*
 * The rest of MIG-backed types, for which all types of the board must be known: the
 * largest GPU instance is the whole board, and one slice of 7 comes with an eighth of
 * the framebuffer or with two (gpuInstanceSize is the number of slices: docs/gsp.md,
 * "Types"). What generation the board is of, and so whether there is
 * graphics, is not in the file.
 */
static int parse_gi(struct ovg_catalog *cat, char *why, size_t why_size)
{
	u64 largest = 0;
	size_t i;

	for (i = 0; i < cat->count; i++) {
		cat->gi_slices = max(cat->gi_slices, (u32)cat->types[i].gi.slices);
		largest = max(largest, cat->types[i].profile_bytes);
	}
	if (cat->gi_slices && cat->gi_slices != 7 && cat->gi_slices != 4)
		return refuse(EINVAL, "largest GPU instance has %u slices, boards have 7 or 4",
			      cat->gi_slices);
	for (i = 0; i < cat->count; i++) {
		struct ovg_type *t = &cat->types[i];
		u32 slices = t->gi.slices;

		if (!slices)
			continue;
		if (slices == cat->gi_slices)
			t->gi.memory = 8;
		else if (cat->gi_slices == 7 && (slices == 4 || slices == 3))
			t->gi.memory = 4;
		else if (cat->gi_slices == 7 && slices == 2)
			t->gi.memory = 2;
		else if (cat->gi_slices == 7 && slices == 1)
			t->gi.memory = t->profile_bytes * 16 > largest * 3 ? 2 : 1;
		else if (cat->gi_slices == 4 && slices <= 2)
			t->gi.memory = (u8)(2 * slices);
		else
			return refuse(EINVAL, "type %u: %u slices of %u", t->id, slices,
				      cat->gi_slices);
		if (t->profile_bytes > div_u64(largest, 8) * t->gi.memory + SZ_1G)
			return refuse(EINVAL, "type %u: does not fit into its GPU instance",
				      t->id);
		if (has_media(t->name))
			t->gi.attr |= OVG_GI_MEDIA;
	}
	return 0;
}

/* One type: its kernel struct and its firmware record must say the same. */
static int parse_type(const u8 *ks, const u8 *rec, const struct gsp_record_layout *lay,
		      u32 device, struct ovg_type *t, char *why, size_t why_size)
{
	u32 slices = le_get32(rec, lay->gpu_instance_size);
	const struct {
		const char *what;
		u64 ks, rec;
	} same[] = {
		{ "guest id", le_get64(ks, KS_VDEV), le_get64(rec, lay->vdev_id) },
		{ "device id", le_get64(ks, KS_PDEV), le_get64(rec, lay->pdev_id) },
		{ "framebuffer", le_get64(ks, KS_FB), le_get64(rec, lay->fb_length) },
		{ "heap", le_get64(ks, KS_HEAP), le_get64(rec, lay->heap_size) },
		{ "BAR1", le_get64(ks, KS_BAR1), le_get64(rec, lay->bar1_mib) },
		{ "instances", le_get32(ks, KS_MAX_INSTANCE), le_get32(rec, lay->max_instance) },
		{ "ECC", le_get32(ks, KS_ECC), le_get32(rec, lay->ecc) },
		{ "reservation", le_get64(ks, KS_FB_RESERVATION),
		  le_get64(rec, lay->fb_reservation) },
	};
	const u8 *name = rec + lay->name;
	size_t i, cut;

	t->id = le_get32(ks, KS_TYPE);
	if (!t->id)
		return refuse(EINVAL, "type number 0");
	if (le_get32(rec, lay->type) != t->id)
		return refuse(EINVAL, "type %u: its firmware record is for type %u",
			      t->id, le_get32(rec, lay->type));
	if (!name_ok(name, lay->name_len) || !name_ok(ks + KS_NAME, KS_NAME_LEN))
		return refuse(EINVAL, "type %u: bad name", t->id);
	cut = strlen((const char *)ks + KS_NAME);
	if (memcmp(name, ks + KS_NAME, cut) || (name[cut] && cut < KS_NAME_LEN - 1))
		return refuse(EINVAL, "type %u: two different names", t->id);
	for (i = 0; i < ARRAY_SIZE(same); i++)
		if (same[i].ks != same[i].rec)
			return refuse(EINVAL, "type %u: %s is 0x%llx, its firmware record says 0x%llx",
				      t->id, same[i].what, ull(same[i].ks), ull(same[i].rec));
	if (le_get64(ks, KS_PDEV) != device)
		return refuse(EINVAL, "type %u: belongs to device %llx", t->id,
			      ull(le_get64(ks, KS_PDEV)));
	if (le_get64(ks, KS_VDEV) >> 32)
		return refuse(EINVAL, "type %u: guest id 0x%llx is above 32 bits", t->id,
			      ull(le_get64(ks, KS_VDEV)));

	memcpy(t->name, name, strlen((const char *)name) + 1);
	t->heads = le_get32(rec, lay->num_heads);
	t->max_x = le_get32(rec, lay->max_x);
	t->max_y = le_get32(rec, lay->max_y);
	t->frl = le_get32(rec, lay->frl);
	t->max_instance = le_get32(ks, KS_MAX_INSTANCE);
	/* RM itself tells MIG types by this field not being 0; the profile id is for NVML. */
	if (slices > 7)
		return refuse(EINVAL, "type %u: %u slices", t->id, slices);
	t->gi.slices = (u8)slices;
	if (slices)
		t->max_per_gi = lay->max_per_gi ? le_get32(rec, lay->max_per_gi) : 1;
	t->ecc = le_get32(ks, KS_ECC) != 0;
	t->profile_bytes = le_get64(rec, lay->profile_size);
	t->fb_bytes = le_get64(ks, KS_FB);
	t->fb_reservation = le_get64(ks, KS_FB_RESERVATION);
	t->heap_bytes = le_get64(ks, KS_HEAP);
	t->bar1_mib = le_get64(ks, KS_BAR1);
	t->guest_device = (u16)(le_get64(ks, KS_VDEV) >> 16);
	t->guest_subsystem = (u16)le_get64(ks, KS_VDEV);

	if (!t->max_instance || t->max_instance > OVG_MAX_TYPES)
		return refuse(EINVAL, "type %u: %u instances", t->id, t->max_instance);
	if (slices && (!t->max_per_gi || t->max_per_gi > t->max_instance))
		return refuse(EINVAL, "type %u: %u to a GPU instance, %u in all", t->id,
			      t->max_per_gi, t->max_instance);
	if (!t->profile_bytes || t->profile_bytes & (SZ_1G - 1))
		return refuse(EINVAL, "type %u: profile size 0x%llx is not in GiB", t->id,
			      ull(t->profile_bytes));
	/* 1 TiB: far above any board, far below any overflow in sums. */
	if (!t->fb_bytes || t->fb_bytes >> 40 || t->profile_bytes >> 40 ||
	    t->heap_bytes >> 40 || t->fb_reservation >> 40)
		return refuse(EINVAL, "type %u: impossible framebuffer size", t->id);
	if (!t->bar1_mib || t->bar1_mib >> 20)
		return refuse(EINVAL, "type %u: BAR1 of %llu MiB", t->id, ull(t->bar1_mib));
	return 0;
}

static int parse_blob(const u8 *blob, u64 size, const struct gsp_abi *abi, u32 device,
		      struct ovg_catalog *cat, char *why, size_t why_size)
{
	const struct gsp_record_layout *lay = &abi->rec;
	u64 structs = le_get64(blob, BLOB_STRUCTS);
	const struct {
		const char *what;
		u64 is, want;
	} fixed[] = {
		{ "record offset", le_get64(blob, BLOB_INFO_OFFSET), ADD_TYPE_RECORDS },
		{ "record size", le_get64(blob, BLOB_INFO_SIZE), lay->size },
		{ "kernel struct size", le_get64(blob, BLOB_STRUCT_SIZE), KS_SIZE },
		{ "RM control", le_get64(blob, BLOB_CMD), ADD_TYPE_CMD },
		{ "RM payload size", le_get64(blob, BLOB_PAYLOAD), lay->payload },
	};
	const u8 *payload;
	size_t i, j;
	int err;

	for (i = 0; i < ARRAY_SIZE(fixed); i++)
		if (fixed[i].is != fixed[i].want)
			return refuse(EINVAL, "%s is 0x%llx, firmware branch %u has 0x%llx",
				      fixed[i].what, ull(fixed[i].is), abi->branch,
				      ull(fixed[i].want));
	if (!structs || structs > lay->max || structs > OVG_MAX_TYPES)
		return refuse(EINVAL, "%llu types, firmware branch %u takes 1 to %u",
			      ull(structs), abi->branch, lay->max);
	if (size != BLOB_HDR + structs * KS_SIZE + lay->payload)
		return refuse(EINVAL, "blob is %llu bytes, its contents are %llu", ull(size),
			      ull(BLOB_HDR + structs * KS_SIZE + lay->payload));

	payload = blob + BLOB_HDR + structs * KS_SIZE;
	if (le_get32(payload, ADD_TYPE_COUNT) != structs)
		return refuse(EINVAL, "%llu types, but %u in the RM payload", ull(structs),
			      le_get32(payload, ADD_TYPE_COUNT));

	for (i = 0; i < structs; i++) {
		struct ovg_type *t = &cat->types[i];

		err = parse_type(blob + BLOB_HDR + i * KS_SIZE,
				 payload + ADD_TYPE_RECORDS + i * lay->size,
				 lay, device, t, why, why_size);
		if (err)
			return err;
		t->record = (u32)i;
		for (j = 0; j < i; j++)
			if (cat->types[j].id == t->id)
				return refuse(EINVAL, "type %u is there twice", t->id);
	}
	cat->count = (u32)structs;
	err = parse_gi(cat, why, why_size);
	if (err)
		return err;
	cat->payload = payload;
	cat->payload_size = lay->payload;
	return 0;
}

/* Everything in front of the blobs. */
static int parse_header(const u8 *file, size_t size, const char *build, char *why,
			size_t why_size)
{
	const u8 *fb = file + CAT_BUILD;
	u32 crc;

	if (size < CAT_HDR)
		return refuse(EINVAL, "file is %llu bytes, its header alone is %u",
			      ull(size), CAT_HDR);
	if (memcmp(file + CAT_IDENT, "NVVGPUMT", 8))
		return refuse(EINVAL, "not a type catalogue");
	crc = ovg_catalog_crc(file, size);
	if (crc != le_get32(file, CAT_CRC))
		return refuse(EBADMSG, "crc is %08x, file says %08x", crc,
			      le_get32(file, CAT_CRC));
	/* the only bytes in front of what the CRC covers that nobody compares */
	if (le_get32(file, CAT_PAD))
		return refuse(EINVAL, "padding of the header is not zero");
	if (!name_ok(fb, CAT_BUILD_LEN))
		return refuse(EINVAL, "firmware build is not readable");
	if (strcmp((const char *)fb, build))
		return refuse(EINVAL, "made for firmware %s, this GPU runs %s",
			      (const char *)fb, build);
	return 0;
}

/**
 * ovg_catalog_parse() - find the types of one board
 * @file: whole file
 * @size: its bytes
 * @abi: firmware branch, for the record layout
 * @build: firmware build that the file must be for
 * @device: PCI device id of the PF
 * @cat: filled in; its payload points into @file
 * @why: reason of a refusal
 * @why_size: room in @why
 *
 * Return: 0; -ENOENT if the file is good and has nothing for this board;
 * -EBADMSG for a wrong CRC; -EINVAL for anything else that is wrong with it.
 * @cat->count is 0 unless 0 is returned.
 */
int ovg_catalog_parse(const u8 *file, size_t size, const struct gsp_abi *abi,
		      const char *build, u32 device, struct ovg_catalog *cat,
		      char *why, size_t why_size)
{
	const u8 *found = NULL;
	u64 blobs, blob_size, found_size = 0, i;
	size_t pos = CAT_HDR;
	int err;

	memset(cat, 0, sizeof(*cat));
	err = parse_header(file, size, build, why, why_size);
	if (err)
		return err;

	blobs = le_get64(file, CAT_NUM_BLOBS);
	for (i = 0; i < blobs; i++) {
		if (size - pos < BLOB_BARE)
			return refuse(EINVAL, "blob %llu of %llu is missing", ull(i),
				      ull(blobs));
		blob_size = le_get64(file, pos + BLOB_SIZE);
		if (blob_size < BLOB_BARE || blob_size > size - pos)
			return refuse(EINVAL, "blob %llu is %llu bytes, %llu are left",
				      ull(i), ull(blob_size), ull(size - pos));
		if (le_get64(file, pos + BLOB_TYPE) == BLOB_TYPE_VGPU) {
			if (blob_size < BLOB_HDR)
				return refuse(EINVAL, "blob %llu is %llu bytes, its header alone is %u",
					      ull(i), ull(blob_size), BLOB_HDR);
			if (le_get64(file, pos + BLOB_DEVICE) == device) {
				if (found)
					return refuse(EINVAL, "device %04x is there twice", device);
				found = file + pos;
				found_size = blob_size;
			}
		}
		pos += (size_t)blob_size;
	}
	if (pos != size)
		return refuse(EINVAL, "%llu bytes behind the last blob", ull(size - pos));
	if (!found)
		return refuse(ENOENT, "no types for device %04x", device);

	err = parse_blob(found, found_size, abi, device, cat, why, why_size);
	if (err) {
		memset(cat, 0, sizeof(*cat));
		return err;
	}
	cat->major = le_get64(file, CAT_MAJOR);
	cat->minor = le_get64(file, CAT_MINOR);
	return 0;
}
