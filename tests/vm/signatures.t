#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Firmware that takes signed types only: none of ours is, and the GPU says so.
. ./lib.sh

gate_expect "nvidia 0"
t_ok "everything away" rmmod openvgpu_mdev openvgpu openvgpu_sim
t_ok "a board that insists" modprobe openvgpu_sim window=ivshmem boards=$boards $simopts require_signatures=1
t_ok "openvgpu" modprobe openvgpu
t_ok "openvgpu_mdev" modprobe openvgpu_mdev
udevadm settle
pf=$(pfs | head -1)
s=$(cat $pci/$pf/vgpu/status)
t_unlike "not ready" "$s" "^ready$"
t_like "status says that the types were refused" "$s" "types?|TYPE"
t_like "and how" "$s" "INSUFFICIENT_PERMISSIONS|signature|signed"
t_ok "it was for the signature" test "$(sim_counter $pf refused_type_signature)" -ge 1
t_ok "no types" test ! -e $pci/$pf/mdev_supported_types
t_unlike "no mdev parent" "$(try_write $pci/$pf/vgpu/mdev 1)" "^ok$"
t_ok "away with it" rmmod openvgpu_mdev openvgpu openvgpu_sim

t_ok "a board that does not" modprobe openvgpu_sim window=ivshmem boards=$boards $simopts
t_ok "openvgpu" modprobe openvgpu
t_ok "openvgpu_mdev" modprobe openvgpu_mdev
pf=$(pfs | head -1)
t_wait "types" 30 grep -qx 1 $pci/$pf/vgpu/mdev
t_is "ready" "$(cat $pci/$pf/vgpu/status)" ready
t_is "no type was refused" "$(sim_counter $pf refused_type_signature)" 0
udevadm settle
t_done
