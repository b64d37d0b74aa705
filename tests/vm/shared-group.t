#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A PF that shares its IOMMU group with another device: no VFs, and the reason.
. ./lib.sh

for pf in $(pfs); do
	[ "$(ls $pci/$pf/iommu_group/devices | wc -l)" -gt 1 ] && break
done
t_ok "there is such a PF" test -n "$pf" || t_done
gate_expect "$pf"
t_ok "the PF is not alone in its group" test "$(ls $pci/$pf/iommu_group/devices | wc -l)" -gt 1
t_is "it is on nvidia all the same" "$(basename "$(readlink $pci/$pf/driver)")" nvidia
t_is "no VFs" "$(cat $pci/$pf/sriov_numvfs)" 0
t_like "status names the reason" "$(cat $pci/$pf/vgpu/status)" "[Gg]roup"
t_unlike "VFs by hand are refused" "$(try_write $pci/$pf/sriov_numvfs 4)" "^ok$"
t_is "still none" "$(cat $pci/$pf/sriov_numvfs)" 0
t_unlike "so is the mdev parent" "$(try_write $pci/$pf/vgpu/mdev 1)" "^ok$"
t_ok "no types" test ! -e $pci/$pf/mdev_supported_types
t_like "virsh lists the PF" "$(virsh -q nodedev-list --cap pci)" "$(node $pf)"
t_unlike "but not as one that can have vGPUs" "$(virsh -q nodedev-list --cap mdev_types)" "$(node $pf)"
t_done
