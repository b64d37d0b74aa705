// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl import */
#include <stdlib.h>
#include <string.h>

#include "import.h"

static size_t problems(const struct moves *m)
{
	size_t i, n = 0;

	for (i = 0; i < m->n; i++)
		n += m->list[i].problem != NULL;
	return n;
}

static const char *action(const struct move *m)
{
	return m->problem ? "none" : m->again ? "remove" : "move";
}

static void print_moves(const struct moves *m)
{
	static const char *const columns[] = { "VGPU", "FROM", "TO", "TYPE", "START", "ACTION" };
	struct table *table = table_new(columns, ARRAY_SIZE(columns));
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct move *one = &m->list[i];
		bool other = one->type && one->new_type && strcmp(one->type, one->new_type);
		char *type = other ? format("%s -> %s", one->type, one->new_type) :
				     format("%s", one->type ? one->type : "-");

		table_row(table, (const char *const[]){ one->uuid, one->from,
							*one->to ? one->to : NULL, type, one->start,
							action(one) });
		free(type);
	}
	if (m->n)
		table_print(table, stdout);
	table_free(table);
}

/* Providers that Nova made for VFs; those of a GPU become one. */
static void print_nova(const struct moves *m, const struct nova_changes *n)
{
	bool any = false, config = false;
	size_t i;

	for (i = 0; i < m->n; i++) {
		char *from = node_name(m->list[i].from), *to;

		/* each parent once; they are sorted */
		if (*m->list[i].to && (!i || strcmp(m->list[i].from, m->list[i - 1].from))) {
			to = node_name(m->list[i].to);
			printf("%s  HOST_%s -> HOST_%s\n",
			       any ? "" : "\nResource providers of Nova, if it has made these vGPUs:\n",
			       from, to);
			any = true;
			free(to);
		}
		free(from);
	}
	for (i = 0; i < n->n; i++)
		if (!n->list[i].provider) {
			printf("%s  %s: %s -> %s\n", config ? "" : "\nTo be changed by hand:\n",
			       n->list[i].where, n->list[i].old, n->list[i].new);
			config = true;
		}
	for (i = 0, any = false; i < n->n; i++)
		if (n->list[i].provider) {
			const struct nova_change *c = &n->list[i];

			if (!any)
				puts("\nFor Nova, while nova-compute is stopped:\n");
			any = true;
			if (c->first)
				printf("  openstack resource provider set --name %s %s\n", c->new,
				       c->where);
			else
				printf("  openstack resource provider show --allocations %s\n"
				       "      (move what it shows to %s)\n"
				       "  openstack resource provider delete %s\n", c->where, c->new,
				       c->where);
		}
}

static void print_import_json(const struct moves *m, const struct nova_changes *n, bool applied)
{
	json_object *obj = json_object_new_object(), *moves = json_object_new_array();
	json_object *providers = json_object_new_array(), *config = json_object_new_array();
	size_t i;

	for (i = 0; i < m->n; i++) {
		const struct move *one = &m->list[i];
		json_object *o = json_object_new_object();

		json_add_string(o, "uuid", one->uuid);
		json_add_string(o, "from", one->from);
		json_add_string(o, "to", *one->to ? one->to : NULL);
		json_add_string(o, "type", one->type);
		json_add_string(o, "new_type", one->new_type);
		json_add_string(o, "start", one->start);
		json_add_string(o, "action", action(one));
		json_add_string(o, "problem", one->problem);
		json_object_array_add(moves, o);
	}
	for (i = 0; i < n->n; i++) {
		const struct nova_change *c = &n->list[i];
		json_object *o = json_object_new_object();

		json_add_string(o, c->provider ? "uuid" : "where", c->where);
		json_add_string(o, "old", c->old);
		json_add_string(o, "new", c->new);
		if (c->provider)
			json_add_string(o, "action", c->first ? "rename" : "merge");
		json_object_array_add(c->provider ? providers : config, o);
	}
	json_add_bool(obj, "applied", applied);
	json_object_object_add(obj, "definitions", moves);
	json_object_object_add(obj, "nova_providers", providers);
	json_object_object_add(obj, "nova_config", config);
	print_json(obj);
}

static int run_import(const struct importer *im, const char *nova, bool apply, bool json)
{
	struct nova_changes n = { 0 };
	struct moves m = { 0 };
	int status = VGPUCTL_OK;
	size_t i;

	if (!check_map(im) || !plan_moves(im, &m) || !plan_nova(im, nova, &n)) {
		status = VGPUCTL_FAILED;
		goto out;
	}
	for (i = 0; i < m.n; i++)
		if (m.list[i].problem)
			status = fail("%s on %s: %s", m.list[i].uuid, m.list[i].from,
				      m.list[i].problem);
	if (apply && status == VGPUCTL_OK)
		status = apply_moves(im, &m);
	if (json) {
		print_import_json(&m, &n, apply && status == VGPUCTL_OK);
		goto out;
	}
	print_moves(&m);
	print_nova(&m, &n);
	if (!m.n)
		printf("%sNothing is defined on a VF of a GPU.\n", n.n ? "\n" : "");
	else if (problems(&m))
		puts("\nNothing is changed.");
	else if (!apply)
		puts("\nNothing is changed without --apply.");
	else if (status == VGPUCTL_OK)
		puts("\nDone. The old files are in /" BACKUPS ".");
out:
	free_moves(&m);
	free_nova(&n);
	return status;
}

int cmd_import(const struct command *cmd, int argc, char **argv)
{
	const char *root = NULL, *map = NULL, *nova = NULL;
	bool apply = false;
	const struct option_def defs[] = {
		{ "apply", 0, NULL, "do it, and not only say it", &apply, NULL },
		{ "map", 'm', "OLD=NEW[,...]", "the GPU NEW takes the place of the parent OLD", NULL,
		  &map },
		{ "nova", 0, "FILE", "what 'openstack resource provider list' says", NULL, &nova },
		ROOT_OPTION(&root),
	};
	struct common_options common;
	struct importer im = { 0 };
	struct openvgpu_error err;
	int status, first;

	first = parse_options(cmd, argc, argv, defs, ARRAY_SIZE(defs), &common, &status);
	if (first < 0)
		return status;
	if (first < argc)
		return usage_error(cmd, "unexpected argument '%s'", argv[first]);
	im.root = root ? root : "";
	im.map = map;
	if (!read_host_below(root, &common, &im.host, &im.sysfs))
		return VGPUCTL_FAILED;
	/* without it numbers are compared with what the driver offers alone */
	if (load_types(&im.types, NULL, &err))
		remark("%s", err.text);
	status = run_import(&im, nova, apply, common.json);
	openvgpu_types_free(&im.types);
	openvgpu_host_free(&im.host);
	free(im.sysfs);
	return status;
}
