#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What vgpuctl plans is what the driver does: the same places, to the byte.
. ./lib.sh

# made PF JSON: makes the new vGPUs of a plan through the VF face, where it says
made()
{
	local n=0 type id gi v

	while read -r type id gi; do
		v=$pci/$(vf $1 $n)/nvidia
		n=$((n + 1))
		t_at_exit try_write $v/current_vgpu_type 0
		t_write "vGPU $n: type $type" $v/current_vgpu_type $type ok
		[ $gi = None ] || t_write "in instance $gi" $v/gpu_instance_id $gi ok
		[ $id = None ] || t_write "at $id" $v/placement_id $id ok
	done < <(python3 -c 'import json, sys
for v in json.load(open(sys.argv[1]))["vgpus"]:
    print(v["type"], v["placement_id"], v["gpu_instance_id"])' "$2")
}

# places of the driver, and those that vgpuctl draws: framebuffer, heap
driver_places()
{
	sed 's/.* fb \(.*\) heap \(.*\) chid.*/\1 \2/' $debug/openvgpu/$1/places | sort
}
drawn_places()
{
	vgpuctl map $1 -o json | python3 -c 'import json, sys
for v in json.load(sys.stdin)[0]["vgpus"]:
    print("%x+%x %x+%x" % (v["framebuffer_offset"], v["framebuffer_bytes"],
                           v["heap_offset"], v["heap_bytes"]))' | sort
}

# agrees PF TYPE...: of each type, plan and driver say the same
agrees()
{
	local pf=$1 type bad= plan driver

	shift
	for type; do
		plan=no driver=no
		vgpuctl plan -g $pf $type >$tmp/out 2>&1 && plan=yes
		grep -q "^$type	.*	creatable\$" $debug/openvgpu/$pf/types && driver=yes
		[ $plan = $driver ] || bad+=" $type:$plan/$driver"
	done
	t_is "what still fits" "$bad" ""
}

# --- an A40, mixed sizes
pf=$(pfs | sed -n 1p)
t_at_exit vgpuctl mode $pf equal
t_ok "vgpuctl mode" vgpuctl mode $pf mixed
vgpuctl plan -g $pf -o json A40-4Q:3 A40-12Q A40-1Q:2 A40-16C >$tmp/plan
made $pf $tmp/plan
t_is "places" "$(drawn_places $pf)" "$(driver_places $pf)"
t_is "as many as planned" "$(driver_places $pf | wc -l)" 7
agrees $pf 557 558 559 560 561 562 563 564 565 566
t_like "types --why" "$(vgpuctl types --why $pf)" "nvidia-566 +NVIDIA A40-48Q +0 +[a-z]"
t_is "all types have an answer" "$(vgpuctl types --why $pf -o json | grep -c '"why"')" \
	"$(wc -l <$debug/openvgpu/$pf/types)"

# What is in the way is moved as the plan says.
for n in 0 1 2 3 4 5 6; do
	try_write $pci/$(vf $pf $n)/nvidia/current_vgpu_type 0 >/dev/null
done
v=$pci/$(vf $pf 0)/nvidia
w=$pci/$(vf $pf 1)/nvidia
t_write "a vGPU" $v/current_vgpu_type 560 ok
t_write "in the lower half" $v/placement_id 8 ok
t_write "another" $w/current_vgpu_type 560 ok
t_write "in the upper" $w/placement_id 24 ok
t_err "no half is free" "would fit after moving" vgpuctl plan -g $pf A40-24Q
read -r who from to < <(vgpuctl plan -g $pf A40-24Q |
	sed -n 's/^  \([^ ]*\) .* from placement \([0-9]*\) to \([0-9]*\)$/\1 \2 \3/p')
t_write "moved" $pci/$who/nvidia/placement_id "$to" ok
t_ok "now it fits" vgpuctl plan -g $pf A40-24Q
t_write "really" $pci/$(vf $pf 2)/nvidia/current_vgpu_type 565 ok
for n in 0 1 2; do
	try_write $pci/$(vf $pf $n)/nvidia/current_vgpu_type 0 >/dev/null
done

# --- an RTX PRO 6000, MIG: instances in the order of the plan
pf=$(pfs | sed -n 2p)
t_at_exit vgpuctl mig $pf off
t_at_exit vgpuctl instances destroy $pf all
t_ok "vgpuctl mig" vgpuctl mig $pf on
vgpuctl plan -g $pf -o json DC-1-2Q:14 DC-2-16Q:3 >$tmp/plan
mapfile -t profiles < <(python3 -c 'import json, sys
for i in json.load(open(sys.argv[1]))["gpu_instances"]: print(i["profile"])' $tmp/plan)
mapfile -t ids < <(python3 -c 'import json, sys
for i in json.load(open(sys.argv[1]))["gpu_instances"]: print(i["id"])' $tmp/plan)
t_is "their numbers" "$(vgpuctl instances create $pf "${profiles[@]}" | xargs)" "${ids[*]}"
made $pf $tmp/plan
t_is "places" "$(drawn_places $pf)" "$(driver_places $pf)"
t_is "as many as planned" "$(driver_places $pf | wc -l)" 17
agrees $pf 1546 1550 1567 1573 1585
t_done
