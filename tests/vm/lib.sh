# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Library of the tests in the VM. A test file sources it, checks with the t_*
# functions, and ends with t_done. One line a check: "ok FILE: NAME",
# "not ok FILE: NAME" with lines "# ..." behind it, "skip FILE: NAME - reason".

. /job/tools/gate.sh
cd /job/tests || exit 1

t_file=$(basename "$0" .t)
t_failed=0 t_count=0 t_ended=0
t_cleanups=()
tmp=/run/t.$t_file
rom=/usr/lib/openvgpu-test/guest.rom
vfio_test=/usr/lib/openvgpu-test/vfio-test
mkdir -p "$tmp"

# Where the time goes: /job/out/times
t_last=${EPOCHREALTIME/[.,]/}
t_time()
{
	local now=${EPOCHREALTIME/[.,]/}

	echo "$(((now - t_last) / 1000)) ms $t_file: $1" >>/job/out/times
	t_last=$now
}

t_pass()
{
	t_count=$((t_count + 1))
	t_time "$1"
	echo "ok $t_file: $1"
}

# t_fail NAME [LINE...]
t_fail()
{
	t_count=$((t_count + 1))
	t_failed=$((t_failed + 1))
	t_time "$1"
	echo "not ok $t_file: $1"
	shift
	[ $# = 0 ] || printf '%s\n' "$@" | head -40 | sed 's/^/#   /'
}

t_skip()
{
	echo "skip $t_file: $1 - $2"
}

t_is()
{
	if [ "$2" = "$3" ]; then t_pass "$1"; else t_fail "$1" "got:  '$2'" "want: '$3'"; fi
}

# t_like NAME TEXT REGEX
t_like()
{
	if grep -qE -- "$3" <<<"$2"; then t_pass "$1"; else t_fail "$1" "no match for: $3" "in: $2"; fi
}

t_unlike()
{
	if grep -qE -- "$3" <<<"$2"; then t_fail "$1" "matches: $3" "in: $2"; else t_pass "$1"; fi
}

# t_ok NAME COMMAND...
t_ok()
{
	local name=$1 out rc=0

	shift
	out=$("$@" 2>&1) || rc=$?
	if [ $rc = 0 ]; then t_pass "$name"; else t_fail "$name" "$* ended with $rc:" "$out"; fi
	return $rc
}

# t_err NAME REGEX COMMAND...: must fail and say so
t_err()
{
	local name=$1 re=$2 out rc=0

	shift 2
	out=$("$@" 2>&1) || rc=$?
	if [ $rc = 0 ]; then
		t_fail "$name" "$* succeeded:" "$out"
	elif grep -qE -- "$re" <<<"$out"; then
		t_pass "$name"
	else
		t_fail "$name" "no match for: $re" "in: $out"
	fi
}

# t_json NAME COMMAND...: works, and what it prints is kept for tests/schemas/check under
# schemas/json/NAME.json
t_json()
{
	local n

	mkdir -p /job/out/json
	n=$(ls /job/out/json | wc -l)
	"${@:2}" >"/job/out/json/$1.$n.json" 2>$tmp/json.err || { t_fail "$1 as JSON" "$(cat $tmp/json.err)"; return; }
	t_pass "$1 as JSON"
}

# wait_for SECONDS COMMAND...: polls. So long on a machine with nothing else to do; one that
# is busy gets five times that and two minutes at least, which only a failure ever waits for.
wait_for()
{
	local limit=$(($1 * 5))
	local end=$((SECONDS + (limit > 120 ? limit : 120)))

	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.1
	done
}

# t_wait NAME SECONDS COMMAND...
t_wait()
{
	local name=$1 s=$2

	shift 2
	if wait_for "$s" "$@"; then t_pass "$name"; else t_fail "$name" "waited in vain: $*"; fi
}

# t_at_exit COMMAND...: undone even if the file ends early; last first
t_at_exit()
{
	t_cleanups=("$(printf '%q ' "$@")" "${t_cleanups[@]}")
}

t_done()
{
	t_ended=1
	exit
}

t_exit_()
{
	local c out

	trap - EXIT
	[ $t_ended = 1 ] || t_fail "runs to its end" "ended early"
	for c in "${t_cleanups[@]}"; do
		eval "$c" >/dev/null 2>&1
	done
	if out=$(gate_back "$tmp/before" 120); then
		t_pass "everything is back as it was"
	else
		t_fail "everything is back as it was" "$out"
	fi
	if out=$(gate_dmesg "$t_file"); then
		t_pass "the kernel's log is clean"
	else
		t_fail "the kernel's log is clean" "$out"
	fi
	exit $((t_failed != 0))
}

# The errno that a write ends with, or "ok".
try_write()
{
	local out

	# printf and not echo: one write, without a newline.
	out=$({ printf %s "$2" >"$1"; } 2>&1) && { echo ok; return; }
	errno_of "$out"
}

try_read()
{
	local out

	out=$({ cat "$1" >/dev/null; } 2>&1) && { echo ok; return; }
	errno_of "$out"
}

errno_of()
{
	case $1 in
	*"Invalid argument"*) echo EINVAL ;;
	*"Device or resource busy"*) echo EBUSY ;;
	*"No space left on device"*) echo ENOSPC ;;
	*"No such device or address"*) echo ENXIO ;;
	*"No such device"*) echo ENODEV ;;
	*"Operation not supported"*) echo EOPNOTSUPP ;;
	*"Argument list too long"*) echo E2BIG ;;
	*"File exists"*) echo EEXIST ;;
	*"Permission denied"*) echo EACCES ;;
	*"No such file or directory"*) echo ENOENT ;;
	*"Input/output error"*) echo EIO ;;
	*"Numerical result out of range"*) echo ERANGE ;;
	*) echo "?: $1" ;;
	esac
}

# t_write NAME FILE VALUE WANTED   (wanted: ok or an errno's name)
t_write()
{
	t_is "$1" "$(try_write "$2" "$3")" "$4"
}

# --- GPUs -------------------------------------------------------------------

pci=/sys/bus/pci/devices
debug=/sys/kernel/debug

# PF addresses in PCI order
pfs()
{
	local d v

	for d in "$pci"/*; do
		[ -e "$d/sriov_totalvfs" ] && read -r v <"$d/vendor" && [ "$v" = 0x10de ] &&
			echo "${d##*/}"
	done
}

# vf PF N: address of VF N, from 0
vf()
{
	local l

	l=$(readlink "$pci/$1/virtfn$2")
	echo "${l##*/}"
}

# libvirt's name of a PCI device
node()
{
	echo "pci_${1//[:.]/_}"
}

# type_id PF NAME: the directory's name, such as nvidia-560
type_id()
{
	local d n

	for d in "$pci/$1"/mdev_supported_types/*; do
		read -r n <"$d/name"
		[ "$n" = "$2" ] && { echo "${d##*/}"; return; }
	done
	return 1
}

available()
{
	local n

	read -r n <"$pci/$1/mdev_supported_types/$2/available_instances"
	echo "$n"
}

uuid()
{
	local u

	read -r u </proc/sys/kernel/random/uuid
	echo "$u"
}

# --- firmware -----------------------------------------------------------------

. /job/config	# boards, simopts

# build_of N: build that the simulator was told to give board N (from 0)
build_of()
{
	local b f list

	b=$(cut -d, -f$(($1 + 1)) <<<"$boards")
	list=$(sed -n 's/.*\<firmware=\([^ ]*\).*/\1/p' <<<"$simopts")
	f=$(cut -d, -f$(($1 + 1)) <<<"$list,,,,,,,,")
	case ${f:-$b} in
	535) echo 535.113.01 ;;
	595 | RTXPRO6000) echo 595.45.04 ;;
	*) echo 570.144 ;;
	esac
}

sim_counter()
{
	counter openvgpu_sim "$1" "$2"
}

# fault PF KIND [COUNT [COMMAND]]: as try_write
fault()
{
	local pf=$1

	shift
	try_write $debug/openvgpu_sim/$pf/fault "$*"
}

# What the firmware model found wrong with what the driver sent, as "name value"
refusals()
{
	awk '/^refused_/ && $2 { print }' $debug/openvgpu_sim/$1/counters
}

# t_drive TEXT NAME DEV: opens a vGPU in the background, for tell(). Not in a subshell.
declare -A drive_fd drive_pid
t_drive()
{
	local fd

	rm -f "$tmp/$2.in"
	mkfifo "$tmp/$2.in"
	exec {fd}<>"$tmp/$2.in"
	$vfio_test drive "$3" <"$tmp/$2.in" >"$tmp/$2.out" 2>&1 &
	drive_pid[$2]=$!
	drive_fd[$2]=$fd
	t_at_exit kill -9 $!
	wait_for 60 grep -q '^drive: opened\|^open: ' "$tmp/$2.out"
	t_like "$1" "$(cat "$tmp/$2.out")" "^drive: opened"
}

# tell NAME LINE [SECONDS]: prints the answer, see tests/kernel/drive.c. Before it there
# may be lines that say what is wrong.
tell()
{
	local n end=$((SECONDS + ${3:-300}))

	n=$(wc -l <"$tmp/$1.out")
	echo "$2" >&"${drive_fd[$1]}" || return
	while [ $SECONDS -lt $end ]; do
		tail -n +$((n + 1)) "$tmp/$1.out" | grep -m 1 -E '^(ok|FAIL|died|lives)' && return
		sleep 0.05
	done
	echo "no answer to $2"
}

# t_drive_end TEXT NAME: closes it
t_drive_end()
{
	local fd=${drive_fd[$2]} rc=0

	echo quit >&"$fd"
	wait "${drive_pid[$2]}" || rc=$?
	exec {fd}>&-
	t_is "$1" "$rc $(tail -n 1 "$tmp/$2.out")" "0 drive: closed"
}

# hasten PF: what waits for a firmware that is known to be dead need not wait long. Undone by
# unhasten, before anything is asked of one that lives: that one may be slow.
hasten()
{
	local f

	hastened=
	for f in command_ms=500 message_ms=500 stop_ms=500 silence_ms=900; do
		hastened="$hastened $debug/openvgpu/$1/timeouts/${f%=*}=$(cat "$debug/openvgpu/$1/timeouts/${f%=*}")"
		echo "${f#*=}" >"$debug/openvgpu/$1/timeouts/${f%=*}"
	done
}
unhasten()
{
	local f

	for f in ${hastened:-}; do
		[ ! -e "${f%=*}" ] || echo "${f#*=}" >"${f%=*}"
	done
	hastened=
}

# counter FILE-PREFIX PF NAME: counter openvgpu|openvgpu_sim
counter()
{
	awk -v n="$3" '$1 == n { print $2 }' "$debug/$1/$2/counters"
}

mdev_create()
{
	try_write "$pci/$1/mdev_supported_types/$2/create" "$3"
}

mdev_remove()
{
	try_write "/sys/bus/mdev/devices/$1/remove" 1
}

mdev_exists()
{
	[ -e "/sys/bus/mdev/devices/$1" ]
}

# group of a device, by its sysfs directory
group_of()
{
	local l

	l=$(readlink "$1/iommu_group")
	echo "${l##*/}"
}

log_since_mark()
{
	gate_log "$t_file"
}

# --- libvirt ------------------------------------------------------------------

# mdev_xml PF TYPE [UUID]
mdev_xml()
{
	cat <<-X
	<device>
	  <parent>$(node "$1")</parent>
	  <capability type='mdev'>
	    <type id='$2'/>
	    ${3:+<uuid>$3</uuid>}
	  </capability>
	</device>
	X
}

# hostdev_mdev UUID
hostdev_mdev()
{
	cat <<-X
	<hostdev mode='subsystem' type='mdev' model='vfio-pci'>
	  <source><address uuid='$1'/></source>
	</hostdev>
	X
}

# hostdev_pci ADDRESS [MANAGED]
hostdev_pci()
{
	local a=${1//[:.]/ }

	set -- $a "${2:-no}"
	cat <<-X
	<hostdev mode='subsystem' type='pci' managed='$5'>
	  <source><address domain='0x$1' bus='0x$2' slot='0x$3' function='0x$4'/></source>
	</hostdev>
	X
}

# domain_xml NAME HOSTDEV...: the test guest is the whole firmware
domain_xml()
{
	local name=$1

	shift
	cat <<-X
	<domain type='qemu'>
	  <name>$name</name>
	  <memory unit='MiB'>128</memory>
	  <vcpu>1</vcpu>
	  <os>
	    <type arch='x86_64' machine='pc'>hvm</type>
	    <loader readonly='yes' type='rom'>$rom</loader>
	  </os>
	  <features><acpi/></features>
	  <devices>
	    <emulator>/usr/bin/qemu-system-x86_64</emulator>
	    <controller type='usb' model='none'/>
	    <memballoon model='none'/>
	    <serial type='file'><source path='/run/$name.serial'/><target port='0'/></serial>
	    $*
	  </devices>
	</domain>
	X
}

# patiently COMMAND...: libvirt's own patience with QEMU ends after half a minute, which is
# not what is tested: once more then.
patiently()
{
	local try out rc

	for try in 1 2 3 4; do
		rc=0
		out=$("$@" 2>&1) || rc=$?
		[ $rc != 0 ] && grep -qE "$impatience" <<<"$out" || break
		sleep 1
	done
	[ -z "$out" ] || echo "$out"
	return $rc
}
impatience='monitor socket did not show up|[Tt]imed out|[Ff]ailed to terminate|state change lock'
impatience+='|[Tt]imeout waiting|keepalive timeout'

# domain_start NAME HOSTDEV...: transient; its guest's report is in /run/NAME.serial
domain_start()
{
	local name=$1

	rm -f "/run/$name.serial"
	domain_xml "$@" >"$tmp/$name.xml"
	patiently virsh -q create "$tmp/$name.xml"
}

domain_stop()
{
	patiently virsh -q destroy "$1"
}

# What the guest prints; tests/guest/guest.h lists it.
guest_found='OVG found [0-9a-f:.]+ 10de:2235 sub 10de:14da class 030[02]00'
# ECC leaves 46068 MiB: a twelfth, less 320 MiB of heap, in segments of 64 MiB. The
# plugins of all three branches compute it so.
guest_identity_560='OVG identity board 2235 gfid [0-9]+ type 560 fb 3456 MiB'
guest_pass='OVG pass '
guest_bad='OVG fail'

# guest_says NAME REGEX [SECONDS]
guest_says()
{
	wait_for "${3:-60}" grep -qaE -- "$2" "/run/$1.serial"
}

# t_guest NAME DOMAIN REGEX [SECONDS]
t_guest()
{
	if guest_says "$2" "$3" "${4:-60}"; then
		t_pass "$1"
	else
		t_fail "$1" "the guest never said: $3" "$(tr -d '\r' <"/run/$2.serial" | tail -20)"
	fi
}

# wait until libvirt has caught up with what happened below it
virsh_sees()
{
	wait_for "${2:-20}" sh -c "virsh -q nodedev-list | grep -qx '$1'"
}

virsh_lost()
{
	wait_for "${2:-20}" sh -c "! virsh -q nodedev-list --all | grep -qx '$1'"
}

instances()
{
	virsh -q nodedev-dumpxml "$(node "$1")" |
		xmllint --xpath "string((//type[@id='$2']/availableInstances)[1])" -
}

: >$gate_expect_file
# Nobody has a vGPU open between two files; libvirt may look at one a moment longer.
nothing_open()
{
	gate_snapshot >"$tmp/before"
	grep -qx 'open vfio files 0' "$tmp/before"
}
wait_for 5 nothing_open
gate_mark "$t_file"
trap t_exit_ EXIT
