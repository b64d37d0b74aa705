// SPDX-License-Identifier: LGPL-2.1-or-later
/* Everything that can be tried on one opened vGPU, and on two of them. */
#include "engine.h"
#include "tests.h"
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>

#define PAGE		4096u
#define BUF_BYTES	(2u << 20)
#define IOVA_LOW	0x10000000ull
#define IOVA_HIGH	0x340000000ull		/* above 4 GiB: both halves matter */
#define IOVA_RO		0x20000000ull
#define IOVA_NONE	0x50000000ull		/* never mapped */
#define GUARD		0xa7
#define IRQ_MS		120000u			/* for one that is on its way */
#define RESET_TRIES	200u

uint8_t *alloc_dma(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("mmap of %zu bytes: %s", len, errname(errno));
	return p;
}

/* Differs at every offset and for every seed, so that a shifted or stale copy shows. */
void fill_pattern(uint8_t *p, size_t len, uint32_t seed)
{
	uint32_t x = seed * 2654435761u + 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525u + 1013904223u;
		p[i] = (uint8_t)(x >> 24);
	}
}

bool all_bytes(const uint8_t *p, size_t len, uint8_t val)
{
	for (size_t i = 0; i < len; i++)
		if (p[i] != val)
			return false;
	return true;
}

int print_info(struct dev *d)
{
	uint16_t vendor, device, sub_vendor, sub_device;
	uint32_t class_rev;

	printf("device %s flags %x regions %u irqs %u\n", d->name, d->flags, d->num_regions,
	       d->num_irqs);
	for (int i = 0; i < 6; i++)
		if (d->bar[i].size)
			printf("region %d size %llx flags %x%s\n", i,
			       (unsigned long long)d->bar[i].size, d->bar[i].flags,
			       i == d->fb_bar ? " framebuffer" : "");
	printf("region config size %llx\n", (unsigned long long)d->config.size);
	for (uint32_t i = 0; i < d->num_irqs; i++) {
		uint32_t count, flags;

		if (!dev_irq_info(d, i, &count, &flags))
			printf("irq %u count %u flags %x\n", i, count, flags);
	}
	if (dev_config_read(d, 0, &vendor, 2) || dev_config_read(d, 2, &device, 2) ||
	    dev_config_read(d, 8, &class_rev, 4) || dev_config_read(d, 0x2c, &sub_vendor, 2) ||
	    dev_config_read(d, 0x2e, &sub_device, 2))
		return -EIO;
	printf("identity %04x:%04x sub %04x:%04x class %06x rev %02x\n", vendor, device,
	       sub_vendor, sub_device, class_rev >> 8, class_rev & 0xff);
	printf("vgpu magic %08x board %04x gfid %u type %u state %u fb %llu MiB bar1 %u resets %u faults %u\n",
	       vg_rd(d, VG_MAGIC), vg_rd(d, VG_BOARD), vg_rd(d, VG_GFID), vg_rd(d, VG_TYPE),
	       vg_rd(d, VG_STATE), (unsigned long long)vg_fb_bytes(d) >> 20,
	       vg_rd(d, VG_BAR1_BYTES), vg_rd(d, VG_RESETS), vg_rd(d, VG_FAULTS));
	return 0;
}

static void check_identity(struct dev *d, const struct expect *want)
{
	static const uint32_t at[4] = { 0, 2, 0x2c, 0x2e };
	uint64_t fb = vg_fb_bytes(d);

	CHECK(d->flags & VFIO_DEVICE_FLAGS_PCI, "flags %x", d->flags);
	CHECK(d->flags & VFIO_DEVICE_FLAGS_RESET, "flags %x", d->flags);
	CHECK(d->msix_count == DEV_VECTORS, "%u MSI-X vectors", d->msix_count);
	CHECK(d->has_request, "no request interrupt");
	CHECK(d->bar[0].size == 256 << 10, "BAR0 %llx", (unsigned long long)d->bar[0].size);
	for (int i = 0; i < 4; i++) {
		uint16_t id = 0;

		CHECK(dev_config_read(d, at[i], &id, 2) == 0, "config %x", at[i]);
		if (want->id[i])
			CHECK(id == want->id[i], "config %x reads %04x, not %04x", at[i], id,
			      want->id[i]);
	}
	CHECK(vg_rd(d, VG_MAGIC) == VG_MAGIC_VALUE, "%08x", vg_rd(d, VG_MAGIC));
	CHECK(vg_rd(d, VG_VERSION) == 1, "%u", vg_rd(d, VG_VERSION));
	CHECK(vg_rd(d, VG_STATE) == 1, "an open vGPU must be booted");
	CHECK(vg_rd(d, VG_TYPE) != 0, "type 0");
	CHECK(vg_rd(d, VG_CONFIGURED) == vg_rd(d, VG_TYPE), "configured as %u, type %u",
	      vg_rd(d, VG_CONFIGURED), vg_rd(d, VG_TYPE));
	CHECK(vg_rd(d, VG_GFID) != 0, "gfid 0");
	CHECK(fb != 0 && vg_rd(d, VG_BAR1_BYTES) != 0, "fb %llx bar1 %x", (unsigned long long)fb,
	      vg_rd(d, VG_BAR1_BYTES));
	if (want->board)
		CHECK(vg_rd(d, VG_BOARD) == want->board, "%04x", vg_rd(d, VG_BOARD));
	if (want->type)
		CHECK(vg_rd(d, VG_TYPE) == want->type, "%u", vg_rd(d, VG_TYPE));
	if (want->gfid)
		CHECK(vg_rd(d, VG_GFID) == want->gfid, "%u", vg_rd(d, VG_GFID));
	if (want->fb_mib)
		CHECK(fb >> 20 == want->fb_mib, "%llu MiB", (unsigned long long)fb >> 20);
}

/* BAR1, and that it is the same memory as the engine's framebuffer address 0. */
static void check_bar1(struct dev *d, uint8_t *buf, uint64_t iova)
{
	uint32_t bytes = vg_rd(d, VG_BAR1_BYTES), bad = 0;

	if (!CHECK(d->fb_bar > 0, "no framebuffer BAR"))
		return;
	if (!CHECK(bytes <= d->bar[d->fb_bar].size, "shows %x of %llx", bytes,
		   (unsigned long long)d->bar[d->fb_bar].size))
		return;
	if (bytes > BUF_BYTES)
		bytes = BUF_BYTES;
	for (uint32_t i = 0; i < bytes; i += 4)
		dev_wr32(d, d->fb_bar, i, i * 0x01000193u ^ 0x5a5a1234u);
	for (uint32_t i = 0; i < bytes; i += 4)
		bad += dev_rd32(d, d->fb_bar, i) != (i * 0x01000193u ^ 0x5a5a1234u);
	CHECK(bad == 0, "%u of %u words", bad, bytes / 4);

	memset(buf, GUARD, bytes);
	CHECK(vg_run(d, OP_FB_SYS, 0, iova, bytes) == ST_DONE, "status %u", vg_rd(d, VG_STATUS));
	bad = 0;
	for (uint32_t i = 0; i < bytes; i += 4) {
		uint32_t word;

		memcpy(&word, buf + i, 4);
		bad += word != (i * 0x01000193u ^ 0x5a5a1234u);
	}
	CHECK(bad == 0, "engine sees %u of %u words differently", bad, bytes / 4);

	fill_pattern(buf, bytes, 77);
	CHECK(vg_run(d, OP_SYS_FB, iova, 0, bytes) == ST_DONE, "status %u", vg_rd(d, VG_STATUS));
	bad = 0;
	for (uint32_t i = 0; i < bytes; i += 4) {
		uint32_t word;

		memcpy(&word, buf + i, 4);
		bad += dev_rd32(d, d->fb_bar, i) != word;
	}
	CHECK(bad == 0, "BAR1 shows %u of %u words differently", bad, bytes / 4);
}

/* Every copy direction with lengths and offsets that cross pages, guarded on both sides. */
static void check_copies(struct dev *d, uint8_t *buf, uint64_t iova)
{
	static const struct { uint32_t off, len; } shape[] = {
		{ 0, 1 }, { 3, 4097 }, { 4095, 2 }, { 0, PAGE }, { 100, 70001 }, { 0, BUF_BYTES / 4 },
	};
	uint64_t fb = vg_fb_bytes(d);
	uint8_t *a = buf, *b = buf + BUF_BYTES / 2;
	uint64_t ia = iova, ib = iova + BUF_BYTES / 2;

	for (size_t i = 0; i < sizeof(shape) / sizeof(shape[0]); i++) {
		uint32_t off = shape[i].off, len = shape[i].len, st;

		fill_pattern(a, BUF_BYTES / 2, (uint32_t)i + 1);
		memset(b, GUARD, BUF_BYTES / 2);
		st = vg_run(d, OP_SYS_SYS, ia + off, ib + off + 64, len);
		CHECK(st == ST_DONE && !memcmp(a + off, b + off + 64, len), "status %u length %u", st,
		      len);
		CHECK(all_bytes(b, off + 64, GUARD) && all_bytes(b + off + 64 + len, PAGE, GUARD),
		      "wrote beside its target, length %u", len);

		/* through the framebuffer's middle: up, across, down */
		memset(b, GUARD, BUF_BYTES / 2);
		st = vg_run(d, OP_SYS_FB, ia + off, fb / 2 + off, len);
		CHECK(st == ST_DONE, "status %u length %u", st, len);
		st = vg_run(d, OP_FB_FB, fb / 2 + off, fb / 4 + 1, len);
		CHECK(st == ST_DONE, "status %u length %u", st, len);
		st = vg_run(d, OP_FB_SYS, fb / 4 + 1, ib + 64, len);
		CHECK(st == ST_DONE && !memcmp(a + off, b + 64, len), "status %u length %u", st, len);
		CHECK(all_bytes(b, 64, GUARD) && all_bytes(b + 64 + len, PAGE, GUARD),
		      "wrote beside its target, length %u", len);

		memset(b, GUARD, BUF_BYTES / 2);
		st = vg_run(d, OP_FILL_SYS, 0x1234563c, ib + off, len);
		CHECK(st == ST_DONE && all_bytes(b + off, len, 0x3c), "status %u length %u", st, len);
		CHECK(all_bytes(b, off, GUARD) && all_bytes(b + off + len, PAGE, GUARD),
		      "filled beside its target, length %u", len);
	}
}

static void check_refusals(struct dev *d, uint8_t *buf, uint64_t iova)
{
	uint64_t fb = vg_fb_bytes(d);
	uint32_t st;

	/* the last bytes are there, the ones behind them are not */
	fill_pattern(buf, PAGE, 5);
	st = vg_run(d, OP_SYS_FB, iova, fb - PAGE, PAGE);
	CHECK(st == ST_DONE, "status %u", st);
	st = vg_run(d, OP_FB_SYS, fb - PAGE, iova + PAGE, PAGE);
	CHECK(st == ST_DONE && !memcmp(buf, buf + PAGE, PAGE), "status %u", st);
	st = vg_run(d, OP_SYS_FB, iova, fb - PAGE + 1, PAGE);
	CHECK(st == ST_FB_RANGE, "status %u", st);
	st = vg_run(d, OP_SYS_FB, iova, fb, 1);
	CHECK(st == ST_FB_RANGE, "status %u", st);
	memset(buf, GUARD, PAGE);
	st = vg_run(d, OP_FB_SYS, fb, iova, 1);
	CHECK(st == ST_FB_RANGE && all_bytes(buf, PAGE, GUARD), "status %u", st);
	st = vg_run(d, OP_FB_SYS, ~0ull - 15, iova, 64);
	CHECK(st == ST_FB_RANGE && all_bytes(buf, PAGE, GUARD), "status %u", st);
	st = vg_run(d, OP_FB_FB, 0, ~0ull - 4095, PAGE);
	CHECK(st == ST_FB_RANGE, "status %u", st);
	st = vg_run(d, OP_FB_FB, fb - 1, 0, 2);
	CHECK(st == ST_FB_RANGE, "status %u", st);

	st = vg_run(d, 0, iova, iova, 64);
	CHECK(st == ST_BAD, "status %u", st);
	st = vg_run(d, 7, iova, iova, 64);
	CHECK(st == ST_BAD, "status %u", st);
	st = vg_run(d, OP_SYS_SYS, iova, iova, VG_MAX_LENGTH + 1);
	CHECK(st == ST_BAD, "status %u", st);
}

static void expect_fault(struct dev *d, uint32_t op, uint64_t src, uint64_t dst, uint32_t len)
{
	uint32_t before = vg_rd(d, VG_FAULTS);
	uint32_t st = vg_run(d, op, src, dst, len);

	CHECK(st == ST_FAULT, "operation %u: status %u", op, st);
	CHECK(vg_rd(d, VG_FAULTS) > before, "operation %u: fault not counted", op);
}

static void check_faults(struct dev *d, uint8_t *buf, uint64_t iova)
{
	uint8_t *ro = alloc_dma(PAGE);
	uint32_t st;
	int err;

	expect_fault(d, OP_SYS_SYS, IOVA_NONE, iova, 64);
	expect_fault(d, OP_SYS_SYS, iova, IOVA_NONE, 64);
	expect_fault(d, OP_SYS_FB, IOVA_NONE, 0, PAGE);
	expect_fault(d, OP_FB_SYS, 0, IOVA_NONE, PAGE);
	expect_fault(d, OP_FILL_SYS, 0xee, IOVA_NONE, 1);
	expect_fault(d, OP_FILL_SYS, 0xee, 0, 1);
	expect_fault(d, OP_SYS_SYS, iova, ~0ull - 4095, 64);
	/* starts in mapped memory, ends behind it */
	expect_fault(d, OP_FILL_SYS, 0xee, iova + BUF_BYTES - 16, 32);

	/* memory that the device may read but not write */
	memset(ro, 0x42, PAGE);
	err = dev_dma_map(d, ro, IOVA_RO, PAGE, DMA_READ);
	if (CHECK(err == 0, "read-only mapping: %s", errname(err))) {
		memset(buf, GUARD, PAGE);
		st = vg_run(d, OP_SYS_SYS, IOVA_RO, iova, PAGE);
		CHECK(st == ST_DONE && all_bytes(buf, PAGE, 0x42), "status %u", st);
		expect_fault(d, OP_FILL_SYS, 0xee, IOVA_RO, PAGE);
		CHECK(all_bytes(ro, PAGE, 0x42), "read-only memory was written");
		dev_dma_unmap(d, IOVA_RO, PAGE);
		expect_fault(d, OP_SYS_SYS, IOVA_RO, iova, 64);
	}
	munmap(ro, PAGE);

	/* and the engine still works */
	fill_pattern(buf, PAGE, 9);
	st = vg_run(d, OP_SYS_SYS, iova, iova + PAGE, PAGE);
	CHECK(st == ST_DONE && !memcmp(buf, buf + PAGE, PAGE), "status %u after faults", st);
}

/* Every command that names a vector raises it once: counted, not just seen. */
static void check_interrupts(struct dev *d)
{
	uint64_t got[DEV_VECTORS] = { 0 };
	uint32_t sent[DEV_VECTORS] = { 0 };
	int err = dev_enable_msix(d);

	if (!CHECK(err == 0, "enabling MSI-X: %s", errname(err)))
		return;
	for (uint32_t i = 0; i < 40; i++) {
		uint32_t vector = i % 7 % DEV_VECTORS;
		uint32_t st = vg_run_irq(d, OP_INTERRUPT, 0, 0, 0, vector);
		uint64_t n;

		CHECK(st == ST_DONE, "status %u", st);
		sent[vector]++;
		n = dev_wait_irq(d, vector, IRQ_MS);
		CHECK(n == 1, "command %u: %llu interrupts on vector %u", i,
		      (unsigned long long)n, vector);
		got[vector] += n;
		if (!n)
			return;
	}
	/* a command without a vector, and one with: whatever was late has come now */
	CHECK(vg_run(d, OP_INTERRUPT, 0, 0, 0) == ST_DONE, "status %u", vg_rd(d, VG_STATUS));
	CHECK(vg_run_irq(d, OP_INTERRUPT, 0, 0, 0, 0) == ST_DONE, "status %u",
	      vg_rd(d, VG_STATUS));
	sent[0]++;
	got[0] += dev_wait_irq(d, 0, IRQ_MS);
	for (unsigned int v = 0; v < DEV_VECTORS; v++) {
		got[v] += dev_take_irqs(d, v);
		CHECK(got[v] == sent[v], "vector %u: %llu of %u", v, (unsigned long long)got[v],
		      sent[v]);
	}
	printf("irqs %u %u %u %u\n", sent[0], sent[1], sent[2], sent[3]);

	/* off: the command runs, nothing is delivered */
	CHECK(dev_disable_msix(d) == 0, "disabling MSI-X");
	CHECK(vg_run_irq(d, OP_INTERRUPT, 0, 0, 0, 1) == ST_DONE, "status %u",
	      vg_rd(d, VG_STATUS));
	CHECK(dev_take_irqs(d, 1) == 0, "interrupt while MSI-X is off");
	CHECK(dev_enable_msix(d) == 0, "enabling MSI-X again");
}

static void check_bus_master(struct dev *d, uint8_t *buf, uint64_t iova)
{
	uint32_t st;

	memset(buf, GUARD, PAGE);
	CHECK(vg_bus_master(d, false) == 0, "config write");
	st = vg_run(d, OP_FILL_SYS, 0xee, iova, PAGE);
	CHECK(st == ST_NO_MASTER && all_bytes(buf, PAGE, GUARD), "status %u", st);
	CHECK(vg_bus_master(d, true) == 0, "config write");
	st = vg_run(d, OP_FILL_SYS, 0xee, iova, PAGE);
	CHECK(st == ST_DONE && all_bytes(buf, PAGE, 0xee), "status %u", st);
}

/*
 * A function level reset in the middle of a copy. The kernel switches bus mastering
 * off before it resets, so the copy may end by that or by the reset (status 6), and
 * the registers are wiped after. What counts: it stops, part of the target was never
 * written, nothing is written later, and the engine works again. Whether a given
 * copy is still running when the reset arrives is a race: tried until one is.
 */
static void check_reset(struct dev *d)
{
	const uint64_t iova = IOVA_HIGH + (1ull << 30);
	const uint32_t len = VG_MAX_LENGTH;
	uint8_t *src = alloc_dma(2 * len), *dst = src + len;
	uint32_t st, seq, type = vg_rd(d, VG_TYPE), tries;
	bool stopped = false;
	int err;

	memset(src, 0x11, len);
	err = dev_dma_map(d, src, iova, 2 * len, DMA_RW);
	if (!CHECK(err == 0, "mapping %u: %s", 2 * len, errname(err)))
		goto out;
	for (tries = 1; tries <= RESET_TRIES && !stopped; tries++) {
		uint32_t resets = vg_rd(d, VG_RESETS);
		size_t written;

		memset(dst, GUARD, len);
		seq = vg_start(d, OP_SYS_SYS, iova, iova + len, len, VG_NO_VECTOR);
		CHECK(vg_wait_taken(d), "command not taken");
		err = dev_reset(d);
		if (!CHECK(err == 0, "VFIO_DEVICE_RESET: %s", errname(err)))
			goto out;
		CHECK(vg_rd(d, VG_RESETS) > resets, "reset not counted");
		st = vg_rd(d, VG_DONE) == seq ? vg_rd(d, VG_STATUS) : ST_RESET;
		CHECK(st == ST_RESET || st == ST_DONE || st == ST_NO_MASTER, "status %u", st);
		for (written = 0; written < len && dst[written] == 0x11; written++)
			;
		stopped = written < len;
		CHECK(vg_bus_master(d, true) == 0, "config write");
		memset(src, 0x22, PAGE);
		st = vg_run(d, OP_SYS_SYS, iova, iova + PAGE, PAGE);
		CHECK(st == ST_DONE && !memcmp(src, src + PAGE, PAGE), "status %u after reset", st);
		CHECK(all_bytes(dst + written, len - written, GUARD), "written after the reset");
		memset(src, 0x11, 2 * PAGE);
		if (stopped)
			printf("reset stopped a copy after %zu of %u bytes, try %u\n", written, len,
			       tries);
	}
	CHECK(stopped, "%u copies all ended before the reset", tries - 1);
	CHECK(vg_rd(d, VG_STATE) == 1 && vg_rd(d, VG_TYPE) == type, "state %u type %u after reset",
	      vg_rd(d, VG_STATE), vg_rd(d, VG_TYPE));
	for (unsigned int v = 0; v < DEV_VECTORS; v++)
		dev_take_irqs(d, v);
	CHECK(vg_run_irq(d, OP_INTERRUPT, 0, 0, 0, 2) == ST_DONE, "status %u",
	      vg_rd(d, VG_STATUS));
	CHECK(dev_wait_irq(d, 2, IRQ_MS) == 1, "no interrupt after reset");
	CHECK(dev_dma_unmap(d, iova, 2 * len) == 0, "unmap");
out:
	munmap(src, 2 * len);
}

int test_device(const struct dev_spec *spec, const struct expect *want)
{
	const char *stage;
	struct dev d;
	uint8_t *buf;
	int err;

	err = dev_open(&d, spec, &stage);
	if (err) {
		printf("open: %s at %s\n", errname(err), stage);
		return EXIT_REFUSED;
	}
	print_info(&d);
	check_identity(&d, want);
	if (checks_failed())
		goto out;
	if (!CHECK(vg_bus_master(&d, true) == 0, "config write"))
		goto out;

	buf = alloc_dma(BUF_BYTES);
	err = dev_dma_map(&d, buf, IOVA_LOW, BUF_BYTES, DMA_RW);
	if (!CHECK(err == 0, "mapping: %s", errname(err)))
		goto out;
	err = dev_dma_map(&d, buf, IOVA_HIGH, BUF_BYTES, DMA_RW);
	CHECK(err == 0, "second mapping above 4 GiB: %s", errname(err));

	check_bar1(&d, buf, IOVA_LOW);
	check_copies(&d, buf, IOVA_LOW);
	if (!err)
		check_copies(&d, buf, IOVA_HIGH);
	check_refusals(&d, buf, IOVA_LOW);
	check_faults(&d, buf, IOVA_LOW);
	check_interrupts(&d);
	check_bus_master(&d, buf, IOVA_LOW);
	check_reset(&d);

	err = dev_dma_unmap(&d, IOVA_LOW, BUF_BYTES);
	CHECK(err == 0, "unmap: %s", errname(err));
	memset(buf, GUARD, PAGE);
	expect_fault(&d, OP_FILL_SYS, 0xee, IOVA_LOW, PAGE);
	CHECK(all_bytes(buf, PAGE, GUARD), "memory was written after unmap");
	munmap(buf, BUF_BYTES);
out:
	dev_close(&d);
	printf("test %s: %s\n", d.name, checks_failed() ? "FAIL" : "ok");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

int quick_dma(struct dev *d, uint32_t rounds)
{
	uint8_t *buf = alloc_dma(4 * PAGE);
	int bad = 0;

	if (vg_bus_master(d, true) || dev_enable_msix(d) ||
	    dev_dma_map(d, buf, IOVA_LOW, 4 * PAGE, DMA_RW)) {
		munmap(buf, 4 * PAGE);
		return 1;
	}
	for (uint32_t i = 0; i < rounds && !bad; i++) {
		fill_pattern(buf, 2 * PAGE, i + 100);
		memset(buf + 2 * PAGE, 0, 2 * PAGE);
		bad += vg_run(d, OP_SYS_FB, IOVA_LOW, 0, 2 * PAGE) != ST_DONE;
		bad += vg_run_irq(d, OP_FB_SYS, 0, IOVA_LOW + 2 * PAGE, 2 * PAGE, i % DEV_VECTORS) !=
		       ST_DONE;
		bad += dev_wait_irq(d, i % DEV_VECTORS, IRQ_MS) != 1;
		bad += memcmp(buf, buf + 2 * PAGE, 2 * PAGE) != 0;
	}
	bad += dev_dma_unmap(d, IOVA_LOW, 4 * PAGE) != 0;
	munmap(buf, 4 * PAGE);
	return bad;
}

/* Same addresses, different memory, both at work at the same time. */
int test_pair(const struct dev_spec *sa, const struct dev_spec *sb)
{
	const struct dev_spec *spec[2] = { sa, sb };
	struct dev d[2];
	uint8_t *buf[2];
	uint32_t seq[2], half = BUF_BYTES / 2;
	const char *stage;
	int err;

	for (int i = 0; i < 2; i++) {
		err = dev_open(&d[i], spec[i], &stage);
		if (err) {
			printf("open: %s at %s (%s)\n", errname(err), stage, spec[i]->where);
			if (i)
				dev_close(&d[0]);
			return EXIT_REFUSED;
		}
		buf[i] = alloc_dma(BUF_BYTES);
		CHECK(vg_bus_master(&d[i], true) == 0, "config write");
		err = dev_dma_map(&d[i], buf[i], IOVA_LOW, BUF_BYTES, DMA_RW);
		CHECK(err == 0, "mapping: %s", errname(err));
	}
	CHECK(vg_rd(&d[0], VG_GFID) != vg_rd(&d[1], VG_GFID) ||
	      vg_rd(&d[0], VG_BOARD) != vg_rd(&d[1], VG_BOARD), "the same function twice");

	for (uint32_t round = 0; round < 8; round++) {
		/* what BAR1 shows, and what it does not */
		uint64_t at = round % 2 ? vg_fb_bytes(&d[0]) / 2 : 0;

		for (int i = 0; i < 2; i++) {
			fill_pattern(buf[i], half, round * 2 + (uint32_t)i + 1);
			memset(buf[i] + half, 0, half);
			CHECK(vg_run(&d[i], OP_SYS_FB, IOVA_LOW, at, half) == ST_DONE, "status %u",
			      vg_rd(&d[i], VG_STATUS));
		}
		for (int i = 0; i < 2; i++)
			seq[i] = vg_start(&d[i], OP_FB_SYS, at, IOVA_LOW + half, half,
					  VG_NO_VECTOR);
		for (int i = 0; i < 2; i++) {
			CHECK(vg_wait(&d[i], seq[i]) == ST_DONE, "status %u",
			      vg_rd(&d[i], VG_STATUS));
			CHECK(!memcmp(buf[i], buf[i] + half, half), "device %d read another's memory",
			      i);
		}
		/* neither BAR1 shows the other's framebuffer */
		CHECK(dev_rd32(&d[0], d[0].fb_bar, 0) != dev_rd32(&d[1], d[1].fb_bar, 0),
		      "both show %08x", dev_rd32(&d[0], d[0].fb_bar, 0));
	}

	/* what one unmaps the other keeps, and a fault stays with the one that made it */
	uint32_t faults = vg_rd(&d[1], VG_FAULTS);

	CHECK(dev_dma_unmap(&d[0], IOVA_LOW, BUF_BYTES) == 0, "unmap");
	seq[1] = vg_start(&d[1], OP_SYS_SYS, IOVA_LOW, IOVA_LOW + half, half, VG_NO_VECTOR);
	for (int i = 0; i < 8; i++)
		expect_fault(&d[0], OP_FILL_SYS, 0xee, IOVA_LOW, PAGE);
	CHECK(dev_reset(&d[0]) == 0, "reset");
	CHECK(vg_wait(&d[1], seq[1]) == ST_DONE, "status %u", vg_rd(&d[1], VG_STATUS));
	CHECK(!memcmp(buf[1], buf[1] + half, half), "neighbour disturbed");
	CHECK(vg_rd(&d[1], VG_FAULTS) == faults, "neighbour counted a fault");

	for (int i = 0; i < 2; i++) {
		dev_close(&d[i]);
		munmap(buf[i], BUF_BYTES);
	}
	printf("pair: %s\n", checks_failed() ? "FAIL" : "ok");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
