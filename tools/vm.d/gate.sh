# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What must be as before after a test, and what must be gone after unloading.
# Sourced by the VM's init and by tests/vm/lib.sh.

gate_modules="openvgpu_mdev openvgpu openvgpu_sim"

# Nothing of this may be in the kernel's log.
gate_splats='BUG:|WARNING:|Oops|Call Trace:|general protection fault|Kernel panic|INFO: task .* blocked'
gate_splats+='|possible (circular|recursive) locking|suspicious RCU|inconsistent lock state|refcount_t:'
gate_splats+='|UBSAN:|KASAN:|KFENCE:|corruption|tried to init an initialized|does not have a release'
gate_splats+='|cannot create duplicate|detected stall|soft lockup|self-detected|Objects remaining'
gate_splats+='|double free|scheduling while atomic|sleeping function called|Modules with wrong|Unbalanced'
# Explicit exceptions, each with its reason:
#   taint lines: the modules are neither signed nor in the kernel's tree.
gate_fine='loading out-of-tree module taints kernel|module verification failed: signature'

# Patterns of warnings that a test provokes on purpose: gate_expect PATTERN.
gate_expect_file=/run/gate.expect

gate_expect()
{
	echo "$1" | tee -a $gate_expect_file >>$gate_expect_file.all
}

# The kernel's log since the mark, "level: [time] text".
gate_log()
{
	dmesg -x | sed -n "/gate-mark $1\$/,\$p"
}

gate_mark()
{
	echo "gate-mark $1" >/dev/kmsg
}

# Splats, and warnings or errors of our own modules which nobody announced.
gate_dmesg()
{
	local bad exp e

	gate_log "$1" >/run/gate.log
	bad=$(grep -E "$gate_splats" /run/gate.log | grep -vE "$gate_fine")
	exp=$gate_fine
	while read -r e; do exp+="|$e"; done <$gate_expect_file
	bad+=$(grep -E '^kern *:(emerg|alert|crit|err|warn) .*(openvgpu|nvidia )' /run/gate.log |
		grep -vE "$exp")
	[ -z "$bad" ] && return 0
	echo "in the kernel's log:"
	head -25 <<<"$bad"
	return 1
}

# Levels that must return, as lines "what value". Without subshells and with few
# programs: under TCG each costs tens of milliseconds, and this runs twice a file.
gate_snapshot()
{
	local m f d n v c

	for m in $gate_modules vfio vfio_pci_core vfio_iommu_type1 mdev; do
		f=/sys/module/$m/refcnt
		[ -e "$f" ] && read -r n <"$f" && echo "references $m $n"
	done
	set -- /sys/kernel/iommu_groups/*
	echo "iommu groups $#"
	echo "interrupts $(grep -ciE 'SIM|vfio|nvidia|openvgpu' /proc/interrupts)"
	echo "open vfio files $(find /proc/[0-9]*/fd \( -lname '/dev/vfio/*' -o -lname 'anon_inode:*vfio*' \) \
		2>/dev/null | wc -l)"
	echo "QEMU processes $(pgrep -c qemu-system)"
	for d in /sys/bus/mdev/devices/*; do
		[ -e "$d" ] && echo "mdev ${d##*/}"
	done
	for f in /etc/mdevctl.d/*/????????-*; do
		[ -e "$f" ] && echo "defined ${f#/etc/mdevctl.d/}"
	done
	for d in /sys/bus/pci/devices/*; do
		read -r v <"$d/vendor"
		read -r c <"$d/class"
		[ "$v" = 0x10de ] && [[ $c == 0x03* ]] || continue
		f=${d##*/}
		[ "$d/driver" -ef /sys/bus/pci/drivers/nvidia ] || echo "driver of $f is not nvidia"
		[ -e "$d/sriov_numvfs" ] && read -r n <"$d/sriov_numvfs" && echo "VFs of $f $n"
		[ -e "$d/vgpu/mdev" ] && read -r n <"$d/vgpu/mdev" && echo "mdev parent $f $n"
		[ -e "$d/nvidia/current_vgpu_type" ] || continue
		read -r n <"$d/nvidia/current_vgpu_type"
		[ "$n" = 0 ] || echo "type of $f is $n"
	done
	for f in /sys/kernel/debug/openvgpu{,_sim}/*/counters; do
		[ -e "$f" ] || continue
		d=${f#/sys/kernel/debug/}
		while read -r n v; do
			[[ $n == *_now ]] && echo "${d%/counters} $n $v"
		done <"$f"
	done
	return 0
}

# gate_back FILE [SECONDS]: until all is as in FILE; the kernel frees some of it a little later.
gate_back()
{
	local now=/run/gate.now end=$((SECONDS + ${2:-120}))

	while :; do
		gate_snapshot >$now
		cmp -s "$1" $now && return 0
		[ $SECONDS -lt $end ] || break
		sleep 0.2
	done
	echo "not as before (- before, + now):"
	diff -U0 "$1" $now | grep '^[-+][^-+]'
	return 1
}

gate_remains()
{
	local d

	ls /sys/kernel/debug | grep '^openvgpu' | sed 's/^/debugfs: /'
	ls /sys/bus/pci/devices | grep -v '^0000:' | sed 's/^/PCI device: /'
	ls /sys/bus/mdev/devices 2>/dev/null | sed 's/^/mdev: /'
	ls /sys/bus/pci/drivers | grep -x nvidia | sed 's/^/PCI driver: /'
	ls /dev/vfio 2>/dev/null | grep -vx vfio | sed 's/^/VFIO group: /'
	grep -iE 'SIM-|nvidia|openvgpu' /proc/interrupts | sed 's/^/interrupt: /'
	grep -iE 'openvgpu|nvidia' /proc/iomem | sed 's/^/iomem: /'
	ps -eo comm= | grep -iE '^(ovg|openvgpu|nvidia)' | sed 's/^/thread: /'
	[ "$(ls /sys/kernel/iommu_groups | wc -l)" = "$(cat /run/gate.groups)" ] ||
		echo "IOMMU groups: $(ls /sys/kernel/iommu_groups | wc -l), $(cat /run/gate.groups) before"
	for d in $gate_modules; do
		[ -e "/sys/module/$d" ] && echo "module $d"
	done
	return 0
}

# Before anything of ours is loaded.
gate_baseline()
{
	ls /sys/kernel/iommu_groups | wc -l >/run/gate.groups
	: >$gate_expect_file
	: >$gate_expect_file.all
	gate_mark boot
}

gate_unload()
{
	local m i

	for m in $gate_modules; do
		[ -e "/sys/module/$m" ] || continue
		# In the background: one that hangs cannot be killed.
		rmmod "$m" &
		for ((i = 0; i < 600; i++)); do
			[ -e "/sys/module/$m" ] || break
			jobs -r | grep -q . || break
			sleep 0.2
		done
	done
	for ((i = 0; i < 600; i++)); do
		[ -z "$(gate_remains)" ] && return 0
		sleep 0.2
	done
	echo "left after unloading:"
	gate_remains
	return 1
}

# After everything.
gate_final()
{
	local rc=0 p

	p=$(pgrep -x libvirtd) && kill -9 $p
	pkill -9 -f "^/usr/bin/qemu-system"
	gate_unload || rc=1
	cp $gate_expect_file.all $gate_expect_file
	gate_dmesg boot || rc=1
	return $rc
}
