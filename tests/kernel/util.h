/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_TEST_UTIL_H
#define OVG_TEST_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes of vfio-test, the same in every mode. */
enum {
	EXIT_OK = 0,
	EXIT_CHECK = 1,		/* something was not as it must be */
	EXIT_SETUP = 2,		/* wrong arguments, or the test could not start */
	EXIT_REFUSED = 3,	/* the device could not be opened; the errno is printed */
};

/* A failed check prints one line and is counted; the test goes on. */
#define CHECK(cond, ...) check_((cond), #cond, __FILE__, __LINE__, __VA_ARGS__)
bool check_(bool ok, const char *what, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
int checks_failed(void);
void checks_reset(void);		/* in a child that counts for itself */
void checks_forget(int then);		/* back to what it was: tried again */

void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));
const char *errname(int err);

uint64_t now_ms(void);
void sleep_ms(unsigned int ms);

/* sysfs: 0 or -errno. Reads cut the newline at the end. */
int sysfs_read(char *buf, size_t len, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
int sysfs_write(const char *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool sysfs_exists(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* last component of the target of a symbolic link */
int sysfs_link(char *buf, size_t len, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

void make_uuid(char uuid[37]);

#endif
