// SPDX-License-Identifier: GPL-2.0
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "symbols.h"
#include "view.h"

#define MAX_ERRNO 4095

/* include/linux/errno.h of the kernel: never seen by user space, but by a tracer */
static const struct {
	int err;
	const char *name;
} internal[] = {
	{ 512, "ERESTARTSYS" }, { 513, "ERESTARTNOINTR" }, { 514, "ERESTARTNOHAND" },
	{ 515, "ENOIOCTLCMD" }, { 516, "ERESTART_RESTARTBLOCK" }, { 517, "EPROBE_DEFER" },
	{ 518, "EOPENSTALE" }, { 519, "ENOPARAM" }, { 521, "EBADHANDLE" }, { 522, "ENOTSYNC" },
	{ 523, "EBADCOOKIE" }, { 524, "ENOTSUPP" }, { 525, "ETOOSMALL" }, { 526, "ESERVERFAULT" },
	{ 527, "EBADTYPE" }, { 528, "EJUKEBOX" }, { 529, "EIOCBQUEUED" },
	{ 530, "ERECALLCONFLICT" },
};

const char *view_errno_name(long long err)
{
	size_t i;

	for (i = 0; i < sizeof(internal) / sizeof(internal[0]); i++)
		if (internal[i].err == err)
			return internal[i].name;
	return err > 0 && err < 512 ? strerrorname_np(err) : NULL;
}

void view_duration(unsigned long long ns, char *buf, size_t len)
{
	static const struct {
		unsigned long long ns;
		const char *unit;
	} units[] = { { 1000000000, "s" }, { 1000000, "ms" }, { 1000, "us" } };
	size_t i;

	for (i = 0; i < 3; i++) {
		double v = (double)ns / units[i].ns;

		/* 999.96us are 1.000ms, not 1000.0us */
		if (ns < units[i].ns - units[i].ns / 20000)
			continue;
		snprintf(buf, len, "%.*f%s",
			 v < 10	    ? 3
			 : v < 100  ? 2
			 : v < 1000 ? 1
				    : 0,
			 v, units[i].unit);
		return;
	}
	snprintf(buf, len, "%lluns", ns);
}

static unsigned long long extend(const struct view *v, unsigned long long val)
{
	if (v->bits && v->bits < 64 && val >> (v->bits - 1) & 1)
		val |= ~0ULL << v->bits;
	return val;
}

unsigned long long view_enum_value(const struct btf_type *bt, int i)
{
	if (btf_is_enum64(bt))
		return btf_enum64_value(&btf_enum64(bt)[i]);
	return btf_kflag(bt) ? (unsigned long long)(long long)btf_enum(bt)[i].val :
	       (unsigned long long)(unsigned int)btf_enum(bt)[i].val;
}

const char *view_enum_name(struct type t, int i)
{
	const struct btf_type *bt = type_get(t);

	return type_string(t, btf_is_enum64(bt) ? btf_enum64(bt)[i].name_off
						: btf_enum(bt)[i].name_off);
}

static bool is_enumerator(const struct btf_type *bt, unsigned long long val,
			  unsigned long long mask)
{
	int i;

	for (i = 0; i < btf_vlen(bt); i++)
		if ((view_enum_value(bt, i) & mask) == val)
			return true;
	return false;
}

/*
 * Are the enumerators flags, with masks for several bits? In what just counts, most often from
 * 0, the number before such a mask is one too.
 */
static bool has_flags(const struct btf_type *bt, unsigned long long mask)
{
	bool flags = false;
	int counted = is_enumerator(bt, 0, mask), i;

	for (i = 0; i < btf_vlen(bt); i++) {
		unsigned long long e = view_enum_value(bt, i) & mask;

		if (!(e & (e - 1)))
			flags |= e > 2;
		else
			counted += is_enumerator(bt, e - 1, mask);
	}
	return flags && counted < 2;
}

/* By name; else as A|B|0x4, if all enumerators are single bits; false: it has no name. */
static bool print_enum(struct type t, unsigned long long val, int size, char *buf, size_t len)
{
	const struct btf_type *bt = type_get(t);
	unsigned long long mask = size < 8 ? (1ULL << 8 * size) - 1 : ~0ULL, left = val & mask;
	size_t at = 0;
	int i;

	for (i = 0; i < btf_vlen(bt); i++) {
		if ((view_enum_value(bt, i) & mask) == left) {
			snprintf(buf, len, "%s", view_enum_name(t, i));
			return true;
		}
	}
	if (!left || !has_flags(bt, mask))
		return false;
	for (i = 0; i < btf_vlen(bt) && at + 1 < len; i++) {
		unsigned long long e = view_enum_value(bt, i) & mask;

		if (!e || e & (e - 1) || !(left & e))
			continue;
		at += snprintf(buf + at, len - at, "%s%s", at ? "|" : "", view_enum_name(t, i));
		left &= ~e;
	}
	if (!at)
		return false;
	if (left && at + 1 < len)
		snprintf(buf + at, len - at, "|0x%llx", left);
	return true;
}

static void print_number(unsigned long long val, bool is_signed, char *buf, size_t len)
{
	snprintf(buf, len, is_signed ? "%lld" : "%llu", val);
}

static void print_errno(unsigned long long val, bool is_signed, char *buf, size_t len)
{
	long long s = val;
	const char *name = s < 0 && s >= -MAX_ERRNO ? view_errno_name(-s) : NULL;

	if (name)
		snprintf(buf, len, "-%s", name);
	else
		print_number(val, is_signed, buf, len);
}

void view_print(const struct view *v, unsigned long long val, int size, bool is_signed,
		char *buf, size_t len)
{
	val = extend(v, val);
	switch (v->kind) {
	case VIEW_PLAIN:
		print_number(val, is_signed || v->bits, buf, len);
		break;
	case VIEW_BOOL:
		snprintf(buf, len, "%s", val ? "true" : "false");
		break;
	case VIEW_CHAR:
		if (isprint((int)(val & 0xff)))
			snprintf(buf, len, "'%c'", (char)val);
		else
			snprintf(buf, len, "'\\x%02llx'", val & 0xff);
		break;
	case VIEW_HEX:
		if (size < 8)
			val &= (1ULL << 8 * size) - 1;
		snprintf(buf, len, "0x%llx", val);
		break;
	case VIEW_POINTER:
		if (!val)
			snprintf(buf, len, "NULL");
		else if ((long long)val < 0 && (long long)val >= -MAX_ERRNO)
			print_errno(val, true, buf, len);
		else
			snprintf(buf, len, "0x%llx", val);
		break;
	case VIEW_ERRNO:
		print_errno(val, true, buf, len);
		break;
	case VIEW_ENUM:
		if (!print_enum(v->type, val, size, buf, len))
			print_number(val, is_signed, buf, len);
		break;
	case VIEW_SYMBOL:
		symbols_print_address(val, false, buf, len);
		break;
	case VIEW_PORT:
		snprintf(buf, len, "%u", ntohs(val));
		break;
	case VIEW_BE32:
		snprintf(buf, len, "%u", ntohl(val));
		break;
	case VIEW_IPV4:
		view_print_bytes(v, &val, 4, buf, len);
		break;
	case VIEW_IPV6:
	case VIEW_MAC:
		snprintf(buf, len, "?");
		break;
	}
}

struct json_object *view_json(const struct view *v, unsigned long long val, int size,
			      bool is_signed)
{
	char buf[256];

	switch (v->kind) {
	case VIEW_PLAIN:
		val = extend(v, val);
		return is_signed || v->bits ? json_object_new_int64(val)
					    : json_object_new_uint64(val);
	case VIEW_ERRNO:	/* a number, as is all that one may wish to compute with */
		return json_object_new_int64(val);
	case VIEW_BOOL:
		return json_object_new_boolean(!!val);
	case VIEW_PORT:
		return json_object_new_int64(ntohs(val));
	case VIEW_BE32:
		return json_object_new_int64(ntohl(val));
	default:
		view_print(v, val, size, is_signed, buf, sizeof(buf));
		return json_object_new_string(buf);
	}
}

bool view_print_bytes(const struct view *v, const void *bytes, size_t n, char *buf, size_t len)
{
	const unsigned char *b = bytes;

	if (v->kind == VIEW_IPV4 && n >= 4)
		return inet_ntop(AF_INET, bytes, buf, len);
	if (v->kind == VIEW_IPV6 && n >= 16)
		return inet_ntop(AF_INET6, bytes, buf, len);
	if (v->kind != VIEW_MAC || n < 6)
		return false;
	snprintf(buf, len, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
	return true;
}
