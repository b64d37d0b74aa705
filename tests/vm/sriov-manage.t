#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# NVIDIA's script, ours: same options, honest exit statuses, harmless twice.
. ./lib.sh

pf=$(pfs | head -1)
d=$pci/$pf
m=/usr/lib/nvidia/sriov-manage
n=$(cat $d/sriov_totalvfs)

t_is "under NVIDIA's path" "$(readlink -f $m)" /usr/lib/openvgpu/sriov-manage
t_ok "-h" $m -h
t_ok "-e of what is enabled" $m -e $pf
t_is "all VFs are on" "$(cat $d/sriov_numvfs)" $n
t_ok "-d" $m -d $pf
t_is "no VFs" "$(cat $d/sriov_numvfs) $(cat $d/vgpu/mdev)" "0 0"
t_ok "-d once more" $m -d $pf
t_ok "-e ALL" $m -e ALL
t_is "all VFs, and the GPU is a parent again" "$(cat $d/sriov_numvfs) $(cat $d/vgpu/mdev)" "$n 1"
u=$(uuid)
t_at_exit mdev_remove $u
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
$m -d $pf 2>$tmp/err
t_is "-d while a vGPU exists fails" $? 1
t_like "with the driver's reason" "$(cat $tmp/err)" "$pf: sriov_numvfs 0: .*vGPU"
t_is "and the VFs stay" "$(cat $d/sriov_numvfs)" $n
$m -e $pf -r 1 2>$tmp/err
t_is "so does -r 1" "$? $(test -e /sys/bus/mdev/devices/$u && echo there)" "1 there"
t_is "remove" "$(mdev_remove $u)" ok
t_ok "-e -r 1" $m -e $pf -r 1
t_is "the GPU has come back, with VFs" "$(cat $d/vgpu/status) $(cat $d/sriov_numvfs)" "ready $n"
t_is "and as a parent" "$(cat $d/vgpu/mdev)" 1
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
t_ok "works" $vfio_test test $u --type 560
t_is "remove" "$(mdev_remove $u)" ok
$m -e 0009:00:00.0 2>$tmp/err
t_is "a GPU that is not there" $? 1
$m -e 2>$tmp/err
t_is "wrong use" $? 2
udevadm settle
t_done
