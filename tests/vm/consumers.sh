# SPDX-License-Identifier: LGPL-2.1-or-later
#
# How other programs read and write what NVIDIA's driver shows, each told anew from what
# is known of it: nothing here is their code. Every function reads below a ROOT, which is
# /sys or a copy of it, prints what its program makes of that, one line a thing, and fails
# where the program would give up. Sorted, so that two runs can be compared.
#
# What a program does not look at is not looked at here either: consumers.t changes single
# characters in a copy and wants the result to change. There are hundreds of files, and
# starting a program takes long in the test VM: hence the shell's own means.

# text NAME FILE: sets NAME to its content without the white space around it, as most of
# them take it
text()
{
	local t_

	printf -v "$1" ""
	[ -r "$2" ] || return 1
	IFS= read -r -d '' t_ <"$2"
	t_=${t_#"${t_%%[![:space:]]*}"}
	printf -v "$1" %s "${t_%"${t_##*[![:space:]]}"}"
}

# number TEXT: is it a decimal number and nothing else? If not the program stops.
number()
{
	[[ $1 =~ ^[+-]?[0-9]+$ ]]
}

link()
{
	local l

	l=$(readlink "$1") || return 1
	echo "${l##*/}"
}

# --- KubeVirt, VFs: which PCI devices are vGPUs that a VM could have ------------

# "ADDRESS VENDOR:DEVICE iommu GROUP cdev NAME". A PF and a VF without type are not.
kubevirt_vf()
{
	local d t id group driver

	find "$1"/bus/pci/devices/*/ -maxdepth 1 -name driver -printf '%h %l\n' | sort |
		while read -r d driver; do
		[ "${driver##*/}" = nvidia ] || continue
		[ ! -e "$d/sriov_totalvfs" ] || continue
		text t "$d/nvidia/current_vgpu_type" || continue
		[ -n "$t" ] && [ "$t" != 0 ] || continue
		id=$(sed -n 's/^PCI_ID=//p' "$d/uevent")
		group=$(link "$d/iommu_group") || continue
		echo "${d##*/} ${id,,} iommu $group cdev $(basename "$(echo "$d"/vfio-dev/vfio*)")"
	done
}

# --- KubeVirt, mdev: types by name with blanks as "_", and what is left of each --

kubevirt_mdev()
{
	local d t name n

	for d in "$1"/class/mdev_bus/*; do
		for t in "$d"/mdev_supported_types/*; do
			text name "$t/name" || return 1
			text n "$t/available_instances" && number "$n" || return 1
			echo "${d##*/} ${t##*/} ${name// /_} $n"
		done
	done
	for d in "$1"/bus/mdev/devices/*; do
		[ -e "$d" ] || continue
		echo "${d##*/} is $(link "$d/mdev_type") on $(basename "$(dirname "$(realpath "$d")")")"
	done
}

# kubevirt_mdev_make ROOT PF TYPE UUID, kubevirt_mdev_take ROOT UUID
kubevirt_mdev_make()
{
	echo "$4" >"$1/class/mdev_bus/$2/mdev_supported_types/$3/create"
}

kubevirt_mdev_take()
{
	echo 1 >"$1/bus/mdev/devices/$2/remove"
}

# --- OpenNebula: types of a VF, the default one, and a VF given a type ----------

# opennebula ROOT VF: "legacy", or "ID=NAME" a type and "default ID"
opennebula()
{
	local f=$1/bus/pci/devices/$2/nvidia/creatable_vgpu_types id name

	if [ -e "$1/class/mdev_bus/$2" ]; then
		echo legacy
		return
	fi
	[ -r "$f" ] || return 1
	while IFS=: read -r id name; do
		id=${id//[[:space:]]/}
		[ -n "$id" ] && [ "$id" != ID ] || continue
		echo "$id=${name# }"
	done <"$f"
	sed -n 2p "$f" | { IFS=: read -r id name; echo "default ${id//[[:space:]]/}"; }
}

# PFs with VFs are not offered
opennebula_devices()
{
	local d vendor

	for d in "$1"/bus/pci/devices/*; do
		text vendor "$d/vendor"
		[ "$vendor" = 0x10de ] && [ ! -e "$d/virtfn0" ] && echo "${d##*/}"
	done
}

# opennebula_take ROOT VF ID, opennebula_leave ROOT VF. The id is looked for anywhere.
opennebula_take()
{
	local d=$1/bus/pci/devices/$2/nvidia

	grep -q "$3" "$d/creatable_vgpu_types" || return 1
	echo "$3" >"$d/current_vgpu_type"
}

opennebula_leave()
{
	echo 0 >"$1/bus/pci/devices/$2/nvidia/current_vgpu_type"
}

# --- Proxmox: types of a device, and a VF before and after a VM ------------------

# proxmox ROOT DEVICE: "nvidia-ID|NAME" a type, from whichever interface there is
proxmox()
{
	local d=$1/bus/pci/devices/$2 line t name n

	if [ -d "$d/mdev_supported_types" ]; then
		for t in "$d"/mdev_supported_types/*; do
			text name "$t/name" && text n "$t/available_instances" || return 1
			echo "${t##*/}|$name|$n"
		done
	elif [ -d "$d/nvidia" ]; then
		while IFS= read -r line; do
			[[ $line != ID* ]] || continue
			# up to the first colon, blanks around it aside
			[[ $line =~ ^([^:]*):[[:space:]]*(.*)$ ]] || continue
			t=${BASH_REMATCH[1]} name=${BASH_REMATCH[2]}
			echo "nvidia-${t%"${t##*[![:space:]]}"}|$name"
		done <"$d/nvidia/creatable_vgpu_types"
	else
		return 1
	fi
}

# The first line as it is: what is not "0" is a type.
proxmox_current()
{
	local t

	IFS= read -r t <"$1/bus/pci/devices/$2/nvidia/current_vgpu_type" || return 1
	echo "$t"
}

# proxmox_take ROOT VF ID
proxmox_take()
{
	local f=$1/bus/pci/devices/$2/nvidia/current_vgpu_type now

	now=$(proxmox_current "$1" "$2") || return 1
	[ "$now" != "$3" ] || return 0
	[ "$now" = 0 ] || echo 0 >"$f" || return 1
	echo "$3" >"$f"
}

# proxmox_leave ROOT VF [SECONDS]: patient, since a VM that has just ended may still have it
proxmox_leave()
{
	local i

	for i in $(seq ${3:-10}); do
		[ "$(proxmox_current "$1" "$2")" != 0 ] || return 0
		printf 0 >"$1/bus/pci/devices/$2/nvidia/current_vgpu_type" 2>/dev/null
		[ "$(proxmox_current "$1" "$2")" != 0 ] || return 0
		sleep 1
	done
	return 1
}

# --- CloudStack: what a GPU can be cut into, by regular expressions ---------------

# "PF TYPE NAME max N fb MIB heads H WxH used N"; VFs: "VF type HEXID", as in nvidia-smi
cloudstack()
{
	local d t what max fb heads res n vendor name
	local pair='max_resolution=([0-9]+)x([0-9]+)'

	for d in "$1"/bus/pci/devices/*; do
		text vendor "$d/vendor"
		[ "$vendor" = 0x10de ] || continue
		for t in "$d"/mdev_supported_types/*; do
			[ -d "$t" ] || continue
			text what "$t/description"
			text name "$t/name"
			max='' fb='' heads='' res=''
			[[ $what =~ max_instance=([0-9]+) ]] && max=${BASH_REMATCH[1]}
			[[ $what =~ framebuffer=([0-9]+)M? ]] && fb=${BASH_REMATCH[1]}
			[[ $what =~ num_heads=([0-9]+) ]] && heads=${BASH_REMATCH[1]}
			[[ $what =~ $pair ]] && res=${BASH_REMATCH[1]}x${BASH_REMATCH[2]}
			n=("$t"/devices/*)
			[ "${n[0]}" != "$t/devices/*" ] || n=()
			n=${#n[@]}
			echo "${d##*/} ${t##*/} $name max $max fb $fb heads $heads $res used $n"
		done
		text t "$d/nvidia/current_vgpu_type" || continue
		number "$t" || return 1
		[ "$t" = 0 ] || printf '%s type 0x%x\n' "${d##*/}" "$t"
	done
}

# --- vgpu-device-manager: types by the last word of their name --------------------

# "PF DEVICE-ID", then "PF WORD left N" a type; "UUID is WORD" for what exists
vgpu_dm()
{
	local d t class name word n vendor device
	local plain='^[A-Z0-9]+(-[a-zA-Z]+)*-(0|[1-9][0-9]*)(A|B|C|Q)$'
	local mig='^[A-Z0-9]+-[1-9]-(0|[1-9][0-9]*)(A|B|C|Q)(ME|NOME|MEALL|GFX)?$'

	for d in "$1"/class/mdev_bus/*; do
		text vendor "$d/vendor"
		[ "$vendor" = 0x10de ] || continue
		text class "$d/class"
		[[ $class == 0x0300* || $class == 0x0302* ]] || continue
		[ "$(link "$d/driver")" = nvidia ] || return 1
		text device "$d/device"
		echo "${d##*/} $device"
		for t in "$d"/mdev_supported_types/nvidia-*; do
			text name "$t/name" || return 1
			word=${name##* }
			[[ $word =~ $plain || $word =~ $mig ]] || return 1
			text n "$t/available_instances" && number "$n" || return 1
			echo "${d##*/} $word left $n"
		done
	done
	for d in "$1"/bus/mdev/devices/*; do
		[ -e "$d" ] || continue
		t=$(link "$d/mdev_type") || return 1
		text name "$(dirname "$(realpath "$d")")/mdev_supported_types/$t/name"
		echo "${d##*/} is ${name##* }"
	done
}

# --- oVirt's vdsm: mdevs and their parameters ---------------------------------------

# "PF one-type": NVIDIA's take one type a device; "PF TYPE NAME api API left N: DESCRIPTION"
vdsm()
{
	local d t n api vendor name what

	for d in "$1"/class/mdev_bus/*; do
		text vendor "$d/vendor"
		[ "$vendor" != 0x10de ] || echo "${d##*/} one-type"
		for t in "$d"/mdev_supported_types/*; do
			text n "$t/available_instances" && number "$n" || return 1
			text api "$t/device_api" || return 1
			[ "$api" = vfio-pci ] || return 1
			text name "$t/name" && text what "$t/description" || return 1
			echo "${d##*/} ${t##*/} $name left $n: $what"
		done
	done
}

# vdsm_make ROOT PF TYPE UUID PARAMETERS, vdsm_take ROOT PF UUID
vdsm_make()
{
	printf %s "$4" >"$1/class/mdev_bus/$2/mdev_supported_types/$3/create" || return 1
	printf '%s\n' "$5" >"$1/bus/mdev/devices/$4/nvidia/vgpu_params"
}

vdsm_take()
{
	printf 1 >"$1/class/mdev_bus/$2/$3/remove"
}
