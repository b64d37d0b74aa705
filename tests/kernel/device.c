// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A vGPU opened the way a VMM opens it: VFIO container and group, or, where the
 * kernel has them, iommufd and the VFIO character device.
 */
#include "device.h"
#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/vfio.h>
#ifdef VFIO_DEVICE_BIND_IOMMUFD
#include <linux/iommufd.h>
#endif

/* A device by any name that its user may have at hand. */
void dev_path(char *path, size_t len, const char *where)
{
	static const char *const roots[] = { "/sys/bus/mdev/devices", "/sys/bus/pci/devices" };

	if (where[0] == '/') {
		snprintf(path, len, "%s", where);
		return;
	}
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		snprintf(path, len, "%s/%s", roots[i], where);
		if (access(path, F_OK) == 0)
			return;
	}
	path[0] = '\0';
}

static bool is_number(const char *s)
{
	return *s && strspn(s, "0123456789") == strlen(s);
}

static int open_group(struct dev *d, const char *group, const char **stage)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char node[64];

	*stage = "container";
	d->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (d->container < 0)
		return -errno;
	if (ioctl(d->container, VFIO_GET_API_VERSION) != VFIO_API_VERSION)
		return -EPROTO;

	*stage = "group";
	snprintf(node, sizeof(node), "/dev/vfio/%s", group);
	d->group = open(node, O_RDWR | O_CLOEXEC);
	if (d->group < 0)
		return -errno;
	if (ioctl(d->group, VFIO_GROUP_GET_STATUS, &status))
		return -errno;
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return -EPERM;

	*stage = "iommu";
	if (ioctl(d->group, VFIO_GROUP_SET_CONTAINER, &d->container))
		return -errno;
	if (ioctl(d->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;

	*stage = "device";
	d->fd = ioctl(d->group, VFIO_GROUP_GET_DEVICE_FD, d->name);
	return d->fd < 0 ? -errno : 0;
}

#ifdef VFIO_DEVICE_BIND_IOMMUFD
static int open_cdev(struct dev *d, const char *path, const char **stage)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	char node[64] = "/dev/vfio/devices/";
	size_t len = strlen(node);

	/* vfio-dev/ holds one directory named as the character device */
	*stage = "cdev";
	for (int i = 0;; i++) {
		if (i > 4096)
			return -ENODEV;
		snprintf(node + len, sizeof(node) - len, "vfio%d", i);
		if (sysfs_exists("%s/vfio-dev/vfio%d", path, i))
			break;
	}
	d->fd = open(node, O_RDWR | O_CLOEXEC);
	if (d->fd < 0)
		return -errno;

	*stage = "iommufd";
	d->iommufd = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (d->iommufd < 0)
		return -errno;
	*stage = "device";
	bind.iommufd = d->iommufd;
	if (ioctl(d->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		return -errno;
	*stage = "iommu";
	if (ioctl(d->iommufd, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	d->ioas = alloc.out_ioas_id;
	attach.pt_id = d->ioas;
	return ioctl(d->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}
#else
static int open_cdev(struct dev *d, const char *path, const char **stage)
{
	(void)d;
	(void)path;
	*stage = "cdev";
	return -ENOTSUP;
}
#endif

static int get_region(struct dev *d, uint32_t index, struct dev_region *r)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(d->fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -errno;
	r->size = info.size;
	r->offset = info.offset;
	r->flags = info.flags;
	return 0;
}

static int look_around(struct dev *d, const char **stage)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	uint32_t flags;
	int err;

	*stage = "info";
	if (ioctl(d->fd, VFIO_DEVICE_GET_INFO, &info))
		return -errno;
	d->flags = info.flags;
	d->num_regions = info.num_regions;
	d->num_irqs = info.num_irqs;
	for (uint32_t i = 0; i < 6; i++) {
		err = get_region(d, i, &d->bar[i]);
		if (err)
			return err;
		if (d->fb_bar < 0 && i > 0 && d->bar[i].size)
			d->fb_bar = (int)i;
	}
	err = get_region(d, VFIO_PCI_CONFIG_REGION_INDEX, &d->config);
	if (err)
		return err;
	err = dev_irq_info(d, VFIO_PCI_MSIX_IRQ_INDEX, &d->msix_count, &flags);
	if (err)
		return err;
	d->has_request = dev_irq_info(d, VFIO_PCI_REQ_IRQ_INDEX, &(uint32_t){ 0 }, &flags) == 0;

	*stage = "mmap";
	for (int i = 0; i < 6 && !d->no_mmap; i++) {
		struct dev_region *r = &d->bar[i];
		void *p;

		if (!r->size || !(r->flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		p = mmap(NULL, r->size, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd,
			 (off_t)r->offset);
		if (p == MAP_FAILED)
			return -errno;
		r->map = p;
	}
	return 0;
}

int dev_open(struct dev *d, const struct dev_spec *spec, const char **stage)
{
	char path[256], group[32];
	int err;

	memset(d, 0, sizeof(*d));
	d->container = d->group = d->iommufd = d->fd = d->request_fd = d->error_fd = -1;
	d->fb_bar = -1;
	for (int i = 0; i < DEV_VECTORS; i++)
		d->irq_fd[i] = -1;
	d->no_mmap = spec->no_mmap;

	*stage = "sysfs";
	if (is_number(spec->where)) {
		if (!spec->name || spec->cdev)
			return -EINVAL;
		path[0] = '\0';
		snprintf(group, sizeof(group), "%s", spec->where);
	} else {
		dev_path(path, sizeof(path), spec->where);
		if (!path[0])
			return -ENOENT;
		err = sysfs_link(group, sizeof(group), "%s/iommu_group", path);
		if (err)
			return err;
	}
	if (spec->name) {
		snprintf(d->name, sizeof(d->name), "%s", spec->name);
	} else {
		const char *base = strrchr(path, '/');

		snprintf(d->name, sizeof(d->name), "%s", base ? base + 1 : path);
	}

	err = spec->cdev ? open_cdev(d, path, stage) : open_group(d, group, stage);
	if (!err)
		err = look_around(d, stage);
	if (err)
		dev_close(d);
	return err;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void dev_close(struct dev *d)
{
	for (int i = 0; i < 6; i++) {
		if (d->bar[i].map)
			munmap((void *)(uintptr_t)d->bar[i].map, d->bar[i].size);
		d->bar[i].map = NULL;
	}
	for (int i = 0; i < DEV_VECTORS; i++)
		close_fd(&d->irq_fd[i]);
	close_fd(&d->request_fd);
	close_fd(&d->error_fd);
	/* the device first: the container may only lose its group when it is closed */
	close_fd(&d->fd);
	close_fd(&d->group);
	close_fd(&d->container);
	close_fd(&d->iommufd);
}

int dev_irq_info(struct dev *d, unsigned int index, uint32_t *count, uint32_t *flags)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = index };

	if (ioctl(d->fd, VFIO_DEVICE_GET_IRQ_INFO, &info))
		return -errno;
	*count = info.count;
	*flags = info.flags;
	return 0;
}

static int set_eventfds(struct dev *d, uint32_t index, const int *fd, uint32_t n)
{
	char buf[sizeof(struct vfio_irq_set) + DEV_VECTORS * sizeof(int)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;

	memset(buf, 0, sizeof(buf));
	set->argsz = (uint32_t)(sizeof(*set) + n * sizeof(int));
	set->flags = VFIO_IRQ_SET_ACTION_TRIGGER |
		     (n ? VFIO_IRQ_SET_DATA_EVENTFD : VFIO_IRQ_SET_DATA_NONE);
	set->index = index;
	set->count = n;
	if (n)
		memcpy(set->data, fd, n * sizeof(int));
	return ioctl(d->fd, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

int dev_enable_msix(struct dev *d)
{
	for (int i = 0; i < DEV_VECTORS; i++) {
		if (d->irq_fd[i] < 0)
			d->irq_fd[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (d->irq_fd[i] < 0)
			return -errno;
	}
	return set_eventfds(d, VFIO_PCI_MSIX_IRQ_INDEX, d->irq_fd, DEV_VECTORS);
}

int dev_disable_msix(struct dev *d)
{
	return set_eventfds(d, VFIO_PCI_MSIX_IRQ_INDEX, NULL, 0);
}

uint64_t dev_take_irqs(struct dev *d, unsigned int vector)
{
	uint64_t n = 0;

	if (read(d->irq_fd[vector], &n, sizeof(n)) != sizeof(n))
		return 0;
	return n;
}

uint64_t dev_wait_irq(struct dev *d, unsigned int vector, unsigned int timeout_ms)
{
	struct pollfd p = { .fd = d->irq_fd[vector], .events = POLLIN };

	if (poll(&p, 1, (int)timeout_ms) != 1)
		return 0;
	return dev_take_irqs(d, vector);
}

int dev_watch_requests(struct dev *d)
{
	d->request_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->request_fd < 0)
		return -errno;
	return set_eventfds(d, VFIO_PCI_REQ_IRQ_INDEX, &d->request_fd, 1);
}

int dev_watch_errors(struct dev *d)
{
	d->error_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (d->error_fd < 0)
		return -errno;
	return set_eventfds(d, VFIO_PCI_ERR_IRQ_INDEX, &d->error_fd, 1);
}

bool dev_died(struct dev *d, unsigned int timeout_ms)
{
	struct pollfd p = { .fd = d->error_fd, .events = POLLIN };

	/* not read: it stays */
	return poll(&p, 1, (int)timeout_ms) == 1;
}

int dev_reset(struct dev *d)
{
	return ioctl(d->fd, VFIO_DEVICE_RESET) ? -errno : 0;
}

int dev_dma_map(struct dev *d, void *mem, uint64_t iova, uint64_t size, int prot)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = ((prot & DMA_READ) ? VFIO_DMA_MAP_FLAG_READ : 0) |
			 ((prot & DMA_WRITE) ? VFIO_DMA_MAP_FLAG_WRITE : 0),
		.vaddr = (uintptr_t)mem,
		.iova = iova,
		.size = size,
	};

#ifdef VFIO_DEVICE_BIND_IOMMUFD
	if (d->iommufd >= 0) {
		struct iommu_ioas_map imap = {
			.size = sizeof(imap),
			.flags = IOMMU_IOAS_MAP_FIXED_IOVA |
				 ((prot & DMA_READ) ? IOMMU_IOAS_MAP_READABLE : 0) |
				 ((prot & DMA_WRITE) ? IOMMU_IOAS_MAP_WRITEABLE : 0),
			.ioas_id = d->ioas,
			.user_va = (uintptr_t)mem,
			.length = size,
			.iova = iova,
		};

		return ioctl(d->iommufd, IOMMU_IOAS_MAP, &imap) ? -errno : 0;
	}
#endif
	return ioctl(d->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int dev_dma_unmap(struct dev *d, uint64_t iova, uint64_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = iova,
		.size = size,
	};

#ifdef VFIO_DEVICE_BIND_IOMMUFD
	if (d->iommufd >= 0) {
		struct iommu_ioas_unmap iunmap = {
			.size = sizeof(iunmap),
			.ioas_id = d->ioas,
			.iova = iova,
			.length = size,
		};

		return ioctl(d->iommufd, IOMMU_IOAS_UNMAP, &iunmap) ? -errno : 0;
	}
#endif
	if (ioctl(d->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
		return -errno;
	return unmap.size == size ? 0 : -EIO;
}

int dev_config_read(struct dev *d, uint32_t off, void *buf, size_t len)
{
	ssize_t n = pread(d->fd, buf, len, (off_t)(d->config.offset + off));

	return n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
}

int dev_config_write(struct dev *d, uint32_t off, const void *buf, size_t len)
{
	ssize_t n = pwrite(d->fd, buf, len, (off_t)(d->config.offset + off));

	return n < 0 ? -errno : (size_t)n == len ? 0 : -EIO;
}

uint32_t dev_rd32(struct dev *d, int bar, uint32_t off)
{
	struct dev_region *r = &d->bar[bar];
	uint32_t val = 0;

	if (r->map)
		return *(volatile uint32_t *)(r->map + off);
	if (pread(d->fd, &val, sizeof(val), (off_t)(r->offset + off)) != sizeof(val))
		die("BAR%d+%x: read: %s", bar, off, errname(errno));
	return val;
}

void dev_wr32(struct dev *d, int bar, uint32_t off, uint32_t val)
{
	struct dev_region *r = &d->bar[bar];

	if (r->map)
		*(volatile uint32_t *)(r->map + off) = val;
	else if (pwrite(d->fd, &val, sizeof(val), (off_t)(r->offset + off)) != sizeof(val))
		die("BAR%d+%x: write: %s", bar, off, errname(errno));
}
