/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A libvirt as the node-device backend sees it, small enough to be wrong on purpose: a
 * daemon, a library and a node-device module. How it is to behave is in the environment:
 *
 *   FAKE_VERSION   what virGetVersion() says; the private symbols are always 11.3.0's
 *   FAKE_DENY      set: access is denied
 *   FAKE_HIDE      a device that cannot be looked up
 *   FAKE_TWIN      a copy of the module
 */
#ifndef OPENVGPU_FAKE_LIBVIRT_H
#define OPENVGPU_FAKE_LIBVIRT_H

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <stdbool.h>
#include <stddef.h>

struct _virConnect {
	const char *type;
};

struct _virNodeDevice {
	char name[32];
};

/* struct _virNodeDeviceDriver of 11.3; what is not used has no type. */
struct fake_driver {
	const char *name;
	int (*num_devices)(virConnectPtr conn, const char *cap, unsigned int flags);
	int (*list_devices)(virConnectPtr conn, const char *cap, char **const names, int max,
			    unsigned int flags);
	int (*list_all)(virConnectPtr conn, virNodeDevicePtr **devices, unsigned int flags);
	void *events[2];
	virNodeDevicePtr (*lookup)(virConnectPtr conn, const char *name);
	void *by_wwn;
	char *(*xml_desc)(virNodeDevicePtr dev, unsigned int flags);
	void *parent;
	int (*num_caps)(virNodeDevicePtr dev);
	int (*list_caps)(virNodeDevicePtr dev, char **const names, int max);
	virNodeDevicePtr (*create)(virConnectPtr conn, const char *xml, unsigned int flags);
	int (*destroy)(virNodeDevicePtr dev);
	void *more[8];
};

/* private to the real one */
void virReportErrorHelper(int domain, int code, const char *file, const char *function,
			  size_t line, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void virObjectUnref(void *object);
void *virNodeDeviceDefParse(const char *text, const char *file, int create,
			    const char *virt_type, void *callbacks, void *opaque, bool validate);
void virNodeDeviceDefFree(void *def);
int virNodeDeviceCreateXMLEnsureACL(virConnectPtr conn, void *def);
int virSetSharedNodeDeviceDriver(void **table);

/* only here */
virNodeDevicePtr fake_device(const char *name);
/* Devices and definitions that nobody gave back */
int fake_live(void);
const char *fake_error(void);
/* "udev", but not the module's */
extern const char fake_name[];
/* The table that was registered */
void **fake_table(void);

#endif
