/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The text of a spec, taken apart: no look at the kernel, no BTF.
 *
 *   [NAME=]TARGET[,TARGET...][(FIELD, ...)]
 *   [NAME=]TARGET[,TARGET...](KEY[, FIELD...]) ~ TARGET[,TARGET...](KEY[, FIELD...])
 *                       a pair; its targets may be tracepoints, GRP:NAME
 *   NAME=(FIELD, ...)   a record that an eBPF program emits
 *   TARGET   FUNCTION, MOD:FUNCTION, syscall:NAME; with * ? [] a glob
 *   FIELD    [NAME=]EXPR[:TYPE]
 *   EXPR     C over the parameters: a->b a.b a[N] *a (struct T *)a &; x@ret is read
 *            at return; ret is the return value; $pid $comm and the like; or
 *            a fetch argument: $argN +OFF(...) @SYM %REG \IMM
 */
#ifndef FSPAN_SPEC_H
#define FSPAN_SPEC_H

#include "diag.h"

#define SPEC_MAX_FIELDS	32
#define SPEC_MAX_DEPTH	64	/* of one expression */

enum expr_kind {
	EXPR_NAME,	/* a parameter */
	EXPR_RET,
	EXPR_FETCH,	/* a fetch argument as it stands, or a variable */
	EXPR_MEMBER,	/* sub.name */
	EXPR_ARROW,	/* sub->name */
	EXPR_INDEX,	/* sub[index] */
	EXPR_DEREF,	/* *sub */
	EXPR_CAST,	/* (name stars)sub */
};

struct expr {
	enum expr_kind kind;
	int col;		/* of the name, the operator, the text */
	char *name;		/* of a member; of a cast's type with struct, union or enum */
	int stars;		/* of a cast's type */
	long index;
	struct expr *sub;
};

struct spec_field {
	char *name;		/* NULL: from the expression */
	int name_col;
	struct expr *expr;
	int col;		/* of the expression */
	bool at_ret;
	int ret_col;
	char *type;		/* NULL: from the expression's type */
	int type_col;
};

struct spec_target {
	char *module;		/* NULL: none; never of a system call */
	char *name;
	int col;
	bool syscall;
	bool glob;
};

struct spec {
	char *text;
	char *name;		/* NULL: from the target */
	int name_col;
	struct spec_target *targets;
	int ntargets;		/* 0: what an eBPF program emits */
	bool all;		/* no parentheses: all parameters */
	struct spec_field fields[SPEC_MAX_FIELDS];
	int nfields;
	struct spec *end;	/* of a pair: targets and fields of its end; NULL: it is none */
};

/* Parse @text. 0, or -1 with @d. spec_free() is due in both cases. */
int spec_parse(const char *text, struct spec *spec, struct diag *d);
void spec_free(struct spec *spec);

#endif
