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

# How long the driver waits, ms: only what is under test is worth a short wait.
to=$debug/openvgpu/$pf/timeouts
default=$(cat $to/command_ms)
patience() { echo $1 >$to/command_ms; }
t_is "a command is waited for five seconds" "$default" 5000
# When the firmware is taken for dead: firmware-gone.t. Here it never is.
silence=$(cat $to/silence_ms)
echo 600000 >$to/silence_ms
t_at_exit sh -c "echo $default >$to/command_ms; echo $silence >$to/silence_ms; echo 2000 >$debug/openvgpu_sim/$pf/late_ms"

# fails NAME FAULT REASON: open fails, the reason is to be read
fails()
{
	local out

	t_write "$1: armed" $fault "$2" ok
	out=$(timeout 300 $vfio_test open ${v##*/} 2>&1)
	t_like "$1: open fails" "$out" "^open: E"
	t_like "$1: the reason" "$(cat $v/vgpu/last_error)" "$3"
	t_is "$1: the GPU goes on" "$(cat $pci/$pf/vgpu/status)" ready
	t_is "$1: nothing is booted" "$(cat $debug/openvgpu_sim/$pf/counters | sed -n 's/^vgpus_booted_now //p')" 0
	t_like "$1: the next one works" "$($vfio_test open ${v##*/} 2>&1)" "^open: ok"
}

fails "lost answer" "rpc_lost 1 0x20804001" "no answer to BOOTLOAD in 5000 ms"
fails "failed RPC" "rpc_error 1 0x20804001" "RPC failed, BOOTLOAD: "
fails "damaged answer" "rpc_garbage 1 0x20804001" "no answer to BOOTLOAD in 5000 ms; 1 damaged"
fails "crash while booting" boot_crash "crashed while it started"

patience 120000
t_write "late answer, in time: armed" $fault rpc_late ok
t_like "late answer, in time" "$($vfio_test open ${v##*/} 2>&1)" "^open: ok"
# What is sent behind it waits until the firmware has said it.
late=$(sim_counter $pf fault_rpc_late)
struck() { [ "$(sim_counter $pf fault_rpc_late)" != $late ]; }
patience $default
(wait_for 60 struck && patience 120000) &
echo 12000 >$debug/openvgpu_sim/$pf/late_ms
fails "late answer, too late" "rpc_late 1 0x20804001" "no answer to BOOTLOAD in 5000 ms"
wait $!

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
