#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The node-device backend preloaded into libvirtd, on a GPU that is no mdev parent.
. ./lib.sh

so=/usr/lib/openvgpu/nodedev-backend.so
pf=$(pfs | head -1)
gpu=$(node $pf)
version=$(virsh version --daemon | sed -n 's/^Running against daemon: //p')
schema=/usr/share/libvirt/schemas/nodedev.rng

# libvirtd_with [OBJECT...]: anew, with these preloaded. It is there when it answers.
libvirtd_with()
{
	local pid

	pid=$(pgrep -x libvirtd) && kill $pid
	wait_for 30 sh -c "! pgrep -x libvirtd" || return 1
	LD_PRELOAD="$*" libvirtd -d || return 1
	wait_for 30 virsh -q nodedev-list
}

# What the backend says in the system's log
said()
{
	grep -q "openvgpu: .*$1" /job/out/syslog
}
t_said()
{
	# busybox of Debian 12 does not take the options that tools/vm.d/init gives its syslogd
	if [ -e /job/out/syslog ]; then
		t_wait "it says so" 20 said "$1"
	else
		t_skip "it says so" "no system log in this VM"
	fi
}

# The double stands before libvirt: it denies what is in $tmp/deny, and in $tmp/version
# is the version that it claims to be.
cat >$tmp/double.c <<C
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int virGetVersion(unsigned long *lib, const char *type, unsigned long *type_version)
{
	int (*real)(unsigned long *, const char *, unsigned long *) = dlsym(RTLD_NEXT, "virGetVersion");
	FILE *f = fopen("$tmp/version", "r");
	int ret = real(lib, type, type_version);

	if (f && fscanf(f, "%lu", lib) != 1)
		ret = -1;
	if (f)
		fclose(f);
	return ret;
}

static int check(const char *file)
{
	void (*report)(int, int, const char *, const char *, size_t, const char *, ...) =
		dlsym(RTLD_DEFAULT, "virReportErrorHelper");

	if (access(file, F_OK))
		return 0;
	report(0, 88, "double.c", "check", 1, "%s", "said by the double");
	return -1;
}

int virNodeDeviceCreateXMLEnsureACL(void *conn, void *def) { return check("$tmp/deny"); }
int virNodeDeviceDestroyEnsureACL(void *conn, void *def) { return check("$tmp/deny"); }
C
# The backend takes only what carries the version's symbols.
echo "LIBVIRT_0.0.3 { virGetVersion; }; LIBVIRT_PRIVATE_$version { virNodeDevice*; };" >$tmp/double.map
t_ok "the double compiles" gcc -shared -fPIC -w -Wl,--version-script=$tmp/double.map -o $tmp/double.so $tmp/double.c

t_ok "mdev face off" rmmod openvgpu_mdev
t_at_exit wait_for 60 grep -qx 1 $pci/$pf/vgpu/mdev
t_at_exit sh -c "modprobe openvgpu_mdev && echo 1 >$pci/$pf/vgpu/mdev"
t_at_exit sh -c "for f in $pci/*/nvidia/current_vgpu_type; do echo 0 >\$f; done"
t_at_exit virsh destroy b1

# --- an unknown libvirt is left alone
echo 99001002 >$tmp/version
t_ok "libvirtd of a version that nobody knows" libvirtd_with $so $tmp/double.so
t_said 'left alone: libvirt 99.1.2 is not one that it was tested with'
t_is "no mdev types" "$(virsh -q nodedev-list --cap mdev_types)" ""
t_unlike "none in the XML either" "$(virsh -q nodedev-dumpxml $gpu)" mdev_types
mdev_xml $pf nvidia-560 >$tmp/vgpu.xml
t_err "it creates nothing" "mediated device|mdev" virsh nodedev-create $tmp/vgpu.xml
rm $tmp/version

# --- a known one
t_ok "libvirtd $version with the backend" libvirtd_with $so $tmp/double.so
daemon=$(pgrep -x libvirtd)
t_said 'node devices of GPUs with VF files only'
t_is "list" "$(virsh -q nodedev-list --cap mdev_types)" "$gpu"
t_is "once with other capabilities" "$(virsh -q nodedev-list --cap mdev_types,pci | grep -cx $gpu)" 1
virsh -q nodedev-dumpxml $gpu >$tmp/gpu.xml
t_is "dumpxml: a type's name" \
	"$(xmllint --xpath "string(//type[@id='nvidia-560']/name)" $tmp/gpu.xml)" "NVIDIA A40-4Q"
t_is "its API" "$(xmllint --xpath "string(//type[@id='nvidia-560']/deviceAPI)" $tmp/gpu.xml)" vfio-pci
t_is "how many, exactly" "$(instances $pf nvidia-560) $(instances $pf nvidia-557)" "12 32"
t_ok "libvirt's schema takes it" xmllint --noout --relaxng $schema $tmp/gpu.xml

# --- create
touch $tmp/deny
t_err "create denied" "access denied.*said by the double" virsh nodedev-create $tmp/vgpu.xml
rm $tmp/deny
t_err "create on a read-only connection" "read only|read-only" virsh -r nodedev-create $tmp/vgpu.xml
mdev_xml $pf nvidia-99999 >$tmp/none.xml
t_err "no such type" "Unable to create a vGPU of type 'nvidia-99999' on $pf: .*99999" \
	virsh nodedev-create $tmp/none.xml
sed "s,<type,<attr name='nvidia/bogus' value='1'/><type," $tmp/vgpu.xml >$tmp/attr.xml
t_err "no such attribute" "no attribute 'nvidia/bogus'" virsh nodedev-create $tmp/attr.xml
sed "s,<type,<attr name='nvidia/vgpu_params' value='nonsense'/><type," $tmp/vgpu.xml >$tmp/attr.xml
t_err "an attribute that the driver refuses" "nvidia/vgpu_params: " virsh nodedev-create $tmp/attr.xml
t_is "nothing is left of all that" "$(cat $pci/*/nvidia/current_vgpu_type | sort -u)" 0
v=$(vf $pf 0)
sed "s,<type,<attr name='nvidia/vgpu_params' value='frame_rate_limiter=0'/><type," $tmp/vgpu.xml >$tmp/attr.xml
t_like "create" "$(virsh nodedev-create $tmp/attr.xml 2>&1)" "^Node device '?$(node $v)'? created"
t_is "the VF has the type" "$(cat $pci/$v/nvidia/current_vgpu_type)" 560
t_is "and the attribute" "$(cat $pci/$v/nvidia/vgpu_params)" frame_rate_limiter=0
t_is "one less" "$(instances $pf nvidia-560) $(instances $pf nvidia-557)" "11 0"
mdev_xml $pf nvidia-557 >$tmp/other.xml
t_err "another size: the driver's reason" "on $pf: .*vGPUs of 4 GiB exist on this GPU" virsh nodedev-create $tmp/other.xml
w=$(vf $pf 1)
t_like "a second one, on the next VF" "$(virsh nodedev-create $tmp/vgpu.xml 2>&1)" "$(node $w)"
t_ok "destroy it" virsh nodedev-destroy $(node $w)
t_is "it is gone" "$(cat $pci/$w/nvidia/current_vgpu_type)" 0

# --- a domain
out=$(domain_start b1 "$(hostdev_pci $v)" 2>&1)
if grep -q 'must be manually detached from the host' <<<"$out" && dpkg --compare-versions "$version" lt 9.7; then
	t_skip "a domain with it" "n/a: libvirt itself: $(head -2 <<<"$out" | tail -1)"
	# QEMU's place is taken by our own, for what follows
	$vfio_test hold $v --forever >$tmp/hold 2>&1 &
	hold=$!
	t_at_exit kill -9 $hold
	wait_for 20 grep -q opened $tmp/hold
else
	t_is "a domain with it" "$out" ""
	t_guest "the guest finds an A40-4Q (560)" b1 "$guest_identity_560"
	t_guest "it works" b1 "$guest_pass"
	qemu=$(pgrep -f '^/usr/bin/qemu-system' | head -1)
	t_ok "QEMU runs" test -n "$qemu"
	t_is "QEMU has not mapped the backend" "$(grep -c nodedev-backend /proc/$qemu/maps)" 0
	t_is "nor is it to preload it" "$(tr '\0' '\n' </proc/$qemu/environ | grep -c nodedev-backend)" 0
	hold=
fi
t_ok "libvirtd has" grep -q nodedev-backend /proc/$daemon/maps
t_err "destroy while it is open" "Unable to destroy '$(node $v)': device in use" \
	virsh nodedev-destroy $(node $v)
t_is "nothing happened to it" "$(cat $pci/$v/nvidia/current_vgpu_type)" 560
if [ -n "$hold" ]; then
	kill $hold
	wait $hold
	wait_for 20 grep -qx reserved $pci/$v/vgpu/state
else
	t_ok "stop" domain_stop b1
fi

# --- destroy
touch $tmp/deny
t_err "destroy denied" "access denied.*said by the double" virsh nodedev-destroy $(node $v)
rm $tmp/deny
t_is "nothing happened to it" "$(cat $pci/$v/nvidia/current_vgpu_type)" 560
t_ok "destroy" virsh nodedev-destroy $(node $v)
t_is "it is gone" "$(cat $pci/$v/nvidia/current_vgpu_type)" 0
t_is "all fit again" "$(instances $pf nvidia-560)" 12
t_err "a VF without vGPU is libvirt's to refuse" "[Uu]nsupported device type" \
	virsh nodedev-destroy $(node $v)

# --- what is no request of ours, or none at all
for x in '' '<' '<device/>' "<device><parent>$gpu</parent></device>" \
	"<!DOCTYPE d [<!ENTITY p '$gpu'>]><device><parent>&p;</parent><capability type='mdev'/></device>"; do
	echo "$x" >$tmp/bad.xml
	virsh nodedev-create $tmp/bad.xml >$tmp/bad.out 2>&1 && t_fail "bad XML is refused" "$x"
done
t_is "bad XML ends nothing" "$(pgrep -x libvirtd)" $daemon

# --- with an mdev parent, and without a driver, it is as if it were not there
t_ok "mdev face on" sh -c "modprobe openvgpu_mdev && echo 1 >$pci/$pf/vgpu/mdev || test 1 = \$(cat $pci/$pf/vgpu/mdev)"
t_is "types are there once" "$(virsh -q nodedev-dumpxml $gpu | grep -c mdev_types)" 1
u=$(uuid)
t_at_exit mdev_remove $u
mdev_xml $pf nvidia-560 $u >$tmp/mdev.xml
t_like "create makes an mdev" "$(virsh nodedev-create $tmp/mdev.xml 2>&1)" "mdev_${u//-/_}"
t_ok "destroy it" virsh nodedev-destroy mdev_${u//-/_}_${pf//[:.]/_}
t_ok "no driver" rmmod openvgpu_mdev openvgpu
t_is "no GPU" "$(virsh -q nodedev-list --cap mdev_types)" ""
t_ok "libvirt knows the rest" virsh -q nodedev-dumpxml $gpu
t_is "in the same daemon" "$(pgrep -x libvirtd)" $daemon
t_ok "the driver is back" modprobe -a openvgpu openvgpu_mdev
t_wait "and what udev does" 60 grep -qx 1 $pci/$pf/vgpu/mdev
udevadm settle
t_ok "libvirtd without anything" libvirtd_with
t_done
