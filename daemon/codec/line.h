/*
 * Lines as trees, inside codec only: of a return, and by themselves.
 */
#ifndef DAEMON_CODEC_LINE_H
#define DAEMON_CODEC_LINE_H

#include <jansson.h>

#include "daemon/codec/return.h"

struct buf;
struct field;

#define REF_MAX 40

/* Leaves out->members NULL when the line breaks a rule. */
void read_line(const struct field *s, const char *district, struct filed_line *out);

/* "reason" and "filled_by" of a closed line; false when there is no such reason. */
bool take_closing(const struct field *closing, struct buf *b);

#endif
