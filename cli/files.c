// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reading and writing files of the host. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "vgpuctl.h"

#define MAX_FILE	(4u << 20)

static int by_name(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strverscmp(*x, *y);
}

struct names names_read(const char *root, const char *path)
{
	char *dir = format("%s/%s", root, path);
	struct names names = { 0 };
	struct dirent *e;
	DIR *d = opendir(dir);

	free(dir);
	if (!d) {
		names.error = errno;
		return names;
	}
	while ((e = readdir(d))) {
		char **more;

		if (e->d_name[0] == '.')
			continue;
		more = reallocarray(names.list, names.n + 1, sizeof(*more));
		if (!more) {
			names.error = ENOMEM;
			break;
		}
		names.list = more;
		names.list[names.n++] = format("%s", e->d_name);
	}
	closedir(d);
	if (names.n)
		qsort(names.list, names.n, sizeof(*names.list), by_name);
	return names;
}

void names_free(struct names *names)
{
	size_t i;

	for (i = 0; i < names->n; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){ 0 };
}

static bool may(const char *root, const char *path, int mode)
{
	char *full = format("%s/%s", root, path);
	bool yes = !faccessat(AT_FDCWD, full, mode, AT_EACCESS);

	free(full);
	return yes;
}

bool file_exists(const char *root, const char *path)
{
	return may(root, path, F_OK);
}

bool file_executable(const char *root, const char *path)
{
	return may(root, path, X_OK);
}

char *file_read(const char *root, const char *path, size_t *len)
{
	char *full = format("%s/%s", root, path), *buf = NULL, *more;
	size_t have = 0, room = 0;
	ssize_t n = 1;
	int fd = open(full, O_RDONLY | O_CLOEXEC), error = errno;

	free(full);
	if (fd < 0) {
		errno = error;
		return NULL;
	}
	while (n) {
		if (have + 1 >= room) {
			room = room ? room * 2 : 4096;
			more = room > MAX_FILE ? NULL : realloc(buf, room);
			if (!more) {
				error = room > MAX_FILE ? EFBIG : ENOMEM;
				goto failed;
			}
			buf = more;
		}
		n = read(fd, buf + have, room - have - 1);
		if (n < 0 && errno != EINTR) {
			error = errno;
			goto failed;
		}
		have += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	buf[have] = '\0';
	if (len)
		*len = have;
	return buf;

failed:
	close(fd);
	free(buf);
	errno = error;
	return NULL;
}

char *file_line(const char *root, const char *path)
{
	char *text = file_read(root, path, NULL);

	if (!text)
		return format("%s", "");
	text[strcspn(text, "\n")] = '\0';
	return text;
}

char *file_link(const char *root, const char *path)
{
	char *full = format("%s/%s", root, path), target[PATH_MAX];
	ssize_t n = readlink(full, target, sizeof(target) - 1);
	const char *last;

	free(full);
	if (n < 0)
		return format("%s", "");
	target[n] = '\0';
	last = strrchr(target, '/');
	return format("%s", last ? last + 1 : target);
}

int make_parents(const char *path)
{
	char *copy = format("%s", path), *p;
	int ret = 0;

	for (p = strchr(copy + 1, '/'); p && !ret; p = strchr(p + 1, '/')) {
		*p = '\0';
		if (mkdir(copy, 0755) && errno != EEXIST)
			ret = errno;
		*p = '/';
	}
	free(copy);
	return ret;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A name is there for good only when its directory is on the disk. */
static void sync_parent(const char *path)
{
	char *dir = format("%s", path);
	int fd;

	*strrchr(dir, '/') = '\0';
	fd = open(*dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

int file_put(const char *path, const void *data, size_t len, unsigned int mode, bool fresh)
{
	const char *slash = strrchr(path, '/');
	int before = slash ? (int)(slash - path) : 1, ret, fd;
	/* hidden: those who read the whole directory do not see it */
	char *tmp = format("%.*s/.%s.XXXXXX", before, slash ? path : ".", slash ? slash + 1 : path);

	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0) {
		ret = errno;
		goto out;
	}
	ret = write_all(fd, data, len);
	if (!ret && (fchmod(fd, mode) || fsync(fd)))
		ret = errno;
	if (close(fd) && !ret)
		ret = errno;
	if (!ret && (fresh ? link(tmp, path) : rename(tmp, path)))
		ret = errno;
	if (ret || fresh)
		unlink(tmp);
	if (!ret && slash)
		sync_parent(path);
out:
	free(tmp);
	return ret;
}
