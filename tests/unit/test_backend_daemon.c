// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The node-device backend preloaded into a small daemon (tests/unit/backend): what makes it
 * leave libvirt alone, one by one, and what it answers when all is as expected.
 */
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PCI		"/bus/pci/devices/"
#define GPU		"pci_0001_00_00_0"
#define REPLACED	"replaced: 1 2 3 8 10 11 12 13\n"
#define ALONE		"openvgpu: libvirt's node devices are left alone: "
#define XML(in)								\
	"\"<device><parent>" GPU "</parent><capability type='mdev'>"		\
	"<type id='nvidia-560'/>" in "</capability></device>\""

static char root[64], out[8192];

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *fmt, ...)
{
	char command[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	cr_assert_eq(system(command), 0, "%s", command);
}

/* What a shell that has $d, $m and $b for daemon, module and backend prints, to @out. */
static void run(const char *fmt, ...)
{
	char command[2048];
	va_list ap;
	size_t n;
	FILE *f;

	n = (size_t)snprintf(command, sizeof(command), "cd %s; m=" MODULE "; b=" BACKEND
			     "; export LD_LIBRARY_PATH=" LIBRARIES
			     " ASAN_OPTIONS=$ASAN_OPTIONS:verify_asan_link_order=0; exec 2>&1; ",
			     root);
	va_start(ap, fmt);
	vsnprintf(command + n, sizeof(command) - n, fmt, ap);
	va_end(ap);
	f = popen(command, "r");
	cr_assert(f);
	out[fread(out, 1, sizeof(out) - 1, f)] = '\0';
	cr_assert_eq(pclose(f), 0, "%s\n%s", command, out);
}

static void has(const char *text)
{
	cr_expect_neq(strstr(out, text), NULL, "no '%s' in:\n%s", text, out);
}

static void has_not(const char *text)
{
	cr_expect_null(strstr(out, text), "'%s' in:\n%s", text, out);
}

static const char *type_of(const char *vf)
{
	static char text[32];
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s" PCI "%s/nvidia/current_vgpu_type", root, vf);
	f = fopen(path, "r");
	cr_assert(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

/* The daemon under each of its names */
static void make(void)
{
	strcpy(root, "/tmp/openvgpu-test-XXXXXX");
	cr_assert(mkdtemp(root));
	shell("cd %s && cp " DAEMON " libvirtd && ln libvirtd virtnodedevd"
	      " && ln libvirtd qemu-system-x86_64", root);
}

/* and an A40: .4 behind an mdev, .5 with a type, .6 and .7 free. */
static void make_gpu(void)
{
	make();
	shell("%s/tests/cli/fake-sysfs %s a40", SOURCE_ROOT, root);
	shell("rm -r %s" PCI "0001:00:00.0/mdev_supported_types", root);
}

static void clean(void)
{
	if (*root)
		shell("rm -rf %s", root);
}

TestSuite(guards, .init = make, .fini = clean);
TestSuite(calls, .init = make_gpu, .fini = clean);

Test(guards, as_expected)
{
	run("LD_PRELOAD=$b ./libvirtd $m good");
	has("log: openvgpu: node devices of GPUs with VF files only\n");
	has(REPLACED);
	run("LD_PRELOAD=$b ./virtnodedevd $m good");
	has(REPLACED);
}

Test(guards, nothing_is_passed_on)
{
	run("LD_PRELOAD=$b ./libvirtd $m good");
	has("passed on: nothing\n");
	/* what it starts is QEMU */
	run("LD_PRELOAD=$b ./libvirtd $m good start x");
	has("started: 0 of the backend mapped\n");
	/* what others preload stays */
	run("LD_PRELOAD=\"libm.so.6 $b:libdl.so.2\" ./libvirtd $m good");
	has("passed on: libm.so.6:libdl.so.2\n");
	has(REPLACED);
	/* also when it does nothing else */
	run("LD_PRELOAD=$b FAKE_VERSION=99001002 ./libvirtd $m good");
	has("passed on: nothing\n");
}

Test(guards, another_program)
{
	run("LD_PRELOAD=$b ./qemu-system-x86_64 $m good");
	has("replaced:\n");
	has_not("log:");
}

/* By another name, or not by LD_PRELOAD at all: QEMU would be given it. */
Test(guards, not_taken_away)
{
	run("ln -s $b other.so; LD_PRELOAD=./other.so ./libvirtd $m good");
	has("passed on: ./other.so\n");
	has(ALONE "LD_PRELOAD of the service does not name nodedev-backend.so, so that every QEMU "
	    "would have it too\n");
	has("replaced:\n");
}

Test(guards, unknown_version)
{
	run("LD_PRELOAD=$b FAKE_VERSION=99001002 ./libvirtd $m good");
	has(ALONE "libvirt 99.1.2 is not one that it was tested with\n");
	has("replaced:\n");
}

/* The symbols are 11.3.0's: there is none of the version that it says it is. */
Test(guards, symbols_of_another_version)
{
	run("LD_PRELOAD=$b FAKE_VERSION=12008000 ./libvirtd $m good");
	has(ALONE "libvirt has no virReportErrorHelper\n");
	has("replaced:\n");
}

Test(guards, another_module)
{
	run("cp $m other.so; LD_PRELOAD=$b ./libvirtd ./other.so good");
	has(ALONE "the node-device driver is not in libvirt_driver_nodedev.so\n");
	has("replaced:\n");
	run("LD_PRELOAD=$b ./libvirtd $m elsewhere");
	has(ALONE "the node-device driver is not in libvirt_driver_nodedev.so\n");
	has("replaced:\n");
}

Test(guards, the_table)
{
	static const struct {
		const char *how, *why;
	} cases[] = {
		{ "another name", "the node-device driver has another name" },
		{ "a name outside", "the node-device driver has another name" },
		{ "another order", "nodeDeviceCreateXML is not where it should be in the driver's table" },
		{ "a function inside", "nodeDeviceGetXMLDesc is not where it should be in the driver's table" },
		{ "a function outside", "nodeDeviceGetXMLDesc is not where it should be in the driver's table" },
		{ "nothing", "nodeDeviceListCaps is not where it should be in the driver's table" },
		{ "read-only", "the driver's table is in memory that may not be written" },
		{ "half read-only", "the driver's table is in memory that may not be written" },
	};
	char want[256];
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		run("cp $m twin.so; LD_PRELOAD=$b FAKE_TWIN=./twin.so ./libvirtd $m '%s'", cases[i].how);
		snprintf(want, sizeof(want), ALONE "%s\n", cases[i].why);
		has(want);
		has("replaced:\n");
	}
}

Test(calls, looking)
{
	run("LD_PRELOAD=$b ./libvirtd $m good dumpxml " GPU " dumpxml pci_0000_00_1f_0 caps " GPU
	    " caps computer");
	has("<type id='nvidia-560'>");
	has("<name>pci_0000_00_1f_0</name>\n  <capability type='pci'>\n  </capability>");
	has("caps 2: pci mdev_types; of 1: 1\ncaps 1: pci; of 1: 1\n");
	has("live 0\n");
}

Test(calls, lists)
{
	run("LD_PRELOAD=$b ./libvirtd $m good list 0 list 0x2 list 0x2000 list 0x2002"
	    " names mdev_types names scsi");
	has("list 0:\nlist 2: pci_0000_00_1f_0 " GPU "\nlist 1: " GPU
	    "\nlist 2: pci_0000_00_1f_0 " GPU "\n");
	has("number 1\nname " GPU "\noriginal num_devices scsi 0\n");
	has("live 0\n");
	run("LD_PRELOAD=$b FAKE_DENY=1 ./libvirtd $m good list 0x2000 names mdev_types dumpxml " GPU);
	has("list -1:\ndenied: access denied\n");
	has("number -1\n");
	has("no XML\n");
	has("live 0\n");
}

Test(calls, create)
{
	run("LD_PRELOAD=$b ./libvirtd $m good create " XML("") " validate " XML("") " create " XML(""));
	has("created pci_0001_00_00_6\nvalidated\ncreated pci_0001_00_00_7\n");
	has("failed: Unable to create a vGPU of type 'nvidia-560' on 0001:00:00.0: none of its VFs is free\n");
	has_not("original");
	has("live 0\n");
	cr_expect_str_eq(type_of("0001:00:00.6"), "560");
	cr_expect_str_eq(type_of("0001:00:00.7"), "560");
}

Test(calls, create_denied)
{
	run("LD_PRELOAD=$b FAKE_DENY=1 ./libvirtd $m good create " XML(""));
	has("created nothing\ndenied: access denied\n");
	run("LD_PRELOAD=$b FAKE_HIDE=pci_0001_00_00_6 ./libvirtd $m good create " XML(""));
	has("created nothing\nno device: no node device pci_0001_00_00_6\n");
	has("live 0\n");
	cr_expect_str_eq(type_of("0001:00:00.6"), "0");
	cr_expect_str_eq(type_of("0001:00:00.7"), "0");
}

Test(calls, create_refused)
{
	shell("rm %s" PCI "0001:00:00.6/nvidia/current_vgpu_type", root);
	shell("cd %s" PCI "0001:00:00.7 && ln -sf /dev/full nvidia/vgpu_params"
	      " && echo 'a key is missing' >vgpu/last_error", root);
	run("LD_PRELOAD=$b ./libvirtd $m good create " XML("<attr name='nvidia/vgpu_params' value='x'/>")
	    " create " XML("<attr name='nvidia/bogus' value='x'/>"));
	has("created nothing\nfailed: Unable to create a vGPU of type 'nvidia-560' on 0001:00:00.0:"
	    " nvidia/vgpu_params: a key is missing\n");
	has("no attribute 'nvidia/bogus'\n");
	has("live 0\n");
}

Test(calls, not_ours)
{
	run("LD_PRELOAD=$b ./libvirtd $m good create '<device/>' create \"<device><parent>pci_0000_00_1f_0"
	    "</parent><capability type='mdev'><type id='nvidia-560'/></capability></device>\""
	    " destroy computer destroy pci_0001_00_00_6");
	has("original create 9 0\n");
	has("original create 110 0\n");
	has("original destroy computer\n");
	has("original destroy pci_0001_00_00_6\ndestroyed -1\nunsupported: Unsupported device type\n");
	has("live 0\n");
}

Test(calls, destroy)
{
	run("LD_PRELOAD=$b FAKE_DENY=1 ./libvirtd $m good destroy pci_0001_00_00_5");
	has("destroyed -1\ndenied: access denied\n");
	cr_expect_str_neq(type_of("0001:00:00.5"), "0");
	run("LD_PRELOAD=$b ./libvirtd $m good destroy pci_0001_00_00_5");
	has("destroyed 0\nlive 0\n");
	cr_expect_eq(type_of("0001:00:00.5")[0], '0');
}

/* No file may grow: the nearest to a driver that says no. */
Test(calls, destroy_refused)
{
	run("trap '' XFSZ; ulimit -f 0; LD_PRELOAD=$b ./libvirtd $m good destroy pci_0001_00_00_5");
	has("destroyed -1\nfailed: Unable to destroy 'pci_0001_00_00_5': "
	    "the driver says no more than: File too large\n");
	cr_expect_str_neq(type_of("0001:00:00.5"), "0");
}
