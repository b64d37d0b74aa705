// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an administrator sets for a GPU: placement mode, MIG, GPU instances, scheduler.
 *
 * Whoever changes one of them holds the mutex @settings from the check to the result,
 * over the provider's op as well, and @lock only at both ends. What was checked is still
 * true at the end:
 *
 *   mode, MIG, table of instances	are changed by the holder of @settings alone
 *   a GPU without vGPUs		keeps out new ones while @setting is set
 *   a GPU instance without vGPUs	has left the table before it is destroyed
 *   the provider			is replaced by a restart, which takes @settings
 *
 * The firmware may die meanwhile. Then nothing has changed here, whatever it had done, and
 * the next firmware gets what the tables say: ovg_gpu_settings_restore().
 */
#include <linux/slab.h>
#include "core.h"

static int unusable(struct ovg_gpu *gpu)
{
	char why[OVG_WHY_MAX];
	int ret = ovg_gpu_refused(gpu, why);

	if (ret)
		ovg_refuse(gpu, NULL, "%s", why);
	return ret;
}

/* Returns 0 with both locks held, or an error with none. */
static int begin(struct ovg_gpu *gpu)
{
	int ret;

	/* First without waiting: a restart holds the mutex while firmware boots. */
	mutex_lock(&gpu->lock);
	ret = unusable(gpu);
	mutex_unlock(&gpu->lock);
	if (ret)
		return ret;
	mutex_lock(&gpu->settings);
	mutex_lock(&gpu->lock);
	ret = unusable(gpu);
	if (ret) {
		mutex_unlock(&gpu->lock);
		mutex_unlock(&gpu->settings);
	}
	return ret;
}

static int end(struct ovg_gpu *gpu, int ret)
{
	if (!ret)
		gpu->last_error[0] = '\0';
	mutex_unlock(&gpu->lock);
	mutex_unlock(&gpu->settings);
	return ret;
}

/* Between begin() and end(): an op of the provider comes next, and nothing else. */
static void ask(struct ovg_gpu *gpu, bool empty)
{
	gpu->setting = empty;
	mutex_unlock(&gpu->lock);
}

/* The op has returned @ret. Firmware that is gone by now has done nothing. */
static int answered(struct ovg_gpu *gpu, const char *what, int ret,
		    const char *why)
{
	mutex_lock(&gpu->lock);
	gpu->setting = false;
	if (!ovg_gpu_usable(gpu)) {
		unusable(gpu);
		ret = -ENODEV;
	} else if (ret) {
		ovg_refuse(gpu, NULL, "%s: %.95s; try again, or reset the GPU", what,
			   why[0] ? why : "the firmware refuses");
	}
	ovg_count(gpu, ret ? OVG_CNT_SETTING_FAILURES : OVG_CNT_SETTINGS);
	return ret;
}

static int refuse_vgpus(struct ovg_gpu *gpu, const char *what)
{
	u32 i, used = 0, kept = 0;

	for (i = 0; i < OVG_MAX_VGPUS; i++) {
		used += gpu->pool.place[i].used;
		kept += gpu->pool.place[i].quarantined;
	}
	if (used > kept)
		ovg_refuse(gpu, NULL, "%s cannot change while vGPUs exist (%u): remove them first",
			   what, used - kept);
	else
		ovg_refuse(gpu, NULL, "%s cannot change: the firmware has not let go of %u vGPUs: reset the GPU",
			   what, kept);
	return -EBUSY;
}

static int set_mode(struct ovg_gpu *gpu, enum ovg_mode mode)
{
	char why[OVG_WHY_MAX] = "";
	int ret;

	if (mode == gpu->pool.mode)
		return 0;
	if (!gpu->info.mixed) {
		ovg_refuse(gpu, NULL, "firmware %s cannot mix sizes on this board: take one size",
			   gpu->info.firmware);
		return -EOPNOTSUPP;
	}
	if (gpu->pool.mig) {
		ovg_refuse(gpu, NULL, "sizes cannot be mixed while MIG is on: turn it off first");
		return -EINVAL;
	}
	if (!ovg_pool_empty(&gpu->pool))
		return refuse_vgpus(gpu, "placement mode");

	ask(gpu, true);
	ret = gpu->prov_ops->set_mixed(gpu->prov, mode == OVG_MODE_MIXED, why);
	ret = answered(gpu, "placement mode", ret, why);
	if (!ret)
		WARN_ON(ovg_pool_set_mode(&gpu->pool, mode));
	return ret;
}

/**
 * ovg_gpu_set_mode() - let sizes mix or not
 * @gpu: GPU
 * @mode: how
 *
 * Return: 0; -EOPNOTSUPP if the firmware cannot, -EINVAL with MIG on, -EBUSY with a
 * vGPU, -ENODEV without firmware, or what the firmware says.
 */
int ovg_gpu_set_mode(struct ovg_gpu *gpu, enum ovg_mode mode)
{
	int ret = begin(gpu);

	if (ret)
		return ret;
	ret = set_mode(gpu, mode);
	ovg_gpu_update(gpu);
	return end(gpu, ret);
}

static int set_mig(struct ovg_gpu *gpu, bool on)
{
	char why[OVG_WHY_MAX] = "";
	u32 i, instances = 0;
	int ret;

	if (on == gpu->pool.mig)
		return 0;
	if (!gpu->info.mig_limit || !gpu->info.gi_slices) {
		ovg_refuse(gpu, NULL, "this board has no MIG with firmware %s: take types without",
			   gpu->info.firmware);
		return -EOPNOTSUPP;
	}
	if (!ovg_pool_empty(&gpu->pool))
		return refuse_vgpus(gpu, "MIG");
	for (i = 0; i < OVG_MAX_GIS; i++)
		instances += gpu->pool.gi[i].used;
	if (instances) {
		ovg_refuse(gpu, NULL, "MIG stays on while GPU instances exist (%u): destroy them first",
			   instances);
		return -EBUSY;
	}
	if (gpu->pool.mode == OVG_MODE_MIXED) {
		ovg_refuse(gpu, NULL, "MIG is not for mixed sizes: set placement_mode to equal first");
		return -EINVAL;
	}

	ask(gpu, true);
	ret = gpu->prov_ops->set_mig(gpu->prov, on, why);
	ret = answered(gpu, "MIG", ret, why);
	if (!ret)
		WARN_ON(ovg_pool_set_mig(&gpu->pool, on));
	return ret;
}

/**
 * ovg_gpu_set_mig() - divide a GPU into GPU instances or not
 * @gpu: GPU
 * @on: divide it
 *
 * Return: 0; -EOPNOTSUPP without MIG, -EBUSY with a vGPU or a GPU instance, -EINVAL
 * while sizes may mix, -ENODEV without firmware, or what the firmware says.
 */
int ovg_gpu_set_mig(struct ovg_gpu *gpu, bool on)
{
	int ret = begin(gpu);

	if (ret)
		return ret;
	ret = set_mig(gpu, on);
	ovg_gpu_update(gpu);
	return end(gpu, ret);
}

static bool same_scheduler(const struct ovg_scheduler *a,
			   const struct ovg_scheduler *b)
{
	return a->policy == b->policy && a->timeslice_us == b->timeslice_us;
}

/**
 * ovg_gpu_scheduler_pending() - is what was set not yet what the firmware has?
 * @gpu: GPU, locked
 *
 * Return: true if so.
 */
bool ovg_gpu_scheduler_pending(struct ovg_gpu *gpu)
{
	lockdep_assert_held(&gpu->lock);
	return !same_scheduler(&gpu->scheduler, &gpu->scheduler_now);
}

/* Firmware with MIG on has another scheduler and takes no command for this one. */
static int set_scheduler(struct ovg_gpu *gpu, const struct ovg_scheduler *want)
{
	char why[OVG_WHY_MAX] = "";
	int ret;

	if (gpu->info.scheduler_live && !gpu->pool.mig &&
	    !same_scheduler(want, &gpu->scheduler_now)) {
		ask(gpu, false);
		ret = gpu->prov_ops->set_scheduler(gpu->prov, want, why);
		ret = answered(gpu, "scheduler", ret, why);
		if (ret)
			return ret;
		gpu->scheduler_now = *want;
	}
	gpu->scheduler = *want;
	return 0;
}

/**
 * ovg_gpu_set_policy() - how the time of the engines is shared
 * @gpu: GPU
 * @policy: how; best effort has no time slice, the others keep it
 *
 * At once if the firmware takes it while it runs, else when it is next started.
 *
 * Return: 0, -ENODEV without firmware, or what the firmware says.
 */
int ovg_gpu_set_policy(struct ovg_gpu *gpu, enum ovg_policy policy)
{
	struct ovg_scheduler want;
	int ret = begin(gpu);

	if (ret)
		return ret;
	want = gpu->scheduler;
	want.policy = policy;
	if (policy == OVG_POLICY_BEST_EFFORT)
		want.timeslice_us = 0;
	return end(gpu, set_scheduler(gpu, &want));
}

/**
 * ovg_gpu_set_timeslice() - for how long a vGPU has the engines
 * @gpu: GPU
 * @timeslice_us: in microseconds, 0 for the firmware's own choice
 *
 * Return: 0, -EINVAL for a value that firmware does not know or with best effort,
 * else as ovg_gpu_set_policy().
 */
int ovg_gpu_set_timeslice(struct ovg_gpu *gpu, u32 timeslice_us)
{
	struct ovg_scheduler want;
	int ret = begin(gpu);

	if (ret)
		return ret;
	want = gpu->scheduler;
	want.timeslice_us = timeslice_us;
	if (timeslice_us && (timeslice_us < OVG_TIMESLICE_MIN_US ||
			     timeslice_us > OVG_TIMESLICE_MAX_US)) {
		ovg_refuse(gpu, NULL, "time slice out of range: write 0 or %u to %u microseconds",
			   OVG_TIMESLICE_MIN_US, OVG_TIMESLICE_MAX_US);
		ret = -EINVAL;
	} else if (timeslice_us && want.policy == OVG_POLICY_BEST_EFFORT) {
		ovg_refuse(gpu, NULL, "best effort has no time slice: set the scheduler first");
		ret = -EINVAL;
	} else {
		ret = set_scheduler(gpu, &want);
	}
	return end(gpu, ret);
}

static bool profile_before(const struct ovg_gi_profile *a,
			   const struct ovg_gi_profile *b)
{
	if (a->memory != b->memory)
		return a->memory > b->memory;
	if (a->slices != b->slices)
		return a->slices > b->slices;
	return a->attr < b->attr;
}

/**
 * ovg_gpu_gi_profiles() - what GPU instances the types of this board need
 * @gpu: GPU, locked
 * @profiles: where they go, largest first
 *
 * Return: how many.
 */
u32 ovg_gpu_gi_profiles(struct ovg_gpu *gpu,
			struct ovg_gi_profile profiles[OVG_MAX_PROFILES])
{
	u32 i, j, at, count = 0;

	lockdep_assert_held(&gpu->lock);
	for (i = 0; i < gpu->nr_types; i++) {
		const struct ovg_gi_profile *p = &gpu->types[i].gi;

		if (!p->slices || count == OVG_MAX_PROFILES)
			continue;
		for (at = 0; at < count && profile_before(&profiles[at], p); at++)
			;
		if (at < count && ovg_gi_profile_equal(&profiles[at], p))
			continue;
		for (j = count++; j > at; j--)
			profiles[j] = profiles[j - 1];
		profiles[at] = *p;
	}
	return count;
}

/**
 * ovg_gi_profile_name() - for users
 * @gpu: GPU, locked
 * @profile: one of it
 * @name: where it goes, such as "1g.12gb+me"
 *
 * NVIDIA's names have the size of the largest type that such an instance can run.
 */
void ovg_gi_profile_name(struct ovg_gpu *gpu,
			 const struct ovg_gi_profile *profile,
			 char name[OVG_PROFILE_NAME_MAX])
{
	u64 bytes = 0;
	u32 i;

	lockdep_assert_held(&gpu->lock);
	for (i = 0; i < gpu->nr_types; i++)
		if (ovg_gi_profile_equal(&gpu->types[i].gi, profile))
			bytes = max(bytes, gpu->types[i].profile_bytes);
	scnprintf(name, OVG_PROFILE_NAME_MAX, "%ug.%llugb%s%s", profile->slices,
		  bytes >> 30, profile->attr & OVG_GI_MEDIA ? "+me" : "",
		  profile->attr & OVG_GI_GFX ? "+gfx" : "");
}

/**
 * ovg_gpu_gi_totals() - how many instances of each profile alone a GPU can have
 * @gpu: GPU, locked
 * @profiles: from ovg_gpu_gi_profiles()
 * @count: how many
 * @totals: where the numbers go
 *
 * Return: 0 or -ENOMEM.
 */
int ovg_gpu_gi_totals(struct ovg_gpu *gpu, const struct ovg_gi_profile *profiles,
		      u32 count, u32 totals[OVG_MAX_PROFILES])
{
	struct ovg_pool *pool;
	u32 i;
	int ret;

	lockdep_assert_held(&gpu->lock);
	memset(totals, 0, OVG_MAX_PROFILES * sizeof(*totals));
	if (!count)
		return 0;
	pool = kvmalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return -ENOMEM;
	ret = ovg_pool_init(pool, &gpu->pool.cfg);
	if (!ret)
		ret = ovg_pool_set_mig(pool, true);
	for (i = 0; !ret && i < count; i++)
		totals[i] = ovg_pool_gi_available(pool, &profiles[i]);
	kvfree(pool);
	/* Types that need MIG on a board without it: none of them can be had. */
	return 0;
}

static int find_profile(struct ovg_gpu *gpu, const char *name,
			struct ovg_gi_profile *out)
{
	struct ovg_gi_profile profiles[OVG_MAX_PROFILES];
	char its[OVG_PROFILE_NAME_MAX];
	u32 i, count = ovg_gpu_gi_profiles(gpu, profiles);

	for (i = 0; i < count; i++) {
		ovg_gi_profile_name(gpu, &profiles[i], its);
		if (!strcmp(name, its)) {
			*out = profiles[i];
			return 0;
		}
	}
	ovg_refuse(gpu, NULL, "\"%*pE\" is no GPU instance profile of this board: see gpu_instance_profiles",
		   (int)strnlen(name, OVG_PROFILE_NAME_MAX), name);
	return -EINVAL;
}

static void refuse_room(struct ovg_gpu *gpu, const struct ovg_gi_profile *p)
{
	char name[OVG_PROFILE_NAME_MAX];
	u32 i, slices = 0, memory = 0;

	for (i = 0; i < OVG_MAX_GIS; i++) {
		const struct ovg_gi *gi = &gpu->pool.gi[i];

		if (!gi->used)
			continue;
		slices += gi->profile.slices;
		memory += gi->profile.memory;
		if (p->attr & gi->profile.attr & OVG_GI_MEDIA) {
			ovg_refuse(gpu, NULL, "GPU instance %u has the media engines: destroy it first",
				   gi->id);
			return;
		}
	}
	ovg_gi_profile_name(gpu, p, name);
	ovg_refuse(gpu, NULL, "%s needs %u slices and %u eighths of the memory in one piece; %u of %u slices and %u eighths are taken: destroy another",
		   name, p->slices, p->memory, slices, gpu->info.gi_slices,
		   memory);
}

static int gi_create(struct ovg_gpu *gpu, const char *name, u32 *id)
{
	struct ovg_provider_gi made = { 0 };
	char why[OVG_WHY_MAX] = "", text[64];
	struct ovg_gi gi = { .used = true };
	int ret;

	if (!gpu->pool.mig) {
		ovg_refuse(gpu, NULL, "MIG is off, no GPU instances: turn it on first");
		return -EINVAL;
	}
	ret = find_profile(gpu, name, &gi.profile);
	if (ret)
		return ret;
	ret = ovg_pool_gi_fit(&gpu->pool, &gi.profile, &gi.start);
	if (ret) {
		refuse_room(gpu, &gi.profile);
		return ret;
	}
	snprintf(text, sizeof(text), "GPU instance %s", name);

	ask(gpu, false);
	ret = gpu->prov_ops->gi_create(gpu->prov, &gi.profile, gi.start, &made,
				       why);
	ret = answered(gpu, text, ret, why);
	if (ret)
		return ret;
	gi.id = made.id;
	gi.fb_base = made.fb_base;
	gi.fb_size = made.fb_size;
	ret = ovg_pool_gi_add(&gpu->pool, &gi);
	if (!ret) {
		*id = gi.id;
		return 0;
	}
	/* Two instances would share something: no vGPU may be in it. */
	pci_err(gpu->pf, "firmware has made an impossible GPU instance: %u at %llx+%llx\n",
		gi.id, gi.fb_base, gi.fb_size);
	ask(gpu, false);
	ret = gpu->prov_ops->gi_destroy(gpu->prov, made.id, why);
	answered(gpu, text, ret, why);
	ovg_refuse(gpu, NULL, "firmware has made an impossible GPU instance: reset the GPU");
	return -EIO;
}

/**
 * ovg_gpu_gi_create() - make a GPU instance
 * @gpu: GPU
 * @profile: its name, see ovg_gi_profile_name()
 * @id: where its number goes
 *
 * vGPUs in other instances may run.
 *
 * Return: 0; -EINVAL for an unknown name or with MIG off, -ENOSPC, -ENODEV without
 * firmware, or what the firmware says.
 */
int ovg_gpu_gi_create(struct ovg_gpu *gpu, const char *profile, u32 *id)
{
	int ret = begin(gpu);

	if (ret)
		return ret;
	ret = gi_create(gpu, profile, id);
	ovg_gpu_update(gpu);
	return end(gpu, ret);
}

static int gi_destroy(struct ovg_gpu *gpu, u32 id)
{
	const struct ovg_gi *gi = ovg_pool_gi(&gpu->pool, id);
	char why[OVG_WHY_MAX] = "", text[32];
	struct ovg_gi old;
	int ret;

	if (!gi) {
		ovg_refuse(gpu, NULL, "there is no GPU instance %u: see gpu_instances", id);
		return -ENOENT;
	}
	old = *gi;
	ret = ovg_pool_gi_del(&gpu->pool, id);
	if (ret) {
		ovg_refuse(gpu, NULL, "vGPUs exist in GPU instance %u (%u): remove them first", id,
			   ovg_pool_gi_vgpus(&gpu->pool, id));
		return ret;
	}
	/* From here on nothing is put into it. */
	ovg_gpu_update(gpu);
	snprintf(text, sizeof(text), "GPU instance %u", id);

	ask(gpu, false);
	ret = gpu->prov_ops->gi_destroy(gpu->prov, id, why);
	ret = answered(gpu, text, ret, why);
	if (ret)
		WARN_ON(ovg_pool_gi_add(&gpu->pool, &old));
	return ret;
}

/**
 * ovg_gpu_gi_destroy() - the end of a GPU instance
 * @gpu: GPU
 * @id: its number
 *
 * Return: 0; -ENOENT, -EBUSY with a vGPU in it, -ENODEV without firmware, or what the
 * firmware says.
 */
int ovg_gpu_gi_destroy(struct ovg_gpu *gpu, u32 id)
{
	int ret = begin(gpu);

	if (ret)
		return ret;
	ret = gi_destroy(gpu, id);
	ovg_gpu_update(gpu);
	return end(gpu, ret);
}

/* Places of vGPUs count on it to come out as it was, the number too. */
static int gi_restore(struct ovg_gpu *gpu, const struct ovg_gi *gi, char *why)
{
	struct ovg_provider_gi made = { 0 };
	char its[OVG_WHY_MAX] = "";
	int ret;

	ret = gpu->prov_ops->gi_create(gpu->prov, &gi->profile, gi->start, &made,
				       its);
	if (ret) {
		snprintf(why, OVG_WHY_MAX, "GPU instance %u cannot be made again: %.100s",
			 gi->id, its);
		return ret;
	}
	if (made.id != gi->id || made.fb_base != gi->fb_base ||
	    made.fb_size != gi->fb_size) {
		snprintf(why, OVG_WHY_MAX, "GPU instance %u at %llx+%llx was made again as %u at %llx+%llx",
			 gi->id, gi->fb_base, gi->fb_size, made.id,
			 made.fb_base, made.fb_size);
		return -EIO;
	}
	return 0;
}

/**
 * ovg_gpu_settings_restore() - make the settings anew in firmware just started
 * @gpu: GPU that is not ready, @settings held, @lock not
 * @why: reason for an error, %OVG_WHY_MAX bytes
 *
 * The scheduler was attach()'s. Mode, MIG and instances change under @settings only,
 * so they are read without @lock; vGPUs keep their places.
 *
 * Return: 0 or an error; what was made until then ends with detach().
 */
int ovg_gpu_settings_restore(struct ovg_gpu *gpu, char *why)
{
	const struct ovg_provider_ops *ops = gpu->prov_ops;
	char its[OVG_WHY_MAX] = "";
	int ret = 0;
	u32 i;

	lockdep_assert_held(&gpu->settings);
	if (gpu->pool.mode == OVG_MODE_MIXED) {
		ret = ops->set_mixed(gpu->prov, true, its);
		if (ret)
			snprintf(why, OVG_WHY_MAX, "sizes cannot be mixed again: %.100s",
				 its);
	} else if (gpu->pool.mig) {
		ret = ops->set_mig(gpu->prov, true, its);
		if (ret)
			snprintf(why, OVG_WHY_MAX, "MIG cannot be turned on again: %.100s",
				 its);
	}
	for (i = 0; !ret && i < OVG_MAX_GIS; i++)
		if (gpu->pool.gi[i].used)
			ret = gi_restore(gpu, &gpu->pool.gi[i], why);
	return ret;
}
