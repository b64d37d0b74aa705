# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirt with its hook, for hook.t and refusals-gone.t.

hooks=/etc/libvirt/hooks/qemu.d

libvirtd_pid()
{
	pgrep -xo libvirtd
}
# It looks for hooks when it starts.
libvirt_again()
{
	local old

	old=$(libvirtd_pid)
	kill "$old"
	wait_for 30 sh -c "! kill -0 $old" && libvirtd -d && wait_for 30 virsh -q uri
}
# What follows must not find it.
hooks_away()
{
	[ ! -d $hooks ] || { rm -r $hooks && libvirt_again; }
}
hook_link()
{
	mkdir -p $hooks
	t_at_exit hooks_away
	t_ok "it is linked" ln -s /usr/lib/openvgpu/libvirt-hook-qemu $hooks/openvgpu
	t_ok "libvirtd started anew" libvirt_again
}
