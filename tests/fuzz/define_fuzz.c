// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as a line for /dev/fspan, and what follows a newline as registers and memory: the
 * module's own parser, layout, fetch compiler, fetch and print, as they are in the kernel.
 * What they take is compiled, run on a call and printed; each allocation is of the size that
 * the module asks for, so that one byte too far is seen.
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "fetch.h"
#include "fuzz.h"
#include "layout.h"
#include "parse.h"
#include "print.h"
#include "regs.h"
#include "symbol.h"

#define KERNEL	0xffff888000000000UL	/* where the memory is, */
#define USER	0x00007f0000000000UL	/* and there once more; all else faults */
#define SIZE	1024

struct task_struct *current = &(struct task_struct){
	.pid = 42, .nvcsw = 7, .nivcsw = 3, .comm = "fifteen letters",
};

static unsigned char memory[SIZE];

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not true: %s\n", what);
	abort();
}

/*
 * Memory of @size bytes, and behind it some that must stay as it is: of a word that is stored
 * half within, the sanitizer sees the first half only.
 */
static void *guarded(unsigned int size)
{
	char *p = calloc(1, size + sizeof(u64));

	memset(p + size, 0xa5, sizeof(u64));
	return p;
}

static void free_guarded(void *p, unsigned int size)
{
	static const u64 guard = 0xa5a5a5a5a5a5a5a5;

	require(!memcmp(p + size, &guard, sizeof(guard)), "nothing is written behind the end");
	free(p);
}

static long read_from(unsigned long base, void *dst, const void *src, size_t size)
{
	unsigned long at = (unsigned long)src - base;

	if (at >= SIZE || size > SIZE - at)
		return -EFAULT;
	memcpy(dst, memory + at, size);
	return 0;
}

long copy_from_kernel_nofault(void *dst, const void *src, size_t size)
{
	return read_from(KERNEL, dst, src, size);
}

long copy_from_user_nofault(void *dst, const void *src, size_t size)
{
	return read_from(USER, dst, src, size);
}

unsigned long fspan_symbol_address(const char *name)
{
	return *name == 'n' ? 0 : KERNEL + strlen(name);
}

void seq_buf_init(struct seq_buf *s, char *buf, unsigned int size)
{
	*s = (struct seq_buf){ .buffer = buf, .size = size };
}

bool seq_buf_has_overflowed(struct seq_buf *s)
{
	return s->len > s->size;
}

int seq_buf_printf(struct seq_buf *s, const char *format, ...)
{
	size_t room = s->len < s->size ? s->size - s->len : 0;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(room ? s->buffer + s->len : NULL, room, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < room)
		s->len += n;
	else
		s->len = s->size + 1;
	return 0;
}

/* of keys, which are not printed here */
int string_escape_mem(const char *src, size_t n, char *dst, size_t size, unsigned int flags,
		      const char *only)
{
	(void)src, (void)n, (void)dst, (void)size, (void)flags, (void)only;
	return 0;
}

/* A byte as a pointer to the memory, to near its end, or to nowhere; or as a small number. */
static unsigned long word_of(unsigned char byte)
{
	unsigned long at = (byte & 0x3f) * SIZE / 0x40;

	switch (byte >> 6) {
	case 0:
		return byte;
	case 1:
		return KERNEL + at;
	case 2:
		return USER + at;
	default:
		return KERNEL + SIZE - (byte & 0x3f);
	}
}

/* Half of it are words, half the bytes as they are. */
static void set_memory(struct pt_regs *regs, const uint8_t *data, size_t size)
{
	unsigned long *reg = (void *)regs;
	size_t i;

	for (i = 0; i < sizeof(*regs) / sizeof(*reg); i++)
		reg[i] = word_of(size ? data[i % size] : 0x40 + i);
	for (i = 0; i < SIZE / 2 / sizeof(long); i++) {
		unsigned long word = word_of(size ? data[(i + 5) % size] : 0x40 + i % 0x40);

		memcpy(memory + i * sizeof(word), &word, sizeof(word));
	}
	for (i = SIZE / 2; i < SIZE; i++)
		memory[i] = size ? data[i % size] : "a string"[i % 9];
}

static void check_spec(const struct fspan_spec *spec, const char *line)
{
	size_t len = strlen(line);
	unsigned int i;

	for (i = 0; i < spec->ntargets; i++) {
		const struct fspan_target_spec *t = &spec->targets[i];

		require(t->text >= line && t->text + t->len <= line + len, "a target is in the line");
		require(t->len, "a target has a name");
	}
	require(spec->nfields <= FSPAN_MAX_FIELDS, "the fields have room");
	for (i = 0; i < spec->nfields; i++)
		require(spec->fields[i].col <= len && spec->fields[i].fetch_col <= len,
			"a field is in the line");
	if (spec->has_hist && spec->hist.by == FSPAN_HIST_BY_FIELD)
		require(spec->hist.field < spec->nfields, "the key is a field");
}

static void check_layout(const struct fspan_layout *l)
{
	unsigned int i, j, at = sizeof(struct trace_entry);

	for (i = 0; i < l->nfields; i++) {
		const struct fspan_field *f = &l->fields[i];

		require(f->size && f->offset >= at, "fields do not overlap");
		require(*f->name && strcspn(f->name, " ;:\"'") == strlen(f->name),
			"a field has a name");
		at = f->offset + f->size;
		for (j = 0; j < i; j++)
			require(strcmp(f->name, l->fields[j].name), "names are not twice");
	}
	require(at <= l->fixed_size && l->fixed_size <= FSPAN_MAX_RECORD, "the record has room");
	require(l->print_fmt && *l->print_fmt == '"', "there is a print format");
}

static void print(const struct fspan_layout *l, const void *record, unsigned int size)
{
	char text[8192];
	struct trace_seq s;

	seq_buf_init(&s.seq, text, sizeof(text));
	fspan_print_record(&s, l, record, size);
}

/* What is at entry and, if the call has @returned, what is at return; of its own size. */
static void *make(const struct fspan_program *prog, const struct fspan_layout *l, const void *data,
		  u32 faults, bool returned, unsigned int *size, unsigned int *room)
{
	static const u64 notes[FSPAN_MAX_NOTES] = { KERNEL, USER, 3, 4, ~0ULL, KERNEL + SIZE - 4 };
	struct fspan_values values = { .returned = returned, .retval = KERNEL + 8, .note = notes };
	unsigned int i, nstrings = 0;
	u64 number[FSPAN_MAX_FIELDS];
	char *record;

	for (i = 0; i < prog->nops; i++)
		nstrings += prog->ops[i].string;
	*room = l->fixed_size + nstrings * l->string_size;
	record = guarded(*room);
	fspan_copy(record, data, prog->image_size);
	*size = fspan_program_fill(prog, FSPAN_ALL_FIELDS, data, &faults, &values, record,
				   prog->image_size);
	require(*size + (FSPAN_MAX_STACK + 2) * sizeof(long) <= FSPAN_MAX_RECORD,
		"there is room for a stack");
	for (i = 0; i < prog->nops; i++) {
		u32 loc = *(u32 *)(record + prog->ops[i].record);
		u32 at = loc & 0xffff, len = loc >> 16;

		if (!prog->ops[i].string)
			continue;
		require(at >= l->fixed_size && len && at + len <= *size, "a string is in the record");
		require(!memchr(record + at, '\0', len - 1) && !record[at + len - 1],
			"a string ends where its length says");
	}
	fspan_program_numbers(prog, FSPAN_ALL_FIELDS, record, number);
	return record;
}

static void call(const struct fspan_program *prog, const struct fspan_layout *l,
		 struct pt_regs *regs)
{
	char *data = guarded(prog->data_size), *record, *other;
	u32 faults = fspan_program_enter(prog, FSPAN_ALL_FIELDS, data, regs);
	unsigned int size, other_size, room;

	if (l->dur)
		*(u64 *)(data + l->dur) = 123456789;
	if (l->ret)
		fspan_type_store(&l->ret_type, ~0UL, data + l->ret);
	/* as inflight shows it */
	record = make(prog, l, data, faults, false, &size, &room);
	print(l, record, size);
	free_guarded(record, room);
	record = make(prog, l, data, faults, true, &size, &room);
	print(l, record, size);
	/* nothing of the call is used up by it */
	other = make(prog, l, data, faults, true, &other_size, &room);
	require(size == other_size && !memcmp(record, other, size), "a record comes out the same");
	free_guarded(other, room);
	free_guarded(record, room);
	/* one that somebody else has written, in a buffer that is read back */
	record = malloc(size);
	memset(record, 0, size);
	memcpy(record, memory, min(size, (unsigned int)SIZE));
	print(l, record, size);
	free(record);
	free_guarded(data, prog->data_size);
}

static void define(const struct fspan_spec *spec, const char *line, struct pt_regs *regs,
		   bool func, struct fspan_error *err)
{
	struct fspan_program *prog;
	struct fspan_layout layout;

	if (!fspan_layout_init(&layout, spec, func, err)) {
		check_layout(&layout);
		require(fspan_layout_same(&layout, &layout), "a layout is the same as itself");
		prog = fspan_program_create(spec, &layout, line, err);
		if (!IS_ERR(prog)) {
			call(prog, &layout, regs);
			fspan_program_free(prog);
		} else {
			require(err->col <= strlen(line), "the caret is below the line");
		}
	} else {
		require(err->col <= strlen(line), "the caret is below the line");
	}
	fspan_layout_release(&layout);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\n', size) : NULL;
	size_t len = end ? (size_t)(end - data) : size;
	struct fspan_error err = {};
	struct pt_regs regs;
	struct fspan_spec spec;
	char *line = malloc(len + 1);

	memcpy(line, data, len);
	line[len] = '\0';
	set_memory(&regs, end ? end + 1 : NULL, end ? size - len - 1 : 0);
	if (fspan_parse(line, &spec, &err)) {
		require(err.col <= strlen(line), "the caret is below the line");
	} else {
		check_spec(&spec, line);
		if (spec.kind <= FSPAN_KIND_EMIT) {
			define(&spec, line, &regs, false, &err);
			define(&spec, line, &regs, true, &err);
		}
	}
	fspan_spec_release(&spec);
	free(line);
	return 0;
}
