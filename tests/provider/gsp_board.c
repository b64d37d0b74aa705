// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <linux/firmware.h>

#include "driver/gsp/catalog.h"
#include "driver/gsp/le.h"
#include "gsp_board.h"
#include "tests/fw/model.h"

#define COMMAND_RING	0x110c00
#define PLUGIN_RING	0xb82200

struct pci_dev *shim_irq_dev;
int shim_files;
int shim_maps;

static const char *board_name;
static unsigned int board_branch;

static struct gsp_board {
	struct model *m;
	struct model_facts f;
	struct pci_bus bus;
	struct pci_dev pf, vf[65];
	struct shim_pf shim;
	bool irq, gone;
	u32 sent;
} boards[BOARDS];

/* ------------------------------------------------- between driver and board */

static int dma(void *ctx, uint64_t addr, void *buf, size_t len, bool write)
{
	struct gsp_board *b = ctx;

	if (b->gone || !b->pf.master)
		return -EACCES;
	if (write)
		memcpy((void *)(uintptr_t)addr, buf, len);
	else
		memcpy(buf, (void *)(uintptr_t)addr, len);
	return 0;
}

static void msi(void *ctx, uint32_t vector)
{
	struct gsp_board *b = ctx;

	b->irq |= !vector;
}

/* The interrupt's thread. */
static void interrupt(void *ctx)
{
	struct gsp_board *b = ctx;

	if (!b->irq || b->gone || !b->shim.thread)
		return;
	b->irq = false;
	b->shim.thread(0, b->shim.irq_data);
}

/* Whose register or framebuffer that is, and at which offset of BAR0. */
static struct gsp_board *owner(void *addr, u64 *reg)
{
	int i;

	for (i = 0; i < BOARDS; i++) {
		struct gsp_board *b = &boards[i];

		*reg = (u64)((u8 *)addr - b->shim.bar0);
		if (*reg < SZ_16M)
			return b;
		*reg = ~0ull;
		if ((u64)((u8 *)addr - model_bar1(b->m)) < b->f.pf_bar1)
			return b;
	}
	assert(!"a BAR");
	return NULL;
}

u32 shim_readl(void *addr)
{
	u64 reg;

	return owner(addr, &reg)->gone ? ~0u : *(volatile u32 *)addr;
}

void shim_writel(u32 value, void *addr)
{
	struct gsp_board *b;
	u64 reg;

	b = owner(addr, &reg);
	if (b->gone)
		return;
	b->sent += reg == COMMAND_RING || reg == PLUGIN_RING;
	*(volatile u32 *)addr = value;
}

int shim_pf_reset(struct pci_dev *pdev)
{
	struct gsp_board *b = container_of(pdev, struct gsp_board, pf);

	if (b->gone)
		return -ENOTTY;
	model_flr(b->m);
	model_set_vfs(b->m, b->f.total_vfs);
	return 0;
}

int shim_reset(void)
{
	abort();
}

/*
 * Leaves the types of one board in a catalogue: a CRC over all of them, for every
 * attach(), is most of what the tests would do. docs/catalogue.md has the offsets.
 */
static size_t cut(u8 *data, size_t size, u16 device)
{
	size_t at = 232, blob;
	u64 n;

	for (n = le_get64(data, 224); n; n--, at += blob) {
		blob = (size_t)le_get64(data, at + 8);
		if (le_get64(data, at) || le_get64(data, at + 16) != device)
			continue;
		memmove(data + 232, data + at, blob);
		le_put64(data, 224, 1);
		le_put32(data, 8, ovg_catalog_crc(data, 232 + blob));
		return 232 + blob;
	}
	return size;
}

/* Catalogues as vgpuctl makes them. */
int shim_firmware(const char *name, struct firmware *fw)
{
	static struct { char name[64]; u16 device; u8 *data; size_t size; } files[8];
	u16 device = boards[0].f.device;
	char path[512];
	size_t i = 0;
	FILE *f;

	while (files[i].data && (strcmp(files[i].name, name) || files[i].device != device))
		assert(++i < ARRAY_SIZE(files));
	if (!files[i].data) {
		snprintf(path, sizeof(path), "%s/%s", CATALOGUES, strrchr(name, '/') + 1);
		f = fopen(path, "rb");
		if (!f)
			return -ENOENT;
		fseek(f, 0, SEEK_END);
		files[i].size = (size_t)ftell(f);
		rewind(f);
		files[i].data = malloc(files[i].size);
		if (fread(files[i].data, 1, files[i].size, f) != files[i].size)
			abort();
		fclose(f);
		files[i].size = cut(files[i].data, files[i].size, device);
		files[i].device = device;
		snprintf(files[i].name, sizeof(files[i].name), "%s", name);
	}
	fw->data = files[i].data;
	fw->size = files[i].size;
	return 0;
}

/* ------------------------------------------------------------------ boards */

static void hand_over(struct pci_dev *pf, const char *build)
{
	u32 *cap = &pf->cfg[0x100 / 4];

	cap[0] = 0xbcc1000b;
	cap[1] = 0x30 << 20 | 1 << 16 | 0x4756;
	cap[2] = 0x4f564748;
	cap[3] = 3;
	memset(cap + 4, 0, 32);
	memcpy(cap + 4, build, strlen(build));
}

static void set_bar(struct pci_dev *pf, int bar, u64 start, u64 len, bool is64)
{
	pf->resource[bar] = (struct resource){ start, len,
					       IORESOURCE_MEM | (is64 ? IORESOURCE_MEM_64 : 0) };
}

static void set_bars(struct gsp_board *b)
{
	int second = b->f.bar0_64 ? 2 : 1, third = second + 2, iov = PCI_IOV_RESOURCES;
	struct pci_dev *pf = &b->pf;
	u64 pf_bar[3], vf_bar[3];
	int i, bar[3] = { 0, second, third };

	set_bar(pf, 0, (uintptr_t)b->shim.bar0, SZ_16M, b->f.bar0_64);
	set_bar(pf, second, (uintptr_t)model_bar1(b->m), b->f.pf_bar1, true);
	set_bar(pf, third, 0x7000000000, 0x10000, true);
	set_bar(pf, iov, 0xe1000000, 0x40000 * 64, b->f.bar0_64);
	set_bar(pf, iov + second, 0x4000000000, 0x100000 * 64, true);
	set_bar(pf, iov + third, 0x5000000000, 0x10000 * 64, true);
	for (i = 0; i < 3; i++) {
		pf_bar[i] = pci_bus_address(pf, bar[i]);
		vf_bar[i] = pci_bus_address(pf, iov + bar[i]);
	}
	/* gpuPhysAddr and the like are the CPU's addresses */
	pf_bar[1] = pci_resource_start(pf, second);
	model_set_bars(b->m, pf_bar, vf_bar);
}

static void power_on(void)
{
	int i;
	u32 gfid;

	memset(boards, 0, sizeof(boards));
	for (i = 0; i < BOARDS; i++) {
		struct gsp_board *b = &boards[i];
		struct model_host host = { .ctx = b, .dma = dma, .msi = msi,
					   .wait = interrupt };

		b->m = model_new(board_name, board_branch, &host);
		assert(b->m);
		b->f = model_facts(b->m);
		b->bus.domain = (int)b->f.domain;
		b->shim.pdev = &b->pf;
		b->shim.bar0 = model_bar0(b->m);
		b->pf.bus = &b->bus;
		b->pf.vendor = b->pf.subsystem_vendor = 0x10de;
		b->pf.device = b->f.device;
		b->pf.subsystem_device = b->f.subsystem;
		b->pf.revision = 0xa1;
		b->pf.total_vfs = b->f.total_vfs;
		b->pf.vf_offset = (u8)b->f.vf_offset;
		set_bars(b);
		hand_over(&b->pf, b->f.build);
		model_set_vfs(b->m, b->f.total_vfs);
		for (gfid = 1; gfid <= b->f.total_vfs; gfid++) {
			b->vf[gfid].bus = &b->bus;
			b->vf[gfid].id = (u16)(b->f.vf_offset + gfid - 1);
		}
	}
}

static const char *refused = "";

const char *gsp_refused(void)
{
	return refused;
}

static void power_off(void)
{
	const char *name;
	size_t n;
	int i;

	refused = "";
	for (i = 0; i < BOARDS; i++) {
		for (n = 0; (name = model_counter_name(n)); n++)
			if (!strncmp(name, "refused_", 8) && model_counter(boards[i].m, name))
				refused = name;
		model_free(boards[i].m);
	}
}

static void tick(void)
{
	static u64 then;
	int i;

	model_pass_ms((u32)(shim_ms - then));
	then = shim_ms;
	for (i = 0; i < BOARDS; i++) {
		struct gsp_board *b = &boards[i];
		int n = 0;

		while (!b->gone && model_poll(b->m))
			assert(++n < 1000);
		interrupt(b);
	}
}

static struct shim_pf *pf(int i)
{
	return &boards[i].shim;
}

static struct pci_dev *vf(int i, u32 gfid)
{
	return &boards[i].vf[gfid];
}

static void guest_says(struct gsp_board *b, u32 gfid, u32 reg, u32 value)
{
	memcpy(model_vf_page(b->m, gfid) + reg, &value, 4);
}

/* By enum setting: it is done, and what comes back says that it is not. */
static const char *const setters[NR_SETTINGS] = {
	"0x2080400e", "0x20801121", "0x20800aa3", "0x20800aa5", "0x20800a44",
};

static void make_trouble(int i, enum trouble what, u32 arg)
{
	struct gsp_board *b = &boards[i];
	struct model *m = b->m;

	switch (what) {
	case NO_FIRMWARE: memset(&b->pf.cfg[0x100 / 4], 0, 0x30); break;
	case START_REFUSED: model_fault(m, "rpc_error", 1, "alloc"); break;
	case LOSE_ANSWERS: model_fault(m, "rpc_lost", (int)arg, NULL); break;
	case LATE_ANSWER:
		model_late_ms(m, arg);
		model_fault(m, "rpc_late", 1, NULL);
		break;
	case OPEN_REFUSED: model_fault(m, "rpc_error", 1, "0x20804001"); break;
	case RELEASE_REFUSED: model_fault(m, "cleanup_refused", (int)arg, NULL); break;
	case RESET_REFUSED:
		/* the plugin does not, and what is tried instead does not work either */
		model_fault(m, "rpc_error", 1, "msg3");
		model_fault(m, "cleanup_refused", 1, NULL);
		break;
	case SLOW_VGPUS: model_plugin_boot_ms(m, arg); break;
	case CRASH_AT_START: model_fault(m, "boot_crash", 1, NULL); break;
	case CRASH:
		if (model_vgpu_runs(m, arg))
			model_crash(m, arg);
		break;
	case HANG: model_fault(m, "fw_hang", 1, NULL); break;
	case GONE: b->gone = true; break;
	case GUEST_UP: guest_says(b, arg, 0x30, 1); break;
	case GUEST_DOWN: guest_says(b, arg, 0x30, 0); break;
	case GUEST_LICENCE: guest_says(b, arg, 0x34, 3); break;
	case GUEST_WORKS: model_ce_bytes(m, arg, 5 << 20); break;
	case SETTER_FAILS: model_fault(m, "rpc_error", 1, setters[arg]); break;
	}
}

static void state(int i, struct firmware_state *s)
{
	static const char *const names[] = { "best_effort", "equal_share", "fixed_share" };
	struct model *m = boards[i].m;
	const char *policy = model_scheduler(m, &s->sched.timeslice_us);

	s->mixed = model_mixed(m);
	s->mig = model_mig(m);
	s->instances = model_gpu_instances(m);
	while (strcmp(names[s->sched.policy], policy))
		assert(++s->sched.policy < ARRAY_SIZE(names));
}

static u32 sent(int i)
{
	return boards[i].sent;
}

static bool reaches_host(int i)
{
	return boards[i].pf.master && model_running(boards[i].m);
}

static bool held(int i, u32 gfid)
{
	return model_vgpu_held(boards[i].m, gfid);
}

static bool works(int i, const struct ovg_instance_params *par)
{
	struct model *m = boards[i].m;
	struct model_ranges r;

	return model_vgpu_runs(m, par->gfid) && model_vgpu_may_dma(m, par->gfid) &&
	       model_vgpu_ranges(m, par->gfid, &r) && r.nsegs == 1 && r.fb == par->fb_offset &&
	       r.fb_size == par->fb_size && r.heap == par->heap_offset &&
	       r.heap_size == par->heap_size && r.chid == par->chid_offset &&
	       r.channels == par->chid_count && r.type == par->type->id && r.pid == (u32)par->pid;
}

static void guest(int i, u32 gfid, u64 offset, u8 *byte, bool write)
{
	model_guest_rw(boards[i].m, gfid, offset, byte, 1, write);
}

const struct subject *gsp_subject(const char *board, unsigned int branch)
{
	static struct subject s = {
		.ops = &ovg_gsp_provider,
		.power_on = power_on,
		.power_off = power_off,
		.pf = pf,
		.vf = vf,
		.tick = tick,
		.trouble = make_trouble,
		.sent = sent,
		.reaches_host = reaches_host,
		.held = held,
		.works = works,
		.guest = guest,
		.state = state,
		.slack = 40,
	};

	board_name = board;
	board_branch = branch;
	s.name = board;
	return &s;
}
