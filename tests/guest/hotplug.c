// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Unplug requests are answered here, as an operating system would: by the ACPI
 * registers of QEMU's pc and q35, or by the slot registers of PCIe ports. What is
 * plugged shows up by itself, once the slot has power.
 */
#include "guest.h"

#define ACPI_PC		0xae00
#define ACPI_Q35	0x0cc0
#define ACPI_DOWN	4
#define ACPI_EJECT	8
#define ACPI_SELECT	0x10

#define SLOT_CAP	0x14
#define SLOT_CTL	0x18
#define SLOT_STA	0x1a
#define SLOT_CAP_HPC	0x40
#define CTL_POWER_OFF	0x0400
#define CTL_LED		0x0300
#define CTL_LED_ON	0x0100
#define CTL_LED_OFF	0x0300
#define STA_BUTTON	0x0001
#define STA_CHANGED	0x0008
#define STA_COMPLETED	0x0010
#define STA_PRESENT	0x0040
#define STA_LINK	0x0100

static uint16_t acpi_base;
static bool looked;

static void find_acpi(void)
{
	looked = true;
	for (uint32_t addr = 0; addr < 256; addr++) {
		uint32_t id = cfg_rd32(addr, 0);

		if (id == 0x71138086)		/* PIIX4 power management */
			acpi_base = ACPI_PC;
		else if (id == 0x29188086)	/* ICH9 LPC */
			acpi_base = ACPI_Q35;
	}
}

/* No more DMA and interrupts from what is about to go. */
static void quiesce(uint32_t bus, uint32_t dev)
{
	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++) {
		struct function *f = &functions[i];

		if (f->present && f->addr >> 3 == (bus << 5 | dev))
			cfg_wr16(f->addr, 4, 0);
	}
}

static void acpi_poll(void)
{
	/* QEMU numbers the buses in an order of its own, but not beyond their count */
	for (uint32_t sel = 0; sel <= last_bus; sel++) {
		uint32_t down;

		outl(acpi_base + ACPI_SELECT, sel);
		down = inl(acpi_base + ACPI_DOWN);
		if (down == 0xffffffff)
			return;
		for (uint32_t dev = 0; dev < 32; dev++) {
			if (!(down & 1u << dev))
				continue;
			if (last_bus == 0)
				quiesce(0, dev);
			say("OVG eject selector %u device %u\n", sel, dev);
			outl(acpi_base + ACPI_EJECT, 1u << dev);
		}
	}
}

static void slot_poll(uint32_t bus)
{
	uint32_t port = buses[bus].bridge;
	uint8_t cap = cfg_find_cap(port, 0x10);
	uint16_t sta, ctl;

	if (!cap || !(cfg_rd16(port, cap + 2u) & 0x100) ||
	    !(cfg_rd32(port, cap + SLOT_CAP) & SLOT_CAP_HPC))
		return;
	sta = cfg_rd16(port, cap + SLOT_STA);
	if (!(sta & (STA_BUTTON | STA_CHANGED)))
		return;
	cfg_wr16(port, cap + SLOT_STA,
		 sta & (STA_BUTTON | STA_CHANGED | STA_COMPLETED | STA_LINK));
	ctl = cfg_rd16(port, cap + SLOT_CTL);
	if (!(sta & STA_PRESENT)) {
		ctl = (ctl & ~CTL_LED) | CTL_LED_OFF | CTL_POWER_OFF;
	} else if (ctl & CTL_POWER_OFF) {
		ctl = (ctl & ~(CTL_LED | CTL_POWER_OFF)) | CTL_LED_ON;
	} else if (sta & STA_BUTTON) {
		quiesce(bus, 0);
		say("OVG eject slot of bus %2x\n", bus);
		ctl = (ctl & ~CTL_LED) | CTL_LED_OFF | CTL_POWER_OFF;
	} else {
		return;
	}
	cfg_wr16(port, cap + SLOT_CTL, ctl);
}

void hotplug_poll(void)
{
	if (!looked)
		find_acpi();
	if (acpi_base)
		acpi_poll();
	for (uint32_t bus = 1; bus <= last_bus; bus++)
		if (buses[bus].devices == 1)
			slot_poll(bus);
}
