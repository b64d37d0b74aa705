// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Uses vGPUs as a VMM does, without a VMM. Exit status: 0 all is as it must be,
 * 1 a check failed (each prints a line FAIL), 2 wrong use, 3 the device could not
 * be opened ("open: EBUSY at device").
 */
#include "tests.h"
#include "util.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(void)
{
	fputs("usage: vfio-test COMMAND [options] ARGS\n"
	      "  DEV is a sysfs path, an mdev's UUID, a PCI address, or a group number\n"
	      "  info DEV                     regions, interrupts, identity\n"
	      "  open DEV                     open and close\n"
	      "  test DEV                     every check of one vGPU\n"
	      "  pair DEV DEV                 two at once\n"
	      "  hold DEV                     keep open; closes on request or SIGTERM\n"
	      "  drive DEV                    open, then what stdin says, a line at a time\n"
	      "  fleet DEV...                 all open at once, DMA in each\n"
	      "  together DEV...              opened at the same time\n"
	      "  cells                        names of the fault matrix\n"
	      "  matrix PF TYPE [CELL...]     the fault matrix, or some of it\n"
	      "  churn PF TYPE                create, open, DMA, close, remove\n"
	      "  random PF                    create, remove, open, close, move in random order\n"
	      "  scenario NAME|all PF TYPE    kernel scenarios\n"
	      "  scenarios [--slow]           their names, without or with the slow ones\n"
	      "options:\n"
	      "  --name NAME      name to ask the group for (default: last part of DEV)\n"
	      "  --cdev           iommufd and character device instead of the group\n"
	      "  --no-mmap        registers by read and write\n"
	      "  --board HEX --type N --gfid N --fb-mib N --id VVVV:DDDD:SSSS:SSSS\n"
	      "                   what info and test must find\n"
	      "  --ignore N       hold: requests to let pass\n"
	      "  --forever        hold: never close on a request\n"
	      "  --busy           hold: DMA all the time\n"
	      "  --stay           fleet: keep them open until SIGTERM\n"
	      "  --procs N --cycles N --no-open       churn\n"
	      "  --seed N --sequences N --steps N     random (default 1, 500, 6)\n"
	      "  --rounds N       scenario: repetitions (default 4)\n"
	      "  --label TEXT     scenario: behind the name in the verdict\n", stderr);
	return EXIT_SETUP;
}

static int open_only(const struct dev_spec *spec, bool info)
{
	const char *stage;
	struct dev d;
	int err = dev_open(&d, spec, &stage);

	if (err) {
		printf("open: %s at %s\n", errname(err), stage);
		return EXIT_REFUSED;
	}
	if (info)
		CHECK(print_info(&d) == 0, "config space");
	else
		printf("open: ok\n");
	dev_close(&d);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

enum { O_NAME = 1, O_CDEV, O_NO_MMAP, O_BOARD, O_TYPE, O_GFID, O_FB, O_ID, O_IGNORE, O_FOREVER,
       O_BUSY, O_PROCS, O_CYCLES, O_NO_OPEN, O_ROUNDS, O_LABEL, O_SLOW, O_STAY,
       O_SEED, O_SEQUENCES, O_STEPS };

static const struct option options[] = {
	{ "name", required_argument, NULL, O_NAME },
	{ "cdev", no_argument, NULL, O_CDEV },
	{ "no-mmap", no_argument, NULL, O_NO_MMAP },
	{ "board", required_argument, NULL, O_BOARD },
	{ "type", required_argument, NULL, O_TYPE },
	{ "gfid", required_argument, NULL, O_GFID },
	{ "fb-mib", required_argument, NULL, O_FB },
	{ "id", required_argument, NULL, O_ID },
	{ "ignore", required_argument, NULL, O_IGNORE },
	{ "forever", no_argument, NULL, O_FOREVER },
	{ "busy", no_argument, NULL, O_BUSY },
	{ "procs", required_argument, NULL, O_PROCS },
	{ "cycles", required_argument, NULL, O_CYCLES },
	{ "no-open", no_argument, NULL, O_NO_OPEN },
	{ "slow", no_argument, NULL, O_SLOW },
	{ "label", required_argument, NULL, O_LABEL },
	{ "stay", no_argument, NULL, O_STAY },
	{ "seed", required_argument, NULL, O_SEED },
	{ "sequences", required_argument, NULL, O_SEQUENCES },
	{ "steps", required_argument, NULL, O_STEPS },
	{ "rounds", required_argument, NULL, O_ROUNDS },
	{ 0 }
};

static uint32_t number(const char *s, int base)
{
	char *end;
	unsigned long n = strtoul(s, &end, base);

	if (!*s || *end || n > UINT32_MAX)
		die("not a number: %s", s);
	return (uint32_t)n;
}

int main(int argc, char **argv)
{
	struct churn_opts churn_opts = { .procs = 4, .cycles = 8 };
	struct hold_opts hold_opts = { 0 };
	struct dev_spec spec = { 0 };
	struct expect want = { 0 };
	unsigned int rounds = 4, sequences = 500, steps = 6;
	uint32_t seed = 1;
	bool slow = false, stay = false;
	const char *cmd, *label = "";
	int o, n;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((o = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (o) {
		case O_NAME: spec.name = optarg; break;
		case O_CDEV: spec.cdev = true; break;
		case O_NO_MMAP: spec.no_mmap = true; break;
		case O_BOARD: want.board = number(optarg, 16); break;
		case O_TYPE: want.type = number(optarg, 10); break;
		case O_GFID: want.gfid = number(optarg, 10); break;
		case O_FB: want.fb_mib = number(optarg, 10); break;
		case O_ID:
			if (sscanf(optarg, "%hx:%hx:%hx:%hx", &want.id[0], &want.id[1], &want.id[2],
				   &want.id[3]) != 4)
				return usage();
			break;
		case O_IGNORE: hold_opts.ignore = number(optarg, 10); break;
		case O_FOREVER: hold_opts.forever = true; break;
		case O_BUSY: hold_opts.busy = true; break;
		case O_PROCS: churn_opts.procs = number(optarg, 10); break;
		case O_CYCLES: churn_opts.cycles = number(optarg, 10); break;
		case O_NO_OPEN: churn_opts.no_open = true; break;
		case O_STAY: stay = true; break;
		case O_SLOW: slow = true; break;
		case O_LABEL: label = optarg; break;
		case O_SEED: seed = number(optarg, 10); break;
		case O_SEQUENCES: sequences = number(optarg, 10); break;
		case O_STEPS: steps = number(optarg, 10); break;
		case O_ROUNDS: rounds = number(optarg, 10); break;
		default: return usage();
		}
	}
	n = argc - optind - 1;
	if (n < 0)
		return usage();
	cmd = argv[optind];
	argv += optind + 1;
	spec.where = n > 0 ? argv[0] : "";

	if (!strcmp(cmd, "info") && n == 1)
		return open_only(&spec, true);
	if (!strcmp(cmd, "open") && n == 1)
		return open_only(&spec, false);
	if (!strcmp(cmd, "test") && n == 1)
		return test_device(&spec, &want);
	if (!strcmp(cmd, "hold") && n == 1)
		return hold_device(&spec, &hold_opts);
	if (!strcmp(cmd, "pair") && n == 2) {
		struct dev_spec other = spec;

		other.where = argv[1];
		return test_pair(&spec, &other);
	}
	if (!strcmp(cmd, "drive") && n == 1)
		return drive_device(&spec);
	if (!strcmp(cmd, "fleet") && n > 0)
		return fleet((const char *const *)argv, (unsigned int)n, stay);
	if (!strcmp(cmd, "together") && n > 0)
		return together((const char *const *)argv, (unsigned int)n);
	if (!strcmp(cmd, "matrix") && n >= 2)
		return matrix(argv[0], argv[1], (const char *const *)argv + 2, (unsigned int)n - 2);
	if (!strcmp(cmd, "cells") && n == 0) {
		list_cells();
		return EXIT_OK;
	}
	if (!strcmp(cmd, "churn") && n == 2) {
		churn_opts.pf = argv[0];
		churn_opts.type = argv[1];
		return churn(&churn_opts);
	}
	if (!strcmp(cmd, "random") && n == 1)
		return random_order(argv[0], seed, sequences, steps);
	if (!strcmp(cmd, "scenario") && n == 3)
		return run_scenario(argv[0], argv[1], argv[2], rounds, label);
	if (!strcmp(cmd, "scenarios") && n == 0) {
		list_scenarios(slow);
		return EXIT_OK;
	}
	return usage();
}
