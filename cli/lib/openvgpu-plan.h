/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libopenvgpu: plans. The rules of openvgpu.h hold here too.
 */
#ifndef OPENVGPU_PLANNING_H
#define OPENVGPU_PLANNING_H

#include "openvgpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Planning: which vGPUs of a list fit on a GPU, and where. Placement is the driver's own.
 */

enum openvgpu_mode {
	OPENVGPU_MODE_EQUAL,
	OPENVGPU_MODE_MIXED,
	OPENVGPU_MODE_MIG,
};

/* No placement id, or no GPU instance. */
#define OPENVGPU_NO_ID		UINT32_MAX
#define OPENVGPU_PLAN_MAX	64
#define OPENVGPU_INSTANCES_MAX	8

/**
 * struct openvgpu_wish - vGPUs that are wanted
 * @type: of this type
 * @count: so many
 */
struct openvgpu_wish {
	const struct openvgpu_type *type;
	uint32_t count;
};

/**
 * struct openvgpu_instance - a GPU instance
 * @profile: e.g. "1g.24gb+gfx"
 * @id: its number
 * @start: first eighth of the framebuffer
 * @there: it is there already
 * @fb_offset: first byte of its framebuffer
 * @fb_size: bytes of it
 */
struct openvgpu_instance {
	char profile[OPENVGPU_PROFILE_MAX];
	uint32_t id;
	uint32_t start;
	bool there;
	uint64_t fb_offset;
	uint64_t fb_size;
};

/**
 * struct openvgpu_placed - a vGPU with a place
 * @type: its type
 * @name: UUID or VF of one that is there; "" for a new one
 * @there: it is there already
 * @id: placement id, %OPENVGPU_NO_ID if its mode has none or nobody knows
 * @id_size: ids from @id on that it takes
 * @instance: id of its GPU instance or %OPENVGPU_NO_ID
 * @fb_offset: first byte of its framebuffer
 * @fb_size: bytes of it
 * @heap_offset: first byte of the plugin heap
 * @heap_size: bytes of it
 */
struct openvgpu_placed {
	const struct openvgpu_type *type;
	char name[OPENVGPU_UUID_MAX];
	bool there;
	uint32_t id;
	uint32_t id_size;
	uint32_t instance;
	uint64_t fb_offset;
	uint64_t fb_size;
	uint64_t heap_offset;
	uint64_t heap_size;
};

/**
 * struct openvgpu_plan_request - what is to be planned
 * @types: the source
 * @board: model of the GPU
 * @build: its firmware
 * @mode: how it is divided
 * @framebuffer: bytes that vGPUs can share; 0 for what boards of the model report
 * @there: vGPUs that are there and stay: type, name, id and instance count
 * @n_there: how many
 * @instances: GPU instances: with @there all four of profile, id and start, else a profile
 *	that is to be made
 * @n_instances: how many
 * @fixed_instances: no others may be made
 * @wishes: what is wanted, the dearest first
 * @n_wishes: entries of it
 */
struct openvgpu_plan_request {
	const struct openvgpu_types *types;
	const struct openvgpu_board *board;
	const char *build;
	enum openvgpu_mode mode;
	uint64_t framebuffer;
	const struct openvgpu_placed *there;
	size_t n_there;
	const struct openvgpu_instance *instances;
	size_t n_instances;
	bool fixed_instances;
	const struct openvgpu_wish *wishes;
	size_t n_wishes;
};

enum openvgpu_use {
	OPENVGPU_USE_FREE,
	OPENVGPU_USE_STRANDED,
	OPENVGPU_USE_GUEST,
	OPENVGPU_USE_HEAP,
};

/**
 * struct openvgpu_span - a piece of the GPU's memory
 * @offset: first byte
 * @size: bytes
 * @use: free; free but of no use to any type now; or of a vGPU
 * @vgpu: index of that vGPU
 */
struct openvgpu_span {
	uint64_t offset;
	uint64_t size;
	enum openvgpu_use use;
	size_t vgpu;
};

/**
 * struct openvgpu_move - a vGPU that has to go elsewhere
 * @vgpu: index into the vGPUs of the plan
 * @id: placement id where it would have to be
 */
struct openvgpu_move {
	size_t vgpu;
	uint32_t id;
};

/**
 * struct openvgpu_plan - how they fit
 * @vgpus: those that are there, then the new ones that fit
 * @n_vgpus: how many
 * @instances: GPU instances, in an order in which they can be made
 * @n_instances: how many
 * @wished: vGPUs that were wanted
 * @admitted: how many of them fit
 * @exact: no choice of places admits more
 * @fb_base: first byte that vGPUs can have
 * @fb_total: such bytes
 * @spans: all of them, in order
 * @n_spans: how many
 * @stranded: bytes that are free and of no use to any type now
 * @moves: if @after_moves is more than @admitted: what to move
 * @n_moves: how many
 * @after_moves: how many would fit then
 * @hint: what else could be done about those that do not fit, "" if nothing is known
 */
struct openvgpu_plan {
	struct openvgpu_placed *vgpus;
	size_t n_vgpus;
	struct openvgpu_instance instances[OPENVGPU_INSTANCES_MAX];
	size_t n_instances;
	uint32_t wished;
	uint32_t admitted;
	bool exact;
	uint64_t fb_base;
	uint64_t fb_total;
	struct openvgpu_span *spans;
	size_t n_spans;
	uint64_t stranded;
	struct openvgpu_move moves[OPENVGPU_PLAN_MAX];
	size_t n_moves;
	uint32_t after_moves;
	char hint[256];
};

/*
 * While @plan->exact is true: never admits fewer than any order in which the wishes could be
 * created one after the other. It is false only for lists that take more than a million steps.
 * -EOPNOTSUPP for a mode that board or firmware do not have, -EINVAL for wishes that this mode
 * can never have or for vGPUs that cannot be there, -ENOSPC for instances that do not fit.
 */
int openvgpu_plan(const struct openvgpu_plan_request *request, struct openvgpu_plan *plan,
		  struct openvgpu_error *err);
void openvgpu_plan_free(struct openvgpu_plan *plan);

/**
 * struct openvgpu_live - what is on a GPU of this host, for a plan
 * @mode: how it is divided
 * @there: its vGPUs
 * @n_there: how many
 * @instances: its GPU instances
 * @n_instances: how many
 */
struct openvgpu_live {
	enum openvgpu_mode mode;
	struct openvgpu_placed *there;
	size_t n_there;
	struct openvgpu_instance instances[OPENVGPU_INSTANCES_MAX];
	size_t n_instances;
};

/* -ENOENT for a vGPU of a type that @types does not have. */
int openvgpu_live_read(struct openvgpu_live *l, const char *sysfs, const struct openvgpu_gpu *gpu,
		       const struct openvgpu_types *types, struct openvgpu_error *err);
void openvgpu_live_free(struct openvgpu_live *l);

#ifdef __cplusplus
}
#endif

#endif
