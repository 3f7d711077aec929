/* SPDX-License-Identifier: GPL-2.0 */
/* What eBPF programs may call, see include/uapi/linux/fspan.h. */
#ifndef FSPAN_KFUNC_H
#define FSPAN_KFUNC_H

#include <linux/types.h>
#include <uapi/linux/fspan.h>

struct fspan_recorder;

int fspan_emit(u32 id, const u64 *note, u32 note__sz);
int fspan_current(struct fspan_gate *span, u32 span__sz);

/*
 * Let programs emit @rec, of kind b, by the id of its event. 0 or -ENOMEM. After
 * fspan_emitter_remove() and an RCU grace period nobody is in it.
 */
int fspan_emitter_add(struct fspan_recorder *rec);
void fspan_emitter_remove(struct fspan_recorder *rec);

/* Offer the functions; without BTF of the module there are none, and nothing else is lost. */
int fspan_kfuncs_init(void);

#endif
