// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl: finds the command and runs it. */
#include <stdlib.h>
#include <string.h>

#include "vgpuctl.h"

static const struct command commands[] = {
	{ "list", "", "Show GPUs, their VFs and vGPUs, and what still fits", NULL, cmd_list },
	{ "types", "[GPU]", "Show the vGPU types of a GPU, or of all boards",
	  "GPU is a PCI address. Without it the types come from the installed file or\n"
	  "from --source.", cmd_types },
	{ "show", "GPU|VF|UUID", "Show all that is known of a GPU, a VF or a vGPU", NULL, cmd_show },
	{ "why", "GPU TYPE", "Say whether one more vGPU of a type fits on a GPU, and why not",
	  "TYPE is nvidia-560, 560 or A40-4Q. Exit status 1 if it does not fit; the line then says\n"
	  "what would.", cmd_why },
	{ "create", "GPU TYPE", "Make a vGPU",
	  "Through libvirt, or mdevctl where libvirt does not answer; with --vf through the driver.\n"
	  "Prints the UUID, or the address of the VF.", cmd_create },
	{ "destroy", "UUID|VF", "Remove a vGPU that no VM has open",
	  "What was defined for the next boot stays defined.", cmd_destroy },
	{ "monitor", "", "Print a line for everything that happens to GPUs and vGPUs",
	  "With -o json each line is an object.", cmd_monitor },
	{ "top", "", "Show how much vGPUs use of their GPUs, and whose they are",
	  "Names of VMs are for root.", cmd_top },
	{ "plan", "TYPE[:N]...", "Find out how a list of vGPUs fits on a GPU",
	  "TYPE is a name such as A40-4Q or a number, N how many of it. Nothing is changed.\n"
	  "Exit status 1 if not all of them fit.", cmd_plan },
	{ "map", "[GPU]...", "Draw what the memory of GPUs is used for", NULL, cmd_map },
	{ "catalog build", "[SOURCE]...", "Write the type catalogue that the driver loads",
	  "SOURCE is a CSV or an XML file with vGPU types; without it the installed one\n"
	  "(" OPENVGPU_DATADIR "/types.csv). Several are put together. FILE is usually\n"
	  "/lib/firmware/nvidia/vgpu-BUILD.bin; it is replaced in one step.",
	  cmd_catalog_build },
	{ "catalog show", "FILE", "Show what a type catalogue holds", NULL, cmd_catalog_show },
	{ "catalog check", "[FILE]...", "Check type catalogues and their sources",
	  "Several sources are checked together, as 'catalog build' takes them. Exit status 1\n"
	  "if something is wrong; warnings alone are 0.", cmd_catalog_check },
	{ "catalog diff", "FILE FILE", "Compare two type catalogues or sources, type by type",
	  "A source is compared with a catalogue by what would be built of it. Exit status 1\n"
	  "if they differ.", cmd_catalog_diff },
	{ "catalog convert", "[SOURCE]", "Turn a source of vGPU types from CSV into XML or back",
	  NULL, cmd_catalog_convert },
	{ "xml nodedev", "", "Print the XML that makes a vGPU with 'virsh nodedev-create'", NULL,
	  cmd_xml_nodedev },
	{ "xml hostdev", "VGPU", "Print the XML that gives a vGPU to a VM with 'virsh attach-device'",
	  "VGPU is a UUID, a name such as mdev_UUID_0000_3b_00_0, or the PCI address of a VF.",
	  cmd_xml_hostdev },
	{ "mode", "GPU [equal|mixed]", "Show or set whether vGPUs of different sizes may mix",
	  "It changes only while no vGPU exists and MIG is off.", cmd_mode },
	{ "mig", "GPU [on|off]", "Show or set whether a GPU is divided into GPU instances",
	  "It changes only while no vGPU exists; to off, no GPU instance either.", cmd_mig },
	{ "scheduler", "GPU [POLICY]", "Show or set how vGPUs share the time of a GPU",
	  "POLICY is best_effort, equal_share or fixed_share.", cmd_scheduler },
	{ "instances list", "GPU", "Show the MIG GPU instances of a GPU and what still fits",
	  NULL, cmd_instances_list },
	{ "instances create", "GPU PROFILE...", "Make MIG GPU instances",
	  "PROFILE is a name from 'vgpuctl instances list'. Prints the id of each.",
	  cmd_instances_create },
	{ "instances destroy", "GPU ID...|all", "Destroy MIG GPU instances that hold no vGPU",
	  NULL, cmd_instances_destroy },
	{ "save", "[GPU]...", "Save the settings of GPUs for the next boot",
	  "Without GPU, those of all GPUs that are ready. What the file says of others stays.",
	  cmd_save },
	{ "restore", "[GPU]...", "Make the settings that were saved",
	  "Without GPU, those of all GPUs that openvgpu drives. A GPU without saved settings\n"
	  "gets all its VFs if it has none. Nothing that is in use is taken away.",
	  cmd_restore },
	{ "doctor", "[GPU]", "Find out what stops vGPUs on this host, and say what to do",
	  "Changes nothing. Exit status 1 if something stops vGPUs; warnings alone are 0.",
	  cmd_doctor },
	{ "import", "", "Move mdevctl's definitions from the VFs of a GPU to the GPU",
	  "Prints what there is to do; does it with --apply. Exit status 1, and nothing is changed,\n"
	  "if one cannot be moved.", cmd_import },
	{ "export nova", "[[GPU=]TYPE]...", "Print what nova.conf needs to offer vGPUs",
	  "Without GPU, TYPE is for all GPUs that have it; without TYPE each GPU is to have the type\n"
	  "of the vGPUs on it.", cmd_export_nova },
	{ "export kubevirt", "[[GPU=]TYPE]...", "Print what KubeVirt needs to hand out vGPUs",
	  "The mediated devices that KubeVirt is to permit, as YAML. Without TYPE, all types.",
	  cmd_export_kubevirt },
	{ "export prometheus", "[GPU]...", "Print GPUs and vGPUs as metrics for Prometheus",
	  "In the text format, for the textfile collector of node_exporter.",
	  cmd_export_prometheus },
	{ "completion", "bash|zsh|fish", "Print a script that completes command lines of vgpuctl",
	  NULL, cmd_completion },
};

const struct command *all_commands(size_t *n)
{
	*n = ARRAY_SIZE(commands);
	return commands;
}

static void print_usage(FILE *f)
{
	size_t i;

	fputs("Usage: vgpuctl COMMAND [OPTION]... [ARGUMENT]...\n\n"
	      "Shows, makes and prepares vGPUs, and sets up GPUs for them.\n\nCommands:\n", f);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(f, "  %-17s %s\n", commands[i].name, commands[i].help);
	fputs("\nOptions:\n"
	      "  -h, --help       print this and exit\n"
	      "      --version    print the version and exit\n\n"
	      "Every command has --help; -o json prints JSON instead of a table. Exit status:\n"
	      "0 done, 1 failed, 2 the command line is wrong. Manual: vgpuctl(1).\n", f);
}

/* Number of words of @name that the arguments start with, 0 if not all of them. */
int command_words(const char *name, int argc, char **argv)
{
	int words = 0;

	while (*name) {
		size_t len = strcspn(name, " ");

		if (words == argc || strlen(argv[words]) != len ||
		    strncmp(argv[words], name, len))
			return 0;
		words++;
		name += len + (name[len] == ' ');
	}
	return words;
}

/* A wrong second word deserves a list of the right ones. */
static int unknown_command(char **argv)
{
	size_t i, len = strlen(argv[0]);
	bool group = false;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		const char *name = commands[i].name;

		if (strncmp(name, argv[0], len) || name[len] != ' ')
			continue;
		if (!group)
			fprintf(stderr, argv[1] ? "vgpuctl: there is no command '%s %s'; there is:" :
						  "vgpuctl: '%s' needs another word:",
				argv[0], argv[1]);
		group = true;
		fprintf(stderr, " '%s'", name);
	}
	if (group)
		fputc('\n', stderr);
	else
		fprintf(stderr, "vgpuctl: there is no command '%s'\nTry 'vgpuctl --help'.\n",
			argv[0]);
	return VGPUCTL_USAGE;
}

static int run(int argc, char **argv)
{
	size_t i;
	int words;

	if (argc < 1) {
		print_usage(stderr);
		return VGPUCTL_USAGE;
	}
	if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h") || !strcmp(argv[0], "help")) {
		print_usage(stdout);
		return VGPUCTL_OK;
	}
	if (!strcmp(argv[0], "--version")) {
		puts("vgpuctl " OPENVGPU_VERSION);
		return VGPUCTL_OK;
	}
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		words = command_words(commands[i].name, argc, argv);
		if (words)
			/* the last word takes the place of argv[0] */
			return commands[i].run(&commands[i], argc - words + 1, argv + words - 1);
	}
	return unknown_command(argv);
}

int main(int argc, char **argv)
{
	int status = run(argc - 1, argv + 1);

	/* a full disk or a closed pipe must not look like success */
	if ((fflush(stdout) || ferror(stdout)) && status == VGPUCTL_OK)
		status = fail("cannot write the output");
	return status;
}
