#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# nouveau is there first, as on a host that forgot to block it.
. ./lib.sh

t_ok "everything away" rmmod openvgpu_mdev openvgpu openvgpu_sim
t_ok "the simulator" modprobe openvgpu_sim window=ivshmem boards=$boards $simopts
pf=$(pfs | head -1)
gate_expect 'nouveau|nvidia|openvgpu'
t_ok "nouveau loads" modprobe nouveau
t_ok "nouveau's word on the board: $(dmesg | grep -m1 -o 'nouveau 000.*' || echo none)" true
drv=$(basename "$(readlink $pci/$pf/driver)")
t_ok "openvgpu loads beside it" modprobe openvgpu
t_ok "openvgpu_mdev" modprobe openvgpu_mdev
if [ "$drv" = nouveau ]; then
	t_is "the board stays nouveau's" "$(basename "$(readlink $pci/$pf/driver)")" nouveau
	t_ok "no VFs, no types" test ! -e $pci/$pf/mdev_supported_types
	t_write "unbind nouveau" /sys/bus/pci/drivers/nouveau/unbind $pf ok
	t_write "bind nvidia" /sys/bus/pci/drivers/nvidia/bind $pf ok
fi
t_is "the board is nvidia's" "$(basename "$(readlink $pci/$pf/driver)")" nvidia
t_wait "VFs and mdev parent" 30 grep -qx 1 $pci/$pf/vgpu/mdev
u=$(uuid)
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
t_ok "works" $vfio_test test $u --type 560
t_is "remove" "$(mdev_remove $u)" ok
t_ok "nouveau unloads" modprobe -r nouveau
udevadm settle
t_done
