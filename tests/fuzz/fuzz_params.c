// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is written to vgpu_params. */
#include "driver/core/params.h"
#include "fuzz.h"

#include <string.h>

/* What must never reach the firmware's parser or libvirt's XML. */
static bool harmless(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || strchr("<>&\"'", *s))
			return false;
	return true;
}

static bool printable(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char out[OVG_PARAMS_MAX + 1], again[OVG_PARAMS_MAX + 1], why[160] = "", text[2048];
	/* of its exact size: sysfs does not terminate it where the length ends */
	char *buf = malloc(size ? size : 1);
	int ret;

	HOLDS(buf);
	if (size)
		memcpy(buf, data, size);
	memset(out, 0x55, sizeof(out));
	ret = ovg_params_check(buf, size, out, sizeof(out), why, sizeof(why));
	free(buf);
	HOLDS(ret == 0 || ret == -E2BIG || ret == -EINVAL);
	if (ret) {
		HOLDS(why[0] && printable(why));
		HOLDS(ret != -E2BIG || size > OVG_PARAMS_MAX);
		return 0;
	}
	HOLDS(memchr(out, '\0', sizeof(out)) && harmless(out));
	/* what was kept can be written back */
	HOLDS(!ovg_params_check(out, strlen(out), again, sizeof(again), why, sizeof(why)));
	HOLDS(!strcmp(out, again));
	if (!ovg_params_join(560, out, text, sizeof(text))) {
		HOLDS(!strncmp(text, "vgpu_type_id=560", 16));
		HOLDS(!strchr(text, ' ') && !strstr(text, ",,") && text[strlen(text) - 1] != ',');
	}
	return 0;
}
