// SPDX-License-Identifier: LGPL-2.1-or-later
/* The settings file that "vgpuctl restore" reads. */
#include "cli/lib/openvgpu.h"
#include "fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The interface takes a path; a file without a place does. */
static int file_of(const void *data, size_t size, char *path, size_t room)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);

	HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, room, "/proc/self/fd/%d", fd);
	return fd;
}

/* What restore writes to sysfs: one word, nothing that could be something else. */
static bool plain(const char *s)
{
	for (; *s; s++)
		if (*s <= ' ' || *s > '~' || *s == '/')
			return false;
	return true;
}

static void check(const struct openvgpu_settings *s)
{
	for (size_t i = 0; i < s->n_gpus; i++) {
		const struct openvgpu_saved_gpu *g = &s->gpus[i];

		HOLDS(g->address[0] && plain(g->address) && plain(g->placement_mode) &&
		      plain(g->scheduler));
		HOLDS(openvgpu_settings_find(s, g->address) == g);
		for (size_t k = 0; k < g->n_gis; k++)
			HOLDS(g->gis[k].profile[0] && plain(g->gis[k].profile) && g->gis[k].start < 8);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct openvgpu_settings s = { 0 };
	struct openvgpu_error err = { "" };
	char path[64];
	int fd = file_of(data, size, path, sizeof(path)), ret;

	ret = openvgpu_settings_load(&s, path, &err);
	close(fd);
	if (ret)
		HOLDS(err.text[0] && memchr(err.text, '\0', sizeof(err.text)));
	else
		check(&s);
	openvgpu_settings_free(&s);
	return 0;
}
