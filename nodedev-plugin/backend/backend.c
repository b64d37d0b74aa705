// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * nodedev-backend.so: vGPUs of VFs as libvirt's node devices. Preloaded into libvirtd or
 * virtnodedevd, it gets hold of the table of the node-device driver when that registers
 * itself, and answers for GPUs with VF files only; everything else goes to the functions
 * that were there. docs/backend.md says what may go wrong.
 *
 * What is private in libvirt is used by three rules: only in versions where it was looked
 * at, only by symbols that carry that very version, and only as pointers without a look
 * inside. If anything is not as expected, nothing is touched.
 */
#include "backend.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#ifndef SYSFS
#define SYSFS		"/sys"
#endif
#define OBJECT		"nodedev-backend.so"
#define MODULE		"libvirt_driver_nodedev.so"
/* The bits of virConnectListAllNodeDevicesFlags above are no capabilities. */
#define CAPABILITIES	0x0fffffffu
/* Of virNodeDeviceDefParse(), as the driver itself passes them. */
#define CREATE_DEVICE	1

/* Members of the driver's table, in the order of SLOTS. */
enum slot {
	NUM_DEVICES,
	LIST_DEVICES,
	LIST_ALL,
	LOOKUP,
	XML_DESC,
	NUM_CAPS,
	LIST_CAPS,
	CREATE,
	DESTROY,
	SLOTS,
};

/* The names under which the module of each version exports them. */
static const char *const slot_names[SLOTS] = {
	[NUM_DEVICES] = "nodeNumOfDevices",
	[LIST_DEVICES] = "nodeListDevices",
	[LIST_ALL] = "nodeConnectListAllNodeDevices",
	[LOOKUP] = "nodeDeviceLookupByName",
	[XML_DESC] = "nodeDeviceGetXMLDesc",
	[NUM_CAPS] = "nodeDeviceNumOfCaps",
	[LIST_CAPS] = "nodeDeviceListCaps",
	[CREATE] = "nodeDeviceCreateXML",
	[DESTROY] = "nodeDeviceDestroy",
};

/*
 * Versions of libvirt in which this was tested, and where in struct _virNodeDeviceDriver the
 * members are, the name being number 0. Source of the numbers: the relocations of the table
 * in the module that Debian ships (package below), which name the function in each place;
 * docs/backend.md has them all.
 */
static const struct version {
	unsigned long number;
	const char *symbols;
	unsigned int at[SLOTS];
} versions[] = {
	{ /* Debian 12: libvirt-daemon 9.0.0-4+deb12u2 */
		9000000, "LIBVIRT_PRIVATE_9.0.0",
		{ [NUM_DEVICES] = 1, [LIST_DEVICES] = 2, [LIST_ALL] = 3, [LOOKUP] = 6,
		  [XML_DESC] = 8, [NUM_CAPS] = 10, [LIST_CAPS] = 11, [CREATE] = 12,
		  [DESTROY] = 13 },
	},
	{ /* Debian 13: libvirt-daemon-driver-nodedev 11.3.0-3+deb13u3 */
		11003000, "LIBVIRT_PRIVATE_11.3.0",
		{ [NUM_DEVICES] = 1, [LIST_DEVICES] = 2, [LIST_ALL] = 3, [LOOKUP] = 6,
		  [XML_DESC] = 8, [NUM_CAPS] = 10, [LIST_CAPS] = 11, [CREATE] = 12,
		  [DESTROY] = 13 },
	},
	{ /* Debian sid: libvirt-daemon-driver-nodedev 12.8.0-1 */
		12008000, "LIBVIRT_PRIVATE_12.8.0",
		{ [NUM_DEVICES] = 1, [LIST_DEVICES] = 2, [LIST_ALL] = 3, [LOOKUP] = 6,
		  [XML_DESC] = 8, [NUM_CAPS] = 10, [LIST_CAPS] = 11, [CREATE] = 12,
		  [DESTROY] = 13 },
	},
};

/* What was in the table, and what else of libvirt is called. Written once, before any thread. */
static struct {
	int (*num_devices)(virConnectPtr conn, const char *cap, unsigned int flags);
	int (*list_devices)(virConnectPtr conn, const char *cap, char **const names, int max,
			    unsigned int flags);
	int (*list_all)(virConnectPtr conn, virNodeDevicePtr **devices, unsigned int flags);
	virNodeDevicePtr (*lookup)(virConnectPtr conn, const char *name);
	char *(*xml_desc)(virNodeDevicePtr dev, unsigned int flags);
	int (*num_caps)(virNodeDevicePtr dev);
	int (*list_caps)(virNodeDevicePtr dev, char **const names, int max);
	virNodeDevicePtr (*create)(virConnectPtr conn, const char *xml, unsigned int flags);
	int (*destroy)(virNodeDevicePtr dev);
	/* public */
	const char *(*get_name)(virNodeDevicePtr dev);
	const char *(*get_type)(virConnectPtr conn);
	int (*error_code)(void);
	void (*error_reset)(void);
	/* private */
	void (*report)(int domain, int code, const char *file, const char *function, size_t line,
		       const char *fmt, ...) __attribute__((format(printf, 6, 7)));
	void (*unref)(void *object);
	void *(*def_parse)(const char *text, const char *file, int create, const char *virt_type,
			   void *callbacks, void *opaque, bool validate);
	void (*def_free)(void *def);
	int (*may_create)(virConnectPtr conn, void *def);
} vir;

static bool in_daemon;
/* By the daemon's LD_PRELOAD, which it does not pass on: see leave_preload(). */
static bool by_preload;
/* Between looking for a free VF and writing to it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

#define refuse(code, ...)							\
	vir.report(VIR_FROM_NODEDEV, code, __FILE__, __func__, __LINE__, __VA_ARGS__)

static bool address_of(virNodeDevicePtr dev, char address[OVB_ADDRESS])
{
	const char *name = vir.get_name(dev);

	return name && ovb_address(name, address);
}

static bool is_gpu(virNodeDevicePtr dev)
{
	char address[OVB_ADDRESS];

	return address_of(dev, address) && ovb_is_gpu(SYSFS, address);
}

/* --- looking */

static char *xml_desc(virNodeDevicePtr dev, unsigned int flags)
{
	char *xml = vir.xml_desc(dev, flags), *more = NULL;
	char address[OVB_ADDRESS];
	struct ovb_type *types;
	size_t n;

	/* who may not see the device has no XML here */
	if (!xml || !address_of(dev, address) || !ovb_is_gpu(SYSFS, address))
		return xml;
	if (ovb_netlink_types(address, &types, &n) && ovb_types(SYSFS, address, &types, &n))
		return xml;
	if (n)
		more = ovb_add_types(xml, types, n);
	free(types);
	if (!more)
		return xml;
	free(xml);
	return more;
}

static int num_caps(virNodeDevicePtr dev)
{
	int n = vir.num_caps(dev);

	return n >= 0 && is_gpu(dev) ? n + 1 : n;
}

static int list_caps(virNodeDevicePtr dev, char **const names, int max)
{
	int n = vir.list_caps(dev, names, max);

	if (n < 0 || n >= max || !is_gpu(dev))
		return n;
	names[n] = strdup("mdev_types");
	return names[n] ? n + 1 : n;
}

static void drop(virNodeDevicePtr *devices, int n)
{
	int i;

	for (i = 0; i < n; i++)
		vir.unref(devices[i]);
	free(devices);
}

/*
 * To the devices with the wanted capabilities come our GPUs. The original lists them as PCI
 * devices, so that its filters and its access control hold for them too.
 */
static int list_all(virConnectPtr conn, virNodeDevicePtr **devices, unsigned int flags)
{
	virNodeDevicePtr *pci = NULL, *found = NULL, *more;
	int n, n_pci, i, k;

	if (!(flags & VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV_TYPES) ||
	    (flags & VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV))
		return vir.list_all(conn, devices, flags);
	n_pci = vir.list_all(conn, &pci, (flags & ~CAPABILITIES) |
			     VIR_CONNECT_LIST_NODE_DEVICES_CAP_PCI_DEV);
	if (n_pci < 0)
		return n_pci;
	n = vir.list_all(conn, &found, flags);
	if (n < 0) {
		drop(pci, n_pci);
		return n;
	}
	more = realloc(found, (size_t)(n + n_pci + 1) * sizeof(*more));
	if (!more) {
		drop(pci, n_pci);
		drop(found, n);
		refuse(VIR_ERR_NO_MEMORY, "%s", "node devices");
		return -1;
	}
	found = more;
	for (i = 0; i < n_pci; i++) {
		bool add = is_gpu(pci[i]);

		for (k = 0; add && k < n; k++)
			add = strcmp(vir.get_name(found[k]), vir.get_name(pci[i])) != 0;
		if (add)
			found[n++] = pci[i];
		else
			vir.unref(pci[i]);
	}
	free(pci);
	found[n] = NULL;
	if (devices)
		*devices = found;
	else
		drop(found, n);
	return n;
}

/* The older interface: names. */
static int list_devices(virConnectPtr conn, const char *cap, char **const names, int max,
			unsigned int flags)
{
	virNodeDevicePtr *devices = NULL;
	int n, i, filled = 0;

	if (flags || !cap || strcmp(cap, "mdev_types"))
		return vir.list_devices(conn, cap, names, max, flags);
	n = list_all(conn, &devices, VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV_TYPES |
		     VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE);
	if (n < 0)
		return n;
	for (i = 0; i < n && filled < max; i++) {
		names[filled] = strdup(vir.get_name(devices[i]));
		if (names[filled])
			filled++;
	}
	drop(devices, n);
	return filled;
}

static int num_devices(virConnectPtr conn, const char *cap, unsigned int flags)
{
	if (flags || !cap || strcmp(cap, "mdev_types"))
		return vir.num_devices(conn, cap, flags);
	return list_all(conn, NULL, VIR_CONNECT_LIST_NODE_DEVICES_CAP_MDEV_TYPES |
			VIR_CONNECT_LIST_NODE_DEVICES_ACTIVE);
}

/* --- changing */

/* libvirt's own check of who may do it, on libvirt's own reading of the XML. */
static bool may_create(virConnectPtr conn, const char *xml, bool validate)
{
	void *def = vir.def_parse(xml, NULL, CREATE_DEVICE, vir.get_type(conn), NULL, NULL,
				  validate);
	int ret;

	if (!def)
		return false;
	ret = vir.may_create(conn, def);
	vir.def_free(def);
	return ret >= 0;
}

static virNodeDevicePtr create_on(virConnectPtr conn, const struct ovb_request *request,
				  unsigned int id)
{
	char (*vfs)[OVB_ADDRESS] = calloc(OVB_VFS_MAX, sizeof(*vfs));
	char why[OVB_TEXT] = "none of its VFs is free", node[OVB_ADDRESS + 4];
	virNodeDevicePtr dev = NULL;
	size_t n, i;

	if (!vfs) {
		refuse(VIR_ERR_NO_MEMORY, "%s", request->parent);
		return NULL;
	}
	n = ovb_free_vfs(SYSFS, request->parent, id, vfs, OVB_VFS_MAX);
	for (i = 0; i < n; i++) {
		int ret;

		/* before the type is set: a VF that may not be seen, or is not known yet */
		ovb_node(vfs[i], node);
		dev = vir.lookup(conn, node);
		if (!dev)
			break;
		ret = ovb_set(SYSFS, vfs[i], id, request, why);
		if (!ret)
			break;
		vir.unref(dev);
		dev = NULL;
		if (ret != -EBUSY) {
			n = 0;
			break;
		}
	}
	/* broken off with VFs left is libvirt's refusal of one, and has its text */
	if (!dev && i >= n)
		refuse(VIR_ERR_OPERATION_FAILED, "Unable to create a vGPU of type '%s' on %s: %s",
		       request->type, request->parent, why);
	free(vfs);
	return dev;
}

static virNodeDevicePtr create(virConnectPtr conn, const char *xml, unsigned int flags)
{
	struct ovb_request request;
	virNodeDevicePtr dev;
	unsigned int id;

	if ((flags & ~(unsigned int)VIR_NODE_DEVICE_CREATE_XML_VALIDATE) || !xml ||
	    !ovb_parse(xml, &request) || !ovb_is_gpu(SYSFS, request.parent))
		return vir.create(conn, xml, flags);
	if (!may_create(conn, xml, flags & VIR_NODE_DEVICE_CREATE_XML_VALIDATE))
		return NULL;
	if (!ovb_type_id(request.type, &id))
		snprintf(request.why, sizeof(request.why),
			 "there is no such type, types are called nvidia-NUMBER");
	if (request.why[0]) {
		refuse(VIR_ERR_CONFIG_UNSUPPORTED, "Unable to create a vGPU of type '%s' on %s: %s",
		       request.type, request.parent, request.why);
		return NULL;
	}
	pthread_mutex_lock(&lock);
	dev = create_on(conn, &request, id);
	pthread_mutex_unlock(&lock);
	return dev;
}

/*
 * A PCI device is nothing that libvirt destroys. So the original looks the device up, checks
 * who may destroy it, and then says that this type of device is not supported, with a code
 * that it uses for nothing else: that, and only that, means that it would have been allowed.
 */
static int destroy(virNodeDevicePtr dev)
{
	char address[OVB_ADDRESS], why[OVB_TEXT], node[OVB_ADDRESS + 4];
	int ret;

	if (!address_of(dev, address) || !ovb_is_vgpu(SYSFS, address))
		return vir.destroy(dev);
	ret = vir.destroy(dev);
	if (ret >= 0 || vir.error_code() != VIR_ERR_CONFIG_UNSUPPORTED)
		return ret;
	vir.error_reset();
	pthread_mutex_lock(&lock);
	ret = ovb_clear(SYSFS, address, why);
	pthread_mutex_unlock(&lock);
	if (!ret)
		return 0;
	ovb_node(address, node);
	refuse(VIR_ERR_OPERATION_FAILED, "Unable to destroy '%s': %s%s", node,
	       ret == -EBUSY ? "device in use: " : "", why);
	return -1;
}

/* --- getting in */

static const char *base_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/*
 * QEMU and everything else that libvirtd starts gets its environment. Without memory nothing
 * is passed on.
 */
static void leave_preload(void)
{
	const char *old = getenv("LD_PRELOAD");
	char *text, *new, *word, *save;

	if (!old)
		return;
	text = strdup(old);
	new = calloc(1, strlen(old) + 1);
	if (text && new)
		for (word = strtok_r(text, " :", &save); word;
		     word = strtok_r(NULL, " :", &save)) {
			if (!strcmp(base_of(word), OBJECT)) {
				by_preload = true;
				continue;
			}
			if (*new)
				strcat(new, ":");
			strcat(new, word);
		}
	if (new && *new)
		setenv("LD_PRELOAD", new, 1);
	else
		unsetenv("LD_PRELOAD");
	free(text);
	free(new);
}

__attribute__((constructor)) static void start(void)
{
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n < 0)
		return;
	exe[n] = '\0';
	if (strcmp(base_of(exe), "libvirtd") && strcmp(base_of(exe), "virtnodedevd"))
		return;
	in_daemon = true;
	leave_preload();
}

static bool put_symbol(void *to, void *symbol)
{
	memcpy(to, &symbol, sizeof(symbol));
	return symbol;
}

/* NULL, or what is missing. */
static const char *find_symbols(const char *version)
{
	const struct {
		void *to;
		const char *name;
		bool private;
	} wanted[] = {
		{ &vir.get_name, "virNodeDeviceGetName", false },
		{ &vir.get_type, "virConnectGetType", false },
		{ &vir.error_code, "virGetLastErrorCode", false },
		{ &vir.error_reset, "virResetLastError", false },
		{ &vir.report, "virReportErrorHelper", true },
		{ &vir.unref, "virObjectUnref", true },
		{ &vir.def_parse, "virNodeDeviceDefParse", true },
		{ &vir.def_free, "virNodeDeviceDefFree", true },
		{ &vir.may_create, "virNodeDeviceCreateXMLEnsureACL", true },
	};
	size_t i;

	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		if (!put_symbol(wanted[i].to, wanted[i].private ?
				dlvsym(RTLD_DEFAULT, wanted[i].name, version) :
				dlsym(RTLD_DEFAULT, wanted[i].name)))
			return wanted[i].name;
	return NULL;
}

static const struct version *running_version(unsigned long *number)
{
	int (*get)(unsigned long *lib, const char *type, unsigned long *type_version);
	size_t i;

	*number = 0;
	if (!put_symbol(&get, dlsym(RTLD_DEFAULT, "virGetVersion")) || get(number, NULL, NULL) < 0)
		return NULL;
	for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (versions[i].number == *number)
			return &versions[i];
	return NULL;
}

/* Whether all of the table may be written, which a later build of libvirt may change. */
static bool writable(void **table, const struct version *v, char why[OVB_TEXT])
{
	uintptr_t at = (uintptr_t)table, end = at, from, to;
	FILE *f = fopen("/proc/self/maps", "re");
	char *text = NULL, mode[5];
	size_t room = 0, i;

	if (!f) {
		snprintf(why, OVB_TEXT, "/proc/self/maps cannot be read: %s", strerror(errno));
		return false;
	}
	for (i = 0; i < SLOTS; i++)
		if ((uintptr_t)(table + v->at[i] + 1) > end)
			end = (uintptr_t)(table + v->at[i] + 1);
	/* in the order of addresses; the table may lie in two */
	while (at < end && getline(&text, &room, f) >= 0) {
		if (sscanf(text, "%" SCNxPTR "-%" SCNxPTR " %4s", &from, &to, mode) != 3)
			break;
		if (at < from)
			break;
		if (at >= to)
			continue;
		if (mode[0] != 'r' || mode[1] != 'w')
			break;
		at = to;
	}
	free(text);
	fclose(f);
	if (at >= end)
		return true;
	snprintf(why, OVB_TEXT, "the driver's table is in memory that may not be written");
	return false;
}

/* Whether the table is the one that the version's row describes; else @why. */
static bool as_expected(void **table, const struct version *v, char why[OVB_TEXT])
{
	const char *missing = find_symbols(v->symbols);
	Dl_info module, in;
	size_t i;

	if (missing) {
		snprintf(why, OVB_TEXT, "libvirt has no %s", missing);
		return false;
	}
	if (!dladdr(table, &module) || strcmp(base_of(module.dli_fname), MODULE)) {
		snprintf(why, OVB_TEXT, "the node-device driver is not in %s", MODULE);
		return false;
	}
	if (!dladdr(table[0], &in) || in.dli_fbase != module.dli_fbase ||
	    strcmp(table[0], "udev")) {
		snprintf(why, OVB_TEXT, "the node-device driver has another name");
		return false;
	}
	for (i = 0; i < SLOTS; i++) {
		if (dladdr(table[v->at[i]], &in) && in.dli_fbase == module.dli_fbase &&
		    in.dli_sname && in.dli_saddr == table[v->at[i]] &&
		    !strcmp(in.dli_sname, slot_names[i]))
			continue;
		snprintf(why, OVB_TEXT, "%s is not where it should be in the driver's table",
			 slot_names[i]);
		return false;
	}
	return writable(table, v, why);
}

static void wrap(void **table, const struct version *v)
{
	const struct {
		void *original, *ours;
	} slots[SLOTS] = {
#define SLOT(slot, member)	[slot] = { &vir.member, (void *)(uintptr_t)member }
		SLOT(NUM_DEVICES, num_devices),
		SLOT(LIST_DEVICES, list_devices),
		SLOT(LIST_ALL, list_all),
		SLOT(XML_DESC, xml_desc),
		SLOT(NUM_CAPS, num_caps),
		SLOT(LIST_CAPS, list_caps),
		SLOT(CREATE, create),
		SLOT(DESTROY, destroy),
#undef SLOT
		[LOOKUP] = { &vir.lookup, NULL },
	};
	size_t i;

	for (i = 0; i < SLOTS; i++)
		put_symbol(slots[i].original, table[v->at[i]]);
	for (i = 0; i < SLOTS; i++)
		if (slots[i].ours)
			table[v->at[i]] = slots[i].ours;
}

/* libvirt's own has this name; the node-device driver calls it before there are threads. */
int virSetSharedNodeDeviceDriver(void **table);

__attribute__((visibility("default"))) int virSetSharedNodeDeviceDriver(void **table)
{
	int (*real)(void **table);
	const struct version *v;
	char why[OVB_TEXT];
	unsigned long number;

	if (!put_symbol(&real, dlsym(RTLD_NEXT, "virSetSharedNodeDeviceDriver")))
		return -1;
	if (!in_daemon || !table)
		return real(table);
	v = by_preload ? running_version(&number) : NULL;
	if (!by_preload)
		snprintf(why, sizeof(why),
			 "LD_PRELOAD of the service does not name %s, so that every QEMU would have it too",
			 OBJECT);
	else if (!v)
		snprintf(why, sizeof(why), "libvirt %lu.%lu.%lu is not one that it was tested with",
			 number / 1000000, number / 1000 % 1000, number % 1000);
	if (v && as_expected(table, v, why)) {
		wrap(table, v);
		syslog(LOG_DAEMON | LOG_INFO, "openvgpu: node devices of GPUs with VF files only");
	} else {
		syslog(LOG_DAEMON | LOG_WARNING,
		       "openvgpu: libvirt's node devices are left alone: %s", why);
	}
	return real(table);
}
