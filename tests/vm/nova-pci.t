#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Nova's PCI manager: VFs that were given a type, with managed: no.
. ./lib.sh
. ./nova.sh

pf=$(pfs | head -1)
undo()
{
	local n

	virsh destroy nova2
	virsh undefine nova2
	for n in 0 1 2 3; do
		try_write $pci/$(vf $pf $n)/nvidia/current_vgpu_type 0
	done
}
t_at_exit undo

# As at boot: the VFs' bind events, with the example for this machine's address.
rule=/run/udev/rules.d/80-vgpu-types.rules
mkdir -p ${rule%/*}
sed "s/0000:3b:00/${pf%.*}/" /usr/share/doc/openvgpu/examples/nova-vf-types.rules >$rule
udevadm control --reload
for n in 0 1 2 3 4; do udevadm trigger --action=bind $pci/$(vf $pf $n); done
udevadm settle
types()
{
	for n in 0 1 2 3 4; do cat $pci/$(vf $pf $n)/nvidia/current_vgpu_type; done | tr '\n' ' '
}
t_is "examples/nova-vf-types.rules gives four VFs their type" "$(types)" "560 560 560 560 0 "
rm $rule
udevadm control --reload
nova_run pci
t_done
