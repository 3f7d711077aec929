/* SPDX-License-Identifier: GPL-2.0 */
/* What the module's pure parts use of the kernel's headers, for user space. */
#ifndef UNIT_KERNEL_H
#define UNIT_KERNEL_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef unsigned long long u64;
typedef uint32_t u32;
typedef uint16_t u16;
typedef uint8_t u8;
typedef long long s64;
typedef int32_t s32;
typedef int16_t s16;
typedef int8_t s8;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1UL << (n))
#define fallthrough	__attribute__((__fallthrough__))
#define GFP_KERNEL	0
#define CONFIG_X86_64	1
#define IS_ENABLED(option)	1
#define __user
#define NOKPROBE_SYMBOL(name)	_Static_assert(1, #name)
#define EXPORT_SYMBOL_GPL(name)	_Static_assert(1, #name)
#define likely(x)	(x)
#define unlikely(x)	(x)
#define barrier()	__asm__ volatile("" ::: "memory")
#define READ_ONCE(x)	(*(volatile __typeof__(x) *)&(x))
#define min(a, b)	((a) < (b) ? (a) : (b))
#define max(a, b)	((a) > (b) ? (a) : (b))
#define ALIGN(x, a)	(((x) + (a) - 1) / (a) * (a))
#define struct_size(p, member, n)	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))
#define __ffs(x)	__builtin_ctzl(x)
#undef __always_inline
#define __always_inline	inline __attribute__((__always_inline__))
#ifndef __printf
#define __printf(a, b)	__attribute__((__format__(printf, a, b)))
#endif
/* what would be in the kernel's log ends the test */
#define WARN_ON_ONCE(x)	({ if (x) abort(); 0; })

#define TASK_SIZE	0x7ffffffff000UL
#define THREAD_SIZE	16384UL
#define TASK_COMM_LEN	16
#define KSYM_NAME_LEN	512
#define MODULE_NAME_LEN	56
#define ESCAPE_OCTAL	0
#define ESCAPE_NAP	0
#define ESCAPE_APPEND	0

static inline int isdigit(int c) { return c >= '0' && c <= '9'; }

static inline void *kcalloc(size_t n, size_t size, int gfp)
{
	(void)gfp;
	return calloc(n, size);
}

static inline void *kzalloc(size_t size, int gfp)
{
	return kcalloc(1, size, gfp);
}

static inline void *kmalloc(size_t size, int gfp)
{
	(void)gfp;
	return malloc(size);
}

static inline char *kstrdup(const char *s, int gfp)
{
	(void)gfp;
	return strdup(s);
}

static inline char *kstrndup(const char *s, size_t n, int gfp)
{
	(void)gfp;
	return strndup(s, n);
}

static inline void kfree(void *p) { free(p); }

static inline void *ERR_PTR(long error) { return (void *)error; }
static inline bool IS_ERR(const void *p) { return (unsigned long)p >= -4095UL; }

static inline long strscpy(char *dst, const char *src, size_t size)
{
	size_t len = strlen(src);

	if (len >= size)
		len = size - 1;
	memcpy(dst, src, len);
	dst[len] = '\0';
	return len;
}

struct pt_regs {
	unsigned long r15, r14, r13, r12, bp, bx, r11, r10, r9, r8, ax, cx, dx, si, di;
	unsigned long orig_ax, ip, cs, flags, sp, ss;
};

static inline unsigned long kernel_stack_pointer(struct pt_regs *regs) { return regs->sp; }

/* the memory is the test's */
long copy_from_kernel_nofault(void *dst, const void *src, size_t size);
long copy_from_user_nofault(void *dst, const void *src, size_t size);

struct task_struct {
	int pid;
	unsigned long nvcsw, nivcsw;
	char comm[TASK_COMM_LEN];
};

extern struct task_struct *current;

static inline int raw_smp_processor_id(void) { return 1; }

static inline u64 div_u64_rem(u64 n, u32 by, u32 *rest)
{
	*rest = n % by;
	return n / by;
}

struct trace_entry {
	unsigned short type;
	unsigned char flags, preempt_count;
	int pid;
};

#define FILTER_OTHER	0

struct trace_event_fields {
	const char *type, *name;
	const int size, align;
	const unsigned int is_signed:1;
	const int filter_type, len;
};

/* seq_buf and trace_seq: text that has an end */
struct seq_buf {
	char *buffer;
	size_t size, len;
};

struct trace_seq {
	struct seq_buf seq;
};

void seq_buf_init(struct seq_buf *s, char *buf, unsigned int size);
bool seq_buf_has_overflowed(struct seq_buf *s);
__printf(2, 3) int seq_buf_printf(struct seq_buf *s, const char *format, ...);
#define trace_seq_printf(s, ...)	seq_buf_printf(&(s)->seq, __VA_ARGS__)
#define trace_seq_puts(s, text)		trace_seq_printf(s, "%s", text)
#define trace_seq_putc(s, c)		trace_seq_printf(s, "%c", c)
int string_escape_mem(const char *src, size_t n, char *dst, size_t size, unsigned int flags,
		      const char *only);

#endif
