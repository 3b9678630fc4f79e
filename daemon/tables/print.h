/*
 * What print_tables can print: one function a thing, from config/data to a stream.
 *
 * A thing goes into a file of the tree between two lines that name it,
 * `printed: begin NAME` and `printed: end NAME`.  CMakeLists.txt says into which.
 */
#ifndef DAEMON_TABLES_PRINT_H
#define DAEMON_TABLES_PRINT_H

#include <stdbool.h>
#include <stdio.h>

#include "daemon/base/status.h"

/* False: what is wrong went to stderr, and nothing of what was printed counts. */
typedef bool printer(const char *data_dir, FILE *out);

/* choices.tsv (print_choices.c): enumerators, rows and texts for C, schemas for OpenAPI, the
 * manual.
 */
printer print_choice_codes, print_choice_tables, print_choice_words, print_choice_rows,
    print_choice_schemas, print_choice_manual;

/* "closing-reasons" as ClosingReason, "age-classes" as AgeClass, "sexes" as Sex: what a list is
 * called in the description of the API. */
void print_choice_schema_name(FILE *out, const char *list);

/* registers.tsv (print_registers.c): members and routes for C. */
printer print_register_tables, print_register_routes;
/* The same in the description of the API (print_register_api.c). */
printer print_register_paths, print_register_schemas;
/* The same for vacancyctl (print_register_cli.c). */
printer print_register_members, print_register_options;
printer print_register_lists;
printer print_register_columns, print_register_commands, print_register_manual;
/* problems.tsv, wrong_states.tsv, faults.tsv, expected.tsv and members.tsv
 * (print_texts.c): rows and enumerators for C; columns.tsv (print_columns.c): rows. */
printer print_problem_rows, print_wrong_state_rows, print_fault_rows, print_fault_codes,
    print_expected_rows, print_member_rows, print_member_lists, print_column_rows;

/* A string of C, or NULL for none, then `end`. */
void print_string(FILE *out, const char *text, const char *end);

/*
 * The lines between the marks of a file: replaced by `text`; or compared with it.
 * False: the file cannot be read or written, has not both marks, or differs; stderr says
 * which line.
 */
MUST_CHECK bool printed_write(const char *path, const char *name, const char *text);
MUST_CHECK bool printed_check(const char *path, const char *name, const char *text);

#endif
