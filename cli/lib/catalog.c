// SPDX-License-Identifier: LGPL-2.1-or-later
/* Writer of the firmware catalogue, docs/catalogue.md. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

#define HEADER_SIZE	232
#define CRC_FROM	16
#define BLOB_SIZE	72
#define STRUCT_SIZE	96
#define RECORDS_AT	8
#define CMD_ADD_VGPU_TYPE 0x20804003

/* Places in the header. */
static const struct ovg_range h_crc = { 8, 4 };
static const struct ovg_range h_major = { 16, 8 };
static const struct ovg_range h_minor = { 24, 8 };
#define H_BUILD		160
#define H_BUILD_SIZE	64
static const struct ovg_range h_blobs = { 224, 8 };

/* Places in a blob. */
static const struct ovg_range b_size = { 8, 8 };
static const struct ovg_range b_device = { 16, 8 };
static const struct ovg_range b_records_at = { 24, 8 };
static const struct ovg_range b_record_size = { 32, 8 };
static const struct ovg_range b_struct_size = { 40, 8 };
static const struct ovg_range b_structs = { 48, 8 };
static const struct ovg_range b_cmd = { 56, 8 };
static const struct ovg_range b_payload_size = { 64, 8 };

/* Places in a kernel struct. */
static const struct ovg_range s_type = { 0, 4 };
#define S_NAME		4
#define S_NAME_SIZE	32
static const struct ovg_range s_vdev_id = { 40, 8 };
static const struct ovg_range s_pdev_id = { 48, 8 };
static const struct ovg_range s_fb = { 56, 8 };
static const struct ovg_range s_heap = { 64, 8 };
static const struct ovg_range s_bar1 = { 72, 8 };
static const struct ovg_range s_max_instance = { 80, 4 };
static const struct ovg_range s_ecc = { 84, 4 };
static const struct ovg_range s_reservation = { 88, 8 };

/* Places in the payload. */
static const struct ovg_range p_discard = { 0, 1 };
static const struct ovg_range p_count = { 4, 4 };

/* The kernel's crc32_le(): reflected polynomial, not inverted at the end. */
static uint32_t crc32_le(uint32_t crc, const uint8_t *p, size_t len)
{
	uint32_t table[256];
	size_t i;

	for (i = 0; i < 256; i++) {
		uint32_t v = (uint32_t)i;
		int bit;

		for (bit = 0; bit < 8; bit++)
			v = v & 1 ? v >> 1 ^ 0xedb88320 : v >> 1;
		table[i] = v;
	}
	for (i = 0; i < len; i++)
		crc = crc >> 8 ^ table[(crc ^ p[i]) & 0xff];
	return crc;
}

/**
 * struct plan - one blob to be
 * @device: PCI device id of its boards
 * @types: number of their types
 */
struct plan {
	uint16_t device;
	size_t types;
};

/**
 * struct build - work on one file
 * @t: the source
 * @branch: what is written
 * @in: one flag a board: belongs into the file
 * @plans: one entry a PCI device id
 * @n_plans: their number
 */
struct build {
	const struct openvgpu_types *t;
	const struct ovg_branch *branch;
	bool *in;
	struct plan *plans;
	size_t n_plans;
};

static bool wanted(const char *const *boards, const char *name)
{
	if (!boards)
		return true;
	for (; *boards; boards++)
		if (!strcmp(*boards, name))
			return true;
	return false;
}

/*
 * Whether the branch knows a board (else -ENOENT) and has room for it (else
 * -E2BIG). Boards of one PCI device id (A16 and A2, 25b6) share a blob, so that
 * their types count together: the later of them is the one that does not fit.
 */
static int board_fits(const struct build *b, size_t board, char *why, size_t room)
{
	const uint16_t device = b->t->boards[board].device;
	size_t i, types = 0;

	if (ovg_branch_lacks(b->branch, device)) {
		snprintf(why, room, "firmware %s does not know this board", b->branch->build);
		return -ENOENT;
	}
	for (i = 0; i < b->t->n_types; i++) {
		const struct openvgpu_type *type = &b->t->types[i];

		if (type->board == board && strlen(type->name) >= b->branch->name.size) {
			snprintf(why, room, "name of type %u has more than %u characters", type->id,
				 b->branch->name.size - 1u);
			return -E2BIG;
		}
		if (b->in[type->board] && b->t->boards[type->board].device == device)
			types++;
	}
	if (types > b->branch->max_records) {
		snprintf(why, room, "%zu types where %s has room for %u", types, b->branch->build,
			 b->branch->max_records);
		return -E2BIG;
	}
	return 0;
}

static struct plan *plan_for(struct build *b, uint16_t device)
{
	size_t i;

	for (i = 0; i < b->n_plans; i++)
		if (b->plans[i].device == device)
			return &b->plans[i];
	b->plans[i].device = device;
	b->n_plans++;
	return &b->plans[i];
}

static int choose_boards(struct build *b, const char *const *boards, struct openvgpu_catalog *out,
			 struct openvgpu_error *err)
{
	size_t i;
	int ret;

	for (i = 0; boards && boards[i]; i++)
		if (!openvgpu_board_by_name(b->t, boards[i]))
			return ovg_error(err, -ENOENT, "no board '%s' in the source", boards[i]);

	for (i = 0; i < b->t->n_boards; i++) {
		struct openvgpu_left_out *left = &out->left_out[out->n_left_out];

		if (!wanted(boards, b->t->boards[i].name))
			continue;
		b->in[i] = true;
		ret = board_fits(b, i, left->why, sizeof(left->why));
		if (!ret)
			continue;
		b->in[i] = false;
		if (boards)
			return ovg_error(err, ret, "%s: %s", b->t->boards[i].name, left->why);
		left->board = &b->t->boards[i];
		out->n_left_out++;
	}

	for (i = 0; i < b->t->n_types; i++) {
		const struct openvgpu_type *type = &b->t->types[i];

		if (!b->in[type->board])
			continue;
		plan_for(b, b->t->boards[type->board].device)->types++;
		out->n_types++;
	}
	if (!b->n_plans)
		return ovg_error(err, -ENOENT, "no board of the source fits %s", b->branch->build);
	out->n_blobs = b->n_plans;
	return 0;
}

static size_t blob_size(const struct build *b, const struct plan *plan)
{
	return BLOB_SIZE + plan->types * STRUCT_SIZE + b->branch->payload_size;
}

static void fill_struct(const struct build *b, const struct openvgpu_type *type, uint8_t *s)
{
	struct openvgpu_memory memory;
	size_t len = strlen(type->name);

	openvgpu_type_memory(b->t, type, &memory);
	ovg_put(s, s_type, type->id);
	memcpy(s + S_NAME, type->name, len < S_NAME_SIZE ? len : S_NAME_SIZE - 1);
	ovg_put(s, s_vdev_id, ovg_vdev_id(type));
	ovg_put(s, s_pdev_id, b->t->boards[type->board].device);
	ovg_put(s, s_fb, memory.fb);
	ovg_put(s, s_heap, memory.heap);
	ovg_put(s, s_bar1, OVG_BAR1_MIB);
	ovg_put(s, s_max_instance, type->max_equal);
	ovg_put(s, s_ecc, type->ecc);
	ovg_put(s, s_reservation, memory.reservation);
}

static void fill_blob(const struct build *b, const struct plan *plan, uint8_t *blob)
{
	uint8_t *structs = blob + BLOB_SIZE;
	uint8_t *payload = structs + plan->types * STRUCT_SIZE;
	uint8_t *record = payload + RECORDS_AT;
	size_t i;

	ovg_put(blob, b_size, blob_size(b, plan));
	ovg_put(blob, b_device, plan->device);
	ovg_put(blob, b_records_at, RECORDS_AT);
	ovg_put(blob, b_record_size, b->branch->record_size);
	ovg_put(blob, b_struct_size, STRUCT_SIZE);
	ovg_put(blob, b_structs, plan->types);
	ovg_put(blob, b_cmd, CMD_ADD_VGPU_TYPE);
	ovg_put(blob, b_payload_size, b->branch->payload_size);
	ovg_put(payload, p_discard, 1);
	ovg_put(payload, p_count, plan->types);

	for (i = 0; i < b->t->n_types; i++) {
		const struct openvgpu_type *type = &b->t->types[i];

		if (!b->in[type->board] || b->t->boards[type->board].device != plan->device)
			continue;
		fill_struct(b, type, structs);
		ovg_record_fill(b->branch, b->t, type, record);
		structs += STRUCT_SIZE;
		record += b->branch->record_size;
	}
}

static void fill_header(const struct build *b, struct openvgpu_catalog *out)
{
	uint8_t *d = out->data;

	memcpy(d, "NVVGPUMT", 8);
	ovg_put(d, h_major, b->branch->vgpu_major);
	ovg_put(d, h_minor, b->branch->vgpu_minor);
	memcpy(d + H_BUILD, b->branch->build, strnlen(b->branch->build, H_BUILD_SIZE - 1));
	ovg_put(d, h_blobs, b->n_plans);
	/* last: covers all of the above behind itself */
	ovg_put(d, h_crc, crc32_le(0xffffffff, d + CRC_FROM, out->size - CRC_FROM));
}

static int fill(struct build *b, struct openvgpu_catalog *out, struct openvgpu_error *err)
{
	uint8_t *at;
	size_t i;

	out->size = HEADER_SIZE;
	for (i = 0; i < b->n_plans; i++)
		out->size += blob_size(b, &b->plans[i]);
	out->data = calloc(1, out->size);
	if (!out->data)
		return ovg_error(err, -ENOMEM, "out of memory");

	at = out->data + HEADER_SIZE;
	for (i = 0; i < b->n_plans; i++) {
		fill_blob(b, &b->plans[i], at);
		at += blob_size(b, &b->plans[i]);
	}
	fill_header(b, out);
	return 0;
}

const char *openvgpu_catalog_build_name(unsigned int index)
{
	const struct ovg_branch *b = ovg_branch_at(index);

	return b ? b->build : NULL;
}

bool openvgpu_build_knows(const char *build, const struct openvgpu_board *board)
{
	const struct ovg_branch *b = ovg_branch_of(build);

	return b && !ovg_branch_lacks(b, board->device);
}

int openvgpu_catalog_build(const struct openvgpu_types *t, const char *build,
			   const char *const *boards, struct openvgpu_catalog *out,
			   struct openvgpu_error *err)
{
	struct build b = { .t = t, .branch = ovg_branch_by_build(build) };
	int ret;

	memset(out, 0, sizeof(*out));
	if (!b.branch)
		return ovg_error(err, -ENOENT, "firmware build '%s' is not known", build);
	if (!t->n_boards)
		return ovg_error(err, -ENOENT, "the source has no boards");

	b.in = calloc(t->n_boards, sizeof(*b.in));
	b.plans = calloc(t->n_boards, sizeof(*b.plans));
	/* one more: the loop that fills it looks at the next free entry */
	out->left_out = calloc(t->n_boards + 1, sizeof(*out->left_out));
	if (!b.in || !b.plans || !out->left_out)
		ret = ovg_error(err, -ENOMEM, "out of memory");
	else
		ret = choose_boards(&b, boards, out, err);
	if (!ret)
		ret = fill(&b, out, err);
	free(b.in);
	free(b.plans);
	if (ret)
		openvgpu_catalog_free(out);
	return ret;
}

void openvgpu_catalog_free(struct openvgpu_catalog *c)
{
	free(c->data);
	free(c->left_out);
	memset(c, 0, sizeof(*c));
}

int openvgpu_catalog_write(const struct openvgpu_catalog *c, const char *path,
			   struct openvgpu_error *err)
{
	return ovg_replace_file(path, c->data, c->size, err);
}
