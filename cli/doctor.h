/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What 'vgpuctl doctor' looks at. */
#ifndef VGPUCTL_DOCTOR_H
#define VGPUCTL_DOCTOR_H

#include "vgpuctl.h"

/*
 * FAIL: no vGPU can be made or used here before this is mended. WARN: something does not work,
 * but vGPUs do. UNKNOWN: could not look.
 */
enum level {
	LEVEL_OK,
	LEVEL_WARN,
	LEVEL_FAIL,
	LEVEL_UNKNOWN,
};

/**
 * struct finding - what one check found
 * @id: name of the check
 * @level: how bad it is
 * @gpu: PCI address of the GPU, "" if it is the host's
 * @text: what was found
 * @next: what to do about it, NULL if nothing
 */
struct finding {
	const char *id;
	enum level level;
	char gpu[OPENVGPU_ADDRESS_MAX];
	char *text;
	char *next;
};

/**
 * struct doctor - an examination
 * @root: directory that holds the host's files, "" for /
 * @sysfs: where sysfs is
 * @host: its GPUs
 * @types: known boards; none if the file is missing
 * @release: version of the running kernel
 * @dep: text of modules.dep of it, NULL without
 * @builtin: text of its modules.builtin, NULL without
 * @list: findings so far
 * @n: their number
 */
struct doctor {
	const char *root;
	char *sysfs;
	struct openvgpu_host host;
	struct openvgpu_types types;
	char *release;
	char *dep;
	char *builtin;
	struct finding *list;
	size_t n;
};

/* @text and @next are taken over; @gpu is NULL for the host. */
void found(struct doctor *d, const char *id, enum level level, const char *gpu, char *text,
	   char *next);
/* doctor_host.c: kernel, libvirt and mdevctl */
void examine_kernel(struct doctor *d);
void examine_management(struct doctor *d);
/* doctor_gpu.c */
void examine_gpu(struct doctor *d, const struct openvgpu_gpu *gpu);
/* A GPU for which no vGPU types are known is nothing to worry about. */
const struct openvgpu_board *board_of(const struct doctor *d, const struct openvgpu_gpu *gpu);
/* Loaded, or part of the kernel. */
bool module_there(const struct doctor *d, const char *name);
/* In modules.dep: can be loaded. */
bool module_listed(const struct doctor *d, const char *name);

#endif
