// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Why types cannot be created now: by netlink, else debugfs openvgpu/<PF>/types,
 * docs/abi/debugfs-openvgpu.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink.h"
#include "sysfs.h"

/* ID, NAME and REASON between tabs; @line is written to. */
static bool parse_line(char *line, struct openvgpu_reason *out)
{
	char *name = strchr(line, '\t'), *why = name ? strchr(name + 1, '\t') : NULL;
	size_t i;

	if (!why || !*line || name == line || line[strspn(line, "0123456789")] != '\t' ||
	    name - line > 9)
		return false;
	*name++ = '\0';
	*why++ = '\0';
	out->id = (uint32_t)strtoul(line, NULL, 10);
	out->creatable = !strcmp(why, "creatable");
	snprintf(out->name, sizeof(out->name), "%s", name);
	snprintf(out->why, sizeof(out->why), "%s", out->creatable ? "" : why);
	for (i = 0; out->why[i]; i++)
		if (out->why[i] < ' ' || out->why[i] > '~')
			out->why[i] = '?';
	return true;
}

static int parse(struct openvgpu_reasons *r, char *text, const char *path,
		 struct openvgpu_error *err)
{
	unsigned long number = 0;
	char *line;

	while ((line = strsep(&text, "\n"))) {
		struct openvgpu_reason *one;

		number++;
		if (!*line)
			continue;
		one = ovg_append(&r->list, r->n, sizeof(*one));
		if (!one)
			return ovg_error(err, -ENOMEM, "%s: out of memory", path);
		if (!parse_line(line, one))
			return ovg_error(err, -EINVAL, "%s:%lu: not a type with its reason", path,
					 number);
		r->n++;
	}
	return 0;
}

/* -ENOENT if there is no family, or not that GPU. */
static int by_netlink(struct openvgpu_reasons *r, const char *address, struct openvgpu_error *err)
{
	struct openvgpu_host h;
	int ret = ovg_nl_host(&h, address, err);
	size_t i;

	if (ret)
		return ret;
	if (!h.n_gpus)
		ret = -ENOENT;
	for (i = 0; h.n_gpus && i < h.gpus[0].n_offers && !ret; i++) {
		const struct openvgpu_offer *o = &h.gpus[0].offers[i];
		struct openvgpu_reason *one = ovg_append(&r->list, r->n, sizeof(*one));

		if (!one) {
			ret = ovg_error(err, -ENOMEM, "out of memory");
			break;
		}
		r->n++;
		one->id = o->id;
		memcpy(one->name, o->name, sizeof(one->name));
		one->creatable = o->creatable;
		memcpy(one->why, o->why, sizeof(one->why));
	}
	openvgpu_host_free(&h);
	if (ret)
		openvgpu_reasons_free(r);
	return ret;
}

int openvgpu_reasons_read(struct openvgpu_reasons *r, const char *sysfs, const char *address,
			  struct openvgpu_error *err)
{
	char dir[OVG_PATH_MAX], path[OVG_PATH_MAX], *text;
	size_t len;
	int ret;

	memset(r, 0, sizeof(*r));
	if (!strcmp(sysfs, "/sys")) {
		ret = by_netlink(r, address, err);
		if (ret != -ENOENT && ret != -EPROTONOSUPPORT)
			return ret;
	}
	if (!ovg_path(dir, sysfs, "kernel/debug/openvgpu") || !ovg_path(path, dir, address) ||
	    !ovg_path(dir, path, "types"))
		return ovg_error(err, -ENAMETOOLONG, "%s: path too long", sysfs);
	ret = ovg_read_file(dir, &text, &len, err);
	if (ret == -EACCES)
		return ovg_error(err, ret, "%s: only root may read the reasons", dir);
	if (ret == -ENOENT || ret == -ENOTDIR)
		return ovg_error(err, ret, "%s: not there; is debugfs mounted, and does openvgpu "
				 "drive the GPU?", dir);
	if (ret)
		return ret;
	ret = parse(r, text, dir, err);
	free(text);
	if (ret)
		openvgpu_reasons_free(r);
	return ret;
}

void openvgpu_reasons_free(struct openvgpu_reasons *r)
{
	free(r->list);
	memset(r, 0, sizeof(*r));
}
