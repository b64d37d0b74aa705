/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVG_GSP_MIG_H
#define OVG_GSP_MIG_H

#include <linux/types.h>

struct ovg_provider;

/* settings.c */
bool gsp_in_doubt(int err, u32 status);

/* mig.c */
int gsp_gi_settle(struct ovg_provider *p, char *why);
int gsp_gi_read_ranges(struct ovg_provider *p, char *why);

#endif
