// SPDX-License-Identifier: GPL-2.0
/* Functions whose calls the tests know beforehand. */
#include <linux/context_tracking.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/lockdep.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>

#include "fspan_test.h"

/* nor may the caller know what the function does not read */
#if __has_attribute(noipa)
#define traced noinline __attribute__((noipa))
#else
#define traced noinline
#endif

/* at offsets that the cases write by hand */
struct fspan_test_obj {
	u8 a;			/* 0 */
	u16 b;			/* 2 */
	u32 c;			/* 4 */
	u64 d;			/* 8 */
	char name[16];		/* 16 */
	s32 arr[4];		/* 32 */
	struct fspan_test_obj *next;	/* 48 */
	const char *text;	/* 56 */
	const char *bad;	/* 64 */
	s8 minus;		/* 72 */
	u8 yes;			/* 73 */
};

static_assert(offsetof(struct fspan_test_obj, arr) == 32);
static_assert(offsetof(struct fspan_test_obj, minus) == 72);

/* not static, so that gcc makes no clones of them; nobody else calls them */
int fspan_test_add(int a, long b);
long fspan_test_seven(long a, long b, long c, long d, long e, long f, long g);
int fspan_test_recurse(int depth);
int fspan_test_inner(int n);
int fspan_test_outer(int n);
int fspan_test_kstr(const char *s);
long fspan_test_ustr(const char __user *s);
long fspan_test_take(const char **s);
int fspan_test_out(int in, int *out);
int fspan_test_sleep(unsigned int us);
int fspan_test_hang(u64 cookie);
int fspan_test_fail(int err);
void fspan_test_void(void);
void *fspan_test_ptr(struct fspan_test_obj *obj);
int fspan_test_cheap(int x);
int fspan_test_exit(int code);
int fspan_test_noprobe(int x);
int fspan_test_unwatched(int x);
int fspan_test_untraceable(int x);
int fspan_test_context(int which);
extern u32 fspan_test_data;

u32 fspan_test_data = 0x1234abcd;

static DECLARE_WAIT_QUEUE_HEAD(hang_wait);
static unsigned int released;

traced int fspan_test_add(int a, long b)
{
	barrier();
	return a + b;
}

traced long fspan_test_seven(long a, long b, long c, long d, long e, long f, long g)
{
	barrier();
	return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g;
}

traced int fspan_test_recurse(int depth)
{
	int below;

	if (!depth)
		return 0;
	below = fspan_test_recurse(depth - 1);
	barrier();
	return below + 1;
}

traced int fspan_test_inner(int n)
{
	barrier();
	return n * 3;
}

traced int fspan_test_outer(int n)
{
	int i, sum = 0;

	for (i = 0; i < n; i++)
		sum += fspan_test_inner(i);
	return sum;
}

traced int fspan_test_kstr(const char *s)
{
	return strlen(s);
}

/* reads what the caller has not touched: the page comes in here */
traced long fspan_test_ustr(const char __user *s)
{
	char buf[256];
	long len = strncpy_from_user(buf, s, sizeof(buf));

	barrier_data(buf);
	return len;
}

/* the same, and then what pointed there points elsewhere */
traced long fspan_test_take(const char **s)
{
	char buf[256];
	long len = strncpy_from_user(buf, (const char __user *)*s, sizeof(buf));

	barrier_data(buf);
	*s = "elsewhere";
	return len;
}

traced int fspan_test_out(int in, int *out)
{
	*out = in * 2;
	barrier();
	return 0;
}

traced int fspan_test_sleep(unsigned int us)
{
	usleep_range(us, us + 100);
	return us;
}

traced int fspan_test_hang(u64 cookie)
{
	unsigned int until = READ_ONCE(released) + 1;

	return wait_event_interruptible(hang_wait, READ_ONCE(released) >= until);
}

traced int fspan_test_fail(int err)
{
	barrier();
	return -err;
}

/* What it leaves where others return something looks like an errno. */
traced void fspan_test_void(void)
{
#if defined(__x86_64__)
	asm volatile("movq $-5, %%rax" ::: "rax", "memory");
#elif defined(__aarch64__)
	asm volatile("mov x0, #-5" ::: "x0", "memory");
#endif
}

traced void *fspan_test_ptr(struct fspan_test_obj *obj)
{
	barrier();
	return obj->next;
}

traced int fspan_test_cheap(int x)
{
	barrier();
	return x + 1;
}

traced int fspan_test_exit(int code)
{
	kthread_complete_and_exit(NULL, code);
	return 0;
}

traced int fspan_test_noprobe(int x)
{
	barrier();
	return x;
}
NOKPROBE_SYMBOL(fspan_test_noprobe);

traced int fspan_test_unwatched(int x)
{
	barrier();
	return x + 1;
}

/* to kprobes, but not to ftrace */
traced notrace int fspan_test_untraceable(int x)
{
	barrier();
	return x + 2;
}

static int run_exit(void *arg)
{
	return fspan_test_exit(0);
}

static long call_kstr(u64 uptr)
{
	char *s = strndup_user((const char __user *)uptr, 4096);
	long ret;

	if (IS_ERR(s))
		return PTR_ERR(s);
	ret = fspan_test_kstr(s);
	kfree(s);
	return ret;
}

static long call_take(u64 addr)
{
	const char *s = (const char *)addr;

	return fspan_test_take(&s);
}

/*
 * @n calls while RCU does not watch this CPU, as code on the way into idle
 * makes them, and one while it does again. Kprobes look their probe up in an RCU
 * list, of which lockdep complains and which is not what is tested.
 */
traced int fspan_test_context(int which)
{
	return which;
}

static void in_interrupt_context(struct irq_work *work)
{
	fspan_test_context(1);
}

static void in_softirq_context(struct tasklet_struct *tasklet)
{
	fspan_test_context(2);
}

/* In each context that a record tells apart by its flags and preempt count. */
static long call_contexts(u64 rounds)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(in_interrupt_context);
	struct tasklet_struct tasklet;
	u64 i;

	tasklet_setup(&tasklet, in_softirq_context);
	for (i = 0; i < rounds; i++) {
		fspan_test_context(0);
		irq_work_queue(&work);
		irq_work_sync(&work);
		local_bh_disable();
		fspan_test_context(3);
		tasklet_schedule(&tasklet);
		local_bh_enable();
		tasklet_unlock_wait(&tasklet);
		preempt_disable();
		fspan_test_context(4);
		preempt_disable();
		fspan_test_context(5);
		set_tsk_need_resched(current);
		set_preempt_need_resched();
		fspan_test_context(6);
		preempt_enable();
		preempt_enable();
		schedule();
		local_irq_disable();
		fspan_test_context(7);
		local_irq_enable();
		migrate_disable();
		fspan_test_context(8);
		migrate_enable();
	}
	tasklet_kill(&tasklet);
	return 0;
}

static long call_unwatched(u64 n)
{
	unsigned long flags;
	long sum = 0;
	u64 i;

	local_irq_save(flags);
	lockdep_off();
	ct_idle_enter();
	for (i = 0; i < n; i++)
		sum += fspan_test_unwatched(i);
	ct_idle_exit();
	lockdep_on();
	local_irq_restore(flags);
	return sum + fspan_test_unwatched(n);
}

static long call_ptr(void)
{
	struct fspan_test_obj next = { .d = 77, .text = "second" };
	struct fspan_test_obj obj = {
		.a = 0x11, .b = 0x2233, .c = 0x44556677, .d = 0x8899aabbccddeeffULL,
		.name = "fixed", .arr = { 1, -2, 3, -4 }, .next = &next, .text = "first",
		.bad = (const char *)16, .minus = -5, .yes = 2,
	};

	fspan_test_noprobe(1);
	fspan_test_untraceable(1);
	return fspan_test_ptr(&obj) == &next ? 0 : -EIO;
}

static long call_loop(u64 n)
{
	u64 i;

	for (i = 0; i < n; i++) {
		fspan_test_cheap(i);
		if (!(i & 1023))
			cond_resched();
	}
	return n;
}

static long test_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct fspan_test_call c;
	struct task_struct *task;
	int out = 0;

	if (copy_from_user(&c, (void __user *)arg, sizeof(c)))
		return -EFAULT;
	switch (cmd) {
	case FSPAN_TEST_ADD:
		c.ret = fspan_test_add(c.arg[0], c.arg[1]);
		break;
	case FSPAN_TEST_SEVEN:
		c.ret = fspan_test_seven(c.arg[0], c.arg[1], c.arg[2], c.arg[3], c.arg[4],
					 c.arg[5], c.arg[6]);
		break;
	case FSPAN_TEST_RECURSE:
		c.ret = fspan_test_recurse(c.arg[0]);
		break;
	case FSPAN_TEST_OUTER:
		c.ret = fspan_test_outer(c.arg[0]);
		break;
	case FSPAN_TEST_KSTR:
		c.ret = call_kstr(c.arg[0]);
		break;
	case FSPAN_TEST_USTR:
		c.ret = fspan_test_ustr((const char __user *)c.arg[0]);
		break;
	case FSPAN_TEST_TAKE:
		c.ret = call_take(c.arg[0]);
		break;
	case FSPAN_TEST_OUT:
		fspan_test_out(c.arg[0], &out);
		c.ret = out;
		break;
	case FSPAN_TEST_SLEEP:
		c.ret = fspan_test_sleep(c.arg[0]);
		break;
	case FSPAN_TEST_HANG:
		c.ret = fspan_test_hang(c.arg[0]);
		break;
	case FSPAN_TEST_RELEASE:
		WRITE_ONCE(released, released + 1);
		wake_up_all(&hang_wait);
		break;
	case FSPAN_TEST_FAIL:
		fspan_test_void();
		c.ret = fspan_test_fail(c.arg[0]);
		break;
	case FSPAN_TEST_PTR:
		c.ret = call_ptr();
		break;
	case FSPAN_TEST_UNWATCHED:
		c.ret = call_unwatched(c.arg[0]);
		break;
	case FSPAN_TEST_CONTEXTS:
		c.ret = call_contexts(c.arg[0]);
		break;
	case FSPAN_TEST_LOOP:
		c.ret = call_loop(c.arg[0]);
		break;
	case FSPAN_TEST_EXIT:
		task = kthread_run(run_exit, NULL, "fspan_exit");
		c.ret = PTR_ERR_OR_ZERO(task);
		break;
	default:
		return -ENOTTY;
	}
	return copy_to_user((void __user *)arg, &c, sizeof(c)) ? -EFAULT : 0;
}

static const struct file_operations test_fops = {
	.owner		= THIS_MODULE,
	.unlocked_ioctl	= test_ioctl,
};

static struct miscdevice test_dev = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "fspan_test",
	.fops	= &test_fops,
	.mode	= 0600,
};

module_misc_device(test_dev);
MODULE_DESCRIPTION("Known calls for the tests of fspan");
MODULE_LICENSE("GPL");
