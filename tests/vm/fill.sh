# SPDX-License-Identifier: LGPL-2.1-or-later
#
# fill_board PF BOARD [PART...]: tests/vm/fill.py, its results as ours. which says its
# seed when something is wrong; SEED repeats it.

# The driver core's line about each refused handle, and ours.
gate_expect "probe (with driver openvgpu_mdev|of [0-9a-f-]*) failed with error -28"

fill_board()
{
	local pf=$1 board=$2 line bad= detail=() seed=${SEED:-1} build

	shift 2
	read -r build <$pci/$pf/vgpu/firmware
	build=${build%%.*}
	gate_expect "nvidia $pf: "
	python3 ./fill.py $pf $board $seed "$@" >$tmp/fill 2>&1 ||
		echo "not ok fill.py runs to its end" >>$tmp/fill
	while IFS= read -r line; do
		if [ -n "$bad" ] && [[ $line != "# "* ]]; then
			t_fail "$board $build, seed $seed: $bad" "${detail[@]}"
			bad=
		fi
		case $line in
		"ok "*) t_pass "$board $build: ${line#ok }" ;;
		"not ok "*) bad=${line#not ok } ;;
		*) detail+=("$line") ;;
		esac
	done < <(cat $tmp/fill; echo end)
	t_is "$board $build: the firmware had nothing to object to" "$(refusals $pf)" ""
	t_is "$board $build: nothing is reserved" "$(cat $pci/$pf/vgpu/framebuffer_used)" 0
}
