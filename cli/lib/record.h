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

#include "internal.h"

struct ovg_range {
	uint16_t offset;
	uint16_t size;
};

/**
 * struct ovg_branch - one firmware build
 * @build: its name, as in the file name
 * @vgpu_major: release of NVIDIA's vGPU software
 * @vgpu_minor: the same, minor number
 * @record_size: bytes of a type record
 * @max_records: records in a payload
 * @payload_size: bytes of the RM control's parameters
 * @unknown: PCI device ids, up to a zero, of boards that the branch does not know
 *
 * The others are places in a record; size 0 where the branch has none.
 */
struct ovg_branch {
	const char *build;
	uint64_t vgpu_major;
	uint64_t vgpu_minor;
	uint32_t record_size;
	uint32_t max_records;
	uint32_t payload_size;
	const uint16_t *unknown;
	struct ovg_range type;
	struct ovg_range name;
	struct ovg_range vgpu_class;
	struct ovg_range max_instance;
	struct ovg_range heads;
	struct ovg_range max_x;
	struct ovg_range max_y;
	struct ovg_range max_pixels;
	struct ovg_range frl_config;
	struct ovg_range cuda;
	struct ovg_range ecc;
	struct ovg_range gi_size;
	struct ovg_range multi_vgpu;
	struct ovg_range vdev_id;
	struct ovg_range pdev_id;
	struct ovg_range profile;
	struct ovg_range fb;
	struct ovg_range gsp_heap;
	struct ovg_range fb_reservation;
	struct ovg_range encoder_capacity;
	struct ovg_range bar1;
	struct ovg_range frl_enable;
	struct ovg_range subvendor;
	struct ovg_range max_instance_per_gi;
};

/* NULL behind the last. */
const struct ovg_branch *ovg_branch_at(unsigned int index);
const struct ovg_branch *ovg_branch_by_build(const char *build);

/* Fills a zeroed record of @b->record_size bytes. */
void ovg_record_fill(const struct ovg_branch *b, const struct openvgpu_types *t,
		     const struct openvgpu_type *type, uint8_t *record);

/* Little endian, any size up to eight bytes. */
void ovg_put(uint8_t *base, struct ovg_range r, uint64_t value);

/* BAR1 of the guest in MiB: what NVIDIA's own data have for all but the largest types. */
#define OVG_BAR1_MIB	256

uint64_t ovg_vdev_id(const struct openvgpu_type *type);

#endif
