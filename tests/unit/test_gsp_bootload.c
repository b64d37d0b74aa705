// SPDX-License-Identifier: LGPL-2.1-or-later
/* BOOTLOAD parameters field by field, and RM status codes. */
#include <criterion/criterion.h>
#include <string.h>

#include "driver/gsp/bootload.h"
#include "driver/gsp/le.h"
#include "driver/gsp/status.h"

#define SEG	(64ull << 20)
#define HEAP	0x123456000ull

static const u32 engines[] = { 0x01, 0x09, 0x53, 0x54, 0xffffffff };

static const struct gsp_bootload good = {
	.dbdf = 0x00010420,
	.gfid = 29,
	.type = 560,
	.pid = 4711,
	.fb_addr = 5 * SEG,
	.fb_len = 59 * SEG,
	.heap_addr = HEAP,
	.heap_len = 0x2000000,
	.chid = 0x680,
	.channels = 128,
};

static u8 params[8192];

static const char *fill(const struct gsp_abi *abi, const struct gsp_bootload *b)
{
	memset(params, 0, sizeof(params));
	return gsp_bootload_fill(abi, b, SEG, engines, ARRAY_SIZE(engines), params);
}

/* Offsets from NVIDIA's header, the same on both branches. */
static void check(const struct gsp_abi *abi)
{
	u32 set = 0;

	cr_assert_null(fill(abi, &good));
	cr_expect_eq(le_get32(params, 0), 0x00010420u);
	cr_expect_eq(le_get32(params, 4), 29u);
	cr_expect_eq(le_get32(params, 8), 560u);
	cr_expect_eq(le_get32(params, 12), 4711u);
	cr_expect_eq(le_get32(params, 16), 0xffffffffu);
	cr_expect_eq(le_get32(params, 20), 128u);
	cr_expect_eq(le_get32(params, 24), 1u);
	for (size_t i = 0; i < 84; i++)
		set += le_get32(params, 28 + 4 * i) == 0x680;
	cr_expect_eq(set, 3u, "every engine of the board and no other");
	cr_expect_eq(le_get32(params, 28 + 4 * 0x53), 0x680u);
	cr_expect_eq(params[364], 0);
	cr_expect_eq(le_get32(params, 368), 1u);
	cr_expect_eq(le_get64(params, 376), 5 * SEG);
	cr_expect_eq(le_get64(params, 384), 0u);
	cr_expect_eq(le_get64(params, 3448), 59 * SEG);
	cr_expect_eq(le_get64(params, 6520), HEAP);
	cr_expect_eq(le_get64(params, 6528), 0x2000000u);
	cr_expect_eq(le_get64(params, 6536), 0u, "relative to the heap");
	cr_expect_eq(le_get64(params, 6544), HEAP + 0x204000, "absolute");
	cr_expect_eq(le_get64(params, 6552), 0x20000u);
	cr_expect_eq(le_get64(params, 6560), HEAP + 0x224000);
	cr_expect_eq(le_get64(params, 6568), 0x40000u);
	cr_expect_eq(le_get64(params, 6576), HEAP + 0x264000);
	cr_expect_eq(le_get64(params, 6584), 0x10000u);
	for (size_t i = 6592; i < sizeof(params); i++)
		cr_expect_eq(params[i], 0);
}

Test(gsp_bootload, r570) { check(&gsp_abi_r570); }
Test(gsp_bootload, r595) { check(&gsp_abi_r595); }

Test(gsp_bootload, refuses)
{
	struct gsp_bootload b;

#define BAD(field, value) do { \
		b = good; \
		b.field = (value); \
		cr_expect_not_null(fill(&gsp_abi_r570, &b), "%s", #field); \
	} while (0)
	BAD(gfid, 0);
	BAD(fb_len, 0);
	BAD(fb_len, SEG + 4096);
	BAD(fb_addr, SEG / 2);
	BAD(heap_addr, HEAP + 1);
	BAD(heap_len, 0x274000);
	BAD(channels, 0);
	b = good;
	b.heap_len = 0x274001;
	cr_expect_null(fill(&gsp_abi_r570, &b));
}

Test(gsp_status, errnos)
{
	cr_expect_eq(gsp_status_errno(0), 0);
	cr_expect_eq(gsp_status_errno(0x1a), -ENOSPC);
	cr_expect_eq(gsp_status_errno(0x1f), -EINVAL);
	cr_expect_eq(gsp_status_errno(0x56), -EOPNOTSUPP);
	cr_expect_eq(gsp_status_errno(0x63), -EBUSY);
	cr_expect_eq(gsp_status_errno(0xff100001), -EPROTO);
	cr_expect_eq(gsp_status_errno(0xff123456), -EPROTO);
	cr_expect_eq(gsp_status_errno(0xffffffff), -EPROTO);
	cr_expect_eq(gsp_status_errno(0x1234), -EIO, "unlisted is still an error");
	cr_expect_str_eq(gsp_status_name(0x1f), "INVALID_ARGUMENT");
	cr_expect_str_eq(gsp_status_name(0x1234), "unlisted status");
}
