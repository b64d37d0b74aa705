// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl catalog build, vgpuctl catalog convert */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

/* Splits "A40,L40S" in place; the list ends with NULL. */
static const char **split_list(char *text)
{
	const char **list;
	size_t n = 2;
	char *p;

	for (p = text; *p; p++)
		n += *p == ',';
	list = calloc(n, sizeof(*list));
	if (!list)
		return NULL;
	n = 0;
	for (p = strtok(text, ","); p; p = strtok(NULL, ","))
		list[n++] = p;
	return list;
}

static void print_result(const struct openvgpu_catalog *c, const char *build, const char *output,
			 bool json)
{
	json_object *obj, *list;
	size_t i;

	if (!json) {
		printf("%s: %zu types of %zu PCI device ids for firmware %s\n", output, c->n_types,
		       c->n_blobs, build);
		for (i = 0; i < c->n_left_out; i++)
			printf("left out: %s (%s)\n", c->left_out[i].board->name,
			       c->left_out[i].why);
		return;
	}
	obj = json_object_new_object();
	json_add_string(obj, "file", output);
	json_add_string(obj, "firmware", build);
	json_add_uint(obj, "size", c->size);
	json_add_uint(obj, "types", c->n_types);
	json_add_uint(obj, "device_ids", c->n_blobs);
	list = json_object_new_array();
	for (i = 0; i < c->n_left_out; i++) {
		json_object *left = json_object_new_object();

		json_add_string(left, "board", c->left_out[i].board->name);
		json_add_string(left, "reason", c->left_out[i].why);
		json_object_array_add(list, left);
	}
	json_object_object_add(obj, "left_out", list);
	print_json(obj);
}

/* All of @sources on top of each other, the installed one if there is none. */
static int load_all(struct openvgpu_types *t, char **sources, size_t n, struct openvgpu_error *err)
{
	size_t i;
	int ret;

	ret = load_types(t, n ? sources[0] : NULL, err);
	for (i = 1; !ret && i < n; i++) {
		ret = openvgpu_types_add(t, sources[i], err);
		if (ret)
			openvgpu_types_free(t);
	}
	return ret;
}

/* What the driver would refuse is not worth a file. */
static int driver_takes(const struct openvgpu_catalog *c, const char *output,
			struct openvgpu_error *err)
{
	struct openvgpu_catalog_file file;
	uint8_t *copy = malloc(c->size);

	if (!copy) {
		snprintf(err->text, sizeof(err->text), "out of memory");
		return -1;
	}
	memcpy(copy, c->data, c->size);
	if (openvgpu_catalog_take(&file, copy, c->size, output, err))
		return -1;
	openvgpu_catalog_close(&file);
	return 0;
}

static int build(char **sources, size_t n, const char *firmware, const char *output, char *boards,
		 bool json)
{
	const char **list = boards ? split_list(boards) : NULL;
	struct openvgpu_catalog catalog = { 0 };
	struct openvgpu_types types;
	struct openvgpu_error err;
	int status = VGPUCTL_OK;

	if (boards && !list)
		return fail("out of memory");
	if (load_all(&types, sources, n, &err)) {
		status = fail("%s", err.text);
		goto out_list;
	}
	if (openvgpu_catalog_build(&types, firmware, list, &catalog, &err) ||
	    driver_takes(&catalog, output, &err) ||
	    openvgpu_catalog_write(&catalog, output, &err))
		status = fail("%s", err.text);
	else
		print_result(&catalog, firmware, output, json);
	openvgpu_catalog_free(&catalog);
	openvgpu_types_free(&types);
out_list:
	free(list);
	return status;
}

static bool known_build(const char *name)
{
	unsigned int i;

	for (i = 0; openvgpu_catalog_build_name(i); i++)
		if (!strcmp(openvgpu_catalog_build_name(i), name))
			return true;
	return false;
}

int cmd_catalog_build(const struct command *cmd, int argc, char **argv)
{
	const char *firmware = NULL, *output = NULL, *boards = NULL;
	const struct option_def defs[] = {
		{ "firmware", 'f', "BUILD", "firmware build: 535.113.01, 570.144 or 595.45.04",
		  NULL, &firmware },
		{ "output", 0, "FILE", "file to write", NULL, &output },
		{ "boards", 'b', "NAME,...", "only these boards (default: all that fit)", NULL,
		  &boards },
	};
	struct common_options common;
	char *copy = NULL;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (!firmware)
		return usage_error(cmd, "--firmware is missing");
	if (!known_build(firmware))
		return usage_error(cmd, "no catalogue can be written for firmware '%s'", firmware);
	if (!output)
		return usage_error(cmd, "--output is missing");
	if (boards) {
		copy = strdup(boards);
		if (!copy)
			return fail("out of memory");
	}
	status = build(argv + first, (size_t)(argc - first), firmware, output, copy, common.json);
	free(copy);
	return status;
}

int cmd_catalog_convert(const struct command *cmd, int argc, char **argv)
{
	const char *to = NULL;
	const struct option_def defs[] = {
		{ "to", 't', "csv|xml", "what to print", NULL, &to },
	};
	struct common_options common;
	struct openvgpu_types types;
	struct openvgpu_error err;
	int status, first, ret;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (argc - first > 1)
		return usage_error(cmd, "more than one source");
	if (!to || (strcmp(to, "csv") && strcmp(to, "xml")))
		return usage_error(cmd, "--to csv or --to xml is missing");
	if (common.json)
		return usage_error(cmd, "prints csv or xml, not json");
	if (load_types(&types, first < argc ? argv[first] : NULL, &err))
		return fail("%s", err.text);
	if (!strcmp(to, "csv"))
		ret = openvgpu_types_write_csv(&types, stdout, &err);
	else
		ret = openvgpu_types_write_xml(&types, stdout, &err);
	openvgpu_types_free(&types);
	return ret ? fail("%s", err.text) : VGPUCTL_OK;
}
