// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that a VF and an mdev have in common. In their folder "vgpu": what the firmware
 * tells of a vGPU that is open, and who uses it. In their folder "nvidia": what can be
 * set for it, as NVIDIA's own driver has it since 525 and 550.
 */
#include <linux/kstrtox.h>
#include <linux/sysfs.h>
#include "../compat/compat.h"
#include "../core/core.h"
#include "abi.h"

static ssize_t value_show(char *buf, u32 value)
{
	if (value == OVG_VALUE_UNKNOWN)
		return sysfs_emit(buf, "unknown\n");
	return sysfs_emit(buf, "%u\n", value);
}

/**
 * ovg_abi_guest() - guest: is the guest's driver loaded?
 * @vgpu: vGPU of a locked GPU, or NULL
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_guest(const struct ovg_vgpu *vgpu, char *buf)
{
	return sysfs_emit(buf, "%s\n", vgpu && vgpu->guest ? "loaded" : "none");
}
OVG_EXPORT(ovg_abi_guest);

/**
 * ovg_abi_licence() - licence: its state
 * @vgpu: vGPU of a locked GPU, or NULL
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_licence(const struct ovg_vgpu *vgpu, char *buf)
{
	return value_show(buf, vgpu ? vgpu->licence : OVG_VALUE_UNKNOWN);
}
OVG_EXPORT(ovg_abi_licence);

/**
 * ovg_abi_os() - os: what the guest runs
 * @vgpu: vGPU of a locked GPU, or NULL
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_os(const struct ovg_vgpu *vgpu, char *buf)
{
	return value_show(buf, vgpu ? vgpu->os : OVG_VALUE_UNKNOWN);
}
OVG_EXPORT(ovg_abi_os);

/**
 * ovg_abi_usage() - usage: in percent
 * @vgpu: vGPU of a locked GPU, or NULL
 * @buf: a page
 *
 * Return: bytes, 0 if there was no sample since it was opened.
 */
ssize_t ovg_abi_usage(const struct ovg_vgpu *vgpu, char *buf)
{
	const struct ovg_usage *u;

	if (!vgpu || !vgpu->usage.time_us)
		return 0;
	u = &vgpu->usage;
	return sysfs_emit(buf,
			  "graphics=%u.%02u memory=%u.%02u encoder=%u.%02u decoder=%u.%02u\n",
			  u->graphics / 100, u->graphics % 100,
			  u->memory / 100, u->memory % 100,
			  u->encoder / 100, u->encoder % 100,
			  u->decoder / 100, u->decoder % 100);
}
OVG_EXPORT(ovg_abi_usage);

/* What a vGPU has of the board; NULL if the firmware has kept it. */
static const struct ovg_place *place_of(const struct ovg_vgpu *vgpu)
{
	if (vgpu->place == OVG_NO_PLACE)
		return NULL;
	return &vgpu->gpu->pool.place[vgpu->place];
}

static ssize_t number_or_na(char *buf, bool has, u32 number)
{
	if (!has)
		return sysfs_emit(buf, "Not Applicable\n");
	return sysfs_emit(buf, "%u\n", number);
}

/**
 * ovg_abi_vgpu_params() - vgpu_params: as they were written
 * @vgpu: vGPU of a locked GPU
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_vgpu_params(const struct ovg_vgpu *vgpu, char *buf)
{
	return sysfs_emit(buf, "%s\n", vgpu->params);
}
OVG_EXPORT(ovg_abi_vgpu_params);

/**
 * ovg_abi_vgpu_params_set() - vgpu_params: replace all
 * @vgpu: vGPU of a locked GPU
 * @buf: text
 * @count: bytes of it
 *
 * Return: @count or an error.
 */
ssize_t ovg_abi_vgpu_params_set(struct ovg_vgpu *vgpu, const char *buf, size_t count)
{
	int ret = ovg_vgpu_set_params(vgpu, buf, count);

	return ret ? ret : count;
}
OVG_EXPORT(ovg_abi_vgpu_params_set);

/**
 * ovg_abi_placement_id() - placement_id: where it sits
 * @vgpu: vGPU of a locked GPU
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_placement_id(const struct ovg_vgpu *vgpu, char *buf)
{
	const struct ovg_place *place = place_of(vgpu);

	return number_or_na(buf, place && place->id != OVG_PLACEMENT_NONE,
			    place ? place->id : 0);
}
OVG_EXPORT(ovg_abi_placement_id);

/**
 * ovg_abi_placement_id_set() - placement_id: let it sit elsewhere
 * @vgpu: vGPU of a locked GPU
 * @buf: decimal number, terminated
 * @count: bytes of it
 *
 * Return: @count or an error.
 */
ssize_t ovg_abi_placement_id_set(struct ovg_vgpu *vgpu, const char *buf, size_t count)
{
	u16 id;
	int ret;

	/* Also a number too large for an id is no id. */
	if (kstrtou16(buf, 10, &id)) {
		ovg_refuse(vgpu->gpu, vgpu->slot, "placement_id: not a placement id: write a number of vgpu/placements");
		return -EINVAL;
	}
	ret = ovg_vgpu_set_placement(vgpu, id);
	return ret ? ret : count;
}
OVG_EXPORT(ovg_abi_placement_id_set);

/**
 * ovg_abi_gpu_instance_id() - gpu_instance_id: the MIG GPU instance that it lives in
 * @vgpu: vGPU of a locked GPU
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_gpu_instance_id(const struct ovg_vgpu *vgpu, char *buf)
{
	const struct ovg_place *place = place_of(vgpu);

	return number_or_na(buf, place && place->gi != OVG_GI_NONE,
			    place ? place->gi : 0);
}
OVG_EXPORT(ovg_abi_gpu_instance_id);

/**
 * ovg_abi_gpu_instance_id_set() - gpu_instance_id: let it live in another one
 * @vgpu: vGPU of a locked GPU
 * @buf: decimal number, terminated
 * @count: bytes of it
 *
 * Return: @count or an error.
 */
ssize_t ovg_abi_gpu_instance_id_set(struct ovg_vgpu *vgpu, const char *buf, size_t count)
{
	u32 gi;
	int ret;

	if (kstrtou32(buf, 10, &gi)) {
		ovg_refuse(vgpu->gpu, vgpu->slot, "gpu_instance_id: not the id of a GPU instance: see gpu_instances");
		return -EINVAL;
	}
	ret = ovg_vgpu_set_gi(vgpu, gi);
	return ret ? ret : count;
}
OVG_EXPORT(ovg_abi_gpu_instance_id_set);

/**
 * ovg_abi_placements() - placements: ids that one more of this type could have now
 * @vgpu: vGPU of a locked GPU, or NULL
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_placements(const struct ovg_vgpu *vgpu, char *buf)
{
	const struct ovg_place *place = vgpu ? place_of(vgpu) : NULL;
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 i, count = 0;
	ssize_t len = 0;

	if (place)
		count = ovg_pool_ids(&vgpu->gpu->pool, &vgpu->gpu->types[vgpu->type],
				     place->gi, true, ids);
	for (i = 0; i < count; i++)
		len += sysfs_emit_at(buf, len, "%s%u", i ? " " : "", ids[i]);
	return len + sysfs_emit_at(buf, len, "\n");
}
OVG_EXPORT(ovg_abi_placements);

/**
 * ovg_abi_vm_name() - vm_name: of the VM that has it, as whoever made the VM said
 * @vgpu: vGPU of a locked GPU, or NULL
 * @buf: a page
 *
 * Return: bytes.
 */
ssize_t ovg_abi_vm_name(const struct ovg_vgpu *vgpu, char *buf)
{
	return sysfs_emit(buf, "%s\n", vgpu ? vgpu->vm_name : "");
}
OVG_EXPORT(ovg_abi_vm_name);

/**
 * ovg_abi_vm_name_set() - vm_name: say so
 * @vgpu: vGPU of a locked GPU
 * @buf: text
 * @count: bytes of it
 *
 * Return: @count or an error.
 */
ssize_t ovg_abi_vm_name_set(struct ovg_vgpu *vgpu, const char *buf, size_t count)
{
	int ret = ovg_vgpu_set_vm_name(vgpu, buf, count);

	return ret ? ret : count;
}
OVG_EXPORT(ovg_abi_vm_name_set);
