#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The VF's own face with libvirt: a type id, <hostdev type='pci' managed='no'>, 0 when done.
. ./lib.sh

pf=$(pfs | head -1)
v=$(vf $pf 3)
cur=$pci/$v/nvidia/current_vgpu_type
u=$(uuid)
t_at_exit mdev_remove $u
t_at_exit try_write $cur 0
t_at_exit virsh destroy p1

t_write "type id" $cur 560 ok
out=$(domain_start p1 "$(hostdev_pci $v)" 2>&1)
if grep -q 'must be manually detached from the host' <<<"$out" &&
	dpkg --compare-versions "$(virsh version --daemon | sed -n 's/^Running against daemon: //p')" lt 9.7; then
	t_skip "start a domain with the VF" "n/a: libvirt itself: $(head -2 <<<"$out" | tail -1)"
else
	t_is "start a domain with the VF" "$out" ""
	t_guest "the guest finds its vGPU" p1 "$guest_found"
	t_guest "it is an A40-4Q (560) of an A40" p1 "$guest_identity_560"
	t_guest "DMA both ways, MSI-X, framebuffer: all well" p1 "$guest_pass"
	t_is "still on nvidia" "$(basename "$(readlink $pci/$v/driver)")" nvidia
	t_write "0 in use: EBUSY" $cur 0 EBUSY
	# The same VM's VF by another face: refused by the kernel, whatever libvirt knows.
	t_like "nobody else opens it" "$($vfio_test open $v 2>&1)" "^open: EBUSY"
	t_ok "stop" domain_stop p1
fi
t_write "0 when done" $cur 0 ok

# A handle's VF by its address: libvirt does not notice, the kernel must.
t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
v=$(cat /sys/bus/mdev/devices/$u/vgpu/vf)
t_err "a domain on the VF of a handle is refused" \
	"must be manually detached|[Dd]evice or resource busy|error getting device" \
	domain_start p1 "$(hostdev_pci $v)"
t_is "remove" "$(mdev_remove $u)" ok
t_done
