// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Random requests to the driver's netlink family, for sysfs-fuzz.
 *
 * Wrong is: an errno that is not documented; an answer that is not well formed, or a text in
 * it that is none; no answer at all.
 */
#include <errno.h>
#include <glob.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "../../driver/include/uapi/openvgpu.h"
#include "sysfs.h"

static int sock = -1;
static uint16_t family;
static uint32_t seq;

/* A request while it is made: headers, then attributes. */
static _Alignas(8) uint8_t buf[65536];
static size_t len;

static void put(uint16_t type, const void *data, size_t size)
{
	struct nlattr head = { .nla_len = (uint16_t)(NLA_HDRLEN + size), .nla_type = type };

	if (len + NLA_HDRLEN + NLA_ALIGN(size) > 16384)
		return;
	memset(buf + len, 0, NLA_HDRLEN + NLA_ALIGN(size));
	memcpy(buf + len, &head, sizeof(head));
	memcpy(buf + len + NLA_HDRLEN, data, size);
	len += NLA_HDRLEN + NLA_ALIGN(size);
}

static void put_text(uint16_t type, const char *s)
{
	put(type, s, strlen(s) + 1);
}

/* The directory's name in one of these paths; "" if there is none. */
static void name_of(char out[64], const char *pattern, unsigned int up)
{
	glob_t g = { 0 };

	out[0] = '\0';
	if (!glob(pattern, 0, NULL, &g) && g.gl_pathc) {
		char *path = g.gl_pathv[rnd((uint32_t)g.gl_pathc)], *slash;

		while (up--) {
			slash = strrchr(path, '/');
			*slash = '\0';
		}
		slash = strrchr(path, '/');
		snprintf(out, 64, "%s", slash + 1);
	}
	globfree(&g);
}

/* What is right for an attribute, or might be somewhere. */
static void put_right(uint16_t type)
{
	static const uint32_t numbers[] = {
		0, 1, 2, 3, 7, 8, 13, 15, 16, 1000, 2000, 30000, 30001, 65534, 65535, UINT32_MAX,
	};
	uint32_t n = numbers[rnd(ARRAY_SIZE(numbers))];
	uint8_t small = (uint8_t)rnd(4);
	char name[64];

	switch (type) {
	case OPENVGPU_A_GPU:
		name_of(name, "/sys/bus/pci/devices/*/vgpu/placement_mode", 2);
		put_text(type, name);
		break;
	case OPENVGPU_A_VF:
		name_of(name, "/sys/bus/pci/devices/*/nvidia/current_vgpu_type", 2);
		put_text(type, name);
		break;
	case OPENVGPU_A_TYPE:
		name_of(name, "/sys/bus/pci/devices/*/mdev_supported_types/nvidia-*", 0);
		if (*name)
			n = (uint32_t)strtoul(strrchr(name, '-') + 1, NULL, 10);
		put(type, &n, sizeof(n));
		break;
	case OPENVGPU_A_MODE:
	case OPENVGPU_A_MIG:
	case OPENVGPU_A_POLICY:
		put(type, &small, sizeof(small));
		break;
	case OPENVGPU_A_PROFILE:
	case OPENVGPU_A_PARAMS:
	case OPENVGPU_A_VM_NAME:
		put_text(type, some_word());
		break;
	default:
		put(type, &n, sizeof(n));
	}
}

/* Any number, any bytes, a length that may be that of something. */
static void put_any(void)
{
	static const uint16_t lengths[] = { 0, 1, 2, 3, 4, 8, 16, 17, 64, 1024, 1025, 1026, 4000 };
	uint16_t size = lengths[rnd(ARRAY_SIZE(lengths))];
	uint8_t data[4000];

	for (uint16_t i = 0; i < size; i++)
		data[i] = (uint8_t)(rnd(3) ? 'a' + rnd(26) : rnd(256));
	put((uint16_t)(rnd(4) ? rnd(OPENVGPU_A_MAX + 4) : rnd(65536)), data, size);
}

/* What each command takes; 0 ends it. */
static const uint16_t takes[OPENVGPU_CMD_MAX + 1][8] = {
	[OPENVGPU_CMD_DUMP] = { OPENVGPU_A_WHAT, OPENVGPU_A_GPU },
	[OPENVGPU_CMD_GPU_SET] = { OPENVGPU_A_GPU, OPENVGPU_A_MODE, OPENVGPU_A_MIG,
				   OPENVGPU_A_POLICY, OPENVGPU_A_TIMESLICE },
	[OPENVGPU_CMD_GI_CREATE] = { OPENVGPU_A_GPU, OPENVGPU_A_PROFILE },
	[OPENVGPU_CMD_GI_DESTROY] = { OPENVGPU_A_GPU, OPENVGPU_A_GI },
	[OPENVGPU_CMD_VGPU_CREATE] = { OPENVGPU_A_VF, OPENVGPU_A_TYPE, OPENVGPU_A_PARAMS,
				       OPENVGPU_A_PLACEMENT, OPENVGPU_A_GI },
	[OPENVGPU_CMD_VGPU_DESTROY] = { OPENVGPU_A_VF },
	[OPENVGPU_CMD_VGPU_SET] = { OPENVGPU_A_VF, OPENVGPU_A_VM_NAME, OPENVGPU_A_PARAMS,
				    OPENVGPU_A_PLACEMENT, OPENVGPU_A_GI },
};

/* Bytes behind the headers are not what they were. */
static void spoil(void)
{
	size_t from = NLMSG_HDRLEN + GENL_HDRLEN;

	for (uint32_t n = rnd(4); n > 0 && len > from; n--)
		buf[from + rnd((uint32_t)(len - from))] = (uint8_t)rnd(256);
	/* the end is cut off, or there is something behind it */
	if (!rnd(4) && len > from)
		len -= rnd((uint32_t)(len - from));
	else if (!rnd(4))
		len += rnd(12);
}

static void make_request(uint16_t flags)
{
	static const uint8_t commands[] = {
		OPENVGPU_CMD_DUMP, OPENVGPU_CMD_GPU_SET, OPENVGPU_CMD_GI_CREATE,
		OPENVGPU_CMD_GI_DESTROY, OPENVGPU_CMD_VGPU_CREATE, OPENVGPU_CMD_VGPU_CREATE,
		OPENVGPU_CMD_VGPU_DESTROY, OPENVGPU_CMD_VGPU_SET,
	};
	uint8_t cmd = commands[rnd(ARRAY_SIZE(commands))];
	struct genlmsghdr *genl = (void *)(buf + NLMSG_HDRLEN);
	struct nlmsghdr *head = (void *)buf;
	uint32_t how = rnd(10);

	memset(buf, 0, sizeof(buf));
	len = NLMSG_HDRLEN + GENL_HDRLEN;
	/* the first says of what, and makes no sense to be left out often */
	for (uint32_t i = 0; takes[cmd][i] && i < ARRAY_SIZE(takes[cmd]); i++)
		if (cmd == OPENVGPU_CMD_DUMP ? rnd(2) : i < 2 ? rnd(20) : !rnd(3))
			put_right(takes[cmd][i]);
	if (how < 3)
		put_right((uint16_t)(1 + rnd(OPENVGPU_A_MAX)));
	if (how == 3 || how == 4)
		put_any();
	if (how == 5 || how == 6)
		spoil();
	if (how == 7 && !rnd(3))
		cmd = (uint8_t)rnd(256);
	genl->cmd = cmd;
	genl->version = (uint8_t)(rnd(20) ? OPENVGPU_VERSION : rnd(256));
	genl->reserved = (uint16_t)(rnd(40) ? 0 : rnd(65536));
	*head = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)len,
		.nlmsg_type = family,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | NLM_F_ACK | flags),
		.nlmsg_seq = ++seq,
	};
	if (cmd == OPENVGPU_CMD_DUMP ? rnd(20) : !rnd(20))
		head->nlmsg_flags |= NLM_F_DUMP;
}

static bool is_text(uint16_t type)
{
	static const uint16_t texts[] = {
		OPENVGPU_A_GPU, OPENVGPU_A_VF, OPENVGPU_A_NAME, OPENVGPU_A_STATUS,
		OPENVGPU_A_FIRMWARE, OPENVGPU_A_LAST_ERROR, OPENVGPU_A_PROFILE,
		OPENVGPU_A_REASON, OPENVGPU_A_STATE, OPENVGPU_A_PARAMS, OPENVGPU_A_VM_NAME,
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (type == texts[i])
			return true;
	return false;
}

static void look_at(const uint8_t *p, size_t left)
{
	reads++;
	while (left) {
		struct nlattr head;
		size_t step;

		if (left < sizeof(head)) {
			complain("netlink", "bytes behind the last attribute", 0);
			return;
		}
		memcpy(&head, p, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > left) {
			complain("netlink", "an attribute's length", 0);
			return;
		}
		if (!head.nla_type || head.nla_type > OPENVGPU_A_MAX)
			complain("netlink", "an attribute that there is not", 0);
		if (is_text(head.nla_type)) {
			const char *text = (const char *)p + NLA_HDRLEN;
			size_t n = (size_t)head.nla_len - NLA_HDRLEN;

			if (!n || strnlen(text, n) != n - 1)
				complain("netlink", "a text without its end", 0);
			for (size_t i = 0; i + 1 < n; i++)
				if (text[i] < ' ' || text[i] > '~') {
					complain("netlink", "a text that is none", 0);
					printf("  attribute %u, byte %zu is 0x%02x: %.*s\n",
					       head.nla_type, i, (unsigned int)(uint8_t)text[i],
					       (int)n, text);
				}
		}
		step = NLA_ALIGN(head.nla_len);
		if (step > left)
			step = left;
		p += step;
		left -= step;
	}
}

/* To the end of the answer; its errno. */
static int take_answer(void)
{
	for (;;) {
		ssize_t n = recv(sock, buf, sizeof(buf), 0);
		const uint8_t *p = buf;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			complain("netlink", "no answer", errno);
			return 0;
		}
		while ((size_t)n >= NLMSG_HDRLEN) {
			struct nlmsghdr head;
			size_t step;
			int e = 0;

			memcpy(&head, p, sizeof(head));
			if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > (size_t)n) {
				complain("netlink", "a message's length", 0);
				return 0;
			}
			if (head.nlmsg_seq != seq)
				complain("netlink", "an answer to something else", 0);
			if (head.nlmsg_type == NLMSG_ERROR || head.nlmsg_type == NLMSG_DONE) {
				if (head.nlmsg_len >= NLMSG_HDRLEN + sizeof(e))
					memcpy(&e, p + NLMSG_HDRLEN, sizeof(e));
				return e < 0 ? -e : 0;
			}
			if (head.nlmsg_type == family &&
			    head.nlmsg_len >= NLMSG_HDRLEN + GENL_HDRLEN)
				look_at(p + NLMSG_HDRLEN + GENL_HDRLEN,
					head.nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN);
			step = NLMSG_ALIGN(head.nlmsg_len);
			if (step > (size_t)n)
				step = (size_t)n;
			p += step;
			n -= (ssize_t)step;
		}
	}
}

static bool send_request(void)
{
	ssize_t n;

	do {
		n = send(sock, buf, len, 0);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)len)
		return true;
	complain("netlink", "send", errno);
	return false;
}

/* The family's number, from the answer to its name. */
static void resolve(void)
{
	struct genlmsghdr *genl = (void *)(buf + NLMSG_HDRLEN);
	ssize_t n;

	memset(buf, 0, sizeof(buf));
	len = NLMSG_HDRLEN + GENL_HDRLEN;
	genl->cmd = CTRL_CMD_GETFAMILY;
	genl->version = 1;
	put_text(CTRL_ATTR_FAMILY_NAME, OPENVGPU_FAMILY);
	*(struct nlmsghdr *)(void *)buf = (struct nlmsghdr){
		.nlmsg_len = (uint32_t)len, .nlmsg_type = GENL_ID_CTRL,
		.nlmsg_flags = NLM_F_REQUEST, .nlmsg_seq = ++seq,
	};
	if (!send_request())
		return;
	n = recv(sock, buf, sizeof(buf), 0);
	for (size_t at = NLMSG_HDRLEN + GENL_HDRLEN; n > 0 && at + NLA_HDRLEN <= (size_t)n;) {
		struct nlattr head;

		memcpy(&head, buf + at, sizeof(head));
		if (head.nla_len < sizeof(head))
			break;
		if (head.nla_type == CTRL_ATTR_FAMILY_ID)
			memcpy(&family, buf + at + NLA_HDRLEN, sizeof(family));
		at += NLA_ALIGN(head.nla_len);
	}
}

void netlink_open(void)
{
	/* only for what hangs */
	struct timeval limit = { .tv_sec = 600 };
	int one = 1;

	sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	setsockopt(sock, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	resolve();
	if (!family)
		complain("netlink", "no family", ENOENT);
}

void netlink_some(void)
{
	int e;

	make_request(0);
	if (!send_request())
		return;
	writes++;
	e = take_answer();
	if (e && !known_errno(e))
		complain("netlink", "answer", e);
	taken += !e;
}
