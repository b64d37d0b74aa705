// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Keeps a vGPU open, as a running VM does, and says what happens to it. One line
 * an event, so that a script can wait for it:
 *   hold: opened NAME
 *   hold: request N		the driver asked for the device back
 *   hold: died			VFIO's error event
 *   hold: closed after N requests, M DMA rounds
 */
#include "engine.h"
#include "tests.h"
#include "util.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define IOVA 0x10000000ull
#define BYTES (256u << 10)

/* One round of traffic; a broken one ends the test, since the VM would be hurt. */
static bool busy_round(struct dev *d, uint8_t *buf, uint32_t round)
{
	uint32_t *in = (uint32_t *)buf, *out = (uint32_t *)(buf + BYTES / 2);
	uint32_t st;

	for (uint32_t i = 0; i < BYTES / 8; i++)
		in[i] = i ^ round * 0x9e3779b9u;
	st = vg_run(d, OP_SYS_FB, IOVA, 0, BYTES / 2);
	if (!CHECK(st == ST_DONE, "status %u in round %u", st, round))
		return false;
	st = vg_run(d, OP_FB_SYS, 0, IOVA + BYTES / 2, BYTES / 2);
	if (!CHECK(st == ST_DONE, "status %u in round %u", st, round))
		return false;
	for (uint32_t i = 0; i < BYTES / 8; i++)
		if (!CHECK(out[i] == in[i], "round %u word %u", round, i))
			return false;
	return true;
}

int hold_device(const struct dev_spec *spec, const struct hold_opts *opts)
{
	unsigned int requests = 0;
	uint32_t rounds = 0;
	struct pollfd p[3];
	bool died = false;
	uint8_t *buf = NULL;
	const char *stage;
	sigset_t signals;
	struct dev d;
	int err, sig;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	sig = signalfd(-1, &signals, SFD_CLOEXEC);
	if (sig < 0)
		die("signalfd: %s", errname(errno));

	err = dev_open(&d, spec, &stage);
	if (err) {
		printf("open: %s at %s\n", errname(err), stage);
		return EXIT_REFUSED;
	}
	err = dev_watch_requests(&d);
	CHECK(err == 0, "request interrupt: %s", errname(err));
	err = dev_watch_errors(&d);
	CHECK(err == 0, "error interrupt: %s", errname(err));
	if (opts->busy) {
		buf = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (buf == MAP_FAILED)
			die("mmap: %s", errname(errno));
		CHECK(vg_bus_master(&d, true) == 0, "config write");
		err = dev_dma_map(&d, buf, IOVA, BYTES, DMA_RW);
		CHECK(err == 0, "mapping: %s", errname(err));
	}
	printf("hold: opened %s\n", d.name);
	fflush(stdout);

	while (!checks_failed()) {
		p[0] = (struct pollfd){ .fd = sig, .events = POLLIN };
		p[1] = (struct pollfd){ .fd = d.request_fd, .events = POLLIN };
		/* said once; what it works with may be gone then */
		p[2] = (struct pollfd){ .fd = died ? -1 : d.error_fd, .events = POLLIN };
		if (poll(p, 3, opts->busy && !died ? 0 : -1) < 0)
			die("poll: %s", errname(errno));
		if (p[0].revents)
			break;
		if (p[1].revents) {
			uint64_t n;

			if (read(d.request_fd, &n, sizeof(n)) == sizeof(n))
				requests += (unsigned int)n;
			printf("hold: request %u\n", requests);
			fflush(stdout);
			if (!opts->forever && requests > opts->ignore)
				break;
		}
		if (p[2].revents) {
			died = true;
			puts("hold: died");
			fflush(stdout);
		}
		if (opts->busy && !died && !busy_round(&d, buf, ++rounds))
			break;
	}
	dev_close(&d);
	close(sig);
	if (buf)
		munmap(buf, BYTES);
	printf("hold: closed after %u requests, %u DMA rounds\n", requests, rounds);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
