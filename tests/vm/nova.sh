# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced after lib.sh by the files that have Nova's own code run (tools/vm --nova).

# Debian 12's Nova makes mdevs in sysfs by itself, and knows nothing of "managed"; sid's is
# not tried yet.
if [ ! -d /usr/lib/python3/dist-packages/nova ]; then
	t_skip "Nova" "n/a: no Nova in this tree"
	t_done
fi

# nova_run SCRIPT: a file of tests/nova, which prints lines as ours
nova_run()
{
	local rc=0

	python3 -u /job/tests/nova/$1.py 2>"$tmp/$1.log" || rc=$?
	cp "$tmp/$1.log" "/job/out/nova-$1.log"
	t_is "$1.py ran to its end and found nothing wrong" "$rc" 0
	[ $rc -le 1 ] || tail -20 "$tmp/$1.log" | sed 's/^/#   /'
}
