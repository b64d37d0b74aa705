// SPDX-License-Identifier: LGPL-2.1-or-later
/* Opening, closing and resetting a vGPU: the order of steps, and each of them failing. */
#include "fake_plugin.h"

TestSuite(gsp_plugin, .init = setup);

/* ---- open, close, reset ------------------------------------------------- */

static void happy(const struct gsp_abi *abi)
{
	struct ovg_instance *inst;

	use(abi);
	cr_assert_eq(open_vgpu(2, &inst), 0, "%s", why);
	EXPECT_STEPS(ALLOC, SCRUB, BOOTLOAD, NEGOTIATE, CONFIG, BME);
	cr_expect_eq(fw.scrub_addr, 2 * SEG);
	cr_expect_eq(fw.scrub_len, SEG);
	cr_expect(plugin[2].bus_master);
	cr_expect_eq(shim_maps, 1);
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	cr_expect(plugin[2].bus_master, "as after open");
	EXPECT_STEPS(RESET);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	EXPECT_STEPS(BME, SHUTDOWN, CLEANUP, FREE);
	expect_nothing_left("close");
	shim_run_work(&wq);
	cr_expect_eq(told.died, 0u);
}

Test(gsp_plugin, happy_535) { happy(&gsp_abi_r535); }
Test(gsp_plugin, happy_570) { happy(&gsp_abi_r570); }
Test(gsp_plugin, happy_595) { happy(&gsp_abi_r595); }

/* The whole message, byte by byte: everything that is not listed is 0. */
static void config(const struct gsp_abi *abi, u32 size, u32 flags, bool placement)
{
	struct ovg_instance *inst;
	u8 want[128] = { 0x24, 0xef, 0x8f, 0xf7, 0x3e, 0xd5, 0x11, 0xef,
			 0xae, 0x36, 0x97, 0x58, 0xb1, 0xcb, 0x0c, 0x87 };

	use(abi);
	bus.domain = 3;
	cr_assert_eq(open_vgpu(2, &inst), 0, "%s", why);
	le_put32(want, 16, 0x00030420);
	le_put32(want, 24, 0xc1d00002);
	le_put32(want, 28, 560);
	le_put32(want, 32, 4711);
	le_put32(want, 36, 0xffffffff);
	le_put32(want, 40, 64);
	le_put32(want, 44, 1);
	le_put32(want, 56, 4);
	le_put32(want, 60, 2);
	le_put64(want, 64, 4096);
	want[flags] = 1;
	if (placement)
		want[84] = 6;
	cr_expect_eq(abi->plugin.config_size, size);
	for (u32 i = 0; i < size; i++)
		cr_expect_eq(plugin[2].config[i], want[i], "byte %u is %02x", i,
			     plugin[2].config[i]);
	for (u32 i = size; i < sizeof(want); i++)
		cr_expect_eq(plugin[2].config[i], 0, "byte %u behind the message", i);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

Test(gsp_plugin, config_535) { config(&gsp_abi_r535, 88, 79, false); }
Test(gsp_plugin, config_570) { config(&gsp_abi_r570, 112, 80, true); }
Test(gsp_plugin, config_595) { config(&gsp_abi_r595, 112, 80, true); }

/* BOOTLOADED comes before the answer to BOOTLOAD is looked at. */
Test(gsp_plugin, boots_at_once)
{
	struct ovg_instance *inst;

	fw.boot_ms = 0;
	cr_assert_eq(open_vgpu(1, &inst), 0, "%s", why);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	expect_nothing_left("close");
}

static struct ovg_instance *second;

static void open_second(void)
{
	on_tick = NULL;
	cr_expect_eq(open_vgpu(3, &second), 0, "%s", why);
}

/* A lock that is held while the first one waits would end the test. */
Test(gsp_plugin, opens_do_not_wait_for_each_other)
{
	struct ovg_instance *first;

	fw.boot_ms = 200;
	on_tick = open_second;
	cr_assert_eq(open_vgpu(1, &first), 0, "%s", why);
	cr_expect_lt(shim_ms, 250u);
	cr_expect_not_null(second);
	cr_expect_eq(gsp_vgpu_close(&p, first, why), 0);
	/* the same while the first one waits for the answer to a message */
	cr_expect_eq(gsp_vgpu_close(&p, second, why), 0);
	second = NULL;
	fw.boot_ms = 0;
	on_tick = open_second;
	cr_assert_eq(open_vgpu(1, &first), 0, "%s", why);
	cr_expect_not_null(second);
	cr_expect_eq(gsp_vgpu_close(&p, first, why), 0);
	cr_expect_eq(gsp_vgpu_close(&p, second, why), 0);
	expect_nothing_left("close");
}

Test(gsp_plugin, both_signs_are_needed)
{
	struct ovg_instance *inst;

	fw.no_marker = true;
	cr_expect_eq(open_vgpu(1, &inst), -ETIMEDOUT);
	cr_expect_str_eq(why, "the vGPU's firmware plugin left no start marker in 800 ms");
	EXPECT_STEPS(ALLOC, SCRUB, BOOTLOAD, SHUTDOWN, CLEANUP, FREE);
	expect_nothing_left("no marker");
	fw.no_marker = false;
	fw.no_event = true;
	cr_expect_eq(open_vgpu(1, &inst), -ETIMEDOUT);
	cr_expect_str_eq(why, "the vGPU's firmware plugin did not start in 800 ms");
	expect_nothing_left("no event");
}

/* A timeout of the core's counts as it is now. */
Test(gsp_plugin, timeouts_are_read_anew)
{
	struct ovg_instance *inst;

	fw.boot_ms = 200;
	to.instance = 50;
	cr_expect_eq(open_vgpu(1, &inst), -ETIMEDOUT);
	to.instance = 800;
	cr_expect_eq(open_vgpu(1, &inst), 0);
	to.message = 1;
	bad.step = RESET;
	bad.kind = LOST;
	u64 before = shim_ms;

	cr_expect_eq(gsp_plugin_reset(inst, why), -ETIMEDOUT);
	cr_expect_leq(shim_ms - before, 3u);
}

Test(gsp_plugin, heap_outside_bar1)
{
	struct ovg_instance *inst;

	p.bar1_size = 2 * HEAP;
	cr_expect_eq(open_vgpu(2, &inst), -EINVAL);
	cr_expect_str_eq(why, "framebuffer 0x800000+0x274000 cannot be mapped: outside BAR1");
	EXPECT_STEPS(ALLOC, FREE);
	expect_nothing_left("open");
}

Test(gsp_plugin, bar1_bounds)
{
	cr_expect_null(gsp_bar1_check(1 << 20, 0, 1 << 20));
	cr_expect_null(gsp_bar1_check(1 << 20, 0xff000, 0x1000));
	cr_expect_not_null(gsp_bar1_check(1 << 20, 0xff000, 0x1001));
	cr_expect_not_null(gsp_bar1_check(1 << 20, 1 << 20, 1));
	cr_expect_not_null(gsp_bar1_check(1 << 20, 0, 0));
	cr_expect_not_null(gsp_bar1_check(1 << 20, 0x800, 0x1000));
	cr_expect_not_null(gsp_bar1_check(1 << 20, 0x1000, ~0ull), "the sum overflows");
}

/* ---- every step of open x what goes wrong ------------------------------- */

/* What RM and the plugin can do to each step; after it nothing is left. */
static const struct {
	u32 step;
	enum kind kind;
	int err;
	const char *why;
} open_faults[] = {
	{ ALLOC, REFUSED, -ENOMEM, "GSP refused client: NO_MEMORY (0x51)" },
	{ ALLOC, LOST, -ETIMEDOUT, "no answer to client in 100 ms" },
	{ ALLOC, DEATH, -ENODEV, "GSP is silent" },
	{ SCRUB, REFUSED, -EINVAL, "GSP refused MEMORY_TRANSFER: INVALID_ARGUMENT (0x1f)" },
	{ SCRUB, LOST, -ETIMEDOUT, "no answer to MEMORY_TRANSFER in 100 ms" },
	{ SCRUB, LATE, -ETIMEDOUT, "no answer to MEMORY_TRANSFER in 100 ms" },
	{ SCRUB, DEATH, -ENODEV, "GSP is silent" },
	{ BOOTLOAD, REFUSED, -EINVAL, "GSP refused BOOTLOAD: INVALID_ARGUMENT (0x1f)" },
	{ BOOTLOAD, LOST, -ETIMEDOUT, "no answer to BOOTLOAD in 100 ms" },
	{ BOOTLOAD, LATE, -ETIMEDOUT, "no answer to BOOTLOAD in 100 ms" },
	{ BOOTLOAD, CRASH, -EIO, "the vGPU's firmware plugin crashed while it started" },
	{ BOOTLOAD, DEATH, -ENODEV, "GSP is silent" },
	{ NEGOTIATE, REFUSED, -EIO,
	  "the vGPU's plugin refused VERSION_NEGOTIATION: GENERIC (0xffff)" },
	{ NEGOTIATE, LOST, -ETIMEDOUT,
	  "the vGPU's plugin did not answer VERSION_NEGOTIATION in 300 ms" },
	{ NEGOTIATE, LATE, -ETIMEDOUT,
	  "the vGPU's plugin did not answer VERSION_NEGOTIATION in 300 ms" },
	{ NEGOTIATE, GARBAGE, -EPROTO,
	  "the vGPU's plugin answered VERSION_NEGOTIATION with number 0xa5a5a5a5, not 1" },
	{ NEGOTIATE, CRASH, -EIO, "the vGPU's firmware plugin crashed" },
	{ NEGOTIATE, DEATH, -ENODEV, "GSP is silent" },
	{ CONFIG, REFUSED, -EIO,
	  "the vGPU's plugin refused SETUP_CONFIG_PARAMS_AND_INIT: GENERIC (0xffff)" },
	{ CONFIG, LOST, -ETIMEDOUT,
	  "the vGPU's plugin did not answer SETUP_CONFIG_PARAMS_AND_INIT in 300 ms" },
	{ CONFIG, LATE, -ETIMEDOUT,
	  "the vGPU's plugin did not answer SETUP_CONFIG_PARAMS_AND_INIT in 300 ms" },
	{ CONFIG, GARBAGE, -EPROTO, NULL },
	{ CONFIG, CRASH, -EIO, "the vGPU's firmware plugin crashed" },
	{ CONFIG, DEATH, -ENODEV, "GSP is silent" },
	{ BME, REFUSED, -EIO, "the vGPU's plugin refused UPDATE_BME_STATE: GENERIC (0xffff)" },
	{ BME, LOST, -ETIMEDOUT,
	  "the vGPU's plugin did not answer UPDATE_BME_STATE in 300 ms" },
	{ BME, LATE, -ETIMEDOUT,
	  "the vGPU's plugin did not answer UPDATE_BME_STATE in 300 ms" },
	{ BME, GARBAGE, -EPROTO, NULL },
	{ BME, CRASH, -EIO, "the vGPU's firmware plugin crashed" },
	{ BME, DEATH, -ENODEV, "GSP is silent" },
};

static void fail_open(u32 i)
{
	struct ovg_instance *inst, *other;
	char where[64];
	u64 before;
	int err;

	snprintf(where, sizeof(where), "step %x, fault %d", open_faults[i].step,
		 open_faults[i].kind);
	cr_assert_eq(open_vgpu(4, &other), 0);
	bad.step = open_faults[i].step;
	bad.kind = open_faults[i].kind;
	before = shim_ms;
	err = open_vgpu(2, &inst);
	cr_expect_eq(err, open_faults[i].err, "%s: %d, %s", where, err, why);
	if (open_faults[i].why)
		cr_expect_str_eq(why, open_faults[i].why, "%s: %s", where, why);
	if (bad.kind == CRASH || bad.kind == DEATH || bad.kind == GARBAGE)
		cr_expect_lt(shim_ms - before, 60u, "%s: waits for what cannot come", where);
	cr_expect_eq(told.died, 0u, "%s: open has said it", where);
	if (bad.kind == DEATH) {
		/* nothing of it is left on our side, the rest is the firmware's */
		cr_expect_null(p.inst[2]);
		cr_expect_eq(shim_maps, 1, "%s", where);
		bad.kind = NONE;
		cr_expect_eq(open_vgpu(2, &inst), -ENODEV, "%s", where);
		gsp_vgpu_drop_all(&p);
		cr_expect_eq(shim_maps, 0, "%s", where);
		return;
	}
	bad.kind = NONE;
	cr_expect_eq(gsp_vgpu_reset(&p, other, why), 0, "%s: the other one runs", where);
	cr_expect_eq(gsp_vgpu_close(&p, other, why), 0, "%s: %s", where, why);
	expect_nothing_left(where);
	cr_assert_eq(open_vgpu(2, &inst), 0, "%s: once more: %s", where, why);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	expect_nothing_left(where);
}

static void fail_opens(const struct gsp_abi *abi)
{
	for (u32 i = 0; i < ARRAY_SIZE(open_faults); i++) {
		use(abi);
		fail_open(i);
	}
}

Test(gsp_plugin, open_fails_535) { fail_opens(&gsp_abi_r535); }
Test(gsp_plugin, open_fails_570) { fail_opens(&gsp_abi_r570); }
Test(gsp_plugin, open_fails_595) { fail_opens(&gsp_abi_r595); }

/* After an error of a message: no other one, SHUTDOWN and CLEANUP at once. */
Test(gsp_plugin, order_of_unwinding)
{
	struct ovg_instance *inst;

	bad.step = BME;
	bad.kind = LATE;
	cr_expect_eq(open_vgpu(1, &inst), -ETIMEDOUT);
	EXPECT_STEPS(ALLOC, SCRUB, BOOTLOAD, NEGOTIATE, CONFIG, BME, SHUTDOWN, CLEANUP, FREE);
	bad.step = SCRUB;
	cr_expect_eq(open_vgpu(1, &inst), -ETIMEDOUT);
	EXPECT_STEPS(ALLOC, SCRUB, FREE);
}

Test(gsp_plugin, undo_fails)
{
	struct ovg_instance *inst;

	fw.no_marker = true;
	bad.step = CLEANUP;
	bad.kind = REFUSED;
	cr_expect_eq(open_vgpu(1, &inst), -ENOTRECOVERABLE);
	cr_expect_str_eq(why, "the vGPU's firmware plugin left no start marker in 800 ms; "
			 "clean-up failed: GSP refused CLEANUP: INVALID_ARGUMENT (0x1f)");
	cr_expect_null(p.inst[1]);
	cr_expect_eq(shim_maps, 0);
	cr_expect_eq(fw.clients[1], 0u);
}

/* ---- close and reset ---------------------------------------------------- */

static const struct {
	u32 step;
	enum kind kind;
	int err;
} close_faults[] = {
	{ BME, REFUSED, 0 },
	{ BME, LOST, 0 },
	{ BME, LATE, 0 },
	{ BME, GARBAGE, 0 },
	{ BME, CRASH, 0 },
	{ SHUTDOWN, REFUSED, 0 },
	{ SHUTDOWN, LOST, 0 },
	{ SHUTDOWN, LATE, 0 },
	{ CLEANUP, REFUSED, -EINVAL },
	{ CLEANUP, LOST, -ETIMEDOUT },
	{ CLEANUP, LATE, -ETIMEDOUT },
	{ BME, DEATH, -ENODEV },
	{ SHUTDOWN, DEATH, -ENODEV },
	{ CLEANUP, DEATH, -ENODEV },
};

Test(gsp_plugin, close_fails)
{
	struct ovg_instance *inst;
	int err;

	for (u32 i = 0; i < ARRAY_SIZE(close_faults); i++) {
		use(&gsp_abi_r570);
		cr_assert_eq(open_vgpu(1, &inst), 0);
		bad.step = close_faults[i].step;
		bad.kind = close_faults[i].kind;
		err = gsp_vgpu_close(&p, inst, why);
		cr_expect_eq(err, close_faults[i].err, "case %u: %d, %s", i, err, why);
		cr_expect_null(p.inst[1]);
		cr_expect_eq(shim_maps, 0);
		cr_expect_eq(fw.clients[1], 0u);
		cr_expect(err || !plugin[1].booted);
		shim_run_work(&wq);
		cr_expect_eq(told.died, 0u, "case %u: a crash in close is no news", i);
	}
}

/* A message that is owed an answer: close goes straight to SHUTDOWN. */
Test(gsp_plugin, no_message_after_a_timeout)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(1, &inst), 0);
	bad.step = RESET;
	bad.kind = LATE;
	cr_expect_eq(gsp_plugin_reset(inst, why), -ETIMEDOUT);
	while (plugin[1].answers_at)
		shim_pass_ms();
	fw.logged = 0;
	cr_expect_eq(gsp_plugin_reset(inst, why), -EIO);
	cr_expect_str_eq(why, "RESET not sent: the vGPU's plugin owes an answer");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	EXPECT_STEPS(SHUTDOWN, CLEANUP, FREE);
	expect_nothing_left("close");
}

/* Whatever becomes of RESET, the vGPU runs afterwards, started anew. */
Test(gsp_plugin, reset_falls_back)
{
	static const enum kind kinds[] = { REFUSED, LOST, LATE, GARBAGE, CRASH };
	struct ovg_instance *inst;

	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		use(&gsp_abi_r570);
		cr_assert_eq(open_vgpu(1, &inst), 0);
		fw.logged = 0;
		bad.step = RESET;
		bad.kind = kinds[i];
		cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0, "kind %d: %s", kinds[i], why);
		if (kinds[i] == REFUSED)
			EXPECT_STEPS(RESET, BME, SHUTDOWN, CLEANUP, BOOTLOAD, NEGOTIATE, CONFIG,
				     BME);
		else
			EXPECT_STEPS(RESET, SHUTDOWN, CLEANUP, BOOTLOAD, NEGOTIATE, CONFIG, BME);
		cr_expect(plugin[1].bus_master);
		bad.kind = NONE;
		cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
		EXPECT_STEPS(RESET);
		shim_run_work(&wq);
		cr_expect_eq(told.died, 0u, "kind %d: the reset has seen to it", kinds[i]);
		cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
		expect_nothing_left("close");
	}
}

Test(gsp_plugin, reset_fails)
{
	struct ovg_instance *inst;

	/* nothing is left of it, and it can be tried again */
	cr_assert_eq(open_vgpu(1, &inst), 0);
	bad.step = BOOTLOAD;
	bad.kind = REFUSED;
	crash(1);
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), -EINVAL);
	cr_expect_not(plugin[1].booted);
	bad.kind = NONE;
	fw.logged = 0;
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	EXPECT_STEPS(BOOTLOAD, NEGOTIATE, CONFIG, BME);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 1u, "it ran when it crashed");
	crash(1);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 1u, "once for each open");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	expect_nothing_left("close");

	bad.step = RESET;
	bad.kind = DEATH;
	cr_assert_eq(open_vgpu(1, &inst), 0);
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), -ENODEV);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), -ENODEV);
}

/* Numbers go on over 32 bits and leave 0 out. */
Test(gsp_plugin, sequence_wraps)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(1, &inst), 0);
	inst->plugin.seq = plugin[1].seq = 0xfffffffe;
	le_put32(page(1, 0x1000), resp_at(), 0xfffffffe);
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	cr_expect_eq(plugin[1].seq, 0xffffffffu);
	plugin[1].seq = 0;	/* it leaves 0 out, too */
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	cr_expect_eq(plugin[1].seq, 1u);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}
