#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every board of this VM, on whatever firmware branch it runs: types, create, use,
# close, and a firmware model that had nothing to object to.
. ./lib.sh

mapfile -t found < <(pfs)
t_is "all boards are there" "${#found[@]}" "$(wc -w <<<"${boards//,/ }")"
for i in ${!found[@]}; do
	pf=${found[i]}
	b=$(build_of $i)
	t_is "$b: the firmware says so" "$(cat $pci/$pf/vgpu/firmware)" $b
	t_is "$b: ready" "$(cat $pci/$pf/vgpu/status)" ready
	types=($pci/$pf/mdev_supported_types/*)
	t_ok "$b: types (${#types[@]})" test ${#types[@]} -gt 10
	t=
	for d in ${types[@]}; do
		read -r n <$d/name
		[[ $n == *-4Q ]] && t=${d##*/}
	done
	n=$(available $pf $t)
	u=$(uuid)
	t_at_exit mdev_remove $u
	t_is "$b: a vGPU" "$(mdev_create $pf $t $u)" ok
	t_is "$b: one less" "$(available $pf $t)" $((n - 1))
	t_ok "$b: all checks" $vfio_test test $u --type ${t#nvidia-} --board $(cat $pci/$pf/device)
	t_ok "$b: again, by read and write" $vfio_test test $u --no-mmap --type ${t#nvidia-}
	t_is "$b: closed" "$(cat /sys/bus/mdev/devices/$u/vgpu/state)" reserved
	t_is "$b: remove" "$(mdev_remove $u)" ok
	t_is "$b: as many as before" "$(available $pf $t)" $n
	t_ok "$b: it was booted" test $(sim_counter $pf vgpus_booted) -ge 2
	t_is "$b: none is booted now" "$(sim_counter $pf vgpus_booted_now)" 0
	t_is "$b: the firmware model refused nothing" "$(refusals $pf)" ""
done
t_done
