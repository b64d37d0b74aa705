/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading and writing sysfs. All functions take a directory and a name below it. A file
 * that is not there reads as nothing: devices may go at any moment.
 */
#ifndef OPENVGPU_SYSFS_H
#define OPENVGPU_SYSFS_H

#include "internal.h"

/* Without the line end; bytes that are not printable ASCII become '?'. False if not readable. */
bool ovg_sysfs_text(const char *dir, const char *name, char *out, size_t room);
/* All of a file, at most 64 KiB; NULL if not readable. */
char *ovg_sysfs_lines(const char *dir, const char *name);
/* Decimal, or hexadecimal with 0x; %OPENVGPU_UNKNOWN if it is neither. */
uint64_t ovg_sysfs_number(const char *dir, const char *name);
/* Last part of where a link points; "" if there is none. */
void ovg_sysfs_link(const char *dir, const char *name, char *out, size_t room);
/* Number of the IOMMU group of a device, -1 without. */
int ovg_sysfs_group(const char *dir);
bool ovg_sysfs_exists(const char *dir, const char *name);
/*
 * One write of the whole text. -errno; @refused, if not NULL, tells whether it was the
 * write itself that failed: then it was the kernel's answer to the text.
 */
int ovg_sysfs_write(const char *dir, const char *name, const char *text, bool *refused);

/* Path in memory of the caller; false if too long. */
#define OVG_PATH_MAX	512
bool ovg_path(char out[OVG_PATH_MAX], const char *dir, const char *name);

/* Names in a directory, sorted; -errno if it cannot be read. */
struct ovg_names {
	char **list;
	size_t n;
};
int ovg_names_read(struct ovg_names *names, const char *dir);
void ovg_names_free(struct ovg_names *names);

#endif
