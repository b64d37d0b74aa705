#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Anything at all written to every file that the driver lets be written, and to its netlink
# family: tests/fuzz/sysfs.c. FUZZ_WHAT is one of them.
. ./lib.sh

seed=${FUZZ_SEED:-$RANDOM$RANDOM}
# Whatever the driver says to nonsense; splats are not expected.
gate_expect "nvidia 0"
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -"
udevadm settle
# As a restart of the GPU finds it: what the types say, and what is there for users.
files() { for p in $(pfs); do ls $pci/$p/vgpu $pci/$p/virtfn0/{nvidia,vgpu}; cat $pci/$p/mdev_supported_types/*/available_instances; done; }
before=$(files)
for what in ${FUZZ_WHAT:-sysfs netlink}; do
	out=$(/usr/lib/openvgpu-test/sysfs-fuzz ${FUZZ_SECONDS:-60} $seed 3 ${what#sysfs} 2>&1)
	rc=$?
	if [ $rc = 0 ]; then
		t_pass "$what: nothing was wrong"
	else
		t_fail "$what: nothing was wrong" "seed $seed, ended with $rc" "$(tail -30 <<<"$out")"
	fi
	echo "# $what: $(sed -n 's/^\([0-9]*\) writes, \([0-9]*\) taken, .*/\1 \2/p' <<<"$out" |
		awk '{ w += $1; t += $2 } END { printf "%d writes, %d of them taken", w, t }')"
done
for p in $(pfs); do
	t_is "$p: status" "$(cat $pci/$p/vgpu/status)" ready
	t_is "$p: the firmware was asked for nothing that it refuses" \
		"$(refusals $p)" ""
	# It does what a GPU does that nobody has played with.
	for d in $pci/$p/mdev_supported_types/*; do
		read -r n <$d/name
		[[ $n == *[A-Z0-9]-4Q && $n != *-[0-9]-4Q ]] && t=${d##*/}
	done
	u=$(uuid)
	t_at_exit mdev_remove $u
	t_is "$p: a vGPU" "$(mdev_create $p $t $u)" ok
	t_ok "$p: works" $vfio_test test $u --type ${t#nvidia-}
	t_is "$p: and goes" "$(mdev_remove $u)" ok
done
t_is "the same files, the same capacity" "$(files)" "$before"
udevadm settle
t_done
