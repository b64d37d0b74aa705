#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What virsh says of a GPU whose firmware has died, that nobody has booted, or that wants
# signatures. All else that is refused: refusals.t.
. ./lib.sh
. ./refusals.sh
. ./hook.sh

read -r pf dark <<<"$(pfs | xargs)"	# A40, L40S
u=$(uuid) w=$(uuid)
t_at_exit mdev_remove $w
t_at_exit mdev_remove $u
gate_expect "nvidia [0-9a-f:.]*: "
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"

# --- no VF -------------------------------------------------------------------------

# vfs NUMBER
vfs()
{
	echo 0 >$pci/$pf/vgpu/mdev && echo 0 >$pci/$pf/sriov_numvfs && echo $1 >$pci/$pf/sriov_numvfs &&
		echo 1 >$pci/$pf/vgpu/mdev && udevadm settle
}
all=$(cat $pci/$pf/sriov_numvfs)
vfs_back()
{
	[ "$(cat $pci/$pf/sriov_numvfs)" = $all ] || vfs $all
}
t_at_exit vfs_back
t_ok "one VF" vfs 1
t_is "a vGPU has it" "$(mdev_create $pf nvidia-560 $u)" ok
create "no VF" "no VF is free" "remove a vGPU, or enable more VFs" $pf nvidia-560
t_is "removed" "$(mdev_remove $u)" ok
t_ok "all VFs" vfs $all

# --- a GPU whose firmware has died ---------------------------------------------------

hook_link
x=$(uuid)
t_at_exit mdev_remove $x
hostdev_mdev $x >$tmp/hostdev.xml
t_at_exit virsh destroy r1
t_ok "a domain runs" domain_start r1 ""
t_is "two vGPUs" "$(mdev_create $pf nvidia-560 $u)" ok
t_is "and a third" "$(mdev_create $pf nvidia-560 $x)" ok
t_drive "one is open" vm $u
v=$(vf $pf 9)
t_write "another on a VF" $pci/$v/nvidia/current_vgpu_type 560 ok
t_at_exit try_write $pci/$v/nvidia/current_vgpu_type 0
dead=$(counter openvgpu $pf firmware_deaths)
t_is "the firmware hangs" "$(fault $pf fw_hang)" ok
died() { [ "$(counter openvgpu $pf firmware_deaths)" -gt "$dead" ]; }
# It is taken for dead when somebody has waited for it in vain.
t_like "the other is not opened" "$(timeout 300 $vfio_test open $v 2>&1)" "^open: E"
t_wait "it is found out" 60 died
create "a dead GPU" "silent|unanswered|halted|no answer" "waiting for 1 open vGPU to be closed" $pf nvidia-560
domain_xml r2 "$(hostdev_mdev $x)" >$tmp/r2.xml
says "a domain on it, with the hook" "vGPU $x cannot start: firmware died: " \
	"waiting for 1 open vGPU to be closed" virsh create $tmp/r2.xml
t_err "attached, virsh has QEMU's errno" "No such device" virsh attach-device r1 $tmp/hostdev.xml
t_like "the driver's words are beside it" "$(cat $pci/$(cat /sys/bus/mdev/devices/$x/vgpu/vf)/vgpu/last_error)" \
	"firmware died: .*waiting for 1 open vGPU to be closed"
echo quit >&"${drive_fd[vm]}"
t_wait "it comes back" 60 grep -qx ready $pci/$pf/vgpu/status
wait "${drive_pid[vm]}"
t_ok "then the domain starts" patiently virsh -q create $tmp/r2.xml
t_at_exit virsh destroy r2
t_err "attached to another, virsh says whose it is" "in use by driver QEMU, domain r2" \
	virsh attach-device r1 $tmp/hostdev.xml
t_ok "it ends" domain_stop r2
t_drive "a program has it" prog $x
t_err "attached, virsh has QEMU's errno" "Device or resource busy" virsh attach-device r1 $tmp/hostdev.xml
t_drive_end "it ends" prog
t_ok "the other domain ends" domain_stop r1
t_is "removed" "$(mdev_remove $x)" ok
t_ok "libvirtd without the hook" hooks_away
t_write "no type" $pci/$v/nvidia/current_vgpu_type 0 ok
t_is "removed" "$(mdev_remove $u)" ok

# --- firmware that nobody booted, or that wants signatures ----------------------------

opts=$(sed 's/ *\(handover\|iommu\)=[^ ]*//g' <<<"$simopts")
boards_anew()
{
	rmmod openvgpu_mdev openvgpu openvgpu_sim && modprobe openvgpu_sim window=ivshmem boards=$boards "$@" &&
		modprobe -a openvgpu openvgpu_mdev && udevadm settle
}
t_ok "other firmware" boards_anew $opts handover=1,0 require_signatures=1
t_ok "libvirt has the boards" virsh_sees $(node $dark)
create "no hand-over" "no firmware hand-over: nothing has booted GSP in vGPU mode" "boot it so, then bind anew" $dark nvidia-1160
create "signatures" "firmware does not take the types: signature required" "take other firmware" $pf nvidia-560
t_ok "the boards as they were" boards_anew $simopts
parents() { [ "$(cat $pci/{$pf,$dark}/vgpu/mdev | xargs)" = "1 1" ]; }
t_wait "types" 30 parents
udevadm settle
t_done
