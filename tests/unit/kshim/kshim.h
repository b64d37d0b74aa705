/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * As much of the kernel as driver/gsp/ uses, for one thread and in virtual time,
 * so that its waiting, matching and error paths can be tested without a kernel:
 *
 *  - a mutex that is taken twice, or freed twice, ends the test: with one thread
 *    that would be a deadlock;
 *  - waiting advances the clock by a millisecond at a time and calls shim_tick(),
 *    where a test lets firmware and interrupts happen;
 *  - writing a register calls shim_writel();
 *  - physical addresses are pointers.
 */
#ifndef KSHIM_H
#define KSHIM_H

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

#include "driver/compat/portable.h"

/* hooks, defined by the test */
extern u64 shim_ms;
extern int shim_warnings;
extern int shim_traces;		/* tracepoints passed */
extern int shim_maps;		/* ioremap() without iounmap() */
void shim_tick(void);
void shim_writel(u32 value, void *addr);
u32 shim_readl(void *addr);
int shim_reset(void);

#define __iomem
#define GFP_KERNEL		0
#define HZ			1000
#define PAGE_SIZE		4096ul
#define TASK_SIZE		0x7ffffffff000ul
#define SZ_16M			0x01000000
#define BIT(n)			(1u << (n))
#define jiffies			((unsigned long)shim_ms)
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define mb()			((void)0)
#define dma_rmb()		((void)0)
#define dma_wmb()		((void)0)
#define WARN_ON(x)		({ bool w_ = (x); assert(!w_); w_; })
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define struct_size(p, m, n)	(sizeof(*(p)) + sizeof(*(p)->m) * (size_t)(n))
#define lower_32_bits(x)	((u32)(x))
#define upper_32_bits(x)	((u32)((u64)(x) >> 32))

typedef u32 __le32;
typedef u64 dma_addr_t;
typedef u64 resource_size_t;
#define le32_to_cpu(x)		(x)
#define cpu_to_le32(x)		(x)

typedef struct { u8 b[16]; } guid_t;

/* slab */
static inline void *kzalloc(size_t n, int gfp)
{
	(void)gfp;
	return calloc(1, n);
}

#define kvzalloc(n, gfp)	kzalloc(n, gfp)
#define kvmalloc_array(n, s, gfp)	kzalloc((size_t)(n) * (s), gfp)
#define kvmalloc(n, gfp)	kzalloc(n, gfp)
#define kfree(p)		free(p)
#define kvfree(p)		free(p)

/* text */
static inline int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n < (int)size ? n : (int)size - 1;
}

static inline ssize_t strscpy(char *to, const char *from, size_t size)
{
	return scnprintf(to, size, "%s", from);
}

/* lists */
struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_add_tail(struct list_head *n, struct list_head *l)
{
	n->prev = l->prev;
	n->next = l;
	l->prev->next = n;
	l->prev = n;
}

static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
}

static inline void list_del_init(struct list_head *n)
{
	list_del(n);
	INIT_LIST_HEAD(n);
}

#define list_entry(p, t, m)	container_of(p, t, m)
#define list_for_each_entry(p, l, m) \
	for (p = list_entry((l)->next, __typeof__(*p), m); &p->m != (l); \
	     p = list_entry(p->m.next, __typeof__(*p), m))
#define list_for_each_entry_safe(p, n, l, m) \
	for (p = list_entry((l)->next, __typeof__(*p), m), \
	     n = list_entry(p->m.next, __typeof__(*p), m); &p->m != (l); \
	     p = n, n = list_entry(n->m.next, __typeof__(*n), m))

/* bits */
#define DECLARE_BITMAP(name, n)	unsigned long name[((n) + 63) / 64]

static inline bool test_and_set_bit(u32 bit, unsigned long *map)
{
	bool was = map[bit / 64] >> bit % 64 & 1;

	map[bit / 64] |= 1ul << bit % 64;
	return was;
}

/* locks and waiting */
struct mutex {
	bool held;
};

#define mutex_init(m)		((m)->held = false)

static inline void mutex_lock(struct mutex *m)
{
	assert(!m->held);
	m->held = true;
}

static inline void mutex_unlock(struct mutex *m)
{
	assert(m->held);
	m->held = false;
}

struct completion {
	u32 done;
};

#define init_completion(c)	((c)->done = 0)
#define reinit_completion(c)	((c)->done = 0)
#define complete(c)		((void)((c)->done++))
#define completion_done(c)	((c)->done != 0)

static inline void shim_pass_ms(void)
{
	shim_ms++;
	shim_tick();
}

static inline unsigned long wait_for_completion_timeout(struct completion *c, unsigned long ms)
{
	while (!c->done && ms--)
		shim_pass_ms();
	if (!c->done)
		return 0;
	c->done--;
	return ms + 1;
}

typedef u64 ktime_t;	/* ms, and never 0: that is "no time" */
#define ktime_get()		(shim_ms + 1)
#define ktime_add_ms(t, ms)	((t) + (ms))
#define ktime_ms_delta(a, b)	((long long)((a) - (b)))
#define min_t(t, a, b)		((t)(a) < (t)(b) ? (t)(a) : (t)(b))
#define ktime_after(a, b)	((a) > (b))
#define usleep_range(a, b)	shim_pass_ms()
#define read_poll_timeout(op, v, cond, us, total_us, first, ...) ({ \
	u64 end_ = shim_ms + (total_us) / 1000; \
	for (;;) { \
		(v) = op(__VA_ARGS__); \
		if ((cond) || shim_ms > end_) \
			break; \
		shim_pass_ms(); \
	} \
	(cond) ? 0 : -ETIMEDOUT; \
})

/* work: runs when the test says so */
struct work_struct {
	void (*fn)(struct work_struct *work);
	struct work_struct **queued;
};

struct workqueue_struct {
	struct work_struct *work[8];
};

#define INIT_WORK(w, f)		((w)->fn = (f), (w)->queued = NULL)

static inline void queue_work(struct workqueue_struct *wq, struct work_struct *work)
{
	size_t i = 0;

	if (work->queued)
		return;
	while (wq->work[i])
		assert(++i < ARRAY_SIZE(wq->work));
	work->queued = &wq->work[i];
	wq->work[i] = work;
}

static inline void shim_run_work(struct workqueue_struct *wq)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(wq->work); i++) {
		struct work_struct *w = wq->work[i];

		wq->work[i] = NULL;
		if (w) {
			w->queued = NULL;
			w->fn(w);
		}
	}
}

static inline struct workqueue_struct *alloc_ordered_workqueue(const char *fmt, int flags, ...)
{
	(void)fmt;
	(void)flags;
	return calloc(1, sizeof(struct workqueue_struct));
}

#define destroy_workqueue(wq)	(shim_run_work(wq), free(wq))

static inline bool cancel_work_sync(struct work_struct *work)
{
	bool was = work->queued;

	if (was)
		*work->queued = NULL;
	work->queued = NULL;
	return was;
}

/* devices */
struct device {
	int unused;
};

struct pci_bus {
	int domain;
};

struct resource {
	u64 start;
	u64 len;
	u32 flags;
};

struct pci_dev {
	struct device dev;
	struct pci_bus *bus;
	u16 id;
	u16 vendor, device, subsystem_vendor, subsystem_device;
	u8 revision;
	bool master;
	int vfs;
	int total_vfs;
	u8 devfn, vf_offset;
	/* what a driver holds */
	bool enabled;
	u32 regions;		/* by BAR */
	bool vectors;
	bool mapped;
	void *bar0;
	struct shim_irq { int (*thread)(int irq, void *data); void *data; } irq;
	/* what it is refused */
	u32 busy;		/* BARs of somebody else */
	struct resource resource[16];
	u32 cfg[0x140 / 4];
};

/* BARs; bus addresses differ from those of the CPU */
#define PCI_IOV_RESOURCES	7
#define IORESOURCE_MEM		0x00000200u
#define IORESOURCE_MEM_64	0x00100000u
#define IORESOURCE_UNSET	0x20000000u
#define SHIM_BUS_OFFSET		0x1000000000ull
#define pci_resource_start(pdev, i)	((pdev)->resource[i].start)
#define pci_resource_len(pdev, i)	((pdev)->resource[i].len)
#define pci_resource_flags(pdev, i)	((pdev)->resource[i].flags)
#define pci_bus_address(pdev, i)	((pdev)->resource[i].start + SHIM_BUS_OFFSET)
#define pci_sriov_get_totalvfs(pdev)	((pdev)->total_vfs)
#define pci_iov_virtfn_devfn(pdev, i)	(((pdev)->devfn + (pdev)->vf_offset + (i)) & 0xff)
#define pci_name(pdev)			((void)(pdev), "0001:00:00.0")

/* configuration space */
#define PCI_VENDOR_ID_NVIDIA	0x10de
#define PCI_VNDR_HEADER		4
#define PCI_VNDR_HEADER_REV(x)	((x) >> 16 & 0xf)
#define PCI_VNDR_HEADER_LEN(x)	((x) >> 20 & 0xfff)

static inline u16 pci_find_vsec_capability(struct pci_dev *pdev, u16 vendor, int id)
{
	return vendor == PCI_VENDOR_ID_NVIDIA && (pdev->cfg[0x104 / 4] & 0xffff) == (u32)id ?
	       0x100 : 0;
}

static inline int pci_read_config_dword(struct pci_dev *pdev, int pos, u32 *v)
{
	*v = pdev->cfg[pos / 4];
	return 0;
}

/* claims and interrupts; nothing is taken or given back twice */
#define IRQ_WAKE_THREAD		2
#define IRQ_HANDLED		1
#define PCI_IRQ_MSIX		4
#define DMA_BIT_MASK(n)		((1ull << (n)) - 1)
typedef int irqreturn_t;

#define is_power_of_2(n)	((n) && !((n) & ((n) - 1)))

static inline int pci_enable_device(struct pci_dev *pdev)
{
	assert(!pdev->enabled);
	pdev->enabled = true;
	return 0;
}

static inline void pci_disable_device(struct pci_dev *pdev)
{
	assert(pdev->enabled);
	pdev->enabled = false;
}

static inline int pci_request_region(struct pci_dev *pdev, int bar, const char *name)
{
	(void)name;
	assert(pdev->enabled && !(pdev->regions & 1u << bar));
	if (pdev->busy & 1u << bar)
		return -EBUSY;
	pdev->regions |= 1u << bar;
	return 0;
}

static inline void pci_release_region(struct pci_dev *pdev, int bar)
{
	assert(pdev->regions & 1u << bar);
	pdev->regions &= ~(1u << bar);
}

static inline void *pci_iomap(struct pci_dev *pdev, int bar, unsigned long len)
{
	(void)len;
	assert(!bar && !pdev->mapped);
	pdev->mapped = true;
	return pdev->bar0;
}

static inline void pci_iounmap(struct pci_dev *pdev, void *p)
{
	assert(pdev->mapped && p == pdev->bar0);
	pdev->mapped = false;
}

static inline int pci_alloc_irq_vectors(struct pci_dev *pdev, u32 min, u32 max, u32 flags)
{
	assert(!pdev->vectors && min == max && flags == PCI_IRQ_MSIX);
	pdev->vectors = true;
	return (int)min;
}

static inline void pci_free_irq_vectors(struct pci_dev *pdev)
{
	assert(pdev->vectors && !pdev->irq.thread);
	pdev->vectors = false;
}

extern struct pci_dev *shim_irq_dev;	/* the one device with an interrupt */

static inline int request_threaded_irq(int irq, int (*hard)(int, void *),
				       int (*thread)(int, void *), unsigned long flags,
				       const char *name, void *data)
{
	(void)hard;
	(void)flags;
	(void)name;
	assert(irq == 33 && shim_irq_dev->vectors && !shim_irq_dev->irq.thread);
	shim_irq_dev->irq.thread = thread;
	shim_irq_dev->irq.data = data;
	return 0;
}

static inline void free_irq(int irq, void *data)
{
	assert(irq == 33 && shim_irq_dev->irq.data == data);
	shim_irq_dev->irq.thread = NULL;
}

#define pci_irq_vector(pdev, i)	((void)(pdev), 33)
#define pci_set_master(pdev)	((void)((pdev)->master = true))
#define dma_set_mask_and_coherent(dev, mask)	((void)(dev), (void)(mask), 0)

#define pci_domain_nr(bus)	((bus)->domain)
#define pci_dev_id(pdev)	((pdev)->id)
#define PCI_SLOT(devfn)		((devfn) >> 3 & 0x1f)
#define pci_num_vf(pdev)	((pdev)->vfs)
#define pci_clear_master(pdev)	((void)((pdev)->master = false))
#define pci_save_state(pdev)	((void)(pdev))
#define pci_restore_state(pdev)	((void)(pdev))
#define pcie_flr(pdev)		((void)(pdev), shim_reset())

static inline void *dma_alloc_coherent(struct device *dev, size_t n, dma_addr_t *dma, int gfp)
{
	void *p = aligned_alloc(4096, n);

	(void)dev;
	(void)gfp;
	memset(p, 0xa5, n);
	*dma = (dma_addr_t)(uintptr_t)p;
	return p;
}

#define dma_free_coherent(dev, n, p, dma)	((void)(dev), (void)(dma), free(p))

static inline void *ioremap(u64 phys, size_t n)
{
	(void)n;
	shim_maps++;
	return (void *)(uintptr_t)phys;
}

#define iounmap(p)		((void)(p), (void)shim_maps--)
#define memcpy_toio(to, p, n)	memcpy(to, p, n)
#define memcpy_fromio(p, from, n)	memcpy(p, from, n)
#define memset_io(to, v, n)	memset(to, v, n)
#define readl(a)		shim_readl(a)
#define writel(v, a)		shim_writel(v, a)

static inline void shim_log(int warn, const char *fmt, ...)
{
	(void)fmt;
	shim_warnings += warn;
}

#define dev_dbg(d, ...)			shim_log(0, __VA_ARGS__)
#define dev_notice(d, ...)		shim_log(1, __VA_ARGS__)
#define dev_warn_ratelimited(d, ...)	shim_log(1, __VA_ARGS__)
#define pci_warn(d, ...)		shim_log(1, __VA_ARGS__)
#define pci_err(d, ...)			shim_log(1, __VA_ARGS__)

#endif
