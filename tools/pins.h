/* SPDX-License-Identifier: GPL-2.0 */
/* eBPF programs that are pinned by us, or attached to a gate by anybody. */
#ifndef FSPAN_PINS_H
#define FSPAN_PINS_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define PINS_BPFFS	"/sys/fs/bpf"
#define PINS		PINS_BPFFS "/fspan"	/* /NAME/links/PROGRAM, /NAME/maps/MAP */

struct pin {
	char name[64];		/* "": not pinned by us */
	char program[64];
	char type[32];
	char at[128];		/* tracepoint, function, interface; "" if it is not known */
	__u32 link, id;		/* of the link, of the program */
	/* counted while kernel.bpf_stats_enabled is set */
	unsigned long long runs, ns;
	unsigned long long skipped;	/* not run, as it ran on the CPU already */
	unsigned int jited;		/* bytes; 0: it is interpreted */
};

struct pins {
	struct pin *p;
	size_t n;
};

/* Is bpffs mounted? */
bool pins_possible(void);
/* All of them now, by name. 0, or -1 with errno. */
int pins_list(struct pins *pins);
void pins_free(struct pins *pins);
/* The maps of @name, with blanks between. */
void pins_maps(const char *name, char *buf, size_t size);
/* Detach what is pinned by @name, and wait until it is. 0, or -1 with errno. */
int pins_remove(const char *name);

#endif
