/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/kallsyms: names and addresses of what is loaded now. Read once. */
#ifndef FSPAN_SYMBOLS_H
#define FSPAN_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>

struct symbol {
	unsigned long address;	/* 0 if the kernel hides it */
	char type;		/* of nm; t, T, w, W are functions */
	const char *name;	/* not NUL-terminated */
	size_t len;
	const char *module;	/* NULL: the kernel's own; not NUL-terminated */
	size_t module_len;
};

/* Each symbol in the order of the file. @fn returns non-zero to end, which is returned. */
int symbols_each(int (*fn)(const struct symbol *s, void *arg), void *arg);
bool symbol_is_function(const struct symbol *s);
bool symbol_named(const struct symbol *s, const char *name);
bool symbol_in(const struct symbol *s, const char *module);

/* "vfs_read+0x10" for an address, or it in hex. @exact: without an offset. */
void symbols_print_address(unsigned long address, bool exact, char *buf, size_t size);

#endif
