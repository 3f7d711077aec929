// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "symbols.h"

static const char *text(void)
{
	static char *all;

	if (!all)
		all = file_read("/proc/kallsyms");
	return all ? all : "";
}

/* "ADDRESS TYPE NAME[\t[MODULE]]" */
static const char *parse_line(const char *p, struct symbol *s)
{
	const char *end = strchr(p, '\n');
	char *after;

	if (!end)
		end = p + strlen(p);
	s->address = strtoul(p, &after, 16);
	s->type = after[0] == ' ' ? after[1] : '?';
	s->name = after[0] == ' ' && after[1] && after[2] == ' ' ? after + 3 : end;
	s->len = strcspn(s->name, "\t\n");
	s->module = NULL;
	s->module_len = 0;
	if (s->name[s->len] == '\t' && s->name[s->len + 1] == '[') {
		s->module = s->name + s->len + 2;
		s->module_len = strcspn(s->module, "]\n");
	}
	return *end ? end + 1 : end;
}

int symbols_each(int (*fn)(const struct symbol *s, void *arg), void *arg)
{
	const char *p = text();
	struct symbol s;
	int ret;

	while (*p) {
		p = parse_line(p, &s);
		ret = fn(&s, arg);
		if (ret)
			return ret;
	}
	return 0;
}

bool symbol_is_function(const struct symbol *s)
{
	return s->type == 't' || s->type == 'T' || s->type == 'w' || s->type == 'W';
}

bool symbol_named(const struct symbol *s, const char *name)
{
	return !strncmp(s->name, name, s->len) && !name[s->len];
}

bool symbol_in(const struct symbol *s, const char *module)
{
	if (!module || !s->module)
		return !module && !s->module;
	return !strncmp(s->module, module, s->module_len) && !module[s->module_len];
}

static struct symbol *sorted;
static size_t nsorted;

static int collect(const struct symbol *s, void *arg)
{
	size_t *room = arg;

	/* data too: a lock has a name */
	if (!s->address)
		return 0;
	if (nsorted == *room) {
		*room = *room ? *room * 2 : 65536;
		sorted = reallocarray(sorted, *room, sizeof(*sorted));
		if (!sorted)
			abort();
	}
	sorted[nsorted++] = *s;
	return 0;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

void symbols_print_address(unsigned long address, bool exact, char *buf, size_t size)
{
	size_t low = 0, high, room = 0;
	const struct symbol *s;

	if (!sorted) {
		symbols_each(collect, &room);
		if (nsorted)
			qsort(sorted, nsorted, sizeof(*sorted), by_address);
	}
	high = nsorted;
	while (low < high) {
		size_t mid = (low + high) / 2;

		if (sorted[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || address - sorted[low - 1].address > 1 << 20) {
		snprintf(buf, size, "0x%lx", address);
		return;
	}
	/* of several names the first, as the kernel has it */
	while (low > 1 && sorted[low - 2].address == sorted[low - 1].address)
		low--;
	s = &sorted[low - 1];
	if (exact && s->address == address)
		snprintf(buf, size, "%.*s", (int)s->len, s->name);
	else
		snprintf(buf, size, "%.*s+0x%lx", (int)s->len, s->name, address - s->address);
}
