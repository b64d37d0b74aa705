#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the node-device backend leaves alone, whom it asks, and what it survives.
. ./lib.sh
. ./backend.sh

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

# --- an unknown libvirt is left alone
echo 99001002 >$tmp/version
t_ok "libvirtd of a version that nobody knows" libvirtd_with $so $tmp/double.so
t_said 'left alone: libvirt 99.1.2 is not one that it was tested with'
t_is "no mdev types" "$(virsh -q nodedev-list --cap mdev_types)" ""
t_unlike "none in the XML either" "$(virsh -q nodedev-dumpxml $gpu)" mdev_types
t_err "it creates nothing" "mediated device|mdev" virsh nodedev-create $tmp/vgpu.xml
rm $tmp/version

# --- nor is one whose QEMU would get it too
echo $so >/etc/ld.so.preload
t_at_exit rm -f /etc/ld.so.preload
t_ok "libvirtd with /etc/ld.so.preload" libvirtd_with
t_ok "it is mapped" grep -q nodedev-backend /proc/$(pgrep -x libvirtd)/maps
t_said 'left alone: LD_PRELOAD of the service does not name nodedev-backend.so'
t_is "no mdev types" "$(virsh -q nodedev-list --cap mdev_types)" ""
rm /etc/ld.so.preload

# --- who may
t_ok "libvirtd $version with the backend" libvirtd_with $so $tmp/double.so
daemon=$(pgrep -x libvirtd)
v=$(vf $pf 0)
touch $tmp/deny
t_err "create denied" "access denied.*said by the double" virsh nodedev-create $tmp/vgpu.xml
rm $tmp/deny
sed "s,<type,<attr name='nvidia/bogus' value='1'/><type," $tmp/vgpu.xml >$tmp/attr.xml
t_err "no such attribute" "no attribute 'nvidia/bogus'" virsh nodedev-create $tmp/attr.xml
sed "s,<type,<attr name='nvidia/vgpu_params' value='nonsense'/><type," $tmp/vgpu.xml >$tmp/attr.xml
t_err "an attribute that the driver refuses" "nvidia/vgpu_params: " virsh nodedev-create $tmp/attr.xml
t_is "nothing is left of all that" "$(cat $pci/*/nvidia/current_vgpu_type | sort -u)" 0
t_like "create" "$(virsh nodedev-create $tmp/vgpu.xml 2>&1)" "^Node device '?$(node $v)'? created"
touch $tmp/deny
t_err "destroy denied" "access denied.*said by the double" virsh nodedev-destroy $(node $v)
rm $tmp/deny
t_is "nothing happened to it" "$(cat $pci/$v/nvidia/current_vgpu_type)" 560
t_ok "destroy" virsh nodedev-destroy $(node $v)

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
