// SPDX-License-Identifier: GPL-2.0
#include <linux/kprobes.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat/compat.h"
#include "symbol.h"

unsigned long fspan_symbol_address(const char *name)
{
	/*
	 * The address is looked up first, and stays when the registration fails,
	 * as it does for data and within the first instruction of a function.
	 */
	struct kprobe kp = {
		.symbol_name = name, .offset = 1, .flags = KPROBE_FLAG_DISABLED,
	};

	if (!register_kprobe(&kp))	/* that was an instruction of one byte */
		unregister_kprobe(&kp);
	return kp.addr ? (unsigned long)kp.addr - 1 : 0;
}

/* "NAME+0xOFF/0xSIZE [MODULE]", or a bare address */
bool fspan_symbol_at(unsigned long addr, struct fspan_symbol *sym)
{
	char buf[KSYM_SYMBOL_LEN], *plus, *slash, *mod, *end;
	unsigned long off;

	sprint_symbol(buf, addr);
	plus = strrchr(buf, '+');
	slash = plus ? strchr(plus, '/') : NULL;
	if (!slash)
		return false;
	*slash++ = '\0';
	mod = strchr(slash, '[');
	if (mod) {
		mod[-1] = '\0';
		mod++;
		end = strpbrk(mod, " ]");	/* a build id may follow the name */
		if (end)
			*end = '\0';
	} else {
		slash[strcspn(slash, " ")] = '\0';
	}
	if (kstrtoul(plus + 1, 16, &off) || kstrtoul(slash, 16, &sym->size) || off > addr)
		return false;
	*plus = '\0';
	sym->start = addr - off;
	strscpy(sym->name, buf, sizeof(sym->name));
	strscpy(sym->module, mod ?: "", sizeof(sym->module));
	return true;
}

#define MAX_LEAD	64	/* bytes before the first symbol of a range */

static int walk_range(unsigned long from, unsigned long to, const char *module,
		      int (*fn)(const struct fspan_symbol *sym, void *arg), void *arg)
{
	struct fspan_symbol *sym;
	unsigned long addr = from;
	int ret = 0;

	sym = kmalloc(sizeof(*sym), GFP_KERNEL);
	if (!sym)
		return -ENOMEM;
	while (addr < to && !ret) {
		if (!fspan_symbol_at(addr, sym) || strcmp(sym->module, module ?: "")) {
			/* a module's text may begin with what belongs to its first function */
			if (addr - from >= MAX_LEAD)
				break;
			addr++;
			continue;
		}
		if (sym->start >= from)
			ret = fn(sym, arg);
		if (fatal_signal_pending(current))
			ret = -EINTR;
		cond_resched();
		/* of two symbols at one address the second has no size */
		addr = max(addr + 1, sym->start + sym->size);
	}
	kfree(sym);
	return ret;
}

/* Where the first symbol of @module's text is, going back from @addr in it; 0: no memory. */
static unsigned long first_symbol(unsigned long addr, const char *module)
{
	struct fspan_symbol *sym = kmalloc(sizeof(*sym), GFP_KERNEL);

	if (!sym)
		return 0;
	while (fspan_symbol_at(addr, sym) && !strcmp(sym->module, module) && sym->start)
		addr = sym->start - 1;
	kfree(sym);
	return addr + 1;
}

static unsigned long module_symbol(const char *module, const char *name)
{
	char buf[MODULE_NAME_LEN + 16];

	snprintf(buf, sizeof(buf), "%s:%s", module, name);
	return fspan_symbol_address(buf);
}

static int walk_kernel(int (*fn)(const struct fspan_symbol *sym, void *arg), void *arg)
{
	unsigned long from = fspan_symbol_address("_stext") ?:
			     first_symbol((unsigned long)&register_kprobe, "");

	return from ? walk_range(from, ~0UL, NULL, fn, arg) : -ENOMEM;
}

/* What a module that can be unloaded has, in its text. */
#define EXIT	"cleanup_module"

int fspan_symbol_walk(const char *module, int (*fn)(const struct fspan_symbol *sym, void *arg),
		      void *arg)
{
	unsigned long at, from, size;

	if (!module)
		return walk_kernel(fn, arg);

	/*
	 * The module may go meanwhile: its two words are read as memory that
	 * may not be there, and what they name is only looked up, never touched.
	 */
	at = module_symbol(module, "__this_module");
	if (at && !fspan_compat_module_text((struct module *)at, &from, &size))
		return walk_range(from, from + size, module, fn, arg);
	/* without CONFIG_KALLSYMS_ALL data have no names */
	at = module_symbol(module, EXIT);
	if (!at)
		return 0;
	from = first_symbol(at, module);
	return from ? walk_range(from, ~0UL, module, fn, arg) : -ENOMEM;
}

bool fspan_module_present(const char *module)
{
	return module_symbol(module, "__this_module") || module_symbol(module, EXIT);
}
