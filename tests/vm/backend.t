#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The node-device backend preloaded into libvirtd, on a GPU that is no mdev parent.
. ./lib.sh
. ./backend.sh

# --- a known one
t_ok "libvirtd $version with the backend" libvirtd_with $so
daemon=$(pgrep -x libvirtd)
t_said 'node devices of GPUs with VF files only'
t_is "list" "$(virsh -q nodedev-list --cap mdev_types)" "$gpu"
t_is "once with other capabilities" "$(virsh -q nodedev-list --cap mdev_types,pci | grep -cx $gpu)" 1
virsh -q nodedev-dumpxml $gpu >$tmp/gpu.xml
t_is "dumpxml: a type's name" \
	"$(xmllint --xpath "string(//type[@id='nvidia-560']/name)" $tmp/gpu.xml)" "NVIDIA A40-4Q"
t_is "its API" "$(xmllint --xpath "string(//type[@id='nvidia-560']/deviceAPI)" $tmp/gpu.xml)" vfio-pci
t_is "how many, exactly" "$(instances $pf nvidia-560) $(instances $pf nvidia-557)" "12 32"
t_ok "libvirt's schema takes it" xmllint --noout --relaxng $schema $tmp/gpu.xml

# --- create
t_err "create on a read-only connection" "read only|read-only" virsh -r nodedev-create $tmp/vgpu.xml
mdev_xml $pf nvidia-99999 >$tmp/none.xml
t_err "no such type" "Unable to create a vGPU of type 'nvidia-99999' on $pf: .*99999" \
	virsh nodedev-create $tmp/none.xml
t_is "nothing is left of all that" "$(cat $pci/*/nvidia/current_vgpu_type | sort -u)" 0
v=$(vf $pf 0)
sed "s,<type,<attr name='nvidia/vgpu_params' value='frame_rate_limiter=0'/><type," $tmp/vgpu.xml >$tmp/attr.xml
t_like "create" "$(virsh nodedev-create $tmp/attr.xml 2>&1)" "^Node device '?$(node $v)'? created"
t_is "the VF has the type" "$(cat $pci/$v/nvidia/current_vgpu_type)" 560
t_is "and the attribute" "$(cat $pci/$v/nvidia/vgpu_params)" frame_rate_limiter=0
t_is "one less" "$(instances $pf nvidia-560) $(instances $pf nvidia-557)" "11 0"
mdev_xml $pf nvidia-557 >$tmp/other.xml
t_err "another size: the driver's reason" "on $pf: .*vGPUs of 4 GiB exist on this GPU" virsh nodedev-create $tmp/other.xml
w=$(vf $pf 1)
t_like "a second one, on the next VF" "$(virsh nodedev-create $tmp/vgpu.xml 2>&1)" "$(node $w)"
t_ok "destroy it" virsh nodedev-destroy $(node $w)
t_is "it is gone" "$(cat $pci/$w/nvidia/current_vgpu_type)" 0

# --- a domain
out=$(domain_start b1 "$(hostdev_pci $v)" 2>&1)
if grep -q 'must be manually detached from the host' <<<"$out" && dpkg --compare-versions "$version" lt 9.7; then
	t_skip "a domain with it" "n/a: libvirt itself: $(head -2 <<<"$out" | tail -1)"
	# QEMU's place is taken by our own, for what follows
	$vfio_test hold $v --forever >$tmp/hold 2>&1 &
	hold=$!
	t_at_exit kill -9 $hold
	wait_for 20 grep -q opened $tmp/hold
else
	t_is "a domain with it" "$out" ""
	t_guest "the guest finds an A40-4Q (560)" b1 "$guest_identity_560"
	t_guest "it works" b1 "$guest_pass"
	qemu=$(pgrep -f '^/usr/bin/qemu-system' | head -1)
	t_ok "QEMU runs" test -n "$qemu"
	t_is "QEMU has not mapped the backend" "$(grep -c nodedev-backend /proc/$qemu/maps)" 0
	t_is "nor is it to preload it" "$(tr '\0' '\n' </proc/$qemu/environ | grep -c nodedev-backend)" 0
	hold=
fi
t_ok "libvirtd has" grep -q nodedev-backend /proc/$daemon/maps
t_err "destroy while it is open" "Unable to destroy '$(node $v)': device in use" \
	virsh nodedev-destroy $(node $v)
t_is "nothing happened to it" "$(cat $pci/$v/nvidia/current_vgpu_type)" 560
if [ -n "$hold" ]; then
	kill $hold
	wait $hold
	wait_for 20 grep -qx reserved $pci/$v/vgpu/state
else
	t_ok "stop" domain_stop b1
fi

# --- destroy
t_ok "destroy" virsh nodedev-destroy $(node $v)
t_is "it is gone" "$(cat $pci/$v/nvidia/current_vgpu_type)" 0
t_is "all fit again" "$(instances $pf nvidia-560)" 12
t_err "a VF without vGPU is libvirt's to refuse" "[Uu]nsupported device type" \
	virsh nodedev-destroy $(node $v)

t_ok "libvirtd without anything" libvirtd_with
t_done
