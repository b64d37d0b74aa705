// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The catalogue's source as CSV (RFC 4180, UTF-8, one type a row). Columns may
 * stand in any order; each must be there exactly once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define MAX_COLUMNS	(OVG_N_FIELDS * 2)

/**
 * struct reader - position in the text
 * @at: next byte; cells are unquoted in place, always to the left of this
 * @end: behind the last byte
 * @line: line of @at, from 1
 * @name: the source, for errors
 */
struct reader {
	char *at;
	char *end;
	unsigned long line;
	const char *name;
};

enum after { AFTER_CELL, AFTER_ROW };

/* Ends at a comma, at a line end or at the end of the text. */
static int read_cell(struct reader *r, char **cell, enum after *after,
		     struct openvgpu_error *err)
{
	unsigned long first = r->line;
	char *out = r->at;
	bool quoted = false;

	*cell = out;
	if (r->at < r->end && *r->at == '"') {
		quoted = true;
		r->at++;
		for (;;) {
			if (r->at == r->end)
				return ovg_error(err, -EINVAL,
						 "%s:%lu: quote is never closed", r->name, first);
			if (*r->at == '"') {
				if (r->at + 1 == r->end || r->at[1] != '"')
					break;
				r->at++;
			} else if (*r->at == '\n') {
				r->line++;
			}
			*out++ = *r->at++;
		}
		r->at++;
	}
	while (r->at < r->end && *r->at != ',' && *r->at != '\n' &&
	       !(*r->at == '\r' && (r->at + 1 == r->end || r->at[1] == '\n'))) {
		if (quoted)
			return ovg_error(err, -EINVAL, "%s:%lu: text behind a closing quote",
					 r->name, r->line);
		if (*r->at == '"')
			return ovg_error(err, -EINVAL, "%s:%lu: quote inside an unquoted cell",
					 r->name, r->line);
		*out++ = *r->at++;
	}

	if (r->at < r->end && *r->at == ',') {
		r->at++;
		*after = AFTER_CELL;
	} else {
		if (r->at < r->end && *r->at == '\r')
			r->at++;
		if (r->at < r->end) {
			r->at++;
			r->line++;
		}
		*after = AFTER_ROW;
	}
	*out = '\0';
	return 0;
}

static int read_row(struct reader *r, char **cells, size_t *n, struct openvgpu_error *err)
{
	unsigned long line = r->line;
	enum after after;
	int ret;

	*n = 0;
	do {
		if (*n == MAX_COLUMNS)
			return ovg_error(err, -EINVAL, "%s:%lu: more than %d columns", r->name,
					 line, MAX_COLUMNS);
		ret = read_cell(r, &cells[*n], &after, err);
		if (ret)
			return ret;
		(*n)++;
	} while (after == AFTER_CELL);
	return 0;
}

static int find_columns(const struct reader *r, char **cells, size_t n, int *column,
			struct openvgpu_error *err)
{
	size_t f, c;

	for (f = 0; f < OVG_N_FIELDS; f++)
		column[f] = -1;
	for (c = 0; c < n; c++) {
		for (f = 0; f < OVG_N_FIELDS; f++)
			if (!strcmp(cells[c], ovg_field_name[f]))
				break;
		if (f == OVG_N_FIELDS)
			return ovg_error(err, -EINVAL, "%s:1: unknown column '%s'", r->name,
					 cells[c]);
		if (column[f] >= 0)
			return ovg_error(err, -EINVAL, "%s:1: column '%s' is there twice", r->name,
					 cells[c]);
		column[f] = (int)c;
	}
	for (f = 0; f < OVG_N_FIELDS; f++)
		if (column[f] < 0)
			return ovg_error(err, -EINVAL, "%s:1: column '%s' is missing", r->name,
					 ovg_field_name[f]);
	return 0;
}

static int parse(struct openvgpu_types *t, struct reader *r, struct openvgpu_problems *problems,
		 struct openvgpu_error *err)
{
	const size_t before = t->n_types;
	char *cells[MAX_COLUMNS];
	int column[OVG_N_FIELDS];
	struct ovg_row row = { .name = r->name };
	bool rows = false;
	size_t n, f;
	int ret;

	if (r->at == r->end)
		return ovg_error(err, -EINVAL, "%s: empty", r->name);
	ret = read_row(r, cells, &n, err);
	if (!ret)
		ret = find_columns(r, cells, n, column, err);
	if (ret)
		return ret;

	while (r->at < r->end) {
		row.line = r->line;
		rows = true;
		ret = read_row(r, cells, &n, err);
		if (ret)
			return ret;
		if (n != OVG_N_FIELDS) {
			ret = ovg_error(err, -EINVAL,
					"%s:%lu: %zu columns where the header has %d", r->name,
					row.line, n, OVG_N_FIELDS);
		} else {
			for (f = 0; f < OVG_N_FIELDS; f++)
				row.text[f] = cells[column[f]];
			ret = ovg_row_add(t, &row, err);
		}
		if (ret)
			ret = ovg_bad_type(problems, ret, err);
		if (ret)
			return ret;
	}
	if (t->n_types == before && !(problems && rows))
		return ovg_error(err, -EINVAL, "%s: a header but no types", r->name);
	return 0;
}

int ovg_read_csv(struct openvgpu_types *t, const char *text, size_t len, const char *name,
		 struct openvgpu_problems *problems, struct openvgpu_error *err)
{
	struct openvgpu_error own;
	struct reader r = { .line = 1, .name = name };
	char *copy;
	int ret;

	if (memchr(text, '\0', len))
		return ovg_error(err, -EINVAL, "%s: not a text file", name);
	/* one more byte: a cell may end, and be terminated, at the very end */
	copy = malloc(len + 1);
	if (!copy)
		return ovg_error(err, -ENOMEM, "%s: out of memory", name);
	memcpy(copy, text, len);
	r.at = copy;
	r.end = copy + len;

	ret = parse(t, &r, problems, err ? err : &own);
	free(copy);
	return ret;
}

int openvgpu_types_parse_csv(struct openvgpu_types *t, const char *text, size_t len,
			     const char *name, struct openvgpu_error *err)
{
	int ret;

	memset(t, 0, sizeof(*t));
	ret = ovg_read_csv(t, text, len, name, NULL, err);
	if (ret)
		openvgpu_types_free(t);
	return ret;
}

static void put_cell(FILE *f, const char *text)
{
	if (!strpbrk(text, ",\"\r\n")) {
		fputs(text, f);
		return;
	}
	fputc('"', f);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', f);
		fputc(*text, f);
	}
	fputc('"', f);
}

int openvgpu_types_write_csv(const struct openvgpu_types *t, FILE *f, struct openvgpu_error *err)
{
	char buf[OVG_ROW_BUF];
	struct ovg_row row;
	size_t i, c;

	for (c = 0; c < OVG_N_FIELDS; c++)
		fprintf(f, "%s%c", ovg_field_name[c], c + 1 < OVG_N_FIELDS ? ',' : '\n');
	for (i = 0; i < t->n_types; i++) {
		ovg_row_text(t, &t->types[i], &row, buf);
		for (c = 0; c < OVG_N_FIELDS; c++) {
			put_cell(f, row.text[c]);
			fputc(c + 1 < OVG_N_FIELDS ? ',' : '\n', f);
		}
	}
	if (fflush(f) || ferror(f))
		return ovg_error(err, -EIO, "cannot write: %s", strerror(errno));
	return 0;
}
