#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The thirteenth A40-4Q, through virsh and by a raw write.
. ./lib.sh

pf=$(pfs | head -1)
made=()
for i in $(seq 12); do
	u=$(uuid)
	r=$(mdev_create $pf nvidia-560 $u)
	[ "$r" = ok ] || t_fail "A40-4Q number $i" "$r"
	made+=($u)
	t_at_exit mdev_remove $u
done
t_is "twelve A40-4Q" "$(ls $pci/$pf/mdev_supported_types/nvidia-560/devices | wc -l)" 12
t_is "none is left" "$(available $pf nvidia-560)" 0
t_is "each has a VF of its own" "$(cat /sys/bus/mdev/devices/*/vgpu/vf | sort -u | wc -l)" 12
t_is "each has a group of its own" "$(readlink /sys/bus/mdev/devices/*/iommu_group | sort -u | wc -l)" 12
mdev_xml $pf nvidia-560 $(uuid) >$tmp/13.xml
t_err "virsh: why" "A40-4Q does not fit on $pf: 12 of 12 vGPUs" virsh nodedev-create $tmp/13.xml

# The driver core's own line about a failed probe comes with every ENOSPC, from
# every driver; the rule is about what ours says.
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"
gate_expect "nvidia $pf: "
ours()
{
	log_since_mark | grep -E 'nvidia|openvgpu' | grep -vE 'probe (with driver|of) |suppressed|MDEV'
}
before=$(ours | wc -l)
t_is "raw create: ENOSPC" "$(mdev_create $pf nvidia-560 $(uuid))" ENOSPC
lines=$(ours | tail -n +$((before + 1)))
t_is "one line in the log" "$(grep -c . <<<"$lines")" 1
t_like "it names the GPU" "$lines" "$pf"
t_like "and the reason" "$lines" "A40-4Q|560|instances|framebuffer"
t_ok "last_error has the reason" test -n "$(cat $pci/$pf/vgpu/last_error)"
# Five lines in thirty seconds, whatever the machine's speed: tried until one is left out.
# No more attempts than that, since each costs libvirt a second (it waits for an mdev
# that is gone).
create=$pci/$pf/mdev_supported_types/nvidia-560/create
t0=$SECONDS tries=1 n=1
while [ $n = $tries ] && [ $tries -lt 60 ]; do
	for u in $(uuid) $(uuid); do { echo $u >$create; } 2>/dev/null; done
	tries=$((tries + 2))
	n=$(($(ours | wc -l) - before))
done
t_ok "the line is rate-limited ($tries attempts, $n lines)" test $n -lt $tries -a $n -le $((5 * ((SECONDS - t0) / 30 + 2)))
t_is "VF face: ENOSPC as well" "$(f=; for v in $pci/$pf/virtfn*; do
	[ "$(cat $v/vgpu/owner)" = none ] && { try_write $v/nvidia/current_vgpu_type 560; break; }; done)" ENOSPC
t_is "VF face: header only" "$(for v in $pci/$pf/virtfn*; do
	[ "$(cat $v/vgpu/owner)" = none ] && { cat $v/nvidia/creatable_vgpu_types; break; }; done)" "ID    : vGPU Name"
t_is "one removed" "$(mdev_remove ${made[5]})" ok
t_is "one is free again" "$(available $pf nvidia-560)" 1
t_is "the thirteenth finds its place" "$(mdev_create $pf nvidia-570 ${made[5]})" ok
t_done
