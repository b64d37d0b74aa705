// SPDX-License-Identifier: LGPL-2.1-or-later
/* The binary catalogue as vgpuctl reads it, and the driver's word on the same file. */
#define FULL_SIZE	1
#include "fuzz_catalogue.c"
