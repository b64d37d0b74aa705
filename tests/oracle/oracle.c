// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "oracle.h"

void oracle_start(struct oracle *o, const struct oracle_gpu *gpu)
{
	memset(o, 0, sizeof(*o));
	o->gpu = *gpu;
}

static unsigned vgpus(const struct oracle *o)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ORACLE_VGPUS; i++)
		n += o->vgpu[i].there;
	return n;
}

static unsigned gis(const struct oracle *o)
{
	unsigned n = 0;

	for (unsigned i = 0; i < ORACLE_GIS; i++)
		n += o->gi[i].there;
	return n;
}

static bool can_mix(const struct oracle *o)
{
	return o->gpu.branch == 595 || (o->gpu.branch == 570 && o->gpu.chip != BLACKWELL);
}

bool oracle_set_mixed(struct oracle *o, bool on)
{
	if (on != o->mixed && (vgpus(o) || o->mig || !can_mix(o)))
		return false;
	o->mixed = on;
	return true;
}

bool oracle_set_mig(struct oracle *o, bool on)
{
	if (on != o->mig && (vgpus(o) || gis(o) || o->mixed || !o->gpu.mig_limit))
		return false;
	o->mig = on;
	return true;
}

/* Slices and eighths of memory as they are taken. */
static void gi_bytes(const struct oracle *o, char slice[8], char eighth[8], bool *media)
{
	memset(slice, 0, 8);
	memset(eighth, 0, 8);
	*media = false;
	for (unsigned i = 0; i < ORACLE_GIS; i++) {
		const struct oracle_gi *g = &o->gi[i];

		if (!g->there)
			continue;
		for (unsigned j = 0; j < g->eighths; j++)
			eighth[g->start + j] = 1;
		for (unsigned j = 0; j < g->slices; j++)
			slice[g->start * (o->gpu.slices == 7 ? 2 : 1) / 2 + j] = 1;
		if (g->attr & 1)
			*media = true;
	}
}

int oracle_gi_next(const struct oracle *o, unsigned slices, unsigned eighths, unsigned attr)
{
	char slice[8], eighth[8];
	bool media;

	if (!o->mig)
		return -1;
	gi_bytes(o, slice, eighth, &media);
	if ((attr & 1) && media)
		return -1;
	for (unsigned start = 0; start + eighths <= 8; start += eighths) {
		unsigned first = start * (o->gpu.slices == 7 ? 2 : 1) / 2;
		bool taken = first + slices > o->gpu.slices;

		for (unsigned j = 0; j < eighths; j++)
			taken |= eighth[start + j];
		for (unsigned j = 0; j < slices && !taken; j++)
			taken |= slice[first + j];
		if (!taken)
			return (int)start;
	}
	return -1;
}

unsigned oracle_gi_room(const struct oracle *o, unsigned slices, unsigned eighths, unsigned attr)
{
	struct oracle copy = *o;
	unsigned n = 0, id = 0;
	int start;

	while ((start = oracle_gi_next(&copy, slices, eighths, attr)) >= 0) {
		while (copy.gi[id].there)
			id++;
		copy.gi[id] = (struct oracle_gi){ true, slices, eighths, attr, (unsigned)start, 0, 0 };
		n++;
	}
	return n;
}

void oracle_gi_add(struct oracle *o, unsigned id, const struct oracle_gi *gi)
{
	o->gi[id] = *gi;
	o->gi[id].there = true;
}

bool oracle_gi_del(struct oracle *o, unsigned id)
{
	for (unsigned i = 0; i < ORACLE_VGPUS; i++)
		if (o->vgpu[i].there && o->vgpu[i].p.gi == id)
			return false;
	if (!o->gi[id].there)
		return false;
	o->gi[id].there = false;
	return true;
}

static unsigned half_of_max(unsigned max)
{
	unsigned p = 1;

	while (p * 2 <= max)
		p *= 2;
	return p;
}

static bool denied(const struct oracle *o, const struct oracle_type *t, unsigned id)
{
	static const unsigned ampere[] = { 8, 32 };
	static const unsigned later[] = {
		2, 3, 8, 9, 14, 15, 20, 21, 26, 27, 32, 33, 38, 39, 44, 45
	};
	const unsigned *list = o->gpu.chip == TURING_OR_AMPERE ? ampere : later;
	unsigned n = o->gpu.chip == TURING_OR_AMPERE ? 2 : 16;

	if (t->gib != 1 || o->gpu.region != 48)
		return false;
	for (unsigned i = 0; i < n; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* The recursion of NVIDIA's resource manager: whole, halves, quarters, ... */
static void divide(const struct oracle *o, const struct oracle_type *t, unsigned low,
		   unsigned high, unsigned parts, bool left, unsigned *ids, unsigned *n)
{
	bool at_low = false, at_high = false;
	unsigned p2 = half_of_max(t->max);

	if (parts > 16)
		return;
	if (2 * parts == t->max) {
		at_low = at_high = true;
	} else if ((p2 < t->max && p2 == parts) || (parts == 1 && t->max == 1)) {
		at_low = left;
		at_high = !left;
	}
	if (at_low && !denied(o, t, low))
		ids[(*n)++] = low;
	if (at_high && !denied(o, t, high - t->gib))
		ids[(*n)++] = high - t->gib;
	divide(o, t, low, (low + high) / 2, parts * 2, true, ids, n);
	divide(o, t, (low + high) / 2, high, parts * 2, false, ids, n);
}

static unsigned region_of(const struct oracle *o, const struct oracle_type *t)
{
	return t->slices ? o->gpu.region * t->eighths / 8 : o->gpu.region;
}

static unsigned width(const struct oracle *o, const struct oracle_type *t)
{
	return t->gib == 2 && region_of(o, t) == 96 ? 3 : t->gib;
}

static bool ids_in_use(const struct oracle *o)
{
	if (o->gpu.branch == 535 || (o->gpu.branch == 570 && o->gpu.chip == BLACKWELL))
		return false;
	if (o->mig)
		return o->gpu.chip == BLACKWELL;
	return o->mixed || o->gpu.chip != TURING_OR_AMPERE;
}

static unsigned most(const struct oracle *o, const struct oracle_type *t)
{
	if (!t->slices)
		return t->max;
	return o->gpu.chip == BLACKWELL && o->gpu.branch == 595 ? t->per_gi : 1;
}

unsigned oracle_ids(const struct oracle *o, const struct oracle_type *t, unsigned *ids)
{
	unsigned n = 0;

	if (!ids_in_use(o) || o->mig != (t->slices != 0))
		return 0;
	if (o->gpu.chip == BLACKWELL) {
		for (; n < most(o, t); n++)
			ids[n] = region_of(o, t) * n / most(o, t);
	} else if (o->mixed) {
		divide(o, t, 0, o->gpu.region, 1, true, ids, &n);
	} else {
		for (; n < t->max && (n + 1) * t->gib <= o->gpu.region; n++)
			ids[n] = n * t->gib;
	}
	return n;
}

/* Of the equal-size rule and the counting: how many more in @gi, ids aside. */
static unsigned may_join(const struct oracle *o, const struct oracle_type *t, unsigned gi)
{
	unsigned n = 0, limit = o->mig ? o->gpu.mig_limit : o->gpu.limit, left;

	if (o->mig != (t->slices != 0) || vgpus(o) >= limit)
		return 0;
	if (o->mig && (gi >= ORACLE_GIS || !o->gi[gi].there || o->gi[gi].slices != t->slices ||
		       o->gi[gi].eighths != t->eighths || o->gi[gi].attr != t->attr))
		return 0;
	left = limit - vgpus(o);
	if (o->mixed)
		return left;
	for (unsigned i = 0; i < ORACLE_VGPUS; i++) {
		if (!o->vgpu[i].there || o->vgpu[i].p.gi != gi)
			continue;
		if (o->vgpu[i].gib != t->gib)
			return 0;
		n++;
	}
	if (n >= most(o, t))
		return 0;
	return most(o, t) - n < left ? most(o, t) - n : left;
}

unsigned oracle_creatable(const struct oracle *o, const struct oracle_type *t, unsigned gi,
			  unsigned *ids)
{
	char taken[ORACLE_IDS] = { 0 };
	unsigned all[ORACLE_IDS], n, got = 0;

	if (!may_join(o, t, gi))
		return 0;
	for (unsigned i = 0; i < ORACLE_VGPUS; i++)
		if (o->vgpu[i].there && o->vgpu[i].p.gi == gi && o->vgpu[i].p.id != ORACLE_NO_ID)
			memset(taken + o->vgpu[i].p.id, 1, o->vgpu[i].p.ids);
	n = oracle_ids(o, t, all);
	for (unsigned i = 0; i < n; i++) {
		bool is_free = true;

		for (unsigned j = 0; j < width(o, t); j++)
			if (taken[all[i] + j])
				is_free = false;
		if (is_free)
			ids[got++] = all[i];
	}
	return got;
}

unsigned oracle_available(const struct oracle *o, const struct oracle_type *t)
{
	unsigned ids[ORACLE_IDS], sum = 0, n, limit = o->mig ? o->gpu.mig_limit : o->gpu.limit;

	for (unsigned gi = 0; gi < (o->mig ? ORACLE_GIS : 1); gi++) {
		unsigned where = o->mig ? gi : ORACLE_NO_GI, join = may_join(o, t, where);

		if (ids_in_use(o)) {
			n = oracle_creatable(o, t, where, ids);
			sum += n < join ? n : join;
		} else {
			sum += join;
		}
	}
	n = vgpus(o);
	if (n >= limit)
		return 0;
	return sum < limit - n ? sum : limit - n;
}

static bool meet(uint64_t a, uint64_t a_len, uint64_t b, uint64_t b_len)
{
	return a < b + b_len && b < a + a_len;
}

static const char *wrong_bytes(const struct oracle *o, const struct oracle_place *p)
{
	uint64_t low = o->gpu.fb, high = o->gpu.fb_end;
	char channel[65536] = { 0 };

	if (p->gi != ORACLE_NO_GI) {
		if (o->gi[p->gi].fb > low)
			low = o->gi[p->gi].fb;
		if (o->gi[p->gi].fb_end < high)
			high = o->gi[p->gi].fb_end;
	}
	if (!p->fb_len || p->fb % o->gpu.segment || p->fb_len % o->gpu.segment)
		return "guest memory not in segments";
	if (p->fb < low || p->fb + p->fb_len > high)
		return "guest memory outside";
	if (!p->heap_len || p->heap % 4096)
		return "heap not aligned";
	if (p->heap < low || p->heap + p->heap_len > high)
		return "heap outside";
	if (meet(p->fb, p->fb_len, p->heap, p->heap_len))
		return "heap in its own guest memory";
	if (!p->channels || p->channel + p->channels > o->gpu.channels)
		return "channels outside";
	if (o->gpu.chip != BLACKWELL && (p->channels & (p->channels - 1)))
		return "channels not a power of two";
	memset(channel + p->channel, 1, p->channels);
	for (unsigned i = 0; i < ORACLE_VGPUS; i++) {
		const struct oracle_place *q = &o->vgpu[i].p;

		if (!o->vgpu[i].there)
			continue;
		if (meet(p->fb, p->fb_len, q->fb, q->fb_len))
			return "two guests in the same memory";
		if (meet(p->heap, p->heap_len, q->heap, q->heap_len))
			return "two heaps in the same memory";
		if (meet(p->fb, p->fb_len, q->heap, q->heap_len) ||
		    meet(p->heap, p->heap_len, q->fb, q->fb_len))
			return "a heap in guest memory";
		for (unsigned j = 0; q->gi == p->gi && j < q->channels; j++)
			if (channel[q->channel + j])
				return "two vGPUs with the same channel";
	}
	return NULL;
}

const char *oracle_take(struct oracle *o, unsigned n, const struct oracle_type *t,
			const struct oracle_place *p, bool chosen)
{
	unsigned ids[ORACLE_IDS], got, i;

	if (o->vgpu[n].there)
		return "two vGPUs in one entry";
	if (o->mig != (p->gi != ORACLE_NO_GI))
		return "a GPU instance without MIG, or none with it";
	if (!may_join(o, t, p->gi))
		return "it may not be there";
	if (ids_in_use(o)) {
		got = oracle_creatable(o, t, p->gi, ids);
		for (i = 0; i < got; i++)
			if (ids[i] == p->id)
				break;
		if (i == got)
			return "placement id taken or none of the type";
		if (chosen && i)
			return "not the first creatable id";
		if (p->ids != width(o, t) || p->id + p->ids > region_of(o, t))
			return "wrong number of ids";
	} else if (p->id != ORACLE_NO_ID) {
		return "placement id where there are none";
	}
	if (o->mig && chosen)
		for (i = 0; i < p->gi; i++)
			if (may_join(o, t, i) && (!ids_in_use(o) || oracle_creatable(o, t, i, ids)))
				return "not the first GPU instance";
	if (wrong_bytes(o, p))
		return wrong_bytes(o, p);
	o->vgpu[n] = (struct oracle_vgpu){ true, t->gib, *p };
	return NULL;
}

void oracle_put(struct oracle *o, unsigned n)
{
	o->vgpu[n].there = false;
}
