// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "off_cpu.h"

#define BUCKETS		1024
#define MAX_TIMES	(1 << 20)	/* of all tasks; then the older half is forgotten */

/* A time when a task came back, and how long it had been off by then. */
struct back {
	unsigned long long left, came, sum;
};

struct task {
	struct task *next;
	int pid;
	unsigned long long left;	/* 0: it is on, or was never seen to leave */
	unsigned long long sum;
	unsigned long long known_since;	/* 0: all is known */
	struct back *back;
	size_t n, room;
};

struct off_cpu {
	struct task *bucket[BUCKETS];
	size_t n;			/* times of all */
};

struct off_cpu *off_cpu_create(void)
{
	struct off_cpu *o = calloc(1, sizeof(*o));

	if (!o)
		abort();
	return o;
}

static struct task *find(const struct off_cpu *o, int pid)
{
	struct task *t = o->bucket[(unsigned int)pid % BUCKETS];

	while (t && t->pid != pid)
		t = t->next;
	return t;
}

static struct task *get(struct off_cpu *o, int pid)
{
	struct task *t = find(o, pid);

	if (t)
		return t;
	t = calloc(1, sizeof(*t));
	if (!t)
		abort();
	t->pid = pid;
	t->next = o->bucket[(unsigned int)pid % BUCKETS];
	o->bucket[(unsigned int)pid % BUCKETS] = t;
	return t;
}

static void forget_half(struct off_cpu *o)
{
	struct task *t;
	size_t i, drop;

	for (i = 0; i < BUCKETS; i++)
		for (t = o->bucket[i]; t; t = t->next) {
			drop = (t->n + 1) / 2;
			if (!drop)
				continue;
			t->known_since = t->back[drop - 1].came;
			t->n -= drop;
			memmove(t->back, t->back + drop, t->n * sizeof(*t->back));
			o->n -= drop;
		}
}

static void come(struct off_cpu *o, struct task *t, unsigned long long ts)
{
	if (!t->left)
		return;
	if (t->n == t->room) {
		t->room = t->room ? t->room * 2 : 16;
		t->back = reallocarray(t->back, t->room, sizeof(*t->back));
		if (!t->back)
			abort();
	}
	t->sum += ts - t->left;
	t->back[t->n++] = (struct back){ t->left, ts, t->sum };
	t->left = 0;
	if (++o->n >= MAX_TIMES)
		forget_half(o);
}

/* Pid 0 is of many tasks, which are never away from their CPU for what matters. */
void off_cpu_switch(struct off_cpu *o, int prev, int next, unsigned long long ts)
{
	if (prev)
		get(o, prev)->left = ts;
	if (next)
		come(o, get(o, next), ts);
}

/* How long it had been off by the time @at, when it is on. */
static unsigned long long off_by(const struct task *t, unsigned long long at)
{
	size_t low = 0, high = t->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (t->back[mid].came <= at)
			low = mid + 1;
		else
			high = mid;
	}
	/* the first that came later: what it was away before @at counts */
	if (low == t->n)
		return t->sum;
	return t->back[low].sum - (t->back[low].came - t->back[low].left) +
	       (t->back[low].left < at ? at - t->back[low].left : 0);
}

unsigned long long off_cpu_between(const struct off_cpu *o, int pid, unsigned long long begin,
				   unsigned long long end, bool *least)
{
	struct task *t = find(o, pid);

	*least = t && begin < t->known_since;
	return t ? off_by(t, end) - off_by(t, begin) : 0;
}

void off_cpu_free(struct off_cpu *o)
{
	struct task *t, *next;
	size_t i;

	for (i = 0; i < BUCKETS; i++)
		for (t = o->bucket[i]; t; t = next) {
			next = t->next;
			free(t->back);
			free(t);
		}
	free(o);
}
