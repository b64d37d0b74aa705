// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
#include "msgq.h"

/**
 * gsp_checksum() - XOR of all 64-bit words, folded to 32 bits
 * @data: message; the last word is padded with zeros
 * @len: bytes
 *
 * A message that contains its checksum gives 0.
 */
u32 gsp_checksum(const void *data, size_t len)
{
	const u8 *p = data;
	u64 sum = 0;
	size_t i;

	for (i = 0; i + 8 <= len; i += 8)
		sum ^= le_get64(p, i);
	for (; i < len; i++)
		sum ^= (u64)p[i] << (8 * (i % 8));
	return (u32)(sum >> 32) ^ (u32)sum;
}

/**
 * gsp_elem_seal() - write both headers around a payload
 * @elem: record; @len payload bytes are at %GSP_PAYLOAD already
 * @seq: element sequence number
 * @function: RPC function
 * @rpc_seq: RPC sequence number
 * @len: at most %GSP_RECORD_MAX
 */
void gsp_elem_seal(u8 *elem, u32 seq, u32 function, u32 rpc_seq, u32 len)
{
	u8 *rpc = elem + GSP_ELEM_HDR;

	memset(elem, 0, GSP_PAYLOAD);
	le_put32(rpc, GSP_RPC_VERSION, GSP_RPC_VERSION_3);
	le_put32(rpc, GSP_RPC_SIGNATURE, GSP_RPC_SIG_VRPC);
	le_put32(rpc, GSP_RPC_LENGTH, GSP_RPC_HDR + len);
	le_put32(rpc, GSP_RPC_FUNCTION, function);
	le_put32(rpc, GSP_RPC_RESULT, 0xffffffff);
	le_put32(rpc, GSP_RPC_PRIVATE, 0xffffffff);
	le_put32(rpc, GSP_RPC_SEQUENCE, rpc_seq);
	le_put32(elem, GSP_ELEM_SEQ, seq);
	le_put32(elem, GSP_ELEM_COUNT, gsp_elem_pages(len));
	le_put32(elem, GSP_ELEM_CSUM, gsp_checksum(elem, GSP_PAYLOAD + len));
}

/**
 * gsp_elem_check() - validate a received record
 * @elem: copy of it, so that what was checked cannot change any more
 * @pages: pages copied
 * @msg: filled in if it is good, and also its sequence number and page count if
 *	only the RPC header is not
 */
enum gsp_msg_fault gsp_elem_check(const u8 *elem, u32 pages, struct gsp_msg *msg)
{
	const u8 *rpc = elem + GSP_ELEM_HDR;
	u32 length = le_get32(rpc, GSP_RPC_LENGTH);

	msg->pages = le_get32(elem, GSP_ELEM_COUNT);
	if (!msg->pages || msg->pages > GSP_ELEM_MAX_PAGES || msg->pages > pages)
		return GSP_MSG_COUNT;
	if (length < GSP_RPC_HDR || length > msg->pages * GSP_PAGE - GSP_ELEM_HDR)
		return GSP_MSG_LENGTH;
	if (gsp_checksum(elem, GSP_ELEM_HDR + length))
		return GSP_MSG_CHECKSUM;
	msg->seq = le_get32(elem, GSP_ELEM_SEQ);
	if (le_get32(rpc, GSP_RPC_VERSION) != GSP_RPC_VERSION_3 ||
	    le_get32(rpc, GSP_RPC_SIGNATURE) != GSP_RPC_SIG_VRPC)
		return GSP_MSG_SIGNATURE;

	msg->function = le_get32(rpc, GSP_RPC_FUNCTION);
	msg->result = le_get32(rpc, GSP_RPC_RESULT);
	msg->rpc_seq = le_get32(rpc, GSP_RPC_SEQUENCE);
	msg->len = length - GSP_RPC_HDR;
	return GSP_MSG_OK;
}

const char *gsp_msg_fault_text(enum gsp_msg_fault fault)
{
	switch (fault) {
	case GSP_MSG_OK:
		return "good";
	case GSP_MSG_COUNT:
		return "impossible page count";
	case GSP_MSG_LENGTH:
		return "length does not fit its pages";
	case GSP_MSG_CHECKSUM:
		return "wrong checksum";
	case GSP_MSG_SIGNATURE:
		return "not an RPC header";
	}
	return "unknown fault";
}

/* The transmit header of our own queue. */
void gsp_tx_header_init(void *page)
{
	memset(page, 0, GSP_PAGE);
	le_put32(page, GSP_TX_SIZE, GSP_Q_SIZE);
	le_put32(page, GSP_TX_MSGSIZE, GSP_PAGE);
	le_put32(page, GSP_TX_MSGCOUNT, GSP_Q_ELEMS);
	le_put32(page, GSP_TX_FLAGS, GSP_TX_FLAG_SWAP_RX);
	le_put32(page, GSP_TX_RXHDROFF, GSP_TX_HDR_SIZE);
	le_put32(page, GSP_TX_ENTRYOFF, GSP_PAGE);
}

/**
 * gsp_tx_header_ok() - is the peer's queue laid out as ours?
 * @page: first page of the peer's queue
 * @rx_off: where in that page its read pointer of our queue is
 */
bool gsp_tx_header_ok(const void *page, u32 *rx_off)
{
	*rx_off = le_get32(page, GSP_TX_RXHDROFF);
	return le_get32(page, GSP_TX_VERSION) == 0 &&
	       le_get32(page, GSP_TX_SIZE) == GSP_Q_SIZE &&
	       le_get32(page, GSP_TX_MSGSIZE) == GSP_PAGE &&
	       le_get32(page, GSP_TX_MSGCOUNT) == GSP_Q_ELEMS &&
	       le_get32(page, GSP_TX_ENTRYOFF) == GSP_PAGE &&
	       *rx_off >= GSP_TX_HDR_SIZE && *rx_off <= GSP_PAGE - 4 &&
	       *rx_off % 4 == 0;
}
