// SPDX-License-Identifier: GPL-2.0
/* A module that comes and goes while its functions are traced. */
#include <linux/module.h>

int fspan_late_func(int x);
int fspan_late_other(int x);

noinline int fspan_late_func(int x)
{
	barrier();
	return x + 100;
}

noinline int fspan_late_other(int x)
{
	barrier();
	return x + 200;
}

/* echo N > /sys/module/fspan_late/parameters/call */
static int call_set(const char *val, const struct kernel_param *kp)
{
	int x, ret = kstrtoint(val, 0, &x);

	if (ret)
		return ret;
	fspan_late_func(x);
	fspan_late_other(x);
	return 0;
}

static const struct kernel_param_ops call_ops = { .set = call_set };
module_param_cb(call, &call_ops, NULL, 0200);

/* the first call is from here: it must be seen by who waited for the module */
static int __init late_init(void)
{
	fspan_late_func(1);
	return 0;
}

static void __exit late_exit(void)
{
}

module_init(late_init);
module_exit(late_exit);
MODULE_DESCRIPTION("A module that comes late, for the tests of fspan");
MODULE_LICENSE("GPL");
