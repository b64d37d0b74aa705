// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Messages of the family "openvgpu". The kernel is trusted with what it says, not with
 * saying it well formed: a length is never believed before it was compared.
 */
#include <errno.h>
#include <linux/genetlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"

enum kind { NONE, U8, U32, U64, TEXT, UUID };

static const enum kind kinds[OPENVGPU_A_MAX + 1] = {
	[OPENVGPU_A_GPU] = TEXT,
	[OPENVGPU_A_VF] = TEXT,
	[OPENVGPU_A_TYPE] = U32,
	[OPENVGPU_A_NAME] = TEXT,
	[OPENVGPU_A_EVENT] = U32,
	[OPENVGPU_A_STATUS] = TEXT,
	[OPENVGPU_A_FIRMWARE] = TEXT,
	[OPENVGPU_A_MDEV] = U8,
	[OPENVGPU_A_FB_TOTAL] = U64,
	[OPENVGPU_A_FB_USED] = U64,
	[OPENVGPU_A_MODE] = U8,
	[OPENVGPU_A_MIG] = U8,
	[OPENVGPU_A_POLICY] = U8,
	[OPENVGPU_A_TIMESLICE] = U32,
	[OPENVGPU_A_PENDING] = U8,
	[OPENVGPU_A_LAST_ERROR] = TEXT,
	[OPENVGPU_A_PROFILE] = TEXT,
	[OPENVGPU_A_PROFILE_SIZE] = U64,
	[OPENVGPU_A_MAX_INSTANCES] = U32,
	[OPENVGPU_A_AVAILABLE] = U32,
	[OPENVGPU_A_REASON] = TEXT,
	[OPENVGPU_A_GI] = U32,
	[OPENVGPU_A_GI_START] = U32,
	[OPENVGPU_A_GI_VGPUS] = U32,
	[OPENVGPU_A_INDEX] = U32,
	[OPENVGPU_A_STATE] = TEXT,
	[OPENVGPU_A_UUID] = UUID,
	[OPENVGPU_A_HANDLE] = U8,
	[OPENVGPU_A_PLACEMENT] = U32,
	[OPENVGPU_A_PINNED] = U8,
	[OPENVGPU_A_FB_OFFSET] = U64,
	[OPENVGPU_A_FB_SIZE] = U64,
	[OPENVGPU_A_PID] = U32,
	[OPENVGPU_A_PARAMS] = TEXT,
	[OPENVGPU_A_VM_NAME] = TEXT,
	[OPENVGPU_A_GUEST] = U8,
	[OPENVGPU_A_USAGE_GRAPHICS] = U32,
	[OPENVGPU_A_USAGE_MEMORY] = U32,
	[OPENVGPU_A_USAGE_ENCODER] = U32,
	[OPENVGPU_A_USAGE_DECODER] = U32,
};

static const size_t sizes[] = { [U8] = 1, [U32] = 4, [U64] = 8, [UUID] = 16 };

/* Payload and length of each attribute, NULL if it did not come. */
struct attrs {
	const uint8_t *data[OPENVGPU_A_MAX + 1];
	size_t len[OPENVGPU_A_MAX + 1];
};

static bool one_valid(enum kind kind, const uint8_t *data, size_t len)
{
	if (kind == TEXT)
		/* one NUL, and that at the end */
		return len && strnlen((const char *)data, len) == len - 1;
	return len == sizes[kind];
}

/* Attributes at @p, @left bytes; those of a newer driver are passed over. */
static int get_attrs(struct attrs *a, const uint8_t *p, size_t left, struct openvgpu_error *err)
{
	memset(a, 0, sizeof(*a));
	while (left) {
		unsigned int type;
		struct nlattr head;
		size_t step;

		if (left < sizeof(head))
			return ovg_error(err, -EBADMSG, "netlink: %zu bytes behind the last attribute",
					 left);
		memcpy(&head, p, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > left)
			return ovg_error(err, -EBADMSG, "netlink: attribute of %u bytes, %zu are there",
					 head.nla_len, left);
		type = head.nla_type & NLA_TYPE_MASK;
		if (type <= OPENVGPU_A_MAX && kinds[type] != NONE) {
			a->data[type] = p + NLA_HDRLEN;
			a->len[type] = head.nla_len - NLA_HDRLEN;
			if (!one_valid(kinds[type], a->data[type], a->len[type]))
				return ovg_error(err, -EBADMSG,
						 "netlink: attribute %u is not what it should be", type);
		}
		step = NLA_ALIGN(head.nla_len);
		if (step > left)
			step = left;
		p += step;
		left -= step;
	}
	return 0;
}

static uint64_t number(const struct attrs *a, enum openvgpu_attr type)
{
	uint32_t u32;
	uint64_t u64;

	if (!a->data[type])
		return OPENVGPU_UNKNOWN;
	switch (kinds[type]) {
	case U8:
		return a->data[type][0];
	case U32:
		memcpy(&u32, a->data[type], sizeof(u32));
		return u32;
	default:
		memcpy(&u64, a->data[type], sizeof(u64));
		return u64;
	}
}

/* As from sysfs: bytes that are not printable ASCII become '?'. */
static void text(const struct attrs *a, enum openvgpu_attr type, char *out, size_t room)
{
	size_t i;

	snprintf(out, room, "%s", a->data[type] ? (const char *)a->data[type] : "");
	for (i = 0; out[i]; i++)
		if (out[i] < 0x20 || out[i] > 0x7e)
			out[i] = '?';
}

static void uuid(const struct attrs *a, char out[OPENVGPU_UUID_MAX])
{
	const uint8_t *b = a->data[OPENVGPU_A_UUID];
	size_t i, n = 0;

	out[0] = '\0';
	for (i = 0; b && i < 16; i++)
		n += (size_t)snprintf(out + n, OPENVGPU_UUID_MAX - n, "%s%02x",
				      i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", b[i]);
}

/* Attributes that must be there, up to a zero. */
static int need(const struct attrs *a, const enum openvgpu_attr *list, struct openvgpu_error *err)
{
	for (; *list; list++)
		if (!a->data[*list])
			return ovg_error(err, -EBADMSG, "netlink: attribute %u is missing", *list);
	return 0;
}
#define NEED(a, err, ...) \
	need(a, (const enum openvgpu_attr []){ OPENVGPU_A_GPU, __VA_ARGS__, 0 }, err)

/* ---- kinds of messages ------------------------------------------------------ */

static int get_gpu(struct openvgpu_gpu *gpu, const struct attrs *a, struct openvgpu_error *err)
{
	static const char *const policies[] = { "best_effort", "equal_share", "fixed_share" };
	uint64_t policy = number(a, OPENVGPU_A_POLICY);
	int ret = NEED(a, err, OPENVGPU_A_STATUS, OPENVGPU_A_FIRMWARE, OPENVGPU_A_MDEV,
		       OPENVGPU_A_FB_TOTAL, OPENVGPU_A_FB_USED, OPENVGPU_A_MODE, OPENVGPU_A_MIG,
		       OPENVGPU_A_POLICY, OPENVGPU_A_TIMESLICE, OPENVGPU_A_PENDING,
		       OPENVGPU_A_LAST_ERROR);

	if (ret)
		return ret;
	gpu->managed = true;
	text(a, OPENVGPU_A_GPU, gpu->address, sizeof(gpu->address));
	text(a, OPENVGPU_A_STATUS, gpu->status, sizeof(gpu->status));
	text(a, OPENVGPU_A_FIRMWARE, gpu->firmware, sizeof(gpu->firmware));
	gpu->mdev = number(a, OPENVGPU_A_MDEV);
	gpu->framebuffer = number(a, OPENVGPU_A_FB_TOTAL);
	gpu->framebuffer_used = number(a, OPENVGPU_A_FB_USED);
	strcpy(gpu->placement_mode,
	       number(a, OPENVGPU_A_MODE) == OPENVGPU_MODE_MIXED ? "mixed" : "equal");
	gpu->mig = number(a, OPENVGPU_A_MIG);
	if (policy < ARRAY_SIZE(policies))
		strcpy(gpu->scheduler, policies[policy]);
	gpu->timeslice_us = number(a, OPENVGPU_A_TIMESLICE);
	gpu->scheduler_pending = number(a, OPENVGPU_A_PENDING);
	text(a, OPENVGPU_A_LAST_ERROR, gpu->last_error, sizeof(gpu->last_error));
	return 0;
}

static int get_type(struct openvgpu_offer *o, const struct attrs *a, struct openvgpu_error *err)
{
	int ret = NEED(a, err, OPENVGPU_A_TYPE, OPENVGPU_A_NAME, OPENVGPU_A_PROFILE_SIZE,
		       OPENVGPU_A_MAX_INSTANCES, OPENVGPU_A_AVAILABLE);

	if (ret)
		return ret;
	o->id = (uint32_t)number(a, OPENVGPU_A_TYPE);
	text(a, OPENVGPU_A_NAME, o->name, sizeof(o->name));
	o->profile = number(a, OPENVGPU_A_PROFILE_SIZE);
	o->heads = OPENVGPU_UNKNOWN;
	o->frl = OPENVGPU_UNKNOWN;
	o->max_x = OPENVGPU_UNKNOWN;
	o->max_y = OPENVGPU_UNKNOWN;
	o->max_instance = number(a, OPENVGPU_A_MAX_INSTANCES);
	o->available = number(a, OPENVGPU_A_AVAILABLE);
	o->creatable = o->available != 0;
	text(a, OPENVGPU_A_REASON, o->why, sizeof(o->why));
	return 0;
}

static int get_gi(struct openvgpu_gi *gi, const struct attrs *a, struct openvgpu_error *err)
{
	int ret = NEED(a, err, OPENVGPU_A_GI, OPENVGPU_A_PROFILE, OPENVGPU_A_GI_START,
		       OPENVGPU_A_GI_VGPUS, OPENVGPU_A_FB_TOTAL);

	if (ret)
		return ret;
	gi->id = (uint32_t)number(a, OPENVGPU_A_GI);
	text(a, OPENVGPU_A_PROFILE, gi->profile, sizeof(gi->profile));
	gi->start = (uint32_t)number(a, OPENVGPU_A_GI_START);
	gi->vgpus = number(a, OPENVGPU_A_GI_VGPUS);
	gi->framebuffer = number(a, OPENVGPU_A_FB_TOTAL);
	return 0;
}

static int get_vf(struct openvgpu_vf *vf, const struct attrs *a, struct openvgpu_error *err)
{
	int ret = NEED(a, err, OPENVGPU_A_VF, OPENVGPU_A_INDEX, OPENVGPU_A_STATE,
		       OPENVGPU_A_LAST_ERROR);

	if (ret)
		return ret;
	text(a, OPENVGPU_A_VF, vf->address, sizeof(vf->address));
	vf->index = (uint32_t)number(a, OPENVGPU_A_INDEX);
	vf->iommu_group = -1;
	vf->has_face = true;
	text(a, OPENVGPU_A_STATE, vf->state, sizeof(vf->state));
	text(a, OPENVGPU_A_LAST_ERROR, vf->last_error, sizeof(vf->last_error));
	if (!a->data[OPENVGPU_A_TYPE])
		return 0;
	uuid(a, vf->uuid);
	if (number(a, OPENVGPU_A_HANDLE) == 1) {
		vf->owner = OPENVGPU_OWNER_MDEV;
	} else {
		vf->owner = OPENVGPU_OWNER_VF;
		vf->type = (uint32_t)number(a, OPENVGPU_A_TYPE);
	}
	return 0;
}

static int get_vgpu(struct openvgpu_vgpu *v, const struct attrs *a, struct openvgpu_error *err)
{
	int ret = NEED(a, err, OPENVGPU_A_UUID, OPENVGPU_A_HANDLE, OPENVGPU_A_TYPE,
		       OPENVGPU_A_NAME, OPENVGPU_A_STATE);

	if (ret)
		return ret;
	text(a, OPENVGPU_A_VF, v->vf, sizeof(v->vf));
	v->handle = number(a, OPENVGPU_A_HANDLE) == 1;
	if (v->handle)
		uuid(a, v->uuid);
	v->type = (uint32_t)number(a, OPENVGPU_A_TYPE);
	text(a, OPENVGPU_A_NAME, v->name, sizeof(v->name));
	text(a, OPENVGPU_A_STATE, v->state, sizeof(v->state));
	text(a, OPENVGPU_A_PARAMS, v->params, sizeof(v->params));
	text(a, OPENVGPU_A_VM_NAME, v->vm_name, sizeof(v->vm_name));
	v->placement = number(a, OPENVGPU_A_PLACEMENT);
	v->pinned = number(a, OPENVGPU_A_PINNED) == 1;
	v->instance = number(a, OPENVGPU_A_GI);
	v->fb_offset = number(a, OPENVGPU_A_FB_OFFSET);
	v->fb_size = number(a, OPENVGPU_A_FB_SIZE);
	v->pid = number(a, OPENVGPU_A_PID);
	v->guest = number(a, OPENVGPU_A_GUEST) == 1;
	v->graphics = number(a, OPENVGPU_A_USAGE_GRAPHICS);
	v->memory = number(a, OPENVGPU_A_USAGE_MEMORY);
	v->encoder = number(a, OPENVGPU_A_USAGE_ENCODER);
	v->decoder = number(a, OPENVGPU_A_USAGE_DECODER);
	return 0;
}

/* Header, and behind it the attributes. */
static int open_message(const struct nlmsghdr *msg, uint8_t *cmd, struct attrs *a,
			struct openvgpu_error *err)
{
	const uint8_t *p = (const uint8_t *)msg + NLMSG_HDRLEN;
	struct genlmsghdr head;
	int ret;

	if (msg->nlmsg_len < NLMSG_HDRLEN + GENL_HDRLEN)
		return ovg_error(err, -EBADMSG, "netlink: message of %u bytes", msg->nlmsg_len);
	memcpy(&head, p, sizeof(head));
	*cmd = head.cmd;
	ret = get_attrs(a, p + GENL_HDRLEN, msg->nlmsg_len - NLMSG_HDRLEN - GENL_HDRLEN, err);
	if (!ret && !a->data[OPENVGPU_A_GPU])
		ret = ovg_error(err, -EBADMSG, "netlink: a message of no GPU");
	return ret;
}

static struct openvgpu_gpu *gpu_of(struct openvgpu_host *h, const struct attrs *a)
{
	char address[OPENVGPU_ADDRESS_MAX];
	size_t i;

	text(a, OPENVGPU_A_GPU, address, sizeof(address));
	for (i = 0; i < h->n_gpus; i++)
		if (!strcmp(h->gpus[i].address, address))
			return &h->gpus[i];
	return NULL;
}

/* Room for one more in a list of the GPU, counted only when it has been read. */
#define ADD(list, n, get)						\
	do {								\
		void *one = ovg_append(&(list), n, sizeof(*(list)));	\
									\
		if (!one)						\
			return ovg_error(err, -ENOMEM, "out of memory");	\
		ret = get(one, &a, err);				\
		if (!ret)						\
			(n)++;						\
	} while (0)

int ovg_nl_message(struct openvgpu_host *h, const struct nlmsghdr *msg,
		   struct openvgpu_error *err)
{
	struct openvgpu_gpu *gpu;
	struct attrs a;
	uint8_t cmd;
	int ret = open_message(msg, &cmd, &a, err);

	if (ret)
		return ret;
	gpu = gpu_of(h, &a);
	if (cmd == OPENVGPU_CMD_GPU) {
		if (gpu)
			return ovg_error(err, -EBADMSG, "netlink: %s came twice", gpu->address);
		ADD(h->gpus, h->n_gpus, get_gpu);
		return ret;
	}
	if (cmd < OPENVGPU_CMD_GPU || cmd > OPENVGPU_CMD_VGPU)
		return 0;
	if (!gpu)
		return ovg_error(err, -EBADMSG, "netlink: a message of a GPU that did not come");
	switch (cmd) {
	case OPENVGPU_CMD_TYPE:
		ADD(gpu->offers, gpu->n_offers, get_type);
		break;
	case OPENVGPU_CMD_GI:
		ADD(gpu->gis, gpu->n_gis, get_gi);
		break;
	case OPENVGPU_CMD_VF:
		ADD(gpu->vfs, gpu->n_vfs, get_vf);
		break;
	case OPENVGPU_CMD_VGPU:
		ADD(gpu->vgpus, gpu->n_vgpus, get_vgpu);
		break;
	}
	return ret;
}

int ovg_nl_gi(struct openvgpu_gi *gi, const struct nlmsghdr *msg, struct openvgpu_error *err)
{
	struct attrs a;
	uint8_t cmd;
	int ret = open_message(msg, &cmd, &a, err);

	if (ret)
		return ret;
	if (cmd != OPENVGPU_CMD_GI)
		return ovg_error(err, -ENOMSG, "netlink: not a GPU instance");
	memset(gi, 0, sizeof(*gi));
	return get_gi(gi, &a, err);
}

/* ---- events ------------------------------------------------------------------- */

static const char *const notice_names[] = {
	[OPENVGPU_NOTICE_GPU_ADDED] = "gpu-added",
	[OPENVGPU_NOTICE_GPU_REMOVED] = "gpu-removed",
	[OPENVGPU_NOTICE_GPU_STATE] = "gpu-state",
	[OPENVGPU_NOTICE_CAPACITY] = "capacity",
	[OPENVGPU_NOTICE_VGPU_CREATED] = "vgpu-created",
	[OPENVGPU_NOTICE_VGPU_REMOVED] = "vgpu-removed",
	[OPENVGPU_NOTICE_VGPU_STATE] = "vgpu-state",
	[OPENVGPU_NOTICE_VGPU_CHANGED] = "vgpu-changed",
};

const char *openvgpu_notice_name(enum openvgpu_notice_kind kind)
{
	return (size_t)kind < ARRAY_SIZE(notice_names) && notice_names[kind] ?
	       notice_names[kind] : "unknown";
}

int ovg_nl_notice(struct openvgpu_notice *n, const struct nlmsghdr *msg,
		  struct openvgpu_error *err)
{
	struct openvgpu_gpu gpu = { 0 };
	struct attrs a;
	uint64_t event;
	uint8_t cmd;
	int ret = open_message(msg, &cmd, &a, err);

	memset(n, 0, sizeof(*n));
	n->framebuffer = OPENVGPU_UNKNOWN;
	n->framebuffer_used = OPENVGPU_UNKNOWN;
	if (ret)
		return ret;
	event = number(&a, OPENVGPU_A_EVENT);
	if (event == OPENVGPU_UNKNOWN)
		return ovg_error(err, -EBADMSG, "netlink: an event without its kind");
	if (!event || event >= ARRAY_SIZE(notice_names))
		return 0;
	n->kind = (enum openvgpu_notice_kind)event;
	text(&a, OPENVGPU_A_GPU, n->gpu, sizeof(n->gpu));
	if (n->kind == OPENVGPU_NOTICE_GPU_REMOVED)
		return 1;
	if (n->kind >= OPENVGPU_NOTICE_VGPU_CREATED)
		ret = get_vgpu(&n->vgpu, &a, err);
	else
		ret = get_gpu(&gpu, &a, err);
	if (ret)
		return ret;
	if (gpu.managed) {
		memcpy(n->status, gpu.status, sizeof(n->status));
		n->framebuffer = gpu.framebuffer;
		n->framebuffer_used = gpu.framebuffer_used;
	}
	return 1;
}

void ovg_nl_hint(const struct nlmsghdr *msg, char *out, size_t room)
{
	const uint8_t *p = (const uint8_t *)msg + NLMSG_HDRLEN;
	size_t left = msg->nlmsg_len, skip;
	struct nlmsgerr e;

	out[0] = '\0';
	if (left < NLMSG_HDRLEN + sizeof(e) || !(msg->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	memcpy(&e, p, sizeof(e));
	/* behind the request, of which only the header comes if it is capped */
	skip = sizeof(e);
	if (!(msg->nlmsg_flags & NLM_F_CAPPED) && e.msg.nlmsg_len >= sizeof(e.msg))
		skip += NLMSG_ALIGN(e.msg.nlmsg_len - sizeof(e.msg));
	left -= NLMSG_HDRLEN;
	if (skip > left)
		return;
	for (p += skip, left -= skip; left >= sizeof(struct nlattr);) {
		struct nlattr head;
		size_t step;

		memcpy(&head, p, sizeof(head));
		if (head.nla_len < sizeof(head) || head.nla_len > left)
			return;
		if ((head.nla_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			snprintf(out, room, "%.*s", (int)(head.nla_len - NLA_HDRLEN),
				 (const char *)p + NLA_HDRLEN);
		step = NLA_ALIGN(head.nla_len);
		if (step > left)
			step = left;
		p += step;
		left -= step;
	}
}
