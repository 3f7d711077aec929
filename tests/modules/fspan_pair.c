// SPDX-License-Identifier: GPL-2.0
/*
 * Requests that begin in one context and end in another. Write to /dev/fspan_pair
 * "BEGIN END KEY N [STEP [NAME]]": N of them, with keys from KEY on, STEP or 1 apart, all
 * begin in the context BEGIN, then all end in the context END: task softirq hardirq nmi, or -
 * for nowhere. NAME is the address that the begin is given for a text of its own.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#ifdef CONFIG_X86_64
#include <asm/apic.h>
#include <asm/nmi.h>
#endif

#define CREATE_TRACE_POINTS
#include "fspan_pair_trace.h"

#if __has_attribute(noipa)
#define traced noinline __attribute__((noipa))
#else
#define traced noinline
#endif

void fspan_pair_begin(u64 key, int value, const char *name);
void fspan_pair_end(u64 key, int value, const u64 *where);

traced void fspan_pair_begin(u64 key, int value, const char *name)
{
	barrier();
}

traced void fspan_pair_end(u64 key, int value, const u64 *where)
{
	barrier();
}

struct work {
	bool end;
	bool done;
	u64 key;
	u64 n;
	u64 step;
	u64 name;
	struct irq_work irq;
	struct tasklet_struct tasklet;
	struct rcu_head rcu;
};

static void run(struct work *w)
{
	u64 i;

	for (i = 0; i < w->n; i++) {
		u64 key = w->key + i * w->step;

		if (w->end) {
			trace_fspan_pair_ended(key, -i);
			fspan_pair_end(key, -i, &key);
		} else {
			fspan_pair_begin(key, i, w->name ? (void *)(long)w->name : "begun");
			trace_fspan_pair_began(key, i);
		}
	}
	smp_store_release(&w->done, true);	/* of all that run() did */
}

static void run_irq(struct irq_work *irq)
{
	run(container_of(irq, struct work, irq));
}

static void run_softirq(struct tasklet_struct *tasklet)
{
	run(container_of(tasklet, struct work, tasklet));
}

#ifdef CONFIG_X86_64
static struct work *nmi_work;

static int run_nmi(unsigned int type, struct pt_regs *regs)
{
	struct work *w = xchg(&nmi_work, NULL);

	if (!w)
		return NMI_DONE;
	run(w);
	return NMI_HANDLED;
}

static int send_nmi(struct work *w)
{
	while (cmpxchg(&nmi_work, NULL, w))
		cpu_relax();
	preempt_disable();
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
	preempt_enable();
	return 0;
}

static int hook_nmi(void)
{
	return register_nmi_handler(NMI_LOCAL, run_nmi, 0, "fspan_pair");
}

static void unhook_nmi(void)
{
	unregister_nmi_handler(NMI_LOCAL, "fspan_pair");
}
#else
static int send_nmi(struct work *w) { return -EOPNOTSUPP; }
static int hook_nmi(void) { return 0; }
static void unhook_nmi(void) {}
#endif

static int run_in(const char *context, struct work *w)
{
	int ret = 0;

	w->done = false;
	if (!strcmp(context, "-"))
		return 0;
	if (!strcmp(context, "task"))
		run(w);
	else if (!strcmp(context, "hardirq"))
		irq_work_queue(&w->irq);
	else if (!strcmp(context, "softirq"))
		tasklet_schedule(&w->tasklet);
	else
		ret = strcmp(context, "nmi") ? -EINVAL : send_nmi(w);
	while (!ret && !smp_load_acquire(&w->done))	/* of run() */
		usleep_range(20, 50);
	irq_work_sync(&w->irq);
	tasklet_unlock_wait(&w->tasklet);
	return ret;
}

static ssize_t pair_write(struct file *file, const char __user *ubuf, size_t count, loff_t *pos)
{
	char buf[128], begin[16], end[16];
	struct work *w;
	int ret = -EINVAL;

	if (count >= sizeof(buf))
		return -EINVAL;
	if (copy_from_user(buf, ubuf, count))
		return -EFAULT;
	buf[count] = '\0';
	w = kzalloc(sizeof(*w), GFP_KERNEL);
	if (!w)
		return -ENOMEM;
	w->irq = IRQ_WORK_INIT_HARD(run_irq);
	tasklet_setup(&w->tasklet, run_softirq);
	w->step = 1;
	if (sscanf(buf, "%15s %15s %llu %llu %llu %llu", begin, end, &w->key, &w->n, &w->step,
		   &w->name) >= 4) {
		ret = run_in(begin, w);
		w->end = true;
		ret = ret ?: run_in(end, w);
	}
	/* on PREEMPT_RT the interrupt looks at it once more, after irq_work_sync() let us go */
	kfree_rcu(w, rcu);
	return ret ?: count;
}

static const struct file_operations pair_fops = {
	.owner	= THIS_MODULE,
	.write	= pair_write,
};

static struct miscdevice pair_dev = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "fspan_pair",
	.fops	= &pair_fops,
	.mode	= 0600,
};

static int __init pair_init(void)
{
	int ret = hook_nmi();

	if (ret)
		return ret;
	ret = misc_register(&pair_dev);
	if (ret)
		unhook_nmi();
	return ret;
}

static void __exit pair_exit(void)
{
	misc_deregister(&pair_dev);
	unhook_nmi();
}

module_init(pair_init);
module_exit(pair_exit);
MODULE_DESCRIPTION("Requests that cross contexts, for the tests of fspan");
MODULE_LICENSE("GPL");
