/* SPDX-License-Identifier: GPL-2.0 */
/**
 * DOC: Spans and points in one's own kernel code
 *
 * A module, or the kernel itself, declares a span or a point with typed fields, and marks in
 * its code where it begins, ends or is. This header is all that it takes: there is no symbol
 * of fspan's to link with, and it may be copied into another tree. With fspan loaded, before
 * or after, each declaration is a trace event, events/MODULE/NAME, and a target for further
 * definitions (``s[hist]:mine %MODULE:NAME``), with the filters, gate, histogram and counters
 * that spans of functions have::
 *
 *	FSPAN_SPAN(transfer, (u32, tag), (u64, sector), (string, disk));
 *	FSPAN_POINT(retry, (u32, tag), (s32, error));
 *
 *	static int transfer(struct request *rq)
 *	{
 *		FSPAN_SCOPE(transfer, rq->tag, rq->sector, rq->disk);
 *		...
 *		fspan_point(retry, rq->tag, err);
 *		...
 *		return FSPAN_RET(transfer, err);
 *	}
 *
 * A span that ends elsewhere, in another task or in an interrupt, is begun and ended by a key::
 *
 *	fspan_begin(request, rq, rq->tag);	// here
 *	fspan_end(request, rq, status);		// there
 *
 * Fields are at most six, (TYPE, NAME): u8 u16 u32 u64, s8 to s64, x8 to x64 (hexadecimal),
 * bool, symbol (an address), string and ustring (a pointer to text of the kernel, or of the
 * current task). They are taken when the span begins, text too: what it pointed to may be gone
 * when the span ends. Their expressions are evaluated only while somebody listens.
 *
 * Context: any in which a trace event may be written: task, softirq, hard interrupt, NMI; with
 * locks held, preemption and interrupts off. Nothing sleeps or allocates; what is held while a
 * key is looked up are a few instructions, and an NMI does not wait for it. What happens while
 * fspan itself writes a record on this CPU is missed, and counted. Not where RCU does not
 * watch.
 *
 * Cost: while nobody listens each mark is a branch that is patched out, and a scope one word
 * on the stack. Nobody listens while the event, and each definition on it, is disabled.
 *
 * Keys: a u64, or a pointer, unique among the spans of one declaration that are open, so
 * usually the address of the request. Open spans are kept in a table for each definition, of
 * max= entries (1,024 without it) that are there while it is armed. A span that finds no room
 * takes that of one that is older than age= (10s without it), which is missed_stale, or is
 * missed_instance; one whose key is begun again before it ended is missed_reused, and the new
 * one is followed; an end whose begin is not known, since it was before the event was
 * enabled, or missed, does nothing.
 *
 * Unloading: a module with declarations pins nothing and is pinned by nothing.
 *
 * With FSPAN_OFF defined, or without CONFIG_TRACEPOINTS, all of it is nothing; fields are
 * still checked by the compiler.
 */
#ifndef _LINUX_FSPAN_H
#define _LINUX_FSPAN_H

#include <linux/compiler.h>
#include <linux/instruction_pointer.h>
#include <linux/tracepoint.h>
#include <linux/types.h>

#if !defined(CONFIG_TRACEPOINTS) && !defined(FSPAN_OFF)
#define FSPAN_OFF
#endif

/* The group of the events. Define it before this header is included to have another. */
#ifndef FSPAN_EVENT_GROUP
#define FSPAN_EVENT_GROUP	KBUILD_MODNAME
#endif

#define FSPAN_SITE_NAME		"fspan:1"	/* no name of a tracepoint; 1: of what is below */
#define FSPAN_SITE_FIELDS	6

enum fspan_mark_what {
	FSPAN_MARK_BEGIN,
	FSPAN_MARK_END,
	FSPAN_MARK_POINT,
};

/* What a tracepoint of a declaration carries. */
struct fspan_mark {
	enum fspan_mark_what what;
	u64 key;			/* not of a point */
	s64 ret;			/* of an end */
	unsigned long ip;		/* in the code that has the mark */
	const u64 *arg;			/* FSPAN_SITE_FIELDS of them; not of an end */
};

/*
 * A declaration, as fspan finds it: among the tracepoints of a module, by the name of
 * .head, which is never called. struct tracepoint is the first member, so that its
 * address is that of the declaration.
 */
struct fspan_site {
	struct tracepoint head;
	struct tracepoint *tp;		/* with the prototype (const struct fspan_mark *) */
	bool point;
	const char *group;
	const char *name;
	const char *fields;		/* as in a definition */
};

/**
 * struct fspan_scope - the span that FSPAN_SCOPE() began
 * @ret: what it returns
 */
struct fspan_scope {
	s64 ret;
};

/* (a), (b), ... made M(1, a) SEP M(2, b) ...; M0 for none */
#define __FSPAN_NTH(_0, _1, _2, _3, _4, _5, _6, n, ...) n
#define __FSPAN_COUNT(f...) __FSPAN_NTH(, ##f, 6, 5, 4, 3, 2, 1, 0)
#define __FSPAN_STRIP(...) __VA_ARGS__
#define __FSPAN_PASTE(a, b) a##b
#define __FSPAN_CAT(a, b) __FSPAN_PASTE(a, b)
#define __FSPAN_DO(m, ...) m(__VA_ARGS__)
#define __FSPAN_EACH0(m, sep)
#define __FSPAN_EACH1(m, sep, a) __FSPAN_DO(m, 1, __FSPAN_STRIP a)
#define __FSPAN_EACH2(m, sep, a, b) \
	__FSPAN_EACH1(m, sep, a) sep() __FSPAN_DO(m, 2, __FSPAN_STRIP b)
#define __FSPAN_EACH3(m, sep, a, b, c) \
	__FSPAN_EACH2(m, sep, a, b) sep() __FSPAN_DO(m, 3, __FSPAN_STRIP c)
#define __FSPAN_EACH4(m, sep, a, b, c, d) \
	__FSPAN_EACH3(m, sep, a, b, c) sep() __FSPAN_DO(m, 4, __FSPAN_STRIP d)
#define __FSPAN_EACH5(m, sep, a, b, c, d, e) \
	__FSPAN_EACH4(m, sep, a, b, c, d) sep() __FSPAN_DO(m, 5, __FSPAN_STRIP e)
#define __FSPAN_EACH6(m, sep, a, b, c, d, e, f) \
	__FSPAN_EACH5(m, sep, a, b, c, d, e) sep() __FSPAN_DO(m, 6, __FSPAN_STRIP f)
#define __FSPAN_EACH(m, sep, f...) \
	__FSPAN_CAT(__FSPAN_EACH, __FSPAN_COUNT(f))(m, sep, ##f)
#define __FSPAN_COMMA() ,
#define __FSPAN_NOTHING()

#define __FSPAN_C_u8	u8
#define __FSPAN_C_u16	u16
#define __FSPAN_C_u32	u32
#define __FSPAN_C_u64	u64
#define __FSPAN_C_s8	s8
#define __FSPAN_C_s16	s16
#define __FSPAN_C_s32	s32
#define __FSPAN_C_s64	s64
#define __FSPAN_C_x8	u8
#define __FSPAN_C_x16	u16
#define __FSPAN_C_x32	u32
#define __FSPAN_C_x64	u64
#define __FSPAN_C_bool	bool
#define __FSPAN_C_symbol unsigned long
#define __FSPAN_C_string const char *
#define __FSPAN_C_ustring const char __user *

#define __FSPAN_F_PLAIN(i, t, n) " " #n "=$arg" #i ":" #t
#define __FSPAN_F_TEXT(i, t, n) " " #n "=+0($arg" #i "):" #t
#define __FSPAN_F_u8	__FSPAN_F_PLAIN
#define __FSPAN_F_u16	__FSPAN_F_PLAIN
#define __FSPAN_F_u32	__FSPAN_F_PLAIN
#define __FSPAN_F_u64	__FSPAN_F_PLAIN
#define __FSPAN_F_s8	__FSPAN_F_PLAIN
#define __FSPAN_F_s16	__FSPAN_F_PLAIN
#define __FSPAN_F_s32	__FSPAN_F_PLAIN
#define __FSPAN_F_s64	__FSPAN_F_PLAIN
#define __FSPAN_F_x8	__FSPAN_F_PLAIN
#define __FSPAN_F_x16	__FSPAN_F_PLAIN
#define __FSPAN_F_x32	__FSPAN_F_PLAIN
#define __FSPAN_F_x64	__FSPAN_F_PLAIN
#define __FSPAN_F_bool	__FSPAN_F_PLAIN
#define __FSPAN_F_symbol __FSPAN_F_PLAIN
#define __FSPAN_F_string __FSPAN_F_TEXT
#define __FSPAN_F_ustring __FSPAN_F_TEXT

#define __FSPAN_PARAM(i, t, n)	, __FSPAN_C_##t n
#define __FSPAN_VALUE(i, t, n)	(u64)(__force unsigned long)(n)
#define __FSPAN_FIELD(i, t, n)	__FSPAN_F_##t(i, t, n)
#define __FSPAN_PARAMS(f...)	__FSPAN_EACH(__FSPAN_PARAM, __FSPAN_NOTHING, ##f)
#define __FSPAN_VALUES(f...)	__FSPAN_EACH(__FSPAN_VALUE, __FSPAN_COMMA, ##f)
#define __FSPAN_TEXT(f...)	__FSPAN_EACH(__FSPAN_FIELD, __FSPAN_NOTHING, ##f)

#ifdef FSPAN_OFF
#define __FSPAN_TRACEPOINT(name)					\
	static __always_inline bool fspan_##name##_on(void) { return false; } \
	static __always_inline void fspan_##name##_fire(enum fspan_mark_what what, u64 key, \
							s64 ret, const u64 *arg) { }
#define __FSPAN_SITE(name_, is_point, text)
#else
/* newer kernels append to the name that DECLARE_TRACE() is given */
#ifdef DECLARE_TRACE_EVENT
#define __FSPAN_DECLARE_TRACE DECLARE_TRACE_EVENT
#else
#define __FSPAN_DECLARE_TRACE DECLARE_TRACE
#endif

#define __FSPAN_TRACEPOINT(name)					\
	__FSPAN_DECLARE_TRACE(fspan_site_##name, TP_PROTO(const struct fspan_mark *mark), \
			      TP_ARGS(mark));				\
	static __always_inline bool fspan_##name##_on(void)		\
	{								\
		return trace_fspan_site_##name##_enabled();		\
	}								\
	static noinline __cold __maybe_unused void			\
	fspan_##name##_fire(enum fspan_mark_what what, u64 key, s64 ret, const u64 *arg) \
	{								\
		const struct fspan_mark mark = {			\
			.what = what, .key = key, .ret = ret, .arg = arg, .ip = _RET_IP_, \
		};							\
									\
		trace_fspan_site_##name(&mark);				\
	}

#define __FSPAN_SITE(name_, is_point, text)				\
	DEFINE_TRACE(fspan_site_##name_, TP_PROTO(const struct fspan_mark *mark), \
		     TP_ARGS(mark));					\
	static struct fspan_site __used __tracepoint_fspan_head_##name_ = { \
		.head = { .name = FSPAN_SITE_NAME },			\
		.tp = &__tracepoint_fspan_site_##name_,			\
		.point = is_point,					\
		.group = FSPAN_EVENT_GROUP,				\
		.name = #name_,						\
		.fields = text,						\
	};								\
	__TRACEPOINT_ENTRY(fspan_head_##name_)
#endif

/**
 * FSPAN_DECLARE_SPAN - a span that is defined in another file of the module
 * @name:	its name, unique in the module
 * @f:		(TYPE, NAME) of each field
 *
 * For a header. One file has FSPAN_DEFINE_SPAN() with the same arguments.
 */
#define FSPAN_DECLARE_SPAN(name, f...)					\
	__FSPAN_TRACEPOINT(name)					\
	static __always_inline void					\
	fspan_##name##_begin(u64 key __FSPAN_PARAMS(f))			\
	{								\
		if (fspan_##name##_on()) {				\
			const u64 arg[FSPAN_SITE_FIELDS] = { __FSPAN_VALUES(f) }; \
									\
			fspan_##name##_fire(FSPAN_MARK_BEGIN, key, 0, arg); \
		}							\
	}								\
	static __always_inline void fspan_##name##_end(u64 key, s64 ret) \
	{								\
		if (fspan_##name##_on())				\
			fspan_##name##_fire(FSPAN_MARK_END, key, ret, NULL); \
	}								\
	static __always_inline void fspan_##name##_leave(struct fspan_scope *scope) \
	{								\
		fspan_##name##_end((u64)(unsigned long)scope, scope->ret); \
	}								\
	struct fspan_scope

/**
 * FSPAN_DEFINE_SPAN - define a span that FSPAN_DECLARE_SPAN() declared
 * @name:	its name
 * @f:		(TYPE, NAME) of each field
 */
#define FSPAN_DEFINE_SPAN(name, f...)					\
	__FSPAN_SITE(name, false, "" __FSPAN_TEXT(f));			\
	struct fspan_scope

/**
 * FSPAN_SPAN - declare and define a span, for use in this file
 * @name:	its name, unique in the module
 * @f:		(TYPE, NAME) of each field
 */
#define FSPAN_SPAN(name, f...)						\
	FSPAN_DECLARE_SPAN(name, ##f);					\
	FSPAN_DEFINE_SPAN(name, ##f)

/**
 * FSPAN_DECLARE_POINT - a point that is defined in another file of the module
 * @name:	its name, unique in the module
 * @f:		(TYPE, NAME) of each field
 */
#define FSPAN_DECLARE_POINT(name, f...)					\
	__FSPAN_TRACEPOINT(name)					\
	static __always_inline void					\
	fspan_##name##_point(int unused __FSPAN_PARAMS(f))		\
	{								\
		if (fspan_##name##_on()) {				\
			const u64 arg[FSPAN_SITE_FIELDS] = { __FSPAN_VALUES(f) }; \
									\
			fspan_##name##_fire(FSPAN_MARK_POINT, 0, 0, arg); \
		}							\
	}								\
	struct fspan_scope

/**
 * FSPAN_DEFINE_POINT - define a point that FSPAN_DECLARE_POINT() declared
 * @name:	its name
 * @f:		(TYPE, NAME) of each field
 */
#define FSPAN_DEFINE_POINT(name, f...)					\
	__FSPAN_SITE(name, true, "" __FSPAN_TEXT(f));			\
	struct fspan_scope

/**
 * FSPAN_POINT - declare and define a point, for use in this file
 * @name:	its name, unique in the module
 * @f:		(TYPE, NAME) of each field
 */
#define FSPAN_POINT(name, f...)						\
	FSPAN_DECLARE_POINT(name, ##f);					\
	FSPAN_DEFINE_POINT(name, ##f)

/* the expressions of fields are for the branch that is patched out */
#define __FSPAN_IF(name, call) do { if (fspan_##name##_on()) call; } while (0)

/**
 * fspan_begin - begin a span, which fspan_end() ends
 * @name:	of the span
 * @key:	integer or pointer: what its end knows too
 * @values:	of the fields
 *
 * Context: any, see above; so is that of the end. Begin before others can come to the end.
 */
#define fspan_begin(name, key, values...) \
	__FSPAN_IF(name, fspan_##name##_begin((u64)(unsigned long)(key), ##values))

/**
 * fspan_end - end a span that was begun with the same key, by whomever
 * @name:	of the span
 * @key:	as for fspan_begin()
 * @ret:	what came of it: the field ret; a negative errno is an error
 */
#define fspan_end(name, key, ret) \
	__FSPAN_IF(name, fspan_##name##_end((u64)(unsigned long)(key), ret))

/**
 * FSPAN_SCOPE - a span from here to the end of the block, however that is left
 * @name:	of the span; one of this name in a block
 * @values:	of the fields
 *
 * A declaration. ret is 0 without FSPAN_RET().
 */
#define FSPAN_SCOPE(name, values...)					\
	struct fspan_scope __maybe_unused				\
	__attribute__((__cleanup__(fspan_##name##_leave))) fspan_scope_##name = ({ \
		fspan_begin(name, &fspan_scope_##name, ##values);	\
		(struct fspan_scope) {};				\
	})

/**
 * FSPAN_RET - say what the span of the enclosing FSPAN_SCOPE() returns
 * @name:	of the span
 * @value:	its ret
 *
 * Return: @value, as s64.
 */
#define FSPAN_RET(name, value)	(fspan_scope_##name.ret = (value))

/**
 * fspan_point - a record at this place
 * @name:	of the point
 * @values:	of the fields
 */
#define fspan_point(name, values...) \
	__FSPAN_IF(name, fspan_##name##_point(0, ##values))

#endif
