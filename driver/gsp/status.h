/* SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later */
/* RM status codes and RPC results: names for people, errnos for callers. */
#ifndef OVG_GSP_STATUS_H
#define OVG_GSP_STATUS_H

#include "../compat/portable.h"

#define NV_OK				0x00
#define NV_ERR_INSERT_DUPLICATE_NAME	0x19
#define NV_ERR_INSUFFICIENT_PERMISSIONS	0x1b
#define NV_ERR_INVALID_ARGUMENT		0x1f
#define NV_ERR_INVALID_CLIENT		0x23
#define NV_ERR_INVALID_STATE		0x40
#define NV_ERR_OBJECT_NOT_FOUND		0x57

const char *gsp_status_name(u32 status);
int gsp_status_errno(u32 status);

#endif
