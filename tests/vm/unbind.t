#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# VFs off, unbinding of a VF and of the PF, while vGPUs exist and while one is open.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
m=/sys/bus/mdev/devices/$u
t_at_exit mdev_remove $u
drv=/sys/bus/pci/drivers/nvidia
n=$(cat $pci/$pf/sriov_numvfs)

hold()
{
	$vfio_test hold "$@" >$tmp/hold 2>&1 &
	hold=$!
	t_at_exit kill -9 $hold
	wait_for 20 grep -q opened $tmp/hold || t_fail "opens" "$(cat $tmp/hold)"
}
background()
{
	echo "$1" >"$2" &
	bg=$!
}
ended()
{
	! kill -0 $bg 2>/dev/null
}

gate_expect "VF|in use|busy|unbind|dead"
# --- sriov_numvfs = 0
t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
v=$(cat $m/vgpu/vf)
t_write "VFs off with an idle handle: EBUSY" $pci/$pf/sriov_numvfs 0 EBUSY
t_write "mdev parent off with an idle handle: EBUSY" $pci/$pf/vgpu/mdev 0 EBUSY
hold $u --forever
t_write "VFs off with an open one: EBUSY" $pci/$pf/sriov_numvfs 0 EBUSY
kill -9 $hold
wait $hold 2>/dev/null
wait_for 20 grep -qx reserved $m/vgpu/state
t_ok "all VFs are there, the handle works" $vfio_test open $u
t_is "remove" "$(mdev_remove $u)" ok
t_write "a type on a VF" $pci/$v/nvidia/current_vgpu_type 560 ok
t_write "VFs off with a type set: EBUSY" $pci/$pf/sriov_numvfs 0 EBUSY
t_write "0" $pci/$v/nvidia/current_vgpu_type 0 ok
t_write "VFs off when nothing is used" $pci/$pf/sriov_numvfs 0 ok
t_ok "no VF is left" test ! -e $pci/$pf/virtfn0
t_is "not an mdev parent without VFs" "$(cat $pci/$pf/vgpu/mdev)" 0
t_is "which cannot be forced" "$(try_write $pci/$pf/vgpu/mdev 1)" "$(echo EINVAL)"
t_write "VFs on" $pci/$pf/sriov_numvfs $n ok
t_write "mdev parent on" $pci/$pf/vgpu/mdev 1 ok
t_wait "types are back" 10 test -e $pci/$pf/mdev_supported_types/nvidia-560/create

# --- a VF
t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
v=$(cat $m/vgpu/vf)
hold $u
background $v $drv/unbind
t_wait "VF unbind asks the opener" 20 grep -q request $tmp/hold
t_wait "it closes" 20 grep -q closed $tmp/hold
t_wait "unbind ends" 20 ended
t_is "a dead handle is left" "$(cat $m/vgpu/state)" dead
t_is "without a VF" "$(cat $m/vgpu/vf)" ""
t_ok "without a group" test ! -e $m/iommu_group
t_is "it counts as used" "$(available $pf nvidia-560)" 11
t_write "VF bound again" $drv/bind $v ok
t_is "the handle is not revived" "$(cat $m/vgpu/state)" dead
t_is "the VF is free" "$(cat $pci/$v/vgpu/owner)" none
t_is "it can be removed" "$(mdev_remove $u)" ok
t_is "capacity is back" "$(available $pf nvidia-560)" 12
t_ok "the VF is good" sh -c "echo 560 >$pci/$v/nvidia/current_vgpu_type && $vfio_test open $v && echo 0 >$pci/$v/nvidia/current_vgpu_type"
t_write "idle VF unbinds" $drv/unbind $v ok
t_write "and binds" $drv/bind $v ok

# --- the PF
t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
hold $u --forever
background $pf $drv/unbind
t_wait "PF unbind asks the opener" 30 grep -q request $tmp/hold
t_ok "and waits for it" kill -0 $bg
kill -9 $hold
wait $hold 2>/dev/null
t_wait "unbind ends with the opener" 30 ended
t_ok "the handle is gone" test ! -e $m
t_ok "the VFs are gone" test ! -e $pci/$pf/virtfn0
t_write "PF bound again" $drv/bind $pf ok
t_wait "udev turns the VFs on and registers it" 30 grep -qx 1 $pci/$pf/vgpu/mdev
t_is "all VFs" "$(cat $pci/$pf/sriov_numvfs)" $n
t_is "ready" "$(cat $pci/$pf/vgpu/status)" ready
t_is "a vGPU on it" "$(mdev_create $pf nvidia-560 $u)" ok
t_ok "works" $vfio_test test $u --type 560
t_is "remove" "$(mdev_remove $u)" ok
udevadm settle
t_done
