/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* libvirt's hook for domains whose metadata says of what type their vGPUs are. */
#ifndef OVG_HOOK_H
#define OVG_HOOK_H

#include <stdbool.h>
#include <stddef.h>

/* The namespace of <vgpus> in a domain's <metadata>; schemas/domain-metadata.rng. */
#define HOOK_NS		"urn:openvgpu:domain:1"

/* Longest message about what is wrong. */
#define HOOK_WHY_MAX	1024
#define HOOK_UUID_MAX	37
/* "00000000:00:00.0" */
#define HOOK_ADDRESS_MAX	17

/**
 * struct hook_vgpu - a vGPU that the domain has as <hostdev type='mdev'>
 * @uuid: in lower case
 * @type: "nvidia-560", "NVIDIA A40-4Q" or "A40-4Q"; NULL if the metadata does not have it
 * @gpu: address of its GPU, NULL for any
 * @placement: placement id, NULL for any
 * @gi: GPU instance, NULL for any
 * @params: vgpu_params, NULL for none
 */
struct hook_vgpu {
	char uuid[HOOK_UUID_MAX];
	char *type;
	char *gpu;
	char *placement;
	char *gi;
	char *params;
};

/**
 * struct hook_domain - what the hook needs of a domain's XML
 * @name: the domain's
 * @uuid: the domain's, in lower case
 * @vgpus: one an mdev
 * @count: how many
 * @functions: addresses of its <hostdev type='pci'>, VFs among them
 * @n_functions: how many
 */
struct hook_domain {
	char *name;
	char uuid[HOOK_UUID_MAX];
	struct hook_vgpu *vgpus;
	size_t count;
	char (*functions)[HOOK_ADDRESS_MAX];
	size_t n_functions;
};

/* domain.c */
bool hook_uuid(const char *text, char uuid[HOOK_UUID_MAX]);
bool hook_domain_read(struct hook_domain *d, const char *xml, size_t len, char why[HOOK_WHY_MAX]);
void hook_domain_free(struct hook_domain *d);

/* write.c: to a file of sysfs; 0 or an errno. Tests have one of their own. */
int hook_write(const char *path, const char *text);

#endif
