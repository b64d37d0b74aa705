// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the hook writes into sysfs, done to a directory that looks like it: "create" makes an
 * mdev, "remove" removes it. A file NAME.refuse beside a file NAME holds the errno that a
 * write to NAME ends with; ".refuse/NAME" in a GPU's folder is that of NAME in its new mdevs.
 * FAKE_LOG is where each write is noted.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../nodedev-plugin/hook/hook.h"

static int number(const char *path)
{
	FILE *f = fopen(path, "re");
	int n = 0;

	if (f) {
		if (fscanf(f, "%d", &n) != 1)
			n = 0;
		fclose(f);
	}
	return n;
}

static void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (f) {
		fprintf(f, "%s\n", text);
		fclose(f);
	}
}

__attribute__((format(printf, 1, 2)))
static void shell(const char *format, ...)
{
	char command[4 * PATH_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	if (system(command))
		abort();
}

/* @type: folder of the type */
static int create(const char *type, const char *uuid)
{
	char file[PATH_MAX + 64], gpu[PATH_MAX], text[16];
	const char *root = getenv("OPENVGPU_SYSFS");
	int left;

	snprintf(file, sizeof(file), "%s/bus/mdev/devices/%s", root, uuid);
	if (!access(file, F_OK))
		return EEXIST;
	snprintf(file, sizeof(file), "%s/available_instances", type);
	left = number(file);
	if (!left)
		return ENOSPC;
	snprintf(text, sizeof(text), "%d", left - 1);
	put(file, text);
	snprintf(file, sizeof(file), "%s/../..", type);
	if (!realpath(file, gpu))
		return ENODEV;
	shell("set -e; cd '%s'; mkdir -p %s/vgpu %s/nvidia; ln -s ../mdev_supported_types/$(basename '%s') "
	      "%s/mdev_type; echo reserved >%s/vgpu/state; for f in vgpu/vm_name nvidia/vm_name "
	      "nvidia/vgpu_params nvidia/placement_id nvidia/gpu_instance_id; do echo >%s/$f; done; "
	      "if [ -d .refuse ]; then for f in .refuse/*; do cp $f %s/nvidia/${f##*/}.refuse; done; fi",
	      gpu, uuid, uuid, type, uuid, uuid, uuid, uuid);
	shell("ln -s '%s/%s' '%s/bus/mdev/devices/%s'", gpu, uuid, root, uuid);
	return 0;
}

static int mdev_remove(const char *mdev)
{
	char file[PATH_MAX + 64], text[16];

	snprintf(file, sizeof(file), "%s/mdev_type/available_instances", mdev);
	snprintf(text, sizeof(text), "%d", number(file) + 1);
	put(file, text);
	shell("rm -r \"$(readlink -f '%s')\" '%s'", mdev, mdev);
	return 0;
}

int hook_write(const char *path, const char *text)
{
	const char *log = getenv("FAKE_LOG");
	char dir[PATH_MAX], file[PATH_MAX + 64];
	const char *name;
	int err;
	FILE *f;

	snprintf(dir, sizeof(dir), "%s", path);
	name = strrchr(path, '/');
	if (!name)
		return ENOENT;
	name++;
	dirname(dir);
	f = fopen(log, "ae");
	if (f) {
		fprintf(f, "%s %s\n", name, text);
		fclose(f);
	}
	snprintf(file, sizeof(file), "%s.refuse", path);
	err = number(file);
	if (err)
		return err;
	if (!strcmp(name, "create"))
		return create(dir, text);
	if (!strcmp(name, "remove"))
		return mdev_remove(dir);
	if (access(path, F_OK))
		return ENOENT;
	put(path, text);
	return 0;
}
