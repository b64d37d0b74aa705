// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module openvgpu_sim: for tests and demonstrations inside a virtual machine. It
 * refuses to load unless it is told which memory the boards may use.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include "sim.h"

#define IVSHMEM_VENDOR	0x1af4
#define IVSHMEM_DEVICE	0x1110

static char *window;
module_param(window, charp, 0444);
MODULE_PARM_DESC(window, "ivshmem, or START:SIZE[,START:SIZE...]: memory, one board each (mandatory)");

static char *boards;
module_param(boards, charp, 0444);
MODULE_PARM_DESC(boards, "which board each window is (A40, H200-SXM5, ...), in order (default A40)");

static char *firmware;
module_param(firmware, charp, 0444);
MODULE_PARM_DESC(firmware, "535, 570 or 595 for each board, in order (default: the board's own)");

static bool require_signatures;
module_param(require_signatures, bool, 0444);
MODULE_PARM_DESC(require_signatures, "firmware takes no vGPU types without a signature");

static bool root_port[SIM_MAX_BOARDS];
static int n_root_port;
module_param_array(root_port, bool, &n_root_port, 0444);
MODULE_PARM_DESC(root_port, "put a root port above the PF, for each board");

static bool companion[SIM_MAX_BOARDS];
static int n_companion;
module_param_array(companion, bool, &n_companion, 0444);
MODULE_PARM_DESC(companion, "a second function shares the PF's IOMMU group, for each board");

static bool handover[SIM_MAX_BOARDS] = { [0 ... SIM_MAX_BOARDS - 1] = true };
static int n_handover;
module_param_array(handover, bool, &n_handover, 0444);
MODULE_PARM_DESC(handover, "firmware waits for its boot arguments, for each board (default 1)");

static bool iommu[SIM_MAX_BOARDS] = { [0 ... SIM_MAX_BOARDS - 1] = true };
static int n_iommu;
module_param_array(iommu, bool, &n_iommu, 0444);
MODULE_PARM_DESC(iommu, "an IOMMU is in front of the board, for each board (default 1)");

static int domain = 1;
module_param(domain, int, 0444);
MODULE_PARM_DESC(domain, "PCI domain of the first board");

static struct sim_board *all[SIM_MAX_BOARDS];

struct setup {
	int n;
	struct sim_board_params p[SIM_MAX_BOARDS];
};

static int add_window(struct setup *s, struct pci_dev *ivshmem, phys_addr_t start,
		      resource_size_t size)
{
	struct sim_board_params *p;

	if (s->n == SIM_MAX_BOARDS)
		return -E2BIG;
	p = &s->p[s->n++];
	p->ivshmem = ivshmem;
	p->start = start;
	p->size = size;
	return 0;
}

static int find_ivshmem(struct setup *s)
{
	struct pci_dev *dev = NULL;
	int err;

	while ((dev = pci_get_device(IVSHMEM_VENDOR, IVSHMEM_DEVICE, dev))) {
		err = pci_enable_device_mem(dev);
		if (err) {
			pci_dev_put(dev);
			return err;
		}
		err = add_window(s, pci_dev_get(dev), pci_resource_start(dev, 2),
				 pci_resource_len(dev, 2));
		if (err) {
			pci_disable_device(dev);
			pci_dev_put(dev);
			pci_dev_put(dev);
			return err;
		}
	}
	if (!s->n)
		pr_err("openvgpu_sim: no ivshmem-plain device\n");
	return s->n ? 0 : -ENODEV;
}

static int parse_windows(struct setup *s, char *str)
{
	int err;

	if (!strcmp(str, "ivshmem"))
		return find_ivshmem(s);
	while (*str) {
		u64 start = memparse(str, &str), size;

		if (*str++ != ':')
			return -EINVAL;
		size = memparse(str, &str);
		if (*str && *str++ != ',')
			return -EINVAL;
		err = add_window(s, NULL, start, size);
		if (err)
			return err;
	}
	return s->n ? 0 : -EINVAL;
}

static int parse_boards(struct setup *s, const char *str)
{
	int i;

	for (i = 0; i < s->n; i++) {
		const char *end;

		if (!str || !*str) {
			s->p[i].type = sim_board_type_find("A40", 3);
			continue;
		}
		end = strchrnul(str, ',');
		s->p[i].type = sim_board_type_find(str, end - str);
		if (!s->p[i].type) {
			pr_err("openvgpu_sim: unknown board in \"%s\"\n", str);
			return -EINVAL;
		}
		str = *end ? end + 1 : end;
	}
	if (str && *str) {
		pr_err("openvgpu_sim: more boards than windows: \"%s\"\n", str);
		return -EINVAL;
	}
	return 0;
}

static int parse_firmware(struct setup *s, const char *str)
{
	int i;

	for (i = 0; i < s->n; i++) {
		const struct sim_board_type *t = s->p[i].type;
		const char *end = str ? strchrnul(str, ',') : NULL;

		s->p[i].lay = sim_branch_of(t, str, str ? end - str : 0);
		if (!s->p[i].lay) {
			pr_err("openvgpu_sim: no firmware \"%.*s\" that knows %s\n",
			       (int)(end - str), str, t->name);
			return -EINVAL;
		}
		str = end && *end ? end + 1 : NULL;
	}
	if (str && *str) {
		pr_err("openvgpu_sim: firmware for more boards than there are: \"%s\"\n", str);
		return -EINVAL;
	}
	return 0;
}

/* PF BAR1 takes half of a window, at a multiple of its size. */
static int check_windows(struct setup *s)
{
	int i;

	for (i = 0; i < s->n; i++) {
		struct sim_board_params *p = &s->p[i];
		u64 min = 2 * p->type->pf_bar1;

		if (p->size >= min && IS_ALIGNED(p->start, min))
			continue;
		pr_err("openvgpu_sim: window %pa of %pa bytes: %s needs %llu MiB, aligned to that\n",
		       &p->start, &p->size, p->type->name, min >> 20);
		return -EINVAL;
	}
	return 0;
}

static void put_windows(struct setup *s, int from)
{
	for (; from < s->n; from++) {
		if (!s->p[from].ivshmem)
			continue;
		pci_disable_device(s->p[from].ivshmem);
		pci_dev_put(s->p[from].ivshmem);
	}
}

static void destroy_all(void)
{
	int i;

	for (i = SIM_MAX_BOARDS - 1; i >= 0; i--) {
		if (all[i])
			sim_board_destroy(all[i]);
		all[i] = NULL;
	}
	sim_debugfs_exit();
	sim_iommu_global_exit();
}

static int __init sim_init(void)
{
	struct setup s = { };
	int err, i = 0;

	if (!window || !*window) {
		pr_err("openvgpu_sim: simulates GPUs for tests; say window=ivshmem or window=START:SIZE\n");
		return -EINVAL;
	}
	if (domain < 1 || domain > 0xffff - SIM_MAX_BOARDS) {
		pr_err("openvgpu_sim: domain %d is not between 1 and fff7\n", domain);
		return -EINVAL;
	}
	err = parse_windows(&s, window) ?: parse_boards(&s, boards) ?: check_windows(&s) ?:
	      parse_firmware(&s, firmware);
	if (err)
		goto out;
	err = sim_iommu_global_init();
	if (err)
		goto out;
	sim_debugfs_init();
	for (; i < s.n; i++) {
		s.p[i].index = i;
		s.p[i].domain = domain + i;
		s.p[i].root_port = root_port[i];
		s.p[i].companion = companion[i];
		s.p[i].handover = handover[i];
		s.p[i].has_iommu = iommu[i];
		s.p[i].require_signatures = require_signatures;
		all[i] = sim_board_create(&s.p[i]);
		if (IS_ERR(all[i])) {
			err = PTR_ERR(all[i++]);
			all[i - 1] = NULL;
			destroy_all();
			goto out;
		}
	}
	return 0;
out:
	put_windows(&s, i);
	return err;
}

static void __exit sim_exit(void)
{
	destroy_all();
}

module_init(sim_init);
module_exit(sim_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Simulated SR-IOV GPU");
