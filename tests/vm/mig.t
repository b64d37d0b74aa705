#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# MIG-backed vGPUs: an RTX PRO 6000 with 48 in four GPU instances, an A100 in sevenths.
. ./lib.sh

mapfile -t found < <(pfs)
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"
gate_expect "nvidia [0-9a-f:.]*: "

# One line a GPU instance, without its bytes
gis()
{
	sed 's/ framebuffer=[0-9]*//' $pci/$1/vgpu/gpu_instances
}
many()
{
	local i r

	all=()
	for i in $(seq $3); do
		u=$(uuid)
		r=$(mdev_create $1 $2 $u)
		[ "$r" = ok ] || t_fail "$2 number $i" "$r" "$(cat $pci/$1/vgpu/last_error)"
		t_at_exit mdev_remove $u
		all+=($u)
	done
}

# --- RTX PRO 6000: several vGPUs in an instance
pf=${found[0]}
d=$pci/$pf/vgpu
type=$(type_id $pf "NVIDIA RTX Pro 6000 Blackwell DC-1-2Q")
wide=$(type_id $pf "NVIDIA RTX Pro 6000 Blackwell DC-1-4Q")
plain=$(type_id $pf "NVIDIA RTX Pro 6000 Blackwell DC-4Q")
t_at_exit vgpuctl mig $pf off
t_at_exit vgpuctl instances destroy $pf all
t_is "MIG is off: nothing MIG-backed fits" "$(available $pf $type) $(available $pf $plain)" "0 24"
t_write "no GPU instance without MIG" $d/gpu_instance_create 1g.24gb+gfx EINVAL
t_like "the reason" "$(cat $d/last_error)" "MIG"
u=$(uuid)
t_is "a vGPU without MIG" "$(mdev_create $pf $plain $u)" ok
t_write "MIG stays off while it exists" $d/mig 1 EBUSY
mdev_remove $u >/dev/null
t_ok "vgpuctl mig on" vgpuctl mig $pf on
t_is "MIG is on" "$(cat $d/mig) $(vgpuctl mig $pf)" "1 on"
t_write "no mixed sizes with it" $d/placement_mode mixed EINVAL
t_is "no GPU instance, no vGPU" "$(available $pf $type) $(available $pf $plain)" "0 0"
t_is "the profiles" "$(cat $d/gpu_instance_profiles)" "4g.96gb+gfx total=1 available=1
2g.48gb+gfx total=2 available=2
1g.24gb+gfx total=4 available=4"
t_write "an unknown profile" $d/gpu_instance_create 3g.40gb EINVAL
t_write "one that is not even text" $d/gpu_instance_create $'3g\xe9\xff' EINVAL
t_like "the reason is" "$(LC_ALL=C tr -d ' -~' <$d/last_error | wc -c) $(cat $d/last_error)" '^1 "3g\?\?" is no GPU instance'
t_is "vgpuctl instances create" \
	"$(vgpuctl instances create $pf 1g.24gb+gfx 1g.24gb+gfx 1g.24gb+gfx 1g.24gb+gfx | tr '\n' ' ')" "3 4 5 6 "
t_is "the instances" "$(gis $pf)" "3 1g.24gb+gfx start=0 vgpus=0
4 1g.24gb+gfx start=2 vgpus=0
5 1g.24gb+gfx start=4 vgpus=0
6 1g.24gb+gfx start=6 vgpus=0"
t_write "no fifth" $d/gpu_instance_create 1g.24gb+gfx ENOSPC
t_is "48 fit" "$(available $pf $type)" 48
many $pf $type 48
t_is "twelve in each" "$(gis $pf | grep -o 'vgpus=.*' | sort | uniq -c | tr -s ' ')" " 4 vgpus=12"
t_is "the 49th" "$(mdev_create $pf $type $(uuid))" ENOSPC
t_like "the reason" "$(cat $d/last_error)" "."
t_is "none is left" "$(available $pf $type) $(available $pf $wide)" "0 0"
t_write "an instance in use" $d/gpu_instance_destroy 3 EBUSY
t_err "vgpuctl: with the driver's reason" "vGPU" vgpuctl instances destroy $pf 3
t_write "MIG in use" $d/mig 0 EBUSY
t_ok "four of them open, one in each instance, DMA in each" \
	$vfio_test fleet ${all[0]} ${all[12]} ${all[24]} ${all[36]}
t_ok "three of one instance" $vfio_test fleet ${all[0]} ${all[1]} ${all[2]}
t_is "the first are in the first instance" "$(cat /sys/bus/mdev/devices/${all[0]}/nvidia/gpu_instance_id)" 3
for u in ${all[@]:0:12}; do mdev_remove $u >/dev/null; done
t_is "another size in the empty instance" "$(available $pf $wide)" 6
t_write "an instance that is empty" $d/gpu_instance_destroy 3 ok
t_is "it is gone" "$(gis $pf | head -1)" "4 1g.24gb+gfx start=2 vgpus=12"
t_write "and not there twice" $d/gpu_instance_destroy 3 ENOENT
for u in ${all[@]:12}; do mdev_remove $u >/dev/null; done
t_write "MIG stays on with instances" $d/mig 0 EBUSY
# 5 and 6 stay: a restore has to find the upper half
t_ok "destroy" vgpuctl instances destroy $pf 4
t_ok "save" vgpuctl save --file $tmp/s.json $pf
before=$(gis $pf)
t_ok "destroy all" vgpuctl instances destroy $pf all
t_ok "MIG off" vgpuctl mig $pf off
t_ok "restore" vgpuctl restore --file $tmp/s.json $pf
t_is "the instances are where they were" "$(gis $pf)" "$before"
t_ok "restore once more" vgpuctl restore --file $tmp/s.json $pf
t_is "changes nothing" "$(gis $pf)" "$before"
t_ok "destroy all" vgpuctl instances destroy $pf all
t_ok "MIG off" vgpuctl mig $pf off
t_is "as before" "$(available $pf $type) $(available $pf $plain)" "0 24"
t_is "the firmware had nothing to object to" "$(refusals $pf)" ""

# --- A100: a vGPU has its instance for itself
pf=${found[1]}
d=$pci/$pf/vgpu
type=$(type_id $pf "GRID A100-1-5C")
t_at_exit vgpuctl mig $pf off
t_at_exit vgpuctl instances destroy $pf all
t_ok "A100: MIG on" vgpuctl mig $pf on
t_is "A100: the profiles" "$(cut -d' ' -f1,2 $d/gpu_instance_profiles)" "7g.40gb total=1
4g.20gb total=1
3g.20gb total=2
2g.10gb total=3
1g.10gb total=4
1g.5gb total=7
1g.5gb+me total=1"
t_json instances-create vgpuctl instances create -o json $pf $(printf '1g.5gb %.0s' 1 2 3 4 5 6 7)
t_is "A100: seven fit" "$(available $pf $type)" 7
many $pf $type 7
t_is "A100: one in each" "$(gis $pf | grep -c vgpus=1)" 7
t_is "A100: the eighth" "$(mdev_create $pf $type $(uuid))" ENOSPC
t_ok "A100: seven open, DMA in each" $vfio_test fleet ${all[@]}
t_is "A100: to an instance that is taken" \
	"$(try_write /sys/bus/mdev/devices/${all[0]}/nvidia/gpu_instance_id \
		"$(cat /sys/bus/mdev/devices/${all[6]}/nvidia/gpu_instance_id)")" ENOSPC
mdev_remove ${all[6]} >/dev/null
t_is "A100: to one that is free" \
	"$(try_write /sys/bus/mdev/devices/${all[0]}/nvidia/gpu_instance_id 13)" ok
t_is "A100: it is there" "$(cat /sys/bus/mdev/devices/${all[0]}/nvidia/gpu_instance_id)" 13
t_ok "A100: and works" $vfio_test test ${all[0]}
for u in ${all[@]:0:6}; do mdev_remove $u >/dev/null; done
t_ok "A100: destroy all" vgpuctl instances destroy $pf all
t_is "A100: 3g beside 4g" "$(vgpuctl instances create $pf 4g.20gb 3g.20gb | tr '\n' ' ')" "1 2 "
t_ok "A100: destroy all" vgpuctl instances destroy $pf all
t_ok "A100: MIG off" vgpuctl mig $pf off
t_is "A100: the firmware had nothing to object to" "$(refusals $pf)" ""
t_done
