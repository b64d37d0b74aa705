// SPDX-License-Identifier: LGPL-2.1-or-later
/* Type records of the firmware branches. */
#include <string.h>

#include "record.h"

/* NVIDIA's value in all published type data: percent of the encoder. */
#define ENCODER_CAPACITY	100

/* GPU instances of one slice on a GB20x board; larger ones take 2 or 4 of them. */
#define BLACKWELL_SLICES	4

/*
 * Boards of which the tag's list of names (g_nv_name_released.h) has not a
 * single vGPU: H100 SXM5 with 80 and 94 GB, H200 SXM5 and NVL, RTX PRO 6000.
 */
static const uint16_t unknown_535[] = { 0x2330, 0x2339, 0x2335, 0x233b, 0x2bb5, 0 };
static const uint16_t unknown_570[] = { 0x2bb5, 0 };
static const uint16_t unknown_595[] = { 0 };

static const struct ovg_branch branches[] = {
	{
		.build = "535.113.01",
		.vgpu_major = 16,
		.vgpu_minor = 1,
		.record_size = 4952,
		.max_records = 64,
		.payload_size = 316936,
		.unknown = unknown_535,
		.type = { 0, 4 },
		.name = { 4, 32 },
		.vgpu_class = { 36, 32 },
		.max_instance = { 324, 4 },
		.heads = { 328, 4 },
		.max_x = { 332, 4 },
		.max_y = { 336, 4 },
		.max_pixels = { 340, 4 },
		.frl_config = { 344, 4 },
		.cuda = { 348, 4 },
		.ecc = { 352, 4 },
		.gi_size = { 356, 4 },
		.multi_vgpu = { 360, 4 },
		.vdev_id = { 368, 8 },
		.pdev_id = { 376, 8 },
		.profile = { 384, 8 },
		.fb = { 392, 8 },
		.gsp_heap = { 400, 8 },
		.fb_reservation = { 408, 8 },
		.encoder_capacity = { 424, 4 },
		.bar1 = { 432, 8 },
		.frl_enable = { 440, 4 },
	},
	{
		.build = "570.144",
		.vgpu_major = 18,
		.vgpu_minor = 1,
		.record_size = 5224,
		.max_records = 64,
		.payload_size = 334344,
		.unknown = unknown_570,
		.type = { 0, 4 },
		.name = { 4, 32 },
		.vgpu_class = { 36, 32 },
		.max_instance = { 324, 4 },
		.heads = { 328, 4 },
		.max_x = { 332, 4 },
		.max_y = { 336, 4 },
		.max_pixels = { 340, 4 },
		.frl_config = { 344, 4 },
		.cuda = { 348, 4 },
		.ecc = { 352, 4 },
		.gi_size = { 356, 4 },
		.multi_vgpu = { 360, 4 },
		.vdev_id = { 368, 8 },
		.pdev_id = { 376, 8 },
		.profile = { 384, 8 },
		.fb = { 392, 8 },
		.gsp_heap = { 400, 8 },
		.fb_reservation = { 408, 8 },
		.encoder_capacity = { 424, 4 },
		.bar1 = { 432, 8 },
		.frl_enable = { 440, 4 },
	},
	{
		.build = "595.45.04",
		.vgpu_major = 20,
		.vgpu_minor = 0,
		.record_size = 5424,
		.max_records = 128,
		.payload_size = 694280,
		.unknown = unknown_595,
		.type = { 0, 4 },
		.name = { 4, 64 },
		.vgpu_class = { 68, 64 },
		.max_instance = { 388, 4 },
		.heads = { 392, 4 },
		.max_x = { 396, 4 },
		.max_y = { 400, 4 },
		.max_pixels = { 404, 4 },
		.frl_config = { 408, 4 },
		.cuda = { 412, 4 },
		.ecc = { 416, 4 },
		.gi_size = { 420, 4 },
		.multi_vgpu = { 428, 4 },
		.vdev_id = { 432, 8 },
		.pdev_id = { 440, 8 },
		.profile = { 448, 8 },
		.fb = { 456, 8 },
		.gsp_heap = { 464, 8 },
		.fb_reservation = { 472, 8 },
		.encoder_capacity = { 488, 4 },
		.bar1 = { 496, 8 },
		.frl_enable = { 504, 4 },
		.subvendor = { 508, 2 },
		.max_instance_per_gi = { 5004, 4 },
	},
};

const struct ovg_branch *ovg_branch_at(unsigned int index)
{
	return index < ARRAY_SIZE(branches) ? &branches[index] : NULL;
}

const struct ovg_branch *ovg_branch_by_build(const char *build)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(branches); i++)
		if (!strcmp(branches[i].build, build))
			return &branches[i];
	return NULL;
}

void ovg_put(uint8_t *base, struct ovg_range r, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < r.size; i++)
		base[r.offset + i] = (uint8_t)(value >> (8 * i));
}

/* The caller has checked that the text fits with its NUL. */
static void put_text(uint8_t *base, struct ovg_range r, const char *text)
{
	size_t len = strlen(text);

	memcpy(base + r.offset, text, len < r.size ? len : r.size - 1u);
}

uint64_t ovg_vdev_id(const struct openvgpu_type *type)
{
	return (uint64_t)type->guest_device << 16 | type->guest_subsystem;
}

/*
 * Only GB20x time-slices a GPU instance. There max_equal counts the whole
 * board, that is, all instances of the size together.
 */
static uint32_t per_gi(const struct openvgpu_board *board, const struct openvgpu_type *type)
{
	uint32_t instances;

	if (!type->mig)
		return 0;
	if (strcmp(board->arch, "Blackwell"))
		return 1;
	instances = BLACKWELL_SLICES / type->gi_slices;
	if (!instances || type->max_equal < instances)
		return 1;
	return type->max_equal / instances;
}

void ovg_record_fill(const struct ovg_branch *b, const struct openvgpu_types *t,
		     const struct openvgpu_type *type, uint8_t *record)
{
	const struct openvgpu_board *board = &t->boards[type->board];
	struct openvgpu_memory memory;

	openvgpu_type_memory(t, type, &memory);
	ovg_put(record, b->type, type->id);
	put_text(record, b->name, type->name);
	put_text(record, b->vgpu_class, type->vgpu_class);
	ovg_put(record, b->max_instance, type->max_equal);
	ovg_put(record, b->heads, type->heads);
	ovg_put(record, b->max_x, type->max_x);
	ovg_put(record, b->max_y, type->max_y);
	ovg_put(record, b->max_pixels, type->max_pixels);
	ovg_put(record, b->frl_config, type->frl);
	ovg_put(record, b->cuda, type->cuda);
	ovg_put(record, b->ecc, type->ecc);
	ovg_put(record, b->gi_size, type->gi_slices);
	/* on KVM every type may be given to a VM several times, unless known otherwise */
	ovg_put(record, b->multi_vgpu, type->multi_vgpu != 0);
	ovg_put(record, b->vdev_id, ovg_vdev_id(type));
	ovg_put(record, b->pdev_id, board->device);
	ovg_put(record, b->profile, type->profile);
	ovg_put(record, b->fb, memory.fb);
	ovg_put(record, b->gsp_heap, memory.heap);
	ovg_put(record, b->fb_reservation, memory.reservation);
	ovg_put(record, b->encoder_capacity, ENCODER_CAPACITY);
	ovg_put(record, b->bar1, OVG_BAR1_MIB);
	ovg_put(record, b->frl_enable, type->frl != 0);
	ovg_put(record, b->subvendor, type->guest_subvendor);
	ovg_put(record, b->max_instance_per_gi, per_gi(board, type));
}
