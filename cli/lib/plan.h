/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the files that plan: plan.c, plan_mixed.c, plan_mig.c, plan_map.c. */
#ifndef OPENVGPU_PLAN_H
#define OPENVGPU_PLAN_H

#include "openvgpu-plan.h"
#include "pool.h"

/* Sizes of a board; RTX PRO 6000 has 11, and 15 of MIG-backed types. */
#define OVG_MAX_CLASSES	24

/**
 * struct ovg_class - wishes that differ in nothing that placement looks at
 * @type: one of their types
 * @want: new vGPUs
 * @there: vGPUs that are there
 */
struct ovg_class {
	const struct ovg_type *type;
	u32 want;
	u32 there;
};

/**
 * struct ovg_choice - a place that was chosen for a new vGPU
 * @class: index of its class
 * @id: placement id, %OVG_PLACEMENT_NONE for the driver's choice
 * @gi: GPU instance, %OVG_GI_NONE without
 */
struct ovg_choice {
	u32 class;
	u16 id;
	u32 gi;
};

/**
 * struct ovg_chosen - what a search found
 * @list: the places
 * @n: how many
 * @exact: there is nothing better
 */
struct ovg_chosen {
	struct ovg_choice list[OVG_MAX_VGPUS];
	u32 n;
	bool exact;
};

/**
 * struct ovg_planner - work on one plan
 * @req: what is asked
 * @plan: what is answered
 * @m: the board
 * @pool: the GPU with what is there
 * @class: what is there and what is wanted, by class
 * @n_classes: how many
 */
struct ovg_planner {
	const struct openvgpu_plan_request *req;
	struct openvgpu_plan *plan;
	struct ovg_model m;
	struct ovg_pool pool;
	struct ovg_class class[OVG_MAX_CLASSES];
	u32 n_classes;
};

bool ovg_same_class(const struct ovg_type *a, const struct ovg_type *b);

/*
 * The searches. Mixed: with @move, the vGPUs that are there may move, and @plan gets what has
 * to. -ENOMEM; -ENOSPC with @move if not even they fit.
 */
int ovg_plan_equal(struct ovg_planner *p, struct ovg_chosen *out);
int ovg_plan_mixed(struct ovg_planner *p, bool move, struct ovg_chosen *out);
/* Makes its GPU instances in @p->pool, unless they are fixed. */
int ovg_plan_mig(struct ovg_planner *p, struct ovg_chosen *out);

/* Fills spans and stranded of the plan from the pool. */
int ovg_plan_map(struct ovg_planner *p);

#endif
