// SPDX-License-Identifier: LGPL-2.1-or-later
/* Message queue elements and ring arithmetic. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "driver/gsp/msgq.h"

static u8 elem[GSP_ELEM_MAX];

static void make(u32 seq, u32 function, u32 rpc_seq, u32 len)
{
	for (u32 i = 0; i < len; i++)
		elem[GSP_PAYLOAD + i] = (u8)(i * 7 + 1);
	gsp_elem_seal(elem, seq, function, rpc_seq, len);
}

/* Worked by hand: words 1, 2 and 3 << 32 give low 3, high 3. */
Test(gsp_msgq, checksum_by_hand)
{
	u8 b[24] = { 0 };

	b[0] = 1;
	b[8] = 2;
	b[20] = 3;
	cr_assert_eq(gsp_checksum(b, 8), 1u);
	cr_assert_eq(gsp_checksum(b, 16), 3u);
	cr_assert_eq(gsp_checksum(b, 24), 0u);
	/* a partial word is padded with zeros */
	cr_assert_eq(gsp_checksum(b, 17), 3u);
	cr_assert_eq(gsp_checksum(b, 21), 0u);
}

Test(gsp_msgq, header_bytes)
{
	make(5, 76, 9, 24);
	cr_expect_eq(le_get32(elem, 36), 5u);
	cr_expect_eq(le_get32(elem, 40), 1u);
	cr_expect_eq(le_get32(elem, 48), 0x03000000u);
	cr_expect(memcmp(elem + 52, "VRPC", 4) == 0);
	cr_expect_eq(le_get32(elem, 56), 56u);
	cr_expect_eq(le_get32(elem, 60), 76u);
	cr_expect_eq(le_get32(elem, 64), 0xffffffffu);
	cr_expect_eq(le_get32(elem, 68), 0xffffffffu);
	cr_expect_eq(le_get32(elem, 72), 9u);
	cr_expect_eq(gsp_checksum(elem, 48 + 56), 0u);
}

Test(gsp_msgq, round_trip_all_sizes)
{
	static const u32 lens[] = { 0, 1, 7, 8, 4015, 4016, 4017, 8112, 8113, GSP_RECORD_MAX };
	static const u32 pages[] = { 1, 1, 1, 1, 1, 1, 2, 2, 3, 16 };
	struct gsp_msg m;

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		make(77, 103, 3, lens[i]);
		cr_assert_eq(gsp_elem_check(elem, pages[i], &m), GSP_MSG_OK, "%u", lens[i]);
		cr_expect_eq(m.pages, pages[i]);
		cr_expect_eq(m.len, lens[i]);
		cr_expect_eq(m.seq, 77u);
		cr_expect_eq(m.function, 103u);
		cr_expect_eq(m.rpc_seq, 3u);
	}
}

Test(gsp_msgq, every_flipped_bit_is_seen)
{
	struct gsp_msg m;

	make(1, 76, 2, 40);
	for (u32 bit = 0; bit < (GSP_PAYLOAD + 40) * 8; bit++) {
		elem[bit / 8] ^= (u8)(1 << bit % 8);
		cr_expect_neq(gsp_elem_check(elem, 1, &m), GSP_MSG_OK, "bit %u", bit);
		elem[bit / 8] ^= (u8)(1 << bit % 8);
	}
	cr_assert_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_OK);
}

static void reseal(void)
{
	u32 len = le_get32(elem, GSP_ELEM_HDR + GSP_RPC_LENGTH);

	le_put32(elem, GSP_ELEM_CSUM, 0);
	le_put32(elem, GSP_ELEM_CSUM, gsp_checksum(elem, GSP_ELEM_HDR + len));
}

Test(gsp_msgq, refusals_with_good_checksum)
{
	struct gsp_msg m;

	make(1, 76, 2, 40);
	le_put32(elem, GSP_ELEM_COUNT, 0);
	reseal();
	cr_expect_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_COUNT);
	le_put32(elem, GSP_ELEM_COUNT, 17);
	reseal();
	cr_expect_eq(gsp_elem_check(elem, 63, &m), GSP_MSG_COUNT);
	le_put32(elem, GSP_ELEM_COUNT, 2);
	reseal();
	cr_expect_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_COUNT);

	make(1, 76, 2, 40);
	le_put32(elem, GSP_ELEM_HDR + GSP_RPC_LENGTH, 31);
	reseal();
	cr_expect_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_LENGTH);
	le_put32(elem, GSP_ELEM_HDR + GSP_RPC_LENGTH, GSP_PAGE - GSP_ELEM_HDR + 1);
	cr_expect_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_LENGTH);
	le_put32(elem, GSP_ELEM_HDR + GSP_RPC_LENGTH, 0xffffffff);
	cr_expect_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_LENGTH);

	make(1, 76, 2, 40);
	le_put32(elem, GSP_ELEM_HDR + GSP_RPC_SIGNATURE, 0);
	reseal();
	cr_expect_eq(gsp_elem_check(elem, 1, &m), GSP_MSG_SIGNATURE);
	cr_expect_eq(m.seq, 1u);
}

Test(gsp_msgq, records)
{
	cr_expect_eq(gsp_records(0), 1u);
	cr_expect_eq(gsp_records(GSP_RECORD_MAX), 1u);
	cr_expect_eq(gsp_records(GSP_RECORD_MAX + 1), 2u);
	/* ADD_VGPU_TYPE of 570 with its control header */
	cr_expect_eq(gsp_records(334344 + 24), 6u);
	cr_expect_eq(gsp_records(694280 + 40), 11u);
}

Test(gsp_msgq, ring)
{
	cr_expect_eq(gsp_ring_used(0, 0), 0u);
	cr_expect_eq(gsp_ring_free(0, 0), 62u);
	cr_expect_eq(gsp_ring_used(62, 0), 62u);
	cr_expect_eq(gsp_ring_free(62, 0), 0u);
	cr_expect_eq(gsp_ring_used(0, 62), 1u);
	cr_expect_eq(gsp_ring_add(62, 1), 0u);
	cr_expect_eq(gsp_ring_add(50, 16), 3u);
	for (u32 w = 0; w < GSP_Q_ELEMS; w++)
		for (u32 r = 0; r < GSP_Q_ELEMS; r++)
			cr_expect_eq(gsp_ring_used(w, r) + gsp_ring_free(w, r), 62u);
}

Test(gsp_msgq, transmit_header)
{
	static u8 page[GSP_PAGE];
	u32 rx;

	cr_expect_not(gsp_tx_header_ok(page, &rx), "zeros: not linked yet");
	gsp_tx_header_init(page);
	cr_expect_eq(le_get32(page, 4), 0x40000u);
	cr_expect_eq(le_get32(page, 8), 0x1000u);
	cr_expect_eq(le_get32(page, 12), 63u);
	cr_expect_eq(le_get32(page, 20), 1u);
	cr_expect_eq(le_get32(page, 28), 0x1000u);
	cr_expect(gsp_tx_header_ok(page, &rx));
	cr_expect_eq(rx, 0x20u);

	static const u32 bad[][2] = {
		{ GSP_TX_VERSION, 1 }, { GSP_TX_SIZE, 0x3f000 }, { GSP_TX_MSGSIZE, 0x2000 },
		{ GSP_TX_MSGCOUNT, 64 }, { GSP_TX_ENTRYOFF, 0x2000 }, { GSP_TX_RXHDROFF, 31 },
		{ GSP_TX_RXHDROFF, 4094 }, { GSP_TX_RXHDROFF, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		gsp_tx_header_init(page);
		le_put32(page, bad[i][0], bad[i][1]);
		cr_expect_not(gsp_tx_header_ok(page, &rx), "case %zu", i);
	}
}
