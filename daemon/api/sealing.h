/*
 * Sealing and opening around a call of the ledger: which table, column and row
 * a sealed field belongs to is decided here, for all resources.
 */
#ifndef DAEMON_API_SEALING_H
#define DAEMON_API_SEALING_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct ask;
struct flow;
struct reply;

/* The rows of sealed fields; a person's is her id in decimal. */
const char *return_row(struct arena *a, const char *employer, const char *district,
    const char *quarter);
const char *vacancy_row(struct arena *a, const char *employer, const char *district,
    const char *ref);
const char *person_row(struct arena *a, uint64_t id);

/* Adds the sealed text as the call's next argument; NULL stays NULL. */
void ask_sealed(struct flow *f, struct ask *c, const char *table, const char *column,
    const char *row, const char *plain);
const char *seal_hex(struct flow *f, const char *table, const char *column, const char *row,
    const char *plain);
const char *seal_hex_in(struct flow *f, struct arena *a, const char *table, const char *column,
    const char *row, const char *plain);
/* Tells a contact from another without telling it: the keyed hash of its text, as hex. */
const char *contact_key_in(struct flow *f, struct arena *a, const char *plain);
/* The column's field of a reply in plain; NULL when it is not there, or when it does not open:
 * that is logged, without the field. */
const char *unseal(struct flow *f, const struct reply *r, const char *table, const char *column,
    const char *row);

/* The same for codec_open_contacts and its like, which find their fields themselves. */
struct opening {
	struct flow *f;
	const char *table;
	struct arena *memory; /* of what is opened; NULL: the flow's */
};
const char *unseal_found(void *opening, const char *column, const char *row,
    const uint8_t *sealed, size_t n);

/* BLAKE2b of p under the vault's key, so that a stored hash tells nothing about the body. */
void keyed_hash(struct flow *f, const void *p, size_t n, uint8_t out[static 32]);

#endif
