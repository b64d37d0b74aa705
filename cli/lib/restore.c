// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Settings made in a GPU. The order is the driver's: firmware takes a scheduler at best
 * while MIG is off, MIG and mixed sizes exclude each other, both need a GPU without
 * vGPUs, GPU instances need MIG, and the mdev parent, whose registration starts the vGPUs
 * that are defined, comes after everything.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "netlink.h"
#include "sysfs.h"

/* "1g.5gb+me" is a 1g.5gb with the one media engine beside it. */
#define MEDIA	"+me"
/* There are no more places for instances than eighths of the memory. */
#define MAX_TRIES	8
/* A minute: five tries of the driver, 1, 2, 4 and 8 seconds apart. */
#define RESTART_POLLS	1200

/**
 * struct work - one GPU being restored
 * @sysfs: where sysfs is
 * @pf: directory of the GPU
 * @gpu: as it was at the beginning
 * @saved: what it shall be
 * @tell: gets what could not be done
 * @ctx: its argument
 * @first: error of what went wrong first, 0 if nothing has
 */
struct work {
	const char *sysfs;
	char pf[OVG_PATH_MAX];
	const struct openvgpu_gpu *gpu;
	const struct openvgpu_saved_gpu *saved;
	openvgpu_tell *tell;
	void *ctx;
	int first;
};

/* Text of the kernel's answer to a write: the driver's own words if these belong to it. */
static const char *reason(const char *pf, const char *file, int ret, bool refused, char buf[256])
{
	/* the PCI core answers before the driver is asked, but not with these */
	bool ours = strncmp(file, "sriov_", 6) || ret == -EBUSY || ret == -ENODEV;

	if (refused && ours && ovg_sysfs_text(pf, "vgpu/last_error", buf, 256) && *buf)
		return buf;
	return strerror(-ret);
}

static int write_file(const char *pf, const char *address, const char *file, const char *value,
		      struct openvgpu_error *err)
{
	const char *slash = strrchr(file, '/');
	char buf[256];
	bool refused;
	int ret = ovg_sysfs_write(pf, file, value, &refused);

	if (!ret)
		return 0;
	return ovg_error(err, ret, "%s: %s %s: %s", address, slash ? slash + 1 : file, value,
			 reason(pf, file, ret, refused, buf));
}

static bool pf_dir(char out[OVG_PATH_MAX], const char *sysfs, const char *address)
{
	int n = snprintf(out, OVG_PATH_MAX, "%s/bus/pci/devices/%s", sysfs, address);

	return n > 0 && n < OVG_PATH_MAX;
}

int openvgpu_gpu_set(const char *sysfs, const char *address, const char *file,
		     const char *value, struct openvgpu_error *err)
{
	char pf[OVG_PATH_MAX], name[64];
	int ret;

	if (!strcmp(sysfs, "/sys") && ovg_nl_gpu_file(address, file, value, &ret, err))
		return ret;
	if (!pf_dir(pf, sysfs, address))
		return ovg_error(err, -ENAMETOOLONG, "%s: path too long", sysfs);
	snprintf(name, sizeof(name), "vgpu/%s", file);
	return write_file(pf, address, name, value, err);
}

static void went_wrong(struct work *w, int ret, const char *text)
{
	if (!w->first)
		w->first = ret;
	w->tell(w->ctx, text);
}

static int set(struct work *w, const char *file, const char *value)
{
	struct openvgpu_error err;
	int ret = write_file(w->pf, w->gpu->address, file, value, &err);

	if (ret)
		went_wrong(w, ret, err.text);
	return ret;
}

static int set_number(struct work *w, const char *file, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return set(w, file, text);
}

/* The GPU as it is now; false after a message. Emptied by openvgpu_host_free(). */
static bool look(struct work *w, struct openvgpu_host *now)
{
	struct openvgpu_error err;
	int ret = openvgpu_gpus_read(now, w->sysfs, w->gpu->address, &err);

	if (!ret && now->n_gpus == 1)
		return true;
	if (!ret) {
		snprintf(err.text, sizeof(err.text), "%s: is gone", w->gpu->address);
		ret = -ENODEV;
		openvgpu_host_free(now);
	}
	went_wrong(w, ret, err.text);
	return false;
}

static bool is_wanted(const struct openvgpu_gi *gi, const struct openvgpu_saved_gpu *saved)
{
	size_t i;

	for (i = 0; i < saved->n_gis; i++)
		if (saved->gis[i].start == gi->start &&
		    !strcmp(saved->gis[i].profile, gi->profile))
			return true;
	return false;
}

/* Destroys the instances that are not wanted, or all; those in use stay. */
static void destroy_others(struct work *w, bool all)
{
	struct openvgpu_host now;
	size_t i;

	if (!look(w, &now))
		return;
	for (i = 0; i < now.gpus[0].n_gis; i++) {
		const struct openvgpu_gi *gi = &now.gpus[0].gis[i];

		if (all || !is_wanted(gi, w->saved))
			set_number(w, "vgpu/gpu_instance_destroy", gi->id);
	}
	openvgpu_host_free(&now);
}

static bool had(const struct openvgpu_gpu *gpu, uint32_t id)
{
	size_t i;

	for (i = 0; i < gpu->n_gis; i++)
		if (gpu->gis[i].id == id)
			return true;
	return false;
}

/* Makes an instance where the driver wants it; @out tells where that is. */
static bool create(struct work *w, const char *profile, struct openvgpu_gi *out)
{
	struct openvgpu_host before, after;
	char text[128];
	bool ok = false;
	size_t i;

	if (!look(w, &before))
		return false;
	if (!set(w, "vgpu/gpu_instance_create", profile) && look(w, &after)) {
		for (i = 0; i < after.gpus[0].n_gis && !ok; i++)
			if (!had(&before.gpus[0], after.gpus[0].gis[i].id)) {
				*out = after.gpus[0].gis[i];
				ok = true;
			}
		openvgpu_host_free(&after);
		if (!ok) {
			snprintf(text, sizeof(text), "%s: the new GPU instance is gone again",
				 w->gpu->address);
			went_wrong(w, -EIO, text);
		}
	}
	openvgpu_host_free(&before);
	return ok;
}

/*
 * The driver chooses the lowest place that is free. Whoever wants another one fills those
 * below, for a moment; with plain instances, since there can be but one with "+me".
 */
static void create_at(struct work *w, const struct openvgpu_saved_gi *want)
{
	char plain[OPENVGPU_PROFILE_MAX], text[128];
	uint32_t in_the_way[MAX_TRIES];
	struct openvgpu_gi gi;
	size_t n = 0;
	char *me;
	bool ok = false;

	strcpy(plain, want->profile);
	me = strstr(plain, MEDIA);
	if (me)
		memmove(me, me + strlen(MEDIA), strlen(me + strlen(MEDIA)) + 1);
	while (n < MAX_TRIES) {
		if (!create(w, want->profile, &gi))
			goto out;
		if (gi.start == want->start) {
			ok = true;
			goto out;
		}
		if (me && (set_number(w, "vgpu/gpu_instance_destroy", gi.id) ||
			   !create(w, plain, &gi)))
			goto out;
		in_the_way[n++] = gi.id;
	}
out:
	while (n)
		set_number(w, "vgpu/gpu_instance_destroy", in_the_way[--n]);
	if (ok)
		return;
	snprintf(text, sizeof(text), "%s: no GPU instance %s at %u", w->gpu->address,
		 want->profile, want->start);
	went_wrong(w, -ENOSPC, text);
}

/* Large ones first, which have fewer places: the profiles are listed in that order. */
static size_t rank(const struct openvgpu_gpu *gpu, const char *profile)
{
	size_t i;

	for (i = 0; i < gpu->n_gi_profiles; i++)
		if (!strcmp(gpu->gi_profiles[i].name, profile))
			break;
	return i;
}

static bool is_there(const struct openvgpu_gpu *gpu, const struct openvgpu_saved_gi *want)
{
	size_t i;

	for (i = 0; i < gpu->n_gis; i++)
		if (gpu->gis[i].start == want->start &&
		    !strcmp(gpu->gis[i].profile, want->profile))
			return true;
	return false;
}

static void restore_instances(struct work *w)
{
	struct openvgpu_host now;
	size_t i, r;

	destroy_others(w, false);
	if (!look(w, &now))
		return;
	for (r = 0; r <= now.gpus[0].n_gi_profiles; r++)
		for (i = 0; i < w->saved->n_gis; i++)
			if (rank(&now.gpus[0], w->saved->gis[i].profile) == r &&
			    !is_there(&now.gpus[0], &w->saved->gis[i]))
				create_at(w, &w->saved->gis[i]);
	openvgpu_host_free(&now);
}

/* True if the GPU is divided now. */
static bool restore_mig(struct work *w)
{
	bool want = w->saved->mig < 0 ? w->gpu->mig : w->saved->mig;

	if (want == w->gpu->mig)
		return want;
	if (!want) {
		destroy_others(w, true);
		return set(w, "vgpu/mig", "0") != 0;
	}
	if (!strcmp(w->gpu->placement_mode, "mixed") && set(w, "vgpu/placement_mode", "equal"))
		return false;
	return !set(w, "vgpu/mig", "1");
}

/*
 * Firmware that takes a scheduler only when it starts: a GPU without VFs has no vGPU that
 * a reset would take away, and the driver starts the firmware anew after it.
 */
static void restart(struct work *w)
{
	const struct timespec pause = { .tv_nsec = 50000000 };
	char status[256] = "", text[384];
	int i;

	if (!ovg_sysfs_exists(w->pf, "reset") || set(w, "reset", "1"))
		return;
	for (i = 0; i < RESTART_POLLS; i++) {
		ovg_sysfs_text(w->pf, "vgpu/status", status, sizeof(status));
		if (!strcmp(status, "ready") &&
		    ovg_sysfs_number(w->pf, "vgpu/scheduler_pending") != 1)
			return;
		nanosleep(&pause, NULL);
	}
	snprintf(text, sizeof(text), "%s: reset for the scheduler: %s", w->gpu->address, status);
	went_wrong(w, -ETIMEDOUT, text);
}

static void restore_scheduler(struct work *w)
{
	const struct openvgpu_saved_gpu *saved = w->saved;

	if (*saved->scheduler && strcmp(saved->scheduler, w->gpu->scheduler) &&
	    set(w, "vgpu/scheduler", saved->scheduler))
		return;
	/* the policy may have changed it */
	if (saved->timeslice_us != OPENVGPU_UNKNOWN &&
	    ovg_sysfs_number(w->pf, "vgpu/scheduler_timeslice_us") != saved->timeslice_us)
		set_number(w, "vgpu/scheduler_timeslice_us", saved->timeslice_us);
	if (ovg_sysfs_number(w->pf, "vgpu/scheduler_pending") == 1 && !w->gpu->num_vfs)
		restart(w);
}

static void restore_vfs(struct work *w)
{
	const struct openvgpu_gpu *gpu = w->gpu;
	uint64_t want = gpu->total_vfs;

	if (w->saved && w->saved->num_vfs != OPENVGPU_UNKNOWN)
		want = w->saved->num_vfs;
	else if (gpu->num_vfs)
		return;		/* somebody chose that number */
	if (want == gpu->num_vfs)
		return;
	/* from one number to another there is no other way; refused while a vGPU exists */
	if (gpu->num_vfs && set(w, "sriov_numvfs", "0"))
		return;
	if (want && !set_number(w, "sriov_numvfs", want) && gpu->mdev)
		set(w, "vgpu/mdev", "1");
}

int openvgpu_settings_restore(const char *sysfs, const struct openvgpu_gpu *gpu,
			      const struct openvgpu_saved_gpu *saved, openvgpu_tell *tell,
			      void *ctx)
{
	struct work w = { .sysfs = sysfs, .gpu = gpu, .saved = saved, .tell = tell, .ctx = ctx };
	char text[512];
	bool mig;

	if (!pf_dir(w.pf, sysfs, gpu->address))
		return -ENAMETOOLONG;
	if (!gpu->managed || strcmp(gpu->status, "ready")) {
		snprintf(text, sizeof(text), "%s: %s", gpu->address,
			 gpu->managed ? gpu->status : "not driven by openvgpu");
		went_wrong(&w, -ENODEV, text);
		return w.first;
	}
	if (saved && saved->device && saved->device != gpu->device) {
		snprintf(text, sizeof(text),
			 "%s: is 10de:%04x, the settings are of 10de:%04x: not used",
			 gpu->address, gpu->device, saved->device);
		went_wrong(&w, -ENXIO, text);
		w.saved = NULL;
	}
	if (!w.saved) {
		restore_vfs(&w);
		return w.first;
	}
	restore_scheduler(&w);
	mig = restore_mig(&w);
	if (!mig && saved->mig != 1 && *saved->placement_mode &&
	    strcmp(saved->placement_mode, gpu->placement_mode))
		set(&w, "vgpu/placement_mode", saved->placement_mode);
	restore_vfs(&w);
	if (mig)
		restore_instances(&w);
	return w.first;
}
