// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A vGPU in the hands of a script: one line in, one line out.
 *   rd OFF, wr OFF VAL	words of the page that shows what the VF owns, hexadecimal
 *   dma N		N rounds that must come back as they went
 *   busy MS		as many as fit
 *   fill N, check N, zero	the framebuffer, see tests.h
 *   reset		VFIO_DEVICE_RESET
 *   died MS		VFIO's error event: "died" or "lives"
 *   quit
 * Answers are "ok", "ok VALUE" or "FAIL ...".
 */
#include "engine.h"
#include "tests.h"
#include "util.h"

#include <stdlib.h>
#include <string.h>

static void answer(unsigned int bad)
{
	if (bad)
		printf("FAIL %u\n", bad);
	else
		puts("ok");
}

static bool obey(struct dev *d, const char *line)
{
	unsigned int a = 0, b = 0;
	char cmd[16] = "";
	int n = sscanf(line, "%15s %i %i", cmd, (int *)&a, (int *)&b), err;

	if (n == 2 && !strcmp(cmd, "rd")) {
		printf("ok %x\n", vg_rd(d, a));
	} else if (n == 3 && !strcmp(cmd, "wr")) {
		vg_wr(d, a, b);
		puts("ok");
	} else if (n == 2 && !strcmp(cmd, "dma")) {
		answer((unsigned int)quick_dma(d, a));
	} else if (n == 2 && !strcmp(cmd, "busy")) {
		uint64_t end = now_ms() + a;
		unsigned int rounds = 0;
		int bad = 0;

		for (; !bad && now_ms() < end; rounds += 8)
			bad = quick_dma(d, 8);
		if (bad)
			answer((unsigned int)bad);
		else
			printf("ok %u\n", rounds);
	} else if (n == 2 && !strcmp(cmd, "fill")) {
		answer(fb_fill(d, a));
	} else if (n == 2 && !strcmp(cmd, "check")) {
		answer(fb_check(d, a));
	} else if (n == 1 && !strcmp(cmd, "zero")) {
		answer(fb_zero(d));
	} else if (n == 1 && !strcmp(cmd, "reset")) {
		err = dev_reset(d);
		if (!err)
			err = vg_bus_master(d, true);
		if (err)
			printf("FAIL %s\n", errname(err));
		else
			puts("ok");
	} else if (n == 2 && !strcmp(cmd, "died")) {
		puts(dev_died(d, a) ? "died" : "lives");
	} else if (n == 1 && !strcmp(cmd, "quit")) {
		return false;
	} else {
		printf("FAIL not understood: %s", line);
	}
	return true;
}

int drive_device(const struct dev_spec *spec)
{
	const char *stage;
	char line[128];
	struct dev d;
	int err = dev_open(&d, spec, &stage);

	if (err) {
		printf("open: %s at %s\n", errname(err), stage);
		return EXIT_REFUSED;
	}
	err = dev_watch_errors(&d);
	CHECK(err == 0, "error event: %s", errname(err));
	CHECK(vg_bus_master(&d, true) == 0, "config write");
	printf("drive: opened %s\n", d.name);
	while (fgets(line, sizeof(line), stdin))
		if (!obey(&d, line))
			break;
	dev_close(&d);
	puts("drive: closed");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
