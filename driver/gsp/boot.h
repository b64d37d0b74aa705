/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Starting and stopping GSP-RM in vGPU mode.
 *
 * No public code boots GSP with vGPU enabled. Somebody has to load it and leave
 * it waiting for its arguments: that is the hand-over (docs/hardware.md,
 * section 2). What it must have been booted with is in struct gsp_boot_inputs
 * (abi.h).
 */
#ifndef OVG_GSP_BOOT_H
#define OVG_GSP_BOOT_H

#include <linux/completion.h>

#include "abi.h"
#include "queue.h"

#define GSP_BUILD_LEN	32

/* NV_PMC_BOOT_0 28:24 */
#define GSP_ARCH(boot0)		((boot0) >> 24 & 0x1f)
#define GSP_ARCH_TURING		0x16
#define GSP_ARCH_AMPERE		0x17
#define GSP_ARCH_HOPPER		0x18
#define GSP_ARCH_ADA		0x19
#define GSP_ARCH_BLACKWELL_1	0x1a	/* GB10x */
#define GSP_ARCH_BLACKWELL_2	0x1b	/* GB20x */

/* GSP_VF_INFO knows three BARs of a VF: registers, framebuffer, instance memory */
#define GSP_VF_BARS		3

/**
 * struct gsp_system_info - what GSP-RM is told of the host and of the PF's VFs
 * @bar: CPU addresses of the PF's BARs 0, 1 and 3
 * @bdf: domain << 32 | bus << 8 | slot of the PF, unlike in BOOTLOAD
 *	(NVGPU_BUSDEVICE_* of g_gpu_nvoc.h, all tags)
 * @mirror: where BAR0 shows configuration space
 * @device: PCI device id << 16 | vendor id
 * @subsystem: likewise
 * @revision: PCI revision
 * @vfs: TotalVFs, 0 if the board has no SR-IOV; then the rest is 0 too
 * @vf_offset: routing id of VF 0 less that of the PF
 * @vf_bar: bus addresses of the BARs of VF 0
 * @vf_bar_64: which of them are 64-bit
 *
 * All of it is what the PCI core knows. NVIDIA's driver gives CPU addresses of the
 * PF, which it gets from the kernel, and bus addresses of the VFs, which it reads
 * from the SR-IOV capability.
 */
struct gsp_system_info {
	u64 bar[3];
	u64 bdf;
	u32 mirror;
	u32 device;
	u32 subsystem;
	u32 revision;
	u32 vfs;
	u32 vf_offset;
	u64 vf_bar[GSP_VF_BARS];
	bool vf_bar_64[GSP_VF_BARS];
};

/**
 * struct gsp_boot - boot arguments of a started GSP
 * @libos: array of libos regions, one page
 * @rmargs: GSP_ARGUMENTS_CACHED, one page
 * @wpr: GspFwWprMeta, one page: the input of the booter
 * @init_done: GSP_INIT_DONE came
 * @init_result: its rpc_result
 * @asked_sequence: GSP wants a sequence of register accesses carried out. That is
 *	the booter's; nobody does it here, and GSP waits
 * @partitions: vGPUs that GSP is started for
 * @started: GSP knows the three pages and the queues
 *
 * Lifetime: as the queue's pages, see struct gsp_queue.
 */
struct gsp_boot {
	void *libos;
	dma_addr_t libos_dma;
	void *rmargs;
	dma_addr_t rmargs_dma;
	void *wpr;
	dma_addr_t wpr_dma;
	struct completion init_done;
	u32 init_result;
	bool asked_sequence;
	u32 partitions;
	bool started;
};

int gsp_handover(struct pci_dev *pf, char *build, char *why);
int gsp_system_info(struct pci_dev *pf, u32 arch, struct gsp_system_info *si, char *why);
u32 gsp_scheduler_key(const struct ovg_scheduler *s);
int gsp_boot_start(struct gsp_boot *b, struct gsp_queue *q, const struct gsp_abi *abi,
		   const struct ovg_scheduler *sched, char *why);
int gsp_boot_stop(struct gsp_boot *b, struct gsp_queue *q, char *why);
void gsp_boot_free(struct gsp_boot *b, struct gsp_queue *q);

#endif
