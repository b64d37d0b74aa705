#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# VF face and mdev when the firmware is gone: ENODEV, not a hang. Its own boot.
. ./lib.sh

pf=$(pfs | head -1)
v=$pci/$(vf $pf 0)
gate_expect "$pf|nvidia 0"
t_write "type set while it is well" $v/nvidia/current_vgpu_type 560 ok
t_write "the firmware hangs" $debug/openvgpu_sim/$pf/fault fw_hang ok
start=$SECONDS
out=$(timeout 100 $vfio_test open ${v##*/} 2>&1)
t_like "open fails" "$out" "^open: E"
t_ok "within a minute ($((SECONDS - start)) s)" test $((SECONDS - start)) -le 60
t_unlike "status is not ready any more" "$(cat $pci/$pf/vgpu/status)" "^ready$"
w=$pci/$(vf $pf 1)
t_write "firmware gone: ENODEV" $w/nvidia/current_vgpu_type 560 ENODEV
t_is "mdev: ENODEV" "$(mdev_create $pf nvidia-560 $(uuid))" ENODEV
t_write "0 is still possible" $v/nvidia/current_vgpu_type 0 ok
t_write "a reset of the GPU" $pci/$pf/reset 1 ok
t_wait "brings it back" 20 grep -qx ready $pci/$pf/vgpu/status
t_done
