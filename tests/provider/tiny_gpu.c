// SPDX-License-Identifier: GPL-2.0-only
/* The made-up GPU: its firmware, and the suite's hands on it. */
#include <stdlib.h>

#include "tiny_gpu.h"

struct tiny_gpu tiny_gpus[BOARDS];
static struct shim_pf pfs[BOARDS];
static struct pci_dev vfs[BOARDS][TINY_VGPUS + 1];

/* --------------------------------------------------------------- firmware */

static void news(struct tiny_gpu *g, u32 gfid, enum tiny_event what, u32 guest, u32 value)
{
	assert(g->nnews < ARRAY_SIZE(g->news));
	g->news[g->nnews++] = (struct tiny_news){ gfid, what, guest, value };
}

static bool take(u32 *n)
{
	return *n && (*n)--;
}

static bool others(struct tiny_gpu *g, u32 gfid, u64 fb, u64 size)
{
	u32 i;

	for (i = 1; i <= TINY_VGPUS; i++)
		if (i != gfid && g->vgpu[i].held && fb < g->vgpu[i].fb + g->vgpu[i].size &&
		    g->vgpu[i].fb < fb + size)
			return true;
	return false;
}

static u64 half_of(u64 fb)
{
	return fb / (TINY_SEGMENTS / 2 * TINY_SEGMENT);
}

static enum tiny_result start(struct tiny_gpu *g, u32 gfid, u64 fb, u64 size)
{
	if (g->vgpu[gfid].held || others(g, gfid, fb, size))
		return TINY_BUSY;
	if (g->mig && (!g->half[half_of(fb)] || half_of(fb) != half_of(fb + size - 1)))
		return TINY_REFUSED;
	if (take(&g->refuse_start))
		return TINY_REFUSED;
	memset(&g->vgpu[gfid], 0, sizeof(g->vgpu[gfid]));
	g->vgpu[gfid].held = true;
	g->vgpu[gfid].fb = fb;
	g->vgpu[gfid].size = size;
	g->vgpu[gfid].up_at = shim_ms + g->boot_ms;
	g->vgpu[gfid].crashed = take(&g->crash_at_start);
	if (g->vgpu[gfid].crashed)
		news(g, gfid, TINY_CRASHED, 0, 0);
	return TINY_OK;
}

static bool any_open(struct tiny_gpu *g, u32 half)
{
	u32 i;

	for (i = 1; i <= TINY_VGPUS; i++)
		if (g->vgpu[i].held && (half > 1 || half_of(g->vgpu[i].fb) == half))
			return true;
	return false;
}

/* Everything that is not about one vGPU. */
static enum tiny_result set(struct tiny_gpu *g, enum tiny_cmd cmd, u32 value, u64 slice)
{
	if (take(&g->refuse_setter[cmd]))
		return TINY_REFUSED;
	switch (cmd) {
	case TINY_SCHEDULER:
		g->policy = value;
		g->slice = (u32)slice;
		return TINY_OK;
	case TINY_MIXED:
		if (any_open(g, 2) || g->mig)
			return TINY_REFUSED;
		g->mixed = value;
		return TINY_OK;
	case TINY_MIG:
		if (any_open(g, 2) || g->half[0] || g->half[1])
			return TINY_REFUSED;
		g->mig = value;
		return TINY_OK;
	case TINY_DIVIDE:
		if (!g->mig || value > 1 || g->half[value])
			return TINY_REFUSED;
		g->half[value] = true;
		return TINY_OK;
	default:
		if (value > 1 || !g->half[value])
			return TINY_NOT_THERE;
		if (any_open(g, value))
			return TINY_BUSY;
		g->half[value] = false;
		return TINY_OK;
	}
}

static enum tiny_result execute(struct tiny_gpu *g, enum tiny_cmd cmd, u32 gfid, u64 fb, u64 size)
{
	switch (cmd) {
	case TINY_HELLO:
		if (take(&g->refuse_hello))
			return TINY_REFUSED;
		g->running = true;
		g->mixed = g->mig = g->half[0] = g->half[1] = false;
		g->policy = gfid;
		g->slice = (u32)fb;
		return TINY_OK;
	case TINY_BYE:
		g->running = false;
		return TINY_OK;
	case TINY_CLEAR:
		if (others(g, 0, fb, size))
			return TINY_BUSY;
		memset(g->fb + fb / TINY_SEGMENT, 0, size / TINY_SEGMENT);
		return TINY_OK;
	case TINY_START:
		return start(g, gfid, fb, size);
	case TINY_RELEASE:
		if (!g->vgpu[gfid].held)
			return TINY_NOT_THERE;
		if (take(&g->refuse_release))
			return TINY_REFUSED;
		memset(&g->vgpu[gfid], 0, sizeof(g->vgpu[gfid]));
		return TINY_OK;
	case TINY_RESET:
		return take(&g->refuse_reset) || !g->vgpu[gfid].up ? TINY_REFUSED : TINY_OK;
	default:
		return set(g, cmd, gfid, fb);
	}
}

void tiny_send(struct tiny_gpu *g, u32 seq, enum tiny_cmd cmd, u32 gfid, u64 fb, u64 size)
{
	enum tiny_result result;
	u64 at = shim_ms;

	g->sent++;
	if (g->hung || g->gone)
		return;
	if (cmd == TINY_HELLO)	/* numbers begin anew */
		memset(g->answer, 0, sizeof(g->answer));
	result = execute(g, cmd, gfid, fb, size);
	if (take(&g->lose))
		return;
	at += g->late_ms;
	g->late_ms = 0;
	g->answer[g->nanswers++ % ARRAY_SIZE(g->answer)] = (struct tiny_answer){ seq, result, at };
}

bool tiny_answered(struct tiny_gpu *g, u32 seq, enum tiny_result *result)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(g->answer); i++)
		if (g->answer[i].seq == seq && g->answer[i].at <= shim_ms) {
			*result = g->answer[i].result;
			return true;
		}
	return false;
}

bool tiny_next(struct tiny_gpu *g, struct tiny_news *n)
{
	if (!g->nnews)
		return false;
	*n = g->news[0];
	memmove(g->news, g->news + 1, --g->nnews * sizeof(*n));
	return true;
}

void tiny_tick(struct tiny_gpu *g)
{
	u32 i;

	for (i = 1; i <= TINY_VGPUS && !g->hung && !g->gone; i++) {
		if (g->vgpu[i].held && !g->vgpu[i].up && !g->vgpu[i].crashed &&
		    shim_ms >= g->vgpu[i].up_at) {
			g->vgpu[i].up = true;
			news(g, i, TINY_UP, 0, 0);
		}
		if (shim_ms % 1000 == 0 && g->vgpu[i].up)
			news(g, i, TINY_USAGE, 0, g->vgpu[i].work);
	}
}

/* ---------------------------------------------------------- for the suite */

static void power_on(void)
{
	int i, j;

	memset(tiny_gpus, 0, sizeof(tiny_gpus));
	memset(pfs, 0, sizeof(pfs));
	for (i = 0; i < BOARDS; i++) {
		tiny_gpus[i].present = true;
		tiny_gpus[i].pf.bus = &tiny_gpus[i].bus;
		pfs[i].pdev = &tiny_gpus[i].pf;
		for (j = 1; j <= TINY_VGPUS; j++) {
			vfs[i][j].bus = &tiny_gpus[i].bus;
			vfs[i][j].id = (u16)j;
		}
	}
}

static void power_off(void)
{
}

static struct shim_pf *pf(int i)
{
	return &pfs[i];
}

static struct pci_dev *vf(int i, u32 gfid)
{
	return &vfs[i][gfid];
}

static void tick(void)
{
	int i;

	for (i = 0; i < BOARDS; i++) {
		tiny_tick(&tiny_gpus[i]);
		if (pfs[i].thread)
			pfs[i].thread(SHIM_IRQ + i, pfs[i].irq_data);
	}
}

static void make_trouble(int i, enum trouble what, u32 arg)
{
	static const enum tiny_cmd setters[NR_SETTINGS] = {
		TINY_MIXED, TINY_SCHEDULER, TINY_MIG, TINY_DIVIDE, TINY_DIVIDE,
	};
	struct tiny_gpu *g = &tiny_gpus[i];

	switch (what) {
	case NO_FIRMWARE: g->present = false; break;
	case START_REFUSED: g->refuse_hello = 1; break;
	case LOSE_ANSWERS: g->lose = arg; break;
	case LATE_ANSWER: g->late_ms = arg; break;
	case OPEN_REFUSED: g->refuse_start = 1; break;
	case RELEASE_REFUSED: g->refuse_release = arg; break;
	case RESET_REFUSED: g->refuse_reset = 1; break;
	case SLOW_VGPUS: g->boot_ms = arg; break;
	case CRASH_AT_START: g->crash_at_start = 1; break;
	case HANG: g->hung = true; break;
	case GONE: g->gone = true; break;
	case CRASH:
		g->vgpu[arg].crashed = true;
		g->vgpu[arg].up = false;
		news(g, arg, TINY_CRASHED, 0, 0);
		break;
	case GUEST_UP: news(g, arg, TINY_GUEST, OVG_EV_GUEST_LOADED, 0); break;
	case GUEST_DOWN: news(g, arg, TINY_GUEST, OVG_EV_GUEST_UNLOADED, 0); break;
	case GUEST_LICENCE: news(g, arg, TINY_GUEST, OVG_EV_LICENCE, 1); break;
	case GUEST_WORKS: g->vgpu[arg].work = 2500; break;
	case SETTER_FAILS: g->refuse_setter[setters[arg]] = 1; break;
	}
}

static void state(int i, struct firmware_state *s)
{
	const struct tiny_gpu *g = &tiny_gpus[i];

	*s = (struct firmware_state){
		.mixed = g->mixed, .mig = g->mig, .instances = g->half[0] + g->half[1],
		.sched = { (enum ovg_policy)g->policy, g->slice },
	};
}

static u32 sent(int i)
{
	return tiny_gpus[i].sent;
}

static bool reaches_host(int i)
{
	return tiny_gpus[i].running && tiny_gpus[i].pf.master;
}

static bool held(int i, u32 gfid)
{
	return tiny_gpus[i].vgpu[gfid].held;
}

static bool works(int i, const struct ovg_instance_params *par)
{
	return tiny_gpus[i].vgpu[par->gfid].up && tiny_gpus[i].vgpu[par->gfid].fb == par->fb_offset &&
	       tiny_gpus[i].vgpu[par->gfid].size == par->fb_size;
}

static void guest(int i, u32 gfid, u64 offset, u8 *byte, bool write)
{
	u8 *at = &tiny_gpus[i].fb[(tiny_gpus[i].vgpu[gfid].fb + offset) / TINY_SEGMENT];

	if (write)
		*at = *byte;
	else
		*byte = *at;
}

const struct subject tiny_subject = {
	.name = "tiny",
	.ops = &tiny_provider,
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
	.slack = 10,
};

/* Stops the firmware, whatever it did. */
int shim_pf_reset(struct pci_dev *pdev)
{
	struct tiny_gpu *g = container_of(pdev, struct tiny_gpu, pf);

	g->running = g->hung = false;
	g->mixed = g->mig = g->half[0] = g->half[1] = false;
	memset(g->vgpu, 0, sizeof(g->vgpu));
	return 0;
}

int shim_reset(void)
{
	abort();
}

u32 shim_readl(void *addr)
{
	(void)addr;
	abort();
}

void shim_writel(u32 value, void *addr)
{
	(void)value;
	(void)addr;
	abort();
}
