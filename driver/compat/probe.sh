#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# probe.sh HEADER COMPILER FLAGS...: tries small pieces of code against the
# kernel that is being built for and writes what it has into HEADER. Kernel
# versions are never compared: distributions backport.

out=$1
shift
mkdir -p "$(dirname "$out")"
dir=$(mktemp -d "${TMPDIR:-/tmp}/openvgpu-probe.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

# The compiler must be able to build something, or every answer is a lie.
try()
{
	cat >"$dir/probe.c"
	"$@" -DKBUILD_MODNAME='"probe"' -DKBUILD_BASENAME='"probe"' \
		-DKBUILD_MODFILE='"probe"' -D__KBUILD_MODNAME=kmod_probe \
		-Werror -Wno-missing-prototypes -Wno-missing-declarations \
		-c -o "$dir/probe.o" "$dir/probe.c" >"$dir/log" 2>&1
}

try "$@" <<'C'
#include <linux/vfio_pci_core.h>
int ovg_probe(struct vfio_pci_core_device *c) { return c->pdev->devfn; }
C
if [ $? -ne 0 ]; then
	cat "$dir/log" >&2
	echo "openvgpu: cannot compile against this kernel's vfio_pci_core.h" >&2
	exit 1
fi

have()
{
	name=$1
	shift
	if try "$@"; then
		echo "#define $name 1" >>"$dir/out"
	else
		echo "/* $name is not set */" >>"$dir/out"
	fi
}

cat >"$dir/out" <<'H'
/* SPDX-License-Identifier: GPL-2.0-only */
/* Written by compat/probe.sh for one kernel. */
H

# Symbol namespaces are identifiers in older kernels, strings in newer ones.
have OVG_HAVE_NS_IDENT "$@" <<'C'
#include <linux/module.h>
int ovg_probe_ns(void) { return 0; }
EXPORT_SYMBOL_NS_GPL(ovg_probe_ns, OPENVGPU);
MODULE_IMPORT_NS(OPENVGPU);
C

have OVG_HAVE_VFIO_BIND_IOMMUFD "$@" <<'C'
#include <linux/vfio_pci_core.h>
const struct vfio_device_ops ovg_probe = {
	.bind_iommufd = vfio_iommufd_physical_bind,
	.unbind_iommufd = vfio_iommufd_physical_unbind,
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
};
C

have OVG_HAVE_VFIO_DETACH_IOAS "$@" <<'C'
#include <linux/vfio_pci_core.h>
const struct vfio_device_ops ovg_probe = {
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
};
C

have OVG_HAVE_VFIO_MATCH_TOKEN_UUID "$@" <<'C'
#include <linux/vfio_pci_core.h>
const struct vfio_device_ops ovg_probe = {
	.match_token_uuid = vfio_pci_core_match_token_uuid,
};
C

have OVG_HAVE_VFIO_GET_REGION_INFO_CAPS "$@" <<'C'
#include <linux/vfio_pci_core.h>
const struct vfio_device_ops ovg_probe = {
	.get_region_info_caps = vfio_pci_ioctl_get_region_info,
};
C

have OVG_HAVE_GENL_INFO_DUMP "$@" <<'C'
#include <net/genetlink.h>
const struct genl_info *ovg_probe(struct netlink_callback *cb) { return genl_info_dump(cb); }
C

have OVG_HAVE_GENL_SPLIT_OPS "$@" <<'C'
#include <net/genetlink.h>
static int ovg_probe_pre(const struct genl_split_ops *op, struct sk_buff *s,
			 struct genl_info *i) { return 0; }
struct genl_family ovg_probe = { .pre_doit = ovg_probe_pre };
C

have OVG_HAVE_EXTACK_BUF "$@" <<'C'
#include <linux/netlink.h>
void ovg_probe(struct netlink_ext_ack *e) { e->_msg = e->_msg_buf; e->_msg_buf[0] = 0; }
C

have OVG_HAVE_BIN_ATTR_CONST_READ "$@" <<'C'
#include <linux/sysfs.h>
static ssize_t ovg_probe_read(struct file *f, struct kobject *k,
			      const struct bin_attribute *a, char *b,
			      loff_t o, size_t n) { return 0; }
const struct bin_attribute ovg_probe = { .read = ovg_probe_read };
C

have OVG_HAVE_BIN_ATTR_CONST_GROUP "$@" <<'C'
#include <linux/sysfs.h>
static const struct bin_attribute *const ovg_probe_list[] = { NULL };
const struct attribute_group ovg_probe = { .bin_attrs = ovg_probe_list };
C

have OVG_HAVE_DEVCOREDUMP "$@" <<'C'
#include <linux/devcoredump.h>
#ifndef CONFIG_DEV_COREDUMP
#error
#endif
void ovg_probe(struct device *d, void *p) { dev_coredumpv(d, p, 1, GFP_KERNEL); }
C

if cmp -s "$dir/out" "$out"; then
	exit 0
fi
cat "$dir/out" >"$out"
