// SPDX-License-Identifier: GPL-2.0
/* Spans and points of a module's own, in each context, whose number the tests know. */
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#ifdef CONFIG_X86
#include <asm/nmi.h>
#endif

#include <linux/fspan.h>
#include <uapi/linux/fspan.h>

FSPAN_SPAN(types, (u8, a), (s16, b), (x32, c), (u64, d), (bool, e), (string, f));
FSPAN_SPAN(bare);
FSPAN_SPAN(scope, (s32, depth));
FSPAN_SPAN(keyed, (u64, k));
FSPAN_POINT(here, (s32, depth), (string, where));
FSPAN_POINT(symbol, (symbol, fn));

static noinline int recurse(int depth)
{
	int below = 0;

	FSPAN_SCOPE(scope, depth);
	if (depth)
		below = recurse(depth - 1);
	return FSPAN_RET(scope, below + 1);
}

/* Each kind once, in whatever context this is. */
static void mark(const char *where, int depth)
{
	FSPAN_SCOPE(scope, depth);
	fspan_point(here, depth, where);
	fspan_begin(keyed, depth, depth);
	fspan_end(keyed, depth, -depth);
	FSPAN_RET(scope, depth);
}

static void in_tasklet(struct tasklet_struct *t)
{
	mark("softirq", 2);
}

static void in_hardirq_work(struct irq_work *work)
{
	mark("hardirq", 3);
}

static bool seen;

#ifdef CONFIG_X86
static int in_nmi_handler(unsigned int cmd, struct pt_regs *regs)
{
	if (!READ_ONCE(seen))
		return NMI_DONE;
	mark("nmi", 4);
	WRITE_ONCE(seen, false);
	return NMI_HANDLED;
}
#endif

static void run_contexts(void)
{
	struct irq_work work = IRQ_WORK_INIT_HARD(in_hardirq_work);
	struct tasklet_struct tasklet;

	mark("task", 1);
	tasklet_setup(&tasklet, in_tasklet);
	tasklet_schedule(&tasklet);
	tasklet_kill(&tasklet);
	irq_work_queue(&work);
	irq_work_sync(&work);
#ifdef CONFIG_X86
	if (!register_nmi_handler(NMI_LOCAL, in_nmi_handler, 0, "fspan_marks")) {
		preempt_disable();
		WRITE_ONCE(seen, true);
		asm volatile("int $2");
		preempt_enable();
		unregister_nmi_handler(NMI_LOCAL, "fspan_marks");
	}
#endif
}

static void run_types(void)
{
	char text[8] = "begun";

	fspan_begin(types, &text, 200, -3, 0xabcd1234, 1ULL << 40, true, text);
	strscpy(text, "ended", sizeof(text));
	fspan_end(types, &text, -ENOENT);
	{
		FSPAN_SCOPE(bare);

		fspan_point(symbol, (unsigned long)schedule);
	}
}

/* Begun here, ended on another CPU, if there is one. */
static void end_elsewhere(void *arg)
{
	unsigned long i, n = (unsigned long)arg;

	for (i = 1; i <= n; i++)
		fspan_end(keyed, i, i);
}

static void run_cross(unsigned long n)
{
	unsigned long i;
	int cpu;

	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, smp_processor_id());
	for (i = 1; i <= n; i++)
		fspan_begin(keyed, i, i);
	if (cpu >= nr_cpu_ids)
		end_elsewhere((void *)n);
	else
		smp_call_function_single(cpu, end_elsewhere, (void *)n, 1);
	migrate_enable();
}

/* @n of @keys keys that are begun, and never ended. */
static void run_flood(unsigned long n, unsigned long keys)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		fspan_begin(keyed, 1000000 + i % keys, i);
}

static void run_load(unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n && !signal_pending(current); i++) {
		mark("load", 5);
		recurse(3);
		cond_resched();
	}
}

static noinline u64 loop_marked(unsigned long n)
{
	u64 start = ktime_get_mono_fast_ns();
	unsigned long i;

	for (i = 0; i < n; i++) {
		barrier();
		fspan_point(here, i, "");
	}
	return ktime_get_mono_fast_ns() - start;
}

static noinline u64 loop_keyed(unsigned long n)
{
	u64 start = ktime_get_mono_fast_ns();
	unsigned long i;

	for (i = 0; i < n; i++) {
		barrier();
		fspan_begin(keyed, i, i);
		fspan_end(keyed, i, 0);
	}
	return ktime_get_mono_fast_ns() - start;
}

static noinline u64 loop_scope(unsigned long n)
{
	u64 start = ktime_get_mono_fast_ns();
	unsigned long i;

	for (i = 0; i < n; i++) {
		FSPAN_SCOPE(scope, i);
		barrier();
		FSPAN_RET(scope, i);
	}
	return ktime_get_mono_fast_ns() - start;
}

static noinline u64 loop_plain(unsigned long n)
{
	u64 start = ktime_get_mono_fast_ns();
	unsigned long i;

	for (i = 0; i < n; i++)
		barrier();
	return ktime_get_mono_fast_ns() - start;
}

static char answer[128];	/* of the last of the two below */

/* What a mark costs, in hundredths of ns: with a clock that counts instructions, of these. */

static void run_cost(unsigned long n)
{
	u64 best[4] = { U64_MAX, U64_MAX, U64_MAX, U64_MAX };
	int i;

	for (i = 0; i < 5; i++) {
		best[0] = min(best[0], loop_plain(n));
		best[1] = min(best[1], loop_marked(n));
		best[2] = min(best[2], loop_keyed(n));
		best[3] = min(best[3], loop_scope(n));
	}
	for (i = 1; i < 4; i++)
		best[i] = (max(best[i], best[0]) - best[0]) * 100 / n;
	snprintf(answer, sizeof(answer), "point=%llu keyed=%llu scope=%llu", best[1], best[2], best[3]);
}

/* Another tracer, which hooks fspan's tracepoint of all spans by its name. */
static struct tracepoint *spans;
static unsigned long hooked;	/* 2, 3: it has marks itself, in the middle of the recorder */

static void on_span(void *data, const char *name, u64 dur, s64 ret, const struct fspan_gate *span)
{
	snprintf(answer, sizeof(answer), "%s ret=%lld fields=%u first=%lld second=%lld", name, ret,
		 span->nfields, span->field[0], span->field[1]);
	if (dur != span->dur || span->end - span->start != dur || !span->start)
		snprintf(answer, sizeof(answer), "%s: wrong times", name);
	if (hooked == 2)
		fspan_end(keyed, 9, 0);
	else if (hooked == 3)
		fspan_begin(keyed, 9, 9);
}

static int find_spans(struct notifier_block *nb, unsigned long action, void *data)
{
	struct module *mod = ((struct tp_module *)data)->mod;
	struct tracepoint *tp;
	unsigned int i;

	for (i = 0; i < mod->num_tracepoints && action == MODULE_STATE_COMING; i++) {
		tp = tracepoint_ptr_deref(&mod->tracepoints_ptrs[i]);
		if (!strcmp(tp->name, "fspan_span_tp"))
			spans = tp;
	}
	return NOTIFY_OK;
}

static struct notifier_block spans_nb = { .notifier_call = find_spans };

static int hook_spans(unsigned long on)
{
	hooked = on;
	if (on && !spans) {
		register_tracepoint_module_notifier(&spans_nb);
		unregister_tracepoint_module_notifier(&spans_nb);
		return spans ? tracepoint_probe_register(spans, on_span, NULL) : -ENOENT;
	}
	if (!on && spans) {
		tracepoint_probe_unregister(spans, on_span, NULL);
		tracepoint_synchronize_unregister();
		spans = NULL;
	}
	return 0;
}

static int run_set(const char *val, const struct kernel_param *kp)
{
	unsigned long n = 0, m = 1;
	char what[16];

	if (sscanf(val, "%15s %lu %lu", what, &n, &m) < 1)
		return -EINVAL;
	if (!strcmp(what, "contexts"))
		run_contexts();
	else if (!strcmp(what, "types"))
		run_types();
	else if (!strcmp(what, "recurse"))
		recurse(n);
	else if (!strcmp(what, "cross"))
		run_cross(n);
	else if (!strcmp(what, "flood"))
		run_flood(n, m);
	else if (!strcmp(what, "begin"))
		fspan_begin(keyed, n, m);
	else if (!strcmp(what, "end"))
		fspan_end(keyed, n, m);
	else if (!strcmp(what, "load"))
		run_load(n);
	else if (!strcmp(what, "hook"))
		return hook_spans(n);
	else if (!strcmp(what, "cost"))
		run_cost(n);
	else
		return -EINVAL;
	return 0;
}

static int run_get(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", answer);
}

static const struct kernel_param_ops run_ops = { .set = run_set, .get = run_get };
module_param_cb(run, &run_ops, NULL, 0600);

/* seen by who waited for the module */
static int __init marks_init(void)
{
	fspan_point(here, 0, "init");
	return 0;
}

static void __exit marks_exit(void)
{
	fspan_point(here, 0, "exit");
	hook_spans(false);
}

module_init(marks_init);
module_exit(marks_exit);
MODULE_DESCRIPTION("Spans and points of a module's own, for the tests of fspan");
MODULE_LICENSE("GPL");
