/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The driver's placement (driver/core/placement.c) for boards of the catalogue's source: what
 * the driver would know of such a board, made from the source and the firmware branch.
 */
#ifndef OPENVGPU_POOL_H
#define OPENVGPU_POOL_H

#include "driver/core/placement.h"
#include "record.h"

/* "7g.141gb+me+gfx" */
#define OVG_GI_NAME_MAX	32

/**
 * struct ovg_model - a model of GPU with firmware of a branch
 * @t: the source
 * @board: the model
 * @branch: its firmware
 * @types: all types with the board's PCI device id, as the driver has them
 * @from: the same, as the source has them
 * @n: how many
 * @cfg: what there is to give away
 *
 * Points into @t, which must live longer.
 */
struct ovg_model {
	const struct openvgpu_types *t;
	const struct openvgpu_board *board;
	const struct ovg_branch *branch;
	struct ovg_type *types;
	const struct openvgpu_type **from;
	size_t n;
	struct ovg_pool_config cfg;
};

/* @framebuffer: bytes that vGPUs can share, 0 for what boards of this model report. */
int ovg_model_init(struct ovg_model *m, const struct openvgpu_types *t,
		   const struct openvgpu_board *board, const struct ovg_branch *branch,
		   uint64_t framebuffer, struct openvgpu_error *err);
void ovg_model_free(struct ovg_model *m);
const struct ovg_type *ovg_model_type(const struct ovg_model *m, uint32_t id);

/* Name of a GPU instance profile, as <PF>/vgpu/gpu_instance_profiles has it. */
void ovg_gi_name(const struct ovg_model *m, const struct ovg_gi_profile *p,
		 char name[OVG_GI_NAME_MAX]);
/* The profile of that name; false if no type of the board lives in such a one. */
bool ovg_gi_by_name(const struct ovg_model *m, const char *name, struct ovg_gi_profile *p);
/* Profiles of the board, largest first; at most @room. Returns how many. */
size_t ovg_gi_profiles(const struct ovg_model *m, struct ovg_gi_profile *list, size_t room);

/*
 * An instance as the firmware makes it: number and memory follow from the profile and where
 * it starts.
 */
struct ovg_gi ovg_gi_made(const struct ovg_model *m, const struct ovg_gi_profile *p,
			  uint32_t start);

/**
 * struct ovg_placements - placement ids of a type
 * @size: ids that a vGPU takes
 * @equal: ids in equal-size mode
 * @n_equal: how many
 * @mixed: ids in mixed-size mode
 * @n_mixed: how many
 */
struct ovg_placements {
	uint32_t size;
	uint16_t equal[OVG_MAX_PLACEMENTS];
	uint32_t n_equal;
	uint16_t mixed[OVG_MAX_PLACEMENTS];
	uint32_t n_mixed;
};

/* All zero where the branch or the board has none. */
void ovg_model_placements(const struct ovg_model *m, const struct ovg_type *type,
			  struct ovg_placements *out);

#endif
