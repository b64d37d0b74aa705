// SPDX-License-Identifier: LGPL-2.1-or-later
/* Finds vGPUs, tests them, then watches what comes and goes. */
#include "guest.h"

void guest_main(void);

static void ready(void)
{
	uint32_t n = 0, tried = 0;

	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++) {
		struct function *f = &functions[i];

		if (!f->present || !f->passed)
			continue;
		tried++;
		if (vgpu_undisturbed(f))
			n++;
		else
			say("OVG fail framebuffer disturbed at %b\n", f->addr);
	}
	if (n > 1 && n == tried)
		say("OVG separate ok %u\n", n);
	say("OVG ready %u\n", n);
}

static void test_again(void)
{
	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++)
		if (functions[i].present)
			vgpu_test(&functions[i]);
	ready();
}

static void busy_round(uint32_t round)
{
	for (uint32_t i = 0; i < MAX_FUNCTIONS; i++) {
		struct function *f = &functions[i];

		if (f->present && f->passed && !vgpu_busy(f, round)) {
			say("OVG fail busy round %u at %b\n", round, f->addr);
			f->passed = false;
		}
	}
}

void guest_main(void)
{
	bool busy = false;
	uint32_t round = 0;

	serial_init();
	say("OVG start\n");
	irq_init();
	pci_init();
	pci_poll();
	ready();

	for (;;) {
		int c = serial_poll();

		if (c == 't')
			test_again();
		if (c == 'b') {
			busy = !busy;
			say(busy ? "OVG busy\n" : "OVG idle after %u rounds\n", round);
		}
		hotplug_poll();
		if (pci_poll())
			ready();
		if (busy)
			busy_round(++round);
		else
			for (uint32_t t = ticks; ticks - t < 5;)
				wait_a_bit();
	}
}
