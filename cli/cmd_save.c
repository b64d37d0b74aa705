// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl save, restore: the settings of GPUs over a reboot. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "vgpuctl.h"

#define SETTINGS	"/etc/openvgpu/settings.json"

/* No file is no settings, which is how every machine begins; but not one that was named. */
static int load(struct openvgpu_settings *s, const char *file, bool named,
		struct openvgpu_error *err)
{
	int ret = openvgpu_settings_load(s, file ? file : SETTINGS, err);

	return ret == -ENOENT && !named ? 0 : ret;
}

static int take(struct openvgpu_settings *s, const struct openvgpu_gpu *gpu)
{
	struct openvgpu_error err;

	if (openvgpu_settings_take(s, gpu, &err))
		return fail("%s", err.text);
	return VGPUCTL_OK;
}

/* A GPU that was named must be one whose settings mean something. */
static int take_named(struct openvgpu_settings *s, const struct openvgpu_host *host,
		      const char *text)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu = find_gpu(host, text, address);

	if (!gpu)
		return VGPUCTL_FAILED;
	if (!gpu->managed)
		return fail("%s: not driven by openvgpu", address);
	if (strcmp(gpu->status, "ready"))
		return fail("%s: %s", address, gpu->status);
	return take(s, gpu);
}

int cmd_save(const struct command *cmd, int argc, char **argv)
{
	const char *file = NULL;
	const struct option_def defs[] = {
		{ "file", 'f', "FILE", "where to (default: " SETTINGS ")", NULL, &file },
	};
	struct common_options common;
	struct openvgpu_settings s;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;
	bool all;
	size_t i;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	all = first == argc;
	if (openvgpu_gpus_read(&host, common.sysfs, NULL, &err))
		return fail("%s", err.text);
	if (load(&s, file, false, &err)) {
		openvgpu_host_free(&host);
		return fail("%s", err.text);
	}
	for (; first < argc && status == VGPUCTL_OK; first++)
		status = take_named(&s, &host, argv[first]);
	for (i = 0; i < host.n_gpus && status == VGPUCTL_OK && all; i++)
		if (host.gpus[i].managed && !strcmp(host.gpus[i].status, "ready"))
			status = take(&s, &host.gpus[i]);
	if (status == VGPUCTL_OK && openvgpu_settings_write(&s, file ? file : SETTINGS, &err))
		status = fail("%s", err.text);
	openvgpu_settings_free(&s);
	openvgpu_host_free(&host);
	return status;
}

/* udev throws away what its programs say. */
static void tell_log(void *ctx, const char *text)
{
	(void)ctx;
	syslog(LOG_ERR, "%s", text);
}

static void tell_user(void *ctx, const char *text)
{
	(void)ctx;
	fail("%s", text);
}

/* VFs, GPU instances: seconds, on a large GPU. */
static int restore_one(const char *sysfs, const struct openvgpu_gpu *gpu,
		       const struct openvgpu_settings *s, openvgpu_tell *tell)
{
	int ret;

	progress("%s: restoring VFs and settings", gpu->address);
	ret = openvgpu_settings_restore(sysfs, gpu, openvgpu_settings_find(s, gpu->address), tell,
					NULL);
	progress(NULL);
	return ret ? VGPUCTL_FAILED : VGPUCTL_OK;
}

static int restore_named(const char *sysfs, const struct openvgpu_host *host, const char *text,
			 const struct openvgpu_settings *s, openvgpu_tell *tell)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu = find_gpu(host, text, address);

	if (!gpu)
		return VGPUCTL_FAILED;
	return restore_one(sysfs, gpu, s, tell);
}

int cmd_restore(const struct command *cmd, int argc, char **argv)
{
	const char *file = NULL;
	bool udev = false;
	const struct option_def defs[] = {
		{ "file", 'f', "FILE", "where from (default: " SETTINGS ")", NULL, &file },
		{ "udev", 0, NULL, "say what went wrong to the system log", &udev, NULL },
	};
	openvgpu_tell *tell;
	struct common_options common;
	struct openvgpu_settings s;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;
	bool all;
	size_t i;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	all = first == argc;
	tell = udev ? tell_log : tell_user;
	if (openvgpu_gpus_read(&host, common.sysfs, NULL, &err)) {
		tell(NULL, err.text);
		return VGPUCTL_FAILED;
	}
	/* with a file that is broken a GPU still gets its VFs */
	if (load(&s, file, file, &err)) {
		tell(NULL, err.text);
		status = VGPUCTL_FAILED;
	}
	for (; first < argc; first++)
		if (restore_named(common.sysfs, &host, argv[first], &s, tell) != VGPUCTL_OK)
			status = VGPUCTL_FAILED;
	for (i = 0; i < host.n_gpus && all; i++) {
		const struct openvgpu_gpu *gpu = &host.gpus[i];

		/* those of other drivers are nobody's mistake, unless settings are there for them */
		if ((gpu->managed && !strcmp(gpu->status, "ready")) ||
		    openvgpu_settings_find(&s, gpu->address))
			if (restore_one(common.sysfs, gpu, &s, tell) != VGPUCTL_OK)
				status = VGPUCTL_FAILED;
	}
	openvgpu_settings_free(&s);
	openvgpu_host_free(&host);
	return status;
}
