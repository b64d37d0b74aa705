// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads a domain's XML: its name, its mdevs, and what its metadata says of them. The form
 * of the metadata is strict, for a word that is spelled wrongly would give another vGPU than
 * the one that was meant.
 */
#include <ctype.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "hook.h"

__attribute__((format(printf, 2, 3)))
static bool wrong(char *why, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(why, HOOK_WHY_MAX, format, args);
	va_end(args);
	return false;
}

/* With dashes, as libvirt prints it; in lower case afterwards, as sysfs has it. */
bool hook_uuid(const char *text, char uuid[HOOK_UUID_MAX])
{
	size_t i;

	for (i = 0; i < HOOK_UUID_MAX - 1; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
		uuid[i] = (char)tolower((unsigned char)text[i]);
	}
	uuid[i] = '\0';
	return text[i] == '\0';
}

static bool is_element(const xmlNode *n, const char *name)
{
	return n->type == XML_ELEMENT_NODE && !strcmp((const char *)n->name, name);
}

static bool is_ours(const xmlNode *n, const char *name)
{
	return is_element(n, name) && n->ns && n->ns->href &&
	       !strcmp((const char *)n->ns->href, HOOK_NS);
}

static xmlNode *child(const xmlNode *parent, const char *name)
{
	xmlNode *n;

	for (n = parent ? parent->children : NULL; n; n = n->next)
		if (is_element(n, name))
			return n;
	return NULL;
}

/* The text is the caller's, to be freed with free(). */
static char *copy(xmlChar *text)
{
	char *mine = text ? strdup((const char *)text) : NULL;

	xmlFree(text);
	return mine;
}

static char *attribute(xmlNode *n, const char *name)
{
	return n ? copy(xmlGetNoNsProp(n, (const xmlChar *)name)) : NULL;
}

static struct hook_vgpu *find(struct hook_domain *d, const char *uuid)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		if (!strcmp(d->vgpus[i].uuid, uuid))
			return &d->vgpus[i];
	return NULL;
}

/* As libvirt reads it: decimal or with 0x. ULONG_MAX if it is no number. */
static unsigned long number(xmlNode *n, const char *name)
{
	char *text = attribute(n, name), *end = text;
	unsigned long value = text ? strtoul(text, &end, 0) : ULONG_MAX;

	if (end == text || *end)
		value = ULONG_MAX;
	free(text);
	return value;
}

static bool take_function(struct hook_domain *d, xmlNode *address, char *why)
{
	unsigned long domain = number(address, "domain"), bus = number(address, "bus");
	unsigned long slot = number(address, "slot"), function = number(address, "function");
	char (*more)[HOOK_ADDRESS_MAX];

	if (domain > UINT32_MAX || bus > 0xff || slot > 0x1f || function > 7)
		return true;
	more = reallocarray(d->functions, d->n_functions + 1, sizeof(*more));
	if (!more)
		return wrong(why, "out of memory");
	d->functions = more;
	snprintf(more[d->n_functions++], sizeof(*more), "%04lx:%02lx:%02lx.%lx", domain, bus, slot,
		 function);
	return true;
}

static bool take_hostdev(struct hook_domain *d, xmlNode *hostdev, char *why)
{
	xmlNode *address = child(child(hostdev, "source"), "address");
	char *type = attribute(hostdev, "type"), *text = NULL;
	struct hook_vgpu *more;
	char uuid[HOOK_UUID_MAX];
	bool ok = true;

	if (type && !strcmp(type, "pci"))
		ok = take_function(d, address, why);
	if (!type || strcmp(type, "mdev"))
		goto out;
	text = attribute(address, "uuid");
	/* What libvirt itself would refuse is not for us to judge. */
	if (!text || !hook_uuid(text, uuid) || find(d, uuid))
		goto out;
	more = reallocarray(d->vgpus, d->count + 1, sizeof(*more));
	if (!more) {
		ok = wrong(why, "out of memory");
		goto out;
	}
	d->vgpus = more;
	more = &d->vgpus[d->count++];
	memset(more, 0, sizeof(*more));
	memcpy(more->uuid, uuid, sizeof(uuid));
out:
	free(type);
	free(text);
	return ok;
}

static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len && len <= 10 && !text[len];
}

/* dddd:bb:dd.f; some machines have domains of more digits */
static bool is_address(char *text)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF");
	const char *rest = text + len;
	size_t i;

	if (len < 4 || len > 8 || rest[0] != ':' || strspn(rest + 1, "0123456789abcdefABCDEF") != 2 ||
	    rest[3] != ':' || strspn(rest + 4, "0123456789abcdefABCDEF") != 2 || rest[6] != '.' ||
	    rest[7] < '0' || rest[7] > '7' || rest[8])
		return false;
	for (i = 0; text[i]; i++)
		text[i] = (char)tolower((unsigned char)text[i]);
	return true;
}

/* Takes the attributes of a <vgpu> into @v; @v is freed by the caller, whatever happens. */
static bool take_attributes(xmlNode *n, struct hook_vgpu *v, char **uuid, char *why)
{
	const struct {
		const char *name;
		char **to;
	} known[] = {
		{ "uuid", uuid },
		{ "type", &v->type },
		{ "gpu", &v->gpu },
		{ "placement", &v->placement },
		{ "gpu-instance", &v->gi },
		{ "params", &v->params },
	};
	const size_t count = sizeof(known) / sizeof(known[0]);
	xmlAttr *a;
	size_t i;

	for (a = n->properties; a; a = a->next) {
		for (i = 0; i < count; i++)
			if (!a->ns && !strcmp((const char *)a->name, known[i].name))
				break;
		if (i == count)
			return wrong(why, "<vgpu> in the metadata: there is no attribute %.64s",
				     (const char *)a->name);
		*known[i].to = attribute(n, known[i].name);
		if (!*known[i].to)
			return wrong(why, "out of memory");
	}
	return true;
}

static void vgpu_free(struct hook_vgpu *v)
{
	free(v->type);
	free(v->gpu);
	free(v->placement);
	free(v->gi);
	free(v->params);
}

static bool take_vgpu(struct hook_domain *d, xmlNode *n, char *why)
{
	struct hook_vgpu v = { .uuid = "" }, *mine;
	char *uuid = NULL;
	bool ok = false;

	if (!take_attributes(n, &v, &uuid, why))
		goto out;
	if (!uuid || !hook_uuid(uuid, v.uuid))
		wrong(why, "<vgpu> in the metadata: uuid='%.64s' is no UUID", uuid ? uuid : "");
	else if (!v.type || !v.type[0] || strchr(v.type, '/'))
		wrong(why, "vGPU %s in the metadata: type='%.64s' is no vGPU type", v.uuid,
		      v.type ? v.type : "");
	else if (v.gpu && !is_address(v.gpu))
		wrong(why, "vGPU %s in the metadata: gpu='%.64s' is no PCI address", v.uuid, v.gpu);
	else if (v.placement && !is_number(v.placement))
		wrong(why, "vGPU %s in the metadata: placement='%.64s' is no number", v.uuid,
		      v.placement);
	else if (v.gi && !is_number(v.gi))
		wrong(why, "vGPU %s in the metadata: gpu-instance='%.64s' is no number", v.uuid, v.gi);
	else
		ok = true;
	if (!ok)
		goto out;
	mine = find(d, v.uuid);
	if (mine && mine->type) {
		ok = wrong(why, "vGPU %s is in the metadata twice", v.uuid);
	} else if (mine) {
		*mine = v;
		memset(&v, 0, sizeof(v));
	}
	/* One that the domain does not have may be there for a device that comes and goes. */
out:
	free(uuid);
	vgpu_free(&v);
	return ok;
}

static bool take_metadata(struct hook_domain *d, const xmlNode *metadata, char *why)
{
	xmlNode *vgpus, *n;

	for (vgpus = metadata ? metadata->children : NULL; vgpus; vgpus = vgpus->next) {
		if (!is_ours(vgpus, "vgpus"))
			continue;
		for (n = vgpus->children; n; n = n->next) {
			if (n->type != XML_ELEMENT_NODE)
				continue;
			if (!is_ours(n, "vgpu"))
				return wrong(why, "<vgpus> in the metadata: there is no element %.64s",
					     (const char *)n->name);
			if (!take_vgpu(d, n, why))
				return false;
		}
	}
	return true;
}

static bool take(struct hook_domain *d, const xmlNode *root, char *why)
{
	const xmlNode *devices = child(root, "devices");
	char *uuid;
	xmlNode *n;
	bool ok;

	if (!root || !is_element(root, "domain"))
		return wrong(why, "what libvirt sent is no domain");
	n = child(root, "name");
	d->name = n ? copy(xmlNodeGetContent(n)) : NULL;
	n = child(root, "uuid");
	uuid = n ? copy(xmlNodeGetContent(n)) : NULL;
	ok = d->name && uuid && hook_uuid(uuid, d->uuid);
	free(uuid);
	if (!ok)
		return wrong(why, "the domain has no name or no UUID");
	for (n = devices ? devices->children : NULL; n; n = n->next)
		if (is_element(n, "hostdev") && !take_hostdev(d, n, why))
			return false;
	return take_metadata(d, child(root, "metadata"), why);
}

static void silent(void *ctx, const char *format, ...)
{
	(void)ctx;
	(void)format;
}

/* @d is freed with hook_domain_free(), whatever happens. */
bool hook_domain_read(struct hook_domain *d, const char *xml, size_t len, char why[HOOK_WHY_MAX])
{
	xmlDoc *doc = NULL;
	bool ok;

	memset(d, 0, sizeof(*d));
	xmlSetGenericErrorFunc(NULL, silent);
	if (len <= INT_MAX)
		doc = xmlReadMemory(xml, (int)len, "domain.xml", NULL,
				    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	if (!doc)
		return wrong(why, "what libvirt sent is no XML");
	ok = take(d, xmlDocGetRootElement(doc), why);
	xmlFreeDoc(doc);
	return ok;
}

void hook_domain_free(struct hook_domain *d)
{
	size_t i;

	for (i = 0; i < d->count; i++)
		vgpu_free(&d->vgpus[i]);
	free(d->vgpus);
	free(d->functions);
	free(d->name);
	memset(d, 0, sizeof(*d));
}
