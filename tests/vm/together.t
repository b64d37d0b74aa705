#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vGPUs start at the same time, on one GPU and on all: no board lets one come up before
# all of them are under way, so that those who wait for each other would wait forever.
. ./lib.sh

declare -A us
for pf in $(pfs); do
	for d in $pci/$pf/mdev_supported_types/*; do
		read -r n <$d/name
		# not those of a slice (DC-2-4Q), which need MIG
		[[ $n == *[A-Z0-9]-4Q && $n != *-[0-9]-4Q ]] && t=${d##*/}
	done
	for i in 1 2 3 4; do
		u=$(uuid)
		t_at_exit mdev_remove $u
		t_is "$pf: vGPU $i" "$(mdev_create $pf $t $u)" ok
		us[$pf]+="$u "
	done
done

for pf in $(pfs); do
	set -- ${us[$pf]}
	t_like "$pf: four of them, all booting at once" "$($vfio_test together $@ 2>&1)" "4 opened, all at once"
	first+=($1)
done
if [ ${#first[@]} -gt 1 ]; then
	t_like "one on each GPU, all booting at once" "$($vfio_test together ${first[@]} 2>&1)" \
		"${#first[@]} opened, all at once"
	t_like "four on each GPU, all booting at once" "$($vfio_test together ${us[@]} 2>&1)" \
		"$((4 * ${#first[@]})) opened, all at once"
fi
for u in ${us[@]}; do mdev_remove $u >/dev/null; done
t_done
