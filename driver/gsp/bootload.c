// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
#include "bootload.h"
#include "le.h"

/* The first seven fields have not moved since 535. */
#define BL_DBDF			0
#define BL_GFID			4
#define BL_TYPE			8
#define BL_PID			12
#define BL_SWIZZ		16
#define BL_CHANNELS		20
#define BL_PLUGIN_CHANNELS	24

/**
 * gsp_param_on() - does a vgpu_params string turn something on?
 * @params: "key=value", joined by commas
 * @key: what
 *
 * Return: true if it is there and its value, the last one, is anything but 0.
 */
bool gsp_param_on(const char *params, const char *key)
{
	size_t len = strlen(key);
	bool on = false;

	while (*params) {
		if (!strncmp(params, key, len) && params[len] == '=')
			on = params[len + 1] != '0' ||
			     (params[len + 2] && params[len + 2] != ',');
		params = strchr(params, ',');
		if (!params)
			break;
		params++;
	}
	return on;
}

static void put_log(void *params, u16 at, u64 addr, u64 len)
{
	le_put64(params, at, addr);
	le_put64(params, at + 8u, len);
}

/**
 * gsp_bootload_fill() - write the BOOTLOAD parameters of a branch
 * @abi: branch
 * @b: the vGPU
 * @segment: VMMU segment size
 * @engines: NV2080_ENGINE_TYPE of every engine of the board
 * @num_engines: how many
 * @params: zeroed buffer of @abi->boot.size bytes
 *
 * Return: NULL, or what is wrong with @b. NVIDIA's host makes the same checks
 * before it sends the command, and firmware is not known to repeat them. The heap for
 * MIG (migRmHeapMemory*) stays 0 as there: nothing published fills it in.
 */
const char *gsp_bootload_fill(const struct gsp_abi *abi, const struct gsp_bootload *b,
			      u64 segment, const u32 *engines, u32 num_engines,
			      void *params)
{
	const struct gsp_bootload_layout *l = &abi->boot;
	u32 i;

	if (!b->gfid)
		return "gfid 0 is the PF";
	if (!b->fb_len || !segment || b->fb_addr % segment || b->fb_len % segment)
		return "framebuffer is not made of VMMU segments";
	/* Strictly less: that is how the host driver compares a log's end. */
	if (b->heap_addr % 4096 || b->heap_len <= abi->plugin.comm_size)
		return "plugin heap is not aligned or too small";
	if (!b->channels)
		return "no channels";

	le_put32(params, BL_DBDF, b->dbdf);
	le_put32(params, BL_GFID, b->gfid);
	le_put32(params, BL_TYPE, b->type);
	le_put32(params, BL_PID, b->pid);
	le_put32(params, BL_SWIZZ, b->swizz);
	le_put32(params, BL_CHANNELS, b->channels);
	le_put32(params, BL_PLUGIN_CHANNELS, abi->plugin_channels);
	for (i = 0; i < num_engines; i++)
		if (engines[i] < l->engines)
			le_put32(params, l->chid_offset + 4u * engines[i], b->chid);
	le_put32(params, l->num_segments, 1);
	le_put64(params, l->segment_addr, b->fb_addr);
	le_put64(params, l->segment_len, b->fb_len);
	le_put64(params, l->heap_addr, b->heap_addr);
	le_put64(params, l->heap_len, b->heap_len);
	/* Logs are absolute framebuffer addresses, ctrl is relative to the heap. */
	le_put64(params, l->ctrl_offset, GSP_HEAP_CTRL);
	put_log(params, l->init_log, b->heap_addr + GSP_HEAP_INIT_LOG, GSP_HEAP_INIT_LOG_LEN);
	put_log(params, l->task_log, b->heap_addr + GSP_HEAP_TASK_LOG, GSP_HEAP_TASK_LOG_LEN);
	if (l->kernel_log)
		put_log(params, l->kernel_log, b->heap_addr + GSP_HEAP_KERNEL_LOG,
			GSP_HEAP_KERNEL_LOG_LEN);
	((u8 *)params)[l->profiling] = b->profiling;
	return NULL;
}

/* As captured on a KVM host by NVIDIA's RFC; what the numbers mean is not public. */
#define CONFIG_HYPERVISOR	4

/**
 * gsp_config_fill() - write the message SETUP_CONFIG_PARAMS_AND_INIT of a branch
 * @abi: branch
 * @b: the vGPU as it was given to BOOTLOAD
 * @c: the rest
 * @msg: zeroed buffer of @abi->plugin.config_size bytes
 *
 * What is not written is 0: the VF of a driver VM, VMM capabilities, migration
 * (we have none), console, interrupt optimisation.
 */
void gsp_config_fill(const struct gsp_abi *abi, const struct gsp_bootload *b,
		     const struct gsp_config *c, void *msg)
{
	const struct gsp_plugin_layout *l = &abi->plugin;
	u8 *m = msg;

	memcpy(m + l->cfg_uuid, c->uuid, sizeof(c->uuid));
	le_put32(m, l->cfg_dbdf, b->dbdf);
	le_put32(m, l->cfg_client, c->client);
	le_put32(m, l->cfg_type, b->type);
	le_put32(m, l->cfg_pid, b->pid);
	le_put32(m, l->cfg_swizz, b->swizz);
	le_put32(m, l->cfg_channels, b->channels);
	le_put32(m, l->cfg_plugin_channels, abi->plugin_channels);
	le_put32(m, l->cfg_hypervisor, CONFIG_HYPERVISOR);
	le_put32(m, l->cfg_cpu_arch, c->cpu_arch);
	le_put64(m, l->cfg_page_size, c->page_size);
	m[l->cfg_uvm] = c->uvm;
	m[l->cfg_non_stall_events] = 1;
	if (l->cfg_placement) {
		m[l->cfg_placement] = (u8)c->placement;
		m[l->cfg_placement + 1] = (u8)(c->placement >> 8);
	}
}
