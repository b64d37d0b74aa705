#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Other programs, as consumers.py has them, on our files: they read what is there, and a
# change of one character where they look is seen; they make vGPUs and remove them, with the files
# in examples/. So neither our formats nor the examples can drift.
. ./lib.sh

pf=$(pfs | head -1)
va=$(vf $pf 0)
vb=$(vf $pf 2)	# the mdev takes VF 1

clean()
{
	local f

	for f in /sys/bus/mdev/devices/*/remove; do try_write $f 1; done
	for f in $pci/{$va,$(vf $pf 1)}/nvidia/current_vgpu_type; do try_write $f 0; done
	rm -rf /etc/mdevctl.d/$pf
}
t_at_exit clean

bad= detail=() last=
while IFS= read -r line; do
	last=$line
	if [ -n "$bad" ] && [[ $line != "# "* ]]; then
		t_fail "$bad" "${detail[@]}"
		bad= detail=()
	fi
	case $line in
	"ok "*) t_pass "${line#ok }" ;;
	"not ok "*) bad=${line#not ok } ;;
	*) detail+=("$line") ;;
	esac
done < <(PYTHONDONTWRITEBYTECODE=1 python3 ./consumers-check.py $pf $va $vb $tmp 2>&1)
t_is "it went through to its end" "$last" "done"
t_done
