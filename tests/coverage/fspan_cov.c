// SPDX-License-Identifier: GPL-2.0
/* Which basic blocks of fspan have run, over any number of loads of it: debugfs fspan_cov. */
#include <linux/debugfs.h>
#include <linux/kprobes.h>
#include <linux/module.h>

#include "cov.h"

static u8 hit[FSPAN_COV_SIZE];
static struct debugfs_blob_wrapper blob = { .data = hit, .size = sizeof(hit) };
static struct dentry *file;

/* Any context: a store of one byte. @offset: of a return address from that of the caller. */
notrace void fspan_cov_hit(long offset)
{
	offset += FSPAN_COV_SIZE / 2;
	if (offset >= 0 && offset < FSPAN_COV_SIZE && !hit[offset])
		hit[offset] = 1;
}
NOKPROBE_SYMBOL(fspan_cov_hit);
EXPORT_SYMBOL_GPL(fspan_cov_hit);

static int __init fspan_cov_init(void)
{
	file = debugfs_create_blob("fspan_cov", 0400, NULL, &blob);
	return PTR_ERR_OR_ZERO(file);
}

static void __exit fspan_cov_exit(void)
{
	debugfs_remove(file);
}

module_init(fspan_cov_init);
module_exit(fspan_cov_exit);
MODULE_DESCRIPTION("which basic blocks of fspan have run");
MODULE_LICENSE("GPL");
