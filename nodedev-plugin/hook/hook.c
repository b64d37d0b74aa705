// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hook of libvirt's QEMU driver, for /etc/libvirt/hooks/qemu.d:
 *
 *	openvgpu DOMAIN OPERATION SUBOPERATION EXTRA
 *
 * with the domain's XML on standard input. What each operation does is in
 * libvirt-hook-qemu-openvgpu(8). Three rules:
 *
 *   - Nothing goes to standard output: after "migrate" and "restore" it would be the domain.
 *   - What fails at "reconnect" kills a VM that runs; so nothing is done there.
 *   - A vGPU is removed only if a file of ours says that we made it, and before it is made
 *     that file is there: what the hook dies of leaves no vGPU that nobody owns.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gpu.h"

/* A domain of some hundred devices has a tenth of it. */
#define INPUT_MAX	(8 * 1024 * 1024)

static const char *run_dir(void)
{
	const char *dir = getenv("OPENVGPU_RUN");

	return dir ? dir : "/run/openvgpu";
}

static bool mark_path(char path[PATH_MAX], const char *domain, const char *mdev)
{
	return snprintf(path, PATH_MAX, "%s/hook/%s%s%s", run_dir(), domain, mdev[0] ? "/" : "",
			mdev) < PATH_MAX;
}

static bool is_marked(const char *domain, const char *mdev)
{
	char path[PATH_MAX];

	return mark_path(path, domain, mdev) && !access(path, F_OK);
}

/* Makes the folders above a path as well. */
static bool mark(const char *domain, const char *mdev)
{
	char path[PATH_MAX], *slash;
	int fd;

	if (!mark_path(path, domain, mdev))
		return false;
	for (slash = path + strlen(run_dir()); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, slash == path + strlen(run_dir()) ? 0755 : 0700) && errno != EEXIST)
			return false;
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void unmark(const char *domain, const char *mdev)
{
	char path[PATH_MAX];

	if (mark_path(path, domain, mdev))
		unlink(path);
	/* Stays while there are others. */
	if (mark_path(path, domain, ""))
		rmdir(path);
}

/* One vGPU of the metadata. @made: it was made now. */
static bool prepare_one(const struct hook_domain *d, const struct hook_vgpu *v, bool *made)
{
	char why[HOOK_WHY_MAX], id[NAME_MAX + 1];
	int err;

	/* Left over by a hook that broke down or a VM that did not let go. */
	if (is_marked(d->uuid, v->uuid) && gpu_has_mdev(v->uuid) && !gpu_mdev_is_open(v->uuid)) {
		err = gpu_mdev_remove(v->uuid);
		if (err) {
			fprintf(stderr, "cannot make vGPU %s anew: %s\n", v->uuid, strerror(err));
			return false;
		}
	}
	if (gpu_has_mdev(v->uuid)) {
		if (gpu_mdev_has_type(v->uuid, v->type, id))
			return true;
		fprintf(stderr, "vGPU %s exists as %s, and the domain wants it as %s: remove it "
			"(virsh nodedev-destroy) or change the domain's metadata\n",
			v->uuid, id, v->type);
		return false;
	}
	if (!mark(d->uuid, v->uuid)) {
		fprintf(stderr, "vGPU %s (%s): cannot write below %s/hook: %s\n", v->uuid, v->type,
			run_dir(), strerror(errno));
		unmark(d->uuid, v->uuid);
		return false;
	}
	*made = gpu_make(v, why);
	if (!*made) {
		unmark(d->uuid, v->uuid);
		fprintf(stderr, "cannot make vGPU %s (%s): %s\n", v->uuid, v->type, why);
	}
	return *made;
}

static int prepare(const struct hook_domain *d)
{
	bool *made = calloc(d->count ? d->count : 1, sizeof(*made));
	char why[HOOK_WHY_MAX] = "";
	bool ok = made;
	size_t i;

	for (i = 0; i < d->count && ok; i++)
		if (d->vgpus[i].type)
			ok = prepare_one(d, &d->vgpus[i], &made[i]);
	for (i = 0; i < d->count && ok; i++)
		ok = gpu_mdev_may_start(d->vgpus[i].uuid, why);
	for (i = 0; i < d->n_functions && ok && !why[0]; i++)
		ok = gpu_vf_may_start(d->functions[i], why);
	if (why[0])
		fprintf(stderr, "%s\n", why);
	for (i = 0; i < d->count; i++) {
		const char *uuid = d->vgpus[i].uuid;

		if (!ok && made && made[i]) {
			gpu_mdev_remove(uuid);
			unmark(d->uuid, uuid);
		}
		/* Not one that a VM has: libvirt will refuse this domain. */
		if (ok && gpu_mdev_is_ours(uuid) && !gpu_mdev_is_open(uuid))
			gpu_mdev_name(uuid, d->name);
	}
	free(made);
	return ok ? 0 : 1;
}

static void started(const struct hook_domain *d)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (gpu_mdev_is_ours(d->vgpus[i].uuid))
			gpu_mdev_name(d->vgpus[i].uuid, d->name);
}

/*
 * By the marks and not by the XML, which may have changed while the VM ran. One that is still
 * open keeps its mark, and the next start of the domain finds it as ours.
 */
static void release(const struct hook_domain *d)
{
	char path[PATH_MAX], uuid[HOOK_UUID_MAX];
	struct dirent *e;
	DIR *dir = NULL;
	size_t i;
	int err;

	if (mark_path(path, d->uuid, ""))
		dir = opendir(path);
	while (dir && (e = readdir(dir))) {
		if (!hook_uuid(e->d_name, uuid))
			continue;
		if (gpu_has_mdev(uuid)) {
			if (gpu_mdev_is_open(uuid)) {
				fprintf(stderr, "vGPU %s is still in use and stays\n", uuid);
				continue;
			}
			err = gpu_mdev_remove(uuid);
			if (err) {
				fprintf(stderr, "cannot remove vGPU %s: %s\n", uuid, strerror(err));
				continue;
			}
		}
		unmark(d->uuid, uuid);
	}
	if (dir)
		closedir(dir);
	for (i = 0; i < d->count; i++)
		if (gpu_mdev_is_ours(d->vgpus[i].uuid) && !gpu_mdev_is_open(d->vgpus[i].uuid))
			gpu_mdev_unname(d->vgpus[i].uuid, d->name);
}

/* All of standard input, whether it is wanted or not: libvirt writes it all. */
static char *input(size_t *len)
{
	char *text = NULL, *more, waste[4096];
	size_t room = 0;
	ssize_t n;

	*len = 0;
	for (;;) {
		if (*len == room && room < INPUT_MAX) {
			room = room ? 2 * room : 64 * 1024;
			more = realloc(text, room);
			if (!more)
				break;
			text = more;
		}
		if (*len < room)
			n = read(STDIN_FILENO, text + *len, room - *len);
		else
			n = read(STDIN_FILENO, waste, sizeof(waste));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return text;
		if (*len < room)
			*len += (size_t)n;
	}
	free(text);
	return NULL;
}

int main(int argc, char **argv)
{
	const char *op = argc > 2 ? argv[2] : "", *sub = argc > 3 ? argv[3] : "";
	bool is_prepare = !strcmp(op, "prepare") && !strcmp(sub, "begin");
	bool is_started = !strcmp(op, "started") && !strcmp(sub, "begin");
	bool is_release = !strcmp(op, "release") && !strcmp(sub, "end");
	char why[HOOK_WHY_MAX] = "out of memory";
	struct hook_domain d = { .name = NULL };
	size_t len;
	char *xml;
	int status = 0;

	xml = input(&len);
	if (!is_prepare && !is_started && !is_release) {
		free(xml);
		return 0;
	}
	if (!xml || !hook_domain_read(&d, xml, len, why)) {
		fprintf(stderr, "%s\n", why);
		/* Metadata may have been spoilt while the VM ran; what is ours goes all the same. */
		status = is_prepare;
		if (is_release && d.uuid[0])
			release(&d);
	} else if (is_prepare) {
		status = prepare(&d);
	} else if (is_started) {
		started(&d);
	} else {
		release(&d);
	}
	hook_domain_free(&d);
	free(xml);
	return status;
}
