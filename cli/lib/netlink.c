// SPDX-License-Identifier: LGPL-2.1-or-later
/* Talking to the driver's netlink family: dumps, commands, events. */
#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink.h"

/* Whoever changes a GPU ten times while it is listed has something else in mind. */
#define MAX_TRIES	10

/* Largest piece of a dump, and more than an event takes. */
#define BUFFER		32768

/**
 * struct openvgpu_nl - a connection
 * @sk: socket
 * @cb: what to do with what comes
 * @family: number of the family
 * @host: where a dump goes, NULL for a command
 * @gi: where an answer goes, if there is one to a command
 * @acked: a command was answered to the end
 * @error: errno of the answer
 * @hint: text that came with it
 * @ret: what came was not well formed
 * @err: and how
 */
struct openvgpu_nl {
	struct nl_sock *sk;
	struct nl_cb *cb;
	int family;
	struct openvgpu_host *host;
	struct openvgpu_gi *gi;
	bool acked;
	int error;
	char hint[160];
	int ret;
	struct openvgpu_error err;
};

static int on_message(struct nl_msg *msg, void *arg)
{
	struct openvgpu_nl *nl = arg;

	if (nl->host && !nl->ret && nlmsg_hdr(msg)->nlmsg_type == nl->family)
		nl->ret = ovg_nl_message(nl->host, nlmsg_hdr(msg), &nl->err);
	if (nl->gi && !nl->ret && nlmsg_hdr(msg)->nlmsg_type == nl->family)
		nl->ret = ovg_nl_gi(nl->gi, nlmsg_hdr(msg), &nl->err);
	/* to the end of the dump in any case, or the next one would begin with its rest */
	return NL_OK;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct openvgpu_nl *nl = arg;

	(void)msg;
	nl->acked = true;
	return NL_OK;
}

static int on_error(struct sockaddr_nl *who, struct nlmsgerr *e, void *arg)
{
	struct openvgpu_nl *nl = arg;

	(void)who;
	nl->error = e->error;
	/* the error is the payload of its message */
	ovg_nl_hint((const struct nlmsghdr *)(const void *)((const char *)e - NLMSG_HDRLEN),
		    nl->hint, sizeof(nl->hint));
	return NL_STOP;
}

int openvgpu_nl_open(struct openvgpu_nl **out, struct openvgpu_error *err)
{
	struct openvgpu_nl *nl = calloc(1, sizeof(*nl));
	int ret, one = 1;

	*out = NULL;
	if (!nl)
		return ovg_error(err, -ENOMEM, "out of memory");
	nl->sk = nl_socket_alloc();
	nl->cb = nl_cb_alloc(NL_CB_DEFAULT);
	if (!nl->sk || !nl->cb) {
		ret = ovg_error(err, -ENOMEM, "out of memory");
		goto fail;
	}
	ret = genl_connect(nl->sk);
	if (ret) {
		ret = ovg_error(err, -EPROTONOSUPPORT, "netlink: %s", nl_geterror(ret));
		goto fail;
	}
	nl->family = genl_ctrl_resolve(nl->sk, OPENVGPU_FAMILY);
	if (nl->family < 0) {
		ret = ovg_error(err, -ENOENT, "the driver's netlink family is not there; is openvgpu "
				"loaded, and is this the first network namespace?");
		goto fail;
	}
	nl_socket_set_msg_buf_size(nl->sk, BUFFER);
	/* without them there are no texts beside errors, which is no reason to stop */
	(void)setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_EXT_ACK, &one, sizeof(one));
	(void)setsockopt(nl_socket_get_fd(nl->sk), SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof(one));
	nl_cb_set(nl->cb, NL_CB_VALID, NL_CB_CUSTOM, on_message, nl);
	nl_cb_set(nl->cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, nl);
	nl_cb_err(nl->cb, NL_CB_CUSTOM, on_error, nl);
	*out = nl;
	return 0;
fail:
	openvgpu_nl_close(nl);
	return ret;
}

void openvgpu_nl_close(struct openvgpu_nl *nl)
{
	if (!nl)
		return;
	nl_cb_put(nl->cb);
	nl_socket_free(nl->sk);
	free(nl);
}

/* Sends @msg, which is freed, and reads all of the answer. libnl's code. */
static int exchange(struct openvgpu_nl *nl, struct nl_msg *msg)
{
	int ret;

	nl->error = 0;
	nl->ret = 0;
	nl->acked = false;
	nl->hint[0] = '\0';
	ret = nl_send_auto(nl->sk, msg);
	nlmsg_free(msg);
	/* a dump has its own end; a command has one message behind what it answers */
	while (ret >= 0 && !nl->acked) {
		ret = nl_recvmsgs(nl->sk, nl->cb);
		if (nl->host)
			break;
	}
	return ret;
}

static struct nl_msg *begin(struct openvgpu_nl *nl, uint8_t cmd, int flags)
{
	struct nl_msg *msg = nlmsg_alloc_size(4096);

	if (msg && !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, nl->family, 0, flags, cmd, 1)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

static int dump(struct openvgpu_nl *nl, struct openvgpu_host *h, const char *only, uint32_t what,
		struct openvgpu_error *err)
{
	struct nl_msg *msg;
	int ret, tries;

	for (tries = 0; tries < MAX_TRIES; tries++) {
		memset(h, 0, sizeof(*h));
		msg = begin(nl, OPENVGPU_CMD_DUMP, NLM_F_DUMP);
		if (!msg || (only && nla_put_string(msg, OPENVGPU_A_GPU, only)) ||
		    nla_put_u32(msg, OPENVGPU_A_WHAT, what)) {
			nlmsg_free(msg);
			return ovg_error(err, -ENOMEM, "out of memory");
		}
		nl->host = h;
		ret = exchange(nl, msg);
		nl->host = NULL;
		if (!ret && !nl->ret && !nl->error)
			return 0;
		openvgpu_host_free(h);
		if (nl->ret)
			return ovg_error(err, nl->ret, "%s", nl->err.text);
		if (nl->error)
			return ovg_error(err, nl->error, "netlink: %s", strerror(-nl->error));
		if (ret != -NLE_DUMP_INTR)
			return ovg_error(err, -EIO, "netlink: %s", nl_geterror(ret));
	}
	return ovg_error(err, -EAGAIN, "the GPUs change faster than they can be listed");
}

int openvgpu_nl_read(struct openvgpu_nl *nl, struct openvgpu_host *h, const char *only,
		     struct openvgpu_error *err)
{
	return dump(nl, h, only, OPENVGPU_WHAT_ALL, err);
}

int ovg_nl_host(struct openvgpu_host *h, const char *only, struct openvgpu_error *err)
{
	struct openvgpu_nl *nl;
	int ret = openvgpu_nl_open(&nl, err);

	if (ret)
		return ret;
	ret = openvgpu_nl_read(nl, h, only, err);
	openvgpu_nl_close(nl);
	return ret;
}

/* ---- commands --------------------------------------------------------------- */

/* The reason of a refusal is with the VF or the GPU that was refused. */
static bool reason_of(struct openvgpu_nl *nl, const char *which, struct openvgpu_error *err)
{
	const struct openvgpu_gpu *gpu;
	const struct openvgpu_vf *vf;
	const char *why = NULL;
	struct openvgpu_host h;

	if (dump(nl, &h, NULL, OPENVGPU_WHAT_GPU | OPENVGPU_WHAT_VF, NULL))
		return false;
	gpu = openvgpu_gpu_by_address(&h, which);
	vf = openvgpu_vf_by_address(&h, which, NULL);
	if (gpu)
		why = gpu->last_error;
	else if (vf)
		why = vf->last_error;
	if (why && *why)
		ovg_error(err, 0, "%s: %s", which, why);
	else
		why = NULL;
	openvgpu_host_free(&h);
	return why;
}

/* @which: address of the VF or GPU */
static int command(struct openvgpu_nl *nl, struct nl_msg *msg, const char *which,
		   struct openvgpu_error *err)
{
	int ret = exchange(nl, msg), error = nl->error;
	char hint[sizeof(nl->hint)];

	if (!error && nl->ret)
		return ovg_error(err, nl->ret, "%s", nl->err.text);
	if (!error)
		return ret < 0 ? ovg_error(err, -EIO, "netlink: %s", nl_geterror(ret)) : 0;
	memcpy(hint, nl->hint, sizeof(hint));
	/* what the driver thought of it, and not somebody before it */
	if ((!*hint || !strncmp(hint, "refused", 7)) && reason_of(nl, which, err))
		return error;
	if (*hint && strncmp(hint, "refused", 7))
		return ovg_error(err, error, "%s: %s", which, hint);
	return ovg_error(err, error, "%s: %s", which, strerror(-error));
}

static int put_wanted(struct nl_msg *msg, const struct openvgpu_wanted *w)
{
	int ret = 0;

	if (!w)
		return 0;
	if (w->vm_name)
		ret = nla_put_string(msg, OPENVGPU_A_VM_NAME, w->vm_name);
	if (!ret && w->params)
		ret = nla_put_string(msg, OPENVGPU_A_PARAMS, w->params);
	if (!ret && w->placement != OPENVGPU_UNKNOWN)
		ret = nla_put_u32(msg, OPENVGPU_A_PLACEMENT, (uint32_t)w->placement);
	if (!ret && w->instance != OPENVGPU_UNKNOWN)
		ret = nla_put_u32(msg, OPENVGPU_A_GI, (uint32_t)w->instance);
	return ret;
}

static int vf_command(struct openvgpu_nl *nl, uint8_t cmd, const char *vf, uint32_t type,
		      const struct openvgpu_wanted *wanted, struct openvgpu_error *err)
{
	struct nl_msg *msg = begin(nl, cmd, NLM_F_ACK);

	if (!msg)
		return ovg_error(err, -ENOMEM, "out of memory");
	if (nla_put_string(msg, OPENVGPU_A_VF, vf) ||
	    (type && nla_put_u32(msg, OPENVGPU_A_TYPE, type)) || put_wanted(msg, wanted)) {
		nlmsg_free(msg);
		return ovg_error(err, -E2BIG, "%s: more than fits into a message", vf);
	}
	return command(nl, msg, vf, err);
}

int openvgpu_nl_create(struct openvgpu_nl *nl, const char *vf, uint32_t type,
		       const struct openvgpu_wanted *wanted, struct openvgpu_error *err)
{
	if (!type)
		return ovg_error(err, -EINVAL, "%s: 0 is no type", vf);
	return vf_command(nl, OPENVGPU_CMD_VGPU_CREATE, vf, type, wanted, err);
}

int openvgpu_nl_destroy(struct openvgpu_nl *nl, const char *vf, struct openvgpu_error *err)
{
	return vf_command(nl, OPENVGPU_CMD_VGPU_DESTROY, vf, 0, NULL, err);
}

int openvgpu_nl_set(struct openvgpu_nl *nl, const char *vf, const struct openvgpu_wanted *wanted,
		    struct openvgpu_error *err)
{
	return vf_command(nl, OPENVGPU_CMD_VGPU_SET, vf, 0, wanted, err);
}

/* ---- settings of a GPU ------------------------------------------------------ */

/* Place of @word among @words, which end with NULL; -EINVAL if it is none of them. */
static int place_of(const char *word, const char *const *words)
{
	int i;

	for (i = 0; words[i]; i++)
		if (!strcmp(word, words[i]))
			return i;
	return -EINVAL;
}

static const char *const modes[] = {
	[OPENVGPU_MODE_EQUAL] = "equal", [OPENVGPU_MODE_MIXED] = "mixed", NULL
};
static const char *const policies[] = {
	[OPENVGPU_POLICY_BEST_EFFORT] = "best_effort",
	[OPENVGPU_POLICY_EQUAL_SHARE] = "equal_share",
	[OPENVGPU_POLICY_FIXED_SHARE] = "fixed_share",
	NULL
};

int openvgpu_nl_gpu_set(struct openvgpu_nl *nl, const char *gpu,
			const struct openvgpu_gpu_wanted *w, struct openvgpu_error *err)
{
	int mode = w->placement_mode ? place_of(w->placement_mode, modes) : 0;
	int policy = w->scheduler ? place_of(w->scheduler, policies) : 0;
	struct nl_msg *msg;

	if (mode < 0)
		return ovg_error(err, mode, "%s: '%s' is no placement mode", gpu,
				 w->placement_mode);
	if (policy < 0)
		return ovg_error(err, policy, "%s: '%s' is no scheduler", gpu, w->scheduler);
	if (w->timeslice_us != OPENVGPU_UNKNOWN && w->timeslice_us > UINT32_MAX)
		return ovg_error(err, -ERANGE, "%s: no such time slice", gpu);
	msg = begin(nl, OPENVGPU_CMD_GPU_SET, NLM_F_ACK);
	if (!msg || nla_put_string(msg, OPENVGPU_A_GPU, gpu) ||
	    (w->placement_mode && nla_put_u8(msg, OPENVGPU_A_MODE, (uint8_t)mode)) ||
	    (w->mig >= 0 && nla_put_u8(msg, OPENVGPU_A_MIG, w->mig != 0)) ||
	    (w->scheduler && nla_put_u8(msg, OPENVGPU_A_POLICY, (uint8_t)policy)) ||
	    (w->timeslice_us != OPENVGPU_UNKNOWN &&
	     nla_put_u32(msg, OPENVGPU_A_TIMESLICE, (uint32_t)w->timeslice_us))) {
		nlmsg_free(msg);
		return ovg_error(err, -ENOMEM, "out of memory");
	}
	return command(nl, msg, gpu, err);
}

int openvgpu_nl_gi_create(struct openvgpu_nl *nl, const char *gpu, const char *profile,
			  struct openvgpu_gi *gi, struct openvgpu_error *err)
{
	struct nl_msg *msg = begin(nl, OPENVGPU_CMD_GI_CREATE, NLM_F_ACK);
	int ret;

	if (!msg || nla_put_string(msg, OPENVGPU_A_GPU, gpu) ||
	    nla_put_string(msg, OPENVGPU_A_PROFILE, profile)) {
		nlmsg_free(msg);
		return ovg_error(err, -ENOMEM, "%s: no room for '%.32s'", gpu, profile);
	}
	memset(gi, 0, sizeof(*gi));
	nl->gi = gi;
	ret = command(nl, msg, gpu, err);
	nl->gi = NULL;
	if (!ret && !*gi->profile)
		return ovg_error(err, -EBADMSG, "netlink: no answer to a GPU instance");
	return ret;
}

int openvgpu_nl_gi_destroy(struct openvgpu_nl *nl, const char *gpu, uint32_t id,
			   struct openvgpu_error *err)
{
	struct nl_msg *msg = begin(nl, OPENVGPU_CMD_GI_DESTROY, NLM_F_ACK);

	if (!msg || nla_put_string(msg, OPENVGPU_A_GPU, gpu) ||
	    nla_put_u32(msg, OPENVGPU_A_GI, id)) {
		nlmsg_free(msg);
		return ovg_error(err, -ENOMEM, "out of memory");
	}
	return command(nl, msg, gpu, err);
}

static bool plain_number(const char *text, uint64_t *out)
{
	size_t len = strlen(text);

	if (!len || len > 9 || text[strspn(text, "0123456789")])
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

bool ovg_nl_gpu_file(const char *address, const char *file, const char *value, int *ret,
		     struct openvgpu_error *err)
{
	struct openvgpu_gpu_wanted w = { .mig = -1, .timeslice_us = OPENVGPU_UNKNOWN };
	struct openvgpu_error why;
	struct openvgpu_nl *nl;
	struct openvgpu_gi gi;
	size_t len = strlen(address);
	uint64_t number = 0;

	if (!strcmp(file, "placement_mode") && place_of(value, modes) >= 0)
		w.placement_mode = value;
	else if (!strcmp(file, "scheduler") && place_of(value, policies) >= 0)
		w.scheduler = value;
	else if (!strcmp(file, "mig") && (!strcmp(value, "0") || !strcmp(value, "1")))
		w.mig = *value == '1';
	else if (!strcmp(file, "scheduler_timeslice_us") && plain_number(value, &number))
		w.timeslice_us = number;
	else if (!(!strcmp(file, "gpu_instance_destroy") && plain_number(value, &number)) &&
		 strcmp(file, "gpu_instance_create"))
		return false;
	if (openvgpu_nl_open(&nl, NULL))
		return false;
	if (!strcmp(file, "gpu_instance_create"))
		*ret = openvgpu_nl_gi_create(nl, address, value, &gi, &why);
	else if (!strcmp(file, "gpu_instance_destroy"))
		*ret = openvgpu_nl_gi_destroy(nl, address, (uint32_t)number, &why);
	else
		*ret = openvgpu_nl_gpu_set(nl, address, &w, &why);
	openvgpu_nl_close(nl);
	if (*ret) {
		/* told as if it were the file's */
		bool same = !strncmp(why.text, address, len) && why.text[len] == ':';

		ovg_error(err, *ret, "%s: %s %s:%s%s", address, file, value, same ? "" : " ",
			  same ? why.text + len + 1 : why.text);
	}
	return true;
}

/* ---- events ----------------------------------------------------------------- */

/**
 * struct openvgpu_events - a listener
 * @sk: socket, member of the group
 * @family: number of the family
 */
struct openvgpu_events {
	struct nl_sock *sk;
	int family;
};

int openvgpu_events_open(struct openvgpu_events **out, struct openvgpu_error *err)
{
	struct openvgpu_events *e = calloc(1, sizeof(*e));
	int ret, group;

	*out = NULL;
	if (!e)
		return ovg_error(err, -ENOMEM, "out of memory");
	e->sk = nl_socket_alloc();
	if (!e->sk) {
		ret = ovg_error(err, -ENOMEM, "out of memory");
		goto fail;
	}
	ret = genl_connect(e->sk);
	if (ret) {
		ret = ovg_error(err, -EPROTONOSUPPORT, "netlink: %s", nl_geterror(ret));
		goto fail;
	}
	e->family = genl_ctrl_resolve(e->sk, OPENVGPU_FAMILY);
	group = genl_ctrl_resolve_grp(e->sk, OPENVGPU_FAMILY, OPENVGPU_GROUP_EVENTS);
	if (e->family < 0 || group < 0) {
		ret = ovg_error(err, -ENOENT, "the driver's netlink family is not there; is openvgpu "
				"loaded, and is this the first network namespace?");
		goto fail;
	}
	ret = nl_socket_add_membership(e->sk, group);
	if (!ret)
		ret = nl_socket_set_nonblocking(e->sk);
	if (ret) {
		ret = ovg_error(err, -EIO, "netlink: %s", nl_geterror(ret));
		goto fail;
	}
	*out = e;
	return 0;
fail:
	openvgpu_events_close(e);
	return ret;
}

void openvgpu_events_close(struct openvgpu_events *e)
{
	if (!e)
		return;
	nl_socket_free(e->sk);
	free(e);
}

int openvgpu_events_fd(const struct openvgpu_events *e)
{
	return nl_socket_get_fd(e->sk);
}

int openvgpu_events_next(struct openvgpu_events *e, struct openvgpu_notice *notice,
			 struct openvgpu_error *err)
{
	_Alignas(struct nlmsghdr) char buf[BUFFER];
	struct sockaddr_nl from = { 0 };
	socklen_t len = sizeof(from);
	const struct nlmsghdr *msg = (const struct nlmsghdr *)(const void *)buf;
	ssize_t n;
	int ret;

	for (;;) {
		n = recvfrom(openvgpu_events_fd(e), buf, sizeof(buf), 0, (struct sockaddr *)&from,
			     &len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n < 0)
			return ovg_error(err, -errno, "netlink: %s", strerror(errno));
		/* only the kernel's; one message is one datagram */
		if (from.nl_pid || (size_t)n < NLMSG_HDRLEN || msg->nlmsg_len > (size_t)n ||
		    msg->nlmsg_type != e->family)
			continue;
		ret = ovg_nl_notice(notice, msg, err);
		if (ret)
			return ret;
	}
}
