// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sysfs-fuzz SECONDS SEED WORKERS [netlink]: writes what makes sense, what nearly does, and what
 * does not, to every file that the driver lets be written, from several processes at
 * once; makes and removes mdevs; reads everything. With "netlink" most of that are requests to
 * the driver's netlink family instead (netlink.c). tests/vm/fuzz.t looks at what is left.
 *
 * Wrong is: a read that fails otherwise than a file may, or is not text that ends in a
 * newline; a write that takes part of what it was given; an errno that no file has.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sysfs.h"

#define MAX_TEXT	5000u

unsigned long writes, taken, reads, wrong;
static uint64_t state;

uint32_t rnd(uint32_t n)
{
	/* xorshift64*: the same on every machine */
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (uint32_t)(state * UINT64_C(2685821657736338717) >> 33) % n;
}

/* What some file, or another, takes for a value. */
static const char *const words[] = {
	"0", "1", "2", "3", "7", "-1", "15", "16", "31", "32", "65535", "4294967295", "4294967296",
	"equal", "mixed", "best_effort", "equal_share", "fixed_share", "1000", "30000", "999", "30001",
	"1g.6gb", "1g.5gb", "1g.10gb", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb", "1g.24gb+gfx",
	"2g.48gb+gfx", "4g.96gb+gfx", "1g.24gb+me+gfx", "7g.40gb+me",
	"557", "558", "560", "562", "566", "570", "99999", "Not Applicable", " ", "\n", "0\n", "1\n", "0x10",
	"frame_rate_limiter=0", "disable_vnc=1,enable_uvm=1", "enable_uvm=1 loglevel=3",
	"override_bar1_size=16384M", "address64=", "enable_uvm=<1>", "unknown=1", ",", "=",
	"a vm", "vm-1", "<vm>",
};

struct text {
	char s[MAX_TEXT];
	size_t len;
};

const char *some_word(void)
{
	return words[rnd(ARRAY_SIZE(words))];
}

static void take_word(struct text *t)
{
	const char *w = some_word();

	t->len = strlen(w);
	memcpy(t->s, w, t->len);
}

/* A type of this machine, as the VF or the mdev face names it; false if there is none. */
static bool take_type(struct text *t)
{
	glob_t g = { 0 };
	bool found = false;

	if (!glob("/sys/bus/pci/devices/*/mdev_supported_types/nvidia-*", 0, NULL, &g) && g.gl_pathc) {
		t->len = (size_t)snprintf(t->s, sizeof(t->s), "%s",
					  strrchr(g.gl_pathv[rnd((uint32_t)g.gl_pathc)], '-') + 1);
		found = true;
	}
	globfree(&g);
	return found;
}

/* A word of another file, such as a profile out of the list of those there are. */
static bool take_shown(struct text *t, const char *path)
{
	char dir[512], buf[4096], *word;
	unsigned int n = 0, want;
	struct dirent *e;
	ssize_t got = -1;
	DIR *d;

	snprintf(dir, sizeof(dir), "%s", path);
	*strrchr(dir, '/') = '\0';
	d = opendir(dir);
	want = rnd(20);
	while (d && (e = readdir(d))) {
		char file[800];
		int fd;

		if (e->d_name[0] == '.' || n++ != want)
			continue;
		snprintf(file, sizeof(file), "%s/%s", dir, e->d_name);
		fd = open(file, O_RDONLY | O_CLOEXEC);
		if (fd >= 0) {
			got = read(fd, buf, sizeof(buf) - 1);
			close(fd);
		}
	}
	if (d)
		closedir(d);
	if (got <= 0)
		return false;
	buf[got] = '\0';
	want = rnd(8);
	word = strtok(buf, " \n=");
	for (n = 0; word && n < want; n++) {
		char *next = strtok(NULL, " \n=");

		if (!next)
			break;
		word = next;
	}
	if (!word)
		return false;
	t->len = (size_t)snprintf(t->s, sizeof(t->s), "%s", word);
	return true;
}

static void mutate(struct text *t)
{
	for (uint32_t n = rnd(4); n > 0; n--) {
		uint32_t at = rnd((uint32_t)t->len + 1);

		switch (rnd(5)) {
		case 0:		/* one byte otherwise */
			if (at < t->len)
				t->s[at] = (char)rnd(256);
			break;
		case 1:		/* one less */
			if (at < t->len) {
				memmove(t->s + at, t->s + at + 1, t->len - at - 1);
				t->len--;
			}
			break;
		case 2:		/* one more */
			if (t->len + 1 < MAX_TEXT) {
				memmove(t->s + at + 1, t->s + at, t->len - at);
				t->s[at] = (char)rnd(256);
				t->len++;
			}
			break;
		case 3:		/* the same again and again */
			for (uint32_t k = rnd(12); k > 0 && 2 * t->len < MAX_TEXT; k--) {
				memcpy(t->s + t->len, t->s, t->len);
				t->len *= 2;
			}
			break;
		default:
			if (t->len + 1 < MAX_TEXT)
				t->s[t->len++] = '\n';
		}
	}
}

static void make_text(struct text *t, const char *path)
{
	uint32_t kind = rnd(16);

	t->len = 0;
	if (kind == 0) {
		t->len = rnd(MAX_TEXT);
		for (size_t i = 0; i < t->len; i++)
			t->s[i] = (char)rnd(256);
		return;
	}
	if (!(kind < 5 && take_type(t)) && !(kind < 9 && take_shown(t, path)))
		take_word(t);
	if (kind >= 12)
		mutate(t);
	if (!t->len)
		t->s[t->len++] = ' ';
}

/* All that a file of ours may say. ENOENT and ENODEV: it has just gone. */
bool known_errno(int e)
{
	static const int known[] = {
		EINVAL, EBUSY, ENOSPC, ENXIO, ENODEV, EOPNOTSUPP, E2BIG, EEXIST, ENOENT, ERANGE,
		EAGAIN, EACCES, EUSERS, ESRCH, EFBIG,
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (e == known[i])
			return true;
	return false;
}

void complain(const char *path, const char *what, int e)
{
	wrong++;
	printf("FAIL %s: %s: %s\n", path, what, strerrorname_np(e));
}

static int put(const char *path, const char *s, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), e = 0;
	ssize_t n;

	if (fd < 0)
		return errno;
	n = write(fd, s, len);
	if (n < 0)
		e = errno;
	close(fd);
	writes++;
	if (!e && (size_t)n != len && len <= 4096)
		complain(path, "took a part", 0);
	if (e && !known_errno(e))
		complain(path, "write", e);
	taken += !e;
	return e;
}

static void look(const char *path)
{
	static char buf[1 << 20];
	int fd = open(path, O_RDONLY | O_CLOEXEC), e;
	size_t len = 0;
	ssize_t n;

	if (fd < 0) {
		if (!known_errno(errno))
			complain(path, "open", errno);
		return;
	}
	while ((n = read(fd, buf + len, sizeof(buf) - len)) > 0)
		len += (size_t)n;
	e = errno;
	close(fd);
	reads++;
	if (n < 0) {
		if (!known_errno(e))
			complain(path, "read", e);
		return;
	}
	if (!len)
		return;
	if (buf[len - 1] != '\n')
		complain(path, "reads without a newline at its end", 0);
	for (size_t i = 0; i < len; i++)
		if (buf[i] != '\n' && buf[i] != '\t' && (buf[i] < ' ' || buf[i] > '~')) {
			complain(path, "reads what is not text", 0);
			break;
		}
}

static const char *const dirs[] = {
	"/sys/bus/pci/devices/*/vgpu/*", "/sys/bus/pci/devices/*/nvidia/*",
	"/sys/bus/mdev/devices/*/vgpu/*", "/sys/bus/mdev/devices/*/nvidia/*",
};

/* One of our files with one of these mode bits; more often one of a PF or of an mdev. */
static bool pick(char *path, size_t len, mode_t bits)
{
	glob_t g = { 0 };
	bool found = false;
	struct stat st;

	glob(dirs[rnd(ARRAY_SIZE(dirs))], 0, NULL, &g);
	for (int tries = 0; g.gl_pathc && !found && tries < 50; tries++) {
		const char *p = g.gl_pathv[rnd((uint32_t)g.gl_pathc)];

		if (!stat(p, &st) && S_ISREG(st.st_mode) && (st.st_mode & bits)) {
			snprintf(path, len, "%s", p);
			found = true;
		}
	}
	globfree(&g);
	return found;
}

/*
 * Each process removes what it has made itself. mdev core shows "remove" a moment before the
 * mdev is complete: who writes then gets EAGAIN and has taken the file away, and the mdev
 * stays until its parent goes.
 */
static unsigned int me;

static void create(void)
{
	glob_t g = { 0 };
	char uuid[64];

	if (!glob("/sys/bus/pci/devices/*/mdev_supported_types/nvidia-*/create", 0, NULL, &g) &&
	    g.gl_pathc) {
		snprintf(uuid, sizeof(uuid), "%08x-%04x-4000-8000-%012x", rnd(1 << 30), me,
			 rnd(1 << 30));
		put(g.gl_pathv[rnd((uint32_t)g.gl_pathc)], uuid, strlen(uuid));
	}
	globfree(&g);
}

static int last_errno;

static void remove_some(const char *of, bool all)
{
	glob_t g = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/mdev/devices/%s/remove", of);
	if (!glob(path, 0, NULL, &g) && g.gl_pathc) {
		if (all)
			for (size_t i = 0; i < g.gl_pathc; i++)
				last_errno = put(g.gl_pathv[i], "1", 1);
		else
			put(g.gl_pathv[rnd((uint32_t)g.gl_pathc)], "1", 1);
	}
	globfree(&g);
}

static void to_each(const char *pattern, const char *value)
{
	glob_t g = { 0 };

	if (!glob(pattern, 0, NULL, &g))
		for (size_t i = 0; i < g.gl_pathc; i++)
			put(g.gl_pathv[i], value, strlen(value));
	globfree(&g);
}

/* As it was when the machine came up. */
static void clean_up(void)
{
	char id[16];

	glob_t g = { 0 };

	remove_some("*", true);
	if (!glob("/sys/bus/mdev/devices/*", 0, NULL, &g))
		for (size_t i = 0; i < g.gl_pathc; i++)
			complain(g.gl_pathv[i], "cannot be removed", last_errno);
	globfree(&g);
	to_each("/sys/bus/pci/devices/*/nvidia/current_vgpu_type", "0");
	to_each("/sys/bus/pci/devices/*/vgpu/vm_name", "\n");
	for (int i = 0; i < 15; i++) {
		snprintf(id, sizeof(id), "%d", i);
		to_each("/sys/bus/pci/devices/*/vgpu/gpu_instance_destroy", id);
	}
	to_each("/sys/bus/pci/devices/*/vgpu/mig", "0");
	to_each("/sys/bus/pci/devices/*/vgpu/placement_mode", "equal");
	to_each("/sys/bus/pci/devices/*/vgpu/scheduler", "best_effort");
	to_each("/sys/bus/pci/devices/*/vgpu/mdev", "1");
}

static int worker(unsigned int number, uint64_t seed, time_t end, bool netlink)
{
	static struct text text;
	char path[512], mine[32];

	me = number;
	snprintf(mine, sizeof(mine), "*-%04x-4000-8000-*", me);

	state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	for (int i = 0; i < 8; i++)
		rnd(2);
	if (netlink)
		netlink_open();
	while (time(NULL) < end && !wrong) {
		uint32_t what = rnd(100);

		if (netlink && rnd(10)) {
			netlink_some();
			continue;
		}
		if (what < 12) {
			create();
		} else if (what < 20) {
			remove_some(mine, false);
		} else if (what < 23) {
			/* some settings can only be changed on a GPU that nobody uses */
			remove_some(mine, true);
			to_each("/sys/bus/pci/devices/*/nvidia/current_vgpu_type", "0");
		} else if (what < 85) {
			if (!pick(path, sizeof(path), S_IWUSR))
				continue;
			make_text(&text, path);
			put(path, text.s, text.len);
		} else if (pick(path, sizeof(path), S_IRUSR)) {
			look(path);
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	unsigned int seconds, workers;
	unsigned long long seed;
	int rc = 0, status;

	bool netlink = argc == 5 && !strcmp(argv[4], "netlink");

	if (argc != 4 && !netlink)
		return 2;
	seconds = (unsigned int)strtoul(argv[1], NULL, 10);
	seed = strtoull(argv[2], NULL, 10);
	workers = (unsigned int)strtoul(argv[3], NULL, 10);
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (unsigned int i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 2;
		if (pid == 0) {
			worker(i, seed + i, time(NULL) + seconds, netlink);
			printf("%lu writes, %lu taken, %lu reads\n", writes, taken, reads);
			fflush(stdout);
			_exit(wrong != 0);
		}
	}
	while (wait(&status) > 0)
		rc |= !WIFEXITED(status) || WEXITSTATUS(status);
	clean_up();
	return rc || wrong;
}
