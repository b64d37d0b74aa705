// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl plan */
#include <stdlib.h>
#include <string.h>

#include "draw.h"

#define SEPARATORS	", \t\n"
#define COUNT_MAX	1000

/**
 * struct job - what the command line asks for
 * @cmd: the command, for errors
 * @types: the source
 * @req: the plan to be made
 * @gpu: address of a GPU of this host, "" for a model
 * @live: what is on it
 * @firmware: what it runs
 * @instances: instances that are given
 * @wishes: what is wanted
 */
struct job {
	const struct command *cmd;
	struct openvgpu_types types;
	struct openvgpu_plan_request req;
	char gpu[OPENVGPU_ADDRESS_MAX];
	struct openvgpu_live live;
	char firmware[64];
	struct openvgpu_instance *instances;
	struct openvgpu_wish *wishes;
};

/* "NAME:N": cuts the number off; 1 without one, 0 if it is none. */
static uint32_t take_count(char *text)
{
	char *colon = strrchr(text, ':');
	unsigned long n;

	if (!colon)
		return 1;
	*colon++ = '\0';
	if (!*colon || colon[strspn(colon, "0123456789")] || strlen(colon) > 4)
		return 0;
	n = strtoul(colon, NULL, 10);
	return n <= COUNT_MAX ? (uint32_t)n : 0;
}

static void *more(void *array, size_t n, size_t size)
{
	void *bigger = reallocarray(array, n + 1, size);

	if (!bigger)
		exit(fail("out of memory"));
	memset((char *)bigger + n * size, 0, size);
	return bigger;
}

static int add_wishes(struct job *job, char *text)
{
	struct openvgpu_error err;
	char *word, *rest = text;

	while ((word = strsep(&rest, SEPARATORS))) {
		struct openvgpu_wish wish;

		if (!*word)
			continue;
		wish.count = take_count(word);
		if (!wish.count)
			return usage_error(job->cmd, "how many of '%s': not a number from 1 to %d",
					   word, COUNT_MAX);
		if (openvgpu_type_find(&job->types, word, job->req.board->device, &wish.type, &err))
			return fail("%s", err.text);
		job->wishes = more(job->wishes, job->req.n_wishes, sizeof(*job->wishes));
		job->wishes[job->req.n_wishes++] = wish;
	}
	job->req.wishes = job->wishes;
	return VGPUCTL_OK;
}

static int add_instances(struct job *job, const char *given)
{
	char *text = format("%s", given), *rest = text, *word;
	size_t n = job->req.n_instances;
	int status = VGPUCTL_OK;

	while (!status && (word = strsep(&rest, SEPARATORS))) {
		uint32_t count;

		if (!*word)
			continue;
		count = take_count(word);
		if (!count)
			status = usage_error(job->cmd, "how many of '%s': not a number", word);
		for (; count; count--) {
			job->instances = more(job->instances, n, sizeof(*job->instances));
			snprintf(job->instances[n].profile, sizeof(job->instances[n].profile), "%s",
				 word);
			n++;
		}
	}
	free(text);
	job->req.instances = job->instances;
	job->req.n_instances = n;
	job->req.fixed_instances = true;
	return status;
}

static int take_mode(struct job *job, const char *mode)
{
	static const char *const words[] = { "equal", "mixed", "mig" };
	enum openvgpu_mode m;

	for (m = OPENVGPU_MODE_EQUAL; m <= OPENVGPU_MODE_MIG; m++)
		if (!strcmp(mode, words[m]))
			break;
	if (m > OPENVGPU_MODE_MIG)
		return usage_error(job->cmd, "'%s' is not a mode: equal, mixed or mig", mode);
	if (m != job->req.mode && (job->req.n_there || job->req.n_instances))
		return fail("%s: its mode (%s) cannot be changed while there is something on it",
			    job->gpu, mode_text(job->req.mode));
	job->req.mode = m;
	return VGPUCTL_OK;
}

static int take_gpu(struct job *job, const char *text, const char *sysfs)
{
	const struct openvgpu_gpu *gpu;
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status = VGPUCTL_OK;

	if (openvgpu_host_read(&host, sysfs, &err))
		return fail("%s", err.text);
	gpu = find_gpu(&host, text, job->gpu);
	if (!gpu)
		status = VGPUCTL_FAILED;
	else if (!gpu->managed)
		status = fail("%s: %s%s%s", job->gpu,
			      *gpu->driver ? "driver is " : "no driver bound", gpu->driver,
			      *gpu->driver ? ", not openvgpu" : "");
	else if (!*gpu->firmware)
		status = fail("%s: %s", job->gpu, gpu->status);
	else if (openvgpu_live_read(&job->live, sysfs, gpu, &job->types, &err))
		status = fail("%s", err.text);
	if (!status) {
		job->req.board = board_of_gpu(&job->types, gpu);
		status = job->req.board ? VGPUCTL_OK : VGPUCTL_FAILED;
		snprintf(job->firmware, sizeof(job->firmware), "%s", gpu->firmware);
		job->req.framebuffer = gpu->framebuffer == OPENVGPU_UNKNOWN ? 0 : gpu->framebuffer;
		job->req.mode = job->live.mode;
		job->req.there = job->live.there;
		job->req.n_there = job->live.n_there;
		if (job->live.n_instances) {
			size_t size = job->live.n_instances * sizeof(*job->instances);

			job->instances = more(NULL, job->live.n_instances, sizeof(*job->instances));
			memcpy(job->instances, job->live.instances, size);
			job->req.instances = job->instances;
			job->req.n_instances = job->live.n_instances;
		}
	}
	openvgpu_host_free(&host);
	return status;
}

/* What most boards run, else the oldest that the board can run. */
static const char *usual_firmware(const struct openvgpu_board *board)
{
	unsigned int i;

	if (openvgpu_build_knows("570.144", board))
		return "570.144";
	for (i = 0; openvgpu_catalog_build_name(i); i++)
		if (openvgpu_build_knows(openvgpu_catalog_build_name(i), board))
			return openvgpu_catalog_build_name(i);
	return "570.144";
}

static uint32_t admitted_of(const struct openvgpu_plan *plan, const struct openvgpu_type *type)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < plan->n_vgpus; i++)
		n += !plan->vgpus[i].there && plan->vgpus[i].type == type;
	return n;
}

/* The same type may stand in the list several times. */
static uint32_t wished_of(const struct job *job, size_t until, const struct openvgpu_type *type)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < until; i++)
		if (job->wishes[i].type == type)
			n += job->wishes[i].count;
	return n;
}

static void print_left_out(const struct job *job, const struct openvgpu_plan *plan)
{
	size_t i;

	for (i = 0; i < job->req.n_wishes; i++) {
		const struct openvgpu_type *type = job->wishes[i].type;
		uint32_t wished = wished_of(job, job->req.n_wishes, type);
		uint32_t admitted = admitted_of(plan, type);

		if (admitted < wished && !wished_of(job, i, type))
			printf("does not fit: %u of %u %s\n", wished - admitted, wished,
			       type->name);
	}
}

static void print_moves(const struct openvgpu_plan *plan)
{
	size_t i;

	if (*plan->hint)
		printf("%s\n", plan->hint);
	if (plan->after_moves <= plan->admitted)
		return;
	printf("%u of %u would fit after moving:\n", plan->after_moves, plan->wished);
	for (i = 0; i < plan->n_moves; i++) {
		const struct openvgpu_placed *v = &plan->vgpus[plan->moves[i].vgpu];

		printf("  %s (%s) from placement %u to %u\n", v->name, v->type->name, v->id,
		       plan->moves[i].id);
	}
}

static void print_plan(const struct job *job, const struct openvgpu_plan *plan)
{
	printf("%s%s%s, firmware %s, %s: ", job->gpu, *job->gpu ? "  " : "", job->req.board->name,
	       job->req.build, mode_text(job->req.mode));
	if (plan->admitted == plan->wished)
		printf("all %u fit\n", plan->wished);
	else
		printf("%u of %u fit%s\n", plan->admitted, plan->wished,
		       plan->exact ? ", more cannot" : "");
	draw_plan(plan);
	if (plan->admitted == plan->wished)
		return;
	putchar('\n');
	print_left_out(job, plan);
	print_moves(plan);
}

static void print_plan_json(const struct job *job, const struct openvgpu_plan *plan)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_add_string(obj, "gpu", *job->gpu ? job->gpu : NULL);
	json_add_string(obj, "board", job->req.board->name);
	json_add_string(obj, "firmware", job->req.build);
	json_add_string(obj, "mode", mode_text(job->req.mode));
	json_add_uint(obj, "wished", plan->wished);
	json_add_uint(obj, "admitted", plan->admitted);
	json_add_bool(obj, "exact", plan->exact);
	json_add_plan(obj, plan);
	for (i = 0; i < plan->n_moves && plan->after_moves > plan->admitted; i++) {
		const struct openvgpu_placed *v = &plan->vgpus[plan->moves[i].vgpu];
		json_object *move = json_object_new_object();

		json_add_string(move, "vgpu", v->name);
		json_add_uint(move, "from", v->id);
		json_add_uint(move, "to", plan->moves[i].id);
		json_object_array_add(list, move);
	}
	json_object_object_add(obj, "moves", list);
	json_add_uint(obj, "admitted_after_moves", plan->after_moves > plan->admitted ?
						    plan->after_moves : plan->admitted);
	json_add_string(obj, "hint", *plan->hint ? plan->hint : NULL);
	print_json(obj);
}

static int make_plan(struct job *job, bool json)
{
	struct openvgpu_error err;
	struct openvgpu_plan plan;
	int status;

	if (openvgpu_plan(&job->req, &plan, &err))
		return *job->gpu ? fail("%s: %s", job->gpu, err.text) : fail("%s", err.text);
	if (json)
		print_plan_json(job, &plan);
	else
		print_plan(job, &plan);
	status = plan.admitted == plan.wished ? VGPUCTL_OK : VGPUCTL_FAILED;
	openvgpu_plan_free(&plan);
	return status;
}

/**
 * struct options - as given
 */
struct options {
	const char *gpu;
	const char *board;
	const char *firmware;
	const char *mode;
	const char *instances;
	const char *source;
};

static int run(struct job *job, const struct options *o, const struct common_options *common,
	       char **args, int n)
{
	struct openvgpu_error err;
	int status = VGPUCTL_OK, i;

	if (load_types(&job->types, o->source, &err))
		return fail("%s", err.text);
	job->req.types = &job->types;
	if (o->gpu) {
		status = take_gpu(job, o->gpu, common->sysfs);
	} else {
		job->req.board = openvgpu_board_by_name(&job->types, o->board);
		if (job->req.board)
			snprintf(job->firmware, sizeof(job->firmware), "%s",
				 o->firmware ? o->firmware : usual_firmware(job->req.board));
		else
			status = fail("there is no board '%s'", o->board);
	}
	job->req.build = job->firmware;
	if (!status && o->mode)
		status = take_mode(job, o->mode);
	if (!status && o->instances)
		status = add_instances(job, o->instances);
	for (i = 0; i < n && !status; i++) {
		char *copy = format("%s", args[i]);

		status = add_wishes(job, copy);
		free(copy);
	}
	if (!status && !job->req.n_wishes)
		status = usage_error(job->cmd, "which vGPUs?");
	if (!status)
		status = make_plan(job, common->json);
	openvgpu_live_free(&job->live);
	openvgpu_types_free(&job->types);
	free(job->instances);
	free(job->wishes);
	return status;
}

int cmd_plan(const struct command *cmd, int argc, char **argv)
{
	struct options o = { 0 };
	const struct option_def defs[] = {
		{ "gpu", 'g', "GPU", "a GPU of this host, with what is on it", NULL, &o.gpu },
		{ "board", 'b', "NAME", "an empty GPU of this model, e.g. A40", NULL, &o.board },
		{ "firmware", 'f', "BUILD", "with this firmware (default: 570.144, or the oldest)",
		  NULL, &o.firmware },
		{ "mode", 'm', "equal|mixed|mig", "how it is divided (default: as it is, or equal)",
		  NULL, &o.mode },
		{ "instances", 'i', "PROFILE[:N],...", "with MIG: only these GPU instances", NULL,
		  &o.instances },
		{ "source", 's', "FILE", "CSV or XML file with types", NULL, &o.source },
	};
	struct common_options common;
	struct job job = { .cmd = cmd };
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (!o.gpu == !o.board)
		return usage_error(cmd, "either --gpu or --board");
	if (o.gpu && o.firmware)
		return usage_error(cmd, "the firmware of a GPU is the one that it runs");
	return run(&job, &o, &common, argv + first, argc - first);
}
