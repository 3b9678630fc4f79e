/*
 * Records of a CSV file, for file_records.c: a header line, and a record by it.
 */
#ifndef DAEMON_CODEC_CSV_RECORDS_H
#define DAEMON_CODEC_CSV_RECORDS_H

#include <jansson.h>
#include <stdbool.h>

struct codec;

#define CSV_COLUMNS_MAX 40

/* A header line, read: which member stands in which column. */
struct csv_header {
	size_t n;
	const struct csv_column *columns[CSV_COLUMNS_MAX];
};

/* Both take one record of UTF-8.  False, NULL: the faults say why. */
bool csv_read_header(const struct codec *c, const char *text, size_t len,
    struct csv_header *out);
json_t *csv_read_record(const struct codec *c, const struct csv_header *h, const char *text,
    size_t len);

#endif
