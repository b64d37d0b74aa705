// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl mode, mig, scheduler: settings that are one word each. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

/* "pending" is all that the driver says; this is what it means. */
static void remark_pending(const char *sysfs, const char *address)
{
	struct openvgpu_host now;
	struct openvgpu_error err;

	if (openvgpu_gpus_read(&now, sysfs, address, &err))
		return;
	if (now.n_gpus == 1 && now.gpus[0].scheduler_pending)
		remark("%s: the scheduler changes when the firmware starts anew, after a reset "
		       "of the GPU", address);
	openvgpu_host_free(&now);
}

static int set(const char *sysfs, const struct openvgpu_gpu *gpu, const char *file,
	       const char *value)
{
	struct openvgpu_error err;

	if (openvgpu_gpu_set(sysfs, gpu->address, file, value, &err))
		return fail("%s", err.text);
	return VGPUCTL_OK;
}

/*
 * Options and the GPU of a command that takes GPU and perhaps a value. NULL: return with
 * *@status.
 */
static const struct openvgpu_gpu *begin(const struct command *cmd, int argc, char **argv,
					const struct option_def *defs, size_t n_defs,
					struct common_options *common, struct openvgpu_host *host,
					const char **value, int *status)
{
	const struct openvgpu_gpu *gpu;
	int first = parse_options(cmd, argc, argv, defs, n_defs, common, status);

	if (first < 0)
		return NULL;
	*status = VGPUCTL_USAGE;
	if (first == argc) {
		usage_error(cmd, "which GPU?");
		return NULL;
	}
	if (argc - first > 2) {
		usage_error(cmd, "takes a GPU and a value, no more");
		return NULL;
	}
	*value = argc - first == 2 ? argv[first + 1] : NULL;
	*status = VGPUCTL_FAILED;
	gpu = read_gpu(host, common->sysfs, argv[first]);
	return gpu;
}

static int show_word(const struct common_options *common, const struct openvgpu_gpu *gpu,
		     const char *key, const char *word)
{
	json_object *obj;

	if (!*word)
		return fail("%s: this driver has no %s", gpu->address, key);
	if (!common->json) {
		puts(word);
		return VGPUCTL_OK;
	}
	obj = json_object_new_object();
	json_add_string(obj, "address", gpu->address);
	json_add_string(obj, key, word);
	print_json(obj);
	return VGPUCTL_OK;
}

int cmd_mode(const struct command *cmd, int argc, char **argv)
{
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct openvgpu_host host;
	const char *value;
	int status;

	gpu = begin(cmd, argc, argv, NULL, 0, &common, &host, &value, &status);
	if (!gpu)
		return status;
	if (!value)
		status = show_word(&common, gpu, "placement_mode", gpu->placement_mode);
	else if (strcmp(value, "equal") && strcmp(value, "mixed"))
		status = usage_error(cmd, "'%s' is not equal or mixed", value);
	else
		status = set(common.sysfs, gpu, "placement_mode", value);
	openvgpu_host_free(&host);
	return status;
}

int cmd_mig(const struct command *cmd, int argc, char **argv)
{
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct openvgpu_host host;
	const char *value;
	int status;

	gpu = begin(cmd, argc, argv, NULL, 0, &common, &host, &value, &status);
	if (!gpu)
		return status;
	if (!value)
		status = show_word(&common, gpu, "mig", gpu->mig ? "on" : "off");
	else if (strcmp(value, "on") && strcmp(value, "off"))
		status = usage_error(cmd, "'%s' is not on or off", value);
	else
		status = set(common.sysfs, gpu, "mig", strcmp(value, "on") ? "0" : "1");
	openvgpu_host_free(&host);
	return status;
}

static int show_scheduler(const struct common_options *common, const struct openvgpu_gpu *gpu)
{
	if (!*gpu->scheduler)
		return fail("%s: this driver has no scheduler settings", gpu->address);
	if (common->json) {
		json_object *obj = json_object_new_object();

		json_add_string(obj, "address", gpu->address);
		json_add_string(obj, "scheduler", gpu->scheduler);
		json_add_uint(obj, "timeslice_us", gpu->timeslice_us);
		json_add_bool(obj, "pending", gpu->scheduler_pending);
		print_json(obj);
		return VGPUCTL_OK;
	}
	fputs(gpu->scheduler, stdout);
	if (gpu->timeslice_us && gpu->timeslice_us != OPENVGPU_UNKNOWN)
		printf(", time slice %" PRIu64 " us", gpu->timeslice_us);
	puts(gpu->scheduler_pending ? ", pending: the firmware still runs with another" : "");
	return VGPUCTL_OK;
}

static bool is_policy(const char *text)
{
	static const char *const policies[] = { "best_effort", "equal_share", "fixed_share" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(policies); i++)
		if (!strcmp(text, policies[i]))
			return true;
	return false;
}

int cmd_scheduler(const struct command *cmd, int argc, char **argv)
{
	const char *slice = NULL, *value;
	const struct option_def defs[] = {
		{ "timeslice", 't', "US", "length of a time slice: 1000 to 30000, 0 for the firmware's own",
		  NULL, &slice },
	};
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct openvgpu_host host;
	uint64_t us;
	int status;

	gpu = begin(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &host, &value, &status);
	if (!gpu)
		return status;
	if (!value && !slice)
		status = show_scheduler(&common, gpu);
	else if (value && !is_policy(value))
		status = usage_error(cmd, "'%s' is not best_effort, equal_share or fixed_share",
				     value);
	else if (slice && !parse_number(slice, UINT32_MAX, &us))
		status = usage_error(cmd, "'%s' is not a number of microseconds", slice);
	else
		status = value ? set(common.sysfs, gpu, "scheduler", value) : VGPUCTL_OK;
	if (slice && status == VGPUCTL_OK)
		status = set(common.sysfs, gpu, "scheduler_timeslice_us", slice);
	if ((value || slice) && status == VGPUCTL_OK)
		remark_pending(common.sysfs, gpu->address);
	openvgpu_host_free(&host);
	return status;
}
