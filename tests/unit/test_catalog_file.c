// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The catalogue from end to end: what vgpuctl writes is what the driver reads.
 * Writer and reader share nothing but docs/catalogue.md.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/lib/openvgpu.h"
#include "driver/gsp/abi.h"
#include "driver/gsp/catalog.h"
#include "driver/gsp/le.h"

static struct openvgpu_types types;
static struct openvgpu_error err;
static struct openvgpu_catalog file;
static struct ovg_catalog cat;
static char why[160];

enum { R535, R570, R595 };

static const struct {
	const char *build;
	const struct gsp_abi *abi;
	size_t max_types;
} branches[] = {
	{ "535.113.01", &gsp_abi_r535, 64 },
	{ "570.144", &gsp_abi_r570, 64 },
	{ "595.45.04", &gsp_abi_r595, 128 },
};

static void load(void)
{
	cr_assert_eq(openvgpu_types_load(&types, SOURCE_ROOT "/schemas/catalogue/types.csv", &err),
		     0, "%s", err.text);
}

static void unload(void)
{
	openvgpu_catalog_free(&file);
	openvgpu_types_free(&types);
}

TestSuite(catalogue, .init = load, .fini = unload, .timeout = 60);

static void build(const char *which, const char *const *boards)
{
	openvgpu_catalog_free(&file);
	cr_assert_eq(openvgpu_catalog_build(&types, which, boards, &file, &err), 0, "%s", err.text);
}

static int read_as(unsigned int branch, const uint8_t *data, size_t size, u32 device)
{
	strcpy(why, "untouched");
	return ovg_catalog_parse(data, size, branches[branch].abi, branches[branch].build, device,
				 &cat, why, sizeof(why));
}

/* What a GPU instance has of the framebuffer, by the names that NVIDIA gives them. */
static u32 eighths(const struct openvgpu_type *u)
{
	static const struct { const char *start; u32 eighths; } names[] = {
		{ "GRID A100-1-10", 2 }, { "GRID A100X-1-10", 2 }, { "GRID A100D-1-20", 2 },
		{ "GRID A100DX-1-20", 2 }, { "NVIDIA H100-1-20", 2 }, { "NVIDIA H100L-1-24", 2 },
		{ "NVIDIA H100XM-1-20", 2 }, { "NVIDIA H100XL-1-24", 2 }, { "NVIDIA H200-1-35", 2 },
		{ "NVIDIA H200X-1-35", 2 }, { "NVIDIA A30-1-", 2 }, { "NVIDIA A30-2-", 4 },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-1-", 2 },
		{ "NVIDIA RTX Pro 6000 Blackwell DC-2-", 4 },
	};
	static const u32 slices[] = { 0, 1, 2, 4, 4, 0, 0, 8 };

	if (!u->mig)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strncmp(u->name, names[i].start, strlen(names[i].start)))
			return names[i].eighths;
	if (strstr(u->name, "A30-4-") || strstr(u->name, "DC-4-"))
		return 8;
	return slices[u->gi_slices];
}

static void same_type(const struct ovg_type *k, const struct openvgpu_type *u)
{
	struct openvgpu_memory m;

	openvgpu_type_memory(&types, u, &m);
	cr_expect_eq(k->id, u->id);
	cr_expect_str_eq(k->name, u->name);
	cr_expect_eq(k->heads, u->heads, "%s", u->name);
	cr_expect_eq(k->max_x, u->max_x);
	cr_expect_eq(k->max_y, u->max_y);
	cr_expect_eq(k->frl, u->frl);
	cr_expect_eq(k->max_instance, u->max_equal);
	cr_expect_eq(k->gi.slices, u->mig ? u->gi_slices : 0, "%s", u->name);
	cr_expect_eq(k->gi.memory, eighths(u), "%s: %u", u->name, k->gi.memory);
	cr_expect_eq(!!(k->gi.attr & OVG_GI_MEDIA), u->mig && !strcmp(u->gi_attr, "ME"), "%s",
		     u->name);
	cr_expect_eq(k->max_per_gi != 0, u->mig, "%s", u->name);
	cr_expect_eq(k->ecc, u->ecc);
	cr_expect_eq(k->profile_bytes, u->profile);
	cr_expect_eq(k->fb_bytes, m.fb, "%s", u->name);
	cr_expect_eq(k->fb_reservation, m.reservation);
	cr_expect_eq(k->heap_bytes, m.heap);
	cr_expect_eq(k->bar1_mib, 256u);
	cr_expect_eq(k->guest_device, u->guest_device);
	cr_expect_eq(k->guest_subsystem, u->guest_subsystem);
}

/* Every type of every device id, in order, and nothing else. */
static size_t compare_device(unsigned int branch, u16 device)
{
	size_t i, n = 0;

	cr_assert_eq(read_as(branch, file.data, file.size, device), 0, "%04x: %s", device, why);
	for (i = 0; i < types.n_types; i++) {
		const struct openvgpu_type *t = &types.types[i];

		if (types.boards[t->board].device != device)
			continue;
		cr_assert_lt(n, cat.count);
		cr_expect_eq(cat.types[n].record, n);
		same_type(&cat.types[n++], t);
	}
	cr_expect_eq(n, cat.count);
	return n;
}

static bool known(size_t branch, u16 device)
{
	switch (device) {
	case 0x2bb5:	/* RTX PRO 6000 */
		return branch == R595;
	case 0x2330:	/* H100 SXM5, H200 */
	case 0x2339:
	case 0x2335:
	case 0x233b:
		return branch != R535;
	default:
		return true;
	}
}

/* A file of its own for each device id: reading one with all of them 20 times takes long. */
Test(catalogue, all_boards_on_all_branches)
{
	size_t b, i, j, n, read[ARRAY_SIZE(branches)] = { 0 };

	for (b = 0; b < ARRAY_SIZE(branches); b++)
		for (i = 0; i < types.n_boards; i++) {
			const char *boards[4] = { NULL };
			u16 device = types.boards[i].device;

			for (j = n = 0; j < types.n_boards; j++)
				if (types.boards[j].device == device)
					boards[n++] = types.boards[j].name;
			/* once a device id, and only if the branch knows it */
			if (strcmp(boards[0], types.boards[i].name) || !known(b, device))
				continue;
			build(branches[b].build, boards);
			read[b] += compare_device((unsigned int)b, device);
		}
	cr_expect_eq(read[R535], 310u);
	cr_expect_eq(read[R570], 371u);
	cr_expect_eq(read[R595], types.n_types);
}

Test(catalogue, boards_of_the_branches)
{
	build("535.113.01", NULL);
	cr_expect_eq(file.n_types, 310u);
	cr_expect_eq(file.n_blobs, 15u);
	cr_assert_eq(file.n_left_out, 5u);
	cr_expect_eq(read_as(R535, file.data, file.size, 0x2bb5), -ENOENT);
	cr_expect_eq(read_as(R535, file.data, file.size, 0x2335), -ENOENT);
	cr_expect_eq(read_as(R535, file.data, file.size, 0x26b9), 0, "%s", why);
	cr_expect_eq(cat.count, 30u);
	cr_expect_eq(cat.major, 16u);
	cr_expect_eq(cat.minor, 1u);
	cr_expect_eq(cat.payload_size, 316936u);

	build("570.144", NULL);
	cr_expect_eq(file.n_types, 371u);
	cr_expect_eq(file.n_blobs, 19u);
	cr_assert_eq(file.n_left_out, 1u);
	cr_expect_str_eq(file.left_out[0].board->name, "RTXPRO6000-BSE");
	cr_expect_eq(read_as(R570, file.data, file.size, 0x2bb5), -ENOENT);
	/* A16 and A2 */
	cr_expect_eq(read_as(R570, file.data, file.size, 0x25b6), 0, "%s", why);
	cr_expect_eq(cat.count, 32u);
	cr_expect_eq(cat.major, 18u);
	cr_expect_eq(cat.minor, 1u);

	build("595.45.04", NULL);
	cr_expect_eq(file.n_types, 443u);
	cr_expect_eq(file.n_blobs, 20u);
	cr_expect_eq(file.n_left_out, 0u);
	cr_expect_eq(read_as(R595, file.data, file.size, 0x2bb5), 0, "%s", why);
	cr_expect_eq(cat.count, 72u);
	cr_expect_str_eq(cat.types[0].name, "NVIDIA RTX Pro 6000 Blackwell DC-1-2Q");
	cr_expect(cat.types[0].gi.slices);
	cr_expect_eq(read_as(R595, file.data, file.size, 0x2235), 0, "%s", why);
	cr_expect_eq(cat.count, 30u);
}

Test(catalogue, chosen_boards)
{
	const char *one[] = { "L40S", NULL }, *two[] = { "A2", "A40", NULL };
	const char *big[] = { "A40", "RTXPRO6000-BSE", NULL }, *unknown[] = { "A41", NULL };
	const char *hopper[] = { "L40S", "H200-NVL", NULL };
	const char *none[] = { NULL };

	build("570.144", one);
	cr_expect_eq(file.n_types, 30u);
	cr_expect_eq(file.size, 232 + 72 + 30 * 96 + 334344u);
	cr_expect_eq(read_as(R570, file.data, file.size, 0x2235), -ENOENT);
	build("570.144", two);
	cr_expect_eq(file.n_types, 46u);
	cr_expect_eq(read_as(R570, file.data, file.size, 0x25b6), 0);
	cr_expect_eq(cat.count, 16u);
	openvgpu_catalog_free(&file);

	cr_expect_eq(openvgpu_catalog_build(&types, "570.144", big, &file, &err), -ENOENT);
	cr_expect_str_eq(err.text, "RTXPRO6000-BSE: firmware 570.144 does not know this board");
	cr_expect_eq(openvgpu_catalog_build(&types, "535.113.01", hopper, &file, &err), -ENOENT);
	cr_expect_str_eq(err.text, "H200-NVL: firmware 535.113.01 does not know this board");
	cr_expect_eq(openvgpu_catalog_build(&types, "570.144", unknown, &file, &err), -ENOENT);
	cr_expect_str_eq(err.text, "no board 'A41' in the source");
	cr_expect_eq(openvgpu_catalog_build(&types, "570.144", none, &file, &err), -ENOENT);
	cr_expect_eq(openvgpu_catalog_build(&types, "550.54.14", NULL, &file, &err), -ENOENT);
	cr_expect_str_eq(err.text, "firmware build '550.54.14' is not known");
	cr_expect_null(file.data);
}

/* One more type than a branch has records for. */
Test(catalogue, too_many_types)
{
	const char *one[] = { "L40S", NULL };
	size_t i, board = 0, n = 0;

	while (strcmp(types.boards[board].name, "L40S"))
		board++;
	for (i = 0; i < types.n_types && n < 65; i++)
		if (strlen(types.types[i].name) < 32) {
			types.types[i].board = board;
			n++;
		}
	for (; i < types.n_types; i++)
		if (types.types[i].board == board)
			types.types[i].board = board + 1;
	cr_assert_eq(n, 65u);
	cr_expect_eq(openvgpu_catalog_build(&types, "570.144", one, &file, &err), -E2BIG);
	cr_expect_str_eq(err.text, "L40S: 65 types where 570.144 has room for 64");
	build("595.45.04", one);
	cr_expect_eq(file.n_types, 65u);
}

/* 31 characters and a NUL fill the name of a 570 record. */
Test(catalogue, longest_name)
{
	const char *one[] = { "A40", NULL };
	struct openvgpu_type *t = NULL;
	size_t i;

	for (i = 0; i < types.n_types && !t; i++)
		if (types.types[i].id == 560)
			t = &types.types[i];
	cr_assert(t);
	strcpy(t->name, "NVIDIA A40 with a long name-04Q");
	cr_assert_eq(strlen(t->name), 31u);
	build("570.144", one);
	cr_expect_eq(compare_device(R570, 0x2235), 30u);
	strcat(t->name, "x");
	openvgpu_catalog_free(&file);
	cr_expect_eq(openvgpu_catalog_build(&types, "570.144", one, &file, &err), -E2BIG);
	cr_expect_str_eq(err.text, "A40: name of type 560 has more than 31 characters");
	build("595.45.04", one);
	cr_expect_eq(compare_device(R595, 0x2235), 30u);
}

Test(catalogue, other_build_is_refused)
{
	build("570.144", NULL);
	cr_expect_eq(read_as(R595, file.data, file.size, 0x2235), -EINVAL);
	cr_expect_str_eq(why, "made for firmware 570.144, this GPU runs 595.45.04");
}

/*
 * A small file: one board, and only as much of the payload as decides. The
 * copy has exactly the size in question, so that a byte too far is seen.
 */
static int read_cut(size_t size, bool fix)
{
	uint8_t *cut = malloc(size ? size : 1);
	int ret;

	cr_assert(cut);
	memcpy(cut, file.data, size);
	if (fix && size >= 16)
		le_put32(cut, 8, ovg_catalog_crc(cut, size));
	ret = read_as(R570, cut, size, 0x2235);
	free(cut);
	return ret;
}

Test(catalogue, cut_at_every_length)
{
	const char *one[] = { "A40", NULL };
	size_t step, size;

	build("570.144", one);
	/* all lengths up to the first records, then in steps that hit all residues */
	for (size = 0; size < file.size; size += step) {
		step = size < 9000 ? 1 : 4099;
		cr_expect_neq(read_cut(size, false), 0, "cut to %zu", size);
		cr_expect_eq(cat.count, 0u);
		cr_expect_eq(read_cut(size, true), -EINVAL, "cut to %zu, crc repaired", size);
		cr_expect_neq(strcmp(why, "untouched"), 0);
	}
	cr_expect_neq(read_cut(file.size - 1, false), 0);
	cr_expect_eq(read_cut(file.size - 1, true), -EINVAL);
	cr_expect_eq(read_cut(file.size, false), 0, "%s", why);
}

Test(catalogue, flipped_bits)
{
	const char *one[] = { "A40", NULL };
	size_t bit, step;

	build("570.144", one);
	for (bit = 0; bit < file.size * 8; bit += step) {
		/* every third bit of the headers, then steps that hit all places in a byte */
		step = bit < (232 + 72) * 8 ? 3 : 13001;
		file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_expect_neq(read_as(R570, file.data, file.size, 0x2235), 0, "bit %zu", bit);
		cr_expect_eq(cat.count, 0u);
		file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	cr_expect_eq(read_as(R570, file.data, file.size, 0x2235), 0, "%s", why);
}

Test(catalogue, wrong_crc)
{
	build("570.144", NULL);
	file.data[8] ^= 1;
	cr_expect_eq(read_as(R570, file.data, file.size, 0x2235), -EBADMSG);
	cr_expect(!strncmp(why, "crc is ", 7), "%s", why);
}

static char dir[] = "/tmp/openvgpu-test-XXXXXX";

static char *in_dir(const char *name)
{
	char *path;

	cr_assert_geq(asprintf(&path, "%s/%s", dir, name), 0);
	return path;
}

Test(catalogue, written_in_one_step)
{
	const char *one[] = { "A40", NULL };
	char *path, *nowhere;
	struct stat st;
	uint8_t *back;
	int fd;

	cr_assert(mkdtemp(dir));
	path = in_dir("vgpu-570.144.bin");
	nowhere = in_dir("none/vgpu.bin");
	build("570.144", one);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	cr_assert_geq(fd, 0);
	close(fd);

	cr_assert_eq(openvgpu_catalog_write(&file, path, &err), 0, "%s", err.text);
	cr_assert_eq(stat(path, &st), 0);
	cr_expect_eq((size_t)st.st_size, file.size);
	cr_expect_eq(st.st_mode & 0777, 0644);
	back = malloc(file.size);
	fd = open(path, O_RDONLY);
	cr_assert_eq(read(fd, back, file.size), (ssize_t)file.size);
	close(fd);
	cr_expect_eq(memcmp(back, file.data, file.size), 0);
	free(back);

	cr_expect_eq(openvgpu_catalog_write(&file, nowhere, &err), -ENOENT);
	cr_expect(strstr(err.text, "No such file"), "%s", err.text);
	/* a directory cannot be replaced: the file that was to replace it goes */
	cr_expect_lt(openvgpu_catalog_write(&file, dir, &err), 0);
	cr_expect_eq(unlink(path), 0);
	cr_expect_eq(rmdir(dir), 0, "something was left behind");
	free(path);
	free(nowhere);
}
