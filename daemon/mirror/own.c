/*
 * Owns the copies of own writes, and the memory of which writes were own.
 *
 * It refuses to know the stream: it is told which versions and positions came
 * by.  There is at most one copy an entity, so while Redis is away copies grow
 * with the entities written, not with the writes; positions, one a write, have
 * a bound.  A copy whose version was seen is kept until the position has passed
 * as well.  The board may lose its last second in a crash, and whoever was told
 * that his write is visible must go on seeing it.
 */
#include "daemon/mirror/own.h"

#include "daemon/base/oom.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define PLACES_MOST 65536 /* some 6 MB, with Redis away */

struct place {
	uint64_t xid, id;
};

struct copy {
	UT_hash_handle hh;
	uint64_t id;
	uint64_t version;
	struct place at; /* no earlier than any own write of this entity */
	char entity;
	bool passed; /* the image in the making has it */
	size_t record_len;
	char *label;
	uint8_t record[];
};

struct noted {
	UT_hash_handle hh;
	struct place at;
};

struct own {
	struct copy *vacancies, *seekers;
	struct noted *noted; /* oldest first, as uthash keeps them */
};

static bool is_by(struct place p, struct place by)
{
	return p.xid < by.xid || (p.xid == by.xid && p.id <= by.id);
}

static struct copy **of(struct own *o, char entity)
{
	return entity == 'v' ? &o->vacancies : &o->seekers;
}

struct own *own_new(void)
{
	return must_alloc(sizeof(struct own));
}

/* The analyser does not know that a list's links agree.
 * NOLINTBEGIN(clang-analyzer-*) */
static void drop(struct own *o, struct copy *c)
{
	struct copy **copies = of(o, c->entity);

	HASH_DEL(*copies, c);
	free(c->label);
	free(c);
}

static void forget(struct own *o, struct noted *n)
{
	HASH_DEL(o->noted, n);
	free(n);
}
/* NOLINTEND(clang-analyzer-*) */

static void free_all(struct copy *c)
{
	struct copy *all = c;

	HASH_CLEAR(hh, all);
	while (c) {
		struct copy *next = c->hh.next;

		free(c->label);
		free(c);
		c = next;
	}
}

void own_free(struct own *o)
{
	if (!o)
		return;
	free_all(o->vacancies);
	free_all(o->seekers);
	while (o->noted)
		forget(o, o->noted);
	free(o);
}

static struct copy *find(struct own *o, char entity, uint64_t id)
{
	struct copy **copies = of(o, entity);
	struct copy *c;

	HASH_FIND(hh, *copies, &id, sizeof(id), c);
	return c;
}

void own_put(struct own *o, const struct change *change, uint64_t xid, uint64_t id)
{
	struct copy **copies = of(o, change->entity);
	struct copy *c = find(o, change->entity, change->id);
	struct place at = { xid, id };

	/* Who locked first has the lower version, but not always the lower xid. */
	if (c && is_by(at, c->at))
		at = c->at;
	if (c && c->version >= change->version) {
		c->at = at;
		return;
	}
	if (c)
		drop(o, c);
	c = must_alloc(sizeof(*c) + change->record.len);
	c->entity = change->entity;
	c->id = change->id;
	c->version = change->version;
	c->at = at;
	c->record_len = change->record.len;
	if (change->record.len)
		memcpy(c->record, change->record.data, change->record.len);
	c->label = must_strdup(change->label ? change->label : "");
	HASH_ADD(hh, *copies, id, sizeof(c->id), c);
}

void own_note(struct own *o, uint64_t xid, uint64_t id)
{
	struct noted *n;

	if (own_has(o, xid, id))
		return;
	if (HASH_COUNT(o->noted) == PLACES_MOST)
		forget(o, o->noted);
	n = must_alloc(sizeof(*n));
	n->at = (struct place){ xid, id };
	HASH_ADD(hh, o->noted, at, sizeof(n->at), n);
}

bool own_has(const struct own *o, uint64_t xid, uint64_t id)
{
	const struct place at = { xid, id };
	struct noted *n;

	/* Nor that a hash may read a struct byte by byte.
	 * NOLINTNEXTLINE(clang-analyzer-*) */
	HASH_FIND(hh, o->noted, &at, sizeof(at), n);
	return n != NULL;
}

void own_passed(struct own *o, char entity, uint64_t id, uint64_t version)
{
	struct copy *c = find(o, entity, id);

	if (c && c->version <= version)
		c->passed = true;
}

/* Only from the oldest on: it is asked with every read of the stream. */
void own_reached(struct own *o, uint64_t xid, uint64_t id)
{
	const struct place by = { xid, id };

	while (o->vacancies && is_by(o->vacancies->at, by))
		drop(o, o->vacancies);
	while (o->seekers && is_by(o->seekers->at, by))
		drop(o, o->seekers);
	while (o->noted && is_by(o->noted->at, by))
		forget(o, o->noted);
}

static void begin_again(struct own *o, struct copy *c, struct place by)
{
	while (c) {
		struct copy *next = c->hh.next;

		c->passed = false;
		if (is_by(c->at, by))
			drop(o, c);
		c = next;
	}
}

void own_again(struct own *o, uint64_t xid, uint64_t id)
{
	const struct place by = { xid, id };
	struct noted *n = o->noted;

	begin_again(o, o->vacancies, by);
	begin_again(o, o->seekers, by);
	while (n) {
		struct noted *next = n->hh.next;

		if (is_by(n->at, by))
			forget(o, n);
		n = next;
	}
}

static void each_of(const struct copy *c, struct place by,
    void (*each)(void *arg, const struct change *c), void *arg)
{
	for (; c; c = c->hh.next) {
		struct change change = {
			.entity = c->entity,
			.id = c->id,
			.version = c->version,
			.record = { .data = c->record, .len = c->record_len },
			.label = c->label,
		};

		if (!c->passed && !is_by(c->at, by))
			each(arg, &change);
	}
}

void own_each(const struct own *o, uint64_t xid, uint64_t id,
    void (*each)(void *arg, const struct change *c), void *arg)
{
	const struct place by = { xid, id };

	each_of(o->vacancies, by, each, arg);
	each_of(o->seekers, by, each, arg);
}
