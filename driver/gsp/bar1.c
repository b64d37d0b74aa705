// SPDX-License-Identifier: GPL-2.0-only
#include <linux/io.h>

#include "bar1.h"
#include "gsp.h"

/**
 * gsp_bar1_check() - is a range of framebuffer within BAR1?
 * @bar: length of BAR1
 * @addr: framebuffer address, which in physical mode is the offset in BAR1
 * @len: bytes
 *
 * Return: NULL, or what is wrong.
 */
const char *gsp_bar1_check(u64 bar, u64 addr, u64 len)
{
	if (!len || addr % 4096)
		return "not made of pages";
	if (addr >= bar || len > bar - addr)
		return "outside BAR1";
	return NULL;
}

/**
 * gsp_bar1_map() - map framebuffer for the CPU
 * @p: provider
 * @addr: framebuffer address
 * @len: bytes
 * @out: mapping, for iounmap()
 * @why: cause of an error
 *
 * Not write-combining, although the BAR is prefetchable: firmware polls what is
 * written there, in the order it was written.
 */
int gsp_bar1_map(struct ovg_provider *p, u64 addr, u64 len, void __iomem **out, char *why)
{
	const char *bad = gsp_bar1_check(p->bar1_size, addr, len);

	if (bad) {
		gsp_why(why, "framebuffer 0x%llx+0x%llx cannot be mapped: %s",
			(unsigned long long)addr, (unsigned long long)len, bad);
		return -EINVAL;
	}
	*out = ioremap(p->bar1 + addr, len);
	if (!*out) {
		gsp_why(why, "no address space to map framebuffer 0x%llx",
			(unsigned long long)addr);
		return -ENOMEM;
	}
	return 0;
}
