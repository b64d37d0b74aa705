// SPDX-License-Identifier: GPL-2.0-only
/* vGPUs that firmware does not start, and commands out of their order. */
#include "refused.h"

#include <stdlib.h>
#include <string.h>

/* BOOTLOAD of a vGPU that is right but for one field. */
static uint32_t boot32(struct host *h, uint32_t gfid, uint32_t off, uint32_t val)
{
	uint8_t *p = calloc(1, h->lay->boot.size);
	uint32_t status;

	host_comm_init(h, gfid);
	host_bootload_params(h, gfid, p);
	put32(p + off, val);
	status = host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size);
	free(p);
	return status;
}

static uint32_t boot64(struct host *h, uint32_t gfid, uint32_t off, uint64_t val)
{
	uint8_t *p = calloc(1, h->lay->boot.size);
	uint32_t status;

	host_comm_init(h, gfid);
	host_bootload_params(h, gfid, p);
	put64(p + off, val);
	status = host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size);
	free(p);
	return status;
}

/* With @n segments instead of one; the first ones as given. */
static uint32_t boot_segments(struct host *h, uint32_t gfid, uint32_t n, const uint64_t *addr,
			      const uint64_t *len, uint32_t given)
{
	uint8_t *p = calloc(1, h->lay->boot.size);
	uint32_t status;

	host_comm_init(h, gfid);
	host_bootload_params(h, gfid, p);
	put32(p + h->lay->boot.nsegs, n);
	for (uint32_t i = 0; i < given; i++) {
		put64(p + h->lay->boot.addr + 8 * i, addr[i]);
		put64(p + h->lay->boot.len + 8 * i, len[i]);
	}
	status = host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size);
	free(p);
	return status;
}

REFUSED(refused_boot_gfid)
{
	EXPECT_STATUS(boot32(h, 1, 4, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 4, h->f.total_vfs + 1), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 4, 0xffffffff), RM_ARGUMENT);
	model_set_vfs(h->m, 0);
	EXPECT_STATUS(host_bootload(h, 1), RM_ARGUMENT);
	model_set_vfs(h->m, h->f.total_vfs);
	return 4;
}

REFUSED(refused_boot_gfid_in_use)
{
	host_vgpu(h, 1);
	EXPECT_STATUS(host_bootload(h, 1), RM_RESOURCES);
	cr_assert_eq(host_shutdown(h, 1), 0u);
	EXPECT_STATUS(host_bootload(h, 1), RM_RESOURCES);	/* until CLEANUP */
	cr_assert_eq(host_cleanup(h, 1), 0u);
	return 2;
}

REFUSED(refused_boot_vgpu_limit)
{
	uint32_t limit = h->f.max_vgpus;

	if (h->f.total_vfs < limit)
		return 0;
	for (uint32_t gfid = 1; gfid <= limit; gfid++)
		host_vgpu(h, gfid);
	if (h->f.total_vfs > limit)
		EXPECT_STATUS(boot32(h, limit + 1, 20, 1), RM_RESOURCES);
	for (uint32_t gfid = 1; gfid <= limit; gfid++)
		host_vgpu_gone(h, gfid);
	return h->f.total_vfs > limit;
}

REFUSED(refused_boot_type)
{
	EXPECT_STATUS(boot32(h, 1, 8, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 8, HOST_TYPE + 2), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 8, HOST_TYPE | 0x10000), RM_ARGUMENT);
	return 3;
}

REFUSED(refused_boot_dbdf)
{
	EXPECT_STATUS(boot32(h, 1, 0, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 0, host_dbdf(h, 2)), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 0, host_dbdf(h, 1) ^ 1u << 16), RM_ARGUMENT);
	return 3;
}

REFUSED(refused_boot_swizz)
{
	uint32_t flags, eighths, id;

	EXPECT_STATUS(boot32(h, 1, 16, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 16, 3), RM_ARGUMENT);
	if (!h->f.gi_slices)
		return 2;
	/* with MIG only where there is an instance, of the slices that the type has */
	EXPECT_STATUS(host_add_type(h, 900, 2, 1, 1), 0);
	EXPECT_STATUS(host_add_type(h, 901, 4, 2, 1), 0);
	host_put_in(h, 1, 900, 0xffffffff, 0);
	EXPECT_STATUS(host_bootload(h, 1), RM_ARGUMENT);
	EXPECT_STATUS(host_mig(h, MIG_ON), 0);
	EXPECT_STATUS(host_bootload(h, 1), RM_ARGUMENT);
	flags = host_gi_smallest(h, &eighths);
	id = host_gi(h, flags, 0, eighths);
	host_put_in(h, 1, 900, id, 0);
	EXPECT_STATUS(boot32(h, 1, 16, id + 1), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 8, 901), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, 8, HOST_TYPE), RM_ARGUMENT);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
	memset(h->at, 0, sizeof(h->at));
	EXPECT_STATUS(host_gi_destroy(h, id), 0);
	EXPECT_STATUS(host_mig(h, MIG_OFF), 0);
	return 7;
}

REFUSED(refused_boot_segment_count)
{
	EXPECT_STATUS(boot32(h, 1, h->lay->boot.nsegs, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, h->lay->boot.nsegs, 385), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, h->lay->boot.nsegs, 0x20000001), RM_ARGUMENT);
	return 3;
}

REFUSED(refused_boot_segment_align)
{
	EXPECT_STATUS(boot64(h, 2, h->lay->boot.addr, host_fb(h, 2) + 0x1000), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 2, h->lay->boot.addr, host_fb(h, 2) + h->f.segment / 2), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 2, h->lay->boot.len, h->f.segment + 0x1000), RM_ARGUMENT);
	return 3;
}

REFUSED(refused_boot_segment_range)
{
	uint64_t last = h->f.usable / h->f.segment * h->f.segment;

	EXPECT_STATUS(boot64(h, 1, h->lay->boot.len, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.addr, last), RM_ARGUMENT);	/* its end */
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.addr, 1ull << 45), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.addr, -h->f.segment), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.len, -h->f.segment), RM_ARGUMENT);
	return 5;
}

REFUSED(refused_boot_segment_overlap)
{
	uint64_t seg = h->f.segment, at = host_fb(h, 3);
	uint64_t addr[384], len[384];

	/* with each other */
	addr[0] = at;
	len[0] = 2 * seg;
	addr[1] = at + seg;
	len[1] = seg;
	EXPECT_STATUS(boot_segments(h, 3, 2, addr, len, 2), RM_ARGUMENT);
	/* with those and the heap of another */
	host_vgpu(h, 1);
	EXPECT_STATUS(boot64(h, 3, h->lay->boot.addr, host_fb(h, 1) + seg), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 3, h->lay->boot.addr, host_heap(h, 1) / seg * seg), RM_ARGUMENT);
	/* also of one that is shut down but not cleaned up */
	cr_assert_eq(host_shutdown(h, 1), 0u);
	EXPECT_STATUS(boot64(h, 3, h->lay->boot.addr, host_fb(h, 1)), RM_ARGUMENT);
	cr_assert_eq(host_cleanup(h, 1), 0u);
	/* side by side they are right, in any order */
	addr[0] = at + seg;
	len[0] = seg;
	addr[1] = at;
	EXPECT_STATUS(boot_segments(h, 3, 2, addr, len, 2), 0);
	host_vgpu_gone(h, 3);
	return 4;
}

REFUSED(refused_boot_heap)
{
	uint32_t heap = h->lay->boot.heap;

	EXPECT_STATUS(boot64(h, 1, heap + 8, 0), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, heap + 8, HOST_HEAP_SIZE - 16), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, heap, host_heap(h, 1) + 16), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, heap, h->f.usable - 0x1000), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, heap, h->f.usable), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, heap, -0x1000ull), RM_ARGUMENT);
	return 6;
}

REFUSED(refused_boot_heap_overlap)
{
	uint32_t heap = h->lay->boot.heap;

	EXPECT_STATUS(boot64(h, 2, heap, host_fb(h, 2)), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 2, heap, host_fb(h, 3) - 0x1000), RM_ARGUMENT);
	host_vgpu(h, 1);
	EXPECT_STATUS(boot64(h, 2, heap, host_heap(h, 1) + 0x1000), RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 2, heap, host_fb(h, 1)), RM_ARGUMENT);
	host_vgpu_gone(h, 1);
	return 4;
}

REFUSED(refused_boot_ctrl_buffer)
{
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.ctrl, HOST_HEAP_SIZE), RM_ARGUMENT);
	/* all of the area, not its beginning alone */
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.ctrl, HOST_HEAP_SIZE - h->lay->comm + 0x1000),
		      RM_ARGUMENT);
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.ctrl, 16), RM_ARGUMENT);
	/* relative to the heap, not absolute */
	EXPECT_STATUS(boot64(h, 1, h->lay->boot.ctrl, host_heap(h, 1)), RM_ARGUMENT);
	return 4;
}

REFUSED(refused_boot_log)
{
	uint64_t heap = host_heap(h, 1);
	uint32_t times = 0;

	for (uint32_t i = 0; i < h->lay->boot.nlogs; i++) {
		uint32_t log = h->lay->boot.logs + 16 * i;

		/* relative to the heap, behind it, and up to its very end */
		EXPECT_STATUS(boot64(h, 1, log, 0x204000), RM_ARGUMENT);
		EXPECT_STATUS(boot64(h, 1, log, heap + HOST_HEAP_SIZE), RM_ARGUMENT);
		EXPECT_STATUS(boot64(h, 1, log + 8, heap + HOST_HEAP_SIZE - (heap + 0x204000)),
			      RM_ARGUMENT);
		EXPECT_STATUS(boot64(h, 1, log + 8, -0x1000ull), RM_ARGUMENT);
		EXPECT_STATUS(boot64(h, 1, log, heap + 0x204004), RM_ARGUMENT);
		times += 5;
	}
	return times;
}

REFUSED(refused_boot_channel_count)
{
	EXPECT_STATUS(boot32(h, 1, 20, 0), RM_ARGUMENT);
	if (h->f.any_channel_count)
		return 1;
	EXPECT_STATUS(boot32(h, 1, 20, 48), RM_ARGUMENT);
	return 2;
}

REFUSED(refused_boot_channel_range)
{
	uint32_t last = h->lay->boot.chid + 4 * h->f.engines[h->f.nengines - 1];

	EXPECT_STATUS(boot32(h, 1, 20, 4096), RM_ARGUMENT);
	/* one engine is enough, the last one too */
	EXPECT_STATUS(boot32(h, 1, last, h->f.channels - 16), RM_ARGUMENT);
	EXPECT_STATUS(boot32(h, 1, last, 0xffffffff), RM_ARGUMENT);
	return 3;
}

REFUSED(refused_boot_channel_overlap)
{
	uint32_t first = h->lay->boot.chid + 4 * h->f.engines[0];
	uint32_t last = h->lay->boot.chid + 4 * h->f.engines[h->f.nengines - 1];

	host_vgpu(h, 2);	/* has 32 to 63 */
	EXPECT_STATUS(boot32(h, 1, 20, 64), RM_RESOURCES);
	EXPECT_STATUS(boot32(h, 3, first, 63), RM_RESOURCES);
	EXPECT_STATUS(boot32(h, 3, last, 1), RM_RESOURCES);
	host_vgpu_gone(h, 2);
	return 3;
}

REFUSED(refused_shutdown_state)
{
	EXPECT_STATUS(host_shutdown(h, 1), RM_STATE);
	EXPECT_STATUS(host_shutdown(h, 0), RM_STATE);
	EXPECT_STATUS(host_shutdown(h, 0xffffffff), RM_STATE);
	host_vgpu(h, 1);
	EXPECT_STATUS(host_shutdown(h, 1), 0);
	EXPECT_STATUS(host_shutdown(h, 1), RM_STATE);
	EXPECT_STATUS(host_cleanup(h, 1), 0);
	return 4;
}

REFUSED(refused_cleanup_state)
{
	EXPECT_STATUS(host_cleanup(h, 1), RM_STATE);
	EXPECT_STATUS(host_cleanup(h, 65), RM_STATE);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
	EXPECT_STATUS(host_cleanup(h, 1), RM_STATE);
	return 3;
}

REFUSED(refused_cleanup_in_use)
{
	host_vgpu(h, 1);
	EXPECT_STATUS(host_cleanup(h, 1), RM_IN_USE);
	cr_expect(model_vgpu_runs(h->m, 1));
	host_vgpu_gone(h, 1);
	return 1;
}
