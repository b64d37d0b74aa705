// SPDX-License-Identifier: GPL-2.0-only
/* RPCs: reassembly, dispatch, answers, events, and answering badly on request. */
#include <linux/jiffies.h>
#include <linux/slab.h>
#include "fw.h"

static u8 *payload(struct sim_fw *fw)
{
	return fw->rpc + RPC_HEADER;
}

static u32 payload_len(struct sim_fw *fw)
{
	return fw->rpc_len - RPC_HEADER;
}

/* Sends a message of any length: what does not fit follows in continuations. */
static int send_all(struct sim_board *b, u8 *rpc, u32 len)
{
	u8 header[RPC_HEADER];
	u32 at, n = min_t(u32, len, RPC_MAX);
	int err;

	wr32(rpc + RPC_LENGTH, n);
	err = sim_q_send(b, rpc, n, true);
	for (at = n; at < len && !err; at += n) {
		u8 *rec = rpc + at - RPC_HEADER;

		/* The record's header goes over what was just sent. */
		n = min_t(u32, len - at, RPC_MAX - RPC_HEADER);
		memcpy(header, rpc, RPC_HEADER);
		wr32(header + RPC_LENGTH, n + RPC_HEADER);
		wr32(header + RPC_FUNCTION, FN_CONTINUATION);
		memcpy(rec, header, RPC_HEADER);
		err = sim_q_send(b, rec, n + RPC_HEADER, true);
	}
	return err == -EAGAIN ? 0 : err;
}

/* What the request in work is, for faults that are meant for it. */
static u32 occasion_of(struct sim_fw *fw)
{
	u32 fn = rd32(fw->rpc + RPC_FUNCTION);

	if (fn == FN_RM_CONTROL && payload_len(fw) >= CTRL_CMD + 4)
		return rd32(payload(fw) + CTRL_CMD);
	return SIM_KEY_RPC(fn);
}

static int answer(struct sim_board *b, u32 result)
{
	struct sim_fw *fw = b->fw;
	u32 key = occasion_of(fw);

	wr32(fw->rpc + RPC_RESULT, result);
	wr32(fw->rpc + RPC_RESULT_PRIVATE, result);
	if (sim_fault_hit(b, SIM_F_rpc_lost, key)) {
		sim_count(b, fault_rpc_lost);
		return 0;
	}
	if (sim_fault_hit(b, SIM_F_rpc_error, key)) {
		sim_count(b, fault_rpc_error);
		wr32(fw->rpc + RPC_RESULT, NV_GENERIC);
	}
	if (sim_fault_hit(b, SIM_F_rpc_garbage, key)) {
		int err = sim_q_send_garbage(b);

		sim_count(b, fault_rpc_garbage);
		return err == -EAGAIN ? 0 : err;
	}
	if (sim_fault_hit(b, SIM_F_rpc_late, key)) {
		fw->late = kvmalloc(fw->rpc_len, GFP_KERNEL);
		if (fw->late) {
			sim_count(b, fault_rpc_late);
			memcpy(fw->late, fw->rpc, fw->rpc_len);
			fw->late_len = fw->rpc_len;
			fw->late_at = jiffies + msecs_to_jiffies(READ_ONCE(b->late_ms));
			return 0;
		}
	}
	sim_count(b, fw_answers);
	return send_all(b, fw->rpc, fw->rpc_len);
}

/**
 * sim_rpc_late - the answer that is held back
 * @b: board
 *
 * Return: 1 while it is held back (the firmware does nothing else meanwhile), 0
 * if there is none.
 */
int sim_rpc_late(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	int err;

	if (!fw->late)
		return 0;
	if (time_before(jiffies, fw->late_at))
		return 1;
	sim_count(b, fw_answers);
	err = send_all(b, fw->late, fw->late_len);
	kvfree(fw->late);
	fw->late = NULL;
	fw->more = true;
	return err;
}

int sim_rpc_event(struct sim_board *b, u32 function, const u8 *data, u32 len)
{
	u8 *rpc = kzalloc(RPC_HEADER + len, GFP_KERNEL);
	int err;

	if (!rpc)
		return 0;
	wr32(rpc + RPC_VERSION, RPC_VERSION_3);
	wr32(rpc + RPC_SIGNATURE, RPC_SIGNATURE_VRPC);
	wr32(rpc + RPC_LENGTH, RPC_HEADER + len);
	wr32(rpc + RPC_FUNCTION, function);
	if (data)
		memcpy(rpc + RPC_HEADER, data, len);
	err = sim_q_send(b, rpc, RPC_HEADER + len, false);
	if (!err)
		sim_count(b, fw_events);
	kfree(rpc);
	return err == -EAGAIN ? 0 : err;
}

/* ---------------------------------------------------------------- dispatch */

static int dispatch(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	u32 result = RPC_OK;

	switch (rd32(fw->rpc + RPC_FUNCTION)) {
	case FN_SET_REGISTRY:
		sim_set_registry(b, payload(fw), payload_len(fw));
		return 0;
	case FN_SET_SYSTEM_INFO:
		sim_set_system_info(b, payload(fw), payload_len(fw));
		return 0;
	case FN_RM_ALLOC:
		result = sim_rm_alloc(b, payload(fw), payload_len(fw));
		break;
	case FN_FREE:
		result = sim_rm_free(b, payload(fw), payload_len(fw));
		break;
	case FN_RM_CONTROL:
		result = sim_ctrl(b, payload(fw), payload_len(fw));
		break;
	case FN_UNLOADING:
		if (payload_len(fw) < UNLOAD_SIZE) {
			sim_count(b, refused_payload);
			result = RPC_INVALID_FORMAT;
		} else if (fw->nvgpus) {
			sim_count(b, refused_unload_in_use);
			result = NV_STATE_IN_USE;
		} else {
			fw->unload = true;
		}
		break;
	default:
		sim_count(b, refused_function);
		result = RPC_UNKNOWN_FUNCTION;
	}
	sim_count(b, fw_requests);
	return answer(b, result);
}

/* Length of the whole request whose first record is in fw->in. */
static u32 declared_len(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	u8 *rpc = fw->in + EL_HEADER, *p = rpc + RPC_HEADER;
	u32 len = rd32(rpc + RPC_LENGTH), header, params;

	switch (rd32(rpc + RPC_FUNCTION)) {
	case FN_RM_CONTROL:
		header = b->lay->ctrl_header;
		params = CTRL_PARAMS_SIZE;
		break;
	case FN_RM_ALLOC:
		header = ALLOC_HEADER;
		params = ALLOC_PARAMS_SIZE;
		break;
	default:
		return len;
	}
	/* Only a record that is as long as can be is followed by others. */
	if (len != RPC_MAX || rd32(p + params) > SIM_MAX_LARGE)
		return len;
	return max(len, RPC_HEADER + header + rd32(p + params));
}

/* Return: true if a whole request is in fw->rpc. */
static bool assemble(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	u8 *rpc = fw->in + EL_HEADER;
	u32 len = rd32(rpc + RPC_LENGTH), total;

	if (rd32(rpc + RPC_FUNCTION) == FN_CONTINUATION) {
		if (!fw->large || len - RPC_HEADER > fw->large_len - fw->large_have) {
			sim_count(b, refused_continuation);
			return false;
		}
		sim_count(b, fw_continuations);
		memcpy(fw->large + fw->large_have, rpc + RPC_HEADER, len - RPC_HEADER);
		fw->large_have += len - RPC_HEADER;
		if (fw->large_have < fw->large_len)
			return false;
		fw->rpc = fw->large;
		fw->rpc_len = fw->large_len;
		return true;
	}
	if (fw->large) {	/* records missing */
		sim_count(b, refused_continuation);
		kvfree(fw->large);
		fw->large = NULL;
	}
	total = declared_len(b);
	if (total == len) {
		fw->rpc = rpc;
		fw->rpc_len = len;
		return true;
	}
	fw->large = kvzalloc(total, GFP_KERNEL);
	if (fw->large) {
		memcpy(fw->large, rpc, len);
		fw->large_have = len;
		fw->large_len = total;
	}
	return false;
}

/* Requests that the firmware takes before it says that it is up. */
static bool early(struct sim_fw *fw)
{
	u32 fn = rd32(fw->in + EL_HEADER + RPC_FUNCTION);

	return fn == FN_SET_REGISTRY || fn == FN_SET_SYSTEM_INFO;
}

/**
 * sim_rpc_take - take one message and do what it says
 * @b: board
 *
 * Return: 1 if there was a message, 0 if not, negative if the queues are gone.
 */
int sim_rpc_take(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;
	int ret = sim_q_receive(b);

	if (ret <= 0)
		return ret;
	if (!fw->init_done && !early(fw)) {
		ret = sim_fw_up(b);
		if (ret)
			return ret;
	}
	if (!assemble(b))
		return 1;
	if (sim_fault_hit(b, SIM_F_fw_hang, occasion_of(fw))) {
		sim_count(b, fault_fw_hang);
		fw->state = FW_HUNG;
		fw->rpc = NULL;
		return 0;
	}
	ret = dispatch(b);
	if (fw->rpc == fw->large) {
		kvfree(fw->large);
		fw->large = NULL;
	}
	fw->rpc = NULL;
	return ret ?: 1;
}

void sim_rpc_forget(struct sim_board *b)
{
	struct sim_fw *fw = b->fw;

	kvfree(fw->late);
	fw->late = NULL;
	kvfree(fw->large);
	fw->large = NULL;
	fw->nevents = 0;
}
