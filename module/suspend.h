/* SPDX-License-Identifier: GPL-2.0 */
/* While the machine goes to sleep, and until it is awake, no call is followed. */
#ifndef FSPAN_SUSPEND_H
#define FSPAN_SUSPEND_H

void fspan_suspend_init(void);
void fspan_suspend_exit(void);

#endif
