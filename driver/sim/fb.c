// SPDX-License-Identifier: GPL-2.0-only
/*
 * The framebuffer, by physical framebuffer address: what was filled on request is
 * kept as ranges, so that the size of a range does not matter; what was written is
 * kept in pages, made when first written, which lie over the ranges. The rest reads
 * as poison. It outlives vGPUs, resets and driver loads, because the board never
 * scrubs by itself. Engine thread only.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "sim.h"

/* A guest can write anywhere, and the pages are this machine's memory. */
#define FB_STORE_MAX	(SZ_256M >> PAGE_SHIFT)
#define FB_MAX_SETS	4096

/* Pages @start to @end - 1. */
struct sim_fb_set {
	u64 start, end;
	u8 value;
};

static u32 pattern_of(const struct sim_fb_set *s)
{
	return s ? 0x01010101u * s->value : SIM_POISON;
}

/* What unwritten bytes of a page read as, by words. */
static u32 background(struct sim_board *b, u64 index)
{
	u32 lo = 0, hi = b->fb_nset, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (b->fb_set[mid].end <= index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return pattern_of(lo < b->fb_nset && b->fb_set[lo].start <= index ? &b->fb_set[lo] : NULL);
}

static bool all_words(const u32 *p, size_t len, u32 word)
{
	size_t i;

	for (i = 0; i < len / 4; i++)
		if (p[i] != word)
			return false;
	return true;
}

static int rw_page(struct sim_board *b, u64 addr, void *buf, size_t len, bool write)
{
	unsigned long index = addr >> PAGE_SHIFT;
	unsigned int off = offset_in_page(addr), i;
	u8 *page = xa_load(&b->fb, index);
	u32 word = page ? 0 : background(b, index);

	if (!page && !write) {
		for (i = 0; i < len; i++)
			((u8 *)buf)[i] = word >> (8 * ((off + i) % 4));
		return 0;
	}
	if (!page) {
		if (!off && len == PAGE_SIZE && all_words(buf, len, word))
			return 0;
		if (b->fb_stored >= FB_STORE_MAX) {
			sim_count(b, fb_store_full);
			return -ENOSPC;
		}
		page = (u8 *)__get_free_page(GFP_KERNEL);
		if (!page)
			return -ENOMEM;
		for (i = 0; i < PAGE_SIZE / 4; i++)
			((u32 *)page)[i] = word;
		if (xa_err(xa_store(&b->fb, index, page, GFP_KERNEL))) {
			free_page((unsigned long)page);
			return -ENOMEM;
		}
		b->fb_stored++;
		sim_count(b, fb_pages);
	}
	if (write)
		memcpy(page + off, buf, len);
	else
		memcpy(buf, page + off, len);
	return 0;
}

int sim_fb_rw(struct sim_board *b, u64 addr, void *buf, size_t len, bool write)
{
	int err = 0;

	if (addr >= b->type->fb || len > b->type->fb - addr)
		return -ERANGE;
	while (len && !err) {
		size_t n = min_t(size_t, len, PAGE_SIZE - offset_in_page(addr));

		err = rw_page(b, addr, buf, n, write);
		addr += n;
		buf += n;
		len -= n;
	}
	return err;
}

/* Appends to a list that is made in order; joins what continues the last one. */
static void append(struct sim_fb_set *list, u32 *n, u64 start, u64 end, u8 value)
{
	struct sim_fb_set *last = *n ? &list[*n - 1] : NULL;

	if (start >= end)
		return;
	if (last && last->end == start && last->value == value) {
		last->end = end;
		return;
	}
	list[(*n)++] = (struct sim_fb_set){ start, end, value };
}

/* The ranges anew with [@start, @end) in them; of the old ones what sticks out stays. */
static int add_set(struct sim_board *b, u64 start, u64 end, u8 value)
{
	struct sim_fb_set *list;
	u32 i, n = 0;

	if (b->fb_nset + 2 > FB_MAX_SETS)
		return -ENOSPC;
	list = kvcalloc(b->fb_nset + 2, sizeof(*list), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < b->fb_nset && b->fb_set[i].start < start; i++)
		append(list, &n, b->fb_set[i].start, min(b->fb_set[i].end, start),
		       b->fb_set[i].value);
	append(list, &n, start, end, value);
	/* One that begins before the new range may also end behind it. */
	for (i = i ? i - 1 : 0; i < b->fb_nset; i++)
		append(list, &n, max(b->fb_set[i].start, end), b->fb_set[i].end,
		       b->fb_set[i].value);
	kvfree(b->fb_set);
	b->fb_set = list;
	b->fb_nset = n;
	return 0;
}

static int set_bytes(struct sim_board *b, u64 addr, u64 end, u8 value)
{
	if (addr >= end)
		return 0;
	memset(b->bounce, value, PAGE_SIZE);
	return sim_fb_rw(b, addr, b->bounce, end - addr, true);
}

/**
 * sim_fb_set - fill a range, of any size at the same cost
 * @b: board
 * @addr: first byte
 * @len: bytes
 * @value: what they read as from now on
 *
 * Return: 0 or an error; then perhaps a part of it is filled.
 */
int sim_fb_set(struct sim_board *b, u64 addr, u64 len, u8 value)
{
	u64 end = addr + len, first, last;
	unsigned long index;
	void *page;
	int err;

	if (addr >= b->type->fb || len > b->type->fb - addr)
		return -ERANGE;
	first = DIV_ROUND_UP_ULL(addr, PAGE_SIZE);
	last = end >> PAGE_SHIFT;
	if (first >= last)
		return set_bytes(b, addr, min(end, first << PAGE_SHIFT), value) ?:
		       set_bytes(b, max(addr, first << PAGE_SHIFT), end, value);
	err = set_bytes(b, addr, first << PAGE_SHIFT, value) ?:
	      set_bytes(b, last << PAGE_SHIFT, end, value) ?: add_set(b, first, last, value);
	if (err)
		return err;
	xa_for_each_range(&b->fb, index, page, first, last - 1) {
		xa_erase(&b->fb, index);
		free_page((unsigned long)page);
		b->fb_stored--;
		sim_count(b, fb_pages_dropped);
	}
	return 0;
}

void sim_fb_free(struct sim_board *b)
{
	unsigned long index;
	void *page;

	xa_for_each(&b->fb, index, page)
		free_page((unsigned long)page);
	xa_destroy(&b->fb);
	kvfree(b->fb_set);
	b->fb_set = NULL;
	b->fb_nset = 0;
}
