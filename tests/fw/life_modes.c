// SPDX-License-Identifier: GPL-2.0-only
/* Mixed sizes, scheduler and MIG of the firmware model, when nothing is wrong. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

static const struct { const char *board; unsigned int branch; } setups[] = {
	{ "A40", 535 }, { "L40S", 570 }, { "A40", 595 }, { "RTXPRO6000", 595 },
	{ "A100-PCIe-40", 535 }, { "A100-SXM4-80", 570 }, { "A30", 535 }, { "A30", 595 },
	{ "H100-PCIe-80", 535 }, { "H200-NVL", 570 }, { "H100-SXM5-94", 595 },
};

/* TEST_EACH(name) { ... h ... }: on every board and branch. */
#define TEST_EACH(name) \
	static void name(struct host *h); \
	Test(fw_modes, name) \
	{ \
		for (size_t i_ = 0; i_ < sizeof(setups) / sizeof(setups[0]); i_++) { \
			struct host *h_ = host_new(setups[i_].board, setups[i_].branch); \
			name(h_); \
			host_free(h_); \
		} \
	} \
	static void name(struct host *h)

/* The board has refused nothing. */
static void content(struct host *h)
{
	const char *name;

	for (size_t i = 0; (name = model_counter_name(i)); i++)
		if (!strncmp(name, "refused_", 8))
			cr_expect_eq(model_counter(h->m, name), 0u, "%s on %s %u", name, h->f.build,
				     h->f.device);
}

TEST_EACH(sizes_mix)
{
	host_up(h);
	if (!h->lay->modes)
		return;
	EXPECT_ZERO(host_mixed(h, 1));
	cr_expect(model_mixed(h->m));
	EXPECT_ZERO(host_mixed(h, 1));
	EXPECT_ZERO(host_add_type(h, HOST_TYPE + 8, 8, 0, 0));
	EXPECT_ZERO(host_add_type(h, HOST_TYPE + 4, 4, 0, 0));
	for (uint32_t gfid = 1; gfid <= 3; gfid++) {
		host_put_in(h, gfid, gfid == 2 ? HOST_TYPE + 8 : HOST_TYPE + 4, 0xffffffff, 0);
		h->at[gfid].place = gfid == 1 ? 12 : gfid == 2 ? 0 : 8;
		host_vgpu(h, gfid);
		host_configure(h, gfid);
	}
	for (uint32_t gfid = 1; gfid <= 3; gfid++)
		host_vgpu_gone(h, gfid);
	EXPECT_ZERO(host_mixed(h, 0));
	cr_expect(!model_mixed(h->m));
	content(h);
}

/* All sizes of one place after the other, every id of the board. */
TEST_EACH(ids_are_given_back)
{
	uint32_t n = h->f.total_vfs < 16 ? h->f.total_vfs : 16;

	host_up(h);
	for (int round = 0; round < 2; round++) {
		for (uint32_t gfid = 1; gfid <= n; gfid++) {
			host_vgpu(h, gfid);
			host_configure(h, gfid);
		}
		for (uint32_t gfid = 1; gfid <= n; gfid++)
			host_vgpu_gone(h, gfid);
	}
	content(h);
}

static void scheduler_is(struct host *h, const char *policy, uint32_t us)
{
	uint32_t got;

	cr_expect_str_eq(model_scheduler(h->m, &got), policy);
	cr_expect_eq(got, us);
}

TEST_EACH(scheduler_by_command)
{
	uint8_t p[20] = { 1 };

	host_up(h);
	scheduler_is(h, "best_effort", 0);
	if (!h->lay->modes)
		return;
	EXPECT_ZERO(host_sched(h, 1, 4, 0, 30000000));
	scheduler_is(h, "fixed_share", 30000);
	EXPECT_ZERO(host_ctrl(h, CMD_SCHED_GET, p, 20));
	cr_expect_eq(get32(p + 4), 4u);
	cr_expect_eq(get32(p + 12), 30000000u);
	EXPECT_ZERO(host_sched(h, 1, 3, 2, 0));
	scheduler_is(h, "equal_share", 0);
	host_vgpu(h, 1);
	EXPECT_ZERO(host_sched(h, 1, 2, 0, 0));
	scheduler_is(h, "best_effort", 0);
	EXPECT_ZERO(host_sched(h, 1, 4, 0, 1000000));
	host_vgpu_gone(h, 1);
	content(h);
	/* forgotten when the firmware stops */
	host_down(h);
	host_up(h);
	scheduler_is(h, "best_effort", 0);
}

/* RMSetSriovMode and RmPVMRL in one table. */
static uint32_t registry(uint8_t *p, uint32_t pvmrl)
{
	static const char names[] = "RMSetSriovMode\0RmPVMRL";
	uint32_t at = 8 + 2 * 16;

	memset(p, 0, at);
	put32(p, at + (uint32_t)sizeof(names));
	put32(p + 4, 2);
	for (uint32_t i = 0; i < 2; i++) {
		uint8_t *e = p + 8 + 16 * i;

		put32(e, at + (i ? 15 : 0));
		e[4] = 1;
		put32(e + 8, i ? pvmrl : 1);
		put32(e + 12, 4);
	}
	memcpy(p + at, names, sizeof(names));
	return get32(p);
}

static void start_with(struct host *h, uint32_t pvmrl)
{
	uint8_t p[1024];

	host_prepare(h);
	host_push(h, host_record(h, FN_SYSTEM_INFO, ++h->rpc_seq, p, host_sysinfo(h, p)));
	h->seq++;
	host_push(h, host_record(h, FN_REGISTRY, ++h->rpc_seq, p, registry(p, pvmrl)));
	h->seq++;
	cr_assert_eq(host_start(h), 0u);
}

TEST_EACH(scheduler_at_boot)
{
	static const struct { uint32_t pvmrl; const char *policy; uint32_t us; } boots[] = {
		{ 0, "best_effort", 0 }, { 0x01, "equal_share", 0 }, { 0x11, "fixed_share", 0 },
		{ 0x00020001, "equal_share", 2000 }, { 0x001e0011, "fixed_share", 30000 },
		/* without bit 0 the rest means nothing */
		{ 0x00020010, "best_effort", 0 },
	};

	for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
		start_with(h, boots[i].pvmrl);
		scheduler_is(h, boots[i].policy, boots[i].us);
		EXPECT_ZERO(host_alloc_all(h, CLIENT));
		host_down(h);
		scheduler_is(h, "best_effort", 0);
	}
	content(h);
	/* a policy that there is not, a slice that is too long */
	start_with(h, 0x21);
	scheduler_is(h, "best_effort", 0);
	host_down(h);
	start_with(h, 0x001f0001);
	scheduler_is(h, "best_effort", 0);
	cr_expect_eq(model_counter(h->m, "refused_registry"), 2u);
}

TEST_EACH(mig_forces_fixed_share)
{
	host_up(h);
	if (!h->f.gi_slices || !h->lay->modes)
		return;
	EXPECT_ZERO(host_sched(h, 1, 3, 0, 2000000));
	EXPECT_ZERO(host_mig(h, MIG_ON));
	scheduler_is(h, h->f.can_48 ? "equal_share" : "fixed_share", 2000);
	EXPECT_ZERO(host_mig(h, MIG_OFF));
	scheduler_is(h, "equal_share", 2000);
}

/* What was asked for, where it must be, and its number. */
struct want {
	uint32_t flags, start, eighths, id;
};

static void all_of(struct host *h, const struct want *w, size_t n)
{
	uint64_t base, size, end = 0;
	uint32_t id;

	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(host_gi(h, w[i].flags, w[i].start, w[i].eighths), w[i].id);
		host_gi_memory(h, w[i].id, &base, &size);
		cr_expect_geq(base, end, "they do not overlap");
		cr_expect(base % h->f.segment == 0 && size % h->f.segment == 0 && size);
		cr_expect_leq(base + size, h->f.usable);
		end = base + size;
	}
	cr_expect_eq(model_gpu_instances(h->m), n);
	for (size_t i = 0; i < n; i++)
		EXPECT_ZERO(host_gi_destroy(h, w[i].id));
	/* the same by the firmware's own choice, in that order */
	for (size_t i = 0; i < n; i++) {
		EXPECT_ZERO(host_gi_create(h, w[i].flags, GI_ANYWHERE, 0, &id));
		cr_expect_eq(id, w[i].id);
	}
	for (size_t i = n; i--; )
		EXPECT_ZERO(host_gi_destroy(h, w[i].id));
	cr_expect_eq(model_gpu_instances(h->m), 0u);
}

#define ALL_OF(h, ...) do { \
	static const struct want want_[] = { __VA_ARGS__ }; \
	all_of(h, want_, sizeof(want_) / sizeof(want_[0])); \
} while (0)

TEST_EACH(gpu_instances)
{
	host_up(h);
	if (!h->f.gi_slices)
		return;
	EXPECT_ZERO(host_mig(h, MIG_ON));
	cr_expect(model_mig(h->m));
	EXPECT_ZERO(host_mig(h, MIG_ON));
	ALL_OF(h, { 0, 0, 8, 0 });
	if (h->f.gi_slices == 7) {
		ALL_OF(h, { GI_1, 0, 1, 7 }, { GI_1, 1, 1, 8 }, { GI_1, 2, 1, 9 },
		       { GI_1, 3, 1, 10 }, { GI_1, 4, 1, 11 }, { GI_1, 5, 1, 12 },
		       { GI_1, 6, 1, 13 });
		ALL_OF(h, { GI_4, 0, 4, 1 }, { GI_3, 4, 4, 2 });
		ALL_OF(h, { GI_3, 0, 4, 1 }, { GI_3, 4, 4, 2 });
		ALL_OF(h, { GI_4, 0, 4, 1 }, { GI_2, 4, 2, 5 }, { GI_1, 6, 1, 13 });
		ALL_OF(h, { GI_2, 0, 2, 3 }, { GI_2, 2, 2, 4 }, { GI_2, 4, 2, 5 },
		       { GI_1_DOUBLE, 6, 2, 6 });
		ALL_OF(h, { GI_1_DOUBLE, 0, 2, 3 }, { GI_1_DOUBLE, 2, 2, 4 },
		       { GI_1_DOUBLE, 4, 2, 5 }, { GI_1_DOUBLE, 6, 2, 6 });
		ALL_OF(h, { GI_1 | GI_ME, 0, 1, 7 }, { GI_1, 1, 1, 8 });
	} else {
		ALL_OF(h, { GI4_1, 0, 2, 3 }, { GI4_1, 2, 2, 4 }, { GI4_1, 4, 2, 5 },
		       { GI4_1, 6, 2, 6 });
		ALL_OF(h, { GI4_2, 0, 4, 1 }, { GI4_2, 4, 4, 2 });
		ALL_OF(h, { GI4_2 | GI_ME, 0, 4, 1 }, { GI4_1, 4, 2, 5 }, { GI4_1, 6, 2, 6 });
	}
	if (h->f.can_48) {
		ALL_OF(h, { GI4_1 | 4 << 5, 0, 2, 3 }, { GI4_1, 2, 2, 4 },
		       { GI4_2 | 2 << 5, 4, 4, 2 });
		ALL_OF(h, { GI4_4 | 1 << 5, 0, 8, 0 });
	}
	EXPECT_ZERO(host_mig(h, MIG_OFF));
	cr_expect(!model_mig(h->m));
	content(h);
}

/* One in each of the smallest instances: the same channels in all of them. */
TEST_EACH(vgpus_in_gpu_instances)
{
	uint32_t eighths, flags, n = h->f.gi_slices;
	uint32_t id[8];

	host_up(h);
	if (!n)
		return;
	EXPECT_ZERO(host_add_type(h, 900, 2, 1, 1));
	EXPECT_ZERO(host_mig(h, MIG_ON));
	flags = host_gi_smallest(h, &eighths);
	if (n > h->f.total_vfs)
		n = h->f.total_vfs;
	for (uint32_t i = 0; i < n; i++) {
		uint8_t p[8192];

		id[i] = host_gi(h, flags, i * eighths, eighths);
		host_put_in(h, i + 1, 900, id[i], 0);
		host_comm_init(h, i + 1);
		host_bootload_params(h, i + 1, p);
		put32(p + 20, 1024);
		for (uint32_t e = 0; e < h->f.nengines; e++)
			put32(p + h->lay->boot.chid + 4 * h->f.engines[e], 1024);
		EXPECT_ZERO(host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size));
		host_vgpu_gone(h, i + 1);
		host_vgpu(h, i + 1);
		host_configure(h, i + 1);
		cr_expect(model_vgpu_may_dma(h->m, i + 1));
	}
	cr_expect_eq(model_vgpus(h->m), n);
	for (uint32_t i = n; i--; ) {
		host_vgpu_gone(h, i + 1);
		EXPECT_ZERO(host_gi_destroy(h, id[i]));
	}
	EXPECT_ZERO(host_mig(h, MIG_OFF));
	content(h);
}

/* Everything is gone with the firmware, however it ends. */
TEST_EACH(modes_end_with_the_firmware)
{
	uint32_t eighths, flags = host_gi_smallest(h, &eighths);

	if (!h->f.gi_slices)
		return;
	for (int how = 0; how < 3; how++) {
		host_up(h);
		EXPECT_ZERO(host_add_type(h, 900, 2, 1, 1));
		EXPECT_ZERO(host_mig(h, MIG_ON));
		host_put_in(h, 1, 900, host_gi(h, flags, 0, eighths), 0);
		if (how) {
			host_vgpu(h, 1);
			host_configure(h, 1);
		}
		if (how == 0) {
			host_down(h);
		} else if (how == 1) {
			model_flr(h->m);
		} else {
			h->gone = true;
			host_ring(h);
			model_poll(h->m);
			h->gone = false;
		}
		cr_expect(!model_running(h->m), "%d", how);
		cr_expect(!model_mig(h->m), "%d", how);
		cr_expect_eq(model_gpu_instances(h->m), 0u, "%d", how);
		cr_expect_eq(model_vgpus(h->m), 0u);
		memset(h->at, 0, sizeof(h->at));
	}
	host_up(h);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
	if (h->lay->modes) {
		EXPECT_ZERO(host_mixed(h, 1));
		host_down(h);
		cr_expect(!model_mixed(h->m));
	}
}

/* Four quarters of RTX PRO 6000 with twelve each: 48, if the booter made room for them. */
static void forty_eight(uint8_t partitions, uint32_t mib, uint32_t most)
{
	struct host *h = host_new("RTXPRO6000", 595);
	uint8_t *p = malloc(h->lay->types.size);
	uint32_t id[4], booted = 0;

	host_prepare(h);
	host_page(h, PAGE_WPR)[240] = partitions;
	put64(host_page(h, PAGE_WPR) + 128, mib * 0x100000ull);
	host_early(h);
	cr_assert_eq(host_start(h), 0u);
	cr_assert_eq(host_alloc_all(h, CLIENT), 0u);
	model_set_vfs(h->m, h->f.total_vfs);
	host_types(h, p);
	cr_assert_eq(host_add_types(h, p), 0u);
	free(p);
	EXPECT_ZERO(host_add_type(h, 900, 2, 1, 12));
	EXPECT_ZERO(host_add_type(h, 901, 24, 1, 1));
	EXPECT_ZERO(host_mig(h, MIG_ON));
	EXPECT_ZERO(host_timeslice(h, 1));
	for (uint32_t i = 0; i < 4; i++)
		id[i] = host_gi(h, GI4_1 | 4 << 5, 2 * i, 2);
	for (uint32_t gfid = 1; gfid <= 48; gfid++) {
		uint32_t slot = (gfid - 1) / 4, status;

		host_put_in(h, gfid, 900, id[gfid % 4], slot);
		h->at[gfid].place = 2 * slot;
		/* channels are those of the instance */
		p = calloc(1, h->lay->boot.size);
		host_comm_init(h, gfid);
		host_bootload_params(h, gfid, p);
		status = host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size);
		free(p);
		if (status) {
			cr_expect_eq(status, RM_RESOURCES);
			break;
		}
		host_configure(h, gfid);
		booted++;
	}
	cr_expect_eq(booted, most);
	for (uint32_t gfid = 1; gfid <= booted; gfid++)
		host_vgpu_gone(h, gfid);
	for (uint32_t i = 0; i < 4; i++)
		EXPECT_ZERO(host_gi_destroy(h, id[i]));
	host_free(h);
}

Test(fw_modes, rtx_pro_runs_48)
{
	forty_eight(48, 1370, 48);
	forty_eight(32, 581, 32);
}

/* Types of RTX PRO 6000: 72 in one call. */
Test(fw_modes, seventy_two_types)
{
	struct host *h = host_new("RTXPRO6000", 595);
	uint8_t *p = calloc(1, h->lay->types.size);

	host_up_without_types(h);
	p[0] = 1;
	put32(p + 4, 72);
	for (uint32_t i = 0; i < 72; i++)
		host_type_record(h, p, i, HOST_TYPE + i);
	EXPECT_ZERO(host_add_types(h, p));
	cr_expect_eq(model_counter(h->m, "types_added"), 72u);
	host_vgpu(h, 1);
	free(p);
	host_free(h);
}

/* What goes wrong on request goes wrong with these too: carried out, and not said. */
Test(fw_modes, misbehaviour_reaches_them)
{
	struct host *h = host_new("A100-SXM4-40", 570);
	uint8_t p[400] = { 0 }, on[4] = { MIG_ON };
	uint32_t len;

	host_up(h);
	cr_assert(model_fault(h->m, "rpc_lost", 1, "0x20800aa3"));
	len = host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_MIG_MODE, on, 4);
	cr_expect_eq(host_rpc(h, FN_CONTROL, p, len), HOST_NO_ANSWER);
	cr_expect(model_mig(h->m));
	cr_assert(model_fault(h->m, "rpc_error", 1, "0x20800aa3"));
	len = host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_MIG_MODE, "\0\0\0", 4);
	cr_expect_eq(host_rpc(h, FN_CONTROL, p, len), 0xffffu);
	cr_expect(!model_mig(h->m));
	host_free(h);
}
