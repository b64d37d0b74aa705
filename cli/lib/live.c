// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is on a GPU of this host, for plans and maps: docs/interfaces.md. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "openvgpu-plan.h"
#include "sysfs.h"

/* "Not Applicable" and a file that is not there alike. */
static uint32_t id_in(const char *dir, const char *name)
{
	char folder[OVG_PATH_MAX];
	uint64_t v;

	if (!ovg_path(folder, dir, "nvidia"))
		return OPENVGPU_NO_ID;
	v = ovg_sysfs_number(folder, name);
	return v < 0xffff ? (uint32_t)v : OPENVGPU_NO_ID;
}

static int add(struct openvgpu_live *l, const struct openvgpu_gpu *gpu,
	       const struct openvgpu_types *types, uint32_t id, const char *name, const char *dir,
	       struct openvgpu_error *err)
{
	const struct openvgpu_type *type = openvgpu_type_by_id(types, id);
	struct openvgpu_placed *v;

	if (!type)
		return ovg_error(err, -ENOENT, "%s: the source of vGPU types lacks type %u of %s",
				 gpu->address, id, name);
	v = ovg_append(&l->there, l->n_there, sizeof(*v));
	if (!v)
		return ovg_error(err, -ENOMEM, "%s: out of memory", gpu->address);
	l->n_there++;
	v->type = type;
	v->there = true;
	v->id = id_in(dir, "placement_id");
	v->instance = id_in(dir, "gpu_instance_id");
	snprintf(v->name, sizeof(v->name), "%s", name);
	return 0;
}

static int read_instances(struct openvgpu_live *l, const struct openvgpu_gpu *gpu,
			  struct openvgpu_error *err)
{
	size_t i;

	if (gpu->n_gis > OPENVGPU_INSTANCES_MAX)
		return ovg_error(err, -E2BIG, "%s: more than %d GPU instances", gpu->address,
				 OPENVGPU_INSTANCES_MAX);
	for (i = 0; i < gpu->n_gis; i++) {
		struct openvgpu_instance *in = &l->instances[l->n_instances++];

		in->id = gpu->gis[i].id;
		memcpy(in->profile, gpu->gis[i].profile, sizeof(in->profile));
		in->start = gpu->gis[i].start;
		in->fb_size = gpu->gis[i].framebuffer;
		in->there = true;
	}
	return 0;
}

static int read_vgpus(struct openvgpu_live *l, const struct openvgpu_gpu *gpu, const char *pci,
		      const char *pf, const struct openvgpu_types *types,
		      struct openvgpu_error *err)
{
	char dir[OVG_PATH_MAX];
	size_t i;
	int ret = 0;

	for (i = 0; i < gpu->n_mdevs && !ret; i++)
		if (ovg_path(dir, pf, gpu->mdevs[i].uuid))
			ret = add(l, gpu, types, gpu->mdevs[i].type, gpu->mdevs[i].uuid, dir, err);
	/* a VF that an mdev holds shows no type of its own */
	for (i = 0; i < gpu->n_vfs && !ret; i++)
		if (gpu->vfs[i].type && gpu->vfs[i].owner != OPENVGPU_OWNER_MDEV &&
		    ovg_path(dir, pci, gpu->vfs[i].address))
			ret = add(l, gpu, types, gpu->vfs[i].type, gpu->vfs[i].address, dir, err);
	return ret;
}

int openvgpu_live_read(struct openvgpu_live *l, const char *sysfs, const struct openvgpu_gpu *gpu,
		       const struct openvgpu_types *types, struct openvgpu_error *err)
{
	char pci[OVG_PATH_MAX], pf[OVG_PATH_MAX];
	int ret;

	memset(l, 0, sizeof(*l));
	if (!ovg_path(pci, sysfs, "bus/pci/devices") || !ovg_path(pf, pci, gpu->address))
		return ovg_error(err, -ENAMETOOLONG, "%s: path too long", sysfs);
	if (gpu->mig)
		l->mode = OPENVGPU_MODE_MIG;
	else if (!strcmp(gpu->placement_mode, "mixed"))
		l->mode = OPENVGPU_MODE_MIXED;
	ret = read_instances(l, gpu, err);
	if (!ret)
		ret = read_vgpus(l, gpu, pci, pf, types, err);
	if (ret)
		openvgpu_live_free(l);
	return ret;
}

void openvgpu_live_free(struct openvgpu_live *l)
{
	free(l->there);
	memset(l, 0, sizeof(*l));
}
