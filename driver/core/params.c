// SPDX-License-Identifier: GPL-2.0-only OR LGPL-2.1-or-later
/*
 * Pairs "key=value", separated by commas or blanks: NVIDIA's resource manager splits at
 * commas, its documentation shows blanks. What is refused here would reach the
 * firmware's parser, or break the XML into which libvirt prints attributes as they are.
 */
#include "params.h"

#ifdef __KERNEL__
#include <linux/kernel.h>
#else
#include <stdio.h>
#endif

static const char * const keys[] = {
	"frame_rate_limiter",
	"disable_vnc",
	"enable_uvm",
	"enable_debugging",
	"enable_profiling",
	"address64",
	"override_bar1_size",
	"intervaltime",
	"vgaintervaltime",
	"loglevel",
};

/* No ctype: what is a letter must not depend on the locale. */
static bool is_word(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

static bool is_separator(char c)
{
	return c == ' ' || c == ',';
}

static bool is_key(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(keys); i++)
		if (strlen(keys[i]) == len && !memcmp(keys[i], text, len))
			return true;
	return false;
}

/* @text goes into messages, so it must have been looked at by check_chars(). */
static int check_pair(const char *text, size_t len, char *why, size_t why_size)
{
	size_t key = 0, i;

	while (key < len && text[key] != '=')
		key++;
	if (!is_key(text, key)) {
		snprintf(why, why_size, "vgpu_params: unknown key \"%.*s\"; known are frame_rate_limiter, disable_vnc, enable_uvm, ...",
			 (int)min(key, (size_t)40), text);
		return -EINVAL;
	}
	if (key + 1 >= len) {
		snprintf(why, why_size, "vgpu_params: %.*s has no value: write key=value", (int)key, text);
		return -EINVAL;
	}
	for (i = key + 1; i < len; i++)
		if (!is_word(text[i])) {
			snprintf(why, why_size,
				 "vgpu_params: the value of %.*s is not a plain word of letters, digits, dot, - and _",
				 (int)key, text);
			return -EINVAL;
		}
	return 0;
}

static int check_chars(const char *text, size_t len, char *why, size_t why_size)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!is_word(text[i]) && !is_separator(text[i]) && text[i] != '=') {
			snprintf(why, why_size, "vgpu_params: character %zu (0x%02x) is not allowed: letters, digits, dot, - and _ are",
				 i + 1, (unsigned int)(u8)text[i]);
			return -EINVAL;
		}
	return 0;
}

/**
 * ovg_params_check() - is this a vgpu_params?
 * @buf: as the user wrote it, with or without newline at its end; not terminated
 * @count: bytes of it
 * @out: what to keep: the same without newline, "" if there is no pair in it
 * @out_size: bytes there
 * @why: reason, if it is refused
 * @why_size: bytes there
 *
 * Return: 0, -E2BIG or -EINVAL; @out is written only on success.
 */
int ovg_params_check(const char *buf, size_t count, char *out, size_t out_size, char *why,
		     size_t why_size)
{
	size_t len = count, pos, pair;
	bool any = false;
	int ret;

	if (len > OVG_PARAMS_MAX) {
		snprintf(why, why_size, "vgpu_params is longer than %d bytes: leave some out", OVG_PARAMS_MAX);
		return -E2BIG;
	}
	if (len && buf[len - 1] == '\n')
		len--;
	ret = check_chars(buf, len, why, why_size);
	for (pos = 0; !ret && pos < len; pos = pair) {
		pair = pos;
		if (is_separator(buf[pos])) {
			pair++;
			continue;
		}
		while (pair < len && !is_separator(buf[pair]))
			pair++;
		ret = check_pair(buf + pos, pair - pos, why, why_size);
		any = true;
	}
	if (ret)
		return ret;
	if (!any)
		len = 0;
	if (len >= out_size) {
		snprintf(why, why_size, "vgpu_params is longer than %zu bytes: leave some out", out_size);
		return -E2BIG;
	}
	memcpy(out, buf, len);
	out[len] = '\0';
	return 0;
}

/**
 * ovg_params_join() - the text that the firmware's side of a vGPU gets
 * @type: number of its type
 * @params: from ovg_params_check()
 * @buf: "vgpu_type_id=560,key=value,..."
 * @size: bytes there
 *
 * Return: 0 or -E2BIG.
 */
int ovg_params_join(u32 type, const char *params, char *buf, size_t size)
{
	int ret = snprintf(buf, size, "vgpu_type_id=%u", type);
	size_t len = (size_t)ret;
	bool gap = true;

	for (; len < size && *params; params++) {
		if (is_separator(*params)) {
			gap = true;
			continue;
		}
		if (gap)
			buf[len++] = ',';
		gap = false;
		if (len < size)
			buf[len++] = *params;
	}
	if (len >= size)
		return -E2BIG;
	buf[len] = '\0';
	return 0;
}
