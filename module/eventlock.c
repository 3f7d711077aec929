// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/mutex.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/trace_events.h>

#include "eventlock.h"

static DEFINE_MUTEX(run_lock);		/* one request at a time */
static struct {
	struct task_struct *task;	/* whose request this is */
	int (*fn)(void *arg);
	void *arg;
	int ret;
	bool done;
} request;

/* Called under event_mutex; others may open the control event too, and get nothing. */
static int control_reg(struct trace_event_call *call, enum trace_reg type, void *data)
{
	if (type != TRACE_REG_PERF_REGISTER || READ_ONCE(request.task) != current)
		return -EINVAL;
	request.ret = request.fn(request.arg);
	request.done = true;
	return -ECANCELED;	/* the perf event is not wanted: the core undoes it */
}

static struct trace_event_fields control_fields[] = { {} };

static struct trace_event_class control_class = {
	.system		= "fspan_core",
	.reg		= control_reg,
	.fields_array	= control_fields,
	.fields		= LIST_HEAD_INIT(control_class.fields),
	.raw_init	= trace_event_raw_init,
};

static enum print_line_t control_print(struct trace_iterator *iter, int flags,
				       struct trace_event *event)
{
	return TRACE_TYPE_HANDLED;
}

static struct trace_event_functions control_funcs = { .trace = control_print };

static struct trace_event_call control_call = {
	.class		= &control_class,
	.name		= "control",
	.event.funcs	= &control_funcs,
	.print_fmt	= "\"\"",
	.flags		= TRACE_EVENT_FL_IGNORE_ENABLE,
};

/* the core registers what stands here when the module is loaded */
static struct trace_event_call __used __section("_ftrace_events") *control_ptr = &control_call;

int fspan_eventlock_init(void)
{
	return control_call.event.type ? 0 : -ENODEV;
}

/* Was it run? Then *@ret is what it says, else why not. */
static bool try_run(int (*fn)(void *arg), void *arg, int *ret)
{
	struct perf_event_attr attr = {
		.type	= PERF_TYPE_TRACEPOINT,
		.size	= sizeof(attr),
		.config	= control_call.event.type,
		.disabled = 1,
	};
	struct perf_event *event;
	bool done;

	mutex_lock(&run_lock);
	request.fn = fn;
	request.arg = arg;
	request.done = false;
	WRITE_ONCE(request.task, current);
	event = perf_event_create_kernel_counter(&attr, -1, current, NULL, NULL);
	WRITE_ONCE(request.task, NULL);
	if (!IS_ERR(event))	/* cannot be: the callback never agrees */
		perf_event_release_kernel(event);
	done = request.done;
	if (done)
		*ret = request.ret;
	else
		*ret = IS_ERR(event) ? PTR_ERR(event) : -EIO;
	mutex_unlock(&run_lock);
	return done;
}

int fspan_eventlock_run(int (*fn)(void *arg), void *arg)
{
	int ret;

	try_run(fn, arg, &ret);
	return ret;
}

int fspan_eventlock_run_surely(int (*fn)(void *arg), void *arg)
{
	int ret;

	/* it fails only for want of the little memory that the lock takes */
	while (!try_run(fn, arg, &ret))
		schedule_timeout_uninterruptible(HZ / 10);
	return ret;
}
