// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * attach() and detach() as a whole, against a GSP that checks what it is given:
 * boot inputs, system information from the PCI core, BAR1, types, events, dump.
 * Virtual time: kshim.h.
 */
#include <linux/firmware.h>

static struct pci_dev pf;
struct pci_dev *shim_irq_dev = &pf;

#include "fake_rm.h"
#include "driver/gsp/catalog.h"

int shim_files;

static struct pci_bus bus = { .domain = 3 };
static struct ovg_timeouts to = { 100, 1000, 800, 300, 100, 900 };
static struct ovg_provider *p;
static char why[OVG_WHY_MAX];
static struct { u32 fw_died, events, gfid, what, usage, usage_len; char why[OVG_WHY_MAX]; } told;
static struct { u8 *data; size_t size; int err; u32 asked; char name[80]; } file;

/* ---- what is behind the provider, and in front of it -------------------- */

int gsp_vgpu_open(struct ovg_provider *pr, const struct ovg_instance_params *par,
		  struct ovg_instance **out, char *cause) { return -EIO; }
int gsp_vgpu_close(struct ovg_provider *pr, struct ovg_instance *i, char *cause) { return 0; }
int gsp_vgpu_reset(struct ovg_provider *pr, struct ovg_instance *i, char *cause) { return 0; }
size_t gsp_log_size(struct ovg_provider *pr, enum ovg_log which) { return 0; }
ssize_t gsp_vgpu_log(struct ovg_provider *pr, struct ovg_instance *i, enum ovg_log which,
		     void *buf, size_t size) { return 0; }
void gsp_vgpu_firmware_died(struct ovg_provider *pr) { }
void gsp_vgpu_drop_all(struct ovg_provider *pr) { }

void gsp_vgpu_event(struct ovg_provider *pr, u32 gfid, u32 what)
{
	told.events++;
	told.gfid = gfid;
	told.what = what;
}

void gsp_usage_event(struct ovg_provider *pr, const u8 *payload, u32 len)
{
	told.usage++;
	told.usage_len = len;
}

static void firmware_died(void *ctx, const char *cause)
{
	cr_expect_eq(ctx, &told);
	told.fw_died++;
	strcpy(told.why, cause);
}

static const struct ovg_provider_events ev = { .firmware_died = firmware_died };

int shim_firmware(const char *name, struct firmware *fw)
{
	file.asked++;
	strcpy(file.name, name);
	fw->data = file.data;
	fw->size = file.size;
	return file.err;
}

/* A catalogue of two types, docs/catalogue.md. */
static void make_file(void)
{
	const struct branch *b = gsp.br;
	const struct gsp_record_layout *l = &b->abi->rec;
	u32 n = 2, blob = 72 + n * 96 + b->add_type;
	u8 *ks, *rec;

	file.size = 232 + blob;
	file.data = calloc(1, file.size);
	memcpy(file.data, "NVVGPUMT", 8);
	strcpy((char *)file.data + 160, b->build);
	le_put64(file.data, 224, 1);
	le_put64(file.data, 232 + 8, blob);
	le_put64(file.data, 232 + 16, 0x2235);
	le_put64(file.data, 232 + 24, 8);
	le_put64(file.data, 232 + 32, b->record);
	le_put64(file.data, 232 + 40, 96);
	le_put64(file.data, 232 + 48, n);
	le_put64(file.data, 232 + 56, ADD_TYPE);
	le_put64(file.data, 232 + 64, b->add_type);
	le_put32(file.data, 232 + 72 + n * 96 + 4, n);
	for (u32 i = 0; i < n; i++) {
		ks = file.data + 232 + 72 + i * 96;
		rec = file.data + 232 + 72 + n * 96 + 8 + i * b->record;
		le_put32(ks, 0, 557 + i);
		snprintf((char *)ks + 4, 32, "NVIDIA A40-%uQ", i + 1);
		le_put64(ks, 40, 0x223514d5);
		le_put64(ks, 48, 0x2235);
		le_put64(ks, 56, 1 << 30);
		le_put64(ks, 64, 32 << 20);
		le_put64(ks, 72, 256);
		le_put32(ks, 80, 32);
		le_put32(rec, l->type, 557 + i);
		strcpy((char *)rec + l->name, (char *)ks + 4);
		le_put32(rec, l->max_instance, 32);
		le_put64(rec, l->vdev_id, 0x223514d5);
		le_put64(rec, l->pdev_id, 0x2235);
		le_put64(rec, l->profile_size, 1 << 30);
		le_put64(rec, l->fb_length, 1 << 30);
		le_put64(rec, l->heap_size, 32 << 20);
		le_put64(rec, l->bar1_mib, 256);
		memset(rec + l->name + 2 * l->name_len, 0xab, 128);	/* the signature */
	}
	le_put32(file.data, 8, ovg_catalog_crc(file.data, file.size));
}

static void bar(int i, u64 start, u64 len, bool is64)
{
	pf.resource[i] = (struct resource) {
		.start = start, .len = len,
		.flags = IORESOURCE_MEM | (is64 ? IORESOURCE_MEM_64 : 0),
	};
}

/* An A40; @wide: registers in a 64-bit BAR, so that every BAR is two indices on. */
static void board(u32 branch, bool wide)
{
	int one = wide ? 2 : 1, three = wide ? 4 : 3;

	for (size_t i = 0; i < ARRAY_SIZE(branches); i++)
		if (branches[i].number == branch)
			gsp.br = &branches[i];
	pf = (struct pci_dev) {
		.bus = &bus, .id = 0x4108, .devfn = 0x08, .vendor = 0x10de, .device = 0x2235,
		.subsystem_vendor = 0x10de, .subsystem_device = 0x145a, .revision = 0xa1,
		.total_vfs = 32, .vf_offset = 4, .bar0 = bar0,
	};
	bar(0, 0xe0000000, 16 << 20, wide);
	bar(one, 0x8000000000, 64ull << 30, true);
	bar(three, 0x9000000000, 32 << 20, true);
	bar(7, 0xe8000000, 32 * 256 << 10, wide);
	bar(7 + one, 0xa000000000, 128ull << 30, true);
	bar(7 + three, 0xb000000000, 1 << 30, true);
	/* hand-over */
	pf.cfg[0x104 / 4] = 0x4756 | 1 << 16 | 0x30 << 20;
	pf.cfg[0x108 / 4] = 0x4f564748;
	pf.cfg[0x10c / 4] = 3;
	strcpy((char *)&pf.cfg[0x110 / 4], gsp.br->build);
	set_reg(0, 0xb72000a1);
	set_reg(0x110100, 0x10);
	make_file();
}

static int attach(void)
{
	strcpy(why, "untouched");
	return ovg_gsp_provider.attach(&pf, &ev, &told, &to, &(const struct ovg_scheduler){ 0 }, &p,
				       why);
}

/* Nothing is held, and GSP can be started again. */
static void expect_clean(void)
{
	cr_expect_not(pf.enabled);
	cr_expect_eq(pf.regions, 0u);
	cr_expect_not(pf.mapped);
	cr_expect_not(pf.vectors);
	cr_expect_eq(pf.irq.thread, NULL);
	cr_expect_not(pf.master);
	cr_expect_eq(shim_files, 0);
	cr_expect_eq(count_objects(), 0u);
	cr_expect_eq(reg(0x110100), 0x10u);
}

static void expect_refused(int err, const char *cause)
{
	cr_expect_eq(attach(), err);
	cr_expect_str_eq(why, cause);
	expect_clean();
}

static void setup(void) { board(570, false); }
static void teardown(void) { free(file.data); }

TestSuite(gsp_attach, .init = setup, .fini = teardown);

/* ---- boot inputs -------------------------------------------------------- */

static void whole(u32 branch, bool wide)
{
	const u8 *si = fake.sysinfo, *vf;
	const struct ovg_gpu_info *info;
	const struct ovg_type *types;
	u32 n;

	free(file.data);
	board(branch, wide);
	vf = si + gsp.br->si.vf;
	cr_assert_eq(attach(), 0, "%s", why);
	cr_expect_eq(gsp.registry, 1u);

	cr_expect_eq(le_get64(si, 0), 0xe0000000u);
	cr_expect_eq(le_get64(si, 8), 0x8000000000u);
	cr_expect_eq(le_get64(si, 16), 0x9000000000u);
	cr_expect_eq(le_get64(si, gsp.br->si.bdf), 3ull << 32 | 0x4101);
	cr_expect_eq(le_get64(si, gsp.br->si.user_va), 0x7ffffffff000u);
	cr_expect_eq(le_get32(si, gsp.br->si.mirror), 0x88000u);
	cr_expect_eq(le_get32(si, gsp.br->si.mirror + 4), 0x1000u);
	if (gsp.br->si.ids) {
		cr_expect_eq(le_get32(si, gsp.br->si.ids), 0x223510deu);
		cr_expect_eq(le_get32(si, gsp.br->si.ids + 4), 0x145a10deu);
		cr_expect_eq(le_get32(si, gsp.br->si.ids + 8), 0xa1u);
		cr_expect_eq(le_get64(si, gsp.br->si.page), 4096u);
	}
	cr_expect_eq(le_get32(vf, 0), 32u);
	cr_expect_eq(le_get32(vf, 4), 4u);
	cr_expect_eq(le_get64(vf, 8), SHIM_BUS_OFFSET + 0xe8000000, "bus addresses");
	cr_expect_eq(le_get64(vf, 16), SHIM_BUS_OFFSET + 0xa000000000);
	cr_expect_eq(le_get64(vf, 24), SHIM_BUS_OFFSET + 0xb000000000);
	cr_expect_eq(vf[32], wide);
	cr_expect_eq(vf[33], 1);
	cr_expect_eq(vf[34], 1);

	info = ovg_gsp_provider.info(p);
	cr_expect_str_eq(info->firmware, gsp.br->build);
	cr_expect_eq(info->fb_total, 46068ull << 20);
	cr_expect_eq(info->channels, 2048u);
	cr_expect(info->ecc);
	types = ovg_gsp_provider.types(p, &n);
	cr_expect_eq(n, 2u);
	cr_expect_str_eq(types[1].name, "NVIDIA A40-2Q");
	cr_expect_str_eq(ovg_gsp_provider.types_why(p), "");

	/* all records as they are in the file, and the first call discards */
	cr_expect_eq(gsp.uploads, 1u);
	file.data[232 + 72 + 2 * 96] = 1;
	cr_expect_eq(memcmp(gsp.large + gsp.br->ctrl_hdr, file.data + 232 + 72 + 2 * 96,
			    gsp.br->add_type), 0);

	cr_expect_eq(pf.regions, wide ? 5u : 3u, "BAR0 and BAR1");
	ovg_gsp_provider.detach(p);
	expect_clean();
	cr_expect_eq(told.fw_died, 0u);
	cr_expect_eq(shim_warnings, 0);
}

Test(gsp_attach, branch_535) { whole(535, false); }
Test(gsp_attach, branch_570) { whole(570, false); }
Test(gsp_attach, branch_595) { whole(595, true); }

Test(gsp_attach, again_and_again)
{
	for (u32 i = 0; i < 3; i++) {
		cr_assert_eq(attach(), 0, "%s", why);
		ovg_gsp_provider.detach(p);
		expect_clean();
	}
	cr_expect_eq(gsp.uploads, 3u);
}

Test(gsp_attach, mirror_of_other_chips)
{
	struct gsp_system_info si;

	cr_expect_eq(gsp_system_info(&pf, 0x18, &si, why), 0);
	cr_expect_eq(si.mirror, 0x92000u, "Hopper");
	cr_expect_eq(gsp_system_info(&pf, 0x19, &si, why), 0);
	cr_expect_eq(si.mirror, 0x88000u, "Ada");
	cr_expect_eq(gsp_system_info(&pf, 0x1b, &si, why), 0);
	cr_expect_eq(si.mirror, 0x92000u, "Blackwell");
}

/* A board without SR-IOV boots, and says so to GSP. */
Test(gsp_attach, no_sriov)
{
	u8 zero[48] = { 0 };

	pf.total_vfs = 0;
	memset(&pf.resource[7], 0, sizeof(pf.resource) - 7 * sizeof(pf.resource[0]));
	cr_assert_eq(attach(), 0, "%s", why);
	cr_expect_eq(memcmp(fake.sysinfo + 856, zero, 48), 0);
	ovg_gsp_provider.detach(p);
}

Test(gsp_attach, vf_bars_without_address)
{
	pf.resource[7 + 3].flags |= IORESOURCE_UNSET;
	expect_refused(-ENODEV, "BAR 3 of the VFs has no address");
	pf.resource[7 + 3].flags = 0;
	expect_refused(-ENODEV, "BAR 3 of the VFs has no address");
	cr_expect_eq(gsp.starts, 0u);
}

Test(gsp_attach, vf_offset_not_known)
{
	pf.vf_offset = 0;
	expect_refused(-ENODEV, "the PCI core does not know where the VFs are");
}

Test(gsp_attach, refused_starts)
{
	static const char * const text[] = {
		"boot arguments not readable by DMA", "no RMARGS region", "bad queue arguments",
		"bad queue page table", "bad queue header", "queue memory is gone",
		"GspFwWprMeta is not readable or not of a known form",
		"WPR heap is too small or too large for vGPUs", "wrong number of VF partitions",
		"unknown cause",
	};
	char want[OVG_WHY_MAX];

	for (u32 i = 0; i < ARRAY_SIZE(text); i++) {
		bad.code = i + 1;
		snprintf(want, sizeof(want), "GSP refused to start: %s (code 0x%x); reset the GPU", text[i],
			 i + 1);
		expect_refused(-ENODEV, want);
	}
	bad.code = 0;
	cr_assert_eq(attach(), 0, "%s", why);
	ovg_gsp_provider.detach(p);
}

/* RTX PRO 6000 is booted for 48 vGPUs, which it has with MIG; on 595 alone. */
Test(gsp_attach, booted_for_48)
{
	free(file.data);
	board(595, true);
	pf.device = 0x2bb5;
	pf.subsystem_device = 0x204e;
	gsp.for_48 = true;
	cr_assert_eq(attach(), 0, "%s", why);
	cr_expect_eq(p->boot.partitions, 48u);
	ovg_gsp_provider.detach(p);
	pf.subsystem_device = 0x1234;
	gsp.for_48 = false;
	cr_assert_eq(attach(), 0, "%s", why);
	cr_expect_eq(p->boot.partitions, 32u);
	ovg_gsp_provider.detach(p);
}

Test(gsp_attach, asks_for_a_register_sequence)
{
	/* left to the booter, so it will wait for ever */
	cr_assert_eq(attach(), 0);
	fake_send(0x1002, 0, 0, NULL, 0);
	shim_tick();
	cr_expect(p->boot.asked_sequence);
	ovg_gsp_provider.detach(p);
}

/* ---- BAR1 --------------------------------------------------------------- */

Test(gsp_attach, bar1_mode)
{
	const char *text = "BAR1 is not in physical mode, in which the hand-over must leave it: boot it so";

	set_reg(0xb80f40, 1u << 31);
	expect_refused(-ENODEV, text);
	set_reg(0, 0x192000a1);
	expect_refused(-ENODEV, text);
	/* another register on Hopper and Blackwell */
	set_reg(0, 0x1b2000a1);
	cr_expect_eq(attach(), 0, "%s", why);
	ovg_gsp_provider.detach(p);
	set_reg(0xb80f40, 0);
	set_reg(0xb80f60, 1 << 9);
	expect_refused(-ENODEV, text);
	set_reg(0, 0x182000a1);
	expect_refused(-ENODEV, text);
	set_reg(0, 0xb72000a1);
	cr_expect_eq(attach(), 0, "%s", why);
	ovg_gsp_provider.detach(p);
}

Test(gsp_attach, bar1_size)
{
	pf.resource[1].len = 32ull << 30;
	expect_refused(-ENODEV,
		       "BAR1 is 32768 MiB and does not show all of the framebuffer, 46068 MiB");
	pf.resource[1].len = (46068ull << 20) - 1;
	expect_refused(-ENODEV,
		       "BAR1 is 46067 MiB and does not show all of the framebuffer, 46068 MiB");
	pf.resource[1].len++;
	cr_expect_eq(attach(), 0, "%s", why);
	ovg_gsp_provider.detach(p);
}

Test(gsp_attach, somebody_else_has_a_bar)
{
	pf.busy = 1;
	expect_refused(-EBUSY, "BAR0 is claimed by somebody else: unbind the other driver");
	pf.busy = 2;
	expect_refused(-EBUSY, "BAR1 is claimed by somebody else: unbind the other driver");
}

/* ---- types -------------------------------------------------------------- */

static void expect_no_types(const char *cause)
{
	u32 n = 99;

	cr_assert_eq(attach(), 0, "%s", why);
	ovg_gsp_provider.types(p, &n);
	cr_expect_eq(n, 0u);
	cr_expect_str_eq(ovg_gsp_provider.types_why(p), cause);
	ovg_gsp_provider.detach(p);
	expect_clean();
}

Test(gsp_attach, types_refused)
{
	bad.refused = ADD_TYPE;
	bad.status = 0x1b;
	expect_no_types("firmware does not take the types: signature required "
			"(INSUFFICIENT_PERMISSIONS); types here have none, take other firmware");
	bad.status = 0x1f;
	expect_no_types("firmware does not take the types: INVALID_ARGUMENT (0x1f); "
			"build the catalogue for it anew");
	cr_expect_eq(gsp.uploads, 0u);
}

Test(gsp_attach, no_catalogue)
{
	file.err = -ENOENT;
	expect_no_types("no type catalogue: nvidia/vgpu-570.144.bin is missing; "
			"make it with vgpuctl catalog build, then bind anew");
	file.err = 0;
	file.data[300]++;
	cr_assert_eq(attach(), 0);
	cr_expect_neq(strstr(ovg_gsp_provider.types_why(p), "crc"), NULL);
	ovg_gsp_provider.detach(p);
	cr_expect_eq(gsp.uploads, 0u, "nothing of a bad file goes to the firmware");
}

/* Nobody knows what the firmware has then. */
Test(gsp_attach, types_without_an_answer)
{
	bad.lost = ADD_TYPE;
	expect_refused(-ETIMEDOUT, "no answer to ADD_VGPU_TYPE in 100 ms");
}

/* ---- facts, objects ----------------------------------------------------- */

Test(gsp_attach, another_build)
{
	bad.build = "570.133.20";
	expect_refused(-ENODEV, "firmware says it is 570.133.20, hand-over says 570.144: boot it anew");
}

Test(gsp_attach, refused_control)
{
	bad.refused = SEGMENT;
	bad.status = 0x56;
	expect_refused(-EOPNOTSUPP,
		       "GSP refused GPU_GET_VMMU_SEGMENT_SIZE: NOT_SUPPORTED (0x56)");
}

/* The object is there though its answer was lost: it is freed all the same. */
Test(gsp_attach, lost_answer_to_a_client)
{
	struct gsp_rm rm;

	cr_assert_eq(attach(), 0);
	cr_expect_eq(count_objects(), 3u);
	bad.lost = ALLOC;
	cr_expect_eq(gsp_rm_open(&rm, &p->q, gsp.br->abi, 7, why), -ETIMEDOUT);
	cr_expect_eq(count_objects(), 3u);
	cr_expect_eq(p->q.stats.free_errors, 0u);
	/* it was not there: no error either */
	bad.ignored = ALLOC;
	cr_expect_eq(gsp_rm_open(&rm, &p->q, gsp.br->abi, 7, why), -ETIMEDOUT);
	cr_expect_eq(p->q.stats.free_errors, 0u);
	cr_expect_eq(gsp_rm_open(&rm, &p->q, gsp.br->abi, 7, why), 0, "%s", why);
	cr_expect_eq(rm.client, 0xc1d00007u);
	cr_expect_eq(count_objects(), 6u);
	gsp_rm_close(&rm);
	cr_expect_eq(count_objects(), 3u);
	ovg_gsp_provider.detach(p);
}

/* A client that a lost FREE left behind is in nobody's way. */
Test(gsp_attach, left_over_client)
{
	struct gsp_rm rm;

	cr_assert_eq(attach(), 0);
	cr_assert_eq(gsp_rm_open(&rm, &p->q, gsp.br->abi, 7, why), 0);
	rm.subdevice = 0;
	rm.device = 0;
	bad.ignored = FREE;
	gsp_rm_close(&rm);
	cr_expect_eq(p->q.stats.free_errors, 1u);
	cr_expect_eq(count_objects(), 6u);
	cr_expect_eq(gsp_rm_open(&rm, &p->q, gsp.br->abi, 7, why), 0, "%s", why);
	cr_expect_eq(count_objects(), 6u);
	gsp_rm_close(&rm);
	cr_expect_eq(count_objects(), 3u);
	ovg_gsp_provider.detach(p);
}

/* ---- events, death, dump ------------------------------------------------ */

Test(gsp_attach, events)
{
	u8 e[8] = { 5, 0, 0, 0, 2 }, samples[4048] = { 1 };

	cr_assert_eq(attach(), 0);
	fake_send(0x100d, 0, 0, e, 8);
	fake_send(0x100d, 0, 0, e, 7);	/* cut short */
	fake_send(0x1008, 0, 0, samples, sizeof(samples));
	shim_tick();
	cr_expect_eq(told.events, 1u);
	cr_expect_eq(told.gfid, 5u);
	cr_expect_eq(told.what, 2u);
	cr_expect_eq(told.usage, 1u);
	cr_expect_eq(told.usage_len, 4048u);
	ovg_gsp_provider.detach(p);
}

Test(gsp_attach, death_is_told_once)
{
	cr_assert_eq(attach(), 0);
	gsp_queue_fail(&p->q, "for a test");
	gsp_queue_fail(&p->q, "again");
	shim_run_work(p->wq);
	cr_expect_eq(told.fw_died, 1u);
	cr_expect_str_eq(told.why, "for a test");
	ovg_gsp_provider.detach(p);
	expect_clean();
}

static bool has(const char *text, const char *what)
{
	if (strstr(text, what))
		return true;
	cr_log_error("no \"%s\" in:\n%s", what, text);
	return false;
}

Test(gsp_attach, dump)
{
	char text[8192];
	size_t n;

	cr_assert_eq(attach(), 0);
	n = ovg_gsp_provider.dump(p, text, sizeof(text));
	cr_expect_eq(n, strlen(text));
	cr_expect(has(text, "branch: 570\nbuild: 570.144\n"));
	cr_expect(has(text, "firmware: alive\n"));
	cr_expect(has(text, "sequence echoed: yes\n"));
	cr_expect(has(text, "ADD_VGPU_TYPE function 76 key 0x20804003"));
	cr_expect(has(text, "len 334368: answered after"));
	cr_expect(has(text, "damaged 0 lost 0\n"));

	/* dead, with a command under way; nothing is sent */
	bad.lost = SEGMENT;
	gsp_rm_control(&p->rm, SEGMENT, "SEGMENT", (u8 [8]) { 0 }, 8, NULL, why);
	gsp_queue_fail(&p->q, "GSP is silent");
	fake.stuck = true;
	n = ovg_gsp_provider.dump(p, text, sizeof(text));
	cr_expect(has(text, "firmware: GSP is silent\n"));
	cr_expect(has(text, "SEGMENT function 76 key 0x2080017e"));
	cr_expect(has(text, "timed out after 100 ms"));
	cr_expect(has(text, "commands: timed out 1, 1 in a row, 0 given up and kept\n"));

	/* no more than there is room for */
	memset(text, 'x', sizeof(text));
	cr_expect_eq(ovg_gsp_provider.dump(p, text, 20), 19u);
	cr_expect_eq(text[19], 0);
	cr_expect_eq(text[20], 'x');
	cr_expect_eq(ovg_gsp_provider.dump(p, text, 0), 0u);
	ovg_gsp_provider.detach(p);
}
