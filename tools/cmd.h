/* SPDX-License-Identifier: GPL-2.0 */
/* The verbs. Each gives the exit status: 0 done, 1 failed, 2 wrong usage. */
#ifndef FSPAN_CMD_H
#define FSPAN_CMD_H

#include "options.h"

int cmd_trace(const struct verb *verb, int argc, char **argv);
int cmd_record(const struct verb *verb, int argc, char **argv);
int cmd_add(const struct verb *verb, int argc, char **argv);
int cmd_ls(const struct verb *verb, int argc, char **argv);
int cmd_rm(const struct verb *verb, int argc, char **argv);
int cmd_save(const struct verb *verb, int argc, char **argv);
int cmd_show(const struct verb *verb, int argc, char **argv);
int cmd_stat(const struct verb *verb, int argc, char **argv);
int cmd_top(const struct verb *verb, int argc, char **argv);
int cmd_gate(const struct verb *verb, int argc, char **argv);
int cmd_doctor(const struct verb *verb, int argc, char **argv);

/* For people to read, too. Takes @o over. */
struct json_object;
void cmd_print_json(struct json_object *o);
/* Say on stderr what is missing. Gives 2. */
int cmd_usage(const struct verb *verb, const char *what);

#endif
