/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Everything that a vGPU of the provider stands on: RM, which keeps books, and a
 * plugin that reads its pages, answers messages, and fails wherever it is told to.
 * Virtual time: kshim.h.
 */
#ifndef FAKE_PLUGIN_H
#define FAKE_PLUGIN_H

#include <criterion/criterion.h>

#include "driver/gsp/bar1.h"
#include "driver/gsp/gsp.h"

u64 shim_ms;
int shim_warnings;
int shim_traces;
int shim_maps;

/* Steps of open and close, as they are logged and as faults name them. */
#define ALLOC		1000u
#define FREE		1001u
#define SCRUB		0x20800afau
#define BOOTLOAD	0x20804001u
#define SHUTDOWN	0x20804002u
#define CLEANUP		0x20804008u
#define NEGOTIATE	1u
#define CONFIG		2u
#define RESET		3u
#define BME		13u

#define GFIDS		4
#define HEAP		0x400000u
#define HEAP_OF(gfid)	((u64)(gfid) * HEAP)
#define SEG		(64ull << 20)

enum kind {
	NONE,
	LOST,		/* has no effect and no answer */
	LATE,		/* has its effect, the answer comes when nobody waits any more */
	REFUSED,
	GARBAGE,	/* answered with a number that nobody used */
	CRASH,		/* the plugin crashes: instead of an answer, or right after it */
	DEATH,		/* the firmware dies at it */
};

static struct pci_bus bus;
static struct pci_dev pf = { .bus = &bus }, vf = { .bus = &bus, .id = 0x0420 };
static struct workqueue_struct wq;
static struct ovg_timeouts to = { 100, 100, 800, 300, 100, 1000 };
static struct ovg_provider p;
static const struct ovg_type type = { .id = 560 };
static char why[OVG_WHY_MAX];
static u8 bar0[SZ_16M];
static u8 bar1[(GFIDS + 1) * HEAP];

static struct { u32 step; enum kind kind; u32 at_gfid; } bad;

static struct {
	bool dead;
	u32 clients[GFIDS + 1], mine;	/* objects by gfid, and which is allocating */
	u32 log[64], logged;
	u64 scrub_addr, scrub_len;
	u32 boot_ms;			/* from BOOTLOAD to BOOTLOADED */
	bool no_event, no_marker;
} fw;

/* A plugin's side, by gfid */
static struct plugin {
	bool booted, down, alive;
	u64 boots_at, answers_at;
	u32 seq, result;
	u32 answer;
	bool negotiated, configured, bus_master;
	bool owes;	/* a message was not answered as it should be */
	u8 config[128];
} plugin[GFIDS + 1];

static struct {
	u32 died, gfid;
	char why[OVG_WHY_MAX];
	u32 n;
	struct { u32 gfid; enum ovg_instance_event what; u32 value; } ev[64];
	u32 usages;
	struct ovg_usage usage[GFIDS + 1];
} told;

static void (*on_tick)(void);

/* ---- what the core is told ---------------------------------------------- */

static void instance_died(void *ctx, u32 gfid, const char *cause)
{
	cr_expect_eq(ctx, &told);
	told.died++;
	told.gfid = gfid;
	strcpy(told.why, cause);
}

static void instance_event(void *ctx, u32 gfid, enum ovg_instance_event what, u32 value)
{
	cr_expect_eq(ctx, &told);
	cr_assert_lt(told.n, ARRAY_SIZE(told.ev));
	told.ev[told.n].gfid = gfid;
	told.ev[told.n].what = what;
	told.ev[told.n++].value = value;
}

static void usage(void *ctx, u32 gfid, const struct ovg_usage *u)
{
	cr_expect_eq(ctx, &told);
	told.usages++;
	told.usage[gfid] = *u;
}

static const struct ovg_provider_events ev = {
	.instance_died = instance_died,
	.instance_event = instance_event,
	.usage = usage,
};

/* ---- the plugin --------------------------------------------------------- */

static u8 *page(u32 gfid, u32 at)
{
	return bar1 + HEAP_OF(gfid) + at;
}

static u32 resp_at(void)
{
	return p.abi->branch == 535 ? 0 : 4;	/* seq_processed; the result follows */
}

static void log_step(u32 step)
{
	cr_assert_lt(fw.logged, ARRAY_SIZE(fw.log));
	fw.log[fw.logged++] = step;
}

static enum kind fault(u32 step, u32 gfid)
{
	if (bad.step != step || (bad.at_gfid && bad.at_gfid != gfid))
		return NONE;
	if (bad.kind == DEATH) {
		fw.dead = true;
		gsp_vgpu_firmware_died(&p);
	}
	return bad.kind;
}

static void crash(u32 gfid)
{
	plugin[gfid].alive = false;
	gsp_vgpu_event(&p, gfid, 2);
}

static void boot_plugin(u32 gfid)
{
	struct plugin *g = &plugin[gfid];
	const u8 *c = page(gfid, 0);

	g->boots_at = 0;
	g->alive = true;
	cr_expect_eq(le_get32(c, 0), 1u, "version");
	cr_expect_eq(le_get64(c, 16), 0x1000u);
	cr_expect_eq(le_get64(c, 24), 0x2000u);
	cr_expect_eq(le_get64(c, 32), 0x3000u);
	cr_expect_eq(le_get64(c, 40), 0x203000u);
	for (u32 i = 4; i < 0x3000; i++)
		if (i < 16 || i >= 48)
			cr_assert_eq(c[i], 0, "byte %u of control, response or message", i);
	cr_expect_eq(c[0x3000], 0xa5, "the rest is the plugin's");
	if (!fw.no_marker)
		le_put32(page(gfid, 0), 8, 0x4e654a6f);
	if (!fw.no_event)
		gsp_vgpu_event(&p, gfid, 0);
}

static void answer(u32 gfid)
{
	struct plugin *g = &plugin[gfid];

	g->answers_at = 0;
	le_put32(page(gfid, 0x1000), resp_at() + 4, g->result);
	le_put32(page(gfid, 0x1000), resp_at(), g->answer);
}

static u32 message(u32 gfid, u32 msg, const u8 *payload)
{
	struct plugin *g = &plugin[gfid];

	switch (msg) {
	case NEGOTIATE:
		if (g->negotiated)
			return 0x40;
		g->negotiated = true;
		cr_expect_eq(le_get64(payload, 0), 0u);
		return 0;
	case CONFIG:
		if (!g->negotiated || g->configured)
			return 0x40;
		g->configured = true;
		memcpy(g->config, payload, sizeof(g->config));
		return 0;
	case RESET:
		return g->configured ? 0 : 0x40;
	case BME:
		if (!g->configured)
			return 0x40;
		cr_expect_eq(payload[0], payload[1]);
		g->bus_master = payload[0];
		return 0;
	}
	return 0x56;
}

static void doorbell(u32 value)
{
	u32 gfid = (value - 17) / 32, msg;
	struct plugin *g = &plugin[gfid];
	u8 *c = page(gfid, 0);
	enum kind k;

	cr_assert_eq(value % 32, 17u);
	cr_assert(gfid >= 1 && gfid <= GFIDS);
	cr_assert(g->alive, "message to a plugin that is not there");
	cr_assert_not(g->owes, "message although one is not answered");
	msg = le_get32(c, 4);
	log_step(msg);
	cr_expect_eq(le_get32(c, 8), g->seq + 1);
	g->seq = le_get32(c, 8);
	g->answer = g->seq;
	k = fault(msg, gfid);
	g->owes = k == LOST || k == LATE || k == GARBAGE;
	if (k == LOST) {
		g->answers_at = ~0ull;
		return;
	}
	if (k == CRASH) {
		crash(gfid);
		return;
	}
	if (k == DEATH)
		return;
	g->result = k == REFUSED ? 0xffff : message(gfid, msg, page(gfid, 0x2000));
	if (k == GARBAGE)
		g->answer = 0xa5a5a5a5;
	g->answers_at = shim_ms + (k == LATE ? 350 : 3);
}

void shim_tick(void)
{
	for (u32 i = 1; i <= GFIDS; i++) {
		if (plugin[i].boots_at && shim_ms >= plugin[i].boots_at)
			boot_plugin(i);
		if (plugin[i].answers_at && shim_ms >= plugin[i].answers_at)
			answer(i);
	}
	if (on_tick)
		on_tick();
}

void shim_writel(u32 value, void *addr)
{
	if (addr == bar0 + 0xb82200)
		doorbell(value);
	else
		le_put32(addr, 0, value);
}

u32 shim_readl(void *addr)
{
	return le_get32(addr, 0);
}

int shim_reset(void)
{
	cr_assert_fail("a vGPU resets nothing");
	return 0;
}

/* ---- RM ----------------------------------------------------------------- */

bool gsp_queue_dead(struct gsp_queue *q, char *reason)
{
	if (fw.dead && reason)
		strcpy(reason, "GSP is silent");
	return fw.dead;
}

void gsp_queue_drain(struct gsp_queue *q)
{
}

static int silence(const char *what, char *reason)
{
	for (u32 i = 0; i < to.command; i++)
		shim_pass_ms();
	gsp_why(reason, "no answer to %s in %u ms", what, to.command);
	return -ETIMEDOUT;
}

int gsp_rm_open(struct gsp_rm *rm, struct gsp_queue *q, const struct gsp_abi *abi, u16 id,
		char *reason)
{
	if (gsp_queue_dead(q, reason))
		return -ENODEV;
	log_step(ALLOC);
	switch (fault(ALLOC, id)) {
	case LOST:
		return silence("client", reason);
	case REFUSED:
		gsp_why(reason, "GSP refused client: NO_MEMORY (0x51)");
		return -ENOMEM;
	case DEATH:
		return gsp_queue_dead(q, reason) ? -ENODEV : 0;
	default:
		break;
	}
	cr_assert_eq(fw.clients[id], 0u);
	fw.clients[id] = 0xc1d00000u | id;
	rm->q = q;
	rm->abi = abi;
	rm->client = fw.clients[id];
	return 0;
}

void gsp_rm_close(struct gsp_rm *rm)
{
	if (!rm->client)
		return;
	log_step(FREE);
	cr_assert_eq(fw.clients[rm->client & 0xff], rm->client);
	fw.clients[rm->client & 0xff] = 0;
	rm->client = 0;
}

static void check_scrub(const u8 *params)
{
	for (u32 i = 0; i < 48; i++)
		cr_expect_eq(params[i], 0, "source and tag");
	fw.scrub_addr = le_get64(params, 48);
	fw.scrub_len = le_get64(params, 80);
	cr_expect_eq(le_get64(params, 56), fw.scrub_len, "size of the surface");
	cr_expect_eq(le_get64(params, 64), 0u, "offset");
	cr_expect_eq(le_get32(params, 72), 2u, "framebuffer");
	cr_expect_eq(le_get32(params, 88), 0u, "value");
	cr_expect_eq(le_get32(params, 92), 1u, "set");
}

static u32 do_control(u32 cmd, u32 gfid, const u8 *params)
{
	struct plugin *g = &plugin[gfid];

	switch (cmd) {
	case SCRUB:
		check_scrub(params);
		return 0;
	case BOOTLOAD:
		if (g->booted)
			return 0x1a;
		*g = (struct plugin) { .booted = true };
		g->boots_at = fw.boot_ms ? shim_ms + fw.boot_ms : 0;
		if (!fw.boot_ms)
			boot_plugin(gfid);
		return 0;
	case SHUTDOWN:
		if (!g->booted || g->down)
			return 0x40;
		cr_expect(!g->bus_master || g->owes || !g->alive || bad.step == BME,
			  "DMA is off before");
		g->down = true;
		g->alive = false;
		g->boots_at = g->answers_at = 0;
		gsp_vgpu_event(&p, gfid, 1);
		return 0;
	case CLEANUP:
		if (!g->booted)
			return 0x40;
		g->booted = false;
		return 0;
	}
	cr_assert_fail("control %x", cmd);
	return 0x56;
}

int gsp_rm_control(struct gsp_rm *rm, u32 cmd, const char *what, void *params, u32 size,
		   u32 *status, char *reason)
{
	u32 gfid = 0, st;
	enum kind k;

	if (status)
		*status = 0;
	cr_expect_eq(rm, &p.rm, "%s goes out on the GPU's own client", what);
	if (gsp_queue_dead(&p.q, reason))
		return -ENODEV;
	log_step(cmd);
	if (cmd == BOOTLOAD)
		gfid = le_get32(params, 4);
	else if (cmd != SCRUB)
		gfid = le_get32(params, 0);
	cr_assert_eq(size, cmd == BOOTLOAD ? p.abi->boot.size : cmd == SCRUB ? 96 : 4);
	k = fault(cmd, gfid);
	if (k == DEATH)
		return gsp_queue_dead(&p.q, reason) ? -ENODEV : 0;
	if (k == LOST)
		return silence(what, reason);
	st = k == REFUSED ? 0x1f : do_control(cmd, gfid, params);
	if (k == LATE)
		return silence(what, reason);
	if (k == CRASH)
		crash(gfid);
	if (!st)
		return 0;
	if (status)
		*status = st;
	gsp_why(reason, "GSP refused %s: %s (0x%x)", what, gsp_status_name(st), st);
	return gsp_status_errno(st);
}

/* ---- set-up ------------------------------------------------------------- */

static void use(const struct gsp_abi *abi)
{
	memset(bar1, 0xa5, sizeof(bar1));
	memset(&p, 0, sizeof(p));
	memset(&fw, 0, sizeof(fw));
	memset(plugin, 0, sizeof(plugin));
	memset(&told, 0, sizeof(told));
	memset(&bad, 0, sizeof(bad));
	on_tick = NULL;
	p.pf = &pf;
	p.ev = &ev;
	p.ctx = &told;
	p.abi = abi;
	p.bar0 = bar0;
	p.bar1 = (uintptr_t)bar1;
	p.bar1_size = sizeof(bar1);
	p.wq = &wq;
	p.to = &to;
	p.info.segment = SEG;
	p.engines[0] = 1;
	p.num_engines = 1;
	fw.boot_ms = 20;
}

static void setup(void)
{
	use(&gsp_abi_r570);
}

static int open_vgpu(u32 gfid, struct ovg_instance **inst)
{
	struct ovg_instance_params par = {
		.gfid = gfid, .vf = &vf, .type = &type, .pid = 4711,
		/* 24ef8ff7-3ed5-11ef-ae36-9758b1cb0c87 */
		.uuid = { { 0xf7, 0x8f, 0xef, 0x24, 0xd5, 0x3e, 0xef, 0x11,
			    0xae, 0x36, 0x97, 0x58, 0xb1, 0xcb, 0x0c, 0x87 } },
		.fb_offset = gfid * SEG, .fb_size = SEG,
		.heap_offset = HEAP_OF(gfid), .heap_size = HEAP,
		.chid_offset = 64 * gfid, .chid_count = 64, .placement_id = 6,
		.gi = GSP_SWIZZ_NONE, .params = "",
	};

	why[0] = '\0';
	return gsp_vgpu_open(&p, &par, inst, why);
}

static inline void expect_steps(u32 n, const u32 *steps)
{
	cr_assert_eq(fw.logged, n, "%u steps", fw.logged);
	for (u32 i = 0; i < n; i++)
		cr_expect_eq(fw.log[i], steps[i], "step %u is %x", i, fw.log[i]);
}

#define EXPECT_STEPS(...) do { \
		static const u32 s_[] = { __VA_ARGS__ }; \
		expect_steps(ARRAY_SIZE(s_), s_); \
		fw.logged = 0; \
	} while (0)

static inline void expect_nothing_left(const char *where)
{
	cr_expect_eq(shim_maps, 0, "%s: a mapping is left", where);
	cr_expect_eq(shim_warnings, 0, "%s", where);
	for (u32 i = 0; i <= GFIDS; i++) {
		cr_expect_null(p.inst[i], "%s: gfid %u is in use", where, i);
		cr_expect_not(plugin[i].booted, "%s: gfid %u is booted", where, i);
		cr_expect_eq(fw.clients[i], 0u, "%s: client of %u is left", where, i);
	}
	for (u32 i = 0; i < ARRAY_SIZE(wq.work); i++)
		cr_expect_null(wq.work[i], "%s: work is left", where);
}

#endif
