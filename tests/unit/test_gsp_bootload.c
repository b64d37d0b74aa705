// SPDX-License-Identifier: LGPL-2.1-or-later
/* BOOTLOAD and the plugin's configuration field by field, and RM status codes. */
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
	.swizz = 0xffffffff,
};

static u8 params[8192];

static const char *fill(const struct gsp_abi *abi, const struct gsp_bootload *b)
{
	memset(params, 0, sizeof(params));
	return gsp_bootload_fill(abi, b, SEG, engines, ARRAY_SIZE(engines), params);
}

/* Offsets from NVIDIA's headers: those of 535, and those that 570 and 595 share. */
static const struct offsets {
	u32 engines, restore, segments, addr, len, heap, task_log, kernel_log, end;
} r535 = { 62, 276, 280, 288, 3360, 6432, 6472, 0, 6488 },
  r570 = { 84, 364, 368, 376, 3448, 6520, 6560, 6576, 6592 };

static void check(const struct gsp_abi *abi, const struct offsets *o)
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
	for (size_t i = 0; i < o->engines; i++)
		set += le_get32(params, 28 + 4 * i) == 0x680;
	cr_expect_eq(set, o->engines == 84 ? 3u : 2u, "every engine of the board and no other");
	cr_expect_eq(le_get32(params, 28 + 4 * 0x09), 0x680u);
	if (o->engines == 84)
		cr_expect_eq(le_get32(params, 28 + 4 * 0x53), 0x680u);
	cr_expect_eq(params[o->restore], 0);
	cr_expect_eq(le_get32(params, o->segments), 1u);
	cr_expect_eq(le_get64(params, o->addr), 5 * SEG);
	cr_expect_eq(le_get64(params, o->addr + 8), 0u);
	cr_expect_eq(le_get64(params, o->len), 59 * SEG);
	cr_expect_eq(le_get64(params, o->heap), HEAP);
	cr_expect_eq(le_get64(params, o->heap + 8), 0x2000000u);
	cr_expect_eq(le_get64(params, o->heap + 16), 0u, "relative to the heap");
	cr_expect_eq(le_get64(params, o->heap + 24), HEAP + 0x204000, "absolute");
	cr_expect_eq(le_get64(params, o->heap + 32), 0x20000u);
	cr_expect_eq(le_get64(params, o->task_log), HEAP + 0x224000);
	cr_expect_eq(le_get64(params, o->task_log + 8), 0x40000u);
	if (o->kernel_log) {
		cr_expect_eq(le_get64(params, o->kernel_log), HEAP + 0x264000);
		cr_expect_eq(le_get64(params, o->kernel_log + 8), 0x10000u);
	}
	for (size_t i = o->end; i < sizeof(params); i++)
		cr_expect_eq(params[i], 0);
}

Test(gsp_bootload, r535) { check(&gsp_abi_r535, &r535); }
Test(gsp_bootload, r570) { check(&gsp_abi_r570, &r570); }
Test(gsp_bootload, r595) { check(&gsp_abi_r595, &r570); }

/* In a GPU instance the id is all that differs. */
static void in_gi(const struct gsp_abi *abi)
{
	static u8 without[8192];
	struct gsp_bootload b = good;
	struct gsp_config cfg = { 0 };
	u8 msg[128] = { 0 };

	cr_assert_null(fill(abi, &good));
	memcpy(without, params, sizeof(params));
	b.swizz = 9;
	cr_assert_null(fill(abi, &b));
	cr_expect_eq(le_get32(params, 16), 9u);
	le_put32(params, 16, 0xffffffff);
	cr_expect_eq(memcmp(params, without, sizeof(params)), 0);
	gsp_config_fill(abi, &b, &cfg, msg);
	cr_expect_eq(le_get32(msg, 36), 9u);
}

Test(gsp_bootload, gi_535) { in_gi(&gsp_abi_r535); }
Test(gsp_bootload, gi_570) { in_gi(&gsp_abi_r570); }
Test(gsp_bootload, gi_595) { in_gi(&gsp_abi_r595); }

Test(gsp_bootload, params)
{
	cr_expect_not(gsp_param_on("", "enable_uvm"));
	cr_expect_not(gsp_param_on("vgpu_type_id=560", "enable_uvm"));
	cr_expect(gsp_param_on("vgpu_type_id=560,enable_uvm=1", "enable_uvm"));
	cr_expect(gsp_param_on("enable_uvm=1,x=0", "enable_uvm"));
	cr_expect(gsp_param_on("enable_uvm=01", "enable_uvm"));
	cr_expect_not(gsp_param_on("enable_uvm=0", "enable_uvm"));
	cr_expect_not(gsp_param_on("enable_uvm=0,x=1", "enable_uvm"));
	cr_expect_not(gsp_param_on("enable_uvm=1,enable_uvm=0", "enable_uvm"), "the last one");
	cr_expect_not(gsp_param_on("enable_uvmx=1,xenable_uvm=1", "enable_uvm"));
}

static void with_params(const struct gsp_abi *abi, u32 profiling, u32 uvm)
{
	struct gsp_bootload b = good;
	struct gsp_config cfg = { .uvm = true };
	u8 msg[128] = { 0 };

	b.profiling = true;
	cr_assert_null(fill(abi, &b));
	cr_expect_eq(params[profiling], 1);
	cr_assert_null(fill(abi, &good));
	cr_expect_eq(params[profiling], 0);
	gsp_config_fill(abi, &good, &cfg, msg);
	cr_expect_eq(msg[uvm], 1);
}

Test(gsp_bootload, params_535) { with_params(&gsp_abi_r535, 6488, 74); }
Test(gsp_bootload, params_570) { with_params(&gsp_abi_r570, 6608, 75); }
Test(gsp_bootload, params_595) { with_params(&gsp_abi_r595, 6608, 75); }

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
	/* no kernel log there, so the logs end earlier */
	b.heap_len = 0x264001;
	cr_expect_null(fill(&gsp_abi_r535, &b));
	b.heap_len = 0x264000;
	cr_expect_not_null(fill(&gsp_abi_r535, &b));
}

/* Every byte of the plugin's configuration; what is not listed is 0. */
static void config(const struct gsp_abi *abi, u32 size, u32 non_stall, bool placement)
{
	static const struct gsp_config cfg = {
		.uuid = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
		.client = 0xc1d0001d,
		.placement = 0x1234,
		.cpu_arch = 2,
		.page_size = 4096,
	};
	u8 msg[128] = { 0 }, want[128] = { 0 };

	memcpy(want, cfg.uuid, 16);
	le_put32(want, 16, 0x00010420);		/* dbdf; 20 is that of a driver VM */
	le_put32(want, 24, 0xc1d0001d);
	le_put32(want, 28, 560);
	le_put32(want, 32, 4711);
	le_put32(want, 36, 0xffffffff);
	le_put32(want, 40, 128);
	le_put32(want, 44, 1);
	le_put32(want, 56, 4);			/* 48 VMM capabilities, 52 migration */
	le_put32(want, 60, 2);
	le_put64(want, 64, 4096);
	want[non_stall] = 1;
	if (placement) {
		want[84] = 0x34;
		want[85] = 0x12;
	}
	gsp_config_fill(abi, &good, &cfg, msg);
	cr_expect_eq(abi->plugin.config_size, size);
	for (size_t i = 0; i < sizeof(msg); i++)
		cr_expect_eq(msg[i], want[i], "branch %u, byte %zu is %02x", abi->branch, i,
			     msg[i]);
}

Test(gsp_config, r535) { config(&gsp_abi_r535, 88, 79, false); }
Test(gsp_config, r570) { config(&gsp_abi_r570, 112, 80, true); }
Test(gsp_config, r595) { config(&gsp_abi_r595, 112, 80, true); }

Test(gsp_status, errnos)
{
	cr_expect_eq(gsp_status_errno(0), 0);
	cr_expect_eq(gsp_status_errno(0x1a), -ENOSPC);
	cr_expect_eq(gsp_status_errno(0x1f), -EINVAL);
	cr_expect_eq(gsp_status_errno(0x56), -EOPNOTSUPP);
	cr_expect_eq(gsp_status_errno(0x63), -EBUSY);
	cr_expect_eq(gsp_status_errno(0x17), -EBUSY);
	cr_expect_eq(gsp_status_errno(0xff100001), -EPROTO);
	cr_expect_eq(gsp_status_errno(0xff123456), -EPROTO);
	cr_expect_eq(gsp_status_errno(0xffffffff), -EPROTO);
	cr_expect_eq(gsp_status_errno(0x1234), -EIO, "unlisted is still an error");
	cr_expect_str_eq(gsp_status_name(0x1f), "INVALID_ARGUMENT");
	cr_expect_str_eq(gsp_status_name(0x1234), "unlisted status");
}
