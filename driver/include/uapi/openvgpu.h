/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Generic netlink family "openvgpu": what the driver knows of GPUs and vGPUs, in one
 * consistent dump, changes as multicast events, and the VF face's commands.
 *
 * The family lives in the initial network namespace. Whoever can open a socket may dump
 * and listen, but sees no names of VMs; every other command needs CAP_SYS_ADMIN in the
 * initial user namespace. Attributes are validated strictly: an unknown one, one that the
 * command does not take, or one of the wrong type or length is -EINVAL. A command that is
 * refused changes nothing; the reason as text is %OPENVGPU_A_LAST_ERROR of the GPU and of
 * the VF.
 *
 * Sizes are bytes, times microseconds, unless said otherwise.
 */
#ifndef _UAPI_OPENVGPU_H
#define _UAPI_OPENVGPU_H

#include <linux/types.h>

#define OPENVGPU_FAMILY		"openvgpu"
#define OPENVGPU_VERSION	1
#define OPENVGPU_GROUP_EVENTS	"events"

/**
 * enum openvgpu_cmd - commands, and kinds of messages
 * @OPENVGPU_CMD_DUMP: dump only. %OPENVGPU_A_WHAT says which kinds (all without it),
 *	%OPENVGPU_A_GPU limits it to one GPU. Answered by the five kinds below, for each
 *	GPU in this order. If anything has changed meanwhile a message has
 *	%NLM_F_DUMP_INTR, and the dump is to be made again
 * @OPENVGPU_CMD_GPU: a GPU: answer or event
 * @OPENVGPU_CMD_TYPE: a type of a GPU, with why it cannot be created now
 * @OPENVGPU_CMD_GI: a GPU instance
 * @OPENVGPU_CMD_VF: a VF that the driver holds
 * @OPENVGPU_CMD_VGPU: a vGPU of either face: answer or event
 * @OPENVGPU_CMD_GPU_SET: change settings of a GPU: %OPENVGPU_A_GPU, and any of
 *	%OPENVGPU_A_MODE, _MIG, _POLICY, _TIMESLICE, made in the order that works (MIG off,
 *	mode, MIG on, scheduler). Not atomic: what was made before a failure stays
 * @OPENVGPU_CMD_GI_CREATE: %OPENVGPU_A_GPU and _PROFILE; answered by the instance
 * @OPENVGPU_CMD_GI_DESTROY: %OPENVGPU_A_GPU and _GI
 * @OPENVGPU_CMD_VGPU_CREATE: make a vGPU on the VF face: %OPENVGPU_A_VF and _TYPE, and any of
 *	_GI, _PLACEMENT, _PARAMS. If one of these is refused the vGPU is removed again.
 *	-EBUSY if a handle owns the VF or it has a vGPU
 * @OPENVGPU_CMD_VGPU_DESTROY: the opposite: %OPENVGPU_A_VF. -EBUSY while it is open or a
 *	handle owns it
 * @OPENVGPU_CMD_VGPU_SET: %OPENVGPU_A_VF, and any of _VM_NAME, _PARAMS, _GI, _PLACEMENT. Also
 *	for vGPUs of handles. -ENXIO without a vGPU
 */
enum openvgpu_cmd {
	OPENVGPU_CMD_UNSPEC,
	OPENVGPU_CMD_DUMP,
	OPENVGPU_CMD_GPU,
	OPENVGPU_CMD_TYPE,
	OPENVGPU_CMD_GI,
	OPENVGPU_CMD_VF,
	OPENVGPU_CMD_VGPU,
	OPENVGPU_CMD_GPU_SET,
	OPENVGPU_CMD_GI_CREATE,
	OPENVGPU_CMD_GI_DESTROY,
	OPENVGPU_CMD_VGPU_CREATE,
	OPENVGPU_CMD_VGPU_DESTROY,
	OPENVGPU_CMD_VGPU_SET,

	__OPENVGPU_CMD_MAX,
	OPENVGPU_CMD_MAX = __OPENVGPU_CMD_MAX - 1
};

/* %OPENVGPU_A_WHAT: one bit a kind. */
#define OPENVGPU_WHAT_GPU	(1u << 0)
#define OPENVGPU_WHAT_TYPE	(1u << 1)
#define OPENVGPU_WHAT_GI	(1u << 2)
#define OPENVGPU_WHAT_VF	(1u << 3)
#define OPENVGPU_WHAT_VGPU	(1u << 4)
#define OPENVGPU_WHAT_ALL	0x1fu

enum openvgpu_mode {
	OPENVGPU_MODE_EQUAL,
	OPENVGPU_MODE_MIXED,
};

enum openvgpu_policy {
	OPENVGPU_POLICY_BEST_EFFORT,
	OPENVGPU_POLICY_EQUAL_SHARE,
	OPENVGPU_POLICY_FIXED_SHARE,
};

/**
 * enum openvgpu_event - why a message came by the group "events"
 * @OPENVGPU_EVENT_GPU_ADDED: the driver was bound to a GPU
 * @OPENVGPU_EVENT_GPU_REMOVED: and unbound; only its address follows
 * @OPENVGPU_EVENT_GPU_STATE: its status has changed: firmware lost, or back
 * @OPENVGPU_EVENT_CAPACITY: what fits on it has changed; also after a setting
 * @OPENVGPU_EVENT_VGPU_CREATED: a vGPU was made
 * @OPENVGPU_EVENT_VGPU_REMOVED: and removed
 * @OPENVGPU_EVENT_VGPU_STATE: opened, runs, closed, or in error
 * @OPENVGPU_EVENT_VGPU_CHANGED: anything else of it: guest, licence, attributes
 */
enum openvgpu_event {
	OPENVGPU_EVENT_NONE,
	OPENVGPU_EVENT_GPU_ADDED,
	OPENVGPU_EVENT_GPU_REMOVED,
	OPENVGPU_EVENT_GPU_STATE,
	OPENVGPU_EVENT_CAPACITY,
	OPENVGPU_EVENT_VGPU_CREATED,
	OPENVGPU_EVENT_VGPU_REMOVED,
	OPENVGPU_EVENT_VGPU_STATE,
	OPENVGPU_EVENT_VGPU_CHANGED,
};

/**
 * enum openvgpu_attr - attributes; in brackets the messages that carry them
 * @OPENVGPU_A_PAD: padding of 64-bit values
 * @OPENVGPU_A_WHAT: u32, OPENVGPU_WHAT_* [DUMP]
 * @OPENVGPU_A_GPU: string, PCI address of the PF [all]
 * @OPENVGPU_A_VF: string, PCI address of the VF; absent for a vGPU that is dead [VF, VGPU]
 * @OPENVGPU_A_TYPE: u32, NVIDIA's number [TYPE, VF, VGPU]
 * @OPENVGPU_A_NAME: string, name of the type [TYPE, VGPU]
 * @OPENVGPU_A_EVENT: u32, enum openvgpu_event [events]
 * @OPENVGPU_A_STATUS: string, "ready" or why there are no vGPUs [GPU]
 * @OPENVGPU_A_FIRMWARE: string, build; "" if none runs [GPU]
 * @OPENVGPU_A_MDEV: u8, is an mdev parent [GPU]
 * @OPENVGPU_A_FB_TOTAL: u64, framebuffer for vGPUs [GPU, GI]
 * @OPENVGPU_A_FB_USED: u64, reserved of it [GPU]
 * @OPENVGPU_A_MODE: u8, enum openvgpu_mode [GPU, GPU_SET]
 * @OPENVGPU_A_MIG: u8, 0 or 1 [GPU, GPU_SET]
 * @OPENVGPU_A_POLICY: u8, enum openvgpu_policy [GPU, GPU_SET]
 * @OPENVGPU_A_TIMESLICE: u32, 0 is the firmware's own [GPU, GPU_SET]
 * @OPENVGPU_A_PENDING: u8, the scheduler changes at the next firmware start [GPU]
 * @OPENVGPU_A_LAST_ERROR: string, last refusal, "" if none [GPU, VF]
 * @OPENVGPU_A_PROFILE: string, GPU instance profile such as "1g.24gb+gfx" [TYPE if MIG-backed, GI,
 *	GI_CREATE]
 * @OPENVGPU_A_PROFILE_SIZE: u64, nominal size [TYPE]
 * @OPENVGPU_A_MAX_INSTANCES: u32, of the type on an empty GPU [TYPE]
 * @OPENVGPU_A_AVAILABLE: u32, how many of the type alone fit now [TYPE]
 * @OPENVGPU_A_REASON: string, why not one fits [TYPE, if none does]
 * @OPENVGPU_A_GI: u32, id of the GPU instance [GI, VGPU under MIG, VGPU_SET, VGPU_CREATE]
 * @OPENVGPU_A_GI_START: u32, first eighth of the framebuffer [GI]
 * @OPENVGPU_A_GI_VGPUS: u32, vGPUs in it [GI]
 * @OPENVGPU_A_INDEX: u32, number of the VF, from 0 [VF]
 * @OPENVGPU_A_STATE: string, as the VF's file "state" [VF, VGPU]
 * @OPENVGPU_A_UUID: 16 bytes in the order of the text form [VGPU; VF that a handle owns]
 * @OPENVGPU_A_HANDLE: u8, made through mdev [VGPU]
 * @OPENVGPU_A_PLACEMENT: u32, placement id [VGPU if there is one, VGPU_SET, VGPU_CREATE]
 * @OPENVGPU_A_PINNED: u8, the placement id was chosen by the user [VGPU]
 * @OPENVGPU_A_FB_OFFSET: u64, first byte of guest framebuffer [VGPU, GI]
 * @OPENVGPU_A_FB_SIZE: u64, bytes of it [VGPU]
 * @OPENVGPU_A_PID: u32, process that has it open, as seen in the initial pid namespace
 *	[VGPU, if it is open]
 * @OPENVGPU_A_PARAMS: string, vgpu_params [VGPU, VGPU_SET, VGPU_CREATE]
 * @OPENVGPU_A_VM_NAME: string [VGPU, to privileged readers, never in events; VGPU_SET]
 * @OPENVGPU_A_GUEST: u8, the guest's driver is loaded [VGPU]
 * @OPENVGPU_A_USAGE_GRAPHICS: u32, hundredths of a percent in the last second [VGPU, if known;
 *	as the next three]
 * @OPENVGPU_A_USAGE_MEMORY: u32, bandwidth of the framebuffer
 * @OPENVGPU_A_USAGE_ENCODER: u32
 * @OPENVGPU_A_USAGE_DECODER: u32
 */
enum openvgpu_attr {
	OPENVGPU_A_UNSPEC,
	OPENVGPU_A_PAD,
	OPENVGPU_A_WHAT,
	OPENVGPU_A_GPU,
	OPENVGPU_A_VF,
	OPENVGPU_A_TYPE,
	OPENVGPU_A_NAME,
	OPENVGPU_A_EVENT,
	OPENVGPU_A_STATUS,
	OPENVGPU_A_FIRMWARE,
	OPENVGPU_A_MDEV,
	OPENVGPU_A_FB_TOTAL,
	OPENVGPU_A_FB_USED,
	OPENVGPU_A_MODE,
	OPENVGPU_A_MIG,
	OPENVGPU_A_POLICY,
	OPENVGPU_A_TIMESLICE,
	OPENVGPU_A_PENDING,
	OPENVGPU_A_LAST_ERROR,
	OPENVGPU_A_PROFILE,
	OPENVGPU_A_PROFILE_SIZE,
	OPENVGPU_A_MAX_INSTANCES,
	OPENVGPU_A_AVAILABLE,
	OPENVGPU_A_REASON,
	OPENVGPU_A_GI,
	OPENVGPU_A_GI_START,
	OPENVGPU_A_GI_VGPUS,
	OPENVGPU_A_INDEX,
	OPENVGPU_A_STATE,
	OPENVGPU_A_UUID,
	OPENVGPU_A_HANDLE,
	OPENVGPU_A_PLACEMENT,
	OPENVGPU_A_PINNED,
	OPENVGPU_A_FB_OFFSET,
	OPENVGPU_A_FB_SIZE,
	OPENVGPU_A_PID,
	OPENVGPU_A_PARAMS,
	OPENVGPU_A_VM_NAME,
	OPENVGPU_A_GUEST,
	OPENVGPU_A_USAGE_GRAPHICS,
	OPENVGPU_A_USAGE_MEMORY,
	OPENVGPU_A_USAGE_ENCODER,
	OPENVGPU_A_USAGE_DECODER,

	__OPENVGPU_A_MAX,
	OPENVGPU_A_MAX = __OPENVGPU_A_MAX - 1
};

#endif
