# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced after lib.sh by the files that have Nova's own code run (tools/vm --nova).

# Debian 12's Nova makes mdevs in sysfs by itself, and knows nothing of "managed": tools/vm
# boots its tree without. In all others there must be one.
if grep -q '^VERSION_CODENAME=bookworm' /etc/os-release; then
	t_skip "Nova" "n/a: Debian 12's knows neither libvirt's mdevs nor managed: no"
	t_done
fi
echo "# $(dpkg-query -W -f '${Package} ${Version}, ' python3-nova libvirt-daemon python3)" |
	sed 's/, $//'

# nova_run SCRIPT: a file of tests/nova, which prints lines as ours
nova_run()
{
	local rc=0

	python3 -u /job/tests/nova/$1.py 2>"$tmp/$1.log" || rc=$?
	cp "$tmp/$1.log" "/job/out/nova-$1.log"
	t_is "$1.py ran to its end and found nothing wrong" "$rc" 0
	[ $rc -le 1 ] || tail -20 "$tmp/$1.log" | sed 's/^/#   /'
}
