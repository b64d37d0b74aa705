/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libvirt's node devices, by a library that is loaded when it is needed: most commands never
 * need it, and a host may not have it.
 */
#ifndef VGPUCTL_LIBVIRT_H
#define VGPUCTL_LIBVIRT_H

#include <stdbool.h>

struct libvirt;

/* NULL if libvirt is not installed or does not answer. */
struct libvirt *libvirt_open(void);
void libvirt_close(struct libvirt *l);
/*
 * Makes a node device; @persistent: defines it, to be started at boot, and starts it.
 * False after a message of libvirt's.
 */
bool libvirt_create(struct libvirt *l, const char *xml, bool persistent);
/* 1 done, 0 after a message, -1 if libvirt does not know the device. */
int libvirt_destroy(struct libvirt *l, const char *name);

#endif
