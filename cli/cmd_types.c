// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl types */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

/**
 * struct row - one type as it is printed
 * @id: type number
 * @name: full name
 * @board: its board, NULL if not known
 * @mig: needs a MIG GPU instance
 * @profile: nominal size in bytes
 * @fb: framebuffer of the guest in bytes
 * @derived: @fb was filled by rule
 * @heads: displays
 * @max_x: widest resolution
 * @max_y: highest resolution
 * @max_instance: most of them on a GPU
 * @available: how many more could be made now
 * @creatable: one more could be made now
 * @why: why not; NULL if nobody was asked
 * @confidence: how its number is known
 *
 * Numbers are %OPENVGPU_UNKNOWN where nobody says.
 */
struct row {
	uint32_t id;
	const char *name;
	const char *board;
	bool mig;
	uint64_t profile;
	uint64_t fb;
	bool derived;
	uint64_t heads;
	uint64_t max_x;
	uint64_t max_y;
	uint64_t max_instance;
	uint64_t available;
	bool creatable;
	const char *why;
	const char *confidence;
};

static void from_type(struct row *r, const struct openvgpu_types *t,
		      const struct openvgpu_type *type)
{
	struct openvgpu_memory memory;

	openvgpu_type_memory(t, type, &memory);
	*r = (struct row){
		.id = type->id,
		.name = type->name,
		.board = t->boards[type->board].name,
		.mig = type->mig,
		.profile = type->profile,
		.fb = memory.fb,
		.derived = memory.derived & OPENVGPU_DERIVED_FB,
		.heads = type->heads,
		.max_x = type->max_x,
		.max_y = type->max_y,
		.max_instance = type->max_equal,
		.available = OPENVGPU_UNKNOWN,
		.confidence = type->own ? "own" : type->confirmed ? "confirmed" : "high",
	};
}

static uint64_t known(uint64_t kernel, uint64_t source)
{
	return kernel == OPENVGPU_UNKNOWN ? source : kernel;
}

/* What the kernel says wins over the source. */
static void from_offer(struct row *r, const struct openvgpu_offer *o)
{
	r->id = o->id;
	r->name = o->name;
	r->profile = known(o->profile, r->profile);
	r->heads = known(o->heads, r->heads);
	r->max_x = known(o->max_x, r->max_x);
	r->max_y = known(o->max_y, r->max_y);
	r->max_instance = known(o->max_instance, r->max_instance);
	r->available = o->available;
	r->creatable = o->available == OPENVGPU_UNKNOWN ? o->creatable : o->available != 0;
}

static const struct row nothing_known = {
	.profile = OPENVGPU_UNKNOWN,
	.fb = OPENVGPU_UNKNOWN,
	.heads = OPENVGPU_UNKNOWN,
	.max_x = OPENVGPU_UNKNOWN,
	.max_y = OPENVGPU_UNKNOWN,
	.max_instance = OPENVGPU_UNKNOWN,
	.available = OPENVGPU_UNKNOWN,
};

/*
 * With an mdev parent the kernel lists all types of the GPU. Without one only
 * what is creatable now: the source has the others.
 */
static size_t rows_of_gpu(struct row *rows, const struct openvgpu_gpu *gpu,
			  const struct openvgpu_types *t)
{
	size_t n = 0, i;

	for (i = 0; i < gpu->n_offers; i++) {
		const struct openvgpu_type *type = openvgpu_type_by_id(t, gpu->offers[i].id);

		rows[n] = nothing_known;
		if (type)
			from_type(&rows[n], t, type);
		from_offer(&rows[n++], &gpu->offers[i]);
	}
	for (i = 0; !gpu->mdev && i < t->n_types; i++)
		if (t->boards[t->types[i].board].device == gpu->device &&
		    !openvgpu_offer_by_id(gpu, t->types[i].id))
			from_type(&rows[n++], t, &t->types[i]);
	return n;
}

/* The driver has looked at each type: its answer wins, and it lists all of them. */
static size_t rows_of_reasons(struct row *rows, const struct openvgpu_gpu *gpu,
			      const struct openvgpu_types *t, const struct openvgpu_reasons *why)
{
	size_t i;

	for (i = 0; i < why->n; i++) {
		const struct openvgpu_type *type = openvgpu_type_by_id(t, why->list[i].id);
		const struct openvgpu_offer *offer = openvgpu_offer_by_id(gpu, why->list[i].id);

		rows[i] = nothing_known;
		if (type)
			from_type(&rows[i], t, type);
		if (offer)
			from_offer(&rows[i], offer);
		rows[i].id = why->list[i].id;
		rows[i].name = why->list[i].name;
		rows[i].creatable = why->list[i].creatable;
		rows[i].why = why->list[i].why;
	}
	return why->n;
}

static void print_reasons(const struct row *rows, size_t n)
{
	const char *const columns[] = { "TYPE", "NAME", ">AVAILABLE", "WHY NOT" };
	struct table *table;
	size_t i, k;

	if (!n) {
		puts("No vGPU types.");
		return;
	}
	table = table_new(columns, ARRAY_SIZE(columns));
	for (i = 0; i < n; i++) {
		char *cells[ARRAY_SIZE(columns)];

		cells[0] = format("nvidia-%u", rows[i].id);
		cells[1] = format("%s", rows[i].name);
		if (rows[i].available != OPENVGPU_UNKNOWN)
			cells[2] = format("%" PRIu64, rows[i].available);
		else
			cells[2] = format("%s", rows[i].creatable ? "some" : "0");
		cells[3] = format("%s", rows[i].creatable ? "-" : rows[i].why);
		table_row(table, (const char *const *)cells);
		for (k = 0; k < ARRAY_SIZE(cells); k++)
			free(cells[k]);
	}
	table_print(table, stdout);
	table_free(table);
}

static char *number(uint64_t v)
{
	return v == OPENVGPU_UNKNOWN ? format("-") : format("%" PRIu64, v);
}

static char *bytes(uint64_t v)
{
	return v == OPENVGPU_UNKNOWN ? format("-") : format_bytes(v);
}

static void print_row(struct table *table, const struct row *r, bool of_gpu)
{
	char *cells[9];
	size_t n = 0, i;

	cells[n++] = format("nvidia-%u", r->id);
	cells[n++] = format("%s", r->name);
	cells[n++] = bytes(r->profile);
	cells[n++] = r->fb == OPENVGPU_UNKNOWN ? format("-") :
		     format("%s%" PRIu64 " MiB", r->derived ? "~" : "", r->fb / OPENVGPU_MIB);
	cells[n++] = number(r->heads);
	cells[n++] = r->max_x == OPENVGPU_UNKNOWN ? format("-") :
		     format("%" PRIu64 "x%" PRIu64, r->max_x, r->max_y);
	cells[n++] = number(r->max_instance);
	if (!of_gpu)
		cells[n++] = format("%s%s", r->board ? r->board : "-", r->mig ? " (MIG)" : "");
	else if (r->available != OPENVGPU_UNKNOWN)
		cells[n++] = number(r->available);
	else
		cells[n++] = format("%s", r->creatable ? "some" : "0");
	table_row(table, (const char *const *)cells);
	for (i = 0; i < n; i++)
		free(cells[i]);
}

static void print_table(const struct row *rows, size_t n, bool of_gpu)
{
	const char *const columns[] = { "TYPE",	 "NAME",	">SIZE", ">FRAMEBUFFER",
					">HEADS", ">RESOLUTION", ">MAX",
					of_gpu ? ">AVAILABLE" : "BOARD" };
	struct table *table;
	bool derived = false;
	size_t i;

	if (!n) {
		puts("No vGPU types.");
		return;
	}
	table = table_new(columns, ARRAY_SIZE(columns));
	for (i = 0; i < n; i++) {
		print_row(table, &rows[i], of_gpu);
		derived = derived || rows[i].derived;
	}
	table_print(table, stdout);
	table_free(table);
	if (derived)
		puts("\n~ not published, calculated by rule (see vgpuctl-catalog(1))");
}

static void print_types_json(const struct row *rows, size_t n, const struct openvgpu_gpu *gpu)
{
	json_object *obj = json_object_new_object();
	json_object *list = json_object_new_array();
	size_t i;

	json_add_string(obj, "gpu", gpu ? gpu->address : NULL);
	for (i = 0; i < n; i++) {
		const struct row *r = &rows[i];
		json_object *type = json_object_new_object();

		json_add_uint(type, "type", r->id);
		json_add_string(type, "name", r->name);
		json_add_string(type, "board", r->board);
		json_add_string(type, "confidence", r->confidence);
		json_add_bool(type, "mig", r->mig);
		json_add_uint(type, "profile_bytes", r->profile);
		json_add_uint(type, "framebuffer_bytes", r->fb);
		json_add_bool(type, "framebuffer_derived", r->derived);
		json_add_uint(type, "heads", r->heads);
		json_add_uint(type, "max_x", r->max_x);
		json_add_uint(type, "max_y", r->max_y);
		json_add_uint(type, "max_instance", r->max_instance);
		if (gpu) {
			json_add_uint(type, "available", r->available);
			json_add_bool(type, "creatable", r->creatable);
			if (r->why)
				json_add_string(type, "why", r->creatable ? NULL : r->why);
		}
		json_object_array_add(list, type);
	}
	json_object_object_add(obj, "types", list);
	print_json(obj);
}

static int print_rows(struct row *rows, size_t n, const struct openvgpu_gpu *gpu, bool json)
{
	if (json)
		print_types_json(rows, n, gpu);
	else
		print_table(rows, n, gpu != NULL);
	free(rows);
	return VGPUCTL_OK;
}

static int rows_and_reasons(const struct openvgpu_gpu *gpu, const char *sysfs,
			    const struct openvgpu_types *t, bool json)
{
	struct openvgpu_reasons why;
	struct openvgpu_error err;
	struct row *rows;

	if (openvgpu_reasons_read(&why, sysfs, gpu->address, &err))
		return fail("%s", err.text);
	rows = calloc(why.n + 1, sizeof(*rows));
	if (!rows) {
		openvgpu_reasons_free(&why);
		return fail("out of memory");
	}
	rows_of_reasons(rows, gpu, t, &why);
	if (json)
		print_types_json(rows, why.n, gpu);
	else
		print_reasons(rows, why.n);
	free(rows);
	openvgpu_reasons_free(&why);
	return VGPUCTL_OK;
}

static int types_of_gpu(const char *sysfs, const char *which, const struct openvgpu_types *t,
			bool why, bool json)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu;
	struct openvgpu_host host;
	struct openvgpu_error err;
	struct row *rows;
	int status;

	if (openvgpu_host_read(&host, sysfs, &err))
		return fail("%s", err.text);
	gpu = find_gpu(&host, which, address);
	if (!gpu) {
		status = VGPUCTL_FAILED;
	} else if (!gpu->managed) {
		status = fail("%s: %s%s%s", address, *gpu->driver ? "driver is " : "no driver bound",
			      gpu->driver, *gpu->driver ? ", not openvgpu" : "");
	} else if (why) {
		status = rows_and_reasons(gpu, sysfs, t, json);
	} else {
		rows = calloc(gpu->n_offers + t->n_types + 1, sizeof(*rows));
		status = rows ? print_rows(rows, rows_of_gpu(rows, gpu, t), gpu, json) :
				fail("out of memory");
	}
	openvgpu_host_free(&host);
	return status;
}

static int types_of_source(const struct openvgpu_types *t, const char *board, bool json)
{
	struct row *rows = calloc(t->n_types + 1, sizeof(*rows));
	size_t n = 0, i;

	if (!rows)
		return fail("out of memory");
	for (i = 0; i < t->n_types; i++)
		if (!board || !strcmp(t->boards[t->types[i].board].name, board))
			from_type(&rows[n++], t, &t->types[i]);
	return print_rows(rows, n, NULL, json);
}

int cmd_types(const struct command *cmd, int argc, char **argv)
{
	const char *board = NULL, *source = NULL;
	bool why = false;
	const struct option_def defs[] = {
		{ "board", 'b', "NAME", "only types of this board, e.g. A40", NULL, &board },
		{ "source", 's', "FILE", "CSV or XML file with types", NULL, &source },
		{ "why", 'w', NULL, "of a GPU: why types cannot be created now; for root", &why,
		  NULL },
	};
	struct common_options common;
	struct openvgpu_types types;
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (argc - first > 1)
		return usage_error(cmd, "more than one GPU");
	if (first < argc && board)
		return usage_error(cmd, "either a GPU or --board");
	if (why && first == argc)
		return usage_error(cmd, "--why is about a GPU: name it");
	if (load_types(&types, source, &err)) {
		/* of a GPU that is there the kernel knows enough */
		if (first == argc || source)
			return fail("%s", err.text);
		memset(&types, 0, sizeof(types));
	}
	if (board && !openvgpu_board_by_name(&types, board))
		status = fail("there is no board '%s'", board);
	else if (first < argc)
		status = types_of_gpu(common.sysfs, argv[first], &types, why, common.json);
	else
		status = types_of_source(&types, board, common.json);
	openvgpu_types_free(&types);
	return status;
}
