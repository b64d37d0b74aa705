#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# oVirt's way, as vdsm.py has it: what a host reports, the request of the example, a VM with the
# XML that comes of it. docs/ovirt.md has the facts; what one character does, consumers.t.
. ./lib.sh
export PYTHONDONTWRITEBYTECODE=1

pf=$(pfs | head -1)
ex=/usr/share/doc/openvgpu/examples/ovirt-vgpu.xml
u=$(uuid) w=$(uuid)
t_at_exit mdev_remove $u
t_at_exit mdev_remove $w
t_at_exit virsh destroy ov

# One vdsm for all: starting Python takes long here.
mkfifo $tmp/to $tmp/from
exec {to}<>$tmp/to {from}<>$tmp/from
python3 ./vdsm.py serve <$tmp/to >$tmp/from &
t_at_exit kill -9 $!

# vdsm COMMAND ARGUMENT...: its output and status
vdsm()
{
	local line

	(IFS=$'\t' && echo "$*" >&$to)
	while IFS= read -r -t 300 line <&$from; do
		[[ $line != "= "* ]] || return ${line#= }
		echo "$line"
	done
	echo "no answer"
	return 1
}

# ovirt_domain FILE REQUEST UUID: the XML of a VM that asks for that
ovirt_domain()
{
	local xml domain

	xml=$(vdsm engine "$2" $3 ${4:-}) || return
	domain=$(domain_xml ov "${xml%%$'\n'*}")
	echo "${domain/<memory/"${xml#*$'\n'}<memory"}" >$1
}

types=$(cat $pci/$pf/mdev_supported_types/*/name | wc -l)
virsh -q nodedev-dumpxml $(node $pf) >$tmp/pf.xml
out=$(vdsm caps $tmp/pf.xml)
t_is "the engine hears of all types" "$(grep -c '^nvidia-' <<<"$out")" $types
t_like "with what the engine shows of them" "$out" \
	"^nvidia-560\|NVIDIA A40-4Q\|12\|num_heads=4, frl_config=60, framebuffer=4096M, max_resolution=7680x4320, max_instance=12\$"

t_ok "the request of the example" ovirt_domain $tmp/ov.xml $ex $u separate
t_is "makes the vGPU" "$(vdsm setup $tmp/ov.xml)" "$u $pf"
t_is "with its parameters" "$(cat /sys/bus/mdev/devices/$u/nvidia/vgpu_params)" frame_rate_limiter=0
t_ok "the VM starts" patiently virsh -q create $tmp/ov.xml
t_guest "it is an A40-4Q (560) of an A40" ov "$guest_identity_560"
t_guest "all is well in it" ov "$guest_pass"
virsh -q nodedev-dumpxml $(node $pf) >$tmp/pf.xml
t_like "the engine hears that one is gone" "$(vdsm caps $tmp/pf.xml)" "^nvidia-560\|NVIDIA A40-4Q\|11\|"

# Of another type none: vdsm's own rule. Another of the same, on the only GPU that there is.
t_ok "a second VM, of another type" ovirt_domain $tmp/w.xml nvidia-570 $w
t_err "is refused by vdsm" "No device with type nvidia-570" vdsm setup $tmp/w.xml
ovirt_domain $tmp/w.xml nvidia-560 $w separate
t_is "one of the same type is not" "$(vdsm setup $tmp/w.xml)" "$w $pf"
t_ok "and goes" vdsm teardown $tmp/w.xml
sed 's/frame_rate_limiter=0/colour=1/' $ex >$tmp/request
ovirt_domain $tmp/w.xml $tmp/request $w
t_err "wrong parameters are told" "Failed to create mdev: nvidia-560: Invalid argument" vdsm setup $tmp/w.xml
t_ok "and the vGPU is gone again" test ! -e /sys/bus/mdev/devices/$w

t_ok "the VM ends" domain_stop ov
t_wait "the vGPU is closed" 20 grep -qx reserved /sys/bus/mdev/devices/$u/vgpu/state
t_ok "vdsm removes it" vdsm teardown $tmp/ov.xml
t_ok "it is gone" test ! -e /sys/bus/mdev/devices/$u
t_is "the capacity is back" "$(available $pf nvidia-560)" 12

# Without nodisplay, which is what the old property and the engine do by themselves.
ovirt_domain $tmp/ov.xml nvidia-560 $u
sed -i 's|</devices>|<graphics type="vnc"/></devices>|' $tmp/ov.xml
t_like "a display is asked for" "$(cat $tmp/ov.xml)" 'display="on" ramfb="on"'
t_is "for a vGPU" "$(vdsm setup $tmp/ov.xml)" "$u $pf"
t_err "QEMU refuses it and says why" "display method" virsh -q create $tmp/ov.xml
t_ok "vdsm removes it" vdsm teardown $tmp/ov.xml
t_done
