/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * vgpu_params: what an administrator wants the firmware's side of one vGPU to do
 * otherwise. Text only; compiles in kernel and user space.
 */
#ifndef OVG_CORE_PARAMS_H
#define OVG_CORE_PARAMS_H

#include "../compat/portable.h"

/* Longest vgpu_params, as NVIDIA's driver has it. */
#define OVG_PARAMS_MAX		1024

int ovg_params_check(const char *buf, size_t count, char *out, size_t out_size, char *why,
		     size_t why_size);
int ovg_params_join(u32 type, const char *params, char *buf, size_t size);

#endif
