#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A whole Linux guest, with --full only: emulated twice, it boots for minutes.
. ./lib.sh

pf=$(pfs | head -1)
u=$(uuid)
t_at_exit mdev_remove $u
t_at_exit virsh destroy n1
mdev_xml $pf nvidia-560 $u >$tmp/m.xml
t_ok "a vGPU" virsh nodedev-create $tmp/m.xml
rm -f /run/n1.serial
cat >$tmp/n1.xml <<X
<domain type='qemu'>
  <name>n1</name>
  <memory unit='MiB'>256</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='pc'>hvm</type>
    <kernel>/boot/vmlinuz-$(uname -r)</kernel>
    <initrd>/usr/lib/openvgpu-test/nested.cpio</initrd>
    <cmdline>console=ttyS0 loglevel=3 nokaslr mitigations=off no_timer_check tsc=reliable lpj=4000000 cryptomgr.notests audit=0</cmdline>
  </os>
  <features><acpi/></features>
  <cpu mode='custom' match='exact'><model>qemu64</model></cpu>
  <devices>
    <emulator>/usr/bin/qemu-system-x86_64</emulator>
    <controller type='usb' model='none'/>
    <memballoon model='none'/>
    <serial type='file'><source path='/run/n1.serial'/><target port='0'/></serial>
    $(hostdev_mdev $u)
  </devices>
</domain>
X
t_ok "start" patiently virsh create $tmp/n1.xml
t_guest "Linux boots in the guest" n1 "OVG start linux" 900
t_guest "it is done" n1 "OVG ready" 300
t_guest "its driver finds the vGPU" n1 "$guest_found"
t_guest "an A40-4Q" n1 "$guest_identity_560"
t_guest "DMA" n1 "OVG dma ok"
t_guest "MSI-X" n1 "OVG irq ok"
t_guest "all well" n1 "$guest_pass"
t_wait "it switches off" 60 sh -c '! virsh -q list --name | grep -qx n1'
t_ok "nodedev-destroy" virsh nodedev-destroy mdev_${u//-/_}_${pf//[:.]/_}
t_done
