// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The XML of "nodedev-create", from whoever may talk to libvirtd, and the XML of a PCI
 * device, from libvirt itself.
 */
#include "backend.h"

#include <libxml/parser.h>
#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool ovb_address(const char *node, char address[OVB_ADDRESS])
{
	unsigned int domain, bus, slot, function;
	char again[OVB_ADDRESS + 4];
	int n = -1;

	if (strlen(node) >= sizeof(again) ||
	    sscanf(node, "pci_%8x_%2x_%2x_%1x%n", &domain, &bus, &slot, &function, &n) != 4 ||
	    n < 0 || node[n] || slot > 0x1f || function > 7)
		return false;
	snprintf(address, OVB_ADDRESS, "%04x:%02x:%02x.%x", domain, bus & 0xff, slot, function);
	/* only the form that libvirt writes */
	ovb_node(address, again);
	return !strcmp(again, node);
}

void ovb_node(const char *address, char node[OVB_ADDRESS + 4])
{
	char *c;

	snprintf(node, OVB_ADDRESS + 4, "pci_%s", address);
	for (c = node; *c; c++)
		if (*c == ':' || *c == '.')
			*c = '_';
}

static bool is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !node->ns &&
		!strcmp((const char *)node->name, name);
}

static const xmlNode *child(const xmlNode *node, const char *name)
{
	const xmlNode *c;

	for (c = node->children; c; c = c->next)
		if (is(c, name))
			return c;
	return NULL;
}

/* Attribute as text; false if it is not there, too long or not printable ASCII. */
static bool attribute(const xmlNode *node, const char *name, char *out, size_t room)
{
	xmlChar *v = xmlGetNoNsProp((xmlNode *)node, (const xmlChar *)name);
	bool ok = v && strlen((const char *)v) < room;
	const xmlChar *c;

	for (c = v; ok && *c; c++)
		ok = *c >= ' ' && *c <= '~';
	if (ok)
		strcpy(out, (const char *)v);
	xmlFree(v);
	return ok;
}

static bool content(const xmlNode *node, char *out, size_t room)
{
	xmlChar *v = xmlNodeGetContent(node);
	bool ok = v && strlen((const char *)v) < room;

	if (ok)
		strcpy(out, (const char *)v);
	xmlFree(v);
	return ok;
}

/* Files of a VF that NVIDIA documents for its administrator; the value goes there as it is. */
static bool known_attribute(const char *name)
{
	return !strcmp(name, "nvidia/vgpu_params") || !strcmp(name, "nvidia/placement_id") ||
		!strcmp(name, "nvidia/gpu_instance_id");
}

static void read_attributes(const xmlNode *cap, struct ovb_request *r)
{
	const xmlNode *c;

	for (c = cap->children; c && !r->why[0]; c = c->next) {
		if (!is(c, "attr"))
			continue;
		if (r->n_attrs == OVB_ATTRS) {
			snprintf(r->why, sizeof(r->why), "more than %d attributes", OVB_ATTRS);
		} else if (!attribute(c, "name", r->attrs[r->n_attrs].name,
				      sizeof(r->attrs[0].name)) ||
			   !attribute(c, "value", r->attrs[r->n_attrs].value,
				      sizeof(r->attrs[0].value))) {
			snprintf(r->why, sizeof(r->why),
				 "an attribute has no name, no value, or one that is too long");
		} else if (!known_attribute(r->attrs[r->n_attrs].name)) {
			snprintf(r->why, sizeof(r->why),
				 "a VF has nvidia/vgpu_params, nvidia/placement_id and nvidia/gpu_instance_id, and no attribute '%s'",
				 r->attrs[r->n_attrs].name);
		} else {
			r->n_attrs++;
		}
	}
}

static bool read_device(const xmlNode *root, struct ovb_request *r)
{
	const xmlNode *parent, *cap, *type;
	char text[64];

	if (!root || !is(root, "device"))
		return false;
	parent = child(root, "parent");
	cap = child(root, "capability");
	if (!parent || !cap || !attribute(cap, "type", text, sizeof(text)) ||
	    strcmp(text, "mdev"))
		return false;
	type = child(cap, "type");
	if (!type || !attribute(type, "id", r->type, sizeof(r->type)) ||
	    !content(parent, text, sizeof(text)) || !ovb_address(text, r->parent))
		return false;
	read_attributes(cap, r);
	return true;
}

bool ovb_parse(const char *xml, struct ovb_request *request)
{
	size_t len = strnlen(xml, OVB_XML_MAX + 1);
	xmlDocPtr doc;
	bool ret;

	memset(request, 0, sizeof(*request));
	if (len > OVB_XML_MAX)
		return false;
	doc = xmlReadMemory(xml, (int)len, NULL, NULL,
			    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (!doc)
		return false;
	/* no DTD: entities are a way to make little into much */
	ret = !doc->intSubset && read_device(xmlDocGetRootElement(doc), request);
	xmlFreeDoc(doc);
	return ret;
}

/* Where libvirt has the types: before the first of these, at the depth of a capability. */
static const char *place_of(const char *xml)
{
	static const char *const behind[] = {
		"\n    <capability type='vpd'",
		"\n    <iommuGroup",
		"\n    <numa",
		"\n    <pci-express",
		"\n  </capability>",
	};
	size_t i;

	for (i = 0; i < sizeof(behind) / sizeof(behind[0]); i++) {
		const char *at = strstr(xml, behind[i]);

		if (at)
			return at + 1;
	}
	return NULL;
}

/* Names are the driver's and printable; what XML needs otherwise is left out. */
static void write_name(FILE *f, const char *name)
{
	for (; *name; name++)
		fputc(strchr("<>&'\"", *name) ? '?' : *name, f);
}

char *ovb_add_types(const char *xml, const struct ovb_type *types, size_t n)
{
	const char *at = place_of(xml);
	char *out = NULL;
	size_t size, i;
	bool bad;
	FILE *f;

	if (!at || strstr(xml, "<capability type='mdev_types'"))
		return NULL;
	f = open_memstream(&out, &size);
	if (!f)
		return NULL;
	fwrite(xml, 1, (size_t)(at - xml), f);
	fputs("    <capability type='mdev_types'>\n", f);
	for (i = 0; i < n; i++) {
		fprintf(f, "      <type id='nvidia-%u'>\n        <name>", types[i].id);
		write_name(f, types[i].name);
		fprintf(f, "</name>\n"
			   "        <deviceAPI>vfio-pci</deviceAPI>\n"
			   "        <availableInstances>%u</availableInstances>\n"
			   "      </type>\n", types[i].available);
	}
	fputs("    </capability>\n", f);
	fputs(at, f);
	bad = ferror(f);
	if (fclose(f) || bad) {
		free(out);
		return NULL;
	}
	return out;
}
