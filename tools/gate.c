// SPDX-License-Identifier: GPL-2.0
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compile.h"
#include "file.h"
#include "gate.h"
#include "pins.h"
#include "variables.h"

#define LOG_LINES 10	/* of the verifier's, the last */
#define LOG_WIDTH 120

/* What libbpf says, of which the verifier's log is a part. */
static char *said;

static int note_said(enum libbpf_print_level level, const char *fmt, va_list args)
{
	char *more, *all;

	if (level != LIBBPF_WARN || vasprintf(&more, fmt, args) < 0)
		return 0;
	if (asprintf(&all, "%s%s", said ?: "", more) < 0)
		abort();
	free(more);
	free(said);
	said = all;
	return 0;
}

static void begin_noting(void)
{
	free(said);
	said = NULL;
	libbpf_set_print(note_said);
}

/* The verifier's log in @said: where it begins, and its length; or NULL. */
static const char *verifier_log(size_t *len)
{
	const char *begin = said ? strstr(said, "-- BEGIN PROG LOAD LOG --\n") : NULL, *end;

	if (!begin)
		return NULL;
	begin = strchr(begin, '\n') + 1;
	end = strstr(begin, "-- END PROG LOAD LOG --");
	*len = end ? (size_t)(end - begin) : strlen(begin);
	return begin;
}

void gate_print_log(void)
{
	size_t len;
	const char *log = verifier_log(&len);

	if (log)
		fprintf(stderr, "%.*s", (int)len, log);
}

/* Its end, where the reason is. */
static void log_hint(struct diag *d)
{
	size_t len, lines = 0;
	const char *log = verifier_log(&len), *from;

	if (!log)
		return;
	for (from = log + len; from > log; from--)
		if (from[-1] == '\n' && lines++ == LOG_LINES)
			break;
	diag_hint(d, "the verifier's log%s:", from > log ? ", its end (fspan gate load -v shows all)" : "");
	while (from < log + len) {
		size_t n = strcspn(from, "\n");

		diag_hint(d, "  %.*s", n < LOG_WIDTH ? (int)n : LOG_WIDTH, from);
		from += n + 1;
	}
}

/* What is known of a refusal, by what the verifier says: the remedy. */
static void verifier_hint(struct diag *d)
{
	static const struct {
		const char *said;
		const char *hint;
	} known[] = {
		{ "infinite loop detected", "a loop must have an end that the verifier can see, as in for (i = 0; i < 100; i++), or be bpf_loop()" },
		{ "BPF program is too large. Processed", "it takes too many steps to check: loops need a smaller bound, or bpf_loop()" },
		{ "The sequence of 8193 jumps is too complex", "a loop must have an end that the verifier can see: a smaller bound, or bpf_loop()" },
		{ "invalid variable buffer offset", "an index into args, field or note of the gate must be a constant" },
		{ "invalid tracepoint buffer access", "an offset into the struct of the gate must be a constant, and not negative" },
		{ "tp_buffer expected=", "a helper takes no address in the struct of the gate: copy the value to a variable, and give it the address of that" },
		{ "map_value_or_null'", "what bpf_map_lookup_elem() gives may be NULL: test it" },
		{ "invalid mem access 'scalar'", "this is a number to the verifier: of the gate's struct by FSPAN_GATE(), of the kernel's memory by bpf_probe_read_kernel()" },
		{ "cannot call GPL", "a program that calls this helper says char LICENSE[] SEC(\"license\") = \"GPL\";" },
		{ "calling kernel function", "fspan_emit() and fspan_current() are for programs of the types fentry, fexit, tp_btf, tc and xdp" },
		{ "unreachable insn", "there is code that is never reached: is an endless loop before it?" },
		{ "!read_ok", "a variable is read that may have no value yet" },
	};
	size_t i, len;
	const char *log = verifier_log(&len);

	for (i = 0; log && i < sizeof(known) / sizeof(known[0]); i++)
		if (memmem(log, len, known[i].said, strlen(known[i].said))) {
			diag_hint(d, "%s", known[i].hint);
			return;
		}
}

/* The first things that libbpf said, as advice, if there is no better. */
static void libbpf_hint(struct diag *d)
{
	const char *line = said ?: "";
	int n;

	for (n = 0; *line && n < 3; n++) {
		size_t len = strcspn(line, "\n");

		if (!strncmp(line, "libbpf: ", 8))
			line += 8, len -= 8;
		diag_hint(d, "%.*s", len < 300 ? (int)len : 300, line);
		line += len + (line[len] == '\n');
	}
}

/* Does the object call a function of the module's? */
static bool wants_kfuncs(const struct gate *g)
{
	const struct btf *btf = bpf_object__btf(g->obj);

	return btf && (btf__find_by_name_kind(btf, "fspan_emit", BTF_KIND_FUNC) > 0 ||
		       btf__find_by_name_kind(btf, "fspan_current", BTF_KIND_FUNC) > 0);
}

static bool at_gate(const struct bpf_program *prog)
{
	return strstr(bpf_program__section_name(prog), "/fspan_gate_") != NULL;
}

/* A name that is no file's is that of a program that came with fspan, beside it. */
static int find(const char *file, char *path, size_t size)
{
	size_t len = strlen(file);

	if (strchr(file, '/') || (len > 2 && !strcmp(file + len - 2, ".o")))
		snprintf(path, size, "%s", file);
	else
		snprintf(path, size, "%s/%s.bpf.o", file_beside("bpf"), file);
	return access(path, R_OK);
}

static int check_file(const char *file, const char *path, struct diag *d)
{
	Elf64_Ehdr h = {};
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, &h, sizeof(h));

	if (fd >= 0)
		close(fd);
	if (n < 0)
		return diag_set(d, -1, "cannot read %s: %s", path, strerror(errno));
	if (n == sizeof(h) && !memcmp(h.e_ident, ELFMAG, SELFMAG) && h.e_machine == EM_BPF &&
	    h.e_type == ET_REL)
		return 0;
	diag_set(d, -1, "%s is no BPF object", file);
	return diag_hint(d, "compile C to one: clang -O2 -g -target bpf -mcpu=v3 -I/usr/include/$(uname -m)-linux-gnu -c NAME.bpf.c");
}

int gate_open(struct gate *g, const char *file, struct diag *d)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file;
	char path[PATH_MAX];
	size_t i;

	memset(g, 0, sizeof(*g));
	d->text = NULL;
	if (find(file, path, sizeof(path))) {
		diag_set(d, -1, "%s: %s", file, strerror(errno));
		return strchr(file, '/') || errno != ENOENT ? -1 :
		       diag_hint(d, "those that came with fspan are %s/*.bpf.o, if clang was there to build them", file_beside("bpf"));
	}
	if (check_file(file, path, d))
		return -1;
	/* a pin's name has no dots */
	snprintf(g->name, sizeof(g->name), "%.*s", (int)strcspn(base, "."), base);
	for (i = 0; g->name[i]; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", g->name[i]))
			g->name[i] = '_';
	begin_noting();
	g->obj = bpf_object__open_file(path, NULL);
	if (g->obj)
		return 0;
	diag_set(d, -1, "cannot open %s: %s", file, strerror(errno));
	libbpf_hint(d);
	return -1;
}

static int load(struct gate *g, struct diag *d)
{
	const char *name;
	int err;

	begin_noting();
	err = bpf_object__load(g->obj);
	if (!err)
		return 0;
	if (wants_kfuncs(g) && access("/sys/kernel/btf/fspan", F_OK)) {
		diag_set(d, -1, "%s calls fspan_emit() or fspan_current(), but the module has no BTF", g->name);
		return diag_hint(d, "build it again where pahole and the kernel's BTF are: fspan doctor says which is missing");
	}
	name = said ? strstr(said, "prog '") : NULL;
	if (name && strstr(said, "-- BEGIN PROG LOAD LOG --")) {
		name += 6;
		diag_set(d, -1, "the kernel refuses the program '%.*s' of %s: %s", (int)strcspn(name, "'"), name,
			 g->name, strerror(-err));
		verifier_hint(d);
		log_hint(d);
		return -1;
	}
	diag_set(d, -1, "cannot load %s: %s", g->name, strerror(-err));
	if (err == -EPERM || err == -EACCES)
		return diag_hint(d, geteuid() ? "run as root: it takes CAP_BPF and CAP_PERFMON" :
				 "it takes CAP_BPF and CAP_PERFMON, and no lockdown of mode confidentiality: fspan doctor");
	libbpf_hint(d);
	return -1;
}

/* The kernel's own, which has no name here. */
#define KERNEL_ENOTSUPP	524

/* Why a program of ours was not attached. */
static int not_attached(struct gate *g, const struct bpf_program *prog, const char *dev, int err,
			struct diag *d)
{
	const char *sec = bpf_program__section_name(prog), *name = bpf_program__name(prog);

	diag_set(d, -1, "cannot attach '%s' of %s, SEC(\"%s\"): %s", name, g->name, sec,
		 err == KERNEL_ENOTSUPP ? "not supported" : strerror(err));
	if (err == KERNEL_ENOTSUPP && bpf_program__type(prog) == BPF_PROG_TYPE_TRACING)
		return diag_hint(d, "this kernel has no BPF trampolines, which fentry, fexit and tp_btf take: arm64 has them since 6.4");
	if (at_gate(prog) && err == ENOENT)
		return diag_hint(d, "the module has no such tracepoint: fspan_gate_tp and fspan_gate_entry_tp are there, if the kernel has CONFIG_BPF_EVENTS");
	if (at_gate(prog) && err == EINVAL) {
		diag_hint(d, "it reads or writes beyond the end of struct fspan_gate, or another argument than the first");
		return diag_hint(d, "or it was compiled for a newer module, with a longer struct");
	}
	if (bpf_program__type(prog) == BPF_PROG_TYPE_XDP && dev)
		return diag_hint(d, err == EBUSY ? "%s has a program already: ip link show %s" :
				 "does %s take programs? ip link show %s", dev, dev);
	if (err == EOPNOTSUPP)
		return diag_hint(d, "fspan attaches what its section says where: not this one. A program for tc can be written for xdp, or attached by tc");
	if (err == ENOENT && !strncmp(sec, "tp/", 3))
		return diag_hint(d, "there is no such event: define it first, fspan add");
	libbpf_hint(d);
	return -1;
}

static int attach_one(struct gate *g, struct bpf_program *prog, const char *dev, struct diag *d)
{
	bool xdp = bpf_program__type(prog) == BPF_PROG_TYPE_XDP;
	struct bpf_link *link;
	unsigned int index = 0;

	if (xdp && !dev) {
		diag_set(d, -1, "'%s' of %s looks at packets: of which interface?", bpf_program__name(prog), g->name);
		return diag_hint(d, "--dev INTERFACE");
	}
	if (xdp) {
		index = if_nametoindex(dev);
		if (!index)
			return diag_set(d, -1, "no network interface '%s'", dev);
	}
	begin_noting();
	link = xdp ? bpf_program__attach_xdp(prog, index) : bpf_program__attach(prog);
	if (!link)
		return not_attached(g, prog, dev, errno, d);
	g->links[g->n++] = link;
	return 0;
}

int gate_attach(struct gate *g, const char *dev, struct diag *d)
{
	struct bpf_program *prog;
	size_t programs = 0;

	d->text = NULL;
	bpf_object__for_each_program(prog, g->obj) {
		programs++;
		g->gates |= at_gate(prog);
	}
	if (!programs)
		return diag_set(d, -1, "%s has no program", g->name);
	if ((g->gates || wants_kfuncs(g)) && access("/sys/module/fspan", F_OK)) {
		diag_set(d, -1, "%s is for the module fspan, which is not loaded", g->name);
		return diag_hint(d, "modprobe fspan");
	}
	if (load(g, d))
		return -1;
	g->links = calloc(programs, sizeof(*g->links));
	if (!g->links)
		abort();
	bpf_object__for_each_program(prog, g->obj)
		if (bpf_program__autoload(prog) && attach_one(g, prog, dev, d))
			return -1;
	return 0;
}

/* A map's or a program's name as a pin's. */
static const char *pin_path(const char *dir, const char *name)
{
	static char path[PATH_MAX];
	char *p;

	p = path + snprintf(path, sizeof(path), "%s/", dir);
	snprintf(p, path + sizeof(path) - p, "%s", name);
	for (; *p; p++)
		if (*p == '.')
			*p = '_';
	return path;
}

int gate_pin(struct gate *g, const char *name, struct diag *d)
{
	char dir[256], links[300], maps[300];
	struct bpf_program *prog;
	struct bpf_map *map;
	size_t i = 0;
	int err = 0;

	d->text = NULL;
	if (!pins_possible()) {
		diag_set(d, -1, "there is no bpffs at " PINS_BPFFS " to pin the program in");
		diag_hint(d, "mount -t bpf bpf " PINS_BPFFS);
		return diag_hint(d, "or --hold: it then goes when fspan ends");
	}
	snprintf(dir, sizeof(dir), PINS "/%s", name);
	snprintf(links, sizeof(links), "%s/links", dir);
	snprintf(maps, sizeof(maps), "%s/maps", dir);
	if (mkdir(PINS, 0700) && errno != EEXIST)
		return diag_set(d, -1, "cannot make " PINS ": %s", strerror(errno));
	if (mkdir(dir, 0700)) {
		diag_set(d, -1, "cannot make %s: %s", dir, strerror(errno));
		return errno != EEXIST ? -1 :
		       diag_hint(d, "a program is loaded by this name: fspan gate rm %s, or load this one as --name OTHER", name);
	}
	err = mkdir(links, 0700) || mkdir(maps, 0700) ? -errno : 0;
	bpf_object__for_each_map(map, g->obj) {
		/* what its own source pins by name is pinned */
		if (bpf_map__is_pinned(map))
			continue;
		err = err ?: bpf_map__pin(map, pin_path(maps, bpf_map__name(map)));
	}
	bpf_object__for_each_program(prog, g->obj) {
		if (!bpf_program__autoload(prog))
			continue;
		err = err ?: bpf_link__pin(g->links[i], pin_path(links, bpf_program__name(prog)));
		i++;
	}
	if (err) {
		diag_set(d, -1, "cannot pin in %s: %s", dir, strerror(-err));
		pins_remove(name);
		return -1;
	}
	/* or to let go of them would disable those that are perf events */
	for (i = 0; i < g->n; i++)
		bpf_link__disconnect(g->links[i]);
	return 0;
}

void gate_close(struct gate *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		bpf_link__destroy(g->links[i]);
	free(g->links);
	bpf_object__close(g->obj);
	memset(g, 0, sizeof(*g));
}

static int set_of_run(struct gate *g, const char *name, const char *value, bool dry_run,
		      struct diag *d)
{
	static char text[128];

	if (!variables_has(g->obj, name))
		return 0;
	snprintf(text, sizeof(text), "%s=%s", name, value);
	if (!dry_run)
		return variables_set(g->obj, text, d);
	printf(" '%s'", text);
	return 0;
}

/* Its constants: what the run knows, unless the user says otherwise. */
static int set_for_run(struct gate *g, const struct options *o, const char *event, char *list,
		       struct diag *d)
{
	char cookie[32], *part;

	snprintf(cookie, sizeof(cookie), "%llu", o->cookie);
	if (set_of_run(g, "cookie", cookie, o->dry_run, d) ||
	    (event && set_of_run(g, "event", event, o->dry_run, d)))
		return -1;
	while ((part = strsep(&list, ","))) {
		if (o->dry_run)
			printf(" '%s'", part);
		else if (variables_set(g->obj, part, d))
			return -1;
	}
	return 0;
}

int gate_run(struct gate *g, const struct options *o, const struct definitions *defs,
	     struct diag *d)
{
	char *list, *rest;
	int ret;

	if (!o->program)
		return 0;
	list = rest = strdup(o->program);
	if (!list)
		abort();
	ret = gate_open(g, strsep(&rest, ","), d);
	if (!ret && o->dry_run)
		printf("fspan gate load --hold '%s'", list);
	ret = ret || set_for_run(g, o, definitions_emitted(defs), rest, d);
	if (ret && d->text) {
		/* in what the user wrote, which stays when the list goes */
		if (d->col >= 0 && d->text >= list && d->text < list + strlen(o->program))
			d->col += d->text - list;
		d->text = o->program;
	}
	if (!ret && o->dry_run) {
		putchar('\n');
		gate_close(g);
	} else {
		ret = ret || gate_attach(g, o->dev, d);
	}
	free(list);
	return ret ? -1 : 0;
}
