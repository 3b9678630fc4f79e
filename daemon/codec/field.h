/*
 * Fields: a value of the body together with where it stands, so that whoever
 * finds it wrong can say so; and the typed readers on them.
 *
 * A reader returns false when the value is absent (null counts as absent) or
 * wrong; when wrong it has added the fault.  Absence is a fault only for
 * field_required.  A field borrows its parent, which stays where it is meanwhile.
 */
#ifndef DAEMON_CODEC_FIELD_H
#define DAEMON_CODEC_FIELD_H

#include <jansson.h>

#include "daemon/codec/codec.h"
#include "daemon/codec/rules.h"
#include "daemon/tables/choices.h"

struct field {
	const struct codec *codec;
	const struct field *in; /* the object or list it stands in; NULL at the top */
	const char *key;        /* NULL for an entry of a list */
	size_t at;
	const json_t *value; /* NULL: absent */
	bool sealed;         /* what stands here is never quoted */
};

/* The bytes as an object; NULL (with faults) when they are not one.  The caller
 * owns the tree. */
json_t *json_read(const struct codec *c, const char *body, size_t len, size_t max);

struct field field_top(const struct codec *c, const json_t *object);
struct field field_member(const struct field *in, const char *key);
struct field field_required(const struct field *in, const char *key);
struct field field_sealed(struct field s);
struct field field_item(const struct field *list, size_t i);

/* Adds a fault here.  `found` NULL: the value itself, unless it is sealed. */
void field_fault(const struct field *s, enum broken b, const char *found, const char *expected);

/* Refuses every member not in the list, offering the nearest name. */
void field_only(const struct field *object, const char *const *known, size_t n);
/* Refuses entries of a list of right length that are alike; or, with `key`, whose member of
 * that name is. */
void field_once(const struct field *list, const char *key, const char *expected);

bool read_object(const struct field *s);
bool read_list(const struct field *s, size_t min, size_t max, size_t *n);
bool read_whole(const struct field *s, int64_t min, int64_t max, int64_t *out);
bool read_flag(const struct field *s, bool *out);
/* A copy in the arena; lengths in characters (code points). */
bool read_text(const struct field *s, size_t min, size_t max, const char **out);
/* A string whose form the caller checks: no length, no copy, no control characters. */
bool read_raw(const struct field *s, const char **out);
#define FIRST_DAY day_of(1990, 1, 1)
#define LAST_DAY  day_of(2099, 12, 31)
bool read_day(const struct field *s, day_t min, day_t max, day_t *out);

/* A code of a short list (choices.h), as its place there. */
bool read_choice(const struct field *s, enum code_list of, int *out);
/* Several, as a set: 1 << the place of each; none may stand twice. */
bool read_set(const struct field *s, enum code_list of, size_t min, int *out);

/* Codes, checked against the catalogue (codes.c). */
/* A post's is a leaf of the classification; a wish may be a group. */
bool read_occupation(const struct field *s, bool of_a_post, occupation_t *out);
bool read_place(const struct field *s, int digits, place_t *out, const char **text);
/* Whether the first six digits were a county-level division in any edition. */
bool is_area(const struct codec *c, place_t place);
bool read_education(const struct field *s, const char **code, education_t *rank);
/* "skills" or "licences": at most max, none twice, as bytes. */
bool read_terms(const struct field *s, const char *list, size_t max, uint8_t *ids, uint8_t *n);
/* 1 .. 2^62 in its sixteen hex digits; a decimal id.  Both stay text. */
bool read_seeker_id(const struct field *s, const char **out);
bool read_decimal_id(const struct field *s, const char **out);
bool read_employer(const struct field *s, const char **out);

/*
 * Read and written in one (body.c): the member, coded, under its own name; null when it is
 * absent or wrong, false for a flag.  They return what the reader does.
 */
bool take_text(const struct field *s, size_t min, size_t max, struct buf *b);
bool take_whole(const struct field *s, int64_t min, int64_t max, struct buf *b);
bool take_flag(const struct field *s, struct buf *b);
bool take_day(const struct field *s, day_t min, day_t max, struct buf *b);
/* Two days, the second not before the first. */
void take_days(const struct field *from, day_t from_max, const struct field *to, day_t to_max,
    struct buf *b);
bool take_choice(const struct field *s, enum code_list of, struct buf *b);
bool take_place(const struct field *s, int digits, struct buf *b);
bool take_seeker_id(const struct field *s, struct buf *b);
bool take_decimal_id(const struct field *s, struct buf *b);
bool take_employer(const struct field *s, struct buf *b);
bool take_object(const struct field *s, body_shape *shape, struct buf *b);
/* A list of objects; [] when absent or wrong. */
bool take_list(const struct field *s, size_t min, size_t max, body_shape *shape, struct buf *b);
/* A list of values, each written by `put`. */
bool take_values(const struct field *s, size_t min, size_t max, body_shape *put, struct buf *b);

/* A seeker's retirement, unemployment, recognitions and certificate (statuses.c). */
void take_statuses(const struct field *top, struct buf *b);

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
/* "as_of" and "policy": how fresh a match is, and by which weights. */
void write_as_of(struct buf *b, const struct match_head *h);
/* Moves what was written into the arena and frees the buffer. */
const char *buf_to_arena(struct arena *a, struct buf *b);

/* Characters of UTF-8 (text.c). */
size_t utf8_length(const char *s);
/* The first byte that is not part of valid UTF-8, or len. */
size_t utf8_valid(const char *s, size_t len);
/* The first character that no text of ours may hold, or 0. */
uint32_t utf8_unwanted(const char *s);
/* Nothing to be seen: empty, or spaces of any width. */
bool utf8_blank(const char *s);
/* Copies at most n - 1 bytes, never half a character. */
void utf8_cut(char *out, size_t n, const char *s);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
