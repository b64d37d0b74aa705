// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl catalog show, vgpuctl catalog check */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

static bool get_field(const struct openvgpu_catalog_file *f, const struct openvgpu_record *r,
		      const char *name, struct openvgpu_field *out)
{
	unsigned int i;

	for (i = 0; openvgpu_record_field(f, r, i, out); i++)
		if (!strcmp(out->name, name))
			return true;
	return false;
}

/* %OPENVGPU_UNKNOWN where the branch does not have it. */
static uint64_t get_number(const struct openvgpu_catalog_file *f, const struct openvgpu_record *r,
			   const char *name)
{
	struct openvgpu_field field;

	return get_field(f, r, name, &field) ? field.number : OPENVGPU_UNKNOWN;
}

static char *ids_text(const struct openvgpu_field *field)
{
	char *text = format("%s", field->n ? "" : "-"), *longer;
	size_t i;

	for (i = 0; i < field->n; i++) {
		longer = format("%s%s%u", text, i ? " " : "", field->list[i]);
		free(text);
		text = longer;
	}
	return text;
}

char *field_text(const struct openvgpu_field *field)
{
	switch (field->kind) {
	case OPENVGPU_FIELD_HEX:
		return format("0x%04" PRIx64, field->number);
	case OPENVGPU_FIELD_BYTES:
		return format("0x%" PRIx64, field->number);
	case OPENVGPU_FIELD_TEXT:
		return format("%s", *field->text ? field->text : "-");
	case OPENVGPU_FIELD_LIST:
		return ids_text(field);
	case OPENVGPU_FIELD_RAW:
		return field->number ? format("%" PRIu64 " bytes are not zero", field->number) :
				       format("zero");
	default:
		return format("%" PRIu64, field->number);
	}
}

static void json_add_field(json_object *obj, const struct openvgpu_field *field)
{
	json_object *list;
	size_t i;

	switch (field->kind) {
	case OPENVGPU_FIELD_TEXT:
		json_add_string(obj, field->name, field->text);
		break;
	case OPENVGPU_FIELD_LIST:
		list = json_object_new_array();
		for (i = 0; i < field->n; i++)
			json_object_array_add(list, json_object_new_int64(field->list[i]));
		json_object_object_add(obj, field->name, list);
		break;
	case OPENVGPU_FIELD_RAW:
		/* what is in there has no meaning to anybody but firmware */
		json_add_bool(obj, field->name, field->number != 0);
		break;
	default:
		json_add_uint(obj, field->name, field->number);
	}
}

static void print_record(const struct openvgpu_catalog_file *f, const struct openvgpu_record *r)
{
	const char *const columns[] = { "FIELD", "VALUE" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	struct openvgpu_field field;
	unsigned int i;

	for (i = 0; openvgpu_record_field(f, r, i, &field); i++) {
		char *value = field_text(&field);
		const char *const cells[] = { field.name, value };

		table_row(table, cells);
		free(value);
	}
	printf("%s (%u) of boards 10de:%04x, firmware %s\n\n", r->name, r->id, r->device, f->build);
	table_print(table, stdout);
	table_free(table);
}

static void print_overview(const struct openvgpu_catalog_file *f, const char *path)
{
	const char *const columns[] = { "DEVICE", ">TYPE",  "NAME", ">SIZE",
					">FRAMEBUFFER", ">HEAP", ">MAX", "GI", ">IDS", ">MIXED" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t i, k;

	for (i = 0; i < f->n_records; i++) {
		const struct openvgpu_record *r = &f->records[i];
		uint64_t slices = get_number(f, r, "gpuInstanceSize");
		uint64_t equal = get_number(f, r, "homogeneousPlacementCount");
		uint64_t mixed = get_number(f, r, "heterogeneousPlacementCount");
		char *cells[ARRAY_SIZE(columns)];

		cells[0] = format("10de:%04x", r->device);
		cells[1] = format("%u", r->id);
		cells[2] = format("%s", r->name);
		cells[3] = format_bytes(get_number(f, r, "profileSize"));
		cells[4] = format("%" PRIu64 " MiB", get_number(f, r, "fbLength") / OPENVGPU_MIB);
		cells[5] = format("%" PRIu64 " MiB",
				  get_number(f, r, "gspHeapSize") / OPENVGPU_MIB);
		cells[6] = format("%" PRIu64, get_number(f, r, "maxInstance"));
		cells[7] = slices ? format("%" PRIu64 "g", slices) : format("-");
		cells[8] = equal == OPENVGPU_UNKNOWN ? format("-") : format("%" PRIu64, equal);
		cells[9] = mixed == OPENVGPU_UNKNOWN ? format("-") : format("%" PRIu64, mixed);
		table_row(table, (const char *const *)cells);
		for (k = 0; k < ARRAY_SIZE(cells); k++)
			free(cells[k]);
	}
	printf("%s: firmware %s, vGPU %" PRIu64 ".%" PRIu64 ", %zu types of %zu PCI device ids, "
	       "CRC %08x\n\n", path, f->build, f->major, f->minor, f->n_records, f->n_devices,
	       f->crc);
	table_print(table, stdout);
	table_free(table);
}

static json_object *record_json(const struct openvgpu_catalog_file *f,
				const struct openvgpu_record *r)
{
	json_object *obj = json_object_new_object(), *record = json_object_new_object();
	struct openvgpu_field field;
	unsigned int i;

	json_add_uint(obj, "type", r->id);
	json_add_string(obj, "name", r->name);
	json_add_uint(obj, "device", r->device);
	for (i = 0; openvgpu_record_field(f, r, i, &field); i++)
		json_add_field(record, &field);
	json_object_object_add(obj, "record", record);
	return obj;
}

static void print_file_json(const struct openvgpu_catalog_file *f, const char *path)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_add_string(obj, "file", path);
	json_add_string(obj, "firmware", f->build);
	json_add_uint(obj, "vgpu_major", f->major);
	json_add_uint(obj, "vgpu_minor", f->minor);
	json_add_uint(obj, "crc", f->crc);
	json_add_uint(obj, "size", f->size);
	json_add_uint(obj, "device_ids", f->n_devices);
	for (i = 0; i < f->n_records; i++)
		json_object_array_add(list, record_json(f, &f->records[i]));
	json_object_object_add(obj, "types", list);
	print_json(obj);
}

static bool names_record(const struct openvgpu_record *r, const char *text)
{
	const char *last = strrchr(r->name, ' ');
	char number[32];

	snprintf(number, sizeof(number), "nvidia-%u", r->id);
	return !strcmp(text, r->name) || !strcmp(text, number) || !strcmp(text, number + 7) ||
	       (last && !strcmp(text, last + 1));
}

static int show_type(const struct openvgpu_catalog_file *f, const char *path, const char *text,
		     bool json)
{
	const struct openvgpu_record *found = NULL;
	size_t i;

	for (i = 0; i < f->n_records; i++) {
		if (!names_record(&f->records[i], text))
			continue;
		if (found)
			return fail("'%s' may be %s (%u) or %s (%u): give the number", text,
				    found->name, found->id, f->records[i].name, f->records[i].id);
		found = &f->records[i];
	}
	if (!found)
		return fail("%s: no vGPU type '%s'", path, text);
	if (json)
		print_json(record_json(f, found));
	else
		print_record(f, found);
	return VGPUCTL_OK;
}

int cmd_catalog_show(const struct command *cmd, int argc, char **argv)
{
	const char *type = NULL;
	const struct option_def defs[] = {
		{ "type", 't', "TYPE", "only this type, with every field of its record", NULL,
		  &type },
	};
	struct openvgpu_catalog_file file;
	struct common_options common;
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 1)
		return usage_error(cmd, "it takes one file");
	if (openvgpu_catalog_open(&file, argv[first], &err))
		return fail("%s", err.text);
	status = VGPUCTL_OK;
	if (type)
		status = show_type(&file, argv[first], type, common.json);
	else if (common.json)
		print_file_json(&file, argv[first]);
	else
		print_overview(&file, argv[first]);
	openvgpu_catalog_close(&file);
	return status;
}

static int print_problems(const struct openvgpu_problems *p, size_t types, bool json)
{
	json_object *obj = NULL, *list = NULL;
	size_t i, errors = 0;

	if (json) {
		obj = json_object_new_object();
		list = json_object_new_array();
	}
	for (i = 0; i < p->n; i++) {
		const struct openvgpu_problem *one = &p->list[i];

		errors += !one->warning;
		if (json) {
			json_object *entry = json_object_new_object();

			json_add_bool(entry, "warning", one->warning);
			json_add_string(entry, "text", one->text);
			json_object_array_add(list, entry);
		} else {
			printf("%s%s\n", one->warning ? "warning: " : "", one->text);
		}
	}
	if (json) {
		json_add_bool(obj, "good", !errors);
		if (types)
			json_add_uint(obj, "types", types);
		json_object_object_add(obj, "problems", list);
		print_json(obj);
	}
	return errors ? VGPUCTL_FAILED : VGPUCTL_OK;
}

int cmd_catalog_check(const struct command *cmd, int argc, char **argv)
{
	struct openvgpu_problems problems = { 0 };
	struct openvgpu_types types = { 0 };
	struct common_options common;
	struct openvgpu_error err;
	int status, first, i;

	first = parse_options(cmd, argc, argv, NULL, 0, &common, &status);
	if (first < 0)
		return status;
	if (first == argc && openvgpu_types_check(&types, types_path(NULL), &problems, &err))
		status = fail("%s", err.text);
	for (i = first; i < argc; i++) {
		int ret;

		if (openvgpu_is_catalog(argv[i]))
			ret = openvgpu_catalog_check(argv[i], &problems, &err);
		else
			ret = openvgpu_types_check(&types, argv[i], &problems, &err);
		/* such a file is bad, but the others can still be looked at */
		if (ret)
			status = fail("%s", err.text);
	}
	if (types.n_types && openvgpu_catalog_check_types(&types, &problems, &err))
		status = fail("%s", err.text);
	if (print_problems(&problems, types.n_types, common.json))
		status = VGPUCTL_FAILED;
	openvgpu_problems_free(&problems);
	openvgpu_types_free(&types);
	return status;
}
