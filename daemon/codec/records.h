/*
 * Records of a file, between records.c, which cuts and decodes, and csv.c,
 * which knows a header.
 */
#ifndef DAEMON_CODEC_RECORDS_H
#define DAEMON_CODEC_RECORDS_H

#include "daemon/codec/field.h"

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

/* The line out of a tree that the caller owns and that is changed. */
enum read_result read_single_line(const struct codec *c, json_t *tree, const char *employer,
    struct single_line *out);

#endif
