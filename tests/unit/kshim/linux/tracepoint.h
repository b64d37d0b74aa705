/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A tracepoint only counts; the rest of its definition is not looked at. */
#include "../kshim.h"

#define TP_PROTO(...)		__VA_ARGS__
#define TP_ARGS(...)
#define TRACE_EVENT(name, proto, ...) \
	static inline void trace_##name(proto) { shim_traces++; }
