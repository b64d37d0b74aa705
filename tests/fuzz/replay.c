// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * replay NAME DIRECTORY: every file of a corpus through a fuzz target, for a build
 * without libFuzzer. A sanitizer or an abort ends it; the file's name is the last line.
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

static uint8_t *read_file(const char *path, size_t *size)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t n = 0, room = 0, got;

	*size = 0;
	if (!f)
		return NULL;
	do {
		uint8_t *more;

		room += 65536;
		more = realloc(data, room);
		if (!more)
			break;
		data = more;
		got = fread(data + n, 1, room - n, f);
		n += got;
	} while (got && n == room);
	fclose(f);
	/* of its exact size, so that one byte too far is seen */
	*size = n;
	return data ? realloc(data, n ? n : 1) : NULL;
}

int main(int argc, char **argv)
{
	unsigned int n = 0;
	struct dirent *e;
	DIR *dir;

	if (argc != 3)
		return 2;
	dir = opendir(argv[2]);
	while (dir && (e = readdir(dir))) {
		char path[512];
		uint8_t *data;
		size_t size;

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[2], e->d_name);
		data = read_file(path, &size);
		if (!data)
			continue;
		printf("# %s\n", e->d_name);
		fflush(stdout);
		LLVMFuzzerTestOneInput(data, size);
		free(data);
		n++;
	}
	if (dir)
		closedir(dir);
	/* and what no file has: nothing at all */
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	printf("%s 1 - fuzz %s: %u inputs of the corpus\n1..1\n", n ? "ok" : "not ok", argv[1], n);
	return n ? 0 : 1;
}
