/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_TEST_SCENARIO_H
#define OVG_TEST_SCENARIO_H

#include "proc.h"
#include "tests.h"

#define LONG_MS 120000
#define DRIVER "/sys/bus/pci/drivers/nvidia"

struct ctx {
	const char *pf;		/* sysfs path */
	const char *addr;	/* PCI address of the PF */
	const char *type;
	uint32_t type_id;
	unsigned int vfs;
	unsigned int rounds;
	long instances;		/* of the type, nothing else reserved */
};

/* Makes a handle and tells its VF; false when it could not be made. */
bool make(const struct ctx *c, char uuid[37], char vf[32]);
void drop(const char *uuid);
void expect_text(const char *want, const char *dir, const char *name);
void expect_instances(const struct ctx *c, long want);
void use_once(const char *where);
void expect_refused(const char *where, int want);
/* binds the PF again and brings it up */
int rebind(const struct ctx *c);
/* waits until the PF says so */
bool wait_status(const struct ctx *c, const char *want, unsigned int timeout_ms);

/* The levels (names ending in _now) of every counters file in debugfs. */
struct levels {
	unsigned int n;
	char file[128][24];
	char name[128][40];
	long long value[128];
};

void read_levels(struct levels *l);
/* with @tell each difference is a failed check */
bool same_levels(const struct levels *a, const struct levels *b, bool tell);
/* until they are; what is put away by a work item may need a moment */
bool wait_levels(const struct levels *before, unsigned int timeout_ms);
/* waits that are short, times @factor, for a firmware that is known to be silent; and back */
#define PATIENCE 6
struct patience {
	char ms[PATIENCE][16];
};

void be_impatient(const char *addr, struct patience *old, unsigned int factor);
void be_patient(const char *addr, const struct patience *old);
/* one counter of the driver's ("openvgpu") or the board's ("openvgpu_sim") */
long long counter(const char *module, const char *addr, const char *name);

void s_lifecycle(const struct ctx *c);
void s_checks(const struct ctx *c);
void s_cdev(const struct ctx *c);
void s_pair(const struct ctx *c);
void s_fill(const struct ctx *c);
void s_vf_face(const struct ctx *c);
void s_parent(const struct ctx *c);
void s_churn(const struct ctx *c);
void s_remove_open(const struct ctx *c);
void s_remove_killed(const struct ctx *c);
void s_kill(const struct ctx *c);
void s_vf_unbind(const struct ctx *c);
void s_pf_unbind(const struct ctx *c);
void s_pf_remove(const struct ctx *c);
void s_sriov(const struct ctx *c);
void s_unload_open(const struct ctx *c);
void s_firmware(const struct ctx *c);
void s_pf_reset(const struct ctx *c);
void s_fail_nth(const struct ctx *c);
void s_storm(const struct ctx *c);
void s_scrub(const struct ctx *c);
void s_together(const struct ctx *c);
void s_death(const struct ctx *c);
void s_matrix(const struct ctx *c);

#endif
