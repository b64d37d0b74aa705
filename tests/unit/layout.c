// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reads constants out of C text. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "layout.h"

#define TEXT	96
#define MACROS	512

static bool applies(unsigned int branch, const struct use *u)
{
	unsigned long number = strtoul(branch_names[branch], NULL, 10);

	return number >= u->from && (!u->until || number <= u->until);
}

/* A macro as it stands in the text. */
struct macro {
	char file[TEXT];
	char name[TEXT];
	char value[256];
};

static size_t read_macros(const char *path, struct macro *m, size_t n)
{
	FILE *f = layout_open(path);
	char line[512], *comment, *p;
	size_t len;

	while (fgets(line, sizeof(line), f)) {
		if (line[0] != '#')
			continue;
		p = line + 1 + strspn(line + 1, " \t");
		if (strncmp(p, "define", 6) || !isspace((unsigned char)p[6]))
			continue;
		p += 6 + strspn(p + 6, " \t");
		comment = strstr(p, "/*");
		if (comment)
			*comment = 0;
		len = strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
		/* macros with arguments are code */
		if (p[len] == '(')
			continue;
		cr_assert_lt(len, (size_t)TEXT);
		cr_assert_lt(n, (size_t)MACROS, "%s", path);
		snprintf(m[n].file, sizeof(m[n].file), "%.95s", path);
		memcpy(m[n].name, p, len);
		m[n].name[len] = 0;
		p += len + strspn(p + len, " \t\n");
		snprintf(m[n].value, sizeof(m[n].value), "%.255s", p);
		for (len = strlen(m[n].value); len && isspace((unsigned char)m[n].value[len - 1]);)
			m[n].value[--len] = 0;
		/* header guards and switches have none */
		if (len)
			n++;
	}
	fclose(f);
	return n;
}

/*
 * Values: numbers, other macros, BIT(), + - * << | and parentheses. Anything else is
 * not a constant: *@ok says so.
 */
struct expr {
	const char *p;
	const struct macro *m;
	size_t n;
	int depth;
	bool ok;
};

static uint64_t expr(struct expr *e, int level);

static uint64_t value_of(const struct macro *m, size_t n, const char *text, int depth, bool *ok)
{
	struct expr e = { .p = text, .m = m, .n = n, .depth = depth, .ok = depth < 20 };
	uint64_t v = e.ok ? expr(&e, 0) : 0;

	e.p += strspn(e.p, " \t");
	*ok = e.ok && !*e.p;
	return v;
}

static uint64_t atom(struct expr *e)
{
	uint64_t v = 0;
	size_t len, i;

	e->p += strspn(e->p, " \t");
	if (*e->p == '(') {
		e->p++;
		v = expr(e, 0);
		e->p += strspn(e->p, " \t");
		e->ok &= *e->p == ')';
		e->p += e->ok;
		return v;
	}
	if (isdigit((unsigned char)*e->p)) {
		char *end;

		v = strtoull(e->p, &end, 0);
		e->p = end + strspn(end, "uUlL");
		return v;
	}
	for (len = 0; isalnum((unsigned char)e->p[len]) || e->p[len] == '_'; len++)
		;
	if (len == 4 && !strncmp(e->p, "true", 4)) {
		e->p += 4;
		return 1;
	}
	if (len == 3 && !strncmp(e->p, "BIT", 3)) {
		e->p += 3;
		return UINT64_C(1) << (atom(e) & 63);
	}
	for (i = 0; i < e->n && len; i++)
		if (strlen(e->m[i].name) == len && !strncmp(e->m[i].name, e->p, len)) {
			e->p += len;
			return value_of(e->m, e->n, e->m[i].value, e->depth + 1, &e->ok);
		}
	e->ok = false;
	return 0;
}

/* Precedence: | << + * */
static uint64_t expr(struct expr *e, int level)
{
	uint64_t v, w;

	if (level == 4)
		return atom(e);
	v = expr(e, level + 1);
	while (e->ok) {
		e->p += strspn(e->p, " \t");
		if (level == 0 && e->p[0] == '|') {
			e->p++;
			v |= expr(e, 1);
		} else if (level == 1 && e->p[0] == '<' && e->p[1] == '<') {
			e->p += 2;
			w = expr(e, 2);
			v <<= w & 63;
		} else if (level == 2 && (e->p[0] == '+' || e->p[0] == '-')) {
			bool minus = *e->p++ == '-';

			w = expr(e, 3);
			v = minus ? v - w : v + w;
		} else if (level == 3 && e->p[0] == '*') {
			e->p++;
			v *= expr(e, 4);
		} else {
			break;
		}
	}
	return v;
}

static const struct use *find_use(const struct use *uses, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(uses[i].name, name))
			return &uses[i];
	return NULL;
}

/* Calls @each for the C files of @dir whose name starts with @start. */
static void each_file(const char *dir, const char *start,
		      void (*each)(void *ctx, const char *path), void *ctx)
{
	char path[512];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", SOURCE_ROOT, dir);
	d = opendir(path);
	cr_assert(d, "%s", path);
	while ((e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (strncmp(e->d_name, start, strlen(start)) || len < 3 ||
		    (strcmp(e->d_name + len - 2, ".c") && strcmp(e->d_name + len - 2, ".h")))
			continue;
		snprintf(path, sizeof(path), "%s/%.200s", dir, e->d_name);
		each(ctx, path);
	}
	closedir(d);
}

struct macros {
	struct macro *m;
	size_t n;
};

static void file_macros(void *ctx, const char *path)
{
	struct macros *c = ctx;

	c->n = read_macros(path, c->m, c->n);
}

static size_t read_directory(const char *dir, const char *start, struct macro *m)
{
	struct macros c = { m, 0 };

	each_file(dir, start, file_macros, &c);
	return c.n;
}

static void check_macro(const struct macro *m, size_t n, const struct macro *one,
			const struct use *u)
{
	uint64_t value, fact;
	unsigned int b;
	bool ok;

	value = value_of(m, n, one->value, 0, &ok);
	cr_expect(ok, "%s: %s: cannot read '%s'", one->file, one->name, one->value);
	for (b = 0; b < BRANCHES && ok; b++) {
		if (!applies(b, u))
			continue;
		ok = layout_fact(b, u, &fact);
		cr_expect(ok, "%s: %s: nothing is known about %s %s in %s", one->file, one->name,
			  u->fact[0], u->fact[1] ? u->fact[1] : "", branch_names[b]);
		if (ok)
			cr_expect_eq(value, fact, "%s: %s is %#llx, %s %s in %s is %#llx",
				     one->file, one->name, (unsigned long long)value, u->fact[0],
				     u->fact[1] ? u->fact[1] : "", branch_names[b],
				     (unsigned long long)fact);
	}
}

void layout_check_macros(const char *dir, const char *start, const struct use *uses, size_t n)
{
	struct macro *m = calloc(MACROS, sizeof(*m));
	size_t all, i, j;

	cr_assert(m);
	all = read_directory(dir, start, m);
	for (i = 0; i < all; i++) {
		const struct use *u = find_use(uses, n, m[i].name);

		cr_expect(u, "%s: %s is compared with nothing", m[i].file, m[i].name);
		if (u && u->kind != OWN)
			check_macro(m, all, &m[i], u);
	}
	for (i = 0; i < n; i++) {
		for (j = 0; j < all && strcmp(m[j].name, uses[i].name); j++)
			;
		cr_expect_lt(j, all, "%s: no %s", dir, uses[i].name);
	}
	free(m);
}

/*
 * Structs and tables of C text. A token is a word, a string or one other character;
 * comments and lines for the preprocessor are none.
 */
struct token {
	char text[TEXT];
};

static struct token *read_tokens(const char *path, size_t *count)
{
	struct token *t = NULL;
	FILE *f = layout_open(path);
	size_t n = 0, len, size;
	char *text = NULL, *p;

	cr_assert_eq(fseek(f, 0, SEEK_END), 0);
	size = (size_t)ftell(f);
	rewind(f);
	text = calloc(1, size + 1);
	cr_assert_eq(fread(text, 1, size, f), size);
	fclose(f);

	for (p = text; *p; p += len) {
		if (!strncmp(p, "/*", 2)) {
			char *end = strstr(p, "*/");

			cr_assert(end, "%s", path);
			len = (size_t)(end - p) + 2;
			continue;
		}
		if (!strncmp(p, "//", 2) || *p == '#') {
			len = strcspn(p, "\n");
			continue;
		}
		len = 1;
		if (isspace((unsigned char)*p))
			continue;
		if (*p == '"')
			len = strcspn(p + 1, "\"") + 2;
		while (isalnum((unsigned char)*p) &&
		       (isalnum((unsigned char)p[len]) || p[len] == '_'))
			len++;
		t = realloc(t, (n + 1) * sizeof(*t));
		/* long strings are of no interest */
		snprintf(t[n++].text, TEXT, "%.*s", (int)(len < TEXT ? len : TEXT - 1), p);
	}
	free(text);
	*count = n;
	return t;
}

static bool is(const struct token *t, const char *text)
{
	return !strcmp(t->text, text);
}

/* Behind the brace that closes the one at @i. */
static size_t close_brace(const struct token *t, size_t n, size_t i)
{
	int depth = 0;

	for (; i < n; i++) {
		depth += is(&t[i], "{") - is(&t[i], "}");
		if (!depth)
			return i + 1;
	}
	cr_assert_fail("unbalanced braces");
	return n;
}

struct members {
	const struct use *uses;
	size_t n;
	bool *seen;
	const struct table *tables;
	size_t n_tables;
};

static void member(struct members *c, const char *prefix, const char *name)
{
	const struct use *u;
	char full[2 * TEXT];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	u = find_use(c->uses, c->n, full);
	cr_expect(u, "member %s is compared with nothing", full);
	if (u)
		c->seen[u - c->uses] = true;
}

/* "type a, b[2], *c;": the last word of each, without its dimension */
static void declaration(struct members *c, const struct token *t, size_t i, size_t end,
			const char *prefix)
{
	const char *name = "";
	size_t j;

	if (is(&t[i], "struct") && !is(&t[i + 2], "*")) {
		for (j = 0; j < c->n_tables && strcmp(c->tables[j].type, t[i + 1].text); j++)
			;
		cr_expect_lt(j, c->n_tables, "nothing is said about struct %s", t[i + 1].text);
		return;
	}
	for (; i <= end; i++) {
		if (is(&t[i], "["))
			while (!is(&t[i + 1], "]"))
				i++;
		else if (is(&t[i], ",") || i == end)
			member(c, prefix, name);
		else if (isalpha((unsigned char)t[i].text[0]))
			name = t[i].text;
	}
}

/* From behind the opening brace of a struct to its closing one. */
static void struct_body(struct members *c, const struct token *t, size_t n, size_t i,
			const char *prefix)
{
	while (!is(&t[i], "}")) {
		size_t end;

		if (is(&t[i], "struct") && is(&t[i + 1], "{")) {
			char inner[2 * TEXT];

			end = close_brace(t, n, i + 1);
			snprintf(inner, sizeof(inner), "%.80s%.80s.", prefix, t[end].text);
			struct_body(c, t, n, i + 2, inner);
			i = end + 2;
			continue;
		}
		for (end = i; !is(&t[end], ";"); end++)
			cr_assert_lt(end, n);
		declaration(c, t, i, end, prefix);
		i = end + 1;
	}
}

void layout_check_members(const struct table *tables, size_t n_tables, const struct use *uses,
			  size_t n)
{
	struct members c = { uses, n, calloc(n, sizeof(bool)), tables, n_tables };
	uint64_t fact;
	unsigned int b;
	size_t i, j;

	cr_assert(c.seen);
	for (i = 0; i < n_tables; i++) {
		size_t count;
		struct token *t = read_tokens(tables[i].path, &count);

		for (j = 0; j + 2 < count; j++)
			if (is(&t[j], "struct") && is(&t[j + 1], tables[i].type) &&
			    is(&t[j + 2], "{"))
				break;
		cr_assert_lt(j + 2, count, "%s: no struct %s", tables[i].path, tables[i].type);
		struct_body(&c, t, count, j + 3, tables[i].prefix);
		free(t);
	}
	for (i = 0; i < n; i++) {
		cr_expect(c.seen[i], "no member %s", uses[i].name);
		if (uses[i].kind == OWN)
			continue;
		for (b = 0; b < BRANCHES && !layout_fact(b, &uses[i], &fact); b++)
			;
		cr_expect_lt(b, (unsigned int)BRANCHES, "%s: nothing is known about %s %s",
			     uses[i].name, uses[i].fact[0],
			     uses[i].fact[1] ? uses[i].fact[1] : "");
	}
	free(c.seen);
}

static void check_member(unsigned int branch, const struct use *u, uint64_t value, uint64_t none)
{
	uint64_t fact = none;

	if (applies(branch, u))
		layout_fact(branch, u, &fact);
	cr_expect_eq(value, fact, "%s: %s is %#llx, %s %s is %#llx", branch_names[branch],
		     u->name, (unsigned long long)value, u->fact[0],
		     u->fact[1] ? u->fact[1] : "", (unsigned long long)fact);
}

void layout_check_table(unsigned int branch, const void *table, const struct use *uses, size_t n)
{
	size_t i, j;

	for (i = 0; i < n; i++) {
		const unsigned char *p = (const unsigned char *)table + uses[i].at;
		uint64_t value = 0;

		if (uses[i].kind == OWN)
			continue;
		cr_assert_leq(uses[i].len, sizeof(value));
		for (j = uses[i].len; j > 0; j--)
			value = value << 8 | p[j - 1];
		check_member(branch, &uses[i], value, 0);
	}
}

/* Members ".name = value" of an initialiser, from behind its opening brace. */
static size_t initialiser(const struct token *t, size_t n, size_t i, const char *prefix,
			  struct macro *m)
{
	size_t count = 0;

	while (!is(&t[i], "}")) {
		char name[2 * TEXT];

		cr_assert(is(&t[i], ".") && is(&t[i + 2], "="), "%s", t[i].text);
		snprintf(name, sizeof(name), "%.60s%.30s", prefix, t[i + 1].text);
		i += 3;
		if (is(&t[i], "{")) {
			strcat(name, ".");
			count += initialiser(t, n, i + 1, name, m + count);
			i = close_brace(t, n, i);
		} else {
			snprintf(m[count].name, TEXT, "%.90s", name);
			for (m[count].value[0] = 0; !is(&t[i], ",") && !is(&t[i], "}"); i++)
				strncat(m[count].value, t[i].text, TEXT);
			count++;
		}
		i += is(&t[i], ",");
	}
	return count;
}

void layout_check_initialiser(unsigned int branch, const char *path, const char *array,
			      const char *dir, const char *start, uint64_t none,
			      const struct use *uses, size_t n)
{
	struct macro *m = calloc(2 * MACROS, sizeof(*m));
	size_t all, count, i, j;
	unsigned int b;
	struct token *t = read_tokens(path, &count);

	cr_assert(m);
	all = read_directory(dir, start, m);
	for (i = 0; i + 5 < count; i++)
		if (is(&t[i], array) && is(&t[i + 1], "[") && is(&t[i + 2], "]") &&
		    is(&t[i + 3], "=") && is(&t[i + 4], "{"))
			break;
	cr_assert_lt(i + 5, count, "%s: no %s", path, array);
	for (i += 5, b = 0; b < branch; b++)
		i = close_brace(t, count, i) + 1;
	cr_assert(is(&t[i], "{"), "%s: no %s of branch %s", path, array, branch_names[branch]);
	count = initialiser(t, count, i + 1, "", m + all);

	for (j = all; j < all + count; j++)
		if (!strcmp(m[j].name, "build"))
			cr_expect(!strncmp(m[j].value + 1, branch_names[branch],
					   strlen(branch_names[branch])), "%s", m[j].value);

	for (i = 0; i < n; i++) {
		uint64_t value = 0;
		bool ok = true;

		if (uses[i].kind == OWN)
			continue;
		for (j = all; j < all + count; j++)
			if (!strcmp(m[j].name, uses[i].name))
				value = value_of(m, all, m[j].value, 0, &ok);
		cr_expect(ok, "%s: cannot read %s", path, uses[i].name);
		check_member(branch, &uses[i], value, none);
	}
	free(t);
	free(m);
}

struct literals {
	bool (*is_literal)(const char *line);
	const struct use *uses;
	size_t n;
	bool *seen;
};

static void file_literals(void *ctx, const char *path)
{
	struct literals *c = ctx;
	FILE *f = layout_open(path);
	char line[512];
	size_t i;

	while (fgets(line, sizeof(line), f)) {
		bool found = false;

		if (line[0] == '#' || !c->is_literal(line))
			continue;
		for (i = 0; i < c->n; i++)
			if (strstr(line, c->uses[i].name))
				c->seen[i] = found = true;
		cr_expect(found, "%s: compared with nothing: %s", path, line);
	}
	fclose(f);
}

void layout_check_literals(const char *dir, const char *start,
			   bool (*is_literal)(const char *line), const struct use *uses, size_t n)
{
	struct literals c = { is_literal, uses, n, calloc(n, sizeof(bool)) };
	uint64_t fact;
	unsigned int b;
	size_t i;

	cr_assert(c.seen);
	each_file(dir, start, file_literals, &c);
	for (i = 0; i < n; i++) {
		cr_expect(c.seen[i], "%s: no '%s'", dir, uses[i].name);
		for (b = 0; b < BRANCHES && uses[i].kind != OWN; b++) {
			cr_assert(layout_fact(b, &uses[i], &fact), "%s", uses[i].name);
			cr_expect_eq(fact, uses[i].at, "'%s' is not %s %s in %s", uses[i].name,
				     uses[i].fact[0], uses[i].fact[1] ? uses[i].fact[1] : "",
				     branch_names[b]);
		}
	}
	free(c.seen);
}
