// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Mixed sizes, scheduler, MIG and its GPU instances, against a firmware that keeps what
 * it was told. Messages byte by byte; offsets and numbers are written out from
 * tests/data. Virtual time: kshim.h.
 */
#include <linux/firmware.h>

static struct pci_dev pf;
struct pci_dev *shim_irq_dev = &pf;

#include "fake_rm.h"

int shim_files;

#define MIXED		0x2080400eu
#define TIMESLICE	0x2080400fu
#define SET_STATE	0x20801121u
#define GET_STATE	0x20801120u
#define MODE		0x20800aa3u
#define INSTANCES	0x20800aa5u
#define PROMOTE		0x20800a44u
#define RANGES		0x20800a66u

#define MIB		(1ull << 20)
#define SEG		(64 * MIB)

static struct pci_bus bus = { .domain = 3 };
static struct ovg_timeouts to = { 100, 1000, 800, 300, 100, 900 };
static struct ovg_scheduler at_boot;
static struct ovg_provider *p;
static char why[OVG_WHY_MAX];
static u32 fw_died;

/* What the firmware has been told, and every control in order. */
static struct {
	u8 mixed, timeslice;
	u32 policy, slice;
	u32 mode;
	bool gi[15];
	u64 lo[15], hi[15];	/* promoted */
	u8 last[392];		/* the last SET_GPU_INSTANCES, as it came */
	u32 log[64], logged;
	/* misbehaviour */
	u32 other_id;		/* that a new instance is given, 0: the right one */
	bool deaf;		/* to schedulers: says yes and does nothing */
	u64 end;		/* segments that it has for instances */
} fw;

static u32 offset(u32 field)
{
	static const u32 old[] = { 0, 4, 8, 16 }, new[] = { 0, 20, 24, 32 };

	return 8 + (gsp.br->number == 535 ? old : new)[field];
}

/* Where a span of @units begins which id. */
static u32 id_of(u64 lo, u64 hi, u32 units)
{
	u32 len = (u32)(8 / units * (hi - lo + 1));

	return 8 / len - 1 + (u32)lo * (8 / units) / len;
}

static u32 instances(u8 *v, u32 size)
{
	u32 id = le_get32(v, offset(0));

	cr_expect_eq(size, gsp.br->number == 535 ? 264u : 392u);
	memcpy(fw.last, v, size);
	cr_expect_eq(le_get32(v, 0), 1u);
	if (fw.mode != 2)
		return 0x40;
	if (!v[offset(2)]) {
		if (id >= 15 || !fw.gi[id])
			return 0x1f;
		fw.gi[id] = false;
		return 0;
	}
	id = fw.other_id ? fw.other_id :
	     id_of(le_get64(v, offset(3)), le_get64(v, offset(3) + 8), p->info.gi_slices == 7 ? 8 : 4);
	if (fw.gi[id])
		return 0x1a;
	fw.gi[id] = true;
	le_put32(v, offset(0), id);
	return 0;
}

static u32 told(u32 cmd, u8 *v, u32 size)
{
	u32 id;

	fw.log[fw.logged++ % 64] = cmd;
	switch (cmd) {
	case MIXED:
		cr_expect_eq(size, 1u);
		fw.mixed = v[0];
		return 0;
	case TIMESLICE:
		cr_expect_eq(size, 1u);
		fw.timeslice = v[0];
		return 0;
	case SET_STATE:
		cr_expect_eq(size, 24u);
		cr_expect_eq(le_get32(v, 0), 1u, "the graphics engine");
		for (id = 8; id < 24; id += 4)
			cr_expect(id == 12 || !le_get32(v, id));
		if (!fw.deaf) {
			fw.policy = le_get32(v, 4);
			fw.slice = le_get32(v, 12) ? le_get32(v, 12) : 2000000;
		}
		return 0;
	case GET_STATE:
		cr_expect_eq(size, 20u);
		cr_expect_eq(le_get32(v, 0), 1u);
		le_put32(v, 4, fw.policy);
		le_put32(v, 12, fw.slice);
		return 0;
	case MODE:
		cr_expect_eq(size, 4u);
		fw.mode = le_get32(v, 0);
		return 0;
	case INSTANCES:
		return instances(v, size);
	case PROMOTE:
		cr_expect_eq(size, 24u);
		id = le_get32(v, 0);
		cr_expect_eq(le_get32(v, 4), 0u);
		if (id >= 15 || !fw.gi[id])
			return 0x1f;
		fw.lo[id] = le_get64(v, 8);
		fw.hi[id] = le_get64(v, 16);
		return 0;
	case RANGES:
		cr_expect_eq(size, 240u);
		/* quarters in it, and nothing else */
		for (id = 0; id < 15; id++) {
			bool quarter = id >= 3 && id < 7;

			le_put64(v, 16 * id, quarter ? 10 + (id - 3) * fw.end / 4 : 1);
			le_put64(v, 16 * id + 8, quarter ? 9 + (id - 2) * fw.end / 4 : 0);
		}
		return 0;
	}
	return 0x56;
}

static void firmware_died(void *ctx, const char *cause)
{
	(void)ctx;
	(void)cause;
	fw_died++;
}

static const struct ovg_provider_events ev = { .firmware_died = firmware_died };

int shim_firmware(const char *name, struct firmware *f)
{
	(void)name;
	(void)f;
	return -ENOENT;
}

static void bar(int i, u64 start, u64 len, bool is64)
{
	pf.resource[i] = (struct resource) {
		.start = start, .len = len,
		.flags = IORESOURCE_MEM | (is64 ? IORESOURCE_MEM_64 : 0),
	};
}

/* A board of that branch and chip, and what a catalogue would have said about its MIG. */
static void attach(u32 branch, u32 boot0, u32 slices)
{
	for (size_t i = 0; i < ARRAY_SIZE(branches); i++)
		if (branches[i].number == branch)
			gsp.br = &branches[i];
	pf = (struct pci_dev) {
		.bus = &bus, .id = 0x4108, .devfn = 0x08, .vendor = 0x10de, .device = 0x20f1,
		.total_vfs = 16, .vf_offset = 4, .bar0 = bar0,
	};
	bar(0, 0xe0000000, 16 << 20, false);
	bar(1, 0x8000000000, 64ull << 30, true);
	bar(3, 0x9000000000, 32 << 20, true);
	bar(7, 0xe8000000, 32 * 256 << 10, false);
	bar(8, 0xa000000000, 128ull << 30, true);
	bar(10, 0xb000000000, 1 << 30, true);
	pf.cfg[0x104 / 4] = 0x4756 | 1 << 16 | 0x30 << 20;
	pf.cfg[0x108 / 4] = 0x4f564748;
	pf.cfg[0x10c / 4] = 3;
	strcpy((char *)&pf.cfg[0x110 / 4], gsp.br->build);
	set_reg(0, boot0);
	set_reg(0x110100, 0x10);
	gsp.other = told;
	fw.policy = 2;
	fw.end = 40536 / 64 - 10;
	bad.usable_kib = 40536 << 10;
	cr_assert_eq(ovg_gsp_provider.attach(&pf, &ev, NULL, &to, &at_boot, &p, why), 0, "%s", why);
	p->info.gi_slices = slices;
	p->info.mig_limit = slices ? p->abi->max_mig_vgpus : 0;
}

static void detach(void)
{
	ovg_gsp_provider.detach(p);
	cr_expect_eq(count_objects(), 0u);
}

static void ampere(u32 branch) { attach(branch, 0x170000a1, 7); }
static void hopper(void) { attach(570, 0x180000a1, 7); }
static void blackwell(void) { attach(595, 0x1b2000a1, 4); }

static bool logged(u32 n, const u32 *cmds)
{
	bool same = fw.logged == n;
	u32 i;

	for (i = 0; i < n && same; i++)
		same = fw.log[i] == cmds[i];
	for (i = 0; i < fw.logged && !same; i++)
		cr_log_error("%u: %x", i, fw.log[i]);
	fw.logged = 0;
	return same;
}

#define expect_log(...) \
	cr_expect(logged(sizeof((u32 []){ __VA_ARGS__ }) / 4, (u32 []){ __VA_ARGS__ }))

static const struct ovg_scheduler best = { OVG_POLICY_BEST_EFFORT, 0 },
				  equal = { OVG_POLICY_EQUAL_SHARE, 0 },
				  fixed = { OVG_POLICY_FIXED_SHARE, 5000 };

/* ---- facts -------------------------------------------------------------- */

static void facts(u32 branch, u32 rules, bool mixed, bool live, u32 mig)
{
	const struct ovg_gpu_info *info;

	ampere(branch);
	info = ovg_gsp_provider.info(p);
	cr_expect_eq(info->rules, rules);
	cr_expect_eq(info->mixed, mixed);
	cr_expect_eq(info->scheduler_live, live);
	cr_expect_eq(info->total_vfs_limit, 32u);
	cr_expect_eq(info->mig_limit, mig);
	detach();
}

Test(gsp_settings, facts_535) { facts(535, OVG_RULES_535, false, false, 7); }
Test(gsp_settings, facts_570) { facts(570, OVG_RULES_570, true, true, 7); }
Test(gsp_settings, facts_595) { facts(595, OVG_RULES_595, true, true, 48); }

/* ---- mixed sizes -------------------------------------------------------- */

Test(gsp_settings, mixed)
{
	ampere(570);
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), 0, "%s", why);
	cr_expect_eq(fw.mixed, 1);
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, false, why), 0);
	cr_expect_eq(fw.mixed, 0);
	bad.refused = MIXED;
	bad.status = 0x17;
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), -EBUSY);
	cr_expect_str_eq(why, "GSP refused SET_VGPU_HETEROGENEOUS_MODE: IN_USE (0x17)");
	detach();
}

Test(gsp_settings, mixed_not_on_535)
{
	ampere(535);
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), -EOPNOTSUPP);
	cr_expect_str_eq(why, "firmware branch 535 does not mix sizes");
	cr_expect_eq(fw.logged, 0u);
	detach();
}

/* The answer is lost, so it is set back. */
Test(gsp_settings, mixed_in_doubt)
{
	ampere(570);
	bad.lost = MIXED;
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), -ETIMEDOUT);
	cr_expect_eq(fw.mixed, 0);
	expect_log(MIXED, MIXED);
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), 0);
	bad.lost = MIXED;
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, false, why), -ETIMEDOUT);
	cr_expect_eq(fw.mixed, 1);
	cr_expect_eq(fw_died, 0u);
	detach();
}

/* Nobody knows, and nobody is hurt: the firmware is to start anew. */
Test(gsp_settings, mixed_in_doubt_for_good)
{
	ampere(570);
	bad.lost = MIXED;
	bad.again = 1;
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), -ENODEV);
	cr_expect_str_eq(why,
			 "nobody knows what the firmware made of SET_VGPU_HETEROGENEOUS_MODE");
	shim_run_work(p->wq);
	cr_expect_eq(fw_died, 1u);
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), -ENODEV);
	detach();
}

/* ---- scheduler ---------------------------------------------------------- */

static void boots(enum ovg_policy policy, u32 us, u32 keys, u32 value)
{
	at_boot = (struct ovg_scheduler){ policy, us };
	attach(535, 0xb72000a1, 0);
	cr_expect_eq(gsp.registry, 1u);
	cr_expect_eq(gsp.keys, keys);
	cr_expect_eq(gsp.pvmrl, value, "%u, %u us: %#x", policy, us, gsp.pvmrl);
	detach();
}

Test(gsp_settings, scheduler_at_boot)
{
	boots(OVG_POLICY_BEST_EFFORT, 0, 1, 0);
	boots(OVG_POLICY_EQUAL_SHARE, 0, 2, 0x01);
	boots(OVG_POLICY_FIXED_SHARE, 0, 2, 0x11);
	boots(OVG_POLICY_EQUAL_SHARE, 1000, 2, 0x10001);
	boots(OVG_POLICY_FIXED_SHARE, 30000, 2, 0x1e0011);
	/* the key has whole milliseconds */
	boots(OVG_POLICY_FIXED_SHARE, 1499, 2, 0x10011);
	boots(OVG_POLICY_FIXED_SHARE, 1500, 2, 0x20011);
}

Test(gsp_settings, scheduler)
{
	ampere(570);
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &fixed, why), 0, "%s", why);
	cr_expect_eq(fw.policy, 4u);
	cr_expect_eq(fw.slice, 5000000u);
	expect_log(SET_STATE, GET_STATE);
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), 0, "%s", why);
	cr_expect_eq(fw.policy, 3u);
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &best, why), 0, "%s", why);
	cr_expect_eq(fw.policy, 2u);
	detach();
}

Test(gsp_settings, scheduler_not_on_535)
{
	ampere(535);
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), -EOPNOTSUPP);
	cr_expect_str_eq(why, "firmware branch 535 takes a scheduler only when it starts");
	cr_expect_eq(fw.logged, 0u);
	detach();
}

Test(gsp_settings, scheduler_refused)
{
	ampere(570);
	bad.refused = SET_STATE;
	bad.status = 0x40;
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), -EIO);
	cr_expect_str_eq(why, "GSP refused FIFO_OBJSCHED_SET_STATE: INVALID_STATE (0x40)");
	cr_expect_eq(fw.logged, 0u);
	detach();
}

/* Found out by looking: it is done, or it is not and what was before is set again. */
Test(gsp_settings, scheduler_in_doubt)
{
	ampere(570);
	bad.lost = SET_STATE;
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &fixed, why), 0, "%s", why);
	cr_expect_eq(fw.policy, 4u);
	bad.ignored = SET_STATE;
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), -ETIMEDOUT);
	cr_expect_eq(fw.policy, 4u);
	cr_expect_eq(fw.slice, 5000000u);
	fw.logged = 0;
	/* nobody says what it runs with */
	bad.lost = GET_STATE;
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), -ETIMEDOUT);
	expect_log(SET_STATE, GET_STATE, SET_STATE);
	cr_expect_eq(fw.policy, 4u);
	detach();
}

Test(gsp_settings, scheduler_that_is_not_run)
{
	ampere(570);
	fw.slice = 2000000;
	fw.deaf = true;
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), -EIO);
	cr_expect_str_eq(why, "firmware runs scheduler policy 2 with time slices of 2000000 ns");
	detach();
}

/* ---- MIG mode ----------------------------------------------------------- */

Test(gsp_settings, mig)
{
	ampere(570);
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), 0, "%s", why);
	cr_expect_eq(fw.mode, 2u);
	expect_log(MODE);
	cr_expect_eq(ovg_gsp_provider.set_mig(p, false, why), 0, "%s", why);
	cr_expect_eq(fw.mode, 0u);
	expect_log(MODE);
	detach();
	hopper();
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), 0, "%s", why);
	expect_log(MODE, RANGES);
	detach();
	blackwell();
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), 0, "%s", why);
	expect_log(MODE, TIMESLICE, RANGES);
	cr_expect_eq(fw.timeslice, 1);
	detach();
	/* the command is there, the chip cannot */
	ampere(595);
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), 0, "%s", why);
	expect_log(MODE);
	detach();
}

Test(gsp_settings, mig_not_here)
{
	attach(570, 0xb72000a1, 0);
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), -EOPNOTSUPP);
	cr_expect_str_eq(why, "this board has no MIG-backed types");
	cr_expect_eq(fw.logged, 0u);
	detach();
}

Test(gsp_settings, mig_refused)
{
	ampere(570);
	bad.refused = MODE;
	bad.status = 0x63;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), -EBUSY);
	cr_expect_str_eq(why, "GSP refused SET_PARTITIONING_MODE: STATE_IN_USE (0x63)");
	detach();
}

/* What comes after the mode fails: the mode is taken back. */
Test(gsp_settings, mig_halfway)
{
	blackwell();
	bad.refused = TIMESLICE;
	bad.status = 0x57;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), -ENOENT);
	cr_expect_str_eq(why,
			 "GSP refused SET_VGPU_MIG_TIMESLICE_MODE: OBJECT_NOT_FOUND (0x57)");
	cr_expect_eq(fw.mode, 0u);
	expect_log(MODE, MODE);
	bad.refused = RANGES;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), -ENOENT);
	cr_expect_eq(fw.mode, 0u);
	bad.refused = 0;
	bad.lost = RANGES;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), -ETIMEDOUT);
	cr_expect_eq(fw.mode, 0u);
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), 0, "%s", why);
	detach();
}

Test(gsp_settings, mig_in_doubt)
{
	ampere(570);
	bad.lost = MODE;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, true, why), -ETIMEDOUT);
	cr_expect_eq(fw.mode, 0u);
	cr_assert_eq(ovg_gsp_provider.set_mig(p, true, why), 0);
	bad.lost = MODE;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, false, why), -ETIMEDOUT);
	cr_expect_eq(fw.mode, 2u);
	bad.lost = MODE;
	bad.again = 1;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, false, why), -ENODEV);
	detach();
}

/* ---- GPU instances ------------------------------------------------------ */

static const struct ovg_gi_profile eighth = { 1, 1, 0 }, half = { 3, 4, 0 }, whole = { 7, 8, 0 };
static struct ovg_provider_gi gi;

static void instance(u32 branch)
{
	u32 at = branch == 535 ? 8 : 24;
	u32 i;

	ampere(branch);
	cr_assert_eq(ovg_gsp_provider.set_mig(p, true, why), 0);
	fw.logged = 0;
	cr_assert_eq(ovg_gsp_provider.gi_create(p, &half, 4, &gi, why), 0, "%s", why);
	expect_log(INSTANCES, PROMOTE);
	cr_expect_eq(gi.id, 2u);
	cr_expect_eq(gi.fb_base, 317 * SEG);
	cr_expect_eq(gi.fb_size, 316 * SEG);
	cr_expect_eq(fw.lo[2], 317 * SEG);
	cr_expect_eq(fw.hi[2], 633 * SEG - 1, "inclusive");
	/* one entry, and nothing in it but this */
	cr_expect_eq(le_get32(fw.last, 8 + at - 4), 0x80000009u);
	cr_expect_eq(fw.last[8 + at], 1);
	cr_expect_eq(le_get64(fw.last, 8 + at + 8), 4u);
	cr_expect_eq(le_get64(fw.last, 8 + at + 16), 7u);
	le_put32(fw.last, 0, 0);
	le_put32(fw.last, 8 + at - 4, 0);
	fw.last[8 + at] = 0;
	le_put64(fw.last, 8 + at + 8, 0);
	le_put64(fw.last, 8 + at + 16, 0);
	for (i = 0; i < sizeof(fw.last); i++)
		cr_expect_eq(fw.last[i], 0, "byte %u", i);

	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 2, why), 0, "%s", why);
	expect_log(INSTANCES);
	cr_expect_eq(le_get32(fw.last, 8), 2u);
	cr_expect_eq(fw.last[8 + at], 0);
	cr_expect_not(fw.gi[2]);
	detach();
}

Test(gsp_settings, instance_535) { instance(535); }
Test(gsp_settings, instance_570) { instance(570); }
Test(gsp_settings, instance_595) { instance(595); }

/* From Hopper on the firmware says where the memory is. */
Test(gsp_settings, memory_from_the_firmware)
{
	static const struct ovg_gi_profile quarter = { 1, 2, OVG_GI_GFX },
					   two = { 2, 4, OVG_GI_GFX };
	u64 len;

	blackwell();
	len = fw.end / 4 * SEG;
	cr_assert_eq(ovg_gsp_provider.set_mig(p, true, why), 0);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &quarter, 0, &gi, why), 0, "%s", why);
	cr_expect_eq(gi.id, 3u);
	cr_expect_eq(gi.fb_base, 10 * SEG);
	cr_expect_leq(gi.fb_size, len + SEG);
	cr_expect_geq(gi.fb_size, len);
	cr_expect_eq(fw.hi[3] + 1, gi.fb_base + gi.fb_size);
	/* an empty range: there is no such instance */
	fw.logged = 0;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &two, 4, &gi, why), -EINVAL);
	cr_expect_str_eq(why, "there is no framebuffer for GPU instance 2");
	cr_expect_eq(fw.logged, 0u);
	/* and one beyond the end is not believed */
	detach();
	fw = (typeof(fw)){ 0 };
	blackwell();
	fw.end = 1ull << 40;
	cr_assert_eq(ovg_gsp_provider.set_mig(p, true, why), 0);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &quarter, 0, &gi, why), -EINVAL);
	detach();
}

Test(gsp_settings, no_such_instance)
{
	static const struct ovg_gi_profile five = { 5, 4, 0 };

	ampere(570);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 4, &gi, why), -EINVAL);
	cr_expect_str_eq(why, "MIG is off");
	cr_assert_eq(ovg_gsp_provider.set_mig(p, true, why), 0);
	fw.logged = 0;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 2, &gi, why), -EINVAL);
	cr_expect_str_eq(why, "the board has no GPU instance of 3 slices and 4 eighths at 2");
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &five, 0, &gi, why), -EINVAL);
	cr_expect_eq(fw.logged, 0u);
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 7, why), -EINVAL);
	cr_expect_str_eq(why, "GSP refused SET_GPU_INSTANCES: INVALID_ARGUMENT (0x1f)");
	detach();
}

static void with_mig(void)
{
	ampere(570);
	cr_assert_eq(ovg_gsp_provider.set_mig(p, true, why), 0);
	fw.logged = 0;
}

Test(gsp_settings, place_is_taken)
{
	with_mig();
	cr_assert_eq(ovg_gsp_provider.gi_create(p, &eighth, 4, &gi, why), 0);
	cr_expect_eq(gi.id, 11u);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &eighth, 4, &gi, why), -ENOSPC);
	cr_expect_str_eq(why, "GSP refused SET_GPU_INSTANCES: INSUFFICIENT_RESOURCES (0x1a)");
	cr_expect(fw.gi[11], "the one that is there stays");
	detach();
}

/* It is made and cannot be given its memory: it goes again. */
Test(gsp_settings, promote_refused)
{
	with_mig();
	bad.refused = PROMOTE;
	bad.status = 0x1f;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), -EINVAL);
	cr_expect_str_eq(why, "GSP refused PROMOTE_GPU_INSTANCE_MEM_RANGE: INVALID_ARGUMENT (0x1f)");
	cr_expect_not(fw.gi[1]);
	bad.refused = 0;
	bad.lost = PROMOTE;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), -ETIMEDOUT);
	cr_expect_not(fw.gi[1]);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), 0, "%s", why);
	detach();
}

Test(gsp_settings, another_instance_than_asked_for)
{
	with_mig();
	fw.other_id = 5;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), -EPROTO);
	cr_expect_str_eq(why, "firmware made GPU instance 5 instead of 1");
	cr_expect_not(fw.gi[5]);
	detach();
}

/* The answer is lost: whatever it was, it is gone afterwards. */
Test(gsp_settings, create_in_doubt)
{
	with_mig();
	bad.lost = INSTANCES;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &whole, 0, &gi, why), -ETIMEDOUT);
	cr_expect_not(fw.gi[0]);
	bad.ignored = INSTANCES;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &whole, 0, &gi, why), -ETIMEDOUT);
	cr_expect_str_eq(why, "no answer to SET_GPU_INSTANCES in 100 ms");
	cr_expect_eq(p->gi_doubt, 0u);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &whole, 0, &gi, why), 0, "%s", why);
	detach();
}

/* What is left behind goes before the next one is made. */
Test(gsp_settings, left_over_instance)
{
	with_mig();
	bad.refused = PROMOTE;
	bad.status = 0x1f;
	/* made, not promoted, and the command that destroys it never arrives */
	gsp.other = told;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), -EINVAL);
	fw.gi[1] = true;
	p->gi_doubt = 1 << 1;
	bad.refused = 0;
	fw.logged = 0;
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &eighth, 7, &gi, why), 0, "%s", why);
	expect_log(INSTANCES, INSTANCES, PROMOTE);
	cr_expect_not(fw.gi[1]);
	cr_expect(fw.gi[14]);
	/* likewise before MIG ends */
	cr_assert_eq(ovg_gsp_provider.gi_destroy(p, 14, why), 0);
	fw.gi[1] = true;
	p->gi_doubt = 1 << 1;
	cr_expect_eq(ovg_gsp_provider.set_mig(p, false, why), 0);
	cr_expect_not(fw.gi[1]);
	detach();
}

/* Destroyed, and nobody heard of it: asked again, there is none any more. */
Test(gsp_settings, destroy_in_doubt)
{
	with_mig();
	cr_assert_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), 0);
	fw.logged = 0;
	bad.lost = INSTANCES;
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 1, why), 0, "%s", why);
	expect_log(INSTANCES, INSTANCES);
	cr_expect_eq(p->gi_doubt, 0u);
	/* twice without an answer; the next one finds out */
	cr_assert_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), 0);
	bad.lost = INSTANCES;
	bad.again = 1;
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 1, why), -ETIMEDOUT);
	cr_expect_eq(p->gi_doubt, 1u << 1);
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 1, why), 0, "%s", why);
	/* a number that is in no doubt is a wrong one */
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 1, why), -EINVAL);
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 0xffffffff, why), -EINVAL);
	detach();
}

Test(gsp_settings, dead_firmware)
{
	with_mig();
	cr_assert_eq(ovg_gsp_provider.gi_create(p, &half, 0, &gi, why), 0);
	fw.logged = 0;
	gsp_queue_fail(&p->q, "for a test");
	cr_expect_eq(ovg_gsp_provider.set_mixed(p, true, why), -ENODEV);
	cr_expect_eq(ovg_gsp_provider.set_scheduler(p, &equal, why), -ENODEV);
	cr_expect_eq(ovg_gsp_provider.set_mig(p, false, why), -ENODEV);
	cr_expect_eq(ovg_gsp_provider.gi_create(p, &half, 4, &gi, why), -ENODEV);
	cr_expect_eq(ovg_gsp_provider.gi_destroy(p, 1, why), -ENODEV);
	cr_expect_str_eq(why, "for a test");
	cr_expect_eq(fw.logged, 0u);
	detach();
}
