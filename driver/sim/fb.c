// SPDX-License-Identifier: GPL-2.0-only
/*
 * The framebuffer: pages by physical framebuffer address, made when first
 * written. What was never written reads as poison. It outlives vGPUs, resets and
 * driver loads, because the board never scrubs. Engine thread only.
 */
#include <linux/mm.h>
#include "sim.h"

/* A guest can write anywhere, and the pages are this machine's memory. */
#define FB_STORE_MAX	(SZ_256M >> PAGE_SHIFT)

static bool all_poison(const u32 *p, size_t len)
{
	size_t i;

	for (i = 0; i < len / 4; i++)
		if (p[i] != SIM_POISON)
			return false;
	return true;
}

static int rw_page(struct sim_board *b, u64 addr, void *buf, size_t len, bool write)
{
	unsigned long index = addr >> PAGE_SHIFT;
	unsigned int off = offset_in_page(addr), i;
	u8 *page = xa_load(&b->fb, index);

	if (!page && !write) {
		u32 poison = SIM_POISON;

		for (i = 0; i < len; i++)
			((u8 *)buf)[i] = poison >> (8 * ((off + i) % 4));
		return 0;
	}
	if (!page) {
		if (!off && len == PAGE_SIZE && all_poison(buf, len))
			return 0;
		if (atomic64_read(&b->counters[SIM_C_fb_pages]) >= FB_STORE_MAX) {
			sim_count(b, fb_store_full);
			return -ENOSPC;
		}
		page = (u8 *)__get_free_page(GFP_KERNEL);
		if (!page)
			return -ENOMEM;
		for (i = 0; i < PAGE_SIZE / 4; i++)
			((u32 *)page)[i] = SIM_POISON;
		if (xa_err(xa_store(&b->fb, index, page, GFP_KERNEL))) {
			free_page((unsigned long)page);
			return -ENOMEM;
		}
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

void sim_fb_free(struct sim_board *b)
{
	unsigned long index;
	void *page;

	xa_for_each(&b->fb, index, page)
		free_page((unsigned long)page);
	xa_destroy(&b->fb);
}
