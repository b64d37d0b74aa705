/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * Little-endian fields at any alignment, by offset. Firmware structs are never
 * declared in C here: their layout changes with every firmware branch, so
 * offsets live in one table a branch (abi.h).
 */
#ifndef OVG_GSP_LE_H
#define OVG_GSP_LE_H

#include "../compat/portable.h"

static inline u32 le_get32(const void *base, size_t off)
{
	const u8 *p = (const u8 *)base + off;

	return (u32)p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static inline u64 le_get64(const void *base, size_t off)
{
	return (u64)le_get32(base, off) | (u64)le_get32(base, off + 4) << 32;
}

static inline void le_put32(void *base, size_t off, u32 v)
{
	u8 *p = (u8 *)base + off;

	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
	p[2] = (u8)(v >> 16);
	p[3] = (u8)(v >> 24);
}

static inline void le_put64(void *base, size_t off, u64 v)
{
	le_put32(base, off, (u32)v);
	le_put32(base, off + 4, (u32)(v >> 32));
}

#endif
