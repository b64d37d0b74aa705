/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boundary between the vGPU core and whoever talks to the firmware. Verbs
 * and plain numbers only: no firmware struct, command number or register value
 * crosses it, so that a firmware release cannot reach the core, VFIO or the
 * faces.
 */
#ifndef OVG_CORE_PROVIDER_H
#define OVG_CORE_PROVIDER_H

#include <linux/pci.h>
#include <linux/uuid.h>
#include "type.h"

struct ovg_provider;	/* owned by the provider, one a GPU */
struct ovg_instance;	/* provider's side of a booted vGPU */

/**
 * struct ovg_gpu_info - facts about a GPU, constant while the firmware runs
 * @firmware: firmware build, e.g. "570.144"
 * @generation: placement rules to use
 * @rules: of which firmware branch
 * @total_vfs_limit: most vGPUs the firmware branch runs on one GPU without MIG
 * @mig_limit: most MIG-backed ones; 0 if the board or the branch has no MIG
 * @gi_slices: compute slices of the board under MIG: 7 or 4; 0 without MIG
 * @mixed: sizes may be mixed
 * @scheduler_live: the scheduler can be changed while the firmware runs
 * @fb_total: framebuffer that vGPUs can share, in bytes
 * @fb_base: first byte of it
 * @segment: VMMU segment; every framebuffer range is a multiple of it
 * @channels: channel ids that vGPUs can share
 * @ecc: ECC is on
 */
struct ovg_gpu_info {
	char firmware[64];
	enum ovg_generation generation;
	enum ovg_rules rules;
	u32 total_vfs_limit;
	u32 mig_limit;
	u32 gi_slices;
	bool mixed;
	bool scheduler_live;
	u64 fb_total;
	u64 fb_base;
	u64 segment;
	u32 channels;
	bool ecc;
};

/**
 * struct ovg_instance_params - what the core reserved for a vGPU
 * @gfid: 1-based VF number
 * @vf: the VF; valid for the whole life of the instance
 * @type: its type; valid as long as the provider
 * @uuid: identity of the vGPU towards the firmware
 * @pid: tgid of the process that opened it
 * @fb_offset: first byte of guest framebuffer, segment aligned
 * @fb_size: bytes of guest framebuffer, segment aligned
 * @heap_offset: first byte of the plugin heap, 4 KiB aligned
 * @heap_size: bytes of the plugin heap
 * @chid_offset: first channel id, same for every engine
 * @chid_count: channel ids, a power of two except on Blackwell
 * @placement_id: in GiB of profile, or %OVG_PLACEMENT_NONE
 * @gi: id of its GPU instance, %OVG_GI_NONE without MIG
 * @params: vgpu_params string, "" if none
 */
struct ovg_instance_params {
	u32 gfid;
	struct pci_dev *vf;
	const struct ovg_type *type;
	guid_t uuid;
	pid_t pid;
	u64 fb_offset;
	u64 fb_size;
	u64 heap_offset;
	u64 heap_size;
	u32 chid_offset;
	u32 chid_count;
	u16 placement_id;
	u32 gi;
	const char *params;
};

/* How the time of the engines is shared. */
enum ovg_policy {
	OVG_POLICY_BEST_EFFORT,
	OVG_POLICY_EQUAL_SHARE,
	OVG_POLICY_FIXED_SHARE,
};

/**
 * struct ovg_scheduler - scheduler settings of a GPU
 * @policy: see &enum ovg_policy
 * @timeslice_us: length of a time slice, 0 for the firmware's own; not with best
 *	effort, which has none
 */
struct ovg_scheduler {
	enum ovg_policy policy;
	u32 timeslice_us;
};

/* RmPVMRL has 8 bits for whole milliseconds; NVIDIA documents 1 to 30 ms. */
#define OVG_TIMESLICE_MIN_US	1000
#define OVG_TIMESLICE_MAX_US	30000

/**
 * struct ovg_timeouts - how long a provider waits for firmware, in ms
 * @command: for the reply to an ordinary command
 * @boot: from the start of the firmware until it says that it runs
 * @instance: from the start of a vGPU until its side in the firmware runs
 * @message: for the answer of a vGPU's side to a message
 * @stop: for the firmware to stop
 * @silence: if nothing at all comes for so long after a command was sent, the
 *	firmware is dead; more than @command
 *
 * In the core's hands, so that they outlive a restart of the firmware; a
 * provider reads them anew for each wait. 0 is 1 ms.
 */
struct ovg_timeouts {
	u32 command;
	u32 boot;
	u32 instance;
	u32 message;
	u32 stop;
	u32 silence;
};

/**
 * struct ovg_usage - how busy a vGPU was in the last second or so
 * @graphics: of graphics and compute, in hundredths of a percent of the GPU
 * @memory: of the framebuffer's bandwidth, likewise; as the next two
 * @encoder: video encoders
 * @decoder: video decoders
 * @time_us: when, on the firmware's clock; 0 if there was no sample yet
 */
struct ovg_usage {
	u32 graphics;
	u32 memory;
	u32 encoder;
	u32 decoder;
	u64 time_us;
};

/**
 * enum ovg_instance_event - what happens inside a running vGPU
 * @OVG_EV_GUEST_LOADED: the guest's driver has come up; value 0
 * @OVG_EV_GUEST_UNLOADED: it has gone; value 0
 * @OVG_EV_LICENCE: the guest's licence has changed; value: state as the
 *	firmware gives it, %OVG_VALUE_UNKNOWN if it does not
 * @OVG_EV_OS: the guest has told its OS; value likewise
 */
enum ovg_instance_event {
	OVG_EV_GUEST_LOADED,
	OVG_EV_GUEST_UNLOADED,
	OVG_EV_LICENCE,
	OVG_EV_OS,
};

#define OVG_VALUE_UNKNOWN	((u32)-1)

/**
 * enum ovg_log - logs that a vGPU's side in the firmware writes
 * @OVG_LOG_INIT: of the task that starts it
 * @OVG_LOG_INSTANCE: of the vGPU's own task
 * @OVG_LOG_KERNEL: of the firmware's kernel
 */
enum ovg_log {
	OVG_LOG_INIT,
	OVG_LOG_INSTANCE,
	OVG_LOG_KERNEL,
	OVG_NR_LOGS,
};

/**
 * struct ovg_provider_events - what a provider tells the core
 * @instance_died: the firmware's side of a running vGPU is gone, and nobody asked
 *	for it; once for each open(), perhaps before open() has returned success (C24)
 * @firmware_died: nothing answers any more; exactly once for an attach() whose
 *	firmware has died. Every op that is under way ends soon, every later one
 *	fails with -ENODEV (C10, C23)
 * @instance_event: something happened inside a vGPU; in the firmware's order
 * @usage: how busy a vGPU was; only when there is a new figure (C25)
 *
 * @ctx is what attach() was given. Called from a thread of the provider's own,
 * never in atomic context and never from within an op; not before attach()
 * returned success, and not after detach() (the instance ones: close()) returned;
 * perhaps while the core waits in an op, also on another instance (C22, C26, C28).
 * Must not call the ops: close() and detach() wait for it. @why is one line, not
 * empty; it and @usage are valid during the call (C27).
 */
struct ovg_provider_events {
	void (*instance_died)(void *ctx, u32 gfid, const char *why);
	void (*firmware_died)(void *ctx, const char *why);
	void (*instance_event)(void *ctx, u32 gfid, enum ovg_instance_event what,
			       u32 value);
	void (*usage)(void *ctx, u32 gfid, const struct ovg_usage *usage);
};

/**
 * struct ovg_provider_gi - a GPU instance as the firmware made it
 * @id: its number
 * @fb_base: first byte of its framebuffer
 * @fb_size: bytes of it
 */
struct ovg_provider_gi {
	u32 id;
	u64 fb_base;
	u64 fb_size;
};

/**
 * struct ovg_provider_ops - the verbs
 *
 * The clauses C1 to C44 in docs/driver.md, "Writing another provider", are the
 * whole contract and are tested one by one; numbers here refer to them.
 *
 * All of them may sleep, none is called with a lock of the core held that an event takes:
 * attach() and detach() with the device lock of the PF, they (in a restart) and the setters
 * with the mutex of the GPU's settings. Errors are negative errnos; a failing
 * attach(), open(), close() or reset() puts the cause into @why: one line of text
 * without newline, never empty (a buffer of %OVG_WHY_MAX bytes, always NUL
 * terminated, never NULL; C8, C9).
 *
 * Ops on different instances may run at the same time and must not wait for
 * each other (C16, C33); on one instance the core runs one at a time, log()
 * excepted. Each wait is bounded by a member of @to, read when it begins (C32).
 *
 * @attach: find, start and query the firmware of @pf, with the scheduler @sched, which
 *	is valid during the call (C36); sizes are equal and MIG is off. -ENODEV if the board has
 *	no firmware in vGPU mode; then @pf was not touched (C1). @to is valid until
 *	detach() and may change meanwhile. Otherwise the provider
 *	enables @pf, claims BAR0 and the interrupt vectors, sets the DMA mask and
 *	bus mastering. On success *@out is valid until detach(). On failure @pf is
 *	as before (C2).
 * @detach: stop the firmware and undo all of that; every instance was closed.
 *	Works on dead firmware and on a device that is gone (C4). Resets @pf if
 *	the firmware does not stop and no VF is enabled, so that the next attach()
 *	finds it as after power-on; else the core does.
 * @info: constant facts; cannot fail after attach() (C6).
 * @types: array of *@count types of this board, valid until detach(), ordered
 *	as in the catalogue (C7). Loaded in attach(): -ENOENT etc. are reported
 *	there through @types_why, and then the count is 0 (a GPU without a
 *	catalogue is usable for nothing but reports why).
 * @types_why: reason for an empty type list, "" if there is none.
 * @open: start the firmware's side of a vGPU. The guest finds framebuffer that
 *	holds nothing of whoever had it before (C14). On failure everything is
 *	undone and the ranges are free again (C12); the exception is
 *	-ENOTRECOVERABLE: the firmware may still use them, the core must keep them
 *	out of use (C13). @par is valid during the call, @par->vf and @par->type
 *	until close().
 * @close: stop it. 0: firmware has let go of all ranges (C17). Anything else: it
 *	has not, the core must keep them out of use (C18). The instance is freed
 *	either way. Also after instance_died and a failed reset() (C19).
 * @reset: put a running vGPU back to its state after open(); framebuffer
 *	stays, it has the same owner (C20). If it fails the instance is good for
 *	close() and log() only (C21).
 * @log_size: most bytes that log() gives, 0 if the firmware has no such log;
 *	constant from attach() to detach() (C29).
 * @log: copy at most @size bytes of a log of a vGPU as the firmware has written
 *	it. From a successful open() until close() is called, at any time, also
 *	during reset() and after either death; sends nothing (C30). Return: bytes
 *	copied or an error.
 * @set_mixed: let sizes mix or not. Only while no vGPU is open and MIG is off (C37)
 * @set_scheduler: change the scheduler; -EOPNOTSUPP where @scheduler_live is not set.
 *	With vGPUs open too (C38)
 * @set_mig: divide the GPU or not; only while no vGPU is open and no GPU instance
 *	exists (C39)
 * @gi_create: make a GPU instance of @profile that begins at eighth @start of the
 *	framebuffer; with vGPUs open in others too (C40, C41)
 * @gi_destroy: the opposite; only while no vGPU is open in it (C42)
 *
 * A failing setter leaves the GPU as it was and has a @why (C43). All settings end with
 * detach() and with the death of the firmware: the core makes them anew (C44). The
 * setters are called one at a time a GPU, beside open(), close() and reset() of vGPUs.
 *
 * @dump: write what is known of the firmware as text, for whoever looks into why
 *	it died: at most @size bytes; at any time from attach() to detach(), works
 *	on dead firmware and sends nothing (C31). Return: bytes written.
 */
struct ovg_provider_ops {
	const char *name;
	int (*attach)(struct pci_dev *pf, const struct ovg_provider_events *ev,
		      void *ctx, const struct ovg_timeouts *to,
		      const struct ovg_scheduler *sched,
		      struct ovg_provider **out, char *why);
	void (*detach)(struct ovg_provider *p);
	const struct ovg_gpu_info *(*info)(struct ovg_provider *p);
	const struct ovg_type *(*types)(struct ovg_provider *p, u32 *count);
	const char *(*types_why)(struct ovg_provider *p);
	int (*open)(struct ovg_provider *p, const struct ovg_instance_params *par,
		    struct ovg_instance **out, char *why);
	int (*close)(struct ovg_provider *p, struct ovg_instance *inst, char *why);
	int (*reset)(struct ovg_provider *p, struct ovg_instance *inst, char *why);
	size_t (*log_size)(struct ovg_provider *p, enum ovg_log which);
	ssize_t (*log)(struct ovg_provider *p, struct ovg_instance *inst,
		       enum ovg_log which, void *buf, size_t size);
	int (*set_mixed)(struct ovg_provider *p, bool on, char *why);
	int (*set_scheduler)(struct ovg_provider *p, const struct ovg_scheduler *sched,
			     char *why);
	int (*set_mig)(struct ovg_provider *p, bool on, char *why);
	int (*gi_create)(struct ovg_provider *p, const struct ovg_gi_profile *profile,
			 u32 start, struct ovg_provider_gi *out, char *why);
	int (*gi_destroy)(struct ovg_provider *p, u32 id, char *why);
	size_t (*dump)(struct ovg_provider *p, char *buf, size_t size);
};

#define OVG_WHY_MAX	160

/*
 * A reason may quote what a user wrote or firmware said, and is read as text: what is not
 * printable ASCII becomes '?'. The kernel's isprint(), and with it %pE, is of Latin-1.
 */
static inline void ovg_ascii(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

extern const struct ovg_provider_ops ovg_gsp_provider;

#endif
