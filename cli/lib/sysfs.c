// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading and writing sysfs: small files, links and directories. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

#define MAX_FILE	65536

bool ovg_path(char out[OVG_PATH_MAX], const char *dir, const char *name)
{
	int n = snprintf(out, OVG_PATH_MAX, "%s/%s", dir, name);

	return n > 0 && n < OVG_PATH_MAX;
}

/* Bytes read, -1 if the file is not readable. */
static ssize_t read_file(const char *dir, const char *name, char *buf, size_t room)
{
	char path[OVG_PATH_MAX];
	size_t have = 0;
	ssize_t n = 0;
	int fd;

	if (!ovg_path(path, dir, name))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while (have < room) {
		n = read(fd, buf + have, room - have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		have += (size_t)n;
	}
	close(fd);
	return n < 0 ? -1 : (ssize_t)have;
}

bool ovg_sysfs_text(const char *dir, const char *name, char *out, size_t room)
{
	ssize_t n = read_file(dir, name, out, room - 1);
	size_t i;

	if (n < 0) {
		out[0] = '\0';
		return false;
	}
	out[n] = '\0';
	out[strcspn(out, "\n")] = '\0';
	for (i = 0; out[i]; i++)
		if (out[i] < 0x20 || out[i] > 0x7e)
			out[i] = '?';
	return true;
}

char *ovg_sysfs_lines(const char *dir, const char *name)
{
	char *buf = malloc(MAX_FILE + 1);
	ssize_t n;

	if (!buf)
		return NULL;
	n = read_file(dir, name, buf, MAX_FILE);
	if (n < 0) {
		free(buf);
		return NULL;
	}
	buf[n] = '\0';
	return buf;
}

uint64_t ovg_sysfs_number(const char *dir, const char *name)
{
	unsigned long long v;
	char text[32], *end;

	if (!ovg_sysfs_text(dir, name, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return OPENVGPU_UNKNOWN;
	errno = 0;
	v = strtoull(text, &end, text[1] == 'x' ? 16 : 10);
	return errno || *end ? OPENVGPU_UNKNOWN : v;
}

void ovg_sysfs_link(const char *dir, const char *name, char *out, size_t room)
{
	char path[OVG_PATH_MAX], target[PATH_MAX];
	const char *last;
	ssize_t n;

	out[0] = '\0';
	if (!ovg_path(path, dir, name))
		return;
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return;
	target[n] = '\0';
	last = strrchr(target, '/');
	last = last ? last + 1 : target;
	if (strlen(last) < room)
		strcpy(out, last);
}

int ovg_sysfs_group(const char *dir)
{
	char name[16];

	ovg_sysfs_link(dir, "iommu_group", name, sizeof(name));
	if (!*name || strlen(name) > 9 || name[strspn(name, "0123456789")])
		return -1;
	return atoi(name);
}

bool ovg_sysfs_exists(const char *dir, const char *name)
{
	char path[OVG_PATH_MAX];

	return ovg_path(path, dir, name) && !access(path, F_OK);
}

int ovg_sysfs_write(const char *dir, const char *name, const char *text, bool *refused)
{
	char path[OVG_PATH_MAX];
	int fd, ret = 0;
	ssize_t n;

	if (refused)
		*refused = false;
	if (!ovg_path(path, dir, name))
		return -ENAMETOOLONG;
	/* sysfs ignores O_TRUNC; what stands in for it in tests does not */
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		n = write(fd, text, strlen(text));
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		ret = -errno;
		if (refused)
			*refused = true;
	}
	close(fd);
	return ret;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strverscmp(*x, *y);
}

int ovg_names_read(struct ovg_names *names, const char *dir)
{
	struct dirent *e;
	char **slot;
	DIR *d;

	*names = (struct ovg_names){ 0 };
	d = opendir(dir);
	if (!d)
		return -errno;
	while ((e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		slot = ovg_append(&names->list, names->n, sizeof(*slot));
		if (slot)
			*slot = strdup(e->d_name);
		if (!slot || !*slot) {
			closedir(d);
			ovg_names_free(names);
			return -ENOMEM;
		}
		names->n++;
	}
	closedir(d);
	if (names->n)
		qsort(names->list, names->n, sizeof(*names->list), by_name);
	return 0;
}

void ovg_names_free(struct ovg_names *names)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct ovg_names){ 0 };
}
