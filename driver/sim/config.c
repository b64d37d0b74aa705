// SPDX-License-Identifier: GPL-2.0-only
/*
 * Configuration space. Each function is an image of its registers and a mask of
 * the bits that can be written; what a write means beyond that (decode, bus
 * mastering, VFs on and off, resets) is worked out from the image before and
 * after. All of it runs under pci_lock with interrupts off: nothing here sleeps,
 * and resets are complete when the config cycle returns.
 */
#include <linux/slab.h>
#include "sim.h"

#define POS_PM		0x60
#define POS_EXP		0x78
#define POS_MSIX	0xc8
#define POS_HDA		0x488	/* quirk_nvidia_hda() reads it */
#define POS_VSEC	0x100

/* As far as a VF's registers go: behind them everything reads 0. */
#define VF_CFG_SIZE	0x490

#define VSEC_SIGNATURE	0x4f564748
#define VSEC_LENGTH	0x30

/* PCIe: 16 lanes at 16 GT/s */
#define LINK		(0x10 << 4 | 4)

static u16 get16(const u8 *p)
{
	return p[0] | p[1] << 8;
}

static u32 get32(const u8 *p)
{
	return get16(p) | (u32)get16(p + 2) << 16;
}

static void put16(u8 *p, u16 v)
{
	p[0] = v;
	p[1] = v >> 8;
}

static void put32(u8 *p, u32 v)
{
	put16(p, v);
	put16(p + 2, v >> 16);
}

static void set16(struct sim_fn *f, int pos, u16 v, u16 mask)
{
	put16(f->cfg + pos, v);
	put16(f->mask + pos, mask);
}

static void set32(struct sim_fn *f, int pos, u32 v, u32 mask)
{
	put32(f->cfg + pos, v);
	put32(f->mask + pos, mask);
}

static void set_bar(struct sim_fn *f, int pos, u64 size, bool is64, u32 flags)
{
	u64 mask = ~(size - 1);

	if (is64)
		flags |= PCI_BASE_ADDRESS_MEM_TYPE_64;
	set32(f, pos, flags, (u32)mask & ~0xfu);
	if (is64)
		set32(f, pos + 4, 0, mask >> 32);
}

/* Place of a BAR in a block of BARs: the width of BAR0 moves the others. */
static int bar_pos(struct sim_board *b, enum sim_bar bar)
{
	int first = b->type->bar0_64 ? 8 : 4;

	switch (bar) {
	case SIM_BAR0:
		return 0;
	case SIM_BAR1:
		return first;
	default:
		return first + 8;
	}
}

static void set_bars(struct sim_fn *f, int base, const u64 *sizes)
{
	struct sim_board *b = f->board;

	set_bar(f, base, sizes[SIM_BAR0], b->type->bar0_64, 0);
	set_bar(f, base + bar_pos(b, SIM_BAR1), sizes[SIM_BAR1], true,
		PCI_BASE_ADDRESS_MEM_PREFETCH);
	set_bar(f, base + bar_pos(b, SIM_BAR3), sizes[SIM_BAR3], true,
		PCI_BASE_ADDRESS_MEM_PREFETCH);
}

static u64 get_bar(struct sim_fn *f, int pos)
{
	u64 v = get32(f->cfg + pos);

	if (v & PCI_BASE_ADDRESS_MEM_TYPE_64)
		v |= (u64)get32(f->cfg + pos + 4) << 32;
	return v & ~0xfull;
}

/* -------------------------------------------------------------- images */

static void init_header(struct sim_fn *f, u16 vendor, u16 device, u32 class_rev, u8 header)
{
	set16(f, PCI_VENDOR_ID, vendor, 0);
	set16(f, PCI_DEVICE_ID, device, 0);
	set16(f, PCI_COMMAND, 0, PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE);
	set16(f, PCI_STATUS, PCI_STATUS_CAP_LIST, 0);
	set32(f, PCI_CLASS_REVISION, class_rev, 0);
	f->cfg[PCI_HEADER_TYPE] = header;
	f->cfg[PCI_CAPABILITY_LIST] = POS_PM;
	f->mask[PCI_CACHE_LINE_SIZE] = 0xff;
	f->mask[PCI_INTERRUPT_LINE] = 0xff;
}

static void init_caps(struct sim_fn *f, u8 port_type, bool flr, int vectors, u32 table, u32 pba)
{
	f->pos_pm = POS_PM;
	f->pos_exp = POS_EXP;
	f->pos_msix = vectors ? POS_MSIX : 0;

	set16(f, POS_PM, PCI_CAP_ID_PM | POS_EXP << 8, 0);
	set16(f, POS_PM + PCI_PM_PMC, 3, 0);
	set16(f, POS_PM + PCI_PM_CTRL, PCI_PM_CTRL_NO_SOFT_RESET, PCI_PM_CTRL_STATE_MASK);

	set16(f, POS_EXP, PCI_CAP_ID_EXP | (vectors ? POS_MSIX << 8 : 0), 0);
	set16(f, POS_EXP + PCI_EXP_FLAGS, 2 | port_type << 4, 0);
	set32(f, POS_EXP + PCI_EXP_DEVCAP, (flr ? PCI_EXP_DEVCAP_FLR : 0) | PCI_EXP_DEVCAP_RBER | 1,
	      0);
	/* Bit 15 starts an FLR and reads as 0. */
	set16(f, POS_EXP + PCI_EXP_DEVCTL, 0, f->kind == SIM_VF ? 0 : 0x7fff);
	set32(f, POS_EXP + PCI_EXP_LNKCAP, LINK, 0);
	set16(f, POS_EXP + PCI_EXP_LNKSTA, LINK, 0);
	set32(f, POS_EXP + PCI_EXP_LNKCAP2, 0x1e, 0);
	set16(f, POS_EXP + PCI_EXP_LNKCTL2, 4, 0);

	if (!vectors)
		return;
	set16(f, POS_MSIX, PCI_CAP_ID_MSIX, 0);
	set16(f, POS_MSIX + PCI_MSIX_FLAGS, vectors - 1,
	      PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	set32(f, POS_MSIX + PCI_MSIX_TABLE, table, 0);
	set32(f, POS_MSIX + PCI_MSIX_PBA, pba, 0);
}

/* The hand-over: docs/hardware.md section 2. */
static void init_vsec(struct sim_fn *f)
{
	set32(f, POS_VSEC, PCI_EXT_CAP_ID_VNDR | 1 << 16 | f->board->type->sriov_at << 20, 0);
	set32(f, POS_VSEC + 4, 0x4756 | 1 << 16 | VSEC_LENGTH << 20, 0);
	set32(f, POS_VSEC + 8, VSEC_SIGNATURE, 0);
	set32(f, POS_VSEC + 0xc, 3, 0);
	strscpy(f->cfg + POS_VSEC + 0x10, sim_branch_build(f->board->lay), 32);
}

static void init_sriov(struct sim_fn *f)
{
	static const u64 sizes[SIM_NBARS] = { SIM_VF_BAR0, SIM_VF_BAR1, SIM_VF_BAR3 };
	const struct sim_board_type *t = f->board->type;
	int p = t->sriov_at;

	set32(f, p, PCI_EXT_CAP_ID_SRIOV | 1 << 16, 0);
	set16(f, p + PCI_SRIOV_CTRL, 0, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	set16(f, p + PCI_SRIOV_INITIAL_VF, t->total_vfs, 0);
	set16(f, p + PCI_SRIOV_TOTAL_VF, t->total_vfs, 0);
	set16(f, p + PCI_SRIOV_NUM_VF, 0, 0xffff);
	set16(f, p + PCI_SRIOV_VF_OFFSET, t->vf_offset, 0);
	set16(f, p + PCI_SRIOV_VF_STRIDE, 1, 0);
	set16(f, p + PCI_SRIOV_VF_DID, t->device, 0);
	set32(f, p + PCI_SRIOV_SUP_PGSIZE, 0x553, 0);
	set32(f, p + PCI_SRIOV_SYS_PGSIZE, 1, 0x553);
	set_bars(f, p + PCI_SRIOV_BAR, sizes);
}

static void init_pf(struct sim_fn *f)
{
	struct sim_board *b = f->board;
	u64 sizes[SIM_NBARS];
	int i;

	for (i = 0; i < SIM_NBARS; i++)
		sizes[i] = sim_bar_size(f, i);
	memset(f->cfg, 0, f->cfg_size);
	memset(f->mask, 0, f->cfg_size);
	init_header(f, PCI_VENDOR_ID_NVIDIA, b->type->device, 0x030200a1, b->companion ? 0x80 : 0);
	set16(f, PCI_COMMAND, 0, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	      PCI_COMMAND_INTX_DISABLE);
	set16(f, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA, 0);
	set16(f, PCI_SUBSYSTEM_ID, b->type->subsystem, 0);
	set_bars(f, PCI_BASE_ADDRESS_0, sizes);
	init_caps(f, PCI_EXP_TYPE_ENDPOINT, true, PF_VECTORS, PF_MSIX_TABLE, PF_MSIX_PBA);
	set32(f, POS_HDA, BIT(25), 0);
	/* Without the hand-over the list still has to start at 100. */
	if (b->handover)
		init_vsec(f);
	else
		set32(f, POS_VSEC, PCI_EXT_CAP_ID_DSN | 1 << 16 | b->type->sriov_at << 20, 0);
	init_sriov(f);
}

/* A VF keeps its write mask; the image is made anew each time VFs are enabled. */
static void init_vf(struct sim_fn *f)
{
	memset(f->cfg, 0, f->cfg_size);
	init_header(f, 0xffff, 0xffff, 0x030200a1, 0);
	set16(f, PCI_COMMAND, 0, PCI_COMMAND_MASTER);
	set16(f, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA, 0);
	f->mask[PCI_INTERRUPT_LINE] = 0;
	f->mask[PCI_CACHE_LINE_SIZE] = 0;
	init_caps(f, PCI_EXP_TYPE_ENDPOINT, true, VF_VECTORS, VF_MSIX_TABLE, VF_MSIX_PBA);
	set32(f, POS_HDA, BIT(25), 0);
}

/* Nothing that a driver would want: it only shares the PF's IOMMU group. */
static void init_companion(struct sim_fn *f)
{
	init_header(f, PCI_VENDOR_ID_NVIDIA, 0x7fff, 0xff0000a1, 0x80);
	set16(f, PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_NVIDIA, 0);
	init_caps(f, PCI_EXP_TYPE_ENDPOINT, false, 0, 0, 0);
}

static void init_port(struct sim_fn *f)
{
	init_header(f, PCI_VENDOR_ID_REDHAT, 0x000c, 0x06040000, PCI_HEADER_TYPE_BRIDGE);
	set16(f, PCI_COMMAND, 0, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
	      PCI_COMMAND_INTX_DISABLE);
	set32(f, PCI_PRIMARY_BUS, 0, 0x00ffffff);
	set32(f, PCI_MEMORY_BASE, 0x0000fff0, 0xfff0fff0);
	set32(f, PCI_PREF_MEMORY_BASE, 0x0001fff1, 0xfff0fff0);
	set32(f, PCI_PREF_BASE_UPPER32, 0, ~0u);
	set32(f, PCI_PREF_LIMIT_UPPER32, 0, ~0u);
	set16(f, PCI_BRIDGE_CONTROL, 0, PCI_BRIDGE_CTL_BUS_RESET | PCI_BRIDGE_CTL_SERR);
	init_caps(f, PCI_EXP_TYPE_ROOT_PORT, false, 0, 0, 0);
	set32(f, POS_EXP + PCI_EXP_LNKCAP, LINK | PCI_EXP_LNKCAP_DLLLARC, 0);
	set16(f, POS_EXP + PCI_EXP_LNKSTA, LINK | PCI_EXP_LNKSTA_DLLLA, 0);
}

static int alloc_fn(struct sim_board *b, struct sim_fn *f, enum sim_kind kind, int vf, u16 size)
{
	f->board = b;
	f->kind = kind;
	f->vf = vf;
	f->cfg_size = size;
	f->cfg = kzalloc(size, GFP_KERNEL);
	f->mask = kind == SIM_VF ? b->vf_mask : kzalloc(size, GFP_KERNEL);
	return f->cfg && f->mask ? 0 : -ENOMEM;
}

int sim_config_init(struct sim_board *b)
{
	int i, err;

	raw_spin_lock_init(&b->cfg_lock);
	raw_spin_lock_init(&b->dma_lock);
	b->vf_mask = kzalloc(VF_CFG_SIZE, GFP_KERNEL);
	b->vfs = kcalloc(b->type->total_vfs, sizeof(*b->vfs), GFP_KERNEL);
	if (!b->vf_mask || !b->vfs)
		return -ENOMEM;
	err = alloc_fn(b, &b->pf, SIM_PF, -1, PCI_CFG_SPACE_EXP_SIZE) ?:
	      alloc_fn(b, &b->port, SIM_PORT, -1, PCI_CFG_SPACE_SIZE) ?:
	      alloc_fn(b, &b->comp, SIM_COMPANION, -1, PCI_CFG_SPACE_SIZE);
	for (i = 0; i < b->type->total_vfs && !err; i++)
		err = alloc_fn(b, &b->vfs[i], SIM_VF, i, VF_CFG_SIZE);
	if (err)
		return err;
	init_pf(&b->pf);
	init_port(&b->port);
	init_companion(&b->comp);
	for (i = 0; i < b->type->total_vfs; i++)
		init_vf(&b->vfs[i]);
	return 0;
}

void sim_config_free(struct sim_board *b)
{
	struct sim_fn *fns[] = { &b->pf, &b->port, &b->comp };
	int i;

	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		kfree(fns[i]->cfg);
		kfree(fns[i]->mask);
	}
	for (i = 0; b->vfs && i < b->type->total_vfs; i++)
		kfree(b->vfs[i].cfg);
	kfree(b->vfs);
	kfree(b->vf_mask);
}

/* ------------------------------------------- what others ask about it */

static u16 read16(struct sim_fn *f, int pos)
{
	return le16_to_cpu(READ_ONCE(*(__le16 *)(f->cfg + pos)));
}

static u16 sriov_ctrl(struct sim_board *b)
{
	return read16(&b->pf, b->type->sriov_at + PCI_SRIOV_CTRL);
}

/* Number of VFs that exist now. */
u16 sim_vfs_on(struct sim_board *b)
{
	if (!(sriov_ctrl(b) & PCI_SRIOV_CTRL_VFE))
		return 0;
	return read16(&b->pf, b->type->sriov_at + PCI_SRIOV_NUM_VF);
}

/* Bus mastering, and not in a low power state. */
bool sim_fn_master(struct sim_fn *f)
{
	return (read16(f, PCI_COMMAND) & PCI_COMMAND_MASTER) &&
	       !(read16(f, f->pos_pm + PCI_PM_CTRL) & PCI_PM_CTRL_STATE_MASK);
}

bool sim_pf_memory(struct sim_board *b)
{
	return read16(&b->pf, PCI_COMMAND) & PCI_COMMAND_MEMORY;
}

bool sim_fn_decodes(struct sim_fn *f)
{
	if (f->kind == SIM_PF)
		return sim_pf_memory(f->board);
	return f->kind == SIM_VF && f->vf < sim_vfs_on(f->board) &&
	       (sriov_ctrl(f->board) & PCI_SRIOV_CTRL_MSE);
}

u16 sim_msix_flags(struct sim_fn *f)
{
	return read16(f, f->pos_msix + PCI_MSIX_FLAGS);
}

/* Bus address of a BAR, whether it is decoded or not. */
u64 sim_bar_address(struct sim_fn *f, enum sim_bar bar)
{
	struct sim_board *b = f->board;

	if (f->kind == SIM_PF)
		return get_bar(f, PCI_BASE_ADDRESS_0 + bar_pos(b, bar));
	return get_bar(&b->pf, b->type->sriov_at + PCI_SRIOV_BAR + bar_pos(b, bar)) +
	       f->vf * sim_bar_size(f, bar);
}

/* Bus number of the PF: 0, or what the root port was given. */
u8 sim_pf_bus(struct sim_board *b)
{
	return b->root_port ? b->port.cfg[PCI_SECONDARY_BUS] : 0;
}

static struct sim_fn *route(struct sim_board *b, u8 bus, unsigned int devfn)
{
	int vf = (int)devfn - b->type->vf_offset;

	if (b->root_port) {
		if (bus == 0)
			return devfn ? NULL : &b->port;
		if (bus != b->port.cfg[PCI_SECONDARY_BUS])
			return NULL;
	} else if (bus) {
		return NULL;
	}
	if (devfn == 0)
		return &b->pf;
	if (devfn == 1 && b->companion)
		return &b->comp;
	if (vf >= 0 && vf < sim_vfs_on(b))
		return &b->vfs[vf];
	return NULL;
}

/* --------------------------------------------------------------- resets */

/* The engine has let go of whatever it checked before this returns. */
static void engine_barrier(struct sim_board *b)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&b->dma_lock, flags);
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
}

static void reset_command(struct sim_fn *f)
{
	put16(f->cfg + PCI_COMMAND, 0);
	put16(f->cfg + f->pos_msix + PCI_MSIX_FLAGS,
	      read16(f, f->pos_msix + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_QSIZE);
}

static void vfs_off(struct sim_board *b)
{
	int i;

	for (i = 0; i < b->type->total_vfs; i++)
		reset_command(&b->vfs[i]);
	WRITE_ONCE(b->vf_generation, b->vf_generation + 1);
	engine_barrier(b);
	set_bit(SIM_EV_VFS_GONE, &b->events);
	sim_engine_wake(b);
}

static void vfs_on(struct sim_board *b)
{
	int i;

	sim_count(b, sriov_enables);
	sim_vf_bar1_poison(b);
	for (i = 0; i < b->type->total_vfs; i++) {
		init_vf(&b->vfs[i]);
		sim_regs_reset(&b->vfs[i], true);
	}
}

static void flr_vf(struct sim_fn *f)
{
	sim_count(f->board, flr_vf);
	reset_command(f);
	sim_regs_reset(f, false);
}

/* FLR or hot reset: everything but what hardware initialises. */
static void reset_pf(struct sim_board *b)
{
	struct sim_fn *f = &b->pf;

	sim_count(b, flr_pf);
	init_pf(f);
	vfs_off(b);
	sim_regs_reset(f, false);
	set_bit(SIM_EV_PF_RESET, &b->events);
	sim_engine_wake(b);
}

/* --------------------------------------------------------------- cycles */

static bool hit(int where, int size, int reg, int len)
{
	return where < reg + len && reg < where + size;
}

static void write_pf(struct sim_fn *f, int where, int size, u16 old_cmd, u16 old_ctrl, u16 old_num)
{
	struct sim_board *b = f->board;
	u16 cmd = read16(f, PCI_COMMAND), ctrl = sriov_ctrl(b);
	u16 num = read16(f, b->type->sriov_at + PCI_SRIOV_NUM_VF);

	/* NumVFs is fixed while VFs are on and cannot exceed TotalVFs. */
	if (num != old_num && ((old_ctrl & PCI_SRIOV_CTRL_VFE) || num > b->type->total_vfs)) {
		put16(f->cfg + b->type->sriov_at + PCI_SRIOV_NUM_VF, old_num);
		sim_count(b, cfg_refused);
	}
	if (~old_ctrl & ctrl & PCI_SRIOV_CTRL_VFE)
		vfs_on(b);
	if (old_ctrl & ~ctrl & PCI_SRIOV_CTRL_VFE)
		vfs_off(b);
	/* The registers are set up once at each address that decodes. */
	if ((~old_cmd & cmd & PCI_COMMAND_MEMORY) &&
	    f->regs_at != sim_bar_address(f, SIM_BAR0))
		sim_regs_reset(f, true);
}

static void write_fn(struct sim_fn *f, int where, int size, u32 val)
{
	struct sim_board *b = f->board;
	u16 old_cmd = read16(f, PCI_COMMAND), cmd;
	u16 old_ctrl = sriov_ctrl(b), old_num = read16(&b->pf, b->type->sriov_at + PCI_SRIOV_NUM_VF);
	u16 old_bridge = read16(f, PCI_BRIDGE_CONTROL);
	bool was_master = sim_fn_master(f), flr = false;
	int i;

	for (i = 0; i < size; i++) {
		u8 v = val >> (8 * i), m = f->mask[where + i];

		if (where + i == f->pos_exp + PCI_EXP_DEVCTL + 1 && (v & 0x80))
			flr = true;
		f->cfg[where + i] = (f->cfg[where + i] & ~m) | (v & m);
	}
	cmd = read16(f, PCI_COMMAND);

	if (f->kind == SIM_PF)
		write_pf(f, where, size, old_cmd, old_ctrl, old_num);
	if (f->kind == SIM_PORT &&
	    (~old_bridge & read16(f, PCI_BRIDGE_CONTROL) & PCI_BRIDGE_CTL_BUS_RESET))
		reset_pf(b);
	if (flr && f->kind == SIM_PF)
		reset_pf(b);
	if (flr && f->kind == SIM_VF)
		flr_vf(f);
	if (was_master && !sim_fn_master(f))
		engine_barrier(b);
	if ((~old_cmd & cmd & PCI_COMMAND_MASTER) ||
	    (f->pos_msix && hit(where, size, f->pos_msix, 4)))
		sim_engine_wake(b);
}

static int sim_cfg_read(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 *val)
{
	struct sim_board *b = container_of(bus->sysdata, struct sim_board, sysdata);
	unsigned long flags;
	struct sim_fn *f;
	int i;

	*val = ~0u;
	raw_spin_lock_irqsave(&b->cfg_lock, flags);
	f = route(b, bus->number, devfn);
	if (f) {
		*val = 0;
		for (i = 0; i < size && where + i < f->cfg_size; i++)
			*val |= (u32)f->cfg[where + i] << (8 * i);
	}
	raw_spin_unlock_irqrestore(&b->cfg_lock, flags);
	return f ? PCIBIOS_SUCCESSFUL : PCIBIOS_DEVICE_NOT_FOUND;
}

static int sim_cfg_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 val)
{
	struct sim_board *b = container_of(bus->sysdata, struct sim_board, sysdata);
	unsigned long flags;
	struct sim_fn *f;

	raw_spin_lock_irqsave(&b->cfg_lock, flags);
	f = route(b, bus->number, devfn);
	if (f && where + size <= f->cfg_size)
		write_fn(f, where, size, val);
	raw_spin_unlock_irqrestore(&b->cfg_lock, flags);
	return f ? PCIBIOS_SUCCESSFUL : PCIBIOS_DEVICE_NOT_FOUND;
}

struct pci_ops sim_pci_ops = {
	.read = sim_cfg_read,
	.write = sim_cfg_write,
};
