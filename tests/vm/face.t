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

# The other three files: of a VF without a type, or whose vGPU has a handle, there is
# nothing to read or set.
n=$a/nvidia
t_is "the files, and no other" "$(ls $n | tr '\n' ' ')" \
	"creatable_vgpu_types current_vgpu_type gpu_instance_id placement_id vgpu_params "
t_ok "no such folder on the PF" test ! -e $pci/$pf/nvidia
t_is "their modes" "$(stat -c %a $n/gpu_instance_id $n/placement_id $n/vgpu_params | tr '\n' ' ')" "644 644 644 "

# nothing_set WHEN WORDS
nothing_set()
{
	local f

	for f in placement_id gpu_instance_id vgpu_params; do
		t_is "read $f $1: ENXIO" "$(try_read $n/$f)" ENXIO
		t_write "write $f $1: ENXIO" $n/$f 0 ENXIO
	done
	t_is "no creatable placement $1" "$(cat $a/vgpu/placements)" ""
}
nothing_set "before a type is set"
t_like "the VF says why" "$(cat $a/vgpu/last_error)" "no vGPU type"
u=$(uuid)
t_at_exit mdev_remove $u
t_is "a handle on it" "$(mdev_create $pf nvidia-560 $u)" ok
t_is "it is on this VF" "$(cat /sys/bus/mdev/devices/$u/vgpu/vf)" ${a##*/}
nothing_set "while a handle owns the VF"
t_write "its VM's name: EBUSY" $a/vgpu/vm_name x EBUSY
t_is "remove" "$(mdev_remove $u)" ok

t_write "VM's name before a type is set: ENXIO" $a/vgpu/vm_name x ENXIO
t_write "a type" $a/$cur 560 ok
# bytes FILE: what it reads, so that the newline is seen
bytes()
{
	od -An -c "$1" | tr -s ' \n' ' '
}
t_is "vgpu_params of a new vGPU: an empty line" "$(bytes $n/vgpu_params)" ' \n '
t_write "vgpu_params" $n/vgpu_params frame_rate_limiter=0 ok
t_is "read back" "$(cat $n/vgpu_params)" frame_rate_limiter=0
t_write "with a newline" $n/vgpu_params $'loglevel=1\n' ok
t_is "replaces all, and has one newline" "$(bytes $n/vgpu_params)" ' l o g l e v e l = 1 \n '
t_write "two, with a comma" $n/vgpu_params frame_rate_limiter=0,disable_vnc=1 ok
t_is "as written" "$(cat $n/vgpu_params)" frame_rate_limiter=0,disable_vnc=1
t_write "two, with a blank" $n/vgpu_params "frame_rate_limiter=1 disable_vnc=1" ok
t_is "as written" "$(cat $n/vgpu_params)" "frame_rate_limiter=1 disable_vnc=1"
while read -r what value; do
	t_write "$what: EINVAL" $n/vgpu_params "$value" EINVAL
	t_like "$what: the VF says why" "$(cat $a/vgpu/last_error)" "vgpu_params"
done <<'I'
unknown-key frame_rate=1
type-of-the-vGPU vgpu_type_id=555
no-value disable_vnc
empty-value disable_vnc=
not-a-word disable_vnc=a/b
less-than loglevel=<
ampersand loglevel=&
quote loglevel="
apostrophe loglevel='
greater-than loglevel=>
I
t_write "a tab: EINVAL" $n/vgpu_params $'loglevel=1\tdisable_vnc=1' EINVAL
t_is "none of these changed it" "$(cat $n/vgpu_params)" "frame_rate_limiter=1 disable_vnc=1"
t_write "vgpu_params above 1024 bytes: E2BIG" $n/vgpu_params "$(printf %1025s)" E2BIG
t_write "above a page: E2BIG" $n/vgpu_params "$(printf %5000s)" E2BIG
t_write "1024 bytes" $n/vgpu_params "loglevel=1$(printf %1014s)" ok
t_is "all of them" "$(wc -c <$n/vgpu_params)" 1025
t_write "one blank clears" $n/vgpu_params " " ok
t_is "cleared" "$(bytes $n/vgpu_params)" ' \n '

t_is "GPU instance without MIG" "$(cat $n/gpu_instance_id)" "Not Applicable"
t_write "GPU instance without MIG: EINVAL" $n/gpu_instance_id 1 EINVAL
t_like "the VF says why" "$(cat $a/vgpu/last_error)" MIG
t_write "junk as GPU instance: EINVAL" $n/gpu_instance_id 1x EINVAL
# An A40 has placement ids in mixed mode only: attrs.t has the others.
t_is "placement id" "$(cat $n/placement_id)" "Not Applicable"
t_write "placement id where there are none: EOPNOTSUPP" $n/placement_id 0 EOPNOTSUPP
t_like "the VF says why" "$(cat $a/vgpu/last_error)" "placement id"
t_write "junk as placement id: EINVAL" $n/placement_id junk EINVAL
t_write "too large for a number: EINVAL" $n/placement_id 70000 EINVAL
t_is "no creatable placement" "$(cat $a/vgpu/placements)" ""

t_is "mode of vm_name" "$(stat -c %a $a/vgpu/vm_name)" 600
t_is "no VM's name" "$(cat $a/vgpu/vm_name)" ""
t_write "a VM's name" $a/vgpu/vm_name $'my VM <1>\n' ok
t_is "read back" "$(cat $a/vgpu/vm_name)" "my VM <1>"
t_write "127 letters" $a/vgpu/vm_name "$(printf %0127d 0)" ok
t_write "128 letters: EINVAL" $a/vgpu/vm_name "$(printf %0128d 0)" EINVAL
t_write "not printable: EINVAL" $a/vgpu/vm_name $'a\tb' EINVAL
t_is "still 127" "$(wc -c <$a/vgpu/vm_name)" 128

t_write "vgpu_params for the open" $n/vgpu_params loglevel=1 ok
t_drive "open with them" one ${a##*/}
for f in vgpu_params:loglevel=2 placement_id:0 gpu_instance_id:0; do
	t_write "${f%:*} while open: EBUSY" $n/${f%:*} ${f#*:} EBUSY
	t_like "${f%:*} while open: the VF says why" "$(cat $a/vgpu/last_error)" "in use by process ${drive_pid[one]}"
done
t_write "too long while open: E2BIG" $n/vgpu_params "$(printf %1025s)" E2BIG
t_write "no text can clear it while open: EBUSY" $n/vgpu_params nonsense EBUSY
t_write "the VM's name while open" $a/vgpu/vm_name late ok
t_drive_end "close" one
t_is "vgpu_params stay over it" "$(cat $n/vgpu_params) $(cat $a/vgpu/vm_name)" "loglevel=1 late"
t_write "empty clears the VM's name" $a/vgpu/vm_name $'\n' ok
t_is "cleared" "$(cat $a/vgpu/vm_name)" ""
t_write "0" $a/$cur 0 ok
t_write "a type again" $a/$cur 560 ok
t_is "nothing is left of the last one" "$(cat $n/vgpu_params)" ""

# What changes is told, at most once a second: the VF is what users look at.
seen=$(counter openvgpu $pf vgpu_change_events)
t_write "vgpu_params" $n/vgpu_params loglevel=1 ok
t_write "and others" $n/vgpu_params loglevel=2 ok
changed()
{
	[ "$(counter openvgpu $pf vgpu_change_events)" = $((seen + 1)) ]
}
t_wait "one change event for both" 20 changed
t_write "the same again" $n/vgpu_params loglevel=2 ok
t_write "refused" $n/vgpu_params nonsense EINVAL
t_write "another VF's" $b/$cur 560 ok
t_write "vgpu_params of that" $b/nvidia/vgpu_params loglevel=2 ok
t_wait "an event for that alone" 20 sh -c "[ \$(awk '\$1 == \"vgpu_change_events\" { print \$2 }' $debug/openvgpu/$pf/counters) = $((seen + 2)) ]"
for v in $b $a; do t_write "0" $v/$cur 0 ok; done
t_done
