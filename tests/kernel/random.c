// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Random sequences of create, remove, open, close and move, on a GPU in a random mode.
 * available_instances is believed at every step: what it offers must be made, what it
 * does not offer must be refused, and now and then it is counted out. The firmware must
 * never have had anything to refuse.
 */
#include "scenario.h"
#include "util.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_TYPES	128
#define MAX_VGPUS	64
#define COUNT_OUT	8	/* how many more than which a type is not counted out */

enum mode { EQUAL, MIXED, MIG, MODES };
static const char *const mode_name[MODES] = { "equal", "mixed", "mig" };

struct one {
	char uuid[37];
	const char *type;
	bool open;
	struct dev d;
};

static struct run {
	const char *pf;
	uint64_t state;
	bool can[MODES];
	char type[MAX_TYPES][24];
	int fd[MAX_TYPES];	/* available_instances */
	long avail[MAX_TYPES];
	unsigned int n_types;
	struct one *vgpu[MAX_VGPUS];
	unsigned int n;
	char profile[16][32];
	unsigned int n_profiles;
	unsigned int done[6];
} r;

enum { CREATED, REFUSED, REMOVED, OPENED, MOVED, COUNTED };

/* splitmix64: the same numbers everywhere */
static uint64_t rnd(void)
{
	uint64_t z = r.state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static unsigned int below(unsigned int n)
{
	return (unsigned int)(rnd() % n);
}

static void setting(const char *file, const char *value)
{
	int err = sysfs_write(value, "%s/vgpu/%s", r.pf, file);
	char why[256];

	if (!err)
		return;
	sysfs_read(why, sizeof(why), "%s/vgpu/last_error", r.pf);
	CHECK(false, "%s %s: %s, %s", file, value, errname(err), why);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void read_types(void)
{
	char path[512];
	struct dirent *e;
	DIR *d;

	snprintf(path, sizeof(path), "%s/mdev_supported_types", r.pf);
	d = opendir(path);
	if (!d)
		die("%s: %s", path, errname(errno));
	while ((e = readdir(d)) && r.n_types < MAX_TYPES)
		if (e->d_name[0] != '.')
			snprintf(r.type[r.n_types++], sizeof(r.type[0]), "%.23s", e->d_name);
	closedir(d);
	/* the order of a directory is nobody's promise, and a seed shall mean something */
	qsort(r.type, r.n_types, sizeof(r.type[0]), by_name);
	/* 72 types, some thousand times */
	for (unsigned int i = 0; i < r.n_types; i++) {
		snprintf(path, sizeof(path), "%s/mdev_supported_types/%s/available_instances",
			 r.pf, r.type[i]);
		r.fd[i] = open(path, O_RDONLY | O_CLOEXEC);
		if (r.fd[i] < 0)
			die("%s: %s", path, errname(errno));
	}
}

/* First words of the lines of a file. */
static unsigned int words(char out[][32], unsigned int room, const char *file)
{
	char text[4096], *line, *save = NULL;
	unsigned int n = 0;

	if (sysfs_read(text, sizeof(text), "%s/vgpu/%s", r.pf, file))
		return 0;
	for (line = strtok_r(text, "\n", &save); line && n < room;
	     line = strtok_r(NULL, "\n", &save))
		snprintf(out[n++], sizeof(out[0]), "%.*s", (int)strcspn(line, " "), line);
	return n;
}

static void look(void)
{
	for (unsigned int i = 0; i < r.n_types; i++) {
		char text[16] = "";

		if (!CHECK(pread(r.fd[i], text, sizeof(text) - 1, 0) > 0, "%s: %s", r.type[i],
			   errname(errno)))
			return;
		r.avail[i] = strtol(text, NULL, 10);
	}
}

static int create(unsigned int t)
{
	struct one *v = calloc(1, sizeof(*v));
	int err;

	if (!v || r.n == MAX_VGPUS)
		die("too many vGPUs");
	make_uuid(v->uuid);
	v->type = r.type[t];
	err = mdev_create(r.pf, v->type, v->uuid);
	if (err) {
		free(v);
		return err;
	}
	r.vgpu[r.n++] = v;
	return 0;
}

static void remove_one(unsigned int i)
{
	struct one *v = r.vgpu[i];
	int err;

	if (v->open)
		dev_close(&v->d);
	err = mdev_remove(v->uuid);
	CHECK(!err, "remove %s: %s", v->type, errname(err));
	r.vgpu[i] = r.vgpu[--r.n];
	free(v);
}

/* Makes as many as there are said to be, and tries one more. */
static void count_out(unsigned int t)
{
	unsigned int before = r.n;
	long want = r.avail[t], made = 0;
	int err;

	while (!(err = create(t)) && made <= want)
		made++;
	CHECK(err == -ENOSPC && made == want, "%s: %ld were offered, %ld made, then %s",
	      r.type[t], want, made, errname(err));
	while (r.n > before)
		remove_one(before + below(r.n - before));
	CHECK(mdev_available(r.pf, r.type[t]) == want, "%s: not %ld as before", r.type[t], want);
	r.done[COUNTED]++;
}

/* A type that fits if @fit, or one that does not; -1 if there is none. */
static int pick(bool fit)
{
	unsigned int n = 0;
	int t = -1;

	for (unsigned int i = 0; i < r.n_types; i++)
		if ((r.avail[i] > 0) == fit && below(++n) == 0)
			t = (int)i;
	return t;
}

static void try_create(void)
{
	bool fit = below(5);
	int t = pick(fit), err;

	if (t < 0)
		return;
	err = create((unsigned int)t);
	if (fit) {
		CHECK(!err, "%s: %ld were offered, and then %s", r.type[t], r.avail[t],
		      errname(err));
		r.done[CREATED]++;
	} else {
		CHECK(err == -ENOSPC, "%s was not offered, and then %s", r.type[t],
		      err ? errname(err) : "made");
		r.done[REFUSED]++;
	}
}

static void toggle(struct one *v)
{
	struct dev_spec spec = { .where = v->uuid };
	const char *stage;
	int err;

	if (v->open) {
		dev_close(&v->d);
		v->open = false;
		return;
	}
	err = dev_open(&v->d, &spec, &stage);
	if (!CHECK(!err, "open %s: %s at %s", v->type, errname(err), stage))
		return;
	v->open = true;
	err = quick_dma(&v->d, 1);
	CHECK(!err, "%s: %d DMA checks failed", v->type, err);
	r.done[OPENED]++;
}

/* To one of the places, or GPU instances, that the driver offers, or to none of them. */
static void move(struct one *v, enum mode mode)
{
	const char *file = mode == MIG ? "gpu_instance_id" : "placement_id";
	char text[512], was[32], now[32], *word, *save = NULL;
	const char *to = NULL;
	unsigned int n = 0;
	int err;

	if (sysfs_read(was, sizeof(was), "/sys/bus/mdev/devices/%s/nvidia/%s", v->uuid, file) ||
	    !strcmp(was, "Not Applicable"))
		return;
	if (mode == MIG)
		err = sysfs_read(text, sizeof(text), "%s/vgpu/gpu_instances", r.pf);
	else
		err = sysfs_read(text, sizeof(text), "/sys/bus/mdev/devices/%s/vgpu/placements",
				 v->uuid);
	CHECK(!err, "where %s could be: %s", v->type, errname(err));
	for (word = strtok_r(text, mode == MIG ? "\n" : " ", &save); word;
	     word = strtok_r(NULL, mode == MIG ? "\n" : " ", &save)) {
		word[strcspn(word, " ")] = '\0';
		if (below(++n) == 0)
			to = word;
	}
	if (!to)
		return;
	err = sysfs_write(to, "/sys/bus/mdev/devices/%s/nvidia/%s", v->uuid, file);
	sysfs_read(now, sizeof(now), "/sys/bus/mdev/devices/%s/nvidia/%s", v->uuid, file);
	if (v->open)
		CHECK(err == -EBUSY, "%s moved while open: %s", v->type, errname(err));
	else if (mode == MIG)
		CHECK(!err || err == -ENOSPC || err == -EINVAL, "%s to GPU instance %s: %s",
		      v->type, to, errname(err));
	else
		CHECK(!err, "%s to %s, which was offered: %s", v->type, to, errname(err));
	CHECK(!strcmp(now, err ? was : to), "%s is at %s: was at %s, told %s", v->type, now, was, to);
	r.done[MOVED]++;
}

static void step(enum mode mode)
{
	unsigned int what = below(100);
	int t;

	if (!r.n || what < 45)
		try_create();
	else if (what < 65)
		remove_one(below(r.n));
	else if (what < 75)
		toggle(r.vgpu[below(r.n)]);
	else if (what < 95)
		move(r.vgpu[below(r.n)], mode);
	else if ((t = pick(true)) >= 0 && r.avail[t] <= COUNT_OUT)
		count_out((unsigned int)t);
	look();
}

static void begin(enum mode mode)
{
	if (mode == MIXED)
		setting("placement_mode", "mixed");
	if (mode != MIG)
		return;
	setting("mig", "1");
	/* until nothing more fits, or one is enough */
	for (unsigned int i = 0; i < 8; i++) {
		const char *profile = r.profile[below(r.n_profiles)];
		int err = sysfs_write(profile, "%s/vgpu/gpu_instance_create", r.pf);

		CHECK(!err || err == -ENOSPC, "%s: %s", profile, errname(err));
	}
}

static void end(enum mode mode)
{
	while (r.n)
		remove_one(below(r.n));
	if (mode == MIXED)
		setting("placement_mode", "equal");
	if (mode == MIG) {
		char id[8][32];
		unsigned int n = words(id, 8, "gpu_instances");

		while (n)
			setting("gpu_instance_destroy", id[--n]);
		setting("mig", "0");
	}
}

/* What the board's firmware has refused so far, printed. */
static unsigned int refused(const char *addr)
{
	unsigned int sum = 0;
	char path[128], name[48];
	long long value;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/debug/openvgpu_sim/%s/counters", addr);
	f = fopen(path, "re");
	if (!f)
		die("%s: %s", path, errname(errno));
	while (fscanf(f, "%47s %lld", name, &value) == 2)
		if (!strncmp(name, "refused_", 8) && value) {
			sum += (unsigned int)value;
			printf("  %s %lld\n", name, value);
		}
	fclose(f);
	return sum;
}

static bool can(const char *file, const char *on, const char *off)
{
	if (sysfs_write(on, "%s/vgpu/%s", r.pf, file))
		return false;
	setting(file, off);
	return true;
}

int random_order(const char *pf, uint32_t seed, unsigned int sequences, unsigned int steps)
{
	char path[256];
	long start[MAX_TYPES];
	struct levels before;
	const char *addr;

	dev_path(path, sizeof(path), pf);
	addr = strrchr(path, '/');
	if (!addr)
		die("%s: no such GPU", pf);
	addr++;
	r.pf = path;
	r.state = seed;
	read_types();
	r.n_profiles = words(r.profile, 16, "gpu_instance_profiles");
	r.can[EQUAL] = true;
	r.can[MIXED] = can("placement_mode", "mixed", "equal");
	r.can[MIG] = r.n_profiles && can("mig", "1", "0");
	look();
	memcpy(start, r.avail, sizeof(start));
	read_levels(&before);
	for (unsigned int i = 0; i < sequences && !checks_failed(); i++) {
		enum mode mode;

		do
			mode = below(MODES);
		while (!r.can[mode]);
		begin(mode);
		look();
		for (unsigned int s = below(steps) + steps / 2; s && !checks_failed(); s--)
			step(mode);
		end(mode);
		look();
		CHECK(!memcmp(start, r.avail, sizeof(start)), "not what the GPU had to offer before");
		CHECK(!refused(addr), "the firmware refused something");
		if (checks_failed())
			printf("sequence %u, %s, seed %u\n", i, mode_name[mode], seed);
	}
	for (unsigned int i = 0; i < r.n_types; i++)
		close(r.fd[i]);
	wait_levels(&before, 10000);
	printf("random: %u sequences, %u created, %u refused, %u opened, %u moved, %u counted out: %s\n",
	       sequences, r.done[CREATED], r.done[REFUSED], r.done[OPENED], r.done[MOVED],
	       r.done[COUNTED], checks_failed() ? "FAIL" : "ok");
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
