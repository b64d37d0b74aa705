// SPDX-License-Identifier: LGPL-2.1-or-later
/* Boards of the source as the driver's placement knows them. */
#include <stdlib.h>
#include <string.h>

#include "pool.h"

/* Most vGPUs of a GPU, without MIG and with it: by branch. */
#define LIMIT		32
static const u32 mig_limits[] = { [OVG_RULES_535] = 7, [OVG_RULES_570] = 7, [OVG_RULES_595] = 48 };

/* Channel ids of all boards that anybody has published a number of. */
#define CHANNELS	2048
#define EIGHTHS		8u

static enum ovg_generation generation_of(const char *arch)
{
	if (!strcmp(arch, "Blackwell"))
		return OVG_GEN_BLACKWELL;
	if (!strcmp(arch, "Ada") || !strcmp(arch, "Hopper"))
		return OVG_GEN_ADA;
	return OVG_GEN_AMPERE;
}

/* Not published; what the simulated GPU has (docs/hardware.md). */
static uint64_t segment_of(enum ovg_generation generation)
{
	if (generation == OVG_GEN_BLACKWELL)
		return 256 * OPENVGPU_MIB;
	return (generation == OVG_GEN_ADA ? 128 : 64) * OPENVGPU_MIB;
}

/* "46068? (ECC on)": the number in front, 0 if there is none. */
static uint64_t reported(const struct openvgpu_board *b)
{
	return strtoull(b->fb_reported, NULL, 10) * OPENVGPU_MIB;
}

/* What the board reports, else a board of the same kind and size, else its data sheet. */
static uint64_t framebuffer_of(const struct openvgpu_types *t, const struct openvgpu_board *b)
{
	uint64_t bytes = reported(b);
	size_t i;

	for (i = 0; i < t->n_boards && !bytes; i++)
		if (t->boards[i].fb_nominal == b->fb_nominal &&
		    !strcmp(t->boards[i].arch, b->arch))
			bytes = reported(&t->boards[i]);
	return bytes ? bytes : b->fb_nominal;
}

/*
 * Share of the memory in eighths. A double one of one slice is told by the size of its types:
 * more than one and a half eighths of the largest type of the board.
 */
static u8 memory_of(const struct openvgpu_type *type, u32 board_slices, uint64_t largest)
{
	if (type->gi_slices == board_slices)
		return 8;
	if (board_slices == 4)
		return type->gi_slices == 2 ? 4 : 2;
	if (type->gi_slices >= 3)
		return 4;
	if (type->gi_slices == 2)
		return 2;
	return type->profile * 16 > largest * 3 ? 2 : 1;
}

static void fill_type(const struct ovg_model *m, const struct openvgpu_type *from, u32 slices,
		      uint64_t largest, struct ovg_type *to)
{
	struct openvgpu_memory memory;

	openvgpu_type_memory(m->t, from, &memory);
	*to = (struct ovg_type){
		.id = from->id,
		.heads = from->heads,
		.max_x = from->max_x,
		.max_y = from->max_y,
		.frl = from->frl,
		.max_instance = from->max_equal,
		.ecc = from->ecc,
		.profile_bytes = from->profile,
		.fb_bytes = memory.fb,
		.fb_reservation = memory.reservation,
		.heap_bytes = memory.heap,
		.bar1_mib = OVG_BAR1_MIB,
		.guest_device = from->guest_device,
		.guest_subsystem = from->guest_subsystem,
	};
	memcpy(to->name, from->name, min(sizeof(to->name), sizeof(from->name)));
	if (!from->mig)
		return;
	to->gi.slices = (u8)from->gi_slices;
	to->gi.memory = memory_of(from, slices, largest);
	to->gi.attr = (u8)((!strcmp(from->gi_attr, "ME") ? OVG_GI_MEDIA : 0) |
			   (m->cfg.generation == OVG_GEN_BLACKWELL ? OVG_GI_GFX : 0));
	to->max_per_gi = m->branch->max_instance_per_gi.size ? ovg_per_gi(m->board, from) : 1;
}

int ovg_model_init(struct ovg_model *m, const struct openvgpu_types *t,
		   const struct openvgpu_board *board, const struct ovg_branch *branch,
		   uint64_t framebuffer, struct openvgpu_error *err)
{
	uint64_t largest = 0;
	u32 slices = 0;
	size_t i;

	*m = (struct ovg_model){ .t = t, .board = board, .branch = branch };
	m->types = calloc(t->n_types + 1, sizeof(*m->types));
	m->from = calloc(t->n_types + 1, sizeof(*m->from));
	if (!m->types || !m->from) {
		ovg_model_free(m);
		return ovg_error(err, -ENOMEM, "out of memory");
	}
	for (i = 0; i < t->n_types; i++) {
		if (t->boards[t->types[i].board].device != board->device)
			continue;
		m->from[m->n++] = &t->types[i];
		slices = max(slices, t->types[i].gi_slices);
		largest = max(largest, t->types[i].profile);
	}
	m->cfg = (struct ovg_pool_config){
		.generation = generation_of(board->arch),
		.rules = branch->rules,
		.limit = LIMIT,
		.mig_limit = slices ? mig_limits[branch->rules] : 0,
		.gi_slices = slices,
		.fb_total = framebuffer ? framebuffer : framebuffer_of(t, board),
		.channels = CHANNELS,
	};
	m->cfg.segment = segment_of(m->cfg.generation);
	for (i = 0; i < m->n; i++)
		fill_type(m, m->from[i], slices, largest, &m->types[i]);
	m->cfg.region = ovg_pool_region(m->types, (u32)m->n);
	m->cfg.heap_unit = ovg_pool_heap_unit(m->types, (u32)m->n);
	return 0;
}

void ovg_model_free(struct ovg_model *m)
{
	free(m->types);
	free(m->from);
	memset(m, 0, sizeof(*m));
}

const struct ovg_type *ovg_model_type(const struct ovg_model *m, uint32_t id)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (m->types[i].id == id)
			return &m->types[i];
	return NULL;
}

void ovg_gi_name(const struct ovg_model *m, const struct ovg_gi_profile *p,
		 char name[OVG_GI_NAME_MAX])
{
	uint64_t largest = 0;
	size_t i;

	for (i = 0; i < m->n; i++)
		if (ovg_gi_profile_equal(&m->types[i].gi, p))
			largest = max(largest, m->types[i].profile_bytes);
	snprintf(name, OVG_GI_NAME_MAX, "%ug.%lugb%s%s", p->slices,
		 (unsigned long)(largest / OPENVGPU_GIB), p->attr & OVG_GI_MEDIA ? "+me" : "",
		 p->attr & OVG_GI_GFX ? "+gfx" : "");
}

bool ovg_gi_by_name(const struct ovg_model *m, const char *name, struct ovg_gi_profile *p)
{
	char other[OVG_GI_NAME_MAX];
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (!m->types[i].gi.slices)
			continue;
		ovg_gi_name(m, &m->types[i].gi, other);
		if (!strcmp(name, other)) {
			*p = m->types[i].gi;
			return true;
		}
	}
	return false;
}

static int larger_first(const void *x, const void *y)
{
	const struct ovg_gi_profile *a = x, *b = y;

	if (a->slices != b->slices)
		return b->slices - a->slices;
	if (a->memory != b->memory)
		return b->memory - a->memory;
	return a->attr - b->attr;
}

size_t ovg_gi_profiles(const struct ovg_model *m, struct ovg_gi_profile *list, size_t room)
{
	size_t n = 0, i, k;

	for (i = 0; i < m->n; i++) {
		if (!m->types[i].gi.slices)
			continue;
		for (k = 0; k < n; k++)
			if (ovg_gi_profile_equal(&list[k], &m->types[i].gi))
				break;
		if (k == n && n < room)
			list[n++] = m->types[i].gi;
	}
	if (n)
		qsort(list, n, sizeof(*list), larger_first);
	return n;
}

/* Numbers: the whole board 0, halves 1 and 2, quarters from 3, eighths from 7. */
struct ovg_gi ovg_gi_made(const struct ovg_model *m, const struct ovg_gi_profile *p,
			  uint32_t start)
{
	const uint64_t unit = m->cfg.segment * EIGHTHS;
	const uint64_t eighth = m->cfg.fb_total / unit * m->cfg.segment;
	struct ovg_gi gi = { .used = true, .profile = *p, .start = start };

	switch (p->memory) {
	case 8:
		gi.id = 0;
		break;
	case 4:
		gi.id = 1 + start / 4;
		break;
	case 2:
		gi.id = 3 + start / 2;
		break;
	default:
		gi.id = 7 + start;
	}
	gi.fb_base = m->cfg.fb_base + start * eighth;
	gi.fb_size = p->memory == 8 ? m->cfg.fb_total : p->memory * eighth;
	return gi;
}

static bool one_gi(const struct ovg_model *m, struct ovg_pool *pool, const struct ovg_type *type,
		   u32 *id)
{
	struct ovg_gi gi;
	u32 start;

	if (ovg_pool_set_mig(pool, true) || ovg_pool_gi_fit(pool, &type->gi, &start))
		return false;
	gi = ovg_gi_made(m, &type->gi, start);
	*id = gi.id;
	return !ovg_pool_gi_add(pool, &gi);
}

/* Of an empty board; @size is taken from the first place, if there is none yet. */
static u32 ids_of(const struct ovg_model *m, const struct ovg_type *type, enum ovg_mode mode,
		  u16 ids[OVG_MAX_PLACEMENTS], u32 *size)
{
	struct ovg_pool *pool = calloc(1, sizeof(*pool));
	u32 gi = OVG_GI_NONE, n = 0;
	struct ovg_place place;

	if (!pool || ovg_pool_init(pool, &m->cfg))
		goto out;
	/* a GPU instance knows no modes: its ids are the same in both */
	if (type->gi.slices ? !one_gi(m, pool, type, &gi) :
			      ovg_pool_set_mode(pool, mode) != 0)
		goto out;
	n = ovg_pool_ids(pool, type, gi, false, ids);
	if (n && !*size && !ovg_pool_fit(pool, type, NULL, &place))
		*size = place.id_size;
out:
	free(pool);
	return n;
}

void ovg_model_placements(const struct ovg_model *m, const struct ovg_type *type,
			  struct ovg_placements *out)
{
	memset(out, 0, sizeof(*out));
	out->n_equal = ids_of(m, type, OVG_MODE_EQUAL, out->equal, &out->size);
	out->n_mixed = ids_of(m, type, OVG_MODE_MIXED, out->mixed, &out->size);
}
