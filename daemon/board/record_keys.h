/*
 * Where a change belongs on the board, read from its record.
 *
 * The board unpacks nothing else: these few fields stand at fixed offsets of
 * format 1 (matcher/model.h has the whole of it), and the board must not know
 * the matcher.
 */
#ifndef DAEMON_BOARD_RECORD_KEYS_H
#define DAEMON_BOARD_RECORD_KEYS_H

#include "daemon/base/change.h"
#include "daemon/base/status.h"

#include <stdbool.h>

struct record_keys {
	bool open;           /* a vacancy to be shown, or an active seeker */
	uint32_t occupation; /* vacancies: MNNSSDD */
	uint64_t place;      /* twelve digits */
};

/* The id and the version that a record carries; false: too short. */
MUST_CHECK bool record_numbers(const struct blob *record, uint64_t *id, uint64_t *version);

/* False: too short, another format, or it is not the entity, id and version of `c`. */
MUST_CHECK bool record_keys_read(const struct change *c, struct record_keys *out);

#endif
