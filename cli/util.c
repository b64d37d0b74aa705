// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options, errors, JSON and tables for the commands of vgpuctl. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vgpuctl.h"

#define MAX_OPTIONS	16

static void out_of_memory(void)
{
	fputs("vgpuctl: out of memory\n", stderr);
	exit(VGPUCTL_FAILED);
}

char *format(const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return s;
}

char *format_bytes(uint64_t bytes)
{
	if (bytes && !(bytes % OPENVGPU_GIB))
		return format("%" PRIu64 " GiB", bytes / OPENVGPU_GIB);
	if (!(bytes % OPENVGPU_MIB))
		return format("%" PRIu64 " MiB", bytes / OPENVGPU_MIB);
	return format("%" PRIu64 " bytes", bytes);
}

/* A line of progress() is on the terminal. */
static bool progress_shown;

void progress(const char *fmt, ...)
{
	const char *term = getenv("TERM");
	va_list ap;

	if (!isatty(STDERR_FILENO) || !term || !strcmp(term, "dumb"))
		return;
	fflush(stdout);
	if (progress_shown)
		fputs("\r\033[K", stderr);
	progress_shown = fmt;
	if (!fmt)
		return;
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fflush(stderr);
}

static void say(const char *fmt, va_list ap)
{
	progress(NULL);
	fflush(stdout);
	fputs("vgpuctl: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

int fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	return VGPUCTL_FAILED;
}

void remark(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

bool parse_number(const char *text, uint64_t max, uint64_t *out)
{
	unsigned long long v;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end || v > max)
		return false;
	*out = v;
	return true;
}

int usage_error(const struct command *cmd, const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "vgpuctl %s: ", cmd->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\nTry 'vgpuctl %s --help'.\n", cmd->name);
	return VGPUCTL_USAGE;
}

static void print_option(const struct option_def *d)
{
	char *s;

	if (!d->help)
		return;
	s = format("%c%c%s --%s%s%s", d->letter ? '-' : ' ', d->letter ? d->letter : ' ',
		   d->letter ? "," : " ", d->name, d->arg ? " " : "", d->arg ? d->arg : "");
	printf("  %-31s %s\n", s, d->help);
	free(s);
}

static void print_help(const struct command *cmd, const struct option_def *defs, size_t n)
{
	size_t i;

	printf("Usage: vgpuctl %s [OPTION]...%s%s\n\n%s.\n\nOptions:\n", cmd->name,
	       *cmd->args ? " " : "", cmd->args, cmd->help);
	for (i = 0; i < n; i++)
		print_option(&defs[i]);
	if (cmd->more)
		printf("\n%s\n", cmd->more);
}

void (*options_wanted)(const struct option_def *defs, size_t n);

int parse_options(const struct command *cmd, int argc, char **argv, const struct option_def *defs,
		  size_t n_defs, struct common_options *common, int *status)
{
	const char *output = NULL, *sysfs = NULL;
	bool help = false;
	const struct option_def extra[] = {
		{ "output-format", 'o', "table|json", "how to print (default: table)", NULL,
		  &output },
		{ "sysfs", 0, "DIR", NULL, NULL, &sysfs },
		{ "help", 'h', NULL, "print this and exit", &help, NULL },
	};
	struct option_def all[MAX_OPTIONS];
	struct option longs[MAX_OPTIONS + 1] = { 0 };
	char shorts[MAX_OPTIONS * 2 + 3] = ":";
	size_t n = 0, i;
	int c, index;

	if (n_defs + ARRAY_SIZE(extra) > MAX_OPTIONS)
		abort();
	for (i = 0; i < n_defs; i++)
		all[n++] = defs[i];
	for (i = 0; i < ARRAY_SIZE(extra); i++)
		all[n++] = extra[i];
	for (i = 0; i < n; i++) {
		longs[i].name = all[i].name;
		longs[i].has_arg = all[i].arg ? required_argument : no_argument;
		/* above every letter, so that both ways lead to an index */
		longs[i].val = 256 + (int)i;
		if (all[i].letter) {
			char letter[3] = { all[i].letter, all[i].arg ? ':' : '\0', '\0' };

			strcat(shorts, letter);
		}
	}

	if (options_wanted) {
		options_wanted(all, n);
		*status = VGPUCTL_OK;
		return -1;
	}
	*status = VGPUCTL_USAGE;
	optind = 0;
	while ((c = getopt_long(argc, argv, shorts, longs, &index)) != -1) {
		const struct option_def *d = NULL;

		if (c == ':') {
			usage_error(cmd, "option '%s' needs an argument", argv[optind - 1]);
			return -1;
		}
		for (i = 0; i < n; i++)
			if (c == 256 + (int)i || (all[i].letter && c == all[i].letter))
				d = &all[i];
		if (!d) {
			usage_error(cmd, "unknown option '%s'", argv[optind - 1]);
			return -1;
		}
		if (d->arg)
			*d->value = optarg;
		else
			*d->flag = true;
	}

	if (help) {
		print_help(cmd, all, n);
		*status = VGPUCTL_OK;
		return -1;
	}
	common->json = output && !strcmp(output, "json");
	if (output && !common->json && strcmp(output, "table")) {
		usage_error(cmd, "cannot print as '%s': table or json", output);
		return -1;
	}
	common->sysfs = sysfs ? sysfs : getenv("OPENVGPU_SYSFS_ROOT");
	if (!common->sysfs)
		common->sysfs = "/sys";
	*status = VGPUCTL_OK;
	return optind;
}

bool read_host_below(const char *root, const struct common_options *common,
		     struct openvgpu_host *host, char **sysfs)
{
	struct openvgpu_error err;

	*sysfs = root && !strcmp(common->sysfs, "/sys") ? format("%s/sys", root) :
							  format("%s", common->sysfs);
	if (!openvgpu_host_read(host, *sysfs, &err))
		return true;
	free(*sysfs);
	*sysfs = NULL;
	fail("%s", err.text);
	return false;
}

const char *types_path(const char *path)
{
	if (!path)
		path = getenv("OPENVGPU_TYPES");
	return path ? path : OPENVGPU_DATADIR "/types.csv";
}

int load_types(struct openvgpu_types *t, const char *path, struct openvgpu_error *err)
{
	return openvgpu_types_load(t, types_path(path), err);
}

const struct openvgpu_gpu *find_gpu(const struct openvgpu_host *h, const char *text,
				    char address[OPENVGPU_ADDRESS_MAX])
{
	const struct openvgpu_gpu *gpu;

	if (!openvgpu_pci_address(text, address)) {
		fail("'%s' is not a PCI address (such as 0000:3b:00.0)", text);
		return NULL;
	}
	gpu = openvgpu_gpu_by_address(h, address);
	if (gpu)
		return gpu;
	if (openvgpu_vf_by_address(h, address, &gpu))
		fail("%s is a VF of %s: name the GPU", address, gpu->address);
	else
		fail("%s is not an NVIDIA GPU of this host", address);
	return NULL;
}

const struct openvgpu_gpu *read_gpu(struct openvgpu_host *host, const char *sysfs,
				    const char *text)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu;
	struct openvgpu_error err;

	/* all of them: a wrong address is then told from one of another device */
	if (openvgpu_gpus_read(host, sysfs, NULL, &err)) {
		fail("%s", err.text);
		return NULL;
	}
	gpu = find_gpu(host, text, address);
	if (gpu && !gpu->managed) {
		if (*gpu->driver)
			fail("%s: driver is %s, not openvgpu", address, gpu->driver);
		else
			fail("%s: no driver bound", address);
		gpu = NULL;
	}
	if (!gpu)
		openvgpu_host_free(host);
	return gpu;
}

void print_json(json_object *obj)
{
	puts(json_object_to_json_string_ext(obj, JSON_C_TO_STRING_PRETTY |
					    JSON_C_TO_STRING_SPACED |
					    JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(obj);
}

void json_add_string(json_object *obj, const char *key, const char *value)
{
	json_object_object_add(obj, key, value ? json_object_new_string(value) : NULL);
}

void json_add_uint(json_object *obj, const char *key, uint64_t value)
{
	json_object_object_add(obj, key, value == OPENVGPU_UNKNOWN ?
					 NULL : json_object_new_uint64(value));
}

void json_add_bool(json_object *obj, const char *key, bool value)
{
	json_object_object_add(obj, key, json_object_new_boolean(value));
}

/**
 * struct table - a table being filled
 * @n: columns
 * @right: one flag a column: aligned to the right
 * @cells: all texts, row by row, the first row being the header
 * @rows: rows so far
 */
struct table {
	size_t n;
	bool *right;
	char **cells;
	size_t rows;
};

void table_row(struct table *t, const char *const *cells)
{
	char **bigger = reallocarray(t->cells, (t->rows + 1) * t->n, sizeof(*bigger));
	size_t i;

	if (!bigger)
		out_of_memory();
	t->cells = bigger;
	for (i = 0; i < t->n; i++) {
		t->cells[t->rows * t->n + i] = strdup(cells[i] ? cells[i] : "-");
		if (!t->cells[t->rows * t->n + i])
			out_of_memory();
	}
	t->rows++;
}

struct table *table_new(const char *const *columns, size_t n)
{
	struct table *t = calloc(1, sizeof(*t));
	const char **names = calloc(n, sizeof(*names));
	size_t i;

	if (!t || !names)
		out_of_memory();
	t->n = n;
	t->right = calloc(n, sizeof(*t->right));
	if (!t->right)
		out_of_memory();
	for (i = 0; i < n; i++) {
		t->right[i] = columns[i][0] == '>';
		names[i] = columns[i] + t->right[i];
	}
	table_row(t, names);
	free(names);
	return t;
}

void table_print(const struct table *t, FILE *f)
{
	size_t r, c;

	for (r = 0; r < t->rows; r++) {
		for (c = 0; c < t->n; c++) {
			const char *s = t->cells[r * t->n + c];
			size_t width = 0, i;

			for (i = 0; i < t->rows; i++) {
				size_t len = strlen(t->cells[i * t->n + c]);

				width = len > width ? len : width;
			}
			if (t->right[c])
				fprintf(f, "%*s", (int)width, s);
			else if (c + 1 < t->n)
				fprintf(f, "%-*s", (int)width, s);
			else
				fputs(s, f);
			fputs(c + 1 < t->n ? "  " : "\n", f);
		}
	}
}

void table_free(struct table *t)
{
	size_t i;

	for (i = 0; i < t->rows * t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t->right);
	free(t);
}
