/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_FUZZ_H
#define OVG_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* What libFuzzer and replay.c call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A sanitizer cannot know that this is wrong. */
#define HOLDS(cond) do {							\
	if (!(cond)) {								\
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #cond); \
		abort();							\
	}									\
} while (0)

/* The input, taken from the front bit by bit; zeros when it is used up. */
struct bytes {
	const uint8_t *at, *end;
};

static inline unsigned int take8(struct bytes *b)
{
	return b->at < b->end ? *b->at++ : 0;
}

static inline unsigned int take16(struct bytes *b)
{
	unsigned int low = take8(b);

	return low | take8(b) << 8;
}

#endif
