/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The node-device backend: everything that does not need libvirt, so that it is tested
 * without. It runs inside libvirtd: nothing here exits, aborts, prints, or keeps state
 * beyond one lock.
 */
#ifndef OPENVGPU_BACKEND_H
#define OPENVGPU_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OVB_ADDRESS	16	/* 0000:00:00.0 and a domain of 32 bits */
#define OVB_TEXT	512
#define OVB_ATTRS	8
/* More than that is not an XML of ours. */
#define OVB_XML_MAX	65536
/* More VFs than any board has. */
#define OVB_VFS_MAX	256

/**
 * struct ovb_type - a type that a GPU offers
 * @id: NVIDIA's number
 * @name: NVIDIA's name
 * @available: how many more of it
 */
struct ovb_type {
	unsigned int id;
	char name[64];
	unsigned int available;
};

/**
 * struct ovb_request - what "nodedev-create" asks for
 * @parent: PCI address of the GPU
 * @type: id of the type as written, "nvidia-560"
 * @attrs: files of the VF and what to write there
 * @n_attrs: number of them
 * @why: if not empty, why no VF can do that
 */
struct ovb_request {
	char parent[OVB_ADDRESS];
	char type[64];
	struct {
		char name[64];
		char value[1024];
	} attrs[OVB_ATTRS];
	size_t n_attrs;
	char why[OVB_TEXT];
};

/* xml.c */

/*
 * True if @xml asks for an mdev on a PCI device; everything else, also XML that is wrong,
 * is libvirt's own to answer.
 */
bool ovb_parse(const char *xml, struct ovb_request *request);
/*
 * The XML of a PCI device with the types put where libvirt puts an mdev parent's. Memory of
 * the caller, or NULL: the XML is not as expected, or there is no memory.
 */
char *ovb_add_types(const char *xml, const struct ovb_type *types, size_t n);
/* "pci_0001_00_00_0" to "0001:00:00.0" and back; false if it is no such name. */
bool ovb_address(const char *node, char address[OVB_ADDRESS]);
void ovb_node(const char *address, char node[OVB_ADDRESS + 4]);

/* vf.c; @sysfs is where sysfs is */

/* A GPU whose VFs have NVIDIA's files, and which is no mdev parent. */
bool ovb_is_gpu(const char *sysfs, const char *address);
/* A VF of such a GPU with a type set. */
bool ovb_is_vgpu(const char *sysfs, const char *address);
/*
 * Types of which one more could be made on a VF, by number; memory of the caller. How
 * many is not in these files: as many as there are free VFs that offer it.
 */
int ovb_types(const char *sysfs, const char *gpu, struct ovb_type **types, size_t *n);
/*
 * VFs of a GPU that have no type and offer @id, in order; if there is none, one that does
 * not: the driver has the words to refuse it. Returns their number, at most @max.
 */
size_t ovb_free_vfs(const char *sysfs, const char *gpu, unsigned int id,
		    char vfs[][OVB_ADDRESS], size_t max);
/* Number of a type's id; false if it is none. */
bool ovb_type_id(const char *type, unsigned int *id);
/*
 * Sets the type and the attributes; nothing is changed if it fails. -errno; @why is for the
 * user. -EBUSY: somebody else was faster, the next VF may do.
 */
int ovb_set(const char *sysfs, const char *vf, unsigned int id,
	    const struct ovb_request *request, char why[OVB_TEXT]);
int ovb_clear(const char *sysfs, const char *vf, char why[OVB_TEXT]);

/* netlink.c */

/*
 * The same types with exact numbers, also those of which none fits, from our own driver;
 * -errno with any other driver.
 */
int ovb_netlink_types(const char *gpu, struct ovb_type **types, size_t *n);

#endif
