// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Rules of placement one by one: what is refused and why, wishes, moves, quarantine, modes
 * and GPU instances. Places as such: test_placement_ids.c, everything at random:
 * test_placement_random.c.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "boards.h"

static struct ovg_pool pool;
static struct board *board;

TestSuite(placement, .init = boards_load, .timeout = 60);

static void start(const char *name, enum ovg_rules rules)
{
	board = board_named(name);
	board_pool(&pool, board, rules);
}

static void mixed(const char *name)
{
	start(name, OVG_RULES_595);
	cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
}

static void mig(const char *name, enum ovg_rules rules)
{
	start(name, rules);
	cr_assert_eq(ovg_pool_set_mig(&pool, true), 0);
}

static struct ovg_type *type(const char *name)
{
	return board_type(board, name);
}

static u32 gi(const char *name)
{
	u32 id;

	cr_assert_eq(board_make_gi(&pool, &type(name)->gi, &id), 0, "instance of %s", name);
	return id;
}

static enum ovg_fit fit_of(const char *name)
{
	return ovg_pool_fit(&pool, type(name), NULL, NULL);
}

static enum ovg_fit fit_at(const char *name, u32 id, u32 instance)
{
	struct ovg_wish wish = { (u16)id, instance };

	return ovg_pool_fit(&pool, type(name), &wish, NULL);
}

/* How many of @n were made. */
static u32 take(const char *name, u32 n)
{
	u32 i, index, taken = 0;

	for (i = 0; i < n; i++)
		taken += ovg_pool_take(&pool, type(name), NULL, &index) == OVG_FIT_OK;
	return taken;
}

/* Entry of the vGPU made there. */
static u32 take_at(const char *name, u32 id, u32 instance)
{
	struct ovg_wish wish = { (u16)id, instance };
	u32 index;

	cr_assert_eq(ovg_pool_take(&pool, type(name), &wish, &index), OVG_FIT_OK, "%s at %u", name,
		     id);
	cr_expect(id == OVG_PLACEMENT_NONE || pool.place[index].id == id);
	cr_expect(instance == OVG_GI_NONE || pool.place[index].gi == instance);
	return index;
}

Test(placement, equal_size_refuses_with_its_reason)
{
	start("A40", OVG_RULES_595);
	cr_expect_eq(take("A40-4Q", 12), 12u);
	cr_expect_eq(fit_of("A40-4Q"), OVG_FIT_INSTANCES);
	cr_expect_eq(fit_of("A40-8Q"), OVG_FIT_SIZE);
	cr_expect_eq(ovg_pool_available(&pool, type("A40-8Q")), 0u);
	cr_expect_eq(fit_at("A40-4Q", 0, OVG_GI_NONE), OVG_FIT_NO_IDS);

	start("RTXPRO6000-BSE", OVG_RULES_595);
	cr_expect_eq(fit_of("DC-1-2Q"), OVG_FIT_MIG);
	cr_expect_eq(ovg_pool_max(&pool, type("DC-1-2Q")), 0u);
	cr_expect_eq(take("DC-3Q", 48), 32u);

	/* fewer than the type would allow, because the firmware runs no more */
	start("L40S", OVG_RULES_595);
	pool.cfg.limit = 4;
	cr_expect_eq(ovg_pool_available(&pool, type("L40S-4Q")), 4u);
	cr_expect_eq(ovg_pool_max(&pool, type("L40S-4Q")), 4u);
	cr_expect_eq(take("L40S-4Q", 12), 4u);
	cr_expect_eq(fit_of("L40S-4Q"), OVG_FIT_LIMIT);

	/* a board whose framebuffer is far smaller than the types say */
	start("A40", OVG_RULES_595);
	pool.cfg.fb_total = 512 * MIB;
	cr_expect_eq(fit_of("A40-48Q"), OVG_FIT_BROKEN);
	cr_expect_eq(ovg_pool_guest_size(&pool, type("A40-48Q")), 0u);
	cr_expect_eq(ovg_pool_max(&pool, type("A40-48Q")), 0u);

	/* its number is not reached, and yet the framebuffer is full */
	start("A40", OVG_RULES_595);
	cr_expect_eq(take("A40-4Q", 1), 1u);
	pool.place[0].fb_size = pool.cfg.fb_total;
	cr_expect_eq(fit_of("A40-4Q"), OVG_FIT_SPACE);
}

Test(placement, broken_types_are_refused)
{
	struct ovg_type t;

	start("L40S", OVG_RULES_595);
	t = *type("L40S-4Q");
	t.max_instance = 0;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	t.max_instance = OVG_MAX_VGPUS + 1;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	t = *type("L40S-4Q");
	t.profile_bytes = 0;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	t.profile_bytes = UINT64_MAX;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	/* twice as many ids as there are */
	t = *type("L40S-4Q");
	t.max_instance = 24;
	cr_expect_eq(ovg_pool_available(&pool, &t), 12u);
	mixed("L40S");
	t.profile_bytes = 96 * OPENVGPU_GIB;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	mixed("RTXPRO6000-BSE");
	t = *type("DC-48Q");
	t.max_instance = 3;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	t = *type("DC-48Q");
	t.heap_bytes = 40 * OPENVGPU_GIB;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	/* does not spoil what the others have */
	board->types[0].profile_bytes = UINT64_MAX;
	cr_expect_eq(ovg_pool_region(board->types, board->n_types), 96u);
	cr_expect_eq(ovg_pool_heap_unit(board->types, board->n_types), 16 * MIB);
	/* more than the halves of halves hold */
	mixed("L40S");
	t = *type("L40S-1Q");
	t.max_instance = 48;
	cr_expect_eq(ovg_pool_fit(&pool, &t, NULL, NULL), OVG_FIT_BROKEN);
	t.max_instance = 0;
	cr_expect_eq(ovg_pool_available(&pool, &t), 0u);
	cr_expect_eq(ovg_pool_max(&pool, &t), 0u);
}

/* Without the number for all types each has its own: worse neighbours, none the less apart. */
Test(placement, heap_unit_may_be_missing)
{
	struct ovg_pool_config cfg;
	u32 i, j;

	mixed("A40");
	cfg = pool.cfg;
	cfg.heap_unit = 0;
	cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
	cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
	cr_expect_eq(ovg_pool_max(&pool, type("A40-4Q")), 8u);
	take("A40-24Q", 1);
	take("A40-8Q", 1);
	take("A40-1Q", 32);
	for (i = 0; i < OVG_MAX_VGPUS; i++)
		for (j = 0; j < i; j++) {
			const struct ovg_place *p = &pool.place[i], *q = &pool.place[j];

			if (p->used && q->used)
				cr_expect(p->fb_offset + p->fb_size <= q->fb_offset ||
					  q->fb_offset + q->fb_size <= p->fb_offset);
		}
}

Test(placement, series_of_one_size_mix)
{
	u32 i, checked = 0;

	start("L40S", OVG_RULES_595);
	cr_expect_eq(take("L40S-4Q", 6), 6u);
	for (i = 0; i < board->n_types; i++)
		if (board->types[i].profile_bytes == 4 * OPENVGPU_GIB) {
			cr_expect_eq(ovg_pool_available(&pool, &board->types[i]), 6u);
			checked++;
		}
	cr_expect_gt(checked, 1);
}

Test(placement, mixed_sizes_share_a_gpu)
{
	mixed("A40");
	cr_expect_eq(take("A40-24Q", 1), 1u);
	cr_expect_eq(take("A40-12Q", 1), 1u);
	cr_expect_eq(take("A40-6Q", 1), 1u);
	cr_expect_eq(take("A40-4Q", 1), 1u);
	cr_expect_eq(take("A40-2Q", 1), 1u);
	cr_expect_eq(pool.place[0].id, 0);
	cr_expect_eq(pool.place[1].id, 24);
	cr_expect_eq(pool.place[2].id, 36);
	cr_expect_eq(pool.place[3].id, 44);
	cr_expect_eq(pool.place[4].id, 42);
	cr_expect_eq(fit_of("A40-2Q"), OVG_FIT_SPACE);
	cr_expect_eq(fit_of("A40-24Q"), OVG_FIT_SPACE);
	cr_expect_eq(ovg_pool_largest_free(&pool, board->types, board->n_types), 0u);
	ovg_pool_put(&pool, 1);
	cr_expect_eq(ovg_pool_largest_free(&pool, board->types, board->n_types),
		     12 * OPENVGPU_GIB);

	/* eight and no more, as there are eight ids */
	mixed("A40");
	cr_expect_eq(take("A40-4Q", 12), 8u);
	cr_expect_eq(fit_of("A40-4Q"), OVG_FIT_INSTANCES);
	cr_expect_eq(fit_of("A40-4C"), OVG_FIT_INSTANCES);
	/* and between them there is room for smaller ones */
	cr_expect_eq(ovg_pool_available(&pool, type("A40-2Q")), 8u);

	mixed("A40");
	cr_expect_eq(ovg_pool_available(&pool, type("A40-1Q")), 30u);
	pool.cfg.limit = 1;
	cr_expect_eq(take("A40-1Q", 2), 1u);
	cr_expect_eq(fit_of("A40-2Q"), OVG_FIT_LIMIT);
}

Test(placement, mode_changes_on_an_empty_gpu_only)
{
	start("L40S", OVG_RULES_595);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_EQUAL), 0);
	cr_expect_eq(ovg_pool_set_mode(&pool, (enum ovg_mode)7), -EINVAL);
	cr_expect_eq(take("L40S-4Q", 1), 1u);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), -EBUSY);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_EQUAL), 0, "no change is no problem");
	ovg_pool_quarantine(&pool, 0);
	cr_expect_not(ovg_pool_empty(&pool));
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), -EBUSY);
	ovg_pool_put(&pool, 0);
	cr_expect(ovg_pool_empty(&pool));
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
	cr_expect_eq(pool.mode, OVG_MODE_MIXED);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_EQUAL), 0);

	start("L40S", OVG_RULES_535);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), -EOPNOTSUPP);
	start("RTXPRO6000-BSE", OVG_RULES_570);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), -EOPNOTSUPP);
	mig("H100-PCIe-80", OVG_RULES_595);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), -EINVAL);
	cr_expect_eq(ovg_pool_set_mode(&pool, OVG_MODE_EQUAL), 0);
}

Test(placement, mig_changes_on_an_empty_gpu_only)
{
	u32 id;

	start("L40S", OVG_RULES_595);
	cr_expect_eq(ovg_pool_set_mig(&pool, true), -EOPNOTSUPP);
	cr_expect_eq(ovg_pool_set_mig(&pool, false), 0);
	start("A30", OVG_RULES_595);
	cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_MIXED), 0);
	cr_expect_eq(ovg_pool_set_mig(&pool, true), -EINVAL);
	cr_assert_eq(ovg_pool_set_mode(&pool, OVG_MODE_EQUAL), 0);
	cr_expect_eq(take("A30-4C", 1), 1u);
	cr_expect_eq(ovg_pool_set_mig(&pool, true), -EBUSY);
	ovg_pool_put(&pool, 0);
	cr_expect_eq(ovg_pool_set_mig(&pool, true), 0);
	cr_expect_eq(ovg_pool_set_mig(&pool, true), 0);
	cr_expect_eq(fit_of("A30-4C"), OVG_FIT_NO_MIG);
	cr_expect_eq(fit_of("A30-1-6C"), OVG_FIT_NO_GI);
	id = gi("A30-1-6C");
	cr_expect_eq(ovg_pool_set_mig(&pool, false), -EBUSY);
	cr_expect_eq(ovg_pool_gi_del(&pool, id), 0);
	cr_expect_eq(ovg_pool_set_mig(&pool, false), 0);
}

Test(placement, wishes_in_equal_size_mode)
{
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 index;

	start("L40S", OVG_RULES_595);
	cr_expect_eq(fit_at("L40S-4Q", 6, OVG_GI_NONE), OVG_FIT_NO_ID);
	cr_expect_eq(fit_at("L40S-4Q", 48, OVG_GI_NONE), OVG_FIT_NO_ID);
	cr_expect_eq(fit_at("L40S-4Q", OVG_PLACEMENT_NONE, 3), OVG_FIT_GI);
	index = take_at("L40S-4Q", 20, OVG_GI_NONE);
	cr_expect_eq(fit_at("L40S-4Q", 20, OVG_GI_NONE), OVG_FIT_ID_TAKEN);
	cr_expect_eq(fit_at("L40S-6Q", 24, OVG_GI_NONE), OVG_FIT_SIZE);
	cr_expect_eq(fit_at("L40S-6Q", 25, OVG_GI_NONE), OVG_FIT_NO_ID);
	cr_expect_eq(ovg_pool_ids(&pool, type("L40S-4Q"), OVG_GI_NONE, false, ids), 12u);
	cr_expect_eq(ovg_pool_ids(&pool, type("L40S-4Q"), OVG_GI_NONE, true, ids), 11u);
	cr_expect_eq(ids[4], 16);
	cr_expect_eq(ids[5], 24);
	cr_expect_eq(ovg_pool_ids(&pool, type("L40S-6Q"), OVG_GI_NONE, true, ids), 0u);
	cr_expect_eq(ovg_pool_ids(&pool, type("L40S-4Q"), 3, true, ids), 0u);
	/* the others go around it */
	cr_expect_eq(take("L40S-4Q", 12), 11u);
	ovg_pool_quarantine(&pool, index);
	cr_expect_eq(fit_at("L40S-4Q", 20, OVG_GI_NONE), OVG_FIT_INSTANCES);

	start("L40S", OVG_RULES_535);
	cr_expect_eq(fit_at("L40S-4Q", 4, OVG_GI_NONE), OVG_FIT_NO_IDS);
	start("A40", OVG_RULES_595);
	cr_expect_eq(fit_at("A40-4Q", 4, OVG_GI_NONE), OVG_FIT_NO_IDS);
	mixed("A40");
	cr_expect_eq(fit_at("A40-4Q", 4, OVG_GI_NONE), OVG_FIT_NO_ID);
	cr_expect_eq(fit_at("A40-4Q", 8, OVG_GI_NONE), OVG_FIT_OK);
	cr_expect_eq(fit_at("A40-1Q", 8, OVG_GI_NONE), OVG_FIT_NO_ID, "one of those denied");
	take_at("A40-8Q", 16, OVG_GI_NONE);
	cr_expect_eq(fit_at("A40-4Q", 20, OVG_GI_NONE), OVG_FIT_ID_TAKEN);
}

Test(placement, moves_keep_what_they_had_on_failure)
{
	struct ovg_wish wish = { 8, OVG_GI_NONE };
	struct ovg_pool before;
	u32 a, b;

	start("L40S", OVG_RULES_595);
	a = take_at("L40S-4Q", 0, OVG_GI_NONE);
	b = take_at("L40S-4Q", 4, OVG_GI_NONE);
	cr_expect_eq(ovg_pool_move(&pool, a, type("L40S-4Q"), &wish), OVG_FIT_OK);
	cr_expect_eq(pool.place[a].id, 8);
	cr_expect_eq(ovg_pool_move(&pool, a, type("L40S-4Q"), &wish), OVG_FIT_OK, "to itself");
	before = pool;
	wish.id = 4;
	cr_expect_eq(ovg_pool_move(&pool, a, type("L40S-4Q"), &wish), OVG_FIT_ID_TAKEN);
	wish.id = 5;
	cr_expect_eq(ovg_pool_move(&pool, a, type("L40S-4Q"), &wish), OVG_FIT_NO_ID);
	cr_expect_eq(ovg_pool_move(&pool, OVG_MAX_VGPUS, type("L40S-4Q"), &wish), OVG_FIT_BROKEN);
	cr_expect_eq(ovg_pool_move(&pool, 9, type("L40S-4Q"), &wish), OVG_FIT_BROKEN);
	cr_expect_eq(memcmp(&pool, &before, sizeof(pool)), 0);
	cr_expect_eq(ovg_pool_move(&pool, a, type("L40S-4Q"), NULL), OVG_FIT_OK, "to the first");
	cr_expect_eq(pool.place[a].id, 0);
	/* on a full GPU too: its own place counts as free */
	cr_expect_eq(take("L40S-4Q", 12), 10u);
	cr_expect_eq(ovg_pool_move(&pool, b, type("L40S-4Q"), NULL), OVG_FIT_OK);
	cr_expect_eq(pool.place[b].id, 4);
	ovg_pool_quarantine(&pool, b);
	cr_expect_eq(ovg_pool_move(&pool, b, type("L40S-4Q"), NULL), OVG_FIT_BROKEN);
	cr_expect(pool.place[b].quarantined);

	mig("RTXPRO6000-BSE", OVG_RULES_595);
	gi("DC-1-2Q");
	gi("DC-1-2Q");
	a = take_at("DC-1-8Q", 8, 3);
	wish = (struct ovg_wish){ OVG_PLACEMENT_NONE, 4 };
	cr_expect_eq(ovg_pool_move(&pool, a, type("DC-1-8Q"), &wish), OVG_FIT_OK);
	cr_expect_eq(pool.place[a].gi, 4u);
	cr_expect_eq(pool.place[a].id, 0);
	cr_expect_eq(ovg_pool_gi_vgpus(&pool, 3), 0u);
}

Test(placement, quarantine_stays_out_of_use)
{
	u64 used;

	start("A40", OVG_RULES_595);
	cr_expect_eq(take("A40-4Q", 12), 12u);
	used = ovg_pool_fb_used(&pool);
	cr_expect_eq(used, 12 * (ovg_pool_guest_size(&pool, type("A40-4Q")) +
				 type("A40-4Q")->heap_bytes));
	ovg_pool_quarantine(&pool, 3);
	cr_expect_eq(ovg_pool_fb_used(&pool), used);
	ovg_pool_put(&pool, 4);
	cr_expect_eq(ovg_pool_fb_used(&pool), used / 12 * 11);
	cr_expect_eq(fit_of("A40-4Q"), OVG_FIT_OK);
	cr_expect_eq(take("A40-4Q", 12), 1u);
	ovg_pool_put(&pool, 3);
	cr_expect_eq(take("A40-4Q", 12), 1u);
	ovg_pool_quarantine(&pool, OVG_MAX_VGPUS);
	ovg_pool_quarantine(&pool, 40);
	cr_expect_not(pool.place[40].used);
	ovg_pool_put(&pool, OVG_MAX_VGPUS);
}

Test(placement, a_gap_is_used_again)
{
	struct ovg_place gone;
	u32 index;

	start("L40S", OVG_RULES_595);
	cr_expect_eq(take("L40S-6Q", 8), 8u);
	gone = pool.place[5];
	ovg_pool_put(&pool, 5);
	cr_expect_eq(ovg_pool_take(&pool, type("L40S-6Q"), NULL, &index), OVG_FIT_OK);
	cr_expect_eq(memcmp(&pool.place[index], &gone, sizeof(gone)), 0);
}

Test(placement, profiles_of_gpu_instances)
{
	const struct ovg_gi_profile no[] = {
		{ 0, 1, 0 }, { 5, 4, 0 }, { 1, 4, 0 }, { 7, 4, 0 }, { 1, 1, 4 }, { 4, 8, 0 },
	};
	const struct ovg_gi_profile one = { 1, 1, 0 }, media = { 1, 1, OVG_GI_MEDIA };
	const struct ovg_gi_profile two = { 2, 2, 0 }, three = { 3, 4, 0 }, four = { 4, 4, 0 };
	const struct ovg_gi_profile wide = { 1, 2, 0 }, seven = { 7, 8, 0 };
	u8 starts[OVG_MAX_GIS];
	u32 i, id, start_at;

	start("A100-PCIe-40", OVG_RULES_570);
	cr_expect_eq(ovg_pool_gi_fit(&pool, &one, &start_at), -EINVAL, "MIG is off");
	cr_expect_eq(ovg_pool_gi_available(&pool, &one), 0u);
	mig("A100-PCIe-40", OVG_RULES_570);
	for (i = 0; i < ARRAY_SIZE(no); i++) {
		cr_expect_eq(ovg_pool_gi_fit(&pool, &no[i], &start_at), -EINVAL, "%u", i);
		cr_expect_eq(ovg_pool_gi_available(&pool, &no[i]), 0u, "%u", i);
	}
	cr_expect_eq(ovg_pool_gi_starts(&pool, &one, starts), 7u);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &wide, starts), 4u);
	cr_expect_eq(starts[3], 6);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &two, starts), 3u);
	cr_expect_eq(starts[2], 4);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &three, starts), 2u);
	cr_expect_eq(starts[1], 4);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &four, starts), 1u);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &seven, starts), 1u);
	cr_expect_eq(ovg_pool_gi_available(&pool, &one), 7u);
	cr_expect_eq(ovg_pool_gi_available(&pool, &media), 1u);
	cr_expect_eq(ovg_pool_gi_available(&pool, &three), 2u);

	cr_expect_eq(board_make_gi(&pool, &four, &id), 0);
	cr_expect_eq(id, 1u);
	cr_expect_eq(ovg_pool_gi_available(&pool, &one), 3u);
	cr_expect_eq(ovg_pool_gi_fit(&pool, &seven, &start_at), -ENOSPC);
	cr_expect_eq(board_make_gi(&pool, &media, &id), 0);
	cr_expect_eq(ovg_pool_gi(&pool, id)->start, 4u);
	cr_expect_eq(ovg_pool_gi_fit(&pool, &media, &start_at), -ENOSPC, "one has the engines");
	cr_expect_eq(board_make_gi(&pool, &one, &id), 0);
	cr_expect_eq(board_make_gi(&pool, &one, &id), 0);
	cr_expect_eq(id, 13u);
	cr_expect_eq(ovg_pool_gi_fit(&pool, &one, &start_at), -ENOSPC, "all slices");
	cr_expect_eq(ovg_pool_gi_del(&pool, 6), -ENOENT);
	cr_expect_null(ovg_pool_gi(&pool, 6));
	cr_expect_eq(ovg_pool_gi_del(&pool, 1), 0);
	cr_expect_eq(ovg_pool_gi_available(&pool, &three), 1u);

	/* two 3g leave a slice, but no memory for it */
	mig("A100-PCIe-40", OVG_RULES_570);
	cr_expect_eq(board_make_gi(&pool, &three, &id), 0);
	cr_expect_eq(board_make_gi(&pool, &three, &id), 0);
	cr_expect_eq(id, 2u);
	cr_expect_eq(ovg_pool_gi_fit(&pool, &one, &start_at), -ENOSPC);

	mig("A30", OVG_RULES_595);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &(struct ovg_gi_profile){ 2, 4, 0 }, starts), 2u);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &(struct ovg_gi_profile){ 4, 8, 0 }, starts), 1u);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &wide, starts), 4u);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &one, starts), 0u);
	cr_expect_eq(ovg_pool_gi_starts(&pool, &seven, starts), 0u);
	cr_expect(ovg_gi_profile_equal(&one, &one));
	cr_expect_not(ovg_gi_profile_equal(&one, &media));
	cr_expect_not(ovg_gi_profile_equal(&one, &wide));
	cr_expect_not(ovg_gi_profile_equal(&three, &four));
}

Test(placement, impossible_gpu_instances_are_refused)
{
	const struct ovg_gi good = {
		.id = 7,
		.profile = { 1, 1, 0 },
		.fb_size = 4096 * MIB,
	};
	struct ovg_gi bad;

	start("A100-PCIe-40", OVG_RULES_595);
	cr_expect_eq(ovg_pool_gi_add(&pool, &good), -EINVAL, "MIG is off");
	mig("A100-PCIe-40", OVG_RULES_595);
	bad = good;
	bad.id = OVG_MAX_GI_ID;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -EINVAL);
	bad = good;
	bad.start = 7;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -EINVAL);
	bad = good;
	bad.fb_size = 0;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -EINVAL);
	bad = good;
	bad.fb_base = UINT64_MAX - MIB;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -EINVAL);
	bad = good;
	bad.profile.slices = 6;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -EINVAL);
	cr_expect_eq(ovg_pool_gi_add(&pool, &good), 0);
	bad = good;
	bad.start = 1;
	bad.fb_base = good.fb_size;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -EEXIST);
	bad.id = 8;
	bad.fb_base--;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -ENOSPC, "memory of the first");
	bad.fb_base++;
	bad.start = 0;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), -ENOSPC, "eighth of the first");
	bad.start = 1;
	cr_expect_eq(ovg_pool_gi_add(&pool, &bad), 0);
}

/* Before Blackwell a vGPU has its GPU instance for itself, all of it. */
Test(placement, one_vgpu_in_a_gpu_instance)
{
	u16 ids[OVG_MAX_PLACEMENTS];
	const struct ovg_gi *g;
	struct ovg_place *p;
	u32 first, second, other, index;

	mig("A100-PCIe-40", OVG_RULES_595);
	first = gi("A100-1-5C");
	second = gi("A100-1-5C");
	other = gi("A100-3-20C");
	cr_expect_eq(first, 7u);
	cr_expect_eq(second, 8u);
	cr_expect_eq(fit_at("A100-1-5C", OVG_PLACEMENT_NONE, other), OVG_FIT_GI);
	cr_expect_eq(fit_at("A100-1-5C", OVG_PLACEMENT_NONE, 9), OVG_FIT_GI);
	cr_expect_eq(fit_of("A100-2-10C"), OVG_FIT_NO_GI);
	cr_expect_eq(fit_of("A100-1-5CME"), OVG_FIT_NO_GI, "another profile");
	cr_expect_eq(fit_at("A100-1-5C", 0, OVG_GI_NONE), OVG_FIT_NO_IDS);
	cr_expect_eq(ovg_pool_available(&pool, type("A100-1-5C")), 2u);
	cr_expect_eq(ovg_pool_ids(&pool, type("A100-1-5C"), first, false, ids), 0u);

	index = take_at("A100-1-5C", OVG_PLACEMENT_NONE, second);
	p = &pool.place[index];
	g = ovg_pool_gi(&pool, second);
	cr_expect_eq(p->id, OVG_PLACEMENT_NONE);
	cr_expect_eq(p->fb_offset, g->fb_base);
	cr_expect_eq(p->fb_size, ovg_pool_guest_size(&pool, type("A100-1-5C")));
	cr_expect_leq(p->heap_offset + p->heap_size, g->fb_base + g->fb_size);
	cr_expect_eq(p->chid_offset, 0u);
	cr_expect_eq(p->chid_count, CHANNELS);
	cr_expect_eq(fit_at("A100-1-5C", OVG_PLACEMENT_NONE, second), OVG_FIT_INSTANCES);
	cr_expect_eq(ovg_pool_gi_vgpus(&pool, second), 1u);
	cr_expect_eq(ovg_pool_gi_del(&pool, second), -EBUSY);
	ovg_pool_quarantine(&pool, index);
	cr_expect_eq(ovg_pool_gi_del(&pool, second), -EBUSY);
	cr_expect_eq(take("A100-1-5C", 3), 1u);
	cr_expect_eq(fit_of("A100-1-5C"), OVG_FIT_INSTANCES);
	/* the same channels and its own memory */
	cr_expect_eq(take("A100-3-20C", 1), 1u);
	ovg_pool_put(&pool, index);
	cr_expect_eq(ovg_pool_gi_del(&pool, second), 0);

	/* a branch may run fewer than there are instances */
	mig("A100-PCIe-40", OVG_RULES_535);
	pool.cfg.mig_limit = 1;
	gi("A100-1-5C");
	gi("A100-1-5C");
	cr_expect_eq(ovg_pool_available(&pool, type("A100-1-5C")), 1u);
	cr_expect_eq(ovg_pool_max(&pool, type("A100-1-5C")), 1u);
	cr_expect_eq(take("A100-1-5C", 2), 1u);
	cr_expect_eq(fit_of("A100-1-5C"), OVG_FIT_LIMIT);

	/* an instance whose memory the firmware keeps */
	mig("A100-PCIe-40", OVG_RULES_595);
	first = gi("A100-1-5C");
	pool.gi[0].fb_size = 64 * MIB;
	cr_expect_eq(fit_of("A100-1-5C"), OVG_FIT_BROKEN);
	gi("A100-1-5C");
	cr_expect_eq(take("A100-1-5C", 1), 1u);
	cr_expect_eq(fit_of("A100-1-5C"), OVG_FIT_INSTANCES, "the good one is full");
}

/* Blackwell divides time in a GPU instance too, one size in each. */
Test(placement, many_vgpus_in_a_gpu_instance)
{
	u16 ids[OVG_MAX_PLACEMENTS];
	u32 first, second, a;

	mig("RTXPRO6000-BSE", OVG_RULES_595);
	first = gi("DC-1-2Q");
	second = gi("DC-1-2Q");
	cr_expect_eq(first, 3u);
	cr_expect_eq(second, 4u);
	cr_expect_eq(ovg_pool_available(&pool, type("DC-1-8Q")), 6u);
	a = take_at("DC-1-8Q", 8, second);
	cr_expect_eq(fit_at("DC-1-8Q", 8, second), OVG_FIT_ID_TAKEN);
	cr_expect_eq(fit_at("DC-1-8Q", 8, OVG_GI_NONE), OVG_FIT_OK, "in the other instance");
	cr_expect_eq(fit_at("DC-1-8Q", 9, second), OVG_FIT_NO_ID);
	cr_expect_eq(fit_at("DC-1-4Q", OVG_PLACEMENT_NONE, second), OVG_FIT_SIZE);
	cr_expect_eq(ovg_pool_ids(&pool, type("DC-1-8Q"), second, true, ids), 2u);
	cr_expect_eq(ids[1], 16);
	cr_expect_eq(ovg_pool_ids(&pool, type("DC-1-8Q"), first, true, ids), 3u);
	cr_expect_eq(ovg_pool_ids(&pool, type("DC-1-8Q"), OVG_GI_NONE, true, ids), 3u);
	cr_expect_eq(ovg_pool_ids(&pool, type("DC-1-8Q"), 9, false, ids), 0u);
	/* another size goes to the other instance, and then nowhere else */
	cr_expect_eq(take("DC-1-2Q", 20), 12u);
	cr_expect_eq(fit_of("DC-1-2Q"), OVG_FIT_INSTANCES);
	cr_expect_eq(fit_of("DC-1-4Q"), OVG_FIT_SIZE);
	cr_expect_eq(ovg_pool_gi_vgpus(&pool, first), 12u);
	cr_expect_eq(fit_of("DC-2-12Q"), OVG_FIT_NO_GI);
	ovg_pool_put(&pool, a);
	cr_expect_eq(fit_of("DC-1-4Q"), OVG_FIT_OK, "the size of an empty instance is open");

	/* four instances of twelve: the 48 that the branch runs */
	mig("RTXPRO6000-BSE", OVG_RULES_595);
	while (ovg_pool_gi_available(&pool, &type("DC-1-2Q")->gi))
		gi("DC-1-2Q");
	cr_expect_eq(ovg_pool_max(&pool, type("DC-1-2Q")), 48u);
	cr_expect_eq(take("DC-1-2Q", 60), 48u);
	cr_expect_eq(pool.place[11].gi, 3u);
	cr_expect_eq(pool.place[12].gi, 4u, "one after the other");
	cr_expect_eq(fit_of("DC-1-2Q"), OVG_FIT_INSTANCES);
	ovg_pool_put(&pool, 40);
	pool.cfg.mig_limit = 47;
	cr_expect_eq(fit_of("DC-1-2Q"), OVG_FIT_LIMIT);
}

Test(placement, impossible_gpus_are_refused)
{
	struct ovg_pool_config cfg = { .segment = 64 * MIB, .fb_total = 1024 * MIB };

	cr_expect_eq(ovg_pool_init(&pool, &cfg), 0);
	cfg.segment = 63 * MIB;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0);
	cfg.segment = 0;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0);
	cfg.segment = 64 * MIB;
	cfg.fb_base = UINT64_MAX - MIB;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0);
	cfg.fb_base = 1;
	cfg.fb_total = MIB;
	cr_expect_lt(ovg_pool_init(&pool, &cfg), 0, "smaller than one segment");
}

/* A base between two segments: the first whole one counts. */
Test(placement, base_is_rounded_up)
{
	struct ovg_pool_config cfg;

	start("A40", OVG_RULES_595);
	cfg = pool.cfg;
	cfg.fb_base = 100 * MIB;
	cr_assert_eq(ovg_pool_init(&pool, &cfg), 0);
	cr_expect_eq(take("A40-4Q", 12), 12u);
	cr_expect_eq(pool.place[0].fb_offset, 128 * MIB);
}

/* By docs/placement.md, so that a change is meant. */
Test(placement, numbers_of_a_board_and_a_guest)
{
	start("A40", OVG_RULES_570);
	cr_expect_eq(pool.cfg.region, 48u);
	cr_expect_eq(pool.cfg.heap_unit, 32 * MIB);
	/* of 46080 MiB / 12: 320 MiB reservation and 32 heap, in segments of 64 */
	cr_expect_eq(ovg_pool_guest_size(&pool, type("A40-4Q")), 3456 * MIB);
	start("L40S", OVG_RULES_570);
	cr_expect_eq(ovg_pool_guest_size(&pool, type("L40S-2Q")), 1792 * MIB);
	/* what the type says, whatever the board has */
	start("RTXPRO6000-BSE", OVG_RULES_595);
	cr_expect_eq(pool.cfg.region, 96u);
	cr_expect_eq(pool.cfg.heap_unit, 16 * MIB);
	cr_expect_eq(ovg_pool_guest_size(&pool, type("DC-4Q")), 3584 * MIB);
	pool.cfg.fb_total /= 2;
	cr_expect_eq(ovg_pool_guest_size(&pool, type("DC-4Q")), 3584 * MIB);
	/* without an instance: of an eighth of 40536 MiB, in segments of 64 */
	start("A100-PCIe-40", OVG_RULES_595);
	cr_expect_eq(ovg_pool_guest_size(&pool, type("A100-1-5C")), 4672 * MIB);
}
