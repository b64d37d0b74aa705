#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Settings of a GPU when the firmware refuses, fails or dies: the table is as before, and
# what was set is made anew before the GPU is ready. vGPUs keep their places.
. ./lib.sh

read -r a b <<<"$(pfs | xargs)"	# an A40, an RTX PRO 6000
cur=nvidia/current_vgpu_type
gate_expect "nvidia 000[12]:00:00"
set_() { try_write $pci/$1/vgpu/$2 "$3"; }
get() { cat $pci/$1/vgpu/$2; }
places() { cat $debug/openvgpu/$1/places; }
# why PF TYPE: why one more cannot be made
why() { awk -F'\t' -v t="$2" '$1 == t { print $3 }' $debug/openvgpu/$1/types; }
no_types() { local i; for i in 0 1 2 3; do try_write $pci/$(vf $1 $i)/$cur 0; done; }
# back PF NAME: the GPU comes back by itself
back() { t_wait "$2" 60 grep -qx ready $pci/$1/vgpu/status; }

# died PF NAME: the firmware hangs; the next who wants something of it finds out
died()
{
	local dead=$(counter openvgpu $1 firmware_deaths)

	t_is "$2: the firmware hangs" "$(fault $1 fw_hang)" ok
	t_like "$2: no open" "$(timeout 300 $vfio_test open $(vf $1 0) 2>&1)" "^open: E(TIMEDOUT|NODEV|IO|NOTRECOVERABLE)"
	t_wait "$2: its death is found out" 60 sh -c "[ \$(awk '\$1 == \"firmware_deaths\" { print \$2 }' $debug/openvgpu/$1/counters) -gt $dead ]"
}

# --- sizes that mix, and the scheduler -----------------------------------------
t_at_exit set_ $a scheduler best_effort
t_at_exit set_ $a placement_mode equal
t_at_exit no_types $a
t_at_exit set_ $b mig 0
t_at_exit eval 'for i in {1..14}; do set_ $b gpu_instance_destroy $i; done'
t_at_exit no_types $b

t_is "sizes may mix" "$(set_ $a placement_mode mixed) $(get $a placement_mode)" "ok mixed"
t_is "the firmware knows" "$(sim_counter $a mixed_now)" 1
t_is "fixed shares" "$(set_ $a scheduler fixed_share) $(set_ $a scheduler_timeslice_us 5000)" "ok ok"
t_is "the firmware has them" "$(cat $debug/openvgpu_sim/$a/scheduler) $(get $a scheduler_pending)" "fixed_share 5000 0"
v=$(vf $a 0) w=$(vf $a 1)
t_is "a half" "$(try_write $pci/$v/$cur 565)" ok
t_is "and an eighth" "$(try_write $pci/$w/$cur 561)" ok
t_is "a vGPU is there: EBUSY" "$(set_ $a placement_mode equal)" EBUSY
t_like "and the reason" "$(get $a last_error)" "while vGPUs exist \(2\)"
t_is "the same mode again" "$(set_ $a placement_mode mixed)" ok
t_like "what does not fit says so" "$(why $a 566)" "48 GiB in one piece; the largest that is free is 16 GiB|48 GiB in one piece; the largest that is free is 12 GiB"
before=$(places $a)
died $a mixed
back $a "mixed: it comes back"
t_is "mixed: the mode" "$(get $a placement_mode) $(sim_counter $a mixed_now)" "mixed 1"
t_is "mixed: the scheduler" "$(cat $debug/openvgpu_sim/$a/scheduler)" "fixed_share 5000"
t_is "mixed: the places" "$(places $a)" "$before"
t_ok "mixed: the half works" $vfio_test test $v --type 565
t_ok "mixed: the eighth works" $vfio_test test $w --type 561

# The firmware refuses: nothing has changed.
no_types $a >/dev/null
t_is "the next command fails" "$(fault $a rpc_error 1 0x2080400e)" ok
t_unlike "so does the setting" "$(set_ $a placement_mode equal)" "^ok$"
t_like "with a reason" "$(get $a last_error)" "placement mode: .*HETEROGENEOUS"
t_is "the mode is as before" "$(get $a placement_mode) $(sim_counter $a mixed_now)" "mixed 1"

# It dies over the setting: the old value is what the next firmware gets.
# Short waits for that one command; the restart has all the time that it needs.
declare -A usual
for t in command=500 silence=900 stop=500; do
	f=$debug/openvgpu/$a/timeouts/${t%=*}_ms
	usual[$f]=$(cat $f)
	t_at_exit try_write $f ${usual[$f]}
	try_write $f ${t#*=} >/dev/null
done
t_is "the next command kills it" "$(fault $a fw_hang 1 0x2080400e)" ok
t_is "the setting says so" "$(set_ $a placement_mode equal)" ENODEV
for f in ${!usual[@]}; do try_write $f ${usual[$f]} >/dev/null; done
t_ok "and why" test -n "$(get $a last_error)"
back $a "killed: it comes back"
t_is "killed: the old mode" "$(get $a placement_mode) $(sim_counter $a mixed_now)" "mixed 1"
t_is "now it goes" "$(set_ $a placement_mode equal) $(get $a placement_mode) $(sim_counter $a mixed_now)" "ok equal 0"

# --- GPU instances --------------------------------------------------------------
t_like "no instance without MIG" "$(why $b 1546)" "1g.24gb\+gfx, and MIG is off"
t_is "MIG" "$(set_ $b mig 1) $(get $b mig) $(sim_counter $b mig_now)" "ok 1 1"
t_is "three instances" "$(for p in 2g.48gb+gfx 1g.24gb+gfx 1g.24gb+gfx; do set_ $b gpu_instance_create $p; done | xargs)" "ok ok ok"
t_is "no room for one more" "$(set_ $b gpu_instance_create 1g.24gb+gfx)" ENOSPC
t_like "and the reason" "$(get $b last_error)" "4 of 4 slices"
t_is "profiles" "$(get $b gpu_instance_profiles | xargs)" "4g.96gb+gfx total=1 available=0 2g.48gb+gfx total=2 available=0 1g.24gb+gfx total=4 available=0"
ids=($(cut -d' ' -f1 $pci/$b/vgpu/gpu_instances))
v=$(vf $b 0) w=$(vf $b 1) x=$(vf $b 2)
t_is "two in a quarter, one in the half" "$(try_write $pci/$v/$cur 1549) $(try_write $pci/$w/$cur 1549) $(try_write $pci/$x/$cur 1573)" "ok ok ok"
t_like "without MIG it cannot be made" "$(why $b 1519)" "is not MIG-backed"
before=$(places $b) instances=$(get $b gpu_instances)
in_use=$(awk '/vgpus=[1-9]/ { print $1; exit }' $pci/$b/vgpu/gpu_instances)
t_is "one with a vGPU stays" "$(set_ $b gpu_instance_destroy $in_use)" EBUSY
t_is "none of that number" "$(set_ $b gpu_instance_destroy 14)" ENOENT
t_is "MIG stays on" "$(set_ $b mig 0)" EBUSY
t_ok "a vGPU in an instance" $vfio_test test $v --type 1549

# The first start fails over an instance, the second is good.
failed=$(counter openvgpu $b recovery_failures)
t_is "one instance will not be made again" "$(fault $b rpc_error 1 0x20800aa5)" ok
died $b MIG
back $b "MIG: it comes back"
t_is "MIG: at the second try" "$(($(counter openvgpu $b recovery_failures) - failed))" 1
t_is "MIG: on" "$(get $b mig) $(sim_counter $b mig_now)" "1 1"
t_is "MIG: the instances" "$(get $b gpu_instances)" "$instances"
t_is "MIG: the firmware has them" "$(sim_counter $b gpu_instances_now)" 3
t_is "MIG: the places" "$(places $b)" "$before"
for i in $v:1549 $w:1549 $x:1573; do
	t_ok "MIG: VF ${i%:*} works" $vfio_test test ${i%:*} --type ${i##*:}
done

no_types $b >/dev/null
t_is "all go" "$(for i in ${ids[*]}; do set_ $b gpu_instance_destroy $i; done | xargs)" "ok ok ok"
t_is "off" "$(set_ $b mig 0) $(get $b mig) $(sim_counter $b mig_now)" "ok 0 0"
t_is "the model refused nothing" "$(refusals $a)$(refusals $b)" ""
for d in /sys/class/devcoredump/*; do [ ! -e $d/data ] || echo 1 >$d/data; done
t_done
