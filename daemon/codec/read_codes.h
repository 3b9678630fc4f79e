/*
 * Readers of codes, checked against the catalogue, and of ids; inside codec only.
 * They return what the other readers do (read.h).
 */
#ifndef DAEMON_CODEC_READ_CODES_H
#define DAEMON_CODEC_READ_CODES_H

#include "daemon/codec/read.h"

struct term;

/* A post's is a leaf of the classification; a wish may be a group. */
bool read_occupation(const struct field *s, bool of_a_post, occupation_t *out);
bool read_place(const struct field *s, int digits, place_t *out, const char **text);
/* Where one works from a day on: twelve digits of the city, or six of a county outside it. */
bool read_workplace(const struct field *s, day_t day, const char **text);
/* A prefix of divisions, as a scope is; that of a division that is written with zeros. */
const char *scope_written(const struct codec *c, const char *text);
/* A county-level division of any edition of the list, anywhere in the country. */
bool read_area(const struct field *s, const char **text);
/* Whether the first six digits were a county-level division in any edition. */
bool is_area(const struct codec *c, place_t place);
/* In a county entry of the city that only earlier lists have: right in a citizen number, wrong
 * as a place. */
bool is_retired(const struct codec *c, place_t place);
bool read_education(const struct field *s, const char **code, education_t *rank);
/* "skills" or "licences": at most max, none twice, as bytes. */
bool read_terms(const struct field *s, const char *list, size_t max, uint8_t *ids, uint8_t *n);

/* What the readers take, without a field: the rule that it breaks, or BROKEN_RULES for none. */
enum broken judge_occupation(const struct codec *c, bool of_a_post, const char *text,
    occupation_t *out);
/* Zeros behind a division mean itself: 410105000000 is 410105. */
enum broken judge_place(const struct codec *c, int digits, const char *text, place_t *out);
enum broken judge_workplace(const struct codec *c, day_t day, const char *text, place_t *out,
    int *digits);
const struct term *term_of(const struct codec *c, const char *list, const char *code);

/* 1 .. 2^62 in its sixteen hex digits; a decimal id.  Both stay text. */
bool read_seeker_id(const struct field *s, const char **out);
bool read_decimal_id(const struct field *s, const char **out);
#define CODE_OF_EMPLOYER                                                                       \
	"a credit code of 18 characters or an organisation code of 9; if it was issued so, have it recognised first"
bool read_employer(const struct field *s, const char **out);

#endif
