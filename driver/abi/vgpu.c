// SPDX-License-Identifier: GPL-2.0-only
/*
 * Files that a VF and an mdev have in common, in their folder "vgpu": what the
 * firmware tells of a vGPU that is open.
 */
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
