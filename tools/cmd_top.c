// SPDX-License-Identifier: GPL-2.0
/* fspan top: what came in each interval. */
#include <errno.h>
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "cmd.h"
#include "measure.h"
#include "selection.h"

struct screen {
	const struct options *o;
	int sort;
	bool curses;
	bool whole;		/* since the start, not of the interval */
};

static void put_line(int number, const char *text, void *arg)
{
	struct screen *s = arg;

	if (!s->curses) {
		puts(text);
		return;
	}
	/* the first line is the title's */
	if (number + 2 >= LINES)
		return;
	if (!number)
		attron(A_REVERSE);
	mvaddnstr(number + 2, 0, text, COLS);
	if (!number) {
		int x = strlen(text);

		for (; x < COLS; x++)
			addch(' ');
		attroff(A_REVERSE);
	}
}

static void title(const struct screen *s)
{
	time_t now = time(NULL);
	char clock[16];

	strftime(clock, sizeof(clock), "%H:%M:%S", localtime(&now));
	erase();
	mvprintw(0, 0, "fspan top  %s  every %.3gs  %s  sorted by %s", clock, s->o->interval / 1e9,
		 s->whole ? "since the start" : "of the last interval", table_sort_name(s->sort));
	mvprintw(1, 0, "q quit  s sort  a since the start");
}

/* 0, or -1: nobody reads it any more. */
static int show(const struct screen *s, const struct measure *m, size_t n, const char *by)
{
	if (s->o->json) {
		table_json(m, n, by, s->sort, stdout);
	} else if (s->o->openmetrics) {
		table_openmetrics(m, n, by, stdout);
	} else {
		if (s->curses)
			title(s);
		table_print(m, n, by, s->sort, put_line, (void *)s);
		if (s->curses)
			refresh();
	}
	return !s->curses && (fflush(stdout) || ferror(stdout)) ? -1 : 0;
}

/* Wait for the next picture. False: the user has enough. */
static bool wait_for_key(struct screen *s, struct child *none, unsigned long long until,
			 unsigned long long deadline, bool *again)
{
	unsigned long long now;

	*again = false;
	while ((now = run_now()) < until) {
		int key;

		if (!run_sleep(none, s->curses ? 50000000 : until - now, deadline))
			return false;
		if (!s->curses)
			continue;
		key = getch();
		if (key == 'q')
			return false;
		if (key == 's')
			s->sort = (s->sort + 1) % NR_SORTS;
		if (key == 'a')
			s->whole = !s->whole;
		*again = key == 's' || key == 'a' || key == KEY_RESIZE;
		if (*again)
			return true;
	}
	return true;
}

/* What there was at the end of the last interval. */
struct before {
	struct hist hist;
	double seconds;
	unsigned long long missed;
};

/* What came since. */
static void difference(const struct measures *ms, const struct before *before, struct measure *out)
{
	size_t i;

	for (i = 0; i < ms->defs->n; i++) {
		hist_free(&out[i].hist);
		out[i] = ms->m[i];
		hist_copy(&out[i].hist, &ms->m[i].hist);
		hist_subtract(&out[i].hist, &before[i].hist);
		out[i].seconds = ms->m[i].seconds - before[i].seconds;
		out[i].missed = ms->m[i].missed - before[i].missed;
		snprintf(out[i].reasons, sizeof(out[i].reasons), "since the start %.200s", ms->m[i].reasons);
	}
}

static int run(struct measures *ms, struct screen *s, struct diag *d)
{
	unsigned long long deadline = s->o->length ? run_now() + s->o->length : 0, next;
	size_t n = ms->defs->n, i;
	struct before *before = calloc(n, sizeof(*before));
	struct measure *last = calloc(n, sizeof(*last));
	struct child none = {};
	bool going = true, again = false;
	int ret = 0;

	if (!before || !last)
		abort();
	next = run_now() + s->o->interval;
	while (going && !ret) {
		going = wait_for_key(s, &none, next, deadline, &again);
		ret = measures_read(ms, d);
		if (ret)
			break;
		difference(ms, before, last);
		/* counters are for ever, so that who scrapes them can subtract */
		if ((going || !s->curses) &&
		    show(s, s->whole || s->o->openmetrics ? ms->m : last, n, ms->by)) {
			if (errno != EPIPE)
				ret = diag_set(d, -1, "cannot write: %s", strerror(errno));
			break;
		}
		if (again)
			continue;
		for (i = 0; i < n; i++) {
			hist_free(&before[i].hist);
			hist_copy(&before[i].hist, &ms->m[i].hist);
			before[i].seconds = ms->m[i].seconds;
			before[i].missed = ms->m[i].missed;
		}
		next += s->o->interval;
		if (next < run_now())
			next = run_now() + s->o->interval;
	}
	for (i = 0; i < n; i++) {
		hist_free(&before[i].hist);
		hist_free(&last[i].hist);
	}
	free(before);
	free(last);
	return ret;
}

int cmd_top(const struct verb *verb, int argc, char **argv)
{
	struct definitions defs = {};
	struct measures ms = {};
	struct options o;
	struct screen s = { .o = &o };
	struct diag d;
	int ret = options_parse(verb, argc, argv, &o);

	if (ret >= 0)
		return ret;
	if (o.command)
		return cmd_usage(verb, "takes no command: fspan stat does");
	if (!o.nspecs)
		return cmd_usage(verb, "what is to be counted? a function, as in fspan top vfs_read --by comm");
	if (o.sort && (s.sort = table_sort_of(o.sort)) < 0)
		return cmd_usage(verb, "--sort is total, calls, errors, avg, p50, p90, p99 or max");
	ret = selection_compile(&o, &defs);
	if (ret)
		goto out;
	run_catch_signals();
	ret = measures_start(&ms, &o, &defs, &d);
	if (!ret) {
		s.curses = !o.json && !o.openmetrics && isatty(STDOUT_FILENO);
		if (s.curses) {
			initscr();
			cbreak();
			noecho();
			nodelay(stdscr, TRUE);
			keypad(stdscr, TRUE);
			curs_set(0);
		}
		ret = run(&ms, &s, &d);
		if (s.curses)
			endwin();
	}
	if (ret) {
		diag_print(&d, stderr);
		ret = 1;
	}
	measures_stop(&ms);
out:
	definitions_free(&defs);
	return ret;
}
