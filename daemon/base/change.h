/*
 * A change of one vacancy or seeker, as it travels from the ledger's outbox to
 * the board, the stream and the mirror.  It carries the whole record, so
 * applying it twice, or an older one after a newer, does no harm.
 */
#ifndef DAEMON_BASE_CHANGE_H
#define DAEMON_BASE_CHANGE_H

#include <stddef.h>
#include <stdint.h>

struct blob {
	const uint8_t *data;
	size_t len;
};

struct change {
	char entity; /* 'v' or 's' */
	uint64_t id, version;
	struct blob record; /* matcher/model.h: vacancy_unpack, seeker_unpack */
	const char
	    *label; /* a vacancy's display text: title, \x1f, employer, \x1f, pay; else "" */
};

#endif
