#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Removal of a handle in use: waits, asks the VM for the device, ends when it closes.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
m=/sys/bus/mdev/devices/$u
t_at_exit mdev_remove $u
t_at_exit virsh destroy r1

remover()
{
	echo 1 >$m/remove &
	remover=$!
}
waiting()
{
	kill -0 $remover 2>/dev/null
}

# A VMM that obeys.
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
v=$(cat $m/vgpu/vf)
$vfio_test hold $u --ignore 1 >$tmp/hold 2>&1 &
hold=$!
t_at_exit kill -9 $hold
wait_for 20 grep -q opened $tmp/hold
remover
t_wait "the opener is asked" 20 grep -q 'request 1' $tmp/hold
t_like "the handle cannot be opened any more" "$($vfio_test open $v --name $u 2>&1)" "^open: E(BUSY|NODEV)"
t_wait "and again, so removal waits" 20 grep -q 'request 2' $tmp/hold
t_wait "the opener closes" 20 grep -q closed $tmp/hold
t_wait "and removal ends" 10 sh -c "! kill -0 $remover"
wait $hold
t_wait "the VF is free" 5 grep -qx free $pci/$v/vgpu/state
t_is "capacity is back" "$(available $pf nvidia-560)" 12

# One that does not listen, and is killed.
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
$vfio_test hold $u --forever --busy >$tmp/hold 2>&1 &
hold=$!
t_at_exit kill -9 $hold
wait_for 20 grep -q opened $tmp/hold
remover
t_wait "the opener is asked" 20 grep -q request $tmp/hold
t_ok "removal waits" waiting
kill -9 $hold
wait $hold 2>/dev/null
t_wait "removal ends with the opener" 10 sh -c "! kill -0 $remover"

# A domain whose guest answers the unplug request.
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
virsh_sees mdev_${u//-/_}_${pf//[:.]/_}
t_ok "a domain" domain_start r1 "$(hostdev_mdev $u)"
t_guest "the guest is happy" r1 "$guest_pass"
remover
t_wait "QEMU unplugs it and removal ends" 60 sh -c "! kill -0 $remover"
t_is "the domain runs on" "$(virsh domstate r1 | head -1)" running
t_wait "without the device" 20 sh -c "! virsh dumpxml r1 | grep -q '<hostdev'"
t_ok "stop" domain_stop r1
t_done
