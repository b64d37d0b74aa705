/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_TEST_PROC_H
#define OVG_TEST_PROC_H

#include "tests.h"

#include <stdbool.h>

/* A child of the test, from its start to proc_finish(), which frees it. */
struct proc;

/* hold_device() in a child */
struct proc *proc_hold(const char *where, const struct hold_opts *opts);
/* one write to sysfs in a child, because it may block */
struct proc *proc_write(const char *text, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* anything in a child; its return value is the exit status */
struct proc *proc_run(int (*fn)(void *arg), void *arg);

/* Passes on what it says until it closes its output. */
void proc_show(struct proc *p, unsigned int timeout_ms);
/* Waits for a line that begins with @prefix; other lines are passed on to stdout. */
bool proc_expect(struct proc *p, const char *prefix, unsigned int timeout_ms);
bool proc_running(struct proc *p);
void proc_term(struct proc *p);
void proc_kill(struct proc *p);
/* Exit status, 128 + signal, or -1 if it did not end: then it is left behind. */
int proc_finish(struct proc *p, unsigned int timeout_ms);

#endif
