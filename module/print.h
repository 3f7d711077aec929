/* SPDX-License-Identifier: GPL-2.0 */
/* Records as text in the kernel: tracefs' trace and trace_pipe, inflight. */
#ifndef FSPAN_PRINT_H
#define FSPAN_PRINT_H

#include <linux/types.h>

struct fspan_layout;
struct fspan_type;
struct trace_seq;

/*
 * Append the fields of the record @entry of @size bytes to @s; a record that
 * is too short for @layout says so. Sleeps never.
 */
void fspan_print_record(struct trace_seq *s, const struct fspan_layout *layout,
			const void *entry, unsigned int size);
/* The user's fields only. @only: a bit for each that is to be printed. */
void fspan_print_fields(struct trace_seq *s, const struct fspan_layout *layout,
			const void *entry, unsigned int size, u32 only);
/*
 * The key of a histogram, @len bytes of @type: one word, but for a symbol of a
 * module, and for strings, which are quoted and without '"' inside.
 */
void fspan_print_key(struct trace_seq *s, const struct fspan_type *type, const void *key,
		     unsigned int len);

#endif
