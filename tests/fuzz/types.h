/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a source of types must survive once it was taken: fuzz_csv.c, fuzz_xml.c. */
#ifndef OVG_FUZZ_TYPES_H
#define OVG_FUZZ_TYPES_H

#include "cli/lib/openvgpu.h"
#include "fuzz.h"

#include <string.h>

typedef int (*write_fn)(const struct openvgpu_types *t, FILE *f, struct openvgpu_error *err);
typedef int (*parse_fn)(struct openvgpu_types *t, const char *text, size_t len, const char *name,
			struct openvgpu_error *err);

/* Written in a form, read again, written again: the same text, or refused when written. */
static inline void there_and_back(const struct openvgpu_types *t, write_fn write, parse_fn parse)
{
	struct openvgpu_types again = { 0 };
	struct openvgpu_error err = { "" };
	char *one = NULL, *two = NULL;
	size_t len = 0, len2 = 0;
	FILE *f = open_memstream(&one, &len);
	int ret;

	HOLDS(f);
	ret = write(t, f, &err);
	fclose(f);
	if (!ret) {
		ret = parse(&again, one, len, "again", &err);
		if (ret)
			fprintf(stderr, "%s\n%.*s\n", err.text, (int)len, one);
		HOLDS(!ret && again.n_types == t->n_types && again.n_boards == t->n_boards);
		f = open_memstream(&two, &len2);
		HOLDS(f && !write(&again, f, &err));
		fclose(f);
		HOLDS(len == len2 && !memcmp(one, two, len));
	} else {
		HOLDS(err.text[0]);
	}
	free(one);
	free(two);
	openvgpu_types_free(&again);
}

static inline void types_input(const uint8_t *data, size_t size, parse_fn parse)
{
	struct openvgpu_types t = { 0 };
	struct openvgpu_error err = { "" };
	char *text = malloc(size + 1);

	HOLDS(text);
	/* as ovg_read_file() hands it over */
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	if (parse(&t, text, size, "fuzz", &err)) {
		HOLDS(err.text[0]);
		HOLDS(memchr(err.text, '\0', sizeof(err.text)));
	} else {
		there_and_back(&t, openvgpu_types_write_csv, openvgpu_types_parse_csv);
		there_and_back(&t, openvgpu_types_write_xml, openvgpu_types_parse_xml);
	}
	openvgpu_types_free(&t);
	free(text);
}

#endif
