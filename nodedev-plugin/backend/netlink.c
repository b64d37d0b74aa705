// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * How many of a type fit, from our own driver: the files of a VF do not say it. Plain
 * sockets, since libvirtd is no place for another library.
 */
#include "backend.h"

/* the build's, of the package; the family's is meant here */
#undef OPENVGPU_VERSION
#include "driver/include/uapi/openvgpu.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

/* A dump is made again if something changed meanwhile. */
#define TRIES		10
#define MESSAGE_MAX	65536

struct message {
	struct nlmsghdr h;
	struct genlmsghdr g;
	char attrs[128];
};

static void add(struct message *m, uint16_t type, const void *data, size_t len)
{
	struct nlattr a = { .nla_len = (uint16_t)(NLA_HDRLEN + len), .nla_type = type };
	char *at = (char *)m + NLMSG_ALIGN(m->h.nlmsg_len);

	memcpy(at, &a, sizeof(a));
	memcpy(at + NLA_HDRLEN, data, len);
	m->h.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->h.nlmsg_len) + NLA_ALIGN(a.nla_len));
}

static void begin(struct message *m, uint16_t family, uint8_t cmd, uint8_t version,
		  uint16_t flags)
{
	memset(m, 0, sizeof(*m));
	m->h.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	m->h.nlmsg_type = family;
	m->h.nlmsg_flags = NLM_F_REQUEST | flags;
	m->h.nlmsg_seq = 1;
	m->g.cmd = cmd;
	m->g.version = version;
}

/* The next attribute of a message; NULL at its end. */
static const struct nlattr *next_attr(const char **at, const char *end)
{
	const struct nlattr *a = (const struct nlattr *)*at;

	if (end - *at < (ptrdiff_t)NLA_HDRLEN || a->nla_len < NLA_HDRLEN || a->nla_len > end - *at)
		return NULL;
	*at += NLA_ALIGN(a->nla_len) < end - *at ? NLA_ALIGN(a->nla_len) : end - *at;
	return a;
}

static uint32_t number(const struct nlattr *a)
{
	uint32_t v = 0;

	if (a->nla_len >= NLA_HDRLEN + sizeof(v))
		memcpy(&v, (const char *)a + NLA_HDRLEN, sizeof(v));
	return v;
}

static void name_of(const struct nlattr *a, char *out, size_t room)
{
	size_t len = strnlen((const char *)a + NLA_HDRLEN, a->nla_len - NLA_HDRLEN);

	if (len >= room)
		len = room - 1;
	memcpy(out, (const char *)a + NLA_HDRLEN, len);
	out[len] = '\0';
}

/* What answers are collected in. */
struct answer {
	uint16_t family;
	struct ovb_type *types;
	size_t n;
	bool changed;
};

static int take(struct answer *to, const struct nlmsghdr *h)
{
	const char *at = (const char *)h + NLMSG_LENGTH(GENL_HDRLEN);
	const char *end = (const char *)h + h->nlmsg_len;
	const struct genlmsghdr *g = NLMSG_DATA(h);
	struct ovb_type type = { 0 }, *more;
	const struct nlattr *a;

	if (h->nlmsg_len < NLMSG_LENGTH(GENL_HDRLEN))
		return -EBADMSG;
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		to->changed = true;
	if (h->nlmsg_type == GENL_ID_CTRL) {
		while ((a = next_attr(&at, end)))
			if (a->nla_type == CTRL_ATTR_FAMILY_ID && a->nla_len >= NLA_HDRLEN + 2)
				memcpy(&to->family, (const char *)a + NLA_HDRLEN, 2);
		return 0;
	}
	if (g->cmd != OPENVGPU_CMD_TYPE)
		return 0;
	while ((a = next_attr(&at, end))) {
		switch (a->nla_type & NLA_TYPE_MASK) {
		case OPENVGPU_A_TYPE:
			type.id = number(a);
			break;
		case OPENVGPU_A_AVAILABLE:
			type.available = number(a);
			break;
		case OPENVGPU_A_NAME:
			name_of(a, type.name, sizeof(type.name));
			break;
		}
	}
	if (!type.id || !type.name[0])
		return 0;
	more = realloc(to->types, (to->n + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	to->types = more;
	more[to->n++] = type;
	return 0;
}

/* One question, and answers until the last: 0 or -errno. */
static int ask(int fd, struct message *m, struct answer *to, char *buf)
{
	bool dump = m->h.nlmsg_flags & NLM_F_DUMP;

	if (send(fd, m, m->h.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t from_len = sizeof(from);
		ssize_t n = recvfrom(fd, buf, MESSAGE_MAX, 0, (struct sockaddr *)&from, &from_len);
		const struct nlmsghdr *h = (const struct nlmsghdr *)buf;
		size_t left;
		int ret;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EPIPE;
		/* anybody may send to a socket; the kernel's number is 0 */
		if (from.nl_pid)
			continue;
		for (left = (size_t)n; left >= sizeof(*h) && h->nlmsg_len >= sizeof(*h) &&
		     h->nlmsg_len <= left;
		     left -= NLMSG_ALIGN(h->nlmsg_len) < left ? NLMSG_ALIGN(h->nlmsg_len) : left,
		     h = (const struct nlmsghdr *)(buf + ((size_t)n - left))) {
			if (h->nlmsg_type == NLMSG_DONE) {
				int32_t error = 0;

				if (h->nlmsg_flags & NLM_F_DUMP_INTR)
					to->changed = true;
				if (h->nlmsg_len >= NLMSG_LENGTH(sizeof(error)))
					memcpy(&error, NLMSG_DATA(h), sizeof(error));
				return error;
			}
			if (h->nlmsg_type == NLMSG_ERROR)
				return h->nlmsg_len < NLMSG_LENGTH(sizeof(struct nlmsgerr)) ?
					-EBADMSG : ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
			ret = take(to, h);
			if (ret || !dump)
				return ret;
		}
	}
}

static int by_id(const void *a, const void *b)
{
	const struct ovb_type *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static int dump(int fd, const char *gpu, struct answer *to, char *buf)
{
	uint32_t what = OPENVGPU_WHAT_TYPE;
	struct message m;
	unsigned int try;
	int ret;

	begin(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1, 0);
	add(&m, CTRL_ATTR_FAMILY_NAME, OPENVGPU_FAMILY, sizeof(OPENVGPU_FAMILY));
	ret = ask(fd, &m, to, buf);
	if (!ret && !to->family)
		ret = -ENOENT;
	for (try = 0; !ret && try < TRIES; try++) {
		to->n = 0;
		to->changed = false;
		begin(&m, to->family, OPENVGPU_CMD_DUMP, OPENVGPU_VERSION, NLM_F_DUMP);
		add(&m, OPENVGPU_A_WHAT, &what, sizeof(what));
		add(&m, OPENVGPU_A_GPU, gpu, strlen(gpu) + 1);
		ret = ask(fd, &m, to, buf);
		if (!to->changed)
			break;
	}
	/* of an answer that never held still nothing is known */
	if (!ret && to->changed)
		ret = -EAGAIN;
	if (!ret && !to->n)
		ret = -ENODEV;
	return ret;
}

int ovb_netlink_types(const char *gpu, struct ovb_type **types, size_t *n)
{
	struct timeval limit = { .tv_sec = 5 };
	struct answer answer = { 0 };
	char *buf = malloc(MESSAGE_MAX);
	int fd, ret;

	*types = NULL;
	*n = 0;
	if (!buf)
		return -ENOMEM;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (fd < 0) {
		ret = -errno;
	} else {
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
		ret = dump(fd, gpu, &answer, buf);
		close(fd);
	}
	free(buf);
	if (ret) {
		free(answer.types);
		return ret;
	}
	qsort(answer.types, answer.n, sizeof(*answer.types), by_id);
	*types = answer.types;
	*n = answer.n;
	return 0;
}
