/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that have not returned. */
#ifndef FSPAN_INFLIGHT_H
#define FSPAN_INFLIGHT_H

struct fspan_recorder;
struct seq_file;

/* A line for each call in flight of an armed @rec. Under fspan_arm_mutex. */
int fspan_inflight_show(struct seq_file *m, struct fspan_recorder *rec);

#endif
