// SPDX-License-Identifier: GPL-2.0
/* fspan add: define spans that stay. */
#include <stdio.h>

#include "cmd.h"
#include "control.h"
#include "selection.h"

int cmd_add(const struct verb *verb, int argc, char **argv)
{
	struct definitions defs = {};
	struct control ctl;
	struct options o;
	struct diag d;
	size_t i;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.command)
		return cmd_usage(verb, "takes no command: fspan trace does");
	if (!o.nspecs)
		return cmd_usage(verb, "what is to be defined? a function, as in fspan add 'vfs_read(count)'");
	if (o.program)
		return cmd_usage(verb, "--gate takes no file here, as what is added stays: fspan gate load FILE");
	ret = selection_compile(&o, &defs);
	if (ret)
		goto out;
	if (control_open(&ctl, false, NULL, o.dry_run, &d)) {
		diag_print(&d, stderr);
		ret = 1;
		goto out;
	}
	for (i = 0; i < defs.n && !ret; i++) {
		ret = control_define(&ctl, &defs.d[i], &o, "", &d) ? 1 : 0;
		if (ret)
			diag_print(&d, stderr);
		else if (!o.dry_run)
			printf("fspan/%s\n", defs.d[i].event);
	}
	control_close(&ctl);
out:
	definitions_free(&defs);
	return ret;
}
