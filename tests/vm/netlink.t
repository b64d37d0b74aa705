#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The netlink family: what it says is what the files say, its commands do what the files do,
# and it refuses the rest.
. ./lib.sh

read -r pf < <(pfs)
export UAPI=/usr/include/linux/openvgpu.h
# nobody may not read the job
cp nl.py $tmp/
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
# nl_serve NAME [COMMAND...]: one that answers ask NAME, started by COMMAND
declare -A nl_in nl_out
nl_serve()
{
	local n=$1 i o

	shift
	mkfifo $tmp/$n.in $tmp/$n.out
	exec {i}<>$tmp/$n.in {o}<>$tmp/$n.out
	"$@" python3 $tmp/nl.py serve <&$i >&$o 2>&1 &
	t_at_exit kill $!
	nl_in[$n]=$i nl_out[$n]=$o
}
# ask NAME COMMAND [WORD...]: nl.py says which
ask()
{
	local n=$1 line IFS=$'\t'

	shift
	printf '%s\n' "$*" >&${nl_in[$n]}
	while IFS= read -r -t 600 line <&${nl_out[$n]}; do
		[ "$line" != . ] || return 0
		printf '%s\n' "$line"
	done
	echo "no answer"
}
nl() { ask root "$@"; }
# pick EXPRESSION: prints it for each message m of the last dump for which it is true
pick() { nl pick "$1"; }
cur=nvidia/current_vgpu_type
v=$(vf $pf 0) w=$(vf $pf 1) x=$(vf $pf 2) u=$(uuid)
gate_expect "nvidia 0001:00:00"
t_at_exit eval 'for i in 0 1 2; do try_write $pci/$(vf $pf $i)/$cur 0; done'
t_at_exit mdev_remove $u

nl_serve root
nl_serve nobody as_nobody
: >$tmp/events
python3 $tmp/nl.py listen >>$tmp/events &
listener=$!
t_at_exit kill $listener

# --- a dump says what the files say
t_is "a vGPU by its VF" "$(nl do VGPU_CREATE VF=$v TYPE=560)" ok
t_is "a handle" "$(mdev_create $pf nvidia-560 $u)" ok
t_is "with a VM's name" "$(try_write /sys/bus/mdev/devices/$u/vgpu/vm_name "the VM")" ok
nl save $tmp/dump >/dev/null
t_is "one GPU first" "$(head -1 $tmp/dump | grep -c '"kind": "GPU"') $(pick 'g("STATUS")') $(pick 'g("FIRMWARE")')" \
	"1 ready $(cat $pci/$pf/vgpu/firmware)"
t_is "its framebuffer" "$(pick 'm["kind"] == "GPU" and (g("FB_TOTAL"), g("FB_USED"))')" \
	"($(cat $pci/$pf/vgpu/framebuffer), $(cat $pci/$pf/vgpu/framebuffer_used))"
t_is "types: as many are available" \
	"$(pick 'm["kind"] == "TYPE" and "nvidia-%d %d" % (g("TYPE"), g("AVAILABLE"))' | sort)" \
	"$(cd $pci/$pf/mdev_supported_types && grep . */available_instances | sed 's|/.*:| |' | sort)"
t_is "types: the reasons" \
	"$(pick 'm["kind"] == "TYPE" and "%d\t%s\t%s" % (g("TYPE"), g("NAME"), g("REASON", "creatable"))')" \
	"$(cat $debug/openvgpu/$pf/types)"
t_is "VFs: their states" "$(pick 'm["kind"] == "VF" and "%s %s" % (g("VF"), g("STATE"))')" \
	"$(cd $pci/$pf && paste -d' ' <(readlink virtfn{0..31} | sed 's|.*/||') <(cat virtfn{0..31}/vgpu/state))"
t_is "VFs: their owners" "$(pick 'm["kind"] == "VF" and g("TYPE") and (g("VF"), g("TYPE"), g("HANDLE"), g("UUID"))' | tr '\n' ' ')" \
	"('$v', 560, 0, None) ('$(cat /sys/bus/mdev/devices/$u/vgpu/vf)', 560, 1, '$u') "
t_is "vGPUs" "$(pick 'm["kind"] == "VGPU" and (g("VF"), g("NAME"), g("STATE"), g("HANDLE"), g("PLACEMENT"))' | tr '\n' ' ')" \
	"('$v', 'NVIDIA A40-4Q', 'reserved', 0, None) ('$w', 'NVIDIA A40-4Q', 'reserved', 1, None) "
t_is "the handle's is whose" "$(pick 'g("VM_NAME")')" "the VM"
nl save $tmp/dump-again $pf >/dev/null
t_ok "only that GPU" cmp $tmp/dump $tmp/dump-again
t_is "another one has nothing" "$(nl save - 0009:00:00.0)" 0
t_is "only one kind" "$(nl raw-dump WHAT=8 | sort | uniq -c | tr -s ' \n' ' ')" " 32 VF 1 ok "

# --- who may do what
t_is "nobody sees as much" "$(ask nobody save -)" "$(nl save -)"
t_is "two vGPUs of it" "$(ask nobody pick 'm["kind"] == "VGPU"' | wc -l)" 2
t_is "but no names" "$(ask nobody pick '"VM_NAME" in m' | wc -l) $(nl pick '"VM_NAME" in m' | wc -l)" "0 2"
for c in "GPU_SET GPU=$pf MODE=1" "GI_CREATE GPU=$pf PROFILE=1g.5gb" "GI_DESTROY GPU=$pf GI=1" \
	"VGPU_CREATE VF=$x TYPE=560" "VGPU_DESTROY VF=$v" "VGPU_SET VF=$v VM_NAME=x"; do
	t_is "nobody: ${c%% *}" "$(ask nobody do $c)" "EPERM: CAP_SYS_ADMIN is needed"
done
t_err "nobody: vgpuctl mode" "placement_mode mixed: CAP_SYS_ADMIN is needed" as_nobody vgpuctl mode $pf mixed
t_unlike "nobody: vgpuctl show" "$(as_nobody vgpuctl show $u)" "the VM"
# All files of ours: what nobody can read has no name in it, and nothing can be written.
ours="$pci/$pf/vgpu $pci/$pf/mdev_supported_types/ /sys/module/openvgpu* $debug/openvgpu*
	/sys/bus/pci/drivers/nvidia"
for d in $pci/$pf/virtfn*/{vgpu,nvidia} /sys/bus/mdev/devices/$u/{vgpu,nvidia}; do ours+=" $d/"; done
for d in $ours; do [ -e "$d" ] && echo "$d"; done >$tmp/ours
files() { find -H $(<$tmp/ours) -type f "$@"; }
t_is "the name is in files" "$(files -path '*vm_name' -exec grep -l '^the VM$' {} + | wc -l)" 2
t_is "nobody reads it nowhere" "$(as_nobody xargs grep -rsl 'the VM' <$tmp/ours)" ""
t_is "nothing can be written by all" "$(files -perm /022)" ""
t_ok "though there is much for root" test "$(files -perm /200 | wc -l)" -gt 100
t_is "nor by nobody" "$(as_nobody find -H $(<$tmp/ours) -type f -writable 2>/dev/null)" ""

# --- attributes
t_like "one that does not exist" "$(nl do VGPU_DESTROY VF=$v 200=u32:1)" "^EINVAL"
t_like "one of another command" "$(nl do VGPU_DESTROY VF=$v TYPE=560)" "^EINVAL"
t_like "a VM's name when it is made" "$(nl do VGPU_CREATE VF=$x TYPE=560 VM_NAME=x)" "^EINVAL"
t_like "a number too short" "$(nl do VGPU_CREATE VF=$x TYPE=u8:1)" "^EINVAL"
t_like "and too long" "$(nl do VGPU_CREATE VF=$x TYPE=hex:3002000000000000)" "^EINVAL"
t_like "a text without end" "$(nl do VGPU_DESTROY 4=hex:30303030)" "^EINVAL"
t_like "an address too long" "$(nl do VGPU_DESTROY VF=00000001:00:00.4.4.4.4)" "^(EINVAL|ERANGE)"
t_like "no VF" "$(nl do VGPU_DESTROY)" "^EINVAL: address of the VF is missing"
t_like "no type" "$(nl do VGPU_CREATE VF=$x)" "^EINVAL"
t_like "a mode that is none" "$(nl do GPU_SET GPU=$pf MODE=2)" "^(EINVAL|ERANGE)"
t_like "a dump of what is none" "$(nl raw-dump WHAT=32)" "^EINVAL"
t_like "a dump with a VF" "$(nl raw-dump VF=$v)" "^EINVAL"
t_like "junk in the header" "$(nl junk VGPU_DESTROY VF=$v)" "^EINVAL"
t_like "what is only an answer" "$(nl do VGPU VF=$v)" "^(EOPNOTSUPP|ENOTSUP)"
t_is "after all that both are there" "$(cat $pci/$v/$cur) $(cat /sys/bus/mdev/devices/$u/vgpu/state)" "560 reserved"

# --- commands and refusals
t_like "no such VF" "$(nl do VGPU_CREATE VF=0009:00:00.4 TYPE=560)" "^ENODEV: no such VF"
t_like "no such GPU" "$(nl do GPU_SET GPU=0009:00:00.0 MODE=0)" "^ENODEV: no such GPU"
t_like "it has one" "$(nl do VGPU_CREATE VF=$v TYPE=560)" "^EBUSY: refused"
t_like "the reason comes with it, where this kernel can" "$(nl do VGPU_CREATE VF=$v TYPE=560)" \
	"^EBUSY: refused: (VF has a vGPU already: destroy it first$|last_error has the reason$)"
t_like "and says so" "$(cat $pci/$v/vgpu/last_error)" "has a vGPU already"
t_like "a handle's VF: make" "$(nl do VGPU_CREATE VF=$w TYPE=560)" "^EBUSY"
t_like "a handle's VF: remove" "$(nl do VGPU_DESTROY VF=$w)" "^EBUSY"
t_like "no such type" "$(nl do VGPU_CREATE VF=$x TYPE=4711)" "^EINVAL"
t_like "0 is none" "$(nl do VGPU_CREATE VF=$x TYPE=0)" "^EINVAL: 0 is no type"
t_like "of another size" "$(nl do VGPU_CREATE VF=$x TYPE=557)" "^(ENOSPC|EBUSY|EINVAL)"
why=$(cat $pci/$x/vgpu/last_error)
t_like "the reason" "$why" "vGPUs of 4 GiB exist"
t_like "settings of none" "$(nl do VGPU_SET VF=$x PARAMS=a=1)" "^ENXIO"
t_is "a place out of reach: its own reason, and not the last one" \
	"$(nl do VGPU_CREATE VF=$x TYPE=560 PLACEMENT=65535)" "EINVAL: not a placement id of this type"
t_is "it is removed again" "$(cat $pci/$x/$cur) $(cat $pci/$x/vgpu/state)" "0 free"
t_like "params that are none" "$(nl do VGPU_CREATE VF=$x TYPE=560 PARAMS="a b c")" "^EINVAL"
t_is "that too" "$(cat $pci/$x/$cur)" 0
t_ok "and why it was" test -n "$(cat $pci/$x/vgpu/last_error)"
t_like "sizes are equal, there are no places to choose" "$(nl do VGPU_CREATE VF=$x TYPE=560 PLACEMENT=8)" "^(EOPNOTSUPP|ENOTSUP)"
t_is "that is removed too" "$(cat $pci/$x/$cur)" 0
t_is "a vGPU" "$(nl do VGPU_CREATE VF=$x TYPE=560 PARAMS=frame_rate_limiter=0)" ok
t_is "with params" "$(cat $pci/$x/nvidia/vgpu_params)" "frame_rate_limiter=0"
t_is "a name for a handle's" "$(nl do VGPU_SET VF=$w VM_NAME=other) $(cat /sys/bus/mdev/devices/$u/vgpu/vm_name)" "ok other"
t_like "mixed sizes: vGPUs exist" "$(nl do GPU_SET GPU=$pf MODE=1)" "^EBUSY"
t_is "the scheduler" "$(nl do GPU_SET GPU=$pf POLICY=2 TIMESLICE=2000) $(cat $pci/$pf/vgpu/scheduler) $(cat $pci/$pf/vgpu/scheduler_timeslice_us)" "ok fixed_share 2000"
t_is "and back" "$(nl do GPU_SET GPU=$pf POLICY=0) $(cat $pci/$pf/vgpu/scheduler)" "ok best_effort"
t_like "no GPU instances on an A40" "$(nl do GI_CREATE GPU=$pf PROFILE=1g.5gb)" "^E"
t_is "remove" "$(nl do VGPU_DESTROY VF=$x) $(cat $pci/$x/$cur)" "ok 0"
t_is "none is removed" "$(nl do VGPU_DESTROY VF=$x)" ok

# --- vgpuctl: by netlink and by the files the same, in one dump
vgpuctl list -v -o json >$tmp/by-netlink
vgpuctl list -v -o json --sysfs /sys/ >$tmp/by-files
t_ok "vgpuctl list: by netlink what the files say" diff -u $tmp/by-files $tmp/by-netlink
strace -f --seccomp-bpf -o $tmp/trace -e trace=sendmsg,sendto,openat vgpuctl list >/dev/null
dumps='(NLM_F_DUMP|0x300)'
t_is "it makes one dump" "$(grep -cE "AF_NETLINK.*$dumps" $tmp/trace)" 1
t_is "and reads no VF's files" "$(grep -cE 'virtfn[0-9]+/(nvidia|vgpu)|mdev_supported_types' $tmp/trace)" 0
t_is "libvirt is not loaded" "$(grep -c libvirt $tmp/trace)" 0
t_is "nor linked" "$(readelf -d /usr/bin/vgpuctl /usr/lib/*/libopenvgpu.so.0 | grep -c 'NEEDED.*virt')" 0

t_ok "a setting" vgpuctl scheduler $pf equal_share
t_is "is made" "$(cat $pci/$pf/vgpu/scheduler)" equal_share
strace -f --seccomp-bpf -o $tmp/set -e trace=openat vgpuctl scheduler $pf best_effort
t_is "by netlink" "$(grep -c 'scheduler.*O_WRONLY' $tmp/set) $(cat $pci/$pf/vgpu/scheduler)" "0 best_effort"
t_err "refused: in the driver's words" "$pf: placement_mode mixed: .*vGPU" vgpuctl mode $pf mixed

# --- a dump that something changes: vgpuctl is stopped when it has asked for it
t_is "nothing changes" "$(nl change)" "whole in more than one"
t_is "a dump that is not of one moment says so" "$(nl change $pci/$x/$cur 560)" "interrupted in more than one"
t_is "remove" "$(nl do VGPU_DESTROY VF=$x)" ok
n=$(grep -E 'send(msg|to)\(' $tmp/trace | grep -nE "AF_NETLINK.*$dumps" | cut -d: -f1)
strace -f -o $tmp/stopped -e trace=sendmsg -e inject=sendmsg:signal=SIGSTOP:when=$n \
	vgpuctl list -v >$tmp/restarted &
stopped=$!
t_at_exit kill -9 $stopped
t_wait "stopped in its dump" 20 grep -q 'stopped by SIGSTOP' $tmp/stopped
t_is "a change" "$(nl do VGPU_CREATE VF=$x TYPE=560)" ok
kill -CONT $(sed -n 's/^\([0-9]*\) .*stopped by SIGSTOP.*/\1/p' $tmp/stopped)
rc=0
wait $stopped || rc=$?
t_is "it asks again" "$rc $(grep -cE "AF_NETLINK.*$dumps" $tmp/stopped)" "0 2"
t_like "and tells how it is now" "$(cat $tmp/restarted)" "$x +.*A40-4Q|$x +.*560"
t_is "remove" "$(nl do VGPU_DESTROY VF=$x)" ok

# --- events
wait_for 20 grep -q ready $tmp/events
# event NAME JSON-PART...: all come, behind the last one that was waited for. Nothing is taken
# out of the file, or what comes at that moment would be lost.
seen() { tail -n +$((at + 1)) $tmp/events | grep -m 1 -nE -- "$1" >$tmp/seen; }
event()
{
	local n=$1 e line

	shift
	for e; do t_wait "event: $n" 10 seen "$e"; done
	IFS=: read -r line _ <$tmp/seen
	at=$((at + ${line:-0}))
}
at=$(wc -l <$tmp/events)
first=$at
nl do VGPU_CREATE VF=$x TYPE=560 >/dev/null
event "made" '"event": "CAPACITY"' "VGPU_CREATED.*\"VF\": \"$x\""
t_drive "open" one $x
event "opened" "VGPU_STATE.*\"VF\": \"$x\""
nl save - $pf >/dev/null
t_is "who has it open" "$(pick "m['kind'] == 'VGPU' and g('PID')")" "${drive_pid[one]}"
t_like "open: not removed" "$(nl do VGPU_DESTROY VF=$x)" "^EBUSY"
t_drive_end "close" one
event "closed" "VGPU_STATE.*\"STATE\": \"reserved\".*\"VF\": \"$x\""
nl do VGPU_SET VF=$x VM_NAME=secret >/dev/null
event "changed" "VGPU_CHANGED.*\"VF\": \"$x\""
nl do VGPU_DESTROY VF=$x >/dev/null
event "removed" "VGPU_REMOVED.*\"VF\": \"$x\""
t_is "events have no names" "$(tail -n +$((first + 1)) $tmp/events | grep -c VGPU_CHANGED) $(grep -c VM_NAME $tmp/events)" "1 0"

# The firmware dies and comes back: short waits for its death.
for t in command=500 silence=900 stop=500; do
	f=$debug/openvgpu/$pf/timeouts/${t%=*}_ms
	was="$was $f=$(cat $f)"
	t_at_exit try_write $f $(cat $f)
	try_write $f ${t#*=} >/dev/null
done
t_is "the firmware hangs" "$(fault $pf fw_hang)" ok
timeout 300 $vfio_test open $v >/dev/null 2>&1
for f in $was; do try_write ${f%=*} ${f#*=} >/dev/null; done
event "the firmware is lost" '"event": "GPU_STATE".*"STATUS": "[^r]'
t_wait "it comes back" 60 grep -qx ready $pci/$pf/vgpu/status
event "back" '"event": "GPU_STATE".*"STATUS": "ready"'

t_is "remove" "$(nl do VGPU_DESTROY VF=$v) $(mdev_remove $u)" "ok ok"

# --- sizes that mix, with places to choose
t_is "sizes may mix" "$(nl do GPU_SET GPU=$pf MODE=1) $(cat $pci/$pf/vgpu/placement_mode)" "ok mixed"
t_is "a vGPU at a place" "$(nl do VGPU_CREATE VF=$x TYPE=560 PLACEMENT=8)" ok
nl save - $pf >/dev/null
t_is "it is there" "$(pick "m['kind'] == 'VGPU' and (g('PLACEMENT'), g('PINNED'))") $(cat $pci/$x/nvidia/placement_id)" "(8, 1) 8"
t_like "another one is not" "$(nl do VGPU_CREATE VF=$v TYPE=560 PLACEMENT=8)" "^(EBUSY|ENOSPC)"
t_is "and is removed again" "$(cat $pci/$v/$cur)" 0
t_is "equal sizes" "$(nl do VGPU_DESTROY VF=$x) $(nl do GPU_SET GPU=$pf MODE=0)" "ok ok"

# --- the GPU goes and comes
echo $pf >/sys/bus/pci/drivers/nvidia/unbind
event "the GPU goes" "\"event\": \"GPU_REMOVED\", \"GPU\": \"$pf\""
t_is "nothing to dump" "$(nl save -)" 0
echo $pf >/sys/bus/pci/drivers/nvidia/bind
event "the GPU comes" "\"event\": \"GPU_ADDED\""
t_wait "ready" 60 grep -qx ready $pci/$pf/vgpu/status
kill $listener
t_wait "as it was" 60 sh -c "[ \$(cat $pci/$pf/sriov_numvfs) = 32 ] && [ \$(cat $pci/$pf/vgpu/mdev) = 1 ]"
t_done
