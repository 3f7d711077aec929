/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FSPAN_COV_H
#define FSPAN_COV_H

#define FSPAN_COV_SIZE	(1 << 20)	/* of text, on both sides of the hook */

void fspan_cov_hit(long offset);

#endif
