// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl show: all that is known of one thing, a line each. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

static void add_text(json_object *obj, const char *key, const char *text)
{
	json_add_string(obj, key, *text ? text : NULL);
}

static void add_group(json_object *obj, int group)
{
	json_add_uint(obj, "iommu_group", group < 0 ? OPENVGPU_UNKNOWN : (uint64_t)group);
}

json_object *vgpu_details(json_object *obj, const struct openvgpu_vgpu *v)
{
	json_add_uint(obj, "placement_id", v->placement);
	json_add_bool(obj, "pinned", v->pinned);
	json_add_uint(obj, "gpu_instance_id", v->instance);
	json_add_uint(obj, "framebuffer_offset_bytes", v->fb_offset);
	json_add_uint(obj, "framebuffer_bytes", v->fb_size);
	json_add_uint(obj, "pid", v->pid);
	add_text(obj, "vm_name", v->vm_name);
	add_text(obj, "params", v->params);
	json_add_bool(obj, "guest_driver", v->guest);
	json_add_uint(obj, "graphics_usage", v->graphics);
	json_add_uint(obj, "memory_usage", v->memory);
	json_add_uint(obj, "encoder_usage", v->encoder);
	json_add_uint(obj, "decoder_usage", v->decoder);
	return obj;
}

static json_object *gpu_object(const struct openvgpu_gpu *gpu)
{
	json_object *obj = json_object_new_object();
	size_t n = gpu->n_mdevs, i;

	for (i = 0; i < gpu->n_vfs; i++)
		n += gpu->vfs[i].owner == OPENVGPU_OWNER_VF;
	json_add_string(obj, "kind", "gpu");
	json_add_string(obj, "address", gpu->address);
	add_text(obj, "driver", gpu->driver);
	add_group(obj, gpu->iommu_group);
	json_add_bool(obj, "managed", gpu->managed);
	add_text(obj, "status", gpu->status);
	add_text(obj, "firmware", gpu->firmware);
	json_add_bool(obj, "mdev", gpu->mdev);
	json_add_uint(obj, "total_vfs", gpu->total_vfs);
	json_add_uint(obj, "num_vfs", gpu->num_vfs);
	json_add_uint(obj, "vgpus", n);
	json_add_uint(obj, "framebuffer_bytes", gpu->framebuffer);
	json_add_uint(obj, "framebuffer_used_bytes", gpu->framebuffer_used);
	add_text(obj, "placement_mode", gpu->placement_mode);
	json_add_bool(obj, "mig", gpu->mig);
	json_add_uint(obj, "gpu_instances", gpu->n_gis);
	add_text(obj, "scheduler", gpu->scheduler);
	json_add_uint(obj, "timeslice_us", gpu->timeslice_us);
	json_add_bool(obj, "scheduler_pending", gpu->scheduler_pending);
	add_text(obj, "last_error", gpu->last_error);
	return obj;
}

static void add_type(json_object *obj, const struct openvgpu_gpu *gpu, uint32_t id)
{
	const struct openvgpu_offer *o = openvgpu_offer_by_id(gpu, id);

	json_add_uint(obj, "type", id ? id : OPENVGPU_UNKNOWN);
	json_add_string(obj, "name", id && o ? o->name : NULL);
}

static json_object *vf_object(const struct openvgpu_gpu *gpu, const struct openvgpu_vf *vf)
{
	static const char *const owners[] = { "none", "vf", "mdev" };
	const struct openvgpu_vgpu *v = find_vgpu(gpu, vf->address, NULL);
	json_object *obj = json_object_new_object();

	json_add_string(obj, "kind", "vf");
	json_add_string(obj, "address", vf->address);
	json_add_string(obj, "gpu", gpu->address);
	json_add_uint(obj, "number", vf->index);
	add_text(obj, "driver", vf->driver);
	add_group(obj, vf->iommu_group);
	json_add_string(obj, "owner", owners[vf->owner]);
	add_text(obj, "uuid", vf->uuid);
	add_type(obj, gpu, v ? v->type : vf->type);
	add_text(obj, "state", vf->state);
	add_text(obj, "last_error", vf->last_error);
	return v ? vgpu_details(obj, v) : obj;
}

static json_object *mdev_object(const struct openvgpu_gpu *gpu, const struct openvgpu_mdev *m)
{
	const struct openvgpu_vgpu *v = find_vgpu(gpu, NULL, m->uuid);
	json_object *obj = json_object_new_object();

	json_add_string(obj, "kind", "mdev");
	json_add_string(obj, "uuid", m->uuid);
	json_add_string(obj, "gpu", gpu->address);
	add_text(obj, "vf", m->vf);
	add_group(obj, m->iommu_group);
	add_type(obj, gpu, m->type);
	add_text(obj, "state", m->state);
	return v ? vgpu_details(obj, v) : obj;
}

static bool ends_with(const char *s, const char *end)
{
	size_t a = strlen(s), b = strlen(end);

	return a >= b && !strcmp(s + a - b, end);
}

/* The same as in JSON, for people. */
static char *plain(const char *key, json_object *value)
{
	uint64_t n;

	if (!value)
		return format("-");
	if (json_object_is_type(value, json_type_boolean))
		return format("%s", json_object_get_boolean(value) ? "yes" : "no");
	if (json_object_is_type(value, json_type_string))
		return format("%s", json_object_get_string(value));
	n = json_object_get_uint64(value);
	if (ends_with(key, "_bytes"))
		return format_bytes(n);
	if (ends_with(key, "_usage"))
		return format("%" PRIu64 ".%02" PRIu64 " %%", n / 100, n % 100);
	return format("%" PRIu64, n);
}

static void print_lines(json_object *obj)
{
	json_object_object_foreach(obj, key, value) {
		char *text = plain(key, value), *name = format("%s", key), *p;

		if (ends_with(name, "_bytes"))
			name[strlen(name) - strlen("_bytes")] = '\0';
		for (p = name; *p; p++)
			if (*p == '_')
				*p = ' ';
		printf("%-20s %s\n", name, text);
		free(name);
		free(text);
	}
	json_object_put(obj);
}

int cmd_show(const struct command *cmd, int argc, char **argv)
{
	char uuid[OPENVGPU_UUID_MAX], address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu = NULL;
	const struct openvgpu_mdev *m;
	const struct openvgpu_vf *vf;
	struct common_options common;
	json_object *obj = NULL;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;
	bool is_uuid;

	first = parse_options(cmd, argc, argv, NULL, 0, &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 1)
		return usage_error(cmd, "give one GPU, VF or vGPU");
	is_uuid = openvgpu_uuid(argv[first], uuid);
	if (!is_uuid && !openvgpu_pci_address(argv[first], address))
		return usage_error(cmd, "'%s' is neither a UUID nor a PCI address", argv[first]);
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	if (is_uuid) {
		m = openvgpu_mdev_by_uuid(&host, uuid, &gpu);
		if (m)
			obj = mdev_object(gpu, m);
	} else {
		vf = openvgpu_vf_by_address(&host, address, &gpu);
		if (vf)
			obj = vf_object(gpu, vf);
		else if ((gpu = openvgpu_gpu_by_address(&host, address)))
			obj = gpu_object(gpu);
	}
	if (!obj)
		status = is_uuid ? fail("there is no vGPU %s", uuid) :
				   fail("%s is not an NVIDIA GPU of this host, nor a VF of one", address);
	else if (common.json)
		print_json(obj);
	else
		print_lines(obj);
	openvgpu_host_free(&host);
	return status;
}
