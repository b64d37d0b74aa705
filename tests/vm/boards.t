#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Several boards at once, each with its own types, state and limits.
. ./lib.sh

mapfile -t p < <(pfs)
declare -A want=([${p[0]}]="NVIDIA A40-4Q" [${p[1]}]="NVIDIA L40S-4Q" [${p[2]}]="NVIDIA RTX Pro 6000 Blackwell DC-4Q")
for x in ${p[@]}; do
	t_like "virsh lists $x" "$(virsh -q nodedev-list --cap mdev_types)" "^$(node $x)\$"
	id=$(type_id $x "${want[$x]}")
	t_ok "$x has ${want[$x]}" test -n "$id"
	before[${#before[@]}]=$(cat $pci/$x/mdev_supported_types/*/available_instances | paste -sd,)
	u=$(uuid)
	all+=($u)
	t_at_exit mdev_remove $u
	t_is "a vGPU on $x" "$(mdev_create $x $id $u)" ok
	v=$(cat /sys/bus/mdev/devices/$u/vgpu/vf)
	t_is "on one of its VFs" "$(basename "$(readlink $pci/$v/physfn)")" $x
	t_ok "all checks" $vfio_test test $u --type ${id#nvidia-} --board $(cat $pci/$x/device)
done
t_ok "all of them at once" $vfio_test fleet ${all[@]}
t_ok "two boards at once, isolated" $vfio_test pair ${all[0]} ${all[2]}
i=0
for x in ${p[@]}; do
	t_is "remove on $x" "$(mdev_remove ${all[i]})" ok
	t_is "$x is as before" "$(cat $pci/$x/mdev_supported_types/*/available_instances | paste -sd,)" "${before[i]}"
	i=$((i + 1))
done
case $simopts in
*root_port=0,1,0*) t_ok "the second board sits under a root port" test ${p[1]} = 0002:01:00.0 -a -e $pci/0002:00:00.0 ;;
esac
t_ok "a long name is whole in sysfs" grep -q 'NVIDIA RTX Pro 6000 Blackwell DC-' $pci/${p[2]}/mdev_supported_types/*/name
t_done
