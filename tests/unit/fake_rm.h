/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A whole GSP for attach() and detach(): checks its boot arguments, keeps RM
 * objects, answers what the provider asks, and can be told to misbehave. Numbers
 * are written out from docs/hardware.md, not taken from the code under test.
 */
#ifndef FAKE_RM_H
#define FAKE_RM_H

#include "fake_gsp.h"
#include "driver/gsp/gsp.h"

#define ALLOC		103u
#define FREE		10u
#define GET_FEATURES	0x20803601u
#define SEGMENT		0x2080017eu
#define ENGINES		0x20800170u
#define ECC		0x2080012fu
#define FB_INFO		0x20801303u
#define CHANNELS	0x20800a61u
#define ADD_TYPE	0x20804003u

/* What a branch is to GSP. */
static const struct branch {
	u32 number;
	const char *build;
	const struct gsp_abi *abi;	/* to compare only */
	u32 rmargs, ctrl_hdr, root, ecc, fb_info, engines;
	u32 heap_mib;
	u32 record, max, add_type;
	struct { u32 size, bdf, user_va, mirror, ids, vf, page; } si;
} branches[] = {
	{ 535, "535.113.01", &gsp_abi_r535, 80, 24, 108, 984, 436, 252, 549, 4952, 64, 316936,
	  { 664, 24, 56, 64, 0, 624, 0 } },
	{ 570, "570.144", &gsp_abi_r570, 72, 24, 120, 1464, 460, 340, 581, 5224, 64, 334344,
	  { 928, 32, 72, 80, 88, 856, 920 } },
	{ 595, "595.45.04", &gsp_abi_r595, 136, 40, 120, 1664, 1028, 340, 581, 5424, 128, 694280,
	  { 944, 32, 72, 80, 88, 856, 920 } },
};

static struct gsp {
	const struct branch *br;
	bool running;
	u32 objects[16];	/* client << 16 ^ object, 0 is free */
	u32 starts;
	bool for_48;		/* to be booted so */
	u32 registry;
	u32 keys, pvmrl;	/* of SET_REGISTRY: how many, and RmPVMRL */
	u32 (*other)(u32 cmd, u8 *p, u32 size);	/* controls of the test's own: the status */
	u32 uploads;
	u8 large[700000];
	u32 large_len, large_have, large_seq;
} gsp;

/* misbehaviour */
static struct {
	u32 code;		/* of a refused start */
	u32 lost;		/* command without an answer, though it has its effect; once */
	u32 again;		/* and so many times more */
	u32 ignored;		/* command without effect and without an answer; once */
	u32 refused, status;
	const char *build;	/* that the firmware claims to be */
	u64 usable_kib;
} bad;

static u32 *find_object(u32 client, u32 object)
{
	for (size_t i = 0; i < ARRAY_SIZE(gsp.objects); i++)
		if (gsp.objects[i] == (client << 16 ^ object))
			return &gsp.objects[i];
	return NULL;
}

static u32 count_objects(void)
{
	u32 n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(gsp.objects); i++)
		n += gsp.objects[i] != 0;
	return n;
}

static bool happens(u32 *what, u32 cmd)
{
	if (!cmd || *what != cmd)
		return false;
	if (what == &bad.lost && bad.again)
		bad.again--;
	else
		*what = 0;
	return true;
}

static void reply(u32 function, u32 seq, u32 cmd, const u8 *msg, u32 len)
{
	u32 pos = 0, n, i;

	if (happens(&bad.lost, cmd))
		return;
	for (i = 0; !i || pos < len; i++, pos += n) {
		n = min(len - pos, GSP_RECORD_MAX);
		fake_send(i ? 71 : function, seq + i, 0, msg + pos, n);
		if (shim_irq_dev->irq.thread)
			shim_irq_dev->irq.thread(33, shim_irq_dev->irq.data);
	}
}

/* hClient, hParent, hObject, hClass, status, paramsSize */
static void rm_alloc(const struct gsp_msg *m, u8 *msg)
{
	u32 client = le_get32(msg, 0), object = le_get32(msg, 8), class = le_get32(msg, 12);
	u32 status = 0;

	if (happens(&bad.ignored, ALLOC))
		return;
	switch (class) {
	case 0:
		cr_expect_eq(m->len, 32 + gsp.br->root);
		cr_expect_eq(le_get32(msg, 32), client);
		cr_expect_eq(object, client);
		cr_expect_eq(client & 0xffff0000, 0xc1d00000);
		break;
	case 0x80:
		cr_expect_eq(m->len, 32 + 56u);
		cr_expect_eq(le_get32(msg, 36), client);
		break;
	case 0x2080:
		cr_expect_eq(m->len, 32 + 4u);
		break;
	default:
		cr_assert_fail("class %x", class);
	}
	if (find_object(client, object))
		status = 0x19;
	else if (class && !find_object(client, client))
		status = 0x23;
	else
		*find_object(0, 0) = client << 16 ^ object;
	le_put32(msg, 16, status);
	reply(m->function, m->rpc_seq, ALLOC, msg, m->len);
}

static void rm_free(const struct gsp_msg *m, u8 *msg)
{
	u32 client = le_get32(msg, 0), object = le_get32(msg, 8);
	u32 *o = find_object(client, object);

	if (happens(&bad.ignored, FREE))
		return;
	cr_expect_eq(m->len, 16u);
	if (o)
		*o = 0;
	/* and what hangs on it */
	for (size_t i = 0; object == client && i < ARRAY_SIZE(gsp.objects); i++)
		if ((gsp.objects[i] ^ client << 16) >> 16 == 0xde1d ||
		    (gsp.objects[i] ^ client << 16) >> 16 == 0x5d1d)
			gsp.objects[i] = 0;
	le_put32(msg, 12, o ? 0 : 0x57);
	reply(m->function, m->rpc_seq, FREE, msg, m->len);
}

static u32 answer_control(u32 cmd, u8 *p, u32 size)
{
	switch (cmd) {
	case GET_FEATURES:
		p[4] = 1;
		strcpy((char *)p + 6, bad.build ? bad.build : gsp.br->build);
		break;
	case SEGMENT:
		le_put64(p, 0, 64 << 20);
		break;
	case ENGINES:
		le_put32(p, 0, 2);
		le_put32(p, 4, 1);
		le_put32(p, 8, 9);
		break;
	case ECC:
		p[0] = 1;
		break;
	case FB_INFO:
		cr_expect_eq(le_get32(p, 0), 2u);
		cr_expect_eq(le_get32(p, 4), 0x20u);
		cr_expect_eq(le_get32(p, 12), 0x1eu);
		le_put32(p, 8, (u32)(bad.usable_kib ? bad.usable_kib : 46068 << 10));
		break;
	case CHANNELS:
		le_put32(p, 4, 2048);
		break;
	case ADD_TYPE:
		gsp.uploads++;
		break;
	default:
		cr_assert(gsp.other, "control %x", cmd);
		return gsp.other(cmd, p, size);
	}
	return 0;
}

static void rm_control(u32 seq, u8 *msg, u32 len)
{
	u32 cmd = le_get32(msg, 8), size = le_get32(msg, 16);
	const struct { u32 cmd, size; } sizes[] = {
		{ GET_FEATURES, 72 }, { SEGMENT, 8 }, { ENGINES, gsp.br->engines },
		{ ECC, gsp.br->ecc }, { FB_INFO, gsp.br->fb_info }, { CHANNELS, 8 },
		{ ADD_TYPE, gsp.br->add_type },
	};

	cr_expect_eq(size, len - gsp.br->ctrl_hdr);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		if (sizes[i].cmd == cmd)
			cr_expect_eq(size, sizes[i].size, "%x has %u bytes", cmd, size);
	cr_expect_neq(find_object(le_get32(msg, 0), le_get32(msg, 4)), NULL);
	if (happens(&bad.ignored, cmd))
		return;
	le_put32(msg, 12, bad.refused == cmd ? bad.status :
		 answer_control(cmd, msg + gsp.br->ctrl_hdr, size));
	reply(76, seq, cmd, msg, len);
}

/* PACKED_REGISTRY_TABLE: entries of 16 bytes, then their names one after the other. */
static void registry(const u8 *t, u32 len)
{
	u32 end, i;

	gsp.keys = le_get32(t, 4);
	cr_expect_eq(le_get32(t, 0), len);
	end = 8 + 16 * gsp.keys;
	gsp.pvmrl = 0;
	for (i = 0; i < gsp.keys; i++) {
		const u8 *e = t + 8 + 16 * i;

		cr_expect_eq(le_get32(e, 0), end);
		cr_expect_eq(e[4], 1, "DWORD");
		cr_expect_eq(le_get32(e, 12), 4u);
		if (!strcmp((const char *)t + end, "RmPVMRL"))
			gsp.pvmrl = le_get32(e, 8);
		else
			gsp.registry = le_get32(e, 8);
		end += (u32)strlen((const char *)t + end) + 1;
	}
	cr_expect_eq(end, len);
	cr_expect_str_eq((const char *)t + 8 + 16 * gsp.keys, "RMSetSriovMode");
}

/* Puts a large control together. */
static void on_control(const struct gsp_msg *m, const u8 *payload)
{
	if (m->function == 76) {
		gsp.large_len = gsp.br->ctrl_hdr + le_get32(payload, 16);
		gsp.large_have = 0;
		gsp.large_seq = m->rpc_seq;
	}
	cr_assert_leq(gsp.large_have + m->len, gsp.large_len);
	cr_assert_leq(gsp.large_len, sizeof(gsp.large));
	memcpy(gsp.large + gsp.large_have, payload, m->len);
	gsp.large_have += m->len;
	if (gsp.large_have == gsp.large_len)
		rm_control(gsp.large_seq, gsp.large, gsp.large_len);
}

static void on_record(const struct gsp_msg *m, const u8 *payload)
{
	static u8 msg[GSP_ELEM_MAX];

	memcpy(msg, payload, m->len);
	switch (m->function) {
	case 73:
		cr_expect_eq(fake.sysinfo_len, gsp.br->si.size, "after GSP_SET_SYSTEM_INFO");
		registry(msg, m->len);
		return;
	case ALLOC:
		rm_alloc(m, msg);
		return;
	case FREE:
		rm_free(m, msg);
		return;
	case 76:
	case 71:
		on_control(m, payload);
		return;
	case 47:
		reply(47, m->rpc_seq, 47, msg, m->len);
		gsp.running = false;
		memset(gsp.objects, 0, sizeof(gsp.objects));
		set_reg(0x110040, 0x80000000);
		set_reg(0x110100, 0x10);
		return;
	}
	cr_assert_fail("function %u", m->function);
}

static const u8 *pointer(u32 lo, u32 hi)
{
	return (const u8 *)(uintptr_t)(reg(lo) | (u64)reg(hi) << 32);
}

/* The booter's input, then libos' */
static void start(void)
{
	const u8 *libos = pointer(0x110040, 0x110044), *wpr = pointer(0x840040, 0x840044), *args;

	gsp.starts++;
	if (bad.code) {
		set_reg(0x110040, bad.code);
		set_reg(0x110100, 0x10);
		return;
	}
	cr_expect_eq(le_get64(wpr, 0), 0xdc3aae21371a60b3);
	cr_expect_eq(le_get64(wpr, 8), 1u);
	cr_expect_eq(le_get64(wpr, 128), (u64)(gsp.for_48 ? 1370 : gsp.br->heap_mib) << 20);
	cr_expect_eq(le_get64(wpr, 176), 0u);
	cr_expect_eq(wpr[240], gsp.for_48 ? 48 : 32);
	cr_expect_eq(le_get64(libos, 0), 0x524d41524753u);
	cr_expect_eq(le_get64(libos, 16), gsp.br->rmargs);
	args = (const u8 *)(uintptr_t)le_get64(libos, 8);
	fake_map((const void *)(uintptr_t)le_get64(args, 0));
	fake.wp = fake.seq = fake.rp = fake.expect = 0;
	fake.got = on_record;
	set_reg(0x110100, 0);
	gsp.running = true;
	fake_link();
	fake_poll();
	fake_send(0x1001, 0, 0, NULL, 0);
}

void shim_writel(u32 value, void *addr)
{
	u32 off = (u32)((u8 *)addr - bar0);

	if (off == 0x110c00) {
		if (gsp.running)
			fake_poll();
		return;
	}
	set_reg(off, value);
	if (off == 0x110100 && value == 2)
		start();
}

u32 shim_readl(void *addr)
{
	return le_get32(addr, 0);
}

int shim_reset(void)
{
	gsp.running = false;
	memset(gsp.objects, 0, sizeof(gsp.objects));
	set_reg(0x110100, 0x10);
	return 0;
}

void shim_tick(void)
{
	if (shim_irq_dev->irq.thread)
		shim_irq_dev->irq.thread(33, shim_irq_dev->irq.data);
}

#endif
