/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The two message queues between CPU and GSP: sending, the one reader, and the
 * matching of replies to commands. Knows no RM objects and no vGPUs.
 */
#ifndef OVG_GSP_QUEUE_H
#define OVG_GSP_QUEUE_H

#include <linux/bitmap.h>
#include <linux/completion.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pci.h>

#include "../core/provider.h"
#include "msgq.h"

/* Registers, PF BAR0 */
#define NV_PMC_BOOT_0			0x0
#define NV_PGSP_FALCON_MAILBOX0		0x110040
#define NV_PGSP_FALCON_MAILBOX1		0x110044
#define NV_PGSP_FALCON_CPUCTL		0x110100
#define  NV_PGSP_CPUCTL_HALTED		BIT(4)
#define  NV_PGSP_CPUCTL_STARTCPU	BIT(1)
#define NV_PGSP_QUEUE_HEAD		0x110c00
#define NV_PSEC2_FALCON_MAILBOX0	0x840040
#define NV_PSEC2_FALCON_MAILBOX1	0x840044

/* RPC functions */
#define GSP_FN_FREE			10
#define GSP_FN_UNLOADING_GUEST_DRIVER	47
#define GSP_FN_CONTINUATION_RECORD	71
#define GSP_FN_SET_SYSTEM_INFO		72
#define GSP_FN_SET_REGISTRY		73
#define GSP_FN_RM_CONTROL		76
#define GSP_FN_RM_ALLOC			103

/* Events */
#define GSP_EV_FIRST			0x1000
#define GSP_EV_INIT_DONE		0x1001
#define GSP_EV_RUN_CPU_SEQUENCER	0x1002
#define GSP_EV_POST_EVENT		0x1003
#define GSP_EV_GPUACCT_SAMPLES		0x1008
#define GSP_EV_LIBOS_PRINT		0x100c
#define GSP_EV_PLUGIN_TRIGGERED		0x100d
#define GSP_EV_VGPU_CONFIG		0x1010
#define GSP_EV_LOCKDOWN			0x101c
#define GSP_EV_NOCAT			0x1020

/* Room in the command queue, in ms: GSP reads on while a command is carried out. */
#define GSP_SPACE_MS			2000

/* A timeout of the core's, as it is now. */
static inline u32 gsp_ms(const u32 *timeout)
{
	u32 ms = READ_ONCE(*timeout);

	return ms ? ms : 1;
}

/* What the owner of a queue is told, by the reader. Must not send and wait. */
struct gsp_queue_client {
	void (*event)(void *ctx, u32 event, u32 result, const u8 *payload, u32 len);
	/* Once, from any task that notices; nothing can be sent any more. */
	void (*dead)(void *ctx, const char *why);
};

enum gsp_echo {
	GSP_ECHO_UNKNOWN,	/* no reply seen yet */
	GSP_ECHO_YES,		/* replies carry the RPC sequence of the command */
	GSP_ECHO_NO,		/* they do not: match by function, object and order */
};

/**
 * struct gsp_queue_stats - what happened so far
 * @sent: records put into the command queue
 * @received: good records taken from the status queue
 * @events: of these, events
 * @damaged: records skipped for a bad header, checksum or sequence
 * @lost: sequence numbers that never came
 * @late: replies to commands that had timed out
 * @stray: replies that nobody waited for
 * @timeouts: commands that timed out
 * @free_errors: RM objects that could not be freed
 */
struct gsp_queue_stats {
	u64 sent;
	u64 received;
	u64 events;
	u64 damaged;
	u64 lost;
	u64 late;
	u64 stray;
	u64 timeouts;
	u64 free_errors;
};

enum gsp_cmd_state {
	GSP_CMD_NONE,
	GSP_CMD_POSTED,		/* nobody answers it */
	GSP_CMD_WAITING,
	GSP_CMD_ANSWERED,
	GSP_CMD_TIMED_OUT,
	GSP_CMD_LATE,		/* answered after it had timed out */
	GSP_CMD_FAILED,		/* not sent, or the firmware died over it */
};

#define GSP_HISTORY	16

/**
 * struct gsp_history - one of the last commands, for whoever looks into a death
 * @what: its name
 * @function: RPC function
 * @key: RM command, class or object, see struct gsp_cmd
 * @seq: RPC sequence number
 * @len: bytes of payload
 * @state: what became of it
 * @result: rpc_result of the reply
 * @sent: when it was sent
 * @ended: when @state changed last
 */
struct gsp_history {
	char what[32];
	u32 function;
	u32 key;
	u32 seq;
	u32 len;
	enum gsp_cmd_state state;
	u32 result;
	ktime_t sent;
	ktime_t ended;
};

/**
 * struct gsp_queue - both queues of one GSP
 *
 * Lifetime: lives in struct ovg_provider. The shared pages are known to the
 * device from gsp_boot_start() on; gsp_queue_destroy() frees them only after
 * GSP has halted or bus mastering is off, and after the interrupt is freed, so
 * that neither side can touch them any more. A command is allocated by its
 * sender; it belongs to the sender until it times out and then to the queue
 * (@pending), because its reply may still come.
 *
 * Locks: @send_lock > @lock, @rx_lock > @lock. Only @send_lock is held while
 * waiting for firmware, namely for ring space, so that records of two messages
 * do not mix. @lock is a leaf.
 */
struct gsp_queue {
	struct pci_dev *pdev;
	void __iomem *bar0;
	const struct ovg_timeouts *to;
	const struct gsp_queue_client *client;
	void *ctx;

	/* page 0: page table; then command queue; then status queue */
	void *page[GSP_SHM_PAGES];
	dma_addr_t dma[GSP_SHM_PAGES];

	struct mutex send_lock;
	u8 *tx_buf;		/* one record; under send_lock, as the next two */
	u32 write_ptr;
	u32 tx_seq;

	struct mutex rx_lock;
	u8 *rx_buf;		/* one record; under rx_lock, as the next four */
	u32 read_ptr;
	u32 rx_seq;
	bool linked;
	u32 peer_rx_off;	/* valid once linked, read by senders */

	struct mutex lock;
	struct list_head pending;	/* all below under lock */
	struct gsp_cmd *partial;	/* reply that continues in further records */
	u32 rpc_seq;
	u32 abandoned;
	u32 timeouts_in_a_row;
	ktime_t quiet_since;	/* first command after the last record, 0 if none */
	enum gsp_echo echo;
	bool dead;
	char dead_why[OVG_WHY_MAX];
	struct gsp_queue_stats stats;
	struct gsp_history history[GSP_HISTORY];
	u32 history_next;

	DECLARE_BITMAP(seen_unknown, 256);
};

int gsp_queue_create(struct gsp_queue *q, struct pci_dev *pdev, void __iomem *bar0,
		     const struct ovg_timeouts *to, bool echoes,
		     const struct gsp_queue_client *client, void *ctx);
void gsp_queue_destroy(struct gsp_queue *q);
void gsp_queue_drain(struct gsp_queue *q);
void gsp_queue_fail(struct gsp_queue *q, const char *why);
bool gsp_queue_dead(struct gsp_queue *q, char *why);
int gsp_queue_post(struct gsp_queue *q, u32 function, const char *what, const void *payload,
		   u32 len, bool ring, char *why);
int gsp_queue_call(struct gsp_queue *q, u32 function, const char *what, void *payload,
		   u32 len, u32 *got, u32 *result, u32 timeout_ms, char *why);
void gsp_queue_free_error(struct gsp_queue *q);

/* Text of a cause into a @why buffer of the provider contract. */
#define gsp_why(why, ...)	scnprintf(why, OVG_WHY_MAX, __VA_ARGS__)

#endif
