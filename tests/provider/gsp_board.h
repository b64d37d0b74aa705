/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The GSP-RM provider on two boards whose firmware is the simulated GPU's model
 * (tests/fw): the driver's side and the board's in one process, each on its own
 * stand-in for the kernel.
 */
#ifndef GSP_BOARD_H
#define GSP_BOARD_H

#include "suite.h"

/* As suite.h's subject, for boards of that type and branch from the next power_on(). */
const struct subject *gsp_subject(const char *board, unsigned int branch);

/* The first thing that the firmware has refused until power_off(), "" if nothing. */
const char *gsp_refused(void);

#endif
