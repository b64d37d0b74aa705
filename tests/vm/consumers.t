#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Other programs, as consumers.sh has them, on our files: they read what is there, and a
# change of one character where they look is seen. So our formats cannot drift.
. ./lib.sh
. ./consumers.sh

pf=$(pfs | head -1)
va=$(vf $pf 0)
vb=$(vf $pf 2)	# the mdev takes VF 1
a=$pci/$va/nvidia
b=$pci/$vb/nvidia
u=$(uuid)
w=$(uuid)
for v in $a $b; do t_at_exit try_write $v/current_vgpu_type 0; done
t_at_exit mdev_remove $u
t_at_exit mdev_remove $w

# What there should be comes from the source of the catalogue and not from the driver.
vgpuctl catalog convert --to csv >$tmp/types.csv
# source_types FORMAT: of the A40, with 4 GiB
source_types()
{
	awk -F, -v format="$1\n" '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["gpu"] == "A40" && $at["profile_mib"] == 4096 {
			printf format, $at["type_id"], $at["name"]
		}' $tmp/types.csv | sort
}

# A type on VF 0, an mdev, VF 2 free: only 4 GiB fit now, ten more of them.
t_ok "OpenNebula takes a VF" opennebula_take /sys $va 560
t_is "it has the type" "$(cat $a/current_vgpu_type)" 560
t_ok "KubeVirt makes an mdev" kubevirt_mdev_make /sys $pf nvidia-570 $u
t_is "VF 2 is free" "$(cat $pci/$vb/vgpu/owner)" none
free=$(available $pf nvidia-560)
group=$(group_of $pci/$va)
cdev=$(basename $pci/$va/vfio-dev/vfio*)

t_is "KubeVirt: VFs with a type" "$(kubevirt_vf /sys)" "$va 10de:2235 iommu $group cdev $cdev"
out=$(kubevirt_mdev /sys)
t_like "KubeVirt: types" "$out" "^$pf nvidia-560 NVIDIA_A40-4Q $free\$"
t_is "all of them" "$(grep -c "^$pf nvidia-" <<<"$out")" "$(ls $pci/$pf/mdev_supported_types | wc -l)"
t_like "KubeVirt: mdevs" "$out" "^$u is nvidia-570 on $pf\$"
t_is "OpenNebula: types of a free VF" "$(opennebula /sys $vb | grep = | sort)" "$(source_types %s=%s)"
t_like "OpenNebula: a default that is one of them" "$(source_types %s)" \
	"^$(opennebula /sys $vb | sed -n 's/^default //p')\$"
out=$(opennebula_devices /sys)
t_like "OpenNebula offers the VFs" "$out" "^$va\$"
t_unlike "and not the PF" "$out" "^$pf\$"
t_err "OpenNebula: an id that is not creatable" "" opennebula_take /sys $vb 562
t_is "Proxmox: types of a free VF" "$(proxmox /sys $vb | sort)" "$(source_types 'nvidia-%s|%s')"
t_is "Proxmox: a used VF has none" "$(proxmox /sys $va)" ""
t_is "Proxmox: what the VFs have" "$(proxmox_current /sys $va) $(proxmox_current /sys $vb)" "560 0"
t_like "Proxmox: types of the PF, by mdev" "$(proxmox /sys $pf)" "^nvidia-560\|NVIDIA A40-4Q\|$free\$"
out=$(cloudstack /sys)
t_like "CloudStack: a type" "$out" \
	"^$pf nvidia-560 NVIDIA A40-4Q max 12 fb 4096 heads 4 7680x4320 used 0\$"
t_like "CloudStack: a type that is used" "$out" "^$pf nvidia-570 .* used 1\$"
t_unlike "CloudStack: every type is understood" "$out" "(max|fb|heads)  |  used"
t_like "CloudStack: a VF's type" "$out" "^$va type 0x230\$"
out=$(vgpu_dm /sys)
t_like "vgpu-device-manager: the GPU" "$out" "^$pf 0x2235\$"
t_like "vgpu-device-manager: a type" "$out" "^$pf A40-4Q left $free\$"
t_like "vgpu-device-manager: an mdev" "$out" "^$u is A40-4A\$"
out=$(vdsm /sys)
t_like "vdsm: one type a device" "$out" "^$pf one-type\$"
t_like "vdsm: a type" "$out" "^$pf nvidia-560 NVIDIA A40-4Q left $free: num_heads=4, "

# --- one character --------------------------------------------------------------

copy=$tmp/copy
mkdir -p $copy/class/mdev_bus $copy/bus/mdev/devices
(
	cd /sys || exit
	p=bus/pci/devices/$pf
	cp -P --parents --no-preserve=all \
		$p/{vendor,device,class,uevent,driver,iommu_group,sriov_totalvfs,virtfn0} \
		bus/pci/devices/{$va,$vb}/{vendor,device,class,uevent,driver,iommu_group} \
		bus/pci/devices/{$va,$vb}/nvidia/{creatable_vgpu_types,current_vgpu_type} \
		$p/mdev_supported_types/nvidia-5{56,60,70}/{name,description,device_api,available_instances} \
		$p/$u/mdev_type $copy
	mkdir $copy/$p/mdev_supported_types/nvidia-5{56,60,70}/devices
	touch $copy/$p/mdev_supported_types/nvidia-570/devices/$u
	mkdir -p $copy/bus/pci/devices/$va/vfio-dev/$cdev $copy/bus/pci/devices/$vb/vfio-dev/x
)
ln -s ../../bus/pci/devices/$pf $copy/class/mdev_bus/$pf
ln -s ../../pci/devices/$pf/$u $copy/bus/mdev/devices/$u

# made_of_copy COMMAND: output and status
made_of_copy()
{
	eval "$1" 2>&1
	echo "ended with $?"
}

# one_character WHAT FILE SED COMMAND: COMMAND sees that SED has changed FILE
one_character()
{
	local what=$1 f=$copy/$2 before after size

	before=$(made_of_copy "$4")
	if [ -L "$f" ]; then
		readlink "$f" >$tmp/was
		sed "$3" $tmp/was >$tmp/is
		ln -sfn "$(cat $tmp/is)" "$f"
	else
		cp "$f" $tmp/was
		sed "$3" $tmp/was >$tmp/is
		cp $tmp/is "$f"
	fi
	after=$(made_of_copy "$4")
	if [ -L "$f" ]; then ln -sfn "$(cat $tmp/was)" "$f"; else cp $tmp/was "$f"; fi
	size=$(($(stat -c %s $tmp/is) - $(stat -c %s $tmp/was)))
	case $size in
	0) [ "$(cmp -l $tmp/was $tmp/is | wc -l)" = 1 ] ;;
	1 | -1) ;;
	*) false ;;
	esac || t_fail "$what: one character" "$3 changed $2 by more or nothing"
	if [ "$before" != "$after" ]; then
		t_pass "$what: seen"
	else
		t_fail "$what: seen" "$3 in $2 changed nothing for: $4"
	fi
}

t_is "KubeVirt reads the copy as it reads /sys" "$(kubevirt_vf $copy)" "$(kubevirt_vf /sys)"
t_is "so does OpenNebula" "$(opennebula $copy $vb)" "$(opennebula /sys $vb)"
t_is "so does Proxmox" "$(proxmox $copy $vb)" "$(proxmox /sys $vb)"
three()
{
	grep -E "nvidia-5(56|60|70) |type 0x|A40-(2B|4Q|4A)|one-type" <<<"$1"
}
t_is "so does KubeVirt's other path" "$(three "$(kubevirt_mdev $copy)")" "$(three "$(kubevirt_mdev /sys)")"
t_is "so does CloudStack" "$(three "$(cloudstack $copy)")" "$(three "$(cloudstack /sys)")"
t_is "so does vgpu-device-manager" "$(three "$(vgpu_dm $copy)")" "$(three "$(vgpu_dm /sys)")"
t_is "so does vdsm" "$(three "$(vdsm $copy)")" "$(three "$(vdsm /sys)")"

list=bus/pci/devices/$vb/nvidia/creatable_vgpu_types
type=bus/pci/devices/$pf/mdev_supported_types/nvidia-560
while IFS='|' read -r what f sed cmd; do
	one_character "$what" "$f" "$sed" "$cmd"
done <<M
KubeVirt: no type|bus/pci/devices/$vb/nvidia/current_vgpu_type|s/0/-/|kubevirt_vf $copy
KubeVirt: driver of the VF|bus/pci/devices/$va/driver|s/nvidia/nvidja/|kubevirt_vf $copy
KubeVirt: PCI_ID|bus/pci/devices/$va/uevent|s/^PCI_ID=/PCI_ID:/|kubevirt_vf $copy
KubeVirt: vendor in it|bus/pci/devices/$va/uevent|s/^PCI_ID=10DE/PCI_ID=10DF/|kubevirt_vf $copy
KubeVirt: IOMMU group|bus/pci/devices/$va/iommu_group|s/[0-9]\$/x/|kubevirt_vf $copy
KubeVirt, mdev: blank in the name|$type/name|s/ /-/|kubevirt_mdev $copy
KubeVirt, mdev: number|$type/available_instances|s/^/x/|kubevirt_mdev $copy
KubeVirt, mdev: unit behind it|$type/available_instances|s/\$/M/|kubevirt_mdev $copy
KubeVirt, mdev: type of an mdev|bus/pci/devices/$pf/$u/mdev_type|s/570/571/|kubevirt_mdev $copy
OpenNebula: header|$list|1s/^ID/Id/|opennebula $copy $vb
OpenNebula: colon|$list|2s/:/;/|opennebula $copy $vb
OpenNebula: id|$list|2s/^5/6/|opennebula $copy $vb
OpenNebula: line of the default|$list|1s/^/\\n/|opennebula $copy $vb
OpenNebula: letter of the name|$list|2s/A40/A41/|opennebula $copy $vb
OpenNebula: vendor|bus/pci/devices/$va/vendor|s/e/f/|opennebula_devices $copy
Proxmox: header|$list|1s/^I/i/|proxmox $copy $vb
Proxmox: colon|$list|2s/:/;/|proxmox $copy $vb
Proxmox: blank before the id|$list|2s/^/ /|proxmox $copy $vb
Proxmox: letter of the name|$list|2s/A40/A41/|proxmox $copy $vb
Proxmox: type with a blank behind|bus/pci/devices/$va/nvidia/current_vgpu_type|s/\$/ /|proxmox_current $copy $va
Proxmox: none with another 0|bus/pci/devices/$vb/nvidia/current_vgpu_type|s/0/00/|proxmox_current $copy $vb
CloudStack: max_instance|$type/description|s/max_instance=/max-instance=/|cloudstack $copy
CloudStack: framebuffer|$type/description|s/framebuffer=/framebuffer:/|cloudstack $copy
CloudStack: num_heads|$type/description|s/num_heads=/num_heads:/|cloudstack $copy
CloudStack: resolution|$type/description|s/7680x/7680X/|cloudstack $copy
CloudStack: max_resolution|$type/description|s/max_resolution=/max_resolution /|cloudstack $copy
CloudStack: type of a VF|bus/pci/devices/$va/nvidia/current_vgpu_type|s/0/O/|cloudstack $copy
CloudStack: vendor|bus/pci/devices/$pf/vendor|s/e/f/|cloudstack $copy
vgpu-device-manager: vendor|bus/pci/devices/$pf/vendor|s/e/f/|vgpu_dm $copy
vgpu-device-manager: class|bus/pci/devices/$pf/class|s/0x03/0x04/|vgpu_dm $copy
vgpu-device-manager: driver|bus/pci/devices/$pf/driver|s/nvidia/nvidja/|vgpu_dm $copy
vgpu-device-manager: dash in the name|$type/name|s/-4Q/_4Q/|vgpu_dm $copy
vgpu-device-manager: series|$type/name|s/4Q/4q/|vgpu_dm $copy
vgpu-device-manager: blank in the name|$type/name|s/ A40/_A40/|vgpu_dm $copy
vgpu-device-manager: number|$type/available_instances|s/^/x/|vgpu_dm $copy
vgpu-device-manager: type of an mdev|bus/pci/devices/$pf/$u/mdev_type|s/570/560/|vgpu_dm $copy
vdsm: vendor|bus/pci/devices/$pf/vendor|s/e/f/|vdsm $copy
vdsm: device API|$type/device_api|s/-/_/|vdsm $copy
vdsm: number|$type/available_instances|s/^/x/|vdsm $copy
vdsm: name|$type/name|s/A40/A41/|vdsm $copy
vdsm: description|$type/description|s/, /; /|vdsm $copy
M
# Not characters, but there or not there.
touch $copy/bus/pci/devices/$va/sriov_totalvfs
t_is "KubeVirt: what has VFs is no VF" "$(kubevirt_vf $copy)" ""
mkdir $copy/class/mdev_bus/$vb
t_is "OpenNebula: what has mdevs is no VF" "$(opennebula $copy $vb)" legacy

# --- VFs and mdevs given to VMs and taken back ------------------------------------

t_ok "OpenNebula leaves a VF" opennebula_leave /sys $va
t_ok "Proxmox takes a VF" proxmox_take /sys $va 560
t_ok "the same again" proxmox_take /sys $va 560
t_ok "another type of the size" proxmox_take /sys $va 570
t_is "it has that" "$(cat $a/current_vgpu_type)" 570
t_drive "a VM has the VF" vm $va
proxmox_leave /sys $va 300 &
leave=$!
t_at_exit kill -9 $leave
# Its first try is refused, and only then does the VM end.
t_wait "Proxmox tries to leave it" 20 grep -q "in use" $pci/$va/vgpu/last_error
t_drive_end "the VM ends" vm
rc=0
wait $leave || rc=$?
t_is "Proxmox has left it" $rc 0
t_is "the VF has no type" "$(cat $a/current_vgpu_type)" 0
t_ok "KubeVirt removes its mdev" kubevirt_mdev_take /sys $u
t_ok "it is gone" test ! -e /sys/bus/mdev/devices/$u

t_ok "vdsm makes an mdev with parameters" vdsm_make /sys $pf nvidia-560 $w "frame_rate_limiter=0,disable_vnc=1"
t_is "it has them" "$(cat /sys/bus/mdev/devices/$w/nvidia/vgpu_params)" "frame_rate_limiter=0,disable_vnc=1"
t_ok "vdsm removes it" vdsm_take /sys $pf $w
t_ok "it is gone" test ! -e /sys/bus/mdev/devices/$w
t_err "vdsm learns of a wrong parameter" "Invalid argument" vdsm_make /sys $pf nvidia-560 $w nonsense=1
t_ok "and removes the mdev" vdsm_take /sys $pf $w
t_done
