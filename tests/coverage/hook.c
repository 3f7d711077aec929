// SPDX-License-Identifier: GPL-2.0
/* Part of an fspan.ko that is built with -fsanitize-coverage=trace-pc. */
#include <linux/kprobes.h>
#include <linux/module.h>

#include "cov.h"

void __sanitizer_cov_trace_pc(void);

/* Called at each basic block; those of __init and __exit are too far away to count. */
notrace void __sanitizer_cov_trace_pc(void)
{
	fspan_cov_hit(_RET_IP_ - (unsigned long)__sanitizer_cov_trace_pc);
}
NOKPROBE_SYMBOL(__sanitizer_cov_trace_pc);
