/* SPDX-License-Identifier: GPL-2.0-only */
/* The two halves of the netlink face: commands (netlink.c) and messages (netlink_msg.c). */
#ifndef OVG_NETLINK_H
#define OVG_NETLINK_H

#include <net/genetlink.h>
#include "../core/core.h"
#include "../include/uapi/openvgpu.h"

/* Where a dump is: the GPU, the kind of its objects, the object. */
struct ovg_nl_cursor {
	u32 gpu;
	u32 kind;
	u32 index;
};

extern struct genl_family ovg_nl_family;

int ovg_nl_fill_gpu(struct sk_buff *skb, struct ovg_gpu *gpu);
int ovg_nl_fill_gi(struct sk_buff *skb, struct ovg_gpu *gpu, const struct ovg_gi *gi);
int ovg_nl_fill_vgpu(struct sk_buff *skb, struct ovg_vgpu *vgpu, bool names);
int ovg_nl_dump_gpu(struct sk_buff *skb, struct netlink_callback *cb, struct ovg_gpu *gpu,
		    u32 what, bool names, struct ovg_nl_cursor *at);

#endif
