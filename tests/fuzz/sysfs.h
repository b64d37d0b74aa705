/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by sysfs.c and netlink.c, one program. */
#ifndef OVG_FUZZ_SYSFS_H
#define OVG_FUZZ_SYSFS_H

#include <stdbool.h>
#include <stdint.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Requests count as writes, answers that are no refusal as taken, messages as reads. */
extern unsigned long writes, taken, reads, wrong;

/* Below @n. */
uint32_t rnd(uint32_t n);
/* What some file, or another, takes for a value. */
const char *some_word(void);
bool known_errno(int e);
void complain(const char *path, const char *what, int e);

/* A connection of this process. */
void netlink_open(void);
/* A request, which may be right, nearly right, or nothing of the kind; and its answer. */
void netlink_some(void);

#endif
