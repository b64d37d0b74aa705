#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What vgpuctl prints as JSON of a driver that answers; whether it is what the schemas say is
# looked at when the VM is off.
. ./lib.sh

read -r pf < <(pfs)
v=$(vf $pf 0) w=$(vf $pf 1) u=$(uuid)
t_at_exit try_write $pci/$v/nvidia/current_vgpu_type 0
t_at_exit try_write $pci/$w/nvidia/current_vgpu_type 0
t_at_exit mdev_remove $u

t_json monitor vgpuctl monitor -o json -n 4 & monitor=$!
told()
{
	vgpuctl create $pf A40-4Q --vf $w >/dev/null && vgpuctl destroy $w
	! kill -0 $monitor
}
t_wait "what happens is told" 20 told
t_ok "as JSON" wait $monitor
t_json create vgpuctl create $pf A40-4Q --vf $v -o json
t_is "an mdev" "$(mdev_create $pf nvidia-560 $u)" ok
t_drive "open" one $u
for i in $pf $v $u; do t_json show vgpuctl show $i -o json; done
t_json top vgpuctl top -n 1 -o json
t_json list vgpuctl list -o json
t_json types vgpuctl types --why -o json $pf
t_json why vgpuctl why -o json $pf A40-4Q
t_json map vgpuctl map -o json
t_json save vgpuctl save --file $tmp/saved
cp $tmp/saved $(ls /job/out/json/save.*)
t_drive_end "close" one
t_ok "destroy" vgpuctl destroy $v
t_done
