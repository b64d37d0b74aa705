// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl export prometheus: the text format of Prometheus. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

enum family {
	GPU_INFO,
	GPU_READY,
	GPU_FB,
	GPU_FB_USED,
	GPU_VFS,
	GPU_VFS_ENABLED,
	TYPE_AVAILABLE,
	TYPE_MAX,
	VGPU_INFO,
	VGPU_STATE,
	VGPU_FB,
	VGPU_GUEST,
	VGPU_GRAPHICS,
	VGPU_MEMORY,
	VGPU_ENCODER,
	VGPU_DECODER,
	N_FAMILIES
};

/* All are gauges: none of them only grows. */
static const struct {
	const char *name;
	const char *help;
} families[N_FAMILIES] = {
	[GPU_INFO] = { "openvgpu_gpu_info", "What a GPU is, always 1" },
	[GPU_READY] = { "openvgpu_gpu_ready", "1 if the GPU can have vGPUs" },
	[GPU_FB] = { "openvgpu_gpu_framebuffer_bytes", "Framebuffer that vGPUs can share" },
	[GPU_FB_USED] = { "openvgpu_gpu_framebuffer_used_bytes", "Framebuffer that is reserved" },
	[GPU_VFS] = { "openvgpu_gpu_vfs", "VFs that the GPU can have" },
	[GPU_VFS_ENABLED] = { "openvgpu_gpu_vfs_enabled", "VFs that are enabled" },
	[TYPE_AVAILABLE] = { "openvgpu_type_available_instances",
			     "How many more vGPUs of the type could be made" },
	[TYPE_MAX] = { "openvgpu_type_max_instances", "Most vGPUs of the type on the GPU" },
	[VGPU_INFO] = { "openvgpu_vgpu_info", "What a vGPU is, always 1" },
	[VGPU_STATE] = { "openvgpu_vgpu_state", "State of a vGPU, 1 for the one that it is in" },
	[VGPU_FB] = { "openvgpu_vgpu_framebuffer_bytes", "Framebuffer that the vGPU reserves" },
	[VGPU_GUEST] = { "openvgpu_vgpu_guest_loaded", "1 if the guest's driver is loaded" },
	[VGPU_GRAPHICS] = { "openvgpu_vgpu_graphics_ratio",
			    "Use of the engine in the last second, 0 to 1" },
	[VGPU_MEMORY] = { "openvgpu_vgpu_memory_ratio",
			  "Use of memory bandwidth in the last second, 0 to 1" },
	[VGPU_ENCODER] = { "openvgpu_vgpu_encoder_ratio", "Use of the encoder, 0 to 1" },
	[VGPU_DECODER] = { "openvgpu_vgpu_decoder_ratio", "Use of the decoder, 0 to 1" },
};

/* @value is given up; pairs of a label's name and value follow, then NULL. */
static void sample(json_object *const *all, enum family family, json_object *value, ...)
{
	json_object *one = json_object_new_object(), *labels = json_object_new_object();
	const char *name;
	va_list ap;

	va_start(ap, value);
	while ((name = va_arg(ap, const char *)))
		json_add_string(labels, name, va_arg(ap, const char *));
	va_end(ap);
	json_object_object_add(one, "labels", labels);
	json_object_object_add(one, "value", value);
	json_object_array_add(all[family], one);
}

static json_object *number(uint64_t n)
{
	return json_object_new_uint64(n);
}

/* Hundredths of a percent. */
static json_object *ratio(uint64_t n)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 ".%04" PRIu64, n / 10000, n % 10000);
	return json_object_new_double_s((double)n / 10000, text);
}

static void add_gpu(json_object *const *all, const struct openvgpu_gpu *gpu)
{
	const char *a = gpu->address;
	char device[16];
	size_t i;

	snprintf(device, sizeof(device), "10de:%04x", gpu->device);
	sample(all, GPU_INFO, number(1), "gpu", a, "device", device, "driver",
	       gpu->managed ? "openvgpu" : gpu->driver, "firmware", gpu->firmware, "mode",
	       gpu->placement_mode, "scheduler", gpu->scheduler, "mig", gpu->mig ? "on" : "off", NULL);
	sample(all, GPU_READY, number(gpu->managed && !strcmp(gpu->status, "ready")), "gpu", a, NULL);
	if (gpu->framebuffer != OPENVGPU_UNKNOWN)
		sample(all, GPU_FB, number(gpu->framebuffer), "gpu", a, NULL);
	if (gpu->framebuffer_used != OPENVGPU_UNKNOWN)
		sample(all, GPU_FB_USED, number(gpu->framebuffer_used), "gpu", a, NULL);
	sample(all, GPU_VFS, number(gpu->total_vfs), "gpu", a, NULL);
	sample(all, GPU_VFS_ENABLED, number(gpu->num_vfs), "gpu", a, NULL);
	for (i = 0; i < gpu->n_offers; i++) {
		const struct openvgpu_offer *o = &gpu->offers[i];
		char type[24];

		snprintf(type, sizeof(type), "nvidia-%u", o->id);
		if (o->available != OPENVGPU_UNKNOWN)
			sample(all, TYPE_AVAILABLE, number(o->available), "gpu", a, "type", type,
			       "name", o->name, NULL);
		if (o->max_instance != OPENVGPU_UNKNOWN)
			sample(all, TYPE_MAX, number(o->max_instance), "gpu", a, "type", type,
			       "name", o->name, NULL);
	}
}

/* Without netlink neither memory nor use of a vGPU is known. */
static void add_vgpu(json_object *const *all, const struct openvgpu_gpu *gpu, uint32_t id,
		     const char *vgpu, const char *vf, const char *face, const char *state,
		     const struct openvgpu_vgpu *v)
{
	const struct openvgpu_offer *o = openvgpu_offer_by_id(gpu, id);
	const char *a = gpu->address;
	const struct {
		enum family family;
		uint64_t value;
	} uses[] = {
		{ VGPU_GRAPHICS, v ? v->graphics : OPENVGPU_UNKNOWN },
		{ VGPU_MEMORY, v ? v->memory : OPENVGPU_UNKNOWN },
		{ VGPU_ENCODER, v ? v->encoder : OPENVGPU_UNKNOWN },
		{ VGPU_DECODER, v ? v->decoder : OPENVGPU_UNKNOWN },
	};
	char type[24];
	size_t i;

	snprintf(type, sizeof(type), "nvidia-%u", id);
	sample(all, VGPU_INFO, number(1), "vgpu", vgpu, "gpu", a, "vf", vf, "type", type, "name",
	       o ? o->name : v ? v->name : "", "face", face, NULL);
	sample(all, VGPU_STATE, number(1), "vgpu", vgpu, "gpu", a, "state", state, NULL);
	if (!v)
		return;
	if (v->fb_size != OPENVGPU_UNKNOWN)
		sample(all, VGPU_FB, number(v->fb_size), "vgpu", vgpu, "gpu", a, NULL);
	sample(all, VGPU_GUEST, number(v->guest), "vgpu", vgpu, "gpu", a, NULL);
	for (i = 0; i < ARRAY_SIZE(uses); i++)
		if (uses[i].value != OPENVGPU_UNKNOWN)
			sample(all, uses[i].family, ratio(uses[i].value), "vgpu", vgpu, "gpu", a,
			       NULL);
}

static void add_vgpus(json_object *const *all, const struct openvgpu_gpu *gpu)
{
	size_t i;

	for (i = 0; i < gpu->n_mdevs; i++) {
		const struct openvgpu_mdev *m = &gpu->mdevs[i];

		add_vgpu(all, gpu, m->type, m->uuid, m->vf, "mdev", m->state,
			 find_vgpu(gpu, NULL, m->uuid));
	}
	for (i = 0; i < gpu->n_vfs; i++) {
		const struct openvgpu_vf *vf = &gpu->vfs[i];

		if (vf->owner == OPENVGPU_OWNER_VF)
			add_vgpu(all, gpu, vf->type, vf->address, vf->address, "vf", vf->state,
				 find_vgpu(gpu, vf->address, NULL));
	}
}

static void print_label(FILE *f, const char *text)
{
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", f);
		else if (*text == '\\' || *text == '"')
			fprintf(f, "\\%c", *text);
		else
			fputc(*text, f);
}

static void print_family(FILE *f, enum family family, json_object *samples)
{
	size_t i;

	if (!json_object_array_length(samples))
		return;
	fprintf(f, "# HELP %s %s\n# TYPE %s gauge\n", families[family].name, families[family].help,
		families[family].name);
	for (i = 0; i < json_object_array_length(samples); i++) {
		json_object *one = json_object_array_get_idx(samples, i);
		const char *comma = "";

		fprintf(f, "%s{", families[family].name);
		json_object_object_foreach(json_object_object_get(one, "labels"), name, value) {
			fprintf(f, "%s%s=\"", comma, name);
			print_label(f, json_object_get_string(value));
			fputc('"', f);
			comma = ",";
		}
		fprintf(f, "} %s\n", json_object_get_string(json_object_object_get(one, "value")));
	}
}

static char *metrics_text(json_object *const *all, bool json)
{
	json_object *obj, *list, *one;
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	int i;

	if (!f)
		return NULL;
	if (!json) {
		for (i = 0; i < N_FAMILIES; i++)
			print_family(f, (enum family)i, all[i]);
		fclose(f);
		return text;
	}
	obj = json_object_new_object();
	list = json_object_new_array();
	for (i = 0; i < N_FAMILIES; i++) {
		one = json_object_new_object();
		json_add_string(one, "name", families[i].name);
		json_add_string(one, "help", families[i].help);
		json_add_string(one, "type", "gauge");
		json_object_object_add(one, "samples", json_object_get(all[i]));
		json_object_array_add(list, one);
	}
	json_object_object_add(obj, "metrics", list);
	fprintf(f, "%s\n", json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
	fclose(f);
	return text;
}

/* Each once, however often it is named. */
static bool wanted(const struct openvgpu_gpu *gpu, int n, char **texts)
{
	char address[OPENVGPU_ADDRESS_MAX];
	int i;

	for (i = 0; i < n; i++)
		if (openvgpu_pci_address(texts[i], address) && !strcmp(address, gpu->address))
			return true;
	return !n;
}

int cmd_export_prometheus(const struct command *cmd, int argc, char **argv)
{
	char address[OPENVGPU_ADDRESS_MAX];
	json_object *all[N_FAMILIES];
	const char *file = NULL;
	const struct option_def defs[] = {
		{ "file", 'f', "FILE", "where to, instead of standard output", NULL, &file },
	};
	struct common_options common;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first, k;
	char *text = NULL;
	size_t i;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	for (k = 0; k < N_FAMILIES; k++)
		all[k] = json_object_new_array();
	for (k = first; k < argc && status == VGPUCTL_OK; k++)
		if (!find_gpu(&host, argv[k], address))
			status = VGPUCTL_FAILED;
	for (i = 0; i < host.n_gpus && status == VGPUCTL_OK; i++)
		if (wanted(&host.gpus[i], argc - first, argv + first)) {
			add_gpu(all, &host.gpus[i]);
			add_vgpus(all, &host.gpus[i]);
		}
	if (status == VGPUCTL_OK)
		text = metrics_text(all, common.json);
	if (text)
		status = export_text(text, file);
	free(text);
	for (k = 0; k < N_FAMILIES; k++)
		json_object_put(all[k]);
	openvgpu_host_free(&host);
	return status;
}
