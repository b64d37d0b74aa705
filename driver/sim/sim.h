/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated SR-IOV GPU. What it must look like from outside is
 * docs/hardware.md; how it is made is docs/simulator.md.
 *
 * Lifetimes: a board lives from sim_board_create() to sim_board_destroy(), both
 * called from module init and exit only. Everything inside it is freed by
 * sim_board_destroy() after its root bus is gone (no config cycle, no MSI and
 * no IOMMU call can come any more) and its engine thread has ended. The
 * functions' structs live as long as the board, whether the functions are
 * visible on the bus or not.
 *
 * Locks, outermost first:
 *   pci_lock (PCI core, raw, irqs off)
 *    cfg_lock (raw)   configuration space of all functions of the board
 *     dma_lock (raw)  held by the engine for each piece of at most 4 KiB that
 *                     it copies or each register or MSI that it writes; whoever
 *                     takes it after changing what the engine checks inside
 *                     (bus mastering, epoch, IOMMU tables, vectors) knows that
 *                     the engine has finished with the old state.
 * The firmware model and the framebuffer store belong to the engine thread and
 * need no lock.
 */
#ifndef SIM_H
#define SIM_H

#include <linux/iommu.h>
#include <linux/irq_work.h>
#include <linux/pci.h>
#include <linux/xarray.h>
#include <asm/pci.h>

#define SIM_MAX_BOARDS	8
#define SIM_MAX_VFS	64
#define SIM_MAX_ENGINES	32

#define SIM_POISON	0xdeadbeef	/* framebuffer that nobody has written */
#define SIM_SENTINEL	0xffffffff	/* doorbell that nobody has rung */

/* BARs by their use; where they sit depends on the width of BAR0. */
enum sim_bar { SIM_BAR0, SIM_BAR1, SIM_BAR3, SIM_NBARS };

#define SIM_PF_BAR0	SZ_16M
#define SIM_PF_BAR3	SZ_64K
#define SIM_VF_BAR0	SZ_256K
#define SIM_VF_BAR1	SZ_1M
#define SIM_VF_BAR3	SZ_64K

/* PF BAR1 is of the board's type: as large as on the real one. */

/* The 32-bit window of a board: PF BAR0 and the VF BAR0s. */
#define SIM_WIN32_SIZE	SZ_32M
#define SIM_WIN32_BUS	0xe0000000ull

/* PF BAR0 */
#define PF_BOOT_0	0x000000
#define PF_MAILBOX0	0x110040
#define PF_MAILBOX1	0x110044
#define PF_CPUCTL	0x110100
#define  CPUCTL_START	BIT(1)
#define  CPUCTL_HALTED	BIT(4)
#define PF_QUEUE_HEAD	0x110c00
#define PF_SEC2_MAILBOX0 0x840040
#define PF_SEC2_MAILBOX1 0x840044
#define PF_BAR1_BLOCK	0xb80f40
#define PF_FUNC_BAR1_BLOCK 0xb80f60
#define PF_DOORBELL	0xb82200
#define PF_MSIX_TABLE	0xb90000
#define PF_MSIX_PBA	0xb91000
#define PF_VECTORS	8

/* VF BAR0 */
#define VF_MSIX_TABLE	0x10000
#define VF_MSIX_PBA	0x11000
#define VF_VECTORS	4
#define VF_PAGE		0x20000
#define  VF_MAGIC	0x00
#define  VF_VERSION	0x04
#define  VF_BOARD	0x08
#define  VF_GFID	0x0c
#define  VF_TYPE	0x10
#define  VF_STATE	0x14
#define  VF_FB_LO	0x18
#define  VF_FB_HI	0x1c
#define  VF_BAR1_FB	0x20
#define  VF_RESETS	0x24
#define  VF_FAULTS	0x28
#define  VF_CONF_TYPE	0x2c
#define  VF_GUEST	0x30
#define  VF_LICENCE	0x34
#define  VF_OS		0x38
#define  VF_SRC_LO	0x40
#define  VF_SRC_HI	0x44
#define  VF_DST_LO	0x48
#define  VF_DST_HI	0x4c
#define  VF_LEN		0x50
#define  VF_OP		0x54
#define  VF_VECTOR	0x58
#define  VF_RING	0x5c
#define  VF_DONE	0x60
#define  VF_STATUS	0x64

/* Counters that only grow. The name is the name in debugfs. */
#define SIM_COUNTERS(X) \
	X(polls) X(wakeups) \
	X(irqs_raised) X(irqs_masked) X(irqs_dropped) \
	X(flr_pf) X(flr_vf) X(sriov_enables) X(cfg_refused) \
	X(dma_reads) X(dma_writes) X(dma_faults) X(dma_no_master) X(dma_aborted) \
	X(iommu_table_allocs) X(iommu_bad_unmaps) X(iommu_foreign_domain) \
	X(ce_commands) X(ce_faults) X(ce_aborted) X(ce_refused_range) \
	X(ce_refused_not_booted) X(ce_refused_bad) X(ce_refused_no_master) \
	X(fb_pages) X(fb_pages_dropped) X(fb_store_full) X(scrubs) \
	X(plugin_rings) X(plugin_messages) X(queue_rings) X(guest_events) \
	X(fw_starts) X(fw_stops) X(fw_deaths) X(fw_requests) X(fw_answers) \
	X(fw_events) X(fw_events_dropped) X(fw_status_full) X(fw_queue_faults) X(fw_continuations) \
	X(gpu_instances) X(sched_sets) \
	X(types_added) X(vgpus_booted) X(vgpus_crashed) X(vgpus_dropped) \
	X(fault_rpc_lost) X(fault_rpc_late) X(fault_rpc_error) X(fault_rpc_garbage) \
	X(fault_boot_crash) X(fault_fw_hang) X(fault_cleanup_refused) X(fault_plugin_crash) \
	/* starts refused, codes of mailbox 0 */ \
	X(refused_boot_args) X(refused_boot_no_rmargs) X(refused_boot_queue_args) \
	X(refused_boot_page_table) X(refused_boot_queue_header) \
	X(refused_wpr_meta) X(refused_wpr_heap) X(refused_wpr_partitions) \
	/* messages dropped without an answer */ \
	X(refused_elem_count) X(refused_checksum) X(refused_seqnum) \
	X(refused_write_ptr) X(refused_rpc_version) X(refused_rpc_signature) \
	X(refused_rpc_length) X(refused_continuation) X(refused_registry) \
	X(refused_registry_late) X(refused_system_info) X(refused_vf_info) \
	X(refused_plugin_ring) X(refused_plugin_control) X(refused_msg_seq) \
	/* requests answered with an error */ \
	X(refused_function) X(refused_payload) X(refused_unload_in_use) \
	X(refused_client) X(refused_object) X(refused_object_kind) \
	X(refused_parent) X(refused_class) X(refused_handle) \
	X(refused_handle_in_use) X(refused_too_many_objects) X(refused_alloc_params) \
	X(refused_control) X(refused_control_params) X(refused_control_argument) \
	X(refused_vgpu_mode) X(refused_manager_client) \
	X(refused_type_state) X(refused_type_in_use) X(refused_type_count) \
	X(refused_type_record) X(refused_type_signature) \
	X(refused_mixed_argument) X(refused_mixed_in_use) X(refused_mixed_mig) \
	X(refused_sched_argument) X(refused_sched_mig) \
	X(refused_mig_board) X(refused_mig_argument) X(refused_mig_in_use) \
	X(refused_mig_mixed) X(refused_mig_timeslice) \
	X(refused_gi_mode) X(refused_gi_count) X(refused_gi_flags) X(refused_gi_span) \
	X(refused_gi_taken) X(refused_gi_media) X(refused_gi_id) \
	X(refused_gi_in_use) X(refused_gi_range) \
	X(refused_scrub) X(refused_scrub_in_use) X(refused_boot_type) \
	X(refused_boot_gfid) X(refused_boot_gfid_in_use) X(refused_boot_dbdf) \
	X(refused_boot_segment_count) X(refused_boot_segment_align) \
	X(refused_boot_segment_range) X(refused_boot_segment_overlap) \
	X(refused_boot_heap) X(refused_boot_heap_overlap) X(refused_boot_log) \
	X(refused_boot_ctrl_buffer) X(refused_boot_channel_count) \
	X(refused_boot_channel_range) X(refused_boot_channel_overlap) \
	X(refused_boot_swizz) X(refused_boot_vgpu_limit) X(refused_boot_size) \
	X(refused_boot_gi_memory) X(refused_boot_gi_full) X(refused_boot_gi_range) \
	X(refused_shutdown_state) X(refused_cleanup_state) X(refused_cleanup_in_use) \
	/* messages to a plugin answered with an error */ \
	X(refused_msg_type) X(refused_msg_order) X(refused_msg_config) X(refused_msg_placement)

enum sim_counter {
#define X(n) SIM_C_##n,
	SIM_COUNTERS(X)
#undef X
	SIM_NCOUNTERS
};

/* Misbehaviour on request; the name is what is written to debugfs. */
#define SIM_FAULTS(X) \
	X(rpc_lost) X(rpc_late) X(rpc_error) X(rpc_garbage) X(boot_crash) X(fw_hang) \
	X(cleanup_refused) X(plugin_crash)

enum sim_fault {
#define X(n) SIM_F_##n,
	SIM_FAULTS(X)
#undef X
	SIM_NFAULTS
};

/*
 * When a fault is to happen: a control by its number, another RPC by its function,
 * a message to a plugin. 0 is any of them.
 */
#define SIM_KEY_RPC(fn)	(0xfe000000 | (fn))
#define SIM_KEY_MSG(n)	(0xff000000 | (n))

struct sim_fault_arm {
	atomic_t count;
	u32 key;
};

/* A firmware branch; only the firmware model looks into it. */
struct sim_layout;

#define SIM_MAX_BUILDS	3

enum sim_arch { SIM_TURING, SIM_AMPERE, SIM_ADA, SIM_HOPPER, SIM_BLACKWELL };

struct sim_board_type {
	const char *name;
	enum sim_arch arch;
	u16 device;
	u16 subsystem;
	u32 boot_0;
	bool bar0_64;
	u16 sriov_at;		/* its SR-IOV capability in configuration space */
	u16 total_vfs;
	u16 vf_offset;
	u64 pf_bar1;		/* the board's window is twice that */
	u32 cfg_mirror;		/* where BAR0 shows configuration space */
	const char *builds[SIM_MAX_BUILDS];	/* that know the board, default first */
	u64 fb;			/* bytes of framebuffer */
	u64 usable;		/* of these, for vGPUs */
	u64 segment;		/* of the VMMU */
	u32 channels;
	bool ecc;
	bool any_channel_count;	/* need not be a power of two */
	u8 max_vgpus;		/* that the firmware runs without MIG */
	bool can_48;		/* can be booted for 48 vGPUs */
	u8 gi_slices;		/* of the board under MIG, 0 = it has none */
	u8 nengines;
	u8 engines[SIM_MAX_ENGINES];	/* NV2080_ENGINE_TYPE */
};

enum sim_kind { SIM_PF, SIM_VF, SIM_PORT, SIM_COMPANION };

/*
 * A copy command of a VF. Taken and advanced by the engine thread; @busy and
 * @seq are also read by a reset, under dma_lock.
 */
struct sim_ce {
	bool busy;
	u32 seq;
	u32 epoch;	/* of the function when the command was taken */
	u32 op;
	u32 vector;
	u64 src, dst;
	u32 len, done;
};

/* A PCI function. Fields without a remark are constant. */
struct sim_fn {
	struct sim_board *board;
	enum sim_kind kind;
	int vf;			/* 0-based number of a VF, else -1 */
	u16 cfg_size;
	u8 pos_pm, pos_exp, pos_msix;
	u8 *cfg, *mask;		/* cfg_lock; the engine reads whole aligned words */
	u64 regs_at;		/* cfg_lock: bus address that BAR0 was set up at, 0 = never */
	u32 epoch;		/* dma_lock: counts resets */
	u32 resets, faults;	/* dma_lock */
	u64 ce_bytes;		/* engine: moved by the copy engine so far */
	u64 pending;		/* dma_lock: vectors raised while masked */
	struct iommu_domain *dom;	/* dma_lock; NULL = blocked */
	struct sim_ce ce;
};

struct sim_fw;
struct sim_vgpu;

/* What config cycles leave for the engine thread to do. */
enum { SIM_EV_PF_RESET, SIM_EV_VFS_GONE };

struct sim_board {
	const struct sim_board_type *type;
	const struct sim_layout *lay;	/* firmware branch that it runs */
	int index;
	int domain;
	bool root_port, companion, handover, has_iommu, require_signatures;

	/* memory that the BARs are made of */
	struct pci_dev *ivshmem;	/* reference held; NULL for an explicit window */
	phys_addr_t mem_start;
	resource_size_t mem_size;
	void __iomem *mem;		/* win32 */
	void __iomem *vf_bar1;		/* BAR1 of all VFs, where they were put first */
	u64 vf_bar1_at, vf_bar1_len;
	struct resource win32, win64, busn;
	u64 win32_bus;			/* bus address of win32 */

	struct platform_device *host;
	struct pci_sysdata sysdata;
	struct pci_bus *bus;

	raw_spinlock_t cfg_lock;
	raw_spinlock_t dma_lock;
	struct sim_fn pf, port, comp;
	struct sim_fn *vfs;		/* total_vfs of them */
	u8 *vf_mask;			/* one write mask for all VFs */
	u64 vf_bar1_poisoned;		/* cfg_lock: where VF BAR1s were poisoned */
	unsigned long events;		/* atomic bits */
	u32 vf_generation;		/* cfg_lock: counts how often VFs went */

	struct irq_domain *msi;
	struct fwnode_handle *msi_fwnode;
	struct xarray irqs;		/* dma_lock: data word -> struct sim_irq */
	atomic_t irqs_now;

	struct iommu_device iommu;
	bool iommu_registered;
	atomic_long_t iommu_pages_now;
	atomic_t iommu_domains_now;

	struct task_struct *engine;
	struct xarray fb;		/* engine: 4 KiB pages by physical fb address */
	struct sim_fb_set *fb_set;	/* engine: what was filled, sorted, not overlapping */
	u32 fb_nset;
	u32 fb_stored;			/* engine: pages in @fb */
	u8 *bounce;			/* engine: one page */
	struct sim_fw *fw;
	struct dentry *debugfs;
	u32 late_ms;			/* delay of fault rpc_late */
	u32 plugin_boot_ms;		/* from BOOTLOAD to BOOTLOADED */
	struct sim_fault_arm faults[SIM_NFAULTS];
	atomic64_t counters[SIM_NCOUNTERS];
};

static inline void sim_count_n(struct sim_board *b, enum sim_counter c, u64 n)
{
	atomic64_add(n, &b->counters[c]);
}

#define sim_count(b, name)	sim_count_n(b, SIM_C_##name, 1)

/* Takes one of the armed faults of a kind, if it is meant for this occasion. */
static inline bool sim_fault_hit(struct sim_board *b, enum sim_fault f, u32 key)
{
	u32 want = READ_ONCE(b->faults[f].key);

	return (!want || want == key) && atomic_add_unless(&b->faults[f].count, -1, 0);
}

/* boards.c */
const struct sim_board_type *sim_board_type_at(size_t i);
const struct sim_board_type *sim_board_type_find(const char *name, size_t len);

/* board.c */
struct sim_board_params {
	const struct sim_board_type *type;
	const struct sim_layout *lay;
	int index;
	int domain;
	struct pci_dev *ivshmem;	/* reference is taken over */
	phys_addr_t start;
	resource_size_t size;
	bool root_port, companion, handover, has_iommu, require_signatures;
};
struct sim_board *sim_board_create(const struct sim_board_params *p);
void sim_board_destroy(struct sim_board *b);
const char *sim_pf_name(struct sim_board *b, char *buf, size_t len);

/* config.c */
extern struct pci_ops sim_pci_ops;
int sim_config_init(struct sim_board *b);
void sim_config_free(struct sim_board *b);
u8 sim_pf_bus(struct sim_board *b);
bool sim_fn_master(struct sim_fn *f);
bool sim_pf_memory(struct sim_board *b);
u16 sim_vfs_on(struct sim_board *b);
u16 sim_msix_flags(struct sim_fn *f);
u64 sim_bar_address(struct sim_fn *f, enum sim_bar bar);
bool sim_fn_decodes(struct sim_fn *f);

/* regs.c */
u64 sim_bar_size(struct sim_fn *f, enum sim_bar bar);
void __iomem *sim_bus_to_mem(struct sim_board *b, u64 addr, u64 len);
void __iomem *sim_cpu_to_mem(struct sim_board *b, phys_addr_t addr, u64 len);
int sim_vf_bar1_map(struct sim_board *b);
void __iomem *sim_pf_bar1_map(struct sim_board *b, u64 off, u64 len);
void sim_pf_bar1_unmap(void __iomem *p);
void __iomem *sim_bar(struct sim_fn *f, enum sim_bar bar);
void sim_regs_reset(struct sim_fn *f, bool power_on);
void sim_regs_vgpu(struct sim_fn *f, u32 type, u32 conf_type, bool booted, u64 fb, u32 bar1);
void sim_poison(void __iomem *p, size_t len);
void sim_vf_bar1_poison(struct sim_board *b);

/* msi.c */
struct sim_irq;
int sim_msi_create(struct sim_board *b);
void sim_msi_destroy(struct sim_board *b);
void sim_msix_raise(struct sim_fn *f, u32 vector);
void sim_msix_retry(struct sim_fn *f);

/* iommu.c */
int sim_iommu_global_init(void);
void sim_iommu_global_exit(void);
int sim_iommu_create(struct sim_board *b);
void sim_iommu_destroy(struct sim_board *b);
int sim_iommu_translate(struct sim_fn *f, u64 iova, bool write, phys_addr_t *pa);

/* dma.c */
int sim_dma(struct sim_fn *f, u32 epoch, u64 iova, void *buf, size_t len, bool write);

/* fb.c */
int sim_fb_rw(struct sim_board *b, u64 addr, void *buf, size_t len, bool write);
int sim_fb_set(struct sim_board *b, u64 addr, u64 len, u8 value);
void sim_fb_free(struct sim_board *b);

/* ce.c */
bool sim_ce_poll(struct sim_fn *f);
void sim_ce_stop(struct sim_fn *f);

/* engine.c */
int sim_engine_start(struct sim_board *b);
void sim_engine_stop(struct sim_board *b);
void sim_engine_wake(struct sim_board *b);

/* fw_branch.c */
const struct sim_layout *sim_branch_of(const struct sim_board_type *t, const char *name,
				       size_t len);
const char *sim_branch_build(const struct sim_layout *lay);

/* fw_boot.c and its siblings: the engine's view of the firmware */
int sim_fw_create(struct sim_board *b);
void sim_fw_destroy(struct sim_board *b);
bool sim_fw_poll(struct sim_board *b);
void sim_fw_pf_reset(struct sim_board *b);
void sim_fw_vfs_gone(struct sim_board *b);
struct sim_vgpu *sim_fw_vgpu_of(struct sim_fn *f);
bool sim_vgpu_may_dma(const struct sim_vgpu *v);
u64 sim_vgpu_fb_size(const struct sim_vgpu *v);
u64 sim_vgpu_fb_address(const struct sim_vgpu *v, u64 offset, u64 *run);
u32 sim_vgpu_window(const struct sim_vgpu *v, void __iomem **mem);
struct sim_levels {
	u32 vgpus, objects, gpu_instances;
	bool running, mixed, mig;
};
void sim_fw_levels(struct sim_board *b, struct sim_levels *l);

/* fw_mode.c */
void sim_fw_scheduler(struct sim_board *b, const char **policy, u32 *slice_us);

/* debugfs.c */
void sim_debugfs_init(void);
void sim_debugfs_exit(void);
void sim_debugfs_add(struct sim_board *b);
void sim_debugfs_remove(struct sim_board *b);

#endif
