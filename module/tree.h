/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spans within spans: $id, $parent and $depth. What a context is in is its path, the innermost
 * last. A task has one; softirqs, hard interrupts and NMIs have their own for each CPU, so
 * that what interrupts is no child of what it interrupted. (Where softirqs are a task's
 * own, on PREEMPT_RT, that task has a second one for them.)
 *
 * Definitions of one owner are in one tree, and those that have none in another: a parent is
 * somebody whose record the same reader may have. A tree has its memory while one of them is
 * armed. A call that is missed is not in it: what it calls is its caller's.
 */
#ifndef FSPAN_TREE_H
#define FSPAN_TREE_H

#include "record.h"

struct fspan_owner;
struct fspan_tree;

/* As fspan_record_ops, of definitions with prog->tree; others pay nothing. */
extern const struct fspan_hook_ops fspan_tree_ops;

/* Prepare @rec, if it has such fields. */
void fspan_tree_prepare(struct fspan_recorder *rec);
/*
 * Before @rec is armed: have its owner's tree, of which there may be none yet. 0, -ENOMEM, or
 * -EOPNOTSUPP: the kernel does not tell which tasks are gone. Of other recorders nothing, and
 * 0. All under fspan_arm_mutex.
 */
int fspan_tree_join(struct fspan_recorder *rec, const struct fspan_owner *owner);
/* Before it is disarmed: nothing is its child from here on, and what it has had is nobody's. */
void fspan_tree_retire(struct fspan_recorder *rec);
/* It is disarmed. The last one frees the tree. */
void fspan_tree_part(struct fspan_recorder *rec);

void fspan_trees_init(void);

#endif
