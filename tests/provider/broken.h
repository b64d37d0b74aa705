/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef BROKEN_H
#define BROKEN_H

#include "driver/core/provider.h"

/* tiny.c's ops, with one thing wrong that is against that clause. */
void broken_ops(int clause, struct ovg_provider_ops *ops);

#endif
