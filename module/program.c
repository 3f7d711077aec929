// SPDX-License-Identifier: GPL-2.0
/* Fields compiled to a program: which has what to do, and where its data is. */
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "error.h"
#include "fetch.h"
#include "layout.h"
#include "regs.h"
#include "symbol.h"

#define MAX_DATA	3968	/* KRETPROBE_MAX_DATA_SIZE with room for the engine's own */

/* Values that the registers of the entry give; all others are known at any time. */
static bool base_of_entry(enum fspan_base base)
{
	switch (base) {
	case FSPAN_BASE_ARG:
	case FSPAN_BASE_REG:
	case FSPAN_BASE_STACK:
	case FSPAN_BASE_STACK_ADDR:
	case FSPAN_BASE_NVCSW:
	case FSPAN_BASE_NIVCSW:
		return true;
	default:
		return false;
	}
}

static int resolve_symbol(struct fspan_op *op, const char *line, struct fspan_error *err)
{
	struct fspan_fetch *f = &op->fetch;
	unsigned long addr;
	char *name;

	if (f->base != FSPAN_BASE_SYMBOL)
		return 0;
	name = kstrndup(f->symbol, f->symbol_len, GFP_KERNEL);
	if (!name)
		return fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0);
	addr = fspan_symbol_address(name);
	kfree(name);
	if (!addr)
		return fspan_error_set(err, FSPAN_ERR_NO_SYMBOL, f->symbol - 1 - line);
	f->base = FSPAN_BASE_IMM;
	f->imm += addr;
	f->symbol = NULL;	/* the line is not kept */
	return 0;
}

/* A register as it is? Then it is one for fspan_program_enter() itself. */
static bool add_plain(struct fspan_program *prog, const struct fspan_op *op)
{
	const struct fspan_fetch *f = &op->fetch;
	struct fspan_plain *plain = &prog->plain[prog->nplain];
	int reg = -EINVAL;

	if (f->nderef || op->at_ret || op->type.bit_width || op->type.format == FSPAN_FORMAT_BOOL)
		return false;
	if (f->base == FSPAN_BASE_REG)
		reg = f->num;
	else if (f->base == FSPAN_BASE_ARG)
		reg = fspan_reg_argument_offset(f->num);
	if (reg < 0)
		return false;
	plain->reg = reg;
	plain->record = op->record;
	plain->mask = ~0ULL >> (64 - 8 * op->type.size);
	prog->nplain++;
	return true;
}

/* Say when the field of @bit is taken, and make room for what is not in the image. */
static void plan_op(struct fspan_program *prog, struct fspan_op *op, u32 bit, bool span)
{
	unsigned int size = 0;

	if (fspan_base_in_tree(op->fetch.base)) {
		prog->tree |= bit;
		if (span)
			return;
	}
	if (op->difference || (op->at_ret && base_of_entry(op->fetch.base)))
		size = sizeof(u64);
	else if (!op->at_ret && op->string)
		size = sizeof(struct fspan_string_data) + ALIGN(prog->string_size, sizeof(u64));
	if (size) {
		op->data = prog->data_size;
		prog->data_size += size;
	}
	if (op->string)
		prog->strings |= bit;
	if (op->string || op->difference || op->at_ret)
		prog->fill |= bit;
	if (size && op->at_ret && prog->pair)
		prog->at_end |= bit;
	else if (size || (!op->at_ret && !add_plain(prog, op)))
		prog->enter |= bit;
}

int fspan_op_init(struct fspan_op *op, const struct fspan_field_spec *f, const char *line,
		  struct fspan_error *err)
{
	memset(op, 0, sizeof(*op));
	op->fetch = f->fetch;
	op->type = f->type;
	return resolve_symbol(op, line, err);
}

struct fspan_program *fspan_program_create(const struct fspan_spec *spec,
					   const struct fspan_layout *layout,
					   const char *line, struct fspan_error *err)
{
	struct fspan_program *prog;
	unsigned int i;
	int ret;

	prog = kzalloc(struct_size(prog, ops, spec->nfields), GFP_KERNEL);
	if (!prog)
		return ERR_PTR(fspan_error_set(err, FSPAN_ERR_NO_MEMORY, 0));
	prog->nops = spec->nfields;
	prog->pair = spec->kind == FSPAN_KIND_PAIR;
	prog->elsewhere = prog->pair || spec->declared;
	prog->faults = layout->faults;
	prog->string_size = layout->string_size;
	prog->image_size = layout->fixed_size;
	/* the last field may be written as a word */
	prog->data_size = ALIGN(layout->fixed_size + sizeof(u64), sizeof(u64));
	for (i = 0; i < spec->nfields; i++) {
		const struct fspan_field_spec *f = &spec->fields[i];
		struct fspan_op *op = &prog->ops[i];

		op->fetch = f->fetch;
		op->type = f->type;
		/* whichever way it is written */
		op->difference = !f->fetch.nderef && (f->fetch.base == FSPAN_BASE_NVCSW ||
						      f->fetch.base == FSPAN_BASE_NIVCSW);
		op->at_ret = f->at_ret && !op->difference;
		op->string = f->type.format == FSPAN_FORMAT_STRING;
		op->fault_bit = f->fetch.nderef ? 1U << i : 0;
		op->record = layout->fields[i].offset;
		if (!f->at_ret)
			prog->entry_fields |= 1U << i;
		if (!op->string && !op->type.count && f->fetch.base != FSPAN_BASE_COMM &&
		    f->fetch.base != FSPAN_BASE_NOTE)
			prog->scalars |= 1U << i;
		ret = resolve_symbol(op, line, err);
		if (ret)
			goto free_prog;
		plan_op(prog, op, 1U << i, spec->kind == FSPAN_KIND_SPAN);
		if (prog->data_size > MAX_DATA) {
			ret = fspan_error_set(err, FSPAN_ERR_BIG_RECORD, f->col);
			goto free_prog;
		}
	}
	return prog;

free_prog:
	kfree(prog);
	return ERR_PTR(ret);
}

void fspan_program_free(struct fspan_program *prog)
{
	kfree(prog);
}
