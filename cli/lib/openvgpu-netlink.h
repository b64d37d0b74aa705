/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libopenvgpu: the driver's netlink family, docs/netlink.md. The rules of openvgpu.h hold
 * here too. openvgpu_host_read() uses the family by itself; this is for commands and events.
 */
#ifndef OPENVGPU_NETLINK_H
#define OPENVGPU_NETLINK_H

#include "openvgpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct openvgpu_nl - a connection to the driver; for one thread at a time
 */
struct openvgpu_nl;

/* -ENOENT if the family is not there: no driver, or another network namespace. */
int openvgpu_nl_open(struct openvgpu_nl **nl, struct openvgpu_error *err);
void openvgpu_nl_close(struct openvgpu_nl *nl);

/*
 * What the driver says of its GPUs and of nothing else, by one dump, made anew at most ten
 * times if something changes meanwhile (-EAGAIN then). @only this GPU unless NULL.
 */
int openvgpu_nl_read(struct openvgpu_nl *nl, struct openvgpu_host *h, const char *only,
		     struct openvgpu_error *err);

/**
 * struct openvgpu_wanted - attributes of a vGPU
 * @vm_name: name of its VM, NULL to leave it alone; not of a new one
 * @params: vgpu_params, NULL to leave them alone
 * @placement: placement id, %OPENVGPU_UNKNOWN to leave it alone
 * @instance: id of its GPU instance, %OPENVGPU_UNKNOWN to leave it alone
 */
struct openvgpu_wanted {
	const char *vm_name;
	const char *params;
	uint64_t placement;
	uint64_t instance;
};

/*
 * Commands, for CAP_SYS_ADMIN. A refusal is -errno and the driver's own reason in @err.
 * Makes a vGPU of a type on a VF, through the VF face; @wanted may be NULL.
 */
int openvgpu_nl_create(struct openvgpu_nl *nl, const char *vf, uint32_t type,
		       const struct openvgpu_wanted *wanted, struct openvgpu_error *err);
/* -EBUSY while it is open, or if it was made through mdev. */
int openvgpu_nl_destroy(struct openvgpu_nl *nl, const char *vf, struct openvgpu_error *err);
/* Changes a vGPU of either face. */
int openvgpu_nl_set(struct openvgpu_nl *nl, const char *vf, const struct openvgpu_wanted *wanted,
		    struct openvgpu_error *err);

/**
 * struct openvgpu_gpu_wanted - settings of a GPU
 * @placement_mode: "equal" or "mixed", NULL to leave it alone
 * @mig: 0 or 1, negative to leave it alone
 * @scheduler: "best_effort", "equal_share" or "fixed_share", NULL to leave it alone
 * @timeslice_us: 0 for the firmware's own, %OPENVGPU_UNKNOWN to leave it alone
 */
struct openvgpu_gpu_wanted {
	const char *placement_mode;
	int mig;
	const char *scheduler;
	uint64_t timeslice_us;
};

/* Not atomic: what was set before a refusal stays. */
int openvgpu_nl_gpu_set(struct openvgpu_nl *nl, const char *gpu,
			const struct openvgpu_gpu_wanted *wanted, struct openvgpu_error *err);
/* Makes a GPU instance of a profile such as "1g.24gb+gfx"; @gi is then what it became. */
int openvgpu_nl_gi_create(struct openvgpu_nl *nl, const char *gpu, const char *profile,
			  struct openvgpu_gi *gi, struct openvgpu_error *err);
int openvgpu_nl_gi_destroy(struct openvgpu_nl *nl, const char *gpu, uint32_t id,
			   struct openvgpu_error *err);

enum openvgpu_notice_kind {
	OPENVGPU_NOTICE_GPU_ADDED = 1,
	OPENVGPU_NOTICE_GPU_REMOVED,
	OPENVGPU_NOTICE_GPU_STATE,
	OPENVGPU_NOTICE_CAPACITY,
	OPENVGPU_NOTICE_VGPU_CREATED,
	OPENVGPU_NOTICE_VGPU_REMOVED,
	OPENVGPU_NOTICE_VGPU_STATE,
	OPENVGPU_NOTICE_VGPU_CHANGED,
};

/**
 * struct openvgpu_notice - something has happened
 * @kind: what; a kind that this library does not know is not told
 * @gpu: PCI address of the GPU
 * @status: its status, of GPU_ADDED, GPU_STATE and CAPACITY
 * @framebuffer: bytes that vGPUs can share, of the same
 * @framebuffer_used: bytes reserved, of the same
 * @vgpu: the vGPU, of VGPU_*
 */
struct openvgpu_notice {
	enum openvgpu_notice_kind kind;
	char gpu[OPENVGPU_ADDRESS_MAX];
	char status[256];
	uint64_t framebuffer;
	uint64_t framebuffer_used;
	struct openvgpu_vgpu vgpu;
};

/* "gpu-added", "capacity", "vgpu-state", ... */
const char *openvgpu_notice_name(enum openvgpu_notice_kind kind);

struct openvgpu_events;

int openvgpu_events_open(struct openvgpu_events **events, struct openvgpu_error *err);
void openvgpu_events_close(struct openvgpu_events *events);
/* For poll(): readable when there is an event. */
int openvgpu_events_fd(const struct openvgpu_events *events);
/*
 * 1 and an event; 0 if there is none now; -ENOBUFS if some were lost, since nobody read
 * them in time: read the host anew and go on.
 */
int openvgpu_events_next(struct openvgpu_events *events, struct openvgpu_notice *notice,
			 struct openvgpu_error *err);

#ifdef __cplusplus
}
#endif

#endif
