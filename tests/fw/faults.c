// SPDX-License-Identifier: GPL-2.0-only
/* Misbehaviour on request: that it is what docs/simulator.md says, and no more. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct { const char *board; unsigned int branch; } setups[] = {
	{ "A40", 535 }, { "A40", 570 }, { "L40S", 595 }, { "RTXPRO6000", 595 },
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
	host_configure(h, 9);
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

	host_comm_init(h, 1);
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

/* Faults meant for a command pass others by. */
TEST_EACH(meant_for_a_command)
{
	static const struct { const char *name; uint32_t cmd; } ctrl[] = {
		{ "0x20804001", CMD_BOOTLOAD }, { "0x20804002", CMD_SHUTDOWN },
		{ "0x20804008", CMD_CLEANUP },
	};
	uint8_t p[128], none[8] = { 0 };

	for (size_t i = 0; i < 3; i++) {
		uint32_t len = h->lay->control + h->lay->boot.size;
		uint8_t *msg = calloc(1, len), *params = calloc(1, h->lay->boot.size);

		cr_assert(model_fault(h->m, "rpc_error", 1, ctrl[i].name));
		EXPECT_ZERO(features(h, p));
		if (i)
			host_vgpu(h, 1);
		if (i == 2)
			EXPECT_ZERO(host_shutdown(h, 1));
		if (i)
			put32(params, 1);
		else
			host_bootload_params(h, 1, params);
		host_comm_init(h, 1);
		len = host_ctrl_bytes(h, msg, CLIENT, SUBDEVICE, ctrl[i].cmd, params,
				      i ? 4 : h->lay->boot.size);
		cr_expect_eq(host_rpc(h, FN_CONTROL, msg, len), 0xffffu, "%s", ctrl[i].name);
		free(params);
		free(msg);
		/* it was carried out all the same */
		if (i == 0)
			host_vgpu_gone(h, 1);
		if (i == 1)
			EXPECT_ZERO(host_cleanup(h, 1));
		cr_expect_eq(model_vgpus(h->m), 0u);
	}
	cr_assert(model_fault(h->m, "rpc_lost", 1, "free"));
	put32(p, CLIENT);
	put32(p + 8, 0x1234);
	EXPECT_ZERO(features(h, p));
	memset(p, 0, 16);
	cr_expect_eq(host_rpc(h, FN_FREE, p, 16), HOST_NO_ANSWER);
	cr_assert(model_fault(h->m, "rpc_lost", 1, "unload"));
	cr_assert(model_fault(h->m, "rpc_error", 1, "alloc"));
	memset(p, 0, sizeof(p));
	cr_expect_eq(host_rpc(h, FN_ALLOC, p, 64), 0xffffu);
	cr_expect_eq(host_rpc(h, FN_UNLOAD, none, 8), HOST_NO_ANSWER);
	host_poll(h);
	cr_expect(!model_running(h->m), "unloaded, and did not say so");
	host_up(h);
	well(h);
}

static const char *const messages[] = { "msg1", "msg2", "msg13", "msg3" };
static const uint32_t numbers[] = { MSG_NEGOTIATE, MSG_CONFIG, MSG_BME, MSG_RESET };

/* The messages of a vGPU's life up to the i-th, which is returned. */
static uint32_t message(struct host *h, uint32_t gfid, size_t i)
{
	uint8_t p[112];

	for (size_t j = 0; j <= i; j++) {
		uint32_t len = numbers[j] == MSG_CONFIG ? host_config(h, gfid, p) : 8, result;

		if (numbers[j] != MSG_CONFIG)
			memset(p, numbers[j] == MSG_BME, 8);
		result = host_msg(h, gfid, numbers[j], p, len);
		if (j == i)
			return result;
		cr_assert_eq(result, 0u);
	}
	return 0;
}

/* Each message x each fault, while another vGPU's plugin goes on. */
TEST_EACH(messages_to_a_plugin)
{
	host_vgpu(h, 2);
	host_configure(h, 2);
	for (size_t i = 0; i < 4; i++) {
		const uint8_t *resp;
		uint32_t from;

		host_vgpu(h, 1);
		cr_assert(model_fault(h->m, "rpc_lost", 1, messages[i]));
		cr_expect_eq(message(h, 1, i), HOST_NO_ANSWER, "%s lost", messages[i]);
		EXPECT_ZERO(host_msg(h, 2, MSG_RESET, NULL, 0));
		/* the plugin itself goes on */
		cr_expect_neq(host_msg(h, 1, MSG_RESET, NULL, 0), HOST_NO_ANSWER);
		host_vgpu_gone(h, 1);

		host_vgpu(h, 1);
		cr_assert(model_fault(h->m, "rpc_error", 1, messages[i]));
		cr_expect_eq(message(h, 1, i), 0xffffu, "%s error", messages[i]);
		host_vgpu_gone(h, 1);

		host_vgpu(h, 1);
		cr_assert(model_fault(h->m, "rpc_garbage", 1, messages[i]));
		resp = host_comm(h, 1) + 0x1000;
		cr_expect_eq(message(h, 1, i), HOST_NO_ANSWER);
		cr_expect_eq(get32(resp + h->lay->processed), 0xa5a5a5a5);
		host_vgpu_gone(h, 1);

		host_vgpu(h, 1);
		model_late_ms(h->m, 300);
		cr_assert(model_fault(h->m, "rpc_late", 1, messages[i]));
		cr_expect_eq(message(h, 1, i), HOST_NO_ANSWER, "%s late", messages[i]);
		EXPECT_ZERO(host_msg(h, 2, MSG_RESET, NULL, 0));	/* nobody else waits */
		host_pass(h, 299);
		cr_expect_neq(get32(resp + h->lay->processed), h->msg_seq[1]);
		host_pass(h, 2);
		cr_expect_eq(get32(resp + h->lay->processed), h->msg_seq[1]);
		host_vgpu_gone(h, 1);

		host_vgpu(h, 1);
		from = h->nev;
		cr_assert(model_fault(h->m, "plugin_crash", 1, messages[i]));
		cr_expect_eq(message(h, 1, i), HOST_NO_ANSWER, "%s crash", messages[i]);
		cr_expect(host_saw(h, from, 1, PLUGIN_CRASHED));
		EXPECT_ZERO(host_msg(h, 2, MSG_RESET, NULL, 0));
		EXPECT_ZERO(host_cleanup(h, 1));
	}
	host_vgpu(h, 1);
	cr_assert(model_fault(h->m, "fw_hang", 1, "msg2"));
	cr_expect_eq(message(h, 1, 1), HOST_NO_ANSWER);
	cr_expect_eq(host_msg(h, 2, MSG_RESET, NULL, 0), HOST_NO_ANSWER, "all of it hangs");
	model_flr(h->m);
	host_poll(h);
	host_up(h);
	well(h);
}

/* At a control the answer is sent, then the event. */
TEST_EACH(plugin_crash_at_a_control)
{
	uint32_t from = h->nev;

	cr_assert(model_fault(h->m, "plugin_crash", 1, "0x20804001"));
	EXPECT_ZERO(host_bootload(h, 1));
	cr_expect(host_saw(h, from, 1, PLUGIN_CRASHED));
	cr_expect(!host_saw(h, from, 1, PLUGIN_BOOTED));
	EXPECT_ZERO(host_cleanup(h, 1));
	host_vgpu(h, 1);
	from = h->nev;
	cr_assert(model_fault(h->m, "plugin_crash", 1, "0x20804002"));
	EXPECT_ZERO(host_shutdown(h, 1));
	cr_expect(host_saw(h, from, 1, PLUGIN_CRASHED));
	EXPECT_ZERO(host_cleanup(h, 1));
	cr_expect_eq(model_vgpus(h->m), 0u);
	well(h);
}

TEST_EACH(disarmed)
{
	cr_assert(model_fault(h->m, "rpc_lost", 5, NULL));
	cr_assert(model_fault(h->m, "rpc_lost", 0, NULL));
	well(h);
	cr_expect_eq(model_counter(h->m, "fault_rpc_lost"), 0u);
	cr_expect(!model_fault(h->m, "no_such_fault", 1, NULL));
	cr_expect(!model_fault(h->m, "rpc_lost", 1, "no_such_command"));
}
