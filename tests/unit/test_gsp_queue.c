// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The message queues against a fake GSP, in virtual time (kshim.h): replies and
 * events side by side, late, lost and damaged replies, large messages, hangs.
 */
#include "fake_gsp.h"

static struct ovg_timeouts to = { .command = 500, .boot = 500, .instance = 500, .message = 500,
				  .stop = 500, .silence = 900 };
static struct gsp_queue q;
static struct pci_dev pdev;
static struct { u32 events, last, dead; char why[OVG_WHY_MAX]; } seen;
static char why[OVG_WHY_MAX];
static u32 heartbeat;	/* send an event every so many ms */
static bool no_irq;
static u32 slow_gsp;	/* takes a record only every so many ms */

void shim_writel(u32 value, void *addr)
{
	cr_expect_eq((u8 *)addr - bar0, 0x110c00);
	cr_expect_eq(value, 0u);
	fake.rings++;
	fake_poll();
}

u32 shim_readl(void *addr)
{
	return le_get32(addr, 0);
}

int shim_reset(void)
{
	cr_assert_fail("a queue resets nothing");
	return 0;
}

void shim_tick(void)
{
	if (heartbeat && shim_ms % heartbeat == 0)
		fake_send(GSP_EV_GPUACCT_SAMPLES, 0, 0, "x", 1);
	if (slow_gsp && shim_ms % slow_gsp == 0) {
		fake.stuck = false;
		fake_poll();
	}
	if (!no_irq)
		gsp_queue_drain(&q);
}

static void on_event(void *ctx, u32 event, u32 result, const u8 *payload, u32 len)
{
	cr_expect_eq(ctx, &seen);
	(void)result;
	(void)payload;
	(void)len;
	seen.events++;
	seen.last = event;
}

static void on_dead(void *ctx, const char *cause)
{
	cr_expect_eq(ctx, &seen);
	seen.dead++;
	strcpy(seen.why, cause);
}

static const struct gsp_queue_client client = { .event = on_event, .dead = on_dead };

static void begin(bool echoes)
{
	cr_assert_eq(gsp_queue_create(&q, &pdev, bar0, &to, echoes, &client, &seen), 0);
	fake_map(q.page[0]);
	fake_link();
}

static void setup(void) { begin(false); }
static void teardown(void) { gsp_queue_destroy(&q); }

/* Answers with the payload inverted, so that a mixed-up reply is seen. */
static void echo_inverted(const struct gsp_msg *m, const u8 *payload)
{
	static u8 reply[GSP_RECORD_MAX];

	for (u32 i = 0; i < m->len; i++)
		reply[i] = i >= 8 && i < 12 ? payload[i] : (u8)~payload[i];
	fake_send(m->function, m->rpc_seq, 0, reply, m->len);
}

static int call_key(u32 function, u32 key, u8 fill)
{
	u8 p[40];
	u32 got = 0, result = 99;
	int err;

	memset(p, fill, sizeof(p));
	le_put32(p, 8, key);
	err = gsp_queue_call(&q, function, "TEST", p, sizeof(p), &got, &result,
			     gsp_ms(&to.command), why);
	if (!err) {
		cr_expect_eq(got, sizeof(p));
		cr_expect_eq(result, 0u);
		cr_expect_eq(p[0], (u8)~fill, "somebody else's reply");
		cr_expect_eq(p[39], (u8)~fill);
	}
	return err;
}

TestSuite(gsp_queue, .init = setup, .fini = teardown);

Test(gsp_queue, shared_memory)
{
	/* 129 addresses: the table, 64 pages, 64 pages; our transmit header */
	cr_expect_eq(GSP_SHM_PAGES, 129u);
	cr_expect_eq(le_get64(q.page[0], 8 * 128), (u64)(uintptr_t)q.page[128]);
	cr_expect_eq(le_get64(q.page[0], 8 * 129), 0u);
	cr_expect_eq(le_get32(q.page[1], 4), 0x40000u);
}

Test(gsp_queue, reply)
{
	fake.got = echo_inverted;
	for (u32 i = 0; i < 200; i++)
		cr_assert_eq(call_key(GSP_FN_RM_CONTROL, i, (u8)i), 0, "%s", why);
	cr_expect_eq(fake.rings, 200u);
	cr_expect_eq(q.echo, GSP_ECHO_YES);
	cr_expect_eq(q.stats.sent, 200u);
	cr_expect_eq(q.stats.received, 200u);
	cr_expect_eq(shim_warnings, 0);
}

static void events_around(const struct gsp_msg *m, const u8 *payload)
{
	fake_send(GSP_EV_POST_EVENT, 0, 0, payload, 24);
	echo_inverted(m, payload);
	fake_send(GSP_EV_PLUGIN_TRIGGERED, m->rpc_seq, 0, payload, 8);
}

Test(gsp_queue, event_during_a_command_is_not_lost)
{
	fake.got = events_around;
	cr_assert_eq(call_key(GSP_FN_RM_CONTROL, 1, 5), 0);
	cr_expect_eq(seen.events, 2u);
	cr_expect_eq(seen.last, (u32)GSP_EV_PLUGIN_TRIGGERED);
}

Test(gsp_queue, unknown_event_is_noted_once)
{
	for (u32 i = 0; i < 3; i++) {
		fake_send(0x10aa, 0, 0, NULL, 0);
		fake_send(0x7fffffff, 0, 0, NULL, 0);
	}
	gsp_queue_drain(&q);
	cr_expect_eq(shim_warnings, 2);
	cr_expect_eq(seen.events, 6u);
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 1), 0);
}

Test(gsp_queue, lost_interrupt)
{
	no_irq = true;
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 5), 0);
	cr_expect_eq(shim_ms, to.command, "found by the last look");
}

Test(gsp_queue, error_result_is_handed_on)
{
	u8 p[16] = { 0 };
	u32 got, result;

	/* not a callback: the reply waits in the ring when the call begins */
	fake_send(GSP_FN_FREE, q.rpc_seq, 0xff100001, NULL, 0);
	cr_expect_eq(gsp_queue_call(&q, GSP_FN_FREE, "FREE", p, 16, &got, &result, 500, why), 0);
	cr_expect_eq(result, 0xff100001u);
	cr_expect_eq(got, 0u);
}

/* ---- timeouts ---------------------------------------------------------- */

Test(gsp_queue, lost_reply_then_late)
{
	heartbeat = 100;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ETIMEDOUT);
	cr_expect_str_eq(why, "no answer to TEST in 500 ms");
	cr_expect_not(gsp_queue_dead(&q, NULL));

	/* the same command again; the late reply comes first */
	fake.got = echo_inverted;
	u8 late[40] = { 0 };

	le_put32(late, 8, 7);
	fake_send(GSP_FN_RM_CONTROL, 1, 0, late, 40);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 2), 0);
	cr_expect_eq(q.stats.late, 1u);
	cr_expect_eq(q.stats.timeouts, 1u);
	/* and again: nobody knows it any more */
	fake_send(GSP_FN_RM_CONTROL, 1, 0, late, 40);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 3), 0);
	cr_expect_eq(q.stats.stray, 1u);
}

Test(gsp_queue, silence_is_death)
{
	/* it was quiet for long before: that does not count */
	shim_ms += 100000;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ETIMEDOUT, "one slow command is no death");
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ENODEV);
	cr_expect_str_eq(why, "GSP is silent: nothing came for 1000 ms, TEST the last command");
	cr_expect_eq(seen.dead, 1u);
	cr_expect_str_eq(seen.why, why);

	/* at once, with the same cause, and nothing is sent */
	u64 before = shim_ms;

	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ENODEV);
	cr_expect_str_eq(why, seen.why);
	cr_expect_eq(shim_ms, before);
	cr_expect_eq(gsp_queue_post(&q, 73, "X", "x", 1, true, why), -ENODEV);
	cr_expect_eq(fake.rings, 2u);
	cr_expect_eq(seen.dead, 1u);
}

Test(gsp_queue, any_message_ends_the_silence)
{
	for (u32 i = 0; i < 2; i++) {
		cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ETIMEDOUT);
		fake_send(GSP_EV_GPUACCT_SAMPLES, 0, 0, NULL, 0);
		gsp_queue_drain(&q);
	}
	cr_expect_eq(seen.dead, 0u);
}

Test(gsp_queue, halted_and_gone)
{
	heartbeat = 100;
	set_reg(0x110100, 0x10);
	set_reg(0x110040, 0xbad);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ENODEV);
	cr_expect_str_eq(why, "GSP has halted, mailbox 00000bad");
}

Test(gsp_queue, gone_from_the_bus)
{
	heartbeat = 100;
	set_reg(0x110100, 0xffffffff);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ENODEV);
	cr_expect_str_eq(why, "the GPU is gone from the bus");
}

Test(gsp_queue, three_in_a_row)
{
	heartbeat = 100;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 1), -ETIMEDOUT);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 2, 1), -ETIMEDOUT);
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 3, 1), 0, "an answer starts the count anew");
	fake.got = NULL;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 4, 1), -ETIMEDOUT);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 5, 1), -ETIMEDOUT);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 6, 1), -ENODEV);
	cr_expect_str_eq(why, "GSP left 3 commands in a row unanswered, TEST the last");
}

/* ---- firmware that does not echo the sequence -------------------------- */

static void echo_without_seq(const struct gsp_msg *m, const u8 *payload)
{
	struct gsp_msg m2 = *m;

	m2.rpc_seq = 0;
	echo_inverted(&m2, payload);
}

Test(gsp_queue, no_echo)
{
	fake.got = echo_without_seq;
	for (u32 i = 0; i < 5; i++)
		cr_expect_eq(call_key(GSP_FN_RM_CONTROL, i, (u8)i), 0);
	cr_expect_eq(q.echo, GSP_ECHO_NO);
}

Test(gsp_queue, no_echo_late_reply_is_not_taken_for_a_younger_one)
{
	u8 late[40] = { 0 };

	heartbeat = 100;
	fake.got = echo_without_seq;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 1), 0);
	fake.got = NULL;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ETIMEDOUT);
	/* its reply, then that of the second, which looks the same */
	le_put32(late, 8, 7);
	fake_send(GSP_FN_RM_CONTROL, 0, 0, late, 40);
	fake.got = echo_without_seq;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 2), 0);
	cr_expect_eq(q.stats.late, 1u);
}

Test(gsp_queue, no_echo_reply_overtakes_a_lost_one)
{
	heartbeat = 100;
	fake.got = echo_without_seq;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 1), 0);
	fake.got = NULL;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ETIMEDOUT);
	fake.got = echo_without_seq;
	/* a younger command was answered, so the first reply never comes */
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 8, 2), 0);
	cr_expect_eq(q.abandoned, 0u);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 3), 0);
}

Test(gsp_queue, known_to_echo_wants_the_sequence)
{
	gsp_queue_destroy(&q);
	memset(&q, 0, sizeof(q));
	begin(true);
	heartbeat = 100;
	fake.got = echo_without_seq;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 1), -ETIMEDOUT);
	cr_expect_eq(q.stats.stray, 1u);
}

Test(gsp_queue, abandoned_commands_are_bounded)
{
	heartbeat = 100;
	fake.got = NULL;
	for (u32 i = 0; i < 300; i++) {
		q.timeouts_in_a_row = 0;
		cr_assert_eq(call_key(GSP_FN_RM_CONTROL, i, 1), -ETIMEDOUT);
	}
	cr_expect_eq(q.abandoned, 64u);
}

/* ---- damage ------------------------------------------------------------ */

static void damaged_then_nothing(const struct gsp_msg *m, const u8 *payload)
{
	echo_inverted(m, payload);
	/* the last slot written */
	fake.page[STAT0 + 1 + gsp_ring_add(fake.wp, GSP_Q_ELEMS - 1)][GSP_PAYLOAD + 20] ^= 4;
}

Test(gsp_queue, damaged_reply_is_named)
{
	fake.got = damaged_then_nothing;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 1), -ETIMEDOUT);
	cr_expect_str_eq(why, "no answer to TEST in 500 ms; 1 damaged messages came meanwhile");
	cr_expect_eq(q.stats.damaged, 1u);
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), 0);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 3), 0);
	cr_expect_eq(q.stats.lost, 1u, "one gap, counted once");
}

Test(gsp_queue, garbage_is_skipped_page_by_page)
{
	static const u32 counts[] = { 0, 17, 0xffffffff, 3 };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		memset(fake.msg, 0x5a, GSP_PAGE);
		le_put32(fake.msg, GSP_ELEM_COUNT, counts[i]);
		fake_put(1);
	}
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), 0);
	/* the last one claims three pages and gets only those that are there */
	cr_expect_geq(q.stats.damaged, 3u);
}

Test(gsp_queue, repeated_record_is_dropped)
{
	fake_send(GSP_EV_POST_EVENT, 0, 0, NULL, 0);
	fake_put(1);
	gsp_queue_drain(&q);
	cr_expect_eq(seen.events, 1u);
	cr_expect_eq(q.stats.damaged, 1u);
}

Test(gsp_queue, write_pointer_out_of_range)
{
	le_put32(fake.page[STAT0], GSP_TX_WRITEPTR, 63);
	gsp_queue_drain(&q);
	cr_expect_eq(seen.dead, 1u);
	cr_expect_str_eq(seen.why, "GSP's write pointer is out of range");
}

Test(gsp_queue, read_pointer_out_of_range)
{
	gsp_queue_drain(&q);	/* links */
	le_put32(fake.page[STAT0], 0x40, 63);
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), -EIO);
	cr_expect_str_eq(why, "GSP's read pointer is out of range");
}

Test(gsp_queue, nothing_before_the_header_is_there)
{
	fake_send(GSP_EV_POST_EVENT, 0, 0, NULL, 0);
	le_put32(fake.page[STAT0], GSP_TX_MSGCOUNT, 0);
	gsp_queue_drain(&q);
	cr_expect_eq(seen.events, 0u);
	le_put32(fake.page[STAT0], GSP_TX_MSGCOUNT, 63);
	gsp_queue_drain(&q);
	cr_expect_eq(seen.events, 1u);
}

/* ---- large messages ---------------------------------------------------- */

/* ADD_VGPU_TYPE of 595 with its header: 11 records, 2.7 times the ring */
#define LARGE	(694280 + 40)
#define LARGE_RECORDS	11u
static struct { u8 data[LARGE]; u32 len, records, first; bool slow, mute; } large;

static void answer_large(void);

static void collect(const struct gsp_msg *m, const u8 *payload)
{
	cr_assert_eq(m->function, large.records ? 71u : 76u);
	if (!large.records)
		large.first = m->rpc_seq;
	cr_expect_eq(m->rpc_seq, large.first + large.records);
	cr_assert_leq(large.len + m->len, sizeof(large.data));
	memcpy(large.data + large.len, payload, m->len);
	large.len += m->len;
	large.records++;
	/* An event while the host still sends, which waits for room then. */
	fake_send(GSP_EV_POST_EVENT, 0, 0, NULL, 0);
	fake.stuck = large.slow;
	if (large.len < LARGE || large.mute)
		return;
	answer_large();
}

static void answer_large(void)
{
	/* Record by record; the ring holds it, the reader drains it. */
	for (u32 i = 0, pos = 0; i < large.records; i++) {
		u32 n = min(LARGE - pos, GSP_RECORD_MAX);

		/* the rest of somebody else's reply */
		fake_send(71, large.first + 100, 0, "other", 5);
		fake_send(i ? 71 : 76, large.first + i, 0, large.data + pos, n);
		/* an event between two records of a reply */
		fake_send(GSP_EV_LIBOS_PRINT, 0, 0, NULL, 0);
		gsp_queue_drain(&q);
		pos += n;
	}
}

static void send_large(void)
{
	u8 *p = malloc(LARGE), *want = malloc(LARGE);
	u32 got, result;

	for (u32 i = 0; i < LARGE; i++)
		p[i] = want[i] = (u8)(i * 31 + i / 4096);
	gsp_queue_drain(&q);
	fake.got = collect;
	cr_assert_eq(gsp_queue_call(&q, 76, "ADD", p, LARGE, &got, &result, 500, why), 0, "%s",
		     why);
	cr_expect_eq(large.records, LARGE_RECORDS);
	cr_expect_eq(got, (u32)LARGE);
	cr_expect(memcmp(large.data, want, LARGE) == 0, "what GSP got");
	cr_expect(memcmp(p, want, LARGE) == 0, "what came back");
	cr_expect_eq(seen.events, 2 * LARGE_RECORDS, "%u", seen.events);
	cr_expect_eq(shim_warnings, 0);
	free(p);
	free(want);
}

Test(gsp_queue, larger_than_the_ring)
{
	send_large();
	cr_expect_eq(q.stats.sent, (u64)LARGE_RECORDS);
	cr_expect_eq(q.stats.stray, (u64)LARGE_RECORDS);
}

/* The host waits for room in between, and takes events meanwhile. */
Test(gsp_queue, larger_than_the_ring_and_slow)
{
	large.slow = true;
	slow_gsp = 7;
	send_large();
	cr_expect_geq(shim_ms, 7u * 8, "it did wait: %llu ms", (unsigned long long)shim_ms);
}

/* Late, and in many records: none of them is taken for an answer to another. */
Test(gsp_queue, large_reply_comes_late)
{
	u8 *p = calloc(1, LARGE);
	u32 got, result;

	heartbeat = 100;
	large.mute = true;
	fake.got = collect;
	gsp_queue_drain(&q);
	cr_expect_eq(gsp_queue_call(&q, 76, "ADD", p, LARGE, &got, &result, 500, why), -ETIMEDOUT);
	answer_large();
	cr_expect_eq(q.stats.late, 1u);
	cr_expect_eq(q.abandoned, 0u);
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 0, 9), 0, "%s", why);
	free(p);
}

static void refuse_at_first(const struct gsp_msg *m, const u8 *payload)
{
	if (m->function == 76)
		fake_send(76, m->rpc_seq, 0xff100002, payload, 24);
}

Test(gsp_queue, large_message_with_a_short_reply)
{
	u8 *p = calloc(1, LARGE);
	u32 got, result;

	fake.got = refuse_at_first;
	cr_expect_eq(gsp_queue_call(&q, 76, "ADD", p, LARGE, &got, &result, 500, why), 0);
	cr_expect_eq(result, 0xff100002u);
	cr_expect_eq(got, 24u);
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), 0);
	free(p);
}

static void stop_reading(const struct gsp_msg *m, const u8 *payload)
{
	(void)m;
	(void)payload;
	fake.stuck = true;
}

Test(gsp_queue, stops_in_the_middle)
{
	u8 *p = calloc(1, LARGE);
	u32 got, result;

	heartbeat = 50;
	fake.got = stop_reading;
	cr_expect_eq(gsp_queue_call(&q, 76, "ADD", p, LARGE, &got, &result, 500, why), -ETIMEDOUT);
	cr_expect_str_eq(why, "GSP took nothing from the command queue for 2000 ms");
	cr_expect_str_eq(seen.why, "GSP stopped reading in the middle of a message");
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), -ENODEV);
	free(p);
}

Test(gsp_queue, full_ring)
{
	gsp_queue_drain(&q);
	fake.stuck = true;
	for (u32 i = 0; i < 62; i++)
		cr_assert_eq(gsp_queue_post(&q, 73, "X", "x", 1, true, why), 0, "%u: %s", i, why);
	cr_expect_eq(gsp_queue_post(&q, 73, "X", "x", 1, true, why), -ETIMEDOUT);
	fake.stuck = false;
	fake.got = NULL;
	fake_poll();
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), 0, "%s", why);
}

/* Sequence numbers wrap without ever being 0. */
Test(gsp_queue, sequence_wraps)
{
	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 2), 0);
	q.rpc_seq = 0xfffffffe;
	for (u32 i = 0; i < 4; i++) {
		cr_expect_eq(call_key(GSP_FN_RM_CONTROL, i, 2), 0, "%s", why);
		cr_expect_neq(q.rpc_seq, 0u);
	}
	/* and element sequence numbers, in both directions */
	q.tx_seq = fake.expect = 0xffffffff;
	q.rx_seq = fake.seq = 0xffffffff;
	for (u32 i = 0; i < 3; i++)
		cr_expect_eq(call_key(GSP_FN_RM_CONTROL, i, 2), 0, "%s", why);
	cr_expect_eq(q.stats.lost, 0u);
}

/* ---- what is kept of the past ------------------------------------------ */

static const struct gsp_history *past(u32 back)
{
	return &q.history[(q.history_next - 1 - back) % GSP_HISTORY];
}

Test(gsp_queue, history)
{
	heartbeat = 100;
	cr_expect_eq(gsp_queue_post(&q, 73, "POST", "x", 1, true, why), 0);
	cr_expect_eq(past(0)->state, GSP_CMD_POSTED);
	cr_expect_str_eq(past(0)->what, "POST");

	fake.got = echo_inverted;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 0x1234, 1), 0);
	cr_expect_eq(past(0)->state, GSP_CMD_ANSWERED);
	cr_expect_eq(past(0)->key, 0x1234u);
	cr_expect_eq(past(0)->function, (u32)GSP_FN_RM_CONTROL);

	fake.got = NULL;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ETIMEDOUT);
	cr_expect_eq(past(0)->state, GSP_CMD_TIMED_OUT);
	cr_expect_eq(past(0)->ended - past(0)->sent, 500u);
	u8 late[40] = { 0 };

	le_put32(late, 8, 7);
	fake_send(GSP_FN_RM_CONTROL, past(0)->seq, 0x42, late, 40);
	gsp_queue_drain(&q);
	cr_expect_eq(past(0)->state, GSP_CMD_LATE);
	cr_expect_eq(past(0)->result, 0x42u);

	/* the last sixteen, and what is overwritten is not written to */
	for (u32 i = 0; i < 2 * GSP_HISTORY; i++) {
		q.timeouts_in_a_row = 0;
		cr_assert_eq(call_key(GSP_FN_RM_CONTROL, i, 1), -ETIMEDOUT);
	}
	for (u32 i = 0; i < GSP_HISTORY; i++)
		cr_expect_eq(past(i)->key, 2 * GSP_HISTORY - 1 - i);
	gsp_queue_fail(&q, "over");
	cr_expect_eq(past(0)->state, GSP_CMD_TIMED_OUT);
}

/* A command that the death of the firmware interrupts. */
static void die(const struct gsp_msg *m, const u8 *payload)
{
	le_put32(fake.page[STAT0], GSP_TX_WRITEPTR, 63);
}

Test(gsp_queue, history_of_a_death)
{
	fake.got = die;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 7, 1), -ENODEV);
	cr_expect_eq(past(0)->state, GSP_CMD_FAILED);
	cr_expect_str_eq(why, "GSP's write pointer is out of range");
}

Test(gsp_queue, tracepoints)
{
	fake.got = events_around;	/* a command, a reply and two events */
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 1, 5), 0);
	cr_expect_eq(shim_traces, 4);
	fake_send(GSP_FN_RM_CONTROL, 1, 0, NULL, 0);
	gsp_queue_drain(&q);
	cr_expect_eq(shim_traces, 5, "a stray reply");
	gsp_queue_fail(&q, "over");
	gsp_queue_fail(&q, "over again");
	cr_expect_eq(shim_traces, 6, "one death");
}

/* The core may change them at any time. */
Test(gsp_queue, timeouts_are_read_for_each_wait)
{
	heartbeat = 10;
	cr_expect_eq(gsp_ms(&to.command), 500u);
	to.command = 0;
	cr_expect_eq(gsp_ms(&to.command), 1u);
	to.silence = 100000;
	heartbeat = 0;
	for (u32 i = 0; i < 2; i++)
		cr_expect_eq(call_key(GSP_FN_RM_CONTROL, i, 1), -ETIMEDOUT);
	to.silence = 1;
	cr_expect_eq(call_key(GSP_FN_RM_CONTROL, 2, 1), -ENODEV);
	cr_expect_neq(strstr(why, "GSP is silent"), NULL, "%s", why);
}
