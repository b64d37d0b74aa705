// SPDX-License-Identifier: LGPL-2.1-or-later
/* COM1, and just enough of printf. */
#include "guest.h"

#include <stdarg.h>

#define COM1 0x3f8

void serial_init(void)
{
	outb(COM1 + 1, 0);	/* no interrupts */
	outb(COM1 + 3, 0x80);
	outb(COM1 + 0, 1);	/* 115200 */
	outb(COM1 + 1, 0);
	outb(COM1 + 3, 3);	/* 8n1 */
	outb(COM1 + 2, 7);	/* FIFOs, emptied */
	outb(COM1 + 4, 3);
}

int serial_poll(void)
{
	return inb(COM1 + 5) & 1 ? inb(COM1) : -1;
}

static void put(char c)
{
	/* nobody may be reading: then the line is lost, the guest is not */
	for (uint32_t i = 0; i < 100000 && !(inb(COM1 + 5) & 0x20); i++)
		__asm__ volatile("pause");
	outb(COM1, (uint8_t)c);
}

static void put_hex(uint32_t val, uint32_t width)
{
	uint32_t digits = 8;

	while (digits > 1 && digits > width && !(val >> (4 * (digits - 1))))
		digits--;
	while (digits--)
		put("0123456789abcdef"[val >> (4 * digits) & 15]);
}

static void put_dec(uint32_t val)
{
	char buf[10];
	uint32_t n = 0;

	do {
		buf[n++] = (char)('0' + val % 10);
		val /= 10;
	} while (val);
	while (n)
		put(buf[--n]);
}

void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt; fmt++) {
		uint32_t width = 0, val;
		const char *s;

		if (*fmt == '\n')
			put('\r');
		if (*fmt != '%') {
			put(*fmt);
			continue;
		}
		while (fmt[1] >= '0' && fmt[1] <= '9')
			width = width * 10 + (uint32_t)(*++fmt - '0');
		switch (*++fmt) {
		case 's':
			for (s = va_arg(ap, const char *); *s; s++)
				put(*s);
			break;
		case 'c':
			put((char)va_arg(ap, int));
			break;
		case 'u':
			put_dec(va_arg(ap, uint32_t));
			break;
		case 'x':
			put_hex(va_arg(ap, uint32_t), width);
			break;
		case 'b':
			val = va_arg(ap, uint32_t);
			put_hex(val >> 8, 2);
			put(':');
			put_hex(val >> 3 & 31, 2);
			put('.');
			put_hex(val & 7, 1);
			break;
		default:
			put('%');
			put(*fmt);
		}
	}
	va_end(ap);
}
