#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vgpuctl import: definitions of the time when VFs were mdev parents, which mdevctl and libvirt
# can start after it. What it refuses: tests/cli/cases-import.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid) w=$(uuid)
for x in $u $w; do
	t_at_exit mdev_remove $x
	t_at_exit mdevctl undefine -u $x
done
t_at_exit rm -rf /etc/openvgpu/import
v=$(vf $pf 5) far=$(vf $pf 31)
t_at_exit rm -rf /etc/mdevctl.d/$v /etc/mdevctl.d/$far
mkdir -p /etc/mdevctl.d/$v /etc/mdevctl.d/$far
echo '{"mdev_type":"nvidia-560","start":"auto","attrs":[{"nvidia/vgpu_params":"loglevel=2"}]}' \
	>/etc/mdevctl.d/$v/$u
echo '{"mdev_type":"nvidia-560","start":"manual","attrs":[]}' >/etc/mdevctl.d/$far/$w

defined()
{
	mdevctl list --defined | grep -oE "^($u|$w) [0-9a-f:.]+ \S+ \S+" | sort
}
want()
{
	printf '%s\n' "$u $1 nvidia-560 auto" "$w $2 nvidia-560 manual" | sort
}

t_is "as NVIDIA's driver had it" "$(defined)" "$(want $v $far)"
vgpuctl import >$tmp/plan
t_like "the plan" "$(cat $tmp/plan)" "^$u +$v +$pf +nvidia-560 +auto +move$"
t_is "changes nothing" "$(defined)" "$(want $v $far)"
# the VFs are away when the driver is: then it counts
cp -r /etc/mdevctl.d $tmp/kept
t_write "no mdev parent" $pci/$pf/vgpu/mdev 0 ok
t_write "no VFs" $pci/$pf/sriov_numvfs 0 ok
t_is "the plan is the same without VFs" "$(vgpuctl import)" "$(cat $tmp/plan)"
t_ok "import" vgpuctl import --apply
t_is "they are the GPU's" "$(defined)" "$(want $pf $pf)"
t_ok "nothing is left of the VFs" test ! -e /etc/mdevctl.d/$v -a ! -e /etc/mdevctl.d/$far
t_ok "there is a copy" cmp /etc/openvgpu/import/$v/$u $tmp/kept/$v/$u
t_is "there is no more to do" "$(vgpuctl import --apply)" "Nothing is defined on a VF of a GPU."
# one that is marked so starts by itself
t_ok "VFs on, mdev parent" vgpuctl restore $pf
t_write "mdev parent" $pci/$pf/vgpu/mdev 1 ok
t_wait "autostart" 20 test -e /sys/bus/mdev/devices/$u
t_wait "with its attributes" 20 grep -qx loglevel=2 /sys/bus/mdev/devices/$u/nvidia/vgpu_params
name=mdev_${w//-/_}_${pf//[:.]/_}
t_wait "libvirt knows the other" 20 virsh nodedev-info $name
t_ok "and starts it" virsh nodedev-start $name
t_is "as what it was" "$(basename "$(readlink /sys/bus/mdev/devices/$w/mdev_type)")" nvidia-560
t_is "remove" "$(mdev_remove $w) $(mdev_remove $u)" "ok ok"
udevadm settle
t_done
