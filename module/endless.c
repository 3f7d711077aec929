// SPDX-License-Identifier: GPL-2.0
#include <linux/glob.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "endless.h"

/* To wait is what they are for: for events, time, children, connections, work. */
static const char *const waits[] = {
	"schedule", "schedule_timeout*", "schedule_hrtimeout*", "schedule_preempt_disabled",
	"io_schedule*", "wait_for_completion*", "wait_woken", "do_wait_intr*",
	"do_sys_poll", "do_restart_poll", "*_sys_poll", "*_sys_ppoll*",
	"do_select", "core_sys_select", "kern_select", "do_pselect*", "*_sys_select", "*_sys_pselect*",
	"do_epoll_wait", "do_epoll_pwait*", "ep_poll", "*_sys_epoll_wait", "*_sys_epoll_pwait*",
	"futex_wait*", "__futex_wait", "do_futex", "*_sys_futex*",
	"do_nanosleep", "hrtimer_nanosleep*", "common_nsleep*", "*_sys_nanosleep*",
	"*_sys_clock_nanosleep*",
	"do_wait", "__do_wait", "kernel_wait*", "*_sys_wait*",
	"do_sigtimedwait", "*_sys_rt_sigtimedwait*", "sigsuspend", "*_sys_*sigsuspend*", "*_sys_pause",
	"do_accept", "__sys_accept4*", "*_sys_accept*", "inet_csk_accept", "unix_accept",
	"io_cqring_wait", "read_events", "*_sys_io_getevents*", "*_sys_io_pgetevents*",
	"kthread", "kthread_worker_fn", "worker_thread", "rescuer_thread", "smpboot_thread_fn",
	"vhost_task_fn", "io_wq_worker", "io_sq_thread", "*_kthread", "kswapd",
};

static const char *const noreturn[] = {
	"do_exit", "do_group_exit", "make_task_dead", "rewind_stack_and_make_dead",
	"kthread_exit", "kthread_complete_and_exit", "__module_put_and_kthread_exit",
	"*_sys_exit", "*_sys_exit_group", "cpu_startup_entry", "do_task_dead", "panic",
	"machine_real_restart", "stop_this_cpu", "x86_64_start_*", "start_secondary", "rest_init",
	/* a CPU that goes away in it comes back elsewhere; a program throws over it */
	"do_idle", "arch_cpu_idle_dead", "*play_dead*", "intel_idle_enter_dead", "bpf_throw",
};

static bool is_among(const char *const *glob, unsigned int n, const char *function)
{
	while (n--)
		if (glob_match(glob[n], function))
			return true;
	return false;
}

const char *fspan_endless(const char *function)
{
	if (is_among(waits, ARRAY_SIZE(waits), function))
		return "waits";
	return is_among(noreturn, ARRAY_SIZE(noreturn), function) ? "noreturn" : NULL;
}
