// SPDX-License-Identifier: GPL-2.0-only
/* What the firmware model does when nothing is wrong with what it gets. */
#include "host.h"

#include <stdlib.h>
#include <string.h>

static const struct { const char *board; unsigned int branch; } setups[] = {
	{ "A40", 535 }, { "L40S", 535 }, { "A40", 570 }, { "L40S", 570 }, { "A40", 595 },
	{ "RTXPRO6000", 595 }, { "A100-PCIe-80", 535 }, { "H200-SXM5", 570 }, { "A16", 570 },
};

/* TEST_EACH(name) { ... h ... }: on every board and branch. */
#define TEST_EACH(name) \
	static void name(struct host *h); \
	Test(fw_life, name) \
	{ \
		for (size_t i_ = 0; i_ < sizeof(setups) / sizeof(setups[0]); i_++) { \
			struct host *h_ = host_new(setups[i_].board, setups[i_].branch); \
			name(h_); \
			host_free(h_); \
		} \
	} \
	static void name(struct host *h)

/* Both ends of what the booter may say. */
TEST_EACH(firmware_heap_sizes)
{
	const uint32_t mib[] = { h->lay->heap_min, h->lay->heap_max };

	for (size_t i = 0; i < 2; i++) {
		host_prepare(h);
		host_early(h);
		put64(host_page(h, PAGE_WPR) + 128, mib[i] * 0x100000ull);
		put64(host_page(h, PAGE_WPR) + 176, h->f.fb);
		cr_expect_eq(host_start(h), 0u, "%u MiB", mib[i]);
		host_down(h);
	}
}

TEST_EACH(starts_stops_and_starts_again)
{
	for (int i = 0; i < 3; i++) {
		host_up(h);
		host_vgpu(h, 1);
		host_vgpu_gone(h, 1);
		host_down(h);
	}
	cr_expect_eq(model_counter(h->m, "fw_starts"), 3u);
	cr_expect_eq(model_counter(h->m, "fw_stops"), 3u);
}

TEST_EACH(says_what_board_it_is)
{
	uint8_t *p = calloc(1, 2048);

	host_up(h);
	EXPECT_ZERO(host_ctrl(h, CMD_SEGMENT, p, 8));
	cr_expect_eq(get64(p), h->f.segment);
	EXPECT_ZERO(host_ctrl(h, CMD_ENGINES, p, h->lay->engines));
	cr_expect_eq(get32(p), h->f.nengines);
	for (uint32_t i = 0; i < h->f.nengines; i++)
		cr_expect_eq(get32(p + 4 + 4 * i), h->f.engines[i]);
	EXPECT_ZERO(host_ctrl(h, CMD_ECC, p, h->lay->ecc));
	cr_expect_eq(p[0], h->f.ecc);
	put32(p, 3);
	EXPECT_ZERO(host_ctrl(h, CMD_CHANNELS, p, 8));
	cr_expect_eq(get32(p + 4), h->f.channels);
	memset(p, 0, 2048);
	put32(p, 2);
	put32(p + 4, 0x20);
	put32(p + 12, 0x16);
	host_vgpu(h, 1);
	EXPECT_ZERO(host_ctrl(h, CMD_FB_INFO, p, 4 + 8 * h->lay->fb_info));
	cr_expect_eq(get32(p + 8), h->f.usable >> 10);
	cr_expect_eq(get32(p + 16), (h->f.usable - host_fb_size(h) - HOST_HEAP_SIZE) >> 10);
	free(p);
}

/* Both rings wrap, at every offset of a two-element message. */
TEST_EACH(rings_wrap)
{
	uint8_t *p = calloc(1, 16384);
	uint32_t at = h->lay->control;

	host_up(h);
	for (int i = 0; i < 300; i++) {
		memset(p, 0, 72);
		cr_assert_eq(host_ctrl(h, CMD_FEATURES, p, 72), 0u);
		cr_assert_str_eq((char *)p + 6, h->f.build);
		/* refused in words, but carried: two elements each way */
		if (i % 3 == 0)
			cr_assert_eq(host_ctrl(h, CMD_FEATURES, p, 4096 + 72 - at), RM_PARAMS);
	}
	cr_expect_eq(h->garbage, 0u);
	free(p);
}

/* More than a record, more than the whole ring: the answer is as long. */
TEST_EACH(large_messages)
{
	static const uint32_t sizes[] = { HOST_RECORD_MAX, 100000, 300000, 700000 };

	host_up(h);
	for (size_t i = 0; i < 4; i++) {
		uint8_t *p = malloc(sizes[i]);

		for (uint32_t j = 0; j < sizes[i]; j++)
			p[j] = (uint8_t)(j * 7 + j / 251);
		/* the size is wrong for any control, and what was sent comes back whole */
		cr_assert_eq(host_ctrl(h, CMD_FEATURES, p, sizes[i]), RM_PARAMS);
		for (uint32_t j = 0; j < sizes[i]; j++)
			cr_assert_eq(p[j], (uint8_t)(j * 7 + j / 251), "byte %u of %u", j, sizes[i]);
		free(p);
	}
}

TEST_EACH(samples_come_once_a_second)
{
	uint32_t from, n = 0;

	host_up(h);
	from = h->nev;
	host_pass(h, 5500);
	for (; from != h->nev; from++)
		n += h->ev[from].function == EV_GPUACCT && h->ev[from].len == 4048;
	cr_expect_eq(n, 5u);
}

TEST_EACH(all_vgpus_at_once)
{
	uint32_t n = h->f.max_vgpus < h->f.total_vfs ? h->f.max_vgpus : h->f.total_vfs, objects;

	host_up(h);
	objects = model_objects(h->m);
	for (int round = 0; round < 2; round++) {
		for (uint32_t gfid = 1; gfid <= n; gfid++)
			host_vgpu(h, gfid);
		cr_expect_eq(model_vgpus(h->m), n);
		for (uint32_t gfid = n; gfid; gfid--)
			host_vgpu_gone(h, gfid);
	}
	cr_expect_eq(model_vgpus(h->m), 0u);
	cr_expect_eq(model_objects(h->m), objects);
}

TEST_EACH(framebuffer_is_never_scrubbed)
{
	uint8_t b[64];
	uint64_t at = host_fb(h, 1) + 0x200000;

	host_up(h);
	cr_assert_eq(model_fb_read(h->m, at, b, 4), 0);
	cr_expect_eq(get32(b), 0xdeadbeef);
	host_vgpu(h, 1);
	cr_assert_eq(model_fb_write(h->m, at, "secret", 6), 0);
	host_vgpu_gone(h, 1);
	host_vgpu(h, 1);
	cr_assert_eq(model_fb_read(h->m, at, b, 6), 0);
	cr_expect_eq(memcmp(b, "secret", 6), 0);
	host_vgpu_gone(h, 1);
	/* it has an end */
	cr_expect_neq(model_fb_read(h->m, h->f.fb - 4, b, 8), 0);
}

/* Ranges filled on request: exact to the byte, whatever their size. */
TEST_EACH(framebuffer_is_filled)
{
	uint64_t at = 5 * h->f.segment, big = 8 * h->f.segment;
	uint8_t b[8];

	host_up(h);
	cr_assert_eq(model_fb_write(h->m, at + 0x5000, "secret", 6), 0);
	cr_assert_eq(model_fb_write(h->m, at - 4, "left", 4), 0);
	cr_assert_eq(model_fb_write(h->m, at + big, "right", 5), 0);
	EXPECT_ZERO(host_memset(h, at, big, 0));
	cr_assert_eq(model_fb_read(h->m, at + 0x5000, b, 6), 0);
	cr_expect_eq(get32(b), 0u);
	cr_assert_eq(model_fb_read(h->m, at + big - 8, b, 8), 0);
	cr_expect_eq(get64(b), 0u);
	cr_assert_eq(model_fb_read(h->m, at - 4, b, 4), 0);
	cr_expect_eq(memcmp(b, "left", 4), 0);
	cr_assert_eq(model_fb_read(h->m, at + big, b, 5), 0);
	cr_expect_eq(memcmp(b, "right", 5), 0);
	/* small, across a page, and over what was filled before */
	EXPECT_ZERO(host_memset(h, at + 0xffe, 4, 0x33));
	cr_assert_eq(model_fb_read(h->m, at + 0xffc, b, 8), 0);
	cr_expect_eq(get64(b), 0x0000333333330000ull);
	/* what is written after lies over it */
	cr_assert_eq(model_fb_write(h->m, at + 0x9000, "new", 3), 0);
	cr_assert_eq(model_fb_read(h->m, at + 0x9000, b, 4), 0);
	cr_expect_eq(memcmp(b, "new", 4), 0);
}

/* Each comes up by itself, and a slow one holds up nobody. */
TEST_EACH(slow_plugins)
{
	uint8_t p[72] = { 0 };
	uint32_t from;

	host_up(h);
	model_plugin_boot_ms(h->m, 400);
	from = h->nev;
	EXPECT_ZERO(host_bootload(h, 1));
	host_pass(h, 100);
	EXPECT_ZERO(host_bootload(h, 2));
	EXPECT_ZERO(host_ctrl(h, CMD_FEATURES, p, 72));
	host_pass(h, 299);
	cr_expect(!host_saw(h, from, 1, PLUGIN_BOOTED));
	cr_expect_neq(get32(host_comm(h, 1) + 8), START_MARKER);
	host_pass(h, 2);
	cr_expect(host_saw(h, from, 1, PLUGIN_BOOTED));
	cr_expect_eq(get32(host_comm(h, 1) + 8), START_MARKER);
	cr_expect(!host_saw(h, from, 2, PLUGIN_BOOTED));
	host_pass(h, 100);
	cr_expect(host_saw(h, from, 2, PLUGIN_BOOTED));
	/* one that has not come up can be shut down */
	EXPECT_ZERO(host_bootload(h, 3));
	host_vgpu_gone(h, 3);
}

TEST_EACH(plugin_channel)
{
	uint8_t off[2] = { 0, 0 }, half[2] = { 1, 0 };

	host_up(h);
	host_vgpu(h, 1);
	cr_expect(!model_vgpu_may_dma(h->m, 1));
	host_configure(h, 1);
	cr_expect(model_vgpu_may_dma(h->m, 1));
	EXPECT_ZERO(host_msg(h, 1, MSG_BME, half, 2));
	cr_expect(!model_vgpu_may_dma(h->m, 1));
	EXPECT_ZERO(host_msg(h, 1, MSG_RESET, NULL, 0));
	cr_expect_eq(model_ce_stops(h->m, 1), 1u);
	EXPECT_ZERO(host_msg(h, 1, MSG_BME, off, 2));
	cr_expect_eq(get32(model_vf_page(h->m, 1) + 0x2c), HOST_TYPE);
	cr_expect(host_log_has(h, 1, 0, "init: "));
	cr_expect(host_log_has(h, 1, 1, "message 1"));
	if (h->lay->boot.nlogs == 3)
		cr_expect(host_log_has(h, 1, 2, "kernel: "));
	host_vgpu_gone(h, 1);
	/* logs begin anew with the next vGPU there, not before */
	cr_expect(host_log_has(h, 1, 1, "message 1"));
	host_vgpu(h, 1);
	cr_expect(!host_log_has(h, 1, 1, "message 1"));
	host_vgpu_gone(h, 1);
}

/* Two rings before the board looks: the second has replaced the first. */
TEST_EACH(rings_that_overtake)
{
	uint8_t none[8] = { 0 };

	host_up(h);
	host_vgpu(h, 1);
	host_vgpu(h, 2);
	host_write_msg(h, 1, MSG_NEGOTIATE, 1, none, 8);
	host_write_msg(h, 2, MSG_NEGOTIATE, 1, none, 8);
	host_ring_plugin(h, 2);
	for (uint32_t gfid = 1; gfid <= 2; gfid++)
		cr_expect_eq(get32(host_comm(h, gfid) + 0x1000 + h->lay->processed), 1u);
	cr_expect_eq(model_counter(h->m, "refused_msg_seq"), 0u);
	/* the other's ring, when it comes at last */
	host_ring_plugin(h, 1);
	cr_expect_eq(model_counter(h->m, "refused_msg_seq"), 0u);
}

TEST_EACH(guests)
{
	uint8_t *page;
	uint32_t from;

	host_up(h);
	host_vgpu(h, 1);
	host_configure(h, 1);
	page = model_vf_page(h->m, 1);
	from = h->nev;
	put32(page + 0x30, 1);
	host_poll(h);
	cr_expect_eq(get32(page + 0x30), 0xffffffff, "taken");
	cr_expect(host_saw(h, from, 1, PLUGIN_GUEST_UP));
	put32(page + 0x34, 3);
	host_poll(h);
	cr_expect(host_saw(h, from, 1, PLUGIN_LICENCE));
	if (h->lay->branch == 535)
		cr_expect_eq(get32(host_comm(h, 1) + 0x1000 + 348), 3u);
	put32(page + 0x38, 2);
	host_poll(h);
	cr_expect(host_saw(h, from, 1, PLUGIN_OS));
	put32(page + 0x30, 0);
	host_poll(h);
	cr_expect(host_saw(h, from, 1, PLUGIN_GUEST_DOWN));
	/* a reset of the VF takes the driver along */
	put32(page + 0x30, 1);
	host_poll(h);
	from = h->nev;
	model_flr_vf(h->m, 1);
	host_poll(h);
	cr_expect(host_saw(h, from, 1, PLUGIN_GUEST_DOWN));
	cr_expect(model_vgpu_may_dma(h->m, 1), "that stays");
}

TEST_EACH(utilisation)
{
	const struct host_event *e = NULL;

	host_up(h);
	host_vgpu(h, 3);
	host_configure(h, 3);
	host_pass(h, 1001);
	model_ce_bytes(h->m, 3, 5 << 20);
	host_pass(h, 1000);
	for (uint32_t i = 0; i < h->nev; i++)
		if (h->ev[i].function == EV_GPUACCT)
			e = &h->ev[i];
	cr_assert(e);
	cr_expect_eq(get32(e->data + 8), 1u, "one sample");
	cr_expect_neq(get64(e->data + 16), 0u);
	cr_expect_eq(get32(e->data + 16 + 20), 500u, "5 %% of graphics");
	cr_expect_eq(get32(e->data + 16 + 24), HOST_PID);
	cr_expect_eq(get32(e->data + 16 + 36), 0xffffffff, "no encoder");
}

TEST_EACH(vgpus_go_with_their_vfs)
{
	host_up(h);
	host_vgpu(h, 1);
	host_vgpu(h, 2);
	model_set_vfs(h->m, 0);
	cr_expect_eq(model_vgpus(h->m), 0u);
	cr_expect_eq(model_counter(h->m, "vgpus_dropped"), 2u);
	model_set_vfs(h->m, h->f.total_vfs);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
}

TEST_EACH(reset_of_the_pf_stops_it)
{
	host_up(h);
	host_vgpu(h, 1);
	model_flr(h->m);
	host_poll(h);
	cr_expect(!model_running(h->m));
	cr_expect_eq(model_vgpus(h->m), 0u);
	cr_expect_eq(model_objects(h->m), 0u);
	host_up(h);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
}

TEST_EACH(dies_when_its_queue_is_gone)
{
	host_up(h);
	host_vgpu(h, 1);
	h->gone = true;
	host_ring(h);
	model_poll(h->m);
	cr_expect_eq(model_read(h->m, 0x110040), 6u);
	cr_expect_eq(model_read(h->m, 0x110100), 0x10u);
	cr_expect(!model_running(h->m));
	cr_expect_eq(model_vgpus(h->m), 0u);
	cr_expect_eq(model_counter(h->m, "fw_deaths"), 1u);
	h->gone = false;
	host_up(h);
	host_vgpu(h, 1);
	host_vgpu_gone(h, 1);
}

/* Nobody reads: it gives up that answer after a second and goes on. */
TEST_EACH(full_status_queue)
{
	uint8_t p[128], features[72] = { 0 };
	uint32_t len, n;

	host_up(h);
	model_deaf_host(h->m);
	for (int i = 0; i < 70; i++) {
		len = host_ctrl_bytes(h, p, CLIENT, SUBDEVICE, CMD_FEATURES, features, 72);
		n = host_record(h, FN_CONTROL, ++h->rpc_seq, p, len);
		h->seq++;
		memcpy(host_queue_page(h, 2 + h->write), h->el, n * HOST_ELEM);
		h->write = (h->write + 1) % 63;
		put32(host_queue_page(h, 1) + 16, h->write);
		host_ring(h);
		model_poll(h->m);
	}
	/* the ring holds 62; samples are lost besides */
	cr_expect_geq(model_counter(h->m, "fw_status_full"), 70u - 62);
	host_poll(h);	/* checks that what came has numbers without a gap */
	memset(features, 0, 72);
	EXPECT_ZERO(host_ctrl(h, CMD_FEATURES, features, 72));
}
