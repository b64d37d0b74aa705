// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fake-daemon MODULE HOW [ACTION ARGUMENT]...: loads the module, has it register its table
 * (HOW says what is wrong with it), and says what came of it.
 */
#include "fake.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

static struct _virConnect conn = { "QEMU" };

/* Of the C library otherwise; the second is what it is called in a fortified build. */
void __syslog_chk(int priority, int flag, const char *fmt, ...);

static void log_it(const char *fmt, va_list ap)
{
	printf("log: ");
	vprintf(fmt, ap);
	printf("\n");
}

__attribute__((visibility("default"))) void syslog(int priority, const char *fmt, ...)
{
	va_list ap;

	(void)priority;
	va_start(ap, fmt);
	log_it(fmt, ap);
	va_end(ap);
}

__attribute__((visibility("default"))) void __syslog_chk(int priority, int flag,
							 const char *fmt, ...)
{
	va_list ap;

	(void)priority;
	(void)flag;
	va_start(ap, fmt);
	log_it(fmt, ap);
	va_end(ap);
}

static const char *code(void)
{
	switch (virGetLastErrorCode()) {
	case VIR_ERR_ACCESS_DENIED:
		return "denied";
	case VIR_ERR_CONFIG_UNSUPPORTED:
		return "unsupported";
	case VIR_ERR_NO_NODE_DEVICE:
		return "no device";
	case VIR_ERR_OPERATION_FAILED:
		return "failed";
	case VIR_ERR_XML_ERROR:
		return "XML";
	}
	return "?";
}

static void list(const struct fake_driver *d, unsigned int flags)
{
	virNodeDevicePtr *devices = NULL;
	int n = d->list_all(&conn, &devices, flags), i;

	printf("list %d:", n);
	for (i = 0; i < n; i++) {
		printf(" %s", devices[i]->name);
		virObjectUnref(devices[i]);
	}
	printf("\n");
	free(devices);
}

static void act(const struct fake_driver *d, const char *action, const char *arg)
{
	virNodeDevicePtr dev = fake_device(arg), made;
	char *names[4], *xml;
	int n, i;

	virResetLastError();
	if (!strcmp(action, "create") || !strcmp(action, "validate")) {
		made = d->create(&conn, arg, *action == 'v' ?
				 VIR_NODE_DEVICE_CREATE_XML_VALIDATE : 0);
		printf("created %s\n", made ? made->name : "nothing");
		if (made)
			virObjectUnref(made);
	} else if (!strcmp(action, "destroy")) {
		printf("destroyed %d\n", d->destroy(dev));
	} else if (!strcmp(action, "dumpxml")) {
		xml = d->xml_desc(dev, 0);
		printf("%s\n", xml ? xml : "no XML");
		free(xml);
	} else if (!strcmp(action, "start")) {
		printf("started: ");
		fflush(stdout);
		n = system("echo $(grep -c nodedev-backend /proc/self/maps) of the backend mapped");
		if (n)
			printf("failed\n");
	} else if (!strcmp(action, "list")) {
		list(d, (unsigned int)strtoul(arg, NULL, 0));
	} else if (!strcmp(action, "names")) {
		printf("number %d\n", d->num_devices(&conn, arg, 0));
		n = d->list_devices(&conn, arg, names, 4, 0);
		for (i = 0; i < n; i++) {
			printf("name %s\n", names[i]);
			free(names[i]);
		}
	} else if (!strcmp(action, "caps")) {
		printf("caps %d:", d->num_caps(dev));
		n = d->list_caps(dev, names, 4);
		for (i = 0; i < n; i++) {
			printf(" %s", names[i]);
			free(names[i]);
		}
		n = d->list_caps(dev, names, 1);
		for (i = 0; i < n; i++)
			free(names[i]);
		printf("; of 1: %d\n", n);
	}
	virObjectUnref(dev);
	if (*fake_error())
		printf("%s: %s\n", code(), fake_error());
}

int main(int argc, char **argv)
{
	const char *preload = getenv("LD_PRELOAD");
	int (*enter)(const char *how), i;
	const void *(*table)(void);
	struct fake_driver before, after;
	void *module;

	if (argc < 3)
		return 2;
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("passed on: %s\n", preload ? preload : "nothing");
	module = dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL);
	if (!module) {
		printf("%s\n", dlerror());
		return 2;
	}
	if (!strcmp(argv[2], "elsewhere")) {
		/* a table that is this program's own */
		static struct fake_driver own = { .name = "udev" };

		before = own;
		if (virSetSharedNodeDeviceDriver((void **)&own))
			return 2;
	} else {
		void *symbol = dlsym(module, "nodedevRegister");

		memcpy(&enter, &symbol, sizeof(enter));
		if (enter(argv[2]))
			return 2;
		symbol = dlsym(module, "nodedevBefore");
		memcpy(&table, &symbol, sizeof(table));
		memcpy(&before, table(), sizeof(before));
	}
	memcpy(&after, fake_table(), sizeof(after));
	printf("replaced:");
	for (i = 0; i < (int)(sizeof(after) / sizeof(void *)); i++)
		if (memcmp((char *)&before + i * (int)sizeof(void *),
			   (char *)&after + i * (int)sizeof(void *), sizeof(void *)))
			printf(" %d", i);
	printf("\n");
	for (i = 3; i + 1 < argc; i += 2)
		act(&after, argv[i], argv[i + 1]);
	printf("live %d\n", fake_live());
	return 0;
}
