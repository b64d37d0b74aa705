// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl map */
#include <stdlib.h>
#include <string.h>

#include "draw.h"

static int map_gpu(const struct openvgpu_gpu *gpu, const char *sysfs,
		   const struct openvgpu_types *types, json_object *list)
{
	const struct openvgpu_board *board = board_of_gpu(types, gpu);
	struct openvgpu_plan_request req = { .types = types, .board = board };
	struct openvgpu_live live;
	struct openvgpu_error err;
	struct openvgpu_plan plan;
	json_object *obj;

	if (!board)
		return VGPUCTL_FAILED;
	if (!*gpu->firmware)
		return fail("%s: %s", gpu->address, gpu->status);
	if (openvgpu_live_read(&live, sysfs, gpu, types, &err))
		return fail("%s", err.text);
	req.build = gpu->firmware;
	req.mode = live.mode;
	req.framebuffer = gpu->framebuffer == OPENVGPU_UNKNOWN ? 0 : gpu->framebuffer;
	req.there = live.there;
	req.n_there = live.n_there;
	req.instances = live.instances;
	req.n_instances = live.n_instances;
	if (openvgpu_plan(&req, &plan, &err)) {
		openvgpu_live_free(&live);
		return fail("%s: %s", gpu->address, err.text);
	}
	if (list) {
		obj = json_object_new_object();
		json_add_string(obj, "gpu", gpu->address);
		json_add_string(obj, "board", board->name);
		json_add_string(obj, "firmware", gpu->firmware);
		json_add_string(obj, "mode", mode_text(live.mode));
		json_add_plan(obj, &plan);
		json_object_array_add(list, obj);
	} else {
		printf("%s  %s, firmware %s, %s, vGPUs: %zu\n", gpu->address, board->name,
		       gpu->firmware, mode_text(live.mode), plan.n_vgpus);
		draw_plan(&plan);
		putchar('\n');
	}
	openvgpu_plan_free(&plan);
	openvgpu_live_free(&live);
	return VGPUCTL_OK;
}

static int map_all(const struct openvgpu_host *host, const char *sysfs,
		   const struct openvgpu_types *types, json_object *list)
{
	int status = VGPUCTL_OK;
	size_t i, n = 0;

	for (i = 0; i < host->n_gpus; i++) {
		if (!host->gpus[i].managed || !*host->gpus[i].firmware)
			continue;
		n++;
		if (map_gpu(&host->gpus[i], sysfs, types, list))
			status = VGPUCTL_FAILED;
	}
	if (!n && !list)
		puts("No GPU that is ready for vGPUs.");
	return status;
}

static int map_some(const struct openvgpu_host *host, char **names, int n, const char *sysfs,
		    const struct openvgpu_types *types, json_object *list)
{
	char address[OPENVGPU_ADDRESS_MAX];
	int status = VGPUCTL_OK, i;

	for (i = 0; i < n; i++) {
		const struct openvgpu_gpu *gpu = find_gpu(host, names[i], address);

		if (!gpu)
			status = VGPUCTL_FAILED;
		else if (!gpu->managed)
			status = fail("%s: %s%s%s", address,
				      *gpu->driver ? "driver is " : "no driver bound", gpu->driver,
				      *gpu->driver ? ", not openvgpu" : "");
		else if (map_gpu(gpu, sysfs, types, list))
			status = VGPUCTL_FAILED;
	}
	return status;
}

int cmd_map(const struct command *cmd, int argc, char **argv)
{
	const char *source = NULL;
	const struct option_def defs[] = {
		{ "source", 's', "FILE", "CSV or XML file with types", NULL, &source },
	};
	struct common_options common;
	struct openvgpu_types types;
	struct openvgpu_host host;
	struct openvgpu_error err;
	json_object *list = NULL;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (load_types(&types, source, &err))
		return fail("%s", err.text);
	if (openvgpu_host_read(&host, common.sysfs, &err)) {
		openvgpu_types_free(&types);
		return fail("%s", err.text);
	}
	if (common.json)
		list = json_object_new_array();
	if (first < argc)
		status = map_some(&host, argv + first, argc - first, common.sysfs, &types, list);
	else
		status = map_all(&host, common.sysfs, &types, list);
	if (list)
		print_json(list);
	openvgpu_host_free(&host);
	openvgpu_types_free(&types);
	return status;
}
