// SPDX-License-Identifier: GPL-2.0-only
/* Types and framebuffer commands that are refused, and who may send them. */
#include "refused.h"

#include <stdlib.h>
#include <string.h>

#define OTHER	(CLIENT + 0x100)

/* The good payload, with one change. */
static uint8_t *payload(struct host *h)
{
	uint8_t *p = malloc(h->lay->types.size);

	host_types(h, p);
	return p;
}

REFUSED(refused_manager_client)
{
	uint8_t *p = payload(h);

	EXPECT_STATUS(host_alloc_all(h, OTHER), 0);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_ADD_TYPE, p, h->lay->types.size),
		      RM_PERMISSIONS);
	host_bootload_params(h, 1, p);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_BOOTLOAD, p, h->lay->boot.size),
		      RM_PERMISSIONS);
	host_memset_params(p, 0, 0x1000, 0);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_MEMSET, p, 96), RM_PERMISSIONS);
	host_vgpu(h, 1);
	put32(p, 1);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_SHUTDOWN, p, 4), RM_PERMISSIONS);
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_CLEANUP, p, 4), RM_PERMISSIONS);
	cr_expect(model_vgpu_runs(h->m, 1));
	host_vgpu_gone(h, 1);
	/* what is about the GPU is anybody's */
	EXPECT_STATUS(host_ctrl_as(h, OTHER, SUBDEVICE, CMD_FEATURES, p, 72), 0);
	EXPECT_STATUS(host_drop(h, OTHER, OTHER), 0);
	free(p);
	return 5;
}

REFUSED_COLD(refused_type_state)
{
	uint8_t *p = payload(h);

	host_up_without_types(h);
	p[0] = 0;
	EXPECT_STATUS(host_add_types(h, p), RM_STATE);
	p[0] = 1;
	EXPECT_STATUS(host_add_types(h, p), 0);
	/* a firmware that was stopped has forgotten them */
	host_down(h);
	host_up_without_types(h);
	p[0] = 0;
	EXPECT_STATUS(host_add_types(h, p), RM_STATE);
	host_down(h);
	free(p);
	return 2;
}

REFUSED(refused_type_in_use)
{
	uint8_t *p = payload(h);

	host_vgpu(h, 1);
	EXPECT_STATUS(host_add_types(h, p), RM_IN_USE);
	/* more of them may be added */
	p[0] = 0;
	put32(p + 4, 1);
	host_type_record(h, p, 0, HOST_TYPE + 7);
	EXPECT_STATUS(host_add_types(h, p), 0);
	host_vgpu_gone(h, 1);
	free(p);
	return 1;
}

REFUSED(refused_type_count)
{
	uint8_t *p = payload(h);
	uint32_t n = 2, times = 3;

	put32(p + 4, 0);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	put32(p + 4, h->lay->types.records + 1);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	put32(p + 4, 0xffffffff);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	/* as many as a call can carry, until there is no more room */
	p[0] = 0;
	put32(p + 4, h->lay->types.records);
	for (;;) {
		uint32_t status;

		for (uint32_t i = 0; i < h->lay->types.records; i++)
			host_type_record(h, p, i, 10000 + n + i);
		status = host_add_types(h, p);
		if (status) {
			EXPECT_STATUS(status, RM_ARGUMENT);
			times++;
			break;
		}
		n += h->lay->types.records;
		cr_assert_leq(n, 1000u);
	}
	free(p);
	return times;
}

REFUSED(refused_type_record)
{
	uint8_t *p = payload(h), *rec = p + 8 + h->lay->types.record;

	put32(rec, 0);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_type_record(h, p, 1, HOST_TYPE);	/* twice */
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_type_record(h, p, 1, HOST_TYPE + 1);
	put64(rec + h->lay->types.pdev, h->f.device ^ 1);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_type_record(h, p, 1, HOST_TYPE + 1);
	put32(rec + h->lay->types.max, 0);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_type_record(h, p, 1, HOST_TYPE + 1);
	put64(rec + h->lay->types.profile, 0);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	put64(rec + h->lay->types.profile, 0x60000000);	/* no whole GiB */
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_type_record(h, p, 1, HOST_TYPE + 1);
	/* of a GPU instance larger than the board */
	put32(rec + h->lay->types.gi_size, h->f.gi_slices + 1);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_type_record(h, p, 1, HOST_TYPE + 1);
	memset(rec + 4, 'x', h->lay->types.name);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	host_types(h, p);	/* there already */
	p[0] = 0;
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	/* nothing of a call that is refused was taken over, nor forgotten */
	host_type_record(h, p, 0, HOST_TYPE + 9);
	EXPECT_STATUS(host_add_types(h, p), RM_ARGUMENT);
	put32(p + 4, 1);
	EXPECT_STATUS(host_add_types(h, p), 0);
	free(p);
	return 10;
}

REFUSED(refused_type_signature)
{
	uint8_t *p = payload(h), *rec = p + 8 + h->lay->types.record;

	memset(rec + h->lay->types.sig, 0, 128);
	EXPECT_STATUS(host_add_types(h, p), 0);
	model_require_signatures(h->m, true);
	EXPECT_STATUS(host_add_types(h, p), RM_PERMISSIONS);
	rec[h->lay->types.sig + 127] = 1;
	EXPECT_STATUS(host_add_types(h, p), 0);
	free(p);
	return 1;
}

/* -------------------------------------------------------------- framebuffer */

static uint32_t memset_with(struct host *h, uint32_t off, uint64_t val)
{
	uint8_t p[96];

	host_memset_params(p, 0x200000, 0x100000, 0);
	if (off == 72 || off == 92)
		put32(p + off, (uint32_t)val);
	else
		put64(p + off, val);
	return host_ctrl(h, CMD_MEMSET, p, 96);
}

REFUSED(refused_scrub)
{
	EXPECT_STATUS(memset_with(h, 92, 0), RM_ARGUMENT);		/* copy */
	EXPECT_STATUS(memset_with(h, 72, 1), RM_ARGUMENT);		/* system memory */
	EXPECT_STATUS(memset_with(h, 80, 0), RM_ARGUMENT);
	EXPECT_STATUS(memset_with(h, 80, 0x100001), RM_ARGUMENT);	/* more than its size */
	EXPECT_STATUS(memset_with(h, 64, 1), RM_ARGUMENT);
	EXPECT_STATUS(memset_with(h, 64, 0x100001), RM_ARGUMENT);
	EXPECT_STATUS(memset_with(h, 64, -1ull), RM_ARGUMENT);
	EXPECT_STATUS(memset_with(h, 48, h->f.usable), RM_ARGUMENT);
	EXPECT_STATUS(memset_with(h, 48, h->f.usable - 0xff000), RM_ARGUMENT);
	EXPECT_STATUS(memset_with(h, 48, -0x1000ull), RM_ARGUMENT);
	return 10;
}

REFUSED(refused_scrub_in_use)
{
	uint64_t fb = host_fb(h, 2);

	host_vgpu(h, 2);
	EXPECT_STATUS(host_memset(h, fb, host_fb_size(h), 0), RM_IN_USE);
	EXPECT_STATUS(host_memset(h, fb + host_fb_size(h) - 1, 2, 0), RM_IN_USE);
	EXPECT_STATUS(host_memset(h, host_heap(h, 2) + 0x1000, 1, 0), RM_IN_USE);
	EXPECT_STATUS(host_memset(h, fb - 0x1000, 0x1000, 0), 0);
	EXPECT_STATUS(host_shutdown(h, 2), 0);
	EXPECT_STATUS(host_memset(h, fb, 1, 0), RM_IN_USE);
	EXPECT_STATUS(host_cleanup(h, 2), 0);
	EXPECT_STATUS(host_memset(h, fb, 1, 0), 0);
	return 4;
}
