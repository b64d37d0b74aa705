# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirtd with the node-device backend, for backend.t and backend-guards.t.

. ./libvirtd.sh
pf=$(pfs | head -1)
gpu=$(node $pf)
version=$(virsh version --daemon | sed -n 's/^Running against daemon: //p')
schema=/usr/share/libvirt/schemas/nodedev.rng

# What the backend says in the system's log
said()
{
	grep -q "openvgpu: .*$1" /job/out/syslog
}
t_said()
{
	# busybox of Debian 12 does not take the options that tools/vm.d/init gives its syslogd
	if [ -e /job/out/syslog ]; then
		t_wait "it says so" 20 said "$1"
	else
		t_skip "it says so" "no system log in this VM"
	fi
}

t_ok "mdev face off" rmmod openvgpu_mdev
t_at_exit wait_for 60 grep -qx 1 $pci/$pf/vgpu/mdev
t_at_exit sh -c "modprobe openvgpu_mdev && echo 1 >$pci/$pf/vgpu/mdev"
t_at_exit sh -c "for f in $pci/*/nvidia/current_vgpu_type; do echo 0 >\$f; done"
t_at_exit virsh destroy b1
mdev_xml $pf nvidia-560 >$tmp/vgpu.xml
