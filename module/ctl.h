/* SPDX-License-Identifier: GPL-2.0 */
/* /dev/fspan: see include/uapi/linux/fspan.h. */
#ifndef FSPAN_CTL_H
#define FSPAN_CTL_H

int fspan_ctl_init(void);
void fspan_ctl_exit(void);

#endif
