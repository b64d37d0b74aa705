#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Firmware that loses, delays, damages or refuses: the one command fails and says
# why, the GPU goes on.
. ./lib.sh

pf=$(pfs | head -1)
v=$pci/$(vf $pf 0)
fault=$debug/openvgpu_sim/$pf/fault
gate_expect "vGPU does not start|has not let go"
gate_expect "nvidia $pf: message of GSP skipped|firmware lost: GPU is being reset"
t_write "type" $v/nvidia/current_vgpu_type 560 ok
t_at_exit sh -c "echo 0 >$v/nvidia/current_vgpu_type"

# fails NAME FAULT REASON: open fails within 20 s and the reason is to be read
fails()
{
	local start=$SECONDS out

	t_write "$1: armed" $fault "$2" ok
	out=$(timeout 60 $vfio_test open ${v##*/} 2>&1)
	t_like "$1: open fails" "$out" "^open: E"
	t_ok "$1: in time ($((SECONDS - start)) s)" test $((SECONDS - start)) -le 20
	t_like "$1: the reason" "$(cat $v/vgpu/last_error)" "$3"
	t_is "$1: the GPU goes on" "$(cat $pci/$pf/vgpu/status)" ready
	t_is "$1: nothing is booted" "$(cat $debug/openvgpu_sim/$pf/counters | sed -n 's/^vgpus_booted_now //p')" 0
	t_like "$1: the next one works" "$($vfio_test open ${v##*/} 2>&1)" "^open: ok"
}

fails "lost answer" "rpc_lost 1 0x20804001" "no answer to BOOTLOAD in [0-9]+ ms"
fails "failed RPC" "rpc_error 1 0x20804001" "RPC failed, BOOTLOAD: "
fails "damaged answer" "rpc_garbage 1 0x20804001" "no answer to BOOTLOAD in [0-9]+ ms; 1 damaged"
fails "crash while booting" boot_crash "crashed while it started"

t_write "late answer, in time: armed" $fault rpc_late ok
t_like "late answer, in time" "$($vfio_test open ${v##*/} 2>&1)" "^open: ok"
echo 7000 >$debug/openvgpu_sim/$pf/late_ms
fails "late answer, too late" "rpc_late 1 0x20804001" "no answer to BOOTLOAD in [0-9]+ ms"
echo 2000 >$debug/openvgpu_sim/$pf/late_ms

# Clean-up refused: the memory stays out of use, and a reset of the GPU frees it.
t_write "clean-up refused: armed" $fault cleanup_refused ok
t_like "clean-up refused: open" "$($vfio_test open ${v##*/} 2>&1)" "^open: ok"
t_is "clean-up refused: state" "$(cat $v/vgpu/state)" error
t_like "clean-up refused: the reason" "$(cat $v/vgpu/last_error)" "GSP refused CLEANUP: STATE_IN_USE"
t_like "clean-up refused: not to be opened" "$($vfio_test open ${v##*/} 2>&1)" "^open: E"
t_write "GPU reset" $pci/$pf/reset 1 ok
t_wait "GPU reset: ready again" 20 grep -qx ready $pci/$pf/vgpu/status
t_wait "GPU reset: VF is usable" 5 grep -qx reserved $v/vgpu/state
t_like "GPU reset: open" "$($vfio_test open ${v##*/} 2>&1)" "^open: ok"
t_done
