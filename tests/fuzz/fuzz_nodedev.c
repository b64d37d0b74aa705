// SPDX-License-Identifier: LGPL-2.1-or-later
/* The XML that anybody who may talk to libvirtd hands to the node-device backend. */
#include "nodedev-plugin/backend/backend.h"
#include "fuzz.h"

#include <string.h>

static bool printable(const char *s)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct ovb_type type = { 560, "NVIDIA A40-4Q", 12 };
	struct ovb_request *r = malloc(sizeof(*r));
	char node[OVB_ADDRESS + 4], address[OVB_ADDRESS];
	/* of its exact size, and text, as libvirt hands it over */
	char *xml = malloc(size + 1), *more;
	unsigned int id;
	size_t i;

	HOLDS(r && xml);
	memcpy(xml, data, size);
	xml[size] = '\0';
	if (ovb_parse(xml, r)) {
		/* what becomes part of a path or goes into a file is what it seems to be */
		ovb_node(r->parent, node);
		HOLDS(ovb_address(node, address) && !strcmp(address, r->parent));
		HOLDS(printable(r->type) && printable(r->why));
		HOLDS(!ovb_type_id(r->type, &id) || id);
		HOLDS(r->n_attrs <= OVB_ATTRS);
		for (i = 0; i < r->n_attrs; i++)
			HOLDS(!strncmp(r->attrs[i].name, "nvidia/", 7) &&
			      !strchr(r->attrs[i].name + 7, '/') && printable(r->attrs[i].value));
	}
	more = ovb_add_types(xml, &type, 1);
	HOLDS(!more || strlen(more) > strlen(xml));
	free(more);
	free(xml);
	free(r);
	return 0;
}
