// SPDX-License-Identifier: LGPL-2.1-or-later
/* The settings file: what survives a reboot, as JSON (docs/man/vgpuctl-save.1). */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <json-c/json.h>

#include "sysfs.h"

#define VERSION		1
#define MAX_VFS		256

/* Where in a file something is wrong. */
struct reader {
	const char *path;
	const char *address;
	struct openvgpu_error *err;
};

static int wrong(const struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(const struct reader *r, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->address)
		return ovg_error(r->err, -EINVAL, "%s: %s: %s", r->path, r->address, text);
	return ovg_error(r->err, -EINVAL, "%s: %s", r->path, text);
}

static int get_number(const struct reader *r, const char *key, json_object *v, int64_t max,
		      uint64_t *out)
{
	int64_t n = json_object_get_int64(v);

	if (!json_object_is_type(v, json_type_int) || n < 0 || n > max)
		return wrong(r, "%s is not a number from 0 to %lld", key, (long long)max);
	*out = (uint64_t)n;
	return 0;
}

/* A word that goes to the kernel as it is: it alone knows which words there are. */
static int get_word(const struct reader *r, const char *key, json_object *v, char *out, size_t room)
{
	const char *s = json_object_get_string(v);

	if (!json_object_is_type(v, json_type_string) || !*s || strlen(s) >= room ||
	    s[strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789_.+")])
		return wrong(r, "%s is not a plain word", key);
	strcpy(out, s);
	return 0;
}

static int get_gi(const struct reader *r, struct openvgpu_saved_gpu *g, json_object *obj)
{
	struct openvgpu_saved_gi *gi = ovg_append(&g->gis, g->n_gis, sizeof(*gi));
	json_object *profile = NULL, *start = NULL;
	uint64_t n = 0;
	int ret;

	if (!gi)
		return ovg_error(r->err, -ENOMEM, "out of memory");
	g->n_gis++;
	if (!json_object_is_type(obj, json_type_object) || json_object_object_length(obj) != 2 ||
	    !json_object_object_get_ex(obj, "profile", &profile) ||
	    !json_object_object_get_ex(obj, "start", &start))
		return wrong(r, "a GPU instance is {\"profile\": NAME, \"start\": EIGHTH}");
	ret = get_word(r, "profile", profile, gi->profile, sizeof(gi->profile));
	if (!ret)
		ret = get_number(r, "start", start, 7, &n);
	gi->start = (uint32_t)n;
	return ret;
}

static int get_gis(const struct reader *r, struct openvgpu_saved_gpu *g, json_object *v)
{
	size_t i, n;
	int ret = 0;

	if (!json_object_is_type(v, json_type_array))
		return wrong(r, "gpu_instances is not a list");
	n = json_object_array_length(v);
	for (i = 0; i < n && !ret; i++)
		ret = get_gi(r, g, json_object_array_get_idx(v, i));
	return ret;
}

static int get_device(const struct reader *r, struct openvgpu_saved_gpu *g, json_object *v)
{
	unsigned int device;
	int end = 0;

	if (!json_object_is_type(v, json_type_string) ||
	    sscanf(json_object_get_string(v), "10de:%4x%n", &device, &end) != 1 ||
	    json_object_get_string(v)[end])
		return wrong(r, "device is not 10de:ID");
	g->device = (uint16_t)device;
	return 0;
}

static int get_key(const struct reader *r, struct openvgpu_saved_gpu *g, const char *key,
		   json_object *v)
{
	if (!strcmp(key, "device"))
		return get_device(r, g, v);
	if (!strcmp(key, "vfs"))
		return get_number(r, key, v, MAX_VFS, &g->num_vfs);
	if (!strcmp(key, "placement_mode"))
		return get_word(r, key, v, g->placement_mode, sizeof(g->placement_mode));
	if (!strcmp(key, "scheduler"))
		return get_word(r, key, v, g->scheduler, sizeof(g->scheduler));
	if (!strcmp(key, "timeslice_us"))
		return get_number(r, key, v, UINT32_MAX, &g->timeslice_us);
	if (!strcmp(key, "gpu_instances"))
		return get_gis(r, g, v);
	if (!strcmp(key, "mig")) {
		if (!json_object_is_type(v, json_type_boolean))
			return wrong(r, "mig is not true or false");
		g->mig = json_object_get_boolean(v);
		return 0;
	}
	/* a setting that is misspelt must not look as if it had been made */
	return wrong(r, "there is no setting '%.64s'", key);
}

static struct openvgpu_saved_gpu *add_gpu(struct openvgpu_settings *s, const char *address)
{
	struct openvgpu_saved_gpu *g = ovg_append(&s->gpus, s->n_gpus, sizeof(*g));

	if (!g)
		return NULL;
	s->n_gpus++;
	snprintf(g->address, sizeof(g->address), "%s", address);
	g->num_vfs = OPENVGPU_UNKNOWN;
	g->timeslice_us = OPENVGPU_UNKNOWN;
	g->mig = -1;
	return g;
}

static int get_gpu(struct reader *r, struct openvgpu_settings *s, const char *key,
		   json_object *obj)
{
	char address[OPENVGPU_ADDRESS_MAX];
	struct openvgpu_saved_gpu *g;

	r->address = NULL;
	if (!openvgpu_pci_address(key, address))
		return wrong(r, "'%.64s' is not a PCI address", key);
	if (openvgpu_settings_find(s, address))
		return wrong(r, "%s is there twice", address);
	r->address = key;
	if (!json_object_is_type(obj, json_type_object))
		return wrong(r, "is not an object with settings");
	g = add_gpu(s, address);
	if (!g)
		return ovg_error(r->err, -ENOMEM, "out of memory");
	json_object_object_foreach(obj, name, value) {
		int ret = get_key(r, g, name, value);

		if (ret)
			return ret;
	}
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct openvgpu_saved_gpu *x = a, *y = b;

	return strverscmp(x->address, y->address);
}

static int get_all(struct reader *r, struct openvgpu_settings *s, json_object *top)
{
	json_object *version = NULL, *gpus = NULL;

	if (!json_object_is_type(top, json_type_object) ||
	    !json_object_object_get_ex(top, "version", &version) ||
	    !json_object_object_get_ex(top, "gpus", &gpus) ||
	    !json_object_is_type(gpus, json_type_object))
		return wrong(r, "not a settings file of openvgpu");
	if (json_object_get_int(version) != VERSION)
		return wrong(r, "version %s, only %d is known", json_object_get_string(version),
			     VERSION);
	json_object_object_foreach(gpus, key, value) {
		int ret = get_gpu(r, s, key, value);

		if (ret)
			return ret;
	}
	if (s->n_gpus)
		qsort(s->gpus, s->n_gpus, sizeof(*s->gpus), by_address);
	return 0;
}

int openvgpu_settings_load(struct openvgpu_settings *s, const char *path,
			   struct openvgpu_error *err)
{
	struct reader r = { path, NULL, err };
	struct json_tokener *tok;
	json_object *top;
	char *text;
	size_t len;
	int ret;

	memset(s, 0, sizeof(*s));
	ret = ovg_read_file(path, &text, &len, err);
	if (ret)
		return ret;
	tok = json_tokener_new();
	if (!tok) {
		free(text);
		return ovg_error(err, -ENOMEM, "out of memory");
	}
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	/* with the NUL, so that a number at the end is complete; files are at most 64 MiB */
	top = json_tokener_parse_ex(tok, text, (int)len + 1);
	if (json_tokener_get_error(tok) != json_tokener_success || strlen(text) != len)
		ret = wrong(&r, "not JSON: %s",
			    json_tokener_error_desc(json_tokener_get_error(tok)));
	else
		ret = get_all(&r, s, top);
	json_object_put(top);
	json_tokener_free(tok);
	free(text);
	if (ret)
		openvgpu_settings_free(s);
	return ret;
}

static json_object *gpu_json(const struct openvgpu_saved_gpu *g)
{
	json_object *obj = json_object_new_object(), *list;
	char device[16];
	size_t i;

	if (g->device) {
		snprintf(device, sizeof(device), "10de:%04x", g->device);
		json_object_object_add(obj, "device", json_object_new_string(device));
	}
	if (g->num_vfs != OPENVGPU_UNKNOWN)
		json_object_object_add(obj, "vfs", json_object_new_uint64(g->num_vfs));
	if (*g->placement_mode)
		json_object_object_add(obj, "placement_mode",
				       json_object_new_string(g->placement_mode));
	if (*g->scheduler)
		json_object_object_add(obj, "scheduler", json_object_new_string(g->scheduler));
	if (g->timeslice_us != OPENVGPU_UNKNOWN)
		json_object_object_add(obj, "timeslice_us",
				       json_object_new_uint64(g->timeslice_us));
	if (g->mig >= 0)
		json_object_object_add(obj, "mig", json_object_new_boolean(g->mig));
	if (!g->n_gis)
		return obj;
	list = json_object_new_array();
	for (i = 0; i < g->n_gis; i++) {
		json_object *gi = json_object_new_object();

		json_object_object_add(gi, "profile", json_object_new_string(g->gis[i].profile));
		json_object_object_add(gi, "start", json_object_new_int((int)g->gis[i].start));
		json_object_array_add(list, gi);
	}
	json_object_object_add(obj, "gpu_instances", list);
	return obj;
}

/* The directory, as openvgpu's own one below /etc may not be there yet. */
static void make_parent(const char *path)
{
	char *copy = strdup(path);
	char *slash = copy ? strrchr(copy, '/') : NULL;

	if (slash && slash != copy) {
		*slash = '\0';
		/* if that fails, so does the file, and that is what is told */
		mkdir(copy, 0755);
	}
	free(copy);
}

int openvgpu_settings_write(const struct openvgpu_settings *s, const char *path,
			    struct openvgpu_error *err)
{
	json_object *top = json_object_new_object(), *gpus = json_object_new_object();
	const char *json;
	char *text;
	size_t i;
	int n, ret;

	json_object_object_add(top, "version", json_object_new_int(VERSION));
	for (i = 0; i < s->n_gpus; i++)
		json_object_object_add(gpus, s->gpus[i].address, gpu_json(&s->gpus[i]));
	json_object_object_add(top, "gpus", gpus);
	json = json_object_to_json_string_ext(top, JSON_C_TO_STRING_PRETTY |
					      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	n = json ? asprintf(&text, "%s\n", json) : -1;
	json_object_put(top);
	if (n < 0)
		return ovg_error(err, -ENOMEM, "out of memory");
	make_parent(path);
	ret = ovg_replace_file(path, text, (size_t)n, err);
	free(text);
	return ret;
}

void openvgpu_settings_free(struct openvgpu_settings *s)
{
	size_t i;

	for (i = 0; i < s->n_gpus; i++)
		free(s->gpus[i].gis);
	free(s->gpus);
	memset(s, 0, sizeof(*s));
}

static struct openvgpu_saved_gpu *find(const struct openvgpu_settings *s, const char *address)
{
	size_t i;

	for (i = 0; i < s->n_gpus; i++)
		if (!strcmp(s->gpus[i].address, address))
			return &s->gpus[i];
	return NULL;
}

const struct openvgpu_saved_gpu *openvgpu_settings_find(const struct openvgpu_settings *s,
							const char *address)
{
	return find(s, address);
}

int openvgpu_settings_take(struct openvgpu_settings *s, const struct openvgpu_gpu *gpu,
			   struct openvgpu_error *err)
{
	struct openvgpu_saved_gpu *g = find(s, gpu->address);
	size_t i;

	if (!g)
		g = add_gpu(s, gpu->address);
	if (!g)
		return ovg_error(err, -ENOMEM, "out of memory");
	free(g->gis);
	g->gis = NULL;
	g->n_gis = 0;
	g->device = gpu->device;
	g->num_vfs = gpu->num_vfs;
	snprintf(g->placement_mode, sizeof(g->placement_mode), "%s", gpu->placement_mode);
	snprintf(g->scheduler, sizeof(g->scheduler), "%s", gpu->scheduler);
	g->timeslice_us = gpu->timeslice_us;
	g->mig = gpu->mig;
	for (i = 0; i < gpu->n_gis; i++) {
		struct openvgpu_saved_gi *gi = ovg_append(&g->gis, g->n_gis, sizeof(*gi));

		if (!gi)
			return ovg_error(err, -ENOMEM, "out of memory");
		g->n_gis++;
		strcpy(gi->profile, gpu->gis[i].profile);
		gi->start = gpu->gis[i].start;
	}
	qsort(s->gpus, s->n_gpus, sizeof(*s->gpus), by_address);
	return 0;
}
