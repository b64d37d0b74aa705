#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Creating and removing vGPUs: through virsh, mdevctl's way, and by raw writes.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
t_at_exit mdev_remove $u
m=/sys/bus/mdev/devices/$u
types=$pci/$pf/mdev_supported_types
total=$(cat $pci/$pf/vgpu/framebuffer)

mdev_xml $pf nvidia-560 $u >$tmp/m.xml
out=$(virsh nodedev-create $tmp/m.xml 2>&1)
t_like "nodedev-create" "$out" "^Node device mdev_${u//-/_}_${pf//[:.]/_} created"
name=$(sed -n 's/^Node device \(mdev_[^ ]*\) created.*/\1/p' <<<"$out")
t_like "it is listed" "$(virsh -q nodedev-list --cap mdev)" "^$name\$"
t_is "virsh: availableInstances of its type" "$(instances $pf nvidia-560)" 11
t_is "virsh: of a type of the same size" "$(instances $pf nvidia-570)" 11
t_is "virsh: of another size" "$(instances $pf nvidia-562)" 0
t_is "of every other size" "$(for d in $types/*; do
	read -r what <$d/description
	read -r n <$d/available_instances
	[[ $what == *framebuffer=4096M* ]] || [ $n = 0 ] || echo "${d##*/} $n"
done)" ""
x=$(virsh -q nodedev-dumpxml $name)
t_ok "dumpxml: libvirt's schema takes it" \
	xmllint --noout --relaxng /usr/share/libvirt/schemas/nodedev.rng <(echo "$x")
t_like "dumpxml: type" "$x" "<type id='nvidia-560'/>"
t_like "dumpxml: UUID" "$x" "<uuid>$u</uuid>"
t_like "dumpxml: parent" "$x" "<parent>$(node $pf)</parent>"
vf=$(cat $m/vgpu/vf)
t_ok "the handle names its VF" test -e $pci/$vf/physfn
t_is "it is a VF of this PF" "$(basename "$(readlink $pci/$vf/physfn)")" $pf
t_like "dumpxml: the VF's IOMMU group" "$x" "<iommuGroup number='$(group_of $pci/$vf)'/>"
t_is "iommu_group leads to the group itself" "$(readlink -f $m/iommu_group)" "$(readlink -f $pci/$vf/iommu_group)"
t_ok "the group knows only the VF" test "$(ls $m/iommu_group/devices)" = $vf
t_ok "vfio-dev leads to the VF's" test -d $m/vfio-dev/vfio*
t_is "state of the handle" "$(cat $m/vgpu/state)" reserved
t_is "state of the VF" "$(cat $pci/$vf/vgpu/state)" reserved
t_is "owner of the VF" "$(cat $pci/$vf/vgpu/owner)" "mdev $u"
t_ok "framebuffer is reserved" test "$(cat $pci/$pf/vgpu/framebuffer_used)" -gt 0
t_is "framebuffer in all stays" "$(cat $pci/$pf/vgpu/framebuffer)" $total
t_is "what can be set, as NVIDIA's mdevs have it" "$(ls $m/nvidia | tr '\n' ' ')" \
	"gpu_instance_id placement_id vgpu_params vm_name "
t_is "their modes" "$(stat -c %a $m/nvidia/* | tr '\n' ' ')" "644 644 644 400 "
t_is "what openvgpu tells" "$(ls $m/vgpu | tr '\n' ' ')" \
	"attributes guest licence os placements state usage vf vm_name "
t_is "their modes" "$(stat -c %a $m/vgpu/* | tr '\n' ' ')" "444 444 444 444 444 444 444 444 600 "
t_is "nothing is set" "$(cat $m/nvidia/{vgpu_params,vm_name} $m/vgpu/{vm_name,placements} | tr -d '\n')" ""
t_is "what an A40 has not" "$(cat $m/nvidia/{gpu_instance_id,placement_id} | sort -u)" "Not Applicable"
t_write "vgpu_params, as oVirt" $m/nvidia/vgpu_params $'frame_rate_limiter=0\n' ok
t_is "read back" "$(cat $m/nvidia/vgpu_params)" frame_rate_limiter=0
t_write "unknown key: EINVAL" $m/nvidia/vgpu_params frame_rate=0 EINVAL
t_like "the GPU says why" "$(cat $pci/$pf/vgpu/last_error)" 'unknown key "frame_rate"'
t_write "above 1024 bytes: E2BIG" $m/nvidia/vgpu_params "$(printf %1025s)" E2BIG
t_write "placement id: EOPNOTSUPP" $m/nvidia/placement_id 0 EOPNOTSUPP
t_write "GPU instance: EINVAL" $m/nvidia/gpu_instance_id 0 EINVAL
t_write "name of the VM" $m/vgpu/vm_name "VM 1" ok
t_is "the VF has it too" "$(cat $pci/$vf/vgpu/vm_name)" "VM 1"
t_is "NVIDIA's only while it is open" "$(cat $m/nvidia/vm_name)" ""
t_is "vgpu_params stay" "$(cat $m/nvidia/vgpu_params)" frame_rate_limiter=0
t_like "mdevctl list" "$(mdevctl list)" "^$u $pf nvidia-560"
t_is "the type lists it" "$(ls $types/nvidia-560/devices)" $u
t_is "the UUID again: EEXIST" "$(mdev_create $pf nvidia-560 $u)" EEXIST
t_err "nodedev-create again" "already exists" virsh nodedev-create $tmp/m.xml
t_ok "nodedev-destroy" virsh nodedev-destroy $name
t_ok "it is gone" test ! -e $m
t_is "capacity is back" "$(instances $pf nvidia-560) $(instances $pf nvidia-562)" "12 6"
t_is "framebuffer is back" "$(cat $pci/$pf/vgpu/framebuffer_used)" 0

t_is "raw create" "$(mdev_create $pf nvidia-566 $u)" ok
t_is "one of the largest fills the board" "$(available $pf nvidia-566)" 0
t_is "raw remove" "$(mdev_remove $u)" ok
t_is "another with this UUID" "$(mdev_create $pf nvidia-560 $u)" ok
t_is "has nothing of the first" "$(cat $m/nvidia/vgpu_params $m/vgpu/vm_name | tr -d '\n')" ""
t_write "vgpu_params" $m/nvidia/vgpu_params loglevel=1 ok
vf=$(cat $m/vgpu/vf)
t_at_exit sh -c "[ -e $pci/$vf/driver ] || echo $vf >/sys/bus/pci/drivers/nvidia/bind"
t_write "its VF goes" /sys/bus/pci/drivers/nvidia/unbind $vf ok
t_is "it is dead, and reads as before" "$(cat $m/vgpu/state $m/nvidia/vgpu_params | tr '\n' ' ')" "dead loglevel=1 "
for f in vgpu_params:loglevel=2 placement_id:0 gpu_instance_id:0; do
	t_write "${f%:*} of a dead one: ENODEV" $m/nvidia/${f%:*} ${f#*:} ENODEV
done
t_write "the VF comes back" /sys/bus/pci/drivers/nvidia/bind $vf ok
t_is "remove of the dead one" "$(mdev_remove $u)" ok
t_is "remove of what is gone" "$(mdev_remove $u)" ENOENT
t_is "not a UUID: EINVAL" "$(mdev_create $pf nvidia-560 nonsense)" EINVAL
t_is "upper case is a UUID too" "$(mdev_create $pf nvidia-560 ${u^^})" ok
t_is "remove" "$(mdev_remove $u)" ok
t_ok "mdevctl start" mdevctl start -u $u -p $pf -t nvidia-560
t_ok "mdevctl stop" mdevctl stop -u $u

# The mdev parent can be taken away and given back while no vGPU exists.
t_write "mdev parent off" $pci/$pf/vgpu/mdev 0 ok
t_ok "no types then" test ! -e $types
t_write "off again" $pci/$pf/vgpu/mdev 0 ok
t_write "mdev parent on" $pci/$pf/vgpu/mdev 1 ok
t_wait "types are back" 10 test -e $types/nvidia-560/create
t_write "nonsense" $pci/$pf/vgpu/mdev 7 EINVAL
t_wait "libvirt sees them again" 20 sh -c "virsh -q nodedev-dumpxml $(node $pf) | grep -q nvidia-560"
t_done
