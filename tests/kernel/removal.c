// SPDX-License-Identifier: LGPL-2.1-or-later
/* Scenarios: what happens when something goes that is in use. */
#include "engine.h"
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* remove waits for the opener, asks it, and ends when it lets go */
static void remove_open(const struct ctx *c, const struct hold_opts *opts, bool kill_it)
{
	struct proc *holder, *remover;
	char uuid[37], vf[32];

	if (!make(c, uuid, vf))
		return;
	holder = proc_hold(uuid, opts);
	if (!CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open"))
		return;
	remover = proc_write("1", "/sys/bus/mdev/devices/%s/remove", uuid);
	CHECK(proc_expect(holder, "hold: request", LONG_MS), "no request event");
	/* one that is asked again was waited for */
	for (unsigned int i = 0; i < opts->ignore; i++)
		CHECK(proc_expect(holder, "hold: request", LONG_MS), "not asked again");
	if (kill_it) {
		CHECK(proc_running(remover), "remove did not wait");
		/* it is still open: nobody else gets in meanwhile */
		expect_refused(vf, -EBUSY);
		proc_kill(holder);
	}
	CHECK(proc_finish(holder, LONG_MS) == (kill_it ? 128 + 9 : 0), "holder");
	CHECK(proc_finish(remover, LONG_MS) == 0, "remove failed");
	CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "%s is still there", uuid);
	expect_instances(c, c->instances);
}

void s_remove_open(const struct ctx *c)
{
	remove_open(c, &(struct hold_opts){ .ignore = 0 }, false);
	remove_open(c, &(struct hold_opts){ .ignore = 0, .busy = true }, false);
	remove_open(c, &(struct hold_opts){ .ignore = 1 }, false);
}

void s_remove_killed(const struct ctx *c)
{
	remove_open(c, &(struct hold_opts){ .forever = true }, true);
	remove_open(c, &(struct hold_opts){ .forever = true, .busy = true }, true);
}

void s_kill(const struct ctx *c)
{
	struct proc *holder;
	char uuid[37], vf[32];

	if (!make(c, uuid, vf))
		return;
	for (unsigned int i = 0; i < c->rounds; i++) {
		holder = proc_hold(uuid, &(struct hold_opts){ .forever = true, .busy = true });
		CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
		proc_kill(holder);
		CHECK(proc_finish(holder, LONG_MS) == 128 + 9, "holder");
		/* the next one starts at once, from a clean device */
		use_once(uuid);
	}
	drop(uuid);
}

static void dead_handle(const struct ctx *c, const char *uuid, const char *vf)
{
	char dir[128];
	int err;

	snprintf(dir, sizeof(dir), "/sys/bus/mdev/devices/%s", uuid);
	expect_text("dead", dir, "vgpu/state");
	expect_text("", dir, "vgpu/vf");
	CHECK(!sysfs_exists("%s/iommu_group", dir), "a dead handle has an IOMMU group");
	expect_refused(uuid, -ENOENT);
	/* the VF coming back does not revive it */
	err = sysfs_write(vf, DRIVER "/bind");
	CHECK(err == 0, "binding %s: %s", vf, errname(err));
	expect_text("dead", dir, "vgpu/state");
	drop(uuid);
	expect_instances(c, c->instances);
}

void s_vf_unbind(const struct ctx *c)
{
	struct proc *holder, *unbinder;
	char uuid[37], vf[32];
	int err;

	if (!make(c, uuid, vf))
		return;
	err = sysfs_write(vf, DRIVER "/unbind");
	CHECK(err == 0, "unbinding %s: %s", vf, errname(err));
	dead_handle(c, uuid, vf);

	if (!make(c, uuid, vf))
		return;
	holder = proc_hold(uuid, &(struct hold_opts){ .busy = true });
	CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
	unbinder = proc_write(vf, DRIVER "/unbind");
	CHECK(proc_expect(holder, "hold: request", LONG_MS), "no request event");
	CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
	CHECK(proc_finish(unbinder, LONG_MS) == 0, "unbind failed");
	dead_handle(c, uuid, vf);

	/* and the function works again */
	for (int i = 0; i < 2; i++) {
		if (!make(c, uuid, vf))
			return;
		use_once(uuid);
		drop(uuid);
	}
}

void s_pf_unbind(const struct ctx *c)
{
	struct proc *holder, *unbinder;
	char uuid[37], vf[32];
	int err;

	if (!make(c, uuid, vf))
		return;
	err = sysfs_write(c->addr, DRIVER "/unbind");
	CHECK(err == 0, "unbinding the PF: %s", errname(err));
	CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "a handle without its GPU");
	CHECK(!sysfs_exists("%s/virtfn0", c->pf), "VFs without their GPU");
	if (rebind(c))
		return;
	expect_instances(c, c->instances);

	if (!make(c, uuid, vf))
		return;
	holder = proc_hold(uuid, &(struct hold_opts){ .busy = true });
	CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
	unbinder = proc_write(c->addr, DRIVER "/unbind");
	CHECK(proc_expect(holder, "hold: request", LONG_MS), "no request event");
	CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
	CHECK(proc_finish(unbinder, LONG_MS) == 0, "unbind failed");
	CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "a handle without its GPU");
	rebind(c);
}

/* the whole device goes, as if pulled, and comes back by a rescan */
void s_pf_remove(const struct ctx *c)
{
	struct proc *holder, *remover;
	char uuid[37], vf[32];
	int err;

	for (int open = 0; open < 2; open++) {
		if (!make(c, uuid, vf))
			return;
		if (open) {
			holder = proc_hold(uuid, &(struct hold_opts){ .busy = true });
			CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
			remover = proc_write("1", "%s/remove", c->pf);
			CHECK(proc_expect(holder, "hold: request", LONG_MS), "no request event");
			CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
			CHECK(proc_finish(remover, LONG_MS) == 0, "removing the PF");
		} else {
			err = sysfs_write("1", "%s/remove", c->pf);
			CHECK(err == 0, "removing the PF: %s", errname(err));
		}
		CHECK(!sysfs_exists("%s", c->pf), "the PF is still there");
		CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "a handle without its GPU");
		err = sysfs_write("1", "/sys/bus/pci/rescan");
		CHECK(err == 0, "rescan: %s", errname(err));
		if (!CHECK(sysfs_exists("%s", c->pf), "the PF did not come back"))
			return;
		if (!sysfs_exists("%s/driver", c->pf)) {
			/* nothing binds real ids by itself: as the installed system does it */
			err = sysfs_write("nvidia", "%s/driver_override", c->pf);
			CHECK(err == 0, "driver_override: %s", errname(err));
			err = sysfs_write(c->addr, "/sys/bus/pci/drivers_probe");
			CHECK(err == 0, "drivers_probe: %s", errname(err));
		}
		err = pf_up(c->pf, c->vfs);
		if (!CHECK(err == 0, "bringing the PF up: %s", errname(err)))
			return;
		expect_instances(c, c->instances);
	}
}

void s_sriov(const struct ctx *c)
{
	struct proc *holder;
	char uuid[37], vf[32];
	int err;

	if (!make(c, uuid, vf))
		return;
	err = sysfs_write("0", "%s/sriov_numvfs", c->pf);
	CHECK(err == -EBUSY, "VFs off with a handle: %s", errname(err));
	holder = proc_hold(uuid, &(struct hold_opts){ .busy = true });
	CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
	err = sysfs_write("0", "%s/sriov_numvfs", c->pf);
	CHECK(err == -EBUSY, "VFs off with an open vGPU: %s", errname(err));
	CHECK(proc_running(holder), "holder disturbed");
	proc_term(holder);
	CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
	drop(uuid);
	for (unsigned int i = 0; i < c->rounds; i++) {
		err = sysfs_write("0", "%s/sriov_numvfs", c->pf);
		CHECK(err == 0, "VFs off: %s", errname(err));
		CHECK(!sysfs_exists("%s/virtfn0", c->pf), "VFs are still there");
		/* fewer VFs than the board has must do as well */
		err = pf_up(c->pf, i % 2 ? 3 : 1);
		CHECK(err == 0, "bringing the PF up: %s", errname(err));
		if (make(c, uuid, vf)) {
			use_once(uuid);
			drop(uuid);
		}
	}
	err = sysfs_write("0", "%s/sriov_numvfs", c->pf);
	CHECK(err == 0, "VFs off: %s", errname(err));
	err = pf_up(c->pf, c->vfs);
	CHECK(err == 0, "bringing the PF up: %s", errname(err));
}

/* While a vGPU is open none of the modules below it can go. */
void s_unload_open(const struct ctx *c)
{
	static const char *const module[] = { "openvgpu_mdev", "openvgpu" };
	struct proc *holder;
	char uuid[37], vf[32];

	if (!make(c, uuid, vf))
		return;
	holder = proc_hold(uuid, &(struct hold_opts){ .busy = true });
	CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
	for (size_t i = 0; i < sizeof(module) / sizeof(module[0]); i++) {
		int err = syscall(SYS_delete_module, module[i], O_NONBLOCK) ? -errno : 0;

		CHECK(err == -EAGAIN || err == -EBUSY, "rmmod %s: %s", module[i], errname(err));
	}
	CHECK(proc_running(holder), "holder disturbed");
	proc_term(holder);
	CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
	drop(uuid);
}
