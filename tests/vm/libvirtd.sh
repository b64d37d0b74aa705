# SPDX-License-Identifier: LGPL-2.1-or-later
# libvirtd with something preloaded, as the node-device backend is.

so=/usr/lib/openvgpu/nodedev-backend.so

# libvirtd_with [OBJECT...]: anew, with these preloaded. It is there when it answers.
libvirtd_with()
{
	local pid

	pid=$(pgrep -x libvirtd) && kill $pid
	wait_for 30 sh -c "! pgrep -x libvirtd" || return 1
	LD_PRELOAD="$*" libvirtd -d || return 1
	wait_for 30 virsh -q nodedev-list
}
