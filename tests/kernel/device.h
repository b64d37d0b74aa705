/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef OVG_TEST_DEVICE_H
#define OVG_TEST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DEV_VECTORS 4

struct dev_spec {
	const char *where;	/* sysfs path, UUID, PCI address or group number */
	const char *name;	/* what to ask the group for; NULL: from @where */
	bool cdev;		/* iommufd and /dev/vfio/devices instead of the group */
	bool no_mmap;		/* registers by read() and write() */
};

struct dev_region {
	uint64_t size;
	uint64_t offset;
	uint32_t flags;
	volatile uint8_t *map;	/* NULL unless mapped */
};

/*
 * One opened vGPU. Filled by dev_open(), emptied by dev_close(); the file
 * descriptors belong to this process alone (no fork while it is open).
 */
struct dev {
	char name[64];
	int container;
	int group;
	int iommufd;
	uint32_t ioas;
	int fd;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
	struct dev_region bar[6];
	struct dev_region config;
	int fb_bar;		/* first BAR behind the registers */
	uint32_t msix_count;
	bool has_request;
	bool no_mmap;
	int irq_fd[DEV_VECTORS];
	int request_fd;
	int error_fd;
};

/* sysfs directory of a device by any name; "" if there is none */
void dev_path(char *path, size_t len, const char *where);

/*
 * 0, or -errno with *stage naming the step that refused ("group", "container",
 * "iommu", "device", ...). Nothing stays open after an error.
 */
int dev_open(struct dev *d, const struct dev_spec *spec, const char **stage);
void dev_close(struct dev *d);

int dev_irq_info(struct dev *d, unsigned int index, uint32_t *count, uint32_t *flags);
int dev_enable_msix(struct dev *d);
int dev_disable_msix(struct dev *d);
/* interrupts since the last call on @vector */
uint64_t dev_take_irqs(struct dev *d, unsigned int vector);
/* waits for at least one, returns the number taken, 0 on timeout */
uint64_t dev_wait_irq(struct dev *d, unsigned int vector, unsigned int timeout_ms);
int dev_watch_requests(struct dev *d);
/* VFIO's error event: the vGPU died under its user */
int dev_watch_errors(struct dev *d);
/* has it come since dev_watch_errors()? Waits that long for it. */
bool dev_died(struct dev *d, unsigned int timeout_ms);
int dev_reset(struct dev *d);

enum { DMA_READ = 1, DMA_WRITE = 2, DMA_RW = 3 };
int dev_dma_map(struct dev *d, void *mem, uint64_t iova, uint64_t size, int prot);
int dev_dma_unmap(struct dev *d, uint64_t iova, uint64_t size);

int dev_config_read(struct dev *d, uint32_t off, void *buf, size_t len);
int dev_config_write(struct dev *d, uint32_t off, const void *buf, size_t len);
uint32_t dev_rd32(struct dev *d, int bar, uint32_t off);
void dev_wr32(struct dev *d, int bar, uint32_t off, uint32_t val);

#endif
