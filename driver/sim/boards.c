// SPDX-License-Identifier: GPL-2.0-only
/* The boards that can be simulated: docs/hardware.md sections 1 and 4. */
#include <linux/sizes.h>
#include <linux/string.h>
#include "sim.h"

static const struct sim_board_type types[] = {
	{
		.name = "A40",
		.pf_bar1 = 64ull * SZ_1G,
		.device = 0x2235,
		.boot_0 = 0xb72000a1,
		.total_vfs = 32,
		.vf_offset = 4,
		.cfg_mirror = 0x88000,
		.builds = { "570.144", "535.113.01", "595.45.04" },
		.fb = 48ull * SZ_1G,
		.usable = 46068ull * SZ_1M,
		.segment = SZ_64M,
		.channels = 2048,
		.max_vgpus = 32,
		.ecc = true,
		.nengines = 11,
		.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x1b, 0x26, 0x33 },
	}, {
		.name = "L40S",
		.pf_bar1 = 64ull * SZ_1G,
		.device = 0x26b9,
		.boot_0 = 0x192000a1,
		.total_vfs = 32,
		.vf_offset = 4,
		.cfg_mirror = 0x88000,
		.builds = { "570.144", "535.113.01", "595.45.04" },
		.fb = 48ull * SZ_1G,
		.usable = 46068ull * SZ_1M,
		.segment = SZ_128M,
		.channels = 2048,
		.max_vgpus = 32,
		.ecc = true,
		.nengines = 18,
		.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x13, 0x14, 0x15, 0x1b, 0x1c,
			     0x1d, 0x26, 0x2b, 0x2c, 0x2d, 0x2e, 0x33 },
	}, {
		/* Its vGPU is no SR-IOV one: for the refusal, with handover=0. */
		.name = "T4",
		.pf_bar1 = SZ_128M,
		.device = 0x1eb8,
		.boot_0 = 0x164000a1,
		.total_vfs = 16,
		.vf_offset = 4,
		.cfg_mirror = 0x88000,
		.builds = { "570.144", "535.113.01", "595.45.04" },
		.fb = 16ull * SZ_1G,
		.usable = 15360ull * SZ_1M,
		.segment = SZ_32M,
		.channels = 2048,
		.max_vgpus = 16,
		.ecc = true,
		.nengines = 1,
		.engines = { 0x01 },
	}, {
		.name = "RTXPRO6000",
		.pf_bar1 = 128ull * SZ_1G,
		.device = 0x2bb5,
		.boot_0 = 0x1b2000a1,
		.bar0_64 = true,
		.total_vfs = 48,
		.vf_offset = 2,
		.cfg_mirror = 0x92000,
		.builds = { "595.45.04" },
		.fb = 96ull * SZ_1G,
		.usable = 97887ull * SZ_1M,
		.segment = SZ_256M,
		.channels = 2048,
		.max_vgpus = 32,
		.any_channel_count = true,
		.nengines = 19,
		.engines = { 0x01, 0x09, 0x0a, 0x0b, 0x0c, 0x13, 0x14, 0x15, 0x16, 0x1b, 0x1c,
			     0x1d, 0x26, 0x2b, 0x2c, 0x2d, 0x2e, 0x33, 0x3f },
	},
};

const struct sim_board_type *sim_board_type_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].name) == len && !strncmp(types[i].name, name, len))
			return &types[i];
	return NULL;
}
