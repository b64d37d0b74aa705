// SPDX-License-Identifier: GPL-2.0-only
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/io.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "queue.h"
#include "trace.h"

/* Enough for every vGPU of a board to have lost one command. */
#define MAX_ABANDONED		64
/* Timeouts in a row that mean that GSP only emits events any more. */
#define MAX_TIMEOUTS		3

/**
 * struct gsp_cmd - a command on its way
 * @node: in &gsp_queue.pending, in sending order; empty once @done
 * @done: reply complete, or queue dead
 * @function: RPC function
 * @seq: RPC sequence number of its first record
 * @key: third word of the payload, or 0: the RM command, class or object; tells
 *	replies to the same function apart where sequence numbers are not echoed
 * @records: that it was sent in
 * @replies: records of its reply so far
 * @abandoned: timed out; belongs to the queue
 * @err: set with @done
 * @result: rpc_result of the reply
 * @len: bytes of @payload
 * @got: bytes of the reply in @payload
 * @payload: request, then reply
 */
struct gsp_cmd {
	struct list_head node;
	struct completion done;
	u32 function;
	u32 seq;
	u32 key;
	u32 records;
	u32 replies;
	bool abandoned;
	int err;
	u32 result;
	u32 len;
	u32 got;
	u8 payload[];
};

static u32 shm_read(struct gsp_queue *q, u32 page, u32 off)
{
	return le32_to_cpu(READ_ONCE(*(__le32 *)(q->page[page] + off)));
}

static void shm_write(struct gsp_queue *q, u32 page, u32 off, u32 v)
{
	WRITE_ONCE(*(__le32 *)(q->page[page] + off), cpu_to_le32(v));
}

#define CMD_PAGE	(GSP_Q_CMD / GSP_PAGE)
#define STAT_PAGE	(GSP_Q_STAT / GSP_PAGE)

static u32 payload_key(const u8 *payload, u32 len)
{
	return len >= 12 ? le_get32(payload, 8) : 0;
}

static bool is_event(u32 function)
{
	return function >= GSP_EV_FIRST;
}

static const char *pf_name(struct gsp_queue *q)
{
	return pci_name(q->pdev);
}

/* ---- history, under q->lock -------------------------------------------- */

static void remember(struct gsp_queue *q, const char *what, u32 function, u32 key, u32 seq,
		     u32 len, enum gsp_cmd_state state)
{
	struct gsp_history *h = &q->history[q->history_next++ % GSP_HISTORY];

	memset(h, 0, sizeof(*h));
	strscpy(h->what, what, sizeof(h->what));
	h->function = function;
	h->key = key;
	h->seq = seq;
	h->len = len;
	h->state = state;
	h->sent = ktime_get();
	trace_gsp_command(pf_name(q), what, function, key, seq, len);
}

/* Nothing to do if it is so long ago that it was overwritten. */
static void remember_end(struct gsp_queue *q, u32 seq, enum gsp_cmd_state state, u32 result)
{
	u32 i;

	for (i = 0; i < GSP_HISTORY; i++)
		if (q->history[i].state != GSP_CMD_NONE && q->history[i].seq == seq) {
			q->history[i].state = state;
			q->history[i].result = result;
			q->history[i].ended = ktime_get();
		}
}

/* ---- life and death ---------------------------------------------------- */

/**
 * gsp_queue_create() - allocate the shared memory and lay it out
 * @q: zeroed
 * @pdev: PF; its DMA mask is set
 * @bar0: its registers
 * @to: timeouts, live as long as @q
 * @echoes: the firmware is known to echo RPC sequence numbers
 * @client: who is told
 * @ctx: for @client
 *
 * Pages are allocated one by one: GSP finds them through the page table, and
 * half a megabyte in one piece is not to be had on a long running host.
 */
int gsp_queue_create(struct gsp_queue *q, struct pci_dev *pdev, void __iomem *bar0,
		     const struct ovg_timeouts *to, bool echoes,
		     const struct gsp_queue_client *client, void *ctx)
{
	u32 i;

	q->pdev = pdev;
	q->bar0 = bar0;
	q->to = to;
	q->client = client;
	q->ctx = ctx;
	q->echo = echoes ? GSP_ECHO_YES : GSP_ECHO_UNKNOWN;
	q->rpc_seq = 1;		/* 0 means "not echoed" */
	mutex_init(&q->send_lock);
	mutex_init(&q->rx_lock);
	mutex_init(&q->lock);
	INIT_LIST_HEAD(&q->pending);

	q->tx_buf = kvmalloc(GSP_ELEM_MAX, GFP_KERNEL);
	q->rx_buf = kvmalloc(GSP_ELEM_MAX, GFP_KERNEL);
	if (!q->tx_buf || !q->rx_buf)
		goto fail;
	for (i = 0; i < GSP_SHM_PAGES; i++) {
		q->page[i] = dma_alloc_coherent(&pdev->dev, GSP_PAGE, &q->dma[i], GFP_KERNEL);
		if (!q->page[i])
			goto fail;
		memset(q->page[i], 0, GSP_PAGE);
	}
	for (i = 0; i < GSP_SHM_PAGES; i++)
		le_put64(q->page[0], 8 * i, q->dma[i]);
	gsp_tx_header_init(q->page[CMD_PAGE]);
	return 0;
fail:
	gsp_queue_destroy(q);
	return -ENOMEM;
}

static void free_cmd(struct gsp_queue *q, struct gsp_cmd *cmd)
{
	if (cmd->abandoned)
		q->abandoned--;
	if (q->partial == cmd)
		q->partial = NULL;
	list_del(&cmd->node);
	kvfree(cmd);
}

/* No sender and no reader is left; the device can no longer reach the pages. */
void gsp_queue_destroy(struct gsp_queue *q)
{
	struct gsp_cmd *cmd, *tmp;
	u32 i;

	list_for_each_entry_safe(cmd, tmp, &q->pending, node) {
		WARN_ON(!cmd->abandoned);
		free_cmd(q, cmd);
	}
	for (i = 0; i < GSP_SHM_PAGES; i++)
		if (q->page[i])
			dma_free_coherent(&q->pdev->dev, GSP_PAGE, q->page[i], q->dma[i]);
	kvfree(q->tx_buf);
	kvfree(q->rx_buf);
	memset(q->page, 0, sizeof(q->page));
	q->tx_buf = NULL;
	q->rx_buf = NULL;
}

/**
 * gsp_queue_fail() - give the firmware up
 * @q: queue
 * @why: the cause; the first one is kept
 *
 * Every command that waits ends with -ENODEV, as does every later one.
 */
void gsp_queue_fail(struct gsp_queue *q, const char *why)
{
	struct gsp_cmd *cmd, *tmp;
	bool first;

	mutex_lock(&q->lock);
	first = !q->dead;
	if (first) {
		q->dead = true;
		strscpy(q->dead_why, why, sizeof(q->dead_why));
	}
	list_for_each_entry_safe(cmd, tmp, &q->pending, node) {
		if (cmd->abandoned) {
			free_cmd(q, cmd);
			continue;
		}
		list_del_init(&cmd->node);
		remember_end(q, cmd->seq, GSP_CMD_FAILED, 0);
		cmd->err = -ENODEV;
		complete(&cmd->done);
	}
	q->partial = NULL;
	mutex_unlock(&q->lock);
	if (!first)
		return;
	trace_gsp_dead(pf_name(q), q->dead_why);
	q->client->dead(q->ctx, q->dead_why);
}

/* @why may be NULL. */
bool gsp_queue_dead(struct gsp_queue *q, char *why)
{
	bool dead;

	mutex_lock(&q->lock);
	dead = q->dead;
	if (dead && why)
		gsp_why(why, "%s", q->dead_why);
	mutex_unlock(&q->lock);
	return dead;
}

/* ---- receiving --------------------------------------------------------- */

static void give(struct gsp_queue *q, struct gsp_cmd *cmd)
{
	q->timeouts_in_a_row = 0;
	if (q->partial == cmd)
		q->partial = NULL;
	remember_end(q, cmd->seq, cmd->abandoned ? GSP_CMD_LATE : GSP_CMD_ANSWERED, cmd->result);
	if (cmd->abandoned) {
		q->stats.late++;
		trace_gsp_unmatched(pf_name(q), cmd->function, cmd->seq, true);
		dev_dbg(&q->pdev->dev, "late reply to RPC %u dropped\n", cmd->function);
		free_cmd(q, cmd);
		return;
	}
	list_del_init(&cmd->node);
	complete(&cmd->done);
}

/*
 * Whose reply is it? With echoed sequence numbers there is no doubt. Without,
 * firmware answers in the order of the commands, so it is the oldest one with
 * the same function and key, even if that one has been given up: an answer is
 * never handed to a later command that only looks the same.
 */
static struct gsp_cmd *find_cmd(struct gsp_queue *q, const struct gsp_msg *m,
				const u8 *payload)
{
	struct gsp_cmd *cmd, *tmp, *found = NULL;

	if (q->echo != GSP_ECHO_NO && m->rpc_seq)
		list_for_each_entry(cmd, &q->pending, node)
			if (cmd->seq == m->rpc_seq && cmd->function == m->function) {
				q->echo = GSP_ECHO_YES;
				return cmd;
			}
	if (q->echo == GSP_ECHO_YES)
		return NULL;

	list_for_each_entry(cmd, &q->pending, node)
		if (cmd->function == m->function &&
		    (m->len < 12 || cmd->key == payload_key(payload, m->len))) {
			found = cmd;
			break;
		}
	if (!found)
		return NULL;
	q->echo = GSP_ECHO_NO;
	list_for_each_entry_safe(cmd, tmp, &q->pending, node) {
		if (cmd == found)
			break;
		if (cmd->abandoned)	/* overtaken: its reply was lost */
			free_cmd(q, cmd);
	}
	return found;
}

static void take_reply(struct gsp_queue *q, const struct gsp_msg *m, const u8 *payload)
{
	struct gsp_cmd *cmd;
	u32 n;

	mutex_lock(&q->lock);
	if (m->function == GSP_FN_CONTINUATION_RECORD) {
		cmd = q->partial;
		/* Counted on by NVIDIA's 595; elsewhere at least the command's own. */
		if (cmd && q->echo == GSP_ECHO_YES && m->rpc_seq - cmd->seq >= cmd->records)
			cmd = NULL;
	} else {
		cmd = find_cmd(q, m, payload);
		if (cmd)
			cmd->result = m->result;
	}
	if (!cmd) {
		q->stats.stray++;
		mutex_unlock(&q->lock);
		trace_gsp_unmatched(pf_name(q), m->function, m->rpc_seq, false);
		dev_dbg(&q->pdev->dev, "reply to RPC %u that nobody waits for\n", m->function);
		return;
	}

	n = min(m->len, cmd->len - cmd->got);
	memcpy(cmd->payload + cmd->got, payload, n);
	cmd->got += n;
	cmd->replies++;
	/* A reply goes on while its records are full and something is missing. */
	if (m->len == GSP_RECORD_MAX && cmd->got < cmd->len && cmd->replies < cmd->records)
		q->partial = cmd;
	else
		give(q, cmd);
	mutex_unlock(&q->lock);
}

static bool link_queue(struct gsp_queue *q)
{
	u8 hdr[GSP_TX_HDR_SIZE];
	u32 off;

	if (q->linked)
		return true;
	memcpy(hdr, q->page[STAT_PAGE], sizeof(hdr));
	if (!gsp_tx_header_ok(hdr, &off))
		return false;
	WRITE_ONCE(q->peer_rx_off, off);
	q->linked = true;
	return true;
}

static void warn_damaged(struct gsp_queue *q, const char *what)
{
	mutex_lock(&q->lock);
	q->stats.damaged++;
	q->quiet_since = 0;
	mutex_unlock(&q->lock);
	dev_warn_ratelimited(&q->pdev->dev, "message of GSP skipped: %s\n", what);
}

/* Sequence numbers count records; true if this one is to be taken. */
static bool check_seq(struct gsp_queue *q, u32 seq)
{
	u32 ahead = seq - q->rx_seq;

	if ((s32)ahead < 0) {
		warn_damaged(q, "sequence number was there before");
		return false;
	}
	if (ahead) {
		mutex_lock(&q->lock);
		q->stats.lost += ahead;
		mutex_unlock(&q->lock);
	}
	q->rx_seq = seq + 1;
	return true;
}

/*
 * Copies the next record out of the ring and frees its slots. A record whose
 * page count cannot be trusted takes one slot: what follows is skipped page by
 * page until a record begins again.
 */
static enum gsp_msg_fault take_record(struct gsp_queue *q, u32 used, struct gsp_msg *m)
{
	enum gsp_msg_fault fault;
	u32 i, pages;

	memcpy(q->rx_buf, q->page[STAT_PAGE + 1 + q->read_ptr], GSP_PAGE);
	pages = le_get32(q->rx_buf, GSP_ELEM_COUNT);
	if (!pages || pages > GSP_ELEM_MAX_PAGES || pages > used)
		pages = 1;
	for (i = 1; i < pages; i++)
		memcpy(q->rx_buf + i * GSP_PAGE,
		       q->page[STAT_PAGE + 1 + gsp_ring_add(q->read_ptr, i)], GSP_PAGE);
	fault = gsp_elem_check(q->rx_buf, pages, m);

	q->read_ptr = gsp_ring_add(q->read_ptr, pages);
	mb();	/* all of it is read before GSP may overwrite it */
	shm_write(q, CMD_PAGE, GSP_TX_HDR_SIZE, q->read_ptr);
	return fault;
}

static const u32 quiet_events[] = {
	GSP_EV_INIT_DONE, GSP_EV_POST_EVENT, GSP_EV_GPUACCT_SAMPLES, GSP_EV_LIBOS_PRINT,
	GSP_EV_PLUGIN_TRIGGERED, GSP_EV_VGPU_CONFIG, GSP_EV_LOCKDOWN, GSP_EV_NOCAT,
};

static void note_unknown(struct gsp_queue *q, u32 event)
{
	u32 i, bit = event - GSP_EV_FIRST;

	for (i = 0; i < ARRAY_SIZE(quiet_events); i++)
		if (quiet_events[i] == event)
			return;
	if (bit > 255)
		bit = 255;
	if (!test_and_set_bit(bit, q->seen_unknown))
		dev_notice(&q->pdev->dev, "GSP event 0x%x is not known, skipped\n", event);
}

/**
 * gsp_queue_drain() - take everything that GSP has sent
 * @q: queue
 *
 * The one reader: called by the interrupt thread, and by a task whose wait timed
 * out, in case the interrupt was lost. Events and replies are told apart here,
 * so that neither can swallow the other.
 */
void gsp_queue_drain(struct gsp_queue *q)
{
	struct gsp_msg m;
	enum gsp_msg_fault fault;
	u32 wp, used;

	mutex_lock(&q->rx_lock);
	while (link_queue(q) && !gsp_queue_dead(q, NULL)) {
		wp = shm_read(q, STAT_PAGE, GSP_TX_WRITEPTR);
		if (wp >= GSP_Q_ELEMS) {
			gsp_queue_fail(q, "GSP's write pointer is out of range");
			break;
		}
		used = gsp_ring_used(wp, q->read_ptr);
		if (!used)
			break;
		dma_rmb();	/* records are valid up to the pointer read above */

		fault = take_record(q, used, &m);
		if (fault == GSP_MSG_SIGNATURE)
			check_seq(q, m.seq);
		if (fault != GSP_MSG_OK) {
			warn_damaged(q, gsp_msg_fault_text(fault));
			continue;
		}
		if (!check_seq(q, m.seq))
			continue;

		mutex_lock(&q->lock);
		q->stats.received++;
		q->quiet_since = 0;
		if (is_event(m.function))
			q->stats.events++;
		mutex_unlock(&q->lock);
		if (is_event(m.function)) {
			trace_gsp_event(pf_name(q), m.function, m.result, m.len);
			note_unknown(q, m.function);
			q->client->event(q->ctx, m.function, m.result, q->rx_buf + GSP_PAYLOAD,
					 m.len);
		} else {
			take_reply(q, &m, q->rx_buf + GSP_PAYLOAD);
		}
	}
	mutex_unlock(&q->rx_lock);
}

/* ---- sending ----------------------------------------------------------- */

/* GSP's read pointer; 0 until it has set up its side. */
static int ring_space(struct gsp_queue *q, u32 *space)
{
	u32 off = READ_ONCE(q->peer_rx_off);
	u32 rp = off ? shm_read(q, STAT_PAGE, off) : 0;

	if (rp >= GSP_Q_ELEMS)
		return -EIO;
	*space = gsp_ring_free(q->write_ptr, rp);
	return 0;
}

/* GSP raises no interrupt when it has read something, so this has to look. */
static int wait_space(struct gsp_queue *q, u32 pages, char *why)
{
	ktime_t end = ktime_add_ms(ktime_get(), GSP_SPACE_MS);
	bool last = false;
	u32 space;

	for (;;) {
		if (ring_space(q, &space)) {
			gsp_why(why, "GSP's read pointer is out of range");
			return -EIO;
		}
		if (space >= pages)
			return 0;
		if (gsp_queue_dead(q, why))
			return -ENODEV;
		if (last) {
			gsp_why(why, "GSP took nothing from the command queue for %u ms",
				GSP_SPACE_MS);
			return -ETIMEDOUT;
		}
		last = ktime_after(ktime_get(), end);
		usleep_range(50, 200);
	}
}

/* One record, its payload copied from @part. Under send_lock. */
static int send_record(struct gsp_queue *q, u32 function, u32 seq, const u8 *part, u32 len,
		       bool ring, char *why)
{
	u32 pages = gsp_elem_pages(len);
	u32 i;
	int err;

	err = wait_space(q, pages, why);
	if (err)
		return err;
	memcpy(q->tx_buf + GSP_PAYLOAD, part, len);
	gsp_elem_seal(q->tx_buf, q->tx_seq, function, seq, len);
	/* What is behind the message must not leak out of old buffers. */
	memset(q->tx_buf + GSP_PAYLOAD + len, 0, pages * GSP_PAGE - GSP_PAYLOAD - len);
	for (i = 0; i < pages; i++)
		memcpy(q->page[CMD_PAGE + 1 + gsp_ring_add(q->write_ptr, i)],
		       q->tx_buf + i * GSP_PAGE, GSP_PAGE);

	dma_wmb();	/* the record is there before the pointer says so */
	q->tx_seq++;
	q->write_ptr = gsp_ring_add(q->write_ptr, pages);
	shm_write(q, CMD_PAGE, GSP_TX_WRITEPTR, q->write_ptr);
	if (ring)
		writel(0, q->bar0 + NV_PGSP_QUEUE_HEAD);	/* orders the above */

	mutex_lock(&q->lock);
	q->stats.sent++;
	mutex_unlock(&q->lock);
	return 0;
}

static int send_all(struct gsp_queue *q, u32 function, u32 seq, const u8 *payload, u32 len,
		    bool ring, char *why)
{
	u32 pos = 0, n, i;
	int err;

	for (i = 0; i < gsp_records(len); i++, pos += n) {
		n = min(len - pos, (u32)GSP_RECORD_MAX);
		err = send_record(q, i ? GSP_FN_CONTINUATION_RECORD : function, seq + i,
				  payload + pos, n, ring, why);
		if (err) {
			/* Half a message: GSP would take the next one for the rest. */
			if (i)
				gsp_queue_fail(q, "GSP stopped reading in the middle of a message");
			return err;
		}
	}
	return 0;
}

/* Sequence numbers for @records records; never 0, never across the wrap. */
static u32 take_seq(struct gsp_queue *q, u32 records)
{
	u32 seq = q->rpc_seq;

	if (seq + records < seq)
		seq = 1;
	q->rpc_seq = seq + records;
	return seq;
}

/**
 * gsp_queue_post() - send a message that is not answered
 * @q: queue
 * @function: RPC function
 * @what: its name for messages
 * @payload: message
 * @len: its bytes
 * @ring: tell GSP; false before GSP is started
 * @why: cause of an error
 */
int gsp_queue_post(struct gsp_queue *q, u32 function, const char *what, const void *payload,
		   u32 len, bool ring, char *why)
{
	u32 seq;
	int err;

	mutex_lock(&q->send_lock);
	if (gsp_queue_dead(q, why)) {
		mutex_unlock(&q->send_lock);
		return -ENODEV;
	}
	mutex_lock(&q->lock);
	seq = take_seq(q, gsp_records(len));
	remember(q, what, function, 0, seq, len, GSP_CMD_POSTED);
	mutex_unlock(&q->lock);
	err = send_all(q, function, seq, payload, len, ring, why);
	mutex_unlock(&q->send_lock);
	return err;
}

static int submit(struct gsp_queue *q, struct gsp_cmd *cmd, const char *what, char *why)
{
	int err;

	mutex_lock(&q->send_lock);
	mutex_lock(&q->lock);
	if (q->dead) {
		gsp_why(why, "%s", q->dead_why);
		mutex_unlock(&q->lock);
		mutex_unlock(&q->send_lock);
		return -ENODEV;
	}
	cmd->seq = take_seq(q, cmd->records);
	list_add_tail(&cmd->node, &q->pending);
	remember(q, what, cmd->function, cmd->key, cmd->seq, cmd->len, GSP_CMD_WAITING);
	if (!q->quiet_since)
		q->quiet_since = ktime_get();
	mutex_unlock(&q->lock);

	err = send_all(q, cmd->function, cmd->seq, cmd->payload, cmd->len, true, why);
	mutex_unlock(&q->send_lock);

	if (err) {
		mutex_lock(&q->lock);
		if (!list_empty(&cmd->node))
			list_del_init(&cmd->node);
		if (q->partial == cmd)
			q->partial = NULL;
		remember_end(q, cmd->seq, GSP_CMD_FAILED, 0);
		mutex_unlock(&q->lock);
	}
	return err;
}

/* What a timeout means: only this command, or the end of the firmware? */
static void judge_timeout(struct gsp_queue *q, const char *what, long long quiet_ms,
			  u32 timeouts, char *why)
{
	u32 ctl = readl(q->bar0 + NV_PGSP_FALCON_CPUCTL);
	char verdict[OVG_WHY_MAX];

	if (ctl == 0xffffffff)
		scnprintf(verdict, sizeof(verdict), "the GPU is gone from the bus");
	else if (ctl & NV_PGSP_CPUCTL_HALTED)
		scnprintf(verdict, sizeof(verdict), "GSP has halted, mailbox %08x",
			  readl(q->bar0 + NV_PGSP_FALCON_MAILBOX0));
	else if (quiet_ms >= gsp_ms(&q->to->silence))
		scnprintf(verdict, sizeof(verdict),
			  "GSP is silent: nothing came for %lld ms, %s the last command",
			  quiet_ms, what);
	else if (timeouts >= MAX_TIMEOUTS)
		scnprintf(verdict, sizeof(verdict),
			  "GSP left %u commands in a row unanswered, %s the last", timeouts, what);
	else
		return;
	gsp_why(why, "%s", verdict);
	gsp_queue_fail(q, verdict);
}

/*
 * Waits for the reply. On a timeout the command is left to the queue, which
 * frees it when its reply comes after all, when the list gets long, or at the
 * end; *@cmdp is NULL then.
 */
static int wait_reply(struct gsp_queue *q, struct gsp_cmd **cmdp, const char *what,
		      u32 timeout_ms, u64 damaged, char *why)
{
	struct gsp_cmd *cmd = *cmdp, *old;
	long long quiet_ms = 0;
	u32 timeouts;

	if (!wait_for_completion_timeout(&cmd->done, msecs_to_jiffies(timeout_ms)))
		gsp_queue_drain(q);

	mutex_lock(&q->lock);
	if (list_empty(&cmd->node)) {	/* answered, or the queue is dead */
		if (cmd->err)
			gsp_why(why, "%s", q->dead_why);
		mutex_unlock(&q->lock);
		return cmd->err;
	}
	*cmdp = NULL;
	cmd->abandoned = true;
	remember_end(q, cmd->seq, GSP_CMD_TIMED_OUT, 0);
	q->abandoned++;
	if (q->abandoned > MAX_ABANDONED)
		list_for_each_entry(old, &q->pending, node)
			if (old->abandoned) {
				free_cmd(q, old);
				break;
			}
	q->stats.timeouts++;
	timeouts = ++q->timeouts_in_a_row;
	damaged = q->stats.damaged - damaged;
	if (q->quiet_since)
		quiet_ms = ktime_ms_delta(ktime_get(), q->quiet_since);
	mutex_unlock(&q->lock);

	if (damaged)
		gsp_why(why, "no answer to %s in %u ms; %llu damaged messages came meanwhile",
			what, timeout_ms, damaged);
	else
		gsp_why(why, "no answer to %s in %u ms", what, timeout_ms);
	judge_timeout(q, what, quiet_ms, timeouts, why);
	return gsp_queue_dead(q, NULL) ? -ENODEV : -ETIMEDOUT;
}

/**
 * gsp_queue_call() - send a command and wait for its reply
 * @q: queue
 * @function: RPC function
 * @what: its name for messages
 * @payload: request; overwritten by the reply, which is never longer
 * @len: bytes of it
 * @got: bytes of the reply
 * @result: rpc_result of the reply
 * @timeout_ms: how long to wait
 * @why: cause of an error
 *
 * Any number of tasks may call it at once; no lock is held while one waits.
 *
 * Return: 0 if there is a reply, whatever it says; -ETIMEDOUT if not; -ENODEV
 * if the firmware is dead.
 */
int gsp_queue_call(struct gsp_queue *q, u32 function, const char *what, void *payload,
		   u32 len, u32 *got, u32 *result, u32 timeout_ms, char *why)
{
	struct gsp_cmd *cmd;
	u64 damaged;
	u32 seq;
	int err;

	cmd = kvzalloc(struct_size(cmd, payload, len), GFP_KERNEL);
	if (!cmd) {
		gsp_why(why, "no memory for %s", what);
		return -ENOMEM;
	}
	INIT_LIST_HEAD(&cmd->node);
	init_completion(&cmd->done);
	cmd->function = function;
	cmd->len = len;
	cmd->records = gsp_records(len);
	cmd->key = payload_key(payload, len);
	memcpy(cmd->payload, payload, len);

	mutex_lock(&q->lock);
	damaged = q->stats.damaged;
	mutex_unlock(&q->lock);
	err = submit(q, cmd, what, why);
	seq = cmd->seq;
	if (!err)
		err = wait_reply(q, &cmd, what, timeout_ms, damaged, why);
	if (!err) {
		memcpy(payload, cmd->payload, cmd->got);
		*got = cmd->got;
		*result = cmd->result;
	}
	trace_gsp_reply(pf_name(q), what, function, seq, err, err ? 0 : *result, err ? 0 : *got);
	kvfree(cmd);
	return err;
}

/* An RM object stays behind in the firmware, as far as anybody knows. */
void gsp_queue_free_error(struct gsp_queue *q)
{
	mutex_lock(&q->lock);
	q->stats.free_errors++;
	mutex_unlock(&q->lock);
}
