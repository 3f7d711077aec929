// SPDX-License-Identifier: GPL-2.0
/*
 * Lifetime: the verifier pins this module for each program that calls it. Recorders are
 * found under RCU; whoever frees one has removed it, and waited.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/xarray.h>

#include "compat/compat.h"
#include "kfunc.h"
#include "record.h"

static DEFINE_XARRAY(emitters);	/* by id */

int fspan_emitter_add(struct fspan_recorder *rec)
{
	return xa_err(xa_store(&emitters, rec->id, rec, GFP_KERNEL));
}

void fspan_emitter_remove(struct fspan_recorder *rec)
{
	xa_erase(&emitters, rec->id);
}

FSPAN_KFUNCS_BEGIN

__bpf_kfunc int fspan_emit(u32 id, const u64 *note, u32 note__sz)
{
	u64 notes[FSPAN_MAX_NOTES] = {};
	struct fspan_recorder *rec;
	int ret = -ENOENT;

	if (note__sz > sizeof(notes) || note__sz % sizeof(*note))
		return -EINVAL;
	memcpy(notes, note, note__sz);
	preempt_disable_notrace();
	rcu_read_lock();
	rec = xa_load(&emitters, id);
	if (rec)
		ret = fspan_record_emit(rec, notes, _RET_IP_);
	rcu_read_unlock();
	preempt_enable_notrace();
	return ret;
}

__bpf_kfunc int fspan_current(struct fspan_gate *span, u32 span__sz)
{
	struct fspan_call *call;
	struct fspan_hook *hook;
	int ret = -ENOENT;

	if (!span__sz || span__sz > sizeof(*span))
		return -EINVAL;
	preempt_disable_notrace();
	if (!fspan_busy_begin()) {
		ret = -EBUSY;
		goto enable;
	}
	call = fspan_engine_current(&hook);
	if (call) {
		fspan_record_describe(hook, call, span, span__sz);
		ret = 0;
	}
	fspan_busy_end();
enable:
	preempt_enable_notrace();
	return ret;
}

FSPAN_KFUNCS_END

BTF_KFUNCS_START(kfunc_ids)
BTF_ID_FLAGS(func, fspan_emit)
BTF_ID_FLAGS(func, fspan_current)
BTF_KFUNCS_END(kfunc_ids)

static const struct btf_kfunc_id_set kfuncs = {
	.owner	= THIS_MODULE,
	.set	= &kfunc_ids,
};

/* The core forgets them when the module, and with it its BTF, is unloaded. */
int fspan_kfuncs_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_TRACING, BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_XDP,
	};
	int ret = 0, i;

	for (i = 0; i < ARRAY_SIZE(types) && !ret; i++)
		ret = register_btf_kfunc_id_set(types[i], &kfuncs);
	return ret;
}
