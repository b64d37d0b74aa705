// SPDX-License-Identifier: GPL-2.0-only
#include <linux/mm.h>
#include <linux/slab.h>

#include "rm.h"
#include "trace.h"

/* Classes and the handles that nouveau uses for them */
#define NV01_ROOT		0x0
#define NV01_DEVICE_0		0x80
#define NV20_SUBDEVICE_0	0x2080
#define HANDLE_CLIENT		0xc1d00000
#define HANDLE_DEVICE		0xde1d0000
#define HANDLE_SUBDEVICE	0x5d1d0000

/* GSP_RM_ALLOC */
#define ALLOC_CLIENT		0
#define ALLOC_PARENT		4
#define ALLOC_OBJECT		8
#define ALLOC_CLASS		12
#define ALLOC_STATUS		16
#define ALLOC_PARAMS_SIZE	20
#define ALLOC_HDR		32u

/* GSP_RM_CONTROL; the rest of the header is flags and stays 0 */
#define CTRL_CLIENT		0
#define CTRL_OBJECT		4
#define CTRL_CMD		8
#define CTRL_STATUS		12
#define CTRL_PARAMS_SIZE	16

/* FREE */
#define FREE_ROOT		0
#define FREE_PARENT		4	/* 0, as nouveau: GSP finds the object by itself */
#define FREE_OBJECT		8
#define FREE_STATUS		12
#define FREE_LEN		16u

/* NV0000_ALLOC_PARAMETERS, NV0080_ALLOC_PARAMETERS, NV2080_ALLOC_PARAMETERS */
#define ROOT_CLIENT		0
#define ROOT_PROCESS_ID		4
#define ROOT_PROCESS_NAME	8
#define DEVICE_CLIENT_SHARE	4
#define DEVICE_PARAMS		56u
#define SUBDEVICE_PARAMS	4u

/*
 * Both results of a call: that of the RPC layer, and the status that RM left in
 * the payload, which is there only if the reply is long enough.
 */
static int check(struct gsp_queue *q, const char *what, u32 result, const void *payload, u32 got,
		 u32 status_at, u32 *status, char *why)
{
	u32 st = result;

	if (!st) {
		if (got < status_at + 4) {
			gsp_why(why, "reply to %s is only %u bytes", what, got);
			return -EPROTO;
		}
		st = le_get32(payload, status_at);
		*status = st;
	}
	if (!st)
		return 0;
	trace_gsp_refused(pci_name(q->pdev), what, st);
	gsp_why(why, "%s %s: %s (0x%x)", result ? "RPC failed," : "GSP refused", what,
		gsp_status_name(st), st);
	return gsp_status_errno(st);
}

/*
 * @status: as that of gsp_rm_control(): if it is %NV_OK after an error, nobody
 * knows whether the object exists.
 */
static int rm_alloc(struct gsp_rm *rm, u32 client, u32 parent, u32 object, u32 class,
		    const char *what, const void *params, u32 size, u32 *status, char *why)
{
	u32 got, result;
	u8 *msg;
	int err;

	*status = NV_OK;
	msg = kzalloc(ALLOC_HDR + size, GFP_KERNEL);
	if (!msg) {
		gsp_why(why, "no memory for %s", what);
		return -ENOMEM;
	}
	le_put32(msg, ALLOC_CLIENT, client);
	le_put32(msg, ALLOC_PARENT, parent);
	le_put32(msg, ALLOC_OBJECT, object);
	le_put32(msg, ALLOC_CLASS, class);
	le_put32(msg, ALLOC_PARAMS_SIZE, size);
	memcpy(msg + ALLOC_HDR, params, size);
	err = gsp_queue_call(rm->q, GSP_FN_RM_ALLOC, what, msg, ALLOC_HDR + size, &got, &result,
			     gsp_ms(&rm->q->to->command), why);
	if (!err)
		err = check(rm->q, what, result, msg, got, ALLOC_STATUS, status, why);
	kfree(msg);
	return err;
}

/* @in_doubt: perhaps it does not exist; then it is no error that it does not. */
static void rm_free(struct gsp_rm *rm, u32 client, u32 object, bool in_doubt)
{
	char why[OVG_WHY_MAX];
	u8 msg[FREE_LEN] = { 0 };
	u32 got, result, status = NV_OK;
	int err;

	le_put32(msg, FREE_ROOT, client);
	le_put32(msg, FREE_OBJECT, object);
	err = gsp_queue_call(rm->q, GSP_FN_FREE, "FREE", msg, sizeof(msg), &got, &result,
			     gsp_ms(&rm->q->to->command), why);
	if (!err)
		err = check(rm->q, "FREE", result, msg, got, FREE_STATUS, &status, why);
	/* With dead firmware the objects are gone anyway. */
	if (!err || err == -ENODEV)
		return;
	if (in_doubt && (status == NV_ERR_OBJECT_NOT_FOUND || status == NV_ERR_INVALID_CLIENT))
		return;
	gsp_queue_free_error(rm->q);
	pci_warn(rm->q->pdev, "object 0x%x of client 0x%x not freed: %s\n", object, client, why);
}

static int alloc_client(struct gsp_rm *rm, u32 h, u32 *status, char *why)
{
	u8 p[128] = { 0 };

	if (WARN_ON(rm->abi->root_params > sizeof(p)))
		return -EINVAL;
	le_put32(p, ROOT_CLIENT, h);
	le_put32(p, ROOT_PROCESS_ID, 0xffffffff);	/* the kernel */
	memcpy(p + ROOT_PROCESS_NAME, "openvgpu", sizeof("openvgpu"));
	return rm_alloc(rm, h, h, h, NV01_ROOT, "client", p, rm->abi->root_params, status, why);
}

/**
 * gsp_rm_open() - make a client, a device and a subdevice
 * @rm: filled in
 * @q: queue
 * @abi: firmware branch
 * @id: number of the client, unique while it lives: 0 for the GPU's own, the gfid
 *	for that of a vGPU
 * @why: cause of an error; nothing is left then
 *
 * The handle of a client is made of @id alone, so that one which was left behind,
 * because a FREE was lost, stands in the way of its successor and is freed then.
 */
int gsp_rm_open(struct gsp_rm *rm, struct gsp_queue *q, const struct gsp_abi *abi, u16 id,
		char *why)
{
	u32 h = HANDLE_CLIENT | id;
	u8 p[DEVICE_PARAMS] = { 0 };
	u32 status;
	int err;

	memset(rm, 0, sizeof(*rm));
	rm->q = q;
	rm->abi = abi;

	err = alloc_client(rm, h, &status, why);
	if (status == NV_ERR_INSERT_DUPLICATE_NAME) {
		rm_free(rm, h, h, true);
		err = alloc_client(rm, h, &status, why);
	}
	if (err) {
		if (!status && err != -ENOMEM && err != -EINVAL)
			rm_free(rm, h, h, true);
		return err;
	}
	rm->client = h;

	le_put32(p, DEVICE_CLIENT_SHARE, h);
	err = rm_alloc(rm, h, h, HANDLE_DEVICE, NV01_DEVICE_0, "device", p, DEVICE_PARAMS,
		       &status, why);
	if (err)
		goto fail;
	rm->device = HANDLE_DEVICE;

	memset(p, 0, sizeof(p));
	err = rm_alloc(rm, h, rm->device, HANDLE_SUBDEVICE, NV20_SUBDEVICE_0, "subdevice", p,
		       SUBDEVICE_PARAMS, &status, why);
	if (err)
		goto fail;
	rm->subdevice = HANDLE_SUBDEVICE;
	return 0;
fail:
	/* What is in doubt goes with its client. */
	gsp_rm_close(rm);
	return err;
}

void gsp_rm_close(struct gsp_rm *rm)
{
	if (rm->subdevice)
		rm_free(rm, rm->client, rm->subdevice, false);
	if (rm->device)
		rm_free(rm, rm->client, rm->device, false);
	if (rm->client)
		rm_free(rm, rm->client, rm->client, false);
	rm->subdevice = 0;
	rm->device = 0;
	rm->client = 0;
}

/**
 * gsp_rm_control() - run a control on the subdevice
 * @rm: client
 * @cmd: control number
 * @what: its name for messages
 * @params: parameters, in and out
 * @size: bytes of them
 * @status: status with which RM itself refused, %NV_OK if it did not: then an
 *	error does not mean that the control had no effect; may be NULL
 * @why: cause of an error
 *
 * Return: 0, the errno of the status, or an error of gsp_queue_call().
 */
int gsp_rm_control(struct gsp_rm *rm, u32 cmd, const char *what, void *params, u32 size,
		   u32 *status, char *why)
{
	u32 hdr = rm->abi->control_hdr;
	u32 got, result, st = NV_OK;
	u8 *msg;
	int err;

	if (status)
		*status = NV_OK;
	msg = kvzalloc(hdr + size, GFP_KERNEL);
	if (!msg) {
		gsp_why(why, "no memory for %s", what);
		return -ENOMEM;
	}
	le_put32(msg, CTRL_CLIENT, rm->client);
	le_put32(msg, CTRL_OBJECT, rm->subdevice);
	le_put32(msg, CTRL_CMD, cmd);
	le_put32(msg, CTRL_PARAMS_SIZE, size);
	memcpy(msg + hdr, params, size);
	err = gsp_queue_call(rm->q, GSP_FN_RM_CONTROL, what, msg, hdr + size, &got, &result,
			     gsp_ms(&rm->q->to->command), why);
	if (!err)
		err = check(rm->q, what, result, msg, got, CTRL_STATUS, &st, why);
	if (status)
		*status = st;
	if (!err && got < hdr + size) {
		gsp_why(why, "reply to %s is %u bytes, not %u", what, got, hdr + size);
		err = -EPROTO;
	}
	if (!err)
		memcpy(params, msg + hdr, size);
	kvfree(msg);
	return err;
}
