#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the driver says to catalogues that are not what they should be.
. ./lib.sh

pf=$(pfs | head -1)
drv=/sys/bus/pci/drivers/nvidia
name=vgpu-$(build_of 0).bin
good=/usr/lib/firmware/nvidia/$name
param=/sys/module/firmware_class/parameters/path
mkdir -p $tmp/fw/nvidia
f=$tmp/fw/nvidia/$name
size=$(stat -c %s $good)
gate_expect "$pf|catalog"
t_at_exit sh -c "printf ' ' >$param; [ -e $pci/$pf/driver ] || echo $pf >$drv/bind; udevadm settle"
printf %s $tmp/fw >$param

# The driver reads the file when it takes the board.
rebind()
{
	echo $pf >$drv/unbind
	echo $pf >$drv/bind 2>/dev/null
	udevadm settle
}

# refused NAME REGEX
refused()
{
	local s

	gate_mark "$t_file.$1"
	rebind
	s=$(cat $pci/$pf/vgpu/status 2>/dev/null)
	t_unlike "$1: not ready" "$s" "^ready$"
	t_like "$1: the reason" "$s $(gate_log "$t_file.$1")" "$2"
	t_ok "$1: no types" test ! -e $pci/$pf/mdev_supported_types
}

poke()
{
	printf "\\x$2" | dd of=$f bs=1 seek=$1 conv=notrunc status=none
}

head -c $((size - 100)) $good >$f
refused "truncated" "[Cc][Rr][Cc]|size|short|truncat"
head -c 100 $good >$f
refused "shorter than a header" "size|short|truncat|header"
cp $good $f; poke $((size / 2)) $([ "$(dd if=$good bs=1 skip=$((size / 2)) count=1 status=none | od -An -tx1)" = " 5a" ] && echo a5 || echo 5a)
refused "flipped bits" "[Cc][Rr][Cc]"
cp $good $f; poke 8 00; poke 9 11; poke 10 22; poke 11 33
refused "wrong CRC" "[Cc][Rr][Cc]"
cp $good $f; poke 0 58
refused "another file" "identifier|magic|not a|NVVGPUMT"
# The kernel looks further when a file is empty or missing: hide the good one.
mv $good $good.away
t_at_exit mv $good.away $good
: >$f
refused "empty" "."
rm $f
refused "missing" "$name|[Cc]atalog"
mv $good.away $good
rebind
t_is "ready with the good one" "$(cat $pci/$pf/vgpu/status)" ready
t_wait "VFs and mdev parent" 30 grep -qx 1 $pci/$pf/vgpu/mdev
t_done
