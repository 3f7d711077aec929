// SPDX-License-Identifier: GPL-2.0
/* fspan rm: remove definitions. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "control.h"

static int remove_all(const struct options *o)
{
	int n = 0, fd;

	if (o->dry_run) {
		printf(": > %s\n", CONTROL_DEVICE);
		return 0;
	}
	do {
		fd = open(CONTROL_DEVICE, O_WRONLY | O_TRUNC | O_CLOEXEC);
	} while (fd < 0 && errno == EBUSY && control_wait(n++));
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	fprintf(stderr, "fspan rm: %s: %s\n", CONTROL_DEVICE, strerror(errno));
	if (errno == EBUSY)
		fprintf(stderr, "  one of them is in use, so none was removed: fspan ls shows which\n");
	else
		fprintf(stderr, "  is the module loaded, and are you root? fspan doctor says\n");
	return 1;
}

int cmd_rm(const struct verb *verb, int argc, char **argv)
{
	struct control ctl;
	struct options o;
	struct diag d;
	int i, ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.all == !!o.nspecs || o.command)
		return cmd_usage(verb, "events, as fspan ls lists them, or --all");
	if (o.all)
		return remove_all(&o);
	ret = 0;
	if (control_open(&ctl, false, NULL, o.dry_run, &d)) {
		diag_print(&d, stderr);
		return 1;
	}
	/* one that cannot go does not keep the others */
	for (i = 0; i < o.nspecs; i++) {
		if (!control_remove(&ctl, o.specs[i], &d))
			continue;
		diag_print(&d, stderr);
		ret = 1;
	}
	control_close(&ctl);
	return ret;
}
