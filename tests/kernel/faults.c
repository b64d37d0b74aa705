// SPDX-License-Identifier: LGPL-2.1-or-later
/* Scenarios: firmware that misbehaves, a GPU that is reset, memory that is not there. */
#include "engine.h"
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

static void arm(const struct ctx *c, const char *kind)
{
	int err = sysfs_write(kind, "/sys/kernel/debug/openvgpu_sim/%s/fault", c->addr);

	CHECK(err == 0, "arming %s: %s", kind, errname(err));
}

bool wait_status(const struct ctx *c, const char *want, unsigned int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;
	char status[256];

	do {
		int err = sysfs_read(status, sizeof(status), "%s/vgpu/status", c->pf);

		if (!err && !strcmp(status, want))
			return true;
		sleep_ms(20);
	} while (now_ms() < end);
	return CHECK(false, "status is '%s', not '%s'", status, want);
}

static void reset_gpu(const struct ctx *c)
{
	int err = sysfs_write("1", "%s/reset", c->pf);

	CHECK(err == 0, "resetting the GPU: %s", errname(err));
}

void s_firmware(const struct ctx *c)
{
	static const char *const transient[] = { "boot_crash", "rpc_late", "rpc_garbage" };
	char uuid[37], vf[32], dir[128];
	struct dev_spec spec = { .where = uuid };
	const char *stage;
	struct dev d;
	int err;

	if (!make(c, uuid, vf))
		return;
	snprintf(dir, sizeof(dir), "/sys/bus/mdev/devices/%s", uuid);

	/* one open may fail or be slow; the next one finds all well */
	for (size_t i = 0; i < sizeof(transient) / sizeof(transient[0]); i++) {
		arm(c, transient[i]);
		err = dev_open(&d, &spec, &stage);
		printf("%s: open says %s\n", transient[i], err ? errname(err) : "ok");
		if (!err)
			dev_close(&d);
		if (!CHECK(strcmp(transient[i], "boot_crash") || err, "opened a vGPU that crashed"))
			break;
		wait_status(c, "ready", LONG_MS);
		expect_text("reserved", dir, "vgpu/state");
		use_once(uuid);
	}

	/* firmware that does not let go: VF and memory stay out of use until a reset */
	err = dev_open(&d, &spec, &stage);
	if (CHECK(err == 0, "open: %s at %s", errname(err), stage)) {
		arm(c, "cleanup_refused");
		dev_close(&d);
		expect_text("error", dir, "vgpu/state");
		expect_refused(uuid, -EIO);
		drop(uuid);
		expect_instances(c, c->instances - 1);
		reset_gpu(c);
		wait_status(c, "ready", LONG_MS);
		expect_instances(c, c->instances);
		if (!make(c, uuid, vf))
			return;
		use_once(uuid);
	}

	/* firmware that hangs: an error, not a hang of the opener; then a reset */
	arm(c, "fw_hang");
	err = dev_open(&d, &spec, &stage);
	CHECK(err != 0, "opened without firmware");
	if (!err)
		dev_close(&d);
	printf("fw_hang: open says %s\n", errname(err));
	drop(uuid);
	reset_gpu(c);
	wait_status(c, "ready", LONG_MS);
	expect_instances(c, c->instances);
	if (make(c, uuid, vf)) {
		use_once(uuid);
		drop(uuid);
	}
}

void s_pf_reset(const struct ctx *c)
{
	struct proc *holder;
	char uuid[37], vf[32];

	if (!make(c, uuid, vf))
		return;
	for (unsigned int i = 0; i < c->rounds; i++) {
		reset_gpu(c);
		wait_status(c, "ready", LONG_MS);
		use_once(uuid);

		holder = proc_hold(uuid, &(struct hold_opts){ .forever = true });
		CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
		reset_gpu(c);
		CHECK(proc_running(holder), "the opener ended");
		proc_term(holder);
		CHECK(proc_finish(holder, LONG_MS) == 0, "holder");
		wait_status(c, "ready", LONG_MS);
		use_once(uuid);
	}
	drop(uuid);
	expect_instances(c, c->instances);
}

/*
 * Systematic failure of allocations (fail-nth): the Nth of one system call fails,
 * for N from 1 on, until there is no Nth. A call may fail with ENOMEM or get on
 * without; what it may not do is to leave something behind, which the levels and
 * the kernel's checkers show.
 */
static int fail_nth_fd = -1;

static bool arm_nth(unsigned int n)
{
	char num[16];
	int len = snprintf(num, sizeof(num), "%u", n);

	return pwrite(fail_nth_fd, num, (size_t)len, 0) == len;
}

/* Disarms; true if the failure was used up. */
static bool took_nth(void)
{
	char num[16] = "";

	if (pread(fail_nth_fd, num, sizeof(num) - 1, 0) <= 0)
		die("fail-nth: %s", errname(errno));
	arm_nth(0);
	return strtoul(num, NULL, 10) == 0;
}

/* The call itself alone, not the opening of its file. */
static int nth_write(unsigned int n, const char *text, const char *path, bool *took)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	arm_nth(n);
	if (write(fd, text, strlen(text)) < 0)
		err = -errno;
	*took = took_nth();
	close(fd);
	return err;
}

static int nth_open_device(unsigned int n, const char *uuid, bool *took)
{
	int container, group, fd = -1, err = 0;
	char name[32], node[64];

	err = sysfs_link(name, sizeof(name), "/sys/bus/mdev/devices/%s/iommu_group", uuid);
	if (err)
		return err;
	snprintf(node, sizeof(node), "/dev/vfio/%s", name);
	container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	group = open(node, O_RDWR | O_CLOEXEC);
	if (container < 0 || group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
		err = -errno;
	} else {
		arm_nth(n);
		fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, uuid);
		err = fd < 0 ? -errno : 0;
		*took = took_nth();
	}
	if (fd >= 0)
		close(fd);
	if (group >= 0)
		close(group);
	if (container >= 0)
		close(container);
	return err;
}

/* Where one try takes long: each of the first, then fewer and fewer. */
static unsigned int sparse(unsigned int n)
{
	return n + 1 + n / 12;
}

void s_fail_nth(const struct ctx *c)
{
	char uuid[37], vf[32], path[256], num[16];
	unsigned int n, tried, failed;
	bool took;
	int err;

	fail_nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (fail_nth_fd < 0) {
		printf("n/a: this kernel cannot fail on purpose\n");
		return;
	}
	/* sleeping allocations too, and no stack trace for each */
	sysfs_write("N", "/sys/kernel/debug/failslab/ignore-gfp-wait");
	sysfs_write("0", "/sys/kernel/debug/failslab/verbose");
	sysfs_write("0", "/sys/kernel/debug/fail_page_alloc/verbose");

	snprintf(path, sizeof(path), "%s/mdev_supported_types/%s/create", c->pf, c->type);
	for (n = 1, took = true, failed = 0; took && n < 2000; n++) {
		make_uuid(uuid);
		err = nth_write(n, uuid, path, &took);
		failed += err != 0;
		if (!err)
			drop(uuid);
		else
			CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "create said %s, yet made %s",
			      errname(err), uuid);
	}
	CHECK(!took, "create still allocates after %u", n);
	printf("create: %u of %u allocations fail it\n", failed, n - 2);
	expect_instances(c, c->instances);

	if (make(c, uuid, vf)) {
		for (n = 1, took = true, tried = failed = 0; took && n < 2000; n = sparse(n)) {
			took = false;
			tried++;
			err = nth_open_device(n, uuid, &took);
			failed += err != 0;
			if (err == -EIO || (!took && err)) {
				CHECK(!err, "open %u: %s", n, errname(err));
				break;
			}
		}
		printf("open: %u of %u tried allocations fail it\n", failed, tried - 1);
		use_once(uuid);
		drop(uuid);
	}

	snprintf(path, sizeof(path), "%s/vgpu/mdev", c->pf);
	for (n = 1, took = true, failed = 0; took && n < 2000; n++) {
		err = sysfs_write("0", "%s", path);
		if (!CHECK(err == 0, "parent off: %s", errname(err)))
			break;
		err = nth_write(n, "1", path, &took);
		failed += err != 0;
		if (err)
			CHECK(!sysfs_exists("%s/mdev_supported_types", c->pf), "types of a parent that failed");
	}
	printf("parent: %u of %u allocations fail it\n", failed, n - 2);
	err = sysfs_write("1", "%s", path);
	CHECK(err == 0, "parent on: %s", errname(err));
	expect_instances(c, c->instances);

	/* VFs: the PCI core's own allocations are many, two VFs show all of ours */
	snprintf(path, sizeof(path), "%s/sriov_numvfs", c->pf);
	err = sysfs_write("0", "%s", path);
	CHECK(err == 0, "VFs off: %s", errname(err));
	for (n = 1, took = true, tried = failed = 0; took && n < 20000; n = sparse(n)) {
		tried++;
		err = nth_write(n, "2", path, &took);
		failed += err != 0;
		if (!err) {
			err = sysfs_write("0", "%s", path);
			CHECK(err == 0, "VFs off: %s", errname(err));
		} else {
			sysfs_read(num, sizeof(num), "%s", path);
			if (!CHECK(!strcmp(num, "0"), "%s VFs after %s", num, errname(err)))
				break;
		}
	}
	printf("VFs: %u of %u tried allocations fail it\n", failed, tried - 1);
	err = pf_up(c->pf, c->vfs);
	CHECK(err == 0, "bringing the PF up: %s", errname(err));

	/* binding the PF anew, with the start of the firmware in it */
	for (n = 1, took = true, tried = failed = 0; took && n < 20000; n = sparse(n)) {
		tried++;
		err = sysfs_write(c->addr, DRIVER "/unbind");
		CHECK(err == 0 || err == -ENODEV, "unbind: %s", errname(err));
		err = nth_write(n, c->addr, DRIVER "/bind", &took);
		failed += err != 0;
	}
	printf("bind: %u of %u tried allocations fail it\n", failed, tried - 1);
	close(fail_nth_fd);
	if (!sysfs_exists("%s/driver", c->pf)) {
		err = sysfs_write(c->addr, DRIVER "/bind");
		CHECK(err == 0, "bind: %s", errname(err));
	}
	wait_status(c, "ready", LONG_MS);
	err = pf_up(c->pf, c->vfs);
	CHECK(err == 0, "bringing the PF up: %s", errname(err));
	expect_instances(c, c->instances);
}
