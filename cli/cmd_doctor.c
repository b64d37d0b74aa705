// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl doctor: what stops vGPU on this host, and what to do about it. */
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "doctor.h"
#include "files.h"

static const char *const level_names[] = {
	[LEVEL_OK] = "ok",
	[LEVEL_WARN] = "warn",
	[LEVEL_FAIL] = "fail",
	[LEVEL_UNKNOWN] = "unknown",
};

void found(struct doctor *d, const char *id, enum level level, const char *gpu, char *text,
	   char *next)
{
	struct finding *more = reallocarray(d->list, d->n + 1, sizeof(*more));

	if (!more) {
		fail("out of memory");
		exit(VGPUCTL_FAILED);
	}
	d->list = more;
	d->list[d->n] = (struct finding){ .id = id, .level = level, .text = text, .next = next };
	snprintf(d->list[d->n].gpu, sizeof(d->list[d->n].gpu), "%s", gpu ? gpu : "");
	d->n++;
}

/* /lib is a link to /usr/lib on most, and in a tree of its own may be missing. */
static char *module_file(const struct doctor *d, const char *name)
{
	static const char *const dirs[] = { "lib/modules", "usr/lib/modules" };
	char *text = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs) && !text; i++) {
		char *path = format("%s/%s/%s", dirs[i], d->release, name);

		text = file_read(d->root, path, NULL);
		free(path);
	}
	return text;
}

static void examine_gpus(struct doctor *d, const struct openvgpu_gpu *only)
{
	bool any = false;
	size_t i;

	for (i = 0; i < d->host.n_gpus; i++) {
		const struct openvgpu_gpu *gpu = &d->host.gpus[i];

		any |= !d->types.n_boards || board_of(d, gpu) || gpu->managed;
	}
	if (any)
		found(d, "gpu", LEVEL_OK, NULL, format("NVIDIA GPUs: %zu", d->host.n_gpus), NULL);
	else if (d->host.n_gpus)
		found(d, "gpu", LEVEL_FAIL, NULL,
		      format("no NVIDIA GPU of this host is a board with vGPU types"),
		      format("'vgpuctl types' lists the boards that are known"));
	else
		found(d, "gpu", LEVEL_FAIL, NULL, format("there is no NVIDIA GPU"),
		      format("'lspci -d 10de:' shows what the PCI bus has"));
	for (i = 0; i < d->host.n_gpus; i++)
		if (!only || only == &d->host.gpus[i])
			examine_gpu(d, &d->host.gpus[i]);
}

static size_t count(const struct doctor *d, enum level level)
{
	size_t i, n = 0;

	for (i = 0; i < d->n; i++)
		n += d->list[i].level == level;
	return n;
}

static void print_findings(const struct doctor *d, bool all)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		const struct finding *f = &d->list[i];

		if (f->level == LEVEL_OK && !all)
			continue;
		printf("%-7s  %-15s  %s%s%s\n", level_names[f->level], f->id, f->gpu,
		       *f->gpu ? ": " : "", f->text);
		if (f->next)
			printf("%26s-> %s\n", "", f->next);
	}
	printf("%s%zu checks: fail %zu, warn %zu, unknown %zu\n",
	       count(d, LEVEL_OK) == d->n && !all ? "" : "\n", d->n, count(d, LEVEL_FAIL),
	       count(d, LEVEL_WARN), count(d, LEVEL_UNKNOWN));
}

static void print_findings_json(const struct doctor *d)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	size_t i;

	json_add_bool(obj, "stopped", count(d, LEVEL_FAIL));
	for (i = 0; i < d->n; i++) {
		const struct finding *f = &d->list[i];
		json_object *one = json_object_new_object();

		json_add_string(one, "id", f->id);
		json_add_string(one, "level", level_names[f->level]);
		json_add_string(one, "gpu", *f->gpu ? f->gpu : NULL);
		json_add_string(one, "text", f->text);
		json_add_string(one, "next", f->next);
		json_object_array_add(list, one);
	}
	json_object_object_add(obj, "checks", list);
	print_json(obj);
}

static void examine(struct doctor *d, const struct openvgpu_gpu *gpu)
{
	struct utsname u;

	d->release = file_line(d->root, "proc/sys/kernel/osrelease");
	if (!*d->release && !uname(&u)) {
		free(d->release);
		d->release = format("%s", u.release);
	}
	d->dep = module_file(d, "modules.dep");
	d->builtin = module_file(d, "modules.builtin");
	examine_kernel(d);
	examine_gpus(d, gpu);
	examine_management(d);
}

static void free_doctor(struct doctor *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->list[i].text);
		free(d->list[i].next);
	}
	free(d->list);
	free(d->sysfs);
	free(d->release);
	free(d->dep);
	free(d->builtin);
	openvgpu_types_free(&d->types);
	openvgpu_host_free(&d->host);
}

int cmd_doctor(const struct command *cmd, int argc, char **argv)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu = NULL;
	const char *root = NULL;
	bool all = false;
	const struct option_def defs[] = {
		{ "all", 'a', NULL, "show the checks that found nothing, too", &all, NULL },
		ROOT_OPTION(&root),
	};
	struct common_options common;
	struct doctor d = { 0 };
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (argc - first > 1)
		return usage_error(cmd, "give one GPU, or none for all");
	d.root = root ? root : "";
	if (!read_host_below(root, &common, &d.host, &d.sysfs))
		return VGPUCTL_FAILED;
	if (first < argc) {
		gpu = find_gpu(&d.host, argv[first], address);
		if (!gpu) {
			free_doctor(&d);
			return VGPUCTL_FAILED;
		}
	}
	if (load_types(&d.types, NULL, &err))
		found(&d, "types", LEVEL_UNKNOWN, NULL, format("%s", err.text),
		      format("install openvgpu's user space again"));
	examine(&d, gpu);
	if (common.json)
		print_findings_json(&d);
	else
		print_findings(&d, all);
	status = count(&d, LEVEL_FAIL) ? VGPUCTL_FAILED : VGPUCTL_OK;
	free_doctor(&d);
	return status;
}
