/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names and addresses. kallsyms_lookup_name() is not exported: kprobes look
 * names up, and sprint_symbol() tells where a symbol begins and ends.
 * All may sleep.
 */
#ifndef FSPAN_SYMBOL_H
#define FSPAN_SYMBOL_H

#include <linux/kallsyms.h>
#include <linux/module.h>

struct fspan_symbol {
	unsigned long start;
	unsigned long size;
	char name[KSYM_NAME_LEN];
	char module[MODULE_NAME_LEN];	/* empty: the kernel's own */
};

/* Address of @name, which may be "MOD:NAME", of text or data; 0 if there is none. */
unsigned long fspan_symbol_address(const char *name);
/* Is @module loaded, or on its way? */
bool fspan_module_present(const char *module);
/* The symbol that covers @addr. Returns false if none does. */
bool fspan_symbol_at(unsigned long addr, struct fspan_symbol *sym);
/*
 * Call @fn for each text symbol of the kernel, or of the module @module (which
 * may be absent: then for none). @fn returns 0 to go on. Ends with -EINTR at a
 * fatal signal.
 */
int fspan_symbol_walk(const char *module, int (*fn)(const struct fspan_symbol *sym, void *arg),
		      void *arg);

#endif
