#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an administrator does with virsh, a row each, on whatever libvirt this is. A cell is "ok",
# or "n/a" with libvirt's own words where this libvirt is older than the thing.
. ./lib.sh

pf=$(pfs | head -1)
parent=$(node $pf)
a=$(uuid) b=$(uuid)
mdevs=/sys/bus/mdev/devices
v=$(vf $pf 9)
for x in $a $b; do
	t_at_exit mdevctl undefine -u $x
	t_at_exit mdev_remove $x
done
t_at_exit try_write $pci/$v/nvidia/current_vgpu_type 0
for x in t1 p1; do
	t_at_exit virsh undefine $x
	t_at_exit virsh destroy $x
done
node_of() { echo "mdev_${1//-/_}_${pf//[:.]/_}"; }
libvirt=$(virsh version --daemon | sed -n 's/^Running against daemon: //p')
rows=()

# row NAME COMMAND...: ok if it does
row()
{
	local what=$1 cell=ok

	shift
	t_ok "$what" "$@" || cell=FAILED
	rows+=("$(printf '%-28s %s' "$what" "$cell")")
}
# na NAME VERSION REGEX OUTPUT: fails unless libvirt is older and says so itself
na()
{
	local cell

	cell="n/a: $(grep -vE '^error: Failed|^ *$' <<<"$4" | head -1)"
	if dpkg --compare-versions "$libvirt" lt "$2" && grep -qE -- "$3" <<<"$4"; then
		t_skip "$1" "$cell"
	else
		cell=FAILED
		t_fail "$1" "libvirt $libvirt" "$4"
	fi
	rows+=("$(printf '%-28s %s' "$1" "$cell")")
}

# Somebody listens to all of it. They are there when they have heard of a vGPU that comes and goes.
for e in lifecycle update; do
	virsh nodedev-event --event $e --loop >$tmp/$e 2>&1 &
	t_at_exit kill $!
done
heard()
{
	mdev_create $pf nvidia-560 $b >/dev/null
	udevadm trigger --action=change $pci/$pf
	udevadm settle
	mdev_remove $b >/dev/null
	grep -q "$(node_of $b).*Created" $tmp/lifecycle && grep -q "for node device" $tmp/update
}
t_wait "events are listened to" 20 heard
virsh_lost $(node_of $b)

list() { virsh -q nodedev-list --cap mdev_types | grep -qx $parent; }
row "list" list
dumpxml() { [ "$(instances $pf nvidia-560)" = 12 ]; }
row "dumpxml" dumpxml
mdev_xml $pf nvidia-560 $a >$tmp/a.xml
mdev_xml $pf nvidia-560 $b >$tmp/b.xml
create() { virsh nodedev-create $tmp/a.xml && [ -e $mdevs/$a ] && virsh nodedev-dumpxml $(node_of $a); }
row "create" create
define() { virsh nodedev-define $tmp/b.xml && [ ! -e $mdevs/$b ] && virsh nodedev-dumpxml $(node_of $b); }
row "define" define
start() { virsh nodedev-start $(node_of $b) && [ "$(basename "$(readlink $mdevs/$b/mdev_type)")" = nvidia-560 ]; }
row "start" start
active() { virsh nodedev-info $(node_of $1) | grep -qE '^Active: +yes'; }
t_wait "libvirt has seen both" 20 eval "active $a && active $b"

# Its schema wants a name.
sed "s|<device>|&<name>$(node_of $b)</name>|; s|</capability>|<attr name='nvidia/vgpu_params' value='loglevel=2'/>&|" \
	$tmp/b.xml >$tmp/new.xml
out=$(virsh nodedev-update $(node_of $b) $tmp/new.xml --live --config 2>&1)
rc=$?
updated()
{
	[ $rc = 0 ] && [ "$(cat $mdevs/$b/nvidia/vgpu_params)" = loglevel=2 ] &&
		mdevctl list -d -u $b --dumpjson | grep -q loglevel=2
}
if [ $rc = 0 ]; then
	row "update" updated
else
	na "update" 10.1 "unknown command: 'nodedev-update'" "$out"
fi
autostart()
{
	virsh nodedev-autostart $(node_of $b) && wait_for 20 sh -c \
		"virsh nodedev-info $(node_of $b) | grep -qE 'Autostart: +yes'"
}
row "autostart" autostart

# --- in a domain --------------------------------------------------------------------

hostdev_mdev $a >$tmp/ha.xml
hostdev_mdev $b >$tmp/hb.xml
domain_xml t1 "" >$tmp/t1.xml
cold()
{
	virsh define $tmp/t1.xml && virsh attach-device t1 $tmp/ha.xml --config &&
		patiently virsh start t1 && guest_says t1 "$guest_pass" && ! grep -q "$guest_bad" /run/t1.serial
}
row "cold attach" cold
hot() { patiently virsh attach-device t1 $tmp/hb.xml --live && guest_says t1 "OVG ready 2"; }
row "hot attach" hot
two() { [ "$(cat $mdevs/{$a,$b}/vgpu/state | sort -u)" = running ] && ! grep -q "$guest_bad" /run/t1.serial; }
row "two vGPUs in a domain" two
in_use() { virsh nodedev-destroy $(node_of $b) 2>&1 | grep -q "device in use" && [ -e $mdevs/$b ]; }
row "destroy in use is refused" in_use
detach()
{
	patiently virsh detach-device t1 $tmp/hb.xml --live && wait_for 60 grep -qx reserved $mdevs/$b/vgpu/state
}
row "hot detach" detach
t_ok "the domain ends" sh -c "virsh destroy t1 && virsh undefine t1"

t_write "a type on a VF" $pci/$v/nvidia/current_vgpu_type 560 ok
out=$(domain_start p1 "$(hostdev_pci $v)" 2>&1)
if [ -z "$out" ]; then
	variant() { guest_says p1 "$guest_pass" && ! grep -q "$guest_bad" /run/p1.serial; }
	row "VF with managed='no'" variant
	t_ok "the domain ends" domain_stop p1
else
	na "VF with managed='no'" 9.7 "must be manually detached from the host" "$out"
fi
t_write "no type" $pci/$v/nvidia/current_vgpu_type 0 ok

# --- the end of it ------------------------------------------------------------------

destroy() { virsh nodedev-destroy $(node_of $a) && virsh nodedev-destroy $(node_of $b) && [ ! -e $mdevs/$a ] && [ ! -e $mdevs/$b ]; }
row "destroy" destroy
inactive() { virsh nodedev-info $(node_of $1) | grep -qE '^Active: +no'; }
t_wait "libvirt has seen it" 20 inactive $b
undefine() { virsh nodedev-undefine $(node_of $b) && virsh_lost $(node_of $b); }
row "undefine" undefine
lifecycle()
{
	local e

	for e in "$b.Defined" "$a.Created" "$b.Created" "$a.Deleted" "$b.Deleted" "$b.Undefined"; do
		wait_for 20 grep -q "$(node_of ${e%.*}).*: ${e#*.}" $tmp/lifecycle || { echo "no $e"; cat $tmp/lifecycle; return 1; }
	done
}
row "events: lifecycle" lifecycle
changes() { wait_for 20 grep -q "$(node_of $b)" $tmp/update || { cat $tmp/update; return 1; }; }
row "events: update" changes

echo "# libvirt $libvirt, $(mdevctl --version), $(qemu-system-x86_64 --version | head -1), Linux $(uname -r)"
printf '# %s\n' "${rows[@]}"
t_done
