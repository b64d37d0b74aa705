// SPDX-License-Identifier: GPL-2.0-only
/* The boards that can be simulated against those of the catalogue of types. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS	40

/* Splits a line of the table; a cell in quotes may have commas. Returns how many. */
static int cells(char *line, char *cell[COLUMNS])
{
	bool quoted = false;
	int n = 1;

	line[strcspn(line, "\r\n")] = '\0';
	cell[0] = line;
	for (char *p = line; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (*p != ',' || quoted)
			continue;
		*p = '\0';
		cr_assert_lt(n, COLUMNS);
		cell[n++] = p + 1;
	}
	return n;
}

static const char *head[COLUMNS];
static int n_head;

static const char *get(char *cell[COLUMNS], const char *name)
{
	for (int i = 0; i < n_head; i++)
		if (!strcmp(head[i], name))
			return cell[i];
	cr_assert_fail("types.csv has no column %s", name);
	return NULL;
}

static uint32_t number(char *cell[COLUMNS], const char *name, int base)
{
	return (uint32_t)strtoul(get(cell, name), NULL, base);
}

/* On any branch: the facts are the board's. */
static struct host *board(const char *name)
{
	static const unsigned int branches[] = { 535, 570, 595 };
	struct model_host none = { 0 };

	for (size_t i = 0; i < 3; i++) {
		struct model *m = model_new(name, branches[i], &none);

		if (!m)
			continue;
		model_free(m);
		return host_new(name, branches[i]);
	}
	return NULL;
}

static void check(char *cell[COLUMNS], const struct model_facts *f)
{
	const char *name = get(cell, "gpu"), *reported = get(cell, "board_fb_reported_mib");
	const char *vfs = get(cell, "sriov_totalvfs");
	uint32_t sub = number(cell, "pf_subdevice", 16), most = number(cell, "max_equal_size", 10);
	char *rest;
	uint32_t n;

	cr_expect_eq(f->device, number(cell, "pf_device", 16), "%s", name);
	if (strcmp(get(cell, "pf_subdevice"), "any"))
		cr_expect_eq(f->subsystem, sub, "%s: subsystem", name);
	cr_expect_eq(f->fb >> 20, number(cell, "board_fb_nominal_mib", 10), "%s: memory", name);
	if (*reported)
		cr_expect_eq(f->usable >> 20, strtoul(reported, NULL, 10), "%s: usable", name);
	cr_expect(f->usable <= f->fb && !(f->pf_bar1 & (f->pf_bar1 - 1)), "%s", name);
	if (!strcmp(name, "T4"))
		return;
	cr_expect(f->pf_bar1 >= f->fb && f->pf_bar1 < 2 * f->fb, "%s: PF BAR1", name);
	/* what is known is so, and all that NVIDIA documents have a VF */
	n = (uint32_t)strtoul(vfs, &rest, 10);
	if (n && *rest != '?' && !strstr(rest, "fixture"))
		cr_expect_eq(f->total_vfs, n, "%s: VFs", name);
	cr_expect_geq(f->total_vfs, most, "%s: %s", name, get(cell, "name"));
	if (!strcmp(get(cell, "mig"), "1"))
		cr_expect_leq(number(cell, "gi_slices", 10), f->gi_slices, "%s: %s", name,
			      get(cell, "name"));
	else
		cr_expect_eq(number(cell, "gi_slices", 10), 0u);
	cr_expect_eq(f->placement_ids, strcmp(get(cell, "arch"), "Ampere") != 0, "%s", name);
}

Test(fw_boards, they_are_those_of_the_catalogue)
{
	static char first[4096], line[4096], last[64];
	FILE *f = fopen(SOURCE_ROOT "/schemas/catalogue/types.csv", "r");
	struct host *h = NULL;
	char *cell[COLUMNS];
	int boards = 0;

	cr_assert(f);
	cr_assert(fgets(first, sizeof(first), f));
	n_head = cells(first, (char **)head);
	while (fgets(line, sizeof(line), f)) {
		const char *gpu;

		cr_assert_eq(cells(line, cell), n_head);
		gpu = get(cell, "gpu");
		if (strcmp(gpu, last)) {
			if (h)
				host_free(h);
			snprintf(last, sizeof(last), "%s", gpu);
			h = board(strcmp(gpu, "RTXPRO6000-BSE") ? gpu : "RTXPRO6000");
			cr_assert(h, "no board %s", gpu);
			boards++;
		}
		check(cell, &h->f);
	}
	host_free(h);
	fclose(f);
	cr_expect_eq(boards, 21);
}

/* What each firmware branch knows, and that it starts there. */
Test(fw_boards, branches)
{
	static const struct { const char *board; unsigned int from; } boards[] = {
		{ "A10", 535 }, { "A16", 535 }, { "A2", 535 }, { "A30", 535 }, { "A40", 535 },
		{ "A100-PCIe-40", 535 }, { "A100-SXM4-40", 535 }, { "A100-PCIe-80", 535 },
		{ "A100-SXM4-80", 535 }, { "L4", 535 }, { "L40", 535 }, { "L40S", 535 },
		{ "RTX6000-Ada", 535 }, { "H100-PCIe-80", 535 }, { "H100-NVL-94", 535 },
		{ "H100-SXM5-80", 570 }, { "H100-SXM5-94", 570 }, { "H200-SXM5", 570 },
		{ "H200-NVL", 570 }, { "RTXPRO6000", 595 },
	};
	static const unsigned int branches[] = { 535, 570, 595 };
	struct model_host none = { 0 };

	for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++)
		for (size_t j = 0; j < 3; j++) {
			struct host *h;

			if (branches[j] < boards[i].from) {
				cr_expect(!model_new(boards[i].board, branches[j], &none));
				continue;
			}
			h = host_new(boards[i].board, branches[j]);
			host_up(h);
			/* as many vGPUs as VFs and firmware allow */
			for (uint32_t g = 1; g <= h->f.total_vfs && g <= h->f.max_vgpus; g++)
				host_vgpu(h, g);
			host_configure(h, 1);
			host_free(h);
		}
}
