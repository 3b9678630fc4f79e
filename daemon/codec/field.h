/*
 * Fields: a value of the body together with where it stands, so that whoever
 * finds it wrong can say so.
 *
 * A field borrows its parent, which stays where it is meanwhile.
 */
#ifndef DAEMON_CODEC_FIELD_H
#define DAEMON_CODEC_FIELD_H

#include <jansson.h>
#include <stdbool.h>

#include "daemon/codec/rules.h"

struct codec;

struct field {
	const struct codec *codec;
	const struct field *in; /* the object or list it stands in; NULL at the top */
	const char *key;        /* NULL for an entry of a list */
	size_t at;
	const json_t *value; /* NULL: absent */
	bool sealed;         /* what stands here is never quoted */
};

struct field field_top(const struct codec *c, const json_t *object);
struct field field_member(const struct field *in, const char *key);
/* Its absence is a fault. */
struct field field_required(const struct field *in, const char *key);
struct field field_sealed(struct field s);
struct field field_item(const struct field *list, size_t i);

/* Adds a fault here.  `found` NULL: the value itself, unless it is sealed. */
void field_fault(const struct field *s, enum broken b, const char *found, const char *expected);
/* The same, said in the sentence of another rule's row. */
void field_fault_said(const struct field *s, enum broken b, enum broken said, const char *found,
    const char *expected);
/* One of the body as a whole. */
void body_fault(const struct codec *c, enum broken b, const char *found, const char *expected);

/* Takes away members that are read and not written: who puts back what they read sends them. */
void field_read_only(const struct field *object, const char *const *names, size_t n);
/* Takes away the members that are null, here and below: they count as absent. */
void field_drop_nulls(json_t *value);
/* Refuses every member not in the list, offering the nearest name. */
void field_only(const struct field *object, const char *const *known, size_t n);
/* Refuses entries of a list of right length that are alike; or, with `key`, whose member of
 * that name is.  Entries that have the member `but` do not count; NULL: all do. */
void field_once(const struct field *list, const char *key, const char *but,
    const char *expected);

#endif
