#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every board that the firmware branch of this VM knows, one after the other in the
# first window, which is large enough for each.
. ./lib.sh
. ./fill.sh

branch=$(build_of 0)
branch=${branch%%.*}
all="A10 A16 A2 A30 A40 A100-PCIe-40 A100-SXM4-40 A100-PCIe-80 A100-SXM4-80 L4 L40 L40S
	RTX6000-Ada H100-PCIe-80 H100-NVL-94"
[ $branch -lt 570 ] || all="$all H100-SXM5-80 H100-SXM5-94 H200-SXM5 H200-NVL"
[ $branch -lt 595 ] || all="$all RTXPRO6000"

# load BOARD: as after boot
load()
{
	local pf

	modprobe -r openvgpu_mdev openvgpu openvgpu_sim 2>/dev/null
	modprobe openvgpu_sim window=ivshmem boards=$1 firmware=$branch || return
	modprobe openvgpu || return
	pf=$(pfs | head -1)
	wait_for 60 grep -qx 1 $pci/$pf/vgpu/mdev
}

# Everything is loaded here and not by the VM: 535 does not know the board of the window.
t_ok "A10 $branch: loads" load A10
udevadm settle
gate_snapshot >"$tmp/before"
for b in $all; do
	t_ok "$b $branch: loads" load $b || continue
	fill_board $(pfs | head -1) $b
done
t_ok "A10 $branch: loads once more" load A10
udevadm settle
t_done
