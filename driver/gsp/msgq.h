/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Message queue elements and ring arithmetic: the part of the transport that
 * needs no hardware. Same on all supported branches.
 */
#ifndef OVG_GSP_MSGQ_H
#define OVG_GSP_MSGQ_H

#include "le.h"

/* Shared memory: one page of page table, then the two queues. */
#define GSP_PAGE		4096u
#define GSP_Q_PAGES		64u		/* header page and elements */
#define GSP_Q_SIZE		(GSP_Q_PAGES * GSP_PAGE)
#define GSP_Q_ELEMS		(GSP_Q_PAGES - 1)
#define GSP_Q_CMD		GSP_PAGE	/* offset of the command queue */
#define GSP_Q_STAT		(GSP_Q_CMD + GSP_Q_SIZE)
#define GSP_SHM_PAGES		(1 + 2 * GSP_Q_PAGES)

/* msgqTxHeader and msgqRxHeader, in the first page of a queue. */
#define GSP_TX_VERSION		0
#define GSP_TX_SIZE		4
#define GSP_TX_MSGSIZE		8
#define GSP_TX_MSGCOUNT		12
#define GSP_TX_WRITEPTR		16
#define GSP_TX_FLAGS		20
#define GSP_TX_RXHDROFF		24
#define GSP_TX_ENTRYOFF		28
#define GSP_TX_HDR_SIZE		32u
#define GSP_TX_FLAG_SWAP_RX	1u	/* read pointers sit in the reader's queue */

/* GSP_MSG_QUEUE_ELEMENT */
#define GSP_ELEM_CSUM		32
#define GSP_ELEM_SEQ		36
#define GSP_ELEM_COUNT		40
#define GSP_ELEM_HDR		48u
#define GSP_ELEM_MAX_PAGES	16u
#define GSP_ELEM_MAX		(GSP_ELEM_MAX_PAGES * GSP_PAGE)

/* rpc_message_header_v, offsets from its start */
#define GSP_RPC_VERSION		0
#define GSP_RPC_SIGNATURE	4
#define GSP_RPC_LENGTH		8	/* this header included */
#define GSP_RPC_FUNCTION	12
#define GSP_RPC_RESULT		16
#define GSP_RPC_PRIVATE		20
#define GSP_RPC_SEQUENCE	24
#define GSP_RPC_HDR		32u
#define GSP_RPC_VERSION_3	0x03000000u
#define GSP_RPC_SIG_VRPC	0x43505256u	/* "VRPC" */

#define GSP_PAYLOAD		(GSP_ELEM_HDR + GSP_RPC_HDR)
/* Most payload bytes in one record; longer messages continue in further ones. */
#define GSP_RECORD_MAX		(GSP_ELEM_MAX - GSP_PAYLOAD)

/**
 * struct gsp_msg - a received record
 * @seq: element sequence number
 * @pages: ring slots it takes
 * @function: RPC function or event number
 * @result: rpc_result
 * @rpc_seq: RPC sequence number
 * @len: payload bytes behind the RPC header
 */
struct gsp_msg {
	u32 seq;
	u32 pages;
	u32 function;
	u32 result;
	u32 rpc_seq;
	u32 len;
};

enum gsp_msg_fault {
	GSP_MSG_OK,
	GSP_MSG_COUNT,		/* page count is 0, above 16, or not all there */
	GSP_MSG_LENGTH,		/* RPC length does not fit the page count */
	GSP_MSG_CHECKSUM,
	GSP_MSG_SIGNATURE,	/* not an RPC header of this version */
};

u32 gsp_checksum(const void *data, size_t len);
void gsp_elem_seal(u8 *elem, u32 seq, u32 function, u32 rpc_seq, u32 len);
enum gsp_msg_fault gsp_elem_check(const u8 *elem, u32 pages, struct gsp_msg *msg);
const char *gsp_msg_fault_text(enum gsp_msg_fault fault);

static inline u32 gsp_elem_pages(u32 len)
{
	return (len + GSP_PAYLOAD + GSP_PAGE - 1) / GSP_PAGE;
}

/* How many records a message of @len payload bytes is sent in. */
static inline u32 gsp_records(u32 len)
{
	return len ? (len + GSP_RECORD_MAX - 1) / GSP_RECORD_MAX : 1;
}

/* Filled slots of a ring; one slot stays empty to tell full from empty. */
static inline u32 gsp_ring_used(u32 write, u32 read)
{
	return (write + GSP_Q_ELEMS - read) % GSP_Q_ELEMS;
}

static inline u32 gsp_ring_free(u32 write, u32 read)
{
	return GSP_Q_ELEMS - 1 - gsp_ring_used(write, read);
}

static inline u32 gsp_ring_add(u32 ptr, u32 slots)
{
	return (ptr + slots) % GSP_Q_ELEMS;
}

void gsp_tx_header_init(void *page);
bool gsp_tx_header_ok(const void *page, u32 *rx_off);

#endif
