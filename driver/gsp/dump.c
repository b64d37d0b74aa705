// SPDX-License-Identifier: GPL-2.0-only
/* What is known of a firmware, as text for whoever looks into why it died. */
#include <linux/io.h>
#include <linux/ktime.h>

#include "gsp.h"

/**
 * struct out - text so far
 * @buf: where to
 * @size: room
 * @len: bytes written
 */
struct out {
	char *buf;
	size_t size;
	size_t len;
};

#define put(o, ...) \
	((o)->len += scnprintf((o)->buf + (o)->len, (o)->size - (o)->len, __VA_ARGS__))

static const char *state_name(enum gsp_cmd_state state)
{
	switch (state) {
	case GSP_CMD_NONE:
		break;
	case GSP_CMD_POSTED:
		return "posted";
	case GSP_CMD_WAITING:
		return "waiting";
	case GSP_CMD_ANSWERED:
		return "answered";
	case GSP_CMD_TIMED_OUT:
		return "timed out";
	case GSP_CMD_LATE:
		return "answered late";
	case GSP_CMD_FAILED:
		return "failed";
	}
	return "none";
}

static const char *echo_name(enum gsp_echo echo)
{
	switch (echo) {
	case GSP_ECHO_UNKNOWN:
		return "not known yet";
	case GSP_ECHO_YES:
		return "yes";
	case GSP_ECHO_NO:
		return "no";
	}
	return "?";
}

static u32 shm_word(struct gsp_queue *q, u32 page, u32 off)
{
	return le_get32(q->page[page], off);
}

/*
 * Pointers as they stand in shared memory and as we have them; a running reader or
 * sender may change them meanwhile, which is no harm here.
 */
static void put_pointers(struct out *o, struct gsp_queue *q)
{
	u32 cmd = GSP_Q_CMD / GSP_PAGE, stat = GSP_Q_STAT / GSP_PAGE;
	u32 off = READ_ONCE(q->peer_rx_off);

	put(o, "command queue: write %u read ", READ_ONCE(q->write_ptr));
	if (off)
		put(o, "%u", shm_word(q, stat, off));
	else
		put(o, "none");
	put(o, " next %u\n", READ_ONCE(q->tx_seq));
	put(o, "status queue: write %u read %u next %u\n", shm_word(q, stat, GSP_TX_WRITEPTR),
	    shm_word(q, cmd, GSP_TX_HDR_SIZE), READ_ONCE(q->rx_seq));
}

static void put_command(struct out *o, const struct gsp_history *h, ktime_t now)
{
	put(o, "%8lld ms ago: %s function %u key 0x%x seq %u len %u: %s",
	    (long long)ktime_ms_delta(now, h->sent), h->what, h->function, h->key, h->seq, h->len,
	    state_name(h->state));
	if (h->ended)
		put(o, " after %lld ms", (long long)ktime_ms_delta(h->ended, h->sent));
	if (h->state == GSP_CMD_ANSWERED || h->state == GSP_CMD_LATE)
		put(o, ", result 0x%x", h->result);
	put(o, "\n");
}

static void put_queue(struct out *o, struct gsp_queue *q)
{
	const struct gsp_queue_stats *s = &q->stats;
	ktime_t now = ktime_get();
	u32 i, n;

	mutex_lock(&q->lock);
	put(o, "firmware: %s\n", q->dead ? q->dead_why : "alive");
	put(o, "sequence echoed: %s\n", echo_name(q->echo));
	put_pointers(o, q);
	put(o, "records: sent %llu received %llu events %llu damaged %llu lost %llu\n", s->sent,
	    s->received, s->events, s->damaged, s->lost);
	put(o, "replies: late %llu stray %llu\n", s->late, s->stray);
	put(o, "commands: timed out %llu, %u in a row, %u given up and kept\n", s->timeouts,
	    q->timeouts_in_a_row, q->abandoned);
	put(o, "objects not freed: %llu\n", s->free_errors);
	if (q->quiet_since)
		put(o, "silent for %lld ms\n", (long long)ktime_ms_delta(now, q->quiet_since));
	n = min_t(u32, q->history_next, GSP_HISTORY);
	put(o, "last %u commands:\n", n);
	for (i = q->history_next - n; i != q->history_next; i++)
		put_command(o, &q->history[i % GSP_HISTORY], now);
	mutex_unlock(&q->lock);
}

/**
 * gsp_dump() - the provider's dump(), see struct ovg_provider_ops
 * @p: provider, its firmware alive or dead
 * @buf: where to; always NUL terminated
 * @size: its bytes
 *
 * Sends nothing and waits for nothing but the queue's lock, which nobody holds
 * while he waits for firmware.
 */
size_t gsp_dump(struct ovg_provider *p, char *buf, size_t size)
{
	struct out o = { .buf = buf, .size = size };

	if (!size)
		return 0;
	put(&o, "branch: %u\nbuild: %s\n", p->abi->branch, p->info.firmware);
	put(&o, "GSP: cpuctl %08x mailbox %08x %08x\n", readl(p->bar0 + NV_PGSP_FALCON_CPUCTL),
	    readl(p->bar0 + NV_PGSP_FALCON_MAILBOX0), readl(p->bar0 + NV_PGSP_FALCON_MAILBOX1));
	put(&o, "types: %u%s%s\n", p->num_types, p->types_why[0] ? ", " : "", p->types_why);
	put_queue(&o, &p->q);
	return o.len;
}
