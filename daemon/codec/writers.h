/*
 * The small writers of coded text, one member each, inside codec only.
 */
#ifndef DAEMON_CODEC_WRITERS_H
#define DAEMON_CODEC_WRITERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/tables/choices.h"
#include "matcher/model.h"

struct buf;

/* "key":["name",...] of a set. */
void write_names(struct buf *b, const char *key, enum code_list of, int set);
/* A tree as compact JSON; flags are jansson's. */
void write_tree(struct buf *b, const json_t *tree, size_t flags);
/* Written as lower-case hex with quotes. */
void write_hex(struct buf *b, const uint8_t *p, size_t n);
/* "key":"text" or "key":null */
void write_text(struct buf *b, const char *key, const char *text);
void write_number(struct buf *b, const char *key, int64_t n);
void write_flag(struct buf *b, const char *key, bool yes);
void write_day(struct buf *b, const char *key, bool stated, day_t d);

#endif
