/*
 * From bytes to a tree, inside codec only.
 */
#ifndef DAEMON_CODEC_JSON_H
#define DAEMON_CODEC_JSON_H

#include <jansson.h>

struct codec;

/* The bytes as an object; NULL (with faults) when they are not one.  The caller
 * owns the tree. */
json_t *json_read(const struct codec *c, const char *body, size_t len, size_t max);

#endif
