/* SPDX-License-Identifier: GPL-2.0 */
/* Histograms as what stat and top show: a table, drawings, JSON, OpenMetrics. */
#ifndef FSPAN_TABLE_H
#define FSPAN_TABLE_H

#include <stdio.h>

#include "compile.h"
#include "hist.h"

/* A definition's histogram over @seconds. */
struct measure {
	const struct definition *def;
	struct hist hist;
	double seconds;
	unsigned long long missed;
	char reasons[256];
};

enum table_sort {
	SORT_TOTAL, SORT_CALLS, SORT_ERRORS, SORT_AVG, SORT_P50, SORT_P90, SORT_P99, SORT_MAX,
	NR_SORTS
};

/* By name, or -1. */
int table_sort_of(const char *name);
const char *table_sort_name(int sort);

/*
 * The table's lines, each given to @line with its number from 0, the head first.
 * @by: NULL if the histograms have no key.
 */
void table_print(const struct measure *m, size_t n, const char *by, int sort,
		 void (*line)(int number, const char *text, void *arg), void *arg);
void table_draw(const struct measure *m, size_t n, const char *by, FILE *f);
void table_json(const struct measure *m, size_t n, const char *by, int sort, FILE *f);
void table_openmetrics(const struct measure *m, size_t n, const char *by, FILE *f);

#endif
