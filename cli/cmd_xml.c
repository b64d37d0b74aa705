// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl xml nodedev, vgpuctl xml hostdev: ready to paste into virsh. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

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
