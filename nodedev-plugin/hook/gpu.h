/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_HOOK_GPU_H
#define OVG_HOOK_GPU_H

#include <limits.h>

#include "hook.h"

bool gpu_has_mdev(const char *uuid);
/* Is it a vGPU of this driver? */
bool gpu_mdev_is_ours(const char *uuid);
/* @type as in the metadata; its id goes to @id in any case */
bool gpu_mdev_has_type(const char *uuid, const char *type, char id[NAME_MAX + 1]);
bool gpu_mdev_is_open(const char *uuid);
/*
 * Could the driver open it now? If not its words are in @why. True for what is not of this
 * driver or not there: that is for libvirt to judge.
 */
bool gpu_mdev_may_start(const char *uuid, char why[HOOK_WHY_MAX]);
bool gpu_vf_may_start(const char *address, char why[HOOK_WHY_MAX]);
void gpu_mdev_name(const char *uuid, const char *name);
/* Only if it is this name. */
void gpu_mdev_unname(const char *uuid, const char *name);
int gpu_mdev_remove(const char *uuid);
/* Makes it with its attributes on the GPU it names or the first where it fits, or not at all. */
bool gpu_make(const struct hook_vgpu *v, char why[HOOK_WHY_MAX]);

#endif
