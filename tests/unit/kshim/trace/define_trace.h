/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kernel makes code of trace.h here. */
