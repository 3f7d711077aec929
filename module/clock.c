// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/math64.h>
#include <linux/time64.h>
#ifdef CONFIG_X86_64
#include <asm/cpufeature.h>
#include <asm/hypervisor.h>
#include <asm/tsc.h>
#endif

#include "clock.h"

#define MIN_KHZ		500000	/* so that what is short in ticks is short in ns */

/* kHz of the counter, 0: it is not to be used. */
static unsigned int counter_khz(void)
{
#ifdef CONFIG_X86_64
	/* it is refined when the kernel has run for a while */
	unsigned int khz = READ_ONCE(tsc_khz);

	/* another machine, to which a guest goes, may have it at another rate */
	if (!hypervisor_is_type(X86_HYPER_NATIVE) &&
	    !(boot_cpu_has(X86_FEATURE_CONSTANT_TSC) && boot_cpu_has(X86_FEATURE_NONSTOP_TSC)))
		return 0;
	return khz < MIN_KHZ || check_tsc_unstable() ? 0 : khz;
#else
	return 0;
#endif
}

void fspan_clock_choose(struct fspan_clock *clock, bool may_tick)
{
	unsigned int khz = may_tick ? counter_khz() : 0;

	clock->ticks = khz;
	clock->mult = khz ? div_u64((u64)NSEC_PER_MSEC << 32, khz) : 1ULL << 32;
}

u64 fspan_clock_ns_long(const struct fspan_clock *clock, u64 passed)
{
	return mul_u64_u64_shr(passed, clock->mult, 32);
}
NOKPROBE_SYMBOL(fspan_clock_ns_long);

u64 fspan_clock_least(const struct fspan_clock *clock, u64 ns)
{
	u64 least;

	if (!clock->ticks)
		return ns;
	/* no call lasts for eighteen years; and more might not fit */
	if (ns > U64_MAX >> 5)
		return U64_MAX;
	least = mul_u64_u64_div_u64(ns, 1ULL << 32, clock->mult);
	return fspan_clock_ns(clock, least) < ns ? least + 1 : least;
}
