// SPDX-License-Identifier: GPL-2.0
/* The module's own parser, to hold what the tool makes against it. */
#include <stdio.h>

#include "grammar.h"
#include "parse.h"

static const char * const names[] = {
	"OK",
#define NAME(name, errno, text) #name,
	FSPAN_ERRORS(NAME)
#undef NAME
};

int grammar_refuses(const char *line, char *why, int size)
{
	struct fspan_error err = {};
	struct fspan_spec spec;
	int ret = fspan_parse(line, &spec, &err);

	fspan_spec_release(&spec);
	if (ret)
		snprintf(why, size, "%s at column %u", names[err.code], err.col);
	return ret;
}
