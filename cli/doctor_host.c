// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpuctl doctor: the kernel, libvirt and mdevctl of the host. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"
#include "files.h"

/* "vfio-pci-core.ko.xz" is vfio_pci_core. @path ends at @end. */
static bool is_module(const char *path, const char *end, const char *name)
{
	const char *base = path, *p;

	for (p = path; p < end; p++)
		if (*p == '/')
			base = p + 1;
	for (; base < end && *name; base++, name++)
		if ((*base == '-' ? '_' : *base) != *name)
			return false;
	return !*name && end - base >= 3 && !strncmp(base, ".ko", 3);
}

/* Lines that begin with a path, which ends at @stop. */
static bool in_list(const char *text, char stop, const char *name)
{
	while (text && *text) {
		size_t line = strcspn(text, "\n");
		const char *colon = memchr(text, stop, line);

		if (is_module(text, colon ? colon : text + line, name))
			return true;
		text += line + (text[line] == '\n');
	}
	return false;
}

bool module_listed(const struct doctor *d, const char *name)
{
	return in_list(d->dep, ':', name);
}

bool module_there(const struct doctor *d, const char *name)
{
	char *path = format("module/%s", name);
	bool there = file_exists(d->sysfs, path) || in_list(d->builtin, '\n', name);

	free(path);
	return there;
}

static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	const char *p;

	for (p = text; (p = strstr(p, word)); p += len)
		if ((p == text || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

static void examine_iommu(struct doctor *d)
{
	static const char *const off[] = { "iommu=off", "intel_iommu=off", "amd_iommu=off" };
	struct names iommus = names_read(d->sysfs, "class/iommu");
	struct names groups = names_read(d->sysfs, "kernel/iommu_groups");
	char *cmdline = file_line(d->root, "proc/cmdline");
	const char *word = NULL;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(off); i++)
		if (has_word(cmdline, off[i]))
			word = off[i];
	if (groups.n)
		found(d, "iommu", LEVEL_OK, NULL, format("%zu IOMMU groups", groups.n), NULL);
	else if (word)
		found(d, "iommu", LEVEL_FAIL, NULL,
		      format("the kernel's command line turns the IOMMU off: %s", word),
		      format("take %s from the kernel's command line and reboot", word));
	else if (iommus.n)
		found(d, "iommu", LEVEL_FAIL, NULL, format("the IOMMU is there but not in use"),
		      format("add 'intel_iommu=on' (Intel) or 'iommu=nopt' (AMD) to the kernel's "
			     "command line and reboot"));
	else
		found(d, "iommu", LEVEL_FAIL, NULL, format("no IOMMU"),
		      format("turn on VT-d or AMD-Vi in the firmware set-up; on Intel also add "
			     "'intel_iommu=on' to the kernel's command line"));
	free(cmdline);
	names_free(&iommus);
	names_free(&groups);
}

static char *add(char *list, const char *word)
{
	char *more = *list ? format("%s, %s", list, word) : format("%s", word);

	free(list);
	return more;
}

/* True if it is loaded: then openvgpu keeps away. */
static bool examine_nvidia(struct doctor *d)
{
	static const char *const modules[] = { "nvidia", "nvidia_vgpu_vfio" };
	static const char *const files[] = {
		"usr/lib/systemd/system/nvidia-vgpu-mgr.service",
		"lib/systemd/system/nvidia-vgpu-mgr.service",
		"etc/systemd/system/nvidia-vgpu-mgr.service", "usr/bin/nvidia-vgpu-mgr",
		"usr/bin/nvidia-vgpud",
	};
	char *loaded = format("%s", ""), *there = format("%s", ""), *manage;
	bool is_loaded;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(modules); i++) {
		char *name = format("%s.ko", modules[i]);

		if (module_there(d, modules[i]))
			loaded = add(loaded, modules[i]);
		else if (module_listed(d, modules[i]))
			there = add(there, name);
		free(name);
	}
	for (i = 0; i < ARRAY_SIZE(files); i++) {
		char *name = format("/%s", files[i]);

		if (file_exists(d->root, files[i]) && !(i == 1 && file_exists(d->root, files[0])))
			there = add(there, name);
		free(name);
	}
	/* ours may be under NVIDIA's path */
	manage = file_read(d->root, "usr/lib/nvidia/sriov-manage", NULL);
	if (manage && !strstr(manage, "openvgpu"))
		there = add(there, "/usr/lib/nvidia/sriov-manage");
	free(manage);
	is_loaded = *loaded;
	if (is_loaded)
		found(d, "nvidia-driver", LEVEL_FAIL, NULL,
		      format("NVIDIA's own driver is loaded: %s", loaded),
		      format("with it vGPUs are NVIDIA's; for openvgpu remove NVIDIA's packages "
			     "and reboot"));
	else if (*there)
		found(d, "nvidia-driver", LEVEL_WARN, NULL,
		      format("NVIDIA's own driver is installed and may take the GPUs: %s", there),
		      format("remove NVIDIA's packages, or keep openvgpu from being loaded"));
	else
		found(d, "nvidia-driver", LEVEL_OK, NULL, format("no other vGPU driver"), NULL);
	free(loaded);
	free(there);
	return is_loaded;
}

static const char *const module_dirs[] = { "lib/modules", "usr/lib/modules" };

/* Where openvgpu.ko of a kernel is that depmod may not know of. */
static bool module_built(const struct doctor *d, const char *release)
{
	static const char *const below[] = { "updates", "updates/dkms", "extra" };
	static const char *const ends[] = { "", ".xz", ".zst" };
	bool is = false;
	size_t m, b, e;

	for (m = 0; m < ARRAY_SIZE(module_dirs); m++)
		for (b = 0; b < ARRAY_SIZE(below); b++)
			for (e = 0; e < ARRAY_SIZE(ends); e++) {
				char *path = format("%s/%s/%s/openvgpu.ko%s", module_dirs[m],
						    release, below[b], ends[e]);

				is |= file_exists(d->root, path);
				free(path);
			}
	return is;
}

static void examine_not_built(struct doctor *d)
{
	struct names kernels = names_read(d->root, module_dirs[0]);
	char *others = format("%s", "");
	size_t i;

	for (i = 0; i < kernels.n; i++)
		if (module_built(d, kernels.list[i]))
			others = add(others, kernels.list[i]);
	found(d, "module", LEVEL_FAIL, NULL,
	      *others ? format("openvgpu.ko is not built for Linux %s, only for %s", d->release,
			       others) :
			format("openvgpu.ko is not built for Linux %s", d->release),
	      format("install this kernel's headers, then build and install the modules "
		     "(README, Building and installing)"));
	free(others);
	names_free(&kernels);
}

/* Whether the kernel takes only modules that are signed: matters while ours is not loaded. */
static void examine_lockdown(struct doctor *d)
{
	static const char *const efivar = "firmware/efi/efivars/"
					  "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	char *text = file_read(d->sysfs, "kernel/security/lockdown", NULL), *efi;
	int error = errno;
	size_t len = 0;

	efi = file_read(d->sysfs, efivar, &len);
	if (text && (strstr(text, "[integrity]") || strstr(text, "[confidentiality]")))
		found(d, "secure-boot", LEVEL_WARN, NULL,
		      format("the kernel is locked down and takes signed modules only"),
		      format("sign the modules with a key that is enrolled (mokutil), or turn "
			     "Secure Boot off"));
	else if (!text && efi && len >= 5 && efi[4] == 1)
		found(d, "secure-boot", LEVEL_WARN, NULL,
		      format("Secure Boot is on; the kernel may take signed modules only"),
		      format("if 'modprobe openvgpu' says 'Key was rejected', sign the modules "
			     "with a key that is enrolled (mokutil)"));
	else if (!text && error != ENOENT)
		found(d, "secure-boot", LEVEL_UNKNOWN, NULL,
		      format("cannot read kernel/security/lockdown: %s", strerror(error)),
		      format("run this as root"));
	else
		found(d, "secure-boot", LEVEL_OK, NULL, format("not locked down"), NULL);
	free(text);
	free(efi);
}

static void examine_module(struct doctor *d)
{
	if (module_there(d, "openvgpu")) {
		found(d, "module", LEVEL_OK, NULL, format("openvgpu is loaded"), NULL);
		return;
	}
	if (module_listed(d, "openvgpu"))
		found(d, "module", LEVEL_FAIL, NULL,
		      format("openvgpu is not loaded"), format("modprobe openvgpu"));
	else if (module_built(d, d->release))
		found(d, "module", LEVEL_FAIL, NULL,
		      format("openvgpu.ko is there, but modprobe does not know of it"),
		      format("depmod %s; modprobe openvgpu", d->release));
	else if (!d->dep)
		found(d, "module", LEVEL_UNKNOWN, NULL,
		      format("openvgpu is not loaded, and there is no list of modules of "
			     "Linux %s", d->release), format("modprobe openvgpu"));
	else
		examine_not_built(d);
	examine_lockdown(d);
}

static bool can_have(const struct doctor *d, const char *name)
{
	return module_there(d, name) || module_listed(d, name);
}

static void examine_vfio(struct doctor *d)
{
	static const char *const needed[] = { "vfio", "vfio_pci_core", "mdev", "openvgpu_mdev" };
	char *missing = format("%s", ""), *less = format("%s", "");
	size_t i;

	for (i = 0; i < 2; i++)
		if (!can_have(d, needed[i]))
			missing = add(missing, needed[i]);
	if (!can_have(d, "vfio_iommu_type1") && !can_have(d, "iommufd"))
		missing = add(missing, "vfio_iommu_type1");
	for (; i < ARRAY_SIZE(needed); i++)
		/* where ours is missing as a whole that has been said */
		if (!can_have(d, needed[i]) && (i == 2 || can_have(d, "openvgpu")))
			less = add(less, needed[i]);
	if (*missing && !d->dep)
		found(d, "vfio", LEVEL_UNKNOWN, NULL,
		      format("not loaded: %s; there is no list of modules of Linux %s", missing,
			     d->release), format("modprobe vfio_pci_core"));
	else if (*missing)
		found(d, "vfio", LEVEL_FAIL, NULL,
		      format("Linux %s has no %s", d->release, missing),
		      format("use a kernel with VFIO (on Debian, not the cloud kernel)"));
	else
		found(d, "vfio", LEVEL_OK, NULL, format("VFIO is there"), NULL);
	if (*less && d->dep)
		found(d, "mdev-module", LEVEL_WARN, NULL,
		      format("Linux %s has no %s: vGPUs can be made on VFs only", d->release, less),
		      format("use a kernel with CONFIG_VFIO_MDEV, and build openvgpu_mdev for it"));
	else if (!*less)
		found(d, "mdev-module", LEVEL_OK, NULL, format("mdev is there"), NULL);
	free(missing);
	free(less);
}

void examine_kernel(struct doctor *d)
{
	examine_iommu(d);
	if (!examine_nvidia(d))
		examine_module(d);
	examine_vfio(d);
}

/* ---- libvirt -------------------------------------------------------------- */

/* One of them, "" if none is there; to be freed. */
static char *one_of(const struct doctor *d, const char *const *paths, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (file_exists(d->root, paths[i]))
			return format("/%s", paths[i]);
	return format("%s", "");
}

/*
 * What /proc/net/unix says listens; a connection would have systemd start a daemon that nobody
 * asked for.
 */
static bool listens(const char *sockets, const char *path)
{
	size_t len = strlen(path);
	const char *p;

	for (p = sockets; (p = strstr(p, path)); p += len) {
		const char *line = p;
		unsigned int flags;

		while (line > sockets && line[-1] != '\n')
			line--;
		if ((p[len] == '\n' || !p[len]) &&
		    sscanf(line, "%*x: %*x %*x %x", &flags) == 1 && flags & 0x10000)
			return true;
	}
	return false;
}

static void examine_libvirtd(struct doctor *d)
{
	static const char *const paths[] = { "/run/libvirt/libvirt-sock",
					     "/run/libvirt/virtnodedevd-sock" };
	char *sockets = file_read(d->root, "proc/net/unix", NULL);

	if (!sockets)
		found(d, "libvirt-running", LEVEL_UNKNOWN, NULL,
		      format("cannot read /proc/net/unix: %s", strerror(errno)),
		      format("virsh nodedev-list"));
	else if (listens(sockets, paths[0]) || listens(sockets, paths[1]))
		found(d, "libvirt-running", LEVEL_OK, NULL, format("libvirt answers"), NULL);
	else
		found(d, "libvirt-running", LEVEL_WARN, NULL,
		      format("no daemon of libvirt is running"),
		      format("systemctl enable --now libvirtd (or virtqemud.socket and "
			     "virtnodedevd.socket)"));
	free(sockets);
}

/* From the name of the library, "libvirt.so.0.11003.0", which need not be loaded for that. */
static bool library_version(const struct doctor *d, unsigned int *major, unsigned int *minor)
{
	static const char *const dirs[] = { "usr/lib64", "usr/lib" };
	bool is = false;
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(dirs) && !is; i++) {
		struct names sub = names_read(d->root, dirs[i]);

		for (k = 0; k <= sub.n && !is; k++) {
			char *path = k == sub.n ? format("%s/libvirt.so.0", dirs[i]) :
				     format("%s/%s/libvirt.so.0", dirs[i], sub.list[k]);
			char *name = file_link(d->root, path);
			unsigned int v;

			is = sscanf(name, "libvirt.so.0.%u.", &v) == 1;
			if (is) {
				*major = v / 1000;
				*minor = v % 1000;
			}
			free(name);
			free(path);
		}
		names_free(&sub);
	}
	return is;
}

static void examine_version(struct doctor *d)
{
	unsigned int major = 0, minor = 0;

	if (!library_version(d, &major, &minor))
		found(d, "libvirt-version", LEVEL_UNKNOWN, NULL,
		      format("cannot tell the version of libvirt from the name of its library"),
		      format("virsh version; it should be 9.7 or later"));
	else if (major < 7 || (major == 7 && minor < 8))
		found(d, "libvirt-version", LEVEL_WARN, NULL,
		      format("libvirt %u.%u cannot define vGPUs and start them at boot", major,
			     minor), format("use libvirt 7.8 or later"));
	else if (major < 9 || (major == 9 && minor < 7))
		found(d, "libvirt-version", LEVEL_WARN, NULL,
		      format("libvirt %u.%u cannot give VFs to a domain, only mdevs", major, minor),
		      format("use vGPUs through mdev, or libvirt 9.7 or later"));
	else
		found(d, "libvirt-version", LEVEL_OK, NULL, format("libvirt %u.%u", major, minor),
		      NULL);
}

static void examine_libvirt(struct doctor *d)
{
	static const char *const daemons[] = { "usr/sbin/libvirtd", "usr/sbin/virtqemud",
					       "usr/bin/libvirtd", "usr/bin/virtqemud" };
	char *daemon = one_of(d, daemons, ARRAY_SIZE(daemons));

	if (!*daemon) {
		found(d, "libvirt", LEVEL_WARN, NULL, format("libvirt is not installed"),
		      format("install libvirt (Debian: libvirt-daemon-system), or do without it: "
			     "vgpuctl create"));
	} else {
		found(d, "libvirt", LEVEL_OK, NULL, format("%s is there", daemon), NULL);
		examine_libvirtd(d);
		examine_version(d);
	}
	free(daemon);
}

/* ---- mdevctl -------------------------------------------------------------- */

#define NEW_SCRIPTS	"usr/lib/mdevctl/scripts.d"
#define OLD_SCRIPTS	"etc/mdevctl.d/scripts.d"

static const char *const mdevctls[] = { "usr/sbin/mdevctl", "usr/bin/mdevctl", "sbin/mdevctl",
					"bin/mdevctl" };

/* A directory that is missing stops 1.3 and later; 1.2 has no directory of its own. */
static void examine_scripts(struct doctor *d)
{
	static const char *const dirs[] = { "etc/mdevctl.d", NEW_SCRIPTS "/callouts",
					    NEW_SCRIPTS "/notifiers" };
	const char *ours = NEW_SCRIPTS "/callouts/50-openvgpu";
	const char *old = OLD_SCRIPTS "/callouts/50-openvgpu";
	bool is_new = file_exists(d->root, NEW_SCRIPTS);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs) && is_new; i++)
		if (!file_exists(d->root, dirs[i])) {
			found(d, "mdevctl", LEVEL_WARN, NULL,
			      format("mdevctl does nothing without /%s, which is missing", dirs[i]),
			      format("mkdir -p /%s", dirs[i]));
			return;
		}
	if (is_new)
		found(d, "mdevctl", LEVEL_OK, NULL, format("mdevctl is there"), NULL);
	else
		found(d, "mdevctl", LEVEL_WARN, NULL,
		      format("mdevctl is 1.2 or older: libvirt cannot change a vGPU that exists "
			     "(nodedev-update)"), format("use mdevctl 1.3 or later"));
	if (!is_new)
		ours = old;
	if (file_executable(d->root, ours) || (is_new && file_executable(d->root, old)))
		found(d, "callout", LEVEL_OK, NULL, format("the callout is where mdevctl looks"),
		      NULL);
	else if (file_exists(d->root, ours))
		found(d, "callout", LEVEL_WARN, NULL,
		      format("/%s cannot be executed: virsh gets no reasons", ours),
		      format("chmod 755 /%s", ours));
	else if (!is_new && file_exists(d->root, NEW_SCRIPTS "/callouts/50-openvgpu"))
		found(d, "callout", LEVEL_WARN, NULL,
		      format("this mdevctl does not look where the callout is"),
		      format("build openvgpu with -Dcalloutdir=/%s/callouts", OLD_SCRIPTS));
	else
		found(d, "callout", LEVEL_WARN, NULL,
		      format("/%s is not there: virsh gets no reasons and no attributes", ours),
		      format("install openvgpu's user space again; mdevctl must be there first"));
}

/* A file of that name hides those further down. NULL if there is none. */
static char *rule(const struct doctor *d, const char *name)
{
	static const char *const dirs[] = { "etc", "run", "usr/lib", "lib" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		char *path = format("%s/udev/rules.d/%s", dirs[i], name);
		char *text = file_read(d->root, path, NULL);

		free(path);
		if (text)
			return text;
	}
	return NULL;
}

/* The program that mdevctl's rule starts vGPUs with; NULL if none. To be freed. */
static char *starter(const char *text)
{
	const char *p = text, *end;

	while (p && (end = strstr(p, " start-parent-mdevs"))) {
		const char *begin = end, *line = end;

		while (line > text && line[-1] != '\n')
			line--;
		while (begin > text && !strchr(" \"'\n", begin[-1]))
			begin--;
		if (line[strspn(line, " \t")] != '#')
			return format("%.*s", (int)(end - begin), begin);
		p = end + 1;
	}
	return NULL;
}

static void examine_autostart(struct doctor *d)
{
	char *theirs = rule(d, "60-mdevctl.rules"), *ours = rule(d, "70-openvgpu.rules");
	char *program = theirs ? starter(theirs) : NULL;
	const char *path = program && *program == '/' ? program + 1 : program;
	/* what our rule does: docs/boot.md */
	bool by_us = ours && strstr(ours, "start-parent-mdevs") &&
		     file_exists(d->root, "usr/bin/mdevctl") &&
		     !file_exists(d->root, "usr/sbin/mdevctl");
	const char *files[] = { "usr/lib/modules-load.d/openvgpu.conf",
				"etc/modules-load.d/openvgpu.conf", "lib/modules-load.d/openvgpu.conf" };
	char *load = one_of(d, files, ARRAY_SIZE(files));

	if (path && file_exists(d->root, path))
		found(d, "autostart", LEVEL_OK, NULL, format("by mdevctl's udev rule"), NULL);
	else if (by_us)
		found(d, "autostart", LEVEL_OK, NULL, format("by openvgpu's udev rule"), NULL);
	else if (program)
		found(d, "autostart", LEVEL_WARN, NULL,
		      format("vGPUs are not started at boot: mdevctl's udev rule runs %s, which is "
			     "not there", program),
		      format("install openvgpu's udev rule (70-openvgpu.rules), or make %s a link "
			     "to mdevctl", program));
	else
		found(d, "autostart", LEVEL_WARN, NULL,
		      format("vGPUs are not started at boot: no udev rule runs mdevctl"),
		      format("install openvgpu's udev rule (70-openvgpu.rules)"));
	if (!ours || !strstr(ours, "vgpu/mdev"))
		found(d, "boot", LEVEL_WARN, NULL,
		      format("openvgpu's udev rule is not there: after a boot there are no VFs"),
		      format("install 70-openvgpu.rules, then udevadm control --reload"));
	else if (!*load)
		found(d, "boot", LEVEL_WARN, NULL, format("openvgpu is not loaded at boot"),
		      format("echo openvgpu >/etc/modules-load.d/openvgpu.conf"));
	else
		found(d, "boot", LEVEL_OK, NULL, format("VFs come on at boot"), NULL);
	free(load);
	free(program);
	free(theirs);
	free(ours);
}

void examine_management(struct doctor *d)
{
	char *mdevctl = one_of(d, mdevctls, ARRAY_SIZE(mdevctls));

	examine_libvirt(d);
	if (*mdevctl)
		examine_scripts(d);
	else
		found(d, "mdevctl", LEVEL_WARN, NULL,
		      format("mdevctl is not installed: libvirt can make no vGPU"),
		      format("install mdevctl"));
	if (*mdevctl)
		examine_autostart(d);
	free(mdevctl);
}
