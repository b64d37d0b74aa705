// SPDX-License-Identifier: LGPL-2.1-or-later
/* The configuration that mdevctl hands to its callout for "modify --live". */
#define OPENVGPU_BINDIR	"/nonexistent"

#include <stdio.h>
#include <sys/stat.h>

#include "fuzz.h"

/* What it says to a user is not what is looked at. */
static FILE *quiet;
#pragma push_macro("stderr")
#undef stderr
#define stderr	quiet
#define main	callout_main
int callout_main(int argc, char **argv);
#include "nodedev-plugin/callout/callout.c"
#undef main
#pragma pop_macro("stderr")

#define UUID	"c0ffee00-5e1f-4a40-8000-000000000001"

/* Files that a root's callout must not write, whatever it is told, and those that it may. */
static const char *const folders[] = {
	"", "/bus", "/bus/mdev", "/bus/mdev/devices", "/bus/mdev/devices/" UUID,
	"/bus/mdev/devices/" UUID "/vgpu", "/bus/mdev/devices/" UUID "/nvidia",
	"/bus/mdev/devices/" UUID "/nvidia/sub",
};
static const char *const untouched[] = {
	"secret", "bus/secret", "bus/mdev/devices/secret", "bus/mdev/devices/" UUID "/remove",
	"bus/mdev/devices/" UUID "/vgpu/state", "bus/mdev/devices/" UUID "/nvidia/sub/secret",
	"bus/mdev/devices/" UUID "/nvidia/.secret",
};
static const char *const written[] = {
	"bus/mdev/devices/" UUID "/vgpu/vm_name", "bus/mdev/devices/" UUID "/nvidia/vgpu_params",
	"bus/mdev/devices/" UUID "/nvidia/placement_id",
};

static char root[] = "/tmp/openvgpu-fuzz-XXXXXX";

static void put(const char *file)
{
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", root, file);
	f = fopen(path, "w");
	HOLDS(f && fputs("untouched\n", f) >= 0 && !fclose(f));
}

static void clean_up(void)
{
	char path[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(untouched) / sizeof(*untouched); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, untouched[i]);
		unlink(path);
	}
	for (i = 0; i < sizeof(written) / sizeof(*written); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, written[i]);
		unlink(path);
	}
	for (i = sizeof(folders) / sizeof(*folders); i--;) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		rmdir(path);
	}
}

static void set_up(void)
{
	char path[PATH_MAX];
	size_t i;

	quiet = fopen("/dev/null", "w");
	HOLDS(quiet && mkdtemp(root));
	atexit(clean_up);
	for (i = 1; i < sizeof(folders) / sizeof(*folders); i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		HOLDS(!mkdir(path, 0700));
	}
	for (i = 0; i < sizeof(untouched) / sizeof(*untouched); i++)
		put(untouched[i]);
	for (i = 0; i < sizeof(written) / sizeof(*written); i++)
		put(written[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct call c = { "nvidia-560", "live", "modify", "none", UUID, "0001:00:00.0", root, NULL };
	char text[64];
	size_t i;
	int status;

	if (!quiet)
		set_up();
	c.input = malloc(size + 1);
	HOLDS(c.input);
	memcpy(c.input, data, size);
	c.input[size] = '\0';
	status = live_modify(&c);
	free(c.input);
	HOLDS(status == 0 || status == 1);
	for (i = 0; i < sizeof(untouched) / sizeof(*untouched); i++)
		HOLDS(read_at(text, sizeof(text), root, ".", ".", untouched[i]) &&
		      !strcmp(text, "untouched"));
	return 0;
}
