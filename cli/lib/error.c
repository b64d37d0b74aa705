// SPDX-License-Identifier: LGPL-2.1-or-later
/* Error texts, and reading and writing a file whole. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* More than a thousand times the real catalogue: whoever sends this is mistaken. */
#define MAX_SOURCE	(UINT64_C(64) << 20)

int ovg_error(struct openvgpu_error *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (err) {
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
	}
	return code;
}

void *ovg_append(void *array_pointer, size_t n, size_t size)
{
	void *array;

	/* a pointer to some struct may not be read as a void pointer */
	memcpy(&array, array_pointer, sizeof(array));
	if (!(n & (n - 1))) {
		array = reallocarray(array, n ? n * 2 : 1, size);
		if (!array)
			return NULL;
		memcpy(array_pointer, &array, sizeof(array));
	}
	return memset((char *)array + n * size, 0, size);
}

int ovg_problem(struct openvgpu_problems *p, bool warning, const char *fmt, ...)
{
	struct openvgpu_problem *one = ovg_append(&p->list, p->n, sizeof(*one));
	va_list ap;

	if (!one)
		return -ENOMEM;
	one->warning = warning;
	va_start(ap, fmt);
	vsnprintf(one->text, sizeof(one->text), fmt, ap);
	va_end(ap);
	p->n++;
	return 0;
}

int ovg_bad_type(struct openvgpu_problems *problems, int ret, const struct openvgpu_error *err)
{
	if (!problems || ret != -EINVAL)
		return ret;
	return ovg_problem(problems, false, "%s", err->text);
}

void openvgpu_problems_free(struct openvgpu_problems *p)
{
	free(p->list);
	memset(p, 0, sizeof(*p));
}

static int read_all(int fd, const char *path, char **text, size_t *len,
		    struct openvgpu_error *err)
{
	size_t have = 0, room = 0;
	char *buf = NULL;

	for (;;) {
		ssize_t n;

		if (room - have < 2) {
			size_t want = room ? room * 2 : 65536;
			char *bigger;

			if (want > MAX_SOURCE * 2) {
				free(buf);
				return ovg_error(err, -EFBIG, "%s: more than %llu MiB", path,
						 (unsigned long long)(MAX_SOURCE / OPENVGPU_MIB));
			}
			bigger = realloc(buf, want);
			if (!bigger) {
				free(buf);
				return ovg_error(err, -ENOMEM, "%s: out of memory", path);
			}
			buf = bigger;
			room = want;
		}
		n = read(fd, buf + have, room - have - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			int code = -errno;

			free(buf);
			return ovg_error(err, code, "%s: %s", path, strerror(-code));
		}
		if (!n)
			break;
		have += (size_t)n;
	}
	buf[have] = '\0';
	*text = buf;
	*len = have;
	return 0;
}

int ovg_read_file(const char *path, char **text, size_t *len, struct openvgpu_error *err)
{
	int fd, ret;

	if (!strcmp(path, "-"))
		return read_all(STDIN_FILENO, "standard input", text, len, err);

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return ovg_error(err, -errno, "%s: %s", path, strerror(errno));
	ret = read_all(fd, path, text, len, err);
	close(fd);
	return ret;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int ovg_replace_file(const char *path, const void *data, size_t len, struct openvgpu_error *err)
{
	char *tmp;
	int fd, ret;

	if (asprintf(&tmp, "%s.XXXXXX", path) < 0)
		return ovg_error(err, -ENOMEM, "out of memory");
	fd = mkostemp(tmp, O_CLOEXEC);
	if (fd < 0) {
		ret = ovg_error(err, -errno, "%s: %s", path, strerror(errno));
		goto out_free;
	}
	ret = write_all(fd, data, len);
	if (!ret && (fchmod(fd, 0644) || fsync(fd)))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && rename(tmp, path))
		ret = -errno;
	if (ret) {
		unlink(tmp);
		ovg_error(err, ret, "%s: %s", path, strerror(-ret));
	}
out_free:
	free(tmp);
	return ret;
}
