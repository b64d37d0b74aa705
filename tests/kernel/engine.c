// SPDX-License-Identifier: LGPL-2.1-or-later
/* The copy engine of a simulated vGPU. */
#include "engine.h"
#include "util.h"

#include <sched.h>

/* Generous: a debug kernel without KVM on a busy machine is slow. */
#define TIMEOUT_MS 120000

uint32_t vg_rd(struct dev *d, uint32_t reg)
{
	return dev_rd32(d, 0, VG_PAGE + reg);
}

void vg_wr(struct dev *d, uint32_t reg, uint32_t val)
{
	dev_wr32(d, 0, VG_PAGE + reg, val);
}

uint64_t vg_fb_bytes(struct dev *d)
{
	return vg_rd(d, VG_FB_LO) | (uint64_t)vg_rd(d, VG_FB_HI) << 32;
}

uint32_t vg_start(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len,
		  uint32_t vector)
{
	uint32_t seq = vg_rd(d, VG_DONE) + 1;

	if (seq == VG_IDLE)
		seq = 1;
	vg_wr(d, VG_SRC_LO, (uint32_t)src);
	vg_wr(d, VG_SRC_HI, (uint32_t)(src >> 32));
	vg_wr(d, VG_DST_LO, (uint32_t)dst);
	vg_wr(d, VG_DST_HI, (uint32_t)(dst >> 32));
	vg_wr(d, VG_LENGTH, len);
	vg_wr(d, VG_OPERATION, op);
	vg_wr(d, VG_VECTOR, vector);
	/* what the engine reads from memory must be there before it is told */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	vg_wr(d, VG_DOORBELL, seq);
	return seq;
}

uint32_t vg_wait_for(struct dev *d, uint32_t seq, unsigned int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;

	while (vg_rd(d, VG_DONE) != seq) {
		if (now_ms() > end)
			return ST_TIMEOUT;
		sched_yield();
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return vg_rd(d, VG_STATUS);
}

uint32_t vg_wait(struct dev *d, uint32_t seq)
{
	return vg_wait_for(d, seq, TIMEOUT_MS);
}

bool vg_wait_taken(struct dev *d)
{
	uint64_t end = now_ms() + TIMEOUT_MS;

	while (vg_rd(d, VG_DOORBELL) != VG_IDLE)
		if (now_ms() > end)
			return false;
	return true;
}

uint32_t vg_run_irq(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len,
		    uint32_t vector)
{
	return vg_wait(d, vg_start(d, op, src, dst, len, vector));
}

uint32_t vg_run(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len)
{
	return vg_run_irq(d, op, src, dst, len, VG_NO_VECTOR);
}

int vg_bus_master(struct dev *d, bool on)
{
	uint16_t cmd;
	int err = dev_config_read(d, 4, &cmd, sizeof(cmd));

	if (err)
		return err;
	/* memory decoding and bus mastering */
	cmd = (uint16_t)(cmd & ~6);
	cmd |= on ? 6 : 2;
	return dev_config_write(d, 4, &cmd, sizeof(cmd));
}
