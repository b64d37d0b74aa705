// SPDX-License-Identifier: LGPL-2.1-or-later
/* vgpu_params: what is taken, what is refused and why, and what the firmware gets. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "driver/core/params.h"

static char out[OVG_PARAMS_MAX + 1];
static char why[128];

TestSuite(params, .timeout = 60);

/* In memory of exactly this size, so that the sanitizer sees a byte read too many. */
static int check(const char *text, size_t len)
{
	char *exact = malloc(len ? len : 1);
	int ret;

	cr_assert(exact);
	memcpy(exact, text, len);
	memset(out, 'x', sizeof(out));
	why[0] = '\0';
	ret = ovg_params_check(exact, len, out, sizeof(out), why, sizeof(why));
	free(exact);
	return ret;
}

#define TAKEN(text, kept)							\
	do {									\
		cr_expect_eq(check(text, sizeof(text) - 1), 0, "%s: %s", text, why); \
		cr_expect_str_eq(out, kept);					\
	} while (0)

#define REFUSED(text, reason)							\
	do {									\
		cr_expect_eq(check(text, sizeof(text) - 1), -EINVAL, "%s", text); \
		cr_expect(strstr(why, reason), "%s: %s", text, why);		\
		cr_expect_eq(out[0], 'x', "%s was kept", text);			\
	} while (0)

Test(params, taken_as_written)
{
	TAKEN("frame_rate_limiter=0", "frame_rate_limiter=0");
	TAKEN("frame_rate_limiter=0\n", "frame_rate_limiter=0");
	TAKEN("frame_rate_limiter=1 disable_vnc=1", "frame_rate_limiter=1 disable_vnc=1");
	TAKEN("frame_rate_limiter=1,disable_vnc=1\n", "frame_rate_limiter=1,disable_vnc=1");
	TAKEN("frame_rate_limiter=1, disable_vnc=1", "frame_rate_limiter=1, disable_vnc=1");
	TAKEN("loglevel=a.b-c_D9", "loglevel=a.b-c_D9");
}

Test(params, every_key)
{
	TAKEN("frame_rate_limiter=1,disable_vnc=1,enable_uvm=1,enable_debugging=1,"
	      "enable_profiling=1,address64=1,override_bar1_size=1,intervaltime=1,"
	      "vgaintervaltime=1,loglevel=1",
	      "frame_rate_limiter=1,disable_vnc=1,enable_uvm=1,enable_debugging=1,"
	      "enable_profiling=1,address64=1,override_bar1_size=1,intervaltime=1,"
	      "vgaintervaltime=1,loglevel=1");
}

Test(params, cleared)
{
	TAKEN(" ", "");
	TAKEN("", "");
	TAKEN("\n", "");
	TAKEN(" \n", "");
	TAKEN(",", "");
}

Test(params, refused)
{
	REFUSED("nonsense=1", "unknown key \"nonsense\"");
	REFUSED("frame_rate_limite=1", "unknown key");
	REFUSED("frame_rate_limiter2=1", "unknown key");
	REFUSED("Frame_rate_limiter=1", "unknown key");
	/* The driver's own: a user must not name another type. */
	REFUSED("vgpu_type_id=560", "unknown key");
	REFUSED("=1", "unknown key \"\"");
	REFUSED("frame_rate_limiter", "no value");
	REFUSED("frame_rate_limiter=", "no value");
	REFUSED("frame_rate_limiter=,loglevel=1", "no value");
	REFUSED("frame_rate_limiter =1", "no value");
	REFUSED("frame_rate_limiter=1=2", "not a plain word");
	REFUSED("frame_rate_limiter=1 loglevel", "loglevel has no value: write key=value");
	REFUSED("loglevel=1\n\n", "character 11 (0x0a)");
	REFUSED("loglevel=1\nloglevel=2", "(0x0a)");
	REFUSED("loglevel=1\tloglevel=2", "(0x09)");
	REFUSED("loglevel=\xc3\xa4", "(0xc3)");
	REFUSED("loglevel=1\0", "(0x00)");
}

/* libvirt prints attributes into its XML as they are. */
Test(params, nothing_that_breaks_xml)
{
	char text[] = "loglevel=?";
	int c;

	for (c = 0; c < 256; c++) {
		bool word = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
			    (c >= 'a' && c <= 'z') || c == '.' || c == '_' || c == '-';

		text[9] = (char)c;
		if (strchr(" ,\n", c) && c)
			continue;
		cr_expect_eq(check(text, 10), word ? 0 : -EINVAL, "character %d", c);
	}
}

Test(params, length)
{
	char text[OVG_PARAMS_MAX + 1];

	memset(text, '1', sizeof(text));
	memcpy(text, "loglevel=", 9);
	cr_expect_eq(check(text, OVG_PARAMS_MAX), 0, "%s", why);
	cr_expect_eq(strlen(out), OVG_PARAMS_MAX);
	cr_expect_eq(check(text, OVG_PARAMS_MAX + 1), -E2BIG);
	cr_expect(strstr(why, "1024"), "%s", why);
	memset(text, ' ', sizeof(text));
	cr_expect_eq(check(text, OVG_PARAMS_MAX + 1), -E2BIG);
}

Test(params, buffers_of_the_caller)
{
	char small[10];

	cr_expect_eq(ovg_params_check("loglevel=1", 10, small, sizeof(small), why, sizeof(why)),
		     -E2BIG);
	cr_expect_eq(ovg_params_check("loglevel=1", 10, out, 11, why, sizeof(why)), 0);
	cr_expect_eq(ovg_params_check("nonsense=1", 10, out, 11, small, sizeof(small)), -EINVAL);
	cr_expect_str_eq(small, "vgpu_para");
}

static const char *joined(const char *params)
{
	static char text[OVG_PARAMS_MAX + 32];

	cr_assert_eq(ovg_params_join(560, params, text, sizeof(text)), 0);
	return text;
}

Test(params, firmware_gets_commas)
{
	cr_expect_str_eq(joined(""), "vgpu_type_id=560");
	cr_expect_str_eq(joined("loglevel=1"), "vgpu_type_id=560,loglevel=1");
	cr_expect_str_eq(joined("loglevel=1 disable_vnc=1"),
			 "vgpu_type_id=560,loglevel=1,disable_vnc=1");
	cr_expect_str_eq(joined(" loglevel=1, ,disable_vnc=1,"),
			 "vgpu_type_id=560,loglevel=1,disable_vnc=1");
}

/* In each size that is too small, and in the one that fits. */
Test(params, join_never_writes_beyond)
{
	const char *want = "vgpu_type_id=4294967295,loglevel=1";
	size_t size;

	for (size = 1; size <= strlen(want) + 1; size++) {
		char *text = malloc(size);

		cr_assert(text);
		if (size <= strlen(want)) {
			cr_expect_eq(ovg_params_join(4294967295u, "loglevel=1", text, size),
				     -E2BIG, "%zu", size);
		} else {
			cr_expect_eq(ovg_params_join(4294967295u, "loglevel=1", text, size), 0);
			cr_expect_str_eq(text, want);
		}
		free(text);
	}
}
