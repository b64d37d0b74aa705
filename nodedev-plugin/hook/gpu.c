// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Makes and removes vGPUs by sysfs. Never through libvirt, which waits for the hook, nor
 * mdevctl, which would define nothing that we need.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gpu.h"

/* NVA081_VM_NAME_SIZE is 128. */
#define VM_NAME_MAX	127

static const char *sysfs(void)
{
	const char *root = getenv("OPENVGPU_SYSFS");

	return root ? root : "/sys";
}

/* A path below sysfs; one too long names nothing that exists. */
__attribute__((format(printf, 2, 3)))
static const char *at(char path[PATH_MAX], const char *format, ...)
{
	int len = snprintf(path, PATH_MAX, "%s/", sysfs());
	va_list args;

	if (len >= PATH_MAX)
		return "";
	va_start(args, format);
	if (vsnprintf(path + len, (size_t)(PATH_MAX - len), format, args) >= PATH_MAX - len)
		path[0] = '\0';
	va_end(args);
	return path;
}

/* The first line of a file, "" if there is none. */
static const char *line_of(char *buf, size_t size, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

static const char *mdev_line(char *buf, size_t size, const char *uuid, const char *file)
{
	char path[PATH_MAX];

	return line_of(buf, size, at(path, "bus/mdev/devices/%s/%s", uuid, file));
}

static int mdev_write(const char *uuid, const char *file, const char *text)
{
	char path[PATH_MAX];

	return hook_write(at(path, "bus/mdev/devices/%s/%s", uuid, file), text);
}

bool gpu_has_mdev(const char *uuid)
{
	char path[PATH_MAX];

	return !access(at(path, "bus/mdev/devices/%s", uuid), F_OK);
}

bool gpu_mdev_is_ours(const char *uuid)
{
	char path[PATH_MAX];

	return !access(at(path, "bus/mdev/devices/%s/vgpu/state", uuid), F_OK);
}

/* @text is "nvidia-560", the name of the type or its last word. */
static bool is_type(const char *text, const char *id, const char *name)
{
	size_t len = strlen(text), name_len = strlen(name);

	if (!strcmp(text, id) || !strcmp(text, name))
		return true;
	return name_len > len && name[name_len - len - 1] == ' ' &&
	       !strcmp(name + name_len - len, text);
}

bool gpu_mdev_has_type(const char *uuid, const char *type, char id[NAME_MAX + 1])
{
	char path[PATH_MAX], target[PATH_MAX], name[256];
	const char *base;
	ssize_t n;

	n = readlink(at(path, "bus/mdev/devices/%s/mdev_type", uuid), target, sizeof(target) - 1);
	target[n > 0 ? n : 0] = '\0';
	base = strrchr(target, '/');
	snprintf(id, NAME_MAX + 1, "%.*s", NAME_MAX, base ? base + 1 : target);
	return is_type(type, id, mdev_line(name, sizeof(name), uuid, "mdev_type/name"));
}

/*
 * Whether a VM has it. "error" may be said of one that is open and of one that is not; but
 * NVIDIA's vm_name says ours only while it is open.
 */
bool gpu_mdev_is_open(const char *uuid)
{
	char text[256];

	mdev_line(text, sizeof(text), uuid, "vgpu/state");
	if (!strcmp(text, "running") || !strcmp(text, "booting"))
		return true;
	return mdev_line(text, sizeof(text), uuid, "nvidia/vm_name")[0] != '\0';
}

/*
 * @what is a VF with a vGPU. Status and reason are those that opening it would end with; QEMU
 * has no more than the errno of that.
 */
static bool may_start(const char *what, const char *vf, char why[HOOK_WHY_MAX])
{
	char path[PATH_MAX], status[512], state[64];

	line_of(status, sizeof(status), at(path, "bus/pci/devices/%s/physfn/vgpu/status", vf));
	line_of(state, sizeof(state), at(path, "bus/pci/devices/%s/vgpu/state", vf));
	if (!state[0] || !status[0])
		return true;
	if (!strcmp(status, "ready")) {
		if (strcmp(state, "error"))
			return true;
		line_of(status, sizeof(status), at(path, "bus/pci/devices/%s/vgpu/last_error", vf));
	}
	snprintf(why, HOOK_WHY_MAX, "%s cannot start: %s", what,
		 status[0] ? status : "its VF is in error: reset the GPU");
	return false;
}

bool gpu_mdev_may_start(const char *uuid, char why[HOOK_WHY_MAX])
{
	char vf[64], what[64];

	/* One that a VM has is refused by libvirt, which knows whose it is. */
	if (!gpu_mdev_is_ours(uuid) || gpu_mdev_is_open(uuid) ||
	    !mdev_line(vf, sizeof(vf), uuid, "vgpu/vf")[0])
		return true;
	snprintf(what, sizeof(what), "vGPU %s", uuid);
	return may_start(what, vf, why);
}

bool gpu_vf_may_start(const char *address, char why[HOOK_WHY_MAX])
{
	char what[64];

	snprintf(what, sizeof(what), "vGPU on VF %s", address);
	return may_start(what, address, why);
}

/* As much of the name as the driver takes: printable ASCII. */
static void vm_name(char text[VM_NAME_MAX + 1], const char *name)
{
	size_t i;

	for (i = 0; i < VM_NAME_MAX && name[i]; i++)
		text[i] = name[i] >= 0x20 && name[i] <= 0x7e ? name[i] : '?';
	text[i] = '\0';
}

void gpu_mdev_name(const char *uuid, const char *name)
{
	char text[VM_NAME_MAX + 1];

	vm_name(text, name);
	mdev_write(uuid, "vgpu/vm_name", text);
}

void gpu_mdev_unname(const char *uuid, const char *name)
{
	char text[VM_NAME_MAX + 1], now[VM_NAME_MAX + 2];

	vm_name(text, name);
	if (!strcmp(mdev_line(now, sizeof(now), uuid, "vgpu/vm_name"), text))
		mdev_write(uuid, "vgpu/vm_name", "\n");
}

int gpu_mdev_remove(const char *uuid)
{
	return mdev_write(uuid, "remove", "1");
}

/* What the driver of a GPU says of its last refusal, or what the errno says. */
static void refusal(char why[HOOK_WHY_MAX], const char *gpu, const char *what, int err)
{
	char path[PATH_MAX], text[512];

	/* Some errors are mdev core's, and what is there is of another refusal then. */
	text[0] = '\0';
	if (err != EEXIST && err != ENOENT)
		line_of(text, sizeof(text), at(path, "class/mdev_bus/%s/vgpu/last_error", gpu));
	snprintf(why, HOOK_WHY_MAX, "%s: %s%s%s", gpu, what, what[0] ? ": " : "",
		 text[0] ? text : strerror(err));
}

static bool set(const struct hook_vgpu *v, const char *gpu, const char *file, const char *value,
		char why[HOOK_WHY_MAX])
{
	char text[1200];
	int err;

	if (!value)
		return true;
	/* One blank clears; an empty write would not reach the driver. */
	err = mdev_write(v->uuid, file, value[0] ? value : " ");
	if (!err)
		return true;
	snprintf(text, sizeof(text), "%s=%.1024s", strchr(file, '/') + 1, value);
	refusal(why, gpu, text, err);
	return false;
}

/* A place is one in the GPU instance. */
static bool set_all(const struct hook_vgpu *v, const char *gpu, char why[HOOK_WHY_MAX])
{
	return set(v, gpu, "nvidia/vgpu_params", v->params, why) &&
	       set(v, gpu, "nvidia/gpu_instance_id", v->gi, why) &&
	       set(v, gpu, "nvidia/placement_id", v->placement, why);
}

/* The id of a type on a GPU that has it. */
static bool find_type(const char *gpu, const char *type, char id[NAME_MAX + 1])
{
	char path[PATH_MAX], name[256];
	struct dirent *e;
	bool found = false;
	DIR *dir;

	dir = opendir(at(path, "class/mdev_bus/%s/mdev_supported_types", gpu));
	while (dir && !found && (e = readdir(dir))) {
		if (strncmp(e->d_name, "nvidia-", 7))
			continue;
		line_of(name, sizeof(name), at(path, "class/mdev_bus/%s/mdev_supported_types/%s/name",
					       gpu, e->d_name));
		found = is_type(type, e->d_name, name);
		if (found)
			snprintf(id, NAME_MAX + 1, "%s", e->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Makes it on this GPU with all that was wished, or leaves nothing of it. */
static bool make_on(const struct hook_vgpu *v, const char *gpu, const char *id,
		    char why[HOOK_WHY_MAX])
{
	char path[PATH_MAX];
	int err;

	err = hook_write(at(path, "class/mdev_bus/%s/mdev_supported_types/%s/create", gpu, id),
			 v->uuid);
	/* Also if somebody else made it just now: that one is not to be removed. */
	if (err) {
		refusal(why, gpu, "", err);
		return false;
	}
	if (set_all(v, gpu, why))
		return true;
	gpu_mdev_remove(v->uuid);
	return false;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* GPUs that are mdev parents of this driver. */
static int is_gpu(const struct dirent *e)
{
	char path[PATH_MAX];

	return e->d_name[0] != '.' &&
	       !access(at(path, "class/mdev_bus/%s/vgpu/status", e->d_name), F_OK);
}

bool gpu_make(const struct hook_vgpu *v, char why[HOOK_WHY_MAX])
{
	char path[PATH_MAX], text[32], id[NAME_MAX + 1];
	struct dirent **gpus = NULL;
	bool made = false, known = false;
	int i, n, pass;

	n = scandir(at(path, "class/mdev_bus"), &gpus, is_gpu, by_name);
	why[0] = '\0';
	/* Those that are full only if no other will do: then for the reason. */
	for (pass = 0; pass < 2 && !made; pass++)
		for (i = 0; i < n && !made; i++) {
			const char *gpu = gpus[i]->d_name;
			char reason[HOOK_WHY_MAX];
			bool full;

			if ((v->gpu && strcmp(v->gpu, gpu)) || !find_type(gpu, v->type, id))
				continue;
			known = true;
			line_of(text, sizeof(text),
				at(path, "class/mdev_bus/%s/mdev_supported_types/%s/available_instances",
				   gpu, id));
			full = !strcmp(text, "0");
			if (full != (pass == 1))
				continue;
			made = make_on(v, gpu, id, reason);
			if (!made)
				snprintf(why + strlen(why), HOOK_WHY_MAX - strlen(why), "%s%s",
					 why[0] ? "; " : "", reason);
		}
	for (i = 0; i < n; i++)
		free(gpus[i]);
	free(gpus);
	if (!made && !known && v->gpu)
		snprintf(why, HOOK_WHY_MAX, "%s is no GPU that has this type (vgpuctl list shows those "
			 "that are ready)", v->gpu);
	else if (!made && !known)
		snprintf(why, HOOK_WHY_MAX, "no GPU has this type (vgpuctl list shows those that are "
			 "ready)");
	return made;
}
