/*
 * Rows into one table of the ledger, by a COPY on a connection of its own.
 */
#ifndef TESTS_BENCH_COPY_STREAM_H
#define TESTS_BENCH_COPY_STREAM_H

#include <stdbool.h>

struct copy_stream;

/* What fails ends the program, with its reason.  `table` stays. */
struct copy_stream *copy_open(const char *ledger, const char *table, const char *columns);
/* The fields of one row, with tabs between them; the first, the city, is put before. */
void copy_row(struct copy_stream *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* has_ids: numbered by an identity column, which goes on behind them. */
void copy_close(struct copy_stream *s, bool has_ids);

#endif
