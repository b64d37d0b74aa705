// SPDX-License-Identifier: LGPL-2.1-or-later
/* The memory of a GPU as a bar. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "draw.h"

#define WIDTH	64
#define HEAP	'='

static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+%";

const char *mode_text(enum openvgpu_mode mode)
{
	static const char *const texts[] = { "equal size", "mixed sizes", "MIG" };

	return texts[mode];
}

static char letter_of(size_t vgpu)
{
	return letters[vgpu % (sizeof(letters) - 1)];
}

static bool colours(void)
{
	const char *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && !getenv("NO_COLOR") && term && strcmp(term, "dumb");
}

/* Who has most of the memory that a column stands for. */
static const struct openvgpu_span *column(const struct openvgpu_plan *plan, int at)
{
	const uint64_t from = plan->fb_base + plan->fb_total * (uint64_t)at / WIDTH;
	const uint64_t to = plan->fb_base + plan->fb_total * ((uint64_t)at + 1) / WIDTH;
	const struct openvgpu_span *best = NULL;
	uint64_t most = 0;
	size_t i;

	for (i = 0; i < plan->n_spans; i++) {
		const struct openvgpu_span *s = &plan->spans[i];
		uint64_t start = s->offset > from ? s->offset : from;
		uint64_t end = s->offset + s->size < to ? s->offset + s->size : to;

		if (start < end && end - start > most) {
			most = end - start;
			best = s;
		}
	}
	return best;
}

static void draw_bar(const struct openvgpu_plan *plan)
{
	const bool colour = colours();
	char *end = format_bytes(plan->fb_total);
	int i;

	printf("  0%*s\n  [", WIDTH, end);
	free(end);
	for (i = 0; i < WIDTH; i++) {
		const struct openvgpu_span *s = column(plan, i);
		char c = '.';

		if (s && s->use == OPENVGPU_USE_STRANDED)
			c = 'x';
		else if (s && s->use == OPENVGPU_USE_GUEST)
			c = letter_of(s->vgpu);
		else if (s && s->use == OPENVGPU_USE_HEAP)
			c = HEAP;
		if (!colour || c == '.')
			putchar(c);
		else if (c == 'x')
			fputs("\033[31mx\033[0m", stdout);
		else
			printf("\033[30;%dm%c\033[0m", 42 + (int)(s->vgpu % 5), c);
	}
	fputs("]\n", stdout);
}

static void draw_legend(const struct openvgpu_plan *plan)
{
	bool heap = false, free_space = false;
	char *bytes;
	size_t i;

	for (i = 0; i < plan->n_spans; i++) {
		heap = heap || plan->spans[i].use == OPENVGPU_USE_HEAP;
		free_space = free_space || plan->spans[i].use == OPENVGPU_USE_FREE;
	}
	printf("  %s%s", free_space ? ". free  " : "", heap ? "= heaps of the vGPUs  " : "");
	if (plan->stranded) {
		bytes = format_bytes(plan->stranded);
		printf("x stranded: %s that no type can use now", bytes);
		free(bytes);
	}
	putchar('\n');
}

static const struct openvgpu_instance *instance_of(const struct openvgpu_plan *plan, uint32_t id)
{
	size_t i;

	for (i = 0; i < plan->n_instances; i++)
		if (plan->instances[i].id == id)
			return &plan->instances[i];
	return NULL;
}

static void draw_instances(const struct openvgpu_plan *plan)
{
	const char *const columns[] = { ">INSTANCE", "PROFILE", "", ">FROM", ">SIZE" };
	struct table *table;
	size_t i, k;

	if (!plan->n_instances)
		return;
	table = table_new(columns, ARRAY_SIZE(columns));
	for (i = 0; i < plan->n_instances; i++) {
		const struct openvgpu_instance *in = &plan->instances[i];
		char *cells[ARRAY_SIZE(columns)];

		cells[0] = format("%u", in->id);
		cells[1] = format("%s", in->profile);
		cells[2] = format("%s", in->there ? "there" : "new");
		cells[3] = format("%" PRIu64 " MiB", in->fb_offset / OPENVGPU_MIB);
		cells[4] = format("%" PRIu64 " MiB", in->fb_size / OPENVGPU_MIB);
		table_row(table, (const char *const *)cells);
		for (k = 0; k < ARRAY_SIZE(cells); k++)
			free(cells[k]);
	}
	putchar('\n');
	table_print(table, stdout);
	table_free(table);
}

static char *id_text(uint32_t id)
{
	return id == OPENVGPU_NO_ID ? format("-") : format("%u", id);
}

static void draw_vgpus(const struct openvgpu_plan *plan)
{
	const char *columns[] = { "", "TYPE", "VGPU", ">PLACEMENT", ">FROM", ">SIZE", "INSTANCE" };
	/* the last one only with MIG */
	const size_t n = ARRAY_SIZE(columns) - !plan->n_instances;
	struct table *table;
	size_t i, k;

	if (!plan->n_vgpus)
		return;
	table = table_new(columns, n);
	for (i = 0; i < plan->n_vgpus; i++) {
		const struct openvgpu_placed *v = &plan->vgpus[i];
		const struct openvgpu_instance *in = instance_of(plan, v->instance);
		char *cells[ARRAY_SIZE(columns)];

		cells[0] = format("%c", letter_of(i));
		cells[1] = format("%s", v->type->name);
		cells[2] = format("%s", v->there ? v->name : "new");
		cells[3] = id_text(v->id);
		cells[4] = format("%" PRIu64 " MiB", v->fb_offset / OPENVGPU_MIB);
		cells[5] = format("%" PRIu64 " MiB", v->fb_size / OPENVGPU_MIB);
		cells[6] = in ? format("%u %s", in->id, in->profile) : format("-");
		table_row(table, (const char *const *)cells);
		for (k = 0; k < ARRAY_SIZE(cells); k++)
			free(cells[k]);
	}
	putchar('\n');
	table_print(table, stdout);
	table_free(table);
}

void draw_plan(const struct openvgpu_plan *plan)
{
	draw_bar(plan);
	draw_legend(plan);
	draw_instances(plan);
	draw_vgpus(plan);
}

static uint64_t id_number(uint32_t id)
{
	return id == OPENVGPU_NO_ID ? OPENVGPU_UNKNOWN : id;
}

static json_object *vgpu_json(const struct openvgpu_placed *v)
{
	json_object *obj = json_object_new_object();

	json_add_uint(obj, "type", v->type->id);
	json_add_string(obj, "name", v->type->name);
	json_add_string(obj, "vgpu", v->there ? v->name : NULL);
	json_add_uint(obj, "placement_id", id_number(v->id));
	json_add_uint(obj, "placement_size", v->id_size);
	json_add_uint(obj, "gpu_instance_id", id_number(v->instance));
	json_add_uint(obj, "framebuffer_offset", v->fb_offset);
	json_add_uint(obj, "framebuffer_bytes", v->fb_size);
	json_add_uint(obj, "heap_offset", v->heap_offset);
	json_add_uint(obj, "heap_bytes", v->heap_size);
	return obj;
}

void json_add_plan(json_object *obj, const struct openvgpu_plan *plan)
{
	static const char *const uses[] = { "free", "stranded", "framebuffer", "heap" };
	json_object *list = json_object_new_array();
	size_t i;

	json_add_uint(obj, "framebuffer_bytes", plan->fb_total);
	json_add_uint(obj, "stranded_bytes", plan->stranded);
	for (i = 0; i < plan->n_instances; i++) {
		const struct openvgpu_instance *in = &plan->instances[i];
		json_object *entry = json_object_new_object();

		json_add_uint(entry, "id", in->id);
		json_add_string(entry, "profile", in->profile);
		json_add_uint(entry, "start", in->start);
		json_add_bool(entry, "there", in->there);
		json_add_uint(entry, "framebuffer_offset", in->fb_offset);
		json_add_uint(entry, "framebuffer_bytes", in->fb_size);
		json_object_array_add(list, entry);
	}
	json_object_object_add(obj, "gpu_instances", list);
	list = json_object_new_array();
	for (i = 0; i < plan->n_vgpus; i++)
		json_object_array_add(list, vgpu_json(&plan->vgpus[i]));
	json_object_object_add(obj, "vgpus", list);
	list = json_object_new_array();
	for (i = 0; i < plan->n_spans; i++) {
		const struct openvgpu_span *s = &plan->spans[i];
		json_object *entry = json_object_new_object();

		json_add_uint(entry, "offset", s->offset);
		json_add_uint(entry, "bytes", s->size);
		json_add_string(entry, "use", uses[s->use]);
		json_add_uint(entry, "vgpu", s->use >= OPENVGPU_USE_GUEST ? s->vgpu :
									   OPENVGPU_UNKNOWN);
		json_object_array_add(list, entry);
	}
	json_object_object_add(obj, "memory", list);
}

/* Boards may share a PCI device id, told apart by the subsystem: A16 and A2. */
const struct openvgpu_board *board_of_gpu(const struct openvgpu_types *types,
					  const struct openvgpu_gpu *gpu)
{
	const struct openvgpu_board *found = NULL;
	size_t i;

	for (i = 0; i < types->n_boards; i++) {
		const struct openvgpu_board *b = &types->boards[i];

		if (b->device != gpu->device)
			continue;
		if (!found || strtoul(b->subdevice, NULL, 16) == gpu->subdevice)
			found = b;
	}
	if (!found)
		fail("%s: the source of vGPU types does not know boards 10de:%04x", gpu->address,
		     gpu->device);
	return found;
}
