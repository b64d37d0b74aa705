// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
#include "abi.h"

static const struct gsp_abi * const branches[] = {
	&gsp_abi_r535,
	&gsp_abi_r570,
	&gsp_abi_r595,
};

/**
 * gsp_abi_find() - layouts for a firmware build
 * @build: "570.144": two or three groups of digits with dots between them
 *
 * The text ends up in a file name, so that anything else than digits and dots
 * is as unknown as a branch that is not in the list.
 *
 * Return: the table of its branch, or NULL.
 */
const struct gsp_abi *gsp_abi_find(const char *build)
{
	u32 branch = 0;
	size_t i, digits = 0, dots = 0;

	for (i = 0; build[i]; i++) {
		if (build[i] >= '0' && build[i] <= '9') {
			if (++digits > 4)
				return NULL;
			if (!dots)
				branch = branch * 10 + (u32)(build[i] - '0');
		} else if (build[i] == '.' && digits && dots < 2) {
			dots++;
			digits = 0;
		} else {
			return NULL;
		}
	}
	if (!dots || !digits)
		return NULL;

	for (i = 0; i < ARRAY_SIZE(branches); i++)
		if (branches[i]->branch == branch)
			return branches[i];
	return NULL;
}

/**
 * gsp_runs_48() - is GSP booted for 48 vGPUs on this board?
 * @abi: firmware branch
 * @device: PCI device id of the PF
 * @subsystem: PCI subsystem device id
 *
 * NVIDIA's host has the same list (kernel_gsp_gb202.c, 595): RTX PRO 6000 Blackwell DC
 * and Server Edition LC, RTX PRO 6000 X.
 */
bool gsp_runs_48(const struct gsp_abi *abi, u16 device, u16 subsystem)
{
	static const struct {
		u16 device, subsystem;
	} boards[] = {
		{ 0x2bb5, 0x204e }, { 0x2bb5, 0x220b }, { 0x2bb1, 0x204b },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(boards) && abi->inputs.heap_48_mib; i++)
		if (boards[i].device == device && boards[i].subsystem == subsystem)
			return true;
	return false;
}
