#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is refused is refused with the cause and the next step, at the prompt where it was asked
# for: virsh's, and vgpuctl's for settings. Which errno: the tests of each part. When the firmware
# is gone or another: refusals-gone.t.
. ./lib.sh
. ./refusals.sh

read -r pf t4 dark rtx <<<"$(pfs | xargs)"	# A40, T4, L40S without IOMMU, RTX PRO 6000
u=$(uuid) w=$(uuid)
for x in $u $w; do
	t_at_exit mdevctl undefine -u $x
	t_at_exit mdev_remove $x
done
gate_expect "nvidia [0-9a-f:.]*: "
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"

id() { type_id $rtx "NVIDIA RTX Pro 6000 Blackwell DC-$1"; }
half=$(id 48Q) mig=$(id 1-2Q)

# --- GPUs that cannot ---------------------------------------------------------------

create "T4" "does not use SR-IOV" "another board" $t4 nvidia-230
create "no IOMMU" "no IOMMU for $dark" "turn it on" $dark nvidia-1160

# --- what does not fit --------------------------------------------------------------

m=/sys/bus/mdev/devices/$u
t_is "an A40-24Q" "$(mdev_create $pf nvidia-565 $u)" ok
create "equal sizes" "48 GiB, but vGPUs of 24 GiB exist" "A40-24Q would fit" $pf nvidia-566
mdev_xml $pf nvidia-566 $w >$tmp/w.xml
t_ok "one of 48 GiB is defined" virsh nodedev-define $tmp/w.xml
says "its start" "48 GiB, but vGPUs of 24 GiB exist" "A40-24Q would fit" \
	virsh nodedev-start mdev_${w//-/_}_${pf//[:.]/_}
t_ok "nothing is left of the start" test ! -e /sys/bus/mdev/devices/$w
t_ok "undefined" mdevctl undefine -u $w
says "settings: the mode" "cannot change while vGPUs exist" "remove them" vgpuctl mode $pf mixed
t_drive "a VM has it" vm $u
name=mdev_${u//-/_}_${pf//[:.]/_}
t_ok "libvirt knows it" virsh_sees $name
says "destroy in use" "$name" "in use" virsh nodedev-destroy $name
says "vgpuctl's destroy" "open by process ${drive_pid[vm]}" "stop the VM" vgpuctl destroy $u
says "the VF's face" "belongs to mdev $u" "remove that" \
	sh -c "echo 0 >$pci/$(cat $m/vgpu/vf)/nvidia/current_vgpu_type || cat $pci/$(cat $m/vgpu/vf)/vgpu/last_error && false"
t_drive_end "the VM ends" vm
t_is "removed" "$(mdev_remove $u)" ok
t_is "the whole board" "$(mdev_create $pf nvidia-566 $u)" ok
create "full" "1 of 1 vGPUs of the size|nothing is free" "remove (one|a vGPU)" $pf nvidia-566
t_is "removed" "$(mdev_remove $u)" ok
# --- attributes ---------------------------------------------------------------------

create "vgpu_params: a key" 'unknown key "nonsense"' "known are frame_rate_limiter" $pf nvidia-560 nvidia/vgpu_params nonsense=1
create "vgpu_params: a character" "character [0-9]+ \(0x3b\)" "letters, digits" \
	$pf nvidia-560 nvidia/vgpu_params "loglevel=1;reboot"
create "placement id: none here" "no placement ids in this mode" "leave placement_id out" \
	$pf nvidia-560 nvidia/placement_id 0
create "GPU instance: none here" "MIG is off" "leave gpu_instance_id out" $pf nvidia-560 nvidia/gpu_instance_id 0
t_is "a half" "$(mdev_create $rtx $half $u)" ok
create "placement id: no such" "5 is no placement id" "\(0, 48\)" $rtx $half nvidia/placement_id 5
create "placement id: taken" "placement id 0 is taken" "free for .*:( none| \(48\))" $rtx $half nvidia/placement_id 0
t_is "removed" "$(mdev_remove $u)" ok

# --- mixed sizes --------------------------------------------------------------------

t_is "sizes mix" "$(vgpuctl mode $pf mixed >/dev/null && try_read $pci/$pf/vgpu/placement_mode)" ok
t_at_exit vgpuctl mode $pf equal
t_is "an A40-24Q in the middle" "$(mdev_create $pf nvidia-565 $u)" ok
create "fragments" "needs 48 GiB in one piece; the largest that is free is [0-9]+ GiB" \
	"A40-[0-9]+Q would fit" $pf nvidia-566
t_is "removed" "$(mdev_remove $u)" ok
t_ok "equal sizes again" vgpuctl mode $pf equal

# --- MIG ----------------------------------------------------------------------------

create "MIG-backed without MIG" "MIG is off" "turn it on" $rtx $mig
t_is "MIG" "$(try_write $pci/$rtx/vgpu/mig 1)" ok
t_at_exit try_write $pci/$rtx/vgpu/mig 0
create "MIG-backed without an instance" "needs a GPU instance .*: there is none" "[0-9]+ can be made \(gpu_instance_create\)" $rtx $mig
create "not MIG-backed" "is not MIG-backed, and MIG is on" "turn it off" $rtx $half
# instance PROFILE: its number
instance()
{
	try_write $pci/$rtx/vgpu/gpu_instance_create "$1" >/dev/null
	sed 's/ .*//;q' $pci/$rtx/vgpu/gpu_instances
}
largest=$(sed 's/ .*//;q' $pci/$rtx/vgpu/gpu_instance_profiles)
gi=$(instance "$largest")
t_at_exit try_write $pci/$rtx/vgpu/gpu_instance_destroy "$gi"
create "no room for its instance" "needs a GPU instance .*: there is none, and no room" "destroy another" $rtx $mig
says "MIG off while there are instances" "GPU instances exist" "destroy them first" vgpuctl mig $rtx off
t_is "destroyed" "$(try_write $pci/$rtx/vgpu/gpu_instance_destroy $gi)" ok
gi=$(instance 1g.24gb+gfx)
t_at_exit try_write $pci/$rtx/vgpu/gpu_instance_destroy "$gi"
t_is "one that has all of an instance" "$(mdev_create $rtx $(id 1-24Q) $u)" ok
create "the instances are full" "every GPU instance 1g.24gb\+gfx has" "make another instance|remove a vGPU" $rtx $(id 1-24Q)
says "an instance in use" "vGPUs exist in GPU instance $gi" "remove them first" vgpuctl instances destroy $rtx $gi
t_is "removed" "$(mdev_remove $u)" ok
t_is "destroyed" "$(try_write $pci/$rtx/vgpu/gpu_instance_destroy $gi)" ok
says "settings: sizes" "while MIG is on" "turn it off" vgpuctl mode $rtx mixed
t_is "MIG off" "$(try_write $pci/$rtx/vgpu/mig 0)" ok
t_done
