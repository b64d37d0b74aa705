// SPDX-License-Identifier: LGPL-2.1-or-later
/* Plans: which vGPUs of a list fit on a GPU, and where. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

bool ovg_same_class(const struct ovg_type *a, const struct ovg_type *b)
{
	return a->profile_bytes == b->profile_bytes && ovg_gi_profile_equal(&a->gi, &b->gi) &&
	       a->max_instance == b->max_instance && a->max_per_gi == b->max_per_gi &&
	       a->fb_bytes == b->fb_bytes && a->fb_reservation == b->fb_reservation &&
	       a->heap_bytes == b->heap_bytes;
}

static struct ovg_class *class_of(struct ovg_planner *p, const struct ovg_type *type)
{
	u32 i;

	for (i = 0; i < p->n_classes; i++)
		if (ovg_same_class(p->class[i].type, type))
			return &p->class[i];
	if (p->n_classes == OVG_MAX_CLASSES)
		return NULL;
	p->class[p->n_classes].type = type;
	return &p->class[p->n_classes++];
}

static const char *size_text(const struct openvgpu_type *type, char buf[32])
{
	snprintf(buf, 32, "%" PRIu64 " GiB", type->profile / OPENVGPU_GIB);
	return buf;
}

static int set_mode(struct ovg_planner *p, struct openvgpu_error *err)
{
	const struct openvgpu_plan_request *req = p->req;

	if (strcmp(req->board->host_mode, "sriov"))
		return ovg_error(err, -EOPNOTSUPP, "vGPUs of %s are not SR-IOV ones (%s)",
				 req->board->name, req->board->host_mode);
	if (ovg_pool_init(&p->pool, &p->m.cfg))
		return ovg_error(err, -EINVAL, "impossible framebuffer");
	if (req->mode == OPENVGPU_MODE_MIXED && ovg_pool_set_mode(&p->pool, OVG_MODE_MIXED))
		return ovg_error(err, -EOPNOTSUPP, "firmware %s cannot mix sizes on %s", req->build,
				 req->board->name);
	if (req->mode == OPENVGPU_MODE_MIG && ovg_pool_set_mig(&p->pool, true))
		return ovg_error(err, -EOPNOTSUPP, "%s has no MIG-backed vGPU types",
				 req->board->name);
	return 0;
}

/* Instances that are there, and given ones in the order in which they are given. */
static int add_instances(struct ovg_planner *p, struct openvgpu_error *err)
{
	const struct openvgpu_plan_request *req = p->req;
	struct ovg_gi_profile profile;
	size_t i;
	u32 start;

	for (i = 0; i < req->n_instances; i++) {
		const struct openvgpu_instance *in = &req->instances[i];
		struct openvgpu_instance *out = &p->plan->instances[i];
		struct ovg_gi gi;

		if (i == OPENVGPU_INSTANCES_MAX)
			return ovg_error(err, -ENOSPC, "more than %d GPU instances",
					 OPENVGPU_INSTANCES_MAX);
		if (req->mode != OPENVGPU_MODE_MIG)
			return ovg_error(err, -EINVAL, "GPU instances without MIG");
		if (!ovg_gi_by_name(&p->m, in->profile, &profile))
			return ovg_error(err, -EINVAL, "%s has no GPU instance profile '%s'",
					 req->board->name, in->profile);
		start = in->start;
		if (!in->there && ovg_pool_gi_fit(&p->pool, &profile, &start))
			return ovg_error(err, -ENOSPC, "no room for one more GPU instance %s",
					 in->profile);
		gi = ovg_gi_made(&p->m, &profile, start);
		if (in->there)
			gi.id = in->id;
		if (ovg_pool_gi_add(&p->pool, &gi))
			return ovg_error(err, -EINVAL, "GPU instance %u (%s) cannot be there",
					 gi.id, in->profile);
		*out = *in;
		out->id = gi.id;
		out->start = start;
		out->fb_offset = gi.fb_base;
		out->fb_size = gi.fb_size;
		p->plan->n_instances++;
	}
	return 0;
}

static bool mode_has(const struct ovg_planner *p, const struct ovg_type *type)
{
	return (p->req->mode == OPENVGPU_MODE_MIG) == (type->gi.slices != 0);
}

/* Appends to the plan what is at @index of the pool. */
static void record(struct ovg_planner *p, u32 index, const struct openvgpu_type *type,
		   const char *name, bool there)
{
	const struct ovg_place *place = &p->pool.place[index];
	struct openvgpu_placed *out = &p->plan->vgpus[p->plan->n_vgpus++];

	*out = (struct openvgpu_placed){
		.type = type,
		.there = there,
		.id = place->id == OVG_PLACEMENT_NONE ? OPENVGPU_NO_ID : place->id,
		.id_size = place->id_size,
		.instance = place->gi == OVG_GI_NONE ? OPENVGPU_NO_ID : place->gi,
		.fb_offset = place->fb_offset,
		.fb_size = place->fb_size,
		.heap_offset = place->heap_offset,
		.heap_size = place->heap_size,
	};
	snprintf(out->name, sizeof(out->name), "%s", name);
}

static int add_one_there(struct ovg_planner *p, const struct openvgpu_placed *v,
			 struct openvgpu_error *err)
{
	const struct ovg_type *type = ovg_model_type(&p->m, v->type->id);
	struct ovg_wish wish = OVG_WISH_ANY;
	struct ovg_class *class;
	u32 index;

	if (!type || !mode_has(p, type))
		return ovg_error(err, -EINVAL, "%s (%s): a vGPU of this type cannot be there",
				 v->name, v->type->name);
	if (v->id != OPENVGPU_NO_ID)
		wish.id = (u16)v->id;
	if (v->instance != OPENVGPU_NO_ID)
		wish.gi = v->instance;
	if (ovg_pool_take(&p->pool, type, &wish, &index))
		return ovg_error(err, -EINVAL,
				 "%s (%s): there is no place for a vGPU that is there", v->name,
				 v->type->name);
	class = class_of(p, type);
	if (!class)
		return ovg_error(err, -E2BIG, "too many sizes");
	class->there++;
	record(p, index, v->type, v->name, true);
	return 0;
}

/* Those with a known place first: the others only take what is left. */
static int add_there(struct ovg_planner *p, struct openvgpu_error *err)
{
	const struct openvgpu_plan_request *req = p->req;
	int ret = 0, known;
	size_t i;

	if (req->n_there > OPENVGPU_PLAN_MAX)
		return ovg_error(err, -E2BIG, "more than %d vGPUs", OPENVGPU_PLAN_MAX);
	for (known = 1; known >= 0; known--)
		for (i = 0; i < req->n_there && !ret; i++)
			if ((req->there[i].id != OPENVGPU_NO_ID) == known)
				ret = add_one_there(p, &req->there[i], err);
	return ret;
}

static int add_wishes(struct ovg_planner *p, struct openvgpu_error *err)
{
	const struct openvgpu_plan_request *req = p->req;
	size_t i;

	for (i = 0; i < req->n_wishes; i++) {
		const struct openvgpu_wish *w = &req->wishes[i];
		const struct ovg_type *type = ovg_model_type(&p->m, w->type->id);
		struct ovg_class *class;

		if (!type)
			return ovg_error(err, -EINVAL, "%s is not a type of %s", w->type->name,
					 req->board->name);
		if (!mode_has(p, type))
			return ovg_error(err, -EINVAL, w->type->mig ?
					 "%s lives in a GPU instance: that takes MIG" :
					 "%s is not MIG-backed: with MIG it cannot be made",
					 w->type->name);
		class = class_of(p, type);
		if (!class)
			return ovg_error(err, -E2BIG, "too many sizes");
		class->want += min(w->count, 1000u);
		p->plan->wished += w->count;
	}
	return 0;
}

/* How many of @class fit beside what is there; they stay in @pool. */
static u32 take_all(struct ovg_pool *pool, const struct ovg_class *class)
{
	u32 n = 0, index;

	while (n < class->want && !ovg_pool_take(pool, class->type, NULL, &index))
		n++;
	return n;
}

/*
 * One size: the one of which most fit. Types of one size share a grid of places, so that their
 * order does not matter.
 */
int ovg_plan_equal(struct ovg_planner *p, struct ovg_chosen *out)
{
	struct ovg_pool *pool = malloc(sizeof(*pool));
	u32 i, k, best = 0, best_count = 0;
	u64 best_bytes = 0;

	if (!pool)
		return -ENOMEM;
	for (i = 0; i < p->n_classes; i++) {
		u32 count;

		*pool = p->pool;
		count = take_all(pool, &p->class[i]);
		if (count > best_count || (count == best_count &&
		    count * p->class[i].type->profile_bytes > best_bytes)) {
			best = i;
			best_count = count;
			best_bytes = count * p->class[i].type->profile_bytes;
		}
	}
	for (k = 0; k < best_count; k++)
		out->list[out->n++] = (struct ovg_choice){ best, OVG_PLACEMENT_NONE, OVG_GI_NONE };
	out->exact = true;
	free(pool);
	return 0;
}

/* The wish that the @nth vGPU of a class stands for. */
static const struct openvgpu_type *wish_of(const struct ovg_planner *p, u32 class, u32 nth)
{
	const struct openvgpu_plan_request *req = p->req;
	size_t i;

	for (i = 0; i < req->n_wishes; i++) {
		const struct openvgpu_wish *w = &req->wishes[i];

		if (!ovg_same_class(ovg_model_type(&p->m, w->type->id), p->class[class].type))
			continue;
		if (nth < w->count)
			return w->type;
		nth -= w->count;
	}
	return NULL;
}

static int by_place(const void *x, const void *y)
{
	const struct ovg_choice *a = x, *b = y;

	if (a->gi != b->gi)
		return a->gi < b->gi ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* Takes the places; what the driver's placement refuses after all is not admitted. */
static void realise(struct ovg_planner *p, struct ovg_chosen *chosen)
{
	u32 used[OVG_MAX_CLASSES] = { 0 }, i, index;

	if (chosen->n)
		qsort(chosen->list, chosen->n, sizeof(chosen->list[0]), by_place);
	for (i = 0; i < chosen->n; i++) {
		const struct ovg_choice *c = &chosen->list[i];
		const struct openvgpu_type *type = wish_of(p, c->class, used[c->class]);
		struct ovg_wish wish = { c->id, c->gi };

		if (!type || p->plan->n_vgpus == OPENVGPU_PLAN_MAX ||
		    ovg_pool_take(&p->pool, ovg_model_type(&p->m, type->id), &wish, &index)) {
			chosen->exact = false;
			continue;
		}
		used[c->class]++;
		record(p, index, type, "", false);
		p->plan->admitted++;
	}
	p->plan->exact = chosen->exact;
}

static void hint_equal(struct ovg_planner *p)
{
	struct ovg_planner *alone = malloc(sizeof(*alone));
	struct ovg_chosen chosen = { 0 };
	char size[32];
	u32 i;

	if (!alone)
		return;
	*alone = *p;
	for (i = 0; i < alone->n_classes; i++)
		alone->class[i].there = 0;
	ovg_pool_init(&alone->pool, &p->m.cfg);
	if (!ovg_plan_equal(alone, &chosen) && chosen.n > p->plan->admitted && p->req->n_there)
		snprintf(p->plan->hint, sizeof(p->plan->hint),
			 "%zu vGPUs of %s are there, and all must have one size: %u would fit "
			 "without them", p->req->n_there,
			 size_text(p->plan->vgpus[0].type, size), chosen.n);
	free(alone);
}

static int plan_moves(struct ovg_planner *p)
{
	struct ovg_chosen moved = { 0 };
	size_t i;
	int ret;

	for (i = 0; i < p->plan->n_vgpus; i++)
		if (p->plan->vgpus[i].there && p->plan->vgpus[i].id == OPENVGPU_NO_ID)
			return 0;
	ret = ovg_plan_mixed(p, true, &moved);
	if (ret == -ENOSPC)
		ret = 0;
	p->plan->after_moves = moved.n;
	return ret;
}

/* The same vGPUs on the same board without anything on it. */
static int hint_mig(struct ovg_planner *p)
{
	struct openvgpu_plan_request req = *p->req;
	struct openvgpu_wish *wishes;
	struct openvgpu_plan other;
	char list[128] = "";
	size_t i, n = 0;
	int ret;

	if (!req.n_there && !req.n_instances)
		return 0;
	wishes = calloc(req.n_there + req.n_wishes, sizeof(*wishes));
	if (!wishes)
		return -ENOMEM;
	for (i = 0; i < req.n_there; i++)
		wishes[n++] = (struct openvgpu_wish){ req.there[i].type, 1 };
	for (i = 0; i < req.n_wishes; i++)
		wishes[n++] = req.wishes[i];
	req.there = NULL;
	req.instances = NULL;
	req.n_there = req.n_instances = 0;
	req.fixed_instances = false;
	req.wishes = wishes;
	req.n_wishes = n;
	ret = openvgpu_plan(&req, &other, NULL);
	if (!ret && other.admitted == other.wished) {
		for (i = 0, n = 0; i < other.n_instances; i++)
			n += (size_t)snprintf(list + min(n, sizeof(list) - 1),
					      sizeof(list) - min(n, sizeof(list) - 1), "%s%s",
					      n ? ", " : "", other.instances[i].profile);
		snprintf(p->plan->hint, sizeof(p->plan->hint),
			 "all of them would fit with these GPU instances, made in this order: %s",
			 list);
	}
	if (!ret)
		openvgpu_plan_free(&other);
	free(wishes);
	return ret;
}

static int search(struct ovg_planner *p)
{
	struct ovg_chosen chosen = { 0 };
	int ret;

	switch (p->req->mode) {
	case OPENVGPU_MODE_MIXED:
		ret = ovg_plan_mixed(p, false, &chosen);
		if (!ret && chosen.n < p->plan->wished && p->req->n_there)
			ret = plan_moves(p);
		if (!ret)
			realise(p, &chosen);
		break;
	case OPENVGPU_MODE_MIG:
		ret = ovg_plan_mig(p, &chosen);
		if (!ret)
			realise(p, &chosen);
		if (!ret && p->plan->admitted < p->plan->wished)
			ret = hint_mig(p);
		break;
	default:
		ret = ovg_plan_equal(p, &chosen);
		if (!ret)
			realise(p, &chosen);
		if (!ret && p->plan->admitted < p->plan->wished)
			hint_equal(p);
	}
	return ret;
}

static int fill(struct ovg_planner *p, struct openvgpu_error *err)
{
	int ret;

	ret = set_mode(p, err);
	if (!ret)
		ret = add_instances(p, err);
	if (!ret)
		ret = add_there(p, err);
	if (!ret)
		ret = add_wishes(p, err);
	if (ret)
		return ret;
	ret = search(p);
	if (!ret)
		ret = ovg_plan_map(p);
	return ret ? ovg_error(err, ret, "%s", strerror(-ret)) : 0;
}

int openvgpu_plan(const struct openvgpu_plan_request *request, struct openvgpu_plan *plan,
		  struct openvgpu_error *err)
{
	const struct ovg_branch *branch = ovg_branch_of(request->build);
	struct ovg_planner *p = calloc(1, sizeof(*p));
	int ret;

	memset(plan, 0, sizeof(*plan));
	plan->vgpus = calloc(OPENVGPU_PLAN_MAX, sizeof(*plan->vgpus));
	if (!p || !plan->vgpus) {
		ret = ovg_error(err, -ENOMEM, "out of memory");
	} else if (!branch) {
		ret = ovg_error(err, -ENOENT, "firmware build '%s' is not known", request->build);
	} else if (ovg_branch_lacks(branch, request->board->device)) {
		ret = ovg_error(err, -ENOENT, "firmware %s does not know %s", request->build,
				request->board->name);
	} else {
		p->req = request;
		p->plan = plan;
		ret = ovg_model_init(&p->m, request->types, request->board, branch,
				     request->framebuffer, err);
		if (!ret)
			ret = fill(p, err);
		ovg_model_free(&p->m);
	}
	free(p);
	if (ret)
		openvgpu_plan_free(plan);
	return ret;
}

void openvgpu_plan_free(struct openvgpu_plan *plan)
{
	free(plan->vgpus);
	free(plan->spans);
	memset(plan, 0, sizeof(*plan));
}
