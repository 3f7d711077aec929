// SPDX-License-Identifier: GPL-2.0
/*
 * Only calls that are slower than the p99 of their definition so far, with the stack.
 * note[0] is the p99 that a call was compared with, in ns: a field p99=$note0:u64 shows
 * it. It is that of the last calls, some thousands, as older ones lose weight. The first
 * 100 calls are kept all, as nothing is known yet.
 *
 *	fspan gate load slower
 */
#include <fspan.bpf.h>

#define FIRST	100		/* calls before there is a p99 */
#define STEP	64		/* calls from one p99 to the next */
#define SUB	8		/* buckets of equal width in each power of two */
#define BUCKETS	(40 * SUB)	/* up to 2^42 ns, more than an hour */

const volatile __u64 percent = 99;
const volatile __u64 recent = 8192;	/* calls, then all that are counted are halved */
const volatile __u32 stack = 1;		/* in the records that are kept */
const volatile __u64 cookie = 0;	/* only of definitions with this one; 0: of all */

struct hist {
	__u64 calls;			/* in the buckets */
	__u64 seen;
	__u64 limit;			/* the p99 */
	__u64 bucket[BUCKETS];
};

/* by the event's id */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

static const struct hist empty;

/* a value below SUB has a bucket of its own */
static __always_inline __u32 bucket_of(__u64 dur)
{
	__u64 v = dur;
	__u32 power = 0, i;

	/* the highest bit, by halves: there is no instruction for it */
	for (i = 32; i; i /= 2) {
		if (v >> i) {
			v >>= i;
			power += i;
		}
	}
	if (power < 3)
		return dur;
	i = (power - 2) * SUB + (dur >> (power - 3)) % SUB;
	return i < BUCKETS ? i : BUCKETS - 1;
}

/* the first value behind it */
static __always_inline __u64 upper_edge(__u32 i)
{
	return i < SUB ? i + 1 : (__u64)(SUB + i % SUB + 1) << (i / SUB - 1);
}

struct walk {
	struct hist *h;
	__u64 above;	/* calls that the p99 leaves above it */
	__u64 sum;	/* from the slowest down to here */
	__u64 limit;
	__u64 left;	/* when all are halved */
	__u32 halve;
};

static long step(__u32 n, struct walk *w)
{
	__u32 i = BUCKETS - 1 - n;

	if (i >= BUCKETS)
		return 1;
	w->sum += w->h->bucket[i];
	if (!w->limit && w->sum > w->above)
		w->limit = upper_edge(i);
	if (w->halve)
		w->left += w->h->bucket[i] /= 2;
	return w->limit && !w->halve;
}

/* A loop that the verifier would check step by step is bpf_loop(), which it checks once. */
static __always_inline void renew(struct hist *h)
{
	struct walk w = {
		.h = h,
		.above = h->calls * (100 - percent) / 100,
		.halve = h->calls > recent,
	};

	bpf_loop(BUCKETS, step, &w, 0);
	h->limit = w.limit;
	if (w.halve)
		h->calls = w.left;
}

FSPAN_GATE(keep_slower)
{
	__u32 id = gate->id;
	__u64 seen, limit, dur = gate->dur;
	struct hist *h;
	__u32 i;

	if (cookie && gate->cookie != cookie)
		return FSPAN_GATE_KEEP;
	h = bpf_map_lookup_elem(&hists, &id);
	if (!h) {
		bpf_map_update_elem(&hists, &id, &empty, BPF_NOEXIST);
		h = bpf_map_lookup_elem(&hists, &id);
		if (!h)
			return FSPAN_GATE_KEEP;
	}
	limit = h->limit;
	i = bucket_of(dur);
	if (i < BUCKETS)
		__sync_fetch_and_add(&h->bucket[i], 1);
	__sync_fetch_and_add(&h->calls, 1);
	seen = __sync_fetch_and_add(&h->seen, 1) + 1;
	if (seen >= FIRST && (seen == FIRST || seen % STEP == 0))
		renew(h);
	gate->note[0] = limit;
	if (limit && dur < limit)
		return FSPAN_GATE_DROP;
	return stack ? FSPAN_GATE_STACK : FSPAN_GATE_KEEP;
}

char LICENSE[] SEC("license") = "GPL";
