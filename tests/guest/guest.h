/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A guest without an operating system that proves that it owns vGPUs. It reports
 * on COM1; every line that a program may read starts with "OVG ":
 *
 *   OVG start
 *   OVG found 00:05.0 10de:2235 sub 10de:14da class 030200
 *   OVG identity board 2235 gfid 1 type 560 fb 3840 MiB bar1 1024 KiB at 00:05.0
 *   OVG bar1 ok 1048576 at 00:05.0
 *   OVG dma ok 65536 at 00:05.0
 *   OVG refused ok at 00:05.0
 *   OVG irq ok 8 at 00:05.0
 *   OVG pass 00:05.0
 *   OVG separate ok 2			with several: none wrote into another's memory
 *   OVG ready 1			number of vGPUs that passed; again after a change
 *   OVG eject ..., OVG gone 00:05.0	unplugged
 *   OVG fail WHAT			with the place where that is known
 */
#ifndef OVG_GUEST_H
#define OVG_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void outb(uint16_t port, uint8_t val)
{
	__asm__ volatile("outb %0, %1" : : "a"(val), "Nd"(port));
}

static inline uint8_t inb(uint16_t port)
{
	uint8_t val;

	__asm__ volatile("inb %1, %0" : "=a"(val) : "Nd"(port));
	return val;
}

static inline void outl(uint16_t port, uint32_t val)
{
	__asm__ volatile("outl %0, %1" : : "a"(val), "Nd"(port));
}

static inline uint32_t inl(uint16_t port)
{
	uint32_t val;

	__asm__ volatile("inl %1, %0" : "=a"(val) : "Nd"(port));
	return val;
}

static inline uint32_t rd32(uint32_t addr)
{
	return *(volatile uint32_t *)addr;
}

static inline void wr32(uint32_t addr, uint32_t val)
{
	*(volatile uint32_t *)addr = val;
}

/* serial.c. say() knows %s %c %u %d, %x with an optional width, and %b: a bus address. */
void serial_init(void);
int serial_poll(void);		/* a character, or -1 */
void say(const char *fmt, ...);

/* irq.c */
#define TICKS_PER_SECOND 50
#define VECTOR_FIRST 0x40	/* ours, for MSI-X */
#define VECTOR_COUNT 128
extern volatile uint32_t irq_count[256];
extern volatile uint32_t ticks;
void irq_init(void);
uint32_t irq_msi_address(void);
/* Sleeps until an interrupt, a tick at the latest. */
void wait_a_bit(void);

/* pci.c. A function's address: bus << 8 | device << 3 | function. */
#define MAX_FUNCTIONS 32
#define MAX_BUSES 64

struct function {
	uint16_t addr;
	bool used;		/* this entry belongs to addr, for good */
	bool present;
	bool passed;
	uint32_t id;		/* vendor and device, as in configuration space */
	uint32_t bar[6];	/* address, 0 for none or upper half */
	uint32_t size[6];
};

struct bus {
	uint32_t mem, mem_end;		/* what is free of its windows */
	uint32_t pref, pref_end;
	uint16_t bridge;		/* 0 for bus 0 */
	uint32_t devices;		/* numbers to look at */
};

extern struct function functions[MAX_FUNCTIONS];
extern struct bus buses[MAX_BUSES];
extern uint32_t last_bus;

uint32_t cfg_rd32(uint32_t addr, uint32_t reg);
void cfg_wr32(uint32_t addr, uint32_t reg, uint32_t val);
uint16_t cfg_rd16(uint32_t addr, uint32_t reg);
void cfg_wr16(uint32_t addr, uint32_t reg, uint16_t val);
uint8_t cfg_rd8(uint32_t addr, uint32_t reg);
uint8_t cfg_find_cap(uint32_t addr, uint8_t id);

void pci_init(void);
/* Looks for what came and what went; true if anything did. */
bool pci_poll(void);

/* hotplug.c: answers to unplug requests */
void hotplug_poll(void);

/* vgpu.c */
void vgpu_test(struct function *f);
/* Is what the test left in its framebuffer still there? */
bool vgpu_undisturbed(struct function *f);
/* one round of DMA on a vGPU that passed; false when it went wrong */
bool vgpu_busy(struct function *f, uint32_t round);

#endif
