// SPDX-License-Identifier: LGPL-2.1-or-later
/* Many vGPUs at once: all of them open, or all of them being opened. */
#include "engine.h"
#include "proc.h"
#include "tests.h"
#include "util.h"

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE	4096u
#define TOGETHER_MS 120000u
#define IOVA	0x10000000ull
#define MARK_AT	0x40000000ull	/* 1 GiB is more than some have: see mark() */

/* Where each keeps a page of its own, behind what BAR1 shows. */
static uint64_t mark(struct dev *d)
{
	uint64_t fb = vg_fb_bytes(d);

	return fb > MARK_AT + PAGE ? MARK_AT : fb / 2 & ~(uint64_t)(PAGE - 1);
}

static void all_copy(struct dev *d, unsigned int n, enum vg_op op)
{
	uint32_t *seq = calloc(n, sizeof(*seq));

	if (!seq)
		die("out of memory");
	for (unsigned int i = 0; i < n; i++)
		seq[i] = op == OP_SYS_FB ?
			vg_start(&d[i], op, IOVA, mark(&d[i]), PAGE, VG_NO_VECTOR) :
			vg_start(&d[i], op, mark(&d[i]), IOVA + PAGE, PAGE, VG_NO_VECTOR);
	for (unsigned int i = 0; i < n; i++) {
		uint32_t st = vg_wait(&d[i], seq[i]);

		CHECK(st == ST_DONE, "%s: operation %u: status %u", d[i].name, op, st);
	}
	free(seq);
}

int fleet(const char *const *where, unsigned int n, bool stay)
{
	struct dev *d = calloc(n, sizeof(*d));
	uint8_t **buf = calloc(n, sizeof(*buf));
	unsigned int open = 0;
	const char *stage;
	sigset_t signals;
	int err, sig;

	if (!d || !buf)
		die("out of memory");
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	for (; open < n; open++) {
		struct dev_spec spec = { .where = where[open] };

		err = dev_open(&d[open], &spec, &stage);
		if (!CHECK(err == 0, "open %s, number %u: %s at %s", where[open], open + 1,
			   errname(err), stage))
			break;
		buf[open] = alloc_dma(2 * PAGE);
		fill_pattern(buf[open], PAGE, open + 1);
		CHECK(vg_bus_master(&d[open], true) == 0, "config write");
		err = dev_dma_map(&d[open], buf[open], IOVA, 2 * PAGE, DMA_RW);
		CHECK(err == 0, "mapping: %s", errname(err));
	}
	for (unsigned int i = 0; i < open; i++)
		for (unsigned int k = 0; k < i; k++)
			CHECK(vg_rd(&d[i], VG_GFID) != vg_rd(&d[k], VG_GFID) ||
			      vg_rd(&d[i], VG_BOARD) != vg_rd(&d[k], VG_BOARD),
			      "%s and %s are the same function", where[i], where[k]);
	/* all of them write before any of them reads */
	if (!checks_failed()) {
		all_copy(d, open, OP_SYS_FB);
		all_copy(d, open, OP_FB_SYS);
		for (unsigned int i = 0; i < open; i++)
			CHECK(!memcmp(buf[i], buf[i] + PAGE, PAGE), "%s reads what it did not write",
			      where[i]);
	}
	printf("fleet: %u open\n", open);
	if (stay)
		sigwait(&signals, &sig);
	for (unsigned int i = 0; i < open; i++) {
		dev_close(&d[i]);
		munmap(buf[i], 2 * PAGE);
	}
	free(d);
	free(buf);
	printf("fleet: %u closed: %s\n", open, checks_failed() ? "FAIL" : "ok");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

static int open_one(void *arg)
{
	struct dev_spec spec = { .where = arg };
	const char *stage;
	struct dev d;
	int err = dev_open(&d, &spec, &stage);

	if (err) {
		printf("open %s: %s at %s\n", spec.where, errname(err), stage);
		return EXIT_REFUSED;
	}
	err = quick_dma(&d, 2);
	CHECK(err == 0, "%d DMA checks failed", err);
	dev_close(&d);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

static bool all_are(const char *const *where, unsigned int n, const char *state)
{
	char path[256], text[32];

	for (unsigned int i = 0; i < n; i++) {
		dev_path(path, sizeof(path), where[i]);
		if (sysfs_read(text, sizeof(text), "%s/vgpu/state", path) || strcmp(text, state))
			return false;
	}
	return true;
}

/* One number into a file of every GPU, whatever is in it now into *@old. */
static void every_gpu(const char *file, unsigned int value, unsigned int *old)
{
	char path[128], text[16];
	glob_t g = { 0 };

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s", file);
	glob(path, 0, NULL, &g);
	CHECK(g.gl_pathc > 0, "no %s", path);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		if (old && !sysfs_read(text, sizeof(text), "%s", g.gl_pathv[i]))
			*old = (unsigned int)strtoul(text, NULL, 10);
		snprintf(text, sizeof(text), "%u", value);
		CHECK(sysfs_write(text, "%s", g.gl_pathv[i]) == 0, "%s", g.gl_pathv[i]);
	}
	globfree(&g);
}

#define BOOT_DELAY	"openvgpu_sim/*/plugin_boot_ms"
#define BOOT_WAIT	"openvgpu/*/timeouts/instance_ms"

void open_together(const char *const *where, unsigned int n, struct together *t)
{
	struct proc **p = calloc(n, sizeof(*p));
	uint64_t end = now_ms() + TOGETHER_MS;
	unsigned int delay = 0, wait = 10000;
	bool running = true;

	if (!p)
		die("out of memory");
	memset(t, 0, sizeof(*t));
	/* held back until all are there, however long that takes */
	every_gpu(BOOT_DELAY, 10 * TOGETHER_MS, &delay);
	every_gpu(BOOT_WAIT, 10 * TOGETHER_MS, &wait);
	for (unsigned int i = 0; i < n; i++)
		p[i] = proc_run(open_one, (void *)(uintptr_t)where[i]);
	while (running && !t->all_booting && now_ms() < end) {
		sleep_ms(20);
		t->all_booting = all_are(where, n, "booting");
		for (unsigned int i = 0; i < n; i++)
			running &= proc_running(p[i]);
	}
	every_gpu(BOOT_DELAY, delay, NULL);
	for (unsigned int i = 0; i < n; i++)
		t->opened += proc_finish(p[i], TOGETHER_MS) == 0;
	every_gpu(BOOT_WAIT, wait, NULL);
	free(p);
}

int together(const char *const *where, unsigned int n)
{
	struct together t;

	open_together(where, n, &t);
	CHECK(t.opened == n, "%u of %u opened", t.opened, n);
	printf("together: %u opened, %s\n", t.opened,
	       t.all_booting ? "all at once" : "never all at once");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
