/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated board's firmware model in user space, as seen from outside: the
 * registers, memory that it reaches by DMA, an interrupt, its counters. Nothing
 * of the model's own headers is visible here, nor of the kernel.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct model;

struct model_host {
	void *ctx;
	/* DMA of the PF or a VF; 0, or a negative errno if it cannot be reached */
	int (*dma)(void *ctx, uint64_t addr, void *buf, size_t len, bool write);
	void (*msi)(void *ctx, uint32_t vector);
	/* the board waits for the host to read what it sent */
	void (*wait)(void *ctx);
};

/* NULL if there is no such board, or not with that firmware branch. */
struct model *model_new(const char *board, unsigned int branch, const struct model_host *host);
void model_free(struct model *m);

/* Lets the board look once. True if it had something to do. */
bool model_poll(struct model *m);
/* From now on the host reads nothing while the board waits for it. */
void model_deaf_host(struct model *m);
void model_pass_ms(uint32_t ms);
uint64_t model_now_ms(void);

uint32_t model_read(struct model *m, uint32_t reg);
void model_write(struct model *m, uint32_t reg, uint32_t val);
uint8_t *model_bar0(struct model *m);
uint8_t *model_bar1(struct model *m);
void model_flr(struct model *m);

/* Virtual functions on, off, and one of them by its gfid. */
void model_set_vfs(struct model *m, unsigned int n);
uint8_t *model_vf_page(struct model *m, uint32_t gfid);
void model_flr_vf(struct model *m, uint32_t gfid);
/* What a vGPU was given; false if there is none of that gfid. */
struct model_ranges {
	uint64_t fb, fb_size, heap, heap_size;
	uint32_t chid, channels, nsegs, type, pid;
};
bool model_vgpu_ranges(struct model *m, uint32_t gfid, struct model_ranges *r);
/* As its guest sees it, BAR1 included. */
int model_guest_rw(struct model *m, uint32_t gfid, uint64_t offset, void *buf, size_t len,
		   bool write);
bool model_vgpu_runs(struct model *m, uint32_t gfid);
bool model_vgpu_held(struct model *m, uint32_t gfid);
bool model_vgpu_may_dma(struct model *m, uint32_t gfid);
/* Its plugin crashes; the VF's copy engine has moved so many bytes. */
void model_crash(struct model *m, uint32_t gfid);
void model_ce_bytes(struct model *m, uint32_t gfid, uint64_t bytes);
uint32_t model_ce_stops(struct model *m, uint32_t gfid);

/* Framebuffer by physical address, as the memory itself. */
int model_fb_read(struct model *m, uint64_t addr, void *buf, size_t len);
int model_fb_write(struct model *m, uint64_t addr, const void *buf, size_t len);

/* What debugfs offers. */
uint64_t model_counter(struct model *m, const char *name);
const char *model_counter_name(size_t i);	/* NULL after the last */
void model_counters(struct model *m, uint64_t *values);
bool model_fault(struct model *m, const char *kind, int count, const char *command);
void model_late_ms(struct model *m, uint32_t ms);
void model_plugin_boot_ms(struct model *m, uint32_t ms);
void model_require_signatures(struct model *m, bool on);
uint32_t model_gpu_instances(struct model *m);
bool model_mixed(struct model *m);
bool model_mig(struct model *m);
const char *model_scheduler(struct model *m, uint32_t *slice_us);
uint32_t model_vgpus(struct model *m);
uint32_t model_objects(struct model *m);
bool model_running(struct model *m);

/* Facts about the board that a host finds elsewhere: config space, data sheets. */
struct model_facts {
	const char *build;
	uint16_t device, subsystem, vf_offset, total_vfs;
	uint32_t boot_0, domain, bus, max_vgpus, channels, nengines;
	const uint8_t *engines;
	uint64_t fb, usable, segment, pf_bar1;
	bool any_channel_count, ecc, bar0_64;
	bool can_48;		/* its firmware can be booted for 48 vGPUs */
	uint32_t gi_slices;	/* 0: no MIG */
	bool placement_ids;	/* Ada and later: in equal-size mode too */
	bool memory_by_firmware;	/* Hopper and later: it says where GPU instances are */
	uint64_t pf_bar[3], vf_bar[3];	/* BAR0, 1 and 3; of the first VF */
};
/* Where configuration space has the BARs, as bus addresses. */
void model_set_bars(struct model *m, const uint64_t pf_bar[3], const uint64_t vf_bar[3]);
struct model_facts model_facts(struct model *m);

#endif
