// SPDX-License-Identifier: GPL-2.0-only
/*
 * The netlink face: include/uapi/openvgpu.h describes it to users.
 *
 * GPUs are found in a list of this file's own. A dump holds the list's mutex while it
 * writes one piece, and no longer; commands, which may wait for firmware, hold a count
 * on the GPU instead, for which ovg_nl_del_gpu() waits. Lock order: this mutex, then a
 * GPU's.
 */
#include <linux/atomic.h>
#include <net/netlink.h>
#include <net/sock.h>
#include "../compat/compat.h"
#include "abi.h"
#include "netlink.h"

static DEFINE_MUTEX(gpus_lock);
static LIST_HEAD(gpus);
/* Grows with every change of what a dump shows; never 0, which netlink takes for "unset". */
static atomic_t generation = ATOMIC_INIT(1);

/* ---- finding things ----------------------------------------------------- */

static struct ovg_gpu *gpu_get(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[OPENVGPU_A_GPU];
	struct ovg_gpu *gpu, *found = NULL;

	if (!attr) {
		GENL_SET_ERR_MSG(info, "address of the GPU is missing");
		return ERR_PTR(-EINVAL);
	}
	mutex_lock(&gpus_lock);
	list_for_each_entry(gpu, &gpus, nl_node)
		if (!nla_strcmp(attr, pci_name(gpu->pf)))
			found = gpu;
	if (found) {
		mutex_lock(&found->lock);
		found->nl_users++;
		mutex_unlock(&found->lock);
	}
	mutex_unlock(&gpus_lock);
	if (!found) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such GPU");
		return ERR_PTR(-ENODEV);
	}
	return found;
}

static void gpu_put(struct ovg_gpu *gpu)
{
	mutex_lock(&gpu->lock);
	gpu->nl_users--;
	wake_up_all(&gpu->wq);
	mutex_unlock(&gpu->lock);
}

/* A VF that is bound; it may be unbound at once, which the slot's functions look at. */
static struct ovg_slot *slot_get(struct genl_info *info)
{
	struct nlattr *attr = info->attrs[OPENVGPU_A_VF];
	struct ovg_slot *slot, *found = NULL;
	struct ovg_gpu *gpu;
	u32 i;

	if (!attr) {
		GENL_SET_ERR_MSG(info, "address of the VF is missing");
		return ERR_PTR(-EINVAL);
	}
	mutex_lock(&gpus_lock);
	list_for_each_entry(gpu, &gpus, nl_node) {
		mutex_lock(&gpu->lock);
		for (i = 0; i < gpu->nr_slots && !found; i++) {
			slot = &gpu->slots[i];
			if (!slot->vf || nla_strcmp(attr, pci_name(slot->vf)))
				continue;
			found = slot;
			gpu->nl_users++;
		}
		mutex_unlock(&gpu->lock);
	}
	mutex_unlock(&gpus_lock);
	if (!found) {
		NL_SET_ERR_MSG_ATTR(info->extack, attr, "no such VF, or not bound to this driver");
		return ERR_PTR(-ENODEV);
	}
	return found;
}

/*
 * Userspace gets the errno and a hint: the beginning of the reason where the kernel takes a
 * text made at run time. All of it is longer than what any takes. Who refuses leaves a reason,
 * either in @why or in the extack; want of memory is the one failure that has none.
 */
static int answer(struct genl_info *info, struct ovg_gpu *gpu, const char *why, int ret)
{
	if (ret && ret != -ENOMEM && info->extack && !info->extack->_msg) {
		mutex_lock(&gpu->lock);
		ovg_extack_refused(info->extack, why);
		mutex_unlock(&gpu->lock);
	}
	gpu_put(gpu);
	return ret;
}

/* ---- dump --------------------------------------------------------------- */

static int dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct nlattr **attrs = ovg_dump_attrs(cb);
	struct nlattr *only = attrs[OPENVGPU_A_GPU];
	struct ovg_nl_cursor *at = (struct ovg_nl_cursor *)cb->ctx;
	bool names = netlink_capable(cb->skb, CAP_SYS_ADMIN);
	u32 what = OPENVGPU_WHAT_ALL, n = 0;
	struct ovg_gpu *gpu;
	int ret = 0;

	BUILD_BUG_ON(sizeof(*at) > sizeof(cb->ctx));
	if (attrs[OPENVGPU_A_WHAT])
		what = nla_get_u32(attrs[OPENVGPU_A_WHAT]);
	mutex_lock(&gpus_lock);
	cb->seq = atomic_read(&generation);
	list_for_each_entry(gpu, &gpus, nl_node) {
		if (n++ < at->gpu)
			continue;
		if (!only || !nla_strcmp(only, pci_name(gpu->pf))) {
			mutex_lock(&gpu->lock);
			ret = ovg_nl_dump_gpu(skb, cb, gpu, what, names, at);
			mutex_unlock(&gpu->lock);
		}
		if (ret)
			break;
		*at = (struct ovg_nl_cursor){ .gpu = n };
	}
	/* A GPU that changed while another one was written: the next piece, or the end, says so. */
	cb->seq = atomic_read(&generation);
	mutex_unlock(&gpus_lock);
	/* Not one message into an empty piece: none of ours is that long. */
	if (ret && !skb->len)
		return ret;
	return skb->len;
}

/* ---- commands ----------------------------------------------------------- */

static int set_gpu(struct genl_info *info, struct ovg_gpu *gpu)
{
	struct nlattr *mode = info->attrs[OPENVGPU_A_MODE];
	struct nlattr *mig = info->attrs[OPENVGPU_A_MIG];
	struct nlattr *policy = info->attrs[OPENVGPU_A_POLICY];
	struct nlattr *slice = info->attrs[OPENVGPU_A_TIMESLICE];
	int ret = 0;

	/* MIG and mixed sizes exclude each other, whichever comes and goes. */
	if (mig && !nla_get_u8(mig))
		ret = ovg_gpu_set_mig(gpu, false);
	if (!ret && mode)
		ret = ovg_gpu_set_mode(gpu, nla_get_u8(mode) == OPENVGPU_MODE_MIXED ?
				       OVG_MODE_MIXED : OVG_MODE_EQUAL);
	if (!ret && mig && nla_get_u8(mig))
		ret = ovg_gpu_set_mig(gpu, true);
	if (!ret && policy)
		ret = ovg_gpu_set_policy(gpu, nla_get_u8(policy));
	if (!ret && slice)
		ret = ovg_gpu_set_timeslice(gpu, nla_get_u32(slice));
	return ret;
}

static int gpu_set(struct sk_buff *skb, struct genl_info *info)
{
	struct ovg_gpu *gpu = gpu_get(info);
	int ret;

	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	ret = set_gpu(info, gpu);
	return answer(info, gpu, gpu->last_error, ret);
}

static int reply_gi(struct genl_info *info, struct ovg_gpu *gpu, u32 id)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);
	const struct ovg_gi *gi;
	int ret = -EMSGSIZE;
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &ovg_nl_family, 0, OPENVGPU_CMD_GI);
	if (!hdr)
		goto free;
	mutex_lock(&gpu->lock);
	gi = ovg_pool_gi(&gpu->pool, id);
	if (gi) {
		ret = ovg_nl_fill_gi(msg, gpu, gi);
	} else {
		ovg_refuse(gpu, NULL, "GPU instance %u was destroyed at once by somebody else", id);
		ret = -ENOENT;
	}
	mutex_unlock(&gpu->lock);
	if (ret)
		goto free;
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
free:
	nlmsg_free(msg);
	return ret;
}

static int gi_create(struct sk_buff *skb, struct genl_info *info)
{
	char profile[OVG_PROFILE_NAME_MAX];
	struct ovg_gpu *gpu;
	u32 id;
	int ret;

	if (GENL_REQ_ATTR_CHECK(info, OPENVGPU_A_PROFILE))
		return -EINVAL;
	nla_strscpy(profile, info->attrs[OPENVGPU_A_PROFILE], sizeof(profile));
	gpu = gpu_get(info);
	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	ret = ovg_gpu_gi_create(gpu, profile, &id);
	if (!ret)
		ret = reply_gi(info, gpu, id);
	return answer(info, gpu, gpu->last_error, ret);
}

static int gi_destroy(struct sk_buff *skb, struct genl_info *info)
{
	struct ovg_gpu *gpu;
	int ret;

	if (GENL_REQ_ATTR_CHECK(info, OPENVGPU_A_GI))
		return -EINVAL;
	gpu = gpu_get(info);
	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	ret = ovg_gpu_gi_destroy(gpu, nla_get_u32(info->attrs[OPENVGPU_A_GI]));
	return answer(info, gpu, gpu->last_error, ret);
}

/* What comes with a command for a vGPU; the GPU is locked. */
static int set_attrs(struct genl_info *info, struct ovg_vgpu *vgpu)
{
	struct nlattr *gi = info->attrs[OPENVGPU_A_GI];
	struct nlattr *place = info->attrs[OPENVGPU_A_PLACEMENT];
	struct nlattr *params = info->attrs[OPENVGPU_A_PARAMS];
	struct nlattr *name = info->attrs[OPENVGPU_A_VM_NAME];
	int ret = 0;

	if (gi)
		ret = ovg_vgpu_set_gi(vgpu, nla_get_u32(gi));
	if (!ret && place && nla_get_u32(place) >= OVG_PLACEMENT_NONE) {
		NL_SET_ERR_MSG_ATTR(info->extack, place, "not a placement id of this type");
		ret = -EINVAL;
	}
	if (!ret && place)
		ret = ovg_vgpu_set_placement(vgpu, nla_get_u32(place));
	if (!ret && params)
		ret = ovg_vgpu_set_params(vgpu, nla_data(params),
					  strnlen(nla_data(params), nla_len(params)));
	if (!ret && name)
		ret = ovg_vgpu_set_vm_name(vgpu, nla_data(name),
					   strnlen(nla_data(name), nla_len(name)));
	return ret;
}

static int vgpu_set(struct sk_buff *skb, struct genl_info *info)
{
	struct ovg_slot *slot = slot_get(info);
	int ret = -ENXIO;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	mutex_lock(&slot->gpu->lock);
	if (slot->vgpu)
		ret = set_attrs(info, slot->vgpu);
	else
		ovg_refuse(slot->gpu, slot, "VF has no vGPU: create one first");
	mutex_unlock(&slot->gpu->lock);
	return answer(info, slot->gpu, slot->last_error, ret);
}

/* Takes back a vGPU whose attributes were refused; the reason is that, and not this. */
static void uncreate(struct ovg_slot *slot)
{
	struct ovg_gpu *gpu = slot->gpu;
	char why[OVG_WHY_MAX];

	mutex_lock(&gpu->lock);
	strscpy(why, slot->last_error, sizeof(why));
	mutex_unlock(&gpu->lock);
	if (ovg_slot_set_type(slot, 0))
		return;
	mutex_lock(&gpu->lock);
	ovg_refuse(gpu, slot, "%s", why);
	mutex_unlock(&gpu->lock);
}

static int vgpu_create(struct sk_buff *skb, struct genl_info *info)
{
	struct ovg_slot *slot;
	bool had;
	u32 id;
	int ret;

	if (GENL_REQ_ATTR_CHECK(info, OPENVGPU_A_TYPE))
		return -EINVAL;
	id = nla_get_u32(info->attrs[OPENVGPU_A_TYPE]);
	if (!id) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[OPENVGPU_A_TYPE], "0 is no type");
		return -EINVAL;
	}
	slot = slot_get(info);
	if (IS_ERR(slot))
		return PTR_ERR(slot);
	mutex_lock(&slot->gpu->lock);
	had = slot->vgpu;
	if (had)
		ovg_refuse(slot->gpu, slot, "VF has a vGPU already: destroy it first");
	mutex_unlock(&slot->gpu->lock);
	/* Writing the same type twice is fine in sysfs; whoever creates wants a new one. */
	ret = had ? -EBUSY : ovg_slot_set_type(slot, id);
	if (!ret) {
		mutex_lock(&slot->gpu->lock);
		if (slot->vgpu) {
			ret = set_attrs(info, slot->vgpu);
		} else {
			ovg_refuse(slot->gpu, slot, "vGPU was removed at once by somebody else");
			ret = -ENODEV;
		}
		mutex_unlock(&slot->gpu->lock);
		if (ret)
			uncreate(slot);
	}
	return answer(info, slot->gpu, slot->last_error, ret);
}

static int vgpu_destroy(struct sk_buff *skb, struct genl_info *info)
{
	struct ovg_slot *slot = slot_get(info);
	int ret;

	if (IS_ERR(slot))
		return PTR_ERR(slot);
	ret = ovg_slot_set_type(slot, 0);
	return answer(info, slot->gpu, slot->last_error, ret);
}

/* ---- events ------------------------------------------------------------- */

static bool heard(void)
{
	return genl_has_listeners(&ovg_nl_family, &init_net, 0);
}

static void send(struct sk_buff *msg, void *hdr, int ret)
{
	if (ret) {
		nlmsg_free(msg);
		return;
	}
	genlmsg_end(msg, hdr);
	genlmsg_multicast(&ovg_nl_family, msg, 0, 0, GFP_KERNEL);
}

static struct sk_buff *begin(u8 cmd, enum openvgpu_event event, void **hdr)
{
	struct sk_buff *msg = genlmsg_new(NLMSG_GOODSIZE, GFP_KERNEL);

	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &ovg_nl_family, 0, cmd);
	if (!*hdr || nla_put_u32(msg, OPENVGPU_A_EVENT, event)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/**
 * ovg_notify_change() - what a dump shows has changed
 *
 * A dump that is under way is marked as interrupted.
 */
void ovg_notify_change(void)
{
	int old, new;

	old = atomic_read(&generation);
	do {
		new = old == -1 ? 1 : old + 1;
	} while (!atomic_try_cmpxchg(&generation, &old, new));
}

/**
 * ovg_notify_gpu() - tell listeners of a GPU
 * @gpu: GPU, locked
 * @what: what has happened
 *
 * Best effort: an event is lost if there is no memory, as it is if a listener does not
 * keep up. Whoever misses one sees a gap in nothing and must dump now and then.
 */
void ovg_notify_gpu(struct ovg_gpu *gpu, enum ovg_notice what)
{
	static const enum openvgpu_event events[] = {
		[OVG_NOTICE_ADDED] = OPENVGPU_EVENT_GPU_ADDED,
		[OVG_NOTICE_REMOVED] = OPENVGPU_EVENT_GPU_REMOVED,
		[OVG_NOTICE_STATE] = OPENVGPU_EVENT_GPU_STATE,
		[OVG_NOTICE_CHANGED] = OPENVGPU_EVENT_CAPACITY,
	};
	struct sk_buff *msg;
	void *hdr;
	int ret;

	lockdep_assert_held(&gpu->lock);
	ovg_notify_change();
	if (!heard())
		return;
	msg = begin(OPENVGPU_CMD_GPU, events[what], &hdr);
	if (!msg)
		return;
	if (what == OVG_NOTICE_REMOVED)
		ret = nla_put_string(msg, OPENVGPU_A_GPU, pci_name(gpu->pf));
	else
		ret = ovg_nl_fill_gpu(msg, gpu);
	send(msg, hdr, ret);
}

/**
 * ovg_notify_vgpu() - tell listeners of a vGPU
 * @vgpu: vGPU of a locked GPU
 * @what: what has happened
 */
void ovg_notify_vgpu(struct ovg_vgpu *vgpu, enum ovg_notice what)
{
	static const enum openvgpu_event events[] = {
		[OVG_NOTICE_ADDED] = OPENVGPU_EVENT_VGPU_CREATED,
		[OVG_NOTICE_REMOVED] = OPENVGPU_EVENT_VGPU_REMOVED,
		[OVG_NOTICE_STATE] = OPENVGPU_EVENT_VGPU_STATE,
		[OVG_NOTICE_CHANGED] = OPENVGPU_EVENT_VGPU_CHANGED,
	};
	struct sk_buff *msg;
	void *hdr;

	lockdep_assert_held(&vgpu->gpu->lock);
	ovg_notify_change();
	if (!heard())
		return;
	msg = begin(OPENVGPU_CMD_VGPU, events[what], &hdr);
	if (msg)
		send(msg, hdr, ovg_nl_fill_vgpu(msg, vgpu, false));
}

/* ---- family ------------------------------------------------------------- */

/* Longest PCI address: "ffffffff:ff:1f.7". */
#define ADDRESS_MAX	16

/*
 * Each is as long as there are attributes, so that a function that serves several commands
 * may look at one that only some of them take: the kernel's table of what came is as long.
 */
#define GPU_POLICY	[OPENVGPU_A_GPU] = { .type = NLA_NUL_STRING, .len = ADDRESS_MAX }
#define VF_POLICY	[OPENVGPU_A_VF] = { .type = NLA_NUL_STRING, .len = ADDRESS_MAX }
#define VGPU_POLICY							\
	[OPENVGPU_A_GI] = { .type = NLA_U32 },				\
	[OPENVGPU_A_PLACEMENT] = { .type = NLA_U32 },			\
	[OPENVGPU_A_PARAMS] = { .type = NLA_NUL_STRING, .len = OVG_PARAMS_MAX }

static const struct nla_policy dump_policy[OPENVGPU_A_MAX + 1] = {
	[OPENVGPU_A_WHAT] = NLA_POLICY_MASK(NLA_U32, OPENVGPU_WHAT_ALL),
	GPU_POLICY,
};

static const struct nla_policy gpu_set_policy[OPENVGPU_A_MAX + 1] = {
	GPU_POLICY,
	[OPENVGPU_A_MODE] = NLA_POLICY_MAX(NLA_U8, OPENVGPU_MODE_MIXED),
	[OPENVGPU_A_MIG] = NLA_POLICY_MAX(NLA_U8, 1),
	[OPENVGPU_A_POLICY] = NLA_POLICY_MAX(NLA_U8, OPENVGPU_POLICY_FIXED_SHARE),
	[OPENVGPU_A_TIMESLICE] = { .type = NLA_U32 },
};

static const struct nla_policy gi_create_policy[OPENVGPU_A_MAX + 1] = {
	GPU_POLICY,
	[OPENVGPU_A_PROFILE] = { .type = NLA_NUL_STRING, .len = OVG_PROFILE_NAME_MAX - 1 },
};

static const struct nla_policy gi_destroy_policy[OPENVGPU_A_MAX + 1] = {
	GPU_POLICY,
	[OPENVGPU_A_GI] = { .type = NLA_U32 },
};

static const struct nla_policy vgpu_create_policy[OPENVGPU_A_MAX + 1] = {
	VF_POLICY,
	[OPENVGPU_A_TYPE] = { .type = NLA_U32 },
	VGPU_POLICY,
};

static const struct nla_policy vgpu_destroy_policy[OPENVGPU_A_MAX + 1] = {
	VF_POLICY,
};

static const struct nla_policy vgpu_set_policy[OPENVGPU_A_MAX + 1] = {
	VF_POLICY,
	VGPU_POLICY,
	[OPENVGPU_A_VM_NAME] = { .type = NLA_NUL_STRING, .len = OVG_VM_NAME_MAX },
};

#define COMMAND(number, function, pol) {				\
	.cmd = number,							\
	.doit = function,						\
	.policy = pol,							\
	.maxattr = OPENVGPU_A_MAX,					\
}

static const struct genl_ops ops[] = {
	{
		.cmd = OPENVGPU_CMD_DUMP,
		.dumpit = dump,
		.policy = dump_policy,
		.maxattr = OPENVGPU_A_MAX,
	},
	COMMAND(OPENVGPU_CMD_GPU_SET, gpu_set, gpu_set_policy),
	COMMAND(OPENVGPU_CMD_GI_CREATE, gi_create, gi_create_policy),
	COMMAND(OPENVGPU_CMD_GI_DESTROY, gi_destroy, gi_destroy_policy),
	COMMAND(OPENVGPU_CMD_VGPU_CREATE, vgpu_create, vgpu_create_policy),
	COMMAND(OPENVGPU_CMD_VGPU_DESTROY, vgpu_destroy, vgpu_destroy_policy),
	COMMAND(OPENVGPU_CMD_VGPU_SET, vgpu_set, vgpu_set_policy),
};

/* Every command that is no dump changes something; flags know CAP_NET_ADMIN only. */
static int pre_doit(ovg_genl_ops_arg *op, struct sk_buff *skb, struct genl_info *info)
{
	if (netlink_capable(skb, CAP_SYS_ADMIN))
		return 0;
	GENL_SET_ERR_MSG(info, "CAP_SYS_ADMIN is needed");
	return -EPERM;
}

static const struct genl_multicast_group groups[] = {
	{ .name = OPENVGPU_GROUP_EVENTS },
};

struct genl_family ovg_nl_family __ro_after_init = {
	.name = OPENVGPU_FAMILY,
	.version = OPENVGPU_VERSION,
	.module = THIS_MODULE,
	.ops = ops,
	.n_ops = ARRAY_SIZE(ops),
	.mcgrps = groups,
	.n_mcgrps = ARRAY_SIZE(groups),
	.pre_doit = pre_doit,
	.maxattr = OPENVGPU_A_MAX,
	/* A command may wait for firmware; others, of other families too, must not. */
	.parallel_ops = true,
	/* No command has a history that would excuse junk in the header. */
	.resv_start_op = 1,
};

/**
 * ovg_nl_add_gpu() - show a GPU to users
 * @gpu: GPU
 */
void ovg_nl_add_gpu(struct ovg_gpu *gpu)
{
	mutex_lock(&gpus_lock);
	list_add_tail(&gpu->nl_node, &gpus);
	mutex_lock(&gpu->lock);
	ovg_notify_gpu(gpu, OVG_NOTICE_ADDED);
	mutex_unlock(&gpu->lock);
	mutex_unlock(&gpus_lock);
}

/**
 * ovg_nl_del_gpu() - the end of ovg_nl_add_gpu(); waits for commands under way
 * @gpu: GPU that lets no new vGPU in
 */
void ovg_nl_del_gpu(struct ovg_gpu *gpu)
{
	mutex_lock(&gpus_lock);
	list_del_init(&gpu->nl_node);
	mutex_unlock(&gpus_lock);
	wait_event(gpu->wq, !READ_ONCE(gpu->nl_users));
	mutex_lock(&gpu->lock);
	ovg_notify_gpu(gpu, OVG_NOTICE_REMOVED);
	mutex_unlock(&gpu->lock);
}

/**
 * ovg_nl_init() - module load
 *
 * Return: 0 or an error.
 */
int ovg_nl_init(void)
{
	return genl_register_family(&ovg_nl_family);
}

/** ovg_nl_exit() - module unload; all GPUs are gone */
void ovg_nl_exit(void)
{
	genl_unregister_family(&ovg_nl_family);
}
