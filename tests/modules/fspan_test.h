/* SPDX-License-Identifier: GPL-2.0 */
/* What tests/progs/workload.c asks of the module fspan_test: calls of known functions. */
#ifndef FSPAN_TEST_H
#define FSPAN_TEST_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct fspan_test_call {
	__u64 arg[7];
	__s64 ret;
};

#define FSPAN_TEST_ADD		_IOWR('f', 1, struct fspan_test_call)	/* a, b */
#define FSPAN_TEST_SEVEN	_IOWR('f', 2, struct fspan_test_call)
#define FSPAN_TEST_RECURSE	_IOWR('f', 3, struct fspan_test_call)	/* depth */
#define FSPAN_TEST_OUTER	_IOWR('f', 4, struct fspan_test_call)	/* inner calls */
#define FSPAN_TEST_KSTR		_IOWR('f', 5, struct fspan_test_call)	/* user pointer, copied */
#define FSPAN_TEST_USTR		_IOWR('f', 6, struct fspan_test_call)	/* user pointer */
#define FSPAN_TEST_OUT		_IOWR('f', 7, struct fspan_test_call)	/* in */
#define FSPAN_TEST_SLEEP	_IOWR('f', 8, struct fspan_test_call)	/* us */
#define FSPAN_TEST_HANG		_IOWR('f', 9, struct fspan_test_call)	/* a cookie */
#define FSPAN_TEST_RELEASE	_IOWR('f', 10, struct fspan_test_call)
#define FSPAN_TEST_FAIL		_IOWR('f', 11, struct fspan_test_call)	/* errno */
#define FSPAN_TEST_PTR		_IOWR('f', 12, struct fspan_test_call)
#define FSPAN_TEST_LOOP		_IOWR('f', 13, struct fspan_test_call)	/* calls */
#define FSPAN_TEST_EXIT		_IOWR('f', 14, struct fspan_test_call)	/* the task ends inside */
#define FSPAN_TEST_TAKE		_IOWR('f', 15, struct fspan_test_call)	/* pointer, by reference */
#define FSPAN_TEST_UNWATCHED	_IOWR('f', 16, struct fspan_test_call)	/* RCU is not */
#define FSPAN_TEST_CONTEXTS	_IOWR('f', 17, struct fspan_test_call)	/* rounds */

#endif
