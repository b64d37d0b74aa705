// SPDX-License-Identifier: GPL-2.0-only
/* The firmware branches: everything that one does differently from another. */
#include <linux/kernel.h>
#include <linux/string.h>
#include "fw.h"

static const struct sim_layout branches[] = {
	{
		.build = "535.113.01",
		.wpr_heap_min = 549,
		.wpr_heap_max = 1024,
		.args_size = 80,
		.si = { .size = 664, .bdf = 24, .mirror = 64, .device = NONE, .vf_info = 624,
			.page_size = NONE },
		.ctrl_header = 24,
		.root_params = 108,
		.engine_types = 62,
		.ecc_size = 984,
		.fb_info_entries = 54,
		.fb_info_max_index = 0x35,
		.boot = { .size = 6496, .nsegs = 280, .seg_addr = 288, .seg_len = 3360,
			  .heap_addr = 6432, .heap_len = 6440, .ctrl_buffer = 6448, .logs = 6456,
			  .nlogs = 2 },
		.type = { .max = 64, .record = 4952, .name_len = 32, .signature = 68,
			  .max_instance = 324, .gi_size = 356, .pdev = 376, .profile = 384,
			  .max_per_gi = NONE },
		.mig_vgpus = 7,
		.gi = { .size = 32, .flags = 4, .valid = 8, .lo = 16 },
		.comm_size = 0x264000,
		.resp = { .received = NONE, .processed = 0, .result = 4, .rpc_version = 8,
			  .license = 348 },
		.cfg = { .size = 88, .placement = NONE },
	}, {
		.build = "570.144",
		.wpr_heap_min = 581,
		.wpr_heap_max = 1040,
		.args_size = 72,
		.si = { .size = 928, .bdf = 32, .mirror = 80, .device = 88, .vf_info = 856,
			.page_size = 920 },
		.ctrl_header = 24,
		.root_params = 120,
		.engine_types = 84,
		.ecc_size = 1464,
		.fb_info_entries = 57,
		.fb_info_max_index = 0x38,
		.boot = { .size = 6616, .nsegs = 368, .seg_addr = 376, .seg_len = 3448,
			  .heap_addr = 6520, .heap_len = 6528, .ctrl_buffer = 6536, .logs = 6544,
			  .nlogs = 3 },
		.type = { .max = 64, .record = 5224, .name_len = 32, .signature = 68,
			  .max_instance = 324, .gi_size = 356, .pdev = 376, .profile = 384,
			  .max_per_gi = NONE },
		.has_mixed = true,
		.has_sched = true,
		.mig_vgpus = 7,
		.gi = { .size = 48, .flags = 20, .valid = 24, .lo = 32 },
		.comm_size = 0x274000,
		.resp = { .received = 0, .processed = 4, .result = 8, .rpc_version = 12,
			  .license = NONE },
		.cfg = { .size = 112, .placement = 84 },
	}, {
		/* Of its plugin nothing is published: that is 570's. */
		.build = "595.45.04",
		.wpr_heap_min = 581,
		.wpr_heap_max = 1093,
		.args_size = 136,
		.mq_says_elements = true,
		.si = { .size = 944, .bdf = 32, .mirror = 80, .device = 88, .vf_info = 856,
			.page_size = 920 },
		.ctrl_header = 40,
		.root_params = 120,
		.engine_types = 84,
		.ecc_size = 1664,
		.fb_info_entries = 128,
		.fb_info_max_index = 0x3b,
		.boot = { .size = 6616, .nsegs = 368, .seg_addr = 376, .seg_len = 3448,
			  .heap_addr = 6520, .heap_len = 6528, .ctrl_buffer = 6536, .logs = 6544,
			  .nlogs = 3 },
		.type = { .max = 128, .record = 5424, .name_len = 64, .signature = 132,
			  .max_instance = 388, .gi_size = 420, .pdev = 440, .profile = 448,
			  .max_per_gi = 5004 },
		.has_mixed = true,
		.has_mig_timeslice = true,
		.has_sched = true,
		.mig_vgpus = 48,
		.gi = { .size = 48, .flags = 20, .valid = 24, .lo = 32 },
		.comm_size = 0x274000,
		.resp = { .received = 0, .processed = 4, .result = 8, .rpc_version = 12,
			  .license = NONE },
		.cfg = { .size = 112, .placement = 84 },
	},
};

/* By its build or by what stands before the first dot of it. */
static const struct sim_layout *find(const char *name, size_t len)
{
	size_t i, n;

	for (i = 0; i < ARRAY_SIZE(branches); i++) {
		n = strlen(branches[i].build);
		if (len != n)
			n = strcspn(branches[i].build, ".");
		if (len == n && !strncmp(branches[i].build, name, len))
			return &branches[i];
	}
	return NULL;
}

/**
 * sim_branch_of - the branch that a board is to run
 * @t: type of the board
 * @name: branch or build, not NUL terminated
 * @len: length of @name; 0: the board's default
 *
 * Return: NULL if there is no such branch, or if it does not know the board.
 */
const struct sim_layout *sim_branch_of(const struct sim_board_type *t, const char *name, size_t len)
{
	const struct sim_layout *lay;
	size_t i;

	lay = len ? find(name, len) : find(t->builds[0], strlen(t->builds[0]));
	for (i = 0; lay && i < ARRAY_SIZE(t->builds) && t->builds[i]; i++)
		if (!strcmp(t->builds[i], lay->build))
			return lay;
	return NULL;
}

const char *sim_branch_build(const struct sim_layout *lay)
{
	return lay->build;
}
