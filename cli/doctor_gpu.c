// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl doctor: one GPU. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "files.h"

#define DEVICES	"/sys/bus/pci/devices"

const struct openvgpu_board *board_of(const struct doctor *d, const struct openvgpu_gpu *gpu)
{
	size_t i;

	for (i = 0; i < d->types.n_boards; i++)
		if (d->types.boards[i].device == gpu->device)
			return &d->types.boards[i];
	return NULL;
}

/* False if it ends here. */
static bool examine_board(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	const struct openvgpu_board *board = board_of(d, gpu);

	if (!board && d->types.n_boards && !gpu->managed) {
		found(d, "board", LEVEL_OK, gpu->address,
		      format("10de:%04x is no board with vGPU types, not looked at", gpu->device),
		      NULL);
		return false;
	}
	if (board && strncmp(board->host_mode, "sriov", 5)) {
		found(d, "board", LEVEL_FAIL, gpu->address,
		      format("%s has vGPUs without SR-IOV, which openvgpu cannot make", board->name),
		      format("use NVIDIA's driver for this board"));
		return false;
	}
	found(d, "board", LEVEL_OK, gpu->address,
	      board ? format("%s", board->name) : format("10de:%04x", gpu->device), NULL);
	return true;
}

static void examine_driver(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	const char *a = gpu->address;

	if (gpu->managed) {
		found(d, "driver", LEVEL_OK, a, format("openvgpu drives it"), NULL);
	} else if (!*gpu->driver) {
		char *path = format("bus/pci/devices/%s/driver_override", a);
		char *only = file_line(d->sysfs, path);

		/* without the module this is no wonder, and the module has been named */
		if (*only && strcmp(only, "(null)"))
			found(d, "driver", LEVEL_FAIL, a,
			      format("no driver is bound, driver_override allows only %s", only),
			      format("echo >" DEVICES "/%s/driver_override; "
				     "echo %s >/sys/bus/pci/drivers_probe", a, a));
		else if (module_there(d, "openvgpu"))
			found(d, "driver", LEVEL_FAIL, a, format("no driver is bound"),
			      format("echo %s >/sys/bus/pci/drivers/nvidia/bind", a));
		free(only);
		free(path);
	} else if (!strcmp(gpu->driver, "nvidia")) {
		if (!module_there(d, "nvidia"))
			found(d, "driver", LEVEL_FAIL, a,
			      format("a driver named nvidia that is not openvgpu has it"),
			      format("unload that driver, then: modprobe openvgpu"));
	} else if (!strcmp(gpu->driver, "vfio-pci")) {
		found(d, "driver", LEVEL_FAIL, a,
		      format("vfio-pci has it, to give the whole GPU to a VM"),
		      format("take it from the VM and from vfio-pci.ids in /etc/modprobe.d, then: "
			     "echo %s >/sys/bus/pci/drivers/vfio-pci/unbind; "
			     "echo %s >/sys/bus/pci/drivers/nvidia/bind", a, a));
	} else {
		found(d, "driver", LEVEL_FAIL, a, format("%s has it", gpu->driver),
		      format("keep %s away (modprobe-nouveau.conf among the examples) and reboot, "
			     "or: echo %s >/sys/bus/pci/drivers/%s/unbind; "
			     "echo %s >/sys/bus/pci/drivers/nvidia/bind",
			     gpu->driver, a, gpu->driver, a));
	}
}

/**
 * struct members - IOMMU groups of all PCI devices
 * @devices: the devices
 * @groups: their groups, -1 without one
 */
struct members {
	struct names devices;
	int *groups;
};

static struct members read_members(const struct doctor *d)
{
	struct members m = { .devices = names_read(d->sysfs, "bus/pci/devices") };
	size_t i;

	m.groups = calloc(m.devices.n + 1, sizeof(*m.groups));
	for (i = 0; i < m.devices.n && m.groups; i++) {
		char *path = format("bus/pci/devices/%s/iommu_group", m.devices.list[i]);
		char *text = file_link(d->sysfs, path);

		m.groups[i] = *text ? atoi(text) : -1;
		free(text);
		free(path);
	}
	return m;
}

/* Somebody else in a group, NULL if there is nobody. */
static const char *sharer(const struct members *m, const char *address, int group)
{
	size_t i;

	for (i = 0; i < m->devices.n && m->groups; i++)
		if (m->groups[i] == group && strcmp(m->devices.list[i], address))
			return m->devices.list[i];
	return NULL;
}

static void examine_group(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	const char *who = gpu->address;
	int group = gpu->iommu_group;
	struct members members;
	const char *other;
	size_t i;

	if (group < 0) {
		struct names groups = names_read(d->sysfs, "kernel/iommu_groups");

		/* without any group the host has no IOMMU, which has been said */
		if (groups.n)
			found(d, "iommu-group", LEVEL_FAIL, who, format("no IOMMU is in front of it"),
			      format("put the GPU in another slot, or look for settings of the "
				     "IOMMU in the firmware set-up"));
		names_free(&groups);
		return;
	}
	members = read_members(d);
	other = sharer(&members, who, group);
	for (i = 0; i < gpu->n_vfs && !other; i++) {
		who = gpu->vfs[i].address;
		group = gpu->vfs[i].iommu_group;
		other = group < 0 ? NULL : sharer(&members, who, group);
	}
	if (other)
		found(d, "iommu-group", LEVEL_FAIL, gpu->address,
		      format("%s shares IOMMU group %d with %s", who, group, other),
		      format("turn on ACS in the firmware set-up, or put the GPU in another slot"));
	else
		found(d, "iommu-group", LEVEL_OK, gpu->address, format("alone in its IOMMU group"),
		      NULL);
	free(members.groups);
	names_free(&members.devices);
}

static bool failed(const struct doctor *d, const char *id, const char *gpu)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		if (d->list[i].level == LEVEL_FAIL && !strcmp(d->list[i].id, id) &&
		    (!*d->list[i].gpu || !strcmp(d->list[i].gpu, gpu)))
			return true;
	return false;
}

static bool catalogue_there(const struct doctor *d, const char *build)
{
	static const char *const places[] = { "lib/firmware/nvidia", "usr/lib/firmware/nvidia",
					      "lib/firmware/updates/nvidia" };
	static const char *const ends[] = { "", ".xz", ".zst" };
	bool is = false;
	size_t p, e;

	for (p = 0; p < ARRAY_SIZE(places); p++)
		for (e = 0; e < ARRAY_SIZE(ends); e++) {
			char *path = format("%s/vgpu-%s.bin%s", places[p], build, ends[e]);

			is |= file_exists(d->root, path);
			free(path);
		}
	return is;
}

/* What the driver says of a GPU that is not ready: docs/driver.md has the states. */
static void examine_status(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	const char *a = gpu->address, *s = gpu->status;

	if (!strcmp(s, "ready")) {
		found(d, "status", LEVEL_OK, a,
		      *gpu->last_error ? format("ready; last refusal: %s", gpu->last_error) :
					 format("ready"), NULL);
	} else if (strstr(s, "IOMMU")) {
		if (!failed(d, "iommu", a) && !failed(d, "iommu-group", a))
			found(d, "iommu-group", LEVEL_FAIL, a, format("%s", s),
			      format("turn on ACS in the firmware set-up, or put the GPU in another "
				     "slot"));
	} else if (strstr(s, "does not use SR-IOV")) {
		found(d, "board", LEVEL_FAIL, a, format("%s", s),
		      format("use NVIDIA's driver for this board"));
	} else if (strstr(s, "hand-over")) {
		found(d, "firmware", LEVEL_FAIL, a, format("%s", s),
		      format("something must boot the GPU's firmware in vGPU mode before openvgpu; "
			     "nothing public does so far (README)"));
	} else if (*gpu->firmware && !catalogue_there(d, gpu->firmware)) {
		found(d, "catalogue", LEVEL_FAIL, a, format("%s", s),
		      format("vgpuctl catalog build --firmware %s --output "
			     "/lib/firmware/nvidia/vgpu-%s.bin, then unbind and bind the GPU",
			     gpu->firmware, gpu->firmware));
	} else if (strstr(s, "reset the GPU")) {
		found(d, "gpu-state", LEVEL_FAIL, a, format("%s", s),
		      format("echo 1 >" DEVICES "/%s/reset", a));
	} else if (strstr(s, "gone from the bus")) {
		found(d, "gpu-state", LEVEL_FAIL, a, format("%s", s),
		      format("look at its power and its slot, then echo 1 >/sys/bus/pci/rescan"));
	} else if (strstr(s, "to be closed")) {
		found(d, "gpu-state", LEVEL_FAIL, a, format("%s", s),
		      format("shut down the VMs that have its vGPUs; it then starts anew by itself"));
	} else if (strstr(s, "restart") || strstr(s, "recovery")) {
		found(d, "gpu-state", LEVEL_FAIL, a, format("%s", s),
		      format("it does so by itself: look again in a minute"));
	} else {
		char *more = *gpu->last_error && !strstr(s, gpu->last_error) ?
			     format("; last refusal: %s", gpu->last_error) : format("%s", "");

		found(d, "status", LEVEL_FAIL, a, format("%s%s", s, more),
		      format("the kernel's log has more: dmesg | grep %s", a));
		free(more);
	}
}

static void examine_vfs(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	const struct openvgpu_vf *foreign = NULL, *broken = NULL;
	size_t n_foreign = 0, n_broken = 0, i;
	const char *a = gpu->address;

	if (!gpu->num_vfs) {
		found(d, "vfs", LEVEL_FAIL, a, format("none of its %u VFs is enabled", gpu->total_vfs),
		      format("vgpuctl restore %s, or echo %u >" DEVICES "/%s/sriov_numvfs", a,
			     gpu->total_vfs, a));
		return;
	}
	found(d, "vfs", LEVEL_OK, a, format("%u of %u VFs are enabled", gpu->num_vfs,
					   gpu->total_vfs), NULL);
	for (i = 0; i < gpu->n_vfs; i++) {
		const struct openvgpu_vf *vf = &gpu->vfs[i];

		if (strcmp(vf->driver, "nvidia")) {
			foreign = foreign ? foreign : vf;
			n_foreign++;
		} else if (!strcmp(vf->state, "error")) {
			broken = broken ? broken : vf;
			n_broken++;
		}
	}
	if (foreign)
		found(d, "vf-driver", n_foreign == gpu->n_vfs ? LEVEL_FAIL : LEVEL_WARN, a,
		      format("VFs that are not openvgpu's: %zu of %zu; %s is bound to %s", n_foreign,
			     gpu->n_vfs, foreign->address,
			     *foreign->driver ? foreign->driver : "no driver"),
		      *foreign->driver ?
			format("echo %s >" DEVICES "/%s/driver/unbind; "
			       "echo %s >/sys/bus/pci/drivers/nvidia/bind", foreign->address,
			       foreign->address, foreign->address) :
			format("echo %s >/sys/bus/pci/drivers/nvidia/bind", foreign->address));
	if (broken)
		found(d, "vf-state", n_broken == gpu->n_vfs ? LEVEL_FAIL : LEVEL_WARN, a,
		      format("VFs out of use: %zu of %zu; %s: %s", n_broken, gpu->n_vfs,
			     broken->address, *broken->last_error ? broken->last_error : "error"),
		      format("when no VM has a vGPU of this GPU: echo 1 >" DEVICES "/%s/reset", a));
	if (!gpu->mdev)
		found(d, "mdev-parent", LEVEL_WARN, a,
		      format("not registered with mdev: libvirt and mdevctl can make no vGPU on it"),
		      format("echo 1 >" DEVICES "/%s/vgpu/mdev", a));
	else
		found(d, "mdev-parent", LEVEL_OK, a, format("registered with mdev"), NULL);
}

void examine_gpu(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	if (!examine_board(d, gpu))
		return;
	examine_driver(d, gpu);
	if (gpu->total_vfs)
		found(d, "sriov", LEVEL_OK, gpu->address, format("up to %u VFs", gpu->total_vfs),
		      NULL);
	else
		found(d, "sriov", LEVEL_FAIL, gpu->address, format("the kernel sees no SR-IOV on it"),
		      format("turn on SR-IOV, and Above 4G Decoding, in the firmware set-up"));
	examine_group(d, gpu);
	if (!gpu->managed)
		return;
	examine_status(d, gpu);
	if (!strcmp(gpu->status, "ready") && gpu->total_vfs)
		examine_vfs(d, gpu);
}
