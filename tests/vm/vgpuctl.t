#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# vgpuctl beside virsh: what it prints goes straight into virsh.
. ./lib.sh

pf=$(pfs | head -1)
json() { python3 -c "import json,sys; d=json.load(sys.stdin); print($1)"; }

out=$(vgpuctl list)
t_like "list names the GPU" "$out" "$pf"
t_like "list names the board" "$out" "A40"
t_is "list -o json: VFs" "$(vgpuctl list -o json | json "[g['num_vfs'] for g in d['gpus']]")" "[32]"
t_like "types" "$(vgpuctl types $pf)" "560.*NVIDIA A40-4Q"
t_is "types -o json agrees with sysfs" \
	"$(vgpuctl types $pf -o json | json "' '.join(sorted(str(t['type']) + ':' + str(t['available']) for t in d['types']))")" \
	"$(cd $pci/$pf/mdev_supported_types && for d in *; do read -r n <$d/available_instances; echo ${d#nvidia-}:$n; done | LC_ALL=C sort | paste -sd' ')"

u=$(uuid)
t_at_exit virsh destroy c1
t_at_exit mdev_remove $u
vgpuctl xml nodedev --gpu $pf --type A40-4Q --uuid $u >$tmp/node.xml
t_ok "xml nodedev goes into virsh" virsh nodedev-create --validate $tmp/node.xml
vgpuctl xml hostdev $u >$tmp/hostdev.xml
t_ok "xml hostdev goes into a domain" domain_start c1 "$(cat $tmp/hostdev.xml)"
t_guest "its guest is happy" c1 "$guest_pass"
t_is "list shows it running" "$(vgpuctl list -o json | json "[(v['uuid'], v['type'], v['state']) for g in d['gpus'] for v in g['vgpus']]")" \
	"[('$u', 560, 'running')]"
t_ok "stop" domain_stop c1
t_is "remove" "$(mdev_remove $u)" ok
t_err "a type that does not exist" "A40-5Q" vgpuctl xml nodedev --gpu $pf --type A40-5Q
t_done
