/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other end of the message queues for tests: takes records from the command
 * queue, checks them, and sends what the test wants, good or bad. Addresses are
 * pointers here, so that it goes through the boot arguments as GSP does.
 */
#ifndef FAKE_GSP_H
#define FAKE_GSP_H

#include <criterion/criterion.h>

#include "driver/gsp/queue.h"

u64 shim_ms;
int shim_warnings;
int shim_traces;
int shim_maps;

static u8 bar0[SZ_16M];

static struct fake {
	u8 *page[GSP_SHM_PAGES];
	u32 wp, seq;		/* status queue */
	u32 rp, expect;		/* command queue */
	bool stuck;		/* takes nothing */
	u32 rings;
	u8 cmd[GSP_ELEM_MAX];
	u8 msg[GSP_ELEM_MAX];
	u8 sysinfo[GSP_PAGE];	/* GSP_SET_SYSTEM_INFO, which nothing answers */
	u32 sysinfo_len;
	/* what the test does with any other good record */
	void (*got)(const struct gsp_msg *m, const u8 *payload);
} fake;

#define STAT0	(1 + GSP_Q_PAGES)

static inline u32 reg(u32 off)
{
	return le_get32(bar0, off);
}

static inline void set_reg(u32 off, u32 v)
{
	le_put32(bar0, off, v);
}

/* Finds the queues by their page table. */
static inline void fake_map(const void *table)
{
	for (u32 i = 0; i < GSP_SHM_PAGES; i++)
		fake.page[i] = (u8 *)(uintptr_t)le_get64(table, 8 * i);
	cr_assert_eq((const void *)fake.page[0], table, "the table is its own first page");
}

static inline void fake_link(void)
{
	gsp_tx_header_init(fake.page[STAT0]);
	/* a place of its own, to see that the driver uses it */
	le_put32(fake.page[STAT0], GSP_TX_RXHDROFF, 0x40);
}

/* Puts fake.msg, @pages long, into the ring as it is. */
static inline void fake_put(u32 pages)
{
	u32 read = le_get32(fake.page[1], 0x20);

	cr_assert_geq(gsp_ring_free(fake.wp, read), pages, "status queue is full");
	for (u32 i = 0; i < pages; i++)
		memcpy(fake.page[STAT0 + 1 + gsp_ring_add(fake.wp, i)], fake.msg + i * GSP_PAGE,
		       GSP_PAGE);
	fake.wp = gsp_ring_add(fake.wp, pages);
	le_put32(fake.page[STAT0], GSP_TX_WRITEPTR, fake.wp);
}

static inline void fake_reseal(u32 len)
{
	le_put32(fake.msg, GSP_ELEM_CSUM, 0);
	le_put32(fake.msg, GSP_ELEM_CSUM, gsp_checksum(fake.msg, GSP_PAYLOAD + len));
}

static inline void fake_send(u32 function, u32 rpc_seq, u32 result, const void *payload, u32 len)
{
	if (len)
		memcpy(fake.msg + GSP_PAYLOAD, payload, len);
	gsp_elem_seal(fake.msg, fake.seq++, function, rpc_seq, len);
	le_put32(fake.msg, GSP_ELEM_HDR + GSP_RPC_RESULT, result);
	fake_reseal(len);
	fake_put(gsp_elem_pages(len));
}

/* Takes what is in the command queue. */
static inline void fake_poll(void)
{
	struct gsp_msg m;

	while (!fake.stuck && fake.rp != le_get32(fake.page[1], GSP_TX_WRITEPTR)) {
		u32 used = gsp_ring_used(le_get32(fake.page[1], GSP_TX_WRITEPTR), fake.rp);

		used = min(used, GSP_ELEM_MAX_PAGES);
		for (u32 i = 0; i < used; i++)
			memcpy(fake.cmd + i * GSP_PAGE, fake.page[2 + gsp_ring_add(fake.rp, i)],
			       GSP_PAGE);
		cr_assert_eq(gsp_elem_check(fake.cmd, used, &m), GSP_MSG_OK);
		cr_assert_eq(m.seq, fake.expect, "sequence %u, expected %u", m.seq, fake.expect);
		fake.expect++;
		fake.rp = gsp_ring_add(fake.rp, m.pages);
		le_put32(fake.page[STAT0], 0x40, fake.rp);
		if (m.function == 72) {
			cr_assert_leq(m.len, sizeof(fake.sysinfo));
			memcpy(fake.sysinfo, fake.cmd + GSP_PAYLOAD, m.len);
			fake.sysinfo_len = m.len;
			continue;
		}
		if (fake.got)
			fake.got(&m, fake.cmd + GSP_PAYLOAD);
	}
}

#endif
