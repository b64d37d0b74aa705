#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# From the write to the finished handle: 48 VFs, 31 vGPUs there, creating the 32nd.
. ./lib.sh

pf=$(pfs | head -1)
id=$(type_id $pf "NVIDIA RTX Pro 6000 Blackwell DC-3Q")
t_is "48 VFs" "$(ls -d $pci/$pf/virtfn* | wc -l)" 48
t_is "32 instances" "$(available $pf $id)" 32
# What libvirt makes of 32 at once is measured without our callout, which mdevctl runs for each vGPU
# at each of libvirt's looks: tools/bench-manage shows what that costs.
for d in /usr/lib/mdevctl/scripts.d/callouts /etc/mdevctl.d/scripts.d/callouts; do
	[ -e $d/50-openvgpu ] || continue
	mv $d/50-openvgpu $tmp/
	t_at_exit mv $tmp/50-openvgpu $d/
done
us=()
for i in $(seq 32); do
	u=$(uuid)
	f=$pci/$pf/mdev_supported_types/$id/create
	t0=${EPOCHREALTIME/[.,]/}
	printf %s $u >$f || t_fail "vGPU $i"
	t1=${EPOCHREALTIME/[.,]/}
	us+=($((t1 - t0)))
	t_at_exit mdev_remove $u
done
t_ok "the handle is finished when the write returns" test -e /sys/bus/mdev/devices/$u/iommu_group -a -e /sys/bus/mdev/devices/$u/mdev_type
# A figure, not a test; what must hold is that libvirt never waits, below.
echo "# $t_file: creating the 32nd of 32 vGPUs with 48 VFs: ${us[31]} us, the first: ${us[0]} us"
t_is "none is left" "$(available $pf $id)" 0
gate_expect "$pf"
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"
no=$(uuid)
t_is "a 33rd" "$(mdev_create $pf $id $no)" ENOSPC
t_wait "libvirt lists all 32" 120 sh -c 'test $(virsh -q nodedev-list --cap mdev | wc -l) = 32'
# Apart from the refused one, which is announced and gone before libvirt looks.
t_is "libvirt never waited a second for a file" \
	"$(grep -i 'failed to wait for file' /job/out/libvirtd.log | grep -v $no)" ""
n=0
for u in $(ls /sys/bus/mdev/devices); do
	$vfio_test open $u >/dev/null 2>&1 && n=$((n + 1))
done
t_is "every one opens" $n 32
for u in $(ls /sys/bus/mdev/devices); do mdev_remove $u >/dev/null; done
t_is "all removed" "$(available $pf $id)" 32
t_wait "libvirt has caught up" 120 sh -c 'test $(virsh -q nodedev-list --cap mdev | wc -l) = 0'
t_done
