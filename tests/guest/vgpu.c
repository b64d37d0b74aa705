// SPDX-License-Identifier: LGPL-2.1-or-later
/* Proof that a function is a vGPU and works: docs/hardware.md, section 7. */
#include "guest.h"

#define PAGE_AT		0x20000u	/* in BAR0 */
#define MAGIC		0x00
#define VERSION		0x04
#define BOARD		0x08
#define GFID		0x0c
#define TYPE		0x10
#define STATE		0x14
#define FB_LOW		0x18
#define FB_HIGH		0x1c
#define BAR1_BYTES	0x20
#define CONFIGURED	0x2c
#define DRIVER_STATE	0x30
#define LICENCE		0x34
#define SRC		0x40
#define DST		0x48
#define LENGTH		0x50
#define OPERATION	0x54
#define VECTOR		0x58
#define DOORBELL	0x5c
#define DONE		0x60
#define STATUS		0x64

#define NO_VECTOR	0xffffffffu
#define TIMED_OUT	0x100u

enum { SYS_SYS = 1, SYS_FB, FB_SYS, FB_FB, FILL_SYS, INTERRUPT };
enum { OK = 0, FAULT = 1, FB_RANGE = 2 };

#define MSIX_TABLE	0x10000u	/* in BAR0 */
#define VECTORS		4u
#define COMMANDS	8u

#define BYTES		65536u
#define GUARD		0xa5u
/* 16 TiB: no guest has memory there */
#define NOWHERE		0x100000000000ull
/* where each vGPU keeps a word of its own: in its framebuffer, behind what BAR1 shows */
#define SIGNATURE_AT	0x1800000u

/* guarded by a page on each side */
static uint8_t from[BYTES + 8192] __attribute__((aligned(4096)));
static uint8_t to[BYTES + 8192] __attribute__((aligned(4096)));

static uint32_t reg(struct function *f, uint32_t r)
{
	return rd32(f->bar[0] + PAGE_AT + r);
}

static void set(struct function *f, uint32_t r, uint32_t val)
{
	wr32(f->bar[0] + PAGE_AT + r, val);
}

static uint64_t fb_bytes(struct function *f)
{
	return reg(f, FB_LOW) | (uint64_t)reg(f, FB_HIGH) << 32;
}

/* Runs a command to its end; its status. */
static uint32_t run(struct function *f, uint32_t op, uint64_t src, uint64_t dst, uint32_t len,
		    uint32_t vector)
{
	uint32_t seq = reg(f, DONE) + 1, start;

	if (seq == 0xffffffff)
		seq = 1;
	set(f, SRC, (uint32_t)src);
	set(f, SRC + 4, (uint32_t)(src >> 32));
	set(f, DST, (uint32_t)dst);
	set(f, DST + 4, (uint32_t)(dst >> 32));
	set(f, LENGTH, len);
	set(f, OPERATION, op);
	set(f, VECTOR, vector);
	__asm__ volatile("" : : : "memory");
	set(f, DOORBELL, seq);
	for (start = ticks; ticks - start < 60 * TICKS_PER_SECOND;) {
		for (uint32_t i = 0; i < 1000; i++) {
			if (reg(f, DONE) == seq) {
				__asm__ volatile("" : : : "memory");
				return reg(f, STATUS);
			}
			__asm__ volatile("pause");
		}
		wait_a_bit();
	}
	return TIMED_OUT;
}

static bool expect(struct function *f, const char *what, uint32_t got, uint32_t want)
{
	if (got == want)
		return true;
	say("OVG fail %s: %u, not %u, at %b\n", what, got, want, f->addr);
	return false;
}

static void pattern(uint8_t *p, uint32_t len, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 1;

	for (uint32_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (uint8_t)(x >> 24);
	}
}

static void fill(uint8_t *p, uint32_t len, uint8_t val)
{
	for (uint32_t i = 0; i < len; i++)
		p[i] = val;
}

/* Number of bytes that differ. */
static uint32_t differ(const uint8_t *a, const uint8_t *b, uint32_t len)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < len; i++)
		n += a[i] != b[i];
	return n;
}

static uint32_t differ_from(const uint8_t *a, uint8_t val, uint32_t len)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < len; i++)
		n += a[i] != val;
	return n;
}

static uint32_t fb_bar(struct function *f)
{
	for (uint32_t i = 1; i < 6; i++)
		if (f->size[i])
			return i;
	return 0;
}

static bool identity(struct function *f)
{
	uint64_t fb = fb_bytes(f);

	if (f->size[0] != 0x40000)
		return expect(f, "BAR0 size", f->size[0], 0x40000);
	if (reg(f, MAGIC) != 0x5347564f || reg(f, VERSION) != 1) {
		say("OVG fail magic %8x version %u at %b\n", reg(f, MAGIC), reg(f, VERSION), f->addr);
		return false;
	}
	say("OVG identity board %4x gfid %u type %u fb %u MiB bar1 %u KiB at %b\n", reg(f, BOARD),
	    reg(f, GFID), reg(f, TYPE), (uint32_t)(fb >> 20), reg(f, BAR1_BYTES) >> 10, f->addr);
	return expect(f, "state", reg(f, STATE), 1) &&
	       expect(f, "no type", reg(f, TYPE) == 0, 0) &&
	       expect(f, "type as configured", reg(f, CONFIGURED), reg(f, TYPE)) &&
	       expect(f, "no gfid", reg(f, GFID) == 0, 0) &&
	       expect(f, "no framebuffer", fb == 0, 0);
}

/* All of the first and last page, one word of the others; then through the engine. */
static bool bar1(struct function *f)
{
	uint32_t bar = fb_bar(f), bytes = reg(f, BAR1_BYTES), base = f->bar[bar], bad = 0, last;

	if (!bar || !bytes || bytes > f->size[bar])
		return expect(f, "BAR1 window", bytes, bar ? f->size[bar] : 0);
	for (uint32_t i = 0; i < bytes; i += i < 4096 || i >= bytes - 4096 ? 4 : 4096)
		wr32(base + i, i ^ 0x5a000000u ^ reg(f, GFID) << 16);
	for (uint32_t i = 0; i < bytes; i += i < 4096 || i >= bytes - 4096 ? 4 : 4096)
		bad += rd32(base + i) != (i ^ 0x5a000000u ^ reg(f, GFID) << 16);
	if (!expect(f, "words through BAR1", bad, 0))
		return false;

	last = bytes - 4096;
	fill(to, 4096, GUARD);
	if (!expect(f, "reading what BAR1 shows", run(f, FB_SYS, last, (uint32_t)to, 4096, NO_VECTOR),
		    OK))
		return false;
	for (uint32_t i = 0; i < 4096; i += 4)
		bad += *(uint32_t *)(to + i) != ((last + i) ^ 0x5a000000u ^ reg(f, GFID) << 16);
	if (!expect(f, "words of BAR1 in the framebuffer", bad, 0))
		return false;
	pattern(from, 4096, 7);
	if (!expect(f, "writing what BAR1 shows", run(f, SYS_FB, (uint32_t)from, 0, 4096, NO_VECTOR),
		    OK))
		return false;
	for (uint32_t i = 0; i < 4096; i += 4)
		bad += rd32(base + i) != *(uint32_t *)(from + i);
	if (!expect(f, "words of the framebuffer in BAR1", bad, 0))
		return false;
	say("OVG bar1 ok %u at %b\n", bytes, f->addr);
	return true;
}

/* system -> framebuffer -> framebuffer -> system, compared, and nothing beside it touched */
static bool round_trip(struct function *f, uint64_t fb_at, uint64_t fb_via, uint32_t len,
		       uint32_t off, uint32_t seed)
{
	uint8_t *in = from + 4096 + off, *out = to + 4096;

	pattern(in, len, seed);
	fill(to, sizeof(to), GUARD);
	return expect(f, "DMA to the framebuffer",
		      run(f, SYS_FB, (uint32_t)in, fb_at, len, NO_VECTOR), OK) &&
	       expect(f, "DMA inside the framebuffer", run(f, FB_FB, fb_at, fb_via, len, NO_VECTOR),
		      OK) &&
	       expect(f, "DMA from the framebuffer",
		      run(f, FB_SYS, fb_via, (uint32_t)out, len, NO_VECTOR), OK) &&
	       expect(f, "bytes that came back wrong", differ(in, out, len), 0) &&
	       expect(f, "bytes written in front of the target", differ_from(to, GUARD, 4096), 0) &&
	       expect(f, "bytes written behind the target",
		      differ_from(out + len, GUARD, sizeof(to) - 4096 - len), 0);
}

static bool dma(struct function *f)
{
	uint64_t fb = fb_bytes(f);
	uint32_t seed = reg(f, GFID) * 16 + reg(f, BOARD);

	if (!round_trip(f, 0x10000, fb >> 1, BYTES, 0, seed) ||
	    !round_trip(f, fb - BYTES, (fb >> 2) + 3, BYTES, 0, seed + 1) ||
	    !round_trip(f, 0x20001, fb - 4099, 4099, 1, seed + 2))
		return false;
	pattern(from, BYTES, seed + 3);
	fill(to, sizeof(to), GUARD);
	if (!expect(f, "DMA in system memory",
		    run(f, SYS_SYS, (uint32_t)from, (uint32_t)to + 4096, BYTES, NO_VECTOR), OK) ||
	    !expect(f, "bytes copied wrong", differ(from, to + 4096, BYTES), 0) ||
	    !expect(f, "DMA fill", run(f, FILL_SYS, 0x3c, (uint32_t)to + 5, 5000, NO_VECTOR), OK) ||
	    !expect(f, "bytes filled wrong", differ_from(to + 5, 0x3c, 5000), 0))
		return false;
	say("OVG dma ok %u at %b\n", BYTES, f->addr);
	return true;
}

static bool refusals(struct function *f)
{
	uint64_t fb = fb_bytes(f);

	fill(to, 4096, GUARD);
	if (!expect(f, "behind the framebuffer", run(f, FB_SYS, fb, (uint32_t)to, 4, NO_VECTOR),
		    FB_RANGE) ||
	    !expect(f, "across its end", run(f, SYS_FB, (uint32_t)from, fb - 4, 8, NO_VECTOR),
		    FB_RANGE) ||
	    !expect(f, "around zero", run(f, FB_SYS, ~7ull, (uint32_t)to, 16, NO_VECTOR), FB_RANGE) ||
	    !expect(f, "bytes of a refused copy", differ_from(to, GUARD, 4096), 0) ||
	    !expect(f, "DMA from nowhere", run(f, SYS_FB, NOWHERE, 0, 4096, NO_VECTOR), FAULT) ||
	    !expect(f, "DMA to nowhere", run(f, FB_SYS, 0, NOWHERE, 4096, NO_VECTOR), FAULT) ||
	    !expect(f, "DMA after faults",
		    run(f, SYS_SYS, (uint32_t)from, (uint32_t)to, 64, NO_VECTOR), OK))
		return false;
	say("OVG refused ok at %b\n", f->addr);
	return true;
}

static uint32_t irqs(uint32_t first)
{
	uint32_t n = 0;

	for (uint32_t v = 0; v < VECTORS; v++)
		n += irq_count[first + v];
	return n;
}

static void wait_irqs(uint32_t first, uint32_t want)
{
	for (uint32_t start = ticks; ticks - start < 30 * TICKS_PER_SECOND;) {
		if (irqs(first) >= want)
			return;
		wait_a_bit();
	}
}

static bool msix(struct function *f)
{
	uint8_t cap = cfg_find_cap(f->addr, 0x11);
	uint32_t first = VECTOR_FIRST + VECTORS * (uint32_t)(f - functions), per[VECTORS];
	uint16_t control;

	if (!cap)
		return expect(f, "MSI-X capability", 0, 1);
	control = cfg_rd16(f->addr, cap + 2u);
	if (!expect(f, "MSI-X vectors", (control & 0x7ffu) + 1, VECTORS) ||
	    !expect(f, "MSI-X table", cfg_rd32(f->addr, cap + 4u), MSIX_TABLE))
		return false;
	for (uint32_t v = 0; v < VECTORS; v++) {
		uint32_t entry = f->bar[0] + MSIX_TABLE + 16 * v;

		wr32(entry, irq_msi_address());
		wr32(entry + 4, 0);
		wr32(entry + 8, first + v);
		wr32(entry + 12, 0);
		irq_count[first + v] = 0;
	}
	cfg_wr16(f->addr, cap + 2u, (uint16_t)((control & ~0x4000u) | 0x8000u));

	for (uint32_t i = 0; i < COMMANDS; i++) {
		uint32_t v = (i * 3 + i / VECTORS) % VECTORS;

		for (uint32_t k = 0; k < VECTORS; k++)
			per[k] = irq_count[first + k];
		if (!expect(f, "command with interrupt", run(f, INTERRUPT, 0, 0, 0, v), OK))
			return false;
		wait_irqs(first, i + 1);
		for (uint32_t k = 0; k < VECTORS; k++)
			if (!expect(f, "interrupts of one command", irq_count[first + k] - per[k], k == v))
				return false;
	}
	/* one more command without: an interrupt too many would be here by then */
	if (!expect(f, "command without interrupt", run(f, INTERRUPT, 0, 0, 0, NO_VECTOR), OK) ||
	    !expect(f, "interrupts of 8 commands", irqs(first), COMMANDS))
		return false;

	/* masked: held back, delivered once when unmasked */
	wr32(f->bar[0] + MSIX_TABLE + 16 + 12, 1);
	per[0] = irqs(first);
	if (!expect(f, "command with masked interrupt", run(f, INTERRUPT, 0, 0, 0, 1), OK) ||
	    !expect(f, "command with interrupt", run(f, INTERRUPT, 0, 0, 0, 2), OK))
		return false;
	wait_irqs(first, per[0] + 1);
	if (!expect(f, "interrupts while masked", irqs(first), per[0] + 1))
		return false;
	wr32(f->bar[0] + MSIX_TABLE + 16 + 12, 0);
	wait_irqs(first, per[0] + 2);
	if (!expect(f, "interrupts after unmasking", irqs(first), per[0] + 2))
		return false;
	say("OVG irq ok %u at %b\n", COMMANDS, f->addr);
	return true;
}

static uint32_t signature(struct function *f)
{
	return 0x51670000u ^ (uint32_t)f->addr << 8 ^ reg(f, GFID);
}

bool vgpu_undisturbed(struct function *f)
{
	*(uint32_t *)to = 0;
	return run(f, FB_SYS, SIGNATURE_AT, (uint32_t)to, 4, NO_VECTOR) == OK &&
	       *(uint32_t *)to == signature(f);
}

void vgpu_test(struct function *f)
{
	f->passed = false;
	cfg_wr16(f->addr, 4, 6);
	if (!identity(f) || !bar1(f) || !dma(f) || !refusals(f) || !msix(f))
		return;
	*(uint32_t *)from = signature(f);
	if (!expect(f, "signature", run(f, SYS_FB, (uint32_t)from, SIGNATURE_AT, 4, NO_VECTOR), OK))
		return;
	/* as a driver does that has come up and has a licence */
	set(f, DRIVER_STATE, 1);
	set(f, LICENCE, 1);
	f->passed = true;
	say("OVG pass %b\n", f->addr);
}

bool vgpu_busy(struct function *f, uint32_t round)
{
	pattern(from, BYTES, round);
	fill(to, BYTES, 0);
	return run(f, SYS_FB, (uint32_t)from, 0x10000, BYTES, NO_VECTOR) == OK &&
	       run(f, FB_SYS, 0x10000, (uint32_t)to, BYTES, round % VECTORS) == OK &&
	       differ(from, to, BYTES) == 0;
}
