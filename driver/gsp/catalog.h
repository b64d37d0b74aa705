/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
#ifndef OVG_GSP_CATALOG_H
#define OVG_GSP_CATALOG_H

#include "../core/type.h"

struct gsp_abi;

/**
 * struct ovg_catalog - what was found for one board
 * @count: valid entries of @types
 * @gi_slices: compute slices of the board under MIG, 7 or 4; 0 if no type is MIG-backed
 * @major: vGPU release, e.g. 18
 * @minor: e.g. 1
 * @payload: ADD_VGPU_TYPE parameters inside the file
 * @payload_size: their size
 * @types: in the order of the file
 */
struct ovg_catalog {
	u32 count;
	u32 gi_slices;
	u64 major;
	u64 minor;
	const u8 *payload;
	size_t payload_size;
	struct ovg_type types[OVG_MAX_TYPES];
};

int ovg_catalog_parse(const u8 *file, size_t size, const struct gsp_abi *abi,
		      const char *build, u32 device, struct ovg_catalog *cat,
		      char *why, size_t why_size);
u32 ovg_catalog_crc(const u8 *file, size_t size);

#endif
