/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The other way to spans and points, beside the engine: declarations in modules' own code,
 * see include/linux/fspan.h. They are found when a module comes, or was there before, and
 * forgotten when it goes. A set of hooks has one of them, which is armed by a probe on its
 * tracepoint, whether it is there yet or not.
 */
#ifndef FSPAN_SITE_H
#define FSPAN_SITE_H

#include "engine.h"
#include "spec.h"

struct fspan_error;

/*
 * Make the only hook of @hooks, for what @spec names. 0 or a negative errno with @err.
 * Detach it in any case, disarmed; neither is under fspan_arm_mutex.
 */
int fspan_site_attach(struct fspan_hooks *hooks, const struct fspan_spec *spec,
		      struct fspan_error *err);
void fspan_site_detach(struct fspan_hooks *hooks);
/* As fspan_engine_arm() and fspan_engine_disarm(). */
int fspan_site_arm(struct fspan_hooks *hooks);
void fspan_site_disarm(struct fspan_hooks *hooks);
/* Is the module gone, or not there yet? Under fspan_arm_mutex. */
bool fspan_site_away(struct fspan_hooks *hooks);
/*
 * What has begun and not ended. NULL: of a point, or while its module is not there. Under
 * fspan_arm_mutex.
 */
struct fspan_table *fspan_site_open(struct fspan_hooks *hooks);
/* Within the callback leave: the place of the mark. */
unsigned long fspan_site_caller(void);

/*
 * The line that defines the first declaration of @module (NULL: of any) that was not given
 * yet, to be freed; NULL: there is none, or no memory. May sleep.
 */
char *fspan_site_next(const char *module);

int fspan_sites_init(void);
void fspan_sites_exit(void);

#endif
