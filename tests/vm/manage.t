#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vgpuctl makes vGPUs and removes them: through libvirt where that runs, else mdevctl, and on
# VFs; says why not; and watches.
. ./lib.sh

read -r pf < <(pfs)
v=$(vf $pf 0) u=$(uuid) p=$(uuid)
m=/sys/bus/mdev/devices
t_at_exit try_write $pci/$v/nvidia/current_vgpu_type 0
for i in $u $p; do
	t_at_exit mdevctl undefine --uuid $i
	t_at_exit mdev_remove $i
done
libvirt=
virsh -q uri >/dev/null 2>&1 && libvirt=1

# --- on a VF
t_like "it fits" "$(vgpuctl why $pf A40-4Q)" "^A40-4Q fits on $pf, 12 of it$"
t_is "a vGPU on a VF" "$(vgpuctl create $pf A40-4Q --vf $v --params frame_rate_limiter=0)" $v
t_is "it is there" "$(cat $pci/$v/nvidia/current_vgpu_type) $(cat $pci/$v/nvidia/vgpu_params)" "560 frame_rate_limiter=0"
t_err "not twice" "$v: .*has a vGPU already" vgpuctl create $pf A40-4Q --vf $v
t_like "another size does not fit" "$(vgpuctl why $pf A40-8Q)" \
	"^A40-8Q does not fit on $pf: NVIDIA A40-8Q is 8 GiB, but vGPUs of 4 GiB exist on this GPU.*; A40-4Q would fit$"
t_err "nor is it made" "A40-8Q does not fit on $pf.*A40-4Q would fit" vgpuctl create $pf A40-8Q
t_err "nobody" "CAP_SYS_ADMIN" setpriv --reuid=65534 --regid=65534 --clear-groups vgpuctl destroy $v
t_like "show" "$(vgpuctl show $v)" "^params +frame_rate_limiter=0$"
t_ok "remove" vgpuctl destroy $v
t_is "it is gone" "$(cat $pci/$v/nvidia/current_vgpu_type)" 0

# --- through mdev
t_is "an mdev" "$(vgpuctl create $pf nvidia-560 --uuid $u --params frame_rate_limiter=1)" $u
t_is "with its params" "$(cat $m/$u/nvidia/vgpu_params)" "frame_rate_limiter=1"
[ -z "$libvirt" ] || t_ok "libvirt has it" virsh_sees "mdev_${u//-/_}_${pf//[:.]/_}"
t_err "not twice" "exists|$u" vgpuctl create $pf nvidia-560 --uuid $u
t_drive "open" one $u
t_err "an open one is not removed" "open by process ${drive_pid[one]}: stop the VM" vgpuctl destroy $u
t_like "top" "$(vgpuctl top -n 1)" "^$pf +$u +A40-4Q +- +${drive_pid[one]} "
t_is "top as JSON" "$(vgpuctl top -n 1 -o json | python3 -c 'import json, sys
print(*(v["uuid"] for v in json.load(sys.stdin)["vgpus"]))')" $u
t_like "show" "$(vgpuctl show $u)" "^pid +${drive_pid[one]}$"
t_drive_end "close" one
t_ok "remove" vgpuctl destroy $u
t_ok "it is gone" test ! -e $m/$u
t_err "there is none to remove" "no vGPU $u" vgpuctl destroy $u
t_is "for the next boots" "$(vgpuctl create $pf A40-4Q --uuid $p --persistent)" $p
t_like "is defined" "$(mdevctl list -d --uuid $p)" "$p $pf nvidia-560 auto"
t_ok "and there" test -e $m/$p
t_ok "remove" vgpuctl destroy $p
t_like "it stays defined" "$(mdevctl list -d --uuid $p)" "$p"
t_err "it is not defined twice" "$p is defined already: start it .*, or undefine it" \
	vgpuctl create $pf A40-4Q --uuid $p --persistent
t_like "nor is it lost" "$(mdevctl list -d --uuid $p)" "$p $pf nvidia-560 auto"
t_ok "undefine" mdevctl undefine --uuid $p

# --- what happens; it listens when the first of these is told, and may begin between two
vgpuctl monitor >$tmp/events & one=$!
vgpuctl monitor -o json -n 4 >$tmp/json & two=$!
t_at_exit kill $one $two
told()
{
	nl=$(vgpuctl create $pf A40-4Q --vf $v) && vgpuctl destroy $v
	for e in "vgpu-created $pf $v - A40-4Q" "vgpu-removed $pf $v - A40-4Q" capacity; do
		grep -q "^$e " $tmp/events || return
	done
	! kill -0 $two
}
t_wait "monitor tells" 20 told
kill $one
t_like "what is made" "$(cat $tmp/events)" "^vgpu-created $pf $v - A40-4Q reserved$"
t_like "what fits" "$(cat $tmp/events)" "^capacity +$pf [0-9]+ of [0-9]+ MiB used$"
t_is "as JSON, so many" "$(python3 -c 'import json, sys
print(len([json.loads(l)["event"] for l in open(sys.argv[1])]))' $tmp/json)" 4
t_done
