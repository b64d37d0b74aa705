#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# 32 vGPUs on one GPU, all of them open and at work, and the 33rd.
. ./lib.sh

declare -A type=([A40]="NVIDIA A40-1Q" [RTXPRO6000]="NVIDIA RTX Pro 6000 Blackwell DC-3Q")
mapfile -t found < <(pfs)
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"
i=0
for b in ${boards//,/ }; do
	pf=${found[i]}
	i=$((i + 1))
	id=$(type_id $pf "${type[$b]}")
	gate_expect "nvidia $pf: "
	t_is "$b: 32 instances" "$(available $pf $id)" 32
	all=()
	for k in $(seq 32); do
		u=$(uuid)
		r=$(mdev_create $pf $id $u)
		[ "$r" = ok ] || t_fail "$b: vGPU $k" "$r"
		all+=($u)
		t_at_exit mdev_remove $u
	done
	$vfio_test fleet --stay ${all[@]} >$tmp/fleet 2>&1 &
	fleet=$!
	t_at_exit kill -9 $fleet
	t_wait "$b: all 32 open at the same time" 200 grep -q '^fleet: ' $tmp/fleet
	t_like "$b: DMA in each of them, each its own" "$(cat $tmp/fleet)" '^fleet: 32 open$'
	t_unlike "$b: nothing was wrong" "$(cat $tmp/fleet)" FAIL
	t_is "$b: all 32 run" "$(cat /sys/bus/mdev/devices/*/vgpu/state | sort | uniq -c | tr -s ' ')" " 32 running"
	t_is "$b: 32 are booted" "$(sim_counter $pf vgpus_booted_now)" 32
	t_is "$b: a 33rd handle" "$(mdev_create $pf $id $(uuid))" ENOSPC
	t_like "$b: the reason" "$(cat $pci/$pf/vgpu/last_error)" "instances|free VF|limit|32"
	free=
	for v in $pci/$pf/virtfn*; do
		[ "$(cat $v/vgpu/owner)" = none ] && free=$v
	done
	if [ -n "$free" ]; then
		t_is "$b: a 33rd on a free VF" "$(try_write $free/nvidia/current_vgpu_type ${id#nvidia-})" ENOSPC
		t_like "$b: the reason" "$(cat $free/vgpu/last_error)" "instances|limit|32"
	else
		t_is "$b: no VF is free" "$(cat $pci/$pf/virtfn*/vgpu/owner | grep -c none)" 0
	fi
	t_is "$b: the firmware was not asked" "$(sim_counter $pf vgpus_booted_now) $(refusals $pf)" "32 "
	kill $fleet
	wait $fleet
	t_like "$b: closed, and nobody's DMA was wrong" "$(cat $tmp/fleet)" '^fleet: 32 closed: ok$'
	t_is "$b: none is booted" "$(sim_counter $pf vgpus_booted_now)" 0
	for u in ${all[@]}; do mdev_remove $u >/dev/null; done
	t_is "$b: 32 instances again" "$(available $pf $id)" 32
done
t_done
