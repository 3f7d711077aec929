// SPDX-License-Identifier: GPL-2.0
#include <linux/cgroup.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "error.h"
#include "fetch.h"
#include "layout.h"
#include "regs.h"
#include "symbol.h"

#define MAX_DATA	3968	/* KRETPROBE_MAX_DATA_SIZE with room for the engine's own */
#define CHUNK		32	/* divides the page size */

/* How far a chain of dereferences was followed. */
struct place {
	u64 addr;		/* the pointer so far */
	u32 step;		/* the dereference that comes next */
};

/* In the call's data: a string that was read at entry. */
struct string_data {
	u64 addr;		/* the place where it faulted, to go on there at return */
	u32 step;
	u32 len;		/* with its NUL, 0: it faulted */
	char text[];
};

/*
 * Where the address spaces do not overlap, an address says itself which it is
 * of, as it does in kprobe_events; elsewhere only "+u" and ustring say so.
 */
static __always_inline bool is_user(unsigned long addr, bool user)
{
	if (IS_ENABLED(CONFIG_ARCH_HAS_NON_OVERLAPPING_ADDRESS_SPACE))
		user |= addr < TASK_SIZE;
	return user;
}

static __always_inline int read_mem(void *dst, unsigned long addr, size_t size, bool user)
{
	if (is_user(addr, user))
		return copy_from_user_nofault(dst, (const void __user *)addr, size);
	return copy_from_kernel_nofault(dst, (const void *)addr, size);
}

/*
 * A string of at most @max - 1 letters, always with a NUL. In aligned chunks,
 * which are in one page and so cannot fault falsely at its end. Gives the size
 * with the NUL, 0 if any of it faulted.
 */
static unsigned int read_string(char *dst, unsigned long addr, unsigned int max, bool user)
{
	unsigned int n = 0;

	while (n < max) {
		unsigned int len = min(CHUNK - (unsigned int)(addr % CHUNK), max - n);
		unsigned int got;

		if (read_mem(dst + n, addr, len, user))
			return 0;
		got = strnlen(dst + n, len);
		n += got;
		if (got < len)
			return n + 1;
		addr += len;
	}
	dst[max - 1] = '\0';
	return max;
}
NOKPROBE_SYMBOL(read_string);

static u64 cgroup_of_current(void)
{
	u64 id = 0;

#ifdef CONFIG_CGROUPS
	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
#endif
	return id;
}
NOKPROBE_SYMBOL(cgroup_of_current);

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

static unsigned long base_value(const struct fspan_fetch *f, struct pt_regs *regs,
				const struct fspan_values *values)
{
	switch (f->base) {
	case FSPAN_BASE_ARG:
		return fspan_reg_argument(regs, f->num);
	case FSPAN_BASE_REG:
		return *(unsigned long *)((void *)regs + f->num);
	case FSPAN_BASE_STACK:
		return fspan_reg_stack(regs, f->num);
	case FSPAN_BASE_STACK_ADDR:
		return kernel_stack_pointer(regs);
	case FSPAN_BASE_RETVAL:
		return values->retval;
	case FSPAN_BASE_NOTE:
		return values->note[f->num];
	case FSPAN_BASE_IMM:
		return f->imm;
	case FSPAN_BASE_PID:
		return current->pid;
	case FSPAN_BASE_CPU:
		return raw_smp_processor_id();
	case FSPAN_BASE_CGROUP:
		return cgroup_of_current();
	case FSPAN_BASE_NVCSW:
		return current->nvcsw;
	case FSPAN_BASE_NIVCSW:
		return current->nivcsw;
	case FSPAN_BASE_SYMBOL:		/* resolved */
	case FSPAN_BASE_COMM:		/* copied */
		break;
	}
	return 0;
}
NOKPROBE_SYMBOL(base_value);

/* The address and kind of the dereference at @p. */
static unsigned long deref_at(const struct fspan_fetch *f, const struct place *p, bool *user)
{
	*user = f->deref[p->step].user;
	return p->addr + f->deref[p->step].offset;
}
NOKPROBE_SYMBOL(deref_at);

/* Follow all dereferences but the last. @p is left at that, or at what faulted. */
static int follow(const struct fspan_fetch *f, struct place *p)
{
	unsigned long addr, next;
	bool user;

	for (; p->step < f->nderef - 1; p->step++) {
		addr = deref_at(f, p, &user);
		if (read_mem(&next, addr, sizeof(next), user))
			return -EFAULT;
		p->addr = next;
	}
	return 0;
}
NOKPROBE_SYMBOL(follow);

/* A string behind the pointer chain, from @p on; 0: it faulted. */
static unsigned int fetch_string(const struct fspan_op *op, struct place *p, char *dst,
				 unsigned int max)
{
	unsigned long addr;
	bool user;

	if (follow(&op->fetch, p))
		return 0;
	addr = deref_at(&op->fetch, p, &user);
	return read_string(dst, addr, max, user || op->type.user);
}
NOKPROBE_SYMBOL(fetch_string);

/* A number or an array behind the pointer chain that starts at @base. */
static int read_value(const struct fspan_op *op, unsigned long base, void *dst)
{
	struct place p = { .addr = base };
	unsigned long addr;
	bool user;

	if (follow(&op->fetch, &p))
		return -EFAULT;
	addr = deref_at(&op->fetch, &p, &user);
	return read_mem(dst, addr, op->type.size * (op->type.count ?: 1), user);
}
NOKPROBE_SYMBOL(read_value);

/* A number or an array into @dst of op->data_size bytes; zeroes if it faulted. */
static bool fetch_value(const struct fspan_op *op, unsigned long base, void *dst)
{
	memset(dst, 0, op->data_size);
	if (!op->fetch.nderef) {
		*(u64 *)dst = base;
		return true;
	}
	/* both architectures are little-endian: a short value is the low part of the u64 */
	if (!read_value(op, base, dst))
		return true;
	memset(dst, 0, op->data_size);
	return false;
}
NOKPROBE_SYMBOL(fetch_value);

static void enter_op(const struct fspan_op *op, struct pt_regs *regs, void *data,
		     unsigned int string_size, u32 *faults)
{
	/* what needs values is not taken at entry */
	unsigned long base = base_value(&op->fetch, regs, NULL);

	if (op->fetch.base == FSPAN_BASE_COMM) {
		memcpy(data, current->comm, TASK_COMM_LEN);
	} else if (op->at_ret) {
		*(u64 *)data = base;
	} else if (op->string) {
		struct string_data *s = data;
		struct place p = { .addr = base };

		s->len = fetch_string(op, &p, s->text, string_size);
		s->addr = p.addr;
		s->step = p.step;
		if (!s->len)
			*faults |= op->fault_bit;
	} else if (!fetch_value(op, base, data)) {
		*faults |= op->fault_bit;
	}
}
NOKPROBE_SYMBOL(enter_op);

u32 fspan_program_enter(const struct fspan_program *prog, u32 only, void *data,
			struct pt_regs *regs)
{
	u32 faults = 0;
	unsigned int i;

	for (i = 0; i < prog->nops; i++) {
		const struct fspan_op *op = &prog->ops[i];

		if (op->data_size && (only & (1U << i)))
			enter_op(op, regs, data + op->data, prog->string_size, &faults);
	}
	return faults;
}
NOKPROBE_SYMBOL(fspan_program_enter);

static void store(void *p, u64 val, unsigned int size)
{
	switch (size) {
	case 1:
		*(u8 *)p = val;
		break;
	case 2:
		*(u16 *)p = val;
		break;
	case 4:
		*(u32 *)p = val;
		break;
	default:
		*(u64 *)p = val;
	}
}

static void store_value(const struct fspan_op *op, const void *val, void *p)
{
	u64 v;

	if (op->type.count) {
		memcpy(p, val, op->type.size * op->type.count);
		return;
	}
	v = *(const u64 *)val;
	if (op->type.bit_width)
		v = (v >> op->type.bit_shift) & (~0ULL >> (64 - op->type.bit_width));
	else if (op->type.format == FSPAN_FORMAT_BOOL)
		v = !!(u8)v;
	store(p, v, op->type.size);
}
NOKPROBE_SYMBOL(store_value);

/*
 * May what was not there at entry be there at return? User memory may: the call
 * itself may have brought the page in. A kernel address that faulted is wrong.
 */
static bool may_come(const struct fspan_op *op, const struct place *p)
{
	bool user;
	unsigned long addr = deref_at(&op->fetch, p, &user);

	if (p->step == op->fetch.nderef - 1)
		user |= op->type.user;
	return is_user(addr, user);
}
NOKPROBE_SYMBOL(may_come);

/* Put a string behind the record and its place into the field. */
static unsigned int put_string(const struct fspan_program *prog, const struct fspan_op *op,
			       const void *data, const struct fspan_values *values,
			       void *record, unsigned int size, u32 *faults)
{
	const struct string_data *s = data + op->data;
	struct place p = {};
	char *dst = record + size;
	unsigned int len = 0;

	if (op->at_ret) {
		p.addr = op->data_size ? *(const u64 *)(data + op->data) :
			 base_value(&op->fetch, NULL, values);
		if (values->returned)
			len = fetch_string(op, &p, dst, prog->string_size);
	} else if (s->len) {
		len = s->len;
		memcpy(dst, s->text, len);
	} else if (values->returned) {
		p.addr = s->addr;
		p.step = s->step;
		if (may_come(op, &p))
			len = fetch_string(op, &p, dst, prog->string_size);
	}
	if (len) {
		*faults &= ~op->fault_bit;
	} else {
		*faults |= op->fault_bit;
		len = sizeof(FSPAN_FAULT_TEXT);
		memcpy(dst, FSPAN_FAULT_TEXT, len);
	}
	*(u32 *)(record + op->record) = len << 16 | size;
	return size + len;
}
NOKPROBE_SYMBOL(put_string);

static void put_value(const struct fspan_op *op, const void *data,
		      const struct fspan_values *values, void *record, u32 *faults)
{
	u64 val[64];	/* as large as an array may be */
	unsigned long base;

	if (op->fetch.base == FSPAN_BASE_COMM) {
		memcpy(record + op->record, op->data_size ? data + op->data : current->comm,
		       TASK_COMM_LEN);
		return;
	}
	if (!op->at_ret) {
		const u64 *entry = data + op->data;

		if (op->fetch.nderef ||
		    (op->fetch.base != FSPAN_BASE_NVCSW && op->fetch.base != FSPAN_BASE_NIVCSW)) {
			store_value(op, entry, record + op->record);
			return;
		}
		/* how often during the call: so far, if it has not returned */
		val[0] = base_value(&op->fetch, NULL, values) - *entry;
		if (!values->returned)
			val[0] = 0;
		store_value(op, val, record + op->record);
		return;
	}
	if (!values->returned)
		return;
	base = op->data_size ? *(const u64 *)(data + op->data) :
	       base_value(&op->fetch, NULL, values);
	val[0] = op->fetch.nderef ? 0 : base;
	if (op->fetch.nderef && read_value(op, base, val)) {
		memset(val, 0, op->type.size * (op->type.count ?: 1));
		*faults |= op->fault_bit;
	}
	store_value(op, val, record + op->record);
}
NOKPROBE_SYMBOL(put_value);

unsigned int fspan_program_fill(const struct fspan_program *prog, u32 only, const void *data,
				u32 *faults, const struct fspan_values *values,
				void *record, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < prog->nops; i++) {
		const struct fspan_op *op = &prog->ops[i];

		if (!(only & (1U << i)))
			continue;
		if (op->string)
			size = put_string(prog, op, data, values, record, size, faults);
		else
			put_value(op, data, values, record, faults);
	}
	if (prog->faults)
		*(u32 *)(record + prog->faults) = *faults;
	return size;
}
NOKPROBE_SYMBOL(fspan_program_fill);

u64 fspan_type_load(const struct fspan_type *type, const void *p)
{
	bool is_signed = type->format == FSPAN_FORMAT_SIGNED;

	switch (type->size) {
	case 1:
		return is_signed ? *(const s8 *)p : *(const u8 *)p;
	case 2:
		return is_signed ? *(const s16 *)p : *(const u16 *)p;
	case 4:
		/* of the two types the common one is unsigned */
		return is_signed ? (u64)*(const s32 *)p : *(const u32 *)p;
	default:
		return *(const u64 *)p;
	}
}
NOKPROBE_SYMBOL(fspan_type_load);

void fspan_program_numbers(const struct fspan_program *prog, const void *record, u64 *number)
{
	unsigned int i;

	for (i = 0; i < prog->nops; i++) {
		const struct fspan_op *op = &prog->ops[i];

		number[i] = prog->scalars & (1U << i) ?
			    fspan_type_load(&op->type, record + op->record) : 0;
	}
}
NOKPROBE_SYMBOL(fspan_program_numbers);

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

static void place_op(struct fspan_program *prog, struct fspan_op *op)
{
	if (op->fetch.base == FSPAN_BASE_COMM)
		op->data_size = op->at_ret ? 0 : TASK_COMM_LEN;
	else if (op->at_ret)
		op->data_size = base_of_entry(op->fetch.base) ? sizeof(u64) : 0;
	else if (op->string)
		op->data_size = sizeof(struct string_data) + prog->string_size;
	else
		op->data_size = op->type.size * (op->type.count ?: 1);
	op->data_size = ALIGN(op->data_size, sizeof(u64));
	op->data = prog->data_size;
	prog->data_size += op->data_size;
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
	prog->faults = layout->faults;
	prog->string_size = layout->string_size;
	for (i = 0; i < spec->nfields; i++) {
		const struct fspan_field_spec *f = &spec->fields[i];
		struct fspan_op *op = &prog->ops[i];

		op->fetch = f->fetch;
		op->type = f->type;
		/* a difference over the call, whichever way it is written */
		op->at_ret = f->at_ret && (f->fetch.nderef ||
					   (f->fetch.base != FSPAN_BASE_NVCSW &&
					    f->fetch.base != FSPAN_BASE_NIVCSW));
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
		place_op(prog, op);
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
