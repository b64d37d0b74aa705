// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl list */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

static const char *const owner_names[] = {
	[OPENVGPU_OWNER_NONE] = "none",
	[OPENVGPU_OWNER_VF] = "vf",
	[OPENVGPU_OWNER_MDEV] = "mdev",
};

/* Boards may share a device id (A16 and A2): then none is named for sure. */
static const char *board_name(const struct openvgpu_types *t, const struct openvgpu_gpu *gpu)
{
	const char *name = NULL;
	char subdevice[8];
	size_t i;

	snprintf(subdevice, sizeof(subdevice), "%04x", gpu->subdevice);
	for (i = 0; i < t->n_boards; i++) {
		const struct openvgpu_board *b = &t->boards[i];

		if (b->device != gpu->device)
			continue;
		if (!strcasecmp(b->subdevice, subdevice))
			return b->name;
		name = name ? "" : b->name;
	}
	return name && *name ? name : NULL;
}

/* Of a GPU that openvgpu does not drive. */
static char *foreign_status(const struct openvgpu_gpu *gpu)
{
	if (!*gpu->driver)
		return format("no driver bound");
	return format("driver is %s, not openvgpu", gpu->driver);
}

static const char *type_name(const struct openvgpu_types *t, const struct openvgpu_gpu *gpu,
			     uint32_t id)
{
	const struct openvgpu_offer *o = openvgpu_offer_by_id(gpu, id);
	const struct openvgpu_type *type = openvgpu_type_by_id(t, id);

	if (o)
		return o->name;
	return type ? type->name : NULL;
}

/* A GPU without MIG has no profiles. */
static const char *mig_state(const struct openvgpu_gpu *gpu)
{
	if (!gpu->n_gi_profiles && !gpu->mig)
		return NULL;
	return gpu->mig ? "on" : "off";
}

static void print_gpus(const struct openvgpu_host *h, const struct openvgpu_types *t)
{
	static const char *const columns[] = { "GPU",  "BOARD", "FIRMWARE", ">VFS",	   ">VGPUS",
					       "MDEV", "MODE",	"MIG",	    "FRAMEBUFFER", "STATUS" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t i, v;

	for (i = 0; i < h->n_gpus; i++) {
		const struct openvgpu_gpu *gpu = &h->gpus[i];
		const char *board = board_name(t, gpu);
		char *name, *vfs, *vgpus, *memory, *status;
		size_t n = gpu->n_mdevs;

		for (v = 0; v < gpu->n_vfs; v++)
			n += gpu->vfs[v].owner == OPENVGPU_OWNER_VF;
		name = board ? format("%s", board) : format("10de:%04x", gpu->device);
		vfs = format("%u/%u", gpu->num_vfs, gpu->total_vfs);
		vgpus = format("%zu", n);
		if (gpu->framebuffer == OPENVGPU_UNKNOWN || !gpu->framebuffer ||
		    gpu->framebuffer_used == OPENVGPU_UNKNOWN)
			memory = format("-");
		else
			memory = format("%" PRIu64 " of %" PRIu64 " MiB used",
					gpu->framebuffer_used / OPENVGPU_MIB,
					gpu->framebuffer / OPENVGPU_MIB);
		status = gpu->managed ? format("%s", gpu->status) : foreign_status(gpu);
		table_row(table, (const char *const[]){
			gpu->address, name, *gpu->firmware ? gpu->firmware : NULL, vfs, vgpus,
			gpu->managed ? gpu->mdev ? "yes" : "no" : NULL,
			*gpu->placement_mode ? gpu->placement_mode : NULL, mig_state(gpu), memory,
			status });
		free(name);
		free(vfs);
		free(vgpus);
		free(memory);
		free(status);
	}
	table_print(table, stdout);
	table_free(table);
}

static void vgpu_row(struct table *table, const char *name, const char *vf,
		     const struct openvgpu_gpu *gpu, const char *type_id, const char *type,
		     const char *face, const char *state)
{
	table_row(table, (const char *const[]){ name, gpu->address, *vf ? vf : NULL, type_id, type,
						face, *state ? state : NULL });
}

static void print_instances(const struct openvgpu_host *h)
{
	static const char *const columns[] = { "GPU INSTANCE ON", ">ID", "PROFILE", ">MEMORY",
					       ">VGPUS" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	bool any = false;
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++)
		for (i = 0; i < h->gpus[g].n_gis; i++) {
			const struct openvgpu_gi *gi = &h->gpus[g].gis[i];
			char *id = format("%u", gi->id);
			char *memory = format_bytes(gi->framebuffer);
			char *vgpus = format("%" PRIu64, gi->vgpus);

			table_row(table, (const char *const[]){ h->gpus[g].address, id, gi->profile,
								memory, vgpus });
			free(id);
			free(memory);
			free(vgpus);
			any = true;
		}
	if (any) {
		putchar('\n');
		table_print(table, stdout);
	}
	table_free(table);
}

static void print_vgpus(const struct openvgpu_host *h, const struct openvgpu_types *t)
{
	static const char *const columns[] = { "VGPU", "GPU",  "VF",   "TYPE",
					       "NAME", "FACE", "STATE" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	bool any = false;
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++) {
		const struct openvgpu_gpu *gpu = &h->gpus[g];

		for (i = 0; i < gpu->n_mdevs; i++) {
			const struct openvgpu_mdev *m = &gpu->mdevs[i];

			vgpu_row(table, m->uuid, m->vf, gpu, m->type_id,
				 type_name(t, gpu, m->type), "mdev", m->state);
			any = true;
		}
		for (i = 0; i < gpu->n_vfs; i++) {
			const struct openvgpu_vf *vf = &gpu->vfs[i];
			char *id;

			if (vf->owner != OPENVGPU_OWNER_VF)
				continue;
			id = format("nvidia-%u", vf->type);
			vgpu_row(table, vf->address, vf->address, gpu, id,
				 type_name(t, gpu, vf->type), "vf", vf->state);
			free(id);
			any = true;
		}
	}
	if (any) {
		putchar('\n');
		table_print(table, stdout);
	}
	table_free(table);
}

static void print_vfs(const struct openvgpu_host *h)
{
	static const char *const columns[] = { "VF",	">NUMBER", "DRIVER", ">IOMMU GROUP",
					       "OWNER", "STATE",   "LAST ERROR" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	bool any = false;
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++)
		for (i = 0; i < h->gpus[g].n_vfs; i++) {
			const struct openvgpu_vf *vf = &h->gpus[g].vfs[i];
			char *number = format("%u", vf->index);
			char *group = vf->iommu_group < 0 ? NULL : format("%d", vf->iommu_group);

			table_row(table, (const char *const[]){
				vf->address, number, *vf->driver ? vf->driver : NULL, group,
				vf->owner == OPENVGPU_OWNER_MDEV ? vf->uuid : owner_names[vf->owner],
				*vf->state ? vf->state : NULL,
				*vf->last_error ? vf->last_error : NULL });
			free(number);
			free(group);
			any = true;
		}
	if (any) {
		putchar('\n');
		table_print(table, stdout);
	}
	table_free(table);
}


static int by_size(const void *a, const void *b)
{
	const struct openvgpu_offer *const *x = a, *const *y = b;

	if ((*x)->profile != (*y)->profile)
		return (*x)->profile < (*y)->profile ? -1 : 1;
	return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

/* Types of one size that fit equally often stand in one row. */
static bool same_fit(const struct openvgpu_offer *a, const struct openvgpu_offer *b)
{
	return a->profile == b->profile && a->available == b->available;
}

static bool fits(const struct openvgpu_offer *o)
{
	return o->available == OPENVGPU_UNKNOWN ? o->creatable : o->available != 0;
}

static const char *why_nothing_fits(const struct openvgpu_gpu *gpu)
{
	if (strcmp(gpu->status, "ready"))
		return gpu->status;
	if (!gpu->num_vfs)
		return "no VFs are enabled";
	return "no further vGPU fits now";
}

static void fit_row(struct table *table, const struct openvgpu_gpu *gpu,
		    const struct openvgpu_offer *o, const char *names)
{
	char *size = o->profile == OPENVGPU_UNKNOWN ? format("-") : format_bytes(o->profile);
	char *count = o->available == OPENVGPU_UNKNOWN ? format("some") :
							 format("%" PRIu64, o->available);

	table_row(table, (const char *const[]){ gpu->address, size, count, names });
	free(size);
	free(count);
}

static void fit_rows(struct table *table, const struct openvgpu_gpu *gpu)
{
	const struct openvgpu_offer **sorted = calloc(gpu->n_offers + 1, sizeof(*sorted));
	size_t n = 0, i, end;

	for (i = 0; sorted && i < gpu->n_offers; i++)
		if (fits(&gpu->offers[i]))
			sorted[n++] = &gpu->offers[i];
	if (!n)
		table_row(table, (const char *const[]){ gpu->address, NULL, "0",
							why_nothing_fits(gpu) });
	else
		qsort(sorted, n, sizeof(*sorted), by_size);
	for (i = 0; i < n; i = end) {
		char *names = format("%s", short_name(sorted[i]->name));

		for (end = i + 1; end < n && same_fit(sorted[i], sorted[end]); end++) {
			char *more = format("%s %s", names, short_name(sorted[end]->name));

			free(names);
			names = more;
		}
		fit_row(table, gpu, sorted[i], names);
		free(names);
	}
	free(sorted);
}

static void print_fits(const struct openvgpu_host *h)
{
	static const char *const columns[] = { "FITS ON", ">SIZE", ">MORE", "TYPES" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	bool any = false;
	size_t g;

	for (g = 0; g < h->n_gpus; g++)
		if (h->gpus[g].managed) {
			fit_rows(table, &h->gpus[g]);
			any = true;
		}
	if (any) {
		putchar('\n');
		table_print(table, stdout);
	}
	table_free(table);
}

static void print_refusals(const struct openvgpu_host *h)
{
	size_t g;

	for (g = 0; g < h->n_gpus; g++)
		if (*h->gpus[g].last_error)
			printf("\nlast refusal on %s: %s\n", h->gpus[g].address,
			       h->gpus[g].last_error);
}

static json_object *vfs_json(const struct openvgpu_gpu *gpu)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < gpu->n_vfs; i++) {
		const struct openvgpu_vf *vf = &gpu->vfs[i];
		json_object *obj = json_object_new_object();

		json_add_string(obj, "address", vf->address);
		json_add_uint(obj, "number", vf->index);
		json_add_string(obj, "driver", *vf->driver ? vf->driver : NULL);
		json_add_uint(obj, "iommu_group", vf->iommu_group < 0 ? OPENVGPU_UNKNOWN :
									(uint64_t)vf->iommu_group);
		json_add_uint(obj, "current_vgpu_type", vf->type);
		json_add_string(obj, "owner", owner_names[vf->owner]);
		json_add_string(obj, "uuid", *vf->uuid ? vf->uuid : NULL);
		json_add_string(obj, "state", *vf->state ? vf->state : NULL);
		json_add_string(obj, "last_error", *vf->last_error ? vf->last_error : NULL);
		json_object_array_add(list, obj);
	}
	return list;
}

static json_object *vgpu_json(const struct openvgpu_types *t, const struct openvgpu_gpu *gpu,
			      const char *face, const char *uuid, const char *vf, uint32_t type,
			      const char *state, int group)
{
	json_object *obj = json_object_new_object();

	json_add_string(obj, "face", face);
	json_add_string(obj, "uuid", uuid);
	json_add_string(obj, "vf", *vf ? vf : NULL);
	json_add_uint(obj, "type", type);
	json_add_string(obj, "name", type_name(t, gpu, type));
	json_add_string(obj, "state", *state ? state : NULL);
	json_add_uint(obj, "iommu_group", group < 0 ? OPENVGPU_UNKNOWN : (uint64_t)group);
	return obj;
}

static json_object *vgpus_json(const struct openvgpu_types *t, const struct openvgpu_gpu *gpu)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < gpu->n_mdevs; i++) {
		const struct openvgpu_mdev *m = &gpu->mdevs[i];

		json_object_array_add(list, vgpu_json(t, gpu, "mdev", m->uuid, m->vf, m->type,
						      m->state, m->iommu_group));
	}
	for (i = 0; i < gpu->n_vfs; i++) {
		const struct openvgpu_vf *vf = &gpu->vfs[i];

		if (vf->owner == OPENVGPU_OWNER_VF)
			json_object_array_add(list, vgpu_json(t, gpu, "vf", NULL, vf->address,
							      vf->type, vf->state,
							      vf->iommu_group));
	}
	return list;
}

static json_object *fits_json(const struct openvgpu_gpu *gpu)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < gpu->n_offers; i++) {
		const struct openvgpu_offer *o = &gpu->offers[i];
		json_object *obj;

		if (!fits(o))
			continue;
		obj = json_object_new_object();
		json_add_uint(obj, "type", o->id);
		json_add_string(obj, "name", o->name);
		json_add_uint(obj, "profile_bytes", o->profile);
		json_add_uint(obj, "available", o->available);
		json_object_array_add(list, obj);
	}
	return list;
}

static json_object *gpu_json(const struct openvgpu_types *t, const struct openvgpu_gpu *gpu)
{
	char *status = gpu->managed ? format("%s", gpu->status) : foreign_status(gpu);
	json_object *obj = json_object_new_object();

	json_add_string(obj, "address", gpu->address);
	json_add_string(obj, "board", board_name(t, gpu));
	json_object_object_add(obj, "device", json_object_new_int(gpu->device));
	json_object_object_add(obj, "subdevice", json_object_new_int(gpu->subdevice));
	json_add_string(obj, "driver", *gpu->driver ? gpu->driver : NULL);
	json_add_uint(obj, "iommu_group",
		      gpu->iommu_group < 0 ? OPENVGPU_UNKNOWN : (uint64_t)gpu->iommu_group);
	json_add_bool(obj, "managed", gpu->managed);
	json_add_string(obj, "status", status);
	json_add_string(obj, "firmware", *gpu->firmware ? gpu->firmware : NULL);
	json_add_bool(obj, "mdev", gpu->mdev);
	json_add_uint(obj, "total_vfs", gpu->total_vfs);
	json_add_uint(obj, "num_vfs", gpu->num_vfs);
	json_add_uint(obj, "framebuffer_bytes", gpu->framebuffer);
	json_add_uint(obj, "framebuffer_used_bytes", gpu->framebuffer_used);
	json_add_string(obj, "placement_mode", *gpu->placement_mode ? gpu->placement_mode : NULL);
	json_add_bool(obj, "mig", gpu->mig);
	json_add_string(obj, "scheduler", *gpu->scheduler ? gpu->scheduler : NULL);
	json_add_uint(obj, "timeslice_us", gpu->timeslice_us);
	json_add_bool(obj, "scheduler_pending", gpu->scheduler_pending);
	json_add_string(obj, "last_error", *gpu->last_error ? gpu->last_error : NULL);
	json_object_object_add(obj, "gpu_instances", instances_json(gpu));
	json_object_object_add(obj, "vfs", vfs_json(gpu));
	json_object_object_add(obj, "vgpus", vgpus_json(t, gpu));
	json_object_object_add(obj, "fits", fits_json(gpu));
	free(status);
	return obj;
}

static void print_host_json(const struct openvgpu_host *h, const struct openvgpu_types *t)
{
	json_object *obj = json_object_new_object();
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < h->n_gpus; i++)
		json_object_array_add(list, gpu_json(t, &h->gpus[i]));
	json_object_object_add(obj, "gpus", list);
	print_json(obj);
}

int cmd_list(const struct command *cmd, int argc, char **argv)
{
	bool vfs = false;
	const struct option_def defs[] = {
		{ "vfs", 'v', NULL, "show all VFs, not only those with a vGPU", &vfs, NULL },
	};
	struct common_options common;
	struct openvgpu_types types;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (first < argc)
		return usage_error(cmd, "takes no argument");
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	/* it only adds names; the kernel's own files are what counts */
	if (load_types(&types, NULL, &err))
		memset(&types, 0, sizeof(types));

	if (common.json) {
		print_host_json(&host, &types);
	} else if (!host.n_gpus) {
		puts("No NVIDIA GPU found.");
	} else {
		print_gpus(&host, &types);
		print_instances(&host);
		print_vgpus(&host, &types);
		if (vfs)
			print_vfs(&host);
		print_fits(&host);
		print_refusals(&host);
	}
	openvgpu_types_free(&types);
	openvgpu_host_free(&host);
	return VGPUCTL_OK;
}
