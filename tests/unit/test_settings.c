// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Settings of a GPU against a provider that does what it is told to: whatever it answers
 * and whenever the firmware dies, table and firmware agree afterwards. Each op looks at
 * the locks it is called with, and at what users could do meanwhile.
 */
#include <criterion/criterion.h>

#include "driver/core/core.h"

u64 shim_ms;
int shim_warnings, shim_traces, shim_maps;

void shim_tick(void)
{
}

/* ---- what gpu.c, slot.c and counters.c are in the driver ------------------- */

static struct ovg_gpu gpu;
static u32 counts[OVG_NR_COUNTERS], updates;

void ovg_count(struct ovg_gpu *g, enum ovg_counter counter)
{
	(void)g;
	counts[counter]++;
}

bool ovg_gpu_usable(struct ovg_gpu *g)
{
	lockdep_assert_held(&g->lock);
	return g->state == OVG_GPU_READY && !g->going;
}

const char *ovg_gpu_status(struct ovg_gpu *g)
{
	return g->state == OVG_GPU_NONE ? g->attach_why : "firmware died: test";
}

void ovg_gpu_update(struct ovg_gpu *g)
{
	lockdep_assert_held(&g->lock);
	updates++;
}

void ovg_refuse(struct ovg_gpu *g, struct ovg_slot *slot, const char *fmt, ...)
{
	va_list args;

	(void)slot;
	lockdep_assert_held(&g->lock);
	va_start(args, fmt);
	vsnprintf(g->last_error, sizeof(g->last_error), fmt, args);
	va_end(args);
}

bool ovg_slot_usable(const struct ovg_slot *slot)
{
	return slot->vf && !slot->vgpu;
}

/* ---- the provider --------------------------------------------------------- */

/* What the firmware has, and what goes wrong with the next op. */
static struct {
	bool mixed, mig;
	struct ovg_scheduler sched;
	u32 instances;		/* bits by id */
	int ops;
	int fail;		/* answer of the next op */
	bool dies;		/* after it was done */
	bool resets;		/* somebody else's reset: it answers yes and is gone */
	u32 other_id;
	u64 other_base;
} fw;

static struct ovg_type types[] = {
	{ .id = 1, .name = "B-4Q", .max_instance = 12, .profile_bytes = 4ull << 30,
	  .fb_bytes = 4ull << 30 },
	{ .id = 2, .name = "B-48Q", .max_instance = 1, .profile_bytes = 48ull << 30,
	  .fb_bytes = 48ull << 30 },
	{ .id = 3, .name = "B-1-6C", .max_instance = 4, .profile_bytes = 6ull << 30,
	  .fb_bytes = 5ull << 30, .gi = { 1, 2, 0 }, .max_per_gi = 1 },
	{ .id = 4, .name = "B-1-12C", .max_instance = 4, .profile_bytes = 12ull << 30,
	  .fb_bytes = 10ull << 30, .gi = { 1, 2, 0 }, .max_per_gi = 1 },
	{ .id = 5, .name = "B-1-12CME", .max_instance = 1, .profile_bytes = 12ull << 30,
	  .fb_bytes = 10ull << 30, .gi = { 1, 2, OVG_GI_MEDIA }, .max_per_gi = 1 },
	{ .id = 6, .name = "B-4-48C", .max_instance = 1, .profile_bytes = 48ull << 30,
	  .fb_bytes = 40ull << 30, .gi = { 4, 8, 0 }, .max_per_gi = 1 },
};

/* Every op begins here: no lock that an event takes, and nobody gets in. */
static int op(bool empty, char *why)
{
	char text[OVG_WHY_MAX];
	int ret = fw.fail;

	cr_assert(gpu.settings.held && !gpu.lock.held);
	if (gpu.state == OVG_GPU_READY) {
		cr_assert_eq(gpu.setting, empty);
		mutex_lock(&gpu.lock);
		ret = ovg_type_refused(&gpu, NULL, &types[0], NULL, text);
		cr_assert(!empty || ret == -EBUSY, "a create says %d: %s", ret, text);
		mutex_unlock(&gpu.lock);
	}
	ret = fw.fail;
	fw.ops++;
	fw.fail = 0;
	if (fw.dies || fw.resets)
		gpu.state = OVG_GPU_DEAD;
	if (fw.dies)
		ret = -ENODEV;
	if (ret)
		strcpy(why, "the test says no");
	return ret;
}

static int set_mixed(struct ovg_provider *p, bool on, char *why)
{
	int ret = op(true, why);

	if (!ret)
		fw.mixed = on;
	return ret;
}

static int set_scheduler(struct ovg_provider *p, const struct ovg_scheduler *sched, char *why)
{
	int ret = op(false, why);

	if (!ret)
		fw.sched = *sched;
	return ret;
}

static int set_mig(struct ovg_provider *p, bool on, char *why)
{
	int ret = op(true, why);

	if (!ret)
		fw.mig = on;
	return ret;
}

static int gi_create(struct ovg_provider *p, const struct ovg_gi_profile *profile, u32 start,
		     struct ovg_provider_gi *out, char *why)
{
	int ret = op(false, why);

	if (ret)
		return ret;
	*out = (struct ovg_provider_gi) {
		.id = fw.other_id ? fw.other_id : profile->memory == 8 ? 0 : 3 + start / 2,
		.fb_base = fw.other_base ? fw.other_base : start * (6ull << 30),
		.fb_size = profile->memory * (6ull << 30),
	};
	fw.instances |= 1u << out->id;
	return 0;
}

static int gi_destroy(struct ovg_provider *p, u32 id, char *why)
{
	int ret;

	/* out of the table before it goes */
	cr_assert_null(ovg_pool_gi(&gpu.pool, id));
	ret = op(false, why);
	if (!ret)
		fw.instances &= ~(1u << id);
	return ret;
}

static const struct ovg_provider_ops ops = {
	.name = "test",
	.set_mixed = set_mixed,
	.set_scheduler = set_scheduler,
	.set_mig = set_mig,
	.gi_create = gi_create,
	.gi_destroy = gi_destroy,
};

static struct ovg_slot slot;
static struct pci_dev pf, vf;

static void setup(void)
{
	struct ovg_pool_config cfg = {
		.generation = OVG_GEN_AMPERE, .rules = OVG_RULES_595, .limit = 32,
		.mig_limit = 48, .gi_slices = 4, .fb_total = 48ull << 30, .segment = 64 << 20,
		.channels = 2048, .region = 48,
	};

	memset(&gpu, 0, sizeof(gpu));
	memset(&fw, 0, sizeof(fw));
	memset(counts, 0, sizeof(counts));
	gpu.pf = &pf;
	gpu.prov_ops = &ops;
	gpu.types = types;
	gpu.nr_types = ARRAY_SIZE(types);
	slot = (struct ovg_slot) { .gpu = &gpu, .gfid = 1, .vf = &vf };
	gpu.slots = &slot;
	gpu.nr_slots = 1;
	gpu.state = OVG_GPU_READY;
	gpu.info = (struct ovg_gpu_info) { .firmware = "test", .total_vfs_limit = 32,
		.mig_limit = 48, .gi_slices = 4, .mixed = true, .scheduler_live = true };
	cr_assert_eq(ovg_pool_init(&gpu.pool, &cfg), 0);
	updates = 0;
}

static void teardown(void)
{
	cr_expect(!gpu.settings.held && !gpu.lock.held && !gpu.setting);
}

TestSuite(settings, .init = setup, .fini = teardown);

static u32 take(u32 type)
{
	u32 index = 0;

	cr_assert_eq(ovg_pool_take(&gpu.pool, &types[type], NULL, &index), OVG_FIT_OK);
	return index;
}

static int create(const char *profile, u32 *id)
{
	return ovg_gpu_gi_create(&gpu, profile, id);
}

/* The firmware starts anew with nothing in it. */
static int restart(char *why)
{
	int ret;

	fw.mixed = false;
	fw.mig = false;
	fw.instances = 0;
	fw.sched = gpu.scheduler;
	gpu.state = OVG_GPU_RESTARTING;
	mutex_lock(&gpu.settings);
	ret = ovg_gpu_settings_restore(&gpu, why);
	mutex_unlock(&gpu.settings);
	return ret;
}

#define REFUSED(call, error, text) do {						\
	int before_ = fw.ops;							\
										\
	cr_expect_eq((call), (error));						\
	cr_expect_not_null(strstr(gpu.last_error, (text)), "'%s' is not in '%s'", (text),	\
			   gpu.last_error);					\
	cr_expect_eq(fw.ops, before_, "the firmware was asked");		\
} while (0)

Test(settings, nothing_without_firmware)
{
	u32 id;

	gpu.state = OVG_GPU_DEAD;
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), -ENODEV, "firmware died");
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), -ENODEV, "firmware died");
	REFUSED(ovg_gpu_set_mig(&gpu, true), -ENODEV, "firmware died");
	REFUSED(ovg_gpu_set_policy(&gpu, OVG_POLICY_EQUAL_SHARE), -ENODEV, "firmware died");
	REFUSED(ovg_gpu_set_timeslice(&gpu, 0), -ENODEV, "firmware died");
	REFUSED(create("1g.12gb", &id), -ENODEV, "firmware died");
	REFUSED(ovg_gpu_gi_destroy(&gpu, 3), -ENODEV, "firmware died");
	gpu.state = OVG_GPU_NONE;
	gpu.attach_error = -EOPNOTSUPP;
	strcpy(gpu.attach_why, "no SR-IOV");
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), -EOPNOTSUPP, "no SR-IOV");
	gpu.state = OVG_GPU_READY;
	gpu.going = true;
	REFUSED(ovg_gpu_set_mig(&gpu, true), -ENODEV, "being unbound");
}

Test(settings, mode)
{
	u32 place;

	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), 0);
	cr_expect_eq(fw.ops, 0);
	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), 0);
	cr_expect(fw.mixed && gpu.pool.mode == OVG_MODE_MIXED && updates > 0);
	place = take(0);
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), -EBUSY, "vGPUs exist (1)");
	ovg_pool_quarantine(&gpu.pool, place);
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), -EBUSY, "reset the GPU");
	ovg_pool_put(&gpu.pool, place);
	REFUSED(ovg_gpu_set_mig(&gpu, true), -EINVAL, "equal first");

	fw.fail = -EIO;
	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), -EIO);
	cr_expect_str_eq(gpu.last_error, "placement mode: the test says no; try again, or reset the GPU");
	cr_expect(fw.mixed && gpu.pool.mode == OVG_MODE_MIXED);
	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), 0);
	cr_expect(!fw.mixed && gpu.pool.mode == OVG_MODE_EQUAL);
	cr_expect_str_eq(gpu.last_error, "");
	cr_expect_eq(counts[OVG_CNT_SETTINGS], 2);
	cr_expect_eq(counts[OVG_CNT_SETTING_FAILURES], 1);

	gpu.info.mixed = false;
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), -EOPNOTSUPP, "cannot mix");
	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	gpu.info.mixed = true;
	REFUSED(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), -EINVAL, "MIG is on");
}

/* Whether the op failed for it or was answered before: what is kept is what was. */
Test(settings, death_over_a_setting)
{
	char why[OVG_WHY_MAX] = "";
	u32 id = 99;

	fw.dies = true;
	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), -ENODEV);
	cr_expect_not_null(strstr(gpu.last_error, "firmware died"));
	cr_expect_eq(gpu.pool.mode, OVG_MODE_EQUAL);
	fw.dies = false;
	fw.resets = true;
	gpu.state = OVG_GPU_READY;
	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), -ENODEV);
	cr_expect(!gpu.pool.mig);
	gpu.state = OVG_GPU_READY;
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_FIXED_SHARE), -ENODEV);
	cr_expect_eq(gpu.scheduler.policy, OVG_POLICY_BEST_EFFORT);
	fw.resets = false;
	cr_expect_eq(restart(why), 0, "%s", why);
	cr_expect(!fw.mixed && !fw.mig);

	gpu.state = OVG_GPU_READY;
	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	cr_expect_eq(create("1g.12gb", &id), 0);
	fw.resets = true;
	cr_expect_eq(create("1g.12gb", &id), -ENODEV);
	gpu.state = OVG_GPU_READY;
	cr_expect_eq(ovg_gpu_gi_destroy(&gpu, 3), -ENODEV);
	fw.resets = false;
	cr_expect_eq(restart(why), 0, "%s", why);
	cr_expect(fw.mig);
	cr_expect_eq(fw.instances, 1u << 3);
	cr_expect_not_null(ovg_pool_gi(&gpu.pool, 3));
}

Test(settings, scheduler)
{
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_FIXED_SHARE), 0);
	cr_expect_eq(ovg_gpu_set_timeslice(&gpu, 5000), 0);
	cr_expect_eq(fw.sched.policy, OVG_POLICY_FIXED_SHARE);
	cr_expect_eq(fw.sched.timeslice_us, 5000);
	REFUSED(ovg_gpu_set_timeslice(&gpu, 999), -EINVAL, "1000 to 30000");
	REFUSED(ovg_gpu_set_timeslice(&gpu, 30001), -EINVAL, "1000 to 30000");
	/* with vGPUs too */
	take(0);
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_EQUAL_SHARE), 0);
	cr_expect_eq(fw.sched.timeslice_us, 5000);
	fw.fail = -EIO;
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_BEST_EFFORT), -EIO);
	cr_expect_eq(gpu.scheduler.policy, OVG_POLICY_EQUAL_SHARE);
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_BEST_EFFORT), 0);
	cr_expect(fw.sched.policy == OVG_POLICY_BEST_EFFORT && !fw.sched.timeslice_us);
	REFUSED(ovg_gpu_set_timeslice(&gpu, 2000), -EINVAL, "best effort");
	cr_expect_eq(ovg_gpu_set_timeslice(&gpu, 0), 0);
}

static bool pending(void)
{
	bool is;

	mutex_lock(&gpu.lock);
	is = ovg_gpu_scheduler_pending(&gpu);
	mutex_unlock(&gpu.lock);
	return is;
}

Test(settings, scheduler_that_waits)
{
	gpu.info.scheduler_live = false;
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_FIXED_SHARE), 0);
	cr_expect(pending() && !fw.ops);
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_BEST_EFFORT), 0);
	cr_expect(!pending() && !fw.ops);
	/* with MIG on the firmware takes none */
	gpu.info.scheduler_live = true;
	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_FIXED_SHARE), 0);
	cr_expect(pending() && fw.ops == 1);
	/* and with MIG off again it does, if it is written once more */
	cr_expect_eq(ovg_gpu_set_mig(&gpu, false), 0);
	cr_expect_eq(ovg_gpu_set_policy(&gpu, OVG_POLICY_FIXED_SHARE), 0);
	cr_expect(!pending() && fw.sched.policy == OVG_POLICY_FIXED_SHARE);
}

Test(settings, instances)
{
	struct ovg_gi_profile profiles[OVG_MAX_PROFILES];
	u32 totals[OVG_MAX_PROFILES], id = 99, place;
	char name[OVG_PROFILE_NAME_MAX];
	static const char *const names[] = { "4g.48gb", "1g.12gb", "1g.12gb+me" };

	mutex_lock(&gpu.lock);
	cr_assert_eq(ovg_gpu_gi_profiles(&gpu, profiles), 3);
	cr_expect_eq(ovg_gpu_gi_totals(&gpu, profiles, 3, totals), 0);
	for (u32 i = 0; i < 3; i++) {
		ovg_gi_profile_name(&gpu, &profiles[i], name);
		cr_expect_str_eq(name, names[i]);
		cr_expect_eq(totals[i], i == 1 ? 4 : 1);
	}
	mutex_unlock(&gpu.lock);

	REFUSED(create("1g.12gb", &id), -EINVAL, "MIG is off");
	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	REFUSED(create("1g.6gb", &id), -EINVAL, "no GPU instance profile");
	REFUSED(ovg_gpu_gi_destroy(&gpu, 3), -ENOENT, "no GPU instance 3");
	cr_expect_eq(create("1g.12gb+me", &id), 0);
	cr_expect_eq(id, 3);
	REFUSED(create("1g.12gb+me", &id), -ENOSPC, "media");
	for (u32 i = 1; i < 4; i++)
		cr_expect_eq(create("1g.12gb", &id), 0);
	REFUSED(create("1g.12gb", &id), -ENOSPC, "4 of 4 slices and 8 eighths");
	REFUSED(create("4g.48gb", &id), -ENOSPC, "4 of 4 slices");
	REFUSED(ovg_gpu_set_mig(&gpu, false), -EBUSY, "GPU instances exist (4)");
	place = take(3);
	REFUSED(ovg_gpu_gi_destroy(&gpu, gpu.pool.place[place].gi), -EBUSY, "(1)");
	REFUSED(ovg_gpu_set_mig(&gpu, false), -EBUSY, "vGPUs exist");
	ovg_pool_put(&gpu.pool, place);

	fw.fail = -EIO;
	cr_expect_eq(ovg_gpu_gi_destroy(&gpu, 5), -EIO);
	cr_expect_not_null(ovg_pool_gi(&gpu.pool, 5), "it is still there");
	for (id = 3; id < 7; id++)
		cr_expect_eq(ovg_gpu_gi_destroy(&gpu, id), 0);
	cr_expect_eq(fw.instances, 0);
	fw.fail = -EIO;
	cr_expect_eq(create("4g.48gb", &id), -EIO);
	cr_expect_null(ovg_pool_gi(&gpu.pool, 0));
	cr_expect_eq(ovg_gpu_set_mig(&gpu, false), 0);
}

/* What cannot be is taken back: no vGPU is ever in it. */
Test(settings, impossible_instance)
{
	u32 id = 99;

	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	cr_expect_eq(create("1g.12gb", &id), 0);
	fw.other_base = 1ull << 30;
	cr_expect_eq(create("1g.12gb", &id), -EIO);
	cr_expect_not_null(strstr(gpu.last_error, "impossible"));
	cr_expect_eq(fw.instances, 1u << 3);
	fw.other_base = 0;
	fw.other_id = 20;
	cr_expect_eq(create("1g.12gb", &id), -EIO);
	cr_expect_eq(fw.instances, 1u << 3);
}

Test(settings, restart)
{
	char why[OVG_WHY_MAX] = "";
	struct ovg_place before;
	u32 id, place;

	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), 0);
	cr_expect_eq(restart(why), 0, "%s", why);
	cr_expect(fw.mixed);
	fw.fail = -EIO;
	cr_expect_eq(restart(why), -EIO);
	cr_expect_not_null(strstr(why, "mixed again: the test says no"));
	gpu.state = OVG_GPU_READY;
	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), 0);

	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	cr_expect_eq(create("1g.12gb", &id), 0);
	cr_expect_eq(create("1g.12gb", &id), 0);
	/* not the first place: it comes back where it was, not where it would go now */
	cr_expect_eq(ovg_gpu_gi_destroy(&gpu, 3), 0);
	place = take(2);
	before = gpu.pool.place[place];
	cr_expect_eq(restart(why), 0, "%s", why);
	cr_expect(fw.mig && !fw.mixed);
	cr_expect_eq(fw.instances, 1u << 4);
	cr_expect_eq(memcmp(&before, &gpu.pool.place[place], sizeof(before)), 0);
	fw.other_id = 7;
	cr_expect_eq(restart(why), -EIO);
	cr_expect_not_null(strstr(why, "was made again as 7"));
	fw.other_id = 0;
	fw.other_base = 3ull << 30;
	cr_expect_eq(restart(why), -EIO);
}

/* ---- reasons --------------------------------------------------------------- */

static const char *type_why(u32 type)
{
	static char why[OVG_WHY_MAX];

	mutex_lock(&gpu.lock);
	ovg_type_why(&gpu, NULL, &types[type], why);
	mutex_unlock(&gpu.lock);
	return why;
}

Test(settings, reasons)
{
	u32 id;

	cr_expect_str_eq(type_why(0), "");
	cr_expect_str_eq(type_why(3), "B-1-12C needs a GPU instance 1g.12gb, and MIG is off: turn it on");
	slot.vf = NULL;
	cr_expect_str_eq(type_why(0), "no VFs: write sriov_numvfs first");
	slot.vf = &vf;
	take(0);
	cr_expect_str_eq(type_why(1), "B-48Q is 48 GiB, but vGPUs of 4 GiB exist on this GPU: "
			 "take that size, or mix sizes (placement_mode)");
	slot.vgpu = (struct ovg_vgpu *)&slot;
	cr_expect_str_eq(type_why(0), "no VF is free: remove a vGPU, or enable more VFs");
	slot.vgpu = NULL;
	ovg_pool_put(&gpu.pool, 0);

	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_MIXED), 0);
	take(0);
	cr_expect_not_null(strstr(type_why(1), "needs 48 GiB in one piece; the largest that is free is 4 GiB"),
			   "%s", type_why(1));
	ovg_pool_put(&gpu.pool, 0);
	cr_expect_eq(ovg_gpu_set_mode(&gpu, OVG_MODE_EQUAL), 0);

	cr_expect_eq(ovg_gpu_set_mig(&gpu, true), 0);
	cr_expect_str_eq(type_why(0), "B-4Q is not MIG-backed, and MIG is on: turn it off");
	cr_expect_str_eq(type_why(3), "B-1-12C needs a GPU instance 1g.12gb: there is none, 4 can be made (gpu_instance_create)");
	cr_expect_eq(create("4g.48gb", &id), 0);
	cr_expect_str_eq(type_why(3), "B-1-12C needs a GPU instance 1g.12gb: there is none, "
			 "and no room for one: destroy another");
	gpu.state = OVG_GPU_DEAD;
	cr_expect_str_eq(type_why(0), "firmware died: test");
}
