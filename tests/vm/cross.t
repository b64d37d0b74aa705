#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A VF has one owner: what one face took, the other refuses, also at open.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
cur=nvidia/current_vgpu_type
t_at_exit mdev_remove $u

t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
v=$(cat /sys/bus/mdev/devices/$u/vgpu/vf)
d=$pci/$v
t_is "its VF reads 0" "$(cat $d/$cur)" 0
t_is "and lists the header only" "$(cat $d/nvidia/creatable_vgpu_types)" "ID    : vGPU Name"
t_write "a type there: EBUSY" $d/$cur 560 EBUSY
t_write "0 there: EBUSY" $d/$cur 0 EBUSY
t_write "nonsense there: no success" $d/$cur junk EINVAL
t_is "its owner is shown" "$(cat $d/vgpu/owner)" "mdev $u"
t_like "VFIO open by the VF's address: EBUSY" "$($vfio_test open $v 2>&1)" "^open: EBUSY"
t_like "VFIO open by another UUID: ENODEV" "$($vfio_test open $u --name $(uuid) 2>&1)" "^open: ENODEV"
t_ok "VFIO open by the UUID" $vfio_test open $u
t_is "remove" "$(mdev_remove $u)" ok
t_like "VFIO open by its address now: ENODEV" "$($vfio_test open $v 2>&1)" "^open: ENODEV"

t_write "the other way: a type on the VF" $d/$cur 560 ok
t_at_exit try_write $d/$cur 0
t_like "VFIO open by a UUID: ENODEV" "$($vfio_test open $v --name $u 2>&1)" "^open: ENODEV"
t_ok "VFIO open by the address" $vfio_test open $v
# Handles take the VFs that are left, never this one.
made=()
for i in $(seq 11); do
	n=$(uuid)
	[ "$(mdev_create $pf nvidia-560 $n)" = ok ] || t_fail "handle $i"
	made+=($n)
	t_at_exit mdev_remove $n
done
t_is "eleven handles, none of them on that VF" \
	"$(cat /sys/bus/mdev/devices/*/vgpu/vf | grep -vx $v | wc -l)" 11
t_is "a twelfth does not fit" "$(available $pf nvidia-560)" 0
for n in ${made[@]}; do mdev_remove $n >/dev/null; done
t_is "the VF still has its type" "$(cat $d/$cur)" 560

# A domain that already uses the VF through one face blocks the other.
t_ok "domain on the VF by its type" $vfio_test open $v
t_write "0" $d/$cur 0 ok
t_done
