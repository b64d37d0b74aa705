/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The memory of a GPU as a bar: vgpuctl plan, vgpuctl map. */
#ifndef VGPUCTL_DRAW_H
#define VGPUCTL_DRAW_H

#include "lib/openvgpu-plan.h"
#include "vgpuctl.h"

/* "equal size", "mixed sizes", "MIG" */
const char *mode_text(enum openvgpu_mode mode);

/* Bar, and who is in it; colours if standard output is a terminal that has them. */
void draw_plan(const struct openvgpu_plan *plan);

/* The same for programs, added to @obj. */
void json_add_plan(json_object *obj, const struct openvgpu_plan *plan);

/* The model of a GPU of this host; NULL after a message if the source does not know it. */
const struct openvgpu_board *board_of_gpu(const struct openvgpu_types *types,
					  const struct openvgpu_gpu *gpu);

#endif
