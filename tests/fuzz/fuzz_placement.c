// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Placement under any order of what may be asked of it, on boards that were never built.
 * The input makes up a board, its types, and then what is done. After each step nothing
 * may overlap, and what was said to fit must have fitted. Which places are right is
 * for tests/unit and tests/oracle to say.
 */
#include "driver/core/placement.h"
#include "fuzz.h"

#define MAX_TYPES	12u
#define MAX_STEPS	400u
#define HEAP_ALIGN	4096u
#define MIB		(UINT64_C(1) << 20)
#define GIB		(UINT64_C(1) << 30)

static struct ovg_type types[MAX_TYPES];
static u32 ntypes;

static void make_type(struct bytes *in, u32 n)
{
	struct ovg_type *t = &types[n];
	unsigned int shape = take8(in), gib = 1 + take8(in) % 192;
	u64 less = take8(in) * 4 * MIB;

	memset(t, 0, sizeof(*t));
	t->id = 100 + n;
	t->name[0] = 'T';
	t->profile_bytes = gib * GIB;
	/* what a board may say: less than the profile, hardly ever more */
	t->fb_bytes = shape & 1 ? t->profile_bytes - less : t->profile_bytes + less;
	t->fb_reservation = (shape >> 1 & 3) * 64 * MIB;
	t->heap_bytes = take8(in) * MIB + (shape & 8 ? 4095 : 0);
	t->max_instance = 1 + take8(in) % 64;
	t->ecc = shape & 16;
	t->bar1_mib = 256;
	t->record = n;
	if (shape & 32) {
		/* those that there are, for seven slices and for four, and some that are not */
		static const u8 known[][2] = {
			{ 1, 1 }, { 1, 2 }, { 2, 2 }, { 3, 4 }, { 4, 4 }, { 7, 8 }, { 2, 4 }, { 4, 8 },
			{ 3, 2 }, { 5, 8 },
		};
		unsigned int which = take8(in);

		t->gi.slices = known[which % 10][0];
		t->gi.memory = known[which % 10][1];
		t->gi.attr = (u8)(which / 10 & (OVG_GI_MEDIA | OVG_GI_GFX));
		t->max_per_gi = 1 + take8(in) % 12;
	}
}

static void make_board(struct bytes *in, struct ovg_pool_config *cfg)
{
	static const u32 limits[] = { 32, 48, 7, 64, 1, 12 }, slices[] = { 0, 7, 4 };
	unsigned int shape = take8(in);

	memset(cfg, 0, sizeof(*cfg));
	cfg->generation = (enum ovg_generation)(shape % 3);
	cfg->rules = (enum ovg_rules)(shape / 3 % 3);
	cfg->limit = limits[shape / 9 % 6];
	shape = take8(in);
	cfg->gi_slices = slices[shape % 3];
	cfg->mig_limit = cfg->gi_slices ? limits[shape / 3 % 6] : 0;
	cfg->segment = (u64)(16 * MIB) << (shape / 18 % 6);
	cfg->fb_base = take16(in) * MIB / 4;
	cfg->fb_total = take16(in) * 4 * MIB;
	cfg->channels = 1 + take16(in);
	cfg->region = ovg_pool_region(types, ntypes);
	cfg->heap_unit = ovg_pool_heap_unit(types, ntypes);
}

static bool meet(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a_size && b_size && a < b + b_size && b < a + a_size;
}

static bool inside(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a >= b && a_size <= b_size && a - b <= b_size - a_size;
}

static void check_place(const struct ovg_pool *pool, const struct ovg_place *p)
{
	const struct ovg_gi *gi = NULL;
	u64 base = pool->cfg.fb_base, size = pool->cfg.fb_total;

	HOLDS(p->fb_size && p->fb_size % pool->cfg.segment == 0);
	HOLDS(p->fb_offset % pool->cfg.segment == 0);
	HOLDS(p->heap_offset % HEAP_ALIGN == 0);
	HOLDS(p->chid_count && (u64)p->chid_offset + p->chid_count <= pool->cfg.channels);
	HOLDS((p->gi != OVG_GI_NONE) == pool->mig);
	if (pool->mig) {
		gi = ovg_pool_gi(pool, p->gi);
		HOLDS(gi && gi->used);
		base = gi->fb_base;
		size = gi->fb_size;
	} else if (p->id != OVG_PLACEMENT_NONE) {
		HOLDS((u32)p->id + p->id_size <= pool->cfg.region);
	}
	HOLDS(inside(p->fb_offset, p->fb_size, base, size));
	HOLDS(!p->heap_size || inside(p->heap_offset, p->heap_size, base, size));
	HOLDS(!meet(p->fb_offset, p->fb_size, p->heap_offset, p->heap_size));
}

static void check_pair(const struct ovg_pool *pool, const struct ovg_place *a,
		       const struct ovg_place *b)
{
	HOLDS(!meet(a->fb_offset, a->fb_size, b->fb_offset, b->fb_size));
	HOLDS(!meet(a->fb_offset, a->fb_size, b->heap_offset, b->heap_size));
	HOLDS(!meet(a->heap_offset, a->heap_size, b->fb_offset, b->fb_size));
	HOLDS(!meet(a->heap_offset, a->heap_size, b->heap_offset, b->heap_size));
	if (a->gi != b->gi)
		return;
	HOLDS(!meet(a->chid_offset, a->chid_count, b->chid_offset, b->chid_count));
	if (a->id != OVG_PLACEMENT_NONE && b->id != OVG_PLACEMENT_NONE)
		HOLDS(!meet(a->id, a->id_size, b->id, b->id_size));
	/* in equal mode, and in each GPU instance, all are of one size */
	if (pool->mig || pool->mode == OVG_MODE_EQUAL)
		HOLDS(a->profile_bytes == b->profile_bytes);
}

static void check(const struct ovg_pool *pool)
{
	u32 n = 0, slices = 0;
	u64 used = 0;

	for (u32 i = 0; i < OVG_MAX_VGPUS; i++) {
		const struct ovg_place *p = &pool->place[i];

		if (!p->used)
			continue;
		n++;
		used += p->fb_size + p->heap_size;
		check_place(pool, p);
		for (u32 k = 0; k < i; k++)
			if (pool->place[k].used)
				check_pair(pool, p, &pool->place[k]);
	}
	HOLDS(n <= (pool->mig ? pool->cfg.mig_limit : pool->cfg.limit));
	HOLDS(ovg_pool_empty(pool) == !n);
	HOLDS(ovg_pool_fb_used(pool) >= (used ? 1 : 0));
	HOLDS(!pool->mig || pool->mode == OVG_MODE_EQUAL);
	for (u32 i = 0; i < OVG_MAX_GIS; i++) {
		const struct ovg_gi *a = &pool->gi[i];

		if (!a->used)
			continue;
		slices += a->profile.slices;
		HOLDS(pool->mig && ovg_pool_gi(pool, a->id) == a);
		for (u32 k = 0; k < i; k++)
			if (pool->gi[k].used)
				HOLDS(!meet(a->start, a->profile.memory, pool->gi[k].start,
					    pool->gi[k].profile.memory));
	}
	HOLDS(slices <= pool->cfg.gi_slices);
}

static struct ovg_wish make_wish(struct bytes *in, const struct ovg_pool *pool,
				 const struct ovg_type *t)
{
	struct ovg_wish wish = OVG_WISH_ANY;
	unsigned int kind = take8(in);
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 n;

	if (kind & 1)
		wish.gi = kind >> 4;
	if (kind & 2)
		wish.id = (u16)take8(in);
	if (kind & 4) {
		n = ovg_pool_ids(pool, t, wish.gi, kind & 8, ids);
		HOLDS(n <= OVG_MAX_PLACEMENTS);
		if (n)
			wish.id = ids[take8(in) % n];
	}
	return wish;
}

static void take_one(struct bytes *in, struct ovg_pool *pool)
{
	const struct ovg_type *t = &types[take8(in) % ntypes];
	static struct ovg_pool before;
	struct ovg_wish wish = make_wish(in, pool, t);
	struct ovg_place p;
	enum ovg_fit fit, done;
	u32 index = 0;

	fit = ovg_pool_fit(pool, t, &wish, &p);
	before = *pool;
	done = ovg_pool_take(pool, t, &wish, &index);
	HOLDS(fit == done);
	if (done) {
		HOLDS(!memcmp(&before, pool, sizeof(before)));
		return;
	}
	HOLDS(index < OVG_MAX_VGPUS && !before.place[index].used && pool->place[index].used);
	HOLDS(pool->place[index].type == t->id);
	HOLDS(wish.id == OVG_PLACEMENT_NONE || pool->place[index].id == wish.id);
	HOLDS(wish.gi == OVG_GI_NONE || pool->place[index].gi == wish.gi);
}

static void move_one(struct bytes *in, struct ovg_pool *pool, u32 index)
{
	const struct ovg_type *t = NULL;
	static struct ovg_pool before;
	struct ovg_wish wish;
	enum ovg_fit fit;

	for (u32 i = 0; i < ntypes; i++)
		if (types[i].id == pool->place[index].type)
			t = &types[i];
	HOLDS(t);
	wish = make_wish(in, pool, t);
	before = *pool;
	fit = ovg_pool_move(pool, index, t, &wish);
	if (fit)
		HOLDS(!memcmp(&before, pool, sizeof(before)));
	else
		HOLDS(pool->place[index].used && pool->place[index].type == t->id);
}

/* What is advertised can be had, to the last one, and not one more. */
static void use_up(struct bytes *in, const struct ovg_pool *now)
{
	const struct ovg_type *t = &types[take8(in) % ntypes];
	static struct ovg_pool pool;
	struct ovg_wish any = OVG_WISH_ANY;
	u32 n, index;

	pool = *now;
	n = ovg_pool_available(&pool, t);
	HOLDS(n <= OVG_MAX_VGPUS);
	for (u32 i = 0; i < n; i++)
		HOLDS(ovg_pool_take(&pool, t, &any, &index) == OVG_FIT_OK);
	HOLDS(ovg_pool_take(&pool, t, &any, &index) != OVG_FIT_OK);
	check(&pool);
	for (u32 i = 0; i < OVG_MAX_VGPUS; i++)
		if (pool.place[i].used && !now->place[i].used)
			ovg_pool_put(&pool, i);
	HOLDS(ovg_pool_available(&pool, t) == n);
}

/* NVIDIA's numbers of GPU instances, and memory as before Hopper. */
static void gi_add(struct bytes *in, struct ovg_pool *pool)
{
	const struct ovg_gi_profile *profile = &types[take8(in) % ntypes].gi;
	u64 eighth = pool->cfg.fb_total / pool->cfg.segment / 8 * pool->cfg.segment;
	struct ovg_gi gi = { .profile = *profile };
	u32 start = 0, before = ovg_pool_gi_available(pool, profile);
	int ret = ovg_pool_gi_fit(pool, profile, &start);

	HOLDS(!ret == (before > 0));
	if (ret)
		return;
	gi.used = true;
	gi.start = start;
	switch (profile->memory) {
	case 8: gi.id = 0; break;
	case 4: gi.id = 1 + start / 4; break;
	case 2: gi.id = 3 + start / 2; break;
	default: gi.id = 7 + start;
	}
	gi.fb_base = pool->cfg.fb_base + start * eighth;
	gi.fb_size = profile->memory == 8 ? pool->cfg.fb_total / pool->cfg.segment *
					    pool->cfg.segment : profile->memory * eighth;
	if (!gi.fb_size)
		return;
	HOLDS(start + profile->memory <= 8);
	HOLDS(!ovg_pool_gi_add(pool, &gi));
	HOLDS(ovg_pool_gi_available(pool, profile) < before);
}

static void step(struct bytes *in, struct ovg_pool *pool)
{
	unsigned int op = take8(in);
	u32 index = op >> 4 | (u32)(take8(in) & 3) << 4;
	int ret;

	switch (op & 15) {
	case 0: case 1: case 2: case 3: case 4:
		take_one(in, pool);
		break;
	case 5: case 6: case 7:
		if (pool->place[index].used)
			ovg_pool_put(pool, index);
		break;
	case 8:
		if (pool->place[index].used)
			ovg_pool_quarantine(pool, index);
		break;
	case 9:
		if (pool->place[index].used && !pool->place[index].quarantined)
			move_one(in, pool, index);
		break;
	case 10: case 11:
		gi_add(in, pool);
		break;
	case 12:
		ret = ovg_pool_gi_del(pool, op >> 4);
		HOLDS(ret == 0 || ret == -ENOENT || ret == -EBUSY);
		break;
	case 13:
		use_up(in, pool);
		break;
	case 14:
		ret = ovg_pool_set_mode(pool, op & 16 ? OVG_MODE_MIXED : OVG_MODE_EQUAL);
		HOLDS(ret == 0 || ret == -EBUSY || ret == -EINVAL || ret == -EOPNOTSUPP);
		break;
	default:
		ret = ovg_pool_set_mig(pool, op & 16);
		HOLDS(ret == 0 || ret == -EBUSY || ret == -EINVAL || ret == -EOPNOTSUPP);
	}
	check(pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, data + size };
	static struct ovg_pool pool;
	struct ovg_pool_config cfg;

	ntypes = 1 + take8(&in) % MAX_TYPES;
	for (u32 i = 0; i < ntypes; i++)
		make_type(&in, i);
	make_board(&in, &cfg);
	if (ovg_pool_init(&pool, &cfg))
		return 0;
	check(&pool);
	for (u32 i = 0; i < MAX_STEPS && in.at < in.end; i++)
		step(&in, &pool);
	for (u32 i = OVG_MAX_VGPUS; i-- > 0;)
		if (pool.place[i].used)
			ovg_pool_put(&pool, i);
	HOLDS(ovg_pool_empty(&pool) && !ovg_pool_fb_used(&pool));
	return 0;
}
