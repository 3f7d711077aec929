/* SPDX-License-Identifier: GPL-2.0 */
/* What the direct engine is made of: where functions call from, and what they call. */
#ifndef FSPAN_DIRECT_H
#define FSPAN_DIRECT_H

#include <linux/hashtable.h>

#include "engine.h"

#define FSPAN_DIRECT_SITES_BITS	12

/* Hooks by where they call the trampoline from; changed under fspan_arm_mutex. */
extern struct hlist_head fspan_direct_sites[1 << FSPAN_DIRECT_SITES_BITS];

/* Of all @place that may be at @addr; with preemption off. */
#define fspan_direct_for_each_place(place, addr) \
	hash_for_each_possible_rcu_notrace(fspan_direct_sites, place, node, addr)

void fspan_direct_call_init(void);

#endif
