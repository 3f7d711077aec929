// SPDX-License-Identifier: GPL-2.0
/*
 * What then is called last never returns: the machine wakes up in another place. A slot of such a
 * call would never be given back; and a kretprobe's instance, which is found by its place in the
 * task's list alone, would be taken for that of the next to return, and send it astray. ftrace's
 * graph tracer pauses there too.
 *
 * Context: the only CPU that is online, interrupts off, before all who were registered earlier
 * and, when it wakes up, after them. So to be busy here is to be busy everywhere. Of s2idle nobody
 * hears, but from that all return. An image of hibernation is made, and resumed, in
 * between, with what was written here.
 */
#include <linux/percpu.h>
#include <linux/syscore_ops.h>

#include "compat/compat.h"
#include "engine.h"
#include "suspend.h"

static int begin(FSPAN_COMPAT_SYSCORE_ARGS)
{
	__this_cpu_inc(fspan_busy);
	return 0;
}

static void end(FSPAN_COMPAT_SYSCORE_ARGS)
{
	__this_cpu_dec(fspan_busy);
}

static FSPAN_COMPAT_SYSCORE(suspend, begin, end);

void fspan_suspend_init(void)
{
	fspan_compat_syscore_register(&suspend);
}

void fspan_suspend_exit(void)
{
	fspan_compat_syscore_unregister(&suspend);
}
