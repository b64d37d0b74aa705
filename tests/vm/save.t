#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# virsh save of a domain with a vGPU: there is no migration yet. It fails, says so, and the
# domain goes on.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
t_at_exit mdev_remove $u
t_at_exit virsh destroy s1
t_is "a vGPU" "$(mdev_create $pf nvidia-560 $u)" ok
t_is "a domain with it" "$(domain_start s1 "$(hostdev_mdev $u)" 2>&1)" ""
t_guest "its guest has it" s1 "$guest_pass"
virsh save s1 $tmp/s1.save >$tmp/save 2>&1
t_is "save fails" $? 1
sed 's/^/# /' $tmp/save
t_like "and says why" "$(cat $tmp/save)" "[Mm]igration (is )?not supported|VFIO.*migration|non-migratable"
t_like "and which device" "$(cat $tmp/save)" "$u|VFIO|hostdev"
t_ok "no file is left" test ! -s $tmp/s1.save
t_is "the domain runs" "$(virsh domstate s1 | head -1)" running
t_is "its vGPU too" "$(cat /sys/bus/mdev/devices/$u/vgpu/state)" running
t_ok "destroy" domain_stop s1
t_is "removed" "$(mdev_remove $u)" ok
t_done
