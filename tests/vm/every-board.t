#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every board of this VM on every firmware branch that knows it: attached, with types,
# the smallest and the largest vGPU, and a firmware model that had nothing to object to.
# Where a board has no SR-IOV vGPU (T4), that is what it says.
. ./lib.sh

IFS=, read -ra all <<<"$boards"

# knows BRANCH BOARD
knows()
{
	case $1/$2 in
	535/H100-SXM5-* | 535/H200-* | 535/RTXPRO6000 | 570/RTXPRO6000) return 1 ;;
	esac
}

# What hardware.md says: total VFs, subsystem.
facts_of()
{
	case $1 in
	A10) echo "24 1482" ;;
	A16) echo "16 14a9" ;;
	A2) echo "16 157e" ;;
	A30) echo "6 1532" ;;
	A40) echo "32 145a" ;;
	A100-PCIe-40) echo "10 145f" ;;
	A100-SXM4-40) echo "10 1450" ;;
	A100-PCIe-80) echo "20 1533" ;;
	A100-SXM4-80) echo "20 1463" ;;
	L4) echo "24 16ca" ;;
	L40) echo "32 169d" ;;
	L40S) echo "32 1851" ;;
	RTX6000-Ada) echo "32 16a1" ;;
	H100-PCIe-80) echo "20 1626" ;;
	H100-NVL-94) echo "23 1839" ;;
	H100-SXM5-80) echo "20 16c1" ;;
	H100-SXM5-94) echo "23 17fc" ;;
	H200-SXM5) echo "32 18be" ;;
	H200-NVL) echo "32 1996" ;;
	RTXPRO6000) echo "48 204e" ;;
	esac
}

try_type()
{
	local name=$1 pf=$2 type=$3 n u

	n=$(available $pf $type)
	u=$(uuid)
	t_at_exit mdev_remove $u
	t_is "$name: create" "$(mdev_create $pf $type $u)" ok
	t_ok "$name: one less" test "$(available $pf $type)" -lt "$n"
	t_ok "$name: all checks" $vfio_test test $u --type ${type#nvidia-} --board $(cat $pci/$pf/device)
	t_is "$name: remove" "$(mdev_remove $u)" ok
	t_is "$name: as many as before" "$(available $pf $type)" "$n"
}

ready()
{
	local pf

	for pf in ${found[@]}; do
		[ "$(cat $pci/$pf/vgpu/status)" != ready ] || grep -qx 1 $pci/$pf/vgpu/mdev || return 1
	done
}

round()
{
	local branch=$1 i pf b d n least most small large
	local facts

	mapfile -t found < <(pfs)
	t_is "$branch: all boards are there" "${#found[@]}" "${#all[@]}"
	t_wait "$branch: they are mdev parents" 90 ready
	for i in ${!all[@]}; do
		pf=${found[i]} b="${all[i]} on $branch"
		if [ "${all[i]}" = T4 ]; then
			t_like "$b: says why not" "$(cat $pci/$pf/vgpu/status)" "does not use SR-IOV"
			t_write "$b: VFs" $pci/$pf/sriov_numvfs 4 EOPNOTSUPP
			t_ok "$b: no types" test ! -e $pci/$pf/mdev_supported_types
			continue
		fi
		knows $branch "${all[i]}" || continue
		t_is "$b: ready" "$(cat $pci/$pf/vgpu/status)" ready
		t_like "$b: firmware" "$(cat $pci/$pf/vgpu/firmware)" "^$branch\\."
		t_is "$b: VFs and subsystem" "$(cat $pci/$pf/sriov_totalvfs) $(cut -c3- $pci/$pf/subsystem_device)" "$(facts_of ${all[i]})"
		small= large= most=0 least=999
		for d in $pci/$pf/mdev_supported_types/*; do
			read -r n <$d/available_instances
			[ "$n" -le $most ] || { most=$n; small=${d##*/}; }
			[ "$n" = 0 ] || [ "$n" -ge $least ] || { least=$n; large=${d##*/}; }
		done
		t_ok "$b: has types" test -n "$small"
		try_type "$b, smallest of $most" $pf $small
		try_type "$b, largest of $least" $pf $large
		t_is "$b: the firmware model refused nothing" "$(refusals $pf)" ""
	done
}

# reload BRANCH: all boards that know it on that branch; false if none does
reload()
{
	local list=() some=1 b opts

	for b in ${all[@]}; do
		if [ $b != T4 ] && knows $1 $b; then
			list+=($1)
			some=0
		else
			list+=("")
		fi
	done
	[ $some = 0 ] || return 1
	opts=$(sed 's/\<firmware=[^ ]*//' <<<"$simopts")
	t_ok "$1: everything away" rmmod openvgpu_mdev openvgpu openvgpu_sim
	t_ok "$1: the boards anew" modprobe openvgpu_sim window=ivshmem boards=$boards $opts \
		firmware=$(IFS=,; echo "${list[*]}")
	t_ok "$1: the driver anew" modprobe -a openvgpu openvgpu_mdev
	udevadm settle
}

for branch in 570 535 595; do
	[ $branch = 570 ] || reload $branch || continue
	round $branch
done
# As it was, for what the gate compares.
t_ok "everything away" rmmod openvgpu_mdev openvgpu openvgpu_sim
t_ok "the boards as they were" modprobe openvgpu_sim window=ivshmem boards=$boards $simopts
t_ok "the driver as it was" modprobe -a openvgpu openvgpu_mdev
t_wait "mdev parents again" 90 ready
udevadm settle
t_done
