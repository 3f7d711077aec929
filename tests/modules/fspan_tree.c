// SPDX-License-Identifier: GPL-2.0
/*
 * Calls within calls, in all contexts. What is written to /dev/fspan_tree is run:
 *   a b c d, or a[...]	a call of fspan_tree_a(), with the letter's place in the text, and in it ...
 *   h[...] s[...] n[...]	... in a hard interrupt, a softirq, an NMI that interrupts just here
 *   k[...]		... in a new task, which is waited for
 *   x		that task ends here
 *   u z		be busy for 2 ms; sleep for 4 ms at least
 *   gN wN		N is given; wait until it was, as often as it is waited for
 */
#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#ifdef CONFIG_X86_64
#include <asm/apic.h>
#include <asm/nmi.h>
#endif

#if __has_attribute(noipa)
#define traced noinline __attribute__((noipa))
#else
#define traced noinline
#endif

struct script {
	const char *text;
	unsigned int pos;
	bool done;
	struct irq_work irq;
	struct tasklet_struct tasklet;
	struct completion ended;
};

int fspan_tree_a(unsigned int place, struct script *s);
int fspan_tree_b(unsigned int place, struct script *s);
int fspan_tree_c(unsigned int place, struct script *s);
int fspan_tree_d(unsigned int place, struct script *s);

static atomic_t given[10];

static void run(struct script *s);

/* What follows in brackets, if anything. */
static int body(struct script *s)
{
	if (s->text[s->pos] == '[') {
		s->pos++;
		run(s);
	}
	return s->pos;
}

traced int fspan_tree_a(unsigned int place, struct script *s)
{
	int end = body(s);

	barrier();
	return end;
}

traced int fspan_tree_b(unsigned int place, struct script *s)
{
	int end = body(s);

	barrier();
	return end;
}

traced int fspan_tree_c(unsigned int place, struct script *s)
{
	int end = body(s);

	barrier();
	return end;
}

traced int fspan_tree_d(unsigned int place, struct script *s)
{
	int end = body(s);

	barrier();
	return end;
}

static void run_body(struct script *s)
{
	body(s);
	smp_store_release(&s->done, true);	/* of all that it did */
}

static void run_irq(struct irq_work *irq)
{
	run_body(container_of(irq, struct script, irq));
}

static void run_softirq(struct tasklet_struct *tasklet)
{
	run_body(container_of(tasklet, struct script, tasklet));
}

static int run_task(void *arg)
{
	struct script *s = arg;

	body(s);
	kthread_complete_and_exit(&s->ended, 0);
	return 0;
}

#ifdef CONFIG_X86_64
static struct script *nmi_script;

static int run_nmi(unsigned int type, struct pt_regs *regs)
{
	struct script *s = READ_ONCE(nmi_script);

	/* of this CPU: who sends one waits for it there */
	if (!s || cmpxchg(&nmi_script, s, NULL) != s)
		return NMI_DONE;
	run_body(s);
	return NMI_HANDLED;
}

static void send_nmi(struct script *s)
{
	while (cmpxchg(&nmi_script, NULL, s))
		cpu_relax();
	apic->send_IPI(smp_processor_id(), NMI_VECTOR);
}

static int hook_nmi(void)
{
	return register_nmi_handler(NMI_LOCAL, run_nmi, 0, "fspan_tree");
}

static void unhook_nmi(void)
{
	unregister_nmi_handler(NMI_LOCAL, "fspan_tree");
}
#else
static void send_nmi(struct script *s) { run_body(s); }
static int hook_nmi(void) { return 0; }
static void unhook_nmi(void) {}
#endif

/* Go on behind the bracket that closes the one here. */
static void skip_body(struct script *s)
{
	int depth = 0;

	do {
		depth += s->text[s->pos] == '[';
		depth -= s->text[s->pos] == ']';
	} while (s->text[s->pos++] && depth);
}

static void in_context(struct script *s, char context)
{
	struct script inner = { .text = s->text, .pos = s->pos };

	inner.irq = IRQ_WORK_INIT_HARD(run_irq);
	tasklet_setup(&inner.tasklet, run_softirq);
	if (context == 's') {
		/* it is run when they are allowed again, here */
		local_bh_disable();
		tasklet_schedule(&inner.tasklet);
		local_bh_enable();
		while (!smp_load_acquire(&inner.done))	/* of run_body() */
			usleep_range(20, 50);
		tasklet_unlock_wait(&inner.tasklet);
	} else {
		preempt_disable();
		if (context == 'n')
			send_nmi(&inner);
		else
			irq_work_queue(&inner.irq);
		while (!smp_load_acquire(&inner.done))	/* of run_body() */
			cpu_relax();
		preempt_enable();
	}
	skip_body(s);
}

static void in_task_of_its_own(struct script *s)
{
	struct script inner = { .text = s->text, .pos = s->pos };

	init_completion(&inner.ended);
	if (!IS_ERR(kthread_run(run_task, &inner, "fspan_tree")))
		wait_for_completion(&inner.ended);
	skip_body(s);
}

/* By the clock that durations are by. */
static void be_busy(u64 ns)
{
	u64 end = ktime_get_ns() + ns;

	while (ktime_get_ns() < end)
		cpu_relax();
}

static void run(struct script *s)
{
	char c;

	while ((c = s->text[s->pos])) {
		unsigned int place = s->pos++, n = s->text[s->pos] - '0';

		switch (c) {
		case 'a':
			fspan_tree_a(place, s);
			break;
		case 'b':
			fspan_tree_b(place, s);
			break;
		case 'c':
			fspan_tree_c(place, s);
			break;
		case 'd':
			fspan_tree_d(place, s);
			break;
		case 'h':
		case 's':
		case 'n':
			in_context(s, c);
			break;
		case 'k':
			in_task_of_its_own(s);
			break;
		case 'x':
			kthread_complete_and_exit(&s->ended, 0);
			break;
		case 'u':
			be_busy(2 * NSEC_PER_MSEC);
			break;
		case 'z':
			usleep_range(4000, 4100);
			break;
		case 'g':
		case 'w':
			if (n >= ARRAY_SIZE(given))
				return;
			s->pos++;
			if (c == 'g')
				atomic_inc(&given[n]);
			else
				while (!atomic_add_unless(&given[n], -1, 0) &&
				       !fatal_signal_pending(current))
					usleep_range(100, 200);
			break;
		case ']':
			return;
		}
	}
}

static ssize_t tree_write(struct file *file, const char __user *ubuf, size_t count, loff_t *pos)
{
	struct script s = { .text = memdup_user_nul(ubuf, min_t(size_t, count, PAGE_SIZE - 1)) };

	if (IS_ERR(s.text))
		return PTR_ERR(s.text);
	run(&s);
	kfree(s.text);
	return count;
}

static const struct file_operations tree_fops = {
	.owner	= THIS_MODULE,
	.write	= tree_write,
};

static struct miscdevice tree_dev = {
	.minor	= MISC_DYNAMIC_MINOR,
	.name	= "fspan_tree",
	.fops	= &tree_fops,
	.mode	= 0600,
};

static int __init tree_init(void)
{
	int ret = hook_nmi();

	if (ret)
		return ret;
	ret = misc_register(&tree_dev);
	if (ret)
		unhook_nmi();
	return ret;
}

static void __exit tree_exit(void)
{
	misc_deregister(&tree_dev);
	unhook_nmi();
}

module_init(tree_init);
module_exit(tree_exit);
MODULE_DESCRIPTION("Calls within calls for the tests of fspan");
MODULE_LICENSE("GPL");
