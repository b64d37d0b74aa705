// SPDX-License-Identifier: LGPL-2.1-or-later
/* The table of boards and types: loading, looking up, filling its gaps. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static int read_source(struct openvgpu_types *t, const char *path,
		       struct openvgpu_problems *problems, struct openvgpu_error *err)
{
	const size_t boards = t->n_boards, types = t->n_types;
	char *text;
	size_t len, i;
	int ret;

	ret = ovg_read_file(path, &text, &len, err);
	if (ret)
		return ret;
	i = strspn(text, " \t\r\n");
	if (text[i] == '<')
		ret = ovg_read_xml(t, text, len, path, problems, err);
	else
		ret = ovg_read_csv(t, text, len, path, problems, err);
	free(text);
	if (ret) {
		t->n_boards = boards;
		t->n_types = types;
	}
	return ret;
}

int openvgpu_types_load(struct openvgpu_types *t, const char *path, struct openvgpu_error *err)
{
	int ret;

	memset(t, 0, sizeof(*t));
	ret = read_source(t, path, NULL, err);
	if (ret)
		openvgpu_types_free(t);
	return ret;
}

int openvgpu_types_add(struct openvgpu_types *t, const char *path, struct openvgpu_error *err)
{
	return read_source(t, path, NULL, err);
}

/* Types that work with some firmware only. */
static int warn_of_own(const struct openvgpu_types *t, size_t from, const char *path,
		       struct openvgpu_problems *p)
{
	size_t i;
	int ret = 0;

	for (i = from; i < t->n_types && !ret; i++)
		if (t->types[i].own)
			ret = ovg_problem(p, true,
					  "%s: type %u (%s) carries no signature of NVIDIA: "
					  "firmware that insists on one refuses it", path,
					  t->types[i].id, t->types[i].name);
	return ret;
}

int openvgpu_types_check(struct openvgpu_types *t, const char *path, struct openvgpu_problems *p,
			 struct openvgpu_error *err)
{
	const size_t before = t->n_types;
	int ret;

	ret = read_source(t, path, p, err);
	if (!ret && warn_of_own(t, before, path, p))
		ret = ovg_error(err, -ENOMEM, "%s: out of memory", path);
	return ret;
}

void openvgpu_types_free(struct openvgpu_types *t)
{
	free(t->boards);
	free(t->types);
	memset(t, 0, sizeof(*t));
}

const struct openvgpu_type *openvgpu_type_by_id(const struct openvgpu_types *t, uint32_t id)
{
	size_t i;

	for (i = 0; i < t->n_types; i++)
		if (t->types[i].id == id)
			return &t->types[i];
	return NULL;
}

const struct openvgpu_board *openvgpu_board_by_name(const struct openvgpu_types *t,
						    const char *name)
{
	size_t i;

	for (i = 0; i < t->n_boards; i++)
		if (!strcmp(t->boards[i].name, name))
			return &t->boards[i];
	return NULL;
}

/* Behind the last blank, as vgpu-device-manager cuts names. */
static const char *last_word(const char *name)
{
	const char *blank = strrchr(name, ' ');

	return blank ? blank + 1 : name;
}

static bool type_matches(const struct openvgpu_type *type, const char *text, uint32_t id)
{
	return type->id == id || !strcmp(type->name, text) ||
	       !strcmp(last_word(type->name), text);
}

int openvgpu_type_find(const struct openvgpu_types *t, const char *text, uint16_t device,
		       const struct openvgpu_type **out, struct openvgpu_error *err)
{
	const struct openvgpu_type *found = NULL;
	const char *digits = text;
	uint32_t id = 0;
	size_t i;

	if (!strncmp(text, "nvidia-", 7))
		digits += 7;
	if (*digits && !digits[strspn(digits, "0123456789")] && strlen(digits) <= 9)
		id = (uint32_t)strtoul(digits, NULL, 10);

	for (i = 0; i < t->n_types; i++) {
		const struct openvgpu_type *type = &t->types[i];

		if (device && t->boards[type->board].device != device)
			continue;
		if (!type_matches(type, text, id))
			continue;
		if (found)
			return ovg_error(err, -ENOTUNIQ,
					 "'%s' may be %s (%u) or %s (%u): give the number", text,
					 found->name, found->id, type->name, type->id);
		found = type;
	}
	if (!found && device)
		return ovg_error(err, -ENOENT, "no vGPU type '%s' on boards 10de:%04x", text,
				 device);
	if (!found)
		return ovg_error(err, -ENOENT, "no vGPU type '%s'", text);
	*out = found;
	return 0;
}

/* As on L40S, where all of them are known. */
static uint64_t heap_rule(uint64_t profile)
{
	static const struct {
		uint64_t upto;
		uint64_t heap;
	} steps[] = {
		{ 4 * OPENVGPU_GIB, 32 * OPENVGPU_MIB },
		{ 8 * OPENVGPU_GIB, 64 * OPENVGPU_MIB },
		{ 16 * OPENVGPU_GIB, 128 * OPENVGPU_MIB },
		{ 40 * OPENVGPU_GIB, 256 * OPENVGPU_MIB },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(steps); i++)
		if (profile <= steps[i].upto)
			return steps[i].heap;
	return 512 * OPENVGPU_MIB;
}

bool ovg_memory(const char *arch, const struct openvgpu_type *type, struct openvgpu_memory *out)
{
	const uint64_t step = 32 * OPENVGPU_MIB;
	/*
	 * Blackwell's firmware takes the length as it is, so that it must be a
	 * whole number of VMMU segments. 256 MiB is the largest of them.
	 */
	const uint64_t align = strcmp(arch, "Blackwell") ? 1 : 256 * OPENVGPU_MIB;

	*out = (struct openvgpu_memory){
		.fb = type->fb,
		.reservation = type->fb_reservation,
		.heap = type->gsp_heap,
	};
	if (out->heap == OPENVGPU_UNKNOWN) {
		out->heap = heap_rule(type->profile);
		out->derived |= OPENVGPU_DERIVED_HEAP;
	}
	if (out->reservation == OPENVGPU_UNKNOWN) {
		out->reservation = (type->profile / 16 + step - 1) / step * step;
		out->derived |= OPENVGPU_DERIVED_RESERVATION;
	}
	if (out->fb == OPENVGPU_UNKNOWN) {
		if (out->reservation + out->heap >= type->profile)
			return false;
		out->fb = (type->profile - out->reservation - out->heap) / align * align;
		out->derived |= OPENVGPU_DERIVED_FB;
	}
	return out->fb != 0;
}

/* A type of the same board and size whose memory the source knows, NULL if none. */
static const struct openvgpu_type *known_sibling(const struct openvgpu_types *t,
						 const struct openvgpu_type *type)
{
	size_t i;

	for (i = 0; i < t->n_types; i++) {
		const struct openvgpu_type *s = &t->types[i];

		if (s->board == type->board && s->profile == type->profile && !s->mig &&
		    s->fb != OPENVGPU_UNKNOWN && s->fb_reservation != OPENVGPU_UNKNOWN)
			return s;
	}
	return NULL;
}

void openvgpu_type_memory(const struct openvgpu_types *t, const struct openvgpu_type *type,
			  struct openvgpu_memory *out)
{
	const struct openvgpu_type *sibling = NULL;
	struct openvgpu_type filled = *type;
	unsigned int derived = 0;

	/*
	 * Where series differ in what is known, they do not differ in memory. And
	 * they may not: vGPUs of one size share a grid of places on the board.
	 */
	if (!type->mig && type->fb == OPENVGPU_UNKNOWN &&
	    type->fb_reservation == OPENVGPU_UNKNOWN && type->gsp_heap == OPENVGPU_UNKNOWN)
		sibling = known_sibling(t, type);
	if (sibling) {
		filled.fb = sibling->fb;
		filled.fb_reservation = sibling->fb_reservation;
		filled.gsp_heap = sibling->gsp_heap;
		derived = OPENVGPU_DERIVED_FB | OPENVGPU_DERIVED_RESERVATION |
			  OPENVGPU_DERIVED_HEAP;
	}
	/* cannot fail: ovg_row_add() refuses types for which it would */
	ovg_memory(t->boards[type->board].arch, &filled, out);
	out->derived |= derived;
}
