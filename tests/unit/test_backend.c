// SPDX-License-Identifier: LGPL-2.1-or-later
/* The node-device backend without libvirt: trees made by tests/cli/fake-sysfs. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/parser.h>

#include "nodedev-plugin/backend/backend.h"

#define PF "0001:00:00.0"

static char root[64];
static struct ovb_request request;

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void shell(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	cr_assert_eq(system(command), 0, "%s", command);
}

/* An A40: the first VF behind an mdev, the second with a type, two free; no mdev parent. */
static void make(void)
{
	strcpy(root, "/tmp/openvgpu-test-XXXXXX");
	cr_assert(mkdtemp(root));
	shell("%s/tests/cli/fake-sysfs %s a40", SOURCE_ROOT, root);
	shell("rm -r %s/bus/pci/devices/" PF "/mdev_supported_types", root);
}

static void clean(void)
{
	if (*root)
		shell("rm -rf %s", root);
}

static char *content(const char *device, const char *file)
{
	static char text[256];
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/bus/pci/devices/%s/%s", root, device, file);
	f = fopen(path, "r");
	cr_assert(f, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

Test(backend_names, node_names)
{
	static const char *const bad[] = {
		"", "pci_", "pci_0001_00_00", "pci_0001_00_00_0x", "pci_0001_00_20_0",
		"pci_0001_00_00_8", "pci_1_00_00_0", "pci_00001_00_00_0", "pci_0001:00:00.0",
		"pci_0001_00_00_0 ", "pci_ 001_00_00_0", "pci_-001_00_00_0", "pci_0001_0G_00_0",
		"computer", "pci_../../etc/x_0", "pci_0001_00_1A_0", "pci_0x01_00_00_0",
		"pci_0001_00_00_00000000000000000000000000000000000000",
	};
	char address[OVB_ADDRESS], node[OVB_ADDRESS + 4];
	size_t i;

	cr_assert(ovb_address("pci_0001_00_1a_7", address));
	cr_expect_str_eq(address, "0001:00:1a.7");
	ovb_node(address, node);
	cr_expect_str_eq(node, "pci_0001_00_1a_7");
	cr_assert(ovb_address("pci_10000_e1_00_0", address));
	cr_expect_str_eq(address, "10000:e1:00.0");
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(ovb_address(bad[i], address), "%s", bad[i]);
}

Test(backend_names, type_ids)
{
	static const char *const bad[] = {
		"", "nvidia-", "nvidia-0", "nvidia-05", "nvidia-5x", "nvidia--5", "igb-5",
		"nvidia-4294967296", "nvidia- 5", "nvidia-99999999999999999999999",
	};
	unsigned int id;
	size_t i;

	cr_assert(ovb_type_id("nvidia-560", &id));
	cr_expect_eq(id, 560u);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(ovb_type_id(bad[i], &id), "%s", bad[i]);
}

#define DEVICE(in)								\
	"<device><parent>pci_0001_00_00_0</parent><capability type='mdev'>"	\
	"<type id='nvidia-560'/>" in "</capability></device>"

Test(backend_xml, plain)
{
	cr_assert(ovb_parse("<device>\n <name>x</name>\n <parent>pci_0001_00_00_0</parent>\n"
			    " <capability type='mdev'>\n  <type id='nvidia-560'/>\n"
			    "  <uuid>c1f4a1c2-4ab3-4d68-9b2e-0e7c8a3f5d10</uuid>\n"
			    " </capability>\n</device>\n", &request));
	cr_expect_str_eq(request.parent, PF);
	cr_expect_str_eq(request.type, "nvidia-560");
	cr_expect_eq(request.n_attrs, 0u);
	cr_expect_str_eq(request.why, "");
}

Test(backend_xml, attributes)
{
	cr_assert(ovb_parse(DEVICE("<attr name='nvidia/vgpu_params' value='a=1'/>"
				   "<attr name='nvidia/placement_id' value='8'/>"), &request));
	cr_expect_str_eq(request.why, "");
	cr_assert_eq(request.n_attrs, 2u);
	cr_expect_str_eq(request.attrs[0].name, "nvidia/vgpu_params");
	cr_expect_str_eq(request.attrs[1].value, "8");
	cr_assert(ovb_parse(DEVICE("<attr name='../remove' value='1'/>"), &request));
	cr_expect_neq(strstr(request.why, "no attribute '../remove'"), NULL, "%s", request.why);
	cr_assert(ovb_parse(DEVICE("<attr name='nvidia/current_vgpu_type' value='1'/>"), &request));
	cr_expect_neq(request.why[0], '\0');
	cr_assert(ovb_parse(DEVICE("<attr name='nvidia/vgpu_params'/>"), &request));
	cr_expect_neq(request.why[0], '\0');
	cr_assert(ovb_parse(DEVICE("<attr name='nvidia/vgpu_params' value='a&#10;b'/>"), &request));
	cr_expect_neq(request.why[0], '\0');
}

/* Left to libvirt, and to its texts. */
Test(backend_xml, not_ours)
{
	static const char *const xmls[] = {
		"", "<", "device", "<device/>", "<device xmlns='urn:x'/>",
		"<device><parent>pci_0001_00_00_0</parent></device>",
		"<device><parent>scsi_host1</parent><capability type='scsi_host'/></device>",
		"<device><parent>computer</parent><capability type='mdev'><type id='nvidia-560'/></capability></device>",
		"<device><capability type='mdev'><type id='nvidia-560'/></capability></device>",
		"<device><parent>pci_0001_00_00_0</parent><capability type='mdev'/></device>",
		"<!DOCTYPE device [<!ENTITY p 'pci_0001_00_00_0'>]><device><parent>&p;</parent>"
		"<capability type='mdev'><type id='nvidia-560'/></capability></device>",
	};
	char *big = malloc(OVB_XML_MAX + 2), *start = big;
	size_t i;

	for (i = 0; i < sizeof(xmls) / sizeof(xmls[0]); i++)
		cr_expect_not(ovb_parse(xmls[i], &request), "%s", xmls[i]);
	cr_assert(big);
	memset(big, ' ', OVB_XML_MAX + 1);
	big[OVB_XML_MAX + 1] = '\0';
	memcpy(start, DEVICE(""), strlen(DEVICE("")));
	cr_expect_not(ovb_parse(big, &request));
	big[OVB_XML_MAX] = '\0';
	cr_expect(ovb_parse(big, &request));
	free(big);
}

Test(backend_xml, types_are_put_in)
{
	static const struct ovb_type types[] = {
		{ 557, "NVIDIA A40-1Q", 0 }, { 560, "NVIDIA <A40-4Q>", 12 },
	};
	static const char before[] =
		"<device>\n  <name>pci_0001_00_00_0</name>\n  <capability type='pci'>\n"
		"    <capability type='virt_functions' maxCount='32'/>\n";
	static const char behind[] =
		"    <iommuGroup number='7'>\n    </iommuGroup>\n    <numa node='0'/>\n"
		"  </capability>\n</device>\n";
	char xml[1024], want[2048], *got;

	snprintf(xml, sizeof(xml), "%s%s", before, behind);
	snprintf(want, sizeof(want), "%s"
		 "    <capability type='mdev_types'>\n"
		 "      <type id='nvidia-557'>\n        <name>NVIDIA A40-1Q</name>\n"
		 "        <deviceAPI>vfio-pci</deviceAPI>\n"
		 "        <availableInstances>0</availableInstances>\n      </type>\n"
		 "      <type id='nvidia-560'>\n        <name>NVIDIA ?A40-4Q?</name>\n"
		 "        <deviceAPI>vfio-pci</deviceAPI>\n"
		 "        <availableInstances>12</availableInstances>\n      </type>\n"
		 "    </capability>\n%s", before, behind);
	got = ovb_add_types(xml, types, 2);
	cr_assert(got);
	cr_expect_str_eq(got, want);
	/* not twice, and not into what does not look like a device */
	cr_expect_null(ovb_add_types(got, types, 2));
	free(got);
	cr_expect_null(ovb_add_types("<device/>\n", types, 2));
	got = ovb_add_types("<device>\n  <capability type='pci'>\n  </capability>\n</device>\n", types, 1);
	cr_assert(got);
	cr_expect_neq(strstr(got, "  <capability type='pci'>\n    <capability type='mdev_types'>"), NULL);
	free(got);
}

TestSuite(backend_vf, .init = make, .fini = clean);

Test(backend_vf, which_gpus)
{
	cr_expect(ovb_is_gpu(root, PF));
	cr_expect_not(ovb_is_gpu(root, "0001:00:00.4"));
	cr_expect_not(ovb_is_gpu(root, "0009:00:00.0"));
	/* the first VF on another driver */
	shell("rm -r %s/bus/pci/devices/0001:00:00.4/nvidia", root);
	cr_expect(ovb_is_gpu(root, PF));
	shell("rm -r %s/bus/pci/devices/0001:00:00.[567]/nvidia", root);
	cr_expect_not(ovb_is_gpu(root, PF));
}

Test(backend_vf, mdev_parents_are_left_alone)
{
	shell("mkdir %s/bus/pci/devices/" PF "/mdev_supported_types", root);
	cr_expect_not(ovb_is_gpu(root, PF));
	cr_expect_not(ovb_is_vgpu(root, "0001:00:00.5"));
}

Test(backend_vf, which_vgpus)
{
	cr_expect(ovb_is_vgpu(root, "0001:00:00.5"));
	cr_expect_not(ovb_is_vgpu(root, "0001:00:00.4"));
	cr_expect_not(ovb_is_vgpu(root, "0001:00:00.6"));
	cr_expect_not(ovb_is_vgpu(root, PF));
}

Test(backend_vf, types)
{
	struct ovb_type *types;
	size_t n;

	cr_assert_eq(ovb_types(root, PF, &types, &n), 0);
	cr_assert_eq(n, 2u);
	cr_expect_eq(types[0].id, 560u);
	cr_expect_str_eq(types[0].name, "NVIDIA A40-4Q");
	cr_expect_eq(types[0].available, 2u);
	cr_expect_eq(types[1].id, 570u);
	free(types);
	/* on one VF only, and lines that are none */
	shell("printf 'ID    : vGPU Name\\n\\n12x : y\\n0 : z\\n99 :\\n555   : NVIDIA A40-1B\\n560 : NVIDIA A40-4Q'"
	      " >%s/bus/pci/devices/0001:00:00.7/nvidia/creatable_vgpu_types", root);
	cr_assert_eq(ovb_types(root, PF, &types, &n), 0);
	cr_assert_eq(n, 3u);
	cr_expect_eq(types[0].id, 555u);
	cr_expect_eq(types[0].available, 1u);
	cr_expect_eq(types[1].available, 2u);
	cr_expect_eq(types[2].available, 1u);
	free(types);
}

Test(backend_vf, chooses)
{
	char vfs[OVB_VFS_MAX][OVB_ADDRESS];

	cr_assert_eq(ovb_free_vfs(root, PF, 560, vfs, OVB_VFS_MAX), 2u);
	cr_expect_str_eq(vfs[0], "0001:00:00.6");
	cr_expect_str_eq(vfs[1], "0001:00:00.7");
	cr_expect_eq(ovb_free_vfs(root, PF, 560, vfs, 1), 1u);
	/* one that does not offer it is left out */
	shell("echo 'ID    : vGPU Name' >%s/bus/pci/devices/0001:00:00.6/nvidia/creatable_vgpu_types",
	      root);
	cr_assert_eq(ovb_free_vfs(root, PF, 560, vfs, OVB_VFS_MAX), 1u);
	cr_expect_str_eq(vfs[0], "0001:00:00.7");
	/* unless all are so: then the driver is to say why */
	cr_assert_eq(ovb_free_vfs(root, PF, 555, vfs, OVB_VFS_MAX), 1u);
	cr_expect_str_eq(vfs[0], "0001:00:00.6");
	shell("for n in 6 7; do echo 565 >%s/bus/pci/devices/0001:00:00.$n/nvidia/current_vgpu_type; done",
	      root);
	cr_expect_eq(ovb_free_vfs(root, PF, 560, vfs, OVB_VFS_MAX), 0u);
	shell("for n in 6 7; do echo 0 >%s/bus/pci/devices/0001:00:00.$n/nvidia/current_vgpu_type; done",
	      root);
	/* a driver that knows no owners */
	shell("rm -r %s/bus/pci/devices/0001:00:00.[67]/vgpu", root);
	cr_expect_eq(ovb_free_vfs(root, PF, 560, vfs, OVB_VFS_MAX), 1u);
}

Test(backend_vf, sets_and_clears)
{
	char why[OVB_TEXT];

	memset(&request, 0, sizeof(request));
	shell("touch %s/bus/pci/devices/0001:00:00.6/nvidia/vgpu_params", root);
	strcpy(request.attrs[0].name, "nvidia/vgpu_params");
	strcpy(request.attrs[0].value, "a=1");
	request.n_attrs = 1;
	cr_assert_eq(ovb_set(root, "0001:00:00.6", 560, &request, why), 0, "%s", why);
	cr_expect_str_eq(content("0001:00:00.6", "nvidia/current_vgpu_type"), "560");
	cr_expect_str_eq(content("0001:00:00.6", "nvidia/vgpu_params"), "a=1");
	cr_expect(ovb_is_vgpu(root, "0001:00:00.6"));
	/* never over somebody else's */
	cr_expect_eq(ovb_set(root, "0001:00:00.6", 570, &request, why), -EBUSY);
	cr_expect_eq(atoi(content("0001:00:00.6", "nvidia/current_vgpu_type")), 560);
}

Test(backend_vf, attribute_refused)
{
	char why[OVB_TEXT];

	memset(&request, 0, sizeof(request));
	shell("ln -s /dev/full %s/bus/pci/devices/0001:00:00.6/nvidia/vgpu_params", root);
	shell("echo 'a key is missing' >%s/bus/pci/devices/0001:00:00.6/vgpu/last_error", root);
	strcpy(request.attrs[0].name, "nvidia/vgpu_params");
	strcpy(request.attrs[0].value, "x");
	request.n_attrs = 1;
	cr_expect_eq(ovb_set(root, "0001:00:00.6", 560, &request, why), -ENOSPC);
	cr_expect_str_eq(why, "nvidia/vgpu_params: a key is missing");
	/* a file keeps what is behind the write, unlike sysfs */
	cr_expect_eq(content("0001:00:00.6", "nvidia/current_vgpu_type")[0], '0');
}

Test(backend_vf, refusals)
{
	char why[OVB_TEXT];

	shell("cd %s/bus/pci/devices/0001:00:00.5/nvidia && ln -sf /dev/full current_vgpu_type", root);
	cr_expect_eq(ovb_clear(root, "0001:00:00.5", why), -ENOSPC);
	cr_expect_str_eq(why, "the driver says no more than: No space left on device");
	shell("printf 'it is \\001 open\\nmore' >%s/bus/pci/devices/0001:00:00.5/vgpu/last_error", root);
	cr_expect_eq(ovb_clear(root, "0001:00:00.5", why), -ENOSPC);
	cr_expect_str_eq(why, "it is ? open");
	/* what it said of another request is no reason of this one */
	shell("cd %s/bus/pci/devices/0001:00:00.5/nvidia && rm current_vgpu_type", root);
	cr_expect_eq(ovb_clear(root, "0001:00:00.5", why), -ENOENT);
	cr_expect_str_eq(why, "its file nvidia/current_vgpu_type cannot be opened: "
			 "No such file or directory");
	cr_expect_eq(ovb_clear(root, "0009:00:00.5", why), -ENOENT);
}

/* Links that lead to no PCI device, or that are cut off where they are read. */
Test(backend_vf, links)
{
	static const char *const bad[] = { "..", "0001:00:00.0.0.0.0.0.0", "0001:00:00.G", "0" };
	size_t i;

	cr_assert(ovb_is_vgpu(root, "0001:00:00.5"));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		shell("cd %s/bus/pci/devices/0001:00:00.5 && ln -sfn ../%s physfn", root, bad[i]);
		cr_expect_not(ovb_is_vgpu(root, "0001:00:00.5"), "%s", bad[i]);
	}
	shell("cd %s/bus/pci/devices/0001:00:00.5 && ln -sfn \"$(printf '%%0499d/" PF "9' 0)\" physfn",
	      root);
	cr_expect_not(ovb_is_vgpu(root, "0001:00:00.5"));
}

/* No such driver, or no such GPU: never a number that is not one. */
Test(backend_vf, netlink_without_gpu)
{
	struct ovb_type *types;
	size_t n;

	cr_expect_lt(ovb_netlink_types("ffff:00:00.0", &types, &n), 0);
	cr_expect_null(types);
	cr_expect_eq(n, 0u);
}
