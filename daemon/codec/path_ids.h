/*
 * Identifiers as they stand in paths: canonical forms, or false.
 */
#ifndef DAEMON_CODEC_PATH_IDS_H
#define DAEMON_CODEC_PATH_IDS_H

#include <stdbool.h>
#include <stdint.h>

struct codec;
/* Of `c` only the codes that are recognised are asked for; NULL: none is. */
bool codec_employer_code(const struct codec *c, const char *text, char out[static 20]);
/* The organisation code of nine characters in it, which is what the two forms have in common.
 */
const char *codec_organisation(const char *employer);
bool codec_seeker_id(const char *text, uint64_t *out);  /* 16 lower-case hex digits */
bool codec_decimal_id(const char *text, uint64_t *out); /* 1 .. 2^63-1, no leading zero */
void codec_print_seeker_id(uint64_t id, char out[static 17]);
/* "410102********9990" */
void codec_mask_citizen(const char *canonical, char out[static 19]);

#endif
