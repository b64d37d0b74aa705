// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One row of the catalogue's source: from texts to numbers and back. Everything
 * that can be wrong with a type is refused here, with the line and the reason.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *const ovg_field_name[OVG_N_FIELDS] = {
	[OVG_F_GPU] = "gpu",
	[OVG_F_ARCH] = "arch",
	[OVG_F_PF_DEVICE] = "pf_device",
	[OVG_F_PF_SUBDEVICE] = "pf_subdevice",
	[OVG_F_TYPE_ID] = "type_id",
	[OVG_F_ID_CONFIDENCE] = "id_confidence",
	[OVG_F_NAME] = "name",
	[OVG_F_SERIES] = "series",
	[OVG_F_MIG] = "mig",
	[OVG_F_GI_SLICES] = "gi_slices",
	[OVG_F_ATTR] = "attr",
	[OVG_F_PROFILE_MIB] = "profile_mib",
	[OVG_F_FB_BYTES] = "fb_bytes",
	[OVG_F_FB_RESERVATION] = "fb_reservation",
	[OVG_F_GSP_HEAP] = "gsp_heap",
	[OVG_F_MAX_EQUAL_SIZE] = "max_equal_size",
	[OVG_F_MAX_MIXED_SIZE] = "max_mixed_size",
	[OVG_F_HEADS] = "heads",
	[OVG_F_MAX_X] = "max_x",
	[OVG_F_MAX_Y] = "max_y",
	[OVG_F_MAX_PIXELS] = "max_pixels",
	[OVG_F_FRL] = "frl",
	[OVG_F_CUDA] = "cuda",
	[OVG_F_ECC] = "ecc",
	[OVG_F_MULTI_VGPU] = "multi_vgpu",
	[OVG_F_VGPU_CLASS] = "vgpu_class",
	[OVG_F_LICENSE] = "license",
	[OVG_F_GUEST_DEVICE] = "guest_device",
	[OVG_F_GUEST_SUBSYSTEM] = "guest_subsystem",
	[OVG_F_BOARD_FB_NOMINAL_MIB] = "board_fb_nominal_mib",
	[OVG_F_BOARD_FB_REPORTED_MIB] = "board_fb_reported_mib",
	[OVG_F_HOST_MODE] = "host_mode",
	[OVG_F_SRIOV_TOTALVFS] = "sriov_totalvfs",
	[OVG_F_VF_OFFSET_STRIDE] = "vf_offset_stride",
	[OVG_F_SOURCE] = "source",
};

static const char *const archs[] = { "Turing", "Ampere", "Ada", "Hopper", "Blackwell" };
static const char *const series[] = { "A", "B", "B4", "C", "Q" };
static const char *const confidence[] = { "high", "confirmed", "own" };
enum { HIGH, CONFIRMED, OWN };

/* First mistake of a row; the checks after it do nothing. */
struct check {
	const struct ovg_row *row;
	struct openvgpu_error *err;
	int ret;
};

static void bad(struct check *c, enum ovg_field f, const char *why)
{
	if (!c->ret)
		c->ret = ovg_error(c->err, -EINVAL, "%s:%lu: %s '%.64s': %s", c->row->name,
				   c->row->line, ovg_field_name[f], c->row->text[f], why);
}

static const char *text_problem(const char *s, size_t room, bool may_be_empty)
{
	size_t i;

	if (!*s && !may_be_empty)
		return "must not be empty";
	for (i = 0; s[i]; i++)
		if (s[i] < 0x20 || s[i] > 0x7e)
			return "only printable ASCII is allowed";
	return i < room ? NULL : "too long";
}

static void get_text(struct check *c, enum ovg_field f, char *out, size_t room, bool may_be_empty)
{
	const char *s = c->row->text[f];
	const char *problem = text_problem(s, room, may_be_empty);

	if (problem)
		bad(c, f, problem);
	else
		strcpy(out, s);
}

static int one_of(struct check *c, enum ovg_field f, const char *const *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!strcmp(c->row->text[f], list[i]))
			return (int)i;
	bad(c, f, "not one of the known words");
	return 0;
}

/* No sign, no blank, nothing behind it. */
static uint64_t number(struct check *c, enum ovg_field f, int base, uint64_t min, uint64_t max)
{
	const char *s = c->row->text[f];
	const char *digits = base == 16 ? "0123456789abcdefABCDEF" : "0123456789";
	unsigned long long v;

	if (base == 16 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	if (!*s || s[strspn(s, digits)]) {
		bad(c, f, base == 16 ? "not a hexadecimal number" : "not a number");
		return min;
	}
	errno = 0;
	v = strtoull(s, NULL, base);
	if (errno || v < min || v > max) {
		bad(c, f, v < min && !errno ? "too small" : "too large");
		return min;
	}
	return v;
}

static uint64_t maybe_bytes(struct check *c, enum ovg_field f, uint64_t max)
{
	const char *s = c->row->text[f];

	if (!*s)
		return OPENVGPU_UNKNOWN;
	return number(c, f, s[0] == '0' && s[1] == 'x' ? 16 : 10, 0, max);
}

static bool flag(struct check *c, enum ovg_field f)
{
	return number(c, f, 10, 0, 1) == 1;
}

static void parse_board(struct check *c, struct openvgpu_board *b)
{
	get_text(c, OVG_F_GPU, b->name, sizeof(b->name), false);
	one_of(c, OVG_F_ARCH, archs, ARRAY_SIZE(archs));
	get_text(c, OVG_F_ARCH, b->arch, sizeof(b->arch), false);
	b->device = (uint16_t)number(c, OVG_F_PF_DEVICE, 16, 1, 0xfffe);
	get_text(c, OVG_F_PF_SUBDEVICE, b->subdevice, sizeof(b->subdevice), false);
	/* 1 TiB: nothing in sight, and far from overflowing when multiplied */
	b->fb_nominal = number(c, OVG_F_BOARD_FB_NOMINAL_MIB, 10, 1024, 1 << 20) * OPENVGPU_MIB;
	get_text(c, OVG_F_BOARD_FB_REPORTED_MIB, b->fb_reported, sizeof(b->fb_reported), true);
	get_text(c, OVG_F_HOST_MODE, b->host_mode, sizeof(b->host_mode), false);
	get_text(c, OVG_F_SRIOV_TOTALVFS, b->totalvfs, sizeof(b->totalvfs), true);
	get_text(c, OVG_F_VF_OFFSET_STRIDE, b->vf_offset_stride, sizeof(b->vf_offset_stride), true);
}

static void parse_guest(struct check *c, struct openvgpu_type *t)
{
	const char *s = c->row->text[OVG_F_GUEST_SUBSYSTEM];
	unsigned int vendor, device;
	int end = 0;

	t->guest_device = (uint16_t)number(c, OVG_F_GUEST_DEVICE, 16, 1, 0xfffe);
	if (strlen(s) != 9 || s[4] != ':' || strspn(s, "0123456789abcdefABCDEF") != 4 ||
	    strspn(s + 5, "0123456789abcdefABCDEF") != 4 ||
	    sscanf(s, "%4x:%4x%n", &vendor, &device, &end) != 2 || end != 9) {
		bad(c, OVG_F_GUEST_SUBSYSTEM, "not of the form vvvv:dddd in hexadecimal");
		return;
	}
	t->guest_subvendor = (uint16_t)vendor;
	t->guest_subsystem = (uint16_t)device;
}

static void parse_mig(struct check *c, struct openvgpu_type *t)
{
	t->mig = flag(c, OVG_F_MIG);
	get_text(c, OVG_F_ATTR, t->gi_attr, sizeof(t->gi_attr), true);
	if (t->mig) {
		t->gi_slices = (uint32_t)number(c, OVG_F_GI_SLICES, 10, 1, 8);
	} else {
		if (*c->row->text[OVG_F_GI_SLICES])
			bad(c, OVG_F_GI_SLICES, "slices without MIG");
		if (*t->gi_attr)
			bad(c, OVG_F_ATTR, "attribute of an instance profile without MIG");
	}
}

/*
 * What tools read out of a name stands in its last word: <word>-<GiB><series>, with the
 * slices before the GiB and the attribute behind the series for MIG-backed types.
 */
static bool name_says_what_it_is(const struct openvgpu_type *t)
{
	const char *last = strrchr(t->name, ' ');
	char want[64];
	size_t n, len;

	last = last ? last + 1 : t->name;
	if (t->mig)
		snprintf(want, sizeof(want), "-%u-%" PRIu64 "%s%s", t->gi_slices,
			 t->profile / OPENVGPU_GIB, t->series, t->gi_attr);
	else
		snprintf(want, sizeof(want), "-%" PRIu64 "%s", t->profile / OPENVGPU_GIB,
			 t->series);
	len = strlen(last);
	n = strlen(want);
	return len > n && !strcmp(last + len - n, want);
}

/* NVIDIA's numbers and ours never meet. */
static void parse_id(struct check *c, struct openvgpu_type *t)
{
	int word;

	/* `nvidia-%d` in 8 bytes and a column of 5 in creatable_vgpu_types */
	t->id = (uint32_t)number(c, OVG_F_TYPE_ID, 10, 1, OPENVGPU_OWN_ID_MAX);
	word = one_of(c, OVG_F_ID_CONFIDENCE, confidence, ARRAY_SIZE(confidence));
	t->confirmed = word == CONFIRMED;
	t->own = word == OWN;
	if (t->own != (t->id >= OPENVGPU_OWN_ID_MIN))
		bad(c, OVG_F_ID_CONFIDENCE, "types of one's own, and only they, have numbers from "
		    "60000 on");
}

static void parse_type(struct check *c, struct openvgpu_type *t, const struct openvgpu_board *b)
{
	const uint64_t max = b->fb_nominal;
	struct openvgpu_memory memory;

	parse_id(c, t);
	get_text(c, OVG_F_NAME, t->name, sizeof(t->name), false);
	one_of(c, OVG_F_SERIES, series, ARRAY_SIZE(series));
	get_text(c, OVG_F_SERIES, t->series, sizeof(t->series), false);
	parse_mig(c, t);

	t->profile = number(c, OVG_F_PROFILE_MIB, 10, 1024, max / OPENVGPU_MIB) * OPENVGPU_MIB;
	if (t->profile % OPENVGPU_GIB)
		bad(c, OVG_F_PROFILE_MIB, "not a multiple of 1024");
	t->fb = maybe_bytes(c, OVG_F_FB_BYTES, t->profile);
	if (!t->fb)
		bad(c, OVG_F_FB_BYTES, "a guest needs some framebuffer");
	t->fb_reservation = maybe_bytes(c, OVG_F_FB_RESERVATION, t->profile);
	t->gsp_heap = maybe_bytes(c, OVG_F_GSP_HEAP, t->profile);
	if (t->fb != OPENVGPU_UNKNOWN && t->fb_reservation != OPENVGPU_UNKNOWN &&
	    t->fb + t->fb_reservation > t->profile)
		bad(c, OVG_F_FB_RESERVATION, "more than the profile together with fb_bytes");

	if (!c->ret && !ovg_memory(b->arch, t, &memory))
		bad(c, OVG_F_PROFILE_MIB, "reservation and heap leave the guest no framebuffer");

	t->max_equal = (uint32_t)number(c, OVG_F_MAX_EQUAL_SIZE, 10, 1, 64);
	if (*c->row->text[OVG_F_MAX_MIXED_SIZE])
		t->max_mixed = (uint32_t)number(c, OVG_F_MAX_MIXED_SIZE, 10, 1, 64);
	if (t->max_mixed > t->max_equal)
		bad(c, OVG_F_MAX_MIXED_SIZE, "more than max_equal_size");
	/* names of MIG types round up: four instances of "24C" sit on 94 GB boards */
	if ((t->profile - (t->mig ? OPENVGPU_GIB - 1 : 0)) * t->max_equal > max)
		bad(c, OVG_F_MAX_EQUAL_SIZE, "that many do not fit the board");
	if (!c->ret && t->own && !name_says_what_it_is(t))
		bad(c, OVG_F_NAME, "its last word must end as the names of NVIDIA's types do, "
		    "in -<GiB><series>");

	t->heads = (uint32_t)number(c, OVG_F_HEADS, 10, 1, 8);
	t->max_x = (uint32_t)number(c, OVG_F_MAX_X, 10, 640, 65536);
	t->max_y = (uint32_t)number(c, OVG_F_MAX_Y, 10, 480, 65536);
	t->max_pixels = (uint32_t)number(c, OVG_F_MAX_PIXELS, 10, 640 * 480, UINT32_MAX);
	t->frl = (uint32_t)number(c, OVG_F_FRL, 10, 0, 1000);
	t->cuda = flag(c, OVG_F_CUDA);
	t->ecc = flag(c, OVG_F_ECC);
	t->multi_vgpu = *c->row->text[OVG_F_MULTI_VGPU] ? flag(c, OVG_F_MULTI_VGPU) : -1;
	get_text(c, OVG_F_VGPU_CLASS, t->vgpu_class, sizeof(t->vgpu_class), false);
	get_text(c, OVG_F_LICENSE, t->license, sizeof(t->license), true);
	parse_guest(c, t);
	get_text(c, OVG_F_SOURCE, t->source, sizeof(t->source), true);
}

static bool same_board(const struct openvgpu_board *a, const struct openvgpu_board *b)
{
	return a->device == b->device && a->fb_nominal == b->fb_nominal &&
	       !strcmp(a->arch, b->arch) && !strcmp(a->subdevice, b->subdevice) &&
	       !strcmp(a->fb_reported, b->fb_reported) && !strcmp(a->host_mode, b->host_mode) &&
	       !strcmp(a->totalvfs, b->totalvfs) &&
	       !strcmp(a->vf_offset_stride, b->vf_offset_stride);
}

static bool differ(uint64_t a, uint64_t b)
{
	return a != OPENVGPU_UNKNOWN && b != OPENVGPU_UNKNOWN && a != b;
}

/*
 * vGPUs of one size share a grid of places on the board, whatever their series: two types of
 * that size must agree in all that makes the grid.
 */
static void check_grid(struct check *c, const struct openvgpu_type *a,
		       const struct openvgpu_type *b)
{
	if (a->mig || b->mig || a->profile != b->profile)
		return;
	if (differ(a->fb, b->fb))
		bad(c, OVG_F_FB_BYTES, "another type of this size has a different number");
	if (differ(a->fb_reservation, b->fb_reservation))
		bad(c, OVG_F_FB_RESERVATION, "another type of this size has a different number");
	if (differ(a->gsp_heap, b->gsp_heap))
		bad(c, OVG_F_GSP_HEAP, "another type of this size has a different number");
	if (a->max_equal != b->max_equal)
		bad(c, OVG_F_MAX_EQUAL_SIZE, "another type of this size has a different number");
}

int ovg_row_add(struct openvgpu_types *t, const struct ovg_row *row, struct openvgpu_error *err)
{
	struct check c = { .row = row, .err = err };
	struct openvgpu_board board = { 0 };
	struct openvgpu_type type = { 0 };
	struct openvgpu_board *new_board;
	struct openvgpu_type *new_type;
	size_t i, k;

	parse_board(&c, &board);
	if (!c.ret)
		parse_type(&c, &type, &board);
	if (c.ret)
		return c.ret;

	for (i = 0; i < t->n_types; i++) {
		if (t->types[i].id == type.id)
			bad(&c, OVG_F_TYPE_ID, "another type has this number");
		else if (!strcmp(t->types[i].name, type.name))
			bad(&c, OVG_F_NAME, "another type has this name");
	}
	for (i = 0; i < t->n_boards; i++)
		if (!strcmp(t->boards[i].name, board.name))
			break;
	if (i < t->n_boards && !same_board(&t->boards[i], &board))
		bad(&c, OVG_F_GPU, "the columns of the board differ from those of an earlier row");
	for (k = 0; k < t->n_types; k++)
		if (t->types[k].board == i)
			check_grid(&c, &type, &t->types[k]);
	if (c.ret)
		return c.ret;

	if (i == t->n_boards) {
		new_board = ovg_append(&t->boards, t->n_boards, sizeof(board));
		if (!new_board)
			goto no_memory;
		*new_board = board;
		t->n_boards++;
	}
	type.board = i;
	new_type = ovg_append(&t->types, t->n_types, sizeof(type));
	if (!new_type)
		goto no_memory;
	*new_type = type;
	t->n_types++;
	return 0;

no_memory:
	return ovg_error(err, -ENOMEM, "%s:%lu: out of memory", row->name, row->line);
}

/**
 * struct spill - texts of the numbers of a row
 * @at: free space
 * @room: its size
 */
struct spill {
	char *at;
	size_t room;
};

static const char *text(struct spill *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static const char *text(struct spill *s, const char *fmt, ...)
{
	char *start = s->at;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->at, s->room, fmt, ap);
	va_end(ap);
	/* OVG_ROW_BUF has room for 23 characters a field, numbers have fewer */
	if (n < 0 || (size_t)n >= s->room)
		return "";
	s->at += n + 1;
	s->room -= (size_t)n + 1;
	return start;
}

static const char *bytes_text(struct spill *s, uint64_t v)
{
	return v == OPENVGPU_UNKNOWN ? "" : text(s, "0x%" PRIx64, v);
}

void ovg_row_text(const struct openvgpu_types *t, const struct openvgpu_type *type,
		  struct ovg_row *row, char buf[OVG_ROW_BUF])
{
	const struct openvgpu_board *b = &t->boards[type->board];
	struct spill s = { .at = buf, .room = OVG_ROW_BUF };
	const char **v = row->text;

	v[OVG_F_GPU] = b->name;
	v[OVG_F_ARCH] = b->arch;
	v[OVG_F_PF_DEVICE] = text(&s, "%04x", b->device);
	v[OVG_F_PF_SUBDEVICE] = b->subdevice;
	v[OVG_F_TYPE_ID] = text(&s, "%u", type->id);
	v[OVG_F_ID_CONFIDENCE] = confidence[type->own ? OWN : type->confirmed ? CONFIRMED : HIGH];
	v[OVG_F_NAME] = type->name;
	v[OVG_F_SERIES] = type->series;
	v[OVG_F_MIG] = type->mig ? "1" : "0";
	v[OVG_F_GI_SLICES] = type->mig ? text(&s, "%u", type->gi_slices) : "";
	v[OVG_F_ATTR] = type->gi_attr;
	v[OVG_F_PROFILE_MIB] = text(&s, "%" PRIu64, type->profile / OPENVGPU_MIB);
	v[OVG_F_FB_BYTES] = bytes_text(&s, type->fb);
	v[OVG_F_FB_RESERVATION] = bytes_text(&s, type->fb_reservation);
	v[OVG_F_GSP_HEAP] = bytes_text(&s, type->gsp_heap);
	v[OVG_F_MAX_EQUAL_SIZE] = text(&s, "%u", type->max_equal);
	v[OVG_F_MAX_MIXED_SIZE] = type->max_mixed ? text(&s, "%u", type->max_mixed) : "";
	v[OVG_F_HEADS] = text(&s, "%u", type->heads);
	v[OVG_F_MAX_X] = text(&s, "%u", type->max_x);
	v[OVG_F_MAX_Y] = text(&s, "%u", type->max_y);
	v[OVG_F_MAX_PIXELS] = text(&s, "%u", type->max_pixels);
	v[OVG_F_FRL] = text(&s, "%u", type->frl);
	v[OVG_F_CUDA] = type->cuda ? "1" : "0";
	v[OVG_F_ECC] = type->ecc ? "1" : "0";
	v[OVG_F_MULTI_VGPU] = type->multi_vgpu < 0 ? "" : type->multi_vgpu ? "1" : "0";
	v[OVG_F_VGPU_CLASS] = type->vgpu_class;
	v[OVG_F_LICENSE] = type->license;
	v[OVG_F_GUEST_DEVICE] = text(&s, "%04x", type->guest_device);
	v[OVG_F_GUEST_SUBSYSTEM] =
		text(&s, "%04x:%04x", type->guest_subvendor, type->guest_subsystem);
	v[OVG_F_BOARD_FB_NOMINAL_MIB] = text(&s, "%" PRIu64, b->fb_nominal / OPENVGPU_MIB);
	v[OVG_F_BOARD_FB_REPORTED_MIB] = b->fb_reported;
	v[OVG_F_HOST_MODE] = b->host_mode;
	v[OVG_F_SRIOV_TOTALVFS] = b->totalvfs;
	v[OVG_F_VF_OFFSET_STRIDE] = b->vf_offset_stride;
	v[OVG_F_SOURCE] = type->source;
}

const char *openvgpu_type_field(const struct openvgpu_types *t, const struct openvgpu_type *type,
				unsigned int index, char text_out[OPENVGPU_FIELD_TEXT_MAX])
{
	char buf[OVG_ROW_BUF];
	struct ovg_row row;

	if (index >= OVG_N_FIELDS)
		return NULL;
	ovg_row_text(t, type, &row, buf);
	snprintf(text_out, OPENVGPU_FIELD_TEXT_MAX, "%s", row.text[index]);
	return ovg_field_name[index];
}
