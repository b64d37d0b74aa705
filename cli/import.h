/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What 'vgpuctl import' moves from the VFs of a GPU, NVIDIA's mdev parents of old, to the GPU. */
#ifndef VGPUCTL_IMPORT_H
#define VGPUCTL_IMPORT_H

#include "vgpuctl.h"

#define DEFINITIONS	"etc/mdevctl.d"
#define BACKUPS		"etc/openvgpu/import"

/**
 * struct importer - where things are
 * @root: directory that holds the host's files, "" for /
 * @sysfs: where sysfs is
 * @map: "OLD=NEW,..." of the user, NULL if none
 * @host: GPUs of the host
 * @types: known types; none if the file is missing
 */
struct importer {
	const char *root;
	char *sysfs;
	const char *map;
	struct openvgpu_host host;
	struct openvgpu_types types;
};

/**
 * struct move - one definition
 * @uuid: its UUID
 * @from: parent that it is defined on
 * @to: GPU that it is to be defined on, "" if that is not known
 * @type: type as it is written
 * @new_type: type on the GPU, the same or of the same name
 * @start: "auto" or "manual"
 * @text: what the new file is to hold
 * @len: length of it
 * @again: the new file is there already, only the old one has to go
 * @problem: why it cannot be moved, NULL if it can
 */
struct move {
	char uuid[OPENVGPU_UUID_MAX];
	char from[OPENVGPU_ADDRESS_MAX];
	char to[OPENVGPU_ADDRESS_MAX];
	char *type;
	char *new_type;
	char *start;
	char *text;
	size_t len;
	bool again;
	char *problem;
};

/**
 * struct moves - all that there is to move, by parent and UUID
 */
struct moves {
	struct move *list;
	size_t n;
};

/* False after a message if --map makes no sense. */
bool check_map(const struct importer *im);
/* The GPU that vGPUs of a VF belong on, NULL if nobody knows. VFs need not exist any more. */
const struct openvgpu_gpu *gpu_of_parent(const struct importer *im, const char *parent);
/* False after a message if the definitions cannot be read. */
bool plan_moves(const struct importer *im, struct moves *m);
/* Stops at the first that fails, after a message; what was moved stays moved. */
int apply_moves(const struct importer *im, const struct moves *m);
void free_moves(struct moves *m);

/**
 * struct nova_change - a place where Nova names a VF
 * @where: UUID of a resource provider, or "FILE:LINE"
 * @old: name as it is
 * @new: name as it is to be
 * @provider: it is a resource provider
 * @first: the first of its GPU: it keeps its UUID and is renamed
 */
struct nova_change {
	char *where;
	char *old;
	char *new;
	bool provider;
	bool first;
};

struct nova_changes {
	struct nova_change *list;
	size_t n;
};

/* @providers: file with lines "UUID NAME", NULL for none. False after a message. */
bool plan_nova(const struct importer *im, const char *providers, struct nova_changes *out);
void free_nova(struct nova_changes *n);

#endif
