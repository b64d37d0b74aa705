// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reader of the firmware catalogue. What is refused is the driver's business: its parser is
 * compiled in, and this file only asks it about every board and looks up the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "driver/gsp/abi.h"
#include "driver/gsp/catalog.h"
#include "record.h"

#define HEADER_SIZE	232u
#define IDENT		"NVVGPUMT"
#define BUILD_AT	160
#define BUILD_SIZE	64
#define BLOB_SIZE	72u
#define STRUCT_SIZE	96u
#define RECORDS_AT	8u

static const struct ovg_range h_crc = { 8, 4 };
static const struct ovg_range h_blobs = { 224, 8 };
static const struct ovg_range b_type = { 0, 8 };
static const struct ovg_range b_size = { 8, 8 };
static const struct ovg_range b_device = { 16, 8 };

/* No PCI device id, so that the parser judges only what surrounds the blobs. */
#define NO_DEVICE	0xffffffffu

/* The build that the file names, "" if there is no such text. */
static const char *build_of(const uint8_t *data, size_t size)
{
	if (size < HEADER_SIZE || !memchr(data + BUILD_AT, 0, BUILD_SIZE))
		return "";
	return (const char *)data + BUILD_AT;
}

/**
 * struct blobs - walk over a file whose outer structure was found to be good
 * @data: the file
 * @at: next blob
 * @left: blobs from there
 */
struct blobs {
	const uint8_t *data;
	size_t at;
	uint64_t left;
};

static struct blobs first_blob(const uint8_t *data)
{
	return (struct blobs){ data, HEADER_SIZE, ovg_get(data, h_blobs) };
}

/* The next one with vGPU types; false behind the last. */
static bool next_blob(struct blobs *b, const uint8_t **blob, uint64_t *device)
{
	while (b->left) {
		const uint8_t *this = b->data + b->at;

		b->left--;
		b->at += ovg_get(this, b_size);
		if (ovg_get(this, b_type))
			continue;
		*blob = this;
		*device = ovg_get(this, b_device);
		return true;
	}
	return false;
}

/* Header, CRC and the chain of blobs. */
static int check_outside(const uint8_t *data, size_t size, const struct gsp_abi **abi,
			 struct ovg_catalog *cat, char *why, size_t room)
{
	const char *build = build_of(data, size);
	int ret;

	*abi = gsp_abi_find(build);
	ret = ovg_catalog_parse(data, size, *abi ? *abi : &gsp_abi_r570, build, NO_DEVICE, cat, why,
				room);
	if (ret && ret != -ENOENT)
		return ret;
	if (!*abi || !ovg_branch_of(build)) {
		snprintf(why, room, "made for firmware %s, which this program does not know",
			 build);
		return -EINVAL;
	}
	return 0;
}

/* A device that is there twice is refused wherever it is met. */
static bool seen_before(const uint8_t *data, const uint8_t *until, uint64_t device)
{
	struct blobs blobs = first_blob(data);
	const uint8_t *blob;
	uint64_t other;

	while (next_blob(&blobs, &blob, &other) && blob != until)
		if (other == device)
			return true;
	return false;
}

/*
 * What the driver would say on a GPU of that device. It gets a file with this blob alone: the
 * parser goes through all of a file each time, and there are 20 devices in it.
 */
static int check_device(const uint8_t *data, const uint8_t *blob, const struct gsp_abi *abi,
			uint64_t device, struct ovg_catalog *cat, char *why, size_t room)
{
	const size_t size = HEADER_SIZE + (size_t)ovg_get(blob, b_size);
	uint8_t *alone;
	int ret;

	if (device > 0xffff) {
		snprintf(why, room, "0x%llx is not a PCI device id", (unsigned long long)device);
		return -EINVAL;
	}
	if (seen_before(data, blob, device)) {
		snprintf(why, room, "device %04x is there twice", (unsigned int)device);
		return -EINVAL;
	}
	alone = malloc(size);
	if (!alone)
		return -ENOMEM;
	memcpy(alone, data, HEADER_SIZE);
	memcpy(alone + HEADER_SIZE, blob, size - HEADER_SIZE);
	ovg_put(alone, h_blobs, 1);
	ovg_put(alone, h_crc, ovg_catalog_crc(alone, size));
	ret = ovg_catalog_parse(alone, size, abi, build_of(data, HEADER_SIZE), (uint32_t)device,
				cat, why, room);
	free(alone);
	return ret;
}

/* The records of a blob that was found to be good. */
static int add_records(struct openvgpu_catalog_file *f, const uint8_t *blob, uint16_t device,
		       const struct ovg_catalog *cat)
{
	const struct ovg_branch *b = ovg_branch_of(f->build);
	uint32_t i;

	for (i = 0; i < cat->count; i++) {
		struct openvgpu_record *r = ovg_append(&f->records, f->n_records, sizeof(*r));

		if (!r)
			return -ENOMEM;
		r->device = device;
		r->id = cat->types[i].id;
		memcpy(r->name, cat->types[i].name, sizeof(r->name));
		r->name[sizeof(r->name) - 1] = '\0';
		r->data = blob + BLOB_SIZE + cat->count * STRUCT_SIZE + RECORDS_AT +
			  i * b->record_size;
		f->n_records++;
	}
	f->n_devices++;
	return 0;
}

static int take(struct openvgpu_catalog_file *f, const char *name, struct ovg_catalog *cat,
		struct openvgpu_error *err)
{
	const struct gsp_abi *abi;
	const uint8_t *blob;
	struct blobs blobs;
	uint64_t device;
	char why[256];
	int ret;

	ret = check_outside(f->data, f->size, &abi, cat, why, sizeof(why));
	if (ret)
		return ovg_error(err, ret, "%s: %s", name, why);
	snprintf(f->build, sizeof(f->build), "%s", build_of(f->data, f->size));
	f->crc = (uint32_t)ovg_get(f->data, h_crc);
	blobs = first_blob(f->data);
	while (next_blob(&blobs, &blob, &device)) {
		ret = check_device(f->data, blob, abi, device, cat, why, sizeof(why));
		if (ret == -ENOMEM)
			return ovg_error(err, ret, "%s: out of memory", name);
		if (ret)
			return ovg_error(err, ret, "%s: device %04llx: %s", name,
					 (unsigned long long)device, why);
		if (add_records(f, blob, (uint16_t)device, cat))
			return ovg_error(err, -ENOMEM, "%s: out of memory", name);
		f->major = cat->major;
		f->minor = cat->minor;
	}
	return 0;
}

int openvgpu_catalog_take(struct openvgpu_catalog_file *f, uint8_t *data, size_t size,
			  const char *name, struct openvgpu_error *err)
{
	struct ovg_catalog *cat = calloc(1, sizeof(*cat));
	int ret;

	*f = (struct openvgpu_catalog_file){ .data = data, .size = size };
	ret = cat ? take(f, name, cat, err) : ovg_error(err, -ENOMEM, "%s: out of memory", name);
	free(cat);
	if (ret)
		openvgpu_catalog_close(f);
	return ret;
}

int openvgpu_catalog_open(struct openvgpu_catalog_file *f, const char *path,
			  struct openvgpu_error *err)
{
	char *data;
	size_t size;
	int ret;

	memset(f, 0, sizeof(*f));
	ret = ovg_read_file(path, &data, &size, err);
	if (ret)
		return ret;
	return openvgpu_catalog_take(f, (uint8_t *)data, size, path, err);
}

void openvgpu_catalog_close(struct openvgpu_catalog_file *f)
{
	free(f->data);
	free(f->records);
	memset(f, 0, sizeof(*f));
}

bool openvgpu_is_catalog(const char *path)
{
	char start[sizeof(IDENT) - 1];
	FILE *f;
	bool yes;

	/* standard input can be read only once */
	if (!strcmp(path, "-"))
		return false;
	f = fopen(path, "re");
	if (!f)
		return false;
	yes = fread(start, 1, sizeof(start), f) == sizeof(start) &&
	      !memcmp(start, IDENT, sizeof(start));
	fclose(f);
	return yes;
}

static bool is_signed(const struct ovg_branch *b, const uint8_t *record)
{
	unsigned int i;

	for (i = 0; i < b->signature.size; i++)
		if (record[b->signature.offset + i])
			return true;
	return false;
}

static int warn_of_own(const uint8_t *data, size_t size, const uint8_t *blob,
		       const struct ovg_catalog *cat, const char *path, struct openvgpu_problems *p)
{
	const struct ovg_branch *b = ovg_branch_of(build_of(data, size));
	uint32_t i;

	for (i = 0; i < cat->count; i++) {
		const struct ovg_type *t = &cat->types[i];
		const uint8_t *record = blob + BLOB_SIZE + cat->count * STRUCT_SIZE + RECORDS_AT +
					i * b->record_size;

		if (t->id >= OPENVGPU_OWN_ID_MIN && !is_signed(b, record) &&
		    ovg_problem(p, true, "%s: type %u (%s) carries no signature of NVIDIA: "
				"firmware that insists on one refuses it", path, t->id, t->name))
			return -ENOMEM;
	}
	return 0;
}

static int check(const uint8_t *data, size_t size, const char *path, struct ovg_catalog *cat,
		 struct openvgpu_problems *p)
{
	const struct gsp_abi *abi;
	const uint8_t *blob;
	struct blobs blobs;
	uint64_t device;
	char why[256];

	if (check_outside(data, size, &abi, cat, why, sizeof(why)))
		return ovg_problem(p, false, "%s: %s", path, why);
	blobs = first_blob(data);
	while (next_blob(&blobs, &blob, &device)) {
		int ret;

		ret = check_device(data, blob, abi, device, cat, why, sizeof(why));
		if (ret == -ENOMEM)
			return ret;
		if (ret)
			ret = ovg_problem(p, false, "%s: device %04llx: %s", path,
					  (unsigned long long)device, why);
		else
			ret = warn_of_own(data, size, blob, cat, path, p);
		if (ret)
			return ret;
	}
	return 0;
}

int openvgpu_catalog_check(const char *path, struct openvgpu_problems *p,
			   struct openvgpu_error *err)
{
	struct ovg_catalog *cat;
	char *data;
	size_t size;
	int ret;

	ret = ovg_read_file(path, &data, &size, err);
	if (ret)
		return ret;
	cat = calloc(1, sizeof(*cat));
	if (!cat || check((uint8_t *)data, size, path, cat, p))
		ret = ovg_error(err, -ENOMEM, "%s: out of memory", path);
	free(cat);
	free(data);
	return ret;
}

static int check_built(const struct openvgpu_types *t, const char *build,
		       struct openvgpu_problems *p)
{
	struct openvgpu_catalog_file file;
	struct openvgpu_catalog c;
	struct openvgpu_error err;
	size_t i;
	int ret;

	ret = openvgpu_catalog_build(t, build, NULL, &c, &err);
	/* of boards that are newer than this branch nothing can be built */
	if (ret)
		return ret == -ENOMEM ? ret : 0;
	for (i = 0; i < c.n_left_out && !ret; i++)
		if (openvgpu_build_knows(build, c.left_out[i].board))
			ret = ovg_problem(p, true, "firmware %s: %s is left out: %s", build,
					  c.left_out[i].board->name, c.left_out[i].why);
	if (!ret &&
	    openvgpu_catalog_take(&file, c.data, c.size, "the driver would refuse it", &err))
		ret = ovg_problem(p, false, "firmware %s: %s", build, err.text);
	else if (!ret)
		openvgpu_catalog_close(&file);
	else
		free(c.data);
	c.data = NULL;
	openvgpu_catalog_free(&c);
	return ret;
}

int openvgpu_catalog_check_types(const struct openvgpu_types *t, struct openvgpu_problems *p,
				 struct openvgpu_error *err)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; openvgpu_catalog_build_name(i) && !ret; i++)
		ret = check_built(t, openvgpu_catalog_build_name(i), p);
	return ret ? ovg_error(err, ret, "out of memory") : 0;
}

static void get_text(char *out, size_t room, const uint8_t *from, size_t size)
{
	size_t i;

	for (i = 0; i < size && i + 1 < room && from[i]; i++)
		out[i] = from[i] < ' ' || from[i] > '~' ? '?' : (char)from[i];
	out[i] = '\0';
}

static void get_list(struct openvgpu_field *out, const struct ovg_branch *b,
		     const struct ovg_record_field *field, const uint8_t *record)
{
	const struct ovg_range *r = ovg_record_range(b, field->where);
	uint64_t n = ovg_get(record, *ovg_record_range(b, field->count));
	size_t i;

	out->n = min(n, min(r->size / sizeof(uint32_t), ARRAY_SIZE(out->list)));
	for (i = 0; i < out->n; i++)
		out->list[i] = (uint32_t)ovg_get(record, (struct ovg_range){
			(uint16_t)(r->offset + i * sizeof(uint32_t)), sizeof(uint32_t) });
}

bool openvgpu_record_field(const struct openvgpu_catalog_file *f, const struct openvgpu_record *r,
			   unsigned int index, struct openvgpu_field *out)
{
	const struct ovg_branch *b = ovg_branch_of(f->build);
	const struct ovg_record_field *field;
	const struct ovg_range *range = NULL;
	unsigned int i, j;

	for (i = 0; (field = ovg_record_field_at(i)); i++) {
		range = ovg_record_range(b, field->where);
		if (range->size && !index--)
			break;
	}
	if (!field)
		return false;
	*out = (struct openvgpu_field){ .name = field->name, .kind = field->kind };
	switch (field->kind) {
	case OPENVGPU_FIELD_TEXT:
		get_text(out->text, sizeof(out->text), r->data + range->offset, range->size);
		break;
	case OPENVGPU_FIELD_LIST:
		get_list(out, b, field, r->data);
		break;
	case OPENVGPU_FIELD_RAW:
		for (j = 0; j < range->size; j++)
			out->number += r->data[range->offset + j] != 0;
		break;
	default:
		out->number = ovg_get(r->data, *range);
	}
	return true;
}
