// SPDX-License-Identifier: GPL-2.0-only
/* RM controls on a subdevice. */
#include "fw.h"

static u32 get_features(struct sim_board *b, u8 *p)
{
	memset(p, 0, FEATURES_SIZE);
	p[FEATURES_VALID] = 1;
	p[FEATURES_DEFAULT] = 1;
	strscpy(p + FEATURES_VERSION, b->lay->build, 64);
	return 0;
}

static u32 get_engines(struct sim_board *b, u8 *p)
{
	int i;

	memset(p, 0, ENGINES_LIST + 4 * b->lay->engine_types);
	wr32(p, b->type->nengines);
	for (i = 0; i < b->type->nengines; i++)
		wr32(p + ENGINES_LIST + 4 * i, b->type->engines[i]);
	return 0;
}

/* Unit 0 is what tells whether ECC is on; the others are not modelled. */
static u32 query_ecc(struct sim_board *b, u8 *p)
{
	memset(p, 0, b->lay->ecc_size);
	p[0] = b->type->ecc;
	p[1] = b->type->ecc;
	p[2] = 1;
	return 0;
}

static u32 get_vmmu_segment(struct sim_board *b, u8 *p)
{
	wr64(p, b->type->segment);
	return 0;
}

static u32 get_num_channels(struct sim_board *b, u8 *p)
{
	if (rd32(p) >= b->type->nengines) {
		sim_count(b, refused_control_argument);
		return NV_INVALID_ARGUMENT;
	}
	wr32(p + 4, b->type->channels);
	return 0;
}

static u32 fb_info(struct sim_board *b, u32 index)
{
	switch (index) {
	case FB_INFO_RAM_SIZE:
	case FB_INFO_TOTAL_RAM_SIZE:
		return b->type->fb >> 10;
	case FB_INFO_HEAP_SIZE:
	case FB_INFO_USABLE:
		return b->type->usable >> 10;
	case FB_INFO_HEAP_FREE:
		return (b->type->usable - sim_vgpu_fb_used(b)) >> 10;
	case FB_INFO_BAR1_SIZE:
		return b->type->pf_bar1 >> 10;
	default:	/* the heap starts at 0, and what is not modelled is 0 */
		return 0;
	}
}

static u32 get_fb_info(struct sim_board *b, u8 *p)
{
	const struct sim_layout *lay = b->lay;
	u32 n = rd32(p), i;

	if (n > lay->fb_info_entries)
		goto bad;
	for (i = 0; i < n; i++)
		if (rd32(p + 4 + 8 * i) > lay->fb_info_max_index)
			goto bad;
	for (i = 0; i < n; i++)
		wr32(p + 8 + 8 * i, fb_info(b, rd32(p + 4 + 8 * i)));
	return 0;
bad:
	sim_count(b, refused_control_argument);
	return NV_INVALID_ARGUMENT;
}

static u32 bootload(struct sim_board *b, u8 *p)
{
	return sim_vgpu_bootload(b, p);
}

static u32 shutdown(struct sim_board *b, u8 *p)
{
	return sim_vgpu_shutdown(b, p);
}

static u32 cleanup(struct sim_board *b, u8 *p)
{
	return sim_vgpu_cleanup(b, p);
}

static u32 mem_transfer(struct sim_board *b, u8 *p)
{
	return sim_mem_transfer(b, p);
}

static const struct {
	u32 cmd;
	u32 size;	/* 0: of the branch */
	u32 (*fn)(struct sim_board *b, u8 *params);
	bool manager;	/* the manager's client only */
} controls[] = {
	{ CMD_GSP_GET_FEATURES, FEATURES_SIZE, get_features },
	{ CMD_GPU_GET_VMMU_SEGMENT, 8, get_vmmu_segment },
	{ CMD_GPU_GET_ENGINES_V2, 0, get_engines },
	{ CMD_GPU_QUERY_ECC, 0, query_ecc },
	{ CMD_FB_GET_INFO_V2, 0, get_fb_info },
	{ CMD_FIFO_GET_NUM_CHANNELS, 8, get_num_channels },
	{ CMD_MEMORY_TRANSFER, MEM_SIZE, mem_transfer, true },
	{ CMD_BOOTLOAD, 0, bootload, true },
	{ CMD_SHUTDOWN, 4, shutdown, true },
	{ CMD_ADD_TYPE, 0, NULL, true },	/* sim_types_add() */
	{ CMD_CLEANUP, 4, cleanup, true },
	{ CMD_SET_MIXED, 1, sim_mode_mixed, true },
	{ CMD_SCHED_GET, SCHED_GET_SIZE, sim_sched_get },
	{ CMD_SCHED_SET, SCHED_SET_SIZE, sim_sched_set, true },
	{ CMD_MIG_SET_MODE, MIG_MODE_SIZE, sim_mig_mode, true },
	{ CMD_MIG_TIMESLICE, 1, sim_mig_timeslice, true },
	{ CMD_MIG_SET_INSTANCES, 0, sim_mig_set_instances, true },
	{ CMD_MIG_PROMOTE, PROMOTE_SIZE, sim_mig_promote, true },
	{ CMD_MIG_GET_RANGES, RANGE_SIZE * RANGES_MAX, sim_mig_ranges },
};

/* Whether the branch has a command at all. */
static bool has(struct sim_board *b, u32 cmd)
{
	switch (cmd) {
	case CMD_SET_MIXED:
		return b->lay->has_mixed;
	case CMD_SCHED_GET:
	case CMD_SCHED_SET:
		return b->lay->has_sched;
	case CMD_MIG_TIMESLICE:
		return b->lay->has_mig_timeslice;
	default:
		return true;
	}
}

static u32 size_of(struct sim_board *b, int i)
{
	const struct sim_layout *lay = b->lay;

	switch (controls[i].cmd) {
	case CMD_GPU_GET_ENGINES_V2:
		return ENGINES_LIST + 4 * lay->engine_types;
	case CMD_GPU_QUERY_ECC:
		return lay->ecc_size;
	case CMD_FB_GET_INFO_V2:
		return 4 + 8 * lay->fb_info_entries;
	case CMD_BOOTLOAD:
		return lay->boot.size;
	case CMD_MIG_SET_INSTANCES:
		return GI_ENTRIES + GI_ENTRIES_MAX * lay->gi.size;
	case CMD_ADD_TYPE:
		return TYPES_RECORDS + lay->type.max * lay->type.record;
	default:
		return controls[i].size;
	}
}

static u32 do_ctrl(struct sim_board *b, u32 client, u32 cmd, u8 *params, u32 size)
{
	u32 manager = b->fw->manager;
	int i;

	/* Without its registry key the firmware has no vGPU manager at all. */
	if ((cmd & ~0xffu) == CMD_VGPU_MGR && !b->fw->vgpu_mode) {
		sim_count(b, refused_vgpu_mode);
		return NV_NOT_SUPPORTED;
	}
	for (i = 0; i < ARRAY_SIZE(controls); i++) {
		if (controls[i].cmd != cmd || !has(b, cmd))
			continue;
		if (size != size_of(b, i)) {
			sim_count(b, refused_control_params);
			return NV_INVALID_PARAMS;
		}
		if (controls[i].manager && manager && manager != client) {
			sim_count(b, refused_manager_client);
			return NV_NO_PERMISSION;
		}
		return controls[i].fn ? controls[i].fn(b, params) :
					sim_types_add(b, client, params);
	}
	sim_count(b, refused_control);
	return NV_NOT_SUPPORTED;
}

u32 sim_ctrl(struct sim_board *b, u8 *p, u32 len)
{
	u32 header = b->lay->ctrl_header, client, status;

	if (len < header || rd32(p + CTRL_PARAMS_SIZE) > len - header) {
		sim_count(b, refused_payload);
		return RPC_INVALID_FORMAT;
	}
	client = rd32(p + CTRL_CLIENT);
	status = sim_rm_check_subdevice(b, client, rd32(p + CTRL_OBJECT)) ?:
		 do_ctrl(b, client, rd32(p + CTRL_CMD), p + header, rd32(p + CTRL_PARAMS_SIZE));
	wr32(p + CTRL_STATUS, status);
	return RPC_OK;
}
