// SPDX-License-Identifier: LGPL-2.1-or-later
/* Interrupt table, local APIC, its timer, and the one handler that counts. */
#include "guest.h"

#define APIC		0xfee00000u
#define APIC_ID		0x20
#define APIC_TPR	0x80
#define APIC_EOI	0xb0
#define APIC_SPURIOUS	0xf0
#define APIC_LVT_TIMER	0x320
#define APIC_TIMER_INIT	0x380
#define APIC_TIMER_DIV	0x3e0

#define VECTOR_TIMER	0x30
#define VECTOR_SPURIOUS	0xff

/* The timer counts at 1 GHz in QEMU and KVM. */
#define TIMER_HZ	1000000000u
#define TIMER_DIVIDE	16u

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint16_t type;
	uint16_t offset_high;
};

struct frame {
	uint32_t edi, esi, ebp, esp, ebx, edx, ecx, eax;
	uint32_t vector, error;
	uint32_t eip, cs, eflags;
};

extern const uint8_t irq_entries[];
void irq_handler(struct frame *f);

static struct gate idt[256];
volatile uint32_t irq_count[256];
volatile uint32_t ticks;

void irq_handler(struct frame *f)
{
	if (f->vector < 32) {
		say("OVG fail exception %u error %x at %x\n", f->vector, f->error, f->eip);
		for (;;)
			__asm__ volatile("cli; hlt");
	}
	irq_count[f->vector]++;
	if (f->vector == VECTOR_TIMER)
		ticks++;
	/* a spurious interrupt is the one that must not be acknowledged */
	if (f->vector != VECTOR_SPURIOUS)
		wr32(APIC + APIC_EOI, 0);
}

uint32_t irq_msi_address(void)
{
	/* fixed delivery, physical destination: this processor */
	return 0xfee00000u | rd32(APIC + APIC_ID) >> 24 << 12;
}

void wait_a_bit(void)
{
	__asm__ volatile("hlt");
}

void irq_init(void)
{
	struct {
		uint16_t limit;
		uint32_t base;
	} __attribute__((packed)) idtr = { sizeof(idt) - 1, (uint32_t)idt };

	for (uint32_t i = 0; i < 256; i++) {
		uint32_t entry = (uint32_t)irq_entries + 16 * i;

		idt[i].offset_low = (uint16_t)entry;
		idt[i].offset_high = (uint16_t)(entry >> 16);
		idt[i].selector = 8;
		idt[i].type = 0x8e00;
	}
	__asm__ volatile("lidt %0" : : "m"(idtr));

	/* the old interrupt controllers stay silent */
	outb(0x21, 0xff);
	outb(0xa1, 0xff);

	wr32(APIC + APIC_TPR, 0);
	wr32(APIC + APIC_SPURIOUS, 0x100 | VECTOR_SPURIOUS);
	wr32(APIC + APIC_TIMER_DIV, 3);		/* by 16 */
	wr32(APIC + APIC_LVT_TIMER, 0x20000 | VECTOR_TIMER);
	wr32(APIC + APIC_TIMER_INIT, TIMER_HZ / TIMER_DIVIDE / TICKS_PER_SECOND);
	__asm__ volatile("sti");
}
