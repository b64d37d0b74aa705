// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * MIG: which GPU instances to make, and what goes into each. The driver chooses where an
 * instance begins, so that not every division of the board can be had: all those are tried
 * that some order of creating instances leads to.
 */
#include <stdlib.h>
#include <string.h>

#include "plan.h"

#define MAX_PROFILES	12
#define FIRST_VISITED	1024u

/**
 * struct instance - an instance that vGPUs can be put into
 * @id: its number
 * @profile: what it was made of
 * @room: how many vGPUs of a class it still has room for, by class
 */
struct instance {
	u32 id;
	struct ovg_gi_profile profile;
	u8 room[OVG_MAX_CLASSES];
};

/**
 * struct fill - what goes into the instances of a division
 * @value: how good that is
 * @class: of which class, by instance
 * @count: how many of it
 */
struct fill {
	uint64_t value;
	u8 class[OVG_MAX_GIS];
	u8 count[OVG_MAX_GIS];
};

/**
 * struct search - work on one plan
 * @p: the planner
 * @profile: profiles of types that are wanted
 * @room: room of an empty instance of that profile, by profile and class
 * @n_profiles: how many
 * @gi: instances of the division at hand
 * @n: how many
 * @fill: what is being put into them
 * @want: what is still to be put somewhere, by class
 * @best: the best so far
 * @best_gi: its instances
 * @n_best: how many
 * @best_new: those of them that are not there, in the order of their making
 * @n_best_new: how many
 * @new: the same of the division at hand
 * @n_new: how many
 * @visited: divisions that were met, hashed
 * @visited_room: entries, a power of two
 * @n_visited: those in use
 * @all: vGPUs that are wanted
 */
struct search {
	struct ovg_planner *p;
	struct ovg_gi_profile profile[MAX_PROFILES];
	u8 room[MAX_PROFILES][OVG_MAX_CLASSES];
	u32 n_profiles;
	struct instance gi[OVG_MAX_GIS];
	u32 n;
	struct fill fill;
	u32 want[OVG_MAX_CLASSES];
	struct fill best;
	struct instance best_gi[OVG_MAX_GIS];
	u32 n_best;
	struct ovg_gi best_new[OVG_MAX_GIS];
	u32 n_best_new;
	struct ovg_gi new[OVG_MAX_GIS];
	u32 n_new;
	uint64_t *visited;
	u32 visited_room;
	u32 n_visited;
	u32 all;
};

static u32 room_in(const struct ovg_pool *pool, const struct ovg_class *class, u32 gi)
{
	struct ovg_pool *copy = malloc(sizeof(*copy));
	struct ovg_wish wish = { OVG_PLACEMENT_NONE, gi };
	u32 n = 0, index;

	if (!copy)
		return 0;
	*copy = *pool;
	/* here only this instance counts, not how many the firmware runs */
	copy->cfg.mig_limit = OVG_MAX_VGPUS;
	while (n < OVG_MAX_VGPUS && !ovg_pool_take(copy, class->type, &wish, &index))
		n++;
	free(copy);
	return n;
}

static void fill_room(const struct ovg_planner *p, const struct ovg_pool *pool, u32 gi, u8 *room)
{
	u32 i;

	for (i = 0; i < p->n_classes; i++)
		room[i] = p->class[i].want ? (u8)room_in(pool, &p->class[i], gi) : 0;
}

/* The instances that are there, with what they have room for. */
static void take_there(struct search *s)
{
	u32 i;

	for (i = 0; i < OVG_MAX_GIS; i++) {
		const struct ovg_gi *gi = &s->p->pool.gi[i];

		if (!gi->used)
			continue;
		s->gi[s->n].id = gi->id;
		s->gi[s->n].profile = gi->profile;
		fill_room(s->p, &s->p->pool, gi->id, s->gi[s->n++].room);
	}
}

static void take_profiles(struct search *s)
{
	struct ovg_planner *p = s->p;
	struct ovg_gi_profile all[MAX_PROFILES];
	size_t n = ovg_gi_profiles(&p->m, all, MAX_PROFILES), i;
	struct ovg_pool *pool = malloc(sizeof(*pool));
	u32 k, start;

	for (i = 0; pool && i < n; i++) {
		struct ovg_gi gi;

		for (k = 0; k < p->n_classes; k++)
			if (p->class[k].want &&
			    ovg_gi_profile_equal(&p->class[k].type->gi, &all[i]))
				break;
		if (k == p->n_classes)
			continue;
		ovg_pool_init(pool, &p->m.cfg);
		ovg_pool_set_mig(pool, true);
		if (ovg_pool_gi_fit(pool, &all[i], &start))
			continue;
		gi = ovg_gi_made(&p->m, &all[i], start);
		if (ovg_pool_gi_add(pool, &gi))
			continue;
		s->profile[s->n_profiles] = all[i];
		fill_room(p, pool, gi.id, s->room[s->n_profiles++]);
	}
	free(pool);
}

/* All ways to give each instance, from @at on, one class. */
static void fill_from(struct search *s, u32 at, uint64_t value)
{
	u32 i, count, tried = 0;

	s->fill.value = value;
	if (at == s->n) {
		if (value > s->best.value) {
			s->best = s->fill;
			memcpy(s->best_gi, s->gi, sizeof(s->gi));
			s->n_best = s->n;
			memcpy(s->best_new, s->new, sizeof(s->new));
			s->n_best_new = s->n_new;
		}
		return;
	}
	for (i = 0; i < s->p->n_classes; i++) {
		const u64 gib = s->p->class[i].type->profile_bytes / OPENVGPU_GIB;

		count = min(s->want[i], s->gi[at].room[i]);
		if (!count)
			continue;
		tried++;
		s->want[i] -= count;
		s->fill.class[at] = (u8)i;
		s->fill.count[at] = (u8)count;
		fill_from(s, at + 1, value + count * ((UINT64_C(1) << 32) + gib));
		s->want[i] += count;
	}
	/* an instance that could have something is never better empty */
	if (!tried) {
		s->fill.count[at] = 0;
		fill_from(s, at + 1, value);
	}
}

/* Numbers of profiles, a byte for each start: no two instances begin at one eighth. */
static uint64_t division(const struct search *s)
{
	uint64_t key = 0;
	u32 i, k;

	for (i = 0; i < s->n_new; i++)
		for (k = 0; k < s->n_profiles; k++)
			if (ovg_gi_profile_equal(&s->new[i].profile, &s->profile[k]))
				key |= (uint64_t)(k + 1) << (8 * s->new[i].start);
	return key;
}

static uint64_t *slot(uint64_t *table, u32 room, uint64_t key)
{
	u32 i = (u32)((key * UINT64_C(0x9e3779b97f4a7c15)) >> 40) & (room - 1);

	while (table[i] && table[i] != key)
		i = (i + 1) & (room - 1);
	return &table[i];
}

/* 1 if it is new, 0 if not, -ENOMEM. */
static int visit(struct search *s, uint64_t key)
{
	uint64_t *at, *bigger;
	u32 i, room;

	if (s->n_visited * 2 >= s->visited_room) {
		room = s->visited_room ? s->visited_room * 2 : FIRST_VISITED;
		bigger = calloc(room, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		for (i = 0; i < s->visited_room; i++)
			if (s->visited[i])
				*slot(bigger, room, s->visited[i]) = s->visited[i];
		free(s->visited);
		s->visited = bigger;
		s->visited_room = room;
	}
	at = slot(s->visited, s->visited_room, key);
	if (*at)
		return 0;
	*at = key;
	s->n_visited++;
	return 1;
}

static bool complete(const struct search *s)
{
	return s->best.value >> 32 >= s->all;
}

/* Judges a division, then tries one more instance of each profile. */
static int divide(struct search *s, const struct ovg_pool *pool)
{
	struct ovg_pool *next;
	int ret = 0;
	u32 i, start;

	fill_from(s, 0, 0);
	if (s->p->req->fixed_instances || s->n == OVG_MAX_GIS || complete(s))
		return 0;
	next = malloc(sizeof(*next));
	if (!next)
		return -ENOMEM;
	for (i = 0; i < s->n_profiles && !ret && !complete(s); i++) {
		struct ovg_gi gi;

		if (ovg_pool_gi_fit(pool, &s->profile[i], &start))
			continue;
		gi = ovg_gi_made(&s->p->m, &s->profile[i], start);
		*next = *pool;
		if (ovg_pool_gi_add(next, &gi))
			continue;
		s->new[s->n_new++] = gi;
		s->gi[s->n].id = gi.id;
		s->gi[s->n].profile = gi.profile;
		memcpy(s->gi[s->n++].room, s->room[i], sizeof(s->room[i]));
		ret = visit(s, division(s));
		if (ret > 0)
			ret = divide(s, next);
		s->n--;
		s->n_new--;
	}
	free(next);
	return ret;
}

/* Do the others still go where they are to go without the @skip-th? */
static bool needless(const struct search *s, u32 skip)
{
	struct ovg_pool *pool = malloc(sizeof(*pool));
	bool same = pool != NULL;
	u32 i, start;

	if (pool)
		*pool = s->p->pool;
	for (i = 0; i < s->n_best_new && same; i++)
		if (i != skip)
			same = !ovg_pool_gi_fit(pool, &s->best_new[i].profile, &start) &&
			       start == s->best_new[i].start &&
			       !ovg_pool_gi_add(pool, &s->best_new[i]);
	free(pool);
	return same;
}

/* Instances that nothing goes into are made only where others would not get their place. */
static void drop_needless(struct search *s)
{
	const u32 there = s->n_best - s->n_best_new;
	u32 i;

	for (i = s->n_best_new; i--;) {
		const u32 at = there + i;

		if (s->best.count[at] || !needless(s, i))
			continue;
		memmove(&s->best_new[i], &s->best_new[i + 1],
			(s->n_best_new - i - 1) * sizeof(s->best_new[0]));
		memmove(&s->best_gi[at], &s->best_gi[at + 1],
			(s->n_best - at - 1) * sizeof(s->best_gi[0]));
		memmove(&s->best.count[at], &s->best.count[at + 1], s->n_best - at - 1);
		memmove(&s->best.class[at], &s->best.class[at + 1], s->n_best - at - 1);
		s->n_best_new--;
		s->n_best--;
	}
}

static void apply(struct search *s, struct ovg_chosen *out)
{
	struct ovg_planner *p = s->p;
	u32 room = p->m.cfg.mig_limit, i, k;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		room -= p->pool.place[i].used && room;
	for (i = 0; i < s->n_best_new; i++)
		ovg_pool_gi_add(&p->pool, &s->best_new[i]);
	for (i = 0; i < s->n_best; i++)
		for (k = 0; k < s->best.count[i] && out->n < room; k++)
			out->list[out->n++] = (struct ovg_choice){
				s->best.class[i], OVG_PLACEMENT_NONE, s->best_gi[i].id };
	/* the way there leads over them, in this order */
	for (i = 0; i < s->n_best_new; i++) {
		struct openvgpu_instance *made = &p->plan->instances[p->plan->n_instances++];

		ovg_gi_name(&p->m, &s->best_new[i].profile, made->profile);
		made->id = s->best_new[i].id;
		made->start = s->best_new[i].start;
		made->there = false;
		made->fb_offset = s->best_new[i].fb_base;
		made->fb_size = s->best_new[i].fb_size;
	}
	out->exact = true;
}

int ovg_plan_mig(struct ovg_planner *p, struct ovg_chosen *out)
{
	struct search *s = calloc(1, sizeof(*s));
	u32 i;
	int ret;

	if (!s)
		return -ENOMEM;
	s->p = p;
	for (i = 0; i < p->n_classes; i++) {
		s->want[i] = p->class[i].want;
		s->all += p->class[i].want;
	}
	take_there(s);
	take_profiles(s);
	ret = divide(s, &p->pool);
	if (!ret) {
		drop_needless(s);
		apply(s, out);
	}
	free(s->visited);
	free(s);
	return ret;
}
