// SPDX-License-Identifier: LGPL-2.1-or-later
/* Type records of the firmware branches. */
#include <string.h>

#include "pool.h"
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
		.rules = OVG_RULES_535,
		.vgpu_major = 16,
		.vgpu_minor = 1,
		.record_size = 4952,
		.max_records = 64,
		.payload_size = 316936,
		.unknown = unknown_535,
		.type = { 0, 4 },
		.name = { 4, 32 },
		.vgpu_class = { 36, 32 },
		.signature = { 68, 128 },
		.license = { 196, 128 },
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
		.mappable = { 416, 8 },
		.encoder_capacity = { 424, 4 },
		.bar1 = { 432, 8 },
		.frl_enable = { 440, 4 },
		.adapter = { 444, 64 },
		.adapter_unicode = { 508, 128 },
		.short_name = { 636, 64 },
		.product = { 700, 128 },
		.extra_params = { 828, 4096 },
		.ftrace = { 4924, 4 },
		.gpu_direct = { 4928, 4 },
		.nvlink = { 4932, 4 },
		.multi_exclusive = { 4936, 4 },
		.exclusive_type = { 4940, 4 },
		.exclusive_size = { 4944, 4 },
		.gi_profile = { 4948, 4 },
	},
	{
		.build = "570.144",
		.rules = OVG_RULES_570,
		.vgpu_major = 18,
		.vgpu_minor = 1,
		.record_size = 5224,
		.max_records = 64,
		.payload_size = 334344,
		.unknown = unknown_570,
		.type = { 0, 4 },
		.name = { 4, 32 },
		.vgpu_class = { 36, 32 },
		.signature = { 68, 128 },
		.license = { 196, 128 },
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
		.mappable = { 416, 8 },
		.encoder_capacity = { 424, 4 },
		.bar1 = { 432, 8 },
		.frl_enable = { 440, 4 },
		.adapter = { 444, 64 },
		.adapter_unicode = { 508, 128 },
		.short_name = { 636, 64 },
		.product = { 700, 128 },
		.extra_params = { 828, 4096 },
		.ftrace = { 4924, 4 },
		.gpu_direct = { 4928, 4 },
		.nvlink = { 4932, 4 },
		.multi_exclusive = { 4936, 4 },
		.exclusive_type = { 4940, 4 },
		.exclusive_size = { 4944, 4 },
		.gi_profile = { 4948, 4 },
		.placement_size = { 4952, 4 },
		.equal_count = { 4956, 4 },
		.equal_ids = { 4960, 128 },
		.mixed_count = { 5088, 4 },
		.mixed_ids = { 5092, 128 },
	},
	{
		.build = "595.45.04",
		.rules = OVG_RULES_595,
		.vgpu_major = 20,
		.vgpu_minor = 0,
		.record_size = 5424,
		.max_records = 128,
		.payload_size = 694280,
		.unknown = unknown_595,
		.type = { 0, 4 },
		.name = { 4, 64 },
		.vgpu_class = { 68, 64 },
		.signature = { 132, 128 },
		.license = { 260, 128 },
		.max_instance = { 388, 4 },
		.heads = { 392, 4 },
		.max_x = { 396, 4 },
		.max_y = { 400, 4 },
		.max_pixels = { 404, 4 },
		.frl_config = { 408, 4 },
		.cuda = { 412, 4 },
		.ecc = { 416, 4 },
		.gi_size = { 420, 4 },
		.nominal_fb = { 424, 4 },
		.multi_vgpu = { 428, 4 },
		.vdev_id = { 432, 8 },
		.pdev_id = { 440, 8 },
		.profile = { 448, 8 },
		.fb = { 456, 8 },
		.gsp_heap = { 464, 8 },
		.fb_reservation = { 472, 8 },
		.mappable = { 480, 8 },
		.encoder_capacity = { 488, 4 },
		.bar1 = { 496, 8 },
		.frl_enable = { 504, 4 },
		.subvendor = { 508, 2 },
		.adapter = { 510, 64 },
		.adapter_unicode = { 574, 128 },
		.short_name = { 702, 64 },
		.product = { 766, 128 },
		.extra_params = { 896, 4096 },
		.ftrace = { 4992, 4 },
		.gpu_direct = { 4996, 4 },
		.nvlink = { 5000, 4 },
		.max_instance_per_gi = { 5004, 4 },
		.multi_exclusive = { 5008, 4 },
		.exclusive_type = { 5012, 4 },
		.exclusive_size = { 5016, 4 },
		.gi_profile = { 5020, 4 },
		.placement_size = { 5024, 4 },
		.equal_count = { 5028, 4 },
		.equal_ids = { 5032, 192 },
		.mixed_count = { 5224, 4 },
		.mixed_ids = { 5228, 192 },
	},
};

#define FIELD(published, member, what) \
	{ published, offsetof(struct ovg_branch, member), OPENVGPU_FIELD_##what, 0 }
#define LIST(published, member, counter) \
	{ published, offsetof(struct ovg_branch, member), OPENVGPU_FIELD_LIST, \
	  offsetof(struct ovg_branch, counter) }

static const struct ovg_record_field fields[] = {
	FIELD("vgpuType", type, NUMBER),
	FIELD("vgpuName", name, TEXT),
	FIELD("vgpuClass", vgpu_class, TEXT),
	FIELD("vgpuSignature", signature, RAW),
	FIELD("license", license, TEXT),
	FIELD("maxInstance", max_instance, NUMBER),
	FIELD("numHeads", heads, NUMBER),
	FIELD("maxResolutionX", max_x, NUMBER),
	FIELD("maxResolutionY", max_y, NUMBER),
	FIELD("maxPixels", max_pixels, NUMBER),
	FIELD("frlConfig", frl_config, NUMBER),
	FIELD("cudaEnabled", cuda, NUMBER),
	FIELD("eccSupported", ecc, NUMBER),
	FIELD("gpuInstanceSize", gi_size, NUMBER),
	FIELD("nominalFbRegionSize", nominal_fb, NUMBER),
	FIELD("multiVgpuSupported", multi_vgpu, NUMBER),
	FIELD("vdevId", vdev_id, HEX),
	FIELD("pdevId", pdev_id, HEX),
	FIELD("profileSize", profile, BYTES),
	FIELD("fbLength", fb, BYTES),
	FIELD("gspHeapSize", gsp_heap, BYTES),
	FIELD("fbReservation", fb_reservation, BYTES),
	FIELD("mappableVideoSize", mappable, BYTES),
	FIELD("encoderCapacity", encoder_capacity, NUMBER),
	FIELD("bar1Length", bar1, NUMBER),
	FIELD("frlEnable", frl_enable, NUMBER),
	FIELD("vgpuSsvid", subvendor, HEX),
	FIELD("adapterName", adapter, TEXT),
	FIELD("adapterName_Unicode", adapter_unicode, RAW),
	FIELD("shortGpuNameString", short_name, TEXT),
	FIELD("licensedProductName", product, TEXT),
	FIELD("vgpuExtraParams", extra_params, RAW),
	FIELD("ftraceEnable", ftrace, NUMBER),
	FIELD("gpuDirectSupported", gpu_direct, NUMBER),
	FIELD("nvlinkP2PSupported", nvlink, NUMBER),
	FIELD("maxInstancePerGI", max_instance_per_gi, NUMBER),
	FIELD("multiVgpuExclusive", multi_exclusive, NUMBER),
	FIELD("exclusiveType", exclusive_type, NUMBER),
	FIELD("exclusiveSize", exclusive_size, NUMBER),
	FIELD("gpuInstanceProfileId", gi_profile, NUMBER),
	FIELD("placementSize", placement_size, NUMBER),
	FIELD("homogeneousPlacementCount", equal_count, NUMBER),
	LIST("homogeneousPlacementIds", equal_ids, equal_count),
	FIELD("heterogeneousPlacementCount", mixed_count, NUMBER),
	LIST("heterogeneousPlacementIds", mixed_ids, mixed_count),
};

const struct ovg_record_field *ovg_record_field_at(unsigned int index)
{
	return index < ARRAY_SIZE(fields) ? &fields[index] : NULL;
}

const struct ovg_range *ovg_record_range(const struct ovg_branch *b, size_t where)
{
	return (const struct ovg_range *)((const char *)b + where);
}

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

bool ovg_branch_lacks(const struct ovg_branch *b, uint16_t device)
{
	const uint16_t *unknown;

	for (unknown = b->unknown; *unknown; unknown++)
		if (*unknown == device)
			return true;
	return false;
}

const struct ovg_branch *ovg_branch_of(const char *build)
{
	size_t len = strcspn(build, ".");
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(branches); i++)
		if (strcspn(branches[i].build, ".") == len &&
		    !strncmp(branches[i].build, build, len))
			return &branches[i];
	return NULL;
}

void ovg_put(uint8_t *base, struct ovg_range r, uint64_t value)
{
	unsigned int i;

	for (i = 0; i < r.size; i++)
		base[r.offset + i] = (uint8_t)(value >> (8 * i));
}

uint64_t ovg_get(const uint8_t *base, struct ovg_range r)
{
	uint64_t v = 0;
	int i;

	for (i = r.size - 1; i >= 0; i--)
		v = v << 8 | base[r.offset + i];
	return v;
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
uint32_t ovg_per_gi(const struct openvgpu_board *board, const struct openvgpu_type *type)
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

static void put_ids(uint8_t *record, struct ovg_range count, struct ovg_range list,
		    const uint16_t *ids, uint32_t n)
{
	uint32_t i;

	n = min(n, list.size / 4u);
	ovg_put(record, count, n);
	for (i = 0; i < n; i++)
		ovg_put(record, (struct ovg_range){ (uint16_t)(list.offset + i * 4), 4 }, ids[i]);
}

/* Zero where the branch has no such field, or the type no placement ids on it. */
static void put_placements(const struct ovg_branch *b, const struct openvgpu_types *t,
			   const struct openvgpu_type *type, uint8_t *record)
{
	struct ovg_placements p = { 0 };
	struct ovg_model m;

	if (!b->placement_size.size || strcmp(t->boards[type->board].host_mode, "sriov") ||
	    ovg_branch_lacks(b, t->boards[type->board].device) ||
	    ovg_model_init(&m, t, &t->boards[type->board], b, 0, NULL))
		return;
	ovg_model_placements(&m, ovg_model_type(&m, type->id), &p);
	ovg_model_free(&m);
	ovg_put(record, b->placement_size, p.size);
	put_ids(record, b->equal_count, b->equal_ids, p.equal, p.n_equal);
	put_ids(record, b->mixed_count, b->mixed_ids, p.mixed, p.n_mixed);
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
	ovg_put(record, b->max_instance_per_gi, ovg_per_gi(board, type));
	put_placements(b, t, type, record);
}
