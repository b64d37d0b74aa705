// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel modules must survive, without libvirt: the list, its runner, and
 * what the scenarios share. Each starts with the PF up (VFs on, mdev parent
 * registered, nothing reserved) and leaves it so. The levels of the debugfs
 * counters must be back afterwards.
 */
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>

/* A handle that exists; false when it could not be made. */
bool make(const struct ctx *c, char uuid[37], char vf[32])
{
	int err;

	make_uuid(uuid);
	err = mdev_create(c->pf, c->type, uuid);
	if (!CHECK(err == 0, "create: %s", errname(err)))
		return false;
	err = sysfs_read(vf, 32, "/sys/bus/mdev/devices/%s/vgpu/vf", uuid);
	return CHECK(err == 0 && vf[0], "vgpu/vf of the handle: %s", errname(err));
}

void drop(const char *uuid)
{
	int err = mdev_remove(uuid);

	CHECK(err == 0, "remove: %s", errname(err));
	CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "%s is still there", uuid);
}

void expect_text(const char *want, const char *dir, const char *name)
{
	char buf[256];
	int err = sysfs_read(buf, sizeof(buf), "%s/%s", dir, name);

	CHECK(err == 0 && !strcmp(buf, want), "%s/%s reads '%s' (%s), not '%s'", dir, name, buf,
	      errname(err), want);
}

void expect_instances(const struct ctx *c, long want)
{
	long n = mdev_available(c->pf, c->type);

	CHECK(n == want, "%ld instances of %s, not %ld", n, c->type, want);
}

void use_once(const char *where)
{
	struct dev_spec spec = { .where = where };
	const char *stage;
	struct dev d;
	int err = dev_open(&d, &spec, &stage);

	if (!CHECK(err == 0, "open %s: %s at %s", where, errname(err), stage))
		return;
	err = quick_dma(&d, 4);
	CHECK(err == 0, "%s: %d DMA checks failed", where, err);
	dev_close(&d);
}

void expect_refused(const char *where, int want)
{
	struct dev_spec spec = { .where = where };
	const char *stage = "";
	struct dev d;
	int err = dev_open(&d, &spec, &stage);

	CHECK(err == want, "open %s: %s at %s, not %s", where, errname(err), stage, errname(want));
	if (!err)
		dev_close(&d);
}

int rebind(const struct ctx *c)
{
	int err = sysfs_write(c->addr, DRIVER "/bind");

	if (!CHECK(err == 0, "binding the PF: %s", errname(err)))
		return err;
	err = pf_up(c->pf, c->vfs);
	CHECK(err == 0, "bringing the PF up: %s", errname(err));
	return err;
}

static const struct scenario {
	const char *name;
	void (*run)(const struct ctx *c);
	const char *what;
	bool slow;
} scenario[] = {
	{ "lifecycle", s_lifecycle, "create, open, DMA, close, open again, remove", false },
	{ "checks", s_checks, "every check of one vGPU, mapped and through read and write", false },
	{ "cdev", s_cdev, "the same through iommufd", false },
	{ "pair", s_pair, "two vGPUs at once, isolated", false },
	{ "fill", s_fill, "all instances, one more is ENOSPC", false },
	{ "kill", s_kill, "kill -9 of the opener during DMA", false },
	{ "remove-open", s_remove_open, "remove while open waits and asks", false },
	{ "remove-killed", s_remove_killed, "remove while open, opener never listens and is killed", false },
	{ "vf-unbind", s_vf_unbind, "unbind of a VF: dead handle, idle and open", false },
	{ "pf-unbind", s_pf_unbind, "unbind of the PF, idle and open", false },
	{ "pf-remove", s_pf_remove, "hot removal of the PF, idle and open", false },
	{ "sriov", s_sriov, "VFs off is EBUSY in use; on and off again", false },
	{ "vf-face", s_vf_face, "type through the VF's own files", false },
	{ "parent", s_parent, "mdev parent off and on", false },
	{ "unload-open", s_unload_open, "rmmod while open is refused", false },
	{ "firmware", s_firmware, "firmware that crashes, fails, hangs or does not let go", true },
	{ "pf-reset", s_pf_reset, "reset of the whole GPU, idle and open", true },
	{ "scrub", s_scrub, "framebuffer of one vGPU is zero for the next", false },
	{ "together", s_together, "four slow vGPUs start at the same time", false },
	{ "death", s_death, "firmware dies under open vGPUs, and comes back by itself", true },
	{ "matrix", s_matrix, "a sample of firmware faults beside a vGPU at work", true },
	{ "fail-nth", s_fail_nth, "every allocation on the way fails once", true },
	{ "storm", s_storm, "use, removal, VFs, bindings and the parent, all at once", true },
	{ "churn", s_churn, "six processes create, open, DMA, close, remove", false },
};

#define COUNT (sizeof(scenario) / sizeof(scenario[0]))

void list_scenarios(bool slow)
{
	for (size_t i = 0; i < COUNT; i++)
		if (slow || !scenario[i].slow)
			printf("%-14s %s\n", scenario[i].name, scenario[i].what);
}

void read_levels(struct levels *l)
{
	glob_t g = { 0 };

	l->n = 0;
	glob("/sys/kernel/debug/openvgpu*/*/counters", 0, NULL, &g);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *module = g.gl_pathv[i] + strlen("/sys/kernel/debug/");
		FILE *f = fopen(g.gl_pathv[i], "re");
		char name[40];
		long long value;

		while (f && l->n < 128 && fscanf(f, "%39s %lld", name, &value) == 2) {
			size_t len = strlen(name);

			if (len < 4 || strcmp(name + len - 4, "_now"))
				continue;
			snprintf(l->file[l->n], sizeof(l->file[0]), "%.*s",
				 (int)strcspn(module, "/"), module);
			strcpy(l->name[l->n], name);
			l->value[l->n++] = value;
		}
		if (f)
			fclose(f);
	}
	globfree(&g);
}

bool same_levels(const struct levels *a, const struct levels *b, bool tell)
{
	bool same = a->n == b->n;

	if (!same && tell)
		CHECK(false, "%u counters before, %u after", a->n, b->n);
	for (unsigned int i = 0; i < a->n && a->n == b->n; i++) {
		if (!strcmp(a->name[i], b->name[i]) && a->value[i] == b->value[i])
			continue;
		same = false;
		if (tell)
			CHECK(false, "%s %s was %lld, is %lld", a->file[i], a->name[i], a->value[i],
			      b->value[i]);
	}
	return same;
}

bool wait_levels(const struct levels *before, unsigned int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	static struct levels after;

	do {
		read_levels(&after);
		if (same_levels(before, &after, false))
			return true;
		sleep_ms(50);
	} while (now_ms() < end);
	return same_levels(before, &after, true);
}

long long counter(const char *module, const char *addr, const char *name)
{
	char path[128], line[40];
	long long value, found = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s/counters", module, addr);
	f = fopen(path, "re");
	while (f && found < 0 && fscanf(f, "%39s %lld", line, &value) == 2)
		if (!strcmp(line, name))
			found = value;
	if (f)
		fclose(f);
	return found;
}

int run_scenario(const char *name, const char *pf, const char *type, unsigned int rounds,
		 const char *label)
{
	struct ctx c = { .pf = pf, .type = type, .rounds = rounds };
	const char *dash = strrchr(type, '-');
	static struct levels before;
	bool found = false;
	char num[16];

	c.addr = strrchr(pf, '/') ? strrchr(pf, '/') + 1 : pf;
	c.type_id = dash ? (uint32_t)strtoul(dash + 1, NULL, 10) : 0;
	if (sysfs_read(num, sizeof(num), "%s/sriov_numvfs", pf))
		die("%s is not a PF", pf);
	c.vfs = (unsigned int)strtoul(num, NULL, 10);
	if (!c.vfs)
		die("%s has no VFs; bring it up first", pf);

	for (size_t i = 0; i < COUNT; i++) {
		uint64_t start = now_ms();
		int failed = checks_failed();

		if (strcmp(name, "all") && strcmp(name, scenario[i].name))
			continue;
		found = true;
		c.instances = mdev_available(pf, type);
		if (c.instances <= 0)
			die("%s: %ld instances of %s", pf, c.instances, type);
		read_levels(&before);
		CHECK(before.n > 0, "no counters in debugfs");
		printf("=== %s\n", scenario[i].name);
		fflush(stdout);
		scenario[i].run(&c);
		wait_levels(&before, LONG_MS);
		printf("%s %s%s %llu ms\n", checks_failed() == failed ? "ok" : "FAIL",
		       scenario[i].name, label, (unsigned long long)(now_ms() - start));
		fflush(stdout);
		/* the ground under the others is not what they expect */
		if (checks_failed() != failed)
			break;
	}
	if (!found)
		die("no scenario %s", name);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
