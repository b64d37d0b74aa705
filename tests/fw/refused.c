// SPDX-License-Identifier: GPL-2.0-only
/* The table of refusals: refused.h. */
#include "refused.h"

#include <stdlib.h>
#include <string.h>

static const struct { const char *board; unsigned int branch; } setups[] = {
	{ "A40", 535 },
	{ "A40", 570 },
	{ "A40", 595 },
	{ "L40S", 570 },
	{ "RTXPRO6000", 595 },
	{ "A100-SXM4-40", 535 },
	{ "A30", 570 },
	{ "H100-NVL-94", 595 },
};

/* A gfid that no test of the table uses for anything else. */
#define GOOD_GFID	5

static struct refusal *table;

void refusal_add(struct refusal *r)
{
	r->next = table;
	table = r;
}

static bool is_refusal(const char *name)
{
	return !strncmp(name, "refused_", 8);
}

static size_t ncounters(void)
{
	size_t n = 0;

	while (model_counter_name(n))
		n++;
	return n;
}

static struct { const char *counter; uint32_t times; } besides[4];

void also(const char *counter)
{
	size_t i = 0;

	while (besides[i].counter && strcmp(besides[i].counter, counter))
		i++;
	cr_assert_lt(i, 4u);
	besides[i].counter = counter;
	besides[i].times++;
}

static uint32_t expected(const struct refusal *r, const char *counter, uint32_t times)
{
	uint32_t n = strcmp(r->counter, counter) ? 0 : times;

	for (size_t i = 0; i < 4 && besides[i].counter; i++)
		if (!strcmp(besides[i].counter, counter))
			n += besides[i].times;
	return n;
}

uint32_t good_record(struct host *h)
{
	uint8_t p[128], features[72] = { 0 };
	uint32_t len = host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_FEATURES, features, 72);

	return host_record(h, FN_CONTROL, ++h->rpc_seq, p, len);
}

static uint32_t result_of(struct host *h, uint32_t elements)
{
	h->answered = false;
	host_push(h, elements);
	host_ring(h);
	host_poll(h);
	return host_wait(h, 5);
}

bool dropped(struct host *h, uint32_t elements)
{
	return result_of(h, elements) == HOST_NO_ANSWER;
}

bool answered(struct host *h, uint32_t elements)
{
	bool ok = result_of(h, elements) == 0;

	h->seq++;
	return ok;
}

static void good(struct host *h)
{
	uint8_t p[72];
	uint32_t vgpus;

	if (!model_running(h->m))
		host_up(h);
	h->at[GOOD_GFID].set = false;
	vgpus = model_vgpus(h->m);
	memset(p, 0, sizeof(p));
	EXPECT_STATUS(host_ctrl(h, CMD_FEATURES, p, 72), 0);
	cr_expect_str_eq((char *)p + 6, h->f.build);
	host_vgpu(h, GOOD_GFID);
	host_configure(h, GOOD_GFID);
	cr_expect(model_vgpu_may_dma(h->m, GOOD_GFID));
	cr_expect_eq(model_vgpus(h->m), vgpus + 1);
	host_vgpu_gone(h, GOOD_GFID);
	cr_expect_eq(model_vgpus(h->m), vgpus);
}

static uint32_t run_on(const struct refusal *r, const char *board, unsigned int branch)
{
	struct host *h = host_new(board, branch);
	size_t n = ncounters();
	uint64_t *was = calloc(n, sizeof(*was)), *is = calloc(n, sizeof(*is));
	uint32_t times;

	if (!r->cold)
		host_up(h);
	memset(besides, 0, sizeof(besides));
	model_counters(h->m, was);
	times = r->bad(h);
	for (int round = 0; round < 2; round++) {
		model_counters(h->m, is);
		for (size_t i = 0; i < n; i++) {
			const char *name = model_counter_name(i);
			uint64_t want = was[i] + expected(r, name, times);

			if (is_refusal(name))
				cr_expect_eq(is[i], want, "%s on %s, %u: %s rose by %llu, not %llu",
					     r->counter, board, branch, name,
					     (unsigned long long)(is[i] - was[i]),
					     (unsigned long long)(want - was[i]));
		}
		/* Then everything goes on, and none of that is refused. */
		if (!round)
			good(h);
	}
	free(was);
	free(is);
	host_free(h);
	return expected(r, r->counter, times);
}

void refusal_run(const struct refusal *r)
{
	uint32_t times = 0;

	for (size_t i = 0; i < sizeof(setups) / sizeof(setups[0]); i++)
		times += run_on(r, setups[i].board, setups[i].branch);
	cr_expect_gt(times, 0u, "%s: no board could be made to refuse", r->counter);
}

Test(fw, every_refusal_has_a_test)
{
	uint32_t seen = 0;

	for (size_t i = 0; model_counter_name(i); i++) {
		const struct refusal *r = table;

		if (!is_refusal(model_counter_name(i)))
			continue;
		while (r && strcmp(r->counter, model_counter_name(i)))
			r = r->next;
		cr_expect(r, "nothing sends what %s counts", model_counter_name(i));
		seen += r != NULL;
	}
	cr_expect_gt(seen, 0u);
	for (const struct refusal *r = table; r; r = r->next) {
		size_t i = 0;

		while (model_counter_name(i) && strcmp(r->counter, model_counter_name(i)))
			i++;
		cr_expect(model_counter_name(i), "the model has no %s", r->counter);
	}
}
