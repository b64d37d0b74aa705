// SPDX-License-Identifier: GPL-2.0-only
/* What a vGPU's plugin does not take: its pages, and messages. */
#include "refused.h"

#include <string.h>

REFUSED(refused_plugin_control)
{
	static const struct { uint32_t off, val; } bad[] = {
		{ 0, 0 }, { 0, 2 }, { 16, 0x2000 }, { 24, 0 }, { 32, 0x4000 }, { 40, 0x203008 },
	};
	uint8_t boot[8192];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint32_t from = h->nev;

		host_comm_init(h, 1);
		put32(host_comm(h, 1) + bad[i].off, bad[i].val);
		host_bootload_params(h, 1, boot);
		EXPECT_STATUS(host_ctrl(h, CMD_BOOTLOAD, boot, h->lay->boot.size), 0);
		cr_expect(host_saw(h, from, 1, PLUGIN_CRASHED));
		cr_expect(!host_saw(h, from, 1, PLUGIN_BOOTED));
		cr_expect_eq(get32(host_comm(h, 1) + 8), 0u, "no start marker");
		cr_expect(host_log_has(h, 1, 0, "bad control page"));
		EXPECT_STATUS(host_cleanup(h, 1), 0);
	}
	return sizeof(bad) / sizeof(bad[0]);
}

static uint32_t numbered(struct host *h, uint32_t seq)
{
	static const uint8_t none[8];
	uint8_t *resp = host_comm(h, 1) + 0x1000;
	uint32_t was = get32(resp + h->lay->processed);

	host_write_msg(h, 1, MSG_NEGOTIATE, seq, none, 8);
	host_ring_plugin(h, 1);
	return get32(resp + h->lay->processed) == was;
}

REFUSED(refused_msg_seq)
{
	host_vgpu(h, 1);
	cr_expect(numbered(h, 2), "the first is 1");
	cr_expect(numbered(h, 0));
	cr_expect(numbered(h, 0), "rung without a number");
	cr_expect(numbered(h, 0xffffffff));
	cr_expect(!numbered(h, 1));
	cr_expect(numbered(h, 1), "the same again");
	cr_expect(numbered(h, 3));
	h->msg_seq[1] = 1;
	EXPECT_STATUS(host_msg(h, 1, 99, NULL, 0), RM_NOT_SUPPORTED);
	also("refused_msg_type");
	host_vgpu_gone(h, 1);
	return 6;
}

REFUSED(refused_msg_type)
{
	static const uint32_t bad[] = { 0, 4, 12, 14, 0xffffffff };

	host_vgpu(h, 1);
	EXPECT_STATUS(host_msg(h, 1, 200, NULL, 0), RM_NOT_SUPPORTED);
	host_configure(h, 1);
	for (size_t i = 0; i < 5; i++)
		EXPECT_STATUS(host_msg(h, 1, bad[i], NULL, 0), RM_NOT_SUPPORTED);
	host_vgpu_gone(h, 1);
	return 6;
}

REFUSED(refused_msg_order)
{
	uint8_t p[112] = { 1, 1 };

	host_vgpu(h, 1);
	EXPECT_STATUS(host_msg(h, 1, MSG_CONFIG, p, host_config(h, 1, p)), RM_STATE);
	EXPECT_STATUS(host_msg(h, 1, MSG_RESET, NULL, 0), RM_STATE);
	EXPECT_STATUS(host_msg(h, 1, MSG_BME, p, 2), RM_STATE);
	memset(p, 0, 8);
	EXPECT_STATUS(host_msg(h, 1, MSG_NEGOTIATE, p, 8), 0);
	EXPECT_STATUS(host_msg(h, 1, MSG_NEGOTIATE, p, 8), RM_STATE);
	EXPECT_STATUS(host_msg(h, 1, MSG_RESET, NULL, 0), RM_STATE);
	EXPECT_STATUS(host_msg(h, 1, MSG_BME, p, 2), RM_STATE);
	EXPECT_STATUS(host_msg(h, 1, MSG_CONFIG, p, host_config(h, 1, p)), 0);
	EXPECT_STATUS(host_msg(h, 1, MSG_CONFIG, p, host_config(h, 1, p)), RM_STATE);
	EXPECT_STATUS(host_msg(h, 1, MSG_RESET, NULL, 0), 0);
	cr_expect(!model_vgpu_may_dma(h->m, 1), "nobody allowed it yet");
	host_vgpu_gone(h, 1);
	return 7;
}

REFUSED(refused_msg_config)
{
	const struct { uint32_t off, val; } bad[] = {
		{ 16, host_dbdf(h, 2) }, { 24, 0 }, { 24, CLIENT + 0x77 }, { 28, HOST_TYPE + 1 },
		{ 32, HOST_PID + 1 }, { 36, 0 }, { 40, 64 }, { 56, 0 }, { 56, 5 }, { 60, 1 },
		{ 64, 0x10000 },
	};
	uint8_t p[112];
	uint32_t len, times = 0;

	host_vgpu(h, 1);
	memset(p, 0, 8);
	EXPECT_STATUS(host_msg(h, 1, MSG_NEGOTIATE, p, 8), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = host_config(h, 1, p);
		put32(p + bad[i].off, bad[i].val);
		EXPECT_STATUS(host_msg(h, 1, MSG_CONFIG, p, len), RM_ARGUMENT);
		times++;
	}
	len = host_config(h, 1, p);
	memset(p, 0, 16);	/* whose vGPU is it? */
	EXPECT_STATUS(host_msg(h, 1, MSG_CONFIG, p, len), RM_ARGUMENT);
	times++;
	/* another client that is there will do */
	EXPECT_STATUS(host_alloc_client(h, CLIENT_OF(1)), 0);
	len = host_config(h, 1, p);
	put32(p + 24, CLIENT_OF(1));
	EXPECT_STATUS(host_msg(h, 1, MSG_CONFIG, p, len), 0);
	EXPECT_STATUS(host_drop(h, CLIENT_OF(1), CLIENT_OF(1)), 0);
	host_vgpu_gone(h, 1);
	return times;
}
