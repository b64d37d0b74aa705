// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vgpuctl create, destroy: vGPUs through libvirt, or mdevctl where it does not answer, or on a
 * VF through the driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/openvgpu-netlink.h"
#include "libvirt.h"
#include "vgpuctl.h"

/**
 * struct order - the vGPU that is to be made
 * @gpu: on it
 * @type: type number
 * @name: name of the type
 * @uuid: UUID, "" on a VF
 * @vf: VF, "" through mdev
 * @wanted: attributes
 * @persistent: also after the next boot
 */
struct order {
	const struct openvgpu_gpu *gpu;
	uint32_t type;
	const char *name;
	char uuid[OPENVGPU_UUID_MAX];
	char vf[OPENVGPU_ADDRESS_MAX];
	struct openvgpu_wanted wanted;
	bool persistent;
};

/* ---- mdevctl ------------------------------------------------------------------ */

/* Its messages go to standard error as they are. */
static int mdevctl(const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int ret, status;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	ret = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)(uintptr_t)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret)
		return fail("neither libvirt nor mdevctl is there: %s", strerror(ret));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return fail("mdevctl: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return fail("mdevctl %s failed", argv[1]);
	return VGPUCTL_OK;
}

static void add_attr(json_object *list, const char *name, const char *value)
{
	json_object *one = json_object_new_object();

	json_add_string(one, name, value);
	json_object_array_add(list, one);
}

static json_object *definition(const struct order *o)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	char *text = format("nvidia-%u", o->type);

	json_add_string(obj, "mdev_type", text);
	free(text);
	json_add_string(obj, "start", o->persistent ? "auto" : "manual");
	if (o->wanted.instance != OPENVGPU_UNKNOWN) {
		text = format("%" PRIu64, o->wanted.instance);
		add_attr(list, "nvidia/gpu_instance_id", text);
		free(text);
	}
	if (o->wanted.placement != OPENVGPU_UNKNOWN) {
		text = format("%" PRIu64, o->wanted.placement);
		add_attr(list, "nvidia/placement_id", text);
		free(text);
	}
	if (o->wanted.params)
		add_attr(list, "nvidia/vgpu_params", o->wanted.params);
	json_object_object_add(obj, "attrs", list);
	return obj;
}

static int by_mdevctl(const struct order *o)
{
	json_object *obj = definition(o);
	const char *text = json_object_to_json_string_ext(obj, JSON_C_TO_STRING_NOSLASHESCAPE);
	/* without MFD_CLOEXEC: mdevctl reads it by its path */
	int fd = memfd_create("mdev", 0), status;
	char *path = format("/proc/self/fd/%d", fd);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text)) {
		status = fail("cannot hand over to mdevctl: %s", strerror(errno));
	} else if (o->persistent) {
		status = mdevctl((const char *const []){ "mdevctl", "define", "--uuid", o->uuid,
				 "--parent", o->gpu->address, "--jsonfile", path, NULL });
		if (status == VGPUCTL_OK) {
			status = mdevctl((const char *const []){ "mdevctl", "start", "--uuid",
					 o->uuid, "--parent", o->gpu->address, NULL });
			/* half of it is not what was asked for */
			if (status != VGPUCTL_OK)
				mdevctl((const char *const []){ "mdevctl", "undefine", "--uuid",
					o->uuid, "--parent", o->gpu->address, NULL });
		}
	} else {
		status = mdevctl((const char *const []){ "mdevctl", "start", "--uuid", o->uuid,
				 "--parent", o->gpu->address, "--jsonfile", path, NULL });
	}
	if (fd >= 0)
		close(fd);
	free(path);
	json_object_put(obj);
	return status;
}

/* ---- libvirt ------------------------------------------------------------------ */

/* Params are text of the user's. */
static char *escaped(const char *s)
{
	char *out = format("%s", "");

	for (; *s; s++) {
		const char *as = *s == '<' ? "&lt;" : *s == '&' ? "&amp;" : *s == '\'' ? "&#39;" : NULL;
		char *more = as ? format("%s%s", out, as) : format("%s%c", out, *s);

		free(out);
		out = more;
	}
	return out;
}

static char *attr_xml(char *before, const char *name, char *value)
{
	char *clean = escaped(value);
	char *out = format("%s    <attr name='nvidia/%s' value='%s'/>\n", before, name, clean);

	free(before);
	free(value);
	free(clean);
	return out;
}

static char *nodedev_xml(const struct order *o)
{
	char *parent = node_name(o->gpu->address), *attrs = format("%s", ""), *xml;

	if (o->wanted.instance != OPENVGPU_UNKNOWN)
		attrs = attr_xml(attrs, "gpu_instance_id", format("%" PRIu64, o->wanted.instance));
	if (o->wanted.placement != OPENVGPU_UNKNOWN)
		attrs = attr_xml(attrs, "placement_id", format("%" PRIu64, o->wanted.placement));
	if (o->wanted.params)
		attrs = attr_xml(attrs, "vgpu_params", format("%s", o->wanted.params));
	xml = format("<device>\n"
		     "  <parent>%s</parent>\n"
		     "  <capability type='mdev'>\n"
		     "    <type id='nvidia-%u'/>\n"
		     "    <uuid>%s</uuid>\n"
		     "%s"
		     "  </capability>\n"
		     "</device>\n", parent, o->type, o->uuid, attrs);
	free(attrs);
	free(parent);
	return xml;
}

/* ---- create ------------------------------------------------------------------- */

/*
 * Also on another parent. A definition that is there is the user's: what takes back a half of
 * ours would take that. And libvirt forgets now and then that it starts at boot if it is
 * defined once more (docs/openstack.md).
 */
static bool is_defined(const char *uuid)
{
	char *pattern = format("/etc/mdevctl.d/*/%s", uuid);
	glob_t found = { 0 };
	bool is = !glob(pattern, GLOB_NOSORT, NULL, &found);

	globfree(&found);
	free(pattern);
	return is;
}

static int by_mdev(const struct order *o)
{
	struct libvirt *l;
	bool ok;
	char *xml;

	if (!o->gpu->mdev)
		return fail("%s is no mdev parent: write 1 to its vgpu/mdev, or use --vf",
			    o->gpu->address);
	if (o->persistent && is_defined(o->uuid))
		return fail("%s is defined already: start it with mdevctl or virsh nodedev-start, or undefine it first",
			    o->uuid);
	l = libvirt_open();
	if (!l)
		return by_mdevctl(o);
	xml = nodedev_xml(o);
	progress("%s: libvirt makes a vGPU", o->gpu->address);
	ok = libvirt_create(l, xml, o->persistent);
	progress(NULL);
	free(xml);
	libvirt_close(l);
	return ok ? VGPUCTL_OK : VGPUCTL_FAILED;
}

static int by_vf(const struct order *o)
{
	const struct openvgpu_gpu *gpu;
	struct openvgpu_nl *nl;
	struct openvgpu_error err;
	const struct openvgpu_host one = { .gpus = (struct openvgpu_gpu *)(uintptr_t)o->gpu,
					   .n_gpus = 1 };
	int ret;

	if (!openvgpu_vf_by_address(&one, o->vf, &gpu))
		return fail("%s is not a VF of %s", o->vf, o->gpu->address);
	if (openvgpu_nl_open(&nl, &err))
		return fail("%s", err.text);
	ret = openvgpu_nl_create(nl, o->vf, o->type, &o->wanted, &err);
	openvgpu_nl_close(nl);
	return ret ? fail("%s", err.text) : VGPUCTL_OK;
}

static int create(const struct openvgpu_host *h, struct order *o, const char *which,
		  const char *type, const struct common_options *common)
{
	char address[OPENVGPU_ADDRESS_MAX];
	json_object *obj;
	int status;

	o->gpu = find_gpu(h, which, address);
	if (!o->gpu)
		return VGPUCTL_FAILED;
	o->type = find_type(o->gpu, type, &o->name);
	if (!o->type)
		return VGPUCTL_FAILED;
	/* libvirt and mdevctl have fewer words for it */
	if (!say_why_not(h, o->gpu, o->type, o->name, common->sysfs))
		return VGPUCTL_FAILED;
	status = *o->vf ? by_vf(o) : by_mdev(o);
	if (status != VGPUCTL_OK)
		return status;
	if (!common->json) {
		puts(*o->vf ? o->vf : o->uuid);
		return VGPUCTL_OK;
	}
	obj = json_object_new_object();
	json_add_string(obj, "gpu", o->gpu->address);
	json_add_string(obj, "uuid", *o->uuid ? o->uuid : NULL);
	json_add_string(obj, "vf", *o->vf ? o->vf : NULL);
	json_add_uint(obj, "type", o->type);
	json_add_string(obj, "name", o->name);
	print_json(obj);
	return VGPUCTL_OK;
}

int cmd_create(const struct command *cmd, int argc, char **argv)
{
	const char *uuid = NULL, *vf = NULL, *placement = NULL, *instance = NULL;
	struct order o = { .wanted = { .placement = OPENVGPU_UNKNOWN,
				       .instance = OPENVGPU_UNKNOWN } };
	const struct option_def defs[] = {
		{ "uuid", 'u', "UUID", "UUID of the vGPU (default: a random one)", NULL, &uuid },
		{ "vf", 'v', "VF", "on this VF, to be given to a VM as a PCI device", NULL, &vf },
		{ "placement", 'p', "ID", "placement id (default: the driver's choice)", NULL,
		  &placement },
		{ "gpu-instance", 'i', "ID", "MIG GPU instance (default: the driver's choice)", NULL,
		  &instance },
		{ "params", 0, "TEXT", "vgpu_params: KEY=VALUE pairs", NULL, &o.wanted.params },
		{ "persistent", 0, NULL, "define it too, to be started at boot", &o.persistent,
		  NULL },
	};
	struct common_options common;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 2)
		return usage_error(cmd, "give a GPU and a type");
	if (vf && (uuid || o.persistent))
		return usage_error(cmd, "a vGPU on a VF has no UUID and is not persistent");
	if (vf && !openvgpu_pci_address(vf, o.vf))
		return usage_error(cmd, "'%s' is not a PCI address", vf);
	if (uuid && !openvgpu_uuid(uuid, o.uuid))
		return usage_error(cmd, "'%s' is not a UUID", uuid);
	if (placement && !parse_number(placement, UINT16_MAX - 1, &o.wanted.placement))
		return usage_error(cmd, "'%s' is not a placement id", placement);
	if (instance && !parse_number(instance, UINT32_MAX - 1, &o.wanted.instance))
		return usage_error(cmd, "'%s' is not the id of a GPU instance", instance);
	if (!vf && !uuid && !make_uuid(o.uuid))
		return fail("no random number: %s", strerror(errno));
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	status = create(&host, &o, argv[first], argv[first + 1], &common);
	openvgpu_host_free(&host);
	return status;
}

/* ---- destroy ------------------------------------------------------------------ */

static int destroy_vf(const struct openvgpu_host *h, const char *address)
{
	const struct openvgpu_vf *vf = openvgpu_vf_by_address(h, address, NULL);
	struct openvgpu_nl *nl;
	struct openvgpu_error err;
	int ret;

	if (!vf)
		return fail("%s is not a VF of an NVIDIA GPU", address);
	if (vf->owner == OPENVGPU_OWNER_MDEV)
		return fail("%s belongs to vGPU %s: destroy that one", address, vf->uuid);
	if (!vf->type)
		return fail("%s has no vGPU", address);
	if (openvgpu_nl_open(&nl, &err))
		return fail("%s", err.text);
	ret = openvgpu_nl_destroy(nl, address, &err);
	openvgpu_nl_close(nl);
	return ret ? fail("%s", err.text) : VGPUCTL_OK;
}

static int destroy_mdev(const struct openvgpu_host *h, const char *uuid)
{
	const struct openvgpu_gpu *gpu;
	const struct openvgpu_mdev *m = openvgpu_mdev_by_uuid(h, uuid, &gpu);
	const struct openvgpu_vgpu *v;
	char *parent, *name;
	struct libvirt *l;
	int done = -1;

	if (!m)
		return fail("there is no vGPU %s", uuid);
	/* the kernel would wait for whoever has it open */
	v = find_vgpu(gpu, NULL, uuid);
	if (v && v->pid != OPENVGPU_UNKNOWN)
		return fail("vGPU %s is open by process %" PRIu64 "%s%s: stop the VM first", uuid,
			    v->pid, *v->vm_name ? ", VM " : "", v->vm_name);
	if (!v && strcmp(m->state, "reserved") && strcmp(m->state, "dead"))
		return fail("vGPU %s is %s: stop the VM first", uuid, m->state);
	l = libvirt_open();
	if (l) {
		parent = node_name(gpu->address);
		name = mdev_node_name(uuid, parent);
		done = libvirt_destroy(l, name);
		free(name);
		free(parent);
		libvirt_close(l);
	}
	if (done < 0)
		return mdevctl((const char *const []){ "mdevctl", "stop", "--uuid", uuid, NULL });
	return done ? VGPUCTL_OK : VGPUCTL_FAILED;
}

int cmd_destroy(const struct command *cmd, int argc, char **argv)
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
	status = is_uuid ? destroy_mdev(&host, uuid) : destroy_vf(&host, address);
	openvgpu_host_free(&host);
	return status;
}
