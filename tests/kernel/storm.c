// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Scenario: everything at once. Some processes make, use and remove vGPUs, one
 * pulls the ground away under them. Whoever comes too late is refused, and that is
 * fine; what was opened must work until it is closed, and at the end all is there.
 */
#include "engine.h"
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WORKERS 4

struct task {
	const struct ctx *c;
	unsigned int seed;
	uint64_t end;
};

static int worker(void *arg)
{
	struct task *t = arg;
	unsigned int made = 0, used = 0;

	while (now_ms() < t->end && !checks_failed()) {
		struct dev_spec spec = { 0 };
		const char *stage;
		char uuid[37];
		struct dev d;
		int err;

		make_uuid(uuid);
		if (mdev_create(t->c->pf, t->c->type, uuid)) {
			sleep_ms(5);
			continue;
		}
		made++;
		spec.where = uuid;
		spec.no_mmap = rand_r(&t->seed) % 3 == 0;
		if (rand_r(&t->seed) % 4 && !dev_open(&d, &spec, &stage)) {
			err = quick_dma(&d, 2);
			CHECK(err == 0, "%d DMA checks of an open vGPU failed", err);
			dev_close(&d);
			used++;
		}
		/* it may have gone with its GPU */
		err = mdev_remove(uuid);
		CHECK(err == 0 || err == -ENOENT || err == -ENODEV || err == -EAGAIN, "remove: %s",
		      errname(err));
	}
	printf("%u made, %u used\n", made, used);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

static void pull(struct task *t)
{
	const struct ctx *c = t->c;
	char vf[32];
	int err;

	switch (rand_r(&t->seed) % 5) {
	case 0:
		/* refused while anything is in use */
		if (!sysfs_write("0", "%s/sriov_numvfs", c->pf))
			pf_up(c->pf, c->vfs);
		break;
	case 1:
		if (!sysfs_write("0", "%s/vgpu/mdev", c->pf))
			sysfs_write("1", "%s/vgpu/mdev", c->pf);
		break;
	case 2:
		err = sysfs_write(c->addr, DRIVER "/unbind");
		CHECK(err == 0, "unbinding the PF: %s", errname(err));
		err = sysfs_write(c->addr, DRIVER "/bind");
		CHECK(err == 0, "binding the PF: %s", errname(err));
		err = pf_up(c->pf, c->vfs);
		CHECK(err == 0, "bringing the PF up: %s", errname(err));
		break;
	default:
		/* the VFs in use are the first ones */
		if (sysfs_link(vf, sizeof(vf), "%s/virtfn%d", c->pf, rand_r(&t->seed) % 4))
			break;
		err = sysfs_write(vf, DRIVER "/unbind");
		CHECK(err == 0, "unbinding %s: %s", vf, errname(err));
		err = sysfs_write(vf, DRIVER "/bind");
		CHECK(err == 0, "binding %s: %s", vf, errname(err));
	}
}

static int ground(void *arg)
{
	struct task *t = arg;
	unsigned int n;

	for (n = 0; now_ms() < t->end && !checks_failed(); n++) {
		pull(t);
		sleep_ms((unsigned int)rand_r(&t->seed) % 50);
	}
	printf("%u times pulled\n", n);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

void s_storm(const struct ctx *c)
{
	uint64_t end = now_ms() + c->rounds * 4000;
	unsigned int seed = (unsigned int)now_ms();
	struct task task[WORKERS + 1];
	struct proc *p[WORKERS + 1];
	int err;

	printf("seed %u\n", seed);
	for (unsigned int i = 0; i <= WORKERS; i++) {
		task[i] = (struct task){ .c = c, .seed = seed + i, .end = end };
		p[i] = proc_run(i < WORKERS ? worker : ground, &task[i]);
	}
	for (int i = 0; i <= WORKERS; i++) {
		/* each says one line when it is done */
		proc_show(p[i], c->rounds * 4000 + LONG_MS);
		CHECK(proc_finish(p[i], LONG_MS) == 0, "process %d", i);
	}
	/* however it ended: up again, as the next one expects it */
	sysfs_write("0", "%s/sriov_numvfs", c->pf);
	err = pf_up(c->pf, c->vfs);
	CHECK(err == 0, "bringing the PF up: %s", errname(err));
	expect_instances(c, c->instances);
}
