/* SPDX-License-Identifier: GPL-2.0 */
/* An event for each declaration of include/linux/fspan.h, for as long as its module is there. */
#ifndef FSPAN_DECLARED_H
#define FSPAN_DECLARED_H

int fspan_declared_init(void);
void fspan_declared_exit(void);

#endif
