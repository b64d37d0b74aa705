/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_TEST_TESTS_H
#define OVG_TEST_TESTS_H

#include "device.h"

#include <stdbool.h>

/* What the caller knows about the vGPU; a member that is 0 is not compared. */
struct expect {
	uint32_t board;
	uint32_t type;
	uint32_t gfid;
	uint32_t fb_mib;
	uint16_t id[4];		/* vendor, device, subsystem vendor, subsystem */
};

/* checks.c: one vGPU, everything that can be tried from outside */
int print_info(struct dev *d);
int test_device(const struct dev_spec *spec, const struct expect *want);
/* two vGPUs at once: neither sees nor hurts the other */
int test_pair(const struct dev_spec *a, const struct dev_spec *b);
/* 0 or the number of things that were wrong; enough to show that @d works */
int quick_dma(struct dev *d, uint32_t rounds);

/* memory for DMA, patterns to move about in it */
uint8_t *alloc_dma(size_t len);
void fill_pattern(uint8_t *p, size_t len, uint32_t seed);
bool all_bytes(const uint8_t *p, size_t len, uint8_t val);

/*
 * fb.c: the framebuffer of a vGPU, sampled from its first byte to its last page,
 * through BAR1 and by DMA. Each needs bus mastering and answers with the number of
 * samples that were wrong.
 */
unsigned int fb_fill(struct dev *d, uint32_t seed);
unsigned int fb_check(struct dev *d, uint32_t seed);
unsigned int fb_zero(struct dev *d);

/* drive.c: one vGPU, told line by line what to do */
int drive_device(const struct dev_spec *spec);

/* many.c */
/* all of them open at once, DMA in each; stays until SIGTERM if @stay */
int fleet(const char *const *where, unsigned int n, bool stay);
/*
 * Opens all at the same time, each from a process of its own. No board lets a vGPU come
 * up before all of them boot, or one has failed, or it takes too long.
 */
struct together {
	unsigned int opened;
	bool all_booting;	/* there was a moment when all of them were booting */
};
void open_together(const char *const *where, unsigned int n, struct together *t);
int together(const char *const *where, unsigned int n);

/* hold.c: keep it open until told otherwise */
struct hold_opts {
	unsigned int ignore;	/* requests to let pass before closing */
	bool forever;		/* never close on a request */
	bool busy;		/* DMA all the time */
};
int hold_device(const struct dev_spec *spec, const struct hold_opts *opts);

/* churn.c: create, open, DMA, close, remove through sysfs, from many processes */
struct churn_opts {
	const char *pf;		/* sysfs path of the PF */
	const char *type;	/* directory in mdev_supported_types */
	unsigned int procs;
	unsigned int cycles;
	bool no_open;
};
int churn(const struct churn_opts *opts);

/* sysfs of one PF, used by churn.c and scenarios.c */
int mdev_create(const char *pf, const char *type, const char *uuid);
int mdev_remove(const char *uuid);
/* available_instances of @type, or -errno */
long mdev_available(const char *pf, const char *type);
/* Brings the PF up as the udev rule does: VFs, then the mdev parent. */
int pf_up(const char *pf, unsigned int vfs);

/* matrix.c: what is wrong with the firmware x what is under way; no cells: all */
int matrix(const char *pf, const char *type, const char *const *cell, unsigned int n);
void list_cells(void);

/* random.c: create, remove, open, close, move in random order, in random modes */
int random_order(const char *pf, uint32_t seed, unsigned int sequences, unsigned int steps);

/* scenarios.c */
/* @label is added to the names in the verdicts */
int run_scenario(const char *name, const char *pf, const char *type, unsigned int rounds,
		 const char *label);
/* those for every run, or with @slow all of them */
void list_scenarios(bool slow);

#endif
