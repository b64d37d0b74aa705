# SPDX-License-Identifier: LGPL-2.1-or-later
# For refusals.t and refusals-gone.t; $w is the UUID of a vGPU that is not to be made.

# says NAME CAUSE NEXT COMMAND...
says()
{
	local what=$1 cause=$2 next=$3 out rc=0

	shift 3
	out=$("$@" 2>&1) || rc=$?
	if [ $rc = 0 ]; then
		t_fail "$what" "$* succeeded:" "$out"
	elif grep -qE -- "$cause" <<<"$out" && grep -qE -- "$next" <<<"$out"; then
		t_pass "$what"
		sed 's/^/# /' <<<"$out"
	else
		t_fail "$what" "no match for: $cause" "or for: $next" "in: $out"
	fi
}
# create NAME CAUSE NEXT PF TYPE [ATTRIBUTE VALUE]
create()
{
	local what=$1 cause=$2 next=$3

	mdev_xml $4 $5 $w >$tmp/c.xml
	[ $# = 5 ] || sed -i "s|</capability>|<attr name='$6' value='$7'/>&|" $tmp/c.xml
	says "$what" "$cause" "$next" virsh nodedev-create $tmp/c.xml
	[ ! -e /sys/bus/mdev/devices/$w ] || t_fail "$what: nothing is left" "$(mdev_remove $w)"
}
