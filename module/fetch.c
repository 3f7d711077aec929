// SPDX-License-Identifier: GPL-2.0
#include <linux/cgroup.h>
#include <linux/kprobes.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <asm/word-at-a-time.h>

#include "fetch.h"
#include "layout.h"
#include "regs.h"

#define CHUNK		32	/* divides the page size */

/* How far a chain of dereferences was followed. */
struct place {
	u64 addr;		/* the pointer so far */
	u32 step;		/* the dereference that comes next */
};

DEFINE_PER_CPU(struct fspan_in_tree, fspan_in_tree);

void fspan_type_store(const struct fspan_type *t, u64 v, void *p)
{
	if (t->bit_width)
		v = (v >> t->bit_shift) & (~0ULL >> (64 - t->bit_width));
	else if (t->format == FSPAN_FORMAT_BOOL)
		v = !!(u8)v;
	switch (t->size) {
	case 1:
		*(u8 *)p = v;
		break;
	case 2:
		*(u16 *)p = v;
		break;
	case 4:
		*(u32 *)p = v;
		break;
	default:
		*(u64 *)p = v;
	}
}
NOKPROBE_SYMBOL(fspan_type_store);

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

/* strnlen(), by words */
static unsigned int length(const char *s, unsigned int max)
{
	const struct word_at_a_time constants = WORD_AT_A_TIME_CONSTANTS;
	unsigned long word, zero;
	unsigned int n = 0;

	for (; n + sizeof(word) <= max; n += sizeof(word)) {
		__builtin_memcpy(&word, s + n, sizeof(word));
		if (has_zero(word, &zero, &constants)) {
			zero = create_zero_mask(prep_zero_mask(word, zero, &constants));
			return n + find_zero(zero);
		}
	}
	while (n < max && s[n])
		n++;
	return n;
}
NOKPROBE_SYMBOL(length);

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
		got = length(dst + n, len);
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
	case FSPAN_BASE_ID:
	case FSPAN_BASE_PARENT:
	case FSPAN_BASE_DEPTH:
		return __this_cpu_read(fspan_in_tree.n[f->base - FSPAN_BASE_ID]);
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

/* What is behind @base, or that itself, into the record at @p; zeroes if it faulted. */
static bool put_value(const struct fspan_op *op, unsigned long base, void *p)
{
	bool ok = true;
	u64 v = base;

	if (op->type.count) {
		ok = !read_value(op, base, p);
		if (!ok)
			memset(p, 0, op->type.size * op->type.count);
		return ok;
	}
	if (op->fetch.nderef) {
		v = 0;
		/* both architectures are little-endian: a short value is the low part */
		ok = !read_value(op, base, &v);
		if (!ok)
			v = 0;
	}
	fspan_type_store(&op->type, v, p);
	return ok;
}
NOKPROBE_SYMBOL(put_value);

bool fspan_op_number(const struct fspan_op *op, struct pt_regs *regs, u64 *value)
{
	u64 word = 0;
	bool ok = put_value(op, base_value(&op->fetch, regs, NULL), &word);

	*value = fspan_type_load(&op->type, &word);
	return ok;
}
NOKPROBE_SYMBOL(fspan_op_number);

static void enter_op(const struct fspan_op *op, struct pt_regs *regs, void *data,
		     unsigned int string_size, u32 *faults)
{
	/* what needs values is not taken at entry */
	unsigned long base = base_value(&op->fetch, regs, NULL);

	if (op->at_ret || op->difference) {
		*(u64 *)(data + op->data) = base;
	} else if (op->fetch.base == FSPAN_BASE_COMM) {
		fspan_copy(data + op->record, current->comm, TASK_COMM_LEN);
	} else if (op->string) {
		struct fspan_string_data *s = data + op->data;
		struct place p = { .addr = base };

		s->len = fetch_string(op, &p, s->text, string_size);
		s->addr = p.addr;
		s->step = p.step;
		if (!s->len)
			*faults |= op->fault_bit;
	} else if (!put_value(op, base, data + op->record)) {
		*faults |= op->fault_bit;
	}
}
NOKPROBE_SYMBOL(enter_op);

u32 fspan_program_enter_ops(const struct fspan_program *prog, u32 ops, void *data,
			    struct pt_regs *regs)
{
	u32 faults = 0;

	for (; ops; ops &= ops - 1)
		enter_op(&prog->ops[__ffs(ops)], regs, data, prog->string_size, &faults);
	return faults;
}
NOKPROBE_SYMBOL(fspan_program_enter_ops);

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

/* Of what is read at return. */
static unsigned long base_at_return(const struct fspan_op *op, const void *data,
				    const struct fspan_values *values)
{
	return op->data ? *(const u64 *)(data + op->data) : base_value(&op->fetch, NULL, values);
}
NOKPROBE_SYMBOL(base_at_return);

/* Put a string behind the record and its place into the field. */
static unsigned int put_string(const struct fspan_program *prog, const struct fspan_op *op,
			       const void *data, const struct fspan_values *values,
			       void *record, unsigned int size, u32 *faults)
{
	const struct fspan_string_data *s = data + op->data;
	struct place p = {};
	char *dst = record + size;
	unsigned int len = 0;

	if (op->at_ret) {
		p.addr = base_at_return(op, data, values);
		if (values->returned)
			len = fetch_string(op, &p, dst, prog->string_size);
	} else if (s->len) {
		len = s->len;
		fspan_copy(dst, s->text, len);
	} else if (values->returned && !prog->elsewhere) {
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

static void fill_value(const struct fspan_op *op, const void *data,
		       const struct fspan_values *values, void *record, u32 *faults)
{
	void *p = record + op->record;
	u64 n = 0;

	if (op->difference) {
		if (values->returned)
			n = base_value(&op->fetch, NULL, values) - *(const u64 *)(data + op->data);
		fspan_type_store(&op->type, n, p);
		return;
	}
	if (!values->returned)
		return;
	if (op->fetch.base == FSPAN_BASE_COMM)
		fspan_copy(p, current->comm, TASK_COMM_LEN);
	else if (!put_value(op, base_at_return(op, data, values), p))
		*faults |= op->fault_bit;
}
NOKPROBE_SYMBOL(fill_value);

unsigned int fspan_program_fill_ops(const struct fspan_program *prog, u32 ops,
				    const void *data, u32 *faults,
				    const struct fspan_values *values, void *record,
				    unsigned int size)
{
	for (; ops; ops &= ops - 1) {
		const struct fspan_op *op = &prog->ops[__ffs(ops)];

		if (op->string)
			size = put_string(prog, op, data, values, record, size, faults);
		else
			fill_value(op, data, values, record, faults);
	}
	return size;
}
NOKPROBE_SYMBOL(fspan_program_fill_ops);

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

void fspan_program_numbers(const struct fspan_program *prog, u32 only, const void *record,
			   u64 *number)
{
	unsigned int i;

	for (i = 0; i < prog->nops; i++) {
		const struct fspan_op *op = &prog->ops[i];

		number[i] = prog->scalars & only & (1U << i) ?
			    fspan_type_load(&op->type, record + op->record) : 0;
	}
}
NOKPROBE_SYMBOL(fspan_program_numbers);
