// SPDX-License-Identifier: LGPL-2.1-or-later
/* The domain that libvirt hands to the hook, with metadata that a user wrote. */
#include "nodedev-plugin/hook/hook.h"
#include "fuzz.h"

#include <string.h>

/* What becomes part of a path in sysfs. */
static bool component(const char *s)
{
	return s[0] && s[0] != '.' && !strchr(s, '/');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char why[HOOK_WHY_MAX] = "", uuid[HOOK_UUID_MAX];
	struct hook_domain d;
	bool ok;

	ok = hook_domain_read(&d, (const char *)data, size, why);
	HOLDS(memchr(why, '\0', sizeof(why)));
	if (!ok) {
		HOLDS(why[0]);
	} else {
		HOLDS(!why[0] && d.name && hook_uuid(d.uuid, uuid) && !strcmp(d.uuid, uuid));
	}
	for (size_t i = 0; i < d.count; i++) {
		const struct hook_vgpu *v = &d.vgpus[i];

		HOLDS(hook_uuid(v->uuid, uuid) && !strcmp(v->uuid, uuid));
		for (size_t k = 0; k < i; k++)
			HOLDS(strcmp(v->uuid, d.vgpus[k].uuid));
		/* Only as a whole. */
		HOLDS(v->type || (!v->gpu && !v->placement && !v->gi && !v->params));
		if (v->type)
			HOLDS(v->type[0] && !strchr(v->type, '/'));
		if (v->gpu)
			HOLDS(component(v->gpu));
		if (v->placement)
			HOLDS(v->placement[strspn(v->placement, "0123456789")] == '\0');
		if (v->gi)
			HOLDS(v->gi[strspn(v->gi, "0123456789")] == '\0');
	}
	for (size_t i = 0; i < d.n_functions; i++)
		HOLDS(component(d.functions[i]) && strlen(d.functions[i]) >= strlen("0000:00:00.0"));
	hook_domain_free(&d);
	return 0;
}
