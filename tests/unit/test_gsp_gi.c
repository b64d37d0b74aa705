// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * MIG GPU instances as the firmware numbers them. Flags are those of NVIDIA's list of
 * MIG-backed types (g_vgpu_resman_specific.h), written out here as numbers.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "driver/gsp/gi.h"

#define PLACED	0x80000000u

/* Every profile at every place: what is not in here there is not. */
static const struct {
	u32 board;
	struct ovg_gi_profile profile;
	u32 start;
	struct gsp_gi_wish wish;
} good[] = {
	/* A100, H100, H200; spans in eighths */
	{ 7, { 7, 8, 0 }, 0, { 0, PLACED | 0x00, 0, 7 } },
	{ 7, { 4, 4, 0 }, 0, { 1, PLACED | 0x05, 0, 3 } },
	{ 7, { 4, 4, 0 }, 4, { 2, PLACED | 0x05, 4, 7 } },
	{ 7, { 3, 4, 0 }, 0, { 1, PLACED | 0x09, 0, 3 } },
	{ 7, { 3, 4, 0 }, 4, { 2, PLACED | 0x09, 4, 7 } },
	{ 7, { 2, 2, 0 }, 0, { 3, PLACED | 0x0e, 0, 1 } },
	{ 7, { 2, 2, 0 }, 2, { 4, PLACED | 0x0e, 2, 3 } },
	{ 7, { 2, 2, 0 }, 4, { 5, PLACED | 0x0e, 4, 5 } },
	{ 7, { 2, 2, 0 }, 6, { 6, PLACED | 0x0e, 6, 7 } },
	{ 7, { 1, 2, 0 }, 0, { 3, PLACED | 0x12, 0, 1 } },
	{ 7, { 1, 2, 0 }, 6, { 6, PLACED | 0x12, 6, 7 } },
	{ 7, { 1, 1, 0 }, 0, { 7, PLACED | 0x17, 0, 0 } },
	{ 7, { 1, 1, 0 }, 6, { 13, PLACED | 0x17, 6, 6 } },
	{ 7, { 1, 1, 0 }, 7, { 14, PLACED | 0x17, 7, 7 } },
	{ 7, { 1, 1, OVG_GI_MEDIA }, 3, { 10, PLACED | 0x40000017, 3, 3 } },
	/* A30 */
	{ 4, { 4, 8, 0 }, 0, { 0, PLACED | 0x00, 0, 3 } },
	{ 4, { 2, 4, 0 }, 0, { 1, PLACED | 0x05, 0, 1 } },
	{ 4, { 2, 4, OVG_GI_MEDIA }, 4, { 2, PLACED | 0x40000005, 2, 3 } },
	{ 4, { 1, 2, 0 }, 4, { 5, PLACED | 0x0e, 2, 2 } },
	{ 4, { 1, 2, OVG_GI_MEDIA }, 6, { 6, PLACED | 0x4000000e, 3, 3 } },
	/* RTX PRO 6000 */
	{ 4, { 4, 8, OVG_GI_GFX }, 0, { 0, PLACED | 0x20, 0, 3 } },
	{ 4, { 2, 4, OVG_GI_GFX }, 4, { 2, PLACED | 0x45, 2, 3 } },
	{ 4, { 1, 2, OVG_GI_GFX }, 2, { 4, PLACED | 0x8e, 1, 1 } },
};

Test(gsp_gi, what_is_asked_for)
{
	struct gsp_gi_wish w;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		cr_assert(gsp_gi_wish(&good[i].profile, good[i].board, good[i].start, &w),
			  "case %zu", i);
		cr_expect_eq(w.id, good[i].wish.id, "case %zu: id %u", i, w.id);
		cr_expect_eq(w.flags, good[i].wish.flags, "case %zu: flags %x", i, w.flags);
		cr_expect_eq(w.lo, good[i].wish.lo, "case %zu", i);
		cr_expect_eq(w.hi, good[i].wish.hi, "case %zu", i);
	}
}

Test(gsp_gi, what_there_is_not)
{
	static const struct {
		u32 board;
		struct ovg_gi_profile profile;
		u32 start;
	} bad[] = {
		{ 0, { 1, 1, 0 }, 0 }, { 7, { 0, 0, 0 }, 0 }, { 7, { 1, 0, 0 }, 0 },
		{ 7, { 5, 8, 0 }, 0 }, { 7, { 7, 4, 0 }, 0 }, { 7, { 4, 8, 0 }, 0 },
		{ 4, { 7, 8, 0 }, 0 }, { 4, { 1, 1, 0 }, 0 }, { 4, { 2, 2, 0 }, 0 },
		{ 4, { 3, 4, 0 }, 0 },
		/* places */
		{ 7, { 7, 8, 0 }, 1 }, { 7, { 4, 4, 0 }, 2 }, { 7, { 2, 2, 0 }, 1 },
		{ 7, { 2, 2, 0 }, 8 }, { 7, { 1, 1, 0 }, 8 }, { 7, { 1, 1, 0 }, 0xffffffff },
		/* extras */
		{ 7, { 1, 1, 4 }, 0 }, { 7, { 1, 2, OVG_GI_GFX }, 0 },
	};
	struct gsp_gi_wish w;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_not(gsp_gi_wish(&bad[i].profile, bad[i].board, bad[i].start, &w),
			      "case %zu", i);
}

#define MIB	(1ull << 20)
#define SEG	(64 * MIB)

/* An A100 with 40536 MiB: 633 segments and a bit, worked out by hand. */
Test(gsp_gi, memory_of_an_a100)
{
	static const struct { u32 id, first, count; } want[] = {
		{ 0, 0, 633 }, { 1, 0, 316 }, { 2, 317, 316 }, { 3, 0, 157 }, { 4, 159, 157 },
		{ 5, 317, 157 }, { 6, 476, 157 }, { 7, 0, 78 }, { 8, 80, 78 }, { 10, 238, 78 },
		{ 14, 555, 78 },
	};
	u64 base, size;

	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		cr_assert(gsp_gi_ampere_memory(want[i].id, 0, 40536 * MIB, SEG, &base, &size));
		cr_expect_eq(base, want[i].first * SEG, "%u is at segment %u", want[i].id,
			     (u32)(base / SEG));
		cr_expect_eq(size, want[i].count * SEG, "%u has %u segments", want[i].id,
			     (u32)(size / SEG));
	}
	/* the first segment is lost if it is not whole, and one more if it is */
	cr_assert(gsp_gi_ampere_memory(0, MIB, 1024 * MIB, SEG, &base, &size));
	cr_expect_eq(base, SEG);
	cr_expect_eq(size, 15 * SEG);
	cr_assert(gsp_gi_ampere_memory(0, SEG, 1024 * MIB, SEG, &base, &size));
	cr_expect_eq(base, 2 * SEG);
	cr_expect_eq(size, 14 * SEG);
	cr_expect_not(gsp_gi_ampere_memory(15, 0, 40536 * MIB, SEG, &base, &size));
	cr_expect_not(gsp_gi_ampere_memory(7, 0, 15 * SEG, SEG, &base, &size), "too little");
	cr_expect_not(gsp_gi_ampere_memory(0, 0, 0, SEG, &base, &size));
	cr_expect_not(gsp_gi_ampere_memory(0, 0, SEG - 1, SEG, &base, &size));
}

static u64 some(u64 below)
{
	return ((u64)random() << 31 ^ (u64)random()) % below;
}

/* Instances whose eighths are apart have their memory apart, inside of what there is. */
Test(gsp_gi, memory_never_overlaps)
{
	static const u32 start[15] = { 0, 0, 4, 0, 2, 4, 6, 0, 1, 2, 3, 4, 5, 6, 7 };
	static const u32 len[15] = { 8, 4, 4, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1 };
	u64 base[15], size[15];
	u32 a, b;
	int i;

	srandom(1);
	for (i = 0; i < 20000; i++) {
		u64 seg = 32 * MIB << some(5);
		u64 lo = some(4) ? 0 : some(8 * seg), total = 40 * seg + some(200 * seg);

		for (a = 0; a < 15; a++) {
			cr_assert(gsp_gi_ampere_memory(a, lo, total, seg, &base[a], &size[a]));
			cr_assert(size[a] && base[a] % seg == 0 && size[a] % seg == 0);
			cr_assert(base[a] >= lo && base[a] + size[a] <= lo + total,
				  "%u: beyond the end", a);
		}
		for (a = 0; a < 15; a++)
			for (b = 0; b < a; b++)
				if (start[a] + len[a] <= start[b] || start[b] + len[b] <= start[a])
					cr_assert(base[a] + size[a] <= base[b] ||
						  base[b] + size[b] <= base[a],
						  "%u and %u of %#llx at %#llx by %#llx", a, b,
						  (unsigned long long)total,
						  (unsigned long long)lo, (unsigned long long)seg);
	}
}
