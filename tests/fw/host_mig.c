// SPDX-License-Identifier: GPL-2.0-only
/* Modes and GPU instances of the test host: host.h. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

uint32_t host_add_type(struct host *h, uint32_t type, uint32_t gib, uint32_t slices,
		       uint32_t per_gi)
{
	uint8_t *p = calloc(1, h->lay->types.size);
	uint8_t *rec = host_type_record(h, p, 0, type);
	uint32_t status;

	put32(p + 4, 1);
	put64(rec + h->lay->types.profile, (uint64_t)gib << 30);
	put32(rec + h->lay->types.gi_size, slices);
	if (h->lay->types.per_gi)
		put32(rec + h->lay->types.per_gi, per_gi);
	status = host_add_types(h, p);
	free(p);
	return status;
}

uint32_t host_mixed(struct host *h, uint8_t on)
{
	return host_ctrl(h, CMD_MIXED, &on, 1);
}

uint32_t host_timeslice(struct host *h, uint8_t on)
{
	return host_ctrl(h, CMD_MIG_TIMESLICE, &on, 1);
}

uint32_t host_mig(struct host *h, uint32_t mode)
{
	uint8_t p[4];

	put32(p, mode);
	return host_ctrl(h, CMD_MIG_MODE, p, 4);
}

uint32_t host_sched(struct host *h, uint32_t engine, uint32_t policy, uint32_t arr, uint32_t ns)
{
	uint8_t p[24] = { 0 };

	put32(p, engine);
	put32(p + 4, policy);
	put32(p + 8, arr);
	put32(p + 12, ns);
	return host_ctrl(h, CMD_SCHED_SET, p, 24);
}

uint32_t host_gi_smallest(struct host *h, uint32_t *eighths)
{
	*eighths = h->f.gi_slices == 7 ? 1 : 2;
	return h->f.gi_slices == 7 ? GI_1 : GI4_1;
}

static uint32_t set_gis(struct host *h, uint8_t *p)
{
	return host_ctrl(h, CMD_SET_GIS, p, 8 + 8 * h->lay->gi.size);
}

uint32_t host_gi_create(struct host *h, uint32_t flags, uint32_t start, uint32_t eighths,
			uint32_t *id)
{
	uint32_t units = h->f.gi_slices == 7 ? 8 : 4, status;
	uint8_t p[8 + 8 * 48] = { 0 }, *e = p + 8;

	put32(p, 1);
	put32(e + h->lay->gi.flags, flags | (start == GI_ANYWHERE ? 0 : GI_SPAN));
	e[h->lay->gi.valid] = 1;
	if (start != GI_ANYWHERE) {
		put64(e + h->lay->gi.lo, start * units / 8);
		put64(e + h->lay->gi.lo + 8, (start + eighths) * units / 8 - 1);
	}
	status = set_gis(h, p);
	*id = get32(e);
	return status;
}

uint32_t host_gi_destroy(struct host *h, uint32_t id)
{
	uint8_t p[8 + 8 * 48] = { 0 };

	put32(p, 1);
	put32(p + 8, id);
	return set_gis(h, p);
}

/* By NVIDIA's formulas: one segment between neighbours, up to Ampere. */
void host_gi_memory(struct host *h, uint32_t id, uint64_t *base, uint64_t *size)
{
	uint64_t seg = h->f.segment, total = h->f.usable / seg, start;
	uint32_t parts = id == 0 ? 1 : id < 3 ? 2 : id < 7 ? 4 : 8;
	uint32_t index = id - (parts - 1);

	if (h->f.memory_by_firmware) {
		uint8_t p[240] = { 0 };

		cr_assert_eq(host_ctrl(h, CMD_GI_RANGES, p, 240), 0u);
		*base = get64(p + 16 * id) * seg;
		*size = (get64(p + 16 * id + 8) + 1) * seg - *base;
		return;
	}
	total = h->f.usable % seg ? total : total - 1;
	start = h->f.usable / 8 * (8 / parts) * index;
	if (start)
		start = start % seg ? start / seg * seg + seg : start + seg;
	*base = start;
	*size = (total - (parts - 1)) / parts * seg;
}

uint32_t host_promote(struct host *h, uint32_t id, uint64_t lo, uint64_t hi)
{
	uint8_t p[24] = { 0 };

	put32(p, id);
	put64(p + 8, lo);
	put64(p + 16, hi);
	return host_ctrl(h, CMD_PROMOTE, p, 24);
}

uint32_t host_gi(struct host *h, uint32_t flags, uint32_t start, uint32_t eighths)
{
	uint64_t base, size;
	uint32_t id;

	cr_assert_eq(host_gi_create(h, flags, start, eighths, &id), 0u, "flags %#x at %u", flags,
		     start);
	host_gi_memory(h, id, &base, &size);
	cr_assert_eq(host_promote(h, id, base, base + size - 1), 0u);
	return id;
}

void host_put_in(struct host *h, uint32_t gfid, uint32_t type, uint32_t id, uint32_t slot)
{
	uint64_t base = 0, size;

	if (id != 0xffffffff)
		host_gi_memory(h, id, &base, &size);
	h->at[gfid] = (struct host_at){
		.set = true, .type = type, .swizz = id, .place = 0xffff, .base = base,
		.slot = slot,
	};
}
