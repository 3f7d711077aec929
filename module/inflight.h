/* SPDX-License-Identifier: GPL-2.0 */
/* Calls that have not returned. */
#ifndef FSPAN_INFLIGHT_H
#define FSPAN_INFLIGHT_H

struct fspan_recorder;
struct seq_file;

/* A line for each call in flight of an armed @rec. Under fspan_arm_mutex. */
int fspan_inflight_show(struct seq_file *m, struct fspan_recorder *rec);
/* And for each that keeps the module, since it returns by it, though nobody traces it. */
void fspan_inflight_show_left(struct seq_file *m);

#endif
