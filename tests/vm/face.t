#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The VF's own files: formats, and one test for each row of the table of answers.
. ./lib.sh

pf=$(pfs | head -1)
a=$pci/$(vf $pf 0)
b=$pci/$(vf $pf 1)
cur=nvidia/current_vgpu_type
list=nvidia/creatable_vgpu_types
for v in $a $b; do t_at_exit try_write $v/$cur 0; done

t_is "current_vgpu_type reads 0" "$(cat $a/$cur | od -An -c | tr -d ' ')" '0\n'
t_is "header" "$(head -1 $a/$list)" "ID    : vGPU Name"
t_like "a line of a type" "$(cat $a/$list)" "^560   : NVIDIA A40-4Q\$"
t_is "every line has the form" "$(tail -n +2 $a/$list | grep -vcE '^[0-9]{1,5} * : NVIDIA A40-[0-9]+[ABCQ]$')" 0
t_is "all types are creatable" "$(tail -n +2 $a/$list | wc -l)" "$(ls $pci/$pf/mdev_supported_types | wc -l)"
t_is "creatable_vgpu_types is read-only" "$(stat -c %a $a/$list)" 444
t_is "current_vgpu_type's mode" "$(stat -c %a $a/$cur)" 644

t_write "not a number: EINVAL" $a/$cur junk EINVAL
t_write "number with junk: EINVAL" $a/$cur 560x EINVAL
t_write "empty: EINVAL" $a/$cur " " EINVAL
t_write "negative: EINVAL" $a/$cur -1 EINVAL
t_write "unknown id: EINVAL" $a/$cur 99999 EINVAL
t_write "type of another board (L40S-1B): EINVAL" $a/$cur 1145 EINVAL
t_ok "the VF says why" test -n "$(cat $a/vgpu/last_error)"
t_write "0 when none: success" $a/$cur 0 ok
t_write "a type" $a/$cur 560 ok
t_is "it reads back" "$(cat $a/$cur)" 560
t_is "owner" "$(cat $a/vgpu/owner)" vf
t_is "state" "$(cat $a/vgpu/state)" reserved
t_write "current id again: success" $a/$cur 560 ok
t_is "and counted once" "$(available $pf nvidia-560)" 11
t_write "another id while one is set: EBUSY" $a/$cur 562 EBUSY
t_write "another id of the same size while one is set: EBUSY" $a/$cur 570 EBUSY
t_is "still the first" "$(cat $a/$cur)" 560
t_is "on another VF only that size is creatable" "$(tail -n +2 $b/$list | grep -vcE -- '-4[ABCQ]$')" 0
t_write "does not fit (size rule): ENOSPC" $b/$cur 562 ENOSPC
t_ok "the VF says why" test -n "$(cat $b/vgpu/last_error)"
t_write "other series of the same size" $b/$cur 570 ok
t_write "and away" $b/$cur 0 ok

t_write "id with newline" $b/$cur $'560\n' ok
t_write "0 with newline" $b/$cur $'0\n' ok

# Open: a VM without the VM.
$vfio_test hold ${a##*/} --forever >$tmp/hold 2>&1 &
hold=$!
t_at_exit kill -9 $hold
t_wait "a VMM opens the VF by its address" 20 grep -q opened $tmp/hold
t_is "state while open" "$(cat $a/vgpu/state)" running
t_write "0 while open: EBUSY" $a/$cur 0 EBUSY
t_write "other id while open: EBUSY" $a/$cur 570 EBUSY
t_write "same id while open: EBUSY" $a/$cur 560 EBUSY
t_is "type while open" "$(cat $a/$cur)" 560
kill $hold
wait $hold
t_wait "closed" 20 grep -qx reserved $a/vgpu/state
t_write "0 when closed" $a/$cur 0 ok
t_is "free again" "$(cat $a/vgpu/owner) $(cat $a/vgpu/state)" "none free"

out=$($vfio_test open ${a##*/} 2>&1)
t_like "a VF without a type does not open: ENODEV" "$out" "^open: ENODEV"

# No IOMMU, no SR-IOV vGPU: odd.t. Firmware gone: firmware-gone.t.

# Files that may come: read and written before a type is set they say ENXIO.
for f in placement_id gpu_instance_id vgpu_params; do
	[ -e $a/nvidia/$f ] || { t_skip "$f before a type is set: ENXIO" "no such file yet"; continue; }
	t_is "read $f before a type is set: ENXIO" "$(try_read $a/nvidia/$f)" ENXIO
	t_write "write $f before a type is set: ENXIO" $a/nvidia/$f 0 ENXIO
done
if [ -e $a/nvidia/vgpu_params ]; then
	t_write "vgpu_params above 1024 bytes: E2BIG" $a/nvidia/vgpu_params "$(printf %1025s)" E2BIG
else
	t_skip "vgpu_params above 1024 bytes: E2BIG" "no such file yet"
fi
if [ -e $a/nvidia/gpu_instance_id ]; then
	t_write "a type" $a/$cur 560 ok
	t_write "GPU instance without MIG: EINVAL" $a/nvidia/gpu_instance_id 1 EINVAL
	t_write "0" $a/$cur 0 ok
else
	t_skip "GPU instance without MIG: EINVAL" "no such file yet"
fi
t_done
