/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Firmware branches as the catalogue's writer needs them: layout of
 * NVA081_CTRL_VGPU_INFO, the type record, and of the RM control that carries
 * the records. Offsets as NVIDIA's headers of that tag compile to on x86-64;
 * schemas/catalogue/vgpu-info-layout.csv has them field by field. The driver
 * has its own table, on purpose.
 */
#ifndef OPENVGPU_RECORD_H
#define OPENVGPU_RECORD_H

#include "driver/core/type.h"
#include "internal.h"

struct ovg_range {
	uint16_t offset;
	uint16_t size;
};

/**
 * struct ovg_branch - one firmware build
 * @build: its name, as in the file name
 * @rules: the branch, for placement
 * @vgpu_major: release of NVIDIA's vGPU software
 * @vgpu_minor: the same, minor number
 * @record_size: bytes of a type record
 * @max_records: records in a payload
 * @payload_size: bytes of the RM control's parameters
 * @unknown: PCI device ids, up to a zero, of boards that the branch does not know
 *
 * The others are places in a record, in the order of 595's; size 0 where the branch has none.
 */
struct ovg_branch {
	const char *build;
	enum ovg_rules rules;
	uint64_t vgpu_major;
	uint64_t vgpu_minor;
	uint32_t record_size;
	uint32_t max_records;
	uint32_t payload_size;
	const uint16_t *unknown;
	struct ovg_range type;
	struct ovg_range name;
	struct ovg_range vgpu_class;
	struct ovg_range signature;
	struct ovg_range license;
	struct ovg_range max_instance;
	struct ovg_range heads;
	struct ovg_range max_x;
	struct ovg_range max_y;
	struct ovg_range max_pixels;
	struct ovg_range frl_config;
	struct ovg_range cuda;
	struct ovg_range ecc;
	struct ovg_range gi_size;
	struct ovg_range nominal_fb;
	struct ovg_range multi_vgpu;
	struct ovg_range vdev_id;
	struct ovg_range pdev_id;
	struct ovg_range profile;
	struct ovg_range fb;
	struct ovg_range gsp_heap;
	struct ovg_range fb_reservation;
	struct ovg_range mappable;
	struct ovg_range encoder_capacity;
	struct ovg_range bar1;
	struct ovg_range frl_enable;
	struct ovg_range subvendor;
	struct ovg_range adapter;
	struct ovg_range adapter_unicode;
	struct ovg_range short_name;
	struct ovg_range product;
	struct ovg_range extra_params;
	struct ovg_range ftrace;
	struct ovg_range gpu_direct;
	struct ovg_range nvlink;
	struct ovg_range max_instance_per_gi;
	struct ovg_range multi_exclusive;
	struct ovg_range exclusive_type;
	struct ovg_range exclusive_size;
	struct ovg_range gi_profile;
	struct ovg_range placement_size;
	struct ovg_range equal_count;
	struct ovg_range equal_ids;
	struct ovg_range mixed_count;
	struct ovg_range mixed_ids;
};

/* NULL behind the last. */
const struct ovg_branch *ovg_branch_at(unsigned int index);
const struct ovg_branch *ovg_branch_by_build(const char *build);
/* Whether the branch is older than boards of that PCI device id. */
bool ovg_branch_lacks(const struct ovg_branch *b, uint16_t device);
/* The branch of any build of it, as the driver sees it: by the number in front of the first dot. */
const struct ovg_branch *ovg_branch_of(const char *build);

/**
 * struct ovg_record_field - a field of the type record
 * @name: its published name
 * @where: its struct ovg_range, as an offset into struct ovg_branch
 * @kind: what is in it
 * @count: the same as @where for the number of entries of a list
 */
struct ovg_record_field {
	const char *name;
	size_t where;
	enum openvgpu_field_kind kind;
	size_t count;
};

/* NULL behind the last; in the order of 595's record. */
const struct ovg_record_field *ovg_record_field_at(unsigned int index);
const struct ovg_range *ovg_record_range(const struct ovg_branch *b, size_t where);

/* Fills a zeroed record of @b->record_size bytes. */
void ovg_record_fill(const struct ovg_branch *b, const struct openvgpu_types *t,
		     const struct openvgpu_type *type, uint8_t *record);

/* Little endian, any size up to eight bytes. */
void ovg_put(uint8_t *base, struct ovg_range r, uint64_t value);
uint64_t ovg_get(const uint8_t *base, struct ovg_range r);

/* BAR1 of the guest in MiB: what NVIDIA's own data have for all but the largest types. */
#define OVG_BAR1_MIB	256

/* Most vGPUs of a type in one GPU instance where instances are shared; 0 without MIG. */
uint32_t ovg_per_gi(const struct openvgpu_board *board, const struct openvgpu_type *type);

uint64_t ovg_vdev_id(const struct openvgpu_type *type);

#endif
