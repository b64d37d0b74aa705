// SPDX-License-Identifier: GPL-2.0-only
/*
 * A board: its memory, host bridge and everything behind it. Windows of the host
 * bridge are cut out of the board's memory: the first 32 MiB are the 32-bit window
 * (their bus addresses lie below 4 GiB, wherever the memory is), the rest is the
 * 64-bit prefetchable one.
 */
#include <linux/io.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "sim.h"

const char *sim_pf_name(struct sim_board *b, char *buf, size_t len)
{
	snprintf(buf, len, "%04x:%02x:00.0", b->domain, b->root_port ? 1 : 0);
	return buf;
}

/* The innermost resource that contains the range, so that requests below it fit. */
static struct resource *resource_of(phys_addr_t start, resource_size_t size)
{
	struct resource *r = &iomem_resource, *c;

	for (c = r->child; c; ) {
		if (c->start <= start && c->end >= start + size - 1) {
			r = c;
			c = r->child;
		} else {
			c = c->sibling;
		}
	}
	return r;
}

static int claim_memory(struct sim_board *b)
{
	struct resource *parent;
	int err;

	if (b->ivshmem)
		parent = &b->ivshmem->resource[2];
	else
		parent = resource_of(b->mem_start, b->mem_size);

	b->win32 = (struct resource)DEFINE_RES_MEM_NAMED(b->mem_start, SIM_WIN32_SIZE,
							 "openvgpu_sim 32-bit");
	b->win32.flags = IORESOURCE_MEM;
	b->win64 = (struct resource)DEFINE_RES_MEM_NAMED(b->mem_start + SIM_WIN32_SIZE,
							 b->mem_size - SIM_WIN32_SIZE,
							 "openvgpu_sim 64-bit");
	b->win64.flags = IORESOURCE_MEM | IORESOURCE_MEM_64 | IORESOURCE_PREFETCH;
	b->mem = ioremap(b->mem_start, SIM_WIN32_SIZE);
	if (!b->mem)
		return -ENOMEM;
	err = request_resource(parent, &b->win32);
	if (err)
		goto unmap;
	err = request_resource(parent, &b->win64);
	if (err)
		goto release;
	return 0;
release:
	release_resource(&b->win32);
unmap:
	iounmap(b->mem);
	b->mem = NULL;
	return err;
}

static void release_memory(struct sim_board *b)
{
	if (!b->mem)
		return;
	if (b->vf_bar1)
		iounmap(b->vf_bar1);
	iounmap(b->mem);
	release_resource(&b->win64);
	release_resource(&b->win32);
}

static int create_bus(struct sim_board *b)
{
	struct pci_host_bridge *bridge;
	LIST_HEAD(resources);
	int err;

	b->sysdata.domain = b->domain;
	b->sysdata.node = NUMA_NO_NODE;
	b->busn = (struct resource) {
		.name = "openvgpu_sim bus",
		.start = 0,
		.end = 0xff,
		.flags = IORESOURCE_BUS,
	};
	/* Memory that is below 4 GiB needs no translation. */
	b->win32_bus = upper_32_bits(b->win32.end) ? SIM_WIN32_BUS : b->win32.start;
	pci_add_resource(&resources, &b->busn);
	pci_add_resource_offset(&resources, &b->win32, b->win32.start - b->win32_bus);
	pci_add_resource(&resources, &b->win64);

	pci_lock_rescan_remove();
	b->bus = pci_create_root_bus(&b->host->dev, 0, &sim_pci_ops, &b->sysdata, &resources);
	if (!b->bus) {
		pci_unlock_rescan_remove();
		pci_free_resource_list(&resources);
		return -EBUSY;
	}
	/* No port services: the root port has no vector to signal them with. */
	bridge = to_pci_host_bridge(b->bus->bridge);
	bridge->native_pme = 0;
	bridge->native_aer = 0;
	bridge->native_pcie_hotplug = 0;
	dev_set_msi_domain(&b->bus->dev, b->msi);
	pci_scan_child_bus(b->bus);
	pci_assign_unassigned_bus_resources(b->bus);
	err = sim_vf_bar1_map(b);
	if (err) {
		pci_unlock_rescan_remove();
		return err;	/* sim_board_destroy() takes the bus away */
	}
	/* Here, where nobody can enable VFs yet: it is much to do with a lock held. */
	sim_vf_bar1_poison(b);
	pci_bus_add_devices(b->bus);
	pci_unlock_rescan_remove();
	return 0;
}

static void destroy_bus(struct sim_board *b)
{
	struct device *bridge;

	if (!b->bus)
		return;
	/* pci_create_root_bus() keeps a reference on the bridge that nobody else puts. */
	bridge = b->bus->bridge;
	pci_lock_rescan_remove();
	pci_stop_root_bus(b->bus);
	pci_remove_root_bus(b->bus);
	pci_unlock_rescan_remove();
	put_device(bridge);
	b->bus = NULL;
}

/* Undoes whatever sim_board_create() got done, in reverse. */
void sim_board_destroy(struct sim_board *b)
{
	sim_debugfs_remove(b);
	destroy_bus(b);
	sim_engine_stop(b);
	sim_iommu_destroy(b);
	sim_msi_destroy(b);
	sim_fw_destroy(b);
	sim_fb_free(b);
	sim_config_free(b);
	if (b->host)
		platform_device_unregister(b->host);
	release_memory(b);
	if (b->ivshmem) {
		pci_disable_device(b->ivshmem);
		pci_dev_put(b->ivshmem);
	}
	kfree(b->bounce);
	kfree(b);
}

static int build(struct sim_board *b)
{
	struct platform_device *host;
	int err;

	b->bounce = kmalloc(PAGE_SIZE, GFP_KERNEL);
	if (!b->bounce)
		return -ENOMEM;
	err = claim_memory(b);
	if (err)
		return err;
	host = platform_device_register_simple("openvgpu-sim-host", b->domain, NULL, 0);
	if (IS_ERR(host))
		return PTR_ERR(host);
	b->host = host;
	return sim_config_init(b) ?: sim_fw_create(b) ?: sim_msi_create(b) ?:
	       sim_iommu_create(b) ?: sim_engine_start(b) ?: create_bus(b);
}

struct sim_board *sim_board_create(const struct sim_board_params *p)
{
	struct sim_board *b = kzalloc(sizeof(*b), GFP_KERNEL);
	int err;

	if (!b) {
		if (p->ivshmem) {
			pci_disable_device(p->ivshmem);
			pci_dev_put(p->ivshmem);
		}
		return ERR_PTR(-ENOMEM);
	}
	b->type = p->type;
	b->lay = p->lay;
	b->index = p->index;
	b->domain = p->domain;
	b->root_port = p->root_port;
	b->companion = p->companion;
	b->handover = p->handover;
	b->has_iommu = p->has_iommu;
	b->require_signatures = p->require_signatures;
	b->ivshmem = p->ivshmem;
	b->mem_start = p->start;
	b->mem_size = p->size;
	b->late_ms = 2000;
	xa_init(&b->fb);
	err = build(b);
	if (err) {
		pr_err("openvgpu_sim: board %d (%s) in domain %04x: error %d\n", b->index,
		       b->type->name, b->domain, err);
		sim_board_destroy(b);
		return ERR_PTR(err);
	}
	sim_debugfs_add(b);
	return b;
}
