// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What the kernel sends by netlink, as the library reads it: messages of a dump, events, and
 * the text beside an error. The input is a list of them: a byte for the kind, two for the
 * length, the message behind its header.
 */
#include "fuzz.h"

#include <string.h>

#include "cli/lib/netlink.h"

enum { DUMP, NOTICE, ANSWER, ERROR, KINDS };

static void plain(const char *text, size_t room)
{
	size_t i, len = strnlen(text, room);

	HOLDS(len < room);
	for (i = 0; i < len; i++)
		HOLDS(text[i] >= 0x20 && text[i] <= 0x7e);
}
#define PLAIN(array)	plain(array, sizeof(array))

static void check_vgpu(const struct openvgpu_vgpu *v)
{
	PLAIN(v->vf);
	PLAIN(v->uuid);
	PLAIN(v->name);
	PLAIN(v->state);
	PLAIN(v->params);
	PLAIN(v->vm_name);
}

static void check_gpu(const struct openvgpu_gpu *g)
{
	size_t i;

	PLAIN(g->address);
	PLAIN(g->status);
	PLAIN(g->firmware);
	PLAIN(g->last_error);
	HOLDS(g->managed);
	for (i = 0; i < g->n_offers; i++) {
		PLAIN(g->offers[i].name);
		PLAIN(g->offers[i].why);
	}
	for (i = 0; i < g->n_gis; i++)
		PLAIN(g->gis[i].profile);
	for (i = 0; i < g->n_vfs; i++) {
		PLAIN(g->vfs[i].address);
		PLAIN(g->vfs[i].state);
		PLAIN(g->vfs[i].uuid);
		PLAIN(g->vfs[i].last_error);
	}
	for (i = 0; i < g->n_vgpus; i++)
		check_vgpu(&g->vgpus[i]);
}

static void notice(const struct nlmsghdr *msg)
{
	struct openvgpu_error err = { 0 };
	struct openvgpu_notice n;
	int ret = ovg_nl_notice(&n, msg, &err);

	HOLDS(ret == 1 || !ret || (ret < 0 && *err.text));
	if (ret != 1)
		return;
	PLAIN(n.gpu);
	PLAIN(n.status);
	check_vgpu(&n.vgpu);
	HOLDS(strcmp(openvgpu_notice_name(n.kind), "unknown"));
}

static void answer(const struct nlmsghdr *msg)
{
	struct openvgpu_error err = { 0 };
	struct openvgpu_gi gi;
	int ret = ovg_nl_gi(&gi, msg, &err);

	HOLDS(!ret || *err.text);
	if (!ret)
		PLAIN(gi.profile);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes b = { data, data + size };
	struct openvgpu_host host = { 0 };
	size_t i;

	while (b.at < b.end) {
		unsigned int kind = take8(&b), len = take16(&b);
		struct openvgpu_error err = { 0 };
		struct nlmsghdr *msg;
		char hint[40];

		if (len > (size_t)(b.end - b.at))
			len = (unsigned int)(b.end - b.at);
		/* of its exact size, so that one byte too far is seen */
		msg = malloc(sizeof(*msg) + len);
		if (!msg)
			break;
		memset(msg, 0, sizeof(*msg));
		msg->nlmsg_len = (uint32_t)(sizeof(*msg) + len);
		msg->nlmsg_flags = (uint16_t)(kind / KINDS << 8);
		memcpy(msg + 1, b.at, len);
		b.at += len;
		switch (kind % KINDS) {
		case DUMP:
			HOLDS(!ovg_nl_message(&host, msg, &err) || *err.text);
			break;
		case NOTICE:
			notice(msg);
			break;
		case ANSWER:
			answer(msg);
			break;
		case ERROR:
			ovg_nl_hint(msg, hint, sizeof(hint));
			HOLDS(strnlen(hint, sizeof(hint)) < sizeof(hint));
			break;
		}
		free(msg);
	}
	for (i = 0; i < host.n_gpus; i++)
		check_gpu(&host.gpus[i]);
	openvgpu_host_free(&host);
	return 0;
}
