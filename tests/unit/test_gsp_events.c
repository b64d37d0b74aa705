// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the firmware says unasked: life and death of plugins, news of the guest,
 * utilisation; and logs.
 */
#include "fake_plugin.h"

#define CRASHED		2u
#define UNLOADED	1u
#define LOADED		3u
#define GONE		4u
#define LICENCE		6u
#define OS		7u

static struct ovg_instance *open_one(u32 gfid)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(gfid, &inst), 0, "%s", why);
	return inst;
}

/* The last word of a plugin. */
static void dies(u32 gfid, u32 what)
{
	plugin[gfid].alive = false;
	gsp_vgpu_event(&p, gfid, what);
}

TestSuite(gsp_events, .init = setup);

/* ---- life and death ----------------------------------------------------- */

Test(gsp_events, crash_is_told_once)
{
	struct ovg_instance *inst = open_one(1);

	gsp_vgpu_event(&p, 2, CRASHED);		/* nobody's */
	gsp_vgpu_event(&p, 500, CRASHED);
	gsp_vgpu_event(&p, 1, 5);		/* means nothing here */
	gsp_vgpu_event(&p, 1, 99);
	dies(1, CRASHED);
	gsp_vgpu_event(&p, 1, UNLOADED);
	cr_expect_eq(told.died, 0u, "not from the reader");
	shim_run_work(&wq);
	cr_expect_eq(told.died, 1u);
	cr_expect_eq(told.gfid, 1u);
	cr_expect_str_eq(told.why, "the vGPU's firmware plugin crashed");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	expect_nothing_left("close");
}

Test(gsp_events, plugin_ends_by_itself)
{
	struct ovg_instance *inst = open_one(1);

	dies(1, UNLOADED);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 1u);
	cr_expect_str_eq(told.why, "the vGPU's firmware plugin ended by itself");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

static void late_word(void)
{
	on_tick = NULL;
	gsp_vgpu_event(&p, 1, UNLOADED);
}

/* UNLOADED of the last life comes when the next one has begun. */
Test(gsp_events, late_unloaded_does_no_harm)
{
	struct ovg_instance *inst;

	on_tick = late_word;
	inst = open_one(1);
	cr_expect_null(on_tick);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	cr_expect_eq(told.died, 0u);
}

Test(gsp_events, nothing_is_told_after_close)
{
	struct ovg_instance *inst = open_one(1);

	gsp_vgpu_event(&p, 1, LOADED);
	dies(1, CRASHED);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	dies(1, CRASHED);
	gsp_vgpu_event(&p, 1, LOADED);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 0u);
	cr_expect_eq(told.n, 0u);
}

/* ---- news of the guest -------------------------------------------------- */

static void expect_news(u32 i, u32 gfid, enum ovg_instance_event what, u32 value)
{
	cr_assert_lt(i, told.n);
	cr_expect_eq(told.ev[i].gfid, gfid, "news %u", i);
	cr_expect_eq(told.ev[i].what, what, "news %u", i);
	cr_expect_eq(told.ev[i].value, value, "news %u", i);
}

Test(gsp_events, order)
{
	struct ovg_instance *a = open_one(1), *b = open_one(2);

	gsp_vgpu_event(&p, 1, LOADED);
	gsp_vgpu_event(&p, 1, OS);
	gsp_vgpu_event(&p, 2, LOADED);
	gsp_vgpu_event(&p, 1, LICENCE);
	gsp_vgpu_event(&p, 1, GONE);
	gsp_vgpu_event(&p, 1, LOADED);
	cr_expect_eq(told.n, 0u, "not from the reader");
	shim_run_work(&wq);
	cr_assert_eq(told.n, 6u);
	expect_news(0, 1, OVG_EV_GUEST_LOADED, 0);
	expect_news(1, 1, OVG_EV_OS, OVG_VALUE_UNKNOWN);
	expect_news(2, 1, OVG_EV_LICENCE, OVG_VALUE_UNKNOWN);
	expect_news(3, 1, OVG_EV_GUEST_UNLOADED, 0);
	expect_news(4, 1, OVG_EV_GUEST_LOADED, 0);
	expect_news(5, 2, OVG_EV_GUEST_LOADED, 0);
	/* and what comes later is told later */
	gsp_vgpu_event(&p, 1, GONE);
	shim_run_work(&wq);
	cr_assert_eq(told.n, 7u);
	expect_news(6, 1, OVG_EV_GUEST_UNLOADED, 0);
	cr_expect_eq(gsp_vgpu_close(&p, a, why), 0);
	cr_expect_eq(gsp_vgpu_close(&p, b, why), 0);
}

/* A guest that floods its host loses nothing that is still true. */
Test(gsp_events, flood)
{
	struct ovg_instance *inst = open_one(1);
	u32 loaded = 0, os = 0, licences = 0;

	gsp_vgpu_event(&p, 1, LOADED);
	gsp_vgpu_event(&p, 1, OS);
	for (u32 i = 0; i < 1000; i++)
		gsp_vgpu_event(&p, 1, LICENCE);
	gsp_vgpu_event(&p, 1, GONE);
	shim_run_work(&wq);
	cr_expect_eq(told.n, (u32)GSP_NEWS);
	for (u32 i = 0; i < told.n; i++) {
		loaded += told.ev[i].what == OVG_EV_GUEST_LOADED;
		os += told.ev[i].what == OVG_EV_OS;
		licences += told.ev[i].what == OVG_EV_LICENCE;
	}
	cr_expect_eq(os, 1u, "the only one of its kind");
	cr_expect_gt(licences, 0u);
	cr_expect_leq(loaded, 1u);
	expect_news(told.n - 1, 1, OVG_EV_GUEST_UNLOADED, 0);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

static void licence(const struct gsp_abi *abi, u32 value)
{
	struct ovg_instance *inst;

	use(abi);
	inst = open_one(1);
	le_put32(page(1, 0x1000), 348, 2);
	gsp_vgpu_event(&p, 1, LICENCE);
	shim_run_work(&wq);
	expect_news(0, 1, OVG_EV_LICENCE, value);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

Test(gsp_events, licence_state)
{
	licence(&gsp_abi_r535, 2);
	licence(&gsp_abi_r570, OVG_VALUE_UNKNOWN);
	licence(&gsp_abi_r595, OVG_VALUE_UNKNOWN);
}

static void guest_event(void)
{
	on_tick = NULL;
	gsp_vgpu_event(&p, 1, GONE);
}

/* News count while the vGPU runs, also during its reset; not while it boots. */
Test(gsp_events, when)
{
	struct ovg_instance *inst;

	on_tick = guest_event;
	inst = open_one(1);
	shim_run_work(&wq);
	cr_expect_eq(told.n, 0u);
	on_tick = guest_event;
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	shim_run_work(&wq);
	cr_expect_eq(told.n, 1u);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

/* ---- utilisation -------------------------------------------------------- */

static u8 samples[4048];

static u8 *sample(u32 i, u64 time)
{
	u8 *s = samples + 16 + 56 * i;

	memset(s, 0xff, 56);	/* no process anywhere */
	le_put64(s, 0, time);
	return s;
}

static void engine(u8 *s, u32 at, u32 util, u32 pid)
{
	le_put32(s, at, util);
	le_put32(s, at + 4, pid);
}

static void send(u32 count)
{
	le_put32(samples, 8, count);
	gsp_usage_event(&p, samples, sizeof(samples));
	shim_run_work(&wq);
}

Test(gsp_events, usage)
{
	struct ovg_instance *inst = open_one(1);
	u8 *s;

	s = sample(0, 1000);
	engine(s, 8, 1111, 4711);
	engine(s, 20, 2222, 4711);
	engine(s, 32, 3333, 4711);
	engine(s, 44, 4444, 4711);
	le_put32(samples, 8, 1);
	gsp_usage_event(&p, samples, sizeof(samples));
	cr_expect_eq(told.usages, 0u, "not from the reader");
	shim_run_work(&wq);
	cr_assert_eq(told.usages, 1u);
	cr_expect_eq(told.usage[1].memory, 1111u);
	cr_expect_eq(told.usage[1].graphics, 2222u);
	cr_expect_eq(told.usage[1].encoder, 3333u);
	cr_expect_eq(told.usage[1].decoder, 4444u);
	cr_expect_eq(told.usage[1].time_us, 1000u);

	send(1);
	cr_expect_eq(told.usages, 1u, "the same once more is no news");
	s = sample(0, 2000);
	engine(s, 20, 5000, 4712);
	send(1);
	cr_expect_eq(told.usages, 1u, "another process");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	s = sample(0, 3000);
	engine(s, 20, 5000, 4711);
	send(1);
	cr_expect_eq(told.usages, 1u, "after close");
}

Test(gsp_events, usage_newest_wins)
{
	struct ovg_instance *inst = open_one(1);
	u8 *s;

	/* a ring: the newest one is in the middle */
	engine(sample(0, 2000), 20, 200, 4711);
	s = sample(1, 3000);
	engine(s, 20, 300, 4711);
	engine(s, 32, 30, 1);
	engine(sample(2, 1000), 20, 100, 4711);
	sample(3, 0);
	engine(sample(4, 9000), 20, 900, 4711);	/* not counted */
	send(4);
	cr_assert_eq(told.usages, 1u);
	cr_expect_eq(told.usage[1].time_us, 3000u);
	cr_expect_eq(told.usage[1].graphics, 300u);
	cr_expect_eq(told.usage[1].encoder, 0u, "somebody else's");

	/* two messages before the core listens: it hears the last one */
	engine(sample(0, 4000), 20, 400, 4711);
	le_put32(samples, 8, 1);
	gsp_usage_event(&p, samples, sizeof(samples));
	engine(sample(0, 5000), 20, 20000, 4711);
	send(1);
	cr_expect_eq(told.usages, 2u);
	cr_expect_eq(told.usage[1].time_us, 5000u);
	cr_expect_eq(told.usage[1].graphics, 10000u, "more than all of it");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

/* Two vGPUs of one VM: the figure is the VM's for both. */
Test(gsp_events, usage_of_one_process)
{
	struct ovg_instance *a = open_one(1), *b = open_one(2);

	engine(sample(0, 1000), 20, 1000, 4711);
	engine(sample(1, 1000), 20, 2000, 4711);
	send(2);
	cr_expect_eq(told.usages, 2u);
	cr_expect_eq(told.usage[1].graphics, 3000u);
	cr_expect_eq(told.usage[2].graphics, 3000u);
	cr_expect_eq(gsp_vgpu_close(&p, a, why), 0);
	cr_expect_eq(gsp_vgpu_close(&p, b, why), 0);
}

Test(gsp_events, usage_is_checked)
{
	struct ovg_instance *inst = open_one(1);

	for (u32 i = 0; i < 72; i++)
		engine(sample(i, i + 1), 20, i, 4711);
	le_put32(samples, 8, 73);
	gsp_usage_event(&p, samples, sizeof(samples));
	le_put32(samples, 8, 0x04924925);	/* times 56: 24, and 32 bits more */
	gsp_usage_event(&p, samples, sizeof(samples));
	le_put32(samples, 8, 72);
	gsp_usage_event(&p, samples, sizeof(samples) - 1);
	gsp_usage_event(&p, samples, 15);
	gsp_usage_event(&p, samples, 0);
	shim_run_work(&wq);
	cr_expect_eq(told.usages, 0u);
	cr_expect_eq(shim_warnings, 5);
	send(72);
	cr_expect_eq(told.usages, 1u);
	cr_expect_eq(told.usage[1].time_us, 72u);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

/* ---- logs --------------------------------------------------------------- */

static u8 buf[0x50000];

Test(gsp_events, log_sizes)
{
	static const struct gsp_abi *const abi[] = { &gsp_abi_r535, &gsp_abi_r570, &gsp_abi_r595 };
	struct ovg_instance *inst;

	for (u32 i = 0; i < ARRAY_SIZE(abi); i++) {
		use(abi[i]);
		cr_expect_eq(gsp_log_size(&p, OVG_LOG_INIT), 0x20000u);
		cr_expect_eq(gsp_log_size(&p, OVG_LOG_INSTANCE), 0x40000u);
		cr_expect_eq(gsp_log_size(&p, OVG_LOG_KERNEL), i ? 0x10000u : 0u);
		cr_expect_eq(gsp_log_size(&p, OVG_NR_LOGS), 0u);
	}
	use(&gsp_abi_r535);
	inst = open_one(1);
	cr_expect_eq(gsp_vgpu_log(&p, inst, OVG_LOG_KERNEL, buf, sizeof(buf)), -ENOENT);
	cr_expect_eq(gsp_vgpu_log(&p, inst, OVG_NR_LOGS, buf, sizeof(buf)), -ENOENT);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

static struct ovg_instance *reading;
static u32 reads;

static void read_log(void)
{
	cr_expect_eq(gsp_vgpu_log(&p, reading, OVG_LOG_INIT, buf, sizeof(buf)), 0x20000);
	reads++;
}

Test(gsp_events, log_bytes)
{
	struct ovg_instance *inst = open_one(2);

	strcpy((char *)page(2, 0x204000), "init");
	strcpy((char *)page(2, 0x224000), "task");
	page(2, 0x263fff)[0] = 'e';
	strcpy((char *)page(2, 0x264000), "kernel");
	cr_expect_eq(gsp_vgpu_log(&p, inst, OVG_LOG_INIT, buf, sizeof(buf)), 0x20000);
	cr_expect_str_eq((char *)buf, "init");
	cr_expect_eq(gsp_vgpu_log(&p, inst, OVG_LOG_INSTANCE, buf, sizeof(buf)), 0x40000);
	cr_expect_str_eq((char *)buf, "task");
	cr_expect_eq(buf[0x3ffff], 'e');
	memset(buf, 0, 16);
	cr_expect_eq(gsp_vgpu_log(&p, inst, OVG_LOG_KERNEL, buf, 3), 3);
	cr_expect_str_eq((char *)buf, "ker");
	/* while a message is under way, and through a restart */
	reading = inst;
	on_tick = read_log;
	bad.step = RESET;
	bad.kind = LOST;
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	cr_expect_gt(reads, 300u);
	on_tick = NULL;
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}
