// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mixed sizes: every type has fixed placement ids, so a plan is a set of intervals that do not
 * overlap. The best one is found exactly, from left to right: what is best from a place on
 * depends on nothing but the place and what is still wanted.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define MAX_CANDIDATES	1024
#define MAX_STATES	(1u << 20)
#define FIRST_STATES	(1u << 12)

/* Value of a plan: new vGPUs, then vGPUs that stay, then GiB. */
#define VALUE_NEW	(INT64_C(1) << 40)
#define VALUE_STAY	(INT64_C(1) << 24)
#define IMPOSSIBLE	INT64_MIN
#define NO_MEMORY	(INT64_MIN + 1)

/**
 * struct candidate - a place for a vGPU
 * @class: of this class
 * @id: its id
 * @size: ids that it takes
 * @next: first candidate that does not begin in it
 * @value: if somebody stays here, and GiB
 */
struct candidate {
	u8 class;
	u16 id;
	u16 size;
	u16 next;
	int64_t value;
};

/**
 * struct state - a point of the search
 * @at: candidate that is looked at
 * @must: vGPUs that are there and have no place yet, by class
 * @may: new ones that may still be placed, by class
 */
struct state {
	u16 at;
	u8 must[OVG_MAX_CLASSES];
	u8 may[OVG_MAX_CLASSES];
};

/**
 * struct known - a state whose value is known
 * @value: the best from there
 * @take: the candidate is part of the best
 * @used: the entry is in use
 */
struct known {
	struct state s;
	bool used;
	bool take;
	int64_t value;
};

/**
 * struct search - work on one plan
 * @p: the planner
 * @c: candidates, by id
 * @n: how many
 * @left: candidates of a class from one on: by candidate, then class
 * @table: states met, hashed
 * @room: entries of it, a power of two
 * @states: those in use
 * @full: too many states, the answer is not exact
 */
struct search {
	struct ovg_planner *p;
	struct candidate c[MAX_CANDIDATES];
	u32 n;
	u8 left[MAX_CANDIDATES + 1][OVG_MAX_CLASSES];
	struct known *table;
	u32 room;
	u32 states;
	bool full;
};

static u32 hash(const struct state *s)
{
	const u8 *b = (const u8 *)s;
	u32 h = 2166136261u;
	size_t i;

	for (i = 0; i < sizeof(*s); i++)
		h = (h ^ b[i]) * 16777619u;
	return h ^ h >> 15;
}

/* Where a state is, or would be. */
static struct known *slot(struct known *table, u32 room, const struct state *s)
{
	u32 i = hash(s) & (room - 1);

	while (table[i].used && memcmp(&table[i].s, s, sizeof(*s)))
		i = (i + 1) & (room - 1);
	return &table[i];
}

static bool grow(struct search *s)
{
	u32 room = s->room ? s->room * 2 : FIRST_STATES, i;
	struct known *table = calloc(room, sizeof(*table));

	if (!table)
		return false;
	for (i = 0; i < s->room; i++)
		if (s->table[i].used)
			*slot(table, room, &s->table[i].s) = s->table[i];
	free(s->table);
	s->table = table;
	s->room = room;
	return true;
}

/* More than can still be placed is as good as just that many. */
static bool reduce(const struct search *s, struct state *st)
{
	u32 i;

	for (i = 0; i < s->p->n_classes; i++) {
		u8 left = s->left[st->at][i];

		if (st->must[i] > left)
			return false;
		st->may[i] = min(st->may[i], (u8)(left - st->must[i]));
	}
	return true;
}

static int64_t best(struct search *s, struct state st);

static int64_t best_with(struct search *s, const struct state *st)
{
	const struct candidate *c = &s->c[st->at];
	struct state after = *st;
	int64_t value = c->value, rest;

	if (after.must[c->class]) {
		after.must[c->class]--;
	} else if (after.may[c->class]) {
		after.may[c->class]--;
		value += VALUE_NEW;
	} else {
		return IMPOSSIBLE;
	}
	after.at = c->next;
	rest = best(s, after);
	return rest == IMPOSSIBLE || rest == NO_MEMORY ? rest : rest + value;
}

static int64_t best(struct search *s, struct state st)
{
	int64_t with, without;
	struct known *k;
	struct state skip;

	if (!reduce(s, &st))
		return IMPOSSIBLE;
	if (st.at == s->n)
		return 0;
	if (s->room) {
		k = slot(s->table, s->room, &st);
		if (k->used)
			return k->value;
	}
	with = best_with(s, &st);
	skip = st;
	skip.at++;
	/* beyond all reason: the first guess has to do */
	if (s->states >= MAX_STATES && with != IMPOSSIBLE) {
		s->full = true;
		without = IMPOSSIBLE;
	} else {
		without = best(s, skip);
	}
	if (with == NO_MEMORY || without == NO_MEMORY ||
	    (s->states * 2 >= s->room && !grow(s)))
		return NO_MEMORY;
	k = slot(s->table, s->room, &st);
	*k = (struct known){ .s = st, .used = true, .take = with >= without && with != IMPOSSIBLE,
			     .value = max(with, without) };
	s->states++;
	return k->value;
}

static int by_id(const void *x, const void *y)
{
	const struct candidate *a = x, *b = y;

	if (a->id != b->id)
		return a->id < b->id ? -1 : 1;
	return (a->class > b->class) - (a->class < b->class);
}

/* Somebody of the class is there, with this very id. */
static bool is_there(const struct ovg_planner *p, const struct ovg_class *class, u16 id)
{
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (p->pool.place[i].used && p->pool.place[i].id == id &&
		    ovg_same_class(ovg_model_type(&p->m, p->pool.place[i].type), class->type))
			return true;
	return false;
}

static int find_candidates(struct search *s, const struct ovg_pool *pool, bool move)
{
	struct ovg_planner *p = s->p;
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 i, k, n;

	for (i = 0; i < p->n_classes; i++) {
		const struct ovg_class *class = &p->class[i];
		struct ovg_wish wish = OVG_WISH_ANY;
		struct ovg_place place;

		if (!class->want && !(move && class->there))
			continue;
		n = ovg_pool_ids(pool, class->type, OVG_GI_NONE, true, ids);
		for (k = 0; k < n && s->n < MAX_CANDIDATES; k++) {
			wish.id = ids[k];
			if (ovg_pool_fit(pool, class->type, &wish, &place))
				continue;
			s->c[s->n] = (struct candidate){
				.class = (u8)i,
				.id = place.id,
				.size = place.id_size,
				.value = (int64_t)(class->type->profile_bytes / OPENVGPU_GIB),
			};
			if (move && is_there(p, class, place.id))
				s->c[s->n].value += VALUE_STAY;
			s->n++;
		}
	}
	if (s->n)
		qsort(s->c, s->n, sizeof(s->c[0]), by_id);
	for (i = s->n; i--;) {
		memcpy(s->left[i], s->left[i + 1], sizeof(s->left[i]));
		s->left[i][s->c[i].class]++;
		k = i + 1;
		while (k < s->n && s->c[k].id < s->c[i].id + s->c[i].size)
			k++;
		s->c[i].next = (u16)k;
	}
	return 0;
}

/* Follows the best decisions from the start. */
static void collect(struct search *s, struct state st, struct candidate *taken, u32 *n_taken)
{
	*n_taken = 0;
	while (reduce(s, &st) && st.at < s->n) {
		const struct known *k = slot(s->table, s->room, &st);
		const struct candidate *c = &s->c[st.at];

		if (!k->used)
			break;
		if (!k->take) {
			st.at++;
			continue;
		}
		if (st.must[c->class])
			st.must[c->class]--;
		else
			st.may[c->class]--;
		if (*n_taken < OVG_MAX_VGPUS)
			taken[(*n_taken)++] = *c;
		st.at = c->next;
	}
}

/* The firmware's limit: the smallest of too many stay out. */
static void keep_limit(const struct ovg_planner *p, struct ovg_chosen *out, u32 room)
{
	while (out->n > room) {
		u32 i, worst = 0;

		for (i = 1; i < out->n; i++)
			if (p->class[out->list[i].class].type->profile_bytes <
			    p->class[out->list[worst].class].type->profile_bytes)
				worst = i;
		out->list[worst] = out->list[--out->n];
	}
}

/* Who is where they may stay, and where the others have to go. */
static void find_moves(struct ovg_planner *p, struct candidate *taken, u32 n)
{
	struct openvgpu_plan *plan = p->plan;
	bool stays[OVG_MAX_VGPUS] = { 0 };
	u32 i, k;

	for (k = 0; k < plan->n_vgpus; k++)
		for (i = 0; i < n; i++)
			if (taken[i].size && taken[i].id == plan->vgpus[k].id &&
			    ovg_same_class(p->class[taken[i].class].type,
					   ovg_model_type(&p->m, plan->vgpus[k].type->id))) {
				taken[i].size = 0;
				stays[k] = true;
				break;
			}
	plan->n_moves = 0;
	for (k = 0; k < plan->n_vgpus; k++) {
		for (i = 0; !stays[k] && i < n; i++)
			if (taken[i].size &&
			    ovg_same_class(p->class[taken[i].class].type,
					   ovg_model_type(&p->m, plan->vgpus[k].type->id))) {
				taken[i].size = 0;
				plan->moves[plan->n_moves++] =
					(struct openvgpu_move){ k, taken[i].id };
				break;
			}
	}
}

static int run(struct search *s, bool move, struct ovg_chosen *out)
{
	struct candidate taken[OVG_MAX_VGPUS];
	struct ovg_planner *p = s->p;
	struct state start = { 0 };
	u32 i, n = 0, there = 0;
	int64_t value;

	for (i = 0; i < p->n_classes; i++) {
		start.may[i] = (u8)min(p->class[i].want, 255u);
		start.must[i] = move ? (u8)p->class[i].there : 0;
		there += p->class[i].there;
	}
	value = best(s, start);
	if (value == NO_MEMORY)
		return -ENOMEM;
	if (value == IMPOSSIBLE)
		return -ENOSPC;
	collect(s, start, taken, &n);
	out->exact = !s->full;
	out->n = 0;
	if (move) {
		find_moves(p, taken, n);
		out->n = min(n, p->m.cfg.limit) - min(n, there);
		return 0;
	}
	for (i = 0; i < n; i++)
		out->list[out->n++] =
			(struct ovg_choice){ taken[i].class, taken[i].id, OVG_GI_NONE };
	keep_limit(p, out, p->m.cfg.limit - min(there, p->m.cfg.limit));
	return 0;
}

int ovg_plan_mixed(struct ovg_planner *p, bool move, struct ovg_chosen *out)
{
	struct search *s = calloc(1, sizeof(*s));
	struct ovg_pool *empty = calloc(1, sizeof(*empty));
	int ret = -ENOMEM;

	if (s && empty) {
		s->p = p;
		ovg_pool_init(empty, &p->m.cfg);
		ovg_pool_set_mode(empty, OVG_MODE_MIXED);
		ret = find_candidates(s, move ? empty : &p->pool, move);
		if (!ret)
			ret = run(s, move, out);
		free(s->table);
	}
	free(empty);
	free(s);
	return ret;
}
