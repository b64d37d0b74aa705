// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Many processes that create, open, use, close and remove vGPUs of one PF, with
 * nothing between them and the driver but sysfs.
 */
#include "tests.h"
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int mdev_create(const char *pf, const char *type, const char *uuid)
{
	return sysfs_write(uuid, "%s/mdev_supported_types/%s/create", pf, type);
}

int mdev_remove(const char *uuid)
{
	return sysfs_write("1", "/sys/bus/mdev/devices/%s/remove", uuid);
}

long mdev_available(const char *pf, const char *type)
{
	char buf[32];
	int err = sysfs_read(buf, sizeof(buf), "%s/mdev_supported_types/%s/available_instances", pf,
			     type);

	return err ? err : strtol(buf, NULL, 10);
}

int pf_up(const char *pf, unsigned int vfs)
{
	char num[16];
	int err;

	snprintf(num, sizeof(num), "%u", vfs);
	err = sysfs_write(num, "%s/sriov_numvfs", pf);
	if (err)
		return err;
	return sysfs_write("1", "%s/vgpu/mdev", pf);
}

struct tally {
	unsigned int created;
	unsigned int full;	/* ENOSPC: legitimate when others have the room */
	unsigned int failed;
};

static int one_cycle(const struct churn_opts *o, unsigned int cycle, struct tally *t)
{
	struct dev_spec spec = { .cdev = false, .no_mmap = cycle % 4 == 3 };
	const char *stage;
	char uuid[37];
	struct dev d;
	int err;

	make_uuid(uuid);
	err = mdev_create(o->pf, o->type, uuid);
	if (err == -ENOSPC) {
		t->full++;
		return 0;
	}
	if (!CHECK(err == 0, "create: %s", errname(err)))
		return 1;
	t->created++;
	if (!o->no_open) {
		spec.where = uuid;
		err = dev_open(&d, &spec, &stage);
		if (CHECK(err == 0, "open: %s at %s", errname(err), stage)) {
			int bad = quick_dma(&d, 3);

			CHECK(bad == 0, "%d DMA checks failed", bad);
			dev_close(&d);
		}
	}
	err = mdev_remove(uuid);
	CHECK(err == 0, "remove: %s", errname(err));
	CHECK(!sysfs_exists("/sys/bus/mdev/devices/%s", uuid), "still there after remove");
	return checks_failed() != 0;
}

int churn(const struct churn_opts *o)
{
	struct tally *t;
	struct tally sum = { 0 };
	long before = mdev_available(o->pf, o->type), after;
	uint64_t start = now_ms();

	if (before <= 0)
		die("%s/mdev_supported_types/%s: %ld instances", o->pf, o->type, before);
	/* shared with the children: they report by it */
	t = mmap(NULL, o->procs * sizeof(*t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		 0);
	if (t == MAP_FAILED)
		die("mmap: %s", errname(errno));
	fflush(stdout);
	for (unsigned int i = 0; i < o->procs; i++) {
		pid_t pid = fork();

		if (pid < 0)
			die("fork: %s", errname(errno));
		if (pid == 0) {
			checks_reset();
			for (unsigned int c = 0; c < o->cycles; c++)
				if (one_cycle(o, c, &t[i]))
					break;
			t[i].failed = (unsigned int)checks_failed();
			fflush(stdout);
			_exit(0);
		}
	}
	for (unsigned int i = 0; i < o->procs; i++) {
		int status;

		if (wait(&status) < 0)
			die("wait: %s", errname(errno));
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "a child ended with %x", status);
	}
	for (unsigned int i = 0; i < o->procs; i++) {
		sum.created += t[i].created;
		sum.full += t[i].full;
		sum.failed += t[i].failed;
	}
	munmap(t, o->procs * sizeof(*t));
	after = mdev_available(o->pf, o->type);
	CHECK(sum.failed == 0, "%u checks failed in children", sum.failed);
	CHECK(after == before, "%ld instances before, %ld after", before, after);
	CHECK(sum.created > 0, "nothing was created");
	printf("churn %s: %u created, %u times full, %llu ms: %s\n", o->type, sum.created, sum.full,
	       (unsigned long long)(now_ms() - start), checks_failed() ? "FAIL" : "ok");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
