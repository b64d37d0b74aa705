#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# kill -9 of QEMU: the kernel closes for it, the vGPU is as good as before.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
t_at_exit mdev_remove $u
t_at_exit virsh destroy k1
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
virsh_sees mdev_${u//-/_}_${pf//[:.]/_}
for i in 1; do
	t_ok "start" domain_start k1 "$(hostdev_mdev $u)"
	t_guest "the guest is happy" k1 "$guest_pass"
	t_ok "kill -9" kill -9 $(cat /run/libvirt/qemu/k1.pid)
	t_wait "closed" 30 grep -qx reserved /sys/bus/mdev/devices/$u/vgpu/state
	t_wait "libvirt has noticed" 30 sh -c '! virsh -q list --name | grep -qx k1'
done
# And in the middle of DMA.
for i in 1 2 3; do
	$vfio_test hold $u --busy >$tmp/hold 2>&1 &
	hold=$!
	wait_for 20 grep -q opened $tmp/hold || t_fail "opens" "$(cat $tmp/hold)"
	kill -9 $hold
	wait $hold 2>/dev/null
	wait_for 20 grep -qx reserved /sys/bus/mdev/devices/$u/vgpu/state ||
		t_fail "closed after kill -9 during DMA" "$(cat /sys/bus/mdev/devices/$u/vgpu/state)"
done
t_ok "well after three kills during DMA" $vfio_test test $u --type 560
t_is "remove" "$(mdev_remove $u)" ok
t_done
