#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an installed system looks like after boot, nothing run by hand.
. ./lib.sh

declare -A id=([A40]=0x2235 [L40S]=0x26b9 [RTXPRO6000]=0x2bb5)
declare -A vfs=([A40]=32 [L40S]=32 [RTXPRO6000]=48)

mapfile -t found < <(pfs)
t_is "one PF for each board" "${#found[@]}" "$(echo "${boards//,/ }" | wc -w)"
i=0
for b in ${boards//,/ }; do
	pf=${found[i]}
	build=$(build_of $i)
	i=$((i + 1))
	d=$pci/$pf
	t_is "$b: device id" "$(cat $d/device)" "${id[$b]}"
	t_is "$b: class" "$(cat $d/class)" 0x030200
	t_is "$b: driver of the PF" "$(basename "$(readlink $d/driver)")" nvidia
	t_is "$b: ready" "$(cat $d/vgpu/status)" ready
	t_is "$b: firmware" "$(cat $d/vgpu/firmware)" $build
	t_is "$b: all VFs are on" "$(cat $d/sriov_numvfs)" "${vfs[$b]}"
	wrong=$(for v in $d/virtfn*; do
		[ $v/driver -ef /sys/bus/pci/drivers/nvidia ] || echo "${v##*/} is not"
	done)
	t_is "$b: every VF is on nvidia" "$wrong" ""
	wrong=$(for v in $d $d/virtfn*; do
		set -- $v/iommu_group/devices/*
		[ $# = 1 ] || echo "${v##*/}: $# in its group"
	done)
	t_is "$b: PF and VFs are alone in their IOMMU groups" "$wrong" ""
	t_is "$b: registered as mdev parent" "$(cat $d/vgpu/mdev)" 1
	t_ok "$b: in mdev_bus" test -d "/sys/class/mdev_bus/$pf/mdev_supported_types"
	t_is "$b: placement" "$(cat $d/vgpu/placement_mode)" equal
	t_is "$b: nothing reserved" "$(cat $d/vgpu/framebuffer_used)" 0
	t_is "$b: no error left over" "$(cat $d/vgpu/last_error)" ""
	t_ok "$b: no nvidia folder on the PF" test ! -e $d/nvidia
	t_ok "$b: nvidia folder on each VF" test -e $d/virtfn$((${vfs[$b]} - 1))/nvidia/current_vgpu_type
	t_is "$b: VFs are free" "$(cat $d/virtfn*/vgpu/owner | sort -u) $(cat $d/virtfn*/vgpu/state | sort -u)" "none free"
done
t_ok "nouveau is not loaded" test ! -e /sys/module/nouveau
t_is "udev had nothing to complain about" "$(grep -E 'udevd|mdevctl|openvgpu' /job/out/syslog | grep -iE 'err|warn|fail|not found')" ""
t_done
