/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * As much of the kernel as the firmware model (driver/sim/fw_*.c, fb.c) uses, for
 * one thread and in virtual time. Not the shim of tests/unit: that one stands
 * under the driver, this one under the board, and a mistake in one must not
 * cancel out in the other. Everything here is static, so that both may be linked
 * into one program.
 */
#ifndef FWSHIM_H
#define FWSHIM_H

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef u16 __le16;
typedef u32 __le32;
typedef u64 __le64;
typedef u64 phys_addr_t, dma_addr_t, resource_size_t;

/* time: the test's, in ms */
extern u64 fwshim_ms;
extern u32 fwshim_warnings;
void fwshim_sleep(void);	/* a ms passes, and the host goes on meanwhile */

#define __iomem
#define __user
#define __packed		__attribute__((packed))
#define __printf(f, a)		__attribute__((format(printf, f, a)))
#define fallthrough		__attribute__((fallthrough))
#define GFP_KERNEL		0
#define HZ			1000
#define PAGE_SHIFT		12
#define PAGE_SIZE		4096ul
#define PAGE_MASK		(~(PAGE_SIZE - 1))
#define U32_MAX			UINT32_MAX
#define U64_MAX			UINT64_MAX

#define SZ_4K			0x00001000
#define SZ_16K			0x00004000
#define SZ_64K			0x00010000
#define SZ_128K			0x00020000
#define SZ_256K			0x00040000
#define SZ_512K			0x00080000
#define SZ_1M			0x00100000
#define SZ_2M			0x00200000
#define SZ_16M			0x01000000
#define SZ_32M			0x02000000
#define SZ_64M			0x04000000
#define SZ_128M			0x08000000
#define SZ_256M			0x10000000
#define SZ_512M			0x20000000
#define SZ_1G			0x40000000
#define SZ_16G			0x400000000ull
#define SZ_32G			0x800000000ull
#define SZ_64G			0x1000000000ull
#define SZ_128G			0x2000000000ull

#define BIT(n)			(1ul << (n))
#define BIT_ULL(n)		(1ull << (n))
#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))
#define DIV_ROUND_UP_ULL(n, d)	DIV_ROUND_UP((u64)(n), (u64)(d))
#define round_down(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define round_up(x, a)		((((x) - 1) | ((__typeof__(x))(a) - 1)) + 1)
#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define ALIGN(x, a)		(((x) + (a) - 1) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define min(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b)		({ __auto_type a_ = (a); __auto_type b_ = (b); a_ > b_ ? a_ : b_; })
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define max_t(t, a, b)		max((t)(a), (t)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))
#define lower_32_bits(x)	((u32)(x))
#define upper_32_bits(x)	((u32)((u64)(x) >> 32))
#define offset_in_page(x)	((unsigned long)(x) & ~PAGE_MASK)
#define container_of(p, t, m)	((t *)((char *)(p) - offsetof(t, m)))
#define struct_size(p, m, n)	(sizeof(*(p)) + sizeof(*(p)->m) * (size_t)(n))
#define is_power_of_2(n)	((n) && !((n) & ((n) - 1)))
#define WARN_ON(x)		({ bool w_ = (x); assert(!w_); w_; })
#define WARN_ON_ONCE(x)		WARN_ON(x)
#ifndef static_assert
#define static_assert		_Static_assert
#endif

#define le16_to_cpu(x)		(x)
#define le32_to_cpu(x)		(x)
#define le64_to_cpu(x)		(x)
#define cpu_to_le16(x)		(x)
#define cpu_to_le32(x)		(x)
#define cpu_to_le64(x)		(x)

#define mb()			((void)0)
#define wmb()			((void)0)
#define rmb()			((void)0)
#define smp_wmb()		((void)0)
#define cond_resched()		((void)0)

/* errors in pointers */
#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-4095)
#define PTR_ERR(p)		((long)(p))
#define ERR_PTR(e)		((void *)(long)(e))

/* memory; every allocation is calloc, so that the sanitizer sees its end */
#define kzalloc(n, gfp)		calloc(1, n)
#define kmalloc(n, gfp)		calloc(1, n)
#define kcalloc(n, s, gfp)	calloc(n, s)
#define kvzalloc(n, gfp)	calloc(1, n)
#define kvmalloc(n, gfp)	calloc(1, n)
#define kvcalloc(n, s, gfp)	calloc(n, s)
#define kvmalloc_array(n, s, gfp)	calloc(n, s)
#define kfree(p)		free((void *)(p))
#define kvfree(p)		free((void *)(p))
#define vzalloc(n)		calloc(1, n)
#define vfree(p)		free((void *)(p))
#define __get_free_page(gfp)	((unsigned long)calloc(1, PAGE_SIZE))
#define get_zeroed_page(gfp)	__get_free_page(gfp)
#define free_page(p)		free((void *)(p))

static inline void *kmemdup(const void *from, size_t n, int gfp)
{
	void *p = malloc(n);

	(void)gfp;
	return p ? memcpy(p, from, n) : NULL;
}

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

static inline int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(buf, size, fmt, ap);

	return n < (int)size ? n : (int)size - 1;
}

static inline ssize_t strscpy(void *to, const char *from, size_t size)
{
	return scnprintf(to, size, "%s", from);
}

static inline void *memchr_inv(const void *p, int c, size_t n)
{
	const u8 *b = p;

	for (; n; n--, b++)
		if (*b != (u8)c)
			return (void *)b;
	return NULL;
}

static inline void memset32(u32 *p, u32 v, size_t n)
{
	while (n--)
		*p++ = v;
}

/* lists */
struct list_head {
	struct list_head *next, *prev;
};

#define LIST_HEAD_INIT(l)	{ &(l), &(l) }

static inline void INIT_LIST_HEAD(struct list_head *l)
{
	l->next = l;
	l->prev = l;
}

static inline bool list_empty(const struct list_head *l)
{
	return l->next == l;
}

static inline void list_add(struct list_head *n, struct list_head *l)
{
	n->prev = l;
	n->next = l->next;
	l->next->prev = n;
	l->next = n;
}

#define list_add_tail(n, l)	list_add(n, (l)->prev)

static inline void list_del(struct list_head *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->next = n->prev = NULL;
}

#define list_entry(p, t, m)	container_of(p, t, m)
#define list_first_entry(l, t, m)	list_entry((l)->next, t, m)
#define list_for_each_entry(p, l, m) \
	for (p = list_entry((l)->next, __typeof__(*p), m); &p->m != (l); \
	     p = list_entry(p->m.next, __typeof__(*p), m))
#define list_for_each_entry_safe(p, n, l, m) \
	for (p = list_entry((l)->next, __typeof__(*p), m), \
	     n = list_entry(p->m.next, __typeof__(*p), m); &p->m != (l); \
	     p = n, n = list_entry(n->m.next, __typeof__(*n), m))

/* atomics: one thread */
typedef struct { int v; } atomic_t;
typedef struct { s64 v; } atomic64_t;
typedef struct { long v; } atomic_long_t;

#define ATOMIC_INIT(x)		{ x }
#define atomic_read(a)		((a)->v)
#define atomic_set(a, x)	((void)((a)->v = (x)))
#define atomic_inc(a)		((void)(a)->v++)
#define atomic_dec(a)		((void)(a)->v--)
#define atomic64_read(a)	((a)->v)
#define atomic64_add(n, a)	((void)((a)->v += (s64)(n)))
#define atomic64_inc(a)		((void)(a)->v++)
#define atomic_long_read(a)	((a)->v)

static inline bool atomic_add_unless(atomic_t *a, int n, int unless)
{
	if (a->v == unless)
		return false;
	a->v += n;
	return true;
}

#define atomic_dec_if_positive(a)	((a)->v > 0 ? --(a)->v : (a)->v - 1)

/* locks: taken twice ends the test */
typedef struct { bool held; } raw_spinlock_t;
typedef raw_spinlock_t spinlock_t;

static inline void raw_spin_lock(raw_spinlock_t *l)
{
	assert(!l->held);
	l->held = true;
}

static inline void raw_spin_unlock(raw_spinlock_t *l)
{
	assert(l->held);
	l->held = false;
}

#define raw_spin_lock_init(l)			((void)((l)->held = false))
#define raw_spin_lock_irqsave(l, f)		((void)((f) = 0), raw_spin_lock(l))
#define raw_spin_unlock_irqrestore(l, f)	((void)(f), raw_spin_unlock(l))
#define spin_lock_init(l)			raw_spin_lock_init(l)
#define spin_lock(l)				raw_spin_lock(l)
#define spin_unlock(l)				raw_spin_unlock(l)

/* time */
typedef s64 ktime_t;

#define jiffies			((unsigned long)fwshim_ms)
#define msecs_to_jiffies(ms)	((unsigned long)(ms))
#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	time_after_eq(b, a)
#define NSEC_PER_USEC		1000ull
#define NSEC_PER_MSEC		1000000ull
#define USEC_PER_SEC		1000000ull
#define ktime_get_ns()		(fwshim_ms * NSEC_PER_MSEC)
#define ktime_get_real_ns()	ktime_get_ns()
#define ktime_get_boottime_ns()	ktime_get_ns()
#define ktime_get()		((ktime_t)ktime_get_ns())
#define ktime_to_us(t)		((t) / 1000)
#define usleep_range(a, b)	fwshim_sleep()
#define msleep(ms)		((void)(fwshim_ms += (ms)))
#define kthread_should_stop()	false

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

/* registers are memory */
#define readb(p)		(*(const volatile u8 *)(p))
#define readl(p)		(*(const volatile u32 *)(p))
#define readq(p)		(*(const volatile u64 *)(p))
#define writeb(v, p)		((void)(*(volatile u8 *)(p) = (v)))
#define writel(v, p)		((void)(*(volatile u32 *)(p) = (u32)(v)))
#define writeq(v, p)		((void)(*(volatile u64 *)(p) = (v)))
#define memcpy_toio(to, from, n)	((void)memcpy(to, from, n))
#define memcpy_fromio(to, from, n)	((void)memcpy(to, from, n))
#define memset_io(p, c, n)		((void)memset(p, c, n))

/* pages by index: a sorted array */
struct xarray {
	struct { unsigned long index; void *entry; } *at;
	size_t n, room;
};

static inline size_t fwshim_xa_pos(const struct xarray *x, unsigned long index)
{
	size_t lo = 0, hi = x->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (x->at[mid].index < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static inline void *xa_load(const struct xarray *x, unsigned long index)
{
	size_t i = fwshim_xa_pos(x, index);

	return i < x->n && x->at[i].index == index ? x->at[i].entry : NULL;
}

static inline void *xa_erase(struct xarray *x, unsigned long index)
{
	size_t i = fwshim_xa_pos(x, index);
	void *old;

	if (i >= x->n || x->at[i].index != index)
		return NULL;
	old = x->at[i].entry;
	memmove(&x->at[i], &x->at[i + 1], (--x->n - i) * sizeof(*x->at));
	return old;
}

static inline void *xa_store(struct xarray *x, unsigned long index, void *entry, int gfp)
{
	size_t i = fwshim_xa_pos(x, index);
	void *old;

	(void)gfp;
	if (!entry)
		return xa_erase(x, index);
	if (i < x->n && x->at[i].index == index) {
		old = x->at[i].entry;
		x->at[i].entry = entry;
		return old;
	}
	if (x->n == x->room) {
		x->room = x->room ? 2 * x->room : 64;
		x->at = realloc(x->at, x->room * sizeof(*x->at));
		assert(x->at);
	}
	memmove(&x->at[i + 1], &x->at[i], (x->n++ - i) * sizeof(*x->at));
	x->at[i].index = index;
	x->at[i].entry = entry;
	return NULL;
}

/* The first entry at or after *index. */
static inline void *xa_find(const struct xarray *x, unsigned long *index, unsigned long last,
			    int filter)
{
	size_t i = fwshim_xa_pos(x, *index);

	(void)filter;
	if (i >= x->n || x->at[i].index > last)
		return NULL;
	*index = x->at[i].index;
	return x->at[i].entry;
}

static inline void xa_destroy(struct xarray *x)
{
	free(x->at);
	memset(x, 0, sizeof(*x));
}

#define XA_PRESENT		0
#define xa_init(x)		memset(x, 0, sizeof(*(x)))
#define xa_err(e)		((void)(e), 0)
#define xa_empty(x)		(!(x)->n)
#define xa_for_each_range(x, i, e, first, last) \
	for ((i) = (first); ((e) = xa_find(x, &(i), last, 0)) != NULL; (i)++)
#define xa_for_each(x, i, e)	xa_for_each_range(x, i, e, 0, ULONG_MAX - 1)

#define PCI_VENDOR_ID_NVIDIA	0x10de

/* log */
static inline void fwshim_log(bool warn, const char *fmt, ...)
{
	(void)fmt;
	fwshim_warnings += warn;
}

#define pr_warn(...)		fwshim_log(true, __VA_ARGS__)
#define pr_err(...)		fwshim_log(true, __VA_ARGS__)
#define pr_info(...)		fwshim_log(false, __VA_ARGS__)
#define pr_debug(...)		fwshim_log(false, __VA_ARGS__)

/* Members of struct sim_board that the model does not look into. */
struct resource { u64 start, end; };
struct pci_sysdata { int domain; };
struct iommu_device { int unused; };
struct irq_domain;
struct iommu_domain;
struct fwnode_handle;
struct task_struct;
struct dentry;
struct pci_bus;
struct pci_dev;
struct pci_ops;
struct platform_device;

#include <limits.h>

#endif
