// SPDX-License-Identifier: GPL-2.0-only
/*
 * The two message queues in system memory, reached by DMA as the PF. Messages
 * that are not right are dropped and counted by what was wrong with them.
 * Functions return a negative errno when the memory cannot be reached any more.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include "fw.h"

static int q_rw(struct sim_board *b, u32 page, u32 off, void *buf, u32 len, bool write)
{
	struct sim_fw *fw = b->fw;
	int err = sim_dma(&b->pf, fw->epoch, fw->pages[page] + off, buf, len, write);

	if (err && err != -ECANCELED)
		sim_count(b, fw_queue_faults);
	return err;
}

static int q_read32(struct sim_board *b, u32 page, u32 off, u32 *val)
{
	__le32 v;
	int err = q_rw(b, page, off, &v, sizeof(v), false);

	*val = le32_to_cpu(v);
	return err;
}

static int q_write32(struct sim_board *b, u32 page, u32 off, u32 val)
{
	__le32 v = cpu_to_le32(val);

	return q_rw(b, page, off, &v, sizeof(v), true);
}

static u32 checksum(const u8 *p, u32 len)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < len; i += 8)
		sum ^= rd64(p + i);
	return upper_32_bits(sum) ^ lower_32_bits(sum);
}

/* Return: 0, -EPROTO if the header of the command queue is not as it must be. */
int sim_q_start(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	u8 h[TX_HEADER];
	int err;

	err = q_rw(b, Q_CMD, 0, h, sizeof(h), false);
	if (err)
		return err;
	if (rd32(h + TX_VERSION) || rd32(h + TX_SIZE) != Q_SIZE ||
	    rd32(h + TX_MSG_SIZE) != Q_ELEM || rd32(h + TX_MSG_COUNT) != Q_MSGS ||
	    rd32(h + TX_WRITE_PTR) >= Q_MSGS || rd32(h + TX_FLAGS) != Q_FLAG_SWAP_RX ||
	    rd32(h + TX_RX_OFF) != Q_RX_OFF || rd32(h + TX_ENTRY_OFF) != Q_ENTRY_OFF)
		return -EPROTO;
	fw->cmd_read = fw->cmd_seq = 0;
	fw->stat_write = fw->stat_seq = 0;

	memset(h, 0, sizeof(h));
	wr32(h + TX_SIZE, Q_SIZE);
	wr32(h + TX_MSG_SIZE, Q_ELEM);
	wr32(h + TX_MSG_COUNT, Q_MSGS);
	wr32(h + TX_FLAGS, Q_FLAG_SWAP_RX);
	wr32(h + TX_RX_OFF, Q_RX_OFF);
	wr32(h + TX_ENTRY_OFF, Q_ENTRY_OFF);
	return q_write32(b, Q_STAT, Q_RX_OFF, 0) ?: q_rw(b, Q_STAT, 0, h, sizeof(h), true);
}

/* What is wrong with the message of @n elements in fw->in, or -1. */
static int refusal(struct sim_fw *fw, u32 n)
{
	u8 *rpc = fw->in + EL_HEADER;
	u32 len = rd32(rpc + RPC_LENGTH);

	if (len < RPC_HEADER || len > n * Q_ELEM - EL_HEADER)
		return SIM_C_refused_rpc_length;
	if (DIV_ROUND_UP(EL_HEADER + len, Q_ELEM) != n)
		return SIM_C_refused_elem_count;
	if (checksum(fw->in, ALIGN(EL_HEADER + len, 8)))
		return SIM_C_refused_checksum;
	if (rd32(fw->in + EL_SEQNUM) != fw->cmd_seq)
		return SIM_C_refused_seqnum;
	/* From here on it is a message of this sender: its number is used up. */
	fw->cmd_seq++;
	if (rd32(rpc + RPC_VERSION) != RPC_VERSION_3)
		return SIM_C_refused_rpc_version;
	if (rd32(rpc + RPC_SIGNATURE) != RPC_SIGNATURE_VRPC)
		return SIM_C_refused_rpc_signature;
	return -1;
}

/**
 * sim_q_receive - take the next good message into fw->in
 * @b: board
 *
 * Return: 1 if there is one, 0 if the queue is empty.
 */
int sim_q_receive(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	u32 wr, avail, n, i;
	int err, bad;

	for (;;) {
		err = q_read32(b, Q_CMD, TX_WRITE_PTR, &wr);
		if (err)
			return err;
		if (wr >= Q_MSGS) {
			sim_count(b, refused_write_ptr);
			return 0;
		}
		avail = (wr + Q_MSGS - fw->cmd_read) % Q_MSGS;
		if (!avail)
			return 0;
		err = q_rw(b, Q_CMD + 1 + fw->cmd_read, 0, fw->in, Q_ELEM, false);
		if (err)
			return err;
		n = rd32(fw->in + EL_COUNT);
		if (!n || n > EL_MAX || n > avail) {
			bad = SIM_C_refused_elem_count;
			n = 1;
		} else {
			for (i = 1; i < n && !err; i++)
				err = q_rw(b, Q_CMD + 1 + (fw->cmd_read + i) % Q_MSGS, 0,
					   fw->in + i * Q_ELEM, Q_ELEM, false);
			if (err)
				return err;
			bad = refusal(fw, n);
		}
		fw->cmd_read = (fw->cmd_read + n) % Q_MSGS;
		err = q_write32(b, Q_STAT, Q_RX_OFF, fw->cmd_read);
		if (err)
			return err;
		if (bad < 0)
			return 1;
		sim_count_n(b, bad, 1);
	}
}

/* Waits for room up to a second if told so: nobody may be reading. */
static int room_for(struct sim_board *b, u32 n, bool wait)
{
	struct sim_fw *fw = b->fw;
	int tries = wait ? 1000 : 0;
	u32 rd;
	int err;

	for (;;) {
		err = q_read32(b, Q_CMD, Q_RX_OFF, &rd);
		if (err)
			return err;
		if (rd < Q_MSGS && (rd + Q_MSGS - fw->stat_write - 1) % Q_MSGS >= n)
			return 0;
		if (!tries-- || kthread_should_stop()) {
			sim_count(b, fw_status_full);
			return -EAGAIN;
		}
		usleep_range(1000, 1500);
	}
}

static int put(struct sim_board *b, u32 n)
{
	struct sim_fw *fw = b->fw;
	unsigned long flags;
	u32 i;
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = q_rw(b, Q_STAT + 1 + (fw->stat_write + i) % Q_MSGS, 0, fw->out + i * Q_ELEM,
			   Q_ELEM, true);
	if (err)
		return err;
	wmb();	/* the message is there when the pointer is */
	fw->stat_write = (fw->stat_write + n) % Q_MSGS;
	err = q_write32(b, Q_STAT, TX_WRITE_PTR, fw->stat_write);
	if (err)
		return err;
	raw_spin_lock_irqsave(&b->dma_lock, flags);
	if (b->pf.epoch == fw->epoch)
		sim_msix_raise(&b->pf, 0);
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
	return 0;
}

/* Return: 0, -EAGAIN if the queue is full and the message is lost. */
int sim_q_send(struct sim_board *b, const u8 *rpc, u32 len, bool wait)
{
	struct sim_fw *fw = b->fw;
	u32 n = DIV_ROUND_UP(EL_HEADER + len, Q_ELEM);
	int err;

	err = room_for(b, n, wait);
	if (err)
		return err;
	memset(fw->out, 0, n * Q_ELEM);
	memcpy(fw->out + EL_HEADER, rpc, len);
	wr32(fw->out + EL_SEQNUM, fw->stat_seq);
	wr32(fw->out + EL_COUNT, n);
	wr32(fw->out + EL_CHECKSUM, checksum(fw->out, ALIGN(EL_HEADER + len, 8)));
	err = put(b, n);
	if (!err)
		fw->stat_seq++;
	return err;
}

/* One element of noise; it uses up no sequence number. */
int sim_q_send_garbage(struct sim_board *b)
{
	int err = room_for(b, 1, true);

	if (err)
		return err;
	memset(b->fw->out, 0xa5, Q_ELEM);
	return put(b, 1);
}
