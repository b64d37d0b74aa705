#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Discovery through virsh and through the files that other managers read.
. ./lib.sh

pf=$(pfs | head -1)
n=$(node $pf)
types=$pci/$pf/mdev_supported_types

t_like "nodedev-list --cap mdev_types names the PF" "$(virsh -q nodedev-list --cap mdev_types)" "^$n\$"
virsh -q nodedev-dumpxml $n >$tmp/pf.xml
xp() { xmllint --xpath "string($1)" $tmp/pf.xml; }
t='(//capability[@type="mdev_types"]/type[@id="nvidia-560"])[1]'
t_is "dumpxml: nvidia-560 is NVIDIA A40-4Q" "$(xp "$t/name")" "NVIDIA A40-4Q"
t_is "dumpxml: nvidia-560 has 12 instances" "$(xp "$t/availableInstances")" 12
t_is "dumpxml: device API" "$(xp "$t/deviceAPI")" vfio-pci
t_is "dumpxml: driver" "$(xp //driver/name)" nvidia
t_is "dumpxml: VFs are listed" "$(xmllint --xpath 'count((//capability[@type="virt_functions"])[1]/address)' $tmp/pf.xml)" 32
t_is "virsh and sysfs list the same types" \
	"$(xmllint --xpath '//capability[@type="mdev_types"]/type/@id' $tmp/pf.xml | grep -o 'nvidia-[0-9]*' | sort -u)" \
	"$(ls $types | sort -u)"

t_is "name" "$(cat $types/nvidia-560/name)" "NVIDIA A40-4Q"
t_is "description" "$(cat $types/nvidia-560/description)" \
	"num_heads=4, frl_config=60, framebuffer=4096M, max_resolution=7680x4320, max_instance=12"
t_is "description of a B type" "$(cat $types/nvidia-555/description)" \
	"num_heads=4, frl_config=45, framebuffer=1024M, max_resolution=5120x2880, max_instance=32"
t_is "device_api" "$(cat $types/nvidia-560/device_api)" vfio-pci
t_is "texts end with one newline" "$(cat $types/nvidia-560/{name,description,device_api,available_instances} | wc -l)" 4
t_is "no description above one line" "$(cat $types/*/description | wc -l)" "$(ls $types | wc -l)"

# libvirt's schema and ours, of what libvirt says of our devices; of a vGPU: mdev.t
for x in $n $(node $(vf $pf 0)); do
	virsh -q nodedev-dumpxml $x >$tmp/$x.xml
	t_ok "libvirt's schema takes $x" xmllint --noout --relaxng /usr/share/libvirt/schemas/nodedev.rng $tmp/$x.xml
done

while read -r id want; do
	t_is "instances of nvidia-$id ($(cat $types/nvidia-$id/name))" "$(available $pf nvidia-$id)" $want
done <<I
557 32
558 24
559 16
560 12
561 8
562 6
563 4
564 3
565 2
566 1
I
t_like "mdevctl lists the type" "$(mdevctl types -p $pf)" "nvidia-560"
t_done
