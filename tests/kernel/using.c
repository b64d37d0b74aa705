// SPDX-License-Identifier: LGPL-2.1-or-later
/* Scenarios: vGPUs made, used and given back, through both faces. */
#include "engine.h"
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void s_lifecycle(const struct ctx *c)
{
	char uuid[37], vf[32];

	for (unsigned int i = 0; i < c->rounds; i++) {
		if (!make(c, uuid, vf))
			return;
		expect_instances(c, c->instances - 1);
		use_once(uuid);
		use_once(uuid);
		drop(uuid);
		expect_instances(c, c->instances);
	}
}

void s_checks(const struct ctx *c)
{
	struct dev_spec spec = { 0 };
	char uuid[37], vf[32];

	if (!make(c, uuid, vf))
		return;
	spec.where = uuid;
	test_device(&spec, &(struct expect){ .type = c->type_id });
	spec.no_mmap = true;
	test_device(&spec, &(struct expect){ .type = c->type_id });
	drop(uuid);
}

void s_cdev(const struct ctx *c)
{
	struct dev_spec spec = { .cdev = true };
	char uuid[37], vf[32];

	if (!sysfs_exists("/dev/iommu")) {
		printf("n/a: this kernel has no iommufd\n");
		return;
	}
	if (!make(c, uuid, vf))
		return;
	spec.where = uuid;
	test_device(&spec, &(struct expect){ .type = c->type_id });
	drop(uuid);
}

void s_pair(const struct ctx *c)
{
	char a[37], b[37], vf[32];

	if (!make(c, a, vf))
		return;
	if (make(c, b, vf)) {
		test_pair(&(struct dev_spec){ .where = a }, &(struct dev_spec){ .where = b });
		drop(b);
	}
	drop(a);
}

void s_fill(const struct ctx *c)
{
	char (*uuid)[37] = calloc((size_t)c->instances, sizeof(*uuid));
	char extra[37], vf[32];
	long n;
	int err;

	if (!uuid)
		die("out of memory");
	for (n = 0; n < c->instances; n++)
		if (!make(c, uuid[n], vf))
			break;
	expect_instances(c, 0);
	make_uuid(extra);
	err = mdev_create(c->pf, c->type, extra);
	/* mdev core has its own limit and answers EUSERS; ours is ENOSPC */
	CHECK(err == -ENOSPC, "one too many: %s", errname(err));
	if (n)
		use_once(uuid[n - 1]);
	while (n-- > 0)
		drop(uuid[n]);
	free(uuid);
	expect_instances(c, c->instances);
}

void s_vf_face(const struct ctx *c)
{
	struct dev_spec spec = { 0 };
	char vf[32], dir[128], id[16], uuid[37], vf2[32];
	int err = sysfs_link(vf, sizeof(vf), "%s/virtfn0", c->pf);

	if (!CHECK(err == 0, "virtfn0: %s", errname(err)))
		return;
	snprintf(dir, sizeof(dir), "/sys/bus/pci/devices/%s", vf);
	snprintf(id, sizeof(id), "%u", c->type_id);
	/* no vGPU, no open */
	expect_refused(vf, -ENODEV);
	err = sysfs_write(id, "%s/nvidia/current_vgpu_type", dir);
	if (!CHECK(err == 0, "setting the type: %s", errname(err)))
		return;
	expect_text(id, dir, "nvidia/current_vgpu_type");
	expect_text("vf", dir, "vgpu/owner");
	expect_instances(c, c->instances - 1);
	/* the mdev face takes another VF */
	if (make(c, uuid, vf2)) {
		CHECK(strcmp(vf, vf2), "both faces got %s", vf);
		/* one VF, one owner: its address opens nothing while a handle has it */
		expect_refused(vf2, -EBUSY);
		drop(uuid);
	}
	spec.where = vf;
	test_device(&spec, &(struct expect){ .type = c->type_id });

	struct proc *holder = proc_hold(vf, &(struct hold_opts){ .busy = true });

	CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
	err = sysfs_write("0", "%s/nvidia/current_vgpu_type", dir);
	CHECK(err == -EBUSY, "clearing the type of an open VF: %s", errname(err));
	proc_term(holder);
	CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
	err = sysfs_write("0", "%s/nvidia/current_vgpu_type", dir);
	CHECK(err == 0, "clearing the type: %s", errname(err));
	expect_text("none", dir, "vgpu/owner");
	expect_instances(c, c->instances);
}

void s_parent(const struct ctx *c)
{
	char uuid[37], vf[32];
	int err;

	for (unsigned int i = 0; i < c->rounds; i++) {
		err = sysfs_write("0", "%s/vgpu/mdev", c->pf);
		CHECK(err == 0, "mdev parent off: %s", errname(err));
		CHECK(!sysfs_exists("%s/mdev_supported_types", c->pf), "types without a parent");
		err = sysfs_write("1", "%s/vgpu/mdev", c->pf);
		if (!CHECK(err == 0, "mdev parent on: %s", errname(err)))
			return;
		if (!make(c, uuid, vf))
			return;
		use_once(uuid);
		drop(uuid);
	}
}

void s_churn(const struct ctx *c)
{
	struct churn_opts opts = {
		.pf = c->pf, .type = c->type, .procs = 6, .cycles = 2 * c->rounds,
	};

	churn(&opts);
}
