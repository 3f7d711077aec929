// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "off_cpu.h"
#include "tree.h"

#define BUCKETS		4096
#define MAX_NODES	(1 << 17)	/* that wait; then the oldest is printed as it is */

/* common_flags of a record */
#define IRQS_OFF	0x01
/* where every kprobe is a breakpoint a record says of its handler that they are off */
#ifdef __aarch64__
#define IRQS_TOLD	false
#else
#define IRQS_TOLD	true
#endif
#define INTERRUPT	0x58		/* hard, soft, NMI */

struct link {
	struct link *prev, *next;
};

/* A task, or what interrupts on a CPU are: calls in it are within, or after each other. */
struct context {
	struct context *next;
	int flags, pid, cpu;
	struct link waiting;
};

struct node {
	struct link by_parent;		/* in the bucket of the parent's id */
	struct link in_context;
	struct link by_age;
	struct node *children, *sibling;	/* those that came, the last first */
	struct context *context;
	const struct record_format *f;
	unsigned long long id, parent, ts, dur, begin;
	unsigned int depth;
	int cpu;
	size_t order;			/* of those that began at the same time */
	unsigned long long data[];
};

struct tree {
	struct tree_print print;
	struct link by_parent[BUCKETS];
	struct context *contexts[BUCKETS];
	struct link by_age;
	struct off_cpu *off_cpu;
	size_t nodes, added;
	unsigned long long printed;
};

static void list_init(struct link *l)
{
	l->prev = l->next = l;
}

static void list_add(struct link *head, struct link *l)
{
	l->prev = head->prev;
	l->next = head;
	head->prev->next = l;
	head->prev = l;
}

static void list_del(struct link *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
}

#define NODE(l, member) ((struct node *)((char *)(l) - offsetof(struct node, member)))

struct tree *tree_create(const struct tree_print *print)
{
	struct tree *t = calloc(1, sizeof(*t));
	size_t i;

	if (!t)
		abort();
	t->print = *print;
	for (i = 0; i < BUCKETS; i++)
		list_init(&t->by_parent[i]);
	list_init(&t->by_age);
	t->off_cpu = off_cpu_create();
	if (!print->json)
		fprintf(print->out, "%-15s %-20s %-5s %8s  %8s  %s%s\n", "BEGIN", "TASK", "CPU",
			"TIME", "SELF", print->off_cpu ? " OFF CPU  " : "", "CALL");
	return t;
}

static struct context *context_of(struct tree *t, const struct record_format *f, const void *data,
				  int cpu)
{
	int flags = record_number(f->flags, data) & INTERRUPT;
	int pid = record_number(f->pid, data);
	struct context *c, **at;

	/* an idle task is one of each CPU */
	if (!flags && pid)
		cpu = 0;
	at = &t->contexts[(unsigned int)(pid * 31 + cpu * 7 + flags) % BUCKETS];
	for (c = *at; c; c = c->next)
		if (c->flags == flags && c->pid == pid && c->cpu == cpu)
			return c;
	c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->flags = flags;
	c->pid = pid;
	c->cpu = cpu;
	list_init(&c->waiting);
	c->next = *at;
	*at = c;
	return c;
}

static struct link *bucket(struct tree *t, unsigned long long parent)
{
	return &t->by_parent[(parent ^ parent >> 12) % BUCKETS];
}

static void wait_for_parent(struct tree *t, struct node *n)
{
	list_add(bucket(t, n->parent), &n->by_parent);
	list_add(&n->context->waiting, &n->in_context);
	list_add(&t->by_age, &n->by_age);
}

static void wait_no_more(struct node *n)
{
	list_del(&n->by_parent);
	list_del(&n->in_context);
	list_del(&n->by_age);
}

/* Records are written a little later than calls return, which makes their begin late too. */
static void adopt(struct node *parent, struct node *n)
{
	wait_no_more(n);
	if (n->begin < parent->begin)
		parent->begin = n->begin;
	n->sibling = parent->children;
	parent->children = n;
}

static int by_begin(const void *a, const void *b)
{
	const struct node *x = *(struct node * const *)a, *y = *(struct node * const *)b;

	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* The children in their order; free it. */
static struct node **sorted(const struct node *n, size_t *count)
{
	struct node *c, **list;
	size_t k = 0;

	*count = 0;
	for (c = n->children; c; c = c->sibling)
		++*count;
	list = calloc(*count + 1, sizeof(*list));
	if (!list)
		abort();
	for (c = n->children; c; c = c->sibling)
		list[k++] = c;
	qsort(list, *count, sizeof(*list), by_begin);
	return list;
}

static struct record_place place_of(const struct tree *t, const struct node *n, int indent)
{
	struct record_place p = {
		.indent = indent,
		.begin = n->begin,
		.self = n->dur,
		.has_off = t->print.off_cpu,
	};
	const struct node *c;

	for (c = n->children; c; c = c->sibling)
		p.self -= c->dur < p.self ? c->dur : p.self;
	/* interrupts are not switched away from, and idle tasks are always there */
	p.off_known = !n->context->flags && n->context->pid;
	if (p.has_off && p.off_known)
		p.off = off_cpu_between(t->off_cpu, n->context->pid, n->begin, n->ts, &p.off_least);
	return p;
}

/* Print the node with all in it; gives the object of JSON. They are freed. */
static struct json_object *print(struct tree *t, struct node *n, int indent)
{
	struct record_place place = place_of(t, n, indent);
	struct json_object *o = NULL, *children = NULL, *child;
	struct node **list;
	size_t count, i;

	if (t->print.json)
		o = record_json(n->f, n->data, n->ts, t->print.clock, n->cpu, &place);
	else
		record_print(n->f, n->data, n->ts, t->print.clock, n->cpu, &place, t->print.out);
	list = sorted(n, &count);
	if (o && count)
		children = json_object_new_array();
	for (i = 0; i < count; i++) {
		child = print(t, list[i], indent + 1);
		if (children)
			json_object_array_add(children, child);
	}
	if (children)
		json_object_object_add(o, "children", children);
	free(list);
	free(n);
	t->nodes--;
	t->printed++;
	return o;
}

static void print_tree(struct tree *t, struct node *n)
{
	struct json_object *o = print(t, n, 0);

	if (o)
		record_print_json(o, t->print.out);
}

static void print_waiting(struct tree *t, struct node *n)
{
	wait_no_more(n);
	print_tree(t, n);
}

/* The children that came; and in the same context what is within, whose parents did not. */
static void find_children(struct tree *t, struct node *n)
{
	struct link *l, *next, *head = bucket(t, n->id);

	for (l = head->next; l != head; l = next) {
		next = l->next;
		if (NODE(l, by_parent)->parent == n->id)
			adopt(n, NODE(l, by_parent));
	}
	head = &n->context->waiting;
	for (l = head->prev; l != head; l = next) {
		struct node *c = NODE(l, in_context);

		next = l->prev;
		if (c->ts <= n->begin)
			break;
		if (c->depth > n->depth)
			adopt(n, c);
	}
}

/*
 * What waits in this context and returned before @n began, whose parent returned too: it will
 * not come. On the way into an interrupt, and out of it, what looks like the task's is not.
 */
static void give_up(struct tree *t, const struct node *n)
{
	struct link *l, *next, *head = &n->context->waiting;

	if (IRQS_TOLD && record_number(n->f->flags, n->data) & IRQS_OFF)
		return;
	for (l = head->next; l != head; l = next) {
		struct node *w = NODE(l, in_context);

		next = l->next;
		if (w->ts > n->begin)
			break;
		if (!n->depth || (n->depth == 1 && w->depth == 1 && w->parent != n->parent))
			print_waiting(t, w);
	}
}

void tree_add(struct tree *t, const struct record_format *f, const void *data, size_t size,
	      unsigned long long ts, int cpu)
{
	struct node *n = malloc(sizeof(*n) + size);

	if (!n)
		abort();
	memcpy(n->data, data, size);
	n->f = f;
	n->context = context_of(t, f, data, cpu);
	n->id = record_number(f->span_id, data);
	n->parent = record_number(f->parent, data);
	n->depth = record_number(f->depth, data);
	n->dur = record_number(f->dur, data);
	n->ts = ts;
	n->begin = ts - n->dur;
	n->cpu = cpu;
	n->children = n->sibling = NULL;
	n->order = t->added++;
	t->nodes++;
	find_children(t, n);
	give_up(t, n);
	if (n->parent)
		wait_for_parent(t, n);
	else
		print_tree(t, n);
	while (t->nodes > MAX_NODES)
		print_waiting(t, NODE(t->by_age.next, by_age));
}

void tree_switch(struct tree *t, int prev, int next, unsigned long long ts)
{
	off_cpu_switch(t->off_cpu, prev, next, ts);
}

void tree_flush(struct tree *t)
{
	while (t->by_age.next != &t->by_age)
		print_waiting(t, NODE(t->by_age.next, by_age));
}

unsigned long long tree_printed(const struct tree *t)
{
	return t->printed;
}

static void free_node(struct node *n)
{
	struct node *c, *next;

	for (c = n->children; c; c = next) {
		next = c->sibling;
		free_node(c);
	}
	free(n);
}

void tree_free(struct tree *t)
{
	struct context *c, *next;
	size_t i;

	while (t->by_age.next != &t->by_age) {
		struct node *n = NODE(t->by_age.next, by_age);

		wait_no_more(n);
		free_node(n);
	}
	for (i = 0; i < BUCKETS; i++)
		for (c = t->contexts[i]; c; c = next) {
			next = c->next;
			free(c);
		}
	off_cpu_free(t->off_cpu);
	free(t);
}
