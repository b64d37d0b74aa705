/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Shared by the files of libopenvgpu, not exported. */
#ifndef OPENVGPU_INTERNAL_H
#define OPENVGPU_INTERNAL_H

#include "openvgpu.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Sets the text and returns @code, so that callers can return the call. */
int ovg_error(struct openvgpu_error *err, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Fills the gaps of a type; false if its numbers leave the guest nothing. */
bool ovg_memory(const char *arch, const struct openvgpu_type *type, struct openvgpu_memory *out);

/*
 * Appends to an array that has @n elements, doubling it at powers of two: room
 * for element @n, zeroed, or NULL.
 */
void *ovg_append(void *array_pointer, size_t n, size_t size);

/* Whole file with a NUL behind it. */
int ovg_read_file(const char *path, char **text, size_t *len, struct openvgpu_error *err);
/* Replaces @path in one step, so that no reader ever sees half of it; mode 0644. */
int ovg_replace_file(const char *path, const void *data, size_t len, struct openvgpu_error *err);

/*
 * Fields of a row, in CSV by column, in XML by element and attribute. Both
 * readers collect the texts and leave their meaning to row.c, so that a
 * mistake is refused alike in both.
 */
enum ovg_field {
	OVG_F_GPU,
	OVG_F_ARCH,
	OVG_F_PF_DEVICE,
	OVG_F_PF_SUBDEVICE,
	OVG_F_TYPE_ID,
	OVG_F_ID_CONFIDENCE,
	OVG_F_NAME,
	OVG_F_SERIES,
	OVG_F_MIG,
	OVG_F_GI_SLICES,
	OVG_F_ATTR,
	OVG_F_PROFILE_MIB,
	OVG_F_FB_BYTES,
	OVG_F_FB_RESERVATION,
	OVG_F_GSP_HEAP,
	OVG_F_MAX_EQUAL_SIZE,
	OVG_F_MAX_MIXED_SIZE,
	OVG_F_HEADS,
	OVG_F_MAX_X,
	OVG_F_MAX_Y,
	OVG_F_MAX_PIXELS,
	OVG_F_FRL,
	OVG_F_CUDA,
	OVG_F_ECC,
	OVG_F_MULTI_VGPU,
	OVG_F_VGPU_CLASS,
	OVG_F_LICENSE,
	OVG_F_GUEST_DEVICE,
	OVG_F_GUEST_SUBSYSTEM,
	OVG_F_BOARD_FB_NOMINAL_MIB,
	OVG_F_BOARD_FB_REPORTED_MIB,
	OVG_F_HOST_MODE,
	OVG_F_SRIOV_TOTALVFS,
	OVG_F_VF_OFFSET_STRIDE,
	OVG_F_SOURCE,
	OVG_N_FIELDS
};

/* CSV column and, for error messages, name of each field. */
extern const char *const ovg_field_name[OVG_N_FIELDS];

/**
 * struct ovg_row - texts of one type, on their way in or out
 * @line: line of the source, for errors
 * @name: the source, for errors
 * @text: one text a field, never NULL once filled
 */
struct ovg_row {
	unsigned long line;
	const char *name;
	const char *text[OVG_N_FIELDS];
};

/* One more problem; -ENOMEM if there is no room for it. */
int ovg_problem(struct openvgpu_problems *p, bool warning, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * The two readers. They append to @t, and may have appended when they fail. With @problems,
 * bad types go there and the reading goes on.
 */
int ovg_read_csv(struct openvgpu_types *t, const char *text, size_t len, const char *name,
		 struct openvgpu_problems *problems, struct openvgpu_error *err);
int ovg_read_xml(struct openvgpu_types *t, const char *text, size_t len, const char *name,
		 struct openvgpu_problems *problems, struct openvgpu_error *err);

/* What a reader does with a type that was refused with @ret: 0 to go on. */
int ovg_bad_type(struct openvgpu_problems *problems, int ret, const struct openvgpu_error *err);

/* Checks a row and appends its type, and its board if new. */
int ovg_row_add(struct openvgpu_types *t, const struct ovg_row *row, struct openvgpu_error *err);

/* The way back. The texts live in @buf or in @t. */
#define OVG_ROW_BUF	(OVG_N_FIELDS * 24)
void ovg_row_text(const struct openvgpu_types *t, const struct openvgpu_type *type,
		  struct ovg_row *row, char buf[OVG_ROW_BUF]);

#endif
