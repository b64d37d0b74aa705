/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: every change of state of a GPU and of a vGPU. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM openvgpu

#if !defined(OVG_CORE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define OVG_CORE_TRACE_H

#include <linux/tracepoint.h>
#include "core.h"

#define OVG_TRACE_DEV	24

#define OVG_TRACE_GPU_STATES(EM)					\
	EM(OVG_GPU_NONE, "none")					\
	EM(OVG_GPU_READY, "ready")					\
	EM(OVG_GPU_DEAD, "dead")					\
	EM(OVG_GPU_RESTARTING, "restarting")				\
	EM(OVG_GPU_RETRYING, "retrying")				\
	EM(OVG_GPU_FAILED, "failed")					\
	EM(OVG_GPU_PCI_ERROR, "pci-error")				\
	EM(OVG_GPU_GONE, "gone")					\
	EM(OVG_GPU_SHUTDOWN, "shutdown")

#define OVG_TRACE_VGPU_STATES(EM)					\
	EM(OVG_RESERVED, "reserved")					\
	EM(OVG_BOOTING, "booting")					\
	EM(OVG_RUNNING, "running")					\
	EM(OVG_CLOSING, "closing")					\
	EM(OVG_ERROR, "error")

#define OVG_TRACE_EVENTS(EM)						\
	EM(OVG_EV_GUEST_LOADED, "guest-loaded")				\
	EM(OVG_EV_GUEST_UNLOADED, "guest-unloaded")			\
	EM(OVG_EV_LICENCE, "licence")					\
	EM(OVG_EV_OS, "os")

#define OVG_TRACE_CHANGES(EM)						\
	EM(OVG_TRACE_CREATED, "created")				\
	EM(OVG_TRACE_REMOVED, "removed")				\
	EM(OVG_TRACE_DIED, "died")					\
	EM(OVG_TRACE_UNBOUND, "unbound")				\
	EM(OVG_TRACE_QUARANTINED, "quarantined")			\
	EM(OVG_TRACE_RELEASED, "released")				\
	EM(OVG_TRACE_RESET, "reset")					\
	EM(OVG_TRACE_RESET_FAILED, "reset-failed")

#ifndef OVG_TRACE_CHANGE_DEFINED
#define OVG_TRACE_CHANGE_DEFINED
/* What is no change of &enum ovg_state. */
enum ovg_trace_change {
	OVG_TRACE_CREATED,
	OVG_TRACE_REMOVED,
	OVG_TRACE_DIED,
	OVG_TRACE_UNBOUND,
	OVG_TRACE_QUARANTINED,
	OVG_TRACE_RELEASED,
	OVG_TRACE_RESET,
	OVG_TRACE_RESET_FAILED,
};
#endif

/* Lets user space translate the numbers. */
#define OVG_TRACE_ENUM(value, name)	TRACE_DEFINE_ENUM(value);
OVG_TRACE_GPU_STATES(OVG_TRACE_ENUM)
OVG_TRACE_VGPU_STATES(OVG_TRACE_ENUM)
OVG_TRACE_EVENTS(OVG_TRACE_ENUM)
OVG_TRACE_CHANGES(OVG_TRACE_ENUM)
#undef OVG_TRACE_ENUM

/* The list ends with an entry that no value has. */
#define OVG_TRACE_NAME(value, name)	{ value, name },
#define OVG_TRACE_LAST			{ -1, "?" }

TRACE_EVENT(openvgpu_gpu_state,
	TP_PROTO(struct ovg_gpu *gpu, enum ovg_gpu_state to, const char *why),
	TP_ARGS(gpu, to, why),
	TP_STRUCT__entry(
		__array(char, dev, OVG_TRACE_DEV)
		__field(int, from)
		__field(int, to)
		__array(char, why, OVG_WHY_MAX)
	),
	TP_fast_assign(
		strscpy(__entry->dev, pci_name(gpu->pf), OVG_TRACE_DEV);
		__entry->from = gpu->state;
		__entry->to = to;
		strscpy(__entry->why, why, OVG_WHY_MAX);
	),
	TP_printk("%s: %s -> %s: %s", __entry->dev,
		  __print_symbolic(__entry->from,
				   OVG_TRACE_GPU_STATES(OVG_TRACE_NAME)
				   OVG_TRACE_LAST),
		  __print_symbolic(__entry->to,
				   OVG_TRACE_GPU_STATES(OVG_TRACE_NAME)
				   OVG_TRACE_LAST),
		  __entry->why)
);

TRACE_EVENT(openvgpu_vgpu_state,
	TP_PROTO(struct ovg_vgpu *vgpu, enum ovg_state to),
	TP_ARGS(vgpu, to),
	TP_STRUCT__entry(
		__array(char, dev, OVG_TRACE_DEV)
		__field(u32, gfid)
		__array(u8, uuid, UUID_SIZE)
		__field(int, from)
		__field(int, to)
	),
	TP_fast_assign(
		strscpy(__entry->dev, pci_name(vgpu->gpu->pf), OVG_TRACE_DEV);
		__entry->gfid = vgpu->slot ? vgpu->slot->gfid : 0;
		memcpy(__entry->uuid, &vgpu->uuid, UUID_SIZE);
		__entry->from = vgpu->state;
		__entry->to = to;
	),
	TP_printk("%s gfid %u %pUl: %s -> %s", __entry->dev, __entry->gfid,
		  __entry->uuid,
		  __print_symbolic(__entry->from,
				   OVG_TRACE_VGPU_STATES(OVG_TRACE_NAME)
				   OVG_TRACE_LAST),
		  __print_symbolic(__entry->to,
				   OVG_TRACE_VGPU_STATES(OVG_TRACE_NAME)
				   OVG_TRACE_LAST))
);

TRACE_EVENT(openvgpu_vgpu,
	TP_PROTO(struct ovg_vgpu *vgpu, enum ovg_trace_change what,
		 const char *why),
	TP_ARGS(vgpu, what, why),
	TP_STRUCT__entry(
		__array(char, dev, OVG_TRACE_DEV)
		__field(u32, gfid)
		__array(u8, uuid, UUID_SIZE)
		__field(int, what)
		__array(char, why, OVG_WHY_MAX)
	),
	TP_fast_assign(
		strscpy(__entry->dev, pci_name(vgpu->gpu->pf), OVG_TRACE_DEV);
		__entry->gfid = vgpu->slot ? vgpu->slot->gfid : 0;
		memcpy(__entry->uuid, &vgpu->uuid, UUID_SIZE);
		__entry->what = what;
		strscpy(__entry->why, why, OVG_WHY_MAX);
	),
	TP_printk("%s gfid %u %pUl: %s %s", __entry->dev, __entry->gfid,
		  __entry->uuid,
		  __print_symbolic(__entry->what,
				   OVG_TRACE_CHANGES(OVG_TRACE_NAME)
				   OVG_TRACE_LAST),
		  __entry->why)
);

TRACE_EVENT(openvgpu_instance_event,
	TP_PROTO(struct ovg_vgpu *vgpu, enum ovg_instance_event what, u32 value),
	TP_ARGS(vgpu, what, value),
	TP_STRUCT__entry(
		__array(char, dev, OVG_TRACE_DEV)
		__field(u32, gfid)
		__array(u8, uuid, UUID_SIZE)
		__field(int, what)
		__field(u32, value)
	),
	TP_fast_assign(
		strscpy(__entry->dev, pci_name(vgpu->gpu->pf), OVG_TRACE_DEV);
		__entry->gfid = vgpu->slot ? vgpu->slot->gfid : 0;
		memcpy(__entry->uuid, &vgpu->uuid, UUID_SIZE);
		__entry->what = what;
		__entry->value = value;
	),
	TP_printk("%s gfid %u %pUl: %s %u", __entry->dev, __entry->gfid,
		  __entry->uuid,
		  __print_symbolic(__entry->what,
				   OVG_TRACE_EVENTS(OVG_TRACE_NAME)
				   OVG_TRACE_LAST),
		  __entry->value)
);

#endif

/* Kbuild gives trace.o alone this directory as a place for includes. */
#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
