// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Hand-over, start, RM objects, the life of a vGPU and stop, against a fake GSP
 * that keeps books and can be told to misbehave. Virtual time: kshim.h.
 */
#include "fake_gsp.h"
#include "driver/gsp/gsp.h"

#define SCRUB		0x20800afau
#define BOOTLOAD	0x20804001u
#define SHUTDOWN	0x20804002u
#define CLEANUP		0x20804008u

static struct pci_bus bus = { .domain = 1 };
static struct pci_dev pf = { .bus = &bus }, vf = { .bus = &bus, .id = 0x0004 };
static struct workqueue_struct wq;
static struct ovg_timeouts to = { .command = 500, .boot = 1000, .instance = 800, .message = 300,
				  .stop = 500, .silence = 900 };
static struct ovg_provider p;
static const struct ovg_type type = { .id = 560 };
static const struct ovg_scheduler sched = { .policy = OVG_POLICY_BEST_EFFORT };
static char why[OVG_WHY_MAX];

/* GSP's books */
static struct {
	bool running;
	bool booted[65];	/* by gfid */
	bool down[65];
	u32 objects;
	u32 log[64], logged;	/* controls of vGPUs in the order they came */
	u32 registry;
	u32 ctrl_hdr;
} gsp;

/* misbehaviour */
static struct {
	u32 silent;		/* no answer to this control, but it has its effect */
	u32 deaf;		/* this control is neither done nor answered */
	u32 times;		/* for both: so often; 0 is always */
	u32 refuse, status;	/* this control is answered with this status */
	u32 message;		/* of a plugin: refused */
	u32 rpc_result;		/* of every reply */
	u32 rpc_error;		/* this control is done, its RPC fails */
	int boot_event;		/* what follows BOOTLOAD; -1 is nothing */
	u32 start_error;	/* mailbox code */
	bool no_init;
	bool keeps_running;	/* UNLOADING has no effect */
	bool hang;
	u32 heartbeat;
	u64 break_at;		/* when its write pointer leaves the ring */
} bad;

static struct { u32 died, gfid, fw_died; char why[OVG_WHY_MAX]; } told;

static void instance_died(void *ctx, u32 gfid, const char *cause)
{
	cr_expect_eq(ctx, &told);
	told.died++;
	told.gfid = gfid;
	strcpy(told.why, cause);
}

static void firmware_died(void *ctx, const char *cause)
{
	(void)ctx;
	(void)cause;
	told.fw_died++;
}

static const struct ovg_provider_events ev = {
	.instance_died = instance_died,
	.firmware_died = firmware_died,
};

/* Framebuffer through BAR1: the plugin's pages, at the address of the heap. */
#define HEAP_OF(gfid)	((256u << 20) + (gfid) * 0x400000u)
static u8 *bar1;

static void plugin_event(u32 gfid, u32 what)
{
	u8 e[8];

	le_put32(e, 0, gfid);
	le_put32(e, 4, what);
	fake_send(GSP_EV_PLUGIN_TRIGGERED, 0, 0, e, 8);
}

/* The plugin says yes to everything, but for one message: test_gsp_plugin.c has more. */
static void doorbell(u32 value)
{
	u8 *comm = bar1 + HEAP_OF(value / 32);
	u32 at = 0x1000 + p.abi->plugin.resp_seq;

	cr_assert_eq(value % 32, 17u);
	le_put32(comm, at + 4, le_get32(comm, 4) == bad.message ? 0x56 : 0);
	le_put32(comm, at, le_get32(comm, 8));
}

static u32 vgpu_control(u32 cmd, const u8 *params)
{
	u32 gfid = le_get32(params, cmd == BOOTLOAD ? 4 : 0);

	if (cmd == SCRUB)
		return 0;
	cr_assert_leq(gfid, 64u);
	switch (cmd) {
	case BOOTLOAD:
		if (gsp.booted[gfid])
			return 0x1a;
		le_put32(bar1 + HEAP_OF(gfid), 8, 0x4e654a6f);	/* start marker */
		gsp.booted[gfid] = true;
		gsp.down[gfid] = false;
		return 0;
	case SHUTDOWN:
		if (!gsp.booted[gfid] || gsp.down[gfid])
			return 0x40;
		gsp.down[gfid] = true;
		return 0;
	case CLEANUP:
		if (!gsp.booted[gfid])
			return 0x40;
		if (!gsp.down[gfid])
			return 0x63;
		gsp.booted[gfid] = false;
		return 0;
	}
	return 0x56;
}

static void control(const struct gsp_msg *m, u8 *msg)
{
	u32 cmd = le_get32(msg, 8), status;
	const u8 *params = msg + gsp.ctrl_hdr;

	cr_assert_eq(le_get32(msg, 16), m->len - gsp.ctrl_hdr);
	if (cmd != SCRUB)
		gsp.log[gsp.logged++ % 64] = cmd;
	if (bad.deaf == cmd) {
		if (bad.times && !--bad.times)
			bad.deaf = 0;
		return;
	}
	status = bad.refuse == cmd ? bad.status : vgpu_control(cmd, params);
	le_put32(msg, 12, status);
	if (bad.silent != cmd)
		fake_send(m->function, m->rpc_seq,
			  bad.rpc_error == cmd ? 0xffff : bad.rpc_result, msg, m->len);
	else if (bad.times && !--bad.times)
		bad.silent = 0;
	if (cmd == BOOTLOAD && !status && bad.boot_event >= 0)
		plugin_event(le_get32(params, 4), (u32)bad.boot_event);
	if (cmd == SHUTDOWN && !status)
		plugin_event(le_get32(params, 0), 1);
}

static void on_record(const struct gsp_msg *m, const u8 *payload)
{
	static u8 msg[GSP_ELEM_MAX];

	memcpy(msg, payload, m->len);
	if (bad.hang)
		return;
	switch (m->function) {
	case 73:	/* the only one that may come before the start */
		cr_expect_eq(le_get32(msg, 0), m->len);
		cr_expect_eq(le_get32(msg, 4), 1u);
		cr_expect_str_eq((char *)msg + le_get32(msg, 8), "RMSetSriovMode");
		cr_expect_eq(msg[12], 1);
		gsp.registry = le_get32(msg, 16);
		return;
	case 103:
		gsp.objects++;
		fake_send(103, m->rpc_seq, bad.rpc_result, msg, m->len);
		return;
	case 10:
		gsp.objects--;
		fake_send(10, m->rpc_seq, 0, msg, m->len);
		return;
	case 47:
		cr_expect_eq(m->len, 8u);
		for (u32 i = 0; i < 65; i++)
			if (gsp.booted[i]) {
				fake_send(47, m->rpc_seq, 0x63, msg, m->len);
				return;
			}
		fake_send(47, m->rpc_seq, 0, msg, m->len);
		if (bad.keeps_running)
			return;
		gsp.running = false;
		set_reg(0x110040, 0x80000000);
		set_reg(0x110100, 0x10);
		return;
	case 76:
		control(m, msg);
		return;
	}
	cr_assert_fail("function %u", m->function);
}

/* Reads the boot arguments as hardware.md describes them. */
static void start(void)
{
	const u8 *libos = (u8 *)(uintptr_t)(reg(0x110040) | (u64)reg(0x110044) << 32);
	const u8 *args;

	if (bad.start_error) {
		set_reg(0x110040, bad.start_error);
		set_reg(0x110100, 0x10);
		return;
	}
	set_reg(0x110100, 0);
	if (bad.no_init)
		return;
	cr_assert_eq(le_get64(libos, 0), 0x524d41524753u);
	cr_expect_eq(le_get64(libos, 16), p.abi->rmargs_size);
	cr_expect_eq(libos[24], 1);
	cr_expect_eq(libos[25], 1);
	cr_expect_eq(le_get64(libos, 32), 0u);
	args = (u8 *)(uintptr_t)le_get64(libos, 8);
	cr_expect_eq(le_get32(args, 8), 0x81u);
	cr_expect_eq(le_get64(args, 16), 0x1000u);
	cr_expect_eq(le_get64(args, 24), 0x41000u);
	if (p.abi->branch == 595) {
		cr_expect_eq(le_get64(args, 32), 48u);
		cr_expect_eq(le_get64(args, 40), 4096u);
		cr_expect_eq(le_get64(args, 48), 65536u);
	}
	fake_map((void *)(uintptr_t)le_get64(args, 0));
	gsp.running = true;
	fake.wp = fake.seq = fake.rp = fake.expect = 0;
	fake.got = on_record;
	fake_link();
	fake_poll();
	fake_send(GSP_EV_INIT_DONE, 0, 0, NULL, 0);
}

void shim_writel(u32 value, void *addr)
{
	u32 off = (u32)((u8 *)addr - bar0);

	if ((u8 *)addr < bar0 || (u8 *)addr >= bar0 + sizeof(bar0)) {
		le_put32(addr, 0, value);
		return;
	}
	if (off == 0xb82200) {
		doorbell(value);
		return;
	}
	if (off == 0x110c00 && gsp.running)
		fake_poll();
	if (off != 0x110c00)
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
	memset(gsp.booted, 0, sizeof(gsp.booted));
	gsp.objects = 0;
	set_reg(0x110100, 0x10);
	return 0;
}

void shim_tick(void)
{
	if (gsp.running && bad.heartbeat && shim_ms % bad.heartbeat == 0)
		fake_send(GSP_EV_GPUACCT_SAMPLES, 0, 0, "x", 1);
	if (bad.break_at && shim_ms == bad.break_at)
		le_put32(fake.page[STAT0], GSP_TX_WRITEPTR, 63);
	gsp_queue_drain(&p.q);
}

static void on_event(void *ctx, u32 event, u32 result, const u8 *payload, u32 len)
{
	(void)ctx;
	(void)len;
	if (event == GSP_EV_INIT_DONE) {
		p.boot.init_result = result;
		complete(&p.boot.init_done);
	} else if (event == GSP_EV_PLUGIN_TRIGGERED) {
		gsp_vgpu_event(&p, le_get32(payload, 0), le_get32(payload, 4));
	}
}

static void on_dead(void *ctx, const char *cause)
{
	(void)ctx;
	(void)cause;
	complete(&p.boot.init_done);
	gsp_vgpu_firmware_died(&p);
	told.fw_died++;
}

static const struct gsp_queue_client client = { on_event, on_dead };

static int boot(const struct gsp_abi *abi)
{
	int err;

	set_reg(0x110100, 0x10);
	p.pf = &pf;
	p.bar0 = bar0;
	p.ev = &ev;
	p.ctx = &told;
	p.abi = abi;
	p.wq = &wq;
	p.to = &to;
	bar1 = bar1 ?: calloc(1, HEAP_OF(65));
	p.bar1 = (uintptr_t)bar1;
	p.bar1_size = HEAP_OF(65);
	p.info.segment = 64 << 20;
	p.engines[0] = 1;
	p.num_engines = 1;
	gsp.ctrl_hdr = abi->control_hdr;
	bad.heartbeat = 100;
	cr_assert_eq(gsp_queue_create(&p.q, &pf, bar0, &to, abi->echoes_sequence, &client, &p), 0);
	err = gsp_boot_start(&p.boot, &p.q, abi, &sched, why);
	if (!err)
		err = gsp_rm_open(&p.rm, &p.q, abi, 0, why);
	return err;
}

static int unboot(void)
{
	int err;

	gsp_rm_close(&p.rm);
	err = gsp_boot_stop(&p.boot, &p.q, why);
	gsp_vgpu_drop_all(&p);
	gsp_boot_free(&p.boot, &p.q);
	gsp_queue_destroy(&p.q);
	return err;
}

static void setup(void)
{
	cr_assert_eq(boot(&gsp_abi_r570), 0, "%s", why);
}

static int open_vgpu(u32 gfid, struct ovg_instance **inst)
{
	struct ovg_instance_params par = {
		.gfid = gfid, .vf = &vf, .type = &type, .pid = 1, .fb_offset = 64 << 20,
		.fb_size = 64 << 20, .heap_offset = HEAP_OF(gfid), .heap_size = 0x400000,
		.chid_offset = 64, .chid_count = 64, .gi = GSP_SWIZZ_NONE, .params = "",
	};

	return gsp_vgpu_open(&p, &par, inst, why);
}

static void expect_log(u32 from, u32 n, const u32 *cmds)
{
	cr_assert_eq(gsp.logged, from + n, "%u controls", gsp.logged - from);
	for (u32 i = 0; i < n; i++)
		cr_expect_eq(gsp.log[from + i], cmds[i], "control %u is %x", i, gsp.log[from + i]);
}

TestSuite(gsp_vgpu, .init = setup);
TestSuite(gsp_boot);

/* ---- start and stop ---------------------------------------------------- */

static void start_stop(const struct gsp_abi *abi)
{
	for (u32 i = 0; i < 3; i++) {
		memset(&p, 0, sizeof(p));
		cr_assert_eq(boot(abi), 0, "%s", why);
		cr_expect_eq(gsp.registry, 1u);
		cr_expect_eq(gsp.objects, 3u);
		cr_expect_eq(unboot(), 0, "%s", why);
		cr_expect_eq(gsp.objects, 0u);
		cr_expect_not(gsp.running);
	}
	cr_expect_eq(told.fw_died, 0u);
	cr_expect_eq(shim_warnings, 0);
}

Test(gsp_boot, start_stop_570) { start_stop(&gsp_abi_r570); }
Test(gsp_boot, start_stop_595) { start_stop(&gsp_abi_r595); }

Test(gsp_boot, refused)
{
	bad.start_error = 4;
	cr_expect_eq(boot(&gsp_abi_r570), -ENODEV);
	cr_expect_str_eq(why, "GSP refused to start: bad queue page table (code 0x4); reset the GPU");
	cr_expect_eq(unboot(), 0);
}

Test(gsp_boot, never_comes_up)
{
	bad.no_init = true;
	cr_expect_eq(boot(&gsp_abi_r570), -ENODEV);
	cr_expect_str_eq(why, "GSP did not come up in 1000 ms");
	/* it is reset, so that nothing writes into memory that is free */
	unboot();
	cr_expect_eq(reg(0x110100), 0x10u);
}

Test(gsp_boot, runs_already)
{
	cr_assert_eq(boot(&gsp_abi_r570), 0);
	cr_assert_eq(unboot(), 0);
	memset(&p, 0, sizeof(p));
	set_reg(0x110100, 0);
	cr_assert_eq(gsp_queue_create(&p.q, &pf, bar0, &to, false, &client, &p), 0);
	cr_expect_eq(gsp_boot_start(&p.boot, &p.q, &gsp_abi_r570, &sched, why), -ENODEV);
	cr_expect_str_eq(why, "GSP runs already: somebody else has started it; unbind that, reset the GPU");
	cr_expect_eq(gsp_boot_stop(&p.boot, &p.q, why), 0, "not ours to stop");
	gsp_boot_free(&p.boot, &p.q);
	gsp_queue_destroy(&p.q);
}

Test(gsp_boot, does_not_stop)
{
	bad.keeps_running = true;
	cr_assert_eq(boot(&gsp_abi_r570), 0);
	cr_expect_eq(gsp_boot_stop(&p.boot, &p.q, why), -ETIMEDOUT);
	cr_expect_str_eq(why, "GSP said that it stops and did not");
	cr_expect(gsp_queue_dead(&p.q, NULL), "nobody talks to it any more");
	cr_expect_eq(unboot(), 0);
	cr_expect_not(gsp.running, "it was reset");
}

Test(gsp_boot, does_not_stop_with_vfs)
{
	bad.keeps_running = true;
	pf.vfs = 4;
	pf.master = true;
	cr_assert_eq(boot(&gsp_abi_r570), 0);
	cr_expect_eq(unboot(), -ETIMEDOUT);
	cr_expect(gsp.running, "a reset would take the VFs away");
	cr_expect_not(pf.master, "but it reaches no memory");
}

Test(gsp_boot, hangs_before_stop)
{
	cr_assert_eq(boot(&gsp_abi_r570), 0);
	bad.hang = true;
	bad.heartbeat = 0;
	cr_expect_eq(unboot(), -ENODEV);
	cr_expect_str_eq(why, "GSP is silent: nothing came for 1000 ms, FREE the last command");
	cr_expect_lt(shim_ms, 1100u, "two timeouts, not one for every object");
	cr_expect_not(gsp.running);
}

Test(gsp_boot, rm_refuses)
{
	bad.rpc_result = 0xff100001;
	cr_expect_eq(boot(&gsp_abi_r570), -EPROTO);
	cr_expect_str_eq(why, "RPC failed, client: RPC_UNKNOWN_FUNCTION (0xff100001)");
	unboot();
}

Test(gsp_boot, hand_over)
{
	static const struct { u32 at, v; const char *why; } tab[] = {
		{ 0x104, 0x03000000, "no firmware hand-over: nothing has booted GSP in vGPU mode; boot it so, then bind anew" },
		{ 0x104, 0x03024756, "firmware hand-over at config 0x100 is not of a known form: see docs/hardware.md" },
		{ 0x104, 0x02f14756, "firmware hand-over at config 0x100 is not of a known form: see docs/hardware.md" },
		{ 0x108, 0x4f564749, "firmware hand-over at config 0x100 is not of a known form: see docs/hardware.md" },
		{ 0x10c, 2, "GSP does not wait for boot arguments: reset the GPU" },
		{ 0x10c, 1, "firmware hand-over says that vGPU mode cannot be enabled" },
	};
	static const u32 good[] = { 0x104, 0x03014756, 0x108, 0x4f564748, 0x10c, 3 };
	char build[GSP_BUILD_LEN];

	memcpy(&pf.cfg[0x110 / 4], "570.144", 8);
	for (size_t i = 0; i <= ARRAY_SIZE(tab); i++) {
		for (u32 j = 0; j < ARRAY_SIZE(good); j += 2)
			pf.cfg[good[j] / 4] = good[j + 1];
		if (i == ARRAY_SIZE(tab))
			break;
		pf.cfg[tab[i].at / 4] = tab[i].v;
		cr_expect_eq(gsp_handover(&pf, build, why), -ENODEV);
		cr_expect_str_eq(why, tab[i].why);
	}
	cr_expect_eq(gsp_handover(&pf, build, why), 0);
	cr_expect_str_eq(build, "570.144");
	memset(&pf.cfg[0x110 / 4], '5', 32);
	cr_expect_eq(gsp_handover(&pf, build, why), 0);
	cr_expect_eq(strlen(build), 31u);
}

/* ---- vGPUs ------------------------------------------------------------- */

Test(gsp_vgpu, open_close)
{
	static const u32 order[] = { BOOTLOAD, SHUTDOWN, CLEANUP };
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0, "%s", why);
	cr_expect(gsp.booted[5]);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	cr_expect_not(gsp.booted[5]);
	expect_log(0, 3, order);
	cr_expect_eq(unboot(), 0, "%s", why);
	cr_expect_eq(told.died, 0u);
}

Test(gsp_vgpu, many_and_in_use)
{
	struct ovg_instance *inst[33], *other;

	for (u32 i = 1; i <= 32; i++)
		cr_assert_eq(open_vgpu(i, &inst[i]), 0);
	cr_expect_eq(open_vgpu(7, &other), -EBUSY);
	cr_expect_eq(open_vgpu(0, &other), -EINVAL);
	cr_expect_eq(open_vgpu(65, &other), -EINVAL);
	bus.domain = 0x10000;
	cr_expect_eq(open_vgpu(40, &other), -EOPNOTSUPP);
	for (u32 i = 1; i <= 32; i++)
		cr_expect_eq(gsp_vgpu_close(&p, inst[i], why), 0);
	cr_expect_eq(unboot(), 0);
}

Test(gsp_vgpu, refused_leaves_nothing)
{
	static const u32 order[] = { BOOTLOAD };
	struct ovg_instance *inst;

	bad.refuse = BOOTLOAD;
	bad.status = 0x1f;
	cr_expect_eq(open_vgpu(5, &inst), -EINVAL);
	cr_expect_str_eq(why, "GSP refused BOOTLOAD: INVALID_ARGUMENT (0x1f)");
	expect_log(0, 1, order);
	bad.refuse = 0;
	cr_expect_eq(open_vgpu(5, &inst), 0);
}

Test(gsp_vgpu, crash_while_booting)
{
	static const u32 order[] = { BOOTLOAD, SHUTDOWN, CLEANUP };
	struct ovg_instance *inst;

	bad.boot_event = 2;
	cr_expect_eq(open_vgpu(5, &inst), -EIO);
	cr_expect_str_eq(why, "the vGPU's firmware plugin crashed while it started");
	expect_log(0, 3, order);
	cr_expect_not(gsp.booted[5]);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 0u, "open has said it already");
}

Test(gsp_vgpu, never_boots)
{
	struct ovg_instance *inst;

	bad.boot_event = -1;
	cr_expect_eq(open_vgpu(5, &inst), -ETIMEDOUT);
	cr_expect_str_eq(why, "the vGPU's firmware plugin did not start in 800 ms");
	cr_expect_not(gsp.booted[5]);
}

/* BOOTLOAD had its effect, its answer is lost. */
Test(gsp_vgpu, lost_answer_is_undone)
{
	struct ovg_instance *inst;

	bad.silent = BOOTLOAD;
	cr_expect_eq(open_vgpu(5, &inst), -ETIMEDOUT);
	cr_expect_str_eq(why, "no answer to BOOTLOAD in 500 ms");
	cr_expect_not(gsp.booted[5], "undone");
}

/* The RPC failed although BOOTLOAD had its effect. */
Test(gsp_vgpu, failed_rpc_is_undone)
{
	struct ovg_instance *inst;

	bad.rpc_error = BOOTLOAD;
	cr_expect_eq(open_vgpu(5, &inst), -EIO);
	cr_expect_str_eq(why, "RPC failed, BOOTLOAD: GENERIC (0xffff)");
	cr_expect_not(gsp.booted[5], "undone");
}

/* BOOTLOAD itself is lost: the clean-up finds nothing, and that is fine. */
Test(gsp_vgpu, lost_command_is_undone)
{
	static const u32 order[] = { BOOTLOAD, SHUTDOWN, CLEANUP };
	struct ovg_instance *inst;

	bad.deaf = BOOTLOAD;
	cr_expect_eq(open_vgpu(5, &inst), -ETIMEDOUT);
	expect_log(0, 3, order);
	cr_expect_eq(unboot(), 0);
}

Test(gsp_vgpu, undo_fails)
{
	struct ovg_instance *inst;

	bad.boot_event = 2;
	bad.refuse = CLEANUP;
	bad.status = 0x63;
	cr_expect_eq(open_vgpu(5, &inst), -ENOTRECOVERABLE);
	cr_expect_str_eq(why, "the vGPU's firmware plugin crashed while it started; "
			 "clean-up failed: GSP refused CLEANUP: STATE_IN_USE (0x63)");
	cr_expect_eq(shim_warnings, 0);
	/* with a vGPU left GSP does not stop; it is reset */
	bad.refuse = 0;
	cr_expect_eq(unboot(), -EBUSY);
	cr_expect_not(gsp.running);
}

Test(gsp_vgpu, cleanup_is_sent_after_failed_shutdown)
{
	static const u32 order[] = { BOOTLOAD, SHUTDOWN, CLEANUP };
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	gsp.down[5] = true;	/* SHUTDOWN: INVALID_STATE */
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	expect_log(0, 3, order);
}

Test(gsp_vgpu, close_does_not_believe_a_contradiction)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	gsp.booted[5] = false;	/* both answer INVALID_STATE */
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), -EIO);
	cr_expect_str_eq(why, "GSP refused CLEANUP: INVALID_STATE (0x40)");
}

Test(gsp_vgpu, cleanup_refused)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	bad.refuse = CLEANUP;
	bad.status = 0x63;
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), -EBUSY);
	cr_expect_str_eq(why, "GSP refused CLEANUP: STATE_IN_USE (0x63)");
}

/* Done, but who asked does not know: asked again, there is nothing any more. */
Test(gsp_vgpu, lost_answer_to_cleanup)
{
	static const u32 order[] = { BOOTLOAD, SHUTDOWN, CLEANUP, SHUTDOWN, CLEANUP };
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	bad.silent = CLEANUP;
	bad.times = 1;
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0, "%s", why);
	expect_log(0, 5, order);
	cr_expect_not(gsp.booted[5]);
	cr_expect_eq(gsp.logged, 5u);
	cr_assert_eq(open_vgpu(5, &inst), 0, "%s", why);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

/* Asked for once more and no more, whatever the first answer lacked. */
static void cleanup_again(int want, bool booted)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	bad.times = 1;
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), want, "%s", why);
	cr_expect_eq(gsp.logged, 5u);
	cr_expect_eq(gsp.booted[5], booted);
}

/* The command itself is lost: the second one does it. */
Test(gsp_vgpu, lost_cleanup)
{
	bad.deaf = CLEANUP;
	cleanup_again(0, false);
}

/* The second one is refused, which is an answer. */
Test(gsp_vgpu, lost_cleanup_then_refused)
{
	bad.deaf = bad.refuse = CLEANUP;
	bad.status = 0x63;
	cleanup_again(-EBUSY, true);
}

/* Done, and twice it is said that the RPC failed. */
Test(gsp_vgpu, failed_rpc_of_cleanup)
{
	bad.rpc_error = CLEANUP;
	cleanup_again(-EIO, false);
}

Test(gsp_vgpu, crash_while_running_is_told_once)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	plugin_event(6, 2);	/* nobody's */
	plugin_event(5, 5);	/* an event without meaning here */
	plugin_event(500, 2);
	plugin_event(5, 2);
	plugin_event(5, 1);
	gsp_queue_drain(&p.q);
	cr_expect_eq(told.died, 0u, "not from the reader");
	shim_run_work(&wq);
	cr_expect_eq(told.died, 1u);
	cr_expect_eq(told.gfid, 5u);
	cr_expect_str_eq(told.why, "the vGPU's firmware plugin crashed");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
}

Test(gsp_vgpu, nothing_is_told_after_close)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	plugin_event(5, 2);
	gsp_queue_drain(&p.q);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 0u);
	plugin_event(5, 2);
	gsp_queue_drain(&p.q);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 0u);
}

Test(gsp_vgpu, reset)
{
	static const u32 order[] = { BOOTLOAD, SHUTDOWN, CLEANUP, BOOTLOAD };
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	cr_expect_eq(gsp.logged, 1u, "by message");
	bad.message = 3;
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), 0);
	expect_log(0, 4, order);
	gsp_queue_drain(&p.q);
	shim_run_work(&wq);
	cr_expect_eq(told.died, 0u, "UNLOADED of our own SHUTDOWN is no news");

	/* the second half fails: nothing is left, close has nothing to do */
	bad.refuse = BOOTLOAD;
	bad.status = 0x1a;
	cr_expect_eq(gsp_vgpu_reset(&p, inst, why), -ENOSPC);
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), 0);
	cr_expect_eq(gsp.logged, 7u);
}

Test(gsp_vgpu, firmware_dies_under_it)
{
	struct ovg_instance *inst, *other;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	bad.hang = true;
	bad.heartbeat = 0;
	u64 before = shim_ms;

	cr_expect_eq(open_vgpu(6, &other), -ETIMEDOUT, "%s", why);
	cr_expect_str_eq(why, "no answer to client in 500 ms");
	cr_expect_eq(gsp_vgpu_close(&p, inst, why), -ENODEV);
	cr_expect_eq(open_vgpu(7, &other), -ENODEV, "nothing was sent, nothing is held");
	cr_expect_str_eq(why, "GSP is silent: nothing came for 1000 ms, FREE the last command");
	cr_expect_lt(shim_ms - before, 1100u, "two timeouts for all of it");
	cr_expect_eq(told.fw_died, 1u);
	cr_expect_eq(unboot(), -ENODEV);
	cr_expect_not(gsp.running);
}

/* The wait for BOOTLOADED ends at once when the firmware dies. */
Test(gsp_vgpu, firmware_dies_while_booting)
{
	struct ovg_instance *inst;

	bad.boot_event = -1;
	bad.break_at = shim_ms + 50;
	cr_expect_eq(open_vgpu(5, &inst), -ENODEV);
	cr_expect_str_eq(why, "GSP's write pointer is out of range");
	cr_expect_eq(shim_ms, bad.break_at);
}

Test(gsp_vgpu, lost_instances_are_dropped_at_detach)
{
	struct ovg_instance *inst;

	cr_assert_eq(open_vgpu(5, &inst), 0);
	cr_expect_eq(unboot(), -EBUSY);
	cr_expect_null(p.inst[5]);
	cr_expect_eq(shim_maps, 0);
}
