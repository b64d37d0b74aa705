// SPDX-License-Identifier: LGPL-2.1-or-later
#include "fake.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char fake_name[] = "udev";

static int error_code, live;
static char error_text[1024];
static void **registered;

int virGetVersion(unsigned long *lib, const char *type, unsigned long *type_version)
{
	const char *version = getenv("FAKE_VERSION");

	(void)type;
	(void)type_version;
	*lib = version ? strtoul(version, NULL, 10) : 11003000;
	return 0;
}

const char *virConnectGetType(virConnectPtr conn)
{
	return conn->type;
}

const char *virNodeDeviceGetName(virNodeDevicePtr dev)
{
	return dev->name;
}

int virGetLastErrorCode(void)
{
	return error_code;
}

void virResetLastError(void)
{
	error_code = 0;
	error_text[0] = '\0';
}

void virReportErrorHelper(int domain, int code, const char *file, const char *function,
			  size_t line, const char *fmt, ...)
{
	va_list ap;

	(void)domain;
	(void)file;
	(void)function;
	(void)line;
	error_code = code;
	va_start(ap, fmt);
	vsnprintf(error_text, sizeof(error_text), fmt, ap);
	va_end(ap);
}

void virObjectUnref(void *object)
{
	live--;
	free(object);
}

/* As the driver itself calls it: with the type of the connection. */
void *virNodeDeviceDefParse(const char *text, const char *file, int create,
			    const char *virt_type, void *callbacks, void *opaque, bool validate)
{
	(void)file;
	(void)callbacks;
	(void)opaque;
	if (!virt_type || strcmp(virt_type, "QEMU") || create != 1 || !strstr(text, "<device>")) {
		virReportErrorHelper(0, VIR_ERR_XML_ERROR, "", "", 0, "type '%s', create %d",
				     virt_type ? virt_type : "(none)", create);
		return NULL;
	}
	if (validate)
		puts("validated");
	live++;
	return malloc(1);
}

void virNodeDeviceDefFree(void *def)
{
	live--;
	free(def);
}

int virNodeDeviceCreateXMLEnsureACL(virConnectPtr conn, void *def)
{
	(void)conn;
	if (def && !getenv("FAKE_DENY"))
		return 0;
	virReportErrorHelper(0, VIR_ERR_ACCESS_DENIED, "", "", 0, "access denied");
	return -1;
}

int virSetSharedNodeDeviceDriver(void **table)
{
	registered = table;
	return 0;
}

virNodeDevicePtr fake_device(const char *name)
{
	virNodeDevicePtr dev = calloc(1, sizeof(*dev));

	snprintf(dev->name, sizeof(dev->name), "%s", name);
	live++;
	return dev;
}

int fake_live(void)
{
	return live;
}

const char *fake_error(void)
{
	return error_text;
}

void **fake_table(void)
{
	return registered;
}
