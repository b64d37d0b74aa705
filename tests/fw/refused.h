/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One test for each refused_* counter of the model: REFUSED(counter) { ... } sends
 * the bad message in every way that there is, checks each answer, and returns how
 * often. The table's runner checks on every board and branch that exactly this
 * counter rose by as much, and that good messages are taken afterwards.
 */
#ifndef REFUSED_H
#define REFUSED_H

#include "host.h"

struct refusal {
	const char *counter;
	uint32_t (*bad)(struct host *h);
	bool cold;		/* starts the firmware itself */
	struct refusal *next;
};

void refusal_add(struct refusal *r);
void refusal_run(const struct refusal *r);

#define REFUSED_(c, is_cold) \
	static uint32_t bad_##c(struct host *h); \
	static struct refusal refusal_##c = { .counter = #c, .bad = bad_##c, .cold = is_cold }; \
	__attribute__((constructor)) static void add_##c(void) \
	{ \
		refusal_add(&refusal_##c); \
	} \
	Test(fw, c) \
	{ \
		refusal_run(&refusal_##c); \
	} \
	static uint32_t bad_##c(struct host *h)

#define REFUSED(c)	REFUSED_(c, false)
#define REFUSED_COLD(c)	REFUSED_(c, true)

/* Another counter that has to rise besides, once more. */
void also(const char *counter);

/* A control that is always right, as one record in h->el, not yet in the ring. */
uint32_t good_record(struct host *h);
/* It goes into the ring; true if there was no answer, as there must not be. */
bool dropped(struct host *h, uint32_t elements);
bool answered(struct host *h, uint32_t elements);

#define EXPECT_STATUS(call, status) do { \
	uint32_t got_ = (call); \
	cr_expect_eq(got_, (uint32_t)(status), "%s: %#x, not %#x", #call, got_, (uint32_t)(status)); \
} while (0)

#endif
