/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints of the provider: every message to the firmware, every answer,
 * every event, and what becomes of each vGPU's plugin.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM openvgpu_gsp

#if !defined(OVG_GSP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define OVG_GSP_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>

/*
 * Arrays, not dynamic strings: how those are assigned differs between kernels.
 * @dev is the PF's name, @what a name for people.
 */

/* A message is put into the command queue; @key as in struct gsp_cmd. */
TRACE_EVENT(gsp_command,
	TP_PROTO(const char *dev, const char *what, u32 function, u32 key, u32 seq, u32 len),
	TP_ARGS(dev, what, function, key, seq, len),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__array(char, what, 32)
		__field(u32, function)
		__field(u32, key)
		__field(u32, seq)
		__field(u32, len)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		strscpy(__entry->what, what, 32);
		__entry->function = function;
		__entry->key = key;
		__entry->seq = seq;
		__entry->len = len;
	),
	TP_printk("%s %s function=%u key=0x%x seq=%u len=%u", __entry->dev, __entry->what,
		  __entry->function, __entry->key, __entry->seq, __entry->len)
);

/* How a command ended: @err of the transport, @result of the RPC layer. */
TRACE_EVENT(gsp_reply,
	TP_PROTO(const char *dev, const char *what, u32 function, u32 seq, int err, u32 result,
		 u32 len),
	TP_ARGS(dev, what, function, seq, err, result, len),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__array(char, what, 32)
		__field(u32, function)
		__field(u32, seq)
		__field(int, err)
		__field(u32, result)
		__field(u32, len)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		strscpy(__entry->what, what, 32);
		__entry->function = function;
		__entry->seq = seq;
		__entry->err = err;
		__entry->result = result;
		__entry->len = len;
	),
	TP_printk("%s %s function=%u seq=%u err=%d result=0x%x len=%u", __entry->dev,
		  __entry->what, __entry->function, __entry->seq, __entry->err, __entry->result,
		  __entry->len)
);

/* A reply came and says no: an RM status, or a result of the RPC layer. */
TRACE_EVENT(gsp_refused,
	TP_PROTO(const char *dev, const char *what, u32 status),
	TP_ARGS(dev, what, status),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__array(char, what, 32)
		__field(u32, status)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		strscpy(__entry->what, what, 32);
		__entry->status = status;
	),
	TP_printk("%s %s status=0x%x", __entry->dev, __entry->what, __entry->status)
);

/* A record that is no answer to anything that waits: late, or a stray. */
TRACE_EVENT(gsp_unmatched,
	TP_PROTO(const char *dev, u32 function, u32 seq, bool late),
	TP_ARGS(dev, function, seq, late),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__field(u32, function)
		__field(u32, seq)
		__field(bool, late)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		__entry->function = function;
		__entry->seq = seq;
		__entry->late = late;
	),
	TP_printk("%s function=%u seq=%u %s", __entry->dev, __entry->function, __entry->seq,
		  __entry->late ? "late" : "stray")
);

/* The firmware says something by itself. */
TRACE_EVENT(gsp_event,
	TP_PROTO(const char *dev, u32 event, u32 result, u32 len),
	TP_ARGS(dev, event, result, len),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__field(u32, event)
		__field(u32, result)
		__field(u32, len)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		__entry->event = event;
		__entry->result = result;
		__entry->len = len;
	),
	TP_printk("%s event=0x%x result=0x%x len=%u", __entry->dev, __entry->event,
		  __entry->result, __entry->len)
);

/* The firmware is given up. */
TRACE_EVENT(gsp_dead,
	TP_PROTO(const char *dev, const char *why),
	TP_ARGS(dev, why),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__array(char, why, 96)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		strscpy(__entry->why, why, 96);
	),
	TP_printk("%s %s", __entry->dev, __entry->why)
);

/* A vGPU: a change of state, an event of its plugin, a message to it. */
TRACE_EVENT(gsp_vgpu,
	TP_PROTO(const char *dev, u32 gfid, const char *what, u32 value),
	TP_ARGS(dev, gfid, what, value),
	TP_STRUCT__entry(
		__array(char, dev, 24)
		__field(u32, gfid)
		__array(char, what, 32)
		__field(u32, value)
	),
	TP_fast_assign(
		strscpy(__entry->dev, dev, 24);
		__entry->gfid = gfid;
		strscpy(__entry->what, what, 32);
		__entry->value = value;
	),
	TP_printk("%s gfid=%u %s value=0x%x", __entry->dev, __entry->gfid, __entry->what,
		  __entry->value)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
