/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_TEST_ENGINE_H
#define OVG_TEST_ENGINE_H

#include "device.h"

/* docs/hardware.md section 7, written down here a second time on purpose. */
#define VG_PAGE			0x20000
#define VG_MAGIC		0x00
#define VG_VERSION		0x04
#define VG_BOARD		0x08
#define VG_GFID			0x0c
#define VG_TYPE			0x10
#define VG_STATE		0x14
#define VG_FB_LO		0x18
#define VG_FB_HI		0x1c
#define VG_BAR1_BYTES		0x20
#define VG_RESETS		0x24
#define VG_FAULTS		0x28
#define VG_CONFIGURED		0x2c
#define VG_GUEST_DRIVER		0x30
#define VG_LICENCE		0x34
#define VG_OS			0x38
#define VG_SRC_LO		0x40
#define VG_SRC_HI		0x44
#define VG_DST_LO		0x48
#define VG_DST_HI		0x4c
#define VG_LENGTH		0x50
#define VG_OPERATION		0x54
#define VG_VECTOR		0x58
#define VG_DOORBELL		0x5c
#define VG_DONE			0x60
#define VG_STATUS		0x64

#define VG_MAGIC_VALUE		0x5347564f
#define VG_NO_VECTOR		0xffffffffu
#define VG_IDLE			0xffffffffu
#define VG_MAX_LENGTH		(16u << 20)

enum vg_op {
	OP_SYS_SYS = 1,
	OP_SYS_FB = 2,
	OP_FB_SYS = 3,
	OP_FB_FB = 4,
	OP_FILL_SYS = 5,
	OP_INTERRUPT = 6,
};

enum vg_status {
	ST_DONE = 0,
	ST_FAULT = 1,
	ST_FB_RANGE = 2,
	ST_NOT_BOOTED = 3,
	ST_BAD = 4,
	ST_NO_MASTER = 5,
	ST_RESET = 6,
	ST_TIMEOUT = 0x100,	/* ours: the engine did not answer */
};

uint32_t vg_rd(struct dev *d, uint32_t reg);
void vg_wr(struct dev *d, uint32_t reg, uint32_t val);
uint64_t vg_fb_bytes(struct dev *d);

/* Rings and returns the sequence number. */
uint32_t vg_start(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len,
		  uint32_t vector);
/* Status of command @seq. */
uint32_t vg_wait(struct dev *d, uint32_t seq);
uint32_t vg_wait_for(struct dev *d, uint32_t seq, unsigned int timeout_ms);
/* Waits only until the board has taken the command; false on timeout. */
bool vg_wait_taken(struct dev *d);
uint32_t vg_run(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len);
uint32_t vg_run_irq(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len,
		    uint32_t vector);

int vg_bus_master(struct dev *d, bool on);

#endif
