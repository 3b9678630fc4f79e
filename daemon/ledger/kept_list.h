/*
 * Rows as bytes and bytes as rows: what the ledger said of its keys, to be kept.
 */
#ifndef DAEMON_LEDGER_KEPT_LIST_H
#define DAEMON_LEDGER_KEPT_LIST_H

#include <stddef.h>

#include <libpq-fe.h>

struct buf;

/* Adds them: their columns' types, then each value. */
void kept_list_put(struct buf *b, const PGresult *rows);
/* NULL: that is not what kept_list_put wrote. */
PGresult *kept_list_rows(const char *bytes, size_t n);

#endif
