#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The story of an administrator with virsh: domain with a vGPU, a second one
# attached and detached while it runs, destroy refused in use.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid) w=$(uuid)
t_at_exit mdev_remove $u
t_at_exit mdev_remove $w
t_at_exit virsh undefine d1
t_at_exit virsh destroy d1

for x in $u $w; do
	mdev_xml $pf nvidia-560 $x >$tmp/m.xml
	t_ok "nodedev-create" virsh nodedev-create $tmp/m.xml
done
name=mdev_${u//-/_}_${pf//[:.]/_}
name2=mdev_${w//-/_}_${pf//[:.]/_}

domain_xml d1 "$(hostdev_mdev $u)" >$tmp/d1.xml
t_ok "define" virsh define $tmp/d1.xml
t_ok "start" patiently virsh start d1
t_guest "the guest finds its vGPU" d1 "$guest_found"
t_guest "it is an A40-4Q (560) of an A40" d1 "$guest_identity_560"
t_guest "DMA both ways, MSI-X, framebuffer: all well" d1 "$guest_pass"
t_unlike "the guest found nothing wrong" "$(tr -d '\r' </run/d1.serial)" "$guest_bad"
t_is "state" "$(cat /sys/bus/mdev/devices/$u/vgpu/state)" running
t_wait "the host sees that its driver has come up" 10 grep -qx loaded /sys/bus/mdev/devices/$u/vgpu/guest
t_err "nodedev-destroy in use is refused" "device in use" virsh nodedev-destroy $name
t_ok "and the vGPU is still there" test -e /sys/bus/mdev/devices/$u
domain_xml d2 "$(hostdev_mdev $u)" >$tmp/d2.xml
t_err "a second domain on it is refused" "in use by driver QEMU, domain d1" virsh create $tmp/d2.xml

hostdev_mdev $w >$tmp/hd.xml

t_ok "attach-device on the running domain" patiently virsh attach-device d1 $tmp/hd.xml --live
t_guest "the guest finds the second vGPU and checks it" d1 "OVG ready 2"
t_is "both are running" "$(cat /sys/bus/mdev/devices/{$u,$w}/vgpu/state | sort -u)" running
t_err "nodedev-destroy of the second is refused" "device in use" virsh nodedev-destroy $name2
t_ok "detach-device" patiently virsh detach-device d1 $tmp/hd.xml --live
t_wait "it is closed" 60 grep -qx reserved /sys/bus/mdev/devices/$w/vgpu/state
t_ok "nodedev-destroy of the detached one works" virsh nodedev-destroy $name2
t_is "the first still runs" "$(virsh domstate d1 | head -1)" running

t_ok "destroy" patiently virsh destroy d1
t_is "closed" "$(cat /sys/bus/mdev/devices/$u/vgpu/state)" reserved
t_is "no driver then" "$(cat /sys/bus/mdev/devices/$u/vgpu/guest)" none
t_ok "start again" patiently virsh start d1
t_guest "a second start finds it as well" d1 "$guest_pass"
t_ok "destroy" patiently virsh destroy d1
t_ok "nodedev-destroy after the domain has stopped" virsh nodedev-destroy $name
t_is "the capacity is back" "$(instances $pf nvidia-560) $(instances $pf nvidia-562)" "12 6"
t_ok "undefine" virsh undefine d1
t_done
