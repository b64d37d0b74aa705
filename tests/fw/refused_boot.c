// SPDX-License-Identifier: GPL-2.0-only
/* Starts that are refused, by the code in mailbox 0. */
#include "refused.h"

#include <string.h>

#define RESULT(code)	do { EXPECT_STATUS(host_start(h), code); times++; } while (0)

REFUSED_COLD(refused_wpr_meta)
{
	static const struct { uint32_t off; uint64_t val; } bad[] = {
		{ 0, 0 }, { 0, 0xdc3aae21371a60b4ull }, { 8, 0 }, { 8, 2 }, { 176, 1ull << 30 },
	};
	uint32_t times = 0;

	host_prepare(h);
	h->hole = host_bus(PAGE_WPR);
	RESULT(7);
	h->hole = 0;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		host_prepare(h);
		put64(host_page(h, PAGE_WPR) + bad[i].off, bad[i].val);
		RESULT(7);
	}
	return times;
}

REFUSED_COLD(refused_wpr_heap)
{
	const uint32_t bad[] = {
		0, h->lay->heap_min - 1, h->lay->heap_max + 1,
	};
	uint32_t times = 0;

	for (size_t i = 0; i < 3; i++) {
		host_prepare(h);
		put64(host_page(h, PAGE_WPR) + 128, bad[i] * 0x100000ull);
		RESULT(8);
	}
	host_prepare(h);
	put64(host_page(h, PAGE_WPR) + 128, h->lay->heap_min * 0x100000ull - 1);
	RESULT(8);
	/* room for 48 vGPUs needs more, and has a size of its own */
	for (uint32_t mib = 1369; h->f.can_48 && mib <= 1371; mib += 2) {
		host_prepare(h);
		put64(host_page(h, PAGE_WPR) + 128, mib * 0x100000ull);
		host_page(h, PAGE_WPR)[240] = 48;
		RESULT(8);
	}
	return times;
}

REFUSED_COLD(refused_wpr_partitions)
{
	const uint8_t bad[] = { 0, 1, 31, h->f.can_48 ? 49 : 48 };
	uint32_t times = 0;

	for (size_t i = 0; i < 4; i++) {
		host_prepare(h);
		host_page(h, PAGE_WPR)[240] = bad[i];
		RESULT(9);
	}
	return times;
}

REFUSED_COLD(refused_boot_args)
{
	uint32_t times = 0;

	host_prepare(h);
	h->hole = host_bus(PAGE_LIBOS);
	RESULT(1);
	h->hole = host_bus(PAGE_RMARGS);
	RESULT(1);
	h->hole = 0;
	put64(host_page(h, PAGE_LIBOS) + 40, 0x1000);	/* an address of nobody */
	RESULT(1);
	return times;
}

REFUSED_COLD(refused_boot_no_rmargs)
{
	uint8_t *p = host_page(h, PAGE_LIBOS);
	uint32_t times = 0;

	host_prepare(h);
	put64(p + 32, 0x534752414d52ull);	/* the name the wrong way round */
	RESULT(2);
	host_prepare(h);
	p[56] = 0;	/* not contiguous */
	RESULT(2);
	host_prepare(h);
	p[57] = 2;	/* not in system memory */
	RESULT(2);
	host_prepare(h);
	memset(p, 0, 32);	/* the list ends before it */
	RESULT(2);
	return times;
}

REFUSED_COLD(refused_boot_queue_args)
{
	static const struct { uint32_t off; uint64_t val; unsigned int branch; } bad[] = {
		{ 0, 0, 0 }, { 0, HOST_BUS + 8, 0 }, { 8, 128, 0 }, { 16, 0x2000, 0 },
		{ 24, 0x40000, 0 }, { 32, 64, 595 }, { 40, 2048, 595 }, { 48, 0x20000, 595 },
		{ 56, 12ull << 32 | 5, 595 }, { 56, 13ull << 32 | 4, 595 },
	};
	uint32_t times = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bad[i].branch && bad[i].branch != h->lay->branch)
			continue;
		host_prepare(h);
		put64(host_page(h, PAGE_RMARGS) + bad[i].off, bad[i].val);
		RESULT(3);
	}
	host_prepare(h);
	put64(host_page(h, PAGE_LIBOS) + 48, h->lay->rmargs - 1);
	RESULT(3);
	return times;
}

REFUSED_COLD(refused_boot_page_table)
{
	uint32_t times = 0;

	host_prepare(h);
	put64(host_page(h, 0) + 8 * 128, 0);
	RESULT(4);
	host_prepare(h);
	put64(host_page(h, 0) + 8 * 70, host_bus(3) + 512);
	RESULT(4);
	host_prepare(h);
	put64(host_page(h, 0), host_bus(3));	/* the first page is not the table */
	RESULT(4);
	host_prepare(h);
	h->hole = host_bus(0);
	RESULT(4);
	h->hole = 0;
	return times;
}

REFUSED_COLD(refused_boot_queue_header)
{
	static const struct { uint32_t off, val; } bad[] = {
		{ 0, 1 }, { 4, 0x3f000 }, { 8, 2048 }, { 12, 64 }, { 16, 63 }, { 20, 0 },
		{ 24, 0x40 }, { 28, 0x2000 },
	};
	uint32_t times = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		host_prepare(h);
		put32(host_queue_page(h, 1) + bad[i].off, bad[i].val);
		RESULT(5);
	}
	host_prepare(h);
	h->hole = HOST_BUS + (uint64_t)(host_queue_page(h, 1) - h->mem);
	RESULT(5);
	h->hole = 0;
	return times;
}

/* No answer is ever sent to a registry; what counts is that its key did nothing. */
static void start_without_vgpus(struct host *h)
{
	uint8_t p[4] = { 1 };

	cr_assert_eq(host_start(h), 0u);
	cr_assert_eq(host_alloc_all(h, CLIENT), 0u);
	EXPECT_STATUS(host_ctrl(h, CMD_SHUTDOWN, p, 4), RM_NOT_SUPPORTED);
	also("refused_vgpu_mode");
	host_down(h);
}

static void send_early(struct host *h, uint32_t function, const uint8_t *p, uint32_t len)
{
	host_push(h, host_record(h, function, ++h->rpc_seq, p, len));
	h->seq++;
}

static void send_info(struct host *h)
{
	uint8_t p[1024];

	send_early(h, FN_SYSTEM_INFO, p, host_sysinfo(h, p));
}

REFUSED_COLD(refused_registry)
{
	static const struct { uint32_t off, val; } bad[] = {
		{ 0, 7 },	/* smaller than its header */
		{ 0, 40 },	/* larger than the message */
		{ 4, 2 },	/* more entries than there are */
		{ 4, 0x10000001 },
		{ 8, 39 },	/* a name outside */
		{ 8, 0xfffffff0 },
		{ 0, 38 },	/* a name without an end */
	};
	uint8_t p[64];
	uint32_t len, times = 0;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = host_registry(p, "RMSetSriovMode", 1);
		cr_assert_eq(len, 39u);
		put32(p + bad[i].off, bad[i].val);
		host_prepare(h);
		send_info(h);
		send_early(h, FN_REGISTRY, p, len);
		start_without_vgpus(h);
		times++;
	}
	return times;
}

REFUSED(refused_registry_late)
{
	uint8_t p[64];
	uint32_t len = host_registry(p, "RMSetSriovMode", 0);

	host_send(h, FN_REGISTRY, p, len);
	EXPECT_STATUS(host_wait(h, 5), HOST_NO_ANSWER);
	return 1;
}

REFUSED_COLD(refused_vgpu_mode)
{
	uint8_t p[64];

	host_prepare(h);	/* no registry at all */
	send_info(h);
	start_without_vgpus(h);
	host_prepare(h);
	send_info(h);
	send_early(h, FN_REGISTRY, p, host_registry(p, "RMSetSriovMode", 0));
	start_without_vgpus(h);
	host_prepare(h);
	send_info(h);
	send_early(h, FN_REGISTRY, p, host_registry(p, "RMSetSriovModf", 1));
	start_without_vgpus(h);
	return 0;	/* counted by the function, three times */
}

/* The other half of the first messages: a bad one of these and a good registry. */
static void start_with_info(struct host *h, const uint8_t *info, uint32_t len)
{
	uint8_t p[64];

	host_prepare(h);
	if (len)
		send_early(h, FN_SYSTEM_INFO, info, len);
	send_early(h, FN_REGISTRY, p, host_registry(p, "RMSetSriovMode", 1));
	start_without_vgpus(h);
}

REFUSED_COLD(refused_system_info)
{
	const struct { uint32_t off; uint32_t val; } bad[] = {
		{ 8, 0x1000 },			/* PF BAR1 */
		{ h->lay->sys.dbdf, 0x1100 },
		{ h->lay->sys.mirror, 0x90000 },
		{ h->lay->sys.mirror + 4, 0x2000 },
		{ h->lay->sys.pci_ids, 0x223610de },	/* not on 535 */
		{ h->lay->sys.page, 0x10000 },		/* not on 535 */
	};
	uint8_t p[1024];
	uint32_t times = 0, len = host_sysinfo(h, p);

	start_with_info(h, p, 0);	/* it did not come */
	start_with_info(h, p, len - 8);
	start_with_info(h, p, len + 8);
	times += 3;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!bad[i].off)
			continue;
		host_sysinfo(h, p);
		put32(p + bad[i].off, bad[i].val);
		start_with_info(h, p, len);
		times++;
	}
	/* too late, and then it changes nothing */
	host_up(h);
	host_sysinfo(h, p);
	host_send(h, FN_SYSTEM_INFO, p, len);
	EXPECT_STATUS(host_wait(h, 5), HOST_NO_ANSWER);
	return times + 1;
}

REFUSED_COLD(refused_vf_info)
{
	uint32_t vf = h->lay->sys.vf, times = 0, len;
	const struct { uint32_t off; uint32_t val; } bad[] = {
		{ vf, h->f.total_vfs - 1 }, { vf + 4, h->f.vf_offset + 1 },
		{ vf + 8, 0 }, { vf + 16, 0x1000 }, { vf + 28, 1 },
	};
	uint8_t p[1024];

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		len = host_sysinfo(h, p);
		put32(p + bad[i].off, bad[i].val);
		start_with_info(h, p, len);
		times++;
	}
	for (uint32_t bar = 0; bar < 3; bar++) {
		len = host_sysinfo(h, p);
		p[vf + 32 + bar] ^= 1;
		start_with_info(h, p, len);
		times++;
	}
	return times;
}
