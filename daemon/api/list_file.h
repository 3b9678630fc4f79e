/*
 * A list as a file: the same rows, filters and rights as the list in pages, all of it at once,
 * as CSV or XLSX when the caller accepts that and nothing before it.
 */
#ifndef DAEMON_API_LIST_FILE_H
#define DAEMON_API_LIST_FILE_H

#include <stdbool.h>

#include "daemon/flow/flow.h"
#include "daemon/sheet/sheet.h"

struct list_file;
struct listing;

#define TYPE_XLSX "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define TYPE_CSV  "text/csv"

/* Whether the answer is to be a file, and which. */
bool wants_file(const struct request *r, enum sheet_kind *kind);

/* The page that has come (its ask is settled); then the next is asked for, or the file is made.
 * To be called again after each wait, by a step that is taken again. */
enum next list_file_go_on(struct flow *f, struct listing *l);
/* Whether it is past its pages. */
bool list_file_has_all(const struct listing *l);
/* The lines of a return, as GET would answer it, under the headings that an import takes. */
enum next answer_lines_file(struct flow *f, enum sheet_kind kind, const char *body);
/* Gives back what a listing holds: of every plan of a list. */
void list_release(void *state);

#endif
