// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Placement against the brute force in tests/oracle: random sequences of everything that
 * can be done to a table, on every board, branch, framebuffer and segment.
 *
 * PLACEMENT_SEQUENCES=100000 for the long run, PLACEMENT_SEED=2 for another one.
 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "boards.h"
#include "tests/oracle/oracle.h"

#define STEPS	24

static struct ovg_pool pool;
static struct oracle oracle;
static struct board *b;
/* Everything that the rules allow has room: the oracle knows no shortage of framebuffer. */
static bool exact;
static unsigned int sequence;
static u64 seed;

TestSuite(placement_random, .init = boards_load, .timeout = 3600);

static u32 random_below(u32 n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (u32)(seed >> 20) % n;
}

static unsigned long from_env(const char *name, unsigned long other)
{
	const char *value = getenv(name);

	return value && *value ? strtoul(value, NULL, 10) : other;
}

static struct oracle_type plain(const struct ovg_type *t)
{
	return (struct oracle_type){
		.gib = (unsigned)(t->profile_bytes >> 30),
		.max = t->max_instance,
		.slices = t->gi.slices,
		.eighths = t->gi.memory,
		.attr = t->gi.attr,
		.per_gi = t->max_per_gi,
	};
}

static struct oracle_place plain_place(const struct ovg_place *p)
{
	return (struct oracle_place){
		.gi = p->gi,
		.id = p->id,
		.ids = p->id_size,
		.fb = p->fb_offset,
		.fb_len = p->fb_size,
		.heap = p->heap_offset,
		.heap_len = p->heap_size,
		.channel = p->chid_offset,
		.channels = p->chid_count,
	};
}

#define must(what) cr_assert(what, "sequence %u, %s: " #what, sequence, b->name)

/* How many more can be made by making them. */
static u32 made(const struct ovg_type *t)
{
	struct ovg_pool copy = pool;
	u32 n = 0, index;

	while (ovg_pool_take(&copy, t, NULL, &index) == OVG_FIT_OK)
		n++;
	return n;
}

static void check_ids(const struct ovg_type *t, u32 gi)
{
	u32 i, n, want, got[OVG_MAX_PLACEMENTS];
	unsigned ids[ORACLE_IDS];
	struct oracle_type o = plain(t);
	u16 mine[OVG_MAX_PLACEMENTS];
	struct ovg_wish wish = { .gi = gi };

	want = oracle_creatable(&oracle, &o, gi, ids);
	n = ovg_pool_ids(&pool, t, gi, true, mine);
	for (i = 0; i < n; i++)
		got[i] = mine[i];
	if (exact) {
		must(n == want);
		must(!memcmp(got, ids, n * sizeof(*ids)));
	}
	/* what is not in the list cannot be had; what is was tried by ovg_pool_ids() */
	wish.id = (u16)random_below(pool.cfg.region + 2);
	for (i = 0; i < n; i++)
		if (mine[i] == wish.id)
			break;
	must((ovg_pool_fit(&pool, t, &wish, NULL) == OVG_FIT_OK) == (i < n));
}

static void check_type(const struct ovg_type *t)
{
	struct oracle_type o = plain(t);
	u32 n = ovg_pool_available(&pool, t), i;

	must(n == made(t));
	must(n <= ovg_pool_max(&pool, t) || pool.mig);
	if (exact)
		must(n == oracle_available(&oracle, &o));
	else
		must(n <= oracle_available(&oracle, &o));
	if (!pool.mig) {
		check_ids(t, OVG_GI_NONE);
		return;
	}
	for (i = 0; i < OVG_MAX_GIS; i++)
		if (pool.gi[i].used)
			check_ids(t, pool.gi[i].id);
	if (t->gi.slices)
		must(ovg_pool_gi_available(&pool, &t->gi) ==
		     oracle_gi_room(&oracle, t->gi.slices, t->gi.memory, t->gi.attr));
}

static const struct ovg_type *any_type(void)
{
	const struct ovg_type *t = NULL;
	u32 i;

	/* mostly one that the mode has */
	for (i = 0; i < 8; i++) {
		t = &b->types[random_below(b->n_types)];
		if (pool.mig == !!t->gi.slices)
			break;
	}
	return t;
}

static u32 any_entry(bool used)
{
	u32 i, from = random_below(OVG_MAX_VGPUS), n;

	for (n = 0; n < OVG_MAX_VGPUS; n++) {
		i = (from + n) % OVG_MAX_VGPUS;
		if (pool.place[i].used == used)
			return i;
	}
	return 0;
}

static struct ovg_wish any_wish(const struct ovg_type *t)
{
	struct ovg_wish wish = OVG_WISH_ANY;
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 n, entry = random_below(OVG_MAX_GIS);

	if (pool.mig && random_below(2) && pool.gi[entry].used)
		wish.gi = pool.gi[entry].id;
	n = ovg_pool_ids(&pool, t, wish.gi, random_below(2), ids);
	if (n && random_below(2))
		wish.id = ids[random_below(n)];
	return wish;
}

static void judge(u32 index, const struct ovg_type *t, const struct ovg_wish *wish)
{
	struct oracle_type o = plain(t);
	struct oracle_place p = plain_place(&pool.place[index]);
	bool chosen = wish->id == OVG_PLACEMENT_NONE && wish->gi == OVG_GI_NONE;
	const char *wrong = oracle_take(&oracle, index, &o, &p, exact && chosen);

	cr_assert_null(wrong, "sequence %u, %s on %s, id %u: %s", sequence, t->name, b->name, p.id,
		       wrong);
	must(wish->id == OVG_PLACEMENT_NONE || pool.place[index].id == wish->id);
	must(wish->gi == OVG_GI_NONE || pool.place[index].gi == wish->gi);
	must(pool.place[index].heap_size == t->heap_bytes);
	must(pool.place[index].profile_bytes == t->profile_bytes);
}

static void take_or_move(bool move)
{
	const struct ovg_type *t = any_type();
	struct ovg_wish wish = any_wish(t);
	struct ovg_pool before = pool;
	u32 index = 0;
	enum ovg_fit fit;

	if (move) {
		index = any_entry(true);
		if (!random_below(4))
			wish = OVG_WISH_ANY;
		fit = ovg_pool_move(&pool, index, t, &wish);
		/* its own place counts as free, also for the oracle */
		if (!fit)
			oracle_put(&oracle, index);
	} else {
		fit = ovg_pool_take(&pool, t, &wish, &index);
	}
	if (fit)
		must(!memcmp(&pool, &before, sizeof(pool)));
	else
		judge(index, t, &wish);
}

static void change_mode(void)
{
	bool mixed = random_below(2);

	must((ovg_pool_set_mode(&pool, mixed ? OVG_MODE_MIXED : OVG_MODE_EQUAL) == 0) ==
	     oracle_set_mixed(&oracle, mixed));
	must((pool.mode == OVG_MODE_MIXED) == oracle.mixed);
}

static void change_mig(void)
{
	bool on = random_below(2);

	must((ovg_pool_set_mig(&pool, on) == 0) == oracle_set_mig(&oracle, on));
	must(pool.mig == oracle.mig);
}

static void make_gi(void)
{
	const struct ovg_type *t = any_type();
	const struct ovg_gi *gi;
	u32 id;
	int err, start;

	if (!t->gi.slices)
		return;
	start = oracle_gi_next(&oracle, t->gi.slices, t->gi.memory, t->gi.attr);
	err = board_make_gi(&pool, &t->gi, &id);
	must((err == 0) == (start >= 0));
	if (err)
		return;
	gi = ovg_pool_gi(&pool, id);
	must(gi && gi->start == (u32)start);
	oracle_gi_add(&oracle, id, &(struct oracle_gi){
		.slices = t->gi.slices,
		.eighths = t->gi.memory,
		.attr = t->gi.attr,
		.start = gi->start,
		.fb = gi->fb_base,
		.fb_end = gi->fb_base + gi->fb_size,
	});
}

static void delete_gi(void)
{
	u32 id = random_below(OVG_MAX_GI_ID);

	must((ovg_pool_gi_del(&pool, id) == 0) == oracle_gi_del(&oracle, id));
	must(!ovg_pool_gi(&pool, id) == !oracle.gi[id].there);
}

static void step(void)
{
	u32 i;

	switch (random_below(16)) {
	case 0:
		change_mode();
		break;
	case 1:
		change_mig();
		break;
	case 2:
	case 3:
		make_gi();
		break;
	case 4:
		delete_gi();
		break;
	case 5:
	case 6:
		i = any_entry(true);
		ovg_pool_put(&pool, i);
		oracle_put(&oracle, i);
		break;
	case 7:
		/* stays where it is, for everybody else */
		ovg_pool_quarantine(&pool, any_entry(true));
		break;
	case 8:
	case 9:
		take_or_move(true);
		break;
	case 10:
		/* all of it, so that sizes and modes change now and then */
		while (!ovg_pool_empty(&pool) && random_below(40)) {
			i = any_entry(true);
			ovg_pool_put(&pool, i);
			oracle_put(&oracle, i);
		}
		break;
	default:
		take_or_move(false);
	}
}

/* Half of the vGPUs go, once in one order and once in the other. */
static void order_of_frees(void)
{
	struct ovg_pool up = pool, down;
	bool go[OVG_MAX_VGPUS];
	u32 i;

	for (i = 0; i < OVG_MAX_VGPUS; i++)
		go[i] = random_below(2);
	for (i = 0; i < OVG_MAX_VGPUS; i++)
		if (go[i])
			ovg_pool_put(&up, i);
	down = pool;
	for (i = OVG_MAX_VGPUS; i-- > 0; )
		if (go[i])
			ovg_pool_put(&down, i);
	for (i = 0; i < b->n_types; i++) {
		struct ovg_place p = { 0 }, q = { 0 };

		must(ovg_pool_available(&up, &b->types[i]) ==
		     ovg_pool_available(&down, &b->types[i]));
		must(ovg_pool_fit(&up, &b->types[i], NULL, &p) ==
		     ovg_pool_fit(&down, &b->types[i], NULL, &q));
		must(!memcmp(&p, &q, sizeof(p)));
	}
	/* and when all are gone, it is as at the start */
	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		ovg_pool_put(&up, i);
		oracle_put(&oracle, i);
	}
	pool = up;
	for (i = 0; i < b->n_types; i++)
		check_type(&b->types[i]);
}

static void start(void)
{
	static const u64 segments[] = { 32, 64, 128, 256, 512 };
	static const enum ovg_rules rules[] = { OVG_RULES_535, OVG_RULES_570, OVG_RULES_595 };
	static const unsigned branches[] = { 535, 570, 595 };
	u32 r = random_below(3), size = random_below(3);
	u64 segment = segments[random_below(ARRAY_SIZE(segments))] * MIB;
	u64 fb = size == 0 ? b->nominal : b->reported;
	struct ovg_pool_config cfg;
	struct oracle_gpu gpu;

	if (size == 1 && b->ecc_eats)
		fb = b->nominal / 16 * 15;
	/* docs/placement.md: coarser segments are too coarse for small boards */
	exact = !b->ecc_eats || segment <= 128 * MIB;
	cfg = board_config(b, rules[r], fb, segment);
	cfg.fb_base = random_below(3) * segment;
	if (!random_below(8)) {
		cfg.fb_base += random_below(1000) * 4096;
		exact = false;
	}
	if (!random_below(8))
		cfg.limit = 1 + random_below(32);
	if (!random_below(16)) {
		cfg.fb_total = cfg.fb_total / (1 + random_below(4)) + random_below(100) * 4096;
		exact = false;
	}
	cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
	gpu = (struct oracle_gpu){
		.chip = b->gen == OVG_GEN_BLACKWELL ? BLACKWELL :
			b->gen == OVG_GEN_ADA ? ADA_OR_HOPPER : TURING_OR_AMPERE,
		.branch = branches[r],
		.region = cfg.region,
		.limit = cfg.limit,
		.mig_limit = cfg.mig_limit,
		.slices = cfg.gi_slices,
		.channels = CHANNELS,
		.fb = cfg.fb_base,
		.fb_end = cfg.fb_base + cfg.fb_total,
		.segment = segment,
	};
	oracle_start(&oracle, &gpu);
	/* every third on a divided GPU, and of the others half with mixed sizes */
	if (!random_below(3))
		must((ovg_pool_set_mig(&pool, true) == 0) == oracle_set_mig(&oracle, true));
	else if (random_below(2))
		change_mode();
}

Test(placement_random, against_the_oracle)
{
	unsigned long count = from_env("PLACEMENT_SEQUENCES", 20000);
	u32 i;

	seed = from_env("PLACEMENT_SEED", 1) * UINT64_C(0x9e3779b97f4a7c15);
	for (sequence = 0; sequence < count; sequence++) {
		b = &boards[sequence % n_boards];
		start();
		for (i = 0; i < STEPS; i++) {
			step();
			if (!random_below(4))
				check_type(any_type());
		}
		if (!random_below(8))
			order_of_frees();
	}
}
