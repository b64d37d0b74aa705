// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl export nova, kubevirt: vGPU types in the configuration of others. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "files.h"

/**
 * struct choice - a type that a GPU is to offer
 * @gpu: the GPU
 * @id: type number
 * @name: its full name
 */
struct choice {
	const struct openvgpu_gpu *gpu;
	uint32_t id;
	char name[OPENVGPU_NAME_MAX];
};

/**
 * struct choices - what is exported
 * @host: GPUs of the host
 * @types: known types; none if the file is missing
 * @list: by type, then by GPU
 * @n: their number
 */
struct choices {
	struct openvgpu_host host;
	struct openvgpu_types types;
	struct choice *list;
	size_t n;
};

int export_text(const char *text, const char *file)
{
	int ret;

	if (!file) {
		fputs(text, stdout);
		return VGPUCTL_OK;
	}
	ret = file_put(file, text, strlen(text), 0644, false);
	return ret ? fail("%s: %s", file, strerror(ret)) : VGPUCTL_OK;
}

static void choose(struct choices *c, const struct openvgpu_gpu *gpu, uint32_t id, const char *name)
{
	struct choice *more;
	size_t i;

	for (i = 0; i < c->n; i++)
		if (c->list[i].gpu == gpu && c->list[i].id == id)
			return;
	more = reallocarray(c->list, c->n + 1, sizeof(*more));
	if (!more) {
		fail("out of memory");
		exit(VGPUCTL_FAILED);
	}
	c->list = more;
	c->list[c->n].gpu = gpu;
	c->list[c->n].id = id;
	snprintf(c->list[c->n].name, sizeof(c->list[c->n].name), "%s", name);
	c->n++;
}

/* Those that a driver offers; without any, those of the board. */
static bool choose_on(struct choices *c, const struct openvgpu_gpu *gpu, const char *text)
{
	const char *digits = strncmp(text, "nvidia-", 7) ? text : text + 7;
	const struct openvgpu_type *type;
	uint64_t id = 0;
	size_t i;

	parse_number(digits, UINT32_MAX, &id);
	for (i = 0; i < gpu->n_offers; i++) {
		const struct openvgpu_offer *o = &gpu->offers[i];

		if (o->id == id || !strcmp(o->name, text) || !strcmp(short_name(o->name), text)) {
			choose(c, gpu, o->id, o->name);
			return true;
		}
	}
	if (gpu->mdev || openvgpu_type_find(&c->types, text, gpu->device, &type, NULL))
		return false;
	choose(c, gpu, type->id, type->name);
	return true;
}

static int choose_argument(struct choices *c, char *text)
{
	char address[OPENVGPU_ADDRESS_MAX], *equals = strchr(text, '=');
	const struct openvgpu_gpu *gpu;
	bool any = false;
	size_t i;

	if (equals) {
		*equals = '\0';
		gpu = find_gpu(&c->host, text, address);
		if (!gpu)
			return VGPUCTL_FAILED;
		if (!choose_on(c, gpu, equals + 1))
			return fail("%s has no vGPU type '%s'; 'vgpuctl types %s' lists them",
				    address, equals + 1, address);
		return VGPUCTL_OK;
	}
	for (i = 0; i < c->host.n_gpus; i++)
		any |= choose_on(c, &c->host.gpus[i], text);
	return any ? VGPUCTL_OK : fail("no GPU of this host has vGPU type '%s'", text);
}

/* What the GPUs have now: vGPUs of one type each. */
static int choose_used(struct choices *c)
{
	size_t g, i;

	for (g = 0; g < c->host.n_gpus; g++) {
		const struct openvgpu_gpu *gpu = &c->host.gpus[g];

		for (i = 0; i < gpu->n_mdevs; i++)
			if (gpu->mdevs[i].type)
				choose_on(c, gpu, gpu->mdevs[i].type_id);
	}
	return c->n ? VGPUCTL_OK :
	       fail("there are no vGPUs that would tell the types: name a type, or GPU=TYPE");
}

/* All that the GPUs can have. */
static int choose_all(struct choices *c)
{
	size_t g, i;

	for (g = 0; g < c->host.n_gpus; g++)
		for (i = 0; i < c->host.gpus[g].n_offers; i++)
			choose(c, &c->host.gpus[g], c->host.gpus[g].offers[i].id,
			       c->host.gpus[g].offers[i].name);
	return c->n ? VGPUCTL_OK : fail("no GPU of this host offers vGPU types now: name some");
}

static int by_type(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	return x->id != y->id ? (x->id > y->id) - (x->id < y->id) :
				strcmp(x->gpu->address, y->gpu->address);
}

static bool is_first(const struct choices *c, size_t i)
{
	return !i || c->list[i].id != c->list[i - 1].id;
}

/* ---- Nova --------------------------------------------------------------------- */

/* "CUSTOM_A40_4Q": as Placement wants names of resource classes. */
static char *resource_class(const char *name)
{
	char *class = format("CUSTOM_%s", short_name(name)), *p;

	for (p = class; *p; p++)
		*p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
	return class;
}

static int check_nova(const struct choices *c)
{
	size_t i, k;

	for (i = 0; i < c->n; i++)
		for (k = 0; k < i; k++)
			if (c->list[i].gpu == c->list[k].gpu)
				return fail("%s: Nova wants one type on each GPU, not both %s and %s",
					    c->list[i].gpu->address, short_name(c->list[k].name),
					    short_name(c->list[i].name));
	return VGPUCTL_OK;
}

static void print_nova(const struct choices *c, bool classes, FILE *f)
{
	size_t i;

	fputs("[devices]\nenabled_mdev_types = ", f);
	for (i = 0; i < c->n; i++)
		if (is_first(c, i))
			fprintf(f, "%snvidia-%u", i ? "," : "", c->list[i].id);
	fputc('\n', f);
	for (i = 0; i < c->n; i++) {
		const struct choice *one = &c->list[i];

		if (is_first(c, i)) {
			char *class = resource_class(one->name);

			fprintf(f, "\n# %s\n[mdev_nvidia-%u]\n", one->name, one->id);
			if (classes)
				fprintf(f, "mdev_class = %s\n", class);
			fputs("device_addresses = ", f);
			free(class);
		}
		fprintf(f, "%s%s", is_first(c, i) ? "" : ",", one->gpu->address);
		if (i + 1 == c->n || is_first(c, i + 1))
			fputc('\n', f);
	}
}

static void print_nova_json(const struct choices *c, bool classes, FILE *f)
{
	json_object *obj = json_object_new_object(), *types = json_object_new_array();
	json_object *addresses = NULL, *one;
	size_t i;

	for (i = 0; i < c->n; i++) {
		if (is_first(c, i)) {
			char *text = format("nvidia-%u", c->list[i].id);

			one = json_object_new_object();
			addresses = json_object_new_array();
			json_add_string(one, "type", text);
			json_add_string(one, "name", c->list[i].name);
			free(text);
			text = classes ? resource_class(c->list[i].name) : NULL;
			json_add_string(one, "mdev_class", text);
			free(text);
			json_object_object_add(one, "device_addresses", addresses);
			json_object_array_add(types, one);
		}
		json_object_array_add(addresses, json_object_new_string(c->list[i].gpu->address));
	}
	json_object_object_add(obj, "enabled_mdev_types", types);
	fprintf(f, "%s\n", json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_SPACED |
							  JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

/* ---- KubeVirt ----------------------------------------------------------------- */

/* KubeVirt compares with the type's name, blanks made '_'. */
static json_object *permitted(const struct choices *c)
{
	json_object *obj = json_object_new_object(), *list = json_object_new_array();
	json_object *hosts = json_object_new_object();
	size_t i;

	for (i = 0; i < c->n; i++) {
		char *selector = format("%s", c->list[i].name), *resource, *p;
		json_object *one = json_object_new_object();

		if (!is_first(c, i)) {
			json_object_put(one);
			free(selector);
			continue;
		}
		for (p = selector; *p; p++)
			if (*p == ' ')
				*p = '_';
		/* a name in Kubernetes may hold less */
		resource = format("nvidia.com/%s", selector);
		for (p = resource + strlen("nvidia.com/"); *p; p++)
			if (!isalnum((unsigned char)*p) && !strchr("-_.", *p))
				*p = '_';
		json_add_string(one, "mdevNameSelector", selector);
		json_add_string(one, "resourceName", resource);
		json_object_array_add(list, one);
		free(resource);
		free(selector);
	}
	json_object_object_add(hosts, "mediatedDevices", list);
	json_object_object_add(obj, "permittedHostDevices", hosts);
	return obj;
}

/* A string of JSON is one of YAML. */
static void print_yaml(json_object *obj, FILE *f)
{
	json_object *hosts = json_object_object_get(obj, "permittedHostDevices");
	json_object *list = json_object_object_get(hosts, "mediatedDevices");
	size_t i;

	fputs("permittedHostDevices:\n  mediatedDevices:\n", f);
	for (i = 0; i < json_object_array_length(list); i++) {
		const char *dash = "-";

		json_object_object_foreach(json_object_array_get_idx(list, i), key, value) {
			fprintf(f, "  %s %s: %s\n", dash, key,
				json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE));
			dash = " ";
		}
	}
}

/* ---- commands ------------------------------------------------------------------ */

static int start(const struct command *cmd, int argc, char **argv, const char **file, bool *classes,
		 struct common_options *common, struct choices *c, int (*without)(struct choices *))
{
	const struct option_def defs[] = {
		{ "file", 'f', "FILE", "where to, instead of standard output", NULL, file },
		{ "class", 'c', NULL, "a resource class for each type, as with several types", classes,
		  NULL },
	};
	struct openvgpu_error err;
	int status, first;

	*c = (struct choices){ 0 };
	first = parse_options(cmd, argc, argv, defs, classes ? 2 : 1, common, &status);
	if (first < 0)
		return status ? status : -1;
	if (openvgpu_host_read(&c->host, common->sysfs, &err))
		return fail("%s", err.text);
	if (load_types(&c->types, NULL, &err))
		remark("%s", err.text);
	if (first == argc)
		status = without(c);
	for (; first < argc && status == VGPUCTL_OK; first++)
		status = choose_argument(c, argv[first]);
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_type);
	return status;
}

static int end(struct choices *c, int status, char *text, const char *file)
{
	if (text && status == VGPUCTL_OK)
		status = export_text(text, file);
	free(text);
	free(c->list);
	openvgpu_types_free(&c->types);
	openvgpu_host_free(&c->host);
	return status < 0 ? VGPUCTL_OK : status;
}

int cmd_export_nova(const struct command *cmd, int argc, char **argv)
{
	const char *file = NULL;
	struct common_options common;
	bool classes = false;
	struct choices c;
	char *text = NULL;
	size_t len, i;
	FILE *f;
	int status = start(cmd, argc, argv, &file, &classes, &common, &c, choose_used);

	if (status == VGPUCTL_OK)
		status = check_nova(&c);
	f = status == VGPUCTL_OK ? open_memstream(&text, &len) : NULL;
	if (f) {
		/* VGPU, Nova's own class, does not tell one type from another */
		for (i = 0; i < c.n; i++)
			classes |= i && is_first(&c, i);
		(common.json ? print_nova_json : print_nova)(&c, classes, f);
		fclose(f);
	}
	return end(&c, status, text, file);
}

int cmd_export_kubevirt(const struct command *cmd, int argc, char **argv)
{
	const char *file = NULL;
	struct common_options common;
	struct choices c;
	char *text = NULL;
	size_t len;
	FILE *f;
	int status = start(cmd, argc, argv, &file, NULL, &common, &c, choose_all);

	f = status == VGPUCTL_OK ? open_memstream(&text, &len) : NULL;
	if (f) {
		json_object *obj = permitted(&c);

		if (common.json)
			fprintf(f, "%s\n", json_object_to_json_string_ext(obj,
				JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
				JSON_C_TO_STRING_NOSLASHESCAPE));
		else
			print_yaml(obj, f);
		json_object_put(obj);
		fclose(f);
	}
	return end(&c, status, text, file);
}
