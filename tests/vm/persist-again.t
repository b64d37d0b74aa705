#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Second boot, with nothing but /etc/mdevctl.d of the first; nothing is run by hand.
. ./lib.sh

pf=$(pfs | head -1)
u=11111111-2222-4333-8444-555555555555
name=mdev_${u//-/_}_${pf//[:.]/_}
t_wait "the vGPU is there again" 20 test -e /sys/bus/mdev/devices/$u
t_is "of its type" "$(basename "$(readlink /sys/bus/mdev/devices/$u/mdev_type)")" nvidia-560
t_wait "libvirt knows it" 20 sh -c "virsh -q nodedev-list --cap mdev | grep -qx $name"
# It hears from udev that it is there, and from mdevctl that it is defined.
whole() { virsh nodedev-info $name | tr -s ' ' | tr '\n' ' ' | grep -q 'Active: yes.*Persistent: yes.*Autostart: yes'; }
t_wait "active and persistent" 20 whole
t_is "its place is taken" "$(instances $pf nvidia-560)" 11
t_ok "works" $vfio_test test $u --type 560

# The same after the driver was away.
t_ok "rmmod openvgpu_mdev" rmmod openvgpu_mdev
t_ok "gone" test ! -e /sys/bus/mdev/devices/$u
t_ok "modprobe openvgpu_mdev" modprobe openvgpu_mdev
t_write "mdev parent on" $pci/$pf/vgpu/mdev 1 ok
t_wait "started again" 20 test -e /sys/bus/mdev/devices/$u
udevadm settle
t_wait "libvirt knows it" 20 whole
t_ok "nodedev-destroy" virsh nodedev-destroy $name
wait_for 20 sh -c "virsh nodedev-info $name | grep -qE 'Active: +no'"
t_ok "nodedev-undefine" virsh nodedev-undefine $name
gate_snapshot >$tmp/before
t_is "nothing is left" "$(find /etc/mdevctl.d -type f -path '*-*-*')" ""
t_done
