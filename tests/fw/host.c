// SPDX-License-Identifier: GPL-2.0-only
/* Transport and objects of the test host: host.h. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

#define MSGS		63
#define STAT		65	/* header page of the status queue */
#define EL_HEADER	48
#define RPC_HEADER	32

static const struct host_layout layouts[] = {
	{
		.branch = 535,
		.rmargs = 80, .control = 24, .root = 108, .ecc = 984, .engines = 252,
		.fb_info = 54, .fb_info_last = 0x35,
		.heap_min = 549, .heap_max = 1024,
		.sys = { .size = 664, .dbdf = 24, .user_va = 56, .mirror = 64, .vf = 624 },
		.types = { .size = 316936, .record = 4952, .records = 64, .name = 32, .sig = 68,
			   .max = 324, .gi_size = 356, .pdev = 376, .profile = 384 },
		.boot = { .size = 6496, .chid = 28, .nchid = 62, .nsegs = 280, .addr = 288,
			  .len = 3360, .heap = 6432, .ctrl = 6448, .logs = 6456, .nlogs = 2 },
		.config = 88, .processed = 0, .result = 4, .comm = 0x264000,
		.gi = { .size = 32, .flags = 4, .valid = 8, .lo = 16 }, .mig_vgpus = 7,
	}, {
		.branch = 570,
		.rmargs = 72, .control = 24, .root = 120, .ecc = 1464, .engines = 340,
		.fb_info = 57, .fb_info_last = 0x38,
		.heap_min = 581, .heap_max = 1040,
		.sys = { .size = 928, .dbdf = 32, .user_va = 72, .mirror = 80, .pci_ids = 88,
			 .vf = 856, .page = 920 },
		.types = { .size = 334344, .record = 5224, .records = 64, .name = 32, .sig = 68,
			   .max = 324, .gi_size = 356, .pdev = 376, .profile = 384 },
		.boot = { .size = 6616, .chid = 28, .nchid = 84, .nsegs = 368, .addr = 376,
			  .len = 3448, .heap = 6520, .ctrl = 6536, .logs = 6544, .nlogs = 3 },
		.config = 112, .processed = 4, .result = 8, .comm = 0x274000,
		.gi = { .size = 48, .flags = 20, .valid = 24, .lo = 32 }, .mig_vgpus = 7,
		.modes = true,
	}, {
		.branch = 595,
		.rmargs = 136, .control = 40, .root = 120, .ecc = 1664, .engines = 340,
		.fb_info = 128, .fb_info_last = 0x3b,
		.heap_min = 581, .heap_max = 1093,
		.sys = { .size = 944, .dbdf = 32, .user_va = 72, .mirror = 80, .pci_ids = 88,
			 .vf = 856, .page = 920 },
		.types = { .size = 694280, .record = 5424, .records = 128, .name = 64, .sig = 132,
			   .max = 388, .gi_size = 420, .pdev = 440, .profile = 448,
			   .per_gi = 5004 },
		.boot = { .size = 6616, .chid = 28, .nchid = 84, .nsegs = 368, .addr = 376,
			  .len = 3448, .heap = 6520, .ctrl = 6536, .logs = 6544, .nlogs = 3 },
		.config = 112, .processed = 4, .result = 8, .comm = 0x274000,
		.gi = { .size = 48, .flags = 20, .valid = 24, .lo = 32 }, .mig_vgpus = 48,
		.modes = true,
	},
};

uint32_t get32(const void *p)
{
	const uint8_t *b = p;

	return b[0] | b[1] << 8 | b[2] << 16 | (uint32_t)b[3] << 24;
}

uint64_t get64(const void *p)
{
	return get32(p) | (uint64_t)get32((const uint8_t *)p + 4) << 32;
}

void put32(void *p, uint32_t v)
{
	uint8_t *b = p;

	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(v >> 8 * i);
}

void put64(void *p, uint64_t v)
{
	put32(p, (uint32_t)v);
	put32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}

/* ---------------------------------------------------------------- memory */

uint8_t *host_page(struct host *h, unsigned int page)
{
	return h->mem + (size_t)page * HOST_ELEM;
}

uint64_t host_bus(unsigned int page)
{
	return HOST_BUS + (uint64_t)page * HOST_ELEM;
}

/* Pages of the queues are not in order: only the table tells. Page 0 is itself. */
static unsigned int queue_page(unsigned int i)
{
	return i * 50 % HOST_QUEUE_PAGES;
}

uint8_t *host_queue_page(struct host *h, unsigned int i)
{
	return host_page(h, queue_page(i));
}

static int dma(void *ctx, uint64_t addr, void *buf, size_t len, bool write)
{
	struct host *h = ctx;
	uint64_t off = addr - HOST_BUS;

	if (h->gone || off >= (uint64_t)HOST_PAGES * HOST_ELEM ||
	    len > (uint64_t)HOST_PAGES * HOST_ELEM - off)
		return -14;
	if (h->hole && addr < h->hole + HOST_ELEM && h->hole < addr + len)
		return -14;
	if (write)
		memcpy(h->mem + off, buf, len);
	else
		memcpy(buf, h->mem + off, len);
	return 0;
}

static void msi(void *ctx, uint32_t vector)
{
	struct host *h = ctx;

	cr_expect_eq(vector, 0u, "messages raise vector 0");
	h->irqs++;
}

static void read_all(void *ctx);

struct host *host_new(const char *board, unsigned int branch)
{
	struct host *h = calloc(1, sizeof(*h));
	struct model_host mh = { .ctx = h, .dma = dma, .msi = msi, .wait = read_all };

	h->m = model_new(board, branch, &mh);
	cr_assert(h->m, "%s has no branch %u", board, branch);
	h->f = model_facts(h->m);
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].branch == branch)
			h->lay = &layouts[i];
	h->mem = aligned_alloc(HOST_ELEM, HOST_PAGES * HOST_ELEM);
	memset(h->mem, 0, HOST_PAGES * HOST_ELEM);
	return h;
}

void host_free(struct host *h)
{
	model_free(h->m);
	free(h->ans.data);
	free(h->mem);
	free(h);
}

/* ----------------------------------------------------------------- queues */

static uint32_t fold(const uint8_t *p, uint32_t len)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < len; i += 8)
		sum ^= get64(p + i);
	return (uint32_t)(sum >> 32) ^ (uint32_t)sum;
}

static uint32_t padded(uint32_t len)
{
	return (len + 7) & ~7u;
}

void host_seal(struct host *h)
{
	uint32_t len = EL_HEADER + get32(h->el + EL_HEADER + 8);

	put32(h->el + 32, 0);
	put32(h->el + 32, fold(h->el, padded(len)));
}

uint32_t host_record(struct host *h, uint32_t function, uint32_t rpc_seq, const void *payload,
		     uint32_t len)
{
	uint32_t n = (EL_HEADER + RPC_HEADER + len + HOST_ELEM - 1) / HOST_ELEM;
	uint8_t *rpc = h->el + EL_HEADER;

	cr_assert_leq(len, HOST_RECORD_MAX);
	memset(h->el, 0, sizeof(h->el));
	put32(h->el + 36, h->seq);
	put32(h->el + 40, n);
	put32(rpc, 0x03000000);
	put32(rpc + 4, 0x43505256);
	put32(rpc + 8, RPC_HEADER + len);
	put32(rpc + 12, function);
	put32(rpc + 16, 0xffffffff);
	put32(rpc + 20, 0xffffffff);
	put32(rpc + 24, rpc_seq);
	if (len)
		memcpy(rpc + RPC_HEADER, payload, len);
	host_seal(h);
	return n;
}

static uint32_t room(struct host *h)
{
	uint32_t taken = get32(host_queue_page(h, STAT) + 0x20);

	return (taken + MSGS - h->write - 1) % MSGS;
}

void host_push(struct host *h, uint32_t n)
{
	for (int i = 0; room(h) < n && i < 100; i++) {
		host_ring(h);
		host_poll(h);
	}
	cr_assert_geq(room(h), n, "the firmware takes nothing");
	for (uint32_t i = 0; i < n; i++)
		memcpy(host_queue_page(h, 2 + (h->write + i) % MSGS), h->el + i * HOST_ELEM,
		       HOST_ELEM);
	h->write = (h->write + n) % MSGS;
	put32(host_queue_page(h, 1) + 16, h->write);
}

void host_ring(struct host *h)
{
	model_write(h->m, 0x110c00, 0);
}

/* Takes a record of the status queue; continuations go behind the answer. */
static void take(struct host *h)
{
	static uint8_t el[HOST_ELEM_MAX * HOST_ELEM];
	uint32_t n, len;
	uint8_t *rpc = el + EL_HEADER, *data;

	memcpy(el, host_queue_page(h, STAT + 1 + h->read), HOST_ELEM);
	n = get32(el + 40);
	if (!n || n > HOST_ELEM_MAX) {
		h->garbage++;
		h->read = (h->read + 1) % MSGS;
		return;
	}
	for (uint32_t i = 1; i < n; i++)
		memcpy(el + i * HOST_ELEM, host_queue_page(h, STAT + 1 + (h->read + i) % MSGS),
		       HOST_ELEM);
	h->read = (h->read + n) % MSGS;
	len = get32(rpc + 8);
	cr_assert(len >= RPC_HEADER && len <= n * HOST_ELEM - EL_HEADER, "length %u", len);
	cr_expect_eq(fold(el, padded(EL_HEADER + len)), 0u, "checksum of the firmware");
	cr_expect_eq(get32(el + 36), h->expect, "number %u, not %u", get32(el + 36), h->expect);
	cr_expect_eq(n, (EL_HEADER + len + HOST_ELEM - 1) / HOST_ELEM);
	cr_expect_eq(get32(rpc), 0x03000000u);
	cr_expect_eq(get32(rpc + 4), 0x43505256u);
	h->expect++;
	len -= RPC_HEADER;
	data = rpc + RPC_HEADER;
	if (get32(rpc + 12) >= 0x1000) {
		struct host_event *e = &h->ev[h->nev++ % 256];

		e->function = get32(rpc + 12);
		e->len = len;
		memcpy(e->data, data, len < sizeof(e->data) ? len : sizeof(e->data));
		return;
	}
	if (get32(rpc + 12) != FN_CONTINUATION) {
		h->ans.function = get32(rpc + 12);
		h->ans.result = get32(rpc + 16);
		h->ans.seq = get32(rpc + 24);
		h->ans.len = 0;
		h->answered = true;
	}
	if (h->ans.len + len > h->ans.room) {
		h->ans.room = h->ans.len + len;
		h->ans.data = realloc(h->ans.data, h->ans.room);
	}
	memcpy(h->ans.data + h->ans.len, data, len);
	h->ans.len += len;
}

static void read_all(void *ctx)
{
	struct host *h = ctx;
	uint32_t wrote = get32(host_queue_page(h, STAT) + 16);

	while (h->read != wrote && wrote < MSGS) {
		take(h);
		put32(host_queue_page(h, 1) + 0x20, h->read);
	}
}

void host_poll(struct host *h)
{
	do {
		read_all(h);
	} while (model_poll(h->m) || h->read != get32(host_queue_page(h, STAT) + 16) % MSGS);
}

void host_pass(struct host *h, uint32_t ms)
{
	while (ms--) {
		model_pass_ms(1);
		host_poll(h);
	}
}

void host_send(struct host *h, uint32_t function, const void *payload, uint32_t len)
{
	uint32_t n = len < HOST_RECORD_MAX ? len : HOST_RECORD_MAX;
	const uint8_t *p = payload;

	host_push(h, host_record(h, function, ++h->rpc_seq, p, n));
	h->seq++;
	for (uint32_t at = n; at < len; at += n) {
		n = len - at < HOST_RECORD_MAX ? len - at : HOST_RECORD_MAX;
		host_push(h, host_record(h, FN_CONTINUATION, h->rpc_seq, p + at, n));
		h->seq++;
	}
	h->answered = false;
	host_ring(h);
	host_poll(h);
}

uint32_t host_wait(struct host *h, uint32_t ms)
{
	while (!h->answered && ms--)
		host_pass(h, 1);
	return h->answered ? h->ans.result : HOST_NO_ANSWER;
}

uint32_t host_rpc(struct host *h, uint32_t function, void *payload, uint32_t len)
{
	uint32_t result;

	host_send(h, function, payload, len);
	result = host_wait(h, 20);
	host_poll(h);	/* the rest of a long one */
	if (result != HOST_NO_ANSWER) {
		cr_expect_eq(h->ans.function, function);
		cr_expect_eq(h->ans.seq, h->rpc_seq, "answer to %u, not %u", h->ans.seq, h->rpc_seq);
		cr_assert_eq(h->ans.len, len, "an answer is as long as the request");
		memcpy(payload, h->ans.data, len);
	}
	return result;
}

/* ---------------------------------------------------------------- objects */

uint32_t host_alloc(struct host *h, uint32_t client, uint32_t parent, uint32_t object,
		    uint32_t class, const void *params, uint32_t size)
{
	uint8_t p[32 + 256] = { 0 };

	cr_assert_leq(size, 256u);
	put32(p, client);
	put32(p + 4, parent);
	put32(p + 8, object);
	put32(p + 12, class);
	put32(p + 20, size);
	memcpy(p + 32, params, size);
	cr_assert_eq(host_rpc(h, FN_ALLOC, p, 32 + size), 0u);
	return get32(p + 16);
}

uint32_t host_alloc_client(struct host *h, uint32_t client)
{
	uint8_t p[120] = { 0 };

	put32(p, client);
	put32(p + 4, 0xffffffff);
	return host_alloc(h, client, client, client, 0, p, h->lay->root);
}

uint32_t host_alloc_device(struct host *h, uint32_t client)
{
	uint8_t p[56] = { 0 };

	put32(p + 4, client);
	return host_alloc(h, client, client, DEVICE, 0x80, p, 56);
}

uint32_t host_alloc_subdevice(struct host *h, uint32_t client)
{
	uint8_t p[4] = { 0 };

	return host_alloc(h, client, DEVICE, SUBDEVICE, 0x2080, p, 4);
}

uint32_t host_alloc_all(struct host *h, uint32_t client)
{
	uint32_t status = host_alloc_client(h, client);

	if (!status)
		status = host_alloc_device(h, client);
	return status ? status : host_alloc_subdevice(h, client);
}

uint32_t host_drop(struct host *h, uint32_t client, uint32_t object)
{
	uint8_t p[16] = { 0 };

	put32(p, client);
	put32(p + 8, object);
	cr_assert_eq(host_rpc(h, FN_FREE, p, 16), 0u);
	return get32(p + 12);
}

uint32_t host_ctrl_bytes(struct host *h, uint8_t *p, uint32_t client, uint32_t object, uint32_t cmd,
			 const void *params, uint32_t size)
{
	memset(p, 0, h->lay->control);
	put32(p, client);
	put32(p + 4, object);
	put32(p + 8, cmd);
	put32(p + 16, size);
	memcpy(p + h->lay->control, params, size);
	return h->lay->control + size;
}

uint32_t host_ctrl_as(struct host *h, uint32_t client, uint32_t object, uint32_t cmd, void *params,
		      uint32_t size)
{
	uint8_t *p = malloc(h->lay->control + size);
	uint32_t len = host_ctrl_bytes(h, p, client, object, cmd, params, size), status;

	cr_assert_eq(host_rpc(h, FN_CONTROL, p, len), 0u, "control %08x", cmd);
	status = get32(p + 12);
	memcpy(params, p + h->lay->control, size);
	free(p);
	return status;
}

uint32_t host_ctrl(struct host *h, uint32_t cmd, void *params, uint32_t size)
{
	return host_ctrl_as(h, CLIENT, SUBDEVICE, cmd, params, size);
}
