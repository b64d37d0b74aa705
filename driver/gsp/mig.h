/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OVG_GSP_MIG_H
#define OVG_GSP_MIG_H

struct ovg_provider;

/* mig.c */
int gsp_gi_settle(struct ovg_provider *p, char *why);
int gsp_gi_read_ranges(struct ovg_provider *p, char *why);

#endif
