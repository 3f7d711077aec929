// SPDX-License-Identifier: GPL-2.0
/*
 * tsc-khz: print the rate of this machine's time stamp counter in kHz, which is that of a guest's
 * under TCG too. A guest that measures it itself, on a busy machine, may be wrong by a factor of
 * four. Exit status 1 on a machine that has none.
 */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#ifdef __x86_64__
#define ticks() __builtin_ia32_rdtsc()
#else
#define ticks() 0ULL
#endif

static double now_ms(unsigned long long *tsc)
{
	unsigned long long before, after;
	struct timespec t;

	do {	/* until nothing comes between */
		before = ticks();
		clock_gettime(CLOCK_MONOTONIC, &t);
		after = ticks();
	} while (after - before > 100000);
	*tsc = before + (after - before) / 2;
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(void)
{
	unsigned long long from, to;
	double start = now_ms(&from), end;

	usleep(200000);
	end = now_ms(&to);
	if (to == from)
		return 1;
	printf("%.0f\n", (to - from) / (end - start));
	return 0;
}
