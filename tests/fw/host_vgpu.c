// SPDX-License-Identifier: GPL-2.0-only
/* Start, stop and vGPUs of the test host: host.h. */
#include "host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAILBOX0	0x110040
#define CPUCTL		0x110100
#define SEC2_MAILBOX0	0x840040
#define STOPPED		0x80000000

#define MIB		0x100000ull

/* ----------------------------------------------------------------- start */

static void libos(struct host *h)
{
	uint8_t *p = host_page(h, PAGE_LIBOS);

	memset(p, 0, HOST_ELEM);
	/* one that is not for us, then ours */
	put64(p, 0x4c4f47);
	put64(p + 8, host_bus(PAGE_SPARE));
	put64(p + 16, HOST_ELEM);
	p[24] = p[25] = 1;
	put64(p + 32, 0x524d41524753ull);
	put64(p + 40, host_bus(PAGE_RMARGS));
	put64(p + 48, h->lay->rmargs);
	p[56] = p[57] = 1;
}

static void rmargs(struct host *h)
{
	uint8_t *p = host_page(h, PAGE_RMARGS);

	memset(p, 0, HOST_ELEM);
	put64(p, host_bus(0));
	put32(p + 8, HOST_QUEUE_PAGES);
	put64(p + 16, 0x1000);
	put64(p + 24, 0x41000);
	if (h->lay->branch == 595) {
		put64(p + 32, 48);
		put64(p + 40, HOST_ELEM);
		put64(p + 48, HOST_ELEM_MAX * HOST_ELEM);
		put32(p + 56, 4);
		put32(p + 60, 12);
	}
}

static void wpr(struct host *h)
{
	uint8_t *p = host_page(h, PAGE_WPR);

	memset(p, 0, 256);
	put64(p, 0xdc3aae21371a60b3ull);
	put64(p + 8, 1);
	put64(p + 128, h->lay->heap_min * MIB);
	p[240] = 32;
}

void host_prepare(struct host *h)
{
	uint8_t *q;

	memset(h->mem, 0, HOST_PAGES * HOST_ELEM);
	h->write = h->seq = h->read = h->expect = 0;
	libos(h);
	rmargs(h);
	wpr(h);
	for (unsigned int i = 0; i < HOST_QUEUE_PAGES; i++)
		put64(host_page(h, 0) + 8 * i,
		      HOST_BUS + (uint64_t)(host_queue_page(h, i) - h->mem));
	q = host_queue_page(h, 1);
	put32(q + 4, 0x40000);
	put32(q + 8, HOST_ELEM);
	put32(q + 12, 63);
	put32(q + 20, 1);
	put32(q + 24, 0x20);
	put32(q + 28, HOST_ELEM);
}

uint32_t host_sysinfo(struct host *h, uint8_t *p)
{
	bool gh100 = h->f.memory_by_firmware;	/* registers moved with Hopper */

	memset(p, 0, h->lay->sys.size);
	for (int i = 0; i < 3; i++)
		put64(p + 8 * i, h->f.pf_bar[i]);
	put64(p + h->lay->sys.dbdf, (uint64_t)h->f.domain << 32 | h->f.bus << 8);
	put64(p + h->lay->sys.user_va, 0x7ffffffff000);
	put32(p + h->lay->sys.mirror, gh100 ? 0x92000 : 0x88000);
	put32(p + h->lay->sys.mirror + 4, 0x1000);
	if (h->lay->sys.pci_ids) {
		put32(p + h->lay->sys.pci_ids, (uint32_t)h->f.device << 16 | 0x10de);
		put32(p + h->lay->sys.pci_ids + 8, 0xa1);
	}
	put32(p + h->lay->sys.vf, h->f.total_vfs);
	put32(p + h->lay->sys.vf + 4, h->f.vf_offset);
	for (int i = 0; i < 3; i++) {
		put64(p + h->lay->sys.vf + 8 + 8 * i, h->f.vf_bar[i]);
		p[h->lay->sys.vf + 32 + i] = i || h->f.bar0_64;
	}
	if (h->lay->sys.page)
		put64(p + h->lay->sys.page, HOST_ELEM);
	return h->lay->sys.size;
}

uint32_t host_registry(uint8_t *p, const char *name, uint32_t value)
{
	uint32_t size = 8 + 16 + (uint32_t)strlen(name) + 1;

	memset(p, 0, size);
	put32(p, size);
	put32(p + 4, 1);
	put32(p + 8, 24);
	p[12] = 1;
	put32(p + 16, value);
	put32(p + 20, 4);
	strcpy((char *)p + 24, name);
	return size;
}

static void queue_early(struct host *h, uint32_t function, const uint8_t *p, uint32_t len)
{
	host_push(h, host_record(h, function, ++h->rpc_seq, p, len));
	h->seq++;
}

void host_early(struct host *h)
{
	uint8_t p[1024];

	queue_early(h, FN_SYSTEM_INFO, p, host_sysinfo(h, p));
	queue_early(h, FN_REGISTRY, p, host_registry(p, "RMSetSriovMode", 1));
}

uint32_t host_start(struct host *h)
{
	uint64_t pa = host_bus(PAGE_LIBOS);
	uint32_t events = h->nev;

	model_write(h->m, SEC2_MAILBOX0, (uint32_t)host_bus(PAGE_WPR));
	model_write(h->m, SEC2_MAILBOX0 + 4, (uint32_t)(host_bus(PAGE_WPR) >> 32));
	model_write(h->m, MAILBOX0, (uint32_t)pa);
	model_write(h->m, MAILBOX0 + 4, (uint32_t)(pa >> 32));
	cr_expect_eq(model_read(h->m, CPUCTL), 0x10u, "waits for its arguments");
	model_write(h->m, CPUCTL, 2);
	host_poll(h);
	if (model_read(h->m, CPUCTL) & 0x10) {
		cr_expect(!model_running(h->m));
		cr_expect_eq(h->nev, events, "not a word of firmware that did not start");
		return model_read(h->m, MAILBOX0);
	}
	cr_expect(model_running(h->m));
	cr_assert_eq(h->nev, events + 1);
	cr_expect_eq(h->ev[events % 256].function, EV_INIT_DONE);
	return 0;
}

void host_up_without_types(struct host *h)
{
	host_prepare(h);
	host_early(h);
	cr_assert_eq(host_start(h), 0u);
	cr_assert_eq(host_alloc_all(h, CLIENT), 0u);
	model_set_vfs(h->m, h->f.total_vfs);
}

void host_up(struct host *h)
{
	uint8_t *p = malloc(h->lay->types.size);

	host_up_without_types(h);
	host_types(h, p);
	cr_assert_eq(host_add_types(h, p), 0u);
	free(p);
}

/* Stops the firmware; it waits for arguments again. */
void host_down(struct host *h)
{
	uint8_t p[8] = { 0 };

	cr_assert_eq(host_rpc(h, FN_UNLOAD, p, 8), 0u);
	host_poll(h);
	cr_expect_eq(model_read(h->m, MAILBOX0), STOPPED);
	cr_expect_eq(model_read(h->m, CPUCTL), 0x10u);
	cr_expect(!model_running(h->m));
	cr_expect_eq(model_objects(h->m), 0u);
}

/* --------------------------------------------------- types and framebuffer */

uint8_t *host_type_record(struct host *h, uint8_t *p, uint32_t i, uint32_t type)
{
	uint8_t *rec = p + 8 + (size_t)i * h->lay->types.record;

	memset(rec, 0, h->lay->types.record);
	put32(rec, type);
	snprintf((char *)rec + 4, h->lay->types.name, "NVIDIA Test-%u", type);
	memset(rec + h->lay->types.sig, 0x77, 128);
	put32(rec + h->lay->types.max, 8);
	put64(rec + h->lay->types.profile, 1ull << 30);
	put64(rec + h->lay->types.pdev, h->f.device);
	return rec;
}

uint32_t host_types(struct host *h, uint8_t *p)
{
	uint8_t *rec;

	memset(p, 0, h->lay->types.size);
	p[0] = 1;
	put32(p + 4, 2);
	host_type_record(h, p, 0, HOST_TYPE);
	rec = host_type_record(h, p, 1, HOST_TYPE + 1);
	/* one that has the whole GPU */
	put64(rec + h->lay->types.profile, h->f.fb >> 30 << 30);
	return h->lay->types.size;
}

uint32_t host_add_types(struct host *h, uint8_t *p)
{
	return host_ctrl(h, CMD_ADD_TYPE, p, h->lay->types.size);
}

void host_memset_params(uint8_t *p, uint64_t addr, uint64_t len, uint8_t value)
{
	memset(p, 0, 96);
	put64(p + 48, addr);
	put64(p + 56, len);
	put32(p + 72, 2);
	put64(p + 80, len);
	put32(p + 88, value);
	put32(p + 92, 1);
}

uint32_t host_memset(struct host *h, uint64_t addr, uint64_t len, uint8_t value)
{
	uint8_t p[96];

	host_memset_params(p, addr, len, value);
	return host_ctrl(h, CMD_MEMSET, p, 96);
}

/* ----------------------------------------------------------------- vGPUs */

/* Two segments each; in a GPU instance from its start. Heaps behind all of them. */
uint64_t host_fb_size(struct host *h)
{
	return 2 * h->f.segment;
}

uint64_t host_fb(struct host *h, uint32_t gfid)
{
	const struct host_at *at = gfid <= 64 ? &h->at[gfid] : NULL;

	if (at && at->swizz != 0xffffffff && at->set)
		return at->base + at->slot * host_fb_size(h);
	return (gfid - 1) * host_fb_size(h);
}

uint64_t host_heap(struct host *h, uint32_t gfid)
{
	const struct host_at *at = &h->at[gfid];

	if (at->swizz != 0xffffffff && at->set)
		return at->base + 24 * h->f.segment + (uint64_t)at->slot * HOST_HEAP_SIZE;
	return host_fb(h, h->f.max_vgpus + 2) + (uint64_t)gfid * HOST_HEAP_SIZE;
}

uint32_t host_dbdf(struct host *h, uint32_t gfid)
{
	return h->f.domain << 16 | h->f.bus << 8 | (h->f.vf_offset + gfid - 1);
}

void host_bootload_params(struct host *h, uint32_t gfid, uint8_t *p)
{
	static const struct { uint32_t off, size; } logs[] = {
		{ 0x204000, 0x20000 }, { 0x224000, 0x40000 }, { 0x264000, 0x10000 },
	};
	const struct host_at *at = &h->at[gfid];
	uint64_t heap = host_heap(h, gfid);

	memset(p, 0, h->lay->boot.size);
	put32(p, host_dbdf(h, gfid));
	put32(p + 4, gfid);
	put32(p + 8, at->set ? at->type : HOST_TYPE);
	put32(p + 12, HOST_PID);
	put32(p + 16, at->set ? at->swizz : 0xffffffff);
	put32(p + 20, 32);
	put32(p + 24, 1);
	for (uint32_t i = 0; i < h->f.nengines; i++)
		if (h->f.engines[i] < h->lay->boot.nchid)
			put32(p + h->lay->boot.chid + 4 * h->f.engines[i], (gfid - 1) * 32);
	put32(p + h->lay->boot.nsegs, 1);
	put64(p + h->lay->boot.addr, host_fb(h, gfid));
	put64(p + h->lay->boot.len, host_fb_size(h));
	put64(p + h->lay->boot.heap, heap);
	put64(p + h->lay->boot.heap + 8, HOST_HEAP_SIZE);
	for (uint32_t i = 0; i < h->lay->boot.nlogs; i++) {
		put64(p + h->lay->boot.logs + 16 * i, heap + logs[i].off);
		put64(p + h->lay->boot.logs + 16 * i + 8, logs[i].size);
	}
}

uint8_t *host_comm(struct host *h, uint32_t gfid)
{
	return model_bar1(h->m) + host_heap(h, gfid);
}

void host_comm_init(struct host *h, uint32_t gfid)
{
	uint8_t *c = host_comm(h, gfid);

	memset(c, 0, 0x3000);
	put32(c, 1);
	put64(c + 16, 0x1000);
	put64(c + 24, 0x2000);
	put64(c + 32, 0x3000);
	put64(c + 40, 0x203000);
	h->msg_seq[gfid] = 0;
}

uint32_t host_bootload(struct host *h, uint32_t gfid)
{
	uint8_t *p = malloc(h->lay->boot.size);
	uint32_t status;

	host_comm_init(h, gfid);
	host_bootload_params(h, gfid, p);
	status = host_ctrl(h, CMD_BOOTLOAD, p, h->lay->boot.size);
	free(p);
	return status;
}

static uint32_t gfid_ctrl(struct host *h, uint32_t cmd, uint32_t gfid)
{
	uint8_t p[4];

	put32(p, gfid);
	return host_ctrl(h, cmd, p, 4);
}

uint32_t host_shutdown(struct host *h, uint32_t gfid)
{
	return gfid_ctrl(h, CMD_SHUTDOWN, gfid);
}

uint32_t host_cleanup(struct host *h, uint32_t gfid)
{
	return gfid_ctrl(h, CMD_CLEANUP, gfid);
}

bool host_saw(struct host *h, uint32_t from, uint32_t gfid, uint32_t what)
{
	for (; from != h->nev; from++) {
		const struct host_event *e = &h->ev[from % 256];

		if (e->function == EV_PLUGIN && get32(e->data) == gfid &&
		    get32(e->data + 4) == what)
			return true;
	}
	return false;
}

void host_vgpu(struct host *h, uint32_t gfid)
{
	uint32_t from = h->nev;

	cr_assert_eq(host_bootload(h, gfid), 0u, "BOOTLOAD of gfid %u", gfid);
	cr_assert(host_saw(h, from, gfid, PLUGIN_BOOTED));
	cr_expect(model_vgpu_runs(h->m, gfid));
	cr_expect_eq(get32(host_comm(h, gfid) + 8), START_MARKER);
}

void host_vgpu_gone(struct host *h, uint32_t gfid)
{
	uint32_t from = h->nev;

	cr_assert_eq(host_shutdown(h, gfid), 0u);
	cr_assert(host_saw(h, from, gfid, PLUGIN_UNLOADED));
	cr_assert_eq(host_cleanup(h, gfid), 0u);
	cr_expect(!model_vgpu_runs(h->m, gfid));
}

/* -------------------------------------------------------------- messages */

void host_write_msg(struct host *h, uint32_t gfid, uint32_t type, uint32_t seq,
		    const void *payload, uint32_t len)
{
	uint8_t *c = host_comm(h, gfid);

	if (len)
		memcpy(c + 0x2000, payload, len);
	put32(c + 4, type);
	put32(c + 8, seq);
}

void host_ring_plugin(struct host *h, uint32_t gfid)
{
	model_write(h->m, 0xb82200, gfid * 32 + 17);
	host_poll(h);
}

uint32_t host_msg(struct host *h, uint32_t gfid, uint32_t type, const void *payload, uint32_t len)
{
	const uint8_t *resp = host_comm(h, gfid) + 0x1000;

	host_write_msg(h, gfid, type, ++h->msg_seq[gfid], payload, len);
	host_ring_plugin(h, gfid);
	if (get32(resp + h->lay->processed) != h->msg_seq[gfid])
		return HOST_NO_ANSWER;
	return get32(resp + h->lay->result);
}

uint32_t host_config(struct host *h, uint32_t gfid, uint8_t *p)
{
	const struct host_at *at = &h->at[gfid];
	uint32_t place = gfid - 1;	/* of 1 GiB each */

	memset(p, 0, 112);
	for (uint8_t i = 0; i < 16; i++)
		p[i] = i + 1;
	put32(p + 16, host_dbdf(h, gfid));
	put32(p + 24, CLIENT);
	put32(p + 28, at->set ? at->type : HOST_TYPE);
	put32(p + 32, HOST_PID);
	put32(p + 36, at->set ? at->swizz : 0xffffffff);
	put32(p + 40, 32);
	put32(p + 44, 1);
	put32(p + 56, 4);
	put32(p + 60, 2);
	put64(p + 64, HOST_ELEM);
	if (at->set)
		place = at->place;
	else if (!h->f.placement_ids && !model_mixed(h->m))
		place = 0xffff;
	if (h->lay->config > 88) {
		p[84] = (uint8_t)place;
		p[85] = (uint8_t)(place >> 8);
	}
	return h->lay->config;
}

void host_configure(struct host *h, uint32_t gfid)
{
	uint8_t p[112], on[2] = { 1, 1 };

	memset(p, 0, 8);
	cr_assert_eq(host_msg(h, gfid, MSG_NEGOTIATE, p, 8), 0u);
	cr_expect_eq(get32(host_comm(h, gfid) + 0x2004), 1u, "version negotiated");
	cr_assert_eq(host_msg(h, gfid, MSG_CONFIG, p, host_config(h, gfid, p)), 0u);
	cr_assert_eq(host_msg(h, gfid, MSG_BME, on, 2), 0u);
}

/* Text of a log whose put index is at its start. */
bool host_log_has(struct host *h, uint32_t gfid, uint32_t log, const char *text)
{
	static const uint32_t at[] = { 0x204000, 0x224000, 0x264000 };
	static const uint32_t size[] = { 0x20000, 0x40000, 0x10000 };
	const uint8_t *l = host_comm(h, gfid) + at[log];
	uint64_t put = get64(l);

	return memmem(l + 8, put < size[log] - 8 ? put : size[log] - 8, text, strlen(text));
}
