// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * PCI without firmware: bus numbers, bridge windows, BARs. Everything is placed
 * below 4 GiB. The bridges are set up once; functions come and go.
 */
#include "guest.h"

/* Above any RAM that a test guest has, below the interrupt controllers. */
#define MEM_START	0xc0000000u
#define MEM_END		0xd8000000u
#define PREF_START	0xd8000000u
#define PREF_END	0xfe000000u
#define WINDOW		0x100000u	/* granularity of a bridge's windows */

/* Windows for what is there and what is plugged later: one slot, or up to 32. */
#define SPARE_MEM	0x200000u
#define SPARE_PREF	0x400000u
#define SPARE_MEM_BUS	0x1000000u
#define SPARE_PREF_BUS	0x4000000u

struct function functions[MAX_FUNCTIONS];
struct bus buses[MAX_BUSES];
uint32_t last_bus;

uint32_t cfg_rd32(uint32_t addr, uint32_t reg)
{
	outl(0xcf8, 0x80000000u | addr << 8 | (reg & 0xfc));
	return inl(0xcfc);
}

void cfg_wr32(uint32_t addr, uint32_t reg, uint32_t val)
{
	outl(0xcf8, 0x80000000u | addr << 8 | (reg & 0xfc));
	outl(0xcfc, val);
}

uint16_t cfg_rd16(uint32_t addr, uint32_t reg)
{
	return (uint16_t)(cfg_rd32(addr, reg) >> 8 * (reg & 2));
}

/* 16 bits alone: the other half of the dword may be "write one to clear". */
void cfg_wr16(uint32_t addr, uint32_t reg, uint16_t val)
{
	outl(0xcf8, 0x80000000u | addr << 8 | (reg & 0xfc));
	__asm__ volatile("outw %0, %1" : : "a"(val), "Nd"((uint16_t)(0xcfc + (reg & 2))));
}

uint8_t cfg_rd8(uint32_t addr, uint32_t reg)
{
	return (uint8_t)(cfg_rd32(addr, reg) >> 8 * (reg & 3));
}

uint8_t cfg_find_cap(uint32_t addr, uint8_t id)
{
	uint8_t pos;

	if (!(cfg_rd16(addr, 6) & 0x10))
		return 0;
	pos = cfg_rd8(addr, 0x34) & 0xfc;
	for (int i = 0; pos && i < 48; i++) {
		if (cfg_rd8(addr, pos) == id)
			return pos;
		pos = cfg_rd8(addr, pos + 1u) & 0xfc;
	}
	return 0;
}

static uint32_t align_up(uint32_t val, uint32_t to)
{
	return (val + to - 1) & ~(to - 1);
}

/* An address for a BAR of @size on @bus, 0 if there is none left. */
static uint32_t place(struct bus *bus, uint32_t size, bool pref)
{
	uint32_t *next = pref ? &bus->pref : &bus->mem;
	uint32_t end = pref ? bus->pref_end : bus->mem_end;
	uint32_t at = align_up(*next, size);

	if (at < *next || at + size > end || at + size < at)
		return 0;
	*next = at + size;
	return at;
}

/* What a function had it gets again: a guest sees many attach and detach cycles. */
static bool place_bars(struct function *f)
{
	struct bus *bus = &buses[f->addr >> 8];

	for (uint32_t i = 0; i < 6; i++) {
		uint32_t reg = 0x10 + 4 * i, mask, flags, size;
		bool wide;

		cfg_wr32(f->addr, reg, 0xffffffff);
		mask = cfg_rd32(f->addr, reg);
		flags = mask & 15;
		wide = (flags & 7) == 4;
		/* none, or I/O ports, which no vGPU has */
		if (!mask || (flags & 1)) {
			cfg_wr32(f->addr, reg, 0);
			f->size[i] = 0;
			continue;
		}
		size = ~(mask & ~15u) + 1;
		if (f->size[i] != size) {
			f->bar[i] = place(bus, size, flags & 8);
			f->size[i] = size;
			if (!f->bar[i]) {
				f->size[i] = 0;
				say("OVG fail no room for BAR%u of %x at %b\n", i, size, f->addr);
				return false;
			}
		}
		cfg_wr32(f->addr, reg, f->bar[i]);
		if ((cfg_rd32(f->addr, reg) & ~15u) != f->bar[i])
			say("OVG fail BAR%u does not take %x at %b\n", i, f->bar[i], f->addr);
		if (wide) {
			cfg_wr32(f->addr, reg + 4, 0xffffffff);
			if (cfg_rd32(f->addr, reg + 4) != 0xffffffff)
				say("OVG fail BAR%u is 4 GiB or more at %b\n", i, f->addr);
			cfg_wr32(f->addr, reg + 4, 0);
			f->bar[++i] = 0;
			f->size[i] = 0;
		}
	}
	/* memory decoding; bus mastering is the test's to switch on */
	cfg_wr16(f->addr, 4, 2);
	return true;
}

static struct function *entry_of(uint32_t addr)
{
	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++) {
		if (!functions[i].used) {
			functions[i].used = true;
			functions[i].addr = (uint16_t)addr;
			return &functions[i];
		}
		if (functions[i].addr == addr)
			return &functions[i];
	}
	return NULL;
}

static void found(uint32_t addr, uint32_t id)
{
	uint32_t sub = cfg_rd32(addr, 0x2c);
	struct function *f;

	say("OVG found %b %4x:%4x sub %4x:%4x class %6x\n", addr, id & 0xffff, id >> 16,
	    sub & 0xffff, sub >> 16, cfg_rd32(addr, 8) >> 8);
	f = entry_of(addr);
	if (!f) {
		say("OVG fail too many functions at %b\n", addr);
		return;
	}
	f->present = true;
	f->passed = false;
	f->id = id;
	if (place_bars(f))
		vgpu_test(f);
}

static void scan_bus(uint32_t bus);

/* Behind a root port or a switch's downstream port there is device 0 alone. */
static bool one_slot(uint32_t addr)
{
	uint8_t cap = cfg_find_cap(addr, 0x10), type;

	if (!cap)
		return false;
	type = cfg_rd16(addr, cap + 2u) >> 4 & 15;
	return type == 4 || type == 6;
}

/* Numbers the bus behind a bridge and gives it windows around what is there. */
static void set_up_bridge(uint32_t addr, struct bus *parent)
{
	uint32_t bus = last_bus + 1;
	struct bus *b = &buses[bus];

	if (bus >= MAX_BUSES) {
		say("OVG fail too many buses at %b\n", addr);
		return;
	}
	last_bus = bus;
	cfg_wr32(addr, 0x18, (addr >> 8) | bus << 8 | 0xff0000);
	b->bridge = (uint16_t)addr;
	b->devices = one_slot(addr) ? 1 : 32;
	b->mem = align_up(parent->mem, WINDOW);
	b->mem_end = parent->mem_end;
	b->pref = align_up(parent->pref, WINDOW);
	b->pref_end = parent->pref_end;

	uint32_t mem = b->mem, pref = b->pref;

	scan_bus(bus);
	b->mem_end = align_up(b->mem + (b->devices == 1 ? SPARE_MEM : SPARE_MEM_BUS), WINDOW);
	b->pref_end = align_up(b->pref + (b->devices == 1 ? SPARE_PREF : SPARE_PREF_BUS), WINDOW);
	parent->mem = b->mem_end;
	parent->pref = b->pref_end;
	if (parent->mem > parent->mem_end || parent->pref > parent->pref_end)
		say("OVG fail no room for the windows of %b\n", addr);

	cfg_wr32(addr, 0x18, (addr >> 8) | bus << 8 | last_bus << 16);
	cfg_wr16(addr, 0x1c, 0x00f0);				/* no I/O window */
	cfg_wr32(addr, 0x20, mem >> 16 | ((b->mem_end - 1) & 0xfff00000));
	cfg_wr32(addr, 0x24, pref >> 16 | ((b->pref_end - 1) & 0xfff00000));
	cfg_wr32(addr, 0x28, 0);				/* upper halves */
	cfg_wr32(addr, 0x2c, 0);
	cfg_wr16(addr, 4, 6);
}

/* Sets up what is there at the start; BARs wait until the windows stand. */
static void scan_bus(uint32_t bus)
{
	for (uint32_t dev = 0; dev < buses[bus].devices; dev++) {
		uint32_t addr = bus << 8 | dev << 3, last = 0;

		if (cfg_rd32(addr, 0) == 0xffffffff)
			continue;
		if (cfg_rd8(addr, 0xe) & 0x80)
			last = 7;
		for (uint32_t fn = 0; fn <= last; fn++) {
			if (cfg_rd32(addr | fn, 0) == 0xffffffff)
				continue;
			if ((cfg_rd8(addr | fn, 0xe) & 0x7f) == 1)
				set_up_bridge(addr | fn, &buses[bus]);
		}
	}
}

void pci_init(void)
{
	buses[0].mem = MEM_START;
	buses[0].mem_end = MEM_END;
	buses[0].pref = PREF_START;
	buses[0].pref_end = PREF_END;
	buses[0].devices = 32;
	scan_bus(0);
}

static struct function *known(uint32_t addr)
{
	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++)
		if (functions[i].present && functions[i].addr == addr)
			return &functions[i];
	return NULL;
}

bool pci_poll(void)
{
	bool changed = false;

	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++) {
		struct function *f = &functions[i];

		/* one with empty BARs is another one, plugged in its place */
		if (!f->present || (cfg_rd32(f->addr, 0) == f->id &&
				    (cfg_rd32(f->addr, 0x10) & ~15u) == f->bar[0]))
			continue;
		say("OVG gone %b %4x:%4x\n", f->addr, f->id & 0xffff, f->id >> 16);
		f->present = f->passed = false;
		changed = true;
	}
	for (uint32_t bus = 0; bus <= last_bus; bus++) {
		for (uint32_t dev = 0; dev < buses[bus].devices; dev++) {
			uint32_t addr = bus << 8 | dev << 3, last = 0;

			if (cfg_rd32(addr, 0) == 0xffffffff)
				continue;
			if (cfg_rd8(addr, 0xe) & 0x80)
				last = 7;
			for (uint32_t fn = 0; fn <= last; fn++) {
				uint32_t id = cfg_rd32(addr | fn, 0);

				if ((id & 0xffff) != OVG_VENDOR || known(addr | fn))
					continue;
				found(addr | fn, id);
				changed = true;
			}
		}
	}
	return changed;
}
