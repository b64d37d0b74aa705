/* SPDX-License-Identifier: GPL-2.0-only */
/* Framebuffer seen through PF BAR1, which is in physical mode. */
#ifndef OVG_GSP_BAR1_H
#define OVG_GSP_BAR1_H

#include <linux/io.h>

#include "../compat/portable.h"

struct ovg_provider;

const char *gsp_bar1_check(u64 bar, u64 addr, u64 len);
int gsp_bar1_map(struct ovg_provider *p, u64 addr, u64 len, void __iomem **out, char *why);

#endif
