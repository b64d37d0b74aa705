#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The firmware dies: every user is told, nobody hangs, what is known of it is kept,
# and the GPU comes back by itself when the last user has let go.
. ./lib.sh

pf=$(pfs | head -1)
cur=nvidia/current_vgpu_type
dumps=/sys/class/devcoredump
gate_expect "$pf|nvidia 0"
t_at_exit unhasten
for i in 0 1 2; do
	v[i]=$(vf $pf $i)
	t_at_exit try_write $pci/${v[i]}/$cur 0
	t_write "a type on VF $i" $pci/${v[i]}/$cur 560 ok
done
deaths=$(counter openvgpu $pf firmware_deaths)
back=$(counter openvgpu $pf recoveries)
t_drive "two vGPUs are open" a ${v[0]}
t_drive "and at work" b ${v[1]}
t_is "DMA" "$(tell a 'dma 3') $(tell b 'dma 3')" "ok ok"

t_is "the firmware hangs" "$(fault $pf fw_hang)" ok
out=$(timeout 300 $vfio_test open ${v[2]} 2>&1)
t_like "a third does not open, and does not wait forever" "$out" "^open: E(TIMEDOUT|NODEV|IO|NOTRECOVERABLE)"
t_is "the users of the others are told" "$(tell a 'died 120000') $(tell b 'died 120000')" "died died"
t_unlike "status is not ready any more" "$(cat $pci/$pf/vgpu/status)" "^ready$"
t_ok "and says why" test -n "$(cat $pci/$pf/vgpu/status)"
t_is "their state" "$(cat $pci/${v[0]}/vgpu/state) $(cat $pci/${v[1]}/vgpu/state)" "error error"
w=$pci/$(vf $pf 3)
t_write "VF face: ENODEV" $w/$cur 560 ENODEV
t_is "mdev: ENODEV" "$(mdev_create $pf nvidia-560 $(uuid))" ENODEV
t_like "open: ENODEV" "$($vfio_test open ${v[2]} 2>&1)" "^open: ENODEV"

t_wait "there is a dump" 20 sh -c "ls $dumps/*/data"
for d in $dumps/*; do
	[ "$(basename "$(readlink $d/failing_device)")" = $pf ] && break
done
t_is "of this GPU" "$(basename "$(readlink $d/failing_device)")" $pf
cat $d/data >$tmp/dump
t_ok "it can be read ($(stat -c %s $tmp/dump) bytes)" test -s $tmp/dump
t_like "it names the firmware" "$(head -c 4000 $tmp/dump | tr -d '\0')" "$(build_of 0)"
t_like "and what happened" "$(tr -d '\0' <$tmp/dump)" "[Hh]ang|silen|no answer|unanswered|nothing came|dead"
t_is "it can be put away" "$(try_write $d/data 1)" ok

t_drive_end "one user goes" a
t_unlike "not ready while there is another" "$(cat $pci/$pf/vgpu/status)" "^ready$"
t_drive_end "the other goes" b
t_wait "the GPU comes back, nobody reset anything" 60 grep -qx ready $pci/$pf/vgpu/status
t_is "counted" "$(counter openvgpu $pf firmware_deaths) $(counter openvgpu $pf recoveries)" "$((deaths + 1)) $((back + 1))"
for i in 0 1 2; do
	t_is "VF $i has kept its vGPU" "$(cat $pci/${v[i]}/$cur) $(cat $pci/${v[i]}/vgpu/state)" "560 reserved"
	t_ok "VF $i: all checks" $vfio_test test ${v[i]} --type 560
done

# With nobody on it, whoever comes next finds out.
t_is "it hangs again" "$(fault $pf fw_hang)" ok
hasten $pf
t_like "nobody on it: no open" "$(timeout 300 $vfio_test open ${v[0]} 2>&1)" "^open: E"
t_wait "nobody on it: it comes back" 60 grep -qx ready $pci/$pf/vgpu/status
unhasten
t_ok "nobody on it: the next one opens" $vfio_test open ${v[0]}

# The driver is unbound from a GPU whose firmware does not answer.
for i in 0 1 2; do try_write $pci/${v[i]}/$cur 0 >/dev/null; done
t_is "it hangs before the driver goes" "$(fault $pf fw_hang)" ok
hasten $pf
echo $pf >/sys/bus/pci/drivers/nvidia/unbind &
bg=$!
t_wait "unbinding ends" 60 sh -c "! kill -0 $bg"
t_write "bound again" /sys/bus/pci/drivers/nvidia/bind $pf ok
t_wait "as good as new" 30 grep -qx 1 $pci/$pf/vgpu/mdev
t_is "ready" "$(cat $pci/$pf/vgpu/status)" ready
for d in $dumps/*; do [ ! -e $d/data ] || echo 1 >$d/data; done
t_done
