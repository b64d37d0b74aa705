// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl import: where OpenStack Nova names VFs that were mdev parents. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "import.h"

static struct nova_change *one_more(struct nova_changes *n)
{
	struct nova_change *more = reallocarray(n->list, n->n + 1, sizeof(*more));

	if (!more) {
		fail("out of memory");
		exit(VGPUCTL_FAILED);
	}
	n->list = more;
	memset(&n->list[n->n], 0, sizeof(*more));
	return &n->list[n->n++];
}

/* The GPU of a VF; NULL for anything else, a GPU itself included. */
static const struct openvgpu_gpu *moves_to(const struct importer *im, const char *text)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu;

	if (!openvgpu_pci_address(text, address))
		return NULL;
	gpu = gpu_of_parent(im, address);
	return gpu && strcmp(gpu->address, address) ? gpu : NULL;
}

/* Nova may have been started anew already: then it has made the provider of the GPU. */
static bool has_name(const char *text, const char *name)
{
	size_t len = strlen(name);
	const char *p;

	for (p = text; (p = strstr(p, name)); p += len)
		if ((p == text || strchr(" \t\",\n", p[-1])) && strchr(" \t\",\r\n", p[len]))
			return true;
	return false;
}

/* A line "UUID HOST_pci_0000_41_00_4" of 'openstack resource provider list'. */
static void plan_provider(const struct importer *im, const char *all, char *line,
			  struct nova_changes *out)
{
	char *uuid = line + strspn(line, " \t\""), *name, *node;
	const struct openvgpu_gpu *gpu;
	struct nova_change *c;
	char *to;
	size_t i;

	name = uuid + strcspn(uuid, " \t\",");
	if (!*name)
		return;
	*name++ = '\0';
	name += strspn(name, " \t\",");
	name[strcspn(name, " \t\",\r")] = '\0';
	for (node = name; (node = strstr(node, "_pci_")); node++)
		if (!strstr(node + 1, "_pci_"))
			break;
	gpu = node ? moves_to(im, node + 1) : NULL;
	if (!gpu)
		return;
	to = node_name(gpu->address);
	c = one_more(out);
	c->where = format("%s", uuid);
	c->old = format("%s", name);
	c->new = format("%.*s_%s", (int)(node - name), name, to);
	c->provider = true;
	c->first = !has_name(all, c->new);
	for (i = 0; i + 1 < out->n; i++)
		if (out->list[i].provider && !strcmp(out->list[i].new, c->new))
			c->first = false;
	free(to);
}

/* [mdev_nvidia-558] device_addresses = 0000:41:00.4,... */
static void plan_line(const struct importer *im, const char *file, unsigned int number, char *line,
		      struct nova_changes *out)
{
	char *p = line + strspn(line, " \t"), *save = NULL, *word;
	const struct openvgpu_gpu *gpu;
	struct nova_change *c;

	if (strncmp(p, "device_addresses", 16))
		return;
	p = strchr(p, '=');
	if (!p)
		return;
	for (word = strtok_r(p + 1, ", \t\r", &save); word; word = strtok_r(NULL, ", \t\r", &save)) {
		gpu = moves_to(im, word);
		if (!gpu)
			continue;
		c = one_more(out);
		c->where = format("/%s:%u", file, number);
		c->old = format("%s", word);
		c->new = format("%s", gpu->address);
	}
}

bool plan_nova(const struct importer *im, const char *providers, struct nova_changes *out)
{
	static const char *const files[] = { "etc/nova/nova.conf", "etc/nova/nova-cpu.conf" };
	char *text, *line, *next, *all;
	unsigned int number;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(files); i++) {
		text = file_read(im->root, files[i], NULL);
		if (!text && errno != ENOENT)
			remark("/%s: %s; its addresses are not looked at", files[i], strerror(errno));
		for (line = text, number = 1; line; line = next, number++) {
			next = strchr(line, '\n');
			if (next)
				*next++ = '\0';
			plan_line(im, files[i], number, line, out);
		}
		free(text);
	}
	if (!providers)
		return true;
	text = file_read(*providers == '/' ? "" : ".", providers + (*providers == '/'), NULL);
	if (!text) {
		fail("%s: %s", providers, strerror(errno));
		return false;
	}
	all = format("%s", text);
	for (line = text; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		plan_provider(im, all, line, out);
	}
	free(all);
	free(text);
	return true;
}

void free_nova(struct nova_changes *n)
{
	size_t i;

	for (i = 0; i < n->n; i++) {
		free(n->list[i].where);
		free(n->list[i].old);
		free(n->list[i].new);
	}
	free(n->list);
	*n = (struct nova_changes){ 0 };
}
