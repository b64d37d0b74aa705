#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Settings of a GPU, saved for the next boot, which is settings-again.t.
. ./lib.sh

mapfile -t found < <(pfs)
a40=${found[0]} rtx=${found[1]} a10=${found[2]}
d=$pci/$a40/vgpu
gate_expect "nvidia [0-9a-f:.]*: "

# --- scheduler
t_is "best effort to begin with" "$(vgpuctl scheduler $a40)" best_effort
t_write "no such policy" $d/scheduler fair EINVAL
t_write "a time slice that is too short" $d/scheduler_timeslice_us 999 EINVAL
t_write "one for best effort" $d/scheduler_timeslice_us 2000 EINVAL
t_ok "equal share, 3 ms" vgpuctl scheduler $a40 equal_share --timeslice 3000
t_is "the firmware has it" "$(cat $debug/openvgpu_sim/$a40/scheduler)" "equal_share 3000"
t_is "nothing is pending" "$(cat $d/scheduler_pending) $(vgpuctl scheduler $a40)" "0 equal_share, time slice 3000 us"
t_write "a time slice that is too long" $d/scheduler_timeslice_us 30001 EINVAL
t_err "vgpuctl: with the driver's reason" "30000" vgpuctl scheduler $a40 -t 30001
t_write "best effort takes the time slice away" $d/scheduler best_effort ok
t_is "none" "$(cat $d/scheduler_timeslice_us)" 0
t_ok "fixed share, 2 ms" vgpuctl scheduler $a40 fixed_share --timeslice 2000

# Firmware that takes it only when it starts.
t_like "535: comes with the next start" "$(vgpuctl scheduler $a10 equal_share --timeslice 4000 2>&1)" "$a10: the scheduler changes when"
t_is "pending" "$(cat $pci/$a10/vgpu/scheduler_pending) $(cat $debug/openvgpu_sim/$a10/scheduler)" "1 best_effort 0"
t_write "535 cannot mix sizes" $pci/$a10/vgpu/placement_mode mixed EOPNOTSUPP

# --- save and restore without a reboot
t_ok "mixed sizes" vgpuctl mode $a40 mixed
t_ok "16 VFs" sh -c "echo 0 >$pci/$a40/sriov_numvfs && echo 16 >$pci/$a40/sriov_numvfs && echo 1 >$d/mdev"
t_ok "MIG" vgpuctl mig $rtx on
t_ok "GPU instances" vgpuctl instances create $rtx 2g.48gb+gfx 1g.24gb+gfx 1g.24gb+gfx
# only the upper quarter of the lower half stays free
t_ok "save" vgpuctl save
t_is "file of root, for all to read" "$(stat -c '%a %U' /etc/openvgpu/settings.json)" "644 root"
t_ok "nothing to restore" vgpuctl restore
t_ok "equal sizes" vgpuctl mode $a40 equal
t_ok "best effort" vgpuctl scheduler $a40 best_effort
u=$(uuid)
t_at_exit mdev_remove $u
t_is "a vGPU" "$(mdev_create $a40 nvidia-560 $u)" ok
t_ok "no GPU instances" vgpuctl instances destroy $rtx all
t_err "restore: one GPU is in use" "$a40: placement_mode mixed: .*vGPU" vgpuctl restore
t_is "what could be done is done" "$(cat $d/scheduler) $(cat $d/placement_mode)" "fixed_share equal"
t_is "for the other GPU too" "$(cut -d' ' -f1,2,3 $pci/$rtx/vgpu/gpu_instances | tr '\n' ,)" \
	"1 2g.48gb+gfx start=0,5 1g.24gb+gfx start=4,6 1g.24gb+gfx start=6,"
t_ok "the vGPU is still there" test -e /sys/bus/mdev/devices/$u
t_is "remove" "$(mdev_remove $u)" ok
t_ok "another number of VFs" sh -c "echo 0 >$pci/$a40/sriov_numvfs && echo 8 >$pci/$a40/sriov_numvfs && echo 1 >$d/mdev"
t_ok "restore" vgpuctl restore
t_is "all of it" "$(cat $d/placement_mode) $(cat $pci/$a40/sriov_numvfs) $(cat $d/mdev)" "mixed 16 1"
t_is "the firmware had nothing to object to" "$(refusals $a40)$(refusals $rtx)$(refusals $a10)" ""

# --- for the next boot
mkdir -p /etc/mdevctl.d
type=$(type_id $rtx "NVIDIA RTX Pro 6000 Blackwell DC-1-4Q")
t_ok "define" mdevctl define --parent $rtx --uuid 22222222-2222-4333-8444-555555555555 --type $type --auto
gate_snapshot >"$tmp/before"
t_done
