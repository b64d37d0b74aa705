/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * All boards of the catalogue as the placement sees them. Types come from
 * schemas/catalogue/types.csv through the library, so that all boards are in it.
 */
#ifndef TEST_BOARDS_H
#define TEST_BOARDS_H

#include "cli/lib/openvgpu.h"
#include "driver/core/placement.h"

#define MIB		(UINT64_C(1) << 20)
#define CHANNELS	2048u

/**
 * struct board - a board with its types
 * @name: as in types.csv
 * @gen: which rules apply
 * @reported: bytes of framebuffer it reports, or would with ECC on
 * @nominal: bytes by data sheet
 * @segment: VMMU segment, as the simulator has it
 * @ecc_eats: ECC takes a part of the framebuffer
 * @mig: it has MIG
 * @slices: compute slices with MIG
 * @types: its types
 * @n_types: number of them
 */
struct board {
	char name[32];
	enum ovg_generation gen;
	u64 reported;
	u64 nominal;
	u64 segment;
	bool ecc_eats;
	bool mig;
	u32 slices;
	struct ovg_type types[OVG_MAX_TYPES];
	u32 n_types;
};

#define MAX_BOARDS	24
extern struct board boards[MAX_BOARDS];
extern u32 n_boards;

/* Fills boards[]; a Criterion fixture. */
void boards_load(void);
struct board *board_named(const char *name);
struct ovg_type *board_type(struct board *b, const char *last_word);
/* A type of this size in GiB, the first; MIG-backed of this many slices, or 0. */
struct ovg_type *board_size(struct board *b, u32 gib, u32 slices);

/* The board with firmware of this branch and this framebuffer. */
struct ovg_pool_config board_config(const struct board *b, enum ovg_rules rules, u64 fb,
				    u64 segment);
void board_pool(struct ovg_pool *pool, const struct board *b, enum ovg_rules rules);
/*
 * What firmware makes of a wish for a GPU instance: id and framebuffer. Returns what
 * ovg_pool_gi_fit() or ovg_pool_gi_add() says.
 */
int board_make_gi(struct ovg_pool *pool, const struct ovg_gi_profile *profile, u32 *id);

#endif
