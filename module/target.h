/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The functions that a definition names: found now, or when their module
 * comes; forgotten when it goes.
 */
#ifndef FSPAN_TARGET_H
#define FSPAN_TARGET_H

#include "engine.h"
#include "spec.h"

struct fspan_error;

#define FSPAN_MAX_FUNCTIONS	8192	/* in one definition */

struct fspan_target {
	char module[MODULE_NAME_LEN];	/* empty: the kernel's own */
	bool glob;
	unsigned int col;		/* in the line, for errors */
	unsigned long addr;		/* of a name, when it was last looked up */
	char name[KSYM_NAME_LEN];
};

struct fspan_targets {
	unsigned int n;
	struct fspan_target *target;
};

/*
 * Find what the @n of @spec name, and put a hook for each function into @hooks. Returns
 * 0, or a negative errno with @err. Release in any case, disarmed.
 */
int fspan_targets_init(struct fspan_targets *targets, struct fspan_hooks *hooks,
		       const struct fspan_target_spec *spec, unsigned int n,
		       struct fspan_error *err);
void fspan_targets_release(struct fspan_targets *targets, struct fspan_hooks *hooks);

/* Does @spec need the field func? */
bool fspan_targets_many(const struct fspan_spec *spec);

/* @module is here, or goes. Both under fspan_arm_mutex. */
int fspan_targets_coming(struct fspan_targets *targets, struct fspan_hooks *hooks,
			 const char *module);
void fspan_targets_going(struct fspan_hooks *hooks, const char *module);

#endif
