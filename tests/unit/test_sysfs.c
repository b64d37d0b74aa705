// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the library makes of sysfs: trees made by tests/cli/fake-sysfs. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/lib/openvgpu.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define UUID1 "11111111-2222-4333-8444-555555555555"
#define UUID2 "66666666-7777-4888-8999-aaaaaaaaaaaa"

static char root[64];
static struct openvgpu_host host;
static struct openvgpu_error err;

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

static void make(const char *scenario)
{
	strcpy(root, "/tmp/openvgpu-test-XXXXXX");
	cr_assert(mkdtemp(root));
	shell("%s/tests/cli/fake-sysfs %s %s", SOURCE_ROOT, root, scenario);
}

static void read_host(void)
{
	cr_assert_eq(openvgpu_host_read(&host, root, &err), 0, "%s", err.text);
}

static void clean(void)
{
	openvgpu_host_free(&host);
	if (*root)
		shell("rm -rf %s", root);
}

TestSuite(host, .fini = clean);

Test(host, no_gpu)
{
	make("empty");
	read_host();
	cr_expect_eq(host.n_gpus, 0u);
}

Test(host, no_sysfs)
{
	cr_expect_eq(openvgpu_host_read(&host, "/nonexistent", &err), -ENOENT);
	cr_expect_str_eq(err.text, "/nonexistent/bus/pci/devices: No such file or directory");
}

Test(host, no_pci)
{
	make("empty");
	shell("rm -r %s/bus/pci", root);
	read_host();
	cr_expect_eq(host.n_gpus, 0u);
}

Test(host, gpu)
{
	const struct openvgpu_gpu *g;

	make("a40");
	read_host();
	cr_assert_eq(host.n_gpus, 1u);
	g = openvgpu_gpu_by_address(&host, "0001:00:00.0");
	cr_assert(g);
	cr_expect_eq(g->device, 0x2235);
	cr_expect_eq(g->subdevice, 0x145a);
	cr_expect_str_eq(g->driver, "nvidia");
	cr_expect_eq(g->iommu_group, 7);
	cr_expect_eq(g->total_vfs, 32u);
	cr_expect_eq(g->num_vfs, 4u);
	cr_expect(g->managed);
	cr_expect_str_eq(g->status, "ready");
	cr_expect_str_eq(g->firmware, "570.144");
	cr_expect(g->mdev);
	cr_expect_eq(g->framebuffer, 46016 * OPENVGPU_MIB);
	cr_expect_eq(g->framebuffer_used, 8256 * OPENVGPU_MIB);
	cr_expect_str_eq(g->placement_mode, "equal");
	cr_expect_str_eq(g->last_error, "nvidia-557: the GPU holds vGPUs of another size");
}

Test(host, settings)
{
	const struct openvgpu_gpu *g;

	make("mig");
	read_host();
	cr_assert_eq(host.n_gpus, 1u);
	g = &host.gpus[0];
	cr_expect(g->mig);
	cr_expect_str_eq(g->scheduler, "fixed_share");
	cr_expect_eq(g->timeslice_us, 2000u);
	cr_expect(g->scheduler_pending);
	cr_assert_eq(g->n_gi_profiles, 3u);
	cr_expect_str_eq(g->gi_profiles[2].name, "1g.24gb+gfx");
	cr_expect_eq(g->gi_profiles[2].total, 4u);
	cr_expect_eq(g->gi_profiles[2].available, 1u);
	cr_assert_eq(g->n_gis, 2u);
	cr_expect_eq(g->gis[0].id, 2u);
	cr_expect_str_eq(g->gis[0].profile, "2g.48gb+gfx");
	cr_expect_eq(g->gis[0].start, 4u);
	cr_expect_eq(g->gis[0].framebuffer, 48640 * OPENVGPU_MIB);
	cr_expect_eq(g->gis[0].vgpus, 0u);
	cr_expect_eq(g->gis[1].vgpus, 1u);
}

/* A driver that is older than the tool. */
Test(host, no_settings)
{
	make("a40");
	shell("cd %s/bus/pci/devices/0001:00:00.0/vgpu && rm mig scheduler* gpu_instance*", root);
	read_host();
	cr_expect_not(host.gpus[0].mig);
	cr_expect_str_eq(host.gpus[0].scheduler, "");
	cr_expect_eq(host.gpus[0].timeslice_us, OPENVGPU_UNKNOWN);
	cr_expect_eq(host.gpus[0].n_gi_profiles, 0u);
	cr_expect_eq(host.gpus[0].n_gis, 0u);
}

/* The settings alone, which need no look at VFs and types. */
Test(host, gpus_alone)
{
	make("mixed");
	cr_assert_eq(openvgpu_gpus_read(&host, root, NULL, &err), 0, "%s", err.text);
	cr_assert_eq(host.n_gpus, 4u);
	cr_expect_str_eq(host.gpus[1].placement_mode, "equal");
	cr_expect_eq(host.gpus[1].num_vfs, 4u);
	cr_expect_eq(host.gpus[1].n_vfs, 0u);
	cr_expect_eq(host.gpus[1].n_offers, 0u);
	openvgpu_host_free(&host);
	cr_assert_eq(openvgpu_gpus_read(&host, root, "0001:00:00.0", &err), 0, "%s", err.text);
	cr_assert_eq(host.n_gpus, 1u);
	cr_expect_str_eq(host.gpus[0].address, "0001:00:00.0");
}

Test(host, vfs)
{
	const struct openvgpu_gpu *g = NULL;
	const struct openvgpu_vf *vf;

	make("a40");
	read_host();
	vf = openvgpu_vf_by_address(&host, "0001:00:00.4", &g);
	cr_assert(vf);
	cr_expect_eq(g, &host.gpus[0]);
	cr_expect_eq(g->n_vfs, 4u);
	cr_expect_eq(vf->index, 0u);
	cr_expect_str_eq(vf->driver, "nvidia");
	cr_expect_eq(vf->iommu_group, 8);
	cr_expect_eq(vf->owner, OPENVGPU_OWNER_MDEV);
	cr_expect_str_eq(vf->uuid, UUID1);
	cr_expect_eq(vf->type, 0u);
	cr_expect_str_eq(vf->state, "running");
	vf = openvgpu_vf_by_address(&host, "0001:00:00.5", NULL);
	cr_assert(vf);
	cr_expect_eq(vf->owner, OPENVGPU_OWNER_VF);
	cr_expect_eq(vf->type, 560u);
	cr_expect_str_eq(vf->uuid, "");
	cr_expect_eq(openvgpu_vf_by_address(&host, "0001:00:00.6", NULL)->owner,
		     OPENVGPU_OWNER_NONE);
	cr_expect_null(openvgpu_vf_by_address(&host, "0001:00:00.0", NULL));
}

Test(host, mdevs)
{
	const struct openvgpu_mdev *m;

	make("a40");
	read_host();
	cr_expect_eq(host.gpus[0].n_mdevs, 2u);
	m = openvgpu_mdev_by_uuid(&host, UUID1, NULL);
	cr_assert(m);
	cr_expect_eq(m->type, 560u);
	cr_expect_str_eq(m->type_id, "nvidia-560");
	cr_expect_str_eq(m->vf, "0001:00:00.4");
	cr_expect_str_eq(m->state, "running");
	cr_expect_eq(m->iommu_group, 8);
	m = openvgpu_mdev_by_uuid(&host, UUID2, NULL);
	cr_assert(m);
	cr_expect_str_eq(m->vf, "");
	cr_expect_str_eq(m->state, "dead");
	cr_expect_eq(m->iommu_group, -1);
}

Test(host, offers_of_an_mdev_parent)
{
	const struct openvgpu_offer *o;

	make("a40");
	read_host();
	cr_expect_eq(host.gpus[0].n_offers, 4u);
	o = openvgpu_offer_by_id(&host.gpus[0], 560);
	cr_assert(o);
	cr_expect_str_eq(o->name, "NVIDIA A40-4Q");
	cr_expect_eq(o->profile, 4 * OPENVGPU_GIB);
	cr_expect_eq(o->heads, 4u);
	cr_expect_eq(o->frl, 60u);
	cr_expect_eq(o->max_x, 7680u);
	cr_expect_eq(o->max_y, 4320u);
	cr_expect_eq(o->max_instance, 12u);
	cr_expect_eq(o->available, 9u);
	cr_expect(o->creatable);
	o = openvgpu_offer_by_id(&host.gpus[0], 557);
	cr_assert(o);
	cr_expect_eq(o->available, 0u);
	cr_expect_not(o->creatable);
	cr_expect_null(openvgpu_offer_by_id(&host.gpus[0], 566));
}

/* Only the VF face: ids and names of what is creatable, nothing is made up. */
Test(host, offers_without_a_parent)
{
	const struct openvgpu_offer *o;

	make("a40");
	shell("rm -r %s/bus/pci/devices/0001:00:00.0/mdev_supported_types", root);
	read_host();
	cr_expect_eq(host.gpus[0].n_offers, 2u);
	o = openvgpu_offer_by_id(&host.gpus[0], 560);
	cr_assert(o);
	cr_expect_str_eq(o->name, "NVIDIA A40-4Q");
	cr_expect_eq(o->available, OPENVGPU_UNKNOWN);
	cr_expect_eq(o->profile, OPENVGPU_UNKNOWN);
	cr_expect(o->creatable);
}

Test(host, order_and_foreign_devices)
{
	make("mixed");
	read_host();
	cr_assert_eq(host.n_gpus, 4u, "the network card and the VFs are no GPUs");
	cr_expect_str_eq(host.gpus[0].address, "0000:03:00.0");
	cr_expect_str_eq(host.gpus[1].address, "0001:00:00.0");
	cr_expect_str_eq(host.gpus[2].address, "0002:00:00.0");
	cr_expect_str_eq(host.gpus[3].address, "0003:00:00.0");
	cr_expect_not(host.gpus[0].managed);
	cr_expect_str_eq(host.gpus[0].driver, "");
	cr_expect_eq(host.gpus[0].total_vfs, 0u);
	cr_expect_eq(host.gpus[0].framebuffer, OPENVGPU_UNKNOWN);
	cr_expect(host.gpus[2].managed);
	cr_expect_str_eq(host.gpus[2].status, "no firmware in vGPU mode on this board");
	cr_expect_str_eq(host.gpus[3].driver, "nouveau");
	/* vGPUs belong to their own GPU only */
	cr_expect_eq(host.gpus[1].n_mdevs, 2u);
	cr_expect_eq(host.gpus[2].n_mdevs, 0u);
}

/* NULL: nothing there. "dir": a directory where a file should be. */
static void put(const char *path, const char *content)
{
	FILE *f;

	if (!content)
		return;
	if (!strcmp(content, "dir")) {
		cr_assert_eq(mkdir(path, 0755), 0);
		return;
	}
	f = fopen(path, "w");
	cr_assert(f);
	fputs(content, f);
	fclose(f);
}

/* Anything may go while it is read: each file in turn is missing, garbage, or endless. */
Test(host, nothing_can_be_relied_on)
{
	static const char *const files[] = {
		"device", "class", "driver", "iommu_group", "sriov_totalvfs", "sriov_numvfs",
		"vgpu/status", "vgpu/firmware", "vgpu/mdev", "vgpu/framebuffer",
		"vgpu/framebuffer_used", "vgpu/placement_mode", "vgpu/mig", "vgpu/scheduler",
		"vgpu/scheduler_timeslice_us", "vgpu/gpu_instances", "vgpu/gpu_instance_profiles",
		"vgpu/last_error", "virtfn0",
		"virtfn1/nvidia/current_vgpu_type", "virtfn1/nvidia/creatable_vgpu_types",
		"virtfn0/vgpu/owner", "virtfn0/vgpu/state", "virtfn0/driver", "virtfn0/iommu_group",
		"mdev_supported_types/nvidia-560/name",
		"mdev_supported_types/nvidia-560/available_instances",
		"mdev_supported_types/nvidia-560/description", UUID1 "/mdev_type",
		UUID1 "/vgpu/vf", UUID1 "/vgpu/state",
	};
	static const char *const contents[] = {
		NULL, "dir", "", "\n", "-1", "99999999999999999999999", "0x", "560 : ", ": : :",
		"nvidia-nvidia-", "\033[2J\377",
		"num_heads=4, frl_config=60, framebuffer=99999999999999999999M",
		"1g.5gb total=1 available=\n1 1g.5gb start=9999999999 framebuffer=1 vgpus=1\n",
		"1 1g.5gb5gb5gb5gb5gb5gb5gb5gb5gb5gb5gb5gb start=0 framebuffer=1 vgpus=1\n",
	};
	char saved[128];
	size_t f, c;

	make("a40");
	snprintf(saved, sizeof(saved), "%s/saved", root);
	for (f = 0; f < ARRAY_SIZE(files); f++)
		for (c = 0; c < ARRAY_SIZE(contents); c++) {
			char path[256];

			snprintf(path, sizeof(path), "%s/bus/pci/devices/0001:00:00.0/%s", root,
				 files[f]);
			cr_assert_eq(rename(path, saved), 0, "%s", path);
			put(path, contents[c]);
			cr_expect_eq(openvgpu_host_read(&host, root, &err), 0, "%s '%s': %s",
				     files[f], contents[c] ? contents[c] : "", err.text);
			openvgpu_host_free(&host);
			remove(path);
			cr_assert_eq(rename(saved, path), 0, "%s", path);
		}
	read_host();
	cr_expect_eq(host.gpus[0].n_offers, 4u, "the tree is whole again");
}

Test(host, unprintable_text_is_masked)
{
	make("a40");
	shell("printf 'ready\\033[2J\\n' >%s/bus/pci/devices/0001:00:00.0/vgpu/status", root);
	read_host();
	cr_expect_str_eq(host.gpus[0].status, "ready?[2J");
}

static void address(const char *text, const char *want)
{
	char out[OPENVGPU_ADDRESS_MAX] = "none";

	cr_expect_eq(openvgpu_pci_address(text, out), want != NULL, "%s", text);
	if (want)
		cr_expect_str_eq(out, want);
}

Test(names, pci_addresses)
{
	address("0001:3b:00.4", "0001:3b:00.4");
	address("1:3B:0.4", "0001:3b:00.4");
	address("3b:1f.7", "0000:3b:1f.7");
	address("10000:3b:00.4", "10000:3b:00.4");
	address("pci_0001_3b_00_4", "0001:3b:00.4");
	address("", NULL);
	address("3b:00", NULL);
	address("3b:20.0", NULL);
	address("3b:00.8", NULL);
	address("0001:3b:00.4x", NULL);
	address("0001:3b:00.44", NULL);
	address(" 0001:3b:00.4", NULL);
	address("pci_0001", NULL);
	address("pci_", NULL);
	address("-1:3b:00.4", NULL);
	address("0001:3b:00.4:0001:3b:00.4:0001:3b:00.4", NULL);
	address("fffffffff:3b:00.4", NULL);
}

static void uuid(const char *text, const char *want)
{
	char out[OPENVGPU_UUID_MAX] = "none";

	cr_expect_eq(openvgpu_uuid(text, out), want != NULL, "%s", text);
	cr_expect_str_eq(out, want ? want : "");
}

Test(names, uuids)
{
	uuid(UUID1, UUID1);
	uuid("66666666-7777-4888-8999-AAAAAAAAAAAA", UUID2);
	uuid("mdev_66666666_7777_4888_8999_aaaaaaaaaaaa_0001_00_00_0", UUID2);
	uuid("mdev_66666666_7777_4888_8999_aaaaaaaaaaaa", UUID2);
	uuid("", NULL);
	uuid("mdev_", NULL);
	uuid(UUID1 "0", NULL);
	uuid("11111111-2222-4333-8444-55555555555", NULL);
	uuid("11111111_2222_4333_8444_555555555555", NULL);
	uuid("mdev_66666666-7777-4888-8999-aaaaaaaaaaaa", NULL);
	uuid("1111111g-2222-4333-8444-555555555555", NULL);
}
