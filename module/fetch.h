/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fields compiled to a program: what is taken at entry into the call's data,
 * what at return, and how both become a record. Runs in any context, NMI
 * included, with preemption off; reads memory that may not be there.
 *
 * A call's data begins with an image of its record, up to the strings: what is known
 * at entry is put where the record has it, so that at return little is left to do.
 * Behind the image is what the record does not have as it is: strings, the bases of
 * what is read at return.
 */
#ifndef FSPAN_FETCH_H
#define FSPAN_FETCH_H

#include <linux/compiler.h>
#include <linux/percpu.h>
#include <linux/types.h>

#include "spec.h"

struct fspan_error;
struct fspan_layout;
struct pt_regs;

#define FSPAN_ALL_FIELDS	(~0U)

struct fspan_op {
	struct fspan_fetch fetch;
	struct fspan_type type;
	bool at_ret;
	bool difference;	/* how often during the call */
	bool string;
	u32 fault_bit;
	unsigned int data;	/* offset in the call's data, of what is behind the image */
	unsigned int record;	/* offset in the record */
};

/* In the call's data: a string that was read at entry. */
struct fspan_string_data {
	u64 addr;		/* the place where it faulted, to go on there at return */
	u32 step;
	u32 len;		/* with its NUL, 0: it faulted */
	char text[];
};

/* A field that is a register at entry, as it is. */
struct fspan_plain {
	u64 mask;		/* of its size */
	unsigned int reg;	/* offset in struct pt_regs */
	unsigned int record;	/* offset in the record */
};

/* What is known when a record is made, beside the call's data. */
struct fspan_values {
	bool returned;			/* no: only what is known at entry is filled in */
	unsigned long retval;
	const u64 *note;		/* FSPAN_MAX_NOTES of them */
};

/*
 * What $id, $parent and $depth are just now; of a program with .tree, before it enters. Of a
 * span they are put into the image by who knows them.
 */
struct fspan_in_tree {
	union {
		struct {
			u64 id;
			u64 parent;	/* 0: none */
			u64 depth;
		};
		u64 n[3];		/* from FSPAN_BASE_ID on */
	};
};

DECLARE_PER_CPU(struct fspan_in_tree, fspan_in_tree);

struct fspan_program {
	unsigned int nops;
	unsigned int nplain;
	unsigned int image_size;	/* of the record up to the strings */
	unsigned int data_size;		/* of the call's data, in bytes */
	unsigned int string_size;
	unsigned int faults;		/* offset in the record, 0: none */
	/* a bit for each field: */
	u32 entry_fields;		/* known at entry */
	u32 scalars;			/* a number, and no note */
	u32 strings;
	u32 enter;			/* there is more to do at entry than for a plain one */
	u32 fill;			/* there is something to do at return */
	u32 tree;			/* $id, $parent or $depth */
	u32 at_end;			/* of a pair: something to take from the end's registers */
	bool pair;
	bool elsewhere;			/* it may end in another task's memory */
	struct fspan_plain plain[FSPAN_MAX_FIELDS];
	struct fspan_op ops[];
};

/*
 * Compile @spec for @layout. Symbols are looked up. Returns the program
 * (fspan_program_free() it) or an ERR_PTR with @err.
 */
struct fspan_program *fspan_program_create(const struct fspan_spec *spec,
					   const struct fspan_layout *layout,
					   const char *line, struct fspan_error *err);
void fspan_program_free(struct fspan_program *prog);
/* One number, of a pair's key, by itself. 0 or a negative errno with @err. */
int fspan_op_init(struct fspan_op *op, const struct fspan_field_spec *f, const char *line,
		  struct fspan_error *err);
/* Its value, sign-extended; false: it could not be read. */
bool fspan_op_number(const struct fspan_op *op, struct pt_regs *regs, u64 *value);

static __always_inline void fspan_copy_16(void *dst, const void *src)
{
	__builtin_memcpy(dst, src, 8);
	__builtin_memcpy(dst + 8, src + 8, 8);
	barrier();	/* or the compiler makes a call of what is around */
}

static __always_inline void fspan_copy_32(void *dst, const void *src)
{
	fspan_copy_16(dst, src);
	fspan_copy_16(dst + 16, src + 16);
}

/*
 * A few words, for which a call, or an instruction that copies blocks, would be the most
 * of it. From 16 bytes on the last words may be some that were copied before.
 */
static __always_inline void fspan_copy(void *dst, const void *src, unsigned long size)
{
	unsigned long i;

	if (likely(size >= 32)) {
		size -= 32;
		for (i = 0; i < size; i += 32)
			fspan_copy_32(dst + i, src + i);
		fspan_copy_32(dst + size, src + size);
	} else if (size >= 16) {
		fspan_copy_16(dst, src);
		fspan_copy_16(dst + size - 16, src + size - 16);
	} else {
		for (i = 0; i < size; i++)
			*(u8 *)(dst + i) = READ_ONCE(*(u8 *)(src + i));
	}
}

u32 fspan_program_enter_ops(const struct fspan_program *prog, u32 ops, void *data,
			    struct pt_regs *regs);

static __always_inline void fspan_plain_enter(const struct fspan_plain *p, void *data,
					      struct pt_regs *regs)
{
	*(u64 *)(data + p->record) = *(u64 *)((void *)regs + p->reg) & p->mask;
}

/*
 * Take what is known at entry from @regs into @data; gives the fields that faulted.
 * @only, here and below: a bit for each field that is wanted. @data was zeroed before
 * its first use, and then used by this program alone: what aligns fields stays zero.
 */
static __always_inline u32 fspan_program_enter(const struct fspan_program *prog, u32 only,
					       void *data, struct pt_regs *regs)
{
	unsigned int i;

	if (unlikely(!only))
		return 0;
	/*
	 * As words, in the order of the record: what a word has behind its field are zeroes,
	 * and then what follows, which comes later. What needs more than this comes last.
	 * Of the first three, those that are not there put zeroes where a record has its head.
	 */
	if (likely(prog->nplain)) {
		fspan_plain_enter(&prog->plain[0], data, regs);
		fspan_plain_enter(&prog->plain[1], data, regs);
		fspan_plain_enter(&prog->plain[2], data, regs);
		for (i = 3; i < prog->nplain; i++)
			fspan_plain_enter(&prog->plain[i], data, regs);
	}
	if (likely(!(only & prog->enter)))
		return 0;
	return fspan_program_enter_ops(prog, only & prog->enter, data, regs);
}

unsigned int fspan_program_fill_ops(const struct fspan_program *prog, u32 ops,
				    const void *data, u32 *faults,
				    const struct fspan_values *values, void *record,
				    unsigned int size);

/*
 * Fill the fields of @record, which begins as an image: it is @data, or a copy. @size is
 * the record's so far; strings are put behind it. Gives the new size. @faults: fields
 * that faulted, so far.
 */
static __always_inline unsigned int
fspan_program_fill(const struct fspan_program *prog, u32 only, const void *data, u32 *faults,
		   const struct fspan_values *values, void *record, unsigned int size)
{
	if (only & prog->fill)
		size = fspan_program_fill_ops(prog, only & prog->fill, data, faults, values,
					      record, size);
	if (prog->faults)
		*(u32 *)(record + prog->faults) = *faults;
	return size;
}

/* Put a number, as it is in a register, into a field of @type at @p. */
void fspan_type_store(const struct fspan_type *type, u64 value, void *p);
/* The number in a field of @type at @p, sign-extended. */
u64 fspan_type_load(const struct fspan_type *type, const void *p);
/* The fields of @record, each a number, and 0 for what is none, or not among @only. */
void fspan_program_numbers(const struct fspan_program *prog, u32 only, const void *record,
			   u64 *number);

#endif
