/* SPDX-License-Identifier: GPL-2.0-only */
/* Differences between kernels, as compat/probe.sh found them. */
#ifndef OVG_COMPAT_H
#define OVG_COMPAT_H

#include "generated.h"

/* What openvgpu exports to openvgpu_mdev, and to nobody else. */
#ifdef OVG_HAVE_NS_IDENT
#define OVG_EXPORT(sym)		EXPORT_SYMBOL_NS_GPL(sym, OPENVGPU)
#define OVG_IMPORT		MODULE_IMPORT_NS(OPENVGPU)
#else
#define OVG_EXPORT(sym)		EXPORT_SYMBOL_NS_GPL(sym, "OPENVGPU")
#define OVG_IMPORT		MODULE_IMPORT_NS("OPENVGPU")
#endif

/* Members of vfio_device_ops that came and never went. */
#ifdef OVG_HAVE_VFIO_BIND_IOMMUFD
#define OVG_VFIO_BIND_IOMMUFD						\
	.bind_iommufd = vfio_iommufd_physical_bind,			\
	.unbind_iommufd = vfio_iommufd_physical_unbind,			\
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
#else
#define OVG_VFIO_BIND_IOMMUFD
#endif

#ifdef OVG_HAVE_VFIO_DETACH_IOAS
#define OVG_VFIO_DETACH_IOAS						\
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
#else
#define OVG_VFIO_DETACH_IOAS
#endif

#ifdef OVG_HAVE_VFIO_MATCH_TOKEN_UUID
#define OVG_VFIO_MATCH_TOKEN_UUID					\
	.match_token_uuid = vfio_pci_core_match_token_uuid,
#else
#define OVG_VFIO_MATCH_TOKEN_UUID
#endif

#ifdef OVG_HAVE_VFIO_GET_REGION_INFO_CAPS
#define OVG_VFIO_GET_REGION_INFO_CAPS					\
	.get_region_info_caps = vfio_pci_ioctl_get_region_info,
#else
#define OVG_VFIO_GET_REGION_INFO_CAPS
#endif

#ifdef OVG_HAVE_BIN_ATTR_CONST_READ
#define ovg_bin_attr_arg	const struct bin_attribute
#else
#define ovg_bin_attr_arg	struct bin_attribute
#endif

#ifdef OVG_HAVE_BIN_ATTR_CONST_GROUP
#define ovg_bin_attr_list	const struct bin_attribute *const
#else
#define ovg_bin_attr_list	struct bin_attribute *
#endif

/* Attributes of the request behind a dump. */
#ifdef OVG_HAVE_GENL_INFO_DUMP
#define ovg_dump_attrs(cb)	(genl_info_dump(cb)->attrs)
#else
#define ovg_dump_attrs(cb)	(genl_dumpit_info(cb)->attrs)
#endif

#ifdef OVG_HAVE_GENL_SPLIT_OPS
#define ovg_genl_ops_arg	const struct genl_split_ops
#else
#define ovg_genl_ops_arg	const struct genl_ops
#endif

/*
 * "refused", and as much of @why as fits. The kernel's own macro tells its log of what does
 * not.
 */
#ifdef OVG_HAVE_EXTACK_BUF
#define ovg_extack_refused(extack, why) do {				\
	scnprintf((extack)->_msg_buf, sizeof((extack)->_msg_buf), "refused: %s", why); \
	(extack)->_msg = (extack)->_msg_buf;				\
} while (0)
#else
#define ovg_extack_refused(extack, why) do {				\
	(void)(why);							\
	NL_SET_ERR_MSG(extack, "refused: last_error has the reason");	\
} while (0)
#endif

/* Takes @data, which is from vmalloc. */
#ifdef OVG_HAVE_DEVCOREDUMP
#include <linux/devcoredump.h>
#define OVG_HAVE_DUMPS	1
#define ovg_coredump(dev, data, len)					\
	dev_coredumpv(dev, data, len, GFP_KERNEL)
#else
#define OVG_HAVE_DUMPS	0
#define ovg_coredump(dev, data, len)	vfree(data)
#endif

#endif
