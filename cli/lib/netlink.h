/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by netlink.c, which talks to the kernel, and netlink_msg.c, which reads messages. */
#ifndef OVG_CLI_NETLINK_H
#define OVG_CLI_NETLINK_H

#include <linux/netlink.h>

#include "internal.h"
#include "openvgpu-netlink.h"

/* The build calls the release so; the header means the family. */
#undef OPENVGPU_VERSION
#include "driver/include/uapi/openvgpu.h"

/*
 * A message of a dump, with its header, into @h: its GPU must have come before what
 * belongs to it. -EBADMSG if it is not what the header of the family says. A kind that is
 * not known is passed over.
 */
int ovg_nl_message(struct openvgpu_host *h, const struct nlmsghdr *msg,
		   struct openvgpu_error *err);
/* A GPU instance that was made: the answer of GI_CREATE. -ENOMSG if it is none. */
int ovg_nl_gi(struct openvgpu_gi *gi, const struct nlmsghdr *msg, struct openvgpu_error *err);
/* An event. 1, or 0 if it is of a kind that is not known. */
int ovg_nl_notice(struct openvgpu_notice *n, const struct nlmsghdr *msg,
		  struct openvgpu_error *err);

/*
 * The text that the kernel sends along with an error: @msg is a NLMSG_ERROR. "" if there is
 * none.
 */
void ovg_nl_hint(const struct nlmsghdr *msg, char *out, size_t room);

/* openvgpu_nl_read() on a connection of its own; -ENOENT without the family. */
int ovg_nl_host(struct openvgpu_host *h, const char *only, struct openvgpu_error *err);

/*
 * What openvgpu_gpu_set() does, by netlink. False if that is not to be had, or if @file and
 * @value are not for it: nothing was done then. Else @ret is 0 or the refusal.
 */
bool ovg_nl_gpu_file(const char *address, const char *file, const char *value, int *ret,
		     struct openvgpu_error *err);

#endif
