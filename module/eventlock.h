/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Running under the core's event_mutex, which is not exported: opening a perf
 * event on a control event of our own makes the core take it and call us.
 */
#ifndef FSPAN_EVENTLOCK_H
#define FSPAN_EVENTLOCK_H

/* Whether the control event is known to the core: in a forced module it is not. */
int fspan_eventlock_init(void);

/*
 * Call @fn(@arg) with event_mutex held and return what it returns. Callers
 * are serialised; @fn may sleep. Not from within a callback of the core that
 * holds the mutex. -ENOMEM if there is no memory for the way there.
 */
int fspan_eventlock_run(int (*fn)(void *arg), void *arg);
/* The same for what must be done: waits until there is memory for the way. */
int fspan_eventlock_run_surely(int (*fn)(void *arg), void *arg);

#endif
