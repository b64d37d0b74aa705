// SPDX-License-Identifier: GPL-2.0-only
/* Messages that are dropped without an answer, and RPCs that are no RPCs. */
#include "refused.h"

#include <stdlib.h>
#include <string.h>

#define RPC	48	/* of the RPC header in an element */

REFUSED(refused_elem_count)
{
	static const uint32_t bad[] = { 0, 2, 17, 0xffffffff };
	uint32_t n;

	for (size_t i = 0; i < 4; i++) {
		n = good_record(h);
		put32(h->el + 40, bad[i]);
		host_seal(h);
		cr_expect(dropped(h, n), "count %u", bad[i]);
	}
	/* two elements, both there, for a message that needs one */
	good_record(h);
	put32(h->el + 40, 2);
	host_seal(h);
	cr_expect(dropped(h, 2));
	return 5;
}

REFUSED(refused_rpc_length)
{
	static const uint32_t bad[] = { 0, 31, 4096 - 48 + 1, 0xfffffff0 };
	uint32_t n;

	for (size_t i = 0; i < 4; i++) {
		n = good_record(h);
		put32(h->el + RPC + 8, bad[i]);
		cr_expect(dropped(h, n), "length %u", bad[i]);
	}
	return 4;
}

REFUSED(refused_checksum)
{
	uint32_t n = good_record(h);

	h->el[RPC + 40] ^= 1;
	cr_expect(dropped(h, n));
	h->el[RPC + 40] ^= 1;
	h->el[36] ^= 0x10;	/* the number is in it too */
	cr_expect(dropped(h, n));
	/* whole again it is taken: its number was not used up */
	h->el[36] ^= 0x10;
	cr_expect(answered(h, n));
	return 2;
}

REFUSED(refused_seqnum)
{
	uint32_t n = good_record(h), seq = h->seq;

	put32(h->el + 36, seq + 1);
	host_seal(h);
	cr_expect(dropped(h, n));
	put32(h->el + 36, seq - 1);
	host_seal(h);
	cr_expect(dropped(h, n));
	put32(h->el + 36, seq);
	host_seal(h);
	cr_expect(answered(h, n));
	/* and the same one again */
	cr_expect(dropped(h, n));
	return 3;
}

REFUSED(refused_rpc_version)
{
	uint32_t n = good_record(h);

	put32(h->el + RPC, 0x02000000);
	host_seal(h);
	cr_expect(dropped(h, n));
	h->seq++;
	return 1;
}

REFUSED(refused_rpc_signature)
{
	uint32_t n = good_record(h);

	put32(h->el + RPC + 4, 0x56525043);
	host_seal(h);
	cr_expect(dropped(h, n));
	h->seq++;
	return 1;
}

REFUSED(refused_write_ptr)
{
	uint8_t *q = host_queue_page(h, 1);
	uint32_t was = get32(q + 16);

	put32(q + 16, 63);
	host_ring(h);
	host_poll(h);
	put32(q + 16, 0xffffffff);
	host_ring(h);
	host_poll(h);
	put32(q + 16, was);
	return 2;
}

static void continuation(struct host *h, uint32_t len)
{
	static uint8_t p[HOST_RECORD_MAX];

	host_push(h, host_record(h, FN_CONTINUATION, h->rpc_seq, p, len));
	h->seq++;
	host_ring(h);
	host_poll(h);
}

/* The first record of a control of @size bytes, which is more than fits. */
static void first_record(struct host *h, uint32_t size)
{
	uint8_t *p = calloc(1, h->lay->control + size);
	uint8_t *params = calloc(1, size);

	host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_FEATURES, params, size);
	host_push(h, host_record(h, FN_CONTROL, ++h->rpc_seq, p, HOST_RECORD_MAX));
	h->seq++;
	h->answered = false;
	host_ring(h);
	host_poll(h);
	free(params);
	free(p);
}

REFUSED(refused_continuation)
{
	continuation(h, 100);	/* of nothing */
	first_record(h, HOST_RECORD_MAX + 1000 - h->lay->control);
	continuation(h, 1001);	/* too long */
	cr_expect(!h->answered);
	/* what is missing is missing: the next message ends it */
	cr_expect(answered(h, good_record(h)));
	return 3;
}

REFUSED(refused_function)
{
	uint8_t p[64] = { 0 };

	EXPECT_STATUS(host_rpc(h, 2, p, 64), RPC_FUNCTION);
	EXPECT_STATUS(host_rpc(h, 0xfff, p, 0), RPC_FUNCTION);
	EXPECT_STATUS(host_rpc(h, EV_PLUGIN, p, 8), HOST_NO_ANSWER);	/* looks like an event */
	return 3;
}

REFUSED(refused_payload)
{
	uint8_t p[256] = { 0 };
	uint32_t len;

	/* headers cut short */
	EXPECT_STATUS(host_rpc(h, FN_ALLOC, p, 31), RPC_PAYLOAD);
	EXPECT_STATUS(host_rpc(h, FN_FREE, p, 15), RPC_PAYLOAD);
	EXPECT_STATUS(host_rpc(h, FN_CONTROL, p, h->lay->control - 1), RPC_PAYLOAD);
	EXPECT_STATUS(host_rpc(h, FN_UNLOAD, p, 7), RPC_PAYLOAD);
	/* parameters that are longer than the message */
	len = host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_FEATURES, p + 128, 72);
	put32(p + 16, 73);
	EXPECT_STATUS(host_rpc(h, FN_CONTROL, p, len), RPC_PAYLOAD);
	memset(p, 0, sizeof(p));
	put32(p + 20, 0xffffffe0);
	EXPECT_STATUS(host_rpc(h, FN_ALLOC, p, 64), RPC_PAYLOAD);
	return 6;
}

REFUSED(refused_unload_in_use)
{
	uint8_t p[8] = { 0 };

	host_vgpu(h, 1);
	EXPECT_STATUS(host_rpc(h, FN_UNLOAD, p, 8), RM_IN_USE);
	cr_expect(model_running(h->m));
	host_vgpu_gone(h, 1);
	return 1;
}

REFUSED(refused_plugin_ring)
{
	static const uint32_t bad[] = {
		17,		/* nobody's */
		32 + 16,	/* no doorbell of a plugin */
		2 * 32 + 17,	/* of a vGPU that is not there */
		100 * 32 + 17,
	};

	host_vgpu(h, 1);
	for (size_t i = 0; i < 4; i++) {
		model_write(h->m, 0xb82200, bad[i]);
		host_poll(h);
		cr_expect_eq(model_read(h->m, 0xb82200), 0xffffffff, "rung and taken");
	}
	host_vgpu_gone(h, 1);
	model_write(h->m, 0xb82200, 32 + 17);
	host_poll(h);
	return 5;
}
