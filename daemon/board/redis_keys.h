/*
 * The names of the board's keys and the bytes of its values: see board.h.
 */
#ifndef DAEMON_BOARD_REDIS_KEYS_H
#define DAEMON_BOARD_REDIS_KEYS_H

#include "daemon/base/buf.h"
#include "daemon/base/change.h"
#include "daemon/base/status.h"

#include <stdbool.h>

/* A bucket of `where` has 64 neighbours, so few that Redis keeps them in one flat list. */
enum { WHERE_EACH = 64, WHERE_BUCKETS = 65536, GONE_BUCKETS = 64, SEEKER_BUCKETS = 256 };

#define CELL_NAME_SIZE 32

struct redis_key {
	char text[96];
};

struct redis_key keys_current(int city);                                   /* {4101}gen */
struct redis_key keys_of(int city, uint64_t generation, const char *what); /* {4101}g7:stream */
struct redis_key keys_where(int city, uint64_t generation,
    unsigned bucket); /* {4101}g7:where:5 */
struct redis_key keys_gone(int city, uint64_t generation,
    unsigned bucket); /* {4101}g7:gone:05 */
struct redis_key keys_seekers(int city, uint64_t generation, unsigned bucket);
struct redis_key keys_cell(int city, uint64_t generation, const char *cell);

unsigned keys_where_bucket(uint64_t id);
unsigned keys_gone_bucket(uint64_t id);
unsigned keys_seeker_bucket(uint64_t id);

/* "4-07-05-01:410105003": the detail and the street.  False: not an occupation or a place. */
MUST_CHECK bool keys_cell_name(uint32_t occupation, uint64_t place,
    char out[static CELL_NAME_SIZE]);

/* Appends record and label as one value; the record is at most 65,535 bytes. */
void keys_put_value(struct buf *b, const struct change *c);
/* Sets record and label to point into the value, which must have a NUL after its end. */
MUST_CHECK bool keys_read_value(const char *p, size_t n, struct change *c);

/* "v:123:5", the name of a change in a stream entry. */
MUST_CHECK bool keys_read_name(const char *s, struct change *c);

/* A decimal number that ends the text. */
MUST_CHECK bool keys_read_number(const char *s, uint64_t *out);

#endif
