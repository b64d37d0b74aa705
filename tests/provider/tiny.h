/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A GPU made up for tiny.c: its firmware takes a command at a time through a
 * function call, answers by number, and has one byte of framebuffer for each
 * segment. Nothing in it is like GSP-RM.
 */
#ifndef TINY_H
#define TINY_H

#include <linux/pci.h>

#include "driver/core/provider.h"

#define TINY_SEGMENT	0x2000000ull
#define TINY_SEGMENTS	64
#define TINY_CHANNELS	256
#define TINY_VGPUS	8

enum tiny_cmd {
	TINY_HELLO, TINY_CLEAR, TINY_START, TINY_RELEASE, TINY_RESET, TINY_BYE,
	TINY_SCHEDULER,			/* gfid: policy, fb: time slice; HELLO likewise */
	TINY_MIXED, TINY_MIG,		/* gfid: 0 or 1 */
	TINY_DIVIDE, TINY_UNITE,	/* gfid: an instance, which is a half of the memory */
};
enum tiny_result { TINY_OK, TINY_REFUSED, TINY_NOT_THERE, TINY_BUSY };
enum tiny_event { TINY_UP, TINY_CRASHED, TINY_GUEST, TINY_USAGE };

struct tiny_answer {
	u32 seq;
	enum tiny_result result;
	u64 at;		/* when it comes */
};

struct tiny_news {
	u32 gfid;
	enum tiny_event what;
	u32 guest, value;	/* enum ovg_instance_event */
};

struct tiny_gpu {
	struct pci_dev pf;
	struct pci_bus bus;
	bool present, running, hung, gone;
	u32 sent;		/* commands so far */
	/* misbehaviour: so many of the next ... */
	u32 lose, refuse_hello, refuse_start, refuse_release, refuse_reset, crash_at_start;
	u32 refuse_setter[16];		/* by command */
	u32 late_ms, boot_ms;
	struct tiny_answer answer[64];
	struct tiny_news news[64];
	u32 nanswers, nnews;
	u8 fb[TINY_SEGMENTS];
	bool mixed, mig, half[2];
	u32 policy, slice;
	struct {
		bool held, up, crashed;
		u64 up_at, fb, size;
		u32 work;	/* not yet reported */
	} vgpu[TINY_VGPUS + 1];
};

/* The firmware's side, tiny_gpu.c. */
void tiny_send(struct tiny_gpu *g, u32 seq, enum tiny_cmd cmd, u32 gfid, u64 fb, u64 size);
bool tiny_answered(struct tiny_gpu *g, u32 seq, enum tiny_result *result);
bool tiny_next(struct tiny_gpu *g, struct tiny_news *n);
void tiny_tick(struct tiny_gpu *g);

/* The provider, tiny.c; open for broken.c to break. */
struct ovg_instance {
	struct ovg_provider *p;
	u32 gfid;
	bool up, crashed, running, told;
	u64 usage_us;
};

struct ovg_provider {
	struct tiny_gpu *g;
	const struct ovg_provider_events *ev;
	void *ctx;
	const struct ovg_timeouts *to;
	struct ovg_gpu_info info;
	struct ovg_type types[3];
	struct ovg_instance *inst[TINY_VGPUS + 1];
	struct ovg_scheduler sched;
	bool mixed, mig;
	u32 seq;
	u64 unheard;		/* since when there was no sign of life, 0: there was */
	bool live, dead, told;
	char died_why[OVG_WHY_MAX];
};

extern const struct ovg_provider_ops tiny_provider;

#endif
