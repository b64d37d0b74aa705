#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the firmware tells of a vGPU that runs, where users see it: guest driver,
# licence, OS, usage, logs, change events, tracepoints.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
m=/sys/bus/mdev/devices/$u
b=$(vf $pf 5)
tr=/sys/kernel/tracing
t_at_exit mdev_remove $u
t_at_exit try_write $pci/$b/nvidia/current_vgpu_type 0
t_at_exit sh -c "echo 0 >$tr/events/enable; echo >$tr/trace"

# Tracepoints of every layer, on from here
for s in openvgpu openvgpu_gsp; do
	t_ok "tracepoints $s" test -e $tr/events/$s/enable && echo 1 >$tr/events/$s/enable
done
udevadm monitor --kernel --property --subsystem-match=pci --subsystem-match=mdev >>$tmp/uevents 2>&1 &
monitor=$!
t_at_exit kill $monitor
wait_for 10 grep -q KERNEL $tmp/uevents

t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
t_write "a type on another VF" $pci/$b/nvidia/current_vgpu_type 560 ok
v=$(cat $m/vgpu/vf)
a=$pci/$v

# all DIR: guest, licence, os, usage in one line
all() { echo "$(cat $1/vgpu/guest) $(cat $1/vgpu/licence) $(cat $1/vgpu/os) $(cat $1/vgpu/usage)"; }
nothing="none unknown unknown "

t_is "not open: nothing is known" "$(all $a)" "$nothing"
t_drive "open" a $u
t_drive "open the other" b $b
t_is "open: no guest yet" "$(cat $a/vgpu/guest)" none

# --- guest driver, licence, OS: VF page 30, 34, 38
: >$tmp/uevents
t_is "the guest's driver comes up" "$(tell a 'wr 0x30 1')" ok
t_wait "guest" 10 grep -qx loaded $a/vgpu/guest
t_wait "a change event of the handle" 10 grep -qE "^KERNEL.* change .*$u" $tmp/uevents
t_is "the handle says the same" "$(cat $m/vgpu/guest)" loaded
t_is "the other guest is none" "$(cat $pci/$b/vgpu/guest)" none
t_is "a licence" "$(tell a 'wr 0x34 3')" ok
# 570 and 595 publish only that it has changed
case $(build_of 0) in
535*) t_wait "licence" 10 grep -qx 3 $a/vgpu/licence ;;
*) t_wait "its event" 10 grep -q licence $tr/trace ;;
esac
t_is "an OS" "$(tell a 'wr 0x38 2')" ok
t_wait "its event" 10 grep -qiE 'instance_event.*\<os\>' $tr/trace
: >$tmp/uevents
t_is "the other guest as well" "$(tell b 'wr 0x30 1')" ok
t_wait "on the VF's own face: guest" 10 grep -qx loaded $pci/$b/vgpu/guest
t_wait "and a change event of the VF" 10 grep -qE "^KERNEL.* change .*$b" $tmp/uevents
t_is "a reset takes the driver away" "$(tell b reset)" ok
t_wait "guest of the one that was reset" 10 grep -qx none $pci/$b/vgpu/guest
t_is "and of that one only" "$(cat $a/vgpu/guest)" loaded

# --- usage: one sample a second, of the one that works. The firmware names the process.
busy() { sed -n 's/^graphics=\([0-9]*\)\.\([0-9]*\) .*/\1\2/p' $1/vgpu/usage; }
is_busy() { [ "$(busy $1)" -gt 0 ]; }
(while [ ! -e $tmp/enough ]; do tell a 'busy 500' >/dev/null; done) &
work=$!
t_wait "usage of the one at work" 20 is_busy $a
t_like "its form" "$(cat $a/vgpu/usage)" '^graphics=[0-9]+\.[0-9]{2} memory=[0-9]+\.[0-9]{2} encoder=0\.00 decoder=0\.00$'
t_is "the handle says the same" "$(sed 's/=.*//' $m/vgpu/usage)" graphics
t_is "the idle one is idle" "$(busy $pci/$b)" 000
touch $tmp/enough
wait $work
t_wait "idle again" 20 sh -c "grep -q '^graphics=0.00 ' $a/vgpu/usage"

# --- logs
d=$debug/openvgpu/$pf
for i in $(seq 0 31); do [ "$(vf $pf $i)" = $v ] && break; done
d=$d/vf$i
t_is "logs are root's" "$(stat -c %a $d/init_log $d/vgpu_log $d/kernel_log | sort -u)" 400
text() { tr -d '\0' <$d/$1 2>/dev/null; }
t_like "init log, live" "$(text init_log)" "init: "
before=$(text vgpu_log | wc -c)
t_ok "vGPU log, live" test "$before" -gt 0
t_is "a reset" "$(tell a reset)" ok
t_ok "is in the log at once" test "$(text vgpu_log | wc -c)" -gt "$before"
case $(build_of 0) in
535*) t_is "no kernel log on 535" "$(text kernel_log | wc -c)" 0 ;;
*) t_ok "kernel log" test "$(text kernel_log | wc -c)" -gt 0 ;;
esac
t_is "the driver is there" "$(tell a 'wr 0x30 1')" ok
t_wait "guest" 10 grep -qx loaded $a/vgpu/guest
init=$(text init_log | md5sum)
: >$tmp/uevents
t_drive_end "close" a
t_is "closed: nothing is known any more" "$(all $a)" "$nothing"
t_wait "a change event" 10 grep -qE "^KERNEL.* change .*$u" $tmp/uevents
t_is "the init log is kept" "$(text init_log | md5sum)" "$init"
t_ok "the vGPU log is kept" test "$(text vgpu_log | wc -c)" -gt "$before"
t_drive_end "close the other" b

# --- tracepoints
for e in openvgpu_vgpu_state openvgpu_instance_event gsp_command gsp_reply gsp_event gsp_vgpu; do
	t_ok "tracepoint $e fired" grep -q "$e:" $tr/trace
done
t_like "commands have names" "$(grep gsp_command: $tr/trace | grep -m1 BOOTLOAD)" "$pf"
t_like "states too" "$(grep openvgpu_vgpu_state: $tr/trace)" "booting"

t_is "remove" "$(mdev_remove $u)" ok
t_write "no type" $pci/$b/nvidia/current_vgpu_type 0 ok
kill $monitor
wait $monitor 2>/dev/null
t_done
