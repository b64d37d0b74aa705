// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl monitor, top: what happens, and who uses how much. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/openvgpu-netlink.h"
#include "vgpuctl.h"

#define NAMED(v)	(*(v) ? (v) : "-")

static bool of_vgpu(const struct openvgpu_notice *n)
{
	return n->kind >= OPENVGPU_NOTICE_VGPU_CREATED;
}

static json_object *vgpu_object(const char *gpu, const struct openvgpu_vgpu *v)
{
	json_object *obj = json_object_new_object();

	json_add_string(obj, "gpu", gpu);
	json_add_string(obj, "vf", *v->vf ? v->vf : NULL);
	json_add_string(obj, "uuid", *v->uuid ? v->uuid : NULL);
	json_add_uint(obj, "type", v->type);
	json_add_string(obj, "name", v->name);
	json_add_string(obj, "state", v->state);
	return vgpu_details(obj, v);
}

static void print_notice(const struct openvgpu_notice *n, bool json)
{
	const struct openvgpu_vgpu *v = &n->vgpu;
	const char *name = openvgpu_notice_name(n->kind);
	json_object *obj;

	if (json) {
		obj = json_object_new_object();
		json_add_string(obj, "event", name);
		json_add_string(obj, "gpu", n->gpu);
		json_add_string(obj, "status", *n->status ? n->status : NULL);
		json_add_uint(obj, "framebuffer_bytes", n->framebuffer);
		json_add_uint(obj, "framebuffer_used_bytes", n->framebuffer_used);
		json_object_object_add(obj, "vgpu", of_vgpu(n) ? vgpu_object(n->gpu, v) : NULL);
		puts(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PLAIN |
						    JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(obj);
	} else if (of_vgpu(n)) {
		printf("%-12s %s %s %s %s %s\n", name, n->gpu, NAMED(v->vf), NAMED(v->uuid),
		       short_name(v->name), v->state);
	} else if (n->kind == OPENVGPU_NOTICE_CAPACITY) {
		printf("%-12s %s %" PRIu64 " of %" PRIu64 " MiB used\n", name, n->gpu,
		       n->framebuffer_used / OPENVGPU_MIB, n->framebuffer / OPENVGPU_MIB);
	} else {
		printf("%-12s %s %s\n", name, n->gpu, n->status);
	}
	/* whoever reads this waits for it */
	fflush(stdout);
}

static int count_option(const struct command *cmd, const char *text, uint64_t *count)
{
	*count = UINT64_MAX;
	if (text && (!parse_number(text, UINT32_MAX, count) || !*count))
		return usage_error(cmd, "'%s' is not a number from 1", text);
	return VGPUCTL_OK;
}

int cmd_monitor(const struct command *cmd, int argc, char **argv)
{
	const char *number = NULL;
	const struct option_def defs[] = {
		{ "count", 'n', "N", "end after so many events (default: never)", NULL, &number },
	};
	struct openvgpu_events *events;
	struct openvgpu_notice notice;
	struct common_options common;
	struct openvgpu_error err;
	int status, first, ret = 0;
	struct pollfd p;
	uint64_t left;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (first < argc)
		return usage_error(cmd, "takes no argument");
	if (count_option(cmd, number, &left))
		return VGPUCTL_USAGE;
	if (openvgpu_events_open(&events, &err))
		return fail("%s", err.text);
	p = (struct pollfd){ .fd = openvgpu_events_fd(events), .events = POLLIN };
	while (left && !ferror(stdout)) {
		ret = openvgpu_events_next(events, &notice, &err);
		if (ret == 1) {
			print_notice(&notice, common.json);
			left--;
		} else if (ret == -ENOBUFS) {
			remark("events were lost: 'vgpuctl list' shows how things are");
		} else if (ret < 0) {
			break;
		} else if (poll(&p, 1, -1) < 0 && errno != EINTR) {
			ret = -errno;
			snprintf(err.text, sizeof(err.text), "poll: %s", strerror(errno));
			break;
		}
	}
	openvgpu_events_close(events);
	return ret < 0 && ret != -ENOBUFS ? fail("%s", err.text) : VGPUCTL_OK;
}

/* ---- top ------------------------------------------------------------------------ */

static char *percent(uint64_t v)
{
	return v == OPENVGPU_UNKNOWN ? format("-") :
	       format("%" PRIu64 ".%" PRIu64, v / 100, v % 100 / 10);
}

static void top_row(struct table *table, const struct openvgpu_gpu *gpu,
		    const struct openvgpu_vgpu *v)
{
	char *cells[] = {
		format("%s", gpu->address), format("%s", v->handle ? v->uuid : v->vf),
		format("%s", short_name(v->name)), format("%s", NAMED(v->vm_name)),
		v->pid == OPENVGPU_UNKNOWN ? format("-") : format("%" PRIu64, v->pid),
		format("%s", v->state), percent(v->graphics), percent(v->memory),
		percent(v->encoder), percent(v->decoder),
		v->fb_size == OPENVGPU_UNKNOWN ? format("-") : format_bytes(v->fb_size),
	};
	size_t i;

	table_row(table, (const char *const *)cells);
	for (i = 0; i < ARRAY_SIZE(cells); i++)
		free(cells[i]);
}

static void print_top(const struct openvgpu_host *h, bool json)
{
	static const char *const columns[] = { "GPU", "VGPU", "TYPE", "VM", ">PID", "STATE",
					       ">GPU%", ">MEM%", ">ENC%", ">DEC%",
					       ">FRAMEBUFFER" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	json_object *list = json_object_new_array(), *obj;
	size_t g, i, n = 0;

	for (g = 0; g < h->n_gpus; g++)
		for (i = 0; i < h->gpus[g].n_vgpus; i++, n++) {
			top_row(table, &h->gpus[g], &h->gpus[g].vgpus[i]);
			json_object_array_add(list, vgpu_object(h->gpus[g].address,
								&h->gpus[g].vgpus[i]));
		}
	if (json) {
		obj = json_object_new_object();
		json_object_object_add(obj, "vgpus", list);
		print_json(obj);
	} else {
		json_object_put(list);
		if (n)
			table_print(table, stdout);
		else
			puts("No vGPUs.");
	}
	table_free(table);
	fflush(stdout);
}

int cmd_top(const struct command *cmd, int argc, char **argv)
{
	const char *number = NULL, *delay = NULL;
	const struct option_def defs[] = {
		{ "count", 'n', "N", "show it so many times (default: until interrupted)", NULL,
		  &number },
		{ "delay", 'd', "SECONDS", "time between them (default: 1)", NULL, &delay },
	};
	struct common_options common;
	struct openvgpu_host host;
	struct openvgpu_nl *nl;
	struct openvgpu_error err;
	uint64_t left, seconds = 1;
	int status, first;
	bool screen;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (first < argc)
		return usage_error(cmd, "takes no argument");
	if (count_option(cmd, number, &left))
		return VGPUCTL_USAGE;
	if (delay && (!parse_number(delay, 3600, &seconds) || !seconds))
		return usage_error(cmd, "'%s' is not a number of seconds from 1 to 3600", delay);
	if (openvgpu_nl_open(&nl, &err))
		return fail("%s", err.text);
	screen = isatty(STDOUT_FILENO) && !common.json && left > 1;
	for (;;) {
		if (openvgpu_nl_read(nl, &host, NULL, &err)) {
			status = fail("%s", err.text);
			break;
		}
		if (screen)
			fputs("\033[H\033[J", stdout);
		print_top(&host, common.json);
		openvgpu_host_free(&host);
		if (!--left || ferror(stdout))
			break;
		if (!screen && !common.json)
			putchar('\n');
		sleep((unsigned int)seconds);
	}
	openvgpu_nl_close(nl);
	return status;
}
