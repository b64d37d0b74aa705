#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Second boot: what settings.t saved is there before anything needs it.
. ./lib.sh

mapfile -t found < <(pfs)
a40=${found[0]} rtx=${found[1]} a10=${found[2]}
d=$pci/$a40/vgpu
u=22222222-2222-4333-8444-555555555555

t_is "mixed sizes" "$(cat $d/placement_mode)" mixed
t_is "scheduler" "$(cat $d/scheduler) $(cat $d/scheduler_timeslice_us)" "fixed_share 2000"
t_is "16 VFs, mdev parent" "$(cat $pci/$a40/sriov_numvfs) $(cat $d/mdev)" "16 1"
t_is "535: its firmware was started with the scheduler" \
	"$(cat $pci/$a10/vgpu/scheduler_pending) $(cat $debug/openvgpu_sim/$a10/scheduler)" "0 equal_share 4000"
t_is "and it has its VFs" "$(cat $pci/$a10/sriov_numvfs) $(cat $pci/$a10/vgpu/mdev)" "$(cat $pci/$a10/sriov_totalvfs) 1"
t_is "the other GPU: MIG, all VFs, mdev parent" \
	"$(cat $pci/$rtx/vgpu/mig) $(cat $pci/$rtx/sriov_numvfs) $(cat $pci/$rtx/vgpu/mdev)" "1 48 1"
# This could not have been started without its GPU instance, and nobody tries twice.
t_wait "the MIG-backed vGPU was started" 20 test -e /sys/bus/mdev/devices/$u
t_is "in one of the GPU instances" "$(cut -d' ' -f1,2,3 $pci/$rtx/vgpu/gpu_instances | tr '\n' ,)" \
	"1 2g.48gb+gfx start=0,5 1g.24gb+gfx start=4,6 1g.24gb+gfx start=6,"
t_ok "works" $vfio_test test $u
t_is "udev and vgpuctl had nothing to say" "$(grep -E 'vgpuctl|udevd.*(err|warn|fail)' /job/out/syslog)" ""
t_ok "the settings are what the file says" vgpuctl restore
t_is "remove" "$(mdev_remove $u)" ok
mdevctl undefine --uuid $u
rm /etc/openvgpu/settings.json
t_ok "instances" vgpuctl instances destroy $rtx all
gate_snapshot >"$tmp/before"
t_done
