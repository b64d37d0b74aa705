// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl why */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

/**
 * struct answer - whether a type fits, and what else would
 * @id: type number
 * @name: its name
 * @fits: one more can be made
 * @available: how many, %OPENVGPU_UNKNOWN if nobody counts
 * @why: why not
 * @instead: largest type of the same series that fits on that GPU, NULL if none does
 * @elsewhere: GPUs where the type itself fits
 * @n_elsewhere: how many
 */
struct answer {
	uint32_t id;
	const char *name;
	bool fits;
	uint64_t available;
	char why[512];
	const struct openvgpu_offer *instead;
	const struct openvgpu_gpu **elsewhere;
	size_t n_elsewhere;
};

static bool fits(const struct openvgpu_gpu *gpu, const struct openvgpu_offer *o)
{
	if (!gpu->managed || strcmp(gpu->status, "ready"))
		return false;
	return o->available == OPENVGPU_UNKNOWN ? o->creatable : o->available != 0;
}

/* "Q" of "A40-4Q": another series is another licence, and no help. */
static char series(const char *name)
{
	size_t len = strlen(name);

	return len ? name[len - 1] : '\0';
}

static const struct openvgpu_offer *largest(const struct openvgpu_gpu *gpu, const char *name)
{
	const struct openvgpu_offer *best = NULL;
	size_t i;

	for (i = 0; i < gpu->n_offers; i++) {
		const struct openvgpu_offer *o = &gpu->offers[i];

		if (series(o->name) == series(name) && fits(gpu, o) &&
		    (!best || o->profile > best->profile))
			best = o;
	}
	return best;
}

/* What the driver says; debugfs has it for root where netlink is not. */
static void reason(struct answer *a, const struct openvgpu_gpu *gpu,
		   const struct openvgpu_offer *o, const char *sysfs)
{
	struct openvgpu_reasons r;
	struct openvgpu_error err;
	size_t i;

	if (!gpu->managed) {
		snprintf(a->why, sizeof(a->why), *gpu->driver ? "driver is %s, not openvgpu" :
			 "no driver bound%s", gpu->driver);
		return;
	}
	if (strcmp(gpu->status, "ready")) {
		snprintf(a->why, sizeof(a->why), "%s", gpu->status);
		return;
	}
	if (o && *o->why) {
		snprintf(a->why, sizeof(a->why), "%s", o->why);
		return;
	}
	if (!openvgpu_reasons_read(&r, sysfs, gpu->address, &err)) {
		for (i = 0; i < r.n; i++)
			if (r.list[i].id == a->id)
				snprintf(a->why, sizeof(a->why), "%s", r.list[i].why);
		openvgpu_reasons_free(&r);
	}
	if (!*a->why && !gpu->num_vfs)
		snprintf(a->why, sizeof(a->why), "no VFs are enabled");
	else if (!*a->why)
		snprintf(a->why, sizeof(a->why), "no further one fits now");
}

static void look(struct answer *a, const struct openvgpu_host *h, const struct openvgpu_gpu *gpu,
		 const char *sysfs)
{
	const struct openvgpu_offer *o = openvgpu_offer_by_id(gpu, a->id);
	size_t i;

	a->fits = o && fits(gpu, o);
	a->available = a->fits ? o->available : 0;
	if (a->fits)
		return;
	reason(a, gpu, o, sysfs);
	a->instead = largest(gpu, a->name);
	for (i = 0; i < h->n_gpus && a->elsewhere; i++) {
		o = openvgpu_offer_by_id(&h->gpus[i], a->id);
		if (&h->gpus[i] != gpu && o && fits(&h->gpus[i], o))
			a->elsewhere[a->n_elsewhere++] = &h->gpus[i];
	}
}

static void print_line(FILE *f, const struct answer *a, const struct openvgpu_gpu *gpu)
{
	size_t i;

	fprintf(f, "%s %s on %s", short_name(a->name), a->fits ? "fits" : "does not fit",
	       gpu->address);
	if (a->fits) {
		if (a->available != OPENVGPU_UNKNOWN)
			fprintf(f, ", %" PRIu64 " of it", a->available);
		fputc('\n', f);
		return;
	}
	fprintf(f, ": %s", a->why);
	if (a->instead)
		fprintf(f, "; %s would fit", short_name(a->instead->name));
	for (i = 0; i < a->n_elsewhere; i++)
		fprintf(f, "%s%s", i ? ", " : "; it would fit on ", a->elsewhere[i]->address);
	fputc('\n', f);
}

bool say_why_not(const struct openvgpu_host *h, const struct openvgpu_gpu *gpu, uint32_t id,
		 const char *name, const char *sysfs)
{
	struct answer a = { .id = id, .name = name };

	a.elsewhere = calloc(h->n_gpus, sizeof(*a.elsewhere));
	look(&a, h, gpu, sysfs);
	if (!a.fits) {
		fflush(stdout);
		fputs("vgpuctl: ", stderr);
		print_line(stderr, &a, gpu);
	}
	free(a.elsewhere);
	return a.fits;
}

static void print_answer_json(const struct answer *a, const struct openvgpu_gpu *gpu)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_add_string(obj, "gpu", gpu->address);
	json_add_uint(obj, "type", a->id);
	json_add_string(obj, "name", a->name);
	json_add_bool(obj, "fits", a->fits);
	json_add_uint(obj, "available", a->available);
	json_add_string(obj, "why", a->fits ? NULL : a->why);
	json_add_uint(obj, "instead", a->instead ? a->instead->id : OPENVGPU_UNKNOWN);
	for (i = 0; i < a->n_elsewhere; i++)
		json_object_array_add(list, json_object_new_string(a->elsewhere[i]->address));
	json_object_object_add(obj, "elsewhere", list);
	print_json(obj);
}

int cmd_why(const struct command *cmd, int argc, char **argv)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu;
	struct common_options common;
	struct answer a = { 0 };
	struct openvgpu_host host;
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, NULL, 0, &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 2)
		return usage_error(cmd, "give a GPU and a type");
	if (openvgpu_host_read(&host, common.sysfs, &err))
		return fail("%s", err.text);
	status = VGPUCTL_FAILED;
	gpu = find_gpu(&host, argv[first], address);
	if (gpu)
		a.id = find_type(gpu, argv[first + 1], &a.name);
	if (a.id) {
		a.elsewhere = calloc(host.n_gpus, sizeof(*a.elsewhere));
		look(&a, &host, gpu, common.sysfs);
		if (common.json)
			print_answer_json(&a, gpu);
		else
			print_line(stdout, &a, gpu);
		status = a.fits ? VGPUCTL_OK : VGPUCTL_FAILED;
		free(a.elsewhere);
	}
	openvgpu_host_free(&host);
	return status;
}
