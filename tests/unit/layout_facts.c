// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads tests/data. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

const char *const branch_names[BRANCHES] = { "535.113.01", "570.144", "595.45.04" };

#define TEXT	96

/* A row of the layouts: a struct's size, or a field of it. */
struct row {
	unsigned int branch;
	char type[TEXT];
	char field[TEXT];	/* without [count] */
	unsigned long count;
	unsigned long offset;
	unsigned long size;
};

struct number {
	char name[TEXT];
	bool there[BRANCHES];
	uint64_t value[BRANCHES];
};

static struct row *rows;
static struct number *numbers;
static size_t n_rows, n_numbers;

FILE *layout_open(const char *path)
{
	char full[512];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", SOURCE_ROOT, path);
	f = fopen(full, "r");
	cr_assert(f, "%s", full);
	return f;
}

/* Cuts a line at its commas. */
static size_t cut(char *line, char **column, size_t max)
{
	size_t n = 0;

	line[strcspn(line, "\r\n")] = 0;
	while (n < max) {
		column[n++] = line;
		line = strchr(line, ',');
		if (!line)
			break;
		*line++ = 0;
	}
	return n;
}

static unsigned int branch_of(const char *name)
{
	unsigned int b;

	for (b = 0; b < BRANCHES; b++)
		if (!strcmp(branch_names[b], name))
			return b;
	cr_assert_fail("no branch %s", name);
	return 0;
}

static void load_layouts(const char *path)
{
	FILE *f = layout_open(path);
	char line[512], *c[6];

	cr_assert(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		struct row *r;
		char *bracket;

		if (line[0] == '#')
			continue;
		cr_assert_eq(cut(line, c, 6), 6u, "%s: %s", path, line);
		rows = realloc(rows, (n_rows + 1) * sizeof(*rows));
		r = &rows[n_rows++];
		memset(r, 0, sizeof(*r));
		r->branch = branch_of(c[0]);
		bracket = strchr(c[2], '[');
		if (bracket) {
			*bracket = 0;
			r->count = strtoul(bracket + 1, NULL, 10);
		}
		snprintf(r->type, sizeof(r->type), "%s", c[1]);
		snprintf(r->field, sizeof(r->field), "%s", c[2]);
		r->offset = strtoul(c[3], NULL, 10);
		r->size = strtoul(c[4], NULL, 10);
	}
	fclose(f);
}

static void load_numbers(const char *path)
{
	FILE *f = layout_open(path);
	char line[512], *c[1 + BRANCHES];
	unsigned int b;

	cr_assert(fgets(line, sizeof(line), f));
	while (fgets(line, sizeof(line), f)) {
		struct number *n;

		cr_assert_eq(cut(line, c, 1 + BRANCHES), 1u + BRANCHES, "%s: %s", path, line);
		numbers = realloc(numbers, (n_numbers + 1) * sizeof(*numbers));
		n = &numbers[n_numbers++];
		memset(n, 0, sizeof(*n));
		snprintf(n->name, sizeof(n->name), "%s", c[0]);
		for (b = 0; b < BRANCHES; b++) {
			n->there[b] = *c[1 + b];
			n->value[b] = strtoull(c[1 + b], NULL, 0);
		}
	}
	fclose(f);
}

static void load(void)
{
	if (rows)
		return;
	load_layouts("tests/data/firmware-layouts.csv");
	load_layouts("tests/data/firmware-layouts-extra.csv");
	load_layouts("tests/data/plugin-layouts.csv");
	load_numbers("tests/data/firmware-numbers.csv");
	load_numbers("tests/data/firmware-numbers-extra.csv");
	load_numbers("tests/data/plugin-numbers.csv");
}

static const struct row *find_row(unsigned int branch, const char *type, const char *field)
{
	size_t i;

	for (i = 0; i < n_rows; i++)
		if (rows[i].branch == branch && !strcmp(rows[i].type, type) &&
		    !strcmp(rows[i].field, field))
			return &rows[i];
	return NULL;
}

static bool find_number(unsigned int branch, const char *name, uint64_t *value)
{
	bool found = false;
	size_t i;

	/* a name may be in both files: then they must agree */
	for (i = 0; i < n_numbers; i++) {
		if (strcmp(numbers[i].name, name) || !numbers[i].there[branch])
			continue;
		if (found)
			cr_assert_eq(*value, numbers[i].value[branch], "%s", name);
		*value = numbers[i].value[branch];
		found = true;
	}
	return found;
}

bool layout_fact(unsigned int branch, const struct use *u, uint64_t *value)
{
	const struct row *r = NULL, *inner;
	uint64_t other;

	load();
	if (u->kind <= HAVE)
		r = find_row(branch, u->fact[0], u->kind == SIZE ? "" : u->fact[1]);
	switch (u->kind) {
	case OFFSET:
		if (r)
			*value = r->offset;
		return r;
	case SIZE:
	case FIELD_SIZE:
		if (r)
			*value = r->size;
		return r;
	case COUNT:
		if (r)
			*value = r->count;
		return r;
	case INNER:
		inner = find_row(branch, u->fact[2], u->fact[3]);
		if (r && inner)
			*value = r->offset + inner->offset;
		return r && inner;
	case HAVE:
		*value = !!r;
		return true;
	case BIT_OF:
		if (!find_number(branch, u->fact[0], &other))
			return false;
		*value = UINT64_C(1) << other;
		return true;
	case NUMBER:
		return find_number(branch, u->fact[0], value);
	case SUM:
		if (!find_number(branch, u->fact[0], value) || !find_number(branch, u->fact[1], &other))
			return false;
		*value += other;
		return true;
	case OWN:
		break;
	}
	return false;
}

bool layout_number(unsigned int branch, size_t i, const char **name, uint64_t *value)
{
	load();
	if (i >= n_numbers)
		return false;
	*name = numbers[i].there[branch] ? numbers[i].name : "";
	*value = numbers[i].value[branch];
	return true;
}
