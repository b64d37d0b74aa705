// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Scenarios: framebuffer between two owners, several vGPUs that start at once,
 * firmware that dies under them, and a sample of the fault matrix.
 */
#include "engine.h"
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The VF's own face: a vGPU on VF @n; its address in @vf. */
static bool set_type(const struct ctx *c, unsigned int n, uint32_t type, char vf[32])
{
	char id[16];
	int err = sysfs_link(vf, 32, "%s/virtfn%u", c->pf, n);

	if (!CHECK(err == 0, "virtfn%u: %s", n, errname(err)))
		return false;
	snprintf(id, sizeof(id), "%u", type);
	err = sysfs_write(id, "/sys/bus/pci/devices/%s/nvidia/current_vgpu_type", vf);
	return CHECK(err == 0, "type %u on %s: %s", type, vf, errname(err));
}

/* Where the only vGPU there is has its framebuffer. */
static void place(const struct ctx *c, char *text, size_t len)
{
	char all[256], *at, *end;

	*text = '\0';
	if (sysfs_read(all, sizeof(all), "/sys/kernel/debug/openvgpu/%s/places", c->addr))
		return;
	at = strstr(all, " fb ");
	end = at ? strstr(at + 4, " heap") : NULL;
	if (end)
		snprintf(text, len, "%.*s", (int)(end - at), at);
}

static bool open_vf(struct dev *d, const char *vf)
{
	struct dev_spec spec = { .where = vf };
	const char *stage;
	int err = dev_open(d, &spec, &stage);

	return CHECK(err == 0, "open %s: %s at %s", vf, errname(err), stage) &&
	       CHECK(vg_bus_master(d, true) == 0, "config write");
}

void s_scrub(const struct ctx *c)
{
	char vf[32], first[64], then[64];
	struct dev d;

	for (unsigned int i = 0; i < c->rounds; i++) {
		/* one after the other: the first place is always the same */
		if (!set_type(c, i % 2, c->type_id, vf))
			return;
		place(c, i ? then : first, sizeof(first));
		CHECK(!i || (first[0] && !strcmp(first, then)), "places '%s' and '%s'", first, then);
		if (open_vf(&d, vf)) {
			CHECK(fb_zero(&d) == 0, "owner %u finds something of the one before", i);
			CHECK(fb_fill(&d, i + 1) == 0, "filling");
			CHECK(fb_check(&d, i + 1) == 0, "what was filled is not there");
			/* a reset of the VF is no change of owner */
			CHECK(dev_reset(&d) == 0 && vg_bus_master(&d, true) == 0, "reset");
			CHECK(fb_check(&d, i + 1) == 0, "lost in a reset of the VF");
			dev_close(&d);
		}
		if (!set_type(c, i % 2, 0, vf))
			return;
	}
	expect_instances(c, c->instances);
}

#define AT_ONCE 4

void s_together(const struct ctx *c)
{
	char uuid[AT_ONCE][37], vf[32];
	const char *where[AT_ONCE];
	struct together all;
	unsigned int n = 0;

	for (; n < AT_ONCE && make(c, uuid[n], vf); n++)
		where[n] = uuid[n];
	if (n == AT_ONCE) {
		open_together(where, n, &all);
		CHECK(all.all_booting, "never all booting at once");
		CHECK(all.opened == n, "%u of %u opened", all.opened, n);
	}
	while (n-- > 0)
		drop(uuid[n]);
	expect_instances(c, c->instances);
}

/* One user closes, the other is told; when that has gone too the GPU comes back. */
void s_death(const struct ctx *c)
{
	struct proc *holder;
	char a[37], b[37], vf[32], vfb[32];
	struct patience old;
	struct dev d;

	if (!make(c, a, vf))
		return;
	if (!make(c, b, vfb)) {
		drop(a);
		return;
	}
	for (unsigned int i = 0; i < c->rounds; i++) {
		holder = proc_hold(b, &(struct hold_opts){ .forever = true });
		CHECK(proc_expect(holder, "hold: opened", LONG_MS), "holder did not open");
		if (!open_vf(&d, a))
			break;
		CHECK(dev_watch_errors(&d) == 0, "error event");
		CHECK(sysfs_write("fw_hang", "/sys/kernel/debug/openvgpu_sim/%s/fault", c->addr) == 0,
		      "arming");
		/* the first command that is not answered; then somebody must notice */
		be_impatient(c->addr, &old, 1);
		dev_close(&d);
		CHECK(proc_expect(holder, "hold: died", LONG_MS), "the other one was not told");
		be_patient(c->addr, &old);
		if (i % 2)
			proc_kill(holder);
		else
			proc_term(holder);
		CHECK(proc_finish(holder, LONG_MS) == (i % 2 ? 128 + 9 : 0), "holder");
		wait_status(c, "ready", LONG_MS);
		use_once(a);
		use_once(b);
	}
	drop(a);
	drop(b);
	expect_instances(c, c->instances);
}

void s_matrix(const struct ctx *c)
{
	static const char *const cell[] = {
		"open.alloc:rpc_lost", "open.memset:rpc_error", "open.BOOTLOAD:rpc_late",
		"open.msg2:plugin_crash", "open.msg13:rpc_garbage", "reset.msg3:rpc_lost",
		"close.CLEANUP:rpc_lost", "close.SHUTDOWN:fw_hang",
	};

	matrix(c->pf, c->type, cell, sizeof(cell) / sizeof(cell[0]));
	expect_instances(c, c->instances);
}
