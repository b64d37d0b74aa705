/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GPU full of vGPUs by brute force: arrays of bytes, one for each placement id,
 * channel, slice and eighth of memory. Written from docs/placement.md alone; it shares
 * nothing with driver/core, so that a mistake would have to be made twice.
 */
#ifndef TEST_ORACLE_H
#define TEST_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#define ORACLE_VGPUS	64
#define ORACLE_IDS	1024
#define ORACLE_GIS	15
#define ORACLE_NO_ID	0xffffu
#define ORACLE_NO_GI	0xffffffffu

struct oracle_gpu {
	enum { TURING_OR_AMPERE, ADA_OR_HOPPER, BLACKWELL } chip;
	unsigned branch;		/* 535, 570, 595 */
	unsigned region;		/* GiB of the largest type */
	unsigned limit;			/* vGPUs without MIG */
	unsigned mig_limit;		/* and with */
	unsigned slices;		/* 7, 4 or 0 */
	unsigned channels;
	uint64_t fb;			/* first byte for vGPUs */
	uint64_t fb_end;
	uint64_t segment;
};

struct oracle_type {
	unsigned gib;
	unsigned max;
	unsigned slices;		/* of its GPU instance; 0: no MIG */
	unsigned eighths;
	unsigned attr;
	unsigned per_gi;
};

/* A place as numbers. */
struct oracle_place {
	unsigned gi;
	unsigned id;
	unsigned ids;
	uint64_t fb;
	uint64_t fb_len;
	uint64_t heap;
	uint64_t heap_len;
	unsigned channel;
	unsigned channels;
};

struct oracle_gi {
	bool there;
	unsigned slices;
	unsigned eighths;
	unsigned attr;
	unsigned start;
	uint64_t fb;
	uint64_t fb_end;
};

struct oracle_vgpu {
	bool there;
	unsigned gib;
	struct oracle_place p;
};

struct oracle {
	struct oracle_gpu gpu;
	bool mixed;
	bool mig;
	struct oracle_gi gi[ORACLE_GIS];	/* by id */
	struct oracle_vgpu vgpu[ORACLE_VGPUS];
};

void oracle_start(struct oracle *o, const struct oracle_gpu *gpu);
/* May the mode be changed now? Does it, if so. */
bool oracle_set_mixed(struct oracle *o, bool on);
bool oracle_set_mig(struct oracle *o, bool on);
/* Where the next GPU instance would begin, -1 if there is no room. */
int oracle_gi_next(const struct oracle *o, unsigned slices, unsigned eighths, unsigned attr);
/* How many more, by making them. */
unsigned oracle_gi_room(const struct oracle *o, unsigned slices, unsigned eighths, unsigned attr);
void oracle_gi_add(struct oracle *o, unsigned id, const struct oracle_gi *gi);
bool oracle_gi_del(struct oracle *o, unsigned id);

/* All placement ids of the type in NVIDIA's order (@gi of no interest before MIG). */
unsigned oracle_ids(const struct oracle *o, const struct oracle_type *t, unsigned *ids);
/* Those that can be had now, in GPU instance @gi. */
unsigned oracle_creatable(const struct oracle *o, const struct oracle_type *t, unsigned gi,
			  unsigned *ids);
unsigned oracle_available(const struct oracle *o, const struct oracle_type *t);
/* NULL, or what is wrong with the place that @n got. @chosen: nobody asked for its id or GI. */
const char *oracle_take(struct oracle *o, unsigned n, const struct oracle_type *t,
			const struct oracle_place *p, bool chosen);
void oracle_put(struct oracle *o, unsigned n);

#endif
