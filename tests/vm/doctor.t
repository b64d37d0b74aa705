#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vgpuctl doctor: finds nothing on a machine on which all is well, and what was broken on one
# on which it is not. Each finding by itself: tests/cli/cases-doctor.
. ./lib.sh

pf=$(pfs | head -1)

# levels [COMMAND...]: what is not ok, and the exit status
levels()
{
	"$@" vgpuctl doctor -o json >$tmp/json
	echo "status $?"
	python3 - $tmp/json <<-'P'
	import json, sys
	for c in json.load(open(sys.argv[1]))["checks"]:
	    if c["level"] != "ok":
	        print(" ".join(filter(None, [c["level"], c["id"], c["gpu"]])))
	        assert c["text"] and c["next"]
	P
}

# Debian 12 is a little old, and it says so.
old=
[ "$(printf '%s\n' 9.7 "$(virsh --version)" | sort -V | head -1)" = 9.7 ] || old=$'\nwarn libvirt-version'
[ -d /usr/lib/mdevctl/scripts.d ] || old+=$'\nwarn mdevctl'
well="status 0$old"
t_is "nothing is wrong here" "$(levels)" "$well"
t_is "nobody may look, too" "$(levels setpriv --reuid 65534 --regid 65534 --clear-groups)" "$well"
strace -f --seccomp-bpf -o $tmp/trace -e trace=open,openat,execve,connect vgpuctl doctor $pf >$tmp/out
t_like "a GPU by its address" "$(cat $tmp/out)" "checks: fail 0,"
t_is "it opens no library of libvirt, runs nothing, and asks no daemon" \
	"$(grep -cE 'libvirt\.so[^"]*", O_|libvirt-sock|execve\(' $tmp/trace)" 1	# itself

d=$pci/$pf
where=/usr/lib/mdevctl/scripts.d/callouts
[ -d $where ] || where=/etc/mdevctl.d/scripts.d/callouts
t_at_exit mv $where/../50-openvgpu $where/50-openvgpu
t_at_exit rm -f /etc/udev/rules.d/70-openvgpu.rules
mv $where/50-openvgpu $where/../50-openvgpu
: >/etc/udev/rules.d/70-openvgpu.rules
broken=$(levels)
rm /etc/udev/rules.d/70-openvgpu.rules
mv $where/../50-openvgpu $where/50-openvgpu
autostart=
[ -e /usr/sbin/mdevctl ] || autostart=$'\nwarn autostart'
t_is "no callout, and our udev rule is masked" "$broken" "$well
warn callout$autostart
warn boot"

t_write "no mdev parent" $d/vgpu/mdev 0 ok
t_write "no VFs" $d/sriov_numvfs 0 ok
t_is "said so" "$(levels)" "status 1
fail vfs $pf$old"
t_write "no driver" /sys/bus/pci/drivers/nvidia/unbind $pf ok
t_is "said so" "$(levels)" "status 1
fail driver $pf$old"
# what it says is to be done, done
todo=$(python3 -c 'import json, sys
print(next(c["next"] for c in json.load(sys.stdin)["checks"]
	if c["id"] == "driver" and c["level"] == "fail"))' <$tmp/json)
t_ok "what it says helps" bash -c "$todo"
t_wait "VFs and mdev parent" 30 grep -qx 1 $d/vgpu/mdev
udevadm settle
t_done
