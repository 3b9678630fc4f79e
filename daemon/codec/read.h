/*
 * The typed readers of fields, inside codec only.
 *
 * A reader returns false when the value is absent (null counts as absent) or
 * wrong; when wrong it has added the fault.
 */
#ifndef DAEMON_CODEC_READ_H
#define DAEMON_CODEC_READ_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/codec/codec.h"
#include "daemon/codec/field.h"
#include "daemon/tables/choices.h"

bool read_object(const struct field *s);
bool read_list(const struct field *s, size_t min, size_t max, size_t *n);
bool read_whole(const struct field *s, int64_t min, int64_t max, int64_t *out);
bool read_flag(const struct field *s, bool *out);
/* A copy in the arena; lengths in characters (code points). */
bool read_text(const struct field *s, size_t min, size_t max, const char **out);
/* A text that names something of theirs, as a ref: the same, folded (sheet/fold.h). */
bool read_name(const struct field *s, size_t min, size_t max, const char **out);
/* A text of many lines; line ends are '\n'. */
bool read_lines(const struct field *s, size_t min, size_t max, const char **out);
/* A code, whose form the caller checks: folded; no length, no copy, no control characters. */
bool read_raw(const struct field *s, const char **out);
/* "2007-07-12T18:00:00+08:00", or with Z; as it was written. */
bool read_instant(const struct field *s, const char **out);
bool read_day(const struct field *s, day_t min, day_t max, day_t *out);

/* A code of a short list, as its place there. */
bool read_choice(const struct field *s, enum code_list of, int *out);
/* Several, as a set: 1 << the place of each; none may stand twice. */
bool read_set(const struct field *s, enum code_list of, size_t min, int *out);

#endif
