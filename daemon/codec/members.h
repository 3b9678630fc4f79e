/*
 * Members of a body that go through it unchanged but for their coding, inside
 * codec only: each is read and written in one, under its own name; null when it
 * is absent or wrong, false for a flag.  They return what the reader does.
 */
#ifndef DAEMON_CODEC_MEMBERS_H
#define DAEMON_CODEC_MEMBERS_H

#include "daemon/codec/read.h"

bool take_text(struct field s, size_t min, size_t max, struct buf *b);
bool take_whole(struct field s, int64_t min, int64_t max, struct buf *b);
bool take_flag(struct field s, struct buf *b);
bool take_day(struct field s, day_t min, day_t max, struct buf *b);
/* Two days, the second not before the first. */
void take_days(const struct field *from, day_t from_max, const struct field *to, day_t to_max,
    struct buf *b);
bool take_choice(struct field s, enum code_list of, struct buf *b);
bool take_place(struct field s, int digits, struct buf *b);
bool take_seeker_id(struct field s, struct buf *b);
/* The member `seeker` of a body; or in a file, where that may be, `citizen_number` in its
 * place, which is written as what finds them. */
void take_seeker(const struct field *in, struct buf *b);
bool names_by_number(const struct field *in);
/* citizen_number alone, as "blind". */
void take_number(const struct field *in, struct buf *b);
bool take_decimal_id(struct field s, struct buf *b);
bool take_employer(struct field s, struct buf *b);
bool take_object(struct field s, body_shape *shape, struct buf *b);
/* A list of objects; [] when absent or wrong. */
bool take_list(struct field s, size_t min, size_t max, body_shape *shape, struct buf *b);
/* A list of values, each written by `put`. */
bool take_values(struct field s, size_t min, size_t max, body_shape *put, struct buf *b);

#endif
