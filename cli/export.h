/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the 'vgpuctl export' commands. */
#ifndef VGPUCTL_EXPORT_H
#define VGPUCTL_EXPORT_H

#include "vgpuctl.h"

/* Prints @text, or puts it into @file in one step. Returns the exit status. */
int export_text(const char *text, const char *file);

#endif
