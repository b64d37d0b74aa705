#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A domain whose metadata says of what type its vGPU is: made when it starts, gone when it has
# ended. Bad metadata and what can fail: tests/plugins/hook.
. ./lib.sh
. ./hook.sh

pf=$(pfs | head -1)
u=$(uuid) w=$(uuid)
m=/sys/bus/mdev/devices/$u
n=/sys/bus/mdev/devices/$w
gate_expect "nvidia [0-9a-f:.]*: vGPU [0-9a-f-]* refused"
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"
t_at_exit mdev_remove $u
t_at_exit mdev_remove $w
t_at_exit virsh undefine h1
t_at_exit virsh destroy h1

hook_link

# metadata_of TEXT: a domain with two mdevs that has it
metadata_of()
{
	domain_xml h1 "$(hostdev_mdev $u)$(hostdev_mdev $w)" |
		sed "s|<memory |<metadata><v:vgpus xmlns:v='urn:openvgpu:domain:1'>$1</v:vgpus></metadata>&|"
}
# h1 TEXT: starts it
h1()
{
	metadata_of "$1" >$tmp/h1.xml
	patiently virsh -q create $tmp/h1.xml
}
one="<v:vgpu uuid='$u' type='A40-4Q' params='loglevel=1'/>"
two="<v:vgpu uuid='$w' type='nvidia-560' gpu='$pf'/>"

# --- a domain with both ------------------------------------------------------------

t_ok "nothing is there yet" test ! -e $m
t_ok "define" virsh define <(metadata_of "$one$two")
t_ok "start" patiently virsh start h1
t_is "both are there, of their types" "$(cat $m/mdev_type/name $n/mdev_type/name)" "NVIDIA A40-4Q
NVIDIA A40-4Q"
t_is "with what was wished" "$(cat $m/nvidia/vgpu_params)" loglevel=1
t_is "the driver knows whose they are" "$(cat $m/vgpu/vm_name $n/nvidia/vm_name)" "h1
h1"
t_guest "the guest has both and checks them" h1 "OVG ready 2"
t_unlike "and found nothing wrong" "$(tr -d '\r' </run/h1.serial)" "$guest_bad"
t_ok "libvirt lists them" virsh_sees mdev_${u//-/_}_${pf//[:.]/_}
qemu=$(pgrep -xo qemu-system-x86)
qemu=${qemu:-$(pgrep -o qemu-system)}

t_ok "libvirtd started anew while it runs" libvirt_again
t_is "the domain runs" "$(virsh domstate h1 | head -1)" running
t_ok "in the same QEMU" kill -0 $qemu
t_is "its vGPUs are there" "$(cat {$m,$n}/vgpu/state | sort -u)" running
metadata_of "$one" | sed 's|<name>h1|<name>h2|; s|h1.serial|h2.serial|' >$tmp/h2.xml
t_err "another domain with them is refused" "in use by driver QEMU, domain h1" virsh create $tmp/h2.xml
t_is "and changes nothing" "$(cat $m/vgpu/vm_name {$m,$n}/vgpu/state | sort -u)" "h1
running"

t_ok "destroy" patiently virsh destroy h1
t_wait "both are gone" 20 test ! -e $m -a ! -e $n
t_is "the capacity is back" "$(available $pf nvidia-560)" 12
t_ok "nothing is written down" test -z "$(find /run/openvgpu/hook -type f)"
t_ok "undefine" virsh undefine h1

# --- what cannot be ------------------------------------------------------------------

# refused NAME REGEX METADATA
refused()
{
	t_err "$1: virsh says why" "$2" h1 "$3"
	t_ok "$1: nothing is left" test ! -e $m -a ! -e $n -a -z "$(find /run/openvgpu/hook -type f)"
	t_is "$1: nor taken" "$(available $pf nvidia-560)" 12
}
refused "an unknown type" "no GPU has this type" "$one<v:vgpu uuid='$w' type='A40-5Q'/>"
refused "another size than the first" "8 GiB, but vGPUs of 4 GiB" "$one<v:vgpu uuid='$w' type='A40-8Q'/>"
refused "parameters" 'unknown key "colour"' "<v:vgpu uuid='$u' type='A40-4Q' params='colour=1'/>"
refused "a word that is not known" "no attribute size" "<v:vgpu uuid='$u' type='A40-4Q' size='4'/>"

# --- with one that is there already ---------------------------------------------------

t_is "one by hand" "$(mdev_create $pf nvidia-560 $w)" ok
t_ok "start" h1 "$one$two"
t_is "both have the name" "$(cat {$m,$n}/vgpu/vm_name | sort -u)" h1
t_ok "QEMU killed" kill -9 $(pgrep -o qemu-system)
t_wait "the hook's is gone" 20 test ! -e $m
t_ok "the other stays" test -e $n
t_is "without the name" "$(cat $n/vgpu/vm_name)" ""
t_is "remove it" "$(mdev_remove $w)" ok
t_ok "libvirtd without it again" hooks_away
t_done
