/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/*
 * vGPU types as the core sees them: plain numbers and names, decoded by the
 * provider from whatever its firmware uses. Compiles in kernel and user space.
 */
#ifndef OVG_CORE_TYPE_H
#define OVG_CORE_TYPE_H

#include "../compat/portable.h"

/* NVA081_VGPU_STRING_BUFFER_SIZE of branch 595; 32 on 535 and 570. */
#define OVG_TYPE_NAME_MAX	64
/* NVA081_MAX_VGPU_TYPES_PER_PGPU: 64 on branches up to 570, 128 on 595. */
#define OVG_MAX_TYPES		128

/* No placement id (0xffff is RM's invalid id): Ampere in equal-size mode. */
#define OVG_PLACEMENT_NONE	0xffff

/* What decides where vGPUs may sit. */
enum ovg_generation {
	OVG_GEN_AMPERE,		/* no placement ids in equal-size mode */
	OVG_GEN_ADA,		/* Ada and Hopper */
	OVG_GEN_BLACKWELL,
};

/* Rules of a firmware branch, where branches differ; oldest first. */
enum ovg_rules {
	OVG_RULES_535,
	OVG_RULES_570,
	OVG_RULES_595,
};

/* What a GPU instance has beside slices. */
#define OVG_GI_MEDIA	1u	/* "+me": decoder, JPEG and optical flow */
#define OVG_GI_GFX	2u	/* "+gfx": graphics */

/**
 * struct ovg_gi_profile - size of a MIG GPU instance
 * @slices: compute slices, 1 to 7: the digit before the "g"; 0 is no profile
 * @memory: its share of the framebuffer in eighths: 1, 2, 4 or 8
 * @attr: OVG_GI_* bits
 *
 * A MIG-backed type runs in instances whose profile is the type's, all three members.
 */
struct ovg_gi_profile {
	u8 slices;
	u8 memory;
	u8 attr;
};

/**
 * struct ovg_type - one vGPU type of one board
 * @id: NVIDIA's type number, unique over all boards (e.g. 560 = A40-4Q)
 * @name: full name as users see it, e.g. "NVIDIA A40-4Q"
 * @heads: number of display heads
 * @max_x: widest resolution in pixels
 * @max_y: highest resolution in pixels
 * @frl: frame rate limit in frames a second
 * @max_instance: most vGPUs of this type on one GPU in equal-size mode
 * @gi: profile of the MIG GPU instance that the type lives in; @gi.slices is 0
 *	for types that are not MIG-backed
 * @max_per_gi: most vGPUs of this type in one GPU instance; 0 if not MIG-backed
 * @ecc: the guest can have ECC; without it a type runs on ECC boards all the same
 * @profile_bytes: nominal size, what "-4Q" says; multiple of 1 GiB
 * @fb_bytes: framebuffer the guest gets at most
 * @fb_reservation: bytes held back by the firmware per vGPU
 * @heap_bytes: plugin heap in framebuffer, per vGPU
 * @bar1_mib: BAR1 of the guest in MiB
 * @guest_device: PCI device id that the guest sees
 * @guest_subsystem: PCI subsystem id that the guest sees (vendor is 10de)
 * @record: provider's handle of its firmware record, meaningless elsewhere
 */
struct ovg_type {
	u32 id;
	char name[OVG_TYPE_NAME_MAX];
	u32 heads;
	u32 max_x;
	u32 max_y;
	u32 frl;
	u32 max_instance;
	struct ovg_gi_profile gi;
	u32 max_per_gi;
	bool ecc;
	u64 profile_bytes;
	u64 fb_bytes;
	u64 fb_reservation;
	u64 heap_bytes;
	u64 bar1_mib;
	u16 guest_device;
	u16 guest_subsystem;
	u32 record;
};

#endif
