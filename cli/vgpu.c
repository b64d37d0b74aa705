// SPDX-License-Identifier: LGPL-2.1-or-later
/* Types, vGPUs and their names, as users write them and as libvirt does. */
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "vgpuctl.h"

/* Version 4. */
bool make_uuid(char out[OPENVGPU_UUID_MAX])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return false;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(out, OPENVGPU_UUID_MAX,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		 b[13], b[14], b[15]);
	return true;
}

char *node_name(const char *address)
{
	char *name = format("pci_%s", address);
	char *p;

	for (p = name; *p; p++)
		if (*p == ':' || *p == '.')
			*p = '_';
	return name;
}

char *mdev_node_name(const char *uuid, const char *parent)
{
	char *name = format("mdev_%s_%s", uuid, parent + strlen("pci_"));
	char *p;

	for (p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static bool same_name(const char *full, const char *text)
{
	const char *blank = strrchr(full, ' ');

	return !strcmp(full, text) || (blank && !strcmp(blank + 1, text));
}

/*
 * Among the types that the kernel offers, then, for a GPU that is not set up
 * yet, among those of the source for its device id.
 */
uint32_t find_type(const struct openvgpu_gpu *gpu, const char *text, const char **name)
{
	const struct openvgpu_type *type;
	struct openvgpu_types types;
	struct openvgpu_error err;
	static char copy[OPENVGPU_NAME_MAX];
	const char *digits = strncmp(text, "nvidia-", 7) ? text : text + 7;
	uint32_t id = 0;
	size_t i;

	if (*digits && !digits[strspn(digits, "0123456789")] && strlen(digits) <= 9)
		id = (uint32_t)strtoul(digits, NULL, 10);
	for (i = 0; i < gpu->n_offers; i++)
		if (gpu->offers[i].id == id || same_name(gpu->offers[i].name, text)) {
			*name = gpu->offers[i].name;
			return gpu->offers[i].id;
		}
	if (gpu->mdev) {
		fail("%s has no vGPU type '%s'; 'vgpuctl types %s' lists them", gpu->address, text,
		     gpu->address);
		return 0;
	}
	if (load_types(&types, NULL, &err)) {
		fail("%s", err.text);
		return 0;
	}
	if (openvgpu_type_find(&types, text, gpu->device, &type, &err)) {
		fail("%s: %s", gpu->address, err.text);
		id = 0;
	} else {
		id = type->id;
		strcpy(copy, type->name);
		*name = copy;
	}
	openvgpu_types_free(&types);
	return id;
}

const struct openvgpu_vgpu *find_vgpu(const struct openvgpu_gpu *gpu, const char *vf,
				      const char *uuid)
{
	size_t i;

	for (i = 0; i < gpu->n_vgpus; i++) {
		const struct openvgpu_vgpu *v = &gpu->vgpus[i];

		if ((vf && *vf && !strcmp(v->vf, vf)) || (uuid && *uuid && !strcmp(v->uuid, uuid)))
			return v;
	}
	return NULL;
}

const char *short_name(const char *name)
{
	const char *blank = strrchr(name, ' ');

	return blank ? blank + 1 : name;
}
