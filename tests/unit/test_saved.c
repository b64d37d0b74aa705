// SPDX-License-Identifier: LGPL-2.1-or-later
/* The settings file, and what a restore writes. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/lib/openvgpu.h"

#define PF "bus/pci/devices/0001:00:00.0"

static char root[64], file[96], said[1024];
static struct openvgpu_settings settings;
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
	snprintf(file, sizeof(file), "%s/etc/settings.json", root);
	shell("%s/tests/cli/fake-sysfs %s %s", SOURCE_ROOT, root, scenario);
}

static const struct openvgpu_gpu *look(void)
{
	openvgpu_host_free(&host);
	cr_assert_eq(openvgpu_gpus_read(&host, root, NULL, &err), 0, "%s", err.text);
	cr_assert_eq(host.n_gpus, 1u);
	return &host.gpus[0];
}

static void clean(void)
{
	openvgpu_settings_free(&settings);
	openvgpu_host_free(&host);
	if (*root)
		shell("rm -rf %s", root);
}

static void tell(void *ctx, const char *text)
{
	(void)ctx;
	cr_assert_lt(strlen(said) + strlen(text) + 2, sizeof(said));
	strcat(said, text);
	strcat(said, "\n");
}

static int restore(void)
{
	*said = '\0';
	return openvgpu_settings_restore(root, look(),
					 openvgpu_settings_find(&settings, "0001:00:00.0"), tell,
					 NULL);
}

static void expect(const char *name, const char *want)
{
	char path[256], text[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "%s/" PF "/%s", root, name);
	f = fopen(path, "r");
	cr_assert(f, "%s", path);
	if (!fgets(text, sizeof(text), f))
		*text = '\0';
	fclose(f);
	text[strcspn(text, "\n")] = '\0';
	cr_expect_str_eq(text, want, "%s is '%s', not '%s'", name, text, want);
}

static void put(const char *name, const char *text)
{
	shell("echo '%s' >%s/" PF "/%s", text, root, name);
}

TestSuite(saved, .fini = clean);

Test(saved, there_and_back)
{
	const struct openvgpu_saved_gpu *g;
	struct stat st;

	make("mig");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	cr_assert_eq(openvgpu_settings_write(&settings, file, &err), 0, "%s", err.text);
	openvgpu_settings_free(&settings);
	cr_assert_eq(stat(file, &st), 0);
	cr_expect_eq(st.st_mode & 0777, 0644u);
	cr_assert_eq(openvgpu_settings_load(&settings, file, &err), 0, "%s", err.text);
	cr_assert_eq(settings.n_gpus, 1u);
	g = openvgpu_settings_find(&settings, "0001:00:00.0");
	cr_assert(g);
	cr_expect_eq(g->device, 0x2bb5);
	cr_expect_eq(g->num_vfs, 1u);
	cr_expect_str_eq(g->placement_mode, "equal");
	cr_expect_str_eq(g->scheduler, "fixed_share");
	cr_expect_eq(g->timeslice_us, 2000u);
	cr_expect_eq(g->mig, 1);
	cr_assert_eq(g->n_gis, 2u);
	cr_expect_str_eq(g->gis[0].profile, "2g.48gb+gfx");
	cr_expect_eq(g->gis[0].start, 4u);
	cr_expect_eq(g->gis[1].start, 0u);
}

/* The second time takes the place of the first. */
Test(saved, taken_twice)
{
	make("mig");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	cr_expect_eq(settings.n_gpus, 1u);
	cr_expect_eq(settings.gpus[0].n_gis, 2u);
}

/* What is there already is not written again: the wrong value would show. */
Test(saved, nothing_to_do)
{
	make("mig");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	cr_expect_eq(restore(), 0, "%s", said);
	cr_expect_str_eq(said, "");
	expect("vgpu/gpu_instance_create", "");
	expect("vgpu/gpu_instance_destroy", "");
}

Test(saved, mixed_and_scheduler)
{
	make("fresh");
	put("vgpu/placement_mode", "mixed");
	put("vgpu/scheduler", "equal_share");
	put("vgpu/scheduler_timeslice_us", "3000");
	put("sriov_numvfs", "7");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	put("vgpu/placement_mode", "equal");
	put("vgpu/scheduler", "best_effort");
	put("vgpu/scheduler_timeslice_us", "0");
	put("sriov_numvfs", "0");
	cr_expect_eq(restore(), 0, "%s", said);
	expect("vgpu/placement_mode", "mixed");
	expect("vgpu/scheduler", "equal_share");
	expect("vgpu/scheduler_timeslice_us", "3000");
	expect("sriov_numvfs", "7");
	/* the rule that called does that */
	expect("vgpu/mdev", "0");
}

/* Mixed sizes would keep MIG off. */
Test(saved, mig_on)
{
	make("fresh");
	put("vgpu/mig", "1");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	put("vgpu/mig", "0");
	put("vgpu/placement_mode", "mixed");
	cr_expect_eq(restore(), 0, "%s", said);
	expect("vgpu/mig", "1");
	expect("vgpu/placement_mode", "equal");
}

/* Instances that were not saved go, since nothing keeps them; then MIG. */
Test(saved, mig_off)
{
	make("mig");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	settings.gpus[0].mig = 0;
	settings.gpus[0].n_gis = 0;
	cr_expect_eq(restore(), 0, "%s", said);
	expect("vgpu/gpu_instance_destroy", "3");
	expect("vgpu/mig", "0");
}

Test(saved, instance_of_another_kind)
{
	make("mig");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	strcpy(settings.gpus[0].gis[0].profile, "1g.24gb+gfx");
	/* files that stand still make no instance */
	cr_expect_eq(restore(), -EIO);
	expect("vgpu/gpu_instance_destroy", "2");
	expect("vgpu/gpu_instance_create", "1g.24gb+gfx");
	cr_expect(strstr(said, "no GPU instance 1g.24gb+gfx at 4"), "%s", said);
}

/* VFs that were on with a parent come back with it. */
Test(saved, other_number_of_vfs)
{
	make("a40");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	settings.gpus[0].num_vfs = 16;
	cr_expect_eq(restore(), 0, "%s", said);
	expect("sriov_numvfs", "16");
	expect("vgpu/mdev", "1");
}

Test(saved, what_goes_wrong_keeps_nothing_else)
{
	make("refusing");
	cr_assert_eq(openvgpu_settings_take(&settings, look(), &err), 0);
	strcpy(settings.gpus[0].scheduler, "equal_share");
	settings.gpus[0].num_vfs = 48;
	cr_expect_eq(restore(), -ENOSPC);
	cr_expect_str_eq(said, "0001:00:00.0: scheduler equal_share: the reason of the driver\n");
	expect("sriov_numvfs", "48");
}

Test(saved, without_settings)
{
	make("fresh");
	cr_expect_eq(restore(), 0, "%s", said);
	expect("sriov_numvfs", "32");
	put("sriov_numvfs", "5");
	cr_expect_eq(restore(), 0, "%s", said);
	expect("sriov_numvfs", "5");
}

Test(saved, not_ready)
{
	make("fresh");
	put("vgpu/status", "firmware is gone");
	cr_expect_eq(restore(), -ENODEV);
	cr_expect_str_eq(said, "0001:00:00.0: firmware is gone\n");
	expect("sriov_numvfs", "0");
}

Test(saved, no_file)
{
	cr_expect_eq(openvgpu_settings_load(&settings, "/nonexistent", &err), -ENOENT);
	cr_expect_str_eq(err.text, "/nonexistent: No such file or directory");
}
