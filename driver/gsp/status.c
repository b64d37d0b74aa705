// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
#include "status.h"

/*
 * nvstatuscodes.h, as far as a vGPU host can meet them, and the results of the
 * RPC layer itself (NV_VGPU_MSG_RESULT_*), which share the number space.
 */
static const struct {
	u32 status;
	int err;
	const char *name;
} codes[] = {
	{ NV_OK, 0, "OK" },
	{ 0x03, -EBUSY, "BUSY_RETRY" },
	{ 0x0f, -EIO, "GPU_IS_LOST" },
	{ 0x17, -EBUSY, "IN_USE" },
	{ NV_ERR_INSERT_DUPLICATE_NAME, -EEXIST, "INSERT_DUPLICATE_NAME" },
	{ 0x1a, -ENOSPC, "INSUFFICIENT_RESOURCES" },
	{ NV_ERR_INSUFFICIENT_PERMISSIONS, -EPERM, "INSUFFICIENT_PERMISSIONS" },
	{ 0x1d, -EINVAL, "INVALID_ACCESS_TYPE" },
	{ 0x1e, -EINVAL, "INVALID_ADDRESS" },
	{ NV_ERR_INVALID_ARGUMENT, -EINVAL, "INVALID_ARGUMENT" },
	{ 0x22, -EINVAL, "INVALID_CLASS" },
	{ NV_ERR_INVALID_CLIENT, -EINVAL, "INVALID_CLIENT" },
	{ 0x24, -EINVAL, "INVALID_COMMAND" },
	{ 0x33, -EINVAL, "INVALID_OBJECT_HANDLE" },
	{ 0x36, -EINVAL, "INVALID_OBJECT_PARENT" },
	{ 0x38, -EIO, "INVALID_OPERATION" },
	{ 0x3a, -EINVAL, "INVALID_PARAM_STRUCT" },
	{ 0x3b, -EINVAL, "INVALID_PARAMETER" },
	{ NV_ERR_INVALID_STATE, -EIO, "INVALID_STATE" },
	{ 0x51, -ENOMEM, "NO_MEMORY" },
	{ 0x55, -EAGAIN, "NOT_READY" },
	{ 0x56, -EOPNOTSUPP, "NOT_SUPPORTED" },
	{ NV_ERR_OBJECT_NOT_FOUND, -ENOENT, "OBJECT_NOT_FOUND" },
	{ 0x62, -EIO, "RESET_REQUIRED" },
	{ 0x63, -EBUSY, "STATE_IN_USE" },
	{ 0x65, -ETIMEDOUT, "TIMEOUT" },
	{ 0x66, -ETIMEDOUT, "TIMEOUT_RETRY" },
	{ 0xffff, -EIO, "GENERIC" },
	{ 0xff100001, -EPROTO, "RPC_UNKNOWN_FUNCTION" },
	{ 0xff100002, -EPROTO, "RPC_INVALID_MESSAGE_FORMAT" },
	{ 0xff100003, -EPROTO, "RPC_HANDLE_NOT_FOUND" },
	{ 0xff100004, -EPROTO, "RPC_HANDLE_EXISTS" },
	{ 0xff100005, -EPROTO, "RPC_UNKNOWN_RM_ERROR" },
	{ 0xff100006, -EPROTO, "RPC_UNKNOWN_VMIOP_ERROR" },
	{ 0xff100007, -EPROTO, "RPC_RESERVED_HANDLE" },
	{ 0xffffffff, -EPROTO, "no result" },
};

const char *gsp_status_name(u32 status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].status == status)
			return codes[i].name;
	return "unlisted status";
}

int gsp_status_errno(u32 status)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i].status == status)
			return codes[i].err;
	return status >= 0xff000000 ? -EPROTO : -EIO;
}
