/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What calls are timed by. Where the kernel trusts the time stamp counter that is read itself:
 * it takes a tenth of the instructions of the kernel's fastest clock, which is what else there
 * is. In any context.
 */
#ifndef FSPAN_CLOCK_H
#define FSPAN_CLOCK_H

#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>

/*
 * The kernel may find the counter unstable later: so a set chooses when it is armed, and keeps
 * to that.
 */
struct fspan_clock {
	bool ticks;	/* it has ticks of the counter; else ns, CLOCK_MONOTONIC */
	u64 mult;	/* ns of 2^32 of what it has, at most 2^33 */
};

void fspan_clock_choose(struct fspan_clock *clock, bool may_tick);
/* The least of it that is @ns or more. */
u64 fspan_clock_least(const struct fspan_clock *clock, u64 ns);
/* For fspan_clock_ns(). */
u64 fspan_clock_ns_long(const struct fspan_clock *clock, u64 passed);

static __always_inline u64 fspan_clock_read(const struct fspan_clock *clock)
{
	return likely(clock->ticks) ? get_cycles() : ktime_get_mono_fast_ns();
}

/* What passed since @start; neither clock is quite the same on all CPUs. */
static __always_inline u64 fspan_clock_passed(const struct fspan_clock *clock, u64 start)
{
	u64 passed = fspan_clock_read(clock) - start;

	return likely((s64)passed >= 0) ? passed : 0;
}

/* The same in ns. What is short takes no more than a word to multiply. */
static __always_inline u64 fspan_clock_ns(const struct fspan_clock *clock, u64 passed)
{
	return likely(!(passed >> 31)) ? passed * clock->mult >> 32 :
					 fspan_clock_ns_long(clock, passed);
}

/* ns since @start */
static inline u64 fspan_clock_age(const struct fspan_clock *clock, u64 start)
{
	return fspan_clock_ns(clock, fspan_clock_passed(clock, start));
}

#endif
