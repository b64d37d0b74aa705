#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# make-vgpus.sh GPU TYPE COUNT: vGPUs that are there after every boot, for programs that use what
# is there and make none themselves (CloudStack). Removes what it has made if one is refused.
set -eu
gpu=$1 type=$2 count=$3 made=
while [ "$count" -gt 0 ]; do
	if ! uuid=$(vgpuctl create --persistent "$gpu" "$type"); then
		for uuid in $made; do
			# the next one is to go too
			mdevctl stop --uuid "$uuid" && mdevctl undefine --uuid "$uuid" || :
		done
		exit 1
	fi
	made="$made $uuid"
	count=$((count - 1))
done
printf '%s\n' $made
