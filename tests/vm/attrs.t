#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is set for one vGPU: as <attr> of a node device, which mdevctl writes when the mdev
# is there, and by the files of a VF. Formats and answers of the files: face.t.
. ./lib.sh

pf=$(pfs | head -1)	# A40
rtx=$(pfs | tail -1)	# has placement ids, mixes sizes, and has MIG
u=$(uuid)
m=/sys/bus/mdev/devices/$u
t_at_exit mdev_remove $u

# attr_xml PF TYPE UUID [NAME VALUE]...
attr_xml()
{
	local pf=$1 type=$2 uuid=$3

	shift 3
	mdev_xml $pf $type $uuid | sed '/<\/capability>/,$d'
	while [ $# -gt 0 ]; do
		echo "<attr name='$1' value='$2'/>"
		shift 2
	done
	echo "</capability></device>"
}
# node_of UUID PF: libvirt's name of an mdev
node_of()
{
	echo "mdev_${1//-/_}_${2//[:.]/_}"
}
# attrs_of NAME [OPTION]: "NAME=VALUE" each
attrs_of()
{
	# libvirt 9.0 has no --inactive; mdevctl has the definition for it
	if [ $# = 2 ] && ! virsh nodedev-dumpxml --help | grep -q -- "$2"; then
		mdevctl list -d -u $u --dumpjson | sed -n 's/^ *"\([a-z]*\/[a-z_]*\)": "\(.*\)"$/\1=\2/p'
		return
	fi
	virsh -q nodedev-dumpxml $2 $1 | sed -n "s/.*<attr name='\([^']*\)' value='\([^']*\)'.*/\1=\2/p"
}

# --- through libvirt and mdevctl ------------------------------------------------

name=$(node_of $u $pf)
seen=$(counter openvgpu $pf vgpu_change_events)
attr_xml $pf nvidia-560 $u nvidia/vgpu_params loglevel=1 \
	nvidia/vgpu_params "frame_rate_limiter=0 disable_vnc=1" vgpu/vm_name "one VM" >$tmp/a.xml
t_ok "nodedev-define with attributes" virsh nodedev-define $tmp/a.xml
t_at_exit mdevctl undefine -u $u
t_is "they are kept, in their order" "$(attrs_of $name --inactive)" \
	"nvidia/vgpu_params=loglevel=1
nvidia/vgpu_params=frame_rate_limiter=0 disable_vnc=1
vgpu/vm_name=one VM"
t_ok "nodedev-start" virsh nodedev-start $name
t_is "written in that order, without a newline" "$(cat $m/nvidia/vgpu_params)" \
	"frame_rate_limiter=0 disable_vnc=1"
t_is "another folder's" "$(cat $m/vgpu/vm_name)" "one VM"
changed()
{
	[ "$(counter openvgpu $pf vgpu_change_events)" -gt $seen ]
}
t_wait "a change event tells of them" 20 changed
t_write "changed meanwhile" $m/nvidia/vgpu_params loglevel=2 ok
t_ok "nodedev-destroy" virsh nodedev-destroy $name
stopped() { virsh nodedev-info $node | grep -qE '^Active: +no'; }
node=$name
t_wait "libvirt knows" 20 stopped
t_ok "nodedev-start again" virsh nodedev-start $name
t_is "as it is defined" "$(cat $m/nvidia/vgpu_params)" "frame_rate_limiter=0 disable_vnc=1"
t_is "and still defined" "$(attrs_of $name --inactive | sed -n 2p)" \
	"nvidia/vgpu_params=frame_rate_limiter=0 disable_vnc=1"

t_is "NVIDIA's vm_name of a vGPU that is not open" "$(stat -c %a $m/nvidia/vm_name):$(cat $m/nvidia/vm_name)" 400:
t_drive "a VM has the mdev" vm $u
t_is "and while it is" "$(cat $m/nvidia/vm_name)" "one VM"
for f in vgpu_params placement_id gpu_instance_id; do
	t_write "$f while open: EBUSY" $m/nvidia/$f "$(sed 's/Not Applicable/0/' $m/nvidia/$f)" EBUSY
done
t_write "vgpu/vm_name while open" $m/vgpu/vm_name "another VM" ok
t_is "NVIDIA's says the same" "$(cat $m/nvidia/vm_name)" "another VM"
t_drive_end "the VM ends" vm
t_ok "nodedev-destroy" virsh nodedev-destroy $name
t_ok "nodedev-undefine" virsh nodedev-undefine $name

# refused NAME FILE VALUE
refused()
{
	attr_xml $pf nvidia-560 $u "$2" "$3" >$tmp/bad.xml
	t_err "$1: create fails" "$2|[Ii]nvalid argument" virsh nodedev-create $tmp/bad.xml
	t_ok "$1: and no mdev is left" test ! -e $m
}
refused "unknown key" nvidia/vgpu_params nonsense=1
t_like "unknown key: the GPU says why" "$(cat $pci/$pf/vgpu/last_error)" "unknown key"
refused "a file that is not there" nvidia/warm_update 1
refused "an id where there are none" nvidia/placement_id 0

# --- placement ids ---------------------------------------------------------------

t_like "the other board has them" "$(cat $pci/$rtx/vgpu/firmware)" "^595"
a=$pci/$(vf $rtx 0)
b=$pci/$(vf $rtx 1)
cur=nvidia/current_vgpu_type
for v in $a $b; do t_at_exit try_write $v/$cur 0; done
# fb_at ID: where the vGPU with this placement id has its framebuffer
fb_at()
{
	sed -n "s/.* fb \([0-9a-f]*\)+.* id $1\( .*\)*\$/\1/p" $debug/openvgpu/$rtx/places
}

# DC-48Q: two, at 0 and 48
t_write "a vGPU of half the board" $a/$cur 1540 ok
t_is "the first place" "$(cat $a/nvidia/placement_id)" 0
t_is "the other one is creatable" "$(cat $a/vgpu/placements)" 48
low=$(fb_at 0)
t_write "moved there" $a/nvidia/placement_id 48 ok
t_is "it is there" "$(cat $a/nvidia/placement_id) $(cat $a/vgpu/placements)" "48 0"
t_ok "its framebuffer too" test $((0x$(fb_at 48))) -gt $((0x$low))
t_ok "and nothing is left behind" test -z "$(fb_at 0)"
t_write "the same again" $a/nvidia/placement_id $'48\n' ok
t_write "not one of its ids: EINVAL" $a/nvidia/placement_id 5 EINVAL
t_write "no number is none: EINVAL" $a/nvidia/placement_id 65535 EINVAL
t_write "not applicable: EINVAL" $a/nvidia/placement_id "Not Applicable" EINVAL
t_is "still there" "$(cat $a/nvidia/placement_id)" 48
t_write "another vGPU" $b/$cur 1541 ok
t_is "has what is left" "$(cat $b/nvidia/placement_id) $(cat $b/vgpu/placements)" "0 "
t_write "a taken id: ENOSPC" $b/nvidia/placement_id 48 ENOSPC
t_like "the VF says why" "$(cat $b/vgpu/last_error)" "48 is taken"
t_is "and it keeps its own" "$(cat $b/nvidia/placement_id)" 0
t_ok "both open, where they are" $vfio_test pair ${a##*/} ${b##*/}
for v in $a $b; do t_write "0" $v/$cur 0 ok; done
t_write "a new one" $a/$cur 1540 ok
t_is "has not the place of the last one" "$(cat $a/nvidia/placement_id)" 0
t_write "0" $a/$cur 0 ok

attr_xml $rtx nvidia-1540 $u nvidia/placement_id 48 >$tmp/p.xml
t_ok "nodedev-create with a placement id" virsh nodedev-create $tmp/p.xml
t_is "the mdev has it" "$(cat $m/nvidia/placement_id) $(cat $m/vgpu/placements)" "48 0"
t_ok "it opens" $vfio_test open $u
t_ok "nodedev-destroy" virsh nodedev-destroy $(node_of $u $rtx)

# Sizes that mix: DC-24Q at 24 leaves the upper half to a DC-48Q.
t_write "mixed sizes" $pci/$rtx/vgpu/placement_mode mixed ok
t_at_exit try_write $pci/$rtx/vgpu/placement_mode equal
t_write "a quarter" $a/$cur 1534 ok
t_like "quarters may be at" "$(cat $a/vgpu/placements)" "^(24|48|72)( (24|48|72)){2}\$"
t_write "the second" $a/nvidia/placement_id 24 ok
attr_xml $rtx nvidia-1540 $u nvidia/placement_id 48 >$tmp/p.xml
t_ok "nodedev-create of a half beside it" virsh nodedev-create $tmp/p.xml
t_is "where it was to be" "$(cat $m/nvidia/placement_id)" 48
t_write "the quarter into the half: ENOSPC" $a/nvidia/placement_id 72 ENOSPC
t_is "the first quarter is free" "$(cat $a/vgpu/placements)" 0
t_ok "both open" $vfio_test pair ${a##*/} $u
t_ok "nodedev-destroy" virsh nodedev-destroy $(node_of $u $rtx)
t_write "0" $a/$cur 0 ok
t_write "equal sizes" $pci/$rtx/vgpu/placement_mode equal ok

# --- GPU instances -----------------------------------------------------------------

t_write "MIG" $pci/$rtx/vgpu/mig 1 ok
t_at_exit sh -c "cut -d' ' -f1 $pci/$rtx/vgpu/gpu_instances | while read -r i; do echo \$i >$pci/$rtx/vgpu/gpu_instance_destroy; done; echo 0 >$pci/$rtx/vgpu/mig"
for g in 1g.24gb+gfx 1g.24gb+gfx 2g.48gb+gfx; do
	t_write "GPU instance $g" $pci/$rtx/vgpu/gpu_instance_create $g ok
done
ids=($(sed -n 's/ 1g.*//p' $pci/$rtx/vgpu/gpu_instances))
half=$(sed -n 's/ 2g.*//p' $pci/$rtx/vgpu/gpu_instances)
t_is "two of a quarter, one of a half" "${#ids[@]} $(wc -w <<<"$half")" "2 1"
# DC-1-12Q: two in an instance
t_write "a MIG-backed vGPU" $a/$cur 1558 ok
t_is "in the first that fits" "$(cat $a/nvidia/gpu_instance_id)" ${ids[0]}
t_write "into the other" $a/nvidia/gpu_instance_id ${ids[1]} ok
t_is "it is there" "$(cat $a/nvidia/gpu_instance_id)" ${ids[1]}
t_like "the GPU shows it" "$(cat $pci/$rtx/vgpu/gpu_instances)" "^${ids[1]} .* vgpus=1\$"
t_write "one of another profile: EINVAL" $a/nvidia/gpu_instance_id $half EINVAL
t_write "one that is not there: EINVAL" $a/nvidia/gpu_instance_id 14 EINVAL
t_write "junk: EINVAL" $a/nvidia/gpu_instance_id 1g EINVAL
t_write "no number is none: EINVAL" $a/nvidia/gpu_instance_id 4294967295 EINVAL
# DC-1-24Q: has one for itself
t_write "a vGPU that fills an instance" $b/$cur 1561 ok
t_is "in the one that is empty" "$(cat $b/nvidia/gpu_instance_id)" ${ids[0]}
t_write "into one that is not: ENOSPC" $b/nvidia/gpu_instance_id ${ids[1]} ENOSPC
t_write "and the other way round: ENOSPC" $a/nvidia/gpu_instance_id ${ids[0]} ENOSPC
t_is "both stay" "$(cat $a/nvidia/gpu_instance_id) $(cat $b/nvidia/gpu_instance_id)" "${ids[1]} ${ids[0]}"
t_ok "both open" $vfio_test pair ${a##*/} ${b##*/}
t_write "0" $b/$cur 0 ok
attr_xml $rtx nvidia-1558 $u nvidia/gpu_instance_id ${ids[1]} >$tmp/g.xml
t_ok "nodedev-create with a GPU instance" virsh nodedev-create $tmp/g.xml
t_is "the mdev is in it" "$(cat $m/nvidia/gpu_instance_id)" ${ids[1]}
t_ok "nodedev-destroy" virsh nodedev-destroy $(node_of $u $rtx)
t_write "0" $a/$cur 0 ok
for i in ${ids[@]} $half; do t_write "instance $i away" $pci/$rtx/vgpu/gpu_instance_destroy $i ok; done
t_write "MIG off" $pci/$rtx/vgpu/mig 0 ok

# --- a list longer than a page -------------------------------------------------------

# As many types as the branch takes, the more with names as long as a name can be.
fw=vgpu-$(build_of 1).bin
param=/sys/module/firmware_class/parameters/path
mkdir -p $tmp/fw/nvidia
vgpuctl catalog convert --to csv | awk -F, -v OFS=, '
	NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
	{ print }
	$at["gpu"] ~ /^RTXPRO6000/ { n++ }
	$at["type_id"] == 1519 { more = $0 }
	END {
		$0 = more
		for (i = n; i < 128; i++) {
			$at["type_id"] = 60000 + i
			$at["id_confidence"] = "own"
			$at["name"] = sprintf("NVIDIA RTX Pro 6000 Blackwell DC with a name as long as %03d-3Q", i)
			print
		}
	}' >$tmp/types.csv
t_ok "a catalogue with types of our own" vgpuctl catalog build $tmp/types.csv \
	--firmware "$(build_of 1)" --boards "$(awk -F, '/^RTXPRO6000/ { print $1; exit }' $tmp/types.csv)" \
	--output $tmp/fw/nvidia/$fw
rebind()
{
	echo $rtx >/sys/bus/pci/drivers/nvidia/unbind
	echo $rtx >/sys/bus/pci/drivers/nvidia/bind
	udevadm settle
	wait_for 30 grep -qx 1 $pci/$rtx/vgpu/mdev
}
t_at_exit sh -c "printf ' ' >$param; [ -e $pci/$rtx/driver ] || echo $rtx >/sys/bus/pci/drivers/nvidia/bind; udevadm settle"
printf %s $tmp/fw >$param
t_ok "the board with it" rebind
list=$pci/$(vf $rtx 0)/nvidia/creatable_vgpu_types
ours=$(awk -F, 'NR > 1 && $5 >= 60000' $tmp/types.csv | wc -l)
t_ok "there are types of our own" test $ours -ge 50
cat $list >$tmp/list
t_ok "the list is longer than a page" test "$(wc -c <$tmp/list)" -gt 4096
t_is "all that are creatable are in it" "$(tail -n +2 $tmp/list | wc -l)" \
	"$(grep -L '^0$' $pci/$rtx/mdev_supported_types/*/available_instances | wc -l)"
t_is "all of ours" "$(grep -cE '^60[0-9]{3} : NVIDIA .* as long as [0-9]{3}-3Q$' $tmp/list)" $ours
t_is "read byte by byte it is the same" "$(dd if=$list bs=7 status=none | cksum)" "$(cksum <$tmp/list)"
printf ' ' >$param
t_ok "the board with its own types" rebind
t_is "and only these" "$(grep -c ^60 $pci/$(vf $rtx 0)/nvidia/creatable_vgpu_types)" 0
t_done
