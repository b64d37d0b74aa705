// SPDX-License-Identifier: GPL-2.0-only
/* RM objects: clients, devices and subdevices by handle. */
#include <linux/slab.h>
#include "fw.h"

static struct sim_object *find(struct sim_fw *fw, u32 client, u32 handle)
{
	struct sim_object *o;

	list_for_each_entry(o, &fw->objects, link)
		if (o->client == client && o->handle == handle)
			return o;
	return NULL;
}

bool sim_rm_is_client(struct sim_board *b, u32 handle)
{
	return find(b->fw, handle, handle);
}

static u32 params_size(struct sim_board *b, u32 class)
{
	switch (class) {
	case CLASS_ROOT:
		return b->lay->root_params;
	case CLASS_DEVICE:
		return DEVICE_PARAMS;
	default:
		return SUBDEVICE_PARAMS;
	}
}

static u32 do_alloc(struct sim_board *b, const u8 *p, u32 size)
{
	struct sim_fw *fw = b->fw;
	u32 client = rd32(p + ALLOC_CLIENT), parent = rd32(p + ALLOC_PARENT);
	u32 handle = rd32(p + ALLOC_OBJECT), class = rd32(p + ALLOC_CLASS);
	const u8 *par = p + ALLOC_HEADER;
	struct sim_object *o;

	if (class != CLASS_ROOT && class != CLASS_DEVICE && class != CLASS_SUBDEVICE) {
		sim_count(b, refused_class);
		return NV_INVALID_CLASS;
	}
	if (size != params_size(b, class)) {
		sim_count(b, refused_alloc_params);
		return NV_INVALID_PARAMS;
	}
	if (!client || !handle) {
		sim_count(b, refused_handle);
		return NV_INVALID_HANDLE;
	}
	if (class == CLASS_ROOT) {
		if (handle != client || parent != client) {
			sim_count(b, refused_parent);
			return NV_INVALID_PARENT;
		}
		if (rd32(par) != client) {
			sim_count(b, refused_alloc_params);
			return NV_INVALID_PARAMS;
		}
	} else {
		if (!find(fw, client, client)) {
			sim_count(b, refused_client);
			return NV_INVALID_CLIENT;
		}
		o = find(fw, client, parent);
		if (!o || o->class != (class == CLASS_DEVICE ? CLASS_ROOT : CLASS_DEVICE)) {
			sim_count(b, refused_parent);
			return NV_INVALID_PARENT;
		}
		/* Both begin with the number of the GPU below the parent: there is one. */
		if (rd32(par)) {
			sim_count(b, refused_alloc_params);
			return NV_INVALID_ARGUMENT;
		}
	}
	if (find(fw, client, handle)) {
		sim_count(b, refused_handle_in_use);
		return NV_INSERT_DUPLICATE;
	}
	if (fw->nobjects == SIM_MAX_OBJECTS) {
		sim_count(b, refused_too_many_objects);
		return NV_INSUFFICIENT;
	}
	o = kzalloc(sizeof(*o), GFP_KERNEL);
	if (!o)
		return NV_NO_MEMORY;
	o->client = client;
	o->handle = handle;
	o->parent = parent;
	o->class = class;
	list_add(&o->link, &fw->objects);
	fw->nobjects++;
	return 0;
}

u32 sim_rm_alloc(struct sim_board *b, u8 *p, u32 len)
{
	if (len < ALLOC_HEADER || rd32(p + ALLOC_PARAMS_SIZE) > len - ALLOC_HEADER) {
		sim_count(b, refused_payload);
		return RPC_INVALID_FORMAT;
	}
	wr32(p + ALLOC_STATUS, do_alloc(b, p, rd32(p + ALLOC_PARAMS_SIZE)));
	return RPC_OK;
}

static void free_one(struct sim_fw *fw, struct sim_object *o)
{
	list_del(&o->link);
	kfree(o);
	fw->nobjects--;
}

/* The tree is three levels deep: children of children are freed first. */
static void free_tree(struct sim_fw *fw, struct sim_object *o)
{
	struct sim_object *c, *tmp;
	bool again = true;

	while (again) {
		again = false;
		list_for_each_entry_safe(c, tmp, &fw->objects, link) {
			if (c == o || c->client != o->client || c->parent != o->handle)
				continue;
			free_tree(fw, c);
			again = true;	/* the list has changed under us */
			break;
		}
	}
	free_one(fw, o);
}

u32 sim_rm_free(struct sim_board *b, u8 *p, u32 len)
{
	struct sim_fw *fw = b->fw;
	struct sim_object *o;
	u32 client, status = 0;

	if (len < FREE_SIZE) {
		sim_count(b, refused_payload);
		return RPC_INVALID_FORMAT;
	}
	client = rd32(p + FREE_CLIENT);
	o = find(fw, client, rd32(p + FREE_OBJECT));
	if (!find(fw, client, client)) {
		sim_count(b, refused_client);
		status = NV_INVALID_CLIENT;
	} else if (!o) {
		sim_count(b, refused_object);
		status = NV_OBJECT_NOT_FOUND;
	} else {
		free_tree(fw, o);
	}
	wr32(p + FREE_STATUS, status);
	return RPC_OK;
}

u32 sim_rm_check_subdevice(struct sim_board *b, u32 client, u32 handle)
{
	struct sim_object *o;

	if (!find(b->fw, client, client)) {
		sim_count(b, refused_client);
		return NV_INVALID_CLIENT;
	}
	o = find(b->fw, client, handle);
	if (!o) {
		sim_count(b, refused_object);
		return NV_OBJECT_NOT_FOUND;
	}
	if (o->class != CLASS_SUBDEVICE) {
		sim_count(b, refused_object_kind);
		return NV_INVALID_HANDLE;
	}
	return 0;
}

void sim_rm_forget(struct sim_board *b)
{
	struct sim_object *o, *tmp;

	list_for_each_entry_safe(o, tmp, &b->fw->objects, link)
		free_one(b->fw, o);
}
