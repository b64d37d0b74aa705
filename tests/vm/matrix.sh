# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The fault matrix (tests/kernel/matrix.c) as checks: one a cell, and the table.
# matrix_run CELL...

gate_expect "nvidia 0"		# everything that a broken firmware makes the driver say

# Dumps of the firmware that died on the way would wait for somebody to look.
no_dumps()
{
	local d

	for d in /sys/class/devcoredump/*/data; do
		[ ! -e "$d" ] || echo 1 >"$d"
	done
}

matrix_run()
{
	local pf said= line name

	pf=$(pfs | head -1)
	while IFS= read -r line; do
		case $line in
		"cell "*" ok")
			name=${line#cell }
			t_pass "${name% ok}"
			said= ;;
		"cell "*)
			name=${line#cell }
			t_fail "${name% FAIL}" "$said"
			said= ;;
		"table "*) echo "# ${line#table }" ;;
		"matrix: "*) t_like "the matrix was gone through" "$line" "^matrix: $# cells, " ;;
		*) said+=$line$'\n' ;;
		esac
	done < <($vfio_test matrix $pci/$pf nvidia-560 "$@" 2>&1; echo "ended with $?")
	no_dumps
	t_is "nothing else was wrong" "$said" $'ended with 0\n'
}
