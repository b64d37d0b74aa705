/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libopenvgpu: what openvgpu's tools know about vGPU types and about the
 * vGPUs of this host. Nothing here prints, exits or keeps global state.
 *
 * Functions that can fail return 0 or a negative errno and describe the cause
 * in struct openvgpu_error, in words for the user: what, where and why. The
 * error may be NULL.
 */
#ifndef OPENVGPU_H
#define OPENVGPU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OPENVGPU_MIB		(UINT64_C(1) << 20)
#define OPENVGPU_GIB		(UINT64_C(1) << 30)

/* A number that the source of the catalogue does not know. */
#define OPENVGPU_UNKNOWN	UINT64_MAX

/* Numbers of types that are not NVIDIA's. Hers are below 2300 so far. */
#define OPENVGPU_OWN_ID_MIN	60000
#define OPENVGPU_OWN_ID_MAX	65535

#define OPENVGPU_NAME_MAX	64
#define OPENVGPU_TEXT_MAX	128
#define OPENVGPU_ADDRESS_MAX	20
#define OPENVGPU_UUID_MAX	40
#define OPENVGPU_PROFILE_MAX	32

struct openvgpu_error {
	char text[512];
};

/*
 * Type data: what CSV and XML hold.
 */

/**
 * struct openvgpu_board - one model of GPU
 * @name: short name, e.g. "A40"
 * @arch: "Turing" to "Blackwell"
 * @device: PCI device id of the PF
 * @subdevice: PCI subdevice id as the source gives it, "any" if it does not matter
 * @fb_nominal: framebuffer by data sheet, in bytes
 * @fb_reported: what the board reports, as the source gives it
 * @host_mode: "sriov", or how else vGPUs are made
 * @totalvfs: number of VFs and how it is known
 * @vf_offset_stride: offset and stride of the VFs and how they are known
 */
struct openvgpu_board {
	char name[32];
	char arch[16];
	uint16_t device;
	char subdevice[16];
	uint64_t fb_nominal;
	char fb_reported[48];
	char host_mode[OPENVGPU_TEXT_MAX];
	char totalvfs[OPENVGPU_TEXT_MAX];
	char vf_offset_stride[48];
};

/**
 * struct openvgpu_type - one vGPU type of one board, as the source has it
 * @board: index of its board
 * @id: NVIDIA's number
 * @name: full name, e.g. "NVIDIA A40-4Q"
 * @confirmed: the id was seen; otherwise it follows from its neighbours
 * @own: not NVIDIA's type but somebody's own; its id is %OPENVGPU_OWN_ID_MIN or more
 * @series: "A", "B", "B4", "C" or "Q"
 * @mig: lives in a MIG GPU instance
 * @gi_slices: slices of that instance, 0 without MIG
 * @gi_attr: attribute of the instance profile, e.g. "ME"
 * @profile: nominal size in bytes, a multiple of 1 GiB
 * @fb: framebuffer of the guest in bytes, or %OPENVGPU_UNKNOWN
 * @fb_reservation: bytes that the firmware keeps, or %OPENVGPU_UNKNOWN
 * @gsp_heap: bytes of the plugin heap, or %OPENVGPU_UNKNOWN
 * @max_equal: most vGPUs of the type on a board in equal-size mode
 * @max_mixed: the same in mixed-size mode, 0 if unknown
 * @heads: displays
 * @max_x: widest resolution
 * @max_y: highest resolution
 * @max_pixels: pixels over all heads
 * @frl: frame rate limit
 * @cuda: CUDA works in the guest
 * @ecc: may be used while ECC is on
 * @multi_vgpu: 1 if a VM may have several, 0 if not, -1 if unknown
 * @vgpu_class: "NVS", "Quadro" or "Compute"
 * @license: license tags
 * @guest_device: PCI device id that the guest sees
 * @guest_subvendor: PCI subsystem vendor that the guest sees
 * @guest_subsystem: PCI subsystem id that the guest sees
 * @source: where the row comes from
 */
struct openvgpu_type {
	size_t board;
	uint32_t id;
	char name[OPENVGPU_NAME_MAX];
	bool confirmed;
	bool own;
	char series[8];
	bool mig;
	uint32_t gi_slices;
	char gi_attr[8];
	uint64_t profile;
	uint64_t fb;
	uint64_t fb_reservation;
	uint64_t gsp_heap;
	uint32_t max_equal;
	uint32_t max_mixed;
	uint32_t heads;
	uint32_t max_x;
	uint32_t max_y;
	uint32_t max_pixels;
	uint32_t frl;
	bool cuda;
	bool ecc;
	int multi_vgpu;
	char vgpu_class[32];
	char license[OPENVGPU_TEXT_MAX];
	uint16_t guest_device;
	uint16_t guest_subvendor;
	uint16_t guest_subsystem;
	char source[160];
};

/**
 * struct openvgpu_types - all boards and types of a source
 *
 * Filled by openvgpu_types_load() and friends, emptied by
 * openvgpu_types_free(). Both arrays are in the order of the source.
 */
struct openvgpu_types {
	struct openvgpu_board *boards;
	size_t n_boards;
	struct openvgpu_type *types;
	size_t n_types;
};

/* Reads a CSV or an XML file; which of both is decided by the content. */
int openvgpu_types_load(struct openvgpu_types *t, const char *path, struct openvgpu_error *err);
/*
 * One more source on top of what is there: types of one's own beside NVIDIA's. On an error
 * nothing has changed.
 */
int openvgpu_types_add(struct openvgpu_types *t, const char *path, struct openvgpu_error *err);
/* The same for text in memory; @name stands for the path in errors. */
int openvgpu_types_parse_csv(struct openvgpu_types *t, const char *text, size_t len,
			     const char *name, struct openvgpu_error *err);
int openvgpu_types_parse_xml(struct openvgpu_types *t, const char *text, size_t len,
			     const char *name, struct openvgpu_error *err);
void openvgpu_types_free(struct openvgpu_types *t);

/**
 * struct openvgpu_problem - what a check found
 * @warning: it works nevertheless
 * @text: what, where and why
 */
struct openvgpu_problem {
	bool warning;
	char text[512];
};

/**
 * struct openvgpu_problems - all that a check found, in the order of the file
 */
struct openvgpu_problems {
	struct openvgpu_problem *list;
	size_t n;
};

void openvgpu_problems_free(struct openvgpu_problems *p);
/*
 * As openvgpu_types_add(), but a bad type does not end the reading: it is left out, and what
 * is wrong with it is appended to @p. An error is only what stops the reading as a whole.
 */
int openvgpu_types_check(struct openvgpu_types *t, const char *path, struct openvgpu_problems *p,
			 struct openvgpu_error *err);

int openvgpu_types_write_csv(const struct openvgpu_types *t, FILE *f, struct openvgpu_error *err);
int openvgpu_types_write_xml(const struct openvgpu_types *t, FILE *f, struct openvgpu_error *err);

const struct openvgpu_type *openvgpu_type_by_id(const struct openvgpu_types *t, uint32_t id);
/*
 * By "560", "nvidia-560", the full name, or the last word of the name
 * ("A40-4Q"). @device limits the search to boards with that PCI device id, 0
 * for none. -ENOENT if there is no such type, -ENOTUNIQ if several boards have
 * one: RTX PRO 6000 and 4500 both call a type DC-16Q.
 */
int openvgpu_type_find(const struct openvgpu_types *t, const char *text, uint16_t device,
		       const struct openvgpu_type **out, struct openvgpu_error *err);
const struct openvgpu_board *openvgpu_board_by_name(const struct openvgpu_types *t,
						    const char *name);

#define OPENVGPU_FIELD_TEXT_MAX	192
/*
 * The @index-th field of a type as the source writes it: its name, its value in @text. NULL
 * behind the last.
 */
const char *openvgpu_type_field(const struct openvgpu_types *t, const struct openvgpu_type *type,
				unsigned int index, char text[OPENVGPU_FIELD_TEXT_MAX]);

#define OPENVGPU_DERIVED_FB		1u
#define OPENVGPU_DERIVED_RESERVATION	2u
#define OPENVGPU_DERIVED_HEAP		4u

/**
 * struct openvgpu_memory - framebuffer of a type, gaps filled by rule
 * @fb: framebuffer of the guest in bytes
 * @reservation: bytes that the firmware keeps
 * @heap: bytes of the plugin heap
 * @derived: OPENVGPU_DERIVED_* of what the source does not know
 */
struct openvgpu_memory {
	uint64_t fb;
	uint64_t reservation;
	uint64_t heap;
	unsigned int derived;
};

void openvgpu_type_memory(const struct openvgpu_types *t, const struct openvgpu_type *type,
			  struct openvgpu_memory *out);

/*
 * Firmware catalogue: docs/catalogue.md.
 */

/* Builds that a catalogue can be written for, by index; NULL behind the last. */
const char *openvgpu_catalog_build_name(unsigned int index);

/* Whether the branch of a build knows a board; false for a build that is not known either. */
bool openvgpu_build_knows(const char *build, const struct openvgpu_board *board);

/* Why a board is not in the file. */
struct openvgpu_left_out {
	const struct openvgpu_board *board;
	char why[96];
};

/**
 * struct openvgpu_catalog - a catalogue file in memory
 * @data: the file
 * @size: its length
 * @n_blobs: number of PCI device ids
 * @n_types: number of types
 * @left_out: boards that the build does not know or has no room for
 * @n_left_out: their number
 */
struct openvgpu_catalog {
	uint8_t *data;
	size_t size;
	size_t n_blobs;
	size_t n_types;
	struct openvgpu_left_out *left_out;
	size_t n_left_out;
};

/*
 * @boards names the boards to put in, ended by NULL; NULL for all that fit. A
 * board that was asked for by name and does not fit (-E2BIG) or is newer than the
 * build (-ENOENT) is an error.
 */
int openvgpu_catalog_build(const struct openvgpu_types *t, const char *build,
			   const char *const *boards, struct openvgpu_catalog *out,
			   struct openvgpu_error *err);
void openvgpu_catalog_free(struct openvgpu_catalog *c);
/* Replaces @path in one step, so that no reader ever sees half of it. */
int openvgpu_catalog_write(const struct openvgpu_catalog *c, const char *path,
			   struct openvgpu_error *err);

/**
 * struct openvgpu_record - a type in a catalogue file
 * @device: PCI device id of its boards
 * @id: type number
 * @name: full name
 * @data: its firmware record, in the file
 */
struct openvgpu_record {
	uint16_t device;
	uint32_t id;
	char name[OPENVGPU_NAME_MAX];
	const uint8_t *data;
};

/**
 * struct openvgpu_catalog_file - a catalogue file that the driver would take
 * @data: the file
 * @size: its length
 * @build: firmware build that it is for
 * @major: release of NVIDIA's vGPU software
 * @minor: the same, minor number
 * @crc: as the header has it
 * @n_devices: PCI device ids
 * @records: in the order of the file
 * @n_records: their number
 */
struct openvgpu_catalog_file {
	uint8_t *data;
	size_t size;
	char build[64];
	uint64_t major;
	uint64_t minor;
	uint32_t crc;
	size_t n_devices;
	struct openvgpu_record *records;
	size_t n_records;
};

/* Whether a file says that it is one: anything else is taken for a source of types. */
bool openvgpu_is_catalog(const char *path);
/* Refuses what the driver refuses, in its words. */
int openvgpu_catalog_open(struct openvgpu_catalog_file *f, const char *path,
			  struct openvgpu_error *err);
/* The same of a file in memory, which @f takes over; @name stands for the path in errors. */
int openvgpu_catalog_take(struct openvgpu_catalog_file *f, uint8_t *data, size_t size,
			  const char *name, struct openvgpu_error *err);
void openvgpu_catalog_close(struct openvgpu_catalog_file *f);
/* All that is wrong with a file, board by board; an error is only one of reading it. */
int openvgpu_catalog_check(const char *path, struct openvgpu_problems *p,
			   struct openvgpu_error *err);

/*
 * Whether the driver would take what is built of a source, for each firmware build; a board that
 * has to be left out is a warning.
 */
int openvgpu_catalog_check_types(const struct openvgpu_types *t, struct openvgpu_problems *p,
				 struct openvgpu_error *err);

enum openvgpu_field_kind {
	OPENVGPU_FIELD_NUMBER,
	OPENVGPU_FIELD_HEX,
	OPENVGPU_FIELD_BYTES,
	OPENVGPU_FIELD_TEXT,
	OPENVGPU_FIELD_LIST,
	OPENVGPU_FIELD_RAW,
};

/**
 * struct openvgpu_field - a field of a type record
 * @name: its published name
 * @kind: which of the others holds its value
 * @number: of a NUMBER, HEX (an id) or BYTES (a size); of RAW how many bytes are not zero
 * @text: of TEXT; what is not printable ASCII is '?'
 * @list: of LIST
 * @n: its length
 */
struct openvgpu_field {
	const char *name;
	enum openvgpu_field_kind kind;
	uint64_t number;
	char text[OPENVGPU_TEXT_MAX];
	uint32_t list[48];
	size_t n;
};

/* The @index-th field that the file's branch has; false behind the last. */
bool openvgpu_record_field(const struct openvgpu_catalog_file *f, const struct openvgpu_record *r,
			   unsigned int index, struct openvgpu_field *out);

/*
 * This host: what sysfs says, docs/interfaces.md.
 *
 * A text is "" and a number %OPENVGPU_UNKNOWN where the kernel does not say.
 */

enum openvgpu_owner {
	OPENVGPU_OWNER_NONE,
	OPENVGPU_OWNER_VF,
	OPENVGPU_OWNER_MDEV,
};

/**
 * struct openvgpu_vf - a virtual function of a GPU
 * @address: PCI address
 * @index: number of the VF, from 0
 * @driver: driver that it is bound to
 * @iommu_group: number of its IOMMU group, -1 without
 * @has_face: has the files of the VF face
 * @type: type set through the VF face, 0 if none
 * @owner: which face holds it
 * @uuid: the mdev that holds it
 * @state: as in docs/interfaces.md
 * @last_error: last refusal
 */
struct openvgpu_vf {
	char address[OPENVGPU_ADDRESS_MAX];
	uint32_t index;
	char driver[32];
	int iommu_group;
	bool has_face;
	uint32_t type;
	enum openvgpu_owner owner;
	char uuid[OPENVGPU_UUID_MAX];
	char state[16];
	char last_error[256];
};

/**
 * struct openvgpu_mdev - a vGPU made through mdev
 * @uuid: its UUID
 * @type: type number, 0 if the name of its type is not one of ours
 * @type_id: name of its type as libvirt has it, e.g. "nvidia-560"
 * @vf: PCI address of its VF, "" if it is dead
 * @state: as in docs/interfaces.md
 * @iommu_group: number of its IOMMU group, -1 without
 */
struct openvgpu_mdev {
	char uuid[OPENVGPU_UUID_MAX];
	uint32_t type;
	char type_id[32];
	char vf[OPENVGPU_ADDRESS_MAX];
	char state[16];
	int iommu_group;
};

/**
 * struct openvgpu_offer - a type that the kernel has for a GPU
 * @id: type number
 * @name: full name
 * @profile: nominal size in bytes
 * @heads: displays
 * @frl: frame rate limit
 * @max_x: widest resolution
 * @max_y: highest resolution
 * @max_instance: most of them on a GPU
 * @available: how many more could be made now, through mdev
 * @creatable: one more could be made on some VF, through the VF face
 * @why: why not one more could be made; "" if it could, or if nobody says
 *
 * By netlink @heads, @frl, @max_x and @max_y are not known, the rest of every type. Without
 * netlink and an mdev parent only @id, @name and @creatable are known, and only of types that
 * are creatable.
 */
struct openvgpu_offer {
	uint32_t id;
	char name[OPENVGPU_NAME_MAX];
	uint64_t profile;
	uint64_t heads;
	uint64_t frl;
	uint64_t max_x;
	uint64_t max_y;
	uint64_t max_instance;
	uint64_t available;
	bool creatable;
	char why[256];
};

/**
 * struct openvgpu_vgpu - a vGPU of either face, with what netlink says of it
 * @vf: PCI address of its VF, "" if it is dead
 * @uuid: its UUID, "" if it was made through the VF face
 * @handle: it was made through mdev
 * @type: type number
 * @name: name of the type
 * @state: as in docs/interfaces.md
 * @params: vgpu_params
 * @vm_name: the VM's name; "" also to who may not see it
 * @placement: placement id
 * @pinned: the user chose that
 * @instance: id of its GPU instance
 * @fb_offset: first byte of its framebuffer
 * @fb_size: bytes of it
 * @pid: process that has it open
 * @guest: the guest's driver is loaded
 * @graphics: use of the engine in the last second, in hundredths of a percent
 * @memory: the same of the framebuffer's bandwidth
 * @encoder: the same
 * @decoder: the same
 */
struct openvgpu_vgpu {
	char vf[OPENVGPU_ADDRESS_MAX];
	char uuid[OPENVGPU_UUID_MAX];
	bool handle;
	uint32_t type;
	char name[OPENVGPU_NAME_MAX];
	char state[16];
	char params[1025];
	char vm_name[128];
	uint64_t placement;
	bool pinned;
	uint64_t instance;
	uint64_t fb_offset;
	uint64_t fb_size;
	uint64_t pid;
	bool guest;
	uint64_t graphics;
	uint64_t memory;
	uint64_t encoder;
	uint64_t decoder;
};

/**
 * struct openvgpu_gi_profile - a size that GPU instances of a GPU can have
 * @name: e.g. "1g.24gb+gfx"
 * @total: most of them on an empty GPU
 * @available: how many more of it alone could be made now
 */
struct openvgpu_gi_profile {
	char name[OPENVGPU_PROFILE_MAX];
	uint64_t total;
	uint64_t available;
};

/**
 * struct openvgpu_gi - a MIG GPU instance
 * @id: its number
 * @profile: what it was made of
 * @start: first eighth of the GPU's memory
 * @framebuffer: bytes of it
 * @vgpus: vGPUs in it
 */
struct openvgpu_gi {
	uint32_t id;
	char profile[OPENVGPU_PROFILE_MAX];
	uint32_t start;
	uint64_t framebuffer;
	uint64_t vgpus;
};

/**
 * struct openvgpu_gpu - an NVIDIA GPU of this host
 * @address: PCI address
 * @device: PCI device id
 * @subdevice: PCI subdevice id
 * @driver: driver that it is bound to
 * @iommu_group: number of its IOMMU group, -1 without
 * @total_vfs: VFs that it could have, 0 if it has no SR-IOV
 * @num_vfs: VFs that are enabled
 * @managed: openvgpu drives it; the rest is empty otherwise
 * @status: "ready", or why it cannot have vGPUs
 * @firmware: firmware build
 * @mdev: it is registered as mdev parent
 * @framebuffer: bytes that vGPUs can share
 * @framebuffer_used: bytes reserved now
 * @placement_mode: "equal" or "mixed"
 * @mig: it is divided into GPU instances
 * @scheduler: "best_effort", "equal_share" or "fixed_share"
 * @timeslice_us: length of a time slice, 0 for the firmware's own
 * @scheduler_pending: the firmware runs with another scheduler until it starts anew
 * @last_error: last refusal
 * @vfs: by number
 * @mdevs: by UUID
 * @offers: by type number
 * @gi_profiles: largest first; none on a GPU without MIG
 * @gis: by id
 * @vgpus: all of them, in the order in which they were made; none without netlink
 */
struct openvgpu_gpu {
	char address[OPENVGPU_ADDRESS_MAX];
	uint16_t device;
	uint16_t subdevice;
	char driver[32];
	int iommu_group;
	uint32_t total_vfs;
	uint32_t num_vfs;
	bool managed;
	char status[256];
	char firmware[64];
	bool mdev;
	uint64_t framebuffer;
	uint64_t framebuffer_used;
	char placement_mode[32];
	bool mig;
	char scheduler[32];
	uint64_t timeslice_us;
	bool scheduler_pending;
	char last_error[256];
	struct openvgpu_vf *vfs;
	size_t n_vfs;
	struct openvgpu_mdev *mdevs;
	size_t n_mdevs;
	struct openvgpu_offer *offers;
	size_t n_offers;
	struct openvgpu_gi_profile *gi_profiles;
	size_t n_gi_profiles;
	struct openvgpu_gi *gis;
	size_t n_gis;
	struct openvgpu_vgpu *vgpus;
	size_t n_vgpus;
};

/**
 * struct openvgpu_host - all NVIDIA GPUs of this host, by address
 */
struct openvgpu_host {
	struct openvgpu_gpu *gpus;
	size_t n_gpus;
};

/*
 * @sysfs is where sysfs is mounted, "/sys". A device that goes away while it is
 * read is left out, not an error; -ENOENT if there is no sysfs at all. With "/sys" what
 * openvgpu says comes by one dump of its netlink family, if there is that; any other
 * path is for files alone.
 */
int openvgpu_host_read(struct openvgpu_host *h, const char *sysfs, struct openvgpu_error *err);
/* The same without VFs, vGPUs and offers, which take time; @only this GPU unless NULL. */
int openvgpu_gpus_read(struct openvgpu_host *h, const char *sysfs, const char *only,
		       struct openvgpu_error *err);
void openvgpu_host_free(struct openvgpu_host *h);

/*
 * Addresses as users write them: "0001:00:00.4", "00:00.4" (domain 0) or
 * libvirt's "pci_0001_00_00_4". Gives the form that sysfs uses; false if @text
 * is none of these.
 */
bool openvgpu_pci_address(const char *text, char out[OPENVGPU_ADDRESS_MAX]);
/* UUIDs: 36 characters, or libvirt's "mdev_UUID_PARENT" with underscores. Lower case comes out. */
bool openvgpu_uuid(const char *text, char out[OPENVGPU_UUID_MAX]);

const struct openvgpu_gpu *openvgpu_gpu_by_address(const struct openvgpu_host *h,
						   const char *address);
/* The GPU is stored to @gpu unless that is NULL. */
const struct openvgpu_vf *openvgpu_vf_by_address(const struct openvgpu_host *h,
						 const char *address,
						 const struct openvgpu_gpu **gpu);
const struct openvgpu_mdev *openvgpu_mdev_by_uuid(const struct openvgpu_host *h, const char *uuid,
						  const struct openvgpu_gpu **gpu);
const struct openvgpu_offer *openvgpu_offer_by_id(const struct openvgpu_gpu *gpu, uint32_t id);

/**
 * struct openvgpu_reason - what the driver says of a type
 * @id: type number
 * @name: full name
 * @creatable: one more could be made now
 * @why: why not, one line; "" if @creatable
 */
struct openvgpu_reason {
	uint32_t id;
	char name[OPENVGPU_NAME_MAX];
	bool creatable;
	char why[256];
};

/**
 * struct openvgpu_reasons - all types of a GPU, in the order of the catalogue
 */
struct openvgpu_reasons {
	struct openvgpu_reason *list;
	size_t n;
};

/*
 * By netlink if @sysfs is "/sys". Else from debugfs, which only root may read (-EACCES) and
 * which may not be there (-ENOENT). @address as sysfs writes it.
 */
int openvgpu_reasons_read(struct openvgpu_reasons *r, const char *sysfs, const char *address,
			  struct openvgpu_error *err);
void openvgpu_reasons_free(struct openvgpu_reasons *r);

/*
 * Settings of a GPU: what an administrator chooses, and its way over a reboot.
 */

/*
 * Writes <PF>/vgpu/@file; by netlink, as vgpuctl does it, if @sysfs is "/sys" and the
 * driver's family is there. A refusal is told in the driver's own words (last_error).
 */
int openvgpu_gpu_set(const char *sysfs, const char *address, const char *file,
		     const char *value, struct openvgpu_error *err);

/**
 * struct openvgpu_saved_gi - a GPU instance as it was saved
 * @profile: what it is made of
 * @start: first eighth of the GPU's memory
 */
struct openvgpu_saved_gi {
	char profile[OPENVGPU_PROFILE_MAX];
	uint32_t start;
};

/**
 * struct openvgpu_saved_gpu - settings of one GPU
 * @address: PCI address
 * @device: PCI device id: of another board they are not the settings; 0 for any
 * @num_vfs: VFs that are enabled, %OPENVGPU_UNKNOWN for all that there can be
 * @placement_mode: "equal" or "mixed", "" to leave it alone
 * @scheduler: "best_effort", "equal_share" or "fixed_share", "" to leave it alone
 * @timeslice_us: length of a time slice, %OPENVGPU_UNKNOWN to leave it alone
 * @mig: it is divided into GPU instances: 1 or 0, -1 to leave it alone
 * @gis: these, with @mig 1
 */
struct openvgpu_saved_gpu {
	char address[OPENVGPU_ADDRESS_MAX];
	uint16_t device;
	uint64_t num_vfs;
	char placement_mode[32];
	char scheduler[32];
	uint64_t timeslice_us;
	int mig;
	struct openvgpu_saved_gi *gis;
	size_t n_gis;
};

/**
 * struct openvgpu_settings - what a settings file holds, by address
 */
struct openvgpu_settings {
	struct openvgpu_saved_gpu *gpus;
	size_t n_gpus;
};

/* -ENOENT if there is no file, -EINVAL if it is not one of ours. */
int openvgpu_settings_load(struct openvgpu_settings *s, const char *path,
			   struct openvgpu_error *err);
/* Replaces @path in one step; makes its directory if that is missing. */
int openvgpu_settings_write(const struct openvgpu_settings *s, const char *path,
			    struct openvgpu_error *err);
void openvgpu_settings_free(struct openvgpu_settings *s);
/* Takes over what @gpu is set to now, instead of what was known of its address. */
int openvgpu_settings_take(struct openvgpu_settings *s, const struct openvgpu_gpu *gpu,
			   struct openvgpu_error *err);
const struct openvgpu_saved_gpu *openvgpu_settings_find(const struct openvgpu_settings *s,
							const char *address);

/* Gets each thing that could not be done, and why, in one line. */
typedef void openvgpu_tell(void *ctx, const char *text);

/*
 * Makes a GPU what @saved says; NULL if nothing was saved for it: then it gets all its
 * VFs if it has none. Nothing that is in use is taken away. What cannot be done goes to
 * @tell, the rest is done. Returns 0, or the error of what went wrong first.
 */
int openvgpu_settings_restore(const char *sysfs, const struct openvgpu_gpu *gpu,
			      const struct openvgpu_saved_gpu *saved, openvgpu_tell *tell,
			      void *ctx);

#ifdef __cplusplus
}
#endif

#endif
