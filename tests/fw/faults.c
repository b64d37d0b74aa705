// SPDX-License-Identifier: GPL-2.0-only
/* Misbehaviour on request: that it is what docs/simulator.md says, and no more. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *board; unsigned int branch; } setups[] = {
	{ "A40", 570 }, { "A40", 595 }, { "RTXPRO6000", 595 },
};

#define TEST_EACH(name) \
	static void name(struct host *h); \
	Test(fw_faults, name) \
	{ \
		for (size_t i_ = 0; i_ < sizeof(setups) / sizeof(setups[0]); i_++) { \
			struct host *h_ = host_new(setups[i_].board, setups[i_].branch); \
			host_up(h_); \
			name(h_); \
			host_free(h_); \
		} \
	} \
	static void name(struct host *h)

static uint32_t features(struct host *h, uint8_t *p)
{
	uint8_t params[72] = { 0 };
	uint32_t len = host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_FEATURES, params, 72);

	return host_rpc(h, FN_CONTROL, p, len);
}

/* The firmware answers as if nothing had been. */
static void well(struct host *h)
{
	uint8_t p[128];

	EXPECT_ZERO(features(h, p));
	cr_expect_eq(get32(p + 12), 0u);
	cr_expect_str_eq((char *)p + h->lay->control + 6, h->f.build);
	host_vgpu(h, 9);
	host_vgpu_gone(h, 9);
}

static void once(struct host *h, const char *kind)
{
	char name[64];

	snprintf(name, sizeof(name), "fault_%s", kind);
	cr_expect_eq(model_counter(h->m, name), 1u, "%s", name);
}

TEST_EACH(rpc_lost)
{
	uint32_t len = h->lay->control + h->lay->boot.size, from = h->nev;
	uint8_t *p = malloc(len), *params = malloc(h->lay->boot.size);

	host_bootload_params(h, 1, params);
	host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_BOOTLOAD, params, h->lay->boot.size);
	cr_assert(model_fault(h->m, "rpc_lost", 1, NULL));
	cr_expect_eq(host_rpc(h, FN_CONTROL, p, len), HOST_NO_ANSWER);
	/* only the answer is lost */
	cr_expect(model_vgpu_runs(h->m, 1));
	cr_expect(host_saw(h, from, 1, PLUGIN_BOOTED));
	once(h, "rpc_lost");
	host_vgpu_gone(h, 1);
	well(h);
	free(params);
	free(p);
}

TEST_EACH(rpc_late)
{
	uint8_t p[128];
	uint64_t then = model_now_ms();
	uint32_t seq;

	model_late_ms(h->m, 700);
	cr_assert(model_fault(h->m, "rpc_late", 1, NULL));
	cr_expect_eq(features(h, p), HOST_NO_ANSWER);
	seq = h->rpc_seq;
	cr_expect_eq(host_wait(h, 2000), 0u);
	cr_expect_eq(h->ans.seq, seq);
	cr_expect_eq(model_now_ms() - then, 700u);
	once(h, "rpc_late");
	well(h);
}

TEST_EACH(rpc_error)
{
	uint8_t p[128];

	cr_assert(model_fault(h->m, "rpc_error", 1, NULL));
	cr_expect_eq(features(h, p), 0xffffu);
	cr_expect_eq(get32(p + 12), 0u, "RM itself has nothing against it");
	once(h, "rpc_error");
	well(h);
}

TEST_EACH(rpc_garbage)
{
	uint8_t p[128];

	cr_assert(model_fault(h->m, "rpc_garbage", 1, NULL));
	cr_expect_eq(features(h, p), HOST_NO_ANSWER);
	cr_expect_eq(h->garbage, 1u);
	once(h, "rpc_garbage");
	well(h);	/* its numbers go on without a gap: the host checks them */
}

TEST_EACH(boot_crash)
{
	uint32_t from = h->nev;

	cr_assert(model_fault(h->m, "boot_crash", 1, NULL));
	EXPECT_ZERO(host_bootload(h, 1));
	cr_expect(host_saw(h, from, 1, PLUGIN_CRASHED));
	cr_expect(!host_saw(h, from, 1, PLUGIN_BOOTED));
	cr_expect(!model_vgpu_runs(h->m, 1));
	cr_expect_eq(model_vgpus(h->m), 1u, "it keeps what it has");
	once(h, "boot_crash");
	EXPECT_ZERO(host_cleanup(h, 1));	/* without SHUTDOWN: it crashed */
	cr_expect_eq(model_vgpus(h->m), 0u);
	well(h);
}

TEST_EACH(fw_hang)
{
	uint8_t p[128];
	uint32_t events;

	cr_assert(model_fault(h->m, "fw_hang", 1, NULL));
	cr_expect_eq(features(h, p), HOST_NO_ANSWER);
	events = h->nev;
	host_pass(h, 3000);
	cr_expect_eq(h->nev, events, "not even samples");
	cr_expect_eq(features(h, p), HOST_NO_ANSWER);
	once(h, "fw_hang");
	model_flr(h->m);
	host_poll(h);
	host_up(h);
	well(h);
}

TEST_EACH(cleanup_refused)
{
	host_vgpu(h, 1);
	EXPECT_ZERO(host_shutdown(h, 1));
	cr_assert(model_fault(h->m, "cleanup_refused", 2, NULL));
	cr_expect_eq(host_cleanup(h, 1), RM_IN_USE);
	cr_expect_eq(host_cleanup(h, 1), RM_IN_USE);
	cr_expect_eq(model_vgpus(h->m), 1u);
	cr_expect_eq(host_bootload(h, 1), RM_RESOURCES);
	EXPECT_ZERO(host_cleanup(h, 1));
	well(h);
}

TEST_EACH(disarmed)
{
	cr_assert(model_fault(h->m, "rpc_lost", 5, NULL));
	cr_assert(model_fault(h->m, "rpc_lost", 0, NULL));
	well(h);
	cr_expect_eq(model_counter(h->m, "fault_rpc_lost"), 0u);
	cr_expect(!model_fault(h->m, "no_such_fault", 1, NULL));
}
