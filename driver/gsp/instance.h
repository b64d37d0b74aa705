/* SPDX-License-Identifier: GPL-2.0-only */
/* A vGPU as the provider sees it, and the steps of its life. */
#ifndef OVG_GSP_INSTANCE_H
#define OVG_GSP_INSTANCE_H

#include <linux/completion.h>
#include <linux/workqueue.h>

#include "bootload.h"
#include "plugin.h"
#include "rm.h"

/* More than there are kinds of news: see push_news(). */
#define GSP_NEWS	16

/**
 * enum gsp_instance_state - what the provider expects of a vGPU's plugin
 * @GSP_OFF: nothing; not started, or firmware has let go of it
 * @GSP_BOOTING: BOOTLOADED; who starts it waits and sees to a crash
 * @GSP_RUNNING: no CRASHED and no UNLOADED, which are told to the core
 * @GSP_RESETTING: as running, but who resets it sees to a crash
 * @GSP_STOPPING: whatever it says is no news
 */
enum gsp_instance_state {
	GSP_OFF,
	GSP_BOOTING,
	GSP_RUNNING,
	GSP_RESETTING,
	GSP_STOPPING,
};

/* Something that happened inside a vGPU, for &ovg_provider_events.instance_event. */
struct gsp_news {
	enum ovg_instance_event what;
	u32 value;
};

/**
 * struct ovg_instance - firmware's side of a vGPU
 * @p: provider
 * @boot: what it is started with
 * @config: what its plugin is told
 * @rm: its RM client
 * @plugin: how to talk to its plugin
 * @event: BOOTLOADED or CRASHED came, or the firmware died; wakes whoever waits
 * @held: firmware may use the ranges of @boot. Only touched by the one op that
 *	the core runs on an instance at a time, as the next one
 * @unsure: if @held: nobody knows whether BOOTLOAD had an effect
 * @state: under &ovg_provider.inst_lock, as all below
 * @booted: BOOTLOADED came
 * @gone: why the plugin cannot answer any more, NULL if it can
 * @told: @died was queued
 * @odd: a notification that is not known was noted
 * @died: tells the core; on &ovg_provider.wq
 * @died_why: its text, written before @died is queued
 * @deliver: tells the core of @news and @usage; on &ovg_provider.wq
 * @news: in the order they came
 * @num_news: how many
 * @usage: newest figure
 * @usage_new: the core has not seen it
 *
 * Lifetime: from open() to close(). Events find it through
 * &ovg_provider.inst under inst_lock; close() takes it out of there first and
 * then waits for @died and @deliver, so that nobody has a pointer when the
 * mapping of the plugin goes and the rest is freed. log() is the core's to keep
 * inside that time.
 */
struct ovg_instance {
	struct ovg_provider *p;
	struct gsp_bootload boot;
	struct gsp_config config;
	struct gsp_rm rm;
	struct gsp_plugin plugin;
	struct completion event;
	bool held;
	bool unsure;

	enum gsp_instance_state state;
	bool booted;
	const char *gone;
	bool told;
	bool odd;
	struct work_struct died;
	char died_why[OVG_WHY_MAX];
	struct work_struct deliver;
	struct gsp_news news[GSP_NEWS];
	u32 num_news;
	struct ovg_usage usage;
	bool usage_new;
};

/* vgpu.c; under &ovg_provider.inst_lock */
void gsp_instance_set(struct ovg_instance *inst, enum gsp_instance_state state);

/* events.c */
void gsp_instance_tell_died(struct work_struct *work);
void gsp_instance_deliver(struct work_struct *work);

/* scrub.c */
int gsp_scrub(struct ovg_provider *p, u64 addr, u64 len, char *why);

#endif
