#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vGPUs whose start takes seconds start at the same time: on one GPU, and on all.
. ./lib.sh

declare -A us
for pf in $(pfs); do
	t_at_exit sh -c "echo 0 >$debug/openvgpu_sim/$pf/plugin_boot_ms"
	t_write "$pf: starting takes three seconds" $debug/openvgpu_sim/$pf/plugin_boot_ms 3000 ok
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

# took TEXT: milliseconds out of what vfio-test said
took() { sed -n 's/^together: .* opened in \([0-9]*\) ms.*/\1/p' <<<"$1"; }

for pf in $(pfs); do
	set -- ${us[$pf]}
	out=$($vfio_test together $1 2>&1)
	one=$(took "$out")
	t_like "$pf: one of them" "$out" "1 opened in"
	out=$($vfio_test together $@ 2>&1)
	t_like "$pf: four of them, all booting at once" "$out" "4 opened in .*, all at once"
	four=$(took "$out")
	t_ok "$pf: four take $four ms, one takes $one ms, four in turn would $((4 * one))" test "$four" -lt $((2 * one))
	first+=($1)
done
if [ ${#first[@]} -gt 1 ]; then
	out=$($vfio_test together ${first[@]} 2>&1)
	t_like "one on each GPU, all booting at once" "$out" "${#first[@]} opened in .*, all at once"
	t_ok "they take $(took "$out") ms, one takes $one ms" test "$(took "$out")" -lt $((one * 3 / 2))
	out=$($vfio_test together ${us[@]} 2>&1)
	t_like "four on each GPU, all booting at once" "$out" "$((4 * ${#first[@]})) opened in .*, all at once"
	t_ok "they take $(took "$out") ms" test "$(took "$out")" -lt $((2 * one))
fi
for u in ${us[@]}; do mdev_remove $u >/dev/null; done
t_done
