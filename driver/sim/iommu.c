// SPDX-License-Identifier: GPL-2.0-only
/*
 * The software IOMMU. One device a board, one group a function (the companion
 * shares the PF's on purpose). A domain is a four-level table of 512 entries with
 * 4 KiB, 2 MiB and 1 GiB pages over 48 bits. Tables are put in with cmpxchg and
 * stay until the domain is freed, so that mapping needs no lock and walking can
 * never meet a freed table. "Flushing the TLB" is taking the board's dma_lock
 * once: the engine translates and copies each piece inside it.
 */
#include <linux/slab.h>
#include "sim.h"

#define SIM_PGSIZES	(SZ_4K | SZ_2M | SZ_1G)
#define LEVELS		4
#define IDX(iova, l)	(((iova) >> (12 + 9 * (l))) & 511)
#define SPAN(l)		(1ull << (12 + 9 * (l)))

/* An entry: 0, or a leaf (physical address and rights), or a table (pointer). */
#define E_READ		BIT_ULL(0)
#define E_WRITE		BIT_ULL(1)
#define E_LEAF		BIT_ULL(2)
#define E_TABLE		BIT_ULL(3)
#define E_MASK		(~0xfffull)

/*
 * Made and freed by the IOMMU core; a function that is attached keeps it in use,
 * and is detached under dma_lock before the core frees it. @board is set at
 * allocation where the kernel says for which device, else at the first attach;
 * a domain never serves two boards.
 */
struct sim_dom {
	struct iommu_domain d;
	struct sim_board *board;
	atomic_long_t pages;
	u64 *top;
};

static struct iommu_ops *sim_ops;

static struct sim_dom *to_dom(struct iommu_domain *d)
{
	return container_of(d, struct sim_dom, d);
}

static u64 *table_of(u64 e)
{
	return (u64 *)(unsigned long)(e & E_MASK);
}

static struct sim_fn *dev_to_fn(struct device *dev)
{
	struct sim_board *b;
	struct pci_dev *p;
	int vf;

	if (!dev_is_pci(dev))
		return NULL;
	p = to_pci_dev(dev);
	if (p->bus->ops != &sim_pci_ops)
		return NULL;
	b = container_of(p->bus->sysdata, struct sim_board, sysdata);
	if (b->root_port && pci_is_root_bus(p->bus))
		return NULL;
	if (p->devfn == 0)
		return &b->pf;
	if (p->devfn == 1 && b->companion)
		return &b->comp;
	vf = (int)p->devfn - b->type->vf_offset;
	return vf >= 0 && vf < b->type->total_vfs ? &b->vfs[vf] : NULL;
}

static void barrier_of(struct sim_dom *sd)
{
	struct sim_board *b = READ_ONCE(sd->board);
	unsigned long flags;

	if (!b)
		return;
	raw_spin_lock_irqsave(&b->dma_lock, flags);
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
}

static void account(struct sim_dom *sd, long pages)
{
	struct sim_board *b = READ_ONCE(sd->board);

	atomic_long_add(pages, &sd->pages);
	if (b)
		atomic_long_add(pages, &b->iommu_pages_now);
}

/* ----------------------------------------------------------------- table */

static u64 *next_table(struct sim_dom *sd, u64 *entry, gfp_t gfp)
{
	u64 e = READ_ONCE(*entry), old;
	u64 *t;

	if (e)
		return e & E_TABLE ? table_of(e) : NULL;
	t = (u64 *)get_zeroed_page(gfp);
	if (!t)
		return NULL;
	old = cmpxchg64(entry, 0, (u64)(unsigned long)t | E_TABLE);
	if (old) {
		free_page((unsigned long)t);
		return old & E_TABLE ? table_of(old) : NULL;
	}
	if (sd->board)
		sim_count(sd->board, iommu_table_allocs);
	return t;
}

/* Clears the leaves below a table, returns how many 4 KiB pages they were. */
static long clear_table(u64 *t, int level, int count)
{
	long pages = 0;
	int i;

	for (i = 0; i < count; i++) {
		u64 e = READ_ONCE(t[i]);

		if (e & E_TABLE) {
			pages += clear_table(table_of(e), level - 1, 512);
		} else if (e) {
			WRITE_ONCE(t[i], 0);
			pages += SPAN(level) >> PAGE_SHIFT;
		}
	}
	return pages;
}

/* Maps one page of SPAN(level); where a finer table is already there, finely. */
static int map_one(struct sim_dom *sd, u64 iova, u64 pa, int level, u64 rights, gfp_t gfp)
{
	u64 *t = sd->top;
	int l, i, err;

	for (l = LEVELS - 1; l > level; l--) {
		t = next_table(sd, &t[IDX(iova, l)], gfp);
		if (!t)
			return -ENOMEM;
	}
	t += IDX(iova, level);
	if (!READ_ONCE(*t)) {
		WRITE_ONCE(*t, pa | rights | E_LEAF);
		return 0;
	}
	if (!(*t & E_TABLE))
		return -EEXIST;
	for (i = 0; i < 512; i++) {
		err = map_one(sd, iova + i * SPAN(level - 1), pa + i * SPAN(level - 1), level - 1,
			      rights, gfp);
		if (err) {	/* the core knows nothing of a page done by half */
			clear_table(table_of(*t), level - 1, i);
			return err;
		}
	}
	return 0;
}

static int level_of(size_t pgsize)
{
	return pgsize == SZ_1G ? 2 : pgsize == SZ_2M ? 1 : 0;
}

static int sim_map(struct iommu_domain *d, unsigned long iova, phys_addr_t pa, size_t pgsize,
		   size_t count, int prot, gfp_t gfp, size_t *mapped)
{
	struct sim_dom *sd = to_dom(d);
	int level = level_of(pgsize), err = 0;
	u64 rights = 0;
	size_t i;

	if (prot & IOMMU_READ)
		rights |= E_READ;
	if (prot & IOMMU_WRITE)
		rights |= E_WRITE;
	for (i = 0; i < count && !err; ) {
		err = map_one(sd, iova, pa, level, rights, gfp);
		if (!err) {
			iova += pgsize;
			pa += pgsize;
			i++;
		}
	}
	account(sd, i * (pgsize >> PAGE_SHIFT));
	*mapped += i * pgsize;
	return err;
}

static size_t sim_unmap(struct iommu_domain *d, unsigned long iova, size_t pgsize, size_t count,
			struct iommu_iotlb_gather *gather)
{
	struct sim_dom *sd = to_dom(d);
	int level = level_of(pgsize), l;
	long pages = 0;
	size_t i;

	for (i = 0; i < count; i++, iova += pgsize) {
		u64 *t = sd->top, e;

		for (l = LEVELS - 1; l > level; l--) {
			e = READ_ONCE(t[IDX(iova, l)]);
			if (!(e & E_TABLE))
				break;
			t = table_of(e);
		}
		if (l > level) {
			/* Nothing there, or a part of a larger page: nobody may ask that. */
			if (e && sd->board)
				sim_count(sd->board, iommu_bad_unmaps);
			break;
		}
		e = READ_ONCE(t[IDX(iova, level)]);
		if (!e)
			break;
		if (e & E_TABLE) {
			pages += clear_table(table_of(e), level - 1, 512);
		} else {
			WRITE_ONCE(t[IDX(iova, level)], 0);
			pages += pgsize >> PAGE_SHIFT;
		}
	}
	account(sd, -pages);
	barrier_of(sd);
	return i * pgsize;
}

static u64 lookup(struct sim_dom *sd, u64 iova, u64 *rights)
{
	u64 *t = sd->top, e;
	int l;

	*rights = 0;
	if (iova >> 48)
		return 0;
	for (l = LEVELS - 1; l >= 0; l--) {
		e = READ_ONCE(t[IDX(iova, l)]);
		if (e & E_LEAF) {
			*rights = e & (E_READ | E_WRITE);
			return (e & E_MASK) | (iova & (SPAN(l) - 1));
		}
		if (!(e & E_TABLE))
			return 0;
		t = table_of(e);
	}
	return 0;
}

static phys_addr_t sim_iova_to_phys(struct iommu_domain *d, dma_addr_t iova)
{
	u64 rights;

	return lookup(to_dom(d), iova, &rights);
}

static void free_table(u64 *t, int level)
{
	int i;

	for (i = 0; level && i < 512; i++)
		if (t[i] & E_TABLE)
			free_table(table_of(t[i]), level - 1);
	free_page((unsigned long)t);
}

/* ---------------------------------------------------------------- domains */

static void dom_set_board(struct sim_dom *sd, struct sim_board *b)
{
	sd->board = b;
	atomic_inc(&b->iommu_domains_now);
	atomic_long_add(atomic_long_read(&sd->pages), &b->iommu_pages_now);
}

static void sim_dom_free(struct iommu_domain *d)
{
	struct sim_dom *sd = to_dom(d);

	if (sd->board) {
		atomic_dec(&sd->board->iommu_domains_now);
		atomic_long_sub(atomic_long_read(&sd->pages), &sd->board->iommu_pages_now);
	}
	free_table(sd->top, LEVELS - 1);
	kfree(sd);
}

#define SIM_COMPAT_IOMMU
#include "compat.h"

static const struct iommu_domain_ops sim_dom_ops = {
	.attach_dev = sim_attach_dev,
	.map_pages = sim_map,
	.unmap_pages = sim_unmap,
	.iova_to_phys = sim_iova_to_phys,
	.free = sim_dom_free,
};

static struct iommu_domain *sim_alloc_paging(struct device *dev)
{
	struct sim_fn *f = dev ? dev_to_fn(dev) : NULL;
	struct sim_dom *sd = kzalloc(sizeof(*sd), GFP_KERNEL);

	if (!sd)
		return NULL;
	sd->top = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!sd->top) {
		kfree(sd);
		return NULL;
	}
	sd->d.ops = &sim_dom_ops;
	sd->d.pgsize_bitmap = SIM_PGSIZES;
	sd->d.geometry.aperture_start = 0;
	sd->d.geometry.aperture_end = (1ull << 48) - 1;
	sd->d.geometry.force_aperture = true;
	if (f)
		dom_set_board(sd, f->board);
	return &sd->d;
}

/* The IOMMU core serialises attaches of a group; domains of a board differ. */
static int sim_attach(struct iommu_domain *d, struct device *dev)
{
	struct sim_fn *f = dev_to_fn(dev);
	struct sim_board *b;
	unsigned long flags;

	if (!f)
		return -ENODEV;
	b = f->board;
	if (d->ops == &sim_dom_ops) {
		struct sim_dom *sd = to_dom(d);

		if (!sd->board)
			dom_set_board(sd, b);
		/* VFIO then makes a domain of its own for the other board. */
		if (sd->board != b) {
			sim_count(b, iommu_foreign_domain);
			return -EINVAL;
		}
	}
	raw_spin_lock_irqsave(&b->dma_lock, flags);
	f->dom = d->type == IOMMU_DOMAIN_BLOCKED ? NULL : d;
	raw_spin_unlock_irqrestore(&b->dma_lock, flags);
	return 0;
}

/* Called by the engine with dma_lock held. */
int sim_iommu_translate(struct sim_fn *f, u64 iova, bool write, phys_addr_t *pa)
{
	u64 rights;

	if (!f->board->has_iommu) {
		*pa = iova;
		return 0;
	}
	if (!f->dom)
		return -EFAULT;
	if (f->dom->ops != &sim_dom_ops) {	/* identity */
		*pa = iova;
		return 0;
	}
	*pa = lookup(to_dom(f->dom), iova, &rights);
	return rights & (write ? E_WRITE : E_READ) ? 0 : -EFAULT;
}

/* ---------------------------------------------------------------- devices */

static struct iommu_device *sim_probe_device(struct device *dev)
{
	struct sim_fn *f = dev_to_fn(dev);

	return f && f->board->has_iommu ? &f->board->iommu : ERR_PTR(-ENODEV);
}

static void sim_release_device(struct device *dev)
{
	struct sim_fn *f = dev_to_fn(dev);
	unsigned long flags;

	if (!f)
		return;
	raw_spin_lock_irqsave(&f->board->dma_lock, flags);
	f->dom = NULL;
	raw_spin_unlock_irqrestore(&f->board->dma_lock, flags);
}

/* The companion and the PF cannot be told apart by this IOMMU. */
static struct iommu_group *sim_device_group(struct device *dev)
{
	struct pci_dev *p = to_pci_dev(dev), *other;
	struct sim_fn *f = dev_to_fn(dev);
	struct iommu_group *g = NULL;

	if (f && f->board->companion && f->kind != SIM_VF) {
		other = pci_get_slot(p->bus, f->kind == SIM_PF ? 1 : 0);
		if (other) {
			g = iommu_group_get(&other->dev);
			pci_dev_put(other);
		}
	}
	return g ?: generic_device_group(dev);
}

static void sim_get_resv(struct device *dev, struct list_head *head)
{
	struct iommu_resv_region *r;

	r = iommu_alloc_resv_region(0xfee00000, SZ_1M, 0, IOMMU_RESV_MSI, GFP_KERNEL);
	if (r)
		list_add_tail(&r->list, head);
}

static int sim_def_domain_type(struct device *dev)
{
	return IOMMU_DOMAIN_DMA;
}

/*
 * One set of ops for all boards, because older kernels take only one a bus. It
 * is allocated and has no owner: the core takes a reference on the owner for
 * each device, and the module could never be unloaded while its devices exist.
 */
int sim_iommu_global_init(void)
{
	struct iommu_ops *o = kzalloc(sizeof(*o), GFP_KERNEL);

	if (!o)
		return -ENOMEM;
	o->probe_device = sim_probe_device;
	o->release_device = sim_release_device;
	o->device_group = sim_device_group;
	o->get_resv_regions = sim_get_resv;
	o->def_domain_type = sim_def_domain_type;
	o->default_domain_ops = &sim_dom_ops;
	sim_compat_iommu_ops(o, SIM_PGSIZES);
	sim_ops = o;
	return 0;
}

void sim_iommu_global_exit(void)
{
	sim_compat_iommu_gone(sim_ops);
	kfree(sim_ops);
}

int sim_iommu_create(struct sim_board *b)
{
	int err;

	if (!b->has_iommu)
		return 0;
	err = iommu_device_sysfs_add(&b->iommu, NULL, NULL, "openvgpu-sim%d", b->domain);
	if (err)
		return err;
	err = iommu_device_register(&b->iommu, sim_ops, NULL);
	if (err) {
		iommu_device_sysfs_remove(&b->iommu);
		return err;
	}
	b->iommu_registered = true;
	return 0;
}

void sim_iommu_destroy(struct sim_board *b)
{
	if (!b->iommu_registered)
		return;
	iommu_device_unregister(&b->iommu);
	iommu_device_sysfs_remove(&b->iommu);
}
