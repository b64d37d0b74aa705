// SPDX-License-Identifier: LGPL-2.1-or-later
/* Messages of the netlink family, made by hand: what is right, and everything cut or bent. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/netlink.h"

#define GPU "0001:00:00.0"

static _Alignas(8) uint8_t buf[4096];
static struct nlmsghdr *const msg = (struct nlmsghdr *)buf;
static struct openvgpu_host host;
static struct openvgpu_notice notice;
static struct openvgpu_error err;

static void begin(uint8_t cmd)
{
	memset(buf, 0, sizeof(buf));
	buf[NLMSG_HDRLEN] = cmd;
	msg->nlmsg_len = NLMSG_HDRLEN + GENL_HDRLEN;
}

static void put(uint16_t type, const void *data, size_t len)
{
	struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };

	memcpy(buf + msg->nlmsg_len, &head, sizeof(head));
	memcpy(buf + msg->nlmsg_len + NLA_HDRLEN, data, len);
	msg->nlmsg_len += NLA_ALIGN(head.nla_len);
}

static void text(uint16_t type, const char *s) { put(type, s, strlen(s) + 1); }
static void u8(uint16_t type, uint8_t v) { put(type, &v, sizeof(v)); }
static void u32(uint16_t type, uint32_t v) { put(type, &v, sizeof(v)); }
static void u64(uint16_t type, uint64_t v) { put(type, &v, sizeof(v)); }

static void gpu(const char *address)
{
	text(OPENVGPU_A_GPU, address);
	text(OPENVGPU_A_STATUS, "ready");
	text(OPENVGPU_A_FIRMWARE, "570.144");
	u8(OPENVGPU_A_MDEV, 1);
	u64(OPENVGPU_A_FB_TOTAL, 48305799168);
	u64(OPENVGPU_A_FB_USED, 4294967296);
	u8(OPENVGPU_A_MODE, OPENVGPU_MODE_MIXED);
	u8(OPENVGPU_A_MIG, 0);
	u8(OPENVGPU_A_POLICY, OPENVGPU_POLICY_FIXED_SHARE);
	u32(OPENVGPU_A_TIMESLICE, 2000);
	u8(OPENVGPU_A_PENDING, 1);
	text(OPENVGPU_A_LAST_ERROR, "no\nway");
}

static void type(void)
{
	text(OPENVGPU_A_GPU, GPU);
	u32(OPENVGPU_A_TYPE, 566);
	text(OPENVGPU_A_NAME, "NVIDIA A40-48Q");
	u64(OPENVGPU_A_PROFILE_SIZE, 51539607552);
	u32(OPENVGPU_A_MAX_INSTANCES, 1);
	u32(OPENVGPU_A_AVAILABLE, 0);
	text(OPENVGPU_A_REASON, "too large");
}

static const uint8_t id[16] = { 0x11, 0x11, 0x11, 0x11, 0x22, 0x22, 0x43, 0x33,
				0x84, 0x44, 0x55, 0x55, 0x55, 0x55, 0x55, 0x56 };
#define ID "11111111-2222-4333-8444-555555555556"

static void vgpu(void)
{
	text(OPENVGPU_A_GPU, GPU);
	text(OPENVGPU_A_VF, "0001:00:00.4");
	put(OPENVGPU_A_UUID, id, sizeof(id));
	u8(OPENVGPU_A_HANDLE, 1);
	u32(OPENVGPU_A_TYPE, 560);
	text(OPENVGPU_A_NAME, "NVIDIA A40-4Q");
	text(OPENVGPU_A_STATE, "running");
	text(OPENVGPU_A_PARAMS, "a=1");
	text(OPENVGPU_A_VM_NAME, "vm1");
	u32(OPENVGPU_A_PLACEMENT, 8);
	u8(OPENVGPU_A_PINNED, 1);
	u64(OPENVGPU_A_FB_OFFSET, 1 << 20);
	u64(OPENVGPU_A_FB_SIZE, 1 << 30);
	u32(OPENVGPU_A_PID, 4711);
	u8(OPENVGPU_A_GUEST, 1);
	u32(OPENVGPU_A_USAGE_GRAPHICS, 1250);
}

static void take(int wanted)
{
	cr_assert_eq(ovg_nl_message(&host, msg, &err), wanted, "%s", err.text);
}

static void one_gpu(void)
{
	begin(OPENVGPU_CMD_GPU);
	gpu(GPU);
	take(0);
}

static void clean(void) { openvgpu_host_free(&host); }
TestSuite(netlink, .fini = clean);

Test(netlink, gpu)
{
	const struct openvgpu_gpu *g;

	one_gpu();
	g = &host.gpus[0];
	cr_expect_eq(host.n_gpus, 1u);
	cr_expect_str_eq(g->address, GPU);
	cr_expect(g->managed && g->mdev && !g->mig && g->scheduler_pending);
	cr_expect_str_eq(g->status, "ready");
	cr_expect_str_eq(g->firmware, "570.144");
	cr_expect_str_eq(g->placement_mode, "mixed");
	cr_expect_str_eq(g->scheduler, "fixed_share");
	cr_expect_eq(g->timeslice_us, 2000u);
	cr_expect_eq(g->framebuffer, 48305799168u);
	cr_expect_str_eq(g->last_error, "no?way");
	begin(OPENVGPU_CMD_GPU);
	gpu(GPU);
	take(-EBADMSG);
	cr_expect_eq(host.n_gpus, 1u);
}

Test(netlink, type)
{
	one_gpu();
	begin(OPENVGPU_CMD_TYPE);
	type();
	take(0);
	cr_expect_eq(host.gpus[0].n_offers, 1u);
	cr_expect_eq(host.gpus[0].offers[0].id, 566u);
	cr_expect_eq(host.gpus[0].offers[0].heads, OPENVGPU_UNKNOWN);
	cr_expect(!host.gpus[0].offers[0].creatable);
	cr_expect_str_eq(host.gpus[0].offers[0].why, "too large");
}

Test(netlink, instance)
{
	one_gpu();
	begin(OPENVGPU_CMD_GI);
	text(OPENVGPU_A_GPU, GPU);
	u32(OPENVGPU_A_GI, 3);
	text(OPENVGPU_A_PROFILE, "1g.24gb+gfx");
	u32(OPENVGPU_A_GI_START, 2);
	u32(OPENVGPU_A_GI_VGPUS, 5);
	u64(OPENVGPU_A_FB_TOTAL, 1 << 30);
	take(0);
	cr_expect_eq(host.gpus[0].gis[0].id, 3u);
	cr_expect_eq(host.gpus[0].gis[0].start, 2u);
	cr_expect_eq(host.gpus[0].gis[0].vgpus, 5u);
	cr_expect_str_eq(host.gpus[0].gis[0].profile, "1g.24gb+gfx");
}

/* As the answer of a command no GPU came before it. */
Test(netlink, instance_that_was_made)
{
	struct openvgpu_gi gi;

	begin(OPENVGPU_CMD_GI);
	text(OPENVGPU_A_GPU, GPU);
	u32(OPENVGPU_A_GI, 3);
	text(OPENVGPU_A_PROFILE, "1g.24gb+gfx");
	u32(OPENVGPU_A_GI_START, 2);
	u32(OPENVGPU_A_GI_VGPUS, 0);
	cr_expect_eq(ovg_nl_gi(&gi, msg, &err), -EBADMSG);
	u64(OPENVGPU_A_FB_TOTAL, 1 << 30);
	cr_expect_eq(ovg_nl_gi(&gi, msg, &err), 0);
	cr_expect_eq(gi.id, 3u);
	cr_expect_eq(gi.framebuffer, 1u << 30);
	cr_expect_str_eq(gi.profile, "1g.24gb+gfx");
	begin(OPENVGPU_CMD_GPU);
	gpu(GPU);
	cr_expect_eq(ovg_nl_gi(&gi, msg, &err), -ENOMSG);
}

static void vf(void)
{
	begin(OPENVGPU_CMD_VF);
	text(OPENVGPU_A_GPU, GPU);
	text(OPENVGPU_A_VF, "0001:00:00.4");
	u32(OPENVGPU_A_INDEX, 0);
	text(OPENVGPU_A_STATE, "reserved");
	text(OPENVGPU_A_LAST_ERROR, "");
}

Test(netlink, vf)
{
	const struct openvgpu_vf *v;

	one_gpu();
	vf();
	take(0);
	vf();
	u32(OPENVGPU_A_TYPE, 560);
	u8(OPENVGPU_A_HANDLE, 0);
	take(0);
	vf();
	u32(OPENVGPU_A_TYPE, 560);
	u8(OPENVGPU_A_HANDLE, 1);
	put(OPENVGPU_A_UUID, id, sizeof(id));
	take(0);
	v = host.gpus[0].vfs;
	cr_expect(v[0].has_face && v[0].owner == OPENVGPU_OWNER_NONE && !v[0].type);
	cr_expect(v[1].owner == OPENVGPU_OWNER_VF && v[1].type == 560 && !*v[1].uuid);
	cr_expect(v[2].owner == OPENVGPU_OWNER_MDEV && !v[2].type);
	cr_expect_str_eq(v[2].uuid, ID);
}

Test(netlink, vgpu)
{
	const struct openvgpu_vgpu *v;

	one_gpu();
	begin(OPENVGPU_CMD_VGPU);
	vgpu();
	take(0);
	v = host.gpus[0].vgpus;
	cr_expect_str_eq(v->uuid, ID);
	cr_expect_str_eq(v->vf, "0001:00:00.4");
	cr_expect_str_eq(v->params, "a=1");
	cr_expect_str_eq(v->vm_name, "vm1");
	cr_expect(v->handle && v->pinned && v->guest && v->placement == 8 && v->pid == 4711);
	cr_expect_eq(v->graphics, 1250u);
	cr_expect_eq(v->memory, OPENVGPU_UNKNOWN);
	cr_expect_eq(v->instance, OPENVGPU_UNKNOWN);
}

Test(netlink, of_a_gpu_that_did_not_come)
{
	begin(OPENVGPU_CMD_TYPE);
	type();
	take(-EBADMSG);
}

Test(netlink, a_newer_driver)
{
	one_gpu();
	begin(OPENVGPU_CMD_VGPU + 100);
	text(OPENVGPU_A_GPU, GPU);
	take(0);
	begin(OPENVGPU_CMD_TYPE);
	u64(OPENVGPU_A_MAX + 7, 1);
	type();
	take(0);
}

/* Every message loses each of its attributes, is cut at every byte, and has each attribute
 * longer and shorter than it should be: none crashes, and a missing one is no message.
 */
static void bend(void (*fill)(void), uint8_t cmd)
{
	static _Alignas(8) uint8_t good[4096], *tight;
	uint32_t len, at, n;

	begin(cmd);
	fill();
	len = msg->nlmsg_len;
	memcpy(good, buf, len);
	for (n = NLMSG_HDRLEN; n < len; n++) {
		/* the sanitizer sees a read behind it */
		tight = malloc(n);
		memcpy(tight, good, n);
		((struct nlmsghdr *)(void *)tight)->nlmsg_len = n;
		if (ovg_nl_message(&host, (void *)tight, &err))
			cr_expect(*err.text);
		free(tight);
	}
	for (at = NLMSG_HDRLEN + GENL_HDRLEN; at < len;) {
		struct nlattr *a = (void *)(buf + at);
		uint32_t was = a->nla_len, bad;

		for (bad = 0; bad < 64; bad++) {
			a->nla_len = (uint16_t)bad;
			if (bad != was && ovg_nl_message(&host, msg, &err))
				cr_expect(*err.text);
		}
		for (bad = 0; bad < NLA_HDRLEN; bad++) {
			a->nla_len = (uint16_t)bad;
			take(-EBADMSG);
		}
		a->nla_len = 65535;
		take(-EBADMSG);
		a->nla_len = (uint16_t)was;
		at += NLA_ALIGN(was);
	}
}

static void fill_gpu(void) { gpu("0002:00:00.0"); }

Test(netlink, bent)
{
	one_gpu();
	bend(type, OPENVGPU_CMD_TYPE);
	bend(vgpu, OPENVGPU_CMD_VGPU);
	bend(fill_gpu, OPENVGPU_CMD_GPU);
}

Test(netlink, wrong_lengths_and_texts)
{
	one_gpu();
	vf();
	u8(OPENVGPU_A_TYPE, 1);
	take(-EBADMSG);
	vf();
	put(OPENVGPU_A_UUID, id, 15);
	take(-EBADMSG);
	vf();
	put(OPENVGPU_A_NAME, "abc", 3);
	take(-EBADMSG);
	vf();
	put(OPENVGPU_A_NAME, "a\0b", 4);
	take(-EBADMSG);
	vf();
	put(OPENVGPU_A_NAME, "", 0);
	take(-EBADMSG);
	vf();
	msg->nlmsg_len += 3;
	take(-EBADMSG);
	begin(OPENVGPU_CMD_VF);
	take(-EBADMSG);
	begin(OPENVGPU_CMD_VF);
	msg->nlmsg_len = NLMSG_HDRLEN;
	take(-EBADMSG);
	cr_expect_eq(host.gpus[0].n_vfs, 0u);
}

Test(netlink, events)
{
	begin(OPENVGPU_CMD_VGPU);
	u32(OPENVGPU_A_EVENT, OPENVGPU_EVENT_VGPU_STATE);
	vgpu();
	cr_assert_eq(ovg_nl_notice(&notice, msg, &err), 1);
	cr_expect_str_eq(openvgpu_notice_name(notice.kind), "vgpu-state");
	cr_expect_str_eq(notice.gpu, GPU);
	cr_expect_str_eq(notice.vgpu.uuid, ID);
	begin(OPENVGPU_CMD_GPU);
	u32(OPENVGPU_A_EVENT, OPENVGPU_EVENT_CAPACITY);
	gpu(GPU);
	cr_assert_eq(ovg_nl_notice(&notice, msg, &err), 1);
	cr_expect_eq(notice.framebuffer_used, 4294967296u);
	begin(OPENVGPU_CMD_GPU);
	u32(OPENVGPU_A_EVENT, OPENVGPU_EVENT_GPU_REMOVED);
	text(OPENVGPU_A_GPU, GPU);
	cr_assert_eq(ovg_nl_notice(&notice, msg, &err), 1);
	cr_expect_eq(notice.framebuffer, OPENVGPU_UNKNOWN);
	begin(OPENVGPU_CMD_GPU);
	u32(OPENVGPU_A_EVENT, 99);
	text(OPENVGPU_A_GPU, GPU);
	cr_assert_eq(ovg_nl_notice(&notice, msg, &err), 0);
	begin(OPENVGPU_CMD_GPU);
	text(OPENVGPU_A_GPU, GPU);
	cr_assert_eq(ovg_nl_notice(&notice, msg, &err), -EBADMSG);
}

Test(netlink, kinds_are_the_kernels)
{
	cr_expect_eq((int)OPENVGPU_NOTICE_GPU_ADDED, (int)OPENVGPU_EVENT_GPU_ADDED);
	cr_expect_eq((int)OPENVGPU_NOTICE_CAPACITY, (int)OPENVGPU_EVENT_CAPACITY);
	cr_expect_eq((int)OPENVGPU_NOTICE_VGPU_CHANGED, (int)OPENVGPU_EVENT_VGPU_CHANGED);
}

/* The text beside an error, wherever the message ends. */
Test(netlink, hint)
{
	struct nlmsgerr e = { .error = -EBUSY, .msg = { .nlmsg_len = 100 } };
	char out[16];
	uint32_t len;

	memset(buf, 0, sizeof(buf));
	memcpy(buf + NLMSG_HDRLEN, &e, sizeof(e));
	msg->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	msg->nlmsg_len = NLMSG_HDRLEN + sizeof(e);
	text(NLMSGERR_ATTR_MSG, "it is in use, by somebody");
	ovg_nl_hint(msg, out, sizeof(out));
	cr_expect_str_eq(out, "it is in use, b");
	msg->nlmsg_flags = NLM_F_ACK_TLVS;
	ovg_nl_hint(msg, out, sizeof(out));
	cr_expect_str_eq(out, "");
	msg->nlmsg_flags = NLM_F_CAPPED;
	ovg_nl_hint(msg, out, sizeof(out));
	cr_expect_str_eq(out, "");
	msg->nlmsg_flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	for (len = msg->nlmsg_len; len >= NLMSG_HDRLEN; len--) {
		uint8_t *tight = malloc(len);

		memcpy(tight, buf, len);
		((struct nlmsghdr *)(void *)tight)->nlmsg_len = len;
		ovg_nl_hint((void *)tight, out, sizeof(out));
		free(tight);
	}
}
