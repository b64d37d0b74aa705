#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A PCI error on the PF, its loss, and the shutdown of the host: each ends in a state
# that has a name, tells the VM, and lets nothing new begin.
. ./lib.sh

pf=$(pfs | head -1)
cur=nvidia/current_vgpu_type
v=$(vf $pf 0)
other=$(vf $pf 1)
t_at_exit try_write $pci/$v/$cur 0
t_at_exit try_write $pci/$other/$cur 0
gate_expect "$pf"
t_at_exit unhasten

# pci_step STEP: the driver's answer; 3 needs a reset, 4 is lost, 5 has recovered
pci_step()
{
	local last mark="$t_file.$1.$EPOCHREALTIME"

	case $1 in normal | frozen | permanent | shutdown) hasten $pf ;; esac
	gate_mark "$mark"
	insmod /usr/lib/openvgpu-test/pcierr_test.ko function=$pf step=$1 2>/dev/null
	last=$(gate_log "$mark" | sed -n "s/.*pcierr_test: $1: //p")
	echo "${last:-no answer}"
}
status() { cat $pci/$pf/vgpu/status; }

# lost NAME STATUS: what users see of a GPU that is not there
lost()
{
	t_is "$1: the VM is told" "$(tell a 'died 120000')" died
	t_like "$1: status" "$(status)" "$2"
	t_is "$1: state" "$(cat $pci/$v/vgpu/state)" error
	t_like "$1: nothing opens" "$($vfio_test open $other 2>&1)" "^open: ENODEV"
	t_is "$1: no mdev" "$(mdev_create $pf nvidia-560 $(uuid))" ENODEV
}

works()
{
	t_wait "$1: ready again" 60 grep -qx ready $pci/$pf/vgpu/status
	unhasten
	t_is "$1: the vGPUs are kept" "$(cat $pci/$v/$cur) $(cat $pci/$other/$cur)" "560 560"
	t_ok "$1: and work" $vfio_test test $v --type 560
}

for x in $v $other; do t_write "a type" $pci/$x/$cur 560 ok; done
for kind in normal frozen; do
	t_drive "$kind: a vGPU is open" a $v
	t_is "$kind: DMA" "$(tell a 'dma 3')" ok
	t_is "$kind: a reset is wanted" "$(pci_step $kind)" 3
	lost $kind "PCI error"
	t_is "$kind: after the reset of the slot" "$(pci_step slot_reset)" 5
	t_is "$kind: the end of recovery" "$(pci_step resume)" 0
	t_unlike "$kind: not ready while the VM has it" "$(status)" "^ready$"
	t_drive_end "$kind: the VM lets go" a
	works $kind
done

# Whoever lets go starts the firmware anew; with nobody there it is the end of recovery.
t_is "nobody there: a reset is wanted" "$(pci_step normal)" 3
t_like "nobody there: status" "$(status)" "PCI error"
t_like "nobody there: nothing opens" "$($vfio_test open $other 2>&1)" "^open: ENODEV"
t_is "nobody there: after the reset of the slot" "$(pci_step slot_reset)" 5
t_is "nobody there: the end of recovery" "$(pci_step resume)" 0
works "nobody there"
t_drive "gone before: a vGPU is open" a $v
t_is "gone before: a reset is wanted" "$(pci_step frozen)" 3
lost "gone before" "PCI error"
t_drive_end "gone before: the VM lets go" a
t_like "gone before: status" "$(status)" "PCI error"
t_is "gone before: after the reset of the slot" "$(pci_step slot_reset)" 5
t_is "gone before: the end of recovery" "$(pci_step resume)" 0
works "gone before"

t_drive "permanent: a vGPU is open" a $v
t_is "permanent: the device is given up" "$(pci_step permanent)" 4
lost permanent "gone from the bus"
t_drive_end "permanent: the VM lets go" a
t_like "permanent: it does not come back by itself" "$(status)" "gone from the bus"
t_write "permanent: a reset by the administrator" $pci/$pf/reset 1 ok
works permanent

t_drive "shutdown: a vGPU is open" a $v
t_is "shutdown" "$(pci_step shutdown)" 0
lost shutdown "shutting down"
t_is "shutdown: bus mastering is off" "$(($(od -An -tu2 -j4 -N2 $pci/$pf/config) & 4))" 0
t_drive_end "shutdown: the VM lets go" a
unhasten
for x in $v $other; do t_write "0" $pci/$x/$cur 0 ok; done
echo $pf >/sys/bus/pci/drivers/nvidia/unbind
t_write "bound anew" /sys/bus/pci/drivers/nvidia/bind $pf ok
t_wait "mdev parent" 30 grep -qx 1 $pci/$pf/vgpu/mdev
t_is "ready" "$(status)" ready
t_write "a type" $pci/$v/$cur 560 ok
t_ok "works" $vfio_test open $v
for d in /sys/class/devcoredump/*; do [ ! -e $d/data ] || echo 1 >$d/data; done
t_done
