// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The GPUs, VFs and vGPUs of this host: what they are on their bus from sysfs, what the driver
 * makes of them by netlink or, without it, from sysfs too (docs/interfaces.md).
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "sysfs.h"

#define VENDOR_NVIDIA		0x10de
#define CLASS_DISPLAY		0x03	/* VGA 0300 and 3D 0302 are */
#define SUBCLASS_VGA		0x00
#define SUBCLASS_3D		0x02
#define MAX_VFS			256	/* per PF, by the SR-IOV routing of one bus */

/**
 * struct dirs - where things are
 * @pci: bus/pci/devices
 * @mdev: bus/mdev/devices
 * @nl: what came by netlink; none if there is no family
 */
struct dirs {
	char pci[OVG_PATH_MAX];
	char mdev[OVG_PATH_MAX];
	struct openvgpu_host nl;
};

static uint32_t small_number(const char *dir, const char *name, uint32_t max)
{
	uint64_t v = ovg_sysfs_number(dir, name);

	return v <= max ? (uint32_t)v : 0;
}

/* "nvidia-560": whatever the driver part is, the number behind the last dash counts. */
static uint32_t type_number(const char *type_id)
{
	const char *dash = strrchr(type_id, '-');
	size_t len = dash ? strlen(dash + 1) : 0;

	if (!len || len > 9 || dash[1 + strspn(dash + 1, "0123456789")])
		return 0;
	return (uint32_t)strtoul(dash + 1, NULL, 10);
}

static bool is_gpu(const char *dir)
{
	uint64_t class = ovg_sysfs_number(dir, "class");
	unsigned int subclass = class >> 8 & 0xff;

	return ovg_sysfs_number(dir, "vendor") == VENDOR_NVIDIA &&
	       class >> 16 == CLASS_DISPLAY &&
	       (subclass == SUBCLASS_VGA || subclass == SUBCLASS_3D) &&
	       !ovg_sysfs_exists(dir, "physfn");
}

/* "none", "vf" or "mdev UUID" */
static void parse_owner(const char *text, struct openvgpu_vf *vf)
{
	if (!strcmp(text, "vf")) {
		vf->owner = OPENVGPU_OWNER_VF;
	} else if (!strncmp(text, "mdev ", 5)) {
		vf->owner = OPENVGPU_OWNER_MDEV;
		openvgpu_uuid(text + 5, vf->uuid);
	}
}

static struct openvgpu_offer *offer_for(struct openvgpu_gpu *gpu, uint32_t id, const char *name)
{
	struct openvgpu_offer *o;
	size_t i;

	for (i = 0; i < gpu->n_offers; i++)
		if (gpu->offers[i].id == id)
			return &gpu->offers[i];
	o = ovg_append(&gpu->offers, gpu->n_offers, sizeof(*o));
	if (!o)
		return NULL;
	gpu->n_offers++;
	o->id = id;
	snprintf(o->name, sizeof(o->name), "%s", name);
	o->profile = OPENVGPU_UNKNOWN;
	o->heads = OPENVGPU_UNKNOWN;
	o->frl = OPENVGPU_UNKNOWN;
	o->max_x = OPENVGPU_UNKNOWN;
	o->max_y = OPENVGPU_UNKNOWN;
	o->max_instance = OPENVGPU_UNKNOWN;
	o->available = OPENVGPU_UNKNOWN;
	return o;
}

/* Lines "560   : NVIDIA A40-4Q" behind a header. */
static int read_creatable(struct openvgpu_gpu *gpu, const char *dir)
{
	char *text = ovg_sysfs_lines(dir, "creatable_vgpu_types");
	char *line, *save = NULL;
	int ret = 0;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		char name[OPENVGPU_NAME_MAX];
		struct openvgpu_offer *o;
		unsigned int id;

		if (sscanf(line, "%9u : %63[ -~]", &id, name) != 2)
			continue;
		o = offer_for(gpu, id, name);
		if (o)
			o->creatable = true;
		else
			ret = -ENOMEM;
	}
	free(text);
	return ret;
}

/* What the driver said of the VF, into what sysfs said of it. */
static void take_vf(struct openvgpu_vf *vf, const struct openvgpu_gpu *from)
{
	struct openvgpu_vf *said = NULL;
	size_t i;

	for (i = 0; i < from->n_vfs; i++)
		if (!strcmp(from->vfs[i].address, vf->address))
			said = &from->vfs[i];
	if (!said)
		return;
	vf->has_face = said->has_face;
	vf->type = said->type;
	vf->owner = said->owner;
	memcpy(vf->uuid, said->uuid, sizeof(vf->uuid));
	memcpy(vf->state, said->state, sizeof(vf->state));
	memcpy(vf->last_error, said->last_error, sizeof(vf->last_error));
}

/* @from: what came by netlink, or NULL */
static int read_vf(struct openvgpu_gpu *gpu, const char *pf, uint32_t index,
		   const struct openvgpu_gpu *from)
{
	char link[32], dir[OVG_PATH_MAX], face[OVG_PATH_MAX], ours[OVG_PATH_MAX], owner[64];
	struct openvgpu_vf *vf;

	snprintf(link, sizeof(link), "virtfn%u", index);
	if (!ovg_sysfs_exists(pf, link) || !ovg_path(dir, pf, link) ||
	    !ovg_path(face, dir, "nvidia") || !ovg_path(ours, dir, "vgpu"))
		return 0;
	vf = ovg_append(&gpu->vfs, gpu->n_vfs, sizeof(*vf));
	if (!vf)
		return -ENOMEM;
	gpu->n_vfs++;

	ovg_sysfs_link(pf, link, vf->address, sizeof(vf->address));
	vf->index = index;
	ovg_sysfs_link(dir, "driver", vf->driver, sizeof(vf->driver));
	vf->iommu_group = ovg_sysfs_group(dir);
	if (from) {
		take_vf(vf, from);
		return 0;
	}
	vf->has_face = ovg_sysfs_exists(face, "current_vgpu_type");
	vf->type = small_number(face, "current_vgpu_type", UINT32_MAX);
	ovg_sysfs_text(ours, "state", vf->state, sizeof(vf->state));
	ovg_sysfs_text(ours, "last_error", vf->last_error, sizeof(vf->last_error));
	ovg_sysfs_text(ours, "owner", owner, sizeof(owner));
	parse_owner(owner, vf);
	return read_creatable(gpu, face);
}

/* The format is NVIDIA's: "num_heads=4, frl_config=60, framebuffer=4096M, ...". */
static void parse_description(const char *text, struct openvgpu_offer *o)
{
	unsigned int heads, frl, x, y, max;
	unsigned long long fb;

	if (sscanf(text,
		   "num_heads=%u, frl_config=%u, framebuffer=%lluM, max_resolution=%ux%u, max_instance=%u",
		   &heads, &frl, &fb, &x, &y, &max) != 6)
		return;
	o->heads = heads;
	o->frl = frl;
	o->profile = fb * OPENVGPU_MIB;
	o->max_x = x;
	o->max_y = y;
	o->max_instance = max;
}

static int read_mdev_types(struct openvgpu_gpu *gpu, const char *pf)
{
	char types[OVG_PATH_MAX], dir[OVG_PATH_MAX], text[256];
	struct ovg_names names;
	size_t i;
	int ret;

	if (!ovg_path(types, pf, "mdev_supported_types"))
		return 0;
	ret = ovg_names_read(&names, types);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	for (i = 0; i < names.n && !ret; i++) {
		uint32_t id = type_number(names.list[i]);
		struct openvgpu_offer *o;

		if (!id || !ovg_path(dir, types, names.list[i]) ||
		    !ovg_sysfs_text(dir, "name", text, sizeof(text)))
			continue;
		o = offer_for(gpu, id, text);
		if (!o) {
			ret = -ENOMEM;
			break;
		}
		o->available = ovg_sysfs_number(dir, "available_instances");
		if (ovg_sysfs_text(dir, "description", text, sizeof(text)))
			parse_description(text, o);
	}
	ovg_names_free(&names);
	return ret;
}

static int read_mdevs(struct openvgpu_gpu *gpu, const struct dirs *dirs, const char *pf)
{
	char dir[OVG_PATH_MAX], ours[OVG_PATH_MAX];
	struct ovg_names names;
	size_t i;
	int ret;

	ret = ovg_names_read(&names, dirs->mdev);
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	for (i = 0; i < names.n && !ret; i++) {
		char uuid[OPENVGPU_UUID_MAX];
		struct openvgpu_mdev *m;

		/* mdevs are children of their parent; those of other GPUs are not here */
		if (!openvgpu_uuid(names.list[i], uuid) || !ovg_sysfs_exists(pf, names.list[i]) ||
		    !ovg_path(dir, pf, names.list[i]) || !ovg_path(ours, dir, "vgpu"))
			continue;
		m = ovg_append(&gpu->mdevs, gpu->n_mdevs, sizeof(*m));
		if (!m) {
			ret = -ENOMEM;
			break;
		}
		gpu->n_mdevs++;
		strcpy(m->uuid, uuid);
		ovg_sysfs_link(dir, "mdev_type", m->type_id, sizeof(m->type_id));
		m->type = type_number(m->type_id);
		ovg_sysfs_text(ours, "vf", m->vf, sizeof(m->vf));
		ovg_sysfs_text(ours, "state", m->state, sizeof(m->state));
		m->iommu_group = ovg_sysfs_group(dir);
	}
	ovg_names_free(&names);
	return ret;
}

static int by_id(const void *a, const void *b)
{
	const struct openvgpu_offer *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

/* Lines "1g.24gb+gfx total=4 available=4". */
static int read_gi_profiles(struct openvgpu_gpu *gpu, const char *dir)
{
	char *text = ovg_sysfs_lines(dir, "gpu_instance_profiles");
	char *line, *save = NULL;
	int ret = 0;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned int total, available;
		struct openvgpu_gi_profile *p;
		char name[OPENVGPU_PROFILE_MAX];

		if (sscanf(line, "%31[!-~] total=%u available=%u", name, &total, &available) != 3)
			continue;
		p = ovg_append(&gpu->gi_profiles, gpu->n_gi_profiles, sizeof(*p));
		if (!p) {
			ret = -ENOMEM;
			break;
		}
		gpu->n_gi_profiles++;
		strcpy(p->name, name);
		p->total = total;
		p->available = available;
	}
	free(text);
	return ret;
}

/* Lines "3 1g.24gb+gfx start=0 framebuffer=25769803776 vgpus=2". */
static int read_gis(struct openvgpu_gpu *gpu, const char *dir)
{
	char *text = ovg_sysfs_lines(dir, "gpu_instances");
	char *line, *save = NULL;
	int ret = 0;

	for (line = text ? strtok_r(text, "\n", &save) : NULL; line && !ret;
	     line = strtok_r(NULL, "\n", &save)) {
		unsigned int id, start, vgpus;
		unsigned long long bytes;
		struct openvgpu_gi *gi;
		char name[OPENVGPU_PROFILE_MAX];

		if (sscanf(line, "%9u %31[!-~] start=%9u framebuffer=%llu vgpus=%9u", &id, name,
			   &start, &bytes, &vgpus) != 5)
			continue;
		gi = ovg_append(&gpu->gis, gpu->n_gis, sizeof(*gi));
		if (!gi) {
			ret = -ENOMEM;
			break;
		}
		gpu->n_gis++;
		gi->id = id;
		strcpy(gi->profile, name);
		gi->start = start;
		gi->framebuffer = bytes;
		gi->vgpus = vgpus;
	}
	free(text);
	return ret;
}

static int read_vgpu_dir(struct openvgpu_gpu *gpu, const char *pf)
{
	char dir[OVG_PATH_MAX];
	int ret;

	gpu->framebuffer = OPENVGPU_UNKNOWN;
	gpu->framebuffer_used = OPENVGPU_UNKNOWN;
	gpu->timeslice_us = OPENVGPU_UNKNOWN;
	if (!ovg_path(dir, pf, "vgpu"))
		return 0;
	gpu->managed = ovg_sysfs_text(dir, "status", gpu->status, sizeof(gpu->status));
	if (!gpu->managed)
		return 0;
	ovg_sysfs_text(dir, "firmware", gpu->firmware, sizeof(gpu->firmware));
	gpu->mdev = ovg_sysfs_number(dir, "mdev") == 1;
	gpu->framebuffer = ovg_sysfs_number(dir, "framebuffer");
	gpu->framebuffer_used = ovg_sysfs_number(dir, "framebuffer_used");
	ovg_sysfs_text(dir, "placement_mode", gpu->placement_mode, sizeof(gpu->placement_mode));
	gpu->mig = ovg_sysfs_number(dir, "mig") == 1;
	ovg_sysfs_text(dir, "scheduler", gpu->scheduler, sizeof(gpu->scheduler));
	gpu->timeslice_us = ovg_sysfs_number(dir, "scheduler_timeslice_us");
	gpu->scheduler_pending = ovg_sysfs_number(dir, "scheduler_pending") == 1;
	ovg_sysfs_text(dir, "last_error", gpu->last_error, sizeof(gpu->last_error));
	ret = read_gi_profiles(gpu, dir);
	return ret ? ret : read_gis(gpu, dir);
}

static int by_uuid(const void *a, const void *b)
{
	const struct openvgpu_mdev *x = a, *y = b;

	return strverscmp(x->uuid, y->uuid);
}

static int take_mdevs(struct openvgpu_gpu *gpu, const char *pf)
{
	char dir[OVG_PATH_MAX];
	size_t i;

	for (i = 0; i < gpu->n_vgpus; i++) {
		const struct openvgpu_vgpu *v = &gpu->vgpus[i];
		struct openvgpu_mdev *m;

		if (!v->handle)
			continue;
		m = ovg_append(&gpu->mdevs, gpu->n_mdevs, sizeof(*m));
		if (!m)
			return -ENOMEM;
		gpu->n_mdevs++;
		strcpy(m->uuid, v->uuid);
		m->type = v->type;
		snprintf(m->type_id, sizeof(m->type_id), "nvidia-%u", v->type);
		strcpy(m->vf, v->vf);
		strcpy(m->state, v->state);
		m->iommu_group = ovg_path(dir, pf, m->uuid) ? ovg_sysfs_group(dir) : -1;
	}
	if (gpu->n_mdevs)
		qsort(gpu->mdevs, gpu->n_mdevs, sizeof(*gpu->mdevs), by_uuid);
	return 0;
}

/* Takes over what came by netlink, and asks sysfs only for what does not come so. */
static int take_gpu(struct openvgpu_gpu *gpu, struct openvgpu_gpu *from, const char *pf)
{
	struct openvgpu_gpu bus = *gpu;
	char dir[OVG_PATH_MAX];
	uint32_t i;
	int ret = 0;

	*gpu = *from;
	memset(from, 0, sizeof(*from));
	*from = (struct openvgpu_gpu){ .vfs = gpu->vfs, .n_vfs = gpu->n_vfs };
	gpu->vfs = NULL;
	gpu->n_vfs = 0;
	memcpy(gpu->address, bus.address, sizeof(gpu->address));
	gpu->device = bus.device;
	gpu->subdevice = bus.subdevice;
	memcpy(gpu->driver, bus.driver, sizeof(gpu->driver));
	gpu->iommu_group = bus.iommu_group;
	gpu->total_vfs = bus.total_vfs;
	gpu->num_vfs = bus.num_vfs;
	for (i = 0; i < gpu->num_vfs && !ret; i++)
		ret = read_vf(gpu, pf, i, from);
	if (!ret)
		ret = take_mdevs(gpu, pf);
	/* profiles of a GPU instance are no part of a dump */
	if (!ret && ovg_path(dir, pf, "vgpu"))
		ret = read_gi_profiles(gpu, dir);
	if (gpu->n_offers)
		qsort(gpu->offers, gpu->n_offers, sizeof(*gpu->offers), by_id);
	return ret;
}

static struct openvgpu_gpu *said_of(struct dirs *dirs, const char *address)
{
	size_t i;

	for (i = 0; i < dirs->nl.n_gpus; i++)
		if (!strcmp(dirs->nl.gpus[i].address, address))
			return &dirs->nl.gpus[i];
	return NULL;
}

static int read_gpu(struct openvgpu_gpu *gpu, struct dirs *dirs, const char *address,
		    bool whole)
{
	struct openvgpu_gpu *said;
	char pf[OVG_PATH_MAX];
	uint32_t i;
	int ret;

	if (!ovg_path(pf, dirs->pci, address))
		return 0;
	snprintf(gpu->address, sizeof(gpu->address), "%s", address);
	gpu->device = (uint16_t)small_number(pf, "device", 0xffff);
	gpu->subdevice = (uint16_t)small_number(pf, "subsystem_device", 0xffff);
	ovg_sysfs_link(pf, "driver", gpu->driver, sizeof(gpu->driver));
	gpu->iommu_group = ovg_sysfs_group(pf);
	gpu->total_vfs = small_number(pf, "sriov_totalvfs", MAX_VFS);
	gpu->num_vfs = small_number(pf, "sriov_numvfs", MAX_VFS);
	said = said_of(dirs, address);
	if (said)
		return take_gpu(gpu, said, pf);
	ret = read_vgpu_dir(gpu, pf);
	if (ret || !whole)
		return ret;
	for (i = 0; i < gpu->num_vfs && !ret; i++)
		ret = read_vf(gpu, pf, i, NULL);
	if (!ret)
		ret = read_mdev_types(gpu, pf);
	if (!ret)
		ret = read_mdevs(gpu, dirs, pf);
	if (gpu->n_offers)
		qsort(gpu->offers, gpu->n_offers, sizeof(*gpu->offers), by_id);
	return ret;
}

/* @only: this GPU, NULL for all */
static int read_host(struct openvgpu_host *h, const char *sysfs, const char *only, bool whole,
		     struct openvgpu_error *err)
{
	char dir[OVG_PATH_MAX];
	struct ovg_names names;
	struct dirs dirs;
	size_t i;
	int ret;

	memset(h, 0, sizeof(*h));
	if (!ovg_path(dirs.pci, sysfs, "bus/pci/devices") ||
	    !ovg_path(dirs.mdev, sysfs, "bus/mdev/devices"))
		return ovg_error(err, -ENAMETOOLONG, "%s: path too long", sysfs);
	ret = ovg_names_read(&names, dirs.pci);
	/* a machine without PCI has no such directory, but it has a sysfs */
	if (ret == -ENOENT && ovg_sysfs_exists(sysfs, "bus"))
		return 0;
	if (ret)
		return ovg_error(err, ret, "%s: %s", dirs.pci, strerror(-ret));
	memset(&dirs.nl, 0, sizeof(dirs.nl));
	/* a path of its own is for tests, and for who wants the files */
	if (whole && !strcmp(sysfs, "/sys")) {
		ret = ovg_nl_host(&dirs.nl, only, err);
		if (ret && ret != -ENOENT && ret != -EPROTONOSUPPORT) {
			ovg_names_free(&names);
			return ret;
		}
		ret = 0;
	}

	for (i = 0; i < names.n && !ret; i++) {
		struct openvgpu_gpu *gpu;

		if ((only && strcmp(only, names.list[i])) ||
		    !ovg_path(dir, dirs.pci, names.list[i]) || !is_gpu(dir))
			continue;
		gpu = ovg_append(&h->gpus, h->n_gpus, sizeof(*gpu));
		if (!gpu) {
			ret = -ENOMEM;
			break;
		}
		h->n_gpus++;
		ret = read_gpu(gpu, &dirs, names.list[i], whole);
	}
	ovg_names_free(&names);
	openvgpu_host_free(&dirs.nl);
	if (ret) {
		openvgpu_host_free(h);
		return ovg_error(err, ret, "%s: %s", sysfs, strerror(-ret));
	}
	return 0;
}

int openvgpu_host_read(struct openvgpu_host *h, const char *sysfs, struct openvgpu_error *err)
{
	return read_host(h, sysfs, NULL, true, err);
}

int openvgpu_gpus_read(struct openvgpu_host *h, const char *sysfs, const char *only,
		       struct openvgpu_error *err)
{
	return read_host(h, sysfs, only, false, err);
}

void openvgpu_host_free(struct openvgpu_host *h)
{
	size_t i;

	for (i = 0; i < h->n_gpus; i++) {
		free(h->gpus[i].vfs);
		free(h->gpus[i].mdevs);
		free(h->gpus[i].offers);
		free(h->gpus[i].gi_profiles);
		free(h->gpus[i].gis);
		free(h->gpus[i].vgpus);
	}
	free(h->gpus);
	memset(h, 0, sizeof(*h));
}

bool openvgpu_pci_address(const char *text, char out[OPENVGPU_ADDRESS_MAX])
{
	unsigned int domain = 0, bus, slot, function;
	char copy[32], *p;
	int end = 0;

	if (strlen(text) >= sizeof(copy))
		return false;
	strcpy(copy, text);
	if (!strncmp(copy, "pci_", 4)) {
		memmove(copy, copy + 4, strlen(copy + 4) + 1);
		/* 0001_00_00_4: the last underscore stands for the dot */
		p = strrchr(copy, '_');
		if (!p)
			return false;
		*p = '.';
		while ((p = strchr(copy, '_')))
			*p = ':';
	}
	if (copy[strspn(copy, "0123456789abcdefABCDEF:.")])
		return false;
	if (sscanf(copy, "%8x:%2x:%2x.%1x%n", &domain, &bus, &slot, &function, &end) != 4 ||
	    copy[end]) {
		domain = 0;
		end = 0;
		if (sscanf(copy, "%2x:%2x.%1x%n", &bus, &slot, &function, &end) != 3 || copy[end])
			return false;
	}
	if (slot > 0x1f || function > 7)
		return false;
	snprintf(out, OPENVGPU_ADDRESS_MAX, "%04x:%02x:%02x.%x", domain, bus, slot, function);
	return true;
}

bool openvgpu_uuid(const char *text, char out[OPENVGPU_UUID_MAX])
{
	bool node = !strncmp(text, "mdev_", 5);
	char dash = node ? '_' : '-';
	size_t i;

	if (node)
		text += 5;
	for (i = 0; i < 36; i++) {
		bool at_dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (at_dash ? text[i] != dash : !isxdigit((unsigned char)text[i])) {
			out[0] = '\0';
			return false;
		}
		out[i] = at_dash ? '-' : (char)tolower((unsigned char)text[i]);
	}
	out[36] = '\0';
	/* libvirt appends the parent, separated */
	if (text[36] && !(node && text[36] == '_')) {
		out[0] = '\0';
		return false;
	}
	return true;
}

const struct openvgpu_gpu *openvgpu_gpu_by_address(const struct openvgpu_host *h,
						   const char *address)
{
	size_t i;

	for (i = 0; i < h->n_gpus; i++)
		if (!strcmp(h->gpus[i].address, address))
			return &h->gpus[i];
	return NULL;
}

const struct openvgpu_vf *openvgpu_vf_by_address(const struct openvgpu_host *h,
						 const char *address,
						 const struct openvgpu_gpu **gpu)
{
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++)
		for (i = 0; i < h->gpus[g].n_vfs; i++)
			if (!strcmp(h->gpus[g].vfs[i].address, address)) {
				if (gpu)
					*gpu = &h->gpus[g];
				return &h->gpus[g].vfs[i];
			}
	return NULL;
}

const struct openvgpu_mdev *openvgpu_mdev_by_uuid(const struct openvgpu_host *h, const char *uuid,
						  const struct openvgpu_gpu **gpu)
{
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++)
		for (i = 0; i < h->gpus[g].n_mdevs; i++)
			if (!strcmp(h->gpus[g].mdevs[i].uuid, uuid)) {
				if (gpu)
					*gpu = &h->gpus[g];
				return &h->gpus[g].mdevs[i];
			}
	return NULL;
}

const struct openvgpu_offer *openvgpu_offer_by_id(const struct openvgpu_gpu *gpu, uint32_t id)
{
	size_t i;

	for (i = 0; i < gpu->n_offers; i++)
		if (gpu->offers[i].id == id)
			return &gpu->offers[i];
	return NULL;
}
