/*
 * A file of lines, cut into records (file_records.c) and, when it is CSV, read by
 * its header (csv_records.c).
 */
#ifndef DAEMON_CODEC_FILE_RECORDS_H
#define DAEMON_CODEC_FILE_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/codec/codec.h"

struct codec;
struct single_line;

#define CODEC_RECORD_MAX ((size_t)65536)
enum charset { CHARSET_UTF8, CHARSET_GB18030 };
struct records;
struct records *records_new(bool is_csv, enum charset charset);
void records_free(struct records *r);
/* Takes bytes up to the end of a record; how many.  *whole: one is complete, or, with
 * is_last and no bytes, what was left. */
size_t records_take(struct records *r, const char *bytes, size_t n, bool is_last, bool *whole);
uint64_t records_line(const struct records *r); /* where the record begins, from 1 */
bool records_is_blank(const struct records *r);
/* The first record of a CSV file; false: faults say why, and nothing can be read. */
bool records_read_header(struct records *r, const struct codec *c);
/* The complete record as it stands in the file, but for what was too long. */
const char *records_raw(const struct records *r, size_t *len);
/* The complete record as a text; false: faults say why it cannot be read. */
bool records_text(struct records *r, const struct codec *c, const char **text, size_t *len);
/* The complete record as a line. */
enum read_result records_read_line(struct records *r, const struct codec *c,
    const char *employer, struct single_line *out);

#endif
