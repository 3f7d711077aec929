// SPDX-License-Identifier: GPL-2.0
/*
 * BTF is read as a file, as no function that gives a module the kernel's is exported, and
 * from the root of the first task, whatever the caller's is. What it says is the kernel's
 * own; it is checked for bounds all the same.
 */
#include <linux/btf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/fs_struct.h>
#include <linux/lockdep.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/stringhash.h>
#include <linux/mm.h>

#include "engine.h"
#include "prototype.h"
#include "trampoline.h"

#define MAX_WORDS	6	/* in registers */
#define MAX_DEPTH	32	/* of types that name types */
#define BUCKETS		256
#define MIN_HEADER	offsetofend(struct btf_header, str_len)	/* it has grown since */

/* One file: the kernel's, or a module's, whose types and strings go on from the kernel's. */
struct btf_file {
	void *data;
	const char *strings;
	u32 strings_from, strings_len;
	u32 from, n;			/* ids of types */
	const struct btf_type **type;
};

struct finder {
	struct btf_file file[2];
	unsigned int nfiles;
	struct fspan_hook *bucket[BUCKETS];	/* by name, linked by .same */
};

/* What follows struct btf_type, in bytes; -1: a kind from after this was written. */
static int more(const struct btf_type *t)
{
	u32 vlen = btf_type_vlen(t);

	switch (BTF_INFO_KIND(t->info)) {
	case BTF_KIND_INT:
	case BTF_KIND_VAR:
	case BTF_KIND_DECL_TAG:
		return sizeof(u32);
	case BTF_KIND_ARRAY:
		return sizeof(struct btf_array);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return vlen * sizeof(struct btf_member);
	case BTF_KIND_ENUM:
		return vlen * sizeof(struct btf_enum);
	case BTF_KIND_ENUM64:
		return vlen * sizeof(struct btf_enum64);
	case BTF_KIND_FUNC_PROTO:
		return vlen * sizeof(struct btf_param);
	case BTF_KIND_DATASEC:
		return vlen * sizeof(struct btf_var_secinfo);
	case BTF_KIND_PTR:
	case BTF_KIND_FWD:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_CONST:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_FUNC:
	case BTF_KIND_FLOAT:
	case BTF_KIND_TYPE_TAG:
		return 0;
	default:
		return -1;
	}
}

static void index_types(struct btf_file *f, const void *at, const void *end)
{
	while (end - at >= sizeof(struct btf_type)) {
		int size = more(at);

		if (size < 0 || end - at < sizeof(struct btf_type) + size)
			return;
		f->type[f->n++] = at;
		at += sizeof(struct btf_type) + size;
	}
}

/* The whole file, in memory that is to be freed; bytes. */
static size_t read_all(const char *name, void **data)
{
	char text[MODULE_NAME_LEN + sizeof("/sys/kernel/btf/")];
	loff_t size, pos = 0;
	struct file *file;
	struct path root;
	ssize_t n;

	snprintf(text, sizeof(text), "/sys/kernel/btf/%s", name);
	task_lock(&init_task);
	get_fs_root(init_task.fs, &root);
	task_unlock(&init_task);
	file = file_open_root(&root, text, O_RDONLY, 0);
	path_put(&root);
	if (IS_ERR(file))
		return 0;
	size = i_size_read(file_inode(file));
	*data = size > 0 && size <= SZ_64M ? kvmalloc(size, GFP_KERNEL | __GFP_NOWARN) : NULL;
	while (*data && pos < size) {
		/*
		 * It takes the open file's own mutex, which nobody else can have; but those of its
		 * class are held by who reads a module's parameter, and waits for what may in turn
		 * wait for us.
		 */
		lockdep_off();
		n = kernel_read(file, *data + pos, size - pos, &pos);
		lockdep_on();
		if (n <= 0)
			break;
	}
	fput(file);
	return *data ? pos : 0;
}

static bool read_file(struct btf_file *f, const struct btf_file *base, const char *name)
{
	const struct btf_header *h;
	size_t len = read_all(name, &f->data);

	if (len < MIN_HEADER)
		return false;
	h = f->data;
	if (h->magic != BTF_MAGIC || h->hdr_len < MIN_HEADER ||
	    (u64)h->hdr_len + h->type_off + h->type_len > len ||
	    (u64)h->hdr_len + h->str_off + h->str_len > len || !h->str_len)
		return false;
	f->strings = f->data + h->hdr_len + h->str_off;
	f->strings_len = h->str_len;
	if (f->strings[f->strings_len - 1])
		return false;
	f->from = base ? base->from + base->n : 1;
	f->strings_from = base ? base->strings_len : 0;
	f->type = kvmalloc_array(h->type_len / sizeof(struct btf_type) + 1, sizeof(*f->type),
				 GFP_KERNEL | __GFP_NOWARN);
	if (!f->type)
		return false;
	index_types(f, f->data + h->hdr_len + h->type_off,
		    f->data + h->hdr_len + h->type_off + h->type_len);
	return true;
}

static void forget_file(struct btf_file *f)
{
	kvfree(f->type);
	kvfree(f->data);
}

static const struct btf_type *type(const struct finder *find, u32 id)
{
	unsigned int i;

	for (i = 0; i < find->nfiles; i++)
		if (id >= find->file[i].from && id - find->file[i].from < find->file[i].n)
			return find->file[i].type[id - find->file[i].from];
	return NULL;	/* void, too */
}

static const char *string(const struct finder *find, u32 offset)
{
	unsigned int i;

	for (i = 0; i < find->nfiles; i++)
		if (offset >= find->file[i].strings_from &&
		    offset - find->file[i].strings_from < find->file[i].strings_len)
			return find->file[i].strings + offset - find->file[i].strings_from;
	return "";
}

/* Bytes of a value of the type, and whether it is of several members; 0: it is not known. */
static u32 size_of(const struct finder *find, u32 id, bool *compound)
{
	const struct btf_type *t;
	int depth;

	*compound = false;
	for (depth = 0; depth < MAX_DEPTH; depth++) {
		t = type(find, id);
		if (!t)
			return 0;
		switch (BTF_INFO_KIND(t->info)) {
		case BTF_KIND_PTR:
			return sizeof(void *);
		case BTF_KIND_STRUCT:
		case BTF_KIND_UNION:
			*compound = true;
			return t->size;
		case BTF_KIND_INT:
		case BTF_KIND_ENUM:
		case BTF_KIND_ENUM64:
			*compound = t->size > sizeof(long);
			return t->size;
		case BTF_KIND_TYPEDEF:
		case BTF_KIND_VOLATILE:
		case BTF_KIND_CONST:
		case BTF_KIND_RESTRICT:
		case BTF_KIND_TYPE_TAG:
			id = t->type;
			break;
		default:	/* in other registers than those that are kept */
			return 0;
		}
	}
	return 0;
}

/*
 * Does it find all that it takes, if so many words of the stack are copied? Which
 * compounds are passed on the stack, and how aligned, is the compiler's business: each is
 * taken for one. A variadic function has a last parameter without type.
 */
static enum fspan_prototype prototype(const struct finder *find, const struct btf_type *proto)
{
	const struct btf_param *param = (const void *)(proto + 1);
	u32 i, size, words = 0, stack = 0, n = btf_type_vlen(proto);
	bool compound;

	if (BTF_INFO_KIND(proto->info) != BTF_KIND_FUNC_PROTO)
		return FSPAN_PROTOTYPE_OTHER;
	if (proto->type) {
		if (!size_of(find, proto->type, &compound))
			return FSPAN_PROTOTYPE_OTHER;
		words += compound;	/* the address where it is wanted, maybe */
	}
	for (i = 0; i < n; i++) {
		size = size_of(find, param[i].type, &compound);
		if (!size)
			return FSPAN_PROTOTYPE_OTHER;
		if (compound)
			stack += DIV_ROUND_UP(size, sizeof(long)) + 1;
		else
			words++;
	}
	if (words > MAX_WORDS)
		stack += words - MAX_WORDS;
	if (stack > FSPAN_STACK_WORDS)
		return FSPAN_PROTOTYPE_OTHER;
	return stack ? FSPAN_PROTOTYPE_STACK : FSPAN_PROTOTYPE_PLAIN;
}

static struct fspan_hook **bucket(struct finder *find, const char *name)
{
	return &find->bucket[full_name_hash(NULL, name, strlen(name)) % BUCKETS];
}

/* Two functions of one name: which of them BTF means nobody knows, so that neither is known. */
static void see(struct finder *find, const struct btf_type *t)
{
	const char *name = string(find, t->name_off);
	const struct btf_type *proto = type(find, t->type);
	struct fspan_hook *hook;

	for (hook = *bucket(find, name); hook; hook = hook->same) {
		if (strcmp(hook->name, name))
			continue;
		if (hook->prototype == FSPAN_PROTOTYPE_UNKNOWN && proto)
			hook->prototype = prototype(find, proto);
		else
			hook->prototype = FSPAN_PROTOTYPE_OTHER;
	}
}

static void see_all(struct finder *find)
{
	const struct btf_file *f = &find->file[find->nfiles - 1];
	u32 i;

	for (i = 0; i < f->n; i++)
		if (BTF_INFO_KIND(f->type[i]->info) == BTF_KIND_FUNC)
			see(find, f->type[i]);
}

/* Put the hooks in question where they are found by name. Is there any? */
static bool ask(struct finder *find, struct fspan_hooks *hooks, const char *module)
{
	struct fspan_hook *hook, *other, **head;
	bool any = false;

	list_for_each_entry(hook, &hooks->list, node) {
		if (hook->prototype != FSPAN_PROTOTYPE_UNKNOWN || strcmp(hook->module, module))
			continue;
		head = bucket(find, hook->name);
		for (other = *head; other; other = other->same)
			if (!strcmp(other->name, hook->name))
				hook->prototype = other->prototype = FSPAN_PROTOTYPE_OTHER;
		hook->same = *head;
		*head = hook;
		any = true;
	}
	return any;
}

void fspan_prototypes_find(struct fspan_hooks *hooks, const char *module)
{
	struct finder *find = kvzalloc(sizeof(*find), GFP_KERNEL);
	struct fspan_hook *hook;
	bool seen = false;

	if (find && ask(find, hooks, module)) {
		find->nfiles = 1;
		if (read_file(&find->file[0], NULL, "vmlinux")) {
			if (module[0])
				find->nfiles = 2;
			seen = !module[0] || read_file(&find->file[1], &find->file[0], module);
			if (seen)
				see_all(find);
		}
		forget_file(&find->file[1]);
		forget_file(&find->file[0]);
	}
	/* where nothing could be read, as while the module comes, it is tried again */
	list_for_each_entry(hook, &hooks->list, node)
		if (seen && hook->prototype == FSPAN_PROTOTYPE_UNKNOWN &&
		    !strcmp(hook->module, module))
			hook->prototype = FSPAN_PROTOTYPE_OTHER;
	kvfree(find);
}
