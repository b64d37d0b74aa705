// SPDX-License-Identifier: GPL-2.0-only
/* What the firmware model sees of its board, and the board as a test sees it. */
#include "model.h"

#include <sys/mman.h>

#include "driver/sim/fw.h"

#define BUS	0
#define DOMAIN	1

u64 fwshim_ms = 1000;
u32 fwshim_warnings;

struct model {
	struct sim_board b;
	struct model_host host;
	u8 *bar0, *bar1;
	u64 pf_bar[3], vf_bar[3];
	struct { u8 *bar0, *bar1; u32 ce_stops; } vf[SIM_MAX_VFS];
	u16 vfs;
};

static struct model *of(struct sim_board *b)
{
	return container_of(b, struct model, b);
}

static u8 *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert(p != MAP_FAILED);
	return p;
}

/* ------------------------------------------------ what the model calls */

int sim_dma(struct sim_fn *f, u32 epoch, u64 iova, void *buf, size_t len, bool write)
{
	struct model *m = of(f->board);

	return f->epoch == epoch ? m->host.dma(m->host.ctx, iova, buf, len, write) : -ECANCELED;
}

void __iomem *sim_bar(struct sim_fn *f, enum sim_bar bar)
{
	struct model *m = of(f->board);

	if (f->kind == SIM_PF)
		return bar == SIM_BAR0 ? m->bar0 : bar == SIM_BAR1 ? m->bar1 : NULL;
	if (f->vf >= m->vfs)
		return NULL;
	return bar == SIM_BAR0 ? m->vf[f->vf].bar0 : bar == SIM_BAR1 ? m->vf[f->vf].bar1 : NULL;
}

bool sim_pf_memory(struct sim_board *b)
{
	return true;
}

bool sim_fn_master(struct sim_fn *f)
{
	return true;
}

u8 sim_pf_bus(struct sim_board *b)
{
	return BUS;
}

u16 sim_vfs_on(struct sim_board *b)
{
	return of(b)->vfs;
}

void sim_msix_raise(struct sim_fn *f, u32 vector)
{
	struct model *m = of(f->board);

	if (f->kind == SIM_PF && m->host.msi)
		m->host.msi(m->host.ctx, vector);
}

/* Bus addresses of the BARs; any will do. */
static const u64 pf_bars[] = { 0xe0000000, 0x2000000000, 0x6000000000 };
static const u64 vf_bars[] = { 0xe1000000, 0x7000000000, 0x8000000000 };

void model_set_bars(struct model *m, const uint64_t pf_bar[3], const uint64_t vf_bar[3])
{
	memcpy(m->pf_bar, pf_bar, sizeof(m->pf_bar));
	memcpy(m->vf_bar, vf_bar, sizeof(m->vf_bar));
}

u64 sim_bar_address(struct sim_fn *f, enum sim_bar bar)
{
	static const u64 size[] = { SIM_VF_BAR0, SIM_VF_BAR1, SIM_VF_BAR3 };

	struct model *m = of(f->board);

	return f->kind == SIM_PF ? m->pf_bar[bar] : m->vf_bar[bar] + f->vf * size[bar];
}

void __iomem *sim_pf_bar1_map(struct sim_board *b, u64 off, u64 len)
{
	return off < b->type->pf_bar1 && len <= b->type->pf_bar1 - off ? of(b)->bar1 + off : NULL;
}

void sim_pf_bar1_unmap(void __iomem *p)
{
}

void sim_ce_stop(struct sim_fn *f)
{
	of(f->board)->vf[f->vf].ce_stops++;
}

void sim_regs_vgpu(struct sim_fn *f, u32 type, u32 conf_type, bool booted, u64 fb, u32 bar1)
{
	u8 *page = sim_bar(f, SIM_BAR0);

	if (!page)
		return;
	page += VF_PAGE;
	writel(booted ? type : 0, page + VF_TYPE);
	writel(booted, page + VF_STATE);
	writel(conf_type, page + VF_CONF_TYPE);
}

void sim_poison(void __iomem *p, size_t len)
{
	memset32(p, SIM_POISON, len / 4);
}

/* ------------------------------------------------------------ the board */

static void regs_reset(struct model *m)
{
	writel(m->b.type->boot_0, m->bar0 + PF_BOOT_0);
	writel(0, m->bar0 + PF_MAILBOX0);
	writel(0, m->bar0 + PF_MAILBOX1);
	writel(0, m->bar0 + PF_SEC2_MAILBOX0);
	writel(0, m->bar0 + PF_SEC2_MAILBOX1);
	writel(m->b.handover ? CPUCTL_HALTED : 0, m->bar0 + PF_CPUCTL);
	writel(SIM_SENTINEL, m->bar0 + PF_QUEUE_HEAD);
	writel(SIM_SENTINEL, m->bar0 + PF_DOORBELL);
}

struct model *model_new(const char *board, unsigned int branch, const struct model_host *host)
{
	const struct sim_board_type *t = sim_board_type_find(board, strlen(board));
	const struct sim_layout *lay;
	struct model *m;
	char name[8];
	u32 i;

	snprintf(name, sizeof(name), "%u", branch);
	lay = t ? sim_branch_of(t, name, strlen(name)) : NULL;
	if (!lay)
		return NULL;
	m = calloc(1, sizeof(*m));
	m->host = *host;
	model_set_bars(m, pf_bars, vf_bars);
	m->b.type = t;
	m->b.lay = lay;
	m->b.domain = DOMAIN;
	m->b.handover = true;
	m->b.late_ms = 2000;
	m->b.bounce = calloc(1, PAGE_SIZE);
	m->b.pf = (struct sim_fn){ .board = &m->b, .kind = SIM_PF, .vf = -1, .epoch = 1 };
	m->b.vfs = calloc(t->total_vfs, sizeof(*m->b.vfs));
	for (i = 0; i < t->total_vfs; i++)
		m->b.vfs[i] = (struct sim_fn){ .board = &m->b, .kind = SIM_VF, .vf = i, .epoch = 1 };
	xa_init(&m->b.fb);
	m->bar0 = map(SIM_PF_BAR0);
	m->bar1 = map(t->pf_bar1);
	regs_reset(m);
	assert(!sim_fw_create(&m->b));
	return m;
}

void model_free(struct model *m)
{
	sim_fw_destroy(&m->b);
	model_set_vfs(m, 0);
	sim_fb_free(&m->b);
	munmap(m->bar0, SIM_PF_BAR0);
	munmap(m->bar1, m->b.type->pf_bar1);
	free(m->b.vfs);
	free(m->b.bounce);
	free(m);
}

static struct model *polled;

void fwshim_sleep(void)
{
	fwshim_ms++;
	if (polled && polled->host.wait)
		polled->host.wait(polled->host.ctx);
}

void model_deaf_host(struct model *m)
{
	m->host.wait = NULL;
}

bool model_poll(struct model *m)
{
	bool worked;

	polled = m;
	worked = sim_fw_poll(&m->b);
	polled = NULL;
	return worked;
}

void model_pass_ms(uint32_t ms)
{
	fwshim_ms += ms;
}

uint64_t model_now_ms(void)
{
	return fwshim_ms;
}

uint32_t model_read(struct model *m, uint32_t reg)
{
	return readl(m->bar0 + reg);
}

void model_write(struct model *m, uint32_t reg, uint32_t val)
{
	writel(val, m->bar0 + reg);
}

uint8_t *model_bar0(struct model *m)
{
	return m->bar0;
}

uint8_t *model_bar1(struct model *m)
{
	return m->bar1;
}

void model_flr(struct model *m)
{
	m->b.pf.epoch++;
	model_set_vfs(m, 0);
	regs_reset(m);
	sim_fw_pf_reset(&m->b);
}

static void vf_regs_reset(u8 *page)
{
	writel(SIM_SENTINEL, page + VF_GUEST);
	writel(SIM_SENTINEL, page + VF_LICENCE);
	writel(SIM_SENTINEL, page + VF_OS);
}

void model_set_vfs(struct model *m, unsigned int n)
{
	unsigned int i;

	if (n < m->vfs)
		m->b.vf_generation++;
	if (m->b.fw && n < m->vfs)
		sim_fw_vfs_gone(&m->b);
	for (i = n; i < m->vfs; i++) {
		munmap(m->vf[i].bar0, SIM_VF_BAR0);
		munmap(m->vf[i].bar1, SIM_VF_BAR1);
	}
	for (i = m->vfs; i < n; i++) {
		m->vf[i].bar0 = map(SIM_VF_BAR0);
		m->vf[i].bar1 = map(SIM_VF_BAR1);
		m->vf[i].ce_stops = 0;
		vf_regs_reset(m->vf[i].bar0 + VF_PAGE);
	}
	m->vfs = n;
}

uint8_t *model_vf_page(struct model *m, uint32_t gfid)
{
	return m->vf[gfid - 1].bar0 + VF_PAGE;
}

void model_flr_vf(struct model *m, uint32_t gfid)
{
	m->b.vfs[gfid - 1].epoch++;
	vf_regs_reset(model_vf_page(m, gfid));
}

bool model_vgpu_ranges(struct model *m, uint32_t gfid, struct model_ranges *r)
{
	const struct sim_vgpu *v = &m->b.fw->vgpus[gfid];

	if (v->state == VGPU_FREE)
		return false;
	*r = (struct model_ranges){
		.fb = v->segs[0].addr, .fb_size = v->fb_size, .nsegs = v->nsegs,
		.heap = v->heap.addr, .heap_size = v->heap.len,
		.chid = v->chid[0], .channels = v->channels, .type = v->type, .pid = v->pid,
	};
	return true;
}

int model_guest_rw(struct model *m, uint32_t gfid, uint64_t offset, void *buf, size_t len,
		   bool write)
{
	struct sim_vgpu *v = sim_fw_vgpu_of(&m->b.vfs[gfid - 1]);
	u64 run;

	if (!v)
		return -ENODEV;
	if (offset + len > v->win_size)
		return sim_fb_rw(&m->b, sim_vgpu_fb_address(v, offset, &run), buf, len, write);
	if (write)
		memcpy(v->win + offset, buf, len);
	else
		memcpy(buf, v->win + offset, len);
	return 0;
}

bool model_vgpu_held(struct model *m, uint32_t gfid)
{
	return m->b.fw->vgpus[gfid].state != VGPU_FREE;
}

bool model_vgpu_may_dma(struct model *m, uint32_t gfid)
{
	return model_vgpu_runs(m, gfid) && sim_vgpu_may_dma(&m->b.fw->vgpus[gfid]);
}

void model_crash(struct model *m, uint32_t gfid)
{
	sim_plugin_crash(&m->b.fw->vgpus[gfid]);
}

void model_ce_bytes(struct model *m, uint32_t gfid, uint64_t bytes)
{
	m->b.vfs[gfid - 1].ce_bytes += bytes;
}

uint32_t model_ce_stops(struct model *m, uint32_t gfid)
{
	return m->vf[gfid - 1].ce_stops;
}

bool model_vgpu_runs(struct model *m, uint32_t gfid)
{
	return sim_fw_vgpu_of(&m->b.vfs[gfid - 1]) != NULL;
}

int model_fb_read(struct model *m, uint64_t addr, void *buf, size_t len)
{
	return sim_fb_rw(&m->b, addr, buf, len, false);
}

int model_fb_write(struct model *m, uint64_t addr, const void *buf, size_t len)
{
	return sim_fb_rw(&m->b, addr, (void *)buf, len, true);
}

static const char * const counter_names[] = {
#define X(n) #n,
	SIM_COUNTERS(X)
#undef X
	NULL
};

const char *model_counter_name(size_t i)
{
	return counter_names[i];
}

void model_counters(struct model *m, uint64_t *values)
{
	size_t i;

	for (i = 0; i < SIM_NCOUNTERS; i++)
		values[i] = atomic64_read(&m->b.counters[i]);
}

uint64_t model_counter(struct model *m, const char *name)
{
	size_t i;

	for (i = 0; counter_names[i]; i++)
		if (!strcmp(counter_names[i], name))
			return atomic64_read(&m->b.counters[i]);
	assert(!"a counter of that name");
	return 0;
}

static const char * const fault_names[] = {
#define X(n) #n,
	SIM_FAULTS(X)
#undef X
};

/* As debugfs has it: a control's number, or a name. */
static bool key_of(const char *command, u32 *key)
{
	unsigned int msg;

	*key = 0;
	if (!command)
		return true;
	if (!strncmp(command, "0x", 2))
		*key = strtoul(command, NULL, 16);
	else if (!strcmp(command, "alloc"))
		*key = SIM_KEY_RPC(FN_RM_ALLOC);
	else if (!strcmp(command, "free"))
		*key = SIM_KEY_RPC(FN_FREE);
	else if (!strcmp(command, "unload"))
		*key = SIM_KEY_RPC(FN_UNLOADING);
	else if (sscanf(command, "msg%u", &msg) == 1)
		*key = SIM_KEY_MSG(msg);
	return *key;
}

bool model_fault(struct model *m, const char *kind, int count, const char *command)
{
	size_t i;
	u32 key;

	for (i = 0; i < ARRAY_SIZE(fault_names) && strcmp(fault_names[i], kind); )
		i++;
	if (i == ARRAY_SIZE(fault_names) || !key_of(command, &key))
		return false;
	m->b.faults[i].key = key;
	atomic_set(&m->b.faults[i].count, count);
	return true;
}

void model_late_ms(struct model *m, uint32_t ms)
{
	m->b.late_ms = ms;
}

void model_plugin_boot_ms(struct model *m, uint32_t ms)
{
	m->b.plugin_boot_ms = ms;
}

void model_require_signatures(struct model *m, bool on)
{
	m->b.require_signatures = on;
}

static struct sim_levels levels(struct model *m)
{
	struct sim_levels l;

	sim_fw_levels(&m->b, &l);
	return l;
}

uint32_t model_vgpus(struct model *m)
{
	return levels(m).vgpus;
}

uint32_t model_objects(struct model *m)
{
	return levels(m).objects;
}

uint32_t model_gpu_instances(struct model *m)
{
	return levels(m).gpu_instances;
}

bool model_running(struct model *m)
{
	return levels(m).running;
}

bool model_mixed(struct model *m)
{
	return levels(m).mixed;
}

bool model_mig(struct model *m)
{
	return levels(m).mig;
}

const char *model_scheduler(struct model *m, uint32_t *slice_us)
{
	const char *policy;

	sim_fw_scheduler(&m->b, &policy, slice_us);
	return policy;
}

struct model_facts model_facts(struct model *m)
{
	const struct sim_board_type *t = m->b.type;

	return (struct model_facts){
		.build = sim_branch_build(m->b.lay),
		.device = t->device,
		.subsystem = t->subsystem,
		.can_48 = t->can_48,
		.gi_slices = t->gi_slices,
		.placement_ids = t->arch >= SIM_ADA,
		.memory_by_firmware = t->arch >= SIM_HOPPER,
		.vf_offset = t->vf_offset,
		.total_vfs = t->total_vfs,
		.domain = DOMAIN,
		.bus = BUS,
		.max_vgpus = t->max_vgpus,
		.channels = t->channels,
		.nengines = t->nengines,
		.engines = t->engines,
		.fb = t->fb,
		.usable = t->usable,
		.segment = t->segment,
		.any_channel_count = t->any_channel_count,
		.ecc = t->ecc,
		.bar0_64 = t->bar0_64,
		.boot_0 = t->boot_0,
		.pf_bar1 = t->pf_bar1,
		.pf_bar = { m->pf_bar[0], m->pf_bar[1], m->pf_bar[2] },
		.vf_bar = { m->vf_bar[0], m->vf_bar[1], m->vf_bar[2] },
	};
}
