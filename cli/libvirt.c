// SPDX-License-Identifier: LGPL-2.1-or-later
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "libvirt.h"
#include "vgpuctl.h"

/* libvirt's own types, of which pointers are enough. */
typedef void *conn;
typedef void *device;

/**
 * struct libvirt - libvirt, loaded and connected
 * @lib: the library
 * @c: connection to the system's daemon
 *
 * The others are its functions of that name; virNodeDeviceIsActive, which came with 7.8, may
 * be missing.
 */
struct libvirt {
	void *lib;
	conn c;
	void (*virSetErrorFunc)(void *data, void (*handler)(void *data, void *error));
	const char *(*virGetLastErrorMessage)(void);
	int (*virGetLastErrorCode)(void);
	conn (*virConnectOpen)(const char *uri);
	int (*virConnectClose)(conn c);
	device (*virNodeDeviceLookupByName)(conn c, const char *name);
	device (*virNodeDeviceCreateXML)(conn c, const char *xml, unsigned int flags);
	device (*virNodeDeviceDefineXML)(conn c, const char *xml, unsigned int flags);
	int (*virNodeDeviceSetAutostart)(device d, int on);
	int (*virNodeDeviceCreate)(device d, unsigned int flags);
	int (*virNodeDeviceUndefine)(device d, unsigned int flags);
	int (*virNodeDeviceDestroy)(device d);
	int (*virNodeDeviceIsActive)(device d);
	int (*virNodeDeviceFree)(device d);
};

/* Messages are told here, once, and not by libvirt beside it. */
static void quiet(void *data, void *error)
{
	(void)data;
	(void)error;
}

static bool symbol(struct libvirt *l, const char *name, void *where)
{
	void *s = dlsym(l->lib, name);

	memcpy(where, &s, sizeof(s));
	return s;
}
#define SYMBOL(l, name)	symbol(l, #name, &(l)->name)

static bool load(struct libvirt *l)
{
	l->lib = dlopen("libvirt.so.0", RTLD_NOW | RTLD_LOCAL);
	if (l->lib)
		(void)SYMBOL(l, virNodeDeviceIsActive);
	return l->lib && SYMBOL(l, virSetErrorFunc) && SYMBOL(l, virGetLastErrorMessage) &&
	       SYMBOL(l, virGetLastErrorCode) && SYMBOL(l, virConnectOpen) &&
	       SYMBOL(l, virConnectClose) && SYMBOL(l, virNodeDeviceLookupByName) &&
	       SYMBOL(l, virNodeDeviceCreateXML) && SYMBOL(l, virNodeDeviceDefineXML) &&
	       SYMBOL(l, virNodeDeviceSetAutostart) &&
	       SYMBOL(l, virNodeDeviceCreate) && SYMBOL(l, virNodeDeviceUndefine) &&
	       SYMBOL(l, virNodeDeviceDestroy) && SYMBOL(l, virNodeDeviceFree);
}

struct libvirt *libvirt_open(void)
{
	struct libvirt *l = calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	if (load(l)) {
		l->virSetErrorFunc(NULL, quiet);
		l->c = l->virConnectOpen("qemu:///system");
	}
	if (!l->c) {
		libvirt_close(l);
		return NULL;
	}
	return l;
}

void libvirt_close(struct libvirt *l)
{
	if (!l)
		return;
	if (l->c)
		l->virConnectClose(l->c);
	/* not unloaded: it has threads and exit handlers of its own */
	free(l);
}

/* VIR_ERR_NO_NODE_DEVICE of libvirt/virterror.h */
#define NO_NODE_DEVICE	53
/* Ten seconds, for a listing by mdevctl that a busy host is slow with. */
#define TRIES		100
#define TRY_NS		100000000

enum step { START, AUTOSTART, UNDEFINE };

/*
 * libvirt looks at mdevctl's list after each event. If it asked for that list before a device
 * was defined and reads it afterwards it forgets the device, until it looks again, which it
 * does after the definition. Seen with 12.8.
 */
static int patiently(struct libvirt *l, device d, enum step step)
{
	const struct timespec pause = { .tv_nsec = TRY_NS };
	int tries, ret;

	for (tries = 0; ; tries++) {
		ret = step == START ? l->virNodeDeviceCreate(d, 0) :
		      step == AUTOSTART ? l->virNodeDeviceSetAutostart(d, 1) :
		      l->virNodeDeviceUndefine(d, 0);
		if (!ret || l->virGetLastErrorCode() != NO_NODE_DEVICE || tries == TRIES)
			return ret;
		nanosleep(&pause, NULL);
	}
}

static bool define_and_start(struct libvirt *l, const char *xml)
{
	device d = l->virNodeDeviceDefineXML(l->c, xml, 0);
	bool started, ok;

	if (!d) {
		fail("libvirt: %s", l->virGetLastErrorMessage());
		return false;
	}
	started = !patiently(l, d, START);
	ok = started && !patiently(l, d, AUTOSTART);
	if (!ok) {
		fail("libvirt: %s", l->virGetLastErrorMessage());
		/* half of it is not what was asked for; one that ran before is not ours */
		if (started)
			l->virNodeDeviceDestroy(d);
		if (patiently(l, d, UNDEFINE))
			fail("its definition stays, undefine it with mdevctl: %s",
			     l->virGetLastErrorMessage());
	}
	l->virNodeDeviceFree(d);
	return ok;
}

bool libvirt_create(struct libvirt *l, const char *xml, bool persistent)
{
	device d;

	if (persistent)
		return define_and_start(l, xml);
	d = l->virNodeDeviceCreateXML(l->c, xml, 0);
	if (!d) {
		fail("libvirt: %s", l->virGetLastErrorMessage());
		return false;
	}
	l->virNodeDeviceFree(d);
	return true;
}

int libvirt_destroy(struct libvirt *l, const char *name)
{
	device d = l->virNodeDeviceLookupByName(l->c, name);
	int ret;

	if (!d)
		return -1;
	/* it is there, or we were not asked: libvirt has not heard of its start yet */
	if (l->virNodeDeviceIsActive && !l->virNodeDeviceIsActive(d)) {
		l->virNodeDeviceFree(d);
		return -1;
	}
	ret = l->virNodeDeviceDestroy(d);
	if (ret)
		fail("libvirt: %s", l->virGetLastErrorMessage());
	l->virNodeDeviceFree(d);
	return !ret;
}
