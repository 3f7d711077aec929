// SPDX-License-Identifier: GPL-2.0
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "pins.h"

bool pins_possible(void)
{
	struct statfs fs;

	return !statfs(PINS_BPFFS, &fs) && (unsigned long)fs.f_type == BPF_FS_MAGIC;
}

/*
 * Each entry of what is pinned as @name, in no order: @sub is "/links" or "/maps". All
 * names, if both are "". None if it is not there.
 */
static int each_entry(const char *name, const char *sub,
		      int (*fn)(const char *path, const char *name, void *arg), void *arg)
{
	char dir[sizeof(PINS) + NAME_MAX + 8], path[sizeof(dir) + NAME_MAX + 1];
	struct dirent *e;
	int ret = 0;
	DIR *d;

	snprintf(dir, sizeof(dir), PINS "/%.255s%.6s", name, sub);
	d = opendir(dir);
	while (d && !ret && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
		ret = fn(path, e->d_name, arg);
	}
	if (d)
		closedir(d);
	return ret;
}

/* The function that a program is attached to. */
static void function_of(__u32 object, __u32 type, char *buf, size_t size)
{
	struct btf *kernel = btf__load_vmlinux_btf(), *module = NULL;
	const struct btf_type *t = kernel ? btf__type_by_id(kernel, type) : NULL;
	const struct btf *btf = kernel;

	/* the numbers of a module's types go on from the kernel's */
	if (kernel && !t) {
		module = btf__load_from_kernel_by_id_split(object, kernel);
		btf = module;
		t = module ? btf__type_by_id(module, type) : NULL;
	}
	if (t)
		snprintf(buf, size, "%s", btf__name_by_offset(btf, t->name_off));
	btf__free(module);
	btf__free(kernel);
}

static int describe(int link, struct pin *p)
{
	struct bpf_link_info info = {};
	struct bpf_prog_info prog = {};
	__u32 len = sizeof(info);
	char name[IF_NAMESIZE];
	int fd;

	if (bpf_obj_get_info_by_fd(link, &info, &len))
		return -1;
	/* the name goes where these words say; in links of other types they say something else */
	if (info.type == BPF_LINK_TYPE_RAW_TRACEPOINT) {
		info.raw_tracepoint.tp_name = (unsigned long)p->at;
		info.raw_tracepoint.tp_name_len = sizeof(p->at);
		len = sizeof(info);
		if (bpf_obj_get_info_by_fd(link, &info, &len))
			return -1;
	}
	p->link = info.id;
	p->id = info.prog_id;
	fd = bpf_prog_get_fd_by_id(info.prog_id);
	len = sizeof(prog);
	if (fd < 0)
		return -1;
	if (bpf_obj_get_info_by_fd(fd, &prog, &len)) {
		close(fd);
		return -1;
	}
	close(fd);
	snprintf(p->type, sizeof(p->type), "%s", libbpf_bpf_prog_type_str(prog.type) ?: "?");
	if (!*p->program)
		snprintf(p->program, sizeof(p->program), "%s", prog.name);
	p->runs = prog.run_cnt;
	p->ns = prog.run_time_ns;
	p->skipped = prog.recursion_misses;
	p->jited = prog.jited_prog_len;
	if (info.type == BPF_LINK_TYPE_TRACING)
		function_of(info.tracing.target_obj_id, info.tracing.target_btf_id, p->at,
			    sizeof(p->at));
	else if (info.type == BPF_LINK_TYPE_XDP)
		snprintf(p->at, sizeof(p->at), "%s", if_indextoname(info.xdp.ifindex, name) ?: "?");
	return 0;
}

static struct pin *add(struct pins *pins, const char *name, const char *program)
{
	struct pin *p;

	pins->p = reallocarray(pins->p, pins->n + 1, sizeof(*pins->p));
	if (!pins->p)
		abort();
	p = &pins->p[pins->n++];
	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s", name);
	snprintf(p->program, sizeof(p->program), "%s", program);
	return p;
}

struct pinned {
	struct pins *pins;
	const char *name;
};

static int add_pinned(const char *path, const char *program, void *arg)
{
	struct pinned *to = arg;
	int fd = bpf_obj_get(path);

	/* removed just now */
	if (fd < 0)
		return errno == EPERM || errno == EACCES ? -1 : 0;
	if (describe(fd, add(to->pins, to->name, program)))
		to->pins->n--;
	close(fd);
	return 0;
}

static int add_name(const char *path, const char *name, void *arg)
{
	struct pinned to = { arg, name };

	(void)path;
	return each_entry(name, "/links", add_pinned, &to);
}

/* What others have attached to a gate, or a fspan that holds it: it keeps the module. */
static int add_others(struct pins *pins)
{
	size_t pinned = pins->n, i;
	__u32 id = 0;

	while (!bpf_link_get_next_id(id, &id)) {
		struct pin *p;
		int fd;

		for (i = 0; i < pinned; i++)
			if (pins->p[i].link == id)
				break;
		fd = i == pinned ? bpf_link_get_fd_by_id(id) : -1;
		if (fd < 0)
			continue;
		p = add(pins, "", "");
		if (describe(fd, p) || strncmp(p->at, "fspan_gate_", 11))
			pins->n--;
		close(fd);
	}
	return errno == ENOENT ? 0 : -1;
}

static int by_name(const void *a, const void *b)
{
	const struct pin *x = a, *y = b;
	int ret = strcmp(x->name, y->name);

	/* those without a name come last */
	if (ret && (!*x->name || !*y->name))
		return -ret;
	return ret ?: x->link < y->link ? -1 : x->link > y->link;
}

int pins_list(struct pins *pins)
{
	memset(pins, 0, sizeof(*pins));
	libbpf_set_print(NULL);
	if (each_entry("", "", add_name, pins) || add_others(pins)) {
		int err = errno;

		pins_free(pins);
		errno = err;
		return -1;
	}
	if (pins->n)
		qsort(pins->p, pins->n, sizeof(*pins->p), by_name);
	return 0;
}

void pins_free(struct pins *pins)
{
	free(pins->p);
	memset(pins, 0, sizeof(*pins));
}

struct text {
	char *buf;
	size_t size;
};

static int add_text(const char *path, const char *name, void *arg)
{
	struct text *t = arg;
	size_t len = strlen(t->buf);

	(void)path;
	snprintf(t->buf + len, t->size - len, "%s%s", len ? " " : "", name);
	return 0;
}

void pins_maps(const char *name, char *buf, size_t size)
{
	struct text t = { buf, size };

	*buf = '\0';
	each_entry(name, "/maps", add_text, &t);
}

static int unpin(const char *path, const char *name, void *arg)
{
	(void)name;
	(void)arg;
	return unlink(path);
}

/* With all that is in it. */
static int remove_sub(const char *name, const char *sub)
{
	char dir[sizeof(PINS) + NAME_MAX + 8];

	if (each_entry(name, sub, unpin, NULL))
		return -1;
	snprintf(dir, sizeof(dir), PINS "/%.255s%.6s", name, sub);
	return rmdir(dir) && errno != ENOENT ? -1 : 0;
}

/* The kernel detaches in its own time: whoever removes the module next wants it done. */
static void wait_for(const struct pins *pins, const char *name)
{
	size_t i;
	int n, fd;

	for (i = 0; i < pins->n; i++) {
		for (n = 0; n < 500 && !strcmp(pins->p[i].name, name); n++) {
			fd = bpf_prog_get_fd_by_id(pins->p[i].id);
			if (fd < 0)
				break;
			close(fd);
			usleep(10000);
		}
	}
}

int pins_remove(const char *name)
{
	char dir[sizeof(PINS) + NAME_MAX + 8];
	struct pins pins;
	int ret;

	if (!*name || strchr(name, '/') || strchr(name, '.')) {
		errno = ENOENT;
		return -1;
	}
	snprintf(dir, sizeof(dir), PINS "/%.255s", name);
	if (access(dir, F_OK) || pins_list(&pins))
		return -1;
	ret = remove_sub(name, "/links") || remove_sub(name, "/maps") || rmdir(dir) ? -1 : 0;
	if (!ret)
		wait_for(&pins, name);
	pins_free(&pins);
	return ret;
}
