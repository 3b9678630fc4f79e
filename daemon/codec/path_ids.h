/*
 * Identifiers as they stand in paths: canonical forms, or false.
 */
#ifndef DAEMON_CODEC_PATH_IDS_H
#define DAEMON_CODEC_PATH_IDS_H

#include <stdbool.h>
#include <stdint.h>

bool codec_employer_code(const char *text, char out[static 20]);
bool codec_seeker_id(const char *text, uint64_t *out);  /* 16 lower-case hex digits */
bool codec_decimal_id(const char *text, uint64_t *out); /* 1 .. 2^63-1, no leading zero */
void codec_print_seeker_id(uint64_t id, char out[static 17]);
/* "410102********9990" */
void codec_mask_citizen(const char *canonical, char out[static 19]);

#endif
