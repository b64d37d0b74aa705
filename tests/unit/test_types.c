// SPDX-License-Identifier: LGPL-2.1-or-later
/* The catalogue's source: CSV and XML in, the table, CSV and XML out. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/lib/internal.h"

#define TYPES_CSV SOURCE_ROOT "/schemas/catalogue/types.csv"

static struct openvgpu_types types;
static struct openvgpu_error err;

static void load(void)
{
	cr_assert_eq(openvgpu_types_load(&types, TYPES_CSV, &err), 0, "%s", err.text);
}

static void unload(void)
{
	openvgpu_types_free(&types);
}

TestSuite(source, .init = load, .fini = unload);

Test(source, has_all_boards_and_types)
{
	const struct openvgpu_board *b = openvgpu_board_by_name(&types, "A40");
	const struct openvgpu_type *t = openvgpu_type_by_id(&types, 560);

	cr_expect_eq(types.n_boards, 21u);
	cr_expect_eq(types.n_types, 443u);
	cr_assert(b && t);
	cr_expect_eq(b->device, 0x2235);
	cr_expect_eq(b->fb_nominal, 48 * OPENVGPU_GIB);
	cr_expect_str_eq(b->totalvfs, "32 (lspci)");
	cr_expect_eq(&types.boards[t->board], b);
	cr_expect_str_eq(t->name, "NVIDIA A40-4Q");
	cr_expect_eq(t->max_equal, 12u);
	cr_expect_eq(t->max_mixed, 8u);
	cr_expect_eq(t->gsp_heap, OPENVGPU_UNKNOWN);
	cr_expect_not(t->mig);
	cr_expect(t->confirmed);
	cr_expect_null(openvgpu_type_by_id(&types, 1));
	cr_expect_null(openvgpu_board_by_name(&types, "A41"));
}

Test(source, cells_in_quotes)
{
	const struct openvgpu_board *b = openvgpu_board_by_name(&types, "RTXPRO6000-BSE");

	cr_assert(b);
	cr_expect_str_eq(b->vf_offset_stride, "2/1 (c8:00.2, 9b:00.2)");
}

static const struct openvgpu_type *find(const char *text, uint16_t device, int want)
{
	const struct openvgpu_type *t = NULL;

	cr_expect_eq(openvgpu_type_find(&types, text, device, &t, &err), want, "%s", text);
	return t;
}

Test(source, finds_types_by_number_and_name)
{
	cr_expect_eq(find("560", 0, 0)->id, 560u);
	cr_expect_eq(find("nvidia-560", 0, 0)->id, 560u);
	cr_expect_eq(find("NVIDIA A40-4Q", 0, 0)->id, 560u);
	cr_expect_eq(find("A40-4Q", 0, 0)->id, 560u);
	cr_expect_eq(find("A40-4Q", 0x2235, 0)->id, 560u);
	find("A40-4Q", 0x26b9, -ENOENT);
	cr_expect_str_eq(err.text, "no vGPU type 'A40-4Q' on boards 10de:26b9");
	find("A40-5Q", 0, -ENOENT);
	find("0", 0, -ENOENT);
	find("nvidia-", 0, -ENOENT);
	find("", 0, -ENOENT);
	find("99999999999999999999", 0, -ENOENT);
}

Test(source, a_name_that_two_boards_have_is_refused)
{
	struct openvgpu_type *other = &types.types[0];

	/* as RTX PRO 4500 would: not in the data yet */
	strcpy(other->name, "NVIDIA RTX Pro 4500 Blackwell DC-16Q");
	find("DC-16Q", 0, -ENOTUNIQ);
	cr_expect(strstr(err.text, "1531") && strstr(err.text, "222"), "%s", err.text);
	cr_expect_eq(find("DC-16Q", 0x2bb5, 0)->id, 1531u);
}

static struct openvgpu_memory memory_of(uint32_t id)
{
	struct openvgpu_memory m;
	const struct openvgpu_type *t = openvgpu_type_by_id(&types, id);

	cr_assert(t);
	openvgpu_type_memory(&types, t, &m);
	return m;
}

Test(source, known_memory_is_left_alone)
{
	/* L40S-4Q: all three are published */
	struct openvgpu_memory m = memory_of(1150);

	cr_expect_eq(m.fb, 0xf0000000u);
	cr_expect_eq(m.reservation, 0xe000000u);
	cr_expect_eq(m.heap, 0x2000000u);
	cr_expect_eq(m.derived, 0u);
}

/* The rule for heaps must give what is published wherever that is. */
Test(source, heap_rule_agrees_with_published_heaps)
{
	unsigned int compared = 0;
	size_t i;

	for (i = 0; i < types.n_types; i++) {
		struct openvgpu_type t = types.types[i];
		struct openvgpu_memory m;

		if (t.gsp_heap == OPENVGPU_UNKNOWN || types.boards[t.board].fb_nominal <
		    48 * OPENVGPU_GIB)
			continue;
		t.gsp_heap = OPENVGPU_UNKNOWN;
		openvgpu_type_memory(&types, &t, &m);
		cr_expect_eq(m.heap, types.types[i].gsp_heap, "%s", t.name);
		cr_expect_eq(m.derived, OPENVGPU_DERIVED_HEAP);
		compared++;
	}
	cr_expect_geq(compared, 60u);
}

Test(source, gaps_are_filled_and_marked)
{
	/* A40-4Q: heap unknown. H100-10C: nothing known of its size. DC-3Q: the same on Blackwell */
	struct openvgpu_memory m = memory_of(560);

	cr_expect_eq(m.derived, OPENVGPU_DERIVED_HEAP);
	cr_expect_eq(m.heap, 32 * OPENVGPU_MIB);
	/* L40S-4C: as L40S-4Q, of which all is known */
	m = memory_of(1179);
	cr_expect_eq(m.derived, 7u);
	cr_expect_eq(m.fb, 0xf0000000u);
	cr_expect_eq(m.reservation, 0xe000000u);
	cr_expect_eq(m.heap, 0x2000000u);
	m = memory_of(828);
	cr_expect_eq(m.derived, 7u);
	cr_expect_eq(m.reservation, 640 * OPENVGPU_MIB);
	cr_expect_eq(m.heap, 128 * OPENVGPU_MIB);
	cr_expect_eq(m.fb, (10240 - 640 - 128) * OPENVGPU_MIB);
	m = memory_of(1519);
	cr_expect_eq(m.derived, 7u);
	cr_expect_eq(m.reservation, 192 * OPENVGPU_MIB);
	cr_expect_eq(m.fb, 2816 * OPENVGPU_MIB);
}

Test(source, every_guest_gets_something)
{
	size_t i;

	for (i = 0; i < types.n_types; i++) {
		struct openvgpu_memory m;

		openvgpu_type_memory(&types, &types.types[i], &m);
		cr_expect_gt(m.fb, 0u);
		cr_expect_leq(m.fb, types.types[i].profile, "%s", types.types[i].name);
		cr_expect_gt(m.heap, 0u);
	}
}

static char *written(int (*write)(const struct openvgpu_types *t, FILE *f,
				  struct openvgpu_error *e), size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	cr_assert(f);
	cr_assert_eq(write(&types, f, &err), 0, "%s", err.text);
	fclose(f);
	return text;
}

Test(source, csv_comes_back_byte_by_byte)
{
	char *file, *text;
	size_t file_len, len;

	cr_assert_eq(ovg_read_file(TYPES_CSV, &file, &file_len, &err), 0);
	text = written(openvgpu_types_write_csv, &len);
	cr_expect_eq(len, file_len);
	cr_expect_str_eq(text, file);
	free(file);
	free(text);
}

Test(source, xml_carries_everything)
{
	struct openvgpu_types back;
	size_t len, again_len;
	char *xml, *csv, *again;

	xml = written(openvgpu_types_write_xml, &len);
	cr_assert_eq(openvgpu_types_parse_xml(&back, xml, len, "x", &err), 0, "%s", err.text);
	csv = written(openvgpu_types_write_csv, &len);
	unload();
	types = back;
	again = written(openvgpu_types_write_csv, &again_len);
	cr_expect_eq(len, again_len);
	cr_expect_str_eq(csv, again);
	free(xml);
	free(csv);
	free(again);
}

Test(source, full_output_is_noticed)
{
	FILE *f = fopen("/dev/full", "w");

	cr_assert(f);
	cr_expect_eq(openvgpu_types_write_csv(&types, f, &err), -EIO);
	fclose(f);
	f = fopen("/dev/full", "w");
	cr_expect_eq(openvgpu_types_write_xml(&types, f, &err), -EIO);
	fclose(f);
}

Test(load, says_what_is_wrong_with_the_file)
{
	cr_expect_eq(openvgpu_types_load(&types, "/nonexistent.csv", &err), -ENOENT);
	cr_expect_str_eq(err.text, "/nonexistent.csv: No such file or directory");
	cr_expect_eq(openvgpu_types_load(&types, "/", &err), -EISDIR);
	cr_expect_eq(openvgpu_types_load(&types, "/dev/null", &err), -EINVAL);
	cr_expect_str_eq(err.text, "/dev/null: empty");
	cr_expect_eq(openvgpu_types_load(&types, "/dev/zero", &err), -EFBIG);
	/* nobody has to ask for the reason */
	cr_expect_eq(openvgpu_types_load(&types, "/nonexistent.csv", NULL), -ENOENT);
}

/*
 * Mistakes in CSV. Each case edits one cell of a good file.
 */

static const char good_row[] =
	"A40,Ampere,2235,any,560,confirmed,NVIDIA A40-4Q,Q,0,,,4096,0xec000000,0x14000000,,12,8,4,"
	"7680,4320,58982400,60,1,1,1,Quadro,QVDWS,2235,10de:14da,49152,46068,sriov,32,4/1,seen";

/* Header and @rows rows that differ in number and name; one cell of the last is @cell. */
static char *csv_with(int rows, enum ovg_field f, const char *cell)
{
	char *text = NULL, *copy, *p;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	int r, c;

	for (c = 0; c < OVG_N_FIELDS; c++)
		fprintf(out, "%s%c", ovg_field_name[c], c + 1 < OVG_N_FIELDS ? ',' : '\n');
	for (r = 0; r < rows; r++) {
		bool last = r + 1 == rows;

		copy = strdup(good_row);
		p = copy;
		for (c = 0; c < OVG_N_FIELDS; c++) {
			char *value = strsep(&p, ",");

			if (last && c == (int)f)
				fputs(cell, out);
			else if (!last && c == OVG_F_TYPE_ID)
				fprintf(out, "%d", 1000 + r);
			else if (!last && c == OVG_F_NAME)
				fprintf(out, "NVIDIA X-%dQ", r);
			else
				fputs(value, out);
			fputc(c + 1 < OVG_N_FIELDS ? ',' : '\n', out);
		}
		free(copy);
	}
	fclose(out);
	return text;
}

static int parse_csv(const char *text)
{
	int ret = openvgpu_types_parse_csv(&types, text, strlen(text), "t.csv", &err);

	if (ret)
		cr_expect(!types.types && !types.boards, "nothing may be left after an error");
	openvgpu_types_free(&types);
	return ret;
}

Test(csv, the_good_row_is_good)
{
	char *text = csv_with(3, OVG_F_SOURCE, "seen");

	cr_expect_eq(parse_csv(text), 0, "%s", err.text);
	free(text);
}

static const struct {
	enum ovg_field field;
	const char *cell;
	const char *why;
} bad_cells[] = {
	{ OVG_F_GPU, "", "must not be empty" },
	{ OVG_F_GPU, "012345678901234567890123456789012", "too long" },
	{ OVG_F_ARCH, "Pascal", "not one of the known words" },
	{ OVG_F_PF_DEVICE, "xyz", "not a hexadecimal number" },
	{ OVG_F_PF_DEVICE, "ffff", "too large" },
	{ OVG_F_PF_DEVICE, "0", "too small" },
	{ OVG_F_PF_DEVICE, "10000", "too large" },
	{ OVG_F_PF_DEVICE, "2236", "differ from those of an earlier row" },
	{ OVG_F_PF_SUBDEVICE, "1234", "differ from those of an earlier row" },
	{ OVG_F_TYPE_ID, "0", "too small" },
	{ OVG_F_TYPE_ID, "65536", "too large" },
	{ OVG_F_TYPE_ID, "-1", "not a number" },
	{ OVG_F_TYPE_ID, " 560", "not a number" },
	{ OVG_F_TYPE_ID, "560x", "not a number" },
	{ OVG_F_TYPE_ID, "99999999999999999999999", "too large" },
	{ OVG_F_TYPE_ID, "1000", "another type has this number" },
	{ OVG_F_ID_CONFIDENCE, "maybe", "not one of the known words" },
	{ OVG_F_NAME, "", "must not be empty" },
	{ OVG_F_NAME, "NVIDIA X-0Q", "another type has this name" },
	{ OVG_F_NAME, "NVIDIA \x1b[31mA40", "only printable ASCII" },
	{ OVG_F_NAME, "NVIDIA A40\x7f", "only printable ASCII" },
	{ OVG_F_NAME, "NVIDIA A40\xc2\xad", "only printable ASCII" },
	{ OVG_F_NAME, "0123456789012345678901234567890123456789012345678901234567890123",
	  "too long" },
	{ OVG_F_SERIES, "Z", "not one of the known words" },
	{ OVG_F_MIG, "2", "too large" },
	{ OVG_F_MIG, "", "not a number" },
	{ OVG_F_MIG, "1", "not a number" },
	{ OVG_F_GI_SLICES, "1", "slices without MIG" },
	{ OVG_F_ATTR, "ME", "without MIG" },
	{ OVG_F_PROFILE_MIB, "512", "too small" },
	{ OVG_F_PROFILE_MIB, "4097", "not a multiple of 1024" },
	{ OVG_F_PROFILE_MIB, "65536", "too large" },
	{ OVG_F_FB_BYTES, "0", "needs some framebuffer" },
	{ OVG_F_FB_BYTES, "0x100000001", "too large" },
	{ OVG_F_FB_BYTES, "0xg", "not a hexadecimal number" },
	{ OVG_F_FB_BYTES, "0x", "not a hexadecimal number" },
	{ OVG_F_FB_RESERVATION, "0xec000000", "more than the profile together" },
	{ OVG_F_GSP_HEAP, "ec000000", "not a number" },
	{ OVG_F_MAX_EQUAL_SIZE, "13", "that many do not fit the board" },
	{ OVG_F_MAX_EQUAL_SIZE, "0", "too small" },
	{ OVG_F_MAX_EQUAL_SIZE, "65", "too large" },
	{ OVG_F_MAX_MIXED_SIZE, "13", "more than max_equal_size" },
	{ OVG_F_HEADS, "9", "too large" },
	{ OVG_F_MAX_X, "1", "too small" },
	{ OVG_F_MAX_Y, "100000", "too large" },
	{ OVG_F_MAX_PIXELS, "4294967296", "too large" },
	{ OVG_F_FRL, "fast", "not a number" },
	{ OVG_F_CUDA, "yes", "not a number" },
	{ OVG_F_MULTI_VGPU, "3", "too large" },
	{ OVG_F_VGPU_CLASS, "", "must not be empty" },
	{ OVG_F_GUEST_DEVICE, "", "not a hexadecimal number" },
	{ OVG_F_GUEST_SUBSYSTEM, "14da", "not of the form" },
	{ OVG_F_GUEST_SUBSYSTEM, "10de:14dax", "not of the form" },
	{ OVG_F_GUEST_SUBSYSTEM, "10de: 4da", "not of the form" },
	{ OVG_F_BOARD_FB_NOMINAL_MIB, "99999999", "too large" },
	{ OVG_F_BOARD_FB_NOMINAL_MIB, "49153", "differ from those" },
};

Test(csv, every_bad_cell_is_named)
{
	char where[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_cells); i++) {
		char *text = csv_with(3, bad_cells[i].field, bad_cells[i].cell);

		cr_expect_eq(parse_csv(text), -EINVAL, "%s '%s'",
			     ovg_field_name[bad_cells[i].field], bad_cells[i].cell);
		cr_expect(strstr(err.text, bad_cells[i].why), "'%s' for '%s', not '%s'", err.text,
			  bad_cells[i].cell, bad_cells[i].why);
		cr_expect(!strncmp(err.text, "t.csv:4: ", 9), "%s", err.text);
		/* the cell at fault, or the board as a whole */
		snprintf(where, sizeof(where), "t.csv:4: %s ",
			 ovg_field_name[strstr(err.text, "differ") ? OVG_F_GPU :
					strstr(err.text, "not a number") &&
					bad_cells[i].field == OVG_F_MIG && *bad_cells[i].cell ?
					OVG_F_GI_SLICES : bad_cells[i].field]);
		cr_expect(!strncmp(err.text, where, strlen(where)), "%s", err.text);
		free(text);
	}
}

/* Derived framebuffer: fb empty, the others as large as the profile allows. */
Test(csv, nothing_left_for_the_guest)
{
	const char *text =
		"\nA40,Ampere,2235,any,560,confirmed,NVIDIA A40-4Q,Q,0,,,4096,,0xff000000,,12,8,4,"
		"7680,4320,58982400,60,1,1,1,Quadro,QVDWS,2235,10de:14da,49152,46068,sriov,32,4/1,s\n";
	char *head = csv_with(0, OVG_F_GPU, "");
	char *all;

	head[strlen(head) - 1] = '\0';
	cr_assert_geq(asprintf(&all, "%s%s", head, text), 0);
	cr_expect_eq(parse_csv(all), -EINVAL);
	cr_expect(strstr(err.text, "leave the guest no framebuffer"), "%s", err.text);
	free(head);
	free(all);
}

static void expect_csv(const char *text, const char *want)
{
	cr_expect_eq(parse_csv(text), -EINVAL, "%s", want);
	cr_expect_str_eq(err.text, want);
}

Test(csv, structure)
{
	char *good = csv_with(1, OVG_F_SOURCE, "seen");
	char *text;

	expect_csv("", "t.csv: empty");
	expect_csv("gpu,arch\n", "t.csv:1: column 'pf_device' is missing");
	expect_csv("gpu,gpu\n", "t.csv:1: column 'gpu' is there twice");
	expect_csv("gpu,speed\n", "t.csv:1: unknown column 'speed'");
	expect_csv("\n", "t.csv:1: unknown column ''");

	text = csv_with(0, OVG_F_GPU, "");
	expect_csv(text, "t.csv: a header but no types");
	free(text);

	cr_assert_geq(asprintf(&text, "%sA40,Ampere\n", good), 0);
	expect_csv(text, "t.csv:3: 2 columns where the header has 35");
	free(text);
	cr_assert_geq(asprintf(&text, "%s\n", good), 0);
	expect_csv(text, "t.csv:3: 1 columns where the header has 35");
	free(text);
	cr_assert_geq(asprintf(&text, "%sA40,\"Amp\nere,\n", good), 0);
	expect_csv(text, "t.csv:3: quote is never closed");
	free(text);
	cr_assert_geq(asprintf(&text, "%s\"A40\"x,\n", good), 0);
	expect_csv(text, "t.csv:3: text behind a closing quote");
	free(text);
	cr_assert_geq(asprintf(&text, "%sA\"40,\n", good), 0);
	expect_csv(text, "t.csv:3: quote inside an unquoted cell");
	free(text);
	free(good);

	cr_expect_eq(openvgpu_types_parse_csv(&types, "a\0b", 3, "t.csv", &err), -EINVAL);
	cr_expect_str_eq(err.text, "t.csv: not a text file");
}

/* The same content with CR LF, quotes everywhere, and no end of the last line. */
Test(csv, other_ways_to_write_it)
{
	char *good = csv_with(2, OVG_F_SOURCE, "seen"), *p;
	char *text = NULL;
	size_t len;
	FILE *f;

	good[strlen(good) - 1] = '\0';
	cr_expect_eq(parse_csv(good), 0, "%s", err.text);

	f = open_memstream(&text, &len);
	fputc('"', f);
	for (p = good; *p; p++) {
		if (*p == ',')
			fputs("\",\"", f);
		else if (*p == '\n')
			fputs("\"\r\n\"", f);
		else
			fputc(*p, f);
	}
	fputs("\"\r\n", f);
	fclose(f);
	cr_expect_eq(parse_csv(text), 0, "%s", err.text);
	free(text);
	free(good);
}

Test(csv, quotes_in_cells)
{
	char *text = csv_with(1, OVG_F_SOURCE, "\"a \"\"b\"\", c\"");
	char *back = NULL;
	size_t len;
	FILE *f = open_memstream(&back, &len);

	cr_assert_eq(openvgpu_types_parse_csv(&types, text, strlen(text), "t.csv", &err), 0, "%s",
		     err.text);
	cr_expect_str_eq(types.types[0].source, "a \"b\", c");
	cr_expect_eq(openvgpu_types_write_csv(&types, f, &err), 0);
	fclose(f);
	cr_expect(strstr(back, ",\"a \"\"b\"\", c\"\n"), "%s", back);
	openvgpu_types_free(&types);
	free(text);
	free(back);
}

/* Cut anywhere: an error or, at a line's end, fewer types; never a crash. */
Test(csv, cut_anywhere)
{
	char *good = csv_with(3, OVG_F_SOURCE, "seen");
	size_t len = strlen(good), i, fine = 0;

	for (i = 0; i < len; i++) {
		/* a copy of its own, so that a byte too far is seen */
		char *cut = malloc(i + 1);

		memcpy(cut, good, i);
		cut[i] = '\0';
		fine += !openvgpu_types_parse_csv(&types, cut, i, "t.csv", &err);
		openvgpu_types_free(&types);
		free(cut);
	}
	/* after rows one and two, each with and without its line end, and inside the last cells */
	cr_expect_geq(fine, 4u);
	cr_expect_leq(fine, 20u);
	free(good);
}

static const char good_xml[] =
	"<?xml version='1.0'?>\n"
	"<catalogue>\n"
	"  <!-- a comment -->\n"
	"  <board name='A40' arch='Ampere' device='2235' subdevice='any' framebuffer='49152' mode='sriov'>\n"
	"    <type id='560' confidence='confirmed' name='NVIDIA A40-4Q' series='Q'>\n"
	"      <memory profile='4096' fb='0xec000000'/>\n"
	"      <instances equal='12'/>\n"
	"      <display heads='4' width='7680' height='4320' pixels='58982400' frl='60'/>\n"
	"      <features cuda='1' ecc='1'/>\n"
	"      <class name='Quadro'/>\n"
	"      <guest device='2235' subsystem='10de:14da'/>\n"
	"    </type>\n"
	"  </board>\n"
	"</catalogue>\n";

static int parse_xml(const char *text)
{
	int ret = openvgpu_types_parse_xml(&types, text, strlen(text), "t.xml", &err);

	if (ret)
		cr_expect(!types.types && !types.boards, "nothing may be left after an error");
	openvgpu_types_free(&types);
	return ret;
}

Test(xml, the_good_one_is_good)
{
	cr_expect_eq(parse_xml(good_xml), 0, "%s", err.text);
}

/* The first @from becomes @to. */
static char *edited(const char *from, const char *to)
{
	const char *at = strstr(good_xml, from);
	char *text;

	cr_assert(at, "%s", from);
	cr_assert_geq(asprintf(&text, "%.*s%s%s", (int)(at - good_xml), good_xml, to,
			       at + strlen(from)), 0);
	return text;
}

static const struct {
	const char *from;
	const char *to;
	const char *want;
} bad_xml[] = {
	{ "<catalogue>", "<catalog>", "t.xml:14: " },
	{ "<catalogue>", "<catalogue version='2'>",
	  "t.xml:2: <catalogue> has no attribute 'version'" },
	{ " arch='Ampere'", "", "t.xml:4: <board> lacks the attribute 'arch'" },
	{ " arch='Ampere'", " arch='Amp'", "t.xml:5: arch 'Amp': not one of the known words" },
	{ " mode='sriov'", " mode='sriov' colour='red'",
	  "t.xml:4: <board> has no attribute 'colour'" },
	{ "id='560'", "id='560x'", "t.xml:5: type_id '560x': not a number" },
	{ "<instances equal='12'/>", "", "t.xml:5: <type> lacks <instances>" },
	{ "<instances equal='12'/>", "<instances equal='12'/><instances equal='12'/>",
	  "t.xml:7: <instances> is there twice" },
	{ "<instances equal='12'/>", "<instances/>", "t.xml:7: <instances> lacks the attribute 'equal'" },
	{ "<instances equal='12'/>", "<instances equal='12' extra='1'/>",
	  "t.xml:7: <instances> has no attribute 'extra'" },
	{ "<instances equal='12'/>", "<speed/>", "t.xml:7: <speed> is not expected in <type>" },
	{ "<instances equal='12'/>", "<instances equal='12'><x/></instances>",
	  "t.xml:7: <x> is not expected in <instances>" },
	{ "<instances equal='12'/>", "twelve", "t.xml:5: text is not expected in <type>" },
	{ "    <type id", "    <model/><type id", "t.xml:5: <model> where <type> is expected" },
	{ "  <board name", "  <gpu/><board name", "t.xml:4: <gpu> where <board> is expected" },
	{ "<?xml version='1.0'?>", "<!DOCTYPE catalogue [<!ENTITY a 'b'>]>",
	  "t.xml: a document type is not allowed" },
	{ "<features cuda='1' ecc='1'/>", "<features cuda='1' ecc='1'/><mig/>",
	  "t.xml:9: <mig> lacks the attribute 'slices'" },
	{ "<features cuda='1' ecc='1'/>", "<features cuda='1' ecc='1'/><mig slices='9'/>",
	  "t.xml:5: gi_slices '9': too large" },
	{ "<class name='Quadro'/>", "<class name='Quadro>", "t.xml:1" },
};

Test(xml, every_mistake_is_named)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad_xml); i++) {
		char *text = edited(bad_xml[i].from, bad_xml[i].to);

		cr_expect_eq(parse_xml(text), -EINVAL, "%s", bad_xml[i].want);
		cr_expect(!strncmp(err.text, bad_xml[i].want, strlen(bad_xml[i].want)),
			  "'%s', not '%s'", err.text, bad_xml[i].want);
		free(text);
	}
	cr_expect_eq(parse_xml("<catalogue/>"), -EINVAL);
	cr_expect_str_eq(err.text, "t.xml: no types");
	cr_expect_eq(parse_xml(""), -EINVAL);
}

/* The same in XML, with what XML has to escape. */
Test(xml, markup_in_attributes)
{
	char *text = edited("series='Q'", "series='Q' source='&lt;a &amp; \"b\">'");
	char *back = NULL;
	size_t len;
	FILE *f = open_memstream(&back, &len);

	cr_assert_eq(openvgpu_types_parse_xml(&types, text, strlen(text), "t.xml", &err), 0, "%s",
		     err.text);
	cr_expect_str_eq(types.types[0].source, "<a & \"b\">");
	cr_expect_eq(openvgpu_types_write_xml(&types, f, &err), 0);
	fclose(f);
	openvgpu_types_free(&types);
	cr_assert_eq(openvgpu_types_parse_xml(&types, back, len, "t.xml", &err), 0, "%s", err.text);
	cr_expect_str_eq(types.types[0].source, "<a & \"b\">");
	openvgpu_types_free(&types);
	free(text);
	free(back);
}

Test(xml, mig)
{
	char *text = edited("<features cuda", "<mig slices='2' attribute='ME'/><features cuda");

	cr_assert_eq(openvgpu_types_parse_xml(&types, text, strlen(text), "t.xml", &err), 0, "%s",
		     err.text);
	cr_expect(types.types[0].mig);
	cr_expect_eq(types.types[0].gi_slices, 2u);
	cr_expect_str_eq(types.types[0].gi_attr, "ME");
	openvgpu_types_free(&types);
	free(text);
}

Test(xml, cut_anywhere)
{
	size_t i;

	for (i = 0; i < strlen(good_xml) - 1; i++) {
		char *cut = strndup(good_xml, i);

		cr_expect_neq(parse_xml(cut), 0, "cut at %zu", i);
		free(cut);
	}
}
