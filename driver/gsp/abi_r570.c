// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/* Firmware branch 570: layouts at tag 570.144. */
#include "abi.h"

const struct gsp_abi gsp_abi_r570 = {
	.branch = 570,
	.inputs = { .wpr_heap_mib = 581, .vf_partitions = 32, .sriov_mode = 1 },
	.max_vgpus = 32,	/* NVA081_MAX_VGPU_PER_PGPU */
	.plugin_channels = 1,	/* as the RFC v2 on this branch */
	.rmargs_size = 72,
	.control_hdr = 24,
	.root_params = 120,
	.ecc_size = 1464,
	.fb_info_size = 460,
	.engines_size = 340,
	.rec = {
		.size = 5224,
		.max = 64,
		.payload = 334344,
		.type = 0,
		.name = 4,
		.name_len = 32,
		.max_instance = 324,
		.num_heads = 328,
		.max_x = 332,
		.max_y = 336,
		.frl = 344,
		.ecc = 352,
		.gpu_instance_size = 356,
		.vdev_id = 368,
		.pdev_id = 376,
		.profile_size = 384,
		.fb_length = 392,
		.heap_size = 400,
		.fb_reservation = 408,
		.bar1_mib = 432,
	},
	.boot = {
		.size = 6616,
		.engines = 84,
		.chid_offset = 28,
		.num_segments = 368,
		.segment_addr = 376,
		.segment_len = 3448,
		.heap_addr = 6520,
		.heap_len = 6528,
		.ctrl_offset = 6536,
		.init_log = 6544,
		.task_log = 6560,
		.kernel_log = 6576,
		.profiling = 6608,
	},
};
