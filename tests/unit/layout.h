/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Layouts and numbers of the firmware in tests/data against those that the driver and
 * the simulator use. Either has a file of its own that says what each of its
 * constants stands for (layout_driver.c, layout_sim.c): they see nothing of each other.
 */
#ifndef TESTS_LAYOUT_H
#define TESTS_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define BRANCHES	3

extern const char *const branch_names[BRANCHES];

/*
 * What a constant stands for. OWN is this project's own choice: the text says what it
 * is, and nothing is compared.
 */
enum kind { OFFSET, SIZE, FIELD_SIZE, COUNT, INNER, HAVE, NUMBER, SUM, BIT_OF, OWN };

/**
 * struct use - a constant in the code
 * @name: the macro, or the member of a branch table
 * @kind: what it is
 * @fact: struct and field; for INNER, the offset in a struct of a field of a field, both
 *	structs and fields; or the name of a number, for SUM of two. HAVE: 1 if there is
 *	such a field
 * @from: first branch that has it, 0 for all
 * @until: last one likewise
 * @at: where a member is in its table
 * @len: its size
 */
struct use {
	const char *name;
	enum kind kind;
	const char *fact[4];
	unsigned int from;
	unsigned int until;
	size_t at;
	size_t len;
};

/* A macro; likewise one that only branches from F to U have. */
#define MACRO(n, k, ...)	{ .name = #n, .kind = k, .fact = { __VA_ARGS__ } }
#define MACRO_OF(f, u, n, k, ...) \
	{ .name = #n, .kind = k, .fact = { __VA_ARGS__ }, .from = f, .until = u }
/* Text in the code with a number that stands for something. */
#define LITERAL(text, value, k, ...) \
	{ .name = text, .kind = k, .fact = { __VA_ARGS__ }, .at = value }
/* A member of struct @t. */
#define MEMBER(t, m, k, ...) \
	{ .name = #m, .kind = k, .fact = { __VA_ARGS__ }, \
	  .at = offsetof(struct t, m), .len = sizeof(((struct t *)NULL)->m) }

/* A file, by its path from the top of the source. */
FILE *layout_open(const char *path);

/* The constant that @u stands for on a branch; false if nothing is known about it. */
bool layout_fact(unsigned int branch, const struct use *u, uint64_t *value);

/*
 * Every macro with a value of the C files of @dir whose name starts with @start is in
 * @uses and says what the facts say; and every one of @uses is in one of these files.
 */
void layout_check_macros(const char *dir, const char *start, const struct use *uses, size_t n);

/*
 * What is written as a number where a message is read or written: every line for which
 * @is_literal() is true contains the name of one of @uses, which is worth @at.
 */
void layout_check_literals(const char *dir, const char *start,
			   bool (*is_literal)(const char *line), const struct use *uses, size_t n);

/* Names and values of all numbers of a branch; false behind the last. */
bool layout_number(unsigned int branch, size_t i, const char **name, uint64_t *value);

/**
 * struct table - a struct of which each branch has one
 * @path: where it is declared
 * @type: its name
 * @prefix: put before the names of its members in @uses
 */
struct table {
	const char *path;
	const char *type;
	const char *prefix;
};

/*
 * Every member of the @tables that is a number is in @uses, and none of @uses is
 * missing; members that are structs must be one of the tables.
 */
void layout_check_members(const struct table *tables, size_t n_tables, const struct use *uses,
			  size_t n);

/* The table of a branch, member by member. What the branch does not have must be 0. */
void layout_check_table(unsigned int branch, const void *table, const struct use *uses, size_t n);

/*
 * The same for a table that cannot be built here: number @branch of @array in @path. It
 * may use macros of @dir and @start. What the branch does not have must be @none; a
 * member "build" must be the branch's name.
 */
void layout_check_initialiser(unsigned int branch, const char *path, const char *array,
			      const char *dir, const char *start, uint64_t none,
			      const struct use *uses, size_t n);

#endif
