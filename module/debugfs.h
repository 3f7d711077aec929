/* SPDX-License-Identifier: GPL-2.0 */
/* debugfs fspan/: profile, inflight, error_log, and the directory hist; all to be read only. */
#ifndef FSPAN_DEBUGFS_H
#define FSPAN_DEBUGFS_H

void fspan_debugfs_init(void);
void fspan_debugfs_exit(void);

#endif
