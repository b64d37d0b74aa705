/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TINY_GPU_H
#define TINY_GPU_H

#include "suite.h"
#include "tiny.h"

extern struct tiny_gpu tiny_gpus[BOARDS];
extern const struct subject tiny_subject;

#endif
