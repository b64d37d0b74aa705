// SPDX-License-Identifier: LGPL-2.1-or-later
/* libvirt_driver_nodedev.so; "original" in the output is a call that came through to it. */
#include "fake.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_MAX	65536
#define GPU		"pci_0001_00_00_0"
#define OTHER		"pci_0000_00_1f_0"

int nodeNumOfDevices(virConnectPtr conn, const char *cap, unsigned int flags);
int nodeListDevices(virConnectPtr conn, const char *cap, char **const names, int max,
		    unsigned int flags);
int nodeConnectListAllNodeDevices(virConnectPtr conn, virNodeDevicePtr **devices,
				  unsigned int flags);
virNodeDevicePtr nodeDeviceLookupByName(virConnectPtr conn, const char *name);
char *nodeDeviceGetXMLDesc(virNodeDevicePtr dev, unsigned int flags);
int nodeDeviceNumOfCaps(virNodeDevicePtr dev);
int nodeDeviceListCaps(virNodeDevicePtr dev, char **const names, int max);
virNodeDevicePtr nodeDeviceCreateXML(virConnectPtr conn, const char *xml, unsigned int flags);
int nodeDeviceDestroy(virNodeDevicePtr dev);
int nodedevRegister(const char *how);
const void *nodedevBefore(void);

int nodeNumOfDevices(virConnectPtr conn, const char *cap, unsigned int flags)
{
	(void)conn;
	printf("original num_devices %s %u\n", cap ? cap : "all", flags);
	return 2;
}

int nodeListDevices(virConnectPtr conn, const char *cap, char **const names, int max,
		    unsigned int flags)
{
	(void)conn;
	(void)names;
	printf("original list_devices %s %d %u\n", cap ? cap : "all", max, flags);
	return 0;
}

int nodeConnectListAllNodeDevices(virConnectPtr conn, virNodeDevicePtr **devices,
				  unsigned int flags)
{
	int n = flags & VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV ? 2 : 0;

	(void)conn;
	if (getenv("FAKE_DENY")) {
		virReportErrorHelper(0, VIR_ERR_ACCESS_DENIED, "", "", 0, "access denied");
		return -1;
	}
	if (!devices)
		return n;
	*devices = calloc((size_t)n + 1, sizeof(**devices));
	if (n) {
		(*devices)[0] = fake_device(OTHER);
		(*devices)[1] = fake_device(GPU);
	}
	return n;
}

virNodeDevicePtr nodeDeviceLookupByName(virConnectPtr conn, const char *name)
{
	const char *hide = getenv("FAKE_HIDE");

	(void)conn;
	if (!hide || strcmp(hide, name))
		return fake_device(name);
	virReportErrorHelper(0, VIR_ERR_NO_NODE_DEVICE, "", "", 0, "no node device %s", name);
	return NULL;
}

char *nodeDeviceGetXMLDesc(virNodeDevicePtr dev, unsigned int flags)
{
	char *xml = NULL;

	(void)flags;
	if (getenv("FAKE_DENY") ||
	    asprintf(&xml, "<device>\n  <name>%s</name>\n  <capability type='pci'>\n"
		     "  </capability>\n</device>\n", dev->name) < 0)
		return NULL;
	return xml;
}

int nodeDeviceNumOfCaps(virNodeDevicePtr dev)
{
	(void)dev;
	return 1;
}

int nodeDeviceListCaps(virNodeDevicePtr dev, char **const names, int max)
{
	(void)dev;
	if (!max)
		return 0;
	names[0] = strdup("pci");
	return 1;
}

virNodeDevicePtr nodeDeviceCreateXML(virConnectPtr conn, const char *xml, unsigned int flags)
{
	(void)conn;
	printf("original create %zu %u\n", strlen(xml), flags);
	virReportErrorHelper(0, VIR_ERR_XML_ERROR, "", "", 0, "original create");
	return NULL;
}

int nodeDeviceDestroy(virNodeDevicePtr dev)
{
	printf("original destroy %s\n", dev->name);
	if (getenv("FAKE_DENY"))
		virReportErrorHelper(0, VIR_ERR_ACCESS_DENIED, "", "", 0, "access denied");
	else
		virReportErrorHelper(0, VIR_ERR_CONFIG_UNSUPPORTED, "", "", 0,
				     "Unsupported device type");
	return -1;
}

/* What no row of the backend uses. */
static int unused(void)
{
	return -1;
}

static const struct fake_driver driver = {
	.name = "udev",
	.num_devices = nodeNumOfDevices,
	.list_devices = nodeListDevices,
	.list_all = nodeConnectListAllNodeDevices,
	.lookup = nodeDeviceLookupByName,
	.xml_desc = nodeDeviceGetXMLDesc,
	.num_caps = nodeDeviceNumOfCaps,
	.list_caps = nodeDeviceListCaps,
	.create = nodeDeviceCreateXML,
	.destroy = nodeDeviceDestroy,
};

/* Over the border of two pages, so that one may be read-only. */
static char pages[2 * PAGE_MAX] __attribute__((aligned(PAGE_MAX)));

/* What it registers, to compare with afterwards. */
static struct fake_driver before;

const void *nodedevBefore(void)
{
	return &before;
}

int nodedevRegister(const char *how)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	void **table = (void **)(void *)(pages + page - offsetof(struct fake_driver, create));
	struct fake_driver d = driver;
	virNodeDevicePtr (*swap)(virConnectPtr, const char *, unsigned int) = d.create;

	if (!strcmp(how, "another name"))
		d.name = "hal";
	if (!strcmp(how, "a name outside"))
		d.name = fake_name;
	if (!strcmp(how, "another order")) {
		memcpy(&d.create, &d.destroy, sizeof(d.create));
		memcpy(&d.destroy, &swap, sizeof(d.destroy));
	}
	if (!strcmp(how, "a function inside")) {
		int (*f)(void) = unused;

		memcpy(&d.xml_desc, &f, sizeof(d.xml_desc));
	}
	if (!strcmp(how, "a function outside")) {
		/* of the very name, in a copy of this module */
		void *twin = dlopen(getenv("FAKE_TWIN"), RTLD_NOW | RTLD_LOCAL);
		void *f = twin ? dlsym(twin, "nodeDeviceGetXMLDesc") : NULL;

		if (!f)
			return -1;
		memcpy(&d.xml_desc, &f, sizeof(d.xml_desc));
	}
	if (!strcmp(how, "nothing"))
		d.list_caps = NULL;
	before = d;
	memcpy(table, &d, sizeof(d));
	if (!strcmp(how, "read-only") && mprotect(pages, 2 * page, PROT_READ))
		return -1;
	if (!strcmp(how, "half read-only") && mprotect(pages + page, page, PROT_READ))
		return -1;
	return virSetSharedNodeDeviceDriver(table);
}
