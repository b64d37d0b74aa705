/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files of /lib/firmware come from the test. */
#include "../kshim.h"

struct firmware {
	size_t size;
	const u8 *data;
};

extern int shim_files;	/* requested and not released */
int shim_firmware(const char *name, struct firmware *fw);

static inline int firmware_request_nowarn(const struct firmware **out, const char *name,
					  struct device *dev)
{
	struct firmware *fw = calloc(1, sizeof(*fw));
	int err = shim_firmware(name, fw);

	(void)dev;
	if (err) {
		free(fw);
		return err;
	}
	shim_files++;
	*out = fw;
	return 0;
}

static inline void release_firmware(const struct firmware *fw)
{
	shim_files--;
	free((void *)fw);
}
