#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# First boot: define, start, autostart. The second is persist-again.t.
. ./lib.sh

pf=$(pfs | head -1)
u=11111111-2222-4333-8444-555555555555
mdev_xml $pf nvidia-560 $u >$tmp/m.xml
name=mdev_${u//-/_}_${pf//[:.]/_}
t_like "nodedev-define" "$(virsh nodedev-define $tmp/m.xml 2>&1)" "^Node device '$name' defined"
t_ok "it is not active yet" test ! -e /sys/bus/mdev/devices/$u
t_ok "nodedev-start" virsh nodedev-start $name
t_ok "it is active" test -e /sys/bus/mdev/devices/$u
t_ok "nodedev-autostart" virsh nodedev-autostart $name
t_wait "nodedev-info" 20 sh -c "virsh nodedev-info $name | grep -qE 'Autostart: +yes'"
t_ok "works" $vfio_test test $u --type 560
t_ok "nodedev-destroy" virsh nodedev-destroy $name
# Both are what libvirt hears of later.
t_wait "still defined" 20 sh -c "virsh -q nodedev-list --all | grep -qx $name"
# Not undone: the definition is what the next boot is about.
gate_snapshot >$tmp/before
t_done
