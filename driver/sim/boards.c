// SPDX-License-Identifier: GPL-2.0-only
/* The boards that can be simulated: docs/hardware.md sections 1 and 4. */
#include <linux/sizes.h>
#include <linux/string.h>
#include "sim.h"

/* Firmware branches that know a board, what it runs by itself first. */
#define ALL_BUILDS	.builds = { "570.144", "535.113.01", "595.45.04" }
#define NEW_BUILDS	.builds = { "570.144", "595.45.04" }

/* Memory in GiB, the usable part in MiB; PF BAR1 in GiB. */
#define MEMORY(gib, mib, bar1_gib) \
	.fb = gib##ull * SZ_1G, .usable = mib##ull * SZ_1M, .pf_bar1 = bar1_gib##ull * SZ_1G
#define VFS(n, first)	.total_vfs = n, .vf_offset = first
#define MIG(n)		.gi_slices = n

/* What a chip brings along. */
#define UP_TO_ADA	.cfg_mirror = 0x88000, .sriov_at = 0xbcc, .channels = 2048, .ecc = true, \
			.max_vgpus = 32
#define HOPPER		.cfg_mirror = 0x92000, .channels = 2048, .bar0_64 = true, .max_vgpus = 32

#define GA100 \
	UP_TO_ADA, .arch = SIM_AMPERE, .boot_0 = 0x170000a1, .segment = SZ_64M, .nengines = 19, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, \
		     0x15, 0x16, 0x17, 0x26, 0x2b, 0x33 }
#define GA102 \
	UP_TO_ADA, .arch = SIM_AMPERE, .boot_0 = 0xb72000a1, .segment = SZ_64M, .nengines = 11, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x1b, 0x26, 0x33 }
#define GA107 \
	UP_TO_ADA, .arch = SIM_AMPERE, .boot_0 = 0xb77000a1, .segment = SZ_64M, .nengines = 10, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x1b, 0x26, 0x33 }
#define AD102 \
	UP_TO_ADA, .arch = SIM_ADA, .boot_0 = 0x192000a1, .segment = SZ_128M, .nengines = 18, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x15, 0x1b, 0x1c, 0x1d, 0x26, \
		     0x2b, 0x2c, 0x2d, 0x2e, 0x33 }
#define AD104 \
	UP_TO_ADA, .arch = SIM_ADA, .boot_0 = 0x194000a1, .segment = SZ_128M, .nengines = 18, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x15, 0x16, 0x1b, 0x1c, 0x26, \
		     0x2b, 0x2c, 0x2d, 0x2e, 0x33 }
#define GH100 \
	HOPPER, .arch = SIM_HOPPER, .sriov_at = 0x250, .boot_0 = 0x180000a1, .segment = SZ_128M, \
	.ecc = true, .nengines = 27, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, \
		     0x15, 0x16, 0x17, 0x18, 0x19, 0x26, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31, \
		     0x33 }
#define GB202 \
	HOPPER, .arch = SIM_BLACKWELL, .sriov_at = 0xbcc, .boot_0 = 0x1b2000a1, \
	.segment = SZ_256M, .any_channel_count = true, .nengines = 19, \
	.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x13, 0x14, 0x15, 0x16, 0x1b, 0x1c, 0x1d, 0x26, \
		     0x2b, 0x2c, 0x2d, 0x2e, 0x33, 0x3f }

static const struct sim_board_type types[] = {
	{ .name = "A10", GA102, .device = 0x2236, .subsystem = 0x1482,
	  VFS(24, 4), MEMORY(24, 23028, 32), ALL_BUILDS },
	{ .name = "A16", GA107, .device = 0x25b6, .subsystem = 0x14a9,
	  VFS(16, 4), MEMORY(16, 15356, 16), ALL_BUILDS },
	{ .name = "A2", GA107, .device = 0x25b6, .subsystem = 0x157e,
	  VFS(16, 4), MEMORY(16, 15356, 16), ALL_BUILDS },
	{ .name = "A30", GA100, .device = 0x20b7, .subsystem = 0x1532,
	  VFS(6, 4), MEMORY(24, 24576, 32), MIG(4), ALL_BUILDS },
	{ .name = "A40", GA102, .device = 0x2235, .subsystem = 0x145a,
	  VFS(32, 4), MEMORY(48, 46068, 64), ALL_BUILDS },
	{ .name = "A100-PCIe-40", GA100, .device = 0x20f1, .subsystem = 0x145f,
	  VFS(10, 4), MEMORY(40, 40536, 64), MIG(7), ALL_BUILDS },
	{ .name = "A100-SXM4-40", GA100, .device = 0x20b0, .subsystem = 0x1450,
	  VFS(10, 4), MEMORY(40, 40537, 64), MIG(7), ALL_BUILDS },
	{ .name = "A100-PCIe-80", GA100, .device = 0x20b5, .subsystem = 0x1533,
	  VFS(20, 4), MEMORY(80, 81920, 128), MIG(7), ALL_BUILDS },
	{ .name = "A100-SXM4-80", GA100, .device = 0x20b2, .subsystem = 0x1463,
	  VFS(20, 4), MEMORY(80, 81920, 128), MIG(7), ALL_BUILDS },
	{ .name = "L4", AD104, .device = 0x27b8, .subsystem = 0x16ca,
	  VFS(24, 4), MEMORY(24, 23034, 32), ALL_BUILDS },
	{ .name = "L40", AD102, .device = 0x26b5, .subsystem = 0x169d,
	  VFS(32, 4), MEMORY(48, 46068, 64), ALL_BUILDS },
	{ .name = "L40S", AD102, .device = 0x26b9, .subsystem = 0x1851,
	  VFS(32, 4), MEMORY(48, 46068, 64), ALL_BUILDS },
	{ .name = "RTX6000-Ada", AD102, .device = 0x26b1, .subsystem = 0x16a1,
	  VFS(32, 4), MEMORY(48, 46068, 64), ALL_BUILDS },
	{ .name = "H100-PCIe-80", GH100, .device = 0x2331, .subsystem = 0x1626,
	  VFS(20, 4), MEMORY(80, 81559, 128), MIG(7), ALL_BUILDS },
	{ .name = "H100-NVL-94", GH100, .device = 0x2321, .subsystem = 0x1839,
	  VFS(23, 4), MEMORY(94, 95830, 128), MIG(7), ALL_BUILDS },
	{ .name = "H100-SXM5-80", GH100, .device = 0x2330, .subsystem = 0x16c1,
	  VFS(20, 4), MEMORY(80, 81559, 128), MIG(7), NEW_BUILDS },
	{ .name = "H100-SXM5-94", GH100, .device = 0x2339, .subsystem = 0x17fc,
	  VFS(23, 4), MEMORY(94, 95830, 128), MIG(7), NEW_BUILDS },
	{ .name = "H200-SXM5", GH100, .device = 0x2335, .subsystem = 0x18be,
	  VFS(32, 4), MEMORY(141, 143771, 256), MIG(7), NEW_BUILDS },
	{ .name = "H200-NVL", GH100, .device = 0x233b, .subsystem = 0x1996,
	  VFS(32, 4), MEMORY(141, 143771, 256), MIG(7), NEW_BUILDS },
	{ .name = "RTXPRO6000", GB202, .device = 0x2bb5, .subsystem = 0x204e,
	  VFS(48, 2), MEMORY(96, 97887, 128), MIG(4), .can_48 = true,
	  .builds = { "595.45.04" } },

	/* Its vGPU is no SR-IOV one: for the refusal, with handover=0. */
	{ .name = "T4", UP_TO_ADA, .arch = SIM_TURING, .device = 0x1eb8, .subsystem = 0x12a2,
	  .boot_0 = 0x164000a1, VFS(16, 4), .fb = 16ull * SZ_1G, .usable = 15360ull * SZ_1M,
	  .pf_bar1 = SZ_128M, .segment = SZ_32M, .nengines = 1, .engines = { 0x01 }, ALL_BUILDS },
};

const struct sim_board_type *sim_board_type_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].name) == len && !strncmp(types[i].name, name, len))
			return &types[i];
	return NULL;
}

/* The @i-th board, NULL behind the last. */
const struct sim_board_type *sim_board_type_at(size_t i)
{
	return i < ARRAY_SIZE(types) ? &types[i] : NULL;
}
