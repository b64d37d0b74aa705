#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Boards that cannot have vGPUs: no IOMMU, no SR-IOV vGPU (T4), no hand-over of the
# firmware. Each says so, and nothing of it can be had.
# A write to vgpu/mdev loads it; the state before the test has it too.
modprobe openvgpu_mdev
. ./lib.sh

gate_expect "nvidia 000[123]:00:00.0: no VFs: no IOMMU"

# refuses WHAT PF ERRNO REASON
refuses()
{
	local d=$pci/$2

	t_is "$1: the PF is on nvidia" "$(basename "$(readlink $d/driver)")" nvidia
	t_write "$1: VFs" $d/sriov_numvfs 4 $3
	t_is "$1: no VFs" "$(cat $d/sriov_numvfs)" 0
	t_like "$1: status names the reason" "$(cat $d/vgpu/status)" "$4"
	t_like "$1: so does last_error" "$(cat $d/vgpu/last_error)" "$4"
	t_unlike "$1: no mdev parent" "$(try_write $d/vgpu/mdev 1)" "^ok$"
	t_ok "$1: no types" test ! -e $d/mdev_supported_types
}

refuses "no IOMMU" 0001:00:00.0 ENODEV "no IOMMU for 0001:00:00.0"
refuses "T4" 0002:00:00.0 EOPNOTSUPP "does not use SR-IOV"
refuses "no hand-over" 0003:00:00.0 ENODEV "."
t_is "T4: its answer to a parent as well" "$(try_write $pci/0002:00:00.0/vgpu/mdev 1)" EOPNOTSUPP
t_done
