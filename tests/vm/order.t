#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whatever the order of create, remove, open, close and move: what is offered can be
# had, what is not cannot, and the firmware has nothing to object to.
. ./lib.sh

gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"
gate_expect "nvidia [0-9a-f:.]*: "
# Always the same here: a check of a change must not fail for what it did not change.
seed=${SEED:-1} sequences=${sequences:-160}
mapfile -t found < <(pfs)
for pf in ${found[@]}; do
	$vfio_test random $pf --seed $seed --sequences $((sequences / ${#found[@]})) >$tmp/random 2>&1
	t_like "$pf, seed $seed: $(tail -n 1 $tmp/random)" "$(cat $tmp/random)" '^random: .*: ok$'
	t_is "$pf: nothing is reserved" "$(cat $pci/$pf/vgpu/framebuffer_used)" 0
done
t_done
