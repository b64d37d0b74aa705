// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl xml nodedev, vgpuctl xml hostdev: ready to paste into virsh. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "vgpuctl.h"

/* On standard error, so that the XML on standard output stays usable. */
static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *fmt, ...)
{
	va_list ap;

	fputs("vgpuctl: note: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static void print_xml(char *xml, const char *key, const char *value, bool json)
{
	if (json) {
		json_object *obj = json_object_new_object();

		json_add_string(obj, key, value);
		json_add_string(obj, "xml", xml);
		print_json(obj);
	} else {
		fputs(xml, stdout);
	}
	free(xml);
}

/* A random UUID, version 4. */
static bool make_uuid(char out[OPENVGPU_UUID_MAX])
{
	unsigned char b[16];

	if (getrandom(b, sizeof(b), 0) != sizeof(b))
		return false;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	snprintf(out, OPENVGPU_UUID_MAX,
		 "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
		 b[13], b[14], b[15]);
	return true;
}

/* "0001:00:00.0" as libvirt names it: "pci_0001_00_00_0" */
static char *node_name(const char *address)
{
	char *name = format("pci_%s", address);
	char *p;

	for (p = name; *p; p++)
		if (*p == ':' || *p == '.')
			*p = '_';
	return name;
}

static bool same_name(const char *full, const char *text)
{
	const char *blank = strrchr(full, ' ');

	return !strcmp(full, text) || (blank && !strcmp(blank + 1, text));
}

/*
 * Among the types that the kernel offers, then, for a GPU that is not set up
 * yet, among those of the source for its device id.
 */
static uint32_t find_type(const struct openvgpu_gpu *gpu, const char *text, const char **name)
{
	const struct openvgpu_type *type;
	struct openvgpu_types types;
	struct openvgpu_error err;
	static char copy[OPENVGPU_NAME_MAX];
	const char *digits = strncmp(text, "nvidia-", 7) ? text : text + 7;
	uint32_t id = 0;
	size_t i;

	if (*digits && !digits[strspn(digits, "0123456789")] && strlen(digits) <= 9)
		id = (uint32_t)strtoul(digits, NULL, 10);
	for (i = 0; i < gpu->n_offers; i++)
		if (gpu->offers[i].id == id || same_name(gpu->offers[i].name, text)) {
			*name = gpu->offers[i].name;
			return gpu->offers[i].id;
		}
	if (gpu->mdev) {
		fail("%s has no vGPU type '%s'; 'vgpuctl types %s' lists them", gpu->address, text,
		     gpu->address);
		return 0;
	}
	if (load_types(&types, NULL, &err)) {
		fail("%s", err.text);
		return 0;
	}
	if (openvgpu_type_find(&types, text, gpu->device, &type, &err)) {
		fail("%s: %s", gpu->address, err.text);
		id = 0;
	} else {
		id = type->id;
		strcpy(copy, type->name);
		*name = copy;
	}
	openvgpu_types_free(&types);
	return id;
}

/* The XML is right all the same: what is missing now may be there later. */
static void nodedev_notes(const struct openvgpu_gpu *gpu, uint32_t id, const char *name)
{
	const struct openvgpu_offer *o = openvgpu_offer_by_id(gpu, id);

	if (!gpu->managed)
		note("%s is not driven by openvgpu now", gpu->address);
	else if (strcmp(gpu->status, "ready"))
		note("%s cannot have vGPUs now: %s", gpu->address, gpu->status);
	else if (!gpu->mdev)
		note("%s is no mdev parent now: write 1 to its vgpu/mdev", gpu->address);
	else if (o && !o->available)
		note("no %s fits on %s now", name, gpu->address);
}

/* What libvirt will call it. It ignores the name, but 'virsh --validate' wants one. */
static char *mdev_node_name(const char *uuid, const char *parent)
{
	char *name = format("mdev_%s_%s", uuid, parent + strlen("pci_"));
	char *p;

	for (p = name; *p; p++)
		if (*p == '-')
			*p = '_';
	return name;
}

static int nodedev(const struct openvgpu_host *host, const char *which, const char *type,
		   const char *uuid, bool json)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu = find_gpu(host, which, address);
	const char *name = "";
	char *parent, *node, *xml;
	uint32_t id;

	if (!gpu)
		return VGPUCTL_FAILED;
	id = find_type(gpu, type, &name);
	if (!id)
		return VGPUCTL_FAILED;
	nodedev_notes(gpu, id, name);
	parent = node_name(gpu->address);
	node = mdev_node_name(uuid, parent);
	xml = format("<device>\n"
		     "  <name>%s</name>\n"
		     "  <parent>%s</parent>\n"
		     "  <capability type='mdev'>\n"
		     "    <type id='nvidia-%u'/>\n"
		     "    <uuid>%s</uuid>\n"
		     "  </capability>\n"
		     "</device>\n",
		     node, parent, id, uuid);
	free(node);
	free(parent);
	print_xml(xml, "uuid", uuid, json);
	return VGPUCTL_OK;
}

int cmd_xml_nodedev(const struct command *cmd, int argc, char **argv)
{
	const char *gpu = NULL, *type = NULL, *wanted = NULL;
	const struct option_def defs[] = {
		{ "gpu", 'g', "ADDRESS", "PCI address of the GPU", NULL, &gpu },
		{ "type", 't', "TYPE", "nvidia-560, 560 or A40-4Q", NULL, &type },
		{ "uuid", 'u', "UUID", "UUID of the vGPU (default: a random one)", NULL, &wanted },
	};
	char uuid[OPENVGPU_UUID_MAX];
	struct common_options common;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (first < argc)
		return usage_error(cmd, "takes no argument");
	if (!gpu)
		return usage_error(cmd, "--gpu is missing");
	if (!type)
		return usage_error(cmd, "--type is missing");
	if (wanted && !openvgpu_uuid(wanted, uuid))
		return usage_error(cmd, "'%s' is not a UUID", wanted);
	if (!wanted && !make_uuid(uuid))
		return fail("no random number: %s", strerror(errno));
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	status = nodedev(&host, gpu, type, uuid, common.json);
	openvgpu_host_free(&host);
	return status;
}

static int hostdev_mdev(const struct openvgpu_host *host, const char *uuid, bool json)
{
	const struct openvgpu_mdev *m = openvgpu_mdev_by_uuid(host, uuid, NULL);

	if (!m)
		note("there is no vGPU %s now", uuid);
	else if (!strcmp(m->state, "dead"))
		note("vGPU %s is dead: its VF is gone", uuid);
	print_xml(format("<hostdev mode='subsystem' type='mdev' managed='no' model='vfio-pci'>\n"
			 "  <source>\n"
			 "    <address uuid='%s'/>\n"
			 "  </source>\n"
			 "</hostdev>\n", uuid), "uuid", uuid, json);
	return VGPUCTL_OK;
}

static int hostdev_vf(const struct openvgpu_host *host, const char *address, bool json)
{
	const struct openvgpu_vf *vf = openvgpu_vf_by_address(host, address, NULL);
	unsigned int domain, bus, slot, function;

	if (!vf && openvgpu_gpu_by_address(host, address))
		return fail("%s is a GPU, not a VF: only VFs can be given to a VM", address);
	if (!vf)
		return fail("%s is not a VF of an NVIDIA GPU", address);
	if (!vf->has_face)
		return fail("%s has no vGPU files: its driver is '%s'", address, vf->driver);
	if (vf->owner == OPENVGPU_OWNER_MDEV)
		return fail("%s belongs to vGPU %s: use that one", address, vf->uuid);
	if (!vf->type)
		note("%s has no type yet: write one to its nvidia/current_vgpu_type", address);
	if (sscanf(address, "%x:%x:%x.%x", &domain, &bus, &slot, &function) != 4)
		return fail("%s is not a PCI address", address);
	print_xml(format("<hostdev mode='subsystem' type='pci' managed='no'>\n"
			 "  <source>\n"
			 "    <address domain='0x%04x' bus='0x%02x' slot='0x%02x' function='0x%x'/>\n"
			 "  </source>\n"
			 "</hostdev>\n", domain, bus, slot, function), "vf", address, json);
	return VGPUCTL_OK;
}

int cmd_xml_hostdev(const struct command *cmd, int argc, char **argv)
{
	char uuid[OPENVGPU_UUID_MAX], address[OPENVGPU_ADDRESS_MAX];
	struct common_options common;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;
	bool is_uuid;

	first = parse_options(cmd, argc, argv, NULL, 0, &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 1)
		return usage_error(cmd, "give one vGPU: a UUID, or the address of a VF");
	is_uuid = openvgpu_uuid(argv[first], uuid);
	if (!is_uuid && !openvgpu_pci_address(argv[first], address))
		return usage_error(cmd, "'%s' is neither a UUID nor a PCI address", argv[first]);
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	if (is_uuid)
		status = hostdev_mdev(&host, uuid, common.json);
	else
		status = hostdev_vf(&host, address, common.json);
	openvgpu_host_free(&host);
	return status;
}
