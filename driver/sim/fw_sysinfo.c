// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the driver tells the firmware before it is up, and what decides whether
 * there is a vGPU mode: GSP_SET_SYSTEM_INFO with GSP_VF_INFO, and SET_REGISTRY.
 */
#include "fw.h"

static bool vf_info_ok(struct sim_board *b, const u8 *p)
{
	int i;

	if (rd32(p + VFI_TOTAL) != b->type->total_vfs || rd32(p + VFI_OFFSET) != b->type->vf_offset)
		return false;
	for (i = 0; i < SIM_NBARS; i++)
		if (rd64(p + VFI_BAR + 8 * i) != sim_bar_address(&b->vfs[0], i))
			return false;
	return p[VFI_64BIT] == b->type->bar0_64 && p[VFI_64BIT + 1] == 1 && p[VFI_64BIT + 2] == 1;
}

static bool info_ok(struct sim_board *b, const u8 *p)
{
	const struct sim_layout *lay = b->lay;
	u64 bdf = (u64)b->domain << 32 | sim_pf_bus(b) << 8;

	if (rd64(p + SI_FB_ADDR) != sim_bar_address(&b->pf, SIM_BAR1) ||
	    rd64(p + lay->si.bdf) != bdf || rd32(p + lay->si.mirror) != b->type->cfg_mirror ||
	    rd32(p + lay->si.mirror + 4) != SZ_4K)
		return false;
	if (lay->si.device != NONE &&
	    rd32(p + lay->si.device) != ((u32)b->type->device << 16 | PCI_VENDOR_ID_NVIDIA))
		return false;
	return lay->si.page_size == NONE || rd64(p + lay->si.page_size) == SZ_4K;
}

void sim_set_system_info(struct sim_board *b, const u8 *p, u32 len)
{
	struct sim_fw *fw = b->fw;

	fw->info_ok = false;
	if (fw->init_done || len != b->lay->si.size || !info_ok(b, p))
		sim_count(b, refused_system_info);
	else if (!vf_info_ok(b, p + b->lay->si.vf_info))
		sim_count(b, refused_vf_info);
	else
		fw->info_ok = true;
	fw->info_came = true;
}

static bool registry_entry_ok(const u8 *t, u32 size, const u8 *e)
{
	u32 name = rd32(e + REG_E_NAME);

	return name < size && memchr(t + name, 0, size - name);
}

void sim_set_registry(struct sim_board *b, const u8 *t, u32 len)
{
	struct sim_fw *fw = b->fw;
	const char *name;
	u32 size, n, i;

	if (fw->init_done) {
		sim_count(b, refused_registry_late);
		return;
	}
	size = len >= REG_HEADER ? rd32(t + REG_SIZE) : 0;
	n = size ? rd32(t + REG_COUNT) : 0;
	if (size < REG_HEADER || size > len || n > (size - REG_HEADER) / REG_ENTRY) {
		sim_count(b, refused_registry);
		return;
	}
	for (i = 0; i < n; i++) {
		const u8 *e = t + REG_HEADER + i * REG_ENTRY;

		if (!registry_entry_ok(t, size, e)) {
			sim_count(b, refused_registry);
			return;
		}
		if (e[REG_E_TYPE] != REG_TYPE_DWORD || rd32(e + REG_E_LENGTH) != 4)
			continue;
		name = (const char *)t + rd32(e + REG_E_NAME);
		if (!strcmp(name, "RMSetSriovMode"))
			fw->sriov_mode = rd32(e + REG_E_DATA) == 1;
		if (!strcmp(name, "RmPVMRL") && !sim_sched_boot(b, rd32(e + REG_E_DATA)))
			sim_count(b, refused_registry);
	}
}

/* The firmware is about to say that it is up: later messages change nothing. */
void sim_decide_vgpu_mode(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;

	if (!fw->info_came)
		sim_count(b, refused_system_info);
	fw->vgpu_mode = fw->sriov_mode && fw->info_ok;
}
