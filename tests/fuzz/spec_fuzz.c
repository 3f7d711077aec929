// SPDX-License-Identifier: GPL-2.0
/* Any bytes as a spec: it may be refused, at a place that is in it, and never more than that. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "spec.h"

static void require(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "not true: %s\n", what);
	abort();
}

static void check_expr(const struct expr *e, int len)
{
	for (; e; e = e->sub) {
		require(e->col >= 0 && e->col < len, "an expression's column is in the spec");
		require(e->kind == EXPR_INDEX || e->kind == EXPR_DEREF || (e->name && *e->name),
			"an expression has a name");
		require(!e->sub == (e->kind <= EXPR_FETCH), "an expression is of another, or begins one");
	}
}

static void check_spec(const struct spec *spec, int len)
{
	int i;

	require(spec->ntargets > 0 || (spec->name && !spec->all),
		"a spec has a target, or what is emitted a name");
	for (i = 0; i < spec->ntargets; i++) {
		const struct spec_target *t = &spec->targets[i];

		require(*t->name && (!t->module || *t->module), "a target has a name");
		require(t->col >= 0 && t->col < len, "a target's column is in the spec");
	}
	for (i = 0; i < spec->nfields; i++) {
		const struct spec_field *f = &spec->fields[i];

		require(f->expr, "a field has an expression");
		require(f->col >= 0 && f->col <= len, "an expression is in the spec");
		require(!f->type || *f->type, "a type has a name");
		require(f->type_col < len && f->ret_col < len && f->name_col < len, "columns are in the spec");
		check_expr(f->expr, len);
	}
}

/* What is said is plain text of lines that end, the caret below the spec. */
static void check_print(const struct diag *d)
{
	char *text = NULL;
	size_t size = 0, i;
	FILE *f = open_memstream(&text, &size);

	diag_print(d, f);
	fclose(f);
	for (i = 0; i < size; i++)
		require((text[i] >= ' ' && text[i] <= '~') || text[i] == '\n' || text[i] == '\t',
			"what is printed is text");
	require(size && text[size - 1] == '\n', "the last line ends");
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct diag_near near = {};
	struct diag d = {};
	struct spec spec;
	int len, i;

	memcpy(text, data, size);
	text[size] = '\0';
	len = strlen(text);
	if (spec_parse(text, &spec, &d)) {
		require(*d.what, "what is wrong is said");
		require(d.col >= -1 && d.col <= len, "the caret is below the spec");
		near.have = text;
		for (i = 0; i < spec.ntargets; i++)
			if (spec.targets[i].name)
				diag_near_add(&near, spec.targets[i].name);
		diag_near_hint(&d, &near);
		check_print(&d);
	} else {
		check_spec(&spec, len);
	}
	spec_free(&spec);
	free(text);
	return 0;
}
