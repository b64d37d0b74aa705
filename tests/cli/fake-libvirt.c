// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A libvirt.so.0 for cases-libvirt. $FAKE_LOG gets a line a call. What a call answers is the
 * next letter of $FAKE_START, $FAKE_AUTOSTART, $FAKE_UNDEFINE: n that there is no such device,
 * e another error, and that it is done when there is none left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* of libvirt/virterror.h */
#define INTERNAL_ERROR	1
#define NO_NODE_DEVICE	53

static int code;
static char connection, device;

static void note(const char *call)
{
	FILE *f = fopen(getenv("FAKE_LOG"), "ae");

	if (!f)
		abort();
	fprintf(f, "%s\n", call);
	fclose(f);
}

static int answer(const char *call, const char *variable, size_t *used)
{
	const char *script = getenv(variable);

	note(call);
	if (!script || *used >= strlen(script))
		return 0;
	code = script[(*used)++] == 'n' ? NO_NODE_DEVICE : INTERNAL_ERROR;
	return -1;
}

void virSetErrorFunc(void *data, void (*handler)(void *data, void *error));
void virSetErrorFunc(void *data, void (*handler)(void *data, void *error))
{
	(void)data;
	(void)handler;
}

const char *virGetLastErrorMessage(void);
const char *virGetLastErrorMessage(void)
{
	return code == NO_NODE_DEVICE ? "no such device" : "out of luck";
}

int virGetLastErrorCode(void);
int virGetLastErrorCode(void)
{
	return code;
}

void *virConnectOpen(const char *uri);
void *virConnectOpen(const char *uri)
{
	(void)uri;
	return &connection;
}

int virConnectClose(void *c);
int virConnectClose(void *c)
{
	(void)c;
	return 0;
}

void *virNodeDeviceLookupByName(void *c, const char *name);
void *virNodeDeviceLookupByName(void *c, const char *name)
{
	(void)c;
	(void)name;
	return &device;
}

void *virNodeDeviceCreateXML(void *c, const char *xml, unsigned int flags);
void *virNodeDeviceCreateXML(void *c, const char *xml, unsigned int flags)
{
	(void)c;
	(void)xml;
	(void)flags;
	note("create");
	return &device;
}

void *virNodeDeviceDefineXML(void *c, const char *xml, unsigned int flags);
void *virNodeDeviceDefineXML(void *c, const char *xml, unsigned int flags)
{
	(void)c;
	(void)xml;
	(void)flags;
	note("define");
	return &device;
}

int virNodeDeviceSetAutostart(void *d, int on);
int virNodeDeviceSetAutostart(void *d, int on)
{
	static size_t used;

	(void)d;
	(void)on;
	return answer("autostart", "FAKE_AUTOSTART", &used);
}

int virNodeDeviceCreate(void *d, unsigned int flags);
int virNodeDeviceCreate(void *d, unsigned int flags)
{
	static size_t used;

	(void)d;
	(void)flags;
	return answer("start", "FAKE_START", &used);
}

int virNodeDeviceUndefine(void *d, unsigned int flags);
int virNodeDeviceUndefine(void *d, unsigned int flags)
{
	static size_t used;

	(void)d;
	(void)flags;
	return answer("undefine", "FAKE_UNDEFINE", &used);
}

int virNodeDeviceDestroy(void *d);
int virNodeDeviceDestroy(void *d)
{
	(void)d;
	note("destroy");
	return 0;
}

int virNodeDeviceFree(void *d);
int virNodeDeviceFree(void *d)
{
	(void)d;
	return 0;
}
