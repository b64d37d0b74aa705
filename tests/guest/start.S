/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the reset vector to C, and from an interrupt to C. */

	.section .reset, "ax"
	.code16
	jmp	start16

	.section .start, "ax"
	.globl	start16
start16:
	cli
	cld
	movl	$gdt_pointer, %ebx
	lgdtl	%cs:(%bx)
	movl	%cr0, %eax
	/* protection on; caches on: reset leaves them off */
	andl	$0x9fffffff, %eax
	orl	$1, %eax
	movl	%eax, %cr0
	ljmpl	$8, $start32

	.code32
start32:
	movw	$16, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	%ax, %fs
	movw	%ax, %gs
	movl	$0x90000, %esp
	xorl	%eax, %eax
	movl	$bss_start, %edi
	movl	$bss_end, %ecx
	subl	%edi, %ecx
	rep stosb
	call	guest_main
1:	cli
	hlt
	jmp	1b

	.balign	8
gdt:
	.quad	0
	.quad	0x00cf9a000000ffff	/* 8: code, flat */
	.quad	0x00cf92000000ffff	/* 16: data, flat */
gdt_pointer:
	.word	. - gdt - 1
	.long	gdt

/*
 * One entry of 16 bytes a vector: entry N is at irq_entries + 16 * N. Exceptions
 * that push an error code get their frame made equal by not pushing a zero.
 */
	.balign	16
	.globl	irq_entries
irq_entries:
	.set	vector, 0
	.rept	256
	.balign	16
	.if	(vector == 8) || (vector >= 10 && vector <= 14) || (vector == 17) || (vector == 21)
	.else
	pushl	$0
	.endif
	pushl	$vector
	jmp	irq_common
	.set	vector, vector + 1
	.endr

irq_common:
	pushal
	cld
	pushl	%esp
	call	irq_handler
	addl	$4, %esp
	popal
	addl	$8, %esp
	iretl

	.section .note.GNU-stack, "", @progbits
