#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirtd ends, in good order and by force, while a domain with a vGPU runs and vGPUs are
# being made through it: the domain lives, and afterwards libvirt knows of every vGPU.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid) extra=$(uuid)
for i in {1..6}; do new[i]=$(uuid); done
for x in $u $extra ${new[@]}; do t_at_exit mdev_remove $x; done
t_at_exit virsh destroy r1

node_of() { echo "mdev_${1//-/_}_${pf//[:.]/_}"; }
# Through libvirt and nobody else, until it is there.
maker()
{
	for x in ${new[@]}; do
		mdev_xml $pf nvidia-560 $x >$tmp/$x.xml
		until mdev_exists $x; do
			virsh -q nodedev-create $tmp/$x.xml || virsh -q uri
		done >>$tmp/maker.log 2>&1
		echo $x >>$tmp/made
	done
}
made() { [ "$(wc -l <$tmp/made)" -ge $1 ]; }
answers() { virsh -q uri; }
daemon_gone() { ! pgrep -x libvirtd; }
qemu_lives() { kill -0 $qemu && [ "$(cat /sys/bus/mdev/devices/$u/vgpu/state)" = running ]; }

mdev_xml $pf nvidia-560 $u >$tmp/m.xml
t_ok "a vGPU" virsh -q nodedev-create $tmp/m.xml
t_ok "a domain has it" domain_start r1 "$(hostdev_mdev $u)"
t_guest "its guest uses it" r1 "$guest_pass"
qemu=$(cat /run/libvirt/qemu/r1.pid)

: >$tmp/made
maker &
t_at_exit kill $!
n=1
for how in TERM KILL; do
	t_wait "SIG$how: vGPUs are being made" 60 made $n
	kill -$how $(pgrep -x libvirtd)
	t_wait "SIG$how: libvirtd is gone" 30 daemon_gone
	t_ok "SIG$how: the domain is not" qemu_lives
	if [ $how = KILL ]; then
		t_is "vgpuctl makes one without libvirtd" "$(vgpuctl create $pf A40-4Q --uuid $extra)" $extra
		t_ok "it is there" mdev_exists $extra
	fi
	libvirtd -d
	t_wait "SIG$how: libvirtd is back" 60 answers
	t_is "SIG$how: the domain is the same" "$(virsh -q domstate r1) $(cat /run/libvirt/qemu/r1.pid)" "running $qemu"
	n=$(($(wc -l <$tmp/made) + 2))
done
t_wait "all were made" 120 made ${#new[@]}
t_ok "the domain lives" qemu_lives
t_like "QEMU still obeys" "$(virsh -q qemu-monitor-command r1 --hmp info status)" "running"
known() { virsh -q nodedev-list --cap mdev | sort; }
all=$(for x in $u $extra ${new[@]}; do node_of $x; done | sort)
knows_all() { [ "$(known)" = "$all" ]; }
wait_for 60 knows_all
t_is "libvirt knows of every vGPU" "$(known)" "$all"
t_is "and there is no other" "$(ls /sys/bus/mdev/devices | wc -l)" 8
t_err "the one in use is kept" "device in use" virsh nodedev-destroy $(node_of $u)
t_ok "one that was made meanwhile goes by libvirt" virsh -q nodedev-destroy $(node_of ${new[6]})
t_ok "the domain ends" domain_stop r1
t_wait "its vGPU is free" 60 grep -qx reserved /sys/bus/mdev/devices/$u/vgpu/state
t_done
