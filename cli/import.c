// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl import: finds what there is to move, and moves it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "import.h"

/* ---- parents ---------------------------------------------------------------- */

/* Calls @each with the two halves of every entry; false if one is not of that form. */
static bool map_entries(const char *map, bool (*each)(const char *from, const char *to, void *ctx),
			void *ctx)
{
	char *copy = format("%s", map ? map : ""), *save = NULL, *p;
	bool ok = true;

	for (p = strtok_r(copy, ",", &save); p && ok; p = strtok_r(NULL, ",", &save)) {
		char from[OPENVGPU_ADDRESS_MAX], to[OPENVGPU_ADDRESS_MAX];
		char *equals = strchr(p, '=');

		if (equals)
			*equals = '\0';
		if (!equals || !openvgpu_pci_address(p, from) || !openvgpu_pci_address(equals + 1, to)) {
			fail("--map: '%s%s%s' is not OLD=NEW with two PCI addresses", p,
			     equals ? "=" : "", equals ? equals + 1 : "");
			ok = false;
		} else {
			ok = each(from, to, ctx);
		}
	}
	free(copy);
	return ok;
}

static bool check_entry(const char *from, const char *to, void *ctx)
{
	const struct importer *im = ctx;
	char *path = format(DEFINITIONS "/%s", from);
	bool there = file_exists(im->root, path);

	free(path);
	if (!openvgpu_gpu_by_address(&im->host, to)) {
		fail("--map: %s is not an NVIDIA GPU of this host", to);
		return false;
	}
	if (!there)
		fail("--map: nothing is defined on %s", from);
	return there;
}

bool check_map(const struct importer *im)
{
	return map_entries(im->map, check_entry, (void *)(uintptr_t)im);
}

struct looked_up {
	const char *from;
	char to[OPENVGPU_ADDRESS_MAX];
};

static bool look_up(const char *from, const char *to, void *ctx)
{
	struct looked_up *l = ctx;

	if (!strcmp(from, l->from))
		snprintf(l->to, sizeof(l->to), "%s", to);
	return true;
}

/* Routing id: bus, slot and function as one number. */
static bool routing_id(const char *address, unsigned int *domain, unsigned int *rid)
{
	unsigned int bus, slot, function;

	if (sscanf(address, "%x:%x:%x.%x", domain, &bus, &slot, &function) != 4)
		return false;
	*rid = bus << 8 | slot << 3 | function;
	return true;
}

static unsigned int sysfs_number(const struct importer *im, const char *address, const char *file)
{
	char *path = format("bus/pci/devices/%s/%s", address, file);
	char *text = file_line(im->sysfs, path);
	unsigned int v = (unsigned int)strtoul(text, NULL, 10);

	free(text);
	free(path);
	return v;
}

/* Where the VFs of a GPU are: the kernel says it, else what is known of the board. */
static bool vf_offset(const struct importer *im, const struct openvgpu_gpu *gpu,
		      unsigned int *offset, unsigned int *stride)
{
	size_t i;

	*offset = sysfs_number(im, gpu->address, "sriov_offset");
	*stride = sysfs_number(im, gpu->address, "sriov_stride");
	if (*offset && *stride)
		return true;
	for (i = 0; i < im->types.n_boards; i++)
		if (im->types.boards[i].device == gpu->device)
			return sscanf(im->types.boards[i].vf_offset_stride, "%u/%u", offset,
				      stride) == 2;
	return false;
}

static const struct openvgpu_gpu *gpu_by_offset(const struct importer *im, const char *parent)
{
	unsigned int domain, rid, gpu_domain, gpu_rid, offset, stride;
	size_t i;

	if (!routing_id(parent, &domain, &rid))
		return NULL;
	for (i = 0; i < im->host.n_gpus; i++) {
		const struct openvgpu_gpu *gpu = &im->host.gpus[i];

		if (!routing_id(gpu->address, &gpu_domain, &gpu_rid) || gpu_domain != domain ||
		    !vf_offset(im, gpu, &offset, &stride) || !stride || rid < gpu_rid + offset)
			continue;
		rid -= gpu_rid + offset;
		if (!(rid % stride) && rid / stride < gpu->total_vfs)
			return gpu;
		rid += gpu_rid + offset;
	}
	return NULL;
}

const struct openvgpu_gpu *gpu_of_parent(const struct importer *im, const char *parent)
{
	struct looked_up l = { .from = parent };
	const struct openvgpu_gpu *gpu;
	char *path, *pf;
	bool there;

	map_entries(im->map, look_up, &l);
	if (*l.to)
		return openvgpu_gpu_by_address(&im->host, l.to);
	gpu = openvgpu_gpu_by_address(&im->host, parent);
	if (gpu)
		return gpu;
	path = format("bus/pci/devices/%s", parent);
	there = file_exists(im->sysfs, path);
	free(path);
	if (!there)
		return gpu_by_offset(im, parent);
	path = format("bus/pci/devices/%s/physfn", parent);
	pf = file_link(im->sysfs, path);
	gpu = *pf ? openvgpu_gpu_by_address(&im->host, pf) : NULL;
	free(path);
	free(pf);
	return gpu;
}

/* ---- types ------------------------------------------------------------------ */

static bool gpu_has(const struct importer *im, const struct openvgpu_gpu *gpu, uint32_t id)
{
	const struct openvgpu_type *t = openvgpu_type_by_id(&im->types, id);

	return openvgpu_offer_by_id(gpu, id) ||
	       (t && im->types.boards[t->board].device == gpu->device);
}

/* By number if the GPU has that, else by the name that the number has on another board. */
static char *type_on(const struct importer *im, const struct openvgpu_gpu *gpu, const char *type)
{
	const struct openvgpu_type *found, *t;
	const char *name = type;
	uint64_t id = 0;

	if (!strncmp(type, "nvidia-", 7) && parse_number(type + 7, UINT32_MAX, &id)) {
		if (gpu_has(im, gpu, (uint32_t)id))
			return format("%s", type);
		t = openvgpu_type_by_id(&im->types, (uint32_t)id);
		if (!t)
			return NULL;
		name = short_name(t->name);
	}
	if (openvgpu_type_find(&im->types, name, gpu->device, &found, NULL))
		return NULL;
	return format("nvidia-%u", found->id);
}

/* ---- plan ------------------------------------------------------------------- */

static struct move *one_more(struct moves *m)
{
	struct move *more = reallocarray(m->list, m->n + 1, sizeof(*more));

	if (!more) {
		fail("out of memory");
		exit(VGPUCTL_FAILED);
	}
	m->list = more;
	memset(&m->list[m->n], 0, sizeof(*more));
	return &m->list[m->n++];
}

static const char *text_of(json_object *def, const char *key)
{
	json_object *value;

	return json_object_object_get_ex(def, key, &value) &&
	       json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

/* Not one bit of what is kept is changed by being read and written. */
static void take_text(struct move *m, json_object *def, char *text, size_t len)
{
	if (!strcmp(m->type, m->new_type)) {
		m->text = text;
		m->len = len;
		return;
	}
	free(text);
	json_object_object_add(def, "mdev_type", json_object_new_string(m->new_type));
	m->text = format("%s\n", json_object_to_json_string_ext(def, JSON_C_TO_STRING_PRETTY |
								JSON_C_TO_STRING_SPACED |
								JSON_C_TO_STRING_NOSLASHESCAPE));
	m->len = strlen(m->text);
}

static json_object *parse(const char *text)
{
	json_object *def = json_tokener_parse(text);

	if (def && !json_object_is_type(def, json_type_object)) {
		json_object_put(def);
		def = NULL;
	}
	return def;
}

/* Another parent that has the UUID: mdevctl knows each only once. */
static char *defined_twice(const struct importer *im, const struct move *m)
{
	struct names parents = names_read(im->root, DEFINITIONS);
	char *other = NULL;
	size_t i;

	for (i = 0; i < parents.n && !other; i++) {
		char *path = format(DEFINITIONS "/%s/%s", parents.list[i], m->uuid);

		if (strcmp(parents.list[i], m->from) && strcmp(parents.list[i], m->to) &&
		    file_exists(im->root, path))
			other = format("%s", parents.list[i]);
		free(path);
	}
	names_free(&parents);
	return other;
}

static char *in_the_way(const struct importer *im, struct move *m)
{
	char *path = format("bus/pci/devices/%s/%s", m->from, m->uuid), *there, *other;
	bool runs = file_exists(im->sysfs, path);
	json_object *a, *b;

	free(path);
	if (runs)
		return format("it is running on %s: stop it first (mdevctl stop -u %s)", m->from,
			      m->uuid);
	other = defined_twice(im, m);
	if (other) {
		char *why = format("%s has the same UUID: undefine one of them", other);

		free(other);
		return why;
	}
	path = format(DEFINITIONS "/%s/%s", m->to, m->uuid);
	there = file_read(im->root, path, NULL);
	free(path);
	if (!there)
		return errno == ENOENT ? NULL :
		       format("cannot read its definition on %s: %s", m->to, strerror(errno));
	a = parse(there);
	b = parse(m->text);
	m->again = a && b && json_object_equal(a, b);
	json_object_put(a);
	json_object_put(b);
	free(there);
	return m->again ? NULL :
	       format("%s has another definition with its UUID: undefine one of them", m->to);
}

static void plan_one(const struct importer *im, const char *parent, const char *uuid,
		     const struct openvgpu_gpu *gpu, struct moves *all)
{
	char *path = format(DEFINITIONS "/%s/%s", parent, uuid);
	size_t len = 0;
	char *text = file_read(im->root, path, &len);
	json_object *def = text && strlen(text) == len ? parse(text) : NULL;
	const char *type = def ? text_of(def, "mdev_type") : NULL;
	const char *start = def ? text_of(def, "start") : NULL;
	int error = errno;
	struct move *m;

	free(path);
	/* of another vendor's device */
	if (!gpu && (!type || strncmp(type, "nvidia-", 7))) {
		json_object_put(def);
		free(text);
		return;
	}
	m = one_more(all);
	snprintf(m->uuid, sizeof(m->uuid), "%s", uuid);
	snprintf(m->from, sizeof(m->from), "%s", parent);
	snprintf(m->to, sizeof(m->to), "%s", gpu ? gpu->address : "");
	m->type = type ? format("%s", type) : NULL;
	m->start = format("%s", start ? start : "manual");
	if (!text)
		m->problem = format("cannot be read: %s", strerror(error));
	else if (!type)
		m->problem = format("not a definition of mdevctl: mend or remove the file");
	else if (!gpu)
		m->problem = format("nobody knows whose VF %s was: say --map %s=GPU", parent, parent);
	else if (!(m->new_type = type_on(im, gpu, type)))
		m->problem = format("%s has no type %s: define it anew ('vgpuctl types %s')",
				    gpu->address, type, gpu->address);
	if (m->problem) {
		free(text);
	} else {
		take_text(m, def, text, len);
		m->problem = in_the_way(im, m);
	}
	json_object_put(def);
}

bool plan_moves(const struct importer *im, struct moves *m)
{
	struct names parents = names_read(im->root, DEFINITIONS), uuids;
	char same[OPENVGPU_ADDRESS_MAX], uuid[OPENVGPU_UUID_MAX];
	size_t i, k;

	if (parents.error && parents.error != ENOENT) {
		fail("/" DEFINITIONS ": %s", strerror(parents.error));
		return false;
	}
	for (i = 0; i < parents.n; i++) {
		const char *parent = parents.list[i];
		const struct openvgpu_gpu *gpu;
		char *path;

		if (!openvgpu_pci_address(parent, same) || strcmp(parent, same))
			continue;
		gpu = gpu_of_parent(im, parent);
		if (gpu && !strcmp(gpu->address, parent))
			continue;
		path = format(DEFINITIONS "/%s", parent);
		uuids = names_read(im->root, path);
		for (k = 0; k < uuids.n; k++)
			if (openvgpu_uuid(uuids.list[k], uuid) && !strcmp(uuid, uuids.list[k]))
				plan_one(im, parent, uuid, gpu, m);
		if (uuids.error)
			fail("/%s: %s", path, strerror(uuids.error));
		names_free(&uuids);
		free(path);
	}
	names_free(&parents);
	return true;
}

void free_moves(struct moves *m)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		free(m->list[i].type);
		free(m->list[i].new_type);
		free(m->list[i].start);
		free(m->list[i].text);
		free(m->list[i].problem);
	}
	free(m->list);
	*m = (struct moves){ 0 };
}

/* ---- apply ------------------------------------------------------------------ */

/* A copy of the old file beside those of earlier imports, none of which is written over. */
static int back_up(const struct importer *im, const struct move *m)
{
	char *old = format(DEFINITIONS "/%s/%s", m->from, m->uuid), *text, *path, *is;
	unsigned int n = 0;
	size_t len;
	int ret;

	text = file_read(im->root, old, &len);
	if (!text) {
		ret = fail("/%s: %s", old, strerror(errno));
		free(old);
		return ret;
	}
	free(old);
	for (;; n++) {
		path = n ? format(BACKUPS "/%s/%s.%u", m->from, m->uuid, n) :
			   format(BACKUPS "/%s/%s", m->from, m->uuid);
		is = file_read(im->root, path, NULL);
		if (!is || !strcmp(is, text))
			break;
		free(is);
		free(path);
	}
	ret = 0;
	if (!is) {
		char *full = format("%s/%s", im->root, path);

		ret = make_parents(full);
		if (!ret)
			ret = file_put(full, text, len, 0644, true);
		if (ret)
			fail("%s: %s", full, strerror(ret));
		free(full);
	}
	free(is);
	free(path);
	free(text);
	return ret ? VGPUCTL_FAILED : VGPUCTL_OK;
}

/*
 * First the copy, then the new file, then the old one goes: whenever this is cut short the
 * definition is in one place at least, and a second run takes up from there.
 */
static int apply_one(const struct importer *im, const struct move *m)
{
	char *new = format("%s/" DEFINITIONS "/%s/%s", im->root, m->to, m->uuid);
	char *old = format("%s/" DEFINITIONS "/%s/%s", im->root, m->from, m->uuid);
	int status = back_up(im, m), ret = 0;

	if (status == VGPUCTL_OK && !m->again) {
		ret = make_parents(new);
		if (!ret)
			ret = file_put(new, m->text, m->len, 0644, true);
		if (ret)
			status = fail("%s: %s", new, strerror(ret));
	}
	if (status == VGPUCTL_OK && unlink(old))
		status = fail("%s: %s", old, strerror(errno));
	free(new);
	free(old);
	return status;
}

/* Directories of VFs in which nothing is left, by a run that was cut short as well. */
static void remove_empty(const struct importer *im)
{
	struct names parents = names_read(im->root, DEFINITIONS);
	char address[OPENVGPU_ADDRESS_MAX];
	size_t i;

	for (i = 0; i < parents.n; i++) {
		const char *parent = parents.list[i];
		const struct openvgpu_gpu *gpu;
		char *dir;

		if (!openvgpu_pci_address(parent, address) || strcmp(parent, address))
			continue;
		gpu = gpu_of_parent(im, parent);
		if (!gpu || !strcmp(gpu->address, parent))
			continue;
		dir = format("%s/" DEFINITIONS "/%s", im->root, parent);
		/* stays if there is more in it */
		rmdir(dir);
		free(dir);
	}
	names_free(&parents);
}

int apply_moves(const struct importer *im, const struct moves *m)
{
	int status = VGPUCTL_OK;
	size_t i;

	for (i = 0; i < m->n && status == VGPUCTL_OK; i++) {
		progress("moving definition %zu of %zu", i + 1, m->n);
		status = apply_one(im, &m->list[i]);
	}
	progress(NULL);
	remove_empty(im);
	return status;
}
