// SPDX-License-Identifier: GPL-2.0
#include <linux/dcache.h>
#include <linux/fs.h>

#include "compat.h"

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)

/* tracefs' one superblock: pinned by the core, which has its directories there */
static struct super_block *tracefs_sb;

void fspan_compat_format_note(struct trace_event_file *file)
{
	if (file->dir)
		tracefs_sb = file->dir->d_sb;
}

/*
 * The inode of a format file points at the call. The removal has unhashed the
 * dentry, so that nobody can look it up any more: the inode is in the list
 * only while an open file, or a path walk on its way to one, holds it.
 */
bool fspan_compat_format_open(struct trace_event_call *call)
{
	struct inode *inode;
	bool open = false;

	if (!tracefs_sb)
		return false;
	spin_lock(&tracefs_sb->s_inode_list_lock);
	list_for_each_entry(inode, &tracefs_sb->s_inodes, i_sb_list) {
		if (READ_ONCE(inode->i_private) == call) {
			open = true;
			break;
		}
	}
	spin_unlock(&tracefs_sb->s_inode_list_lock);
	return open;
}

#else

void fspan_compat_format_note(struct trace_event_file *file)
{
}

bool fspan_compat_format_open(struct trace_event_call *call)
{
	return false;
}

#endif
