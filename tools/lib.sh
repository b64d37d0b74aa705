# SPDX-License-Identifier: LGPL-2.1-or-later
# Sourced by the scripts in tools/.

set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
me=${0##*/}
cache=${OPENVGPU_CACHE:-/var/cache/openvgpu}

die()
{
	echo "$me: $*" >&2
	exit 1
}

note()
{
	echo "$me: $*" >&2
}

# Packages of the machine itself; everything else lives in the trees.
host_packages="mmdebstrap qemu-system-x86 rsync ca-certificates debian-archive-keyring"

need_root()
{
	[ "$(id -u)" = 0 ] || die "must be run as root (it unpacks a Debian tree and works in it)"
}

# Installs what is missing. Takes the lock only then: the usual case must not wait.
need_host()
{
	local p missing=()

	for p in $host_packages "$@"; do
		dpkg-query -W -f '${Status}\n' "$p" 2>/dev/null |
			grep -q '^install ok installed$' || missing+=("$p")
	done
	[ ${#missing[@]} = 0 ] && return
	need_root
	note "installing ${missing[*]}"
	mkdir -p "$cache"
	(
		flock 9
		export DEBIAN_FRONTEND=noninteractive
		apt-get -qq update &&
		apt-get -qq install --no-install-recommends "${missing[@]}"
	) 9>"$cache/lock.apt" >"$cache/apt.log" 2>&1 || {
		tail -20 "$cache/apt.log" >&2
		die "apt-get could not install ${missing[*]}"
	}
}

# The tree's only kernel.
tree_kver()
{
	local k=("$1"/usr/lib/modules/*)

	[ ${#k[@]} = 1 ] && [ -d "${k[0]}" ] || die "$1: expected one kernel, found ${k[*]##*/}"
	echo "${k[0]##*/}"
}

hash_of()
{
	sha256sum | cut -c1-16
}
