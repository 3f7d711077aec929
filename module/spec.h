/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A definition as its line says it: what parse makes, and the parts above
 * resolve, compile and lay out. Plain data, no kernel objects.
 */
#ifndef FSPAN_SPEC_H
#define FSPAN_SPEC_H

#include <linux/types.h>

#define FSPAN_MAX_FIELDS	32
#define FSPAN_MAX_DEREF		8
#define FSPAN_NAME_LEN		64	/* group and event, with the NUL */
#define FSPAN_FIELD_LEN		36	/* 31 letters, "_ret" or "_end", NUL */
#define FSPAN_MAX_KEY		64	/* bytes of a histogram's key; longer strings are cut */
#define FSPAN_MAX_KEYS		4096	/* of one histogram */
#define FSPAN_MAX_NOTES		8	/* FSPAN_GATE_NOTES */
#define FSPAN_MAX_SITE_ARGS	6	/* FSPAN_SITE_FIELDS */

enum fspan_kind {
	FSPAN_KIND_SPAN,
	FSPAN_KIND_POINT,
	FSPAN_KIND_PAIR,	/* begins in one place, ends in another */
	FSPAN_KIND_EMIT,	/* a record that an eBPF program emits */
	FSPAN_KIND_REMOVE,
	FSPAN_KIND_OWN,
	FSPAN_KIND_NOTHING,	/* a comment or an empty line */
};

/* where a value comes from, before it is dereferenced */
enum fspan_base {
	FSPAN_BASE_ARG,		/* .num: from 0 */
	FSPAN_BASE_REG,		/* .num: offset in struct pt_regs */
	FSPAN_BASE_STACK,	/* .num: entry */
	FSPAN_BASE_STACK_ADDR,
	FSPAN_BASE_RETVAL,
	FSPAN_BASE_IMM,		/* .imm; an address too */
	FSPAN_BASE_SYMBOL,	/* .symbol + .imm, made an IMM when it is resolved */
	FSPAN_BASE_COMM,
	FSPAN_BASE_PID,
	FSPAN_BASE_CPU,
	FSPAN_BASE_CGROUP,
	FSPAN_BASE_NVCSW,
	FSPAN_BASE_NIVCSW,
	FSPAN_BASE_NOTE,	/* .num: which */
	FSPAN_BASE_ID,		/* in the tree, and these: */
	FSPAN_BASE_PARENT,
	FSPAN_BASE_DEPTH,
};

struct fspan_fetch {
	enum fspan_base base;
	unsigned int num;
	u64 imm;
	const char *symbol;		/* in the definition's line */
	unsigned int symbol_len;
	unsigned int nderef;
	struct {
		s32 offset;
		bool user;
	} deref[FSPAN_MAX_DEREF];	/* in the order in which they are done */
};

enum fspan_format {
	FSPAN_FORMAT_UNSIGNED,
	FSPAN_FORMAT_SIGNED,
	FSPAN_FORMAT_HEX,
	FSPAN_FORMAT_CHAR,
	FSPAN_FORMAT_BOOL,
	FSPAN_FORMAT_SYMBOL,
	FSPAN_FORMAT_STRING,
	FSPAN_FORMAT_COMM,
};

struct fspan_type {
	enum fspan_format format;
	unsigned int size;		/* of one element, in bytes */
	unsigned int count;		/* of elements, 0: not an array */
	unsigned int bit_width;		/* 0: not a bitfield */
	unsigned int bit_shift;
	bool user;			/* ustring */
};

/* Known of what is in a tree only. */
static inline bool fspan_base_in_tree(enum fspan_base base)
{
	return base == FSPAN_BASE_ID || base == FSPAN_BASE_PARENT || base == FSPAN_BASE_DEPTH;
}

/* Printed as text, up to a NUL. */
static inline bool fspan_type_is_text(const struct fspan_type *t)
{
	return t->format == FSPAN_FORMAT_STRING || t->format == FSPAN_FORMAT_COMM ||
	       (t->format == FSPAN_FORMAT_CHAR && t->count);
}

/* what a histogram tells calls apart by */
enum fspan_hist_by {
	FSPAN_HIST_BY_NOTHING,
	FSPAN_HIST_BY_FUNC,
	FSPAN_HIST_BY_COMM,
	FSPAN_HIST_BY_PID,
	FSPAN_HIST_BY_RET,
	FSPAN_HIST_BY_FIELD,
};

enum fspan_engine_spec {
	FSPAN_ENGINE_SPEC_NONE,		/* by default */
	FSPAN_ENGINE_SPEC_KRETPROBE,
	FSPAN_ENGINE_SPEC_DIRECT,
	FSPAN_ENGINE_SPEC_FPROBE,
};

struct fspan_hist_spec {
	const char *key;		/* in the definition's line, NULL: none */
	unsigned int key_len;
	enum fspan_hist_by by;
	unsigned int field;		/* by a field: which */
	unsigned int keys;
};

struct fspan_field_spec {
	char name[FSPAN_FIELD_LEN];	/* as in the event: with "_ret" or "_end" */
	bool at_ret;			/* not known at entry, or begin: a note too */
	unsigned int col;
	unsigned int fetch_col;
	struct fspan_fetch fetch;
	struct fspan_type type;
};

struct fspan_target_spec {
	const char *text;		/* in the definition's line, MOD: and glob included */
	unsigned int len;
	unsigned int col;
};

struct fspan_spec {
	enum fspan_kind kind;
	char group[FSPAN_NAME_LEN];
	char event[FSPAN_NAME_LEN];
	unsigned int event_col;
	/* attributes */
	u64 min_dur;			/* ns */
	u64 cookie;
	unsigned int max;		/* instances for each function, 0: by default */
	bool failed;
	bool stack;
	bool has_hist;
	bool gate;
	enum fspan_engine_spec engine;
	bool ret_void;
	struct fspan_type ret_type;	/* .size 0: by default */
	struct fspan_hist_spec hist;
	/* target */
	unsigned int ntargets;
	struct fspan_target_spec *targets;
	u64 offset;			/* of a point */
	/* of a pair: targets are where it begins */
	unsigned int nends;
	struct fspan_target_spec *ends;
	struct fspan_field_spec key[2];	/* at begin, at end: only .fetch and .type */
	u64 age;			/* ns */
	bool declared;			/* the only target is %MOD:NAME, without the % */
	bool automatic;			/* defined for its declaration, and goes with that */
	/* fields */
	unsigned int nfields;
	struct fspan_field_spec fields[FSPAN_MAX_FIELDS];
	/* @own */
	char instance[FSPAN_NAME_LEN];
	bool others;
};

#endif
