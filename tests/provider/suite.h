/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Conformance of a provider: one check for each clause of docs/driver.md, "Writing
 * another provider". A check that cannot get to its point because something else
 * is wrong says so and does not fail: each clause is failed by what breaks it, and
 * by nothing else.
 *
 * One thread, virtual time: firmware, interrupts and the provider's own threads run
 * in shim_tick(), that is, while an op waits. A hook runs there too, and may call
 * ops: that is how two of them are under way at a time. A provider that holds a lock
 * over a wait then ends in the shim's assertion.
 */
#ifndef SUITE_H
#define SUITE_H

#include <linux/pci.h>

#include "driver/core/provider.h"

#define CLAUSES		44
#define BOARDS		2

enum trouble {
	NO_FIRMWARE,		/* the board has none in vGPU mode */
	START_REFUSED,		/* the next attach() is refused by the firmware */
	LOSE_ANSWERS,		/* the next @arg commands are not answered */
	LATE_ANSWER,		/* the next answer comes @arg ms later */
	OPEN_REFUSED,		/* the next start of a vGPU is refused */
	RELEASE_REFUSED,	/* so is the next @arg times that one shall go */
	RESET_REFUSED,		/* the next reset cannot be done */
	SLOW_VGPUS,		/* every vGPU comes up @arg ms later */
	CRASH_AT_START,		/* the next one crashes instead */
	CRASH,			/* of the running vGPU with gfid @arg */
	HANG,			/* of the firmware */
	GONE,			/* the device reads all ones */
	GUEST_UP, GUEST_DOWN, GUEST_LICENCE,	/* of gfid @arg */
	GUEST_WORKS,		/* so that there is something to report */
	SETTER_FAILS,		/* the next time that firmware is asked for enum setting @arg */
};

enum setting { SET_MIXED, SET_SCHEDULER, SET_MIG, SET_GI, SET_GI_HALFWAY, NR_SETTINGS };

/* What the firmware runs with. */
struct firmware_state {
	bool mixed, mig;
	u32 instances;
	struct ovg_scheduler sched;
};

/* A provider, and the board under it. Boards are numbered 0 and 1. */
struct subject {
	const char *name;
	const struct ovg_provider_ops *ops;
	void (*power_on)(void);
	void (*power_off)(void);
	struct shim_pf *(*pf)(int board);
	struct pci_dev *(*vf)(int board, u32 gfid);
	void (*tick)(void);
	void (*trouble)(int board, enum trouble what, u32 arg);
	u32 (*sent)(int board);		/* to the firmware, in all */
	bool (*reaches_host)(int board);
	bool (*held)(int board, u32 gfid);
	bool (*works)(int board, const struct ovg_instance_params *par);
	void (*guest)(int board, u32 gfid, u64 offset, u8 *byte, bool write);
	void (*state)(int board, struct firmware_state *s);
	u32 slack;	/* ms that an op takes without trouble, at most */
};

struct verdict {
	u64 failed;		/* bit n: clause n */
	u64 skipped;
	char text[CLAUSES + 1][200];
};

/* Runs all checks, or one. */
void suite_run(const struct subject *s, struct verdict *v);
void suite_run_one(const struct subject *s, int clause, struct verdict *v);
/* One Criterion assertion for each clause. */
void suite_report(const struct verdict *v, const char *name);

/* ---- for the checks ------------------------------------------------------ */

struct seen {
	u32 died, instance_died, events, usages;
	u32 instance_died_of[65], event_of[65], usage_of[65];
	enum ovg_instance_event event[64];	/* in order */
	u64 usage_us[65];
	u64 died_at;
	char why[OVG_WHY_MAX + 8];
	const char *early, *late, *direct, *odd;	/* what was against a rule */
};

struct board {
	struct ovg_provider *p;
	struct seen seen;
	struct ovg_timeouts to;
	struct ovg_scheduler sched;	/* what attach() is given */
	bool attached;		/* attach() has returned 0, detach() has not */
	struct ovg_instance *inst[65];
	struct ovg_instance_params par[65];
};

struct suite {
	const struct subject *s;
	struct board board[BOARDS];
	char why[OVG_WHY_MAX + 8];	/* of the last op, with a guard behind */
	int in_tick;
	bool slow_work;		/* queued work waits, as behind a busy CPU */
	u64 hook_at;
	void (*hook)(void);
};
extern struct suite st;

extern void (*const checks[CLAUSES + 1])(void);

/* Ends the check: the clause is broken, or could not be looked at. */
void must_(bool ok, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void need_(bool ok, const char *what, int line);
#define must(ok, ...)	must_(ok, __VA_ARGS__)
#define need(ok)	need_(ok, #ok, __LINE__)

/* A fresh board with default timeouts and the provider on it. */
int attach(int board);
void detach(int board);
void attach_fresh(void);	/* board 0; needs that it works */
/* Ranges by place, so that a place can be given to another gfid. */
void place(int board, u32 gfid, u32 where);
void place_type(int board, u32 gfid, u32 where, const struct ovg_type *type);
int open_(int board, u32 gfid);
int close_(int board, u32 gfid);
int reset_(int board, u32 gfid);
void pass(u32 ms);
void trouble(enum trouble what, u32 arg);
bool why_is_good(const char *why);
u8 guest_read(u32 gfid, u64 offset);
void guest_write(u32 gfid, u64 offset, u8 byte);
/* After @ms of the next wait. */
void hook(u32 ms, void (*fn)(void));
/* Lets ops find out that the firmware is dead. */
void until_dead(void);

#define COMMAND		500
#define INSTANCE	1000
#define SILENCE		900

#endif
