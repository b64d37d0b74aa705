// SPDX-License-Identifier: LGPL-2.1-or-later
/* Children that may block in the kernel, watched with a time limit. */
#include "proc.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct proc {
	pid_t pid;
	int pidfd;
	int out;		/* its stdout */
	char buf[1024];
	size_t len;
};

/* Returns in both; in the child with NULL and stdout in the pipe. */
static struct proc *start(void)
{
	struct proc *p = calloc(1, sizeof(*p));
	int fd[2];

	if (!p || pipe2(fd, O_CLOEXEC))
		die("pipe: %s", errname(errno));
	fflush(stdout);
	p->pid = fork();
	if (p->pid < 0)
		die("fork: %s", errname(errno));
	if (p->pid == 0) {
		dup2(fd[1], STDOUT_FILENO);
		close(fd[0]);
		close(fd[1]);
		free(p);
		checks_reset();
		return NULL;
	}
	close(fd[1]);
	p->out = fd[0];
	p->pidfd = (int)syscall(SYS_pidfd_open, p->pid, 0);
	if (p->pidfd < 0)
		die("pidfd_open: %s", errname(errno));
	return p;
}

struct proc *proc_hold(const char *where, const struct hold_opts *opts)
{
	struct proc *p = start();
	int rc;

	if (p)
		return p;
	rc = hold_device(&(struct dev_spec){ .where = where }, opts);
	fflush(stdout);
	_exit(rc);
}

struct proc *proc_write(const char *text, const char *fmt, ...)
{
	char path[256];
	struct proc *p;
	va_list ap;
	int err;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	p = start();
	if (p)
		return p;
	err = sysfs_write(text, "%s", path);
	if (err)
		printf("write %s to %s: %s\n", text, path, errname(err));
	fflush(stdout);
	_exit(err ? EXIT_CHECK : EXIT_OK);
}

struct proc *proc_run(int (*fn)(void *arg), void *arg)
{
	struct proc *p = start();
	int rc;

	if (p)
		return p;
	rc = fn(arg);
	fflush(stdout);
	_exit(rc);
}

/* Takes one line out of the buffer. */
static bool take_line(struct proc *p, char *line, size_t len)
{
	char *end = memchr(p->buf, '\n', p->len);
	size_t n;

	if (!end)
		return false;
	n = (size_t)(end - p->buf);
	snprintf(line, len, "%.*s", (int)n, p->buf);
	p->len -= n + 1;
	memmove(p->buf, end + 1, p->len);
	return true;
}

static bool next_line(struct proc *p, char *line, size_t len, uint64_t end)
{
	while (!take_line(p, line, len)) {
		struct pollfd pfd = { .fd = p->out, .events = POLLIN };
		uint64_t now = now_ms();
		ssize_t n;

		if (now >= end || p->len == sizeof(p->buf) || poll(&pfd, 1, (int)(end - now)) != 1)
			return false;
		n = read(p->out, p->buf + p->len, sizeof(p->buf) - p->len);
		if (n <= 0)
			return false;
		p->len += (size_t)n;
	}
	return true;
}

bool proc_expect(struct proc *p, const char *prefix, unsigned int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	char line[256];

	while (next_line(p, line, sizeof(line), end)) {
		if (!strncmp(line, prefix, strlen(prefix)))
			return true;
		printf("  [%d] %s\n", p->pid, line);
	}
	return false;
}

void proc_show(struct proc *p, unsigned int timeout_ms)
{
	proc_expect(p, "\n", timeout_ms);
}

bool proc_running(struct proc *p)
{
	struct pollfd pfd = { .fd = p->pidfd, .events = POLLIN };

	return poll(&pfd, 1, 0) == 0;
}

void proc_term(struct proc *p)
{
	kill(p->pid, SIGTERM);
}

void proc_kill(struct proc *p)
{
	kill(p->pid, SIGKILL);
}

int proc_finish(struct proc *p, unsigned int timeout_ms)
{
	struct pollfd pfd = { .fd = p->pidfd, .events = POLLIN };
	char line[256];
	int status, rc;

	if (poll(&pfd, 1, (int)timeout_ms) != 1 || waitpid(p->pid, &status, 0) != p->pid) {
		rc = -1;
		goto out;
	}
	rc = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	/* what it said, if it was not content */
	while (rc && next_line(p, line, sizeof(line), now_ms() + 100))
		printf("  [%d] %s\n", p->pid, line);
out:
	close(p->out);
	close(p->pidfd);
	free(p);
	return rc;
}
