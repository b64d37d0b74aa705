/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of driver/core/ that do not touch devices use beyond kshim.h. */
#ifndef KCORE_H
#define KCORE_H

#include "kshim.h"

typedef struct {
	long long n;
} atomic64_t;

typedef struct {
	int unused;
} wait_queue_head_t;

struct ratelimit_state {
	int unused;
};

struct delayed_work {
	struct work_struct work;
};

typedef int pci_ers_result_t;
typedef int pci_channel_state_t;

#define __rcu
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define lockdep_assert_held(m)	assert((m)->held)

/* Newer C libraries have one. */
#define strlcat kshim_strlcat
static inline size_t strlcat(char *to, const char *from, size_t size)
{
	size_t len = strnlen(to, size), more = strlen(from);

	if (len < size)
		scnprintf(to + len, size - len, "%s", from);
	return len + more;
}

#endif
