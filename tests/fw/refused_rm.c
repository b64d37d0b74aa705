// SPDX-License-Identifier: GPL-2.0-only
/* RM objects and controls that are refused. */
#include "refused.h"

#include <stdlib.h>
#include <string.h>

#define OTHER	(CLIENT + 0x100)

REFUSED(refused_client)
{
	uint8_t p[72] = { 0 };

	EXPECT_STATUS(host_alloc_device(h, OTHER), RM_CLIENT);
	EXPECT_STATUS(host_drop(h, OTHER, DEVICE), RM_CLIENT);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_FEATURES, p, 72), RM_CLIENT);
	/* one that was freed */
	EXPECT_STATUS(host_alloc_all(h, OTHER), 0);
	EXPECT_STATUS(host_drop(h, OTHER, OTHER), 0);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_FEATURES, p, 72), RM_CLIENT);
	return 4;
}

REFUSED(refused_object)
{
	uint8_t p[72] = { 0 };

	EXPECT_STATUS(host_drop(h, CLIENT, 0x12345678), RM_NOT_FOUND);
	EXPECT_STATUS(host_ctrl_as(h, CLIENT, 0x12345678, CMD_FEATURES, p, 72), RM_NOT_FOUND);
	EXPECT_STATUS(host_alloc_client(h, OTHER), 0);
	/* an object of another client is none of this one */
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_FEATURES, p, 72), RM_NOT_FOUND);
	EXPECT_STATUS(host_drop(h, OTHER, OTHER), 0);
	return 3;
}

REFUSED(refused_object_kind)
{
	uint8_t p[72] = { 0 };

	EXPECT_STATUS(host_ctrl_as(h, CLIENT, CLIENT, CMD_FEATURES, p, 72), RM_HANDLE);
	EXPECT_STATUS(host_ctrl_as(h, CLIENT, DEVICE, CMD_FEATURES, p, 72), RM_HANDLE);
	return 2;
}

REFUSED(refused_parent)
{
	uint8_t p[120] = { 0 };

	EXPECT_STATUS(host_alloc(h, CLIENT, CLIENT, 0x77, 0x2080, p, 4), RM_PARENT);
	EXPECT_STATUS(host_alloc(h, CLIENT, DEVICE, 0x77, 0x80, p, 56), RM_PARENT);
	EXPECT_STATUS(host_alloc(h, CLIENT, 0x99, 0x77, 0x80, p, 56), RM_PARENT);
	put32(p, OTHER);
	EXPECT_STATUS(host_alloc(h, OTHER, CLIENT, OTHER, 0, p, h->lay->root), RM_PARENT);
	EXPECT_STATUS(host_alloc(h, OTHER, OTHER, 0x77, 0, p, h->lay->root), RM_PARENT);
	return 5;
}

REFUSED(refused_class)
{
	uint8_t p[120] = { 0 };

	EXPECT_STATUS(host_alloc(h, CLIENT, CLIENT, 0x77, 0x81, p, 56), RM_CLASS);
	EXPECT_STATUS(host_alloc(h, CLIENT, DEVICE, 0x77, 0x90f1, p, 0), RM_CLASS);
	return 2;
}

REFUSED(refused_handle)
{
	uint8_t p[120] = { 0 };

	EXPECT_STATUS(host_alloc(h, CLIENT, CLIENT, 0, 0x80, p, 56), RM_HANDLE);
	EXPECT_STATUS(host_alloc(h, 0, 0, 0, 0, p, h->lay->root), RM_HANDLE);
	return 2;
}

REFUSED(refused_handle_in_use)
{
	EXPECT_STATUS(host_alloc_client(h, CLIENT), RM_DUPLICATE);
	EXPECT_STATUS(host_alloc_device(h, CLIENT), RM_DUPLICATE);
	EXPECT_STATUS(host_alloc_subdevice(h, CLIENT), RM_DUPLICATE);
	return 3;
}

REFUSED(refused_alloc_params)
{
	uint8_t p[128] = { 0 };

	put32(p, OTHER);
	EXPECT_STATUS(host_alloc(h, OTHER, OTHER, OTHER, 0, p, h->lay->root - 4), RM_PARAMS);
	EXPECT_STATUS(host_alloc(h, OTHER, OTHER, OTHER, 0, p, h->lay->root + 4), RM_PARAMS);
	put32(p, CLIENT);	/* says another client than it makes */
	EXPECT_STATUS(host_alloc(h, OTHER, OTHER, OTHER, 0, p, h->lay->root), RM_PARAMS);
	put32(p, 0);
	EXPECT_STATUS(host_alloc(h, CLIENT, CLIENT, 0x77, 0x80, p, 48), RM_PARAMS);
	EXPECT_STATUS(host_alloc(h, CLIENT, DEVICE, 0x77, 0x2080, p, 8), RM_PARAMS);
	put32(p, 1);	/* a second GPU */
	EXPECT_STATUS(host_alloc(h, CLIENT, CLIENT, 0x77, 0x80, p, 56), RM_ARGUMENT);
	EXPECT_STATUS(host_alloc(h, CLIENT, DEVICE, 0x77, 0x2080, p, 4), RM_ARGUMENT);
	return 7;
}

REFUSED(refused_too_many_objects)
{
	uint32_t n = 1, held = model_objects(h->m);

	while (model_objects(h->m) < 4096 && n < 5000)
		cr_assert_eq(host_alloc_client(h, OTHER + n++), 0u);
	EXPECT_STATUS(host_alloc_client(h, OTHER + n), RM_RESOURCES);
	while (--n)
		cr_assert_eq(host_drop(h, OTHER + n, OTHER + n), 0u);
	cr_expect_eq(model_objects(h->m), held);
	return 1;
}

/* ---------------------------------------------------------------- controls */

REFUSED(refused_control)
{
	uint8_t p[16] = { 0 };
	uint32_t times = 3;

	EXPECT_STATUS(host_ctrl(h, 0x20800001, p, 16), RM_NOT_SUPPORTED);
	EXPECT_STATUS(host_ctrl(h, 0x20804099, p, 4), RM_NOT_SUPPORTED);
	EXPECT_STATUS(host_ctrl(h, 0, p, 0), RM_NOT_SUPPORTED);
	/* those that came later */
	if (!h->lay->modes) {
		uint8_t sched[24] = { 1 };

		EXPECT_STATUS(host_mixed(h, 1), RM_NOT_SUPPORTED);
		EXPECT_STATUS(host_sched(h, 1, 3, 0, 0), RM_NOT_SUPPORTED);
		EXPECT_STATUS(host_ctrl(h, CMD_SCHED_GET, sched, 20), RM_NOT_SUPPORTED);
		times += 3;
	}
	if (h->lay->branch != 595) {
		EXPECT_STATUS(host_timeslice(h, 1), RM_NOT_SUPPORTED);
		times++;
	}
	return times;
}

REFUSED(refused_control_params)
{
	const struct { uint32_t cmd, size; } ctrl[] = {
		{ CMD_FEATURES, 72 }, { CMD_SEGMENT, 8 }, { CMD_ENGINES, h->lay->engines },
		{ CMD_ECC, h->lay->ecc }, { CMD_FB_INFO, 4 + 8 * h->lay->fb_info },
		{ CMD_CHANNELS, 8 }, { CMD_BOOTLOAD, h->lay->boot.size }, { CMD_SHUTDOWN, 4 },
		{ CMD_CLEANUP, 4 }, { CMD_MEMSET, 96 }, { CMD_ADD_TYPE, h->lay->types.size },
		{ CMD_MIG_MODE, 4 }, { CMD_SET_GIS, 8 + 8 * h->lay->gi.size }, { CMD_PROMOTE, 24 },
		{ CMD_GI_RANGES, 240 },
		/* of later branches */
		{ CMD_SCHED_GET, 20 }, { CMD_SCHED_SET, 24 },
	};
	const size_t all = sizeof(ctrl) / sizeof(ctrl[0]), n = h->lay->modes ? all : all - 2;
	uint8_t *p = calloc(1, h->lay->types.size + 8);
	uint32_t times = 0;

	for (size_t i = 0; i < n; i++) {
		EXPECT_STATUS(host_ctrl(h, ctrl[i].cmd, p, ctrl[i].size - 4), RM_PARAMS);
		EXPECT_STATUS(host_ctrl(h, ctrl[i].cmd, p, ctrl[i].size + 4), RM_PARAMS);
		times += 2;
	}
	if (h->lay->modes) {
		EXPECT_STATUS(host_ctrl(h, CMD_MIXED, p, 4), RM_PARAMS);
		times++;
	}
	if (h->lay->branch == 595) {
		EXPECT_STATUS(host_ctrl(h, CMD_MIG_TIMESLICE, p, 4), RM_PARAMS);
		times++;
	}
	free(p);
	return times;
}

REFUSED(refused_control_argument)
{
	uint8_t p[4 + 8 * 128] = { 0 };
	uint32_t size = 4 + 8 * h->lay->fb_info;

	put32(p, h->f.nengines);	/* one runlist more than there is */
	EXPECT_STATUS(host_ctrl(h, CMD_CHANNELS, p, 8), RM_ARGUMENT);
	memset(p, 0, sizeof(p));
	put32(p, h->lay->fb_info + 1);
	EXPECT_STATUS(host_ctrl(h, CMD_FB_INFO, p, size), RM_ARGUMENT);
	put32(p, 2);
	put32(p + 4, 7);
	put32(p + 12, h->lay->fb_info_last + 1);
	EXPECT_STATUS(host_ctrl(h, CMD_FB_INFO, p, size), RM_ARGUMENT);
	put32(p + 12, h->lay->fb_info_last);
	EXPECT_STATUS(host_ctrl(h, CMD_FB_INFO, p, size), 0);
	cr_expect_eq(get32(p + 8), h->f.fb >> 10);
	return 3;
}
