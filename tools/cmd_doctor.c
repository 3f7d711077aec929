// SPDX-License-Identifier: GPL-2.0
/* fspan doctor: what this machine allows, each with the remedy. */
#include <errno.h>
#include <fcntl.h>
#include <json.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <tracefs.h>
#include <unistd.h>
#include <zlib.h>

#include "cmd.h"
#include "control.h"
#include "file.h"
#include "functions.h"
#include "pins.h"
#include "symbols.h"
#include "types.h"

enum verdict { OK, NOTE, BAD };

struct report {
	struct json_object *array;	/* NULL: text */
	int bad;
};

/* @remedy: what to do, NULL if there is nothing */
static void say(struct report *r, enum verdict v, const char *what, const char *remedy,
		const char *fmt, ...) __attribute__((format(printf, 5, 6)));

static void say(struct report *r, enum verdict v, const char *what, const char *remedy,
		const char *fmt, ...)
{
	static const char * const names[] = { "ok", "note", "bad" };
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	r->bad += v == BAD;
	if (r->array) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "check", json_object_new_string(what));
		json_object_object_add(o, "verdict", json_object_new_string(names[v]));
		json_object_object_add(o, "text", json_object_new_string(text));
		if (remedy && v != OK)
			json_object_object_add(o, "remedy", json_object_new_string(remedy));
		json_object_array_add(r->array, o);
		return;
	}
	printf("%-5s %-12s %s\n", names[v], what, text);
	if (remedy && v != OK)
		printf("%-18s -> %s\n", "", remedy);
}

static char *trimmed(const char *path)
{
	char *s = file_read(path);

	if (s)
		s[strcspn(s, "\n")] = '\0';
	return s;
}

static void check_module(struct report *r)
{
	char *version = trimmed("/sys/module/fspan/version"), path[256];
	struct utsname un;

	uname(&un);
	if (version) {
		say(r, !strcmp(version, FSPAN_VERSION) ? OK : NOTE, "module", "modprobe -r fspan; modprobe fspan, or install the tool of the same version",
		    "fspan %s is loaded, this tool is %s", version, FSPAN_VERSION);
		free(version);
		return;
	}
	snprintf(path, sizeof(path), "find /lib/modules/%s -name 'fspan.ko*' 2> /dev/null | grep -q .", un.release);
	if (!system(path))
		say(r, BAD, "module", "modprobe fspan; at boot: systemctl enable fspan", "fspan is installed for %s, but not loaded", un.release);
	else
		say(r, BAD, "module", "make install, or make dkms, in the source of fspan", "fspan is not installed for %s", un.release);
}

/* What "dkms status" says, from where it has it: that takes it a hundred processes. */
static void check_dkms(struct report *r)
{
	char path[256];
	struct utsname un;

	uname(&un);
	snprintf(path, sizeof(path), "/var/lib/dkms/fspan/" FSPAN_VERSION "/%s", un.release);
	if (access("/usr/sbin/dkms", X_OK))
		say(r, NOTE, "dkms", "apt install dkms, then make dkms: built again for each new kernel", "dkms is not installed");
	else if (!access(path, F_OK))
		say(r, OK, "dkms", NULL, "fspan " FSPAN_VERSION " is built for %s", un.release);
	else if (!access("/var/lib/dkms/fspan", F_OK))
		say(r, NOTE, "dkms", "dkms autoinstall; dkms status says more", "fspan is known, but " FSPAN_VERSION " is not built for %s", un.release);
	else
		say(r, NOTE, "dkms", "make dkms, in the source of fspan", "dkms does not know fspan");
}

/* CONFIG_x of the running kernel: 'y', 'm', 'n', or '?' if there is no telling. */
static char config(const char *name)
{
	static char *text;
	static bool tried;
	char line[128], *p;

	if (!tried) {
		struct utsname un;
		gzFile gz = gzopen("/proc/config.gz", "rb");

		tried = true;
		uname(&un);
		if (gz) {
			text = calloc(1, 1 << 20);
			if (text && gzread(gz, text, (1 << 20) - 1) <= 0)
				*text = '\0';
			gzclose(gz);
		} else {
			text = file_readf("/boot/config-%s", un.release);
			if (!text)
				text = file_readf("/lib/modules/%s/build/.config", un.release);
		}
	}
	if (!text || !*text)
		return '?';
	snprintf(line, sizeof(line), "\nCONFIG_%s=", name);
	p = strstr(text, line);
	return p ? p[strlen(line)] : 'n';
}

static void check_config(struct report *r)
{
	static const struct {
		const char *name;
		bool needed;
		const char *why;
	} options[] = {
		{ "KRETPROBES", true, "nothing works without it" },
		{ "PERF_EVENTS", true, "events are made under the lock of perf's" },
		{ "EVENT_TRACING", true, "there are no trace events without it" },
		{ "DYNAMIC_EVENTS", true, "events cannot be made at run time without it" },
		{ "DEBUG_INFO_BTF", false, "names of parameters are not known: use registers, $arg1" },
		{ "FTRACE_SYSCALLS", false, "syscall:NAME is not known" },
		{ "HIST_TRIGGERS", false, "no hist triggers on the events" },
		{ "KPROBES_ON_FTRACE", false, "each probe is a breakpoint, which is slower" },
		{ "BPF_EVENTS", false, "no BPF programs on the events" },
	};
	size_t i;
	int missing = 0;

	if (config("KRETPROBES") == '?') {
		say(r, NOTE, "config", "install the kernel's config file in /boot, or CONFIG_IKCONFIG_PROC",
		    "the kernel's configuration cannot be read");
		return;
	}
	for (i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		char remedy[96];

		if (config(options[i].name) != 'n')
			continue;
		snprintf(remedy, sizeof(remedy), "a kernel with CONFIG_%s", options[i].name);
		say(r, options[i].needed ? BAD : NOTE, "config", remedy, "CONFIG_%s is not set: %s",
		    options[i].name, options[i].why);
		missing++;
	}
	if (!missing)
		say(r, OK, "config", NULL, "all options that fspan uses are set");
}

static void check_lockdown(struct report *r)
{
	char *mode = trimmed("/sys/kernel/security/lockdown");

	if (!mode)
		say(r, OK, "lockdown", NULL, "no lockdown, or securityfs is not mounted");
	else if (strstr(mode, "[confidentiality]"))
		say(r, BAD, "lockdown", "boot with lockdown=integrity or none: Secure Boot itself asks for no more",
		    "%s: kprobes and tracefs are forbidden", mode);
	else if (strstr(mode, "[integrity]"))
		say(r, NOTE, "lockdown", "a module must be signed: mokutil --import /var/lib/dkms/mok.pub", "%s", mode);
	else
		say(r, OK, "lockdown", NULL, "%s", mode);
	free(mode);
}

static void check_device(struct report *r)
{
	int fd = open(CONTROL_DEVICE, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		say(r, OK, "device", NULL, "%s can be opened", CONTROL_DEVICE);
		close(fd);
	} else if (errno == ENOENT) {
		say(r, BAD, "device", "load the module", "%s is not there", CONTROL_DEVICE);
	} else {
		say(r, BAD, "device", geteuid() ? "run as root" : "see lockdown",
		    "%s: %s", CONTROL_DEVICE, strerror(errno));
	}
}

static void check_mounts(struct report *r)
{
	const char *dir = tracefs_tracing_dir();

	if (dir && !access(dir, X_OK))
		say(r, OK, "tracefs", NULL, "mounted at %s", dir);
	else
		say(r, BAD, "tracefs", geteuid() ? "run as root" : "mount -t tracefs tracefs /sys/kernel/tracing",
		    "cannot be reached");
	if (!access(CONTROL_DEBUGFS, X_OK) || (access(CONTROL_DEVICE, F_OK) && !access("/sys/kernel/debug/tracing", F_OK)))
		say(r, OK, "debugfs", NULL, "counters and errors can be read");
	else
		say(r, access(CONTROL_DEVICE, F_OK) ? NOTE : BAD, "debugfs",
		    geteuid() ? "run as root" : control_no_debugfs(),
		    "%s cannot be reached: no counters, no histograms", CONTROL_DEBUGFS);
}

static void check_btf(struct report *r)
{
	const struct image *btf = types_kernel(NULL);

	if (btf)
		say(r, OK, "btf", NULL, "%u types of the kernel: parameters and members have names", image_end(btf));
	else
		say(r, NOTE, "btf", "a kernel with CONFIG_DEBUG_INFO_BTF; until then registers: vfs_read(n=$arg3:u64)",
		    "none: parameters and members have no names");
}

static void check_kprobes(struct report *r)
{
	bool kprobes = !control_is_off(CONTROL_KPROBES), ftrace = !control_is_off(CONTROL_FTRACE);
	char *perf = trimmed("/proc/sys/kernel/kptr_restrict");

	if (!kprobes)
		say(r, BAD, "kprobes", "echo 1 > " CONTROL_KPROBES,
		    "switched off: points, and functions that have kretprobes, are not seen");
	if (!ftrace)
		say(r, BAD, "ftrace", "sysctl kernel.ftrace_enabled=1", "switched off: no function is seen");
	if (perf && *perf == '2')
		say(r, NOTE, "kptr", "sysctl kernel.kptr_restrict=1", "addresses are hidden from root too: stacks have no names");
	if (kprobes && ftrace)
		say(r, OK, "kprobes", NULL, "on");
	free(perf);
}

static void check_programs(struct report *r)
{
	if (!system("command -v trace-cmd > /dev/null 2>&1"))
		say(r, OK, "trace-cmd", NULL, "installed: fspan record works");
	else
		say(r, NOTE, "trace-cmd", "apt install trace-cmd", "not installed: fspan record needs it");
}

/* A function that the kernel makes only for a tracepoint that programs can be attached to. */
static int is_gate(const struct symbol *s, void *arg)
{
	(void)arg;
	return !strncmp(s->name, "__bpf_trace_fspan_gate", 22) && symbol_in(s, "fspan");
}

static void check_gate(struct report *r)
{
	bool loaded = !access("/sys/module/fspan", F_OK);

	if (loaded && symbols_each(is_gate, NULL))
		say(r, OK, "gate", NULL, "eBPF programs can be attached");
	else if (loaded)
		say(r, NOTE, "gate", "a kernel with CONFIG_BPF_EVENTS, and a module that is built for it", "no eBPF program can be attached: the tracepoints are not there");
	if (loaded && !access("/sys/kernel/btf/fspan", F_OK))
		say(r, OK, "module-btf", NULL, "programs can emit records: fspan_emit() and fspan_current()");
	else if (loaded)
		say(r, NOTE, "module-btf", "apt install pahole and linux-kbuild-6.12, and build the module again where the kernel runs",
		    "the module has none: programs can emit no records of their own");
	if (pins_possible())
		say(r, OK, "bpffs", NULL, "mounted at " PINS_BPFFS);
	else
		say(r, NOTE, "bpffs", "mount -t bpf bpf " PINS_BPFFS, "not mounted: fspan gate load --hold only");
	if (!system("command -v clang > /dev/null 2>&1"))
		say(r, OK, "clang", NULL, "installed: programs can be compiled");
	else
		say(r, NOTE, "clang", "apt install clang libbpf-dev, or compile on another machine", "not installed: no program can be compiled here");
}

/* What functions that are hooked directly keep others from. */
static void check_direct(struct report *r)
{
	char *profile = file_read(CONTROL_DEBUGFS "/profile"), *inflight = file_read(CONTROL_DEBUGFS "/inflight");
	char *line, *last, event[128] = "", first[256] = "";
	unsigned long functions = 0, calls = 0, n;

	/* the first line has the names of the columns, the last column is direct */
	line = profile ? strchr(profile, '\n') : NULL;
	for (; line && line[1]; line = strchr(line, '\n')) {
		line++;
		last = line + strcspn(line, "\n");
		while (last > line && last[-1] != ' ')
			last--;
		n = strtoul(last, NULL, 10);
		functions += n;
		if (n && !*event)
			snprintf(event, sizeof(event), "%.*s", (int)strcspn(line, " "), line);
	}
	for (line = inflight; line && *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (!strncmp(line, "- ", 2) && !calls++)
			snprintf(first, sizeof(first), "%.*s", (int)strcspn(line + 2, "\n"), line + 2);
	if (functions)
		say(r, NOTE, "direct", "disable the event, or define it with --engine kretprobe",
		    "%lu functions are hooked directly, as by %s: an eBPF program for one of them (fentry, fexit) gets EBUSY",
		    functions, event);
	if (calls)
		say(r, NOTE, "unload", "wait till they return, or end those tasks: fspan ls --inflight has all",
		    "%lu calls return by the module, which stays until they have: %s", calls, first);
	free(profile);
	free(inflight);
}

int cmd_doctor(const struct verb *verb, int argc, char **argv)
{
	struct report r = {};
	struct utsname un;
	struct options o;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.nspecs || o.command)
		return cmd_usage(verb, "takes no arguments");
	if (o.json)
		r.array = json_object_new_array();
	uname(&un);
	say(&r, OK, "kernel", NULL, "%s %s", un.release, un.machine);
	check_module(&r);
	check_dkms(&r);
	check_device(&r);
	check_mounts(&r);
	check_lockdown(&r);
	check_config(&r);
	check_kprobes(&r);
	check_btf(&r);
	check_programs(&r);
	check_gate(&r);
	check_direct(&r);
	if (r.array) {
		cmd_print_json(r.array);
	} else if (r.bad) {
		printf("\n%d of these keep fspan from working.\n", r.bad);
	}
	return r.bad ? 1 : 0;
}
