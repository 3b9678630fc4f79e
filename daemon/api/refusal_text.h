/*
 * Why a record of a file was refused, as one text for a cell of a sheet.
 */
#ifndef DAEMON_API_REFUSAL_TEXT_H
#define DAEMON_API_REFUSAL_TEXT_H

#include <jansson.h>
#include <stdbool.h>

struct buf;

/* The receipt as it was answered: where it stood, each broken rule with what would be right, or
 * the problem with what can be done. */
void refusal_put(struct buf *out, const json_t *receipt, bool is_zh);

#endif
