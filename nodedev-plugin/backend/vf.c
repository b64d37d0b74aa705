// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * NVIDIA's files of a VF: nvidia/creatable_vgpu_types and current_vgpu_type. Read anew
 * for every question, since VFs come, go and change without a word to libvirtd.
 */
#include "backend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_ROOM	512
/* The longest list: a few hundred types of at most 100 characters. */
#define LIST_MAX	65536

static bool path_of(char path[PATH_ROOM], const char *sysfs, const char *address,
		    const char *name)
{
	int n = snprintf(path, PATH_ROOM, "%s/bus/pci/devices/%s/%s", sysfs, address, name);

	return n > 0 && n < PATH_ROOM;
}

static bool exists(const char *sysfs, const char *address, const char *name)
{
	char path[PATH_ROOM];

	return path_of(path, sysfs, address, name) && !access(path, F_OK);
}

/* At most @room - 1 bytes and a NUL; -errno. */
static int slurp(const char *sysfs, const char *address, const char *name, char *text,
		 size_t room)
{
	char path[PATH_ROOM];
	size_t n = 0;
	ssize_t got;
	int fd, ret = 0;

	text[0] = '\0';
	if (!path_of(path, sysfs, address, name))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (n < room - 1) {
		got = read(fd, text + n, room - 1 - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			ret = -errno;
		if (got <= 0)
			break;
		n += (size_t)got;
	}
	text[ret ? 0 : n] = '\0';
	close(fd);
	return ret;
}

/* A line for a person: one line, nothing that a terminal or XML could take amiss. */
static void line(const char *sysfs, const char *address, const char *name, char *text,
		 size_t room)
{
	size_t i;

	if (slurp(sysfs, address, name, text, room))
		return;
	for (i = 0; text[i] && text[i] != '\n'; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	text[i] = '\0';
}

static const char *words(int err)
{
	const char *text = strerrordesc_np(-err);

	/* the kernel has numbers that are none of the C library's */
	return text ? text : "an error without a name";
}

/*
 * One write of the whole text, as sysfs takes it. @why is the driver's reason, its errno if
 * it says nothing; what it said of something else is not taken for one.
 */
static int put(const char *sysfs, const char *address, const char *name, const char *text,
	       char why[OVB_TEXT])
{
	size_t len = strlen(text);
	char path[PATH_ROOM];
	ssize_t n;
	int fd, ret = 0;

	why[0] = '\0';
	if (!path_of(path, sysfs, address, name))
		return -ENAMETOOLONG;
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		ret = -errno;
		snprintf(why, OVB_TEXT, "its file %s cannot be opened: %s", name, words(ret));
		return ret;
	}
	do
		n = write(fd, text, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		ret = -errno;
	else if ((size_t)n < len)
		ret = -EIO;
	close(fd);
	if (!ret)
		return 0;
	line(sysfs, address, "vgpu/last_error", why, OVB_TEXT);
	if (!why[0])
		snprintf(why, OVB_TEXT, "the driver says no more than: %s", words(ret));
	return ret;
}

static bool current_type(const char *sysfs, const char *vf, unsigned long *id)
{
	char text[32], *end;

	if (slurp(sysfs, vf, "nvidia/current_vgpu_type", text, sizeof(text)) || !text[0])
		return false;
	*id = strtoul(text, &end, 10);
	return end != text && (*end == '\n' || !*end);
}

/* What a link's end must be before it is part of a path. */
static bool plain_address(const char *text)
{
	size_t n = strlen(text);

	return n < OVB_ADDRESS && strchr(text, ':') && strspn(text, "0123456789abcdef:.") == n;
}

/* The device that a link of @device leads to; false if there is none. */
static bool linked(const char *sysfs, const char *device, const char *name,
		   char address[OVB_ADDRESS])
{
	char path[PATH_ROOM], target[PATH_ROOM];
	const char *base;
	ssize_t n;

	if (!path_of(path, sysfs, device, name))
		return false;
	n = readlink(path, target, sizeof(target));
	/* what fills all of it may be more than that */
	if (n < 0 || (size_t)n == sizeof(target))
		return false;
	target[n] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (!plain_address(base))
		return false;
	strcpy(address, base);
	return true;
}

/* Address of VF @i. */
static bool vf_of(const char *sysfs, const char *gpu, unsigned int i, char vf[OVB_ADDRESS])
{
	char name[32];

	snprintf(name, sizeof(name), "virtfn%u", i);
	return linked(sysfs, gpu, name, vf);
}

bool ovb_is_gpu(const char *sysfs, const char *address)
{
	char vf[OVB_ADDRESS];
	unsigned int i;

	/* the cheap questions first: this is asked of every PCI device */
	if (!exists(sysfs, address, "virtfn0") || exists(sysfs, address, "mdev_supported_types"))
		return false;
	/* a VF may be bound elsewhere */
	for (i = 0; i < OVB_VFS_MAX && vf_of(sysfs, address, i, vf); i++)
		if (exists(sysfs, vf, "nvidia/creatable_vgpu_types"))
			return true;
	return false;
}

bool ovb_is_vgpu(const char *sysfs, const char *address)
{
	char gpu[OVB_ADDRESS];
	unsigned long id;

	return current_type(sysfs, address, &id) && id &&
		linked(sysfs, address, "physfn", gpu) && ovb_is_gpu(sysfs, gpu);
}

/* The next "560   : NVIDIA A40-4Q"; a line that is none, such as the title, is left out. */
static bool next_type(char **text, struct ovb_type *type)
{
	while (**text) {
		char *at = *text, *end = strchr(at, '\n'), *colon;
		unsigned long id;
		size_t n, i;

		if (end)
			*end = '\0';
		*text = end ? end + 1 : at + strlen(at);
		if (*at < '0' || *at > '9')
			continue;
		errno = 0;
		id = strtoul(at, &colon, 10);
		if (errno || !id || id > 0xffffffffUL)
			continue;
		while (*colon == ' ')
			colon++;
		if (*colon++ != ':')
			continue;
		while (*colon == ' ')
			colon++;
		n = strlen(colon);
		if (!n || n >= sizeof(type->name))
			continue;
		for (i = 0; i <= n; i++)
			type->name[i] = colon[i] && (colon[i] < ' ' || colon[i] > '~') ? '?' :
				colon[i];
		type->id = (unsigned int)id;
		return true;
	}
	return false;
}

static bool is_free(const char *sysfs, const char *vf)
{
	unsigned long id;
	char owner[64];

	if (!current_type(sysfs, vf, &id) || id)
		return false;
	/* of our own driver only: a handle has it */
	if (slurp(sysfs, vf, "vgpu/owner", owner, sizeof(owner)))
		return true;
	return !strcmp(owner, "none\n") || !strcmp(owner, "none");
}

static bool count_type(struct ovb_type **types, size_t *n, const struct ovb_type *type)
{
	struct ovb_type *more;
	size_t i = 0;

	while (i < *n && (*types)[i].id < type->id)
		i++;
	if (i < *n && (*types)[i].id == type->id) {
		(*types)[i].available++;
		return true;
	}
	more = realloc(*types, (*n + 1) * sizeof(*more));
	if (!more)
		return false;
	*types = more;
	memmove(more + i + 1, more + i, (*n - i) * sizeof(*more));
	more[i] = *type;
	more[i].available = 1;
	(*n)++;
	return true;
}

int ovb_types(const char *sysfs, const char *gpu, struct ovb_type **types, size_t *n)
{
	char vf[OVB_ADDRESS], *text = malloc(LIST_MAX), *at;
	struct ovb_type type;
	unsigned int i;
	int ret = 0;

	*types = NULL;
	*n = 0;
	if (!text)
		return -ENOMEM;
	for (i = 0; i < OVB_VFS_MAX && !ret && vf_of(sysfs, gpu, i, vf); i++) {
		if (!is_free(sysfs, vf) ||
		    slurp(sysfs, vf, "nvidia/creatable_vgpu_types", text, LIST_MAX))
			continue;
		at = text;
		while (!ret && next_type(&at, &type))
			if (!count_type(types, n, &type))
				ret = -ENOMEM;
	}
	free(text);
	if (ret) {
		free(*types);
		*types = NULL;
		*n = 0;
	}
	return ret;
}

static bool offers(const char *sysfs, const char *vf, unsigned int id, char *text)
{
	struct ovb_type type;
	char *at = text;

	if (slurp(sysfs, vf, "nvidia/creatable_vgpu_types", text, LIST_MAX))
		return false;
	while (next_type(&at, &type))
		if (type.id == id)
			return true;
	return false;
}

size_t ovb_free_vfs(const char *sysfs, const char *gpu, unsigned int id,
		    char vfs[][OVB_ADDRESS], size_t max)
{
	char vf[OVB_ADDRESS], other[OVB_ADDRESS] = "", *text = malloc(LIST_MAX);
	unsigned int i;
	size_t n = 0;

	for (i = 0; text && i < OVB_VFS_MAX && n < max && vf_of(sysfs, gpu, i, vf); i++) {
		if (!is_free(sysfs, vf))
			continue;
		if (offers(sysfs, vf, id, text))
			memcpy(vfs[n++], vf, sizeof(vf));
		else if (!other[0])
			memcpy(other, vf, sizeof(other));
	}
	if (!n && max && other[0])
		memcpy(vfs[n++], other, sizeof(other));
	free(text);
	return n;
}

bool ovb_type_id(const char *type, unsigned int *id)
{
	unsigned long v;
	char *end;

	if (strncmp(type, "nvidia-", 7) || type[7] < '1' || type[7] > '9')
		return false;
	errno = 0;
	v = strtoul(type + 7, &end, 10);
	if (errno || *end || v > 0xffffffffUL)
		return false;
	*id = (unsigned int)v;
	return true;
}

static void append(char why[OVB_TEXT], const char *text)
{
	size_t n = strlen(why);

	snprintf(why + n, OVB_TEXT - n, "%s", text);
}

int ovb_set(const char *sysfs, const char *vf, unsigned int id,
	    const struct ovb_request *request, char why[OVB_TEXT])
{
	char text[16], said[OVB_TEXT];
	unsigned long now;
	size_t i;
	int ret;

	why[0] = '\0';
	/* writing a type over another would be a change of somebody else's vGPU */
	if (!current_type(sysfs, vf, &now) || now) {
		snprintf(why, OVB_TEXT, "it has a type");
		return -EBUSY;
	}
	snprintf(text, sizeof(text), "%u", id);
	ret = put(sysfs, vf, "nvidia/current_vgpu_type", text, why);
	if (ret)
		return ret;
	for (i = 0; i < request->n_attrs && !ret; i++) {
		ret = put(sysfs, vf, request->attrs[i].name, request->attrs[i].value, said);
		if (ret) {
			append(why, request->attrs[i].name);
			append(why, ": ");
			append(why, said);
		}
	}
	if (!ret)
		return 0;
	if (put(sysfs, vf, "nvidia/current_vgpu_type", "0", said)) {
		append(why, "; and the VF keeps its type: ");
		append(why, said);
	}
	/* the same refusal on every VF: no other is tried */
	return ret == -EBUSY ? -EINVAL : ret;
}

int ovb_clear(const char *sysfs, const char *vf, char why[OVB_TEXT])
{
	return put(sysfs, vf, "nvidia/current_vgpu_type", "0", why);
}
