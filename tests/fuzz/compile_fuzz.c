// SPDX-License-Identifier: GPL-2.0
/*
 * Any bytes as the fields of a spec, compiled against this machine's BTF. The
 * first byte chooses the function; of the symbols only those functions are
 * known, as reading all of them each time would be slow. What comes out is what
 * the module's grammar takes.
 */
#include <stdlib.h>
#include <string.h>

#include "compile.h"
#include "fuzz.h"
#include "grammar.h"
#include "symbols.h"

static const char * const targets[] = {
	"vfs_read", "tcp_sendmsg", "do_sys_openat2", "vfs_read,tcp_sendmsg,vfs_write",
	"from_kuid", "tcp_setsockopt",
};

#define N (sizeof(targets) / sizeof(targets[0]))

static const char * const known[] = {
	"vfs_read", "vfs_write", "tcp_sendmsg", "do_sys_openat2", "from_kuid", "tcp_setsockopt",
};

int symbols_each(int (*fn)(const struct symbol *s, void *arg), void *arg)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct symbol s = { .address = 0xffffffff81000000 + i * 16, .type = 'T',
				    .name = known[i], .len = strlen(known[i]) };
		int ret = fn(&s, arg);

		if (ret)
			return ret;
	}
	return 0;
}

bool symbol_is_function(const struct symbol *s)
{
	return s->type == 'T';
}

bool symbol_named(const struct symbol *s, const char *name)
{
	return strlen(name) == s->len && !strncmp(s->name, name, s->len);
}

bool symbol_in(const struct symbol *s, const char *module)
{
	(void)s;
	return !module;
}

/* What the user writes as a fetch argument goes to the module as it is: it may be refused there. */
static bool is_raw(const struct spec *spec)
{
	int i;

	for (i = 0; i < spec->nfields; i++)
		if (spec->fields[i].expr->kind == EXPR_FETCH)
			return true;
	return false;
}

static void check(const struct definition *def, const struct spec *spec)
{
	char *line, why[128];
	const char *p;
	int words = 0;

	for (p = def->fields; *p; p++)
		words += *p == ' ';
	if (words != def->nfields) {
		fprintf(stderr, "%d words for %d fields: %s\n", words, def->nfields, def->fields);
		abort();
	}
	if (asprintf(&line, "s%s%s%s:%s %s%s", def->ret_type[0] ? "[ret=" : "", def->ret_type,
		     def->ret_type[0] ? "]" : "", def->event, def->target, def->fields) < 0)
		abort();
	if (!is_raw(spec) && grammar_refuses(line, why, sizeof(why))) {
		fprintf(stderr, "%s\nthe module refuses: %s\n%s\n", spec->text, why, line);
		abort();
	}
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct definitions defs = {};
	struct diag d = {};
	struct spec spec;
	char *text;
	size_t i;

	if (!size)
		return 0;
	if (asprintf(&text, "%s(%.*s)", targets[data[0] % N], (int)size - 1, data + 1) < 0)
		abort();
	if (!spec_parse(text, &spec, &d) && !compile(&spec, false, size & 1, &defs, &d))
		for (i = 0; i < defs.n; i++)
			check(&defs.d[i], &spec);
	definitions_free(&defs);
	spec_free(&spec);
	free(text);
	return 0;
}
