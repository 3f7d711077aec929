// SPDX-License-Identifier: GPL-2.0
/* Those parts of the tool that need no kernel: histograms, views, times, what is said of errors. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "diag.h"
#include "hist.h"
#include "options.h"
#include "text.h"
#include "view.h"

static unsigned int passed, failed;

static void result(bool ok, const char *what, const char *have, const char *want)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("not ok - %s\n# have %s\n# want %s\n", what, have, want);
}

static void text(const char *what, const char *have, const char *want)
{
	result(!strcmp(have, want), what, have, want);
}

static void number(const char *what, unsigned long long have, unsigned long long want)
{
	char h[24], w[24];

	snprintf(h, sizeof(h), "%llu", have);
	snprintf(w, sizeof(w), "%llu", want);
	result(have == want, what, h, w);
}

/* Histograms */

#define SAMPLES 4000

/* As hist.h has it: a sixteenth of the power of two that the value is in. */
static unsigned long long bucket_of(unsigned long long v)
{
	unsigned long long power = 1;

	while (power <= v / 2)
		power *= 2;
	return v < 32 ? v : v / (power / 16) * (power / 16);
}

static unsigned long long random_duration(void)
{
	/* 100 ns to 10 s, each power of ten as likely as another */
	return pow(10, 2 + 8 * drand48());
}

static int by_value(const void *a, const void *b)
{
	unsigned long long x = *(unsigned long long *)a, y = *(unsigned long long *)b;

	return x < y ? -1 : x > y;
}

static void count(struct hist_row *row, unsigned long long v)
{
	unsigned long long low = bucket_of(v);
	size_t i = 0;

	while (i < row->nbuckets && row->bucket[i].low < low)
		i++;
	if (i == row->nbuckets || row->bucket[i].low != low) {
		row->bucket = reallocarray(row->bucket, row->nbuckets + 1, sizeof(*row->bucket));
		memmove(&row->bucket[i + 1], &row->bucket[i],
			(row->nbuckets - i) * sizeof(*row->bucket));
		row->bucket[i] = (struct hist_bucket){ low, 0 };
		row->nbuckets++;
	}
	row->bucket[i].count++;
	row->min = !row->calls || v < row->min ? v : row->min;
	row->max = v > row->max ? v : row->max;
	row->calls++;
	row->sum += v;
}

static void percentiles(size_t n, bool narrow)
{
	static const unsigned int tenths[] = { 0, 1, 10, 250, 500, 900, 990, 999, 1000 };
	static unsigned long long v[SAMPLES];
	struct hist_row row = {};
	char what[96], have[24], want[24];
	size_t i;

	for (i = 0; i < n; i++) {
		v[i] = narrow ? 1000000ULL + lrand48() % 3000 : random_duration();
		count(&row, v[i]);
	}
	qsort(v, n, sizeof(*v), by_value);
	for (i = 0; i < sizeof(tenths) / sizeof(tenths[0]); i++) {
		size_t rank = (n * tenths[i] + 999) / 1000;
		unsigned long long exact = v[rank ? rank - 1 : 0];
		unsigned long long p = hist_percentile(&row, tenths[i] / 10.0);

		snprintf(what, sizeof(what), "p%.1f of %zu within 1/32", tenths[i] / 10.0, n);
		snprintf(have, sizeof(have), "%llu", p);
		snprintf(want, sizeof(want), "%llu", exact);
		result(p * 32 >= exact * 31 && p * 32 <= exact * 33, what, have, want);
		result(p >= row.min && p <= row.max, "it is between the least and the most", have, want);
	}
	free(row.bucket);
}

static void edges(void)
{
	unsigned long long v;
	bool fits = true;

	for (v = 0; v < 70000; v++)
		fits &= bucket_of(v) <= v && v < hist_high(bucket_of(v)) &&
			bucket_of(hist_high(bucket_of(v))) == hist_high(bucket_of(v));
	for (v = 70000; v < 20000000000ULL; v += v / 100)
		fits &= bucket_of(v) <= v && v < hist_high(bucket_of(v));
	result(fits, "each value is in its bucket, and buckets touch", "not", "so");
}

static void subtract(void)
{
	struct hist_row *row = calloc(2, sizeof(*row)), delta = {};
	struct hist all = { .row = row, .n = 2, .overflow = 7 }, before;
	size_t i;
	bool same;

	row[0].key = strdup("7");
	row[1].key = strdup("new");
	for (i = 0; i < 500; i++)
		count(&row[0], random_duration());
	row[0].errors = 3;
	hist_copy(&before, &all);
	before.overflow = 5;
	/* the key of the second came later */
	before.n = 1;
	for (i = 0; i < 200; i++) {
		unsigned long long v = 5000 + lrand48() % 100000;

		count(&row[0], v);
		count(&delta, v);
		count(&row[1], v);
	}
	row[0].errors = 10;
	hist_subtract(&all, &before);
	number("calls since", row[0].calls, 200);
	number("errors since", row[0].errors, 7);
	number("sum since", row[0].sum, delta.sum);
	number("overflow since", all.overflow, 2);
	number("calls of a key that is new", row[1].calls, 200);
	number("buckets since", row[0].nbuckets, delta.nbuckets);
	same = row[0].nbuckets == delta.nbuckets &&
	       !memcmp(row[0].bucket, delta.bucket, delta.nbuckets * sizeof(*delta.bucket));
	result(same, "what is in them", "not the same", "the same");
	result(row[0].min <= delta.min && row[0].min >= bucket_of(delta.min),
	       "the least, by its bucket", "not", "so");
	result(row[0].max >= delta.max && row[0].max < hist_high(bucket_of(delta.max)),
	       "the most, by its bucket", "not", "so");
	before.n = 2;
	hist_free(&before);
	/* nothing came: no bucket, and no percentile of anything */
	hist_copy(&before, &all);
	hist_subtract(&all, &before);
	number("calls when nothing came", row[0].calls, 0);
	number("buckets when nothing came", row[0].nbuckets, 0);
	hist_free(&all);
	hist_free(&before);
	free(delta.bucket);
}

static void reading(void)
{
	static const char file[] =
		"# fspan/x by=comm overflow=12\n"
		"- calls=3 errors=1 sum=1000 min=100 max=800 96:1 100:1 800:1\n"
		"\"a b\\\"\\\\\\303\\244\" calls=1 errors=0 sum=5 min=5 max=5 5:1\n"
		"* calls=0 errors=0 sum=0 min=0 max=0\n";
	int fd = memfd_create("hist", 0);
	struct hist h = {};

	result(fd >= 0 && write(fd, file, sizeof(file) - 1) == sizeof(file) - 1 &&
	       !hist_read(fd, &h),
	       "a histogram is read", "not", "so");
	number("rows", h.n, 3);
	number("overflow", h.overflow, 12);
	if (h.n == 3) {
		text("a key", h.row[0].key, "-");
		number("calls", h.row[0].calls, 3);
		number("most", h.row[0].max, 800);
		number("buckets", h.row[0].nbuckets, 3);
		number("the last", h.row[0].bucket[2].low, 800);
		text("a key in quotes", h.row[1].key, "a b\"\\\303\244");
		text("the others' key", h.row[2].key, "*");
		number("a percentile of none", hist_percentile(&h.row[2], 99), 0);
	}
	hist_free(&h);
	close(fd);
}

/* Views */

static void view(const struct view *v, unsigned long long val, int size, bool is_signed,
		 const char *want)
{
	char buf[256];

	view_print(v, val, size, is_signed, buf, sizeof(buf));
	text("view", buf, want);
}

#define V(kind_, ...) view(&(struct view){ .kind = VIEW_##kind_ }, __VA_ARGS__)

static void views(void)
{
	V(PLAIN, -5, 4, true, "-5");
	V(PLAIN, 5000000000, 8, false, "5000000000");
	V(BOOL, 1, 1, false, "true");
	V(BOOL, 0, 1, false, "false");
	V(CHAR, 'x', 1, false, "'x'");
	V(CHAR, 0xfffffffffffffff0, 1, true, "'\\xf0'");
	V(HEX, -1, 4, true, "0xffffffff");
	V(HEX, 255, 8, false, "0xff");
	V(POINTER, 0, 8, false, "NULL");
	V(POINTER, -12, 8, false, "-ENOMEM");
	V(POINTER, 0xffff888000000000, 8, false, "0xffff888000000000");
	V(ERRNO, -2, 8, true, "-ENOENT");
	V(ERRNO, -512, 8, true, "-ERESTARTSYS");
	V(ERRNO, -4095, 8, true, "-4095");
	V(ERRNO, -4096, 8, true, "-4096");
	V(ERRNO, 17, 8, true, "17");
	V(PORT, 0x901f, 2, false, "8080");
	V(BE32, 0x01000000, 4, false, "1");
	V(IPV4, 0x0100007f, 4, false, "127.0.0.1");
	view(&(struct view){ .kind = VIEW_PLAIN, .bits = 3 }, 7, 1, false, "-1");
	view(&(struct view){ .kind = VIEW_PLAIN, .bits = 3 }, 3, 1, false, "3");
	text("errno 11", view_errno_name(11), "EAGAIN");
	text("errno 529", view_errno_name(529), "EIOCBQUEUED");
	result(!view_errno_name(0) && !view_errno_name(511) && !view_errno_name(-1) &&
	       !view_errno_name(1000), "no errno", "a name", "none");
}

static void bytes(enum view_kind kind, const void *data, size_t n, const char *want)
{
	struct view v = { .kind = kind };
	char buf[64] = "(none)";

	view_print_bytes(&v, data, n, buf, sizeof(buf));
	text("bytes", buf, want);
}

static void enums(void)
{
	struct btf *btf = btf__new_empty();
	struct view states = { .kind = VIEW_ENUM }, flags = states, wide = states, below = states,
		    counted = states;
	unsigned int raw_size;
	struct image *image;
	const void *raw;
	size_t size;

	states.type.id = btf__add_enum(btf, "state", 4);
	btf__add_enum_value(btf, "IDLE", 0);
	btf__add_enum_value(btf, "BUSY", 1);
	btf__add_enum_value(btf, "DONE", 2);
	flags.type.id = btf__add_enum(btf, "flags", 4);
	btf__add_enum_value(btf, "READ", 1);
	btf__add_enum_value(btf, "WRITE", 2);
	btf__add_enum_value(btf, "EXEC", 4);
	btf__add_enum_value(btf, "RW", 3);
	counted.type.id = btf__add_enum(btf, "counted", 4);
	btf__add_enum_value(btf, "FIRST", 0);
	btf__add_enum_value(btf, "SECOND", 1);
	btf__add_enum_value(btf, "THIRD", 2);
	btf__add_enum_value(btf, "FOURTH", 3);
	btf__add_enum_value(btf, "FIFTH", 4);
	below.type.id = btf__add_enum(btf, "below", 4);
	btf__add_enum_value(btf, "MINUS", -1);
	btf__add_enum_value(btf, "NIL", 0);
	wide.type.id = btf__add_enum64(btf, "wide", 8, false);
	btf__add_enum64_value(btf, "LOW", 1);
	btf__add_enum64_value(btf, "HIGH", 1ULL << 40);
	raw = btf__raw_data(btf, &raw_size);
	image = image_make(raw, raw_size, NULL);
	states.type.btf = flags.type.btf = below.type.btf = wide.type.btf = image;
	counted.type.btf = image;
	view(&states, 1, 4, false, "BUSY");
	view(&states, 0, 4, false, "IDLE");
	view(&states, 3, 4, false, "3");
	view(&flags, 3, 4, false, "RW");
	view(&flags, 6, 4, false, "WRITE|EXEC");
	view(&flags, 0x14, 4, false, "EXEC|0x10");
	view(&flags, 0x10, 4, false, "16");
	view(&flags, 0, 4, false, "0");
	view(&counted, 3, 4, false, "FOURTH");
	view(&counted, 7, 4, false, "7");
	view(&counted, 0x20003, 4, false, "131075");
	view(&below, -1, 4, true, "MINUS");
	view(&below, 0xffffffff, 4, false, "MINUS");
	view(&below, -7, 4, true, "-7");
	view(&wide, 1ULL << 40 | 1, 8, false, "LOW|HIGH");
	view(&wide, 1ULL << 40, 8, false, "HIGH");
	btf__free(btf);
	free((void *)image_data(image, &size));
	free(image);
}

static void quote(const char *s, size_t n, size_t room, const char *want)
{
	char *buf = malloc(room);

	text_quote(s, n, buf, room);
	text("quoted", buf, want);
	free(buf);
}

static void plain(const char *s, size_t n, size_t room, const char *want)
{
	char *buf = malloc(room);

	text_plain(s, n, buf, room);
	text("plain", buf, want);
	free(buf);
}

static void json(const char *s, size_t n, const char *want)
{
	char *exact = malloc(n ?: 1);
	struct json_object *o;

	memcpy(exact, s, n);
	o = text_json(exact, n);
	text("JSON", json_object_get_string(o), want);
	json_object_put(o);
	free(exact);
}

static void duration(unsigned long long ns, const char *want)
{
	char buf[32];

	view_duration(ns, buf, sizeof(buf));
	text("duration", buf, want);
}

static void time_of(const char *s, unsigned long long unit, long long want)
{
	unsigned long long ns = 0;

	if (options_duration(s, unit, &ns))
		number(s, ns, want);
	else
		result(want < 0, s, "no time", "a time");
}

/* What is said of errors */

static void near(const char *have, const char *want, const char * const *names)
{
	struct diag_near near = { .have = have };
	struct diag d = {};

	while (*names)
		diag_near_add(&near, *names++);
	diag_near_hint(&d, &near);
	text(have, d.hint, want);
}

static void printed(const char *spec, int col, const char *want)
{
	struct diag d = { .text = spec };
	char *have = NULL;
	size_t size;
	FILE *f = open_memstream(&have, &size);

	diag_set(&d, col, "wrong: '%s'", "x\033y");
	diag_hint(&d, "do %d", 1);
	diag_hint(&d, "or not");
	diag_print(&d, f);
	fclose(f);
	text("printed", have, want);
	free(have);
}

static void diags(void)
{
	static const char * const names[] = { "count", "pos", "file", "buf", "counter", "i_ino", NULL };
	static const char * const many[] = {
		"aaaa", "aaab", "aaac", "aaad", "aaae", "aaaf", "aaaa1", NULL
	};
	struct diag d = {};
	char *wide = calloc(1, 4000);
	int i;

	near("cuont", "did you mean: count", names);
	near("cou", "did you mean: count, counter, pos", names);
	near("i_inx", "did you mean: i_ino", names);
	near("nothing_like_it", "", names);
	near("", "", names);
	near("aaaa", "did you mean: aaaa, aaab, aaac, aaad, aaae", many);
	printed("vfs_read(x)", 9, "fspan: wrong: 'x?y'\n  vfs_read(x)\n           ^\n  do 1\n  or not\n");
	printed("f(\tx)", 3, "fspan: wrong: 'x?y'\n  f(\tx)\n    \t^\n  do 1\n  or not\n");
	printed("f(\nx)", 3, "fspan: wrong: 'x?y'\n  f( x)\n     ^\n  do 1\n  or not\n");
	printed("f(\303\244)", 2, "fspan: wrong: 'x?y'\n  f(?\?)\n    ^\n  do 1\n  or not\n");
	printed("f", -1, "fspan: wrong: 'x?y'\n  f\n  do 1\n  or not\n");
	printed(NULL, -1, "fspan: wrong: 'x?y'\n  do 1\n  or not\n");
	memset(wide, 'w', 3999);
	number("diag_set gives", diag_set(&d, 1, "%s", wide), -1ULL);
	for (i = 0; i < 9; i++)
		diag_hint(&d, "%.500s", wide);
	result(strlen(d.what) < sizeof(d.what) && strlen(d.hint) < sizeof(d.hint), "it is cut",
	       "not", "so");
	free(wide);
}

int main(void)
{
	static const unsigned char address[16] = { 0x20, 1, 0xd, 0xb8, [15] = 1 };
	static const size_t sizes[] = { 1, 2, 3, 10, 99, 100, 101, 1000, 1001, SAMPLES };
	size_t i;

	srand48(20240607);
	edges();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		percentiles(sizes[i], false);
		percentiles(sizes[i], true);
	}
	subtract();
	reading();

	views();
	bytes(VIEW_IPV6, address, 16, "2001:db8::1");
	bytes(VIEW_IPV4, "\x0a\0\0\x01", 4, "10.0.0.1");
	bytes(VIEW_MAC, "\0\x11\x22\xaa\xbb\xcc", 6, "00:11:22:aa:bb:cc");
	bytes(VIEW_MAC, "\0\x11", 2, "(none)");
	bytes(VIEW_IPV6, address, 15, "(none)");
	bytes(VIEW_PLAIN, address, 16, "(none)");
	enums();
	quote("plain", 5, 64, "\"plain\"");
	quote("a\"b\\c\nd\te\033f\177", 13, 64, "\"a\\\"b\\\\c\\nd\\te\\033f\\177\"");
	quote("caf\303\251", 5, 64, "\"caf\303\251\"");
	quote("cut\0off", 7, 64, "\"cut\"");
	quote("long text", 9, 10, "\"long\"");
	quote("", 0, 3, "\"\"");
	plain("a \"b\" \\ c\n\033]0;x\a", 16, 64, "a \"b\" \\ c\\n\\033]0;x\\007");
	plain("\302\233x \302\240 \377 caf\303", 13, 64, "\\302\\233x \302\240 \\377 caf\\303");
	plain("\377\377\377", 3, TEXT_SIZE(3), "\\377\\377\\377");
	plain("\377\377\377", 3, 9, "\\377\\377");
	plain("", 0, 1, "");
	json("caf\303\251 \360\237\220\247", 10, "caf\303\251 \360\237\220\247");
	json("a\377b\303", 4, "a\357\277\275b\357\277\275");
	/* longer than it must be, half of a pair, beyond the last */
	json("\300\200", 2, "\357\277\275\357\277\275");
	json("\355\240\200", 3, "\357\277\275\357\277\275\357\277\275");
	json("\364\220\200\200", 4, "\357\277\275\357\277\275\357\277\275\357\277\275");
	json("", 0, "");

	duration(0, "0ns");
	duration(999, "999ns");
	duration(1000, "1.000us");
	duration(12345, "12.35us");
	duration(123456, "123.5us");
	duration(999999, "1.000ms");
	duration(1234567, "1.235ms");
	duration(999949, "999.9us");
	duration(999960000, "1.000s");
	duration(1500000000, "1.500s");
	duration(3600000000000, "3600s");

	time_of("10ms", 0, 10000000);
	time_of("1us", 0, 1000);
	time_of("1.5s", 0, 1500000000);
	time_of("0.29s", 0, 290000000);
	time_of("1.1ms", 0, 1100000);
	time_of("0.1ns", 0, 1);
	time_of("0ms", 0, 0);
	time_of("2m", 0, 120000000000);
	time_of("7", 1000000000, 7000000000);
	time_of("0.5", 1000000000, 500000000);
	time_of("7", 0, -1);
	time_of("", 1, -1);
	time_of("ms", 0, -1);
	time_of("10 ms", 0, -1);
	time_of("10min", 0, -1);
	time_of("-1s", 0, -1);
	time_of("nan", 1, -1);
	time_of("infs", 0, -1);
	time_of("1e30s", 0, -1);
	time_of("10ms5", 0, -1);

	diags();
	printf("%u passed, %u failed, 0 skipped\n", passed, failed);
	return failed || !passed;
}
