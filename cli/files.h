/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Files of the host below a root directory, "/" or what --root names. Paths are given without
 * the leading slash. What is not there reads as nothing.
 */
#ifndef VGPUCTL_FILES_H
#define VGPUCTL_FILES_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct names - names in a directory, sorted, without those that begin with a dot
 * @list: the names
 * @n: their number
 * @error: errno of reading it, 0 if it was read; ENOENT if there is none
 */
struct names {
	char **list;
	size_t n;
	int error;
};

struct names names_read(const char *root, const char *path);
void names_free(struct names *names);
/* Something is there; a link to nothing is not. */
bool file_exists(const char *root, const char *path);
bool file_executable(const char *root, const char *path);
/*
 * A whole file, at most 4 MiB, with a NUL behind it. NULL with errno if it cannot be read;
 * @len may be NULL.
 */
char *file_read(const char *root, const char *path, size_t *len);
/* The first line of it, "" if there is none; to be freed. */
char *file_line(const char *root, const char *path);
/* Last part of where a link points, "" if it is none; to be freed. */
char *file_link(const char *root, const char *path);
/*
 * Writes @path beside itself and puts it in place in one step. With @fresh what is there
 * already is not replaced: EEXIST. An errno, 0 if all went well.
 */
int file_put(const char *path, const void *data, size_t len, unsigned int mode, bool fresh);
/* Makes the directories above @path that are not there; an errno. */
int make_parents(const char *path);

#endif
