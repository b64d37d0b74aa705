// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is on a GPU of this host, for plans and maps: docs/interfaces.md. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

/* "3 1g.24gb+gfx start=0 framebuffer=25769803776 vgpus=2" */
static int read_instances(struct openvgpu_live *l, const char *pf, struct openvgpu_error *err)
{
	char *text = ovg_sysfs_lines(pf, "vgpu/gpu_instances"), *rest = text, *line;
	unsigned long number = 0;

	while (rest && (line = strsep(&rest, "\n"))) {
		struct openvgpu_instance *in = &l->instances[l->n_instances];

		number++;
		if (!*line)
			continue;
		if (l->n_instances == OPENVGPU_INSTANCES_MAX ||
		    sscanf(line, "%" SCNu32 " %31s start=%" SCNu32 " framebuffer=%" SCNu64, &in->id,
			   in->profile, &in->start, &in->fb_size) != 4) {
			free(text);
			return ovg_error(err, -EINVAL, "%s/vgpu/gpu_instances:%lu: not a GPU instance",
					 pf, number);
		}
		in->there = true;
		l->n_instances++;
	}
	free(text);
	return 0;
}

static int read_vgpus(struct openvgpu_live *l, const struct openvgpu_gpu *gpu, const char *pci,
		      const char *pf, const struct openvgpu_types *types, struct openvgpu_error *err)
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
	if (ovg_sysfs_number(pf, "vgpu/mig") == 1)
		l->mode = OPENVGPU_MODE_MIG;
	else if (!strcmp(gpu->placement_mode, "mixed"))
		l->mode = OPENVGPU_MODE_MIXED;
	ret = read_instances(l, pf, err);
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
