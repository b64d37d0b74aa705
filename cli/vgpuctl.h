/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the commands of vgpuctl. */
#ifndef VGPUCTL_H
#define VGPUCTL_H

#include <json-c/json.h>

#include "lib/openvgpu.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Exit statuses, as in vgpuctl(1). */
#define VGPUCTL_OK	0
#define VGPUCTL_FAILED	1
#define VGPUCTL_USAGE	2

/**
 * struct option_def - an option of a command
 * @name: long name
 * @letter: short name or 0
 * @arg: what its argument is called, NULL for a flag
 * @help: one line for --help, NULL to leave the option out of it
 * @flag: set to true, if @arg is NULL
 * @value: set to the argument, if there is one
 */
struct option_def {
	const char *name;
	char letter;
	const char *arg;
	const char *help;
	bool *flag;
	const char **value;
};

/**
 * struct command - a command of vgpuctl
 * @name: its words, e.g. "catalog build"
 * @args: its arguments, for the usage line
 * @help: what it does, one line
 * @more: what else --help says, NULL if nothing
 * @run: gets the arguments behind the words of @name, argv[0] included
 */
struct command {
	const char *name;
	const char *args;
	const char *help;
	const char *more;
	int (*run)(const struct command *cmd, int argc, char **argv);
};

/* Options that every command has. */
struct common_options {
	bool json;
	const char *sysfs;
};

/*
 * Reads options; --help, --sysfs and -o are added here. Returns the index of
 * the first argument, or a negative value if the command is to return with
 * *@status right away.
 */
int parse_options(const struct command *cmd, int argc, char **argv, const struct option_def *defs,
		  size_t n_defs, struct common_options *common, int *status);

/* For commands that can look at another host than this one: its directory, in *@to. */
#define ROOT_OPTION(to) \
	{ "root", 0, "DIR", "look at the host below DIR, not at /", NULL, (to) }

/*
 * Reads the GPUs below @root, NULL for this host. Unless --sysfs names another *@sysfs is the one
 * below @root; to be freed, as @host is. False after a message, then there is nothing to free.
 */
bool read_host_below(const char *root, const struct common_options *common,
		     struct openvgpu_host *host, char **sysfs);

/* "vgpuctl: TEXT" and "Try ..." on standard error; returns %VGPUCTL_USAGE. */
int usage_error(const struct command *cmd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* The same without the hint; returns %VGPUCTL_FAILED. */
int fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* A decimal number up to @max; false if @text is not that. */
bool parse_number(const char *text, uint64_t max, uint64_t *out);

/* Prints and releases @obj. */
void print_json(json_object *obj);
void json_add_string(json_object *obj, const char *key, const char *value);
void json_add_uint(json_object *obj, const char *key, uint64_t value);
void json_add_bool(json_object *obj, const char *key, bool value);

/*
 * Text tables: columns as wide as they need to be, two blanks apart.
 */
struct table;

/* @columns: names; one that starts with '>' is aligned to the right. */
struct table *table_new(const char *const *columns, size_t n);
/* Texts are copied; NULL reads as "-". */
void table_row(struct table *t, const char *const *cells);
void table_print(const struct table *t, FILE *f);
void table_free(struct table *t);

/* Never returns NULL. */
char *format(const char *fmt, ...) __attribute__((format(printf, 1, 2), returns_nonnull));
/* "4 GiB", "46068 MiB": the largest unit that needs no rounding. */
char *format_bytes(uint64_t bytes);

/* A field of a type record as people read it. */
char *field_text(const struct openvgpu_field *field);

/* The catalogue's source: @path, else $OPENVGPU_TYPES, else the installed one. */
const char *types_path(const char *path);
int load_types(struct openvgpu_types *t, const char *path, struct openvgpu_error *err);

/*
 * The GPU that the user means, its address in sysfs's form in @address. NULL
 * after a message if there is none.
 */
const struct openvgpu_gpu *find_gpu(const struct openvgpu_host *h, const char *text,
				    char address[OPENVGPU_ADDRESS_MAX]);

/*
 * Reads the settings of the GPU that the user means into @host. NULL after a message;
 * @host is to be freed otherwise.
 */
const struct openvgpu_gpu *read_gpu(struct openvgpu_host *host, const char *sysfs,
				    const char *text);
/* vgpu.c */
bool make_uuid(char out[OPENVGPU_UUID_MAX]);
/* "0001:00:00.0" as libvirt names it: "pci_0001_00_00_0" */
char *node_name(const char *address);
/* What libvirt will call an mdev. It ignores the name, but 'virsh --validate' wants one. */
char *mdev_node_name(const char *uuid, const char *parent);
/* Number and name of a type of the GPU: "nvidia-560", "560", "A40-4Q". 0 after a message. */
uint32_t find_type(const struct openvgpu_gpu *gpu, const char *text, const char **name);
/* What netlink says of a vGPU; by its VF or its UUID. */
const struct openvgpu_vgpu *find_vgpu(const struct openvgpu_gpu *gpu, const char *vf,
				      const char *uuid);
/* "A40-4Q" of "NVIDIA A40-4Q" */
const char *short_name(const char *name);
/* cmd_show.c: adds what netlink says; returns @obj */
json_object *vgpu_details(json_object *obj, const struct openvgpu_vgpu *v);
/* cmd_why.c: false after the reason, if the type does not fit on the GPU */
bool say_why_not(const struct openvgpu_host *h, const struct openvgpu_gpu *gpu, uint32_t id,
		 const char *name, const char *sysfs);

/* cmd_instances.c: those of a GPU as a list */
json_object *instances_json(const struct openvgpu_gpu *gpu);
/*
 * What is being done, on a line of the terminal that the next one, a message, or NULL takes away.
 * Nothing where standard error is no terminal.
 */
void progress(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* One more line on standard error that is no failure. */
void remark(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* vgpuctl.c: the table */
const struct command *all_commands(size_t *n);
/* Number of words of @name that the arguments start with, 0 if not all of them. */
int command_words(const char *name, int argc, char **argv);
/*
 * util.c: while this is set, parse_options() hands over what a command can have and makes it
 * return: completion does not need to know the options a second time.
 */
extern void (*options_wanted)(const struct option_def *defs, size_t n);

int cmd_list(const struct command *cmd, int argc, char **argv);
int cmd_types(const struct command *cmd, int argc, char **argv);
int cmd_catalog_build(const struct command *cmd, int argc, char **argv);
int cmd_catalog_show(const struct command *cmd, int argc, char **argv);
int cmd_catalog_check(const struct command *cmd, int argc, char **argv);
int cmd_catalog_diff(const struct command *cmd, int argc, char **argv);
int cmd_catalog_convert(const struct command *cmd, int argc, char **argv);
int cmd_plan(const struct command *cmd, int argc, char **argv);
int cmd_map(const struct command *cmd, int argc, char **argv);
int cmd_xml_nodedev(const struct command *cmd, int argc, char **argv);
int cmd_xml_hostdev(const struct command *cmd, int argc, char **argv);
int cmd_mode(const struct command *cmd, int argc, char **argv);
int cmd_mig(const struct command *cmd, int argc, char **argv);
int cmd_scheduler(const struct command *cmd, int argc, char **argv);
int cmd_instances_list(const struct command *cmd, int argc, char **argv);
int cmd_instances_create(const struct command *cmd, int argc, char **argv);
int cmd_instances_destroy(const struct command *cmd, int argc, char **argv);
int cmd_save(const struct command *cmd, int argc, char **argv);
int cmd_restore(const struct command *cmd, int argc, char **argv);
int cmd_why(const struct command *cmd, int argc, char **argv);
int cmd_show(const struct command *cmd, int argc, char **argv);
int cmd_create(const struct command *cmd, int argc, char **argv);
int cmd_destroy(const struct command *cmd, int argc, char **argv);
int cmd_monitor(const struct command *cmd, int argc, char **argv);
int cmd_top(const struct command *cmd, int argc, char **argv);
int cmd_doctor(const struct command *cmd, int argc, char **argv);
int cmd_import(const struct command *cmd, int argc, char **argv);
int cmd_export_nova(const struct command *cmd, int argc, char **argv);
int cmd_export_kubevirt(const struct command *cmd, int argc, char **argv);
int cmd_export_prometheus(const struct command *cmd, int argc, char **argv);
int cmd_completion(const struct command *cmd, int argc, char **argv);

#endif
