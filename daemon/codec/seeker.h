/*
 * A seeker as a bureau registers them, and as it amends their file.
 */
#ifndef DAEMON_CODEC_SEEKER_H
#define DAEMON_CODEC_SEEKER_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/codec/codec.h"

struct rows;

struct filed_seeker {
	char citizen[19]; /* canonical; to be sealed, as are the next three */
	const char *name;
	const char *telephone, *address; /* NULL when not stated */
	const char *coded;
};
enum read_result codec_read_seeker(const struct codec *c, const char *body, size_t len,
    struct filed_seeker *out);
/* The record that the rows gave last. */
enum read_result codec_read_seeker_row(const struct codec *c, const struct rows *rows,
    struct filed_seeker *out);

/* An amendment: only what was stated; a sealed member that was stated as null is taken away. */
struct changed_seeker {
	const char *coded;
	bool has_telephone, has_address;
	const char *telephone, *address;
};
enum read_result codec_read_seeker_change(const struct codec *c, const char *body, size_t len,
    struct changed_seeker *out);
/* {"citizen_number"}, canonical; "" when it was not right. */
enum read_result codec_read_citizen(const struct codec *c, const char *body, size_t len,
    char out[static 19]);

/* The member citizen_number of a body, canonical; "" when it was not right. */
void read_citizen(const struct field *top, char out[static 19]);

#endif
