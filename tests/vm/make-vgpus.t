#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# examples/make-vgpus.sh where libvirt runs: if one is refused those before it are taken back, in
# the kernel, in mdevctl and in libvirt. consumers.t runs it without libvirt.
. ./lib.sh

read -r pf < <(pfs)
script=/usr/share/doc/openvgpu/examples/make-vgpus.sh
clean()
{
	local u

	for u in $(ls /sys/bus/mdev/devices); do mdev_remove $u; done
	rm -f /etc/mdevctl.d/$pf/*-*
}
t_at_exit clean

# What is made on the way is told by the vgpuctl that the script finds: ours, and it takes notes.
mkdir -p $tmp/bin
cat >$tmp/bin/vgpuctl <<-'S'
	#!/bin/sh
	out=$(/usr/bin/vgpuctl "$@") || exit
	[ ! -e /sys/bus/mdev/devices/$out ] || echo $out >>${0%/*}/made
	echo $out
S
chmod +x $tmp/bin/vgpuctl

everywhere()
{
	ls /sys/bus/mdev/devices
	mdevctl list -d
	virsh -q nodedev-list --all --cap mdev
}
nowhere()
{
	[ -z "$(everywhere)" ]
}

rc=0
PATH=$tmp/bin:$PATH $script $pf A40-24Q 3 >$tmp/out 2>$tmp/err || rc=$?
t_is "three, of which two fit: it fails" "$rc" 1
t_is "when two were there" "$(wc -l <$tmp/bin/made)" 2
t_is "and names none" "$(cat $tmp/out)" ""
t_like "says why" "$(cat $tmp/err)" "A40-24Q does not fit on $pf"
t_is "the two are gone" "$(ls /sys/bus/mdev/devices)" ""
t_is "and do not come again" "$(mdevctl list -d)" ""
t_wait "libvirt has none" 20 nowhere

t_is "two are made" "$($script $pf A40-24Q 2 | sort)" "$(ls /sys/bus/mdev/devices | sort)"
t_is "and start at boot" "$(mdevctl list -d | cut -d ' ' -f 2-)" \
	"$(printf "$pf $(type_id $pf 'NVIDIA A40-24Q') auto (active)\n%.0s" 1 2)"
for u in $(ls /sys/bus/mdev/devices); do
	t_ok "as the page of CloudStack removes them" vgpuctl destroy $u
	t_ok "and their definition" mdevctl undefine --uuid $u
done
t_wait "nothing is left anywhere" 20 nowhere
t_done
