// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl instances: the MIG GPU instances of a GPU. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/openvgpu-netlink.h"
#include "vgpuctl.h"

json_object *instances_json(const struct openvgpu_gpu *gpu)
{
	json_object *list = json_object_new_array();
	size_t i;

	for (i = 0; i < gpu->n_gis; i++) {
		json_object *obj = json_object_new_object();

		json_add_uint(obj, "id", gpu->gis[i].id);
		json_add_string(obj, "profile", gpu->gis[i].profile);
		json_add_uint(obj, "start", gpu->gis[i].start);
		json_add_uint(obj, "framebuffer_bytes", gpu->gis[i].framebuffer);
		json_add_uint(obj, "vgpus", gpu->gis[i].vgpus);
		json_object_array_add(list, obj);
	}
	return list;
}

static void print_all_json(const struct openvgpu_gpu *gpu)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_add_string(obj, "address", gpu->address);
	json_add_bool(obj, "mig", gpu->mig);
	json_object_object_add(obj, "gpu_instances", instances_json(gpu));
	for (i = 0; i < gpu->n_gi_profiles; i++) {
		json_object *p = json_object_new_object();

		json_add_string(p, "profile", gpu->gi_profiles[i].name);
		json_add_uint(p, "total", gpu->gi_profiles[i].total);
		json_add_uint(p, "available", gpu->gi_profiles[i].available);
		json_object_array_add(list, p);
	}
	json_object_object_add(obj, "profiles", list);
	print_json(obj);
}

static void print_instances(const struct openvgpu_gpu *gpu)
{
	static const char *const columns[] = { ">ID", "PROFILE", ">START", ">MEMORY", ">VGPUS" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t i;

	for (i = 0; i < gpu->n_gis; i++) {
		const struct openvgpu_gi *gi = &gpu->gis[i];
		char *id = format("%u", gi->id);
		char *start = format("%u/8", gi->start);
		char *memory = format_bytes(gi->framebuffer);
		char *vgpus = format("%" PRIu64, gi->vgpus);

		table_row(table, (const char *const[]){ id, gi->profile, start, memory, vgpus });
		free(id);
		free(start);
		free(memory);
		free(vgpus);
	}
	table_print(table, stdout);
	table_free(table);
}

static void print_profiles(const struct openvgpu_gpu *gpu)
{
	static const char *const columns[] = { "PROFILE", ">TOTAL", ">MORE" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t i;

	for (i = 0; i < gpu->n_gi_profiles; i++) {
		char *total = format("%" PRIu64, gpu->gi_profiles[i].total);
		char *more = format("%" PRIu64, gpu->gi_profiles[i].available);

		table_row(table, (const char *const[]){ gpu->gi_profiles[i].name, total, more });
		free(total);
		free(more);
	}
	table_print(table, stdout);
	table_free(table);
}

/* NULL: return with *@status. Arguments behind the GPU begin at *@next. */
static const struct openvgpu_gpu *begin(const struct command *cmd, int argc, char **argv,
					struct common_options *common, struct openvgpu_host *host,
					int *next, int *status)
{
	int first = parse_options(cmd, argc, argv, NULL, 0, common, status);

	if (first < 0)
		return NULL;
	*status = VGPUCTL_USAGE;
	if (first == argc) {
		usage_error(cmd, "which GPU?");
		return NULL;
	}
	*next = first + 1;
	*status = VGPUCTL_FAILED;
	return read_gpu(host, common->sysfs, argv[first]);
}

int cmd_instances_list(const struct command *cmd, int argc, char **argv)
{
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct openvgpu_host host;
	int status, next;

	gpu = begin(cmd, argc, argv, &common, &host, &next, &status);
	if (!gpu)
		return status;
	status = VGPUCTL_OK;
	if (next < argc) {
		status = usage_error(cmd, "takes one GPU");
	} else if (common.json) {
		print_all_json(gpu);
	} else if (!gpu->n_gi_profiles) {
		printf("%s has no MIG.\n", gpu->address);
	} else {
		if (!gpu->mig)
			puts("MIG is off.");
		else
			print_instances(gpu);
		putchar('\n');
		print_profiles(gpu);
	}
	openvgpu_host_free(&host);
	return status;
}

/* Which instance @after has and @before had not; NULL if none. */
static const struct openvgpu_gi *new_one(const struct openvgpu_gpu *before,
					 const struct openvgpu_gpu *after)
{
	size_t i, k;

	for (i = 0; i < after->n_gis; i++) {
		for (k = 0; k < before->n_gis; k++)
			if (before->gis[k].id == after->gis[i].id)
				break;
		if (k == before->n_gis)
			return &after->gis[i];
	}
	return NULL;
}

/* Makes one and tells its id; @host is then as it is afterwards, if it had to be read. */
static int create_one(const char *sysfs, const char *address, const char *profile,
		      struct openvgpu_host *host, uint32_t *id)
{
	const struct openvgpu_gi *gi = NULL;
	struct openvgpu_error err;
	struct openvgpu_host now;
	struct openvgpu_nl *nl;
	struct openvgpu_gi made;
	int ret;

	/* whose answer says which one it became */
	if (!strcmp(sysfs, "/sys") && !openvgpu_nl_open(&nl, &err)) {
		ret = openvgpu_nl_gi_create(nl, address, profile, &made, &err);
		openvgpu_nl_close(nl);
		*id = made.id;
		return ret ? fail("%s", err.text) : VGPUCTL_OK;
	}
	if (openvgpu_gpu_set(sysfs, address, "gpu_instance_create", profile, &err) ||
	    openvgpu_gpus_read(&now, sysfs, address, &err))
		return fail("%s", err.text);
	if (now.n_gpus == 1)
		gi = new_one(openvgpu_gpu_by_address(host, address), &now.gpus[0]);
	if (gi)
		*id = gi->id;
	else
		fail("%s: the new GPU instance is gone again", address);
	openvgpu_host_free(host);
	*host = now;
	return gi ? VGPUCTL_OK : VGPUCTL_FAILED;
}

int cmd_instances_create(const struct command *cmd, int argc, char **argv)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct openvgpu_host host;
	json_object *list;
	int status, next;

	gpu = begin(cmd, argc, argv, &common, &host, &next, &status);
	if (!gpu)
		return status;
	strcpy(address, gpu->address);
	status = next < argc ? VGPUCTL_OK : usage_error(cmd, "which profile?");
	list = json_object_new_array();
	for (; next < argc && status == VGPUCTL_OK; next++) {
		uint32_t id = 0;

		progress("%s: making %s", address, argv[next]);
		status = create_one(common.sysfs, address, argv[next], &host, &id);
		progress(NULL);
		if (status == VGPUCTL_OK) {
			json_object_array_add(list, json_object_new_int64(id));
			if (!common.json)
				printf("%u\n", id);
		}
	}
	if (common.json && status != VGPUCTL_USAGE)
		print_json(json_object_get(list));
	json_object_put(list);
	openvgpu_host_free(&host);
	return status;
}

/* All that can be; an instance in use does not keep the others. */
static int destroy_all(const char *sysfs, const struct openvgpu_gpu *gpu)
{
	int status = VGPUCTL_OK;
	size_t i;

	for (i = 0; i < gpu->n_gis; i++) {
		struct openvgpu_error err;
		char text[16];

		snprintf(text, sizeof(text), "%u", gpu->gis[i].id);
		if (openvgpu_gpu_set(sysfs, gpu->address, "gpu_instance_destroy", text, &err))
			status = fail("%s", err.text);
	}
	return status;
}

int cmd_instances_destroy(const struct command *cmd, int argc, char **argv)
{
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct openvgpu_host host;
	int status, next, i;
	uint64_t id;

	gpu = begin(cmd, argc, argv, &common, &host, &next, &status);
	if (!gpu)
		return status;
	status = next < argc ? VGPUCTL_OK : usage_error(cmd, "which GPU instance?");
	if (argc - next == 1 && !strcmp(argv[next], "all")) {
		status = destroy_all(common.sysfs, gpu);
		next = argc;
	}
	for (i = next; i < argc && status == VGPUCTL_OK; i++)
		if (!parse_number(argv[i], UINT32_MAX, &id))
			status = usage_error(cmd, "'%s' is not the id of a GPU instance", argv[i]);
	for (; next < argc && status != VGPUCTL_USAGE; next++) {
		struct openvgpu_error err;

		if (openvgpu_gpu_set(common.sysfs, gpu->address, "gpu_instance_destroy",
				     argv[next], &err))
			status = fail("%s", err.text);
	}
	openvgpu_host_free(&host);
	return status;
}
