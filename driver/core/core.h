/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vGPU core: GPUs, VF slots and vGPUs. docs/driver.md has the picture, the
 * lock order and the argument why nothing outlives what it points to.
 */
#ifndef OVG_CORE_H
#define OVG_CORE_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/uuid.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "placement.h"
#include "provider.h"

/*
 * Refused handles that reach the log: a manager that tries again and again
 * needs to be told a few times, and last_error has the reason in any case.
 */
#define OVG_REFUSAL_INTERVAL	(30 * HZ)
#define OVG_REFUSAL_BURST	5

/* A restart that fails is tried again after 1, 2, 4 and 8 seconds, no more. */
#define OVG_RESTART_TRIES	5
#define OVG_RESTART_DELAY	HZ

/* Bounds what is kept of a log after its vGPU was closed. */
#define OVG_LOG_MAX		(512 * 1024)

/* Kinds of GPU instances of one board: RTX PRO 6000 has 3, the A100 7. */
#define OVG_MAX_PROFILES	16
/* "4g.71gb+gfx" */
#define OVG_PROFILE_NAME_MAX	24

struct dentry;
struct module;
struct pci_saved_state;
struct task_struct;
struct ovg_chosen;
struct ovg_gpu;
struct ovg_slot;
struct ovg_vgpu;

/* Counters that only grow; the levels are computed when they are read. */
enum ovg_counter {
	OVG_CNT_CREATES,
	OVG_CNT_CREATE_REFUSALS,
	OVG_CNT_REMOVES,
	OVG_CNT_OPENS,
	OVG_CNT_OPEN_REFUSALS,
	OVG_CNT_OPEN_FAILURES,
	OVG_CNT_CLOSES,
	OVG_CNT_CLOSE_FAILURES,
	OVG_CNT_RESETS,
	OVG_CNT_RESET_FAILURES,
	OVG_CNT_INSTANCE_DEATHS,
	OVG_CNT_FIRMWARE_DEATHS,
	OVG_CNT_RECOVERIES,
	OVG_CNT_RECOVERY_FAILURES,
	OVG_CNT_DUMPS,
	OVG_CNT_PCI_ERRORS,
	OVG_CNT_QUARANTINES,
	OVG_CNT_DEAD_HANDLES,
	OVG_CNT_RELEASE_REQUESTS,
	OVG_CNT_CHANGE_EVENTS,
	OVG_CNT_INSTANCE_EVENTS,
	OVG_CNT_VGPU_CHANGE_EVENTS,
	OVG_CNT_SETTINGS,
	OVG_CNT_SETTING_FAILURES,
	OVG_NR_COUNTERS,
};

/* Longest vgpu_params, as NVIDIA's driver has it. */
#define OVG_PARAMS_MAX		1024
/* NVA081_VM_NAME_SIZE is 128. */
#define OVG_VM_NAME_MAX		127

/* What goes to the provider: "vgpu_type_id=4294967295," before it, and the NUL. */
#define OVG_FW_PARAMS_MAX	(OVG_PARAMS_MAX + 32)

/* A vGPU whose resources are in quarantine has no entry in the pool. */
#define OVG_NO_PLACE	((u32)-1)

enum ovg_state {
	OVG_RESERVED,	/* has its resources, firmware knows nothing of it */
	OVG_BOOTING,	/* VFIO open: provider->open() is running */
	OVG_RUNNING,
	OVG_CLOSING,	/* VFIO close: provider->close() is running */
	OVG_ERROR,	/* firmware has not let go; out of use till GPU reset */
};

/**
 * enum ovg_gpu_state - is there a firmware?
 * @OVG_GPU_NONE: there never was
 * @OVG_GPU_READY: it runs
 * @OVG_GPU_DEAD: it is lost; started anew when no vGPU is open
 * @OVG_GPU_RESTARTING: that is being done
 * @OVG_GPU_RETRYING: it failed and will be done again in a while
 * @OVG_GPU_FAILED: it failed too often; a reset of the GPU makes it dead again
 * @OVG_GPU_PCI_ERROR: between a PCI error and the end of its recovery
 * @OVG_GPU_GONE: the device does not answer; nothing is sent to it any more
 * @OVG_GPU_SHUTDOWN: the host goes down; never left
 *
 * Which leads to which is a table in docs/driver.md.
 */
enum ovg_gpu_state {
	OVG_GPU_NONE,
	OVG_GPU_READY,
	OVG_GPU_DEAD,
	OVG_GPU_RESTARTING,
	OVG_GPU_RETRYING,
	OVG_GPU_FAILED,
	OVG_GPU_PCI_ERROR,
	OVG_GPU_GONE,
	OVG_GPU_SHUTDOWN,
};

/**
 * struct ovg_face - a way in which users make vGPUs
 * @owner: module of the face; a vGPU that is open holds a reference on it
 * @handles: vGPUs of this face are devices of their own (mdev), which outlive
 *	the binding of their VF
 * @link: make the handle point at its VF. Called when the vGPU has its
 *	resources, before anybody can open it
 * @unlink: undo @link; the VF is about to go, or the handle is
 * @dead: the VF is gone, the handle stays; unlinked already
 * @changed: what users read of the handle has changed; NULL if the VF itself is
 *	what they look at
 * @parent_add: register the GPU with the face; the result goes to @parent_del
 * @parent_del: remove all vGPUs of the face from the GPU, waiting for their
 *	users, then unregister it
 *
 * @link, @unlink, @dead and @changed are called with the GPU's lock held and must
 * not sleep for anything but memory and kernfs; they may be NULL.
 */
struct ovg_face {
	struct module *owner;
	bool handles;
	int (*link)(struct ovg_vgpu *vgpu, struct device *vf);
	void (*unlink)(struct ovg_vgpu *vgpu);
	void (*dead)(struct ovg_vgpu *vgpu);
	void (*changed)(struct ovg_vgpu *vgpu);
	void *(*parent_add)(struct ovg_gpu *gpu);
	void (*parent_del)(void *parent);
};

/**
 * struct ovg_vf_ops - what the core asks of the driver that holds the VF open
 * @request: ask the user to let go of the VF; @count says how often it was
 *	asked already
 * @error: tell the user that the device has failed
 *
 * Called without the GPU's lock, which is taken under VFIO's own: the slot is
 * pinned meanwhile, for which ovg_slot_unbind_end() waits.
 */
struct ovg_vf_ops {
	void (*request)(void *ctx, unsigned int count);
	void (*error)(void *ctx);
};

/**
 * struct ovg_vgpu - one vGPU: a type's worth of resources, reserved for a VF
 * @node: in the GPU's list
 * @gpu: its GPU
 * @slot: its VF slot; NULL once it is an empty shell
 * @place: its entry in the pool
 * @face: the face that made it and alone removes it
 * @priv: the face's own
 * @uuid: identity: the mdev's UUID, or one derived from the VF's address
 * @type: index into the GPU's types
 * @state: see &enum ovg_state
 * @open: a VFIO user has it, from before BOOTING until after CLOSING
 * @removing: the face is removing it: no new opens
 * @died: the firmware's side died under a running vGPU
 * @dead: the VF was unbound: an empty shell that still has its resources, so
 *	that its removal is what gives them back, as with any other handle
 * @guest: the guest's driver is loaded; as the four below, while open
 * @licence: state of its licence, or %OVG_VALUE_UNKNOWN
 * @os: its OS, or %OVG_VALUE_UNKNOWN
 * @usage: last figure, @usage.time_us is 0 if there was none
 * @readers: calls of provider->log() that are under way; closing waits for them
 * @pid: tgid of the VFIO user, 0 if none
 * @inst: provider's side, from BOOTING to CLOSING
 * @params: vgpu_params, applied at open; as the user wrote it
 * @vm_name: as set by whoever made the VM, "" if nobody told
 * @pinned: the user chose the placement id
 * @gi_chosen: the user chose the GPU instance
 * @chosen: what the user has set, as text; NULL if nothing. Written under the GPU's
 *	lock, read under RCU alone by a listing
 *
 * Lifetime: made by ovg_vgpu_create() for a face, freed by the same face's
 * ovg_vgpu_remove() (or by ovg_slot_unbind_end() for the VF face). In between
 * it is in the GPU's list and its slot points at it, under the GPU's lock. Whoever
 * uses it without the lock has made sure first that removal waits: @open for
 * VFIO's open and close, the slot's @resetting and @readers because close waits
 * for them, the driver core for attributes of the mdev (it removes them before
 * the mdev driver's remove() is called). @gpu and @slot live from PF probe to
 * PF remove, which removes all vGPUs first.
 */
struct ovg_vgpu {
	struct list_head node;
	struct ovg_gpu *gpu;
	struct ovg_slot *slot;
	u32 place;
	const struct ovg_face *face;
	void *priv;
	guid_t uuid;
	u32 type;
	enum ovg_state state;
	bool open;
	bool removing;
	bool died;
	bool dead;
	bool guest;
	u32 licence;
	u32 os;
	struct ovg_usage usage;
	u32 readers;
	pid_t pid;
	struct ovg_instance *inst;
	char params[OVG_PARAMS_MAX + 1];
	char vm_name[OVG_VM_NAME_MAX + 1];
	bool pinned;
	bool gi_chosen;
	struct ovg_chosen __rcu *chosen;
};

/**
 * struct ovg_kept_log - what is kept of a log after close
 * @data: from kvmalloc, NULL if nothing
 * @size: bytes
 */
struct ovg_kept_log {
	void *data;
	size_t size;
};

/**
 * struct ovg_slot - one VF of the GPU, whether it exists or not
 * @gpu: its GPU
 * @gfid: 1-based VF number, as the firmware counts
 * @vf: the VF, while our driver is bound to it; NULL otherwise
 * @ops: driver of the VF, valid as long as @vf
 * @ctx: its argument
 * @vgpu: the vGPU that has this VF; NULL if it is free
 * @going: the VF is being unbound
 * @pins: calls of @ops that are under way
 * @failed: the user has to be told that the vGPU died
 * @changed: something that users read of the vGPU has changed: @event_work
 * @worker: task that opens or closes the vGPU now. Only compared: VFIO resets the
 *	VF in the middle of both, and then the task meets itself
 * @resetting: somebody else is between reset_prepare and reset_done of the VF;
 *	open and close wait for it, as it does for @worker
 * @quarantined: the firmware has not let go of this gfid
 * @place: what it has not let go of, if @quarantined; an entry in the pool
 * @logs: of the last vGPU that was closed here, until the next open
 * @last_error: last refusal, empty if none
 *
 * Lifetime: an array in the GPU. @vf is set at the end of VF probe and cleared
 * in VF remove, both under the GPU's lock; the VF's pci_dev cannot go while its
 * driver is bound, so it may be used under the lock while @vf is set, and
 * without it while @pins is not 0.
 */
struct ovg_slot {
	struct ovg_gpu *gpu;
	u32 gfid;
	struct pci_dev *vf;
	const struct ovg_vf_ops *ops;
	void *ctx;
	struct ovg_vgpu *vgpu;
	bool going;
	u32 pins;
	bool failed;
	bool changed;
	struct task_struct *worker;
	bool resetting;
	bool quarantined;
	u32 place;
	struct ovg_kept_log logs[OVG_NR_LOGS];
	char last_error[OVG_WHY_MAX];
};

/**
 * struct ovg_gpu - one PF
 * @pf: the PF; its drvdata is this struct
 * @prov_ops: who talks to the firmware
 * @timeouts: how long it waits; written by root at any time, read without lock
 * @prov: its state, NULL while there is no firmware. Changes only while no
 *	vGPU is open (ovg_gpu_restart()) and at both ends of this struct's life
 * @pci_state: config space as after power-on, for after a reset of the slot
 * @info: facts from the provider, copied
 * @types: the types of this board, copied: mdev types and vGPUs refer to them
 *	by index and must survive a restart of the firmware
 * @nr_types: how many
 * @slots: one a VF that the board can have
 * @nr_slots: how many
 * @lock: protects all below unless said otherwise, and the slots and vGPUs.
 *	Taken by slow paths only, never held over a call of the provider
 * @wq: woken whenever a vGPU is closed, a reset ends or a slot is unpinned
 * @vgpus: all vGPUs
 * @pool: who has which part of the board
 * @attach_why: why there is no firmware, "" if there is
 * @attach_error: errno that goes with it
 * @state: see &enum ovg_gpu_state
 * @why: the reason for it
 * @status: made by ovg_gpu_status()
 * @lost: the firmware died since attach() was called, and why, for the restart
 *	that finds out after its attach()
 * @lost_why: that
 * @dump_wanted: a dump of this death has not been made yet
 * @needs_reset: the PF has to be reset before the next attach()
 * @own_reset: it is being reset by us; under the PF's device lock
 * @restarts: failed ones in a row
 * @types_why: why there are no types, "" if there are
 * @vf_why: why there may be no VFs, "" if there may
 * @last_error: last refusal, "" if none
 * @going: the PF is being unbound
 * @vfs_going: VFs are being disabled or not yet checked: no new vGPUs
 * @no_handles: the mdev parent is being unregistered: no new handles
 * @settings: taken, before @lock, by whoever changes mode, MIG or GPU instances of @pool
 *	or one of the settings below, or has them made in new firmware; held over calls
 *	of the provider, which is not replaced meanwhile. Who has it may read these
 *	without @lock; everybody else reads them under @lock, under which they are written
 * @setting: a setting that needs an empty GPU is being changed: no new vGPUs and none
 *	opens, so that it stays empty
 * @scheduler: as wished; what the firmware has is @scheduler_now
 * @scheduler_now: differs from @scheduler until the firmware starts anew
 * @avail: how many more of each type could be created now; written under
 *	@lock, read without
 * @refusals: lets a few refused handles a GPU into the log, see vgpu.c
 * @counters: events since probe; atomic
 * @change_work: sends the change event of the PF, a second after the first
 *	change; what changes in between is in the same event
 * @restart_work: ovg_gpu_restart()
 * @event_work: sends the change events of the slots that have @changed, likewise
 * @error_work: tells the users of the slots that have @failed; not done where
 *	it is found out, since a reset may be found to fail under locks of VFIO
 * @face_node: in the list of GPUs, under the faces' mutex
 * @face_parent: registration with the mdev face, under the faces' mutex;
 *	also read without it, for whether there is one
 * @nl_node: in netlink's list of GPUs, under its mutex
 * @nl_users: netlink commands under way
 * @debugfs: directory of this GPU
 *
 * Lifetime: PF probe to the end of PF remove. By then the attributes and
 * debugfs files are gone (their removal waits for readers), the mdev parent is
 * unregistered (which removes every handle and waits for its user), the VFs are
 * disabled (which unbinds every VF and waits for its user), the provider is
 * detached (after which it calls nobody) and the work items are cancelled. VFs
 * find it by pci_iov_get_pf_drvdata() and are unbound before it goes.
 */
struct ovg_gpu {
	struct pci_dev *pf;
	const struct ovg_provider_ops *prov_ops;
	struct ovg_timeouts timeouts;
	struct ovg_provider *prov;
	struct pci_saved_state *pci_state;
	struct ovg_gpu_info info;
	struct ovg_type *types;
	u32 nr_types;
	struct ovg_slot *slots;
	u32 nr_slots;

	struct mutex lock;
	wait_queue_head_t wq;
	struct list_head vgpus;
	struct ovg_pool pool;
	char attach_why[OVG_WHY_MAX];
	int attach_error;
	enum ovg_gpu_state state;
	char why[OVG_WHY_MAX];
	char status[2 * OVG_WHY_MAX];
	bool lost;
	char lost_why[OVG_WHY_MAX];
	bool dump_wanted;
	bool needs_reset;
	bool own_reset;
	u32 restarts;
	char types_why[OVG_WHY_MAX];
	char vf_why[OVG_WHY_MAX];
	char last_error[OVG_WHY_MAX];
	bool going;
	bool vfs_going;
	bool no_handles;
	struct mutex settings;
	bool setting;
	struct ovg_scheduler scheduler;
	struct ovg_scheduler scheduler_now;
	u32 avail[OVG_MAX_TYPES];

	struct ratelimit_state refusals;
	atomic64_t counters[OVG_NR_COUNTERS];
	struct delayed_work change_work;
	struct delayed_work restart_work;
	struct delayed_work event_work;
	struct work_struct error_work;

	struct list_head face_node;
	void *face_parent;
	struct list_head nl_node;
	u32 nl_users;
	struct dentry *debugfs;
};

/* gpu.c */
struct ovg_gpu *ovg_gpu_create(struct pci_dev *pf,
			       const struct ovg_provider_ops *ops);
int ovg_gpu_attach(struct ovg_gpu *gpu);
void ovg_gpu_no_firmware(struct ovg_gpu *gpu, int error, const char *why);
void ovg_gpu_going(struct ovg_gpu *gpu);
void ovg_gpu_destroy(struct ovg_gpu *gpu);
const char *ovg_gpu_status(struct ovg_gpu *gpu);
bool ovg_gpu_usable(struct ovg_gpu *gpu);
void ovg_gpu_update(struct ovg_gpu *gpu);
void ovg_gpu_set_state(struct ovg_gpu *gpu, enum ovg_gpu_state state,
		       const char *why);
extern const struct ovg_provider_events ovg_gpu_events;
__printf(3, 4) void ovg_refuse(struct ovg_gpu *gpu, struct ovg_slot *slot,
			       const char *fmt, ...);
struct ovg_type *ovg_type_by_id(struct ovg_gpu *gpu, u32 id);
int ovg_gpu_take_types(struct ovg_gpu *gpu);

/* recover.c */
bool ovg_gpu_any_open(struct ovg_gpu *gpu);
void ovg_gpu_died(struct ovg_gpu *gpu, const char *why);
void ovg_gpu_queue_restart(struct ovg_gpu *gpu, unsigned long delay);
void ovg_gpu_reset_prepare(struct ovg_gpu *gpu);
void ovg_gpu_reset_done(struct ovg_gpu *gpu);
void ovg_gpu_restart(struct work_struct *work);

/* pcierr.c */
void ovg_gpu_gone(struct ovg_gpu *gpu);
void ovg_gpu_shutdown(struct ovg_gpu *gpu);
pci_ers_result_t ovg_gpu_error_detected(struct ovg_gpu *gpu,
					pci_channel_state_t channel);
pci_ers_result_t ovg_gpu_slot_reset(struct ovg_gpu *gpu);
void ovg_gpu_resume(struct ovg_gpu *gpu);

/* dump.c */
void ovg_gpu_dump(struct ovg_gpu *gpu);

/* events.c */
void ovg_instance_event(struct ovg_gpu *gpu, u32 gfid,
			enum ovg_instance_event what, u32 value);
void ovg_instance_usage(struct ovg_gpu *gpu, u32 gfid,
			const struct ovg_usage *usage);
void ovg_events_clear(struct ovg_vgpu *vgpu);
void ovg_slot_changed(struct ovg_slot *slot);
void ovg_slot_change_work(struct work_struct *work);

/* logs.c */
void ovg_logs_keep(struct ovg_slot *slot, struct ovg_instance *inst);
void ovg_logs_drop(struct ovg_slot *slot);
ssize_t ovg_log_copy(struct ovg_slot *slot, enum ovg_log which, void **out);

/* sriov.c */
bool ovg_group_alone(struct device *dev, char *why);
int ovg_sriov_configure(struct ovg_gpu *gpu, int num_vfs);

/* slot.c */
struct ovg_slot *ovg_slot_of_vf(struct ovg_gpu *gpu, struct pci_dev *vf);
void ovg_slot_bind(struct ovg_slot *slot, struct pci_dev *vf,
		   const struct ovg_vf_ops *ops, void *ctx);
void ovg_slot_unbind_begin(struct ovg_slot *slot);
void ovg_slot_unbind_end(struct ovg_slot *slot);
void ovg_slot_leave(struct ovg_vgpu *vgpu);
void ovg_slot_error(struct ovg_slot *slot);
void ovg_slot_error_work(struct work_struct *work);
void ovg_slot_request(struct ovg_slot *slot, unsigned int count);
bool ovg_slot_usable(const struct ovg_slot *slot);
const char *ovg_slot_state(const struct ovg_slot *slot);
bool ovg_slot_is_handle(struct ovg_slot *slot, const guid_t *uuid);
bool ovg_slot_has_handle(struct ovg_slot *slot);
int ovg_slot_set_type(struct ovg_slot *slot, u32 id);

/* vgpu.c */
int ovg_vgpu_create(struct ovg_gpu *gpu, struct ovg_slot *slot, u32 type,
		    const guid_t *uuid, const struct ovg_face *face, void *priv,
		    struct ovg_vgpu **out);
struct ovg_vgpu *ovg_vgpu_alloc(const struct ovg_face *face, void *priv);
int ovg_vgpu_create_locked(struct ovg_gpu *gpu, struct ovg_slot *slot,
			   const guid_t *uuid, struct ovg_vgpu *vgpu);
void ovg_vgpu_remove(struct ovg_vgpu *vgpu);
void ovg_vgpu_release(struct ovg_vgpu *vgpu);
__printf(2, 3) void ovg_vgpu_died(struct ovg_vgpu *vgpu, const char *fmt, ...);
void ovg_vgpu_set_state(struct ovg_vgpu *vgpu, enum ovg_state state);
const char *ovg_vgpu_state(const struct ovg_vgpu *vgpu);

/* instance.c: for the VFIO driver of the slot */
int ovg_instance_begin(struct ovg_slot *slot);
int ovg_instance_boot(struct ovg_slot *slot, u16 *device, u16 *subsystem);
void ovg_instance_abort(struct ovg_slot *slot);
void ovg_instance_closing(struct ovg_slot *slot);
void ovg_instance_closed(struct ovg_slot *slot);
void ovg_instance_reset_prepare(struct ovg_slot *slot);
void ovg_instance_reset_done(struct ovg_slot *slot);
int ovg_instance_reset_result(struct ovg_slot *slot);
void ovg_instance_died(struct ovg_gpu *gpu, u32 gfid, const char *why);

/* settings.c: what an administrator sets for a GPU; each returns 0 or an error with last_error */
int ovg_gpu_set_mode(struct ovg_gpu *gpu, enum ovg_mode mode);
int ovg_gpu_set_mig(struct ovg_gpu *gpu, bool on);
int ovg_gpu_set_policy(struct ovg_gpu *gpu, enum ovg_policy policy);
int ovg_gpu_set_timeslice(struct ovg_gpu *gpu, u32 timeslice_us);
bool ovg_gpu_scheduler_pending(struct ovg_gpu *gpu);
/* "1g.12gb+me", as ovg_gi_profile_name() says; the id of the instance goes to @id */
int ovg_gpu_gi_create(struct ovg_gpu *gpu, const char *profile, u32 *id);
int ovg_gpu_gi_destroy(struct ovg_gpu *gpu, u32 id);
/* After attach(): makes mode, MIG and GPU instances in new firmware. @settings held, not @lock */
int ovg_gpu_settings_restore(struct ovg_gpu *gpu, char *why);
/* Profiles that types of this board use, largest first; returns how many. Locked. */
u32 ovg_gpu_gi_profiles(struct ovg_gpu *gpu, struct ovg_gi_profile profiles[OVG_MAX_PROFILES]);
int ovg_gpu_gi_totals(struct ovg_gpu *gpu, const struct ovg_gi_profile *profiles, u32 count,
		      u32 totals[OVG_MAX_PROFILES]);
void ovg_gi_profile_name(struct ovg_gpu *gpu, const struct ovg_gi_profile *profile,
			 char name[OVG_PROFILE_NAME_MAX]);

/* attrs.c: what is set for one vGPU; all with the GPU locked, -EBUSY while it is open */
int ovg_vgpu_set_params(struct ovg_vgpu *vgpu, const char *buf, size_t count);
int ovg_vgpu_set_placement(struct ovg_vgpu *vgpu, u16 id);
int ovg_vgpu_set_gi(struct ovg_vgpu *vgpu, u32 gi);
int ovg_vgpu_set_vm_name(struct ovg_vgpu *vgpu, const char *buf, size_t count);
/* What of it the user has set, one line each; takes no lock. @buf: a page */
ssize_t ovg_vgpu_chosen(const struct ovg_vgpu *vgpu, char *buf);
/* For a vGPU that nobody can find any more. */
void ovg_vgpu_free(struct ovg_vgpu *vgpu);
/*
 * What the firmware is told of an open vGPU's vgpu_params: its type, then the pairs, joined
 * by commas. @size: OVG_FW_PARAMS_MAX. Not locked: nobody changes them while it is open.
 */
int ovg_vgpu_params_for_firmware(const struct ovg_vgpu *vgpu, char *buf, size_t size);

/*
 * reason.c: words for what is refused; locked. why: one more of a type cannot be made now, ""
 * if it can; refused: the same with the errno; fit: what the placement says.
 */
int ovg_type_refused(struct ovg_gpu *gpu, struct ovg_slot *slot, const struct ovg_type *type,
		     const struct ovg_wish *wish, char why[OVG_WHY_MAX]);
void ovg_fit_why(struct ovg_gpu *gpu, const struct ovg_type *type, const struct ovg_wish *wish,
		 enum ovg_fit fit, char why[OVG_WHY_MAX]);
int ovg_gpu_refused(struct ovg_gpu *gpu, char why[OVG_WHY_MAX]);
void ovg_type_why(struct ovg_gpu *gpu, struct ovg_slot *slot, const struct ovg_type *type,
		  char why[OVG_WHY_MAX]);

/*
 * What happens, for whoever listens: abi/netlink.c. With the GPU locked, ovg_notify_change()
 * anywhere.
 */
enum ovg_notice {
	OVG_NOTICE_ADDED,
	OVG_NOTICE_REMOVED,
	OVG_NOTICE_STATE,
	OVG_NOTICE_CHANGED,
};

void ovg_notify_change(void);
void ovg_notify_gpu(struct ovg_gpu *gpu, enum ovg_notice what);
void ovg_notify_vgpu(struct ovg_vgpu *vgpu, enum ovg_notice what);

/* face.c */
void ovg_face_add_gpu(struct ovg_gpu *gpu);
void ovg_face_del_gpu(struct ovg_gpu *gpu);
int ovg_face_register_gpu(struct ovg_gpu *gpu);
int ovg_face_unregister_gpu(struct ovg_gpu *gpu);
int ovg_face_add(const struct ovg_face *face);
void ovg_face_del(const struct ovg_face *face);

/* counters.c */
#define OVG_MAX_LEVELS	12
void ovg_count(struct ovg_gpu *gpu, enum ovg_counter counter);
const char *ovg_counter_name(enum ovg_counter counter);
u32 ovg_levels(struct ovg_gpu *gpu, const char **names, u64 *values);

#endif
