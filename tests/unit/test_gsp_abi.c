// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which firmware builds are known, and whether the layout tables fit together. */
#include <criterion/criterion.h>

#include "driver/gsp/abi.h"

Test(gsp_abi, known_branches)
{
	cr_assert_eq(gsp_abi_find("535.113.01"), &gsp_abi_r535);
	cr_assert_eq(gsp_abi_find("570.144"), &gsp_abi_r570);
	cr_assert_eq(gsp_abi_find("570.124.06"), &gsp_abi_r570);
	cr_assert_eq(gsp_abi_find("595.45.04"), &gsp_abi_r595);
}

/* The build becomes part of a file name. */
Test(gsp_abi, refuses)
{
	static const char * const bad[] = {
		"", "570", "570.", ".144", "570..144", "570.144.", "571.1", "570.144.1.2",
		"570.144/../../x", "570.1a", " 570.144", "57014455.1", "570.144 ",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_null(gsp_abi_find(bad[i]), "%s", bad[i]);
}

static void fits(const struct gsp_abi *a)
{
	const struct gsp_record_layout *r = &a->rec;
	const struct gsp_bootload_layout *b = &a->boot;

	cr_expect_eq(r->payload, 8 + r->max * r->size);
	cr_expect_geq(r->max_instance, r->name + 2 * r->name_len);
	cr_expect_leq(r->bar1_mib + 8u, r->size);
	/* arrays end before the next field starts */
	cr_expect_leq(b->chid_offset + 4u * b->engines, b->num_segments);
	cr_expect_leq(b->engines, (u32)GSP_MAX_ENGINES);
	cr_expect_eq(b->segment_addr + 8u * GSP_MAX_FB_SEGMENTS, b->segment_len);
	cr_expect_eq(b->segment_len + 8u * GSP_MAX_FB_SEGMENTS, b->heap_addr);
	cr_expect_eq(b->kernel_log, a->plugin.kernel_log ? b->task_log + 16 : 0);
	cr_expect_lt(b->profiling, b->size);
	cr_expect_leq(a->max_vgpus, 48u);
	cr_expect_leq(a->max_mig_vgpus, 48u);
	/* eight entries, each ending with a span of 16 bytes */
	cr_expect_eq((a->gi.size - a->gi.entry) % 8, 0);
	cr_expect_eq(a->gi.span + 16, (a->gi.size - a->gi.entry) / 8);
	cr_expect_leq(a->inputs.heap_mib, a->inputs.heap_max_mib);
	cr_expect_eq(a->inputs.vf_partitions, a->max_vgpus);
}

Test(gsp_abi, boards_for_48_vgpus)
{
	cr_expect(gsp_runs_48(&gsp_abi_r595, 0x2bb5, 0x204e));
	cr_expect(gsp_runs_48(&gsp_abi_r595, 0x2bb5, 0x220b));
	cr_expect(gsp_runs_48(&gsp_abi_r595, 0x2bb1, 0x204b));
	cr_expect_not(gsp_runs_48(&gsp_abi_r595, 0x2bb1, 0x204e));
	cr_expect_not(gsp_runs_48(&gsp_abi_r595, 0x2bb5, 0));
	cr_expect_not(gsp_runs_48(&gsp_abi_r570, 0x2bb5, 0x204e));
	cr_expect_eq(gsp_abi_r595.inputs.vf_partitions_48, gsp_abi_r595.max_mig_vgpus);
}

/* GSP_VF_INFO is 48 bytes, its last field at 34; everything ends inside. */
static void sysinfo_fits(const struct gsp_sysinfo_layout *l)
{
	cr_expect_geq(l->bdf, 24);
	cr_expect_geq(l->max_user_va, l->bdf + 8);
	cr_expect_eq(l->mirror, l->max_user_va + 8);
	if (l->pci_ids)
		cr_expect_geq(l->pci_ids, l->mirror + 8);
	cr_expect_leq(l->vf_info + 35, l->size);
	if (l->page_size)
		cr_expect_leq(l->page_size + 8, l->size);
	cr_expect_eq(l->size % 8, 0);
}

/* Fields of the configuration message follow each other and do not overlap. */
static void plugin_fits(const struct gsp_plugin_layout *l)
{
	const struct { u16 at, len; } f[] = {
		{ l->cfg_uuid, 16 }, { l->cfg_dbdf, 4 }, { l->cfg_client, 4 }, { l->cfg_type, 4 },
		{ l->cfg_pid, 4 }, { l->cfg_swizz, 4 }, { l->cfg_channels, 4 },
		{ l->cfg_plugin_channels, 4 }, { l->cfg_vmm_cap, 4 },
		{ l->cfg_migration_feature, 4 }, { l->cfg_hypervisor, 4 }, { l->cfg_cpu_arch, 4 },
		{ l->cfg_page_size, 8 }, { l->cfg_uvm, 1 }, { l->cfg_interrupt_opt, 1 },
		{ l->cfg_migration, 1 }, { l->cfg_console_vnc, 1 }, { l->cfg_non_stall_events, 1 },
	};
	size_t i;

	for (i = 1; i < ARRAY_SIZE(f); i++)
		cr_expect_geq(f[i].at, f[i - 1].at + f[i - 1].len, "field %zu", i);
	cr_expect_leq(f[i - 1].at + f[i - 1].len, l->config_size);
	if (l->cfg_placement) {
		cr_expect_geq(l->cfg_placement, f[i - 1].at + 1);
		cr_expect_leq(l->cfg_placement + 2, l->config_size);
	}
	cr_expect_eq(l->cfg_page_size % 8, 0);
	cr_expect_leq(l->config_size, 4096);
	cr_expect_eq(l->resp_result, l->resp_seq + 4);
	cr_expect_eq(l->resp_guest_version, l->resp_result + 4);
	/* the kernel log is the last region, 64 KiB */
	cr_expect_eq(l->comm_size, l->kernel_log ? 0x274000u : 0x264000u);
}

Test(gsp_abi, tables)
{
	static const struct gsp_abi * const all[] = { &gsp_abi_r535, &gsp_abi_r570, &gsp_abi_r595 };

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		fits(all[i]);
		sysinfo_fits(&all[i]->sysinfo);
		plugin_fits(&all[i]->plugin);
	}
}
