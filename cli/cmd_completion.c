// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vgpuctl completion. The scripts ask 'vgpuctl completion words' what may follow, so that there
 * is nothing in them that could differ from the commands.
 */
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

/*
 * bash takes ':' and '=' for ends of words, of which PCI addresses are full: the line is taken
 * apart here, and what stands before them in the last word is not given back.
 */
static const char bash_script[] =
"# bash completion for vgpuctl, made by 'vgpuctl completion bash'\n"
"_vgpuctl()\n"
"{\n"
"\tlocal line=${COMP_LINE:0:COMP_POINT} words cur word rest cut=\n"
"\n"
"\tread -ra words <<<\"$line\"\n"
"\tcase $line in\n"
"\t*[[:blank:]]) words+=(\"\") ;;\n"
"\tesac\n"
"\tcur=${words[${#words[@]}-1]}\n"
"\tcase $COMP_WORDBREAKS in\n"
"\t*[:=]*) cut=${cur%\"${cur##*[:=]}\"} ;;\n"
"\tesac\n"
"\tCOMPREPLY=()\n"
"\twhile IFS=$'\\t' read -r word rest; do\n"
"\t\tif [ \"$word\" = /files ]; then\n"
"\t\t\tcompopt -o filenames 2>/dev/null\n"
"\t\t\twhile IFS= read -r word; do\n"
"\t\t\t\tCOMPREPLY+=(\"$word\")\n"
"\t\t\tdone < <(compgen -f -- \"${cur#--*=}\")\n"
"\t\telse\n"
"\t\t\tCOMPREPLY+=(\"${word#\"$cut\"}\")\n"
"\t\tfi\n"
"\tdone < <(\"${words[0]}\" completion words \"${words[@]:1}\" 2>/dev/null)\n"
"}\n"
"complete -F _vgpuctl vgpuctl\n";

static const char zsh_script[] =
"#compdef vgpuctl\n"
"# zsh completion for vgpuctl, made by 'vgpuctl completion zsh'\n"
"_vgpuctl()\n"
"{\n"
"\tlocal line files=\n"
"\tlocal -a found\n"
"\n"
"\twhile IFS= read -r line; do\n"
"\t\tif [[ $line == /files* ]]; then\n"
"\t\t\tfiles=1\n"
"\t\telse\n"
"\t\t\tfound+=(\"${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}\")\n"
"\t\tfi\n"
"\tdone < <(\"${words[1]}\" completion words \"${(@)words[2,CURRENT]}\" 2>/dev/null)\n"
"\t(( ${#found} )) && _describe -V vgpuctl found\n"
"\t[[ -n $files ]] && _files\n"
"\treturn 0\n"
"}\n"
"if [ \"$funcstack[1]\" = _vgpuctl ]; then\n"
"\t_vgpuctl \"$@\"\n"
"else\n"
"\tcompdef _vgpuctl vgpuctl\n"
"fi\n";

static const char fish_script[] =
"# fish completion for vgpuctl, made by 'vgpuctl completion fish'\n"
"function __vgpuctl_complete\n"
"\tset -l words (commandline -opc) (commandline -ct)\n"
"\tfor line in ($words[1] completion words $words[2..-1] 2>/dev/null)\n"
"\t\tif string match -q '/files*' -- $line\n"
"\t\t\t__fish_complete_path (commandline -ct)\n"
"\t\telse\n"
"\t\t\techo $line\n"
"\t\tend\n"
"\tend\n"
"end\n"
"complete -c vgpuctl -f -a '(__vgpuctl_complete)'\n";

/* ---- what may follow ----------------------------------------------------------- */

#define MAX_OPTIONS	16

/* Options of the command that was asked; parse_options() fills it. */
static struct option_def options[MAX_OPTIONS];
static size_t n_options;

static void take_options(const struct option_def *defs, size_t n)
{
	for (n_options = 0; n_options < n && n_options < MAX_OPTIONS; n_options++)
		options[n_options] = defs[n_options];
}

/**
 * struct ask - a line that is to be completed
 * @words: what stands after "vgpuctl"; the last one is the one that is being written
 * @n: their number
 * @cur: the part of the last one that is to be completed
 * @before: the part of it that stands before @cur, "--type="
 * @sysfs: where sysfs is
 */
struct ask {
	char **words;
	int n;
	const char *cur;
	const char *before;
	const char *sysfs;
};

static void offer(const struct ask *a, const char *word, const char *help)
{
	if (strncmp(word, a->cur, strlen(a->cur)))
		return;
	printf("%s%s\t%s\n", a->before, word, help ? help : "");
}

static void offer_type(const struct ask *a, const struct openvgpu_offer *o)
{
	offer(a, short_name(o->name), o->name);
}

/* Those of a GPU that stands on the line already, else of all. */
static void offer_types(const struct ask *a, const struct openvgpu_host *h)
{
	char address[OPENVGPU_ADDRESS_MAX];
	const struct openvgpu_gpu *gpu = NULL;
	struct openvgpu_types types;
	bool any = false;
	size_t g, i;
	int k;

	for (k = 0; k + 1 < a->n && !gpu; k++)
		if (openvgpu_pci_address(a->words[k], address))
			gpu = openvgpu_gpu_by_address(h, address);
	for (g = 0; g < h->n_gpus; g++)
		for (i = 0; i < h->gpus[g].n_offers; i++)
			if (!gpu || gpu == &h->gpus[g]) {
				offer_type(a, &h->gpus[g].offers[i]);
				any = true;
			}
	if (any || load_types(&types, NULL, NULL))
		return;
	for (i = 0; i < types.n_types; i++)
		if (!gpu || types.boards[types.types[i].board].device == gpu->device)
			offer(a, short_name(types.types[i].name), types.types[i].name);
	openvgpu_types_free(&types);
}

static void offer_boards(const struct ask *a)
{
	struct openvgpu_types types;
	size_t i;

	if (load_types(&types, NULL, NULL))
		return;
	for (i = 0; i < types.n_boards; i++)
		offer(a, types.boards[i].name, types.boards[i].arch);
	openvgpu_types_free(&types);
}

static void offer_vgpus(const struct ask *a, const struct openvgpu_host *h, bool mdevs, bool vfs)
{
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++) {
		const struct openvgpu_gpu *gpu = &h->gpus[g];

		for (i = 0; i < gpu->n_mdevs && mdevs; i++)
			offer(a, gpu->mdevs[i].uuid, gpu->mdevs[i].type_id);
		for (i = 0; i < gpu->n_vfs && vfs; i++)
			offer(a, gpu->vfs[i].address, "VF");
	}
}

static void offer_instances(const struct ask *a, const struct openvgpu_host *h, bool profiles)
{
	size_t g, i;

	for (g = 0; g < h->n_gpus; g++) {
		for (i = 0; i < h->gpus[g].n_gi_profiles && profiles; i++)
			offer(a, h->gpus[g].gi_profiles[i].name, "profile");
		for (i = 0; i < h->gpus[g].n_gis && !profiles; i++) {
			char *id = format("%u", h->gpus[g].gis[i].id);

			offer(a, id, h->gpus[g].gis[i].profile);
			free(id);
		}
	}
}

static void offer_constants(const struct ask *a, const char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		offer(a, words[i], NULL);
}

/* One name out of a usage line, such as GPU; in lower case it stands for itself. */
static void offer_named(const struct ask *a, const struct openvgpu_host *h, const char *name)
{
	static const char *const policies[] = { "best_effort", "equal_share", "fixed_share" };
	const char *build;
	unsigned int i;
	size_t g;

	if (*name >= 'a' && *name <= 'z')
		offer(a, name, NULL);
	else if (!strcmp(name, "GPU") || !strcmp(name, "ADDRESS"))
		for (g = 0; g < h->n_gpus; g++)
			offer(a, h->gpus[g].address, h->gpus[g].managed ? h->gpus[g].status :
							 h->gpus[g].driver);
	else if (strstr(name, "TYPE"))
		offer_types(a, h);
	else if (!strcmp(name, "UUID") || !strcmp(name, "VF") || !strcmp(name, "VGPU"))
		offer_vgpus(a, h, *name == 'U' || name[1] == 'G', *name == 'V');
	else if (!strcmp(name, "PROFILE") || !strcmp(name, "ID"))
		offer_instances(a, h, *name == 'P');
	else if (!strcmp(name, "POLICY"))
		offer_constants(a, policies, ARRAY_SIZE(policies));
	else if (!strcmp(name, "NAME"))
		offer_boards(a);
	else if (!strcmp(name, "BUILD"))
		for (i = 0; (build = openvgpu_catalog_build_name(i)); i++)
			offer(a, build, "firmware");
	else if (!strcmp(name, "FILE") || !strcmp(name, "DIR") || !strcmp(name, "SOURCE"))
		puts("/files\t");
}

/* "[equal|mixed]", "GPU|VF|UUID", "[SOURCE]...": each of them. */
static void offer_pattern(const struct ask *a, const char *pattern)
{
	struct openvgpu_host h;
	char *copy = format("%s", pattern), *save = NULL, *p;

	if (openvgpu_host_read(&h, a->sysfs, NULL))
		memset(&h, 0, sizeof(h));
	for (p = strtok_r(copy, "|[].:,=", &save); p; p = strtok_r(NULL, "|[].:,=", &save))
		offer_named(a, &h, p);
	openvgpu_host_free(&h);
	free(copy);
}

/* The @index-th argument of a usage line; the last one if it may come again. */
static char *pattern_at(const char *args, int index)
{
	char *copy = format("%s", args), *save = NULL, *p, *out = NULL;
	int i = 0;

	for (p = strtok_r(copy, " ", &save); p; p = strtok_r(NULL, " ", &save), i++)
		if (i == index || strstr(p, "...")) {
			out = format("%s", p);
			if (i == index)
				break;
			free(out);
			out = strtok_r(NULL, " ", &save) ? NULL : format("%s", p);
			break;
		}
	free(copy);
	return out;
}

static const struct option_def *option_of(const char *word)
{
	size_t len = strcspn(word, "="), i;

	for (i = 0; i < n_options; i++)
		if (word[1] == '-' ? strlen(options[i].name) == len - 2 &&
				     !strncmp(options[i].name, word + 2, len - 2) :
				     word[1] && options[i].letter == word[1])
			return &options[i];
	return NULL;
}

static void offer_options(const struct ask *a)
{
	size_t i;

	for (i = 0; i < n_options; i++) {
		char *name = format("--%s", options[i].name);

		if (options[i].help)
			offer(a, name, options[i].help);
		free(name);
	}
}

/* @first: the first word that is no part of the command's name */
static void complete_command(struct ask *a, const struct command *cmd, int first)
{
	const struct option_def *value = NULL;
	char *name = format("%s", cmd->name), *argv[] = { name, NULL }, *pattern, *before = NULL;
	bool only_arguments = false;
	int index = 0, i;

	options_wanted = take_options;
	cmd->run(cmd, 1, argv);
	options_wanted = NULL;
	free(name);
	for (i = first; i + 1 < a->n; i++) {
		const char *word = a->words[i];

		if (value) {
			value = NULL;
		} else if (!only_arguments && !strcmp(word, "--")) {
			only_arguments = true;
		} else if (!only_arguments && *word == '-' && word[1]) {
			value = option_of(word);
			/* "-o" and "--type" take the next word, "-ojson" and "--type=..." do not */
			if (value && (!value->arg || (word[1] == '-' ? strchr(word, '=') != NULL :
								       word[2] != '\0')))
				value = NULL;
		} else {
			index++;
		}
	}
	if (!value && !only_arguments && !strncmp(a->cur, "--", 2) && strchr(a->cur, '=')) {
		value = option_of(a->cur);
		before = format("%.*s", (int)strcspn(a->cur, "=") + 1, a->cur);
		a->before = before;
		a->cur += strlen(before);
		if (value && value->arg)
			offer_pattern(a, value->arg);
	} else if (value) {
		offer_pattern(a, value->arg);
	} else if (*a->cur == '-' && !only_arguments) {
		offer_options(a);
	} else {
		pattern = pattern_at(cmd->args, index);
		if (pattern && strchr(pattern, '=') && strchr(a->cur, '=')) {
			/* GPU=TYPE, of which the first half is there */
			before = format("%.*s", (int)strcspn(a->cur, "=") + 1, a->cur);
			a->before = before;
			a->cur += strlen(before);
			offer_pattern(a, strchr(pattern, '='));
		} else if (pattern) {
			offer_pattern(a, pattern);
		}
		free(pattern);
	}
	free(before);
}

/* First words of commands, or second ones behind a first. */
static void complete_names(const struct ask *a)
{
	const char *last = "", *group = a->n > 1 ? a->words[0] : NULL;
	const struct command *cmds;
	size_t n, i;

	cmds = all_commands(&n);
	for (i = 0; i < n; i++) {
		const char *name = cmds[i].name;
		size_t len = strcspn(name, " ");

		if (!group && strncmp(last, name, len + 1)) {
			char *word = format("%.*s", (int)len, name);

			offer(a, word, name[len] ? NULL : cmds[i].help);
			free(word);
		} else if (group && a->n == 2 && strlen(group) == len && name[len] &&
			   !strncmp(name, group, len)) {
			offer(a, name + len + 1, cmds[i].help);
		}
		last = name;
	}
	if (!group && *a->cur == '-') {
		offer(a, "--help", "print help and exit");
		offer(a, "--version", "print the version and exit");
	}
}

static int complete(int n, char **words)
{
	const char *sysfs = getenv("OPENVGPU_SYSFS_ROOT");
	struct ask a = { .words = words, .n = n, .before = "", .sysfs = sysfs ? sysfs : "/sys" };
	const struct command *cmds;
	size_t n_cmds, i;

	if (!n)
		return VGPUCTL_OK;
	a.cur = words[n - 1];
	cmds = all_commands(&n_cmds);
	for (i = 0; i < n_cmds; i++) {
		/* the word that is being written is no part of a name yet */
		int used = command_words(cmds[i].name, n - 1, words);

		if (used) {
			complete_command(&a, &cmds[i], used);
			return VGPUCTL_OK;
		}
	}
	complete_names(&a);
	return VGPUCTL_OK;
}

int cmd_completion(const struct command *cmd, int argc, char **argv)
{
	struct common_options common;
	int status, first;

	/* for the scripts, whose words are no options of ours */
	if (argc > 1 && !strcmp(argv[1], "words"))
		return complete(argc - 2, argv + 2);
	first = parse_options(cmd, argc, argv, NULL, 0, &common, &status);
	if (first < 0)
		return status;
	if (argc - first != 1)
		return usage_error(cmd, "give one shell: bash, zsh or fish");
	if (common.json)
		return usage_error(cmd, "a script is no JSON");
	if (!strcmp(argv[first], "bash"))
		fputs(bash_script, stdout);
	else if (!strcmp(argv[first], "zsh"))
		fputs(zsh_script, stdout);
	else if (!strcmp(argv[first], "fish"))
		fputs(fish_script, stdout);
	else
		return usage_error(cmd, "no script for '%s': bash, zsh or fish", argv[first]);
	return VGPUCTL_OK;
}
