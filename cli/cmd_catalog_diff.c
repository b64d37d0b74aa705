// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl catalog diff */
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

/**
 * struct side - one of the two that are compared
 * @path: its file
 * @source: it is a source of types, in @types
 * @types: its types, if it is a source
 * @file: a catalogue, read or built from @types
 */
struct side {
	const char *path;
	bool source;
	struct openvgpu_types types;
	struct openvgpu_catalog_file file;
};

/**
 * struct output - what was found
 * @json: list of differences, NULL to print them
 * @n: how many
 */
struct output {
	json_object *json;
	size_t n;
};

/* @field NULL: the whole type is on one side only. */
static void report(struct output *out, const char *name, uint32_t id, const char *field,
		   const char *a, const char *b)
{
	out->n++;
	if (out->json) {
		json_object *obj = json_object_new_object();

		json_add_uint(obj, "type", id);
		json_add_string(obj, "name", name);
		json_add_string(obj, "field", field);
		json_add_string(obj, "old", a);
		json_add_string(obj, "new", b);
		json_object_array_add(out->json, obj);
	} else if (field) {
		printf("~ %s (%u): %s %s -> %s\n", name, id, field, *a ? a : "-", *b ? b : "-");
	} else {
		printf("%c %s (%u)\n", a ? '-' : '+', name, id);
	}
}

static void diff_types(const struct openvgpu_types *a, const struct openvgpu_types *b,
		       struct output *out)
{
	size_t i;

	for (i = 0; i < a->n_types; i++) {
		const struct openvgpu_type *old = &a->types[i];
		const struct openvgpu_type *new = openvgpu_type_by_id(b, old->id);
		char old_text[OPENVGPU_FIELD_TEXT_MAX], new_text[OPENVGPU_FIELD_TEXT_MAX];
		const char *field;
		unsigned int f;

		if (!new) {
			report(out, old->name, old->id, NULL, old->name, NULL);
			continue;
		}
		for (f = 0; (field = openvgpu_type_field(a, old, f, old_text)); f++) {
			openvgpu_type_field(b, new, f, new_text);
			if (strcmp(old_text, new_text))
				report(out, old->name, old->id, field, old_text, new_text);
		}
	}
	for (i = 0; i < b->n_types; i++)
		if (!openvgpu_type_by_id(a, b->types[i].id))
			report(out, b->types[i].name, b->types[i].id, NULL, NULL, b->types[i].name);
}

static const struct openvgpu_record *record_by_id(const struct openvgpu_catalog_file *f,
						  const struct openvgpu_record *like)
{
	size_t i;

	for (i = 0; i < f->n_records; i++)
		if (f->records[i].id == like->id && f->records[i].device == like->device)
			return &f->records[i];
	return NULL;
}

/* Fields that both branches have; a raw field by how much of it is filled. */
static void diff_record(const struct openvgpu_catalog_file *a, const struct openvgpu_record *old,
			const struct openvgpu_catalog_file *b, const struct openvgpu_record *new,
			struct output *out)
{
	struct openvgpu_field of, nf = { 0 };
	unsigned int i, k;

	for (i = 0; openvgpu_record_field(a, old, i, &of); i++) {
		char *x, *y;

		for (k = 0; openvgpu_record_field(b, new, k, &nf); k++)
			if (!strcmp(of.name, nf.name))
				break;
		/* where the other branch does not have it, the last one is left in @nf */
		if (!nf.name || strcmp(of.name, nf.name))
			continue;
		x = field_text(&of);
		y = field_text(&nf);
		if (strcmp(x, y))
			report(out, old->name, old->id, of.name, x, y);
		free(x);
		free(y);
	}
}

static void diff_files(const struct openvgpu_catalog_file *a, const struct openvgpu_catalog_file *b,
		       struct output *out)
{
	size_t i;

	for (i = 0; i < a->n_records; i++) {
		const struct openvgpu_record *old = &a->records[i];
		const struct openvgpu_record *new = record_by_id(b, old);

		if (new)
			diff_record(a, old, b, new, out);
		else
			report(out, old->name, old->id, NULL, old->name, NULL);
	}
	for (i = 0; i < b->n_records; i++)
		if (!record_by_id(a, &b->records[i]))
			report(out, b->records[i].name, b->records[i].id, NULL, NULL,
			       b->records[i].name);
}

static int load_side(struct side *s, const char *path, struct openvgpu_error *err)
{
	memset(s, 0, sizeof(*s));
	s->path = path;
	s->source = !openvgpu_is_catalog(path);
	return s->source ? openvgpu_types_load(&s->types, path, err) :
			   openvgpu_catalog_open(&s->file, path, err);
}

static void free_side(struct side *s)
{
	openvgpu_types_free(&s->types);
	openvgpu_catalog_close(&s->file);
}

/* A source becomes what would be built of it for the firmware of the other side. */
static int build_side(struct side *s, const struct side *other, struct openvgpu_error *err)
{
	struct openvgpu_catalog c;
	int ret;

	ret = openvgpu_catalog_build(&s->types, other->file.build, NULL, &c, err);
	if (ret)
		return ret;
	ret = openvgpu_catalog_take(&s->file, c.data, c.size, s->path, err);
	c.data = NULL;
	openvgpu_catalog_free(&c);
	return ret;
}

static int compare(struct side *a, struct side *b, bool json)
{
	struct output out = { .json = json ? json_object_new_array() : NULL };
	struct openvgpu_error err;
	json_object *obj;

	if ((a->source && !b->source && build_side(a, b, &err)) ||
	    (b->source && !a->source && build_side(b, a, &err))) {
		json_object_put(out.json);
		return fail("%s", err.text);
	}
	if (a->source && b->source)
		diff_types(&a->types, &b->types, &out);
	else
		diff_files(&a->file, &b->file, &out);
	if (json) {
		obj = json_object_new_object();
		json_add_string(obj, "old", a->path);
		json_add_string(obj, "new", b->path);
		json_object_object_add(obj, "differences", out.json);
		print_json(obj);
	}
	return out.n ? VGPUCTL_FAILED : VGPUCTL_OK;
}

int cmd_catalog_diff(const struct command *cmd, int argc, char **argv)
{
	struct common_options common;
	struct openvgpu_error err;
	struct side a, b;
	int status, first;

	first = parse_options(cmd, argc, argv, NULL, 0, &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 2)
		return usage_error(cmd, "it takes two files");
	if (load_side(&a, argv[first], &err))
		return fail("%s", err.text);
	if (load_side(&b, argv[first + 1], &err)) {
		free_side(&a);
		return fail("%s", err.text);
	}
	status = compare(&a, &b, common.json);
	free_side(&a);
	free_side(&b);
	return status;
}
