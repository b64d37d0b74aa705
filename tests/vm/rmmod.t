#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The modules in use and after.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
t_at_exit mdev_remove $u
n=$(cat $pci/$pf/sriov_numvfs)

t_err "rmmod openvgpu under openvgpu_mdev" "in use" rmmod openvgpu
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
$vfio_test hold $u --forever >$tmp/hold 2>&1 &
hold=$!
t_at_exit kill -9 $hold
wait_for 20 grep -q opened $tmp/hold
for m in openvgpu_mdev openvgpu; do
	t_err "rmmod $m while a vGPU is open" "in use|busy" rmmod $m
	t_ok "$m is still there" test -e /sys/module/$m
done
kill $hold
wait $hold
wait_for 20 grep -qx reserved /sys/bus/mdev/devices/$u/vgpu/state
t_ok "rmmod openvgpu_mdev with an idle handle" rmmod openvgpu_mdev
t_ok "takes the handle along" test ! -e /sys/bus/mdev/devices/$u
t_ok "no types" test ! -e $pci/$pf/mdev_supported_types
v=$(vf $pf 0)
t_write "the VF face works without it" $pci/$v/nvidia/current_vgpu_type 560 ok
$vfio_test hold $v --forever >$tmp/hold 2>&1 &
hold=$!
t_at_exit kill -9 $hold
wait_for 20 grep -q opened $tmp/hold
t_err "rmmod openvgpu while a VF is open" "in use|busy|temporarily" rmmod openvgpu
kill $hold
wait $hold
wait_for 20 grep -qx reserved $pci/$v/vgpu/state
t_ok "rmmod openvgpu with a type set" rmmod openvgpu
t_ok "nobody is on the PF" test ! -e $pci/$pf/driver
t_is "its VFs are gone" "$(cat $pci/$pf/sriov_numvfs)" 0
t_ok "modprobe openvgpu_mdev" modprobe openvgpu_mdev
t_ok "modprobe openvgpu" modprobe openvgpu
t_wait "udev brings VFs and mdev parent back" 30 grep -qx 1 $pci/$pf/vgpu/mdev
t_is "all VFs" "$(cat $pci/$pf/sriov_numvfs)" $n
t_is "a vGPU on it" "$(mdev_create $pf nvidia-560 $u)" ok
t_ok "works" $vfio_test test $u --type 560
t_is "remove" "$(mdev_remove $u)" ok
udevadm settle
t_done
