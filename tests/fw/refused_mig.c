// SPDX-License-Identifier: GPL-2.0-only
/* GPU instances that are refused, and vGPUs in them. Boards without MIG have none. */
#include "refused.h"

#include <stdlib.h>
#include <string.h>

#define IN_GI	900	/* a type of the smallest instance; and a larger one */
#define IN_GI_2	901

#define MIG_OR_NOTHING(h) do { \
	if (!(h)->f.gi_slices) \
		return 0; \
	EXPECT_STATUS(host_mig(h, MIG_ON), 0); \
} while (0)

static void mig_off(struct host *h)
{
	EXPECT_STATUS(host_mig(h, MIG_OFF), 0);
	cr_expect_eq(model_gpu_instances(h->m), 0u);
}

static uint32_t create(struct host *h, uint32_t flags, uint32_t start, uint32_t eighths)
{
	uint32_t id;

	return host_gi_create(h, flags, start, eighths, &id);
}

REFUSED(refused_gi_mode)
{
	uint32_t flags, eighths;

	if (!h->f.gi_slices)
		return 0;
	flags = host_gi_smallest(h, &eighths);
	EXPECT_STATUS(create(h, flags, 0, eighths), RM_STATE);
	EXPECT_STATUS(host_gi_destroy(h, 0), RM_STATE);
	EXPECT_STATUS(host_promote(h, 0, 0, 0x3ffffff), RM_STATE);
	return 3;
}

REFUSED(refused_gi_count)
{
	uint8_t p[8 + 8 * 48] = { 0 };

	MIG_OR_NOTHING(h);
	p[8 + h->lay->gi.valid] = 1;
	for (uint32_t n = 0; n < 10; n += 2) {
		put32(p, n);
		EXPECT_STATUS(host_ctrl(h, CMD_SET_GIS, p, 8 + 8 * h->lay->gi.size), RM_ARGUMENT);
	}
	mig_off(h);
	return 5;
}

REFUSED(refused_gi_flags)
{
	/* bits of nobody, and sizes that do not go together */
	static const uint32_t bad[] = {
		1 << 8, 1 << 29, GI_7 | GI_ME, GI_7 | 1 << 2, 0 | 5 << 2, 1, 2 | 1 << 2, 3 | 6 << 2,
		3 | 7 << 2, 6 << 5,
	};
	uint32_t times = 0, flags, eighths;

	MIG_OR_NOTHING(h);
	for (; times < sizeof(bad) / sizeof(bad[0]); times++)
		EXPECT_STATUS(create(h, bad[times], 0, 8), RM_ARGUMENT);
	/* those of other boards */
	if (h->f.gi_slices == 4) {
		EXPECT_STATUS(create(h, GI_1, 0, 1), RM_ARGUMENT);
		EXPECT_STATUS(create(h, GI_3, 0, 4), RM_ARGUMENT);
		EXPECT_STATUS(create(h, GI_1_DOUBLE, 0, 2), RM_ARGUMENT);
		times += 3;
	} else {
		EXPECT_STATUS(create(h, GI_1_DOUBLE | GI_ME, 0, 2), RM_ARGUMENT);
		times++;
	}
	flags = host_gi_smallest(h, &eighths);
	if (!h->f.can_48) {
		EXPECT_STATUS(create(h, flags | 4 << 5, 0, eighths), RM_ARGUMENT);
	} else {
		/* graphics of another size than compute */
		EXPECT_STATUS(create(h, flags | 1 << 5, 0, eighths), RM_ARGUMENT);
	}
	mig_off(h);
	return times + 1;
}

REFUSED(refused_gi_span)
{
	uint32_t times = 0, flags, eighths;

	MIG_OR_NOTHING(h);
	flags = host_gi_smallest(h, &eighths);
	EXPECT_STATUS(create(h, flags, 0, 2 * eighths), RM_ARGUMENT);
	EXPECT_STATUS(create(h, flags, 8, eighths), RM_ARGUMENT);
	EXPECT_STATUS(create(h, 0, 0, 4), RM_ARGUMENT);
	EXPECT_STATUS(create(h, 0, 4, 4), RM_ARGUMENT);
	times = 4;
	if (h->f.gi_slices == 7) {
		EXPECT_STATUS(create(h, GI_4, 4, 4), RM_ARGUMENT);
		EXPECT_STATUS(create(h, GI_3, 2, 4), RM_ARGUMENT);
		EXPECT_STATUS(create(h, GI_2, 6, 2), RM_ARGUMENT);
		EXPECT_STATUS(create(h, GI_2, 1, 2), RM_ARGUMENT);
		EXPECT_STATUS(create(h, GI_1, 7, 1), RM_ARGUMENT);
		times += 5;
	} else {
		EXPECT_STATUS(create(h, GI4_2, 2, 4), RM_ARGUMENT);
		times++;
	}
	mig_off(h);
	return times;
}

REFUSED(refused_gi_taken)
{
	uint32_t flags, eighths, id, half = h->f.gi_slices == 7 ? GI_3 : GI4_2;

	MIG_OR_NOTHING(h);
	flags = host_gi_smallest(h, &eighths);
	id = host_gi(h, flags, 0, eighths);
	EXPECT_STATUS(create(h, flags, 0, eighths), RM_RESOURCES);
	EXPECT_STATUS(create(h, half, 0, 4), RM_RESOURCES);
	EXPECT_STATUS(create(h, 0, GI_ANYWHERE, 8), RM_RESOURCES);
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	EXPECT_STATUS(create(h, half, 0, 4), 0);
	EXPECT_STATUS(create(h, flags, 4 - eighths, eighths), RM_RESOURCES);
	EXPECT_STATUS(host_gi_destroy(h, 1), 0);
	mig_off(h);
	return 4;
}

REFUSED(refused_gi_media)
{
	uint32_t flags, eighths, id;

	MIG_OR_NOTHING(h);
	flags = host_gi_smallest(h, &eighths);
	id = host_gi(h, flags | GI_ME, 0, eighths);
	EXPECT_STATUS(create(h, flags | GI_ME, eighths, eighths), RM_RESOURCES);
	EXPECT_STATUS(create(h, flags, eighths, eighths), 0);
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	EXPECT_STATUS(host_gi_destroy(h, id + 1), 0);
	mig_off(h);
	return 1;
}

REFUSED(refused_gi_id)
{
	uint32_t flags, eighths, id;

	MIG_OR_NOTHING(h);
	flags = host_gi_smallest(h, &eighths);
	EXPECT_STATUS(host_gi_destroy(h, 0), RM_ARGUMENT);
	id = host_gi(h, flags, eighths, eighths);
	EXPECT_STATUS(host_gi_destroy(h, id - 1), RM_ARGUMENT);
	EXPECT_STATUS(host_gi_destroy(h, 0xffffffff), RM_ARGUMENT);
	EXPECT_STATUS(host_promote(h, id + 1, 0, h->f.segment - 1), RM_ARGUMENT);
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	EXPECT_STATUS(host_gi_destroy(h, id), RM_ARGUMENT);
	mig_off(h);
	return 5;
}

/* The smallest instance at its second place, with a type for it. */
static uint32_t instance(struct host *h)
{
	uint32_t eighths, flags = host_gi_smallest(h, &eighths);

	EXPECT_STATUS(host_add_type(h, IN_GI, 2, 1, 4), 0);
	return host_gi(h, flags, eighths, eighths);
}

REFUSED(refused_gi_in_use)
{
	uint32_t id;

	MIG_OR_NOTHING(h);
	id = instance(h);
	host_put_in(h, 1, IN_GI, id, 0);
	host_vgpu(h, 1);
	EXPECT_STATUS(host_gi_destroy(h, id), RM_IN_USE);
	EXPECT_STATUS(host_shutdown(h, 1), 0);
	EXPECT_STATUS(host_gi_destroy(h, id), RM_IN_USE);	/* until CLEANUP */
	EXPECT_STATUS(host_cleanup(h, 1), 0);
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	mig_off(h);
	return 2;
}

REFUSED(refused_gi_range)
{
	uint64_t base, size, seg = h->f.segment;
	uint32_t id;

	MIG_OR_NOTHING(h);
	id = instance(h);
	host_gi_memory(h, id, &base, &size);
	EXPECT_STATUS(host_promote(h, id, base, base + size), RM_ARGUMENT);	/* not its end */
	EXPECT_STATUS(host_promote(h, id, base - seg, base + size - 1), RM_ARGUMENT);
	EXPECT_STATUS(host_promote(h, id, base, base + size + seg - 1), RM_ARGUMENT);
	EXPECT_STATUS(host_promote(h, id, base + size - 1, base), RM_ARGUMENT);
	EXPECT_STATUS(host_promote(h, id, 0, h->f.usable - 1), RM_ARGUMENT);
	EXPECT_STATUS(host_promote(h, id, base, base + size - 1), 0);
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	mig_off(h);
	return 5;
}

REFUSED(refused_boot_gi_memory)
{
	uint32_t eighths, flags, id;
	uint64_t base, size;

	MIG_OR_NOTHING(h);
	flags = host_gi_smallest(h, &eighths);
	EXPECT_STATUS(host_add_type(h, IN_GI, 2, 1, 4), 0);
	EXPECT_STATUS(host_gi_create(h, flags, 0, eighths, &id), 0);
	host_put_in(h, 1, IN_GI, id, 0);
	EXPECT_STATUS(host_bootload(h, 1), RM_STATE);
	host_gi_memory(h, id, &base, &size);
	EXPECT_STATUS(host_promote(h, id, base, base + size - 1), 0);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
	/* made anew, it has none again */
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	EXPECT_STATUS(host_gi_create(h, flags, 0, eighths, &id), 0);
	EXPECT_STATUS(host_bootload(h, 1), RM_STATE);
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	mig_off(h);
	return 2;
}

REFUSED(refused_boot_gi_full)
{
	uint32_t id, times;

	MIG_OR_NOTHING(h);
	id = instance(h);
	for (uint32_t gfid = 1; gfid <= 6; gfid++)
		host_put_in(h, gfid, IN_GI, id, gfid - 1);
	host_vgpu(h, 1);
	EXPECT_STATUS(host_bootload(h, 2), RM_RESOURCES);
	times = 1;
	if (h->f.can_48) {
		/* in turns there is room for four, as the type says */
		EXPECT_STATUS(host_timeslice(h, 1), 0);
		for (uint32_t gfid = 2; gfid <= 4; gfid++)
			host_vgpu(h, gfid);
		EXPECT_STATUS(host_bootload(h, 5), RM_RESOURCES);
		for (uint32_t gfid = 2; gfid <= 4; gfid++)
			host_vgpu_gone(h, gfid);
		EXPECT_STATUS(host_timeslice(h, 0), 0);
		EXPECT_STATUS(host_bootload(h, 2), RM_RESOURCES);
		times = 3;
	}
	host_vgpu_gone(h, 1);
	memset(h->at, 0, sizeof(h->at));
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	mig_off(h);
	return times;
}

REFUSED(refused_boot_gi_range)
{
	uint64_t base, size, seg = h->f.segment, bad[3];
	uint8_t *p;
	uint32_t id;

	MIG_OR_NOTHING(h);
	p = calloc(1, h->lay->boot.size);
	id = instance(h);
	host_gi_memory(h, id, &base, &size);
	host_put_in(h, 1, IN_GI, id, 0);
	bad[0] = base - seg;
	bad[1] = base + size - seg;	/* its second half is behind the end */
	bad[2] = base + size;
	for (size_t i = 0; i < 3; i++) {
		host_comm_init(h, 1);
		host_bootload_params(h, 1, p);
		put64(p + h->lay->boot.addr, bad[i]);
		EXPECT_STATUS(host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size), RM_ARGUMENT);
	}
	/* the heap alone */
	host_bootload_params(h, 1, p);
	put64(p + h->lay->boot.heap, base - 0x1000);
	EXPECT_STATUS(host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size), RM_ARGUMENT);
	host_bootload_params(h, 1, p);
	put64(p + h->lay->boot.heap, base + size - 0x1000);
	EXPECT_STATUS(host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size), RM_ARGUMENT);
	free(p);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
	memset(h->at, 0, sizeof(h->at));
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	mig_off(h);
	return 5;
}
