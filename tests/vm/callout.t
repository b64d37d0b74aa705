#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# mdevctl's callout, as seen at virsh's prompt: attributes, changes of a vGPU that exists.
# Reasons: refusals.t. What it does with bad input: tests/plugins/callout.
. ./lib.sh

pf=$(pfs | head -1)	# A40
rtx=$(pfs | tail -1)	# has placement ids and MIG
u=$(uuid) w=$(uuid)
for x in $u $w; do
	t_at_exit mdev_remove $x
	t_at_exit mdevctl undefine -u $x
done
gate_expect "nvidia [0-9a-f:.]*: vGPU [0-9a-f-]* refused"

where=/usr/lib/mdevctl/scripts.d/callouts
[ -d $where ] || where=/etc/mdevctl.d/scripts.d/callouts
t_ok "it is where this mdevctl looks" test -x $where/50-openvgpu

# attr_xml PF TYPE UUID [NAME VALUE]...
attr_xml()
{
	local pf=$1 type=$2 uuid=$3

	shift 3
	mdev_xml $pf $type $uuid | sed '/<\/capability>/,$d'
	while [ $# -gt 0 ]; do
		echo "<attr name='$1' value='$2'/>"
		shift 2
	done
	echo "</capability></device>"
}
# node_of UUID PF: libvirt's name of an mdev
node_of()
{
	echo "mdev_${1//-/_}_${2//[:.]/_}"
}
attrs_of()
{
	virsh -q nodedev-dumpxml $2 $1 | sed -n "s/.*<attr name='\([^']*\)' value='\([^']*\)'.*/\1=\2/p"
}
t_is "a type that is not there is mdevctl's to refuse" "$(mdevctl start -u $w -p $pf -t nvidia-9999 2>&1 |
	grep -c "nvidia-9999")" 1

# --- attributes -------------------------------------------------------------------

half=$(type_id $rtx "NVIDIA RTX Pro 6000 Blackwell DC-48Q")
node=$(node_of $u $rtx)
m=/sys/bus/mdev/devices/$u
mdev_xml $rtx $half $u >$tmp/a.xml
t_ok "a vGPU with a place that the driver chose" virsh nodedev-create $tmp/a.xml
t_is "it has one" "$(cat $m/nvidia/placement_id)" 0
t_is "but nobody set it" "$(attrs_of $node)$(cat $m/vgpu/attributes)" ""
t_write "somebody sets one" $m/nvidia/placement_id 48 ok
t_write "and vgpu_params" $m/nvidia/vgpu_params "loglevel=1,disable_vnc=1" ok
t_is "the driver knows what was set" "$(cat $m/vgpu/attributes)" "nvidia/vgpu_params=loglevel=1,disable_vnc=1
nvidia/placement_id=48"
# libvirt asks mdevctl after a change event, which the driver sends a second later. Just after a
# start an active vGPU has no attributes, and before that what dumpxml shows is the definition.
shown()
{
	virsh -q "nodedev-info $node; nodedev-dumpxml $node" >$tmp/shown
	grep -qE '^Active: +yes' $tmp/shown &&
		[ "$(sed -n "s/.*<attr name='\([^']*\)' value='\([^']*\)'.*/\1=\2/p" $tmp/shown)" = "$(cat $m/vgpu/attributes)" ]
}
# libvirt 9.0 does not hear of a change; what it had at the start is what it has.
old=
virsh nodedev-update --help >/dev/null 2>&1 || old=1
if [ -n "$old" ]; then
	t_skip "libvirt too, soon" "n/a: this libvirt looks at attributes when a vGPU comes, and no more"
else
	t_wait "libvirt too, soon" 4 shown
fi
t_is "for all to read" "$(stat -c %a $m/vgpu/attributes)" 444
if [ -n "$old" ]; then
	attr_xml $rtx $half $u nvidia/vgpu_params loglevel=1,disable_vnc=1 nvidia/placement_id 48 >$tmp/dump.xml
else
	virsh -q nodedev-dumpxml $node >$tmp/dump.xml
fi
t_ok "what dumpxml says can be defined" virsh nodedev-define $tmp/dump.xml
for time in first second; do
	t_ok "destroy, the $time time" virsh nodedev-destroy $node
	t_ok "start" virsh nodedev-start $node
	t_is "in the same place" "$(cat $m/nvidia/placement_id $m/nvidia/vgpu_params)" "48
loglevel=1,disable_vnc=1"
	t_wait "libvirt has the same attributes" 4 shown
done

# --- what a listing costs ------------------------------------------------------------

t_is "another vGPU" "$(mdev_create $pf nvidia-560 $w)" ok
strace -f -o $tmp/trace -e trace=openat,open mdevctl list --dumpjson >$tmp/list.json
python3 - $tmp/trace $u $w >$tmp/opens <<'P'
import re, sys
ours = {}
for line in open(sys.argv[1]):
    pid, rest = line.split(None, 1)
    m = re.search(r'"([^"]*)"', rest)
    # What the callout opens, and not mdevctl itself.
    if m and m[1].startswith('/sys/bus/mdev/devices/') and '/vgpu/' in m[1]:
        ours.setdefault(m[1].split('/')[5], []).append(m[1].split('/', 6)[6])
    # Those of the GPU are read under its lock: whoever has it would hold up libvirt.
    elif m and '/vgpu/' in m[1]:
        print('also', m[1])
for u in sys.argv[2:]:
    print(' '.join(ours.get(u, [])))
P
# mdevctl 1.2 has the attributes of what is defined from its definition.
case $(mdevctl --version) in
*" 1.2."*) defined= ;;
*) defined=vgpu/attributes ;;
esac
t_is "a listing opens one file of each vGPU, and none of a GPU" "$(cat $tmp/opens)" "$defined
vgpu/attributes"
t_like "and has the attributes" "$(cat $tmp/list.json)" '"nvidia/placement_id": ?"48"'
t_is "remove it" "$(mdev_remove $w)" ok

# A reader waits for nobody: the driver's own files wait for the GPU's lock, this one does not.
for i in 1 2; do
	while :; do cat $m/vgpu/attributes; done >$tmp/read.$i 2>/dev/null &
	readers[i]=$!
	t_at_exit kill $!
done
for i in {1..200}; do
	printf "loglevel=%d" $((i % 10)) >$m/nvidia/vgpu_params
done
kill ${readers[*]}
wait ${readers[*]} 2>/dev/null
t_is "a reader sees the old or the new, never half" \
	"$(cat $tmp/read.* | grep -vcxE 'nvidia/(vgpu_params=loglevel=[0-9]|vgpu_params=loglevel=1,disable_vnc=1|placement_id=48)')" 0

# --- changes of one that exists -------------------------------------------------------

# nodedev-update looks at libvirt's schema, which wants a name.
named()
{
	sed "s|<device>|&<name>$node</name>|"
}
attr_xml $rtx $half $u nvidia/vgpu_params loglevel=3 nvidia/placement_id 48 | named >$tmp/new.xml
if ! virsh nodedev-update --help >/dev/null 2>&1; then
	t_err "n/a: this libvirt has no nodedev-update" "unknown command" virsh nodedev-update $node $tmp/new.xml
elif ! mdevctl modify --defined --live --jsonfile b --help >/dev/null 2>&1; then
	t_err "n/a: this mdevctl cannot" "modify unsupported" virsh nodedev-update $node $tmp/new.xml --live
else
	t_ok "nodedev-update --live" virsh nodedev-update $node $tmp/new.xml --live
	t_is "it has them" "$(cat $m/nvidia/vgpu_params)" loglevel=3
	t_is "the definition stays" "$(attrs_of $node --inactive | head -1)" \
		"nvidia/vgpu_params=loglevel=1,disable_vnc=1"
	t_drive "a VM has it" vm $u
	t_ok "the same again may be" virsh nodedev-update $node $tmp/new.xml --live
	sed -i s/loglevel=3/loglevel=4/ $tmp/new.xml
	t_err "nothing else: virsh says why" "nvidia/vgpu_params: vGPU is in use by process [0-9]+" \
		virsh nodedev-update $node $tmp/new.xml --live
	t_is "they stay" "$(cat $m/nvidia/vgpu_params)" loglevel=3
	t_drive_end "the VM ends" vm
	t_ok "then it may be" virsh nodedev-update $node $tmp/new.xml --live
	t_is "it has the new ones" "$(cat $m/nvidia/vgpu_params)" loglevel=4
	mdev_xml $rtx $half $u | named >$tmp/none.xml
	t_ok "without any" virsh nodedev-update $node $tmp/none.xml --live
	t_is "vgpu_params are gone, its place is not" "$(cat $m/vgpu/attributes)" "nvidia/placement_id=48"
	mdev_xml $rtx $(type_id $rtx "NVIDIA RTX Pro 6000 Blackwell DC-24Q") $u | named >$tmp/type.xml
	t_err "another type: refused" "type" virsh nodedev-update $node $tmp/type.xml --live
fi
t_ok "nodedev-destroy" virsh nodedev-destroy $node
t_ok "nodedev-undefine" virsh nodedev-undefine $node
t_done
