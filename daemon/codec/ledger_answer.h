/*
 * Answers of the ledger that are passed on: what has to be read from them or put
 * into them on the way.
 */
#ifndef DAEMON_CODEC_LEDGER_ANSWER_H
#define DAEMON_CODEC_LEDGER_ANSWER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct buf;

/* A number member, or -1. */
int64_t codec_member_number(const char *json, const char *name);
/* A string member, or NULL. */
const char *codec_member_text(struct arena *a, const char *json, const char *name);
/* The JSON object with these string members put in (values NULL are left out). */
struct text_member {
	const char *name, *value;
};
const char *codec_with_members(struct arena *a, const char *json, const struct text_member *m,
    size_t n);

/* The ledger's page of obligations with each item's sealed contact opened. */
typedef const char *contact_opener(void *arg, const char *column, const char *row,
    const uint8_t *sealed, size_t n);
const char *codec_open_contacts(struct arena *a, const char *json, contact_opener *open,
    void *arg);
/* Whole records: whoever is named by a sealed number is named by the number, in an order that
 * is theirs; the caller's to free. */
json_t *codec_open_people(struct arena *a, const char *json, contact_opener *open, void *arg);
/* A return with each line's sealed interview contact opened; one that does not open is left
 * out. */
const char *codec_open_lines(struct arena *a, const char *json, contact_opener *open,
    void *arg);

#endif
