// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The fault matrix: every command that create, open, reset, close and remove of a
 * vGPU send to the firmware, and for each all that can go wrong with it. A second
 * vGPU of the same GPU is at work all the time. In each cell
 *
 *   the caller gets one of the errnos that the cell allows,
 *   the state that sysfs shows is one of those that it allows,
 *   the neighbour's DMA goes on while the operation waits for what does not come,
 *   afterwards the same operation succeeds, and no level of any counter has moved.
 *
 * Nothing is judged by the clock. Only the wait under test is short; where a cell that
 * waits is not as it must be, it is gone through again with longer ones, so that a slow
 * machine is not taken for a fault.
 *
 * Cells are named OPERATION.COMMAND:FAULT.
 */
#include "engine.h"
#include "scenario.h"
#include "util.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIM	"/sys/kernel/debug/openvgpu_sim"
#define DRV	"/sys/kernel/debug/openvgpu"
#define IOVA	0x10000000ull
#define BYTES	(64u << 10)

enum op { CREATE, REMOVE, OPEN, RESET, CLOSE };
static const char *const op_name[] = { "create", "remove", "open", "reset", "close" };

enum fault { LOST, LATE, ERROR, GARBAGE, CRASH, HANG, FAULTS };
static const char *const fault_name[] = {
	"rpc_lost", "rpc_late", "rpc_error", "rpc_garbage", "plugin_crash", "fw_hang",
};

/* What a command that went wrong means to its operation; a close has no errno. */
static const struct row {
	enum op op;
	const char *cmd;	/* as the board's "fault" file takes it; NULL: none is sent */
	const char *what;
	bool plugin;		/* there is a plugin that could crash */
	const char *state;	/* allowed afterwards, where the firmware lives */
} row[] = {
	{ CREATE, NULL, "none", false, "reserved" },
	{ REMOVE, NULL, "none", false, "free" },
	{ OPEN, "alloc", "alloc", false, "reserved" },
	{ OPEN, "0x20800afa", "memset", false, "reserved" },
	{ OPEN, "0x20804001", "BOOTLOAD", true, "reserved" },
	{ OPEN, "msg1", "msg1", true, "reserved" },
	{ OPEN, "msg2", "msg2", true, "reserved" },
	{ OPEN, "msg13", "msg13", true, "reserved" },
	{ RESET, "msg3", "msg3", true, "running error" },
	{ CLOSE, "msg13", "msg13", true, "reserved" },
	{ CLOSE, "0x20804002", "SHUTDOWN", true, "reserved" },
	/* asked for once more; then the firmware says that it has let go */
	{ CLOSE, "0x20804008", "CLEANUP", false, "reserved" },
	{ CLOSE, "free", "free", false, "reserved" },
};

#define ROWS (sizeof(row) / sizeof(row[0]))

static const char *const errnos[FAULTS] = {
	[LOST] = "ETIMEDOUT",
	[LATE] = "ETIMEDOUT",
	[ERROR] = "EIO EPROTO",
	[GARBAGE] = "ETIMEDOUT EPROTO",
	[CRASH] = "EIO",
	[HANG] = "ETIMEDOUT ENODEV",
};

static const char *const named_states = "free reserved booting running closing error";

/*
 * How long the driver waits, and how late the board is, in ms: late answers come when
 * nobody waits for them any more, and before the firmware is taken for dead.
 */
static const struct {
	const char *path;	/* with the PF's address in it */
	unsigned int ms;
} patience[PATIENCE] = {
	{ DRV "/%s/timeouts/command_ms", 1500 },
	{ DRV "/%s/timeouts/message_ms", 1500 },
	{ DRV "/%s/timeouts/instance_ms", 6000 },
	{ DRV "/%s/timeouts/stop_ms", 3000 },
	{ DRV "/%s/timeouts/silence_ms", 4000 },
	{ SIM "/%s/late_ms", 2200 },
};

/* A cell that waits is tried with so many times that patience, one after the other. */
static const unsigned int patience_factor[] = { 1, 4, 16 };

#define TRIES (sizeof(patience_factor) / sizeof(patience_factor[0]))

void be_impatient(const char *addr, struct patience *old, unsigned int factor)
{
	char path[128], ms[16];
	int err;

	/* with all its checkers a kernel takes longer for everything */
	if (sysfs_exists("/sys/kernel/debug/kmemleak"))
		factor *= 2;
	for (size_t i = 0; i < PATIENCE; i++) {
		snprintf(path, sizeof(path), patience[i].path, addr);
		snprintf(ms, sizeof(ms), "%u", factor * patience[i].ms);
		err = sysfs_read(old->ms[i], sizeof(old->ms[i]), "%s", path);
		if (!err)
			err = sysfs_write(ms, "%s", path);
		if (err)
			die("%s: %s", path, errname(err));
	}
}

void be_patient(const char *addr, const struct patience *old)
{
	char path[128];

	for (size_t i = 0; i < PATIENCE; i++) {
		snprintf(path, sizeof(path), patience[i].path, addr);
		sysfs_write(old->ms[i], "%s", path);
	}
}

/*
 * The neighbour's side of the story, in memory shared with its process. Rounds have
 * numbers, from 1; one that is begun does not begin anew.
 */
struct neighbour {
	atomic_uint begun, done, bad;
	atomic_bool open, died, stop;
};

/*
 * What the watcher is to look at, in memory shared with its process: while try @now (0:
 * none) waits for the command that the fault of that try has hit, does the neighbour
 * begin and finish rounds? It sets @went_on to the try in which it does.
 */
struct watch {
	atomic_uint now, went_on;
	atomic_int fault;
	atomic_llong hits;		/* of @fault, when it has struck */
	atomic_bool stop;
};

#define WENT_ON_ROUNDS	2

struct shared {
	struct neighbour n;
	struct watch w;
};

struct matrix {
	struct ctx c;
	char a[37], b[37], vf[32];
	struct neighbour *n;
	struct watch *w;
	struct proc *proc, *watcher;
	unsigned int tries;		/* in all, so that each has a number */
	struct levels quiet;		/* with the neighbour open and nothing else */
	char said[ROWS][FAULTS][40];	/* for the table */
	unsigned int cells, failed;
};

/* One of the words of @list? */
static bool one_of(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (const char *p = list; len && (p = strstr(p, word)); p += len)
		if ((p == list || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

static bool neighbour_round(struct dev *d, uint32_t *buf, unsigned int round)
{
	uint32_t words = BYTES / 8;

	for (uint32_t i = 0; i < words; i++)
		buf[i] = i ^ round * 0x9e3779b9u;
	memset(buf + words, 0, BYTES / 2);
	return vg_run(d, OP_SYS_FB, IOVA, 0, BYTES / 2) == ST_DONE &&
	       vg_run(d, OP_FB_SYS, 0, IOVA + BYTES / 2, BYTES / 2) == ST_DONE &&
	       !memcmp(buf, buf + words, BYTES / 2);
}

/* Works until it is told to stop or its vGPU dies; then it only waits to be told. */
static int neighbour(void *arg)
{
	struct matrix *m = arg;
	struct neighbour *n = m->n;
	struct dev_spec spec = { .where = m->b };
	const char *stage;
	uint32_t *buf;
	struct dev d;
	int err = dev_open(&d, &spec, &stage);

	if (!CHECK(err == 0, "neighbour: open: %s at %s", errname(err), stage))
		return EXIT_CHECK;
	err = dev_watch_errors(&d);
	CHECK(err == 0, "neighbour: error event: %s", errname(err));
	buf = (uint32_t *)alloc_dma(BYTES);
	CHECK(vg_bus_master(&d, true) == 0, "neighbour: config write");
	err = dev_dma_map(&d, buf, IOVA, BYTES, DMA_RW);
	CHECK(err == 0, "neighbour: mapping: %s", errname(err));
	for (unsigned int round = 1; !n->stop && !checks_failed(); round++) {
		if (dev_died(&d, 0)) {
			n->died = true;
			sleep_ms(10);
			continue;
		}
		/* the event is on its way when a dying vGPU fails */
		n->begun = round;
		if (!neighbour_round(&d, buf, round)) {
			if (!dev_died(&d, LONG_MS)) {
				n->bad++;
				CHECK(false, "neighbour: round %u: status %u", round,
				      vg_rd(&d, VG_STATUS));
			}
			continue;
		}
		n->done = round;
		n->open = true;
	}
	dev_close(&d);
	munmap(buf, BYTES);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}

/* Hits of @fault, and all that the firmware was ever asked, from one look. */
static long long look(const char *addr, enum fault fault, long long *asked)
{
	char path[128], name[40], want[40];
	long long value, hits = -1;
	FILE *f;

	snprintf(path, sizeof(path), SIM "/%s/counters", addr);
	snprintf(want, sizeof(want), "fault_%s", fault_name[fault]);
	*asked = 0;
	f = fopen(path, "re");
	while (f && fscanf(f, "%39s %lld", name, &value) == 2) {
		if (!strcmp(name, want))
			hits = value;
		if (!strcmp(name, "fw_requests") || !strcmp(name, "plugin_messages"))
			*asked += value;
	}
	if (f)
		fclose(f);
	return hits;
}

/*
 * A late look makes rounds be missed, never be seen: they must have been begun after it,
 * and nothing else may have been asked of the firmware until they were finished.
 */
static int watcher(void *arg)
{
	struct matrix *m = arg;
	struct neighbour *n = m->n;
	struct watch *w = m->w;

	while (!w->stop) {
		unsigned int now = w->now, from;
		long long asked, then;

		sleep_ms(now ? 1 : 10);
		if (!now || w->went_on == now)
			continue;
		if (look(m->c.addr, (enum fault)w->fault, &asked) != w->hits)
			continue;
		from = n->begun;
		while (w->now == now && n->done < from + WENT_ON_ROUNDS && !w->stop)
			sleep_ms(1);
		look(m->c.addr, (enum fault)w->fault, &then);
		if (n->done >= from + WENT_ON_ROUNDS && then == asked && w->now == now)
			w->went_on = now;
	}
	return EXIT_OK;
}

static bool wait_for(atomic_bool *flag, struct proc *p, unsigned int timeout_ms)
{
	uint64_t end = now_ms() + timeout_ms;

	while (!*flag && now_ms() < end && proc_running(p))
		sleep_ms(10);
	return *flag;
}

static bool start_neighbour(struct matrix *m)
{
	struct neighbour *n = m->n;

	n->begun = n->done = n->bad = 0;
	n->open = n->died = n->stop = false;
	m->proc = proc_run(neighbour, m);
	return CHECK(wait_for(&n->open, m->proc, LONG_MS), "the neighbour does not work");
}

static void stop_neighbour(struct matrix *m)
{
	if (!m->proc)
		return;
	m->n->stop = true;
	CHECK(proc_finish(m->proc, LONG_MS) == 0, "the neighbour was hurt");
	m->proc = NULL;
}

static void state_of(const char *vf, char *text, size_t len)
{
	if (sysfs_read(text, len, "/sys/bus/pci/devices/%s/vgpu/state", vf))
		snprintf(text, len, "?");
}

/* What one operation did. */
struct outcome {
	int err;
	bool open;		/* d is open now */
	struct dev d;
	char uuid[37];		/* CREATE and REMOVE: the third vGPU */
};

/* What must be there before @op can be tried. */
static bool prepare(struct matrix *m, enum op op, struct outcome *o)
{
	struct dev_spec spec = { .where = m->a };
	const char *stage;
	int err;

	memset(o, 0, sizeof(*o));
	make_uuid(o->uuid);
	if (op == REMOVE) {
		err = mdev_create(m->c.pf, m->c.type, o->uuid);
		return CHECK(err == 0, "create: %s", errname(err));
	}
	if (op != RESET && op != CLOSE)
		return true;
	err = dev_open(&o->d, &spec, &stage);
	if (!CHECK(err == 0, "open: %s at %s", errname(err), stage))
		return false;
	o->open = true;
	err = dev_watch_errors(&o->d);
	return CHECK(err == 0, "error event: %s", errname(err));
}

static void operate(struct matrix *m, enum op op, struct outcome *o)
{
	struct dev_spec spec = { .where = m->a };
	const char *stage;

	switch (op) {
	case CREATE:
		o->err = mdev_create(m->c.pf, m->c.type, o->uuid);
		break;
	case REMOVE:
		o->err = mdev_remove(o->uuid);
		break;
	case OPEN:
		o->err = dev_open(&o->d, &spec, &stage);
		o->open = !o->err;
		break;
	case RESET:
		o->err = dev_reset(&o->d);
		break;
	case CLOSE:
		dev_close(&o->d);
		o->open = false;
		break;
	}
}

static void finish(enum op op, struct outcome *o)
{
	if (o->open)
		dev_close(&o->d);
	o->open = false;
	if (op == CREATE && sysfs_exists("/sys/bus/mdev/devices/%s", o->uuid))
		drop(o->uuid);
}

/* The same operation with nothing in its way: it must be as good as ever. */
static void again(struct matrix *m, enum op op)
{
	struct outcome o;

	if (prepare(m, op, &o)) {
		operate(m, op, &o);
		CHECK(o.err == 0, "once more: %s", errname(o.err));
		if (o.open) {
			int bad = quick_dma(&o.d, 2);

			CHECK(bad == 0, "once more: %d DMA checks failed", bad);
		}
	}
	finish(op, &o);
}

static bool ready(struct matrix *m)
{
	char text[256];

	return !sysfs_read(text, sizeof(text), "%s/vgpu/status", m->c.pf) && !strcmp(text, "ready");
}

/*
 * The firmware hangs: the driver finds it out by itself or with the next thing it
 * wants, tells every user, and starts it anew when the last of them has let go.
 */
static void after_death(struct matrix *m)
{
	struct dev_spec spec = { .where = m->a };
	const char *stage;
	struct dev d;

	for (int i = 0; i < 4 && ready(m) && !m->n->died; i++)
		if (!dev_open(&d, &spec, &stage))
			dev_close(&d);
	/* its users may hear of it first */
	for (uint64_t end = now_ms() + LONG_MS; ready(m) && now_ms() < end;)
		sleep_ms(10);
	CHECK(!ready(m), "ready with a firmware that hangs");
	CHECK(wait_for(&m->n->died, m->proc, LONG_MS), "the neighbour was not told");
	stop_neighbour(m);
	wait_status(&m->c, "ready", LONG_MS);
}

/* After a try that does not count: whatever has become of the GPU, it is well again. */
static bool restore(struct matrix *m)
{
	char state[32];

	stop_neighbour(m);
	state_of(m->vf, state, sizeof(state));
	if (ready(m) && !strcmp(state, "error"))
		sysfs_write("1", "%s/reset", m->c.pf);
	return wait_status(&m->c, "ready", LONG_MS) && start_neighbour(m) &&
	       wait_levels(&m->quiet, LONG_MS);
}

static void recover(struct matrix *m, enum fault fault)
{
	char state[32];
	int err;

	state_of(m->vf, state, sizeof(state));
	if (fault == HANG) {
		after_death(m);
	} else {
		CHECK(ready(m), "one command has cost the whole GPU");
		CHECK(!m->n->died, "the neighbour died");
		if (strcmp(state, "error"))
			return;
		/* out of use until the GPU is reset, which the neighbour must not see */
		stop_neighbour(m);
		err = sysfs_write("1", "%s/reset", m->c.pf);
		CHECK(err == 0, "resetting the GPU: %s", errname(err));
		wait_status(&m->c, "ready", LONG_MS);
	}
	state_of(m->vf, state, sizeof(state));
	CHECK(!strcmp(state, "reserved"), "state after recovery is %s", state);
	start_neighbour(m);
}

static void check_outcome(struct matrix *m, const struct row *r, enum fault fault,
			  struct outcome *o, const char *state)
{
	const char *name = o->err ? errname(o->err) : "ok";
	char text[256] = "";

	CHECK(one_of(state, named_states), "state '%s'", state);
	if (!r->cmd) {
		CHECK(o->err == 0, "%s", name);
		return;
	}
	if (r->op == OPEN || (r->op == RESET && o->err)) {
		/* a reset that cost the vGPU is EIO, whatever the reason */
		const char *want = r->op == RESET ? "EIO" : errnos[fault];

		/* not let go of, since nobody knows yet that the firmware is dead */
		if (fault == HANG && r->op == OPEN && !strcmp(state, "error"))
			want = "ENOTRECOVERABLE";
		CHECK(one_of(name, want), "%s: %s, not one of: %s", op_name[r->op], name, want);
		sysfs_read(text, sizeof(text), "/sys/bus/pci/devices/%s/vgpu/last_error", m->vf);
		CHECK(text[0], "no reason in last_error");
	} else {
		CHECK(o->err == 0, "%s: %s", op_name[r->op], name);
	}
	CHECK(one_of(state, fault == HANG ? "reserved error running" : r->state),
	      "state is %s, not one of: %s", state, r->state);
	if (r->op != RESET)
		return;
	/* it is as good as before, or its user knows that it is not */
	CHECK(!strcmp(state, o->err ? "error" : "running"), "reset says %s, state %s", name, state);
	if (o->err)
		CHECK(dev_died(&o->d, LONG_MS), "its user was not told");
	else
		CHECK(quick_dma(&o->d, 2) == 0, "runs, but does not work");
}

/* Is the fault that nothing comes for as long as the driver waits? */
static bool waits(const struct row *r, enum fault fault)
{
	if (!r->cmd)
		return false;
	/* a plugin's answer with a wrong number is an answer */
	if (fault == GARBAGE)
		return strncmp(r->cmd, "msg", 3);
	return fault == LOST || fault == LATE || fault == HANG;
}

/* What is wrong, as the board's "fault" file takes it; returns how often it has struck. */
static long long arm(struct matrix *m, const struct row *r, enum fault fault, int count)
{
	char cmd[64];
	long long asked;
	int err;

	snprintf(cmd, sizeof(cmd), "%s %d%s%s", fault_name[fault], count, r->cmd ? " " : "",
		 r->cmd ? r->cmd : "");
	err = sysfs_write(cmd, SIM "/%s/fault", m->c.addr);
	CHECK(err == 0, "'%s': %s", cmd, errname(err));
	return look(m->c.addr, fault, &asked);
}

/*
 * One try of a cell. False: not as it must be, but a machine that is slower than the
 * waits were long could do that too, and this try was not the @last.
 */
static bool try_cell(struct matrix *m, const struct row *r, enum fault fault,
		     unsigned int factor, bool last)
{
	char *said = m->said[r - row][fault], state[32] = "", armed[64];
	int before = checks_failed();
	struct neighbour *n = m->n;
	struct patience old;
	struct watch *w = m->w;
	unsigned int rounds, try = ++m->tries;
	bool waited = waits(r, fault), again_please;
	struct outcome o;
	long long hits, asked;

	if (!prepare(m, r->op, &o))
		goto out;
	hits = arm(m, r, fault, 1);
	if (waited)
		be_impatient(m->c.addr, &old, factor);
	w->fault = (int)fault;
	w->hits = hits + 1;
	rounds = n->done;
	w->now = try;
	operate(m, r->op, &o);
	w->now = 0;
	rounds = n->done - rounds;
	/* a death may have to be found out yet */
	if (waited && fault != HANG)
		be_patient(m->c.addr, &old);
	state_of(m->vf, state, sizeof(state));
	if (r->op == REMOVE)
		snprintf(state, sizeof(state), "%s",
			 sysfs_exists("/sys/bus/mdev/devices/%s", o.uuid) ? "there" : "free");
	if (r->op == CREATE)
		sysfs_read(state, sizeof(state), "/sys/bus/mdev/devices/%s/vgpu/state", o.uuid);

	CHECK(!waited || w->went_on == try,
	      "no round of DMA beside it while it waited, %u in all", rounds);
	sysfs_read(armed, sizeof(armed), SIM "/%s/fault", m->c.addr);
	if (r->cmd)
		CHECK(arm(m, r, fault, 0) == hits + 1, "the fault did not happen");
	else
		CHECK(armed[0] && arm(m, r, fault, 0) == hits, "a command was sent");
	check_outcome(m, r, fault, &o, state);
	again_please = checks_failed() != before && waited && !last;
	snprintf(said, sizeof(m->said[0][0]), "%s,%s,%u%s", o.err ? errname(o.err) : "ok", state,
		 rounds, checks_failed() != before ? "!" : "");
	finish(r->op, &o);
	if (again_please) {
		if (fault == HANG && look(m->c.addr, fault, &asked) > hits)
			after_death(m);
		if (fault == HANG)
			be_patient(m->c.addr, &old);
		return !restore(m);
	}
	if (r->cmd)
		recover(m, fault);
	if (waited && fault == HANG)
		be_patient(m->c.addr, &old);
	again(m, r->op);
	wait_levels(&m->quiet, LONG_MS);
	CHECK(n->bad == 0, "%u rounds of the neighbour's DMA were wrong", n->bad);
	printf("    %s, %s; beside it %u rounds of DMA\n", o.err ? errname(o.err) : "ok", state,
	       rounds);
out:
	finish(r->op, &o);
	return true;
}

static void run_cell(struct matrix *m, const struct row *r, enum fault fault)
{
	int before = checks_failed();

	snprintf(m->said[r - row][fault], sizeof(m->said[0][0]), "?");
	m->cells++;
	printf("--- %s.%s:%s\n", op_name[r->op], r->what, fault_name[fault]);
	for (size_t i = 0; i < TRIES; i++) {
		if (try_cell(m, r, fault, patience_factor[i], i == TRIES - 1))
			break;
		printf("    once more, with longer waits\n");
		checks_forget(before);
	}
	if (checks_failed() != before)
		m->failed++;
	printf("cell %s.%s:%s %s\n", op_name[r->op], r->what, fault_name[fault],
	       checks_failed() == before ? "ok" : "FAIL");
}

/* A plugin that is not there cannot crash. */
static bool is_cell(const struct row *r, int fault)
{
	return fault != CRASH || !r->cmd || r->plugin;
}

static void print_table(struct matrix *m)
{
	char build[64] = "";

	sysfs_read(build, sizeof(build), "%s/vgpu/firmware", m->c.pf);
	printf("table %-16s", build);
	for (int f = 0; f < FAULTS; f++)
		printf(" %-26s", fault_name[f]);
	putchar('\n');
	for (size_t r = 0; r < ROWS; r++) {
		char name[32];
		bool any = false;

		for (int f = 0; f < FAULTS; f++)
			any |= m->said[r][f][0] != '\0';
		if (!any)
			continue;
		snprintf(name, sizeof(name), "%s.%s", op_name[row[r].op], row[r].what);
		printf("table %-16s", name);
		for (int f = 0; f < FAULTS; f++)
			printf(" %-26s", is_cell(&row[r], f) ? m->said[r][f] : "-");
		putchar('\n');
	}
}

static bool asked_for(const struct row *r, int fault, const char *const *cell, unsigned int n)
{
	char name[64];

	snprintf(name, sizeof(name), "%s.%s:%s", op_name[r->op], r->what, fault_name[fault]);
	for (unsigned int i = 0; i < n; i++)
		if (!strcmp(cell[i], name))
			return true;
	return n == 0 && is_cell(r, fault);
}

void list_cells(void)
{
	for (size_t r = 0; r < ROWS; r++)
		for (int f = 0; f < FAULTS; f++)
			if (is_cell(&row[r], f))
				printf("%s.%s:%s\n", op_name[row[r].op], row[r].what, fault_name[f]);
}

int matrix(const char *pf, const char *type, const char *const *cell, unsigned int n)
{
	struct matrix *m = calloc(1, sizeof(*m));
	struct shared *shared;
	char vf[32];

	if (!m)
		die("out of memory");
	m->c.pf = pf;
	m->c.type = type;
	m->c.addr = strrchr(pf, '/') ? strrchr(pf, '/') + 1 : pf;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		die("mmap: %s", errname(errno));
	m->n = &shared->n;
	m->w = &shared->w;
	/* before anything is open: a child would keep it so */
	m->watcher = proc_run(watcher, m);

	if (make(&m->c, m->b, vf) && make(&m->c, m->a, m->vf) && start_neighbour(m)) {
		read_levels(&m->quiet);
		for (size_t r = 0; r < ROWS; r++)
			for (int f = 0; f < FAULTS; f++)
				if (asked_for(&row[r], f, cell, n) && m->proc)
					run_cell(m, &row[r], (enum fault)f);
		stop_neighbour(m);
		print_table(m);
		printf("matrix: %u cells, %u failed\n", m->cells, m->failed);
		CHECK(m->cells >= n && m->cells > 0, "%u cells of %u", m->cells, n);
	}
	if (m->a[0])
		drop(m->a);
	if (m->b[0])
		drop(m->b);
	m->w->stop = true;
	CHECK(proc_finish(m->watcher, LONG_MS) == 0, "the watcher");
	munmap(shared, sizeof(*shared));
	free(m);
	return checks_failed() ? EXIT_CHECK : EXIT_OK;
}
