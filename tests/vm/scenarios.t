#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The kernel scenarios of the debug kernel, here on the stock kernel.
. ./lib.sh

pf=$(pfs | head -1)
gate_expect "$pf|nvidia 0"
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -(28|19)"
for s in $($vfio_test scenarios | awk '{ print $1 }'); do
	[ $s = cdev ] && [ ! -e /dev/iommu ] && { t_skip "$s" "no iommufd in this kernel"; continue; }
	t_ok "$s" timeout 900 $vfio_test scenario $s $pci/$pf nvidia-560 --rounds 2
done
udevadm settle
t_done
