#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mixed sizes: NVIDIA's places, chosen ones, and when the mode may change.
. ./lib.sh

pf=$(pfs | head -1)
d=$pci/$pf/vgpu
t_at_exit try_write $d/placement_mode equal
made=()

# make TYPE: sets u
make()
{
	u=$(uuid)
	t_is "create $1" "$(mdev_create $pf nvidia-$1 $u)" ok
	t_at_exit mdev_remove $u
	made+=($u)
}
id()
{
	cat /sys/bus/mdev/devices/$1/nvidia/placement_id
}
chosen()
{
	try_write /sys/bus/mdev/devices/$1/nvidia/placement_id $2
}

t_is "equal sizes to begin with" "$(cat $d/placement_mode)" equal
t_write "no such mode" $d/placement_mode mixt EINVAL
t_like "the reason" "$(cat $d/last_error)" "equal or mixed"
make 560
t_is "A40 has no ids in equal-size mode" "$(id $u)" "Not Applicable"
t_is "and takes none" "$(chosen $u 0)" EOPNOTSUPP
t_write "the mode stays while a vGPU exists" $d/placement_mode mixed EBUSY
t_like "the reason" "$(cat $d/last_error)" "vGPU"
t_write "the same mode is no change" $d/placement_mode equal ok
mdev_remove $u >/dev/null
gate_expect "nvidia $pf: "
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"

t_ok "vgpuctl mode" vgpuctl mode $pf mixed
t_is "mixed" "$(cat $d/placement_mode) $(vgpuctl mode $pf)" "mixed mixed"
t_write "no MIG beside it" $d/mig 1 EOPNOTSUPP
t_is "A40-4Q: documented for mixed sizes" "$(available $pf nvidia-560)" 8
t_is "A40-48Q" "$(available $pf nvidia-566)" 1

# A half, a quarter and the rest in small ones: as NVIDIA nests them.
make 565
t_is "A40-24Q: the lower half" "$(id $u)" 0
t_is "the other half is free" "$(available $pf nvidia-565)" 1
make 563
t_is "A40-12Q: the third quarter" "$(id $u)" 24
make 560
t_is "A40-4Q: the last quarter" "$(id $u)" 36
small=$u
t_is "two more of it" "$(available $pf nvidia-560)" 1
t_is "where: $(cat /sys/bus/mdev/devices/$small/vgpu/placements)" \
	"$(cat /sys/bus/mdev/devices/$small/vgpu/placements)" "44"
t_is "moved to a free place" "$(chosen $small 44) $(id $small)" "ok 44"
t_is "moved back" "$(chosen $small 36) $(id $small)" "ok 36"
t_is "to one that is taken" "$(chosen $small 0)" ENOSPC
t_is "to one that is no place of an A40-4Q" "$(chosen $small 4)" EINVAL
t_is "to nonsense" "$(chosen $small here)" EINVAL
t_is "it stays where it was" "$(id $small)" 36
t_drive "opened where it is" small $small
t_is "not moved while open" "$(chosen $small 44)" EBUSY
t_drive_end "closed" small
t_is "moved again" "$(chosen $small 44)" ok
t_ok "and works there" $vfio_test test $small --type 560
t_is "a type that does not fit" "$(mdev_create $pf nvidia-565 $(uuid))" ENOSPC
t_like "the reason" "$(cat $d/last_error)" "."
t_ok "three sizes open at once, DMA in each" $vfio_test fleet ${made[@]:1}
t_write "the mode stays" $d/placement_mode equal EBUSY
t_err "vgpuctl: with the driver's reason" "vGPU" vgpuctl mode $pf equal
for u in ${made[@]:1}; do mdev_remove $u >/dev/null; done
t_is "the firmware had nothing to object to" "$(refusals $pf)" ""
t_write "back to equal" $d/placement_mode equal ok
t_is "twelve A40-4Q again" "$(available $pf nvidia-560)" 12
t_done
