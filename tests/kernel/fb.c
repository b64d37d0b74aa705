// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A vGPU's framebuffer as its owner leaves it and as the next one finds it. It is
 * too large to be looked at byte by byte: all of what BAR1 shows, and pages spread
 * over the rest, the last one among them.
 */
#include "engine.h"
#include "tests.h"
#include "util.h"

#include <string.h>
#include <sys/mman.h>

#define PAGE		4096u
#define IOVA		0x60000000ull
#define SAMPLES		64u
#define CHUNK		(256u << 10)

/* Where sample @i lies: odd places, so that no power of two hides it; the last page. */
static uint64_t sample(uint64_t fb, uint32_t shown, unsigned int i)
{
	uint64_t rest = (fb - shown) / SAMPLES;

	if (i == SAMPLES - 1)
		return fb - PAGE;
	return shown + (rest * i & ~(uint64_t)(PAGE - 1)) + i * 13;
}

static uint8_t *map(struct dev *d)
{
	uint8_t *buf = alloc_dma(CHUNK);
	int err = dev_dma_map(d, buf, IOVA, CHUNK, DMA_RW);

	if (CHECK(err == 0, "mapping: %s", errname(err)))
		return buf;
	munmap(buf, CHUNK);
	return NULL;
}

static void unmap(struct dev *d, uint8_t *buf)
{
	CHECK(dev_dma_unmap(d, IOVA, CHUNK) == 0, "unmapping");
	munmap(buf, CHUNK);
}

static uint32_t word(uint32_t seed, uint32_t at)
{
	return (at * 0x01000193u ^ seed * 2654435761u) | 1;	/* never 0 */
}

unsigned int fb_fill(struct dev *d, uint32_t seed)
{
	uint32_t shown = vg_rd(d, VG_BAR1_BYTES);
	uint64_t fb = vg_fb_bytes(d);
	uint8_t *buf = map(d);
	unsigned int bad = 0;

	if (!buf)
		return 1;
	for (uint32_t at = 0; at < shown; at += 4)
		dev_wr32(d, d->fb_bar, at, word(seed, at));
	for (unsigned int i = 0; i < SAMPLES; i++) {
		fill_pattern(buf, PAGE, seed + i);
		bad += vg_run(d, OP_SYS_FB, IOVA, sample(fb, shown, i), PAGE) != ST_DONE;
	}
	unmap(d, buf);
	return bad;
}

unsigned int fb_check(struct dev *d, uint32_t seed)
{
	uint32_t shown = vg_rd(d, VG_BAR1_BYTES), wrong = 0;
	uint64_t fb = vg_fb_bytes(d);
	uint8_t *buf = map(d);
	unsigned int bad = 0;

	if (!buf)
		return 1;
	for (uint32_t at = 0; at < shown; at += 4)
		wrong += dev_rd32(d, d->fb_bar, at) != word(seed, at);
	bad += wrong != 0;
	for (unsigned int i = 0; i < SAMPLES; i++) {
		fill_pattern(buf, PAGE, seed + i);
		memset(buf + PAGE, 0, PAGE);
		bad += vg_run(d, OP_FB_SYS, sample(fb, shown, i), IOVA + PAGE, PAGE) != ST_DONE ||
		       memcmp(buf, buf + PAGE, PAGE);
	}
	unmap(d, buf);
	return bad;
}

/* By DMA from a buffer full of something else, so that no DMA is not taken for zeros. */
static bool zero_at(struct dev *d, uint8_t *buf, uint64_t at, uint32_t len)
{
	memset(buf, 0xee, len);
	if (vg_run(d, OP_FB_SYS, at, IOVA, len) != ST_DONE)
		return CHECK(false, "reading %u at %llx: status %u", len, (unsigned long long)at,
			     vg_rd(d, VG_STATUS));
	if (all_bytes(buf, len, 0))
		return true;
	for (uint32_t i = 0; i < len; i++)
		if (buf[i]) {
			printf("framebuffer %llx reads %02x %02x %02x %02x\n",
			       (unsigned long long)at + i, buf[i], buf[i + 1], buf[i + 2], buf[i + 3]);
			break;
		}
	return false;
}

unsigned int fb_zero(struct dev *d)
{
	uint32_t shown = vg_rd(d, VG_BAR1_BYTES), wrong = 0;
	uint64_t fb = vg_fb_bytes(d);
	uint8_t *buf = map(d);
	unsigned int bad = 0;

	if (!buf)
		return 1;
	for (uint32_t at = 0; at < shown; at += 4)
		wrong += dev_rd32(d, d->fb_bar, at) != 0;
	if (wrong)
		printf("BAR1: %u of %u words are not 0\n", wrong, shown / 4);
	bad += wrong != 0;
	for (uint32_t at = 0; at < shown; at += CHUNK)
		bad += !zero_at(d, buf, at, shown - at < CHUNK ? shown - at : CHUNK);
	for (unsigned int i = 0; i < SAMPLES; i++) {
		uint64_t at = sample(fb, shown, i);

		/* the sample, and what lies in front of it */
		bad += !zero_at(d, buf, at, PAGE);
		bad += !zero_at(d, buf, at - PAGE, PAGE);
	}
	bad += !zero_at(d, buf, fb - CHUNK, CHUNK);
	unmap(d, buf);
	return bad;
}
