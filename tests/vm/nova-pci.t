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
nova_run pci
t_done
